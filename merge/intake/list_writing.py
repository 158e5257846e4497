"""Writing of the list of signers: created, or updated in place.

Staff's work in it stays: only changed cells are written, and new people at the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from copy import copy
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, BinaryIO

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
from merge.errors import FaultError
from merge.excel import lists
from merge.excel.reader import MAX_ROWS
from merge.excel.rewriting import (
    extend_ranges,
    extend_table,
    load_for_update,
    workbook_bytes,
)
from merge.excel.round_trip import openpyxl_errors, register_too_long_error
from merge.excel.saving import (
    FORMULA_START,
    OldWorkbook,
    draft_beside,
    move_into_place,
    replace_workbook,
)
from merge.intake.destinations import (
    CONSENT,
    DO_NOT_IMPORT,
    EMAIL,
    INCLUDE,
    NAME,
    RESPONSE_DATE,
    RESPONSE_ID,
    base_heading,
    destination_label,
    is_protected,
)
from merge.intake.list_backup import keep_backup, list_errors
from merge.intake.list_memory import (
    MEMORY_SHEET,
    OPTIONS_COLUMN,
    ImportToken,
    answer_entries,
    list_hash,
    new_token,
)
from merge.intake.list_types import ListedPerson, RememberedColumn, SignerList
from merge.intake.signer_list import (
    FORM_HEADINGS,
    FORMS,
    ID,
    SIGNERS,
    TO_DECIDE,
    ListColumns,
    StoredSignerList,
    other_headings,
)
from merge.problems import Fault
from merge.state.entries import ImportEntry
from merge.state.ledger import Ledger
from merge.state.ledger_records import LedgerChangeSet
from merge.text.folding import folded
from merge.workbook.reading import PREVIOUS_LIST_FILE


@dataclass(frozen=True, slots=True)
class WrittenList:
    """The result of writing the signer list: lost contents, previous file."""

    losses: tuple[str, ...] = ()
    backup_path: Path | None = None


def write_list(
    stored: StoredSignerList,
    after: SignerList,
    ledger: Ledger,
    *,
    keep_copy: bool = True,
    emptied_rows: AbstractSet[int] = frozenset(),
) -> WrittenList:
    """Write the list of signers in place of the file that was read.

    Before that, the ledger gets what is kept of people. The previous file is kept as
    PREVIOUS_LIST_FILE, in place of an earlier one. It is not kept if `keep_copy` is false and
    nothing is lost. In `emptied_rows` all cells become blank, including staff's own.

    Raise StorageError if the file is open, was saved since it was read, or cannot be written
    without loss. In that case it is unchanged.
    """
    memory = _MemorySheet(after, ImportToken(new_token(), after.salt))
    with list_errors():
        if stored.state_when_read is None:
            data = _create_list(memory)
            with draft_beside(stored.path, lambda out: out.write(data)) as draft:
                _record_import(ledger, stored, memory, data)
                move_into_place(draft, stored.path, None)
            return WrittenList()
        update = _SignerListUpdate(stored, memory, emptied_rows)
        backups = list[Path]()

        @contextmanager
        def keep_previous(previous: OldWorkbook) -> Iterator[None]:
            path = stored.folder / PREVIOUS_LIST_FILE
            with keep_backup(path, backups, previous, always=keep_copy):
                _record_import(ledger, stored, memory, update.data)
                yield

        replaced = replace_workbook(
            stored.path, stored.state_when_read, update.write, update.changed_cells, keep_previous
        )
    return WrittenList(replaced.losses, next(iter(backups), None))


def _record_import(
    ledger: Ledger, stored: StoredSignerList, memory: _MemorySheet, data: bytes
) -> None:
    """Record an import that will be written, and what it keeps of people."""
    token, after = memory.last_import.token, memory.signer_list
    entry = ImportEntry(
        token=token,
        after=stored.token,
        confirmed={**after.confirmation_hashes},
        written=list_hash(data),
        previous=list_hash(stored.data),
    )
    ledger.commit(LedgerChangeSet(imports=[entry, *answer_entries(stored.list, after, token)]))


@dataclass(frozen=True, slots=True)
class _MemorySheet:
    """The content of the list's hidden Memory sheet."""

    signer_list: SignerList
    last_import: ImportToken

    @property
    def offered_destinations(self) -> list[str]:
        """Options for the Goes to column of the Forms sheet."""
        filled = (base_heading(form.goes_to) for form in self.signer_list.forms)
        headings = (NAME, *other_headings(self.signer_list.headings), *filter(None, filled))
        destinations = dict.fromkeys(h for h in headings if h not in _KEYWORDS)
        words = (*destinations, *_KEYWORDS)
        return [destination_label(word) for word in words if not is_protected(word)]

    def write(self, book: Workbook) -> None:
        """Write the sheet into a workbook, in its place or as the last one."""
        name = next((n for n in book.sheetnames if folded(n) == folded(MEMORY_SHEET)), "")
        if not name:
            name = MEMORY_SHEET
            book.create_sheet(name).sheet_state = "veryHidden"
        sheet, options = book[name], self.offered_destinations
        sheet._cells.clear()  # noqa: SLF001 - the options may be fewer now
        for column, text in enumerate((MEMORY_SHEET, *astuple(self.last_import)), 1):
            _set_value(sheet.cell(1, column), text)
        for row, option in enumerate(options, 1):
            _set_value(sheet.cell(row, OPTIONS_COLUMN), option)
        column_name = get_column_letter(OPTIONS_COLUMN)
        place = f"'{name}'!${column_name}$1:${column_name}${len(options)}"
        book.defined_names[_DESTINATIONS_RANGE] = DefinedName(_DESTINATIONS_RANGE, attr_text=place)


