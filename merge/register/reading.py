"""register.xlsx -> its rows, the staff's dates, and what is doubtful in it."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from weakref import WeakValueDictionary

from merge import messages
from merge.disk import FileState, file_state, os_reason, size_and_time
from merge.errors import DataError, MergeError, StorageError
from merge.excel.reader import (
    MOST_OF_OURS,
    Attributes,
    Book,
    Cell,
    Range,
    Row,
    Sheet,
    WorkbookParts,
    column_number,
    parse_events,
    read_relationships,
    read_workbook_parts,
)
from merge.ooxml import SPREADSHEETS
from merge.ooxml.container import Archive, file_errors, read_bytes
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive, relationships_part
from merge.people import SheetKind
from merge.problems import Place, Problem
from merge.register.model import (
    FORGOTTEN,
    LAYOUTS,
    LETTERS_LAYOUT,
    NO_LONGER_WANTED,
    RECIPIENTS_LAYOUT,
    RECORD_COLUMN,
    SIGNERS_LAYOUT,
    STAGES,
    LetterRow,
    RegisterRow,
    RegisterTable,
    RowReader,
    StageValue,
    TableArea,
    TableLayout,
    counted_stages,
    realigned_records,
)
from merge.text.folding import folded
from merge.workbook.table import is_blank_cell

IdAndName = tuple[str, str]
"""A person's id and name."""

_NO_STAGES: Mapping[str, StageValue] = {}


@dataclass(frozen=True)
class PileDates:
    """The dates of the sheet By signer or By recipient, by the person's id and by the name."""

    by_id: Mapping[str, Mapping[str, StageValue]] = field(default_factory=dict)
    by_name: Mapping[str, Mapping[str, StageValue]] = field(default_factory=dict)

    def stages_covering(
        self, person: str, name: str, made: dt.date | None
    ) -> dict[str, StageValue]:
        """Return what counts for a letter of the person made on a day; None is before any other."""
        own = {**self.by_name.get(folded(name), {}), **self.by_id.get(person, {})}
        return {s: v for s, v in own.items() if isinstance(v, str) or not made or made <= v}


