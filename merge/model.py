"""The words of the program: values, people, pairs, letters, problems, findings, errors."""

from __future__ import annotations

import contextlib
import datetime as dt
import operator
import platform
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Self, TypeVar

__version__ = "0.3.0"

LETTERS_FOLDER, TEMPLATES_FOLDER, REGISTER_FILE = "letters", "templates", "register.xlsx"
"""In a campaign folder."""
"""The version of the program: the package, `merge --version` and the API read it here."""

PlainValue = int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
"""What a cell's text stands for, where it is more than text; None for text."""


class Value(str):
    """A cell's text as Excel shows it, with the number, date or boolean behind it.

    Compared with text it is its text; `<` and `>` and the filters `date` and `number` use
    `plain`. In a bare `if` only blank and FALSE are false. `fault` is set where the cell
    cannot be used: it is a problem only of a letter that needs the cell.
    """

    __slots__ = ("fault", "plain", "xml")

    plain: PlainValue
    fault: Problem | None
    xml: str | None
    """The text as WordprocessingML, made when it is first printed."""

    def __new__(
        cls, text: str = "", plain: PlainValue = None, fault: Problem | None = None
    ) -> Self:
        """Make a value of text, what it stands for, and why it cannot be used."""
        self = super().__new__(cls, text)
        self.plain = plain
        self.fault = fault
        self.xml = None
        return self

    def __bool__(self) -> bool:
        return self.plain is not False and not self.isspace() and len(self) > 0

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str) or other is None:
            return str.__eq__(self, other) is True
        if self.plain is None and self:
            raise TypeError("a text is compared with a number or date")
        return self.plain == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: object) -> bool:
        return self._ordered(other, operator.lt)

    def __le__(self, other: object) -> bool:
        return self._ordered(other, operator.le)

    def __gt__(self, other: object) -> bool:
        return self._ordered(other, operator.gt)

    def __ge__(self, other: object) -> bool:
        return self._ordered(other, operator.ge)

    def _ordered(self, other: object, compare: Callable[[Any, Any], bool]) -> bool:
        """Compare what the cells stand for; a blank is neither less nor more than anything.

        A text such as 2026-03-04 is a day where a day is compared with it. TypeError where one is
        a number or date and the other is text.
        """
        theirs = other.plain if isinstance(other, Value) else other
        if theirs is other and isinstance(other, str) and isinstance(self.plain, dt.date):
            with contextlib.suppress(ValueError):
                theirs = type(self.plain).fromisoformat(other.strip())
        if self.isspace() or len(self) == 0 or (isinstance(other, str) and not other.strip()):
            return False
        if self.plain is None and isinstance(other, str) and not getattr(other, "plain", None):
            return compare(str(self), str(other))
        return compare(self.plain, theirs)


BLANK = Value()


# Signers and recipients, and who writes to whom.

