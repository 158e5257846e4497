"""Files added by users: recognised, compared, and stored in the campaign.

The type of a file is determined from its contents, within the limits that apply to every file. A
rejected file is never stored in the campaign folder. A file that is replaced is moved to Old
versions.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from merge import messages
from merge.campaign.campaign_files import WORKBOOK_FILE, check_places
from merge.campaign.file_changes import (
    TemplateChanges,
    WorkbookChanges,
    template_changes,
    template_placeholders,
    workbook_changes,
)
from merge.campaign.upload_checks import (
    UploadCheck,
    check_new_template,
    check_new_workbook,
    readable_workbook,
    with_settings_of,
)
from merge.computer import draft_name
from merge.disk import (
    OFFICE_OWNER_PREFIX,
    FileState,
    SafeFileReplacer,
    delete_file,
    draft_file,
    file_state,
    free_name,
    make_folders,
    os_error_text,
    owner_file_names,
    read_campaign_file,
    remove_empty_folder,
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
from merge.excel.losses import find_losses_in_file
from merge.excel.reader import parse_excel_file
from merge.naming import path_key, safe_path_part
from merge.ooxml.container import FILE_LIMIT_EXCEEDED, MAX_FILE_BYTES, FilePolicy, file_errors
from merge.ooxml.kinds import EXCEL, EXPORT, TEMPLATE, FileKind, added_file_error
from merge.ooxml.package import Package, detect_kind, open_archive, parse_package
from merge.ooxml.relationships import CONTENT_TYPES
from merge.ooxml.stamps import read_stamp
from merge.problems import Place, Problem
from merge.product import REGISTER_FILE, TEMPLATES_FOLDER
from merge.register.layouts import LAYOUTS
from merge.state.folder_access import OLD_VERSIONS_FOLDER
from merge.text.folding import folded
from merge.workbook.reading import LIST_FILE, LIST_SHEETS, parse_workbook

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
    """A workbook or template that a user adds.

    `name` is its name in the campaign, `original_name` the name under which it was added.
    """

    kind: Literal["workbook", "template"]
    name: str
    data: bytes = field(repr=False)
    original_name: str = ""


def recognise_upload(data: bytes, name: str) -> UploadedFile:
    """Return an uploaded file with its type, determined from the contents.

    `name` is the name under which it was added. Raise a MergeError if the file is neither a
    workbook with signers or recipients nor a template, or exceeds a limit. The error says what it
    is and what to do.
    """
    base_name, displayed = _without_folders(name), displayed_name(name)
    if base_name.startswith(OFFICE_OWNER_PREFIX) and len(data) < 1_000:
        raise DataError(messages.problem("file-owner", Place(displayed)))
    wording = TEMPLATE if b"word/" in data else EXCEL
    with file_errors(wording, displayed):
        kind = _check_kind(data, wording)
        if kind is FileKind.XLSX:
            _check_workbook(data)
        elif read_stamp(data):
            raise FaultError(messages.fault("file-letter"), TemplateError)
    if kind is FileKind.XLSX:
        _check_sheets(data, displayed)
        return UploadedFile("workbook", WORKBOOK_FILE, data, displayed)
    parse_package(data, displayed, TEMPLATE)
    ending = _TEMPLATE_ENDINGS[kind]
    stem = safe_path_part(
        re.sub(r"\.\w{1,5}$", "", base_name), reserved_length=len(ending), max_length=_MAX_NAME
    )
    return UploadedFile("template", f"{stem}{ending}", data, displayed)


def displayed_name(name: str) -> str:
    """Return an uploaded file's name without folders, fit to be displayed."""
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
    """Raise FaultError if Excel would not open the file as an .xlsx workbook."""
    types = open_archive(data, EXCEL).read(CONTENT_TYPES).lower()
    if b"spreadsheetml.sheet.main+xml" not in types:
        raise FaultError(messages.fault("workbook-macros"), DataError)


