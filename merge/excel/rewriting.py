"""Update staff's workbooks with openpyxl, without data loss."""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple, cast

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.print_settings import PrintArea
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from merge.excel.round_trip import openpyxl_errors

_DEFAULT_CREATOR = "openpyxl"
"""Author that openpyxl sets if the file has none."""


class _OpenpyxlReader(ExcelReader):
    """openpyxl's reader, with two changes that prevent losses.

    1. Numbers stay numbers, whatever their format is. openpyxl would turn each number in a date
       format into a date, and 20261125 in such a cell into #VALUE!.
    2. The boxes of comments keep their size.
    """

    def read_worksheets(self) -> None:
        self.wb._date_formats = set()  # type: ignore[attr-defined] # noqa: SLF001
        self.wb._timedelta_formats = set()  # type: ignore[attr-defined] # noqa: SLF001
        super().read_worksheets()
        for sheet in self.wb.worksheets:
            for link in sheet._rels:  # type: ignore[attr-defined] # noqa: SLF001
                if link.Type.endswith("/vmlDrawing"):
                    _restore_box_sizes(sheet, self.archive.read(link.target))


def _restore_box_sizes(sheet: Worksheet, drawing: bytes) -> None:
    for box in find_comment_boxes(drawing):
        comment = sheet.cell(box.row, box.column).comment
        if comment:
            comment.width, comment.height = box.width, box.height


