"""Overview of a campaign: letters, problems, counts and the next step.

One survey yields it, and nothing is changed. All front ends read it from here, so that they show
the same. If the campaign was closed, the overview comes from the register.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from merge.affected_letters import BlockingErrorIndex, Finding
from merge.campaign.batch_records import letters_changed_since_batch, letters_in_no_batch
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.candidates import PrintCandidates, find_candidates
from merge.campaign.counts import NOT_PRINTED, LetterCounts, PeopleSets, count_letters, pending_step
from merge.campaign.deleted_people import deleted_people_problems
from merge.campaign.earlier_runs import names_by_person
from merge.campaign.letter_plan import LetterPlan, finished_letter
from merge.campaign.letters_order import LettersOrder
from merge.campaign.pending_decisions import PendingDecision, find_pending_decisions
from merge.campaign.people_selection import PeopleSelection
from merge.campaign.plan import LettersRunPlan, LettersSurvey
from merge.campaign.task import NO_PROGRESS, Task
from merge.errors import MergeError, StorageError
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
    """The recommended next step and the number of items it concerns.

    - `settle`: fix errors
    - `write`: create letters
    - `print`: print letters that are in no print file in their present state; `others_printed` if
      some are in one. `blocked` others cannot be printed
    - `blocked`: resolve what prevents that any letter is printed
    - `mark`: mark letters in print files or at a stage; `stage` is the stage that follows
    - `done`: nothing to do
    - `closed`: nothing to do, because the campaign was closed
    """

    kind: Literal["settle", "write", "print", "blocked", "mark", "done", "closed"]
    number: int = 0
    stage: str = ""
    others_printed: bool = False
    blocked: int = 0


class CreatedLetter(NamedTuple):
    """A letter that was created, with the labels of its people.

    `day` is the day on which it was created, if known. `stages` are what staff entered in the
    register.
    """

    id: str
    signer: str
    recipient: str
    day: dt.date | None
    stages: Mapping[str, StageValue]


@dataclass(frozen=True)
class CampaignOverview:
    """An overview of a campaign at one moment.

    `letters` are the selected letters, in the order of the workbook. `problems` are all errors and
    warnings, the most severe first. `survey_error` is the error that prevented the survey; it is
    among the problems as well, and there are no letters then. There are no letters either if the
    campaign was closed: counts and created letters are from the register then.
    """

    campaign: Campaign
    letters: tuple[LetterPlan, ...] = ()
    problems: tuple[Problem, ...] = ()
    counts: LetterCounts = field(default_factory=LetterCounts)
    print_again: tuple[str, ...] = ()
    """Paths of letters that changed since their last print file.

    Letters that are posted are not among them.
    """
    ignored_warnings: tuple[Problem, ...] = ()
    """Warnings that staff ignore."""
    survey_problems: tuple[Problem, ...] = ()
    """Problems that the survey found besides the letters, in its own order."""
    survey_error: MergeError | None = None
    batches: Mapping[str, PrintedBatch] = field(default_factory=dict)
    """The print files that letters were last put into, by the letters' IDs."""
    letters_in_register: tuple[CreatedLetter, ...] = ()
    """The letters that were created, if the campaign was closed."""
    unfinished_deletions: int = 0
    """Number of people whose deletion has begun and is not finished."""
    tracking_numbers: Mapping[str, str] = field(default_factory=dict)
    """The tracking numbers in the register, by the letters' IDs."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """The notes in the register, by the letters' IDs."""
    register: Register | None = None
    """The register, if it was read.

    While it is kept here, it is not read again.
    """

    @property
    def created_letters(self) -> Iterator[CreatedLetter]:
        """The letters that were created, with their people and stages.

        Printed letters are among them even if staff deleted their files.
        """
        yield from self.letters_in_register
        for planned in self.letters:
            if planned.file_path or planned.stages:
                known, pair = planned.record, planned.step.letter.pair
                people = (str(pair.signer.label), str(pair.recipient.label))
                yield CreatedLetter(known.id, *people, known.day, planned.stages)

    def with_seen(self, letter_id: str, seen: bytes) -> CampaignOverview:
        """Return this overview after someone has seen a letter: see `record_seen`."""
        seen_letters = {**self.campaign.seen_letters, letter_id: seen}
        return replace(self, campaign=replace(self.campaign, seen_letters=seen_letters))

    def with_marks(
        self,
        letters: AbstractSet[str],
        stage: str,
        day: dt.date | None,
        tracking_numbers: Mapping[str, str],
    ) -> CampaignOverview:
        """Return this overview after these letters were marked.

        Without a day, the stage is removed. Counts and problems are not updated.
        """

        def marked(planned: LetterPlan) -> LetterPlan:
            others = {s: value for s, value in planned.stages.items() if s != stage}
            return planned._replace(stages={**others, stage: day} if day else others)

        plans = (marked(p) if p.record.id in letters else p for p in self.letters)
        numbers = {**self.tracking_numbers, **tracking_numbers}
        return replace(self, letters=tuple(plans), tracking_numbers=numbers)

    @cached_property
    def plans_by_id(self) -> Mapping[str, LetterPlan]:
        """The plans of all letters, by letter ID."""
        return {planned.record.id: planned for planned in self.letters}

    @property
    def pending_decisions(self) -> tuple[PendingDecision, ...]:
        """The decisions that staff must make, with their choices."""
        return tuple(find_pending_decisions(self.campaign, self.letters, self.problems))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The errors of the campaign, which block letters."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The warnings of the campaign, which block no letter."""
        return tuple(problem for problem in self.problems if problem.level == "warning")

    @property
    def unresolved_problems(self) -> tuple[Problem, ...]:
        """The warnings because of which the campaign is not up to date."""
        return tuple(find_unresolved(self.campaign, self.problems))

    @property
    def on_paper_changed(self) -> tuple[str, ...]:
        """Paths of printed letters whose data has changed since."""
        steps = (planned.step for planned in self.letters)
        return tuple(
            f"{LETTERS_FOLDER}/{step.letter.path}"
            for step in steps
            if step.state == "on-paper" and step.data_changed
        )

    @property
    def uncertain_letters(self) -> tuple[LetterPlan, ...]:
        """Letters with a file in use, a taken file name, or several files.

        The file is in use, another file has its name, or several files carry its ID.
        """
        return tuple(
            planned
            for planned in self.letters
            if planned.step.state in {"foreign", "in-use"} or planned.step.has_reason("several")
        )

    @property
    def decided_letters(self) -> tuple[LetterPlan, ...]:
        """Letters that staff decided to keep, or to print as they are."""
        return tuple(planned for planned in self.letters if planned.choice)

    @property
    def to_look_at(self) -> tuple[str, ...]:
        """Paths of the uncertain letters, each with the reason."""
        return tuple(
            f"{LETTERS_FOLDER}/{step.letter.path}: {step.reason}"
            for step in (planned.step for planned in self.uncertain_letters)
        )

    @cached_property
    def blocked_letters(self) -> Mapping[str, Problem]:
        """One error for each letter that errors block, by letter ID."""
        errors = BlockingErrorIndex(self.campaign.findings)
        letters = (planned.step.letter for planned in self.letters)
        blocking = ((letter.id, errors.problem(letter.pair)) for letter in letters)
        return {letter_id: problem for letter_id, problem in blocking if problem}

    def print_candidates(self, *, open_files: bool = True) -> PrintCandidates:
        """Return a printable file for each letter, or why the letter has none.

        See `find_candidates` for `open_files`. Raise the error that prevented the survey.
        """
        if self.survey_error:
            raise self.survey_error
        candidates = find_candidates(self.letters, self.blocked_letters, open_files=open_files)
        return PrintCandidates(tuple(candidates), self.survey_problems)

    def affected_letter_ids(self, group: GroupedProblem) -> frozenset[str]:
        """Return the IDs of the letters that a group of errors affects."""
        problems = (replace(group.problem, place=place) for place in group.places)
        findings = [
            finding
            for problem in problems
            for finding in self._errors_with_letters.get(problem, ())
        ]
        signers, recipients, others = set[str](), set[str](), list[Finding]()
        for finding in findings:
            if finding.pairs is None and finding.recipients is None and finding.signers is not None:
                signers |= finding.signers
            elif (
                finding.pairs is None and finding.signers is None and finding.recipients is not None
            ):
                recipients |= finding.recipients
            else:
                others.append(finding)
        return frozenset(
            planned.step.letter.id
            for planned in (self.letters if findings else ())
            if (pair := planned.step.letter.pair).signer.key in signers
            or pair.recipient.key in recipients
            or any(finding.affects(pair) for finding in others)
        )

    @cached_property
    def _errors_with_letters(self) -> Mapping[Problem, Sequence[Finding]]:
        findings: dict[Problem, list[Finding]] = {}
        for finding in self.campaign.findings:
            if finding.problem.level == "error":
                findings.setdefault(finding.problem, []).append(finding)
        return findings

    @cached_property
    def next_step(self) -> NextStep:
        """The step that is recommended to staff next."""
        counts = self.counts
        if self.errors:
            return NextStep("settle", len(self.errors))
        if counts.to_write:
            return NextStep("write", counts.to_write)
        in_batches = counts.in_batches
        if counts.total.pending[NOT_PRINTED] > in_batches and not self.campaign.closed_on:
            return self._print_step()
        if in_batches:
            return NextStep("mark", in_batches, STAGES[0])
        for earlier_stage, stage in pairwise(() if self.campaign.closed_on else STAGES[:-1]):
            if number := counts.total.pending[pending_step((earlier_stage,))]:
                return NextStep("mark", number, stage)
        return NextStep("closed" if self.campaign.closed_on else "done")

    def _print_step(self) -> NextStep:
        """Return the step of printing, or that no letter can be printed."""
        in_batches = self.counts.in_batch_ids
        unprinted = self.print_candidates(open_files=False).not_yet_at(STAGES[0])
        waiting = [candidate for candidate in unprinted if candidate.id not in in_batches]
        blocked = sum(bool(candidate.problems) for candidate in waiting)
        if ready := len(waiting) - blocked:
            return NextStep("print", ready, others_printed=bool(in_batches), blocked=blocked)
        return NextStep("blocked", blocked)


