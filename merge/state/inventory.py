"""Inventory of the letters folder: unknown letters and files in use.

Only files that the ledger does not know are opened. Paths are compared in NFC, because macOS may
list names in decomposed form.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from merge import messages
from merge.computer import is_abandoned_draft
from merge.disk import (
    DRAFT_NAME_ENDS,
    HIDDEN_FOLDER_PREFIX,
    LIBREOFFICE_OWNER_PREFIX,
    OFFICE_OWNER_PREFIX,
    word_owner_file_names,
)
from merge.errors import MergeError, StorageError
from merge.naming import is_conflict_copy, path_key
from merge.ooxml.stamps import read_stamp
from merge.problems import Place
from merge.product import LETTER_EXTENSION
from merge.state.folder_access import (
    OLD_VERSIONS_FOLDER,
    folder_entries,
    folder_errors,
    no_check,
    read_file,
)
from merge.state.ledger import Ledger, chunks
from merge.text.folding import composed

_OTHER_FORMATS = (".odt", ".fodt", ".rtf", ".doc", ".docm", ".pages")
"""Extensions of other formats in which a letter may have been saved."""

_NUMBER_SUFFIX = re.compile(r"-\d+(?=\.docx$)")
"""The number that distinguishes files with otherwise equal names."""

_DRAFT_NAME = re.compile(
    rf"{re.escape(DRAFT_NAME_ENDS[0])}(?:\w+-)?\d+-\d+{re.escape(DRAFT_NAME_ENDS[1])}"
)


@dataclass(frozen=True)
class LettersFolderInventory:
    """The files found in a folder of letters; paths are in NFC with `/`.

    `unknown_letters` are the files with the ID of a letter at paths that the ledger does not know,
    by that ID. `disk_spellings` are the paths that the disk spells differently. `lock_files` are
    the owner files of Word and LibreOffice.
    """

    folder: str
    unknown_letters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    disk_spellings: Mapping[str, str] = field(default_factory=dict)
    lock_files: frozenset[str] = frozenset()
    leftovers: tuple[str, ...] = ()
    """Temporary files and folders of a run that was killed."""
    hidden_folders: tuple[str, ...] = ()
    """Hidden folders with files that a killed run was replacing or moving."""
    other_formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Files in another format, by the keys of their paths without extension."""
    undecodable_names: tuple[str, ...] = ()
    """Word files whose names cannot be decoded."""
    unreadable_folders: tuple[str, ...] = ()
    """Folders that the user may not read."""
    unreadable_copies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Conflict copies that cannot be read, by the paths of their letters."""

    def full_path(self, path: str) -> str:
        """Return a letter's full path on the disk."""
        return f"{self.folder}/{self.disk_spellings.get(path, path)}"

    def relative_path(self, path: str) -> PurePosixPath:
        """Return the path below the letters folder, as the disk spells it."""
        return PurePosixPath(self.disk_spellings.get(path, path))

    def is_open(self, path: str) -> bool:
        """Return whether an owner file says that a program has the file open."""
        if not self.lock_files:
            return False
        folder, slash, name = path.rpartition("/")
        return any(
            f"{folder}{slash}{owner}" in self.lock_files for owner in word_owner_file_names(name)
        )

    def is_in_unreadable_folder(self, path: str) -> bool:
        """Return whether a file is in a folder that the user may not read."""
        return any(path.startswith(f"{folder}/") for folder in self.unreadable_folders)

    def other_formats_of(self, path: str) -> tuple[str, ...]:
        """Return paths of files beside a letter with its name in another format."""
        if not self.other_formats:
            return ()
        return self.other_formats.get(path_key(os.path.splitext(path)[0]), ())


def take_inventory(
    folder: Path,
    ledger: Ledger,
    wanted_ids: AbstractSet[int],
    check: Callable[[], object] = no_check,
) -> LettersFolderInventory:
    """Search the folder for letters that the ledger does not know.

    `wanted_ids` are the IDs, as numbers, of the letters that pairs have. A file at the path of a
    letter that is no longer needed is opened too: it may be a different letter. `check` is called
    before each file, and may raise. Raise StorageError if the folder exists and cannot be read.
    """
    with folder_errors(folder):
        try:
            os.scandir(folder).close()
        except PermissionError:
            unreadable = messages.problem("folder-unreadable", Place(str(folder)))
            raise StorageError(unreadable) from None
        except (FileNotFoundError, NotADirectoryError):
            return LettersFolderInventory(str(folder))
    builder = _InventoryBuilder(folder, ledger, wanted_ids)
    for disk_paths in chunks(_file_paths(str(folder), "", builder.unreadable_folders)):
        letters = [composed(path) for path in disk_paths if _may_be_letter(path)]
        builder.ids_by_path = ledger.letter_ids_at([path for path in letters if _is_text(path)])
        for path in disk_paths:
            check()
            builder.add_path(path)
    return builder.inventory()


