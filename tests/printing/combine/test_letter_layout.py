"""Combined letters as printed: each has its layout of a single letter.

LibreOffice shows them equally, and validators find no fault.
"""

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
    combine_all,
    combined_appearance,
    docx_bytes,
    edit_docx,
    picture,
    pictures,
    resave_letter,
    separate_appearance,
    shipped_letters,
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
    """Return a letter with everything that a letter may have.

    It has one page or, with `fillers`, more.
    """
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
    return _noted(docx_bytes(document), name)


def _tabled(document: Docx, name: str) -> None:
    rows = document.add_table(2, 2, style="Table Grid").rows
    for row in rows:
        for cell in row.cells:
            cell.text = f"a cell of {name}"


def _noted(data: bytes, name: str) -> bytes:
    """Return the letter with footnotes in place of @1 and @2."""
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
    """Return letters of one page, of more, and of one again."""
    return rich("Ana"), rich("Bo", 6, 12), rich("Chidi", 3), rich("Ana Ruiz"), rich("Bo Ek", 9)


def pdfs(folder: Path, *documents: bytes) -> list[Path]:
    """Return each .docx as LibreOffice lays it out."""
    files = [folder / f"{number}.docx" for number in range(len(documents))]
    for file, data in zip(files, documents, strict=True):
        file.write_bytes(data)
    return to_pdf(files, folder)


def in_one_pdf(letters: Sequence[bytes], folder: Path) -> tuple[list[Path], Path]:
    """Return PDFs of the letters alone, and of the combined file.

    The combined file has the page count of each.
    """
    folder.mkdir(exist_ok=True)
    (folder / "whole").mkdir()
    single_pdfs = pdfs(folder, *letters)
    data = combine_all(*letters, pages=[pages(pdf) for pdf in single_pdfs]).data
    return single_pdfs, pdfs(folder / "whole", data)[0]


def shown(files: Sequence[Path]) -> list[str]:
    """Return the words of PDFs in their order."""
    return [*chain(*(pdf_text(pdf).split() for pdf in files))]


def findings(data: bytes, folder: Path) -> list[str]:
    """Return the faults that openxml-audit finds in a file, without places."""
    path = folder / "audited.docx"
    path.write_bytes(data)
    return sorted(error.description for error in OpenXmlValidator().validate(path).errors)


@needs_libreoffice
@pytest.mark.slow
def test_every_page_of_combined_letters_shows_the_text_it_had_alone(
    letters: Sequence[bytes], tmp_path: Path
) -> None:
    single_pdfs, combined_pdf = in_one_pdf(letters, tmp_path)
    counts = [pages(pdf) for pdf in single_pdfs]
    assert len(set(counts)) > 2
    text = pdf_text(combined_pdf)
    assert f"Page 1 of {counts[1]}" in text
    assert f"Page {counts[4]} of {counts[4]}" in text
    assert shown([combined_pdf]) == shown(single_pdfs)
    assert pages(combined_pdf) == sum(counts)
    assert pictures(combined_pdf) == [*chain(*map(pictures, single_pdfs))]


@needs_libreoffice
@pytest.mark.slow
def test_shipped_letters_keep_their_layout_when_combined(tmp_path: Path) -> None:
    (tmp_path / "campaign").mkdir()
    all_letters = shipped_letters(tmp_path / "campaign")
    all_letters[1] = edit_docx(
        all_letters[1], lambda d: d.add_paragraph("Added by hand", style="List Bullet")
    )
    all_letters[4] = edit_docx(all_letters[4], _in_large_letters)
    all_letters[7] = resave_letter(all_letters[7], tmp_path / "saved")
    assert combined_appearance(*all_letters) == separate_appearance(*all_letters)
    single_pdfs, combined_pdf = in_one_pdf(all_letters, tmp_path / "pdf")
    assert pages(combined_pdf) == 12
    assert shown([combined_pdf]) == shown(single_pdfs)
    assert pictures(combined_pdf) == [*chain(*map(pictures, single_pdfs))]


def _in_large_letters(document: Docx) -> None:
    document.styles["Normal"].font.size = Pt(12.5)


@needs_libreoffice
@pytest.mark.slow
def test_two_sided_letters_begin_on_an_odd_page_in_libreoffice(
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
def test_letters_with_tables_or_notes_at_their_edges_take_no_extra_pages(
    tmp_path: Path,
) -> None:
    grid = table(["a", "b"]).removesuffix("<w:p/>")
    all_letters = [
        docx(paragraph("Dear Ana") + grid),
        docx(grid + paragraph("Yours")),
        docx(text_box("in a box")),
        docx(paragraph("Dear Bo", note("endnote")), endnotes="An endnote"),
        docx(f"<w:sdt><w:sdtContent>{paragraph('controlled')}</w:sdtContent></w:sdt>"),
        docx("Dear Chidi", header="Head", footer="Foot"),
        docx("Yours"),
    ]
    single_pdfs, combined_pdf = in_one_pdf(all_letters, tmp_path)
    assert pages(combined_pdf) == len(all_letters)
    assert [p.split() for p in pdf_text(combined_pdf).split("\f") if p.strip()][-1] == ["Yours"]
    shots = pictures(combined_pdf)
    # LibreOffice moves the left edge of a table at the end of a file, and endnotes to the foot
    assert [shots[n] == pictures(single_pdfs[n])[0] for n in (1, 2, 4, 5, 6)] == [True] * 5


@pytest.mark.slow
def test_the_combined_file_has_only_faults_of_its_letters(
    letters: Sequence[bytes], tmp_path: Path
) -> None:
    others = (marked_template(), docx(text_box("box")), letters[0])
    all_letters = (*letters, *others, *others)
    known_faults = set(chain(*(findings(letter, tmp_path) for letter in all_letters)))
    assert [
        fault
        for fault in findings(combine_all(*all_letters).data, tmp_path)
        if fault not in known_faults
    ] == []
    lacking = {"word/settings.xml: footnote without a paragraph"}  # settings list only their IDs
    assert set(defects(combine_all(*letters).data)) <= lacking


@pytest.mark.slow
def test_a_combined_file_of_a_thousand_letters_is_valid(
    letters: Sequence[bytes], tmp_path: Path
) -> None:
    different = (letters[0], letters[3], docx(text_box("box"), header="Head"))
    known_faults = set(chain(*(findings(letter, tmp_path) for letter in different)))
    files = (SourceFile(f"{n}", different[n % 3]) for n in range(1000))
    data = combine_letters(files, SourceFile("", different[0])).data
    assert [fault for fault in findings(data, tmp_path) if fault not in known_faults] == []


@needs_libreoffice
@pytest.mark.slow
def test_libreoffice_lays_out_a_thousand_letters(letters: Sequence[bytes], tmp_path: Path) -> None:
    (tmp_path / "campaign").mkdir()
    different = [*shipped_letters(tmp_path / "campaign"), letters[0], letters[3]]
    files = (SourceFile(f"{n}", different[n % len(different)]) for n in range(1000))
    data = combine_letters(files, SourceFile("", different[0])).data
    assert len(members(data)[RELATIONS]) < 5_000  # shared parts are stored once
    assert pages(pdfs(tmp_path, data)[0]) == 1000
