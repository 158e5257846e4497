"""How far: how far the campaign is, and the report."""

from __future__ import annotations

from flask import Blueprint, render_template

from merge.page.desk import Desk

screen = Blueprint("progress", __name__, url_prefix="/c/<key>")


@screen.get("/progress")
def show(desk: Desk) -> str:
    """Show how far the campaign is, and the report."""
    return render_template("progress.html", seen=desk.sight)
