"""One letter: what lies there, how it will print, what was changed, what it is made from."""

from __future__ import annotations

from flask import Blueprint, render_template

from merge.page.desk import Desk

screen = Blueprint("letter", __name__, url_prefix="/c/<key>")


@screen.get("/letter/<letter_id>")
def show(desk: Desk, letter_id: str) -> str:
    return render_template("letters.html", letters=None)
