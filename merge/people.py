"""Signers and recipients, the sheets that list them, and pairs of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple

from merge.problems import Place
from merge.values import BLANK, WorkbookValue

SheetKind = Literal["signer", "recipient", "pair", "settings"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet. `number` counts from 1.

    `heading` is as typed; `placeholder` is the name made from it.
    """

    heading: str
    placeholder: str
    number: int


@dataclass(frozen=True, slots=True)
class PeopleSheet:
    """A sheet that lists people: its file, name, row of headings and columns.

    `number` is its position among the sheets that list people of one kind. The workbook's own sheet
    has 0.
    """

    file: str
    name: str
    heading_row: int = 1
    columns: tuple[Column, ...] = ()
    number: int = 0

    def place(self, row: int = 0, placeholder: str = "") -> Place:
        """Return the place of a row, of a column, or of a cell."""
        number = next((c.number for c in self.columns if c.placeholder == placeholder), 0)
        return Place(self.file, self.name, number, row)

    @property
    def name_placeholders(self) -> frozenset[str]:
        """The placeholders of the column of names: `name`, and its heading's."""
        number = self.place(placeholder="name").column
        return frozenset(c.placeholder for c in self.columns if c.number == number)

    def has_column(self, placeholder: str) -> bool:
        """Return whether the sheet has a column with this placeholder name."""
        return any(column.placeholder == placeholder for column in self.columns)


_NO_SHEET = PeopleSheet("", "")


@dataclass(frozen=True, slots=True)
class Person:
    """A person: a row of the Signers sheet or the Recipients sheet.

    1. `key` identifies the person among people of the same kind: `id:` and the folded ID, or
       `name:` and the folded name.
    2. `fields` has the values by placeholder name. It also has the blank cells, and the columns
       that only another sheet of people has.
    3. `sheet` is the sheet that lists the person.
    """

    kind: SheetKind
    key: str
    row: int
    fields: Mapping[str, WorkbookValue]
    has_namesake: bool = False
    """Whether another person of the kind has the same name."""
    sheet: PeopleSheet = _NO_SHEET

    @property
    def name(self) -> WorkbookValue:
        """The value of the Name cell."""
        return self.fields["name"]

    @property
    def id(self) -> str:
        """The value of the ID cell; blank if the sheet has no such column."""
        return self.fields.get("id", BLANK)

    @property
    def label(self) -> str:
        """The person's name, with the ID if another person has the same name."""
        return self.name_with_id if self.has_namesake and self.id else self.name

    @property
    def name_with_id(self) -> str:
        """The name and the ID as messages print them: `John Smith (S2)`.

        It is empty if the person has no ID.
        """
        return f"{self.name} ({self.id})" if self.id else ""

    @property
    def sort_key(self) -> tuple[int, int]:
        """A key that sorts people by sheet, then by row."""
        return self.sheet.number, self.row

    def place(self, placeholder: str = "") -> Place:
        """Return the place of the person's row, or of a cell in that row."""
        return replace(self.sheet.place(self.row, placeholder), person=self.name)

    def describe_row(self, other: Person) -> str:
        """Return the person's row in words, for a message about another person.

        It is `row 5`, or `row 5 of signers.xlsx` if the other person is in another sheet.
        """
        file = "" if self.sheet is other.sheet else f" of {self.sheet.file}"
        return f"row {self.row}{file}"


@dataclass(frozen=True)
class People:
    """All people of one kind, from the workbook and from another file.

    `columns` has each placeholder name once. The number of a column is that in the first sheet that
    has it.
    """

    kind: SheetKind
    sheets: tuple[PeopleSheet, ...]
    columns: tuple[Column, ...]
    persons: tuple[Person, ...]

    @property
    def file(self) -> str:
        """Name of the file that has the first sheet."""
        return self.sheets[0].file

    @property
    def sheet(self) -> str:
        """Name of the first sheet of these people; empty if there is none."""
        return self.sheets[0].name

    def keys_at(self, place: Place) -> frozenset[str]:
        """Return the keys of the people in the row of a place.

        The result is empty if no one in this row takes part.
        """
        return frozenset(self._keys.get((place.file, place.sheet, place.row), ()))

    @cached_property
    def _keys(self) -> Mapping[tuple[str, str, int], list[str]]:
        keys: dict[tuple[str, str, int], list[str]] = {}
        for person in self.persons:
            location = (person.sheet.file, person.sheet.name, person.row)
            keys.setdefault(location, []).append(person.key)
        return keys

    def contains(self, place: Place) -> bool:
        """Return whether a place is in one of the sheets of these people."""
        return any((place.file, place.sheet) == (s.file, s.name) for s in self.sheets)

    def place(self, placeholder: str = "") -> Place:
        """Return the place of a column, in the first sheet that has the column.

        If no sheet has it, return the place of the first sheet.
        """
        return next((s for s in self.sheets if s.has_column(placeholder)), self.sheets[0]).place(
            placeholder=placeholder
        )


class Pair(NamedTuple):
    """A signer and a recipient, for whom one letter is created.

    `fields` has the values from the Pairs sheet.
    """

    signer: Person
    recipient: Person
    fields: Mapping[str, WorkbookValue] = MappingProxyType({})
