"""What is in the folder of the letters: files that nobody knows, files that are open in Word.

Only files that the ledger does not know are opened. Paths are compared in NFC: a Mac may list names
taken apart.
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
from merge.disk import (
    DRAFT_NAME_ENDS,
    HIDDEN_FOLDER_PREFIX,
    LIBREOFFICE_OWNER_PREFIX,
    OFFICE_OWNER_PREFIX,
    word_owner_file_names,
)
from merge.errors import StorageError
from merge.naming import path_key
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
"""Endings of files that a letter may have been saved as beside it."""

_NUMBER_SUFFIX = re.compile(r"-\d+(?=\.docx$)")
"""What tells a file from another that would have its name."""

_DRAFT_NAME = re.compile(rf"{re.escape(DRAFT_NAME_ENDS[0])}\d+-\d+{re.escape(DRAFT_NAME_ENDS[1])}")


@dataclass(frozen=True)
class Inventory:
    """What was found below a folder, paths in NFC and with `/`.

    `unknown` are the files that carry a letter's id and have no letter's known path, by that id;
    `spelled` the paths that the disk spells otherwise; `locks` the owner files of Word and
    LibreOffice.
    """

    folder: str
    unknown_letters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    disk_spellings: Mapping[str, str] = field(default_factory=dict)
    lock_files: frozenset[str] = frozenset()
    leftovers: tuple[str, ...] = ()
    """Temporary files and folders of a run that was killed."""
    hidden_folders: tuple[str, ...] = ()
    """Hidden folders with files that such a run was about to replace or to move."""
    other_formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Files that a letter may have been saved as, by the keys of their paths without the ending."""
    undecodable_names: tuple[str, ...] = ()
    """Word files whose names are no text."""
    unreadable_folders: tuple[str, ...] = ()
    """Folders that nobody may look into."""

    def full_path(self, path: str) -> str:
        """Return the whole path on the disk."""
        return f"{self.folder}/{self.disk_spellings.get(path, path)}"

    def relative_path(self, path: str) -> PurePosixPath:
        """Return the path in the folder, as the disk spells it."""
        return PurePosixPath(self.disk_spellings.get(path, path))

    def is_open(self, path: str) -> bool:
        """Return whether a program says that it has the file open."""
        if not self.lock_files:
            return False
        folder, slash, name = path.rpartition("/")
        return any(
            f"{folder}{slash}{owner}" in self.lock_files for owner in word_owner_file_names(name)
        )

    def is_in_unreadable_folder(self, path: str) -> bool:
        """Return whether a file lies in a folder that nobody may look into."""
        return any(path.startswith(f"{folder}/") for folder in self.unreadable_folders)

    def other_formats_of(self, path: str) -> tuple[str, ...]:
        """Return the files beside a letter that have its name and another format."""
        if not self.other_formats:
            return ()
        return self.other_formats.get(path_key(os.path.splitext(path)[0]), ())


def take_inventory(
    folder: Path,
    ledger: Ledger,
    wanted_ids: AbstractSet[int],
    check: Callable[[], object] = no_check,
) -> Inventory:
    """Look through the folder. `wanted` are the ids of the letters that pairs have, as numbers.

    What lies where a letter lay that nobody wants any more is looked at, too: it may be another.
    `check` is called before each file, and may raise. StorageError where the folder is
    there and nobody may look into it.
    """
    with folder_errors(folder):
        try:
            os.scandir(folder).close()
        except PermissionError:
            closed = messages.problem("folder-unreadable", Place(str(folder)))
            raise StorageError(closed) from None
        except (FileNotFoundError, NotADirectoryError):
            return Inventory(str(folder))
    taking = _InventoryBuilder(folder, ledger, wanted_ids)
    for written in chunks(_file_paths(str(folder), "", taking.unreadable_folders)):
        letters = [composed(path) for path in written if _may_be_letter(path)]
        taking.ids_by_path = ledger.letter_ids_at([path for path in letters if _is_text(path)])
        for path in written:
            check()
            taking.add_path(path)
    return taking.inventory()


def take_trial_inventory(folder: Path, ledger: Ledger, usual_paths: Iterable[str]) -> Inventory:
    """Look at what try-outs made in a folder: letters at their usual paths, and what goes with it.

    Of all other files only names are read: where letters lie, and where their folders do.
    """
    usual_paths = [*usual_paths]
    keys = {path_key(path) for path in usual_paths}
    folders = {path.rpartition("/")[0] for path in usual_paths}
    taking = _InventoryBuilder(folder, ledger, frozenset())
    for below in sorted(folders | {path.rpartition("/")[0] for path in folders}):
        for entry in folder_entries(str(folder), below, []):
            path = f"{below}/{entry.name}" if below else entry.name
            own = entry.name.startswith(
                (HIDDEN_FOLDER_PREFIX, OFFICE_OWNER_PREFIX, LIBREOFFICE_OWNER_PREFIX)
            )
            lies_beside = below in folders and (own or path_keys(path) & keys)
            if lies_beside or _DRAFT_NAME.fullmatch(entry.name):
                taking.add_path(path)
    return taking.inventory()


