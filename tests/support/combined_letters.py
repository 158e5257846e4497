"""Combine letters in one line, and inspect the combined file."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, product
from pathlib import Path

from docx import Document
from docx.document import Document as Docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from lxml import etree

from merge.letter_status import PrintableLetter
from merge.ooxml.package_builder import SourceFile
from merge.people import Pair, Person, SheetKind
from merge.printing.batches import PagedLetter
from merge.printing.combine.letter import CombinedFile, combine_letters
from merge.values import WorkbookValue
from support import campaigns
from support.documents import MAIN, OFFICE, WORD, docx, zipped
from support.filled_letters import W, members, root
from support.office_programs import resave
from support.paragraph_looks import ParagraphLook, looks

_FACES = ("Arial", "Arial")
_COMPATIBLE = "<w:compat>{}</w:compat>".format(
    "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word"'
        f' w:val="{value}"/>'
        for name, value in (
            ("compatibilityMode", 15),
            ("overrideTableStyleFontSizeAndJustification", 1),
        )
    )
)
"""The settings of Word 2013 and later."""

RELATIONS = "word/_rels/document.xml.rels"
STYLES, NUMBERING, SETTINGS = (f"word/{n}.xml" for n in ("styles", "numbering", "settings"))


def combine_all(*letters: bytes, front: bool = False, pages: Sequence[int] = ()) -> CombinedFile:
    """Return letters in one file; the base is the first one.

    The names of the letters are a, b, c…
    """
    counts = [*pages, *[0] * len(letters)]
    pieces = [SourceFile(chr(97 + n), data, front, counts[n]) for n, data in enumerate(letters)]
    return combine_letters(pieces, pieces[0], "All of them")


def combined_appearance(*letters: bytes) -> list[ParagraphLook]:
    """Return the format of letters in one file."""
    return looks(combine_all(*letters).data)


def separate_appearance(*letters: bytes) -> list[ParagraphLook]:
    """Return the format of letters by themselves.

    The space below the last paragraph is removed, because it does not show.
    """
    *before, last = map(looks, letters)
    for shown in before:
        below = {**shown[-1].look["spacing"], "after": "0", "afterAutospacing": "0"}
        shown[-1] = replace(shown[-1], look={**shown[-1].look, "spacing": below})
    return [*chain(*before), *last]


def formatted_letter(
    body: str, styles: str = "", lists: str = "", faces: tuple[str, str] = _FACES
) -> bytes:
    """Return a letter with content of its styles and lists, and theme fonts."""
    files = dict(members(docx(body)))
    files[STYLES], files[SETTINGS] = _part("styles", styles), _part("settings", _COMPATIBLE)
    for kind, face in zip(("major", "minor"), faces, strict=True):
        old, new = (f'<a:{kind}Font><a:latin typeface="{f}"'.encode() for f in ("Arial", face))
        assert old in files["word/theme.xml"]
        files["word/theme.xml"] = files["word/theme.xml"].replace(old, new)
    letter = zipped(files)
    return with_part(letter, "numbering", _part("numbering", lists)) if lists else letter


def with_part(data: bytes, kind: str, part: bytes) -> bytes:
    """Return a letter with one more part of a kind."""
    files = dict(members(data))
    link = f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{kind}.xml"/></Relationships>'
    content_type = (
        f'<Override PartName="/word/{kind}.xml" ContentType="{WORD}.{kind}+xml"/></Types>'
    )
    types = "[Content_Types].xml"
    files[RELATIONS] = files[RELATIONS].replace(b"</Relationships>", link.encode())
    files[types] = files[types].replace(b"</Types>", content_type.encode())
    return zipped({**files, f"word/{kind}.xml": part})


def _part(root: str, inner: str) -> bytes:
    w14 = "http://schemas.microsoft.com/office/word/2010/wordml"
    spaces = f'xmlns:w="{MAIN}" xmlns:w14="{w14}"'
    return f"<w:{root} {spaces}>{inner}</w:{root}>".encode()


def document_defaults(text: str = "", paragraph: str = "") -> str:
    """Return document defaults for the styles of a letter."""
    return (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{text}</w:rPr></w:rPrDefault>"
        f"<w:pPrDefault><w:pPr>{paragraph}</w:pPr></w:pPrDefault></w:docDefaults>"
    )


def style_of(
    name: str, text: str = "", paragraph: str = "", kind: str = "paragraph", more: str = ""
) -> str:
    """Return a style; one that is called Normal is the default one.

    `more` is inserted before its properties.
    """
    default = ' w:default="1"' if "Normal" in name else ""
    return (
        f'<w:style w:type="{kind}"{default} w:styleId="{name}"><w:name w:val="{name}"/>{more}'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{text}</w:rPr></w:style>"
    )


def warning_codes(combined: CombinedFile) -> list[str]:
    """Return each letter's name with the code of its warning."""
    return [f"{problem.place} {problem.code}" for problem in combined.problems]


def docx_bytes(document: Docx) -> bytes:
    """Return a python-docx document's bytes."""
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def open_docx(data: bytes) -> Docx:
    """Return a file, opened by python-docx."""
    return Document(io.BytesIO(data))


def edit_docx(data: bytes, change: Callable[[Docx], object]) -> bytes:
    """Return a letter with a change."""
    document = open_docx(data)
    change(document)
    return docx_bytes(document)


