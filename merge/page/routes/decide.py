"""Decide: what only staff can settle: whose it is, what differs, all that are alike.

A form carries what was shown of each letter or person: what is something else by now is not
decided, and asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
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
from merge.campaign.plan import Plan
from merge.campaign.task import Task
from merge.letter_status import Decision, Step
from merge.page.session import CampaignSession
from merge.page.snapshot import Snapshot
from merge.page.web import redirect_to
from merge.people import People, Person
from merge.problems import Place, Problem
from merge.proofreading.differences import ParagraphChange
from merge.state.identity import PersonHashes

screen = Blueprint("decide", __name__, url_prefix="/c/<key>")

_WAIT_SECONDS = 3.0
"""Seconds in which what was decided is done as a rule: the next screen shows it then."""
_PAGE_SIZE = 50
"""Questions, or letters, in one page of a list."""
_CHOICES: tuple[Choice, ...] = ("keep", "new", "print", "same", "other")


Grouping = Literal["signer", "recipient", "kind"]
"""What letters that are to be settled have in common: a person, or why they were kept."""

_MAX_EQUAL = 4
"""Paragraphs one after another that are shown though nothing differs in them."""
_PUNCTUATION = " ,.:;"
"""What may be around a value in a letter and is no part of the difference."""


@dataclass(frozen=True, slots=True)
class ConflictItem:
    """A question with whose it is: a letter's plan, or a person."""

    pending_decision: PendingDecision
    plan: LetterPlan | None = None
    person: Person | None = None

    @property
    def form_value(self) -> str:
        """What a form says of it: its id, and what stands for that which is shown."""
        return f"{self.pending_decision.about}.{self.pending_decision.version_token}"

    @property
    def kind(self) -> str:
        """Why a letter was not brought up to date by itself; of a person, `person`."""
        if self.plan is None:
            return "person"
        return "resaved" if "resaved" in self.plan.kinds else "edited"


def conflict_items(sight: Snapshot) -> list[ConflictItem]:
    """Return all that is to be settled, in the order of the workbook: letters, then people."""
    view = sight.view
    return [_conflict_item(view, question) for question in sight.conflicts] if view else []


def _conflict_item(view: CampaignOverview, question: PendingDecision) -> ConflictItem:
    if planned := view.plans_by_id.get(question.about):
        return ConflictItem(question, planned)
    place, book = question.place, view.campaign.workbook
    people = (one for sheet in (book.signers, book.recipients) for one in _people_at(sheet, place))
    return ConflictItem(question, person=next(people, None))


def _people_at(sheet: People, place: Place) -> Iterator[Person]:
    keys = sheet.keys_at(place)
    yield from (person for person in sheet.persons if person.key in keys)


def is_known(view: CampaignOverview, about: str) -> bool:
    """Return whether there is a letter or a person of that id, asked about or not."""
    if about in view.plans_by_id:
        return True
    book, salt = view.campaign.workbook, view.campaign.identity.salt
    people, key = book.persons, PersonHashes(salt).key
    return any(key(person) == about for person in people)


def related_conflicts(
    one: ConflictItem, by: Grouping, everything: Sequence[ConflictItem]
) -> list[ConflictItem]:
    """Return the questions of letters that have the same in common with one, itself among them."""
    common = _group_key(one, by)
    return [each for each in everything if common and _group_key(each, by) == common]


def _group_key(asked: ConflictItem, by: Grouping) -> str:
    """Return what a letter has in common with others; empty of a person."""
    if asked.plan is None:
        return ""
    pair = asked.plan.step.letter.pair
    return {"signer": pair.signer.key, "recipient": pair.recipient.key, "kind": asked.kind}[by]


def letters_of_person(view: CampaignOverview, person: Person) -> list[LetterPlan]:
    """Return the letters of a person."""
    own = (person.kind, person.key)
    return [
        each
        for each in view.letters
        for other in (each.step.letter.pair.signer, each.step.letter.pair.recipient)
        if (other.kind, other.key) == own
    ]


# What differs.


@dataclass(frozen=True, slots=True)
class ParagraphSpan:
    """Paragraphs of two letters, one after another: the same in both, or each otherwise."""

    differs: bool
    rows: tuple[ParagraphChange, ...]

    @property
    def is_long(self) -> bool:
        """Whether it is to be folded away: nothing differs in it."""
        return not self.differs and len(self.rows) > _MAX_EQUAL


@dataclass(frozen=True, slots=True)
class DataChange:
    """A column that changed, in words; what it says now, and what the letter there says instead."""

    name: str
    current_value: str = ""
    letter_value: str = ""


@dataclass(frozen=True, slots=True)
class LetterDifferences:
    """How a letter that lies there differs from the one that would be made now."""

    versions: LetterVersions
    spans: tuple[ParagraphSpan, ...] = ()
    data_changes: tuple[DataChange, ...] = ()


