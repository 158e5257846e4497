"""Pairs of signers and recipients: the Pairs sheet, Match and Sort by.

The sheet is read as rules. Pairs are produced from them one by one, and not kept in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from merge import messages
from merge.naming import nearest_word, placeholder_name
from merge.people import Column, Pair, People, Person
from merge.problems import Place, Problem
from merge.text.folding import folded
from merge.values import BLANK, WorkbookValue
from merge.workbook.people import SheetPeople, include_problem, is_included
from merge.workbook.settings import Settings
from merge.workbook.table import SheetTable, looks_blank, missing_heading_problem

POSTED_ON = "Posted on"
"""The heading in Pairs for the day on which the first letter was posted.

Reminders have it.
"""
EVERYONE = "*"
"""Used instead of a person's key, which begins with `id:` or `name:`."""
WRITES_TO = "Writes to"
"""The heading of the list's column that gives its signers their pairs."""
WRITES_TO_EVERYONE, WRITES_TO_NONE = "everyone", "none"
"""Words in that column, which otherwise names another signer."""
PairKeys = tuple[str, str]
"""The keys of a signer and a recipient, either of which may be everyone."""


@dataclass(frozen=True)
class PairingRules:
    """The rules of the Pairs sheet, and the Match setting.

    - `included_pairs` has the further columns that a row fills, for each pair that a row includes.
    - `excluded_pairs` get no letter, whatever other rows say.
    - `includes_everyone` means that no row includes anyone explicitly, so all pairs are included.
    """

    file: str
    sheet: str = ""
    columns: tuple[Column, ...] = ()
    included_pairs: Mapping[PairKeys, Mapping[str, WorkbookValue]] = field(default_factory=dict)
    excluded_pairs: frozenset[PairKeys] = frozenset()
    includes_everyone: bool = True
    match: str = ""
    unpaired_people: tuple[Person, ...] = ()
    """Signers and recipients whom no row names."""
    program_placeholders: frozenset[str] = frozenset()
    """Placeholders of the program's own columns in the sheet."""

    def place(self, placeholder: str = "") -> Place:
        """Return the place of the Pairs sheet, or of one of the sheet's columns."""
        number = next((c.number for c in self.columns if c.placeholder == placeholder), 0)
        return Place(self.file, self.sheet, number)

    def pairs(self, signers: Iterable[Person], recipients: Sequence[Person]) -> Iterator[Pair]:
        """Yield the pairs: signer by signer, recipients in the given order."""
        index = _RecipientIndex(tuple(recipients), self.match)
        if self.includes_everyone and not (
            self.included_pairs or self.excluded_pairs
        ):  # the usual case, as without the sheet
            blank = self._blank_fields
            for signer in signers:
                yield from (Pair(signer, recipient, blank) for recipient in index.matching(signer))
            return
        for signer in signers:
            for recipient in self._candidates(signer, index):
                if self.allows(signer.key, recipient.key):
                    yield Pair(signer, recipient, self.fields(signer.key, recipient.key))

    def count(self, signers: Iterable[Person], recipients: Sequence[Person]) -> int:
        """Return the number of pairs, if possible without creating the pairs.

        That is possible if no row of Pairs decides.
        """
        if not self.includes_everyone or self.excluded_pairs:
            return sum(1 for _ in self.pairs(signers, recipients))
        index = _RecipientIndex(tuple(recipients), self.match)
        return sum(map(index.count_matching, signers))

    def allows(self, signer: str, recipient: str) -> bool:
        """Return whether the rows of Pairs, without Match, allow a pair's letter."""
        if self.includes_everyone and not self.excluded_pairs:
            return True
        keys = _keys_most_general_first(signer, recipient)
        return (
            self.includes_everyone or any(key in self.included_pairs for key in keys)
        ) and not any(key in self.excluded_pairs for key in keys)

    def fields(self, signer: str, recipient: str) -> Mapping[str, WorkbookValue]:
        """Return a pair's cells in Pairs, each from the most specific row.

        A row that names both people comes before one with a `*`. A field that no row fills is
        blank.
        """
        if not self.included_pairs or not self.columns:
            return self._blank_fields
        row_fields = [
            self.included_pairs[c]
            for c in _keys_most_general_first(signer, recipient)
            if self.included_pairs.get(c)
        ]
        return {k: v for part in (self._blank_fields, *row_fields) for k, v in part.items()}

    @property
    def covers_new_signers(self) -> bool:
        """Whether signers whom no row names have pairs as well."""
        return self.includes_everyone or EVERYONE in self._named_recipients

    @cached_property
    def _blank_fields(self) -> Mapping[str, WorkbookValue]:
        return {c.placeholder: BLANK for c in self.columns}

    @cached_property
    def _named_recipients(self) -> Mapping[str, frozenset[str]]:
        """The recipients whom rows of Pairs name, by signer."""
        recipients_by_signer: dict[str, set[str]] = defaultdict(set)
        for signer, recipient in self.included_pairs:
            recipients_by_signer[signer].add(recipient)
        return {signer: frozenset(keys) for signer, keys in recipients_by_signer.items()}

    def _candidates(self, signer: Person, index: _RecipientIndex) -> Iterator[Person]:
        """Yield the recipients who may get a signer's letter, and few others.

        If rows name recipients one by one, the others are not considered.
        """
        named_keys = self._named_recipients.get(
            signer.key, frozenset()
        ) | self._named_recipients.get(EVERYONE, frozenset())
        if self.includes_everyone or EVERYONE in named_keys:
            return index.matching(signer)
        return index.with_keys(named_keys, signer)


