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

_MAX_BYTES = 200 << 20
"""Bytes of all parts, unpacked."""

_MAX_TEXT = 16 << 20
"""Bytes of the parts with text: in larger ones nothing is read. Novels have fewer."""

_CHUNK = 1 << 20

_DIGEST_VERSION = b"\x02"
"""Begins what is said of a letter's words since pictures, links and formats count with them."""


class Fingerprint(NamedTuple):
    """`output`: 16 bytes for the names and the unpacked bytes of all members, in any order.

    `words`: 9 bytes for what a reader sees; empty where there is nothing, or nothing to be read.
    """

    output: bytes
    words: bytes


def part_hash(data: bytes) -> bytes:
    """Return 16 bytes for a part's bytes."""
    return hashlib.sha256(data).digest()[:16]


class Fingerprinter:
    """Makes the fingerprints of the letters of one template.

    `fixed` are the parts that are the same in every letter; of the others `changing` come as
    text in pieces, by their names.
    """

    def __init__(self, fixed: Mapping[str, bytes], changing: Mapping[str, str]) -> None:
        names = sorted({*fixed, *changing})
        self._entries = [_entry(name, part_hash(fixed.get(name, b""))) for name in names]
        self._positions = {name: names.index(name) for name in changing}
        self._hashes = {name: part_hash(data) for name, data in fixed.items()}
        self._body, self._other_texts = "", list[str]()
        for name, data in fixed.items():
            text = data.decode(errors="replace") if _may_have_text(name) else ""
            if _is_text_part(text):
                self._add_fixed_text(
                    TextExtractor(text).read((text,)), self._links(name, fixed), text
                )
        self._readers = {n: TextExtractor(t) for n, t in changing.items() if _is_text_part(t)}
        self._main_parts = {n for n, text in changing.items() if is_main_text(text)}
        self._fixed_links = {name: self._links(name, fixed) for name in self._readers}

    def compute(self, parts: Mapping[str, tuple[Sequence[str], bytes]]) -> Fingerprint:
        """Return the fingerprint of a letter with these changing parts, in pieces and as bytes."""
        listed = [*self._entries]
        for name, (_, data) in parts.items():
            listed[self._positions[name]] = _entry(name, part_hash(data))
        body, aside = self._body, [*self._other_texts]
        for name, reader in self._readers.items():
            words = reader.read(parts[name][0])
            if "\x01" in words:
                own = {rels: data for rels, (_, data) in parts.items() if rels.endswith(".rels")}
                links = self._links(name, own) if own else {}
                words = resolve_links(words, {**self._fixed_links[name], **links})
            if name in self._main_parts:
                body = words
            else:
                aside.append(words)
        return Fingerprint(part_hash(b"".join(listed)), words_digest(body, aside))

    def _links(self, name: str, parts: Mapping[str, bytes]) -> Mapping[str, str]:
        return read_links(name, parts.get(relationships_part(name), b""), self._hashes)

    def _add_fixed_text(self, words: str, links: Mapping[str, str], text: str) -> None:
        """Take in what a part shows that is the same in every letter."""
        if is_main_text(text):
            self._body = resolve_links(words, links)
        else:
            self._other_texts.append(resolve_links(words, links))


def _may_have_text(name: str) -> bool:
    return name.endswith(".xml") and name not in PROPERTY_PARTS


def _is_text_part(part: str) -> bool:
    return is_main_text(part) or is_header_or_note(part)


def _entry(name: str, digest: bytes) -> bytes:
    return name.encode() + b"\0" + digest


def fingerprint_letter(letter: bytes) -> Fingerprint | None:
    """Return the fingerprint of a file's bytes; None if it is no .docx."""
    unpacked = _unpack(letter)
    if unpacked is None:
        return None
    hashes, texts = unpacked
    return Fingerprint(_hash_parts(hashes), words_digest(*_shown_texts(hashes, texts)))


