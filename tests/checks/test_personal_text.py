"""Text of one letter that stayed in the template is reported."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from support.campaigns import ROOT, make, merge
from support.documents import docx, paragraph, run
from support.everyday import everyday
from support.workbooks import Rows

SIGNERS: Rows = [
    ["Name", "Street", "City"],
    ["Hélène Marchand", "3 rue des Lilas", "69003 Lyon"],
    ["Bo Berg", "Storgatan 12", "11122 Stockholm"],
]
RECIPIENTS: Rows = [
    ["Name", "Position", "Organisation", "Street", "City", "Country", "Salutation"],
    [
        *("Mr Rashid Qadir", "Director General", "Prisons Department", "14 Citadel Street"),
        *("Aden", "South Yemen", "Director Qadir"),
    ],
    ["Ms Lucía Ferrer", "Minister", "Ministry of Justice", "Plaza Mayor 8", "Lima", "Peru", "Sir"],
]
FINISHED = """\
Hélène Marchand
3 rue des Lilas
69003 Lyon
Mr Rashid Qadir
Director General, Prisons Department
14 Citadel Street
Aden
Dear Director Qadir,
I ask you to release them.
Hélène Marchand"""
WITH_PLACEHOLDERS = "{{ recipient.name }}\nDear {{ recipient.salutation }},\n%s\n{{ signer.name }}"


def personal_texts(folder: Path, template: str | bytes, **sheets: Rows) -> list[tuple[str, str]]:
    """Return codes and messages of personal texts, in order."""
    usual = {"Signers": SIGNERS, "Recipients": RECIPIENTS}
    make(folder, template, **{**usual, **sheets})
    problems = merge("check", folder, "--json").json["problems"]
    return [
        (p["code"], p["message"])
        for p in problems
        if p["code"] in {"template-says", "template-data", "template-for-one"}
    ]


def messages_about_line(folder: Path, line: str, **sheets: Rows) -> list[str]:
    """Return the messages about a line among placeholders."""
    return [message for _, message in personal_texts(folder, WITH_PLACEHOLDERS % line, **sheets)]


def test_a_finished_letter_as_template_is_reported_line_by_line(tmp_path: Path) -> None:
    warnings = personal_texts(tmp_path, FINISHED)
    codes = Counter(code for code, _ in warnings)
    assert codes == {"template-for-one": 2, "template-says": 4, "template-data": 4}
    assert warnings[0][1] == (
        "The template has no recipient placeholders, so letters to 2 recipients would all be the"
        " same."
    )
    assert (
        "All letters contain “Director General”, “Prisons Department”, which are from"
        " Recipients!B2, Recipients!C2."
    ) in [message for _, message in warnings]


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ("I ask you, Director Qadir, to act.", "“Director Qadir”, the Salutation of one"),
        ("I ask you, DIRECTOR  Qadir, to act.", "“Director Qadir”, the Salutation of one"),
        ("Write to Hélène Marchand.", "“Hélène Marchand”, the Name of one signer (Signers!A2)"),
        ("My address: 3 rue des Lilas, Lyon", "“3 rue des Lilas”, the Street of one signer"),
        ("Plaza Mayor 8", "“Plaza Mayor 8”, the Street of one recipient (Recipients!D3)"),
        ("Dear Sir,", "“Sir”, the Salutation of one recipient (Recipients!G3)"),
    ],
)
def test_a_persons_cell_in_the_templates_text_is_reported(
    tmp_path: Path, line: str, cell: str
) -> None:
    (message,) = messages_about_line(tmp_path, line)
    assert cell in message


@pytest.mark.parametrize(
    "line",
    [
        "I speak of South Yemen and of its Prisons Department.",
        "No, sir, I do not mean the Minister.",
        "I live in Lima.",
        "{% if recipient.city == 'Lima' %}I thank Ms Lucía Ferrer.{% endif %}",
        "I write to {{ recipient.name|replace('Mr Rashid Qadir', 'you') }}.",
    ],
)
def test_countries_and_offices_in_the_templates_text_are_not_reported(
    tmp_path: Path, line: str
) -> None:
    assert messages_about_line(tmp_path, line) == []


def test_a_text_that_all_users_of_the_template_share_is_not_reported(tmp_path: Path) -> None:
    only_recipient: Rows = [RECIPIENTS[0], RECIPIENTS[1]]
    assert (
        messages_about_line(
            tmp_path, "I ask you, Director Qadir, to act.", Recipients=only_recipient
        )
        == []
    )
    settings: Rows = [["Name", "Value"], ["Prisoner", "Bo Berg"]]
    assert messages_about_line(tmp_path, "I ask you to release Bo Berg.", Settings=settings) == []


def test_a_text_of_an_excluded_person_in_the_template_is_reported(tmp_path: Path) -> None:
    rows: Rows = [[*RECIPIENTS[0], "Include"], [*RECIPIENTS[1], "no"], [*RECIPIENTS[2], "yes"]]
    (message,) = messages_about_line(
        tmp_path, "I ask you, Director Qadir, to act.", Recipients=rows
    )
    assert "Salutation of one recipient (Recipients!G2)" in message


def test_a_merge_field_that_shows_a_person_is_not_the_templates_text(tmp_path: Path) -> None:
    code = " MERGEFIELD Recipient_Name "
    merge_field = f'<w:fldSimple w:instr="{code}">{run("Mr Rashid Qadir")}</w:fldSimple>'
    template = docx(paragraph(merge_field) + paragraph(run("{{ signer.name }}")))
    assert personal_texts(tmp_path, template) == []


def test_an_ignored_warning_about_a_persons_text_is_not_reported(tmp_path: Path) -> None:
    messages_about_line(tmp_path, "I ask you, Director Qadir, to act.")
    warning_id, *_ = re.findall(r"\[([0-9a-f]{4,})\]$", merge("check", tmp_path).out, re.MULTILINE)
    merge("check", tmp_path, "--ignore", warning_id)
    problems = merge("check", tmp_path, "--json").json["problems"]
    assert "template-says" not in {p["code"] for p in problems}


@pytest.mark.parametrize("home", everyday([ROOT / "merge" / "starter", ROOT]))
def test_the_shipped_templates_contain_no_persons_text(tmp_path: Path, home: Path) -> None:
    shutil.copytree(home / "templates", tmp_path / "templates")
    shutil.copy(home / "signers.xlsx", tmp_path)
    codes = {p["code"] for p in merge("check", tmp_path, "--json").json["problems"]}
    assert not codes & {"template-says", "template-data", "template-for-one"}
