"""The program itself: is it still there, goodbye, stop, the language, help."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from merge.page.languages import CODES
from merge.page.session import CampaignSession
from merge.page.view_models import STATUS_MARKS
from merge.page.web import LANGUAGE_COOKIE, campaign_sessions, lifetime, redirect_back

screen = Blueprint("program", __name__)
_YEAR_SECONDS = 31_536_000


@screen.get("/news")
def news() -> Response:
    """Tell a page without a campaign that the program is there."""
    lifetime().record_page(request.args.get("page", ""))
    return jsonify(version=0)


@screen.post("/bye")
def bye() -> tuple[str, int]:
    """Take note that a page was left."""
    lifetime().record_page_closed(request.args.get("page", ""))
    return "", 204


@screen.post("/stop")
def stop() -> str:
    """End the program; where something is at work, ask before: it is stopped."""
    if campaign_sessions().is_busy and "sure" not in request.form:
        return render_template("message.html", kind="stop", problems=(), fault=())
    lifetime().stop()
    return render_template("stopped.html")


@screen.post("/language")
def language() -> Response:
    """Remember the language that was chosen, in this browser."""
    answer = redirect_back()
    chosen = request.form.get("language", "")
    if chosen in CODES:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            chosen,
            max_age=_YEAR_SECONDS,
            path=request.script_root or "/",
            httponly=True,
            samesite="Strict",
        )
    return answer


@screen.get("/help")
def help() -> str:  # noqa: A001 - the address is called so
    """Show what helps."""
    return render_template("help.html", marks=STATUS_MARKS.values())


@screen.get("/c/<key>/help")
def help_here(desk: CampaignSession) -> str:  # noqa: ARG001 - the frame shows the campaign
    """Show the same without leaving the campaign."""
    return help()
