"""Proofread screen: check of finished letters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request

from merge.campaign.campaign import Campaign
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.overview import CampaignOverview
from merge.campaign.task import Task
from merge.page.opening import open_file
from merge.page.session import CampaignSession
from merge.page.web import redirect_to
from merge.people import Pair
from merge.problems import Problem
from merge.register.layouts import SENT_STAGES

screen = Blueprint("proofread", __name__, url_prefix="/c/<key>")

_WAIT_SECONDS = 1.0
"""Seconds to wait: a few letters are checked by then."""
_PAGE_SIZE = 50
"""Letters in one page of the list."""


@dataclass(frozen=True, slots=True)
class DoubtfulLetter:
    """A letter that someone must review, with its problems."""

    id: str
    pair: Pair
    problems: tuple[Problem, ...]

    @property
    def has_errors(self) -> bool:
        """Whether the letter must not be printed as it is."""
        return any(problem.level == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class ProofreadSummary:
    """Results of the latest proofreading, kept until the program ends.

    `doubtful_letters` are those to review, the ones with errors first. `files` are the report and
    the proof document. `version_tokens` identify the letters as they were checked, by their IDs.
    """

    checked_at: dt.datetime
    checked_count: int
    block_count: int
    doubtful_letters: tuple[DoubtfulLetter, ...]
    general_problems: tuple[Problem, ...]
    unread_reasons: Mapping[str, int]
    files: tuple[Path, ...]
    version_tokens: Mapping[str, str]

    @property
    def correct_count(self) -> int:
        """Number of letters without problems of their own.

        See `general_problems` as well.
        """
        return self.checked_count - len(self.doubtful_letters)

    @property
    def faulty_template(self) -> str:
        """The name of a template whose problem is in all letters, or empty."""
        files = (problem.place.file for problem in self.general_problems if not problem.place.sheet)
        return next(files, "")

    @property
    def wrong_count(self) -> int:
        """Number of letters that must not be printed as they are."""
        return sum(letter.has_errors for letter in self.doubtful_letters)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The errors because of which letters must not be printed."""
        all_problems = (
            *self.general_problems,
            *(problem for letter in self.doubtful_letters for problem in letter.problems),
        )
        return tuple(problem for problem in all_problems if problem.level == "error")

    def count_changed(self, view: CampaignOverview) -> int:
        """Return the number of letters that changed since they were checked."""
        return sum(
            self.version_tokens.get(planned.record.id) != planned.version_token
            for planned in _letters_to_check(view)
        )


def _letters_to_check(view: CampaignOverview) -> list[LetterPlan]:
    """Return the letters that can be proofread.

    They exist, have no errors, and are not posted.
    """
    return [
        planned
        for planned in view.letters
        if planned.file_path
        and not SENT_STAGES & planned.stages.keys()
        and planned.record.id not in view.blocked_letters
    ]


@screen.get("/proofread")
def show(session: CampaignSession) -> str:
    """Show the results of the latest proofreading, and what changed since."""
    view, summary = session.snapshot.view, latest_summary(session)
    letters = summary.doubtful_letters if summary else ()
    start = max(0, request.args.get("from", 0, type=int)) // _PAGE_SIZE * _PAGE_SIZE
    return render_template(
        "proofread.html",
        view=view,
        summary=summary,
        waiting=len(_letters_to_check(view)) if view else 0,
        changed=summary.count_changed(view) if summary and view else 0,
        total=len(letters),
        page=letters[start : start + _PAGE_SIZE],
        start=start,
        size=_PAGE_SIZE,
    )


@screen.post("/proofread")
def begin(session: CampaignSession) -> Response:
    """Start to proofread the finished letters."""
    session.submit_with_campaign(
        "proofread", lambda campaign, task: _proofread(session, campaign, task), wait=_WAIT_SECONDS
    )
    return redirect_to("proofread.show")


@screen.post("/proofread/open")
def open_proofs(session: CampaignSession) -> Response:
    """Open the report or the proof document in Excel or Word."""
    summary = latest_summary(session)
    files = dict(zip(("report", "document"), summary.files, strict=False)) if summary else {}
    path = files.get(request.form.get("which", ""))
    if path is None:
        abort(404)
    open_file(path, session.folder)
    return redirect_to("proofread.show")


@dataclass
class _ProofreadState:
    """State of the Proofread screen."""

    summary: ProofreadSummary | None = None


def latest_summary(session: CampaignSession) -> ProofreadSummary | None:
    """Return the results of the latest proofreading, or None."""
    return session.state(_ProofreadState).summary


def _proofread(session: CampaignSession, campaign: Campaign, task: Task) -> ProofreadSummary:
    from merge.campaign import proofread_run  # noqa: PLC0415 - openpyxl

    now = dt.datetime.now().astimezone()
    proofread_result = proofread_run.proofread_letters(campaign, (), task)
    files = (
        proofread_run.write_proofs(campaign, proofread_result, now, task)
        if proofread_result.reviewed_letters
        else ()
    )
    doubtful = [
        DoubtfulLetter(read.letter.id, read.letter.pair, read.problems)
        for read in proofread_result.reviewed_letters
        if read.problems
    ]
    summary = session.state(_ProofreadState).summary = ProofreadSummary(
        checked_at=now,
        checked_count=len(proofread_result.reviewed_letters),
        block_count=len(
            {
                block.text
                for read in proofread_result.reviewed_letters
                for block in read.proof_blocks
            }
        ),
        doubtful_letters=tuple(sorted(doubtful, key=lambda letter: not letter.has_errors)),
        general_problems=proofread_result.general_problems,
        unread_reasons=dict(proofread_result.unread_reasons),
        files=tuple(Path(file) for file in files),
        version_tokens=proofread_result.version_tokens,
    )
    return summary
