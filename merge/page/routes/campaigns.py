"""Your campaigns screen: new ones, known ones, other folders."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from merge.campaign.new_campaign import create_campaign
from merge.errors import MergeError, StorageError
from merge.naming import safe_path_part
from merge.page.folders import new_campaigns_folder
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
    return render_template("campaigns.html", known=known, today=today, **context)


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
    suitable_name = safe_path_part(plain)
    if plain and suitable_name != plain:
        return _campaigns_page(
            wrong="unsuitable", **(typed | {"name": suitable_name.strip("_")})
        ), 422
    try:
        folder = folders().new_campaign_folder(plain)
        if folder.name != suitable_name:
            return _campaigns_page(wrong="taken", **(typed | {"name": folder.name})), 422
        new_campaign = create_campaign(folder, source_folder, unanswered=unanswered, title=plain)
    except MergeError as error:
        return _campaigns_page(problems=error.problems, **typed), 422
    key = campaign_sessions().open(folder)
    if (unanswered or new_campaign.kept_title) and (session := campaign_sessions().get(key)):
        session.submit("new", lambda _task: new_campaign, wait=2)
    return redirect_to("data.show", key=key)


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
