"""Files on the disk: unchanged, open, linked; safe replacement of a file."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from merge import messages
from merge.errors import StorageError
from merge.problems import Place, Problem

DRAFT_NAME_ENDS = ".merge-", ".tmp"
"""Prefix and suffix of the names of files that are not complete yet."""

_CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

_OPEN_FLAGS = os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)

_READ_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ_FLAGS |= getattr(os, "O_NONBLOCK", 0)  # otherwise a pipe would block

_MAX_INTEGER = (1 << 63) - 1
"""Limit of SQLite. Some file systems of Windows have larger numbers."""


_SECOND_IN_NANOSECONDS = 1_000_000_000
_STEP_OF_EXFAT = 10_000_000
"""Nanoseconds between two times of a file on exFAT. FAT has longer steps."""


class FileState(NamedTuple):
    """The state of a file, which shows whether it is still the same.

    1. `size`: its number of bytes.
    2. `mtime`: when it was last written, in nanoseconds since 1970.
    3. `inode`: its number on the disk; 0 if it does not count.
    4. `ctime`: when anything about it last changed; 0 if it does not count. A file copied over
       another may keep the other two times, but never this one.
    """

    size: int
    mtime: int
    inode: int
    ctime: int = 0

    def shows_changes_since(self, moment: int) -> bool:
        """Return whether the times would show any change after a moment.

        1. A file that was changed at that very moment may have kept its time. A file system that
           stores whole seconds may round them up to two (FAT).
        2. On FAT and exFAT, `ctime` only repeats `mtime`. Letters of one run share both, and a
           letter that is copied over another brings them along. So these times show nothing.
        """
        if self.mtime == self.ctime and self.mtime % _STEP_OF_EXFAT == 0:
            return False
        return (
            self.mtime
            + (2 * _SECOND_IN_NANOSECONDS if self.mtime % _SECOND_IN_NANOSECONDS == 0 else 0)
            < moment
        )

    def matches(self, other: FileState | None) -> bool:
        """Return whether all facts that count in both states are equal."""
        if other is None or self[:2] != other[:2]:
            return False
        optional_facts = zip(self[2:], other[2:], strict=True)
        return all(mine == theirs or not (mine and theirs) for mine, theirs in optional_facts)


def real_folder(folder: Path) -> Path:
    """Return the absolute path of a campaign folder, without links.

    It is absolute, and all links in it are followed. The code that opens a campaign calls this
    once: a folder with two paths in one run would have two paths for each file.
    """
    return Path(real_path(folder))


def real_path(path: str | Path) -> str:
    """Return an absolute path, without links if the system can follow them."""
    try:
        return os.path.realpath(path)
    except OSError:  # Windows, for some paths that are too long
        return os.path.abspath(path)


def make_folders(folder: str, within: str) -> None:
    """Create a folder inside another folder, with the folders in between.

    Raise FileNotFoundError if `within` is gone. It is never created: a campaign folder that was
    renamed in the meantime would exist twice.
    """
    missing = []
    while not os.path.isdir(folder) and folder != within:
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(path)
    if not os.path.isdir(within):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), within)
    if missing and not os.path.isdir(missing[0]):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), missing[0])


_MAX_NAME_LENGTH = 255
"""Limit that nearly every disk has.

It counts bytes on Linux and macOS, and UTF-16 units on Windows.
"""

MAX_PATH_LENGTH = 259
"""Limit of Windows for a path, unless the computer allows longer ones."""


def is_path_too_long(path: Path) -> bool:
    """Return whether a path, or a name in it, is too long for the disk."""
    try:
        os.lstat(path)
    except ValueError:
        return "\0" not in str(path)  # no name has one; otherwise Windows could read no such path
    except OSError as error:
        code, unit = ("utf-16-le", 2) if os.name == "nt" else ("utf-8", 1)
        names = (len(part.encode(code, "surrogatepass")) // unit for part in path.parts)
        if os.name == "nt" and len(os.path.abspath(path)) > MAX_PATH_LENGTH:
            return True  # the system only reports that it does not exist
        return error.errno == errno.ENAMETOOLONG or max(names, default=0) > _MAX_NAME_LENGTH
    return False


def file_state(path: str) -> FileState | None:
    """Return the state of a regular file, or None if there is no file.

    A link is not followed.
    """
    try:
        status = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    ctime = 0 if os.name == "nt" else status.st_ctime_ns  # on Windows, it is the time of creation
    return FileState(status.st_size, status.st_mtime_ns, status.st_ino & _MAX_INTEGER, ctime)


def size_and_time(path: Path) -> FileState | None:
    """Return size and time of what is at a path, or None if nothing is.

    `inode` and `ctime` are 0. Raise StorageError if it is a link, and OSError if the disk refuses.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if _is_link_status(status):
        raise StorageError(_link_problem(path.name, path))
    return FileState(status.st_size, status.st_mtime_ns, 0)


