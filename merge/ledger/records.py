"""What the ledger remembers, as records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from merge.model import Content, Kind

_SECOND = 1_000_000_000
"""Nanoseconds. A file system that tells whole seconds only may round them up to two (FAT)."""


At = tuple[int, int, int]
"""A file's size in bytes, when it was written (nanoseconds since 1970), its number on the disk."""


class Known(NamedTuple):
    """What is remembered of a letter.

    `path` is in NFC, below the folder of the letters; `named` tells whom it was named after, and
    `inputs` what its last version was made from; `output` and `words` are that version's hashes.
    `content` is what its file was found to be when it had `size`, `mtime` and `inode`, which was at
    `checked` (nanoseconds since 1970); empty before the file was written. `was` is the path that
    it is being moved from.
    """

    id: str
    path: str
    named: bytes
    day: dt.date
    inputs: bytes
    output: bytes = b""
    words: bytes = b""
    size: int = 0
    mtime: int = 0
    inode: int = 0
    checked: int = 0
    content: Content = ""
    was: str = ""

    @property
    def at(self) -> At:
        """What tells that the file is still the one that was looked at."""
        return self.size, self.mtime, self.inode

    def still(self, at: At) -> bool:
        """Whether a file is the one that was looked at, as in git's index.

        One that was changed at the very moment may have kept its time, and is looked at again.
        """
        mtime = at[1]
        settled = mtime + (2 * _SECOND if mtime % _SECOND == 0 else 0) < self.checked
        return settled and at == self.at and self.content != ""


class Someone(NamedTuple):
    """A person who had letters: hashes of the ID or else the name, of the name, of the other cells.

    `id` is who it is. `name` and `cells` are empty where the person left before, `cells` too where
    there are no others that tell who somebody is.
    """

    key: str
    id: str
    kind: Kind
    name: str
    cells: bytes

    @property
    def has_id(self) -> bool:
        """Whether the workbook had an ID for the person."""
        return self.key != self.name


class Printed(NamedTuple):
    """The batch that a letter was last put into, and what its file was then.

    `inputs` are what it would have been made from at that time; empty where it was on paper.
    """

    id: str
    batch: str
    output: bytes
    size: int
    mtime: int
    inode: int
    inputs: bytes = b""


@dataclass
class News:
    """What is to be written down, all of it at once."""

    letters: list[Known] = field(default_factory=list)
    people: list[Someone] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    said: dict[bytes, Mapping[str, str]] = field(default_factory=dict)
    printed: list[Printed] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
