"""What kind of file bytes are, whatever its ending says, and the words for a kind that is refused.

The ending is what people change; Word and Excel go by what is inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from merge.model import (
    Advice,
    DataError,
    Fault,
    Run,
    StorageError,
    TemplateError,
    UsageError,
)
from merge.ooxml import MAIN, SPREADSHEETS, STRICT
from merge.ooxml.container import Archive, RefusalCodes, Wording


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


# The words for a workbook and for a template: what the file is instead, and what to do.


_NAMES = {
    FileKind.TEXT: "a text file",
    FileKind.CSV: "a text file with separators (CSV)",
    FileKind.RTF: "a rich text file (RTF)",
    FileKind.PDF: "a PDF",
    FileKind.HTML: "a web page",
    FileKind.XML: "an XML file",
    FileKind.DOC: "an old Word document (.doc)",
    FileKind.XLS: "an old workbook (.xls)",
    FileKind.PPT: "an old presentation (.ppt)",
    FileKind.DOCX: "a Word document",
    FileKind.STRICT: "a Word document",
    FileKind.DOTX: "a Word template file (.dotx)",
    FileKind.DOCM: "a Word document with macros (.docm)",
    FileKind.DOTM: "a Word template file with macros (.dotm)",
    FileKind.UNTYPED: "a Word document",
    FileKind.XLSX: "an Excel workbook",
    FileKind.XLSB: "a binary workbook (.xlsb)",
    FileKind.PPTX: "a presentation",
    FileKind.ODT: "a LibreOffice document (OpenDocument, .odt)",
    FileKind.ODS: "a LibreOffice workbook (OpenDocument, .ods)",
    FileKind.ODF: "a LibreOffice (OpenDocument) file",
    FileKind.ZIP: "a zip file",
}
_CLOUD = "If it lies in a cloud folder, wait until it is downloaded, or take a copy."


def _others(
    own: FileKind, code: str, noun: str, choose: str, opened: Mapping[FileKind, str]
) -> dict[str, Fault]:
    """Return the words for every kind but the own; `opened` has the remedy for some."""
    return {
        kind: Fault(code, f"this is {name}, no {noun}.", opened.get(kind, choose))
        for kind, name in _NAMES.items()
        if kind is not own
    }


_XLSX = "Open it in Excel and save it as an Excel workbook (.xlsx)."
_XLSX_AGAIN = "Open it in Excel, save it again and close it."
_XLS = Fault("workbook-xls", "this is a workbook of the old kind (.xls).", _XLSX)
_ODS = Fault("workbook-ods", "this is a LibreOffice (OpenDocument) file.", _XLSX)
_NOT_EXCEL: dict[str, Fault] = {
    **_others(
        FileKind.XLSX,
        "workbook-not-excel",
        "workbook",
        "Choose the Excel workbook (.xlsx).",
        dict.fromkeys((FileKind.TEXT, FileKind.HTML, FileKind.XML), _XLSX),
    ),
    FileKind.EMPTY: Fault("workbook-empty", "the file is empty.", _CLOUD),
    FileKind.ENCRYPTED: Fault(
        "workbook-protected",
        "the workbook is locked with a password.",
        "Open it in Excel and take the password away: File, Info, Protect Workbook.",
    ),
    FileKind.XLS: _XLS,
    FileKind.XLSB: Fault("workbook-xlsb", "this is a binary workbook (.xlsb).", _XLSX),
    FileKind.ODS: _ODS,
    FileKind.ODF: _ODS,
    FileKind.CSV: Fault(
        "workbook-csv",
        "this is a text file with separators (CSV), no workbook.",
        _XLSX,
    ),
    FileKind.IWORK: Fault(
        "workbook-not-excel",
        "this is a file of Apple's Numbers or Pages.",
        "Open it in Numbers and choose File, Export To, Excel.",
    ),
    FileKind.BINARY: Fault(
        "workbook-not-excel", "this is no Excel workbook, or it is damaged.", _XLSX
    ),
    FileKind.OLE: Fault(
        "workbook-unreadable",
        "the workbook is damaged (it is an old Office file without a workbook).",
        _XLSX_AGAIN,
    ),
}

EXCEL = Wording(
    codes=RefusalCodes(
        missing="workbook-missing",
        folder="workbook-folder",
        locked="workbook-locked",
        unreadable="workbook-unreadable",
        protected="workbook-protected",
        too_large="workbook-too-large",
        odd="workbook-odd",
    ),
    program="Excel",
    noun="workbook",
    folder_text="this is a folder, not an Excel workbook.",
    save_as=_XLSX,
    save_again=_XLSX_AGAIN,
    shrink_hint="Copy the cells that you need into a new workbook.",
    refusals=_NOT_EXCEL,
    endings=(".xlsx", ".xlsm"),
    convertible=(".xls", ".xlsb", ".ods", ".csv", ".numbers"),
    error=DataError,
    missing=UsageError,
    locked=StorageError,
    begin=Advice("To begin a new campaign: ", Run("new"), "."),
    ignores_rest=True,
)

_DOCX = "Open it in Word and save it as a Word document (.docx)."
_DOCX_AGAIN = "Open it in Word, save it again and close it."
_NOT_STRICT = (
    "Open it in Word and choose File, Save As, Word Document (.docx), not Strict Open XML Document."
)
_NO_MACROS = _DOCX.removesuffix(".") + ", which leaves the macros out."
_ODT = Fault("template-odt", "this is a LibreOffice (OpenDocument) file.", _DOCX)
_NOT_WORD: dict[str, Fault] = {
    **_others(
        FileKind.DOCX,
        "template-not-word",
        "Word document",
        "Choose the Word document (.docx).",
        dict.fromkeys(
            (FileKind.TEXT, FileKind.CSV, FileKind.RTF, FileKind.HTML, FileKind.XML), _DOCX
        ),
    ),
    FileKind.EMPTY: Fault("template-empty", "the file is empty.", _CLOUD),
    FileKind.ENCRYPTED: Fault(
        "template-protected",
        "the template is locked with a password.",
        "Open it in Word and take the password away: File, Info, Protect Document.",
    ),
    FileKind.DOC: Fault("template-doc", "this is a Word document of the old kind (.doc).", _DOCX),
    FileKind.ODT: _ODT,
    FileKind.ODF: _ODT,
    FileKind.STRICT: Fault(
        "template-strict",
        "this is a Word document of the kind Strict Open XML.",
        _NOT_STRICT,
    ),
    FileKind.DOTX: Fault(
        "template-not-word", "this is a Word template file (.dotx), no Word document.", _DOCX
    ),
    FileKind.DOCM: Fault(
        "template-not-word", "this is a Word document with macros (.docm).", _NO_MACROS
    ),
    FileKind.DOTM: Fault(
        "template-not-word", "this is a Word template file with macros (.dotm).", _NO_MACROS
    ),
    FileKind.UNTYPED: Fault(
        "template-unreadable",
        "the template is damaged (it does not say that it is a Word document).",
        _DOCX_AGAIN,
    ),
    FileKind.IWORK: Fault(
        "template-not-word",
        "this is a file of Apple's Pages or Numbers.",
        "Open it in Pages and choose File, Export To, Word.",
    ),
    FileKind.BINARY: Fault(
        "template-not-word", "this is no Word document, or it is damaged.", _DOCX
    ),
    FileKind.OLE: Fault(
        "template-unreadable",
        "the template is damaged (it is an old Office file without a document).",
        _DOCX_AGAIN,
    ),
}

WORD = Wording(
    codes=RefusalCodes(
        missing="template-missing",
        folder="template-folder",
        locked="template-locked",
        unreadable="template-unreadable",
        protected="template-protected",
        too_large="template-too-large",
        odd="template-odd",
    ),
    program="Word",
    noun="template",
    folder_text="this is a folder, not a Word document.",
    save_as=_DOCX,
    save_again=_DOCX_AGAIN,
    shrink_hint="Make its pictures smaller in Word: Picture Format, Compress Pictures.",
    shorten_hint="Its text is too long for a letter: shorten it in Word, or divide it.",
    refusals=_NOT_WORD,
    endings=(".docx",),
    convertible=(".docm", ".dotx", ".dotm", ".doc", ".odt", ".rtf", ".pages"),
    error=TemplateError,
    missing=TemplateError,
    locked=TemplateError,
)
"""For letters."""

TEMPLATE = replace(
    WORD,
    refusals={
        kind: fault for kind, fault in _NOT_WORD.items() if kind not in TEMPLATE_TYPES.values()
    },
    endings=(".docx", ".dotx", ".docm", ".dotm"),
    convertible=(".doc", ".dot", ".odt", ".ott", ".rtf", ".pages"),
)
"""For templates: Word's own template files too, and what has macros, which letters leave out."""

