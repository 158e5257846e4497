"""Proofread: finished letters read again."""

from __future__ import annotations

from flask import Blueprint, render_template

from merge.page.desk import Desk

screen = Blueprint("proofread", __name__, url_prefix="/c/<key>")


@screen.get("/proofread")
def show(desk: Desk) -> str:
    """Show finished letters read again."""
    return render_template("proofread.html", seen=desk.sight)
