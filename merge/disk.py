"""Files on the disk: the same still, open, a link; a new one put in the place of another."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from merge import messages
from merge.errors import StorageError
from merge.problems import Place, Problem

DRAFT_NAME_ENDS = ".merge-", ".tmp"
"""How the names of files begin and end that are not whole yet."""

_CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

_READ_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ_FLAGS |= getattr(os, "O_NONBLOCK", 0)  # else a pipe is waited for

_MAX_INTEGER = (1 << 63) - 1
"""SQLite's. Some file systems of Windows have longer numbers."""


_SECOND_IN_NANOSECONDS = 1_000_000_000
"""Nanoseconds."""


class FileState(NamedTuple):
    """What shows that a file is still the same.

    Its bytes, when it was last written (nanoseconds since 1970), its number on the disk, and when
    anything of it last changed: a file copied over another may keep the other two times, never
    this one. Number and time of change are 0 where they do not count.
    """

    size: int
    mtime: int
    inode: int
    ctime: int = 0

    def shows_changes_since(self, moment: int) -> bool:
        """Return whether any change after a moment shows in the time of the file.

        One that was changed at the very moment may have kept its time. A file system that has whole
        seconds only may round them up to two (FAT).
        """
        return (
            self.mtime
            + (2 * _SECOND_IN_NANOSECONDS if self.mtime % _SECOND_IN_NANOSECONDS == 0 else 0)
            < moment
        )

    def matches(self, other: FileState | None) -> bool:
        """Return whether the two are one in all that counts in both."""
        if other is None or self[:2] != other[:2]:
            return False
        rest = zip(self[2:], other[2:], strict=True)
        return all(one == two or not (one and two) for one, two in rest)


def real_folder(folder: Path) -> Path:
    """Return the one path by which a campaign folder is known, whatever name it was given by.

    It is whole, and every link above or in its place is followed. Who opens a campaign calls this
    once: a folder that has two paths in one run has two of every file.
    """
    return Path(os.path.realpath(folder))


def make_folders(folder: str, within: str) -> None:
    """Make a folder below another one, and those in between. FileNotFoundError if that is gone.

    `within` is never made: a campaign folder that was renamed meanwhile would be there twice.
    """
    missing = []
    while not os.path.isdir(folder) and folder != within:
        missing.append(folder)
        folder = os.path.dirname(folder)
    for each in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(each)
    if not os.path.isdir(within):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), within)
    if missing and not os.path.isdir(missing[0]):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), missing[0])


_MAX_NAME_LENGTH = 255
"""What nearly every disk allows: bytes on Linux and Macs, UTF-16 units on Windows."""


def is_path_too_long(path: Path) -> bool:
    """Return whether a path, or a name in it, is longer than the disk allows."""
    try:
        os.lstat(path)
    except ValueError:
        return False  # NUL: no name at all
    except OSError as error:
        code, unit = ("utf-16-le", 2) if os.name == "nt" else ("utf-8", 1)
        names = (len(part.encode(code, "surrogatepass")) // unit for part in path.parts)
        return error.errno == errno.ENAMETOOLONG or max(names, default=0) > _MAX_NAME_LENGTH
    return False


def file_state(path: str) -> FileState | None:
    """Return the state of a plain file; None where there is none. A link is not followed."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    changed = 0 if os.name == "nt" else found.st_ctime_ns  # Windows: when it was made
    return FileState(found.st_size, found.st_mtime_ns, found.st_ino & _MAX_INTEGER, changed)


def size_and_time(path: Path) -> FileState | None:
    """Return the state of what lies at a path, its number left out; None if nothing does.

    StorageError if it is a link. OSError as the disk says.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if _is_link_status(found):
        raise StorageError(_link_problem(path.name, path))
    return FileState(found.st_size, found.st_mtime_ns, 0)


# Links inside a campaign folder, which may come out of a zip, from a stick or a cloud. None is
# followed: what it leads to could be read into a letter, or overwritten.


def is_link(path: str | Path) -> bool:
    """Return whether a path is a symbolic link, or a junction of Windows.

    A file that OneDrive has not downloaded yet is no link.
    """
    try:
        return _is_link_status(os.lstat(path))
    except (OSError, ValueError):
        return False


def read_campaign_file(path: Path) -> bytes:
    """Return the bytes of a file in a campaign. StorageError if it is a link by now.

    OSError as the disk says, and if it is a pipe or a device, which could be read for ever.
    """
    if is_link(path):
        raise StorageError(_link_problem(path.name, path))
    try:
        handle = os.open(path, _READ_FLAGS)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise StorageError(_link_problem(path.name, path)) from error
        raise
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "a device or a pipe", str(path))
        return file.read()


