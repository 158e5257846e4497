"""The PDF of a print file: its pages, their order, outline and properties."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader, PdfWriter

from merge.printing.libreoffice import OfficePdf, PdfPages, join_pdf_pages

TITLES = ("Ana Ruiz to Li", "Bo Ek to Li", "Олена to Li", "سلمى to Li")
PAGES = (1, 3, 2, 1)
"""Number of pages of each letter."""


def laid_out() -> OfficePdf:
    """Return the pages of the letters, with properties that must be removed."""
    writer, output = PdfWriter(), BytesIO()
    for number, pages in enumerate(PAGES, 1):
        for _ in range(pages):
            writer.add_blank_page(width=500 + number, height=842)
    writer.metadata = {"/Author": "Ana", "/Producer": "LibreOffice", "/Title": "Old"}
    writer.write(output)
    return OfficePdf(output.getvalue())


def pieces() -> list[tuple[str, PdfPages]]:
    """Return each letter's title and its pages."""
    pdf = laid_out()
    firsts = (sum(PAGES[:number]) for number in range(len(PAGES)))
    letters = (PdfPages(pdf, first, pages) for first, pages in zip(firsts, PAGES, strict=True))
    return [*zip(TITLES, letters, strict=True)]


def widths(pdf: bytes) -> list[int]:
    """Return the width of each page, which identifies its letter."""
    return [round(page.mediabox.width) - 500 for page in PdfReader(BytesIO(pdf)).pages]


def outline(pdf: bytes) -> list[tuple[str, int | None]]:
    """Return each title of the outline with its page, from 0."""
    reader = PdfReader(BytesIO(pdf))
    entries = [entry for entry in reader.outline if not isinstance(entry, list)]
    return [(str(e.title), reader.get_destination_page_number(e)) for e in entries]


def test_a_two_sided_pdf_begins_every_letter_on_a_front_side() -> None:
    pdf = join_pdf_pages(pieces(), "Letters", front_sides=True)
    assert widths(pdf) == [1, 1, 2, 2, 2, 2, 3, 3, 4]
    assert outline(pdf) == list(zip(TITLES, (0, 2, 6, 8), strict=True))


def test_a_one_sided_pdf_has_no_blank_pages() -> None:
    pdf = join_pdf_pages(pieces(), "Letters", front_sides=False)
    assert widths(pdf) == [1, 2, 2, 2, 3, 3, 4]
    assert outline(pdf) == list(zip(TITLES, (0, 1, 4, 6), strict=True))


def test_pages_of_several_pdfs_are_joined_in_the_given_order() -> None:
    mixed = [piece for pair in zip(pieces(), reversed(pieces()), strict=True) for piece in pair]
    assert widths(join_pdf_pages(mixed[:4], "Letters", front_sides=False)) == [1, 4, 2, 2, 2, 3, 3]


def test_a_joined_pdf_has_only_a_title_and_is_reproducible() -> None:
    letters = pieces()
    pdf = join_pdf_pages(letters, "Letters to sign", front_sides=True)
    assert PdfReader(BytesIO(pdf)).metadata == {"/Title": "Letters to sign"}
    assert not [word for word in (b"LibreOffice", b"pypdf", b"Ana\n", b"D:20") if word in pdf]
    for same in (letters, pieces()):
        assert join_pdf_pages(same, "Letters to sign", front_sides=True) == pdf