_EITHER = "Choose the Excel workbook (.xlsx) or the Word document (.docx)."
_TO_EXCEL = {FileKind.CSV, FileKind.XLS, FileKind.XLSB, FileKind.ODS}
_TO_WORD = {FileKind.DOC, FileKind.ODT, FileKind.RTF, FileKind.STRICT, FileKind.UNTYPED}
_UNPACK = "Unpack it first, then choose the file that was in it."
NEITHER: Mapping[str, Fault] = {
    **_others(
        FileKind.XLSX,
        "file-unknown",
        "workbook or template",
        _EITHER,
        {FileKind.ZIP: _UNPACK},
    ),
    FileKind.EMPTY: Fault("file-unknown", "the file is empty.", _CLOUD),
    FileKind.ENCRYPTED: Fault(
        "file-unknown",
        "the file is locked with a password.",
        "Open it in Word or Excel and take the password away: File, Info.",
    ),
    FileKind.BINARY: Fault(
        "file-unknown", "this is no workbook and no template, or it is damaged.", _EITHER
    ),
    FileKind.OLE: Fault("file-unknown", "this is an old Office file without a document.", _EITHER),
    FileKind.ODF: Fault("file-unknown", "this is a LibreOffice (OpenDocument) file.", _EITHER),
    FileKind.IWORK: Fault(
        "file-unknown",
        "this is a file of Apple's Numbers or Pages.",
        "Open it there and choose File, Export To, Excel or Word.",
    ),
    **{kind: _NOT_EXCEL[kind] for kind in sorted(_TO_EXCEL)},
    **{kind: _NOT_WORD[kind] for kind in sorted(_TO_WORD)},
}
"""The words for a file that may be either and is neither."""

