"""Pictures of every kind, with metadata in all places of their format."""

from __future__ import annotations

import io
import random
import struct

from PIL import Image, PngImagePlugin, TiffImagePlugin

MARK = b"Zqmark"
WORDS = MARK.decode()
ICC = b"\0\0\x02\x0cZqno" + bytes(500)
"""A colour profile, as far as a file that holds it is concerned."""


def drawn(mode: str = "RGB", size: tuple[int, int] = (37, 23)) -> Image.Image:
    """Return a picture of noise, the same each time."""
    dice = random.Random(7)  # noqa: S311 - nothing secret
    picture = Image.new("RGB", size)
    picture.putdata(
        [tuple(dice.randrange(256) for _ in range(3)) for _ in range(size[0] * size[1])]
    )
    return picture.convert(mode)


def exif() -> Image.Exif:
    tags = Image.Exif()
    tags[274] = 6  # rotate it to the right
    tags[282], tags[283], tags[296] = 300.0, 300.0, 2
    for tag in (270, 271, 272, 305, 315, 33432):  # description, camera, program, artist, copyright
        tags[tag] = WORDS
    tags.get_ifd(34665)[42032] = WORDS  # owner of the camera
    tags.get_ifd(34665)[36867] = "2026:01:02 03:04:05"
    tags.get_ifd(34853)[29] = WORDS  # date of the position
    tags.get_ifd(34853)[2] = (47.0, 22.0, 1.0)
    return tags


def saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, kind, **how)
    return data.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(mode: str = "RGB", *, progressive: bool = False, jfif: bool = True) -> bytes:
    plain = saved(
        drawn(mode),
        "JPEG",
        exif=exif(),
        dpi=(300, 300),
        icc_profile=ICC,
        comment=MARK,
        progressive=progressive,
        quality=90,
    )
    front, rest = plain[:2], plain[2:]
    if not jfif and rest[:2] == b"\xff\xe0":
        rest = rest[2 + int.from_bytes(rest[2:4], "big") :]
    small = segment(0xE0, b"JFXX\0\x10" + MARK)
    more = small + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + MARK)
    more += segment(0xED, b"Photoshop 3.0\0" + MARK) + segment(0xE2, b"FPXR\0" + MARK)
    more += segment(0xEC, b"Ducky" + MARK) + segment(0xFE, MARK)
    cut = 2 + int.from_bytes(rest[2:4], "big") if rest[:2] == b"\xff\xe0" else 0
    return front + rest[:cut] + b"\xff\xff" + more[1:] + rest[cut:] + MARK


def png(mode: str = "RGBA") -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", WORDS)
    words.add_text("Comment", WORDS, zip=True)
    words.add_itxt("XML:com.adobe.xmp", WORDS, "en", WORDS)
    words.add(b"tIME", struct.pack(">H5B", 2026, 1, 2, 3, 4, 5))
    words.add(b"prVt", MARK)
    data = saved(drawn(mode), "PNG", pnginfo=words, exif=exif(), dpi=(300, 300), icc_profile=ICC)
    return data + MARK


def gif() -> bytes:
    data = saved(
        drawn("P"),
        "GIF",
        save_all=True,
        append_images=[drawn("P").rotate(180)],
        loop=0,
        duration=50,
        comment=MARK,
    )
    xmp = b"\x21\xff\x0bXMP DataXMP" + bytes((len(MARK),)) + MARK + b"\0"
    text = b"\x21\x01\x0c" + bytes(12) + bytes((len(MARK),)) + MARK + b"\0"
    return data[:-1] + xmp + text + b";" + MARK


def tiff(compression: str, mode: str = "RGB") -> bytes:
    more = TiffImagePlugin.ImageFileDirectory_v2()
    for tag in (269, 270, 271, 272, 305, 306, 315, 316, 33432, 40092):
        more[tag] = WORDS
    more[700] = MARK  # XMP
    more[274] = 6
    return (
        saved(
            drawn(mode),
            "TIFF",
            tiffinfo=more,
            compression=compression,
            dpi=(300, 300),
            icc_profile=ICC,
        )
        + MARK
    )