SheetKind = Literal["signer", "recipient", "pair", "settings"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its heading as typed, its tag, its number counted from 1."""

    heading: str
    tag: str
    number: int


@dataclass(frozen=True, slots=True)
class PeopleSheet:
    """A sheet in which people stand: its file, its name, the row of its headings, its columns.

    `number` is its place among those that hold people of one kind, 0 the workbook's own.
    """

    file: str
    name: str
    heading_row: int = 1
    columns: tuple[Column, ...] = ()
    number: int = 0

    def place(self, row: int = 0, tag: str = "") -> Place:
        """Return the place of a row, of a column, or of the cell where they meet."""
        number = next((c.number for c in self.columns if c.tag == tag), 0)
        return Place(self.file, self.name, number, row)

    def has(self, tag: str) -> bool:
        """Return whether it has a column of that tag."""
        return any(column.tag == tag for column in self.columns)


_NOWHERE = PeopleSheet("", "")


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the sheet Signers or Recipients.

    `key` tells people of a kind apart: `id:` and the folded ID, else `name:` and the folded name.
    `fields` maps tags to values; a column's blank cell is there, blank, as is one that the sheet
    lacks and another has. `sheet` is the one in which the person stands.
    """

    kind: SheetKind
    key: str
    row: int
    fields: Mapping[str, Value]
    shared_name: bool = False
    """Another person of the kind has the same name."""
    sheet: PeopleSheet = _NOWHERE

    @property
    def name(self) -> Value:
        """Return the Name cell."""
        return self.fields["name"]

    @property
    def id(self) -> str:
        """Return the ID cell, blank where there is none."""
        return self.fields.get("id", BLANK)

    @property
    def label(self) -> str:
        """Return the name, with the ID where another person bears the same name."""
        return f"{self.name} ({self.id})" if self.shared_name and self.id else self.name

    @property
    def position(self) -> tuple[int, int]:
        """Return what sorts people as they stand: sheet after sheet, row after row."""
        return self.sheet.number, self.row

    def place(self, tag: str = "") -> Place:
        """Return the place of the person's row, or of its cell in the column of a tag."""
        return replace(self.sheet.place(self.row, tag), person=self.name)

    def row_beside(self, other: Person) -> str:
        """Return where the person stands, told at another: `row 5`, `row 5 of signers.xlsx`."""
        file = "" if self.sheet is other.sheet else f" of {self.sheet.file}"
        return f"row {self.row}{file}"


@dataclass(frozen=True)
class People:
    """People of one kind as they are listed: in a sheet of the workbook, and in another file's.

    `columns` are those of all the sheets, each tag once; their numbers are of the first that has
    it.
    """

    kind: SheetKind
    sheets: tuple[PeopleSheet, ...]
    columns: tuple[Column, ...]
    persons: tuple[Person, ...]

    @property
    def file(self) -> str:
        """Return the file of the first sheet."""
        return self.sheets[0].file

    @property
    def sheet(self) -> str:
        """Return the name of the first sheet; empty where there is none."""
        return self.sheets[0].name

    def keys_at(self, place: Place) -> frozenset[str]:
        """Return the key of the person in a place's row; empty where none there takes part."""
        return frozenset(self._keys.get((place.file, place.sheet, place.row), ()))

    @cached_property
    def _keys(self) -> Mapping[tuple[str, str, int], list[str]]:
        keys: dict[tuple[str, str, int], list[str]] = {}
        for person in self.persons:
            at = (person.sheet.file, person.sheet.name, person.row)
            keys.setdefault(at, []).append(person.key)
        return keys

    def holds(self, place: Place) -> bool:
        """Return whether a place is in one of the sheets."""
        return any((place.file, place.sheet) == (s.file, s.name) for s in self.sheets)

    def place(self, tag: str = "") -> Place:
        """Return the place of a column, in the first sheet that has it; else of the first sheet."""
        return next((s for s in self.sheets if s.has(tag)), self.sheets[0]).place(tag=tag)


class Pair(NamedTuple):
    """One signer and one recipient: one letter. `fields` come from the sheet Pairs."""

    signer: Person
    recipient: Person
    fields: Mapping[str, Value] = MappingProxyType({})


# Letters, what happens to them, and those that are ready for paper.

State = Literal[
    "new",
    "rewritten",
    "unchanged",
    "resaved",
    "edited",
    "edited-changed",
    "on-paper",
    "moved",
    "in-use",
    "foreign",
    "faulty",
]

SPOKEN: Mapping[State, str] = MappingProxyType(
    {
        "new": "not created",
        "rewritten": "out of date",
        "unchanged": "unchanged",
        "resaved": "re-saved, text unchanged",
        "edited": "edited",
        "edited-changed": "edited, data changed",
        "on-paper": "printed",
        "moved": "moved or renamed",
        "in-use": "in use",
        "foreign": "blocked by another file",
        "faulty": "blocked by an error",
    }
)
"""The label of each state, wherever people read it: in the register, in counts, in lines.

A letter that was just written is `unchanged` from then on.
"""

WRITTEN_STATES: frozenset[State] = frozenset({"new", "rewritten"})
"""States of letters that a run writes."""

Content = Literal[
    "", "made", "older", "resaved", "edited", "damaged", "another", "stranger", "shut", "torn"
]
"""What lies at a letter's place: nothing; the last version that the program made, or an older one;
the same words saved by another program; other words; the same in a file that no program can read;
another pair's letter; a file that is no letter; one that cannot be opened; one of ours that is
damaged, and not by a power cut alone.
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """One pair's letter: an id that never changes for the pair, a path in the campaign folder."""

    id: str
    pair: Pair
    path: PurePosixPath


CHANGED_SINCE = "changed since: "
"""Begins that part of a reason which names what a letter is made from and has changed."""

_KEPT: frozenset[State] = frozenset({"resaved", "on-paper", "moved"})
"""States that are kept, whether what they are made from changed or not."""


@dataclass(frozen=True, slots=True)
class Step:
    """One letter's fate in a run, planned or done, and the reason."""

    letter: Letter
    state: State
    reason: str = ""

    @property
    def data_changed(self) -> bool:
        """Whether it stays as it is though what it is made from has changed since."""
        return CHANGED_SINCE in self.reason

    @property
    def spoken(self) -> str:
        """Label of its state, which says if it is kept although its data changed."""
        label = SPOKEN[self.state]
        if self.data_changed and self.state in _KEPT:
            return f"{label.partition(',')[0]}, data changed"
        return label


Choice = Literal["keep", "new", "print", "same", "other", "hide"]
"""What staff can decide. Of a letter: my file stays as it is; it is made anew, mine is set aside;
it goes onto paper as it is. Of a person under another name: the same one; somebody else. Of a
warning: it is right, tell it no more."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What staff decided of one letter, person or warning, by its id.

    `seen` stands for what they were shown: is it something else by now, they are asked again.
    """

    choice: Choice
    about: str
    seen: str


@dataclass(frozen=True, slots=True)
class FinishedLetter:
    """A letter that is ready for paper, as it lies on the disk now."""

    id: str
    pair: Pair
    path: Path
    edited: bool = False
    """Its words are not those that the program made."""
    made: bool = True
    """It is the very file that the program made."""
    inputs: bytes = b""
    """What it would be made from now; empty where it is on paper."""


# Where something is wrong, what it is, what to do; the errors, by who must act.

Level = Literal["error", "warning"]


def column_letter(number: int) -> str:
    """Return Excel's letter of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The place of a problem: a file, and in it a cell of a sheet or a paragraph of a part.

    `row` and `column` count from 1, 0 means the whole sheet; `paragraph` counts from 1 within
    its part, text boxes and table cells included, 0 means the whole part. `words` are the
    paragraph's own, as the user sees them. `person` is the name of the person in the row; screens
    and the terminal show it, `str` does not have it.
    """

    file: str
    sheet: str = ""
    column: int = 0
    row: int = 0
    part: str = ""
    paragraph: int = 0
    words: str = ""
    person: str = field(default="", compare=False)

    @property
    def cell(self) -> str:
        """Return the cell's name in Excel, `G3`; a whole row is `3`, a whole sheet is empty."""
        return f"{column_letter(self.column)}{self.row or ''}"

    def __str__(self) -> str:
        if self.sheet:
            cell = f"{self.sheet}!{self.cell}" if self.cell else f"{self.sheet} sheet"
            return f"{self.file}, {cell}"
        if not self.part:
            return self.file
        if not self.paragraph:
            return f"{self.file}, {self.part}"
        part = "" if self.part == "body" else f"{self.part} "
        if not self.words.strip():
            return f"{self.file}, {part}paragraph {self.paragraph}"
        line = f"{part}line “{shortened(self.words)}”"
        return f"{self.file}, {line} (paragraph {self.paragraph})"


def shortened(words: str, most: int = 60) -> str:
    """Return text on one line, at most `most` characters, cut with an ellipsis."""
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def excerpt_around(words: str, part: str, most: int = 70) -> str:
    """Return text on one line, about `most` characters of it at most, those round `part`."""
    line = " ".join(words.split())
    middle = line.find(part) + len(part) // 2
    start = max(0, min(middle - most // 2, len(line) - most))
    cut = line[start : start + most].strip()
    return f"{'…' if start else ''}{cut}{'…' if start + most < len(line) else ''}"


@dataclass(frozen=True, slots=True)
class Run:
    """A remedy: an errand of the program, with the options that it needs, by name.

    A blank value is that of an option without one. A face makes a command of it, or a button.
    """

    errand: str
    options: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        name = self.options[0][0] if self.options else _ERRANDS.get(self.errand, self.errand)
        return f"“{name.replace('_', ' ').capitalize()}”"


_ERRANDS = {
    "letters": "create letters",
    "new": "create campaign",
    "placeholders": "all placeholders",
}


@dataclass(frozen=True, slots=True)
class Decide:
    """A remedy: what staff can decide, and of whom: a name or ID, a kind of letters."""

    choice: Choice
    who: str

    def __str__(self) -> str:
        return f"“{_CHOICES[self.choice]}”"


_CHOICES: Mapping[Choice, str] = {
    "keep": "Keep my version",
    "new": "Use new version",
    "print": "Print as is",
    "same": "Same person",
    "other": "Different person",
    "hide": "Ignore",
}


@dataclass(frozen=True, slots=True)
class Option:
    """An option of the errand at hand that is to be given, or left out."""

    name: str
    value: str = ""

    def __str__(self) -> str:
        return f"“{self.name.replace('_', ' ').capitalize()}”"


class Advice(str):
    """A hint in which remedies stand as values: as text, they are called what a button would be."""

    __slots__ = ("parts",)

    parts: tuple[str | Run | Decide | Option, ...]

    def __new__(cls, *parts: str | Run | Decide | Option) -> Self:
        """Make a hint of words and remedies; another one among them is taken in with its own."""
        self = super().__new__(cls, "".join(map(str, parts)))
        self.parts = tuple(
            piece
            for part in parts
            for piece in (part.parts if isinstance(part, Advice) else [part])
        )
        return self


def option_place(name: str, value: str = "") -> Place:
    """Return an option of the errand at hand as a place."""
    return Place(f"--{name.replace('_', '-')} {value}".rstrip())


Fields = tuple[tuple[str, object], ...]
"""The values in a message's sentences, by name."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong or doubtful: where, what, and what to do about it.

    The package `messages` makes it. `code` is stable and has its entry in docs/problems.md;
    `fields` are the values in the sentences, by name.
    """

    code: str
    place: Place
    what: str
    hint: str
    level: Level = "error"
    fields: Fields = field(default=(), compare=False)

    @property
    def remedies(self) -> tuple[Run | Decide, ...]:
        """Return what would settle it, as far as the program can do that."""
        parts = self.hint.parts if isinstance(self.hint, Advice) else ()
        return tuple(part for part in parts if isinstance(part, Run | Decide))

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.hint}".rstrip()


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem whose place is not known where it is found."""

    code: str
    what: str
    hint: str
    level: Level = "error"
    fields: Fields = field(default=(), compare=False)

    def at(self, place: Place) -> Problem:
        """Return the problem, at its place."""
        return Problem(self.code, place, self.what, self.hint, self.level, self.fields)


class MergeError(Exception):
    """Something a person can put right. `problems` holds at least one."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def is_passing(self) -> bool:
        """Whether it may be right in a moment, as `may_pass` says."""
        return may_pass(self.problems)


def may_pass(problems: Iterable[Problem]) -> bool:
    """Return whether one may be gone in a moment: a file is being saved, or a program holds it.

    What was known before is as good as it was.
    """
    return any(problem.code in _PASSING for problem in problems)


_PASSING = {"file-being-saved", "workbook-locked", "template-locked", "folder-busy"}


def fault_lines(error: Exception) -> list[str]:
    """Return what to send to whoever looks after the program, of an error that is its own.

    There are no values in it: they may name people.
    """
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [
        f"merge {__version__}, Python {platform.python_version()}, {platform.system()}",
        type(error).__name__,
        *(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames),
    ]


class TemplateError(MergeError):
    """The author of the Word template must act."""


class DataError(MergeError):
    """Whoever keeps the Excel workbook must act."""


class UsageError(MergeError):
    """Whoever typed the command must act."""


class StorageError(MergeError):
    """The disk, a folder's permissions or another program stands in the way."""


class FaultError(Exception):
    """A fault that ends some work; whoever knows the place makes a MergeError or a problem of it.

    `becomes` is the MergeError, where whoever finds the fault knows who must act.
    """

    def __init__(self, fault: Fault, becomes: type[MergeError] = MergeError) -> None:
        self.fault, self.becomes = fault, becomes
        super().__init__(fault.what)

    def at(self, place: Place) -> Problem:
        """Return the problem, at its place."""
        return self.fault.at(place)


_Error = TypeVar("_Error", bound=Exception)


@contextmanager
def translated(
    errors: type[_Error] | tuple[type[_Error], ...], into: Callable[[_Error], Exception]
) -> Iterator[None]:
    """Raise what `into` makes of an error that comes from outside, with that as its cause."""
    try:
        yield
    except errors as error:
        raise into(error) from error


# Problems with the letters that they touch.


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, and whose letters it touches by their keys; None stands for everybody's."""

    problem: Problem
    signers: frozenset[str] | None = None
    recipients: frozenset[str] | None = None
    pairs: Mapping[str, AbstractSet[str]] | None = None
    """Where only some pairs of these are touched: the recipients' keys by their signer's."""

    def touches(self, pair: Pair) -> bool:
        """Return whether the pair's letter cannot be made because of it."""
        if self.pairs is not None:
            return pair.recipient.key in self.pairs.get(pair.signer.key, ())
        mine = self.signers is None or pair.signer.key in self.signers
        return mine and (self.recipients is None or pair.recipient.key in self.recipients)

    def concerns(self, signers: AbstractSet[str], recipients: AbstractSet[str]) -> bool:
        """Return whether it touches a letter of one of these signers to one of these recipients."""
        mine = self.signers is None or not self.signers.isdisjoint(signers)
        return mine and (self.recipients is None or not self.recipients.isdisjoint(recipients))


def finding_of(problem: Problem, whom: Person | None) -> Finding:
    """Return the problem with the letters of a person; of everybody for None."""
    if whom is None:
        return Finding(problem)
    keys = frozenset({whom.key})
    return Finding(problem, keys) if whom.kind == "signer" else Finding(problem, None, keys)


class PairFindings:
    """Problems of single pairs, each held once with all the pairs that it touches."""

    def __init__(self) -> None:
        self._pairs: dict[Problem, dict[str, set[str]]] = {}

    def add(self, problem: Problem, pair: Pair) -> None:
        """Add a pair's problem."""
        own = self._pairs.setdefault(problem, {})
        own.setdefault(pair.signer.key, set()).add(pair.recipient.key)

    def findings(self) -> Iterator[Finding]:
        """Yield each problem with the pairs that it touches."""
        for problem, pairs in self._pairs.items():
            recipients = frozenset(key for keys in pairs.values() for key in keys)
            yield Finding(problem, frozenset(pairs), recipients, pairs)


class ErrorIndex:
    """The letters that errors touch, asked pair by pair."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        errors = [f for f in findings if f.problem.level == "error"]
        everybody = [f for f in errors if f.signers is None and f.recipients is None]
        self._general = next(iter(everybody), None)
        self._by_recipient = {k: f for f in errors if f.signers is None for k in f.recipients or ()}
        self._by_signer: dict[str, list[Finding]] = {}
        for found in errors:
            for key in found.signers or ():
                self._by_signer.setdefault(key, []).append(found)
        self._any = bool(errors)

    def reason(self, pair: Pair) -> str:
        """Return why a pair's letter cannot be made; empty where it can."""
        problem = self.problem(pair)
        return str(problem) if problem else ""

    def problem(self, pair: Pair) -> Problem | None:
        """Return what keeps a pair's letter from being made; None where nothing does."""
        if not self._any:
            return None
        found = self._general or self._by_recipient.get(pair.recipient.key)
        if found is None:
            own = self._by_signer.get(pair.signer.key, ())
            found = next((f for f in own if f.touches(pair)), None)
        return found.problem if found else None
