"""The workbook of a case: the people of an appeal as staff keep them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from openpyxl import Workbook
from starting.corpus.truth import Appeal, Sheet

Cell = str | int | None
SheetLetter = Literal["r", "s", "p"]
_USUAL_NAMES = {"s": "Signers", "r": "Recipients", "p": "Pairs"}


@dataclass(frozen=True, slots=True)
class WorkbookPlan:
    """Which sheets and rows of an appeal a workbook has.

    `names` are the names of the sheets, if they are not English. `left_out` are people who are not
    in the workbook, as `r2`. `has_more` adds columns for the program and the office: ID, Include,
    Copies, Language. `spellings` are texts that the workbook has in another spelling.
    """

    sheets: str = "sr"
    names: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    has_more: bool = False
    spellings: tuple[tuple[str, str], ...] = ()

    def has(self, sheet: str, number: str = "") -> bool:
        """Return whether the workbook has a sheet, and a person on it."""
        return sheet in self.sheets and f"{sheet}{number}" not in self.left_out

    def cell(self, text: str) -> str:
        """Return a text in the spelling of the workbook."""
        for letter, workbook in self.spellings:
            text = text.replace(letter, workbook)
        return text


def workbook_bytes(appeal: Appeal, plan: WorkbookPlan) -> bytes:
    """Return the workbook as an .xlsx."""
    book, out = Workbook(), io.BytesIO()
    del book["Sheet"]
    for number, letter in enumerate(plan.sheets):
        name = plan.names[number] if plan.names else _USUAL_NAMES[letter]
        sheet = book.create_sheet(name)
        for cells in _rows(appeal, letter, plan):
            sheet.append(cells)
    book.save(out)
    return out.getvalue()


def _rows(appeal: Appeal, letter: str, plan: WorkbookPlan) -> Iterator[list[Cell]]:
    sheet = appeal.sheets[letter]
    if letter == "p":
        yield from _pairs(appeal, sheet)
        return
    first, *more = ("ID", "Include", "Copies", "Language") if plan.has_more else ("",)
    yield [*filter(None, [first]), *sheet.headings.values(), *more]
    for number, row in sheet.rows.items():
        if f"{letter}{number}" not in plan.left_out:
            cells: list[Cell] = [plan.cell(row[key]) or None for key in sheet.headings]
            identity = f"{letter.upper()}{number}"
            yield [identity, *cells, "yes", 2, appeal.language] if plan.has_more else cells


def _pairs(appeal: Appeal, sheet: Sheet) -> Iterator[list[Cell]]:
    yield ["Signer", "Recipient", *sheet.headings.values()]
    for pair, row in sheet.rows.items():
        signer, recipient = pair.split("-")
        names = appeal.sheets["s"].rows[signer]["name"], appeal.sheets["r"].rows[recipient]["name"]
        yield [*names, *(row[key] or None for key in sheet.headings)]
