"""Writes the workbook with the rows that were found in letters."""

from __future__ import annotations

from merge.starting.columns import SheetRoot
from merge.starting.draft import TemplateDraft

_WIDTH, _MAX_WIDTH = 12, 48
_NAMES = ("Position", "Salutation", "Organisation")
"""Headings of values that can be used as a missing name."""


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
    if all(column.meaning != "name" for column in columns) and (cells or sheet == "signer"):
        likely = sorted(headings, key=lambda h: _NAMES.index(h) if h in _NAMES else len(_NAMES))
        order = [headings.index(heading) for heading in likely]
        cells = [[next(row[n] for n in order if row[n]), *row] for row in cells]
        headings = ["Name", *headings]
    table = [["ID", *headings, "Include"]]
    table += [[f"{sheet[0].upper()}{n}", *row, "yes"] for n, row in enumerate(cells, 1)]
    return table, numbers


def pair_rows(draft: TemplateDraft) -> list[list[str]]:
    """Return the rows of the Pairs sheet; none if everyone writes to everyone."""
    signers, recipients = (people_rows(draft, "signer")[1], people_rows(draft, "recipient")[1])
    columns = draft.table.of_sheet("pair")
    pairs = list(zip(signers, recipients, strict=True))
    if not columns and len({*pairs}) == len({*signers}) * len({*recipients}):
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
        PLAIN,
        finish_list,
        list_sheet,
        new_list_workbook,
        write_cell,
    )
    from merge.excel.rewriting import workbook_bytes  # noqa: PLC0415 - openpyxl

    book = new_list_workbook()
    language = draft.language.replace("_", "-")
    settings = {"Name": "Value", "Campaign": title, "Template": template, "Language": language}
    sheets = {
        "Signers": people_rows(draft, "signer")[0],
        "Recipients": people_rows(draft, "recipient")[0],
        "Pairs": pair_rows(draft),
        "Settings": [list(setting) for setting in settings.items()],
    }
    for name, rows in sheets.items():
        if not rows:
            continue
        headings = {
            column[0]: max(len(line) for cell in column for line in cell.split("\n")) + 2
            for column in zip(*rows, strict=True)
        }
        widths = {h: min(max(width, _WIDTH), _MAX_WIDTH) for h, width in headings.items()}
        sheet = list_sheet(book, name, widths)
        for number, row in enumerate(rows[1:], 2):
            for column, text in enumerate(row, 1):
                write_cell(sheet, number, column, text, PLAIN)
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            cell.number_format = "@"
        finish_list(sheet)
    return workbook_bytes(book)
