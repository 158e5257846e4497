"""What was left of one letter in a template is told before a letter is made."""

from __future__ import annotations

import re
import shutil
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
TAGS = "{{ recipient.name }}\nDear {{ recipient.salutation }},\n%s\n{{ signer.name }}"


def found(folder: Path, template: str | bytes, **sheets: Rows) -> list[tuple[str, str]]:
    """What is left over, by its code, in the order in which it is told."""
    usual = {"Signers": SIGNERS, "Recipients": RECIPIENTS}
    make(folder, template, **{**usual, **sheets})
    told = merge("check", folder, "--json").json["problems"]
    return [
        (p["code"], p["message"])
        for p in told
        if p["code"] in {"template-says", "template-for-one"}
    ]


def said(folder: Path, line: str, **sheets: Rows) -> list[str]:
    """What is told of a line among placeholders."""
    return [message for _, message in found(folder, TAGS % line, **sheets)]


def test_a_finished_letter_as_the_template_is_told_line_by_line(tmp_path: Path) -> None:
    told = found(tmp_path, FINISHED)
    assert [code for code, _ in told] == ["template-for-one"] * 2 + ["template-says"] * 8
    assert told[0][1] == (
        "The template has no recipient placeholders, so letters to 2 recipients would all be the"
        " same."
    )
    assert told[6][1] == (
        "All letters contain “Director General”, “Prisons Department”, which are from"
        " Recipients!B2, Recipients!C2."
    )


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
def test_a_cell_left_among_placeholders_is_told(tmp_path: Path, line: str, cell: str) -> None:
    (told,) = said(tmp_path, line)
    assert cell in told


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
def test_what_letters_speak_of_is_not_told(tmp_path: Path, line: str) -> None:
    assert said(tmp_path, line) == []


def test_what_is_so_of_everybody_who_uses_the_template_is_not_told(tmp_path: Path) -> None:
    one: Rows = [RECIPIENTS[0], RECIPIENTS[1]]
    assert said(tmp_path, "I ask you, Director Qadir, to act.", Recipients=one) == []
    settings: Rows = [["Name", "Value"], ["Prisoner", "Bo Berg"]]
    assert said(tmp_path, "I ask you to release Bo Berg.", Settings=settings) == []


def test_somebody_who_takes_no_part_is_told_too(tmp_path: Path) -> None:
    rows: Rows = [[*RECIPIENTS[0], "Include"], [*RECIPIENTS[1], "no"], [*RECIPIENTS[2], "yes"]]
    (told,) = said(tmp_path, "I ask you, Director Qadir, to act.", Recipients=rows)
    assert "Salutation of one recipient (Recipients!G2)" in told


def test_a_merge_field_that_shows_somebody_is_no_text(tmp_path: Path) -> None:
    code = " MERGEFIELD Recipient_Name "
    shown = f'<w:fldSimple w:instr="{code}">{run("Mr Rashid Qadir")}</w:fldSimple>'
    template = docx(paragraph(shown) + paragraph(run("{{ signer.name }}")))
    assert found(tmp_path, template) == []


def test_it_is_told_no_more_once_it_is_hidden(tmp_path: Path) -> None:
    said(tmp_path, "I ask you, Director Qadir, to act.")
    sign, *_ = re.findall(r"\[([0-9a-f]{4,})\]$", merge("check", tmp_path).out, re.MULTILINE)
    merge("check", tmp_path, "--ignore", sign)
    told = merge("check", tmp_path, "--json").json["problems"]
    assert "template-says" not in {p["code"] for p in told}


@pytest.mark.parametrize("home", everyday([ROOT / "merge" / "starter", ROOT]))
def test_the_shipped_letters_have_nothing_left_over(tmp_path: Path, home: Path) -> None:
    shutil.copytree(home / "templates", tmp_path / "templates")
    shutil.copy(home / "signers.xlsx", tmp_path)
    codes = {p["code"] for p in merge("check", tmp_path, "--json").json["problems"]}
    assert not codes & {"template-says", "template-for-one"}