@dataclass(frozen=True)
class Register:
    """The register as it was read; empty where there is none yet.

    `seen` tells whether the file is still the same; None where there is none. `rows` are the
    letters' by their ids; where two rows have one id, the first, with the dates of both.
    """

    seen: FileState | None = None
    tables: Mapping[str, RegisterTable] = field(default_factory=dict)
    """By the name of their layout's sheet; one that staff deleted is left out."""
    at: FileState | None = None
    """What shows that a file is still the very one that was read."""

    @property
    def exists(self) -> bool:
        """There is a file."""
        return self.seen is not None

    @cached_property
    def rows(self) -> Mapping[str, LetterRow]:
        """The letters' rows by id."""
        found: dict[str, LetterRow] = {}
        for line in self._lines(LETTERS_LAYOUT):
            if not line.id:
                continue
            row = _row(line)
            first = found.get(line.id)
            both = first and replace(
                first,
                stages={**row.stages, **first.stages},
                tracking=first.tracking or row.tracking,
            )
            found[line.id] = both or row
        return found

    @cached_property
    def _piles(self) -> tuple[PileDates, PileDates]:
        return _pile_dates(self._lines(SIGNERS_LAYOUT)), _pile_dates(self._lines(RECIPIENTS_LAYOUT))

    def _lines(self, layout: TableLayout) -> tuple[RegisterRow, ...]:
        table = self.tables.get(layout.sheet)
        return table.lines if table else ()

    def stages(self, letter: str) -> Mapping[str, StageValue]:
        """Return what stands in a letter's stages, with the dates of the piles that it lies in.

        A date in By signer or By recipient covers the letters of that person that have a row and
        were made that day or before, a text all that have a row. The letter's own cell goes first.
        """
        row = self.rows.get(letter)
        if row is None:
            return _NO_STAGES
        signer, recipient = (row.signer_id, row.signer), (row.recipient_id, row.recipient)
        return {**self.stages_covering(signer, recipient, row.made), **row.stages}

    def stages_covering(
        self, signer: IdAndName, recipient: IdAndName, made: dt.date | None
    ) -> dict[str, StageValue]:
        """Return what the piles of two people say of a letter that was made on a day."""
        signers, recipients = self._piles
        return {
            **recipients.stages_covering(*recipient, made),
            **signers.stages_covering(*signer, made),
        }

    def names_of_people(self, kind: SheetKind) -> Iterator[IdAndName]:
        """Yield the ids and names of signers, or of recipients: in letters' rows, in their own.

        Letters on paper keep a name that the row of By signer or By recipient no longer has.
        """
        is_signer = kind == "signer"
        for row in self.rows.values():
            own = row.signer_id if is_signer else row.recipient_id
            yield own, row.signer if is_signer else row.recipient
        for line in self._lines(SIGNERS_LAYOUT if is_signer else RECIPIENTS_LAYOUT):
            yield line.id, str(line.record.values[1] or "")

    @property
    def has_any_dates(self) -> bool:
        """Whether staff wrote anything down, of a letter or of a pile."""
        return any(line.stages for layout in LAYOUTS for line in self._lines(layout))

    def forgotten_stages(self) -> Iterator[str]:
        """Yield each stage of rows whose letters were taken out and whose dates were kept."""
        for line in self._lines(LETTERS_LAYOUT):
            if not line.id and FORGOTTEN in line.record.values:
                yield from counted_stages(line.stages)

    def on_paper(self, letter: str) -> bool:
        """Return whether there is anything in a letter's stages: it is not to be written again."""
        return bool(self.stages(letter))

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What is doubtful in it: all warnings."""
        return tuple(register_warnings(self.tables.values(), self.rows))


_held: WeakValueDictionary[Path, Register] = WeakValueDictionary()
"""By their paths, the registers that were read last, as long as somebody holds them."""


def read_register(path: Path) -> Register:
    """Return the register, or an empty one where there is no file.

    One that somebody still holds, of the same file, is not read again. StorageError where it is a
    link or cannot be read, DataError where it is no register any more.
    """
    at = file_state(str(path))
    if at and (held := _held.get(path)) and held.at == at:
        return held
    try:
        before = size_and_time(path)
    except OSError as error:
        key, reason = "register-unreadable/held", os_reason(error)
        raise StorageError(messages.problem(key, Place(path.name), reason=reason)) from error
    if before is None:
        return Register()
    try:
        tables = _read_tables(path)
    except MergeError as error:
        raise _as_register_error(error) from error
    if LETTERS_LAYOUT.sheet not in tables:
        raise DataError(messages.problem("register-unknown", Place(path.name)))
    _held[path] = register = Register(before, tables, at)
    return register


_MOST_READ = 10
"""Registers that are read beside the one that counts: the newest."""

_BACKUP = re.compile(r" \(until \d{1,2} \w+ \d{4}\)(-\d+)?")
"""What `merge.excel.saving.back_up` puts behind the name of a workbook that it keeps."""


def read_other_registers(path: Path) -> tuple[Mapping[Path, Register], tuple[Path, ...]]:
    """Return the registers that lie beside one, read, and further files that may be some.

    Programs that keep folders alike put copies there whose names begin as the register's does, and
    so do staff. Backups of the program's own are left out, and so is what cannot be read or holds
    no table of letters.
    """
    with suppress(OSError):
        files = {file for file in _files_named_alike(path) if file != path}
        newest = sorted(files, key=lambda file: (-file.stat().st_mtime_ns, file))
        read = ((file, _read_if_register(file)) for file in newest[:_MOST_READ])
        return {file: other for file, other in read if other}, tuple(newest[_MOST_READ:])
    return {}, ()


def _files_named_alike(path: Path) -> Iterator[Path]:
    """Yield the workbooks beside a path whose names begin with its name, backups left out."""
    begins = path.stem.lower()
    for file in path.parent.iterdir():
        stem = file.stem.lower()
        if (
            file.suffix.lower() != path.suffix
            or begins not in stem
            or file_state(str(file)) is None
        ):
            continue
        if not stem.startswith(begins):
            yield file  # Copy of register, Kopia register
            continue
        more = file.stem[len(begins) :]
        if not _BACKUP.fullmatch(more) and (more or not _is_same_file(file, path)):
            yield file


def _is_same_file(one: Path, other: Path) -> bool:
    """Return whether two names are one file's: many disks take capitals for small letters."""
    return one.name == other.name or (other.exists() and one.samefile(other))


def _read_if_register(path: Path) -> Register | None:
    try:
        return read_register(path)
    except MergeError:
        return None


def _as_register_error(error: MergeError) -> MergeError:
    """Return a workbook's error as the register's; one that passes, or is that, as it is."""
    problems = error.problems
    if error.is_passing or all(p.code.startswith("register-") for p in problems):
        return error
    return StorageError(map(_unreadable, problems))


