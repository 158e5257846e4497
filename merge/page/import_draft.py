"""A list that is brought in: what was looked at, what staff said to it, written as it was shown.

The file's bytes stay in memory, never in a folder, and go when the list is written or left.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from merge import messages
from merge.campaign import form_import, import_undo
from merge.campaign.form_import import ImportPreview, ImportResult
from merge.campaign.placeholders import preview_lines, unfilled_placeholders
from merge.campaign.task import Task
from merge.campaign.uploads import displayed_name
from merge.disk import owner_file_names
from merge.errors import MergeError
from merge.intake.choices import ImportChoices
from merge.intake.destinations import CONSENT, base_heading
from merge.ooxml.container import file_errors
from merge.ooxml.kinds import EXPORT, FileKind
from merge.ooxml.package import detect_kind
from merge.page.session import CampaignSession
from merge.problems import Place, Problem
from merge.workbook.reading import LIST_FILE

READ_STEP, COLUMNS_STEP, PEOPLE_STEP = 1, 2, 3
"""The steps: is it read right, what goes where, who."""


@dataclass(frozen=True)
class ImportDraft:
    """A list that is being brought in. A form that is sent bears `token`: it is of what was shown.

    `step` is how far it is. `told` is what keeps a step from being done, or what changed since.
    `letter` is how the first person's letter would begin, None if it cannot be made, `unfilled` the
    tags of the letters that nothing fills. `ticked` is what was chosen when it was to be written,
    and was not.
    """

    file: str
    data: bytes = field(repr=False)
    view: ImportPreview
    step: int = READ_STEP
    notice: str = ""
    letter_preview: tuple[str, ...] | None = ()
    unfilled_placeholders: tuple[str, ...] = ()
    encoding_samples: tuple[form_import.EncodingSample, ...] = ()
    sheets: tuple[str, ...] = ()
    selected_choices: ImportChoices = field(default_factory=ImportChoices)
    token: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def choices(self) -> ImportChoices:
        """Return what staff have said so far."""
        return self.view.choices


@dataclass(frozen=True)
class SavedImport:
    """What was written, and of how many people the file has the email address."""

    result: ImportResult
    file: str
    email_count: int
    short_postcode_count: int
    """Postal codes that may lack a zero and were not fixed."""


@dataclass(frozen=True)
class UndoneImport:
    """The last import was undone: the list is as before, or gone."""

    undone: str


@dataclass
class _ImportState:
    """What the screen keeps."""

    draft: ImportDraft | None = None


def current_draft(desk: CampaignSession) -> ImportDraft | None:
    """Return the list that is being brought in."""
    return desk.state(_ImportState).draft


def discard_draft(desk: CampaignSession) -> None:
    """Put it away; nothing was written, and nothing of it is kept."""
    desk.state(_ImportState).draft = None


def is_list_open(folder: Path) -> bool:
    """Return whether the note of a program that has the list open lies beside it."""
    return any((folder / note).exists() for note in owner_file_names(LIST_FILE))


# Looked at.


def start_draft(desk: CampaignSession, data: bytes, name: str) -> None:
    """Look at a file that was brought, and keep it as the one that is brought in.

    MergeError where it cannot be read as a list.
    """
    file = displayed_name(name)
    view = form_import.preview_import(desk.folder, data, file)
    case = ImportDraft(
        file, data, view, encoding_samples=view.encoding_samples, sheets=view.export.sheets
    )
    desk.state(_ImportState).draft = _with_preview(desk, case)


_LIST_KINDS = {FileKind.TEXT, FileKind.CSV, FileKind.ODS, FileKind.ZIP, FileKind.HTML}
"""Kinds of files of which it is told why they are no list, rather than why no workbook."""


def try_as_list(
    desk: CampaignSession, data: bytes, name: str, why_not: tuple[Problem, ...]
) -> tuple[Problem, ...]:
    """Look at a file as a list that is no workbook and no template; return why it is none.

    `why_not` is why it is no workbook: that is told where it is no list by its kind either.
    """
    before = current_draft(desk)
    try:
        start_draft(desk, data, name)
    except MergeError as error:
        if any(problem.code == "workbook-missing" for problem in error.problems):
            place = Place(displayed_name(name))
            return (*why_not, messages.problem("workbook-missing/add-first", place))
        return error.problems if _may_be_list(data) else why_not
    case = current_draft(desk)
    if case and all(column.strength == "none" for column in case.view.plan.columns):
        desk.state(_ImportState).draft = before
        return why_not
    return ()


def _may_be_list(data: bytes) -> bool:
    with suppress(MergeError), file_errors(EXPORT, ""):
        return bool(data) and detect_kind(data, EXPORT) in _LIST_KINDS
    return False


def apply_choices(
    desk: CampaignSession, case: ImportDraft, choices: ImportChoices, step: int
) -> Callable[[Task], None]:
    """Return the work that looks again with what staff say, and goes on to a step.

    A step that is not settled stays, and says why.
    """

    def work(_errand: Task) -> None:
        view = form_import.preview_import(desk.folder, case.data, case.file, choices)
        told = _missing_choice(case, view) if step > COLUMNS_STEP else ""
        at = COLUMNS_STEP if told else step
        new = replace(case, view=view, step=at, notice=told, selected_choices=ImportChoices())
        desk.state(_ImportState).draft = _with_preview(desk, new)

    return work


def _with_preview(desk: CampaignSession, case: ImportDraft) -> ImportDraft:
    """Return a case with how the first letter would begin, anew and to be told from others."""
    view, people = case.view, case.view.answers.people
    campaign = desk.snapshot.view.campaign if desk.snapshot.view else None
    filled = {base_heading(column.goes_to) for column in view.plan.columns}
    fields = people[0].fields if people else {}
    return replace(
        case,
        letter_preview=preview_lines(campaign, fields) if campaign else None,
        unfilled_placeholders=tuple(unfilled_placeholders(campaign, filled)) if campaign else (),
        token=secrets.token_hex(4),
    )


_NOTICES = {"form-unsure": "unsure", "form-no-name": "nobody", "form-consent": "consent"}


def _missing_choice(case: ImportDraft, view: ImportPreview) -> str:
    """Return what is still to be said of what goes where; empty where nothing is."""
    shown = {column.heading for column in case.view.plan.columns if column.word_counts}
    now = {column.heading for column in view.plan.columns if column.goes_to == CONSENT}
    if now - shown:
        return "words"
    codes = [problem.code for problem in view.problems if problem.level == "error"]
    return next((_NOTICES.get(code, "other") for code in codes), "")


# Written, undone.


def save_import(
    desk: CampaignSession, case: ImportDraft, choices: ImportChoices
) -> Callable[[Task], SavedImport | None]:
    """Return the work that writes what was shown, with what was ticked.

    If list or workbook were saved since, nothing is written, and it is shown anew. What was ticked
    stays ticked until it is written.
    """

    def work(_errand: Task) -> SavedImport | None:
        view = form_import.preview_import(desk.folder, case.data, case.file, choices)
        if _file_versions(view) != _file_versions(case.view):
            now = form_import.preview_import(desk.folder, case.data, case.file, case.choices)
            new = replace(case, view=now, notice="changed", selected_choices=choices)
            desk.state(_ImportState).draft = _with_preview(desk, new)
            return None
        desk.state(_ImportState).draft = replace(case, selected_choices=choices)
        result = form_import.write_import(view)
        discard_draft(desk)
        return SavedImport(result, case.file, view.email_count, count_short_postcodes(view))

    return work


def count_short_postcodes(view: ImportPreview) -> int:
    """Return how many postal codes may lack a zero and are not fixed by an import."""
    rows = [r.row for r in view.answers.remarks if r.reason_code == "lost-zeros"]
    is_all = "lost-zeros" in view.choices.fix
    return 0 if is_all else sum(row not in view.choices.fix_zeros for row in rows)


def _file_versions(view: ImportPreview) -> object:
    return view.stored.state_when_read, view.workbook


def undo_import(desk: CampaignSession) -> Callable[[Task], UndoneImport]:
    """Return the work that undoes the last import."""
    return lambda _errand: UndoneImport(import_undo.restore_previous_list(desk.folder))
