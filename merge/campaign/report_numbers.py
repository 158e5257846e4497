"""Figures of a report for a board: progress by recipient and by month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath

from merge.board_report.figures import TOTAL_LABELS, ReportNumbers, ReportRow, ReportTable
from merge.board_report.summary_page import report_page
from merge.board_report.summary_workbook import report_workbook
from merge.campaign.campaign import Campaign
from merge.campaign.counts import NOT_PRINTED, StageCounts
from merge.campaign.overview import CampaignOverview
from merge.campaign.title import campaign_title, title_problems
from merge.errors import DataError
from merge.register.entries import StageValue
from merge.register.layouts import STAGES, counted_stages
from merge.state.letter_folder import LetterFolder

_CREATED = "Made"
"""Key of the total of letters that were created."""
_NO_DAY, _NO_DAY_LABEL = dt.date.max, "no date"
"""Value for the month of letters without a date, sorted after all others."""


@dataclass(slots=True)
class _ReportCounts:
    """Counts of the board report besides those of the overview."""

    created_letters: Counter[str] = field(default_factory=Counter)
    """Created letters, by recipient, by signer and in all.

    The key consists of kind and label.
    """
    months: dict[dt.date, Counter[str]] = field(default_factory=dict)

    def month(self, day: StageValue | None) -> Counter[str]:
        """Return the counts of the month of a day."""
        first = dt.date(day.year, day.month, 1) if isinstance(day, dt.date) else _NO_DAY
        return self.months.setdefault(first, Counter())


def report_numbers(view: CampaignOverview, *, with_names: bool = False) -> ReportNumbers:
    """Return the figures for a report, equal to those of `merge status`.

    Signers are named only `with_names`. Raise DataError if the title is still the sample's.
    """
    if untitled := [*title_problems(view.campaign)]:
        raise DataError(untitled)
    figures, counts = _count(view), view.counts
    tables = [
        _people_table("By recipient", "Recipient", counts.recipients, figures.created_letters),
        _months_table(figures.months),
        _outstanding_table(counts.recipients),
    ]
    if with_names:
        tables.append(_people_table("By signer", "Signer", counts.signers, figures.created_letters))
    totals = {
        "Letters": counts.total.letters,
        _CREATED: figures.created_letters[""],
        **{stage: counts.total.stages[stage] for stage in STAGES},
    }
    campaign = view.campaign
    notes = (*_blocked_note(counts.states["faulty"]), *_notes(counts.not_counted_note, figures))
    return ReportNumbers(
        title=campaign_title(campaign),
        day=campaign.today,
        totals=totals,
        tables=tuple(tables),
        notes=notes,
    )


def _count(view: CampaignOverview) -> _ReportCounts:
    figures = _ReportCounts()
    for letter in view.created_letters:
        figures.created_letters.update(
            ("", f"Recipient {letter.recipient}", f"Signer {letter.signer}")
        )
        figures.month(letter.day)[TOTAL_LABELS[_CREATED]] += 1
        for stage in counted_stages(letter.stages):
            figures.month(letter.stages.get(stage))[stage] += 1
    return figures


def _people_table(
    name: str, heading: str, piles: Mapping[str, StageCounts], created: Mapping[str, int]
) -> ReportTable:
    rows = (
        ReportRow(label, (pile.letters, created[f"{heading} {label}"], *_stage_counts(pile)))
        for label, pile in piles.items()
    )
    return ReportTable(name, (heading, "Letters", TOTAL_LABELS[_CREATED], *STAGES), tuple(rows))


def _stage_counts(pile: StageCounts) -> tuple[int, ...]:
    return tuple(pile.stages[stage] for stage in STAGES)


def _months_table(months: Mapping[dt.date, Counter[str]]) -> ReportTable:
    shown = (TOTAL_LABELS[_CREATED], *STAGES)
    rows = (
        ReportRow(
            _NO_DAY_LABEL if month == _NO_DAY else f"{month:%B %Y}",
            tuple(months[month][stage] for stage in shown),
            None if month == _NO_DAY else month,
        )
        for month in sorted(months)
    )
    return ReportTable("By month", ("Month", *shown), tuple(rows))


def _outstanding_table(recipients: Mapping[str, StageCounts]) -> ReportTable:
    """Return each recipient's letters that wait, by pending step."""
    later_steps = (f"{done.lower()}, not {stage.lower()}" for done, stage in pairwise(STAGES))
    steps = (NOT_PRINTED, *later_steps)
    rows = (
        ReportRow(label, tuple(pile.pending[step] for step in steps))
        for label, pile in recipients.items()
    )
    return ReportTable("Outstanding", ("Recipient", *steps), tuple(rows))


def _blocked_note(faulty: int) -> Iterator[str]:
    """Yield the warning that errors make the numbers too small.

    The errors are in the workbook or a template.
    """
    if faulty:
        letters = "1 letter has an error" if faulty == 1 else f"{faulty:,} letters have an error"
        yield f"{letters} in the workbook or a template, so these numbers may be too low."


def _notes(not_counted: str, figures: _ReportCounts) -> Iterator[str]:
    """Yield notes that are needed to read the numbers correctly."""
    if not_counted:
        yield not_counted
    if undated := sum(figures.months.get(_NO_DAY, Counter()).values()):
        sentence = "1 date is" if undated == 1 else f"{undated:,} dates are"
        yield f"{sentence} missing from the register and counted under “{_NO_DAY_LABEL}” by month."


def write_report(campaign: Campaign, numbers: ReportNumbers) -> tuple[Path, Path]:
    """Write the report as a workbook and a web page; return the two paths.

    They are written into the campaign folder. No file is overwritten. Raise StorageError if the
    disk does not allow writing.
    """
    letter_folder = LetterFolder(campaign.folder, campaign.folder)
    day = f"{numbers.day:%Y-%m-%d}"
    endings = {".xlsx": report_workbook, ".docx": report_page}
    number = 1
    while True:
        stem = f"report {day}" if number == 1 else f"report {day} ({number})"
        number += 1
        files = {PurePosixPath(f"{stem}{ending}"): make for ending, make in endings.items()}
        if any((campaign.folder / path).exists() for path in files):
            continue
        for path, make in files.items():
            letter_folder.create(path, make(numbers))
        excel, word = (campaign.folder / path for path in files)
        return excel, word
