"""Erase and close: a person taken out; a campaign ended. No address names anybody."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from flask import Blueprint, Response, render_template, request

from merge.campaign.closing import reopen
from merge.campaign.places import WORKBOOK_FILE
from merge.page.desk import Desk
from merge.page.erasing import (
    Asked,
    ClosingRehearsed,
    Left,
    Namesakes,
    Rehearsed,
    case_of,
    close_campaign,
    erase_person,
    leave,
    look_again,
    search_closing,
    search_for,
)
from merge.page.opening import open_file
from merge.page.web import back
from merge.state.letters_folder import OLD_VERSIONS_FOLDER
from merge.workbook.reading import LIST_FILE

screen = Blueprint("erase", __name__, url_prefix="/c/<key>")

MOST_NAMES = 1000
"""Names that are offered while one is typed."""
_WAIT = 5.0
"""Seconds in which a rehearsal of a small campaign is ready to be shown."""

_Answer = Response | tuple[str, int]


@screen.get("/erase")
def show(desk: Desk) -> str:
    """Show what was found of a person, what is left, or how to begin.

    Which of several people is meant is asked at the address that leads on from a search only: the
    link to this screen, and Back, lead out of the question.
    """
    return _screen(desk, is_asked=_FROM_SEARCH in request.args or not _is_asking(desk))


def _is_asking(desk: Desk) -> bool:
    """Return whether it was asked which of several people is meant."""
    return isinstance(case_of(desk), Namesakes)


_FROM_SEARCH = "found"


def _found() -> Response:
    """Lead on from a search."""
    return back("erase.show", **{_FROM_SEARCH: 1})


def _screen(desk: Desk, told: str = "", *, is_asked: bool = True) -> str:
    """`told` is what keeps a form from being obeyed: `stale`, `unsure`, `nobody`."""
    return render_template(
        "erase.html",
        case=case_of(desk) if is_asked else None,
        names=[*islice(_names(desk), MOST_NAMES)],
        has_report=any(desk.folder.glob("report *.xlsx")),
        has_old_versions=(desk.folder / OLD_VERSIONS_FOLDER).is_dir(),
        list_file=LIST_FILE,
        told=told,
    )


def _names(desk: Desk) -> Iterator[str]:
    view = desk.sight.view
    if view:
        book = view.campaign.workbook
        for people in (book.signers.persons, book.recipients.persons, book.left_out):
            yield from dict.fromkeys(str(person.name) for person in people)


@screen.post("/erase/find")
def find(desk: Desk) -> _Answer:
    """Look for a person, and for what is held of that person."""
    name = request.form.get("name", "").strip()
    if not name:
        return _screen(desk, "nobody", is_asked=not _is_asking(desk)), 422
    desk.begin("search", search_for(desk, Asked(name)), wait=_WAIT)
    return _found()


@screen.post("/erase/which")
def which(desk: Desk) -> _Answer:
    """Look for one of several people who are meant by a name, by the place in their list."""
    case, number = case_of(desk), request.form.get("number", -1, int)
    if not isinstance(case, Namesakes) or number not in range(len(case.people)):
        return _screen(desk, "stale"), 409
    desk.begin("search", search_for(desk, case.asked(number)), wait=_WAIT)
    return _found()


@screen.post("/erase/leave")
def leave_it(desk: Desk) -> Response:
    """Put away what was found; nothing is changed."""
    leave(desk)
    return back("erase.show")


@screen.post("/erase/person")
def person(desk: Desk) -> _Answer:
    """Erase the person that was shown."""
    case = case_of(desk)
    if not isinstance(case, Rehearsed) or request.form.get("token") != case.token:
        return _screen(desk, "stale"), 409
    if "sure" not in request.form:
        return _screen(desk, "unsure"), 422
    keep = {name: name in request.form for name in ("keep_counts", "keep_out")}
    desk.begin("forget", erase_person(desk, case, **keep), wait=_WAIT)
    return back("erase.show")


@screen.post("/erase/look")
def look(desk: Desk) -> Response:
    """Look again for what is left."""
    case = case_of(desk)
    if isinstance(case, Left):
        desk.begin("search", look_again(desk, case), wait=_WAIT)
    return back("erase.show")


@screen.post("/erase/again")
def again(desk: Desk) -> Response:
    """Look again for what the program holds: letters may have been made anew."""
    case = case_of(desk)
    if isinstance(case, Left):
        desk.begin("search", search_for(desk, case.asked), wait=_WAIT)
    return _found()


@screen.post("/erase/workbook")
def workbook(desk: Desk) -> Response:
    """Open the workbook: its rows are the staff's to delete."""
    open_file(desk.folder / WORKBOOK_FILE, desk.folder)
    return back("erase.show")


# The end of a campaign.


@screen.post("/close/find")
def find_closing(desk: Desk) -> Response:
    """Look for what goes when the campaign is closed."""
    desk.begin_with("search", search_closing(desk), wait=_WAIT)
    return back("erase.show")


@screen.post("/close")
def close(desk: Desk) -> _Answer:
    """Close the campaign as it was shown."""
    case = case_of(desk)
    if not isinstance(case, ClosingRehearsed) or request.form.get("token") != case.token:
        return _screen(desk, "stale"), 409
    if "sure" not in request.form:
        return _screen(desk, "unsure"), 422
    desk.begin_with("close", close_campaign(desk, case), wait=_WAIT)
    return back("erase.show")


@screen.post("/close/undo")
def undo(desk: Desk) -> Response:
    """Let letters be made again."""
    desk.begin_with("reopen", lambda _errand: reopen(desk.folder), wait=_WAIT)
    return back("erase.show")
