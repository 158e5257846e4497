"""Who writes to whom: the sheet Pairs, and the settings Match and Sort by.

The sheet becomes rules, the rules pairs: as many as there are, and none held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from merge import messages
from merge.naming import nearest_word, placeholder_name
from merge.people import Column, Pair, People, Person
from merge.problems import Place, Problem
from merge.text.folding import folded
from merge.values import BLANK, Value
from merge.workbook.people import SheetPeople, include_problem, is_included
from merge.workbook.settings import Settings
from merge.workbook.table import Table, looks_blank, missing_heading_problem

POSTED_ON = "Posted on"
"""The heading of Pairs with the day on which the first letter was posted, in reminders."""
EVERYONE = "*"
"""In the place of a person's key, which is never this: keys begin with `id:` or `name:`."""
PairKeys = tuple[str, str]
"""The keys of a signer and a recipient, either of which may be everybody."""


@dataclass(frozen=True)
class Pairing:
    """The rules of the sheet Pairs, and the setting Match.

    `yes` holds for each chosen pair the further columns that its row fills; `no` the pairs that
    are left out, whatever else speaks for them. `everybody`: no row says yes, so all do.
    """

    file: str
    sheet: str = ""
    columns: tuple[Column, ...] = ()
    included_pairs: Mapping[PairKeys, Mapping[str, Value]] = field(default_factory=dict)
    excluded_pairs: frozenset[PairKeys] = frozenset()
    includes_everyone: bool = True
    match: str = ""
    program_placeholders: frozenset[str] = frozenset()
    """The tags of the program's own columns that the sheet has."""

    def place(self, placeholder: str = "") -> Place:
        """Return the place of the sheet Pairs, or of the column of that tag in it."""
        number = next((c.number for c in self.columns if c.placeholder == placeholder), 0)
        return Place(self.file, self.sheet, number)

    def pairs(self, signers: Iterable[Person], recipients: Sequence[Person]) -> Iterator[Pair]:
        """Yield the pairs among these people: signer by signer, recipients in the order given."""
        index = _RecipientIndex(tuple(recipients), self.match)
        if self.includes_everyone and not (
            self.included_pairs or self.excluded_pairs
        ):  # as without such a sheet: the usual case
            blank = self._blank_fields
            for signer in signers:
                yield from (Pair(signer, recipient, blank) for recipient in index.matching(signer))
            return
        for signer in signers:
            for recipient in self._candidates(signer, index):
                if self.allows(signer.key, recipient.key):
                    yield Pair(signer, recipient, self.fields(signer.key, recipient.key))

    def count(self, signers: Iterable[Person], recipients: Sequence[Person]) -> int:
        """Return how many pairs there are; where no row of Pairs decides, none is made for that."""
        if not self.includes_everyone or self.excluded_pairs:
            return sum(1 for _ in self.pairs(signers, recipients))
        index = _RecipientIndex(tuple(recipients), self.match)
        return sum(map(index.count_matching, signers))

    def allows(self, signer: str, recipient: str) -> bool:
        """Return whether the rules, not Match, give these two a letter."""
        if self.includes_everyone and not self.excluded_pairs:
            return True
        chosen = _keys_most_general_first(signer, recipient)
        return (
            self.includes_everyone or any(c in self.included_pairs for c in chosen)
        ) and not any(c in self.excluded_pairs for c in chosen)

    def fields(self, signer: str, recipient: str) -> Mapping[str, Value]:
        """Return what the sheet Pairs says of a pair: each column from the row that names it best.

        A row that names both comes before one with a `*`; where none fills a column it is blank.
        """
        if not self.included_pairs or not self.columns:
            return self._blank_fields
        filled = [
            self.included_pairs[c]
            for c in _keys_most_general_first(signer, recipient)
            if self.included_pairs.get(c)
        ]
        return {k: v for part in (self._blank_fields, *filled) for k, v in part.items()}

    @cached_property
    def _blank_fields(self) -> Mapping[str, Value]:
        return {c.placeholder: BLANK for c in self.columns}

    @cached_property
    def _named_recipients(self) -> Mapping[str, frozenset[str]]:
        """Return the recipients that rows name, by their signer."""
        found: dict[str, set[str]] = defaultdict(set)
        for signer, recipient in self.included_pairs:
            found[signer].add(recipient)
        return {signer: frozenset(keys) for signer, keys in found.items()}

    def _candidates(self, signer: Person, index: _RecipientIndex) -> Iterator[Person]:
        """Return all recipients that might get a letter from this signer, and few others.

        Where rows name them one by one the others are not even looked at.
        """
        named = self._named_recipients.get(signer.key, frozenset()) | self._named_recipients.get(
            EVERYONE, frozenset()
        )
        if self.includes_everyone or EVERYONE in named:
            return index.matching(signer)
        return index.with_keys(named, signer)


