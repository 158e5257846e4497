"""How far: how far the campaign is, and the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from merge.board_report.figures import ReportNumbers, ReportRow
from merge.campaign.campaign import Campaign
from merge.campaign.errand import Errand
from merge.campaign.view import View, look
from merge.page.desk import Desk
from merge.page.opening import open_file
from merge.page.web import back, where_it_was
from merge.problems import Problem
from merge.product import REGISTER_FILE

screen = Blueprint("progress", __name__, url_prefix="/c/<key>")

ROWS = 25
"""Rows of a table that are shown at once."""


@dataclass(frozen=True)
class Page:
    """Some of the rows of a long table."""

    name: str
    number: int
    last: int
    rows: Sequence[ReportRow]


@dataclass(frozen=True)
class Months:
    """The letters that reached each stage, month by month; `undated` where there is no day."""

    rows: Sequence[tuple[dt.date, tuple[int, ...]]]
    undated: tuple[int, ...] = ()


@screen.get("/progress")
def show(desk: Desk) -> str:
    """Show how far the campaign is, what waits, what is next."""
    view = desk.sight.view
    if view is None or not view.counts.whole.letters:
        return render_template("progress.html", view=view, numbers=None)
    numbers = _numbers(view)
    piles = {table.name: table.rows for table in numbers.tables}
    return render_template(
        "progress.html",
        view=view,
        numbers=numbers,
        recipients=_page("recipients", piles["By recipient"]),
        signers=_page("signers", piles["By signer"]),
        months=_months(piles["By month"]),
        doubts=_doubts(view),
    )


def _numbers(view: View, *, with_names: bool = True) -> ReportNumbers:
    from merge.campaign.report_numbers import report_numbers  # noqa: PLC0415 - openpyxl, when it is needed

    return report_numbers(view, with_names=with_names)


def _page(name: str, rows: Sequence[ReportRow]) -> Page:
    """Return the rows of the page that the address asks for; the nearest where there is none."""
    last = max(1, -(-len(rows) // ROWS))
    number = min(max(request.args.get(name, 1, int), 1), last)
    return Page(name, number, last, rows[(number - 1) * ROWS : number * ROWS])


def _months(rows: Sequence[ReportRow]) -> Months:
    dated: list[tuple[dt.date, tuple[int, ...]]] = []
    undated: tuple[int, ...] = ()
    for row in rows:
        if row.month:
            dated.append((row.month, row.counts))
        else:
            undated = row.counts
    return Months(dated, undated)


def _doubts(view: View) -> list[Problem]:
    """Return what is doubtful in the register."""
    return [problem for problem in view.problems if problem.place.file == REGISTER_FILE]


@dataclass(frozen=True)
class SavedReport:
    """The two files of a report."""

    excel: Path
    word: Path
    with_names: bool

    @property
    def stays(self) -> bool:
        """Whether it is to be come back to: its files are opened from it."""
        return True


@screen.post("/progress/report")
def report(desk: Desk) -> Response:
    """Save the report, with the signers' names where that was asked for."""
    with_names = "with_names" in request.form
    desk.begin("report", partial(_save, with_names=with_names), wait=5)
    return back("progress.show")


@screen.post("/progress/open")
def open_report(desk: Desk) -> Response:
    """Open a file of the report that was just saved, in Excel or in Word."""
    saved = desk.outcome.result if desk.outcome else None
    which = request.form.get("file", "")
    if not isinstance(saved, SavedReport) or which not in {"excel", "word"}:
        raise NotFound
    open_file(saved.excel if which == "excel" else saved.word, desk.folder)
    return where_it_was()


def _save(campaign: Campaign, errand: Errand, *, with_names: bool) -> SavedReport:
    from merge.campaign.report_numbers import write_report  # noqa: PLC0415 - openpyxl, when it is needed

    view = look(campaign, errand=errand)
    if view.fault:
        raise view.fault
    return SavedReport(*write_report(campaign, _numbers(view, with_names=with_names)), with_names)
