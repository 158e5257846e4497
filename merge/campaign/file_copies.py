"""Copies of the workbook, the list and templates, and how they differ.

If two people change one file at the same time, the program that syncs the folder keeps the work of
one in a conflict copy. Nothing else reads that copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from merge import messages
from merge.checks.data import unused_templates
from merge.disk import read_campaign_file
from merge.errors import MergeError
from merge.excel.copies import similarly_named_workbooks
from merge.naming import is_conflict_copy
from merge.ooxml.container import file_errors, read_bytes
from merge.ooxml.kinds import EXCEL, TEMPLATE
from merge.people import SheetKind
from merge.problems import Place, Problem, shorten
from merge.product import TEMPLATES_FOLDER
from merge.state.ledger import ledger_to_read
from merge.template.campaign_templates import Templates
from merge.text.folding import folded
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE, Workbook, parse_workbook

if TYPE_CHECKING:
    from merge.campaign.file_changes import SheetChanges
    from merge.intake.list_types import ListedPerson

_MAX_VALUE = 40
"""Length of a cell's text in a message, in characters."""
_MAX_COPIES = 10
"""Copies that are read: the newest."""


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A copy of the workbook, the list or a template: the warning about it.

    `stops_printing` is true for a conflict copy that differs, or that cannot be read.
    """

    problem: Problem
    stops_printing: bool

    @property
    def print_error(self) -> Problem:
        """The problem as an error."""
        return replace(self.problem, level="error")


# Copies of templates.


def find_template_copies(folder: Path, book: Workbook, templates: Templates) -> Iterator[FileCopy]:
    """Yield the conflict copies of the templates that letters use."""
    for name in unused_templates(templates, book.recipients.persons, book.excluded_people):
        if original := templates.original_of(name):
            yield _compare_template(folder / TEMPLATES_FOLDER, name, original)


def _compare_template(folder: Path, name: str, original: str) -> FileCopy:
    from merge.campaign.file_changes import template_changes  # noqa: PLC0415 - rare

    place = Place(f"{TEMPLATES_FOLDER}/{name}")
    try:
        with file_errors(TEMPLATE, name):
            old, new = (read_bytes(folder / file, TEMPLATE) for file in (original, name))
        if old == new:
            problem = messages.problem("template-copy/same", place, template=original)
            return FileCopy(problem, stops_printing=False)
        changes = template_changes(old, new)
    except MergeError:
        problem = messages.problem("template-copy/unreadable", place, template=original)
        return FileCopy(problem, stops_printing=True)
    if not changes.paragraphs:
        problem = messages.problem("template-copy/same-text", place, template=original)
        return FileCopy(problem, stops_printing=True)
    count, text = len(changes.paragraphs), next(filter(None, changes.paragraphs[0][::-1]), "")
    problem = messages.problem(
        "template-copy", place, template=original, count=count, text=shorten(text)
    )
    return FileCopy(problem, stops_printing=True)


# Copies of the workbook and of the list.


def find_workbook_copies(path: Path, book: Workbook, letters: Path) -> Iterator[FileCopy]:
    """Yield the copies of the workbook with a path, and of the list beside it.

    `letters` is the folder of the ledger, which knows whose data was deleted.
    """
    lists = _copies(path.with_name(LIST_FILE), {LIST_FILE, PREVIOUS_LIST_FILE})
    for copy in lists[:_MAX_COPIES]:
        yield from _read_copy(copy, LIST_FILE, book, letters)
    known = {path.name, LIST_FILE, PREVIOUS_LIST_FILE, *(copy.name for copy in lists)}
    for copy in _copies(path, known)[:_MAX_COPIES]:
        yield from _read_copy(copy, path.name, book, letters)


def _copies(original: Path, known: set[str]) -> list[Path]:
    """Return copies, first the ones of sync services, then the newest."""
    found: list[Path] = []
    with suppress(OSError):
        found = [path for path in similarly_named_workbooks(original) if path.name not in known]
        found.sort(
            key=lambda path: (not is_conflict_copy(path, original), -path.stat().st_mtime_ns, path)
        )
    return found


def _read_copy(path: Path, original: str, book: Workbook, letters: Path) -> Iterator[FileCopy]:
    place, is_conflict = Place(path.name), is_conflict_copy(path, Path(original))
    try:
        with file_errors(EXCEL, path.name):
            data = read_bytes(path, EXCEL)
        compare = _compare_lists if original == LIST_FILE else _compare_workbooks
        differences = compare(path, book, data, letters)
    except MergeError:
        problem = messages.problem("workbook-copy/unreadable", place, original=original)
        yield FileCopy(problem, is_conflict)
        return
    if people := differences.deleted_people:
        problem = messages.problem("workbook-copy/deleted", place, original=original, people=people)
        yield FileCopy(problem, stops_printing=False)
    entries = [entry for entry in differences.only_in_copy if entry not in people]
    missing = differences.missing if is_conflict else []
    if not (entries or missing):
        problem = messages.problem("workbook-copy/same", place, original=original)
        yield from () if people else (FileCopy(problem, stops_printing=False),)
    elif not is_conflict:
        problem = messages.problem("workbook-copy", place, original=original, entries=entries)
        yield FileCopy(problem, stops_printing=False)
    else:
        problem = _conflict_problem(place, original, entries, missing)
        yield FileCopy(problem, stops_printing=True)


def _conflict_problem(
    place: Place, original: str, entries: Sequence[str], missing: Sequence[str]
) -> Problem:
    """Return the warning of a conflict copy that differs."""
    people_in_both = [name for name in entries if name in missing]  # under two IDs
    return messages.problem(
        "workbook-copy/conflict",
        place,
        original=original,
        entries=[entry for entry in entries if entry not in people_in_both] or None,
        missing=[entry for entry in missing if entry not in people_in_both] or None,
        same=people_in_both or None,
    )


@dataclass(frozen=True, slots=True)
class _Differences:
    """People, cells, columns and settings in which a copy differs."""

    only_in_copy: list[str]
    missing: list[str]
    deleted_people: list[str]
    """People in the copy whose data was deleted."""


def _compare_workbooks(path: Path, book: Workbook, data: bytes, letters: Path) -> _Differences:
    from merge.campaign.file_changes import workbook_changes  # noqa: PLC0415 - rare

    copy = parse_workbook(data, path.name, path.parent)
    excluded_keys = {(person.kind, person.key) for person in copy.excluded_people}
    excluded = [str(p.label) for p in book.persons if (p.kind, p.key) in excluded_keys]
    changes = workbook_changes(book, copy)
    only_in_copy = [entry for sheet in changes.sheets for entry in _added_entries(sheet)]
    only_in_copy += (f"Include of {label}" for label in excluded)
    only_in_copy += (f"{s.heading} in Settings" for s in changes.settings if s.after)
    if _has_other_pairs(book, copy):
        only_in_copy.append("rows of Pairs")
    missing = [entry for sheet in changes.sheets for entry in _removed_entries(sheet)]
    missing = [entry for entry in missing if entry not in excluded]
    missing += (f"{s.heading} in Settings" for s in changes.settings if not s.after)
    deleted = {
        kind: _find_deleted(letters, kind, [p.key for p in copy.all_people if p.kind == kind])
        for kind in get_args(SheetKind)
    }
    deleted_people = [str(p.label) for p in copy.all_people if p.key in deleted[p.kind]]
    return _Differences(only_in_copy, missing, deleted_people)


def _added_entries(changes: SheetChanges) -> Iterator[str]:
    yield from changes.added
    yield from (f"the {heading} column" for heading in changes.columns_added)
    for cell in changes.cells:
        if cell.after == cell.person:  # another name under the same ID
            yield cell.person
        elif cell.after:
            yield f"{cell.heading} of {cell.person} (“{shorten(cell.after, _MAX_VALUE)}”)"


def _removed_entries(changes: SheetChanges) -> Iterator[str]:
    yield from changes.removed
    yield from (f"the {heading} column" for heading in changes.columns_removed)
    yield from (f"{cell.heading} of {cell.person}" for cell in changes.cells if not cell.after)


def _find_deleted(letters: Path, kind: SheetKind, keys: Iterable[str]) -> set[str]:
    """Return those keys of people in a sheet whose data was deleted."""
    with ledger_to_read(letters) as ledger:
        return {key for key in keys if ledger.was_person_deleted(kind, key)}


def _compare_lists(path: Path, _book: Workbook, data: bytes, letters: Path) -> _Differences:
    from merge.intake.destinations import NAME  # noqa: PLC0415 - rare
    from merge.intake.signer_list import parse_people  # noqa: PLC0415 - rare

    people = parse_people(read_campaign_file(path.with_name(LIST_FILE)))
    copied_people = parse_people(data)
    names_by_key = {
        f"id:{folded(person.id)}" if person.id else f"name:{folded(name)}": name
        for person in copied_people
        if (name := person.fields.get(NAME, ""))
    }
    deleted = _find_deleted(letters, "signer", names_by_key)
    return _Differences(
        [*_only_in_first(copied_people, people)],
        [*_only_in_first(people, copied_people, also_changed=False)],
        [name for key, name in names_by_key.items() if key in deleted],
    )


def _only_in_first(
    first: Iterable[ListedPerson], second: Iterable[ListedPerson], *, also_changed: bool = True
) -> Iterator[str]:
    """Yield people and cells of the first list that the second lacks.

    If `also_changed` is true, cells with another text and people with another name count, too.
    """
    from merge.intake.destinations import INCLUDE, NAME  # noqa: PLC0415 - rare

    people = {person.id or person.fields.get(NAME): person for person in second}
    for person in first:
        name = person.fields.get(NAME, "")
        other = people.get(person.id or name)
        if other is None or (also_changed and other.fields.get(NAME, "") != name):
            yield name
            continue
        other_cells = {**other.fields, INCLUDE: other.include}
        for heading, text in {**person.fields, INCLUDE: person.include}.items():
            other_text = other_cells.get(heading)
            if text and text != other_text and (also_changed or not other_text):
                value = f" (“{shorten(text, _MAX_VALUE)}”)" if also_changed else ""
                yield f"{heading} of {name}{value}"


def _has_other_pairs(book: Workbook, copy: Workbook) -> bool:
    """Return whether people of both workbooks have other pairs in the copy."""
    common = {(p.kind, p.key) for p in book.persons} & {(p.kind, p.key) for p in copy.persons}
    return _pairs_among(copy, common) != _pairs_among(book, common)


def _pairs_among(
    book: Workbook, people: AbstractSet[tuple[SheetKind, str]]
) -> set[tuple[str, str]]:
    keys = ((pair.signer.key, pair.recipient.key) for pair in book.pairs())
    return {(s, r) for s, r in keys if ("signer", s) in people and ("recipient", r) in people}
