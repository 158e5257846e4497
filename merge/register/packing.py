"""An openpyxl workbook -> a zip, each sheet straight into it.

openpyxl itself writes every sheet into a temporary file first: outside the campaign's folder, with
the names of all signers, left there for good when the run is killed.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter


@contextmanager
def packing(out: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """A zip that is whole at the end; after an error it is not written to any more."""
    archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
    try:
        yield archive
        archive.close()
    except BaseException:
        archive.fp = None  # or it would try once more when it is thrown away, and say so on screen
        raise


@contextmanager
def part_of(archive: zipfile.ZipFile, sheet: Worksheet, number: int) -> Iterator[WorksheetWriter]:
    """A sheet's part in the zip, to be written now; `number` is its place among the tabs."""
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


class _Writer(ExcelWriter):
    """openpyxl's own; sheets that were written row by row are in the zip already."""

    def write_worksheet(self, ws: Any) -> None:  # noqa: ANN401 - openpyxl's signature
        ws._drawing = SpreadsheetDrawing()  # noqa: SLF001
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images  # noqa: SLF001
        if getattr(ws, "_writer", None) is None:
            archive = self._archive  # type: ignore[attr-defined]
            with part_of(archive, ws, ws._id) as writer:  # noqa: SLF001
                writer.write()
        ws._rels = ws._writer._rels  # noqa: SLF001
        self.manifest.append(ws)


def write_rest(book: Workbook, archive: zipfile.ZipFile) -> None:
    """Write all parts of the workbook that are not in the zip yet."""
    book.properties.modified = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    _Writer(book, archive).write_data()
