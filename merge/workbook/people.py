"""The people of the sheets Signers and Recipients, and who writes to whom.

The sheet Pairs becomes rules, the rules pairs: as many as there are, and none held.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property

from merge import messages
from merge.naming import nearest, tag_name
from merge.people import Column, Pair, People, PeopleSheet, Person, SheetKind
from merge.problems import Place, Problem, column_letter
from merge.text.folding import folded, plain_letters
from merge.values import BLANK, Value
from merge.workbook.doubts import is_name_too, is_unfilled
from merge.workbook.settings import Settings
from merge.workbook.table import DataRow, Table, looks_blank, missing_heading
from merge.workbook.words import is_name_part, means, says_no, says_yes

_DECIDING_TAGS = ("name", "id", "include")
"""Columns that decide who gets a letter: what is wrong there is an error at once."""

_CHOOSING_TAGS: Mapping[SheetKind, tuple[str, ...]] = {
    "signer": (),
    "recipient": ("template", "language"),
}
"""Columns that decide which letter it is: the same, for those who take part."""


@dataclass(frozen=True, slots=True)
class SheetPeople:
    """A sheet's people: those who take part, and those who do not."""

    people: People
    left_out: tuple[Person, ...]


def read_people(
    tables: Sequence[Table], kind: SheetKind, match: str = "", sort_by: str = ""
) -> tuple[SheetPeople, list[Problem]]:
    """Return the people of a sheet, and of further ones that go on where it ends; what is wrong.

    `match` and `sort_by` are the tags of the columns that these settings name, empty if they name
    none.
    """
    problems = [p for table in tables for row in table.rows for p in _faults(table, row)]
    problems += (problem for table in tables for problem in _partial_names(table))
    tables = _with_each_others_words(tables)
    problems = [*dict.fromkeys((*problems, *_faults_in(tables, (*_CHOOSING_TAGS[kind], match))))]
    ordering = (f for f in _faults_in(tables, ("name_checked", sort_by)) if f not in problems)
    problems += dict.fromkeys(replace(fault, level="warning") for fault in ordering)
    columns = _columns_of_all(tables)
    reader = _PersonReader(kind, frozenset(c.tag for c in columns))
    sheets, part, out = list[PeopleSheet](), list[Person](), list[Person]()
    for number, table in enumerate(tables):
        at = (table.file, table.sheet, table.heading_row, table.columns, number)
        sheets.append(PeopleSheet(*at))
        for row in table.rows:
            (part if is_included(row) else out).append(reader.person(row, sheets[-1]))
        out += (reader.person(row, sheets[-1]) for row in table.hidden_rows)
    by_name = _grouped((folded(p.name), p) for p in part if p.name)
    shared = {p.position for group in by_name.values() if len(group) > 1 for p in group}
    persons = [replace(p, shared_name=True) if p.position in shared else p for p in part if p.name]
    problems += _duplicate_keys(persons)
    if not part:
        problems.append(_nobody(tables[0]))
    people = People(kind, tuple(sheets), columns, tuple(persons))
    return SheetPeople(people, tuple(p for p in out if p.name)), problems


def _with_each_others_words(tables: Sequence[Table]) -> Sequence[Table]:
    """Return tables in which a column goes by all the tags that it has in one of them.

    Under the heading Nom one has the tags `nom` and `name`; under Name another has but the second.
    """
    alike = [set(tags) for table in tables for tags in _tags_by_number(table) if len(tags) > 1]
    return [_with_tags(table, alike) for table in tables] if len(tables) > 1 else tables


