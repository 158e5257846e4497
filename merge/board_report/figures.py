"""Figures of the board report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row of figures and its label; `month` is the first day of a month."""

    label: str
    counts: tuple[int, ...]
    month: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of the board report: its name, headings, and rows of figures."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class ReportNumbers:
    """All figures of a campaign's board report.

    `title` is the campaign's. `totals` are all letters, then the letters that reached each stage,
    in order. All `tables` go into the workbook, and the first three onto the page. `notes` are
    sentences that explain the figures.
    """

    title: str
    day: dt.date
    totals: Mapping[str, int]
    tables: tuple[ReportTable, ...]
    notes: tuple[str, ...] = ()

    @property
    def as_of(self) -> str:
        """The day of the figures in words: `As of 26 November 2026`."""
        return f"As of {self.day.day} {self.day:%B %Y}"


TOTAL_LABELS: Mapping[str, str] = {"Made": "Created"}
"""Labels of totals that differ from their keys."""

CHART_COLOUR = "0F5C57"
"""Colour of the chart's bars, as Office writes it."""
