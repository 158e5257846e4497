"""A .docx is read within limits or refused; members that nothing changes are copied as they are."""

from __future__ import annotations

import io
import os
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.documents import BODY, docx, zipped
from support.filled_letters import fill, members, template, texts

from merge.model import TemplateError
from merge.ooxml.container import Deflater
from merge.ooxml.package import Member, Package, PackageAssembler, parse_package, read_package

GOOD = docx("Dear {{ name }}", header="same")
CENTRAL = b"PK\x01\x02"


def patched(at: int, data: bytes, anchor: bytes = b"") -> bytes:
    """The good file with some bytes overwritten, counted from the first anchor."""
    start = GOOD.index(anchor) + at
    return GOOD[:start] + data + GOOD[start + len(data) :]


def flag_of(at: int, anchor: bytes = b"") -> bytes:
    """The good file with the encryption bit set in the flags at a position."""
    flags = struct.unpack_from("<H", GOOD, GOOD.index(anchor) + at)[0]
    return patched(at, struct.pack("<H", flags | 1), anchor)


def with_member(name: str, data: bytes = b"<x/>") -> bytes:
    """The good file and one more member, whatever its name."""
    with io.BytesIO(GOOD) as file:
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr(zipfile.ZipInfo(name), data)
        return file.getvalue()


def with_part(name: str, data: bytes) -> bytes:
    """The good file with a part replaced or added."""
    return zipped({**members(GOOD), name: data})


def refusal(data: bytes) -> str:
    """Why a file is refused; fails where it is not, or where that takes two seconds."""
    start = time.process_time()
    with pytest.raises(TemplateError) as error:
        template(data)
    assert time.process_time() - start < 2
    assert all(problem.place.file == "a.docx" for problem in error.value.problems)
    return str(error.value)


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
XML_PARTS = [
    *("word/document.xml", "word/styles.xml", "customXml/item1.xml", "docProps/app.xml"),
    *("[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/X.XML"),
    "word/media/drawing.svg",
]
ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(9))
NOT_WORD: dict[str, bytes] = {
    "zip": zipped({"a.txt": "x"}),
    "zip without members": zipped({}),
    "workbook": zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}),
    "OpenDocument": zipped({"mimetype": "application/vnd.oasis.opendocument.text"}),
    "no body": zipped({n: d for n, d in members(GOOD).items() if n != BODY}),
    "another root": with_part(BODY, b"<html/>"),
    "old .doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000),
}


def test_a_good_file_is_read_and_each_part_can_be_had() -> None:
    read = parse_package(GOOD, "a.docx")
    assert {m.name: read.read(m.name) for m in read.members} == members(GOOD)
    assert BODY in read
    assert "word/nothing.xml" not in read


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused(data: bytes) -> None:
    assert refusal(data).startswith("a.docx: ")


@pytest.mark.parametrize("data", NOT_WORD.values(), ids=NOT_WORD)
def test_what_is_no_word_document_is_refused(data: bytes) -> None:
    assert refusal(data)


@pytest.mark.parametrize("name", NAMES)
def test_a_member_with_a_name_that_word_never_writes_is_refused(name: str) -> None:
    assert refusal(with_member(name))


def test_a_member_that_is_there_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = with_member(BODY, b"<w:document/>")
    assert refusal(twice)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", XML_PARTS)
def test_a_document_type_is_refused_in_any_part(name: str, encoding: str) -> None:
    assert refusal(with_part(name, ENTITY.encode(encoding)))


def test_a_billion_laughs_are_refused_in_no_time() -> None:
    bomb = f"<!DOCTYPE x [{LAUGHS}]><x>&a8;</x>"
    assert "word/styles.xml" in refusal(with_part("word/styles.xml", bomb.encode()))


def test_every_part_that_is_not_well_formed_is_told_at_once() -> None:
    broken = {"word/styles.xml": b"<a>", "word/header.xml": b"<a b=c/>", BODY: b""}
    told = refusal(zipped({**members(GOOD), **broken}))
    assert all(part in told for part in ("word/styles.xml", "header", "body"))


@pytest.mark.parametrize(
    ("size", "count"), [((64 << 20) + 1, 1), (60 << 20, 4)], ids=["one part", "all together"]
)
def test_a_zip_that_unpacks_to_too_much_is_refused(size: int, count: int) -> None:
    big = {f"word/media/{number}.bin": bytes(size) for number in range(count)}
    assert "MiB" in refusal(zipped({**members(GOOD), **big}))


def test_a_lying_size_does_not_help_a_bomb_in() -> None:
    bomb = bytearray(with_part("word/a.bin", bytes((64 << 20) + 1)))
    entry = bomb.rindex(CENTRAL)
    bomb[entry + 24 : entry + 28] = struct.pack("<I", 10)
    assert refusal(bytes(bomb))