def _check_sheets(data: bytes, file: str) -> None:
    """Raise DataError if a workbook has no sheet of people."""
    book = parse_workbook(data, file)
    if {"signer", "recipient"} <= book.unreadable_roots and not (
        book.signers.sheet or book.recipients.sheet
    ):
        missing = [p for p in book.problems if p.code == "sheet-missing"]
        if len(missing) > 1:
            raise DataError(_other_workbook_problem(book.sheets, Place(file)))


def refuse_own_files(data: bytes, file: str, workbook: str) -> None:
    """Raise DataError if a list to import is a file of the campaign.

    Such files are the campaign's workbook, list of signers and register. `workbook` is the name of
    the campaign's workbook.
    """
    sheet_names = set[str]()
    with suppress(MergeError), file_errors(EXPORT, file):
        if detect_kind(data, EXPORT) is FileKind.XLSX:
            sheet_names = {folded(sheet.name) for sheet in parse_excel_file(data, file).sheets}
    own_files = {**_CAMPAIGN_FILES, ("Signers", "Recipients"): workbook}
    for sheets, file_name in own_files.items():
        if sheet_names.issuperset(map(folded, sheets)):
            raise DataError(messages.problem("form-own-file", Place(file), file=file_name))


_CAMPAIGN_FILES = {
    LIST_SHEETS: LIST_FILE,
    tuple(layout.sheet for layout in LAYOUTS): REGISTER_FILE,
}
"""The sheets by which files of a campaign are recognised."""


def _other_workbook_problem(names: Sequence[str], place: Place) -> Problem:
    if len(names) < 2:
        return messages.problem("workbook-other/one-sheet", place, sheet=next(iter(names), None))
    return messages.problem("workbook-other", place, sheets=names)


# A new file and the present one.


LostSettings = Literal["", "keep", "copy"]


@dataclass(frozen=True, slots=True)
class ReplacementProposal:
    """A file that can be added: its path and the file that it would replace.

    `replaced_state` is the state of the old file when the two were compared. `changes` is None if
    the old file cannot be read, or if there is none.
    """

    upload: UploadedFile
    path: str
    replaced_path: str = ""
    replaced_state: FileState | None = None
    is_same: bool = False
    changes: WorkbookChanges | TemplateChanges | None = None
    has_no_effect: bool = False
    """Whether a workbook has no letters, or a template no placeholders."""
    has_only_signers: bool = False
    """Whether a workbook has no recipients: it may be a colleague's list."""
    check: UploadCheck = field(default_factory=UploadCheck)
    """The errors that the campaign would have with the file."""
    lost_settings: LostSettings = ""
    """Whether only the old workbook has settings, and who can copy them.

    `keep`: the program. `copy`: staff, because the program would damage the new workbook.
    """

    @property
    def is_template(self) -> bool:
        """Whether the file is a template, which may be added next to others."""
        return self.upload.kind == "template"

    @property
    def needs_confirmation(self) -> bool:
        """Whether a file would be replaced, or a similar file may be meant."""
        return bool(self.replaced_path)


def propose_replacement(
    folder: Path, upload: UploadedFile, instead: str | None = None
) -> ReplacementProposal:
    """Return how an upload would be stored, and what changes by it.

    `instead` is the name of the template to replace, or empty for none. By default it is the
    template with the same name, or the only one. Raise StorageError if the old file cannot be read.
    """
    check_places(folder)
    if upload.kind == "workbook":
        path = replaces = WORKBOOK_FILE
    else:
        templates = template_files(folder)
        old = _find_replaced(upload.name, templates) if instead is None else instead
        name = f"{Path(old).stem}{Path(upload.name).suffix}" if old else ""
        name = name or _free_template_name(folder, upload.name)
        path = f"{TEMPLATES_FOLDER}/{old if path_key(old) == path_key(name) else name}"
        replaces = f"{TEMPLATES_FOLDER}/{old}" if old else ""
    place = folder / replaces
    state = file_state(str(place)) if replaces else None
    if state is None:
        return ReplacementProposal(upload, path)
    try:
        old_data = read_campaign_file(place)
    except OSError as error:
        problem = messages.problem("file-held", Place(replaces), why=os_error_text(error))
        raise StorageError(problem) from error
    proposal = ReplacementProposal(
        upload,
        path,
        replaced_path=replaces,
        replaced_state=state,
        is_same=old_data == upload.data,
        changes=_compare(old_data, upload, folder),
    )
    if upload.kind == "template":
        has_no_effect = False
        with suppress(MergeError):
            has_no_effect = not template_placeholders(upload.data)
        return replace(proposal, has_no_effect=has_no_effect)
    book = parse_workbook(upload.data, upload.original_name, folder)
    return replace(
        proposal,
        has_no_effect=next(book.pairs(), None) is None,
        has_only_signers=not book.recipients.sheet,
        lost_settings="" if book.settings.sheet else _lost_settings(old_data, upload),
    )