def _keys_most_general_first(signer: str, recipient: str) -> tuple[PairKeys, ...]:
    """Return the keys of rules for a pair, from general to specific."""
    general = ((EVERYONE, EVERYONE), (EVERYONE, recipient))
    return (*general, (signer, EVERYONE), (signer, recipient))


class _RecipientIndex:
    """Recipients in order, indexed by key and by the cell that Match compares."""

    def __init__(self, recipients: tuple[Person, ...], match: str) -> None:
        self._recipients, self._match = recipients, match
        self._match_texts = [self._match_text(p) for p in recipients]
        self._by_key = {p.key: number for number, p in enumerate(recipients)}
        self._numbers_by_text: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self._match_texts):
            self._numbers_by_text[word].append(number)
        self._matching_by_text: dict[str, Sequence[int]] = {"": range(len(recipients))}

    def matching(self, signer: Person) -> Iterator[Person]:
        """Return all recipients that Match allows; a blank cell matches any."""
        return (self._recipients[n] for n in self._numbers(signer))

    def count_matching(self, signer: Person) -> int:
        """Return the number of recipients that Match allows."""
        return len(self._numbers(signer))

    def _numbers(self, signer: Person) -> Sequence[int]:
        match_text = self._match_text(signer)
        if match_text not in self._matching_by_text:
            numbers = self._numbers_by_text.get(match_text, []) + self._numbers_by_text.get("", [])
            self._matching_by_text[match_text] = sorted(numbers)
        return self._matching_by_text[match_text]

    def with_keys(self, keys: Iterable[str], signer: Person) -> Iterator[Person]:
        """Return the recipients with these keys that Match allows."""
        match_text = self._match_text(signer)
        numbers = sorted(self._by_key[k] for k in keys if k in self._by_key)
        return (
            self._recipients[n]
            for n in numbers
            if not match_text or self._match_texts[n] in {"", match_text}
        )

    def _match_text(self, person: Person) -> str:
        return folded(person.fields.get(self._match, BLANK)) if self._match else ""


_SIDES = ("signer", "recipient")


@dataclass(frozen=True, slots=True)
class _PairRule:
    """A row of the Pairs sheet: its pair, whether they write, its fields.

    `row` is 0 if the list of signers makes the rule.
    """

    row: int
    keys: PairKeys
    is_included: bool
    fields: Mapping[str, WorkbookValue]


