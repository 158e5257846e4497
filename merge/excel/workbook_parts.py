"""Read the parts of an .xlsx other than its sheets.

The list of sheets (ECMA-376 part 1, 18.2), shared strings (18.4), number formats of cell styles
(18.8) and relationships (part 2, 9.3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from merge.excel.format_codes import BUILTIN_FORMATS
from merge.excel.xml_events import Attributes, is_true, parse_events
from merge.ooxml import PACKAGE, SPREADSHEETML
from merge.ooxml.container import ZipArchive
from merge.ooxml.kinds import EXCEL
from merge.ooxml.relationships import Relationship, read_relationship, relationships_part

_RELATIONSHIPS = (f"{PACKAGE}/relationships",)


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A worksheet's entry in the workbook's list of sheets."""

    name: str
    hidden: bool
    part: str


@dataclass(frozen=True, slots=True)
class WorkbookParts:
    """The worksheets, date system and other parts of a workbook.

    `strings` and `styles` are empty if the workbook has no such part.
    """

    sheets: tuple[SheetEntry, ...]
    date1904: bool
    strings: str
    styles: str


def read_workbook_parts(archive: ZipArchive) -> WorkbookParts:
    """Return the sheets, date system and names of parts of a workbook."""
    book = _workbook_part(archive)
    related = read_relationships(archive, book)
    sheets: list[SheetEntry] = []
    date_systems: list[bool] = []

    def sheet(attributes: Attributes) -> None:
        link = next((v for k, v in attributes.items() if k.endswith(" id")), "")
        relation = related.get(link)
        if relation and relation.short_kind == "worksheet":
            hidden = attributes.get("state", "visible") != "visible"
            name = unescape(attributes["name"])
            sheets.append(SheetEntry(name, hidden, relation.path_from(book)))

    def book_properties(attributes: Attributes) -> None:
        date_systems.append(is_true(attributes.get("date1904")))

    parse_events(
        archive.chunks(book), SPREADSHEETML, {"sheet": sheet, "workbookPr": book_properties}, {}
    )
    parts = ((r.short_kind, r.path_from(book)) for r in related.values())
    by_kind = {word: part for word, part in parts if part in archive}
    return WorkbookParts(
        sheets=tuple(sheets),
        date1904=any(date_systems),
        strings=by_kind.get("sharedStrings", ""),
        styles=by_kind.get("styles", ""),
    )


def _workbook_part(archive: ZipArchive) -> str:
    for relation in read_relationships(archive, "").values():
        if relation.short_kind == "officeDocument":
            return relation.path_from("")
    raise EXCEL.damaged_error("its workbook part is missing")


def read_relationships(archive: ZipArchive, part: str) -> dict[str, Relationship]:
    """Return the relationships of a part to other parts, by ID.

    An empty part means the package.
    """
    by_id: dict[str, Relationship] = {}

    def relationship(attributes: Attributes) -> None:
        relationship_id, link = read_relationship(attributes)
        if not link.external:
            if missing := [n for n in ("Type", "Target", "Id") if n not in attributes]:
                raise KeyError(missing[0])
            by_id[relationship_id] = link

    chunks = archive.chunks(relationships_part(part))
    parse_events(chunks, _RELATIONSHIPS, {"Relationship": relationship}, {})
    return by_id


# Texts: the shared strings, runs of rich text, Excel's escapes.

_MAX_STRINGS = 2_000_000
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Return text without Excel's escapes (22.4.2.4 ST_Xstring).

    `_x000D_` is a carriage return. Half a character becomes U+FFFD.
    """
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    # Two escapes may be the halves of one character.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def read_strings(archive: ZipArchive, part: str) -> list[str]:
    """Return the shared strings of a workbook, in order.

    Runs of rich text are joined, and Japanese reading aids are omitted.
    """
    strings: list[str] = []
    reader = StringItemReader()

    def item(_: str) -> None:
        strings.append(reader.text())
        if len(strings) > _MAX_STRINGS:
            raise EXCEL.too_large_error("it has more than two million texts")

    if part:
        parse_events(
            archive.chunks(part),
            SPREADSHEETML,
            {"si": reader.begin, **reader.starts},
            {**reader.ends, "si": item},
        )
    return strings


class StringItemReader:
    """Collects the text of one string item, `si` or `is` (18.4.8)."""

    def __init__(self) -> None:
        self._runs: list[str] = []
        self._in_phonetic = False
        self.starts = {"rPh": self._phonetic_start}
        self.ends = {"rPh": self._phonetic_end, "t": self._run}

    def begin(self, _: Attributes) -> None:
        """Begin to collect the text of a shared string."""
        self._runs.clear()

    def text(self) -> str:
        """Return the collected text of the shared string."""
        return unescape("".join(self._runs))

    def _phonetic_start(self, _: Attributes) -> None:
        self._in_phonetic = True

    def _phonetic_end(self, _: str) -> None:
        self._in_phonetic = False

    def _run(self, text: str) -> None:
        if not self._in_phonetic:
            self._runs.append(text)


# The number format of each cell style.

NumberFormat = tuple[str, int]
"""A number format's code and ID.

The code is empty if the file refers to a format that it does not contain.
"""
GENERAL_FORMAT: NumberFormat = ("General", 0)


def read_formats(archive: ZipArchive, part: str) -> list[NumberFormat]:
    """Return the number format of each cell style in a workbook.

    The list is empty if the workbook has no styles.
    """
    custom_formats: dict[int, str] = {}
    ids: list[int] = []
    in_cell_styles = False

    def custom_format(attributes: Attributes) -> None:
        code = unescape(attributes.get("formatCode", "")) or "General"
        custom_formats.setdefault(int(attributes["numFmtId"]), code)  # dxf elements repeat them

    def begin(_: Attributes) -> None:
        nonlocal in_cell_styles
        in_cell_styles = True

    def end(_: str) -> None:
        nonlocal in_cell_styles
        in_cell_styles = False

    def style(attributes: Attributes) -> None:
        if in_cell_styles:  # named styles are xf elements too
            ids.append(int(attributes.get("numFmtId", "0")))

    if part:
        starts = {"numFmt": custom_format, "cellXfs": begin, "xf": style}
        parse_events(archive.chunks(part), SPREADSHEETML, starts, {"cellXfs": end})
    return [(custom_formats.get(i, BUILTIN_FORMATS.get(i, "")), i) for i in ids]
