"""Differences in the layout of two versions of a letter."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as DocumentObject
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from support.campaigns import ROOT
from support.documents import PNG
from support.office_programs import needs_libreoffice, resave

from merge.printing.layout_changes import LayoutChange, layout_changes

STARTER = ROOT / "merge" / "starter" / "templates" / "appeal.docx"


def letter() -> DocumentObject:
    """Return a letter as Word lays it out by default, on Letter paper."""
    document = Document()
    for text in ("Minister Li", "Dear Minister Li,", "I ask you to let them go.", "Ana Ruiz"):
        document.add_paragraph(text)
    return document


def saved(document: DocumentObject) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def changes_to(document: DocumentObject) -> list[LayoutChange]:
    return layout_changes(saved(letter()), saved(document))


def test_layout_changes_of_the_same_letter_are_none_whatever_its_text_says() -> None:
    document = letter()
    document.add_paragraph("In haste, and in my own words.")
    assert changes_to(document) == []


def test_layout_changes_name_paper_and_margins_with_both_values() -> None:
    document = letter()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.left_margin = Mm(20), Mm(32)
    assert changes_to(document) == [
        LayoutChange("paper", "Letter", "A4"),
        LayoutChange("top", "25 mm", "20 mm"),
    ]


def test_layout_changes_name_fonts_and_spacing_of_the_style_with_both_values() -> None:
    document = letter()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Georgia", Pt(10.5)
    spacing = normal.paragraph_format
    spacing.space_after, spacing.line_spacing = Pt(4), 1.5
    old = {change.item: change.old for change in changes_to(document)}
    assert {change.item: change.new for change in changes_to(document)} == {
        "font": "Georgia",
        "size": "10.5 pt",
        "line": "1.5",
        "after": "4 pt",
    }
    assert old["size"] == "11 pt"


def test_layout_changes_of_paragraphs_are_those_of_most_paragraphs() -> None:
    document = letter()
    for paragraph, points in zip(document.paragraphs, (30, 6, 6, 6), strict=True):
        paragraph.paragraph_format.space_before = Pt(points)
    document.paragraphs[0].runs[0].text = "Ambassador Li"
    assert changes_to(document) == [LayoutChange("before", "0 pt", "6 pt")]
    document.paragraphs[1].paragraph_format.line_spacing = Pt(14)
    assert LayoutChange("line", "1.15", "14 pt") in changes_to(document)


def test_layout_changes_name_another_letterhead_picture() -> None:
    document = letter()
    document.sections[0].header.paragraphs[0].add_run().add_picture(io.BytesIO(PNG))
    assert changes_to(document) == [LayoutChange("pictures")]


def test_layout_changes_of_files_without_sizes_and_styles_name_nothing_uncertain() -> None:
    document = letter()
    for element in document.sections[0]._sectPr:  # noqa: SLF001
        document.sections[0]._sectPr.remove(element)  # noqa: SLF001
    items = {change.item for change in changes_to(document)}
    assert not items & {"paper", "top", "bottom", "left", "right"}


@pytest.mark.parametrize("value", ["x", "1e999", "NaN", "1e300", "-inf", "99999"])
@pytest.mark.parametrize("tag", ["w:before", "w:sz", "w:top"])
def test_layout_changes_of_a_letter_with_impossible_numbers_are_none(value: str, tag: str) -> None:
    document = letter()
    first = document.paragraphs[0]
    first.paragraph_format.space_before, first.runs[0].font.size = Pt(6), Pt(20)
    parent = {"w:before": "w:pPr", "w:sz": "w:rPr", "w:top": "w:sectPr"}[tag]
    child, name = {"w:sz": ("w:sz", "w:val"), "w:top": ("w:pgMar", tag)}.get(
        tag, ("w:spacing", tag)
    )
    element = document.element.body.find(f".//{qn(parent)}/{qn(child)}")
    assert element is not None
    element.set(qn(name), value)
    assert changes_to(document) == []
    assert layout_changes(b"no letter", saved(letter())) == []


@pytest.mark.slow
@needs_libreoffice
def test_layout_changes_of_a_letter_that_another_program_saved_are_none(tmp_path: Path) -> None:
    file = tmp_path / "letter.docx"
    file.write_bytes(STARTER.read_bytes())
    resave([file], tmp_path / "saved")
    assert file.read_bytes() != STARTER.read_bytes()
    assert layout_changes(STARTER.read_bytes(), file.read_bytes()) == []
