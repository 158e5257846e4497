"""Proofreads the finished letters, and writes the results for staff."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from merge.affected_letters import BlockingErrorIndex
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import PRINT_FOLDER
from merge.campaign.letter_plan import finished_letter
from merge.campaign.letters_order import LettersOrder
from merge.campaign.plan import LettersRunPlan
from merge.campaign.proof_records import record_errors
from merge.campaign.task import NO_PROGRESS, Task
from merge.campaign.unread_letters import UnreadLetter, find_unread, unread_meanwhile
from merge.disk import free_name
from merge.letter_status import WRITTEN_STATES, Letter
from merge.messages.proofreading import (
    CORRECT,
    CORRECT_OUTDATED,
    CORRECT_PRINTED,
    correct_conflict,
)
from merge.people import People
from merge.problems import Problem
from merge.product import TEMPLATES_FOLDER
from merge.proofreading.report import make_proof_document, make_report
from merge.proofreading.review import LetterToReview, ReviewedLetter, general_problems, proofread
from merge.state.folder_access import read_file
from merge.state.letter_folder import LetterFolder


@dataclass(slots=True)
class ProofreadResult:
    """Result of proofreading the letters of a campaign."""

    reviewed_letters: list[ReviewedLetter] = field(default_factory=list)
    general_problems: tuple[Problem, ...] = ()
    unread_letters: list[UnreadLetter] = field(default_factory=list)
    """The letters that were not read, in the order of the workbook."""
    printed_ids: set[str] = field(default_factory=set)
    """IDs of letters that were read and are printed or signed."""
    outdated_ids: set[str] = field(default_factory=set)
    """IDs of letters that were read and that the next run creates again."""
    conflict_ids: set[str] = field(default_factory=set)
    """IDs of letters that were read and are edited, with changed data."""
    version_tokens: dict[str, str] = field(default_factory=dict)
    """Tokens of the versions read, by letter ID: `LetterPlan.version_token`."""

    @property
    def unread_reasons(self) -> Counter[str]:
        """The number of letters that were not read, by reason."""
        return Counter(unread.reason for unread in self.unread_letters)

    @property
    def all_problems(self) -> list[Problem]:
        """All problems that proofreading found, letter by letter."""
        return [
            *self.general_problems,
            *(doubt for read in self.reviewed_letters for doubt in read.problems),
        ]


def proofread_letters(
    campaign: Campaign, names: Sequence[str] = (), task: Task = NO_PROGRESS
) -> ProofreadResult:
    """Read every selected finished letter; nothing is written.

    Raise Cancelled if the task was cancelled, StorageError if files of another computer have not
    arrived.
    """
    campaign.check_open("")
    result = ProofreadResult()
    folder = campaign.folder / TEMPLATES_FOLDER
    files = campaign.templates.compiled
    templates = {name: read_file(str(folder / name)) or b"" for name in files}
    visible_problems = campaign.relevant_problems(names)
    proofreading_input = (
        _people(campaign),
        campaign.fill_context.settings,
        templates,
    )
    reads = list(proofread(_letters_to_review(campaign, names, result, task), *proofreading_input))
    task.raise_if_cancelled()
    result.reviewed_letters = [_with_hints(read, result) for read in reads]
    result.general_problems = general_problems(
        result.reviewed_letters, _people(campaign), visible_problems
    )
    return result


def _with_hints(read: ReviewedLetter, result: ProofreadResult) -> ReviewedLetter:
    """Return a reviewed letter with hints on how to correct the letter.

    A printed letter cannot just be created again. An unedited letter that is older than its data is
    created again without a decision; an edited one is a conflict.
    """
    letter_id = read.letter.id
    if letter_id in result.printed_ids:
        hint = CORRECT_PRINTED
    elif letter_id in result.outdated_ids:
        hint = CORRECT_OUTDATED
    elif letter_id in result.conflict_ids:
        hint = correct_conflict(letter_id)
    else:
        return read
    doubts = (
        replace(doubt, hint=hint) if doubt.hint == CORRECT else doubt for doubt in read.problems
    )
    return replace(read, problems=tuple(doubts))


def _people(campaign: Campaign) -> tuple[People, People]:
    return campaign.workbook.signers, campaign.workbook.recipients


def _letters_to_review(
    campaign: Campaign, names: Sequence[str], result: ProofreadResult, task: Task
) -> Iterator[LetterToReview]:
    plan = LettersRunPlan(campaign, LettersOrder(campaign.letters_folder, tuple(names)))
    errors = BlockingErrorIndex(campaign.findings)
    with plan.survey(task) as survey:
        task.start_step(sum(1 for _ in campaign.pairs(names)), "Letters read")
        for planned in survey.ordered_letters():
            task.raise_if_cancelled()
            task.advance()
            letter, error = planned.step.letter, errors.problem(planned.step.letter.pair)
            if unread := find_unread(planned, has_error=error is not None):
                result.unread_letters.append(unread)
                continue
            data = read_file(planned.file_path)
            if data is None:
                result.unread_letters.append(unread_meanwhile(letter))
                continue
            expected = campaign.render_readable(letter, campaign.letter_date(planned.record.day))
            if planned.stages:
                result.printed_ids.add(letter.id)
            elif planned.step.state in WRITTEN_STATES:
                result.outdated_ids.add(letter.id)
            elif planned.step.state == "edited-changed":
                result.conflict_ids.add(letter.id)
            result.version_tokens[letter.id] = planned.version_token
            yield LetterToReview(finished_letter(planned), data, expected)


def _sample_letter(campaign: Campaign) -> bytes:
    """Return the bytes of a letter from which the proof document takes styles."""
    pair = next(campaign.pairs())
    letter = Letter(campaign.identity.letter_id(pair), pair, PurePosixPath())
    return campaign.render(letter, campaign.fill_context.day).data


def write_proofs(
    campaign: Campaign, result: ProofreadResult, now: dt.datetime, task: Task = NO_PROGRESS
) -> tuple[str, str]:
    """Write the report and the proof document into the print folder.

    The letters with errors are recorded, so that printing names them. Return the paths. Raise
    Cancelled, and write nothing, if the task was cancelled.
    """
    report_data = make_report(result.reviewed_letters, _people(campaign), result.general_problems)
    document = make_proof_document(result.reviewed_letters, _sample_letter(campaign))
    folder = campaign.folder / PRINT_FOLDER
    with LetterFolder(folder).open(check=task.raise_if_cancelled) as letter_folder:
        task.raise_if_cancelled()
        stem = free_name(folder, f"Proofread {now:%Y-%m-%d %H.%M.%S}", ".xlsx")
        for ending, data in ((".xlsx", report_data), (".docx", document)):
            letter_folder.create(PurePosixPath(f"{stem}{ending}"), data)
    record_errors(campaign, result.reviewed_letters)
    return str(folder / f"{stem}.xlsx"), str(folder / f"{stem}.docx")
