"""Status of the running task; its cancellation and its result."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from merge.page.session import CampaignSession, StatusUpdate
from merge.page.web import gettext, language, lifetime, redirect_back

screen = Blueprint("tasks", __name__, url_prefix="/c/<key>")


@screen.get("/news")
def news(session: CampaignSession) -> Response:
    """Return the session's status as JSON, for a browser page that polls."""
    lifetime().record_page(request.args.get("page", ""))
    status = session.status
    return jsonify(
        version=status.version,
        near=status.is_change_pending,
        errand=status.task_name,
        share=round(status.share, 3),
        **progress_words(status),
    )


def progress_words(status: StatusUpdate) -> dict[str, str]:
    """Return the current step of a task, its progress and the steps after it."""
    (what, done, total), page_language = status.progress, language()
    return {
        "what": gettext(what) if what else "",
        "done": f"{page_language.number(done)} / {page_language.number(total)}" if done else "",
        "next": page_language.list_separator.join(map(gettext, status.remaining_steps)),
    }


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
