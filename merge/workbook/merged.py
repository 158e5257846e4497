"""Merged cells: only the first of them holds anything, the others read as blank."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from merge.excel.reader import Range, Sheet
from merge.model import Place, Problem, column_letter


def merged_problems(
    file: str, sheet: Sheet, columns: Sequence[int], rows: Sequence[int]
) -> Iterator[Problem]:
    """An error for each merged range that takes up two cells of these columns and rows.

    Others hide nothing: a title above the headings, a note beside the table.
    """
    ordered = sorted(columns)
    for merged in sheet.merged:
        wide = _within(ordered, merged.column, merged.last_column)
        high = _within(rows, merged.row, merged.last_row)
        if wide * high > 1:
            yield _problem(Place(file, sheet.name, merged.column, merged.row), merged)


def _within(ordered: Sequence[int], first: int, last: int) -> int:
    return bisect_right(ordered, last) - bisect_left(ordered, first)


def _problem(place: Place, merged: Range) -> Problem:
    last = f"{column_letter(merged.last_column)}{merged.last_row}"
    what = f"the cells {place.cell} to {last} are merged; only the first of them holds anything."
    hint = "Take the merging away (Home, Merge & Center) and fill in each cell."
    return Problem("cells-merged", place, what, hint)
