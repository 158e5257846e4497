"""The list of signers from forms written: made, brought up to date in place, put back.

What staff did in it stays: only cells that change are written, and new people at the end.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO, Literal
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from merge import messages
from merge.disk import read_campaign_file, size_and_time
from merge.errors import FaultError, StorageError, translated
from merge.excel import lists
from merge.excel.reader import MOST_ROWS, Book, parse_book
from merge.excel.rewriting import load_for_update, open_zip, resize, stretch, write_other_parts
from merge.excel.saving import (
    FORMULA_START,
    OldWorkbook,
    check_closed,
    draft_beside,
    openpyxl_errors,
    put_in_place,
    replace_workbook,
    too_long,
)
from merge.intake.destinations import (
    CONSENT,
    EMAIL,
    INCLUDE,
    LEAVE_OUT,
    NAME,
    ORDER,
    SUBMISSION,
    spoken_destination,
)
from merge.intake.list_types import FormMemory, ListedPerson, SignerList
from merge.intake.signer_list import (
    BEFORE_FILE,
    COPIED,
    FORM_HEADINGS,
    FORMS,
    ID,
    MEMORY,
    MOST_TEXT,
    OPTIONS_COLUMN,
    SIGNERS,
    TO_DECIDE,
    ListColumns,
    StoredList,
    memory_facts,
    memory_rows,
    read_list,
    seal,
)
from merge.ooxml import SPREADSHEETS
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import Package, open_archive
from merge.problems import Fault, Place
from merge.text.folding import folded
from merge.workbook.reading import LIST_FILE


@dataclass(frozen=True, slots=True)
class WrittenList:
    """What became of the list: what is lost in it, and where it lies as it was before."""

    lost: tuple[str, ...] = ()
    kept: Path | None = None


def write_list(
    stored: StoredList,
    after: SignerList,
    *,
    keep_copy: bool = True,
    destinations: Sequence[str] = (),
    emptied: AbstractSet[int] = frozenset(),
) -> WrittenList:
    """Write the list as it is to be, in the place of the one that was read.

    The one before is kept under the name BEFORE_FILE, in the place of an earlier one, unless
    `keep_copy` is not wanted and nothing is lost. `destinations` are offered for Goes to. Of
    `emptied` rows all cells are made blank, staff's own as well.
    StorageError, and the list is as it was, where it is open, somebody saved it since it was read,
    or it cannot be written without harm.
    """
    with list_errors():
        if stored.seen is None:
            data = _made(after, destinations)
            with draft_beside(stored.path, lambda out: out.write(data)) as draft:
                put_in_place(draft, stored.path, None)
            return WrittenList()
        update = _Update(stored, after, destinations, emptied)
        kept = list[Path]()
        keep = partial(_keeping, stored.folder / BEFORE_FILE, kept, always=keep_copy)
        old = replace_workbook(stored.path, stored.seen, update.write, update.touched, keep)
    return WrittenList(old.lost, next(iter(kept), None))


_CODES = {
    "register-open": "list-open",
    "register-changed": "list-changed",
    "register-not-saved": "list-not-saved",
    "register-not-carried": "list-not-carried",
    "register-too-long": "list-too-long",
}
"""The codes for the list of the faults of a workbook that is saved, which have the same fields."""


@contextmanager
def list_errors(file: str = LIST_FILE) -> Iterator[None]:
    """Raise StorageError, with the list's own code, for a fault of saving it."""

    def into(error: FaultError) -> StorageError:
        fault, place = error.fault, Place(file)
        if fault.code not in _CODES:
            return StorageError(fault.at(place))
        fields: dict[str, Any] = dict(fault.fields)
        return StorageError(messages.problem(_CODES[fault.code], place, **fields))

    with translated(FaultError, into):
        yield


@contextmanager
def _keeping(path: Path, kept: list[Path], old: OldWorkbook, *, always: bool) -> Iterator[None]:
    """Keep the list as it was, in the place of an earlier one, unless it is then not replaced."""
    if not (always or old.lost):
        yield
        return
    earlier = read_campaign_file(path) if path.is_file() else None
    with list_errors(path.name):
        _put(path, old.data)
    kept.append(path)
    try:
        yield
    except FaultError:
        if earlier is None:
            path.unlink()
        else:
            _put(path, earlier)
        raise


