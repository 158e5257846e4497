"""Reading a form's export as rows of text, whatever kind of file it is.

The contents decide the kind, not the file name. Cells of a sheet are read as Excel or LibreOffice
displays them, a CSV as it is.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath

from merge import messages
from merge.errors import DataError, FaultError, UsageError
from merge.excel.display import displayed_text
from merge.excel.format_codes import UnsupportedFormatError
from merge.excel.ods import OdsFile, parse_ods
from merge.excel.reader import Cell, ExcelFile, Sheet, SheetRow, parse_excel_file
from merge.intake.cells import tidy_row
from merge.intake.csv_records import (
    MAX_CELLS,
    HeadingCounter,
    likely_separator,
    most_known_headings,
    stated_separator,
    text_records,
)
from merge.intake.decoding import detect_decoding, detect_utf_16, text_lines
from merge.intake.form_types import ExportKind, ExportRow, FormExport
from merge.intake.headings import count_known_headings
from merge.naming import nearest_word
from merge.ooxml.container import FILE_LIMIT_EXCEEDED, MAX_FILE_BYTES, ZipArchive, file_errors
from merge.ooxml.kinds import EXPORT, FileKind, refusal_error
from merge.ooxml.package import detect_kind
from merge.problems import Place, Problem

_LONGEST_LINE = (4 << 20) + 1
"""Most characters of a line that are read at once."""


def read_export(
    data: bytes,
    file: str,
    *,
    read_as: str = "",
    sheet: str = "",
    count_headings: HeadingCounter = count_known_headings,
) -> FormExport:
    """Return an export's rows as text; `file` is the file's name in messages.

    `read_as` is a word of `--read-as` for its encoding; `sheet` is the sheet with the responses.
    `count_headings` counts the known headings of a row, which decides between separators and
    between sheets. Raise MergeError, with the reason and a remedy, if the file cannot be read.
    """
    with file_errors(EXPORT, file):
        if len(data) > MAX_FILE_BYTES:
            raise EXPORT.too_large_error(FILE_LIMIT_EXCEEDED)
        kind = _detect_kind(data)
        if kind is FileKind.ZIP:
            data, file, kind = _unzip_export(data)
        if kind in EXPORT.refusals:
            raise refusal_error(kind, EXPORT)
    if kind is FileKind.XLSX:
        book = parse_excel_file(data, file)
        return _read_sheets(book, kind="xlsx", wanted=sheet, count_headings=count_headings)
    if kind is FileKind.ODS:
        return _read_sheets(
            parse_ods(data, file), kind="ods", wanted=sheet, count_headings=count_headings
        )
    with file_errors(EXPORT, file):
        return _read_text(data, file, read_as, count_headings)


# The file type; the only export in a zip file.

_SAMPLE_SIZE = 4096
_READABLE_KINDS = {FileKind.CSV, FileKind.TEXT, FileKind.XLSX, FileKind.ODS}
_CONTROLS = bytes({*range(32)} - set(b"\t\n\v\f\r\x1b"))


def _detect_kind(data: bytes) -> FileKind:
    """Return the kind of an export; a file that looks like text is text."""
    kind = detect_kind(data, EXPORT)
    if kind not in {FileKind.HTML, FileKind.BINARY}:
        return kind
    head = data[:_SAMPLE_SIZE]
    if kind is FileKind.HTML and not head.removeprefix(BOM_UTF8).lstrip().startswith(b"<"):
        return FileKind.CSV
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if kind is FileKind.BINARY and (detect_utf_16(data) or controls * 20 < len(head)):
        return FileKind.CSV
    return kind


def _unzip_export(data: bytes) -> tuple[bytes, str, FileKind]:
    """Return the only export in a zip file: its bytes, name and kind."""
    archive = ZipArchive(data, EXPORT)
    names = [p.name for p in archive.parts if not p.name.startswith(("__MACOSX/", "."))]
    kinds = {name: _detect_kind(archive.read(name)) for name in names[:_MAX_IN_A_ZIP]}
    exports = [name for name, kind in kinds.items() if kind in _READABLE_KINDS]
    if len(exports) == 1:
        name = PurePosixPath(exports[0]).name
        return archive.read(exports[0]), name, kinds[exports[0]]
    if len(names) == 1:
        kind = kinds[names[0]]
        zipped = FaultError(messages.fault("form-zip/zip"), DataError)
        raise refusal_error(kind, EXPORT) if kind in EXPORT.refusals else zipped
    if not names:
        raise FaultError(messages.fault("form-zip/empty"))
    key = "form-zip" if exports else "form-zip/none"
    raise FaultError(messages.fault(key, files=sorted(exports or names)))


_MAX_IN_A_ZIP = 100


# Texts with separators.


def _read_text(data: bytes, file: str, read_as: str, count_headings: HeadingCounter) -> FormExport:
    decoding = detect_decoding(data, read_as)
    read_lines = partial(text_lines, data, decoding.encoding, _LONGEST_LINE)
    lines = read_lines()
    separator = stated_separator(next(lines, ""))
    if not separator:
        separator, lines = likely_separator(read_lines(), count_headings), read_lines()
    all_rows = (
        tidy_row(record.number, record.cells, is_misquoted=record.is_misquoted)
        for record in text_records(lines, separator)
    )
    rows = tuple(row for row in all_rows if any(row.cells))
    if not rows:
        raise DataError(messages.problem("form-empty", Place(file)))
    return FormExport(
        file,
        "csv",
        rows,
        encoding=decoding.encoding,
        separator=separator,
        readings=decoding.readings,
    )


# Workbooks: the sheet with the most known headings, as displayed.

_REPEATED_GROUP = "_parent_index"
"""A heading of KoBoToolbox in a sheet that has parts of responses.

