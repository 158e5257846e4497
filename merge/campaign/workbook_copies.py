"""Copies of the workbook and of the list: data that only they contain.

If two people change one file at the same time, the program that syncs the folder keeps the work of
one in a conflict copy. Nothing else reads that copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from merge import messages
from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.errors import MergeError
from merge.excel.copies import is_conflict_copy, similarly_named_workbooks
from merge.ooxml.container import file_errors, read_bytes
from merge.ooxml.kinds import EXCEL
from merge.people import SheetKind
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
        with file_errors(EXCEL, copy.name):
            data = read_bytes(copy, EXCEL)
        folder = copy.parent if original == WORKBOOK_FILE else None
        entries = [*_only_in_copy(original, book, parse_workbook(data, copy.name, folder))]
    except MergeError:
        return messages.problem("workbook-copy/unreadable", place, original=original)
    if not entries:
        return messages.problem("workbook-copy/same", place, original=original)
    return messages.problem("workbook-copy", place, original=original, entries=entries)


def _only_in_copy(original: str, book: Workbook, copy: Workbook) -> Iterator[str]:
    """Yield people, cells, settings and pairs that only a copy of a file has."""
    from merge.campaign.uploads import sheet_changes, workbook_changes  # noqa: PLC0415 - rare

    excluded = {(person.kind, person.key) for person in copy.excluded_people}
    left_out = [p for p in book.persons if (p.kind, p.key) in excluded]
    if original == LIST_FILE:
        yield from _sheet_entries(sheet_changes(book.signers, copy.signers, "Signers"))
        yield from (f"Include of {person.label}" for person in left_out)
        return
    changes = workbook_changes(book, copy)
    for sheet in changes.sheets:
        yield from _sheet_entries(sheet)
    yield from (f"Include of {person.label}" for person in left_out)
    for setting in changes.settings:
        if setting.after:
            yield f"{setting.heading} in Settings"
    if _has_other_pairs(book, copy):
        yield "rows of Pairs"


def _sheet_entries(changes: SheetChanges) -> Iterator[str]:
    yield from changes.added
    yield from (f"{cell.heading} of {cell.person}" for cell in changes.cells if cell.after)


def _has_other_pairs(book: Workbook, copy: Workbook) -> bool:
    """Return whether people of both workbooks have other pairs in the copy."""
    common = {(p.kind, p.key) for p in book.persons} & {(p.kind, p.key) for p in copy.persons}
    return _pairs_among(copy, common) != _pairs_among(book, common)


def _pairs_among(
    book: Workbook, people: AbstractSet[tuple[SheetKind, str]]
) -> set[tuple[str, str]]:
    keys = ((pair.signer.key, pair.recipient.key) for pair in book.pairs())
    return {(s, r) for s, r in keys if ("signer", s) in people and ("recipient", r) in people}