def webp(*, lossless: bool) -> bytes:
    data = saved(
        drawn("RGBA"), "WEBP", lossless=lossless, exif=exif().tobytes(), xmp=MARK, icc_profile=ICC
    )
    return data + MARK


def bmp(mode: str = "RGB") -> bytes:
    data = saved(drawn(mode), "BMP")
    pixels = struct.unpack_from("<I", data, 10)[0]
    gap = data[:10] + struct.pack("<I", pixels + 8) + data[14:pixels] + MARK + b"xx" + data[pixels:]
    return gap + MARK


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<II", kind, 8 + len(body)) + body


def emf() -> bytes:
    """Return a line as EMF, with a path in its description, and comments."""
    words = f"Draw\0C:\\{WORDS}\0\0".encode("utf-16-le")
    plus = struct.pack("<HHII", 0x4003, 0, 12 + 8, 8) + MARK + b"xx"
    shown = struct.pack("<HHII", 0x4009, 0, 12 + 4, 4) + b"\xff\0\0\xff"
    body = record(27, struct.pack("<ii", 1, 1)) + record(54, struct.pack("<ii", 90, 90))
    body += record(70, struct.pack("<I", 4 + len(MARK) + 2) + b"GDIC" + MARK + b"xx")
    body += record(70, struct.pack("<I", 4 + len(plus + shown)) + b"EMF+" + plus + shown)
    body += record(14, struct.pack("<III", 0, 16, 20))
    head = struct.pack("<8i", 0, 0, 99, 99, 0, 0, 2600, 2600) + b" EMF"
    size = 88 + len(words)
    size += -size % 4
    head += struct.pack("<IIIHHIII", 0x10000, size + len(body), 6, 1, 0, len(words) // 2, 88, 0)
    head += struct.pack("<4i", 1000, 1000, 260, 260)
    return struct.pack("<II", 1, size) + (head + words).ljust(size - 8, b"\0") + body + MARK


def with_records(*records: bytes) -> bytes:
    """Return an EMF with more records.

    It has extra bytes after its header and before its end.
    """
    plain = emf()
    (size,) = struct.unpack_from("<I", plain, 4)
    end = plain.rindex(struct.pack("<IIIII", 14, 20, 0, 16, 20))
    head = plain[:88].ljust(108, b"\0") + MARK + b"xx"
    head = head[:4] + struct.pack("<I", len(head)) + head[8:60] + bytes(8) + head[68:]
    last = struct.pack("<IIII", 14, 28, 0, 16) + MARK + b"xx" + struct.pack("<I", 28)
    whole = head + plain[size:end] + b"".join(records) + last
    counts = struct.pack("<II", len(whole), 6 + len(records))
    return whole[:48] + counts + whole[56:]


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def plus_image(*, pieces: int = 1, brush: bool = False) -> bytes:
    """Return an EMF+ object with a photograph, in one or several records."""
    photo = struct.pack("<II5I", 0xDBC01002, 1, 0, 0, 0, 0, 1) + _padded(jpeg())
    if brush:
        photo = struct.pack("<4I", 0xDBC01002, 2, 0, 0) + photo
    kind = 0x0100 if brush else 0x0500
    length = -(-len(photo) // pieces // 4) * 4
    records = b""
    for at in range(0, len(photo), length):
        piece = photo[at : at + length]
        head = struct.pack("<HHII", 0x4008, kind, 12 + len(piece), len(piece))
        if pieces > 1:
            size = 16 + len(piece)
            head = struct.pack("<HHIII", 0x4008, kind | 0x8000, size, len(photo), len(piece))
        comment = b"EMF+" + head + piece
        records += record(70, struct.pack("<I", len(comment)) + comment)
    return records


def painted(data: bytes, compression: int) -> bytes:
    """Return an EMF record that paints a JPEG or a PNG."""
    form = struct.pack("<IiiHHIIiiII", 40, 37, 23, 1, 0, compression, len(data), 0, 0, 0, 0)
    where = struct.pack("<4i6i", 0, 0, 99, 99, 0, 0, 0, 0, 37, 23)
    where += struct.pack("<4I", 80, 40, 120, len(data)) + struct.pack("<IIii", 0, 0xCC0020, 90, 90)
    return record(81, where + form + _padded(data))


def colour_space() -> bytes:
    path = f"C:\\{WORDS}.icm".encode("utf-16-le")
    return record(122, bytes(72) + path.ljust(520, b"\0") + bytes(8))


def tiff_of_jpegs() -> bytes:
    """Return a TIFF with one strip, which is a complete JPEG."""
    photo = jpeg()
    entries = [(256, 3, 37), (257, 3, 23), (258, 3, 8), (259, 3, 7), (262, 3, 6), (273, 4, 0)]
    entries += [(277, 3, 3), (278, 3, 23), (279, 4, len(photo))]
    data_offset = 8 + 2 + 12 * len(entries) + 4
    table = struct.pack("<H", len(entries))
    for tag, kind, value in entries:
        table += struct.pack("<HHII", tag, kind, 1, data_offset if tag == 273 else value)
    return b"II*\0" + struct.pack("<I", 8) + table + bytes(4) + photo


def moving_webp() -> bytes:
    """Return an animation with a foreign chunk in its first frame."""
    data = saved(drawn(), "WEBP", save_all=True, append_images=[drawn().rotate(180)])
    at = data.index(b"ANMF")
    (size,) = struct.unpack_from("<I", data, at + 4)
    chunk = b"XMP " + struct.pack("<I", len(MARK)) + MARK
    frame = data[at + 8 : at + 8 + size] + chunk
    body = data[8:at] + b"ANMF" + struct.pack("<I", len(frame)) + frame + data[at + 8 + size :]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def wmf() -> bytes:
    def wmf_record(function: int, body: bytes) -> bytes:
        return struct.pack("<IH", 3 + len(body) // 2, function) + body

    body = wmf_record(0x020B, struct.pack("<hh", 0, 0)) + wmf_record(
        0x020C, struct.pack("<hh", 100, 100)
    )
    body += wmf_record(0x0214, struct.pack("<hh", 1, 1)) + wmf_record(
        0x0213, struct.pack("<hh", 90, 90)
    )
    body += wmf_record(0x0626, struct.pack("<HH", 15, len(MARK)) + MARK) + wmf_record(0, b"")
    head = struct.pack("<HHHIHIH", 1, 9, 0x300, 9 + len(body) // 2, 0, 8, 0)
    front = struct.pack("<IHhhhhHI", 0x9AC6CDD7, 0, 0, 0, 100, 100, 96, 0)
    check = 0
    for word in struct.unpack("<10H", front[:20]):
        check ^= word
    return front[:20] + struct.pack("<H", check) + head + body + MARK


RASTER = {
    "JPEG": jpeg(),
    "JPEG in grey": jpeg("L"),
    "JPEG in CMYK": jpeg("CMYK"),
    "JPEG that loads in steps": jpeg(progressive=True),
    "JPEG without JFIF": jpeg(jfif=False),
    "PNG": png(),
    "PNG with a palette": png("P"),
    "PNG in black and white": png("1"),
    "GIF": gif(),
    "TIFF": tiff("raw"),
    "TIFF in LZW": tiff("tiff_lzw"),
    "TIFF of a fax": tiff("group4", "1"),
    "TIFF in JPEG": tiff("jpeg"),
    "TIFF of JPEGs": tiff_of_jpegs(),
    "WebP that moves": moving_webp(),
    "WebP": webp(lossless=False),
    "WebP without loss": webp(lossless=True),
    "BMP": bmp(),
    "BMP with a palette": bmp("P"),
}
METAFILES = {
    "EMF": emf(),
    "EMF with more": with_records(colour_space(), record(102, struct.pack("<I", 8) + MARK + b"xx")),
    "EMF with a photograph": with_records(painted(jpeg(), 4), painted(png(), 5)),
    "EMF with one of EMF+": with_records(plus_image()),
    "EMF with one in pieces": with_records(plus_image(pieces=3)),
    "EMF with a brush": with_records(plus_image(brush=True)),
    "WMF": wmf(),
}
