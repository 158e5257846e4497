"""Letters onto the disk, each whole or not there, and what lies in their folder.

A letter is written to a hidden temporary file in its own folder and then put in its place, where
nothing is or only what was looked at a moment ago: nobody ever sees half a letter. A folder that is
new is filled under a hidden name, and shown whole.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from merge import messages
from merge.disk import (
    DRAFT,
    LIBREOFFICE_OWNER,
    OFFICE_OWNER,
    TAKEN,
    FilePlacer,
    FileState,
    check_no_link,
    create,
    draft,
    file_state,
    flush_disk,
    hidden_folders,
    make_folders,
    os_reason,
    word_owner_files,
    write_all,
)
from merge.errors import StorageError, translated
from merge.naming import path_key
from merge.problems import Place
from merge.state.ledger import Ledger, open_ledger, several
from merge.template.library import LETTER_ENDING
from merge.template.sanitize import stamp_of
from merge.text.folding import composed

LOCK = ".merge-lock"
_LONGEST_WAIT = 5
"""Seconds that a second run waits for the first."""

_UNSEEN_WAIT, _PATIENCE = 1, 3_600
"""Seconds that one waits without saying so, and that one waits where it has said so."""

_LONGEST_FLUSH = 60
"""Seconds that a run waits at its end until a slow disk has taken all letters."""

_LOOK_EVERY = 0.2
"""Seconds of waiting between two looks whether it is to be stopped."""


def _never() -> None:
    """Let work go on."""


class _LockInFolder(FileLock):
    """A lock that never makes the folder again in which it is waited for."""

    def _acquire(self) -> None:
        folder = os.path.dirname(self.lock_file)
        if not os.path.isdir(folder):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
        super()._acquire()


class Outbox:
    """One folder that letters are put into. Nothing is ever written outside it.

    `within` is the folder that must be there and is never made: the one above, if none is named.
    """

    def __init__(self, folder: Path, within: Path | None = None) -> None:
        self.folder = folder
        self._root = os.path.realpath(folder)
        self._within = os.path.realpath(within or folder.parent)
        self._known: dict[PurePosixPath, str] = {}
        self._count = 0
        self._placer = FilePlacer()
        self._new: dict[PurePosixPath, str] = {}
        """Hidden folders, by the folders that they become."""

    @contextmanager
    def open(
        self,
        on_wait: Callable[[], object] | None = None,
        check: Callable[[], object] = _never,
    ) -> Iterator[Outbox]:
        """Make the folder and hold it alone.

        With `on_wait`, which is called before it, wait until another run that holds it is done;
        `check` is called while it waits, and may raise. StorageError where it cannot be made, or
        another run holds it.
        """
        with _os_errors(self.folder):
            make_folders(self._root, self._within)
            lock = _LockInFolder(self.folder / LOCK)
            try:
                if on_wait is None:
                    _acquire(lock, _LONGEST_WAIT, check)
                else:
                    _acquire_patiently(lock, on_wait, check)
            except Timeout:
                busy = messages.problem("folder-busy", Place(str(self.folder)))
                raise StorageError(busy) from None
        try:
            yield self
        finally:
            lock.release()  # the file stays: without it, two that wait could both go on

    def sweep(self, leftovers: Iterable[str]) -> None:
        """Remove temporary files and folders that a run left when it was killed.

        What people put or changed in such a folder, which Windows does not hide, goes beside it.
        """
        for path in leftovers:
            for theirs in _put_in_since(f"{self.folder}/{path}"):
                self._placer.keep(theirs)
            _remove(f"{self.folder}/{path}")

    def put(self, path: PurePosixPath, data: bytes) -> FileState | None:
        """Write a letter; None, and nothing changed, where something has that name already.

        StorageError where the disk is full, the folder closed or the path outside.
        """
        with _os_errors(self.folder / path), self._written(path, data) as (new, target):
            before = file_state(new)
            done = self._placer.put(new, target)
            return _state_of_ours(target, before, data) if done else None

    def prepare(self, path: PurePosixPath, data: bytes) -> FileState | None:
        """Write a letter of a folder that is not there yet into a hidden one, for `show`.

        None where its folder is there: it is for `put`. StorageError as above.
        """
        with _os_errors(self.folder / path):
            hidden = self._new.get(path.parent) or self._begin(path.parent)
            new = f"{hidden}/{path.name}"
            return file_state(new) if hidden and _write_new(new, data) else None

    def show(self, path: PurePosixPath, at: FileState) -> FileState | None:
        """Show a letter that was prepared, and all that were prepared for its folder.

        Where the folder is there by now, or cannot be shown whole, the letter is put into it by
        itself: None where something has that name already. StorageError as above.
        """
        folder = path.parent
        with _os_errors(self.folder / path):
            hidden = self._new.get(folder, "")
            if not hidden:
                return at  # shown with another
            shown = f"{os.path.dirname(hidden)}/{folder.name}"
            if not os.path.lexists(shown):
                with suppress(OSError):
                    os.rename(hidden, shown)
                    self._known[folder] = shown
                    del self._new[folder]
                    return at
            target = f"{self._folder(folder)}/{path.name}"
            return file_state(target) if self._placer.put(f"{hidden}/{path.name}", target) else None

    def is_shown(self, path: PurePosixPath) -> bool:
        """Return whether a letter that was prepared lies in its place already, with others."""
        return path.parent not in self._new

    def discard(self) -> None:
        """Remove what was prepared and not shown."""
        for hidden in self._new.values():
            _remove(hidden)
        self._new.clear()

    @contextmanager
    def flushing(self) -> Iterator[Callable[[], bool]]:
        """Let all that was written reach the disk while other work goes on.

        Yield what says, in the end, whether it has.
        """
        work = threading.Thread(target=flush_disk, args=(self._root,), daemon=True)
        work.start()
        try:
            yield lambda: not work.is_alive()
        finally:
            work.join(_LONGEST_FLUSH)

    def _begin(self, folder: PurePosixPath) -> str:
        """Make a hidden folder that is to become another; empty where that is there."""
        if not folder.name or folder in self._known or os.path.lexists(f"{self.folder}/{folder}"):
            return ""
        above = self._folder(folder.parent)
        while True:
            hidden = self._hidden_name(above)
            with suppress(FileExistsError):
                os.mkdir(hidden)
                self._new[folder] = hidden
                return hidden

    def _hidden_name(self, folder: str) -> str:
        self._count += 1
        return f"{folder}/{DRAFT[0]}{os.getpid()}-{self._count}{DRAFT[1]}"

    def replace(self, path: PurePosixPath, data: bytes, was: FileState) -> FileState | None:
        """Write a letter over an older version of ours. StorageError as above.

        None, and nothing of anybody else's changed, where the file is not `was` any more or another
        program holds it.
        """
        with _os_errors(self.folder / path), self._written(path, data) as (new, target):
            before = file_state(new)
            done = self._placer.exchange(new, target, was)
            return _state_of_ours(target, before, data) if done else None

    def move(self, path: PurePosixPath, to: PurePosixPath, was: FileState) -> FileState | None:
        """Give a file another path; a folder that is left empty goes. StorageError as above.

        None, and nothing changed, where something is there already, or the file is not `was` any
        more, or another program holds it.
        """
        with _os_errors(self.folder / path):
            folder = self._folder(to.parent)
            target = f"{folder}/{to.name}"
            if not self._placer.move(f"{self.folder}/{path}", target, was):
                return None
            with suppress(OSError):
                os.rmdir(self.folder / path.parent)
                self._known.pop(path.parent, None)
            return file_state(target) or was

    def settle_move(self, path: PurePosixPath, to: PurePosixPath) -> bool:
        """Settle a move that was cut short: whether the file has its new path now."""
        old, new = f"{self.folder}/{path}", f"{self.folder}/{to}"
        with _os_errors(self.folder / path):
            for hidden in hidden_folders(os.path.dirname(old)):
                if os.path.lexists(f"{hidden}/{path.name}"):
                    self._placer.restore(hidden)
            at = file_state(new) if os.path.lexists(old) else None
            if at and (at.size == 0 or os.path.samefile(old, new)):
                # where there are no links, the new name was claimed first; else both are on it
                os.unlink(new)
        return os.path.lexists(new) or not os.path.lexists(old)

    def restore(self, hidden: Iterable[str], is_ours: Callable[[str], bool]) -> None:
        """Put back what a run had taken from its place when it was killed: see `FilePlacer`."""
        for folder in hidden:
            with _os_errors(self.folder / folder):
                self._placer.restore(f"{self.folder}/{folder}", is_ours)

    @contextmanager
    def _written(self, path: PurePosixPath, data: bytes) -> Iterator[tuple[str, str]]:
        """Yield a draft with the data, and its place beside it; the draft goes in the end."""
        folder = self._folder(path.parent)
        temporary = self._hidden_name(folder)
        with draft(temporary, lambda handle: write_all(handle, data)):
            yield temporary, f"{folder}/{path.name}"

    def _folder(self, relative: PurePosixPath) -> str:
        """Return a folder's real path; made again where somebody took it away meanwhile."""
        known = self._known.get(relative)
        return known if known and os.path.isdir(known) else self._make(relative)

    def _make(self, relative: PurePosixPath) -> str:
        """Make a folder; its real path. StorageError if a link stands in its place."""
        folder = os.path.realpath(self.folder / relative)
        check_no_link(self.folder, self.folder / relative)
        if os.path.commonpath((self._root, folder)) != self._root:
            raise StorageError(messages.problem("path-outside", Place(str(relative))))
        make_folders(folder, self._within)
        self._known[relative] = folder
        return folder


