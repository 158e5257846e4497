"""Address labels: one table for each sheet, one cell for each label.

Every row has exactly the height of the sheet's pitch, and the margins leave no space for one more
row. So each sheet is one page, and no label can move to the place of another. The letter's short ID
is above the address, at the right. Other text near an address is far above it (USPS, Publication
28, A1), not below it or to its right (Deutsche Post).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from merge import messages
from merge.errors import UsageError
from merge.ooxml.new_docx import (
    SPACE_BELOW_TABLE,
    AddressArea,
    PageSetup,
    PaperSize,
    ParagraphStyle,
    fit_lines,
    fitting_size,
    fixed_table,
    mm_to_twips,
    styled_docx,
    table_cell,
    table_row,
    text_paragraph,
)
from merge.printing.addresses import LetterAddress, address_too_long
from merge.printing.paper import A4, INCH, LETTER
from merge.problems import Problem, option_place


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """A sheet of labels. `left` and `top` are the margins of the first label.

    `pitch_x` and `pitch_y` are the distances from an edge of a label to the same edge of the next
    one. All lengths are in millimetres.
    """

    name: str
    paper: PaperSize
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    pitch_x: float
    pitch_y: float

    @property
    def count(self) -> int:
        """Number of labels on a sheet."""
        return self.columns * self.rows


LABELS: Mapping[str, LabelSheet] = MappingProxyType(
    {
        sheet.name: sheet
        for sheet in (
            LabelSheet(
                "L7160",
                A4,
                columns=3,
                rows=7,
                width=63.5,
                height=38.1,
                left=7.2,
                top=15.15,
                pitch_x=66.04,
                pitch_y=38.1,
            ),
            LabelSheet(
                "5160",
                LETTER,
                columns=3,
                rows=10,
                width=2.625 * INCH,
                height=INCH,
                left=0.1875 * INCH,
                top=0.5 * INCH,
                pitch_x=2.75 * INCH,
                pitch_y=INCH,
            ),
        )
    }
)
"""Avery's own Word templates L7160 and 5160, as measured."""

_SIDE_MARGIN, _TOP_MARGIN, _BOTTOM_MARGIN = 3, 3.5, 3
"""Millimetres of a label round the address.

Deutsche Post requires 3 at the sides.
"""

_LABEL_STYLE = ParagraphStyle("label address", 11, inset=_SIDE_MARGIN, smallest_unwrapped=8)
_LABEL_ID_STYLE = ParagraphStyle(
    "label mark", 7, space_above=1.5, inset=_SIDE_MARGIN, grey=True, right_aligned=True
)


def make_labels(letters: Sequence[LetterAddress], sheet: LabelSheet, start: int = 1) -> bytes:
    """Return a .docx with an address label for each letter, in order.

    `start` is the first unused label of the sheet, counted from 1, row by row. Raise UsageError if
    the sheet has no such label. An address that does not fit is omitted; `label_problems` warns of
    it. At least one letter is required.
    """
    check_start(sheet, start)
    places = [*[None] * (start - 1), *letters]
    starts = range(0, len(places), sheet.count)
    sheets = "".join(_label_table(places[first : first + sheet.count], sheet) for first in starts)
    paper = sheet.paper
    right = paper.width - sheet.left - (sheet.columns - 1) * sheet.pitch_x - sheet.width
    bottom = paper.height - sheet.top - sheet.rows * sheet.pitch_y - SPACE_BELOW_TABLE
    page = PageSetup(
        width=paper.width,
        height=paper.height,
        code=paper.code,
        left=sheet.left,
        top=sheet.top,
        right=right,
        bottom=bottom,
    )
    return styled_docx("Labels", (_LABEL_STYLE, _LABEL_ID_STYLE), sheets, page)


def label_problems(letters: Iterable[LetterAddress], sheet: LabelSheet) -> Iterator[Problem]:
    """Yield a warning for each address that does not fit."""
    for letter in letters:
        if not fitting_size(letter.lines, _label_area(sheet), _LABEL_STYLE):
            yield address_too_long(letter, "address", f"the {sheet.name} label")


def check_start(sheet: LabelSheet, start: int) -> None:
    """Raise UsageError if a sheet has no label of that number.

    Labels are counted from 1.
    """
    if not 1 <= start <= sheet.count:
        place = option_place("start", str(start))
        problem = messages.problem("label-start", place, stock=sheet.name, count=sheet.count)
        raise UsageError(problem)


def _label_area(sheet: LabelSheet) -> AddressArea:
    return AddressArea(sheet.width - 2 * _SIDE_MARGIN, sheet.height - _TOP_MARGIN - _BOTTOM_MARGIN)


def _label_table(letters: Sequence[LetterAddress | None], sheet: LabelSheet) -> str:
    """Return the XML of a table with the labels of one sheet.

    It has columns for the gaps between labels. All addresses of a sheet have the size of the one
    that needs the smallest type.
    """
    area = _label_area(sheet)
    fitting_sizes = [fitting_size(letter.lines, area, _LABEL_STYLE) for letter in letters if letter]
    smallest_size = min(filter(None, fitting_sizes), default=0)
    width = mm_to_twips(sheet.width)
    gap = mm_to_twips(sheet.pitch_x) - width
    widths = [width, *(gap, width) * (sheet.columns - 1)]
    sizes, rows = iter(fitting_sizes), []
    for first in range(0, len(letters), sheet.columns):
        cells = [""] * len(widths)
        for number, letter in enumerate(letters[first : first + sheet.columns]):
            if letter:
                size = smallest_size if next(sizes) else 0
                mark = text_paragraph(letter.short_id, _LABEL_ID_STYLE)
                lines = fit_lines(letter.lines, _LABEL_STYLE, area, centred=True, size=size)
                cells[2 * number] = mark + lines
        rows.append(table_row(map(table_cell, widths, cells), sheet.pitch_y))
    return fixed_table(widths, rows)
