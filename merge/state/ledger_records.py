"""What the ledger remembers of letters, people, print files and decisions: its records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from merge.advice import Choice
from merge.disk import FileState
from merge.letter_status import FileContent
from merge.people import SheetKind

NAMED_BY_HAND = b"by hand"
"""Stands for whom a letter was named after where staff moved it: it keeps its place."""


class LetterRecord(NamedTuple):
    """A letter as the ledger remembers it.

    `path` is in NFC, below the folder of the letters, empty where another letter has its place;
    `named` is a hash of whom it was named after, or `NAMED_BY_HAND`; `inputs` one of what its last
    version was made from; `output` and `words` are hashes of that. `content` is what its file was
    found to be when it had `size`, `mtime`, `inode` and `ctime`, which was at `checked`
    (nanoseconds since 1970); empty before the file was written. `was` is the path that it is being
    moved from.
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
    ctime: int = 0
    checked: int = 0
    content: FileContent = ""
    was: str = ""

    @property
    def file_state(self) -> FileState:
        """The state of the file when it was looked at."""
        return FileState(self.size, self.mtime, self.inode, self.ctime)

    def matches(self, at: FileState) -> bool:
        """Return whether a file is the one that was looked at, as in git's index."""
        return at.shows_changes_since(self.checked) and at == self.file_state and self.content != ""


class TimeSpan(NamedTuple):
    """From when until when (nanoseconds since 1970) a run was at work on letters."""

    first: int
    last: int

    def extended_by(self, moments: Iterable[int]) -> TimeSpan:
        """Return the span with further moments, which may lie before it: clocks are set back."""
        each = (*self, *moments)
        return TimeSpan(min(each), max(each))


class PersonRecord(NamedTuple):
    """A person who had letters: hashes of the ID or else the name, of the name, of the other cells.

    They are salted; `id`, who it is, is not: it stays the same in a ledger made anew. `name` and
    `cells` are empty where the person left before, `cells` too where there are no others that tell
    who somebody is.
    """

    key: str
    id: str
    kind: SheetKind
    name: str
    cells: bytes

    @property
    def has_id(self) -> bool:
        """Return whether the workbook had an ID for the person."""
        return self.key != self.name


class PrintedBatch(NamedTuple):
    """A print file: its number in its run, and the office's date and time of the run.

    `moment` is exact to the minute; if there was an earlier run in that minute, it has seconds and
    their fractions.
    """

    number: int
    moment: dt.datetime

    @property
    def seconds(self) -> str:
        """The seconds, if the moment has any."""
        return f"{self.moment:%S}" if self.moment.second or self.moment.microsecond else ""

    def __str__(self) -> str:
        """Return its name in the register: `02, 26 Nov 2026, 14.05`, or `14.05.33`."""
        at, seconds = self.moment, f".{self.seconds}" if self.seconds else ""
        return f"{self.number:02}, {at.day} {at:%b %Y}, {at:%H.%M}{seconds}"


class PrintRecord(NamedTuple):
    """The batch that a letter was last put into, and what its file was then.

    `inputs` are what it would have been made from at that time; empty where it was on paper.
    """

    id: str
    batch: PrintedBatch
    output: bytes
    size: int
    mtime: int
    inode: int
    ctime: int
    inputs: bytes = b""

    @property
    def file_state(self) -> FileState:
        """The state of the file when it was put into the batch."""
        return FileState(self.size, self.mtime, self.inode, self.ctime)


class LayoutRecord(NamedTuple):
    """How a letter lay on its pages, as `PageFit` tells it.

    `seen` is a hash of all that this depends on: the letter, LibreOffice, the fonts.
    """

    id: str
    seen: bytes
    pages: int
    lone_signature: bool
    room_mm: float | None


class PdfRecord(NamedTuple):
    """The PDF of a batch: a hash of what was laid out, one of its own bytes, and how many."""

    laid_out: bytes
    output: bytes
    size: int


class DecisionRecord(NamedTuple):
    """What staff decided of a letter, a person or a warning, by its id, and what that holds for.

    `seen` is, of a letter, what it would have been made from at that time.
    """

    id: str
    choice: Choice
    seen: bytes


@dataclass
class ChangeSet:
    """Changes to the ledger that are written all at once."""

    letters: list[LetterRecord] = field(default_factory=list)
    people: list[PersonRecord] = field(default_factory=list)
    outdated_person_keys: list[str] = field(default_factory=list)
    field_digests: dict[bytes, Mapping[str, str]] = field(default_factory=dict)
    print_records: list[PrintRecord] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    register_stages: dict[str, frozenset[str]] = field(default_factory=dict)
    """What the register said of letters; no stage of one that is released."""
    released_letters: list[str] = field(default_factory=list)
    """Letters once on paper whose file of that time was set aside."""
    decisions: list[DecisionRecord] = field(default_factory=list)
    cleared_decisions: list[str] = field(default_factory=list)
    """Ids of letters, people and warnings of whom nothing is decided any more."""
    layouts: list[LayoutRecord] = field(default_factory=list)
    pdfs: list[PdfRecord] = field(default_factory=list)
    new_letters: list[LetterRecord] = field(default_factory=list)
    """Letters of which the ledger knows nothing, at paths that no other letter has."""
