"""Proofread: finished letters read again."""

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
"""Seconds in which a few letters are read."""
_PAGE_SIZE = 50
"""Letters in one page of the list."""


@dataclass(frozen=True, slots=True)
class DoubtfulLetter:
    """A letter that somebody must look at, and why."""

    id: str
    pair: Pair
    problems: tuple[Problem, ...]

    @property
    def has_errors(self) -> bool:
        """Whether it must not be printed as it is."""
        return any(doubt.level == "error" for doubt in self.problems)


@dataclass(frozen=True, slots=True)
class ProofreadSummary:
    """What came of reading the letters again, as long as the program runs.

    `letters` are those to look at, the wrong ones first; `files` the report and the proof document;
    `seen` stands for the letters as they were read, by their ids.
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
        """How many letters are right by themselves: see `general` as well."""
        return self.checked_count - len(self.doubtful_letters)

    @property
    def faulty_template(self) -> str:
        """The template of which something stands in all letters; empty where it is none."""
        files = (doubt.place.file for doubt in self.general_problems if not doubt.place.sheet)
        return next(files, "")

    @property
    def wrong_count(self) -> int:
        """How many letters must not be printed as they are."""
        return sum(letter.has_errors for letter in self.doubtful_letters)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why letters must not be printed as they are."""
        found = (
            *self.general_problems,
            *(doubt for letter in self.doubtful_letters for doubt in letter.problems),
        )
        return tuple(doubt for doubt in found if doubt.level == "error")

    def count_changed(self, view: CampaignOverview) -> int:
        """Return how many letters there are now that were not read as they are."""
        return sum(
            self.version_tokens.get(each.record.id) != each.version_token
            for each in _letters_to_check(view)
        )


def _letters_to_check(view: CampaignOverview) -> list[LetterPlan]:
    """Return the letters that can be read: they are there, right, and not posted."""
    return [
        each
        for each in view.letters
        if each.file_path
        and not SENT_STAGES & each.stages.keys()
        and each.record.id not in view.blocked_letters
    ]


@screen.get("/proofread")
def show(desk: CampaignSession) -> str:
    """Show what came of reading the letters last, and what changed since."""
    view, found = desk.snapshot.view, latest_summary(desk)
    letters = found.doubtful_letters if found else ()
    start = max(0, request.args.get("from", 0, type=int)) // _PAGE_SIZE * _PAGE_SIZE
    return render_template(
        "proofread.html",
        view=view,
        found=found,
        waiting=len(_letters_to_check(view)) if view else 0,
        changed=found.count_changed(view) if found and view else 0,
        total=len(letters),
        page=letters[start : start + _PAGE_SIZE],
        start=start,
        size=_PAGE_SIZE,
    )


@screen.post("/proofread")
def begin(desk: CampaignSession) -> Response:
    """Read the letters again."""
    desk.submit_with_campaign(
        "proofread", lambda campaign, errand: _proofread(desk, campaign, errand), wait=_WAIT_SECONDS
    )
    return redirect_to("proofread.show")


@screen.post("/proofread/open")
def open_proofs(desk: CampaignSession) -> Response:
    """Open the report, or the proof document, in its own program."""
    found = latest_summary(desk)
    files = dict(zip(("report", "document"), found.files, strict=False)) if found else {}
    path = files.get(request.form.get("which", ""))
    if path is None:
        abort(404)
    open_file(path, desk.folder)
    return redirect_to("proofread.show")


@dataclass
class _ProofreadState:
    """What the screen keeps."""

    summary: ProofreadSummary | None = None


def latest_summary(desk: CampaignSession) -> ProofreadSummary | None:
    """Return what came of reading the letters last, since the program was started."""
    return desk.state(_ProofreadState).summary


def _proofread(desk: CampaignSession, campaign: Campaign, errand: Task) -> ProofreadSummary:
    from merge.campaign import proofread_run  # noqa: PLC0415 - openpyxl

    now = dt.datetime.now().astimezone()
    found = proofread_run.proofread_letters(campaign, (), errand)
    files = (
        proofread_run.write_proofs(campaign, found, now, errand) if found.reviewed_letters else ()
    )
    doubtful = [
        DoubtfulLetter(read.letter.id, read.letter.pair, read.problems)
        for read in found.reviewed_letters
        if read.problems
    ]
    came_of_it = desk.state(_ProofreadState).summary = ProofreadSummary(
        checked_at=now,
        checked_count=len(found.reviewed_letters),
        block_count=len(
            {block.text for read in found.reviewed_letters for block in read.proof_blocks}
        ),
        doubtful_letters=tuple(sorted(doubtful, key=lambda letter: not letter.has_errors)),
        general_problems=found.general_problems,
        unread_reasons=dict(found.unread_reasons),
        files=tuple(Path(file) for file in files),
        version_tokens=found.version_tokens,
    )
    return came_of_it