# Links in a campaign folder, which may come from a zip file, a USB stick or a cloud, are never
# followed: their targets could be read into a letter, or overwritten.


def is_link(path: str | Path) -> bool:
    """Return whether a path is a symbolic link, or a junction of Windows.

    A file that OneDrive has not downloaded yet is not a link.
    """
    try:
        return _is_link_status(os.lstat(path))
    except (OSError, ValueError):
        return False


def read_campaign_file(path: Path) -> bytes:
    """Return the bytes of a file in a campaign folder.

    Raise StorageError if it is a link by now, and OSError if the disk refuses. OSError is also
    raised for a pipe or a device, which could be read forever.
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
    """Return whether a path is neither a file nor a folder nor a link.

    To read or open it, such as a pipe, may take forever.
    """
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))


def check_no_link(folder: Path, path: Path) -> None:
    """Raise StorageError if a path below a folder leads through a link.

    The folder itself and those above it may be links: a Documents folder that was moved, the
    temporary folder of macOS. A path that is not in the folder is not checked.
    """
    if not path.is_relative_to(folder):
        return
    relative = path.relative_to(folder)
    for part in (*reversed(relative.parents), relative):
        if part.parts and is_link(folder / part):
            raise StorageError(_link_problem(part.as_posix(), folder / part))


def _is_link_status(status: os.stat_result) -> bool:
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == junction


def _link_problem(name: str, path: Path) -> Problem:
    target = None
    with suppress(OSError):
        target = str(os.readlink(path))
    return messages.problem("link-refused", Place(name), target=target)


OFFICE_OWNER_PREFIX, LIBREOFFICE_OWNER_PREFIX = "~$", ".~lock."
"""Prefixes of owner files, which a program creates beside an open file."""


def owner_file_names(name: str) -> tuple[str, str]:
    """Return the names of a file's owner files in Office and LibreOffice.

    Word omits the beginning of the name: see `word_owner_file_names`.
    """
    return f"{OFFICE_OWNER_PREFIX}{name}", f"{LIBREOFFICE_OWNER_PREFIX}{name}#"


def word_owner_file_names(name: str) -> Iterator[str]:
    """Yield the names that the owner files of a Word document may have.

    Word omits the first two characters of a long name, and one of a shorter name (from memory).
    """
    yield from (f"{OFFICE_OWNER_PREFIX}{name[cut:]}" for cut in (1, 2))
    yield from owner_file_names(name)


def free_name(folder: Path, name: str, extension: str = "") -> str:
    """Return the name, with a number if the name with the extension exists."""
    names = chain((name,), (f"{name}-{n}" for n in count(2)))
    return next(stem for stem in names if not os.path.lexists(folder / f"{stem}{extension}"))


def can_link(path: str) -> bool:
    """Return whether the disk of an existing file has hard links.

    FAT, exFAT and many network drives have none.
    """
    second_name = f"{path}-link"
    try:
        os.link(path, second_name)
    except OSError:
        return False
    os.unlink(second_name)
    return True


HIDDEN_FOLDER_PREFIX = ".merge-taken-"
"""Prefix of hidden folders for files that are being replaced or moved.

