"""Data screen: workbook, templates, their problems; uploaded files."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.ignored_warnings import show_again
from merge.campaign.import_undo import can_undo
from merge.campaign.pending_decisions import save_decisions
from merge.campaign.person_review import save_review
from merge.campaign.task import Task
from merge.campaign.uploads import (
    ReplacementProposal,
    StoredUpload,
    check_together,
    displayed_name,
    keep_settings,
    propose_replacement,
    recognise_upload,
    store_upload,
    template_files,
)
from merge.errors import MergeError, StorageError
from merge.intake.list_types import REVIEW_DECISIONS
from merge.letter_status import StaffDecision
from merge.ooxml.container import MAX_FILE_BYTES
from merge.ooxml.kinds import TEMPLATE
from merge.page.guard import MAX_BYTES
from merge.page.import_draft import ImportDraft, current_draft, start_draft, try_as_list
from merge.page.inputs import DataScreen, can_open, data_screen, input_files, list_file
from merge.page.opening import open_file
from merge.page.routes.letter import previewable_response
from merge.page.session import CampaignSession
from merge.page.starting_draft import current_start
from merge.page.web import redirect_back, redirect_to
from merge.problems import Place, Problem
from merge.workbook.reading import LIST_FILE

screen = Blueprint("data", __name__, url_prefix="/c/<key>")

FILE_NAME_HEADER, REPLACED_FILE_HEADER, NEXT_SCREEN_HEADER = "X-File-Name", "X-Instead", "X-Next"
"""Headers of an uploaded file, percent-encoded: name, replaced template.

`NEXT_SCREEN_HEADER` is one of the response: where to continue.
"""
FIRST_FILE_HEADER = "X-First"
"""Header of the first of several files: earlier refusals are dismissed."""
_WAIT_SECONDS = 10.0
"""Seconds to wait for a task, so that its result is shown at once."""
_MAX_PROPOSALS = 6


@dataclass(frozen=True)
class RefusedFile:
    """An uploaded file that was not added, with its problems.

    Without problems, too many files are waiting already.
    """

    name: str
    problems: tuple[Problem, ...] = ()


@dataclass
class FilesResult:
    """Result of uploads, until it is dismissed."""

    added_files: list[StoredUpload] = field(default_factory=list)
    identical_paths: list[str] = field(default_factory=list)
    """Paths of files that are identical to the uploaded ones."""

    @property
    def restarts_fixed_count(self) -> bool:
        """Whether the count of fixed problems starts again, as files were added."""
        return bool(self.added_files)


@dataclass
class _DataState:
    """State of the Data screen: its latest content, and files by keys.

    `proposals` wait until they are confirmed. `refused_files` were not added; they stay until
    dismissed.
    """

    screen: DataScreen | None = None
    proposals: dict[str, ReplacementProposal] = field(default_factory=dict)
    refused_files: dict[str, RefusedFile] = field(default_factory=dict)


@screen.get("/data")
def show(session: CampaignSession) -> str:
    """Show the Data screen: workbook, templates and their problems."""
    workbook, templates = input_files(session.folder)
    return render_template(
        "data.html",
        snapshot=session.snapshot,
        workbook=workbook,
        templates=templates,
        listed=list_file(session.folder),
        may_undo=can_undo(session.folder),
        importing=current_draft(session),
        starting=current_start(session),
        shown=_current_screen(session),
        offers=session.state(_DataState).proposals,
        refused=session.state(_DataState).refused_files,
        today=dt.datetime.now().astimezone().date(),
        most_bytes=MAX_FILE_BYTES,
    )


def _current_screen(session: CampaignSession) -> DataScreen:
    """Return the Data screen's content for the latest snapshot, cached."""
    snapshot, state = session.snapshot, session.state(_DataState)
    content = state.screen
    if content is None or content.snapshot_number != snapshot.number:
        content = state.screen = data_screen(snapshot, session.folder)
    return content


@screen.get("/data/new/<key_of_upload>.docx")
def preview(session: CampaignSession, key_of_upload: str) -> Response:
    """Return a template that waits to be confirmed, for its preview."""
    proposal = session.state(_DataState).proposals.get(key_of_upload)
    if proposal is None or not proposal.is_template:
        raise NotFound
    return previewable_response(proposal.upload.data, "template.docx", TEMPLATE)


# Uploads


@screen.put("/data/file")
def take(session: CampaignSession) -> tuple[str, int, dict[str, str]]:
    """Receive an uploaded file as a request's body; headers have its name.

    If it is a list, a header of the response says where to continue.
    """
    _check_size()
    previous_draft = current_draft(session)
    if request.headers.get(FIRST_FILE_HEADER):
        session.state(_DataState).refused_files.clear()
    name = unquote(request.headers.get(FILE_NAME_HEADER, ""), errors="replace")
    replaced_template = unquote(request.headers.get(REPLACED_FILE_HEADER, ""), errors="replace")
    _receive(
        session,
        [(name, request.get_data(cache=False))],
        _known_template(session, replaced_template),
    )
    return (
        "",
        204,
        {NEXT_SCREEN_HEADER: url_for("importing.show")}
        if _is_list(session, previous_draft)
        else {},
    )


