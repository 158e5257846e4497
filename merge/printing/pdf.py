"""A batch's PDF: the combined .docx as LibreOffice lays it out, with an outline of its letters."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from merge.model import Place, Problem, StorageError
from merge.printing.desk import private_folder
from merge.printing.writer import Writer, shown

# pypdf logs what LibreOffice writes a little wrong; no handler would mean: onto the screen.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


def batch_pdf(docx: Path, titles: Mapping[str, str], writer: Writer, *, blank_pages: bool) -> bytes:
    """The PDF of a combined .docx with an outline.

    `titles` holds, in the letters' order, the bookmark that each letter begins with and the
    letter's title in the outline. `blank_pages` is for two-sided printing: it keeps the pages that
    stand empty before a front side. StorageError where the PDF cannot be made, or a letter does
    not begin on a page of its own, or with `blank_pages` not on a front side.
    """
    patient = replace(writer, each=writer.each * len(titles))
    with private_folder() as folder:
        pdf = patient.to_pdf([docx], folder, blank_pages=blank_pages)[0].read_bytes()
    pages = _first_pages(pdf)
    starts = [(title, pages.get(_destination(mark), -1)) for mark, title in titles.items()]
    _check(starts, shown(docx), 2 if blank_pages else 1)
    return with_outline(pdf, starts)


def with_outline(pdf: bytes, titles: Sequence[tuple[str, int]]) -> bytes:
    """The pages with an outline of titles, each with the number of its page, from 0.

    Of what the PDF says of itself only its title stays: no program, no author, no date.
    """
    with opened(pdf) as reader, PdfWriter() as writer:
        for page in reader.pages:
            writer.add_page(page)
        for title, number in titles:
            writer.add_outline_item(title=title, page_number=number)
        named = reader.metadata.title if reader.metadata else None
        writer.metadata = {"/Title": named} if named else {}
        writer.page_mode = "/UseOutlines"
        made = BytesIO()
        writer.write(made)
    return made.getvalue()


def opened(pdf: bytes) -> PdfReader:
    """A PDF to look into."""
    return PdfReader(BytesIO(pdf))


def _first_pages(pdf: bytes) -> dict[str, int]:
    """The page of each named destination, from 0."""
    with opened(pdf) as reader:
        places = reader.named_destinations.items()
        numbers = {name: reader.get_destination_page_number(place) for name, place in places}
        return {name: number for name, number in numbers.items() if number is not None}


def _destination(bookmark: str) -> str:
    """A bookmark's name in LibreOffice's PDF: what is no letter, digit or hyphen in hexadecimal."""
    plain = (c if c.isascii() and (c.isalnum() or c == "-") else f"{ord(c):02X}" for c in bookmark)
    return f"/{''.join(plain)}"


def _check(starts: Sequence[tuple[str, int]], file: str, step: int) -> None:
    """Tell of letters that do not begin where they must: one side would bear two people's."""
    where = "a page of its own" if step == 1 else "a front side of its own"
    last, problems = -step, []
    for title, page in starts:
        if page <= last or page % step:
            what = f"in the PDF, the letter {title} does not begin on {where}."
            hint = "Print the .docx from Word instead."
            problems.append(Problem("pdf-misplaced", Place(file), what, hint))
        last = page
    if problems:
        raise StorageError(problems)
