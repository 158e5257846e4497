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
from merge.campaign.batch_records import letters_changed_since_batch, letters_in_no_batch
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.counts import NOT_PRINTED, LetterCounts, PeopleSets, count_letters, pending_step
from merge.campaign.earlier_runs import names_by_person
from merge.campaign.letter_plan import LetterPlan, finished_letter
from merge.campaign.letters_order import LettersOrder
from merge.campaign.pending_decisions import PendingDecision, find_pending_decisions
from merge.campaign.people_selection import PeopleSelection
from merge.campaign.plan import Plan, Survey
from merge.campaign.task import NO_PROGRESS, Task
from merge.errors import MergeError
from merge.messages.groups import GroupedProblem, severity_key
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.register.entries import StageValue
from merge.register.layouts import SENT_STAGES, STAGES, counted_stages
from merge.register.reading import Register
from merge.state.ledger import Ledger, ledger_to_read
from merge.state.ledger_records import PrintedBatch


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done next, and how many errors or letters it is for.

    `settle` errors; `write` letters; `print` those in no print file as they are,
    `others_printed` where some are in one; `mark` those in batches, or at a stage, with the `stage`
    that follows; `done`: nothing; `closed`: nothing any more.
    """

    kind: Literal["settle", "write", "print", "mark", "done", "closed"]
    number: int = 0
    stage: str = ""
    others_printed: bool = False


class CreatedLetter(NamedTuple):
    """A letter that was made, on a day as far as it is known; people are by label.

    `stages` are what staff wrote down of it.
    """

    id: str
    signer: str
    recipient: str
    day: dt.date | None
    stages: Mapping[str, StageValue]


@dataclass(frozen=True)
class CampaignOverview:
    """A campaign looked at once.

    `letters` are those that were asked for, in the order of the workbook; `problems` is all that is
    wrong or doubtful, what harms most first. `fault` is what kept the letters from being looked at,
    which is among the problems as well: there are no letters then. There are none either where the
    campaign was closed: counts, and what was `made`, are from the register.
    """

    campaign: Campaign
    letters: tuple[LetterPlan, ...] = ()
    problems: tuple[Problem, ...] = ()
    counts: LetterCounts = field(default_factory=LetterCounts)
    print_again: tuple[str, ...] = ()
    """Paths of letters that changed after they were put into a batch, and are not posted yet."""
    ignored_warnings: tuple[Problem, ...] = ()
    """Warnings that staff have called right."""
    survey_problems: tuple[Problem, ...] = ()
    """The problems that the survey found beside the letters, in its own order."""
    survey_error: MergeError | None = None
    batches: Mapping[str, PrintedBatch] = field(default_factory=dict)
    """The batches that letters were last put into, by the letters' ids."""
    letters_in_register: tuple[CreatedLetter, ...] = ()
    """The letters that were made, where the campaign was closed."""
    unfinished_deletions: int = 0
    """People who are being forgotten, of whom something was left at the last look."""
    tracking_numbers: Mapping[str, str] = field(default_factory=dict)
    """The tracking numbers that stand in the register, by the letters' ids."""
    register: Register | None = None
    """The register, where it was read: while it is held here, it is not read again."""

    @property
    def created_letters(self) -> Iterator[CreatedLetter]:
        """Yield the letters that were made, those among them that staff deleted since on paper."""
        yield from self.letters_in_register
        for planned in self.letters:
            if planned.file_path or planned.stages:
                known, pair = planned.record, planned.step.letter.pair
                people = (str(pair.signer.label), str(pair.recipient.label))
                yield CreatedLetter(known.id, *people, known.day, planned.stages)

    @cached_property
    def plans_by_id(self) -> Mapping[str, LetterPlan]:
        """The letters by their ids."""
        return {planned.record.id: planned for planned in self.letters}

    @property
    def pending_decisions(self) -> tuple[PendingDecision, ...]:
        """What staff have to settle, and can choose."""
        return tuple(find_pending_decisions(self.campaign, self.letters, self.problems))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What stands in the way."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
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
    def uncertain_letters(self) -> tuple[LetterPlan, ...]:
        """The letters that nobody can be sure of: in use, another file in the place, several."""
        return tuple(
            planned
            for planned in self.letters
            if planned.step.state in {"foreign", "in-use"} or planned.step.has_reason("several")
        )

    @property
    def decided_letters(self) -> tuple[LetterPlan, ...]:
        """The letters that stay, or are printed, as they are, since staff decided so."""
        return tuple(planned for planned in self.letters if planned.choice)

    @property
    def to_look_at(self) -> tuple[str, ...]:
        """Their paths, each with why: another file, several."""
        return tuple(
            f"{LETTERS_FOLDER}/{step.letter.path}: {step.reason}"
            for step in (planned.step for planned in self.uncertain_letters)
        )

    @cached_property
    def blocked_letters(self) -> Mapping[str, Problem]:
        """The letters that cannot be made, by their ids, each with an error that touches it."""
        errors = ErrorIndex(self.campaign.findings)
        letters = (planned.step.letter for planned in self.letters)
        found = ((letter.id, errors.problem(letter.pair)) for letter in letters)
        return {letter_id: problem for letter_id, problem in found if problem}

    def affected_letter_ids(self, group: GroupedProblem) -> frozenset[str]:
        """Return the ids of the letters that a group of errors touches."""
        own = (replace(group.problem, place=place) for place in group.places)
        found = [one for problem in own for one in self._errors_with_letters.get(problem, ())]
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
            or any(one.affects(pair) for one in others)
        )

    @cached_property
    def _errors_with_letters(self) -> Mapping[Problem, Sequence[Finding]]:
        found: dict[Problem, list[Finding]] = {}
        for one in self.campaign.findings:
            if one.problem.level == "error":
                found.setdefault(one.problem, []).append(one)
        return found

    @property
    def next_step(self) -> NextStep:
        """What is to be done next."""
        counts = self.counts
        if self.errors:
            return NextStep("settle", len(self.errors))
        if counts.to_write:
            return NextStep("write", counts.to_write)
        unmarked, in_batches = counts.total.pending[NOT_PRINTED], counts.in_batches
        if unmarked > in_batches and not self.campaign.closed_on:
            return NextStep("print", unmarked - in_batches, others_printed=in_batches > 0)
        if in_batches:
            return NextStep("mark", in_batches, STAGES[0])
        for before, stage in pairwise(() if self.campaign.closed_on else STAGES[:-1]):
            if waiting := counts.total.pending[pending_step((before,))]:
                return NextStep("mark", waiting, stage)
        return NextStep("closed" if self.campaign.closed_on else "done")


