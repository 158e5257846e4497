"""Make docs/pictures/*.png again: templates, and letters made from them.

1. Each picture comes from real files: a template, a workbook, and the letters of the program.
2. LibreOffice turns them into PDF and pdftoppm into pixels.
3. This script crops the pages, puts them side by side and writes a small PNG.
4. Placeholders are shaded only so that a reader sees what becomes of them.

    python tools/make_pictures.py [NAME…]
"""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from itertools import groupby, pairwise
from pathlib import Path
from xml.sax.saxutils import escape

from make_template import OFFICE, PACKAGE, XML, W, zipped
from openpyxl import Workbook

from merge.cli import main

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"

FONT = "Calibri"
DOTS = 120
"""Pixels per inch."""
SMALLEST = 17
"""Steps between shades of a colour: 15 shades are enough for text."""

WHITE, FRAME, SHADOW = b"\xff\xff\xff", b"\xb4\xbc\xc6", b"\xe4\xe8\xee"
INK = "1F3864"
VALUE_SHADE, BLOCK_SHADE = "D6E6F7", "FCE9C4"

_TAG = re.compile(r"\{\{.*?\}\}|«.*?»|\{%.*?%\}")
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_LINKS = "application/vnd.openxmlformats-package.relationships+xml"


# ---------------------------------------------------------------------- Word files


@dataclass(frozen=True, slots=True)
class Page:
    """The width of a page in centimetres, and the direction of its lines."""

    width: float = 8.4
    size: int = 22
    right_to_left: bool = False


def docx(body: str, page: Page) -> bytes:
    """Return a .docx of one tall page."""
    width = round(page.width * 567)
    section = (
        f'<w:sectPr><w:pgSz w:w="{width}" w:h="16838"/><w:pgMar w:top="200" w:right="200"'
        ' w:bottom="200" w:left="200" w:header="0" w:footer="0" w:gutter="0"/></w:sectPr>'
    )
    return zipped(
        {
            name: (XML + text).encode()
            for name, text in {
                "[Content_Types].xml": _types(),
                "_rels/.rels": _relations("officeDocument", "word/document.xml"),
                "word/document.xml": _root("document", f"<w:body>{body}{section}</w:body>"),
                "word/_rels/document.xml.rels": _relations("styles", "styles.xml"),
                "word/styles.xml": _root("styles", _styles(page)),
            }.items()
        }
    )


def _root(name: str, inner: str) -> str:
    return f'<w:{name} xmlns:w="{W}">{inner}</w:{name}>'


def _types() -> str:
    styles = _CONTENT.replace("document.main", "styles")
    return (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{_LINKS}"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_CONTENT}"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{styles}"/></Types>'
    )


def _relations(kind: str, target: str) -> str:
    link = f'<Relationship Id="a" Type="{OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{link}</Relationships>'


def _styles(page: Page) -> str:
    fonts = f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="DejaVu Sans"/>'
    size = f'<w:sz w:val="{page.size}"/><w:szCs w:val="{page.size}"/>'
    spacing = '<w:spacing w:after="0" w:line="264" w:lineRule="auto"/>'
    return (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{fonts}{size}</w:rPr></w:rPrDefault>"
        f"<w:pPrDefault><w:pPr>{spacing}</w:pPr></w:pPrDefault></w:docDefaults>"
    )


def paragraphs(text: str, page: Page) -> str:
    """Return a paragraph for each line; an empty line is a gap.

    `**` starts and ends bold, `__` red; text in « » is one of Word's merge fields.
    """
    xml: list[str] = []
    for line, following in pairwise([*text.strip("\n").split("\n"), ""]):
        if line.strip():
            xml.append(_paragraph(line, 130 if not following.strip() else 0, page))
    return "".join(xml)


def _paragraph(line: str, gap: int, page: Page) -> str:
    bidi = "<w:bidi/>" if page.right_to_left else ""
    return f'<w:p><w:pPr>{bidi}<w:spacing w:after="{gap}"/></w:pPr>{runs(line, page)}</w:p>'


