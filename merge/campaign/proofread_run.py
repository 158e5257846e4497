"""The finished letters read again, and what that gave written down for staff."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from merge.advice import Advice, Run
from merge.affected_letters import ErrorIndex
from merge.campaign.campaign import Campaign
from merge.campaign.errand import UNWATCHED, Errand
from merge.campaign.letter_plan import finished_letter
from merge.campaign.letters_order import LettersOrder
from merge.campaign.places import PRINT_FOLDER
from merge.campaign.plan import Plan
from merge.checks.findings import left_in_templates
from merge.checks.left_over import LEFT_OVER
from merge.disk import free_name
from merge.letter_status import WRITTEN_STATES, Letter
from merge.messages.proofreading import CORRECT, CORRECT_OUTDATED, CORRECT_PRINTED
from merge.people import People
from merge.problems import Problem
from merge.product import TEMPLATES_FOLDER
from merge.proofreading.checks import LetterToReview, ReviewedLetter, general_doubts, proofread
from merge.proofreading.report import proof_document, report
from merge.register.layouts import SENT
from merge.state.letters_folder import read_file
from merge.state.outbox import Outbox


@dataclass(slots=True)
class ProofreadResult:
    """The result of reading the letters again. `unread` counts those that were not, by reason."""

    reads: list[ReviewedLetter] = field(default_factory=list)
    general: tuple[Problem, ...] = ()
    unread: Counter[str] = field(default_factory=Counter)
    on_paper: set[str] = field(default_factory=set)
    """The ids of letters that were read and are printed or signed."""
    outdated: set[str] = field(default_factory=set)
    """The ids of letters that were read, and that the next run creates again by itself."""
    seen: dict[str, str] = field(default_factory=dict)
    """By their ids, what stands for the letters as they were read: see `LetterPlan.seen`."""

    @property
    def doubts(self) -> list[Problem]:
        """Everything doubtful, letter by letter."""
        return [*self.general, *(doubt for read in self.reads for doubt in read.doubts)]


def proofread_letters(
    campaign: Campaign, names: Sequence[str] = (), errand: Errand = UNWATCHED
) -> ProofreadResult:
    """Read every finished letter that is asked for; nothing is written.

    Raise Stopped where a stop is asked for.
    """
    found = ProofreadResult()
    folder = campaign.folder / TEMPLATES_FOLDER
    files = campaign.templates.compiled
    templates = {name: read_file(str(folder / name)) or b"" for name in files}
    told = campaign.relevant_problems(names)
    places = {problem.place for problem in told if problem.code == LEFT_OVER}
    every = left_in_templates(campaign.workbook, campaign.templates)
    left = frozenset(one.entry.words for one in every if one.place in places)
    about = (_people(campaign), campaign.facts.settings, templates, left)
    reads = list(proofread(_proofs(campaign, names, found, errand), *about))
    errand.check()
    found.reads = [_with_hints(read, found) for read in reads]
    found.general = general_doubts(found.reads, _people(campaign), told)
    return found


def _with_hints(read: ReviewedLetter, found: ProofreadResult) -> ReviewedLetter:
    """Return a letter with hints that suit it.

    One that is on paper cannot just be created again; one that nobody edited, and that is older
    than its data, is created again without a decision.
    """
    own = read.letter.id
    hint = CORRECT_PRINTED if own in found.on_paper else CORRECT_OUTDATED
    if own not in found.on_paper | found.outdated:
        return read
    doubts = (replace(d, hint=hint) if d.hint == CORRECT else d for d in read.doubts)
    return replace(read, doubts=tuple(doubts))


def _people(campaign: Campaign) -> tuple[People, People]:
    return campaign.workbook.signers, campaign.workbook.recipients


def _proofs(
    campaign: Campaign, names: Sequence[str], found: ProofreadResult, errand: Errand
) -> Iterator[LetterToReview]:
    plan = Plan(campaign, LettersOrder(campaign.letters_folder, tuple(names)))
    errors = ErrorIndex(campaign.findings)
    with plan.survey(errand) as survey:
        errand.total(sum(1 for _ in campaign.pairs(names)), "Letters read")
        for planned in survey.chosen():
            errand.check()
            errand.done()
            letter, error = planned.step.letter, errors.problem(planned.step.letter.pair)
            if SENT & planned.stages.keys():
                found.unread[_POSTED] += 1
                continue
            if error or not planned.place:
                found.unread[_ERROR if error else planned.step.reason or _NOT_THERE] += 1
                continue
            data = read_file(planned.place)
            if data is None:
                found.unread[_MEANWHILE] += 1
                continue
            made = campaign.readable(letter, campaign.day(planned.known.day))
            if planned.stages:
                found.on_paper.add(letter.id)
            elif planned.step.state in WRITTEN_STATES:
                found.outdated.add(letter.id)
            found.seen[letter.id] = planned.seen
            yield LetterToReview(finished_letter(planned), data, made)


_ERROR = Advice("errors in their data: run ", Run("check"))
_POSTED = "already posted"
_MEANWHILE = "moved, renamed or deleted during proofreading: proofread again"
_NOT_THERE = Advice("not created: run ", Run("letters"))


def _sample_letter(campaign: Campaign) -> bytes:
    """Return a letter, for the looks of the proof document."""
    pair = next(campaign.pairs())
    letter = Letter(campaign.identity.letter(pair), pair, PurePosixPath())
    return campaign.make(letter, campaign.facts.day).data


def write_proofs(
    campaign: Campaign, found: ProofreadResult, now: dt.datetime, errand: Errand = UNWATCHED
) -> tuple[str, str]:
    """Write the report and the proof document into the folder for printing; return their paths.

    Raise Stopped, and nothing is written, where a stop is asked for.
    """
    book = report(found.reads, _people(campaign), found.general)
    document = proof_document(found.reads, _sample_letter(campaign))
    folder = campaign.folder / PRINT_FOLDER
    with Outbox(folder).open(check=errand.check) as outbox:
        errand.check()
        stem = free_name(folder, f"Proofread {now:%Y-%m-%d %H.%M.%S}", ".xlsx")
        for ending, data in ((".xlsx", book), (".docx", document)):
            outbox.put(PurePosixPath(f"{stem}{ending}"), data)
    return str(folder / f"{stem}.xlsx"), str(folder / f"{stem}.docx")
