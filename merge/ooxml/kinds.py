"""Detect the kind of a file from its bytes, not from its extension.

People change extensions; Word and Excel go by the content. The messages about refused kinds are in
kinds.tsv.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from merge import messages
from merge.errors import DataError, FaultError, StorageError, TemplateError, UsageError
from merge.messages.message import catalogue
from merge.ooxml import SPREADSHEETML, STRICT_PREFIX, WORDPROCESSINGML
from merge.ooxml.container import FilePolicy, ZipArchive
from merge.text.tables import table_rows


class FileKind(StrEnum):
    """A kind of file that people may take for a workbook or template."""

    EMPTY = auto()
    TEXT = auto()
    CSV = auto()
    RTF = auto()
    PDF = auto()
    HTML = auto()
    XML = auto()
    VCARD = auto()
    """Contacts (RFC 6350)."""
    BINARY = auto()
    """A file of none of the other kinds."""
    ENCRYPTED = auto()
    DOC = auto()
    XLS = auto()
    PPT = auto()
    OLE = auto()
    """Office's compound file of another kind than the four above."""
    DOCX = auto()
    STRICT = auto()
    """A .docx in Strict Open XML."""
    DOTX = auto()
    DOCM = auto()
    DOTM = auto()
    UNTYPED = auto()
    """A .docx without the content type that Word looks for."""
    XLSX = auto()
    """Excel workbook with or without macros, also in Strict Open XML."""
    XLSB = auto()
    PPTX = auto()
    ODT = auto()
    ODS = auto()
    ODF = auto()
    """A LibreOffice file of another kind than the two above."""
    IWORK = auto()
    ZIP = auto()


_ZIP = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"
_MAX_END_RECORD_BYTES = 22 + 0xFFFF
"""Maximum size in bytes of a zip's end record.

It has the place of the zip's directory (APPNOTE 4.3.16).
"""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of Office's compound file ([MS-CFB] 2.2).

Old formats and encrypted new files have it.
"""

_KINDS_BY_STREAM = {
    "EncryptedPackage": FileKind.ENCRYPTED,
    "WordDocument": FileKind.DOC,
    "PowerPoint Document": FileKind.PPT,
    "Workbook": FileKind.XLS,
    "Book": FileKind.XLS,
}
"""Kinds of compound files by the name of a stream.

[MS-OFFCRYPTO] 2.3.4.4, [MS-DOC] 2.1.1, [MS-PPT] 2.1.2, [MS-XLS] 2.1.2.
"""

_KINDS_BY_MIMETYPE = {
    b"application/vnd.oasis.opendocument.text": FileKind.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": FileKind.ODS,
}

DOCUMENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
"""Content type of a .docx's main part (ECMA-376 part 1, 11.3.10)."""
TEMPLATE_TYPES = {
    DOCUMENT_TYPE.replace("document.main", "template.main"): FileKind.DOTX,
    "application/vnd.ms-word.document.macroenabled.main+xml": FileKind.DOCM,
    "application/vnd.ms-word.template.macroenabledtemplate.main+xml": FileKind.DOTM,
}
"""Content types of Word's other kinds, in lower case.

[MS-OFFMACRO2] 2.2.1.1 has the last two.
"""
_DOCUMENT_ROOT = f"{WORDPROCESSINGML} document"

_KINDS_BY_MAIN_PART = {
    "xl/workbook.bin": FileKind.XLSB,
    "word/document.xml": FileKind.UNTYPED,
    "ppt/presentation.xml": FileKind.PPTX,
    "xl/workbook.xml": FileKind.XLSX,
}
"""Kinds by the usual name of their main part."""


def kind_by_first_bytes(data: bytes) -> FileKind:
    """Return the kind of a file that its first bytes show.

    ZIP means that the parts of the zip must be checked.
    """
    if not data:
        return FileKind.EMPTY
    if data.startswith(_ZIP):
        return FileKind.ZIP
    if data.startswith(_OLE):  # names in its directory are in UTF-16
        kinds = (
            kind for name, kind in _KINDS_BY_STREAM.items() if name.encode("utf-16-le") in data
        )
        return next(kinds, FileKind.OLE)
    if signed_kind := _kind_by_signature(data):
        return signed_kind
    return FileKind.ZIP if _ZIP_END in data[-_MAX_END_RECORD_BYTES:] else _kind_of_text(data)


def _kind_by_signature(data: bytes) -> FileKind | None:
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    lower = head.lower()
    if head.startswith(b"{\\rtf"):
        return FileKind.RTF
    if head.startswith(b"%PDF"):
        return FileKind.PDF
    if b"<html" in lower or b"<table" in lower:
        return FileKind.HTML
    if lower.startswith(b"begin:vcard"):
        return FileKind.VCARD
    return FileKind.XML if head.startswith(b"<?xml") else None


