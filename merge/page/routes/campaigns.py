"""Your campaigns: new ones, those opened before, another folder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from merge.campaign.new_campaign import start_campaign
from merge.campaign.view import Due
from merge.errors import MergeError
from merge.naming import safe_part
from merge.page.folders import KnownCampaign, new_campaigns
from merge.page.web import back, desks, folders
from merge.text.folding import composed

screen = Blueprint("campaigns", __name__)

_MOST_NAME = 200
"""Characters of a campaign's name that are looked at; a folder's has fewer."""


@screen.get("/")
def show() -> str:
    """Show the campaigns that were opened, the last one first."""
    return _page()


def _page(**facts: Any) -> str:  # noqa: ANN401 - what templates take
    """Return the page; `wrong` and `problems` are what is wrong with the name that was typed."""
    known = folders().known()
    facts = {"new_place": str(new_campaigns())} | facts
    nothing = {"problems": (), "wrong": "", "name": "", "source": "", "unanswered": False}
    return render_template("campaigns.html", known=known, due=_due(known), **(nothing | facts))


def _due(known: Iterable[KnownCampaign]) -> dict[str, Due]:
    """Return what is due next, by token, in the campaigns that are open: others take a look."""
    views = {desk.folder: desk.last_sight.view for desk in desks()}
    found = {one.token: folders().folder(one.token) for one in known}
    return {t: view.due for t, f in found.items() if f and (view := views.get(f))}


@screen.post("/campaigns")
def begin() -> Response | tuple[str, int]:
    """Make a new campaign: the sample, or what another one began with; show it."""
    name = request.form.get("name", "")[:_MOST_NAME]
    source = request.form.get("source", "")
    unanswered = bool(source and request.form.get("unanswered"))
    old = folders().folder(source) if source else None
    if source and old is None:
        raise NotFound
    typed = {"name": name, "source": source, "unanswered": unanswered}
    plain = " ".join(composed(name).split())
    better = safe_part(plain)
    if plain and better != plain:
        return _page(wrong="unsuitable", **(typed | {"name": better.strip("_")})), 422
    try:
        folder = folders().place_for(plain)
        if folder.name != better:
            return _page(wrong="taken", **(typed | {"name": folder.name})), 422
        made = start_campaign(folder, old, unanswered=unanswered, title=plain)
    except MergeError as error:
        return _page(problems=error.problems, **typed), 422
    key = desks().open(folder)
    if (unanswered or made.title) and (desk := desks().get(key)):
        desk.begin_with("new", lambda _errand: made, wait=2)
    return back("data.show", key=key)


@screen.post("/campaigns/open")
def open_known() -> Response:
    """Open a folder that the page has shown."""
    folder = folders().folder(request.form.get("folder", ""))
    if folder is None:
        raise NotFound
    return back("data.show", key=desks().open(folder))


@screen.post("/campaigns/forget")
def forget() -> Response:
    """Take a campaign off the list; its folder stays."""
    folders().forget(request.form.get("folder", ""))
    return back("campaigns.show")


@screen.get("/campaigns/folders")
@screen.get("/campaigns/folders/<token>")
def choose(token: str = "") -> str:
    """Show the folders in a folder, to choose one; home and the drives at first."""
    return render_template("folders.html", listing=folders().listing(token), token=token)
