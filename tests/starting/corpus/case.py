"""A case: its letters, its workbook, and the expected result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from starting.corpus.headings import acceptable_headings
from starting.corpus.layout import Layout, Paragraph, Shape, lay_out
from starting.corpus.packages import docx_bytes
from starting.corpus.slips import Slip
from starting.corpus.truth import SHEETS, Appeal, Row, printed_value, read_appeal
from starting.corpus.workbooks import WorkbookPlan, workbook_bytes

Kind = Literal["letters", "workbook", "alone"]
"""Several letters (A), a letter and a workbook (B), one letter alone (C)."""
RefusalReason = Literal[
    "tracked changes",
    "a template",
    "different appeals",
    "the same letter twice",
    "no one of the workbook",
    "no text",
    "damaged",
    "password",
    "old format",
    "macros",
    "too many letters",
]
_KNOWN_BLOCKS = {"sender", "address", "opening", "signature"}
_KNOWN_LINES = {"name", "position", "organisation", "street", "city", "country", "salutation"}
"""Lines that someone recognises in a letter alone."""
SpoilFiles = Callable[[Sequence[bytes]], Mapping[str, bytes]]
"""Turns the letters of a case into files, by name, that cannot be used."""


@dataclass(frozen=True, slots=True)
class People:
    """The recipient and the signer of a letter, by their numbers."""

    recipient: str
    signer: str = "1"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that the feature should find.

    `values` has the value in each letter. `headings`, in lower case, is empty if any is right. A
    column that is not required may also remain text. `sheets` are those on which it may be: what
    belongs to a pair may be on the Recipients sheet if there is no workbook. If each signer writes
    to another recipient, nothing shows to whom the words of a text belong.
    """

    name: str
    sheets: tuple[str, ...]
    headings: frozenset[str]
    values: tuple[str, ...]
    is_required: bool


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A letter that the feature does not see, but that it can create."""

    values: Mapping[str, str]
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected result of a case.

    `letters` has the paragraphs of each letter, whose pieces show which words are placeholders. A
    case with a refusal has neither letters nor columns.
    """

    columns: tuple[Column, ...] = ()
    letters: tuple[tuple[Paragraph, ...], ...] = ()
    held_out: HeldOut | None = None
    refusal: RefusalReason | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the corpus.

    Each letter has its own shape, or all have the first. `may_ask` says what a question may be
    about; without it, there should be no question.
    """

    name: str
    kind: Kind
    appeal_name: str
    people: tuple[People, ...]
    shapes: tuple[Shape, ...] = (Shape(),)
    slips: tuple[Slip, ...] = ()
    held_out: People | None = None
    workbook: WorkbookPlan | None = None
    may_ask: str = ""
    refusal: RefusalReason | None = None
    spoil: SpoilFiles | None = None

    @property
    def appeal(self) -> Appeal:
        """The appeal of the case."""
        return read_appeal(self.appeal_name)

    @property
    def language(self) -> str:
        """The language of the appeal, as in `fr`."""
        return self.appeal.language

    def __str__(self) -> str:
        return self.name

    def layouts(self) -> Iterator[Layout]:
        """Yield the layout of each letter."""
        for number, people in enumerate(self.people):
            yield self._layout(people, number, self.slips)

    def _layout(self, people: People, number: int, slips: Sequence[Slip]) -> Layout:
        row = self.appeal.row(people.recipient, people.signer)
        return lay_out(self.appeal, row, self.shape(number), slips, number)

    def shape(self, letter: int) -> Shape:
        """Return the shape of a letter, counted from 0."""
        return self.shapes[letter if letter < len(self.shapes) else 0]

    def letter_files(self) -> Mapping[str, bytes]:
        """Return the letters as files by name."""
        letters = [
            docx_bytes(
                layout,
                self.shape(number).writer,
                self.language,
                self.appeal.title,
                f"{self.name} {number}",
            )
            for number, layout in enumerate(self.layouts())
        ]
        if self.spoil is not None:
            return self.spoil(letters)
        return {f"letter {number}.docx": data for number, data in enumerate(letters, 1)}

    def write(self, folder: Path) -> CaseFiles:
        """Write the letters and the workbook into a folder."""
        files = {folder / name: data for name, data in self.letter_files().items()}
        letters, workbook = tuple(files), None
        if self.workbook is not None:
            workbook = folder / "signers.xlsx"
            files[workbook] = workbook_bytes(self.appeal, self.workbook)
        for path, data in files.items():
            path.write_bytes(data)
        return CaseFiles(letters, workbook)

    def expected(self) -> Expected:
        """Return the expected result."""
        if self.refusal is not None:
            return Expected(refusal=self.refusal)
        letters = tuple(layout.paragraphs() for layout in self.layouts())
        return Expected(tuple(self._columns(letters)), letters, self._held_out_letter())

    def _columns(self, letters: Sequence[Sequence[Paragraph]]) -> Iterator[Column]:
        rows = [self.appeal.row(people.recipient, people.signer) for people in self.people]
        required = self._required_columns(letters)
        for name in self.appeal.columns:
            sheet, _, key = name.partition(".")
            heading = self.appeal.sheets[sheet].headings[key]
            values = tuple(self._value(name, row) for row in rows)
            if any(values):
                headings = acceptable_headings(name, heading)
                if self.workbook is not None and self.workbook.has(sheet):
                    headings = frozenset({heading.casefold()})
                yield Column(name, self._sheets(name), headings, values, name in required)

    def _sheets(self, name: str) -> tuple[str, ...]:
        sheet, _, key = name.partition(".")
        if self.workbook is not None or key in _KNOWN_LINES:
            return (SHEETS[sheet],)
        signers = {people.signer for people in self.people}
        recipients = {people.recipient for people in self.people}
        is_unclear = 1 < len(signers) == len(recipients) == len({*self.people})
        sheets = (SHEETS[sheet], SHEETS["r"], *([SHEETS["p"]] if is_unclear else []))
        return tuple(dict.fromkeys(sheets))

    def _required_columns(self, letters: Sequence[Sequence[Paragraph]]) -> set[str]:
        """Return the columns that the letters and the workbook show.

        Several letters show only what differs, a workbook its own columns, and a letter alone the
        usual lines of an address.
        """
        paragraphs = [paragraph for letter in letters for paragraph in letter]
        if self.kind == "alone":
            paragraphs = [p for p in paragraphs if p.block in _KNOWN_BLOCKS]
        pieces = (piece for paragraph in paragraphs for piece in paragraph.pieces)
        columns = {piece.column for piece in pieces if piece.column and not piece.is_optional}
        if self.workbook is not None:
            plan, (people, *_) = self.workbook, self.people
            numbers = {"r": people.recipient, "s": people.signer, "p": ""}
            row = self.appeal.row(people.recipient, people.signer)
            columns = {c for c in columns if plan.cell(row[c]) == row[c]}
            return {c for c in columns if plan.has(c[0], numbers[c[0]])}
        if self.kind == "alone":
            return {name for name in columns if name.partition(".")[2] in _KNOWN_LINES}
        rows = [self.appeal.row(people.recipient, people.signer) for people in self.people]
        return {name for name in columns if len({row[name] for row in rows}) > 1}

    def _held_out_letter(self) -> HeldOut | None:
        if self.held_out is None:
            return None
        row = self.appeal.row(self.held_out.recipient, self.held_out.signer)
        paragraphs = self._layout(self.held_out, 0, ()).paragraphs()
        values = {name: self._value(name, row) for name in self.appeal.columns}
        return HeldOut(values, tuple(paragraph.text for paragraph in paragraphs))

    def _value(self, name: str, row: Row) -> str:
        """Return the value of a column: without a workbook, as it is printed."""
        filters = self.appeal.filters(name)
        is_cell = self.workbook is not None or len(filters) > 1
        return row[name] if is_cell else printed_value(row[name], *filters)


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """The files of a case."""

    letters: tuple[Path, ...]
    workbook: Path | None = None
