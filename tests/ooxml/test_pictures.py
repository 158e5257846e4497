"""Pictures without metadata: the same pixels, but no place, owner or path."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from support.documents import docx, paragraph
from support.everyday import everyday
from support.marked_content import picture, relation
from support.marked_template import with_relations
from support.office_programs import needs_libreoffice, page_picture, to_pdf
from support.pictures_with_metadata import (
    ICC,
    MARK,
    METAFILES,
    RASTER,
    WORDS,
    drawn,
    jpeg,
    png,
    saved,
)

from merge.ooxml.pictures import PictureError, without_metadata


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", RASTER)
def test_a_cleaned_picture_keeps_pixels_orientation_resolution_and_profile_only(kind: str) -> None:
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


def test_a_cleaned_animation_keeps_its_frames_and_times() -> None:
    before, after = opened(RASTER["GIF"]), opened(without_metadata(RASTER["GIF"]))
    for number in range(2):
        before.seek(number)
        after.seek(number)
        assert before.tobytes() == after.tobytes()
    assert (after.info["duration"], after.info["loop"]) == (50, 0)


@pytest.mark.parametrize("kind", RASTER | METAFILES)
def test_a_clean_picture_stays_unchanged(kind: str) -> None:
    clean = without_metadata((RASTER | METAFILES)[kind])
    assert without_metadata(clean) == clean


@pytest.mark.parametrize("kind", METAFILES)
def test_a_cleaned_metafile_loses_its_text_and_keeps_its_lines(kind: str) -> None:
    data, clean = METAFILES[kind], without_metadata(METAFILES[kind])
    words = WORDS.encode("utf-16-le")
    assert MARK in data
    assert not any(mark in clean for mark in (MARK, words))
    assert struct.pack("<hh" if kind == "WMF" else "<ii", 90, 90) in clean
    if kind != "WMF":
        assert struct.unpack_from("<I", clean, 48)[0] == len(clean)
        assert b"\x09\x40\0\0\x10\0\0\0\x04\0\0\0\xff\0\0\xff" in clean  # EMF+ still draws


def test_a_cleaned_bitmap_loses_the_path_of_its_colour_profile() -> None:
    data = saved(drawn(), "BMP")
    pixels = data[54:]
    head = data[14:54].replace(b"\x28\0\0\0", b"\x7c\0\0\0", 1) + bytes(16) + b"KNIL" + bytes(48)
    head += struct.pack("<IIII", 4, 124 + len(pixels), len(MARK), 0)
    bitmap = data[:10] + struct.pack("<I", 14 + 124) + head + pixels + MARK
    assert MARK not in without_metadata(bitmap)
    assert opened(without_metadata(bitmap)).tobytes() == opened(data).tobytes()


def test_a_cleaned_metafile_in_gzip_loses_its_file_name() -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(f"{WORDS}.emf", "wb", fileobj=packed) as file:
        file.write(METAFILES["EMF"])
    clean = without_metadata(packed.getvalue())
    assert MARK not in clean
    assert gzip.decompress(clean) == without_metadata(METAFILES["EMF"])


def test_a_truncated_jpeg_keeps_its_remaining_pixels() -> None:
    whole = without_metadata(jpeg())
    assert without_metadata(whole[:-40])[:-2] == whole[:-40]


def test_the_colour_profile_of_a_cleaned_png_has_a_neutral_name() -> None:
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
def test_a_picture_that_cannot_be_read_is_an_error(data: bytes) -> None:
    with pytest.raises(PictureError):
        without_metadata(data)


@pytest.mark.parametrize("kind", RASTER | METAFILES)
def test_a_damaged_picture_gives_an_error_or_a_picture(kind: str) -> None:
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


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", everyday(METAFILES, daily=(0, 5)))
def test_libreoffice_draws_a_cleaned_metafile_like_the_original(kind: str, tmp_path: Path) -> None:
    paths, extension = [], kind.split(maxsplit=1)[0].lower()
    for name, data in (("before", METAFILES[kind]), ("after", without_metadata(METAFILES[kind]))):
        document = with_relations(
            docx(paragraph(picture(1, 'r:embed="p"').replace('"9525"', '"1828800"'))),
            relation("p", "image", f"media/image1.{extension}"),
            more={f"word/media/image1.{extension}": data},
            types=f'<Default Extension="{extension}" ContentType="image/x-{extension}"/>',
        )
        paths.append(tmp_path / f"{name}.docx")
        paths[-1].write_bytes(document)
    pictures = [page_picture(pdf) for pdf in to_pdf(paths, tmp_path)]
    assert pictures[0] == pictures[1]
    assert len(set(opened(pictures[0]).convert("L").tobytes())) > 1  # the picture is not blank
