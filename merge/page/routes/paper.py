"""Sign and post screen: letters printed, signed, posted, answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from merge.campaign.marking import MarkOrder, first_created_day, is_one_line
from merge.campaign.overview import CampaignOverview
from merge.campaign.tracking import looks_like_number
from merge.naming import short_hash
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
    TypedLetters,
    ids_starting_with,
    read_typed_letters,
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
"""Piles that are named in the list of pending ones."""
_MAX_SIGNERS = 3
"""Signers that are named in a notice."""
_MAX_LISTED = 12
"""Marks of the session, letters of an ID, and people of a name in a list."""
_HEX_DIGITS = frozenset("0123456789abcdef")
_FEWEST_NAME_LETTERS = 2
"""Letters of a name that is typed in place of a short ID."""
_MAX_NAMED = 300
"""People whose names are suggested while the user types."""


@dataclass(frozen=True)
class _Pile:
    """A pile as it is shown: letters of a person or print file, page by page."""

    name: str
    letters: Sequence[str]
    rows: Sequence[PileLetter]
    start: int
    pending_count: int
    pending_token: str
    """Which letters wait: only these are marked with one button."""
    marked_count: int
    """Number of shown letters that have the stage."""


@screen.get("/paper")
def show(session: CampaignSession) -> str:
    """Show the Sign and post screen: piles of letters, and what to mark."""
    return _screen(session)


@screen.post("/paper/typed")
def typed(session: CampaignSession) -> Response | tuple[str, int]:
    """Mark the letters whose short IDs were typed or scanned, or show them."""
    view, text = readable_view(session), request.form.get("ids", "")
    stage, day = _stage(), parse_day()
    piles, marking_session = Piles(view), session.state(MarkingSession)
    typed_letters = read_typed_letters(text, piles.plans.keys(), has_numbers=stage == "Posted")
    number_owner = marking_session.number_owner
    if not typed_letters.is_lone_number:
        marking_session.number_owner = ""
    if people := _find_typed_people(piles, text):
        marking_session.drop_typed()
        anchor = "pile" if len(people) == 1 else "waits"
        return redirect_to("paper.show", stage=stage, person=people[:_MAX_LISTED], _anchor=anchor)
    if fault := find_day_fault(view, day):
        return _screen(session, typed_text=text, fault=fault), 422
    if request.form.get("do") == "show":
        marking_session.drop_typed(typed_letters.unmatched)
        found = [*typed_letters.letters, *piles.letters_with_number(text)]
        return redirect_to("paper.show", stage=stage, letter=found[:MAX_ROWS])
    _add_lone_number(typed_letters, number_owner)
    letter_ids = [*typed_letters.letters]
    if letter_ids:
        try:
            order = MarkOrder(stage, day, letters=typed_letters.marks, any_day=True)
            submit_marks(session, order, one_by_one=True)
        except BusyError:
            return _screen(session, typed_text=text, fault="is_busy"), 409
    marking_session.ambiguous_ids = tuple(typed_letters.unmatched)
    marking_session.notice = _take_notice(session, letter_ids) if letter_ids else None
    if typed_letters.last_letter and stage == "Posted":
        marking_session.number_owner = _find_posted(session, typed_letters.last_letter)
    return redirect_to("paper.show", stage=stage, **_day_argument())


def _add_lone_number(typed: TypedLetters, owner: str) -> None:
    """Give a tracking number that was typed alone to the letter typed before."""
    if typed.lone_number and owner:
        typed.add_number(owner, typed.lone_number)
    elif typed.lone_number:
        typed.unmatched.insert(0, typed.lone_number)


def _find_posted(session: CampaignSession, letter_id: str) -> str:
    """Return the ID of a letter if it is posted now, or an empty text."""
    planned = Piles(readable_view(session)).plans.get(letter_id)
    return letter_id if planned and "Posted" in planned.stages else ""


@screen.post("/paper/mark")
def mark_pile(session: CampaignSession) -> Response | tuple[str, int]:
    """Mark selected letters of a pile, or all that wait, or undo marks.

    If nothing is marked, the pile is shown with the selection and fields as they were sent.
    """
    view, stage, day = readable_view(session), _stage(), parse_day()
    piles, action, selected = (
        Piles(view),
        request.form.get("do", ""),
        request.form.getlist("letter"),
    )
    tracking = request.form.get("tracking", "").strip() if stage == "Posted" else ""
    fault = "" if action == "undo" else find_day_fault(view, day)
    fault = fault if is_one_line(tracking) else "odd_tracking"
    if fault:
        return _screen(session, fault=fault), 422
    pile_arguments, marking_session = _pile_arguments(piles), session.state(MarkingSession)
    if action == "all":
        selected = _pending_letters(piles, stage)
        if request.form.get("waiting") != short_hash(*selected):
            return _screen(session, fault="others_wait"), 409
    if not selected:
        return _screen(session, fault="nothing_ticked"), 422
    if not piles.plans.keys() >= {*selected}:
        raise NotFound
    order = MarkOrder(stage, day, letters=tuple(selected), tracking=tracking, any_day=True)
    if action == "undo":
        order = MarkOrder(stage, None, letters=tuple(selected), undo=True)
    try:
        submit_marks(session, order)
    except BusyError:
        return _screen(session, fault="is_busy"), 409
    marking_session.ambiguous_ids, marking_session.notice = (
        (),
        _take_notice(session, pile=_pile_key(pile_arguments)),
    )
    if marking_session.notice and not marking_session.notice.marking:
        return _screen(session), 409
    return redirect_to("paper.show", stage=stage, **pile_arguments)


@screen.post("/paper/earlier")
def mark_earlier(session: CampaignSession) -> Response:
    """Mark the letters that were marked last at an earlier stage as well."""
    stage, marking_session = _stage(), session.state(MarkingSession)
    notice, piles = marking_session.notice, Piles(readable_view(session))
    order = notice.marking.order if notice and notice.marking else None
    if notice is None or order is None:
        raise NotFound
    if letters := _letters_without(piles, notice).get(stage):
        earlier = MarkOrder(stage, order.day, letters=tuple(letters), any_day=True)
        submit_marks(session, earlier)
        if (result := _take_notice(session)) and result.marking:
            problems = (*notice.problems, *result.problems)
            marking_session.notice = replace(
                notice, problems=problems, earlier_marks=(*notice.earlier_marks, earlier)
            )
    return redirect_to("paper.show", stage=order.stage)


def _letters_without(piles: Piles, notice: MarkingNotice) -> dict[str, list[str]]:
    """Return the letters of a notice without an earlier stage, by that stage.

    An answered letter was posted; whether its earlier stages were recorded does not matter.
    """
    if not notice.marking or notice.marking.order.undo:
        return {}
    stage = notice.marking.order.stage
    earlier = ("Posted",) if stage == "Answered" else STAGES[: STAGES.index(stage)]
    plans = [piles.plans[letter_id] for letter_id in notice.letters if letter_id in piles.plans]
    missing = {each: [p.record.id for p in plans if each not in p.stages] for each in earlier}
    return {each: letters for each, letters in missing.items() if letters}


@screen.post("/paper/undo")
def undo(session: CampaignSession) -> Response:
    """Undo the latest mark of this session, if it is still the shown mark."""
    marking_session, stage = session.state(MarkingSession), request.form.get("stage", "")
    marks, notice = marking_session.marks, None
    if marks and request.form.get("number") == str(len(marks)):
        submit_marks(session, replace(marks[-1], undo=True))
        notice = _take_notice(session) if stage in STAGES else None
    marking_session.ambiguous_ids, marking_session.notice = (), notice
    if stage not in STAGES:
        return redirect_back()
    return redirect_to("paper.show", stage=stage)


@screen.post("/paper/find")
def find(session: CampaignSession) -> Response:
    """Find letters by a person's name or ID, or by their tracking number.

    List the people if several have the name.
    """
    name, marking_session = request.form.get("name", "").strip(), session.state(MarkingSession)
    piles = Piles(readable_view(session))
    people, letters = piles.find_people(name), piles.letters_with_number(name)
    marking_session.unknown_name = "" if people or letters else name
    return redirect_to(
        "paper.show", stage=_stage(), person=people[:_MAX_LISTED], letter=letters[:MAX_ROWS]
    )


def _find_typed_people(piles: Piles, text: str) -> list[str]:
    """Return the people whose name was typed in place of a short ID."""
    pieces = split_typed_ids(text)
    is_name = sum(character.isalpha() for character in text) >= _FEWEST_NAME_LETTERS
    is_name = is_name and not set("".join(pieces)) <= _HEX_DIGITS
    if not is_name or any(any(ids_starting_with(piece, piles.plans.keys())) for piece in pieces):
        return []
    return piles.find_people(text)


@screen.post("/paper/register")
def open_register(session: CampaignSession) -> Response:
    """Open the register in the program for workbooks."""
    opening.open_file(session.folder / REGISTER_FILE, session.folder)
    return redirect_back()


# Requests, and the screen


def _stage() -> str:
    stage = request.values.get("stage", "")
    if stage not in STAGES:
        raise NotFound
    return stage


def parse_day() -> dt.date | None:
    """Return the typed date, or today if none was typed.

    It is None if it is invalid or in the future.
    """
    today, text = _today(), request.form.get("day", "").strip()
    if not text or request.form.get("do") == "today":
        return today
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= today else None


def find_day_fault(view: CampaignOverview, day: dt.date | None) -> str:
    """Return why a typed date is refused; empty if it is accepted.

    It may be invalid, or before the first letter.
    """
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
    session: CampaignSession, typed: Sequence[str] = (), *, pile: str = ""
) -> MarkingNotice | None:
    """Return the result of marking as a notice for the form, or None."""
    task_result = session.task_result
    if not (task_result and task_result.name == "mark" and not task_result.fault):
        return None
    marking = task_result.result if isinstance(task_result.result, MarkingResult) else None
    if not (marking or task_result.problems):
        return None
    session.dismiss()
    return MarkingNotice(marking, tuple(task_result.problems), typed, pile)


def _requested_letters(piles: Piles) -> list[str]:
    """Return the IDs of letters that the address selects by ID or hash."""
    people, letters = request.values.getlist("person"), _shown_letters()
    if batch := request.values.get("batch", ""):
        return piles.letters_in_batch(batch)
    if len(people) == 1:
        return piles.letters_of_person(people[0])
    return [letter_id for letter_id in dict.fromkeys(letters) if letter_id in piles.plans]


def _pending_letters(piles: Piles, stage: str) -> list[str]:
    """Return the IDs of the requested letters that wait for a stage."""
    letters = _requested_letters(piles)
    return [i for i in letters if piles.is_pending(piles.plans[i], stage)]


def _shown_letters() -> list[str]:
    """Return the IDs of letters that the form showed one by one."""
    return request.form.getlist("shown") or request.values.getlist("letter")


def _pile_arguments(piles: Piles) -> dict[str, Any]:
    """Return the pile of the sent form as arguments of the next address."""
    arguments = {name: request.form[name] for name in ("person", "batch") if name in request.form}
    if arguments:
        return {**arguments, "start": request.form.get("start", "0")}
    return {
        "letter": [
            letter_id for letter_id in request.form.getlist("shown") if letter_id in piles.plans
        ]
    }


def _pile_key(arguments: Mapping[str, Any]) -> str:
    """Return the key of a pile: of its person, print file or letters."""
    return str(
        arguments.get("batch") or arguments.get("person") or " ".join(arguments.get("letter", ()))
    )


def _default_stage(view: CampaignOverview, piles: Piles) -> str:
    """Return the stage of the next step, or the first that letters wait for."""
    if view.next_step.kind == "mark":
        return view.next_step.stage
    return next((stage for stage in STAGES if piles.count_pending(stage)), "Signed")


def _screen(session: CampaignSession, typed_text: str = "", fault: str = "") -> str:
    """Return the Sign and post screen; `fault` is why no letter was marked.

    The shown pile has the selection, tracking number and date as they were sent.
    """
    view, marking_session = session.snapshot.view, session.state(MarkingSession)
    context: dict[str, Any] = {
        "snapshot": session.snapshot,
        "typed_text": typed_text,
        "fault": fault,
        "sent": request.form if request.endpoint == "paper.mark_pile" else None,
        "marking_session": marking_session,
        "is_open": is_register_open(session.folder),
        "has_register": (session.folder / REGISTER_FILE).exists(),
        "today": _today().isoformat(),
        "stages": STAGES,
        "max_rows": MAX_ROWS,
        "piles": None,
        "first_day": first_created_day(view.letters if view else (), _today()),
    }
    if view is not None and not view.survey_error:
        context |= _stage_context(view, Piles(view), marking_session.ambiguous_ids)
        context["last"] = [*_latest_marks(context["piles"], session)]
        context |= _notice_context(
            context["piles"], marking_session.notice, request.values.get("stage", "")
        )
    return render_template("paper.html", **context)


def _stage_context(
    view: CampaignOverview, piles: Piles, ambiguous: Sequence[str]
) -> dict[str, Any]:
    stage = request.values.get("stage", "") or _default_stage(view, piles)
    if stage not in STAGES:
        raise NotFound
    people = request.values.getlist("person")
    all_groups, names = piles.groups(stage), piles.people_names()
    groups = [one for one in all_groups if one.pending_count or one.key == _shown_key()]
    return {
        "piles": piles,
        "stage": stage,
        "day": request.values.get("day", ""),
        "waiting": {each_stage: piles.count_pending(each_stage) for each_stage in STAGES},
        "groups": groups[:MAX_GROUPS],
        "more_groups": max(0, len(groups) - MAX_GROUPS),
        "names": names if len(names) <= _MAX_NAMED else (),
        "pile": _requested_pile(piles, stage),
        "next_group": _next_group(all_groups),
        "choices": [PendingGroup(key, piles.display_name(key)) for key in people]
        if people[1:]
        else (),
        "lone_numbers": [
            piece for piece in ambiguous if looks_like_number(piece.partition(" ")[0])
        ],
        "ambiguous": {piece: _possible_letters(piles, piece, stage) for piece in ambiguous},
    }


def _shown_key() -> str:
    """Return the key of the person or print file whose pile is shown."""
    people = request.values.getlist("person")
    return request.values.get("batch", "") or (people[0] if len(people) == 1 else "")


def _next_group(groups: Sequence[PendingGroup]) -> PendingGroup | None:
    """Return the pending pile after the shown one; the first after the last."""
    keys, shown = [group.key for group in groups], _shown_key()
    number = keys.index(shown) + 1 if shown in keys else 0
    following = [*groups[number:], *groups[:number]]
    return next((group for group in following if group.pending_count and group.key != shown), None)


def _requested_pile(piles: Piles, stage: str) -> _Pile | None:
    values, key = request.values, _shown_key()
    if not key and not _shown_letters():
        return None
    name = piles.display_name(key) if key else ""
    if key and not name:
        raise NotFound
    letters = _requested_letters(piles)
    start = values.get("start", 0, int)
    start = start if 0 <= start < len(letters) else 0
    rows = [piles.pile_letter(letter_id, stage) for letter_id in letters[start : start + MAX_ROWS]]
    pending = _pending_letters(piles, stage)
    marked_count = sum(stage in row.stages for row in rows)
    return _Pile(
        name=name,
        letters=letters,
        rows=rows,
        start=start,
        pending_count=len(pending),
        pending_token=short_hash(*pending),
        marked_count=marked_count,
    )


def _possible_letters(piles: Piles, piece: str, stage: str) -> list[PileLetter]:
    """Return the letters that an ambiguous short ID may mean."""
    letter_ids = [*ids_starting_with(piece.partition(" ")[0], piles.plans.keys())]
    return [piles.pile_letter(letter_id, stage) for letter_id in letter_ids[:_MAX_LISTED]]


def _notice_context(piles: Piles, notice: MarkingNotice | None, stage: str) -> dict[str, Any]:
    """Return the notice about the latest marking, as template variables.

    A kept date is reported once, about letters that had it before. A mark is not reported if
    another stage is chosen.
    """
    order_done = notice.marking.order if notice and notice.marking else None
    if notice is None or (
        order_done and not order_done.undo and stage not in {"", order_done.stage}
    ):
        return {"notice": None, "is_notice_at_pile": False}
    single_letter = notice.letters[0] if len(notice.letters) == 1 else ""
    row = piles.pile_letter(single_letter) if single_letter in piles.plans else None
    shown_pile = _pile_key({**request.values, "letter": _shown_letters()})
    missing = _letters_without(piles, notice)
    context: dict[str, Any] = {"notice": notice, "notice_row": row, "missing_stages": missing}
    context["notice_signers"] = _signer_names(piles, notice.letters)
    context["is_notice_at_pile"] = bool(notice.pile_key) and notice.pile_key == shown_pile
    mark_order = notice.marking.order if notice.marking else None
    if mark_order is None or mark_order.undo:
        return context | {"before": (), "notice_problems": notice.problems}
    other_letters = [
        letter_id
        for letter_id in notice.typed_letters
        if letter_id not in notice.letters and letter_id in piles.plans
    ]
    rows = [row for row in map(piles.pile_letter, other_letters) if mark_order.stage in row.stages]
    dated = [row for row in rows if isinstance(row.stages[mark_order.stage], dt.date)]
    are_all_dated = notice.typed_letters and len(dated) == len(other_letters)
    problems = [
        problem
        for problem in notice.problems
        if not (are_all_dated and problem.code == "mark-kept")
        and (missing or problem.code != "mark-skipped")
    ]
    return context | {"before": dated[:_MAX_LISTED], "notice_problems": problems}


def _signer_names(piles: Piles, letters: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the signers of letters, if these are few."""
    rows = (piles.pile_letter(letter_id) for letter_id in letters if letter_id in piles.plans)
    names = tuple(dict.fromkeys(row.signer for row in rows))
    return names if len(names) <= _MAX_SIGNERS else ()


def _latest_marks(
    piles: Piles, session: CampaignSession
) -> Iterator[tuple[Any, PileLetter | None]]:
    """Yield the marks of the session, the latest first, with the letter.

    The letter is None if a mark is of several.
    """
    for order in reversed(session.state(MarkingSession).marks[-_MAX_LISTED:]):
        single_letter = order.letters[0] if len(order.letters) == 1 else ""
        yield order, piles.pile_letter(single_letter) if single_letter in piles.plans else None
