"""Cells changed in place: they hold what openpyxl would write, all else stays byte for byte."""

from __future__ import annotations

import datetime as dt
import random
import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from support.everyday import everyday
from support.registers import (
    RECIPIENTS,
    SIGNERS,
    codes,
    excel,
    ids,
    letter,
    letters,
    made,
    run,
    with_shared_strings,
)
from support.workbooks import zipped

from merge.excel.patching import Formula, NewValue, UnpatchableWorkbookError, patch_workbook
from merge.excel.workbook_parts import read_workbook_parts
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive
from merge.register.entries import RegisterEntry
from merge.register.planning import plan_tables
from merge.register.reading import read_register
from merge.register.writing import update_with_openpyxl

_SHEET = "xl/worksheets/sheet1.xml"


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _patch(path: Path, **cells: NewValue) -> None:
    """Put values into cells of the sheet Register, each named as in Excel: B2."""
    archive = open_archive(path.read_bytes(), EXCEL)
    values = {(int(name[1:]), ord(name[0]) - 64): value for name, value in cells.items()}
    contents = read_workbook_parts(archive)
    path.write_bytes(patch_workbook(archive, contents, {"Register": values}, "HYPERLINK("))


def test_only_the_cells_change(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there["B3"].comment = Comment("Ask her lawyer", "Ana")
        there["B3"].fill = PatternFill("solid", fgColor="FFFF00")
    before = _parts(path)
    link = Formula('HYPERLINK("a & b.docx")', "a & b.docx")
    _patch(path, B3="Zoë <&> Ruiz", D3=link, F3=46000, G3=" 01 ", E4=None, O5="new")
    after = _parts(path)
    assert [name for name in before if before[name] != after[name]] == [_SHEET]
    assert [*before] == [*after]
    there, old = load_workbook(path)["Register"], load_workbook(BytesIO(zip_of(before)))["Register"]
    changed = {
        cell.coordinate: cell.value
        for row, olds in zip(there.iter_rows(), old.iter_rows(), strict=True)
        for cell, was in zip(row, olds, strict=True)
        if (cell.value, repr(cell.fill), cell.number_format)
        != (was.value, repr(was.fill), was.number_format)
    }
    day = dt.datetime(2025, 12, 9)  # noqa: DTZ001 - Excel's
    assert changed == {
        "B3": "Zoë <&> Ruiz",
        "D3": '=HYPERLINK("a & b.docx")',
        "F3": day,
        "G3": " 01 ",
        "E4": None,
        "O5": "new",
    }


def zip_of(parts: dict[str, bytes]) -> bytes:
    """The parts in a zip."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


DAY = dt.date(2026, 11, 26)


def test_a_day_gets_a_cell_that_shows_days_though_none_is_there(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there["K2"].number_format = "yyyy-mm-dd"  # an empty cell with a format of its own
    _patch(path, I2=DAY, F2=DAY, K2=DAY, N2="RR 12")
    there = load_workbook(path)["Register"]
    day = dt.datetime.combine(DAY, dt.time())
    shown = {name: (there[name].value, there[name].number_format) for name in ("I2", "F2", "K2")}
    assert shown == {
        "I2": (day, "d mmm yyyy"),
        "F2": (day, "d mmm yyyy"),
        "K2": (day, "yyyy-mm-dd"),
    }
    assert (there["N2"].value, there["N2"].number_format) == ("RR 12", "@")


def test_a_cell_that_is_not_there_has_the_format_of_its_row_before_that_of_its_column(
    tmp_path: Path,
) -> None:
    path = made(tmp_path)
    parts = _parts(path)
    found = re.search(rb'<c r="F2"( s="[0-9]+")', parts[_SHEET])
    assert found
    style = found[1]
    for row, own in ((b'<row r="2"', style + b' customFormat="1"'), (b'<row r="3"', style)):
        parts[_SHEET] = parts[_SHEET].replace(row, row + own)
    zipped(path, parts)
    _patch(path, O2=DAY)
    assert load_workbook(path)["Register"]["O2"].number_format == "d mmm yyyy"
    with pytest.raises(UnpatchableWorkbookError):
        _patch(path, O3=DAY)


@pytest.mark.parametrize("cell", ["B2", "O2"])
def test_a_day_is_not_put_where_none_is_shown(tmp_path: Path, cell: str) -> None:
    path = made(tmp_path)
    with pytest.raises(UnpatchableWorkbookError):
        _patch(path, **{cell: DAY})


def test_of_a_text_that_is_replaced_nothing_stays(tmp_path: Path) -> None:
    path = with_shared_strings(made(tmp_path))
    assert b"Minister Li" in _parts(path)["xl/sharedStrings.xml"]
    again = [
        letter(s, r, recipient=("Elif Kaya", RECIPIENTS[1])[r]) for s in range(3) for r in (0, 1)
    ]
    moved = [e if e.recipient == RECIPIENTS[1] else _elsewhere(e) for e in again]
    assert codes(run(path, moved)) == []
    assert "xl/sharedStrings.xml" in (after := _parts(path))
    assert b"Minister Li" not in b"".join(after.values())
    rows = read_register(path).rows.values()
    assert {row.recipient for row in rows} == {"Elif Kaya", RECIPIENTS[1]}
    assert {row.signer for row in rows} == {*SIGNERS}


def _elsewhere(entry: RegisterEntry) -> RegisterEntry:
    return letter(
        int(entry.id[:8], 16),
        int(entry.id[8:], 16),
        recipient=entry.recipient,
        file=f"letters/{entry.signer}/{entry.recipient}.docx",
    )


@pytest.mark.parametrize("shared", everyday([False, True]))
@pytest.mark.parametrize("seed", everyday(range(3)))
def test_random_news_look_as_openpyxl_would_write_them(
    tmp_path: Path, seed: int, *, shared: bool
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    path = made(tmp_path)
    if shared:
        with_shared_strings(path)
    news = [
        letter(
            s,
            r,
            state=chance.choice(["as made", "edited", "no longer wanted"]),
            created_on=chance.choice([dt.date(2026, 11, 20), dt.date(2026, 12, 1)]),
            batch=chance.choice([None, "01, 26 Nov 2026, 10.00"]),
            file=chance.choice(["letters/a#b%.docx", f"letters/{s}/{r}.docx"]),
            counted_stages=chance.choice([(), ("Printed",)]),
        )
        for s in range(3)
        for r in range(2)
    ]
    plans, out = plan_tables(read_register(path).tables, "register.xlsx", news), BytesIO()
    update_with_openpyxl(path.read_bytes(), (), plans, out)
    before = _parts(path)
    assert codes(run(path, news)) == []
    assert before["xl/styles.xml"] == _parts(path)["xl/styles.xml"]
    assert _looks(path.read_bytes()) == _looks(out.getvalue())
    assert not run(path, news).is_written


def _looks(data: bytes) -> list[object]:
    """All that shows in a workbook."""
    return [
        (
            sheet.title,
            [(c.coordinate, c.value, c.number_format, repr(c.font)) for row in sheet for c in row],
            [(name, d.width, d.hidden) for name, d in sorted(sheet.column_dimensions.items())],
            [(table.ref, table.autoFilter.ref) for table in sheet.tables.values()],
            sorted(str(each.sqref) for each in sheet.conditional_formatting),
            sorted(str(each.sqref) for each in sheet.data_validations.dataValidation),
            sheet.freeze_panes,
        )
        for sheet in load_workbook(BytesIO(data))
    ]


@pytest.mark.parametrize("value", ["a\x01b", "_x0041_", Formula("1", "\x02")])
def test_what_a_cell_cannot_hold_as_it_is_is_not_put_in(tmp_path: Path, value: NewValue) -> None:
    path = made(tmp_path)
    cell = "D2" if isinstance(value, Formula) else "B2"
    with pytest.raises(UnpatchableWorkbookError):
        _patch(path, **{cell: value})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<sheetData>", b"<sheetData><!-- x -->"),
        (b'<c r="B2"', b'<c cm="1" r="B2"'),
        (b'<row r="2"', b'<x:row r="2"'),
        (b'"inlineStr"><is><t>Minister Li</t></is>', b'"str"><f>A1&amp;A2</f><v>Minister Li</v>'),
        (b'<c r="B2"', b"<c"),
    ],
)
def test_a_sheet_that_is_written_otherwise_is_left(tmp_path: Path, old: bytes, new: bytes) -> None:
    parts = _parts(path := made(tmp_path))
    archive = open_archive(path.read_bytes(), EXCEL)
    contents = read_workbook_parts(archive)
    assert old in parts[_SHEET]
    parts[_SHEET] = parts[_SHEET].replace(old, new)
    other = open_archive(zip_of(parts), EXCEL)
    with pytest.raises(UnpatchableWorkbookError):
        patch_workbook(other, contents, {"Register": {(2, 2): "Zoë"}}, "HYPERLINK(")


@pytest.mark.parametrize(("cell", "value"), [("D2", "text"), ("B2", Formula("1+1", "2"))])
def test_a_formula_comes_only_in_the_place_of_one(
    tmp_path: Path, cell: str, value: NewValue
) -> None:
    """Excel keeps a list of the cells that have any."""
    with pytest.raises(UnpatchableWorkbookError):
        _patch(made(tmp_path), **{cell: value})


def test_a_sum_of_the_staffs_is_worked_out_anew(tmp_path: Path) -> None:
    """It would show what it showed before, where the program that opens it trusts the file."""
    path = made(tmp_path)
    with excel(path, "By signer") as there:
        there["P1"] = '=COUNTIF(Register!E:E,"edited")'
    assert codes(run(path, letters(state="edited"))) == []
    assert b"fullCalcOnLoad" in _parts(path)["xl/workbook.xml"]
    assert {row.state for row in read_register(path).rows.values()} == {"edited"}


def test_news_of_letters_do_not_wait_for_openpyxl(tmp_path: Path) -> None:
    path = made(tmp_path)
    code = f"""
import sys
from pathlib import Path
sys.path[:0] = {sys.path!r}
from merge.register.entries import NO_LONGER_WANTED, RegisterEntry
from merge.register.updating import update_register
from merge.register.reading import read_register
import datetime as dt
path = Path({str(path)!r})
register = read_register(path)
entries = [RegisterEntry(i, "", "", "", "", "", NO_LONGER_WANTED, None) for i in register.rows]
assert update_register(path, entries, register, dt.datetime.now().astimezone()).is_written
assert "openpyxl" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert {row.state for row in read_register(path).rows.values()} == {"no longer wanted"}
    assert {*read_register(path).rows} == {ids(s, r) for s in range(3) for r in range(2)}