def is_device(path: Path) -> bool:
    """Return whether there is something at a path that is no file, folder or link, such as a pipe.

    To read or to open it may take for ever.
    """
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))


def check_no_link(folder: Path, path: Path) -> None:
    """Raise StorageError if a path, or a folder between it and `folder`, is a link.

    The folder itself and those above it may be links: a Documents folder that was moved, the
    temporary folder of a Mac. A path that does not lie in the folder is not looked at.
    """
    if not path.is_relative_to(folder):
        return
    below = path.relative_to(folder)
    for part in (*reversed(below.parents), below):
        if part.parts and is_link(folder / part):
            raise StorageError(_link_problem(part.as_posix(), folder / part))


def _is_link_status(about: os.stat_result) -> bool:
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
    return stat.S_ISLNK(about.st_mode) or getattr(about, "st_reparse_tag", 0) == junction


def _link_problem(shown: str, path: Path) -> Problem:
    target = None
    with suppress(OSError):
        target = str(os.readlink(path))
    return messages.problem("link-refused", Place(shown), target=target)


OFFICE_OWNER_PREFIX, LIBREOFFICE_OWNER_PREFIX = "~$", ".~lock."
"""How the names of the owner files begin that lie beside a file while a program has it open."""


def owner_file_names(name: str) -> tuple[str, str]:
    """Return the names of the owner files of Office and of LibreOffice for a file.

    Word leaves out the beginning of the name: see `word_owner_file_names`.
    """
    return f"{OFFICE_OWNER_PREFIX}{name}", f"{LIBREOFFICE_OWNER_PREFIX}{name}#"


def word_owner_file_names(name: str) -> Iterator[str]:
    """Yield the names that the owner files of a Word document may have.

    Word leaves out the first two characters of a long name, one of a shorter (from memory).
    """
    yield from (f"{OFFICE_OWNER_PREFIX}{name[cut:]}" for cut in (1, 2))
    yield from owner_file_names(name)


def free_name(folder: Path, name: str, extension: str = "") -> str:
    """Return the name, with a number where it is taken with that ending."""
    names = chain((name,), (f"{name}-{n}" for n in count(2)))
    return next(each for each in names if not os.path.lexists(folder / f"{each}{extension}"))


HIDDEN_FOLDER_PREFIX = ".merge-taken-"
"""How the names of hidden folders begin in which files lie while others take their places.

Each holds one file, under its own name; its place is beside the folder.
"""


