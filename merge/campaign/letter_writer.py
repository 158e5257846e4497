"""Writes planned letters; the ledger is always updated before the files."""

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
from merge.campaign.plan import LettersSurvey
from merge.campaign.task import NO_PROGRESS, Task
from merge.disk import FileState, free_name
from merge.errors import StorageError
from merge.letter_status import WRITTEN_STATES, Letter, LetterStep, LetterStepReason
from merge.state.folder_access import OLD_VERSIONS_FOLDER, FolderNotWritableError
from merge.state.ledger import Ledger, interrupted_run_fact
from merge.state.ledger_records import LedgerChangeSet, LetterRecord, RunTimeSpan
from merge.state.letter_folder import LetterFolder
from merge.state.originals import pack_original, pack_template
from merge.template.template import FilledLetter


class LetterWriter:
    """A writer of planned letters that updates the ledger before the files.

    1. What a file will be is recorded before the file is in its place. So after a kill each file is
       missing, known, or someone else's.
    2. A letter of a new folder is complete by then, and is recorded in its final state.
    3. Other letters are recorded with the next batch after they were written.
    4. Until the run has ended, the ledger confirms none of them: see `Ledger.interrupted_run`.
    """

    def __init__(
        self,
        campaign: Campaign,
        letter_folder: LetterFolder,
        ledger: Ledger,
        survey: LettersSurvey,
        task: Task = NO_PROGRESS,
    ) -> None:
        self._campaign, self._letter_folder, self._ledger, self._task = (
            campaign,
            letter_folder,
            ledger,
            task,
        )
        self._inputs, self._inventory = survey.reconciler.inputs, survey.inventory
        started = f"{dt.datetime.now().astimezone():%Y-%m-%d %H.%M.%S}"
        self._old_versions_name = free_name(letter_folder.folder / OLD_VERSIONS_FOLDER, started)
        now = time.time_ns()
        self._time_span = ledger.interrupted_run or RunTimeSpan(now, now)
        self.has_written = False
        self._added_templates = set[bytes]()
        self.closed_folders: Counter[PurePosixPath] = Counter()
        """Folders without write access, with the number of letters not written."""
        people, renamed = [*campaign.identity.people_to_record], [*campaign.identity.outdated_keys]
        answered = [*renamed, *(person.key for person in people)]
        self._changes = LedgerChangeSet(
            people=people, outdated_person_keys=renamed, cleared_decisions=answered
        )

    def write(self, batch: Sequence[LetterPlan]) -> Iterator[LetterStep]:
        """Write a batch of letters; yield each letter's step when it is done.

        Raise Cancelled between two letters if the task was cancelled. This does not happen while a
        later letter is in its place already, with others of its folder.
        """
        rendered_letters: list[_RenderedLetter | None] = []
        fault: StorageError | None = None
        try:
            try:
                rendered_letters.extend(map(self._render, batch))
            except StorageError as error:
                fault = error  # letters rendered by then are complete, and are still placed
            for planned, rendered in zip(batch, rendered_letters, strict=False):
                self._record_expected(planned, rendered)
            self.commit()
            placing = deque(zip(batch, rendered_letters, strict=False))
            while placing:
                if self._task.is_cancelled and not any(
                    self._is_placed(*pending) for pending in placing
                ):
                    self._task.raise_if_cancelled()
                planned, rendered = placing.popleft()
                yield self._place_letter(planned, rendered) if rendered else planned.step
            if fault:
                raise fault
        finally:
            self._letter_folder.discard_prepared()

    def _is_placed(self, planned: LetterPlan, rendered: _RenderedLetter | None) -> bool:
        """Return whether a letter was published with others before its turn."""
        return bool(rendered and rendered.file_state) and self._letter_folder.is_published(
            planned.step.letter.path
        )

    def _record_expected(self, planned: LetterPlan, rendered: _RenderedLetter | None) -> None:
        """Record a letter in the ledger before its file is in its place."""
        if rendered:
            self.has_written = True
            if planned.stored_record is None:
                self._changes.new_letters.append(rendered.record)
            else:
                self._changes.letters.append(rendered.record)
                self._changes.cleared_decisions.append(rendered.record.id)
        elif planned.record.content and planned.record != planned.stored_record:
            self._changes.letters.append(planned.record)
        if planned.accepts_file or (rendered and self._supersedes_print_file(planned, rendered)):
            self._changes.accepted_letters.append(planned.record.id)
        if decision := planned.new_decision:
            self._changes.decisions.append(decision)

    def _supersedes_print_file(self, planned: LetterPlan, rendered: _RenderedLetter) -> bool:
        """Return whether a letter is as before, and a print file has another."""
        was, printed = planned.stored_record, self._ledger.last_print(rendered.record.id)
        output = rendered.record.output
        return bool(was and printed and was.output == output != printed.output)

    def commit(self) -> None:
        """Write all changes since the last commit into the ledger."""
        self._changes.texts |= self._inputs.field_values
        self._inputs.field_values.clear()
        news, self._changes = self._changes, LedgerChangeSet()
        if self.has_written:
            checked = (
                record.checked for record in (*news.new_letters, *news.letters) if record.checked
            )
            self._time_span = self._time_span.extended_by((time.time_ns(), *checked))
            news.facts |= interrupted_run_fact(self._time_span)
        self._ledger.commit(news)

    def add_record(self, known: LetterRecord) -> None:
        """Add a letter's record to the next commit."""
        self._changes.letters.append(known)

    def _render(self, planned: LetterPlan) -> _RenderedLetter | None:
        self._task.raise_if_cancelled()
        if planned.step.state not in WRITTEN_STATES:
            return None
        letter, day = planned.step.letter, self._campaign.letter_date(planned.record.day)
        rendered = self._campaign.render(letter, day)
        record = _expected_record(planned, rendered)
        self._add_original(letter, record, rendered)
        state = (
            self._letter_folder.prepare(letter.path, rendered.data)
            if planned.step.state == "new"
            else None
        )
        if state is None:
            return _RenderedLetter(record, rendered.data)
        return _RenderedLetter(_written_record(record, state), b"", state)

    def _add_original(self, letter: Letter, record: LetterRecord, rendered: FilledLetter) -> None:
        """Add the texts from which the letter as created can be restored."""
        template = self._campaign.templates.template_for(letter.pair.recipient)
        if template.digest not in self._added_templates:
            self._added_templates.add(template.digest)
            self._changes.texts[template.digest] = pack_template(template.xml_parts)
        self._changes.texts[record.output] = pack_original(rendered.parts, template.xml_parts)

    def _place_letter(self, planned: LetterPlan, rendered: _RenderedLetter) -> LetterStep:
        try:
            state = self._put_in_place(planned, rendered)
        except FolderNotWritableError:  # letters of other folders are still written
            self.closed_folders[planned.step.letter.path.parent] += 1
            step = self._after_conflict(planned)
            return replace(step, state="faulty", reasons=(LetterStepReason("closed-folder"),))
        if state is None:
            return self._after_conflict(planned)
        if state != rendered.file_state:
            self.add_record(_written_record(rendered.record, state))
        if planned.was_printed:
            self._changes.released_letters.append(rendered.record.id)
        return planned.step

    def _put_in_place(self, planned: LetterPlan, rendered: _RenderedLetter) -> FileState | None:
        path, known, data = planned.step.letter.path, planned.record, rendered.data
        if rendered.file_state:
            return self._letter_folder.publish(path, rendered.file_state)
        old = self._inventory.relative_path(known.path)
        if planned.step.state == "new":
            return self._letter_folder.create(path, data)
        state = known.file_state
        if planned.keeps_old_file:
            old_version_path = (
                PurePosixPath(OLD_VERSIONS_FOLDER) / self._old_versions_name / known.path
            )
            return (
                self._letter_folder.create(path, data)
                if self._letter_folder.move(old, old_version_path, state)
                else None
            )
        if str(path) == known.path:
            return self._letter_folder.replace(old, data, state)
        new_state = self._letter_folder.move(old, path, state)
        return self._letter_folder.replace(path, data, new_state) if new_state else None

    def _after_conflict(self, planned: LetterPlan) -> LetterStep:
        """Return the step of a letter whose file another program has changed."""
        letter, was = planned.step.letter, planned.stored_record
        is_moved = not os.path.lexists(self._inventory.full_path(planned.record.path))
        if was is None:
            self._ledger.delete_records([letter.id])
        elif planned.step.state == "rewritten":
            path = str(letter.path) if is_moved else planned.record.path
            self.add_record(was._replace(path=path, checked=0))
        if planned.step.state == "new":
            return replace(planned.step, state="foreign", reasons=(LetterStepReason("taken"),))
        if not is_moved:  # name the file that is there
            letter = replace(letter, path=PurePosixPath(planned.record.path))
        return LetterStep(letter, "in-use", (LetterStepReason("busy"),))


class _RenderedLetter(NamedTuple):
    """A rendered letter, and its record before it is in its place.

    `file_state` is set if its file is complete already; else `data` must be written.
    """

    record: LetterRecord
    data: bytes
    file_state: FileState | None = None


def _written_record(expected: LetterRecord, at: FileState) -> LetterRecord:
    """Return the record of a letter that is written."""
    return expected._replace(**at._asdict(), checked=time.time_ns(), content="made", was="")


def _expected_record(planned: LetterPlan, rendered: FilledLetter) -> LetterRecord:
    """Return the ledger's record of a letter before its file is written."""
    known, path = planned.record, str(planned.step.letter.path)
    return known._replace(
        path=path,
        named=planned.name_hash,
        inputs=planned.inputs,
        output=rendered.fingerprint.output,
        words=rendered.fingerprint.words,
        size=len(rendered.data),
        mtime=0,
        inode=0,
        ctime=0,
        checked=0,
        content="",
        was=known.path if planned.step.state == "rewritten" and path != known.path else "",
    )
