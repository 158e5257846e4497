"""Print screen: print files of letters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import PRINT_FOLDER
from merge.campaign.candidates import PrintCandidate
from merge.campaign.marking import MarkOrder, first_created_day
from merge.campaign.overview import CampaignOverview
from merge.campaign.pending_decisions import PendingDecision, letter_conflict, save_decisions
from merge.campaign.print_plan import PrintOrder, PrintPlan, check_print_order, plan_printing
from merge.campaign.print_run import PrintResult, PrintRun
from merge.campaign.task import Task
from merge.errors import StorageError, UsageError
from merge.page import opening
from merge.page.layout_state import layout_state, start_layout_check
from merge.page.marking_session import MarkingSession, is_register_open, submit_marks
from merge.page.pile_picture import PilePicture, counted_pages, make_picture
from merge.page.piles import BatchRow, PileLetter, Piles
from merge.page.routes.paper import find_day_fault, parse_day
from merge.page.routes.proofread import latest_summary
from merge.page.session import CampaignSession
from merge.page.web import readable_view, redirect_to
from merge.printing.envelopes import ENVELOPES
from merge.printing.labels import LABELS
from merge.printing.libreoffice import NO_LIBREOFFICE, LibreOffice, find_libreoffice
from merge.problems import Problem

screen = Blueprint("printing", __name__, url_prefix="/c/<key>")

MAX_BATCHES = 20
"""Print files that are listed."""
_MAX_EXAMPLES = 5
"""Letters that are named of those with the same problem."""
_MAX_SHEETS = 5000
_USUAL = PrintOrder()
_MORE_OPTIONS = (
    *("names", "unsigned", "grouping", "sheets", "with_letters", "pdf", "start", "parcels"),
    "return_to_signer",
)
"""The fields of an order that are under More options."""


@dataclass(frozen=True)
class PrintTaskResult:
    """Result of a print task.

    `print_result` is None if nothing was created, because there were errors or pages were only
    counted.
    """

    order: PrintOrder
    plan: PrintPlan
    print_result: PrintResult | None = None

    @property
    def problems(self) -> list[Problem]:
        """The problems that printing reported."""
        return [*self.plan.problems, *(self.print_result.problems if self.print_result else ())]

    @property
    def pages(self) -> int:
        """Number of pages that LibreOffice counted; 0 if it did not count."""
        page_counts = (letter.pages for batch in self.plan.batches for letter in batch.letters)
        return sum(page_counts) if self.plan.has_counted_pages else 0

    @property
    def stopped(self) -> bool:
        """Whether the printing task was stopped before its end."""
        return bool(self.print_result and self.print_result.stopped)

    @property
    def stays_until_dismissed(self) -> bool:
        """Whether the result is shown again later, since files open from it."""
        return bool(self.print_result and self.print_result.files)

    @property
    def has_errors(self) -> bool:
        """Whether errors prevent every print file."""
        return self.plan.has_errors


@dataclass(frozen=True, slots=True)
class _BlockedGroup:
    """Letters that cannot be printed for the same reason, with examples.

    `pending_decisions` are those of them that staff can make here.
    """

    code: str
    letter_count: int
    examples: tuple[tuple[PileLetter, Problem, PendingDecision | None], ...]
    pending_decisions: tuple[PendingDecision, ...] = ()


@dataclass(frozen=True, slots=True)
class _PrintReadiness:
    """Numbers of letters that are ready to print, as of one snapshot.

    No file is opened for it. `unprinted_count` are in no print file yet, or changed since.
    `pending_count` are in a print file, but not marked as printed.
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
    undecided_count: int
    """Number of letters in print files about which staff must decide."""
    batches: tuple[BatchRow, ...]

    @property
    def waiting_batches(self) -> Sequence[BatchRow]:
        """The print files with letters that can be marked as printed."""
        return [batch for batch in self.batches if batch.unchanged_count]

    @property
    def blocked_count(self) -> int:
        """Number of letters that cannot be printed."""
        return sum(trouble.letter_count for trouble in self.blocked_groups)


@dataclass
class _PrintState:
    """State of the Print screen.

    `chosen_form` is the latest form. `has_opened`: one of the print files was opened since they
    were created.
    """

    chosen_form: dict[str, str] = field(default_factory=dict)
    readiness: _PrintReadiness | None = None
    has_opened: bool = False

    def without_people(self) -> _PrintState:
        """Return the state with all choices except the names of people."""
        return _PrintState({k: v for k, v in self.chosen_form.items() if k != "names"})