@screen.post("/data/files")
def take_form(session: CampaignSession) -> Response:
    """Receive uploaded files from a form, without JavaScript."""
    _check_size()
    session.state(_DataState).refused_files.clear()
    uploads = [(upload.filename or "", upload.read()) for upload in request.files.getlist("file")]
    replaced_template, previous_draft = (
        _known_template(session, request.form.get("instead", "")),
        current_draft(session),
    )
    _receive(session, [upload for upload in uploads if upload[0]], replaced_template)
    return redirect_to("importing.show" if _is_list(session, previous_draft) else "data.show")


def _is_list(session: CampaignSession, previous: ImportDraft | None) -> bool:
    """Return whether a list was uploaded, which must be imported."""
    draft = current_draft(session)
    return draft is not None and draft is not previous


def _check_size() -> None:
    """Refuse uploads that are too large, before they are read."""
    if (request.content_length or 0) > MAX_BYTES:
        raise RequestEntityTooLarge


def _known_template(session: CampaignSession, name: str) -> str | None:
    if name and name not in template_files(session.folder):
        raise NotFound
    return name or None


def _receive(
    session: CampaignSession, files: Sequence[tuple[str, bytes]], replaced_template: str | None
) -> None:
    result = _continued_result(session)

    def work(task: Task) -> FilesResult | None:
        for name, data in task.track(files, "Files checked"):
            _discard_notices(session, name)
            try:
                upload = recognise_upload(data, name)
                chosen_template = replaced_template if upload.kind == "template" else None
                _add_or_propose(
                    session, propose_replacement(session.folder, upload, chosen_template), result
                )
            except MergeError as error:
                problems = try_as_list(session, data, name, error.problems)
                if problems:
                    _record_refusal(session, name, problems)
        _check_proposals(session)
        # Without a result, the page shows the other changes by itself.
        return result if result.added_files or result.identical_paths else None

    session.submit("file", work, wait=_WAIT_SECONDS)


def _continued_result(session: CampaignSession) -> FilesResult:
    """Return the result of earlier uploads, to which new files are added."""
    earlier = session.task_result.result if session.task_result else None
    if not isinstance(earlier, FilesResult):
        return FilesResult()
    return FilesResult([*earlier.added_files], [*earlier.identical_paths])


def _record_refusal(
    session: CampaignSession, name: str, problems: tuple[Problem, ...] = ()
) -> None:
    refused_files = session.state(_DataState).refused_files
    refused_files[secrets.token_hex(4)] = RefusedFile(displayed_name(name), problems)


def _discard_notices(session: CampaignSession, name: str) -> None:
    """Remove earlier notices about a file that is uploaded again."""
    displayed = displayed_name(name)
    refused_files, offers = (
        session.state(_DataState).refused_files,
        session.state(_DataState).proposals,
    )
    for key in [key for key, notice in refused_files.items() if notice.name == displayed]:
        del refused_files[key]
    for key in [key for key, notice in offers.items() if notice.upload.original_name == displayed]:
        del offers[key]


def _add_or_propose(
    session: CampaignSession, proposal: ReplacementProposal, result: FilesResult
) -> None:
    """Add an upload if it is new, or propose to replace an existing file."""
    if proposal.is_same and proposal.path == proposal.replaced_path:
        result.identical_paths.append(proposal.path)
    elif proposal.needs_confirmation:
        if len(session.state(_DataState).proposals) < _MAX_PROPOSALS:
            session.state(_DataState).proposals[secrets.token_hex(4)] = proposal
        else:
            _record_refusal(session, proposal.upload.original_name)
    else:
        result.added_files.append(
            store_upload(session.folder, proposal, dt.datetime.now().astimezone())
        )


