"""A form's export -> its rows as text, whatever kind of file it is: `read_export`.

What it is, its contents say and not its name. A sheet is read as Excel or LibreOffice shows it,
a text with separators as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from merge.excel.display import displayed_text
from merge.excel.format_codes import UnsupportedFormatError
from merge.excel.reader import Book, Cell, Row, Sheet, parse_book
from merge.intake.cells import export_row
from merge.intake.decoding import decoding_of, text_lines
from merge.intake.model import Export, ExportRow
from merge.intake.records import (
    MOST_CELLS,
    KnownHeadings,
    known_best,
    likely_separator,
    stated_separator,
    text_records,
)
from merge.model import DataError, Place, Problem, UsageError
from merge.naming import nearest
from merge.ooxml.container import MOST_FILE, file_errors
from merge.ooxml.kinds import EXPORT, FileKind
from merge.ooxml.package import kind_within

_LONGEST_LINE = (4 << 20) + 1
"""Characters that are read at once."""


def nothing_known(_: Sequence[str]) -> int:
    """Return that no heading is known."""
    return 0


def read_export(
    data: bytes,
    file: str,
    *,
    read_as: str = "",
    sheet: str = "",
    known: KnownHeadings = nothing_known,
) -> Export:
    """Return an export's rows as text; `file` is its name in messages.

    `read_as` is how its bytes are meant, in the words of `--read-as`; `sheet` is the sheet that
    holds the answers. `known` says how many cells of a row are known headings: by it separators
    and sheets are told apart. MergeError says why a file is not read, and what to do.
    """
    with file_errors(EXPORT, file):
        if len(data) > MOST_FILE:
            raise EXPORT.too_large("the file is larger than 50 MiB.")
        kind = kind_within(data, EXPORT)
        if kind in EXPORT.refusals:
            raise DataError(EXPORT.refusals[kind].at(Place(file)))
        if kind is FileKind.XLSX:
            return _read_sheets(parse_book(data, file), file, sheet, known)
        return _read_text(data, file, read_as, known)


# A text with separators.


def _read_text(data: bytes, file: str, read_as: str, known: KnownHeadings) -> Export:
    decoding = decoding_of(data, read_as)
    fresh = partial(text_lines, data, decoding.encoding, _LONGEST_LINE)
    lines = fresh()
    separator = stated_separator(next(lines, ""))
    if not separator:
        separator, lines = likely_separator(fresh(), known), fresh()
    made = (
        export_row(record.number, record.cells, is_misquoted=record.is_misquoted)
        for record in text_records(lines, separator)
    )
    rows = tuple(row for row in made if any(row.cells))
    if not rows:
        raise DataError(Problem("form-empty", Place(file), *_NOTHING))
    return Export(file, "csv", rows, decoding.encoding, separator, readings=decoding.readings)


_NOTHING = "there is nothing in this file.", "Download the answers again."


# A workbook: the sheet whose headings are known best, as it is shown.

_REPEATED_GROUP = "_parent_index"
"""A heading of KoBoToolbox: the sheet holds parts of answers that stand in another one."""


def _read_sheets(book: Book, file: str, wanted: str, known: KnownHeadings) -> Export:
    names = [entry.name for entry in book.sheets]
    if wanted and wanted not in names:
        raise UsageError(_no_such_sheet(file, wanted, names))
    shown = [entry.name for entry in book.sheets if not entry.hidden] or names
    best, likely, rows = -1, list[str](), tuple[ExportRow, ...]()
    for name in [wanted] if wanted else shown:
        found = _sheet_rows(book.sheet(name), date1904=book.date1904)
        if not found or (not wanted and _is_part(found)):
            continue
        score = known_best((row.cells for row in found), known)
        if score > best:
            best, likely, rows = score, [name], found
        elif score == best:
            likely.append(name)
    if not rows:
        raise DataError(Problem("form-empty", Place(file, wanted), *_NOTHING))
    return Export(file, "xlsx", rows, sheet=likely[0], sheets=tuple(likely))


def _is_part(rows: Sequence[ExportRow]) -> bool:
    return any(_REPEATED_GROUP in row.cells for row in rows[:2])


def _no_such_sheet(file: str, wanted: str, names: Sequence[str]) -> Problem:
    near = nearest(wanted, names)
    what = f'there is no sheet "{wanted}"; the sheets here are {", ".join(names)}.'
    hint = f'Did you mean "{near}"?' if near else "Name one of them."
    return Problem("form-sheet", Place(file), what, hint)


def _sheet_rows(sheet: Sheet, *, date1904: bool) -> tuple[ExportRow, ...]:
    return tuple(_filled_rows(sheet.rows, date1904=date1904))


def _filled_rows(rows: Iterable[Row], *, date1904: bool) -> Iterator[ExportRow]:
    cells = 0
    for row in rows:
        texts = [""] * row.cells[-1].column
        cells += len(texts)
        if cells > MOST_CELLS:
            raise EXPORT.too_large("the sheet has more than four million cells.")
        for cell in row.cells:
            texts[cell.column - 1] = _shown(cell, date1904=date1904)
        made = export_row(row.number, texts, is_hidden=row.hidden)
        if any(made.cells):
            yield made


def _shown(cell: Cell, *, date1904: bool) -> str:
    """Return the text that Excel shows of a cell; without its format, where that is not known."""
    if isinstance(cell.value, str):
        return cell.value
    try:
        return displayed_text(cell.value, cell.number_format, date1904=date1904)
    except UnsupportedFormatError:
        return displayed_text(cell.value, "General")
