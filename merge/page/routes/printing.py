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
from merge.campaign.campaign_files import PRINT_FOLDER
from merge.campaign.candidates import PrintCandidate, find_candidates
from merge.campaign.marking import MarkOrder, first_created_day
from merge.campaign.overview import CampaignOverview
from merge.campaign.pending_decisions import PendingDecision, letter_conflict, save_decisions
from merge.campaign.print_plan import PrintOrder, PrintPlan, check_print_order, plan_printing
from merge.campaign.print_run import PrintResult, PrintRun
from merge.campaign.task import Task
from merge.errors import StorageError, UsageError
from merge.page import opening
from merge.page.marking_session import MarkingSession, is_register_open, submit_marks
from merge.page.piles import BatchRow, PileLetter, Piles
from merge.page.routes.paper import find_day_fault, parse_day
from merge.page.routes.proofread import latest_summary
from merge.page.session import CampaignSession
from merge.page.web import readable_view, redirect_to
from merge.printing.envelopes import ENVELOPES
from merge.printing.labels import LABELS
from merge.printing.libreoffice import NO_LIBREOFFICE, find_libreoffice
from merge.problems import Problem

screen = Blueprint("printing", __name__, url_prefix="/c/<key>")

MAX_BATCHES = 20
"""Batches that are listed."""
_MAX_EXAMPLES = 5
"""Letters that are named of those that something is wrong with in the same way."""
_MAX_SHEETS = 5000


