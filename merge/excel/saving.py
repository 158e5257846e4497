"""A workbook of staff's kept in its place: written beside, read again, then renamed."""

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
from merge.disk import (
    DRAFT_NAME_ENDS,
    FilePlacer,
    FileState,
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
from merge.ooxml.container import Archive, file_errors
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive

FORMULA_START = re.compile(r"[=+\-@#]")
"""How texts begin that Excel would take for a formula or an error when somebody types them."""


def read_unchanged(path: Path, before: FileState | None) -> bytes:
    """Return the file's bytes. FaultError where it is not the file any more that was read."""
    with _os_errors_as_not_saved():
        data = read_campaign_file(path)
        if size_and_time(path) != before:
            raise _changed_error()
        return data


def _changed_error() -> FaultError:
    return FaultError(messages.fault("register-changed"))


def check_closed(path: Path) -> None:
    """FaultError where Excel's or LibreOffice's note lies beside the file: it is open there."""
    for note in owner_file_names(path.name):
        if os.path.lexists(path.with_name(note)):
            raise FaultError(messages.fault("register-open", note=note))


@contextmanager
def draft_beside(path: Path, write: Callable[[BinaryIO], object]) -> Iterator[Path]:
    """Write a whole new file beside the path, hidden; in the end it is gone, unless renamed."""
    new = _draft_of(path)

    def write_whole(handle: int) -> None:
        with open(handle, "wb", closefd=False) as out:
            write(out)
            out.flush()
            os.fsync(handle)

    with ExitStack() as stack:
        with _os_errors_as_not_saved():
            new.unlink(missing_ok=True)  # of a run that was killed
            stack.enter_context(draft_file(str(new), write_whole))
        yield new


def _draft_of(path: Path) -> Path:
    return path.with_name(f"{DRAFT_NAME_ENDS[0]}{path.name}{DRAFT_NAME_ENDS[1]}")


def _os_errors_as_not_saved() -> AbstractContextManager[None]:
    def into(error: OSError) -> FaultError:
        reason = os_error_text(error)
        return FaultError(messages.fault("register-not-saved", reason=reason))

    return translate_errors(OSError, into)


def move_into_place(new: Path, path: Path, before: FileState | None) -> None:
    """Give the new file the file's name, if there is still the file that was read.

    FaultError where there is not, or another program holds it: whatever somebody saves meanwhile
    stays.
    """
    placer = FilePlacer()
    with _os_errors_as_not_saved():
        if size_and_time(path) != before:
            raise _changed_error()
        if before:
            new.chmod(stat.S_IMODE(path.stat().st_mode))
            done = placer.replace(str(new), str(path), before)
        else:
            done = placer.move_if_free(str(new), str(path))
        if not done:
            if size_and_time(path) != before:
                raise _changed_error()
            raise FaultError(messages.fault("register-open", note=None))


_RETRY_SECONDS = 0.2
"""Seconds that another run may need to put the workbook in its place that it has taken."""


def restore_interrupted(path: Path) -> None:
    """Put a workbook back that a run had taken from its place when it was killed.

    If another one is in its place by now, it gets a name beside that. But if the run itself had
    put the other one there, the old one is deleted, and so is the draft.
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
            FilePlacer().restore(
                folder, lambda taken: is_replaced and _is_unchanged_since_taken(taken)
            )
        if is_replaced:
            draft.unlink()


def _is_unchanged_since_taken(path: str) -> bool:
    """Return whether nobody wrote into the file after it came into its folder."""
    taken = Path(path)
    return taken.stat().st_mtime_ns < taken.parent.stat().st_mtime_ns


@dataclass(frozen=True, slots=True)
class OldWorkbook:
    """A workbook of staff's as it is before it is written anew, and what will be lost of it."""

    data: bytes
    archive: Archive
    parts: WorkbookParts
    book: ExcelFile
    losses: tuple[str, ...]


WorkbookWriter = Callable[[OldWorkbook, BinaryIO], object]
"""Writes the workbook that takes the place of the old one."""
WorkbookBackup = Callable[[OldWorkbook], AbstractContextManager[object]]
"""Keeps the old one while another is put in its place, and undoes that where it cannot be."""


def replace_workbook(
    path: Path,
    before: FileState | None,
    write: WorkbookWriter,
    changed_cells: CellAddresses,
    backup: WorkbookBackup,
) -> OldWorkbook:
    """Put a workbook that was written anew in the place of the one that was read; return that.

    FaultError, and the file is as it was, where it is open, has changed or cannot be written, or a
    cell would be lost that was not to be touched.
    """
    check_closed(path)
    data = read_unchanged(path, before)
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
            move_into_place(draft, path, before)
    return old


def back_up(path: Path, data: bytes, now: dt.datetime) -> Path:
    """Put the register's bytes beside it, under a name that says until when it was so."""
    stem = f"{path.stem} (until {now.day} {now:%b %Y})"
    kept = path.with_name(f"{free_name(path.parent, stem, path.suffix)}{path.suffix}")
    with draft_beside(kept, lambda out: out.write(data)) as new:
        move_into_place(new, kept, None)
    return kept
