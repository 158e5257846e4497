"""Misspelt headings of columns that placeholders of templates name.

If a placeholder is similar to a heading, either the template or the workbook is misspelt. A
misspelt heading that someone copies into the template is in every later letter.
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
"""Least similarity of a misspelt word to the correct one, by difflib."""
_PROGRAM_HEADINGS = {placeholder_name(heading): heading for heading in HEADINGS}

PlaceholderUse = tuple[VariableName, Tag]


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A heading that is similar to an unknown name, and how to correct it.

    `is_sure` means that the heading is certainly misspelt; otherwise it may be the template.
    `is_usual_name` means that the name is a usual heading; otherwise only its uses support it.
    """

    column: VariableName
    heading: str
    place: Place
    intended_heading: str
    is_sure: bool
    is_usual_name: bool

    def problem(self, tag_text: str, suggestion: str) -> Problem:
        """Return the problem of a misspelt heading, for a placeholder as typed."""
        return messages.problem(
            "name-unknown/heading",
            self.place,
            tag=tag_text,
            heading=self.heading,
            instead=self.intended_heading,
            near=None if self.is_usual_name else suggestion,
        )


class MisspellingFinder:
    """Finds misspelt headings, by the names that the templates use."""

    def __init__(self, people: Mapping[str, People], uses: Iterable[PlaceholderUse]) -> None:
        self._people = people
        self._places: dict[VariableName, set[Place]] = {}
        for name, tag in uses:
            self._places.setdefault(name, set()).add(tag.place)

    def count_uses(self, name: VariableName) -> int:
        """Return the number of paragraphs in all templates that use a name."""
        return len(self._places.get(name, ()))

    def misspelt_columns(self) -> set[VariableName]:
        """Return the misspelt columns, which are therefore not unused."""
        misspellings = (self.find_misspelling(name) for name in self._places)
        return {misspelling.column for misspelling in misspellings if misspelling is not None}

    def find_misspelling(self, name: VariableName) -> Misspelling | None:
        """Return the heading that may be misspelt, or None if the name is."""
        column = self._column_near(name)
        column_name = VariableName(name.root, column.placeholder) if column else name
        if column is None or self.count_uses(column_name):
            return None
        is_name_usual, is_heading_usual = _is_usual(name.field), _is_usual(column.placeholder)
        if is_heading_usual and (not is_name_usual or _is_english(column.placeholder)):
            return None
        people = self._people[name.root]
        sheet = next(
            sheet_of_people
            for sheet_of_people in people.sheets
            if sheet_of_people.has_column(column.placeholder)
        )
        place = sheet.place(sheet.heading_row, column.placeholder)
        instead = _PROGRAM_HEADINGS.get(name.field) or heading_for_placeholder(name.field)
        is_only_name_usual = is_name_usual and not is_heading_usual
        is_sure = is_only_name_usual or (
            is_name_usual == is_heading_usual and self.count_uses(name) > 1
        )
        return Misspelling(
            column=column_name,
            heading=column.heading.strip(),
            place=place,
            intended_heading=instead,
            is_sure=is_sure,
            is_usual_name=is_only_name_usual,
        )

    def _column_near(self, name: VariableName) -> Column | None:
        """Return the column whose heading is similar to a name.

        None if the heading only begins like the name.
        """
        people = self._people.get(name.root)
        if people is None or not name.field:
            return None
        columns = {
            c.placeholder: c
            for c in people.columns
            if not c.placeholder.startswith(f"{name.field}_")
        }
        return columns.get(nearest_word(name.field, sorted(columns), _LEAST_SIMILARITY, str))


def _is_english(field: str) -> bool:
    """Return whether a word is a usual English heading, so hardly misspelt."""
    from merge.intake.headings import meaning  # noqa: PLC0415 - its table only if needed

    meaning_of_word = meaning(field.replace("_", " "))
    return meaning_of_word.strength == "sure" and meaning_of_word.language == "en"


def _is_usual(field: str) -> bool:
    """Return whether a word is a heading of the program or of usual lists."""
    from merge.intake.headings import meaning  # noqa: PLC0415 - its table only if needed

    return (
        canonical_placeholder(field) in _PROGRAM_HEADINGS
        or meaning(field.replace("_", " ")).strength == "sure"
    )
