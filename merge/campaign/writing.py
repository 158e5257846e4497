"""Planned letters onto the disk, batch by batch, so that the ledger knows each before it is there.

After a kill each file is absent, or known, or somebody else's: what a file will be is written down
before it is written, when it was written with the next batch.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from merge.campaign.opened import Campaign
from merge.campaign.survey import Planned, Survey
from merge.model import Step
from merge.plan import AGAIN
from merge.state.files import REPLACED, Outbox, Placed
from merge.state.ledger import Known, Ledger, News
from merge.template.template import Made

WRITTEN = {"new", "rewritten"}
BATCH = 1_000
"""Letters that are written down at once: some 12 MB, and 30 ms for the ledger."""


class Writing:
    """Carries the plans of a survey out."""

    def __init__(self, campaign: Campaign, outbox: Outbox, ledger: Ledger, survey: Survey) -> None:
        self._campaign, self._outbox, self._ledger = campaign, outbox, ledger
        self._inputs, self._inventory = survey.inputs, survey.inventory
        self._started = f"{dt.datetime.now().astimezone():%Y-%m-%d %H.%M.%S}"
        identity = campaign.identity
        self._news = News(people=[*identity.met], renamed=[*identity.renamed])

    def write(self, batch: Sequence[Planned]) -> Iterator[Step]:
        """Carry a batch out; each step is given when it is done."""
        made = [self._made(planned) for planned in batch]
        for planned, each in zip(batch, made, strict=True):
            if each:
                self._news.letters.append(_promised(planned, each))
            elif planned.known.content and planned.known != planned.was:
                self._news.letters.append(planned.known)
        self.commit()
        for planned, each in zip(batch, made, strict=True):
            yield self._done(planned, each) if each else planned.step

    def commit(self) -> None:
        """Write down what is known by now."""
        self._news.said.update(self._inputs.said)
        self._inputs.said.clear()
        news, self._news = self._news, News()
        self._ledger.commit(news)

    def note(self, known: Known) -> None:
        """Take a letter into what is written down next."""
        self._news.letters.append(known)

    def _made(self, planned: Planned) -> Made | None:
        if planned.step.state not in WRITTEN:
            return None
        day = self._campaign.day(planned.known.day)
        return self._campaign.make(planned.step.letter, day)

    def _done(self, planned: Planned, made: Made) -> Step:
        at = self._placed(planned, made.data)
        if at is None:
            return self._prevented(planned)
        written = _promised(planned, made)._replace(
            **at._asdict(), checked=time.time_ns(), content="made", was=""
        )
        self.note(written)
        return planned.step

    def _placed(self, planned: Planned, data: bytes) -> Placed | None:
        path, known = planned.step.letter.path, planned.known
        old = self._inventory.below(known.path)
        if planned.step.state == "new":
            return self._outbox.put(path, data)
        was = Placed(*known.at)
        if planned.step.reason == AGAIN:
            aside = PurePosixPath(REPLACED) / self._started / known.path
            return self._outbox.put(path, data) if self._outbox.move(old, aside, was) else None
        if str(path) == known.path:
            return self._outbox.replace(old, data, was)
        return self._outbox.replace(path, data, was) if self._outbox.move(old, path, was) else None

    def _prevented(self, planned: Planned) -> Step:
        """Something came in between; the file that is there stays, whosever it is."""
        letter, was = planned.step.letter, planned.was
        moved = not os.path.lexists(self._inventory.place(planned.known.path))
        if was is None:
            self._ledger.forget([letter.id])
        elif planned.step.state == "rewritten":
            path = str(letter.path) if moved else was.path
            self.note(was._replace(path=path, checked=0))
        if planned.step.state == "new":
            return replace(planned.step, state="foreign", reason="another program put a file there")
        return replace(planned.step, state="in-use", reason="it was changed while this ran")


def _promised(planned: Planned, made: Made) -> Known:
    """What the ledger is to know of a letter before it is written."""
    known, path = planned.known, str(planned.step.letter.path)
    return known._replace(
        path=path,
        named=planned.named,
        inputs=planned.inputs,
        output=made.seen.output,
        words=made.seen.words,
        size=len(made.data),
        mtime=0,
        inode=0,
        checked=0,
        content="",
        was=known.path if planned.step.state == "rewritten" and path != known.path else "",
    )