@dataclass(frozen=True)
class PrintTaskResult:
    """What an errand to print came to; `made` is None where something was to be settled first."""

    order: PrintOrder
    plan: PrintPlan
    print_result: PrintResult | None = None

    @property
    def problems(self) -> list[Problem]:
        """What is to be reported."""
        return [*self.plan.problems, *(self.print_result.problems if self.print_result else ())]

    @property
    def pages(self) -> int:
        """Number of pages that LibreOffice counted; 0 if it counted none."""
        found = (letter.pages for batch in self.plan.batches for letter in batch.letters)
        return sum(found) if self.plan.has_counted_pages else 0

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before its end."""
        return bool(self.print_result and self.print_result.stopped)

    @property
    def stays_until_dismissed(self) -> bool:
        """Whether it is to be come back to: its files are opened from it."""
        return bool(self.print_result and self.print_result.files)

    @property
    def has_errors(self) -> bool:
        """Whether something must be settled before anything is made."""
        return self.plan.has_errors


@dataclass(frozen=True, slots=True)
class _BlockedGroup:
    """What keeps letters from being printed, all in the same way; a few of them are shown.

    `questions` are those of them that can be answered here.
    """

    code: str
    letter_count: int
    examples: tuple[tuple[PileLetter, Problem, PendingDecision | None], ...]
    pending_decisions: tuple[PendingDecision, ...] = ()


@dataclass(frozen=True, slots=True)
class _PrintReadiness:
    """How far the letters are ready for paper, at the look of this number; no file is opened.

    `fresh` are in no batch yet or changed since, `waiting` in a batch and not marked as printed.
    """

    snapshot_number: int
    letter_count: int
    ready_count: int
    unprinted_count: int
    pending_count: int
    printed_count: int
    signer_count: int
    recipient_count: int
    blocked_groups: tuple[_BlockedGroup, ...]
    batches: tuple[BatchRow, ...]

    @property
    def blocked_count(self) -> int:
        """How many letters something must be settled of."""
        return sum(trouble.letter_count for trouble in self.blocked_groups)


@dataclass
class _PrintState:
    """What the screen keeps.

    `form` is what was chosen last, kept until all of it is made: for who stops, counts, or settles
    something first.
    """

    chosen_form: dict[str, str] = field(default_factory=dict)
    readiness: _PrintReadiness | None = None


@screen.get("/print")
def show(desk: CampaignSession) -> str:
    """Show letters onto paper."""
    return _screen(desk, {})


@screen.post("/print/make")
def make(desk: CampaignSession) -> Response | tuple[str, int]:
    """Make the files, or only count what would be in them."""
    form, view = request.form, readable_view(desk)
    try:
        order = _parse_order(form)
        if unclear := [*_ambiguous_names(view.campaign, order.names)]:
            return _screen(desk, form, unclear=unclear), 422
        check_print_order(view.campaign, order)
    except _InvalidNumberError:
        return _screen(desk, form, fault="wrong_number"), 422
    except UsageError as error:
        return _screen(desk, form, error.problems), 422
    only_count = form.get("do") == "count"
    desk.state(_PrintState).chosen_form = form.to_dict()

    def work(campaign: Campaign, errand: Task) -> PrintTaskResult:
        writer = find_libreoffice()
        if order.pdf and writer is None:
            raise StorageError(NO_LIBREOFFICE)
        plan = plan_printing(campaign, order, writer, errand)
        printed = PrintTaskResult(order, plan)
        if only_count or printed.has_errors:
            return printed
        run = PrintRun(
            campaign=campaign,
            order=order,
            plan=plan,
            writer=writer,
            task=errand,
        )
        made = run.create_files()
        printed = PrintTaskResult(order, run.plan, None if run.plan.has_errors else made)
        if printed.print_result and not printed.stopped:
            desk.state(_PrintState).chosen_form = {}
        return printed

    desk.submit_with_campaign("count" if only_count else "print", work)
    return redirect_to("printing.show")


@screen.post("/print/as-it-is")
def as_it_is(desk: CampaignSession) -> Response:
    """Remember that letters are printed as they are, though their data changed."""
    _store_choices(desk)
    questions = {one.about: one for one in _printable_conflicts(readable_view(desk))}
    chosen = request.form.getlist("letter") or [*questions]
    if not (chosen and questions.keys() >= {*chosen}):
        raise NotFound
    decisions = [questions[letter_id].decide("print") for letter_id in chosen]
    desk.submit_with_campaign(
        "settle", lambda campaign, _: len(save_decisions(campaign, decisions)), wait=5
    )
    if (outcome := desk.task_result) and outcome.name == "settle" and outcome.result == 0:
        desk.dismiss()
    return redirect_to("printing.show")


@screen.post("/print/printed")
def printed(desk: CampaignSession) -> Response | tuple[str, int]:
    """Mark the letters of batches as printed; those that changed since stay as they are."""
    _store_choices(desk)
    view, form, day = readable_view(desk), request.form, parse_day()
    piles = Piles(view)
    batches = form.getlist("batch")
    letters = [one for key in batches for one in piles.unchanged_pending_letters(key)]
    if not batches or not all(piles.letters_in_batch(key) for key in batches):
        raise NotFound
    if fault := find_day_fault(view, day):
        return _screen(desk, {}, fault=fault), 422
    if letters:
        submit_marks(desk, MarkOrder("Printed", day, letters=tuple(letters), any_day=True))
    return redirect_to("printing.show")


@screen.post("/print/file/<int:number>")
def open_file(desk: CampaignSession, number: int) -> Response:
    """Open one of the files that were just made, in its own program."""
    made = _created_files(desk)
    if made is None or number >= len(made.files):
        raise NotFound
    opening.open_file(made.folder / made.files[number], desk.folder)
    return redirect_to("printing.show")


@screen.post("/print/folder")
def folder(desk: CampaignSession) -> Response:
    """Show the folder of the files that were just made, else that of all batches."""
    made = _created_files(desk)
    there = made.folder if made and made.files else desk.folder / PRINT_FOLDER
    opening.show_in_folder(there, desk.folder)
    return redirect_to("printing.show")


def _store_choices(desk: CampaignSession) -> None:
    """Keep what is chosen in the form for the files, if it came along with another form."""
    if chosen := dict(parse_qsl(request.form.get("order", ""), keep_blank_values=True)):
        desk.state(_PrintState).chosen_form = chosen


def _created_files(desk: CampaignSession) -> PrintResult | None:
    """Return the files that were just made, as long as they are told of."""
    outcome = desk.task_result
    return (
        outcome.result.print_result
        if outcome and isinstance(outcome.result, PrintTaskResult)
        else None
    )


# The order, as the form says it.


class _InvalidNumberError(Exception):
    """A number that was typed is none, or none that can be."""


def _parse_order(form: Mapping[str, str]) -> PrintOrder:
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
        sheets=_parse_number(form, "sheets", 200, _MAX_SHEETS),
        covers="covers" in form,
        with_letters="without_letters" not in form,
        two_sided=sides.get(form.get("sides", "")),
        pdf="pdf" in form,
        envelopes=form.get("envelopes", "") if form.get("envelopes") in ENVELOPES else "",
        labels=labels if labels in LABELS else "",
        start=_parse_number(form, "start", 1, LABELS[labels].count) if labels in LABELS else 1,
        parcels="parcels" in form,
        return_to_signer="return_to_signer" in form,
    )


_GROUPINGS: Mapping[str, Any] = {"one-file": "one-file", "per-signer": "per-signer"}


def _ambiguous_names(campaign: Campaign, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield names that are nobody's or several people's, each with the code of what is wrong."""
    for name in names:
        try:
            campaign.select_people((name,))
        except UsageError as error:
            yield name, error.problems[0].code


