"""A person's data in a template is reported once, for all letters."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.campaigns import make, merge
from support.printed_campaigns import edit
from support.workbooks import Rows

RECIPIENTS: Rows = [
    ["Name", "Street", "Salutation"],
    ["Mr Rashid Qadir", "14 Citadel Street", "Director Qadir"],
    ["Ms Lucía Ferrer", "Plaza Mayor 8", "Minister Ferrer"],
]
TAGS = "{{ recipient.name }}\nDear {{ recipient.salutation }},\n%s\n{{ signer.name }}"


def proofread(folder: Path, template: str) -> Any:  # noqa: ANN401 - JSON
    """Return the proofreading result for two signers and two recipients."""
    make(folder, template, Recipients=RECIPIENTS)
    merge("letters", folder)
    return merge("proofread", folder, "--json").json


def reported(result: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - JSON
    return [(p["code"], p["where"].partition(",")[0]) for p in result["problems"]]


@pytest.mark.parametrize("line", ["I ask you, Director Qadir, to act.", "cc: Mr Rashid Qadir"])
def test_a_persons_name_in_the_template_is_reported_once_for_all_letters(
    line: str, tmp_path: Path
) -> None:
    result = proofread(tmp_path, TAGS % line)
    assert reported(result) == [("proof-template", "appeal.docx")]
    assert {p["level"] for p in result["problems"]} == {"warning"}
    output = merge("proofread", tmp_path).out
    assert "4 letters checked. Some problems are in all letters." in output
    assert "First check the problems in all letters" in output


def test_other_texts_in_the_template_are_the_authors_also_in_edited_letters(
    tmp_path: Path,
) -> None:
    make(tmp_path, TAGS % "14 Citadel Street", Recipients=RECIPIENTS)
    merge("letters", tmp_path)
    edit(tmp_path / "letters" / "Ana Ruiz" / "Ms Lucía Ferrer.docx", "Please write to me.")
    result = merge("proofread", tmp_path, "--json").json
    assert [code for code, _ in reported(result)] == ["proof-changed"]
    codes = [p["code"] for p in merge("check", tmp_path, "--json").json["problems"]]
    assert "template-data" in codes


def test_anothers_data_in_an_edited_letter_is_reported_beside_that_of_the_template(
    tmp_path: Path,
) -> None:
    make(tmp_path, TAGS % "cc: Mr Rashid Qadir", Recipients=RECIPIENTS)
    merge("letters", tmp_path)
    letter = tmp_path / "letters" / "Ana Ruiz" / "Ms Lucía Ferrer.docx"
    edit(letter, "14 Citadel Street")
    result = merge("proofread", tmp_path, "--json").json
    assert ("proof-another", "Ana Ruiz/Ms Lucía Ferrer.docx") in reported(result)


def test_a_finished_letter_used_as_template_needs_review(tmp_path: Path) -> None:
    template = "Mr Rashid Qadir\nDear Director Qadir,\nI ask you.\nAna Ruiz"
    result = proofread(tmp_path, template)
    codes = [code for code, _ in reported(result)]
    assert codes[:2] == ["template-for-one"] * 2
    assert result["right"] == 2
    output = merge("proofread", tmp_path)
    assert "2 without problems, 2 need review. Some problems are in all letters." in output.out
    assert "First check the problems in all letters" in output.out
    assert "merge print" not in output.out


def test_a_letter_without_its_recipients_name_is_reported(tmp_path: Path) -> None:
    result = proofread(tmp_path, "{{ recipient.street }}\nDear Sir,\n{{ signer.name }}")
    nameless = [where for code, where in reported(result) if code == "proof-nobody"]
    assert len(nameless) == 4


def test_an_ignored_template_warning_is_not_reported_again(tmp_path: Path) -> None:
    proofread(tmp_path, TAGS % "I ask you, Director Qadir, to act.")
    short_id, *_ = re.findall(r"\[([0-9a-f]{4,})\]$", merge("check", tmp_path).out, re.MULTILINE)
    merge("check", tmp_path, "--ignore", short_id)
    result = merge("proofread", tmp_path, "--json").json
    assert (result["right"], result["problems"]) == (4, [])


def test_the_report_shows_problems_of_all_letters_first(
    tmp_path: Path,
) -> None:
    result = proofread(tmp_path, TAGS % "I ask you, Director Qadir, to act.")
    book = load_workbook(next(file for file in result["files"] if file.endswith(".xlsx")))
    assert "Director Qadir" in str(book["Sign-off"]["A3"].value)
    assert {row[3] for row in book["Letters"].iter_rows(min_row=2, values_only=True)} == {
        "needs review"
    }