def inspect_campaign(
    campaign: Campaign,
    names: Sequence[str] = (),
    *,
    order: LettersOrder | None = None,
    task: Task = NO_PROGRESS,
) -> CampaignOverview:
    """Look at the campaign, and at the letters of these people; of all where none is named.

    `order` stands in for the names where more is asked for: letters made anew, a try-out.
    UsageError where a name is nobody's, Stopped where a stop is asked for; whatever else is wrong
    is in the view.
    """
    order = order or LettersOrder(campaign.letters_folder, tuple(names))
    plan = Plan(campaign, order)
    if campaign.closed_on and plan.has_ledger:
        return _inspect_closed_campaign(campaign, plan.selection)
    found = campaign.all_problems(order.names)
    try:
        with plan.survey(task) as survey:
            letters = tuple(_planned_letters(survey, task))
            ledger, register, counts = survey.ledger, survey.register, count_letters(letters)
            if register:
                counts.add_former_people(
                    register, survey.current_ids, _people_sets(campaign, plan.selection)
                )
            view = CampaignOverview(
                *(campaign, letters),
                counts=counts,
                print_again=_letters_to_print_again(letters, campaign.folder, ledger, counts),
                batches=ledger.batches(),
                unfinished_deletions=ledger.pending_deletion_count,
                tracking_numbers=register.tracking_numbers() if register else {},
                register=register.loaded_register if register else None,
            )
            found += [*survey.problems, *(register.reading_problems() if register else ())]
    except MergeError as error:
        told, hidden = _split_ignored(campaign, [*found, *error.problems])
        return CampaignOverview(
            campaign, problems=told, ignored_warnings=hidden, survey_error=error
        )
    told, hidden = _split_ignored(campaign, found)
    beside = tuple(campaign.without_ignored(survey.problems))
    return replace(view, problems=told, ignored_warnings=hidden, survey_problems=beside)


