"""Registers in one line: entries, updates, and edits of staff in Excel."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.table import TableColumn
from openpyxl.worksheet.worksheet import Worksheet

from merge.campaign.register_marks import RegisterMarkReader
from merge.register.entries import RegisterEntry, RegisterUpdate, StageValue
from merge.register.reading import Register, read_register
from merge.register.records import day_or_text
from merge.register.updating import update_register
from merge.state.ledger import ledger_to_read
from support.workbooks import zipped

CREATED_ON = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 25, 9, 30, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 25)
MEMORY = "Kept by the program"
SIGNERS = ("Ana Ruiz", "Bo Berg", "Chen Wei")
RECIPIENTS = ("Minister Li", "Consul Roy")


def ids(signer: int, recipient: int) -> str:
    """Return the ID of a letter, from the numbers of its people."""
    return f"{signer:08x}{recipient:08x}"


def letter(signer: int = 0, recipient: int = 0, /, **changes: Any) -> RegisterEntry:  # noqa: ANN401
    """Return the entry of a letter, by the numbers of signer and recipient."""
    names = SIGNERS[signer % len(SIGNERS)], RECIPIENTS[recipient % len(RECIPIENTS)]
    entry = RegisterEntry(
        id=ids(signer, recipient),
        signer=names[0],
        recipient=names[1],
        signer_id=f"{signer:016x}",
        recipient_id=f"{recipient:016x}",
        file=f"letters/{names[0]}/{names[1]}.docx",
        state="unchanged",
        created_on=CREATED_ON,
    )
    return replace(entry, **changes)


def letters(**changes: Any) -> list[RegisterEntry]:  # noqa: ANN401
    """Return the entries of three signers to two recipients."""
    return [letter(s, r, **changes) for s in range(3) for r in range(2)]


def run(path: Path, entries: Iterable[RegisterEntry]) -> RegisterUpdate:
    """Update the register as a run of the program does."""
    return update_register(path, entries, read_register(path), NOW)


def make_register(folder: Path, entries: Iterable[RegisterEntry] | None = None) -> Path:
    """Make a register of the letters."""
    path = folder / "register.xlsx"
    assert run(path, letters() if entries is None else entries).is_written
    return path


_STRINGS = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def with_shared_strings(path: Path) -> Path:
    """Rewrite the workbook as Excel saves it, with shared strings."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    strings = list[bytes]()

    def share(match: re.Match[bytes]) -> bytes:
        if match[2] not in strings:
            strings.append(match[2])
        return b'%s t="s"><v>%d</v></c>' % (match[1], strings.index(match[2]))

    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        inline = rb'(<c [^>]*?) t="inlineStr"><is>(<t[ >].*?)</is></c>'
        parts[name] = re.sub(inline, share, parts[name])
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    items = b"".join(b"<si>%s</si>" % string for string in strings)
    parts["xl/sharedStrings.xml"] = b"<sst %s>%s</sst>" % (space, items)
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = b'<Relationship Id="rId99" Type="%s" Target="sharedStrings.xml"/></Rel' % kind
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"</Rel", link)
    listed = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types' % _STRINGS
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types", listed)
    zipped(path, parts)
    return path


@contextmanager
def excel(path: Path, sheet: str = "Register") -> Iterator[Worksheet]:
    """Edit a sheet as staff do; it is saved at the end."""
    book = load_workbook(path, rich_text=True)
    yield book[sheet]
    book.save(path)


def sheet(path: Path, name: str = "Register") -> Worksheet:
    """Return a sheet for reading."""
    worksheet: Worksheet = load_workbook(path)[name]
    return worksheet


def column(worksheet: Worksheet, heading: str, row: int = 1) -> int:
    """Return the number of the column with a heading."""
    return next(c.column for c in worksheet[row] if c.value == heading)


def row_of(worksheet: Worksheet, id_: str) -> int:
    """Return the number of the row of a letter or a person."""
    return next(int(c.row or 0) for c in worksheet["A"] if c.value == id_)


def fill(path: Path, id_: str, heading: str, value: Any, name: str = "Register") -> None:  # noqa: ANN401
    """Write a value into the row of a letter or a person, as staff do."""
    with excel(path, name) as worksheet:
        worksheet.cell(row_of(worksheet, id_), column(worksheet, heading)).value = value