def _keys_most_general_first(signer: str, recipient: str) -> tuple[PairKeys, ...]:
    """Return the rules that speak of a pair, the one that names it best last."""
    general = ((EVERYONE, EVERYONE), (EVERYONE, recipient))
    return (*general, (signer, EVERYONE), (signer, recipient))


class _RecipientIndex:
    """Recipients in their order, found by key and by the cell that Match compares."""

    def __init__(self, recipients: tuple[Person, ...], match: str) -> None:
        self._recipients, self._match = recipients, match
        self._match_texts = [self._match_text(p) for p in recipients]
        self._by_key = {p.key: number for number, p in enumerate(recipients)}
        self._numbers_by_text: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self._match_texts):
            self._numbers_by_text[word].append(number)
        self._matching_by_text: dict[str, Sequence[int]] = {"": range(len(recipients))}

    def matching(self, signer: Person) -> Iterator[Person]:
        """Return all whom Match allows; a blank cell agrees with any."""
        return (self._recipients[n] for n in self._numbers(signer))

    def count_matching(self, signer: Person) -> int:
        """Return how many they are."""
        return len(self._numbers(signer))

    def _numbers(self, signer: Person) -> Sequence[int]:
        word = self._match_text(signer)
        if word not in self._matching_by_text:
            alike = self._numbers_by_text.get(word, []) + self._numbers_by_text.get("", [])
            self._matching_by_text[word] = sorted(alike)
        return self._matching_by_text[word]

    def with_keys(self, keys: Iterable[str], signer: Person) -> Iterator[Person]:
        """Return those with these keys whom Match allows."""
        word = self._match_text(signer)
        numbers = sorted(self._by_key[k] for k in keys if k in self._by_key)
        return (
            self._recipients[n] for n in numbers if not word or self._match_texts[n] in {"", word}
        )

    def _match_text(self, person: Person) -> str:
        return folded(person.fields.get(self._match, BLANK)) if self._match else ""


_SIDES = ("signer", "recipient")


@dataclass(frozen=True, slots=True)
class _PairRule:
    """A row of the sheet: whom it chooses, whether they write, and what it adds to the letter."""

    row: int
    keys: PairKeys
    is_included: bool
    fields: Mapping[str, Value]


def read_pairs(
    table: Table, groups: Mapping[str, SheetPeople]
) -> tuple[Pairing | None, list[Problem]]:
    """Read the rules of the sheet, None where a column is missing, and what is wrong.

    `groups` are the signers and the recipients, by their heading's tag.
    """
    missing = [tag for tag in _SIDES if tag not in table.placeholders]
    if missing:
        return None, [_missing_column(table, missing[0])]
    own = table.placeholders & {*_SIDES, "include"}
    numbers = {c.number for c in table.columns if c.placeholder in own}
    columns = tuple(c for c in table.columns if c.number not in numbers)
    rules, problems = _read_rules(table, groups, [c.placeholder for c in columns])
    problems += _contradictions(table, rules)
    for tag in dict.fromkeys(t for r in rules for t in r.fields):
        problems += _ambiguities(
            table, tag, [r for r in rules if r.is_included and tag in r.fields]
        )
    everybody = not any(map(is_included, table.rows))
    if rules and not everybody:
        problems += _unpaired_warnings(table, rules, groups)
    pairing = Pairing(
        file=table.file,
        sheet=table.sheet,
        columns=columns,
        included_pairs={r.keys: r.fields for r in reversed(rules) if r.is_included},
        excluded_pairs=frozenset(r.keys for r in rules if not r.is_included),
        includes_everyone=everybody,
        program_placeholders=own,
    )
    return pairing, problems


