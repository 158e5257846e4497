"""Sign and post: letters marked as printed, signed, posted, answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from merge.campaign.marking import MarkOrder, first_day, is_one_line
from merge.campaign.view import View
from merge.page import opening
from merge.page.desk import BusyError, Desk
from merge.page.piles import Heap, PileLetter, Piles, find_letters, matching, typed_ids
from merge.page.sitting import Marked, Sitting, Told, is_register_open, mark
from merge.page.web import back, readable_view, where_it_was
from merge.product import REGISTER_FILE
from merge.register.layouts import FIRST_DAY, STAGES

screen = Blueprint("paper", __name__, url_prefix="/c/<key>")

MOST_ROWS = 100
"""Letters that are shown at once."""
MOST_HEAPS = 40
"""Piles that are named in the list of what waits."""
_FEW_SIGNERS = 3
"""Signers who are named in what was marked."""
_FEW = 12
"""Marks of the sitting that are listed, letters that an id may be of, people of a name."""
_DIGITS = frozenset("0123456789abcdef")
_FEWEST_LETTERS = 2
"""Letters of a name that is typed in the place of a short id."""
_MOST_NAMED = 300
"""People whose names are offered while one is typed."""


@dataclass(frozen=True)
class _Pile:
    """The letters on the table: whose they are, or which batch; a page of them as rows."""

    name: str
    letters: Sequence[str]
    rows: Sequence[PileLetter]
    start: int
    due: int
    taken: int
    """How many of those shown have the stage."""


@screen.get("/paper")
def show(desk: Desk) -> str:
    """Show letters marked as printed, signed, posted, answered."""
    return _screen(desk)


@screen.post("/paper/typed")
def typed(desk: Desk) -> Response | tuple[str, int]:
    """Mark the letters whose short ids were typed or scanned, or only show them."""
    view, text = readable_view(desk), request.form.get("ids", "")
    stage, day = _stage(), typed_day()
    piles, sitting = Piles(view), desk.kept(Sitting)
    found, asked = find_letters(typed_ids(text), piles.plans.keys())
    if people := _people_typed(piles, text):
        sitting.asked, sitting.told, sitting.unknown = (), None, ""
        where = "pile" if len(people) == 1 else "waits"
        return back("paper.show", stage=stage, person=people[:_FEW], _anchor=where)
    if fault := day_fault(view, day):
        return _screen(desk, kept=text, fault=fault), 422
    if request.form.get("do") == "show":
        sitting.asked, sitting.told = tuple(asked), None
        return back("paper.show", stage=stage, letter=found[:MOST_ROWS])
    if found:
        try:
            order = MarkOrder(stage, day, letters=tuple(found), any_day=True)
            mark(desk, order, one_by_one=True)
        except BusyError:
            return _screen(desk, kept=text, fault="is_busy"), 409
    sitting.asked = tuple(asked)
    sitting.told = _take_outcome(desk, found) if found else None
    return back("paper.show", stage=stage, **_day_kept())


@screen.post("/paper/mark")
def mark_pile(desk: Desk) -> Response | tuple[str, int]:
    """Mark letters that were ticked, or all of a pile that wait; or take their marks back.

    If nothing comes of it, the pile is shown with the ticks and the fields as they were sent.
    """
    view, stage, day = readable_view(desk), _stage(), typed_day()
    piles, what, ticked = Piles(view), request.form.get("do", ""), request.form.getlist("letter")
    tracking = request.form.get("tracking", "").strip() if stage == "Posted" else ""
    fault = "" if what == "undo" else day_fault(view, day)
    fault = fault if is_one_line(tracking) else "odd_tracking"
    if fault:
        return _screen(desk, fault=fault), 422
    there, sitting = _what_lies_there(piles), desk.kept(Sitting)
    if what == "all":
        ticked = [i for i in _letters(piles) if piles.is_due(piles.plans[i], stage)]
    if not ticked:
        return _screen(desk, fault="nothing_ticked"), 422
    if not piles.plans.keys() >= {*ticked}:
        raise NotFound
    order = MarkOrder(stage, day, letters=tuple(ticked), tracking=tracking, any_day=True)
    if what == "undo":
        order = MarkOrder(stage, None, letters=tuple(ticked), undo=True)
    try:
        mark(desk, order)
    except BusyError:
        return _screen(desk, fault="is_busy"), 409
    sitting.asked, sitting.told = (), _take_outcome(desk, pile=_pile_key(there))
    if sitting.told and not sitting.told.marked:
        return _screen(desk), 409
    return back("paper.show", stage=stage, **there)


@screen.post("/paper/undo")
def undo(desk: Desk) -> Response:
    """Take the last mark of this sitting back, if it is still the one that was seen as the last."""
    sitting, stage = desk.kept(Sitting), request.form.get("stage", "")
    marks, told = sitting.marks, None
    if marks and request.form.get("number") == str(len(marks)):
        mark(desk, replace(marks[-1], undo=True))
        told = _take_outcome(desk) if stage in STAGES else None
    sitting.asked, sitting.told = (), told
    if stage not in STAGES:
        return where_it_was()
    return back("paper.show", stage=stage)


@screen.post("/paper/find")
def find(desk: Desk) -> Response:
    """Find the letters of a person whose name or ID was typed; several are shown to choose from."""
    name, sitting = request.form.get("name", "").strip(), desk.kept(Sitting)
    people = Piles(readable_view(desk)).people_called(name)
    sitting.unknown = "" if people else name
    return back("paper.show", stage=_stage(), person=people[:_FEW])


def _people_typed(piles: Piles, text: str) -> list[str]:
    """Return those who are called what was typed in the place of a short id."""
    pieces = typed_ids(text)
    is_name = sum(character.isalpha() for character in text) >= _FEWEST_LETTERS
    is_name = is_name and not set("".join(pieces)) <= _DIGITS
    if not is_name or any(any(matching(one, piles.plans.keys())) for one in pieces):
        return []
    return piles.people_called(text)


@screen.post("/paper/register")
def open_register(desk: Desk) -> Response:
    """Open the register in its own program."""
    opening.open_file(desk.folder / REGISTER_FILE, desk.folder)
    return where_it_was()


# What is asked for, and what is shown.


def _stage() -> str:
    stage = request.values.get("stage", "")
    if stage not in STAGES:
        raise NotFound
    return stage


def typed_day() -> dt.date | None:
    """Return the day that was typed, today if none was; None if it is none, or to come."""
    today, text = _today(), request.form.get("day", "").strip()
    if not text or request.form.get("do") == "today":
        return today
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= today else None


def day_fault(view: View, day: dt.date | None) -> str:
    """Return why a day is not taken: it is none, or before the first letter; empty if it is."""
    if day is None:
        return "wrong_day"
    is_early = day < first_day(view.letters, _today()) and "any_day" not in request.form
    return "early_day" if is_early else ""


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()


def _day_kept() -> dict[str, str]:
    day = request.form.get("day", "").strip()
    return {"day": day} if day else {}


def _take_outcome(desk: Desk, typed: Sequence[str] = (), *, pile: str = "") -> Told | None:
    """Take the outcome of marking, to tell it where the person is; None where there is none yet."""
    outcome = desk.outcome
    if not (outcome and outcome.name == "mark" and not outcome.fault):
        return None
    marked = outcome.result if isinstance(outcome.result, Marked) else None
    if not (marked or outcome.problems):
        return None
    desk.put_away()
    return Told(marked, tuple(outcome.problems), typed, pile)


def _letters(piles: Piles) -> list[str]:
    """Return the letters that are asked for; the address has their ids, or hashes."""
    people, letters = request.values.getlist("person"), _shown_letters()
    if batch := request.values.get("batch", ""):
        return piles.of_batch(batch)
    if len(people) == 1:
        return piles.of_person(people[0])
    return [letter_id for letter_id in dict.fromkeys(letters) if letter_id in piles.plans]


def _shown_letters() -> list[str]:
    """Return the letters on the table that are neither a person's nor a batch's."""
    return request.form.getlist("shown") or request.values.getlist("letter")


def _what_lies_there(piles: Piles) -> dict[str, Any]:
    """Return the pile of a form that was sent, for the address of the screen to be seen next."""
    there = {name: request.form[name] for name in ("person", "batch") if name in request.form}
    if there:
        return {**there, "start": request.form.get("start", "0")}
    return {"letter": [i for i in request.form.getlist("shown") if i in piles.plans]}


def _pile_key(there: Mapping[str, Any]) -> str:
    """Return what tells a pile from others: its person or batch, or its letters."""
    return str(there.get("batch") or there.get("person") or " ".join(there.get("letter", ())))


def _default_stage(view: View, piles: Piles) -> str:
    """Return the stage that is due next."""
    if view.due.kind == "mark":
        return view.due.stage
    return next((stage for stage in STAGES if piles.waiting(stage)), "Signed")


def _screen(desk: Desk, kept: str = "", fault: str = "") -> str:
    """`fault` is why nothing was marked.

    What was sent of the pile on the table is shown as it was sent: what was ticked and unticked,
    the tracking number, the day.
    """
    view, sitting = desk.sight.view, desk.kept(Sitting)
    facts: dict[str, Any] = {
        "seen": desk.sight,
        "kept": kept,
        "fault": fault,
        "sent": request.form if request.endpoint == "paper.mark_pile" else None,
        "sitting": sitting,
        "is_open": is_register_open(desk.folder),
        "has_register": (desk.folder / REGISTER_FILE).exists(),
        "today": _today().isoformat(),
        "stages": STAGES,
        "max_rows": MOST_ROWS,
        "piles": None,
        "first_day": first_day(view.letters if view else (), _today()),
    }
    if view is not None and not view.fault:
        facts |= _facts(view, Piles(view), sitting.asked)
        facts["last"] = [*_last(facts["piles"], desk)]
        facts |= _what_is_told(facts["piles"], sitting.told, request.values.get("stage", ""))
    return render_template("paper.html", **facts)


def _facts(view: View, piles: Piles, asked: Iterable[str]) -> dict[str, Any]:
    stage = request.values.get("stage", "") or _default_stage(view, piles)
    if stage not in STAGES:
        raise NotFound
    people = request.values.getlist("person")
    heaps, names = piles.heaps(stage), piles.people()
    return {
        "piles": piles,
        "stage": stage,
        "day": request.values.get("day", ""),
        "waiting": {each: piles.waiting(each) for each in STAGES},
        "heaps": heaps[:MOST_HEAPS],
        "more_heaps": max(0, len(heaps) - MOST_HEAPS),
        "names": names if len(names) <= _MOST_NAMED else (),
        "pile": _pile(piles, stage),
        "choices": [Heap(key, piles.name_of(key), 0) for key in people] if people[1:] else (),
        "asked": {piece: _letters_alike(piles, piece, stage) for piece in asked},
    }


def _pile(piles: Piles, stage: str) -> _Pile | None:
    values = request.values
    people, batch = values.getlist("person"), values.get("batch", "")
    key = batch or (people[0] if len(people) == 1 else "")
    if not key and not _shown_letters():
        return None
    name = piles.name_of(key) if key else ""
    if key and not name:
        raise NotFound
    letters = _letters(piles)
    start = values.get("start", 0, int)
    start = start if 0 <= start < len(letters) else 0
    rows = [piles.row(letter_id, stage) for letter_id in letters[start : start + MOST_ROWS]]
    due = sum(piles.is_due(piles.plans[letter_id], stage) for letter_id in letters)
    taken = sum(stage in row.stages for row in rows)
    return _Pile(
        name=name,
        letters=letters,
        rows=rows,
        start=start,
        due=due,
        taken=taken,
    )


def _letters_alike(piles: Piles, piece: str, stage: str) -> list[PileLetter]:
    """Return the letters that an id may be of that was typed and is no single letter's."""
    alike = [*matching(piece, piles.plans.keys())]
    return [piles.row(letter_id, stage) for letter_id in alike[:_FEW]]