def take_trial_inventory(
    folder: Path, ledger: Ledger, usual_paths: Iterable[str]
) -> LettersFolderInventory:
    """Search a folder of test letters: the usual paths and related files.

    Of all other files only the names are read: those in the folders of the letters and in the
    folders above.
    """
    usual_paths = [*usual_paths]
    keys = {path_key(path) for path in usual_paths}
    letter_folders = {path.rpartition("/")[0] for path in usual_paths}
    builder = _InventoryBuilder(folder, ledger, frozenset())
    for folder_path in sorted(
        letter_folders | {path.rpartition("/")[0] for path in letter_folders}
    ):
        for entry in folder_entries(str(folder), folder_path, []):
            path = f"{folder_path}/{entry.name}" if folder_path else entry.name
            is_hidden_or_lock = entry.name.startswith(
                (HIDDEN_FOLDER_PREFIX, OFFICE_OWNER_PREFIX, LIBREOFFICE_OWNER_PREFIX)
            )
            is_relevant = folder_path in letter_folders and (
                is_hidden_or_lock or path_keys(path) & keys
            )
            if is_relevant or _DRAFT_NAME.fullmatch(entry.name):
                builder.add_path(path)
    return builder.inventory()


def path_keys(path: str) -> set[str]:
    """Return the keys of a path with and without the number after the name."""
    return {path_key(path), path_key(_NUMBER_SUFFIX.sub("", path))}


