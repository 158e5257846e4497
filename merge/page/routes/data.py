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
from merge.campaign.ignored_warnings import ignore_decisions, show_again
from merge.campaign.import_undo import can_undo
from merge.campaign.overview import CampaignOverview
from merge.campaign.pending_decisions import save_decisions
from merge.campaign.task import Task
from merge.campaign.uploads import (
    ReplacementProposal,
    StoredUpload,
    displayed_name,
    propose_replacement,
    recognise_upload,
    store_upload,
    template_files,
)
from merge.errors import MergeError
from merge.letter_status import Decision
from merge.ooxml.container import MAX_FILE_BYTES
from merge.page.guard import MAX_BYTES
from merge.page.import_draft import ImportDraft, current_draft, try_as_list
from merge.page.inputs import DataScreen, can_open, data_screen, input_files, list_file
from merge.page.opening import open_file
from merge.page.session import CampaignSession
from merge.page.web import redirect_to
from merge.problems import Problem

screen = Blueprint("data", __name__, url_prefix="/c/<key>")

FILE_NAME_HEADER, REPLACED_FILE_HEADER, NEXT_SCREEN_HEADER = "X-File-Name", "X-Instead", "X-Next"
"""Headers of a file that is put in, percent-encoded: its name; the template to be replaced. And of
the answer: where to go on."""
_WAIT_SECONDS = 10.0
"""Seconds for which an answer waits for what was asked, so that it can be seen at once."""
_MAX_PROPOSALS = 6


@dataclass(frozen=True)
class RefusedFile:
    """A file that was brought and not put in: its name, and why; no problem: too many wait."""

    name: str
    problems: tuple[Problem, ...] = ()


@dataclass
class FilesResult:
    """What became of files that were brought, until it is put away."""

    added_files: list[StoredUpload] = field(default_factory=list)
    identical_paths: list[str] = field(default_factory=list)
    """Paths of files that are there already, byte for byte."""

    @property
    def restarts_fixed_count(self) -> bool:
        """Whether what is to be put right is counted anew: it is of other files."""
        return bool(self.added_files)


@dataclass
class _DataState:
    """What the screen keeps: what it showed last, and files by keys.

    `offers` wait until somebody says that they are to be put in; `refused` were not put in, until
    somebody puts that away.
    """

    screen: DataScreen | None = None
    proposals: dict[str, ReplacementProposal] = field(default_factory=dict)
    refused_files: dict[str, RefusedFile] = field(default_factory=dict)


@screen.get("/data")
def show(desk: CampaignSession) -> str:
    """Show the workbook, the templates, and what is wrong with them."""
    workbook, templates = input_files(desk.folder)
    return render_template(
        "data.html",
        seen=desk.snapshot,
        workbook=workbook,
        templates=templates,
        listed=list_file(desk.folder),
        may_undo=can_undo(desk.folder),
        importing=current_draft(desk),
        shown=_current_screen(desk),
        offers=desk.state(_DataState).proposals,
        refused=desk.state(_DataState).refused_files,
        today=dt.datetime.now().astimezone().date(),
        most_bytes=MAX_FILE_BYTES,
    )


def _current_screen(desk: CampaignSession) -> DataScreen:
    """Return what is shown of the last look, found once for each."""
    sight, kept = desk.snapshot, desk.state(_DataState)
    found = kept.screen
    if found is None or found.snapshot_number != sight.number:
        found = kept.screen = data_screen(sight, desk.folder)
    return found


# Files that are put in.


@screen.put("/data/file")
def take(desk: CampaignSession) -> tuple[str, int, dict[str, str]]:
    """Take a file that was dropped or chosen: it is the body, headers say what it is called.

    A header says where to go on, where it is a list.
    """
    _check_size()
    before = current_draft(desk)
    name = unquote(request.headers.get(FILE_NAME_HEADER, ""), errors="replace")
    instead = unquote(request.headers.get(REPLACED_FILE_HEADER, ""), errors="replace")
    _receive(desk, [(name, request.get_data(cache=False))], _known_template(desk, instead))
    return (
        "",
        204,
        {NEXT_SCREEN_HEADER: url_for("importing.show")} if _is_list(desk, before) else {},
    )


@screen.post("/data/files")
def take_form(desk: CampaignSession) -> Response:
    """Take files of a form, where there is no JavaScript."""
    _check_size()
    sent = [(one.filename or "", one.read()) for one in request.files.getlist("file")]
    instead, before = _known_template(desk, request.form.get("instead", "")), current_draft(desk)
    _receive(desk, [one for one in sent if one[0]], instead)
    return redirect_to("importing.show" if _is_list(desk, before) else "data.show")


def _is_list(desk: CampaignSession, before: ImportDraft | None) -> bool:
    """Return whether a list has come that is to be imported."""
    case = current_draft(desk)
    return case is not None and case is not before


def _check_size() -> None:
    """Refuse what is too large before it is read."""
    if (request.content_length or 0) > MAX_BYTES:
        raise RequestEntityTooLarge


def _known_template(desk: CampaignSession, name: str) -> str | None:
    if name and name not in template_files(desk.folder):
        raise NotFound
    return name or None


def _receive(
    desk: CampaignSession, files: Sequence[tuple[str, bytes]], instead: str | None
) -> None:
    result = _continued_result(desk)

    def work(errand: Task) -> FilesResult | None:
        for name, data in errand.track(files, "Files checked"):
            _discard_notices(desk, name)
            try:
                incoming = recognise_upload(data, name)
                only = instead if incoming.kind == "template" else None
                _add_or_propose(desk, propose_replacement(desk.folder, incoming, only), result)
            except MergeError as error:
                wrong = try_as_list(desk, data, name, error.problems)
                if wrong:
                    _record_refusal(desk, name, wrong)
        return (
            result if result.added_files or result.identical_paths else None
        )  # the rest is seen by itself

    desk.submit("file", work, wait=_WAIT_SECONDS)


