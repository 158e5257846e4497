"""Cells as Excel shows them: the tables of answers, and the traps by name."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from merge.excel.dates import DateBody
from merge.excel.display import displayed_text, parse_format
from merge.excel.format_codes import BUILTIN_FORMATS, UnsupportedFormatError

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


def test_money_is_rounded_on_its_decimal_digits() -> None:
    assert displayed_text(19.989999999999998, "$#,##0.00") == "$19.99"
    assert displayed_text(1.005, "0.00") == "1.01"


def test_an_accounting_format_pads_with_single_spaces() -> None:
    assert displayed_text(1234.5, BUILTIN_FORMATS[44]) == " $1,234.50 "
    assert displayed_text("none", BUILTIN_FORMATS[44]) == " none "


def test_a_format_of_text_shows_a_number_as_general() -> None:
    assert displayed_text(12345678901234, "@") == "1.23457E+13"
    assert displayed_text(5, '"Dear "@') == "5"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.30000000000000004, "0.3"),
        (1234567890.123, "1234567890"),
        (123456789.123, "123456789.1"),
        (99999999999, "99999999999"),
        (100000000000, "1E+11"),
        (12345678901234, "1.23457E+13"),
        (0.00001, "0.00001"),
        (0.000012345, "0.000012345"),
        (0.0000123456, "1.23456E-05"),
        (1e-10, "1E-10"),
        (9.999999e20, "1E+21"),
        (1.5e300, "1.5E+300"),
        (-0.0, "0"),
        (0.0, "0"),
        (-12.5, "-12.5"),
        (5.0, "5"),
    ],
)
def test_general_has_eleven_characters_at_most(value: float, text: str) -> None:
    assert displayed_text(value, "General") == text
    assert displayed_text(value, "general") == text


def test_a_format_that_is_missing_is_general() -> None:
    assert displayed_text(1.5, "") == "1.5"
    assert displayed_text(1.5, "[Red]") == "1.5"


def test_the_day_that_excel_alone_has_is_shown() -> None:
    assert displayed_text(60, "dddd d mmm yyyy") == "Wednesday 29 Feb 1900"
    assert displayed_text(59, "d mmm yyyy") == "28 Feb 1900"
    assert displayed_text(61, "d mmm yyyy") == "1 Mar 1900"
    assert displayed_text(0, "d mmm yyyy") == "0 Jan 1900"


def test_a_workbook_of_the_1904_system_counts_from_1904() -> None:
    assert displayed_text(0, "d mmm yyyy", date1904=True) == "1 Jan 1904"
    assert displayed_text(44527, "dddd yyyy-mm-dd", date1904=True) == "Friday 2025-11-28"
    assert displayed_text(2957003, "yyyy", date1904=True) == "9999"
    assert displayed_text(2957004, "yyyy", date1904=True) == "########"


def test_negative_time_is_hashes_in_1900_and_has_a_minus_in_1904() -> None:
    assert displayed_text(-0.25, "[h]:mm") == "########"
    assert displayed_text(-0.25, "[h]:mm", date1904=True) == "-6:00"


def test_elapsed_time_is_not_moved_by_the_1904_system() -> None:
    assert displayed_text(1.5, "[h]:mm", date1904=True) == "36:00"


def test_months_are_named_in_the_language_that_the_format_names() -> None:
    assert displayed_text(45989, "[$-40C]d mmmm yyyy") == "28 novembre 2025"
    assert displayed_text(45989, "[$-fr-FR]d mmmm yyyy") == "28 novembre 2025"
    assert displayed_text(45989, "[$-407]ddd d. mmm") == "Fr 28. Nov"
    assert displayed_text(45901, "[$-809]d mmm yyyy") == "1 Sep 2025"
    assert displayed_text(45989, "[$-FC19]d mmmm yyyy") == "28 ноября 2025"
    assert displayed_text(45989, "[$-415]mmmm yyyy") == "listopad 2025"


def test_months_are_named_in_the_language_asked_for_where_the_format_names_none() -> None:
    assert displayed_text(45989, "d mmmm", language="fr") == "28 novembre"
    assert displayed_text(45989, "[$-409]d mmmm", language="fr") == "28 November"


def test_the_name_of_the_half_day_follows_the_language() -> None:
    assert displayed_text(0.75, "h AM/PM") == "6 PM"
    assert displayed_text(0.25, "[$-809]h am/pm") == "6 AM"
    assert displayed_text(0.75, "[$-411]h AM/PM") == "6 午後"


def test_an_english_calendar_tag_changes_nothing() -> None:
    assert displayed_text(45989, "[$-1010409]d mmmm yyyy") == "28 November 2025"
    assert displayed_text(45989, "[$-en-US,1]d mmmm yyyy") == "28 November 2025"
    assert displayed_text(45989, "[$-2]d mmm") == "28 Nov"


def test_the_computers_own_time_is_that_of_en_us() -> None:
    assert displayed_text(0.75, "[$-F400]hh:mm") == "6:00:00 PM"
    assert displayed_text(45989, "[$-x-sysdate]yyyy") == "Friday, November 28, 2025"


def test_m_is_minutes_beside_hours_or_seconds_and_months_elsewhere() -> None:
    assert displayed_text(45989.52, "m/d h:m") == "11/28 12:28"
    assert displayed_text(45989.52, "mm:ss m") == "28:48 11"
    assert displayed_text(45989.52, "h AM/PM m") == "12 PM 28"


def test_too_many_letters_of_a_date_are_as_many_as_count() -> None:
    assert (
        displayed_text(45989.25, "ddddd mmmmmm yyyyy hhh e y") == "Friday November 2025 06 2025 25"
    )


def test_a_fraction_keeps_its_width_with_spaces() -> None:
    assert displayed_text(5, "# ?/?") == "5    "
    assert displayed_text(0.5, "# ??/??") == "  1/2 "


def test_a_great_number_keeps_its_digits_in_a_fraction() -> None:
    assert displayed_text(742641406735029, "# ??/100") == "742641406735029       "
    assert displayed_text(84129151947830140, "# ?/?") == "84129151947830100    "


def test_fractions_are_excels_own_and_not_always_the_nearest() -> None:
    assert displayed_text(-123.456, "# ?/?") == "-123 1/2"
    assert displayed_text(0.3, "# ?/?") == " 2/7"
    assert displayed_text(1.3, "# ?/?") == "1 1/3"
    assert displayed_text(0.123251512342345, "# ??/?????????") == " 480894/3901729  "


def test_text_between_digits_stays_between_them() -> None:
    assert displayed_text(1234.567, '0"a"0.0"b"0') == "123a4.5b7"
    assert displayed_text(5550143, "(###) ###-####") == "() 555-0143"
    assert displayed_text(1, "0,???") == "0,  1"
    assert displayed_text(1234567, ",0") == ",1234567"


def test_a_comma_inside_decimals_does_nothing() -> None:
    assert displayed_text(0, "#.##0,00") == ".000"


def test_a_number_too_great_for_a_float_is_refused() -> None:
    for value in (10**400, float("inf"), float("nan")):
        with pytest.raises(UnsupportedFormatError, match="not a number that a cell can hold"):
            displayed_text(value, "0.00")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("[DBNum1]0", r"\[DBNum1\]"),
        ("[orange]0", r"\[orange\]"),
        ("bbbb", "'b'"),
        ("ggge", "'g'"),
        ("aaa", "'a'"),
        ('"open', "means nothing"),
        ("0\\", "means nothing"),
        ("0_", "means nothing"),
        ("0" * 256, "255 characters"),
        ("0;0;0;0;0", "more than four sections"),
        ("0;0;0;0", "section of a number format for text"),
        ("@;0", "for numbers"),
        ("0 EUR", "'R'"),
        ("yyyy 0", "date format with 0"),
        ("0.0.0", "two decimal points"),
        ('"a".', "without digits"),
        ("General 0", "General"),
        ("0/", "slash"),
        ('"a"/', "slash"),
        ("# ?/ x", "no denominator"),
        ("# ?/? 0", "other digits"),
        ("0E+", "digits on both sides"),
        ("#,##0E+0", "comma"),
        ("[$-2000401]0", "digits of another script"),
        ("[$-ar-SA,2000000]0", "digits of another script"),
        ("[$-1070000]d mmmm yyyy", "another calendar"),
        ("[$-th-TH,107]d mmmm yyyy", "another calendar"),
        ("[$-xx-YY]mmmm", "language"),
        ("[$-fr-FR,zz]0", "not known here"),
        ("0 he", "date format with 0"),
        ("[$-3FF]mmmm", "language"),
    ],
)
def test_what_cannot_be_shown_as_excel_would_is_refused_in_plain_words(
    code: str, words: str
) -> None:
    with pytest.raises(UnsupportedFormatError, match=words):
        displayed_text(5, code)


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
