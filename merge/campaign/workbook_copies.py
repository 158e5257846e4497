"""Copies of the workbook and of the list: data that only they contain.

If two people change one file at the same time, the program that syncs the folder keeps the work of
one in a conflict copy. Nothing else reads that copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from merge import messages
from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.errors import MergeError
from merge.excel.copies import is_conflict_copy, similarly_named_workbooks
from merge.problems import Place, Problem
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE, Workbook, parse_workbook

if TYPE_CHECKING:
    from merge.campaign.uploads import SheetChanges

_MAX_COPIES = 10
"""Copies that are read: the newest."""


def workbook_copy_problems(folder: Path, book: Workbook) -> Iterator[Problem]:
    """Yield a warning for each copy of the workbook or of the list."""
    lists = _copies(folder / LIST_FILE, {LIST_FILE, PREVIOUS_LIST_FILE})
    for copy in lists:
        yield _copy_problem(copy, LIST_FILE, book)
    known = {WORKBOOK_FILE, LIST_FILE, PREVIOUS_LIST_FILE, *(copy.name for copy in lists)}
    for copy in _copies(folder / WORKBOOK_FILE, known):
        yield _copy_problem(copy, WORKBOOK_FILE, book)


def conflict_copy_errors(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield an error, which stops printing, for each copy with more data.

    Only conflict copies count, not copies that staff keep.
    """
    originals = (Path(WORKBOOK_FILE), Path(LIST_FILE))
    for problem in problems:
        has_data, copy = "entries" in dict(problem.fields), Path(problem.place.file)
        if has_data and any(is_conflict_copy(copy, original) for original in originals):
            yield replace(problem, level="error")


def _copies(path: Path, known: set[str]) -> list[Path]:
    found: list[Path] = []
    with suppress(OSError):
        found = [copy for copy in similarly_named_workbooks(path) if copy.name not in known]
        found.sort(key=lambda copy: (-copy.stat().st_mtime_ns, copy))
    return found[:_MAX_COPIES]


def _copy_problem(copy: Path, original: str, book: Workbook) -> Problem:
    place = Place(copy.name)
    try:
        entries = [*_only_in_copy(original, book, parse_workbook(copy.read_bytes(), copy.name))]
    except (MergeError, OSError):
        return messages.problem("workbook-copy/unreadable", place, original=original)
    if not entries:
        return messages.problem("workbook-copy/same", place, original=original)
    return messages.problem("workbook-copy", place, original=original, entries=entries)


def _only_in_copy(original: str, book: Workbook, copy: Workbook) -> Iterator[str]:
    """Yield people, cells and settings that only a copy of a file has."""
    from merge.campaign.uploads import sheet_changes, workbook_changes  # noqa: PLC0415 - rare

    if original == LIST_FILE:
        yield from _sheet_entries(sheet_changes(book.signers, copy.signers, "Signers"))
        return
    changes = workbook_changes(book, copy)
    for sheet in changes.sheets:
        yield from _sheet_entries(sheet)
    for setting in changes.settings:
        if setting.after:
            yield f"{setting.heading} in Settings"


def _sheet_entries(changes: SheetChanges) -> Iterator[str]:
    yield from changes.added
    yield from (f"{cell.heading} of {cell.person}" for cell in changes.cells if cell.after)
