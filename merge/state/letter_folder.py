"""Letters onto the disk, each whole or not there.

A letter is written to a hidden temporary file in its own folder and then put in its place, where
nothing is or only what was looked at a moment ago: nobody ever sees half a letter. A folder that is
new is filled under a hidden name, and shown whole.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from merge import messages
from merge.disk import (
    DRAFT_NAME_ENDS,
    FilePlacer,
    FileState,
    check_no_link,
    create_file,
    draft_file,
    file_state,
    flush_disk,
    hidden_folders,
    make_folders,
    write_all,
)
from merge.errors import StorageError
from merge.problems import Place
from merge.state.folder_access import folder_entries, folder_errors, no_check, read_file
from merge.state.ledger import Ledger, open_ledger

LOCK_FILE = ".merge-lock"
_LONGEST_WAIT = 5
"""Seconds that a second run waits for the first."""

_SILENT_WAIT, _ANNOUNCED_WAIT = 1, 3_600
"""Seconds that one waits without saying so, and that one waits where it has said so."""

_LONGEST_FLUSH = 60
"""Seconds that a run waits at its end until a slow disk has taken all letters."""

_CHECK_INTERVAL = 0.2
"""Seconds of waiting between two looks whether it is to be stopped."""


class _ExistingFolderLock(FileLock):
    """A lock that never makes the folder again in which it is waited for."""

    def _acquire(self) -> None:
        folder = os.path.dirname(self.lock_file)
        if not os.path.isdir(folder):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
        super()._acquire()


class LetterFolder:
    """One folder that letters are put into. Nothing is ever written outside it.

    `within` is the folder that must be there and is never made: the one above, if none is named.
    """

    def __init__(self, folder: Path, existing_folder: Path | None = None) -> None:
        self.folder = folder
        self._root = os.path.realpath(folder)
        self._existing_folder = os.path.realpath(existing_folder or folder.parent)
        self._real_paths: dict[PurePosixPath, str] = {}
        self._hidden_count = 0
        self._placer = FilePlacer()
        self._hidden_folders: dict[PurePosixPath, str] = {}
        """Hidden folders, by the folders that they become."""

    @contextmanager
    def open(
        self,
        on_wait: Callable[[], object] | None = None,
        check: Callable[[], object] = no_check,
    ) -> Iterator[LetterFolder]:
        """Make the folder and hold it alone.

        With `on_wait`, which is called before it, wait until another run that holds it is done;
        `check` is called while it waits, and may raise. StorageError where it cannot be made, or
        another run holds it.
        """
        with folder_errors(self.folder):
            make_folders(self._root, self._existing_folder)
            lock = _ExistingFolderLock(self.folder / LOCK_FILE)
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

    def remove_leftovers(self, leftovers: Iterable[str]) -> None:
        """Remove temporary files and folders that a run left when it was killed.

        What people put or changed in such a folder, which Windows does not hide, goes beside it.
        """
        for path in leftovers:
            for theirs in _entries_of_others(f"{self.folder}/{path}"):
                self._placer.make_visible(theirs)
            _remove(f"{self.folder}/{path}")

    def create(self, path: PurePosixPath, data: bytes) -> FileState | None:
        """Write a letter; None, and nothing changed, where something has that name already.

        StorageError where the disk is full, the folder closed or the path outside.
        """
        with folder_errors(self.folder / path), self._draft_file(path, data) as (new, target):
            before = file_state(new)
            done = self._placer.move_if_free(new, target)
            return _state_if_unchanged(target, before, data) if done else None

    def prepare(self, path: PurePosixPath, data: bytes) -> FileState | None:
        """Write a letter of a folder that is not there yet into a hidden one, for `show`.

        None where its folder is there: it is for `put`. StorageError as above.
        """
        with folder_errors(self.folder / path):
            hidden = self._hidden_folders.get(path.parent) or self._create_hidden_folder(
                path.parent
            )
            new = f"{hidden}/{path.name}"
            return file_state(new) if hidden and _write_new(new, data) else None

    def publish(self, path: PurePosixPath, at: FileState) -> FileState | None:
        """Show a letter that was prepared, and all that were prepared for its folder.

        Where the folder is there by now, or cannot be shown whole, the letter is put into it by
        itself: None where something has that name already. StorageError as above.
        """
        folder = path.parent
        with folder_errors(self.folder / path):
            hidden = self._hidden_folders.get(folder, "")
            if not hidden:
                return at  # shown with another
            shown = f"{os.path.dirname(hidden)}/{folder.name}"
            if not os.path.lexists(shown):
                with suppress(OSError):
                    os.rename(hidden, shown)
                    self._real_paths[folder] = shown
                    del self._hidden_folders[folder]
                    return at
            target = f"{self._real_folder(folder)}/{path.name}"
            return (
                file_state(target)
                if self._placer.move_if_free(f"{hidden}/{path.name}", target)
                else None
            )

    def is_published(self, path: PurePosixPath) -> bool:
        """Return whether a letter that was prepared lies in its place already, with others."""
        return path.parent not in self._hidden_folders

    def discard_prepared(self) -> None:
        """Remove what was prepared and not shown."""
        for hidden in self._hidden_folders.values():
            _remove(hidden)
        self._hidden_folders.clear()

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

    def _create_hidden_folder(self, folder: PurePosixPath) -> str:
        """Make a hidden folder that is to become another; empty where that is there."""
        if (
            not folder.name
            or folder in self._real_paths
            or os.path.lexists(f"{self.folder}/{folder}")
        ):
            return ""
        above = self._real_folder(folder.parent)
        while True:
            hidden = self._hidden_name(above)
            with suppress(FileExistsError):
                os.mkdir(hidden)
                self._hidden_folders[folder] = hidden
                return hidden

    def _hidden_name(self, folder: str) -> str:
        self._hidden_count += 1
        return (
            f"{folder}/{DRAFT_NAME_ENDS[0]}{os.getpid()}-{self._hidden_count}{DRAFT_NAME_ENDS[1]}"
        )

    def replace(self, path: PurePosixPath, data: bytes, was: FileState) -> FileState | None:
        """Write a letter over an older version of ours. StorageError as above.

        None, and nothing of anybody else's changed, where the file is not `was` any more or another
        program holds it.
        """
        with folder_errors(self.folder / path), self._draft_file(path, data) as (new, target):
            before = file_state(new)
            done = self._placer.replace(new, target, was)
            return _state_if_unchanged(target, before, data) if done else None

    def move(self, path: PurePosixPath, to: PurePosixPath, was: FileState) -> FileState | None:
        """Give a file another path; a folder that is left empty goes. StorageError as above.

        None, and nothing changed, where something is there already, or the file is not `was` any
        more, or another program holds it.
        """
        with folder_errors(self.folder / path):
            folder = self._real_folder(to.parent)
            target = f"{folder}/{to.name}"
            if not self._placer.move(f"{self.folder}/{path}", target, was):
                return None
            with suppress(OSError):
                os.rmdir(self.folder / path.parent)
                self._real_paths.pop(path.parent, None)
            return file_state(target) or was

    def finish_move(self, path: PurePosixPath, to: PurePosixPath) -> bool:
        """Settle a move that was cut short: whether the file has its new path now."""
        old, new = f"{self.folder}/{path}", f"{self.folder}/{to}"
        with folder_errors(self.folder / path):
            for hidden in hidden_folders(os.path.dirname(old)):
                if os.path.lexists(f"{hidden}/{path.name}"):
                    self._placer.restore(hidden)
            at = file_state(new) if os.path.lexists(old) else None
            if at and (at.size == 0 or os.path.samefile(old, new)):
                # where there are no links, the new name was claimed first; else both are on it
                os.unlink(new)
        return os.path.lexists(new) or not os.path.lexists(old)

    def restore_hidden(self, hidden: Iterable[str], is_ours: Callable[[str], bool]) -> None:
        """Put back what a run had taken from its place when it was killed: see `FilePlacer`."""
        for folder in hidden:
            with folder_errors(self.folder / folder):
                self._placer.restore(f"{self.folder}/{folder}", is_ours)

    @contextmanager
    def _draft_file(self, path: PurePosixPath, data: bytes) -> Iterator[tuple[str, str]]:
        """Yield a draft with the data, and its place beside it; the draft goes in the end."""
        folder = self._real_folder(path.parent)
        temporary = self._hidden_name(folder)
        with draft_file(temporary, lambda handle: write_all(handle, data)):
            yield temporary, f"{folder}/{path.name}"

    def _real_folder(self, relative: PurePosixPath) -> str:
        """Return a folder's real path; made again where somebody took it away meanwhile."""
        known = self._real_paths.get(relative)
        return known if known and os.path.isdir(known) else self._create_folder(relative)

    def _create_folder(self, relative: PurePosixPath) -> str:
        """Make a folder; its real path. StorageError if a link stands in its place."""
        folder = os.path.realpath(self.folder / relative)
        check_no_link(self.folder, self.folder / relative)
        if os.path.commonpath((self._root, folder)) != self._root:
            raise StorageError(messages.problem("path-outside", Place(str(relative))))
        make_folders(folder, self._existing_folder)
        self._real_paths[relative] = folder
        return folder