def output_hash(letter: bytes) -> bytes:
    """Return the fingerprint's `output` alone; empty for what is no .docx."""
    unpacked = _unpack(letter)
    return _hash_parts(unpacked[0]) if unpacked else b""


def _hash_parts(hashes: Mapping[str, bytes]) -> bytes:
    return part_hash(b"".join(_entry(name, hashes[name]) for name in sorted(hashes)))


def _shown_texts(hashes: Mapping[str, bytes], texts: Mapping[str, bytes]) -> tuple[str, list[str]]:
    """Return what a reader sees in the text, and in headers, footers and notes."""
    body, aside = "", []
    for name, data in texts.items():
        text = data.decode(errors="replace") if _may_have_text(name) else ""
        if _is_text_part(text):
            links = read_links(name, texts.get(relationships_part(name), b""), hashes)
            words = resolve_links(TextExtractor(text).read((text,)), links)
            if is_main_text(text):
                body = words
            else:
                aside.append(words)
    return body, aside


def _unpack(letter: bytes) -> tuple[dict[str, bytes], dict[str, bytes]] | None:
    """Return hashes of all parts, and the bytes of those with text and relationships.

    None where it is no zip, or too large for a letter. Only a piece of a part is held at a time.
    """
    hashes, texts = dict[str, bytes](), dict[str, bytes]()
    room, room_for_text = _MAX_BYTES, _MAX_TEXT
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
_FIELD_CHAR_TYPE = re.compile(r'fldCharType="(\w+)"')
_HIDDEN_ELEMENTS = {"mc:Fallback", *(name.replace(W, "w:") for name in DELETED)}
_ROOT_ELEMENT = re.compile(r"<([\w:]+)")
_HEADER_AND_NOTE_ROOTS = {"w:hdr", "w:ftr", "w:footnotes", "w:endnotes"}

_LINK_ATTRIBUTE = re.compile(r'\br:(?:embed|link|id|pict|href|dm)="([^"]*)"')
_UNCOUNTED_LINKS = {"w:headerReference", "w:footerReference"}
"""Headers and footers are read for themselves."""

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
"""Signs for what a reader sees and is no letter."""
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
"""How words stand out so that it may mean something."""
_VALUE_ATTRIBUTE = re.compile(r'\bw:val="(\w+)"')
_OFF_VALUES = {"0", "false", "off", "none", "baseline"}

_MAX_CACHED = 5_000


class _ScanState(NamedTuple):
    """Where in the XML a piece begins."""

    open_tag: str = ""
    """What there is of a tag that the last piece did not close."""
    is_in_text: bool = False
    hidden_depth: int = 0
    field_depth: int = 0
    run_format: tuple[str, ...] = ()
    """How the words of this run stand out."""
    last_format: tuple[str, ...] = ()
    """How those stood out that came last."""


_START_STATE = _ScanState()


