"""A form's export -> its rows as text, whatever kind of file it is: `read_export`.

What it is, its contents say and not its name. A sheet is read as Excel or LibreOffice shows it,
a text with separators as it stands.
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
from merge.excel.reader import Cell, ExcelFile, Row, Sheet, parse_excel_file
from merge.intake.cells import tidy_row
from merge.intake.csv_records import (
    MAX_CELLS,
    HeadingCounter,
    likely_separator,
    most_known_headings,
    stated_separator,
    text_records,
)
from merge.intake.decoding import detect_decoding, is_utf_16, text_lines
from merge.intake.form_types import Export, ExportKind, ExportRow
from merge.intake.headings import count_known_headings
from merge.naming import nearest_word
from merge.ooxml.container import FILE_LIMIT_EXCEEDED, MAX_FILE_BYTES, Archive, file_errors
from merge.ooxml.kinds import EXPORT, FileKind, refusal_error
from merge.ooxml.package import detect_kind
from merge.problems import Place, Problem

_LONGEST_LINE = (4 << 20) + 1
"""Characters that are read at once."""


def read_export(
    data: bytes,
    file: str,
    *,
    read_as: str = "",
    sheet: str = "",
    count_headings: HeadingCounter = count_known_headings,
) -> Export:
    """Return an export's rows as text; `file` is its name in messages.

    `read_as` is how its bytes are meant, in the words of `--read-as`; `sheet` is the sheet that
    holds the answers. `known` says how many cells of a row are headings: by it separators and
    sheets are told apart. MergeError says why a file is not read, and what to do.
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


# What it is; in a zip, the one file in it that is an export.

_SAMPLE_SIZE = 4096
_READABLE_KINDS = {FileKind.CSV, FileKind.TEXT, FileKind.XLSX, FileKind.ODS}
_CONTROLS = bytes({*range(32)} - set(b"\t\n\v\f\r\x1b"))


def _detect_kind(data: bytes) -> FileKind:
    """Return the kind of an export: text is what looks like it, whatever words are in it."""
    kind = detect_kind(data, EXPORT)
    if kind not in {FileKind.HTML, FileKind.BINARY}:
        return kind
    head = data[:_SAMPLE_SIZE]
    if kind is FileKind.HTML and not head.removeprefix(BOM_UTF8).lstrip().startswith(b"<"):
        return FileKind.CSV
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if kind is FileKind.BINARY and (is_utf_16(data) or controls * 20 < len(head)):
        return FileKind.CSV
    return kind


def _unzip_export(data: bytes) -> tuple[bytes, str, FileKind]:
    """Return the only export in a zip, its name and kind."""
    archive = Archive(data, EXPORT)
    inside = [p.name for p in archive.parts if not p.name.startswith(("__MACOSX/", "."))]
    kinds = {name: _detect_kind(archive.read(name)) for name in inside[:_MAX_IN_A_ZIP]}
    found = [name for name, kind in kinds.items() if kind in _READABLE_KINDS]
    if len(found) == 1:
        name = PurePosixPath(found[0]).name
        return archive.read(found[0]), name, kinds[found[0]]
    if len(inside) == 1:
        only = kinds[inside[0]]
        zipped = FaultError(messages.fault("form-zip/zip"), DataError)
        raise refusal_error(only, EXPORT) if only in EXPORT.refusals else zipped
    if not inside:
        raise FaultError(messages.fault("form-zip/empty"))
    key = "form-zip" if found else "form-zip/none"
    raise FaultError(messages.fault(key, files=sorted(found or inside)))


_MAX_IN_A_ZIP = 100


# A text with separators.


def _read_text(data: bytes, file: str, read_as: str, count_headings: HeadingCounter) -> Export:
    decoding = detect_decoding(data, read_as)
    fresh = partial(text_lines, data, decoding.encoding, _LONGEST_LINE)
    lines = fresh()
    separator = stated_separator(next(lines, ""))
    if not separator:
        separator, lines = likely_separator(fresh(), count_headings), fresh()
    made = (
        tidy_row(record.number, record.cells, is_misquoted=record.is_misquoted)
        for record in text_records(lines, separator)
    )
    rows = tuple(row for row in made if any(row.cells))
    if not rows:
        raise DataError(messages.problem("form-empty", Place(file)))
    return Export(
        file,
        "csv",
        rows,
        encoding=decoding.encoding,
        separator=separator,
        readings=decoding.readings,
    )


# A workbook: the sheet whose headings are known best, as it is shown.

_REPEATED_GROUP = "_parent_index"
"""A heading of KoBoToolbox: the sheet holds parts of answers that stand in another one."""


def _read_sheets(
    book: ExcelFile | OdsFile, *, kind: ExportKind, wanted: str, count_headings: HeadingCounter
) -> Export:
    """Return the sheet that is wanted, or else the one whose headings are known best.

    Of several as good the longest is taken, and the others are told.
    """
    file = book.file
    date1904 = isinstance(book, ExcelFile) and book.date1904
    names = [entry.name for entry in book.sheets]
    if wanted and wanted not in names:
        raise UsageError(_unknown_sheet_problem(file, wanted, names))
    shown = [entry.name for entry in book.sheets if not entry.hidden] or names
    best, likely, rows = (-1, 0), list[str](), tuple[ExportRow, ...]()
    for name in [wanted] if wanted else shown:
        found = _sheet_rows(book.sheet(name), date1904=date1904)
        if not found or (not wanted and _is_repeated_group(found)):
            continue
        score = most_known_headings((row.cells for row in found), count_headings), len(found)
        if score[0] > best[0]:
            likely.clear()
        if score > best:
            best, rows = score, found
            likely.insert(0, name)
        elif score[0] == best[0]:
            likely.append(name)
    if not rows:
        raise DataError(messages.problem("form-empty", Place(file, wanted)))
    return Export(file, kind, rows, sheet=likely[0], sheets=tuple(likely))


def _is_repeated_group(rows: Sequence[ExportRow]) -> bool:
    return any(_REPEATED_GROUP in row.cells for row in rows[:2])


def _unknown_sheet_problem(file: str, wanted: str, names: Sequence[str]) -> Problem:
    near = nearest_word(wanted, names) or None
    return messages.problem("form-sheet", Place(file), sheet=wanted, near=near, sheets=names)


def _sheet_rows(sheet: Sheet, *, date1904: bool) -> tuple[ExportRow, ...]:
    return tuple(_filled_rows(sheet.rows, date1904=date1904))


def _filled_rows(rows: Iterable[Row], *, date1904: bool) -> Iterator[ExportRow]:
    cells = 0
    for row in rows:
        texts = [""] * row.cells[-1].column
        cells += len(texts)
        if cells > MAX_CELLS:
            raise EXPORT.too_large_error("the sheet has more than four million cells")
        for cell in row.cells:
            texts[cell.column - 1] = _cell_text(cell, date1904=date1904)
        made = tidy_row(row.number, texts, is_hidden=row.hidden)
        if any(made.cells):
            yield made


def _cell_text(cell: Cell, *, date1904: bool) -> str:
    """Return the text that Excel shows of a cell; without its format, where that is not known."""
    if isinstance(cell.value, str):
        return cell.value
    try:
        return displayed_text(cell.value, cell.number_format, date1904=date1904)
    except UnsupportedFormatError:
        return displayed_text(cell.value, "General")
