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
    DRAFT,
    FilePlacer,
    FileState,
    draft,
    free_name,
    hidden_folders,
    os_reason,
    owner_files,
    read_campaign_file,
    size_and_time,
)
from merge.errors import FaultError, translated
from merge.excel.losses import find_losses
from merge.excel.reader import MOST_OF_OURS, Book
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
            raise _changed()
        return data


def _changed() -> FaultError:
    return FaultError(messages.fault("register-changed"))


def check_closed(path: Path) -> None:
    """FaultError where Excel's or LibreOffice's note lies beside the file: it is open there."""
    for note in owner_files(path.name):
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
            stack.enter_context(draft(str(new), write_whole))
        yield new


def _draft_of(path: Path) -> Path:
    return path.with_name(f"{DRAFT[0]}{path.name}{DRAFT[1]}")


def _os_errors_as_not_saved() -> AbstractContextManager[None]:
    def into(error: OSError) -> FaultError:
        reason = os_reason(error)
        return FaultError(messages.fault("register-not-saved", reason=reason))

    return translated(OSError, into)


def put_in_place(new: Path, path: Path, before: FileState | None) -> None:
    """Give the new file the file's name, if there is still the file that was read.

    FaultError where there is not, or another program holds it: whatever somebody saves meanwhile
    stays.
    """
    placer = FilePlacer()
    with _os_errors_as_not_saved():
        if size_and_time(path) != before:
            raise _changed()
        if before:
            new.chmod(stat.S_IMODE(path.stat().st_mode))
            done = placer.exchange(str(new), str(path), before)
        else:
            done = placer.put(str(new), str(path))
        if not done:
            if size_and_time(path) != before:
                raise _changed()
            raise FaultError(messages.fault("register-open", note=None))


_PAUSE = 0.2
"""Seconds that another run may need to put the workbook in its place that it has taken."""


def settle(path: Path) -> None:
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
        time.sleep(_PAUSE)
    with suppress(OSError):
        for folder in hidden:
            FilePlacer().restore(folder, lambda taken: is_replaced and _is_as_it_was_taken(taken))
        if is_replaced:
            draft.unlink()


def _is_as_it_was_taken(path: str) -> bool:
    """Return whether nobody wrote into the file after it came into its folder."""
    taken = Path(path)
    return taken.stat().st_mtime_ns < taken.parent.stat().st_mtime_ns


@dataclass(frozen=True, slots=True)
class OldWorkbook:
    """A workbook of staff's as it is before it is written anew, and what will be lost of it."""

    data: bytes
    archive: Archive
    contents: WorkbookParts
    book: Book
    lost: tuple[str, ...]


Writing = Callable[[OldWorkbook, BinaryIO], object]
"""Writes the workbook that takes the place of the old one."""
Keeping = Callable[[OldWorkbook], AbstractContextManager[object]]
"""Keeps the old one while another is put in its place, and undoes that where it cannot be."""


def replace_workbook(
    path: Path, before: FileState | None, write: Writing, touched: CellAddresses, keep: Keeping
) -> OldWorkbook:
    """Put a workbook that was written anew in the place of the one that was read; return that.

    FaultError, and the file is as it was, where it is open, has changed or cannot be written, or a
    cell would be lost that was not to be touched.
    """
    check_closed(path)
    data = read_unchanged(path, before)
    with file_errors(EXCEL, path.name):
        archive = open_archive(data, EXCEL, MOST_OF_OURS)
        contents = read_workbook_parts(archive)
    book = Book(path.name, archive, contents)
    old = OldWorkbook(
        data=data,
        archive=archive,
        contents=contents,
        book=book,
        lost=find_losses(archive),
    )
    with draft_beside(path, lambda out: write(old, out)) as draft:
        check_round_trip(book, draft, touched)
        with keep(old):
            put_in_place(draft, path, before)
    return old


def back_up(path: Path, data: bytes, now: dt.datetime) -> Path:
    """Put the register's bytes beside it, under a name that says until when it was so."""
    stem = f"{path.stem} (until {now.day} {now:%b %Y})"
    kept = path.with_name(f"{free_name(path.parent, stem, path.suffix)}{path.suffix}")
    with draft_beside(kept, lambda out: out.write(data)) as new:
        put_in_place(new, kept, None)
    return kept
