"""What a file is that is no .xlsx, and what to do with it.

Told by what is in it, never by its ending: the ending is what people change.
"""

from __future__ import annotations

from merge.sheet.archive import Archive
from merge.sheet.refusals import SAVE_AS, Refused, damaged

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of Office's compound file ([MS-CFB] 2.2): old formats, and encrypted new ones."""

_OLE_STREAMS = {
    "EncryptedPackage": (
        "workbook-protected",
        "the workbook is locked with a password.",
        "Open it in Excel and take the password away: File, Info, Protect Workbook.",
    ),
    "WordDocument": ("workbook-not-excel", "this is an old Word document, no workbook.", ""),
    "Workbook": ("workbook-xls", "this is a workbook of the old kind (.xls).", SAVE_AS),
    "Book": ("workbook-xls", "this is a workbook of the old kind (.xls).", SAVE_AS),
}

_MEMBERS = {
    "xl/workbook.bin": ("workbook-xlsb", "this is a binary workbook (.xlsb).", SAVE_AS),
    "word/document.xml": ("workbook-not-excel", "this is a Word document, no workbook.", ""),
    "ppt/presentation.xml": ("workbook-not-excel", "this is a presentation, no workbook.", ""),
    "index/document.iwa": (
        "workbook-not-excel",
        "this is a file of Apple's Numbers or Pages.",
        "Open it in Numbers and choose File, Export To, Excel.",
    ),
    "mimetype": ("workbook-ods", "this is a LibreOffice (OpenDocument) file.", SAVE_AS),
}

_CHOOSE = "Choose the Excel workbook (.xlsx)."


def check_kind(data: bytes) -> None:
    """Refused, with what the file is, unless it is a zip."""
    if data.startswith(_ZIP):
        return
    if not data:
        hint = "If it lies in a cloud folder, wait until it is downloaded, or take a copy."
        raise Refused("workbook-empty", "the file is empty.", hint)
    if data.startswith(_OLE):
        raise _ole(data)
    raise _text(data)


def check_members(archive: Archive) -> None:
    """Refused, with what the zip is, where it is another program's."""
    for name, (code, what, hint) in _MEMBERS.items():
        if name in archive:
            raise Refused(code, what, hint or _CHOOSE)
    if "[content_types].xml" not in archive:
        raise Refused("workbook-not-excel", "this is a zip file, no workbook.", _CHOOSE)


def _ole(data: bytes) -> Refused:
    """Told by the names in the compound file's directory, which are UTF-16."""
    for stream, (code, what, hint) in _OLE_STREAMS.items():
        if stream.encode("utf-16-le") in data:
            return Refused(code, what, hint or _CHOOSE)
    return damaged("it is an old Office file without a workbook")


def _text(data: bytes) -> Refused:
    head = data[:4096]
    if b"<html" in head.lower() or b"<table" in head.lower():
        return Refused("workbook-not-excel", "this is a web page, no workbook.")
    if head.lstrip(b"\xef\xbb\xbf").startswith(b"<?xml"):
        return Refused("workbook-not-excel", "this is an XML file, no workbook.")
    if head.startswith(b"%PDF"):
        return Refused("workbook-not-excel", "this is a PDF, no workbook.", _CHOOSE)
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Refused("workbook-not-excel", "this is no Excel workbook, or it is damaged.")
    first = head.splitlines()[0]
    if any(mark in first for mark in (b",", b";", b"\t")):
        return Refused("workbook-csv", "this is a text file with separators (CSV), no workbook.")
    return Refused("workbook-not-excel", "this is a text file, no workbook.")
