"""A part's XML as calls, one element at a time, nothing held.

Expat and not lxml: it builds no tree, so a part of millions of elements costs no memory; it
reports a DOCTYPE in whatever encoding, and reads a sheet in half the time of lxml's iterparse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from xml.parsers import expat

from merge.ooxml.kinds import EXCEL

Attributes = Mapping[str, str]
StartHandlers = Mapping[str, Callable[[Attributes], None]]
EndHandlers = Mapping[str, Callable[[str], None]]

_MAX_DEPTH = 100
_MAX_PIECES = 128
"""Of 8 KiB each: a text of 1 MiB. Excel allows a cell 32,767 characters."""
_MAX_TOKEN = 1 << 20
"""Bytes of one tag. Expat before 2.6 reads an unfinished tag again with every chunk."""


def parse_events(
    chunks: Iterable[bytes], spaces: tuple[str, ...], starts: StartHandlers, ends: EndHandlers
) -> None:
    """Call `starts[name]` with an element's attributes, `ends[name]` with its last text.

    Names are local names of the given namespaces. The text is what stands between the end tag
    and the tag before it.
    """
    parser = _EventParser(spaces, starts, ends)
    for chunk in chunks:
        parser.feed(chunk)
    parser.close()


class _EventParser:
    def __init__(self, spaces: tuple[str, ...], starts: StartHandlers, ends: EndHandlers) -> None:
        self._spaces = spaces
        self._starts = {f"{s} {name}": do for name, do in starts.items() for s in spaces}
        self._ends = {f"{s} {name}": do for name, do in ends.items() for s in spaces}
        self._text: list[str] = []
        self._depth = 0
        self._fed = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start_root
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk)
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > _MAX_TOKEN:
            raise EXCEL.unusual_error()

    def close(self) -> None:
        self._parser.Parse(b"", True)  # noqa: FBT003 - an element still open is an error

    def _start_root(self, name: str, attributes: dict[str, str]) -> None:
        """Begin with the first element: a part of another kind must not pass for an empty one."""
        if name.rpartition(" ")[0] not in self._spaces:
            raise EXCEL.damaged_error(f"a part begins with an unknown element {name[:80]}")
        self._parser.StartElementHandler = self._start
        self._start(name, attributes)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise EXCEL.unusual_error()
        self._text.clear()
        if do := self._starts.get(name):
            do(attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if do := self._ends.get(name):
            do("".join(self._text))
        self._text.clear()

    def _data(self, data: str) -> None:
        self._text.append(data)
        if len(self._text) > _MAX_PIECES:
            raise EXCEL.too_large_error("a cell has more than a million characters")

    def _doctype(self, *_: object) -> None:
        raise EXCEL.unusual_error()


def is_true(text: str | None) -> bool:
    """Return an xsd:boolean; None, an attribute that is not there, is false."""
    return text in {"1", "true"}
