"""Displayed numbers: rounded, padded, fractions, General."""

from __future__ import annotations

import pytest

from merge.excel.display import displayed_text
from merge.excel.format_codes import BUILTIN_FORMATS, UnsupportedFormatError


def test_a_number_is_rounded_by_its_decimal_digits() -> None:
    assert displayed_text(19.989999999999998, "$#,##0.00") == "$19.99"
    assert displayed_text(1.005, "0.00") == "1.01"


def test_an_accounting_format_pads_with_single_spaces() -> None:
    assert displayed_text(1234.5, BUILTIN_FORMATS[44]) == " $1,234.50 "
    assert displayed_text("none", BUILTIN_FORMATS[44]) == " none "


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
def test_a_number_in_general_has_eleven_characters_at_most(value: float, text: str) -> None:
    assert displayed_text(value, "General") == text
    assert displayed_text(value, "general") == text


def test_a_fraction_keeps_its_width_with_spaces() -> None:
    assert displayed_text(5, "# ?/?") == "5    "
    assert displayed_text(0.5, "# ??/??") == "  1/2 "


def test_a_large_number_keeps_its_digits_in_a_fraction() -> None:
    assert displayed_text(742641406735029, "# ??/100") == "742641406735029       "
    assert displayed_text(84129151947830140, "# ?/?") == "84129151947830100    "


def test_a_fraction_is_that_of_excel_and_not_always_the_nearest() -> None:
    assert displayed_text(-123.456, "# ?/?") == "-123 1/2"
    assert displayed_text(0.3, "# ?/?") == " 2/7"
    assert displayed_text(1.3, "# ?/?") == "1 1/3"
    assert displayed_text(0.123251512342345, "# ??/?????????") == " 480894/3901729  "


def test_text_between_digits_of_a_number_format_is_displayed() -> None:
    assert displayed_text(1234.567, '0"a"0.0"b"0') == "123a4.5b7"
    assert displayed_text(5550143, "(###) ###-####") == "() 555-0143"
    assert displayed_text(1, "0,???") == "0,  1"
    assert displayed_text(1234567, ",0") == ",1234567"


def test_a_comma_between_decimals_of_a_number_format_is_ignored() -> None:
    assert displayed_text(0, "#.##0,00") == ".000"


def test_a_number_that_a_cell_cannot_hold_is_refused() -> None:
    for value in (10**400, float("inf"), float("nan")):
        with pytest.raises(UnsupportedFormatError, match="not a number that a cell can hold"):
            displayed_text(value, "0.00")