def _tags_by_number(table: Table) -> Iterable[list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for column in table.columns:
        found[column.number].append(column.tag)
    return found.values()


def _with_tags(table: Table, alike: Iterable[AbstractSet[str]]) -> Table:
    """Return a table with further tags for columns that have one of those that mean the same."""
    further = {
        tag: next(c for c in table.columns if c.tag in tags)
        for tags in alike
        if tags & table.tags
        for tag in tags - table.tags
    }
    if not further:
        return table
    more = {tag: column.tag for tag, column in further.items()}

    def with_more(rows: Iterable[DataRow]) -> tuple[DataRow, ...]:
        fields = ({**row.fields, **{t: row.fields[own] for t, own in more.items()}} for row in rows)
        return tuple(replace(row, fields=own) for row, own in zip(rows, fields, strict=True))

    columns = (*table.columns, *(replace(c, tag=tag) for tag, c in further.items()))
    rows, hidden = with_more(table.rows), with_more(table.hidden_rows)
    return replace(table, columns=columns, rows=rows, hidden_rows=hidden)


def _columns_of_all(tables: Sequence[Table]) -> tuple[Column, ...]:
    """Return the columns of all tables, each tag once; what a list says of its rows is no tag."""
    everything = (c for table in tables for c in table.columns if c.tag not in table.notes)
    found: dict[str, Column] = {}
    for column in everything:
        found.setdefault(column.tag, column)
    return tuple(found.values())


class _PersonReader:
    """Makes people of rows; each has all the tags of its kind."""

    def __init__(self, kind: SheetKind, tags: frozenset[str]) -> None:
        self._kind, self._tags = kind, tags
        self._blank = dict.fromkeys(tags, BLANK)

    def person(self, row: DataRow, sheet: PeopleSheet) -> Person:
        own, fields = folded(row.fields.get("id", BLANK)), row.fields
        key = f"id:{own}" if own else f"name:{folded(fields['name'])}"
        if fields.keys() != self._tags:
            fields = self._blank | {t: v for t, v in fields.items() if t in self._tags}
        return Person(self._kind, key, row.number, fields, sheet=sheet)


def include_problem(table: Table, row: DataRow) -> Problem | None:
    """Return an error where Include is neither blank nor yes nor no."""
    word = row.fields.get("include", BLANK)
    if word.fault or looks_blank(word) or says_yes(word) or says_no(word):
        return None
    place = table.place(row.number, "include")
    return messages.problem("include-unknown", place, value=word.strip())


def is_included(row: DataRow) -> bool:
    """Return whether Include does not say no."""
    return not says_no(row.fields.get("include", BLANK))


def _faults_in(tables: Iterable[Table], tags: Iterable[str]) -> Iterator[Problem]:
    """Yield the faults of cells in the columns of these tags, of rows that take part."""
    for row in (row for table in tables for row in table.rows if is_included(row)):
        yield from filter(None, (row.fields[t].fault for t in tags if t in row.fields))


def _faults(table: Table, row: DataRow) -> Iterator[Problem]:
    yield from (v.fault for t in _DECIDING_TAGS if (v := row.fields.get(t)) is not None and v.fault)
    name, place = row.fields["name"], table.place(row.number, "name")
    if not name.fault and not folded(name):
        yield messages.problem("name-missing", place)
    elif not name.fault and is_included(row) and _is_no_name(row):
        yield messages.problem("name-left-over", place, name=name)
    if problem := include_problem(table, row):
        yield problem


def _partial_names(table: Table) -> Iterator[Problem]:
    """Yield an error where Name holds only a part of the name, with the other part beside it.

    A column of given names beside whole names is no problem: for a salutation, say.
    """
    name = next(c for c in table.columns if c.tag == "name")
    others = [c for c in table.columns if c.number != name.number]
    family = [c for c in others if is_name_part(c.heading, "family")]
    given = [c for c in others if is_name_part(c.heading, "given")]
    if not family:  # Имя beside a Name is that name in other letters
        given = [c for c in given if not means(c.heading, "Name")]
    for column in (*given, *family):
        rows = [(row.fields["name"], row.fields[column.tag]) for row in table.rows]
        judged = [(whole, part) for whole, part in rows if _script(whole) == _script(part) != ""]
        if sum(not _holds_part(*both) for both in judged) * 2 > len(judged):
            yield messages.problem(
                "name-part",
                table.place(table.heading_row, "name"),
                heading=name.heading,
                other=column.heading,
                column=column_letter(column.number),
            )
            return


def _script(text: str) -> str:
    """Return the script of the first letter, as Unicode calls it; empty where there is none."""
    first = next(filter(str.isalpha, text), "")
    return unicodedata.name(first, "").split(" ")[0] if first else ""


def _holds_part(whole: str, part: str) -> bool:
    """Return whether a word of the part stands in the whole name."""
    words = re.sub(r"[\W_]+", " ", plain_letters(part)).split()
    return any(word in plain_letters(whole) for word in words)


def _is_no_name(row: DataRow) -> bool:
    """Return whether a Name has no letter, or is a word for a name that is not known yet."""
    name = row.fields["name"]
    if says_yes(row.fields.get("name_checked", BLANK)):
        return False
    has_letter = any(unicodedata.category(c)[0] == "L" for c in name)
    return not has_letter or (is_unfilled(name, name=True) and not is_name_too(name))


def _grouped(pairs: Iterable[tuple[str, Person]]) -> dict[str, list[Person]]:
    groups: dict[str, list[Person]] = defaultdict(list)
    for key, person in pairs:
        groups[key].append(person)
    return groups


def _duplicate_keys(persons: list[Person]) -> Iterator[Problem]:
    """Yield an error at each of the people that have one key."""
    for key, group in _grouped((p.key, p) for p in persons).items():
        for person in group if len(group) > 1 else ():
            other = group[0] if group[0] is not person else group[1]
            yield _duplicate(person, other, len(group) - 2, is_id=key.startswith("id:"))


def _duplicate(person: Person, other: Person, more: int, *, is_id: bool) -> Problem:
    """Return the error that a person has the key of another, and of `more` further ones."""
    what = {"id": person.id.strip()} if is_id else {"name": person.name.strip()}
    key, place = ("id-twice", person.place("id")) if is_id else ("name-twice", person.place("name"))
    row = other.row_beside(person)
    if more:
        return messages.problem(f"{key}/more", place, row=row, more=more, **what)
    return messages.problem(key, place, row=row, **what)


def _nobody(table: Table) -> Problem:
    if not table.rows and not table.hidden_rows:
        headings = [column.heading for column in table.columns]
        return messages.problem("nobody", table.place(), headings=headings)
    return messages.problem("nobody/excluded", table.place())


# The sheet Pairs -> Pairing: each row with the people it names.


_MOST_SUGGESTIONS = 50
"""Wrong names of a sheet that come with the one that was probably meant: to look for each among
all takes long, and whoever has more has another mistake."""


class Directory:
    """The people of one sheet, as the sheet Pairs names them: by folded name and ID.

    Those left out are kept apart.
    """

    def __init__(self, group: SheetPeople) -> None:
        self._sheet = group.people.sheet
        self._suggestions = _MOST_SUGGESTIONS
        self._found = _by_words(group.people.persons)
        self._left_out = _by_words(group.left_out)

    def key(self, cell: Value, place: Place) -> tuple[str, Problem | None]:
        """Return the key of whom a cell means, and what is wrong with it.

        The key is empty for nobody, or somebody who is left out.
        """
        if cell.fault:
            return "", None
        if cell.strip() == EVERYBODY:
            return EVERYBODY, None
        found = tuple(self._found.get(folded(cell), {}).values())
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
        if folded(text) in self._left_out:
            return None
        near = ""
        if self._suggestions:
            self._suggestions -= 1
            persons = (person for group in self._found.values() for person in group.values())
            known = (word for person in persons for word in (person.name, person.id))
            near = nearest(text, (w for w in known if w))
        name, sheet = text.strip(), self._sheet
        return messages.problem("pair-nobody", place, name=name, sheet=sheet, near=near or None)


def _by_words(persons: Iterable[Person]) -> Mapping[str, Mapping[tuple[int, int], Person]]:
    """Index people by folded name and folded ID, then by place: a name may be another's ID."""
    found: dict[str, dict[tuple[int, int], Person]] = defaultdict(dict)
    for person in persons:
        for word in filter(None, (folded(person.name), folded(person.id))):
            found[word][person.position] = person
    return dict(found)


_SIDES = ("signer", "recipient")


@dataclass(frozen=True, slots=True)
class _PairRule:
    """A row of the sheet: whom it chooses, whether they write, and what it adds to the letter."""

    row: int
    chosen: PairKeys
    yes: bool
    fields: Mapping[str, Value]


def read_pairs(
    table: Table, groups: Mapping[str, SheetPeople]
) -> tuple[Pairing | None, list[Problem]]:
    """Read the rules of the sheet, None where a column is missing, and what is wrong.

    `groups` are the signers and the recipients, by their heading's tag.
    """
    missing = [tag for tag in _SIDES if tag not in table.tags]
    if missing:
        return None, [_missing_column(table, missing[0])]
    own = table.tags & {*_SIDES, "include"}
    numbers = {c.number for c in table.columns if c.tag in own}
    columns = tuple(c for c in table.columns if c.number not in numbers)
    rules, problems = _read_rules(table, groups, [c.tag for c in columns])
    problems += _contradictions(table, rules)
    for tag in dict.fromkeys(t for r in rules for t in r.fields):
        problems += _ambiguities(table, tag, [r for r in rules if r.yes and tag in r.fields])
    everybody = not any(map(is_included, table.rows))
    if rules and not everybody:
        problems += _unpaired(table, rules, groups)
    pairing = Pairing(
        file=table.file,
        sheet=table.sheet,
        columns=columns,
        yes={r.chosen: r.fields for r in reversed(rules) if r.yes},
        no=frozenset(r.chosen for r in rules if not r.yes),
        everybody=everybody,
        own=own,
    )
    return pairing, problems


def _missing_column(table: Table, tag: str) -> Problem:
    there = [c.heading for c in table.columns]
    near = nearest(tag, (h for h in there if folded(h) not in _SIDES))
    return missing_heading(table.place(table.heading_row), tag.capitalize(), there, near)


def _read_rules(
    table: Table, groups: Mapping[str, SheetPeople], further: Sequence[str]
) -> tuple[list[_PairRule], list[Problem]]:
    """Return the rows as rules; one that cannot be understood becomes a problem and no rule."""
    rules, problems = list[_PairRule](), list[Problem]()
    directories = {tag: Directory(groups[tag]) for tag in _SIDES}
    for row in table.rows:
        own = {tag: row.fields[tag] for tag in _SIDES}
        faults = [value.fault for value in own.values() if value.fault]
        if wrong := include_problem(table, row):
            faults.append(wrong)
        problems += faults
        keys = []
        for tag, value in own.items():
            key, problem = directories[tag].key(value, table.place(row.number, tag))
            keys.append(key)
            problems += [problem] if problem else ()
        signer, recipient = keys
        if signer and recipient and not faults:
            found = {tag: row.fields[tag] for tag in further}
            fields = {t: v for t, v in found.items() if v.fault or not looks_blank(v)}
            rules.append(_PairRule(row.number, (signer, recipient), is_included(row), fields))
    return rules, problems


def _contradictions(table: Table, rules: list[_PairRule]) -> Iterator[Problem]:
    """Yield an error for two rows that choose the same people and do not say the same."""
    first: dict[PairKeys, _PairRule] = {}
    for rule in rules:
        other = first.setdefault(rule.chosen, rule)
        if other.yes != rule.yes or (rule.yes and other.fields != rule.fields):
            yield messages.problem("pair-twice", table.place(rule.row), row=other.row)


def _ambiguities(table: Table, tag: str, rules: list[_PairRule]) -> Iterator[Problem]:
    """Yield the first error that one row for a signer's letters and one for a recipient's differ.

    There is none where a row that names both decides.
    """
    decided = {r.chosen for r in rules}
    by_text: dict[str, list[_PairRule]] = defaultdict(list)
    for rule in rules:
        if rule.chosen[0] == EVERYBODY != rule.chosen[1]:
            by_text[rule.fields[tag]].append(rule)
    for rule in rules:
        if rule.chosen[1] == EVERYBODY != rule.chosen[0]:
            others = (o for t, same in by_text.items() if t != rule.fields[tag] for o in same)
            for other in others:
                if (rule.chosen[0], other.chosen[1]) not in decided:
                    place = table.place(rule.row, tag)
                    yield messages.problem("pair-unclear", place, row=other.row)
                    return


def _unpaired(
    table: Table, rules: list[_PairRule], groups: Mapping[str, SheetPeople]
) -> Iterator[Problem]:
    """Yield a warning for each sheet some of whose people are in no row while others are.

    Not if each row says when its letter was posted: these are reminders, for some on purpose.
    """
    posted_on = tag_name(POSTED_ON)
    if rules and all(rule.fields.get(posted_on, BLANK).strip() for rule in rules):
        return
    for number, tag in enumerate(_SIDES):
        named = {r.chosen[number] for r in rules}
        everybody = any(r.yes and r.chosen[number] == EVERYBODY for r in rules)
        missed = [p for p in groups[tag].people.persons if p.key not in named]
        if missed and not everybody:
            people, sheet = [p.label for p in missed], groups[tag].people.sheet
            yield messages.problem("unpaired-people", table.place(), people=people, sheet=sheet)


POSTED_ON = "Posted on"
"""The heading of Pairs with the day on which the first letter was posted, in reminders."""
EVERYBODY = "*"
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
    yes: Mapping[PairKeys, Mapping[str, Value]] = field(default_factory=dict)
    no: frozenset[PairKeys] = frozenset()
    everybody: bool = True
    match: str = ""
    own: frozenset[str] = frozenset()
    """The tags of the program's own columns that the sheet has."""

    def place(self, tag: str = "") -> Place:
        """Return the place of the sheet Pairs, or of the column of that tag in it."""
        number = next((c.number for c in self.columns if c.tag == tag), 0)
        return Place(self.file, self.sheet, number)

    def pairs(self, signers: Iterable[Person], recipients: Sequence[Person]) -> Iterator[Pair]:
        """Yield the pairs among these people: signer by signer, recipients in the order given."""
        index = _RecipientIndex(tuple(recipients), self.match)
        if self.everybody and not (self.yes or self.no):  # as without such a sheet: the usual case
            blank = self._blank
            for signer in signers:
                yield from (Pair(signer, recipient, blank) for recipient in index.matching(signer))
            return
        for signer in signers:
            for recipient in self._candidates(signer, index):
                if self.allows(signer.key, recipient.key):
                    yield Pair(signer, recipient, self.fields(signer.key, recipient.key))

    def count(self, signers: Iterable[Person], recipients: Sequence[Person]) -> int:
        """Return how many pairs there are; where no row of Pairs decides, none is made for that."""
        if not self.everybody or self.no:
            return sum(1 for _ in self.pairs(signers, recipients))
        index = _RecipientIndex(tuple(recipients), self.match)
        return sum(map(index.number_matching, signers))

    def allows(self, signer: str, recipient: str) -> bool:
        """Return whether the rules, not Match, give these two a letter."""
        if self.everybody and not self.no:
            return True
        chosen = _keys_from_widest(signer, recipient)
        return (self.everybody or any(c in self.yes for c in chosen)) and not any(
            c in self.no for c in chosen
        )

    def fields(self, signer: str, recipient: str) -> Mapping[str, Value]:
        """Return what the sheet Pairs says of a pair: each column from the row that names it best.

        A row that names both comes before one with a `*`; where none fills a column it is blank.
        """
        if not self.yes or not self.columns:
            return self._blank
        filled = [self.yes[c] for c in _keys_from_widest(signer, recipient) if self.yes.get(c)]
        return {k: v for part in (self._blank, *filled) for k, v in part.items()}

    @cached_property
    def _blank(self) -> Mapping[str, Value]:
        return {c.tag: BLANK for c in self.columns}

    @cached_property
    def _named(self) -> Mapping[str, frozenset[str]]:
        """Return the recipients that rows name, by their signer."""
        found: dict[str, set[str]] = defaultdict(set)
        for signer, recipient in self.yes:
            found[signer].add(recipient)
        return {signer: frozenset(keys) for signer, keys in found.items()}

    def _candidates(self, signer: Person, index: _RecipientIndex) -> Iterator[Person]:
        """Return all recipients that might get a letter from this signer, and few others.

        Where rows name them one by one the others are not even looked at.
        """
        named = self._named.get(signer.key, frozenset()) | self._named.get(EVERYBODY, frozenset())
        if self.everybody or EVERYBODY in named:
            return index.matching(signer)
        return index.named(named, signer)


def _keys_from_widest(signer: str, recipient: str) -> tuple[PairKeys, ...]:
    """Return the rules that speak of a pair, the one that names it best last."""
    general = ((EVERYBODY, EVERYBODY), (EVERYBODY, recipient))
    return (*general, (signer, EVERYBODY), (signer, recipient))


class _RecipientIndex:
    """Recipients in their order, found by key and by the cell that Match compares."""

    def __init__(self, recipients: tuple[Person, ...], match: str) -> None:
        self._recipients, self._match = recipients, match
        self._words = [self._word(p) for p in recipients]
        self._by_key = {p.key: number for number, p in enumerate(recipients)}
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self._words):
            self._by_word[word].append(number)
        self._agreeing: dict[str, Sequence[int]] = {"": range(len(recipients))}

    def matching(self, signer: Person) -> Iterator[Person]:
        """Return all whom Match allows; a blank cell agrees with any."""
        return (self._recipients[n] for n in self._numbers(signer))

    def number_matching(self, signer: Person) -> int:
        """Return how many they are."""
        return len(self._numbers(signer))

    def _numbers(self, signer: Person) -> Sequence[int]:
        word = self._word(signer)
        if word not in self._agreeing:
            alike = self._by_word.get(word, []) + self._by_word.get("", [])
            self._agreeing[word] = sorted(alike)
        return self._agreeing[word]

    def named(self, keys: Iterable[str], signer: Person) -> Iterator[Person]:
        """Return those with these keys whom Match allows."""
        word = self._word(signer)
        numbers = sorted(self._by_key[k] for k in keys if k in self._by_key)
        return (self._recipients[n] for n in numbers if not word or self._words[n] in {"", word})

    def _word(self, person: Person) -> str:
        return folded(person.fields.get(self._match, BLANK)) if self._match else ""


