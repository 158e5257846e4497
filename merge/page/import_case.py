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
from merge.campaign.errand import Errand
from merge.campaign.form_import import ImportResult, ImportView
from merge.campaign.incoming import brought_name
from merge.campaign.tags import preview_lines, unfilled_tags
from merge.disk import owner_files
from merge.errors import MergeError
from merge.intake.choices import ImportChoices
from merge.intake.destinations import CONSENT, base_heading
from merge.ooxml.container import file_errors
from merge.ooxml.kinds import EXPORT, FileKind
from merge.ooxml.package import kind_within
from merge.page.desk import Desk
from merge.problems import Place, Problem
from merge.workbook.reading import LIST_FILE

READ, COLUMNS, PEOPLE = 1, 2, 3
"""The steps: is it read right, what goes where, who."""


@dataclass(frozen=True)
class ImportCase:
    """A list that is being brought in. A form that is sent bears `token`: it is of what was shown.

    `step` is how far it is. `told` is what keeps a step from being done, or what changed since.
    `letter` is how the first person's letter would begin, None if it cannot be made, `unfilled` the
    tags of the letters that nothing fills. `ticked` is what was chosen when it was to be written,
    and was not.
    """

    file: str
    data: bytes = field(repr=False)
    view: ImportView
    step: int = READ
    told: str = ""
    letter: tuple[str, ...] | None = ()
    unfilled: tuple[str, ...] = ()
    readings: tuple[form_import.Reading, ...] = ()
    sheets: tuple[str, ...] = ()
    ticked: ImportChoices = field(default_factory=ImportChoices)
    token: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def choices(self) -> ImportChoices:
        """Return what staff have said so far."""
        return self.view.choices


@dataclass(frozen=True)
class Imported:
    """What was written, and of how many people the file has the email address."""

    result: ImportResult
    file: str
    emails: int
    short_codes: int
    """Postal codes that may lack a zero and were not fixed."""


@dataclass(frozen=True)
class Taken:
    """The last import was undone: the list is as before, or gone."""

    undone: str


@dataclass
class _Importing:
    """What the screen keeps."""

    case: ImportCase | None = None


def case_of(desk: Desk) -> ImportCase | None:
    """Return the list that is being brought in."""
    return desk.kept(_Importing).case


def leave(desk: Desk) -> None:
    """Put it away; nothing was written, and nothing of it is kept."""
    desk.kept(_Importing).case = None


def is_list_open(folder: Path) -> bool:
    """Return whether the note of a program that has the list open lies beside it."""
    return any((folder / note).exists() for note in owner_files(LIST_FILE))


# Looked at.


def look_at(desk: Desk, data: bytes, name: str) -> None:
    """Look at a file that was brought, and keep it as the one that is brought in.

    MergeError where it cannot be read as a list.
    """
    file = brought_name(name)
    view = form_import.look_at_export(desk.folder, data, file)
    case = ImportCase(file, data, view, readings=view.readings, sheets=view.export.sheets)
    desk.kept(_Importing).case = _told_of(desk, case)


_LISTS = {FileKind.TEXT, FileKind.CSV, FileKind.ODS, FileKind.ZIP, FileKind.HTML}
"""Kinds of files of which it is told why they are no list, rather than why no workbook."""


def taken_as_list(
    desk: Desk, data: bytes, name: str, why_not: tuple[Problem, ...]
) -> tuple[Problem, ...]:
    """Look at a file as a list that is no workbook and no template; return why it is none.

    `why_not` is why it is no workbook: that is told where it is no list by its kind either.
    """
    before = case_of(desk)
    try:
        look_at(desk, data, name)
    except MergeError as error:
        if any(problem.code == "workbook-missing" for problem in error.problems):
            place = Place(brought_name(name))
            return (*why_not, messages.problem("workbook-missing/add-first", place))
        return error.problems if _may_be_list(data) else why_not
    case = case_of(desk)
    if case and all(column.strength == "none" for column in case.view.plan.columns):
        desk.kept(_Importing).case = before
        return why_not
    return ()


def _may_be_list(data: bytes) -> bool:
    with suppress(MergeError), file_errors(EXPORT, ""):
        return bool(data) and kind_within(data, EXPORT) in _LISTS
    return False


def said(
    desk: Desk, case: ImportCase, choices: ImportChoices, step: int
) -> Callable[[Errand], None]:
    """Return the work that looks again with what staff say, and goes on to a step.

    A step that is not settled stays, and says why.
    """

    def work(_errand: Errand) -> None:
        view = form_import.look_at_export(desk.folder, case.data, case.file, choices)
        told = _unsettled(case, view) if step > COLUMNS else ""
        at = COLUMNS if told else step
        new = replace(case, view=view, step=at, told=told, ticked=ImportChoices())
        desk.kept(_Importing).case = _told_of(desk, new)

    return work


def _told_of(desk: Desk, case: ImportCase) -> ImportCase:
    """Return a case with how the first letter would begin, anew and to be told from others."""
    view, people = case.view, case.view.answers.people
    campaign = desk.sight.view.campaign if desk.sight.view else None
    filled = {base_heading(column.goes_to) for column in view.plan.columns}
    fields = people[0].fields if people else {}
    return replace(
        case,
        letter=preview_lines(campaign, fields) if campaign else None,
        unfilled=tuple(unfilled_tags(campaign, filled)) if campaign else (),
        token=secrets.token_hex(4),
    )


_WHYS = {"form-unsure": "unsure", "form-no-name": "nobody", "form-consent": "consent"}


def _unsettled(case: ImportCase, view: ImportView) -> str:
    """Return what is still to be said of what goes where; empty where nothing is."""
    shown = {column.heading for column in case.view.plan.columns if column.words}
    now = {column.heading for column in view.plan.columns if column.goes_to == CONSENT}
    if now - shown:
        return "words"
    codes = [problem.code for problem in view.problems if problem.level == "error"]
    return next((_WHYS.get(code, "other") for code in codes), "")


# Written, undone.


def write(
    desk: Desk, case: ImportCase, choices: ImportChoices
) -> Callable[[Errand], Imported | None]:
    """Return the work that writes what was shown, with what was ticked.

    If list or workbook were saved since, nothing is written, and it is shown anew. What was ticked
    stays ticked until it is written.
    """

    def work(_errand: Errand) -> Imported | None:
        view = form_import.look_at_export(desk.folder, case.data, case.file, choices)
        if _seen(view) != _seen(case.view):
            now = form_import.look_at_export(desk.folder, case.data, case.file, case.choices)
            new = replace(case, view=now, told="changed", ticked=choices)
            desk.kept(_Importing).case = _told_of(desk, new)
            return None
        desk.kept(_Importing).case = replace(case, ticked=choices)
        result = form_import.write_import(view)
        leave(desk)
        return Imported(result, case.file, view.emails, short_codes(view))

    return work


def short_codes(view: ImportView) -> int:
    """Return how many postal codes may lack a zero and are not fixed by an import."""
    rows = [r.row for r in view.answers.remarks if r.why == "lost-zeros"]
    is_all = "lost-zeros" in view.choices.fix
    return 0 if is_all else sum(row not in view.choices.fix_zeros for row in rows)


def _seen(view: ImportView) -> object:
    return view.stored.seen, view.workbook


def undo(desk: Desk) -> Callable[[Errand], Taken]:
    """Return the work that undoes the last import."""
    return lambda _errand: Taken(import_undo.undo(desk.folder))