@screen.post("/data/file/<choice>")
def decide(
    session: CampaignSession,
    choice: Literal["put", "keep", "beside", "compare", "leave", "import"],
) -> Response:
    """Confirm or cancel an upload, or compare it with another template.

    `keep` replaces the workbook, but keeps its Settings sheet. `import` imports its signers. The
    next file may still be checked.
    """
    session.wait_for_task()
    key = request.form.get("offer", "")
    if choice == "leave" and key in session.state(_DataState).refused_files:
        del session.state(_DataState).refused_files[key]
        session.request_rescan()
        return redirect_to("data.show")
    proposal = session.state(_DataState).proposals.get(key)
    if proposal is None or choice not in _CHOICES:
        raise NotFound
    if choice == "leave":
        session.state(_DataState).proposals.pop(key, None)
        _check_proposals(session)
        session.request_rescan()
    elif choice == "compare":
        replaced_template = _known_template(session, request.form.get("instead", ""))
        if proposal.upload.kind == "template" and replaced_template:
            session.state(_DataState).proposals[key] = propose_replacement(
                session.folder, proposal.upload, replaced_template
            )
            _check_proposals(session)
    elif choice == "import":
        return _import_instead(session, key, proposal)
    else:
        session.submit(
            "file", _replacement_work(session, key, proposal, choice), wait=_WAIT_SECONDS
        )
    return redirect_to("data.show")


_CHOICES = {"put", "keep", "beside", "compare", "leave", "import"}


def _import_instead(session: CampaignSession, key: str, proposal: ReplacementProposal) -> Response:
    """Import the signers of a workbook that waits to replace the current one."""
    previous_draft = current_draft(session)

    def work(_task: Task) -> None:
        start_draft(session, proposal.upload.data, proposal.upload.original_name)
        session.state(_DataState).proposals.pop(key, None)

    session.submit("export", work, wait=_WAIT_SECONDS)
    return redirect_to("importing.show" if _is_list(session, previous_draft) else "data.show")


def _replacement_work(
    session: CampaignSession,
    key: str,
    proposal: ReplacementProposal,
    choice: Literal["put", "keep", "beside"],
) -> Callable[[Task], FilesResult]:
    upload = proposal.upload
    result = _continued_result(session)

    def work(_task: Task) -> FilesResult:
        is_added = choice == "beside" and upload.kind == "template"
        confirmed = propose_replacement(session.folder, upload, "") if is_added else proposal
        try:
            if choice == "keep":
                confirmed = keep_settings(session.folder, proposal)
            stored = store_upload(session.folder, confirmed, dt.datetime.now().astimezone())
        except MergeError:
            _compare_again(session, proposal.replaced_path)
            raise
        session.state(_DataState).proposals.pop(key, None)
        _compare_again(session, proposal.replaced_path)
        result.added_files.append(stored)
        return result

    return work


def _compare_again(session: CampaignSession, path: str) -> None:
    """Compare waiting uploads with the present file at a path again."""
    offers = session.state(_DataState).proposals
    for key, proposal in [*offers.items()]:
        if proposal.replaced_path == path:
            replaced_template = path.rpartition("/")[2] if proposal.is_template else None
            # If this fails, it stays as it was shown, and cannot replace the changed file.
            with suppress(MergeError):
                offers[key] = propose_replacement(
                    session.folder, proposal.upload, replaced_template
                )
    _check_proposals(session)


def _check_proposals(session: CampaignSession) -> None:
    """Check all waiting uploads, as one may need what another has."""
    proposals = session.state(_DataState).proposals
    waiting = {**proposals}
    with suppress(MergeError):  # a broken list of signers; its errors are shown anyway
        checked = check_together(session.folder, [*waiting.values()])
        for key, proposal in zip(waiting, checked, strict=True):
            if key in proposals:
                proposals[key] = proposal


# Files to open, warnings to ignore or show again


@screen.post("/data/open")
def open_input(session: CampaignSession) -> Response:
    """Open the workbook, the list, the register or a template."""
    path = request.form.get("file", "")
    if not can_open(session.folder, path):
        raise NotFound
    open_file(session.folder / path, session.folder)
    return redirect_to("data.show")


@screen.post("/data/review")
def review(session: CampaignSession) -> Response:
    """Include or exclude a person of the list who needs review."""
    decision = REVIEW_DECISIONS.get(request.form.get("decision", ""))
    if decision is None:
        raise NotFound
    person = _current_screen(session).people_to_review.get(request.form.get("person", ""))

    def work(_task: Task) -> None:
        if person is None:
            raise StorageError(messages.problem("list-changed", Place(LIST_FILE)))
        save_review(session.folder, person, decision)

    session.submit("import", work, wait=_WAIT_SECONDS)
    return redirect_to("data.show")


@screen.post("/data/ignore")
def ignore(session: CampaignSession) -> Response:
    """Ignore the warnings with the IDs in a form, or show them again.

    The form is on several screens. There is no result to show: the lists of warnings show it.
    """
    ids = re.findall(r"\b[0-9a-f]{16}\b", request.form.get("warnings", ""), re.ASCII)
    decisions = [StaffDecision("hide", warning_id, warning_id) for warning_id in ids]
    apply_decisions = show_again if "again" in request.form else save_decisions

    def work(campaign: Campaign, _task: Task) -> None:
        apply_decisions(campaign, decisions)

    session.submit_with_campaign("hide", work, wait=_WAIT_SECONDS)
    return redirect_back()
