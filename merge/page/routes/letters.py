"""Letters: the letters, one by one and all together."""

from __future__ import annotations

from flask import Blueprint, render_template

from merge.page.desk import Desk

screen = Blueprint("letters", __name__, url_prefix="/c/<key>")


@screen.get("/letters")
def show(desk: Desk) -> str:
    """Show the letters, one by one and all together."""
    return render_template("letters.html", seen=desk.sight)
