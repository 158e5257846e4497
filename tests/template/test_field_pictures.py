"""Pictures of dates and numbers in Word fields, printed as Word does it."""

from __future__ import annotations

import datetime as dt

import pytest
from support.everyday import everyday
from support.field_letters import field_problems, filled
from support.field_markup import field

from merge.values import WorkbookValue

DAY = dt.datetime(2026, 3, 4, 15, 7, 9)  # noqa: DTZ001 - Excel knows no time zones
DATES = [
    ("d", "4"),
    ("dd", "04"),
    ("ddd", "Wed"),
    ("dddd", "Wednesday"),
    ("M", "3"),
    ("MM", "03"),
    ("MMM", "Mar"),
    ("MMMM", "March"),
    ("yy", "26"),
    ("yyyy", "2026"),
    ("DD.MM.YYYY", "04.03.2026"),
    ("h:mm", "3:07"),
    ("hh:mm am/pm", "03:07 PM"),
    ("h AM/PM", "3 PM"),
    ("H:m:s", "15:7:9"),
    ("HH:mm:ss", "15:07:09"),
    ("d 'de' MMMM 'de' yyyy", "4 de March de 2026"),
    ("d ‘of’ MMMM", "4 of March"),
    ("dddd, d. MMMM", "Wednesday, 4. March"),
    ("yyyy-MM-dd", "2026-03-04"),
]


@pytest.mark.parametrize(("picture", "shown"), everyday(DATES, daily=range(9)))
def test_a_date_picture_prints_the_same_as_in_word(picture: str, shown: str) -> None:
    assert filled(field(f' MERGEFIELD X \\@ "{picture}" '), x=DAY) == [shown]
    assert filled(field(f' MERGEFIELD X \\@ "{picture}" '), x=WorkbookValue("cell", DAY)) == [shown]


NUMBERS = [
    ("#,##0.00", "1,234.56", "-7.00"),
    (",0.00", "1,234.56", "-7.00"),
    (",0", "1,235", "-7"),
    ("#,###", "1,235", "-7"),
    ("0", "1235", "-7"),
    ("0000000", "0001235", "-0000007"),
    ("$#,##0.00", "$1,234.56", "-$7.00"),
    ("€ ,0.00", "€ 1,234.56", "-€ 7.00"),
    ("CHF #,##0.-", "CHF 1,235.-", "-CHF 7.-"),
    ("Fr. 0.00", "Fr. 1234.56", "-Fr. 7.00"),
    ("0.00 'a year'", "1234.56 a year", "-7.00 a year"),
    ("0 ‘x’", "1235 x", "-7 x"),
    ("0.0##", "1234.56", "-7.0"),
    ("0.0x", "1234.56", "-7.0"),
    ("+0", "+1235", "-7"),
    ("-0", "1235", "-7"),
    ("0%", "1235%", "-7%"),
    ("0.0;(0.0)", "1234.6", "(7.0)"),
    ("$,0;-$,0", "$1,235", "-$7"),
    ("#.##0,00 €", "1,234.56 €", "-7.00 €"),
    ("# ##0,00", "1,234.56", "-7.00"),
    ("0,00", "1234.56", "-7.00"),
]


@pytest.mark.parametrize(("picture", "positive", "negative"), everyday(NUMBERS, daily=range(10)))
def test_a_number_picture_prints_in_the_letters_language(
    picture: str, positive: str, negative: str
) -> None:
    merge = field(f' MERGEFIELD X \\# "{picture}" ')
    assert filled(merge, x=WorkbookValue("cell", 1234.56)) == [positive]
    assert filled(merge, x=-7) == [negative]


@pytest.mark.parametrize(
    "picture", ["x##", "(000) 000-0000", "0;0;'none'", "0;0.0", "abc", "`a` 0", "0%;(0%)"]
)
def test_a_number_picture_without_an_equivalent_filter_is_an_error(picture: str) -> None:
    (problem,) = field_problems(field(f' MERGEFIELD X \\# "{picture}" '))
    assert problem.code == "field-switch"
    assert picture in problem.what