def _put(path: Path, data: bytes) -> None:
    check_closed(path)
    with draft_beside(path, lambda out: out.write(data)) as draft:
        put_in_place(draft, path, size_and_time(path))


# The last import undone.


Undone = Literal["removed", "restored"]


def undo_import(folder: Path) -> Undone:
    """Put the list back as it was before the last import; of the first one, remove it.

    StorageError where somebody saved it since, there is nothing to be put back, or it is open.
    """
    stored, earlier = before_import(folder)
    copy_path = folder / BEFORE_FILE
    with list_errors():
        check_closed(stored.path)
        if not stored.before:
            if size_and_time(stored.path) == stored.seen:
                stored.path.unlink()
            return "removed"
        with draft_beside(stored.path, lambda out: out.write(earlier)) as draft:
            put_in_place(draft, stored.path, stored.seen)
        copy_path.unlink()
    return "restored"


def before_import(folder: Path) -> tuple[StoredList, bytes]:
    """Return the list, and the one before the last import; its bytes are none before the first.

    StorageError where somebody saved it since, or there is nothing to be put back.
    """
    stored = read_list(folder)
    copy_path = folder / BEFORE_FILE
    earlier = read_campaign_file(copy_path) if copy_path.is_file() else b""
    is_first = stored.seen is None or stored.is_copied
    if is_first or (stored.before and _hash(earlier) != stored.before):
        raise StorageError(messages.problem("list-undo-nothing", Place(LIST_FILE)))
    if not stored.is_untouched:
        copy = BEFORE_FILE if stored.before else None
        raise StorageError(messages.problem("list-undo-late", Place(LIST_FILE), file=copy))
    return stored, earlier if stored.before else b""


def without_undo(data: bytes) -> bytes:
    """Return a list's bytes with no import that could be undone: it is copied to a new campaign.

    A DataError if it is no list.
    """
    made, part = open_archive(data, EXCEL), _memory_part(parse_book(data, LIST_FILE))
    if not part:
        return data  # it was made by hand: no import was ever noted in it
    package = Package("", made.parts)
    return package.replaced(
        {part: _SEAL.sub(rb"\g<1>%d<" % COPIED, made.read(part), count=1)}
    ).write()


_SEAL = re.compile(rb'(<c r="B1"><v>)\d+<')


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


# The first list.


_WIDTHS = {ID: 8, NAME: 30, INCLUDE: 10, TO_DECIDE: 44}
_WIDTH = 24
_FORM_WIDTHS = (24, 50, 10, 26, 40, 16)
_LAST_ROW = 1_048_576

_OPTIONS = "Goes_to"
"""The name of the range with what Goes to offers: it stays where staff sort and insert."""


def _made(known: SignerList, destinations: Sequence[str]) -> bytes:
    """Return a whole new list."""
    if len(known.people) >= MOST_ROWS:
        raise too_long()
    book = lists.workbook()
    _make_people(book, SIGNERS, known.headings, map(_cells_of, known.people))
    forms = lists.list_sheet(book, FORMS, dict(zip(FORM_HEADINGS, _FORM_WIDTHS, strict=True)))
    _Rows(forms, _numbered(FORM_HEADINGS)).write(2, map(_form_cells, known.forms))
    lists.finish_list(forms)
    _offer_destinations(forms, _numbered(FORM_HEADINGS)["Goes to"])
    return _packed(book, _Memory(known, "", destinations))


def _make_people(
    book: Workbook, title: str, headings: Iterable[str], people: Iterable[_Texts]
) -> None:
    """Make the sheet of people, as the last one; Include and To decide are its last columns."""
    headings = [ID, NAME, *_further(headings), INCLUDE, TO_DECIDE]
    sheet = lists.list_sheet(book, title, {h: _WIDTHS.get(h, _WIDTH) for h in headings})
    sheet.freeze_panes = "C2"
    for number in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(number)].number_format = _TEXT
    _Rows(sheet, _numbered(headings)).write(2, people)
    lists.finish_list(sheet)
    _mark_decisions(sheet, _numbered(headings))


def _numbered(headings: Iterable[str]) -> dict[str, int]:
    return {heading: number for number, heading in enumerate(headings, 1)}


def _further(headings: Iterable[str]) -> list[str]:
    """Return the headings that are none of the list's own."""
    own = {folded(heading) for heading in (ID, NAME, INCLUDE, TO_DECIDE)}
    return [heading for heading in headings if folded(heading) not in own]


