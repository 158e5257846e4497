"""Signers and recipients, and who writes to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from merge.model.problems import Place
from merge.model.values import BLANK, Value

Kind = Literal["signer", "recipient", "pair", "settings"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its heading as typed, its tag, its number counted from 1."""

    heading: str
    tag: str
    number: int


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the sheet Signers or Recipients.

    `key` tells people apart within their sheet: `id:` and the folded ID, else `name:` and the
    folded name. `fields` maps tags to values; a column's blank cell is there, blank.
    """

    kind: Kind
    key: str
    row: int
    fields: Mapping[str, Value]
    shared_name: bool = False
    """Another person of the sheet has the same name."""

    @property
    def name(self) -> Value:
        """The Name cell."""
        return self.fields["name"]

    @property
    def id(self) -> str:
        """The ID cell, blank where there is none."""
        return self.fields.get("id", BLANK)

    @property
    def label(self) -> str:
        """The name, with the ID where another person bears the same name."""
        return f"{self.name} ({self.id})" if self.shared_name and self.id else self.name


@dataclass(frozen=True, slots=True)
class People:
    """A sheet of people, as the workbook lists them."""

    kind: Kind
    file: str
    sheet: str
    columns: tuple[Column, ...]
    persons: tuple[Person, ...]

    def keys_in(self, row: int) -> frozenset[str]:
        """The key of the person in a row; empty where there is none, or none that takes part."""
        return frozenset(person.key for person in self.persons if person.row == row)

    def place(self, row: int = 0, tag: str = "") -> Place:
        """The place of a row, of a column, or of the cell where they meet."""
        number = next((c.number for c in self.columns if c.tag == tag), 0)
        return Place(self.file, self.sheet, number, row)


@dataclass(frozen=True, slots=True)
class Pair:
    """One signer and one recipient: one letter. `fields` come from the sheet Pairs."""

    signer: Person
    recipient: Person
    fields: Mapping[str, Value] = field(default_factory=dict)
