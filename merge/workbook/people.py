"""The people of the sheets Signers and Recipients, and what is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from merge import messages
from merge.people import Column, People, PeopleSheet, Person, SheetKind
from merge.problems import Problem, column_letter
from merge.text.folding import folded, plain_letters
from merge.values import BLANK
from merge.workbook.plausibility import is_unfilled, may_be_name
from merge.workbook.table import DataRow, Table, looks_blank
from merge.workbook.translated_words import is_name_part, means_heading, says_no, says_yes

_DECIDING_PLACEHOLDERS = ("name", "id", "include")
"""Columns that decide who gets a letter: what is wrong there is an error at once."""

_LETTER_CHOICE_PLACEHOLDERS: Mapping[SheetKind, tuple[str, ...]] = {
    "signer": (),
    "recipient": ("template", "language"),
}
"""Columns that decide which letter it is: the same, for those who take part."""


@dataclass(frozen=True, slots=True)
class SheetPeople:
    """A sheet's people: those who take part, and those who do not."""

    people: People
    excluded: tuple[Person, ...]


def read_people(
    tables: Sequence[Table], kind: SheetKind, match: str = "", sort_by: str = ""
) -> tuple[SheetPeople, list[Problem]]:
    """Return the people of a sheet, and of further ones that go on where it ends; what is wrong.

    `match` and `sort_by` are the tags of the columns that these settings name, empty if they name
    none.
    """
    problems = [p for table in tables for row in table.rows for p in _row_problems(table, row)]
    problems += (problem for table in tables for problem in _partial_name_problems(table))
    tables = _with_shared_placeholders(tables)
    problems = [
        *dict.fromkeys(
            (*problems, *_column_faults(tables, (*_LETTER_CHOICE_PLACEHOLDERS[kind], match)))
        )
    ]
    ordering = (f for f in _column_faults(tables, ("name_checked", sort_by)) if f not in problems)
    problems += dict.fromkeys(replace(fault, level="warning") for fault in ordering)
    columns = _distinct_columns(tables)
    reader = _PersonReader(kind, frozenset(c.placeholder for c in columns))
    sheets, part, out = list[PeopleSheet](), list[Person](), list[Person]()
    for number, table in enumerate(tables):
        sheets.append(
            PeopleSheet(
                file=table.file,
                name=table.sheet,
                heading_row=table.heading_row,
                columns=table.columns,
                number=number,
            )
        )
        for row in table.rows:
            (part if is_included(row) else out).append(reader.person(row, sheets[-1]))
        out += (reader.person(row, sheets[-1]) for row in table.hidden_rows)
    by_name = _group_by_text((folded(p.name), p) for p in part if p.name)
    shared = {p.sort_key for group in by_name.values() if len(group) > 1 for p in group}
    persons = [replace(p, has_namesake=True) if p.sort_key in shared else p for p in part if p.name]
    problems += _duplicate_key_problems(persons)
    if not part:
        problems.append(_no_people_problem(tables[0]))
    people = People(kind, tuple(sheets), columns, tuple(persons))
    return SheetPeople(people, tuple(p for p in out if p.name)), problems


def _with_shared_placeholders(tables: Sequence[Table]) -> Sequence[Table]:
    """Return tables in which a column goes by all the tags that it has in one of them.

    Under the heading Nom one has the tags `nom` and `name`; under Name another has but the second.
    """
    alike = [
        set(tags) for table in tables for tags in _placeholders_by_number(table) if len(tags) > 1
    ]
    return (
        [_with_more_placeholders(table, alike) for table in tables] if len(tables) > 1 else tables
    )


