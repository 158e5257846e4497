"""The sheet Pairs -> Pairing: each row with the people it names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from merge.model import Person, Problem, Value
from merge.naming import folded
from merge.workbook.directory import Directory
from merge.workbook.near import listed, nearest
from merge.workbook.pairing import EVERYBODY, Chosen, Pairing
from merge.workbook.people import Group, include_problem, is_included
from merge.workbook.table import Line, Table
from merge.workbook.values import looks_blank

_OWN = ("signer", "recipient")


@dataclass(frozen=True, slots=True)
class _Rule:
    """A row of the sheet: whom it chooses, whether they write, and what it adds to the letter."""

    row: int
    chosen: Chosen
    yes: bool
    fields: Mapping[str, Value]


def read_pairs(
    table: Table, groups: Mapping[str, Group], problems: list[Problem]
) -> Pairing | None:
    """The rules of the sheet; None where a column is missing. What is wrong goes to `problems`.

    `groups` are the signers and the recipients, by their heading's tag.
    """
    missing = [tag for tag in _OWN if tag not in table.tags]
    if missing:
        problems.append(_no_column(table, missing[0]))
        return None
    columns = tuple(c for c in table.columns if c.tag not in {*_OWN, "include"})
    rules = list(_Rules(table, groups, problems).read([c.tag for c in columns]))
    problems += _conflicts(table, rules)
    everybody = not any(map(is_included, table.lines))
    if rules and not everybody:
        problems += _unpaired(table, rules, groups)
    return Pairing(
        file=table.file,
        sheet=table.sheet,
        columns=columns,
        yes={r.chosen: r.fields for r in reversed(rules) if r.yes},
        no=frozenset(r.chosen for r in rules if not r.yes),
        everybody=everybody,
    )


def _no_column(table: Table, tag: str) -> Problem:
    there = [c.heading for c in table.columns]
    near = nearest(tag, (h for h in there if folded(h) not in _OWN))
    meant = f"Did you mean '{near}'? " if near else ""
    what = f"there is no column {tag.capitalize()}; there are {listed(there)}."
    hint = f"{meant}Write {tag.capitalize()} as its heading."
    return Problem("heading-missing", table.place(table.heading_row), what, hint)


class _Rules:
    """Reads rows; one that cannot be understood becomes a problem and no rule."""

    def __init__(self, table: Table, groups: Mapping[str, Group], problems: list[Problem]) -> None:
        self._table, self._problems = table, problems
        self._directories = {tag: Directory(groups[tag]) for tag in _OWN}

    def read(self, further: Sequence[str]) -> Iterator[_Rule]:
        for line in self._table.lines:
            own = (line.fields[tag] for tag in _OWN)
            faults = [value.fault for value in own if value.fault]
            if wrong := include_problem(self._table, line):
                faults.append(wrong)
            self._problems += faults
            signer, recipient = (self._key(line, tag) for tag in _OWN)
            if signer and recipient and not faults:
                found = {tag: line.fields[tag] for tag in further}
                fields = {t: v for t, v in found.items() if v.fault or not looks_blank(v)}
                yield _Rule(line.number, (signer, recipient), is_included(line), fields)

    def _key(self, line: Line, tag: str) -> str:
        """Whose key a cell means; empty where nobody's, or somebody's who is left out."""
        text = line.fields[tag]
        if text.fault:
            return ""
        if text.strip() == EVERYBODY:
            return EVERYBODY
        directory = self._directories[tag]
        found = directory.find(text)
        if len(found) == 1:
            return found[0].key
        if problem := directory.problem(text, self._table.place(line.number, tag)):
            self._problems.append(problem)
        return ""


def _conflicts(table: Table, rules: list[_Rule]) -> Iterator[Problem]:
    yield from _repeated(table, rules)
    for tag in dict.fromkeys(t for r in rules for t in r.fields):
        if problem := _crossing(table, tag, [r for r in rules if r.yes and tag in r.fields]):
            yield problem


def _repeated(table: Table, rules: list[_Rule]) -> Iterator[Problem]:
    """Two rows that choose the same people and do not say the same."""
    first: dict[Chosen, _Rule] = {}
    for rule in rules:
        other = first.setdefault(rule.chosen, rule)
        if other.yes != rule.yes or (rule.yes and other.fields != rule.fields):
            what = f"row {other.row} names the same people and says something else."
            yield Problem("pair-twice", table.place(rule.row), what, "Delete one of the two rows.")


def _crossing(table: Table, tag: str, rules: list[_Rule]) -> Problem | None:
    """A row for all letters of a signer and one for all to a recipient that fill a cell otherwise.

    No problem where a row that names both decides.
    """
    decided = {r.chosen for r in rules}
    by_text: dict[str, list[_Rule]] = defaultdict(list)
    for rule in rules:
        if rule.chosen[0] == EVERYBODY != rule.chosen[1]:
            by_text[rule.fields[tag]].append(rule)
    for rule in rules:
        if rule.chosen[1] == EVERYBODY != rule.chosen[0]:
            others = (o for t, same in by_text.items() if t != rule.fields[tag] for o in same)
            for other in others:
                if (rule.chosen[0], other.chosen[1]) not in decided:
                    return _crossed(table, tag, rule, other)
    return None


def _crossed(table: Table, tag: str, rule: _Rule, other: _Rule) -> Problem:
    what = f"for one letter this cell and the one in row {other.row} say different things."
    hint = "Add a row that names that signer and that recipient, and fill the cell there."
    return Problem("pair-unclear", table.place(rule.row, tag), what, hint)


def _unpaired(table: Table, rules: list[_Rule], groups: Mapping[str, Group]) -> Iterator[Problem]:
    """A warning for each sheet some of whose people are in no row while others are."""
    for number, tag in enumerate(_OWN):
        named = {r.chosen[number] for r in rules}
        everybody = any(r.yes and r.chosen[number] == EVERYBODY for r in rules)
        missed = [p for p in groups[tag].people.persons if p.key not in named]
        if missed and not everybody:
            yield _missed(table, groups[tag].people.sheet, missed)


def _missed(table: Table, sheet: str, missed: list[Person]) -> Problem:
    whom = listed((p.label for p in missed), 3)
    are = "person" if len(missed) == 1 else "people"
    what = f"no row names {len(missed)} {are} of the sheet {sheet}, who get no letter: {whom}."
    hint = "Add rows for them, or write no in their Include."
    return Problem("unpaired-people", table.place(), what, hint, "warning")
