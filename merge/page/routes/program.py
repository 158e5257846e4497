"""The program: polling without a campaign, end, language, help."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template, request, send_from_directory
from werkzeug.exceptions import NotFound

from merge.campaign.computer_report import inspect_computer
from merge.page.languages import CODES
from merge.page.manual import FOLDER, chapter_titles, read_chapter
from merge.page.session import CampaignSession
from merge.page.view_models import COMMON_MARKS, STATUS_MARKS
from merge.page.web import LANGUAGE_COOKIE, campaign_sessions, lifetime, redirect_back

screen = Blueprint("program", __name__)
_YEAR_SECONDS = 31_536_000

LICENCES = Path(__file__).parents[2] / "licences.txt"
"""Licences of all libraries; only a package has this file."""


@screen.get("/news")
def news() -> Response:
    """Answer the polling of a browser page that shows no campaign."""
    lifetime().record_page(request.args.get("page", ""))
    return jsonify(version=0)


@screen.post("/bye")
def bye() -> tuple[str, int]:
    """Record that a browser page was closed."""
    lifetime().record_page_closed(request.args.get("page", ""))
    return "", 204


@screen.post("/stop")
def stop() -> str:
    """End the program, after a question if a task is running."""
    if campaign_sessions().is_busy and "sure" not in request.form:
        return render_template("message.html", kind="stop", problems=(), fault=())
    lifetime().stop()
    return render_template("stopped.html")


@screen.post("/language")
def language() -> Response:
    """Store the chosen language of the page in this browser."""
    response = redirect_back()
    code = request.form.get("language", "")
    if code in CODES:
        response.set_cookie(
            LANGUAGE_COOKIE,
            code,
            max_age=_YEAR_SECONDS,
            path=request.script_root or "/",
            httponly=True,
            samesite="Strict",
        )
    return response


@screen.get("/help")
@screen.post("/help")
def help() -> str:  # noqa: A001 - its address is /help
    """Show the help pages without a campaign; a POST also checks the computer."""
    return _help_screen(None)


@screen.get("/licences")
def licences() -> Response:
    """Show the licences of everything in a package."""
    if not LICENCES.exists():
        raise NotFound
    return Response(LICENCES.read_text(encoding="utf-8"), mimetype="text/plain")


@screen.get("/manual/<name>")
def manual(name: str) -> str:
    """Show a chapter of the manual."""
    try:
        chapter = read_chapter(name)
    except KeyError:
        raise NotFound from None
    return render_template("manual.html", chapter=chapter, chapters=chapter_titles(), shown=name)


@screen.get("/manual/pictures/<name>")
def manual_picture(name: str) -> Response:
    """Send a picture of the manual."""
    return send_from_directory(FOLDER / "pictures", name)


@screen.get("/c/<key>/help")
@screen.post("/c/<key>/help")
def help_here(session: CampaignSession) -> str:
    """Show the help pages within a campaign; a POST also checks the computer."""
    return _help_screen(session.folder)


def _help_screen(folder: Path | None) -> str:
    report = None
    if request.method == "POST":
        report = inspect_computer(folder, port=int(request.environ["SERVER_PORT"]))
    return render_template(
        "help.html",
        marks=[*STATUS_MARKS.values()],
        common=COMMON_MARKS,
        report=report,
        has_licences=LICENCES.exists(),
        chapters=chapter_titles(),
    )
