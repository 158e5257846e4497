"""Signers and recipients, the sheets that list them, and the pairs of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple

from merge.problems import Place
from merge.values import BLANK, Value

SheetKind = Literal["signer", "recipient", "pair", "settings"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its heading as typed, its tag, its number counted from 1."""

    heading: str
    placeholder: str
    number: int


@dataclass(frozen=True, slots=True)
class PeopleSheet:
    """A sheet in which people stand: its file, its name, the row of its headings, its columns.

    `number` is its place among those that hold people of one kind, 0 the workbook's own.
    """

    file: str
    name: str
    heading_row: int = 1
    columns: tuple[Column, ...] = ()
    number: int = 0

    def place(self, row: int = 0, placeholder: str = "") -> Place:
        """Return the place of a row, of a column, or of the cell where they meet."""
        number = next((c.number for c in self.columns if c.placeholder == placeholder), 0)
        return Place(self.file, self.name, number, row)

    def has_column(self, placeholder: str) -> bool:
        """Return whether it has a column of that tag."""
        return any(column.placeholder == placeholder for column in self.columns)


_NO_SHEET = PeopleSheet("", "")


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the sheet Signers or Recipients.

    `key` tells people of a kind apart: `id:` and the folded ID, else `name:` and the folded name.
    `fields` maps tags to values; a column's blank cell is there, blank, as is one that the sheet
    lacks and another has. `sheet` is the one in which the person stands.
    """

    kind: SheetKind
    key: str
    row: int
    fields: Mapping[str, Value]
    has_namesake: bool = False
    """Another person of the kind has the same name."""
    sheet: PeopleSheet = _NO_SHEET

    @property
    def name(self) -> Value:
        """Return the Name cell."""
        return self.fields["name"]

    @property
    def id(self) -> str:
        """Return the ID cell, blank where there is none."""
        return self.fields.get("id", BLANK)

    @property
    def label(self) -> str:
        """Return the name, with the ID where another person bears the same name."""
        return f"{self.name} ({self.id})" if self.has_namesake and self.id else self.name

    @property
    def sort_key(self) -> tuple[int, int]:
        """Return what sorts people as they stand: sheet after sheet, row after row."""
        return self.sheet.number, self.row

    def place(self, placeholder: str = "") -> Place:
        """Return the place of the person's row, or of its cell in the column of a tag."""
        return replace(self.sheet.place(self.row, placeholder), person=self.name)

    def describe_row(self, other: Person) -> str:
        """Return where the person stands, told at another: `row 5`, `row 5 of signers.xlsx`."""
        file = "" if self.sheet is other.sheet else f" of {self.sheet.file}"
        return f"row {self.row}{file}"


@dataclass(frozen=True)
class People:
    """People of one kind as they are listed: in a sheet of the workbook, and in another file's.

    `columns` are those of all the sheets, each tag once; their numbers are of the first that has
    it.
    """

    kind: SheetKind
    sheets: tuple[PeopleSheet, ...]
    columns: tuple[Column, ...]
    persons: tuple[Person, ...]

    @property
    def file(self) -> str:
        """Return the file of the first sheet."""
        return self.sheets[0].file

    @property
    def sheet(self) -> str:
        """Return the name of the first sheet; empty where there is none."""
        return self.sheets[0].name

    def keys_at(self, place: Place) -> frozenset[str]:
        """Return the key of the person in a place's row; empty where none there takes part."""
        return frozenset(self._keys.get((place.file, place.sheet, place.row), ()))

    @cached_property
    def _keys(self) -> Mapping[tuple[str, str, int], list[str]]:
        keys: dict[tuple[str, str, int], list[str]] = {}
        for person in self.persons:
            at = (person.sheet.file, person.sheet.name, person.row)
            keys.setdefault(at, []).append(person.key)
        return keys

    def contains(self, place: Place) -> bool:
        """Return whether a place is in one of the sheets."""
        return any((place.file, place.sheet) == (s.file, s.name) for s in self.sheets)

    def place(self, placeholder: str = "") -> Place:
        """Return the place of a column, in the first sheet that has it; else of the first sheet."""
        return next((s for s in self.sheets if s.has_column(placeholder)), self.sheets[0]).place(
            placeholder=placeholder
        )


class Pair(NamedTuple):
    """One signer and one recipient: one letter. `fields` come from the sheet Pairs."""

    signer: Person
    recipient: Person
    fields: Mapping[str, Value] = MappingProxyType({})