def read_pairs(
    table: SheetTable, groups: Mapping[str, SheetPeople], list_table: SheetTable | None = None
) -> tuple[PairingRules | None, list[Problem]]:
    """Return the rules of the Pairs sheet, and the problems of the sheet.

    The rules are None if a column is missing. `groups` are the signers and the recipients, by the
    placeholder of their heading. `list_table` is the list of signers from forms.
    """
    missing_sides = [side for side in _SIDES if side not in table.placeholders]
    if missing_sides:
        return None, [_missing_column(table, missing_sides[0])]
    program_columns = table.placeholders & {*_SIDES, "include"}
    numbers = {c.number for c in table.columns if c.placeholder in program_columns}
    columns = tuple(c for c in table.columns if c.number not in numbers)
    rules, problems = _read_rules(table, groups, [c.placeholder for c in columns])
    problems += _contradictions(table, rules)
    for placeholder in dict.fromkeys(p for r in rules for p in r.fields):
        problems += _ambiguities(
            table, placeholder, [r for r in rules if r.is_included and placeholder in r.fields]
        )
    includes_everyone = not any(map(is_included, table.rows))
    if list_table and placeholder_name(WRITES_TO) in list_table.placeholders:
        list_rules, list_problems = _read_writes_to(list_table, groups["signer"], rules)
        rules, problems = [*rules, *list_rules], problems + list_problems
    unpaired_people = () if includes_everyone else tuple(_find_unpaired(rules, groups))
    problems += _unpaired_warnings(table, unpaired_people)
    pairing = PairingRules(
        file=table.file,
        sheet=table.sheet,
        columns=columns,
        included_pairs={r.keys: r.fields for r in reversed(rules) if r.is_included},
        excluded_pairs=frozenset(r.keys for r in rules if not r.is_included),
        includes_everyone=includes_everyone,
        unpaired_people=unpaired_people,
        program_placeholders=program_columns,
    )
    return pairing, problems


def _missing_column(table: SheetTable, side: str) -> Problem:
    headings = [c.heading for c in table.columns]
    similar_heading = nearest_word(side, (h for h in headings if folded(h) not in _SIDES))
    return missing_heading_problem(
        table.place(table.heading_row), side.capitalize(), headings, similar_heading
    )


def _read_rules(
    table: SheetTable, groups: Mapping[str, SheetPeople], further_columns: Sequence[str]
) -> tuple[list[_PairRule], list[Problem]]:
    """Return the rules in rows of Pairs, and problems of rows without a rule."""
    rules, problems = list[_PairRule](), list[Problem]()
    directories = {side: _NameDirectory(groups[side]) for side in _SIDES}
    for row in table.rows:
        side_values = {side: row.fields[side] for side in _SIDES}
        faults = [value.problem for value in side_values.values() if value.problem]
        if include_error := include_problem(table, row):
            faults.append(include_error)
        problems += faults
        keys = []
        for side, value in side_values.items():
            key, problem = directories[side].find_key(value, table.place(row.number, side))
            keys.append(key)
            problems += [problem] if problem else ()
        signer, recipient = keys
        if signer and recipient and not faults:
            values = {side: row.fields[side] for side in further_columns}
            fields = {t: v for t, v in values.items() if v.problem or not looks_blank(v)}
            rules.append(_PairRule(row.number, (signer, recipient), is_included(row), fields))
    return rules, problems


def writes_to_problem(text: str, signers: People, place: Place) -> Problem | None:
    """Return the error that a text names no single signer, or None."""
    directory = _NameDirectory(SheetPeople(signers, ()))
    return (
        None
        if folded(text) == WRITES_TO_NONE
        else directory.find_key(WorkbookValue(text), place)[1]
    )


