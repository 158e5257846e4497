"""Remove metadata from pictures: place, camera, owner, program, path.

1. Nothing is compressed again. The parts of the file are walked, and those that a reader needs are
   joined again.
2. Orientation, resolution and colour profile are kept.
3. Sources: ITU-T T.81 and CIPA DC-008 (JPEG, Exif), ISO/IEC 15948 (PNG), GIF89a, TIFF 6.0, Google's
   WebP container, MS-EMF, MS-EMFPLUS and MS-WMF.
"""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

_MAX_METAFILE_BYTES = 100 << 20
"""Maximum size of an unpacked metafile in bytes."""


class PictureError(Exception):
    """A picture is damaged, or of an unknown kind."""


def without_metadata(data: bytes) -> bytes:
    """Return a picture's bytes without metadata such as place and author.

    Raise PictureError if it cannot be read.
    """
    for signatures, clean in _CLEANERS:
        if any(data.startswith(signature) for signature in signatures):
            try:
                return clean(data)
            except (
                struct.error,
                IndexError,
                ValueError,
                OverflowError,
                EOFError,
                OSError,
            ) as error:
                raise PictureError from error
            except zlib.error as error:
                raise PictureError from error
    raise PictureError


def _cleaned_to_same_length(data: bytes) -> bytes:
    """Return a picture in another file without metadata, of the same length."""
    clean = without_metadata(data)
    if len(clean) > len(data):
        raise ValueError(len(clean))
    return clean.ljust(len(data), b"\0")


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


# Exif and TIFF: entries of 12 bytes: a tag, a type, a count, and the value or its position.

_SIZES_BY_TYPE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_Order = Literal["<", ">"]
_ORIENTATION = 274
_RESOLUTION = (282, 283, 296)


def _order(data: bytes) -> _Order:
    if data[:4] not in {b"II*\0", b"MM\0*"}:
        raise ValueError(data[:4])
    return "<" if data[:1] == b"I" else ">"


class _TiffDirectoryEntry(NamedTuple):
    """An entry of a TIFF directory, with its value's position and length."""

    tag: int
    kind: int
    amount: int
    place: int
    size: int


def _entries(data: bytes, start: int, order: _Order) -> Iterator[_TiffDirectoryEntry]:
    """Yield the entries of a TIFF directory."""
    (count,) = struct.unpack_from(f"{order}H", data, start)
    for place in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, amount, value = struct.unpack_from(f"{order}HHII", data, place)
        size = _SIZES_BY_TYPE.get(kind, 1) * amount
        yield _TiffDirectoryEntry(
            tag, kind, amount, place=value if size > 4 else place + 8, size=size
        )


def _minimal_exif(tiff: bytes) -> bytes:
    """Return Exif data with only the picture's orientation and resolution.

    Empty if it has neither.
    """
    values_by_tag = {}
    try:
        order = _order(tiff)
        start = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for tag, kind, amount, place, size in _entries(tiff, start, order):
            is_valid = {_ORIENTATION: 3, 282: 5, 283: 5, 296: 3}.get(tag) == kind and amount == 1
            if is_valid and place + size <= len(tiff):
                values_by_tag[tag] = (kind, tiff[place : place + size])
    except (struct.error, ValueError):
        return b""
    if not values_by_tag:
        return b""
    values_start = 8 + 2 + 12 * len(values_by_tag) + 4
    entries, values = b"", b""
    for tag, (kind, value) in sorted(values_by_tag.items()):
        inline = value.ljust(4, b"\0") if len(value) <= 4 else b""
        entries += struct.pack(f"{order}HHI", tag, kind, 1)
        entries += inline or struct.pack(f"{order}I", values_start + len(values))
        values += b"" if inline else value
    head = tiff[:4] + struct.pack(f"{order}IH", 8, len(values_by_tag))
    return head + entries + bytes(4) + values


_TIFF_KEPT = {
    *(254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, _ORIENTATION, 277, 278, 279, 280),
    *(281, *_RESOLUTION, 284, 290, 291, 292, 293, 301, 317, 318, 319, 320, 321, 322, 323, 324),
    *(325, 332, 334, 336, 338, 339, 340, 341, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521),
    *(529, 530, 531, 532, 34675),
}
"""Tags that decode pixels, the resolution, and the colour profile."""
_SIZE_TAGS_BY_PLACE_TAG = {273: 279, 324: 325, 513: 514}
"""Tags with the positions of pixels, and the tags with their lengths."""


