"""Letters screen: matrix, list and search; creation of letters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from merge.affected_letters import BlockingErrorIndex, stopping_errors
from merge.campaign.campaign import Campaign, accept_present_files, read_campaign
from merge.campaign.letter_rules import LetterTally
from merge.campaign.letters_order import ClearedDates, LettersOrder
from merge.campaign.letters_run import LettersResult, write_letters
from merge.campaign.plan import LettersRunPlan
from merge.campaign.task import Task
from merge.errors import DataError, MergeError
from merge.letter_status import LetterStep
from merge.page.inputs import answers_to
from merge.page.session import CampaignSession
from merge.page.view_models import (
    SORT_KEYS,
    STATUS_MARKS,
    CreationPreview,
    LetterFilter,
    LetterList,
    StepGroup,
    group_steps,
    letter_page,
    status_mark,
)
from merge.page.web import redirect_back, redirect_to
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.register.layouts import STAGES
from merge.state.identity import IdentityChoices

screen = Blueprint("letters", __name__, url_prefix="/c/<key>")

_STAGES = ("none", *(stage.lower() for stage in STAGES))
_PERSON_ID = re.compile(r"[0-9a-f]{16}")
_MAX_WORDS = 200
"""Characters of a search that are read."""


def current_letters(session: CampaignSession) -> LetterList | None:
    """Return the letters of the latest snapshot, or None if unreadable."""
    view = session.snapshot.view
    return LetterList(view) if view and not view.survey_error else None


def parse_filter(values: MultiDict[str, str]) -> LetterFilter:
    """Return the filter of letters in an address or form, if it is valid."""
    state, stage, sort = (values.get(name, "") for name in ("state", "stage", "sort"))
    people = (values.get("signer", ""), values.get("recipient", ""))
    return LetterFilter(
        state if state in STATUS_MARKS else "",
        stage if stage in _STAGES else "",
        bool(values.get("stopped")),
        *(person_id if _PERSON_ID.fullmatch(person_id) else "" for person_id in people),
    )._replace(sort=sort if sort in SORT_KEYS else "")


@screen.get("/letters")
def show(session: CampaignSession) -> str:
    """Show the letters as a matrix if one fits, otherwise as a list.

    If the letters are filtered, they are a list. The preview shows the letter in the address, or
    the first.
    """
    letters, letter_filter = current_letters(session), parse_filter(request.args)
    if letters is None:
        return render_template("letters.html", letters=None)
    _check_people(letters, letter_filter)
    as_list = letter_filter.is_selective or request.args.get("view") == "list"
    has_matrix = letters.suits_matrix and not as_list
    number = request.args.get("page", 1, type=int)
    page_of_letters = letter_page(letters.matching(letter_filter), number)
    return render_template(
        "letters.html",
        letters=letters,
        letter_filter=letter_filter,
        letter_page=page_of_letters,
        planned=letters.view.plans_by_id.get(request.args.get("letter", ""))
        or (letters.first_by_state() if has_matrix and letter_filter.sort == "state" else None)
        or next(iter(page_of_letters.letters), None),
        words=None,
        stages=_STAGES,
        has_matrix=has_matrix,
        as_list=as_list,
    )


def _check_people(letters: LetterList, letter_filter: LetterFilter) -> None:
    """Raise NotFound if a person of the filter has no letter."""
    if not letters.signers.keys() >= {letter_filter.signer} - {""}:
        raise NotFound
    if not letters.recipients.keys() >= {letter_filter.recipient} - {""}:
        raise NotFound


@screen.post("/letters/find")
def find(session: CampaignSession) -> str:
    """Show the letters of people by name; the address does not have the name."""
    letters, words = current_letters(session), request.form.get("words", "")[:_MAX_WORDS]
    if letters is None:
        return render_template("letters.html", letters=None)
    page_of_letters = letter_page(letters.search(words), 1)
    return render_template(
        "letters.html",
        letters=letters,
        letter_filter=LetterFilter(),
        letter_page=page_of_letters,
        planned=next(iter(page_of_letters.letters), None),
        words=words,
        stages=_STAGES,
        has_matrix=False,
        as_list=True,
    )


@screen.get("/letters.json")
def matrix(session: CampaignSession) -> Response:
    """Return the matrix of signers and recipients as JSON."""
    letters, sort = current_letters(session), parse_filter(request.args).sort
    return jsonify(
        letters.matrix_data(sort) if letters else {"signers": [], "recipients": [], "rows": []}
    )


@screen.get("/letters/of/<signer>/<recipient>")
def of_pair(session: CampaignSession, signer: str, recipient: str) -> Response:
    """Redirect to a signer's letter to a recipient, or to its preview."""
    letters = current_letters(session)
    matches = letters.matching(LetterFilter(signer=signer, recipient=recipient)) if letters else []
    if not matches:
        raise NotFound
    arguments = parse_filter(request.args).arguments
    if request.args.get("preview"):
        arguments["preview"] = "1"
    return redirect_to("letter.show", letter_id=matches[0].step.letter.id, **arguments)


# Creating letters