def _parse_number(form: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = form.get(name, "").strip() or str(usual)
    number = int(text) if text.isdecimal() and len(text) < len(str(most)) + 1 else 0
    if 1 <= number <= most:
        return number
    raise _InvalidNumberError


# What is shown.


def _screen(
    desk: CampaignSession,
    form: Mapping[str, str],
    problems: Iterable[Problem] = (),
    unclear: Iterable[tuple[str, str]] = (),
    fault: str = "",
) -> str:
    kept = desk.state(_PrintState)
    sight, ready, today = desk.snapshot, None, dt.datetime.now().astimezone().date()
    if sight.view is not None and not sight.view.survey_error and not sight.view.campaign.closed_on:
        ready = kept.readiness
        if ready is None or ready.snapshot_number != sight.number:
            ready = kept.readiness = _readiness(sight.view, sight.number)
    return render_template(
        "printing.html",
        seen=sight,
        ready=ready,
        proofread=latest_summary(desk),
        form=form or kept.chosen_form,
        wrong=[*problems],
        unclear=[*unclear],
        wrong_day=fault == "wrong_day",
        early_day=fault == "early_day",
        first_day=first_created_day(sight.view.letters if sight.view else (), today),
        wrong_number=fault == "wrong_number",
        sitting=desk.state(MarkingSession),
        is_open=is_register_open(desk.folder),
        has_writer=find_libreoffice() is not None,
        most_batches=MAX_BATCHES,
        envelopes=[*ENVELOPES.values()],
        labels=[*LABELS.values()],
        today=today.isoformat(),
    )


def _readiness(view: CampaignOverview, number: int) -> _PrintReadiness:
    piles = Piles(view)
    found = find_candidates(view, open_files=False)
    asked = found.not_yet_at("Printed")
    ready = [one for one in asked if not one.problems]
    waiting = [one for one in ready if _is_pending_unchanged(piles, one)]
    return _PrintReadiness(
        snapshot_number=number,
        letter_count=len(found.candidates),
        ready_count=len(ready),
        unprinted_count=len(ready) - len(waiting),
        pending_count=len(waiting),
        printed_count=len(found.candidates) - len(asked),
        signer_count=len({one.pair.signer.key for one in ready}),
        recipient_count=len({one.pair.recipient.key for one in ready}),
        blocked_groups=tuple(_blocked_groups(view, piles, asked)),
        batches=tuple(piles.batch_rows()),
    )


def _is_pending_unchanged(piles: Piles, one: PrintCandidate) -> bool:
    """Return whether a letter is in a batch as it is now."""
    planned = piles.plans[one.id]
    return piles.is_pending(planned, "Printed") and not piles.has_changed(planned)


def _printable_conflicts(view: CampaignOverview) -> Iterator[PendingDecision]:
    """Yield what can be answered here: letters that stayed as they were when their data changed."""
    found = (None if planned.stages else letter_conflict(planned) for planned in view.letters)
    yield from filter(None, found)


def _blocked_groups(
    view: CampaignOverview, piles: Piles, asked: Iterable[PrintCandidate]
) -> Iterator[_BlockedGroup]:
    """Yield what is to be settled first, those that the data is wrong of in one."""
    by_code: dict[str, list[PrintCandidate]] = {}
    for one in asked:
        if one.problems:
            code = one.problems[0].code
            known = code.startswith("print-") and one.id not in view.blocked_letters
            by_code.setdefault(code if known else "faulty", []).append(one)
    questions = {one.about: one for one in _printable_conflicts(view)}
    for code, those in by_code.items():
        few = tuple(
            (piles.pile_letter(one.id), one.problems[0], questions.get(one.id))
            for one in those[:_MAX_EXAMPLES]
        )
        answers = [questions[one.id] for one in those if one.id in questions]
        yield _BlockedGroup(
            code, len(those), few, tuple(answers) if code == "print-changed" else ()
        )
