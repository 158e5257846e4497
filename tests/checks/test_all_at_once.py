"""One check tells every mistake at once: no fault of a template hides what else is wrong."""

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
    """The codes and places of the errors, and of the prompt."""
    make(folder, data, Recipients=recipients(salutation))
    found: Any = merge("check", folder, "--json").json
    wanted = (p for p in found["problems"] if p["level"] == "error" or p["code"] == "field-prompt")
    return [(p["code"], p["where"].rpartition("paragraph ")[2].rstrip(")")) for p in wanted]


def test_a_foreign_placeholder_hides_neither_a_blank_cell_nor_a_prompt(tmp_path: Path) -> None:
    found = errors(tmp_path, template("[City]", "<<Name>>"))
    assert sorted(found) == [
        BLANK,
        ("field-prompt", "6"),
        ("tag-foreign", "4"),
        ("tag-foreign", "5"),
    ]


@pytest.mark.parametrize("more", [(), ("[City]",)])
def test_a_misspelt_heading_hides_no_blank_cell_of_its_column(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    found = errors(tmp_path, template(*more), "Salutaiton")
    assert {BLANK, ("name-unknown", "signers.xlsx, Recipients!B1")} <= set(found)
    assert len(found) == 3 + len(more)


def test_a_tag_that_is_not_allowed_hides_no_blank_cell_and_is_not_run(tmp_path: Path) -> None:
    found = errors(tmp_path, template("{{ signer.name.upper() }}"))
    assert BLANK in found
    assert len(found) == 3


def test_of_blocks_that_do_not_fit_together_no_blank_is_told(tmp_path: Path) -> None:
    found = errors(tmp_path, template("{% if signer.name %}"))
    assert [code for code, _ in found if code != "field-prompt"] == ["block-unclosed"]


def test_the_closing_line_counts_cells_and_paragraphs(tmp_path: Path) -> None:
    make(tmp_path, template("[City]", "<<Name>>"), Recipients=recipients())
    assert "; 3 errors in 1 cell and 2 paragraphs" in merge("check", tmp_path).out.splitlines()[-1]
