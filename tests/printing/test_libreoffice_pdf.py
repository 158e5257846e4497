"""A batch's PDF: its pages, their order, its outline, and what it says of itself."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from support.documents import BODY, docx, run, zipped
from support.filled_letters import members
from support.office_programs import needs_libreoffice

from merge.model import StorageError
from merge.printing.libreoffice import LibreOffice, batch_pdf, find_libreoffice, with_outline

PAGES = (1, 3, 2, 1)
"""How many each letter has."""

TITLES = {
    "letter_1": "Ana Ruiz to Li",
    "letter_2": "Bo Ek to Li",
    "letter_3": "Олена to Li",
    "letter_4": "سلمى to Li",
}
HEADING = (
    '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 1"/></w:style></w:styles>'
)


def batch(path: Path, side: str) -> Path:
    """Letters in one .docx, a section each; `oddPage` begins them on front sides."""
    end = f"<w:headerReference w:type='default' r:id='header'/><w:type w:val='{side}'/>"
    body = ""
    for number, pages in enumerate(PAGES, 1):
        mark = f"<w:bookmarkStart w:id='{number}' w:name='letter_{number}'/>"
        body += f"<w:p>{mark}<w:bookmarkEnd w:id='{number}'/>{run(f'Letter {number}')}</w:p>"
        for page in range(2, pages + 1):
            style = "<w:pPr><w:pStyle w:val='H'/><w:pageBreakBefore/></w:pPr>"
            body += f"<w:p>{style}{run(f'Page {page} of letter {number}')}</w:p>"
        body += f"<w:p><w:pPr><w:sectPr>{end}</w:sectPr></w:pPr></w:p>"
    last = body.rindex("<w:p><w:pPr><w:sectPr>")
    parts = members(docx(body[:last], header="An appeal", title="Letters to sign"))
    parts[BODY] = parts[BODY].replace(
        b"</w:sectPr></w:body>", b"%b</w:sectPr></w:body>" % side_of(side)
    )
    styles = parts["word/styles.xml"].decode().replace("/>", f">{HEADING}", 1)
    path.write_bytes(zipped({**parts, "word/styles.xml": styles}))
    return path


def side_of(side: str) -> bytes:
    """The last section's type."""
    return f"<w:type w:val='{side}'/>".encode()


def found() -> LibreOffice:
    """The LibreOffice of this computer."""
    writer = find_libreoffice()
    assert writer
    return writer


def outline(pdf: bytes) -> list[tuple[str, int | None]]:
    """Each title of the outline with its page, from 0."""
    reader = PdfReader(BytesIO(pdf))
    entries = [entry for entry in reader.outline if not isinstance(entry, list)]
    return [(str(e.title), reader.get_destination_page_number(e)) for e in entries]


def texts(pdf: bytes) -> list[str]:
    """The text of each page, less its header."""
    pages = (page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return [text.replace("An appeal", "").strip() for text in pages]


@pytest.fixture(scope="module")
def two_sided(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The PDF of letters that begin on front sides."""
    docx_file = batch(tmp_path_factory.mktemp("batch") / "batch.docx", "oddPage")
    return batch_pdf(docx_file, TITLES, found(), blank_pages=True)


@pytest.mark.slow
@needs_libreoffice
def test_a_two_sided_pdf_begins_every_letter_on_a_front_side(two_sided: bytes) -> None:
    assert texts(two_sided) == [
        "Letter 1",
        "",
        "Letter 2",
        "Page 2 of letter 2",
        "Page 3 of letter 2",
        "",
        "Letter 3",
        "Page 2 of letter 3",
        "Letter 4",
    ]
    assert outline(two_sided) == list(zip(TITLES.values(), (0, 2, 6, 8), strict=True))


@pytest.mark.slow
@needs_libreoffice
def test_a_one_sided_pdf_has_no_blank_pages(tmp_path: Path) -> None:
    docx_file = batch(tmp_path / "batch.docx", "nextPage")
    pdf = batch_pdf(docx_file, TITLES, found(), blank_pages=False)
    assert len(texts(pdf)) == sum(PAGES)
    assert outline(pdf) == list(zip(TITLES.values(), (0, 1, 4, 6), strict=True))


@pytest.mark.slow
@needs_libreoffice
def test_a_pdf_says_nothing_of_itself_but_its_title_and_is_the_same_again(
    two_sided: bytes, tmp_path: Path
) -> None:
    assert PdfReader(BytesIO(two_sided)).metadata == {"/Title": "Letters to sign"}
    telling = (b"LibreOffice", b"pypdf", b"Writer", b"D:20")
    assert not [word for word in telling if word in two_sided]
    docx_file = batch(tmp_path / "batch.docx", "oddPage")
    assert batch_pdf(docx_file, TITLES, found(), blank_pages=True) == two_sided


@pytest.mark.slow
@needs_libreoffice
def test_letters_that_would_share_a_sheet_are_told_and_no_pdf_is_given(tmp_path: Path) -> None:
    docx_file = batch(tmp_path / "batch.docx", "nextPage")
    with pytest.raises(StorageError) as caught:
        batch_pdf(docx_file, TITLES, found(), blank_pages=True)
    assert str(caught.value) == (
        "batch.docx: in the PDF, the letter Bo Ek to Li does not begin on a front "
        "side of its own. Print the .docx from Word instead."
    )


@pytest.mark.slow
@needs_libreoffice
def test_a_letter_that_is_not_in_the_pdf_is_told(tmp_path: Path) -> None:
    docx_file = batch(tmp_path / "batch.docx", "oddPage")
    with pytest.raises(StorageError, match="the letter Cy to Li does not begin"):
        batch_pdf(docx_file, {**TITLES, "letter_5": "Cy to Li"}, found(), blank_pages=True)


def test_an_outline_is_added_to_the_pages_and_titles_may_be_alike() -> None:
    blank, made = PdfWriter(), BytesIO()
    for _ in range(3):
        blank.add_blank_page(width=595, height=842)
    blank.metadata = {"/Author": "Ana", "/Title": "Old"}
    blank.write(made)
    pdf = with_outline(made.getvalue(), [("Letter", 0), ("Letter", 2)])
    assert outline(pdf) == [("Letter", 0), ("Letter", 2)]
    assert PdfReader(BytesIO(pdf)).metadata == {"/Title": "Old"}
    assert len(texts(pdf)) == 3
    assert b"Ana" not in pdf
