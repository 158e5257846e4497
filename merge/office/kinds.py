"""What kind of file it is, whatever its ending says: the ending is what people change."""

from __future__ import annotations

from enum import StrEnum, auto

from merge.office.archive import Archive
from merge.office.contents import MainPart, main_part
from merge.office.refused import Wording


class Kind(StrEnum):
    """A kind of file that people take for a workbook or a template."""

    EMPTY = auto()
    TEXT = auto()
    CSV = auto()
    RTF = auto()
    PDF = auto()
    HTML = auto()
    XML = auto()
    BINARY = auto()
    """None of the others."""
    ENCRYPTED = auto()
    DOC = auto()
    XLS = auto()
    PPT = auto()
    OLE = auto()
    """Office's compound file, but none of the four before."""
    DOCX = auto()
    STRICT = auto()
    """A .docx in Strict Open XML."""
    DOTX = auto()
    DOCM = auto()
    DOTM = auto()
    UNTYPED = auto()
    """A .docx that does not say so where Word looks for it."""
    XLSX = auto()
    """With and without macros, Strict too."""
    XLSB = auto()
    PPTX = auto()
    ODT = auto()
    ODS = auto()
    ODF = auto()
    """LibreOffice's, but neither of the two before."""
    IWORK = auto()
    ZIP = auto()


_ZIP = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"
_MOST_BEHIND = 22 + 0xFFFF
"""How far from the file's end a zip may tell where its directory is (APPNOTE 4.3.16)."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of Office's compound file ([MS-CFB] 2.2): old formats, and encrypted new ones."""

_STREAMS = {
    "EncryptedPackage": Kind.ENCRYPTED,
    "WordDocument": Kind.DOC,
    "PowerPoint Document": Kind.PPT,
    "Workbook": Kind.XLS,
    "Book": Kind.XLS,
}
"""[MS-OFFCRYPTO] 2.3.4.4, [MS-DOC] 2.1.1, [MS-PPT] 2.1.2, [MS-XLS] 2.1.2."""

_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": Kind.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": Kind.ODS,
}

_PLAIN_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_ROOT = "http://schemas.openxmlformats.org/wordprocessingml/2006/main document"
_STRICT = "http://purl.oclc.org/ooxml/"

_MAIN_PARTS = {
    "xl/workbook.bin": Kind.XLSB,
    "word/document.xml": Kind.UNTYPED,
    "ppt/presentation.xml": Kind.PPTX,
    "xl/workbook.xml": Kind.XLSX,
}
"""Their usual names."""


def kind_of(data: bytes) -> Kind:
    """By the first bytes; ZIP where the zip's parts must tell."""
    if not data:
        return Kind.EMPTY
    if data.startswith(_ZIP):
        return Kind.ZIP
    if data.startswith(_OLE):
        return _ole(data)
    if signed := _signed(data):
        return signed
    return Kind.ZIP if _ZIP_END in data[-_MOST_BEHIND:] else _text(data)


def kind_of_zip(archive: Archive, wording: Wording) -> Kind:
    """By the parts; ZIP where they are no office program's."""
    if "mimetype" in archive:
        return _MIMETYPES.get(b"".join(archive.chunks("mimetype")).strip(), Kind.ODF)
    if "Index/Document.iwa" in archive:
        return Kind.IWORK
    main = main_part(archive, wording)
    if main and ("wordprocessingml" in main.content_type or "ms-word" in main.content_type):
        return _word(main)
    return next((kind for name, kind in _MAIN_PARTS.items() if name in archive), Kind.ZIP)


def _word(main: MainPart) -> Kind:
    """Word opens a file by its type: with another one it is damaged to it, whatever is inside."""
    template, macros = "template" in main.content_type, "macroenabled" in main.content_type
    if template or macros:
        return (Kind.DOTM if macros else Kind.DOTX) if template else Kind.DOCM
    if main.link.startswith(_STRICT) or main.root.startswith(_STRICT):
        return Kind.STRICT
    # A root that is not there is for whoever reads the part: it is told with its place.
    known = main.content_type == _PLAIN_WORD and main.root in {_ROOT, ""}
    return Kind.DOCX if known else Kind.UNTYPED


def _ole(data: bytes) -> Kind:
    """Told by the names in the compound file's directory, which are UTF-16."""
    found = (kind for name, kind in _STREAMS.items() if name.encode("utf-16-le") in data)
    return next(found, Kind.OLE)


def _signed(data: bytes) -> Kind | None:
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    small = head.lower()
    if head.startswith(b"{\\rtf"):
        return Kind.RTF
    if head.startswith(b"%PDF"):
        return Kind.PDF
    if b"<html" in small or b"<table" in small:
        return Kind.HTML
    return Kind.XML if head.startswith(b"<?xml") else None


def _text(data: bytes) -> Kind:
    head = data[:4096]
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Kind.BINARY
    first = head.splitlines()[0]
    return Kind.CSV if any(mark in first for mark in (b",", b";", b"\t")) else Kind.TEXT
