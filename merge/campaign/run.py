"""A plan carried out: letters written, orphans set aside, the register brought up to date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from merge import messages
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.errand import UNWATCHED, Errand, Stopped
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.letter_writer import LetterWriter
from merge.campaign.orphans import Orphan, orphan_problems
from merge.campaign.plan import Plan, Survey
from merge.campaign.register_feed import RegisterFeed
from merge.errors import StorageError
from merge.letter_status import WRITTEN_STATES, Step
from merge.ooxml.stamps import stamp_of
from merge.people import Pair
from merge.problems import Place, Problem
from merge.state.identity import Identity
from merge.state.ledger import Ledger, memory_ledger, open_ledger, unsettled_fact
from merge.state.ledger_records import ChangeSet, LetterRecord
from merge.state.letters_folder import ClosedFolderError, read_file
from merge.state.outbox import Outbox
from merge.template.fingerprint import fingerprint_of
from merge.template.input_digests import field_digests

_MOST_WAITING = 2_000
"""Plans that wait for enough letters to be written."""
BATCH = 500
"""Letters that are written down at once: some 6 MB, and 20 ms for the ledger."""


@dataclass(slots=True)
class LettersResult:
    """What is to be reported of a run beside its steps; `stopped` where it was, before its end."""

    problems: list[Problem] = field(default_factory=list)
    stopped: bool = False


def write_letters(
    plan: Plan,
    errand: Errand = UNWATCHED,
    on_step: Callable[[Step], object] = lambda _: None,
    on_settled: Callable[[LettersResult], object] = lambda _: None,
) -> LettersResult:
    """Carry a plan out, as things are now; return what is to be reported beside the steps.

    `on_step` gets each step when it is done. Letters that an error touches are left out. Where a
    stop is asked for, the letter at hand is finished, and ledger and register are told of those
    that are there. `on_settled` gets the result as soon as no letter is written any more: the
    register may take seconds, and add problems of its own. StorageError where the disk does not let
    us go on: what was written before is whole and known; so it is where `on_step` raises.
    """
    target = plan.order.target
    outbox = Outbox(target, None if plan.has_ledger else Path(target.absolute().anchor))
    with suppress(Stopped), outbox.open(check=errand.check):
        ledger = open_ledger(plan.order.target) if plan.has_ledger else memory_ledger()
        with closing(ledger):
            finish_moves(ledger, outbox)
            survey = Survey(plan, ledger, errand)
            if survey.inventory.taken:
                outbox.restore(survey.inventory.taken, lambda path: _is_ours(path, ledger))
                survey = Survey(plan, ledger, errand)
            run = _Run(plan, survey, outbox, errand)
            run.write(on_step)
            return run.finish(on_settled)
    return LettersResult(stopped=True)  # before the first letter


def _is_ours(path: str, ledger: Ledger) -> bool:
    """Return whether a file is a version of a letter just as the program made it."""
    data = read_file(path)
    stamp, seen = (stamp_of(data), fingerprint_of(data)) if data else (None, None)
    known = ledger.letter(stamp.id) if stamp else None
    if not (known and seen):
        return False
    return known.output == seen.output or ledger.is_earlier_version(known.id, seen.output)


class _Run:
    """A survey carried out: first its letters, then those that nobody wants, then the register."""

    def __init__(self, plan: Plan, survey: Survey, outbox: Outbox, errand: Errand) -> None:
        self._campaign, self._order, self._survey = plan.campaign, plan.order, survey
        self._ledger, self._register = survey.ledger, survey.register
        self._outbox, self._errand = outbox, errand
        if self._register:
            self._register.remember()
        self._feed = RegisterFeed(plan.campaign, self._ledger, survey.current_ids, self._register)
        self._closed: Counter[PurePosixPath] = Counter()
        self._dated_by_pile: list[str] = []
        """Paths of new letters for whose pile a date stands there, which does not mean them."""
        self._left: list[LetterPlan] | None = None
        """Where it was stopped, the letters that were planned and are not written."""
        self._is_to_settle = self._ledger.unsettled is not None
        """Whether letters may not have reached the disk."""
        self._has_news = self._register is not None and self._register.waits

    def write(self, on_step: Callable[[Step], object]) -> None:
        """Write the letters, until a stop is asked for."""
        order, errand = self._order, self._errand
        self._outbox.sweep(self._survey.inventory.leftovers)
        writer = LetterWriter(
            campaign=self._campaign,
            outbox=self._outbox,
            ledger=self._ledger,
            survey=self._survey,
            errand=errand,
        )
        number = len(order.letters) or sum(1 for _ in self._campaign.pairs(order.names))
        self._closed = writer.closed
        errand.total(number, "Letters")
        at_hand = iter(list[LetterPlan]())
        try:
            for batch in _batches(_chosen(self._survey, self._feed), errand):
                at_hand = iter(batch)
                self._exclude_from_pile_dates(batch)
                for step in writer.write(batch):
                    next(at_hand)
                    self._has_news = self._has_news or step.state in WRITTEN_STATES
                    self._feed.note(step)
                    on_step(step)
                    errand.done()
            writer.commit()
        except Stopped:
            writer.commit()
            self._left = [*at_hand]
            _take_back(self._left, self._ledger)
        finally:
            with suppress(StorageError):
                writer.commit()
        self._is_to_settle |= writer.wrote

    def _exclude_from_pile_dates(self, batch: Iterable[LetterPlan]) -> None:
        if self._register and any(planned.step.state in WRITTEN_STATES for planned in batch):
            self._dated_by_pile += self._register.exclude_from_pile_dates(_new(batch))

    def finish(self, on_settled: Callable[[LettersResult], object]) -> LettersResult:
        """Settle all but the letters; `on_settled` gets the result before the register is told."""
        if not (self._is_to_settle and self._register):
            return self._finish(on_settled)
        with self._outbox.flushing() as is_flushed:
            result = self._finish(on_settled)
        in_part = self._order.names or self._order.letters or self._left is not None
        all_seen = not in_part and self._survey.sees_orphans
        if is_flushed() and (all_seen or self._ledger.unsettled is None):
            self._ledger.commit(ChangeSet(facts=unsettled_fact(None)))
        return result

    def _finish(self, on_settled: Callable[[LettersResult], object]) -> LettersResult:
        stopped, told = self._left is not None, self._campaign.told
        orphans = [] if stopped else self._survey.orphans()
        orphans = _move_orphans(orphans, self._survey, self._outbox)
        problems = [
            *self._survey.problems,
            *_closed_folder_problems(self._closed, self._survey.root),
            *orphan_problems(orphans, self._survey.root, done=True),
        ]
        unwritten = {each.known.path for each in self._left or ()}
        if dated := [path for path in self._dated_by_pile if path not in unwritten]:
            problems.append(pile_date_problem(dated))
        on_settled(LettersResult(told(problems), stopped))
        if self._register:
            problems += self._tell(self._register, orphans)
        # after the register was told: a run that was killed in between tells it then
        gone = [each.known.id for each in orphans if not (each.to or each.why)]
        forget_letters(self._ledger, self._campaign.identity, gone)
        if self._register:
            self._register.forget(gone)
        return LettersResult(told(problems), stopped)

    def _tell(self, register: CampaignRegister, orphans: Iterable[Orphan]) -> list[Problem]:
        if self._left is None:
            return self._feed.write_to(register, ((o.known.id, o.to, o.why) for o in orphans))
        if not (self._has_news and any(self._ledger.ids())):
            return []
        for each in self._left:
            self._feed.note(each.step, lies_at=each.known.path)
        return self._feed.write_to(register, in_part=True)


def _take_back(left: Iterable[LetterPlan], ledger: Ledger) -> None:
    """Let the ledger hold of letters that were planned and are not written what it held before."""
    unwritten = [each for each in left if each.step.state in WRITTEN_STATES]
    ledger.forget([each.known.id for each in unwritten if each.was is None])
    before = [each.was for each in unwritten if each.was]
    at_home = [was for was in before if ledger.id_at(was.path) in {None, "", was.id}]
    ledger.commit(ChangeSet(letters=at_home))


def _chosen(survey: Survey, feed: RegisterFeed) -> Iterator[LetterPlan]:
    """Yield the plans of the order; the register hears of the other letters at once."""
    for planned, chosen in survey.letters():
        if chosen:
            yield planned
        else:
            feed.note(planned.step, lies_at=planned.known.path)


def _new(batch: Iterable[LetterPlan]) -> Iterator[tuple[Pair, LetterRecord]]:
    """Yield the letters that are to be made for the first time."""
    return ((p.step.letter.pair, p.known) for p in batch if p.step.state == "new")


def _batches(plans: Iterable[LetterPlan], errand: Errand) -> Iterator[list[LetterPlan]]:
    """Yield as many plans at a time as hold a batch of letters to be written.

    Where a stop is asked for, those that were looked at by then.
    """
    batch: list[LetterPlan] = []
    writes = 0
    for planned in plans:
        batch.append(planned)
        writes += planned.step.state in WRITTEN_STATES
        if writes == BATCH or len(batch) == _MOST_WAITING or errand.is_stopping:
            yield batch
            batch, writes = [], 0
    yield batch


def _closed_folder_problems(closed: Mapping[PurePosixPath, int], root: str) -> Iterator[Problem]:
    """Yield the error of each folder into which letters could not be written."""
    for folder, number in sorted(closed.items()):
        place = Place(f"{root}/{folder}")
        yield messages.problem("letters-folder-closed", place, count=number)


def _move_orphans(orphans: Sequence[Orphan], survey: Survey, outbox: Outbox) -> list[Orphan]:
    """Move letters that no pair has to their folder; return all, as they are then."""
    closed: list[Orphan] = []
    ledger, going = survey.ledger, [each for each in orphans if each.to]
    ledger.commit(ChangeSet(letters=[e.known._replace(path=e.to, was=e.known.path) for e in going]))
    moved = []
    for each in going:
        old, was = survey.inventory.below(each.known.path), each.known.at
        try:
            at = outbox.move(old, PurePosixPath(each.to), was)
        except ClosedFolderError:
            at = None
            closed.append(each)
        moved.append(each.known._replace(path=each.to, **at._asdict()) if at else each.known)
    ledger.commit(ChangeSet(letters=moved))
    return [replace(e, to="", why="closed") if e in closed else e for e in orphans]


def forget_letters(ledger: Ledger, identity: Identity, letters: Sequence[str]) -> None:
    """Take letters that are gone out of the ledger, and all that it holds for their sake only."""
    if not letters:
        return
    ledger.forget(letters)
    left = {known.id: known for known in ledger.letters()}
    gone = identity.departed(ledger.people(), left.keys())
    ledger.forget((), [someone.key for someone in gone])
    ledger.forget_fields(fields_in_use(ledger))


def fields_in_use(ledger: Ledger) -> set[bytes]:
    """Return the digests of fields that letters were made from, or kept in spite of."""
    inputs = [known.inputs for known in ledger.letters()]
    inputs += [one.seen for one in ledger.decisions() if one.choice in {"keep", "print"}]
    return {piece for each in inputs for piece in field_digests(each)}


def finish_moves(ledger: Ledger, outbox: Outbox) -> None:
    """Settle where letters are whose move was cut short by a kill."""
    moved = [_settled(known, outbox) for known in ledger.interrupted_moves()]
    if moved:
        ledger.commit(ChangeSet(letters=moved))


def _settled(known: LetterRecord, outbox: Outbox) -> LetterRecord:
    if outbox.settle_move(PurePosixPath(known.was), PurePosixPath(known.path)):
        return known._replace(was="")
    return known._replace(path=known.was, was="", named=b"")


def pile_date_problem(paths: list[str]) -> Problem:
    """Return the warning of new letters that a pile's date cannot mean: it stood there before."""
    return messages.problem("letters-covered", Place("register.xlsx"), letters=sorted(paths))