def test_more_than_5000_members_are_refused() -> None:
    assert "5,000" in refusal(zipped({**members(GOOD), **{f"a/{n}": b"" for n in range(5000)}}))


def test_a_file_above_50_mib_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.docx"
    with path.open("wb") as file:
        file.truncate((50 << 20) + 1)
    with pytest.raises(TemplateError, match=r"big\.docx.*50 MiB"):
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


def test_a_password_and_an_old_doc_are_told_apart_with_a_remedy() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    locked = refusal(ole + "EncryptedPackage".encode("utf-16-le") + bytes(512))
    old = refusal(ole + "WordDocument".encode("utf-16-le") + bytes(512))
    assert "password" in locked
    assert "password" not in old


@pytest.mark.parametrize(
    "kind", ["template.main", "template.macroEnabledTemplate.main", "document.macroEnabled.main"]
)
def test_a_template_or_macro_file_renamed_to_docx_is_refused(kind: str) -> None:
    """Word does not open a .docx whose content type is another's."""
    types = members(GOOD)["[Content_Types].xml"].replace(b"document.main", kind.encode())
    assert refusal(with_part("[Content_Types].xml", types))


def test_strict_open_xml_is_refused_with_the_remedy() -> None:
    main = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    strict = members(GOOD)[BODY].replace(main, b"http://purl.oclc.org/ooxml/wordprocessingml/main")
    assert "Strict" in refusal(with_part(BODY, strict))


def renamed(prefix: str) -> Callable[[str], str]:
    return lambda xml: (
        xml.replace("xmlns:w=", f"xmlns:{prefix}=")
        .replace("<w:", f"<{prefix}:")
        .replace("</w:", f"</{prefix}:")
    )


def test_another_prefix_for_words_own_names_gives_the_same_letter_or_an_error() -> None:
    xml = renamed("ns0")(members(docx("Dear {{ name }}"))[BODY].decode())
    made = zipped({**members(docx("x")), BODY: xml})
    try:
        letter = fill(made, name="a\nb")
    except TemplateError:
        return
    assert texts(letter) == ["Dear a\nb"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_part_in_another_encoding_is_read_rightly(encoding: str) -> None:
    xml = members(docx("Zoë {{ name }}"))[BODY].decode()
    xml = xml.replace('"UTF-8"', f'"{encoding.removesuffix("-sig")}"')
    made = zipped({**members(docx("x")), BODY: xml.encode(encoding)})
    assert texts(fill(made, name="Имя")) == ["Zoë Имя"]


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


def test_a_letter_says_nothing_of_the_time_and_the_computer() -> None:
    for info in zipfile.ZipFile(io.BytesIO(fill(GOOD, name="Ann"))).infolist():
        assert (info.date_time, info.extra, info.comment) == ((1980, 1, 1, 0, 0, 0), b"", b"")
        assert (info.external_attr, info.create_system) == (0, 0)


def test_a_binder_makes_many_packages_that_differ_only_in_the_named_parts() -> None:
    read = parse_package(GOOD, "a.docx")
    binder = PackageAssembler(read, [BODY])
    for data in (b"<a/>", b"<b/>" * 1000, b""):
        assert members(binder.assemble([Member.of(BODY, data)])) == {**members(GOOD), BODY: data}


def test_parts_can_be_replaced_added_and_left_out() -> None:
    read = parse_package(GOOD, "a.docx")
    changed = read.replaced({BODY: b"<x/>", "word/new.xml": b"<y/>"}).without({"word/header.xml"})
    expected = {**members(GOOD), BODY: b"<x/>", "word/new.xml": b"<y/>"}
    del expected["word/header.xml"]
    assert members(changed.write()) == expected


def test_a_package_keeps_names_beyond_ascii() -> None:
    made = Package("a.docx", parse_package(with_member("word/média/имя.bin", b"x"), "").members)
    assert members(made.write())["word/média/имя.bin"] == b"x"


def test_text_in_pieces_is_the_same_text_deflated() -> None:
    """Short and long pieces, empty ones, ones that come again, and more than one stored block."""
    pieces = ["<w:p>", "", "Zoë & Ana", "x" * 100, "<w:p>", "й" * 70_000, "", "</w:p>"]
    deflater = Deflater()
    for _ in range(2):
        raw, plain = deflater.packed(pieces)
        assert zlib.decompress(raw, -15) == plain == "".join(pieces).encode()


@given(st.lists(st.text(max_size=200)))
def test_any_text_in_pieces_comes_back(pieces: list[str]) -> None:
    raw, plain = Deflater().packed([p.encode(errors="ignore").decode() for p in pieces])
    assert zlib.decompress(raw, -15) == plain
