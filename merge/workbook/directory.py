"""Looks people up by name or ID, as the sheet Pairs names them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from merge.model import Person, Place, Problem
from merge.naming import folded
from merge.workbook.near import listed, nearest
from merge.workbook.people import Group


class Directory:
    """The people of one sheet, by folded name and ID; those left out apart."""

    def __init__(self, group: Group) -> None:
        self._sheet = group.people.sheet
        self._found = _by_words(group.people.persons)
        self._left_out = _by_words(group.left_out)

    def find(self, text: str) -> tuple[Person, ...]:
        """Everybody of that name or ID who takes part."""
        return tuple(self._found.get(folded(text), {}).values())

    def problem(self, text: str, place: Place) -> Problem | None:
        """Why a text means nobody in particular; None where it means somebody who is left out."""
        found = self.find(text)
        if found:
            return self._shared(text, place, found)
        if not folded(text):
            hint = "Write a name, an ID, or * for everybody."
            return Problem("pair-blank", place, "this cell is blank.", hint)
        return None if folded(text) in self._left_out else self._nobody(text, place)

    def _shared(self, text: str, place: Place, found: tuple[Person, ...]) -> Problem:
        ids = listed(p.id or f"row {p.row}" for p in found)
        what = f"'{text.strip()}' could be {len(found)} people of the sheet {self._sheet}: {ids}."
        return Problem("pair-shared", place, what, "Write the ID instead of the name.")

    def _nobody(self, text: str, place: Place) -> Problem:
        what = f"nobody in the sheet {self._sheet} has the name or ID '{text.strip()}'."
        known = (
            w for group in self._found.values() for p in group.values() for w in (p.name, p.id)
        )
        near = nearest(text, (w for w in known if w))
        meant = f"Did you mean '{near}'? " if near else ""
        return Problem("pair-nobody", place, what, f"{meant}Write it as it stands there.")


def _by_words(persons: Iterable[Person]) -> Mapping[str, Mapping[int, Person]]:
    """People by folded name and folded ID, and then by row: a name may be another's ID."""
    found: dict[str, dict[int, Person]] = defaultdict(dict)
    for person in persons:
        for word in filter(None, (folded(person.name), folded(person.id))):
            found[word][person.row] = person
    return dict(found)
