"""Font files in one line: a table of characters, without outlines."""

from __future__ import annotations

import struct


def font(characters: str, form: int = 12) -> bytes:
    """Return a font whose `cmap`, of format 4 or 12, has these characters."""
    return _font(_segments(characters) if form == 4 else _groups(characters))


def collection(*characters: str) -> bytes:
    """Return several fonts in one file."""
    start = 12 + 4 * len(characters)
    places, fonts = [], b""
    for font_characters in characters:
        places.append(start + len(fonts))
        fonts += _font(_groups(font_characters), start + len(fonts))
    return struct.pack(f">4sII{len(places)}I", b"ttcf", 0x10000, len(places), *places) + fonts


def _font(subtable: bytes, start: int = 0) -> bytes:
    cmap = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + subtable
    return struct.pack(">I4H4s3I", 0x10000, 1, 0, 0, 0, b"cmap", 0, start + 28, len(cmap)) + cmap


def _groups(characters: str) -> bytes:
    groups = [struct.pack(">III", ord(c), ord(c), n) for n, c in enumerate(sorted(characters), 1)]
    size = 16 + 12 * len(groups)
    return struct.pack(">HHIII", 12, 0, size, 0, len(groups)) + b"".join(groups)


def _segments(characters: str) -> bytes:
    """Return a segment for each character.

    Odd ones have a list of glyphs, the others a difference.
    """
    codes = [*sorted(map(ord, characters)), 0xFFFF]
    count = len(codes)
    deltas = [0 if n % 2 else (n + 1 - c) & 0xFFFF for n, c in enumerate(codes)]
    offsets = [2 * (count - n + n // 2) if n % 2 else 0 for n in range(count)]
    glyphs = [n + 1 for n in range(count) if n % 2]
    parts = ([*codes, 0], codes, deltas, offsets, glyphs)
    body = b"".join(struct.pack(f">{len(part)}H", *part) for part in parts)
    return struct.pack(">7H", 4, 14 + len(body), 0, 2 * count, 0, 0, 0) + body
