"""Decide: what only staff can settle."""

from __future__ import annotations

from typing import cast, get_args

from flask import Blueprint, Response, abort, render_template, request

from merge.campaign.campaign import Campaign
from merge.campaign.errand import Errand
from merge.campaign.questions import ask_again
from merge.campaign.view import View
from merge.model import Choice
from merge.page import asking
from merge.page.asking import Alike, OpenQuestion
from merge.page.desk import Desk
from merge.page.web import back

screen = Blueprint("decide", __name__, url_prefix="/c/<key>")

_PATIENCE = 3.0
"""Seconds in which what was decided is done as a rule: the next screen shows it then."""
_PAGE = 50
"""Questions, or letters, in one page of a list."""
_CHOICES: tuple[Choice, ...] = ("keep", "new", "print", "same", "other")


@screen.get("/decide")
def show(desk: Desk) -> str:
    """Show what only staff can settle, and what they settled."""
    view, asked = desk.sight.view, asking.all_asked(desk.sight)
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
    view, asked = _view(desk), asking.all_asked(desk.sight)
    at = _index(asked, about)
    if at is None:
        if not asking.is_known(view, about):
            abort(404)
        return render_template("decide_settled.html", asked=asked)
    question = asked[at]
    groups = {by: asking.alike(question, by, asked) for by in get_args(Alike)}
    letter, person = question.letter, question.person
    return render_template(
        "decide_one.html",
        asked=question,
        number=at + 1,
        total=len(asked),
        before=asked[at - 1] if at else None,
        later=asked[at + 1] if at + 1 < len(asked) else None,
        groups={by: own for by, own in groups.items() if len(own) > 1},
        differ=asking.differences(view, letter) if letter else None,
        letters=asking.letters_of(view, person) if person else (),
    )


@screen.get("/decide/<about>/<by>")
def alike(desk: Desk, about: str, by: str) -> str:
    """Show all questions that have something in common with one, to be settled together."""
    view, asked = _view(desk), asking.all_asked(desk.sight)
    at = _index(asked, about)
    if by not in get_args(Alike) or (at is None and not asking.is_known(view, about)):
        abort(404)
    group = asking.alike(asked[at], cast("Alike", by), asked) if at is not None else []
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
    if not all(about in asked or asking.is_known(view, about) for about in shown):
        abort(404)
    decisions, others = asking.still_asked(sight, choice, shown)

    def work(campaign: Campaign, errand: Errand) -> asking.Decided:
        return asking.carry_out(campaign, choice, decisions, others, errand)

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