def _missing_column(table: Table, tag: str) -> Problem:
    there = [c.heading for c in table.columns]
    near = nearest_word(tag, (h for h in there if folded(h) not in _SIDES))
    return missing_heading_problem(table.place(table.heading_row), tag.capitalize(), there, near)


def _read_rules(
    table: Table, groups: Mapping[str, SheetPeople], further: Sequence[str]
) -> tuple[list[_PairRule], list[Problem]]:
    """Return the rows as rules; one that cannot be understood becomes a problem and no rule."""
    rules, problems = list[_PairRule](), list[Problem]()
    directories = {tag: _NameDirectory(groups[tag]) for tag in _SIDES}
    for row in table.rows:
        own = {tag: row.fields[tag] for tag in _SIDES}
        faults = [value.problem for value in own.values() if value.problem]
        if wrong := include_problem(table, row):
            faults.append(wrong)
        problems += faults
        keys = []
        for tag, value in own.items():
            key, problem = directories[tag].find_key(value, table.place(row.number, tag))
            keys.append(key)
            problems += [problem] if problem else ()
        signer, recipient = keys
        if signer and recipient and not faults:
            found = {tag: row.fields[tag] for tag in further}
            fields = {t: v for t, v in found.items() if v.problem or not looks_blank(v)}
            rules.append(_PairRule(row.number, (signer, recipient), is_included(row), fields))
    return rules, problems


def _contradictions(table: Table, rules: list[_PairRule]) -> Iterator[Problem]:
    """Yield an error for two rows that choose the same people and do not say the same."""
    first: dict[PairKeys, _PairRule] = {}
    for rule in rules:
        other = first.setdefault(rule.keys, rule)
        if other.is_included != rule.is_included or (
            rule.is_included and other.fields != rule.fields
        ):
            yield messages.problem("pair-twice", table.place(rule.row), row=other.row)


def _ambiguities(table: Table, tag: str, rules: list[_PairRule]) -> Iterator[Problem]:
    """Yield the first error that one row for a signer's letters and one for a recipient's differ.

    There is none where a row that names both decides.
    """
    decided = {r.keys for r in rules}
    by_text: dict[str, list[_PairRule]] = defaultdict(list)
    for rule in rules:
        if rule.keys[0] == EVERYONE != rule.keys[1]:
            by_text[rule.fields[tag]].append(rule)
    for rule in rules:
        if rule.keys[1] == EVERYONE != rule.keys[0]:
            others = (o for t, same in by_text.items() if t != rule.fields[tag] for o in same)
            for other in others:
                if (rule.keys[0], other.keys[1]) not in decided:
                    place = table.place(rule.row, tag)
                    yield messages.problem("pair-unclear", place, row=other.row)
                    return


def _unpaired_warnings(
    table: Table, rules: list[_PairRule], groups: Mapping[str, SheetPeople]
) -> Iterator[Problem]:
    """Yield a warning for each sheet some of whose people are in no row while others are.

    Not if each row says when its letter was posted: these are reminders, for some on purpose.
    """
    posted_on = placeholder_name(POSTED_ON)
    if rules and all(rule.fields.get(posted_on, BLANK).strip() for rule in rules):
        return
    for number, tag in enumerate(_SIDES):
        named = {r.keys[number] for r in rules}
        everybody = any(r.is_included and r.keys[number] == EVERYONE for r in rules)
        missed = [p for p in groups[tag].people.persons if p.key not in named]
        if missed and not everybody:
            people, sheet = [p.label for p in missed], groups[tag].people.sheet
            yield messages.problem("unpaired-people", table.place(), people=people, sheet=sheet)


