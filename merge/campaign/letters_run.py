"""A plan carried out: letters written, orphans set aside, the register brought up to date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from merge import messages
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.letter_writer import LetterWriter
from merge.campaign.orphans import Orphan, orphan_problems
from merge.campaign.plan import Plan, Survey
from merge.campaign.register_feed import RegisterFeed
from merge.campaign.task import NO_PROGRESS, Cancelled, Task
from merge.errors import StorageError
from merge.letter_status import WRITTEN_STATES, Step
from merge.ooxml.stamps import read_stamp
from merge.people import Pair
from merge.problems import Place, Problem
from merge.state.folder_access import FolderNotWritableError, read_file
from merge.state.identity import Identity
from merge.state.ledger import Ledger, interrupted_run_fact, memory_ledger, open_ledger
from merge.state.ledger_records import ChangeSet, LetterRecord
from merge.state.letter_folder import LetterFolder
from merge.template.fingerprint import fingerprint_letter
from merge.template.input_digests import field_digests

_MAX_PENDING_PLANS = 2_000
"""Plans that wait for enough letters to be written."""
LETTERS_PER_COMMIT = 500
"""Letters that are written down at once: some 6 MB, and 20 ms for the ledger."""


@dataclass(slots=True)
class LettersResult:
    """What is to be reported of a run beside its steps; `stopped` where it was, before its end."""

    problems: list[Problem] = field(default_factory=list)
    stopped: bool = False


def write_letters(
    plan: Plan,
    task: Task = NO_PROGRESS,
    on_step: Callable[[Step], object] = lambda _: None,
    on_letters_done: Callable[[LettersResult], object] = lambda _: None,
) -> LettersResult:
    """Carry a plan out, as things are now; return what is to be reported beside the steps.

    `on_step` gets each step when it is done. Letters that an error touches are left out. Where a
    stop is asked for, the letter at hand is finished, and ledger and register are told of those
    that are there. `on_letters_done` gets the result as soon as no letter is written any more: the
    register may take seconds, and add problems of its own. StorageError where the disk does not let
    us go on: what was written before is whole and known; so it is where `on_step` raises.
    """
    target = plan.order.target
    outbox = LetterFolder(target, None if plan.has_ledger else Path(target.absolute().anchor))
    with suppress(Cancelled), outbox.open(check=task.raise_if_cancelled):
        ledger = open_ledger(plan.order.target) if plan.has_ledger else memory_ledger()
        with closing(ledger):
            finish_moves(ledger, outbox)
            survey = Survey(plan, ledger, task)
            if survey.inventory.hidden_folders:
                outbox.restore_hidden(
                    survey.inventory.hidden_folders, lambda path: _is_unmodified(path, ledger)
                )
                survey = Survey(plan, ledger, task)
            run = _LettersRun(plan, survey, outbox, task)
            run.write(on_step)
            return run.finish(on_letters_done)
    return LettersResult(stopped=True)  # before the first letter


def _is_unmodified(path: str, ledger: Ledger) -> bool:
    """Return whether a file is a version of a letter just as the program made it."""
    data = read_file(path)
    stamp, seen = (read_stamp(data), fingerprint_letter(data)) if data else (None, None)
    known = ledger.letter(stamp.id) if stamp else None
    if not (known and seen):
        return False
    return known.output == seen.output or ledger.is_earlier_version(known.id, seen.output)


class _LettersRun:
    """A survey carried out: first its letters, then those that nobody wants, then the register."""

    def __init__(self, plan: Plan, survey: Survey, outbox: LetterFolder, task: Task) -> None:
        self._campaign, self._order, self._survey = plan.campaign, plan.order, survey
        self._ledger, self._register = survey.ledger, survey.register
        self._outbox, self._task = outbox, task
        if self._register:
            self._register.save_printed_stages()
        self._feed = RegisterFeed(plan.campaign, self._ledger, survey.current_ids, self._register)
        self._closed_folders: Counter[PurePosixPath] = Counter()
        self._paths_with_pile_date: list[str] = []
        """Paths of new letters for whose pile a date stands there, which does not mean them."""
        self._unwritten: list[LetterPlan] | None = None
        """Where it was stopped, the letters that were planned and are not written."""
        self._must_confirm = self._ledger.interrupted_run is not None
        """Whether letters may not have reached the disk."""
        self._has_changes = self._register is not None and self._register.is_update_pending

    def write(self, on_step: Callable[[Step], object]) -> None:
        """Write the letters, until a stop is asked for."""
        order, task = self._order, self._task
        self._outbox.remove_leftovers(self._survey.inventory.leftovers)
        writer = LetterWriter(
            campaign=self._campaign,
            outbox=self._outbox,
            ledger=self._ledger,
            survey=self._survey,
            task=task,
        )
        number = len(order.letters) or sum(1 for _ in self._campaign.pairs(order.names))
        self._closed_folders = writer.closed_folders
        task.start_step(number, "Letters")
        at_hand = iter(list[LetterPlan]())
        try:
            for batch in _batches(_ordered_plans(self._survey, self._feed), task):
                at_hand = iter(batch)
                self._exclude_from_pile_dates(batch)
                for step in writer.write(batch):
                    next(at_hand)
                    self._has_changes = self._has_changes or step.state in WRITTEN_STATES
                    self._feed.add(step)
                    on_step(step)
                    task.advance()
            writer.commit()
        except Cancelled:
            writer.commit()
            self._unwritten = [*at_hand]
            _roll_back(self._unwritten, self._ledger)
        finally:
            with suppress(StorageError):
                writer.commit()
        self._must_confirm |= writer.has_written

    def _exclude_from_pile_dates(self, batch: Iterable[LetterPlan]) -> None:
        if self._register and any(planned.step.state in WRITTEN_STATES for planned in batch):
            self._paths_with_pile_date += self._register.exclude_from_pile_dates(
                _new_letters(batch)
            )

    def finish(self, on_letters_done: Callable[[LettersResult], object]) -> LettersResult:
        """Settle all but the letters; `on_letters_done` gets the result before the register is told."""  # noqa: E501
        if not (self._must_confirm and self._register):
            return self._finish(on_letters_done)
        with self._outbox.flushing() as is_flushed:
            result = self._finish(on_letters_done)
        in_part = self._order.names or self._order.letters or self._unwritten is not None
        all_seen = not in_part and self._survey.includes_orphans
        if is_flushed() and (all_seen or self._ledger.interrupted_run is None):
            self._ledger.commit(ChangeSet(facts=interrupted_run_fact(None)))
        return result

    def _finish(self, on_letters_done: Callable[[LettersResult], object]) -> LettersResult:
        stopped, told = self._unwritten is not None, self._campaign.without_ignored
        orphans = [] if stopped else self._survey.orphans()
        orphans = _move_orphans(orphans, self._survey, self._outbox)
        problems = [
            *self._survey.problems,
            *_closed_folder_problems(self._closed_folders, self._survey.root),
            *orphan_problems(orphans, self._survey.root, done=True),
        ]
        unwritten = {each.record.path for each in self._unwritten or ()}
        if dated := [path for path in self._paths_with_pile_date if path not in unwritten]:
            problems.append(pile_date_problem(dated))
        on_letters_done(LettersResult(told(problems), stopped))
        if self._register:
            problems += self._update_register(self._register, orphans)
        # after the register was told: a run that was killed in between tells it then
        gone = [each.record.id for each in orphans if not (each.new_path or each.reason_kept)]
        delete_letter_records(self._ledger, self._campaign.identity, gone)
        if self._register:
            self._register.drop_letters(gone)
        return LettersResult(told(problems), stopped)

    def _update_register(
        self, register: CampaignRegister, orphans: Iterable[Orphan]
    ) -> list[Problem]:
        if self._unwritten is None:
            return self._feed.write_to(
                register, ((o.record.id, o.new_path, o.reason_kept) for o in orphans)
            )
        if not (self._has_changes and any(self._ledger.letter_ids())):
            return []
        for each in self._unwritten:
            self._feed.add(each.step, current_path=each.record.path)
        return self._feed.write_to(register, is_partial=True)


def _roll_back(left: Iterable[LetterPlan], ledger: Ledger) -> None:
    """Let the ledger hold of letters that were planned and are not written what it held before."""
    unwritten = [each for each in left if each.step.state in WRITTEN_STATES]
    ledger.delete_records([each.record.id for each in unwritten if each.stored_record is None])
    before = [each.stored_record for each in unwritten if each.stored_record]
    at_home = [was for was in before if ledger.letter_id_at(was.path) in {None, "", was.id}]
    ledger.commit(ChangeSet(letters=at_home))


def _ordered_plans(survey: Survey, feed: RegisterFeed) -> Iterator[LetterPlan]:
    """Yield the plans of the order; the register hears of the other letters at once."""
    for planned, chosen in survey.letters():
        if chosen:
            yield planned
        else:
            feed.add(planned.step, current_path=planned.record.path)


def _new_letters(batch: Iterable[LetterPlan]) -> Iterator[tuple[Pair, LetterRecord]]:
    """Yield the letters that are to be made for the first time."""
    return ((p.step.letter.pair, p.record) for p in batch if p.step.state == "new")


def _batches(plans: Iterable[LetterPlan], task: Task) -> Iterator[list[LetterPlan]]:
    """Yield as many plans at a time as hold a batch of letters to be written.

    Where a stop is asked for, those that were looked at by then.
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
    """Yield the error of each folder into which letters could not be written."""
    for folder, number in sorted(closed.items()):
        place = Place(f"{root}/{folder}")
        yield messages.problem("letters-folder-closed", place, count=number)


