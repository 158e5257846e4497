"""Import screen: check the file, match columns, review people.

Addresses contain no names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import get_args
from urllib.parse import unquote

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from merge.campaign import import_undo
from merge.campaign.campaign import Campaign
from merge.campaign.person_review import save_writes_to
from merge.campaign.task import Task
from merge.intake.choices import ImportChoices
from merge.intake.destinations import CONSENT
from merge.intake.form_types import Fix, FormColumn
from merge.intake.list_types import REVIEW_DECISIONS
from merge.naming import heading_for_placeholder
from merge.ooxml.container import MAX_FILE_BYTES
from merge.page import import_view_models
from merge.page.guard import MAX_BYTES
from merge.page.import_draft import (
    COLUMNS_STEP,
    PEOPLE_STEP,
    READ_STEP,
    ImportDraft,
    apply_choices,
    current_draft,
    discard_draft,
    is_list_open,
    save_import,
    start_draft,
    undo_import,
)
from merge.page.session import CampaignSession
from merge.page.web import redirect_to

screen = Blueprint("importing", __name__, url_prefix="/c/<key>")

FILE_NAME_HEADER = "X-File-Name"
_WAIT_SECONDS = 10.0
"""Seconds to wait for a task, so that its result is shown at once."""
_STEPS = {"read": READ_STEP, "columns": COLUMNS_STEP, "people": PEOPLE_STEP}

_ScreenResponse = Response | str | tuple[str, int]


@screen.get("/import")
def show(session: CampaignSession) -> str:
    """Show the current step of the import, or how to begin."""
    draft = current_draft(session)
    return _screen(session, draft.step if draft else READ_STEP)


@screen.get("/import/read", defaults={"step": "read"})
@screen.get("/import/columns", defaults={"step": "columns"})
@screen.get("/import/people", defaults={"step": "people"})
def step(session: CampaignSession, step: str) -> _ScreenResponse:
    """Show a step of the import that was reached."""
    draft = current_draft(session)
    if draft is None or draft.step < _STEPS[step]:
        return redirect_to("importing.show")
    return _screen(session, _STEPS[step])


def _screen(session: CampaignSession, number: int, notice: str = "") -> str:
    """Return an import screen by its step number, with a notice."""
    draft = current_draft(session)
    book = draft.view.book if draft else None
    signers = book.signers.columns if book else ()
    return render_template(
        "import.html",
        draft=draft,
        at=number,
        notice=notice or (draft.notice if draft and number == draft.step else ""),
        shown=import_view_models,
        headings=[
            *(c.heading for c in signers if c.placeholder not in {"id", "include"}),
            *map(
                heading_for_placeholder, draft.unfilled_placeholders if draft else ()
            ),  # placeholders in the letters
        ],
        is_open=is_list_open(session.folder),
        most_bytes=MAX_FILE_BYTES,
    )


# Receiving a file


@screen.put("/import/file")
def take(session: CampaignSession) -> tuple[str, int]:
    """Receive an uploaded export as a request's body; a header has its name."""
    _check_size()
    name = unquote(request.headers.get(FILE_NAME_HEADER, ""), errors="replace")
    _submit_file(session, request.get_data(cache=False), name)
    return "", 204


@screen.post("/import/files")
def take_form(session: CampaignSession) -> Response:
    """Receive an uploaded export from a form, without JavaScript."""
    _check_size()
    upload = request.files.get("file")
    if upload and upload.filename:
        _submit_file(session, upload.read(), upload.filename)
    return redirect_to("importing.show")


def _check_size() -> None:
    """Refuse an upload that is too large, before it is read."""
    if (request.content_length or 0) > MAX_BYTES:
        raise RequestEntityTooLarge


def _submit_file(session: CampaignSession, data: bytes, name: str) -> None:
    def work(_task: Task) -> None:
        start_draft(session, data, name)

    session.submit("export", work, wait=_WAIT_SECONDS)


# Choices of staff


def _shown_draft(session: CampaignSession) -> ImportDraft | None:
    """Return the draft if the form is of the version that was shown."""
    draft = current_draft(session)
    return draft if draft and request.form.get("token") == draft.token else None


def _outdated_form(session: CampaignSession) -> tuple[str, int]:
    draft = current_draft(session)
    return _screen(session, draft.step if draft else READ_STEP, "stale"), 409


@screen.post("/import/read")
def read(session: CampaignSession) -> _ScreenResponse:
    """Set encoding and sheet of the export; continue, or show the rows again."""
    draft = _shown_draft(session)
    if draft is None:
        return _outdated_form(session)
    form, previous = request.form, draft.choices
    words = {reading.word for reading in draft.encoding_samples}
    choices = replace(
        previous,
        read_as=form["read_as"] if form.get("read_as") in words else previous.read_as,
        sheet=form["sheet"] if form.get("sheet") in draft.sheets else previous.sheet,
        form=" ".join(form.get("form", previous.form).split())[:100],
    )
    has_other_columns = (choices.sheet, choices.form) != (previous.sheet, previous.form)
    if has_other_columns:  # the columns are different, so earlier choices do not apply
        choices = replace(choices, goes_to={}, yes={}, everybody_agrees=False)
    stays = form.get("then") == "again" or choices.sheet != previous.sheet
    session.submit(
        "export",
        apply_choices(session, draft, choices, READ_STEP if stays else COLUMNS_STEP),
        wait=_WAIT_SECONDS,
    )
    return redirect_to("importing.show")


