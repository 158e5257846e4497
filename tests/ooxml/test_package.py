"""Parts of a package: reading, refusing, replacing, adding, removing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from support.changed_packages import GOOD, refusal, with_member, with_part
from support.documents import BODY, docx, zipped
from support.filled_letters import fill, members, texts

from merge.errors import TemplateError
from merge.ooxml.container import ZipMember
from merge.ooxml.package import Package, PackageAssembler, parse_package

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


def test_each_part_of_a_good_package_can_be_read() -> None:
    package = parse_package(GOOD, "a.docx")
    assert {m.name: package.read(m.name) for m in package.members} == members(GOOD)
    assert BODY in package
    assert "word/nothing.xml" not in package


@pytest.mark.parametrize("data", NOT_WORD.values(), ids=NOT_WORD)
def test_a_file_that_is_not_a_word_document_is_refused(data: bytes) -> None:
    assert refusal(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", XML_PARTS)
def test_a_doctype_in_any_part_of_a_document_is_refused(name: str, encoding: str) -> None:
    assert refusal(with_part(name, ENTITY.encode(encoding)))


def test_a_billion_laughs_are_refused_at_once() -> None:
    bomb = f"<!DOCTYPE x [{LAUGHS}]><x>&a8;</x>"
    assert "word/styles.xml" in refusal(with_part("word/styles.xml", bomb.encode()))


def test_all_malformed_parts_are_reported_together() -> None:
    broken = {"word/styles.xml": b"<a>", "word/header.xml": b"<a b=c/>", BODY: b""}
    message = refusal(zipped({**members(GOOD), **broken}))
    assert all(part in message for part in ("word/styles.xml", "header", "body"))


def test_an_encrypted_document_and_an_old_doc_have_different_messages() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    locked = refusal(ole + "EncryptedPackage".encode("utf-16-le") + bytes(512))
    old = refusal(ole + "WordDocument".encode("utf-16-le") + bytes(512))
    assert "password" in locked
    assert "password" not in old


@pytest.mark.parametrize(
    "kind", ["template.main", "template.macroEnabledTemplate.main", "document.macroEnabled.main"]
)
def test_a_template_or_macro_file_renamed_to_docx_is_refused(kind: str) -> None:
    """Word does not open a .docx with the content type of another kind."""
    types = members(GOOD)["[Content_Types].xml"].replace(b"document.main", kind.encode())
    assert refusal(with_part("[Content_Types].xml", types))


def test_a_strict_open_xml_document_is_refused_with_a_remedy() -> None:
    main = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    strict = members(GOOD)[BODY].replace(main, b"http://purl.oclc.org/ooxml/wordprocessingml/main")
    assert "Strict" in refusal(with_part(BODY, strict))


def with_prefix(prefix: str) -> Callable[[str], str]:
    return lambda xml: (
        xml.replace("xmlns:w=", f"xmlns:{prefix}=")
        .replace("<w:", f"<{prefix}:")
        .replace("</w:", f"</{prefix}:")
    )


def test_a_template_with_another_namespace_prefix_gives_the_same_letter_or_an_error() -> None:
    xml = with_prefix("ns0")(members(docx("Dear {{ name }}"))[BODY].decode())
    template = zipped({**members(docx("x")), BODY: xml})
    try:
        letter = fill(template, name="a\nb")
    except TemplateError:
        return
    assert texts(letter) == ["Dear a\nb"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_part_in_another_encoding_is_read_correctly(encoding: str) -> None:
    xml = members(docx("Zoë {{ name }}"))[BODY].decode()
    xml = xml.replace('"UTF-8"', f'"{encoding.removesuffix("-sig")}"')
    template = zipped({**members(docx("x")), BODY: xml.encode(encoding)})
    assert texts(fill(template, name="Имя")) == ["Zoë Имя"]


def test_the_zip_of_a_letter_has_no_trace_of_time_and_computer() -> None:
    for info in zipfile.ZipFile(io.BytesIO(fill(GOOD, name="Ann"))).infolist():
        assert (info.date_time, info.extra, info.comment) == ((1980, 1, 1, 0, 0, 0), b"", b"")
        assert (info.external_attr, info.create_system) == (0, 0)


def test_a_package_assembler_changes_only_the_named_parts() -> None:
    package = parse_package(GOOD, "a.docx")
    assembler = PackageAssembler(package, [BODY])
    for data in (b"<a/>", b"<b/>" * 1000, b""):
        assert members(assembler.assemble([ZipMember.from_data(BODY, data)])) == {
            **members(GOOD),
            BODY: data,
        }


def test_parts_of_a_package_can_be_replaced_added_and_removed() -> None:
    package = parse_package(GOOD, "a.docx")
    changed = package.with_parts({BODY: b"<x/>", "word/new.xml": b"<y/>"}).without_parts(
        {"word/header.xml"}
    )
    expected = {**members(GOOD), BODY: b"<x/>", "word/new.xml": b"<y/>"}
    del expected["word/header.xml"]
    assert members(changed.to_bytes()) == expected


def test_a_package_keeps_part_names_that_are_not_ascii() -> None:
    package = Package("a.docx", parse_package(with_member("word/média/имя.bin", b"x"), "").members)
    assert members(package.to_bytes())["word/média/имя.bin"] == b"x"
