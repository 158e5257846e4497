"""What must stand once in a part, kept so where a loop repeats it: bookmarks and drawings' ids.

Two bookmarks of one name, or two drawings of one id, are faults in Word's eyes (ECMA-376 part 1,
17.13.6.2 and 20.4.2.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import nodes

FRESH = "xml_fresh"
"""The name under which a part's program finds its `Fresh`; no tag can reach it."""

_ONCE = re.compile(r"(<w:bookmark(?:Start|End)\b[^>]*/>)")
_DRAWING = re.compile(r'(<wp:docPr\b[^>]*?\bid=")(\d+)(?=")')
_FIRST_ID = 1_000_000
"""Above the ids that Word gives to drawings, which count from one."""


class Fresh:
    """What a part has printed already, and the next free id. One for each filling."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._next = _FIRST_ID

    def once(self, text: str) -> str:
        """The text the first time it is asked for, and nothing from then on."""
        if text in self._seen:
            return ""
        self._seen.add(text)
        return text

    def number(self, usual: str) -> str:
        """The id the first time, and a new one from then on."""
        if self.once(f"id {usual}"):
            return usual
        self._next += 1
        return str(self._next)


def keep_unique(tree: nodes.Template) -> bool:
    """Let loops print bookmarks once and give drawings new ids; whether there is any such."""
    found = False
    for loop in tree.find_all(nodes.For):
        for output in loop.find_all(nodes.Output):
            pieces = [piece for node in output.nodes for piece in _pieces(node)]
            found |= len(pieces) > len(output.nodes)
            output.nodes = pieces
    return found


def _pieces(node: nodes.Expr) -> Iterator[nodes.Expr]:
    if not isinstance(node, nodes.TemplateData):
        yield node
        return
    for number, text in enumerate(_ONCE.split(node.data)):
        if number % 2:
            yield _asked("xml_once", text, node.lineno)
        else:
            yield from _drawings(text, node.lineno)


def _drawings(text: str, line: int) -> Iterator[nodes.Expr]:
    at = 0
    for found in _DRAWING.finditer(text):
        yield nodes.TemplateData(text[at : found.end(1)], lineno=line)
        yield _asked("xml_number", found[2], line)
        at = found.end()
    if text[at:] or at == 0:
        yield nodes.TemplateData(text[at:], lineno=line)


def _asked(name: str, text: str, line: int) -> nodes.Filter:
    fresh = nodes.Name(FRESH, "load", lineno=line)
    argument = nodes.Const(text, lineno=line)
    return nodes.Filter(fresh, name, [argument], [], None, None, lineno=line)
