"""A picture without what it tells besides what it shows: no place, camera, owner, program, path.

Nothing is compressed anew: the pieces of the file are walked, and those that a reader needs are
put together again. Orientation, resolution and colour profile stay. Sources: ITU-T T.81 and
CIPA DC-008 (JPEG, Exif), ISO/IEC 15948 (PNG), GIF89a, TIFF 6.0, Google's WebP container,
MS-EMF, MS-EMFPLUS and MS-WMF.
"""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

_MAX_METAFILE_BYTES = 100 << 20
"""Bytes of an unpacked metafile."""


class PictureError(Exception):
    """A picture that cannot be walked: of no kind that is known here, or damaged."""


def without_metadata(data: bytes) -> bytes:
    """Return a picture with nothing in it but what shows. PictureError where it cannot be read."""
    for begins, clean in _CLEANERS:
        if any(data.startswith(start) for start in begins):
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
    """Return a picture that lies in another file, cleaned, with as many bytes as it had there."""
    clean = without_metadata(data)
    if len(clean) > len(data):
        raise ValueError(len(clean))
    return clean.ljust(len(data), b"\0")


# JPEG: segments; of Exif the orientation and the resolution, of JFIF all but its thumbnail.

_EOI, _SOS = 0xD9, 0xDA
_MARKERS_WITHOUT_BODY = {0x01, *range(0xD0, 0xD8)}
_DECODING_MARKERS = {*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}
"""Markers of segments by which pixels are decoded: frames, tables, scans, restarts."""


def _clean_jpeg(data: bytes) -> bytes:
    front, pieces, exif = [data[:2]], [], b""
    for marker, body, scan in _segments(data):
        if marker == 0xE1 and body.startswith(b"Exif\0"):
            exif = exif or _minimal_exif(body[6:])
        elif marker == 0xE0 and body.startswith(b"JFIF\0"):
            front = [data[:2], _segment(marker, body[:12] + b"\0\0")]  # without its small picture
        elif marker in _MARKERS_WITHOUT_BODY:
            pieces.append(bytes((0xFF, marker)))
        elif marker in _DECODING_MARKERS or _is_kept_segment(marker, body):
            own_body = body[:12] if marker == 0xEE else body
            pieces += [_segment(marker, own_body), scan]
    own = _segment(0xE1, b"Exif\0\0" + exif) if exif else b""
    return b"".join((*front, own, *pieces, bytes((0xFF, _EOI))))


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield of each segment its marker, its body, and the pixels of a scan behind it."""
    at = 2
    while at < len(data):  # one that is cut off shows what there is
        if data[at] != 0xFF:
            raise ValueError(at)
        while data[at] == 0xFF:  # any number of these may stand in front of a marker
            at += 1
        marker, at = data[at], at + 1
        if marker == _EOI:
            return
        if marker in _MARKERS_WITHOUT_BODY:
            yield marker, b"", b""
            continue
        end = at + int.from_bytes(data[at : at + 2], "big")
        if not at + 2 <= end <= len(data):
            raise ValueError(at)
        behind = _scan_end(data, end) if marker == _SOS else end
        yield marker, data[at + 2 : end], data[end:behind]
        at = behind


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _is_kept_segment(marker: int, body: bytes) -> bool:
    """A colour profile, or Adobe's word on how colours are stored."""
    profile = marker == 0xE2 and body.startswith(b"ICC_PROFILE\0")
    return profile or (marker == 0xEE and body.startswith(b"Adobe"))


