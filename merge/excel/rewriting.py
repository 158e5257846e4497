"""A workbook of staff's read and written with openpyxl, without what that alone would lose."""

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
"""Whom openpyxl takes for the author where the file names none."""


class _OpenpyxlReader(ExcelReader):
    """openpyxl's own, except for two things that it would lose.

    Numbers stay numbers, whatever their format: it would make a date of each that looks like one,
    and #VALUE! of 20261125 in such a cell. The boxes of comments keep their size.
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
    """Return the workbook as openpyxl carries it. Any exception if it cannot or misses a sheet."""
    reader = _OpenpyxlReader(BytesIO(_double_escapes(data)), rich_text=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it leaves out is told by `find_losses`
        reader.read()
    if not set(sheets) <= set(reader.wb.sheetnames):
        raise ValueError("a sheet would be lost")
    if reader.wb.properties.creator == _DEFAULT_CREATOR:
        reader.wb.properties.creator = None
    return reader.wb


_ESCAPE, _DOUBLED_ESCAPE = b"x005F_", b"x005Fx005F__"
"""Excel's escape of a `_` (ECMA-376 part 1, 22.4.2.4), which openpyxl takes out of texts and does
not put back; of the other it leaves just that."""


def _double_escapes(data: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = archive.namelist()
        if not any(_ESCAPE in archive.read(name) for name in names):
            return data
        made = BytesIO()
        with zipfile.ZipFile(made, "w") as kept:
            for name in names:
                kept.writestr(name, archive.read(name).replace(_ESCAPE, _DOUBLED_ESCAPE))
    return made.getvalue()


def replace_sheet(data: bytes, name: str, rows: Iterable[Sequence[object]]) -> bytes:
    """Return a workbook's bytes with a sheet of these rows in the place of the one of that name.

    Texts stay texts, whatever they begin with. FaultError where the workbook cannot be written
    without harm.
    """
    with openpyxl_errors():
        book = load_for_update(data, ())
        at = len(book.sheetnames)
        if name in book.sheetnames:
            at = book.sheetnames.index(name)
            del book[name]
        sheet: Worksheet = book.create_sheet(name, at)
        for number, values in enumerate(rows, 1):
            for column, value in enumerate(values, 1):
                cell = sheet.cell(number, column)
                cell.value = value  # type: ignore[assignment] # what openpyxl writes
                if isinstance(value, str):
                    cell.data_type = "s"
        for column in range(1, sheet.max_column + 1):
            sheet.column_dimensions[get_column_letter(column)].width = 26
        sheet.freeze_panes = "A2"
        made = BytesIO()
        with open_zip(made) as archive:
            write_other_parts(book, archive)
    return made.getvalue()


# A table made longer: what reaches down to its end reaches down to its new one.


def extend_ranges(sheet: Worksheet, area: tuple[int, int, int], more: int) -> None:
    """Stretch filter, checks, colours and what is printed of an area that reach down to its end.

    It is told by the row of its headings, its last column and its last row.
    """
    top, right, bottom = area
    for cells in _format_and_validation_ranges(sheet):
        left, first, _, last = cells.bounds
        if left <= right and first > top and last == bottom:
            cells.expand(down=more)
    plain = CellRange(sheet.auto_filter.ref) if sheet.auto_filter.ref else None
    if plain and plain.max_row == bottom:
        plain.expand(down=more)
        sheet.auto_filter.ref = plain.coord
    printed = PrintArea.from_string(sheet.print_area or "").sorted()
    for cells in printed:
        if cells.max_row == bottom and cells.min_col <= right:
            cells.expand(down=more)
    if printed:
        sheet.print_area = ",".join(cells.coord for cells in printed)


def _format_and_validation_ranges(sheet: Worksheet) -> Iterator[CellRange]:
    """Yield the ranges of the sheet's conditional formats and of its checks."""
    for colours in sheet.conditional_formatting:
        yield from colours.sqref.ranges
    for check in sheet.data_validations.dataValidation:
        yield from check.sqref.ranges


