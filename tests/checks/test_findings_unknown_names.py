"""Placeholder names without a column, and wrong names of people."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.checked_campaigns import checked, found_problems
from support.documents import docx, note, paragraph, table, text_box
from support.everyday import everyday
from support.field_markup import field

TOWNS = [["Name", "Town"], ["Minister Li", "Beijing"], ["Consul Roy", "Delhi"]]


@pytest.mark.parametrize(
    ("written", "intended"),
    everyday(
        [
            ("recipient.twon", "recipient.town"),
            ("recipient.Towns", "recipient.town"),
            ("recipent.town", "recipient.town"),
            ("recipients.town", "recipient.town"),
            ("recipient.nmae", "recipient.name"),
            ("town", "recipient.town"),
            ("Town", "recipient.town"),
            ("setting.deadline", "settings.deadline"),
            ("settings.dedline", "settings.deadline"),
            ("deadline", "settings.deadline"),
            ("recipient.deadline", "settings.deadline"),
            ("pairs.reason", "pair.reason"),
            ("pair.raeson", "pair.reason"),
        ],
        daily=range(3),
    ),
)
def test_an_unknown_name_is_reported_with_the_intended_one(
    tmp_path: Path, written: str, intended: str
) -> None:
    sheets = {
        "Recipients": TOWNS,
        "Settings": [["Name", "Value"], ["Deadline", "1 May"]],
        "Pairs": [["Signer", "Recipient", "Reason"], ["*", "*", "We met."]],
    }
    problems = checked(tmp_path, f"Fine.\nIt is {{{{ {written} }}}}.", **sheets)["problems"]
    unknown = [p for p in problems if p["code"] == "name-unknown"]
    assert [p["where"] for p in unknown] == [
        f"appeal.docx, line “It is {{{{ {written} }}}}.” (paragraph 2)"
    ]
    assert unknown[0]["hint"] == f"Did you mean {intended}?"
    problems_with_intended_name = found_problems(
        tmp_path, f"{{{{ recipient.town }}}}\nIt is {{{{ {intended} }}}}.", **sheets
    )
    assert problems_with_intended_name == []


@pytest.mark.parametrize(
    "written", ["signer.town", "signr.town", "sender.town", "pair.town", "settings.twon", "x.towns"]
)
def test_the_other_persons_column_is_never_suggested(tmp_path: Path, written: str) -> None:
    text = f"{{{{ recipient.town }}}}\n{{{{ {written} }}}}"
    (problem,) = checked(tmp_path, text, Recipients=TOWNS)["problems"]
    assert (problem["code"], "mean" in problem["hint"], "}}" in problem["hint"]) == (
        "name-unknown",
        False,
        False,
    )


def test_a_column_that_only_the_other_sheet_has_is_reported_as_such(tmp_path: Path) -> None:
    text = "{{ recipient.town }}\n{{ signer.town }}"
    (problem,) = checked(tmp_path, text, Recipients=TOWNS)["problems"]
    assert problem["message"] == "{{ signer.town }}: the Signers sheet has no “town” column."
    assert problem["hint"] == (
        "Only the Recipients sheet has it: add the column, or restore its old heading."
    )


def test_a_misspelt_heading_is_reported_in_the_workbook(tmp_path: Path) -> None:
    """It is reported once, at its cell, and its column is not unused."""
    rows = [["Name", "Town", "Salutaiton"], ["Minister Li", "Beijing", "Minister"]]
    body = "{{ recipient.town }}\nDear {{ recipient.salutation }},\n{{ recipient.Salutation }}!"
    (problem,) = checked(tmp_path, body, Recipients=rows)["problems"]
    assert (problem["code"], problem["where"]) == ("name-unknown", "signers.xlsx, Recipients!C1")
    assert problem["message"] == (
        "The heading “Salutaiton” may be misspelt: {{ recipient.salutation }} needs “Salutation”."
    )
    assert problem["hint"] == "Did you mean “Salutation”?"
    rows[0][2] = "Salutation"
    assert checked(tmp_path, body, Recipients=rows)["problems"] == []


def test_a_usual_english_heading_is_not_taken_for_a_misspelt_one(tmp_path: Path) -> None:
    rows = [["Name", "Address"], ["Minister Li", "Main Street 1"]]
    for body in ("Go to {{ recipient.adress }}.", "{{ recipient.adress }}\n{{ recipient.adress }}"):
        problems = checked(tmp_path, body, Recipients=rows)["problems"]
        unknown = [problem for problem in problems if problem["code"] == "name-unknown"]
        assert unknown
        for problem in unknown:
            assert problem["where"].startswith("appeal.docx")
            assert problem["hint"] == "Did you mean recipient.address?"


def test_an_unknown_word_used_twice_in_the_template_is_taken_as_correct(tmp_path: Path) -> None:
    rows = [["Name", "Prisonr"], ["Minister Li", "Lind"]]
    once, twice = (
        "Free {{ recipient.prisoner }}.",
        "{{ recipient.prisoner }}\n{{ recipient.prisoner }}",
    )
    (problem,) = checked(tmp_path, once, Recipients=rows)["problems"]
    assert problem["where"] == "appeal.docx, line “Free {{ recipient.prisoner }}.” (paragraph 1)"
    assert problem["hint"] == (
        "Did you mean recipient.prisonr?"
        " Or is the heading “Prisonr” (signers.xlsx, Recipients!B1) misspelt?"
    )
    (problem,) = checked(tmp_path, twice, Recipients=rows)["problems"]
    assert problem["where"] == "signers.xlsx, Recipients!B1"
    assert problem["hint"] == (
        "Did you mean “Prisoner”? If the heading is right, write recipient.prisonr in the template."
    )


@pytest.mark.parametrize(
    ("heading", "written"),
    [
        ("Salutation", "salutaiton"),
        ("Town", "twon"),
        ("Prisoner", "prisonr"),
        ("Case number", "case"),
    ],
)
def test_a_heading_that_is_usual_or_used_is_taken_as_correct(
    tmp_path: Path, heading: str, written: str
) -> None:
    rows = [["Name", heading], ["Minister Li", "x"]]
    first_line = "{{ recipient.prisoner }}\n" if heading == "Prisoner" else ""
    body = f"{first_line}{{{{ recipient.{written} }}}}\n{{{{ recipient.{written} }}}}"
    problems = checked(tmp_path, body, Recipients=rows)["problems"]
    unknown = [p for p in problems if p["code"] == "name-unknown"]
    assert all(p["where"].startswith("appeal.docx") for p in unknown)
    assert len(unknown) == 2
    assert {p["hint"] for p in unknown} == {
        f"Did you mean recipient.{heading.lower().replace(' ', '_')}?"
    }


def test_the_other_persons_column_is_never_suggested_in_a_setting_or_merge_field(
    tmp_path: Path,
) -> None:
    town = "{{ recipient.town }}\n"
    settings = [["File name", "{{ signer.town }} {{ signer.name }}"]]
    (problem,) = checked(tmp_path, town, Recipients=TOWNS, Settings=settings)["problems"]
    assert (problem["where"], "mean" in problem["hint"]) == ("signers.xlsx, Settings!B1", False)
    letter = docx(paragraph(field(" MERGEFIELD Signer_Town ")) + paragraph(town))
    (problem,) = checked(tmp_path, letter, Recipients=TOWNS)["problems"]
    assert problem["hint"].startswith("Only the Recipients sheet has it")


def test_an_unknown_name_without_a_similar_one_gets_the_command_for_all_names(
    tmp_path: Path,
) -> None:
    (problem,) = checked(tmp_path, "To {{ recipient.shoe_size }}.")["problems"]
    assert problem["message"] == (
        "{{ recipient.shoe_size }}: the Recipients sheet has no “shoe_size” column."
    )
    assert problem["hint"] == "For all names, run “merge placeholders”."


@pytest.mark.parametrize(
    "tag",
    everyday(
        [
            "{% if recipient.twon %}x{% endif %}",
            "{% if recipient.town == 'x' %}x{% elif recipient.twon == 'y' %}y{% endif %}",
            "{% for line in recipient.twon|lines %}{{ line }}{% endfor %}",
            "{{ recipient.twon|default('x') }}",
            "{{ recipient.twon|optional }}",
            "{{ 'x' if recipient.twon else 'y' }}",
            "{{ recipient['twon'] }}",
            "{{ recipient.town ~ recipient.twon }}",
            "{% if 'x' in recipient.twon %}x{% endif %}",
            "{% if not recipient.twon %}x{% endif %}",
        ],
        daily=range(3),
    ),
)
def test_an_unknown_name_is_found_in_all_kinds_of_placeholders(tmp_path: Path, tag: str) -> None:
    text = f"{{{{ recipient.town }}}}\n{tag}"
    assert found_problems(tmp_path, text, Recipients=TOWNS) == ["name-unknown body 2"]
    assert found_problems(tmp_path, text.replace("twon", "town"), Recipients=TOWNS) == []


def test_an_unknown_name_in_a_cells_span_or_colour_is_found(tmp_path: Path) -> None:
    for tag in ("{% colspan recipient.wide %}", "{% cellbg recipient.shade %}"):
        cells = table([f"{tag}{{{{ recipient.name }}}}", "x"])
        assert found_problems(tmp_path, cells) == ["name-unknown body 1"]


def test_an_unknown_name_is_found_in_every_part_of_the_letter(tmp_path: Path) -> None:
    bad = "{{ recipient.twon }}"
    marks = paragraph("x", note(), note("endnote"))
    body = f"{paragraph(bad)}{text_box(bad)}{table(['x', bad])}{marks}"
    letter = docx(body, header=bad, footer=f"x\n{bad}", footnotes=bad, endnotes=bad)
    assert found_problems(tmp_path, letter) == [
        "name-unknown body 1",
        "name-unknown body 3",
        "name-unknown body 5",
        "name-unknown endnotes 1",
        "name-unknown footer 2",
        "name-unknown footnotes 1",
        "name-unknown header 1",
    ]


def test_an_unknown_name_is_reported_once_per_paragraph(tmp_path: Path) -> None:
    text = "{{ recipient.twon }} and {{ recipient.twon }}\nfine\n{{ recipient.twon }}"
    assert found_problems(tmp_path, text) == ["name-unknown body 1", "name-unknown body 3"]


def test_names_of_placeholders_are_known_in_any_spelling(tmp_path: Path) -> None:
    rows = [["Name", "Postal code", "Имя"], ["Minister Li", "10115", "Ли"]]
    text = "{{ Recipient.Postal_Code }} {{ RECIPIENT['Postal code'] }} {{ recipient.имя }}"
    assert found_problems(tmp_path, text, Recipients=rows) == []


def test_date_and_language_belong_to_no_sheet(tmp_path: Path) -> None:
    assert found_problems(tmp_path, "{{ date }} {{ language }} {{ date|date('yyyy') }}") == []


@pytest.mark.parametrize(
    ("name", "code"),
    everyday(
        [
            ("Ana  Ruiz", "?name-spaces"),
            ("Ana\nRuiz", "?name-spaces"),
            ("ana ruiz", "?name-small-letters"),
            ("анна рис", "?name-small-letters"),
            ("Ana Ruiz ana@example.org", "?name-not-a-name"),
            ("Ana Ruiz 2", "?name-not-a-name"),
            ("Ana Ruiz, 28013 Madrid", "?name-not-a-name"),
            ("Аna Ruiz", "?name-mixed-letters"),
            ("Иван Пeтров", "?name-mixed-letters"),
            ("JosÃ© Gil", "?text-broken-accents"),
            ("O", "?name-not-a-name"),
            ("Null", "?name-not-a-name"),
            ("Na", "?name-not-a-name"),
            ("TBC", "name-left-over"),
            ("test", "name-left-over"),
        ],
        daily=range(5),
    ),
)
@pytest.mark.parametrize("sheet", everyday(["Signers", "Recipients"]))
def test_a_persons_name_that_is_probably_wrong_is_reported_at_its_cell(
    tmp_path: Path, sheet: str, name: str, code: str
) -> None:
    problems = found_problems(tmp_path, **{sheet: [["Name"], ["Dr Ida Moe"], [name]]})
    assert f"{code} {sheet}!A3" in problems
    assert {place.partition(" ")[2] for place in problems} == {f"{sheet}!A3"}


@pytest.mark.parametrize(
    "name",
    everyday(
        [
            "Ana Ruiz",
            "M.\u00a0Dupont",
            "de la Cruz, Ana",
            "Jean-Luc d’Été",
            "O'Neill",
            "Elizabeth II",
            "ANA RUIZ",
            "Анна Smith",
            "Пётр Ильич",
            "محمد بن سلمان",
            "नाम",
            "李明",
            "Ελένη Παπά",
            "Ĳsbrand",
            "Dr. Ǵola (Minister)",
            "Société Générale",
            "Ministry of Justice",
        ],
        daily=range(5),
    ),
)
def test_a_persons_name_in_any_script_and_style_is_no_problem(tmp_path: Path, name: str) -> None:
    assert found_problems(tmp_path, Signers=[["Name"], ["Dr Ida Moe"], [name]]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    everyday(
        [
            ("José Gil", "Jose Gil"),
            ("Zoë Łuk", "Zoe Łuk"),
            ("Ana Ruiz", "AnaRuiz"),
            ("Ana Ruiz", "Ana-Ruiz"),
            ("Ana Ruiz", "Ana Ruiz."),
            ("Семён Рыжий", "Семен Рыжий"),
            ("Сара", "Capa"),
            ("АНА КОХ", "AHA KOX"),
            ("أحمد علي", "احمد علي"),
        ],
        daily=range(3),
    ),
)
def test_people_with_similar_names_are_reported_at_the_later_one(
    tmp_path: Path, one: str, other: str
) -> None:
    rows = [["Name"], [one], ["Dr Ida Moe"], [other]]
    for sheet in ("Signers", "Recipients"):
        (problem,) = checked(tmp_path, **{sheet: rows})["problems"]
        assert (problem["code"], problem["where"]) == ("people-alike", f"signers.xlsx, {sheet}!A4")
        assert f"“{one}” in row 2" in problem["message"]


@pytest.mark.parametrize(
    ("other", "is_reported"),
    [
        (["S2", "Ada New", "Rome"], True),
        (["S2", "Ada  New", "ROME"], True),
        (["S2", "Ada New", "Oslo"], False),
        (["S2", "Ada New", None], False),
        (["S2", "Bo New", "Rome"], False),
    ],
)
def test_a_person_who_is_in_two_rows_with_two_ids_is_reported(
    tmp_path: Path,
    other: list[str | None],
    is_reported: bool,  # noqa: FBT001
) -> None:
    rows = [["ID", "Name", "Town"], ["S1", "Ada New", "Rome"], other]
    problems = [p for p in checked(tmp_path, Signers=rows)["problems"] if "alike" in p["code"]]
    assert ["in row 2 under another ID" in p["message"] for p in problems] == [True] * is_reported
    rows = [["ID", "Name", "Town"], ["S1", "Ada New", None], ["S2", "Ada New", None]]
    assert "another ID" not in str(checked(tmp_path, Signers=rows)["problems"])


@pytest.mark.parametrize(
    ("one", "other"),
    everyday(
        [
            ("Ana Ruiz", "Ana Ruis"),
            ("राम", "रमा"),
            ("रमी", "रमा"),
            ("ดี", "ดู"),
            ("李明", "李名"),
            ("Иван", "Ивана"),
            ("Jan Nowak", "Jana Nowak"),
        ],
        daily=range(6),
    ),
)
def test_people_with_different_names_are_no_problem(tmp_path: Path, one: str, other: str) -> None:
    assert found_problems(tmp_path, Signers=[["Name"], [one], [other]]) == []


def test_a_signer_may_have_a_name_like_a_recipients(tmp_path: Path) -> None:
    sheets = {"Signers": [["Name"], ["José Gil"]], "Recipients": [["Name"], ["Jose Gil"]]}
    assert found_problems(tmp_path, **sheets) == []


def test_people_with_one_name_and_different_ids_are_no_problem(tmp_path: Path) -> None:
    rows = [["ID", "Name"], ["1", "Ana Ruiz"], ["2", "ana Ruiz"]]
    assert found_problems(tmp_path, Signers=rows) == []


def test_people_with_one_name_and_no_ids_are_an_error_at_each(tmp_path: Path) -> None:
    rows = [["Name"], ["Ana Ruiz"], ["Bo Berg"], ["ANA RUIZ"]]
    assert found_problems(tmp_path, Signers=rows) == [
        "name-twice Signers!A2",
        "name-twice Signers!A4",
    ]


def test_an_unknown_name_is_reported_beside_an_unreadable_placeholder(tmp_path: Path) -> None:
    problems = found_problems(
        tmp_path, "{{ recipient.nmae }}\n{{ 9 ** 9 }}\n{% for x in signer.twon|lines %}"
    )
    assert sorted({line.split()[0] for line in problems}) == [
        "block-unclosed",
        "name-unknown",
        "tag-not-allowed",
    ]
    assert sum(line.startswith("name-unknown") for line in problems) == 2


def test_the_column_meant_by_a_misspelt_name_is_not_unused(tmp_path: Path) -> None:
    assert found_problems(tmp_path, "{{ recipient.twon }}.", Recipients=TOWNS) == [
        "name-unknown body 1"
    ]


def test_an_unknown_setting_is_reported_as_a_setting(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Deadline", "May"]]
    (problem,) = checked(tmp_path, "{{ settings.dedline }}", Settings=settings)["problems"]
    assert problem["message"] == "{{ settings.dedline }}: there is no “dedline” setting."
    assert problem["hint"] == "Did you mean settings.deadline?"