@screen.get("/print")
def show(session: CampaignSession) -> str:
    """Show the Print screen: options, letters to print and their problems."""
    return _screen(session, {})


@screen.post("/print/choices")
def choose(session: CampaignSession) -> Response:
    """Keep what is chosen in the form, so that the picture shows it."""
    session.state(_PrintState).chosen_form = request.form.to_dict()
    return Response(status=204)


@screen.post("/print/layout")
def check(session: CampaignSession) -> Response:
    """Check the layout of letters in the background, if nothing is running."""
    start_layout_check(session, readable_view(session))
    return Response(status=204)


@screen.post("/print/make")
def make(session: CampaignSession) -> Response | tuple[str, int]:
    """Create the print files, or only count their letters and pages."""
    form, view, state = request.form, readable_view(session), session.state(_PrintState)
    state.chosen_form = form.to_dict()
    try:
        order = _parse_order(form)
        if ambiguous := [*_ambiguous_names(view.campaign, order.names)]:
            return _screen(session, form, ambiguous=ambiguous), 422
        check_print_order(view.campaign, order)
    except _InvalidNumberError:
        return _screen(session, form, fault="wrong_number"), 422
    except UsageError as error:
        return _screen(session, form, error.problems), 422
    only_count = form.get("do") == "count"

    def work(campaign: Campaign, task: Task) -> PrintTaskResult:
        writer = find_libreoffice()
        if order.pdf and writer is None:
            raise StorageError(NO_LIBREOFFICE)
        task.expect_steps(*_expected_steps(order, writer, only_count=only_count))
        plan = plan_printing(campaign, order, writer, task)
        layout_state(session).counted |= counted_pages(plan)
        printed = PrintTaskResult(order, plan)
        if only_count or printed.has_errors:
            return printed
        run = PrintRun(
            campaign=campaign,
            order=order,
            plan=plan,
            writer=writer,
            task=task,
        )
        print_result = run.create_files()
        printed = PrintTaskResult(order, run.plan, None if run.plan.has_errors else print_result)
        if printed.print_result and not printed.stopped:
            state.chosen_form["since_last"] = "on"
        state.has_opened = False
        return printed

    session.submit_with_campaign("count" if only_count else "print", work)
    return redirect_to("printing.show")


def _expected_steps(
    order: PrintOrder, writer: LibreOffice | None, *, only_count: bool
) -> Iterator[str]:
    """Yield the steps of a print task."""
    yield "Letters read"
    if writer and order.with_letters:
        yield "Counting pages"
    if only_count:
        return
    if order.with_letters:
        yield "Letters in print files"
    if order.with_letters:
        yield "Letters checked"


@screen.post("/print/as-it-is")
def as_it_is(session: CampaignSession) -> Response:
    """Accept letters to be printed as is, although their data has changed."""
    _store_choices(session)
    by_letter = {
        decision.about: decision for decision in _printable_conflicts(readable_view(session))
    }
    letter_ids = request.form.getlist("letter") or [*by_letter]
    if not (letter_ids and by_letter.keys() >= {*letter_ids}):
        raise NotFound
    decisions = [by_letter[letter_id].decide("print") for letter_id in letter_ids]
    session.submit_with_campaign(
        "settle", lambda campaign, _: len(save_decisions(campaign, decisions)), wait=5
    )
    if (
        (task_result := session.task_result)
        and task_result.name == "settle"
        and task_result.result == 0
    ):
        session.dismiss()
    return redirect_to("printing.show")


@screen.post("/print/printed")
def printed(session: CampaignSession) -> Response | tuple[str, int]:
    """Mark unchanged letters in print files as printed."""
    _store_choices(session)
    view, form, day = readable_view(session), request.form, parse_day()
    piles = Piles(view)
    batches = form.getlist("batch")
    letters = [letter_id for key in batches for letter_id in piles.unchanged_pending_letters(key)]
    if not batches or not all(piles.letters_in_batch(key) for key in batches):
        raise NotFound
    if fault := find_day_fault(view, day):
        return _screen(session, {}, fault=fault), 422
    if letters:
        submit_marks(session, MarkOrder("Printed", day, letters=tuple(letters), any_day=True))
    return redirect_to("printing.show")


