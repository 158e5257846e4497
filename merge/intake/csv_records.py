"""A text with separators -> its records, as Excel counts them: by the csv module, strictly.

An unclosed quotation mark swallows all that follows without a word. It stops the reading; other
faults of quoting mark their record. RFC 4180.
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
"""Says how many cells of a row are headings that are known."""

SEPARATORS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""The first line by which Excel is told the separator; Excel shows it to nobody."""

_SAMPLE_SIZE = 1 << 16
"""Characters in which the separator is looked for."""
MAX_CELLS = 4_000_000
"""Blank ones among them."""
_LONGEST_RECORD = 4 << 20
"""Characters. A cell that Excel can hold has 32,767, csv's own limit is 131,072."""
_HEADING_SEARCH_ROWS = 20
"""Rows among which the headings stand."""


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A record that is not blank: the number of its row, its cells as they stand."""

    number: int
    cells: list[str]
    is_misquoted: bool = False


def most_known_headings(rows: Iterable[Sequence[str]], known: HeadingCounter) -> int:
    """Return the most headings known that stand in one of the first filled rows."""
    return max(map(known, islice(rows, _HEADING_SEARCH_ROWS)), default=0)


# The separator: each is tried, and the one that gives the table is taken.


def stated_separator(first: str) -> str:
    """Return what the first line says the separator is; empty where it does not."""
    found = _SEPARATOR_LINE.fullmatch(first)
    return found[1] if found else ""


def likely_separator(lines: Iterable[str], known: HeadingCounter) -> str:
    """Return the separator under which the rows agree best; a comma where none is there.

    Most weight has whether rows are equally long, then how long, then which headings appear.
    """
    beginning = list(_first_lines(lines))
    scores = {mark: _separator_score(beginning, mark, known) for mark in SEPARATORS}
    return max(SEPARATORS, key=scores.__getitem__)


def _first_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield the first lines, whole; of one that is longer than all that is looked at, a part."""
    left = _SAMPLE_SIZE
    for line in lines:
        if len(line) > left < _SAMPLE_SIZE:
            return
        yield line[:left]
        left -= len(line)


def _separator_score(lines: list[str], mark: str, known: HeadingCounter) -> float:
    rows: list[list[str]] = []
    broken = 0
    reader = csv.reader(lines, delimiter=mark, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            broken += 1
            continue
        if row is None:
            break
        if any(map(str.strip, row)):
            rows.append(row)
    lengths = Counter(len(row) for row in rows if len(row) > 1)
    if not lengths:
        return 0
    cells, often = max(lengths.items(), key=lambda found: (found[1], found[0]))
    agreement = often / (len(rows) + broken)
    return agreement**2 * (cells - 1) * (1 + most_known_headings(rows, known))


# Records, one by one.


def text_records(lines: Iterable[str], separator: str) -> Iterator[TextRecord]:
    """Yield the filled records of a text, each with the number that Excel shows of its row.

    Raise FaultError, code form-quote, where a quotation mark is opened and never closed.
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
    """The lines, of which those of the present record stay in sight."""

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
    """Return a record with a fault of quoting as it can be read, if the fault is its own.

    A quotation mark that was open at the end of a line and is not closed as it must be: nobody
    can tell what is in that cell, and what stands behind it.
    """
    if "limit" in str(error):
        raise EXPORT.too_large_error(f"a cell in row {number:,} has more than 131,072 characters")
    lines = tape.record_lines
    if len(lines) > 1 or "end of data" in str(error):
        raise FaultError(_unclosed_quote_fault(lines, separator, number), DataError)
    return next(csv.reader(lines, delimiter=separator), [])


def _unclosed_quote_fault(lines: list[str], separator: str, number: int) -> Fault:
    """Return the fault of a quotation mark that is never closed, and where it should be."""
    whole = lines if len(lines) == 1 else lines[:-1]
    *_, last = next(csv.reader(whole, delimiter=separator), [""])
    words = shorten(re.split(f"[\r\n{re.escape(separator)}]", last, maxsplit=1)[0], 40)
    rows = len(lines) if len(lines) > 1 else None
    return messages.fault("form-quote", row=number, rows=rows, text=words or None)


def _may_be_two_records(lines: list[str], cells: list[str], separator: str) -> bool:
    """Return whether a record is read without a fault, and may yet be more than one.

    Quotation marks come in twos. A cell of several lines with a separator on both sides of a
    line's end could be the end of one record and the beginning of the next.
    """
    if len(lines) == 1:
        return '"' in lines[0] and lines[0].count('"') % 2 > 0
    marks = sum(line.count('"') for line in lines)
    if marks != 2:  # more than one cell is in quotation marks: a stray one would have been a fault
        return marks % 2 > 0
    width = len(cells)
    mark = re.compile(re.escape(separator) + "(?! )")
    for column, text in enumerate(cells):
        inner = text.splitlines()
        if len(inner) < 2:
            continue
        before, after = len(mark.findall(inner[0])), len(mark.findall(inner[-1]))
        if before and after and column + before + 1 == width and after == column:
            return True
    return False
