"""Leading zeros that postal codes have lost."""

from __future__ import annotations

import pytest

from merge.workbook.postcodes import restored_postcodes


def test_a_postal_code_shorter_than_others_of_its_country_gets_its_zeros() -> None:
    codes = [(2, "1000", ""), (3, "69003", ""), (4, "6300", ""), (5, "29000", ""), (6, "13006", "")]
    assert restored_postcodes(codes) == {2: "01000", 4: "06300"}
    by_country = [(2, "1000", "Belgique"), (3, "1003", "Suisse"), (4, "6000", "France")]
    assert restored_postcodes(by_country) == {4: "06000"}
    codes_of_vienna = [(n, f"1300{n}", "") for n in range(2, 6)]
    assert restored_postcodes([*codes_of_vienna, (6, "1010", "")], {6: "Wien"}) == {}
    assert restored_postcodes(
        [*codes_of_vienna, (6, "1010", ""), (7, "1069", "")], {7: "Dresden"}
    ) == {
        6: "01010",
        7: "01069",
    }
    assert restored_postcodes([(2, "BS1 9ZY", ""), (3, "123", "")]) == {}
    with_countries = [(2, "2134", "Lithuania"), (3, "LT-2134", "Литва"), (4, "150", "Norwegen")]
    assert restored_postcodes(with_countries) == {2: "02134", 3: "LT-02134", 4: "0150"}
    assert restored_postcodes(
        [(5, "10011", "Roumanie"), (6, "1010", "Austria"), (7, "200", "Elsewhere")]
    ) == {5: "010011"}


@pytest.mark.parametrize(
    ("short", "usual", "country"),
    [
        ("1100", "11000", "Czechia"),  # 1 to 7
        ("1100", "11000", "Serbia"),
        ("1115", "11115", "Sweden"),
        ("1043", "10431", "Greece"),
        ("11000", "110001", "India"),  # 1 to 8
        ("10100", "101000", "Russia"),  # 1 to 6
        ("800", "8000", "Denmark"),  # those with a zero are a few large companies' own
        ("101", "1010", "Austria"),
        ("4500", "44600", "Nepal"),
        ("98", "98000", "MC"),
    ],
)
def test_no_zero_is_missing_in_countries_whose_postal_codes_never_begin_with_one(
    short: str, usual: str, country: str
) -> None:
    codes = [(2, short, country), *((row, usual, country) for row in range(3, 9))]
    assert restored_postcodes(codes) == {}


@pytest.mark.parametrize(
    ("short", "full_code", "country"),
    [
        ("10011", "010011", "Romania"),
        ("1001", "01001", "Slovakia"),
        ("6300", "06300", "France"),
        ("1067", "01067", "Germany"),
        ("600001", "0600001", "Japan"),
        ("1310100", "01310100", "Brazil"),
        ("50001", "050001", "Colombia"),
        ("901", "00901", "Puerto Rico"),
        ("1000", "01000", "Vietnam"),
    ],
)
def test_a_zero_may_be_missing_in_countries_whose_postal_codes_begin_with_one(
    short: str, full_code: str, country: str
) -> None:
    assert restored_postcodes([(2, short, country)]) == {2: full_code}
    assert restored_postcodes([(2, full_code, country)]) == {}
