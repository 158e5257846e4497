"""Safe writing of letters: each letter is either complete or not there.

A letter is written to a hidden temporary file in its own folder, and then moved to its path. The
path must be free, or the file there must be the one that was just checked. So half a letter is
never visible. A new folder is filled under a hidden name, and renamed when it is complete.
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
from merge.computer import draft_name
from merge.disk import (
    FileState,
    SafeFileReplacer,
    check_no_link,
    create_file,
    delete_file,
    draft_file,
    file_state,
    flush_disk,
    hidden_folders,
    make_folders,
    real_path,
    remove_empty_folder,
    rename_folder,
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
"""Seconds that a run waits before it says so, and after that."""

_LONGEST_FLUSH = 60
"""Seconds that a run waits at its end until the disk has all letters."""

_CHECK_INTERVAL = 0.2
"""Seconds between two checks whether the waiting must stop."""


class _ExistingFolderLock(FileLock):
    """A lock that does not recreate its folder if that was deleted meanwhile."""

    def _acquire(self) -> None:
        folder = os.path.dirname(self.lock_file)
        if not os.path.isdir(folder):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
        super()._acquire()


class LetterFolder:
    """A folder that letters are written into; nothing is written outside it.

    `existing_folder` must exist and is never created; the default is the parent folder.
    """

    def __init__(self, folder: Path, existing_folder: Path | None = None) -> None:
        self.folder = folder
        self._root = real_path(folder)
        self._existing_folder = real_path(existing_folder or folder.parent)
        self._real_paths: dict[PurePosixPath, str] = {}
        self._hidden_count = 0
        self._placer = SafeFileReplacer()
        self._hidden_folders: dict[PurePosixPath, str] = {}
        """Hidden folders, by the paths that they will get."""

    @contextmanager
    def open(
        self,
        on_wait: Callable[[], object] | None = None,
        check: Callable[[], object] = no_check,
    ) -> Iterator[LetterFolder]:
        """Yield the letters folder, created if necessary, while it is locked.

        If there is `on_wait`, it is called before waiting for another run that has the lock.
        `check` is called while waiting, and may raise. Raise StorageError if the folder cannot be
        created, or another run has the lock for too long.
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
                problem = messages.problem("folder-busy", Place(str(self.folder)))
                raise StorageError(problem) from None
        try:
            yield self
        finally:
            lock.release()  # the file stays: without it, two waiting runs could both continue

    def remove_leftovers(self, leftovers: Iterable[str]) -> None:
        """Remove temporary files and folders of a run that was killed.

        Windows shows such a folder. Files that people added or changed in it are moved next to it.
        """
        for path in leftovers:
            for added_file in _entries_of_others(f"{self.folder}/{path}"):
                self._placer.make_visible(added_file)
            _remove(f"{self.folder}/{path}")

    def create(self, path: PurePosixPath, data: bytes) -> FileState | None:
        """Write a letter; return None, without a change, if the name is in use.

        Raise StorageError if the disk is full, the folder cannot be written, or the path is outside
        it.
        """
        with (
            folder_errors(self.folder / path),
            self._draft_file(path, data) as (draft_path, target),
        ):
            draft_state = file_state(draft_path)
            is_placed = self._placer.move_if_free(draft_path, target)
            return _state_if_unchanged(target, draft_state, data) if is_placed else None

    def prepare(self, path: PurePosixPath, data: bytes) -> FileState | None:
        """Write a letter into a hidden draft of its folder, for `publish`.

        Return None if the folder exists already; then use `create`. Raise StorageError as `create`
        does.
        """
        with folder_errors(self.folder / path):
            hidden_folder = self._hidden_folders.get(path.parent) or self._create_hidden_folder(
                path.parent
            )
            hidden_path = f"{hidden_folder}/{path.name}"
            return (
                file_state(hidden_path) if hidden_folder and _write_new(hidden_path, data) else None
            )

    def publish(self, path: PurePosixPath, state: FileState) -> FileState | None:
        """Publish a prepared letter, with all others prepared for its folder.

        If the folder exists by now, or cannot be renamed, only this letter is moved there. Return
        None if its name is in use there. Raise StorageError as `create` does.
        """
        folder = path.parent
        with folder_errors(self.folder / path):
            hidden_folder = self._hidden_folders.get(folder, "")
            if not hidden_folder:
                return state  # published with another letter
            visible_folder = f"{os.path.dirname(hidden_folder)}/{folder.name}"
            if not os.path.lexists(visible_folder):
                with suppress(OSError):
                    rename_folder(hidden_folder, visible_folder)
                    self._real_paths[folder] = visible_folder
                    del self._hidden_folders[folder]
                    return state
            target = f"{self._real_folder(folder)}/{path.name}"
            return (
                file_state(target)
                if self._placer.move_if_free(f"{hidden_folder}/{path.name}", target)
                else None
            )

    def is_published(self, path: PurePosixPath) -> bool:
        """Return whether a prepared letter was published with another letter."""
        return path.parent not in self._hidden_folders

    def discard_prepared(self) -> None:
        """Delete all letters that were prepared and not published."""
        for hidden_folder in self._hidden_folders.values():
            _remove(hidden_folder)
        self._hidden_folders.clear()

    @contextmanager
    def flushing(self) -> Iterator[Callable[[], bool]]:
        """Flush all written files to the disk during the context.

        Yield a function that returns, at the end, whether this has finished.
        """
        thread = threading.Thread(target=flush_disk, args=(self._root,), daemon=True)
        thread.start()
        try:
            yield lambda: not thread.is_alive()
        finally:
            thread.join(_LONGEST_FLUSH)

    def _create_hidden_folder(self, folder: PurePosixPath) -> str:
        """Return a hidden draft of a new folder; empty if that folder exists."""
        if (
            not folder.name
            or folder in self._real_paths
            or os.path.lexists(f"{self.folder}/{folder}")
        ):
            return ""
        parent = self._real_folder(folder.parent)
        while True:
            hidden_folder = self._hidden_name(parent)
            with suppress(FileExistsError):
                os.mkdir(hidden_folder)
                self._hidden_folders[folder] = hidden_folder
                return hidden_folder

    def _hidden_name(self, folder: str) -> str:
        self._hidden_count += 1
        return f"{folder}/{draft_name(f'{os.getpid()}-{self._hidden_count}')}"

    def replace(self, path: PurePosixPath, data: bytes, expected: FileState) -> FileState | None:
        """Write a letter over the program's older version of the same letter.

        Return None if the file is no longer in the `expected` state, or another program has it
        open. Files of others are never changed. Raise StorageError as `create` does.
        """
        with (
            folder_errors(self.folder / path),
            self._draft_file(path, data) as (draft_path, target),
        ):
            draft_state = file_state(draft_path)
            is_placed = self._placer.replace(draft_path, target, expected)
            return _state_if_unchanged(target, draft_state, data) if is_placed else None

    def move(
        self, path: PurePosixPath, new_path: PurePosixPath, expected: FileState
    ) -> FileState | None:
        """Move a letter to another path, and remove its folder if that is empty.

        Return None, without a change, if that path is in use or another program has the file open.
        The same applies if the file is no longer in the `expected` state. Raise StorageError as
        `create` does.
        """
        with folder_errors(self.folder / path):
            folder = self._real_folder(new_path.parent)
            target = f"{folder}/{new_path.name}"
            if not self._placer.move(f"{self.folder}/{path}", target, expected):
                return None
            if remove_empty_folder(self.folder / path.parent):
                self._real_paths.pop(path.parent, None)
            return file_state(target) or expected

    def finish_move(self, path: PurePosixPath, new_path: PurePosixPath) -> bool:
        """Finish a letter's interrupted move; return whether it succeeded."""
        old_place, new_place = f"{self.folder}/{path}", f"{self.folder}/{new_path}"
        with folder_errors(self.folder / path):
            for hidden_folder in hidden_folders(os.path.dirname(old_place)):
                if os.path.lexists(f"{hidden_folder}/{path.name}"):
                    self._placer.restore(hidden_folder)
            state = file_state(new_place) if os.path.lexists(old_place) else None
            if state and (state.size == 0 or _are_links_to_one_file(old_place, new_place)):
                # Without links, the new name was claimed first; with links, both names exist.
                delete_file(new_place)
        return os.path.lexists(new_place) or not os.path.lexists(old_place)

    def restore_hidden(
        self, hidden_folders: Iterable[str], is_disposable: Callable[[str], bool]
    ) -> None:
        """Put back files that a killed run had hidden: see `SafeFileReplacer`."""
        for folder in hidden_folders:
            with folder_errors(self.folder / folder):
                self._placer.restore(f"{self.folder}/{folder}", is_disposable)

    @contextmanager
    def _draft_file(self, path: PurePosixPath, data: bytes) -> Iterator[tuple[str, str]]:
        """Yield a draft file's path and its target path; remove the draft later."""
        folder = self._real_folder(path.parent)
        draft_path = self._hidden_name(folder)
        with draft_file(draft_path, lambda handle: write_all(handle, data)):
            yield draft_path, f"{folder}/{path.name}"

    def _real_folder(self, relative: PurePosixPath) -> str:
        """Return a folder's real path; create it again if someone deleted it."""
        real_path = self._real_paths.get(relative)
        return (
            real_path if real_path and os.path.isdir(real_path) else self._create_folder(relative)
        )

    def _create_folder(self, relative: PurePosixPath) -> str:
        """Create a folder below the letters folder and return its real path.

        Raise StorageError if its path is a link.
        """
        folder = real_path(self.folder / relative)
        check_no_link(self.folder, self.folder / relative)
        if os.path.commonpath((self._root, folder)) != self._root:
            raise StorageError(messages.problem("path-outside", Place(str(relative))))
        make_folders(folder, self._existing_folder)
        self._real_paths[relative] = folder
        return folder


