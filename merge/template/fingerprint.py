"""Fingerprints of a letter: of its bytes, however zipped, and of what a reader sees in it."""

from __future__ import annotations

import hashlib
import html
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from merge.ooxml.container import DAMAGE_ERRORS
from merge.ooxml.relationships import Relationship, parse_relationships, relationships_part
from merge.ooxml.stamps import PROPERTY_PARTS
from merge.ooxml.wordml import DELETED, W

_MOST_BYTES = 200 << 20
"""Bytes of all parts, unpacked."""

_MOST_TEXT = 16 << 20
"""Bytes of the parts with text: in larger ones nothing is read. Novels have fewer."""

_CHUNK = 1 << 20

_SCHEME = b"\x02"
"""Begins what is said of a letter's words since pictures, links and formats count with them."""


class Fingerprint(NamedTuple):
    """`output`: 16 bytes for the names and the unpacked bytes of all members, in any order.

    `words`: 9 bytes for what a reader sees; empty where there is nothing, or nothing to be read.
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
        self._listed = [_entry(name, short_hash(fixed.get(name, b""))) for name in names]
        self._places = {name: names.index(name) for name in changing}
        self._hashes = {name: short_hash(data) for name, data in fixed.items()}
        self._body, self._aside = "", list[str]()
        for name, data in fixed.items():
            text = data.decode(errors="replace") if _has_words(name) else ""
            if _is_text(text):
                self._take(TextExtractor(text).read((text,)), self._links(name, fixed), text)
        self._readers = {n: TextExtractor(t) for n, t in changing.items() if _is_text(t)}
        self._mains = {n for n, text in changing.items() if is_main_text(text)}
        self._fixed_links = {name: self._links(name, fixed) for name in self._readers}

    def of(self, parts: Mapping[str, tuple[Sequence[str], bytes]]) -> Fingerprint:
        """Return the fingerprint of a letter with these changing parts, in pieces and as bytes."""
        listed = [*self._listed]
        for name, (_, data) in parts.items():
            listed[self._places[name]] = _entry(name, short_hash(data))
        body, aside = self._body, [*self._aside]
        for name, reader in self._readers.items():
            words = reader.read(parts[name][0])
            if "\x01" in words:
                own = {rels: data for rels, (_, data) in parts.items() if rels.endswith(".rels")}
                links = self._links(name, own) if own else {}
                words = with_links(words, {**self._fixed_links[name], **links})
            if name in self._mains:
                body = words
            else:
                aside.append(words)
        return Fingerprint(short_hash(b"".join(listed)), words_digest(body, aside))

    def _links(self, name: str, parts: Mapping[str, bytes]) -> Mapping[str, str]:
        return read_links(name, parts.get(relationships_part(name), b""), self._hashes)

    def _take(self, words: str, links: Mapping[str, str], text: str) -> None:
        """Take in what a part shows that is the same in every letter."""
        if is_main_text(text):
            self._body = with_links(words, links)
        else:
            self._aside.append(with_links(words, links))


def _has_words(name: str) -> bool:
    return name.endswith(".xml") and name not in PROPERTY_PARTS


def _is_text(part: str) -> bool:
    return is_main_text(part) or is_header_or_note(part)


def _entry(name: str, digest: bytes) -> bytes:
    return name.encode() + b"\0" + digest


def fingerprint_of(letter: bytes) -> Fingerprint | None:
    """Return the fingerprint of a file's bytes; None if it is no .docx."""
    unpacked = _unpacked(letter)
    if unpacked is None:
        return None
    hashes, texts = unpacked
    return Fingerprint(_output(hashes), words_digest(*_shown(hashes, texts)))


def output_of(letter: bytes) -> bytes:
    """Return the fingerprint's `output` alone; empty for what is no .docx."""
    unpacked = _unpacked(letter)
    return _output(unpacked[0]) if unpacked else b""


def _output(hashes: Mapping[str, bytes]) -> bytes:
    return short_hash(b"".join(_entry(name, hashes[name]) for name in sorted(hashes)))


def _shown(hashes: Mapping[str, bytes], texts: Mapping[str, bytes]) -> tuple[str, list[str]]:
    """Return what a reader sees in the text, and in headers, footers and notes."""
    body, aside = "", []
    for name, data in texts.items():
        text = data.decode(errors="replace") if _has_words(name) else ""
        if _is_text(text):
            links = read_links(name, texts.get(relationships_part(name), b""), hashes)
            words = with_links(TextExtractor(text).read((text,)), links)
            if is_main_text(text):
                body = words
            else:
                aside.append(words)
    return body, aside


