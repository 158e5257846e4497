"""Status of the running task; its cancellation and its result."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from merge.page.session import CampaignSession
from merge.page.web import gettext, language, lifetime, redirect_back

screen = Blueprint("tasks", __name__, url_prefix="/c/<key>")


@screen.get("/news")
def news(session: CampaignSession) -> Response:
    """Return the session's status as JSON, for a browser page that polls."""
    lifetime().record_page(request.args.get("page", ""))
    status, page_language = session.status, language()
    what, done, total = status.progress
    return jsonify(
        version=status.version,
        near=status.is_change_pending,
        errand=status.task_name,
        what=gettext(what) if what else "",
        done=done,
        total=total,
        told=f"{page_language.number(done)} / {page_language.number(total)}" if total else "",
    )


@screen.post("/errand/stop")
def stop(session: CampaignSession) -> Response:
    """Cancel the running task of the campaign."""
    session.cancel_task()
    return redirect_back()


@screen.post("/errand/put-away")
def dismiss(session: CampaignSession) -> Response:
    """Dismiss the result of the latest task, so that no screen shows it."""
    session.dismiss()
    return redirect_back()
