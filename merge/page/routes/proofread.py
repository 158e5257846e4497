"""Proofread: finished letters read again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request

from merge.campaign.campaign import Campaign
from merge.campaign.errand import Errand
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.view import View
from merge.page.desk import Desk
from merge.page.opening import open_file
from merge.page.web import back
from merge.people import Pair
from merge.problems import Problem
from merge.register.layouts import SENT

screen = Blueprint("proofread", __name__, url_prefix="/c/<key>")

_PATIENCE = 1.0
"""Seconds in which a few letters are read."""
_PAGE = 50
"""Letters in one page of the list."""


@dataclass(frozen=True, slots=True)
class DoubtfulLetter:
    """A letter that somebody must look at, and why."""

    id: str
    pair: Pair
    doubts: tuple[Problem, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether it must not be printed as it is."""
        return any(doubt.level == "error" for doubt in self.doubts)


@dataclass(frozen=True, slots=True)
class Proofread:
    """What came of reading the letters again, as long as the program runs.

    `letters` are those to look at, the wrong ones first; `files` the report and the proof document;
    `seen` stands for the letters as they were read, by their ids.
    """

    at: dt.datetime
    read: int
    blocks: int
    letters: tuple[DoubtfulLetter, ...]
    general: tuple[Problem, ...]
    unread: Mapping[str, int]
    files: tuple[Path, ...]
    seen: Mapping[str, str]

    @property
    def right(self) -> int:
        """How many letters are right by themselves: see `general` as well."""
        return self.read - len(self.letters)

    @property
    def template(self) -> str:
        """The template of which something stands in all letters; empty where it is none."""
        files = (doubt.place.file for doubt in self.general if not doubt.place.sheet)
        return next(files, "")

    @property
    def wrong(self) -> int:
        """How many letters must not be printed as they are."""
        return sum(letter.is_wrong for letter in self.letters)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why letters must not be printed as they are."""
        found = (*self.general, *(doubt for letter in self.letters for doubt in letter.doubts))
        return tuple(doubt for doubt in found if doubt.level == "error")

    def changed_since(self, view: View) -> int:
        """Return how many letters there are now that were not read as they are."""
        return sum(self.seen.get(each.known.id) != each.seen for each in _to_read(view))


def _to_read(view: View) -> list[LetterPlan]:
    """Return the letters that can be read: they are there, right, and not posted."""
    return [
        each
        for each in view.letters
        if each.place and not SENT & each.stages.keys() and each.known.id not in view.stopped
    ]


@screen.get("/proofread")
def show(desk: Desk) -> str:
    """Show what came of reading the letters last, and what changed since."""
    view, found = desk.sight.view, last_result(desk)
    letters = found.letters if found else ()
    start = max(0, request.args.get("from", 0, type=int)) // _PAGE * _PAGE
    return render_template(
        "proofread.html",
        view=view,
        found=found,
        waiting=len(_to_read(view)) if view else 0,
        changed=found.changed_since(view) if found and view else 0,
        total=len(letters),
        page=letters[start : start + _PAGE],
        start=start,
        size=_PAGE,
    )


@screen.post("/proofread")
def begin(desk: Desk) -> Response:
    """Read the letters again."""
    desk.begin("proofread", lambda campaign, errand: _read(desk, campaign, errand), wait=_PATIENCE)
    return back("proofread.show")


@screen.post("/proofread/open")
def open_proofs(desk: Desk) -> Response:
    """Open the report, or the proof document, in its own program."""
    found = last_result(desk)
    files = dict(zip(("report", "document"), found.files, strict=False)) if found else {}
    path = files.get(request.form.get("which", ""))
    if path is None:
        abort(404)
    open_file(path, desk.folder)
    return back("proofread.show")


@dataclass
class _Kept:
    """What the screen keeps."""

    found: Proofread | None = None


def last_result(desk: Desk) -> Proofread | None:
    """Return what came of reading the letters last, since the program was started."""
    return desk.kept(_Kept).found


def _read(desk: Desk, campaign: Campaign, errand: Errand) -> Proofread:
    from merge.campaign import proofread_run  # noqa: PLC0415 - openpyxl

    now = dt.datetime.now().astimezone()
    found = proofread_run.proofread_letters(campaign, (), errand)
    files = proofread_run.write_proofs(campaign, found, now, errand) if found.reads else ()
    doubtful = [
        DoubtfulLetter(read.letter.id, read.letter.pair, read.doubts)
        for read in found.reads
        if read.doubts
    ]
    came_of_it = desk.kept(_Kept).found = Proofread(
        at=now,
        read=len(found.reads),
        blocks=len({block.text for read in found.reads for block in read.blocks}),
        letters=tuple(sorted(doubtful, key=lambda letter: not letter.is_wrong)),
        general=found.general,
        unread=dict(found.unread),
        files=tuple(Path(file) for file in files),
        seen=found.seen,
    )
    return came_of_it
