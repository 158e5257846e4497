"""Recognition of address columns, and of addresses without a town."""

from __future__ import annotations

import pytest

from merge.people import Person
from merge.printing.address_columns import (
    column_kind,
    has_town,
    may_contain_town,
    sheet_address_lines,
)
from merge.values import WorkbookValue


def _person(**cells: str) -> Person:
    values = {"name": "Minister Li", **cells}
    return Person(
        "recipient", "name:li", 2, {tag: WorkbookValue(text) for tag, text in values.items()}
    )


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("city", "town"),
        ("town_city", "town"),
        ("postal_code_and_town", "town"),
        ("ville", "town"),
        ("ort", "town"),
        ("місто", "town"),
        ("город", "town"),
        ("المدينة", "town"),
        ("postal_code", "postcode"),
        ("plz", "postcode"),
        ("straße", "street"),
        ("street_address", "address"),
        ("postal_address", "address"),
        ("address_line_2", "address"),
        ("страна", "country"),
        ("e_mail_address", ""),
        ("place_of_birth", ""),
        ("birth_town", ""),
        ("profession", ""),
        ("notes", ""),
    ],
)
def test_a_heading_shows_the_kind_of_an_address_column(tag: str, kind: str) -> None:
    assert column_kind(tag) == kind


def test_an_address_from_the_sheet_is_in_column_order() -> None:
    person = _person(
        profession="teacher", street="Rua Nova 3", zip="1100", town="Lisboa", country="Portugal"
    )
    assert sheet_address_lines(person) == ("Rua Nova 3", "1100 Lisboa", "Portugal")
    assert sheet_address_lines(_person(address="1 Gate Road\nDelhi", phone="123")) == (
        "1 Gate Road",
        "Delhi",
    )
    assert sheet_address_lines(_person(profession="teacher")) == ()


MAY_BE_COMPLETE = {
    "with a town": ({"street": "1 Gate Road", "city": "Beijing"}, "1 Gate Road\nBeijing"),
    "the town among other words": ({"city": "Delhi"}, "New Delhi 110001"),
    "all in the street": (
        {"street": "4 Canal Row, Brookhaven", "city": ""},
        "4 Canal Row, Brookhaven",
    ),
    "a postcode in the street": (
        {"street": "Ring 1, 04107 Leipzig", "city": ""},
        "Ring 1, 04107 Leipzig",
    ),
    "one cell for all": ({"address": "Rue Nova 3\nLisboa", "city": ""}, "Rue Nova 3\nLisboa"),
    "a country that is a town": (
        {"street": "8 Hill St", "city": "", "country": "Singapore"},
        "8 Hill St\nSingapore 179554",
    ),
    "no column says which is which": (
        {"line_1": "Hill House", "line_2": "Rome"},
        "Hill House\nRome",
    ),
    "one line without a number": ({"line_1": "Port Vila"}, "Port Vila"),
}


@pytest.mark.parametrize("case", MAY_BE_COMPLETE)
def test_an_address_that_may_be_complete_causes_no_warning(case: str) -> None:
    cells, lines = MAY_BE_COMPLETE[case]
    assert has_town(["Minister Li", *lines.split("\n")], _person(**cells))


WITHOUT_TOWN = {
    "street only": ({"street": "1 Gate Road", "city": ""}, "1 Gate Road"),
    "a long house number": ({"street": "12345 Main Street", "city": ""}, "12345 Main Street"),
    "a flat behind a comma": (
        {"street": "вул. Яблунева 12, кв. 5", "city": ""},
        "вул. Яблунева 12, кв. 5",
    ),
    "name and office": ({"position": "Minister of Justice", "city": ""}, "Minister of Justice"),
    "name and office in one line": ({"position": "Minister", "city": ""}, ""),
    "office and country": (
        {"organisation": "Ministry", "street": "", "city": "", "country": "Velnia"},
        "Ministry\nVelnia",
    ),
    "a postcode alone": ({"street": "Ring 1", "postcode": "04107", "city": ""}, "Ring 1\n04107"),
    "no town in the letter": ({"street": "Ring 1", "city": "Leipzig"}, "Ring 1"),
    "no column for it": ({"organisation": "Ministry", "country": "Velnia"}, "Ministry\nVelnia"),
    "a street and no column": ({"street": "1 Gate Road"}, "1 Gate Road"),
}


@pytest.mark.parametrize("case", WITHOUT_TOWN)
def test_an_address_without_a_town_is_recognised(case: str) -> None:
    cells, lines = WITHOUT_TOWN[case]
    assert not has_town(["Minister, Minister Li", *lines.split("\n")], _person(**cells))


def test_a_return_address_is_judged_by_its_lines_alone() -> None:
    assert may_contain_town(["PO Box 12", "Bern"])
    assert may_contain_town(["Bern"])
    assert not may_contain_town(["1 Square"])
    assert not may_contain_town([])