_EXPORT_NOUN = "export of a form"
_SAVED_AGAIN = "Open it in the program that made it and save it as an Excel workbook (.xlsx)."
_READABLE = {FileKind.TEXT, FileKind.CSV, FileKind.XLSX, FileKind.ODS, FileKind.ZIP}
_NOT_AN_EXPORT: dict[str, Fault] = {
    **_others(
        FileKind.XLSX,
        "form-other-file",
        _EXPORT_NOUN,
        "Choose the file with the answers: CSV, Excel (.xlsx) or LibreOffice (.ods).",
        {FileKind.XML: _XLSX},
    ),
    FileKind.EMPTY: Fault("form-empty", "the file is empty.", _CLOUD),
    FileKind.HTML: Fault(
        "form-web-page",
        "this is a web page, not the answers.",
        "Sign in, and download again. If Excel shows it as a table, save it there as .xlsx.",
    ),
    FileKind.ENCRYPTED: Fault(
        "form-protected",
        "the file is locked with a password.",
        "Open it in Excel and take the password away: File, Info, Protect Workbook.",
    ),
    FileKind.XLS: Fault("form-xls", _XLS.what, _XLSX),
    FileKind.XLSB: Fault("form-xls", "this is a binary workbook (.xlsb).", _XLSX),
    FileKind.IWORK: Fault(
        "form-other-file",
        "this is a file of Apple's Numbers or Pages.",
        "Open it in Numbers and choose File, Export To, CSV or Excel.",
    ),
    FileKind.ODF: Fault("form-other-file", "this is a LibreOffice file without sheets.", _XLSX),
    FileKind.BINARY: Fault(
        "form-other-file", f"this is no {_EXPORT_NOUN}, or it is damaged.", _SAVED_AGAIN
    ),
    FileKind.OLE: Fault(
        "form-unreadable", "this is an old Office file without a workbook.", _SAVED_AGAIN
    ),
}

EXPORT = Wording(
    codes=RefusalCodes(
        missing="form-missing",
        folder="form-folder",
        locked="form-locked",
        unreadable="form-unreadable",
        protected="form-protected",
        too_large="form-too-large",
        odd="form-odd",
    ),
    program="Excel",
    noun="file",
    folder_text="this is a folder, not the export of a form.",
    save_as=_SAVED_AGAIN,
    save_again="Download it again, or open it in the program that made it and save it again.",
    shrink_hint="Download a part of the answers, or delete what is not needed and save it.",
    refusals={kind: fault for kind, fault in _NOT_AN_EXPORT.items() if kind not in _READABLE},
    endings=(".csv", ".xlsx", ".ods", ".txt", ".tsv", ".zip"),
    convertible=(".xls", ".xlsb", ".numbers"),
    error=DataError,
    missing=UsageError,
    locked=StorageError,
    ignores_rest=True,
)
"""For a form's answers: text with separators, .xlsx, .ods, or a zip with one of these."""
