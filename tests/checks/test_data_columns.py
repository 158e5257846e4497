"""Columns and templates that no letter goes by: what they were meant to be, and no false alarm."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from support.campaigns import LINES, make, merge
from support.checked_campaigns import PEOPLE, checked, found, told
from support.documents import docx
from support.everyday import everyday

PAIRS = [["Signer", "Recipient", "Inlcude"], ["*", "*", None], ["Ana Ruiz", "*", "no"]]


def column(heading: str, *values: object) -> list[list[Any]]:
    """Recipients with a second column."""
    names = ("Minister Li", "Consul Roy", "Judge Kim")
    return [["Name", heading], *([n, v] for n, v in zip(names, values, strict=False))]


def with_templates(folder: Path, *names: str, **sheets: Any) -> list[str]:  # noqa: ANN401 - rows
    """What is told of a campaign with more templates."""
    settings = [["Template", "appeal.docx"]]
    make(folder, **{**PEOPLE, "Settings": settings, **sheets})
    for name in names:
        (folder / "templates" / name).write_bytes(docx(LINES))
    return told(folder)


@pytest.mark.parametrize(
    "heading",
    everyday(
        [
            *("Included?", "Inlcude", "Includes", "Include (yes/no)", "To include", "Incldue"),
            *("Incluire", "Incluirr", "Einbezihen", "Включит"),
        ],
        of=range(6),
    ),
)
@pytest.mark.parametrize("sheet", everyday(["Signers", "Recipients"]))
def test_a_heading_that_is_nearly_include_is_an_error(
    tmp_path: Path, sheet: str, heading: str
) -> None:
    rows = column(heading, "no", None, "yes")
    assert found(tmp_path, **{sheet: rows}) == [f"heading-near {sheet}!B1"]


def test_the_heading_that_is_meant_and_the_way_out_are_said(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, Recipients=column("Included?", "no"))["problems"]
    assert problem["message"] == (
        "The heading “Included?” looks like “Include” but is not used, so no one is excluded."
    )
    assert problem["hint"] == (
        "Rename it to “Include”. If it has another purpose, use {{ recipient.included }} in the"
        " template, or change the heading."
    )
    text = "Dear {{ recipient.name }}, {{ recipient.included }}"
    assert found(tmp_path, text, Recipients=column("Included?", "no")) == []


def test_a_heading_of_the_sheet_pairs_that_is_nearly_include_is_an_error(tmp_path: Path) -> None:
    assert found(tmp_path, Pairs=PAIRS) == ["heading-near Pairs!C"]


@pytest.mark.parametrize(
    ("heading", "value"),
    everyday(
        [
            *(("Langauge", "fr"), ("Languages", "de-AT"), ("Lang", "ru"), ("Idiomas", "es")),
            *(("Tempate", "appeal"), ("Tempalte", "appeal.docx"), ("Template file", "apeal.docx")),
            *(("I.D.", "R1"), ("ID number", "7"), ("IDs", "a")),
        ],
        of=range(6),
    ),
)
def test_other_headings_that_are_nearly_the_programs_are_errors(
    tmp_path: Path, heading: str, value: str
) -> None:
    assert found(tmp_path, Recipients=column(heading, value)) == ["heading-near Recipients!B1"]


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
        of=range(6),
    ),
)
def test_a_column_that_only_has_such_a_heading_is_no_error(
    tmp_path: Path, heading: str, values: tuple[object, ...]
) -> None:
    told_ = found(tmp_path, Recipients=column(heading, *values))
    assert [problem for problem in told_ if not problem.startswith("?")] == []


def test_a_heading_beside_the_right_one_is_a_column_of_their_own(tmp_path: Path) -> None:
    rows = [["Name", "Include", "Included before"], ["Li", None, "yes"], ["Consul Roy"]]
    assert found(tmp_path, Recipients=rows) == ["?answers-unused Recipients!C1"]


def test_a_yes_no_column_that_nothing_goes_by_is_the_first_of_all_warnings(tmp_path: Path) -> None:
    rows = [["Name", "Town", "Takes part"], ["Consul  Roy", "x", "no"], ["Judge Kim", "x", "yes"]]
    assert found(tmp_path, Recipients=rows) == [
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
        of=range(5),
    ),
)
def test_which_columns_say_only_yes_or_no(
    tmp_path: Path, heading: str, values: tuple[object, ...], *, warned: bool
) -> None:
    told_ = found(tmp_path, Recipients=column(heading, *values))
    assert ("?answers-unused Recipients!B1" in told_) == warned


def test_the_unused_columns_of_a_sheet_are_one_warning(tmp_path: Path) -> None:
    rows = [["Name", "Organisation", "Rank", "Town"], ["Minister Li", "Court", None, "x"]]
    (problem,) = checked(tmp_path, Recipients=rows)["problems"]
    assert problem["message"] == "No letter uses the “Organisation”, “Town” columns."
    assert "{{ recipient.organisation }}" in problem["hint"]


def test_the_place_is_the_row_of_the_headings(tmp_path: Path) -> None:
    rows = [["Our list"], [], *column("Rank", "Dr")]
    assert found(tmp_path, Recipients=rows) == ["?column-unused Recipients!B3"]


def test_a_template_that_no_letter_uses_is_told(tmp_path: Path) -> None:
    make(tmp_path, LINES, **{**PEOPLE, "Settings": [["Template", "appeal.docx"]]})
    shutil.copy(tmp_path / "templates/appeal.docx", tmp_path / "templates/appeal NEW.docx")
    (problem,) = merge("check", tmp_path, "--json").json["problems"]
    assert (problem["code"], problem["level"]) == ("template-unused", "warning")
    assert problem["where"] == "templates/appeal NEW.docx"
    assert "templates/appeal NEW.docx" in merge("letters", tmp_path).err


def test_a_template_that_some_letter_uses_is_not_told(tmp_path: Path) -> None:
    rows = column("Template", "special", None)
    assert with_templates(tmp_path, "special.docx", Recipients=rows) == []


def test_the_template_of_somebody_who_is_left_out_is_not_told(tmp_path: Path) -> None:
    rows = [["Name", "Template", "Include"], ["Minister Li"], ["Judge Kim", "special.docx", "no"]]
    assert with_templates(tmp_path, "special.docx", Recipients=rows) == []


def test_what_lies_beside_templates_is_not_told(tmp_path: Path) -> None:
    assert with_templates(tmp_path, "~$appeal.docx", "logo.png", ".hidden.docx") == []


def test_a_try_out_with_one_template_says_nothing_of_the_others(tmp_path: Path) -> None:
    with_templates(tmp_path, "short.docx")
    template = tmp_path / "templates/short.docx"
    ran = merge("letters", tmp_path, "--try", tmp_path / "t", "--template", template, "--json")
    assert ran.json["problems"] == []


@pytest.mark.parametrize("cell", ["special.docx", "special", "Templates/Special.docx"])
@pytest.mark.parametrize("heading", everyday(["Letter", "Which one", "Kind"]))
def test_a_column_that_names_templates_and_is_not_called_so_is_an_error(
    tmp_path: Path, heading: str, cell: str
) -> None:
    told_ = with_templates(tmp_path, "special.docx", Recipients=column(heading, cell, None))
    assert told_ == ["template-column Recipients!B1", "?template-unused templates/special.docx"]


def test_templates_are_chosen_in_recipients_only(tmp_path: Path) -> None:
    rows = [["Name", "Template"], ["Ana Ruiz", "special.docx"]]
    told_ = with_templates(tmp_path, "special.docx", Signers=rows)
    assert told_ == ["template-column Signers!B1", "?template-unused templates/special.docx"]


def test_a_column_of_other_words_names_no_template(tmp_path: Path) -> None:
    rows = column("Kind", "special", "general")
    told_ = with_templates(tmp_path, "special.docx", Recipients=rows)
    assert told_ == ["?template-unused templates/special.docx", "?column-unused Recipients!B1"]


def test_a_template_that_cannot_be_read_might_use_any_column(tmp_path: Path) -> None:
    assert found(tmp_path, b"%PDF-1.7", Recipients=column("Included", "no")) == [
        "template-not-word appeal.docx"
    ]


def test_a_template_with_faults_is_known_to_use_what_it_names(tmp_path: Path) -> None:
    text = "Dear {{ recipient.name }}, {{ recipient.included }} {% if %}"
    told_ = found(tmp_path, text, Recipients=column("Included", "no"))
    assert not any("heading-near" in problem for problem in told_)