@contextmanager
def ledger_to_write(folder: Path) -> Iterator[Ledger]:
    """Lend the ledger of a folder that is held alone. StorageError as `Outbox.open`."""
    with Outbox(folder).open(), closing(open_ledger(folder)) as ledger:
        yield ledger


def _acquire_patiently(
    lock: FileLock, on_wait: Callable[[], object], check: Callable[[], object]
) -> None:
    """Hold a lock, with patience. Raise Timeout where another run has it for too long."""
    try:
        _acquire(lock, _UNSEEN_WAIT, check)
    except Timeout:
        on_wait()
        _acquire(lock, _PATIENCE, check)


def _acquire(lock: FileLock, seconds: float, check: Callable[[], object]) -> None:
    """Hold a lock. Raise Timeout where another run has it for so long, or what `check` raises."""
    end = time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        try:
            lock.acquire(timeout=max(0, min(_LOOK_EVERY, left)))
        except Timeout:
            if left <= _LOOK_EVERY:
                raise
            check()
        else:
            return


def _write_new(path: str, data: bytes) -> bool:
    """Write a new file; False, and nothing changed, where something has that name already."""
    try:
        handle = create(path)
    except FileExistsError:
        return False
    try:
        write_all(handle, data)
    finally:
        os.close(handle)
    return True


