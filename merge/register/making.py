"""The first register: rows are written as they come, nothing is held but the people's names."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.worksheet.worksheet import Worksheet

from merge.register.counting import Counts, letter_record
from merge.register.dress import LIVE, dress, dress_heading, excel_table, prepare, put
from merge.register.layout import LETTERS, RECIPIENTS, SIGNERS, Column, Layout
from merge.register.memory import Record, Value, packed
from merge.register.records import Entry
from merge.register.saving import DiskErrors


def make(entries: Iterable[Entry], out: BinaryIO) -> None:
    """Write a whole register. OSError where the disk is full."""
    book = Workbook(write_only=True)
    book.properties.creator = None
    letters, people = _Rows(book, LETTERS), (Counts(), Counts())
    for entry in entries:
        record = letter_record(entry)
        letters.append(record)
        people[0].add(record.people[0], entry.signer, entry)
        people[1].add(record.people[1], entry.recipient, entry)
    sheets = [letters]
    for layout, counts in zip((SIGNERS, RECIPIENTS), people, strict=True):
        sheets.append(_Rows(book, layout))
        for record in counts.records():
            sheets[-1].append(record)
    for sheet in sheets:
        sheet.end()
    with DiskErrors():
        book.save(out)


class _Rows:
    """A sheet that grows row by row, and is never held."""

    def __init__(self, book: Workbook, layout: Layout) -> None:
        self._count = 1
        self._layout = layout
        self._sheet = cast("Worksheet", book.create_sheet(layout.sheet))  # as far as it goes
        prepare(self._sheet, layout)
        self._columns = [(column, self._cell(column)) for column in layout.filled]
        headings = [WriteOnlyCell(self._sheet) for _ in layout.columns]
        for cell, column in zip(headings, layout.columns, strict=True):
            dress_heading(cell, column)
        self._sheet.append(headings)

    def _cell(self, column: Column) -> Cell | None:
        """A cell that is used again in every row; None for what needs no look of its own."""
        if column.kind in {"text", "count"}:
            return None
        cell = WriteOnlyCell(self._sheet)
        dress(cell, column)
        return cell

    def append(self, record: Record) -> None:
        """Write a row. OSError where the disk is full."""
        self._count += 1
        columns = zip(self._columns, record.values, strict=True)
        row = [self._content(*column, value) for column, value in columns]
        with DiskErrors():
            self._sheet.append([*row, packed(record)])

    def _content(self, column: Column, cell: Cell | None, value: Value) -> Value | Cell:
        """What openpyxl makes the cell from: the value itself where it can be nothing else."""
        if value is None or value == "":
            return None
        if cell is None:
            if not isinstance(value, str) or not LIVE.match(value):
                return value
            cell = WriteOnlyCell(self._sheet)
        put(cell, column, value)
        return cell

    def end(self) -> None:
        """Make the rows an Excel table."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that its columns must be named here: they are
            self._sheet.add_table(excel_table(self._layout, self._count))