def replace_in_part(data: bytes, part: str, old: str, new: str) -> bytes:
    """Return a letter with a replacement in the XML of one part.

    The part must contain the old text.
    """
    files = members(data)
    assert old.encode() in files[part]
    return zipped({**files, part: files[part].replace(old.encode(), new.encode())})


def sections(data: bytes) -> list[etree._Element]:
    """Return the properties of the sections, in their order."""
    return list(root(data).iter(f"{W}sectPr"))


def attribute_of(element: etree._Element, path: str, attribute: str = "val") -> str | None:
    """Return an attribute inside an element; None if it does not exist."""
    child = element.find("/".join(f"{W}{name}" for name in path.split("/")))
    return None if child is None else child.get(f"{W}{attribute}")


def headers(data: bytes, section: int, kind: str = "header") -> dict[str, str]:
    """Return the text of a section's own headers or footers, by page type."""
    targets = {str(e.get("Id")): str(e.get("Target")) for e in root(data, RELATIONS)}
    text_by_page = {}
    for reference in sections(data)[section].iter(f"{W}{kind}Reference"):
        part = root(data, f"word/{targets[str(reference.get(f'{{{OFFICE}}}id'))]}")
        text_by_page[str(reference.get(f"{W}type"))] = "".join(map(str, part.itertext()))
    return text_by_page


def parts(data: bytes, start: str) -> list[str]:
    """Return the parts whose names begin so."""
    return [name for name in members(data) if name.startswith(start)]


def style(data: bytes, words: str) -> etree._Element:
    """Return the style of the paragraph with these words."""
    paragraphs = (p for p in root(data).iter(f"{W}p") if "".join(map(str, p.itertext())) == words)
    name = attribute_of(next(paragraphs), "pPr/pStyle")
    styles = list(root(data, STYLES).iter(f"{W}style"))
    chosen = (e for e in styles if e.get(f"{W}styleId") == name)
    default_styles = (
        e for e in styles if e.get(f"{W}default") == "1" and e.get(f"{W}type") == "paragraph"
    )
    return next(chosen if name else default_styles)


def add_field(paragraph: Paragraph, code: str, result: str) -> None:
    """Add a field at the end of a paragraph, as Word writes it."""
    for kind in ("begin", "code", "separate", "result", "end"):
        run = paragraph.add_run(result if kind == "result" else "")
        mark: etree._Element = OxmlElement("w:instrText" if kind == "code" else "w:fldChar")
        if kind == "code":
            mark.text = f" {code} "
        else:
            mark.set(qn("w:fldCharType"), kind)
        if kind != "result":
            run.element.append(mark)  # type: ignore[arg-type] # lxml's own method


def picture(shade: int = 120) -> io.BytesIO:
    """Return a small PNG."""
    line = b"".join(bytes((4 * x, 2 * x, shade)) for x in range(60))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 60, 40, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress((b"\0" + line) * 40)),
        (b"IEND", b""),
    )
    packed = (
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks
    )
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(packed))


def shipped_letters(target: Path) -> list[bytes]:
    """Create the letters of the shipped campaign, signer by signer."""
    shutil.copytree(campaigns.ROOT / "templates", target / "templates")
    shutil.copy(campaigns.ROOT / "signers.xlsx", target)
    assert campaigns.merge("letters", target).code == 0
    return [p.read_bytes() for p in campaigns.letters(target).values() if p.suffix == ".docx"]


def resave_letter(letter: bytes, target: Path) -> bytes:
    """Return a letter as LibreOffice saves it."""
    target.mkdir()
    (target / "letter.docx").write_bytes(letter)
    resave([target / "letter.docx"], target / "saved")
    return (target / "letter.docx").read_bytes()


def pictures(pdf: Path) -> list[bytes]:
    """Return the pages of a PDF as pictures."""
    subprocess.run(["pdftoppm", "-r", "60", str(pdf), str(pdf.with_suffix(""))], check=True)
    return [page.read_bytes() for page in sorted(pdf.parent.glob(f"{pdf.stem}-*.ppm"))]


Row = Mapping[str, str | WorkbookValue]


def person(kind: SheetKind, row: int, cells: str | Row) -> Person:
    """Return a person in a row of the workbook.

    `cells` is only a name, or has cells by their tags.
    """
    fields = {"name": cells} if isinstance(cells, str) else cells
    values = {
        tag: v if isinstance(v, WorkbookValue) else WorkbookValue(v) for tag, v in fields.items()
    }
    return Person(kind, f"name:{row}", row, values)


def letters(
    signers: Sequence[str | Row],
    recipients: Sequence[str | Row] = ("Minister Li",),
    pages: int = 1,
) -> list[PagedLetter]:
    """Return a letter of each signer to each recipient."""
    signer_people = [person("signer", row, cells) for row, cells in enumerate(signers, 2)]
    recipient_people = [person("recipient", row, cells) for row, cells in enumerate(recipients, 2)]
    pairs = [Pair(*pair) for pair in product(signer_people, recipient_people)]
    return [
        PagedLetter(PrintableLetter(f"{n}", pair, Path(f"{n}.docx")), pages)
        for n, pair in enumerate(pairs)
    ]
