"""What kind of file bytes are, whatever its ending says, and the message if it is refused.

The ending is what people change; Word and Excel go by what is inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from typing import NamedTuple

from merge import messages
from merge.errors import DataError, FaultError, StorageError, TemplateError, UsageError
from merge.messages.message import catalogue
from merge.ooxml import MAIN, SPREADSHEETS, STRICT
from merge.ooxml.container import Archive, Wording


class FileKind(StrEnum):
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
"""How far from the file's end a zip may say where its directory is (APPNOTE 4.3.16)."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of Office's compound file ([MS-CFB] 2.2): old formats, and encrypted new ones."""

_STREAMS = {
    "EncryptedPackage": FileKind.ENCRYPTED,
    "WordDocument": FileKind.DOC,
    "PowerPoint Document": FileKind.PPT,
    "Workbook": FileKind.XLS,
    "Book": FileKind.XLS,
}
"""[MS-OFFCRYPTO] 2.3.4.4, [MS-DOC] 2.1.1, [MS-PPT] 2.1.2, [MS-XLS] 2.1.2."""

_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": FileKind.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": FileKind.ODS,
}

DOCUMENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
"""The content type of a .docx's main part (ECMA-376 part 1, 11.3.10)."""
TEMPLATE_TYPES = {
    DOCUMENT_TYPE.replace("document.main", "template.main"): FileKind.DOTX,
    "application/vnd.ms-word.document.macroenabled.main+xml": FileKind.DOCM,
    "application/vnd.ms-word.template.macroenabledtemplate.main+xml": FileKind.DOTM,
}
"""Those of Word's other kinds, in small letters ([MS-OFFMACRO2] 2.2.1.1 for the last two)."""
_ROOT = f"{MAIN} document"

_MAIN_PARTS = {
    "xl/workbook.bin": FileKind.XLSB,
    "word/document.xml": FileKind.UNTYPED,
    "ppt/presentation.xml": FileKind.PPTX,
    "xl/workbook.xml": FileKind.XLSX,
}
"""By their usual names."""


def kind_of(data: bytes) -> FileKind:
    """Return the kind that the first bytes show; ZIP where the zip's parts must say."""
    if not data:
        return FileKind.EMPTY
    if data.startswith(_ZIP):
        return FileKind.ZIP
    if data.startswith(_OLE):  # the names in its directory are UTF-16
        found = (kind for name, kind in _STREAMS.items() if name.encode("utf-16-le") in data)
        return next(found, FileKind.OLE)
    if signed := _kind_by_signature(data):
        return signed
    return FileKind.ZIP if _ZIP_END in data[-_MOST_BEHIND:] else _kind_of_text(data)


def _kind_by_signature(data: bytes) -> FileKind | None:
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    small = head.lower()
    if head.startswith(b"{\\rtf"):
        return FileKind.RTF
    if head.startswith(b"%PDF"):
        return FileKind.PDF
    if b"<html" in small or b"<table" in small:
        return FileKind.HTML
    return FileKind.XML if head.startswith(b"<?xml") else None


def _kind_of_text(data: bytes) -> FileKind:
    head = data[:4096]
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FileKind.BINARY
    first = head.splitlines()[0]
    return FileKind.CSV if any(mark in first for mark in (b",", b";", b"\t")) else FileKind.TEXT


def kind_by_mark(archive: Archive) -> FileKind | None:
    """Return the kind of a zip that is marked as another program's; None for all others."""
    if "mimetype" in archive:
        return _MIMETYPES.get(archive.read("mimetype").strip(), FileKind.ODF)
    if "content.xml" in archive and "[Content_Types].xml" not in archive:
        return _kind_by_manifest(archive)
    return FileKind.IWORK if "Index/Document.iwa" in archive else None


def _kind_by_manifest(archive: Archive) -> FileKind | None:
    """Return the kind of an OpenDocument file without a mimetype; LibreOffice opens it as well."""
    manifest = "META-INF/manifest.xml"
    said = archive.read(manifest) if manifest in archive else b""
    found = (kind for name, kind in _MIMETYPES.items() if b'"%s"' % name in said)
    return next(found, None)


