"""What a template says of one person is told of all letters, and of each that is another's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from support.campaigns import make, merge
from support.workbooks import Rows

RECIPIENTS: Rows = [
    ["Name", "Street", "Salutation"],
    ["Mr Rashid Qadir", "14 Citadel Street", "Director Qadir"],
    ["Ms Lucía Ferrer", "Plaza Mayor 8", "Minister Ferrer"],
]
TAGS = "{{ recipient.name }}\nDear {{ recipient.salutation }},\n%s\n{{ signer.name }}"


def proofread(folder: Path, template: str) -> Any:  # noqa: ANN401 - JSON
    """What proofreading tells of the letters of two signers to two recipients."""
    make(folder, template, Recipients=RECIPIENTS)
    merge("letters", folder)
    return merge("proofread", folder, "--json").json


def told(found: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - JSON
    return [(p["code"], p["where"].partition(",")[0]) for p in found["problems"]]


def test_a_salutation_left_in_the_template_is_a_doubt_of_every_other_letter(tmp_path: Path) -> None:
    found = proofread(tmp_path, TAGS % "I ask you, Director Qadir, to act.")
    assert told(found) == [
        ("proof-template", "appeal.docx"),
        ("proof-another", "Ana Ruiz/Ms Lucía Ferrer.docx"),
        ("proof-another", "Bo Berg/Ms Lucía Ferrer.docx"),
    ]
    assert (found["read"], found["right"]) == (4, 2)
    assert {p["level"] for p in found["problems"]} == {"warning"}


def test_a_street_left_in_the_template_is_a_doubt_of_every_other_letter(tmp_path: Path) -> None:
    found = proofread(tmp_path, TAGS % "14 Citadel Street")
    assert [code for code, _ in told(found)] == ["proof-template", *["proof-another"] * 2]


def test_a_finished_letter_as_the_template_is_never_called_right(tmp_path: Path) -> None:
    template = "Mr Rashid Qadir\nDear Director Qadir,\nI ask you.\nAna Ruiz"
    found = proofread(tmp_path, template)
    codes = [code for code, _ in told(found)]
    assert codes[:2] == ["template-for-one"] * 2
    assert found["right"] == 1
    said = merge("proofread", tmp_path)
    assert "1 without problems, 3 need review. Some problems are in all letters." in said.out
    assert "First check the problems in all letters" in said.out
    assert "merge print" not in said.out


def test_a_letter_that_names_its_recipient_nowhere_is_a_doubt(tmp_path: Path) -> None:
    found = proofread(tmp_path, "{{ recipient.street }}\nDear Sir,\n{{ signer.name }}")
    nobody = [where for code, where in told(found) if code == "proof-nobody"]
    assert len(nobody) == 4


def test_what_was_called_right_is_no_doubt(tmp_path: Path) -> None:
    proofread(tmp_path, TAGS % "I ask you, Director Qadir, to act.")
    sign, *_ = re.findall(r"\[([0-9a-f]{4,})\]$", merge("check", tmp_path).out, re.MULTILINE)
    merge("check", tmp_path, "--ignore", sign)
    found = merge("proofread", tmp_path, "--json").json
    assert (found["right"], found["problems"]) == (4, [])


def test_the_report_shows_what_stands_in_all_letters_first_and_nothing_as_right(
    tmp_path: Path,
) -> None:
    found = proofread(tmp_path, TAGS % "I ask you, Director Qadir, to act.")
    book = load_workbook(next(file for file in found["files"] if file.endswith(".xlsx")))
    assert "Director Qadir" in str(book["Sign-off"]["A3"].value)
    assert {row[3] for row in book["Letters"].iter_rows(min_row=2, values_only=True)} == {
        "needs review"
    }
