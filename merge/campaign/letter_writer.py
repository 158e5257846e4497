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
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.plan import Survey
from merge.campaign.task import NO_PROGRESS, Task
from merge.disk import FileState, free_name
from merge.errors import StorageError
from merge.letter_status import WRITTEN_STATES, Reason, Step
from merge.state.folder_access import OLD_VERSIONS_FOLDER, FolderNotWritableError
from merge.state.ledger import Ledger, interrupted_run_fact
from merge.state.ledger_records import ChangeSet, LetterRecord, TimeSpan
from merge.state.letter_folder import LetterFolder
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
        outbox: LetterFolder,
        ledger: Ledger,
        survey: Survey,
        task: Task = NO_PROGRESS,
    ) -> None:
        self._campaign, self._outbox, self._ledger, self._task = campaign, outbox, ledger, task
        self._inputs, self._inventory = survey.reconciler.inputs, survey.inventory
        started = f"{dt.datetime.now().astimezone():%Y-%m-%d %H.%M.%S}"
        self._old_versions_name = free_name(outbox.folder / OLD_VERSIONS_FOLDER, started)
        now = time.time_ns()
        self._time_span = ledger.interrupted_run or TimeSpan(now, now)
        self.has_written = False
        self.closed_folders: Counter[PurePosixPath] = Counter()
        """Folders into which nobody lets us write, and how many letters are not written there."""
        self._changes, identity = ChangeSet(), campaign.identity
        if identity.salt == ledger.salt:  # else another run began the ledger after this one looked
            people, renamed = [*identity.people_to_record], [*identity.outdated_keys]
            answered = [*renamed, *(someone.key for someone in people)]
            self._changes = ChangeSet(
                people=people, outdated_person_keys=renamed, cleared_decisions=answered
            )

    def write(self, batch: Sequence[LetterPlan]) -> Iterator[Step]:
        """Carry a batch out; yield each step when it is done.

        Raise Stopped between two letters where a stop was asked for, not while one that comes lies
        in its place already, with others of its folder.
        """
        made: list[_RenderedLetter | None] = []
        fault: StorageError | None = None
        try:
            try:
                made.extend(map(self._render, batch))
            except StorageError as error:
                fault = error  # what was made by then is whole, and comes into its place
            for planned, each in zip(batch, made, strict=False):
                self._record_expected(planned, each)
            self.commit()
            placing = deque(zip(batch, made, strict=False))
            while placing:
                if self._task.is_cancelled and not any(self._is_placed(*e) for e in placing):
                    self._task.raise_if_cancelled()
                planned, each = placing.popleft()
                yield self._place_letter(planned, each) if each else planned.step
            if fault:
                raise fault
        finally:
            self._outbox.discard_prepared()

    def _is_placed(self, planned: LetterPlan, made: _RenderedLetter | None) -> bool:
        """Return whether a letter was shown with others before it was its turn."""
        return bool(made and made.file_state) and self._outbox.is_published(
            planned.step.letter.path
        )

    def _record_expected(self, planned: LetterPlan, made: _RenderedLetter | None) -> None:
        """Note what is to be known of a letter before it is in its place."""
        if made:
            self.has_written = True
            if planned.stored_record is None:
                self._changes.new_letters.append(made.record)
            else:
                self._changes.letters.append(made.record)
                self._changes.cleared_decisions.append(made.record.id)
        elif planned.record.content and planned.record != planned.stored_record:
            self._changes.letters.append(planned.record)
        if decision := planned.new_decision:
            self._changes.decisions.append(decision)

    def commit(self) -> None:
        """Write into the ledger what is known by now."""
        self._changes.field_digests.update(self._inputs.field_hashes)
        self._inputs.field_hashes.clear()
        news, self._changes = self._changes, ChangeSet()
        if self.has_written:
            checked = (
                known.checked for known in (*news.new_letters, *news.letters) if known.checked
            )
            self._time_span = self._time_span.extended_by((time.time_ns(), *checked))
            news.facts |= interrupted_run_fact(self._time_span)
        self._ledger.commit(news)

    def add_record(self, known: LetterRecord) -> None:
        """Take a letter into what is written next."""
        self._changes.letters.append(known)

    def _render(self, planned: LetterPlan) -> _RenderedLetter | None:
        self._task.raise_if_cancelled()
        if planned.step.state not in WRITTEN_STATES:
            return None
        letter, day = planned.step.letter, self._campaign.letter_date(planned.record.day)
        made = self._campaign.render(letter, day)
        record = _expected_record(planned, made)
        at = self._outbox.prepare(letter.path, made.data) if planned.step.state == "new" else None
        if at is None:
            return _RenderedLetter(record, made.data)
        return _RenderedLetter(_written_record(record, at), b"", at)

    def _place_letter(self, planned: LetterPlan, made: _RenderedLetter) -> Step:
        try:
            at = self._put_in_place(planned, made)
        except FolderNotWritableError:  # the letters of other folders are written
            self.closed_folders[planned.step.letter.path.parent] += 1
            step = self._after_conflict(planned)
            return replace(step, state="faulty", reasons=(Reason("closed-folder"),))
        if at is None:
            return self._after_conflict(planned)
        if at != made.file_state:
            self.add_record(_written_record(made.record, at))
        if planned.was_printed:
            self._changes.released_letters.append(made.record.id)
        return planned.step

    def _put_in_place(self, planned: LetterPlan, made: _RenderedLetter) -> FileState | None:
        path, known, data = planned.step.letter.path, planned.record, made.data
        if made.file_state:
            return self._outbox.publish(path, made.file_state)
        old = self._inventory.relative_path(known.path)
        if planned.step.state == "new":
            return self._outbox.create(path, data)
        was = known.file_state
        if planned.keeps_old_file:
            aside = PurePosixPath(OLD_VERSIONS_FOLDER) / self._old_versions_name / known.path
            return self._outbox.create(path, data) if self._outbox.move(old, aside, was) else None
        if str(path) == known.path:
            return self._outbox.replace(old, data, was)
        moved = self._outbox.move(old, path, was)
        return self._outbox.replace(path, data, moved) if moved else None

    def _after_conflict(self, planned: LetterPlan) -> Step:
        """Report that something came in between; the file that is there stays, whosever it is."""
        letter, was = planned.step.letter, planned.stored_record
        moved = not os.path.lexists(self._inventory.full_path(planned.record.path))
        if was is None:
            self._ledger.delete_records([letter.id])
        elif planned.step.state == "rewritten":
            path = str(letter.path) if moved else planned.record.path
            self.add_record(was._replace(path=path, checked=0))
        if planned.step.state == "new":
            return replace(planned.step, state="foreign", reasons=(Reason("taken"),))
        return replace(planned.step, state="in-use", reasons=(Reason("busy"),))


class _RenderedLetter(NamedTuple):
    """A letter that was made, what the ledger is to know of it before it is in its place.

    `at` is what its file is, where that is whole already; else `data` is to be written.
    """

    record: LetterRecord
    data: bytes
    file_state: FileState | None = None


def _written_record(expected: LetterRecord, at: FileState) -> LetterRecord:
    """Return what the ledger is to know of a letter that is written."""
    return expected._replace(**at._asdict(), checked=time.time_ns(), content="made", was="")


def _expected_record(planned: LetterPlan, made: FilledLetter) -> LetterRecord:
    """Return what the ledger is to know of a letter before it is written."""
    known, path = planned.record, str(planned.step.letter.path)
    return known._replace(
        path=path,
        named=planned.name_hash,
        inputs=planned.inputs,
        output=made.fingerprint.output,
        words=made.fingerprint.words,
        size=len(made.data),
        mtime=0,
        inode=0,
        ctime=0,
        checked=0,
        content="",
        was=known.path if planned.step.state == "rewritten" and path != known.path else "",
    )
