"""Fingerprints of a letter: of its unpacked bytes and visible content."""

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
from merge.ooxml.part_hashes import hash_entry, hash_parts, part_hash
from merge.ooxml.relationships import Relationship, parse_relationships, relationships_part
from merge.ooxml.stamps import PROPERTY_PARTS
from merge.ooxml.wordml import DELETED, W

_MAX_BYTES = 200 << 20
"""Bytes of all parts, unpacked."""

_MAX_TEXT = 16 << 20
"""Bytes of the parts with text: in larger ones
nothing is read. Novels have fewer."""

_CHUNK = 1 << 20

_DIGEST_VERSION = b"\x02"
"""First byte of a digest of words since pictures,
links and formats count as words."""


class LetterFingerprint(NamedTuple):
    """Hashes that identify a letter's file and its visible content.

    `output`: 16 bytes for the names and the unpacked bytes of all members, in any order. `words`: 9
    bytes for the visible content; empty if there is none, or nothing readable.
    """

    output: bytes
    words: bytes


class Fingerprinter:
    """Computes the fingerprints of the letters of one template.

    `fixed` are the parts that are the same in every letter. `changing` are the others as text in
    pieces, by their names.
    """

    def __init__(self, fixed: Mapping[str, bytes], changing: Mapping[str, str]) -> None:
        names = sorted({*fixed, *changing})
        self._entries = [hash_entry(name, part_hash(fixed.get(name, b""))) for name in names]
        self._positions = {name: names.index(name) for name in changing}
        self._hashes = {name: part_hash(data) for name, data in fixed.items()}
        self._body, self._other_texts = "", list[str]()
        for name, data in fixed.items():
            text = data.decode(errors="replace") if _may_have_text(name) else ""
            if _is_text_part(text):
                self._add_fixed_text(
                    TextExtractor(text).read((text,)), self._links(name, fixed), text
                )
        self._readers = {
            name: TextExtractor(part_text)
            for name, part_text in changing.items()
            if _is_text_part(part_text)
        }
        self._main_parts = {name for name, text in changing.items() if is_main_text(text)}
        self._fixed_links = {name: self._links(name, fixed) for name in self._readers}

    def compute(self, parts: Mapping[str, tuple[Sequence[str], bytes]]) -> LetterFingerprint:
        """Return the fingerprint of a letter from its parts.

        `parts` are its changing parts, in pieces and as bytes.
        """
        entries = [*self._entries]
        for name, (_, data) in parts.items():
            entries[self._positions[name]] = hash_entry(name, part_hash(data))
        body, aside = self._body, [*self._other_texts]
        for name, reader in self._readers.items():
            words = reader.read(parts[name][0])
            if "\x01" in words:
                relationships = {
                    rels: data for rels, (_, data) in parts.items() if rels.endswith(".rels")
                }
                links = self._links(name, relationships) if relationships else {}
                words = resolve_links(words, {**self._fixed_links[name], **links})
            if name in self._main_parts:
                body = words
            else:
                aside.append(words)
        return LetterFingerprint(part_hash(b"".join(entries)), words_digest(body, aside))

    def _links(self, name: str, parts: Mapping[str, bytes]) -> Mapping[str, str]:
        return read_links(name, parts.get(relationships_part(name), b""), self._hashes)

    def _add_fixed_text(self, words: str, links: Mapping[str, str], text: str) -> None:
        """Remember a part's visible content that is the same in every letter."""
        if is_main_text(text):
            self._body = resolve_links(words, links)
        else:
            self._other_texts.append(resolve_links(words, links))


def _may_have_text(name: str) -> bool:
    return name.endswith(".xml") and name not in PROPERTY_PARTS


def _is_text_part(part: str) -> bool:
    return is_main_text(part) or is_header_or_note(part)


def fingerprint_letter(letter: bytes) -> LetterFingerprint | None:
    """Return the fingerprint of a letter's bytes, or None if not a .docx."""
    unpacked = _unpack(letter)
    if unpacked is None:
        return None
    hashes, texts = unpacked
    return LetterFingerprint(hash_parts(hashes), words_digest(*_shown_texts(hashes, texts)))


