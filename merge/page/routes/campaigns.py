"""Your campaigns: new ones, those opened before, another folder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from merge.campaign.new_campaign import create_campaign
from merge.campaign.overview import NextStep
from merge.errors import MergeError
from merge.naming import safe_path_part
from merge.page.folders import KnownCampaign, new_campaigns_folder
from merge.page.web import campaign_sessions, folders, redirect_to
from merge.text.folding import composed

screen = Blueprint("campaigns", __name__)

_MAX_NAME_CHARACTERS = 200
"""Characters of a campaign's name that are looked at; a folder's has fewer."""


@screen.get("/")
def show() -> str:
    """Show the campaigns that were opened, the last one first."""
    return _campaigns_page()


def _campaigns_page(**facts: Any) -> str:  # noqa: ANN401 - what templates take
    """Return the page; `wrong` and `problems` are what is wrong with the name that was typed."""
    known = folders().known_campaigns()
    facts = {"new_place": str(new_campaigns_folder())} | facts
    nothing = {"problems": (), "wrong": "", "name": "", "source": "", "unanswered": False}
    return render_template(
        "campaigns.html", known=known, due=_next_steps(known), **(nothing | facts)
    )


def _next_steps(known: Iterable[KnownCampaign]) -> dict[str, NextStep]:
    """Return what is due next, by token, in the campaigns that are open: others take a look."""
    views = {desk.folder: desk.latest_snapshot.view for desk in campaign_sessions()}
    found = {one.token: folders().find_folder(one.token) for one in known}
    return {t: view.next_step for t, f in found.items() if f and (view := views.get(f))}


@screen.post("/campaigns")
def begin() -> Response | tuple[str, int]:
    """Make a new campaign: the sample, or what another one began with; show it."""
    name = request.form.get("name", "")[:_MAX_NAME_CHARACTERS]
    source = request.form.get("source", "")
    unanswered = bool(source and request.form.get("unanswered"))
    old = folders().find_folder(source) if source else None
    if source and old is None:
        raise NotFound
    typed = {"name": name, "source": source, "unanswered": unanswered}
    plain = " ".join(composed(name).split())
    better = safe_path_part(plain)
    if plain and better != plain:
        return _campaigns_page(wrong="unsuitable", **(typed | {"name": better.strip("_")})), 422
    try:
        folder = folders().new_campaign_folder(plain)
        if folder.name != better:
            return _campaigns_page(wrong="taken", **(typed | {"name": folder.name})), 422
        made = create_campaign(folder, old, unanswered=unanswered, title=plain)
    except MergeError as error:
        return _campaigns_page(problems=error.problems, **typed), 422
    key = campaign_sessions().open(folder)
    if (unanswered or made.kept_title) and (desk := campaign_sessions().get(key)):
        desk.submit("new", lambda _errand: made, wait=2)
    return redirect_to("data.show", key=key)


@screen.post("/campaigns/open")
def open_known() -> Response:
    """Open a folder that the page has shown."""
    folder = folders().find_folder(request.form.get("folder", ""))
    if folder is None:
        raise NotFound
    return redirect_to("data.show", key=campaign_sessions().open(folder))


@screen.post("/campaigns/forget")
def forget() -> Response:
    """Take a campaign off the list; its folder stays."""
    folders().remove_from_list(request.form.get("folder", ""))
    return redirect_to("campaigns.show")


@screen.get("/campaigns/folders")
@screen.get("/campaigns/folders/<token>")
def choose(token: str = "") -> str:
    """Show the folders in a folder, to choose one; home and the drives at first."""
    return render_template("folders.html", listing=folders().list_folder(token), token=token)
