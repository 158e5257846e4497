"""The register's tables and rows: their columns, what goes in and out, a row as staff left it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from merge.excel.display import displayed_text, typed_value
from merge.excel.format_codes import DAYS_TO_1904, UnsupportedFormatError
from merge.excel.patching import Formula, NewValue
from merge.excel.reader import Cell, Range, Row
from merge.problems import Place, Problem, shortened
from merge.workbook.table import is_blank_cell
from merge.workbook.words import says_no

NO_LONGER_WANTED = "no longer wanted"
"""The state of a letter that keeps its row and does not count in anybody's pile."""

FORGOTTEN = "forgotten"
"""The state of a row without a letter: of somebody who was taken out it keeps the dates."""

StageValue = dt.date | str
"""What staff wrote into a stage's cell: a day, or a text."""


MOST_LETTERS = 1_048_575
"""Rows of an Excel sheet below the headings (Excel's specifications and limits)."""


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One letter as the program puts it into the register; each id is 16 hexadecimal digits.

    An empty text, or None, keeps what the row has. Of a letter that is `fixed`, on paper, signer,
    recipient and day are kept in any case; state, file and batch are brought up to date.
    `counts_as` are the stages that count for it, dates of its piles included.
    """

    id: str
    signer: str
    recipient: str
    signer_id: str
    recipient_id: str
    file: str
    """The letter's path from the register's folder, with `/`."""
    state: str
    made: dt.date | None
    batch: str | None = None
    fixed: bool = False
    counts_as: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter's row of the sheet Register, as the program wrote it last, and the staff's dates.

    `number` is Excel's. The ids of the people are empty where the row no longer has them.
    """

    number: int
    signer: str
    recipient: str
    file: str
    state: str
    made: dt.date | None
    batch: str
    signer_id: str
    recipient_id: str
    stages: Mapping[str, StageValue]
    """Only those that have something in them."""
    tracking: str = ""


@dataclass(frozen=True, slots=True)
class RevertedEdit:
    """Something that staff typed into a column of the program's; the cell was set right again.

    `id` is the letter's, in the sheets By signer and By recipient the person's.
    """

    id: str
    heading: str
    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class RegisterUpdate:
    """The result of bringing the register up to date.

    Not written: nothing had changed, or it could not be; then it is not `current`, and a problem
    says why.
    """

    written: bool
    current: bool = True
    problems: tuple[Problem, ...] = ()
    backup: Path | None = None
    """The register as it was before, where something in it was lost."""
    typed: tuple[RevertedEdit, ...] = ()


# What the register looks like: its three tables and their columns. Pure.


STAGES = ("Printed", "Signed", "Posted", "Answered")
"""What becomes of a letter on paper; staff fill these columns in by hand."""

FIRST_DAY = dt.date(1900, 3, 1)
"""Excel has a 29 February 1900, which never was: the days before it are others there."""

SENT = frozenset({"Posted", "Answered"})
"""Stages of a letter that has left the house."""


def counted_stages(stages: Collection[str]) -> tuple[str, ...]:
    """Return the stages that count for a letter, in their order.

    One that was answered was posted as well, whether or not somebody wrote that down.
    """
    return tuple(s for s in STAGES if s in stages or (s in SENT and "Answered" in stages))


DAY_FORMAT = "d mmm yyyy"
TEXT_FORMAT = "@"
"""Number formats. Digits in a cell of the second stay as they are typed."""

ColumnKind = Literal["id", "text", "link", "date", "count", "memory", "stage", "staff"]
"""What stands in a column, and whose it is: the last two are the staff's."""


@dataclass(frozen=True, slots=True)
class RegisterColumn:
    """A column of a table: its heading, its width in characters, its number format.

    If it `wraps`, a text that is too long for it takes further lines.
    """

    heading: str
    kind: ColumnKind
    width: int
    format: str = "General"
    hidden: bool = False
    wraps: bool = False


COUNTS_COLUMN = RegisterColumn("Counts as", "text", 24)
"""The stages that a letter reached, whichever sheet the dates stand in."""

RECORD_COLUMN = RegisterColumn("Kept by the program", "memory", 22, hidden=True)
"""What the program last wrote into the row's other cells; it moves along when staff sort."""


@dataclass(frozen=True)
class TableLayout:
    """A table of the register: the sheet and the Excel table it is, its columns."""

    sheet: str
    table: str
    columns: tuple[RegisterColumn, ...]
    names: int = 1
    """How many columns with names follow the ID."""
    people: int = 0
    """How many ids of people the program keeps with a row."""
    is_wide: bool = False
    """It is too wide for a page: ID and names are printed, and all from the first stage on."""

    @cached_property
    def filled(self) -> tuple[RegisterColumn, ...]:
        """The columns that the program fills, in the order of a row's values; not its memory."""
        return tuple(c for c in self.columns if c.kind not in {"memory", "stage", "staff"})


