"""PNG, JPEG and GIF with metadata in all places of their format; other kinds."""

from __future__ import annotations

import gzip
import io
import random
import struct

from PIL import Image, PngImagePlugin

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


PICTURES = {
    "JPEG": jpeg(),
    "JPEG in grey": jpeg("L"),
    "JPEG in CMYK": jpeg("CMYK"),
    "JPEG that loads in steps": jpeg(progressive=True),
    "JPEG without JFIF": jpeg(jfif=False),
    "PNG": png(),
    "PNG with a palette": png("P"),
    "PNG in black and white": png("1"),
    "GIF": gif(),
}
OTHER_KINDS = {
    "TIFF": saved(drawn(), "TIFF", exif=exif()),
    "WebP": saved(drawn(), "WEBP", exif=exif().tobytes()),
    "BMP": saved(drawn(), "BMP") + MARK,
    "EMF": emf(),
    "WMF": b"\xd7\xcd\xc6\x9a" + MARK,
    "EMZ": gzip.compress(emf()),
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><title>" + MARK + b"</title></svg>",
    "PDF": b"%PDF-1.7 " + MARK,
    "words": MARK,
}
"""Pictures of other kinds: their metadata cannot be removed."""
