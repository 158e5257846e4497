"""The workbook that is written from letters, as the product reads it."""

from __future__ import annotations

import io

import openpyxl
import pytest
from support.start_letters import start, template_text, to_li, to_rey, values

from merge.errors import DataError
from merge.starting.proof import prove
from merge.starting.questions import StartAnswers
from merge.workbook.reading import parse_workbook


def test_a_heading_that_looks_like_a_formula_stays_text() -> None:
    heading = '=HYPERLINK("http://example.org","x")'
    answers = StartAnswers().rename("recipient.city", heading)
    found = start(to_li(), to_rey(), answers=answers)
    sheet = openpyxl.load_workbook(io.BytesIO(found.workbook("A")))["Recipients"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert heading in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_label_that_the_program_uses_itself_becomes_another_heading() -> None:
    found = start(to_li("ID: 47 b"), to_rey("ID: 11 c"))
    assert values(found)["recipient.id_in_text"] == ["47 b", "11 c"]
    assert "ID: {{ recipient.id_in_text }}" in template_text(found)
    assert found.proof.holds
    book = parse_workbook(found.workbook("A"), "signers.xlsx")
    assert [person.fields["id_in_text"] for person in book.recipients.persons] == ["47 b", "11 c"]


@pytest.mark.parametrize("heading", ["ID", "include ", "Idioma", "Name checked"])
def test_a_column_cannot_get_a_heading_that_the_program_uses_itself(heading: str) -> None:
    with pytest.raises(DataError, match="The program itself uses the heading"):
        start(to_li(), to_rey(), answers=StartAnswers().rename("recipient.city", heading))


def test_a_workbook_that_gives_other_values_back_is_not_proved() -> None:
    too_long = "Zürich" * 6_000
    found = start(to_li(), to_rey("Further:"), to_rey(f"Further: {too_long}").replace("Ana", "Ada"))
    assert [difference.letter for difference in found.proof.differences] == ["letter3.docx"]
    found = start(to_li(), to_rey())
    city = next(column for column in found.columns if column.heading == "City")
    city.heading = "Template"
    assert not prove(found.draft, found.template, "appeal.docx").holds


def test_text_that_excel_takes_for_a_character_code_comes_back() -> None:
    found = start(to_li("Please act _x000D_ now."), to_rey("Please act _x0041_ now."))
    assert found.proof.holds
    assert values(found)["recipient.words_after_act"] == ["_x000D_", "_x0041_"]


def test_each_letter_keeps_its_signer_if_the_first_has_none() -> None:
    unsigned = to_li().removesuffix("\n\nAna Ruiz")
    found = start(unsigned, to_rey())
    assert found.proof.holds
    assert found.rows["Signers"][1:] == [["S1", "Ana Ruiz", "yes"]]
    assert found.rows["Pairs"][1:] == [["*", "R1"], ["S1", "R2"]]


@pytest.mark.parametrize("key", ["recipient.name", "signer.name"])
def test_the_column_of_names_keeps_a_heading_that_means_name(key: str) -> None:
    with pytest.raises(DataError, match="With the heading Addressee instead of Name"):
        start(to_li(), to_rey(), answers=StartAnswers().rename(key, "Addressee"))
    found = start(to_li(), to_rey(), answers=StartAnswers().rename(key, "Nom"))
    rows = found.rows[f"{key.partition('.')[0].capitalize()}s"]
    assert rows[0][1] == "Nom"
    assert "Name" not in rows[0]
    assert found.proof.holds
