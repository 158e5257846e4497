"""The original of a letter, stored as a difference from its template.

To restore it, no template is compiled and no cell is needed. Only the parts that differ are stored,
each deflated with the template's part as dictionary (RFC 1951; zlib's preset dictionary), in
base64.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping

Parts = Mapping[str, bytes]
"""The bytes of XML parts by their names."""
PackedParts = Mapping[str, str]
"""Parts as they are stored, by their names."""

_CHUNK = 12 << 10
_BEFORE, _WINDOW = 8 << 10, 32 << 10
"""Bytes of a dictionary before the chunk, and in all."""
_MAX_BYTES = 200 << 20
"""Most bytes of a part, unpacked."""
_RAW = -15
"""The window of a deflated stream without a header."""
_MEMORY = 9
"""The level of memory for deflating, the highest one."""
_LENGTH_BYTES = 3


def pack_template(parts: Parts) -> PackedParts:
    """Return the text that stores the XML parts of a template."""
    return {name: _encode(_deflate(parts[name], b"")) for name in sorted(parts)}


def pack_original(parts: Parts, template: Parts) -> PackedParts:
    """Return the text that stores the XML parts of a letter."""
    changed = (name for name in sorted(parts) if parts[name] != template.get(name))
    return {name: _encode(_deflate_long(parts[name], template.get(name, b""))) for name in changed}


def restore_original(original: PackedParts, template: PackedParts) -> Parts | None:
    """Return the XML parts of a letter from its text and its template's.

    Return None if they are damaged.
    """
    try:
        parts = {name: _inflate(_decode(data), b"") for name, data in template.items()}
        changed = {
            name: _inflate_long(_decode(data), parts.get(name, b""))
            for name, data in original.items()
        }
    except (zlib.error, ValueError, TypeError):
        return None
    return parts | changed


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _deflate_long(data: bytes, reference: bytes) -> bytes:
    """Deflate a part in chunks, each with the near text as dictionary."""
    packed = []
    for start in range(0, len(data), _CHUNK):
        chunk = _deflate(data[start : start + _CHUNK], _dictionary(reference, start))
        packed.append(len(chunk).to_bytes(_LENGTH_BYTES, "big") + chunk)
    return b"".join(packed)


def _inflate_long(packed: bytes, reference: bytes) -> bytes:
    chunks, start, position = list[bytes](), 0, 0
    while position < len(packed):
        end = position + _LENGTH_BYTES
        length = int.from_bytes(packed[position:end], "big")
        chunks.append(_inflate(packed[end : end + length], _dictionary(reference, start)))
        position, start = end + length, start + _CHUNK
    return b"".join(chunks)


def _dictionary(reference: bytes, start: int) -> bytes:
    first = max(0, start - _BEFORE)
    return reference[first : first + _WINDOW]


def _deflate(data: bytes, dictionary: bytes) -> bytes:
    tool = zlib.compressobj(9, zlib.DEFLATED, _RAW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return tool.compress(data) + tool.flush()


def _inflate(packed: bytes, dictionary: bytes) -> bytes:
    tool = zlib.decompressobj(_RAW, dictionary)
    data = tool.decompress(packed, _MAX_BYTES)
    if not tool.eof:
        raise zlib.error
    return data