_Texts = Mapping[str, str | int | dt.date]
"""What a row's cells hold, by heading; blank ones may be absent."""


def _cells_of(person: ListedPerson) -> dict[str, str]:
    fields = {h: person.fields[h] for h in (NAME, *_further(person.fields)) if h in person.fields}
    own = {ID: person.id, INCLUDE: person.include, TO_DECIDE: person.to_decide}
    return {**fields, **{heading: text for heading, text in own.items() if text}}


def _form_cells(form: FormMemory) -> dict[str, str | int | dt.date]:
    goes_to = spoken_destination(form.goes_to)
    values = (form.form, form.heading, form.filled, goes_to, form.yes, form.confirmed)
    found = zip(FORM_HEADINGS, values, strict=True)
    return {heading: value for heading, value in found if value not in {None, ""}}


_TEXT, _DAY = "@", "yyyy-mm-dd"


class _Rows:
    """Writes rows of a sheet whose columns are known by their headings."""

    def __init__(self, sheet: Worksheet, numbers: Mapping[str, int]) -> None:
        self._sheet, self._numbers = sheet, numbers
        self._styles = {kind: self._style(*kind) for kind in _KINDS}

    def _style(self, number_format: str, quoted: bool) -> Any:  # noqa: ANN401, FBT001
        cell = Cell(self._sheet, row=1, column=1)
        if _has_style(self._sheet, lists.PLAIN):
            cell.style = lists.PLAIN
        cell.number_format = number_format
        cell.quotePrefix = quoted
        return cell._style  # type: ignore[attr-defined] # noqa: SLF001 - much faster so

    def write(self, first: int, rows: Iterable[_Texts]) -> None:
        """Write new rows from a row on."""
        for number, row in enumerate(rows, first):
            lined = dict.fromkeys((h for h in _LINED if h in self._numbers), "")
            for heading, value in {**lined, **row}.items():
                cell = self._sheet.cell(number, self._numbers[heading])
                cell._style = copy(self._styles[_kind(value)])  # type: ignore[union-attr] # noqa: SLF001
                _set(cell, value)

    def change(self, row: int, cells: _Texts) -> None:
        """Give cells of a row that is there another value; formulas of staff's stay.

        FaultError where that would keep `no` out of Include.
        """
        for heading, value in cells.items():
            cell = self._sheet.cell(row, self._numbers[heading])
            is_held = not isinstance(cell, Cell) or cell.data_type == "f"
            if is_held and heading == INCLUDE:  # who does not agree would be printed
                raise FaultError(_held(cell.coordinate))
            if isinstance(cell, Cell) and not is_held:
                as_text = cell.number_format == _TEXT
                _set(cell, value)
                if _kind(value)[1]:
                    cell.quotePrefix = True
                if isinstance(value, dt.date) and as_text:
                    cell.number_format = _DAY


def _held(cell: str) -> Fault:
    return messages.fault("list-include-held", cell=cell)


def _has_style(sheet: Worksheet, name: str) -> bool:
    return sheet.parent is not None and name in sheet.parent.named_styles


_LINED = (INCLUDE, TO_DECIDE, *FORM_HEADINGS)
"""Columns of the program's whose blank cells look as the others."""

_KINDS = ((_TEXT, False), (_TEXT, True), ("0", False), (_DAY, False))


def _kind(value: str | int | dt.date) -> tuple[str, bool]:
    if isinstance(value, str):
        return _TEXT, FORMULA_START.match(value) is not None
    return ("0" if isinstance(value, int) else _DAY), False


def _set(cell: Cell | MergedCell, value: str | int | dt.date) -> None:
    """Set a value; a text is one, whatever it begins with."""
    cell.value = (lists.cleaned(value) or None) if isinstance(value, str) else value
    if isinstance(value, str) and cell.value is not None:
        cell.data_type = "s"


