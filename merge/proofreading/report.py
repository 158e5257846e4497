"""The report to sign off before printing, an Excel workbook: what was read, found and changed."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles.colors import Color
from openpyxl.worksheet.worksheet import Worksheet

from merge.model import People, Problem
from merge.proofreading.changes import Change, Sign
from merge.proofreading.index import FOR_THE_PROGRAM
from merge.proofreading.reading import Read
from merge.proofreading.sheets import (
    FIELD,
    FONT,
    HEADING,
    LOOK,
    RIGHT,
    STOP,
    TITLE,
    cleaned,
    finish_list,
    list_sheet,
    page,
    put,
    workbook,
)
from merge.proofreading.whose import place_of

_SIGNS = {
    "same": InlineFont(FONT, sz=10),
    "gone": InlineFont(FONT, sz=10, strike=True, color=Color("FFB00020")),
    "new": InlineFont(FONT, sz=10, b=True, color=Color("FF1B5E20")),
}


def report(
    reads: Iterable[Read], people: tuple[People, People], general: Sequence[Problem] = ()
) -> bytes:
    """The .xlsx: sheets for letters, their differences, what the columns gave, and signatures.

    `people` are those of `proofread`; `general` are doubts that concern no single letter. Letters
    to look at stand first. No cell is a formula.
    """
    every = sorted(reads, key=_urgency)
    book = workbook()
    _letters(book, every)
    _differences(book, every)
    _columns(book, every, people)
    _sign_off(book.create_sheet("Sign-off"), every, general)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _urgency(read: Read) -> int:
    levels = {doubt.level for doubt in read.doubts}
    return 0 if "error" in levels else 1 if levels else 2


_VERDICTS = (STOP, LOOK, RIGHT)


def _letters(book: Workbook, reads: Sequence[Read]) -> None:
    headings = {"Signer": 26, "Recipient": 30, "File": 38, "Verdict": 9, "What": 75}
    sheet = list_sheet(book, "Letters", headings)
    for row, read in enumerate(reads, 2):
        pair = read.letter.pair
        said = "\n".join(f"• {_said(doubt)}" for doubt in read.doubts)
        cells = (pair.signer.label, pair.recipient.label, place_of(read.letter).file)
        for column, text in enumerate(cells, 1):
            put(sheet, row, column, text)
        put(sheet, row, 4, read.verdict, _VERDICTS[_urgency(read)])
        put(sheet, row, 5, said)
    finish_list(sheet)


def _said(problem: Problem) -> str:
    """A doubt without its file, which has a column of its own."""
    place = problem.place
    if place.sheet:
        return f"{place.sheet}!{place.cell}: {problem.what} {problem.hint}"
    where = f"{place.part} paragraph {place.paragraph}: " if place.paragraph else ""
    return f"{where}{problem.what} {problem.hint}"


def _differences(book: Workbook, reads: Sequence[Read]) -> None:
    headings = {"File": 38, "Where": 20, "As made": 55, "As it is now": 55}
    sheet = list_sheet(book, "Differences", headings)
    changed = ((read, change) for read in reads for change in read.changes)
    for row, (read, change) in enumerate(changed, 2):
        put(sheet, row, 1, place_of(read.letter).file)
        where = f"paragraph {change.number}" if change.number else "taken out"
        put(sheet, row, 2, f"{change.part}, {where}")
        put(sheet, row, 3, _coloured(change, "gone"))
        put(sheet, row, 4, _coloured(change, "new"))
    finish_list(sheet)


def _coloured(change: Change, shown: Sign) -> CellRichText:
    """One side of a change, the words that differ marked."""
    words = [(sign, text) for sign, text in change.words() if text and sign in {"same", shown}]
    return CellRichText(*(TextBlock(_SIGNS[sign], cleaned(text)) for sign, text in words))


def _columns(book: Workbook, reads: Sequence[Read], people: tuple[People, People]) -> None:
    """What no letter shows, and should, is a column mixed up in the template."""
    headings = {"Sheet": 16, "Column": 26, "Letters that show it": 20, "of": 10}
    sheet = list_sheet(book, "Columns", headings)
    shown = Counter(column for read in reads for column in read.shown)
    columns = ((s, c) for s in people for c in s.columns if c.tag not in FOR_THE_PROGRAM)
    for row, (own, column) in enumerate(columns, 2):
        put(sheet, row, 1, own.sheet)
        put(sheet, row, 2, column.heading)
        put(sheet, row, 3, shown[own.kind, column.tag])
        put(sheet, row, 4, len(reads))
    finish_list(sheet)


def _sign_off(sheet: Worksheet, reads: Sequence[Read], general: Sequence[Problem]) -> None:
    page(sheet, [52, 30, 16, 36])
    put(sheet, 1, 1, "Proofreading: sign-off before printing", TITLE)
    row = 3
    for what, count in _counts(reads):
        put(sheet, row, 1, what)
        put(sheet, row, 2, count)
        row += 1
    for problem in general:
        put(sheet, row, 1, str(problem), LOOK)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=4)
        sheet.row_dimensions[row].height = 32
        row += 1
    _lines(sheet, row + 1)


def _counts(reads: Sequence[Read]) -> Iterator[tuple[str, int]]:
    urgent = Counter(map(_urgency, reads))
    blocks = Counter(kind for kind, _ in {(b.kind, b.text) for r in reads for b in r.blocks})
    yield "Letters read", len(reads)
    yield "right", urgent[2]
    yield "to look at", urgent[1]
    yield "not to be printed as they are", urgent[0]
    yield "Letters that differ from what was made", sum(1 for read in reads if read.changes)
    yield "Different addresses with salutation, in the proof document", blocks["recipient"]
    yield "Different signature blocks, in the proof document", blocks["signer"]


_DUTIES = (
    "Every letter with the verdict look was looked at (sheet Letters).",
    "Every difference was read (sheet Differences).",
    "Every address and salutation was read (proof document).",
    "Every signature block was read (proof document).",
    "The letters may be printed.",
)


def _lines(sheet: Worksheet, first: int) -> None:
    for column, heading in enumerate(("What was done", "Name", "Date", "Signature"), 1):
        put(sheet, first, column, heading, HEADING)
    for row, duty in enumerate(_DUTIES, first + 1):
        sheet.row_dimensions[row].height = 34
        for column in range(1, 5):
            put(sheet, row, column, duty if column == 1 else "", FIELD)
