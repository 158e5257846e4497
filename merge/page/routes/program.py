"""The program itself: is it still there, goodbye, stop, the language, help."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from merge.page.languages import CODES
from merge.page.web import LANGUAGE_COOKIE, lifetime, where_it_was

screen = Blueprint("program", __name__)
_YEAR = 31_536_000


@screen.get("/news")
def news() -> Response:
    """Tell a page without a campaign that the program is there."""
    lifetime().seen(request.args.get("page", ""))
    return jsonify(version=0)


@screen.post("/bye")
def bye() -> tuple[str, int]:
    """Take note that a page was left."""
    lifetime().left(request.args.get("page", ""))
    return "", 204


@screen.post("/stop")
def stop() -> str:
    """End the program; what is at work is stopped first."""
    lifetime().stop()
    return render_template("stopped.html")


@screen.post("/language")
def language() -> Response:
    """Remember the language that was chosen, in this browser."""
    answer = where_it_was()
    chosen = request.form.get("language", "")
    if chosen in CODES:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            chosen,
            max_age=_YEAR,
            path=request.script_root or "/",
            httponly=True,
            samesite="Strict",
        )
    return answer


@screen.get("/help")
def help() -> str:  # noqa: A001 - the address is called so
    """Show what helps."""
    return render_template("help.html")
