"""Conditions that probably do not ask what somebody meant. Warnings, each at its tag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from merge.model import People, Problem
from merge.naming import folded
from merge.template.grammar import Name
from merge.template.jinja import Ask

_SAYS_NO = {"no", "n", "0", "false", "non", "nein", "nej", "нет", "لا"}


def bare_conditions(asks: Iterable[Ask], people: Mapping[str, People]) -> Iterator[Problem]:
    """A bare if on a column with a written no: whatever is not blank counts as yes there."""
    for ask in asks:
        for name in sorted(ask.bare, key=str):
            cell = _first_no(name, people)
            if cell:
                what = f"{ask.tag.written} holds wherever the cell is not blank; {cell}."
                hint = f'Write {name} == "yes", or empty the cells that say no.'
                yield Problem("condition-holds-for-no", ask.tag.place, what, hint, "warning")


def _first_no(name: Name, people: Mapping[str, People]) -> str:
    """The first cell of the column that says no, in words; empty where none does."""
    own = people.get(name.root)
    for person in own.persons if own else ():
        value = person.fields.get(name.field)
        if value is not None and value.plain is not False and folded(value) in _SAYS_NO:
            return f'{own.sheet}!{own.place(person.row, name.field).cell} says "{value}"'  # type: ignore[union-attr] # there is a person
    return ""