def letter_differences(view: CampaignOverview, planned: LetterPlan) -> LetterDifferences:
    """Return how a letter differs from the new one; its file is read at this moment."""
    versions = letter_versions(view, planned.record.id)
    rows = versions.changes_to_new or ()
    runs = groupby(rows, attrgetter("differs"))
    stretches = (ParagraphSpan(differs, tuple(own)) for differs, own in runs)
    values = _current_values(view.campaign, planned) if planned.changed_data else {}
    data = (
        DataChange(name, values.get(name, ""), _replaced_words(rows, values.get(name, "")))
        for name in planned.changed_data
    )
    return LetterDifferences(versions, tuple(stretches), tuple(data))


def _current_values(campaign: Campaign, planned: LetterPlan) -> Mapping[str, str]:
    """Return what the columns say now that a letter may be made from, by what staff call them."""
    pair = planned.step.letter.pair
    roots = {
        "signer": pair.signer.fields,
        "recipient": pair.recipient.fields,
        "pair": pair.fields,
        "settings": campaign.fill_context.settings,
    }
    return {
        campaign.describe_placeholder(f"{root}.{tag}"): str(value)
        for root, fields in roots.items()
        for tag, value in fields.items()
    }


def _replaced_words(rows: Sequence[ParagraphChange], now: str) -> str:
    """Return the words in whose place a value comes; empty where that is not clear."""
    found = {
        old.strip()
        for row in rows
        if row.differs
        for (gone, old), (new, came) in pairwise(row.word_changes())
        if (gone, new) == ("gone", "new") and came.strip(_PUNCTUATION) == now.strip(_PUNCTUATION)
    }
    return found.pop() if len(found) == 1 else ""


