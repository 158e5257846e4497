"""What is at work in a campaign: how far it is, stop it, put away what it came to."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from merge.page.desk import Desk
from merge.page.web import gettext, language, lifetime, where_it_was

screen = Blueprint("errands", __name__, url_prefix="/c/<key>")


@screen.get("/news")
def news(desk: Desk) -> Response:
    """Tell a page that is open whether there is something to show."""
    lifetime().seen(request.args.get("page", ""))
    now, words = desk.news, language()
    what, done, total = now.progress
    return jsonify(
        version=now.version,
        near=now.is_near,
        errand=now.errand,
        what=gettext(what) if what else "",
        done=done,
        total=total,
        told=f"{words.number(done)} / {words.number(total)}" if total else "",
    )


@screen.post("/errand/stop")
def stop(desk: Desk) -> Response:
    """Ask what is at work to stop."""
    desk.stop()
    return where_it_was()


@screen.post("/errand/put-away")
def put_away(desk: Desk) -> Response:
    """Put away what the last errand came to."""
    desk.put_away()
    return where_it_was()