def _unpacked(letter: bytes) -> tuple[dict[str, bytes], dict[str, bytes]] | None:
    """Return hashes of all parts, and the bytes of those with text and relationships.

    None where it is no zip, or too large for a letter. Only a piece of a part is held at a time.
    """
    hashes, texts = dict[str, bytes](), dict[str, bytes]()
    room, room_for_text = _MOST_BYTES, _MOST_TEXT
    try:
        with zipfile.ZipFile(io.BytesIO(letter)) as archive:
            for info in archive.infolist():
                name, digest, kept = info.filename, hashlib.sha256(), list[bytes]()
                with archive.open(info) as part:
                    while chunk := part.read(_CHUNK):
                        digest.update(chunk)
                        room -= len(chunk)
                        if room < 0:
                            return None
                        if name.endswith((".xml", ".rels")):
                            room_for_text -= len(chunk)
                            kept += [chunk] if room_for_text >= 0 else []
                hashes[name] = digest.digest()[:16]
                texts[name] = b"".join(kept)
    except (*DAMAGE_ERRORS, OSError):
        return None
    return hashes, texts if room_for_text >= 0 else {}


# What a reader sees in WordprocessingML: the same however it is saved.
#
# How text is cut into runs does not count, nor do ids, names and sizes. What counts beside the
# words stands among them as a sign that no XML can hold: where paragraphs, lines and cells end,
# how words stand out (bold, struck through), pictures by their bytes, links by where they lead.
# What programs write twice for older ones (ECMA-376 part 3, 7.7) counts once; what Word itself puts
# into headers and footers, the results of fields, does not count there. Word, LibreOffice and
# python-docx all write the usual prefixes.

_TOKEN = re.compile(r"[^<]+|<[^>]*>?")
_KIND = re.compile(r'fldCharType="(\w+)"')
_HIDDEN = {"mc:Fallback", *(name.replace(W, "w:") for name in DELETED)}
_ROOT = re.compile(r"<([\w:]+)")
_HEADER_AND_NOTE_ROOTS = {"w:hdr", "w:ftr", "w:footnotes", "w:endnotes"}

_LINK = re.compile(r'\br:(?:embed|link|id|pict|href|dm)="([^"]*)"')
_NO_LINKS = {"w:headerReference", "w:footerReference"}
"""Headers and footers are read for themselves."""

_LINK_MARK = re.compile("\x01([^\x01\x02]*)\x02")
_SIGNS = {
    "/w:p": "\x10",
    "/w:tc": "\x11",
    "w:tab": "\x12",
    "w:ptab": "\x12",
    "w:br": "\x13",
    "w:cr": "\x13",
    **dict.fromkeys(
        ("wps:wsp", "v:shape", "v:rect", "v:roundrect", "v:oval", "v:line", "v:polyline"), "\x14"
    ),
    "w:sym": "\x15",
}
"""Signs for what a reader sees and is no letter."""
_PARAGRAPH = _SIGNS["/w:p"]
_NO_PARAGRAPH = _PARAGRAPH * 2
_FIELD = "\x16"

_FORMATS = {"w:b", "w:i", "w:strike", "w:dstrike", "w:vanish", "w:u", "w:highlight", "w:vertAlign"}
"""How words stand out so that it may mean something."""
_VALUE = re.compile(r'\bw:val="(\w+)"')
_OFF = {"0", "false", "off", "none", "baseline"}

_MOST_CACHED = 5_000


class _ScanState(NamedTuple):
    """Where in the XML a piece begins."""

    tag: str = ""
    """What there is of a tag that the last piece did not close."""
    text: bool = False
    hidden: int = 0
    field: int = 0
    format: tuple[str, ...] = ()
    """How the words of this run stand out."""
    told: tuple[str, ...] = ()
    """How those stood out that came last."""


_START = _ScanState()


class TextExtractor:
    """Reads what one part shows that comes in pieces, most of which come again."""

    def __init__(self, part: str) -> None:
        self._no_fields = is_header_or_note(part)
        self._known: dict[_ScanState, dict[str, tuple[str, _ScanState]]] = {}

    def read(self, pieces: Iterable[str]) -> str:
        """Return the part's words as they stand, with signs for all else that is seen."""
        state, found = _START, []
        known = self._known.setdefault(state, {})
        for piece in pieces:
            if "<" not in piece and not state.tag:
                if self._shows(state):
                    if state.format != state.told:
                        sign, state = _format_sign(piece, state)
                        known = self._known.setdefault(state, {})
                        found.append(sign)
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
        for match in _TOKEN.finditer(start.tag + piece):
            token = match[0]
            if token[0] != "<":
                if self._shows(state):
                    sign, state = _format_sign(token, state)
                    found += [sign, html.unescape(token)]
            elif token[-1] != ">":
                state = state._replace(tag=token)
                break
            else:
                state = _after(token, state)
                sign = "" if state.hidden else self._sign(token)
                found += [sign] if sign else []
        read = "".join(found), start if state == start else state
        known = self._known.get(start, {})
        if not start.tag and len(known) < _MOST_CACHED:
            known[piece] = read
        return read

    def _sign(self, token: str) -> str:
        """Return what stands for a tag that is seen."""
        name = _name(token)
        if name == "w:p" and token.endswith("/>"):
            return _PARAGRAPH
        if self._no_fields and (name == "w:fldSimple" or (name, _kind(token)) == _BEGIN):
            return _FIELD
        if name == "w:tab" and "w:val" in token:
            return ""  # where a tab leads to, not one
        links = _LINK.findall(token) if "r:" in token and name not in _NO_LINKS else ()
        return _SIGNS.get(name, "") + "".join(f"\x01{link}\x02" for link in links)