def path_keys(path: str) -> set[str]:
    """Return the keys of a path, and of the one that it has but for a number behind the name."""
    return {path_key(path), path_key(_NUMBER_SUFFIX.sub("", path))}


@dataclass
class _InventoryBuilder:
    """An inventory that is being taken."""

    folder: Path
    ledger: Ledger
    wanted_ids: AbstractSet[int]
    ids_by_path: Mapping[str, str] = field(default_factory=dict)
    """The ids of letters that have the paths at hand, as far as they were asked for."""
    unknown_letters: dict[str, list[str]] = field(default_factory=dict)
    disk_spellings: dict[str, str] = field(default_factory=dict)
    lock_files: set[str] = field(default_factory=set)
    leftovers: list[str] = field(default_factory=list)
    hidden_folders: list[str] = field(default_factory=list)
    other_formats: dict[str, list[str]] = field(default_factory=dict)
    undecodable_names: list[str] = field(default_factory=list)
    unreadable_folders: list[str] = field(default_factory=list)

    def inventory(self) -> Inventory:
        """Return what was found."""
        return Inventory(
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
        )

    def add_path(self, written: str) -> None:
        """Look at a file, by its path as the disk spells it; or at a hidden folder."""
        path = composed(written)
        name = path.rpartition("/")[2]
        if not _is_text(path):
            if _may_be_letter(name):
                self.undecodable_names.append(path.encode(errors="replace").decode())
        elif name.startswith(HIDDEN_FOLDER_PREFIX):
            self._add_hidden_folder(written)
        elif name.startswith((OFFICE_OWNER_PREFIX, LIBREOFFICE_OWNER_PREFIX)):
            self.lock_files.add(path)
        elif name.startswith(DRAFT_NAME_ENDS[0]) and name.endswith(DRAFT_NAME_ENDS[1]):
            self.leftovers.append(written)
        elif _may_be_letter(name):
            if path != written:
                self.disk_spellings[path] = written
            self._add_letter(path, written)
        elif name.lower().endswith(_OTHER_FORMATS) and not name.startswith("."):
            stem = path_key(os.path.splitext(path)[0])
            self.other_formats.setdefault(stem, []).append(path)

    def _add_hidden_folder(self, folder: str) -> None:
        """Note what lies in a hidden folder as lying at its place, where nothing else is."""
        self.hidden_folders.append(folder)
        above = folder.rpartition("/")[0]
        for written in _file_paths(str(self.folder), folder, self.unreadable_folders):
            place = f"{above}/{written.rpartition('/')[2]}".lstrip("/")
            if not os.path.lexists(f"{self.folder}/{place}"):
                path = composed(place)
                self.disk_spellings[path] = written
                self._add_letter(path, written)

    def _add_letter(self, path: str, written: str) -> None:
        """Note a letter that does not lie at its known place."""
        known = self.ids_by_path.get(path)
        at_home = self.ledger.letter_id_at(path) if known is None else known
        if at_home and int(at_home, 16) in self.wanted_ids:
            return
        letter = _letter_id_in(f"{self.folder}/{written}")
        if not letter or letter == at_home:
            return
        if own := _respelled_path(self.folder, self.ledger.letter_path(letter), written):
            self.disk_spellings[own] = written
        else:
            self.unknown_letters.setdefault(letter, []).append(path)


def _respelled_path(folder: Path, path: str, written: str) -> str:
    """Return the letter's path, where the disk only spells it in other capitals; else empty."""
    with suppress(OSError):
        if path and path.lower() == written.lower() and (folder / path).samefile(folder / written):
            return path
    return ""


def _file_paths(folder: str, below: str, closed: list[str]) -> Iterator[str]:
    """Yield every file below a folder; links are not followed, old versions not looked at.

    Hidden folders of the program count as files. What may not be looked into is added to `closed`.
    """
    for entry in folder_entries(folder, below, closed):
        path = f"{below}/{entry.name}" if below else entry.name
        if not _is_folder(entry) or entry.name.startswith(HIDDEN_FOLDER_PREFIX):
            yield path
        elif _DRAFT_NAME.fullmatch(entry.name):
            yield path  # filled by a run that was killed, or by one that is at work
        elif path != OLD_VERSIONS_FOLDER:
            yield from _file_paths(folder, path, closed)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False  # it has just gone, or a network drive does not answer


def _is_text(path: str) -> bool:
    """Return whether a path is text: an old archive unpacked may make names that are none."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _may_be_letter(name: str) -> bool:
    return name.lower().endswith(LETTER_EXTENSION) and not name.startswith(".")


def _letter_id_in(path: str) -> str:
    """Return the id of the letter that a file is; empty where it is none."""
    data = read_file(path)
    stamp = read_stamp(data) if data else None
    return stamp.id if stamp else ""
