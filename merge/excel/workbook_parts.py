"""The parts of an .xlsx beside its sheets.

The list of sheets (ECMA-376 part 1, 18.2), shared strings (18.4), number formats of cell styles
(18.8); relationships (part 2, 9.3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from merge.excel.format_codes import BUILTIN_FORMATS
from merge.excel.xml_events import Attributes, is_true, parse_events
from merge.ooxml import PACKAGE, SPREADSHEETML
from merge.ooxml.container import Archive
from merge.ooxml.kinds import EXCEL
from merge.ooxml.relationships import Relationship, read_relationship, relationships_part

_RELATIONSHIPS = (f"{PACKAGE}/relationships",)


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A worksheet as the workbook lists it: its name and whether it is hidden, its part."""

    name: str
    hidden: bool
    part: str


@dataclass(frozen=True, slots=True)
class WorkbookParts:
    """The workbook part: its worksheets in order, its date system, its helpers' parts.

    `strings` and `styles` are empty where the workbook has no such part.
    """

    sheets: tuple[SheetEntry, ...]
    date1904: bool
    strings: str
    styles: str


def read_workbook_parts(archive: Archive) -> WorkbookParts:
    """Read the workbook part and its relationships."""
    book = _workbook_part(archive)
    related = read_relationships(archive, book)
    sheets: list[SheetEntry] = []
    systems: list[bool] = []

    def sheet(attributes: Attributes) -> None:
        link = next((v for k, v in attributes.items() if k.endswith(" id")), "")
        relation = related.get(link)
        if relation and relation.short_kind == "worksheet":
            hidden = attributes.get("state", "visible") != "visible"
            name = unescape(attributes["name"])
            sheets.append(SheetEntry(name, hidden, relation.path_from(book)))

    def properties(attributes: Attributes) -> None:
        systems.append(is_true(attributes.get("date1904")))

    parse_events(
        archive.chunks(book), SPREADSHEETML, {"sheet": sheet, "workbookPr": properties}, {}
    )
    parts = ((r.short_kind, r.path_from(book)) for r in related.values())
    by_kind = {word: part for word, part in parts if part in archive}
    return WorkbookParts(
        sheets=tuple(sheets),
        date1904=any(systems),
        strings=by_kind.get("sharedStrings", ""),
        styles=by_kind.get("styles", ""),
    )


def _workbook_part(archive: Archive) -> str:
    for relation in read_relationships(archive, "").values():
        if relation.short_kind == "officeDocument":
            return relation.path_from("")
    raise EXCEL.damaged_error("its workbook part is missing")


def read_relationships(archive: Archive, part: str) -> dict[str, Relationship]:
    """Return what a part, or for empty the whole package, leads to inside the file, by id."""
    found: dict[str, Relationship] = {}

    def relationship(attributes: Attributes) -> None:
        number, relation = read_relationship(attributes)
        if not relation.external:
            if lacking := [n for n in ("Type", "Target", "Id") if n not in attributes]:
                raise KeyError(lacking[0])
            found[number] = relation

    chunks = archive.chunks(relationships_part(part))
    parse_events(chunks, _RELATIONSHIPS, {"Relationship": relationship}, {})
    return found


# Texts: the shared strings, runs of rich text, Excel's escapes.

_MAX_STRINGS = 2_000_000
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Return text without Excel's escapes: `_x000D_` is a carriage return (22.4.2.4 ST_Xstring)."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    # Two escapes may be the halves of one character; a half alone stays, for the cell's own error.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def read_strings(archive: Archive, part: str) -> list[str]:
    """Read the shared strings: runs of rich text joined, Japanese reading aids left out."""
    strings: list[str] = []
    text = StringItemReader()

    def item(_: str) -> None:
        strings.append(text.text())
        if len(strings) > _MAX_STRINGS:
            raise EXCEL.too_large_error("it has more than two million texts")

    if part:
        parse_events(
            archive.chunks(part),
            SPREADSHEETML,
            {"si": text.begin, **text.starts},
            {**text.ends, "si": item},
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
        """Begin a string item."""
        self._runs.clear()

    def text(self) -> str:
        """Return the item's text."""
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
"""A number format's code and its id; no code where the file names one that it does not hold."""
GENERAL_FORMAT: NumberFormat = ("General", 0)


def read_formats(archive: Archive, part: str) -> list[NumberFormat]:
    """Read the number format of each cell style; none where the workbook has no styles."""
    own: dict[int, str] = {}
    ids: list[int] = []
    inside = False

    def own_format(attributes: Attributes) -> None:
        code = unescape(attributes.get("formatCode", "")) or "General"
        own.setdefault(int(attributes["numFmtId"]), code)  # differences repeat them later

    def begin(_: Attributes) -> None:
        nonlocal inside
        inside = True

    def end(_: str) -> None:
        nonlocal inside
        inside = False

    def style(attributes: Attributes) -> None:
        if inside:  # named styles are xf elements too
            ids.append(int(attributes.get("numFmtId", "0")))

    if part:
        starts = {"numFmt": own_format, "cellXfs": begin, "xf": style}
        parse_events(archive.chunks(part), SPREADSHEETML, starts, {"cellXfs": end})
    return [(own.get(i, BUILTIN_FORMATS.get(i, "")), i) for i in ids]