def load_for_update(data: bytes, sheets: Iterable[str]) -> Workbook:
    """Return a workbook loaded by openpyxl, with what openpyxl usually loses.

    Raise any exception if openpyxl cannot read it, or misses one of `sheets`.
    """
    reader = _OpenpyxlReader(BytesIO(_double_escapes(data)), rich_text=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `find_losses` reports what it omits
        reader.read()
    if not set(sheets) <= set(reader.wb.sheetnames):
        raise ValueError("a sheet would be lost")
    if reader.wb.properties.creator == _DEFAULT_CREATOR:
        reader.wb.properties.creator = None
    return reader.wb


_ESCAPE, _DOUBLED_ESCAPE = b"x005F_", b"x005Fx005F__"
"""Excel's escape of a `_`, and its doubled form.

openpyxl decodes the escape (ECMA-376 part 1, 22.4.2.4) in texts but does not write it again. The
doubled form becomes the escape.
"""


def _double_escapes(data: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = archive.namelist()
        if not any(_ESCAPE in archive.read(name) for name in names):
            return data
        stream = BytesIO()
        with open_zip(stream) as copy:
            for name in names:
                copy.writestr(name, archive.read(name).replace(_ESCAPE, _DOUBLED_ESCAPE))
    return stream.getvalue()


def replace_sheet(data: bytes, name: str, rows: Iterable[Sequence[object]]) -> bytes:
    """Return a workbook's bytes in which new rows replace a sheet.

    The replaced sheet is the one of the same name. Texts stay texts, whatever they begin with.
    Raise FaultError if the workbook cannot be written without damage.
    """
    with openpyxl_errors():
        book = load_for_update(data, ())
        index = len(book.sheetnames)
        if name in book.sheetnames:
            index = book.sheetnames.index(name)
            del book[name]
        sheet: Worksheet = book.create_sheet(name, index)
        for number, values in enumerate(rows, 1):
            for column, value in enumerate(values, 1):
                cell = sheet.cell(number, column)
                cell.value = value  # type: ignore[assignment] # what openpyxl writes
                if isinstance(value, str):
                    cell.data_type = "s"
        for column in range(1, sheet.max_column + 1):
            sheet.column_dimensions[get_column_letter(column)].width = 26
        sheet.freeze_panes = "A2"
        return workbook_bytes(book)


# Extending a table: ranges that reach to its end also reach to its new end.


def extend_ranges(sheet: Worksheet, area: tuple[int, int, int], more: int) -> None:
    """Extend the ranges that reach to the end of an area by `more` rows.

    These are filters, validations, conditional formats and print areas. The area is given by the
    row of its headings, its last column and its last row.
    """
    top, right, bottom = area
    for cell_range in _format_and_validation_ranges(sheet):
        left, first, _, last = cell_range.bounds
        if left <= right and first > top and last == bottom:
            cell_range.expand(down=more)
    filter_range = CellRange(sheet.auto_filter.ref) if sheet.auto_filter.ref else None
    if filter_range and filter_range.max_row == bottom:
        filter_range.expand(down=more)
        sheet.auto_filter.ref = filter_range.coord
    print_ranges = PrintArea.from_string(sheet.print_area or "").sorted()
    for cell_range in print_ranges:
        if cell_range.max_row == bottom and cell_range.min_col <= right:
            cell_range.expand(down=more)
    if print_ranges:
        sheet.print_area = ",".join(cell_range.coord for cell_range in print_ranges)


def _format_and_validation_ranges(sheet: Worksheet) -> Iterator[CellRange]:
    """Yield the ranges of conditional formats and data validations."""
    for formatting in sheet.conditional_formatting:
        yield from formatting.sqref.ranges
    for validation in sheet.data_validations.dataValidation:
        yield from validation.sqref.ranges


def extend_table(table: Table, right: int = 0, down: int = 0) -> None:
    """Extend an Excel table and its filter, which has no row of totals."""
    cell_range = CellRange(table.ref)
    cell_range.expand(right=right, down=down)
    table.ref = cell_range.coord
    if table.autoFilter is not None:
        cell_range.shrink(bottom=table.totalsRowCount or 0)
        table.autoFilter.ref = cell_range.coord


# Writing the sheets of an openpyxl workbook directly into a zip.
#
# openpyxl itself first writes every sheet into a temporary file outside the campaign's folder. The
# file contains the names of all signers, and stays there if the run is killed.


class _UndatedZip(zipfile.ZipFile):
    """A zip whose parts are dated 1980: `writestr` refuses some clocks."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any) -> None:  # noqa: ANN401 - zipfile's signature
        with self.open(zinfo_or_arcname, "w") as part:
            part.write(data.encode() if isinstance(data, str) else data)


@contextmanager
def open_zip(out: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Yield a zip to write, which is complete at the end.

    After an error, nothing more is written to it.
    """
    archive = _UndatedZip(out, "w", zipfile.ZIP_DEFLATED)
    try:
        yield archive
        archive.close()
    except BaseException:
        archive.fp = None  # otherwise it retries when it is deleted, and prints the error
        raise


@contextmanager
def open_sheet_part(
    archive: zipfile.ZipFile, sheet: Worksheet, number: int
) -> Iterator[WorksheetWriter]:
    """Yield a writer for the XML of a sheet in the workbook's zip.

    It must be used at once. `number` is the sheet's position among the tabs.
    """
    sheet._id = number  # type: ignore[attr-defined] # noqa: SLF001
    with archive.open(sheet.path.removeprefix("/"), "w") as part:
        writer = WorksheetWriter(sheet, part)
        sheet._writer = writer  # type: ignore[attr-defined] # noqa: SLF001
        try:
            yield writer
        except BaseException:
            with suppress(Exception):
                writer.close()  # this error has already been raised
            raise


@contextmanager
def open_sheet_rows(
    archive: zipfile.ZipFile, sheet: Worksheet, number: int, first: Iterable[Cell | MergedCell]
) -> Iterator[BinaryIO]:
    """Yield a stream for the XML of a sheet's rows, after the first row.

    `first` are the cells of that row. The contents of a sheet after its rows are written at the
    end. See `open_sheet_part`.
    """
    with open_sheet_part(archive, sheet, number) as writer:
        writer.write_top()
        body: Any = writer.xf.send(True)  # noqa: FBT003 - openpyxl requests lxml's stream so
        with body.element("sheetData"):
            writer.write_row(body, first, 1)
            body.flush()
            yield cast("BinaryIO", writer.out)
        writer.xf.send(None)
        writer.write_tail()
        writer.close()


class _OpenpyxlWriter(ExcelWriter):
    """openpyxl's writer, without sheets that are already in the zip."""

    def write_worksheet(self, ws: Any) -> None:  # noqa: ANN401 - openpyxl's signature
        ws._drawing = SpreadsheetDrawing()  # noqa: SLF001
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images  # noqa: SLF001
        if getattr(ws, "_writer", None) is None:
            archive = self._archive  # type: ignore[attr-defined]
            with open_sheet_part(archive, ws, ws._id) as writer:  # noqa: SLF001
                writer.write()
        ws._rels = ws._writer._rels  # noqa: SLF001
        self.manifest.append(ws)


def write_other_parts(book: Workbook, archive: zipfile.ZipFile) -> None:
    """Write all parts of the workbook that are not in the zip yet."""
    book.properties.modified = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    _OpenpyxlWriter(book, archive).write_data()


def workbook_bytes(book: Workbook) -> bytes:
    """Return the .xlsx of a workbook.

    Unlike openpyxl's `save`, this writes no temporary files.
    """
    stream = BytesIO()
    with open_zip(stream) as archive:
        write_other_parts(book, archive)
    return stream.getvalue()


# Sizes of a sheet's comment boxes, from its legacy drawing ([MS-OI29500] 2.1.1820).

_SHAPE_END = re.compile(rb"</\w+:shape>")
_BOX_SIZE = re.compile(rb"[;\"'\s](width|height):([\d.]+)(pt|px)")
_BOX_CELL = re.compile(rb"<\w+:(Row|Column)>(\d+)<")
_PIXELS_PER_UNIT = {b"pt": 96 / 72, b"px": 1.0}


class CellCommentBox(NamedTuple):
    """A comment's cell, counted from 1, and the size of its box in pixels."""

    row: int
    column: int
    width: int
    height: int


def find_comment_boxes(drawing: bytes) -> Iterator[CellCommentBox]:
    """Yield the boxes of all cell comments that have a known size."""
    for shape in _SHAPE_END.split(drawing):
        sizes = {
            name: float(n) * _PIXELS_PER_UNIT[unit] for name, n, unit in _BOX_SIZE.findall(shape)
        }
        cell = {name: int(number) + 1 for name, number in _BOX_CELL.findall(shape)}
        if len(sizes) == len(cell) == 2:
            width, height = round(sizes[b"width"]), round(sizes[b"height"])
            yield CellCommentBox(cell[b"Row"], cell[b"Column"], width, height)
