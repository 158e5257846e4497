"""Sign and post: letters marked as printed, signed, posted, answered."""

from __future__ import annotations

from flask import Blueprint, render_template

from merge.page.desk import Desk

screen = Blueprint("paper", __name__, url_prefix="/c/<key>")


@screen.get("/paper")
def show(desk: Desk) -> str:
    """Show letters marked as printed, signed, posted, answered."""
    return render_template("paper.html", seen=desk.sight)
