"""A letter's file compared with the letter that would be created now."""

from __future__ import annotations

import os
from dataclasses import dataclass

from merge import messages
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.overview import CampaignOverview
from merge.disk import file_state
from merge.errors import MergeError
from merge.letter_status import Letter
from merge.ooxml.stamps import read_stamp
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.proofreading.differences import ParagraphChange, compare_paragraphs
from merge.proofreading.text import LetterParagraph, parse_parts, read_paragraphs, read_parts
from merge.state.folder_access import read_file
from merge.state.ledger import ledger_to_read
from merge.template.fingerprint import fingerprint_letter


@dataclass(frozen=True, slots=True)
class LetterVersions:
    """A letter's file and the letter that would be created now, or None.

    `problem` says why there is no file to show: another file has its name, or it cannot be read.
    `new` is None if an error in the data blocks the letter.
    """

    existing: bytes | None = None
    new: bytes | None = None
    problem: Problem | None = None
    edits: tuple[ParagraphChange, ...] | None = None
    """All paragraphs, with staff's changes since the letter was created.

    None if they are not known: the records of the letter as created are lost, and its data has
    changed since.
    """
    changes_to_new: tuple[ParagraphChange, ...] | None = None
    """All paragraphs of both, with the changes from the file to the new one.

    Text that is only in the file counts as removed. None if one of the two does not exist.
    """


def letter_versions(view: CampaignOverview, letter_id: str) -> LetterVersions:
    """Return the versions of a letter, after reading the letter's file.

    Raise KeyError if the overview has no such letter.
    """
    planned = view.plans_by_id[letter_id]
    new = None if letter_id in view.blocked_letters else _render_now(view, planned)
    existing, problem = _read_existing(view, planned)
    if existing is None:
        return LetterVersions(new=new, problem=problem)
    try:
        existing_paragraphs = _paragraphs(existing)
    except MergeError:
        problem = messages.problem("letter-damaged/shown", _place(planned))
        return LetterVersions(existing, new, problem)
    new_paragraphs = _paragraphs(new) if new else None
    original_paragraphs = (
        existing_paragraphs
        if _is_unedited(planned, existing)
        else _read_original(view, planned) or (new_paragraphs if _is_up_to_date(planned) else None)
    )
    edits = (
        None
        if original_paragraphs is None
        else compare_paragraphs(original_paragraphs, existing_paragraphs)
    )
    return LetterVersions(
        existing=existing,
        new=new,
        edits=edits,
        changes_to_new=None
        if new_paragraphs is None
        else compare_paragraphs(existing_paragraphs, new_paragraphs),
    )


def _render_now(view: CampaignOverview, planned: LetterPlan) -> bytes:
    letter, campaign = planned.step.letter, view.campaign
    rendered = campaign.render(
        Letter(letter.id, letter.pair, letter.path), campaign.letter_date(planned.record.day)
    )
    return rendered.data


def _paragraphs(data: bytes) -> tuple[LetterParagraph, ...]:
    return read_paragraphs(read_parts(data, "letter.docx"))


def _read_original(
    view: CampaignOverview, planned: LetterPlan
) -> tuple[LetterParagraph, ...] | None:
    """Return the paragraphs of a letter as created, or None if not known."""
    with ledger_to_read(view.campaign.letters_folder) as ledger:
        parts = ledger.original_parts(planned.record)
    return read_paragraphs(parse_parts(parts)) if parts else None


def _read_existing(
    view: CampaignOverview, planned: LetterPlan
) -> tuple[bytes | None, Problem | None]:
    """Return the bytes of a letter's file, or the problem with the file."""
    folder = view.campaign.letters_folder
    path = planned.file_path
    if not path:
        if len(planned.other_paths) > 1:
            files = tuple(planned.other_paths)
            return None, messages.problem("letter-several", _place(planned), files=files)
        path = str(folder / (planned.stored_record or planned.record).path)
        if not os.path.lexists(path):
            return None, None
    data = read_file(path)
    if data == b"" and not planned.file_path:  # for example a folder
        return None, _foreign_problem(view, planned, "")
    if not data:
        return None, messages.problem("letter-unreadable/open", _place(planned))
    stamp = read_stamp(data)
    if stamp.id != planned.record.id if stamp else not planned.record.content:
        return None, _foreign_problem(view, planned, stamp.id if stamp else "")
    return data, None


def _foreign_problem(view: CampaignOverview, planned: LetterPlan, letter_id: str) -> Problem:
    label = view.campaign.letter_labels.get(letter_id)
    if label:
        return messages.problem("letter-foreign/letter", _place(planned), label=label)
    return messages.problem("letter-foreign", _place(planned))


def _place(planned: LetterPlan) -> Place:
    return Place(f"{LETTERS_FOLDER}/{(planned.stored_record or planned.record).path}")


def _is_unedited(planned: LetterPlan, existing: bytes) -> bool:
    """Return whether the file shows the text that the program wrote.

    It may have written it now or at another time.
    """
    fingerprint = fingerprint_letter(existing)
    if fingerprint and planned.record.output and fingerprint.output == planned.record.output:
        return True
    is_recognised = planned.record.content in {"older", "resaved"}
    return is_recognised and file_state(planned.file_path) == planned.record.file_state


def _is_up_to_date(planned: LetterPlan) -> bool:
    """Return whether a letter's data is unchanged since it was created."""
    return bool(planned.inputs) and planned.record.inputs == planned.inputs
