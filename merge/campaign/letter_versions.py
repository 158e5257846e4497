"""One letter as it lies there, beside the one that would be made now: their words compared."""

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
from merge.proofreading.text import Paragraph, read_paragraphs, read_parts
from merge.state.folder_access import read_file
from merge.template.fingerprint import fingerprint_letter


@dataclass(frozen=True, slots=True)
class LetterVersions:
    """A letter's file, and the letter that would be made now; None where there is none.

    `problem` says why there is no file to be shown, where another one lies in its place or it
    cannot be read. There is no `new` one where an error in the data keeps it from being made.
    """

    existing: bytes | None = None
    new: bytes | None = None
    problem: Problem | None = None
    edits: tuple[ParagraphChange, ...] | None = None
    """All paragraphs, and what staff changed in them since the letter was made.

    None where that cannot be told: what it was made from has changed since.
    """
    changes_to_new: tuple[ParagraphChange, ...] | None = None
    """All paragraphs of both, what stands in the file only as gone; None where one is not there."""


def letter_versions(view: CampaignOverview, letter_id: str) -> LetterVersions:
    """Return the versions of a letter of a view; its file is read at this moment.

    KeyError where the view has no such letter.
    """
    planned = view.plans_by_id[letter_id]
    new = None if letter_id in view.blocked_letters else _render_now(view, planned)
    there, problem = _read_existing(view, planned)
    if there is None:
        return LetterVersions(new=new, problem=problem)
    try:
        now = _paragraphs(there)
    except MergeError:
        problem = messages.problem("letter-damaged/shown", _place(planned))
        return LetterVersions(there, new, problem)
    anew = _paragraphs(new) if new else None
    before = now if _is_unedited(planned, there) else anew if _is_up_to_date(planned) else None
    by_hand = None if before is None else compare_paragraphs(before, now)
    return LetterVersions(
        existing=there,
        new=new,
        edits=by_hand,
        changes_to_new=None if anew is None else compare_paragraphs(now, anew),
    )


def _render_now(view: CampaignOverview, planned: LetterPlan) -> bytes:
    letter, campaign = planned.step.letter, view.campaign
    made = campaign.render(
        Letter(letter.id, letter.pair, letter.path), campaign.letter_date(planned.record.day)
    )
    return made.data


def _paragraphs(data: bytes) -> tuple[Paragraph, ...]:
    return read_paragraphs(read_parts(data, "letter.docx"))


def _read_existing(
    view: CampaignOverview, planned: LetterPlan
) -> tuple[bytes | None, Problem | None]:
    """Return the bytes of the letter's file, or the problem that it is none."""
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
    if data == b"" and not planned.file_path:  # a folder, say
        return None, _foreign_problem(view, planned, "")
    if not data:
        return None, messages.problem("letter-unreadable/open", _place(planned))
    stamp = read_stamp(data)
    if stamp.id != planned.record.id if stamp else not planned.record.content:
        return None, _foreign_problem(view, planned, stamp.id if stamp else "")
    return data, None


def _foreign_problem(view: CampaignOverview, planned: LetterPlan, whose: str) -> Problem:
    label = view.campaign.letter_labels.get(whose)
    if label:
        return messages.problem("letter-foreign/letter", _place(planned), label=label)
    return messages.problem("letter-foreign", _place(planned))


def _place(planned: LetterPlan) -> Place:
    return Place(f"{LETTERS_FOLDER}/{(planned.stored_record or planned.record).path}")


def _is_unedited(planned: LetterPlan, there: bytes) -> bool:
    """Return whether a reader sees in the file what the program wrote, now or at another time."""
    seen = fingerprint_letter(there)
    if seen and planned.record.output and seen.output == planned.record.output:
        return True
    found = planned.record.content in {"older", "resaved"}
    return found and file_state(planned.file_path) == planned.record.file_state


def _is_up_to_date(planned: LetterPlan) -> bool:
    """Return whether the letter was made from what it would be made from now."""
    return bool(planned.inputs) and planned.record.inputs == planned.inputs
