"""A workbook is replaced only by one that still has all of its data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.registers import RECIPIENTS, make_register, with_shared_strings
from support.workbooks import edited

from merge.errors import FaultError
from merge.excel.reader import read_excel_file
from merge.excel.round_trip import check_round_trip
from merge.problems import Place

SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@pytest.fixture(params=[SHEET, STRINGS])
def register(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, str]:
    """Return a register, and the part with its texts.

    It is the sheet itself, or the shared strings.
    """
    path = make_register(tmp_path)
    if request.param == STRINGS:
        with_shared_strings(path)
    return path, request.param


ROW_5_AS_ROW_50 = [
    ('<row r="5"', '<row r="50"'),
    *((f' r="{column}5"', f' r="{column}50"') for column in "ABCDEFH"),
]


def _loss(path: Path, other: Path, *touched: tuple[str, int, int]) -> str:
    """Return the loss if the other file replaced the workbook, or empty."""
    try:
        check_round_trip(read_excel_file(path), other, touched)
    except FaultError as error:
        return error.to_problem(Place(path.name)).what
    return ""


def _edited_copy(path: Path, part: str, *changes: tuple[str, str]) -> Path:
    return edited(Path(shutil.copy2(path, path.with_name("other.xlsx"))), part, *changes)


def test_a_round_trip_that_loses_a_text_is_refused(register: tuple[Path, str]) -> None:
    path, part = register
    other = _edited_copy(path, part, (f">{RECIPIENTS[1]}<", ">Consul Rey<"))
    assert "Register!C3 would be lost" in _loss(path, other)
    touched = [("Register", row, 3) for row in (3, 5, 7)]
    assert "Register!C7 would be lost" in _loss(path, other, *touched[:-1])
    if part == SHEET:
        assert _loss(path, other, *touched) == ""
    else:
        assert "By recipient!B3 would be lost" in _loss(path, other, *touched)


def test_a_round_trip_may_change_any_cell_of_a_rewritten_sheet(register: tuple[Path, str]) -> None:
    path, _ = register
    other = _edited_copy(path, SHEET, *ROW_5_AS_ROW_50)
    assert _loss(path, other, ("Register", 0, 0)) == ""
    assert "would be lost" in _loss(path, other, ("By recipient", 0, 0))


def test_a_round_trip_that_loses_a_text_above_added_rows_is_refused(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    row = '<row r="900"><c r="A900" t="inlineStr"><is><t>new</t></is></c></row></sheetData>'
    added = _edited_copy(path, SHEET, ("</sheetData>", row))
    assert _loss(path, added) == ""
    other = edited(added, SHEET, (f">{RECIPIENTS[1]}<", ">Consul Rey<"))
    assert "Register!C3 would be lost" in _loss(path, other)


def test_a_round_trip_that_moves_a_row_is_refused(register: tuple[Path, str]) -> None:
    path, _ = register
    other = _edited_copy(path, SHEET, *ROW_5_AS_ROW_50)
    assert "5 would be lost" in _loss(path, other)


@pytest.mark.parametrize(
    ("old", "new"),
    [("</sheetData>", "<row/></sheetData>"), ("</sheetData>", "</sheetData><!-- </row> -->")],
)
def test_a_round_trip_may_write_the_same_content_differently(
    register: tuple[Path, str], old: str, new: str
) -> None:
    path, _ = register
    assert _loss(path, _edited_copy(path, SHEET, (old, new))) == ""


def test_a_round_trip_may_omit_row_numbers(register: tuple[Path, str]) -> None:
    path, _ = register
    numbers = [(f'<row r="{row}"', "<row") for row in range(2, 8)]
    other = _edited_copy(path, SHEET, *numbers)
    assert _loss(path, other) == _loss(other, path) == ""
