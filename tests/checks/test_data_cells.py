"""Warnings about cells, columns and rows that are probably wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from support.campaigns import make
from support.checked_campaigns import checked, found_problems, hide, problems_in_folder
from support.everyday import everyday
from support.workbooks import Formatted, Rows

TEXT = "{{ recipient.text }}\n{{ recipient.name }}"


def column(*values: object, heading: str = "Text") -> Rows:
    """Return recipients with these values in column B, from row 2 on."""
    names = ("Minister Li", "Consul Roy", "Judge Kim", "Dr Moe", "Rat Huber", "General Ode")
    return [["Name", heading], *([n, v] for n, v in zip(names, values, strict=False))]


def problems_of_cells(folder: Path, *values: object) -> list[str]:
    """Return the problems of a letter that prints these cells, one per row."""
    return found_problems(folder, TEXT, Recipients=column(*values))


@pytest.mark.parametrize(
    "text",
    everyday(
        ["TBC", "tbd", "xxx", "XXX", "???", "?", "n/a", "N/A", "-", "–", "none", " TEST ", "todo"],
        daily=range(5),
    ),
)
def test_a_text_for_a_missing_value_is_reported(tmp_path: Path, text: str) -> None:
    assert problems_of_cells(tmp_path, "One", text) == ["?text-left-over Recipients!B3"]


@pytest.mark.parametrize(
    "text",
    everyday(
        ["no", "0", "Nonet", "Testa", "N/A Street", "A - B", "Xaver", "...", "No. 5", "Tbilisi"],
        daily=range(5),
    ),
)
def test_a_text_similar_to_one_for_a_missing_value_is_no_problem(tmp_path: Path, text: str) -> None:
    assert problems_of_cells(tmp_path, "One", text) == []


@pytest.mark.parametrize(
    ("broken", "repaired"),
    everyday(
        [
            ("JosÃ©", "José"),
            ("MÃ¼ller", "Müller"),
            ("Ã‰cole", "École"),
            ("WaÅ‚Ä™sa", "Wałęsa"),
            ("Ð˜Ð²Ð°Ð½", "Иван"),
            ("itâ€™s", "it’s"),
            ("Rue de lâ€™Ã‰glise", "Rue de l’Église"),
            ("Jos\ufffd", "Jos?"),
        ],
        daily=range(7),
    ),
)
def test_broken_accents_are_reported_with_the_intended_text(
    tmp_path: Path, broken: str, repaired: str
) -> None:
    (problem,) = checked(tmp_path, TEXT, Recipients=column("One", broken))["problems"]
    assert problem["code"] == "text-broken-accents"
    assert problem["where"] == "signers.xlsx, Recipients!B3"
    assert problem["hint"] == f"Enter “{repaired}”."


@pytest.mark.parametrize(
    "text",
    everyday(
        [
            *(
                "José",
                "Müller",
                "SÃO PAULO",
                "Ângela",
                "CÔTE D’IVOIRE",
                "NESTLÉ®",
                "CAFÉ’S",
                "Łódź",
            ),
            *(
                "LIBERTÉ\u00a0: OUI",
                "OÙ\u00a0?",
                "CITÉ–CENTRE",
                "VOILÀ…",
                "Å\u00a0by",
                "À\u00a0vous",
            ),
            *(
                "« ÉGALITÉ\u00a0»",
                "Đà Nẵng",
                "Île-de-France",
                "Ñandú",
                "Ø Ås",
                "Ünye",
                "Иван",
                "محمد",
            ),
            *("Ð", "Þór", "straße", "’s-Gravenhage", "naïve", "Česká", "10 €", "IRMÃ", "½ Ä"),
        ],
        daily=range(6),
    ),
)
def test_correct_accents_are_no_problem(tmp_path: Path, text: str) -> None:
    assert problems_of_cells(tmp_path, "One", text) == []


def test_a_placeholder_in_a_cell_is_reported(tmp_path: Path) -> None:
    assert problems_of_cells(tmp_path, "One", "{{ x }}", "{% x %}", "{ x }") == [
        "?text-with-tag Recipients!B3",
        "?text-with-tag Recipients!B4",
    ]


APRIL_3 = Formatted(dt.datetime(2026, 4, 3), "d-mmm")  # noqa: DTZ001 - Excel's days have no zone


def test_a_date_in_a_column_of_words_is_reported(tmp_path: Path) -> None:
    assert problems_of_cells(tmp_path, "Elm Road 1", "Flat 2", APRIL_3) == [
        "?date-among-words Recipients!B4"
    ]
    assert problems_of_cells(tmp_path, "1 Elm", "Flat", 3) == []


def test_a_column_of_dates_may_contain_a_few_words(tmp_path: Path) -> None:
    day = dt.date(2026, 4, 3)
    assert problems_of_cells(tmp_path, day, day, day, "unknown") == []
    assert problems_of_cells(tmp_path, day, "unknown") == []


def zips(*codes: object, heading: str = "ZIP") -> Rows:
    return column(*codes, heading=heading)


@pytest.mark.parametrize(
    "heading",
    everyday(
        ["ZIP", "Zip code", "Postal code", "Postcode", "PLZ", "Code postal", "Индекс", "CEP"],
        daily=range(3),
    ),
)
def test_a_postal_code_that_lost_its_zeros_is_reported(tmp_path: Path, heading: str) -> None:
    placeholder = heading.lower().replace(" ", "_")
    template = f"{{{{ recipient.{placeholder} }}}} x\n{{{{ recipient.name }}}}"
    rows = zips(10115, 2134, 60601, heading=heading)
    assert found_problems(tmp_path, template, Recipients=rows) == [
        "?number-lost-zeros Recipients!B3"
    ]
    rows = zips(10115, Formatted(2134, "00000"), "02134", heading=heading)
    assert found_problems(tmp_path, template, Recipients=rows) == []


ZIP = "{{ recipient.zip }}\n{{ recipient.country }}\n{{ recipient.name }}"


def test_postal_codes_of_one_country_may_be_shorter_than_those_of_another(tmp_path: Path) -> None:
    codes = [10115, 60311, 80331, 1010, 8010, 3960]
    countries = ["Germany", "Germany", "Germany", "Austria", "Austria", "Switzerland"]
    rows = [
        [*row, country] for row, country in zip(zips(*codes), ["Country", *countries], strict=True)
    ]
    assert found_problems(tmp_path, ZIP, Recipients=rows) == []
    rows[4][2] = "Germany"
    assert found_problems(tmp_path, ZIP, Recipients=rows) == ["?number-lost-zeros Recipients!B5"]


@pytest.mark.parametrize(
    "codes",
    [
        ["SW1A 1AA", "10115", "02134", "75007"],
        ["10115", "1010", "8010", "60311"],
        ["10115-1", 101, "B-1000", 75007],
        [1010, 10115],
    ],
)
def test_postal_codes_typed_as_text_or_of_many_kinds_are_no_problem(
    tmp_path: Path, codes: list[object]
) -> None:
    assert found_problems(tmp_path, ZIP.replace("country", "zip"), Recipients=zips(*codes)) == []


def test_numbers_that_are_not_postal_codes_may_differ_in_length(tmp_path: Path) -> None:
    assert problems_of_cells(tmp_path, 1200, 1500, 1800, 2000, 2500, 950) == []
    assert problems_of_cells(tmp_path, 10001, 10002, 10003, 10004, 10005, 998) == []


FRENCH: Rows = [["Name", "Value"], ["Language", "fr"]]


@pytest.mark.parametrize(
    "day",
    everyday(
        ["4 March 2026", "March 4, 2026", "3rd March 2026", "04-Mar-26", "28 November", "May 1st"],
        daily=range(3),
    ),
)
def test_an_english_date_in_a_letter_in_another_language_is_reported(
    tmp_path: Path, day: str
) -> None:
    rows = column("le 5", day)
    assert found_problems(tmp_path, TEXT, Recipients=rows, Settings=FRENCH) == [
        "?date-english Recipients!B3"
    ]
    assert found_problems(tmp_path, TEXT, Recipients=rows) == []


def test_a_date_cell_with_an_english_format_is_reported(tmp_path: Path) -> None:
    cells = column(*(Formatted(dt.date(2026, 3, 4), code) for code in ("d mmmm yyyy", "mm-dd-yy")))
    assert found_problems(tmp_path, TEXT, Recipients=cells, Settings=FRENCH) == [
        "?date-language Recipients!B2"
    ]
    with_date_filter = TEXT.replace("text", "text|date")
    assert found_problems(tmp_path, with_date_filter, Recipients=cells, Settings=FRENCH) == []


JANUARY_15 = dt.date(2027, 1, 15)
DEADLINE: Rows = [["Name", "Value"], ["Deadline", Formatted(JANUARY_15, "d mmmm yyyy")]]
IN_FRENCH: Rows = [["Name", "Language"], ["Minister Li", "fr"], ["Consul Roy", "en-GB"]]
DEADLINE_TEXT = "Dear {{ recipient.name }}, before {{ settings.deadline }}."


def test_a_settings_date_in_a_letter_in_another_language_is_reported(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, DEADLINE_TEXT, Recipients=IN_FRENCH, Settings=DEADLINE)[
        "problems"
    ]
    assert (problem["code"], problem["where"]) == ("date-language", "signers.xlsx, Settings!B2")
    assert problem["message"] == ("“15 January 2027” would be unchanged in a letter in French.")
    assert problem["hint"] == "Use {{ settings.deadline|date }} in the template."
    with_date_filter = DEADLINE_TEXT.replace("deadline", "deadline|date")
    assert found_problems(tmp_path, with_date_filter, Recipients=IN_FRENCH, Settings=DEADLINE) == []
    english = [["Name"], ["Minister Li"]]
    assert found_problems(tmp_path, DEADLINE_TEXT, Recipients=english, Settings=DEADLINE) == []


def test_a_short_settings_date_follows_one_language_only(tmp_path: Path) -> None:
    settings = [["Deadline", Formatted(JANUARY_15, "mm-dd-yy")]]
    assert found_problems(tmp_path, DEADLINE_TEXT, Recipients=IN_FRENCH, Settings=settings) == [
        "?date-language Settings!B1"
    ]


@pytest.mark.parametrize(
    ("code", "language", "is_reported"),
    everyday(
        [
            *(("dddd d/m/yyyy", "de", True), ("d mmm", "ru", True), ("d/m/yyyy", "fr", False)),
            *(("yyyy-mm-dd", "ar", False), ("[$-40C]d mmmm yyyy", "fr", False)),
            *(("[$-40C]d mmmm yyyy", "en", True), ("[$-419]d mmmm yyyy", "uk", True)),
            *(("[$-419]d mmmm yyyy", "ru", False), ("[$-407]d. mmmm", "de", False)),
            *(("h:mm AM/PM d.m.", "de", False), ("[$-816]d mmmm", "pt", False)),
        ],
        daily=range(5),
    ),
)
def test_names_of_months_and_days_show_the_language_of_a_date(
    tmp_path: Path, code: str, language: str, *, is_reported: bool
) -> None:
    settings = [["Language", language], ["Deadline", Formatted(JANUARY_15, code)]]
    problems = found_problems(tmp_path, DEADLINE_TEXT, Settings=settings)
    assert problems == (["?date-language Settings!B2"] if is_reported else [])


def test_a_signers_date_is_checked_with_the_letters_that_print_it(tmp_path: Path) -> None:
    signers = [["Name", "Day"], ["Ana Ruiz", Formatted(JANUARY_15, "d mmmm yyyy")]]
    text = "Dear {{ recipient.name }}, {{ signer.day }}"
    assert found_problems(tmp_path, text, Recipients=IN_FRENCH, Signers=signers) == [
        "?date-language Signers!B2"
    ]
    with_condition = (
        "Dear {{ recipient.name }}, {% if signer.day %}x{% endif %}{{ signer.day|date }}"
    )
    assert found_problems(tmp_path, with_condition, Recipients=IN_FRENCH, Signers=signers) == []


@pytest.mark.parametrize(
    ("language", "text"),
    everyday(
        [
            *(("fr", "4 mars 2026"), ("de", "4. April 2026"), ("de", "4 April 2026")),
            *(("es", "Calle del Mar 12"), ("ca", "Carrer del Mar 3"), ("fr", "12 May Street")),
            *(("ru", "4 марта 2026"), ("nl", "Jan 12 hoog"), ("fr", "rue du 8 Mai 1945")),
        ]
    ),
)
def test_dates_and_streets_in_the_letters_own_language_are_no_problem(
    tmp_path: Path, language: str, text: str
) -> None:
    settings = [["Name", "Value"], ["Language", language]]
    rows = column("x", text)
    assert found_problems(tmp_path, TEXT, Recipients=rows, Settings=settings) == []


def test_a_recipients_language_decides_about_their_dates(
    tmp_path: Path,
) -> None:
    day = "4 March 2026"
    signers = [["ID", "Name"], ["1", "Ana Ruiz"]]
    rows = [["ID", "Name", "Language", "Text"], ["1", "Minister Li", "en", day]]
    rows.append(["2", "Consul Roy", "ru", day])
    assert found_problems(tmp_path, TEXT, Signers=signers, Recipients=rows, Settings=FRENCH) == [
        "?date-english Recipients!D3"
    ]


def test_hidden_rows_are_reported(tmp_path: Path) -> None:
    make(tmp_path, Recipients=[["Name"], ["Minister Li"], ["Consul Roy"], ["Judge Kim"]])
    assert problems_in_folder(tmp_path) == []
    hide(tmp_path, "Recipients", 2, 4)
    assert problems_in_folder(tmp_path) == ["?hidden-rows Recipients sheet"]


def test_hidden_rows_that_are_skipped_are_no_problem(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Hidden rows", "skip"]]
    make(tmp_path, Recipients=[["Name"], ["Minister Li"], ["Consul Roy"]], Settings=settings)
    hide(tmp_path, "Recipients", 2)
    assert problems_in_folder(tmp_path) == []


@pytest.mark.parametrize(
    "no", everyday(["no", "No", "NO ", "0", 0, "n", "false", "nein", "non", "нет"], daily=range(2))
)
def test_a_written_no_in_a_bare_if_is_reported(tmp_path: Path, no: object) -> None:
    rows = column("yes", no)
    for test in ("", "not ", "recipient.name and "):
        template = f"x\n{{% if {test}recipient.text %}}x{{% endif %}}"
        assert found_problems(tmp_path, template, Recipients=rows) == [
            "?condition-holds-for-no body 2"
        ]
    inline = "{{ 'Dr ' if recipient.text else '' }}{{ recipient.name }}"
    assert found_problems(tmp_path, inline, Recipients=rows) == ["?condition-holds-for-no body 1"]


@pytest.mark.parametrize("value", [None, False, "yes", "x", 1, "Nora"])
def test_a_bare_if_is_no_problem_if_no_cell_says_no(tmp_path: Path, value: object) -> None:
    template = "{% if recipient.text %}x{% endif %}"
    assert found_problems(tmp_path, template, Recipients=column("yes", value)) == []


def test_a_written_no_that_is_compared_is_no_problem(tmp_path: Path) -> None:
    template = "{% if recipient.text == 'yes' %}x{% endif %}"
    assert found_problems(tmp_path, template, Recipients=column("yes", "no", 0)) == []


def test_a_column_that_no_letter_uses_is_reported_at_its_heading(tmp_path: Path) -> None:
    rows = [["Name", "Organisation", "Rank"], ["Minister Li", "Court", None]]
    (problem,) = checked(tmp_path, Recipients=rows)["problems"]
    assert (problem["code"], problem["where"]) == ("column-unused", "signers.xlsx, Recipients!B1")
    assert "{{ recipient.organisation }}" in problem["hint"]
    assert found_problems(tmp_path, TEXT.replace("text", "organisation"), Recipients=rows) == []


@pytest.mark.parametrize(
    "heading",
    everyday(
        [
            *(
                "E-mail",
                "E-mail address",
                "Email",
                "Phone number",
                "Tel.",
                "Notes",
                "Internal notes",
            ),
            *(
                "Comment",
                "Timestamp",
                "Date signed",
                "Consent",
                "Téléphone",
                "Courriel",
                "Remarques",
            ),
            *("ID", "Include", "Template", "Language"),
        ],
        daily=range(6),
    ),
)
def test_a_column_for_the_offices_own_use_is_no_problem(tmp_path: Path, heading: str) -> None:
    value = {"Language": "en", "Template": "appeal", "Include": "yes"}.get(heading, "x")
    rows: list[list[Any]] = [["Name", heading], ["Minister Li", value]]
    assert found_problems(tmp_path, Recipients=rows) == []


def test_a_column_used_only_by_a_setting_or_file_name_is_no_problem(tmp_path: Path) -> None:
    rows = [["Name", "Region"], ["Minister Li", "North"], ["Consul Roy", "South"]]
    signers = [["Name", "Region"], ["Ana Ruiz", "North"], ["Bo Berg", "South"]]
    for name, value in (
        ("Match", "Region"),
        ("Sort by", "Region"),
        ("File name", "{{ signer.region }}/{{ recipient.region }}"),
    ):
        settings = [["Name", "Value"], [name, value]]
        assert found_problems(tmp_path, Signers=signers, Recipients=rows, Settings=settings) == []


def test_cells_that_no_letter_prints_are_not_checked(tmp_path: Path) -> None:
    assert found_problems(tmp_path, Recipients=column("TBC", "JosÃ©", heading="Notes")) == []
