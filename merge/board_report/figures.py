"""What the report for a board says: its numbers, and whose they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportRow:
    """Numbers, and whose they are; of a month also its first day."""

    label: str
    counts: tuple[int, ...]
    month: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of numbers: a name, its headings, its rows."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class ReportNumbers:
    """All that a report says. `title` is the campaign's.

    `totals` are the letters in all, then those that reached each stage, in their order. `tables`
    all go into the workbook, the first three onto the page. `notes` are sentences that the numbers
    need to be understood.
    """

    title: str
    day: dt.date
    totals: Mapping[str, int]
    tables: tuple[ReportTable, ...]
    notes: tuple[str, ...] = ()

    @property
    def as_of(self) -> str:
        """The day of the numbers in words: `As of 26 November 2026`."""
        return f"As of {self.day.day} {self.day:%B %Y}"


TOTAL_LABELS: Mapping[str, str] = {"Made": "Created"}
"""Labels of totals that are not called what their key is."""

CHART_COLOUR = "1F4E79"
"""Of the bars, as Office writes a colour."""
