"""The words for a workbook and for a template: what the file is instead, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from merge.model import DataError, StorageError, TemplateError, UsageError
from merge.office.kinds import Kind
from merge.office.refused import Refusal, Wording

_NAMES = {
    Kind.TEXT: "a text file",
    Kind.CSV: "a text file with separators (CSV)",
    Kind.RTF: "a rich text file (RTF)",
    Kind.PDF: "a PDF",
    Kind.HTML: "a web page",
    Kind.XML: "an XML file",
    Kind.DOC: "an old Word document (.doc)",
    Kind.XLS: "an old workbook (.xls)",
    Kind.PPT: "an old presentation (.ppt)",
    Kind.DOCX: "a Word document",
    Kind.STRICT: "a Word document",
    Kind.DOTX: "a Word template file (.dotx)",
    Kind.DOCM: "a Word document with macros (.docm)",
    Kind.DOTM: "a Word template file with macros (.dotm)",
    Kind.UNTYPED: "a Word document",
    Kind.XLSX: "an Excel workbook",
    Kind.XLSB: "a binary workbook (.xlsb)",
    Kind.PPTX: "a presentation",
    Kind.ODT: "a LibreOffice document (OpenDocument, .odt)",
    Kind.ODS: "a LibreOffice workbook (OpenDocument, .ods)",
    Kind.ODF: "a LibreOffice (OpenDocument) file",
    Kind.ZIP: "a zip file",
}
_CLOUD = "If it lies in a cloud folder, wait until it is downloaded, or take a copy."


def _others(
    own: Kind, code: str, noun: str, choose: str, opened: Mapping[Kind, str]
) -> dict[str, Refusal]:
    """Every kind but the own, as another than is asked for; some the program can open."""
    return {
        kind: (code, f"this is {name}, no {noun}.", opened.get(kind, choose))
        for kind, name in _NAMES.items()
        if kind is not own
    }


_XLSX = "Open it in Excel and save it as an Excel workbook (.xlsx)."
_XLSX_AGAIN = "Open it in Excel, save it again and close it."
_XLS = ("xls", "this is a workbook of the old kind (.xls).", _XLSX)
_ODS = ("ods", "this is a LibreOffice (OpenDocument) file.", _XLSX)
_NOT_EXCEL: dict[str, Refusal] = {
    **_others(
        Kind.XLSX,
        "not-excel",
        "workbook",
        "Choose the Excel workbook (.xlsx).",
        dict.fromkeys((Kind.TEXT, Kind.HTML, Kind.XML), _XLSX),
    ),
    Kind.EMPTY: ("empty", "the file is empty.", _CLOUD),
    Kind.ENCRYPTED: (
        "protected",
        "the workbook is locked with a password.",
        "Open it in Excel and take the password away: File, Info, Protect Workbook.",
    ),
    Kind.XLS: _XLS,
    Kind.XLSB: ("xlsb", "this is a binary workbook (.xlsb).", _XLSX),
    Kind.ODS: _ODS,
    Kind.ODF: _ODS,
    Kind.CSV: ("csv", "this is a text file with separators (CSV), no workbook.", _XLSX),
    Kind.IWORK: (
        "not-excel",
        "this is a file of Apple's Numbers or Pages.",
        "Open it in Numbers and choose File, Export To, Excel.",
    ),
    Kind.BINARY: ("not-excel", "this is no Excel workbook, or it is damaged.", _XLSX),
    Kind.OLE: (
        "unreadable",
        "the workbook is damaged (it is an old Office file without a workbook).",
        _XLSX_AGAIN,
    ),
}

EXCEL = Wording(
    prefix="workbook",
    program="Excel",
    noun="workbook",
    folder="this is a folder, not an Excel workbook.",
    save_as=_XLSX,
    save_again=_XLSX_AGAIN,
    smaller="Copy the cells that you need into a new workbook.",
    wrong=_NOT_EXCEL,
    read=(".xlsx", ".xlsm"),
    alike=(".xls", ".xlsb", ".ods", ".csv", ".numbers"),
    error=DataError,
    missing=UsageError,
    locked=StorageError,
)

_DOCX = "Open it in Word and save it as a Word document (.docx)."
_DOCX_AGAIN = "Open it in Word, save it again and close it."
_NOT_STRICT = (
    "Open it in Word and choose File, Save As, Word Document (.docx), not Strict Open XML Document."
)
_NO_MACROS = _DOCX.removesuffix(".") + ", which leaves the macros out."
_ODT = ("odt", "this is a LibreOffice (OpenDocument) file.", _DOCX)
_NOT_WORD: dict[str, Refusal] = {
    **_others(
        Kind.DOCX,
        "not-word",
        "Word document",
        "Choose the Word document (.docx).",
        dict.fromkeys((Kind.TEXT, Kind.CSV, Kind.RTF, Kind.HTML, Kind.XML), _DOCX),
    ),
    Kind.EMPTY: ("empty", "the file is empty.", _CLOUD),
    Kind.ENCRYPTED: (
        "protected",
        "the template is locked with a password.",
        "Open it in Word and take the password away: File, Info, Protect Document.",
    ),
    Kind.DOC: ("doc", "this is a Word document of the old kind (.doc).", _DOCX),
    Kind.ODT: _ODT,
    Kind.ODF: _ODT,
    Kind.STRICT: (
        "strict",
        "this is a Word document of the kind Strict Open XML.",
        _NOT_STRICT,
    ),
    Kind.DOTX: ("dotx", "this is a Word template file (.dotx), no Word document.", _DOCX),
    Kind.DOCM: ("docm", "this is a Word document with macros (.docm).", _NO_MACROS),
    Kind.DOTM: ("docm", "this is a Word template file with macros (.dotm).", _NO_MACROS),
    Kind.UNTYPED: (
        "unreadable",
        "the template is damaged (it does not say that it is a Word document).",
        _DOCX_AGAIN,
    ),
    Kind.IWORK: (
        "not-word",
        "this is a file of Apple's Pages or Numbers.",
        "Open it in Pages and choose File, Export To, Word.",
    ),
    Kind.BINARY: ("not-word", "this is no Word document, or it is damaged.", _DOCX),
    Kind.OLE: (
        "unreadable",
        "the template is damaged (it is an old Office file without a document).",
        _DOCX_AGAIN,
    ),
}

WORD = Wording(
    prefix="template",
    program="Word",
    noun="template",
    folder="this is a folder, not a Word document.",
    save_as=_DOCX,
    save_again=_DOCX_AGAIN,
    smaller="Make its pictures smaller in Word: Picture Format, Compress Pictures.",
    wrong=_NOT_WORD,
    read=(".docx",),
    alike=(".docm", ".dotx", ".dotm", ".doc", ".odt", ".rtf", ".pages"),
    error=TemplateError,
    missing=TemplateError,
    locked=TemplateError,
)
