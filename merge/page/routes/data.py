"""Data: the workbook, the templates, what is wrong with them; files that are put in."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from merge.campaign.campaign import Campaign
from merge.campaign.errand import Errand
from merge.campaign.ignored_warnings import decisions_to_hide, tell_again
from merge.campaign.import_undo import can_undo
from merge.campaign.incoming import (
    Offer,
    PutIn,
    brought_name,
    offer,
    put_in,
    recognised,
    template_files,
)
from merge.campaign.questions import settle
from merge.campaign.view import View
from merge.errors import MergeError
from merge.letter_status import Decision
from merge.ooxml.container import MOST_FILE
from merge.page.desk import Desk
from merge.page.guard import MOST_BYTES
from merge.page.import_case import ImportCase, case_of, taken_as_list
from merge.page.inputs import Shown, input_files, list_file, may_be_opened, shown
from merge.page.opening import open_file
from merge.page.web import back
from merge.problems import Problem

screen = Blueprint("data", __name__, url_prefix="/c/<key>")

FILE_NAME, INSTEAD, NEXT = "X-File-Name", "X-Instead", "X-Next"
"""Headers of a file that is put in, percent-encoded: its name; the template to be replaced. And of
the answer: where to go on."""
_WAIT = 10.0
"""Seconds for which an answer waits for what was asked, so that it can be seen at once."""
_MOST_OFFERS = 6


@dataclass(frozen=True)
class Refused:
    """A file that was brought and not put in: its name, and why; no problem: too many wait."""

    name: str
    problems: tuple[Problem, ...] = ()


@dataclass
class FilesResult:
    """What became of files that were brought, until it is put away."""

    done: list[PutIn] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    """Paths of files that are there already, byte for byte."""

    @property
    def begins_anew(self) -> bool:
        """Whether what is to be put right is counted anew: it is of other files."""
        return bool(self.done)


@dataclass
class _Kept:
    """What the screen keeps: what it showed last, and files by keys.

    `offers` wait until somebody says that they are to be put in; `refused` were not put in, until
    somebody puts that away.
    """

    shown: Shown | None = None
    offers: dict[str, Offer] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)


@screen.get("/data")
def show(desk: Desk) -> str:
    """Show the workbook, the templates, and what is wrong with them."""
    workbook, templates = input_files(desk.folder)
    return render_template(
        "data.html",
        seen=desk.sight,
        workbook=workbook,
        templates=templates,
        listed=list_file(desk.folder),
        may_undo=can_undo(desk.folder),
        importing=case_of(desk),
        shown=_shown(desk),
        offers=desk.kept(_Kept).offers,
        refused=desk.kept(_Kept).refused,
        today=dt.datetime.now().astimezone().date(),
        most_bytes=MOST_FILE,
    )


def _shown(desk: Desk) -> Shown:
    """Return what is shown of the last look, found once for each."""
    sight, kept = desk.sight, desk.kept(_Kept)
    found = kept.shown
    if found is None or found.number != sight.number:
        found = kept.shown = shown(sight, desk.folder)
    return found


# Files that are put in.


@screen.put("/data/file")
def take(desk: Desk) -> tuple[str, int, dict[str, str]]:
    """Take a file that was dropped or chosen: it is the body, headers say what it is called.

    A header says where to go on, where it is a list.
    """
    _check_size()
    before = case_of(desk)
    name = unquote(request.headers.get(FILE_NAME, ""), errors="replace")
    instead = unquote(request.headers.get(INSTEAD, ""), errors="replace")
    _receive(desk, [(name, request.get_data(cache=False))], _known_template(desk, instead))
    return "", 204, {NEXT: url_for("importing.show")} if _is_list(desk, before) else {}


@screen.post("/data/files")
def take_form(desk: Desk) -> Response:
    """Take files of a form, where there is no JavaScript."""
    _check_size()
    sent = [(one.filename or "", one.read()) for one in request.files.getlist("file")]
    instead, before = _known_template(desk, request.form.get("instead", "")), case_of(desk)
    _receive(desk, [one for one in sent if one[0]], instead)
    return back("importing.show" if _is_list(desk, before) else "data.show")


def _is_list(desk: Desk, before: ImportCase | None) -> bool:
    """Return whether a list has come that is to be imported."""
    case = case_of(desk)
    return case is not None and case is not before


def _check_size() -> None:
    """Refuse what is too large before it is read."""
    if (request.content_length or 0) > MOST_BYTES:
        raise RequestEntityTooLarge


def _known_template(desk: Desk, name: str) -> str | None:
    if name and name not in template_files(desk.folder):
        raise NotFound
    return name or None


def _receive(desk: Desk, files: Sequence[tuple[str, bytes]], instead: str | None) -> None:
    result = _told(desk)

    def work(errand: Errand) -> FilesResult | None:
        for name, data in errand.each(files, "Files checked"):
            _speak_no_more_of(desk, name)
            try:
                incoming = recognised(data, name)
                only = instead if incoming.kind == "template" else None
                _put_or_offer(desk, offer(desk.folder, incoming, only), result)
            except MergeError as error:
                wrong = taken_as_list(desk, data, name, error.problems)
                if wrong:
                    _refuse(desk, name, wrong)
        return result if result.done or result.same else None  # the rest is seen by itself

    desk.begin_with("file", work, wait=_WAIT)


def _told(desk: Desk) -> FilesResult:
    """Return what is told of files that came before, and was not put away, to be gone on with."""
    before = desk.outcome.result if desk.outcome else None
    if not isinstance(before, FilesResult):
        return FilesResult()
    return FilesResult([*before.done], [*before.same])


def _refuse(desk: Desk, name: str, problems: tuple[Problem, ...] = ()) -> None:
    refused = desk.kept(_Kept).refused
    refused[secrets.token_hex(4)] = Refused(brought_name(name), problems)


def _speak_no_more_of(desk: Desk, name: str) -> None:
    """Forget that a file was refused, or waits: it is brought once more."""
    shown = brought_name(name)
    refused, offers = desk.kept(_Kept).refused, desk.kept(_Kept).offers
    for key in [key for key, one in refused.items() if one.name == shown]:
        del refused[key]
    for key in [key for key, one in offers.items() if one.incoming.brought == shown]:
        del offers[key]


def _put_or_offer(desk: Desk, found: Offer, result: FilesResult) -> None:
    """Put a file in where nothing is there; else let it wait, and show what differs."""
    if found.is_same and found.path == found.replaces:
        result.same.append(found.path)
    elif found.is_to_be_asked:
        if len(desk.kept(_Kept).offers) < _MOST_OFFERS:
            desk.kept(_Kept).offers[secrets.token_hex(4)] = found
        else:
            _refuse(desk, found.incoming.brought)
    else:
        result.done.append(put_in(desk.folder, found, dt.datetime.now().astimezone()))


@screen.post("/data/file/<choice>")
def decide(desk: Desk, choice: Literal["put", "beside", "compare", "leave"]) -> Response:
    """Put a file in that waits, or leave it, or compare it with another template."""
    key = request.form.get("offer", "")
    if choice == "leave" and key in desk.kept(_Kept).refused:
        del desk.kept(_Kept).refused[key]
        desk.look_again()
        return back("data.show")
    waiting = desk.kept(_Kept).offers.get(key)
    if waiting is None or choice not in {"put", "beside", "compare", "leave"}:
        raise NotFound
    if choice == "leave":
        desk.kept(_Kept).offers.pop(key, None)
        desk.look_again()
    elif choice == "compare":
        instead = _known_template(desk, request.form.get("instead", ""))
        if waiting.incoming.kind == "template" and instead:
            desk.kept(_Kept).offers[key] = offer(desk.folder, waiting.incoming, instead)
    else:
        desk.begin_with("file", _putting(desk, key, waiting, choice), wait=_WAIT)
    return back("data.show")


def _putting(
    desk: Desk, key: str, waiting: Offer, choice: Literal["put", "beside"]
) -> Callable[[Errand], FilesResult]:
    incoming = waiting.incoming
    result = _told(desk)

    def work(_errand: Errand) -> FilesResult:
        beside = choice == "beside" and incoming.kind == "template"
        chosen = offer(desk.folder, incoming, "") if beside else waiting
        try:
            done = put_in(desk.folder, chosen, dt.datetime.now().astimezone())
        except MergeError:
            _compare_again(desk, waiting.replaces)
            raise
        desk.kept(_Kept).offers.pop(key, None)
        _compare_again(desk, waiting.replaces)
        result.done.append(done)
        return result

    return work


def _compare_again(desk: Desk, path: str) -> None:
    """Compare what waits for a file's place with what lies there by now."""
    offers = desk.kept(_Kept).offers
    for key, one in [*offers.items()]:
        if one.replaces == path:
            instead = path.rpartition("/")[2] if one.is_template else None
            with suppress(MergeError):  # it stays as it was shown, and is not put in as that
                offers[key] = offer(desk.folder, one.incoming, instead)


