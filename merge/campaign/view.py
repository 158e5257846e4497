"""A campaign as it is now, from one survey: letters, problems, counts, and what is to be done next.

Every face reads it from here, so that none says what another does not. Nothing is changed. Of a
campaign that was closed there is the register.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from merge.affected_letters import ErrorIndex, Finding
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.counts import NOT_PRINTED, Counts, PeopleSets, count_letters, waits_for
from merge.campaign.earlier_runs import names_in
from merge.campaign.errand import UNWATCHED, Errand
from merge.campaign.letter_plan import LetterPlan, finished_letter
from merge.campaign.letters_order import LettersOrder
from merge.campaign.people_selection import Selection
from merge.campaign.plan import Plan, Survey
from merge.campaign.printed import changed_since, in_no_batch
from merge.campaign.questions import Question, questions
from merge.errors import MergeError
from merge.messages.groups import GroupedProblem, by_harm
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.register.entries import StageValue
from merge.register.layouts import SENT, STAGES, counted_stages
from merge.register.reading import Register
from merge.state.ledger import Ledger, ledger_to_read
from merge.state.ledger_records import PrintedBatch


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done next, and how many errors or letters it is for.

    `settle` errors; `write` letters; `print` those in no print file as they are,
    `others_printed` where some are in one; `mark` those in batches, or at a stage, with the `stage`
    that follows; `done`: nothing; `closed`: nothing any more.
    """

    kind: Literal["settle", "write", "print", "mark", "done", "closed"]
    number: int = 0
    stage: str = ""
    others_printed: bool = False


class MadeLetter(NamedTuple):
    """A letter that was made, on a day as far as it is known; people are by label.

    `stages` are what staff wrote down of it.
    """

    id: str
    signer: str
    recipient: str
    day: dt.date | None
    stages: Mapping[str, StageValue]