TRACKING_HEADING = "Tracking number"
_STAGES = tuple(RegisterColumn(stage, "stage", 12, DAY_FORMAT) for stage in STAGES)
_NOTES = RegisterColumn("Notes", "staff", 30)

LETTERS_LAYOUT = TableLayout(
    "Register",
    "Letters",
    (
        RegisterColumn("ID", "id", 8, TEXT_FORMAT),
        RegisterColumn("Signer", "text", 26, wraps=True),
        RegisterColumn("Recipient", "text", 30, wraps=True),
        RegisterColumn("File", "link", 34),
        RegisterColumn("State", "text", 24),
        RegisterColumn("Made on", "date", 12, DAY_FORMAT),
        RegisterColumn("Batch", "text", 22),
        RECORD_COLUMN,
        *_STAGES,
        COUNTS_COLUMN,
        RegisterColumn(TRACKING_HEADING, "staff", 17, TEXT_FORMAT),
        _NOTES,
    ),
    names=2,
    people=2,
    is_wide=True,
)


def _people_layout(sheet: str, table: str, name: str) -> TableLayout:
    columns = (
        RegisterColumn("ID", "id", 18, TEXT_FORMAT, hidden=True),
        RegisterColumn(name, "text", 32, wraps=True),
        RegisterColumn("Letters", "count", 10),
        RECORD_COLUMN,
        *_STAGES,
        _NOTES,
    )
    return TableLayout(sheet, table, columns)


SIGNERS_LAYOUT = _people_layout("By signer", "BySigner", "Signer")
RECIPIENTS_LAYOUT = _people_layout("By recipient", "ByRecipient", "Recipient")
LAYOUTS = (LETTERS_LAYOUT, SIGNERS_LAYOUT, RECIPIENTS_LAYOUT)


# A row of one of the register's tables: what the program wrote there, and what staff did to it.