def extend_table(table: Table, right: int = 0, down: int = 0) -> None:
    """Stretch a table, and its filter, which leaves the totals out."""
    cells = CellRange(table.ref)
    cells.expand(right=right, down=down)
    table.ref = cells.coord
    if table.autoFilter is not None:
        cells.shrink(bottom=table.totalsRowCount or 0)
        table.autoFilter.ref = cells.coord


# An openpyxl workbook -> a zip, each sheet straight into it.
#
# openpyxl itself writes every sheet into a temporary file first: outside the campaign's folder,
# with the names of all signers, left there for good when the run is killed.


@contextmanager
def open_zip(out: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Yield a zip that is whole at the end; after an error it is not written to any more."""
    archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
    try:
        yield archive
        archive.close()
    except BaseException:
        archive.fp = None  # or it would try once more when it is thrown away, and say so on screen
        raise


@contextmanager
def open_sheet_part(
    archive: zipfile.ZipFile, sheet: Worksheet, number: int
) -> Iterator[WorksheetWriter]:
    """Yield a sheet's part in the zip, to be written now; `number` is its place among the tabs."""
    sheet._id = number  # type: ignore[attr-defined] # noqa: SLF001
    with archive.open(sheet.path.removeprefix("/"), "w") as part:
        writer = WorksheetWriter(sheet, part)
        sheet._writer = writer  # type: ignore[attr-defined] # noqa: SLF001
        try:
            yield writer
        except BaseException:
            with suppress(Exception):
                writer.close()  # what it cannot write any more is told already
            raise


@contextmanager
def open_sheet_rows(
    archive: zipfile.ZipFile, sheet: Worksheet, number: int, first: Iterable[Cell | MergedCell]
) -> Iterator[BinaryIO]:
    """Yield where the XML of a sheet's rows goes, below a first one of cells: see `open_sheet_part`.

    What a sheet has behind its rows is written at the end.
    """  # noqa: E501
    with open_sheet_part(archive, sheet, number) as writer:
        writer.write_top()
        body: Any = writer.xf.send(True)  # noqa: FBT003 - how openpyxl asks for lxml's stream
        with body.element("sheetData"):
            writer.write_row(body, first, 1)
            body.flush()
            yield cast("BinaryIO", writer.out)
        writer.xf.send(None)
        writer.write_tail()
        writer.close()


class _OpenpyxlWriter(ExcelWriter):
    """openpyxl's own; sheets that were written row by row are in the zip already."""

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


# How large the boxes of a sheet's comments are, from its old drawing ([MS-OI29500] 2.1.1820).

_SHAPE_END = re.compile(rb"</\w+:shape>")
_BOX_SIZE = re.compile(rb"[;\"'\s](width|height):([\d.]+)(pt|px)")
_BOX_CELL = re.compile(rb"<\w+:(Row|Column)>(\d+)<")
_PIXELS_PER_UNIT = {b"pt": 96 / 72, b"px": 1.0}


class CommentBox(NamedTuple):
    """A comment's cell, counted from 1, and the size of its box in pixels."""

    row: int
    column: int
    width: int
    height: int


def find_comment_boxes(drawing: bytes) -> Iterator[CommentBox]:
    """Yield the boxes of all comments whose size is told."""
    for shape in _SHAPE_END.split(drawing):
        sizes = {
            name: float(n) * _PIXELS_PER_UNIT[unit] for name, n, unit in _BOX_SIZE.findall(shape)
        }
        cell = {name: int(number) + 1 for name, number in _BOX_CELL.findall(shape)}
        if len(sizes) == len(cell) == 2:
            width, height = round(sizes[b"width"]), round(sizes[b"height"])
            yield CommentBox(cell[b"Row"], cell[b"Column"], width, height)
