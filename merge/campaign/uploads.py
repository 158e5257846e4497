"""A file that somebody brings: what it is, how it differs from what is there, put in its place.

What it is is told by its contents, within the limits that hold for every file. Nothing of a file
that is refused lands in the campaign folder; what another file replaces goes to Old versions.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from merge import messages
from merge.campaign.campaign_files import WORKBOOK_FILE, check_places
from merge.disk import (
    DRAFT_NAME_ENDS,
    OFFICE_OWNER_PREFIX,
    FilePlacer,
    FileState,
    draft_file,
    file_state,
    free_name,
    make_folders,
    os_error_text,
    owner_file_names,
    read_campaign_file,
    word_owner_file_names,
    write_all,
)
from merge.errors import (
    DataError,
    FaultError,
    MergeError,
    StorageError,
    TemplateError,
    translate_errors,
)
from merge.excel.reader import parse_excel_file
from merge.naming import heading_for_placeholder, path_key, safe_path_part
from merge.ooxml.container import FILE_LIMIT_EXCEEDED, MAX_FILE_BYTES, FilePolicy, file_errors
from merge.ooxml.kinds import EXCEL, EXPORT, TEMPLATE, FileKind, added_file_error
from merge.ooxml.package import detect_kind, open_archive, parse_package
from merge.ooxml.relationships import CONTENT_TYPES
from merge.ooxml.stamps import read_stamp
from merge.people import People
from merge.problems import Place, Problem
from merge.product import REGISTER_FILE, TEMPLATES_FOLDER
from merge.proofreading.differences import find_changes as paragraph_changes
from merge.proofreading.text import Paragraph, read_paragraphs, read_parts
from merge.register.layouts import LAYOUTS
from merge.state.folder_access import OLD_VERSIONS_FOLDER
from merge.template.template import FaultyTemplateError, compile_template
from merge.text.folding import folded
from merge.values import BLANK
from merge.workbook.reading import LIST_FILE, LIST_SHEETS, Workbook, parse_workbook

_TEMPLATE_ENDINGS: Mapping[FileKind, str] = {
    FileKind.DOCX: ".docx",
    FileKind.DOTX: ".dotx",
    FileKind.DOCM: ".docm",
    FileKind.DOTM: ".dotm",
}
_MAX_NAME = 80
"""Characters of a template's name."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A workbook or a template that was brought: its name in the campaign, and its bytes.

    `brought` is what it was called where it comes from.
    """

    kind: Literal["workbook", "template"]
    name: str
    data: bytes = field(repr=False)
    original_name: str = ""


def recognise_upload(data: bytes, name: str) -> UploadedFile:
    """Return what a file is by its contents; `name` is what it was called where it comes from.

    Raise a MergeError that says what it is, and what to do, where it is neither a workbook with
    signers or recipients nor a template, or passes a limit.
    """
    own, shown = _without_folders(name), displayed_name(name)
    if own.startswith(OFFICE_OWNER_PREFIX) and len(data) < 1_000:
        raise DataError(messages.problem("file-owner", Place(shown)))
    wording = TEMPLATE if b"word/" in data else EXCEL
    with file_errors(wording, shown):
        kind = _check_kind(data, wording)
        if kind is FileKind.XLSX:
            _check_workbook(data)
        elif read_stamp(data):
            raise FaultError(messages.fault("file-letter"), TemplateError)
    if kind is FileKind.XLSX:
        _check_sheets(data, shown)
        return UploadedFile("workbook", WORKBOOK_FILE, data, shown)
    parse_package(data, shown, TEMPLATE)
    ending = _TEMPLATE_ENDINGS[kind]
    stem = safe_path_part(
        re.sub(r"\.\w{1,5}$", "", own), reserved_length=len(ending), max_length=_MAX_NAME
    )
    return UploadedFile("template", f"{stem}{ending}", data, shown)


def displayed_name(name: str) -> str:
    """Return what a file was called where it comes from, as it can be shown: without folders."""
    return safe_path_part(_without_folders(name), max_length=_MAX_NAME)


def _without_folders(name: str) -> str:
    return re.split(r"[/\\]", name)[-1]


def _check_kind(data: bytes, wording: FilePolicy) -> FileKind:
    if len(data) > MAX_FILE_BYTES:
        raise wording.too_large_error(FILE_LIMIT_EXCEEDED)
    kind = detect_kind(data, wording)
    if kind is FileKind.XLSX or kind in _TEMPLATE_ENDINGS:
        return kind
    raise added_file_error(kind)


def _check_workbook(data: bytes) -> None:
    """Refuse a workbook that Excel would not open under the name that it gets."""
    types = open_archive(data, EXCEL).read(CONTENT_TYPES).lower()
    if b"spreadsheetml.sheet.main+xml" not in types:
        raise FaultError(messages.fault("workbook-macros"), DataError)


def _check_sheets(data: bytes, file: str) -> None:
    """Raise DataError where a workbook has no sheet of people: it is another list."""
    book = parse_workbook(data, file)
    if {"signer", "recipient"} <= book.unreadable_roots and not (
        book.signers.sheet or book.recipients.sheet
    ):
        missing = [p for p in book.problems if p.code == "sheet-missing"]
        if len(missing) > 1:
            raise DataError(_other_workbook_problem(book.sheets, Place(file)))


def refuse_own_files(data: bytes, file: str, workbook: str) -> None:
    """Raise DataError if a list to import is the campaign's workbook, list or register.

    `workbook` is the name of the campaign's workbook.
    """
    names = set[str]()
    with suppress(MergeError), file_errors(EXPORT, file):
        if detect_kind(data, EXPORT) is FileKind.XLSX:
            names = {folded(sheet.name) for sheet in parse_excel_file(data, file).sheets}
    own = {**_CAMPAIGN_FILES, ("Signers", "Recipients"): workbook}
    for sheets, called in own.items():
        if names.issuperset(map(folded, sheets)):
            raise DataError(messages.problem("form-own-file", Place(file), file=called))


_CAMPAIGN_FILES = {
    LIST_SHEETS: LIST_FILE,
    tuple(layout.sheet for layout in LAYOUTS): REGISTER_FILE,
}
"""The sheets by which files of a campaign are recognised."""


def _other_workbook_problem(names: Sequence[str], place: Place) -> Problem:
    if len(names) < 2:
        return messages.problem("workbook-other/one-sheet", place, sheet=next(iter(names), None))
    return messages.problem("workbook-other", place, sheets=names)


# How it differs from the one that is there.


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A cell that says something else: whose it is, its heading, what stood there, what stands."""

    person: str
    heading: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SheetChanges:
    """What differs in a sheet of people: who came, who went, their cells, the columns."""

    sheet: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    cells: tuple[ValueChange, ...] = ()
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (
            self.added or self.removed or self.cells or self.columns_added or self.columns_removed
        )