_ID = re.compile("[0-9a-f]{16}")
_NO_CELLS: Mapping[int, Cell] = {}


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A row. `record` is what the program wrote there, as far as it is known."""

    number: int
    id: str
    """Empty where the program never wrote into the row."""
    record: RowRecord
    kept: RowRecord | None
    """What the hidden cell holds: another record where the others were moved without it."""
    odd: Mapping[str, str]
    """What those of the program's cells show, by heading, that do not hold the record's value."""
    typed: Mapping[str, str]
    """Those of them that staff typed, as far as it is known."""
    stages: Mapping[str, StageValue]
    tracking: str = ""

    @property
    def is_misaligned(self) -> bool:
        """Whether the hidden cell is not the one that belongs to the cells that are seen."""
        return self.kept is not None and self.kept is not self.record


@dataclass(frozen=True, slots=True)
class RowReader:
    """What the rows of a table are read by: the numbers of the columns that are there, by heading.

    `shown` is what stands in a row by merged cells, by the row's number and the column's.
    """

    layout: TableLayout
    columns: Mapping[str, int]
    shown: Mapping[int, Mapping[int, Cell]]
    date1904: bool

    def read(self, row: Row) -> RegisterRow:
        """Return a row, known by its hidden cell, by the others where that holds nothing."""
        cells = self._cells(row)
        memory = cells.get(RECORD_COLUMN.heading)
        kept = decode_record(str(memory.value), self.layout) if memory else None
        record = kept or self._seen(cells)
        odd = self._odd(record, cells)
        stages = ((s, stage_of(cells.get(s), date1904=self.date1904)) for s in STAGES)
        return RegisterRow(
            number=row.number,
            id=_id(record),
            record=record,
            kept=kept,
            odd=odd,
            typed=odd if kept else {},
            stages={stage: value for stage, value in stages if value is not None},
            tracking=text_of(cells.get(TRACKING_HEADING), date1904=self.date1904),
        )

    def read_realigned(self, row: Row, line: RegisterRow, record: RowRecord) -> RegisterRow:
        """Return the row of a line again, known by a record that is not the one of its hidden cell.

        A cell that holds what the hidden one says was left where it was; nobody typed it. A link
        that no program has worked out yet may be such a cell.
        """
        odd = self._odd(record, self._cells(row))
        values = zip(self.layout.filled, line.record.values, record.values, strict=True)
        left = {c.heading: str(own) for c, own, new in values if own != new}
        left = {heading: text for heading, text in left.items() if heading not in line.odd}
        typed = {heading: text for heading, text in odd.items() if heading in line.odd}
        return replace(line, id=_id(record), record=record, odd={**odd, **left}, typed=typed)

    def _cells(self, row: Row) -> Mapping[str, Cell]:
        merged = self.shown.get(row.number, _NO_CELLS)
        there = {**{cell.column: cell for cell in row.cells}, **merged}
        return {heading: there[n] for heading, n in self.columns.items() if n in there}

    def _seen(self, cells: Mapping[str, Cell]) -> RowRecord:
        columns = self.layout.filled
        values = (value_of(cells.get(c.heading), c.kind, date1904=self.date1904) for c in columns)
        return RowRecord(tuple(values))

    def _odd(self, record: RowRecord, cells: Mapping[str, Cell]) -> Mapping[str, str]:
        columns = zip(self.layout.filled, record.values, strict=True)
        pairs = ((c, cells.get(c.heading), value) for c, value in columns)
        return {
            column.heading: text_of(cell, date1904=self.date1904)
            for column, cell, value in pairs
            if not _agrees_with_record(column, cell, value, date1904=self.date1904)
        }


def _id(record: RowRecord) -> str:
    own = str(record.values[0])
    return own if _ID.fullmatch(own) else ""


def _agrees_with_record(
    column: RegisterColumn, cell: Cell | None, value: WrittenValue, *, date1904: bool
) -> bool:
    if column.kind == "link":
        return links_to(cell, str(value or ""))
    return holds_value(cell, value, date1904=date1904)


@dataclass(frozen=True)
class RegisterTable:
    """A table on its sheet. Rows and columns are counted from 1.

    `area` is None where it is plain cells. `last` is its last row with anything in it, `below` what
    comes first, in its columns, that lies below it and its totals or reaches there: a cell with
    anything in it or merged cells; `free` is how many columns right of it are empty. `columns` are
    those of the layout that are there.
    """

    layout: TableLayout
    file: str
    sheet: str
    date1904: bool
    area: TableArea | None
    top: int
    left: int
    right: int
    last: int
    below: Range | None
    free: int
    columns: Mapping[str, int]
    merged: tuple[Range, ...]
    lines: tuple[RegisterRow, ...]

    def place(self, row: int = 0, heading: str = "") -> Place:
        """Return the place of a row, of a column, or of the cell where they meet."""
        return Place(self.file, self.sheet, self.columns.get(heading, 0), row)

    def is_merged_away(self, row: int, column: int) -> bool:
        """Return whether the cell is merged into another, and can hold nothing."""
        return any(
            r.row <= row <= r.last_row
            and r.column <= column <= r.last_column
            and (row, column) != (r.row, r.column)
            for r in self.merged
        )


@dataclass(frozen=True, slots=True)
class TableArea:
    """A table on its sheet, counted from 1: from its headings to its last row.

    `totals` is how many of its last rows hold totals.
    """

    name: str
    sheet: str
    left: int
    top: int
    right: int
    bottom: int
    totals: int

    def has(self, column: int) -> bool:
        """Return whether a column is the table's."""
        return self.left <= column <= self.right


@dataclass(frozen=True, slots=True)
class CellChange:
    """A value for a cell of a row that is there."""

    row: int
    column: RegisterColumn
    value: WrittenValue


