"""Conflicts screen: decisions about letters and changed names.

A form contains the version of each letter or person that was shown. If it has changed since,
nothing is decided, and the user is asked again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Literal, cast, get_args

from flask import Blueprint, Response, abort, render_template, request

from merge.advice import Choice
from merge.campaign.campaign import Campaign
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.letter_versions import LetterVersions, letter_versions
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.overview import CampaignOverview
from merge.campaign.pending_decisions import PendingDecision, save_decisions, withdraw_decisions
from merge.campaign.plan import LettersRunPlan
from merge.campaign.task import Task
from merge.letter_status import LetterStep, StaffDecision
from merge.page.routes.letter import open_letter
from merge.page.session import CampaignSession
from merge.page.snapshot import CampaignSnapshot
from merge.page.view_models import data_lines
from merge.page.web import SAVED_ARGUMENT, redirect_to
from merge.problems import Place, Problem
from merge.proofreading.differences import ParagraphChange
from merge.state.person_hashes import person_key
from merge.template.fingerprint import fingerprint_letter

screen = Blueprint("decide", __name__, url_prefix="/c/<key>")

_WAIT_SECONDS = 3.0
"""Seconds to wait: decisions usually take effect by then.

The next screen shows their result.
"""
_PAGE_SIZE = 50
"""Conflicts or letters in one page of a list."""
_CHOICES: tuple[Choice, ...] = ("keep", "new", "print")
_NAME_CHOICES: tuple[Choice, ...] = ("same", "other")


Grouping = Literal["signer", "recipient", "kind"]
"""The property by which conflicts are decided together.

It is a person, or the reason why letters were kept.
"""

_MAX_EQUAL = 4
"""Adjacent paragraphs without differences that are shown."""
_FEW = 5
"""Letters of a group that are shown; the others are folded."""


@dataclass(frozen=True, slots=True)
class ConflictItem:
    """A conflict with its letter."""

    pending_decision: PendingDecision
    plan: LetterPlan

    @property
    def form_value(self) -> str:
        """The conflict's value in a form: its ID, and the version that was shown."""
        return f"{self.pending_decision.about}.{self.pending_decision.version_token}"

    @property
    def kind(self) -> str:
        """Why a letter was not updated by itself."""
        if "print file" in self.plan.kinds:
            return "print-file"
        if self.plan.is_recreated:
            return "recreated"
        return "resaved" if "resaved" in self.plan.kinds else "edited"


def conflict_items(snapshot: CampaignSnapshot) -> list[ConflictItem]:
    """Return the conflicts about letters, in the order of the workbook."""
    plans = snapshot.view.plans_by_id if snapshot.view else {}
    return [
        ConflictItem(decision, plans[decision.about])
        for decision in snapshot.conflicts
        if decision.about in plans
    ]


def is_known(view: CampaignOverview, about: str) -> bool:
    """Return whether a letter or person with this ID exists."""
    if about in view.plans_by_id:
        return True
    return any(person_key(person) == about for person in view.campaign.workbook.persons)


@dataclass(frozen=True, slots=True)
class ConflictQuestion:
    """A question to staff: one conflict, or all those of a print file."""

    items: tuple[ConflictItem, ...]

    @property
    def first(self) -> ConflictItem:
        """The first conflict that the question is about."""
        return self.items[0]

    @property
    def changed_data(self) -> list[str]:
        """Names of the data that has changed in any of the letters."""
        fields = (field for item in self.items for field in item.plan.step.changed_fields)
        return [*dict.fromkeys(fields)]


def conflict_questions(conflicts: Sequence[ConflictItem]) -> list[ConflictQuestion]:
    """Return the questions about conflicts, in the order of the conflicts."""
    items: dict[str, list[ConflictItem]] = {}
    for conflict in conflicts:
        items.setdefault(conflict.pending_decision.question_key, []).append(conflict)
    return [ConflictQuestion(tuple(members)) for members in items.values()]


def related_conflicts(
    conflict: ConflictItem, by: Grouping, conflicts: Sequence[ConflictItem]
) -> list[ConflictItem]:
    """Return the conflicts with the same property as one, and that conflict."""
    common = _group_key(conflict, by)
    return [other for other in conflicts if common and _group_key(other, by) == common]


