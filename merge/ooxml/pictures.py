"""Remove metadata from PNG, JPEG and GIF: place, camera, owner, program.

1. Nothing is compressed again. The parts of the file are walked, and those that a reader needs are
   joined again.
2. Orientation, resolution and colour profile are kept.
3. Sources: ITU-T T.81 and CIPA DC-008 (JPEG, Exif), ISO/IEC 15948 (PNG), GIF89a.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator


class PictureError(Exception):
    """A picture is damaged."""


def without_metadata(data: bytes) -> bytes | None:
    """Return a PNG, JPEG or GIF without metadata such as place and author.

    None for any other kind of picture. Raise PictureError if it cannot be read.
    """
    for signatures, clean in _CLEANERS.items():
        if data.startswith(signatures):
            try:
                return clean(data)
            except (struct.error, IndexError, ValueError, OverflowError) as error:
                raise PictureError from error
    return None


# JPEG: segments. Exif keeps orientation and resolution, JFIF everything but its thumbnail.

_EOI, _SOS = 0xD9, 0xDA
_MARKERS_WITHOUT_BODY = {0x01, *range(0xD0, 0xD8)}
_DECODING_MARKERS = {*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}
"""Markers of segments that are needed to decode pixels.

They are frames, tables, scans and restarts.
"""


def _clean_jpeg(data: bytes) -> bytes:
    front, pieces, exif = [data[:2]], [], b""
    for marker, body, scan in _segments(data):
        if marker == 0xE1 and body.startswith(b"Exif\0"):
            exif = exif or _minimal_exif(body[6:])
        elif marker == 0xE0 and body.startswith(b"JFIF\0"):
            front = [data[:2], _segment(marker, body[:12] + b"\0\0")]  # without its thumbnail
        elif marker in _MARKERS_WITHOUT_BODY:
            pieces.append(bytes((0xFF, marker)))
        elif marker in _DECODING_MARKERS or _is_kept_segment(marker, body):
            kept_body = body[:12] if marker == 0xEE else body
            pieces += [_segment(marker, kept_body), scan]
    exif_segment = _segment(0xE1, b"Exif\0\0" + exif) if exif else b""
    return b"".join((*front, exif_segment, *pieces, bytes((0xFF, _EOI))))


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the segments of a JPEG: marker, body, and pixels after a scan."""
    position = 2
    while position < len(data):  # a truncated file shows what remains of it
        if data[position] != 0xFF:
            raise ValueError(position)
        while data[position] == 0xFF:  # any number of these may precede a marker
            position += 1
        marker, position = data[position], position + 1
        if marker == _EOI:
            return
        if marker in _MARKERS_WITHOUT_BODY:
            yield marker, b"", b""
            continue
        end = position + int.from_bytes(data[position : position + 2], "big")
        if not position + 2 <= end <= len(data):
            raise ValueError(position)
        next_segment = _scan_end(data, end) if marker == _SOS else end
        yield marker, data[position + 2 : end], data[end:next_segment]
        position = next_segment


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _is_kept_segment(marker: int, body: bytes) -> bool:
    """Return whether a JPEG segment is needed to decode the colours.

    It has a colour profile, or Adobe's note on how colours are stored.
    """
    profile = marker == 0xE2 and body.startswith(b"ICC_PROFILE\0")
    return profile or (marker == 0xEE and body.startswith(b"Adobe"))


def _scan_end(data: bytes, position: int) -> int:
    """Return the end of a JPEG scan's pixels: a marker other than a restart."""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 1 >= len(data):
            return len(data)
        if data[position + 1] not in {0x00, 0xFF, *range(0xD0, 0xD8)}:
            return position
        position += 1 if data[position + 1] == 0xFF else 2


# Exif: a TIFF with entries of 12 bytes: a tag, a type, a count, and the value or its position.

_KEPT_EXIF_ENTRIES = {274: (3, 2), 282: (5, 8), 283: (5, 8), 296: (3, 2)}
"""Type and size of the orientation and resolution, by their tags."""


def _minimal_exif(tiff: bytes) -> bytes:
    """Return Exif data with only the picture's orientation and resolution.

    Empty if it has neither.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4], "")
    values_by_tag = {}
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, amount, place = struct.unpack_from(f"{order}HHII", tiff, entry)
            kept_kind, size = _KEPT_EXIF_ENTRIES.get(tag, (0, 0))
            value_start = place if size > 4 else entry + 8
            value = tiff[value_start : value_start + size]
            if (kind, amount, len(value)) == (kept_kind, 1, size):
                values_by_tag[tag] = value
    except struct.error:
        return b""
    if not order or not values_by_tag:
        return b""
    values_start = 8 + 2 + 12 * len(values_by_tag) + 4
    entries, values = b"", b""
    for tag, value in sorted(values_by_tag.items()):
        inline = value.ljust(4, b"\0") if len(value) <= 4 else b""
        entries += struct.pack(f"{order}HHI", tag, _KEPT_EXIF_ENTRIES[tag][0], 1)
        entries += inline or struct.pack(f"{order}I", values_start + len(values))
        values += b"" if inline else value
    head = tiff[:4] + struct.pack(f"{order}IH", 8, len(values_by_tag))
    return head + entries + bytes(4) + values


# PNG: chunks.

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {
    *(b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"cHRM", b"gAMA", b"sBIT", b"sRGB", b"bKGD", b"hIST"),
    *(b"pHYs", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT"),
}


def _clean_png(data: bytes) -> bytes:
    pieces, position = [_PNG], len(_PNG)
    while True:
        (size,) = struct.unpack_from(">I", data, position)
        kind, body = data[position + 4 : position + 8], data[position + 8 : position + 8 + size]
        chunk = data[position : position + 12 + size]
        if len(chunk) < 12 + size or (kind[:1].isupper() and kind not in {*_PNG_KEPT, b"IEND"}):
            raise ValueError(kind)
        if kind == b"eXIf":
            body = _minimal_exif(body)
            pieces.append(_chunk(kind, body) if body else b"")
        elif kind == b"iCCP":  # its name may be that of a screen or a person
            pieces.append(_chunk(kind, b"ICC" + body[body.index(b"\0") :]))
        elif kind in _PNG_KEPT:
            pieces.append(chunk)
        position += 12 + size
        if kind == b"IEND":
            return b"".join((*pieces, _chunk(b"IEND", b"")))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


# GIF: blocks. Kept extensions are those for animation and colours.


def _clean_gif(data: bytes) -> bytes:
    position = 13 + _colour_table_size(data[10])
    pieces = [data[:position]]
    while data[position] != 0x3B:
        start = position
        if data[position] == 0x2C:
            position = _blocks_end(data, position + 11 + _colour_table_size(data[position + 9]))
            pieces.append(data[start:position])
        elif data[position] == 0x21:
            position = _blocks_end(data, position + 2)
            program = data[start + 3 : start + 14]
            needed = program in {b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"}
            if data[start + 1] == 0xF9 or (data[start + 1] == 0xFF and needed):
                pieces.append(data[start:position])
        else:
            raise ValueError(position)
    return b"".join((*pieces, b";"))


def _colour_table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks_end(data: bytes, position: int) -> int:
    while data[position]:
        position += data[position] + 1
    if position >= len(data):
        raise ValueError(position)
    return position + 1


_CLEANERS = {
    (b"\xff\xd8",): _clean_jpeg,
    (_PNG,): _clean_png,
    (b"GIF87a", b"GIF89a"): _clean_gif,
}