@dataclass(frozen=True, slots=True)
class MainPart:
    """The part that all others hang from.

    `link` is the relationship's type, `content_type` is in small letters, `root` is the first
    element as "namespace name", empty where the XML is broken before it.
    """

    link: str
    content_type: str
    root: str


_BOOKS = {f"{namespace} workbook" for namespace in SPREADSHEETS}


def kind_by_main_part(archive: Archive, main: MainPart | None) -> FileKind:
    """Return the kind of a package; ZIP where it is no office program's."""
    if main and ("wordprocessingml" in main.content_type or "ms-word" in main.content_type):
        return _word(main)
    if main and main.root in _BOOKS:
        return FileKind.XLSX  # wherever its parts lie: relationships say, not names
    return next((kind for name, kind in _MAIN_PARTS.items() if name in archive), FileKind.ZIP)


def _word(main: MainPart) -> FileKind:
    """Word opens a file by its type: with another one it is damaged to it, whatever is inside."""
    if main.link.startswith(STRICT) or main.root.startswith(STRICT):
        return FileKind.STRICT
    # A root that is not there is for whoever reads the part, and reports it with its place.
    kinds = {DOCUMENT_TYPE: FileKind.DOCX, **TEMPLATE_TYPES} if main.root in {_ROOT, ""} else {}
    return kinds.get(main.content_type, FileKind.UNTYPED)


# Which message says that a file is of another kind than the one that is needed.


class _Refusals(NamedTuple):
    """What a kind of file is called, and the messages about it if another kind is needed.

    They are keys of the catalogue, empty if the kind is read. `added` is for a file that may be a
    workbook or a template.
    """

    name: str = ""
    workbook: str = "workbook-not-excel"
    letter: str = "template-not-word"
    added: str = "file-unknown"
    export: str = "form-other-file"


_WORKBOOK, _WORD = "workbook-not-excel/convertible", "template-not-word/convertible"
_MACROS, _UNTYPED = "template-not-word/macros", "template-unreadable/untyped"
_REFUSALS: Mapping[FileKind, _Refusals] = {
    FileKind.EMPTY: _Refusals(
        workbook="workbook-empty",
        letter="template-empty",
        added="file-unknown/empty",
        export="form-empty/file",
    ),
    FileKind.TEXT: _Refusals("a text file", _WORKBOOK, _WORD, export=""),
    FileKind.CSV: _Refusals(
        "a text file with separators (CSV)",
        workbook="workbook-csv",
        letter=_WORD,
        added="workbook-csv",
        export="",
    ),
    FileKind.RTF: _Refusals("a rich text file (RTF)", letter=_WORD, added=_WORD),
    FileKind.PDF: _Refusals("a PDF"),
    FileKind.HTML: _Refusals("a web page", _WORKBOOK, _WORD, export="form-web-page"),
    FileKind.XML: _Refusals("an XML file", _WORKBOOK, _WORD, export="form-other-file/convertible"),
    FileKind.BINARY: _Refusals(
        workbook="workbook-not-excel/binary",
        letter="template-not-word/binary",
        added="file-unknown/binary",
        export="form-other-file/binary",
    ),
    FileKind.ENCRYPTED: _Refusals(
        workbook="workbook-protected",
        letter="template-protected",
        added="file-unknown/protected",
        export="form-protected",
    ),
    FileKind.DOC: _Refusals(
        "an older Word document (.doc)", letter="template-doc", added="template-doc"
    ),
    FileKind.XLS: _Refusals(
        "an older Excel workbook (.xls)",
        workbook="workbook-xls",
        added="workbook-xls",
        export="form-xls",
    ),
    FileKind.PPT: _Refusals("an older presentation (.ppt)"),
    FileKind.OLE: _Refusals(
        workbook="workbook-unreadable/old",
        letter="template-unreadable/old",
        added="file-unknown/old",
        export="form-unreadable/old",
    ),
    FileKind.DOCX: _Refusals("a Word document", letter="", added=""),
    FileKind.STRICT: _Refusals(
        "a Word document", letter="template-strict", added="template-strict"
    ),
    FileKind.DOTX: _Refusals("a Word template (.dotx)", letter=_WORD, added=""),
    FileKind.DOCM: _Refusals("a Word document with macros (.docm)", letter=_MACROS, added=""),
    FileKind.DOTM: _Refusals("a Word template with macros (.dotm)", letter=_MACROS, added=""),
    FileKind.UNTYPED: _Refusals("a Word document", letter=_UNTYPED, added=_UNTYPED),
    FileKind.XLSX: _Refusals("an Excel workbook", workbook="", added="", export=""),
    FileKind.XLSB: _Refusals(
        "an Excel binary workbook (.xlsb)",
        workbook="workbook-xlsb",
        added="workbook-xlsb",
        export="form-xls/binary",
    ),
    FileKind.PPTX: _Refusals("a presentation"),
    FileKind.ODT: _Refusals(
        "a LibreOffice document (.odt)", letter="template-odt", added="template-odt"
    ),
    FileKind.ODS: _Refusals(
        "a LibreOffice spreadsheet (.ods)", "workbook-ods", added="workbook-ods", export=""
    ),
    FileKind.ODF: _Refusals(
        "a LibreOffice file", "workbook-ods", "template-odt", export="form-other-file/no-sheets"
    ),
    FileKind.IWORK: _Refusals(
        workbook="workbook-not-excel/apple",
        letter="template-not-word/apple",
        added="file-unknown/apple",
        export="form-other-file/apple",
    ),
    FileKind.ZIP: _Refusals("a zip file", added="file-unknown/zip", export=""),
}