def _group_key(conflict: ConflictItem, by: Grouping) -> str:
    """Return the property that letters may share."""
    pair, print_file = conflict.plan.step.letter.pair, conflict.pending_decision.print_file
    if print_file:  # all its letters, whatever they have in common
        return print_file if by == "kind" else ""
    return {"signer": pair.signer.key, "recipient": pair.recipient.key, "kind": conflict.kind}[by]


# Differences


@dataclass(frozen=True, slots=True)
class ParagraphSpan:
    """Adjacent paragraphs of two letters. Collapsed ones are the same in both."""

    is_collapsed: bool
    rows: tuple[ParagraphChange, ...]


@dataclass(frozen=True, slots=True)
class LetterDifferences:
    """Differences between a letter and the one that would be created now.

    `spans` are empty if they cannot be compared. `places` are the cells of the values, by name.
    `saved_at` is when the file was saved. `has_new_words`: a letter created now has another text
    than when this one was created.
    """

    versions: LetterVersions
    spans: tuple[ParagraphSpan, ...]
    places: Mapping[str, Place | None]
    saved_at: dt.datetime
    has_new_words: bool = True

    @property
    def row_count(self) -> int:
        """Number of rows that the two papers have in common."""
        return sum(1 if span.is_collapsed else len(span.rows) for span in self.spans)

    @property
    def has_other_words(self) -> bool:
        """Whether the text of the two differs."""
        return any(row.differs for span in self.spans for row in span.rows)


def letter_differences(view: CampaignOverview, planned: LetterPlan) -> LetterDifferences:
    """Return a letter's differences between the file on the disk and the data."""
    versions = letter_versions(view, planned.record.id)
    is_compared = planned.step.changes or not planned.is_recreated
    rows = (versions.changes_to_new if is_compared else ()) or ()
    return LetterDifferences(
        versions=versions,
        spans=tuple(_spans(rows)),
        places={line.label: line.place for line in data_lines(view, planned)},
        saved_at=dt.datetime.fromtimestamp(planned.record.mtime / 1e9).astimezone(),
        has_new_words=not versions.new or _words_hash(versions.new) != planned.record.words,
    )


def _words_hash(data: bytes) -> bytes:
    """Return the hash of a letter's text, as in its record, or nothing."""
    fingerprint = fingerprint_letter(data)
    return fingerprint.words if fingerprint else b""


def _spans(rows: Sequence[ParagraphChange]) -> Iterator[ParagraphSpan]:
    """Yield the paragraphs; many equal ones in a row are collapsed.

    The first and the last of these are not, if they are beside a difference.
    """
    start = 0
    for differs, members in groupby(rows, attrgetter("differs")):
        span = (*members,)
        first, last = int(start > 0), len(span) - int(start + len(span) < len(rows))
        start += len(span)
        if differs or last - first <= _MAX_EQUAL:
            yield ParagraphSpan(is_collapsed=False, rows=span)
            continue
        yield ParagraphSpan(is_collapsed=False, rows=span[:first])
        yield ParagraphSpan(is_collapsed=True, rows=span[first:last])
        yield ParagraphSpan(is_collapsed=False, rows=span[last:])


# Applying decisions


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """Result of decisions: how many were applied, and the IDs of the others.

    `outdated_ids` have changed since they were shown. `ids_in_use` are letters that are open in a
    program.
    """

    choice: Choice
    applied_count: int
    outdated_ids: tuple[str, ...] = ()
    ids_in_use: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    stopped: bool = False


def valid_decisions(
    snapshot: CampaignSnapshot, choice: Choice, shown: Mapping[str, str]
) -> tuple[list[StaffDecision], list[str]]:
    """Return decisions on conflicts that are still as shown, and outdated IDs."""
    by_id = {decision.about: decision for decision in snapshot.conflicts}
    decisions, outdated = list[StaffDecision](), list[str]()
    for about, seen in shown.items():
        decision = by_id.get(about)
        if decision and decision.version_token == seen and choice in decision.choices:
            decisions.append(decision.decide(choice))
        else:
            outdated.append(about)
    return decisions, outdated


def apply_decisions(
    campaign: Campaign,
    choice: Choice,
    decisions: Sequence[StaffDecision],
    others: Sequence[str],
    task: Task,
) -> DecisionResult:
    """Save decisions about conflicts, or create the letters again."""
    if choice == "new" and decisions:
        return _recreate_letters(campaign, decisions, others, task)
    outdated = (
        [decision.subject_id for decision in save_decisions(campaign, decisions)]
        if decisions
        else []
    )
    return DecisionResult(choice, len(decisions) - len(outdated), (*others, *outdated))


