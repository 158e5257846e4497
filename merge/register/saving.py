"""The register onto the disk: written beside, then renamed; or not at all, and told why."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from merge.model import Level, Place, Problem

Seen = tuple[int, int]
"""A file's size in bytes and when it was last written, in nanoseconds."""


class NotSaved(Exception):  # noqa: N818 - it never leaves the module: it becomes a Problem
    """Why the register stays as it is, said without its name."""

    def __init__(self, code: str, what: str, hint: str, level: Level = "warning") -> None:
        super().__init__(what)
        self.code, self.what, self.hint, self.level = code, what, hint, level

    def problem(self, path: Path) -> Problem:
        """The same of a file."""
        return Problem(self.code, Place(path.name), self.what, self.hint, self.level)


def seen(path: Path) -> Seen | None:
    """What tells whether a file is still the same; None where there is none.

    A link is followed; FileNotFoundError where it leads nowhere.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise
        return None
    return found.st_size, found.st_mtime_ns


def target_of(path: Path) -> Path:
    """The file itself: where somebody made the register a link, the one that it leads to.

    The only link that is followed: a person put it there, no template and no cell can.
    """
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def read_same(path: Path, before: Seen | None) -> bytes:
    """The file's bytes. NotSaved where it is not the file any more that was read."""
    with _told():
        data = path.read_bytes()
        if seen(path) != before:
            raise _changed()
        return data


def _changed() -> NotSaved:
    what = "somebody saved it while the letters were made, so nothing is new in it."
    return NotSaved("register-changed", what, "Run again.")


def check_closed(path: Path) -> None:
    """NotSaved where Excel's or LibreOffice's note lies beside the file: it is open there.

    Of a link, beside either end.
    """
    for file in dict.fromkeys((path, target_of(path))):
        for note in (f"~${file.name}", f".~lock.{file.name}#"):
            beside = file.with_name(note)
            if os.path.lexists(beside):
                name = note if file == path else beside
                raise _open(
                    f"Close it there (if it is closed, delete the file {name}), then run again."
                )


def _open(hint: str) -> NotSaved:
    return NotSaved(
        "register-open", "it is open in another program, so nothing is new in it.", hint
    )


def too_long() -> NotSaved:
    """The next run could not read it: it would pass the caps of merge.sheet."""
    what = "there are too many letters for one list, so it is not written."
    return NotSaved("register-too-long", what, "Divide the campaign into several folders.")


@contextmanager
def drafted(path: Path, write: Callable[[BinaryIO], None]) -> Iterator[Path]:
    """A whole new file beside the path, hidden; at the end it is gone, unless it was renamed."""
    draft = path.with_name(f".merge-{path.name}.tmp")
    try:
        with _told():
            draft.unlink(missing_ok=True)  # of a run that was killed
            with draft.open("xb") as out:
                write(out)
                out.flush()
                os.fsync(out.fileno())
        yield draft
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"it could not be saved ({error.strerror or error})."
        hint = "Make room on the disk or ask who may write here, then run again."
        raise NotSaved("register-not-saved", what, hint, "error") from error


def put_in_place(draft: Path, path: Path, before: Seen | None) -> None:
    """Give the draft the file's name, if there is still the file that was read."""
    with _told():
        if seen(path) != before:
            raise _changed()
        if before:
            draft.chmod(stat.S_IMODE(path.stat().st_mode))
        try:
            draft.replace(path)
        except PermissionError as error:  # Windows does not replace a file that is open
            raise _open("Close it there, then run again.") from error


def keep_old(path: Path, data: bytes, now: dt.datetime) -> Path:
    """Put the register's bytes beside it, under a name that says until when it was so."""
    stem = f"{path.stem} (until {now.day} {now:%b %Y})"
    names = (f"{stem}{f'-{n}' if n > 1 else ''}{path.suffix}" for n in count(1))
    kept = next(p for p in map(path.with_name, names) if not os.path.lexists(p))
    with drafted(kept, lambda out: _all(out, data)) as draft:
        put_in_place(draft, kept, None)
    return kept


def _all(out: BinaryIO, data: bytes) -> None:
    out.write(data)
