"""Status of the running task; its cancellation and its result."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from merge.campaign.task import StepProgress
from merge.page.session import CampaignSession, StatusUpdate
from merge.page.web import gettext, language, lifetime, ngettext, redirect_back

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
    what = status.progress.what
    return {
        "what": gettext(what) if what else "",
        "done": _done_words(status.progress),
        "next": language().list_separator.join(map(gettext, status.remaining_steps)),
    }


def _done_words(progress: StepProgress) -> str:
    """Return how much of a step is done.

    LibreOffice reports nothing until it has counted many pages: then it is only how many letters.
    """
    what, done, total = progress
    total_text = language().number(total)
    if done:
        return f"{language().number(done)} / {total_text}"
    if what != "Counting pages" or not total:
        return ""
    return ngettext("%(number)s letter", "%(number)s letters", total) % {"number": total_text}


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
