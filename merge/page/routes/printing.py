"""Print: letters onto paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from merge.campaign.campaign import Campaign
from merge.campaign.candidates import PrintCandidate, find_candidates
from merge.campaign.errand import Errand
from merge.campaign.marking import MarkOrder, first_day
from merge.campaign.places import PRINT_FOLDER
from merge.campaign.print_plan import PrintOrder, PrintPlan, check_order, plan_printing
from merge.campaign.print_run import PrintResult, PrintRun
from merge.campaign.questions import Question, letter_question, settle
from merge.campaign.view import View
from merge.errors import StorageError, UsageError
from merge.page import opening
from merge.page.desk import Desk
from merge.page.piles import BatchRow, PileLetter, Piles
from merge.page.routes.paper import day_fault, typed_day
from merge.page.routes.proofread import last_result
from merge.page.sitting import Sitting, is_register_open, mark
from merge.page.web import back, readable_view
from merge.printing.envelopes import ENVELOPES
from merge.printing.labels import LABELS
from merge.printing.libreoffice import NO_LIBREOFFICE, find_libreoffice
from merge.problems import Problem

screen = Blueprint("printing", __name__, url_prefix="/c/<key>")

MOST_BATCHES = 20
"""Batches that are listed."""
_FEW = 5
"""Letters that are named of those that something is wrong with in the same way."""
_MOST_SHEETS = 5000


@dataclass(frozen=True)
class Printed:
    """What an errand to print came to; `made` is None where something was to be settled first."""

    order: PrintOrder
    plan: PrintPlan
    made: PrintResult | None = None

    @property
    def problems(self) -> list[Problem]:
        """What is to be reported."""
        return [*self.plan.problems, *(self.made.problems if self.made else ())]

    @property
    def pages(self) -> int:
        """Number of pages that LibreOffice counted; 0 if it counted none."""
        found = (letter.pages for batch in self.plan.batches for letter in batch.letters)
        return sum(found) if self.plan.counted else 0

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before its end."""
        return bool(self.made and self.made.stopped)

    @property
    def stays(self) -> bool:
        """Whether it is to be come back to: its files are opened from it."""
        return bool(self.made and self.made.files)

    @property
    def has_errors(self) -> bool:
        """Whether something must be settled before anything is made."""
        return self.plan.has_errors


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What keeps letters from being printed, all in the same way; a few of them are shown.

    `questions` are those of them that can be answered here.
    """

    code: str
    letters: int
    few: tuple[tuple[PileLetter, Problem, Question | None], ...]
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class _Readiness:
    """How far the letters are ready for paper, at the look of this number; no file is opened.

    `fresh` are in no batch yet or changed since, `waiting` in a batch and not marked as printed.
    """

    number: int
    letters: int
    ready: int
    fresh: int
    waiting: int
    on_paper: int
    signers: int
    recipients: int
    troubles: tuple[_Trouble, ...]
    batches: tuple[BatchRow, ...]

    @property
    def in_trouble(self) -> int:
        """How many letters something must be settled of."""
        return sum(trouble.letters for trouble in self.troubles)


@dataclass
class _Kept:
    """What the screen keeps.

    `form` is what was chosen last, kept until all of it is made: for who stops, counts, or settles
    something first.
    """

    form: dict[str, str] = field(default_factory=dict)
    readiness: _Readiness | None = None


@screen.get("/print")
def show(desk: Desk) -> str:
    """Show letters onto paper."""
    return _screen(desk, {})


@screen.post("/print/make")
def make(desk: Desk) -> Response | tuple[str, int]:
    """Make the files, or only count what would be in them."""
    form, view = request.form, readable_view(desk)
    try:
        order = _order(form)
        if unclear := [*_unclear_names(view.campaign, order.names)]:
            return _screen(desk, form, unclear=unclear), 422
        check_order(view.campaign, order)
    except _NoNumberError:
        return _screen(desk, form, fault="wrong_number"), 422
    except UsageError as error:
        return _screen(desk, form, error.problems), 422
    only_count = form.get("do") == "count"
    desk.kept(_Kept).form = form.to_dict()

    def work(campaign: Campaign, errand: Errand) -> Printed:
        writer = find_libreoffice()
        if order.pdf and writer is None:
            raise StorageError(NO_LIBREOFFICE)
        plan = plan_printing(campaign, order, writer, errand)
        printed = Printed(order, plan)
        if only_count or printed.has_errors:
            return printed
        run = PrintRun(
            campaign=campaign,
            order=order,
            prepared=plan,
            writer=writer,
            errand=errand,
        )
        made = run.make()
        printed = Printed(order, run.plan, None if run.plan.has_errors else made)
        if printed.made and not printed.stopped:
            desk.kept(_Kept).form = {}
        return printed

    desk.begin("count" if only_count else "print", work)
    return back("printing.show")


@screen.post("/print/as-it-is")
def as_it_is(desk: Desk) -> Response:
    """Remember that letters are printed as they are, though their data changed."""
    _keep_choices(desk)
    questions = {one.about: one for one in _questions(readable_view(desk))}
    chosen = request.form.getlist("letter") or [*questions]
    if not (chosen and questions.keys() >= {*chosen}):
        raise NotFound
    decisions = [questions[letter_id].decision("print") for letter_id in chosen]
    desk.begin("settle", lambda campaign, _: len(settle(campaign, decisions)), wait=5)
    if (outcome := desk.outcome) and outcome.name == "settle" and outcome.result == 0:
        desk.put_away()
    return back("printing.show")


@screen.post("/print/printed")
def printed(desk: Desk) -> Response | tuple[str, int]:
    """Mark the letters of batches as printed; those that changed since stay as they are."""
    _keep_choices(desk)
    view, form, day = readable_view(desk), request.form, typed_day()
    piles = Piles(view)
    batches = form.getlist("batch")
    letters = [one for key in batches for one in piles.printed_as_it_is(key)]
    if not batches or not all(piles.of_batch(key) for key in batches):
        raise NotFound
    if fault := day_fault(view, day):
        return _screen(desk, {}, fault=fault), 422
    if letters:
        mark(desk, MarkOrder("Printed", day, letters=tuple(letters), any_day=True))
    return back("printing.show")


@screen.post("/print/file/<int:number>")
def open_file(desk: Desk, number: int) -> Response:
    """Open one of the files that were just made, in its own program."""
    made = _made(desk)
    if made is None or number >= len(made.files):
        raise NotFound
    opening.open_file(made.folder / made.files[number], desk.folder)
    return back("printing.show")


@screen.post("/print/folder")
def folder(desk: Desk) -> Response:
    """Show the folder of the files that were just made, else that of all batches."""
    made = _made(desk)
    there = made.folder if made and made.files else desk.folder / PRINT_FOLDER
    opening.show_in_folder(there, desk.folder)
    return back("printing.show")


def _keep_choices(desk: Desk) -> None:
    """Keep what is chosen in the form for the files, if it came along with another form."""
    if chosen := dict(parse_qsl(request.form.get("order", ""), keep_blank_values=True)):
        desk.kept(_Kept).form = chosen


def _made(desk: Desk) -> PrintResult | None:
    """Return the files that were just made, as long as they are told of."""
    outcome = desk.outcome
    return outcome.result.made if outcome and isinstance(outcome.result, Printed) else None


# The order, as the form says it.


class _NoNumberError(Exception):
    """A number that was typed is none, or none that can be."""


def _order(form: Mapping[str, str]) -> PrintOrder:
    """Return the order of the form. Raise _NoNumberError where a number is none."""
    names = (name.strip() for name in form.get("names", "").splitlines())
    sides = {"one": False, "two": True}
    labels = form.get("labels", "")
    return PrintOrder(
        names=tuple(filter(None, names)),
        unsigned="unsigned" in form,
        since_last="since_last" in form,
        skip_errors="skip_errors" in form,
        by="recipient" if form.get("by") == "recipient" else "signer",
        grouping=_GROUPINGS.get(form.get("grouping", ""), "batches"),
        sheets=_number(form, "sheets", 200, _MOST_SHEETS),
        covers="covers" in form,
        with_letters="without_letters" not in form,
        two_sided=sides.get(form.get("sides", "")),
        pdf="pdf" in form,
        envelopes=form.get("envelopes", "") if form.get("envelopes") in ENVELOPES else "",
        labels=labels if labels in LABELS else "",
        start=_number(form, "start", 1, LABELS[labels].count) if labels in LABELS else 1,
        parcels="parcels" in form,
        return_to_signer="return_to_signer" in form,
    )


_GROUPINGS: Mapping[str, Any] = {"one-file": "one-file", "per-signer": "per-signer"}


def _unclear_names(campaign: Campaign, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield names that are nobody's or several people's, each with the code of what is wrong."""
    for name in names:
        try:
            campaign.chosen((name,))
        except UsageError as error:
            yield name, error.problems[0].code


