"""The people of the Signers and Recipients sheets, and their problems."""

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
from merge.workbook.table import DataRow, SheetTable, looks_blank
from merge.workbook.translated_words import is_name_part, means_heading, says_no, says_yes

_DECIDING_PLACEHOLDERS = ("name", "id", "include")
"""Columns that decide who gets a letter; a problem there is an error."""

_LETTER_CHOICE_PLACEHOLDERS: Mapping[SheetKind, tuple[str, ...]] = {
    "signer": (),
    "recipient": ("template", "language"),
}
"""Columns that decide which letter a person gets; problems are errors too.

This applies only to people who take part.
"""


@dataclass(frozen=True, slots=True)
class SheetPeople:
    """A sheet's people: those who take part, and those who are excluded."""

    people: People
    excluded: tuple[Person, ...]


def read_people(
    tables: Sequence[SheetTable], kind: SheetKind, match: str = "", sort_by: str = ""
) -> tuple[SheetPeople, list[Problem]]:
    """Return the people of a sheet and its continuation sheets, and problems.

    `match` and `sort_by` are the placeholders of the columns that these settings name; empty if
    they name none.
    """
    problems = [p for table in tables for row in table.rows for p in _row_problems(table, row)]
    problems += (problem for table in tables for problem in _partial_name_problems(table))
    tables = _with_shared_placeholders(tables)
    problems += _column_faults(tables, (*_LETTER_CHOICE_PLACEHOLDERS[kind], match))
    problems = [*dict.fromkeys(problems)]
    ordering_faults = _column_faults(tables, ("name_checked", sort_by))
    new_faults = [fault for fault in ordering_faults if fault not in problems]
    problems += dict.fromkeys(replace(fault, level="warning") for fault in new_faults)
    columns = _distinct_columns(tables)
    reader = _PersonReader(kind, frozenset(c.placeholder for c in columns))
    sheets, participants, excluded = list[PeopleSheet](), list[Person](), list[Person]()
    for table in tables:
        sheets.append(_people_sheet(table, len(sheets)))
        for row in table.rows:
            (participants if is_included(row) else excluded).append(reader.person(row, sheets[-1]))
        excluded += (reader.person(row, sheets[-1]) for row in table.hidden_rows)
    persons = _with_namesakes_marked([person for person in participants if person.name])
    problems += _duplicate_key_problems(persons)
    if not participants:
        problems.append(_no_people_problem(tables[0], kind))
    people = People(kind, tuple(sheets), columns, tuple(persons))
    return SheetPeople(people, tuple(p for p in excluded if p.name)), problems


def _people_sheet(table: SheetTable, number: int) -> PeopleSheet:
    return PeopleSheet(
        file=table.file,
        name=table.sheet,
        heading_row=table.heading_row,
        columns=table.columns,
        number=number,
    )


def _with_namesakes_marked(persons: Sequence[Person]) -> list[Person]:
    """Return people; those whose name someone else has, too, are marked."""
    groups = _group_by_text((folded(person.name), person) for person in persons).values()
    shared = {person.sort_key for group in groups if len(group) > 1 for person in group}
    return [
        replace(person, has_namesake=True) if person.sort_key in shared else person
        for person in persons
    ]


def _with_shared_placeholders(tables: Sequence[SheetTable]) -> Sequence[SheetTable]:
    """Return tables in which equal columns have the same placeholders.

    For example, a column with the heading Nom has the placeholders `nom` and `name`. In another
    table, with the heading Name, it has only the second.
    """
    synonyms = [
        set(placeholders)
        for table in tables
        for placeholders in _placeholders_by_number(table)
        if len(placeholders) > 1
    ]
    return (
        [_with_more_placeholders(table, synonyms) for table in tables]
        if len(tables) > 1
        else tables
    )


def _placeholders_by_number(table: SheetTable) -> Iterable[list[str]]:
    placeholders: dict[int, list[str]] = defaultdict(list)
    for column in table.columns:
        placeholders[column.number].append(column.placeholder)
    return placeholders.values()


def _with_more_placeholders(table: SheetTable, synonyms: Iterable[AbstractSet[str]]) -> SheetTable:
    """Return a table whose columns have further placeholders as synonyms."""
    column_by_placeholder = {
        placeholder: next(c for c in table.columns if c.placeholder in placeholders)
        for placeholders in synonyms
        if placeholders & table.placeholders
        for placeholder in placeholders - table.placeholders
    }
    if not column_by_placeholder:
        return table
    old_by_new = {
        placeholder: column.placeholder for placeholder, column in column_by_placeholder.items()
    }

    def with_more(rows: Iterable[DataRow]) -> tuple[DataRow, ...]:
        fields = (
            {**row.fields, **{t: row.fields[row_fields] for t, row_fields in old_by_new.items()}}
            for row in rows
        )
        return tuple(
            replace(row, fields=row_fields) for row, row_fields in zip(rows, fields, strict=True)
        )

    columns = (
        *table.columns,
        *(replace(c, placeholder=placeholder) for placeholder, c in column_by_placeholder.items()),
    )
    rows, hidden = with_more(table.rows), with_more(table.hidden_rows)
    return replace(table, columns=columns, rows=rows, hidden_rows=hidden)