def output_hash(letter: bytes) -> bytes:
    """Return a hash of all parts of a letter's file; empty if not a .docx."""
    unpacked = _unpack(letter)
    return hash_parts(unpacked[0]) if unpacked else b""


def _shown_texts(hashes: Mapping[str, bytes], texts: Mapping[str, bytes]) -> tuple[str, list[str]]:
    """Return the visible content of the text, and of headers and notes."""
    body, other_texts = "", []
    for name, data in texts.items():
        text = data.decode(errors="replace") if _may_have_text(name) else ""
        if _is_text_part(text):
            links = read_links(name, texts.get(relationships_part(name), b""), hashes)
            words = resolve_links(TextExtractor(text).read((text,)), links)
            if is_main_text(text):
                body = words
            else:
                other_texts.append(words)
    return body, other_texts


def _unpack(letter: bytes) -> tuple[dict[str, bytes], dict[str, bytes]] | None:
    """Return hashes of all parts, and the bytes of XML parts.

    None if it is not a zip, or too large for a letter. Only a piece of a part is in memory at a
    time.
    """
    hashes, texts = dict[str, bytes](), dict[str, bytes]()
    room, text_room = _MAX_BYTES, _MAX_TEXT
    try:
        with zipfile.ZipFile(io.BytesIO(letter)) as archive:
            for info in archive.infolist():
                name, digest, chunks = info.filename, hashlib.sha256(), list[bytes]()
                with archive.open(info) as part:
                    while chunk := part.read(_CHUNK):
                        digest.update(chunk)
                        room -= len(chunk)
                        if room < 0:
                            return None
                        if name.endswith((".xml", ".rels")):
                            text_room -= len(chunk)
                            chunks += [chunk] if text_room >= 0 else []
                hashes[name] = digest.digest()[:16]
                texts[name] = b"".join(chunks)
    except (*DAMAGE_ERRORS, OSError):
        return None
    return hashes, texts if text_room >= 0 else {}


# Visible content of WordprocessingML: the same whichever program saves it.
#
# 1. The division of text into runs does not count, nor do IDs, names and sizes.
# 2. Other visible content is written among the words as characters that XML cannot contain: ends
#    of paragraphs, lines and cells, emphasis (bold, struck through), pictures by their bytes, links
#    by their addresses.
# 3. Content that programs write twice for older ones (ECMA-376 part 3, 7.7) counts once.
# 4. Results of fields in headers and footers do not count, because Word itself writes them.
#
# Word, LibreOffice and python-docx all write the usual prefixes.

_TOKEN = re.compile(r"[^<]+|<[^>]*>?")
_FIELD_CHAR_TYPE = re.compile(r'fldCharType="(\w+)"')
_HIDDEN_ELEMENTS = {"mc:Fallback", *(name.replace(W, "w:") for name in DELETED)}
_ROOT_ELEMENT = re.compile(r"<([\w:]+)")
_HEADER_AND_NOTE_ROOTS = {"w:hdr", "w:ftr", "w:footnotes", "w:endnotes"}

_LINK_ATTRIBUTE = re.compile(r'\br:(?:embed|link|id|pict|href|dm)="([^"]*)"')
_UNCOUNTED_LINKS = {"w:headerReference", "w:footerReference"}
"""Headers and footers are read as parts of their own."""