_MAX_SUGGESTIONS = 50
"""Wrong names of a sheet that come with the one that was probably meant: to look for each among
all takes long, and whoever has more has another mistake."""


class _NameDirectory:
    """The people of one sheet, as the sheet Pairs names them: by folded name and ID.

    Those left out are kept apart.
    """

    def __init__(self, group: SheetPeople) -> None:
        self._sheet = group.people.sheet
        self._suggestions_left = _MAX_SUGGESTIONS
        self._people_by_word = _by_words(group.people.persons)
        self._excluded_by_word = _by_words(group.excluded)

    def find_key(self, cell: Value, place: Place) -> tuple[str, Problem | None]:
        """Return the key of whom a cell means, and what is wrong with it.

        The key is empty for nobody, or somebody who is left out.
        """
        if cell.problem:
            return "", None
        if cell.strip() == EVERYONE:
            return EVERYONE, None
        found = tuple(self._people_by_word.get(folded(cell), {}).values())
        if len(found) == 1:
            return found[0].key, None
        return "", self._problem(cell, place, found)

    def _problem(self, text: str, place: Place, found: tuple[Person, ...]) -> Problem | None:
        """Return why a text means nobody in particular; None where it means somebody left out."""
        if found:
            ids = [p.id or f"row {p.row}" for p in found]
            name, sheet = text.strip(), self._sheet
            return messages.problem("pair-shared", place, name=name, sheet=sheet, ids=ids)
        if not folded(text):
            return messages.problem("pair-blank", place)
        if folded(text) in self._excluded_by_word:
            return None
        near = ""
        if self._suggestions_left:
            self._suggestions_left -= 1
            persons = (
                person for group in self._people_by_word.values() for person in group.values()
            )
            known = (word for person in persons for word in (person.name, person.id))
            near = nearest_word(text, (w for w in known if w))
        name, sheet = text.strip(), self._sheet
        return messages.problem("pair-nobody", place, name=name, sheet=sheet, near=near or None)


def _by_words(persons: Iterable[Person]) -> Mapping[str, Mapping[tuple[int, int], Person]]:
    """Index people by folded name and folded ID, then by place: a name may be another's ID."""
    found: dict[str, dict[tuple[int, int], Person]] = defaultdict(dict)
    for person in persons:
        for word in filter(None, (folded(person.name), folded(person.id))):
            found[word][person.sort_key] = person
    return dict(found)


def column_problems(settings: Settings, signers: People, recipients: People) -> Iterator[Problem]:
    """Yield an error where Match or Sort by names a column that is not where it must be."""
    for people in (signers, recipients):
        if settings.match and not _has_column(people, settings.match):
            place, column = settings.place("match"), settings.fields["match"]
            near = _nearest_heading(column, people.columns)
            fields = {"column": column, "sheet": people.sheet, "near": near}
            yield messages.problem("setting-column", place, **fields)
    sort_by = settings.sort_by
    if sort_by and not any(_has_column(people, sort_by) for people in (signers, recipients)):
        place, column = settings.place("sort_by"), settings.fields["sort_by"]
        near = _nearest_heading(column, (*signers.columns, *recipients.columns))
        yield messages.problem("setting-column/sort", place, column=column, near=near)


def _has_column(people: People, tag: str) -> bool:
    return any(c.placeholder == tag for c in people.columns)


def _nearest_heading(heading: str, columns: Iterable[Column]) -> str | None:
    return nearest_word(heading, (c.heading for c in columns)) or None


def unmatched_warning(settings: Settings, people: People, others: People) -> Iterator[Problem]:
    """Yield a warning that counts those of `people` whose Match agrees with none of the others'."""
    there = {folded(p.fields[settings.match]) for p in others.persons}
    if "" in there:  # it agrees with all
        return
    words = [(folded(p.fields[settings.match]), p) for p in people.persons]
    alone = [p for word, p in words if word and word not in there]
    if alone:
        place, labels = people.place(placeholder=settings.match), [p.label for p in alone]
        yield messages.problem("unmatched-people", place, people=labels, sheet=others.sheet)
