"""Copies of the workbook and of the list: data that only they contain.

If two people change one file at the same time, the program that syncs the folder keeps the work of
one in a conflict copy. Nothing else reads that copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from merge import messages
from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.errors import MergeError
from merge.excel.copies import similarly_named_workbooks
from merge.naming import is_conflict_copy
from merge.ooxml.container import file_errors, read_bytes
from merge.ooxml.kinds import EXCEL
from merge.people import SheetKind
from merge.problems import Place, Problem
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE, Workbook, parse_workbook

if TYPE_CHECKING:
    from merge.campaign.uploads import SheetChanges

_MAX_COPIES = 10
"""Copies that are read: the newest."""


@dataclass(frozen=True, slots=True)
class WorkbookCopy:
    """A copy of the workbook or of the list: the warning about it.

    `stops_printing` is true for a conflict copy with more data, or that cannot be read.
    """

    problem: Problem
    stops_printing: bool

    @property
    def print_error(self) -> Problem:
        """The problem as an error."""
        return replace(self.problem, level="error")


def find_workbook_copies(folder: Path, book: Workbook) -> Iterator[WorkbookCopy]:
    """Yield the copies of the workbook and of the list in the campaign folder."""
    lists = _copies(folder / LIST_FILE, {LIST_FILE, PREVIOUS_LIST_FILE})
    for path in lists[:_MAX_COPIES]:
        yield _read_copy(path, LIST_FILE, book)
    known = {WORKBOOK_FILE, LIST_FILE, PREVIOUS_LIST_FILE, *(path.name for path in lists)}
    for path in _copies(folder / WORKBOOK_FILE, known)[:_MAX_COPIES]:
        yield _read_copy(path, WORKBOOK_FILE, book)


def _copies(original: Path, known: set[str]) -> list[Path]:
    """Return copies, first the ones of sync services, then the newest."""
    found: list[Path] = []
    with suppress(OSError):
        found = [path for path in similarly_named_workbooks(original) if path.name not in known]
        found.sort(
            key=lambda path: (not is_conflict_copy(path, original), -path.stat().st_mtime_ns, path)
        )
    return found


def _read_copy(path: Path, original: str, book: Workbook) -> WorkbookCopy:
    place, is_conflict = Place(path.name), is_conflict_copy(path, Path(original))
    try:
        with file_errors(EXCEL, path.name):
            data = read_bytes(path, EXCEL)
        entries = [*_only_in_copy(path, original, book, data)]
    except MergeError:
        problem = messages.problem("workbook-copy/unreadable", place, original=original)
        return WorkbookCopy(problem, is_conflict)
    if not entries:
        problem = messages.problem("workbook-copy/same", place, original=original)
        return WorkbookCopy(problem, stops_printing=False)
    problem = messages.problem("workbook-copy", place, original=original, entries=entries)
    return WorkbookCopy(problem, is_conflict)


def _only_in_copy(path: Path, original: str, book: Workbook, data: bytes) -> Iterator[str]:
    """Yield people, cells, settings and pairs that only a copy of a file has."""
    if original == LIST_FILE:
        yield from _only_in_list(path, data)
        return
    from merge.campaign.uploads import workbook_changes  # noqa: PLC0415 - rare

    copy = parse_workbook(data, path.name, path.parent)
    excluded = {(person.kind, person.key) for person in copy.excluded_people}
    changes = workbook_changes(book, copy)
    for sheet in changes.sheets:
        yield from _sheet_entries(sheet)
    for person in book.persons:
        if (person.kind, person.key) in excluded:
            yield f"Include of {person.label}"
    for setting in changes.settings:
        if setting.after:
            yield f"{setting.heading} in Settings"
    if _has_other_pairs(book, copy):
        yield "rows of Pairs"


def _only_in_list(path: Path, data: bytes) -> Iterator[str]:
    from merge.intake.destinations import INCLUDE, NAME  # noqa: PLC0415 - rare
    from merge.intake.signer_list import parse_list, read_list  # noqa: PLC0415 - rare

    people = {person.id: person for person in read_list(path.parent).list.people}
    for copy in parse_list(data, path.parent).list.people:
        name, person = copy.fields.get(NAME, ""), people.get(copy.id)
        if person is None or person.fields.get(NAME, "") != name:
            yield name
            continue
        cells = {**copy.fields, INCLUDE: copy.include}
        own_cells = {**person.fields, INCLUDE: person.include}
        for heading, text in cells.items():
            if text and text != own_cells.get(heading):
                yield f"{heading} of {name}"


def _sheet_entries(changes: SheetChanges) -> Iterator[str]:
    yield from changes.added
    yield from (f"the {heading} column" for heading in changes.columns_added)
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