class TextExtractor:
    """Reads what one part shows that comes in pieces, most of which come again."""

    def __init__(self, part: str) -> None:
        self._skips_fields = is_header_or_note(part)
        self._cache: dict[_ScanState, dict[str, tuple[str, _ScanState]]] = {}

    def read(self, pieces: Iterable[str]) -> str:
        """Return the part's words as they stand, with signs for all else that is seen."""
        state, found = _START_STATE, []
        known = self._cache.setdefault(state, {})
        for piece in pieces:
            if "<" not in piece and not state.open_tag:
                if self._shows(state):
                    if state.run_format != state.last_format:
                        sign, state = _format_sign(piece, state)
                        known = self._cache.setdefault(state, {})
                        found.append(sign)
                    found.append(html.unescape(piece) if "&" in piece else piece)
                continue
            words, end = known.get(piece) or self._read(piece, state)
            found.append(words)
            if end is not state:
                state = end
                known = self._cache.setdefault(state, {}) if not state.open_tag else {}
        return "".join(found)

    def _shows(self, state: _ScanState) -> bool:
        return (
            state.is_in_text
            and not state.hidden_depth
            and not (self._skips_fields and state.field_depth)
        )

    def _read(self, piece: str, start: _ScanState) -> tuple[str, _ScanState]:
        found, state = [], start
        for match in _TOKEN.finditer(start.open_tag + piece):
            token = match[0]
            if token[0] != "<":
                if self._shows(state):
                    sign, state = _format_sign(token, state)
                    found += [sign, html.unescape(token)]
            elif token[-1] != ">":
                state = state._replace(open_tag=token)
                break
            else:
                state = _next_state(token, state)
                sign = "" if state.hidden_depth else self._content_sign(token)
                found += [sign] if sign else []
        read = "".join(found), start if state == start else state
        known = self._cache.get(start, {})
        if not start.open_tag and len(known) < _MAX_CACHED:
            known[piece] = read
        return read

    def _content_sign(self, token: str) -> str:
        """Return what stands for a tag that is seen."""
        name = _element_name(token)
        if name == "w:p" and token.endswith("/>"):
            return _PARAGRAPH_END
        if self._skips_fields and (
            name == "w:fldSimple" or (name, _field_char_type(token)) == _FIELD_BEGIN
        ):
            return _FIELD_SIGN
        if name == "w:tab" and "w:val" in token:
            return ""  # where a tab leads to, not one
        links = (
            _LINK_ATTRIBUTE.findall(token) if "r:" in token and name not in _UNCOUNTED_LINKS else ()
        )
        return _CONTENT_SIGNS.get(name, "") + "".join(f"\x01{link}\x02" for link in links)


def _format_sign(words: str, state: _ScanState) -> tuple[str, _ScanState]:
    """Return what stands before words that do not stand out as those before them did."""
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
    """Return the state behind a tag."""
    name, empty = _element_name(token), token.endswith("/>")
    step = 0 if empty else -1 if name[0] == "/" else 1
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
    """Return how a format's tag makes words stand out; nothing where it says that they do not."""
    found = _VALUE_ATTRIBUTE.search(token)
    word = found[1] if found else "1"
    return () if word in _OFF_VALUES else (f"{name}{'' if word in _ON_VALUES else word}",)


_ON_VALUES = {"1", "true", "on"}


def read_links(part: str, relationships: bytes, hashes: Mapping[str, bytes]) -> dict[str, str]:
    """Return what is seen behind the ids of a part's relationships.

    Pictures and embedded files count by their `hashes`, what lies elsewhere by its address.
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
    """Return what a part shows, with what is behind ids in the place of these."""
    if "\x01" not in words:
        return words
    return _LINK_MARK.sub(lambda found: f"\x01{links.get(found[1], '')}\x02", words)


def is_header_or_note(part: str) -> bool:
    """Return whether a part's XML is a header, a footer or notes, which stand beside the text."""
    return _root_element(part) in _HEADER_AND_NOTE_ROOTS


def is_main_text(part: str) -> bool:
    """Return whether a part's XML is the letter's text."""
    return _root_element(part) == "w:document"


def _root_element(part: str) -> str:
    found = _ROOT_ELEMENT.search(part)
    return found[1] if found else ""


def words_digest(body: str, aside: Sequence[str]) -> bytes:
    """Return 9 bytes for what a whole letter shows; empty if the text shows nothing.

    Empty paragraphs do not count: programs add some, or remove some. They may also number headers
    anew.
    """
    text = _drop_empty_paragraphs(body)
    if not text:
        return b""
    words = "\0".join((text, *sorted({*map(_drop_empty_paragraphs, aside)} - {""})))
    return _DIGEST_VERSION + hashlib.sha256(words.encode(errors="surrogatepass")).digest()[:8]


def _drop_empty_paragraphs(words: str) -> str:
    if _EMPTY_PARAGRAPH not in words:
        return words.strip(_PARAGRAPH_END)
    return _PARAGRAPH_END.join(filter(None, words.split(_PARAGRAPH_END)))