def _read_writes_to(
    table: SheetTable, signers: SheetPeople, rules: Iterable[_PairRule]
) -> tuple[list[_PairRule], list[Problem]]:
    """Return the rules of the list's Writes to column, and its problems.

    They are copies of another signer's rules, without the fields, which are about that signer.
    """
    rules_by_signer = defaultdict[str, list[_PairRule]](list)
    for rule in rules:
        rules_by_signer[rule.keys[0]].append(rule)
    rules_by_signer[EVERYONE] = [_PairRule(0, (EVERYONE, EVERYONE), is_included=True, fields={})]
    placeholder, directory = placeholder_name(WRITES_TO), _NameDirectory(signers)
    copied_rules, problems = list[_PairRule](), list[Problem]()
    for row in table.rows:
        place, cell = table.place(row.number, placeholder), row.fields[placeholder]
        is_open = folded(cell) in {"", WRITES_TO_NONE}
        for signer in () if is_open else signers.people.keys_at(place):
            followed, problem = directory.find_key(cell, place)
            problems += [problem] if problem else ()
            copied_rules += (
                replace(rule, row=0, keys=(signer, rule.keys[1]), fields={})
                for rule in rules_by_signer[followed]
            )
    return copied_rules, problems


def _contradictions(table: SheetTable, rules: list[_PairRule]) -> Iterator[Problem]:
    """Yield an error for two rows about the same people that contradict."""
    first_by_keys: dict[PairKeys, _PairRule] = {}
    for rule in rules:
        first_rule = first_by_keys.setdefault(rule.keys, rule)
        if first_rule.is_included != rule.is_included or (
            rule.is_included and first_rule.fields != rule.fields
        ):
            yield messages.problem("pair-twice", table.place(rule.row), row=first_rule.row)


def _ambiguities(table: SheetTable, placeholder: str, rules: list[_PairRule]) -> Iterator[Problem]:
    """Yield the first error about two rows with different values for a pair.

    One row is for all letters of a signer, the other for all of a recipient. There is none if a
    third row names both.
    """
    decided_keys = {r.keys for r in rules}
    by_text: dict[str, list[_PairRule]] = defaultdict(list)
    for rule in rules:
        if rule.keys[0] == EVERYONE != rule.keys[1]:
            by_text[rule.fields[placeholder]].append(rule)
    for rule in rules:
        if rule.keys[1] == EVERYONE != rule.keys[0]:
            others = (
                candidate
                for t, rules_with_text in by_text.items()
                if t != rule.fields[placeholder]
                for candidate in rules_with_text
            )
            for other in others:
                if (rule.keys[0], other.keys[1]) not in decided_keys:
                    place = table.place(rule.row, placeholder)
                    yield messages.problem("pair-unclear", place, row=other.row)
                    return


def _find_unpaired(
    rules: Sequence[_PairRule], groups: Mapping[str, SheetPeople]
) -> Iterator[Person]:
    """Yield the people whom no rule names: signers, then recipients.

    There are none if each row has a posting date: these are reminders, which only some people get.
    """
    posted_on = placeholder_name(POSTED_ON)
    if all(rule.fields.get(posted_on, BLANK).strip() for rule in rules if rule.row):
        return
    for number, side in enumerate(_SIDES):
        named_keys = {r.keys[number] for r in rules}
        if not any(r.is_included and r.keys[number] == EVERYONE for r in rules):
            yield from (p for p in groups[side].people.persons if p.key not in named_keys)


def _unpaired_warnings(table: SheetTable, unpaired: Sequence[Person]) -> Iterator[Problem]:
    """Yield a warning for each sheet with people whom no rule names."""
    for sheet in dict.fromkeys(person.sheet for person in unpaired):
        people = [person.label for person in unpaired if person.sheet is sheet]
        key = "unpaired-people" if sheet.file == table.file else "unpaired-people/listed"
        yield messages.problem(key, table.place(), people=people, sheet=sheet.name)


_MAX_SUGGESTIONS = 50
"""Unknown names per sheet for which a similar name is suggested.

The search takes time, and someone with more unknown names has made another mistake.
"""