_UNRESOLVED_CODES = {
    *("letter-copied", "records-incomplete", "records-foreign"),
    *("paper-replaced", "paper-recreated"),
}
"""Codes of warnings about two versions of a file: staff must choose one."""


def find_unresolved(campaign: Campaign, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems because of which the campaign is not up to date.

    They are about conflict copies, and letters of which another version is on paper.
    """
    copies = campaign.printing_blockers
    return (p for p in problems if p.code in _UNRESOLVED_CODES or p in copies)


def inspect_campaign(
    campaign: Campaign,
    names: Sequence[str] = (),
    *,
    order: LettersOrder | None = None,
    task: Task = NO_PROGRESS,
) -> CampaignOverview:
    """Return an overview of the campaign with the letters of these people.

    If no names are given, it has all letters. `order` replaces the names if more is wanted: letters
    created again, or trial letters. Raise UsageError if a name is unknown, and Cancelled if the
    task was cancelled. All other problems are in the overview.

    If files of another computer have not arrived, what the survey finds is not reported: letters
    and rows only seem to be lost then.
    """
    order = order or LettersOrder(campaign.letters_folder, tuple(names))
    plan = LettersRunPlan(campaign, order)
    if campaign.closed_on and plan.has_ledger:
        return _inspect_closed_campaign(campaign, plan.selection, task)
    problems = campaign.all_problems(order.names)
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
                notes=register.notes() if register else {},
                register=register.loaded_register if register else None,
            )
            found = [] if campaign.files_not_arrived else survey.problems
            problems += [*found, *(register.reading_problems() if register else ())]
    except MergeError as survey_error:
        error = survey_error
        if campaign.files_not_arrived:  # the cause
            problems, error = [], StorageError(campaign.files_not_arrived.problem())
        visible, ignored = _split_ignored(campaign, [*problems, *error.problems])
        return CampaignOverview(
            campaign, problems=visible, ignored_warnings=ignored, survey_error=error
        )
    visible, ignored = _split_ignored(campaign, problems)
    survey_problems = tuple(campaign.without_ignored(found))
    return replace(
        view, problems=visible, ignored_warnings=ignored, survey_problems=survey_problems
    )


def _inspect_closed_campaign(
    campaign: Campaign, chosen: PeopleSelection, task: Task
) -> CampaignOverview:
    """Return an overview of a closed campaign, read from its register."""
    letters, counts = list[CreatedLetter](), LetterCounts()
    people_sets = _people_sets(campaign, chosen)
    try:
        with ledger_to_read(campaign.letters_folder) as ledger:
            register = CampaignRegister(campaign, ledger)
            names, rows = names_by_person(register.register), [*register.wanted_rows()]
            problems = [*campaign.returned_data(task), *register.warnings()]
            problems += deleted_people_problems(campaign.folder, ledger)
            problems += register.reading_problems()
            current = {int(letter_id, 16) for letter_id, *_ in rows}
            counts.add_former_people(register, current, people_sets)
            leaving = ledger.pending_deletion_count
    except MergeError as error:
        return CampaignOverview(campaign, problems=tuple(error.problems), survey_error=error)
    for letter_id, row, stages in rows:
        if all({row.signer_id, row.recipient_id} & people for people in people_sets):
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
    visible, ignored = _split_ignored(campaign, problems)
    return CampaignOverview(
        campaign=campaign,
        problems=visible,
        counts=counts,
        ignored_warnings=ignored,
        letters_in_register=tuple(letters),
        unfinished_deletions=leaving,
        register=register.loaded_register,
    )


def _people_sets(campaign: Campaign, chosen: PeopleSelection) -> PeopleSets:
    """Return the IDs of the selected people; a letter has someone of each set."""
    key_sets = [keys for keys in (chosen.signers, chosen.recipients) if keys is not None]
    person = campaign.identity.person_id
    return [{person(p) for p in campaign.workbook.persons if p.key in keys} for keys in key_sets]


def _planned_letters(survey: LettersSurvey, task: Task) -> Iterator[LetterPlan]:
    for planned in survey.ordered_letters():
        task.raise_if_cancelled()
        yield planned


def _split_ignored(
    campaign: Campaign, problems: Iterable[Problem]
) -> tuple[tuple[Problem, ...], ...]:
    """Return the visible problems and the ignored warnings."""
    everything = sorted(dict.fromkeys(problems), key=severity_key)
    visible = campaign.without_ignored(everything)
    visible_set = {*visible}
    return tuple(visible), tuple(problem for problem in everything if problem not in visible_set)


def _letters_to_print_again(
    letters: Iterable[LetterPlan], folder: Path, ledger: Ledger, counts: LetterCounts
) -> tuple[str, ...]:
    """Return the paths of letters to print again; count those in print files."""
    if not ledger.has_print_records():
        return ()
    placed = [
        planned
        for planned in letters
        if planned.file_path and not SENT_STAGES & planned.stages.keys()
    ]
    unmarked = [finished_letter(planned) for planned in placed if not planned.stages]
    decided = (planned for planned in placed if planned.step.state != "in-print-file")
    changed = letters_changed_since_batch(ledger, map(finished_letter, decided))
    waiting_ids = {letter.id for letter in (*letters_in_no_batch(ledger, unmarked), *changed)}
    counts.in_batch_ids = {letter.id for letter in unmarked} - waiting_ids
    return tuple(letter.path.relative_to(folder).as_posix() for letter in changed)
