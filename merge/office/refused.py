"""Why a file is not read, and the one door through which that is told."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

from merge.model import MergeError, Place, Problem

UNEXPECTED = (
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

Refusal = tuple[str, str, str]
"""The code's ending, what is wrong, what to do about it."""


class Refused(Exception):  # noqa: N818 - it becomes a MergeError at the door
    """Why a file is not read, said without its name: the parts know nothing of files.

    `error` is what it becomes at the door.
    """

    def __init__(self, code: str, what: str, hint: str, error: type[MergeError]) -> None:
        super().__init__(what)
        self.code, self.what, self.hint, self.error = code, what, hint, error


@dataclass(frozen=True)
class Wording:
    """How the files of one program are spoken of, and whose matter they are.

    `prefix` begins their codes. `noun` is what the file is called here. `smaller` is the remedy
    for a cap. `wrong` has the words for each kind of file (merge.office.kinds) that is not read;
    `read` are the endings of files that are, `alike` those that the program can save as such.
    """

    prefix: str
    program: str
    noun: str
    folder: str
    save_as: str
    save_again: str
    smaller: str
    wrong: Mapping[str, Refusal]
    read: tuple[str, ...]
    alike: tuple[str, ...]
    error: type[MergeError]
    missing: type[MergeError]
    locked: type[MergeError]

    def refused(
        self, ending: str, what: str, hint: str, error: type[MergeError] | None = None
    ) -> Refused:
        """The code's ending, what is wrong, the remedy, and whose matter it is if not as usual."""
        return Refused(f"{self.prefix}-{ending}", what, hint, error or self.error)

    def damaged(self, why: str) -> Refused:
        """The program would not have written the file like this."""
        return self.refused("unreadable", f"the {self.noun} is damaged ({why}).", self.save_again)

    def too_large(self, what: str, hint: str = "") -> Refused:
        """The file passes one of the caps."""
        return self.refused("too-large", what, hint or self.smaller)

    def odd(self, what: str = "") -> Refused:
        """The file is put together as the program never does it."""
        what = what or f"the file is not put together as {self.program} does it"
        return self.refused(
            "odd", f"{what}; it may be harmful.", f"Ask who sent it. {self.save_as}"
        )


@contextmanager
def told_of(wording: Wording, file: str) -> Iterator[None]:
    """Whatever is wrong with the file inside becomes a MergeError that names it."""
    try:
        yield
    except Refused as refused:
        raise _told(refused, file) from refused
    except UNEXPECTED as error:
        raise _told(wording.damaged(str(error) or type(error).__name__), file) from error


def _told(refused: Refused, file: str) -> MergeError:
    return refused.error(Problem(refused.code, Place(file), refused.what, refused.hint))