@dataclass
class _InventoryBuilder:
    """An inventory while the files are read one by one."""

    folder: Path
    ledger: Ledger
    wanted_ids: AbstractSet[int]
    ids_by_path: Mapping[str, str] = field(default_factory=dict)
    """Letter IDs by path, as the ledger has them, for the current chunk."""
    unknown_letters: dict[str, list[str]] = field(default_factory=dict)
    disk_spellings: dict[str, str] = field(default_factory=dict)
    lock_files: set[str] = field(default_factory=set)
    leftovers: list[str] = field(default_factory=list)
    hidden_folders: list[str] = field(default_factory=list)
    other_formats: dict[str, list[str]] = field(default_factory=dict)
    undecodable_names: list[str] = field(default_factory=list)
    unreadable_folders: list[str] = field(default_factory=list)
    unreadable_copies: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def inventory(self) -> LettersFolderInventory:
        """Return the inventory of all files added so far."""
        return LettersFolderInventory(
            folder=str(self.folder),
            unknown_letters={
                letter: tuple(sorted(paths)) for letter, paths in self.unknown_letters.items()
            },
            disk_spellings=self.disk_spellings,
            lock_files=frozenset(self.lock_files),
            leftovers=tuple(self.leftovers),
            hidden_folders=tuple(self.hidden_folders),
            other_formats={stem: tuple(sorted(p)) for stem, p in self.other_formats.items()},
            undecodable_names=tuple(sorted(self.undecodable_names)),
            unreadable_folders=tuple(self.unreadable_folders),
            unreadable_copies=self.unreadable_copies,
        )

    def add_path(self, disk_path: str) -> None:
        """Add a file or hidden folder, by its path as the disk spells it."""
        path = composed(disk_path)
        name = path.rpartition("/")[2]
        if not _is_text(path):
            if _may_be_letter(name):
                self.undecodable_names.append(path.encode(errors="replace").decode())
        elif name.startswith(HIDDEN_FOLDER_PREFIX):
            self._add_hidden_folder(disk_path)
        elif name.startswith((OFFICE_OWNER_PREFIX, LIBREOFFICE_OWNER_PREFIX)):
            self.lock_files.add(path)
        elif name.startswith(DRAFT_NAME_ENDS[0]) and name.endswith(DRAFT_NAME_ENDS[1]):
            if is_abandoned_draft(self.folder / disk_path):
                self.leftovers.append(disk_path)
        elif _may_be_letter(name):
            if path != disk_path:
                self.disk_spellings[path] = disk_path
            self._add_letter(path, disk_path)
        elif name.lower().endswith(_OTHER_FORMATS) and not name.startswith("."):
            stem = path_key(os.path.splitext(path)[0])
            self.other_formats.setdefault(stem, []).append(path)

    def _add_hidden_folder(self, folder: str) -> None:
        """Add files of a hidden folder at the paths that they will get, if free."""
        self.hidden_folders.append(folder)
        parent_folder = folder.rpartition("/")[0]
        for disk_path in _file_paths(str(self.folder), folder, self.unreadable_folders):
            original_path = f"{parent_folder}/{disk_path.rpartition('/')[2]}".lstrip("/")
            if not os.path.lexists(f"{self.folder}/{original_path}"):
                path = composed(original_path)
                self.disk_spellings[path] = disk_path
                self._add_letter(path, disk_path)

    def _add_letter(self, path: str, disk_path: str) -> None:
        """Add the path of a letter that is not where the ledger expects it."""
        id_of_chunk = self.ids_by_path.get(path)
        expected_id = self.ledger.state.letter_id_at(path) if id_of_chunk is None else id_of_chunk
        if expected_id and int(expected_id, 16) in self.wanted_ids:
            return
        letter_id = letter_id_in(f"{self.folder}/{disk_path}")
        if not letter_id:
            self._add_unreadable_copy(path, disk_path)
        if not letter_id or letter_id == expected_id:
            return
        if known_path := _respelled_path(
            self.folder, self.ledger.letter_path(letter_id), disk_path
        ):
            self.disk_spellings[known_path] = disk_path
        else:
            self.unknown_letters.setdefault(letter_id, []).append(path)

    def _add_unreadable_copy(self, path: str, disk_path: str) -> None:
        """Add a file that has the name of a letter's conflict copy, if damaged.

        A sync service may have transferred only a part of it.
        """
        copy = PurePosixPath(path)
        shorter_names = (copy.with_stem(copy.stem[:end]) for end in range(1, len(copy.stem)))
        names = [str(name) for name in shorter_names if is_conflict_copy(copy, name)]
        original = next(filter(self.ledger.state.letter_id_at, names), "")
        if original and not _is_intact(f"{self.folder}/{disk_path}"):
            others = self.unreadable_copies.get(original, ())
            self.unreadable_copies[original] = (*others, path)


def _is_intact(path: str) -> bool:
    """Return whether a path is a Word file that is not damaged."""
    from merge.ooxml.package import parse_package  # noqa: PLC0415 - rare

    with suppress(MergeError):
        parse_package(read_file(path) or b"", path)
        return True
    return False


def _respelled_path(folder: Path, path: str, disk_path: str) -> str:
    """Return a letter's path if the disk spells it in other capitals.

    Otherwise return an empty text.
    """
    with suppress(OSError):
        if (
            path
            and path.lower() == disk_path.lower()
            and (folder / path).samefile(folder / disk_path)
        ):
            return path
    return ""


def _file_paths(folder: str, folder_path: str, unreadable: list[str]) -> Iterator[str]:
    """Yield every file below a folder, without links and old versions.

    Hidden folders of the program count as files. Folders that cannot be read are added to
    `unreadable`.
    """
    for entry in folder_entries(folder, folder_path, unreadable):
        path = f"{folder_path}/{entry.name}" if folder_path else entry.name
        if not _is_folder(entry) or entry.name.startswith(HIDDEN_FOLDER_PREFIX):
            yield path
        elif _DRAFT_NAME.fullmatch(entry.name):
            yield path  # a killed run filled it, or a running one is filling it
        elif path != OLD_VERSIONS_FOLDER:
            yield from _file_paths(folder, path, unreadable)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False  # deleted just now, or a network drive does not respond


def _is_text(path: str) -> bool:
    """Return whether a path is valid Unicode; unpacked archives may differ."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _may_be_letter(name: str) -> bool:
    return name.lower().endswith(LETTER_EXTENSION) and not name.startswith(".")


def letter_id_in(path: str) -> str:
    """Return the letter ID in a file, or an empty text if it is not a letter."""
    data = read_file(path)
    stamp = read_stamp(data) if data else None
    return stamp.id if stamp else ""
