"""Replace staff's workbooks safely.

A new file is written beside the old one, read again, and then renamed.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from merge import messages
from merge.computer import draft_name
from merge.disk import (
    FileState,
    SafeFileReplacer,
    delete_file,
    draft_file,
    free_name,
    hidden_folders,
    os_error_text,
    owner_file_names,
    read_campaign_file,
    size_and_time,
)
from merge.errors import FaultError, translate_errors
from merge.excel.losses import find_losses
from merge.excel.reader import MAX_OWN_PART_BYTES, ExcelFile
from merge.excel.round_trip import CellAddresses, check_round_trip
from merge.excel.workbook_parts import WorkbookParts, read_workbook_parts
from merge.ooxml.container import ZipArchive, file_errors
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive

FORMULA_START = re.compile(r"[=+\-@#]")
"""Start of texts that Excel reads as a formula or error when typed."""


def read_unchanged(path: Path, state: FileState | None) -> bytes:
    """Return a workbook's bytes, if the file is unchanged since it was read.

    Raise FaultError if the file has changed since it was read.
    """
    with _os_errors_as_not_saved():
        data = read_campaign_file(path)
        if size_and_time(path) != state:
            raise _changed_error()
        return data


def _changed_error() -> FaultError:
    return FaultError(messages.fault("register-changed"))


def check_closed(path: Path) -> None:
    """Raise FaultError if a workbook is open in Excel or LibreOffice.

    Their owner file is then beside it.
    """
    for note in owner_file_names(path.name):
        if os.path.lexists(path.with_name(note)):
            raise FaultError(messages.fault("register-open", note=note))


@contextmanager
def draft_beside(path: Path, write: Callable[[BinaryIO], object]) -> Iterator[Path]:
    """Yield a hidden draft beside a path, after writing it completely.

    It is deleted at the end, unless it was renamed.
    """
    new = _draft_of(path)

    def write_whole(handle: int) -> None:
        with open(handle, "wb", closefd=False) as out:
            write(out)
            out.flush()
            os.fsync(handle)

    with ExitStack() as stack:
        with _os_errors_as_not_saved():
            delete_file(new)  # the draft of a killed run
            stack.enter_context(draft_file(str(new), write_whole))
        yield new


def _draft_of(path: Path) -> Path:
    return path.with_name(draft_name(path.name))


def _os_errors_as_not_saved() -> AbstractContextManager[None]:
    def into(error: OSError) -> FaultError:
        reason = os_error_text(error)
        return FaultError(messages.fault("register-not-saved", reason=reason))

    return translate_errors(OSError, into)


def move_into_place(new_file: Path, path: Path, state: FileState | None) -> None:
    """Rename a new file to a path, if the old file there is unchanged.

    Raise FaultError if it has changed or another program has it open. A version that someone saves
    in the meantime is never overwritten.
    """
    placer = SafeFileReplacer()
    with _os_errors_as_not_saved():
        if size_and_time(path) != state:
            raise _changed_error()
        if state:
            new_file.chmod(stat.S_IMODE(path.stat().st_mode))
            is_done = placer.replace(str(new_file), str(path), state)
        else:
            is_done = placer.move_if_free(str(new_file), str(path))
        if not is_done:
            if size_and_time(path) != state:
                raise _changed_error()
            raise FaultError(messages.fault("register-open", note=None))


_RETRY_SECONDS = 0.2
"""Seconds that another run may need to put a moved workbook back."""


def restore_interrupted(path: Path) -> None:
    """Put back a workbook that a killed run had moved away.

    If another file is at the path by now, the workbook gets a name beside it. But if that file is
    the new one of the run itself, the old workbook and the draft are deleted.
    """
    draft, is_replaced = _draft_of(path), False
    with suppress(OSError):
        is_replaced = draft.samefile(path)
    for _ in range(2):
        hidden = [h for h in hidden_folders(str(path.parent)) if (Path(h) / path.name).exists()]
        if not hidden:
            break
        time.sleep(_RETRY_SECONDS)
    with suppress(OSError):
        for folder in hidden:
            SafeFileReplacer().restore(
                folder, lambda moved: is_replaced and _is_unchanged_since_taken(moved)
            )
        if is_replaced:
            delete_file(draft)


def _is_unchanged_since_taken(path: str) -> bool:
    """Return whether a workbook is unchanged since the program moved it away."""
    moved = Path(path)
    return moved.stat().st_mtime_ns < moved.parent.stat().st_mtime_ns


@dataclass(frozen=True, slots=True)
class OldWorkbook:
    """A workbook of staff's before it is rewritten.

    `losses` are its contents that openpyxl will lose.
    """

    data: bytes
    archive: ZipArchive
    parts: WorkbookParts
    book: ExcelFile
    losses: tuple[str, ...]


WorkbookWriter = Callable[[OldWorkbook, BinaryIO], object]
"""Writes the workbook that replaces the old one."""
WorkbookBackup = Callable[[OldWorkbook], AbstractContextManager[object]]
"""Keeps the old workbook while another replaces it.

If the replacement fails, it undoes that.
"""


def replace_workbook(
    path: Path,
    state: FileState | None,
    write: WorkbookWriter,
    changed_cells: CellAddresses,
    backup: WorkbookBackup,
) -> OldWorkbook:
    """Replace a workbook by a rewritten one; return the old workbook.

    Raise FaultError if it is open, has changed or cannot be written, or if a cell outside
    `changed_cells` would be lost. Then the file is unchanged.
    """
    check_closed(path)
    data = read_unchanged(path, state)
    with file_errors(EXCEL, path.name):
        archive = open_archive(data, EXCEL, MAX_OWN_PART_BYTES)
        contents = read_workbook_parts(archive)
    book = ExcelFile(path.name, archive, contents)
    old = OldWorkbook(
        data=data,
        archive=archive,
        parts=contents,
        book=book,
        losses=find_losses(archive),
    )
    with draft_beside(path, lambda out: write(old, out)) as draft:
        check_round_trip(book, draft, changed_cells)
        with backup(old):
            move_into_place(draft, path, state)
    return old


def back_up(path: Path, data: bytes, now: dt.datetime) -> Path:
    """Write the register's bytes beside it as a backup, and return its path.

    The copy's name has the date until which the register was like this.
    """
    stem = f"{path.stem} (until {now.day} {now:%b %Y})"
    copy = path.with_name(f"{free_name(path.parent, stem, path.suffix)}{path.suffix}")
    with draft_beside(copy, lambda out: out.write(data)) as new:
        move_into_place(new, copy, None)
    return copy
