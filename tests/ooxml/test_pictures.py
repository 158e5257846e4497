"""Pictures without what they tell: the same pixels, the same way up, no place, owner, path."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin
from support.documents import docx, paragraph
from support.marked_content import picture, relation
from support.marked_template import with_relations
from support.office_programs import needs_libreoffice, page_picture, to_pdf

from merge.ooxml.pictures import PictureError, without_metadata

MARK = b"Zqmark"
WORDS = MARK.decode()
ICC = b"\0\0\x02\x0cZqno" + bytes(500)
"""A colour profile, as far as a file that holds it goes."""


def drawn(mode: str = "RGB", size: tuple[int, int] = (37, 23)) -> Image.Image:
    """A picture of noise, the same each time."""
    dice = random.Random(7)  # noqa: S311 - nothing secret
    made = Image.new("RGB", size)
    made.putdata([tuple(dice.randrange(256) for _ in range(3)) for _ in range(size[0] * size[1])])
    return made.convert(mode)


def exif() -> Image.Exif:
    found = Image.Exif()
    found[274] = 6  # turn it to the right
    found[282], found[283], found[296] = 300.0, 300.0, 2
    for tag in (270, 271, 272, 305, 315, 33432):  # description, camera, program, artist, copyright
        found[tag] = WORDS
    found.get_ifd(34665)[42032] = WORDS  # the owner of the camera
    found.get_ifd(34665)[36867] = "2026:01:02 03:04:05"
    found.get_ifd(34853)[29] = WORDS  # the day at the place
    found.get_ifd(34853)[2] = (47.0, 22.0, 1.0)
    return found


def saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    made = io.BytesIO()
    picture.save(made, kind, **how)
    return made.getvalue()


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
    """A line; the description has the path of a drawing, and comments tell of their own."""
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


def wmf() -> bytes:
    def own(function: int, body: bytes) -> bytes:
        return struct.pack("<IH", 3 + len(body) // 2, function) + body

    body = own(0x020B, struct.pack("<hh", 0, 0)) + own(0x020C, struct.pack("<hh", 100, 100))
    body += own(0x0214, struct.pack("<hh", 1, 1)) + own(0x0213, struct.pack("<hh", 90, 90))
    body += own(0x0626, struct.pack("<HH", 15, len(MARK)) + MARK) + own(0, b"")
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
    "WebP": webp(lossless=False),
    "WebP without loss": webp(lossless=True),
    "BMP": bmp(),
    "BMP with a palette": bmp("P"),
}
METAFILES = {"EMF": emf(), "WMF": wmf()}


def opened(data: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(data))
    found.load()
    return found


@pytest.mark.parametrize("kind", RASTER)
def test_pixels_way_up_resolution_and_profile_stay_and_nothing_else(kind: str) -> None:
    before, after = opened(RASTER[kind]), opened(without_metadata(RASTER[kind]))
    assert MARK in RASTER[kind]
    assert MARK not in without_metadata(RASTER[kind])
    assert b"2026:01:02" not in without_metadata(RASTER[kind])
    assert (after.mode, after.size, after.tobytes()) == (before.mode, before.size, before.tobytes())
    assert after.getexif().get(274) == before.getexif().get(274)
    assert after.info.get("icc_profile") == before.info.get("icc_profile")
    assert after.info.get("dpi") == before.info.get("dpi")
    assert set(after.getexif()) <= {274, 282, 283, 296} or kind.startswith("TIFF")
    assert not after.getexif().get_ifd(34853)


def test_the_pictures_of_an_animation_stay_with_their_times() -> None:
    before, after = opened(RASTER["GIF"]), opened(without_metadata(RASTER["GIF"]))
    for number in range(2):
        before.seek(number)
        after.seek(number)
        assert before.tobytes() == after.tobytes()
    assert (after.info["duration"], after.info["loop"]) == (50, 0)


@pytest.mark.parametrize("kind", RASTER | METAFILES)
def test_what_is_clean_is_not_cleaned_again(kind: str) -> None:
    clean = without_metadata((RASTER | METAFILES)[kind])
    assert without_metadata(clean) == clean


@pytest.mark.parametrize("kind", METAFILES)
def test_a_metafile_loses_its_words_and_keeps_its_lines(kind: str) -> None:
    data, clean = METAFILES[kind], without_metadata(METAFILES[kind])
    words = WORDS.encode("utf-16-le")
    assert MARK in data
    assert not any(mark in clean for mark in (MARK, words))
    assert struct.pack("<ii" if kind == "EMF" else "<hh", 90, 90) in clean
    if kind == "EMF":
        assert struct.unpack_from("<II", clean, 48) == (len(clean), 5)
        assert b"\x09\x40\0\0\x10\0\0\0\x04\0\0\0\xff\0\0\xff" in clean  # EMF+ draws still


def test_a_bitmap_loses_the_path_of_a_profile() -> None:
    data = saved(drawn(), "BMP")
    pixels = data[54:]
    head = data[14:54].replace(b"\x28\0\0\0", b"\x7c\0\0\0", 1) + bytes(16) + b"KNIL" + bytes(48)
    head += struct.pack("<IIII", 4, 124 + len(pixels), len(MARK), 0)
    whole = data[:10] + struct.pack("<I", 14 + 124) + head + pixels + MARK
    assert MARK not in without_metadata(whole)
    assert opened(without_metadata(whole)).tobytes() == opened(data).tobytes()


def test_a_packed_metafile_loses_the_name_of_its_file_too() -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(f"{WORDS}.emf", "wb", fileobj=packed) as file:
        file.write(METAFILES["EMF"])
    clean = without_metadata(packed.getvalue())
    assert MARK not in clean
    assert gzip.decompress(clean) == without_metadata(METAFILES["EMF"])


def test_a_jpeg_that_is_cut_off_shows_what_there_is() -> None:
    whole = without_metadata(jpeg())
    assert without_metadata(whole[:-40])[:-2] == whole[:-40]


def test_a_profile_of_a_png_has_a_name_that_tells_nothing() -> None:
    data = png()
    start = data.index(b"iCCP")
    size = struct.unpack_from(">I", data, start - 4)[0]
    body = MARK + data[start + 4 : start + 4 + size][data[start + 4 :].index(b"\0") :]
    chunk = struct.pack(">I", len(body)) + b"iCCP" + body
    chunk += struct.pack(">I", zlib.crc32(b"iCCP" + body))
    renamed = data[: start - 4] + chunk + data[start + 8 + size :]
    assert MARK not in without_metadata(renamed)
    assert opened(without_metadata(renamed)).info["icc_profile"] == ICC


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", b"%PDF-1.7", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM",
     b"RIFF\0\0\0\0WAVE", b"II*\0\xff\xff\xff\xff", b"GIF89a", b"\x01\0\0\0" + bytes(80),
     png()[:60], b"\x1f\x8b" + bytes(20)],
)  # fmt: skip
def test_what_cannot_be_walked_is_told(data: bytes) -> None:
    with pytest.raises(PictureError):
        without_metadata(data)


@pytest.mark.parametrize("kind", RASTER | METAFILES)
def test_no_damage_makes_more_than_an_error_or_a_picture(kind: str) -> None:
    data, dice = (RASTER | METAFILES)[kind], random.Random(kind)  # noqa: S311 - nothing secret
    for _ in range(200):
        broken = bytearray(data)
        for _ in range(dice.randrange(1, 4)):
            broken[dice.randrange(len(data))] = dice.randrange(256)
        try:
            clean = without_metadata(bytes(broken[: dice.randrange(1, len(data))]))
        except PictureError:
            continue
        assert len(clean) <= len(data) + 100


@needs_libreoffice
@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", ["EMF", "WMF"])
def test_libreoffice_draws_a_clean_metafile_as_before(kind: str, tmp_path: Path) -> None:
    paths = []
    for name, data in (("before", METAFILES[kind]), ("after", without_metadata(METAFILES[kind]))):
        made = with_relations(
            docx(paragraph(picture(1, 'r:embed="p"').replace('"9525"', '"1828800"'))),
            relation("p", "image", f"media/image1.{kind.lower()}"),
            more={f"word/media/image1.{kind.lower()}": data},
            types=f'<Default Extension="{kind.lower()}" ContentType="image/x-{kind.lower()}"/>',
        )
        paths.append(tmp_path / f"{name}.docx")
        paths[-1].write_bytes(made)
    seen = [page_picture(pdf) for pdf in to_pdf(paths, tmp_path)]
    assert seen[0] == seen[1]
    assert len(set(opened(seen[0]).convert("L").tobytes())) > 1  # something is drawn
