"""The original of a letter, stored as a difference from its template.

To restore it, no template is compiled and no cell is needed. Only the parts that differ are stored,
each deflated with the template's part as dictionary (RFC 1951; zlib's preset dictionary). The hash
of the letter's output shows whether the result is right.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from merge.ooxml.part_hashes import hash_parts, part_hash
from merge.state.entries import TemplateText

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


def pack_template(parts: Mapping[str, bytes]) -> TemplateText:
    """Return the text that stores the unpacked parts of a template."""
    return TemplateText({name: _deflate(parts[name], b"") for name in sorted(parts)})


def unpack_template(text: TemplateText) -> dict[str, bytes]:
    """Return the parts of a template; raise zlib.error if they are damaged."""
    return {name: _inflate(data, b"") for name, data in text.parts.items()}


def difference(parts: Mapping[str, bytes], template: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts of a letter that differ from its template's, deflated."""
    changed = (name for name in sorted(parts) if parts[name] != template.get(name))
    return {name: _deflate_long(parts[name], template.get(name, b"")) for name in changed}


def restore(
    changed: Mapping[str, bytes], template: Mapping[str, bytes], output: bytes
) -> dict[str, bytes] | None:
    """Return the parts of an original from its difference.

    Return None if they are damaged, or do not have the hash `output`.
    """
    try:
        restored = {
            name: _inflate_long(data, template.get(name, b"")) for name, data in changed.items()
        }
    except zlib.error:
        return None
    parts = {**template, **restored}
    hashes = {name: part_hash(data) for name, data in parts.items()}
    return parts if hash_parts(hashes) == output else None


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
