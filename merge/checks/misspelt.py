"""Judge which side is misspelt if a placeholder is nearly a heading: the template or the workbook.

Who writes a misspelt heading into the template has it in every letter to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from merge import messages
from merge.naming import heading_for, nearest, tag_name
from merge.people import Column, People
from merge.problems import Place, Problem
from merge.template.grammar import VariableName
from merge.template.tags import Tag
from merge.workbook.words import HEADINGS, own_tag

_ALIKE = 0.75
"""How much of two words agrees at least, if one is the other misspelt (difflib's ratio)."""
_OWN = {tag_name(heading): heading for heading in HEADINGS}

Use = tuple[VariableName, Tag]


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A heading that an unknown name is nearly: its cell, and what to do.

    `is_sure`: the heading is the misspelt one. Otherwise it may as well be the template.
    `is_known`: the name is a usual heading; if not, only its uses speak for it.
    """

    column: VariableName
    heading: str
    place: Place
    instead: str
    is_sure: bool
    is_known: bool

    def problem(self, written: str, near: str) -> Problem:
        """Return the problem of the heading, for a placeholder as it is written."""
        return messages.problem(
            "name-unknown/heading",
            self.place,
            tag=written,
            heading=self.heading,
            instead=self.instead,
            near=None if self.is_known else near,
        )


class HeadingJudge:
    """Knows which names the templates use, and so which headings nobody uses."""

    def __init__(self, people: Mapping[str, People], uses: Iterable[Use]) -> None:
        self._people = people
        self._places: dict[VariableName, set[Place]] = {}
        for name, tag in uses:
            self._places.setdefault(name, set()).add(tag.place)

    def uses(self, name: VariableName) -> int:
        """Return in how many paragraphs of all templates a name stands."""
        return len(self._places.get(name, ()))

    def misspelt(self) -> set[VariableName]:
        """Return the columns with misspelt headings, of which nothing is said as unused."""
        found = (self.misspelling(name) for name in self._places)
        return {each.column for each in found if each is not None}

    def misspelling(self, name: VariableName) -> Misspelling | None:
        """Return the heading that may be misspelt, if the name is not the one that surely is."""
        column = self._column_near(name)
        own = VariableName(name.root, column.tag) if column else name
        if column is None or self.uses(own):
            return None
        asked, there = _is_known(name.field), _is_known(column.tag)
        if there and (not asked or _is_english(column.tag)):
            return None
        people = self._people[name.root]
        sheet = next(each for each in people.sheets if each.has(column.tag))
        place = sheet.place(sheet.heading_row, column.tag)
        instead = _OWN.get(name.field) or heading_for(name.field)
        known = asked and not there
        is_sure = known or (asked == there and self.uses(name) > 1)
        return Misspelling(
            column=own,
            heading=column.heading.strip(),
            place=place,
            instead=instead,
            is_sure=is_sure,
            is_known=known,
        )

    def _column_near(self, name: VariableName) -> Column | None:
        """Return the column whose heading is nearly a name; None if it only begins like it."""
        people = self._people.get(name.root)
        if people is None or not name.field:
            return None
        tags = {c.tag: c for c in people.columns if not c.tag.startswith(f"{name.field}_")}
        return tags.get(nearest(name.field, sorted(tags), _ALIKE, str))


def _is_english(field: str) -> bool:
    """Return whether a word is a usual heading in English, and so hardly misspelt."""
    from merge.intake.headings import meaning  # noqa: PLC0415 - its table, if one is misspelt

    found = meaning(field.replace("_", " "))
    return found.strength == "sure" and found.language == "en"


def _is_known(field: str) -> bool:
    """Return whether a word is a heading of the program's or of lists of people."""
    from merge.intake.headings import meaning  # noqa: PLC0415 - its table, if one is misspelt

    return own_tag(field) in _OWN or meaning(field.replace("_", " ")).strength == "sure"