class _NameDirectory:
    """The people of a sheet, by folded name and ID, as Pairs names them.

    Excluded people are in an index of their own.
    """

    def __init__(self, group: SheetPeople) -> None:
        self._sheet = group.people.sheet
        self._suggestions_left = _MAX_SUGGESTIONS
        self._people_by_word = _by_words(group.people.persons)
        self._excluded_by_word = _by_words(group.excluded)

    def find_key(self, cell: WorkbookValue, place: Place) -> tuple[str, Problem | None]:
        """Return the key of the person whom a cell names, and the cell's problem.

        The key is empty if the cell matches no one, or an excluded person.
        """
        if cell.problem:
            return "", None
        if folded(cell) in {EVERYONE, WRITES_TO_EVERYONE}:
            return EVERYONE, None
        people = tuple(self._people_by_word.get(folded(cell), {}).values())
        if len(people) == 1:
            return people[0].key, None
        return "", self._problem(cell, place, people)

    def _problem(self, text: str, place: Place, people: tuple[Person, ...]) -> Problem | None:
        """Return why a text names no single person, or None if one is excluded."""
        if people:
            ids = [p.id or f"row {p.row}" for p in people]
            name, sheet = text.strip(), self._sheet
            return messages.problem("pair-shared", place, name=name, sheet=sheet, ids=ids)
        if not folded(text):
            return messages.problem("pair-blank", place)
        if folded(text) in self._excluded_by_word:
            return None
        similar_name = ""
        if self._suggestions_left:
            self._suggestions_left -= 1
            persons = (
                person for group in self._people_by_word.values() for person in group.values()
            )
            known_words = (word for person in persons for word in (person.name, person.id))
            similar_name = nearest_word(text, (w for w in known_words if w))
        name, sheet = text.strip(), self._sheet
        return messages.problem(
            "pair-nobody", place, name=name, sheet=sheet, near=similar_name or None
        )


def _by_words(persons: Iterable[Person]) -> Mapping[str, Mapping[tuple[int, int], Person]]:
    """Return people by folded name and ID, then by place.

    A name may be another person's ID.
    """
    people_by_word: dict[str, dict[tuple[int, int], Person]] = defaultdict(dict)
    for person in persons:
        for word in filter(None, (folded(person.name), folded(person.id))):
            people_by_word[word][person.sort_key] = person
    return dict(people_by_word)


def column_problems(settings: Settings, signers: People, recipients: People) -> Iterator[Problem]:
    """Yield an error if Match or Sort by names a column that does not exist.

    For Match, it must be in both sheets.
    """
    for people in (signers, recipients):
        if settings.match and not _has_column(people, settings.match):
            place, column = settings.place("match"), settings.fields["match"]
            similar_heading = _nearest_heading(column, people.columns)
            fields = {"column": column, "sheet": people.sheet, "near": similar_heading}
            yield messages.problem("setting-column", place, **fields)
    sort_by = settings.sort_by
    if sort_by and not any(_has_column(people, sort_by) for people in (signers, recipients)):
        place, column = settings.place("sort_by"), settings.fields["sort_by"]
        similar_heading = _nearest_heading(column, (*signers.columns, *recipients.columns))
        yield messages.problem("setting-column/sort", place, column=column, near=similar_heading)


def _has_column(people: People, placeholder: str) -> bool:
    return any(c.placeholder == placeholder for c in people.columns)


def _nearest_heading(heading: str, columns: Iterable[Column]) -> str | None:
    return nearest_word(heading, (c.heading for c in columns)) or None


def unmatched_warning(settings: Settings, people: People, others: People) -> Iterator[Problem]:
    """Yield a warning with the number of people whom Match pairs with no one."""
    other_texts = {folded(p.fields[settings.match]) for p in others.persons}
    if "" in other_texts:  # a blank cell matches all
        return
    texts = [(folded(p.fields[settings.match]), p) for p in people.persons]
    unmatched_people = [p for text, p in texts if text and text not in other_texts]
    if unmatched_people:
        place, labels = (
            people.place(placeholder=settings.match),
            [p.label for p in unmatched_people],
        )
        yield messages.problem("unmatched-people", place, people=labels, sheet=others.sheet)
