"""A workbook is only replaced by one in which stands all that stood in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.registers import RECIPIENTS, made, with_shared_strings
from support.workbooks import edited

from merge.errors import FaultError
from merge.excel.reader import read_excel_file
from merge.excel.round_trip import check_round_trip
from merge.problems import Place

SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@pytest.fixture(params=[SHEET, STRINGS])
def register(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, str]:
    """A register, and the part that its texts are in: the sheet's own, or one for all sheets."""
    path = made(tmp_path)
    if request.param == STRINGS:
        with_shared_strings(path)
    return path, request.param


def _lost(path: Path, other: Path, *touched: tuple[str, int, int]) -> str:
    """What would be lost if the other took the workbook's place; empty for nothing."""
    try:
        check_round_trip(read_excel_file(path), other, touched)
    except FaultError as error:
        return error.to_problem(Place(path.name)).what
    return ""


def _other(path: Path, part: str, *changes: tuple[str, str]) -> Path:
    return edited(Path(shutil.copy2(path, path.with_name("other.xlsx"))), part, *changes)


def test_a_text_that_would_be_lost_is_found(register: tuple[Path, str]) -> None:
    path, part = register
    other = _other(path, part, (f">{RECIPIENTS[1]}<", ">Consul Rey<"))
    assert "Register!C3 would be lost" in _lost(path, other)
    touched = [("Register", row, 3) for row in (3, 5, 7)]
    assert "Register!C7 would be lost" in _lost(path, other, *touched[:-1])
    if part == SHEET:
        assert _lost(path, other, *touched) == ""
    else:
        assert "By recipient!B3 would be lost" in _lost(path, other, *touched)


def test_of_a_sheet_that_is_written_anew_no_cell_is_missed(register: tuple[Path, str]) -> None:
    path, _ = register
    other = _other(path, SHEET, ('<row r="5"', '<row r="50"'), ('5"', '50"'))
    assert _lost(path, other, ("Register", 0, 0)) == ""
    assert "would be lost" in _lost(path, other, ("By recipient", 0, 0))


def test_a_text_that_would_be_lost_above_rows_that_are_added_is_found(tmp_path: Path) -> None:
    path = made(tmp_path)
    row = '<row r="900"><c r="A900" t="inlineStr"><is><t>new</t></is></c></row></sheetData>'
    added = _other(path, SHEET, ("</sheetData>", row))
    assert _lost(path, added) == ""
    other = edited(added, SHEET, (f">{RECIPIENTS[1]}<", ">Consul Rey<"))
    assert "Register!C3 would be lost" in _lost(path, other)


def test_a_row_that_is_gone_or_lies_elsewhere_is_found(register: tuple[Path, str]) -> None:
    path, _ = register
    other = _other(path, SHEET, ('<row r="5"', '<row r="50"'), ('5"', '50"'))
    assert "5 would be lost" in _lost(path, other)


@pytest.mark.parametrize(
    ("old", "new"),
    [("</sheetData>", "<row/></sheetData>"), ("</sheetData>", "</sheetData><!-- </row> -->")],
)
def test_what_is_written_otherwise_and_says_the_same_is_not_lost(
    register: tuple[Path, str], old: str, new: str
) -> None:
    path, _ = register
    assert _lost(path, _other(path, SHEET, (old, new))) == ""


def test_rows_without_numbers_are_counted(register: tuple[Path, str]) -> None:
    path, _ = register
    numbers = [(f'<row r="{row}"', "<row") for row in range(2, 8)]
    other = _other(path, SHEET, *numbers)
    assert _lost(path, other) == _lost(other, path) == ""
