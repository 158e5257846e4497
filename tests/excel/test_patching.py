"""Patched cells are as openpyxl would write them; the rest is unchanged."""

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
    make_register,
    run,
    with_shared_strings,
)
from support.workbooks import zipped

from merge.excel.patching import Formula, NewValue, UnpatchableWorkbookError, patch_workbook
from merge.excel.workbook_parts import read_workbook_parts
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive
from merge.register.entries import KnownCells, KnownStage, RegisterEntry
from merge.register.planning import plan_tables
from merge.register.reading import read_register
from merge.register.writing import update_with_openpyxl

_SHEET = "xl/worksheets/sheet1.xml"


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _patch(path: Path, **cells: NewValue) -> None:
    """Set cells of the Register sheet; each is named as in Excel: B2."""
    archive = open_archive(path.read_bytes(), EXCEL)
    values = {(int(name[1:]), ord(name[0]) - 64): value for name, value in cells.items()}
    contents = read_workbook_parts(archive)
    path.write_bytes(patch_workbook(archive, contents, {"Register": values}, "HYPERLINK("))


def test_patching_changes_only_the_given_cells(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as sheet:
        sheet["B3"].comment = Comment("Ask her lawyer", "Ana")
        sheet["B3"].fill = PatternFill("solid", fgColor="FFFF00")
    before = _parts(path)
    link = Formula('HYPERLINK("a & b.docx")', "a & b.docx")
    _patch(path, B3="Zoë <&> Ruiz", D3=link, F3=46000, G3=" 01 ", E4=None, N5="new")
    after = _parts(path)
    assert [name for name in before if before[name] != after[name]] == [_SHEET]
    assert [*before] == [*after]
    new, old = load_workbook(path)["Register"], load_workbook(BytesIO(as_zip(before)))["Register"]
    changed = {
        cell.coordinate: cell.value
        for row, old_row in zip(new.iter_rows(), old.iter_rows(), strict=True)
        for cell, old_cell in zip(row, old_row, strict=True)
        if (cell.value, repr(cell.fill), cell.number_format)
        != (old_cell.value, repr(old_cell.fill), old_cell.number_format)
    }
    day = dt.datetime(2025, 12, 9)  # noqa: DTZ001 - Excel's
    assert changed == {
        "B3": "Zoë <&> Ruiz",
        "D3": '=HYPERLINK("a & b.docx")',
        "F3": day,
        "G3": " 01 ",
        "E4": None,
        "N5": "new",
    }


def as_zip(parts: dict[str, bytes]) -> bytes:
    """Return the parts as a zip."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


DAY = dt.date(2026, 11, 26)


def test_patching_adds_a_missing_cell_with_a_date_format_for_a_date(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as there:
        there["K2"].number_format = "yyyy-mm-dd"  # a blank cell with its own format
    _patch(path, I2=DAY, F2=DAY, K2=DAY, M2="RR 12")
    there = load_workbook(path)["Register"]
    day = dt.datetime.combine(DAY, dt.time())
    dates = {name: (there[name].value, there[name].number_format) for name in ("I2", "F2", "K2")}
    assert dates == {
        "I2": (day, "d mmm yyyy"),
        "F2": (day, "d mmm yyyy"),
        "K2": (day, "yyyy-mm-dd"),
    }
    assert (there["M2"].value, there["M2"].number_format) == ("RR 12", "@")


def test_a_patched_missing_cell_has_the_format_of_its_row_or_else_its_column(
    tmp_path: Path,
) -> None:
    path = make_register(tmp_path)
    parts = _parts(path)
    match = re.search(rb'<c r="F2"( s="[0-9]+")', parts[_SHEET])
    assert match
    style = match[1]
    for row, attributes in ((b'<row r="2"', style + b' customFormat="1"'), (b'<row r="3"', style)):
        parts[_SHEET] = parts[_SHEET].replace(row, row + attributes)
    zipped(path, parts)
    _patch(path, N2=DAY)
    assert load_workbook(path)["Register"]["N2"].number_format == "d mmm yyyy"
    with pytest.raises(UnpatchableWorkbookError):
        _patch(path, N3=DAY)


@pytest.mark.parametrize("cell", ["B2", "N2"])
def test_patching_refuses_a_date_in_a_cell_without_a_date_format(tmp_path: Path, cell: str) -> None:
    path = make_register(tmp_path)
    with pytest.raises(UnpatchableWorkbookError):
        _patch(path, **{cell: DAY})


def test_a_text_that_patching_replaced_is_not_in_the_file(tmp_path: Path) -> None:
    path = with_shared_strings(make_register(tmp_path))
    assert b"Minister Li" in _parts(path)["xl/sharedStrings.xml"]
    entries = [
        letter(s, r, recipient=("Elif Kaya", RECIPIENTS[1])[r]) for s in range(3) for r in (0, 1)
    ]
    moved = [e if e.recipient == RECIPIENTS[1] else _with_other_file(e) for e in entries]
    assert codes(run(path, moved)) == []
    assert "xl/sharedStrings.xml" in (parts := _parts(path))
    assert b"Minister Li" not in b"".join(parts.values())
    rows = read_register(path).rows.values()
    assert {row.recipient for row in rows} == {"Elif Kaya", RECIPIENTS[1]}
    assert {row.signer for row in rows} == {*SIGNERS}


def _with_other_file(entry: RegisterEntry) -> RegisterEntry:
    return letter(
        int(entry.id[:8], 16),
        int(entry.id[8:], 16),
        recipient=entry.recipient,
        file=f"letters/{entry.signer}/{entry.recipient}.docx",
    )


MARKED = KnownCells(
    {"Printed": KnownStage("2026-11-26", ("a key",)), "Posted": KnownStage("by hand", ())}, "RR 12"
)
"""The stages and the tracking number of a letter."""


@pytest.mark.parametrize("shared", everyday([False, True]))
@pytest.mark.parametrize("seed", everyday(range(3)))
def test_random_patches_look_as_if_openpyxl_had_written_them(
    tmp_path: Path, seed: int, *, shared: bool
) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    path = make_register(tmp_path)
    if shared:
        with_shared_strings(path)
    entries = [
        letter(
            s,
            r,
            state=dice.choice(["as made", "edited", "no longer needed"]),
            created_on=dice.choice([dt.date(2026, 11, 20), dt.date(2026, 12, 1)]),
            batch=dice.choice([None, "01, 26 Nov 2026, 10.00"]),
            file=dice.choice(["letters/a#b%.docx", f"letters/{s}/{r}.docx"]),
            known=dice.choice([None, KnownCells(), MARKED]),
        )
        for s in range(3)
        for r in range(2)
    ]
    plans, out = plan_tables(read_register(path).tables, "register.xlsx", entries, {}), BytesIO()
    update_with_openpyxl(path.read_bytes(), (), plans, out)
    old_parts = _parts(path)
    assert codes(run(path, entries)) == []
    assert old_parts["xl/styles.xml"] == _parts(path)["xl/styles.xml"]
    assert _visible_properties(path.read_bytes()) == _visible_properties(out.getvalue())
    assert not run(path, entries).is_written


def _without_token(value: object) -> object:
    """Return a cell's value without a random token."""
    return re.sub('"token":"[0-9a-f]{8}"', "", value) if isinstance(value, str) else value


def _visible_properties(data: bytes) -> list[object]:
    """Return all visible properties of a workbook."""
    return [
        (
            sheet.title,
            [
                (c.coordinate, _without_token(c.value), c.number_format, repr(c.font))
                for row in sheet
                for c in row
            ],
            [(name, d.width, d.hidden) for name, d in sorted(sheet.column_dimensions.items())],
            [(table.ref, table.autoFilter.ref) for table in sheet.tables.values()],
            sorted(str(rule.sqref) for rule in sheet.conditional_formatting),
            sorted(str(rule.sqref) for rule in sheet.data_validations.dataValidation),
            sheet.freeze_panes,
        )
        for sheet in load_workbook(BytesIO(data))
    ]


@pytest.mark.parametrize("value", ["a\x01b", "_x0041_", Formula("1", "\x02")])
def test_patching_refuses_a_text_that_a_cell_cannot_hold(tmp_path: Path, value: NewValue) -> None:
    path = make_register(tmp_path)
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
def test_patching_refuses_a_sheet_with_unusual_xml(tmp_path: Path, old: bytes, new: bytes) -> None:
    parts = _parts(path := make_register(tmp_path))
    archive = open_archive(path.read_bytes(), EXCEL)
    contents = read_workbook_parts(archive)
    assert old in parts[_SHEET]
    parts[_SHEET] = parts[_SHEET].replace(old, new)
    other = open_archive(as_zip(parts), EXCEL)
    with pytest.raises(UnpatchableWorkbookError):
        patch_workbook(other, contents, {"Register": {(2, 2): "Zoë"}}, "HYPERLINK(")


@pytest.mark.parametrize(("cell", "value"), [("D2", "text"), ("B2", Formula("1+1", "2"))])
def test_patching_replaces_a_formula_only_by_a_formula(
    tmp_path: Path, cell: str, value: NewValue
) -> None:
    """Excel has a list of the cells with formulas."""
    with pytest.raises(UnpatchableWorkbookError):
        _patch(make_register(tmp_path), **{cell: value})


def test_a_formula_of_staff_is_calculated_again_after_an_update(tmp_path: Path) -> None:
    """Otherwise a program that trusts the file would show its old result."""
    path = make_register(tmp_path)
    with excel(path, "By signer") as there:
        there["P1"] = '=COUNTIF(Register!E:E,"edited")'
    assert codes(run(path, letters(state="edited"))) == []
    assert b"fullCalcOnLoad" in _parts(path)["xl/workbook.xml"]
    assert {row.state for row in read_register(path).rows.values()} == {"edited"}


def test_updating_the_register_does_not_load_openpyxl(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    code = f"""
import sys
from pathlib import Path
sys.path[:0] = {sys.path!r}
from merge.register.entries import NO_LONGER_NEEDED, RegisterEntry
from merge.register.updating import update_register
from merge.register.reading import read_register
import datetime as dt
path = Path({str(path)!r})
register = read_register(path)
entries = [RegisterEntry(i, "", "", "", "", "", NO_LONGER_NEEDED, None) for i in register.rows]
assert update_register(path, entries, register, dt.datetime.now().astimezone()).is_written
assert "openpyxl" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert {row.state for row in read_register(path).rows.values()} == {"no longer needed"}
    assert {*read_register(path).rows} == {ids(s, r) for s in range(3) for r in range(2)}
