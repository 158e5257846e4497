"""Sign and post: letters marked as printed, signed, posted, answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from merge.campaign.marking import MarkOrder, first_created_day, is_one_line
from merge.campaign.overview import CampaignOverview
from merge.page import opening
from merge.page.marking_session import (
    MarkingNotice,
    MarkingResult,
    MarkingSession,
    is_register_open,
    submit_marks,
)
from merge.page.piles import (
    PendingGroup,
    PileLetter,
    Piles,
    ids_starting_with,
    match_typed_ids,
    split_typed_ids,
)
from merge.page.session import BusyError, CampaignSession
from merge.page.web import readable_view, redirect_back, redirect_to
from merge.product import REGISTER_FILE
from merge.register.layouts import FIRST_DAY, STAGES

screen = Blueprint("paper", __name__, url_prefix="/c/<key>")

MAX_ROWS = 100
"""Letters that are shown at once."""
MAX_GROUPS = 40
"""Piles that are named in the list of what waits."""
_MAX_SIGNERS = 3
"""Signers who are named in what was marked."""
_MAX_LISTED = 12
"""Marks of the sitting that are listed, letters that an id may be of, people of a name."""
_HEX_DIGITS = frozenset("0123456789abcdef")
_FEWEST_NAME_LETTERS = 2
"""Letters of a name that is typed in the place of a short id."""
_MAX_NAMED = 300
"""People whose names are offered while one is typed."""


@dataclass(frozen=True)
class _Pile:
    """The letters on the table: whose they are, or which batch; a page of them as rows."""

    name: str
    letters: Sequence[str]
    rows: Sequence[PileLetter]
    start: int
    pending_count: int
    marked_count: int
    """How many of those shown have the stage."""


@screen.get("/paper")
def show(desk: CampaignSession) -> str:
    """Show letters marked as printed, signed, posted, answered."""
    return _screen(desk)


@screen.post("/paper/typed")
def typed(desk: CampaignSession) -> Response | tuple[str, int]:
    """Mark the letters whose short ids were typed or scanned, or only show them."""
    view, text = readable_view(desk), request.form.get("ids", "")
    stage, day = _stage(), parse_day()
    piles, sitting = Piles(view), desk.state(MarkingSession)
    found, asked = match_typed_ids(split_typed_ids(text), piles.plans.keys())
    if people := _find_typed_people(piles, text):
        sitting.ambiguous_ids, sitting.notice, sitting.unknown_name = (), None, ""
        where = "pile" if len(people) == 1 else "waits"
        return redirect_to("paper.show", stage=stage, person=people[:_MAX_LISTED], _anchor=where)
    if fault := find_day_fault(view, day):
        return _screen(desk, kept=text, fault=fault), 422
    if request.form.get("do") == "show":
        sitting.ambiguous_ids, sitting.notice = tuple(asked), None
        return redirect_to("paper.show", stage=stage, letter=found[:MAX_ROWS])
    if found:
        try:
            order = MarkOrder(stage, day, letters=tuple(found), any_day=True)
            submit_marks(desk, order, one_by_one=True)
        except BusyError:
            return _screen(desk, kept=text, fault="is_busy"), 409
    sitting.ambiguous_ids = tuple(asked)
    sitting.notice = _take_notice(desk, found) if found else None
    return redirect_to("paper.show", stage=stage, **_day_argument())


@screen.post("/paper/mark")
def mark_pile(desk: CampaignSession) -> Response | tuple[str, int]:
    """Mark letters that were ticked, or all of a pile that wait; or take their marks back.

    If nothing comes of it, the pile is shown with the ticks and the fields as they were sent.
    """
    view, stage, day = readable_view(desk), _stage(), parse_day()
    piles, what, ticked = Piles(view), request.form.get("do", ""), request.form.getlist("letter")
    tracking = request.form.get("tracking", "").strip() if stage == "Posted" else ""
    fault = "" if what == "undo" else find_day_fault(view, day)
    fault = fault if is_one_line(tracking) else "odd_tracking"
    if fault:
        return _screen(desk, fault=fault), 422
    there, sitting = _pile_arguments(piles), desk.state(MarkingSession)
    if what == "all":
        ticked = [i for i in _requested_letters(piles) if piles.is_pending(piles.plans[i], stage)]
    if not ticked:
        return _screen(desk, fault="nothing_ticked"), 422
    if not piles.plans.keys() >= {*ticked}:
        raise NotFound
    order = MarkOrder(stage, day, letters=tuple(ticked), tracking=tracking, any_day=True)
    if what == "undo":
        order = MarkOrder(stage, None, letters=tuple(ticked), undo=True)
    try:
        submit_marks(desk, order)
    except BusyError:
        return _screen(desk, fault="is_busy"), 409
    sitting.ambiguous_ids, sitting.notice = (), _take_notice(desk, pile=_pile_key(there))
    if sitting.notice and not sitting.notice.marking:
        return _screen(desk), 409
    return redirect_to("paper.show", stage=stage, **there)


@screen.post("/paper/undo")
def undo(desk: CampaignSession) -> Response:
    """Take the last mark of this sitting back, if it is still the one that was seen as the last."""
    sitting, stage = desk.state(MarkingSession), request.form.get("stage", "")
    marks, told = sitting.marks, None
    if marks and request.form.get("number") == str(len(marks)):
        submit_marks(desk, replace(marks[-1], undo=True))
        told = _take_notice(desk) if stage in STAGES else None
    sitting.ambiguous_ids, sitting.notice = (), told
    if stage not in STAGES:
        return redirect_back()
    return redirect_to("paper.show", stage=stage)


@screen.post("/paper/find")
def find(desk: CampaignSession) -> Response:
    """Find the letters of a person whose name or ID was typed; several are shown to choose from."""
    name, sitting = request.form.get("name", "").strip(), desk.state(MarkingSession)
    people = Piles(readable_view(desk)).find_people(name)
    sitting.unknown_name = "" if people else name
    return redirect_to("paper.show", stage=_stage(), person=people[:_MAX_LISTED])


def _find_typed_people(piles: Piles, text: str) -> list[str]:
    """Return those who are called what was typed in the place of a short id."""
    pieces = split_typed_ids(text)
    is_name = sum(character.isalpha() for character in text) >= _FEWEST_NAME_LETTERS
    is_name = is_name and not set("".join(pieces)) <= _HEX_DIGITS
    if not is_name or any(any(ids_starting_with(one, piles.plans.keys())) for one in pieces):
        return []
    return piles.find_people(text)


@screen.post("/paper/register")
def open_register(desk: CampaignSession) -> Response:
    """Open the register in its own program."""
    opening.open_file(desk.folder / REGISTER_FILE, desk.folder)
    return redirect_back()


# What is asked for, and what is shown.


def _stage() -> str:
    stage = request.values.get("stage", "")
    if stage not in STAGES:
        raise NotFound
    return stage


def parse_day() -> dt.date | None:
    """Return the day that was typed, today if none was; None if it is none, or to come."""
    today, text = _today(), request.form.get("day", "").strip()
    if not text or request.form.get("do") == "today":
        return today
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= today else None


def find_day_fault(view: CampaignOverview, day: dt.date | None) -> str:
    """Return why a day is not taken: it is none, or before the first letter; empty if it is."""
    if day is None:
        return "wrong_day"
    is_early = day < first_created_day(view.letters, _today()) and "any_day" not in request.form
    return "early_day" if is_early else ""


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()


def _day_argument() -> dict[str, str]:
    day = request.form.get("day", "").strip()
    return {"day": day} if day else {}


def _take_notice(
    desk: CampaignSession, typed: Sequence[str] = (), *, pile: str = ""
) -> MarkingNotice | None:
    """Take the outcome of marking, to tell it where the person is; None where there is none yet."""
    outcome = desk.task_result
    if not (outcome and outcome.name == "mark" and not outcome.fault):
        return None
    marked = outcome.result if isinstance(outcome.result, MarkingResult) else None
    if not (marked or outcome.problems):
        return None
    desk.dismiss()
    return MarkingNotice(marked, tuple(outcome.problems), typed, pile)


def _requested_letters(piles: Piles) -> list[str]:
    """Return the letters that are asked for; the address has their ids, or hashes."""
    people, letters = request.values.getlist("person"), _shown_letters()
    if batch := request.values.get("batch", ""):
        return piles.letters_in_batch(batch)
    if len(people) == 1:
        return piles.letters_of_person(people[0])
    return [letter_id for letter_id in dict.fromkeys(letters) if letter_id in piles.plans]


def _shown_letters() -> list[str]:
    """Return the letters on the table that are neither a person's nor a batch's."""
    return request.form.getlist("shown") or request.values.getlist("letter")


def _pile_arguments(piles: Piles) -> dict[str, Any]:
    """Return the pile of a form that was sent, for the address of the screen to be seen next."""
    there = {name: request.form[name] for name in ("person", "batch") if name in request.form}
    if there:
        return {**there, "start": request.form.get("start", "0")}
    return {"letter": [i for i in request.form.getlist("shown") if i in piles.plans]}


def _pile_key(there: Mapping[str, Any]) -> str:
    """Return what tells a pile from others: its person or batch, or its letters."""
    return str(there.get("batch") or there.get("person") or " ".join(there.get("letter", ())))


def _default_stage(view: CampaignOverview, piles: Piles) -> str:
    """Return the stage that is due next."""
    if view.next_step.kind == "mark":
        return view.next_step.stage
    return next((stage for stage in STAGES if piles.count_pending(stage)), "Signed")


def _screen(desk: CampaignSession, kept: str = "", fault: str = "") -> str:
    """`fault` is why nothing was marked.

    What was sent of the pile on the table is shown as it was sent: what was ticked and unticked,
    the tracking number, the day.
    """
    view, sitting = desk.snapshot.view, desk.state(MarkingSession)
    facts: dict[str, Any] = {
        "seen": desk.snapshot,
        "kept": kept,
        "fault": fault,
        "sent": request.form if request.endpoint == "paper.mark_pile" else None,
        "sitting": sitting,
        "is_open": is_register_open(desk.folder),
        "has_register": (desk.folder / REGISTER_FILE).exists(),
        "today": _today().isoformat(),
        "stages": STAGES,
        "max_rows": MAX_ROWS,
        "piles": None,
        "first_day": first_created_day(view.letters if view else (), _today()),
    }
    if view is not None and not view.survey_error:
        facts |= _stage_context(view, Piles(view), sitting.ambiguous_ids)
        facts["last"] = [*_latest_marks(facts["piles"], desk)]
        facts |= _notice_context(facts["piles"], sitting.notice, request.values.get("stage", ""))
    return render_template("paper.html", **facts)


def _stage_context(view: CampaignOverview, piles: Piles, asked: Iterable[str]) -> dict[str, Any]:
    stage = request.values.get("stage", "") or _default_stage(view, piles)
    if stage not in STAGES:
        raise NotFound
    people = request.values.getlist("person")
    heaps, names = piles.pending_groups(stage), piles.people_names()
    return {
        "piles": piles,
        "stage": stage,
        "day": request.values.get("day", ""),
        "waiting": {each: piles.count_pending(each) for each in STAGES},
        "heaps": heaps[:MAX_GROUPS],
        "more_heaps": max(0, len(heaps) - MAX_GROUPS),
        "names": names if len(names) <= _MAX_NAMED else (),
        "pile": _requested_pile(piles, stage),
        "choices": [PendingGroup(key, piles.display_name(key), 0) for key in people]
        if people[1:]
        else (),
        "asked": {piece: _possible_letters(piles, piece, stage) for piece in asked},
    }


def _requested_pile(piles: Piles, stage: str) -> _Pile | None:
    values = request.values
    people, batch = values.getlist("person"), values.get("batch", "")
    key = batch or (people[0] if len(people) == 1 else "")
    if not key and not _shown_letters():
        return None
    name = piles.display_name(key) if key else ""
    if key and not name:
        raise NotFound
    letters = _requested_letters(piles)
    start = values.get("start", 0, int)
    start = start if 0 <= start < len(letters) else 0
    rows = [piles.pile_letter(letter_id, stage) for letter_id in letters[start : start + MAX_ROWS]]
    due = sum(piles.is_pending(piles.plans[letter_id], stage) for letter_id in letters)
    taken = sum(stage in row.stages for row in rows)
    return _Pile(
        name=name,
        letters=letters,
        rows=rows,
        start=start,
        pending_count=due,
        marked_count=taken,
    )


def _possible_letters(piles: Piles, piece: str, stage: str) -> list[PileLetter]:
    """Return the letters that an id may be of that was typed and is no single letter's."""
    alike = [*ids_starting_with(piece, piles.plans.keys())]
    return [piles.pile_letter(letter_id, stage) for letter_id in alike[:_MAX_LISTED]]


