"""An import in progress: the uploaded list, the choices, the result.

The bytes of the file are only in memory. They are dropped when the list is saved or the import is
cancelled.
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
from merge.page.import_view_models import column_use, columns_to_check, count_skipped_rows
from merge.page.session import CampaignSession
from merge.problems import Place, Problem
from merge.workbook.reading import LIST_FILE

READ_STEP, COLUMNS_STEP, PEOPLE_STEP = 1, 2, 3
"""The steps: check how the file is read, match columns, review people."""


@dataclass(frozen=True)
class ImportDraft:
    """An import that is not saved yet. Its forms contain its `token`.

    `step` is the step that was reached. `notice` is the reason why a step cannot be left, or what
    has changed.

    `first_columns` are headings of columns that staff must check; they stay at the top.
    `letter_preview` is the beginning of the first person's letter, or None if it cannot be created.
    `unfilled_placeholders` are the placeholders that nothing fills. `selected_choices` were
    selected when saving failed.
    """

    file: str
    data: bytes = field(repr=False)
    view: ImportPreview
    step: int = READ_STEP
    notice: str = ""
    first_columns: frozenset[str] = frozenset()
    letter_preview: tuple[str, ...] | None = ()
    unfilled_placeholders: tuple[str, ...] = ()
    encoding_samples: tuple[form_import.EncodingSample, ...] = ()
    sheets: tuple[str, ...] = ()
    selected_choices: ImportChoices = field(default_factory=ImportChoices)
    token: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def choices(self) -> ImportChoices:
        """The choices that staff have made so far in the import."""
        return self.view.choices


@dataclass(frozen=True)
class SavedImport:
    """Result of a saved import.

    `email_count` is the number of people whose email address is in the file.
    """

    result: ImportResult
    file: str
    email_count: int
    skipped_count: int
    """Number of rows that were not imported."""
    short_postcode_count: int
    """Number of postal codes that may lack a zero and were not fixed."""


@dataclass(frozen=True)
class UndoneImport:
    """Result of undoing the last import: the list was restored or removed."""

    undone: str


@dataclass
class _ImportState:
    """State of the import screen."""

    draft: ImportDraft | None = None


def current_draft(session: CampaignSession) -> ImportDraft | None:
    """Return the import in progress, or None."""
    return session.state(_ImportState).draft


def discard_draft(session: CampaignSession) -> None:
    """Cancel the import in progress, and keep none of its data."""
    session.state(_ImportState).draft = None


def is_list_open(folder: Path) -> bool:
    """Return whether a lock file says that the list is open."""
    return any((folder / note).exists() for note in owner_file_names(LIST_FILE))


# Starting an import


def start_draft(session: CampaignSession, data: bytes, name: str) -> None:
    """Read an uploaded file, and keep it as the import in progress.

    It begins with the first step that needs staff. Raise MergeError if the file cannot be read as
    a list.
    """
    file = displayed_name(name)
    view = form_import.preview_import(session.folder, data, file)
    draft = ImportDraft(
        file, data, view, encoding_samples=view.encoding_samples, sheets=view.export.sheets
    )
    draft = replace(draft, step=_first_step(draft))
    session.state(_ImportState).draft = _with_preview(draft)


def _first_step(draft: ImportDraft) -> int:
    """Return the first step in which staff must choose or confirm something.

    The columns of a known form are confirmed, unless it has new ones.
    """
    plan = draft.view.plan
    if draft.encoding_samples or len(draft.sheets) > 1 or plan.similar_forms:
        return READ_STEP
    is_confirmed = draft.view.is_known_form and draft.view.has_no_errors
    return PEOPLE_STEP if is_confirmed and not plan.new_headings else COLUMNS_STEP


_LIST_KINDS = {FileKind.TEXT, FileKind.CSV, FileKind.ODS, FileKind.ZIP, FileKind.HTML}
"""Kinds of files whose problems as a list are reported.

