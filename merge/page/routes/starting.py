"""Start from letters: choose letters, check what was found, create.

Each route exists twice: for a new campaign, and for a template of an open campaign. Addresses
contain no names.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from merge.campaign.marking import is_one_line
from merge.campaign.new_campaign import create_campaign_from_letters
from merge.campaign.task import Task
from merge.campaign.uploads import propose_replacement, recognise_upload, store_upload
from merge.disk import free_name
from merge.errors import MergeError
from merge.ooxml.container import MAX_FILE_BYTES
from merge.page import starting_view_models
from merge.page.guard import MAX_BYTES
from merge.page.routes.data import FILE_NAME_HEADER, FIRST_FILE_HEADER
from merge.page.session import CampaignSession
from merge.page.starting_draft import (
    RefusedLetter,
    StartDraft,
    add_files,
    current_start,
    discard_start,
    find_in_letters,
    keep_start,
    remove_file,
)
from merge.page.starting_view_models import form_key, found_words, places_of_words
from merge.page.web import campaign_sessions, folders, redirect_to
from merge.product import TEMPLATES_FOLDER
from merge.starting.questions import AddedPlace, StartAnswers
from merge.starting.start import TEMPLATE_NAME, StartingPoint

screen = Blueprint("starting", __name__)

_WAIT_SECONDS = 10.0
_MAX_HEADING, _MAX_WORDS, _MAX_ADDED = 60, 200, 50
_PLACE = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})", re.ASCII)
_NEW_COLUMNS = ("recipient", "signer")
_WORDS_ACTIONS = ("words", "update")
"""Buttons that add the words that were typed."""

_ScreenResponse = Response | str | tuple[str, int]
_Route = TypeVar("_Route", bound=Callable[..., _ScreenResponse | tuple[str, int]])


def _route(path: str, method: str) -> Callable[[_Route], _Route]:
    """Register a route with and without a campaign."""

    def register(function: _Route) -> _Route:
        for prefix in ("", "/c/<key>"):
            screen.route(f"{prefix}/start{path}", methods=[method])(function)
        return function

    return register


@_route("", "GET")
def show(session: CampaignSession | None = None) -> _ScreenResponse:
    """Show the step that was reached; a new campaign needs a name first."""
    draft = current_start(session)
    if draft is None and session is None:
        return redirect_to("campaigns.show")
    return redirect_to("starting.found" if draft and draft.found else "starting.letters")


@_route("/letters", "GET")
def letters(session: CampaignSession | None = None) -> _ScreenResponse:
    """Show the first step: the letters that were chosen."""
    draft = current_start(session)
    if draft is None and session is None:
        return redirect_to("campaigns.show")
    return _screen(1, draft or StartDraft())


@_route("/found", "GET")
def found(session: CampaignSession | None = None) -> _ScreenResponse:
    """Show the second step: what was found in the letters."""
    draft = current_start(session)
    if draft is None or draft.found is None:
        return redirect_to("starting.show")
    return _screen(2, draft)


def _screen(step: int, draft: StartDraft, notice: str = "") -> str:
    return render_template(
        "start.html",
        draft=draft,
        at=step,
        notice=notice,
        shown=starting_view_models,
        most_bytes=MAX_FILE_BYTES,
    )


# Step 1: files


@_route("/file", "PUT")
def take(session: CampaignSession | None = None) -> tuple[str, int]:
    """Receive an uploaded file as a request's body; a header has its name."""
    _check_size()
    name = unquote(request.headers.get(FILE_NAME_HEADER, ""), errors="replace")
    is_first = FIRST_FILE_HEADER in request.headers
    add_files(session, [(name, request.get_data(cache=False))], is_first=is_first)
    return "", 204


@_route("/files", "POST")
def take_form(session: CampaignSession | None = None) -> Response:
    """Receive uploaded files from a form, without JavaScript."""
    _check_size()
    uploads = [(upload.filename or "", upload.read()) for upload in request.files.getlist("file")]
    add_files(session, [upload for upload in uploads if upload[0]])
    return redirect_to("starting.letters")


