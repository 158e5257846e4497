"""Progress screen: letters by stage, and the report."""

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
from merge.campaign.overview import CampaignOverview, inspect_campaign
from merge.campaign.task import Task
from merge.page.opening import open_file
from merge.page.session import CampaignSession
from merge.page.web import redirect_back, redirect_to
from merge.problems import Problem
from merge.product import REGISTER_FILE

screen = Blueprint("progress", __name__, url_prefix="/c/<key>")

ROWS_PER_PAGE = 25
"""Rows of a table that are shown at once."""


@dataclass(frozen=True)
class TablePage:
    """Some of the rows of a long table."""

    name: str
    number: int
    page_count: int
    rows: Sequence[ReportRow]


@dataclass(frozen=True)
class MonthTable:
    """The letters by stage and month; `undated_counts` have no date."""

    rows: Sequence[tuple[dt.date, tuple[int, ...]]]
    undated_counts: tuple[int, ...] = ()


@screen.get("/progress")
def show(session: CampaignSession) -> str:
    """Show the Progress screen: stages, letters that wait, the next step."""
    view = session.snapshot.view
    if view is None or not view.counts.total.letters:
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
        doubts=_register_warnings(view),
    )


def _numbers(view: CampaignOverview, *, with_names: bool = True) -> ReportNumbers:
    from merge.campaign.report_numbers import report_numbers  # noqa: PLC0415 - openpyxl, only if needed

    return report_numbers(view, with_names=with_names)


def _page(name: str, rows: Sequence[ReportRow]) -> TablePage:
    """Return the rows of a table for the requested page, or the nearest page."""
    last = max(1, -(-len(rows) // ROWS_PER_PAGE))
    number = min(max(request.args.get(name, 1, int), 1), last)
    return TablePage(
        name, number, last, rows[(number - 1) * ROWS_PER_PAGE : number * ROWS_PER_PAGE]
    )


def _months(rows: Sequence[ReportRow]) -> MonthTable:
    dated: list[tuple[dt.date, tuple[int, ...]]] = []
    undated: tuple[int, ...] = ()
    for row in rows:
        if row.month:
            dated.append((row.month, row.counts))
        else:
            undated = row.counts
    return MonthTable(dated, undated)


def _register_warnings(view: CampaignOverview) -> list[Problem]:
    """Return the warnings about the register."""
    return [problem for problem in view.problems if problem.place.file == REGISTER_FILE]


@dataclass(frozen=True)
class SavedReport:
    """The two files of a board report that was saved."""

    excel_file: Path
    word_file: Path
    with_names: bool

    @property
    def stays_until_dismissed(self) -> bool:
        """Whether the result is shown again later, since its files open from it."""
        return True


@screen.post("/progress/report")
def report(session: CampaignSession) -> Response:
    """Save the board report, with the signers' names if requested."""
    with_names = "with_names" in request.form
    session.submit_with_campaign("report", partial(_save, with_names=with_names), wait=5)
    return redirect_to("progress.show")


@screen.post("/progress/open")
def open_report(session: CampaignSession) -> Response:
    """Open the board report that was just saved, in Excel or Word."""
    saved = session.task_result.result if session.task_result else None
    which = request.form.get("file", "")
    if not isinstance(saved, SavedReport) or which not in {"excel", "word"}:
        raise NotFound
    open_file(saved.excel_file if which == "excel" else saved.word_file, session.folder)
    return redirect_back()


def _save(campaign: Campaign, task: Task, *, with_names: bool) -> SavedReport:
    from merge.campaign.report_numbers import write_report  # noqa: PLC0415 - openpyxl, only if needed

    view = inspect_campaign(campaign, task=task)
    if view.survey_error:
        raise view.survey_error
    return SavedReport(*write_report(campaign, _numbers(view, with_names=with_names)), with_names)