def _continued_result(desk: CampaignSession) -> FilesResult:
    """Return what is told of files that came before, and was not put away, to be gone on with."""
    before = desk.task_result.result if desk.task_result else None
    if not isinstance(before, FilesResult):
        return FilesResult()
    return FilesResult([*before.added_files], [*before.identical_paths])


def _record_refusal(desk: CampaignSession, name: str, problems: tuple[Problem, ...] = ()) -> None:
    refused = desk.state(_DataState).refused_files
    refused[secrets.token_hex(4)] = RefusedFile(displayed_name(name), problems)


def _discard_notices(desk: CampaignSession, name: str) -> None:
    """Forget that a file was refused, or waits: it is brought once more."""
    shown = displayed_name(name)
    refused, offers = desk.state(_DataState).refused_files, desk.state(_DataState).proposals
    for key in [key for key, one in refused.items() if one.name == shown]:
        del refused[key]
    for key in [key for key, one in offers.items() if one.upload.original_name == shown]:
        del offers[key]


def _add_or_propose(desk: CampaignSession, found: ReplacementProposal, result: FilesResult) -> None:
    """Put a file in where nothing is there; else let it wait, and show what differs."""
    if found.is_same and found.path == found.replaced_path:
        result.identical_paths.append(found.path)
    elif found.needs_confirmation:
        if len(desk.state(_DataState).proposals) < _MAX_PROPOSALS:
            desk.state(_DataState).proposals[secrets.token_hex(4)] = found
        else:
            _record_refusal(desk, found.upload.original_name)
    else:
        result.added_files.append(store_upload(desk.folder, found, dt.datetime.now().astimezone()))


@screen.post("/data/file/<choice>")
def decide(desk: CampaignSession, choice: Literal["put", "beside", "compare", "leave"]) -> Response:
    """Put a file in that waits, or leave it, or compare it with another template."""
    key = request.form.get("offer", "")
    if choice == "leave" and key in desk.state(_DataState).refused_files:
        del desk.state(_DataState).refused_files[key]
        desk.request_rescan()
        return redirect_to("data.show")
    waiting = desk.state(_DataState).proposals.get(key)
    if waiting is None or choice not in {"put", "beside", "compare", "leave"}:
        raise NotFound
    if choice == "leave":
        desk.state(_DataState).proposals.pop(key, None)
        desk.request_rescan()
    elif choice == "compare":
        instead = _known_template(desk, request.form.get("instead", ""))
        if waiting.upload.kind == "template" and instead:
            desk.state(_DataState).proposals[key] = propose_replacement(
                desk.folder, waiting.upload, instead
            )
    else:
        desk.submit("file", _replacement_work(desk, key, waiting, choice), wait=_WAIT_SECONDS)
    return redirect_to("data.show")


def _replacement_work(
    desk: CampaignSession, key: str, waiting: ReplacementProposal, choice: Literal["put", "beside"]
) -> Callable[[Task], FilesResult]:
    incoming = waiting.upload
    result = _continued_result(desk)

    def work(_errand: Task) -> FilesResult:
        beside = choice == "beside" and incoming.kind == "template"
        chosen = propose_replacement(desk.folder, incoming, "") if beside else waiting
        try:
            done = store_upload(desk.folder, chosen, dt.datetime.now().astimezone())
        except MergeError:
            _compare_again(desk, waiting.replaced_path)
            raise
        desk.state(_DataState).proposals.pop(key, None)
        _compare_again(desk, waiting.replaced_path)
        result.added_files.append(done)
        return result

    return work


def _compare_again(desk: CampaignSession, path: str) -> None:
    """Compare what waits for a file's place with what lies there by now."""
    offers = desk.state(_DataState).proposals
    for key, one in [*offers.items()]:
        if one.replaced_path == path:
            instead = path.rpartition("/")[2] if one.is_template else None
            with suppress(MergeError):  # it stays as it was shown, and is not put in as that
                offers[key] = propose_replacement(desk.folder, one.upload, instead)


# What is opened, hidden, told again.


@screen.post("/data/open")
def open_input(desk: CampaignSession) -> Response:
    """Open the workbook, the register or a template in the program that the system has for it."""
    path = request.form.get("file", "")
    if not can_open(desk.folder, path):
        raise NotFound
    open_file(desk.folder / path, desk.folder)
    return redirect_to("data.show")


@screen.post("/data/hide")
def hide(desk: CampaignSession) -> Response:
    """Remember that a warning is right, and tell it no more."""
    return _submit_decision(desk, save_decisions, lambda view: view.problems)


@screen.post("/data/tell-again")
def tell(desk: CampaignSession) -> Response:
    """Tell a warning again that was hidden."""
    return _submit_decision(desk, show_again, lambda view: view.ignored_warnings)


def _submit_decision(
    desk: CampaignSession,
    decide: Callable[[Campaign, list[Decision]], object],
    among: Callable[[CampaignOverview], Sequence[Problem]],
) -> Response:
    """Decide of the warning whose sign was sent; nothing is to be told: the list shows it."""
    view, sign = desk.snapshot.view, request.form.get("sign", "")
    if view is None:
        raise NotFound
    decisions = ignore_decisions(view.campaign, among(view), [sign])

    def work(campaign: Campaign, _errand: Task) -> None:
        decide(campaign, decisions)

    desk.submit_with_campaign("hide", work, wait=_WAIT_SECONDS)
    return redirect_to("data.show")