def _clean_tiff(data: bytes) -> bytes:
    """Return a TIFF in which all bytes are zero but those of kept entries.

    Bytes after the last of them are cut off.
    """
    order = _order(data)
    result, ranges = bytearray(len(data)), [(0, 8)]
    result[:8] = data[:8]
    directory, directories = struct.unpack_from(f"{order}I", data, 4)[0], set[int]()
    while directory and directory not in directories:
        directories.add(directory)
        entries = [e for e in _entries(data, directory, order) if e.tag in _TIFF_KEPT]
        (count,) = struct.unpack_from(f"{order}H", data, directory)
        next_directory = struct.unpack_from(f"{order}I", data, directory + 2 + 12 * count)[0]
        rows = [struct.unpack_from("12s", data, directory + 2 + 12 * n)[0] for n in range(count)]
        kept_rows = [r for r in rows if struct.unpack_from(f"{order}H", r)[0] in _TIFF_KEPT]
        table = struct.pack(f"{order}H", len(kept_rows)) + b"".join(kept_rows)
        table += struct.pack(f"{order}I", 0 if next_directory in directories else next_directory)
        result[directory : directory + len(table)] = table
        ranges.append((directory, len(table)))
        values = {e.tag: _entry_values(data, order, e) for e in entries if e.tag in _STRIP_TAGS}
        blocks = [(e.place, e.size) for e in entries if e.size > 4]
        for places_tag, sizes_tag in _SIZE_TAGS_BY_PLACE_TAG.items():
            blocks += zip(values.get(places_tag, ()), values.get(sizes_tag, ()), strict=False)
        is_jpeg = any(
            e.tag == 259 and _entry_values(data, order, e)[:1] in _JPEG_COMPRESSIONS
            for e in entries
        )
        for place, size in blocks:
            block = data[place : place + size]
            is_complete = is_jpeg and block[:2] == _SOI
            result[place : place + size] = _cleaned_to_same_length(block) if is_complete else block
            ranges.append((place, size))
        directory = next_directory
    return bytes(result[: max(place + size for place, size in ranges)])


_SOI = b"\xff\xd8"
_JPEG_COMPRESSIONS = {(6,), (7,)}
"""Kinds of compression that use JPEG.

Each block of pixels is a complete JPEG, and so are the common tables.
"""
_STRIP_TAGS = {*_SIZE_TAGS_BY_PLACE_TAG, *_SIZE_TAGS_BY_PLACE_TAG.values()}


def _entry_values(data: bytes, order: _Order, entry: _TiffDirectoryEntry) -> tuple[int, ...]:
    if entry.kind not in {3, 4} or entry.place + entry.size > len(data):
        raise ValueError(entry.kind)
    form = f"{order}{entry.amount}{'H' if entry.kind == 3 else 'I'}"
    return struct.unpack_from(form, data, entry.place)


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


# WebP: RIFF chunks.

_WEBP_KEPT = {b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}


def _clean_webp(data: bytes) -> bytes:
    if data[8:12] != b"WEBP":
        raise ValueError(data[:12])
    file_end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    chunks, at = [], 12
    while at + 8 <= file_end:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if len(body) < size:
            raise ValueError(at)
        if kind == b"EXIF":
            body = _minimal_exif(body.removeprefix(b"Exif\0\0"))
        if kind == b"ANMF":
            body = body[:16] + _shown_frame_chunks(body)
        if kind in _WEBP_KEPT or kind == b"VP8X" or (kind == b"EXIF" and body):
            chunks.append((kind, body))
        at += 8 + size + size % 2
    has_exif = any(kind == b"EXIF" for kind, _ in chunks)
    content = b"WEBP"
    for kind, body in chunks:
        flags = (body[0] & 0xF3) | (8 if has_exif else 0)
        chunk = bytes((flags,)) + body[1:] if kind == b"VP8X" else body
        content += kind + len(chunk).to_bytes(4, "little") + chunk + b"\0" * (len(chunk) % 2)
    return b"RIFF" + len(content).to_bytes(4, "little") + content


def _shown_frame_chunks(body: bytes) -> bytes:
    """Return the visible chunks of an animation's frame."""
    chunks, position = b"", 16
    while position + 8 <= len(body):
        size = int.from_bytes(body[position + 4 : position + 8], "little")
        end = position + 8 + size + size % 2
        if position + 8 + size > len(body):
            raise ValueError(position)
        if body[position : position + 4] in {b"VP8 ", b"VP8L", b"ALPH"}:
            chunks += body[position:end]
        position = end
    return chunks


# BMP: header, colours and pixels. Bytes between them become zero, bytes after them are removed.


