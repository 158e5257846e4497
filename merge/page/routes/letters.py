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
from merge.campaign.letter_rules import LetterTally
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import LettersResult, write_letters
from merge.campaign.plan import Plan
from merge.campaign.task import Task
from merge.errors import DataError, MergeError
from merge.letter_status import Step
from merge.page.session import CampaignSession
from merge.page.view_models import (
    STATUS_MARKS,
    CreationPreview,
    LetterFilter,
    LetterList,
    StepGroup,
    group_steps,
    letter_page,
    status_mark,
)
from merge.page.web import redirect_to
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.register.layouts import STAGES

screen = Blueprint("letters", __name__, url_prefix="/c/<key>")

_STAGES = ("none", *(stage.lower() for stage in STAGES))
_PERSON_ID = re.compile(r"[0-9a-f]{16}")
_MAX_WORDS = 200
"""Characters of what is searched for."""


def current_letters(desk: CampaignSession) -> LetterList | None:
    """Return the letters as they were seen last; None where they cannot be looked at."""
    view = desk.snapshot.view
    return LetterList(view) if view and not view.survey_error else None


def parse_filter(values: MultiDict[str, str]) -> LetterFilter:
    """Return which letters an address or a form asks for; what is no filter is none."""
    state, stage = values.get("state", ""), values.get("stage", "")
    people = (values.get("signer", ""), values.get("recipient", ""))
    return LetterFilter(
        state if state in STATUS_MARKS else "",
        stage if stage in _STAGES else "",
        bool(values.get("stopped")),
        *(person if _PERSON_ID.fullmatch(person) else "" for person in people),
    )


@screen.get("/letters")
def show(desk: CampaignSession) -> str:
    """Show the letters: the matrix where it suits them and nothing is filtered, else a list."""
    letters, wanted = current_letters(desk), parse_filter(request.args)
    if letters is None:
        return render_template("letters.html", letters=None)
    _check_people(letters, wanted)
    as_list = bool(wanted.arguments) or request.args.get("view") == "list"
    page = request.args.get("page", "1")
    found = letter_page(
        letters.matching(wanted), int(page) if page.isascii() and page.isdigit() else 1
    )
    return render_template(
        "letters.html",
        letters=letters,
        wanted=wanted,
        found=found,
        words=None,
        stages=_STAGES,
        has_matrix=letters.suits_matrix and not as_list,
        as_list=as_list,
    )


def _check_people(letters: LetterList, wanted: LetterFilter) -> None:
    """Raise NotFound where a person who is asked for has no letter."""
    if not letters.signers.keys() >= {wanted.signer} - {""}:
        raise NotFound
    if not letters.recipients.keys() >= {wanted.recipient} - {""}:
        raise NotFound


@screen.post("/letters/find")
def find(desk: CampaignSession) -> str:
    """Show the letters of those who are called so: a name stands in no address."""
    letters, words = current_letters(desk), request.form.get("words", "")[:_MAX_WORDS]
    if letters is None:
        return render_template("letters.html", letters=None)
    return render_template(
        "letters.html",
        letters=letters,
        wanted=LetterFilter(),
        found=letter_page(letters.search(words), 1),
        words=words,
        stages=_STAGES,
        has_matrix=False,
        as_list=True,
    )


@screen.get("/letters.json")
def matrix(desk: CampaignSession) -> Response:
    """Give the matrix's data."""
    letters = current_letters(desk)
    return jsonify(
        letters.matrix_data() if letters else {"signers": [], "recipients": [], "rows": []}
    )


@screen.get("/letters/of/<signer>/<recipient>")
def of_pair(desk: CampaignSession, signer: str, recipient: str) -> Response:
    """Lead to the letter of one to another."""
    letters = current_letters(desk)
    found = letters.matching(LetterFilter(signer=signer, recipient=recipient)) if letters else []
    if not found:
        raise NotFound
    return redirect_to("letter.show", letter_id=found[0].step.letter.id)


# Letters made.


@screen.route("/letters/make", methods=["GET", "POST"])
def make(desk: CampaignSession) -> str | Response:
    """Show what making the letters asked for will do; do it where that was said to be right."""
    wanted = parse_filter(request.values)
    letters = current_letters(desk)
    if letters:
        _check_people(letters, wanted)
    if request.method == "GET":
        steps = tuple(p.step for p in letters.matching(wanted)) if letters else ()
        prospect = CreationPreview(steps)
        is_stopped = not (wanted.arguments or prospect.blocked_count)  # as in make_letters
        return render_template(
            "make.html",
            letters=letters,
            wanted=wanted,
            prospect=prospect,
            in_the_way=desk.snapshot.errors if is_stopped else (),
            came_from="data.show" if request.args.get("from") == "data" else "letters.show",
        )
    if not (letters and request.form.get("sure")):
        return redirect_to("letters.make", **wanted.arguments)
    found = letters.matching(wanted) if wanted.arguments else []
    if wanted.arguments and not found:
        return redirect_to("letters.make", **wanted.arguments)
    ids = frozenset(planned.step.letter.id for planned in found)
    order = LettersOrder(desk.folder / LETTERS_FOLDER, letters=ids)
    leaves_out = bool(request.form.get("leave_out"))
    desk.submit_with_campaign(
        "letters", partial(create_letters, order=order, skips_errors=leaves_out), wait=1
    )
    return redirect_to("letters.show")


@dataclass
class CreationResult:
    """What came of making letters: each counted once, those told that are not as always.

    `failed`: it ended before its end, `problems` say why; what was written by then is whole.
    """

    tally: LetterTally = field(default_factory=LetterTally)
    mark_counts: Counter[str] = field(default_factory=Counter)
    exceptional_steps: list[Step] = field(default_factory=list)
    problems: Sequence[Problem] = ()
    stopped: bool = False
    has_failed: bool = False
    planned_count: int = 0

    def count_step(self, step: Step) -> None:
        """Take one more step into account."""
        self.tally.count(step)
        self.mark_counts[status_mark(step).code] += 1
        if step.state not in _ROUTINE_STATES:
            self.exceptional_steps.append(step)

    @property
    def remaining_count(self) -> int:
        """How many were not reached."""
        return self.planned_count - self.tally.planned

    @property
    def groups(self) -> list[StepGroup]:
        """Return those that stay as they were or were left out, by what they are."""
        return group_steps(self.exceptional_steps)


_ROUTINE_STATES = frozenset({"new", "rewritten", "unchanged"})


def create_letters(
    campaign: Campaign, errand: Task, *, order: LettersOrder, skips_errors: bool
) -> CreationResult:
    """Make letters; DataError where some cannot be made, unless these are to be left out."""
    chosen = [
        pair
        for pair in campaign.pairs()
        if not order.letters or campaign.identity.letter_id(pair) in order.letters
    ]
    campaign.check_open()
    errors = ErrorIndex(campaign.findings)
    in_the_way = filter(None, map(errors.problem, chosen))
    everything = (p for p in campaign.all_problems() if p.level == "error")
    problems = dict.fromkeys(in_the_way if order.letters else everything)
    if problems and not skips_errors:
        raise DataError(problems)
    made = CreationResult(planned_count=len(chosen))

    def settle(result: LettersResult) -> None:
        made.problems, made.stopped = tuple(result.problems), result.stopped
        errand.report_result(made)

    try:
        result = write_letters(Plan(campaign, order), errand, made.count_step, settle)
    except MergeError as error:
        if not made.tally.written:
            raise
        made.problems, made.has_failed = error.problems, True
        return made
    made.problems, made.stopped = tuple(result.problems), result.stopped
    return made
