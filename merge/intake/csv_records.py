"""Records of a text with separators, counted as in Excel (RFC 4180).

An unclosed quotation mark would silently swallow everything after it, so reading stops. A record
with any other quoting error is marked. The csv module reads strictly.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from merge import messages
from merge.errors import DataError, FaultError
from merge.excel.reader import MAX_COLUMNS, MAX_ROWS
from merge.ooxml.kinds import EXPORT
from merge.problems import Fault, shorten

HeadingCounter = Callable[[Sequence[str]], int]
"""A function that returns how many cells of a row are known headings."""

SEPARATORS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""A first line that states the separator; Excel does not show it."""

_SAMPLE_SIZE = 1 << 16
"""Characters from which the separator is detected."""
MAX_CELLS = 4_000_000
"""Most cells of a text, including blank ones."""
_LONGEST_RECORD = 4 << 20
"""Most characters of a record.

A cell of Excel can have 32,767; csv's own limit is 131,072."""
_HEADING_SEARCH_ROWS = 20
"""Number of first rows that may contain the headings."""


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A CSV record that is not blank: its row number and its cells."""

    number: int
    cells: list[str]
    is_misquoted: bool = False


def most_known_headings(rows: Iterable[Sequence[str]], known: HeadingCounter) -> int:
    """Return the largest number of known headings in one of the first rows."""
    return max(map(known, islice(rows, _HEADING_SEARCH_ROWS)), default=0)


# The separator: the one of several that gives a table.


def stated_separator(first: str) -> str:
    """Return the separator that a file's first line states, or an empty text."""
    match = _SEPARATOR_LINE.fullmatch(first)
    return match[1] if match else ""


def likely_separator(lines: Iterable[str], known: HeadingCounter) -> str:
    """Return the separator with which a file's rows fit best, or a comma.

    Equal lengths of rows have the most weight, then their length, then the known headings.
    """
    beginning = list(_first_lines(lines))
    scores = {mark: _separator_score(beginning, mark, known) for mark in SEPARATORS}
    return max(SEPARATORS, key=scores.__getitem__)


def _first_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield the first complete lines; only a part of a very long first line."""
    remaining = _SAMPLE_SIZE
    for line in lines:
        if len(line) > remaining < _SAMPLE_SIZE:
            return
        yield line[:remaining]
        remaining -= len(line)


def _separator_score(lines: list[str], mark: str, known: HeadingCounter) -> float:
    rows: list[list[str]] = []
    errors = 0
    reader = csv.reader(lines, delimiter=mark, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            errors += 1
            continue
        if row is None:
            break
        if any(map(str.strip, row)):
            rows.append(row)
    lengths = Counter(len(row) for row in rows if len(row) > 1)
    if not lengths:
        return 0
    cells, frequency = max(lengths.items(), key=lambda item: (item[1], item[0]))
    agreement = frequency / (len(rows) + errors)
    return agreement**2 * (cells - 1) * (1 + most_known_headings(rows, known))


# Records.


def text_records(lines: Iterable[str], separator: str) -> Iterator[TextRecord]:
    """Yield the filled records of a text, with row numbers as in Excel.

    Raise FaultError, code form-quote, if a quotation mark is never closed.
    """
    tape = _LineReader(lines)
    reader = csv.reader(tape, delimiter=separator, strict=True)
    number = filled = cells = 0
    while True:
        number += 1
        tape.record_lines.clear()
        try:
            row, is_misquoted = next(reader), False
        except StopIteration:
            return
        except csv.Error as error:
            row, is_misquoted = _reread_record(error, tape, separator, number), True
        if not any(row):
            continue
        filled, cells = filled + 1, cells + len(row)
        _check_size(filled, cells, len(row), number)
        yield TextRecord(
            number, row, is_misquoted or _may_be_two_records(tape.record_lines, row, separator)
        )


class _LineReader:
    """Lines of a CSV text that keeps the lines of the current record."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.record_lines: list[str] = []
        self._length = 0

    def __iter__(self) -> _LineReader:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._length = len(line) + (self._length if self.record_lines else 0)
        if self._length > _LONGEST_RECORD:
            raise EXPORT.too_large_error("a row has more than four million characters")
        self.record_lines.append(line)
        return line


def _check_size(filled: int, cells: int, width: int, number: int) -> None:
    if filled > MAX_ROWS:
        raise EXPORT.too_large_error("more than 100,000 rows of data")
    if width > MAX_COLUMNS:
        raise EXPORT.too_large_error(
            f"row {number:,} has {width:,} cells, but only 2,000 columns are read"
        )
    if cells > MAX_CELLS:
        raise EXPORT.too_large_error("more than four million cells")


def _reread_record(error: csv.Error, tape: _LineReader, separator: str, number: int) -> list[str]:
    """Return the cells of a record that has a quoting error, if readable.

    An unclosed quotation mark at the end of a line makes its cell and everything after it
    uncertain, so raise FaultError.
    """
    if "limit" in str(error):
        raise EXPORT.too_large_error(f"a cell in row {number:,} has more than 131,072 characters")
    lines = tape.record_lines
    if len(lines) > 1 or "end of data" in str(error):
        raise FaultError(_unclosed_quote_fault(lines, separator, number), DataError)
    return next(csv.reader(lines, delimiter=separator), [])


def _unclosed_quote_fault(lines: list[str], separator: str, number: int) -> Fault:
    """Return the fault of an unclosed quotation mark, with the text after it."""
    complete_lines = lines if len(lines) == 1 else lines[:-1]
    *_, last_cell = next(csv.reader(complete_lines, delimiter=separator), [""])
    words = shorten(re.split(f"[\r\n{re.escape(separator)}]", last_cell, maxsplit=1)[0], 40)
    rows = len(lines) if len(lines) > 1 else None
    return messages.fault("form-quote", row=number, rows=rows, text=words or None)


def _may_be_two_records(lines: list[str], cells: list[str], separator: str) -> bool:
    """Return True if a record without an error may still be several records.

    Quotation marks come in pairs. Suppose a cell of several lines has a separator on both sides of
    a line end. It may be the end of one record and the beginning of the next.
    """
    if len(lines) == 1:
        return '"' in lines[0] and lines[0].count('"') % 2 > 0
    marks = sum(line.count('"') for line in lines)
    if marks != 2:  # several quoted cells: a stray quotation mark would have been an error
        return marks % 2 > 0
    width = len(cells)
    mark = re.compile(re.escape(separator) + "(?! )")
    for column, text in enumerate(cells):
        cell_lines = text.splitlines()
        if len(cell_lines) < 2:
            continue
        before, after = len(mark.findall(cell_lines[0])), len(mark.findall(cell_lines[-1]))
        if before and after and column + before + 1 == width and after == column:
            return True
    return False