def _clean_bmp(data: bytes) -> bytes:
    pixels, header = struct.unpack_from("<I", data, 10)[0], struct.unpack_from("<I", data, 14)[0]
    if header < 40:
        (width, height, _, bits), compression, colours, size = (
            struct.unpack_from("<4H", data, 18),
            0,
            0,
            0,
        )
    else:
        width, height, _, bits, compression, size = struct.unpack_from("<iiHHII", data, 18)
        colours = struct.unpack_from("<I", data, 46)[0]
    if compression in {0, 3, 6}:
        size = (abs(width) * bits + 31) // 32 * 4 * abs(height)
    masks = {3: 12, 6: 16}.get(compression, 0) if header == 40 else 0
    table = (colours or (1 << bits if bits <= 8 else 0)) * (3 if header < 40 else 4)
    head = bytearray(data[: 14 + header + masks + table])
    if header >= 124 and bytes(head[70:74]) in {
        b"KNIL",
        b"DEBM",
    }:  # the path of a colour profile, or a profile
        head[70:74] = b"BGRs"
        head[126:134] = bytes(8)
    if len(head) > pixels or pixels + size > len(data):
        raise ValueError(size)
    head[6:10] = bytes(4)
    pixel_bytes = data[pixels : pixels + size]
    return bytes(head).ljust(pixels, b"\0") + (
        _cleaned_to_same_length(pixel_bytes)
        if compression in _EMBEDDED_FILE_COMPRESSIONS
        else pixel_bytes
    )


_EMBEDDED_FILE_COMPRESSIONS = {4, 5}
"""Kinds of compression whose pixels are a complete JPEG or PNG."""


# Metafiles: records. Descriptions and comments are removed, but not comments with EMF+.


_DROPPED_RECORDS = {
    *(99, 100, 101, 112, 113, 121, 122),  # colour spaces and profiles, with file names
    *(102, 103, 105, 106, 110),  # OpenGL, printer commands
}
_BITMAP_RECORDS = {80, 81}
"""Records that draw a bitmap, which can be a JPEG or PNG."""


def _clean_emf(data: bytes) -> bytes:
    if data[40:44] != b" EMF":
        raise ValueError(data[40:44])
    pieces, position, kind, images = [], 0, 0, _EmfPlusImages()
    while kind != 14:  # end of file
        kind, size = struct.unpack_from("<II", data, position)
        record = data[position : position + size]
        if size < 8 or len(record) < size:
            raise ValueError(position)
        if kind == 70 and record[12:16] == b"EMF+":
            pieces.append(_clean_emf_plus_record(record, images))
        elif kind in _BITMAP_RECORDS:
            pieces.append(_clean_bitmap_record(record))
        elif kind == 14:
            pieces.append(_emf_end(record))
        elif kind != 70 and kind not in _DROPPED_RECORDS:
            pieces.append(bytearray(record))
        position += size
    images.clean()
    pieces[0] = _emf_head(pieces[0])
    struct.pack_into("<II", pieces[0], 48, sum(map(len, pieces)), len(pieces))
    return b"".join(pieces)


def _emf_head(record: bytearray) -> bytearray:
    """Return the first record of an EMF without description and pixel format.

    Everything after them is removed too.
    """
    text, place = struct.unpack_from("<II", record, 60)
    header_end = min(len(record), place) if text and place >= 88 else len(record)
    head = record[: max(size for size in (88, 100, 108) if size == 88 or size <= header_end)]
    head[60:68] = bytes(8)
    if len(head) >= 100:
        head[88:96] = bytes(8)
    struct.pack_into("<I", head, 4, len(head))
    return head


def _emf_end(record: bytes) -> bytearray:
    """Return the last record of an EMF with only its palette."""
    count, place = struct.unpack_from("<II", record, 8)
    palette = record[place : place + 4 * count] if count else b""
    size = 20 + len(palette)
    return bytearray(struct.pack("<4I", 14, size, count, 16) + palette + struct.pack("<I", size))


def _clean_bitmap_record(record: bytes) -> bytearray:
    """Return a record that draws a bitmap, cleaned if that is a JPEG or PNG."""
    result = bytearray(record)
    header, _, place, size = struct.unpack_from("<4I", record, 48)
    if size and struct.unpack_from("<I", record, header + 16)[0] in _EMBEDDED_FILE_COMPRESSIONS:
        result[place : place + size] = _cleaned_to_same_length(record[place : place + size])
    return result


class _EmfPlusImages:
    """The images of EMF+; one image may span several records."""

    def __init__(self) -> None:
        self._objects: list[list[tuple[bytearray, int, int]]] = []
        self._is_continued = False

    def add(self, record: bytearray, start: int, size: int, *, goes_on: bool) -> None:
        """Add a piece of an image that is split over several EMF+ records.

        `goes_on` says that the record is marked as one of several.
        """
        if not (goes_on and self._is_continued):
            self._objects.append([])
        self._objects[-1].append((record, start, size))
        self._is_continued = goes_on

    def clean(self) -> None:
        """Remove metadata from all collected images in place."""
        for pieces in self._objects:
            image = b"".join(bytes(record[start : start + size]) for record, start, size in pieces)
            position, clean = 0, _clean_emf_plus_image(image)
            for record, start, size in pieces:
                record[start : start + size] = clean[position : position + size]
                position += size