def _kind_of_text(data: bytes) -> FileKind:
    head = data[:4096]
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FileKind.BINARY
    first = head.splitlines()[0]
    return FileKind.CSV if any(sign in first for sign in (b",", b";", b"\t")) else FileKind.TEXT


def kind_by_marker_part(archive: ZipArchive) -> FileKind | None:
    """Return the kind of a zip with another program's marker part.

    None if it has none.
    """
    if "mimetype" in archive:
        return _KINDS_BY_MIMETYPE.get(archive.read("mimetype").strip(), FileKind.ODF)
    if "content.xml" in archive and "[Content_Types].xml" not in archive:
        return _kind_by_manifest(archive)
    return FileKind.IWORK if "Index/Document.iwa" in archive else None


def _kind_by_manifest(archive: ZipArchive) -> FileKind | None:
    """Return the kind of an OpenDocument file without a mimetype part.

    LibreOffice opens such a file too.
    """
    path = "META-INF/manifest.xml"
    manifest = archive.read(path) if path in archive else b""
    kinds = (kind for name, kind in _KINDS_BY_MIMETYPE.items() if b'"%s"' % name in manifest)
    return next(kinds, None)


@dataclass(frozen=True, slots=True)
class MainPart:
    """The main part of a package, from which all others are reached.

    `relationship_kind` is the type of the relationship to it. `content_type` is in lower case.
    `root` is the first element as "namespace name", empty if the XML before it is broken.
    """

    relationship_kind: str
    content_type: str
    root: str


_WORKBOOK_ROOTS = {f"{namespace} workbook" for namespace in SPREADSHEETML}


def kind_by_main_part(archive: ZipArchive, main: MainPart | None) -> FileKind:
    """Return the kind of an Office file; ZIP if the package is not Office's."""
    if main and ("wordprocessingml" in main.content_type or "ms-word" in main.content_type):
        return _kind_of_word_file(main)
    if main and main.root in _WORKBOOK_ROOTS:
        return FileKind.XLSX  # relationships decide, not the names of parts
    return next(
        (kind for name, kind in _KINDS_BY_MAIN_PART.items() if name in archive), FileKind.ZIP
    )


def _kind_of_word_file(main: MainPart) -> FileKind:
    """Return the kind of a Word file, by the content type of its main part.

    Word opens a file by this type. With another one the file is damaged to Word, whatever it
    contains.
    """
    if main.relationship_kind.startswith(STRICT_PREFIX) or main.root.startswith(STRICT_PREFIX):
        return FileKind.STRICT
    # A missing root is reported later with its place, when the part is read.
    kinds = (
        {DOCUMENT_TYPE: FileKind.DOCX, **TEMPLATE_TYPES}
        if main.root in {_DOCUMENT_ROOT, ""}
        else {}
    )
    return kinds.get(main.content_type, FileKind.UNTYPED)


# The message that refuses a file of another kind than needed.


_EXPECTED_FILES = ("workbook", "letter", "template", "added", "export")
"""Uses of a file, as in the columns of kinds.tsv.

`added` is a file that may be a workbook or a template.
"""
_KIND_TABLE = {
    FileKind(kind): (name, dict(zip(_EXPECTED_FILES, keys, strict=True)))
    for kind, name, *keys in table_rows("merge.ooxml", "kinds.tsv")
}
"""Each kind's name, and by use the key of the message that refuses it."""


def _refusals(use: str) -> Mapping[str, str]:
    """Return the messages that refuse kinds of files for a use."""
    return {kind: keys[use] for kind, (_, keys) in _KIND_TABLE.items() if keys[use] != "-"}


def refusal_error(kind: FileKind, policy: FilePolicy) -> FaultError:
    """Return the error that refuses a file of this kind."""
    return _refusal_error(kind, policy.refusals[kind], policy)


def added_file_error(kind: FileKind) -> FaultError:
    """Return the error of a file that is neither workbook nor template."""
    return _refusal_error(kind, _refusals("added")[kind], EXCEL)


def _refusal_error(kind: FileKind, key: str, policy: FilePolicy) -> FaultError:
    values = dict.fromkeys(catalogue()[key].fields, _KIND_TABLE[kind][0])
    return FaultError(messages.fault(key, **values), policy.error_type)


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
"""Rules for letters."""

TEMPLATE = replace(
    WORD,
    refusals=_refusals("template"),
    extensions=(".docx", ".dotx", ".docm", ".dotm"),
    convertible_extensions=(".doc", ".dot", ".odt", ".ott", ".rtf", ".pages"),
)
"""Rules for templates.

They also accept Word's own template files and files with macros, which are not copied into letters.
"""

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
"""Rules for form responses.

Text with separators, .xlsx, .ods, or a zip with one of these.
"""
