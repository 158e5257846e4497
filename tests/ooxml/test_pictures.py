"""Pictures without metadata: the same pixels, but no place, owner or path."""

from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from PIL import Image
from support.pictures_with_metadata import ICC, MARK, OTHER_KINDS, PICTURES, jpeg, png

from merge.ooxml.pictures import PictureError, without_metadata


def cleaned(data: bytes) -> bytes:
    """Return a PNG, JPEG or GIF without metadata."""
    clean = without_metadata(data)
    assert clean is not None
    return clean


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", PICTURES)
def test_a_cleaned_picture_keeps_pixels_orientation_resolution_and_profile_only(kind: str) -> None:
    before, after = opened(PICTURES[kind]), opened(cleaned(PICTURES[kind]))
    assert MARK in PICTURES[kind]
    assert MARK not in cleaned(PICTURES[kind])
    assert b"2026:01:02" not in cleaned(PICTURES[kind])
    assert (after.mode, after.size, after.tobytes()) == (before.mode, before.size, before.tobytes())
    assert after.getexif().get(274) == before.getexif().get(274)
    assert after.info.get("icc_profile") == before.info.get("icc_profile")
    assert after.info.get("dpi") == before.info.get("dpi")
    assert set(after.getexif()) <= {274, 282, 283, 296}
    assert not after.getexif().get_ifd(34853)


def test_a_cleaned_animation_keeps_its_frames_and_times() -> None:
    before, after = opened(PICTURES["GIF"]), opened(cleaned(PICTURES["GIF"]))
    for number in range(2):
        before.seek(number)
        after.seek(number)
        assert before.tobytes() == after.tobytes()
    assert (after.info["duration"], after.info["loop"]) == (50, 0)


@pytest.mark.parametrize("kind", PICTURES)
def test_a_clean_picture_stays_unchanged(kind: str) -> None:
    clean = cleaned(PICTURES[kind])
    assert cleaned(clean) == clean


def test_a_truncated_jpeg_keeps_its_remaining_pixels() -> None:
    whole = cleaned(jpeg())
    assert cleaned(whole[:-40])[:-2] == whole[:-40]


def test_the_colour_profile_of_a_cleaned_png_has_a_neutral_name() -> None:
    data = png()
    start = data.index(b"iCCP")
    size = struct.unpack_from(">I", data, start - 4)[0]
    body = MARK + data[start + 4 : start + 4 + size][data[start + 4 :].index(b"\0") :]
    chunk = struct.pack(">I", len(body)) + b"iCCP" + body
    chunk += struct.pack(">I", zlib.crc32(b"iCCP" + body))
    renamed = data[: start - 4] + chunk + data[start + 8 + size :]
    assert MARK not in cleaned(renamed)
    assert opened(cleaned(renamed)).info["icc_profile"] == ICC


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_picture_of_another_kind_is_not_cleaned(kind: str) -> None:
    assert without_metadata(OTHER_KINDS[kind]) is None


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", png()[:60]])
def test_a_picture_that_cannot_be_read_is_an_error(data: bytes) -> None:
    with pytest.raises(PictureError):
        without_metadata(data)


@pytest.mark.parametrize("kind", PICTURES)
def test_a_damaged_picture_is_an_error_another_kind_or_a_picture(kind: str) -> None:
    data, dice = PICTURES[kind], random.Random(kind)  # noqa: S311 - nothing secret
    for _ in range(200):
        broken = bytearray(data)
        for _ in range(dice.randrange(1, 4)):
            broken[dice.randrange(len(data))] = dice.randrange(256)
        try:
            clean = without_metadata(bytes(broken[: dice.randrange(1, len(data))]))
        except PictureError:
            continue
        assert clean is None or len(clean) <= len(data) + 100
