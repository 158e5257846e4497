"""Rows of an export: which contain headings, responses, or neither."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from merge import messages
from merge.errors import DataError
from merge.intake.form_types import ExportRow, FormExport, SkipReason
from merge.intake.form_words import RESPONSE_LABELS, TOTAL_WORDS
from merge.intake.headings import count_known_headings
from merge.problems import Place, column_letter
from merge.text.folding import folded

_HEADING_SEARCH_ROWS = 20
"""Number of first filled rows that may contain the headings."""
EMAIL_PATTERN = re.compile(r"(?<=[^\s@])@[^\s@]+\.[^\s@]+")
"""An email address from its @ on, after a character that is not another @."""
_NUMBER = re.compile(r"[\s.,:/+\-]*+\d[\d\s.,:/+\-]*")
_QUALTRICS_ID = '{"importid"'
"""The beginning of the cells in the third row of a Qualtrics export."""


@dataclass(frozen=True, slots=True)
class ColumnHeading:
    """A column's heading: `text` is unique, `original` is as in the file.

    `question` is the text above it, if the headings have two rows.
    """

    text: str
    original: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class ExportLayout:
    """The headings of an export, its rows of responses, and its other rows.

    From row `reordered_from` on, the headings have another order; it is 0 if this never happens.
    """

    headings: tuple[ColumnHeading, ...]
    heading_rows: tuple[int, ...]
    response_rows: tuple[ExportRow, ...]
    skipped_rows: Mapping[int, SkipReason] = field(default_factory=dict)
    reordered_from: int = 0


def read_layout(export: FormExport) -> ExportLayout:
    """Return the rows of headings and responses of an export.

    The headings are the row with the most known headings among the first twenty. Rows above are
    titles. Raise DataError, code form-not-a-table, if there are no headings.
    """
    rows = export.rows
    at = _heading_row(rows)
    if at < 0:
        place = Place(export.file, export.sheet)
        raise DataError(messages.problem("form-not-a-table", place))
    last = at
    if at > 0 and _is_question_row(rows[at - 1].cells, rows[at].cells):
        at -= 1
    elif at + 1 < len(rows) and _continues_headings(rows[at].cells, rows[at + 1].cells):
        last = at + 1
    skipped: dict[int, SkipReason] = {row.number: "title" for row in rows[:at]}
    if last > at:
        skipped[rows[last].number] = "second-heading"
    headings = tuple(_headings(rows[at].cells, rows[last].cells if last > at else ()))
    response_rows = list(_find_response_rows(rows[last + 1 :], headings, skipped))
    reordered_from = next((row.number for row, is_foreign in response_rows if is_foreign), 0)
    return ExportLayout(
        headings=headings,
        heading_rows=tuple(row.number for row in rows[at : last + 1]),
        response_rows=tuple(row for row, _ in response_rows),
        skipped_rows=skipped,
        reordered_from=reordered_from,
    )


def _heading_row(rows: Sequence[ExportRow]) -> int:
    """Return the index of the row with the most known headings, or -1."""
    head = [(at, row.cells) for at, row in enumerate(rows[:_HEADING_SEARCH_ROWS])]
    likely = [(at, cells) for at, cells in head if not any(map(_is_data, cells))] or head
    best, at = max(((count_known_headings(cells), -at) for at, cells in likely), default=(0, 0))
    if best:
        return -at
    width = max((len(list(filter(None, cells))) for _, cells in likely), default=0)
    texts = ((at, list(filter(None, cells))) for at, cells in likely)
    worded = ((at, t) for at, t in texts if all(any(map(str.isalpha, cell)) for cell in t))
    wide = (at for at, t in worded if len(t) == width > 1 and len(set(map(folded, t))) == width)
    return next(wide, -1) if likely is not head else -1


def _is_data(cell: str) -> bool:
    return bool(EMAIL_PATTERN.search(cell) or (_NUMBER.fullmatch(cell) and len(cell) > 1))


def _filled_columns(cells: Sequence[str]) -> set[int]:
    return {number for number, cell in enumerate(cells) if cell}


def _continues_headings(above: Sequence[str], below: Sequence[str]) -> bool:
    """Return True if a row continues the headings in the row above.

    Its cells are the parts of a question.
    """
    under = [cell for cell in below if cell]
    if not under or any(map(_is_data, under)):
        return False
    if all(folded(cell) in RESPONSE_LABELS for cell in under):
        return True
    if all(folded(cell).startswith(_QUALTRICS_ID) for cell in under):
        return True
    new, old = _filled_columns(below) - _filled_columns(above), _filled_columns(above)
    goes_on = bool(new) and bool(old) and min(new) > min(old) and bool(old - _filled_columns(below))
    known = count_known_headings(below) + sum(folded(cell) in RESPONSE_LABELS for cell in under)
    return goes_on and known > len(under) / 2


def _is_question_row(above: Sequence[str], below: Sequence[str]) -> bool:
    """Return True if the upper row has headings that the lower row lacks.

    The lower one is the row with the most known headings.
    """
    alone = [cell for at, cell in enumerate(above) if cell and not (below[at : at + 1] or ("",))[0]]
    return count_known_headings(alone) > 0 and _continues_headings(above, below)


def _headings(above: Sequence[str], below: Sequence[str]) -> Iterator[ColumnHeading]:
    """Yield a unique heading for each column."""
    seen = Counter[str]()
    question = ""
    for number in range(max(len(above), len(below))):
        heading = above[number] if number < len(above) else ""
        part = below[number] if number < len(below) else ""
        if folded(part).startswith(_QUALTRICS_ID):
            part = ""
        question = heading or (question if part else "")
        full_heading = " / ".join(filter(None, (question, part)))
        text = full_heading or f"(column {column_letter(number + 1)})"
        seen[text] += 1
        while seen[text] > 1:
            base, times = text, seen[text]
            text = f"{base} ({times})"
            seen[text] += 1
        yield ColumnHeading(text, part or question, question if part else "")


# The rows below the headings.


def _find_response_rows(
    rows: Sequence[ExportRow],
    headings: Sequence[ColumnHeading],
    skipped: dict[int, SkipReason],
) -> Iterator[tuple[ExportRow, bool]]:
    """Yield the rows of responses, and note why other rows are skipped.

    Each comes with whether headings in another order precede it.
    """
    headings_in_order = [folded(heading.original) for heading in headings]
    words = set(headings_in_order)
    usual = usual_width(rows)
    is_foreign = False
    for at, row in enumerate(rows):
        filled = [cell for cell in row.cells if cell]
        repeated = sum(folded(cell) in words for cell in filled) if len(filled) > 1 else 0
        if at < 2 and all(cell.startswith("#") and cell != "#" for cell in filled):
            skipped[row.number] = "tags-row"
        elif at == 0 and all(folded(cell).startswith(_QUALTRICS_ID) for cell in filled):
            skipped[row.number] = "second-heading"
        elif repeated > 1 and repeated >= 0.6 * len(filled):
            skipped[row.number] = "repeated-heading"
            cells = [folded(cell) for cell in row.cells]
            is_foreign = any(c and c != o for c, o in zip(cells, headings_in_order, strict=False))
        elif len(filled) <= max(2, usual // 3) and any(map(_is_total_label, filled)):
            skipped[row.number] = "total"
        else:
            yield row, is_foreign


def usual_width(rows: Sequence[ExportRow]) -> int:
    """Return the median number of filled cells in the first thousand rows."""
    widths = sorted(sum(map(bool, row.cells)) for row in rows[:1000])
    return widths[len(widths) // 2] if widths else 0


_TRAILING_SUM = re.compile(r"(?<![\s:=.\d(),–-])[\s:=.\d(),–-]++$")


def _is_total_label(cell: str) -> bool:
    """Return True if a cell announces a total, in the cell or beside it."""
    word = _TRAILING_SUM.sub("", folded(cell))
    first = word.partition(" ")[0]
    return len(word.split()) < 4 and (word in TOTAL_WORDS or first in TOTAL_WORDS)
