"""Links of a letter are not fetched when LibreOffice lays it out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from pypdf import PageObject, PdfReader
from support.documents import OFFICE, PACKAGE, PNG, docx, zipped
from support.filled_letters import members
from support.office_programs import needs_libreoffice

from merge.printing.libreoffice import find_libreoffice

PICTURE = "http://schemas.openxmlformats.org/drawingml/2006/picture"
LINKED = (
    '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="2000000" cy="900000"/><wp:docPr id="9" '
    f'name="P"/><a:graphic><a:graphicData uri="{PICTURE}"><pic:pic xmlns:pic="{PICTURE}">'
    '<pic:nvPicPr><pic:cNvPr id="0" name="x"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
    '<a:blip r:link="x"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
    '<a:off x="0" y="0"/><a:ext cx="2000000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/>'
    "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
FIELD = (
    "<w:p><w:r><w:fldChar w:fldCharType='begin' w:dirty='true'/></w:r><w:r><w:instrText>{}"
    "</w:instrText></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>"
)

OBJECT = (
    "<w:p><w:r><w:object><v:shape id='s' style='width:150pt;height:50pt'><v:imagedata r:id='a'/>"
    "</v:shape><o:OLEObject xmlns:o='urn:schemas-microsoft-com:office:office' Type='Embed' "
    "ProgID='Word.Document.12' ShapeID='s' DrawAspect='Content' ObjectID='_1' r:id='b'/>"
    "</w:object></w:r></w:p>"
)
CHARTS = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CHART_HERE = (
    "<w:p><w:r><w:drawing><wp:inline><wp:extent cx='3000000' cy='1800000'/><wp:docPr id='3' "
    f"name='C'/><a:graphic><a:graphicData uri='{CHARTS}'><c:chart xmlns:c='{CHARTS}' r:id='a'/>"
    "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
CHART = (
    f"<c:chartSpace xmlns:c='{CHARTS}'><c:chart><c:plotArea><c:barChart><c:barDir val='col'/>"
    "<c:ser><c:idx val='0'/><c:order val='0'/><c:cat><c:strLit><c:ptCount val='2'/>"
    "<c:pt idx='0'><c:v>Arrests</c:v></c:pt><c:pt idx='1'><c:v>Trials</c:v></c:pt></c:strLit>"
    "</c:cat><c:val><c:numLit><c:ptCount val='2'/><c:pt idx='0'><c:v>7</c:v></c:pt>"
    "<c:pt idx='1'><c:v>3</c:v></c:pt></c:numLit></c:val></c:ser><c:axId val='1'/>"
    "<c:axId val='2'/></c:barChart><c:catAx><c:axId val='1'/><c:axPos val='b'/>"
    "<c:crossAx val='2'/></c:catAx><c:valAx><c:axId val='2'/><c:axPos val='l'/>"
    "<c:crossAx val='1'/></c:valAx></c:plotArea></c:chart></c:chartSpace>"
)
RELATIONS, TYPES, END = "word/_rels/document.xml.rels", "[Content_Types].xml", b"</Relationships>"
_VENDOR = "application/vnd.openxmlformats-officedocument."
MORE_TYPES = (
    "<Default Extension='png' ContentType='image/png'/><Default Extension='docx' "
    f"ContentType='{_VENDOR}wordprocessingml.document'/><Override "
    f"PartName='/word/charts/chart1.xml' ContentType='{_VENDOR}drawingml.chart+xml'/>"
)


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """Give an address on this computer, and the requests that arrive there."""
    requests: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.close_connection = True
            requests.append(self.rfile.readline().decode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", requests
        finally:
            server.shutdown()


def link(kind: str, target: str, name: str = "x", mode: str = "External") -> str:
    """Return a relationship."""
    kind = f"{OFFICE}/{kind}"
    return f'<Relationship Id="{name}" Type="{kind}" Target="{target}" TargetMode="{mode}"/>'


def links(kind: str, address: str) -> str:
    """Return the relationships of a part with one external link."""
    relationship = link(kind, address)
    return f'<Relationships xmlns="{PACKAGE}/relationships">{relationship}</Relationships>'


def with_links(address: str) -> bytes:
    """Return a letter with links to a picture, a template and three files.

    The links to files are in fields.
    """
    fields = ("INCLUDEPICTURE", "INCLUDETEXT", "LINK Word.Document.8")
    body = "".join(FIELD.format(f'{field} "{address}/field"') for field in fields)
    more = {
        "word/_rels/header.xml.rels": links("image", f"{address}/picture.png"),
        "word/_rels/settings.xml.rels": links("attachedTemplate", f"{address}/template.dotx"),
    }
    return docx(body, header=LINKED, more=more)


def with_parts(body: str, parts: Mapping[str, tuple[str, bytes]]) -> bytes:
    """Return a letter with more parts.

    Each has a kind of relationship and bytes. The IDs of relationships are a, b, c.
    """
    files = members(docx(body))
    for name, (part, (kind, data)) in zip("abc", parts.items(), strict=False):
        files[f"word/{part}"] = data
        relationship = link(kind, part, name, "Internal")
        files[RELATIONS] = files[RELATIONS].replace(END, relationship.encode() + END)
    files[TYPES] = files[TYPES].replace(b"</Types>", MORE_TYPES.encode() + b"</Types>")
    return zipped(files)


def with_object(address: str, place: str) -> bytes:
    """Return a letter with an embedded letter, and with its picture.

    The embedded letter has an external link.
    """
    more = {"word/_rels/header.xml.rels": links("image", f"{address}/picture.png")}
    inner = ("package", docx("Inside", header=LINKED, more=more))
    return with_parts(OBJECT, {"media/a.png": ("image", PNG), place: inner})


LETTERS: dict[str, Callable[[str], bytes]] = {
    "linked": with_links,
    "in an object": lambda address: with_object(address, "embeddings/a.docx"),
    "in an object in another folder": lambda address: with_object(address, "hidden.docx"),
}


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.parametrize("build", LETTERS.values(), ids=LETTERS)
def test_links_of_a_letter_to_other_computers_are_not_fetched(
    build: Callable[[str], bytes],
) -> None:
    with listening() as (address, requests):
        assert pdf(build(address))
    assert requests == []


@pytest.mark.slow
@needs_libreoffice
def test_a_web_page_with_the_ending_docx_is_not_opened() -> None:
    with listening() as (address, requests):
        page = f'<html><link rel="stylesheet" href="{address}/a.css"><img src="{address}/a.png">'
        assert pdf(page.encode()) is None
    assert requests == []


@pytest.mark.slow
@needs_libreoffice
def test_an_embedded_object_is_printed_as_its_picture() -> None:
    page = first_page(with_object("http://127.0.0.1:9", "embeddings/a.docx"))
    assert "/XObject" in str(page["/Resources"])
    assert page.extract_text().strip() == ""


@pytest.mark.slow
@needs_libreoffice
def test_a_chart_in_a_letter_is_printed() -> None:
    page = first_page(with_parts(CHART_HERE, {"charts/chart1.xml": ("chart", CHART.encode())}))
    assert {"Arrests", "Trials"} <= set(page.extract_text().split())


def pdf(letter: bytes) -> bytes | None:
    """Return a letter's PDF; None if it cannot be made."""
    writer = find_libreoffice()
    assert writer
    (data,) = writer.convert_to_pdfs([(letter, 1)])
    return data


def first_page(letter: bytes) -> PageObject:
    """Return the first page of a letter's PDF."""
    data = pdf(letter)
    assert data
    return PdfReader(BytesIO(data)).pages[0]
