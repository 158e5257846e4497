"""Print: letters onto paper."""

from __future__ import annotations

from flask import Blueprint, render_template

from merge.page.desk import Desk

screen = Blueprint("printing", __name__, url_prefix="/c/<key>")


@screen.get("/print")
def show(desk: Desk) -> str:
    """Show letters onto paper."""
    return render_template("printing.html", seen=desk.sight)