# A new list.


_WIDTHS = {ID: 8, NAME: 30, INCLUDE: 10, TO_DECIDE: 44}
_WIDTH = 24
_FORM_WIDTHS = (24, 50, 10, 26, 40, 16)
_LAST_ROW = 1_048_576

_KEYWORDS = (CONSENT, RESPONSE_ID, EMAIL, RESPONSE_DATE, DO_NOT_IMPORT)
"""Destinations of a form's columns that are not columns of the list."""

_DESTINATIONS_RANGE = "Goes_to"
"""Name of the range with the options for Goes to.

The name stays valid if staff sort and insert rows."""


def _create_list(memory: _MemorySheet) -> bytes:
    """Return the bytes of a new workbook with a list of signers."""
    signer_list = memory.signer_list
    if len(signer_list.people) >= MAX_ROWS:
        raise register_too_long_error()
    book = lists.new_list_workbook()
    _create_signers_sheet(
        book, SIGNERS, signer_list.headings, map(_person_cells, signer_list.people)
    )
    forms = lists.list_sheet(book, FORMS, dict(zip(FORM_HEADINGS, _FORM_WIDTHS, strict=True)))
    _RowWriter(forms, _column_numbers(FORM_HEADINGS)).write(2, map(_form_cells, signer_list.forms))
    lists.finish_list(forms)
    _offer_destinations(forms, _column_numbers(FORM_HEADINGS)["Goes to"])
    return _pack_workbook(book, memory)


def _create_signers_sheet(
    book: Workbook, title: str, headings: Iterable[str], people: Iterable[_CellValues]
) -> None:
    """Add the sheet of signers to a new list, as its last sheet.

    Include and To decide are its last columns.
    """
    headings = [ID, NAME, *other_headings(headings), INCLUDE, TO_DECIDE]
    sheet = lists.list_sheet(book, title, {h: _WIDTHS.get(h, _WIDTH) for h in headings})
    sheet.freeze_panes = "C2"
    for number in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(number)].number_format = _TEXT
    _RowWriter(sheet, _column_numbers(headings)).write(2, people)
    lists.finish_list(sheet)
    _highlight_reviews(sheet, _column_numbers(headings))


def _column_numbers(headings: Iterable[str]) -> dict[str, int]:
    return {heading: number for number, heading in enumerate(headings, 1)}


_CellValues = Mapping[str, str | int | dt.date]
"""Values of a row's cells, by heading; blank ones may be absent."""


def _person_cells(person: ListedPerson) -> dict[str, str]:
    headings = (NAME, *other_headings(person.fields))
    fields = {h: person.fields[h] for h in headings if h in person.fields}
    program_cells = {ID: person.id, INCLUDE: person.include, TO_DECIDE: person.to_decide}
    return {**fields, **{heading: text for heading, text in program_cells.items() if text}}


def _form_cells(form: RememberedColumn) -> dict[str, str | int | dt.date]:
    goes_to = destination_label(form.goes_to)
    values = (
        form.form,
        form.heading,
        form.filled_count,
        goes_to,
        form.quoted_yes_words,
        form.confirmed_on,
    )
    cells = zip(FORM_HEADINGS, values, strict=True)
    return {heading: value for heading, value in cells if value not in {None, ""}}