@dataclass(frozen=True)
class View:
    """A campaign looked at once.

    `letters` are those that were asked for, in the order of the workbook; `problems` is all that is
    wrong or doubtful, what harms most first. `fault` is what kept the letters from being looked at,
    which is among the problems as well: there are no letters then. There are none either where the
    campaign was closed: counts, and what was `made`, are from the register.
    """

    campaign: Campaign
    letters: tuple[LetterPlan, ...] = ()
    problems: tuple[Problem, ...] = ()
    counts: Counts = field(default_factory=Counts)
    print_again: tuple[str, ...] = ()
    """Paths of letters that changed after they were put into a batch, and are not posted yet."""
    hidden: tuple[Problem, ...] = ()
    """Warnings that staff have called right."""
    beside: tuple[Problem, ...] = ()
    """The problems that the survey found beside the letters, in its own order."""
    fault: MergeError | None = None
    batches: Mapping[str, PrintedBatch] = field(default_factory=dict)
    """The batches that letters were last put into, by the letters' ids."""
    in_register: tuple[MadeLetter, ...] = ()
    """The letters that were made, where the campaign was closed."""
    leaving: int = 0
    """People who are being forgotten, of whom something was left at the last look."""
    tracking: Mapping[str, str] = field(default_factory=dict)
    """The tracking numbers that stand in the register, by the letters' ids."""
    register: Register | None = None
    """The register, where it was read: while it is held here, it is not read again."""

    @property
    def made(self) -> Iterator[MadeLetter]:
        """Yield the letters that were made, those among them that staff deleted since on paper."""
        yield from self.in_register
        for planned in self.letters:
            if planned.place or planned.stages:
                known, pair = planned.known, planned.step.letter.pair
                people = (str(pair.signer.label), str(pair.recipient.label))
                yield MadeLetter(known.id, *people, known.day, planned.stages)

    @cached_property
    def planned(self) -> Mapping[str, LetterPlan]:
        """The letters by their ids."""
        return {planned.known.id: planned for planned in self.letters}

    @property
    def questions(self) -> tuple[Question, ...]:
        """What staff have to settle, and can choose."""
        return tuple(questions(self.campaign, self.letters, self.problems))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What stands in the way."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def doubts(self) -> tuple[Problem, ...]:
        """What is doubtful, and stops nothing."""
        return tuple(problem for problem in self.problems if problem.level == "warning")

    @property
    def on_paper_changed(self) -> tuple[str, ...]:
        """Paths of letters on paper, what they are made from having changed since."""
        steps = (planned.step for planned in self.letters)
        return tuple(
            f"{LETTERS_FOLDER}/{step.letter.path}"
            for step in steps
            if step.state == "on-paper" and step.data_changed
        )

    @property
    def unsure(self) -> tuple[LetterPlan, ...]:
        """The letters that nobody can be sure of: in use, another file in the place, several."""
        return tuple(
            planned
            for planned in self.letters
            if planned.step.state in {"foreign", "in-use"} or planned.step.has("several")
        )

    @property
    def decided(self) -> tuple[LetterPlan, ...]:
        """The letters that stay, or are printed, as they are, since staff decided so."""
        return tuple(planned for planned in self.letters if planned.decided)

    @property
    def to_look_at(self) -> tuple[str, ...]:
        """Their paths, each with why: another file, several."""
        return tuple(
            f"{LETTERS_FOLDER}/{step.letter.path}: {step.reason}"
            for step in (planned.step for planned in self.unsure)
        )

    @cached_property
    def stopped(self) -> Mapping[str, Problem]:
        """The letters that cannot be made, by their ids, each with an error that touches it."""
        errors = ErrorIndex(self.campaign.findings)
        letters = (planned.step.letter for planned in self.letters)
        found = ((letter.id, errors.problem(letter.pair)) for letter in letters)
        return {letter_id: problem for letter_id, problem in found if problem}

    def touched(self, group: GroupedProblem) -> frozenset[str]:
        """Return the ids of the letters that a group of errors touches."""
        own = (replace(group.problem, place=place) for place in group.places)
        found = [one for problem in own for one in self._findings.get(problem, ())]
        signers, recipients, others = set[str](), set[str](), list[Finding]()
        for one in found:
            if one.pairs is None and one.recipients is None and one.signers is not None:
                signers |= one.signers
            elif one.pairs is None and one.signers is None and one.recipients is not None:
                recipients |= one.recipients
            else:
                others.append(one)
        return frozenset(
            planned.step.letter.id
            for planned in (self.letters if found else ())
            if (pair := planned.step.letter.pair).signer.key in signers
            or pair.recipient.key in recipients
            or any(one.touches(pair) for one in others)
        )

    @cached_property
    def _findings(self) -> Mapping[Problem, Sequence[Finding]]:
        found: dict[Problem, list[Finding]] = {}
        for one in self.campaign.findings:
            if one.problem.level == "error":
                found.setdefault(one.problem, []).append(one)
        return found

    @property
    def due(self) -> Due:
        """What is to be done next."""
        counts = self.counts
        if self.errors:
            return Due("settle", len(self.errors))
        if counts.to_write:
            return Due("write", counts.to_write)
        unmarked, in_batches = counts.whole.waits[NOT_PRINTED], counts.in_batches
        if unmarked > in_batches and not self.campaign.closed:
            return Due("print", unmarked - in_batches, others_printed=in_batches > 0)
        if in_batches:
            return Due("mark", in_batches, STAGES[0])
        for before, stage in pairwise(() if self.campaign.closed else STAGES[:-1]):
            if waiting := counts.whole.waits[waits_for((before,))]:
                return Due("mark", waiting, stage)
        return Due("closed" if self.campaign.closed else "done")


