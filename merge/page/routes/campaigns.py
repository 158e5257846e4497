"""Your campaigns: new ones, those opened before, another folder."""

from __future__ import annotations

from flask import Blueprint, render_template

screen = Blueprint("campaigns", __name__)


@screen.get("/")
def show() -> str:
    """Show the campaigns."""
    return render_template("campaigns.html")