@contextmanager
def ledger_to_write(folder: Path) -> Iterator[Ledger]:
    """Yield the ledger of a folder that is locked meanwhile.

    Raise StorageError as `LetterFolder.open` does.
    """
    with LetterFolder(folder).open(), opened_ledger(folder) as ledger:
        yield ledger


@contextmanager
def opened_ledger(folder: Path) -> Iterator[Ledger]:
    """Yield the ledger of a folder that this run has locked."""
    with closing(open_ledger(folder)) as ledger:
        yield ledger


def _are_links_to_one_file(old_place: str, new_place: str) -> bool:
    """Return whether two names of one file exist.

    On a disk that ignores capitals, two spellings may be one name.
    """
    return os.path.samefile(old_place, new_place) and os.stat(new_place).st_nlink > 1


def _acquire_patiently(
    lock: FileLock, on_wait: Callable[[], object], check: Callable[[], object]
) -> None:
    """Acquire a lock after a long wait; raise Timeout if another run keeps it."""
    try:
        _acquire(lock, _SILENT_WAIT, check)
    except Timeout:
        on_wait()
        _acquire(lock, _ANNOUNCED_WAIT, check)


def _acquire(lock: FileLock, seconds: float, check: Callable[[], object]) -> None:
    """Acquire a lock; raise Timeout after this many seconds.

    Also raise what `check` raises.
    """
    end = time.monotonic() + seconds
    while True:
        remaining = end - time.monotonic()
        try:
            lock.acquire(timeout=max(0, min(_CHECK_INTERVAL, remaining)))
        except Timeout:
            if remaining <= _CHECK_INTERVAL:
                raise
            check()
        else:
            return


