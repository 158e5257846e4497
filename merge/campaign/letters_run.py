"""Carries out a plan: writes letters, moves orphans, updates the register."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from merge import messages
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.letter_writer import LetterWriter
from merge.campaign.orphans import Orphan, orphan_problems, unedited_copies_problem
from merge.campaign.plan import LettersRunPlan, LettersSurvey
from merge.campaign.register_feed import RegisterFeed
from merge.campaign.task import NO_PROGRESS, Cancelled, Task
from merge.errors import StorageError
from merge.letter_status import WRITTEN_STATES, LetterStep
from merge.ooxml.stamps import read_stamp
from merge.problems import Place, Problem
from merge.state.folder_access import OLD_VERSIONS_FOLDER, FolderNotWritableError, read_file
from merge.state.identity import PeopleIdentity
from merge.state.ledger import Ledger, interrupted_run_fact, memory_ledger
from merge.state.ledger_records import LedgerChangeSet, LetterRecord
from merge.state.letter_folder import LetterFolder, opened_ledger
from merge.template.fingerprint import fingerprint_letter

_MAX_PENDING_PLANS = 2_000
"""Number of plans that may be held until enough letters are written."""
LETTERS_PER_COMMIT = 500
"""Number of letters that are recorded together.

This is about 6 MB, and takes the ledger 20 ms.
"""


@dataclass(slots=True)
class LettersResult:
    """Result of creating letters: the problems to report besides the steps.

    `stopped` is true if the run was cancelled before its end.
    """

    problems: list[Problem] = field(default_factory=list)
    stopped: bool = False


def write_letters(
    plan: LettersRunPlan,
    task: Task = NO_PROGRESS,
    on_step: Callable[[LetterStep], object] = lambda _: None,
    on_letters_done: Callable[[LettersResult], object] = lambda _: None,
) -> LettersResult:
    """Write the letters of a plan, as files are now; return the problems.

    Letters with errors are skipped. `on_step` gets each step when it is done. `on_letters_done`
    gets the result when the last letter is written: updating the register may take seconds, and add
    problems.

    If the task is cancelled, the current letter is finished, and the ledger and the register get
    the letters written so far. Raise StorageError if the disk prevents the work. Also then, or if
    `on_step` raises, all letters written before are complete and recorded.
    """
    if plan.has_ledger:
        plan.campaign.check_open()
    folder = plan.order.target
    letter_folder = LetterFolder(
        folder, None if plan.has_ledger else Path(folder.absolute().anchor)
    )
    with suppress(Cancelled), letter_folder.open(check=task.raise_if_cancelled):
        opened = opened_ledger(folder) if plan.has_ledger else closing(memory_ledger())
        with opened as ledger:
            finish_moves(ledger, letter_folder)
            survey = LettersSurvey(plan, ledger, task)
            if survey.inventory.hidden_folders:
                letter_folder.restore_hidden(
                    survey.inventory.hidden_folders, lambda path: _is_unmodified(path, ledger)
                )
                survey = LettersSurvey(plan, ledger, task)
            run = _LettersRun(plan, survey, letter_folder, task)
            run.write(on_step)
            result = run.finish(on_letters_done)
            if plan.has_ledger:
                plan.campaign.record_run(ledger)
            return result
    return LettersResult(stopped=True)  # before the first letter


def _is_unmodified(path: str, ledger: Ledger) -> bool:
    """Return True if the file is an unmodified letter written by this program."""
    data = read_file(path)
    stamp, fingerprint = (read_stamp(data), fingerprint_letter(data)) if data else (None, None)
    record = ledger.letter(stamp.id) if stamp else None
    if not (record and fingerprint):
        return False
    return record.output == fingerprint.output or ledger.state.is_earlier_version(
        record.id, fingerprint.output
    )


class _LettersRun:
    """The execution of a survey: its letters, then orphans, then the register."""

    def __init__(
        self, plan: LettersRunPlan, survey: LettersSurvey, letter_folder: LetterFolder, task: Task
    ) -> None:
        self._campaign, self._order, self._survey = plan.campaign, plan.order, survey
        self._ledger, self._register = survey.ledger, survey.register
        self._letter_folder, self._task = letter_folder, task
        if self._register:
            self._register.record_marks()
        self._feed = RegisterFeed(plan.campaign, self._ledger, survey.current_ids, self._register)
        self._closed_folders: Counter[PurePosixPath] = Counter()
        self._unwritten: list[LetterPlan] | None = None
        """The letters that were planned and not written, if the run was cancelled."""
        self._must_confirm = self._ledger.interrupted_run is not None
        """Whether letters may not have reached the disk."""
        self._has_changes = self._register is not None and self._register.is_update_pending

    def write(self, on_step: Callable[[LetterStep], object]) -> None:
        """Write the letters of the plan until the task is cancelled."""
        order, task = self._order, self._task
        self._letter_folder.remove_leftovers(self._survey.inventory.leftovers)
        writer = LetterWriter(
            campaign=self._campaign,
            letter_folder=self._letter_folder,
            ledger=self._ledger,
            survey=self._survey,
            task=task,
        )
        number = len(order.letters) or sum(1 for _ in self._campaign.pairs(order.names))
        self._closed_folders = writer.closed_folders
        task.start_step(number, "Letters")
        current_batch = iter(list[LetterPlan]())
        try:
            for batch in _batches(_ordered_plans(self._survey, self._feed), task):
                current_batch = iter(batch)
                if self._register and any(p.step.state in WRITTEN_STATES for p in batch):
                    self._register.begin_update()
                for step in writer.write(batch):
                    next(current_batch)
                    self._has_changes = self._has_changes or step.state in WRITTEN_STATES
                    self._feed.add(step)
                    on_step(step)
                    task.advance()
            writer.commit()
        except Cancelled:
            writer.commit()
            self._unwritten = [*current_batch]
            _roll_back(self._unwritten, self._ledger)
        finally:
            with suppress(StorageError):
                writer.commit()
        self._must_confirm |= writer.has_written

    def finish(self, on_letters_done: Callable[[LettersResult], object]) -> LettersResult:
        """Complete a run after its letters: move orphans, update the register.

        `on_letters_done` gets the result before the register is updated.
        """
        if not (self._must_confirm and self._register):
            return self._finish(on_letters_done)
        with self._letter_folder.flushing() as is_flushed:
            result = self._finish(on_letters_done)
        in_part = self._order.names or self._order.letters or self._unwritten is not None
        all_seen = not in_part and self._survey.includes_orphans
        if is_flushed() and (all_seen or self._ledger.interrupted_run is None):
            self._ledger.commit(LedgerChangeSet(facts=interrupted_run_fact(None)))
        return result

    def _finish(self, on_letters_done: Callable[[LettersResult], object]) -> LettersResult:
        stopped, without_ignored = self._unwritten is not None, self._campaign.without_ignored
        orphans = [] if stopped else self._survey.orphans()
        orphans = _move_orphans(orphans, self._survey, self._letter_folder)
        problems = [
            *self._survey.problems,
            *_closed_folder_problems(self._closed_folders, self._survey.root),
            *orphan_problems(orphans, self._survey.root, done=True),
            *_set_copies_aside(self._survey, self._letter_folder),
        ]
        on_letters_done(LettersResult(without_ignored(problems), stopped))
        if self._register:
            problems += self._update_register(self._register, orphans)
        # after the register: if the run is killed in between, the next one updates the register
        deleted_ids = [
            orphan.record.id for orphan in orphans if not (orphan.new_path or orphan.reason_kept)
        ]
        delete_letter_records(self._ledger, self._campaign.identity, deleted_ids)
        return LettersResult(without_ignored(problems), stopped)

    def _update_register(
        self, register: CampaignRegister, orphans: Iterable[Orphan]
    ) -> list[Problem]:
        if self._unwritten is None:
            return self._feed.write_to(
                register,
                ((orphan.record.id, orphan.new_path, orphan.reason_kept) for orphan in orphans),
            )
        if not (self._has_changes and any(self._ledger.letter_ids())):
            return []
        for planned in self._unwritten:
            self._feed.add(planned.step, current_path=planned.record.path)
        return self._feed.write_to(register, is_partial=True)


def _roll_back(unwritten_plans: Iterable[LetterPlan], ledger: Ledger) -> None:
    """Restore the ledger entries of letters that were planned but not written."""
    unwritten = [planned for planned in unwritten_plans if planned.step.state in WRITTEN_STATES]
    ledger.delete_records(
        [planned.record.id for planned in unwritten if planned.stored_record is None]
    )
    stored_records = [planned.stored_record for planned in unwritten if planned.stored_record]
    restorable = [
        record
        for record in stored_records
        if ledger.state.letter_id_at(record.path) in {None, "", record.id}
    ]
    ledger.commit(LedgerChangeSet(letters=restorable))


def _ordered_plans(survey: LettersSurvey, feed: RegisterFeed) -> Iterator[LetterPlan]:
    """Yield plans of ordered letters; send other letters to the register."""
    for planned, is_chosen in survey.letters():
        if is_chosen:
            yield planned
        else:
            feed.add(planned.step, current_path=planned.record.path)


def _batches(plans: Iterable[LetterPlan], task: Task) -> Iterator[list[LetterPlan]]:
    """Yield lists of plans, each with as many letters as one commit writes.

    If the task is cancelled, yield the plans made so far.
    """
    batch: list[LetterPlan] = []
    writes = 0
    for planned in plans:
        batch.append(planned)
        writes += planned.step.state in WRITTEN_STATES
        if writes == LETTERS_PER_COMMIT or len(batch) == _MAX_PENDING_PLANS or task.is_cancelled:
            yield batch
            batch, writes = [], 0
    yield batch


def _closed_folder_problems(closed: Mapping[PurePosixPath, int], root: str) -> Iterator[Problem]:
    """Yield an error for each folder into which letters could not be written."""
    for folder, number in sorted(closed.items()):
        place = Place(f"{root}/{folder}")
        yield messages.problem("letters-folder-closed", place, count=number)


def _move_orphans(
    orphans: Sequence[Orphan], survey: LettersSurvey, letter_folder: LetterFolder
) -> list[Orphan]:
    """Move letters without a pair to their folder; return the moved orphans."""
    immovable: list[Orphan] = []
    ledger, orphans_to_move = survey.ledger, [orphan for orphan in orphans if orphan.new_path]
    ledger.commit(
        LedgerChangeSet(
            letters=[
                orphan.record._replace(path=orphan.new_path, was=orphan.record.path)
                for orphan in orphans_to_move
            ]
        )
    )
    moved_records = []
    for orphan in orphans_to_move:
        old, file_state = (
            survey.inventory.relative_path(orphan.record.path),
            orphan.record.file_state,
        )
        try:
            new_state = letter_folder.move(old, PurePosixPath(orphan.new_path), file_state)
        except FolderNotWritableError:
            new_state = None
            immovable.append(orphan)
        moved_records.append(
            orphan.record._replace(path=orphan.new_path, **new_state._asdict())
            if new_state
            else orphan.record
        )
    ledger.commit(LedgerChangeSet(letters=moved_records))
    return [
        replace(orphan, new_path="", reason_kept="closed") if orphan in immovable else orphan
        for orphan in orphans
    ]


def _set_copies_aside(survey: LettersSurvey, letter_folder: LetterFolder) -> Iterator[Problem]:
    """Move conflict copies that no one edited to the old versions.

    Yield the warning that says so.
    """
    now, moved_paths = dt.datetime.now().astimezone(), list[str]()
    folder = PurePosixPath(OLD_VERSIONS_FOLDER) / f"{now:%Y-%m-%d %H.%M.%S}"
    for path, state in survey.reconciler.files.unedited_copies.items():
        with suppress(FolderNotWritableError):
            if letter_folder.move(survey.inventory.relative_path(path), folder / path, state):
                moved_paths.append(path)
    if moved_paths:
        yield unedited_copies_problem(moved_paths, survey.root, done=True)


def delete_letter_records(ledger: Ledger, identity: PeopleIdentity, letters: Sequence[str]) -> None:
    """Delete records of letters that no longer exist from the ledger.

    Also delete everything that the ledger has only because of them.
    """
    if not letters:
        return
    ledger.delete_records(letters)
    remaining = {record.id: record for record in ledger.letters()}
    departed = identity.departed_people(ledger.people(), remaining.keys())
    ledger.delete_records((), [person.key for person in departed])


def finish_moves(ledger: Ledger, letter_folder: LetterFolder) -> None:
    """Finish moving letters if the process was killed during the move."""
    moved_records = [_finish_move(record, letter_folder) for record in ledger.interrupted_moves()]
    if moved_records:
        ledger.commit(LedgerChangeSet(letters=moved_records))


def _finish_move(known: LetterRecord, letter_folder: LetterFolder) -> LetterRecord:
    if letter_folder.finish_move(PurePosixPath(known.was), PurePosixPath(known.path)):
        return known._replace(was="")
    return known._replace(path=known.was, was="", named=b"")