def _unreadable(problem: Problem) -> Problem:
    place = Place(str(problem.place))
    what, hint = problem.what, problem.hint
    return messages.problem("register-unreadable", place, problem=what, remedy=hint)


def _read_tables(path: Path) -> dict[str, RegisterTable]:
    with file_errors(EXCEL, path.name):
        archive = open_archive(read_bytes(path, EXCEL), EXCEL, MOST_OF_OURS)
        contents = read_workbook_parts(archive)
        areas = find_table_areas(archive, contents)
    book = Book(path.name, archive, contents)
    tables = ((layout.sheet, find_table(book, layout, areas)) for layout in LAYOUTS)
    return {sheet: table for sheet, table in tables if table}


def _row(line: RegisterRow) -> LetterRow:
    _, signer, recipient, file, state, made, batch, _counts = line.record.values
    signer_id, recipient_id = line.record.people or ("", "")
    return LetterRow(
        number=line.number,
        signer=str(signer or ""),
        recipient=str(recipient or ""),
        file=str(file or ""),
        state=str(state or ""),
        made=made if isinstance(made, dt.date) else None,
        batch=str(batch or ""),
        signer_id=signer_id,
        recipient_id=recipient_id,
        stages=line.stages,
        tracking=line.tracking,
    )


def _pile_dates(lines: Iterable[RegisterRow]) -> PileDates:
    """The dates that there are: few people have any at a time."""
    by_id: dict[str, dict[str, StageValue]] = {}
    by_name: dict[str, dict[str, StageValue]] = {}
    for line in (line for line in lines if line.stages):
        name = folded(str(line.record.values[1] or ""))
        for known, key in ((by_id, line.id), (by_name, name)):
            known[key] = {**line.stages, **known.get(key, {})}
    return PileDates({k: v for k, v in by_id.items() if k}, {k: v for k, v in by_name.items() if k})


# One of the register's tables where staff have it now: its columns, its rows, the room round it.
#
# It is found by the name of its Excel table; where staff turned that into plain cells, by the name
# of its sheet. Headings are known by their words, wherever the columns were moved.


_ID = "ID"
_HEADING_SEARCH_ROWS = 100
"""Rows at the top of a sheet among which its headings are."""

_NO_ROW = Row(0, hidden=False, cells=())
_LAST_COLUMN = 2_000
"""Of those that merge.excel.reader reads."""


def find_table(
    book: Book, layout: TableLayout, areas: Mapping[str, TableArea]
) -> RegisterTable | None:
    """Return the table; None where neither it nor its sheet is there.

    DataError where its headings cannot be found, or one is missing that the rows are read by.
    """
    area = areas.get(layout.table)
    name = area.sheet if area else layout.sheet
    if name not in {sheet.name for sheet in book.sheets}:
        return None
    sheet = book.sheet(name)
    headings = _headings(sheet, layout, area)
    columns = _column_numbers(headings, layout)
    if missing := list(_missing(columns)):
        place = Place(book.file, name, 0, headings.number if columns else 0)
        raise DataError(
            messages.problem("register-heading", place, heading=heading) for heading in missing
        )
    return _read_register_table(
        book, layout, area or _table_under_headings(sheet, headings, areas), sheet, headings
    )


def _headings(sheet: Sheet, layout: TableLayout, area: TableArea | None) -> Row:
    """Return the row of the headings: the table's first, else the one with most of their words."""
    if not area:
        return max(
            sheet.rows[:_HEADING_SEARCH_ROWS],
            key=lambda r: len(_column_numbers(r, layout)),
            default=_NO_ROW,
        )
    top = next((row for row in sheet.rows if row.number == area.top), _NO_ROW)
    return replace(top, cells=tuple(c for c in top.cells if area.has(c.column)))


def _table_under_headings(
    sheet: Sheet, headings: Row, areas: Mapping[str, TableArea]
) -> TableArea | None:
    """Return the Excel table that the headings are of, whatever its name; None for plain cells."""
    first = headings.cells[0].column
    alike = (a for a in areas.values() if a.sheet == sheet.name and a.top == headings.number)
    return next((a for a in alike if a.has(first)), None)


def _column_numbers(headings: Row, layout: TableLayout) -> dict[str, int]:
    """Return the columns of the layout that are there, by heading; the first of two alike."""
    wanted = {folded(column.heading): column.heading for column in layout.columns}
    found: dict[str, int] = {}
    for cell in headings.cells:
        if heading := wanted.get(folded(str(cell.value))):
            found.setdefault(heading, cell.column)
    return found