_TEXT, _DAY = "@", "yyyy-mm-dd"


class _RowWriter:
    """Writer of rows on a sheet whose columns are known by their headings."""

    def __init__(self, sheet: Worksheet, numbers: Mapping[str, int]) -> None:
        self._sheet, self._numbers = sheet, numbers
        self._styles = {kind: self._style(*kind) for kind in _CELL_KINDS}

    def _style(self, number_format: str, quoted: bool) -> Any:  # noqa: ANN401, FBT001
        cell = Cell(self._sheet, row=1, column=1)
        if _has_style(self._sheet, lists.PLAIN):
            cell.style = lists.PLAIN
        cell.number_format = number_format
        cell.quotePrefix = quoted
        return cell._style  # type: ignore[attr-defined] # noqa: SLF001 - much faster

    def write(self, first: int, rows: Iterable[_CellValues]) -> None:
        """Write new rows into the list, from a row number on."""
        for number, row in enumerate(rows, first):
            styled = dict.fromkeys((h for h in _STYLED_WHEN_BLANK if h in self._numbers), "")
            for heading, value in {**styled, **row}.items():
                cell = self._sheet.cell(number, self._numbers[heading])
                cell._style = copy(self._styles[_cell_kind(value)])  # type: ignore[union-attr] # noqa: SLF001
                _set_value(cell, value)

    def change_row(self, row: int, cells: _CellValues) -> None:
        """Change cells of a row in the list, except staff's formulas.

        Raise FaultError if a formula is in the way of `no` in Include.
        """
        for heading, value in cells.items():
            cell = self._sheet.cell(row, self._numbers[heading])
            is_locked = not isinstance(cell, Cell) or cell.data_type == "f"
            # Without `no`, letters would be created for someone who refused.
            if is_locked and heading == INCLUDE:
                raise FaultError(_locked_include_fault(cell.coordinate))
            if isinstance(cell, Cell) and not is_locked:
                as_text = cell.number_format == _TEXT
                _set_value(cell, value)
                if _cell_kind(value)[1]:
                    cell.quotePrefix = True
                if isinstance(value, dt.date) and as_text:
                    cell.number_format = _DAY


def _locked_include_fault(cell: str) -> Fault:
    return messages.fault("list-include-held", cell=cell)


def _has_style(sheet: Worksheet, name: str) -> bool:
    return sheet.parent is not None and name in sheet.parent.named_styles


_STYLED_WHEN_BLANK = (INCLUDE, TO_DECIDE, *FORM_HEADINGS)
"""The program's columns whose blank cells get a style as well."""

_CELL_KINDS = ((_TEXT, False), (_TEXT, True), ("0", False), (_DAY, False))


def _cell_kind(value: str | int | dt.date) -> tuple[str, bool]:
    if isinstance(value, str):
        return _TEXT, FORMULA_START.match(value) is not None
    return ("0" if isinstance(value, int) else _DAY), False


def _set_value(cell: Cell | MergedCell, value: str | int | dt.date) -> None:
    """Set the value of a list's cell; a text is never a formula."""
    cell.value = (lists.clean_cell_text(value) or None) if isinstance(value, str) else value
    if isinstance(value, str) and cell.value is not None:
        cell.data_type = "s"


def _highlight_reviews(sheet: Worksheet, numbers: Mapping[str, int]) -> None:
    """Highlight rows that need review, and offer yes and no for Include.

    A row whose Include cell was cleared needs no review, whatever To decide contains.
    """
    include, reason = (get_column_letter(numbers[h]) for h in (INCLUDE, TO_DECIDE))
    highlight = DifferentialStyle(fill=PatternFill("solid", bgColor="FFF3CD"))
    needs_review = f'AND(LEN(${reason}2)>0,LEN(${include}2)>0,${include}2<>"yes")'
    rule = Rule("expression", formula=[needs_review], dxf=highlight)
    sheet.conditional_formatting.add(f"A2:{reason}{_LAST_ROW}", rule)
    options = DataValidation("list", formula1='"yes,no"', allow_blank=True)
    options.add(f"{include}2:{include}{_LAST_ROW}")
    sheet.add_data_validation(options)


def _offer_destinations(sheet: Worksheet, column: int) -> None:
    letter = get_column_letter(column)
    options = DataValidation("list", formula1=_DESTINATIONS_RANGE, allow_blank=True)
    options.add(f"{letter}2:{letter}{_LAST_ROW}")
    sheet.add_data_validation(options)


