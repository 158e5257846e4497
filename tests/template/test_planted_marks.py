"""None of 250 marks planted in a template is in a letter or print file."""

from __future__ import annotations

import functools
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader
from support.campaigns import letters, make, merge
from support.docx_defects import defects
from support.filled_letters import members
from support.office_programs import needs_libreoffice
from support.planted_marks import planted_template
from support.printed_campaigns import no_libreoffice

__all__ = ["no_libreoffice"]


@functools.cache
def planted() -> tuple[bytes, dict[str, str]]:
    return planted_template()


def spellings(mark: str) -> Iterator[bytes]:
    """Yield a mark in all the encodings that files use."""
    yield mark.lower().encode()
    yield mark.lower().encode("utf-16-le")


def marks_in(data: bytes) -> dict[str, str]:
    """Return the marks that are in a .docx, also in the names of its parts."""
    files = members(data)
    contents = b"\n".join((*(name.encode() for name in files), *files.values())).lower()
    marks = planted()[1]
    return {
        what: mark for mark, what in marks.items() if any(s in contents for s in spellings(mark))
    }


def test_every_planted_mark_is_in_the_template() -> None:
    data, marks = planted()
    assert len(marks) > 250
    assert set(marks.values()) - marks_in(data).keys() == set()


@pytest.mark.slow
@pytest.mark.usefixtures("no_libreoffice")
def test_no_planted_mark_is_in_a_letter_or_print_file(tmp_path: Path) -> None:
    folder = make(tmp_path, planted()[0])
    ran = merge("letters", folder)
    assert ran.code == 0, ran.err
    assert ran.err.count("Removed from the letters") == 1
    for path in letters(folder).values():
        assert marks_in(path.read_bytes()) == {}
        assert defects(path.read_bytes()) - defects(planted()[0]) == {}
        assert Document(str(path)).paragraphs[0].text.startswith("Dear ")
    ran = merge("print", folder)
    assert ran.code == 0, ran.err + ran.out
    batches = [*(folder / "print").rglob("*.docx")]
    assert batches
    assert [marks_in(path.read_bytes()) for path in batches] == [{}] * len(batches)


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_no_planted_mark_is_in_a_pdf(tmp_path: Path) -> None:
    folder = make(tmp_path, planted()[0])
    merge("letters", folder)
    ran = merge("print", folder, "--pdf")
    assert ran.code == 0, ran.err + ran.out
    (pdf, *_) = sorted((folder / "print").rglob("*.pdf"))
    contents = b"\n".join(_contents(pdf)).lower()
    assert b"minister li" in contents
    marks = planted()[1]
    assert {w for m, w in marks.items() if m.lower().encode() in contents} == set()


def _contents(pdf: Path) -> Iterator[bytes]:
    """Yield the contents of a PDF: bytes, unpacked streams, words, properties."""
    data = pdf.read_bytes()
    yield data
    for piece in data.split(b"stream\n")[1:]:
        try:
            yield zlib.decompressobj().decompress(piece.lstrip(b"\r\n"))
        except zlib.error:
            continue
    reader = PdfReader(io.BytesIO(data))
    yield repr(reader.metadata).encode()
    for page in reader.pages:
        yield page.extract_text().encode()
        yield repr([note.get_object() for note in page.get("/Annots", [])]).encode()
