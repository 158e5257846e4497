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
from merge.campaign.changes import LetterVersions, letter_versions
from merge.campaign.errand import Errand
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.letters_order import LettersOrder
from merge.campaign.plan import Plan
from merge.campaign.questions import Question, ask_again, settle
from merge.campaign.run import write_letters
from merge.campaign.view import View
from merge.letter_status import Decision, Step
from merge.page.desk import Desk
from merge.page.sight import Sight
from merge.page.web import back
from merge.people import People, Person
from merge.problems import Place, Problem
from merge.proofreading.differences import ParagraphChange
from merge.state.identity import PersonHashes

screen = Blueprint("decide", __name__, url_prefix="/c/<key>")

_PATIENCE = 3.0
"""Seconds in which what was decided is done as a rule: the next screen shows it then."""
_PAGE = 50
"""Questions, or letters, in one page of a list."""
_CHOICES: tuple[Choice, ...] = ("keep", "new", "print", "same", "other")


Alike = Literal["signer", "recipient", "kind"]
"""What letters that are to be settled have in common: a person, or why they were kept."""

_FEW = 4
"""Paragraphs one after another that are shown though nothing differs in them."""
_AROUND = " ,.:;"
"""What may be around a value in a letter and is no part of the difference."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question with whose it is: a letter's plan, or a person."""

    question: Question
    letter: LetterPlan | None = None
    person: Person | None = None

    @property
    def shown(self) -> str:
        """What a form says of it: its id, and what stands for that which is shown."""
        return f"{self.question.about}.{self.question.seen}"

    @property
    def kind(self) -> str:
        """Why a letter was not brought up to date by itself; of a person, `person`."""
        if self.letter is None:
            return "person"
        return "resaved" if "resaved" in self.letter.kinds else "edited"


def all_asked(sight: Sight) -> list[OpenQuestion]:
    """Return all that is to be settled, in the order of the workbook: letters, then people."""
    view = sight.view
    return [_asked(view, question) for question in sight.to_decide] if view else []


def _asked(view: View, question: Question) -> OpenQuestion:
    if planned := view.planned.get(question.about):
        return OpenQuestion(question, planned)
    place, book = question.place, view.campaign.workbook
    people = (one for sheet in (book.signers, book.recipients) for one in _at(sheet, place))
    return OpenQuestion(question, person=next(people, None))


def _at(sheet: People, place: Place) -> Iterator[Person]:
    keys = sheet.keys_at(place)
    yield from (person for person in sheet.persons if person.key in keys)


def is_known(view: View, about: str) -> bool:
    """Return whether there is a letter or a person of that id, asked about or not."""
    if about in view.planned:
        return True
    book, salt = view.campaign.workbook, view.campaign.identity.salt
    people, key = book.persons, PersonHashes(salt).key
    return any(key(person) == about for person in people)


def all_alike(
    one: OpenQuestion, by: Alike, everything: Sequence[OpenQuestion]
) -> list[OpenQuestion]:
    """Return the questions of letters that have the same in common with one, itself among them."""
    common = _common(one, by)
    return [each for each in everything if common and _common(each, by) == common]


def _common(asked: OpenQuestion, by: Alike) -> str:
    """Return what a letter has in common with others; empty of a person."""
    if asked.letter is None:
        return ""
    pair = asked.letter.step.letter.pair
    return {"signer": pair.signer.key, "recipient": pair.recipient.key, "kind": asked.kind}[by]


def letters_of(view: View, person: Person) -> list[LetterPlan]:
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
class Stretch:
    """Paragraphs of two letters, one after another: the same in both, or each otherwise."""

    differs: bool
    rows: tuple[ParagraphChange, ...]

    @property
    def is_long(self) -> bool:
        """Whether it is to be folded away: nothing differs in it."""
        return not self.differs and len(self.rows) > _FEW


@dataclass(frozen=True, slots=True)
class DataChange:
    """A column that changed, in words; what it says now, and what the letter there says instead."""

    name: str
    now: str = ""
    there: str = ""


@dataclass(frozen=True, slots=True)
class Differences:
    """How a letter that lies there differs from the one that would be made now."""

    versions: LetterVersions
    stretches: tuple[Stretch, ...] = ()
    data: tuple[DataChange, ...] = ()