@screen.post("/print/file/<int:number>")
def open_file(session: CampaignSession, number: int) -> Response:
    """Open a print file that was just created, by its number."""
    created_files = _created_files(session)
    if created_files is None or number >= len(created_files.files):
        raise NotFound
    opening.open_file(created_files.folder / created_files.files[number], session.folder)
    session.state(_PrintState).has_opened = True
    return redirect_to("printing.show")


@screen.post("/print/folder")
def folder(session: CampaignSession) -> Response:
    """Show the folder of the print files that were just created, or of all."""
    created_files = _created_files(session)
    shown_folder = (
        created_files.folder
        if created_files and created_files.files
        else session.folder / PRINT_FOLDER
    )
    opening.show_in_folder(shown_folder, session.folder)
    return redirect_to("printing.show")


def _store_choices(session: CampaignSession) -> None:
    """Store the choices for print files, if another form sent them."""
    if choices := dict(parse_qsl(request.form.get("order", ""), keep_blank_values=True)):
        session.state(_PrintState).chosen_form = choices


def _created_files(session: CampaignSession) -> PrintResult | None:
    """Return the print files just created, while the screen lists them."""
    task_result = session.task_result
    return (
        task_result.result.print_result
        if task_result and isinstance(task_result.result, PrintTaskResult)
        else None
    )


# The order in the form


class _InvalidNumberError(Exception):
    """A typed number is not a number or out of range."""


def _parse_order(form: Mapping[str, str]) -> PrintOrder:
    """Return the print order that the form describes.

    Raise _InvalidNumberError if a number is invalid.
    """
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
        sheets=_parse_number(form, "sheets", _USUAL.sheets, _MAX_SHEETS),
        covers={"all": True, "none": False}.get(form.get("covers", "")),
        with_letters="without_letters" not in form,
        two_sided=sides.get(form.get("sides", "")),
        pdf="pdf" in form,
        envelopes=form.get("envelopes", "") if form.get("envelopes") in ENVELOPES else "",
        labels=labels if labels in LABELS else "",
        start=_parse_number(form, "start", _USUAL.start, LABELS[labels].count)
        if labels in LABELS
        else _USUAL.start,
        parcels="parcels" in form,
        return_to_signer="return_to_signer" in form,
    )


_GROUPINGS: Mapping[str, Any] = {"one-file": "one-file", "per-signer": "per-signer"}


