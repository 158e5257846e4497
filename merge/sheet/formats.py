"""The number format of each cell style (ECMA-376 part 1, 18.8)."""

from __future__ import annotations

from merge.cells.builtin import BUILTIN_FORMATS
from merge.ooxml.container import Archive
from merge.sheet.events import MAIN, Attributes, walk
from merge.sheet.strings import unescaped

Format = tuple[str, int]
"""A number format's code and its id; no code where the file names one that it does not hold."""

GENERAL: Format = ("General", 0)


def read_formats(archive: Archive, part: str) -> list[Format]:
    """The number format of each cell style; none where the workbook has no styles."""
    styles = _Styles()
    if part:
        starts = {"numFmt": styles.own, "cellXfs": styles.begin, "xf": styles.style}
        walk(archive.chunks(part), MAIN, starts, {"cellXfs": styles.end})
    return styles.formats()


class _Styles:
    """The workbook's own number formats, and the format id of each cell style."""

    def __init__(self) -> None:
        self._own: dict[int, str] = {}
        self._ids: list[int] = []
        self._inside = False

    def own(self, attributes: Attributes) -> None:
        code = unescaped(attributes.get("formatCode", "")) or "General"
        self._own.setdefault(int(attributes["numFmtId"]), code)  # differences repeat them later

    def begin(self, _: Attributes) -> None:
        self._inside = True

    def end(self, _: str) -> None:
        self._inside = False

    def style(self, attributes: Attributes) -> None:
        if self._inside:  # named styles are xf elements too
            self._ids.append(int(attributes.get("numFmtId", "0")))

    def formats(self) -> list[Format]:
        return [(self._own.get(i, BUILTIN_FORMATS.get(i, "")), i) for i in self._ids]