def _mark_decisions(sheet: Worksheet, numbers: Mapping[str, int]) -> None:
    """Let rows that wait for a decision be seen, and Include offer its words.

    A row of which Include was emptied waits no more, whatever stands in To decide.
    """
    include, reason = (get_column_letter(numbers[h]) for h in (INCLUDE, TO_DECIDE))
    look = DifferentialStyle(fill=PatternFill("solid", bgColor="FFF3CD"))
    waits = f'AND(LEN(${reason}2)>0,LEN(${include}2)>0,${include}2<>"yes")'
    rule = Rule("expression", formula=[waits], dxf=look)
    sheet.conditional_formatting.add(f"A2:{reason}{_LAST_ROW}", rule)
    words = DataValidation("list", formula1='"yes,no"', allow_blank=True)
    words.add(f"{include}2:{include}{_LAST_ROW}")
    sheet.add_data_validation(words)


def _offer_destinations(sheet: Worksheet, column: int) -> None:
    letter = get_column_letter(column)
    words = DataValidation("list", formula1=_OPTIONS, allow_blank=True)
    words.add(f"{letter}2:{letter}{_LAST_ROW}")
    sheet.add_data_validation(words)


# The sheet Memory, and the whole file. Its part is made here: openpyxl would hold it cell by cell.


@dataclass(frozen=True, slots=True)
class _Memory:
    """What is to stand in the sheet Memory. `before` is the hash of the list as it was."""

    known: SignerList
    before: str
    destinations: Sequence[str]

    @property
    def words(self) -> list[str]:
        """What Goes to offers."""
        headings = (*self.destinations, NAME, *_further(self.known.headings))
        usual = (CONSENT, SUBMISSION, EMAIL, ORDER, LEAVE_OUT)
        every = dict.fromkeys((*headings, *usual))
        return [*map(spoken_destination, every)]

    def rows(self, number: int) -> Iterator[list[str]]:
        """Yield the cells of each row as XML, from left to right; `number` is the seal."""
        facts = _pieces(memory_facts(self.known, self.before))
        yield [_xml_cell("A1", MEMORY), f'<c r="B1"><v>{number}</v></c>', *_xml_texts(1, 3, facts)]
        for row, (key, text) in enumerate(memory_rows(self.known), 2):
            yield [*_xml_texts(row, 1, (key, *_pieces(text)))]

    def data(self, number: int) -> bytearray:
        """Return what stands in its sheetData."""
        column, made = get_column_letter(OPTIONS_COLUMN), bytearray(b"<sheetData>")
        for row, (cells, word) in enumerate(zip_longest(self.rows(number), self.words), 1):
            last = [_xml_cell(f"{column}{row}", word)] if word else []
            made += f'<row r="{row}">{"".join((*(cells or ()), *last))}</row>'.encode()
        made += b"</sheetData>"
        return made


def _pieces(text: str) -> list[str]:
    """Return a text in pieces that cells can hold."""
    return [text[at : at + MOST_TEXT] for at in range(0, len(text), MOST_TEXT)]


def _xml_texts(row: int, first: int, texts: Iterable[str]) -> Iterator[str]:
    for column, text in enumerate(texts, first):
        yield _xml_cell(f"{get_column_letter(column)}{row}", text)


def _xml_cell(name: str, text: str) -> str:
    """Return a cell with a text of its own; no shared string: openpyxl would read it each time."""
    inside = f'<t xml:space="preserve">{escape(lists.cleaned(text))}</t>'
    return f'<c r="{name}" t="inlineStr"><is>{inside}</is></c>'


_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*?</sheetData>", re.DOTALL)


def _without_memory(old: OldWorkbook) -> bytes:
    """Return a list's bytes, the sheet Memory empty."""
    part = _memory_part(old.book)
    if not part:
        return old.data
    package = Package("", old.archive.parts)
    return package.replaced({part: _EMPTY}).write()


_EMPTY = f'<worksheet xmlns="{SPREADSHEETS[0]}"><sheetData/></worksheet>'.encode()


def _memory_part(book: Book) -> str:
    return next((s.part for s in book.sheets if folded(s.name) == folded(MEMORY)), "")