def _scan_end(data: bytes, at: int) -> int:
    """Return where the pixels of a scan end: at a marker that is no restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        if data[at + 1] not in {0x00, 0xFF, *range(0xD0, 0xD8)}:
            return at
        at += 1 if data[at + 1] == 0xFF else 2


# Exif and TIFF: entries of 12 bytes, each a tag, a type, a count, and the value or its place.

_SIZES_BY_TYPE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_Order = Literal["<", ">"]
_ORIENTATION = 274
_RESOLUTION = (282, 283, 296)


def _order(data: bytes) -> _Order:
    if data[:4] not in {b"II*\0", b"MM\0*"}:
        raise ValueError(data[:4])
    return "<" if data[:1] == b"I" else ">"


class _Entry(NamedTuple):
    """An entry of a directory: where its value is, and how many bytes it has."""

    tag: int
    kind: int
    amount: int
    place: int
    size: int


def _entries(data: bytes, at: int, order: _Order) -> Iterator[_Entry]:
    """Yield the entries of a directory."""
    (number,) = struct.unpack_from(f"{order}H", data, at)
    for place in range(at + 2, at + 2 + 12 * number, 12):
        tag, kind, amount, value = struct.unpack_from(f"{order}HHII", data, place)
        size = _SIZES_BY_TYPE.get(kind, 1) * amount
        yield _Entry(tag, kind, amount, place=value if size > 4 else place + 8, size=size)


def _minimal_exif(tiff: bytes) -> bytes:
    """Return an Exif with which way up the picture is and its resolution; empty without either."""
    found = {}
    try:
        order = _order(tiff)
        start = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for tag, kind, amount, place, size in _entries(tiff, start, order):
            right = {_ORIENTATION: 3, 282: 5, 283: 5, 296: 3}.get(tag) == kind and amount == 1
            if right and place + size <= len(tiff):
                found[tag] = (kind, tiff[place : place + size])
    except (struct.error, ValueError):
        return b""
    if not found:
        return b""
    behind = 8 + 2 + 12 * len(found) + 4
    entries, values = b"", b""
    for tag, (kind, value) in sorted(found.items()):
        inside = value.ljust(4, b"\0") if len(value) <= 4 else b""
        entries += struct.pack(f"{order}HHI", tag, kind, 1)
        entries += inside or struct.pack(f"{order}I", behind + len(values))
        values += b"" if inside else value
    head = tiff[:4] + struct.pack(f"{order}IH", 8, len(found))
    return head + entries + bytes(4) + values


_TIFF_KEPT = {
    *(254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, _ORIENTATION, 277, 278, 279, 280),
    *(281, *_RESOLUTION, 284, 290, 291, 292, 293, 301, 317, 318, 319, 320, 321, 322, 323, 324),
    *(325, 332, 334, 336, 338, 339, 340, 341, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521),
    *(529, 530, 531, 532, 34675),
}
"""The tags by which pixels are decoded, the resolution, and the colour profile."""
_SIZE_TAGS_BY_PLACE_TAG = {273: 279, 324: 325, 513: 514}
"""Tags that say where pixels are, and those that say how many bytes each stretch has."""


def _clean_tiff(data: bytes) -> bytes:
    """Every byte that no kept entry leads to becomes zero; what is behind the last is cut off."""
    order = _order(data)
    made, used = bytearray(len(data)), [(0, 8)]
    made[:8] = data[:8]
    at, seen = struct.unpack_from(f"{order}I", data, 4)[0], set[int]()
    while at and at not in seen:
        seen.add(at)
        kept = [e for e in _entries(data, at, order) if e.tag in _TIFF_KEPT]
        (number,) = struct.unpack_from(f"{order}H", data, at)
        after = struct.unpack_from(f"{order}I", data, at + 2 + 12 * number)[0]
        rows = [struct.unpack_from("12s", data, at + 2 + 12 * n)[0] for n in range(number)]
        own = [r for r in rows if struct.unpack_from(f"{order}H", r)[0] in _TIFF_KEPT]
        table = struct.pack(f"{order}H", len(own)) + b"".join(own)
        table += struct.pack(f"{order}I", 0 if after in seen else after)
        made[at : at + len(table)] = table
        used.append((at, len(table)))
        values = {e.tag: _entry_values(data, order, e) for e in kept if e.tag in _STRIP_TAGS}
        stretches = [(e.place, e.size) for e in kept if e.size > 4]
        for places, sizes in _SIZE_TAGS_BY_PLACE_TAG.items():
            stretches += zip(values.get(places, ()), values.get(sizes, ()), strict=False)
        is_jpeg = any(
            e.tag == 259 and _entry_values(data, order, e)[:1] in _JPEG_COMPRESSIONS for e in kept
        )
        for place, size in stretches:
            stretch = data[place : place + size]
            is_whole = is_jpeg and stretch[:2] == _SOI
            made[place : place + size] = _cleaned_to_same_length(stretch) if is_whole else stretch
            used.append((place, size))
        at = after
    return bytes(made[: max(place + size for place, size in used)])


_SOI = b"\xff\xd8"
_JPEG_COMPRESSIONS = {(6,), (7,)}
"""Kinds of compression where each stretch, and the tables for all, is a JPEG of its own."""
_STRIP_TAGS = {*_SIZE_TAGS_BY_PLACE_TAG, *_SIZE_TAGS_BY_PLACE_TAG.values()}


def _entry_values(data: bytes, order: _Order, entry: _Entry) -> tuple[int, ...]:
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
    pieces, at = [_PNG], len(_PNG)
    while True:
        (size,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        whole = data[at : at + 12 + size]
        if len(whole) < 12 + size or (kind[:1].isupper() and kind not in {*_PNG_KEPT, b"IEND"}):
            raise ValueError(kind)
        if kind == b"eXIf":
            body = _minimal_exif(body)
            pieces.append(_chunk(kind, body) if body else b"")
        elif kind == b"iCCP":  # its name may be a screen's or somebody's
            pieces.append(_chunk(kind, b"ICC" + body[body.index(b"\0") :]))
        elif kind in _PNG_KEPT:
            pieces.append(whole)
        at += 12 + size
        if kind == b"IEND":
            return b"".join((*pieces, _chunk(b"IEND", b"")))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


# GIF: blocks; of the extensions those that say how pictures follow each other, and the colours.


def _clean_gif(data: bytes) -> bytes:
    at = 13 + _colour_table_size(data[10])
    pieces = [data[:at]]
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at = _blocks_end(data, at + 11 + _colour_table_size(data[at + 9]))
            pieces.append(data[start:at])
        elif data[at] == 0x21:
            at = _blocks_end(data, at + 2)
            program = data[start + 3 : start + 14]
            needed = program in {b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"}
            if data[start + 1] == 0xF9 or (data[start + 1] == 0xFF and needed):
                pieces.append(data[start:at])
        else:
            raise ValueError(at)
    return b"".join((*pieces, b";"))


def _colour_table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    if at >= len(data):
        raise ValueError(at)
    return at + 1


# WebP: RIFF chunks.

_WEBP_KEPT = {b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}


def _clean_webp(data: bytes) -> bytes:
    if data[8:12] != b"WEBP":
        raise ValueError(data[:12])
    whole = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    chunks, at = [], 12
    while at + 8 <= whole:
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
    made = b"WEBP"
    for kind, body in chunks:
        flags = (body[0] & 0xF3) | (8 if has_exif else 0)
        own = bytes((flags,)) + body[1:] if kind == b"VP8X" else body
        made += kind + len(own).to_bytes(4, "little") + own + b"\0" * (len(own) % 2)
    return b"RIFF" + len(made).to_bytes(4, "little") + made


def _shown_frame_chunks(body: bytes) -> bytes:
    """Return the chunks of an animation's frame that show."""
    made, at = b"", 16
    while at + 8 <= len(body):
        size = int.from_bytes(body[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        if at + 8 + size > len(body):
            raise ValueError(at)
        if body[at : at + 4] in {b"VP8 ", b"VP8L", b"ALPH"}:
            made += body[at:end]
        at = end
    return made


# BMP: the header, the colours and the pixels; what lies between them and behind becomes nothing.


def _clean_bmp(data: bytes) -> bytes:
    pixels, header = struct.unpack_from("<I", data, 10)[0], struct.unpack_from("<I", data, 14)[0]
    if header < 40:
        (width, height, _, bits), packed, colours, size = (
            struct.unpack_from("<4H", data, 18),
            0,
            0,
            0,
        )
    else:
        width, height, _, bits, packed, size = struct.unpack_from("<iiHHII", data, 18)
        colours = struct.unpack_from("<I", data, 46)[0]
    if packed in {0, 3, 6}:
        size = (abs(width) * bits + 31) // 32 * 4 * abs(height)
    masks = {3: 12, 6: 16}.get(packed, 0) if header == 40 else 0
    table = (colours or (1 << bits if bits <= 8 else 0)) * (3 if header < 40 else 4)
    head = bytearray(data[: 14 + header + masks + table])
    if header >= 124 and bytes(head[70:74]) in {
        b"KNIL",
        b"DEBM",
    }:  # the path of a profile, or a profile
        head[70:74] = b"BGRs"
        head[126:134] = bytes(8)
    if len(head) > pixels or pixels + size > len(data):
        raise ValueError(size)
    head[6:10] = bytes(4)
    shown = data[pixels : pixels + size]
    return bytes(head).ljust(pixels, b"\0") + (
        _cleaned_to_same_length(shown) if packed in _EMBEDDED_FILE_COMPRESSIONS else shown
    )


_EMBEDDED_FILE_COMPRESSIONS = {4, 5}
"""Kinds of compression where the pixels are a JPEG or a PNG."""


# Metafiles: records; descriptions and comments go, but those in which EMF+ draws.


_DROPPED_RECORDS = {
    *(99, 100, 101, 112, 113, 121, 122),  # colour spaces and profiles, with the names of files
    *(102, 103, 105, 106, 110),  # OpenGL, words for a printer
}
_BITMAP_RECORDS = {80, 81}
"""Records that paint a bitmap, of a JPEG or a PNG as well."""


def _clean_emf(data: bytes) -> bytes:
    if data[40:44] != b" EMF":
        raise ValueError(data[40:44])
    pieces, at, kind, images = [], 0, 0, _EmfPlusImages()
    while kind != 14:  # end of file
        kind, size = struct.unpack_from("<II", data, at)
        record = data[at : at + size]
        if size < 8 or len(record) < size:
            raise ValueError(at)
        if kind == 70 and record[12:16] == b"EMF+":
            pieces.append(_clean_emf_plus_record(record, images))
        elif kind in _BITMAP_RECORDS:
            pieces.append(_clean_bitmap_record(record))
        elif kind == 14:
            pieces.append(_emf_end(record))
        elif kind != 70 and kind not in _DROPPED_RECORDS:
            pieces.append(bytearray(record))
        at += size
    images.clean()
    pieces[0] = _emf_head(pieces[0])
    struct.pack_into("<II", pieces[0], 48, sum(map(len, pieces)), len(pieces))
    return b"".join(pieces)


def _emf_head(record: bytearray) -> bytearray:
    """Return the first record without its description, the form of its pixels, what is behind."""
    text, place = struct.unpack_from("<II", record, 60)
    room = min(len(record), place) if text and place >= 88 else len(record)
    head = record[: max(size for size in (88, 100, 108) if size == 88 or size <= room)]
    head[60:68] = bytes(8)
    if len(head) >= 100:
        head[88:96] = bytes(8)
    struct.pack_into("<I", head, 4, len(head))
    return head


def _emf_end(record: bytes) -> bytearray:
    """Return the last record with nothing but its palette."""
    number, place = struct.unpack_from("<II", record, 8)
    palette = record[place : place + 4 * number] if number else b""
    size = 20 + len(palette)
    return bytearray(struct.pack("<4I", 14, size, number, 16) + palette + struct.pack("<I", size))


def _clean_bitmap_record(record: bytes) -> bytearray:
    """Return a record that paints a bitmap, cleaned where that is a JPEG or a PNG."""
    made = bytearray(record)
    header, _, place, size = struct.unpack_from("<4I", record, 48)
    if size and struct.unpack_from("<I", record, header + 16)[0] in _EMBEDDED_FILE_COMPRESSIONS:
        made[place : place + size] = _cleaned_to_same_length(record[place : place + size])
    return made


class _EmfPlusImages:
    """The images of EMF+: an object of it may go over several records."""

    def __init__(self) -> None:
        self._objects: list[list[tuple[bytearray, int, int]]] = []
        self._is_continued = False

    def add(self, record: bytearray, at: int, size: int, *, goes_on: bool) -> None:
        """Take note of a piece of an object; `goes_on`: it is marked as one of several."""
        if not (goes_on and self._is_continued):
            self._objects.append([])
        self._objects[-1].append((record, at, size))
        self._is_continued = goes_on

    def clean(self) -> None:
        """Clean all images, each in its place."""
        for pieces in self._objects:
            whole = b"".join(bytes(record[at : at + size]) for record, at, size in pieces)
            done, clean = 0, _clean_emf_plus_image(whole)
            for record, at, size in pieces:
                record[at : at + size] = clean[done : done + size]
                done += size


def _clean_emf_plus_image(data: bytes) -> bytes:
    """Return an image of EMF+ with as many bytes: version, kind; of a bitmap its form (2.2.2)."""
    (kind,) = struct.unpack_from("<I", data, 4)
    start = 16
    if kind == 1:
        start = 28
        if struct.unpack_from("<I", data, 24)[0] != 1:  # plain pixels
            return data
    return data[:start] + _cleaned_to_same_length(data[start:])


def _clean_emf_plus_record(record: bytes, images: _EmfPlusImages) -> bytearray:
    """Return a record of EMF+ with zeros for what nobody sees; its images are noted."""
    made, at = bytearray(record), 16
    end = 12 + struct.unpack_from("<I", record, 8)[0]
    while at + 12 <= min(end, len(record)):
        kind, flags, size, used = struct.unpack_from("<HHII", record, at)
        goes_on = kind == 0x4008 and bool(flags & 0x8000)
        head = 16 if goes_on else 12
        used = struct.unpack_from("<I", record, at + 12)[0] if goes_on else used
        if size < head or head + used > size or at + size > len(record):
            raise ValueError(at)
        first = 0 if kind == 0x4003 else used
        made[at + head + first : at + size] = bytes(size - head - first)
        start = _image_start(record[at + head : at + head + used], (flags >> 8) & 0x7F)
        if kind == 0x4008 and start >= 0:
            images.add(made, at + head + start, used - start, goes_on=goes_on)
        at += size
    return made


def _image_start(data: bytes, kind: int) -> int:
    """Return where an image stands in an object: in a brush behind its form; -1 without one."""
    if kind == 5:
        return 0
    if kind == 1 and len(data) > 44 and struct.unpack_from("<I", data, 4)[0] == 2:
        return 40 if struct.unpack_from("<I", data, 8)[0] & 2 else 16
    return -1


def _clean_wmf(data: bytes) -> bytes:
    front = 22 if data.startswith(b"\xd7\xcd\xc6\x9a") else 0
    pieces, at, kind = [], front + 18, 1
    while kind:
        size, kind = struct.unpack_from("<IH", data, at)
        record = data[at : at + 2 * size]
        if size < 3 or len(record) < 2 * size:
            raise ValueError(at)
        if kind != 0x0626 or record[6:8] != b"\x0f\0":  # an escape that is a comment
            pieces.append(_clean_stretch_record(record) if kind == 0x0F43 else record)
        at += 2 * size
    header = bytearray(data[front : front + 18])
    length = 9 + sum(map(len, pieces)) // 2
    header[6:10] = length.to_bytes(4, "little")
    return data[:front] + bytes(header) + b"".join(pieces)


def _clean_stretch_record(record: bytes) -> bytes:
    """Return a record that paints a bitmap, cleaned where that is a JPEG or a PNG."""
    if (
        len(record) < 68
        or struct.unpack_from("<I", record, 44)[0] not in _EMBEDDED_FILE_COMPRESSIONS
    ):
        return record
    return record[:68] + _cleaned_to_same_length(record[68:])


def _clean_gzipped(data: bytes) -> bytes:
    """A metafile in gzip, which holds the name of its file, too."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as unpacked:
        plain = unpacked.read(_MAX_METAFILE_BYTES)
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