def runs(line: str, page: Page) -> str:
    """Return the runs of a line, one for each format; placeholders are shaded."""
    bold = red = False
    plain, looks = "", []
    for piece in re.split(r"(\*\*|__)", line):
        bold ^= piece == "**"
        red ^= piece == "__"
        if piece not in {"**", "__"}:
            plain += piece
            looks += [(bold, red)] * len(piece)
    stretches = groupby(zip(looks, _shades(plain), plain, strict=True), key=lambda c: c[:2])
    return "".join(
        _run("".join(c for *_, c in characters), look, shade, page)
        for (look, shade), characters in stretches
    )


def _shades(text: str) -> list[str]:
    shades = [""] * len(text)
    for tag in _TAG.finditer(text):
        shade = BLOCK_SHADE if tag.group().startswith("{%") else VALUE_SHADE
        shades[tag.start() : tag.end()] = [shade] * (tag.end() - tag.start())
    return shades


def _run(text: str, look: tuple[bool, bool], shade: str, page: Page) -> str:
    bold, red = look
    run_properties = "<w:b/>" if bold else ""
    run_properties += '<w:color w:val="C00000"/>' if red else ""
    run_properties += f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
    run_properties += "<w:rtl/>" if page.right_to_left and not shade else ""
    field = text.startswith("«")
    shown = f"«{text.strip('«»').partition(' ')[0]}»" if field else text
    words = f'<w:t xml:space="preserve">{escape(shown)}</w:t>'
    begin, code, middle, end = _field(text.strip("«»")) if field else ("", "", "", "")
    inner = (begin, code, middle, words, end)
    return "".join(f"<w:r><w:rPr>{run_properties}</w:rPr>{piece}</w:r>" for piece in inner if piece)


def _field(code: str) -> tuple[str, str, str, str]:
    """Return what surrounds the words of one of Word's merge fields."""
    begin, separate, end = (
        f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "separate", "end")
    )
    return begin, f"<w:instrText> MERGEFIELD {escape(code)} </w:instrText>", separate, end


def table(*rows: Sequence[str], widths: Sequence[int], page: Page) -> str:
    """Return a table with thin lines, its first row bold."""
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="9AA5B1"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    body = "".join(f"<w:tr>{_cells(row, widths, page)}</w:tr>" for row in rows)
    properties = (
        f'<w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>'
    )
    layout = '<w:tblLayout w:type="fixed"/></w:tblPr>'
    return f"<w:tbl>{properties}{layout}<w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl><w:p/>"


def _cells(row: Sequence[str], widths: Sequence[int], page: Page) -> str:
    """Return the cells of a row; a single text has the complete width."""
    spans = [len(widths)] if len(row) == 1 else [1] * len(widths)
    return "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{sum(widths) if span > 1 else width}" w:type="dxa"/>'
        f'<w:gridSpan w:val="{span}"/></w:tcPr>{_paragraph(text, 0, page)}</w:tc>'
        for text, width, span in zip(row, widths, spans, strict=False)
    )


# ---------------------------------------------------------------------- scenes


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture: a template, recipients, and the labels of their letters."""

    body: str
    recipients: Sequence[Mapping[str, str]]
    labels: Sequence[str]
    page: Page = field(default_factory=Page)
    signer: Mapping[str, str] = field(
        default_factory=lambda: {"Name": "Käthe Weißmüller", "City": "Leipzig"}
    )


PAGE = Page()
NARROW = Page(7.2)
WIDE = Page(9.6)
ARABIC = Page(8.4, 22, right_to_left=True)

MINISTER = {
    "Name": "Dr. Amara Diallo",
    "Position": "Minister of Justice",
    "Party": "Unity",
    "Street": "12 Garden Road",
    "City": "Freetown",
    "Country": "Sierra Leone",
    "Salutation": "Minister",
}

SCENES: Mapping[str, Scene] = {
    "letter": Scene(
        paragraphs(
            """
{{ recipient.name }}
{{ recipient.street }}
{{ recipient.city }}
{{ recipient.country }}

