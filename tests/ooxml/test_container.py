"""A zip is read within limits or refused; members that nothing changes are copied as they are."""

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
from merge.ooxml.container import Archive, Deflater
from merge.ooxml.kinds import WORD
from merge.ooxml.package import read_package
from merge.workbook.reading import read_workbook

CENTRAL = b"PK\x01\x02"


def patched(at: int, data: bytes, anchor: bytes = b"") -> bytes:
    """The good file with some bytes overwritten, counted from the first anchor."""
    start = GOOD.index(anchor) + at
    return GOOD[:start] + data + GOOD[start + len(data) :]


def flag_of(at: int, anchor: bytes = b"") -> bytes:
    """The good file with the encryption bit set in the flags at a position."""
    flags = struct.unpack_from("<H", GOOD, GOOD.index(anchor) + at)[0]
    return patched(at, struct.pack("<H", flags | 1), anchor)


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "text": b"Dear friend",
    "rich text": rb"{\rtf1 Dear friend}",
    "truncated by its end": GOOD[:-30],
    "truncated in the middle": GOOD[: len(GOOD) // 2],
    "bytes before it": b"MZ" + GOOD,
    "bytes behind it": GOOD + b"\0",
    "CRC differs": patched(16, b"\0\0\0\0", CENTRAL),
    "size too small": patched(24, struct.pack("<I", 5), CENTRAL),
    "size too large": patched(24, struct.pack("<I", 2**31), CENTRAL),
    "packed size too small": patched(20, struct.pack("<I", 5), CENTRAL),
    "packed size past the end": patched(20, struct.pack("<I", 2**31), CENTRAL),
    "bzip2": patched(10, struct.pack("<H", 12), CENTRAL),
    "local header elsewhere": patched(42, struct.pack("<I", 9), CENTRAL),
    "directory elsewhere": patched(16, struct.pack("<I", 9), b"PK\x05\x06"),
    "packed bytes changed": patched(60, b"\xff\xff\xff\xff"),
    "encrypted": flag_of(8, CENTRAL),
}
NAMES = [
    *("../x.xml", "word/../../x.xml", "..", "/x.xml", "//x.xml", "word\\x.xml", "C:/x.xml"),
    *("./word/x.xml", "word//x.xml", "word/./x.xml", "WORD/document.xml", "word/\u202ex.xml"),
]


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused(data: bytes) -> None:
    assert refusal(data).startswith("a.docx: ")


@pytest.mark.parametrize("name", NAMES)
def test_a_member_with_a_name_that_word_never_writes_is_refused(name: str) -> None:
    assert refusal(with_member(name))


def test_a_member_that_is_there_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = with_member(BODY, b"<w:document/>")
    assert refusal(twice)


@pytest.mark.parametrize(
    ("size", "count"),
    everyday([((64 << 20) + 1, 1), (60 << 20, 4)]),
    ids=["one part", "all together"],
)
def test_a_zip_that_unpacks_to_too_much_is_refused(size: int, count: int) -> None:
    big = {f"word/media/{number}.bin": bytes(size) for number in range(count)}
    assert "MiB" in refusal(zipped({**members(GOOD), **big}))


@pytest.mark.parametrize(
    ("part", "remedy"), [("word/document.xml", "Shorten its"), ("word/media/a.png", "pictures")]
)
def test_the_remedy_is_for_the_part_that_is_too_large(part: str, remedy: str) -> None:
    with pytest.raises(FaultError) as caught:
        Archive(zipped({part: b"x" * 2_000, "small.xml": b"<x/>"}), WORD, most_part_bytes=1_000)
    assert part in caught.value.fault.what
    assert remedy in str(caught.value.fault.hint)


@pytest.mark.slow
def test_a_lying_size_does_not_help_a_bomb_in() -> None:
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
def test_the_caps_let_the_largest_real_files_through() -> None:
    """Of 1,712 real files: 2.8 MB, 19.2 MB unzipped, 18.1 MB a part, 356 members."""
    large = docx("Dear {{ name }}", header="\n".join(["x" * 1000] * 18_100))
    real = zipped({**members(large), **{f"word/media/{n}": b"x" for n in range(350)}})
    assert texts(fill(real, name="Ann")) == ["Dear Ann"]


def test_a_missing_file_a_folder_and_a_locked_file_are_told_apart(tmp_path: Path) -> None:
    told: list[str] = []
    locked = tmp_path / "locked.docx"
    locked.write_bytes(GOOD)
    locked.chmod(0)
    for path in (tmp_path / "none.docx", tmp_path, locked):
        if path == locked and os.access(path, os.R_OK):
            continue  # root reads everything
        with pytest.raises(TemplateError) as error:
            read_package(path)
        told.append(error.value.problems[0].what)
    assert len(set(told)) == len(told) >= 2


def test_stored_and_deflated_members_are_copied_as_their_compressed_bytes() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number, (name, data) in enumerate(members(GOOD).items()):
            how = zipfile.ZIP_STORED if number % 2 else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), data, how)
    letter = zipfile.ZipFile(io.BytesIO(fill(made.getvalue(), name="Ann")))
    for before in zipfile.ZipFile(made).infolist():
        after = letter.getinfo(before.filename)
        if before.filename.startswith("word/") and before.filename != BODY:
            assert (after.CRC, after.compress_size) == (before.CRC, before.compress_size)


def test_text_in_pieces_is_the_same_text_deflated() -> None:
    """Short and long pieces, empty ones, ones that come again, and more than one stored block."""
    pieces = ["<w:p>", "", "Zoë & Ana", "x" * 100, "<w:p>", "й" * 70_000, "", "</w:p>"]
    deflater = Deflater()
    for _ in range(2):
        raw, plain = deflater.deflate(pieces)
        assert zlib.decompress(raw, -15) == plain == "".join(pieces).encode()


@given(st.lists(st.text(max_size=200)))
def test_any_text_in_pieces_comes_back(pieces: list[str]) -> None:
    raw, plain = Deflater().deflate([p.encode(errors="ignore").decode() for p in pieces])
    assert zlib.decompress(raw, -15) == plain


def with_thumbnail(data: bytes, *, damaged: bool) -> bytes:
    """The good file with a picture of its first page; it lies there uncompressed."""
    made = zipped({**members(GOOD), "docProps/thumbnail.jpeg": data})
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        info = archive.getinfo("docProps/thumbnail.jpeg")
    if not damaged:
        return made
    crc = struct.pack("<I", info.CRC)
    return made.replace(crc, struct.pack("<I", info.CRC ^ 1))


@pytest.mark.parametrize("damaged", [False, True])
def test_a_damaged_thumbnail_which_nobody_reads_refuses_nothing(
    tmp_path: Path, *, damaged: bool
) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(with_thumbnail(b"JPEG" * 500, damaged=damaged))
    names = [member.name for member in read_package(path).members]
    assert "word/document.xml" in names
    assert ("docProps/thumbnail.jpeg" in names) is not damaged


def test_a_damaged_thumbnail_in_a_workbook_refuses_nothing(tmp_path: Path) -> None:
    path = workbooks.campaign(tmp_path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    workbooks.zipped(path, {**parts, "docProps/thumbnail.wmf": b"WMF" * 500})
    with zipfile.ZipFile(path) as archive:
        crc = archive.getinfo("docProps/thumbnail.wmf").CRC
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", crc), struct.pack("<I", crc ^ 1)))
    assert len(read_workbook(path).signers.persons) == 2