def _packed(book: Workbook, memory: _Memory) -> bytes:
    """Return the workbook's bytes, with the sheet Memory in its place, or as the last one."""
    name = next((n for n in book.sheetnames if folded(n) == folded(MEMORY)), "")
    if not name:
        name = MEMORY
        book.create_sheet(name).sheet_state = "veryHidden"
    column = get_column_letter(OPTIONS_COLUMN)
    place = f"'{name}'!${column}$1:${column}${len(memory.words)}"
    book.defined_names[_OPTIONS] = DefinedName(_OPTIONS, attr_text=place)
    out = io.BytesIO()
    with openpyxl_errors(), open_zip(out) as archive:
        write_other_parts(book, archive)
    for sheet in book.worksheets:
        sheet._cells.clear()  # noqa: SLF001 - they are written, and weigh more than Memory
    data = out.getvalue()
    made, part = open_archive(data, EXCEL), _memory_part(parse_book(data, LIST_FILE))
    package = Package("", made.parts)
    filled = _SHEET_DATA.sub(lambda _: memory.data(seal(data)), made.read(part), count=1)
    return package.replaced({part: filled}).write()


# A list that is there, brought up to date: what staff did in it stays.


class _Update:
    """What changes in the file, and where."""

    def __init__(
        self,
        stored: StoredList,
        after: SignerList,
        destinations: Sequence[str],
        emptied: AbstractSet[int],
    ) -> None:
        assert stored.columns is not None  # noqa: S101 - of a file that is there
        self._stored, self._after, self._destinations = stored, after, destinations
        self._columns, self._emptied = stored.columns, emptied
        there = {person.row: person for person in stored.list.people}
        self._new = [_cells_of(p) for p in after.people if p.row not in there]
        rows = ((p, there[p.row]) for p in after.people if p.row in there)
        self._changes = {p.row: cells for p, old in rows if (cells := _changed(old, p))}
        self._changed_forms, self._new_forms = self._forms()
        if len(there) + len(self._new) >= MOST_ROWS:
            raise too_long()

    def _forms(self) -> tuple[dict[int, _Texts], list[_Texts]]:
        before = {(f.form, f.heading): f for f in self._stored.list.forms}
        changed, new = dict[int, _Texts](), list[_Texts]()
        for form in self._after.forms:
            key = form.form, form.heading
            row, old = self._stored.form_rows.get(key), before.get(key)
            if row is None or old is None:
                new.append(_form_cells(form))
            elif form != old:
                changed[row] = _differing(_form_cells(old), _form_cells(form))
        return changed, new

    @property
    def touched(self) -> _Touched:
        """The cells of the old file that may hold something else afterwards."""
        columns, forms = self._columns, self._stored.form_columns
        cells = {
            (columns.sheet, row, columns.numbers[heading])
            for row, changed in self._changes.items()
            for heading in changed
            if heading in columns.numbers
        }
        if forms:
            cells |= {
                (forms.sheet, row, forms.numbers[heading])
                for row, changed in self._changed_forms.items()
                for heading in changed
                if heading in forms.numbers
            }
        rows = {(columns.sheet, row) for row in self._emptied}
        rows |= {(columns.sheet, columns.heading_row)} if self._is_first else set()
        return _Touched(frozenset(cells), frozenset(rows))

    def write(self, old: OldWorkbook, out: BinaryIO) -> None:
        """Write the new file. FaultError where openpyxl cannot carry the old one."""
        with openpyxl_errors():
            names = [sheet.name for sheet in old.book.sheets]
            book = load_for_update(_without_memory(old), names)
        if self._is_first:
            self._make_people_anew(book)
        else:
            self._write_people(book[self._columns.sheet])
        if self._changed_forms or self._new_forms:
            self._write_forms(book)
        out.write(_packed(book, _Memory(self._after, _hash(old.data), self._destinations)))

    @property
    def _is_first(self) -> bool:
        """Whether the sheet has nothing but the program's own headings, and people come now."""
        own = {ID, NAME, INCLUDE, TO_DECIDE}
        is_bare = not self._stored.list.people and self._columns.numbers.keys() == own
        return is_bare and self._columns.heading_row == 1 and bool(self._new)

    def _make_people_anew(self, book: Workbook) -> None:
        """Make the sheet once more with all its headings: Include and To decide stay the last."""
        sheet = book[self._columns.sheet]
        if _used(sheet)[0] > 1 or not _has_style(sheet, lists.HEADING):
            self._write_people(sheet)
            return
        title, at = sheet.title, book.index(sheet)
        book.remove(sheet)
        _make_people(book, title, self._after.headings, self._new)
        book.move_sheet(title, at + 1 - len(book.sheetnames))

    def _write_people(self, sheet: Worksheet) -> None:
        changed = (*self._changes.values(), *self._new)
        headings = dict.fromkeys(h for cells in changed for h in cells)
        numbers = _with_columns(sheet, self._columns, headings)
        rows = _Rows(sheet, numbers)
        for row, cells in self._changes.items():
            rows.change(row, cells)
        for row in self._emptied:
            _empty(sheet, row)
        rows.write(_make_room(sheet, self._columns.heading_row, len(self._new)), self._new)

    def _write_forms(self, book: Workbook) -> None:
        at = self._stored.form_columns
        if at is None:
            at = _new_forms_sheet(book)
        sheet = book[at.sheet]
        rows = _Rows(sheet, _with_columns(sheet, at, FORM_HEADINGS))
        for row, cells in self._changed_forms.items():
            rows.change(row, cells)
        rows.write(_make_room(sheet, at.heading_row, len(self._new_forms)), self._new_forms)


