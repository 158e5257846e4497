"""Puts planned letters onto the disk, the ledger always ahead of the files."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from merge.campaign.campaign import Campaign
from merge.campaign.errand import UNWATCHED, Errand
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.plan import Survey
from merge.disk import FileState, free_name
from merge.errors import StorageError
from merge.letter_status import WRITTEN_STATES, Reason, Step
from merge.state.ledger import Ledger, unsettled_fact
from merge.state.ledger_records import ChangeSet, LetterRecord, TimeSpan
from merge.state.letters_folder import OLD_VERSIONS_FOLDER, ClosedFolderError
from merge.state.outbox import Outbox
from merge.template.template import FilledLetter


class LetterWriter:
    """Puts planned letters onto the disk, batch by batch, the ledger always ahead of the files.

    After a kill each file is absent, or known, or somebody else's: what a file will be is written
    down before it is in its place. A letter of a new folder is whole by then and written down as it
    is; of the others it is written down with the next batch when they were written. Until the run
    has ended the ledger vouches for none of them: see `Ledger.unsettled`.
    """

    def __init__(
        self,
        campaign: Campaign,
        outbox: Outbox,
        ledger: Ledger,
        survey: Survey,
        errand: Errand = UNWATCHED,
    ) -> None:
        self._campaign, self._outbox, self._ledger, self._errand = campaign, outbox, ledger, errand
        self._inputs, self._inventory = survey.reconciler.inputs, survey.inventory
        started = f"{dt.datetime.now().astimezone():%Y-%m-%d %H.%M.%S}"
        self._started = free_name(outbox.folder / OLD_VERSIONS_FOLDER, started)
        now = time.time_ns()
        self._at_work = ledger.unsettled or TimeSpan(now, now)
        self.wrote = False
        self.closed: Counter[PurePosixPath] = Counter()
        """Folders into which nobody lets us write, and how many letters are not written there."""
        self._news, identity = ChangeSet(), campaign.identity
        if identity.salt == ledger.salt:  # else another run began the ledger after this one looked
            people, renamed = [*identity.people_to_record], [*identity.renamed]
            answered = [*renamed, *(someone.key for someone in people)]
            self._news = ChangeSet(people=people, renamed=renamed, undecided=answered)

    def write(self, batch: Sequence[LetterPlan]) -> Iterator[Step]:
        """Carry a batch out; yield each step when it is done.

        Raise Stopped between two letters where a stop was asked for, not while one that comes lies
        in its place already, with others of its folder.
        """
        made: list[_Made | None] = []
        fault: StorageError | None = None
        try:
            try:
                made.extend(map(self._made, batch))
            except StorageError as error:
                fault = error  # what was made by then is whole, and comes into its place
            for planned, each in zip(batch, made, strict=False):
                self._expect(planned, each)
            self.commit()
            placing = deque(zip(batch, made, strict=False))
            while placing:
                if self._errand.is_stopping and not any(self._is_there(*e) for e in placing):
                    self._errand.check()
                planned, each = placing.popleft()
                yield self._done(planned, each) if each else planned.step
            if fault:
                raise fault
        finally:
            self._outbox.discard()

    def _is_there(self, planned: LetterPlan, made: _Made | None) -> bool:
        """Return whether a letter was shown with others before it was its turn."""
        return bool(made and made.at) and self._outbox.is_shown(planned.step.letter.path)

    def _expect(self, planned: LetterPlan, made: _Made | None) -> None:
        """Note what is to be known of a letter before it is in its place."""
        if made:
            self.wrote = True
            if planned.was is None:
                self._news.added.append(made.record)
            else:
                self._news.letters.append(made.record)
                self._news.undecided.append(made.record.id)
        elif planned.known.content and planned.known != planned.was:
            self._news.letters.append(planned.known)
        if decision := planned.to_remember:
            self._news.decided.append(decision)

    def commit(self) -> None:
        """Write into the ledger what is known by now."""
        self._news.said.update(self._inputs.said)
        self._inputs.said.clear()
        news, self._news = self._news, ChangeSet()
        if self.wrote:
            checked = (known.checked for known in (*news.added, *news.letters) if known.checked)
            self._at_work = self._at_work.including((time.time_ns(), *checked))
            news.facts |= unsettled_fact(self._at_work)
        self._ledger.commit(news)

    def note(self, known: LetterRecord) -> None:
        """Take a letter into what is written next."""
        self._news.letters.append(known)

    def _made(self, planned: LetterPlan) -> _Made | None:
        self._errand.check()
        if planned.step.state not in WRITTEN_STATES:
            return None
        letter, day = planned.step.letter, self._campaign.day(planned.known.day)
        made = self._campaign.make(letter, day)
        record = _expected_record(planned, made)
        at = self._outbox.prepare(letter.path, made.data) if planned.step.state == "new" else None
        if at is None:
            return _Made(record, made.data)
        return _Made(_written_record(record, at), b"", at)

    def _done(self, planned: LetterPlan, made: _Made) -> Step:
        try:
            at = self._placed(planned, made)
        except ClosedFolderError:  # the letters of other folders are written
            self.closed[planned.step.letter.path.parent] += 1
            step = self._after_conflict(planned)
            return replace(step, state="faulty", reasons=(Reason("closed-folder"),))
        if at is None:
            return self._after_conflict(planned)
        if at != made.at:
            self.note(_written_record(made.record, at))
        if planned.was_on_paper:
            self._news.set_aside.append(made.record.id)
        return planned.step

    def _placed(self, planned: LetterPlan, made: _Made) -> FileState | None:
        path, known, data = planned.step.letter.path, planned.known, made.data
        if made.at:
            return self._outbox.show(path, made.at)
        old = self._inventory.below(known.path)
        if planned.step.state == "new":
            return self._outbox.put(path, data)
        was = known.at
        if planned.sets_aside:
            aside = PurePosixPath(OLD_VERSIONS_FOLDER) / self._started / known.path
            return self._outbox.put(path, data) if self._outbox.move(old, aside, was) else None
        if str(path) == known.path:
            return self._outbox.replace(old, data, was)
        moved = self._outbox.move(old, path, was)
        return self._outbox.replace(path, data, moved) if moved else None

    def _after_conflict(self, planned: LetterPlan) -> Step:
        """Report that something came in between; the file that is there stays, whosever it is."""
        letter, was = planned.step.letter, planned.was
        moved = not os.path.lexists(self._inventory.place(planned.known.path))
        if was is None:
            self._ledger.forget([letter.id])
        elif planned.step.state == "rewritten":
            path = str(letter.path) if moved else planned.known.path
            self.note(was._replace(path=path, checked=0))
        if planned.step.state == "new":
            return replace(planned.step, state="foreign", reasons=(Reason("taken"),))
        return replace(planned.step, state="in-use", reasons=(Reason("busy"),))


class _Made(NamedTuple):
    """A letter that was made, what the ledger is to know of it before it is in its place.

    `at` is what its file is, where that is whole already; else `data` is to be written.
    """

    record: LetterRecord
    data: bytes
    at: FileState | None = None


def _written_record(expected: LetterRecord, at: FileState) -> LetterRecord:
    """Return what the ledger is to know of a letter that is written."""
    return expected._replace(**at._asdict(), checked=time.time_ns(), content="made", was="")


def _expected_record(planned: LetterPlan, made: FilledLetter) -> LetterRecord:
    """Return what the ledger is to know of a letter before it is written."""
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
        ctime=0,
        checked=0,
        content="",
        was=known.path if planned.step.state == "rewritten" and path != known.path else "",
    )
