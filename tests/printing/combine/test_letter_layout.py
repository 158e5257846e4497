"""The whole on paper: LibreOffice shows every letter as it does alone, and no checker complains."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Docx
from docx.shared import Cm, Pt
from openxml_audit import OpenXmlValidator
from pypdf import PdfReader
from support.combined_letters import (
    RELATIONS,
    add_field,
    alone,
    edited,
    made,
    picture,
    pictures,
    resaved,
    shipped,
    together,
    whole,
    with_part,
)
from support.documents import BODY, MAIN, docx, note, paragraph, run, table, text_box, zipped
from support.docx_defects import defects
from support.filled_letters import members
from support.marked_template import marked_template
from support.office_programs import needs_libreoffice, pages, pdf_text, to_pdf

from merge.ooxml.package_builder import SourceFile
from merge.printing.combine.letter import combine_letters

_HIGH = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
_NOTE = '<w:r>{}<w:footnoteReference w:id="{}"/></w:r>'
_LINES = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
)


def rich(name: str, fillers: int = 0, size: float = 11) -> bytes:
    """A letter with all that a letter may have, on one page or, with fillers, on more."""
    document = Document()
    document.styles["Normal"].font.size = Pt(size)
    section = document.sections[0]
    section.header.paragraphs[0].text = f"From {name}"
    for text, code in (("Page ", "PAGE"), (" of ", "NUMPAGES")):
        section.footer.paragraphs[0].add_run(text)
        add_field(section.footer.paragraphs[0], code, "1")
    document.add_heading(f"An appeal of {name}", 1)
    document.add_paragraph(f"Dear you,@1 says {name}")
    for style in ("List Number", "List Number", "List Bullet", "List Number"):
        document.add_paragraph(f"{name} asks", style=style)
    document.add_picture(picture(len(name) * 20), width=Cm(2))
    _tabled(document, name)
    for _ in range(fillers):
        document.add_paragraph("They have done nothing but speak. " * 60)
    document.add_paragraph(f"{name} asks again@2", style="List Number")
    document.add_paragraph(f"Yours, {name}")
    return _noted(made(document), name)


def _tabled(document: Docx, name: str) -> None:
    rows = document.add_table(2, 2, style="Table Grid").rows
    for row in rows:
        for cell in row.cells:
            cell.text = f"a cell of {name}"


def _noted(data: bytes, name: str) -> bytes:
    """The letter with footnotes where @1 and @2 stand."""
    text = members(data)[BODY].decode()
    for number in (1, 2):
        mark = _NOTE.format(_HIGH, number)
        text = text.replace(f"@{number}", f"</w:t></w:r>{mark}<w:r><w:t xml:space='preserve'>")
    notes = "".join(
        f'<w:footnote w:id="{n}"><w:p><w:r>{_HIGH}<w:footnoteRef/></w:r>{run(f" {name} {n}")}</w:p>'
        "</w:footnote>"
        for n in (1, 2)
    )
    part = f'<w:footnotes xmlns:w="{MAIN}">{_LINES}{notes}</w:footnotes>'
    return with_part(zipped({**members(data), BODY: text}), "footnotes", part.encode())


@pytest.fixture(scope="module")
def letters() -> tuple[bytes, ...]:
    """Of one page, of more, of one again."""
    return rich("Ana"), rich("Bo", 6, 12), rich("Chidi", 3), rich("Ana Ruiz"), rich("Bo Ek", 9)


def pdfs(folder: Path, *documents: bytes) -> list[Path]:
    """Each .docx as LibreOffice lays it out."""
    files = [folder / f"{number}.docx" for number in range(len(documents))]
    for file, data in zip(files, documents, strict=True):
        file.write_bytes(data)
    return to_pdf(files, folder)


def in_one_pdf(letters: Sequence[bytes], folder: Path) -> tuple[list[Path], Path]:
    """Letters by themselves, and in one file that knows how many pages each has."""
    folder.mkdir(exist_ok=True)
    (folder / "whole").mkdir()
    each = pdfs(folder, *letters)
    data = whole(*letters, pages=[pages(pdf) for pdf in each]).data
    return each, pdfs(folder / "whole", data)[0]


def shown(each: Sequence[Path]) -> list[str]:
    """The words of PDFs in their order."""
    return [*chain(*(pdf_text(pdf).split() for pdf in each))]


def findings(data: bytes, folder: Path) -> list[str]:
    """What openxml-audit finds in a file, without where."""
    path = folder / "audited.docx"
    path.write_bytes(data)
    return sorted(error.description for error in OpenXmlValidator().validate(path).errors)


@needs_libreoffice
@pytest.mark.slow
def test_every_page_shows_what_it_showed_alone(letters: Sequence[bytes], tmp_path: Path) -> None:
    each, one = in_one_pdf(letters, tmp_path)
    counts = [pages(pdf) for pdf in each]
    assert len(set(counts)) > 2
    text = pdf_text(one)
    assert f"Page 1 of {counts[1]}" in text
    assert f"Page {counts[4]} of {counts[4]}" in text
    assert shown([one]) == shown(each)
    assert pages(one) == sum(counts)
    assert pictures(one) == [*chain(*map(pictures, each))]


@needs_libreoffice
@pytest.mark.slow
def test_the_letters_of_the_shipped_campaign_are_printed_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "campaign").mkdir()
    own = shipped(tmp_path / "campaign")
    own[1] = edited(own[1], lambda d: d.add_paragraph("Added by hand", style="List Bullet"))
    own[4] = edited(own[4], _in_large_letters)
    own[7] = resaved(own[7], tmp_path / "saved")
    assert together(*own) == alone(*own)
    each, one = in_one_pdf(own, tmp_path / "pdf")
    assert pages(one) == 12
    assert shown([one]) == shown(each)
    assert pictures(one) == [*chain(*map(pictures, each))]


def _in_large_letters(document: Docx) -> None:
    document.styles["Normal"].font.size = Pt(12.5)


@needs_libreoffice
@pytest.mark.slow
def test_on_two_sides_every_letter_begins_on_an_odd_page(
    letters: Sequence[bytes], tmp_path: Path
) -> None:
    counts = [pages(pdf) for pdf in pdfs(tmp_path, *letters)]
    pieces = [
        SourceFile(f"{n}", data, starts_on_front=True, page_count=c)
        for n, (data, c) in enumerate(zip(letters, counts, strict=True))
    ]
    combined = combine_letters(pieces, pieces[0], "Letters")
    (tmp_path / "batch.docx").write_bytes(combined.data)
    (pdf,) = to_pdf([tmp_path / "batch.docx"], tmp_path, blank_pages=True)
    reader = PdfReader(pdf)
    starts = [i for i, page in enumerate(reader.pages) if "An appeal of" in page.extract_text()]
    fronts = [sum(2 * -(-c // 2) for c in counts[:n]) for n in range(len(counts))]
    assert starts == fronts
    assert len(reader.pages) == fronts[-1] + counts[-1]


@needs_libreoffice
@pytest.mark.slow
def test_letters_that_end_or_begin_in_a_table_a_box_or_a_note_take_no_more_pages(
    tmp_path: Path,
) -> None:
    grid = table(["a", "b"]).removesuffix("<w:p/>")
    own = [
        docx(paragraph("Dear Ana") + grid),
        docx(grid + paragraph("Yours")),
        docx(text_box("in a box")),
        docx(paragraph("Dear Bo", note("endnote")), endnotes="An endnote"),
        docx(f"<w:sdt><w:sdtContent>{paragraph('controlled')}</w:sdtContent></w:sdt>"),
        docx("Dear Chidi", header="Head", footer="Foot"),
        docx("Yours"),
    ]
    each, one = in_one_pdf(own, tmp_path)
    assert pages(one) == len(own)
    assert [p.split() for p in pdf_text(one).split("\f") if p.strip()][-1] == ["Yours"]
    shots = pictures(one)
    # LibreOffice has another left edge for a table that a file ends in, and endnotes at the foot
    assert [shots[n] == pictures(each[n])[0] for n in (1, 2, 4, 5, 6)] == [True] * 5


@pytest.mark.slow
def test_a_checker_finds_nothing_that_the_letters_lack(
    letters: Sequence[bytes], tmp_path: Path
) -> None:
    others = (marked_template(), docx(text_box("box")), letters[0])
    put = (*letters, *others, *others)
    there = set(chain(*(findings(letter, tmp_path) for letter in put)))
    assert [f for f in findings(whole(*put).data, tmp_path) if f not in there] == []
    lacking = {"word/settings.xml: footnote without a paragraph"}  # that is a list of their ids
    assert set(defects(whole(*letters).data)) <= lacking


@pytest.mark.slow
def test_a_checker_finds_nothing_in_a_thousand_letters(
    letters: Sequence[bytes], tmp_path: Path
) -> None:
    few = (letters[0], letters[3], docx(text_box("box"), header="Head"))
    there = set(chain(*(findings(letter, tmp_path) for letter in few)))
    many = (SourceFile(f"{n}", few[n % 3]) for n in range(1000))
    data = combine_letters(many, SourceFile("", few[0])).data
    assert [f for f in findings(data, tmp_path) if f not in there] == []


@needs_libreoffice
@pytest.mark.slow
def test_libreoffice_lays_out_a_thousand_letters(letters: Sequence[bytes], tmp_path: Path) -> None:
    (tmp_path / "campaign").mkdir()
    some = [*shipped(tmp_path / "campaign"), letters[0], letters[3]]
    many = (SourceFile(f"{n}", some[n % len(some)]) for n in range(1000))
    data = combine_letters(many, SourceFile("", some[0])).data
    assert len(members(data)[RELATIONS]) < 5_000  # what letters share is there once
    assert pages(pdfs(tmp_path, data)[0]) == 1000