_LONGEST_BATCH = 60 * 1_000_000_000
"""Nanoseconds in which the letters of one hidden folder are surely written, on slow shares too."""


def _put_in_since(folder: str) -> list[str]:
    """Return what was put into a hidden folder long after its first letter, or is no file."""
    found = {entry.path: file_state(entry.path) for entry in _entries(folder, "", [])}
    first = min((at.mtime for at in found.values() if at), default=0)
    return [path for path, at in found.items() if not at or at.mtime > first + _LONGEST_BATCH]


def _remove(path: str) -> None:
    """Remove a temporary file, or a hidden folder with the files in it; a link is not followed."""
    with suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            for name in os.listdir(path):
                os.unlink(f"{path}/{name}")
            os.rmdir(path)
        else:
            os.unlink(path)


def _state_of_ours(target: str, before: FileState | None, data: bytes) -> FileState | None:
    """Return the state of a file of ours; None where another program has put one there already."""
    at = file_state(target)
    if at and before and at[:2] == before[:2]:
        return at
    return at if read_file(target) == data else None  # some shares tell another time in the end


class ClosedFolderError(StorageError):
    """The system does not let us write into one folder; the disk has room."""


def _os_errors(path: Path) -> AbstractContextManager[None]:
    """Return a context in which what the system says becomes what a person can do."""

    def into(error: OSError) -> StorageError:
        place = Place(str(path))
        if error.errno in {errno.EACCES, errno.EPERM}:
            return ClosedFolderError(messages.problem("folder-closed", place))
        if key := _KEYS.get(error.errno or 0):
            return StorageError(messages.problem(key, place))
        return StorageError(messages.problem("disk-error", place, why=os_reason(error)))

    return translated(OSError, into)


_KEYS = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full/quota",
    errno.EROFS: "folder-closed/read-only",
    errno.ENAMETOOLONG: "path-too-long",
    errno.ENOENT: "folder-gone",
    errno.EEXIST: "path-taken",
    errno.ENOTDIR: "path-taken",
}
"""Keys of messages about what the system says."""


# What lies in the folder of the letters: which files nobody knows, which are open in Word.
#
# Only files that the ledger does not know are opened here. Paths are compared in NFC: a Mac may
# list names taken apart.


ORPHANS_FOLDER = "No longer wanted"
OLD_VERSIONS_FOLDER = "Old versions"
"""Folders below the letters that the program moves files into."""

_MOST = 50 << 20
"""Bytes of a file that could be a letter."""

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
    check: Callable[[], object] = _never,
) -> Inventory:
    """Look through the folder. `wanted` are the ids of the letters that pairs have, as numbers.

    What lies where a letter lay that nobody wants any more is looked at, too: it may be another.
    `check` is called before each file, and may raise. StorageError where the folder is
    there and nobody may look into it.
    """
    with _os_errors(folder):
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
        for entry in _entries(str(folder), below, []):
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
    for entry in _entries(folder, below, closed):
        path = f"{below}/{entry.name}" if below else entry.name
        if not _is_folder(entry) or entry.name.startswith(TAKEN):
            yield path
        elif _OWN_DRAFT.fullmatch(entry.name):
            yield path  # filled by a run that was killed, or by one that is at work
        elif path != OLD_VERSIONS_FOLDER:
            yield from _files(folder, path, closed)


def _entries(folder: str, below: str, closed: list[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(f"{folder}/{below}" if below else folder) as entries:
            return list(entries)
    except PermissionError:
        closed.append(below)
    except OSError:
        pass  # it has just gone
    return []


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


def read_file(path: str) -> bytes | None:
    """Return a plain file's bytes; empty where it is too large, None where it cannot be opened."""
    with suppress(OSError):
        kind = os.lstat(path)
        if not stat.S_ISREG(kind.st_mode):
            return b""
        return Path(path).read_bytes() if kind.st_size <= _MOST else b""
    return None
