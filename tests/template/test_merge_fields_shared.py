"""Merge fields that are columns of several sheets, and their messages.

Messages show fields as Word shows them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support import workbooks
from support.campaigns import RunResult, letters, make, merge, text
from support.documents import docx, paragraph
from support.docx_validation import findings, own_checks
from support.everyday import everyday
from support.field_markup import field, simple
from support.office_programs import needs_libreoffice, pdf_text, to_pdf

SHEETS: dict[str, workbooks.Rows] = {
    "Signers": [["Name", "City", "Phone"], ["Ana Ruiz", "Lima", "5"]],
    "Recipients": [["Name", "City", "Title"], ["Minister Li", "Delhi", "Mr"]],
}
LETTER = (
    paragraph(
        "To ",
        field(" MERGEFIELD Name ", result="«Name»"),
        ", ",
        simple(" MERGEFIELD City ", "«City»"),
    )
    + paragraph("Dear ", field(" MERGEFIELD Title "), " ", field(" MERGEFIELD Name "))
    + paragraph("Call ", field(" MERGEFIELD Phone "), " ", field(" MERGEFIELD Signer_Name "))
)


def _campaign(
    folder: Path, owner: str | None = None, letter: str = LETTER, **more_sheets: object
) -> Path:
    sheets = dict(SHEETS)
    if owner is not None:
        sheets["Settings"] = [["Name", "Value"], ["Merge fields", owner]]
    sheets |= {name: rows for name, rows in more_sheets.items() if isinstance(rows, list)}
    return make(folder, docx(letter), **sheets)


def _problems(ran: RunResult, level: str = "error") -> list[dict[str, str]]:
    return [problem for problem in ran.json["problems"] if problem["level"] == level]


def test_a_merge_field_of_both_sheets_is_an_error_with_remedies(tmp_path: Path) -> None:
    (problem,) = _problems(merge("check", _campaign(tmp_path), "--json"))
    assert (problem["code"], problem["where"]) == (
        "field-shared",
        "appeal.docx, line “To «Name», «City»” (paragraph 1)",
    )
    assert problem["message"] == (
        "«Name», «City» are ambiguous: they are in the Signers and Recipients sheets."
    )
    assert problem["hint"] == (
        "In Word, right-click the field, select Edit Field and name it Recipient_Name."
        " Or set “Merge fields” to recipient or signer in the Settings sheet."
    )
    assert "{{" not in str(problem)


@pytest.mark.parametrize(
    ("owner", "lines"),
    everyday(
        [
            ("recipient", ["To Minister Li, Delhi", "Dear Mr Minister Li"]),
            ("Recipients", ["To Minister Li, Delhi", "Dear Mr Minister Li"]),
            ("signer", ["To Ana Ruiz, Lima", "Dear Mr Ana Ruiz"]),
        ],
        daily=range(2),
    ),
)
def test_the_merge_fields_setting_decides_whose_shared_fields_are(
    owner: str, lines: list[str], tmp_path: Path
) -> None:
    assert merge("letters", _campaign(tmp_path, owner)).code == 0
    (path,) = letters(tmp_path).values()
    assert text(path) == [*lines, "Call 5 Ana Ruiz"]


def test_the_merge_fields_setting_allows_no_other_value(tmp_path: Path) -> None:
    problems = _problems(merge("check", _campaign(tmp_path, "both"), "--json"))
    places = {p["code"]: p["where"] for p in problems}
    assert places["setting-merge-fields"] == "signers.xlsx, Settings!B2"
    assert "field-shared" in places


def test_a_setting_may_have_the_name_of_a_shared_merge_field(tmp_path: Path) -> None:
    letter = paragraph("On ", field(" MERGEFIELD Place "))
    sheets = {
        "Recipients": [["Name", "Place"], ["Minister Li", "Delhi"]],
        "Settings": [["Name", "Value"], ["Place", "Geneva"]],
    }
    (problem,) = _problems(merge("check", _campaign(tmp_path, None, letter, **sheets), "--json"))
    assert "it is in the Recipients and Settings sheets" in problem["message"]
    sheets["Settings"].append(["Merge fields", "recipient"])
    merge("letters", _campaign(tmp_path, None, letter, **sheets))
    (path,) = letters(tmp_path).values()
    assert text(path) == ["On Delhi"]


def test_a_changed_merge_fields_setting_makes_letters_out_of_date(tmp_path: Path) -> None:
    merge("letters", _campaign(tmp_path, "recipient"))
    ran = merge("letters", _campaign(tmp_path, "signer"), "--json")
    assert ran.json["written"] == 1
    (path,) = letters(tmp_path).values()
    assert text(path)[0] == "To Ana Ruiz, Lima"


def test_an_if_reads_the_shared_field_of_the_person_in_the_setting(tmp_path: Path) -> None:
    condition = ' IF {} = "Delhi" "yes" "no" '
    before, after = condition.split("{}")
    if_field = field(before, field(" MERGEFIELD City "), after)
    letter = paragraph("In Delhi: ", if_field)
    (problem,) = _problems(merge("check", _campaign(tmp_path, None, letter), "--json"))
    assert problem["code"] == "field-shared"
    merge("letters", _campaign(tmp_path, "recipient", letter))
    (path,) = letters(tmp_path).values()
    assert text(path) == ["In Delhi: yes"]


def test_placeholders_are_listed_with_their_merge_fields(tmp_path: Path) -> None:
    folder = _campaign(
        tmp_path, "recipient", Pairs=[["Signer", "Recipient", "My note"], ["*", "*", "x"]]
    )
    listed = {
        row["tag"]: row["field"] for row in merge("placeholders", folder, "--json").json["tags"]
    }
    assert listed == {
        "{{ signer.name }}": "Signer_Name",
        "{{ signer.city }}": "Signer_City",
        "{{ signer.phone }}": "Signer_Phone",
        "{{ recipient.name }}": "Recipient_Name",
        "{{ recipient.city }}": "Recipient_City",
        "{{ recipient.title }}": "Recipient_Title",
        "{{ pair.my_note }}": "Pair_My_note",
        "{{ settings.merge_fields }}": "Settings_Merge_fields",
        "{{ date }}": "Date",
    }


def test_every_listed_merge_field_can_be_used(tmp_path: Path) -> None:
    folder = _campaign(tmp_path, None, Pairs=[["Signer", "Recipient", "My note"], ["*", "*", "x"]])
    names = [row["field"] for row in merge("placeholders", folder, "--json").json["tags"]]
    body = "".join(paragraph(f"{n}: ", field(f" MERGEFIELD {n} ")) for n in names)
    (folder / "templates" / "appeal.docx").write_bytes(docx(body))
    assert _problems(merge("check", folder, "--json")) == []


# A message never shows a tag that is not in the document.


def test_an_unknown_merge_field_is_reported_as_word_shows_it(tmp_path: Path) -> None:
    letter = paragraph(
        "Dear ", field(" MERGEFIELD Recipient_Tilte "), " and ", field(" MERGEFIELD Q ")
    )
    reported_problems = _problems(merge("check", _campaign(tmp_path, None, letter), "--json"))
    second, first = sorted(reported_problems, key=lambda problem: problem["message"])
    assert first["where"] == "appeal.docx, line “Dear «Recipient_Tilte» and «Q»” (paragraph 1)"
    assert first["message"].startswith("«Recipient_Tilte»: ")
    hint = "Did you mean Recipient_Title? Right-click the field in Word and select Edit Field."
    assert first["hint"] == hint
    assert second["message"] == "«Q»: “q” does not exist."
    assert "{{" not in str([first, second])


def test_a_blank_merge_field_in_a_sentence_is_reported_as_word_shows_it(tmp_path: Path) -> None:
    rows = [["Name", "Title"], ["Minister Li", None]]
    letter = paragraph("Dear friend ", field(" MERGEFIELD Title \\* Upper "), ", hello")
    (problem,) = _problems(
        merge("check", _campaign(tmp_path, None, letter, Recipients=rows), "--json")
    )
    assert problem["message"] == (
        "This cell is blank, but the sentence “Dear friend «Title», hello” uses it."
    )
    assert problem["hint"] == (
        "Fill in the cell, or replace the field with {{ recipient.title|optional }} to allow"
        " blanks."
    )


def test_a_value_that_a_merge_field_cannot_use_is_reported_as_word_shows_it(tmp_path: Path) -> None:
    letter = paragraph("On ", field(' MERGEFIELD Title \\@ "d MMMM" '))
    (problem,) = _problems(merge("check", _campaign(tmp_path, None, letter), "--json"))
    assert problem["message"] == "«Title»: “Mr” is not a date."


def test_an_if_field_is_reported_by_its_condition(tmp_path: Path) -> None:
    if_field = field(" IF ", field(" MERGEFIELD Title "), ' > 3 "old" "new" ')
    (problem,) = _problems(
        merge("check", _campaign(tmp_path, None, paragraph("x ", if_field)), "--json")
    )
    assert problem["message"].startswith("{ IF «Title» > 3 … }: ")
    assert problem["where"] == "appeal.docx, line “x { IF «Title» > 3 … }old / new” (paragraph 1)"


def test_a_merge_field_and_a_placeholder_with_one_name_are_distinguished(tmp_path: Path) -> None:
    letter = paragraph("a ", field(" MERGEFIELD Nmae "), " b") + paragraph("c {{ nmae }} d")
    reported_problems = _problems(merge("check", _campaign(tmp_path, None, letter), "--json"))
    second, first = sorted(reported_problems, key=lambda problem: problem["message"])
    assert (first["message"][:6], second["message"][:10]) == ("«Nmae»", "{{ nmae }}")


def test_a_removed_line_of_merge_fields_is_reported_as_word_shows_it(tmp_path: Path) -> None:
    letter = paragraph(field(" MERGEFIELD Title ")) + paragraph("x")
    rows = [["Name", "Title"], ["Minister Li", None]]
    ran = merge("check", _campaign(tmp_path, None, letter, Recipients=rows))
    assert "blank line removed in 1 of 1 letter: «Title»" in ran.out


def test_an_if_with_a_number_also_decides_for_numbers_stored_as_text(tmp_path: Path) -> None:
    rows = [["Name", "Code"], ["Minister Li", "S-12"], ["Consul Roy", "1005"]]
    letter = paragraph(
        field(" MERGEFIELD Recipient_Name "),
        field(" IF ", field(" MERGEFIELD Code "), ' = "1005" " is one" " is none" '),
    )
    folder = _campaign(tmp_path, None, letter, Recipients=rows)
    assert _problems(merge("check", folder, "--json")) == []


@pytest.mark.slow
@needs_libreoffice
def test_a_letter_of_merge_fields_opens_in_libreoffice(tmp_path: Path) -> None:
    merge("letters", _campaign(tmp_path, "recipient"))
    (path,) = letters(tmp_path).values()
    (pdf,) = to_pdf([path], tmp_path)
    shown = pdf_text(pdf)
    assert "To Minister Li, Delhi" in shown
    assert "Dear Mr Minister Li" in shown
    assert own_checks(path.read_bytes()) == []
    assert not findings(tmp_path, path.read_bytes())
