"""Columns that were found in letters, and whose sheet each belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from merge.naming import placeholder_name
from merge.workbook.translated_words import canonical_placeholder

Source = Literal["address", "greeting", "signature", "sender", "text", "paragraph", "cell", "list"]
"""The source of a column: an address, a text, the cells of a workbook."""
SheetRoot = Literal["recipient", "signer", "pair"]
_PERSONAL_SOURCES = {"address", "greeting", "signature", "sender"}
_PROGRAM_COLUMNS = frozenset(("id", "include", "template", "language", "name_checked"))
_PAIR_COLUMNS = frozenset(("signer", "recipient", "include"))


def is_program_heading(sheet: SheetRoot, heading: str) -> bool:
    """Return whether a heading of a sheet has a meaning for the program.

    Name and Salutation are not among them: letters have them too.
    """
    name = canonical_placeholder(placeholder_name(heading))
    return name in (_PAIR_COLUMNS if sheet == "pair" else _PROGRAM_COLUMNS)


@dataclass(eq=False, slots=True)
class Column:
    """A column with the value of each letter.

    `key` never changes, whatever heading staff choose.
    """

    sheet: SheetRoot
    heading: str
    values: list[str]
    source: Source = "text"
    key: str = ""

    def __post_init__(self) -> None:
        self.key = self.key or self.placeholder

    @property
    def placeholder(self) -> str:
        """The name of its placeholder: `recipient.name`."""
        return f"{self.sheet}.{placeholder_name(self.heading)}"

    @property
    def meaning(self) -> str:
        """The program's own name for its heading: `name` for Nom."""
        return canonical_placeholder(placeholder_name(self.heading))

    @property
    def varies(self) -> bool:
        """Whether the letters have different values."""
        return len(set(self.values)) > 1


_PLACEHOLDER = "@"


@dataclass(eq=False, slots=True)
class Edit:
    """A part of a text that becomes a placeholder, or another wording.

    In `pattern`, @ is the name of the column's placeholder. `key` names the place in answers.
    """

    start: int
    end: int
    pattern: str
    column: Column | None = None

    @property
    def text(self) -> str:
        """The text of the template at this place."""
        if self.column is None:
            return self.pattern
        return self.pattern.replace(_PLACEHOLDER, self.column.placeholder)

    def overlaps(self, start: int, end: int) -> bool:
        """Return whether the edit has a character of a stretch of text."""
        return self.start < end and start < self.end


def value_edit(start: int, end: int, column: Column, filters: str = "") -> Edit:
    """Return an edit that puts a column's placeholder into a text."""
    return Edit(start, end, f"{{{{ {_PLACEHOLDER}{filters} }}}}", column)


def optional_edit(start: int, end: int, column: Column, around: tuple[str, str]) -> Edit:
    """Return an edit for a value that some letters lack.

    The spaces around it are printed with it, because cells lose theirs.
    """
    lead, tail = around
    pattern = f"{{% if @ %}}{lead}{{{{ @ }}}}{tail}{{% endif %}}"
    return Edit(start, end, pattern, column)


@dataclass(slots=True)
class ColumnTable:
    """All columns found so far, for a number of letters."""

    letter_count: int
    columns: list[Column] = field(default_factory=list)

    def ensure(self, found: Column, present: Sequence[bool] | None = None) -> Column:
        """Return the column with the same values, or add the one that was found.

        The values of letters that are not `present` do not matter.
        """
        present = present or [True] * self.letter_count
        for column in self.columns:
            is_same = column.sheet == found.sheet and all(
                not here or value == other
                for here, value, other in zip(present, column.values, found.values, strict=True)
            )
            if is_same and (column.heading == found.heading or _may_share(column, found)):
                return column
        self.add(found)
        return found

    def add(self, column: Column) -> None:
        """Add a column; its heading changes if it is in use."""
        known = {other.placeholder for other in self.columns}
        if not placeholder_name(column.heading):
            column.heading = "Words"
        if is_program_heading(column.sheet, column.heading):
            column.heading = f"{column.heading} in text"
        heading = column.heading
        for number in count(2):
            if column.placeholder not in known:
                break
            column.heading = f"{heading} {number}"
        column.key = column.placeholder
        self.columns.append(column)

    def owner(self, values: Sequence[str], *, prefer_signer: bool = False) -> SheetRoot:
        """Return the sheet to which values belong: one value for each person.

        If they may belong to signers and also to recipients, they belong to the pair, so that no
        one gets another person's value.
        """
        is_signers = self._fits("signer", values)
        if is_signers and prefer_signer:
            return "signer"
        if self._fits("recipient", values):
            return "pair" if is_signers and len({*values}) > 1 else "recipient"
        return "signer" if is_signers else "pair"

    def _fits(self, sheet: SheetRoot, values: Sequence[str]) -> bool:
        by_person: dict[tuple[str, ...], str] = {}
        rows = zip(self.row_keys(sheet), values, strict=True)
        return all(by_person.setdefault(key, value) == value for key, value in rows)

    def row_keys(self, sheet: SheetRoot) -> list[tuple[str, ...]]:
        """Return what identifies the person of each letter."""
        personal = [c for c in self.of_sheet(sheet) if c.source in _PERSONAL_SOURCES]
        if not personal:
            numbers = range(self.letter_count)
            return [(str(number),) if sheet == "recipient" else () for number in numbers]
        return [tuple(c.values[n] for c in personal) for n in range(self.letter_count)]

    def of_sheet(self, sheet: SheetRoot) -> list[Column]:
        """Return the columns of one sheet."""
        return [column for column in self.columns if column.sheet == sheet]


def _may_share(column: Column, found: Column) -> bool:
    """Return whether equal values of different headings may be one column.

    A salutation never is: the next recipient's may differ.
    """
    return column.varies and found.heading != "Salutation"