def check_together(
    folder: Path, proposals: Sequence[ReplacementProposal]
) -> list[ReplacementProposal]:
    """Return proposals with the errors that the campaign would have with all.

    A workbook and the only template, added together, are checked with each other.
    """
    only_template = [f"{TEMPLATES_FOLDER}/{name}" for name in template_files(folder)]
    books, templates = [readable_workbook(folder)], list[Package]()
    for proposal in proposals:
        upload = proposal.upload
        if not proposal.is_template:
            books.append(parse_workbook(upload.data, upload.original_name, folder))
        elif [proposal.replaced_path] == only_template:
            templates.append(parse_package(upload.data, upload.original_name, TEMPLATE))
    template = templates[-1] if templates else None

    def check(proposal: ReplacementProposal) -> UploadCheck:
        upload, is_only = proposal.upload, [proposal.replaced_path] == only_template
        if not proposal.is_template:
            book = parse_workbook(upload.data, upload.original_name, folder)
            return check_new_workbook(book, folder, template)
        if books[-1] is None:
            return UploadCheck()
        package = parse_package(upload.data, upload.original_name, TEMPLATE)
        return check_new_template(package, books[-1], is_only_template=is_only)

    return [replace(proposal, check=check(proposal)) for proposal in proposals]


def _lost_settings(old_data: bytes, upload: UploadedFile) -> LostSettings:
    with suppress(MergeError):
        old_settings = parse_workbook(old_data, WORKBOOK_FILE).settings
        if any(value.strip() for value in old_settings.fields.values()):
            return "copy" if find_losses_in_file(upload.data, upload.original_name) else "keep"
    return ""


def keep_settings(folder: Path, proposal: ReplacementProposal) -> ReplacementProposal:
    """Return a proposal with the Settings sheet of the present workbook.

    Raise StorageError if the workbook has changed since it was compared, or if the new one cannot
    be changed without damage.
    """
    upload, path = proposal.upload, folder / proposal.replaced_path
    with translate_errors(OSError, lambda error: _not_written(proposal.path, error)):
        if file_state(str(path)) != proposal.replaced_state:
            raise StorageError(messages.problem("file-meanwhile", Place(proposal.replaced_path)))
        old_data = read_campaign_file(path)
    try:
        data = with_settings_of(old_data, upload.data)
    except FaultError as error:
        raise StorageError(error.to_problem(Place(upload.original_name))) from error
    return replace(proposal, upload=replace(upload, data=data))


def template_files(folder: Path) -> list[str]:
    """Return the names of the templates in a campaign folder."""
    with suppress(OSError), os.scandir(folder / TEMPLATES_FOLDER) as entries:
        names = [entry.name for entry in entries if entry.is_file()]
        hidden = (OFFICE_OWNER_PREFIX, ".")
        endings = tuple(_TEMPLATE_ENDINGS.values())
        return sorted(n for n in names if n.lower().endswith(endings) and not n.startswith(hidden))
    return []


def _find_replaced(name: str, templates: Sequence[str]) -> str:
    same_name = [old for old in templates if path_key(old) == path_key(name)]
    return next(iter(same_name or (templates if len(templates) == 1 else ())), "")


def _free_template_name(folder: Path, name: str) -> str:
    ending = Path(name).suffix
    return free_name(folder / TEMPLATES_FOLDER, Path(name).stem, ending) + ending