The responses are on another sheet."""


def _read_sheets(
    book: ExcelFile | OdsFile, *, kind: ExportKind, wanted: str, count_headings: HeadingCounter
) -> FormExport:
    """Return the wanted sheet, or the one with the most known headings.

    If several are equal, the longest is read and the others are listed.
    """
    file = book.file
    date1904 = isinstance(book, ExcelFile) and book.date1904
    names = [entry.name for entry in book.sheets]
    if wanted and wanted not in names:
        raise UsageError(_unknown_sheet_problem(file, wanted, names))
    shown = [entry.name for entry in book.sheets if not entry.hidden] or names
    best_score, likely, rows = (-1, 0), list[str](), tuple[ExportRow, ...]()
    for name in [wanted] if wanted else shown:
        sheet_rows = _sheet_rows(book.sheet(name), date1904=date1904)
        if not sheet_rows or (not wanted and _is_repeated_group(sheet_rows)):
            continue
        score = (
            most_known_headings((row.cells for row in sheet_rows), count_headings),
            len(sheet_rows),
        )
        if score[0] > best_score[0]:
            likely.clear()
        if score > best_score:
            best_score, rows = score, sheet_rows
            likely.insert(0, name)
        elif score[0] == best_score[0]:
            likely.append(name)
    if not rows:
        raise DataError(messages.problem("form-empty", Place(file, wanted)))
    return FormExport(file, kind, rows, sheet=likely[0], sheets=tuple(likely))


def _is_repeated_group(rows: Sequence[ExportRow]) -> bool:
    return any(_REPEATED_GROUP in row.cells for row in rows[:2])


def _unknown_sheet_problem(file: str, wanted: str, names: Sequence[str]) -> Problem:
    suggestion = nearest_word(wanted, names) or None
    return messages.problem("form-sheet", Place(file), sheet=wanted, near=suggestion, sheets=names)


def _sheet_rows(sheet: Sheet, *, date1904: bool) -> tuple[ExportRow, ...]:
    return tuple(_filled_rows(sheet.rows, date1904=date1904))


def _filled_rows(rows: Iterable[SheetRow], *, date1904: bool) -> Iterator[ExportRow]:
    cells = 0
    for row in rows:
        texts = [""] * row.cells[-1].column
        cells += len(texts)
        if cells > MAX_CELLS:
            raise EXPORT.too_large_error("the sheet has more than four million cells")
        for cell in row.cells:
            texts[cell.column - 1] = _cell_text(cell, date1904=date1904)
        tidied_row = tidy_row(row.number, texts, is_hidden=row.hidden)
        if any(tidied_row.cells):
            yield tidied_row


def _cell_text(cell: Cell, *, date1904: bool) -> str:
    """Return a cell's text as Excel displays it, or the unformatted value.

    The value is unformatted if the number format is not supported.
    """
    if isinstance(cell.value, str):
        return cell.value
    try:
        return displayed_text(cell.value, cell.number_format, date1904=date1904)
    except UnsupportedFormatError:
        return displayed_text(cell.value, "General")
