"""Displayed text of cells: recorded tables, and special cases."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from merge.excel.dates import DateBody
from merge.excel.display import displayed_text, parse_format
from merge.excel.format_codes import BUILTIN_FORMATS

DATA = Path(__file__).resolve().parents[1] / "data"


def _value(kind: str, text: str) -> str | int | float:
    if kind == "text":
        return text
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _rows(name: str) -> Iterator[tuple[str | int | float, str, str]]:
    """Yield value, format and text of each line of a table."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(lines)
        for kind, value, code, text, *_ in lines:
            yield _value(kind, value), code, text[1:-1]


@pytest.mark.parametrize(
    ("table", "lines"), [("cells.tsv", 32), ("cells-oracle.tsv", 1600), ("cells-decided.tsv", 65)]
)
def test_every_cell_of_a_recorded_table_is_displayed_exactly(table: str, lines: int) -> None:
    rows = list(_rows(table))
    wrong = [
        (v, code, text, displayed_text(v, code))
        for v, code, text in rows
        if displayed_text(v, code) != text
    ]
    assert not wrong
    assert len(rows) >= lines


def test_a_blank_cell_displays_nothing() -> None:
    assert displayed_text(None, "0.00") == ""
    assert displayed_text(None, "yyyy-mm-dd") == ""


def test_truth_values_are_displayed_in_capitals_in_any_format() -> None:
    assert displayed_text(value=True, number_format="0.00") == "TRUE"
    assert displayed_text(value=False, number_format="yyyy-mm-dd") == "FALSE"


def test_a_format_that_hides_numbers_also_hides_text_and_truth_values() -> None:
    assert displayed_text("secret", ";;;") == ""
    assert displayed_text(value=True, number_format=";;;") == ""


def test_a_zip_code_keeps_its_leading_zero() -> None:
    assert displayed_text(2134, "00000") == "02134"


def test_a_zip_code_stored_as_text_is_displayed_unchanged() -> None:
    assert displayed_text("02134", "00000") == "02134"


def test_a_text_format_displays_a_number_as_general() -> None:
    assert displayed_text(12345678901234, "@") == "1.23457E+13"
    assert displayed_text(5, '"Dear "@') == "5"


def test_every_built_in_format_displays_numbers_and_text() -> None:
    for code in BUILTIN_FORMATS.values():
        assert displayed_text(45989.75, code).strip()
        assert displayed_text("abc", code).strip() == "abc"


def is_date_format(code: str) -> bool:
    """Return whether a section of a format shows dates or times."""
    return any(isinstance(case.body, DateBody) for case in parse_format(code).cases)


def test_date_formats_are_recognised() -> None:
    dates = {number for number, code in BUILTIN_FORMATS.items() if is_date_format(code)}
    assert dates == {*range(14, 23), 45, 46, 47}
    assert not is_date_format('0.00" days"')
    assert not is_date_format("[Red]0")
    assert is_date_format("[$-F800]")
    assert is_date_format("0;yyyy")


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        *((-9, "[<-10]0", "-9"), (-11, "[<-10]0", "-11"), (9, "[<-10]0", "9")),
        *((-12, "[>-10]0", "-12"), (-9, "[>-10]0", "-9"), (12, "[>-10]0", "12")),
        *((-11, '[<-10]#" Wow"', "-11 Wow"), (-9, '[<-10]#" Wow"', "-9")),
        *((-5, "[<0]0.0", "-5.0"), (-10, "[=-10]0.0", "-10.0"), (-5, "[<-6]0;0", "5")),
    ],
)
def test_the_condition_of_a_single_section_never_hides_the_minus(
    value: float, number_format: str, text: str
) -> None:
    """These texts are from FormatConditionTests.xlsx of Apache POI."""
    assert displayed_text(value, number_format) == text