# What was decided, carried out.


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What came of decisions: how many were carried out; the ids of those that were not.

    `changed`: something else was shown; `ids_in_use`: the letter is open in a program.
    """

    choice: Choice
    applied_count: int
    outdated_ids: tuple[str, ...] = ()
    ids_in_use: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    stopped: bool = False


def valid_decisions(
    sight: Snapshot, choice: Choice, shown: Mapping[str, str]
) -> tuple[list[Decision], list[str]]:
    """Return the decisions of what is asked as it was shown, and the ids of what is not."""
    asked = {question.about: question for question in sight.conflicts}
    decisions, others = list[Decision](), list[str]()
    for about, seen in shown.items():
        question = asked.get(about)
        if question and question.version_token == seen and choice in question.choices:
            decisions.append(question.decide(choice))
        else:
            others.append(about)
    return decisions, others


def apply_decisions(
    campaign: Campaign,
    choice: Choice,
    decisions: Sequence[Decision],
    others: Sequence[str],
    errand: Task,
) -> DecisionResult:
    """Do what was decided. `others` are the ids of what was something else before this began."""
    if choice == "new" and decisions:
        return _recreate_letters(campaign, decisions, others, errand)
    left = [one.subject_id for one in save_decisions(campaign, decisions)] if decisions else []
    return DecisionResult(choice, len(decisions) - len(left), (*others, *left))


def _recreate_letters(
    campaign: Campaign, decisions: Sequence[Decision], others: Sequence[str], errand: Task
) -> DecisionResult:
    """Make letters anew, and no other; what lies there is set aside."""
    ids = frozenset(one.subject_id for one in decisions)
    order = LettersOrder(campaign.letters_folder, decisions=tuple(decisions), letters=ids)
    steps = list[Step]()
    result = write_letters(Plan(campaign, order), errand, steps.append)
    done = sum(step.state == "rewritten" for step in steps)
    in_use = tuple(step.letter.id for step in steps if step.state == "in-use")
    kept = (s.letter.id for s in steps if s.state not in {"rewritten", "in-use"})
    errors = tuple(problem for problem in result.problems if problem.level == "error")
    return DecisionResult(
        choice="new",
        applied_count=done,
        outdated_ids=(*others, *kept),
        ids_in_use=in_use,
        problems=errors,
        stopped=result.stopped,
    )


# The screens.


@screen.get("/decide")
def show(desk: CampaignSession) -> str:
    """Show what only staff can settle, and what they settled."""
    view, asked = desk.snapshot.view, conflict_items(desk.snapshot)
    start = max(0, request.args.get("from", 0, type=int)) // _PAGE_SIZE * _PAGE_SIZE
    return render_template(
        "decide.html",
        asked=asked,
        start=start,
        page=asked[start : start + _PAGE_SIZE],
        size=_PAGE_SIZE,
        first=asked[0] if asked else None,
        unsure=view.uncertain_letters if view else (),
        decided=view.decided_letters if view else (),
        warnings=len(desk.snapshot.pending_decisions) - len(desk.snapshot.conflicts),
    )


@screen.get("/decide/<about>")
def one(desk: CampaignSession, about: str) -> str:
    """Show one question, with what differs; where it is settled by now, say so."""
    view, asked = _view(desk), conflict_items(desk.snapshot)
    at = _index(asked, about)
    if at is None:
        if not is_known(view, about):
            abort(404)
        return render_template("decide_settled.html", asked=asked)
    question = asked[at]
    groups = {by: related_conflicts(question, by, asked) for by in get_args(Grouping)}
    letter, person = question.plan, question.person
    return render_template(
        "decide_one.html",
        asked=question,
        number=at + 1,
        total=len(asked),
        before=asked[at - 1] if at else None,
        later=asked[at + 1] if at + 1 < len(asked) else None,
        groups={by: own for by, own in groups.items() if len(own) > 1},
        differ=letter_differences(view, letter) if letter else None,
        letters=letters_of_person(view, person) if person else (),
    )


@screen.get("/decide/<about>/<by>")
def alike(desk: CampaignSession, about: str, by: str) -> str:
    """Show all questions that have something in common with one, to be settled together."""
    view, asked = _view(desk), conflict_items(desk.snapshot)
    at = _index(asked, about)
    if by not in get_args(Grouping) or (at is None and not is_known(view, about)):
        abort(404)
    group = related_conflicts(asked[at], cast("Grouping", by), asked) if at is not None else []
    if at is None or not group:
        return render_template("decide_settled.html", asked=asked)
    facts = {
        "asked": asked[at],
        "by": by,
        "group": group,
        "later": _conflict_after(asked, group, at),
    }
    return render_template("decide_alike.html", **facts, few=_PAGE_SIZE)


@screen.post("/decide")
def decide(desk: CampaignSession) -> Response:
    """Do what was decided of what was shown, and show what is asked next."""
    shown, sight = _shown_versions(), desk.snapshot
    choice = next((one for one in _CHOICES if one == request.form.get("choice")), None)
    if choice is None or not shown:
        abort(400)
    view = _view(desk)
    asked = {question.about for question in sight.conflicts}
    if not all(about in asked or is_known(view, about) for about in shown):
        abort(404)
    decisions, others = valid_decisions(sight, choice, shown)

    def work(campaign: Campaign, errand: Task) -> DecisionResult:
        return apply_decisions(campaign, choice, decisions, others, errand)

    desk.submit_with_campaign("decide", work, wait=_WAIT_SECONDS)
    return _redirect_to_next(desk, shown, request.form.get("then", ""))


@screen.post("/decide/again")
def again(desk: CampaignSession) -> Response:
    """Ask once more what was decided of letters."""
    view, letters = _view(desk), request.form.getlist("letter")
    decided = {planned.record.id for planned in view.decided_letters}
    if not all(each in view.plans_by_id for each in letters):
        abort(404)
    asked = [each for each in letters if each in decided]

    def work(campaign: Campaign, _: Task) -> int:
        withdraw_decisions(campaign, asked)
        return len(asked)

    if asked:
        desk.submit_with_campaign("ask", work, wait=_WAIT_SECONDS)
    return (
        redirect_to("decide.one", about=asked[0]) if len(asked) == 1 else redirect_to("decide.show")
    )


def _view(desk: CampaignSession) -> CampaignOverview:
    """Return the view of a campaign that can be read; 404 where it cannot: nothing is asked."""
    return desk.snapshot.view or abort(404)


def _index(asked: list[ConflictItem], about: str) -> int | None:
    return next((n for n, each in enumerate(asked) if each.pending_decision.about == about), None)


def _conflict_after(
    asked: list[ConflictItem], group: list[ConflictItem], at: int
) -> ConflictItem | None:
    """Return the question that follows where a group is settled."""
    mine = {each.pending_decision.about for each in group}
    rest = (each for each in (*asked[at:], *asked[:at]) if each.pending_decision.about not in mine)
    return next(rest, None)


def _shown_versions() -> dict[str, str]:
    """Return what a form says was shown, by the ids."""
    words = request.form.get("shown", "").split()
    parts = (word.partition(".") for word in words)
    return {about: seen for about, _, seen in parts}


def _redirect_to_next(desk: CampaignSession, shown: dict[str, str], then: str) -> Response:
    """Answer with what is asked again, else with what was to come next, else with all."""
    asked = {question.about for question in desk.snapshot.conflicts}
    if len(shown) == 1 and not asked.isdisjoint(shown):
        return redirect_to("decide.one", about=next(iter(shown)))
    return redirect_to("decide.one", about=then) if then in asked else redirect_to("decide.show")
