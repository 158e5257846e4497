"""Positions on a PDF's pages, in millimetres from the upper left corner."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from pypdf import PdfReader
from pypdf.generic import ContentStream

from support.documents import BODY, zipped
from support.office_programs import to_pdf

POINT = 25.4 / 72
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_SHADE = '<w:shd w:val="clear" w:color="auto" w:fill="FFCC00"/>'


@dataclass(frozen=True)
class Box:
    """A word, or a filled area, on a page counted from 1."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str = ""

    def holds(self, other: Box, slack: float = 0.2) -> bool:
        """Return True if the other box is inside this one."""
        across = self.left - slack <= other.left and other.right <= self.right + slack
        down = self.top - slack <= other.top and other.bottom <= self.bottom + slack
        return self.page == other.page and across and down


def pdfs_of(documents: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    """Convert each .docx to PDF, all in one start of LibreOffice."""
    paths = [folder / f"{number}.docx" for number in range(len(documents))]
    for path, data in zip(paths, documents.values(), strict=True):
        path.write_bytes(data)
    return dict(zip(documents, to_pdf(paths, folder), strict=True))


def sizes(pdf: Path) -> list[tuple[float, float]]:
    """Return the width and the height of each page."""
    boxes = [page.mediabox for page in PdfReader(pdf).pages]
    return [(float(box.width) * POINT, float(box.height) * POINT) for box in boxes]


def words(pdf: Path) -> list[Box]:
    """Return every word that pdftotext finds, with the height of its font."""
    command = ["pdftotext", "-bbox", str(pdf), "-"]
    output = subprocess.run(command, check=True, capture_output=True).stdout
    boxes = []
    for number, page in enumerate(_named(etree.HTML(output.decode()), "page"), 1):
        for word in _named(page, "word"):
            left, top, right, bottom = (float(str(word.get(side))) * POINT for side in _SIDES)
            boxes.append(Box(number, left, top, right, bottom, str(word.text)))
    return boxes


def _named(root: etree._Element, name: str) -> Sequence[etree._Element]:
    return list(root.iter(name))


def shaded(data: bytes, width: int) -> bytes:
    """Return the .docx with cells of a width in twips shaded.

    The shade makes them visible in a PDF.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    cell = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    text = parts[BODY].decode()
    assert cell in text
    return zipped({**parts, BODY: text.replace(cell, cell + _SHADE)})


def areas(pdf: Path) -> list[Box]:
    """Return the filled areas in the order of drawing, each once."""
    boxes = []
    reader = PdfReader(pdf)
    for number, page in enumerate(reader.pages, 1):
        high = float(page.mediabox.height)
        rectangle: list[float] = []
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"f*" and rectangle:
                x, y, wide, tall = rectangle
                top, bottom = (high - y - tall) * POINT, (high - y) * POINT
                boxes.append(Box(number, x * POINT, top, (x + wide) * POINT, bottom))
            rectangle = [float(o) for o in operands] if operator == b"re" else []
    return list(dict.fromkeys(boxes))
