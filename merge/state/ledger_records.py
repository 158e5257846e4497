"""Records in the ledger: letters, people, print files and decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from merge.advice import Choice
from merge.disk import FileState
from merge.letter_status import FileContent
from merge.state.entries import (
    AnswerEntry,
    ImportEntry,
    MarkEntry,
    PersonEntry,
    TrackingEntry,
    UnmarkEntry,
)

NAMED_BY_HAND = b"by hand"
"""The value of `named` for a letter that staff moved; it stays there."""


class LetterRecord(NamedTuple):
    """A letter in the ledger.

    - `path` is in NFC, below the letters folder; empty if another letter has its place.
    - `named` is a hash of the people after whom the letter was named, or `NAMED_BY_HAND`.
    - `inputs` is a hash of everything from which the last version was created.
    - `output` and `words` are hashes of the last version's bytes and text.
    - `content` says what the file was when it had `size`, `mtime`, `inode` and `ctime`; empty
      before the file was written.
    - `checked` is when that was, in nanoseconds since 1970.
    - `was` is the path from which it is being moved.
    - `superseded` is the key of the print file that was known when another version was created: it
      no longer counts for the letter. It follows from the other records.
    - `who` are the IDs of its two people.
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
    superseded: str = ""
    who: tuple[str, ...] = ()

    @property
    def file_state(self) -> FileState:
        """The state of the letter's file when it was checked."""
        return FileState(self.size, self.mtime, self.inode, self.ctime)

    def matches(self, state: FileState) -> bool:
        """Return whether a file's state is that of the letter when checked."""
        return (
            state.shows_changes_since(self.checked)
            and state == self.file_state
            and self.content != ""
        )


class RunTimeSpan(NamedTuple):
    """The time in which a run wrote letters, in nanoseconds since 1970."""

    first: int
    last: int

    def extended_by(self, moments: Iterable[int]) -> RunTimeSpan:
        """Return the span extended to further moments.

        They may be earlier, because clocks are set back.
        """
        all_moments = (*self, *moments)
        return RunTimeSpan(min(all_moments), max(all_moments))


class PrintedBatch(NamedTuple):
    """A print file: its number in its run, and when the run was.

    `moment` is the office's local time, exact to the minute. If there was an earlier run in that
    minute, it has seconds and their fractions.
    """

    number: int
    moment: dt.datetime

    @property
    def key(self) -> str:
        """The key with which the ledger refers to the print file."""
        return f"{self.number} {self.moment.isoformat()}"

    @property
    def seconds(self) -> str:
        """The seconds as text; empty if the moment has none."""
        return f"{self.moment:%S}" if self.moment.second or self.moment.microsecond else ""

    def __str__(self) -> str:
        """Return the name in the register: `02, 26 Nov 2026, 14.05`.

        If it has seconds, the time is `14.05.33`.
        """
        moment, seconds = self.moment, f".{self.seconds}" if self.seconds else ""
        return f"{self.number:02}, {moment.day} {moment:%b %Y}, {moment:%H.%M}{seconds}"


class PrintRecord(NamedTuple):
    """The last print file of a letter, and the state of its file then.

    `inputs` is a hash of what the letter would have been created from then; empty if it was
    printed.
    """

    id: str
    batch: PrintedBatch
    output: bytes
    size: int
    mtime: int
    inode: int
    ctime: int
    inputs: bytes = b""

    def counts_for(self, letter: LetterRecord) -> bool:
        """Return whether the print file counts for a letter, or was superseded."""
        return self.batch.key != letter.superseded

    @property
    def file_state(self) -> FileState:
        """The state of the letter's file when it was put into the print file."""
        return FileState(self.size, self.mtime, self.inode, self.ctime)


class LayoutRecord(NamedTuple):
    """The layout of a letter on its pages, with the values of `PageFit`.

    `seen` is a hash of everything that this depends on: the letter, LibreOffice, the fonts.
    """

    id: str
    seen: bytes
    pages: int
    lone_signature: bool
    room_mm: float | None


class PdfRecord(NamedTuple):
    """The PDF of a print file: hashes of its source and its bytes, its size."""

    laid_out: bytes
    output: bytes
    size: int


class DecisionRecord(NamedTuple):
    """A decision of staff about a letter, a person or a warning, by its ID.

    `seen` says what the decision applies to. For a letter, it is a hash of what it would have been
    created from then, or of what proofreading said about it; empty if that is not seen any more.
    """

    id: str
    choice: Choice
    seen: bytes


@dataclass
class LedgerChangeSet:
    """Changes to the ledger that are stored in one transaction."""

    letters: list[LetterRecord] = field(default_factory=list)
    people: list[PersonEntry] = field(default_factory=list)
    outdated_person_keys: list[str] = field(default_factory=list)
    texts: dict[bytes, Mapping[str, object]] = field(default_factory=dict)
    """Texts that letters are created from, by digest: see `merge.state.texts`."""
    print_records: list[PrintRecord] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    marks: list[MarkEntry | UnmarkEntry | TrackingEntry] = field(default_factory=list)
    """New marks, marks that no longer count, and tracking numbers."""
    imports: list[ImportEntry | AnswerEntry] = field(default_factory=list)
    """An import into the signer list, and what it keeps of each person."""
    released_letters: list[str] = field(default_factory=list)
    """Letters once printed whose printed file was moved away."""
    accepted_letters: list[str] = field(default_factory=list)
    """Printed letters whose file staff accept, though other text is on paper."""
    decisions: list[DecisionRecord] = field(default_factory=list)
    cleared_decisions: list[str] = field(default_factory=list)
    """IDs of letters, people and warnings whose decisions are removed."""
    layouts: list[LayoutRecord] = field(default_factory=list)
    pdfs: list[PdfRecord] = field(default_factory=list)
    new_letters: list[LetterRecord] = field(default_factory=list)
    """Letters unknown to the ledger, at paths that no other letter has."""