_LINK_MARK = re.compile("\x01([^\x01\x02]*)\x02")
_CONTENT_SIGNS = {
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
"""Characters for visible content that is not text."""
_PARAGRAPH_END = _CONTENT_SIGNS["/w:p"]
_EMPTY_PARAGRAPH = _PARAGRAPH_END * 2
_FIELD_SIGN = "\x16"

_FORMAT_ELEMENTS = {
    "w:b",
    "w:i",
    "w:strike",
    "w:dstrike",
    "w:vanish",
    "w:u",
    "w:highlight",
    "w:vertAlign",
}
"""Emphasis of words that may mean something."""
_VALUE_ATTRIBUTE = re.compile(r'\bw:val="(\w+)"')
_OFF_VALUES = {"0", "false", "off", "none", "baseline"}

_MAX_CACHED = 5_000


class _ScanState(NamedTuple):
    """The state of `TextExtractor` at the start of a piece of XML."""

    open_tag: str = ""
    """The start of a tag that the last piece did not close."""
    is_in_text: bool = False
    hidden_depth: int = 0
    field_depth: int = 0
    run_format: tuple[str, ...] = ()
    """The formats of this run."""
    last_format: tuple[str, ...] = ()
    """The formats of the previous words."""


_START_STATE = _ScanState()


class TextExtractor:
    """Reads the visible content of a part in pieces, most of them repeated."""

    def __init__(self, part: str) -> None:
        self._skips_fields = is_header_or_note(part)
        self._cache: dict[_ScanState, dict[str, tuple[str, _ScanState]]] = {}

    def read(self, pieces: Iterable[str]) -> str:
        """Return the words of a part, with signs for other visible content."""
        state, words_read = _START_STATE, []
        cached = self._cache.setdefault(state, {})
        for piece in pieces:
            if "<" not in piece and not state.open_tag:
                if self._shows(state):
                    if state.run_format != state.last_format:
                        sign, state = _format_sign(piece, state)
                        cached = self._cache.setdefault(state, {})
                        words_read.append(sign)
                    words_read.append(html.unescape(piece) if "&" in piece else piece)
                continue
            words, end = cached.get(piece) or self._read(piece, state)
            words_read.append(words)
            if end is not state:
                state = end
                cached = self._cache.setdefault(state, {}) if not state.open_tag else {}
        return "".join(words_read)

    def _shows(self, state: _ScanState) -> bool:
        return (
            state.is_in_text
            and not state.hidden_depth
            and not (self._skips_fields and state.field_depth)
        )

    def _read(self, piece: str, start: _ScanState) -> tuple[str, _ScanState]:
        words_read, state = [], start
        for match in _TOKEN.finditer(start.open_tag + piece):
            token = match[0]
            if token[0] != "<":
                if self._shows(state):
                    sign, state = _format_sign(token, state)
                    words_read += [sign, html.unescape(token)]
            elif token[-1] != ">":
                state = state._replace(open_tag=token)
                break
            else:
                state = _next_state(token, state)
                sign = "" if state.hidden_depth else self._content_sign(token)
                words_read += [sign] if sign else []
        result = "".join(words_read), start if state == start else state
        cached = self._cache.get(start, {})
        if not start.open_tag and len(cached) < _MAX_CACHED:
            cached[piece] = result
        return result

    def _content_sign(self, token: str) -> str:
        """Return the character for a tag that is visible."""
        name = _element_name(token)
        if name == "w:p" and token.endswith("/>"):
            return _PARAGRAPH_END
        if self._skips_fields and (
            name == "w:fldSimple" or (name, _field_char_type(token)) == _FIELD_BEGIN
        ):
            return _FIELD_SIGN
        if name == "w:tab" and "w:val" in token:
            return ""  # the position of a tab stop, not a tab
        links = (
            _LINK_ATTRIBUTE.findall(token) if "r:" in token and name not in _UNCOUNTED_LINKS else ()
        )
        return _CONTENT_SIGNS.get(name, "") + "".join(f"\x01{link}\x02" for link in links)


def _format_sign(words: str, state: _ScanState) -> tuple[str, _ScanState]:
    """Return the characters before words whose format differs from the last."""
    if state.run_format == state.last_format or words.isspace():
        return "", state
    return f"\x0e{' '.join(sorted(state.run_format))}\x0f", state._replace(
        last_format=state.run_format
    )


_FIELD_BEGIN = ("w:fldChar", "begin")


def _element_name(token: str) -> str:
    return token[1:].split(None, 1)[0].rstrip("/>")


def _field_char_type(token: str) -> str:
    kind = _FIELD_CHAR_TYPE.search(token)
    return kind[1] if kind else ""


def _next_state(token: str, state: _ScanState) -> _ScanState:
    """Return the state after a tag."""
    name, is_empty = _element_name(token), token.endswith("/>")
    step = 0 if is_empty else -1 if name[0] == "/" else 1
    state = state._replace(open_tag="")
    if name in {"w:t", "/w:t"}:
        state = state._replace(is_in_text=step == 1)
    elif name == "w:r":
        state = state._replace(run_format=())
    elif name in _FORMAT_ELEMENTS:
        state = state._replace(run_format=(*state.run_format, *_format_names(name, token)))
    elif name.lstrip("/") in _HIDDEN_ELEMENTS:
        state = state._replace(hidden_depth=state.hidden_depth + step)
    elif name.lstrip("/") == "w:fldSimple":
        state = state._replace(field_depth=state.field_depth + step)
    elif name == "w:fldChar":
        step = {"separate": 1, "end": -1}.get(_field_char_type(token), 0)
        state = state._replace(field_depth=max(0, state.field_depth + step))
    return state


def _format_names(name: str, token: str) -> tuple[str, ...]:
    """Return the formats that a format's tag switches on; empty if none."""
    match = _VALUE_ATTRIBUTE.search(token)
    word = match[1] if match else "1"
    return () if word in _OFF_VALUES else (f"{name}{'' if word in _ON_VALUES else word}",)


_ON_VALUES = {"1", "true", "on"}


def read_links(part: str, relationships: bytes, hashes: Mapping[str, bytes]) -> dict[str, str]:
    """Return the visible content of a part's relationships, by their IDs.

    Pictures and embedded files count by their `hashes`, external ones by their address.
    """
    try:
        links = parse_relationships(relationships) if relationships else ()
    except DAMAGE_ERRORS:
        links = ()
    return {number: _link_content(relation, part, hashes) for number, relation in links}


def _link_content(relation: Relationship, part: str, hashes: Mapping[str, bytes]) -> str:
    if relation.external:
        return f"{relation.short_kind} {unquote(relation.target).rstrip('/')}"
    if relation.short_kind in {"image", "aFChunk", "oleObject", "package"}:
        path = relation._replace(target=unquote(relation.target)).path_from(part)
        return f"{relation.short_kind} {hashes.get(path, b'').hex()}"
    return relation.short_kind


def resolve_links(words: str, links: Mapping[str, str]) -> str:
    """Return a part's words, with relationship IDs replaced by what they show."""
    if "\x01" not in words:
        return words
    return _LINK_MARK.sub(lambda match: f"\x01{links.get(match[1], '')}\x02", words)


def is_header_or_note(part: str) -> bool:
    """Return whether a part's XML is a header, a footer or notes."""
    return _root_element(part) in _HEADER_AND_NOTE_ROOTS


def is_main_text(part: str) -> bool:
    """Return whether a part's XML is the letter's text."""
    return _root_element(part) == "w:document"


def _root_element(part: str) -> str:
    match = _ROOT_ELEMENT.search(part)
    return match[1] if match else ""


def words_digest(body: str, other_texts: Sequence[str]) -> bytes:
    """Return a hash of 9 bytes for the visible content of a complete letter.

    It is empty if the text shows nothing. Empty paragraphs do not count, because programs add or
    remove some. They may also renumber headers.
    """
    text = _drop_empty_paragraphs(body)
    if not text:
        return b""
    words = "\0".join((text, *sorted({*map(_drop_empty_paragraphs, other_texts)} - {""})))
    return _DIGEST_VERSION + hashlib.sha256(words.encode(errors="surrogatepass")).digest()[:8]


def _drop_empty_paragraphs(words: str) -> str:
    if _EMPTY_PARAGRAPH not in words:
        return words.strip(_PARAGRAPH_END)
    return _PARAGRAPH_END.join(filter(None, words.split(_PARAGRAPH_END)))