def _check_size() -> None:
    """Refuse uploads that are too large, before they are read."""
    if (request.content_length or 0) > MAX_BYTES:
        raise RequestEntityTooLarge


@_route("/remove", "POST")
def remove(session: CampaignSession | None = None) -> Response:
    """Remove a file that was chosen."""
    remove_file(session, request.form.get("file", ""))
    return redirect_to("starting.letters")


@_route("/find", "POST")
def find(session: CampaignSession | None = None) -> Response:
    """Find what differs in the letters, or say why they cannot be used."""
    draft = current_start(session)
    find_in_letters(session, draft.answers if draft else StartAnswers())
    return redirect_to("starting.show")


@_route("/leave", "POST")
def leave(session: CampaignSession | None = None) -> Response:
    """Cancel, and keep none of the letters."""
    discard_start(session)
    return redirect_to("data.show" if session else "campaigns.show")


# Step 2: answers


@_route("/found", "POST")
def answer(session: CampaignSession | None = None) -> _ScreenResponse:
    """Apply the answers of staff; create the files if that was pressed.

    Headings may be typed and the files be created at once. Other answers change what is found, so
    that is shown first.
    """
    draft = current_start(session)
    if draft is None or draft.found is None:
        return redirect_to("starting.show")
    action, _, subject = request.form.get("do", "").partition(":")
    answers = _apply_action(draft, _form_answers(draft), action, subject)
    if action == "letter":
        number = int(subject) if re.fullmatch(r"\d{1,2}", subject, re.ASCII) else 0
        draft = keep_start(session, replace(draft, shown_letter=number % len(draft.letters)))
    is_as_shown = request.form.get("token") == draft.token and answers == replace(
        draft.answers, headings=answers.headings
    )
    words = _typed_words() if action in _WORDS_ACTIONS else ""
    if words or draft.searched_words:
        searched = found_words(_found(draft), words) if words else ()
        draft = keep_start(session, replace(draft, searched_words=words, searched=searched))
    if answers != draft.answers or draft.errors:
        draft = find_in_letters(session, answers) or draft
    is_found = draft.found is not None and draft.answers == answers and not draft.errors
    if action == "create" and is_as_shown and is_found and _found(draft).proof.holds:
        return _create(session, draft, _found(draft))
    return redirect_to("starting.found")


def _form_answers(draft: StartDraft) -> StartAnswers:
    """Return the answers with the choices of the form's fields."""
    form, answers = request.form, draft.answers
    point = _found(draft)
    for question in point.questions:
        chosen = form.get(f"question-{form_key(question.key)}", "")
        options = starting_view_models.question_options(question)
        if not re.fullmatch(r"\d{1,3}", chosen, re.ASCII) or int(chosen) >= len(options):
            continue
        if question.is_answered or int(chosen) != question.choice:
            answers = answers.reply(question.key, int(chosen))
    shown = set(form.getlist("shown"))
    if "signer_name" in shown:
        answers = replace(answers, adds_signer="add_signer" in form)
    for column in (*point.columns, *point.rejected):
        key = form_key(column.key)
        if key not in shown:
            continue
        typed = " ".join(form.get(f"heading-{key}", "").split())
        heading = "".join(filter(is_one_line, typed))[:_MAX_HEADING]
        if heading and heading != answers.headings.get(column.key, column.heading):
            answers = replace(answers, headings={**answers.headings, column.key: heading})
        is_used, was_used = f"use-{key}" in form, column in point.columns
        if is_used and not was_used:
            answers = answers.accept(column.key)
        elif was_used and not is_used:
            answers = answers.reject(column.key)
    return answers


def _apply_action(
    draft: StartDraft, answers: StartAnswers, action: str, subject: str
) -> StartAnswers:
    """Return the answers with what a button of the form does."""
    if action in _WORDS_ACTIONS:
        return _with_words(draft, answers)
    if action in ("reject", "accept") and _PLACE.fullmatch(subject):
        change = answers.reject if action == "reject" else answers.accept
        return change(subject)
    key, _, place = subject.partition(":")
    column = next((c.key for c in _found(draft).columns if form_key(c.key) == key), "")
    if action == "add" and column and (match := _PLACE.fullmatch(place)):
        slot, start, end = map(int, match.groups())
        return _with_places(answers, [(slot, start, end)], column)
    before, after = answers.widened_columns.get(column, (0, 0))
    words = {"before": (before + 1, after), "after": (before, after + 1), "narrow": (0, 0)}
    return answers.widen_column(column, *words[action]) if column and action in words else answers