@screen.route("/letters/make", methods=["GET", "POST"])
def make(session: CampaignSession) -> str | Response:
    """Show a preview of creating letters; create them after confirmation."""
    letter_filter = parse_filter(request.values)
    letters = current_letters(session)
    if letters:
        _check_people(letters, letter_filter)
    if request.method == "GET":
        steps = tuple(p.step for p in letters.matching(letter_filter)) if letters else ()
        preview = CreationPreview(steps)
        is_stopped = not (letter_filter.is_selective or preview.blocked_count)  # create_letters too
        return render_template(
            "make.html",
            letters=letters,
            letter_filter=letter_filter,
            preview=preview,
            blocking_errors=session.snapshot.errors if is_stopped else (),
            came_from="data.show" if request.args.get("from") == "data" else "letters.show",
        )
    if not (letters and request.form.get("sure")):
        return redirect_to("letters.make", **letter_filter.arguments)
    filtered = letters.matching(letter_filter) if letter_filter.is_selective else []
    if letter_filter.is_selective and not filtered:
        return redirect_to("letters.make", **letter_filter.arguments)
    ids = frozenset(planned.step.letter.id for planned in filtered)
    replace = ("print-file",) if request.form.get("again") else ()
    order = LettersOrder(session.folder / LETTERS_FOLDER, letters=ids, replace=replace)
    skips_errors = bool(request.form.get("leave_out"))
    session.submit_with_campaign(
        "letters", partial(create_letters, order=order, skips_errors=skips_errors), wait=1
    )
    return redirect_to("letters.show")


@screen.post("/letters/anyway")
def anyway(session: CampaignSession) -> Response:
    """Accept the present files, although others have not arrived."""

    def accept(campaign: Campaign, _task: Task) -> None:
        accept_present_files(campaign)

    session.submit_with_campaign("settle", accept, wait=5)
    return redirect_back()


@screen.post("/letters/answer/<option>")
def answer(session: CampaignSession, option: str) -> Response:
    """Create letters with an answer to a problem, if this is offered."""
    problems = session.snapshot.problems
    if not any(option in dict(answers_to(problem)) for problem in problems):
        raise NotFound
    cleared: Mapping[str, ClearedDates] = {"release": "release", "restore_dates": "restore"}
    order = LettersOrder(
        session.folder / LETTERS_FOLDER,
        cleared_dates=cleared.get(option, ""),
        goes_on=option == "anyway",
    )

    def work(task: Task) -> CreationResult:
        answers = IdentityChoices(people_left=option == "people_left")
        campaign = read_campaign(session.folder, answers=answers)
        return create_letters(campaign, task, order=order, skips_errors=False)

    session.submit("letters", work, wait=1)
    return redirect_to("letters.show")


@dataclass
class CreationResult:
    """Result of creating letters, counted step by step.

    Unusual steps are listed as well. If `has_failed`, it ended early, and `problems` say why; the
    letters written by then are complete.
    """

    tally: LetterTally = field(default_factory=LetterTally)
    mark_counts: Counter[str] = field(default_factory=Counter)
    exceptional_steps: list[LetterStep] = field(default_factory=list)
    problems: Sequence[Problem] = ()
    stopped: bool = False
    has_failed: bool = False
    planned_count: int = 0

    def count_step(self, step: LetterStep) -> None:
        """Count a letter by the step that the run did with it."""
        self.tally.count(step)
        self.mark_counts[status_mark(step).code] += 1
        if step.state not in _ROUTINE_STATES:
            self.exceptional_steps.append(step)

    @property
    def remaining_count(self) -> int:
        """Number of letters that the run did not reach."""
        return self.planned_count - self.tally.planned

    @property
    def groups(self) -> list[StepGroup]:
        """The letters that were kept or skipped, by mark and reason."""
        return group_steps(self.exceptional_steps)


_ROUTINE_STATES = frozenset({"new", "rewritten", "unchanged"})


def create_letters(
    campaign: Campaign, task: Task, *, order: LettersOrder, skips_errors: bool
) -> CreationResult:
    """Create the letters of an order, and return the result.

    Raise DataError if some of them are blocked, unless `skips_errors`.
    """
    pairs = [
        pair
        for pair in campaign.pairs()
        if not order.letters or campaign.identity.letter_id(pair) in order.letters
    ]
    campaign.check_open()
    errors = BlockingErrorIndex(campaign.findings)
    blocking = filter(None, map(errors.problem, pairs))
    problems = dict.fromkeys(
        stopping_errors(blocking if order.letters else campaign.all_problems())
    )
    if problems and not skips_errors:
        raise DataError(problems)
    creation_result = CreationResult(planned_count=len(pairs))

    def settle(result: LettersResult) -> None:
        creation_result.problems, creation_result.stopped = tuple(result.problems), result.stopped
        task.report_result(creation_result)

    try:
        result = write_letters(
            LettersRunPlan(campaign, order), task, creation_result.count_step, settle
        )
    except MergeError as error:
        if not creation_result.tally.written_letters:
            raise
        creation_result.problems, creation_result.has_failed = error.problems, True
        return creation_result
    creation_result.problems, creation_result.stopped = tuple(result.problems), result.stopped
    return creation_result
