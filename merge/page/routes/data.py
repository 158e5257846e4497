"""Data: the workbook, the templates, and what is wrong with them."""

from __future__ import annotations

from flask import Blueprint, render_template

from merge.page.desk import Desk

screen = Blueprint("data", __name__, url_prefix="/c/<key>")


@screen.get("/data")
def show(desk: Desk) -> str:
    """Show the workbook, the templates, and what is wrong with them."""
    return render_template("data.html", seen=desk.sight)