def _missing(columns: Mapping[str, int]) -> Iterator[str]:
    """Yield the headings without which nobody can tell which letters are on paper."""
    yield from (stage for stage in STAGES if stage not in columns)
    if not {_ID, RECORD_COLUMN.heading} & set(columns):
        yield _ID


def _read_register_table(
    book: Book, layout: TableLayout, area: TableArea | None, sheet: Sheet, headings: Row
) -> RegisterTable:
    columns = _column_numbers(headings, layout)
    left = area.left if area else headings.cells[0].column
    right = area.right if area else headings.cells[-1].column
    rows = [r for r in sheet.rows if any(left <= c.column <= right for c in r.cells)]
    bottom = area.bottom if area else rows[-1].number
    end = bottom - (area.totals if area else 0)
    used = [r for r in rows if headings.number < r.number <= end]
    shown = _merged_cells(used, sheet.merged, [columns[stage] for stage in STAGES])
    reader = RowReader(layout, columns, shown, book.date1904)
    return RegisterTable(
        layout,
        book.file,
        sheet.name,
        book.date1904,
        area,
        top=headings.number,
        left=left,
        right=right,
        last=used[-1].number if used else headings.number,
        below=_first_obstacle_below(sheet, bottom, left, right),
        free=_free_columns_right(sheet, headings.number, bottom, right),
        columns=columns,
        merged=sheet.merged,
        lines=_lines(used, reader),
    )


def _lines(rows: Sequence[Row], reader: RowReader) -> tuple[RegisterRow, ...]:
    lines = tuple(map(reader.read, rows))
    records = realigned_records(lines, reader.layout)
    if not records:
        return lines
    again = reader.read_realigned
    return tuple(
        again(row, line, records[line.number]) if line.number in records else line
        for row, line in zip(rows, lines, strict=True)
    )


def _merged_cells(
    rows: Sequence[Row], merged: Iterable[Range], columns: Iterable[int]
) -> dict[int, dict[int, Cell]]:
    """Return what merged cells show in these columns, by row and column: what the first holds."""
    there = {row.number: row for row in rows}
    shown: dict[int, dict[int, Cell]] = {}
    for area in merged:
        inside = [n for n in columns if area.column <= n <= area.last_column]
        if not inside or area.row not in there:
            continue
        first = next((c for c in there[area.row].cells if c.column == area.column), None)
        if first and not is_blank_cell(first):
            for number in range(area.row, min(area.last_row, rows[-1].number) + 1):
                shown.setdefault(number, {}).update(dict.fromkeys(inside, first))
    return shown


def _first_obstacle_below(sheet: Sheet, bottom: int, left: int, right: int) -> Range | None:
    """Return what lies below a row in these columns, or reaches there, and begins first."""
    below = (c for r in sheet.rows if r.number > bottom for c in r.cells)
    cell = next((c for c in below if left <= c.column <= right), None)
    inside = (r for r in sheet.merged if r.column <= right and r.last_column >= left)
    merged = min((r for r in inside if r.last_row > bottom), key=lambda r: r.row, default=None)
    if merged and not (cell and cell.row <= merged.row):
        return merged
    return Range(cell.row, cell.column, cell.row, cell.column) if cell else None


def _free_columns_right(sheet: Sheet, top: int, bottom: int, right: int) -> int:
    """Return how many columns right of one have nothing in these rows."""
    rows = (r for r in sheet.rows if top <= r.number <= bottom)
    filled = (c.column for r in rows for c in r.cells if c.column > right)
    merged = (r.last_column for r in sheet.merged if r.last_column > right)
    return min((*filled, *merged), default=_LAST_COLUMN) - right - 1


# The Excel tables of a workbook: which sheet each is on, and where (ECMA-376 part 1, 18.5.1).


_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6}):([A-Z]{1,3})([1-9][0-9]{0,6})")


def find_table_areas(archive: Archive, contents: WorkbookParts) -> dict[str, TableArea]:
    """Return every table of the workbook by its name."""
    found = (
        _area(archive, part, sheet.name)
        for sheet in contents.sheets
        for part in _table_parts(archive, sheet.part)
    )
    return {area.name: area for area in found if area}


def _table_parts(archive: Archive, sheet: str) -> Iterator[str]:
    if relationships_part(sheet) in archive:
        for relation in read_relationships(archive, sheet).values():
            if relation.word == "table":
                yield relation.path_from(sheet)


