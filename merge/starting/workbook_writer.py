"""Writes the workbook with the rows that were found in letters."""

from __future__ import annotations

import io
from collections.abc import Sequence

from merge.naming import placeholder_name
from merge.starting.columns import Column, SheetRoot
from merge.starting.draft import TemplateDraft

PEOPLE_SHEETS: tuple[SheetRoot, ...] = ("signer", "recipient")
_WIDTH, _MAX_WIDTH = 12, 48


def people_rows(draft: TemplateDraft, sheet: SheetRoot) -> tuple[list[list[str]], list[int]]:
    """Return the rows of a sheet, headings first, and each letter's person.

    A person is the number of a row, from 1; 0 if a letter has no value of the sheet.
    """
    columns = draft.table.of_sheet(sheet)
    rows = [tuple(column.values[n] for column in columns) for n in range(draft.count)]
    unique = [row for row in dict.fromkeys(rows) if any(row)]
    numbers = [unique.index(row) + 1 if any(row) else 0 for row in rows]
    headings = [column.heading for column in columns]
    cells = [[*row] for row in unique]
    if "name" not in map(placeholder_name, headings) and (cells or sheet == "signer"):
        headings = ["Name", *headings]
        cells = [[_name_of(columns, row), *row] for row in cells]
    table = [["ID", *headings, "Include"]]
    letter = "S" if sheet == "signer" else "R"
    table += [[f"{letter}{n}", *row, "yes"] for n, row in enumerate(cells, 1)]
    return table, numbers


def _name_of(columns: Sequence[Column], row: Sequence[str]) -> str:
    """Return a value that can be used as a missing name."""
    by_heading = dict(zip((column.heading for column in columns), row, strict=True))
    known = (by_heading.get(heading) for heading in ("Position", "Salutation", "Organisation"))
    return next(filter(None, (*known, *row)), "")


def pair_rows(draft: TemplateDraft) -> list[list[str]]:
    """Return the rows of the Pairs sheet; none if everyone writes to everyone."""
    signers, recipients = (people_rows(draft, sheet) for sheet in PEOPLE_SHEETS)
    columns = draft.table.of_sheet("pair")
    pairs = list(zip(signers[1], recipients[1], strict=True))
    if not columns and len({*pairs}) == len({*signers[1]}) * len({*recipients[1]}):
        return []
    rows = [["Signer", "Recipient", *(column.heading for column in columns)]]
    for number, (signer, recipient) in enumerate(pairs):
        cells = [column.values[number] for column in columns]
        ids = [f"S{signer}" if signer else "*", f"R{recipient}" if recipient else "*"]
        rows.append([*ids, *cells])
    return rows


def write_workbook(draft: TemplateDraft, template: str, title: str) -> bytes:
    """Return the workbook of a draft, the bytes of an .xlsx.

    All cells are text, so that a postcode keeps its zeros.
    """
    from merge.excel.lists import (  # noqa: PLC0415 - openpyxl
        HEADING,
        PLAIN,
        new_list_workbook,
        write_cell,
    )

    book = new_list_workbook()
    sheets = {f"{sheet.capitalize()}s": people_rows(draft, sheet)[0] for sheet in PEOPLE_SHEETS}
    language = draft.language.replace("_", "-")
    settings = [["Name", "Value"], ["Campaign", title], ["Template", template]]
    pairs = {"Pairs": pair_rows(draft)}
    for name, rows in {**sheets, **pairs, "Settings": [*settings, ["Language", language]]}.items():
        if not rows:
            continue
        page = book.create_sheet(name)
        for number, row in enumerate(rows, 1):
            for column, text in enumerate(row, 1):
                write_cell(page, number, column, text, HEADING if number == 1 else PLAIN)
                page.cell(number, column).number_format = "@"
        for cells in page.columns:
            longest = max(len(line) for c in cells for line in str(c.value or "").split("\n"))
            page.column_dimensions[cells[0].column_letter].width = min(
                max(longest + 2, _WIDTH), _MAX_WIDTH
            )
        page.freeze_panes = "A2"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()