def refused(kind: FileKind, wording: Wording) -> FaultError:
    """Return the error of a file of a kind that is not read."""
    return _refused(kind, wording.refusals[kind], wording)


def refused_as_added(kind: FileKind) -> FaultError:
    """Return the error of a file that is neither a workbook nor a template."""
    return _refused(kind, _REFUSALS[kind].added, EXCEL)


def _refused(kind: FileKind, key: str, wording: Wording) -> FaultError:
    values = dict.fromkeys(catalogue()[key].fields, _REFUSALS[kind].name)
    return FaultError(messages.fault(key, **values), wording.error)


EXCEL = Wording(
    codes="workbook",
    missing_key="workbook-missing",
    program="Excel",
    refusals={kind: own.workbook for kind, own in _REFUSALS.items() if own.workbook},
    endings=(".xlsx", ".xlsm"),
    convertible=(".xls", ".xlsb", ".ods", ".csv", ".numbers"),
    error=DataError,
    missing=UsageError,
    locked=StorageError,
    ignores_rest=True,
)

WORD = Wording(
    codes="template",
    missing_key="template-missing/file",
    program="Word",
    refusals={kind: own.letter for kind, own in _REFUSALS.items() if own.letter},
    endings=(".docx",),
    convertible=(".docm", ".dotx", ".dotm", ".doc", ".odt", ".rtf", ".pages"),
    error=TemplateError,
    missing=TemplateError,
    locked=TemplateError,
    has_long_text=True,
)
"""For letters."""

TEMPLATE = replace(
    WORD,
    refusals={
        kind: key for kind, key in WORD.refusals.items() if kind not in TEMPLATE_TYPES.values()
    },
    endings=(".docx", ".dotx", ".docm", ".dotm"),
    convertible=(".doc", ".dot", ".odt", ".ott", ".rtf", ".pages"),
)
"""For templates: Word's own template files too, and what has macros, which letters leave out."""

EXPORT = Wording(
    codes="form",
    missing_key="form-missing",
    program="Excel",
    refusals={kind: own.export for kind, own in _REFUSALS.items() if own.export},
    endings=(".csv", ".xlsx", ".ods", ".txt", ".tsv", ".zip"),
    convertible=(".xls", ".xlsb", ".numbers"),
    error=DataError,
    missing=UsageError,
    locked=StorageError,
    ignores_rest=True,
)
"""For form responses: text with separators, .xlsx, .ods, or a zip with one of these."""