def _format_sign(words: str, state: _ScanState) -> tuple[str, _ScanState]:
    """Return what stands before words that do not stand out as those before them did."""
    if state.format == state.told or words.isspace():
        return "", state
    return f"\x0e{' '.join(sorted(state.format))}\x0f", state._replace(told=state.format)


_BEGIN = ("w:fldChar", "begin")


def _name(token: str) -> str:
    return token[1:].split(None, 1)[0].rstrip("/>")


def _kind(token: str) -> str:
    kind = _KIND.search(token)
    return kind[1] if kind else ""


def _after(token: str, state: _ScanState) -> _ScanState:
    """Return the state behind a tag."""
    name, empty = _name(token), token.endswith("/>")
    step = 0 if empty else -1 if name[0] == "/" else 1
    state = state._replace(tag="")
    if name in {"w:t", "/w:t"}:
        state = state._replace(text=step == 1)
    elif name == "w:r":
        state = state._replace(format=())
    elif name in _FORMATS:
        state = state._replace(format=(*state.format, *_format(name, token)))
    elif name.lstrip("/") in _HIDDEN:
        state = state._replace(hidden=state.hidden + step)
    elif name.lstrip("/") == "w:fldSimple":
        state = state._replace(field=state.field + step)
    elif name == "w:fldChar":
        step = {"separate": 1, "end": -1}.get(_kind(token), 0)
        state = state._replace(field=max(0, state.field + step))
    return state


def _format(name: str, token: str) -> tuple[str, ...]:
    """Return how a format's tag makes words stand out; nothing where it says that they do not."""
    found = _VALUE.search(token)
    word = found[1] if found else "1"
    return () if word in _OFF else (f"{name}{'' if word in _ON else word}",)


_ON = {"1", "true", "on"}


def read_links(part: str, relationships: bytes, hashes: Mapping[str, bytes]) -> dict[str, str]:
    """Return what is seen behind the ids of a part's relationships.

    Pictures and embedded files count by their `hashes`, what lies elsewhere by its address.
    """
    try:
        links = parse_relationships(relationships) if relationships else ()
    except DAMAGE_ERRORS:
        links = ()
    return {number: _seen(relation, part, hashes) for number, relation in links}


def _seen(relation: Relationship, part: str, hashes: Mapping[str, bytes]) -> str:
    if relation.external:
        return f"{relation.word} {unquote(relation.target).rstrip('/')}"
    if relation.word in {"image", "aFChunk", "oleObject", "package"}:
        path = relation._replace(target=unquote(relation.target)).path_from(part)
        return f"{relation.word} {hashes.get(path, b'').hex()}"
    return relation.word


def with_links(words: str, links: Mapping[str, str]) -> str:
    """Return what a part shows, with what is behind ids in the place of these."""
    if "\x01" not in words:
        return words
    return _LINK_MARK.sub(lambda found: f"\x01{links.get(found[1], '')}\x02", words)


def is_header_or_note(part: str) -> bool:
    """Return whether a part's XML is a header, a footer or notes, which stand beside the text."""
    return _root(part) in _HEADER_AND_NOTE_ROOTS


def is_main_text(part: str) -> bool:
    """Return whether a part's XML is the letter's text."""
    return _root(part) == "w:document"


def _root(part: str) -> str:
    found = _ROOT.search(part)
    return found[1] if found else ""


def words_digest(body: str, aside: Sequence[str]) -> bytes:
    """Return 9 bytes for what a whole letter shows; empty if the text shows nothing.

    Empty paragraphs do not count: programs add some, or remove some. They may also number headers
    anew.
    """
    text = _without_empty(body)
    if not text:
        return b""
    words = "\0".join((text, *sorted({*map(_without_empty, aside)} - {""})))
    return _SCHEME + hashlib.sha256(words.encode(errors="surrogatepass")).digest()[:8]


def _without_empty(words: str) -> str:
    if _NO_PARAGRAPH not in words:
        return words.strip(_PARAGRAPH)
    return _PARAGRAPH.join(filter(None, words.split(_PARAGRAPH)))
