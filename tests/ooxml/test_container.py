"""Zips are read within limits, and unchanged members stay as they are."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import workbooks
from support.changed_packages import GOOD, refusal, with_member, with_part
from support.documents import BODY, docx, zipped
from support.everyday import everyday
from support.filled_letters import fill, members, texts

from merge.errors import FaultError, TemplateError
from merge.ooxml.container import Deflater, ZipArchive
from merge.ooxml.kinds import WORD
from merge.ooxml.package import read_package
from merge.workbook.reading import read_workbook

CENTRAL = b"PK\x01\x02"


def overwritten(at: int, data: bytes, anchor: bytes = b"") -> bytes:
    """Return the good file with some bytes overwritten.

    `at` counts from the first `anchor`.
    """
    start = GOOD.index(anchor) + at
    return GOOD[:start] + data + GOOD[start + len(data) :]


def with_encryption_flag(at: int, anchor: bytes = b"") -> bytes:
    """Return the good file with the encryption bit set in the flags."""
    flags = struct.unpack_from("<H", GOOD, GOOD.index(anchor) + at)[0]
    return overwritten(at, struct.pack("<H", flags | 1), anchor)


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "text": b"Dear friend",
    "rich text": rb"{\rtf1 Dear friend}",
    "truncated by its end": GOOD[:-30],
    "truncated in the middle": GOOD[: len(GOOD) // 2],
    "bytes before it": b"MZ" + GOOD,
    "bytes after it": GOOD + b"\0",
    "CRC differs": overwritten(16, b"\0\0\0\0", CENTRAL),
    "size too small": overwritten(24, struct.pack("<I", 5), CENTRAL),
    "size too large": overwritten(24, struct.pack("<I", 2**31), CENTRAL),
    "packed size too small": overwritten(20, struct.pack("<I", 5), CENTRAL),
    "packed size past the end": overwritten(20, struct.pack("<I", 2**31), CENTRAL),
    "bzip2": overwritten(10, struct.pack("<H", 12), CENTRAL),
    "local header elsewhere": overwritten(42, struct.pack("<I", 9), CENTRAL),
    "directory elsewhere": overwritten(16, struct.pack("<I", 9), b"PK\x05\x06"),
    "packed bytes changed": overwritten(60, b"\xff\xff\xff\xff"),
    "encrypted": with_encryption_flag(8, CENTRAL),
}
NAMES = [
    *("../x.xml", "word/../../x.xml", "..", "/x.xml", "//x.xml", "C:/x.xml"),
    *("./word/x.xml", "word//x.xml", "word/./x.xml", "WORD/document.xml", "word/\u202ex.xml"),
    pytest.param("word\\x.xml", marks=pytest.mark.posix("zipfile replaces it there")),
]


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused(data: bytes) -> None:
    assert refusal(data).startswith("a.docx: ")


@pytest.mark.parametrize("name", NAMES)
def test_a_member_with_a_name_that_word_never_writes_is_refused(name: str) -> None:
    assert refusal(with_member(name))


def test_a_zip_with_a_member_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        doubled = with_member(BODY, b"<w:document/>")
    assert refusal(doubled)


@pytest.mark.parametrize(
    ("size", "count"),
    everyday([((64 << 20) + 1, 1), (60 << 20, 4)]),
    ids=["one part", "all together"],
)
def test_a_zip_that_is_too_large_unpacked_is_refused(size: int, count: int) -> None:
    big = {f"word/media/{number}.bin": bytes(size) for number in range(count)}
    assert "MiB" in refusal(zipped({**members(GOOD), **big}))


@pytest.mark.parametrize(
    ("part", "remedy"), [("word/document.xml", "Shorten its"), ("word/media/a.png", "pictures")]
)
def test_the_remedy_of_a_zip_is_for_its_too_large_part(part: str, remedy: str) -> None:
    with pytest.raises(FaultError) as caught:
        ZipArchive(zipped({part: b"x" * 2_000, "small.xml": b"<x/>"}), WORD, most_part_bytes=1_000)
    assert part in caught.value.fault.what
    assert remedy in str(caught.value.fault.hint)


@pytest.mark.slow
def test_a_zip_bomb_with_a_false_size_is_refused() -> None:
    bomb = bytearray(with_part("word/a.bin", bytes((64 << 20) + 1)))
    entry = bomb.rindex(CENTRAL)
    bomb[entry + 24 : entry + 28] = struct.pack("<I", 10)
    assert refusal(bytes(bomb))


@pytest.mark.slow
def test_more_than_5000_members_are_refused() -> None:
    assert "5,000" in refusal(zipped({**members(GOOD), **{f"a/{n}": b"" for n in range(5000)}}))


def test_a_file_above_50_mib_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.docx"
    with path.open("wb") as file:
        file.truncate((50 << 20) + 1)
    with pytest.raises(TemplateError, match=r"big\.docx.*50 MB"):
        read_package(path)


@pytest.mark.slow
def test_the_largest_real_files_are_within_the_size_limits() -> None:
    """The largest of 1,712 real files.

    They have 2.8 MB, 19.2 MB unzipped, 18.1 MB in a part and 356 members.
    """
    large = docx("Dear {{ name }}", header="\n".join(["x" * 1000] * 18_100))
    real = zipped({**members(large), **{f"word/media/{n}": b"x" for n in range(350)}})
    assert texts(fill(real, name="Ann")) == ["Dear Ann"]


def test_a_missing_file_a_folder_and_a_locked_file_have_different_messages(tmp_path: Path) -> None:
    messages: list[str] = []
    locked = tmp_path / "locked.docx"
    locked.write_bytes(GOOD)
    locked.chmod(0)
    for path in (tmp_path / "none.docx", tmp_path, locked):
        if path == locked and os.access(path, os.R_OK):
            continue  # root reads everything
        with pytest.raises(TemplateError) as error:
            read_package(path)
        messages.append(error.value.problems[0].what)
    assert len(set(messages)) == len(messages) >= 2


def test_stored_and_deflated_members_are_copied_as_their_compressed_bytes() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, (name, data) in enumerate(members(GOOD).items()):
            method = zipfile.ZIP_STORED if number % 2 else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), data, method)
    letter = zipfile.ZipFile(io.BytesIO(fill(stream.getvalue(), name="Ann")))
    for old_info in zipfile.ZipFile(stream).infolist():
        new_info = letter.getinfo(old_info.filename)
        if old_info.filename.startswith("word/") and old_info.filename != BODY:
            assert (new_info.CRC, new_info.compress_size) == (old_info.CRC, old_info.compress_size)


def test_text_that_is_deflated_in_pieces_stays_the_same() -> None:
    """Pieces can be short, long, empty or repeated, or fill several blocks."""
    pieces = ["<w:p>", "", "Zoë & Ana", "x" * 100, "<w:p>", "й" * 70_000, "", "</w:p>"]
    deflater = Deflater()
    for _ in range(2):
        raw, plain = deflater.deflate(pieces)
        assert zlib.decompress(raw, -15) == plain == "".join(pieces).encode()


@given(st.lists(st.text(max_size=200)))
def test_any_text_that_was_deflated_in_pieces_can_be_inflated(pieces: list[str]) -> None:
    raw, plain = Deflater().deflate([p.encode(errors="ignore").decode() for p in pieces])
    assert zlib.decompress(raw, -15) == plain


def with_thumbnail(data: bytes, *, damaged: bool) -> bytes:
    """Return the good file with an uncompressed picture of its first page."""
    package = zipped({**members(GOOD), "docProps/thumbnail.jpeg": data})
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        info = archive.getinfo("docProps/thumbnail.jpeg")
    if not damaged:
        return package
    crc = struct.pack("<I", info.CRC)
    return package.replace(crc, struct.pack("<I", info.CRC ^ 1))


@pytest.mark.parametrize("damaged", [False, True])
def test_a_document_with_a_damaged_thumbnail_is_read(tmp_path: Path, *, damaged: bool) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(with_thumbnail(b"JPEG" * 500, damaged=damaged))
    names = [member.name for member in read_package(path).members]
    assert "word/document.xml" in names
    assert ("docProps/thumbnail.jpeg" in names) is not damaged


def test_a_workbook_with_a_damaged_thumbnail_is_read(tmp_path: Path) -> None:
    path = workbooks.campaign(tmp_path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    workbooks.zipped(path, {**parts, "docProps/thumbnail.wmf": b"WMF" * 500})
    with zipfile.ZipFile(path) as archive:
        crc = archive.getinfo("docProps/thumbnail.wmf").CRC
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", crc), struct.pack("<I", crc ^ 1)))
    assert len(read_workbook(path).signers.persons) == 2