Each folder contains one file under its own name. The file's place is beside the folder.
"""


# All removals, renames and links of the program are in this module: see docs/platforms.md.


def delete_file(path: str | Path) -> None:
    """Delete a file if it exists; a link is not followed.

    Raise OSError if the disk refuses. On Windows, this is the case while a program has it open.
    """
    with suppress(FileNotFoundError):
        _unlink(path)


def delete_folder(folder: Path) -> None:
    """Delete a folder with its files, as far as the disk allows."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_empty_folder(folder: str | Path) -> bool:
    """Remove a folder if it is empty; return whether it was removed."""
    try:
        os.rmdir(folder)
    except OSError:
        return False
    return True


_PAUSES = (0.1, 0.4, 1.5)
"""Seconds to wait until a virus scanner, on Windows, releases new files."""


def rename_folder(folder: str | Path, new_path: str | Path, *, patiently: bool = False) -> None:
    """Rename a folder; the caller has checked that the new path is free.

    Raise OSError if the disk refuses. On Windows, this is the case while a program has a file in it
    open. If `patiently`, try again for two seconds.
    """
    for pause in _PAUSES if patiently else ():
        with suppress(PermissionError):
            os.rename(folder, new_path)
            return
        time.sleep(pause)
    os.rename(folder, new_path)


def replace_own_file(source: Path, target: Path) -> None:
    """Replace a file that only the program writes, whatever is in it."""
    os.replace(source, target)


def write_durably(path: Path, draft: Path, data: bytes) -> None:
    """Write a complete file that only the program writes, or nothing.

    It replaces an older one, and is stored on the disk afterwards. `draft` is the name that it has
    until then. Raise OSError if the disk refuses.
    """
    with draft_file(str(draft), lambda handle: _write_and_store(handle, data)):
        replace_own_file(draft, path)
    if os.name == "posix":  # the new name is stored, too
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def append_durably(path: Path, data: bytes, size: int) -> bool:
    """Append bytes to a file that only the program writes, and store them.

    Return False, with nothing changed, if the file does not have `size` bytes any more. Raise
    OSError if the disk refuses; the file has its old size then.
    """
    try:
        handle = os.open(path, os.O_APPEND | _OPEN_FLAGS)
    except FileNotFoundError:
        return False
    try:
        if os.fstat(handle).st_size != size:
            return False
        try:
            _write_and_store(handle, data)
        except OSError:
            os.ftruncate(handle, size)
            raise
        return True
    finally:
        os.close(handle)


def overwrite_durably(path: Path, data: bytes) -> None:
    """Replace the bytes of a file by fewer bytes, without another file.

    This needs no free space. Raise OSError if the disk refuses.
    """
    handle = os.open(path, _OPEN_FLAGS)
    try:
        write_all(handle, data)
        os.ftruncate(handle, len(data))
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_and_store(handle: int, data: bytes) -> None:
    write_all(handle, data)
    os.fsync(handle)


