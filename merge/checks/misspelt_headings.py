"""Judge which side is misspelt if a placeholder is nearly a heading: the template or the workbook.

Who writes a misspelt heading into the template has it in every letter to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from merge import messages
from merge.naming import heading_for_placeholder, nearest_word, placeholder_name
from merge.people import Column, People
from merge.problems import Place, Problem
from merge.template.grammar import VariableName
from merge.template.tags import Tag
from merge.workbook.translated_words import HEADINGS, canonical_placeholder

_LEAST_SIMILARITY = 0.75
"""How much of two words agrees at least, if one is the other misspelt (difflib's ratio)."""
_PROGRAM_HEADINGS = {placeholder_name(heading): heading for heading in HEADINGS}

PlaceholderUse = tuple[VariableName, Tag]


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A heading that an unknown name is nearly: its cell, and what to do.

    `is_sure`: the heading is the misspelt one. Otherwise it may as well be the template.
    `is_usual_name`: the name is a usual heading; if not, only its uses speak for it.
    """

    column: VariableName
    heading: str
    place: Place
    intended_heading: str
    is_sure: bool
    is_usual_name: bool

    def problem(self, written: str, near: str) -> Problem:
        """Return the problem of the heading, for a placeholder as it is written."""
        return messages.problem(
            "name-unknown/heading",
            self.place,
            tag=written,
            heading=self.heading,
            instead=self.intended_heading,
            near=None if self.is_usual_name else near,
        )


class MisspellingFinder:
    """Knows which names the templates use, and so which headings nobody uses."""

    def __init__(self, people: Mapping[str, People], uses: Iterable[PlaceholderUse]) -> None:
        self._people = people
        self._places: dict[VariableName, set[Place]] = {}
        for name, tag in uses:
            self._places.setdefault(name, set()).add(tag.place)

    def count_uses(self, name: VariableName) -> int:
        """Return in how many paragraphs of all templates a name stands."""
        return len(self._places.get(name, ()))

    def misspelt_columns(self) -> set[VariableName]:
        """Return the columns with misspelt headings, of which nothing is said as unused."""
        found = (self.find_misspelling(name) for name in self._places)
        return {each.column for each in found if each is not None}

    def find_misspelling(self, name: VariableName) -> Misspelling | None:
        """Return the heading that may be misspelt, if the name is not the one that surely is."""
        column = self._column_near(name)
        own = VariableName(name.root, column.placeholder) if column else name
        if column is None or self.count_uses(own):
            return None
        asked, there = _is_usual(name.field), _is_usual(column.placeholder)
        if there and (not asked or _is_english(column.placeholder)):
            return None
        people = self._people[name.root]
        sheet = next(each for each in people.sheets if each.has_column(column.placeholder))
        place = sheet.place(sheet.heading_row, column.placeholder)
        instead = _PROGRAM_HEADINGS.get(name.field) or heading_for_placeholder(name.field)
        known = asked and not there
        is_sure = known or (asked == there and self.count_uses(name) > 1)
        return Misspelling(
            column=own,
            heading=column.heading.strip(),
            place=place,
            intended_heading=instead,
            is_sure=is_sure,
            is_usual_name=known,
        )

    def _column_near(self, name: VariableName) -> Column | None:
        """Return the column whose heading is nearly a name; None if it only begins like it."""
        people = self._people.get(name.root)
        if people is None or not name.field:
            return None
        tags = {
            c.placeholder: c
            for c in people.columns
            if not c.placeholder.startswith(f"{name.field}_")
        }
        return tags.get(nearest_word(name.field, sorted(tags), _LEAST_SIMILARITY, str))


def _is_english(field: str) -> bool:
    """Return whether a word is a usual heading in English, and so hardly misspelt."""
    from merge.intake.headings import meaning  # noqa: PLC0415 - its table, if one is misspelt

    found = meaning(field.replace("_", " "))
    return found.strength == "sure" and found.language == "en"


def _is_usual(field: str) -> bool:
    """Return whether a word is a heading of the program's or of lists of people."""
    from merge.intake.headings import meaning  # noqa: PLC0415 - its table, if one is misspelt

    return (
        canonical_placeholder(field) in _PROGRAM_HEADINGS
        or meaning(field.replace("_", " ")).strength == "sure"
    )
