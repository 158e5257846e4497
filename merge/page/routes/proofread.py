"""Proofread screen: check of finished letters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request

from merge.campaign.campaign import Campaign
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.overview import CampaignOverview
from merge.campaign.proof_records import record_seen
from merge.campaign.task import Task
from merge.campaign.unread_letters import UnreadKind, UnreadLetter, find_unread
from merge.page.layout_state import layout_state
from merge.page.opening import open_file
from merge.page.session import CampaignSession
from merge.page.web import redirect_to
from merge.people import Pair
from merge.printing.libreoffice import find_libreoffice
from merge.problems import Problem
from merge.proofreading.differences import ParagraphChange
from merge.proofreading.review import ReviewedLetter

screen = Blueprint("proofread", __name__, url_prefix="/c/<key>")

_WAIT_SECONDS = 1.0
"""Seconds to wait: a few letters are checked by then."""
_PAGE_SIZE = 50
"""Letters in one page of the list."""


@dataclass(frozen=True, slots=True)
class DoubtfulLetter:
    """A letter that someone must review, with its problems and its changes.

    `token` identifies what was found: see `ReviewedLetter.seen_token`.
    """

    id: str
    pair: Pair
    problems: tuple[Problem, ...]
    changes: tuple[ParagraphChange, ...]
    token: bytes

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
    unread_letters: tuple[UnreadLetter, ...]
    files: tuple[Path, ...]
    version_tokens: Mapping[str, str]

    @property
    def correct_count(self) -> int:
        """Number of letters without problems of their own.

        See `general_problems` as well.
        """
        return self.checked_count - len(self.doubtful_letters)

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

    def split_seen(
        self, view: CampaignOverview | None
    ) -> tuple[list[DoubtfulLetter], list[DoubtfulLetter]]:
        """Return the letters to review, and those that someone has seen."""
        seen = view.campaign.seen_letters if view else {}
        unseen_letters, seen_letters = list[DoubtfulLetter](), list[DoubtfulLetter]()
        for letter in self.doubtful_letters:
            is_seen = seen.get(letter.id) == letter.token
            (seen_letters if is_seen else unseen_letters).append(letter)
        return unseen_letters, seen_letters

    def count_changed(self, view: CampaignOverview) -> int:
        """Return the number of letters that changed since they were checked."""
        return sum(
            self.version_tokens.get(planned.record.id) != planned.version_token
            for planned in _letters_to_check(view)
        )


@dataclass(frozen=True, slots=True)
class SeenResult:
    """Result of marking a letter as seen, or of showing it again."""

    pair: Pair
    is_seen: bool


def _letters_to_check(view: CampaignOverview) -> list[LetterPlan]:
    """Return the letters that can be proofread."""
    return [planned for planned in view.letters if not _find_unread(view, planned)]


def _find_unread(view: CampaignOverview, planned: LetterPlan) -> UnreadLetter | None:
    return find_unread(planned, has_error=planned.record.id in view.blocked_letters)


def _letters_by_kind(unread: Iterable[UnreadLetter]) -> dict[UnreadKind, list[UnreadLetter]]:
    """Return letters that are not proofread, by the reason."""
    kinds: dict[UnreadKind, list[UnreadLetter]] = {}
    for letter in unread:
        kinds.setdefault(letter.kind, []).append(letter)
    return kinds


@screen.get("/proofread")
def show(session: CampaignSession) -> str:
    """Show the results of the latest proofreading, and what changed since."""
    view, summary = session.snapshot.view, latest_summary(session)
    unseen, seen = summary.split_seen(view) if summary else ([], [])
    start = max(0, request.args.get("from", 0, type=int)) // _PAGE_SIZE * _PAGE_SIZE
    planned = view.letters if view else ()
    found = (_find_unread(view, each) for each in planned) if view else ()
    unread = summary.unread_letters if summary else [each for each in found if each]
    return render_template(
        "proofread.html",
        view=view,
        summary=summary,
        waiting=len(planned) - len(unread),
        unread=_letters_by_kind(unread),
        changed=summary.count_changed(view) if summary and view else 0,
        general=view.campaign.without_ignored(summary.general_problems) if view and summary else (),
        total=len(unseen),
        review_count=sum(not letter.has_errors for letter in unseen),
        page=unseen[start : start + _PAGE_SIZE],
        seen=seen,
        start=start,
        size=_PAGE_SIZE,
        layout=layout_state(session),
        has_writer=find_libreoffice() is not None,
    )


@screen.post("/proofread")
def begin(session: CampaignSession) -> Response:
    """Start to proofread the finished letters."""
    session.submit_with_campaign(
        "proofread", lambda campaign, task: _proofread(session, campaign, task), wait=_WAIT_SECONDS
    )
    return redirect_to("proofread.show")


@screen.post("/proofread/seen")
def mark_seen(session: CampaignSession) -> Response:
    """Record that someone has seen a letter as it was shown, or take it back.

    If the letter was proofread again since, nothing is recorded.
    """
    letter_id, shown = request.form.get("letter", ""), request.form.get("shown", "")
    summary = latest_summary(session)
    unseen, seen = summary.split_seen(session.snapshot.view) if summary else ([], [])
    letter = next((each for each in (*unseen, *seen) if each.id == letter_id), None)
    if letter is None:
        abort(404)
    is_undone = "undo" in request.form
    token = b"" if is_undone else letter.token
    place = letter_id if is_undone else _id_after(unseen, letter_id)

    def work(campaign: Campaign, task: Task) -> SeenResult:
        record_seen(campaign, letter_id, token)
        session.amend_view(lambda view: view.with_seen(letter_id, token))
        result = SeenResult(letter.pair, is_seen=not is_undone)
        task.report_result(result)
        return result

    if letter.token.hex() == shown:
        session.submit_with_campaign("seen", work, wait=_WAIT_SECONDS)
    start = request.form.get("from", 0, type=int)
    return redirect_to("proofread.show", **{"from": start or None}, _anchor=f"review-{place}")


def _id_after(letters: Sequence[DoubtfulLetter], letter_id: str) -> str:
    """Return the ID of the next letter in a list, or `none`."""
    ids = [letter.id for letter in letters]
    following = ids[ids.index(letter_id) + 1 :] if letter_id in ids else []
    return next(iter(following), "none")


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
    result = proofread_run.proofread_letters(campaign, (), task)
    reviewed = result.reviewed_letters
    files = proofread_run.write_proofs(campaign, result, now, task) if reviewed else ()
    doubtful = (_doubtful_letter(read) for read in reviewed if read.problems)
    summary = session.state(_ProofreadState).summary = ProofreadSummary(
        checked_at=now,
        checked_count=len(reviewed),
        block_count=len({block.text for read in reviewed for block in read.proof_blocks}),
        doubtful_letters=tuple(sorted(doubtful, key=lambda letter: not letter.has_errors)),
        general_problems=result.general_problems,
        unread_letters=tuple(result.unread_letters),
        files=tuple(Path(file) for file in files),
        version_tokens=result.version_tokens,
    )
    return summary


def _doubtful_letter(read: ReviewedLetter) -> DoubtfulLetter:
    return DoubtfulLetter(
        id=read.letter.id,
        pair=read.letter.pair,
        problems=read.problems,
        changes=read.changes,
        token=read.seen_token,
    )