{{ signer.city }}, {{ date }}

Dear {{ recipient.salutation }},

I write to you about the prisoners in {{ recipient.city }}.

Yours sincerely,
{{ signer.name }}
""",
            PAGE,
        ),
        [MINISTER],
        ["The letter"],
    ),
    "blank-lines": Scene(
        paragraphs(
            """
{{ recipient.position }}
{{ recipient.name }} ({{ recipient.party }})
{{ recipient.street }}
{{ recipient.city }}, {{ recipient.country }}

Dear {{ recipient.salutation }},
""",
            NARROW,
        ),
        [
            MINISTER,
            {
                **MINISTER,
                "Name": "Rosa Benítez",
                "Position": "",
                "Party": "",
                "Street": "",
                "City": "",
            }
            | {"Country": "Paraguay", "Salutation": "Ms Benítez"},
        ],
        ["Every cell filled", "Only Name and Country filled"],
        NARROW,
    ),
    "conditions": Scene(
        paragraphs(
            """
Dear {{ recipient.salutation }},

{%p if recipient.country == "France" %}
Thank you for what you have done.

{%p else %}
I ask {{ recipient.country }} to do as France does.

{%p endif %}
Please {% if recipient.email %}email{% else %}write to{% endif %} me.
""",
            PAGE,
        ),
        [
            {
                "Name": "A",
                "Country": "France",
                "Salutation": "Madame Petit",
                "Email": "p@example.org",
            },
            {"Name": "B", "Country": "Peru", "Salutation": "Señor Quispe", "Email": ""},
        ],
        ["To France", "To Peru, Email blank"],
        PAGE,
    ),
    "loop": Scene(
        paragraphs(
            """
I ask you for three things:
{%p for demand in recipient.demands|lines %}
{{ loop.index }}. {{ demand }}
{%p endfor %}
Thank you.
""",
            PAGE,
        ),
        [{"Name": "A", "Demands": "Free the prisoners.\nTell their families.\nPay for the harm."}],
        ["The letter"],
    ),
    "table": Scene(
        table(
            ["**No.**", "**Name**"],
            ["{%tr for person in recipient.prisoners|lines %}"],
            ["{{ loop.index }}", "{{ person }}"],
            ["{%tr endfor %}"],
            widths=[1750, 3150],
            page=WIDE,
        ),
        [{"Name": "A", "Prisoners": "Anna Lind\nTomás Rey\nИван Петров"}],
        ["The letter"],
        WIDE,
    ),
    "formatting": Scene(
        paragraphs(
            """
**{{ recipient.name }}**
__{{ recipient.city }}__
**{{** recipient.country }}
""",
            NARROW,
        ),
        [MINISTER],
        ["The letter"],
        NARROW,
    ),
    "merge-fields": Scene(
        paragraphs(
            r"""
«Recipient_Name»
«Recipient_City \* Upper»

Dear «Salutation»,

I live in «Signer_City».
""",
            PAGE,
        ),
        [MINISTER],
        ["The letter"],
    ),
    "right-to-left": Scene(
        paragraphs(
            """
{{ recipient.name }}
{{ recipient.city }}

{{ date }}

