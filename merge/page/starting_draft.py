"""A start from letters in progress: files, answers, what was found.

The letters are only in memory. They are dropped when the campaign is created or the dialogue is
cancelled, and a program that was killed leaves nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count
from threading import Lock

from merge import messages
from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.campaign.uploads import displayed_name, recognise_upload
from merge.disk import os_error_text, read_campaign_file
from merge.errors import MergeError, StorageError, translate_errors
from merge.ooxml.container import file_errors
from merge.ooxml.kinds import EXCEL, FileKind
from merge.ooxml.package import detect_kind
from merge.page.session import CampaignSession
from merge.page.starting_view_models import ShownPlace
from merge.page.web import campaign_sessions
from merge.problems import Place, Problem
from merge.starting.letters import read_letter
from merge.starting.questions import StartAnswers
from merge.starting.start import MAX_LETTERS, ReadLetter, StartingPoint, find_placeholders


@dataclass(frozen=True, slots=True)
class RefusedLetter:
    """A file that cannot be used, or files that cannot be used together."""

    name: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class StartDraft:
    """Letters from which a campaign or a template will be created.

    `name` is that of the new campaign. `workbook` is the name and the bytes of an uploaded one.
    `found` is None until all letters were read together. `refused` are files that
    cannot be used. `errors` are those of the answers: nothing can be created with them.
    `searched_words` were typed last, to be added; `searched` are their places and finds.
    `shown_letter` is the number of the letter that is shown. Forms that create something contain
    the `token`. `read` reads each letter once.
    """

    name: str = ""
    letters: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    workbook: tuple[str, bytes] | None = field(default=None, repr=False)
    answers: StartAnswers = field(default_factory=StartAnswers)
    found: StartingPoint | None = None
    refused: tuple[RefusedLetter, ...] = ()
    errors: tuple[Problem, ...] = ()
    searched_words: str = ""
    searched: Sequence[tuple[ShownPlace, str | None]] = ()
    shown_letter: int = 0
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    read: ReadLetter = field(default_factory=lambda: lru_cache(MAX_LETTERS)(read_letter))


@dataclass
class _StartState:
    """State of the dialogue in one campaign, or of that for a new campaign."""

    draft: StartDraft | None = None
    lock: Lock = field(default_factory=Lock)


def _state(session: CampaignSession | None) -> _StartState:
    return (session or campaign_sessions()).state(_StartState)


def current_start(session: CampaignSession | None) -> StartDraft | None:
    """Return what is being started, or None."""
    return _state(session).draft


def keep_start(session: CampaignSession | None, draft: StartDraft) -> StartDraft:
    """Keep a changed draft with a new token, and return it."""
    new_draft = _state(session).draft = replace(draft, token=secrets.token_hex(4))
    return new_draft


def discard_start(session: CampaignSession | None) -> None:
    """Cancel what is being started, and keep none of its letters.

    If they are being read, this waits: what is found would bring them back.
    """
    with _state(session).lock:
        _state(session).draft = None


# Files


def add_files(
    session: CampaignSession | None, files: list[tuple[str, bytes]], *, is_first: bool = True
) -> None:
    """Add uploaded letters or a workbook; store why others are refused.

    If they are the first of several uploads, earlier refusals are dismissed.
    """
    with _state(session).lock:
        earlier = current_start(session)
        if session is None and earlier is None:  # it was cancelled or created in another tab
            return
        draft = replace(earlier or StartDraft(), found=None)
        draft = replace(draft, refused=()) if is_first else draft
        for name, data in files:
            try:
                draft = _with_file(draft, displayed_name(name), data, is_new=session is None)
            except MergeError as error:
                refused = RefusedLetter(displayed_name(name), error.problems)
                draft = replace(draft, refused=(*draft.refused, refused))
        keep_start(session, draft)


def _with_file(draft: StartDraft, name: str, data: bytes, *, is_new: bool) -> StartDraft:
    if is_new and _is_workbook(data):
        recognise_upload(data, name)
        return replace(draft, workbook=(name, data), answers=StartAnswers())
    draft.read(data, name)
    is_known = draft.letters.get(name) == data
    if is_known or len(draft.letters) > MAX_LETTERS:  # one too many is refused with all others
        return draft
    letters = {**draft.letters, _free_name(draft.letters, name): data}
    return replace(draft, letters=letters, answers=StartAnswers(), shown_letter=0)


def _is_workbook(data: bytes) -> bool:
    with suppress(MergeError), file_errors(EXCEL, ""):
        return detect_kind(data, EXCEL) is FileKind.XLSX
    return False


def _free_name(known: Mapping[str, bytes], name: str) -> str:
    """Return a file name that no other letter has."""
    stem, ending = re.fullmatch(r"(.*?)((?:\.\w{1,5})?)", name, re.DOTALL).groups()  # type: ignore[union-attr]
    names = (f"{stem} ({number}){ending}" for number in count(2))
    return name if name not in known else next(each for each in names if each not in known)


def remove_file(session: CampaignSession | None, name: str) -> None:
    """Remove a letter or the workbook that was uploaded."""
    with _state(session).lock:
        draft = current_start(session)
        if draft is None:
            return
        letters = {each: data for each, data in draft.letters.items() if each != name}
        workbook = None if draft.workbook and draft.workbook[0] == name else draft.workbook
        changed = replace(draft, letters=letters, workbook=workbook, found=None, refused=())
        keep_start(session, replace(changed, answers=StartAnswers(), shown_letter=0))


# Finding placeholders


def find_in_letters(session: CampaignSession | None, answers: StartAnswers) -> StartDraft | None:
    """Find columns and places with these answers; return the draft, if any.

    If headings cannot be used, the other answers are applied. If that fails too, what was found
    before stays. The reason is in the draft.
    """
    with _state(session).lock:
        draft = current_start(session)
        if draft is None or not draft.letters:
            return draft
        errors: tuple[Problem, ...] = ()
        for headings in (answers.headings, {}) if answers.headings else ({},):
            tried = replace(answers, headings=headings)
            try:
                book = _workbook(session, draft)
                found = find_placeholders(draft.letters, book, tried, draft.read)
            except MergeError as error:
                errors = errors or error.problems
            else:
                changed = replace(draft, found=found, answers=answers, refused=(), errors=errors)
                return keep_start(session, changed)
        if draft.found:
            return keep_start(session, replace(draft, errors=errors))
        refused = RefusedLetter(", ".join(draft.letters), errors)
        return keep_start(session, replace(draft, refused=(refused,)))


def _workbook(session: CampaignSession | None, draft: StartDraft) -> bytes | None:
    if session:
        with translate_errors(OSError, _unreadable):
            return read_campaign_file(session.folder / WORKBOOK_FILE)
    return draft.workbook[1] if draft.workbook else None


def _unreadable(error: OSError) -> StorageError:
    why = os_error_text(error)
    return StorageError(messages.problem("file-held", Place(WORKBOOK_FILE), why=why))
