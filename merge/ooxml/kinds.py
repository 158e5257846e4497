"""What kind of file bytes are, whatever its ending says, and the message if it is refused.

The ending is what people change; Word and Excel go by what is inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from merge import messages
from merge.errors import DataError, FaultError, StorageError, TemplateError, UsageError
from merge.messages.message import catalogue
from merge.ooxml import SPREADSHEETML, STRICT_PREFIX, WORDPROCESSINGML
from merge.ooxml.container import Archive, FilePolicy
from merge.text.tables import table_rows


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
_MAX_END_RECORD_BYTES = 22 + 0xFFFF
"""How far from the file's end a zip may say where its directory is (APPNOTE 4.3.16)."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of Office's compound file ([MS-CFB] 2.2): old formats, and encrypted new ones."""

_KINDS_BY_STREAM = {
    "EncryptedPackage": FileKind.ENCRYPTED,
    "WordDocument": FileKind.DOC,
    "PowerPoint Document": FileKind.PPT,
    "Workbook": FileKind.XLS,
    "Book": FileKind.XLS,
}
"""[MS-OFFCRYPTO] 2.3.4.4, [MS-DOC] 2.1.1, [MS-PPT] 2.1.2, [MS-XLS] 2.1.2."""

_KINDS_BY_MIMETYPE = {
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
_DOCUMENT_ROOT = f"{WORDPROCESSINGML} document"

_KINDS_BY_MAIN_PART = {
    "xl/workbook.bin": FileKind.XLSB,
    "word/document.xml": FileKind.UNTYPED,
    "ppt/presentation.xml": FileKind.PPTX,
    "xl/workbook.xml": FileKind.XLSX,
}
"""By their usual names."""


def kind_by_first_bytes(data: bytes) -> FileKind:
    """Return the kind that the first bytes show; ZIP where the zip's parts must say."""
    if not data:
        return FileKind.EMPTY
    if data.startswith(_ZIP):
        return FileKind.ZIP
    if data.startswith(_OLE):  # the names in its directory are UTF-16
        found = (
            kind for name, kind in _KINDS_BY_STREAM.items() if name.encode("utf-16-le") in data
        )
        return next(found, FileKind.OLE)
    if signed := _kind_by_signature(data):
        return signed
    return FileKind.ZIP if _ZIP_END in data[-_MAX_END_RECORD_BYTES:] else _kind_of_text(data)


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


def kind_by_marker_part(archive: Archive) -> FileKind | None:
    """Return the kind of a zip that is marked as another program's; None for all others."""
    if "mimetype" in archive:
        return _KINDS_BY_MIMETYPE.get(archive.read("mimetype").strip(), FileKind.ODF)
    if "content.xml" in archive and "[Content_Types].xml" not in archive:
        return _kind_by_manifest(archive)
    return FileKind.IWORK if "Index/Document.iwa" in archive else None


def _kind_by_manifest(archive: Archive) -> FileKind | None:
    """Return the kind of an OpenDocument file without a mimetype; LibreOffice opens it as well."""
    manifest = "META-INF/manifest.xml"
    said = archive.read(manifest) if manifest in archive else b""
    found = (kind for name, kind in _KINDS_BY_MIMETYPE.items() if b'"%s"' % name in said)
    return next(found, None)


@dataclass(frozen=True, slots=True)
class MainPart:
    """The part that all others hang from.

    `link` is the relationship's type, `content_type` is in small letters, `root` is the first
    element as "namespace name", empty where the XML is broken before it.
    """

    relationship_kind: str
    content_type: str
    root: str


_WORKBOOK_ROOTS = {f"{namespace} workbook" for namespace in SPREADSHEETML}


def kind_by_main_part(archive: Archive, main: MainPart | None) -> FileKind:
    """Return the kind of a package; ZIP where it is no office program's."""
    if main and ("wordprocessingml" in main.content_type or "ms-word" in main.content_type):
        return _kind_of_word_file(main)
    if main and main.root in _WORKBOOK_ROOTS:
        return FileKind.XLSX  # wherever its parts lie: relationships say, not names
    return next(
        (kind for name, kind in _KINDS_BY_MAIN_PART.items() if name in archive), FileKind.ZIP
    )


