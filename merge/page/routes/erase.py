"""Erase and close: a person taken out; a campaign ended."""

from __future__ import annotations

from flask import Blueprint, render_template

from merge.page.desk import Desk

screen = Blueprint("erase", __name__, url_prefix="/c/<key>")


@screen.get("/erase")
def show(desk: Desk) -> str:
    """Show a person taken out; a campaign ended."""
    return render_template("erase.html", seen=desk.sight)
