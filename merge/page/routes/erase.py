"""Erase and close: a person taken out; a campaign ended. No address names anybody."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from flask import Blueprint, Response, render_template, request

from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.campaign.closing import reopen_campaign_folder
from merge.page.deletion_screen import (
    AmbiguousPerson,
    ClosingPreview,
    DeletionPreview,
    PersonQuery,
    RemainingTraces,
    close_campaign,
    current_step,
    delete_shown_person,
    discard_step,
    preview_closing,
    search_again,
    search_person,
)
from merge.page.opening import open_file
from merge.page.session import CampaignSession
from merge.page.web import redirect_to
from merge.state.folder_access import OLD_VERSIONS_FOLDER
from merge.workbook.reading import LIST_FILE

screen = Blueprint("erase", __name__, url_prefix="/c/<key>")

MAX_NAMES = 1000
"""Names that are offered while one is typed."""
_WAIT_SECONDS = 5.0
"""Seconds in which a rehearsal of a small campaign is ready to be shown."""

_Answer = Response | tuple[str, int]


@screen.get("/erase")
def show(desk: CampaignSession) -> str:
    """Show what was found of a person, what is left, or how to begin.

    Which of several people is meant is asked at the address that leads on from a search only: the
    link to this screen, and Back, lead out of the question.
    """
    return _screen(desk, is_asked=_FROM_SEARCH in request.args or not _is_person_ambiguous(desk))


def _is_person_ambiguous(desk: CampaignSession) -> bool:
    """Return whether it was asked which of several people is meant."""
    return isinstance(current_step(desk), AmbiguousPerson)


_FROM_SEARCH = "found"


def _redirect_to_results() -> Response:
    """Lead on from a search."""
    return redirect_to("erase.show", **{_FROM_SEARCH: 1})


def _screen(desk: CampaignSession, told: str = "", *, is_asked: bool = True) -> str:
    """`told` is what keeps a form from being obeyed: `stale`, `unsure`, `nobody`."""
    return render_template(
        "erase.html",
        case=current_step(desk) if is_asked else None,
        names=[*islice(_people_names(desk), MAX_NAMES)],
        has_report=any(desk.folder.glob("report *.xlsx")),
        has_old_versions=(desk.folder / OLD_VERSIONS_FOLDER).is_dir(),
        list_file=LIST_FILE,
        told=told,
    )


def _people_names(desk: CampaignSession) -> Iterator[str]:
    view = desk.snapshot.view
    if view:
        book = view.campaign.workbook
        for people in (book.signers.persons, book.recipients.persons, book.excluded_people):
            yield from dict.fromkeys(str(person.name) for person in people)


@screen.post("/erase/find")
def find(desk: CampaignSession) -> _Answer:
    """Look for a person, and for what is held of that person."""
    name = request.form.get("name", "").strip()
    if not name:
        return _screen(desk, "nobody", is_asked=not _is_person_ambiguous(desk)), 422
    desk.submit_with_campaign("search", search_person(desk, PersonQuery(name)), wait=_WAIT_SECONDS)
    return _redirect_to_results()


@screen.post("/erase/which")
def which(desk: CampaignSession) -> _Answer:
    """Look for one of several people who are meant by a name, by the place in their list."""
    case, number = current_step(desk), request.form.get("number", -1, int)
    if not isinstance(case, AmbiguousPerson) or number not in range(len(case.people)):
        return _screen(desk, "stale"), 409
    desk.submit_with_campaign(
        "search", search_person(desk, case.query_for(number)), wait=_WAIT_SECONDS
    )
    return _redirect_to_results()


@screen.post("/erase/leave")
def leave_it(desk: CampaignSession) -> Response:
    """Put away what was found; nothing is changed."""
    discard_step(desk)
    return redirect_to("erase.show")


@screen.post("/erase/person")
def person(desk: CampaignSession) -> _Answer:
    """Erase the person that was shown."""
    case = current_step(desk)
    if not isinstance(case, DeletionPreview) or request.form.get("token") != case.token:
        return _screen(desk, "stale"), 409
    if "sure" not in request.form:
        return _screen(desk, "unsure"), 422
    keep = {name: name in request.form for name in ("keep_counts", "keep_out")}
    desk.submit_with_campaign("forget", delete_shown_person(desk, case, **keep), wait=_WAIT_SECONDS)
    return redirect_to("erase.show")


@screen.post("/erase/look")
def look(desk: CampaignSession) -> Response:
    """Look again for what is left."""
    case = current_step(desk)
    if isinstance(case, RemainingTraces):
        desk.submit_with_campaign("search", search_again(desk, case), wait=_WAIT_SECONDS)
    return redirect_to("erase.show")


@screen.post("/erase/again")
def again(desk: CampaignSession) -> Response:
    """Look again for what the program holds: letters may have been made anew."""
    case = current_step(desk)
    if isinstance(case, RemainingTraces):
        desk.submit_with_campaign("search", search_person(desk, case.query), wait=_WAIT_SECONDS)
    return _redirect_to_results()


@screen.post("/erase/workbook")
def workbook(desk: CampaignSession) -> Response:
    """Open the workbook: its rows are the staff's to delete."""
    open_file(desk.folder / WORKBOOK_FILE, desk.folder)
    return redirect_to("erase.show")


# The end of a campaign.


@screen.post("/close/find")
def find_closing(desk: CampaignSession) -> Response:
    """Look for what goes when the campaign is closed."""
    desk.submit("search", preview_closing(desk), wait=_WAIT_SECONDS)
    return redirect_to("erase.show")


@screen.post("/close")
def close(desk: CampaignSession) -> _Answer:
    """Close the campaign as it was shown."""
    case = current_step(desk)
    if not isinstance(case, ClosingPreview) or request.form.get("token") != case.token:
        return _screen(desk, "stale"), 409
    if "sure" not in request.form:
        return _screen(desk, "unsure"), 422
    desk.submit("close", close_campaign(desk, case), wait=_WAIT_SECONDS)
    return redirect_to("erase.show")


@screen.post("/close/undo")
def undo(desk: CampaignSession) -> Response:
    """Let letters be made again."""
    desk.submit("reopen", lambda _errand: reopen_campaign_folder(desk.folder), wait=_WAIT_SECONDS)
    return redirect_to("erase.show")