def _clean_emf_plus_image(data: bytes) -> bytes:
    """Return an image object of EMF+ without metadata, of the same length.

    Only version and kind are kept as they are, and the format of a bitmap (2.2.2).
    """
    (kind,) = struct.unpack_from("<I", data, 4)
    start = 16
    if kind == 1:
        start = 28
        if struct.unpack_from("<I", data, 24)[0] != 1:  # plain pixels
            return data
    return data[:start] + _cleaned_to_same_length(data[start:])


def _clean_emf_plus_record(record: bytes, images: _EmfPlusImages) -> bytearray:
    """Return a record of EMF+ in which invisible bytes are zero.

    Its images are added to `images`.
    """
    result, position = bytearray(record), 16
    end = 12 + struct.unpack_from("<I", record, 8)[0]
    while position + 12 <= min(end, len(record)):
        kind, flags, size, data_size = struct.unpack_from("<HHII", record, position)
        goes_on = kind == 0x4008 and bool(flags & 0x8000)
        head = 16 if goes_on else 12
        data_size = struct.unpack_from("<I", record, position + 12)[0] if goes_on else data_size
        if size < head or head + data_size > size or position + size > len(record):
            raise ValueError(position)
        kept_size = 0 if kind == 0x4003 else data_size
        result[position + head + kept_size : position + size] = bytes(size - head - kept_size)
        start = _image_start(
            record[position + head : position + head + data_size], (flags >> 8) & 0x7F
        )
        if kind == 0x4008 and start >= 0:
            images.add(result, position + head + start, data_size - start, goes_on=goes_on)
        position += size
    return result


def _image_start(data: bytes, kind: int) -> int:
    """Return the position of the image in an EMF+ object, or -1 if none.

    In a brush, it is after the brush's own data.
    """
    if kind == 5:
        return 0
    if kind == 1 and len(data) > 44 and struct.unpack_from("<I", data, 4)[0] == 2:
        return 40 if struct.unpack_from("<I", data, 8)[0] & 2 else 16
    return -1


def _clean_wmf(data: bytes) -> bytes:
    front = 22 if data.startswith(b"\xd7\xcd\xc6\x9a") else 0
    pieces, position, kind = [], front + 18, 1
    while kind:
        size, kind = struct.unpack_from("<IH", data, position)
        record = data[position : position + 2 * size]
        if size < 3 or len(record) < 2 * size:
            raise ValueError(position)
        if kind != 0x0626 or record[6:8] != b"\x0f\0":  # an escape that is a comment
            pieces.append(_clean_stretch_record(record) if kind == 0x0F43 else record)
        position += 2 * size
    header = bytearray(data[front : front + 18])
    length = 9 + sum(map(len, pieces)) // 2
    header[6:10] = length.to_bytes(4, "little")
    return data[:front] + bytes(header) + b"".join(pieces)


def _clean_stretch_record(record: bytes) -> bytes:
    """Return a record that draws a bitmap, cleaned if that is a JPEG or PNG."""
    if (
        len(record) < 68
        or struct.unpack_from("<I", record, 44)[0] not in _EMBEDDED_FILE_COMPRESSIONS
    ):
        return record
    return record[:68] + _cleaned_to_same_length(record[68:])


def _clean_gzipped(data: bytes) -> bytes:
    """Return a gzipped metafile without metadata.

    The file name in the gzip header is removed too.
    """
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        plain = stream.read(_MAX_METAFILE_BYTES)
    if plain.startswith(b"\x1f\x8b"):
        raise ValueError(plain[:2])
    return gzip.compress(without_metadata(plain), mtime=0)


_CLEANERS: tuple[tuple[tuple[bytes, ...], Callable[[bytes], bytes]], ...] = (
    ((b"\xff\xd8",), _clean_jpeg),
    ((_PNG,), _clean_png),
    ((b"GIF87a", b"GIF89a"), _clean_gif),
    ((b"II*\0", b"MM\0*"), _clean_tiff),
    ((b"RIFF",), _clean_webp),
    ((b"BM",), _clean_bmp),
    ((b"\x01\0\0\0",), _clean_emf),
    ((b"\xd7\xcd\xc6\x9a", b"\x01\0\x09\0", b"\x02\0\x09\0"), _clean_wmf),
    ((b"\x1f\x8b",), _clean_gzipped),
)