def column_problems(settings: Settings, signers: People, recipients: People) -> Iterator[Problem]:
    """Yield an error where Match or Sort by names a column that is not where it must be."""
    for people in (signers, recipients):
        if settings.match and not _has(people, settings.match):
            place, column = settings.place("match"), settings.fields["match"]
            near = _nearest_heading(column, people.columns)
            fields = {"column": column, "sheet": people.sheet, "near": near}
            yield messages.problem("setting-column", place, **fields)
    sort_by = settings.sort_by
    if sort_by and not any(_has(people, sort_by) for people in (signers, recipients)):
        place, column = settings.place("sort_by"), settings.fields["sort_by"]
        near = _nearest_heading(column, (*signers.columns, *recipients.columns))
        yield messages.problem("setting-column/sort", place, column=column, near=near)


def _has(people: People, tag: str) -> bool:
    return any(c.tag == tag for c in people.columns)


def _nearest_heading(heading: str, columns: Iterable[Column]) -> str | None:
    return nearest(heading, (c.heading for c in columns)) or None


def unmatched_warning(settings: Settings, people: People, others: People) -> Iterator[Problem]:
    """Yield a warning that counts those of `people` whose Match agrees with none of the others'."""
    there = {folded(p.fields[settings.match]) for p in others.persons}
    if "" in there:  # it agrees with all
        return
    words = [(folded(p.fields[settings.match]), p) for p in people.persons]
    alone = [p for word, p in words if word and word not in there]
    if alone:
        place, labels = people.place(tag=settings.match), [p.label for p in alone]
        yield messages.problem("unmatched-people", place, people=labels, sheet=others.sheet)