def _with_words(draft: StartDraft, answers: StartAnswers) -> StartAnswers:
    """Return the answers with all places of the words that were typed."""
    point, words = _found(draft), _typed_words()
    chosen = request.form.get("words_column", "")
    column = next((c.key for c in point.columns if form_key(c.key) == chosen), "")
    if not column and chosen in _NEW_COLUMNS:
        column = f"{chosen}.{words[:_MAX_HEADING]}"
    places = places_of_words(point, words) if words else []
    return _with_places(answers, places, column) if column else answers


def _typed_words() -> str:
    return " ".join(request.form.get("words", "")[:_MAX_WORDS].split())


def _with_places(
    answers: StartAnswers, places: list[tuple[int, int, int]], column: str
) -> StartAnswers:
    for slot, start, end in places:
        key = f"{slot}.{start}.{end}"
        added = AddedPlace(slot, start, end, column)
        if key in answers.rejected:
            answers = answers.accept(key)
        if added not in answers.added_places and len(answers.added_places) < _MAX_ADDED:
            answers = answers.add_place(added)
    return answers


def _found(draft: StartDraft) -> StartingPoint:
    assert draft.found  # noqa: S101 - the routes check it
    return draft.found


# Step 3: create


@dataclass(frozen=True, slots=True)
class StartResult:
    """A campaign or a template that was created from letters.

    `template` is its path. `has_signers` says whether the workbook has signers, `has_recipients`
    whether it has all recipients. `is_new` says whether a campaign was created, not only a
    template.
    """

    letter_count: int
    template: str
    has_signers: bool
    has_recipients: bool
    is_new: bool
    restarts_fixed_count: bool = True


def _create(
    session: CampaignSession | None, draft: StartDraft, point: StartingPoint
) -> _ScreenResponse:
    """Create the campaign, or the template in one, and drop the letters."""
    if session:
        session.submit("start", _template_work(session, point), wait=_WAIT_SECONDS)
        if session.task_result and session.task_result.result:
            discard_start(session)
        return redirect_to("data.show")
    try:
        folder = folders().new_campaign_folder(draft.name)
        workbook = draft.workbook[1] if draft.workbook else None
        files = create_campaign_from_letters(folder, point, workbook, title=draft.name)
    except MergeError as error:
        keep_start(None, replace(draft, refused=(RefusedLetter("", error.problems),)))
        return redirect_to("starting.found")
    discard_start(None)
    lacks_signers = any(notice.kind == "no signers" for notice in point.notices)
    has_rows = len(point.rows["Signers"]) > 1
    result = StartResult(
        len(point.letters),
        files[-1],
        has_signers=not lacks_signers if workbook else has_rows,
        has_recipients=bool(workbook),
        is_new=True,
    )
    key = campaign_sessions().open(folder)
    if created := campaign_sessions().get(key):
        created.submit("start", lambda _task: result, wait=_WAIT_SECONDS)
    return redirect_to("data.show", key=key)


def _template_work(session: CampaignSession, point: StartingPoint) -> Callable[[Task], StartResult]:
    """Return work that adds the template to a campaign, beside its others.

    Its name is not that of a letter's file, which often has the recipient's name.
    """

    def work(_task: Task) -> StartResult:
        usual = Path(TEMPLATE_NAME)
        stem = free_name(session.folder / TEMPLATES_FOLDER, usual.stem, usual.suffix)
        name = f"{stem}{usual.suffix}"
        upload = recognise_upload(point.template, name)
        proposal = propose_replacement(session.folder, upload, "")
        stored = store_upload(session.folder, proposal, dt.datetime.now().astimezone())
        return StartResult(
            len(point.letters), stored.path, has_signers=True, has_recipients=True, is_new=False
        )

    return work
