"""Screen to delete a person's data or close the campaign.

Addresses contain no names.
"""

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
"""Names that are suggested while the user types."""
_WAIT_SECONDS = 5.0
"""Seconds to wait: the preview of a small campaign is ready by then."""

_ScreenResponse = Response | tuple[str, int]


@screen.get("/erase")
def show(session: CampaignSession) -> str:
    """Show the step of a deletion: search, preview, or remaining traces.

    Which of several people is meant is only asked at the address after a search. So the link to
    this screen and Back lead away from the question. The link to close the campaign leads away from
    any deletion.
    """
    if "closing" in request.args:
        return _screen(session, is_asked=isinstance(current_step(session), ClosingPreview))
    return _screen(
        session, is_asked=_FROM_SEARCH in request.args or not _is_person_ambiguous(session)
    )


def _is_person_ambiguous(session: CampaignSession) -> bool:
    """Return whether the user must choose one of several people."""
    return isinstance(current_step(session), AmbiguousPerson)


_FROM_SEARCH = "found"


def _redirect_to_results() -> Response:
    """Redirect the browser from a search for a person to its results."""
    return redirect_to("erase.show", **{_FROM_SEARCH: 1})


def _screen(session: CampaignSession, notice: str = "", *, is_asked: bool = True) -> str:
    """Return the screen for deleting a person, with a notice.

    `notice` is the reason why a form was refused: `stale`, `unsure` or `nobody`.
    """
    return render_template(
        "erase.html",
        deletion_step=current_step(session) if is_asked else None,
        names=[*islice(_people_names(session), MAX_NAMES)],
        has_report=any(session.folder.glob("report *.xlsx")),
        has_old_versions=(session.folder / OLD_VERSIONS_FOLDER).is_dir(),
        list_file=LIST_FILE,
        notice=notice,
    )


def _people_names(session: CampaignSession) -> Iterator[str]:
    view = session.snapshot.view
    if view:
        book = view.campaign.workbook
        for people in (book.signers.persons, book.recipients.persons, book.excluded_people):
            yield from dict.fromkeys(str(person.name) for person in people)


@screen.post("/erase/find")
def find(session: CampaignSession) -> _ScreenResponse:
    """Search for a person by name or ID, and for the data about that person."""
    name = request.form.get("name", "").strip()
    if not name:
        return _screen(session, "nobody", is_asked=not _is_person_ambiguous(session)), 422
    session.submit_with_campaign(
        "search", search_person(session, PersonQuery(name)), wait=_WAIT_SECONDS
    )
    return _redirect_to_results()


@screen.post("/erase/which")
def which(session: CampaignSession) -> _ScreenResponse:
    """Search for one of several people, by the number in their list."""
    step, number = current_step(session), request.form.get("number", -1, int)
    if not isinstance(step, AmbiguousPerson) or number not in range(len(step.people)):
        return _screen(session, "stale"), 409
    session.submit_with_campaign(
        "search", search_person(session, step.query_for(number)), wait=_WAIT_SECONDS
    )
    return _redirect_to_results()


@screen.post("/erase/leave")
def leave_it(session: CampaignSession) -> Response:
    """Discard the search for a person; that deletes no data."""
    discard_step(session)
    return redirect_to("erase.show")


@screen.post("/erase/person")
def person(session: CampaignSession) -> _ScreenResponse:
    """Delete the data of the person whom the screen showed."""
    step = current_step(session)
    if not isinstance(step, DeletionPreview) or request.form.get("token") != step.token:
        return _screen(session, "stale"), 409
    if "sure" not in request.form:
        return _screen(session, "unsure"), 422
    keep = {name: name in request.form for name in ("keep_counts", "keep_out")}
    session.submit_with_campaign(
        "forget", delete_shown_person(session, step, **keep), wait=_WAIT_SECONDS
    )
    return redirect_to("erase.show")


@screen.post("/erase/look")
def look(session: CampaignSession) -> Response:
    """Search the campaign again for traces of the deleted person."""
    step = current_step(session)
    if isinstance(step, RemainingTraces):
        session.submit_with_campaign("search", search_again(session, step), wait=_WAIT_SECONDS)
    return redirect_to("erase.show")


@screen.post("/erase/again")
def again(session: CampaignSession) -> Response:
    """Search again for the program's data: letters may exist again."""
    step = current_step(session)
    if isinstance(step, RemainingTraces):
        session.submit_with_campaign(
            "search", search_person(session, step.query), wait=_WAIT_SECONDS
        )
    return _redirect_to_results()


@screen.post("/erase/workbook")
def workbook(session: CampaignSession) -> Response:
    """Open the workbook, in which staff delete the rows themselves."""
    open_file(session.folder / WORKBOOK_FILE, session.folder)
    return redirect_to("erase.show")


# Closing a campaign


@screen.post("/close/find")
def find_closing(session: CampaignSession) -> Response:
    """Search for the files that closing the campaign deletes."""
    session.submit("search", preview_closing(session), wait=_WAIT_SECONDS)
    return redirect_to("erase.show")


@screen.post("/close")
def close(session: CampaignSession) -> _ScreenResponse:
    """Close the campaign as the preview showed."""
    step = current_step(session)
    if not isinstance(step, ClosingPreview) or request.form.get("token") != step.token:
        return _screen(session, "stale"), 409
    if "sure" not in request.form:
        return _screen(session, "unsure"), 422
    session.submit("close", close_campaign(session, step), wait=_WAIT_SECONDS)
    return redirect_to("erase.show")


@screen.post("/close/undo")
def undo(session: CampaignSession) -> Response:
    """Reopen the closed campaign."""
    session.submit(
        "reopen", lambda _task: reopen_campaign_folder(session.folder), wait=_WAIT_SECONDS
    )
    return redirect_to("erase.show")