For other kinds, the problems as a workbook are reported.
"""


def try_as_list(
    session: CampaignSession, data: bytes, name: str, workbook_problems: tuple[Problem, ...]
) -> tuple[Problem, ...]:
    """Start an import with a file that is neither workbook nor template.

    Return the reason why it is not a list. If its kind cannot be a list either, that is
    `workbook_problems`.
    """
    previous = current_draft(session)
    try:
        start_draft(session, data, name)
    except MergeError as error:
        if any(problem.code == "workbook-missing" for problem in error.problems):
            place = Place(displayed_name(name))
            return (*workbook_problems, messages.problem("workbook-missing/add-first", place))
        is_own_file = any(problem.code == "form-own-file" for problem in error.problems)
        return error.problems if is_own_file or _may_be_list(data) else workbook_problems
    draft = current_draft(session)
    if draft and all(column.strength == "none" for column in draft.view.plan.columns):
        session.state(_ImportState).draft = previous
        return workbook_problems
    return ()


def _may_be_list(data: bytes) -> bool:
    with suppress(MergeError), file_errors(EXPORT, ""):
        return bool(data) and detect_kind(data, EXPORT) in _LIST_KINDS
    return False


def apply_choices(
    session: CampaignSession, draft: ImportDraft, choices: ImportChoices, step: int
) -> Callable[[Task], None]:
    """Return work that reads the file with new choices, then shows a step.

    If a choice is missing, it stays at the columns and says why.
    """

    def work(_task: Task) -> None:
        view = form_import.preview_import(session.folder, draft.data, draft.file, choices)
        notice = _missing_choice(draft, view) if step > COLUMNS_STEP else ""
        reached = COLUMNS_STEP if notice else step
        changed_draft = replace(
            draft, view=view, step=reached, notice=notice, selected_choices=ImportChoices()
        )
        session.state(_ImportState).draft = _with_preview(changed_draft)

    return work


def _with_preview(draft: ImportDraft) -> ImportDraft:
    """Return a draft with a new letter preview and a new token."""
    view, responses = draft.view, draft.view.answers.people
    if not draft.choices.goes_to:  # the columns are as proposed
        draft = replace(draft, first_columns=columns_to_check(view))
    filled = {base_heading(column.goes_to) for column in view.plan.columns}
    fields = responses[0].fields if responses else {}
    if view.templates is None or view.book is None:
        return replace(draft, letter_preview=None, token=secrets.token_hex(4))
    return replace(
        draft,
        letter_preview=preview_lines(view.templates, view.book, fields),
        unfilled_placeholders=tuple(unfilled_placeholders(view.templates, filled)),
        token=secrets.token_hex(4),
    )


_NOTICES = {"form-no-name": "nobody", "form-consent": "consent"}


def _missing_choice(draft: ImportDraft, view: ImportPreview) -> str:
    """Return which choice is missing for the columns; empty if none is."""
    shown = {column.heading for column in draft.view.plan.columns if column.word_counts}
    current = {column.heading for column in view.plan.columns if column.goes_to == CONSENT}
    if current - shown:
        return "words"
    uses = {column_use(column) for column in view.plan.columns}
    if "to choose" in uses:
        return "unsure"
    if "to confirm" in uses:
        return "confirm"
    codes = [problem.code for problem in view.problems if problem.level == "error"]
    codes = [code for code in codes if code != "form-writes-to"]  # asked in the next step
    return next((_NOTICES.get(code, "other") for code in codes), "")


# Saving and undoing


def save_import(
    session: CampaignSession, draft: ImportDraft, choices: ImportChoices
) -> Callable[[Task], SavedImport | None]:
    """Return work that saves the import as shown, with the selected choices.

    If list or workbook were saved in the meantime, nothing is written and the draft is shown again.
    Selected choices stay selected until they are written.
    """

    def work(_task: Task) -> SavedImport | None:
        preview = form_import.preview_import(session.folder, draft.data, draft.file, choices)
        if _file_versions(preview) != _file_versions(draft.view):
            current_preview = form_import.preview_import(
                session.folder, draft.data, draft.file, draft.choices
            )
            changed_draft = replace(
                draft, view=current_preview, notice="changed", selected_choices=choices
            )
            session.state(_ImportState).draft = _with_preview(changed_draft)
            return None
        session.state(_ImportState).draft = replace(draft, selected_choices=choices)
        result = form_import.write_import(preview)
        discard_draft(session)
        return SavedImport(
            result,
            draft.file,
            email_count=preview.email_count,
            skipped_count=count_skipped_rows(preview),
            short_postcode_count=count_short_postcodes(preview),
        )

    return work


def count_short_postcodes(view: ImportPreview) -> int:
    """Return the number of short postal codes that the import does not fix.

    They may lack a leading zero.
    """
    rows = [r.row for r in view.answers.remarks if r.reason_code == "lost-zeros"]
    is_all = "lost-zeros" in view.choices.fix
    return 0 if is_all else sum(row not in view.choices.fix_zeros for row in rows)


def _file_versions(view: ImportPreview) -> object:
    return view.stored.state_when_read, view.workbook


def undo_import(session: CampaignSession) -> Callable[[Task], UndoneImport]:
    """Return work that undoes the last import."""
    return lambda _task: UndoneImport(import_undo.restore_previous_list(session.folder))