def _placeholders_by_number(table: Table) -> Iterable[list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for column in table.columns:
        found[column.number].append(column.placeholder)
    return found.values()


def _with_more_placeholders(table: Table, alike: Iterable[AbstractSet[str]]) -> Table:
    """Return a table with further tags for columns that have one of those that mean the same."""
    further = {
        tag: next(c for c in table.columns if c.placeholder in tags)
        for tags in alike
        if tags & table.placeholders
        for tag in tags - table.placeholders
    }
    if not further:
        return table
    more = {tag: column.placeholder for tag, column in further.items()}

    def with_more(rows: Iterable[DataRow]) -> tuple[DataRow, ...]:
        fields = ({**row.fields, **{t: row.fields[own] for t, own in more.items()}} for row in rows)
        return tuple(replace(row, fields=own) for row, own in zip(rows, fields, strict=True))

    columns = (*table.columns, *(replace(c, placeholder=tag) for tag, c in further.items()))
    rows, hidden = with_more(table.rows), with_more(table.hidden_rows)
    return replace(table, columns=columns, rows=rows, hidden_rows=hidden)


def _distinct_columns(tables: Sequence[Table]) -> tuple[Column, ...]:
    """Return the columns of all tables, each tag once; what a list says of its rows is no tag."""
    everything = (
        c for table in tables for c in table.columns if c.placeholder not in table.note_placeholders
    )
    found: dict[str, Column] = {}
    for column in everything:
        found.setdefault(column.placeholder, column)
    return tuple(found.values())


class _PersonReader:
    """Makes people of rows; each has all the tags of its kind."""

    def __init__(self, kind: SheetKind, tags: frozenset[str]) -> None:
        self._kind, self._placeholders = kind, tags
        self._blank = dict.fromkeys(tags, BLANK)

    def person(self, row: DataRow, sheet: PeopleSheet) -> Person:
        own, fields = folded(row.fields.get("id", BLANK)), row.fields
        key = f"id:{own}" if own else f"name:{folded(fields['name'])}"
        if fields.keys() != self._placeholders:
            fields = self._blank | {t: v for t, v in fields.items() if t in self._placeholders}
        return Person(self._kind, key, row.number, fields, sheet=sheet)


def include_problem(table: Table, row: DataRow) -> Problem | None:
    """Return an error where Include is neither blank nor yes nor no."""
    word = row.fields.get("include", BLANK)
    if word.problem or looks_blank(word) or says_yes(word) or says_no(word):
        return None
    place = table.place(row.number, "include")
    return messages.problem("include-unknown", place, value=word.strip())


def is_included(row: DataRow) -> bool:
    """Return whether Include does not say no."""
    return not says_no(row.fields.get("include", BLANK))


def _column_faults(tables: Iterable[Table], tags: Iterable[str]) -> Iterator[Problem]:
    """Yield the faults of cells in the columns of these tags, of rows that take part."""
    for row in (row for table in tables for row in table.rows if is_included(row)):
        yield from filter(None, (row.fields[t].problem for t in tags if t in row.fields))


def _row_problems(table: Table, row: DataRow) -> Iterator[Problem]:
    yield from (
        v.problem
        for t in _DECIDING_PLACEHOLDERS
        if (v := row.fields.get(t)) is not None and v.problem
    )
    name, place = row.fields["name"], table.place(row.number, "name")
    if not name.problem and not folded(name):
        yield messages.problem("name-missing", place)
    elif not name.problem and is_included(row) and _is_not_a_name(row):
        yield messages.problem("name-left-over", place, name=name)
    if problem := include_problem(table, row):
        yield problem


def _partial_name_problems(table: Table) -> Iterator[Problem]:
    """Yield an error where Name holds only a part of the name, with the other part beside it.

    A column of given names beside whole names is no problem: for a salutation, say.
    """
    name = next(c for c in table.columns if c.placeholder == "name")
    others = [c for c in table.columns if c.number != name.number]
    family = [c for c in others if is_name_part(c.heading, "family")]
    given = [c for c in others if is_name_part(c.heading, "given")]
    if not family:  # Имя beside a Name is that name in other letters
        given = [c for c in given if not means_heading(c.heading, "Name")]
    for column in (*given, *family):
        rows = [(row.fields["name"], row.fields[column.placeholder]) for row in table.rows]
        judged = [(whole, part) for whole, part in rows if _script(whole) == _script(part) != ""]
        if sum(not _contains_part(*both) for both in judged) * 2 > len(judged):
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


def _contains_part(whole: str, part: str) -> bool:
    """Return whether a word of the part stands in the whole name."""
    words = re.sub(r"[\W_]+", " ", plain_letters(part)).split()
    return any(word in plain_letters(whole) for word in words)


def _is_not_a_name(row: DataRow) -> bool:
    """Return whether a Name has no letter, or is a word for a name that is not known yet."""
    name = row.fields["name"]
    if says_yes(row.fields.get("name_checked", BLANK)):
        return False
    has_letter = any(unicodedata.category(c)[0] == "L" for c in name)
    return not has_letter or (is_unfilled(name, is_name=True) and not may_be_name(name))


def _group_by_text(pairs: Iterable[tuple[str, Person]]) -> dict[str, list[Person]]:
    groups: dict[str, list[Person]] = defaultdict(list)
    for key, person in pairs:
        groups[key].append(person)
    return groups


def _duplicate_key_problems(persons: list[Person]) -> Iterator[Problem]:
    """Yield an error at each of the people that have one key."""
    for key, group in _group_by_text((p.key, p) for p in persons).items():
        for person in group if len(group) > 1 else ():
            other = group[0] if group[0] is not person else group[1]
            yield _duplicate_key_problem(person, other, len(group) - 2, is_id=key.startswith("id:"))


def _duplicate_key_problem(person: Person, other: Person, more: int, *, is_id: bool) -> Problem:
    """Return the error that a person has the key of another, and of `more` further ones."""
    what = {"id": person.id.strip()} if is_id else {"name": person.name.strip()}
    key, place = ("id-twice", person.place("id")) if is_id else ("name-twice", person.place("name"))
    row = other.describe_row(person)
    if more:
        return messages.problem(f"{key}/more", place, row=row, more=more, **what)
    return messages.problem(key, place, row=row, **what)


def _no_people_problem(table: Table) -> Problem:
    if not table.rows and not table.hidden_rows:
        headings = [column.heading for column in table.columns]
        return messages.problem("nobody", table.place(), headings=headings)
    return messages.problem("nobody/excluded", table.place())
