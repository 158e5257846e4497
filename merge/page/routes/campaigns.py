"""Your campaigns screen: new ones, known ones, other folders."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import replace
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
    defaults = {"problems": (), "wrong": "", "name": "", "source": "", "unanswered": False}
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
    plain = " ".join(composed(name).split())
    try:
        if fault := _name_fault(plain):
            return _campaigns_page(**(typed | fault)), 422
        folder = folders().new_campaign_folder(plain)
        new_campaign = create_campaign(folder, source_folder, unanswered=unanswered, title=plain)
    except MergeError as error:
        return _campaigns_page(problems=error.problems, **typed), 422
    key = campaign_sessions().open(folder)
    if (unanswered or new_campaign.kept_title) and (session := campaign_sessions().get(key)):
        session.submit("new", lambda _task: new_campaign, wait=2)
    return redirect_to("data.show", key=key)


def _name_fault(name: str) -> dict[str, str]:
    """Return what is wrong with a name and a better name; empty if nothing is."""
    suitable_name = safe_path_part(name)
    if name and suitable_name != name:
        return {"wrong": "unsuitable", "name": suitable_name.strip("_")}
    folder = folders().new_campaign_folder(name)
    return {"wrong": "taken", "name": folder.name} if folder.name != suitable_name else {}


@screen.post("/campaigns/letters")
def begin_with_letters() -> Response | tuple[str, int]:
    """Keep the name of a new campaign, and ask for its letters."""
    name = request.form.get("name", "")[:_MAX_NAME_CHARACTERS]
    plain = " ".join(composed(name).split())
    try:
        if fault := _name_fault(plain):
            return _campaigns_page(**fault), 422
    except MergeError as error:
        return _campaigns_page(problems=error.problems, name=name), 422
    keep_start(None, replace(current_start(None) or StartDraft(), name=plain))
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
