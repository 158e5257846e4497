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
from merge.disk import DRAFT, LIBREOFFICE_OWNER, OFFICE_OWNER, TAKEN, word_owner_files
from merge.errors import StorageError
from merge.naming import path_key
from merge.ooxml.stamps import stamp_of
from merge.problems import Place
from merge.product import LETTER_ENDING
from merge.state.ledger import Ledger, several
from merge.state.letters_folder import (
    OLD_VERSIONS_FOLDER,
    entries_in,
    folder_errors,
    go_on,
    read_file,
)
from merge.text.folding import composed

_OTHER_FORMATS = (".odt", ".fodt", ".rtf", ".doc", ".docm", ".pages")
"""Endings of files that a letter may have been saved as beside it."""

_NUMBERED = re.compile(r"-\d+(?=\.docx$)")
"""What tells a file from another that would have its name."""

_OWN_DRAFT = re.compile(rf"{re.escape(DRAFT[0])}\d+-\d+{re.escape(DRAFT[1])}")


@dataclass(frozen=True)
class Inventory:
    """What was found below a folder, paths in NFC and with `/`.

    `unknown` are the files that carry a letter's id and have no letter's known path, by that id;
    `spelled` the paths that the disk spells otherwise; `locks` the owner files of Word and
    LibreOffice.
    """

    folder: str
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spelled: Mapping[str, str] = field(default_factory=dict)
    locks: frozenset[str] = frozenset()
    leftovers: tuple[str, ...] = ()
    """Temporary files and folders of a run that was killed."""
    taken: tuple[str, ...] = ()
    """Hidden folders with files that such a run was about to replace or to move."""
    other_formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Files that a letter may have been saved as, by the keys of their paths without the ending."""
    unnameable: tuple[str, ...] = ()
    """Word files whose names are no text."""
    closed: tuple[str, ...] = ()
    """Folders that nobody may look into."""

    def place(self, path: str) -> str:
        """Return the whole path on the disk."""
        return f"{self.folder}/{self.spelled.get(path, path)}"

    def below(self, path: str) -> PurePosixPath:
        """Return the path in the folder, as the disk spells it."""
        return PurePosixPath(self.spelled.get(path, path))

    def is_open(self, path: str) -> bool:
        """Return whether a program says that it has the file open."""
        if not self.locks:
            return False
        folder, slash, name = path.rpartition("/")
        return any(f"{folder}{slash}{owner}" in self.locks for owner in word_owner_files(name))

    def is_closed(self, path: str) -> bool:
        """Return whether a file lies in a folder that nobody may look into."""
        return any(path.startswith(f"{folder}/") for folder in self.closed)

    def saved_beside(self, path: str) -> tuple[str, ...]:
        """Return the files beside a letter that have its name and another format."""
        if not self.other_formats:
            return ()
        return self.other_formats.get(path_key(os.path.splitext(path)[0]), ())


def take_inventory(
    folder: Path,
    ledger: Ledger,
    wanted: AbstractSet[int],
    check: Callable[[], object] = go_on,
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
    taking = _InventoryBuilder(folder, ledger, wanted)
    for written in several(_files(str(folder), "", taking.closed)):
        letters = [composed(path) for path in written if _may_be_letter(path)]
        taking.at_home = ledger.ids_at([path for path in letters if _is_text(path)])
        for path in written:
            check()
            taking.take(path)
    return taking.inventory()


def take_try_inventory(folder: Path, ledger: Ledger, usual: Iterable[str]) -> Inventory:
    """Look at what try-outs made in a folder: letters at their usual paths, and what goes with it.

    Of all other files only names are read: where letters lie, and where their folders do.
    """
    usual = [*usual]
    keys = {path_key(path) for path in usual}
    folders = {path.rpartition("/")[0] for path in usual}
    taking = _InventoryBuilder(folder, ledger, frozenset())
    for below in sorted(folders | {path.rpartition("/")[0] for path in folders}):
        for entry in entries_in(str(folder), below, []):
            path = f"{below}/{entry.name}" if below else entry.name
            own = entry.name.startswith((TAKEN, OFFICE_OWNER, LIBREOFFICE_OWNER))
            lies_beside = below in folders and (own or usual_keys(path) & keys)
            if lies_beside or _OWN_DRAFT.fullmatch(entry.name):
                taking.take(path)
    return taking.inventory()


def usual_keys(path: str) -> set[str]:
    """Return the keys of a path, and of the one that it has but for a number behind the name."""
    return {path_key(path), path_key(_NUMBERED.sub("", path))}


@dataclass
class _InventoryBuilder:
    """An inventory that is being taken."""

    folder: Path
    ledger: Ledger
    wanted: AbstractSet[int]
    at_home: Mapping[str, str] = field(default_factory=dict)
    """The ids of letters that have the paths at hand, as far as they were asked for."""
    unknown: dict[str, list[str]] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    locks: set[str] = field(default_factory=set)
    leftovers: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    other_formats: dict[str, list[str]] = field(default_factory=dict)
    unnameable: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def inventory(self) -> Inventory:
        """Return what was found."""
        return Inventory(
            folder=str(self.folder),
            unknown={letter: tuple(sorted(paths)) for letter, paths in self.unknown.items()},
            spelled=self.spelled,
            locks=frozenset(self.locks),
            leftovers=tuple(self.leftovers),
            taken=tuple(self.taken),
            other_formats={stem: tuple(sorted(p)) for stem, p in self.other_formats.items()},
            unnameable=tuple(sorted(self.unnameable)),
            closed=tuple(self.closed),
        )

    def take(self, written: str) -> None:
        """Look at a file, by its path as the disk spells it; or at a hidden folder."""
        path = composed(written)
        name = path.rpartition("/")[2]
        if not _is_text(path):
            if _may_be_letter(name):
                self.unnameable.append(path.encode(errors="replace").decode())
        elif name.startswith(TAKEN):
            self._take_hidden(written)
        elif name.startswith((OFFICE_OWNER, LIBREOFFICE_OWNER)):
            self.locks.add(path)
        elif name.startswith(DRAFT[0]) and name.endswith(DRAFT[1]):
            self.leftovers.append(written)
        elif _may_be_letter(name):
            if path != written:
                self.spelled[path] = written
            self._look(path, written)
        elif name.lower().endswith(_OTHER_FORMATS) and not name.startswith("."):
            stem = path_key(os.path.splitext(path)[0])
            self.other_formats.setdefault(stem, []).append(path)

    def _take_hidden(self, folder: str) -> None:
        """Note what lies in a hidden folder as lying at its place, where nothing else is."""
        self.taken.append(folder)
        above = folder.rpartition("/")[0]
        for written in _files(str(self.folder), folder, self.closed):
            place = f"{above}/{written.rpartition('/')[2]}".lstrip("/")
            if not os.path.lexists(f"{self.folder}/{place}"):
                path = composed(place)
                self.spelled[path] = written
                self._look(path, written)

    def _look(self, path: str, written: str) -> None:
        """Note a letter that does not lie at its known place."""
        known = self.at_home.get(path)
        at_home = self.ledger.id_at(path) if known is None else known
        if at_home and int(at_home, 16) in self.wanted:
            return
        letter = _letter_in(f"{self.folder}/{written}")
        if not letter or letter == at_home:
            return
        if own := _same_file(self.folder, self.ledger.path(letter), written):
            self.spelled[own] = written
        else:
            self.unknown.setdefault(letter, []).append(path)


def _same_file(folder: Path, path: str, written: str) -> str:
    """Return the letter's path, where the disk only spells it in other capitals; else empty."""
    with suppress(OSError):
        if path and path.lower() == written.lower() and (folder / path).samefile(folder / written):
            return path
    return ""


def _files(folder: str, below: str, closed: list[str]) -> Iterator[str]:
    """Yield every file below a folder; links are not followed, old versions not looked at.

    Hidden folders of the program count as files. What may not be looked into is added to `closed`.
    """
    for entry in entries_in(folder, below, closed):
        path = f"{below}/{entry.name}" if below else entry.name
        if not _is_folder(entry) or entry.name.startswith(TAKEN):
            yield path
        elif _OWN_DRAFT.fullmatch(entry.name):
            yield path  # filled by a run that was killed, or by one that is at work
        elif path != OLD_VERSIONS_FOLDER:
            yield from _files(folder, path, closed)


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
    return name.lower().endswith(LETTER_ENDING) and not name.startswith(".")


def _letter_in(path: str) -> str:
    """Return the id of the letter that a file is; empty where it is none."""
    data = read_file(path)
    stamp = stamp_of(data) if data else None
    return stamp.id if stamp else ""
