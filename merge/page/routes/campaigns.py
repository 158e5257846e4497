"""Your campaigns screen: new ones, known ones, other folders."""

from __future__ import annotations

import datetime as dt
import unicodedata
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from merge.campaign.new_campaign import create_campaign
from merge.errors import MergeError, StorageError
from merge.naming import safe_path_part
from merge.page.folders import new_campaigns_folder
from merge.page.starting_draft import StartDraft, current_start, keep_start
from merge.page.web import campaign_sessions, folders, redirect_to
from merge.text.folding import composed

screen = Blueprint("campaigns", __name__)

_MAX_NAME_CHARACTERS = 200
"""Characters of a campaign's name that are read; a folder's has fewer."""


@screen.get("/")
def show() -> str:
    """Show the list of campaigns that were opened, the latest first."""
    return _campaigns_page()


def _campaigns_page(**context: Any) -> str:  # noqa: ANN401 - what templates take
    """Return the campaigns screen, with what is wrong with the typed name."""
    with suppress(StorageError):  # what was stored before is shown
        folders().record_progress(campaign_sessions().views)
    defaults = {"problems": (), "is_taken": False, "name": "", "source": "", "unanswered": False}
    context = {"new_place": str(new_campaigns_folder())} | defaults | context
    known, today = folders().known_campaigns(), dt.datetime.now().astimezone().date()
    starting = current_start(None)
    return render_template("campaigns.html", known=known, today=today, starting=starting, **context)


@screen.post("/campaigns")
def begin() -> Response | tuple[str, int]:
    """Create a campaign from the sample or another campaign, and open it."""
    name = request.form.get("name", "")[:_MAX_NAME_CHARACTERS]
    source = request.form.get("source", "")
    unanswered = bool(source and request.form.get("unanswered"))
    source_folder = folders().find_folder(source) if source else None
    if source and source_folder is None:
        raise NotFound
    typed = {"name": name, "source": source, "unanswered": unanswered}
    title = _title(name)
    try:
        if fault := _name_fault(title):
            return _campaigns_page(**(typed | fault)), 422
        folder = folders().new_campaign_folder(title)
        new_campaign = create_campaign(folder, source_folder, unanswered=unanswered, title=title)
    except MergeError as error:
        return _campaigns_page(problems=error.problems, **typed), 422
    key = campaign_sessions().open(folder)
    if (unanswered or new_campaign.kept_title) and (session := campaign_sessions().get(key)):
        session.submit("new", lambda _task: new_campaign, wait=2)
    return redirect_to("data.show", key=key)


def _title(name: str) -> str:
    """Return a typed name as the Campaign setting has it, on one line.

    Only the name of the folder is without `:` and other characters that folders cannot have.
    """
    visible = (c for c in composed(name) if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return " ".join("".join(visible).split())


_UNSEEN = {"Cc", "Cs", "Cn"}
"""Unicode categories of characters that no cell can have."""


def _name_fault(title: str) -> dict[str, str | bool]:
    """Return that a folder exists, and another name; empty if it does not."""
    folder, suitable_name = folders().new_campaign_folder(title), safe_path_part(title)
    another = f"{title}{folder.name.removeprefix(suitable_name)}"
    return {"is_taken": True, "name": another} if folder.name != suitable_name else {}


@screen.post("/campaigns/letters")
def begin_with_letters() -> Response | tuple[str, int]:
    """Keep the name of a new campaign, and ask for its letters.

    Letters that were chosen for another name are dropped.
    """
    name = request.form.get("name", "")[:_MAX_NAME_CHARACTERS]
    title = _title(name)
    try:
        if fault := _name_fault(title):
            return _campaigns_page(**fault), 422
    except MergeError as error:
        return _campaigns_page(problems=error.problems, name=name), 422
    draft = current_start(None)
    keep_start(None, draft if draft and draft.name == title else StartDraft(title))
    return redirect_to("starting.show")


@screen.post("/campaigns/open")
def open_known() -> Response:
    """Open a campaign folder that the browser page has listed."""
    folder = folders().find_folder(request.form.get("folder", ""))
    if folder is None:
        raise NotFound
    return redirect_to("data.show", key=campaign_sessions().open(folder))


@screen.post("/campaigns/forget")
def forget() -> Response:
    """Remove a campaign from the list of known folders; its folder stays."""
    folders().remove_from_list(request.form.get("folder", ""))
    return redirect_to("campaigns.show")


@screen.get("/campaigns/folders")
@screen.get("/campaigns/folders/<token>")
def choose(token: str = "") -> str:
    """Show the folders in a folder; at first home and the drives."""
    return render_template("folders.html", listing=folders().list_folder(token), token=token)
