"""The sheets Signers and Recipients -> People, and who of them is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from merge.model import BLANK, Kind, People, Person, Problem, Value
from merge.naming import folded
from merge.workbook.near import listed
from merge.workbook.table import Line, Table

_CHECKED = ("name", "id", "include")
"""Columns that decide who gets a letter: what is wrong there is an error at once."""


@dataclass(frozen=True, slots=True)
class Group:
    """A sheet's people: those who take part, and those who do not."""

    people: People
    left_out: tuple[Person, ...]


def read_people(table: Table, kind: Kind, problems: list[Problem]) -> Group | None:
    """The people of a sheet; None where nobody takes part. What is wrong goes to `problems`."""
    problems += (p for n in table.lines for p in _faults(table, n))
    part = [_person(kind, n) for n in table.lines if is_included(n)]
    excluded = (n for n in table.lines if not is_included(n))
    out = [_person(kind, n) for n in (*excluded, *table.aside)]
    persons = _told_apart([p for p in part if p.name])
    problems += _same_key(table, persons)
    if not part:
        problems.append(_nobody(table))
        return None
    people = People(kind, table.file, table.sheet, table.columns, tuple(persons))
    return Group(people, tuple(p for p in out if p.name))


def include_problem(table: Table, line: Line) -> Problem | None:
    """An error where Include is neither blank nor yes nor no."""
    word = line.fields.get("include", BLANK)
    if word.fault or folded(word) in {"", "yes", "no"}:
        return None
    what = f"Include is '{word.strip()}'; it can be yes, no or blank."
    place = table.place(line.number, "include")
    return Problem("include-unknown", place, what, "Write yes or no in this cell.")


def is_included(line: Line) -> bool:
    """Include does not say no."""
    return folded(line.fields.get("include", BLANK)) != "no"


def _faults(table: Table, line: Line) -> Iterable[Problem]:
    yield from (v.fault for t in _CHECKED if (v := line.fields.get(t)) is not None and v.fault)
    name = line.fields["name"]
    if not name.fault and not folded(name):
        what = "there is no name in this row, though other cells of it are filled."
        hint = "Write the name, or delete the row."
        yield Problem("name-missing", table.place(line.number, "name"), what, hint)
    if problem := include_problem(table, line):
        yield problem


def _person(kind: Kind, line: Line) -> Person:
    return Person(kind, _key(line.fields), line.number, line.fields)


def _key(fields: Mapping[str, Value]) -> str:
    own = folded(fields.get("id", BLANK))
    return f"id:{own}" if own else f"name:{folded(fields['name'])}"


def _told_apart(persons: list[Person]) -> list[Person]:
    """The same people, those marked whose name is another's too."""
    by_name = _grouped((folded(p.name), p) for p in persons)
    shared = {p.row for group in by_name.values() if len(group) > 1 for p in group}
    return [replace(p, shared_name=True) if p.row in shared else p for p in persons]


def _grouped(pairs: Iterable[tuple[str, Person]]) -> dict[str, list[Person]]:
    groups: dict[str, list[Person]] = defaultdict(list)
    for key, person in pairs:
        groups[key].append(person)
    return groups


def _same_key(table: Table, persons: list[Person]) -> Iterable[Problem]:
    """An error at each of the people that have one key."""
    for key, group in _grouped((p.key, p) for p in persons).items():
        for person in group if len(group) > 1 else ():
            rows = " and ".join(str(p.row) for p in group if p is not person)
            yield _twice(table, person, rows, by_id=key.startswith("id:"))


def _twice(table: Table, person: Person, rows: str, *, by_id: bool) -> Problem:
    if by_id:
        what = f"the ID '{person.id.strip()}' is also in row {rows}."
        place = table.place(person.row, "id")
        return Problem("id-twice", place, what, "Give each person an ID of their own.")
    what = f"'{person.name.strip()}' is also in row {rows}, and nothing tells the two apart."
    hint = "Delete one of them, or give each an ID in a column ID."
    return Problem("name-twice", table.place(person.row, "name"), what, hint)


def _nobody(table: Table) -> Problem:
    if not table.lines and not table.aside:
        headings = listed(c.heading for c in table.columns)
        what = f"there is nobody under the headings {headings}."
        hint = "Write one person a row below the headings."
    else:
        what = "nobody of this sheet takes part: every row is left out."
        hint = "Take the 'no' out of Include for those who do, or show their rows."
    return Problem("nobody", table.place(), what, hint)