def differences(view: View, planned: LetterPlan) -> Differences:
    """Return how a letter differs from the new one; its file is read at this moment."""
    versions = letter_versions(view, planned.known.id)
    rows = versions.to_new or ()
    runs = groupby(rows, attrgetter("differs"))
    stretches = (Stretch(differs, tuple(own)) for differs, own in runs)
    values = _values(view.campaign, planned) if planned.changed else {}
    data = (
        DataChange(name, values.get(name, ""), _instead(rows, values.get(name, "")))
        for name in planned.changed
    )
    return Differences(versions, tuple(stretches), tuple(data))


def _values(campaign: Campaign, planned: LetterPlan) -> Mapping[str, str]:
    """Return what the columns say now that a letter may be made from, by what staff call them."""
    pair = planned.step.letter.pair
    roots = {
        "signer": pair.signer.fields,
        "recipient": pair.recipient.fields,
        "pair": pair.fields,
        "settings": campaign.facts.settings,
    }
    return {
        campaign.in_words(f"{root}.{tag}"): str(value)
        for root, fields in roots.items()
        for tag, value in fields.items()
    }


def _instead(rows: Sequence[ParagraphChange], now: str) -> str:
    """Return the words in whose place a value comes; empty where that is not clear."""
    found = {
        old.strip()
        for row in rows
        if row.differs
        for (gone, old), (new, came) in pairwise(row.words())
        if (gone, new) == ("gone", "new") and came.strip(_AROUND) == now.strip(_AROUND)
    }
    return found.pop() if len(found) == 1 else ""


