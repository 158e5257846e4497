"""Everything that is found in letters, while it is being found."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from merge.starting.alignment import Slot
from merge.starting.columns import Column, ColumnTable, Edit
from merge.starting.letters import Letter, Unit
from merge.starting.questions import Dialogue

_AROUND = 25


@dataclass(frozen=True, slots=True)
class Decision:
    """Another wording that staff chose for a stretch of a letter's text."""

    unit: Unit
    start: int
    end: int
    text: str


@dataclass(slots=True)
class TemplateDraft:
    """The letters side by side, with the columns and places found in them.

    `days` are the dates of the letters, and `language` is that in which placeholders write dates.
    `decisions` are wordings that differ from a letter's own because staff chose them. If a draft
    takes its values from a workbook that staff have, `workbook_language` is that workbook's.
    """

    letters: list[Letter]
    slots: list[Slot]
    dialogue: Dialogue
    table: ColumnTable
    language: str
    days: list[dt.date | None]
    decisions: list[Decision] = field(default_factory=list)
    workbook_language: str = ""

    @property
    def count(self) -> int:
        """The number of letters."""
        return len(self.letters)

    def remove_column(self, column: Column) -> None:
        """Remove a column with all its places."""
        if column in self.table.columns:
            self.table.columns.remove(column)
        for slot in self.slots:
            slot.edits = [edit for edit in slot.edits if edit.column is not column]
            slot.guard = None if slot.guard is column else slot.guard

    def decide(self, slot: Slot, spans: list[tuple[int, int]], text: str) -> None:
        """Give a stretch of a slot the same wording in all letters."""
        present = [unit for unit in slot.units if unit]
        for unit, (start, end) in zip(present, spans, strict=True):
            if unit.text[start:end] != text:
                self.decisions.append(Decision(unit, start, end, text))
        start, end = spans[0]
        if present[0].text[start:end] != text:
            slot.edits.append(Edit(start, end, text))


def around(text: str, start: int, end: int) -> str:
    """Return a stretch of a text with some characters on each side."""
    before = "…" if start > _AROUND else ""
    after = "…" if end + _AROUND < len(text) else ""
    return f"{before}{text[max(0, start - _AROUND) : end + _AROUND]}{after}"


def one_space(text: str) -> str:
    """Return text with single spaces, as a cell has it."""
    return " ".join(text.split())