def _distinct_columns(tables: Sequence[SheetTable]) -> tuple[Column, ...]:
    """Return the columns of all tables, one per placeholder, without notes.

    Notes are columns that describe a row of the list.
    """
    all_columns = (
        c for table in tables for c in table.columns if c.placeholder not in table.note_placeholders
    )
    columns: dict[str, Column] = {}
    for column in all_columns:
        columns.setdefault(column.placeholder, column)
    return tuple(columns.values())


class _PersonReader:
    """Creates people from rows; each person has all fields of the kind."""

    def __init__(self, kind: SheetKind, placeholders: frozenset[str]) -> None:
        self._kind, self._placeholders = kind, placeholders
        self._blank = dict.fromkeys(placeholders, BLANK)

    def person(self, row: DataRow, sheet: PeopleSheet) -> Person:
        person_id, fields = folded(row.fields.get("id", BLANK)), row.fields
        key = f"id:{person_id}" if person_id else f"name:{folded(fields['name'])}"
        if fields.keys() != self._placeholders:
            fields = self._blank | {t: v for t, v in fields.items() if t in self._placeholders}
        return Person(self._kind, key, row.number, fields, sheet=sheet)


def include_problem(table: SheetTable, row: DataRow) -> Problem | None:
    """Return an error if a row's Include is neither blank nor yes nor no."""
    word = row.fields.get("include", BLANK)
    if word.problem or looks_blank(word) or says_yes(word) or says_no(word):
        return None
    place = table.place(row.number, "include")
    return messages.problem("include-unknown", place, value=word.strip())


def is_included(row: DataRow) -> bool:
    """Return whether a row takes part: its Include cell does not say no."""
    return not says_no(row.fields.get("include", BLANK))


def _column_faults(tables: Iterable[SheetTable], placeholders: Iterable[str]) -> Iterator[Problem]:
    """Yield the problems of cells in these columns, for rows that take part."""
    for row in (row for table in tables for row in table.rows if is_included(row)):
        yield from filter(None, (row.fields[t].problem for t in placeholders if t in row.fields))


def _row_problems(table: SheetTable, row: DataRow) -> Iterator[Problem]:
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


def _partial_name_problems(table: SheetTable) -> Iterator[Problem]:
    """Yield an error if Name has only a part, and another column has the rest.

    A column of given names beside complete names is allowed, for a salutation.
    """
    name = next(c for c in table.columns if c.placeholder == "name")
    other_columns = [c for c in table.columns if c.number != name.number]
    family_columns = [c for c in other_columns if is_name_part(c.heading, "family")]
    given_columns = [c for c in other_columns if is_name_part(c.heading, "given")]
    if not family_columns:  # Имя beside a Name is that name in another script
        given_columns = [c for c in given_columns if not means_heading(c.heading, "Name")]
    for column in (*given_columns, *family_columns):
        rows = [(row.fields["name"], row.fields[column.placeholder]) for row in table.rows]
        comparable = [
            (full_name, part)
            for full_name, part in rows
            if _script(full_name) == _script(part) != ""
        ]
        if sum(not _contains_part(*name_and_part) for name_and_part in comparable) * 2 > len(
            comparable
        ):
            yield messages.problem(
                "name-part",
                table.place(table.heading_row, "name"),
                heading=name.heading,
                other=column.heading,
                column=column_letter(column.number),
            )
            return


def _script(text: str) -> str:
    """Return the script of a text's first letter, as Unicode names it, or ""."""
    letter = next(filter(str.isalpha, text), "")
    return unicodedata.name(letter, "").split(" ")[0] if letter else ""


def _contains_part(full_name: str, part: str) -> bool:
    """Return whether a full name contains a word of a name's part."""
    words = re.sub(r"[\W_]+", " ", plain_letters(part)).split()
    return any(word in plain_letters(full_name) for word in words)


def _is_not_a_name(row: DataRow) -> bool:
    """Return whether a Name has no letter, or says that the name is unknown."""
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
    """Yield an error for each person whose key another person has."""
    for key, group in _group_by_text((p.key, p) for p in persons).items():
        for person in group if len(group) > 1 else ():
            other = group[0] if group[0] is not person else group[1]
            yield _duplicate_key_problem(person, other, len(group) - 2, is_id=key.startswith("id:"))


def _duplicate_key_problem(person: Person, other: Person, more: int, *, is_id: bool) -> Problem:
    """Return the error that people share a key; `more` counts further people."""
    shared_word = {"id": person.id.strip()} if is_id else {"name": person.name.strip()}
    key, place = ("id-twice", person.place("id")) if is_id else ("name-twice", person.place("name"))
    row = other.describe_row(person)
    if more:
        return messages.problem(f"{key}/more", place, row=row, more=more, **shared_word)
    return messages.problem(key, place, row=row, **shared_word)


def _no_people_problem(table: SheetTable, kind: SheetKind) -> Problem:
    if not table.rows and not table.hidden_rows:
        headings = [column.heading for column in table.columns]
        key = "nobody" if kind == "signer" else "nobody/recipients"
        return messages.problem(key, table.place(), headings=headings)
    return messages.problem("nobody/excluded", table.place())
