"""The first register: rows are written as they come, nothing is held but the people's names."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.worksheet.worksheet import Worksheet

from merge.excel.reader import MOST_ROWS
from merge.excel.saving import packing, part_of, too_long, write_rest
from merge.register.counting import Counts, letter_record
from merge.register.dress import LIVE, dress, dress_heading, excel_table, prepare, put
from merge.register.layout import LETTERS, MEMORY, RECIPIENTS, SIGNERS, Column, Layout
from merge.register.memory import Record, packed
from merge.register.records import Entry


def make(entries: Iterable[Entry], out: BinaryIO) -> None:
    """Write a whole register. OSError where the disk is full, NotSaved for too many."""
    book = Workbook(write_only=True)
    book.properties.creator = None
    people = Counts(), Counts()
    with packing(out) as archive:
        _write_sheet(book, archive, LETTERS, _counted(entries, *people))
        for layout, counts in zip((SIGNERS, RECIPIENTS), people, strict=True):
            _write_sheet(book, archive, layout, counts.records())
        write_rest(book, archive)


def _counted(entries: Iterable[Entry], signers: Counts, recipients: Counts) -> Iterator[Record]:
    """The letters' rows; their people are counted on the way."""
    for number, entry in enumerate(entries, 2):
        if number > MOST_ROWS:
            raise too_long()
        record = letter_record(entry)
        signers.add(record.people[0], entry.signer, entry)
        recipients.add(record.people[1], entry.recipient, entry)
        yield record


def _write_sheet(
    book: Workbook, archive: zipfile.ZipFile, layout: Layout, records: Iterable[Record]
) -> None:
    # openpyxl's write-only sheet has what of a Worksheet is asked for here
    sheet = cast("Worksheet", book.create_sheet(layout.sheet))
    prepare(sheet, layout)
    rows, number = _Rows(sheet, layout), 1
    with part_of(archive, sheet, len(book.worksheets)) as writer:
        writer.write_top()
        body: Any = writer.xf.send(True)  # noqa: FBT003 - how openpyxl asks for lxml's stream
        with body.element("sheetData"):
            writer.write_row(body, rows.headings(), number)
            for number, record in enumerate(records, 2):
                writer.write_row(body, rows.filled(record, number), number)
        writer.xf.send(None)
        _add_table(sheet, layout, number)
        writer.write_tail()
        writer.close()


def _add_table(sheet: Worksheet, layout: Layout, last: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its columns must be named here: they are
        sheet.add_table(excel_table(layout, last))


class _Rows:
    """The cells of a sheet's rows: a few for each column, used again in every row."""

    def __init__(self, sheet: Worksheet, layout: Layout) -> None:
        self._sheet, self._layout = sheet, layout
        columns = enumerate((*layout.filled, MEMORY), 1)
        self._columns = [(c, self._cell(n, c), self._cell(n, c)) for n, c in columns]

    def _cell(self, number: int, column: Column) -> Cell:
        cell = WriteOnlyCell(self._sheet)
        cell.column = number
        dress(cell, column)
        return cell

    def headings(self) -> Iterator[Cell]:
        """The first row."""
        for number, column in enumerate(self._layout.columns, 1):
            cell = Cell(self._sheet, row=1, column=number)
            dress_heading(cell, column)
            yield cell

    def filled(self, record: Record, row: int) -> Iterator[Cell]:
        """A row; the second cell of a column is for texts that Excel is told to leave as texts."""
        values = (*record.values, packed(record))
        for (column, cell, quoted), value in zip(self._columns, values, strict=True):
            if value is None or value == "":
                continue
            chosen = quoted if isinstance(value, str) and LIVE.match(value) else cell
            chosen.row = row
            put(chosen, column, value)
            yield chosen
