"""Countries in addresses, as the post wants them for letters abroad."""

from __future__ import annotations

import pytest

from merge.countries import country_code, country_code_of_cell, format_country_line

HOME = {"Germany": "DE", "Russia": "RU", "nowhere": ""}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(("Spain", "ES"), ("España", "ES"), ("Испания", "ES"), ("إسبانيا", "ES")),
        *(("भारत", "IN"), ("日本", "JP"), ("Росія", "RU"), ("Russian Federation", "RU")),
        *(("USA", "US"), ("U.K.", "GB"), ("The Netherlands", "NL"), ("Côte d'Ivoire", "CI")),
        *(("Republic of Korea", "KR"), ("germany.", "DE"), ("TURKEY", "TR"), ("中華民國", "")),
        *(
            ("Espana", "ES"),
            ("the Philippines", "PH"),
            ("U.S.", "US"),
            ("République tchèque", "CZ"),
        ),
        *(("105005 Moscow", ""), ("Velnia", ""), ("Madrid, Spain", ""), ("", ""), ("Nigeri", "")),
    ],
)
def test_only_a_country_is_recognised_in_any_language(written: str, code: str) -> None:
    assert country_code(written) == code


@pytest.mark.parametrize(
    ("home", "country", "printed"),
    [
        ("Germany", "Spain", "SPAIN"),
        ("Germany", "Spanien", "SPANIEN"),  # the sender's own language
        ("Germany", "España", "SPAIN"),
        ("Germany", "تونس", "TUNISIA"),
        ("Germany", "भारत", "INDIA"),
        ("Germany", "Russian Federation", "RUSSIAN FEDERATION"),
        ("Germany", "Российская Федерация", "RUSSIA"),
        ("Russia", "Испания", "ИСПАНИЯ"),
        ("Russia", "Россия", "Россия"),  # not abroad
        ("Germany", "Germany", "Germany"),
        ("nowhere", "Spain", "SPAIN"),
        ("nowhere", "España", "ESPAÑA"),
        ("nowhere", "تونس", "تونس"),
        ("nowhere", "Velnia", "VELNIA"),  # the value of the recipient's Country cell
        ("Germany", "Madrid", "Madrid"),
        ("Germany", "28013 Madrid", "28013 Madrid"),
    ],
)
def test_a_country_abroad_is_in_capitals_and_in_a_language_that_the_senders_post_knows(
    home: str, country: str, printed: str
) -> None:
    address = ("Ana Ruiz", "Calle del Almendro 14", country)
    assert format_country_line(address, HOME[home], "Velnia") == (*address[:2], printed)


@pytest.mark.parametrize("address", [(), ("Spain",), ("Spain", "28013 Madrid")])
def test_only_the_last_line_of_an_address_is_a_country(address: tuple[str, ...]) -> None:
    assert format_country_line(address, "DE", "Spain") == address


@pytest.mark.parametrize(
    "written", ["US", "us", "USA", "EE. UU.", "США", "United States", "الولايات المتحدة"]
)
def test_a_country_cell_may_contain_a_country_code(written: str) -> None:
    assert country_code_of_cell(written) == "US"
    assert country_code_of_cell("Velnia") == ""
