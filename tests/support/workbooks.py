"""Workbooks in one line: by openpyxl, or from raw XML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


@dataclass(frozen=True)
class Formatted:
    """A cell with a number format."""

    value: object
    code: str


Rows = Sequence[Any]
"""Rows of cells."""


def xlsx(folder: Path, name: str = "signers.xlsx", /, **sheets: Rows) -> Path:
    """Write a workbook with these sheets, each a list of rows.

    A cell of None is not written.
    """
    path, key = folder / name, repr(sheets)
    if key not in _WORKBOOKS:
        book, out = Workbook(), io.BytesIO()
        del book["Sheet"]
        for title, rows in sheets.items():
            _fill(book.create_sheet(title), rows)
        book.save(out)
        _WORKBOOKS[key] = out.getvalue()
    path.write_bytes(_WORKBOOKS[key])
    return path


_WORKBOOKS: dict[str, bytes] = {}
"""Bytes of workbooks by their sheets: many tests begin with the same."""


def _fill(sheet: Worksheet, rows: Rows) -> None:
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            plain: Any = value.value if isinstance(value, Formatted) else value
            cell = sheet.cell(number, column, plain)
            if isinstance(value, Formatted):
                cell.number_format = value.code


def campaign(folder: Path, **sheets: Rows) -> Path:
    """Write a workbook of a campaign; these sheets replace the usual ones."""
    usual: dict[str, Rows] = {
        "Signers": [["Name"], ["Ana Ruiz"], ["Bo Berg"]],
        "Recipients": [["Name", "Country"], ["Minister Li", "China"], ["Consul Roy", "India"]],
    }
    return xlsx(folder, **{**usual, **sheets})


def edited(path: Path, part: str, *changes: tuple[str, str]) -> Path:
    """Replace text in one part's XML; each text must be there."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part].decode()
    for old, new in changes:
        assert old in text, f"{old} is not in {part}: {text[:500]}"
        text = text.replace(old, new)
    return zipped(path, {**parts, part: text.encode()})


def zipped(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """Write a zip of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def raw(
    folder: Path,
    data: str,
    *,
    after: str = "",
    sheet: str | bytes | None = None,
    workbook: str = "",
    strings: str = "",
    styles: str = "",
) -> Path:
    """Write a workbook from the XML inside the `sheetData` of its sheet.

    `after` follows the `sheetData`, and `sheet` replaces the sheet's complete part. `strings` and
    `styles` are the XML inside those parts' roots. `workbook` is the XML before the sheets in the
    workbook part.
    """
    worksheet = f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData>{after}</worksheet>'
    sheets = '<sheets><sheet name="Signers" sheetId="1" r:id="r1"/></sheets>'
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}{sheets}</workbook>'
    links = (
        ("r1", "worksheet", "worksheets/sheet1.xml"),
        ("r2", "sharedStrings", "/xl/sharedStrings.xml"),
        ("r3", "styles", "styles.xml"),
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": _rels(("r1", "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": _rels(*links),
        "xl/workbook.xml": book,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/worksheets/sheet1.xml": worksheet if sheet is None else sheet,
    }
    return zipped(folder / "signers.xlsx", parts)


def _rels(*links: tuple[str, str, str]) -> str:
    relationships = (
        f'<Relationship Id="{i}" Type="{OFFICE}/{k}" Target="{t}"/>' for i, k, t in links
    )
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(relationships)}</Relationships>'
    )
