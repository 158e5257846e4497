"""Decide: what only staff can settle."""

from __future__ import annotations

from flask import Blueprint, render_template

from merge.page.desk import Desk

screen = Blueprint("decide", __name__, url_prefix="/c/<key>")


@screen.get("/decide")
def show(desk: Desk) -> str:
    """Show what only staff can settle."""
    return render_template("decide.html", seen=desk.sight)
