"""The report for a board: how far the letters are, by recipient and by month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath

from merge.campaign.campaign import LETTERS_FOLDER, Campaign, LettersOrder
from merge.campaign.plan import Plan, Survey
from merge.campaign.status import NOT_PRINTED, StageCounts
from merge.model import Problem
from merge.register.model import STAGES, StageValue
from merge.register.report import (
    ReportNumbers,
    ReportRow,
    ReportTable,
    report_page,
    report_workbook,
)
from merge.state.files import Outbox

_MADE = "Made"
_NO_DAY = "no day"
"""In the place of a month where staff wrote something else than a date."""


@dataclass(slots=True)
class _Figures:
    """What is counted while the letters go by."""

    whole: StageCounts = field(default_factory=StageCounts)
    recipients: dict[str, StageCounts] = field(default_factory=dict)
    signers: dict[str, StageCounts] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    """Letters that were made, by recipient, by signer and in all; the key is kind and label."""
    months: dict[str, Counter[str]] = field(default_factory=dict)
    gone: Counter[str] = field(default_factory=Counter)
    """By stage, the letters of people who are in the workbook no more."""

    def month(self, day: StageValue) -> Counter[str]:
        """Return the counts of the month that a day lies in."""
        name = f"{day:%Y-%m}" if isinstance(day, dt.date) else _NO_DAY
        return self.months.setdefault(name, Counter())


def report_numbers(
    campaign: Campaign, *, with_names: bool = False
) -> tuple[ReportNumbers, list[Problem]]:
    """Count the letters; return the numbers, and what is doubtful about them. Nothing is written.

    They are those of `status_of`. Signers are named only `with_names`.
    """
    with Plan(campaign, LettersOrder(campaign.folder / LETTERS_FOLDER)).survey() as survey:
        figures = _counted(survey)
        doubts = survey.register.register.problems if survey.register else ()
        problems = [*campaign.relevant_problems(), *survey.problems, *doubts]
    title = campaign.workbook.settings.campaign or "Letters"
    tables = [
        _piles("By recipient", "Recipient", figures.recipients, figures.made),
        _months(figures.months),
        _outstanding(figures.recipients),
    ]
    if with_names:
        tables.append(_piles("By signer", "Signer", figures.signers, figures.made))
    totals = {
        "Letters": figures.whole.letters,
        _MADE: figures.made[""],
        **{stage: figures.whole.stages[stage] for stage in STAGES},
    }
    numbers = ReportNumbers(title, campaign.today, totals, tuple(tables), tuple(_notes(figures)))
    return numbers, problems


def _counted(survey: Survey) -> _Figures:
    figures = _Figures()
    for planned, _ in survey.letters():
        pair = planned.step.letter.pair
        signer, recipient = str(pair.signer.label), str(pair.recipient.label)
        reached = [stage for stage in STAGES if stage in planned.stages]
        figures.whole.add(reached)
        figures.recipients.setdefault(recipient, StageCounts()).add(reached)
        figures.signers.setdefault(signer, StageCounts()).add(reached)
        if planned.place or planned.stages:
            figures.made.update(("", f"Recipient {recipient}", f"Signer {signer}"))
            figures.month(planned.known.day)[_MADE] += 1
        for stage, value in planned.stages.items():
            figures.month(value)[stage] += 1
    figures.gone.update(_stages_of_gone(survey))
    return figures


def _stages_of_gone(survey: Survey) -> Iterator[str]:
    """Yield each stage that a letter of people who left has reached."""
    rows = survey.register.register.rows if survey.register else {}
    for letter_id, row in rows.items():
        if int(letter_id, 16) not in survey.current_ids:
            yield from row.stages


def _piles(
    name: str, heading: str, piles: Mapping[str, StageCounts], made: Mapping[str, int]
) -> ReportTable:
    rows = (
        ReportRow(label, (pile.letters, made[f"{heading} {label}"], *_reached(pile)))
        for label, pile in piles.items()
    )
    return ReportTable(name, (heading, "Letters", _MADE, *STAGES), tuple(rows))


def _reached(pile: StageCounts) -> tuple[int, ...]:
    return tuple(pile.stages[stage] for stage in STAGES)


def _months(months: Mapping[str, Counter[str]]) -> ReportTable:
    shown = (_MADE, *STAGES)
    rows = (ReportRow(m, tuple(months[m][stage] for stage in shown)) for m in sorted(months))
    return ReportTable("By month", ("Month", *shown), tuple(rows))


def _outstanding(recipients: Mapping[str, StageCounts]) -> ReportTable:
    """Return what each recipient's letters wait for; those that were answered wait for nothing."""
    follows = (f"{done.lower()}, not {due.lower()}" for done, due in pairwise(STAGES))
    waits = (NOT_PRINTED, *follows)
    rows = (
        ReportRow(label, tuple(pile.waits[wait] for wait in waits))
        for label, pile in recipients.items()
    )
    return ReportTable("Outstanding", ("Recipient", *waits), tuple(rows))


def _notes(figures: _Figures) -> Iterator[str]:
    """Yield what must be known to read the numbers rightly."""
    if figures.gone:
        stages = ", ".join(f"{figures.gone[s]:,} {s.lower()}" for s in STAGES if figures.gone[s])
        yield f"Not counted here: letters of people who are no longer in the workbook ({stages})."
    if without := sum(figures.months.get(_NO_DAY, Counter()).values()):
        entries = "1 entry" if without == 1 else f"{without:,} entries"
        yield f"{entries} of the register are no dates: they stand under “{_NO_DAY}” by month."


def write_report(campaign: Campaign, numbers: ReportNumbers) -> tuple[Path, Path]:
    """Write the workbook and the page into the campaign folder; nothing is overwritten.

    Return their paths. StorageError where the disk does not let us.
    """
    outbox = Outbox(campaign.folder)
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
            outbox.put(path, make(numbers))
        excel, word = (campaign.folder / path for path in files)
        return excel, word