def look(
    campaign: Campaign,
    names: Sequence[str] = (),
    *,
    order: LettersOrder | None = None,
    errand: Errand = UNWATCHED,
) -> View:
    """Look at the campaign, and at the letters of these people; of all where none is named.

    `order` stands in for the names where more is asked for: letters made anew, a try-out.
    UsageError where a name is nobody's, Stopped where a stop is asked for; whatever else is wrong
    is in the view.
    """
    order = order or LettersOrder(campaign.letters_folder, tuple(names))
    plan = Plan(campaign, order)
    if campaign.closed and plan.has_ledger:
        return _look_into_register(campaign, plan.selection)
    found = campaign.all_problems(order.names)
    try:
        with plan.survey(errand) as survey:
            letters = tuple(_each(survey, errand))
            ledger, register, counts = survey.ledger, survey.register, count_letters(letters)
            if register:
                counts.add_gone(register, survey.current_ids, _people(campaign, plan.selection))
            view = View(
                *(campaign, letters),
                counts=counts,
                print_again=_printed_again(letters, campaign.folder, ledger, counts),
                batches=ledger.batches(),
                leaving=ledger.leaving,
                tracking=register.tracking() if register else {},
                register=register.held if register else None,
            )
            found += [*survey.problems, *(register.doubts() if register else ())]
    except MergeError as error:
        told, hidden = _told(campaign, [*found, *error.problems])
        return View(campaign, problems=told, hidden=hidden, fault=error)
    told, hidden = _told(campaign, found)
    beside = tuple(campaign.told(survey.problems))
    return replace(view, problems=told, hidden=hidden, beside=beside)


def _look_into_register(campaign: Campaign, chosen: Selection) -> View:
    """Look at a campaign that was closed, and at what its register says of these people."""
    letters, counts, wanted = list[MadeLetter](), Counts(), _people(campaign, chosen)
    try:
        with ledger_to_read(campaign.letters_folder) as ledger:
            register = CampaignRegister(campaign, ledger)
            names, rows = names_in(register.register), [*register.kept_rows()]
            problems = [*register.warnings(), *register.doubts()]
            current = {int(letter_id, 16) for letter_id, *_ in rows}
            counts.add_gone(register, current, wanted)
            leaving = ledger.leaving
    except MergeError as error:
        return View(campaign, problems=tuple(error.problems), fault=error)
    for letter_id, row, stages in rows:
        if all({row.signer_id, row.recipient_id} & people for people in wanted):
            signer = names.get(("signer", row.signer_id)) or row.signer
            recipient = names.get(("recipient", row.recipient_id)) or row.recipient
            letters.append(
                MadeLetter(
                    id=letter_id,
                    signer=signer,
                    recipient=recipient,
                    day=row.made,
                    stages=stages,
                )
            )
            counts.add(signer, recipient, counted_stages(stages))
    told, hidden = _told(campaign, problems)
    return View(
        campaign=campaign,
        problems=told,
        counts=counts,
        hidden=hidden,
        in_register=tuple(letters),
        leaving=leaving,
        register=register.held,
    )


def _people(campaign: Campaign, chosen: Selection) -> PeopleSets:
    """Return the ids of the people who are asked for; a letter has somebody of each set."""
    asked = [keys for keys in (chosen.signers, chosen.recipients) if keys is not None]
    person = campaign.identity.person
    return [{person(p) for p in campaign.workbook.persons if p.key in keys} for keys in asked]


def _each(survey: Survey, errand: Errand) -> Iterator[LetterPlan]:
    for planned in survey.chosen():
        errand.check()
        yield planned


def _told(campaign: Campaign, problems: Iterable[Problem]) -> tuple[tuple[Problem, ...], ...]:
    """Return what is told, and the warnings that staff have hidden."""
    everything = sorted(dict.fromkeys(problems), key=by_harm)
    told = campaign.told(everything)
    shown = {*told}
    return tuple(told), tuple(problem for problem in everything if problem not in shown)


def _printed_again(
    letters: Iterable[LetterPlan], folder: Path, ledger: Ledger, counts: Counts
) -> tuple[str, ...]:
    """Return the paths of letters to be printed again; take in how many wait in batches."""
    if not ledger.any_printed():
        return ()
    here = [each for each in letters if each.place and not SENT & each.stages.keys()]
    unmarked = [finished_letter(each) for each in here if not each.stages]
    changed = changed_since(ledger, map(finished_letter, here))
    due = {letter.id for letter in (*in_no_batch(ledger, unmarked), *changed)}
    counts.in_batches = sum(letter.id not in due for letter in unmarked)
    return tuple(letter.path.relative_to(folder).as_posix() for letter in changed)