@contextmanager
def ledger_to_write(folder: Path) -> Iterator[Ledger]:
    """Lend the ledger of a folder that is held alone. StorageError as `LetterFolder.open`."""
    with LetterFolder(folder).open(), closing(open_ledger(folder)) as ledger:
        yield ledger


def _acquire_patiently(
    lock: FileLock, on_wait: Callable[[], object], check: Callable[[], object]
) -> None:
    """Hold a lock, with patience. Raise Timeout where another run has it for too long."""
    try:
        _acquire(lock, _SILENT_WAIT, check)
    except Timeout:
        on_wait()
        _acquire(lock, _ANNOUNCED_WAIT, check)


def _acquire(lock: FileLock, seconds: float, check: Callable[[], object]) -> None:
    """Hold a lock. Raise Timeout where another run has it for so long, or what `check` raises."""
    end = time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        try:
            lock.acquire(timeout=max(0, min(_CHECK_INTERVAL, left)))
        except Timeout:
            if left <= _CHECK_INTERVAL:
                raise
            check()
        else:
            return


def _write_new(path: str, data: bytes) -> bool:
    """Write a new file; False, and nothing changed, where something has that name already."""
    try:
        handle = create_file(path)
    except FileExistsError:
        return False
    try:
        write_all(handle, data)
    finally:
        os.close(handle)
    return True


_LONGEST_FILLING = 60 * 1_000_000_000
"""Nanoseconds in which the letters of one hidden folder are surely written, on slow shares too."""


def _entries_of_others(folder: str) -> list[str]:
    """Return what was put into a hidden folder long after its first letter, or is no file."""
    found = {entry.path: file_state(entry.path) for entry in folder_entries(folder, "", [])}
    first = min((at.mtime for at in found.values() if at), default=0)
    return [path for path, at in found.items() if not at or at.mtime > first + _LONGEST_FILLING]


def _remove(path: str) -> None:
    """Remove a temporary file, or a hidden folder with the files in it; a link is not followed."""
    with suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            for name in os.listdir(path):
                os.unlink(f"{path}/{name}")
            os.rmdir(path)
        else:
            os.unlink(path)


def _state_if_unchanged(target: str, before: FileState | None, data: bytes) -> FileState | None:
    """Return the state of a file of ours; None where another program has put one there already."""
    at = file_state(target)
    if at and before and at[:2] == before[:2]:
        return at
    return at if read_file(target) == data else None  # some shares tell another time in the end