def _move_orphans(orphans: Sequence[Orphan], survey: Survey, outbox: LetterFolder) -> list[Orphan]:
    """Move letters that no pair has to their folder; return all, as they are then."""
    closed: list[Orphan] = []
    ledger, going = survey.ledger, [each for each in orphans if each.new_path]
    ledger.commit(
        ChangeSet(letters=[e.record._replace(path=e.new_path, was=e.record.path) for e in going])
    )
    moved = []
    for each in going:
        old, was = survey.inventory.relative_path(each.record.path), each.record.file_state
        try:
            at = outbox.move(old, PurePosixPath(each.new_path), was)
        except FolderNotWritableError:
            at = None
            closed.append(each)
        moved.append(
            each.record._replace(path=each.new_path, **at._asdict()) if at else each.record
        )
    ledger.commit(ChangeSet(letters=moved))
    return [replace(e, new_path="", reason_kept="closed") if e in closed else e for e in orphans]


def delete_letter_records(ledger: Ledger, identity: Identity, letters: Sequence[str]) -> None:
    """Take letters that are gone out of the ledger, and all that it holds for their sake only."""
    if not letters:
        return
    ledger.delete_records(letters)
    left = {known.id: known for known in ledger.letters()}
    gone = identity.departed_people(ledger.people(), left.keys())
    ledger.delete_records((), [someone.key for someone in gone])
    ledger.delete_field_digests(fields_in_use(ledger))


def fields_in_use(ledger: Ledger) -> set[bytes]:
    """Return the digests of fields that letters were made from, or kept in spite of."""
    inputs = [known.inputs for known in ledger.letters()]
    inputs += [one.seen for one in ledger.decisions() if one.choice in {"keep", "print"}]
    return {piece for each in inputs for piece in field_digests(each)}


def finish_moves(ledger: Ledger, outbox: LetterFolder) -> None:
    """Settle where letters are whose move was cut short by a kill."""
    moved = [_finish_move(known, outbox) for known in ledger.interrupted_moves()]
    if moved:
        ledger.commit(ChangeSet(letters=moved))


def _finish_move(known: LetterRecord, outbox: LetterFolder) -> LetterRecord:
    if outbox.finish_move(PurePosixPath(known.was), PurePosixPath(known.path)):
        return known._replace(was="")
    return known._replace(path=known.was, was="", named=b"")


def pile_date_problem(paths: list[str]) -> Problem:
    """Return the warning of new letters that a pile's date cannot mean: it stood there before."""
    return messages.problem("letters-covered", Place("register.xlsx"), letters=sorted(paths))