def _inspect_closed_campaign(campaign: Campaign, chosen: PeopleSelection) -> CampaignOverview:
    """Look at a campaign that was closed, and at what its register says of these people."""
    letters, counts, wanted = list[CreatedLetter](), LetterCounts(), _people_sets(campaign, chosen)
    try:
        with ledger_to_read(campaign.letters_folder) as ledger:
            register = CampaignRegister(campaign, ledger)
            names, rows = names_by_person(register.register), [*register.wanted_rows()]
            problems = [*register.warnings(), *register.reading_problems()]
            current = {int(letter_id, 16) for letter_id, *_ in rows}
            counts.add_former_people(register, current, wanted)
            leaving = ledger.pending_deletion_count
    except MergeError as error:
        return CampaignOverview(campaign, problems=tuple(error.problems), survey_error=error)
    for letter_id, row, stages in rows:
        if all({row.signer_id, row.recipient_id} & people for people in wanted):
            signer = names.get(("signer", row.signer_id)) or row.signer
            recipient = names.get(("recipient", row.recipient_id)) or row.recipient
            letters.append(
                CreatedLetter(
                    id=letter_id,
                    signer=signer,
                    recipient=recipient,
                    day=row.created_on,
                    stages=stages,
                )
            )
            counts.add(signer, recipient, counted_stages(stages))
    told, hidden = _split_ignored(campaign, problems)
    return CampaignOverview(
        campaign=campaign,
        problems=told,
        counts=counts,
        ignored_warnings=hidden,
        letters_in_register=tuple(letters),
        unfinished_deletions=leaving,
        register=register.loaded_register,
    )


def _people_sets(campaign: Campaign, chosen: PeopleSelection) -> PeopleSets:
    """Return the ids of the people who are asked for; a letter has somebody of each set."""
    asked = [keys for keys in (chosen.signers, chosen.recipients) if keys is not None]
    person = campaign.identity.person_id
    return [{person(p) for p in campaign.workbook.persons if p.key in keys} for keys in asked]


def _planned_letters(survey: Survey, task: Task) -> Iterator[LetterPlan]:
    for planned in survey.ordered_letters():
        task.raise_if_cancelled()
        yield planned


def _split_ignored(
    campaign: Campaign, problems: Iterable[Problem]
) -> tuple[tuple[Problem, ...], ...]:
    """Return what is told, and the warnings that staff have hidden."""
    everything = sorted(dict.fromkeys(problems), key=severity_key)
    told = campaign.without_ignored(everything)
    shown = {*told}
    return tuple(told), tuple(problem for problem in everything if problem not in shown)


def _letters_to_print_again(
    letters: Iterable[LetterPlan], folder: Path, ledger: Ledger, counts: LetterCounts
) -> tuple[str, ...]:
    """Return the paths of letters to be printed again; take in how many wait in batches."""
    if not ledger.has_print_records():
        return ()
    here = [each for each in letters if each.file_path and not SENT_STAGES & each.stages.keys()]
    unmarked = [finished_letter(each) for each in here if not each.stages]
    changed = letters_changed_since_batch(ledger, map(finished_letter, here))
    due = {letter.id for letter in (*letters_in_no_batch(ledger, unmarked), *changed)}
    counts.in_batches = sum(letter.id not in due for letter in unmarked)
    return tuple(letter.path.relative_to(folder).as_posix() for letter in changed)