def _pack_workbook(book: Workbook, memory: _MemorySheet) -> bytes:
    """Return the workbook's bytes, with the Memory sheet in place or last."""
    memory.write(book)
    with openpyxl_errors():
        return workbook_bytes(book)


# An existing list, updated: staff's work in it stays.


class _SignerListUpdate:
    """An update of an existing signer list: cells, new rows, forms."""

    def __init__(
        self,
        stored: StoredSignerList,
        memory: _MemorySheet,
        emptied: AbstractSet[int],
    ) -> None:
        assert stored.columns is not None  # noqa: S101 - every existing file has columns
        self._stored, self._memory, self._after = stored, memory, memory.signer_list
        after = self._after
        self.data = b""
        self._columns, self._emptied = stored.columns, emptied
        listed = {person.row: person for person in stored.list.people}
        self._new_rows = [_person_cells(p) for p in after.people if p.row not in listed]
        rows = ((p, listed[p.row]) for p in after.people if p.row in listed)
        self._changes = {
            p.row: cells for p, before in rows if (cells := _changed_person_cells(before, p))
        }
        self._changed_forms, self._new_forms = self._compare_forms()
        if len(listed) + len(self._new_rows) >= MAX_ROWS:
            raise register_too_long_error()

    def _compare_forms(self) -> tuple[dict[int, _CellValues], list[_CellValues]]:
        before = {(f.form, f.heading): f for f in self._stored.list.forms}
        changed, new = dict[int, _CellValues](), list[_CellValues]()
        for form in self._after.forms:
            key = form.form, form.heading
            row, form_before = self._stored.form_rows.get(key), before.get(key)
            if row is None or form_before is None:
                new.append(_form_cells(form))
            elif form != form_before:
                changed[row] = _different_cells(_form_cells(form_before), _form_cells(form))
        return changed, new

    @property
    def changed_cells(self) -> _ChangedCells:
        """Cells of the old list that may differ in the new list."""
        columns, forms = self._columns, self._stored.form_columns
        cells = {*_changed_places(columns, self._changes)}
        if forms:
            cells |= {*_changed_places(forms, self._changed_forms)}
        rows = {(columns.sheet, row) for row in self._emptied}
        rows |= {(columns.sheet, columns.heading_row)} if self._is_first_import else set()
        return _ChangedCells(frozenset(cells), frozenset(rows))

    def write(self, old: OldWorkbook, out: BinaryIO) -> None:
        """Write the new list; raise FaultError if openpyxl would lose contents."""
        with openpyxl_errors():
            names = [sheet.name for sheet in old.book.sheets]
            book = load_for_update(old.data, names)
        if self._is_first_import:
            self._recreate_signers_sheet(book)
        else:
            self._write_people(book[self._columns.sheet])
        if self._changed_forms or self._new_forms:
            self._write_forms(book)
        self.data = _pack_workbook(book, self._memory)
        out.write(self.data)

    @property
    def _is_first_import(self) -> bool:
        """True if the sheet has only the program's headings, and gets people now."""
        program_headings = {ID, NAME, INCLUDE, TO_DECIDE}
        is_bare = not self._stored.list.people and self._columns.numbers.keys() == program_headings
        return is_bare and self._columns.heading_row == 1 and bool(self._new_rows)

    def _recreate_signers_sheet(self, book: Workbook) -> None:
        """Recreate the list's sheet of signers with all its headings.

        Include and To decide stay its last columns.
        """
        sheet = book[self._columns.sheet]
        if _used_size(sheet)[0] > 1 or not _has_style(sheet, lists.HEADING):
            self._write_people(sheet)
            return
        title, at = sheet.title, book.index(sheet)
        book.remove(sheet)
        _create_signers_sheet(book, title, self._after.headings, self._new_rows)
        book.move_sheet(title, at + 1 - len(book.sheetnames))

    def _write_people(self, sheet: Worksheet) -> None:
        changed = (*self._changes.values(), *self._new_rows)
        headings = dict.fromkeys(h for cells in changed for h in cells)
        numbers = _add_missing_columns(sheet, self._columns, headings)
        rows = _RowWriter(sheet, numbers)
        for row, cells in self._changes.items():
            rows.change_row(row, cells)
        for row in self._emptied:
            _clear_row(sheet, row)
        rows.write(
            _make_room(sheet, self._columns.heading_row, len(self._new_rows)), self._new_rows
        )

    def _write_forms(self, book: Workbook) -> None:
        columns = self._stored.form_columns
        if columns is None:
            columns = _create_forms_sheet(book)
        sheet = book[columns.sheet]
        rows = _RowWriter(sheet, _add_missing_columns(sheet, columns, FORM_HEADINGS))
        for row, cells in self._changed_forms.items():
            rows.change_row(row, cells)
        rows.write(_make_room(sheet, columns.heading_row, len(self._new_forms)), self._new_forms)


