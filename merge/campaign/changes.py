"""One letter as it lies there, beside the one that would be made now: their words compared."""

from __future__ import annotations

import os
from dataclasses import dataclass

from merge import messages
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.view import View
from merge.disk import file_state
from merge.errors import MergeError
from merge.letter_status import Letter
from merge.ooxml.stamps import stamp_of
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.proofreading.differences import ParagraphChange, compared
from merge.proofreading.text import Paragraph, parts, read_paragraphs
from merge.state.letters_folder import read_file
from merge.template.fingerprint import fingerprint_of


@dataclass(frozen=True, slots=True)
class LetterVersions:
    """A letter's file, and the letter that would be made now; None where there is none.

    `problem` says why there is no file to be shown, where another one lies in its place or it
    cannot be read. There is no `new` one where an error in the data keeps it from being made.
    """

    there: bytes | None = None
    new: bytes | None = None
    problem: Problem | None = None
    by_hand: tuple[ParagraphChange, ...] | None = None
    """All paragraphs, and what staff changed in them since the letter was made.

    None where that cannot be told: what it was made from has changed since.
    """
    to_new: tuple[ParagraphChange, ...] | None = None
    """All paragraphs of both, what stands in the file only as gone; None where one is not there."""


def letter_versions(view: View, letter_id: str) -> LetterVersions:
    """Return the versions of a letter of a view; its file is read at this moment.

    KeyError where the view has no such letter.
    """
    planned = view.planned[letter_id]
    new = None if letter_id in view.stopped else _made_now(view, planned)
    there, problem = _what_lies_there(view, planned)
    if there is None:
        return LetterVersions(new=new, problem=problem)
    try:
        now = _paragraphs(there)
    except MergeError:
        problem = messages.problem("letter-damaged/shown", _place(planned))
        return LetterVersions(there, new, problem)
    anew = _paragraphs(new) if new else None
    before = now if _is_as_made(planned, there) else anew if _is_up_to_date(planned) else None
    by_hand = None if before is None else compared(before, now)
    return LetterVersions(
        there=there,
        new=new,
        by_hand=by_hand,
        to_new=None if anew is None else compared(now, anew),
    )


def _made_now(view: View, planned: LetterPlan) -> bytes:
    letter, campaign = planned.step.letter, view.campaign
    made = campaign.make(
        Letter(letter.id, letter.pair, letter.path), campaign.day(planned.known.day)
    )
    return made.data


def _paragraphs(data: bytes) -> tuple[Paragraph, ...]:
    return read_paragraphs(parts(data, "letter.docx"))


def _what_lies_there(view: View, planned: LetterPlan) -> tuple[bytes | None, Problem | None]:
    """Return the bytes of the letter's file, or the problem that it is none."""
    folder = view.campaign.letters_folder
    path = planned.place
    if not path:
        if len(planned.elsewhere) > 1:
            files = tuple(planned.elsewhere)
            return None, messages.problem("letter-several", _place(planned), files=files)
        path = str(folder / (planned.was or planned.known).path)
        if not os.path.lexists(path):
            return None, None
    data = read_file(path)
    if data == b"" and not planned.place:  # a folder, say
        return None, _foreign(view, planned, "")
    if not data:
        return None, messages.problem("letter-unreadable/open", _place(planned))
    stamp = stamp_of(data)
    if stamp.id != planned.known.id if stamp else not planned.known.content:
        return None, _foreign(view, planned, stamp.id if stamp else "")
    return data, None


def _foreign(view: View, planned: LetterPlan, whose: str) -> Problem:
    label = view.campaign.letter_labels.get(whose)
    if label:
        return messages.problem("letter-foreign/letter", _place(planned), label=label)
    return messages.problem("letter-foreign", _place(planned))


def _place(planned: LetterPlan) -> Place:
    return Place(f"{LETTERS_FOLDER}/{(planned.was or planned.known).path}")


def _is_as_made(planned: LetterPlan, there: bytes) -> bool:
    """Return whether a reader sees in the file what the program wrote, now or at another time."""
    seen = fingerprint_of(there)
    if seen and planned.known.output and seen.output == planned.known.output:
        return True
    found = planned.known.content in {"older", "resaved"}
    return found and file_state(planned.place) == planned.known.at


def _is_up_to_date(planned: LetterPlan) -> bool:
    """Return whether the letter was made from what it would be made from now."""
    return bool(planned.inputs) and planned.known.inputs == planned.inputs
