"""Cells as Excel shows them: the tables of answers, and the traps by name."""

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
    """Value, format and text of each line of a table."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(lines)
        for kind, value, code, text, *_ in lines:
            yield _value(kind, value), code, text[1:-1]


@pytest.mark.parametrize(
    ("table", "lines"), [("cells.tsv", 32), ("cells-oracle.tsv", 1600), ("cells-decided.tsv", 65)]
)
def test_every_line_of_a_table_comes_out_exactly(table: str, lines: int) -> None:
    rows = list(_rows(table))
    wrong = [
        (v, code, text, displayed_text(v, code))
        for v, code, text in rows
        if displayed_text(v, code) != text
    ]
    assert not wrong
    assert len(rows) >= lines


def test_an_empty_cell_shows_nothing() -> None:
    assert displayed_text(None, "0.00") == ""
    assert displayed_text(None, "yyyy-mm-dd") == ""


def test_truth_values_are_in_capitals_whatever_the_format() -> None:
    assert displayed_text(value=True, number_format="0.00") == "TRUE"
    assert displayed_text(value=False, number_format="yyyy-mm-dd") == "FALSE"


def test_a_hidden_cell_hides_text_and_truth_values_too() -> None:
    assert displayed_text("secret", ";;;") == ""
    assert displayed_text(value=True, number_format=";;;") == ""


def test_a_zip_code_keeps_its_leading_zero() -> None:
    assert displayed_text(2134, "00000") == "02134"


def test_a_zip_code_kept_as_text_is_left_alone() -> None:
    assert displayed_text("02134", "00000") == "02134"


def test_a_format_of_text_shows_a_number_as_general() -> None:
    assert displayed_text(12345678901234, "@") == "1.23457E+13"
    assert displayed_text(5, '"Dear "@') == "5"


def test_every_built_in_format_shows_numbers_and_text() -> None:
    for code in BUILTIN_FORMATS.values():
        assert displayed_text(45989.75, code).strip()
        assert displayed_text("abc", code).strip() == "abc"


def is_date_format(code: str) -> bool:
    """Whether a format shows dates or times, in one of its sections at least."""
    return any(isinstance(case.body, DateBody) for case in parse_format(code).cases)


def test_formats_of_dates_are_told_from_others() -> None:
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
def test_a_condition_of_the_only_section_never_hides_the_minus(
    value: float, number_format: str, text: str
) -> None:
    """As in the texts that Excel left in FormatConditionTests.xlsx of Apache POI."""
    assert displayed_text(value, number_format) == text
