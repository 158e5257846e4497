"""The words for a file that cannot be read as a workbook."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.parsers.expat import ExpatError

from merge.model import DataError, Place, Problem

SAVE_AS = "Open it in Excel and save it as an Excel workbook (.xlsx)."
SAVE_AGAIN = "Open it in Excel, save it again and close it."

_UNEXPECTED = (
    ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    ArithmeticError,
)
"""What a damaged file can make the standard library say."""


class Refused(Exception):  # noqa: N818 - it becomes a DataError at the door
    """Why a file is not read, said without its name: the parts know nothing of files."""

    def __init__(self, code: str, what: str, hint: str = SAVE_AS) -> None:
        super().__init__(what)
        self.code, self.what, self.hint = code, what, hint


def damaged(why: str) -> Refused:
    """The file is an .xlsx that no Excel would have written like this."""
    return Refused("workbook-unreadable", f"the workbook is damaged ({why}).", SAVE_AGAIN)


def too_large(what: str, hint: str = "") -> Refused:
    """The file passes one of the caps."""
    hint = hint or "Copy the cells that you need into a new workbook."
    return Refused("workbook-too-large", what, hint)


def odd() -> Refused:
    """The file is put together as no Excel does it."""
    what = "the file is not put together as Excel does it; it may be harmful."
    return Refused("workbook-odd", what, f"Ask who sent it. {SAVE_AS}")


@contextmanager
def told_of(file: str) -> Iterator[None]:
    """Whatever is wrong with the file inside becomes a DataError that names it."""
    try:
        yield
    except Refused as error:
        problem = Problem(error.code, Place(file), error.what, error.hint)
        raise DataError(problem) from error
    except _UNEXPECTED as error:
        refused = damaged(str(error) or type(error).__name__)
        problem = Problem(refused.code, Place(file), refused.what, refused.hint)
        raise DataError(problem) from error
