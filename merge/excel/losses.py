"""Find contents of a workbook that openpyxl would lose.

They are named in words that staff know. They are found in the zip before anything is saved. Each
part or element that is not known to be kept is reported. tests/excel/test_losses.py tries each with
openpyxl itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from merge.ooxml.container import ZipArchive, ZipMember, file_errors
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive

_KEPT_PARTS = re.compile(
    r"\[content_types\]\.xml|.*\.rels|docprops/(core|app|custom)\.xml|docprops/thumbnail\.\w+|"
    r"xl/(workbook|styles|sharedstrings|calcchain|volatiledependencies)\.xml|"
    r"xl/worksheets/sheet\d+\.xml|xl/tables/table\d+\.xml|xl/theme/theme\d*\.xml|"
    r"xl/(comments/comment|comments)\d*\.xml|xl/externallinks/externallink\d+\.xml|"
    r"xl/printersettings/.*|xl/persons/.*"
)
"""Names of harmless parts, in lower case.

openpyxl keeps them, Excel creates them again, or Excel never shows them.
"""

_LOST_PARTS = (
    (r"xl/(charts|chartsheets)/", "charts"),
    (r"xl/media/", "pictures"),
    (r"xl/diagrams/", "SmartArt"),
    (r"xl/embeddings/", "embedded files"),
    (r"xl/(ctrlprops|activex)/", "buttons and check boxes"),
    (r"xl/featurepropertybag/", "check boxes in cells"),
    (r"xl/(slicers|slicercaches|timelines|timelinecaches)/", "slicers"),
    (r"xl/(pivottables|pivotcache)/", "pivot tables"),
    (r"xl/(querytables/|connections\.xml)", "data connections"),
    (r"xl/model/", "the data model"),
    (r"xl/threadedcomments/", "threaded comments"),
    (r"xl/(metadata\.xml|richdata/)", "formulas that fill several cells, or linked data"),
    (r"xl/(vba.*|macrosheets/.*)|customui/", "macros"),
    (r"customxml/|xl/customproperty", "hidden data of other programs (custom XML)"),
    (r"xl/xmlmaps\.xml", "XML maps"),
    (r"xl/webextensions/", "Office add-ins"),
    (r"xl/(revisions/|usernames\.xml)", "the change history of a shared workbook"),
    (r"xl/namedsheetviews/", "sheet views"),
    (r"docmetadata/", "the sensitivity label"),
    (r"_xmlsignatures/", "the digital signature"),
)
"""Start of other parts' names in lower case, and staff's words for them."""

_DRAWING = re.compile(r"xl/drawings/drawing\d+\.xml")
_LEGACY_DRAWING = re.compile(r"xl/drawings/.*\.vml")
_OBJECT = re.compile(rb'ObjectType="(\w+)"')
"""Type of a shape in a legacy drawing ([MS-OI29500]); comments are Note."""

_EXTENSIONS = {
    "05C60535-1F16-4FD2-B633-F4F36F0B64E0": "sparklines",
    "78C0D931-6437-407D-A8EE-F0AAD7539E65": "newer conditional formats (data bars, icons)",
    "CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF": "drop-downs and checks that use another sheet",
    "A8765BA9-456A-4DAB-B4F3-ACF838C121DE": "slicers",
    "3A4CF648-6AED-40F4-86FF-DC5316D8AED3": "slicers",
    "7E03D99C-DC04-49D9-9315-930204A7B6E9": "slicers",
    "FC87AEE6-9EDD-4A0A-B7FB-166176984837": "ranges that some people may change",
    "01252117-D84E-4E92-8308-4BE1C098FCBB": "",  # green corners that someone switched off
    "B025F937-C7B1-47D3-B67F-A62EFF666E3E": "",  # comes with the newer conditional formats
    "504A1905-F514-4F6F-8877-14C23A59335A": "descriptions of tables (alternative text)",
}
"""Extensions of sheets and tables by ID ([MS-XLSX] 2.2.4).

An empty text means that the loss does not matter.
"""

_LOST_ELEMENTS = {
    "customSheetViews": "custom views",
    "protectedRanges": "ranges that some people may change",
    "legacyDrawingHF": "pictures in headers or footers",
    "fileSharing": "the password for changing the workbook",
    "rPh": "reading aids (furigana)",
}
"""Elements that openpyxl omits (ECMA-376 part 1, 18.2, 18.3 and 18.4)."""

_PARTS_WITH_EXTENSIONS = re.compile(r"xl/(worksheets|tables)/")
"""Parts whose extensions are checked.

Those of the workbook have separate parts, or mean nothing to people.
"""

_EXTENSION = re.compile(rb'<(?:\w+:)?ext\b[^<>]*\buri="\{([0-9A-Fa-f-]+)\}"')
_ELEMENT = re.compile(rb"<(%s)\b" % "|".join(_LOST_ELEMENTS).encode())
"""Start tags of these elements.

XML text never contains a plain `<`, so every match is an element.
"""

_UNKNOWN = "unknown content"


def find_losses(archive: ZipArchive) -> tuple[str, ...]:
    """Return which contents of a workbook openpyxl would lose or change.

    Usually there are none.
    """
    losses = {loss for part in archive.parts for loss in _losses_in_part(part)}
    return tuple(sorted(losses - {""}))


def find_losses_in_file(data: bytes, file: str) -> tuple[str, ...]:
    """Return which contents of a workbook's bytes openpyxl would lose.

    Raise MergeError if they are not a workbook.
    """
    with file_errors(EXCEL, file):
        return find_losses(open_archive(data, EXCEL))


def _losses_in_part(part: ZipMember) -> Iterator[str]:
    name = part.name.lower()
    if _DRAWING.fullmatch(name):
        yield from _losses_in_drawing(_part_bytes(part))
    elif _LEGACY_DRAWING.fullmatch(name):
        yield (
            "buttons and check boxes" if set(_OBJECT.findall(_part_bytes(part))) - {b"Note"} else ""
        )
    elif _KEPT_PARTS.fullmatch(name):
        yield from _losses_in_xml(name, _part_bytes(part))
    else:
        losses = (loss for start, loss in _LOST_PARTS if re.match(start, name))
        yield next(losses, f"{_UNKNOWN} ({part.name})")


def _part_bytes(part: ZipMember) -> bytes:
    return b"".join(part.chunks())


def _losses_in_drawing(data: bytes) -> Iterator[str]:
    """Yield contents of a drawing that openpyxl loses, by their elements."""
    yield "pictures" if re.search(rb"<(\w+:)?pic[ />]", data) else ""
    yield "charts" if re.search(rb"<(\w+:)?graphicFrame[ />]", data) else ""
    yield "text boxes and shapes" if re.search(rb"<(\w+:)?(sp|cxnSp)[ />]", data) else ""


def _losses_in_xml(name: str, data: bytes) -> Iterator[str]:
    """Yield contents of sheets, tables and texts that openpyxl loses."""
    for element in _ELEMENT.findall(data):
        yield _LOST_ELEMENTS[element.decode()]
    for uri in _EXTENSION.findall(data) if _PARTS_WITH_EXTENSIONS.match(name) else ():
        yield _EXTENSIONS.get(uri.decode().upper(), _UNKNOWN)
