"""What tells one version of a letter from another: its bytes, however zipped, and its words."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from merge.hygiene.properties import PROPERTY_PARTS
from merge.ooxml.container import UNEXPECTED
from merge.words import Reader, digest, is_aside, is_text

_MOST = 200 << 20
"""Bytes of all parts, unpacked."""


class Fingerprint(NamedTuple):
    """`output`: 16 bytes for the names and the unpacked bytes of all members, in any order.

    `words`: 8 bytes for the words alone; empty where there are none.
    """

    output: bytes
    words: bytes


def hashed(data: bytes) -> bytes:
    """16 bytes for a part's bytes."""
    return hashlib.sha256(data).digest()[:16]


class Fingerprints:
    """Makes the fingerprints of the letters of one template.

    `fixed` are the parts that are the same in every letter; of the others `changing` come as
    text in pieces, by their names.
    """

    def __init__(self, fixed: Mapping[str, bytes], changing: Mapping[str, str]) -> None:
        names = sorted({*fixed, *changing})
        self._listed = [_entry(name, fixed.get(name, b"")) for name in names]
        self._places = {name: names.index(name) for name in changing}
        texts = [data.decode(errors="replace") for n, data in fixed.items() if _has_words(n)]
        self._body = "".join(Reader(t).read((t,)) for t in texts if is_text(t))
        self._aside = [Reader(t).read((t,)) for t in texts if is_aside(t)]
        self._readers = {n: Reader(t) for n, t in changing.items() if is_text(t) or is_aside(t)}
        self._bodies = {name for name, text in changing.items() if is_text(text)}

    def of(self, parts: Mapping[str, tuple[Sequence[str], bytes]]) -> Fingerprint:
        """The fingerprint of a letter whose changing parts are these, in pieces and as bytes."""
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
        return Fingerprint(hashed(b"".join(listed)), digest(body, aside))


def _has_words(name: str) -> bool:
    return name.endswith(".xml") and name not in PROPERTY_PARTS


def _entry(name: str, data: bytes) -> bytes:
    return name.encode() + b"\0" + hashed(data)


def fingerprint_of(letter: bytes) -> Fingerprint | None:
    """The fingerprint of a file's bytes; None where it is no .docx."""
    try:
        with zipfile.ZipFile(io.BytesIO(letter)) as archive:
            parts = _unpacked(archive)
    except (*UNEXPECTED, OSError):
        return None
    texts = [data.decode(errors="replace") for name, data in parts.items() if _has_words(name)]
    listed = b"".join(_entry(name, parts[name]) for name in sorted(parts))
    return Fingerprint(hashed(listed), _words(texts))


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    parts, room = {}, _MOST
    for info in archive.infolist():
        with archive.open(info) as part:
            parts[info.filename] = part.read(room + 1)
        room -= len(parts[info.filename])
        if room < 0:
            raise zipfile.BadZipFile("it is too large for a letter")
    return parts


def _words(texts: Iterable[str]) -> bytes:
    body, aside = "", []
    for text in texts:
        if is_text(text):
            body = Reader(text).read((text,))
        elif is_aside(text):
            aside.append(Reader(text).read((text,)))
    return digest(body, aside)