تحية طيبة وبعد،
أكتب إليكم من {{ signer.city }} بشأن السجناء.
""",
            ARABIC,
        ),
        [{"Name": "د. ليلى حداد", "City": "عمّان", "Language": "ar"}],
        ["The letter"],
        ARABIC,
        {"Name": "سارة", "City": "لايبزيغ"},
    ),
}


def campaign(folder: Path, scene: Scene) -> list[Path]:
    """Make the scene's folder with its letters; return template and letters."""
    template = folder / "templates" / "appeal.docx"
    template.parent.mkdir(parents=True)
    template.write_bytes(docx(scene.body, scene.page))
    rows = {"Signers": [scene.signer], "Recipients": scene.recipients}
    book = Workbook()
    facts = book.worksheets[0]
    facts.title = "Settings"
    for fact in (("File name", "{{ recipient.name }}"), ("Date", "2026-03-04")):
        facts.append(fact)
    for title, people in rows.items():
        sheet = book.create_sheet(title)
        for row in (people[0], *(person.values() for person in people)):
            sheet.append(list(row))
    book.save(folder / "signers.xlsx")
    output = StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        code = main(["letters", str(folder)])
    if code:
        sys.exit(output.getvalue())
    return [template, *(folder / "letters" / f"{r['Name']}.docx" for r in scene.recipients)]


# ---------------------------------------------------------------------- pixels


@dataclass(frozen=True, slots=True)
class Image:
    """Rows of pixels, three bytes each."""

    rows: tuple[bytes, ...]

    @property
    def width(self) -> int:
        """Width in pixels."""
        return len(self.rows[0]) // 3

    @property
    def height(self) -> int:
        """Height in pixels."""
        return len(self.rows)

    def ink(self) -> tuple[int, int, int, int]:
        """Return the bounds of all that is not white: left, top, right, bottom."""
        inked = [n for n, row in enumerate(self.rows) if row.strip(b"\xff")]
        shown = [self.rows[n] for n in inked]
        left = min(len(row) - len(row.lstrip(b"\xff")) for row in shown) // 3
        right = max(len(row.rstrip(b"\xff")) + 2 for row in shown) // 3
        return left, inked[0], right, inked[-1] + 1

    def cut(self, left: int, top: int, right: int, bottom: int) -> Image:
        """Return a part of the image."""
        return Image(tuple(row[3 * left : 3 * right] for row in self.rows[top:bottom]))

    def cropped(self) -> Image:
        """Return the image without its white margins."""
        return self.cut(*self.ink())

    def padded(self, left: int, top: int, right: int, bottom: int, colour: bytes = WHITE) -> Image:
        """Return the image with a border."""
        blank = colour * (self.width + left + right)
        rows = (colour * left + row + colour * right for row in self.rows)
        return Image((*[blank] * top, *rows, *[blank] * bottom))

    def grown(self, width: int, height: int) -> Image:
        """Return the image at the top left of a white sheet."""
        return self.padded(0, 0, width - self.width, height - self.height)


def beside(images: Sequence[Image]) -> Image:
    """Return images in a row, aligned at the top."""
    height = max(image.height for image in images)
    grown = [image.grown(image.width, height) for image in images]
    return Image(tuple(b"".join(rows) for rows in zip(*(i.rows for i in grown), strict=True)))


def above(upper: Image, lower: Image) -> Image:
    """Return two images, one over the other, aligned at the left."""
    width = max(upper.width, lower.width)
    both = (upper.grown(width, upper.height), lower.grown(width, lower.height))
    return Image(both[0].rows + both[1].rows)


def sheet_of_paper(image: Image) -> Image:
    """Return the image with a margin, a frame and a shadow, like paper."""
    framed = image.padded(16, 14, 16, 14).padded(1, 1, 1, 1, FRAME)
    return framed.padded(0, 0, 3, 3, SHADOW).padded(0, 0, 1, 1)


def read_ppm(path: Path) -> Image:
    """Read pixels as pdftoppm writes them."""
    _, size, _, pixels = path.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    return Image(tuple(pixels[3 * width * n : 3 * width * (n + 1)] for n in range(height)))


