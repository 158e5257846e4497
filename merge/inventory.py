"""What lies in the folder of the letters: which files nobody knows, which are open in Word.

Only files that the ledger does not know are opened here. Paths are compared in NFC: a Mac may list
names taken apart.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from merge.ledger.book import Ledger
from merge.outbox import TEMPORARY
from merge.template.sanitize import stamp_of

UNWANTED = "No longer wanted"
REPLACED = "Old versions"
"""Folders below the letters that the program moves files into."""

ENDING = ".docx"
_MOST = 50 << 20
"""Bytes of a file that could be a letter."""

_WORD_LOCK, _OFFICE_LOCK = "~$", ".~lock."
_CLOUD_COPY = "conflicted copy"


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
    """Temporary files of a run that was killed."""

    def place(self, path: str) -> str:
        """The whole path on the disk."""
        return f"{self.folder}/{self.spelled.get(path, path)}"

    def below(self, path: str) -> PurePosixPath:
        """The path in the folder, as the disk spells it."""
        return PurePosixPath(self.spelled.get(path, path))

    def is_open(self, path: str) -> bool:
        """Whether a program says that it has the file open."""
        return bool(self.locks) and not self.locks.isdisjoint(_lock_names(path))


def _lock_names(path: str) -> Iterator[str]:
    """Word leaves out the first two characters of a long name, one of a shorter (findings.md)."""
    folder, slash, name = path.rpartition("/")
    yield from (f"{folder}{slash}{_WORD_LOCK}{name[cut:]}" for cut in (0, 1, 2))
    yield f"{folder}{slash}{_OFFICE_LOCK}{name}#"


def take_inventory(folder: Path, ledger: Ledger, wanted: AbstractSet[int]) -> Inventory:
    """Look through the folder. `wanted` are the ids of the letters that pairs have, as numbers.

    What lies where a letter lay that nobody wants any more is looked at, too: it may be another.
    """
    taking = _Taking(folder, ledger, wanted)
    for written in _files(str(folder), ""):
        taking.take(written)
    found = {letter: tuple(sorted(paths)) for letter, paths in taking.unknown.items()}
    locks, leftovers = frozenset(taking.locks), tuple(taking.leftovers)
    return Inventory(str(folder), found, taking.spelled, locks, leftovers)


@dataclass
class _Taking:
    """An inventory that is being taken."""

    folder: Path
    ledger: Ledger
    wanted: AbstractSet[int]
    unknown: dict[str, list[str]] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    locks: set[str] = field(default_factory=set)
    leftovers: list[str] = field(default_factory=list)

    def take(self, written: str) -> None:
        """Look at a file, by its path as the disk spells it."""
        path = unicodedata.normalize("NFC", written)
        name = path.rpartition("/")[2]
        if name.startswith((_WORD_LOCK, _OFFICE_LOCK)):
            self.locks.add(path)
        elif name.startswith(TEMPORARY[0]) and name.endswith(TEMPORARY[1]):
            self.leftovers.append(written)
        elif _may_be_letter(name):
            if path != written:
                self.spelled[path] = written
            self._look(path, written)

    def _look(self, path: str, written: str) -> None:
        """Note a letter that does not lie at its known place."""
        at_home = self.ledger.id_at(path)
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
    """The letter's path, where the disk only spells it in other capitals; else empty."""
    with suppress(OSError):
        if path and path.lower() == written.lower() and (folder / path).samefile(folder / written):
            return path
    return ""


def _files(folder: str, below: str) -> Iterator[str]:
    """Every file below a folder; links are not followed, old versions not looked at."""
    try:
        entries = list(os.scandir(f"{folder}/{below}" if below else folder))
    except OSError:
        return  # a folder that nobody may look into: what is in it cannot be told
    for entry in entries:
        path = f"{below}/{entry.name}" if below else entry.name
        if not entry.is_dir(follow_symlinks=False):
            yield path
        elif path != REPLACED:
            yield from _files(folder, path)


def _may_be_letter(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(ENDING) and not name.startswith(".") and _CLOUD_COPY not in lower


def _letter_in(path: str) -> str:
    """The id of the letter that a file is; empty where it is none."""
    data = read_file(path)
    stamp = stamp_of(data) if data else None
    return stamp.id if stamp else ""


def read_file(path: str) -> bytes | None:
    """The bytes of a plain file; empty where it is too large, None where it cannot be opened."""
    with suppress(OSError):
        kind = os.lstat(path)
        if not stat.S_ISREG(kind.st_mode):
            return b""
        return Path(path).read_bytes() if kind.st_size <= _MOST else b""
    return None
