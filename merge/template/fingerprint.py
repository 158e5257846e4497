"""Fingerprints of a letter: of its bytes, however zipped, and of its words alone."""

from __future__ import annotations

import hashlib
import html
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from merge.ooxml.container import DAMAGE_ERRORS
from merge.ooxml.wordml import DELETED, W
from merge.template.sanitize import PROPERTY_PARTS

_MOST_BYTES = 200 << 20
"""Bytes of all parts, unpacked."""


class Fingerprint(NamedTuple):
    """`output`: 16 bytes for the names and the unpacked bytes of all members, in any order.

    `words`: 8 bytes for the words alone; empty where there are none.
    """

    output: bytes
    words: bytes


def short_hash(data: bytes) -> bytes:
    """Return 16 bytes for a part's bytes."""
    return hashlib.sha256(data).digest()[:16]


class Fingerprinter:
    """Makes the fingerprints of the letters of one template.

    `fixed` are the parts that are the same in every letter; of the others `changing` come as
    text in pieces, by their names.
    """

    def __init__(self, fixed: Mapping[str, bytes], changing: Mapping[str, str]) -> None:
        names = sorted({*fixed, *changing})
        self._listed = [_entry(name, fixed.get(name, b"")) for name in names]
        self._places = {name: names.index(name) for name in changing}
        texts = [data.decode(errors="replace") for n, data in fixed.items() if _has_words(n)]
        self._body = "".join(TextExtractor(t).read((t,)) for t in texts if is_main_text(t))
        self._aside = [TextExtractor(t).read((t,)) for t in texts if is_header_or_note(t)]
        self._readers = {
            n: TextExtractor(t)
            for n, t in changing.items()
            if is_main_text(t) or is_header_or_note(t)
        }
        self._bodies = {name for name, text in changing.items() if is_main_text(text)}

    def of(self, parts: Mapping[str, tuple[Sequence[str], bytes]]) -> Fingerprint:
        """Return the fingerprint of a letter with these changing parts, in pieces and as bytes."""
        listed = [*self._listed]
        for name, (_, data) in parts.items():
            listed[self._places[name]] = _entry(name, data)
        body, aside = self._body, [*self._aside]
        for name, reader in self._readers.items():
            words = reader.read(parts[name][0])
            if name in self._bodies:
                body = words
            else:
                aside.append(words)
        return Fingerprint(short_hash(b"".join(listed)), text_digest(body, aside))


def _has_words(name: str) -> bool:
    return name.endswith(".xml") and name not in PROPERTY_PARTS


def _entry(name: str, data: bytes) -> bytes:
    return name.encode() + b"\0" + short_hash(data)


def fingerprint_of(letter: bytes) -> Fingerprint | None:
    """Return the fingerprint of a file's bytes; None if it is no .docx."""
    try:
        with zipfile.ZipFile(io.BytesIO(letter)) as archive:
            parts = _unpacked(archive)
    except (*DAMAGE_ERRORS, OSError):
        return None
    texts = [data.decode(errors="replace") for name, data in parts.items() if _has_words(name)]
    listed = b"".join(_entry(name, parts[name]) for name in sorted(parts))
    body, aside = "", []
    for text in texts:
        if is_main_text(text):
            body = TextExtractor(text).read((text,))
        elif is_header_or_note(text):
            aside.append(TextExtractor(text).read((text,)))
    return Fingerprint(short_hash(listed), text_digest(body, aside))


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    parts, room = {}, _MOST_BYTES
    for info in archive.infolist():
        with archive.open(info) as part:
            parts[info.filename] = part.read(room + 1)
        room -= len(parts[info.filename])
        if room < 0:
            raise zipfile.BadZipFile("it is too large for a letter")
    return parts


# The words of WordprocessingML, as a reader counts them: the same however it is saved.
#
# Runs, paragraphs, formatting and ids do not count; what programs write twice for older ones
# (ECMA-376 part 3, 7.7) counts once; numbers that Word puts into headers and footers itself, the
# results of fields, do not count there. Word, LibreOffice and python-docx all write the prefix `w`.

_TOKEN = re.compile(r"[^<]+|<[^>]*>?")
_KIND = re.compile(r'fldCharType="(\w+)"')
_HIDDEN = {"mc:Fallback", *(name.replace(W, "w:") for name in DELETED)}
_ROOT = re.compile(r"<([\w:]+)")
_HEADER_AND_NOTE_ROOTS = {"w:hdr", "w:ftr", "w:footnotes", "w:endnotes"}

_MOST_CACHED = 5_000


class _ScanState(NamedTuple):
    """Where in the XML a piece begins."""

    tag: str = ""
    """What there is of a tag that the last piece did not close."""
    text: bool = False
    hidden: int = 0
    field: int = 0


_START = _ScanState()


class TextExtractor:
    """Reads the words of one part that comes in pieces, most of which come again."""

    def __init__(self, part: str) -> None:
        self._no_fields = is_header_or_note(part)
        self._known: dict[_ScanState, dict[str, tuple[str, _ScanState]]] = {}

    def read(self, pieces: Iterable[str]) -> str:
        """Return the part's words, as they stand; where paragraphs and lines end does not count."""
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

    def _shows(self, state: _ScanState) -> bool:
        return state.text and not state.hidden and not (self._no_fields and state.field)

    def _read(self, piece: str, start: _ScanState) -> tuple[str, _ScanState]:
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
        if not start.tag and len(known) < _MOST_CACHED:
            known[piece] = read
        return read


def _after(token: str, state: _ScanState) -> _ScanState:
    """Return the state behind a tag."""
    name, empty = token[1:].split(None, 1)[0].rstrip("/>"), token.endswith("/>")
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


def is_header_or_note(part: str) -> bool:
    """Return whether a part's XML is a header, a footer or notes, which stand beside the text."""
    return _root(part) in _HEADER_AND_NOTE_ROOTS


def is_main_text(part: str) -> bool:
    """Return whether a part's XML is the letter's text."""
    return _root(part) == "w:document"


def _root(part: str) -> str:
    found = _ROOT.search(part)
    return found[1] if found else ""


def text_digest(body: str, aside: Sequence[str]) -> bytes:
    """Return 8 bytes for the words of a whole letter; programs may number its headers anew.

    Empty where the text has no words, or none that can be read.
    """
    if not body:
        return b""
    words = "\0".join((body, *sorted({text for text in aside if text})))
    return hashlib.sha256(words.encode(errors="surrogatepass")).digest()[:8]