@dataclass(frozen=True, slots=True)
class WorkbookChanges:
    """What differs between two workbooks, as far as letters go by it."""

    sheets: tuple[SheetChanges, ...]
    settings: tuple[ValueChange, ...]
    pairs: tuple[int, int]
    """How many letters there would be, before and after."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs that a letter goes by."""
        same = self.pairs[0] == self.pairs[1] and not self.settings
        return same and all(sheet.is_empty for sheet in self.sheets)


@dataclass(frozen=True, slots=True)
class TemplateChanges:
    """What differs between two templates: tags by what they read, paragraphs before and after."""

    placeholders_added: tuple[str, ...]
    placeholders_removed: tuple[str, ...]
    paragraphs: tuple[tuple[str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Whether the words are the same."""
        return not (self.placeholders_added or self.placeholders_removed or self.paragraphs)


@dataclass(frozen=True, slots=True)
class ReplacementProposal:
    """A file that could be put in: its path in the campaign, and the one that it would replace.

    `was` is the state of that as it was compared; `changes` is None where it cannot be read, or
    none is replaced.
    """

    upload: UploadedFile
    path: str
    replaced_path: str = ""
    replaced_state: FileState | None = None
    is_same: bool = False
    changes: WorkbookChanges | TemplateChanges | None = None
    has_no_effect: bool = False
    """Whether no letter comes of the workbook, or nothing in the template is filled in."""
    reasons: tuple[Problem, ...] = ()
    """What keeps letters from coming of the workbook."""

    @property
    def is_template(self) -> bool:
        """Whether it is a template, which can lie beside others."""
        return self.upload.kind == "template"

    @property
    def needs_confirmation(self) -> bool:
        """Whether a file would be replaced, or may be meant."""
        return bool(self.replaced_path)


def propose_replacement(
    folder: Path, upload: UploadedFile, instead: str | None = None
) -> ReplacementProposal:
    """Return how a file would be put in, compared with the one that it would replace.

    `instead` is the name of the template that it is to replace, empty for none; by default the one
    of its name, or the only one. StorageError where the one that is there cannot be looked at.
    """
    check_places(folder)
    if upload.kind == "workbook":
        path = replaces = WORKBOOK_FILE
    else:
        there = template_files(folder)
        old = _find_replaced(upload.name, there) if instead is None else instead
        name = f"{Path(old).stem}{Path(upload.name).suffix}" if old else ""
        name = name or _free_template_name(folder, upload.name)
        path = f"{TEMPLATES_FOLDER}/{old if path_key(old) == path_key(name) else name}"
        replaces = f"{TEMPLATES_FOLDER}/{old}" if old else ""
    place = folder / replaces
    was = file_state(str(place)) if replaces else None
    if was is None:
        return ReplacementProposal(upload, path)
    try:
        before = read_campaign_file(place)
    except OSError as error:
        held = messages.problem("file-held", Place(replaces), why=os_error_text(error))
        raise StorageError(held) from error
    changes = _compare(before, upload, folder)
    is_same, (barren, reasons) = before == upload.data, _has_no_effect(upload, folder)
    return ReplacementProposal(
        upload,
        path,
        replaced_path=replaces,
        replaced_state=was,
        is_same=is_same,
        changes=changes,
        has_no_effect=barren,
        reasons=reasons,
    )


def _has_no_effect(new: UploadedFile, folder: Path) -> tuple[bool, tuple[Problem, ...]]:
    """Return whether nothing would come of a file, and why."""
    if new.kind == "template":
        with suppress(MergeError):
            return not _placeholders(new.data), ()
        return False, ()
    book = parse_workbook(new.data, new.original_name, folder)
    if next(book.pairs(), None):
        return False, ()
    return True, tuple(problem for problem in book.problems if problem.level == "error")


def template_files(folder: Path) -> list[str]:
    """Return the names of the templates that lie in a campaign folder."""
    with suppress(OSError), os.scandir(folder / TEMPLATES_FOLDER) as found:
        names = [entry.name for entry in found if entry.is_file()]
        hidden = (OFFICE_OWNER_PREFIX, ".")
        endings = tuple(_TEMPLATE_ENDINGS.values())
        return sorted(n for n in names if n.lower().endswith(endings) and not n.startswith(hidden))
    return []


def _find_replaced(name: str, there: Sequence[str]) -> str:
    same = [old for old in there if path_key(old) == path_key(name)]
    return next(iter(same or (there if len(there) == 1 else ())), "")


def _free_template_name(folder: Path, name: str) -> str:
    ending = Path(name).suffix
    return free_name(folder / TEMPLATES_FOLDER, Path(name).stem, ending) + ending


def _compare(
    before: bytes, new: UploadedFile, folder: Path
) -> WorkbookChanges | TemplateChanges | None:
    try:
        if new.kind == "workbook":
            old, now = (parse_workbook(data, new.name, folder) for data in (before, new.data))
            return workbook_changes(old, now)
        return template_changes(before, new.data)
    except MergeError:  # the old one cannot be read: there is nothing to compare with
        return None


def workbook_changes(old: Workbook, new: Workbook) -> WorkbookChanges:
    """Return what differs between two workbooks."""
    sheets = (
        _sheet_changes(old.signers, new.signers, "Signers"),
        _sheet_changes(old.recipients, new.recipients, "Recipients"),
    )
    before, after = old.settings.fields, new.settings.fields
    settings = (
        ValueChange("", heading_for_placeholder(tag), before.get(tag, ""), after.get(tag, ""))
        for tag in {**before, **after}
        if str(before.get(tag, "")) != str(after.get(tag, ""))
    )
    return WorkbookChanges(sheets, tuple(settings), (old.pair_count, new.pair_count))


def _sheet_changes(old: People, new: People, sheet: str) -> SheetChanges:
    before = {person.key: person for person in old.persons}
    after = {person.key: person for person in new.persons}
    columns = {column.placeholder: column.heading for column in old.columns}
    now = {column.placeholder: column.heading for column in new.columns}
    cells = (
        ValueChange(str(person.label), heading, str(was.fields.get(tag, BLANK)), str(value))
        for key, person in after.items()
        if (was := before.get(key))
        for tag, heading in now.items()
        if tag in columns
        and str(value := person.fields.get(tag, BLANK)) != str(was.fields.get(tag, BLANK))
    )
    return SheetChanges(
        new.sheet or old.sheet or sheet,
        added=tuple(str(person.label) for key, person in after.items() if key not in before),
        removed=tuple(str(person.label) for key, person in before.items() if key not in after),
        cells=tuple(cells),
        columns_added=tuple(heading for tag, heading in now.items() if tag not in columns),
        columns_removed=tuple(heading for tag, heading in columns.items() if tag not in now),
    )


def template_changes(before: bytes, after: bytes) -> TemplateChanges:
    """Return what differs between two templates. TemplateError where one cannot be read."""
    old, new = _placeholders(before), _placeholders(after)
    paragraphs = paragraph_changes(_paragraphs(before), _paragraphs(after))
    return TemplateChanges(
        placeholders_added=tuple(tag for tag in new if tag not in old),
        placeholders_removed=tuple(tag for tag in old if tag not in new),
        paragraphs=tuple((change.before, change.after) for change in paragraphs),
    )


def _placeholders(data: bytes) -> list[str]:
    package = parse_package(data, "", TEMPLATE)
    try:
        uses = compile_template(package).uses
    except FaultyTemplateError as error:
        uses = error.uses
    return list(dict.fromkeys(str(name) for name, _ in uses))


def _paragraphs(data: bytes) -> list[Paragraph]:
    return [*read_paragraphs(read_parts(data, "", TEMPLATE))]


# Put in its place.


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A file that was put in: its path, and where the one before lies now, if there was one."""

    path: str
    old_version: str = ""


def store_upload(folder: Path, offered: ReplacementProposal, now: dt.datetime) -> StoredUpload:
    """Put a file into the campaign, whole or not at all; what it replaces goes to Old versions.

    Raise StorageError, and nothing is changed, where that is open in its program, is not the one
    any more that was compared, or the disk does not take the file.
    """
    check_places(folder)
    path, old = folder / offered.path, folder / offered.replaced_path
    if offered.replaced_path:
        _check_closed(old, offered.replaced_path)
    with translate_errors(OSError, lambda error: _not_written(offered.path, error)):
        make_folders(str(path.parent), str(folder))
        beside = path.with_name(f"{DRAFT_NAME_ENDS[0]}{path.name}{DRAFT_NAME_ENDS[1]}")
        beside.unlink(missing_ok=True)  # of a program that was killed
        new = str(beside)
        with draft_file(new, lambda handle: _write(handle, offered.upload.data)):
            if not offered.replaced_path:
                if not FilePlacer().move_if_free(new, str(path)):
                    raise StorageError(messages.problem("file-meanwhile", Place(offered.path)))
                return StoredUpload(offered.path)
            return StoredUpload(offered.path, _replace(folder, offered, new, now))


def _replace(folder: Path, offered: ReplacementProposal, new: str, now: dt.datetime) -> str:
    """Keep the old file and put the new one in; return the path of the old one."""
    old, was = folder / offered.replaced_path, offered.replaced_state
    root = folder / OLD_VERSIONS_FOLDER
    kept = root / free_name(root, f"{now:%Y-%m-%d %H.%M.%S}") / old.name
    try:
        make_folders(str(kept.parent), str(folder))
        if was and _exchange(old, kept, new, folder / offered.path, was):
            return kept.relative_to(folder).as_posix()
    finally:  # what is not empty stays
        for empty in (kept.parent, root):
            with suppress(OSError):
                empty.rmdir()
    raise StorageError(messages.problem("file-meanwhile", Place(offered.replaced_path)))


def _exchange(old: Path, kept: Path, new: str, path: Path, was: FileState) -> bool:
    placer = FilePlacer()
    if old != path:
        if not placer.move_if_free(new, str(path)):
            return False
        if placer.move(str(old), str(kept), was):
            return True
        path.unlink()
        return False
    copy = str(kept.with_name(f"{DRAFT_NAME_ENDS[0]}{kept.name}{DRAFT_NAME_ENDS[1]}"))
    data = read_campaign_file(old)
    with draft_file(copy, lambda handle: _write(handle, data)):
        os.utime(copy, ns=(was.mtime, was.mtime))
        placer.move_if_free(copy, str(kept))
    done = False
    try:
        done = placer.replace(new, str(old), was)
    finally:
        if not done:
            kept.unlink()
    return done


def _write(handle: int, data: bytes) -> None:
    write_all(handle, data)
    os.fsync(handle)


def _check_closed(path: Path, shown: str) -> None:
    names = {*owner_file_names(path.name), *word_owner_file_names(path.name)}
    for name in sorted(names):
        if os.path.lexists(path.with_name(name)):
            raise StorageError(messages.problem("file-open", Place(shown), owner=name))


def _not_written(shown: str, error: OSError) -> StorageError:
    if error.errno == errno.ENOENT:
        return StorageError(messages.problem("folder-gone", Place(shown)))
    why = os_error_text(error)
    return StorageError(messages.problem("file-not-written", Place(shown), why=why))