class FilePlacer:
    """Gives files their places: whole, and never over something that nobody has looked at.

    What is to be replaced or moved is taken away first, looked at, and put back where it is not
    what it was: so whatever another program saves in between stays. OSError as the disk says.
    """

    def __init__(self) -> None:
        self._disk_has_links = True

    def move_if_free(self, source: str, target: str) -> bool:
        """Give a file another place; False, and nothing changed, where something is there."""
        done = self._link_if_free(source, target)
        if done:
            _delete_file(source)
        return done

    def _link_if_free(self, source: str, target: str) -> bool:
        """Do as `put` does; but the old name stays too if the disk has links."""
        if self._disk_has_links:
            try:
                os.link(source, target)
            except FileExistsError:
                return False
            except OSError:
                pass  # FAT, exFAT, many shares have no links; whatever else it is, is met again
            else:
                return True
        done = _rename_if_free(source, target)
        self._disk_has_links = self._disk_has_links and not done
        return done

    def replace(self, source: str, target: str, expected: FileState) -> bool:
        """Put a new file in the place of another, which goes.

        False, and nothing changed, where that is not `was` any more or a program holds it, or
        something else came in its place meanwhile. The new file loses its old name last: if a run
        is killed, that name shows that the other file has been replaced.
        """
        taken = self._hide(target, expected)
        if not taken:
            return False
        seen = file_state(taken)
        try:
            done = self._link_if_free(source, target)
        except OSError:
            self._restore_file(taken)
            raise
        if file_state(taken) == seen:
            _delete_file(taken)
        else:
            self.make_visible(taken)  # a program that had it open has written into it
        _remove_folder(os.path.dirname(taken))
        if done:
            _delete_file(source)
        return done

    def move(self, path: str, target: str, expected: FileState) -> bool:
        """Give a file another place. False, and nothing changed, as above."""
        taken = "" if os.path.lexists(target) else self._hide(path, expected)
        if not taken:
            return False
        try:
            done = self.move_if_free(taken, target)
        except OSError:
            self._restore_file(taken)
            raise
        if not done:
            self._restore_file(taken)
        _remove_folder(os.path.dirname(taken))
        return done

    def restore(
        self, hidden_folder: str, is_disposable: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Put back what lies in a hidden folder since a run was killed; the folder goes.

        Where its place is filled, the file goes if `is_disposable` says that nothing is lost by that;
        else it gets a name beside it that people see.
        """  # noqa: E501
        hidden_folder = os.path.abspath(hidden_folder)
        there_is_one = os.path.isdir(hidden_folder) and not is_link(hidden_folder)
        for name in os.listdir(hidden_folder) if there_is_one else ():
            taken, place = f"{hidden_folder}/{name}", f"{os.path.dirname(hidden_folder)}/{name}"
            there = file_state(place)
            if there and there.size == 0:
                os.unlink(place)  # the name was claimed, no more
            if self.move_if_free(taken, place):
                continue
            if is_disposable(taken):
                os.unlink(taken)
            else:
                self.make_visible(taken)
        _remove_folder(hidden_folder)

    def _hide(self, place: str, expected: FileState) -> str:
        """Move a file into a hidden folder; return its path there, empty where it is not `was`."""
        place = os.path.abspath(place)
        try:
            hidden = _create_hidden_folder(os.path.dirname(place))
        except FileNotFoundError:
            return ""  # the whole folder has gone
        taken = f"{hidden}/{os.path.basename(place)}"
        if not expected.matches(file_state(place)):
            _remove_folder(hidden)
            return ""
        try:
            os.rename(place, taken)
        except OSError as error:
            _remove_folder(hidden)
            if isinstance(error, FileNotFoundError):
                return ""
            if isinstance(error, PermissionError) and os.access(os.path.dirname(place), os.W_OK):
                return ""  # Windows: another program has the file open
            raise
        if expected._replace(ctime=0).matches(file_state(taken)):  # a new name changes the time
            return taken
        self._restore_file(taken)
        return ""

    def _restore_file(self, hidden_file: str) -> None:
        """Give a file its place again, or a name beside it where something came there meanwhile."""
        hidden = os.path.dirname(hidden_file)
        with suppress(OSError):  # then it stays where it is, and the next run puts it back
            if not self.move_if_free(
                hidden_file, f"{os.path.dirname(hidden)}/{os.path.basename(hidden_file)}"
            ):
                self.make_visible(hidden_file)
        _remove_folder(hidden)

    def make_visible(self, hidden_file: str) -> None:
        """Move what lies in a hidden folder beside it, under a name that people see."""
        folder = Path(hidden_file).parent.parent
        stem, ending = os.path.splitext(os.path.basename(hidden_file))
        with suppress(OSError):
            while not self.move_if_free(
                hidden_file, f"{folder}/{free_name(folder, f'{stem[:50]} (kept)', ending)}{ending}"
            ):
                pass


def hidden_folders(folder: str) -> list[str]:
    """Return the hidden folders in a folder; in each may lie a file that was being replaced."""
    with suppress(OSError), os.scandir(folder or os.curdir) as entries:
        return sorted(
            e.path
            for e in entries
            if e.name.startswith(HIDDEN_FOLDER_PREFIX) and e.is_dir(follow_symlinks=False)
        )
    return []


def _create_hidden_folder(folder: str) -> str:
    for number in count(1):
        hidden = f"{folder}/{HIDDEN_FOLDER_PREFIX}{os.getpid()}-{number}"
        with suppress(FileExistsError):
            os.mkdir(hidden)
            return hidden
    raise AssertionError  # numbers do not end


def _delete_file(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


def _remove_folder(folder: str) -> None:
    with suppress(OSError):
        os.rmdir(folder)


def _rename_if_free(source: str, target: str) -> bool:
    """Rename a file where there are no links; False, and nothing changed, where the name is taken.

    Windows never replaces; Linux and macOS do not where they are asked so and the disk can do it.
    Else the name is claimed with an empty file first.
    """
    if os.name == "nt":
        try:
            os.rename(source, target)
        except FileExistsError:
            return False
        return True
    rename = _find_exclusive_rename()
    if rename:
        error = rename(os.fsencode(source), os.fsencode(target))
        if error in {0, errno.EEXIST}:
            return error == 0
    return _claim_and_replace(source, target)


def _find_exclusive_rename() -> Callable[[bytes, bytes], int] | None:
    """Return the system's own way to rename without replacing, which gives 0 or an error number.

    None where it has none. See rename(2) of Linux, renamex_np(2) of macOS.
    """
    import ctypes  # noqa: PLC0415 - for disks without links only

    system = ctypes.CDLL(None, use_errno=True)

    def linux(source: bytes, target: bytes) -> int:
        here, no_replace = -100, 1
        done = system.renameat2(here, source, here, target, no_replace)
        return ctypes.get_errno() if done else 0

    def mac(source: bytes, target: bytes) -> int:
        exclusive = 4
        return ctypes.get_errno() if system.renamex_np(source, target, exclusive) else 0

    return next(
        (f for name, f in (("renameat2", linux), ("renamex_np", mac)) if hasattr(system, name)),
        None,
    )


def _claim_and_replace(source: str, target: str) -> bool:
    """Claim the name with an empty file, then replace that; remove it if replacing fails."""
    try:
        os.close(create_file(target))
    except FileExistsError:
        return False
    claim = file_state(target)
    try:
        if claim is None or claim.size or claim != file_state(target):
            return False  # another program was as quick
        os.replace(source, target)
    except OSError:
        if claim == file_state(target):
            os.unlink(target)
        raise
    return True


@contextmanager
def draft_file(path: str, write: Callable[[int], object]) -> Iterator[None]:
    """Write a new file, by its descriptor; in the end it is gone, unless it was renamed.

    It has the folder's own permissions (a private one would lock colleagues out). OSError as the
    disk says.
    """
    try:
        handle = create_file(path)
        try:
            write(handle)
        finally:
            os.close(handle)
        yield
    finally:
        with suppress(OSError):
            os.unlink(path)


def create_file(path: str) -> int:
    """Make a file and return its descriptor. FileExistsError where something is there."""
    return os.open(path, _CREATE_FLAGS, 0o666)


def write_all(handle: int, data: bytes) -> None:
    """Write all the bytes: the system may take them piece by piece."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def flush_disk(path: str) -> None:
    """Let all that was written to the disk on which a path lies reach it, as far as may be asked.

    Linux: syncfs(2), which waits. macOS: sync(2), which hands it over. Windows lets nobody but an
    administrator ask for a whole disk; there it takes some seconds by itself.
    """
    if os.name == "nt":
        return
    import ctypes  # noqa: PLC0415 - where letters were written

    system = ctypes.CDLL(None)
    if not hasattr(system, "syncfs"):
        os.sync()
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        system.syncfs(handle)
    finally:
        os.close(handle)


def os_error_text(error: OSError) -> str:
    """Return why the system refused something, in its own words for the user."""
    return error.strerror or "unknown cause"


def short_path(path: Path) -> str:
    """Return a letter's file as messages name it: with its folder, as a rule its signer's."""
    return "/".join(path.parts[-2:])