def table(path: Path, name: str = "Register", row: int = 1) -> list[dict[str, Any]]:
    """Return the rows below the headings, by heading, without empty cells."""
    worksheet = sheet(path, name)
    headings = [c.value for c in worksheet[row]]
    rows = worksheet.iter_rows(min_row=row + 1, values_only=True)
    return [{str(h): v for h, v in zip(headings, r, strict=True) if v is not None} for r in rows]


def without_token(value: object) -> object:
    """Return the value of a cell; a record without its random token."""
    return re.sub('"token":"[0-9a-f]+"', "", value) if isinstance(value, str) else value


def table_without_tokens(path: Path, name: str = "Register") -> list[dict[str, Any]]:
    """Return the rows like `table`, with each record as a list, without its random token."""
    rows = table(path, name)
    for row in rows:
        row[MEMORY] = json.loads(row[MEMORY])
        del row[MEMORY][-1]["token"]
    return rows


def read(path: Path) -> Register:
    """Return the register as the program reads it."""
    return read_register(path)


def codes(updated: RegisterUpdate | Register) -> list[str]:
    """Return the codes of the reported problems."""
    return [problem.code for problem in updated.problems]


def add_columns(worksheet: Worksheet, *headings: str) -> None:
    """Add headings right of the table; Excel extends the table with them."""
    listed = worksheet.tables["Letters"]
    right = worksheet.max_column
    for number, heading in enumerate(headings, right + 1):
        worksheet.cell(1, number, heading)
        listed.tableColumns.append(TableColumn(id=100 + number, name=heading))
    last = worksheet.cell(1, right + len(headings)).coordinate[:-1]
    listed.ref = f"A1:{last}{worksheet.max_row}"
    listed.autoFilter.ref = listed.ref


def sort(worksheet: Worksheet, seed: int = 1) -> None:
    """Sort the table as staff do: complete rows move, with each cell's format."""
    rows = [list(row) for row in worksheet.iter_rows(min_row=2)]
    order = random.Random(seed).sample(rows, len(rows))  # noqa: S311
    for number, row in enumerate(order, 2):
        for cell in row:
            worksheet._cells[number, int(cell.column or 0)] = cell  # noqa: SLF001
            cell.row = number


def shift(
    path: Path, order: Sequence[int], headings: Sequence[str] = (), name: str = "Register"
) -> None:
    """Move visible cells to other rows, without the hidden one of each row.

    The first row below the headings is 0. All visible columns move, or only those of `headings`.
    """
    with excel(path, name) as worksheet:
        seen = [(int(c.column or 0), c.value) for c in worksheet[1] if c.value != MEMORY]
        numbers = [number for number, heading in seen if heading in headings or not headings]
        before = {(row, n): worksheet.cell(row + 2, n).value for row in order for n in numbers}
        for at, row in zip(sorted(order), order, strict=True):
            for number in numbers:
                worksheet.cell(at + 2, number).value = before[row, number]


def dated(folder: Path) -> Path:
    """Make a register in which every letter has a note.

    Each letter but the second has a date of its own.
    """
    path = make_register(folder)
    with excel(path) as worksheet:
        notes, posted = column(worksheet, "Notes"), column(worksheet, "Posted")
        for number, entry in enumerate(letters()):
            worksheet.cell(number + 2, notes).value = f"note {entry.id}"
            day = None if number == 1 else DAY + dt.timedelta(days=number)
            worksheet.cell(number + 2, posted).value = day
    return path


def marked_stages(path: Path) -> dict[str, dict[str, StageValue]]:
    """Return the stages of letters by letter ID, as a program without records counts them."""
    register, stages = read(path), defaultdict[str, dict[str, StageValue]](dict)
    with ledger_to_read(path.parent / "letters") as ledger:
        found = RegisterMarkReader(register, ledger, frozenset(), lambda *_: False).read()
    for mark in found.marks:
        stages[mark.id][mark.stage] = day_or_text(mark.value)
    return stages


def printed_ids(path: Path) -> set[str]:
    """Return the IDs of the printed letters."""
    return {*marked_stages(path)}


def register_rows(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of the Register sheet, each with its cells by heading."""
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    heads = [str(cell.value) for cell in sheet[1]]
    rows = (tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2))
    return [dict(zip(heads, row, strict=True)) for row in rows]
