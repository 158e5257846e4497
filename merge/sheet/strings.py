"""Texts: the shared strings, runs of rich text, Excel's escapes (ECMA-376 part 1, 18.4)."""

from __future__ import annotations

import re

from merge.ooxml.container import Archive
from merge.sheet.events import MAIN, Attributes, walk
from merge.sheet.refusals import too_large

_MOST_STRINGS = 2_000_000
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Text with Excel's escapes undone: `_x000D_` is a carriage return (22.4.2.4 ST_Xstring)."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    # Two escapes may be the halves of one character; a half alone stays, for the cell's own error.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def read_strings(archive: Archive, part: str) -> list[str]:
    """The shared strings: runs of rich text joined, the reading aids of Japanese left out."""
    strings: list[str] = []
    text = Runs()

    def item(_: str) -> None:
        strings.append(text.text())
        if len(strings) > _MOST_STRINGS:
            raise too_large("the workbook holds more than two million texts.")

    if part:
        walk(
            archive.chunks(part), MAIN, {"si": text.begin, **text.starts}, {**text.ends, "si": item}
        )
    return strings


class Runs:
    """Collects the text of one string item, `si` or `is` (18.4.8)."""

    def __init__(self) -> None:
        self._runs: list[str] = []
        self._aside = False
        self.starts = {"rPh": self._phonetic}
        self.ends = {"rPh": self._spoken, "t": self._run}

    def begin(self, _: Attributes) -> None:
        """A string item begins."""
        self._runs.clear()

    def text(self) -> str:
        """The item's text."""
        return unescaped("".join(self._runs))

    def _phonetic(self, _: Attributes) -> None:
        self._aside = True

    def _spoken(self, _: str) -> None:
        self._aside = False

    def _run(self, text: str) -> None:
        if not self._aside:
            self._runs.append(text)