@dataclass(frozen=True, slots=True)
class _Touched:
    """Single cells, whole rows, and all of the sheet Memory."""

    cells: frozenset[tuple[str, int, int]]
    rows: frozenset[tuple[str, int]]

    def __contains__(self, cell: object) -> bool:
        if not isinstance(cell, tuple):
            return False
        in_memory = folded(cell[0]) == folded(MEMORY)
        return cell in self.cells or cell[:2] in self.rows or in_memory


def _empty(sheet: Worksheet, row: int) -> None:
    """Make all cells of a row blank, with what hangs on them."""
    for cell in sheet[row]:
        if isinstance(cell, Cell):
            cell.value = cell.comment = cell.hyperlink = None


def _changed(old: ListedPerson, new: ListedPerson) -> _Texts:
    """Return the cells of a row that are to say something else, but for its ID."""
    return {h: v for h, v in _differing(_cells_of(old), _cells_of(new)).items() if h != ID}


def _differing(old: _Texts, new: _Texts) -> _Texts:
    return {h: new.get(h, "") for h in {**old, **new} if old.get(h, "") != new.get(h, "")}


def _new_forms_sheet(book: Workbook) -> ListColumns:
    """Make the sheet Forms again that staff deleted, or put its headings below what they left."""
    numbers = _numbered(FORM_HEADINGS)
    if FORMS in book.sheetnames:
        sheet, top = book[FORMS], _used(book[FORMS])[0] + 2
    else:
        sheet, top = book.create_sheet(FORMS, 1), 1
        _offer_destinations(sheet, numbers["Goes to"])
        lists.set_up_page(sheet, [*_FORM_WIDTHS])
    return ListColumns(FORMS, top, {})


def _with_columns(sheet: Worksheet, at: ListColumns, headings: Iterable[str]) -> Mapping[str, int]:
    """Return where the columns are, those that are missing put right of all that is used."""
    missing = [heading for heading in headings if heading not in at.numbers]
    right = _used(sheet)[1]
    added = {heading: number for number, heading in enumerate(missing, right + 1)}
    for heading, number in added.items():
        cell = sheet.cell(at.heading_row, number)
        _set(cell, heading)
        if _has_style(sheet, lists.HEADING):
            cell.style = lists.HEADING
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = _WIDTHS.get(heading, _WIDTH)
    filtered = CellRange(sheet.auto_filter.ref) if sheet.auto_filter.ref else None
    if added and filtered and filtered.max_col == right:
        filtered.expand(right=len(added))
        sheet.auto_filter.ref = filtered.coord
    return {**at.numbers, **added}


def _used(sheet: Worksheet) -> tuple[int, int]:
    """Return the last row and the last column that hold something."""
    cells = [place for place, cell in sheet._cells.items() if cell.value is not None]  # noqa: SLF001
    merged = [cells.bounds for cells in sheet.merged_cells.ranges]
    rows = (*(row for row, _ in cells), *(bottom for *_, bottom in merged))
    columns = (*(column for _, column in cells), *(right for _, _, right, _ in merged))
    return max(rows, default=0), max(columns, default=0)


def _make_room(sheet: Worksheet, top: int, rows: int) -> int:
    """Return the row where new rows begin; what reaches down to the last one is made longer."""
    bottom, right = _used(sheet)
    if rows:
        stretch(sheet, (top, right, bottom), rows)
        for table in sheet.tables.values():
            if CellRange(table.ref).max_row == bottom and not table.totalsRowCount:
                resize(table, down=rows)
    return bottom + 1