class SafeFileReplacer:
    """Moves and replaces files, but never overwrites an unchecked file.

    A file that will be replaced or moved is first hidden and checked. It is moved back if it is not
    the expected one, so whatever another program saves in the meantime is kept. All methods raise
    OSError if the disk refuses.
    """

    def __init__(self) -> None:
        self._disk_has_links = True

    def move_if_free(self, source: str, target: str) -> bool:
        """Move a file to a path, or return False if the path is in use.

        In that case nothing is changed.
        """
        if os.name == "nt":  # and a link would stay if the file is read-only
            return _rename_if_free(source, target)
        is_done = self._link_if_free(source, target)
        if is_done:
            _delete_if_possible(source)
        return is_done

    def _link_if_free(self, source: str, target: str) -> bool:
        """Move like `move_if_free`, but keep the old name if the disk has links."""
        if self._disk_has_links:
            try:
                os.link(source, target)
            except FileExistsError:
                return False
            except OSError:
                pass  # FAT, exFAT, many shares lack links; another error occurs again below
            else:
                return True
        is_done = _rename_if_free(source, target)
        self._disk_has_links = self._disk_has_links and not is_done
        return is_done

    def replace(self, source: str, target: str, expected: FileState) -> bool:
        """Replace a file with a new file, and delete the old file.

        Return False, with nothing changed, if the old file is not `expected` or a program has it
        open. Also return False if another file has appeared at its path: the old file is then kept
        beside it. The new file loses its old name last. If a run is killed, that name shows that
        the other file has been replaced.
        """
        hidden_file = self._hide(target, expected)
        if not hidden_file:
            return False
        hidden_state = file_state(hidden_file)
        try:
            is_done = self._link_if_free(source, target)
        except OSError:
            self._restore_file(hidden_file)
            raise
        if not is_done:
            self._restore_file(hidden_file)
            return False
        if file_state(hidden_file) == hidden_state:
            _delete_if_possible(hidden_file)
        else:
            self.make_visible(hidden_file)  # a program that had it open has changed it
        remove_empty_folder(os.path.dirname(hidden_file))
        _delete_if_possible(source)
        return True

    def move(self, path: str, target: str, expected: FileState) -> bool:
        """Move a file to a free path.

        Return False, with nothing changed, if something is there, the file is not `expected`, or a
        program has it open.
        """
        hidden_file = "" if os.path.lexists(target) else self._hide(path, expected)
        if not hidden_file:
            return False
        try:
            is_done = self.move_if_free(hidden_file, target)
        except OSError:
            self._restore_file(hidden_file)
            raise
        if not is_done:
            self._restore_file(hidden_file)
        remove_empty_folder(os.path.dirname(hidden_file))
        return is_done

    def restore(
        self, hidden_folder: str, is_disposable: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Move the file in a hidden folder back after a run was killed.

        The folder is removed. If another file has the place, the hidden one is deleted if
        `is_disposable` says that nothing is lost. Otherwise it gets a visible name beside the
        other.
        """
        hidden_folder = os.path.abspath(hidden_folder)
        exists = os.path.isdir(hidden_folder) and not is_link(hidden_folder)
        for name in os.listdir(hidden_folder) if exists else ():
            hidden_file, place = (
                f"{hidden_folder}/{name}",
                f"{os.path.dirname(hidden_folder)}/{name}",
            )
            state = file_state(place)
            if state and state.size == 0:
                _unlink(place)  # an empty file only claimed the name
            if self.move_if_free(hidden_file, place):
                continue
            if is_disposable(hidden_file):
                _unlink(hidden_file)
            else:
                self.make_visible(hidden_file)
        remove_empty_folder(hidden_folder)

    def _hide(self, place: str, expected: FileState) -> str:
        """Move a file into a hidden folder, and return the file's path there.

        Return an empty path if the file is not `expected`.
        """
        place = os.path.abspath(place)
        try:
            hidden_folder = _create_hidden_folder(os.path.dirname(place))
        except FileNotFoundError:
            return ""  # its folder is gone
        hidden_file = f"{hidden_folder}/{os.path.basename(place)}"
        if not expected.matches(file_state(place)):
            remove_empty_folder(hidden_folder)
            return ""
        try:
            os.rename(place, hidden_file)
        except OSError as error:
            remove_empty_folder(hidden_folder)
            if isinstance(error, FileNotFoundError):
                return ""
            if isinstance(error, PermissionError) and os.access(os.path.dirname(place), os.W_OK):
                return ""  # on Windows, another program has it open
            raise
        if expected._replace(ctime=0).matches(file_state(hidden_file)):  # renaming changes ctime
            return hidden_file
        self._restore_file(hidden_file)
        return ""

    def _restore_file(self, hidden_file: str) -> None:
        """Move a hidden file back, or beside its place if that is in use."""
        hidden_folder = os.path.dirname(hidden_file)
        with suppress(OSError):  # if it stays hidden, the next run restores it
            if not self.move_if_free(
                hidden_file, f"{os.path.dirname(hidden_folder)}/{os.path.basename(hidden_file)}"
            ):
                self.make_visible(hidden_file)
        remove_empty_folder(hidden_folder)

    def make_visible(self, hidden_file: str) -> None:
        """Move a hidden file beside its place, with a visible name."""
        folder = Path(hidden_file).parent.parent
        stem, extension = os.path.splitext(os.path.basename(hidden_file))
        with suppress(OSError):
            while not self.move_if_free(
                hidden_file,
                f"{folder}/{free_name(folder, f'{stem[:50]} (kept)', extension)}{extension}",
            ):
                pass


def hidden_folders(folder: str) -> list[str]:
    """Return the hidden folders in a folder.

    Each may contain a file that was being replaced.
    """
    with suppress(OSError), os.scandir(folder or os.curdir) as entries:
        return sorted(
            e.path
            for e in entries
            if e.name.startswith(HIDDEN_FOLDER_PREFIX) and e.is_dir(follow_symlinks=False)
        )
    return []


def _create_hidden_folder(folder: str) -> str:
    for number in count(1):
        path = f"{folder}/{HIDDEN_FOLDER_PREFIX}{os.getpid()}-{number}"
        with suppress(FileExistsError):
            os.mkdir(path)
            return path
    raise AssertionError  # the numbers never end


def _delete_if_possible(path: str) -> None:
    with suppress(OSError):
        _unlink(path)


def _unlink(path: str | Path) -> None:
    """Remove a file, even if it has the attribute read-only of Windows.

    On other systems, the permissions of a file never protect it from being removed.
    """
    try:
        os.unlink(path)
    except PermissionError:
        if os.name != "nt" or os.access(path, os.W_OK):
            raise
        os.chmod(path, stat.S_IWRITE)
        os.unlink(path)


def _rename_if_free(source: str, target: str) -> bool:
    """Rename a file on a disk without links, unless the new name exists.

    Return False, with nothing changed, if it exists. Windows never replaces a file. Linux and macOS
    do not replace it if they are asked so and the disk supports that. Otherwise the name is first
    claimed with an empty file.
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
    """Return the system's function that renames without replacing, if any.

    It returns 0 or an error number. See rename(2) of Linux and renamex_np(2) of macOS.
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
    """Claim a name with an empty file or folder, then replace it.

    What claimed the name is removed if replacing fails.
    """
    if os.path.isdir(source):
        return _claim_and_replace_folder(source, target)
    try:
        os.close(create_file(target))
    except FileExistsError:
        return False
    claim = file_state(target)
    try:
        if claim is None or claim.size or claim != file_state(target):
            return False  # another program has written to it
        os.replace(source, target)
    except OSError:
        if claim == file_state(target):
            os.unlink(target)
        raise
    return True


def _claim_and_replace_folder(source: str, target: str) -> bool:
    try:
        os.mkdir(target)
    except FileExistsError:
        return False
    try:
        os.rename(source, target)  # a folder replaces an empty one: rename(2)
    except OSError:
        remove_empty_folder(target)
        raise
    return True


@contextmanager
def draft_file(path: str, write: Callable[[int], object]) -> Iterator[None]:
    """Write a temporary file, which is deleted in the end unless renamed.

    `write` gets its descriptor.

    The file has the permissions of its folder, as a private one would lock colleagues out. Raise
    OSError if the disk refuses.
    """
    try:
        handle = create_file(path)
        try:
            write(handle)
        finally:
            os.close(handle)
        yield
    finally:
        _delete_if_possible(path)


def create_file(path: str) -> int:
    """Create a new file for writing, and return its descriptor.

    Raise FileExistsError if something is there.
    """
    return os.open(path, _CREATE_FLAGS, 0o666)


def write_all(handle: int, data: bytes) -> None:
    """Write all bytes to a file, with as many system calls as necessary."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def flush_disk(path: str) -> None:
    """Wait until all data written to a path's disk is stored there.

    1. Linux: syncfs(2) waits for it.
    2. macOS: sync(2) only starts it.
    3. Windows allows only administrators to flush a complete disk. It does so itself after some
       seconds.
    """
    if os.name == "nt":
        return
    import ctypes  # noqa: PLC0415 - needed only after letters were written

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
    """Return the system's own description of an error, for the user."""
    return error.strerror or "unknown cause"


def short_path(path: Path) -> str:
    """Return a letter's file name with its folder, for messages.

    It includes its folder, which usually has the signer's name.
    """
    return "/".join(path.parts[-2:])