def _kind_of_word_file(main: MainPart) -> FileKind:
    """Word opens a file by its type: with another one it is damaged to it, whatever is inside."""
    if main.relationship_kind.startswith(STRICT_PREFIX) or main.root.startswith(STRICT_PREFIX):
        return FileKind.STRICT
    # A root that is not there is for whoever reads the part, and reports it with its place.
    kinds = (
        {DOCUMENT_TYPE: FileKind.DOCX, **TEMPLATE_TYPES}
        if main.root in {_DOCUMENT_ROOT, ""}
        else {}
    )
    return kinds.get(main.content_type, FileKind.UNTYPED)


# Which message says that a file is of another kind than the one that is needed.


_EXPECTED_FILES = ("workbook", "letter", "template", "added", "export")
"""What may be needed; `added` is a file that may be a workbook or a template."""
_KIND_TABLE = {
    FileKind(kind): (name, dict(zip(_EXPECTED_FILES, keys, strict=True)))
    for kind, name, *keys in table_rows("merge.ooxml", "kinds.tsv")
}
"""What each kind is called, and the message if another is needed: a key of the catalogue."""


def _refusals(needed: str) -> Mapping[str, str]:
    """Return the messages about the kinds that are not read where a file is needed."""
    return {kind: keys[needed] for kind, (_, keys) in _KIND_TABLE.items() if keys[needed] != "-"}


def refusal_error(kind: FileKind, wording: FilePolicy) -> FaultError:
    """Return the error of a file of a kind that is not read."""
    return _refusal_error(kind, wording.refusals[kind], wording)


def added_file_error(kind: FileKind) -> FaultError:
    """Return the error of a file that is neither a workbook nor a template."""
    return _refusal_error(kind, _refusals("added")[kind], EXCEL)


def _refusal_error(kind: FileKind, key: str, wording: FilePolicy) -> FaultError:
    values = dict.fromkeys(catalogue()[key].fields, _KIND_TABLE[kind][0])
    return FaultError(messages.fault(key, **values), wording.error_type)


EXCEL = FilePolicy(
    code_prefix="workbook",
    missing_key="workbook-missing",
    program="Excel",
    refusals=_refusals("workbook"),
    extensions=(".xlsx", ".xlsm"),
    convertible_extensions=(".xls", ".xlsb", ".ods", ".csv", ".numbers"),
    error_type=DataError,
    missing_error_type=UsageError,
    locked_error_type=StorageError,
    ignores_trailing_bytes=True,
)

WORD = FilePolicy(
    code_prefix="template",
    missing_key="template-missing/file",
    program="Word",
    refusals=_refusals("letter"),
    extensions=(".docx",),
    convertible_extensions=(".docm", ".dotx", ".dotm", ".doc", ".odt", ".rtf", ".pages"),
    error_type=TemplateError,
    missing_error_type=TemplateError,
    locked_error_type=TemplateError,
    has_long_text=True,
)
"""For letters."""

TEMPLATE = replace(
    WORD,
    refusals=_refusals("template"),
    extensions=(".docx", ".dotx", ".docm", ".dotm"),
    convertible_extensions=(".doc", ".dot", ".odt", ".ott", ".rtf", ".pages"),
)
"""For templates: Word's own template files too, and what has macros, which letters leave out."""

EXPORT = FilePolicy(
    code_prefix="form",
    missing_key="form-missing",
    program="Excel",
    refusals=_refusals("export"),
    extensions=(".csv", ".xlsx", ".ods", ".txt", ".tsv", ".zip"),
    convertible_extensions=(".xls", ".xlsb", ".numbers"),
    error_type=DataError,
    missing_error_type=UsageError,
    locked_error_type=StorageError,
    ignores_trailing_bytes=True,
)
"""For form responses: text with separators, .xlsx, .ods, or a zip with one of these."""