def _write_new(path: str, data: bytes) -> bool:
    """Write a new file; return False, without a change, if the name is in use.

    If the disk is full, no part of the file stays: its folder may be published.
    """
    try:
        handle = create_file(path)
    except FileExistsError:
        return False
    try:
        write_all(handle, data)
    except OSError:
        os.close(handle)
        delete_file(path)
        raise
    os.close(handle)
    return True


_LONGEST_FILLING = 60 * 1_000_000_000
"""Nanoseconds within which the letters of a hidden folder are written.

This includes slow network shares.
"""


def _entries_of_others(folder: str) -> list[str]:
    """Return entries of a hidden draft folder that its run did not write.

    These are files written long after its first letter, and entries that are not files.
    """
    states = {entry.path: file_state(entry.path) for entry in folder_entries(folder, "", [])}
    first_time = min((state.mtime for state in states.values() if state), default=0)
    return [
        path
        for path, state in states.items()
        if not state or state.mtime > first_time + _LONGEST_FILLING
    ]


def _remove(path: str) -> None:
    """Delete a temporary file, or a hidden folder with its files.

    A link is not followed.
    """
    with suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            for name in os.listdir(path):
                delete_file(f"{path}/{name}")
            remove_empty_folder(path)
        else:
            delete_file(path)


def _state_if_unchanged(
    target: str, draft_state: FileState | None, data: bytes
) -> FileState | None:
    """Return a new file's state, or None if another program replaced the file."""
    state = file_state(target)
    if state and draft_state and state[:2] == draft_state[:2]:
        return state
    return state if read_file(target) == data else None  # some shares report another time later
