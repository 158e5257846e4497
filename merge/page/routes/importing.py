"""Import a list: is it read right, what goes where, who. No address names anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from merge.campaign import import_undo
from merge.campaign.errand import Errand
from merge.intake.choices import ImportChoices
from merge.intake.destinations import CONSENT
from merge.naming import heading_for
from merge.ooxml.container import MOST_FILE
from merge.page import import_shown
from merge.page.desk import Desk
from merge.page.guard import MOST_BYTES
from merge.page.import_case import (
    COLUMNS,
    PEOPLE,
    READ,
    ImportCase,
    case_of,
    is_list_open,
    leave,
    look_at,
    said,
    undo,
    write,
)
from merge.page.web import back

screen = Blueprint("importing", __name__, url_prefix="/c/<key>")

FILE_NAME = "X-File-Name"
_WAIT = 10.0
"""Seconds for which an answer waits for what was asked, so that it can be seen at once."""
_STEPS = {"read": READ, "columns": COLUMNS, "people": PEOPLE}

_Answer = Response | str | tuple[str, int]


@screen.get("/import")
def show(desk: Desk) -> str:
    """Show how far the import is, or how to begin."""
    case = case_of(desk)
    return _screen(desk, case.step if case else READ)


@screen.get("/import/read", defaults={"step": "read"})
@screen.get("/import/columns", defaults={"step": "columns"})
@screen.get("/import/people", defaults={"step": "people"})
def step(desk: Desk, step: str) -> _Answer:
    """Show a step of the import that was reached."""
    case = case_of(desk)
    if case is None or case.step < _STEPS[step]:
        return back("importing.show")
    return _screen(desk, _STEPS[step])


def _screen(desk: Desk, number: int, told: str = "") -> str:
    """`told` is what keeps a form from being obeyed: `stale`."""
    case = case_of(desk)
    view = desk.sight.view
    signers = view.campaign.workbook.signers.columns if view else ()
    return render_template(
        "import.html",
        case=case,
        at=number,
        told=told or (case.told if case and number == case.step else ""),
        shown=import_shown,
        headings=[
            *(c.heading for c in signers if c.tag not in {"id", "include"}),
            *map(heading_for, case.unfilled if case else ()),  # that letters print
        ],
        is_open=is_list_open(desk.folder),
        most_bytes=MOST_FILE,
    )


# A file is brought.


@screen.put("/import/file")
def take(desk: Desk) -> tuple[str, int]:
    """Take a file that was dropped or chosen: it is the body, a header says what it is called."""
    _check_size()
    name = unquote(request.headers.get(FILE_NAME, ""), errors="replace")
    _begin(desk, request.get_data(cache=False), name)
    return "", 204


@screen.post("/import/files")
def take_form(desk: Desk) -> Response:
    """Take a file of a form, where there is no JavaScript."""
    _check_size()
    sent = request.files.get("file")
    if sent and sent.filename:
        _begin(desk, sent.read(), sent.filename)
    return back("importing.show")


def _check_size() -> None:
    """Refuse what is too large before it is read."""
    if (request.content_length or 0) > MOST_BYTES:
        raise RequestEntityTooLarge


def _begin(desk: Desk, data: bytes, name: str) -> None:
    def work(_errand: Errand) -> None:
        look_at(desk, data, name)

    desk.begin_with("export", work, wait=_WAIT)


# What staff say.


def _known(desk: Desk) -> ImportCase | None:
    """Return the case that a form is of, if it is the one that was shown."""
    case = case_of(desk)
    return case if case and request.form.get("token") == case.token else None


def _stale(desk: Desk) -> tuple[str, int]:
    case = case_of(desk)
    return _screen(desk, case.step if case else READ, "stale"), 409


@screen.post("/import/read")
def read(desk: Desk) -> _Answer:
    """Take how the file is to be read, and go on, or show it so."""
    case = _known(desk)
    if case is None:
        return _stale(desk)
    form, before = request.form, case.choices
    words = {reading.word for reading in case.readings}
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
    desk.begin_with("export", said(desk, case, choices, READ if stays else COLUMNS), wait=_WAIT)
    return back("importing.show")


@screen.post("/import/columns")
def columns(desk: Desk) -> _Answer:
    """Take what goes where, and go on, or show how the letter would begin."""
    case = _known(desk)
    if case is None:
        return _stale(desk)
    choices = replace(
        case.choices,
        goes_to=_goes_to(case, request.form),
        yes=_words_for_yes(case),
        everybody_agrees="everybody" in request.form,
    )
    goal = COLUMNS if request.form.get("then") == "again" else PEOPLE
    desk.begin_with("export", said(desk, case, choices, goal), wait=_WAIT)
    return back("importing.show")


def _goes_to(case: ImportCase, form: Mapping[str, str]) -> dict[str, str]:
    """Return where each column goes that was chosen; one that was left open stays so."""
    known = {c.heading: form.get(f"to-{c.number}", "") for c in case.view.plan.columns}
    return {heading: goes_to for heading, goes_to in known.items() if goes_to}


def _words_for_yes(case: ImportCase) -> dict[str, tuple[str, ...]]:
    """Return the words that were ticked, of each column that was shown as one of consent."""
    found = {}
    for column in case.view.plan.columns:
        if column.goes_to == CONSENT and request.form.get(f"to-{column.number}") == CONSENT:
            ticked = set(request.form.getlist(f"yes-{column.number}", int))
            found[column.heading] = tuple(w for n, w in enumerate(column.words) if n in ticked)
    return found


@screen.post("/import/people")
def people(desk: Desk) -> _Answer:
    """Write what was shown, with what was ticked."""
    case = _known(desk)
    if case is None or case.step < PEOPLE:
        return _stale(desk)
    desk.begin_with("import", write(desk, case, _ticked(case)), wait=_WAIT)
    return back("importing.show")


def _ticked(case: ImportCase) -> ImportChoices:
    """Return what was ticked, of what was shown."""
    form, changes = request.form, case.view.changes
    cells = import_shown.cells_to_tick(case.view)
    take = set(form.getlist("take", int))
    same = set(form.getlist("same", int))
    again = set(form.getlist("again", int))
    out = (*changes.deleted, *changes.refused)
    return replace(
        case.choices,
        take_form=frozenset((c.id, c.heading) for n, c in enumerate(cells) if n in take),
        same_person={p.row: p.same_as for p in changes.new if p.row in same and not p.same_row},
        same_rows={p.row: p.same_row for p in changes.new if p.row in same and p.same_row},
        mend_capitals=frozenset(form.getlist("mend", int)),
        fix_zeros=frozenset(form.getlist("zero", int)),
        fix=frozenset({"lost-zeros"}) if "zeros" in form else frozenset(),
        again=tuple(p.id or p.name for n, p in enumerate(out) if n in again),
    )


@screen.post("/import/leave")
def leave_it(desk: Desk) -> Response:
    """Put the file away: nothing was written, and nothing of it is kept."""
    leave(desk)
    desk.look_again()
    return back("data.show")


@screen.get("/import/undo")
def look_at_undo(desk: Desk) -> str:
    """Show whom it concerns that the last import is undone."""
    return render_template("import_undo.html", view=import_undo.look_at_undo(desk.folder))


@screen.post("/import/undo")
def undo_last(desk: Desk) -> Response:
    """Put the list back as it was before the last import."""
    desk.begin_with("unimport", undo(desk), wait=_WAIT)
    return back("data.show")