def _changed_places(
    columns: ListColumns, changes: Mapping[int, _CellValues]
) -> Iterator[tuple[str, int, int]]:
    """Yield the cells of a sheet that change: sheet, row and column."""
    for row, cells in changes.items():
        yield from ((columns.sheet, row, columns.numbers[h]) for h in cells if h in columns.numbers)


@dataclass(frozen=True, slots=True)
class _ChangedCells:
    """The cells that an update of the list may change.

    These are single cells, complete rows, and all of the Memory sheet.
    """

    cells: frozenset[tuple[str, int, int]]
    rows: frozenset[tuple[str, int]]

    def __contains__(self, cell: object) -> bool:
        if not isinstance(cell, tuple):
            return False
        in_memory = folded(cell[0]) == folded(MEMORY_SHEET)
        return cell in self.cells or cell[:2] in self.rows or in_memory


def _clear_row(sheet: Worksheet, row: int) -> None:
    """Clear all cells of a list's row, with their comments and links."""
    for cell in sheet[row]:
        if isinstance(cell, Cell):
            cell.value = cell.comment = cell.hyperlink = None


def _changed_person_cells(old: ListedPerson, new: ListedPerson) -> _CellValues:
    """Return the cells of a person's row that change, except the ID."""
    return {
        h: v for h, v in _different_cells(_person_cells(old), _person_cells(new)).items() if h != ID
    }


def _different_cells(old: _CellValues, new: _CellValues) -> _CellValues:
    return {h: new.get(h, "") for h in {**old, **new} if old.get(h, "") != new.get(h, "")}


def _create_forms_sheet(book: Workbook) -> ListColumns:
    """Recreate the Forms sheet that staff deleted.

    If a part of it is left, its headings are added below that part.
    """
    numbers = _column_numbers(FORM_HEADINGS)
    if FORMS in book.sheetnames:
        sheet, top = book[FORMS], _used_size(book[FORMS])[0] + 2
    else:
        sheet, top = book.create_sheet(FORMS, 1), 1
        _offer_destinations(sheet, numbers["Goes to"])
        lists.set_up_page(sheet, [*_FORM_WIDTHS])
    return ListColumns(FORMS, top, {})


def _add_missing_columns(
    sheet: Worksheet, columns: ListColumns, headings: Iterable[str]
) -> Mapping[str, int]:
    """Add missing columns right of all used cells; return all columns."""
    missing = [heading for heading in headings if heading not in columns.numbers]
    last_column = _used_size(sheet)[1]
    added = {heading: number for number, heading in enumerate(missing, last_column + 1)}
    for heading, number in added.items():
        cell = sheet.cell(columns.heading_row, number)
        _set_value(cell, heading)
        if _has_style(sheet, lists.HEADING):
            cell.style = lists.HEADING
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = _WIDTHS.get(heading, _WIDTH)
    filtered = CellRange(sheet.auto_filter.ref) if sheet.auto_filter.ref else None
    if added and filtered and filtered.max_col == last_column:
        filtered.expand(right=len(added))
        sheet.auto_filter.ref = filtered.coord
    return {**columns.numbers, **added}


def _used_size(sheet: Worksheet) -> tuple[int, int]:
    """Return the last row and the last column of a sheet that have a value."""
    cells = [place for place, cell in sheet._cells.items() if cell.value is not None]  # noqa: SLF001
    merged = [cells.bounds for cells in sheet.merged_cells.ranges]
    rows = (*(row for row, _ in cells), *(bottom for *_, bottom in merged))
    columns = (*(column for _, column in cells), *(right for _, _, right, _ in merged))
    return max(rows, default=0), max(columns, default=0)


def _make_room(sheet: Worksheet, top: int, rows: int) -> int:
    """Return the first row for new rows, and extend what reaches the last row."""
    bottom, right = _used_size(sheet)
    if rows:
        extend_ranges(sheet, (top, right, bottom), rows)
        for table in sheet.tables.values():
            if CellRange(table.ref).max_row == bottom and not table.totalsRowCount:
                extend_table(table, down=rows)
    return bottom + 1
