"""What is at work in a campaign: how far it is, stop it, put away what it came to."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from merge.page.session import CampaignSession
from merge.page.web import gettext, language, lifetime, redirect_back

screen = Blueprint("tasks", __name__, url_prefix="/c/<key>")


@screen.get("/news")
def news(desk: CampaignSession) -> Response:
    """Tell a page that is open whether there is something to show."""
    lifetime().record_page(request.args.get("page", ""))
    now, words = desk.status, language()
    what, done, total = now.progress
    return jsonify(
        version=now.version,
        near=now.is_change_pending,
        errand=now.task_name,
        what=gettext(what) if what else "",
        done=done,
        total=total,
        told=f"{words.number(done)} / {words.number(total)}" if total else "",
    )


@screen.post("/errand/stop")
def stop(desk: CampaignSession) -> Response:
    """Ask what is at work to stop."""
    desk.cancel_task()
    return redirect_back()


@screen.post("/errand/put-away")
def dismiss(desk: CampaignSession) -> Response:
    """Put away what the last errand came to."""
    desk.dismiss()
    return redirect_back()