# What was decided, carried out.


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of decisions: how many were carried out; the ids of those that were not.

    `changed`: something else was shown; `in_use`: the letter is open in a program.
    """

    choice: Choice
    done: int
    changed: tuple[str, ...] = ()
    in_use: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    stopped: bool = False


def still_asked(
    sight: Sight, choice: Choice, shown: Mapping[str, str]
) -> tuple[list[Decision], list[str]]:
    """Return the decisions of what is asked as it was shown, and the ids of what is not."""
    asked = {question.about: question for question in sight.to_decide}
    decisions, others = list[Decision](), list[str]()
    for about, seen in shown.items():
        question = asked.get(about)
        if question and question.seen == seen and choice in question.choices:
            decisions.append(question.decision(choice))
        else:
            others.append(about)
    return decisions, others


def carry_out(
    campaign: Campaign,
    choice: Choice,
    decisions: Sequence[Decision],
    others: Sequence[str],
    errand: Errand,
) -> Decided:
    """Do what was decided. `others` are the ids of what was something else before this began."""
    if choice == "new" and decisions:
        return _make_anew(campaign, decisions, others, errand)
    left = [one.about for one in settle(campaign, decisions)] if decisions else []
    return Decided(choice, len(decisions) - len(left), (*others, *left))


def _make_anew(
    campaign: Campaign, decisions: Sequence[Decision], others: Sequence[str], errand: Errand
) -> Decided:
    """Make letters anew, and no other; what lies there is set aside."""
    ids = frozenset(one.about for one in decisions)
    order = LettersOrder(campaign.letters_folder, decisions=tuple(decisions), letters=ids)
    steps = list[Step]()
    result = write_letters(Plan(campaign, order), errand, steps.append)
    done = sum(step.state == "rewritten" for step in steps)
    in_use = tuple(step.letter.id for step in steps if step.state == "in-use")
    kept = (s.letter.id for s in steps if s.state not in {"rewritten", "in-use"})
    errors = tuple(problem for problem in result.problems if problem.level == "error")
    return Decided(
        choice="new",
        done=done,
        changed=(*others, *kept),
        in_use=in_use,
        problems=errors,
        stopped=result.stopped,
    )


# The screens.


@screen.get("/decide")
def show(desk: Desk) -> str:
    """Show what only staff can settle, and what they settled."""
    view, asked = desk.sight.view, all_asked(desk.sight)
    start = max(0, request.args.get("from", 0, type=int)) // _PAGE * _PAGE
    return render_template(
        "decide.html",
        asked=asked,
        start=start,
        page=asked[start : start + _PAGE],
        size=_PAGE,
        first=asked[0] if asked else None,
        unsure=view.unsure if view else (),
        decided=view.decided if view else (),
        warnings=len(desk.sight.questions) - len(desk.sight.to_decide),
    )


@screen.get("/decide/<about>")
def one(desk: Desk, about: str) -> str:
    """Show one question, with what differs; where it is settled by now, say so."""
    view, asked = _view(desk), all_asked(desk.sight)
    at = _index(asked, about)
    if at is None:
        if not is_known(view, about):
            abort(404)
        return render_template("decide_settled.html", asked=asked)
    question = asked[at]
    groups = {by: all_alike(question, by, asked) for by in get_args(Alike)}
    letter, person = question.letter, question.person
    return render_template(
        "decide_one.html",
        asked=question,
        number=at + 1,
        total=len(asked),
        before=asked[at - 1] if at else None,
        later=asked[at + 1] if at + 1 < len(asked) else None,
        groups={by: own for by, own in groups.items() if len(own) > 1},
        differ=differences(view, letter) if letter else None,
        letters=letters_of(view, person) if person else (),
    )


@screen.get("/decide/<about>/<by>")
def alike(desk: Desk, about: str, by: str) -> str:
    """Show all questions that have something in common with one, to be settled together."""
    view, asked = _view(desk), all_asked(desk.sight)
    at = _index(asked, about)
    if by not in get_args(Alike) or (at is None and not is_known(view, about)):
        abort(404)
    group = all_alike(asked[at], cast("Alike", by), asked) if at is not None else []
    if at is None or not group:
        return render_template("decide_settled.html", asked=asked)
    facts = {"asked": asked[at], "by": by, "group": group, "later": _after(asked, group, at)}
    return render_template("decide_alike.html", **facts, few=_PAGE)


@screen.post("/decide")
def decide(desk: Desk) -> Response:
    """Do what was decided of what was shown, and show what is asked next."""
    shown, sight = _shown(), desk.sight
    choice = next((one for one in _CHOICES if one == request.form.get("choice")), None)
    if choice is None or not shown:
        abort(400)
    view = _view(desk)
    asked = {question.about for question in sight.to_decide}
    if not all(about in asked or is_known(view, about) for about in shown):
        abort(404)
    decisions, others = still_asked(sight, choice, shown)

    def work(campaign: Campaign, errand: Errand) -> Decided:
        return carry_out(campaign, choice, decisions, others, errand)

    desk.begin("decide", work, wait=_PATIENCE)
    return _next(desk, shown, request.form.get("then", ""))


@screen.post("/decide/again")
def again(desk: Desk) -> Response:
    """Ask once more what was decided of letters."""
    view, letters = _view(desk), request.form.getlist("letter")
    decided = {planned.known.id for planned in view.decided}
    if not all(each in view.planned for each in letters):
        abort(404)
    asked = [each for each in letters if each in decided]

    def work(campaign: Campaign, _: Errand) -> int:
        ask_again(campaign, asked)
        return len(asked)

    if asked:
        desk.begin("ask", work, wait=_PATIENCE)
    return back("decide.one", about=asked[0]) if len(asked) == 1 else back("decide.show")


def _view(desk: Desk) -> View:
    """Return the view of a campaign that can be read; 404 where it cannot: nothing is asked."""
    return desk.sight.view or abort(404)


def _index(asked: list[OpenQuestion], about: str) -> int | None:
    return next((n for n, each in enumerate(asked) if each.question.about == about), None)


def _after(asked: list[OpenQuestion], group: list[OpenQuestion], at: int) -> OpenQuestion | None:
    """Return the question that follows where a group is settled."""
    mine = {each.question.about for each in group}
    rest = (each for each in (*asked[at:], *asked[:at]) if each.question.about not in mine)
    return next(rest, None)


def _shown() -> dict[str, str]:
    """Return what a form says was shown, by the ids."""
    words = request.form.get("shown", "").split()
    parts = (word.partition(".") for word in words)
    return {about: seen for about, _, seen in parts}


def _next(desk: Desk, shown: dict[str, str], then: str) -> Response:
    """Answer with what is asked again, else with what was to come next, else with all."""
    asked = {question.about for question in desk.sight.to_decide}
    if len(shown) == 1 and not asked.isdisjoint(shown):
        return back("decide.one", about=next(iter(shown)))
    return back("decide.one", about=then) if then in asked else back("decide.show")