def _number(form: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = form.get(name, "").strip() or str(usual)
    number = int(text) if text.isdecimal() and len(text) < len(str(most)) + 1 else 0
    if 1 <= number <= most:
        return number
    raise _NoNumberError


# What is shown.


def _screen(
    desk: Desk,
    form: Mapping[str, str],
    problems: Iterable[Problem] = (),
    unclear: Iterable[tuple[str, str]] = (),
    fault: str = "",
) -> str:
    kept = desk.kept(_Kept)
    sight, ready, today = desk.sight, None, dt.datetime.now().astimezone().date()
    if sight.view is not None and not sight.view.fault and not sight.view.campaign.closed:
        ready = kept.readiness
        if ready is None or ready.number != sight.number:
            ready = kept.readiness = _readiness(sight.view, sight.number)
    return render_template(
        "printing.html",
        seen=sight,
        ready=ready,
        proofread=last_result(desk),
        form=form or kept.form,
        wrong=[*problems],
        unclear=[*unclear],
        wrong_day=fault == "wrong_day",
        early_day=fault == "early_day",
        first_day=first_day(sight.view.letters if sight.view else (), today),
        wrong_number=fault == "wrong_number",
        sitting=desk.kept(Sitting),
        is_open=is_register_open(desk.folder),
        has_writer=find_libreoffice() is not None,
        most_batches=MOST_BATCHES,
        envelopes=[*ENVELOPES.values()],
        labels=[*LABELS.values()],
        today=today.isoformat(),
    )


def _readiness(view: View, number: int) -> _Readiness:
    piles = Piles(view)
    found = find_candidates(view, open_files=False)
    asked = found.before("Printed")
    ready = [one for one in asked if not one.problems]
    waiting = [one for one in ready if _waits(piles, one)]
    return _Readiness(
        number=number,
        letters=len(found.candidates),
        ready=len(ready),
        fresh=len(ready) - len(waiting),
        waiting=len(waiting),
        on_paper=len(found.candidates) - len(asked),
        signers=len({one.pair.signer.key for one in ready}),
        recipients=len({one.pair.recipient.key for one in ready}),
        troubles=tuple(_troubles(view, piles, asked)),
        batches=tuple(piles.batches()),
    )


def _waits(piles: Piles, one: PrintCandidate) -> bool:
    """Return whether a letter is in a batch as it is now."""
    planned = piles.plans[one.id]
    return piles.is_due(planned, "Printed") and not piles.has_changed(planned)


def _questions(view: View) -> Iterator[Question]:
    """Yield what can be answered here: letters that stayed as they were when their data changed."""
    found = (None if planned.stages else letter_question(planned) for planned in view.letters)
    yield from filter(None, found)


def _troubles(view: View, piles: Piles, asked: Iterable[PrintCandidate]) -> Iterator[_Trouble]:
    """Yield what is to be settled first, those that the data is wrong of in one."""
    by_code: dict[str, list[PrintCandidate]] = {}
    for one in asked:
        if one.problems:
            code = one.problems[0].code
            known = code.startswith("print-") and one.id not in view.stopped
            by_code.setdefault(code if known else "faulty", []).append(one)
    questions = {one.about: one for one in _questions(view)}
    for code, those in by_code.items():
        few = tuple(
            (piles.row(one.id), one.problems[0], questions.get(one.id)) for one in those[:_FEW]
        )
        answers = [questions[one.id] for one in those if one.id in questions]
        yield _Trouble(code, len(those), few, tuple(answers) if code == "print-changed" else ())