@screen.post("/import/columns")
def columns(session: CampaignSession) -> _ScreenResponse:
    """Set the uses of the columns; continue, or update the preview."""
    draft = _shown_draft(session)
    if draft is None:
        return _outdated_form(session)
    choices = replace(
        draft.choices,
        goes_to=_chosen_destinations(draft, request.form),
        yes=_words_for_yes(draft, request.form),
        everybody_agrees="everybody" in request.form,
    )
    goal = COLUMNS_STEP if request.form.get("then") == "again" else PEOPLE_STEP
    session.submit("export", apply_choices(session, draft, choices, goal), wait=_WAIT_SECONDS)
    return redirect_to("importing.show")


def _chosen_destinations(draft: ImportDraft, form: MultiDict[str, str]) -> dict[str, str]:
    """Return the chosen destination of each column.

    A column without a choice, or with a proposal that was not confirmed, stays open.
    """
    return {
        column.heading: goes_to
        for column in draft.view.plan.columns
        if (goes_to := form.get(f"to-{column.number}")) and not _is_unconfirmed(column, form)
    }


def _words_for_yes(draft: ImportDraft, form: MultiDict[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the selected words for yes, by column of consent."""
    return {
        column.heading: _selected_words(column, form)
        for column in draft.view.plan.columns
        if column.goes_to == form.get(f"to-{column.number}") == CONSENT
        and not _is_unconfirmed(column, form)
    }


def _selected_words(column: FormColumn, form: MultiDict[str, str]) -> tuple[str, ...]:
    selected = form.getlist(f"yes-{column.number}", int)
    return tuple(word for n, word in enumerate(column.word_counts) if n in selected)


def _is_unconfirmed(column: FormColumn, form: MultiDict[str, str]) -> bool:
    """Return whether staff neither confirmed nor changed a proposed use."""
    is_proposed_use = form.get(f"to-{column.number}") == column.goes_to
    is_changed = column.goes_to == CONSENT and _selected_words(column, form) != column.yes_words
    is_confirmed = is_changed or f"confirm-{column.number}" in form
    is_asked = import_view_models.column_use(column) == "to confirm"
    return is_asked and is_proposed_use and not is_confirmed


@screen.post("/import/people")
def people(session: CampaignSession) -> _ScreenResponse:
    """Save the import as it was shown, with the selected choices."""
    draft = _shown_draft(session)
    if draft is None or draft.step < PEOPLE_STEP:
        return _outdated_form(session)
    session.submit(
        "import", save_import(session, draft, _selected_choices(draft)), wait=_WAIT_SECONDS
    )
    return redirect_to("importing.show" if current_draft(session) else "data.show")


def _selected_choices(draft: ImportDraft) -> ImportChoices:
    """Return the selected choices among those that were shown."""
    form, changes = request.form, draft.view.changes
    cells = import_view_models.selectable_cells(draft.view)
    taken_cells = set(form.getlist("take", int))
    decisions = {
        person.row: form.get(f"decision-{person.row}", "")
        for person in import_view_models.people_to_review(draft.view)
    }
    same_people = [p for p in changes.new_people if decisions.get(p.row) == "same"]
    added_again = set(form.getlist("again", int))
    removed_people = (*changes.deleted_people, *changes.declined_people)
    return replace(
        draft.choices,
        take_form=frozenset((c.id, c.heading) for n, c in enumerate(cells) if n in taken_cells),
        same_person={p.row: p.same_as for p in same_people if not p.same_row},
        same_rows={p.row: p.same_row for p in same_people if p.same_row},
        decisions={
            row: REVIEW_DECISIONS[word]
            for row, word in decisions.items()
            if word in REVIEW_DECISIONS
        },
        mend_capitals=frozenset(form.getlist("mend", int)),
        fix_zeros=frozenset(form.getlist("zero", int)),
        writes_to=form.get("writes_to", ""),
        fix=frozenset(kind for kind in get_args(Fix) if kind in form.getlist("fix")),
        again=tuple(
            person.id or person.name for n, person in enumerate(removed_people) if n in added_again
        ),
    )


@screen.post("/import/pairs")
def add_pairs(session: CampaignSession) -> Response:
    """Save whom signers from forms without a pair write to."""
    writes_to = request.form.get("writes_to", "")

    def work(campaign: Campaign, _task: Task) -> None:
        save_writes_to(session.folder, campaign.workbook, writes_to)

    session.submit_with_campaign("import", work, wait=_WAIT_SECONDS)
    return redirect_to("letters.show")


@screen.post("/import/leave")
def leave_it(session: CampaignSession) -> Response:
    """Cancel the import in progress, and keep none of its data."""
    discard_draft(session)
    session.request_rescan()
    return redirect_to("data.show")


@screen.get("/import/undo")
def look_at_undo(session: CampaignSession) -> str:
    """Show which people undoing the last import affects."""
    return render_template("import_undo.html", view=import_undo.preview_undo(session.folder))


@screen.post("/import/undo")
def undo_last(session: CampaignSession) -> Response:
    """Restore the list of signers as it was before the last import."""
    session.submit("unimport", undo_import(session), wait=_WAIT_SECONDS)
    return redirect_to("data.show")