# What is opened, hidden, told again.


@screen.post("/data/open")
def open_input(desk: Desk) -> Response:
    """Open the workbook, the register or a template in the program that the system has for it."""
    path = request.form.get("file", "")
    if not may_be_opened(desk.folder, path):
        raise NotFound
    open_file(desk.folder / path, desk.folder)
    return back("data.show")


@screen.post("/data/hide")
def hide(desk: Desk) -> Response:
    """Remember that a warning is right, and tell it no more."""
    return _decided(desk, settle, lambda view: view.problems)


@screen.post("/data/tell-again")
def tell(desk: Desk) -> Response:
    """Tell a warning again that was hidden."""
    return _decided(desk, tell_again, lambda view: view.hidden)


def _decided(
    desk: Desk,
    decide: Callable[[Campaign, list[Decision]], object],
    among: Callable[[View], Sequence[Problem]],
) -> Response:
    """Decide of the warning whose sign was sent; nothing is to be told: the list shows it."""
    view, sign = desk.sight.view, request.form.get("sign", "")
    if view is None:
        raise NotFound
    decisions = decisions_to_hide(view.campaign, among(view), [sign])

    def work(campaign: Campaign, _errand: Errand) -> None:
        decide(campaign, decisions)

    desk.begin("hide", work, wait=_WAIT)
    return back("data.show")