def _recreate_letters(
    campaign: Campaign, decisions: Sequence[StaffDecision], others: Sequence[str], task: Task
) -> DecisionResult:
    """Create letters again; the existing files are kept as old versions."""
    ids = frozenset(decision.subject_id for decision in decisions)
    order = LettersOrder(campaign.letters_folder, decisions=tuple(decisions), letters=ids)
    steps = list[LetterStep]()
    result = write_letters(LettersRunPlan(campaign, order), task, steps.append)
    done = sum(step.state == "rewritten" for step in steps)
    in_use = tuple(step.letter.id for step in steps if step.state == "in-use")
    outdated = (s.letter.id for s in steps if s.state not in {"rewritten", "in-use"})
    errors = tuple(problem for problem in result.problems if problem.level == "error")
    return DecisionResult(
        choice="new",
        applied_count=done,
        outdated_ids=(*others, *outdated),
        ids_in_use=in_use,
        problems=errors,
        stopped=result.stopped,
    )


# The screens


@screen.get("/decide")
def show(session: CampaignSession) -> str:
    """Show the Conflicts screen: open conflicts, and decided ones."""
    view = session.snapshot.view
    questions = conflict_questions(conflict_items(session.snapshot))
    start = max(0, request.args.get("from", 0, type=int)) // _PAGE_SIZE * _PAGE_SIZE
    return render_template(
        "decide.html",
        questions=questions,
        names=view.campaign.identity.questions if view else (),
        start=start,
        page=questions[start : start + _PAGE_SIZE],
        size=_PAGE_SIZE,
        unsure=view.uncertain_letters if view else (),
        decided=view.decided_letters if view else (),
        warnings=len(session.snapshot.pending_decisions) - len(session.snapshot.conflicts),
    )


@screen.get("/decide/<about>")
def one(session: CampaignSession, about: str) -> str | Response:
    """Show one conflict with its differences, or that it is resolved."""
    view, conflicts = _view(session), conflict_items(session.snapshot)
    at = _index(conflicts, about)
    if at is None:
        if not is_known(view, about):
            abort(404)
        if any(question.person_key == about for question in view.campaign.identity.questions):
            return redirect_to("decide.show")
        return render_template("decide_settled.html", conflicts=conflicts)
    conflict, firsts = conflicts[at], [each.first for each in conflict_questions(conflicts)]
    number = [each.pending_decision.question_key for each in firsts].index(
        conflict.pending_decision.question_key
    )
    groups = {by: related_conflicts(conflict, by, conflicts) for by in get_args(Grouping)}
    return render_template(
        "decide_one.html",
        conflict=conflict,
        number=number + 1,
        total=len(firsts),
        before=firsts[number - 1] if number else None,
        later=firsts[number + 1] if number + 1 < len(firsts) else None,
        groups={by: members for by, members in groups.items() if len(members) > 1},
        differ=letter_differences(view, conflict.plan),
        today=dt.datetime.now().astimezone().date(),
    )


@screen.get("/decide/<about>/<by>")
def similar(session: CampaignSession, about: str, by: str) -> str:
    """Show all conflicts that share a property, to decide them together."""
    view, conflicts = _view(session), conflict_items(session.snapshot)
    at = _index(conflicts, about)
    if by not in get_args(Grouping) or (at is None and not is_known(view, about)):
        abort(404)
    group = (
        related_conflicts(conflicts[at], cast("Grouping", by), conflicts) if at is not None else []
    )
    if at is None or not group:
        return render_template("decide_settled.html", conflicts=conflicts)
    facts = {
        "conflict": conflicts[at],
        "by": by,
        "group": group,
        "later": _conflict_after(conflicts, group, at),
    }
    return render_template("decide_alike.html", **facts, few=_FEW)


@screen.post("/decide/<about>/open")
def open_mine(session: CampaignSession, about: str) -> Response:
    """Open the user's version of a letter in Word."""
    open_letter(session, about)
    return redirect_to("decide.one", about=about)