def _notice_context(piles: Piles, told: MarkingNotice | None, stage: str) -> dict[str, Any]:
    """Return what came of the last thing done: the letter where it is one, those marked before.

    That a day stays is told once: of letters that were marked before, with that day. A mark is not
    told where another stage was chosen.
    """
    done = told.marking.order if told and told.marking else None
    if told is None or (done and not done.undo and stage not in {"", done.stage}):
        return {"told": None, "is_told_at_pile": False}
    one = told.letters[0] if len(told.letters) == 1 else ""
    row = piles.pile_letter(one) if one in piles.plans else None
    here = _pile_key({**request.values, "letter": _shown_letters()})
    facts: dict[str, Any] = {"told": told, "told_row": row}
    facts["told_signers"] = _signer_names(piles, told.letters)
    facts["is_told_at_pile"] = bool(told.pile_key) and told.pile_key == here
    order = told.marking.order if told.marking else None
    if order is None or order.undo:
        return facts | {"before": (), "told_problems": told.problems}
    left = [i for i in told.typed_letters if i not in told.letters and i in piles.plans]
    rows = [row for row in map(piles.pile_letter, left) if order.stage in row.stages]
    dated = [row for row in rows if isinstance(row.stages[order.stage], dt.date)]
    is_all = told.typed_letters and len(dated) == len(left)
    problems = [p for p in told.problems if not (is_all and p.code == "mark-kept")]
    return facts | {"before": dated[:_MAX_LISTED], "told_problems": problems}


def _signer_names(piles: Piles, letters: Sequence[str]) -> tuple[str, ...]:
    """Return whose letters they are, if they are of few signers."""
    rows = (piles.pile_letter(letter_id) for letter_id in letters if letter_id in piles.plans)
    names = tuple(dict.fromkeys(row.signer for row in rows))
    return names if len(names) <= _MAX_SIGNERS else ()


def _latest_marks(piles: Piles, desk: CampaignSession) -> Iterator[tuple[Any, PileLetter | None]]:
    """Yield the marks of the sitting, the newest first, with the letter where it is one."""
    for made in reversed(desk.state(MarkingSession).marks[-_MAX_LISTED:]):
        one = made.letters[0] if len(made.letters) == 1 else ""
        yield made, piles.pile_letter(one) if one in piles.plans else None
