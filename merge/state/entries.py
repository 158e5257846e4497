"""Entries of a campaign's records: their kinds.

An entry has the name of its run and its number there, which never change. Facts have IDs, hashes,
paths, stages and days, but no cells: see `merge.state.texts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from merge.people import SheetKind

Id = Annotated[str, "16 hexadecimal digits"]
RelativePath = Annotated[str, "a path below the letters folder, in NFC"]
RunName = Annotated[str, "10 hexadecimal digits"]
Stage = Annotated[str, "a column of the register"]
STAGES = ("Printed", "Signed", "Posted", "Answered")


class Version(NamedTuple):
    """An earlier version of a letter; the ID is empty if it was removed."""

    id: str
    output: bytes


_NOTHING: Mapping[str, int] = MappingProxyType({})
_NO_HASHES: Mapping[str, str] = MappingProxyType({})


class RunStart(NamedTuple):
    """The first entry of a run.

    - `parents` are the newest runs that it knew.
    - `missing` are runs that those knew, and that had not arrived.
    - `clock` is in nanoseconds since 1970, and later than that of every run that it knew.
    - `files` are the times of the files with which a campaign began, by their hashes.
    """

    parents: tuple[RunName, ...]
    computer: str
    program: str
    format: int
    clock: int
    missing: tuple[RunName, ...] = ()
    task: str = ""
    files: Mapping[str, int] = _NOTHING


class RunEnd(NamedTuple):
    """The end of a run or of a batch: the run is complete up to here."""


class PersonEntry(NamedTuple):
    """A person who has had letters.

    - `id` is the person's part of the IDs of letters.
    - `key` is the hash of the present ID, otherwise of the name; empty if the person left.
    - `name` is a hash of the name's normal form; empty if the person left. For a recipient, pairs
      of hashes of the headings and texts of office columns follow.
    - `has_id` says whether the workbook had an ID for the person.
    - `cells` is a hash of the other cells that identify the person; empty if there are none, and
      `left` if the person left in an earlier run.
    """

    id: Id
    kind: SheetKind
    key: str = ""
    name: str = ""
    has_id: bool = False
    cells: bytes = b""


class LetterEntry(NamedTuple):
    """A version of a letter, or a new path of it.

    - `who` are the IDs of its two people.
    - `output` is a hash of its unpacked parts, `words` one of its visible content.
    """

    id: Id
    path: RelativePath
    day: dt.date
    output: bytes = b""
    words: bytes = b""
    who: tuple[Id, ...] = ()
    named: bytes = b""
    inputs: bytes = b""


class EarlierVersions(NamedTuple):
    """Earlier versions of letters, in place of successive entries.

    None is in the place of an entry that is still there.
    """

    versions: tuple[Version | None, ...]


class PrintEntry(NamedTuple):
    """A letter that was added to a print file: the number and moment of that."""

    id: Id
    number: int
    moment: dt.datetime
    output: bytes
    inputs: bytes = b""
    who: tuple[Id, ...] = ()


class MarkEntry(NamedTuple):
    """A stage of a letter with its date.

    `key` is equal if two computers read one cell. If it is empty, the entry's own key counts.
    """

    id: Id
    stage: Stage
    value: str
    source: str
    key: str = ""
    who: tuple[Id, ...] = ()


class UnmarkEntry(NamedTuple):
    """Keys of marks that no longer count, even if they arrive later.

    `id` is the ID of the letter, or of the person all of whose letters lose them.
    """

    id: Id
    keys: tuple[str, ...]
    who: tuple[Id, ...] = ()


class TrackingEntry(NamedTuple):
    """The tracking number of a letter."""

    id: Id
    text: str
    who: tuple[Id, ...] = ()


class DecisionEntry(NamedTuple):
    """A decision of staff about a letter, a person or a warning."""

    id: str
    choice: str
    seen: bytes = b""
    who: tuple[Id, ...] = ()


class AcceptanceEntry(NamedTuple):
    """A printed letter whose file staff accept, though other text is printed."""

    id: Id
    who: tuple[Id, ...] = ()


class ImportEntry(NamedTuple):
    """A change of the signer list by the program, such as an import.

    - `token` is in the list as it was written.
    - `after` is the token of the list before; empty for a new list.
    - `confirmed` are hashes of each form's columns as staff confirmed them.
    - `written` is a hash of the list as it was written, `previous` one of the list before.
    """

    token: str
    after: str = ""
    confirmed: Mapping[str, str] = _NO_HASHES
    written: str = ""
    previous: str = ""


class AnswerEntry(NamedTuple):
    """The memory of an import about a person: hashes with the list's salt.

    `who` is a hash of the ID, by which a deletion finds the entry. The other fields are those of
    `MemoryRecord`. `where` is empty if nothing is kept any more.
    """

    id: str
    token: str
    who: tuple[Id, ...] = ()
    form_hashes: Mapping[str, str] = _NO_HASHES
    marks: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    latest: str = ""
    newest: dt.datetime | None = None
    forms: frozenset[str] = frozenset()
    where: str = ""
    include: str = ""
    to_decide: str = ""


class DropEntry(NamedTuple):
    """Entries about an ID, or a name, that do not count if this run knew them.

    `of` is the name of their kind.
    """

    id: str
    of: str


class FactEntry(NamedTuple):
    """A named fact about the campaign's folder; the value is JSON."""

    name: str
    value: str


class DeletionEnd(NamedTuple):
    """A person whose data was deleted.

    `subjects` are the IDs of the person and of the letters.
    """

    person: str
    subjects: tuple[str, ...]


class Readmission(NamedTuple):
    """A person who was deleted, and has letters again."""

    person: str


class Closing(NamedTuple):
    """The campaign was closed on a day."""

    day: dt.date


class Reopening(NamedTuple):
    """The campaign is open again."""

    day: dt.date


class ErasedEntry(NamedTuple):
    """An entry whose content was removed."""


class UnknownEntry(NamedTuple):
    """An entry of a kind that this version does not know.

    It is kept and ignored. Every kind names its people and letters in the same fields.
    """

    id: str = ""
    person: str = ""
    who: tuple[str, ...] = ()


KINDS: Mapping[str, type[Any]] = {
    "run": RunStart,
    "end": RunEnd,
    "person": PersonEntry,
    "letter": LetterEntry,
    "was": EarlierVersions,
    "print": PrintEntry,
    "mark": MarkEntry,
    "unmark": UnmarkEntry,
    "tracking": TrackingEntry,
    "decide": DecisionEntry,
    "accept": AcceptanceEntry,
    "import": ImportEntry,
    "answer": AnswerEntry,
    "drop": DropEntry,
    "fact": FactEntry,
    "deleted": DeletionEnd,
    "readmitted": Readmission,
    "closed": Closing,
    "reopened": Reopening,
    "gone": ErasedEntry,
}
"""The kinds of entries, by their names in the files."""
Content = tuple[object, ...]
"""The content of an entry: a value of one of the kinds."""


class Entry(NamedTuple):
    """An entry with its place: the run, and the number in it, from 1.

    `content` is a value of one of the kinds. `line` is the line of the file that has it, with its
    end.
    """

    run: str
    number: int
    content: Any
    line: bytes = b""


def find_subjects(content: object) -> tuple[str, ...]:
    """Return the IDs of the people and letters that an entry is about."""
    if isinstance(content, DeletionEnd | Readmission):
        return ()  # they say what must be removed
    names = (getattr(content, field, "") for field in ("id", "person", "key"))
    return tuple(filter(None, (*names, *getattr(content, "who", ()))))
