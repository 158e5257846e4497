"""The finished letters given to be read again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from merge.campaign.finished import finished
from merge.campaign.opened import LETTERS, Campaign
from merge.campaign.order import Order
from merge.campaign.running import Run
from merge.model import People, Problem
from merge.outbox import Outbox
from merge.proofreading import (
    Proof,
    Read,
    general_doubts,
    proof_document,
    proofread,
    report,
)

PRINT = "print"


@dataclass(slots=True)
class Proofread:
    """What reading the letters again gave. `missing` counts those that have no file to be read."""

    reads: list[Read] = field(default_factory=list)
    general: tuple[Problem, ...] = ()
    missing: int = 0

    @property
    def doubts(self) -> list[Problem]:
        """Everything doubtful, letter by letter."""
        return [*self.general, *(doubt for read in self.reads for doubt in read.doubts)]


def read_again(campaign: Campaign, names: Sequence[str] = ()) -> Proofread:
    """Read every finished letter that is asked for."""
    found = Proofread()
    about = (_people(campaign), campaign.facts.settings, campaign.template_files())
    found.reads = list(proofread(_proofs(campaign, names, found), *about))
    found.general = general_doubts(found.reads, *about)
    return found


def _people(campaign: Campaign) -> tuple[People, People]:
    return campaign.workbook.signers, campaign.workbook.recipients


def _proofs(campaign: Campaign, names: Sequence[str], found: Proofread) -> Iterator[Proof]:
    order = Order(campaign.folder / LETTERS, tuple(names), dry_run=True)
    for planned in Run(campaign, order).plans():
        if planned.place and planned.step.state != "faulty":
            made = campaign.make(planned.step.letter, campaign.day(planned.known.day)).data
            letter = finished(planned)
            yield Proof(letter, letter.path.read_bytes(), made)
        else:
            found.missing += 1


def _like(campaign: Campaign) -> bytes:
    """A letter, for the looks of the proof document."""
    return campaign.fill(next(iter(campaign.letters())))


def write_proofs(campaign: Campaign, found: Proofread, now: dt.datetime) -> tuple[str, str]:
    """The report and the proof document, into the folder for printing; their paths."""
    people = _people(campaign)
    stem = f"Proofread {now:%Y-%m-%d %H.%M.%S}"
    made = {
        f"{stem}.xlsx": report(found.reads, people, found.general),
        f"{stem}.docx": proof_document(found.reads, _like(campaign)),
    }
    folder = campaign.folder / PRINT
    with Outbox(folder).open() as outbox:
        for name, data in made.items():
            outbox.put(PurePosixPath(name), data)
    first, second = (str(folder / name) for name in made)
    return first, second
