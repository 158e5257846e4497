"""The words of WordprocessingML, as a reader counts them: the same however it is saved.

Runs, paragraphs, formatting and ids do not count; what programs write twice for older
ones (ECMA-376 part 3, 7.7) counts once; numbers that Word puts into headers and footers itself, the
results of fields, do not count there. Word, LibreOffice and python-docx all write the prefix `w`.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_TOKEN = re.compile(r"[^<]+|<[^>]*>?")
_KIND = re.compile(r'fldCharType="(\w+)"')
_HIDDEN = {"mc:Fallback", "w:del", "w:moveFrom"}
_ROOT = re.compile(r"<([\w:]+)")
_ASIDE = {"w:hdr", "w:ftr", "w:footnotes", "w:endnotes"}

_MOST_KNOWN = 5_000


class _State(NamedTuple):
    """Where in the XML a piece begins."""

    tag: str = ""
    """What there is of a tag that the last piece did not close."""
    text: bool = False
    hidden: int = 0
    field: int = 0


_START = _State()


class Reader:
    """Reads the words of one part that comes in pieces, most of which come again."""

    def __init__(self, part: str) -> None:
        self._no_fields = is_aside(part)
        self._known: dict[_State, dict[str, tuple[str, _State]]] = {}

    def read(self, pieces: Iterable[str]) -> str:
        """The part's words, as they stand; where its paragraphs and lines end does not count."""
        state, found = _START, []
        known = self._known.setdefault(state, {})
        for piece in pieces:
            if "<" not in piece and not state.tag:
                if self._shows(state):
                    found.append(html.unescape(piece) if "&" in piece else piece)
                continue
            words, end = known.get(piece) or self._read(piece, state)
            found.append(words)
            if end is not state:
                state = end
                known = self._known.setdefault(state, {}) if not state.tag else {}
        return "".join(found)

    def _shows(self, state: _State) -> bool:
        return state.text and not state.hidden and not (self._no_fields and state.field)

    def _read(self, piece: str, start: _State) -> tuple[str, _State]:
        found, state = [], start
        for token in _TOKEN.findall(start.tag + piece):
            if token[0] != "<":
                found += [html.unescape(token)] if self._shows(state) else []
            elif token[-1] != ">":
                state = state._replace(tag=token)
                break
            else:
                state = _after(token, state)
        read = "".join(found), start if state == start else state
        known = self._known.get(start, {})
        if not start.tag and len(known) < _MOST_KNOWN:
            known[piece] = read
        return read


def _name(token: str) -> str:
    return token[1:].split(None, 1)[0].rstrip("/>")


def _after(token: str, state: _State) -> _State:
    """The state behind a tag."""
    name, empty = _name(token), token.endswith("/>")
    if name in {"w:t", "/w:t"}:
        return state._replace(tag="", text=name == "w:t" and not empty)
    if name.lstrip("/") in _HIDDEN and not empty:
        return state._replace(tag="", hidden=state.hidden + (-1 if name[0] == "/" else 1))
    if name.lstrip("/") == "w:fldSimple" and not empty:
        return state._replace(tag="", field=state.field + (-1 if name[0] == "/" else 1))
    if name == "w:fldChar":
        kind = _KIND.search(token)
        step = {"separate": 1, "end": -1}.get(kind[1] if kind else "", 0)
        return state._replace(tag="", field=max(0, state.field + step))
    return state._replace(tag="")


def is_aside(part: str) -> bool:
    """Whether a part's XML is a header, a footer or notes, which stand beside the text."""
    return _root(part) in _ASIDE


def is_text(part: str) -> bool:
    """Whether a part's XML is the letter's text."""
    return _root(part) == "w:document"


def _root(part: str) -> str:
    found = _ROOT.search(part)
    return found[1] if found else ""


def digest(body: str, aside: Sequence[str]) -> bytes:
    """8 bytes for the words of a whole letter; programs may number its headers anew.

    Empty where the text has no words, or none that can be read.
    """
    if not body:
        return b""
    words = "\0".join((body, *sorted({text for text in aside if text})))
    return hashlib.sha256(words.encode(errors="surrogatepass")).digest()[:8]