def _compare(
    old_data: bytes, upload: UploadedFile, folder: Path
) -> WorkbookChanges | TemplateChanges | None:
    try:
        if upload.kind == "workbook":
            old, now = (
                parse_workbook(data, upload.name, folder) for data in (old_data, upload.data)
            )
            return workbook_changes(old, now)
        return template_changes(old_data, upload.data)
    except MergeError:  # the old file cannot be read, so it cannot be compared
        return None


# Storing the new file.


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A file that was stored: its path, and that of the old version.

    `old_version` is empty if no file was replaced.
    """

    path: str
    old_version: str = ""


def store_upload(folder: Path, proposal: ReplacementProposal, now: dt.datetime) -> StoredUpload:
    """Store a file in the campaign completely or not at all.

    The replaced file is moved to Old versions. Raise StorageError, and change nothing, in these
    cases:

    - the old file is open in a program
    - the old file has changed since it was compared
    - the disk does not accept the new file
    """
    check_places(folder)
    path, old = folder / proposal.path, folder / proposal.replaced_path
    if proposal.replaced_path:
        _check_closed(old, proposal.replaced_path)
    with translate_errors(OSError, lambda error: _not_written(proposal.path, error)):
        make_folders(str(path.parent), str(folder))
        draft_path = path.with_name(draft_name(path.name))
        delete_file(draft_path)  # left over from a killed process
        draft = str(draft_path)
        with draft_file(draft, lambda handle: _write(handle, proposal.upload.data)):
            if not proposal.replaced_path:
                if not SafeFileReplacer().move_if_free(draft, str(path)):
                    raise StorageError(messages.problem("file-meanwhile", Place(proposal.path)))
                return StoredUpload(proposal.path)
            return StoredUpload(proposal.path, _replace(folder, proposal, draft, now))


def _replace(folder: Path, proposal: ReplacementProposal, new: str, now: dt.datetime) -> str:
    """Move an old file to a backup, store a new file, return the backup path."""
    old, state = folder / proposal.replaced_path, proposal.replaced_state
    root = folder / OLD_VERSIONS_FOLDER
    old_version = root / free_name(root, f"{now:%Y-%m-%d %H.%M.%S}") / old.name
    try:
        make_folders(str(old_version.parent), str(folder))
        if state and _exchange(old, old_version, new, folder / proposal.path, state):
            return old_version.relative_to(folder).as_posix()
    finally:
        for old_folder in (old_version.parent, root):
            remove_empty_folder(old_folder)
    raise StorageError(messages.problem("file-meanwhile", Place(proposal.replaced_path)))


def _exchange(old: Path, old_version: Path, new: str, path: Path, state: FileState) -> bool:
    placer = SafeFileReplacer()
    if old != path:
        if not placer.move_if_free(new, str(path)):
            return False
        if placer.move(str(old), str(old_version), state):
            return True
        delete_file(path)
        return False
    copy = str(old_version.with_name(draft_name(old_version.name)))
    data = read_campaign_file(old)
    with draft_file(copy, lambda handle: _write(handle, data)):
        os.utime(copy, ns=(state.mtime, state.mtime))
        placer.move_if_free(copy, str(old_version))
    is_done = False
    try:
        is_done = placer.replace(new, str(old), state)
    finally:
        with suppress(OSError):  # if the old file is no longer there, its backup stays
            if not is_done and read_campaign_file(old) == data:
                delete_file(old_version)
    return is_done


def _write(handle: int, data: bytes) -> None:
    write_all(handle, data)
    os.fsync(handle)


def _check_closed(path: Path, shown_path: str) -> None:
    names = {*owner_file_names(path.name), *word_owner_file_names(path.name)}
    for name in sorted(names):
        if os.path.lexists(path.with_name(name)):
            raise StorageError(messages.problem("file-open", Place(shown_path), owner=name))


def _not_written(shown_path: str, error: OSError) -> StorageError:
    if error.errno == errno.ENOENT:
        return StorageError(messages.problem("folder-gone", Place(shown_path)))
    why = os_error_text(error)
    return StorageError(messages.problem("file-not-written", Place(shown_path), why=why))
