"""The number format of each cell style (ECMA-376 part 1, 18.8)."""

from __future__ import annotations

from merge.cells.builtin import BUILTIN_FORMATS
from merge.sheet.archive import Archive
from merge.sheet.events import MAIN, Attributes, walk
from merge.sheet.strings import unescaped

Format = tuple[str, int]
"""A number format's code and its id; no code where the file names one that it does not hold."""

GENERAL: Format = ("General", 0)


def read_formats(archive: Archive, part: str) -> list[Format]:
    """The number format of each cell style; none where the workbook has no styles."""
    own: dict[int, str] = {}
    ids: list[int] = []
    inside = False

    def number_format(attributes: Attributes) -> None:
        code = unescaped(attributes.get("formatCode", ""))
        own.setdefault(int(attributes["numFmtId"]), code or "General")

    def styles(_: Attributes) -> None:
        nonlocal inside
        inside = True

    def no_styles(_: str) -> None:
        nonlocal inside
        inside = False

    def style(attributes: Attributes) -> None:
        if inside:  # named styles and differences have formats too
            ids.append(int(attributes.get("numFmtId", "0")))

    if part:
        starts = {"numFmt": number_format, "cellXfs": styles, "xf": style}
        walk(archive.chunks(part), MAIN, starts, {"cellXfs": no_styles})
    return [(own.get(i, BUILTIN_FORMATS.get(i, "")), i) for i in ids]