@dataclass
class TablePlan:
    """The changes that are to be written into one table.

    `table` is None where the sheet is to be made anew; `new` are the rows that follow its last.
    """

    layout: TableLayout
    table: RegisterTable | None
    back: list[RegisterColumn] = field(default_factory=list)
    """The program's columns that staff deleted; they come back right of the others."""
    changes: list[CellChange] = field(default_factory=list)
    emptied: list[int] = field(default_factory=list)
    """Rows whose cells in columns of the staff's own become empty as well."""
    new: list[RowRecord] = field(default_factory=list)
    typed: list[RevertedEdit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Everything is as it should be."""
        return self.table is not None and not (self.back or self.changes or self.new)


# A cell of the register as staff left it: a day, a text, what the program wrote or another.


_DAYS = range(36526, 73051)
"""Serial numbers of the years 2000 to 2099: a day whose format got lost."""

_UNCALCULATED = "a formula"
"""What stands for a formula whose result no program has worked out yet."""


def text_of(cell: Cell | None, *, date1904: bool) -> str:
    """Return the cell as Excel shows it; empty where it is blank."""
    if cell is None or cell.value is None:
        return _UNCALCULATED if cell else ""
    try:
        return displayed_text(cell.value, cell.number_format, date1904=date1904).strip()
    except UnsupportedFormatError:
        return str(cell.value)


def day_of(cell: Cell | None, *, date1904: bool) -> dt.date | None:
    """Return the cell's day; None where it holds no date."""
    if cell is None or isinstance(cell.value, (str, bool)) or cell.value is None:
        return None
    try:
        found = typed_value(cell.value, cell.number_format, date1904=date1904)
    except UnsupportedFormatError:
        found = cell.value
    serial = found + DAYS_TO_1904 * date1904 if isinstance(found, int) else 0
    if serial in _DAYS:
        found = typed_value(cell.value, DAY_FORMAT, date1904=date1904)
    if isinstance(found, dt.datetime):
        return found.date()
    return found if isinstance(found, dt.date) else None


def stage_of(cell: Cell | None, *, date1904: bool) -> StageValue | None:
    """Return what stands in a stage's cell: a day, else its text; None where it is blank.

    So where it says no, in any of the languages of the workbook.
    """
    if is_blank_cell(cell):
        return None
    said = day_of(cell, date1904=date1904) or text_of(cell, date1904=date1904)
    return None if isinstance(said, str) and (says_no(said) or said.lower() in _NOT_YET) else said


_NOT_YET = {"-", "–", "—", "n/a", "n.a.", "na"}


def holds_value(cell: Cell | None, value: WrittenValue, *, date1904: bool) -> bool:
    """Return whether the cell holds a value that the program wrote, however it is formatted."""
    if value is None or value == "":
        return is_blank_cell(cell)
    if cell is None:
        return False
    if isinstance(value, dt.date):
        return day_of(cell, date1904=date1904) == value
    return cell.value == value and not isinstance(cell.value, bool)


def links_to(cell: Cell | None, path: str) -> bool:
    """Return whether the cell links to a path: a formula, whose value only Excel works out."""
    if cell is not None and cell.fault == "no-value":
        return bool(path)
    return is_blank_cell(cell) if not path else cell is not None and cell.value == path


def value_of(cell: Cell | None, kind: ColumnKind, *, date1904: bool) -> WrittenValue:
    """Return what the cell holds, where the program has no record of what it wrote."""
    if kind == "date":
        return day_of(cell, date1904=date1904)
    if kind == "count":
        return cell.value if cell and isinstance(cell.value, int) else None
    fresh = cell is not None and cell.fault == "no-value"
    return "" if fresh else text_of(cell, date1904=date1904)


# What the program last wrote into a row, as the text of a hidden cell of that row.
#
# A cell that differs from it was typed into; a row that was sorted carries it along.


WrittenValue = str | int | dt.date | None
"""What the program writes into a cell; None and an empty text leave it empty."""

_LONGEST = 255
"""Characters of a name in the register. Excel allows a cell 32,767, of which nobody reads more."""

_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What Excel takes for one character (22.4.2.4 ST_Xstring), and openpyxl sometimes does not."""


@lru_cache(maxsize=1 << 16)
def shortened_name(text: str) -> str:
    """Return a name on one line, long ones cut."""
    return break_escapes(shortened(text, _LONGEST))


def break_escapes(text: str) -> str:
    """Return a text that Excel shows as it is written: its escapes are broken by a space."""
    return _ESCAPE.sub("_ ", text) if "_x" in text else text


@dataclass(frozen=True, slots=True)
class RowRecord:
    """A row's values in the order of `Layout.filled`, and the ids that no column shows."""

    values: tuple[WrittenValue, ...]
    people: tuple[str, ...] = ()
    """Signer and recipient of a letter; nobody in the other tables."""


def encode_record(record: RowRecord) -> str:
    """Return the text of the hidden cell."""
    return _encoded((*record.values, *record.people))


def decode_record(text: str, layout: TableLayout) -> RowRecord | None:
    """Return the record in a hidden cell; None where its text is no record of this table."""
    try:
        found = json.loads(text)
        count = len(layout.filled)
        kinds = (*(column.kind for column in layout.filled), *("id",) * layout.people)
        values = tuple(_value(kind, value) for kind, value in zip(kinds, found, strict=True))
        return RowRecord(values[:count], tuple(map(str, values[count:])))
    except (ValueError, TypeError, KeyError):
        return None


def _value(kind: str, found: object) -> WrittenValue:
    if found is None or (kind == "count" and isinstance(found, int)):
        return found
    if not isinstance(found, str):
        raise TypeError
    return dt.date.fromisoformat(found) if kind == "date" else found


# Rows whose cells were moved without the hidden one: where ID and names agree, these win.
#
# Staff copy the cells that they see to another place, sort them there and paste them back. Pure.


_Names = tuple[str, ...]


def realigned_records(lines: Sequence[RegisterRow], layout: TableLayout) -> dict[int, RowRecord]:
    """Return what rows show, by number, where ID and names are those of another's hidden cell.

    A row whose ID was emptied as well is known by its names, where one record alone has them and
    the letter or person of its own hidden cell is seen in another row.
    """
    heading = layout.filled[0].heading
    doubtful = [line for line in lines if heading in line.odd]
    if not doubtful:
        return {}
    kept = _records_by_names(lines, layout)
    alike = [(line, kept.get(_shown_names(line, layout, line.odd), {})) for line in doubtful]
    found = {line.number: records.get(line.odd[heading]) for line, records in alike}
    seen = {record.values[0] for record in found.values() if record}
    for line, records in alike:
        if not line.odd[heading] and line.id in seen and len(records) == 1:
            found[line.number] = next(iter(records.values()))
    return {number: record for number, record in found.items() if record}


def _records_by_names(
    lines: Sequence[RegisterRow], layout: TableLayout
) -> Mapping[_Names, Mapping[str, RowRecord]]:
    """Return what the hidden cells hold, by the names, then by the ID; of two alike the first."""
    found: dict[_Names, dict[str, RowRecord]] = defaultdict(dict)
    for line in lines:
        if line.kept and line.id:
            found[_shown_names(line, layout, {})].setdefault(line.id, line.kept)
    return found


def _shown_names(line: RegisterRow, layout: TableLayout, odd: Mapping[str, str]) -> _Names:
    """Return the names in a row, given what of it differs from the record."""
    columns = zip(layout.filled[: layout.names + 1], line.record.values, strict=False)
    _, *names = (odd.get(column.heading, str(value or "")) for column, value in columns)
    return tuple(names)


# What each row is to hold: a letter's, and a person's with the number of letters. Pure.


_EMPTY_RECORD = RowRecord(("", "", "", "", "", None, "", ""), ("", ""))


def letter_record(entry: RegisterEntry, old: RowRecord | None = None) -> RowRecord:
    """Return what a letter's row is to hold, given what it has held so far."""
    had = old or _EMPTY_RECORD
    _, signer, recipient, file, state, made, batch, counts = had.values
    signer_id, recipient_id = had.people or ("", "")
    if not (entry.fixed and old):
        signer = shortened_name(entry.signer) or signer
        recipient = shortened_name(entry.recipient) or recipient
        made = entry.made or made
    file = break_escapes(entry.file) or file
    batch = batch if entry.batch is None else break_escapes(entry.batch)
    counts = counts if entry.counts_as is None else ", ".join(entry.counts_as)
    values = (entry.id, signer, recipient, file, entry.state or state, made, batch, counts)
    return RowRecord(values, (entry.signer_id or signer_id, entry.recipient_id or recipient_id))


class LettersPerPerson:
    """The people on one side of the letters, counted as the letters go by."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        """By the person's id; empty where no letter says it."""
        self._letters: dict[str, int] = {}

    def add(self, person: str, name: str, entry: RegisterEntry) -> None:
        """One more letter of a person; one that is no longer wanted does not count."""
        if name or person not in self.names:
            self.names[person] = shortened_name(name)
        self._letters[person] = self._letters.get(person, 0) + (entry.state != NO_LONGER_WANTED)

    def record(self, person: str, name: str) -> RowRecord:
        """Return what the person's row is to hold; its name where no letter says it."""
        return RowRecord((person, self.names.get(person) or name, self._letters.get(person, 0)))

    def records(self) -> Iterator[RowRecord]:
        """Everybody's, in the order of the letters; people without a name are left out."""
        return (self.record(person, "") for person, name in self.names.items() if name)


# Links and texts as cells hold them.


_NO_LINK = re.compile(r"[%#\[\]]")
"""What means something else in a link: an escape, a place in the file, another workbook."""

_LONGEST_LINK = 255
"""Characters of a text in a formula, and of a link (Excel's specifications and limits)."""


def link_formula(path: str) -> str:
    """Return a formula that opens a file, given its path from the workbook's folder.

    The path alone where it is too long for one.
    """
    target = _NO_LINK.sub(lambda found: f"%{ord(found[0]):02X}", path)
    if len(target) > _LONGEST_LINK:
        return path
    shown = "" if target == path else f',"{_quoted(path)}"'
    return f'=HYPERLINK("{_quoted(target)}"{shown})'


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def new_value(column: RegisterColumn, value: WrittenValue) -> NewValue:
    """Return a value as a cell of the sheet's XML has it: a path becomes a link."""
    if column.kind == "link" and value:
        code = link_formula(str(value))
        return Formula(code[1:], str(value)) if code.startswith("=") else code
    return value
