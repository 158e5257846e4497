"""All mistakes are reported at once: none in a template hides another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.campaigns import make, merge
from support.documents import docx, paragraph, run

LINES = ("{{ recipient.name }}", "Dear {{ recipient.salutation }},", "{{ signer.name }}")
PROMPT = "Click or tap here to enter text."
CONTROL = (
    "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr>"
    f"<w:sdtContent>{run(PROMPT)}</w:sdtContent></w:sdt>"
)
BLANK = ("blank-in-sentence", "signers.xlsx, Recipients!B3")


def recipients(salutation: str = "Salutation") -> list[list[str]]:
    return [
        ["Name", salutation, "City"],
        ["Wei Li", "Minister Li", "Rome"],
        ["Asha Roy", "", "Delhi"],
    ]


def template(*more: str) -> bytes:
    return docx("".join(paragraph(run(line)) for line in (*LINES, *more)) + paragraph(CONTROL))


def errors(folder: Path, data: bytes, salutation: str = "Salutation") -> list[tuple[str, str]]:
    """Return the codes and places of the errors, and of the prompt."""
    make(folder, data, Recipients=recipients(salutation))
    result: Any = merge("check", folder, "--json").json
    problems = (
        p for p in result["problems"] if p["level"] == "error" or p["code"] == "field-prompt"
    )
    return [(p["code"], p["where"].rpartition("paragraph ")[2].rstrip(")")) for p in problems]


def test_a_foreign_placeholder_hides_neither_a_blank_cell_nor_a_prompt(tmp_path: Path) -> None:
    errors_found = errors(tmp_path, template("[City]", "<<Name>>"))
    assert sorted(errors_found) == [
        BLANK,
        ("field-prompt", "6"),
        ("tag-foreign", "4"),
        ("tag-foreign", "5"),
    ]


@pytest.mark.parametrize("more", [(), ("[City]",)])
def test_a_misspelt_heading_hides_no_blank_cell_of_its_column(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    errors_found = errors(tmp_path, template(*more), "Salutaiton")
    assert {BLANK, ("name-unknown", "signers.xlsx, Recipients!B1")} <= set(errors_found)
    assert len(errors_found) == 3 + len(more)


def test_a_placeholder_that_is_not_allowed_hides_no_blank_cell_and_is_not_run(
    tmp_path: Path,
) -> None:
    errors_found = errors(tmp_path, template("{{ signer.name.upper() }}"))
    assert BLANK in errors_found
    assert len(errors_found) == 3


def test_no_blank_is_reported_in_blocks_that_do_not_fit_together(tmp_path: Path) -> None:
    errors_found = errors(tmp_path, template("{% if signer.name %}"))
    assert [code for code, _ in errors_found if code != "field-prompt"] == ["block-unclosed"]


def test_the_last_line_of_a_check_counts_cells_and_paragraphs(tmp_path: Path) -> None:
    make(tmp_path, template("[City]", "<<Name>>"), Recipients=recipients())
    assert "; 3 errors in 1 cell and 2 paragraphs" in merge("check", tmp_path).out.splitlines()[-1]


def test_a_missing_signer_hides_no_blank_cell_of_a_recipient(tmp_path: Path) -> None:
    data = template("{{ recipient.Cyti }}")
    make(tmp_path, data, Signers=[["Name", "City"]], Recipients=recipients())
    result: Any = merge("check", tmp_path, "--json").json
    found = {(p["code"], p["where"]) for p in result["problems"] if p["level"] == "error"}
    assert BLANK in found
    assert {code for code, _ in found} >= {"name-unknown", "blank-in-sentence"}


def test_a_missing_recipient_hides_no_blank_cell_of_a_signer(tmp_path: Path) -> None:
    signers = [["Name", "City"], ["Olena Kovač", ""]]
    data = template("I live in {{ signer.city }}.")
    make(tmp_path, data, Signers=signers, Recipients=[["Name", "Salutation"]])
    result: Any = merge("check", tmp_path, "--json").json
    places = [p["where"] for p in result["problems"] if p["code"] == "blank-in-sentence"]
    assert places == ["signers.xlsx, Signers!B2"]
