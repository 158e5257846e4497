"""Unused columns and templates: misspelt headings, and no false alarms."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from support.campaigns import LINES, make, merge
from support.checked_campaigns import PEOPLE, checked, found_problems, problems_in_folder
from support.documents import docx
from support.everyday import everyday

PAIRS = [["Signer", "Recipient", "Inlcude"], ["*", "*", None], ["Ana Ruiz", "*", "no"]]


def column(heading: str, *values: object) -> list[list[Any]]:
    """Return recipients with a second column."""
    names = ("Minister Li", "Consul Roy", "Judge Kim")
    return [["Name", heading], *([n, v] for n, v in zip(names, values, strict=False))]


def problems_with_templates(folder: Path, *names: str, **sheets: Any) -> list[str]:  # noqa: ANN401 - rows
    """Return the problems of a campaign with more templates."""
    settings = [["Template", "appeal.docx"]]
    make(folder, **{**PEOPLE, "Settings": settings, **sheets})
    for name in names:
        (folder / "templates" / name).write_bytes(docx(LINES))
    return problems_in_folder(folder)


@pytest.mark.parametrize(
    "heading",
    everyday(
        [
            *("Included?", "Inlcude", "Includes", "Include (yes/no)", "To include", "Incldue"),
            *("Incluire", "Incluirr", "Einbezihen", "Включит"),
        ],
        daily=range(6),
    ),
)
@pytest.mark.parametrize("sheet", everyday(["Signers", "Recipients"]))
def test_a_heading_similar_to_include_is_an_error(tmp_path: Path, sheet: str, heading: str) -> None:
    rows = column(heading, "no", None, "yes")
    assert found_problems(tmp_path, **{sheet: rows}) == [f"heading-near {sheet}!B1"]


def test_a_misspelt_include_is_reported_with_both_remedies(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, Recipients=column("Included?", "no"))["problems"]
    assert problem["message"] == (
        "The heading “Included?” looks like “Include” but is not used, so no one is excluded."
    )
    assert problem["hint"] == (
        "Rename it to “Include”. If it has another purpose, use {{ recipient.included }} in the"
        " template, or change the heading."
    )
    text = "Dear {{ recipient.name }}, {{ recipient.included }}"
    assert found_problems(tmp_path, text, Recipients=column("Included?", "no")) == []


def test_a_heading_of_pairs_similar_to_include_is_an_error(tmp_path: Path) -> None:
    assert found_problems(tmp_path, Pairs=PAIRS) == ["heading-near Pairs!C"]


@pytest.mark.parametrize(
    ("heading", "value"),
    everyday(
        [
            *(("Langauge", "fr"), ("Languages", "de-AT"), ("Lang", "ru"), ("Idiomas", "es")),
            *(("Tempate", "appeal"), ("Tempalte", "appeal.docx"), ("Template file", "apeal.docx")),
            *(("I.D.", "R1"), ("ID number", "7"), ("IDs", "a")),
        ],
        daily=range(6),
    ),
)
def test_headings_similar_to_the_programs_are_errors(
    tmp_path: Path, heading: str, value: str
) -> None:
    assert found_problems(tmp_path, Recipients=column(heading, value)) == [
        "heading-near Recipients!B1"
    ]


@pytest.mark.parametrize(
    ("heading", "values"),
    everyday(
        [
            ("Inclusion", ("works for the blind", "x")),
            ("Includes", ("3 children", "2 children")),
            ("Temple", ("Kyoto", "Nara")),
            ("Template", (None, None)),
            ("Languages", ("English, French", "Arabic")),
            ("ID number", ("LT-48150623", "LT-50912877")),
            ("I.D.", ("x", "x")),
            ("Landscape", ("yes", "yes")),
        ],
        daily=range(6),
    ),
)
def test_a_similar_heading_over_other_values_is_no_error(
    tmp_path: Path, heading: str, values: tuple[object, ...]
) -> None:
    problems = found_problems(tmp_path, Recipients=column(heading, *values))
    assert [problem for problem in problems if not problem.startswith("?")] == []


def test_a_similar_heading_beside_the_programs_one_is_no_error(tmp_path: Path) -> None:
    rows = [["Name", "Include", "Included before"], ["Li", None, "yes"], ["Consul Roy"]]
    assert found_problems(tmp_path, Recipients=rows) == ["?answers-unused Recipients!C1"]


def test_an_unused_yes_no_column_is_the_first_warning(tmp_path: Path) -> None:
    rows = [["Name", "Town", "Takes part"], ["Consul  Roy", "x", "no"], ["Judge Kim", "x", "yes"]]
    assert found_problems(tmp_path, Recipients=rows) == [
        "?answers-unused Recipients!C1",
        "?name-spaces Recipients!A2",
        "?column-unused Recipients!B1",
    ]


@pytest.mark.parametrize(
    ("heading", "values", "warned"),
    everyday(
        [
            ("Consent", ("yes", "no"), True),
            ("Withdrawn", ("yes", None), True),
            ("Teilnahme", ("ja", "nein"), True),
            ("Участвует", ("да", "нет"), True),
            ("In", (True, False), True),
            ("Consent", ("yes", "yes"), False),
            ("Side", ("S", None), False),
            ("Consent", ("yes", "by phone"), False),
        ],
        daily=range(5),
    ),
)
def test_only_columns_of_yes_and_no_get_the_yes_no_warning(
    tmp_path: Path, heading: str, values: tuple[object, ...], *, warned: bool
) -> None:
    problems = found_problems(tmp_path, Recipients=column(heading, *values))
    assert ("?answers-unused Recipients!B1" in problems) == warned


def test_the_unused_columns_of_a_sheet_are_one_warning(tmp_path: Path) -> None:
    rows = [["Name", "Organisation", "Rank", "Town"], ["Minister Li", "Court", None, "x"]]
    (problem,) = checked(tmp_path, Recipients=rows)["problems"]
    assert problem["message"] == "No letter uses the “Organisation”, “Town” columns."
    assert "{{ recipient.organisation }}" in problem["hint"]


def test_the_place_of_an_unused_column_is_its_heading(tmp_path: Path) -> None:
    rows = [["Our list"], [], *column("Rank", "Dr")]
    assert found_problems(tmp_path, Recipients=rows) == ["?column-unused Recipients!B3"]


def test_a_template_that_no_letter_uses_is_reported(tmp_path: Path) -> None:
    make(tmp_path, LINES, **{**PEOPLE, "Settings": [["Template", "appeal.docx"]]})
    shutil.copy(tmp_path / "templates/appeal.docx", tmp_path / "templates/appeal NEW.docx")
    (problem,) = merge("check", tmp_path, "--json").json["problems"]
    assert (problem["code"], problem["level"]) == ("template-unused", "warning")
    assert problem["where"] == "templates/appeal NEW.docx"
    assert "templates/appeal NEW.docx" in merge("letters", tmp_path).err


def test_a_template_that_some_letter_uses_is_not_reported(tmp_path: Path) -> None:
    rows = column("Template", "special", None)
    assert problems_with_templates(tmp_path, "special.docx", Recipients=rows) == []


def test_the_template_of_an_excluded_person_is_not_reported(tmp_path: Path) -> None:
    rows = [["Name", "Template", "Include"], ["Minister Li"], ["Judge Kim", "special.docx", "no"]]
    assert problems_with_templates(tmp_path, "special.docx", Recipients=rows) == []


def test_other_files_in_the_templates_folder_are_not_reported(tmp_path: Path) -> None:
    assert problems_with_templates(tmp_path, "~$appeal.docx", "logo.png", ".hidden.docx") == []


def test_test_letters_with_one_template_do_not_report_the_others(tmp_path: Path) -> None:
    problems_with_templates(tmp_path, "short.docx")
    template = tmp_path / "templates/short.docx"
    result = merge("letters", tmp_path, "--try", tmp_path / "t", "--template", template, "--json")
    assert result.json["problems"] == []


@pytest.mark.parametrize("cell", ["special.docx", "special", "Templates/Special.docx"])
@pytest.mark.parametrize("heading", everyday(["Letter", "Which one", "Kind"]))
def test_a_column_of_template_names_with_another_heading_is_an_error(
    tmp_path: Path, heading: str, cell: str
) -> None:
    problems = problems_with_templates(
        tmp_path, "special.docx", Recipients=column(heading, cell, None)
    )
    assert problems == ["template-column Recipients!B1", "?template-unused templates/special.docx"]


def test_a_template_column_in_signers_is_an_error(tmp_path: Path) -> None:
    rows = [["Name", "Template"], ["Ana Ruiz", "special.docx"]]
    problems = problems_with_templates(tmp_path, "special.docx", Signers=rows)
    assert problems == ["template-column Signers!B1", "?template-unused templates/special.docx"]


def test_a_column_of_other_words_is_not_a_template_column(tmp_path: Path) -> None:
    rows = column("Kind", "special", "general")
    problems = problems_with_templates(tmp_path, "special.docx", Recipients=rows)
    assert problems == ["?template-unused templates/special.docx", "?column-unused Recipients!B1"]


def test_an_unreadable_template_might_use_any_column(tmp_path: Path) -> None:
    assert found_problems(tmp_path, b"%PDF-1.7", Recipients=column("Included", "no")) == [
        "template-not-word appeal.docx"
    ]


def test_a_template_with_errors_uses_the_columns_that_it_names(tmp_path: Path) -> None:
    text = "Dear {{ recipient.name }}, {{ recipient.included }} {% if %}"
    problems = found_problems(tmp_path, text, Recipients=column("Included", "no"))
    assert not any("heading-near" in problem for problem in problems)
