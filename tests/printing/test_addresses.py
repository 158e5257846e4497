"""Addresses from the columns of a sheet, and addresses without a town."""

from __future__ import annotations

import pytest

from merge.people import Column, People, Person, SheetKind
from merge.printing.addresses import (
    address_lines,
    column_kind,
    columns_pattern,
    has_town,
    may_contain_town,
)
from merge.values import WorkbookValue


def _person(**cells: str) -> Person:
    return _person_of("recipient", **cells)


def _person_of(kind: SheetKind, /, **cells: str) -> Person:
    values = {"name": "Minister Li"} | cells if "name" not in cells else cells
    return Person(kind, "name:li", 2, {tag: WorkbookValue(text) for tag, text in values.items()})


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


ADDRESSES: dict[str, tuple[dict[str, str], str]] = {
    "in the usual order, whatever the order of the columns": (
        {"country": "Italy", "city": "Rome", "name": "Li", "street": "Via 1", "office": "Court"},
        "Li\nCourt\nVia 1\nRome\nItaly",
    ),
    "office and name in the order of the sheet": (
        {"position": "Minister of Justice", "name": "Li", "organisation": "Ministry"},
        "Minister of Justice\nLi\nMinistry",
    ),
    "postcode, town and region in one line, in the order of the sheet": (
        {"town": "Ottawa", "region": "Ontario", "street": "1 Way", "postal_code": "K1A"},
        "Minister Li\n1 Way\nOttawa Ontario K1A",
    ),
    "no blank line and no blank part of a line": (
        {"street": "", "zip": " ", "town": "Lisboa", "country": "Portugal"},
        "Minister Li\nLisboa\nPortugal",
    ),
    "several lines of a cell, each once": (
        {"name": "Li", "address": "Li\n1 Gate Road\n\nDelhi\nIndia", "country": "India"},
        "Li\n1 Gate Road\nDelhi\nIndia",
    ),
    "numbered lines": ({"line_1": "Hill House", "line_2": "Rome"}, "Minister Li\nHill House\nRome"),
    "no other columns": (
        {"id": "R1", "salutation": "Sir", "e_mail_address": "a@b.org", "notes": "x"},
        "Minister Li",
    ),
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_an_address_has_the_name_and_the_address_columns(case: str) -> None:
    cells, lines = ADDRESSES[case]
    assert address_lines(_person(**cells)) == tuple(lines.split("\n"))


def test_a_signers_address_has_no_office() -> None:
    person = _person_of("signer", position="Teacher", street="Rua Nova 3", town="Lisboa")
    assert address_lines(person) == ("Minister Li", "Rua Nova 3", "Lisboa")


def test_the_pattern_of_an_address_has_the_placeholders_of_its_columns() -> None:
    tags = ("id", "name", "country", "postal_code", "city", "місто", "street")
    columns = tuple(Column(tag, tag, number) for number, tag in enumerate(tags, 1))
    assert columns_pattern(People("recipient", (), columns, ())).split("\n") == [
        "{{ recipient.name }}",
        "{{ recipient.street }}",
        "{{ recipient.postal_code }} {{ recipient.city }} {{ recipient.місто }}",
        "{{ recipient.country }}",
    ]
    assert columns_pattern(People("signer", (), columns[1:3], ())) == (
        "{{ signer.name }}\n{{ signer.country }}"
    )


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