@screen.post("/decide")
def decide(session: CampaignSession) -> Response:
    """Apply a decision about what was shown, and show the next conflict."""
    shown, snapshot = _shown_versions(), session.snapshot
    choice = next(
        (known_choice for known_choice in _CHOICES if known_choice == request.form.get("choice")),
        None,
    )
    if choice is None or not shown:
        abort(400)
    view = _view(session)
    open_ids = {decision.about for decision in snapshot.conflicts}
    if not all(about in open_ids or is_known(view, about) for about in shown):
        abort(404)
    decisions, outdated = valid_decisions(snapshot, choice, shown)

    def work(campaign: Campaign, task: Task) -> DecisionResult:
        return apply_decisions(campaign, choice, decisions, outdated, task)

    session.submit_with_campaign("decide", work, wait=_WAIT_SECONDS)
    return _redirect_to_next(session, shown, request.form.get("then", ""))


@screen.post("/decide/names")
def decide_names(session: CampaignSession) -> Response:
    """Save decisions about changed names; rows without one stay open."""
    snapshot, decisions, outdated = session.snapshot, list[StaffDecision](), list[str]()
    for choice in _NAME_CHOICES:
        parts = (k.partition(".") for k, value in request.form.items() if value == choice)
        valid, others = valid_decisions(snapshot, choice, {about: seen for about, _, seen in parts})
        decisions, outdated = [*decisions, *valid], [*outdated, *others]

    def work(campaign: Campaign, task: Task) -> DecisionResult:
        return apply_decisions(campaign, "same", decisions, outdated, task)

    if decisions or outdated:
        session.submit_with_campaign("decide", work, wait=_WAIT_SECONDS)
    return _redirect_after()


@screen.post("/decide/again")
def again(session: CampaignSession) -> Response:
    """Withdraw decisions about letters, so that staff are asked again."""
    view, letters = _view(session), request.form.getlist("letter")
    decided = {planned.record.id for planned in view.decided_letters}
    if not all(letter_id in view.plans_by_id for letter_id in letters):
        abort(404)
    decided_ids = [letter_id for letter_id in letters if letter_id in decided]

    def work(campaign: Campaign, _: Task) -> int:
        withdraw_decisions(campaign, decided_ids)
        return len(decided_ids)

    if decided_ids:
        session.submit_with_campaign("ask", work, wait=_WAIT_SECONDS)
    return _redirect_after(decided_ids[0] if len(decided_ids) == 1 else "")


def _view(session: CampaignSession) -> CampaignOverview:
    """Return the campaign's overview; answer 404 if it cannot be read."""
    return session.snapshot.view or abort(404)


def _index(conflicts: list[ConflictItem], about: str) -> int | None:
    return next(
        (n for n, conflict in enumerate(conflicts) if conflict.pending_decision.about == about),
        None,
    )


def _conflict_after(
    conflicts: list[ConflictItem], group: list[ConflictItem], at: int
) -> ConflictItem | None:
    """Return the conflict that follows a group."""
    group_ids = {conflict.pending_decision.about for conflict in group}
    rest = (
        conflict
        for conflict in (*conflicts[at:], *conflicts[:at])
        if conflict.pending_decision.about not in group_ids
    )
    return next(rest, None)


def _shown_versions() -> dict[str, str]:
    """Return the versions that the form says were shown, by ID."""
    words = request.form.get("shown", "").split()
    parts = (word.partition(".") for word in words)
    return {about: seen for about, _, seen in parts}


def _redirect_to_next(session: CampaignSession, shown: dict[str, str], then: str) -> Response:
    """Redirect to what must be asked again, the next conflict, or all.

    The folder may not be scanned again yet: a letter is asked again only if the result says so.
    """
    open_ids = {decision.about for decision in session.snapshot.conflicts}
    is_asked_again = not _skipped_ids(session, shown).isdisjoint(open_ids)
    if len(shown) == 1 and is_asked_again:
        return _redirect_after(next(iter(shown)))
    return _redirect_after(then if then in open_ids else "")


def _redirect_after(about: str = "") -> Response:
    """Return a redirect to a conflict, or to all, with a decision's result."""
    values = {"about": about} if about else {}
    return redirect_to(f"decide.{'one' if about else 'show'}", **values, **{SAVED_ARGUMENT: 1})


def _skipped_ids(session: CampaignSession, shown: dict[str, str]) -> set[str]:
    """Return the IDs that the task did not decide; all if it failed."""
    task_result = session.task_result
    if task_result is None:  # it is not done yet
        return set()
    result = task_result.result
    if isinstance(result, DecisionResult):
        return {*result.outdated_ids, *result.ids_in_use}
    return {*shown}