def png(image: Image) -> bytes:
    """Return a PNG with a palette (ISO/IEC 15948), its colours rounded."""
    steps = bytes(round(value / SMALLEST) * SMALLEST for value in range(256))
    rows = [row.translate(steps) for row in image.rows]
    pixels = [[row[at : at + 3] for at in range(0, len(row), 3)] for row in rows]
    colours = {colour: n for n, colour in enumerate(sorted({c for row in pixels for c in row}))}
    lines = b"".join(b"\x00" + bytes(colours[colour] for colour in row) for row in pixels)
    head = struct.pack(">IIBBBBB", image.width, image.height, 8, 3, 0, 0, 0)
    chunks = {b"IHDR": head, b"PLTE": b"".join(colours), b"IDAT": zlib.compress(lines, 9)}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*c) for c in (*chunks.items(), (b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


# ---------------------------------------------------------------------- all of it


ARROW = "➜"


def rendered(files: Iterable[Path], scratch: Path) -> dict[Path, Image]:
    """Return the first page of each file."""
    paths = {path: scratch / f"page{number}.docx" for number, path in enumerate(files)}
    for path, copy in paths.items():
        copy.write_bytes(path.read_bytes())
    profile = f"-env:UserInstallation={(scratch / 'profile').as_uri()}"
    office = ["soffice", profile, "--headless", "--norestore", "--convert-to", "pdf", "--outdir"]
    command = [*office, str(scratch), *map(str, paths.values())]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own files
    return {path: _page(copy.with_suffix(".pdf")) for path, copy in paths.items()}


def _page(pdf: Path) -> Image:
    target = pdf.with_suffix("")
    command = ["pdftoppm", "-r", str(DOTS), "-singlefile", str(pdf), str(target)]
    subprocess.run(command, check=True)  # noqa: S603 - our own files
    return read_ppm(pdf.with_suffix(".ppm"))


def _labels(folder: Path, texts: Iterable[str]) -> dict[str, Path]:
    """Make a file for each label: its words, or the arrow."""
    folder.mkdir()
    files = {}
    for number, text in enumerate(sorted(texts)):
        size = 40 if text == ARROW else 20
        look = f'<w:rPr><w:b/><w:color w:val="{INK}"/><w:sz w:val="{size}"/></w:rPr>'
        body = f"<w:p><w:r>{look}<w:t>{escape(text)}</w:t></w:r></w:p>"
        files[text] = folder / f"label{number}.docx"
        files[text].write_bytes(docx(body, Page(12)))
    return files


def composed(pages: Sequence[Image], labels: Sequence[Image], arrow: Image) -> Image:
    """Return the template, an arrow, and the letters, in one size."""
    boxes = [page.ink() for page in pages]
    edge = min(box[0] for box in boxes), max(box[2] for box in boxes)
    cut = [p.cut(edge[0], box[1], edge[1], box[3]) for p, box in zip(pages, boxes, strict=True)]
    sheets = [sheet_of_paper(image) for image in cut]
    names = [label.cropped().grown(label.cropped().width, 22) for label in labels]
    panels = [above(*both) for both in zip(names, sheets, strict=True)]
    middle = arrow.cropped().padded(12, 22 + cut[0].height // 2, 12, 0)
    between = [middle, *[Image((WHITE * 14,))] * len(panels)]
    row = [piece for both in zip(panels, between, strict=False) for piece in both][:-1]
    return beside(row)


def make(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of these names, each with its bytes."""
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        files = {name: campaign(scratch / name, SCENES[name]) for name in names}
        texts = {"The template", ARROW, *(t for name in names for t in SCENES[name].labels)}
        labels = _labels(scratch / "labels", texts)
        all_files = [*labels.values(), *(path for paths in files.values() for path in paths)]
        images = rendered(all_files, scratch)
        for name in names:
            words = ("The template", *SCENES[name].labels)
            pages = [images[path] for path in files[name]]
            yield (
                name,
                png(composed(pages, [images[labels[w]] for w in words], images[labels[ARROW]])),
            )


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for each, data in make(sys.argv[1:] or list(SCENES)):
        (PICTURES / f"{each}.png").write_bytes(data)
        print(f"{each}.png: {len(data):,} bytes")
