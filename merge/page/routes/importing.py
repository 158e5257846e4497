"""Import a list: is it read right, what goes where, who. No address names anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from merge.campaign import import_undo
from merge.campaign.task import Task
from merge.intake.choices import ImportChoices
from merge.intake.destinations import CONSENT
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
"""Seconds for which an answer waits for what was asked, so that it can be seen at once."""
_STEPS = {"read": READ_STEP, "columns": COLUMNS_STEP, "people": PEOPLE_STEP}

_Answer = Response | str | tuple[str, int]


@screen.get("/import")
def show(desk: CampaignSession) -> str:
    """Show how far the import is, or how to begin."""
    case = current_draft(desk)
    return _screen(desk, case.step if case else READ_STEP)


@screen.get("/import/read", defaults={"step": "read"})
@screen.get("/import/columns", defaults={"step": "columns"})
@screen.get("/import/people", defaults={"step": "people"})
def step(desk: CampaignSession, step: str) -> _Answer:
    """Show a step of the import that was reached."""
    case = current_draft(desk)
    if case is None or case.step < _STEPS[step]:
        return redirect_to("importing.show")
    return _screen(desk, _STEPS[step])


def _screen(desk: CampaignSession, number: int, told: str = "") -> str:
    """`told` is what keeps a form from being obeyed: `stale`."""
    case = current_draft(desk)
    view = desk.snapshot.view
    signers = view.campaign.workbook.signers.columns if view else ()
    return render_template(
        "import.html",
        case=case,
        at=number,
        told=told or (case.notice if case and number == case.step else ""),
        shown=import_view_models,
        headings=[
            *(c.heading for c in signers if c.placeholder not in {"id", "include"}),
            *map(
                heading_for_placeholder, case.unfilled_placeholders if case else ()
            ),  # that letters print
        ],
        is_open=is_list_open(desk.folder),
        most_bytes=MAX_FILE_BYTES,
    )


# A file is brought.


@screen.put("/import/file")
def take(desk: CampaignSession) -> tuple[str, int]:
    """Take a file that was dropped or chosen: it is the body, a header says what it is called."""
    _check_size()
    name = unquote(request.headers.get(FILE_NAME_HEADER, ""), errors="replace")
    _submit_file(desk, request.get_data(cache=False), name)
    return "", 204


@screen.post("/import/files")
def take_form(desk: CampaignSession) -> Response:
    """Take a file of a form, where there is no JavaScript."""
    _check_size()
    sent = request.files.get("file")
    if sent and sent.filename:
        _submit_file(desk, sent.read(), sent.filename)
    return redirect_to("importing.show")


def _check_size() -> None:
    """Refuse what is too large before it is read."""
    if (request.content_length or 0) > MAX_BYTES:
        raise RequestEntityTooLarge


def _submit_file(desk: CampaignSession, data: bytes, name: str) -> None:
    def work(_errand: Task) -> None:
        start_draft(desk, data, name)

    desk.submit("export", work, wait=_WAIT_SECONDS)


# What staff say.


def _shown_draft(desk: CampaignSession) -> ImportDraft | None:
    """Return the case that a form is of, if it is the one that was shown."""
    case = current_draft(desk)
    return case if case and request.form.get("token") == case.token else None


def _outdated_form(desk: CampaignSession) -> tuple[str, int]:
    case = current_draft(desk)
    return _screen(desk, case.step if case else READ_STEP, "stale"), 409


@screen.post("/import/read")
def read(desk: CampaignSession) -> _Answer:
    """Take how the file is to be read, and go on, or show it so."""
    case = _shown_draft(desk)
    if case is None:
        return _outdated_form(desk)
    form, before = request.form, case.choices
    words = {reading.word for reading in case.encoding_samples}
    choices = replace(
        before,
        read_as=form["read_as"] if form.get("read_as") in words else before.read_as,
        sheet=form["sheet"] if form.get("sheet") in case.sheets else before.sheet,
        form=" ".join(form.get("form", before.form).split())[:100],
    )
    is_other = (choices.sheet, choices.form) != (before.sheet, before.form)
    if is_other:  # other columns: what was said of the former is not of these
        choices = replace(choices, goes_to={}, yes={}, everybody_agrees=False)
    stays = form.get("then") == "again" or choices.sheet != before.sheet
    desk.submit(
        "export",
        apply_choices(desk, case, choices, READ_STEP if stays else COLUMNS_STEP),
        wait=_WAIT_SECONDS,
    )
    return redirect_to("importing.show")


@screen.post("/import/columns")
def columns(desk: CampaignSession) -> _Answer:
    """Take what goes where, and go on, or show how the letter would begin."""
    case = _shown_draft(desk)
    if case is None:
        return _outdated_form(desk)
    choices = replace(
        case.choices,
        goes_to=_chosen_destinations(case, request.form),
        yes=_words_for_yes(case),
        everybody_agrees="everybody" in request.form,
    )
    goal = COLUMNS_STEP if request.form.get("then") == "again" else PEOPLE_STEP
    desk.submit("export", apply_choices(desk, case, choices, goal), wait=_WAIT_SECONDS)
    return redirect_to("importing.show")


def _chosen_destinations(case: ImportDraft, form: Mapping[str, str]) -> dict[str, str]:
    """Return where each column goes that was chosen; one that was left open stays so."""
    known = {c.heading: form.get(f"to-{c.number}", "") for c in case.view.plan.columns}
    return {heading: goes_to for heading, goes_to in known.items() if goes_to}


def _words_for_yes(case: ImportDraft) -> dict[str, tuple[str, ...]]:
    """Return the words that were ticked, of each column that was shown as one of consent."""
    found = {}
    for column in case.view.plan.columns:
        if column.goes_to == CONSENT and request.form.get(f"to-{column.number}") == CONSENT:
            ticked = set(request.form.getlist(f"yes-{column.number}", int))
            found[column.heading] = tuple(
                w for n, w in enumerate(column.word_counts) if n in ticked
            )
    return found


@screen.post("/import/people")
def people(desk: CampaignSession) -> _Answer:
    """Write what was shown, with what was ticked."""
    case = _shown_draft(desk)
    if case is None or case.step < PEOPLE_STEP:
        return _outdated_form(desk)
    desk.submit("import", save_import(desk, case, _selected_choices(case)), wait=_WAIT_SECONDS)
    return redirect_to("importing.show")


def _selected_choices(case: ImportDraft) -> ImportChoices:
    """Return what was ticked, of what was shown."""
    form, changes = request.form, case.view.changes
    cells = import_view_models.selectable_cells(case.view)
    take = set(form.getlist("take", int))
    same = set(form.getlist("same", int))
    again = set(form.getlist("again", int))
    out = (*changes.deleted_people, *changes.declined_people)
    return replace(
        case.choices,
        take_form=frozenset((c.id, c.heading) for n, c in enumerate(cells) if n in take),
        same_person={
            p.row: p.same_as for p in changes.new_people if p.row in same and not p.same_row
        },
        same_rows={p.row: p.same_row for p in changes.new_people if p.row in same and p.same_row},
        mend_capitals=frozenset(form.getlist("mend", int)),
        fix_zeros=frozenset(form.getlist("zero", int)),
        fix=frozenset({"lost-zeros"}) if "zeros" in form else frozenset(),
        again=tuple(p.id or p.name for n, p in enumerate(out) if n in again),
    )


@screen.post("/import/leave")
def leave_it(desk: CampaignSession) -> Response:
    """Put the file away: nothing was written, and nothing of it is kept."""
    discard_draft(desk)
    desk.request_rescan()
    return redirect_to("data.show")


@screen.get("/import/undo")
def look_at_undo(desk: CampaignSession) -> str:
    """Show whom it concerns that the last import is undone."""
    return render_template("import_undo.html", view=import_undo.preview_undo(desk.folder))


@screen.post("/import/undo")
def undo_last(desk: CampaignSession) -> Response:
    """Put the list back as it was before the last import."""
    desk.submit("unimport", undo_import(desk), wait=_WAIT_SECONDS)
    return redirect_to("data.show")