def _what_is_told(piles: Piles, told: Told | None, stage: str) -> dict[str, Any]:
    """Return what came of the last thing done: the letter where it is one, those marked before.

    That a day stays is told once: of letters that were marked before, with that day. A mark is not
    told where another stage was chosen.
    """
    done = told.marked.order if told and told.marked else None
    if told is None or (done and not done.undo and stage not in {"", done.stage}):
        return {"told": None, "is_told_at_pile": False}
    one = told.letters[0] if len(told.letters) == 1 else ""
    row = piles.row(one) if one in piles.plans else None
    here = _pile_key({**request.values, "letter": _shown_letters()})
    facts: dict[str, Any] = {"told": told, "told_row": row}
    facts["told_signers"] = _signers(piles, told.letters)
    facts["is_told_at_pile"] = bool(told.pile) and told.pile == here
    order = told.marked.order if told.marked else None
    if order is None or order.undo:
        return facts | {"before": (), "told_problems": told.problems}
    left = [i for i in told.typed if i not in told.letters and i in piles.plans]
    rows = [row for row in map(piles.row, left) if order.stage in row.stages]
    dated = [row for row in rows if isinstance(row.stages[order.stage], dt.date)]
    is_all = told.typed and len(dated) == len(left)
    problems = [p for p in told.problems if not (is_all and p.code == "mark-kept")]
    return facts | {"before": dated[:_FEW], "told_problems": problems}


def _signers(piles: Piles, letters: Sequence[str]) -> tuple[str, ...]:
    """Return whose letters they are, if they are of few signers."""
    rows = (piles.row(letter_id) for letter_id in letters if letter_id in piles.plans)
    names = tuple(dict.fromkeys(row.signer for row in rows))
    return names if len(names) <= _FEW_SIGNERS else ()


def _last(piles: Piles, desk: Desk) -> Iterator[tuple[Any, PileLetter | None]]:
    """Yield the marks of the sitting, the newest first, with the letter where it is one."""
    for made in reversed(desk.kept(Sitting).marks[-_FEW:]):
        one = made.letters[0] if len(made.letters) == 1 else ""
        yield made, piles.row(one) if one in piles.plans else None
