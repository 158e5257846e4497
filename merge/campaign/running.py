"""One run: every pair planned, the plan carried out, and what else is to be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath

from merge.campaign.aside import (
    Unwanted,
    cloud_problem,
    copy_problem,
    covered_problem,
    finish_moves,
    forget,
    ledger_problem,
    letters_gone_problem,
    rows_problems,
    strangers,
    unwanted,
    unwanted_problems,
)
from merge.campaign.opened import LETTERS, Campaign
from merge.campaign.order import Order
from merge.campaign.paper import Paper
from merge.campaign.survey import Again, Planned, Survey
from merge.campaign.told import Corrections, Told
from merge.campaign.writing import BATCH, WRITTEN, Writing
from merge.model import Pair, Problem, Step, StorageError
from merge.register.model import Stage
from merge.state.files import Inventory, Outbox, Placed, take_inventory
from merge.state.ledger import Known, Ledger, News, Printed, no_ledger, open_ledger, read_ledger

_MOST_WAITING = 2_000
"""Plans that wait for enough letters to be written."""


class Run:
    """Makes the letters of an order, one step at a time; each step is told when it is done.

    Letters that an error touches are left out. StorageError where the disk does not let us go on:
    what was written before is whole and known. `news` is complete when all steps are given;
    `paper` is the register as it was before, None in a try-out.
    """

    def __init__(self, campaign: Campaign, order: Order) -> None:
        self._campaign, self._order = campaign, order
        self._chosen = campaign.chosen(order.names)
        again = order.again_names
        self._renewed = campaign.chosen(again, "--again") if again else None
        self._remembers = order.target == campaign.folder / LETTERS
        self._root = LETTERS if self._remembers else str(order.target)
        self._wanted: set[int] = set()
        self._corrections = Corrections(campaign)
        self._rowless: list[str] = []
        self.news: list[Problem] = []
        self.paper: Paper | None = None

    def __iter__(self) -> Iterator[Step]:
        if self._order.dry_run:
            yield from (planned.step for planned in self.plans())
            return
        outbox = Outbox(self._order.target)
        with outbox.open():
            ledger = open_ledger(self._order.target) if self._remembers else no_ledger()
            try:
                yield from self._carried_out(outbox, ledger)
            finally:
                ledger.close()

    def plans(self) -> Iterator[Planned]:
        """What is known of each letter of the order, and what would be done; nothing is changed."""
        ledger = read_ledger(self._order.target) if self._remembers else no_ledger()
        try:
            yield from self._rehearsed(ledger)
        finally:
            ledger.close()

    def _rehearsed(self, ledger: Ledger) -> Iterator[Planned]:
        paper = self._paper(ledger)
        survey, inventory = self._survey(ledger, paper)
        for planned in self._plans(survey):
            if self._chosen.has(planned.step.letter.pair):
                yield planned
        self.news += self._corrections.problems(paper)
        self.news += rows_problems(self._rowless)
        found = self._unwanted(ledger, survey, inventory, paper)
        self.news += unwanted_problems(found, self._root, done=False)

    def _paper(self, ledger: Ledger) -> Paper | None:
        if self._remembers:
            anew, identity = self._order.new_register, self._campaign.identity
            self.paper = Paper(self._campaign.folder, ledger, identity, anew=anew)
        return self.paper

    def _carried_out(self, outbox: Outbox, ledger: Ledger) -> Iterator[Step]:
        finish_moves(ledger, outbox)
        paper = self._paper(ledger)
        survey, inventory = self._survey(ledger, paper)
        told = Told(self._campaign, ledger, self._wanted)
        outbox.sweep(inventory.leftovers)
        writing = Writing(self._campaign, outbox, ledger, survey)
        covered: list[str] = []
        try:
            for batch in _batches(self._chosen_plans(survey, told)):
                if paper and any(planned.step.state in WRITTEN for planned in batch):
                    covered += paper.before_writing(_new(batch))
                for step in writing.write(batch):
                    told.note(step, done=True)
                    yield step
            writing.commit()
        finally:
            with suppress(StorageError):
                writing.commit()
        self.news += self._corrections.problems(paper)
        self.news += rows_problems(self._rowless)
        found = self._unwanted(ledger, survey, inventory, paper)
        self._move_unwanted(found, outbox, ledger, inventory)
        if covered:
            self.news.append(covered_problem(covered))
        if paper:
            self.news += told.tell(paper, found)

    def told_only(self, ledger: Ledger) -> list[Problem]:
        """Tell the register how the letters are now; nothing else is done."""
        paper = Paper(self._campaign.folder, ledger, self._campaign.identity)
        survey, _ = self._survey(ledger, paper)
        told = Told(self._campaign, ledger, self._wanted)
        for planned in self._plans(survey):
            told.note(planned.step, done=False)
        return told.tell(paper, ())

    def _survey(self, ledger: Ledger, paper: Paper | None) -> tuple[Survey, Inventory]:
        if not ledger.fresh:
            self._wanted.update(self._ids())
        inventory = take_inventory(self._order.target, ledger, self._wanted)
        if ledger.fresh and inventory.unknown:
            self._wanted.update(self._ids())
        if paper and ledger.fresh:
            self._tell_first(inventory)
            if not (inventory.unknown or self._order.new_register) and paper.register.rows:
                raise StorageError(letters_gone_problem(self._root, len(paper.register.rows)))
        stages = paper.stages if paper else _nothing
        return Survey(self._campaign, ledger, inventory, stages), inventory

    def _ids(self) -> Iterator[int]:
        """The ids of the letters that pairs have, as numbers: they take half the room."""
        letter = self._campaign.identity.letter
        return (int(letter(pair), 16) for pair in self._campaign.workbook.pairs())

    def _tell_first(self, inventory: Inventory) -> None:
        if inventory.unknown:
            self.news.append(ledger_problem(self._root))
        elif cloud := cloud_problem(self._campaign.folder):
            self.news.append(cloud)

    def _chosen_plans(self, survey: Survey, told: Told) -> Iterator[Planned]:
        for planned in self._plans(survey):
            if self._chosen.has(planned.step.letter.pair):
                yield planned
            else:
                told.note(planned.step, done=False)

    def _plans(self, survey: Survey) -> Iterator[Planned]:
        """The plan of every pair there is; copies are told."""
        for pair in self._campaign.workbook.pairs():
            planned = survey.plan(pair, self._again(pair))
            if planned.was:
                self._corrections.count(pair, planned.known.id)
                if self.paper and self.paper.lost_row(planned.known.id):
                    self._rowless.append(planned.known.path)
            for copy in planned.copies:
                self.news.append(copy_problem(planned.known.path, copy, self._root))
            yield planned

    def _again(self, pair: Pair) -> Again:
        if self._renewed and self._renewed.has(pair):
            return "all"
        return "resaved" if self._order.again_resaved else ""

    def _unwanted(
        self, ledger: Ledger, survey: Survey, inventory: Inventory, paper: Paper | None
    ) -> list[Unwanted]:
        """None while something is wrong with the workbook: it may be that which hides a pair."""
        wrong = any(found.problem.level == "error" for found in self._campaign.findings)
        if wrong or not self._wanted:
            return []

        def why_it_stays(known: Known) -> str:
            if paper and paper.has_dates(known.id):
                return "it is on paper"
            return "it is open in a program" if inventory.is_open(known.path) else ""

        known = unwanted(ledger, survey, self._wanted, why_it_stays)
        return [*known, *strangers(ledger, inventory, self._wanted)]

    def _move_unwanted(
        self, found: list[Unwanted], outbox: Outbox, ledger: Ledger, inventory: Inventory
    ) -> None:
        going = [each for each in found if each.to]
        ledger.commit(News(letters=[e.known._replace(path=e.to, was=e.known.path) for e in going]))
        moved = []
        for each in going:
            was = Placed(*each.known.at)
            done = outbox.move(inventory.below(each.known.path), PurePosixPath(each.to), was)
            moved.append(each.known._replace(path=each.to) if done else each.known)
        ledger.commit(News(letters=moved))
        gone = [each.known.id for each in found if not (each.to or each.why)]
        forget(ledger, self._campaign.identity, gone)
        self.news += unwanted_problems(found, self._root, done=True)


def tell_printed(campaign: Campaign, printed: Sequence[Printed]) -> list[Problem]:
    """Write down which letters were put into which batch, and tell the register."""
    order = Order(campaign.folder / LETTERS)
    with Outbox(order.target).open():
        ledger = open_ledger(order.target)
        try:
            ledger.commit(News(printed=[*printed]))
            return Run(campaign, order).told_only(ledger)
        finally:
            ledger.close()


def _nothing(_: Pair, __: Known) -> Mapping[str, Stage]:
    """In a try-out nothing is on paper."""
    return {}


def _new(batch: Iterable[Planned]) -> Iterator[tuple[Pair, Known]]:
    """The letters that are to be made for the first time."""
    return ((p.step.letter.pair, p.known) for p in batch if p.step.state == "new")


def _batches(plans: Iterable[Planned]) -> Iterator[list[Planned]]:
    """As many as hold a batch of letters to be written."""
    batch: list[Planned] = []
    writes = 0
    for planned in plans:
        batch.append(planned)
        writes += planned.step.state in WRITTEN
        if writes == BATCH or len(batch) == _MOST_WAITING:
            yield batch
            batch, writes = [], 0
    yield batch
