"""Letters: all together as a matrix or a list, found by name, and made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from merge.affected_letters import ErrorIndex
from merge.campaign.campaign import Campaign
from merge.campaign.decisions import Balance
from merge.campaign.errand import Errand
from merge.campaign.letters_order import LettersOrder
from merge.campaign.plan import Plan
from merge.campaign.run import LettersResult, write_letters
from merge.errors import DataError, MergeError
from merge.letter_status import Step
from merge.page.desk import Desk
from merge.page.shown import MARKS, Filter, Letters, Prospect, StepGroup, grouped, mark_of, paged
from merge.page.web import back
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.register.layouts import STAGES

screen = Blueprint("letters", __name__, url_prefix="/c/<key>")

_STAGES = ("none", *(stage.lower() for stage in STAGES))
_PERSON = re.compile(r"[0-9a-f]{16}")
_MOST_WORDS = 200
"""Characters of what is searched for."""


def letters_of(desk: Desk) -> Letters | None:
    """Return the letters as they were seen last; None where they cannot be looked at."""
    view = desk.sight.view
    return Letters(view) if view and not view.fault else None


def asked_for(values: MultiDict[str, str]) -> Filter:
    """Return which letters an address or a form asks for; what is no filter is none."""
    state, stage = values.get("state", ""), values.get("stage", "")
    people = (values.get("signer", ""), values.get("recipient", ""))
    return Filter(
        state if state in MARKS else "",
        stage if stage in _STAGES else "",
        bool(values.get("stopped")),
        *(person if _PERSON.fullmatch(person) else "" for person in people),
    )


@screen.get("/letters")
def show(desk: Desk) -> str:
    """Show the letters: the matrix where it suits them and nothing is filtered, else a list."""
    letters, wanted = letters_of(desk), asked_for(request.args)
    if letters is None:
        return render_template("letters.html", letters=None)
    _check_people(letters, wanted)
    as_list = bool(wanted.arguments) or request.args.get("view") == "list"
    page = request.args.get("page", "1")
    found = paged(letters.matching(wanted), int(page) if page.isascii() and page.isdigit() else 1)
    return render_template(
        "letters.html",
        letters=letters,
        wanted=wanted,
        found=found,
        words=None,
        stages=_STAGES,
        has_matrix=letters.suit_a_matrix and not as_list,
        as_list=as_list,
    )


def _check_people(letters: Letters, wanted: Filter) -> None:
    """Raise NotFound where a person who is asked for has no letter."""
    if not letters.signers.keys() >= {wanted.signer} - {""}:
        raise NotFound
    if not letters.recipients.keys() >= {wanted.recipient} - {""}:
        raise NotFound


@screen.post("/letters/find")
def find(desk: Desk) -> str:
    """Show the letters of those who are called so: a name stands in no address."""
    letters, words = letters_of(desk), request.form.get("words", "")[:_MOST_WORDS]
    if letters is None:
        return render_template("letters.html", letters=None)
    return render_template(
        "letters.html",
        letters=letters,
        wanted=Filter(),
        found=paged(letters.named(words), 1),
        words=words,
        stages=_STAGES,
        has_matrix=False,
        as_list=True,
    )


@screen.get("/letters.json")
def matrix(desk: Desk) -> Response:
    """Give the matrix's data."""
    letters = letters_of(desk)
    return jsonify(letters.matrix() if letters else {"signers": [], "recipients": [], "rows": []})


@screen.get("/letters/of/<signer>/<recipient>")
def of_pair(desk: Desk, signer: str, recipient: str) -> Response:
    """Lead to the letter of one to another."""
    letters = letters_of(desk)
    found = letters.matching(Filter(signer=signer, recipient=recipient)) if letters else []
    if not found:
        raise NotFound
    return back("letter.show", letter_id=found[0].step.letter.id)


# Letters made.


@screen.route("/letters/make", methods=["GET", "POST"])
def make(desk: Desk) -> str | Response:
    """Show what making the letters asked for will do; do it where that was said to be right."""
    wanted = asked_for(request.values)
    letters = letters_of(desk)
    if letters:
        _check_people(letters, wanted)
    if request.method == "GET":
        steps = tuple(p.step for p in letters.matching(wanted)) if letters else ()
        prospect = Prospect(steps)
        is_stopped = not (wanted.arguments or prospect.faulty)  # as in make_letters
        return render_template(
            "make.html",
            letters=letters,
            wanted=wanted,
            prospect=prospect,
            in_the_way=desk.sight.errors if is_stopped else (),
            came_from="data.show" if request.args.get("from") == "data" else "letters.show",
        )
    if not (letters and request.form.get("sure")):
        return back("letters.make", **wanted.arguments)
    found = letters.matching(wanted) if wanted.arguments else []
    if wanted.arguments and not found:
        return back("letters.make", **wanted.arguments)
    ids = frozenset(planned.step.letter.id for planned in found)
    order = LettersOrder(desk.folder / LETTERS_FOLDER, letters=ids)
    leaves_out = bool(request.form.get("leave_out"))
    desk.begin("letters", partial(make_letters, order=order, leaves_out=leaves_out), wait=1)
    return back("letters.show")


@dataclass
class LettersMade:
    """What came of making letters: each counted once, those told that are not as always.

    `failed`: it ended before its end, `problems` say why; what was written by then is whole.
    """

    balance: Balance = field(default_factory=Balance)
    marks: Counter[str] = field(default_factory=Counter)
    kept: list[Step] = field(default_factory=list)
    problems: Sequence[Problem] = ()
    stopped: bool = False
    failed: bool = False
    planned: int = 0

    def count(self, step: Step) -> None:
        """Take one more step into account."""
        self.balance.count(step)
        self.marks[mark_of(step).code] += 1
        if step.state not in _ROUTINE:
            self.kept.append(step)

    @property
    def left(self) -> int:
        """How many were not reached."""
        return self.planned - self.balance.planned

    @property
    def groups(self) -> list[StepGroup]:
        """Return those that stay as they were or were left out, by what they are."""
        return grouped(self.kept)


_ROUTINE = frozenset({"new", "rewritten", "unchanged"})


def make_letters(
    campaign: Campaign, errand: Errand, *, order: LettersOrder, leaves_out: bool
) -> LettersMade:
    """Make letters; DataError where some cannot be made, unless these are to be left out."""
    chosen = [
        pair
        for pair in campaign.pairs()
        if not order.letters or campaign.identity.letter(pair) in order.letters
    ]
    campaign.check_open()
    errors = ErrorIndex(campaign.findings)
    in_the_way = filter(None, map(errors.problem, chosen))
    everything = (p for p in campaign.all_problems() if p.level == "error")
    problems = dict.fromkeys(in_the_way if order.letters else everything)
    if problems and not leaves_out:
        raise DataError(problems)
    made = LettersMade(planned=len(chosen))

    def settle(result: LettersResult) -> None:
        made.problems, made.stopped = tuple(result.problems), result.stopped
        errand.tell(made)

    try:
        result = write_letters(Plan(campaign, order), errand, made.count, settle)
    except MergeError as error:
        if not made.balance.written:
            raise
        made.problems, made.failed = error.problems, True
        return made
    made.problems, made.stopped = tuple(result.problems), result.stopped
    return made