def _ambiguous_names(campaign: Campaign, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield typed names that match no person or several, with message codes."""
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


# The screen


def _screen(
    session: CampaignSession,
    form: Mapping[str, str],
    problems: Iterable[Problem] = (),
    ambiguous: Iterable[tuple[str, str]] = (),
    fault: str = "",
) -> str:
    state = session.state(_PrintState)
    created_files = _created_files(session)
    snapshot, readiness, today = session.snapshot, None, dt.datetime.now().astimezone().date()
    if (
        snapshot.view is not None
        and not snapshot.view.survey_error
        and not snapshot.view.campaign.closed_on
    ):
        readiness = state.readiness
        if readiness is None or readiness.snapshot_number != snapshot.number:
            readiness = state.readiness = _readiness(snapshot.view, snapshot.number)
    return render_template(
        "printing.html",
        snapshot=snapshot,
        ready=readiness,
        proofread=latest_summary(session),
        form=form or state.chosen_form,
        picture=_picture(session, form or state.chosen_form) if readiness else None,
        layout=layout_state(session),
        has_more_chosen=_has_more_chosen(form or state.chosen_form),
        created_batches=_created_batches(readiness, session) if created_files else (),
        primary=_primary_button(readiness, created_files, state),
        wrong=[*problems],
        ambiguous=[*ambiguous],
        wrong_day=fault == "wrong_day",
        early_day=fault == "early_day",
        first_day=first_created_day(snapshot.view.letters if snapshot.view else (), today),
        wrong_number=fault == "wrong_number",
        marking_session=session.state(MarkingSession),
        is_open=is_register_open(session.folder),
        has_writer=find_libreoffice() is not None,
        most_batches=MAX_BATCHES,
        usual=_USUAL,
        most_sheets=_MAX_SHEETS,
        envelopes=[*ENVELOPES.values()],
        labels=[*LABELS.values()],
        today=today.isoformat(),
    )


def _created_batches(
    readiness: _PrintReadiness | None, session: CampaignSession
) -> Sequence[BatchRow]:
    """Return the unmarked print files if all of them were just created."""
    result = session.task_result.result if session.task_result else None
    if not (readiness and isinstance(result, PrintTaskResult) and result.order.with_letters):
        return ()
    return waiting if len(waiting := readiness.waiting_batches) == len(result.plan.batches) else ()


def _primary_button(
    readiness: _PrintReadiness | None, created: PrintResult | None, state: _PrintState
) -> str:
    """Return which button is the next one to press: open, mark or create."""
    if created and created.files and not state.has_opened:
        return "open"
    if readiness is None:
        return ""
    if readiness.waiting_batches and (created or not readiness.unprinted_count):
        return "mark"
    is_stuck = readiness.blocked_groups and not readiness.pending_count
    return "create" if readiness.unprinted_count or is_stuck else ""


def _has_more_chosen(form: Mapping[str, str]) -> bool:
    """Return whether something is chosen under More options."""
    try:
        order = _parse_order(form)
    except _InvalidNumberError:
        return True
    return any(getattr(order, name) != getattr(_USUAL, name) for name in _MORE_OPTIONS)


def _picture(session: CampaignSession, form: Mapping[str, str]) -> PilePicture | None:
    """Return the numbers of what is chosen; None if something is invalid."""
    view, readiness = session.snapshot.view, session.state(_PrintState).readiness
    usual = {"since_last": "on"} if readiness and readiness.pending_count else {}
    if view is None:
        return None
    try:
        return make_picture(view, _parse_order(form or usual), layout_state(session).counted)
    except (_InvalidNumberError, UsageError):
        return None


def _readiness(view: CampaignOverview, number: int) -> _PrintReadiness:
    piles = Piles(view)
    candidates = view.print_candidates(open_files=False)
    not_printed = candidates.not_yet_at("Printed")
    ready = [candidate for candidate in not_printed if not candidate.problems]
    undecided = [each for each in not_printed if _is_undecided(each)]
    pending = [candidate for candidate in ready if _is_pending_unchanged(piles, candidate)]
    return _PrintReadiness(
        snapshot_number=number,
        letter_count=len(candidates.candidates),
        ready_count=len(ready),
        unprinted_count=len(ready) - len(pending),
        pending_count=len(pending),
        printed_count=len(candidates.candidates) - len(not_printed),
        signer_count=len({candidate.pair.signer.key for candidate in ready}),
        recipient_count=len({candidate.pair.recipient.key for candidate in ready}),
        blocked_groups=tuple(_blocked_groups(view, piles, not_printed)),
        undecided_count=len(undecided),
        batches=tuple(piles.batch_rows()),
    )


def _is_undecided(candidate: PrintCandidate) -> bool:
    """Return whether a letter in a print file waits for a decision."""
    return any(problem.code == "in-print-file" for problem in candidate.problems)


def _is_pending_unchanged(piles: Piles, candidate: PrintCandidate) -> bool:
    """Return whether a letter waits in a print file, unchanged since then."""
    planned = piles.plans[candidate.id]
    return piles.is_pending(planned, "Printed") and not piles.has_changed(planned)


def _printable_conflicts(view: CampaignOverview) -> Iterator[PendingDecision]:
    """Yield conflicts that the Print screen shows: kept letters, changed data."""
    decisions = (None if planned.stages else letter_conflict(planned) for planned in view.letters)
    yield from (decision for decision in decisions if decision and "print" in decision.choices)


def _blocked_groups(
    view: CampaignOverview, piles: Piles, candidates: Iterable[PrintCandidate]
) -> Iterator[_BlockedGroup]:
    """Yield the letters that cannot be printed, grouped by reason.

    Errors in the data are one group.
    """
    by_code: dict[str, list[PrintCandidate]] = {}
    for candidate in candidates:
        if candidate.problems and not _is_undecided(candidate):
            code = candidate.problems[0].code
            is_own_reason = code.startswith("print-") and candidate.id not in view.blocked_letters
            by_code.setdefault(code if is_own_reason else "faulty", []).append(candidate)
    decisions = {candidate.about: candidate for candidate in _printable_conflicts(view)}
    for code, members in by_code.items():
        examples = tuple(
            (piles.pile_letter(candidate.id), candidate.problems[0], decisions.get(candidate.id))
            for candidate in members[:_MAX_EXAMPLES]
        )
        offered = [decisions[candidate.id] for candidate in members if candidate.id in decisions]
        yield _BlockedGroup(
            code, len(members), examples, tuple(offered) if code == "print-changed" else ()
        )