def _area(archive: Archive, part: str, sheet: str) -> TableArea | None:
    """None where the table's range is none, or it shows no headings."""
    tables: list[Attributes] = []
    parse_events(archive.chunks(part), SPREADSHEETS, {"table": tables.append}, {})
    table = tables[0]
    ends = _RANGE.fullmatch(table.get("ref", ""))
    if not ends or table.get("headerRowCount") == "0":
        return None
    return TableArea(
        table.get("displayName", ""),
        sheet,
        column_number(ends[1]),
        int(ends[2]),
        column_number(ends[3]),
        int(ends[4]),
        int(table.get("totalsRowCount", "0")),
    )


# What is doubtful in a register: all warnings.


_SUMMED_UP_FROM = 5
"""From so many rows of a column on, the same doubt is told once."""


def register_warnings(
    tables: Iterable[RegisterTable], letters: Mapping[str, LetterRow]
) -> Iterator[Problem]:
    """Yield warnings: rows that are there twice, dates that are none or count for nothing.

    `letters` are the rows of the letters by id.
    """
    for table in tables:
        yield from _row_warnings(table)
        yield from _no_dates(table)
        if table.layout is not LETTERS_LAYOUT:
            yield from _too_early(table, letters.values())


def _row_warnings(table: RegisterTable) -> Iterator[Problem]:
    first = {line.id: line for line in reversed(table.lines) if line.id}
    for line in table.lines:
        if line.id and first[line.id] is not line:
            yield _duplicate_id(table, line, first)
        if not line.id and table.layout is not LETTERS_LAYOUT and line.stages:
            yield messages.problem("register-own-row", table.place(line.number))


def _duplicate_id(
    table: RegisterTable, line: RegisterRow, first: Mapping[str, RegisterRow]
) -> Problem:
    """Return a warning of a row whose ID another has; `first` are the first rows by the ID."""
    place, row = table.place(line.number), first[line.id].number
    both = (one.kept for one in (line, first[line.id]) if one.is_misaligned)
    lost = next((kept for kept in both if kept and kept.values[0] not in first), None)
    if lost:
        people = " to ".join(str(name) for name in lost.values[1 : table.layout.names + 1])
        return messages.problem("register-twice/replaced", place, row=row, people=people)
    return messages.problem("register-twice", place, row=row)


def _no_dates(table: RegisterTable) -> Iterator[Problem]:
    """Yield warnings of words where dates are meant."""
    for stage in STAGES:
        rows = [line.number for line in table.lines if isinstance(line.stages.get(stage), str)]
        if len(rows) >= _SUMMED_UP_FROM:
            first, more = table.place(rows[0], stage), len(rows) - 1
            yield messages.problem("register-no-date/several", first, more=more)
            continue
        for number in rows:
            yield messages.problem("register-no-date", table.place(number, stage))


def _too_early(table: RegisterTable, letters: Iterable[LetterRow]) -> Iterator[Problem]:
    """Dates of piles before the day on which all letters of the pile were made."""
    if not any(line.stages for line in table.lines):
        return
    made = _days_made(table, letters)
    for stage in STAGES:
        days = ((line.number, _last_letter_missed(line, stage, made)) for line in table.lines)
        last = {number: day for number, day in days if day}
        if len(last) >= _SUMMED_UP_FROM:
            key, first = "register-too-early/several", table.place(min(last), stage)
            day = _spoken(max(last.values()))
            yield messages.problem(key, first, more=len(last) - 1, day=day)
            continue
        for number, last_day in last.items():
            place, day = table.place(number, stage), _spoken(last_day)
            yield messages.problem("register-too-early", place, day=day)


def _last_letter_missed(
    line: RegisterRow, stage: str, made: Mapping[str, set[dt.date]]
) -> dt.date | None:
    """Return the last day on which a letter of the row was made, if its date is before them all."""
    day = line.stages.get(stage)
    if not isinstance(day, dt.date):
        return None
    name = folded(str(line.record.values[1] or ""))
    days = {*made.get(line.id, ()), *made.get(name, ())}
    return max(days) if days and day < min(days) else None


def _days_made(table: RegisterTable, letters: Iterable[LetterRow]) -> dict[str, set[dt.date]]:
    """On which days each person's letters were made, by the id and by the name; no name is an id.

    Those that are no longer wanted are left out; an unknown day is before any other.
    """
    found: dict[str, set[dt.date]] = defaultdict(set)
    signers = table.layout is SIGNERS_LAYOUT
    for row in (row for row in letters if row.state != NO_LONGER_WANTED):
        person = (row.signer_id, row.signer) if signers else (row.recipient_id, row.recipient)
        for key in (person[0], folded(person[1])):
            found[key].add(row.made or dt.date.min)
    found.pop("", None)
    return found


def _spoken(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"
