"""Detection of any kind of file, with messages for Word or Excel."""

from __future__ import annotations

import os
import random
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from support import documents, workbooks
from support.documents import BODY, docx
from support.filled_letters import members

from merge.errors import DataError, MergeError, TemplateError
from merge.excel.reader import read_excel_file
from merge.messages.message import catalogue
from merge.ooxml.container import FilePolicy, ZipMember, file_errors
from merge.ooxml.kinds import (
    EXCEL,
    EXPORT,
    TEMPLATE,
    TEMPLATE_TYPES,
    WORD,
    FileKind,
    added_file_error,
    refusal_error,
)
from merge.ooxml.package import Package, open_archive, parse_package, read_package
from merge.problems import Problem
from merge.text.tables import table_rows

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
PLAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
STRICT = "http://purl.oclc.org/ooxml"
LETTER = docx("Dear {{ name }}")
SAVE_AS = "In Word, save it as Word Document (.docx)."
CHOOSE = "Choose the Word document (.docx)."


def compound(stream: str) -> bytes:
    return OLE + stream.encode("utf-16-le")


def edited(part: str, *changes: tuple[str, str]) -> bytes:
    """Return the letter with text replaced in one part."""
    text = members(LETTER)[part].decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return documents.zipped({**members(LETTER), part: text.encode()})


def with_content_type(content_type: str) -> bytes:
    """Return the letter with another content type of its main part."""
    return edited("[Content_Types].xml", (f"{PLAIN}.document.main+xml", content_type))


def problem(data: bytes) -> Problem:
    with pytest.raises(TemplateError) as caught:
        parse_package(data, "appeal.docx")
    (found,) = caught.value.problems
    assert found.place.file == "appeal.docx"
    assert found.what.endswith(".")
    assert found.hint.endswith(".")
    return found


OTHER_FILES: dict[str, tuple[bytes, str, str, str]] = {
    "empty": (b"", "empty", "empty", "cloud"),
    "text": (b"Dear all\n", "not-word", "a text file", SAVE_AS),
    "csv": (b"Name;Town\n", "not-word", "separators (CSV)", SAVE_AS),
    "rtf": (b"{\\rtf1 Dear}", "not-word", "rich text", SAVE_AS),
    "pdf": (b"%PDF-1.7 x", "not-word", "PDF", CHOOSE),
    "html": (b"<!DOCTYPE html><HTML><p>Dear", "not-word", "web page", SAVE_AS),
    "xml": (b"\xef\xbb\xbf<?xml version='1.0'?><x/>", "not-word", "XML", SAVE_AS),
    "picture": (b"\x89PNG\r\n\0\0", "not-word", "not a Word document", SAVE_AS),
    "doc": (compound("WordDocument"), "doc", "(.doc)", SAVE_AS),
    "xls": (compound("Workbook"), "not-word", "older Excel workbook (.xls)", CHOOSE),
    "ppt": (compound("PowerPoint Document"), "not-word", "presentation", CHOOSE),
    "locked": (compound("EncryptedPackage"), "protected", "password", "Protect Document"),
    "compound": (OLE, "unreadable", "older Office file", "save and close it"),
    "zip": (documents.zipped({"a.txt": "x"}), "not-word", "zip file", CHOOSE),
    "no members": (documents.zipped({}), "not-word", "zip file", CHOOSE),
    "xlsx": (documents.zipped({"xl/workbook.xml": "<x/>"}), "not-word", "Excel workbook", CHOOSE),
    "xlsb": (documents.zipped({"xl/workbook.bin": "x"}), "not-word", ".xlsb", CHOOSE),
    "pptx": (documents.zipped({"ppt/presentation.xml": "x"}), "not-word", "presentation", CHOOSE),
    "pages": (
        documents.zipped({"Index/Document.iwa": "x"}),
        "not-word",
        "Pages",
        "Export To > Word",
    ),
    "odt": (
        documents.zipped({"mimetype": "application/vnd.oasis.opendocument.text"}),
        *("odt", "OpenDocument", "File > Save As"),
    ),
    "ods": (
        documents.zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
        *("not-word", "LibreOffice spreadsheet (.ods)", CHOOSE),
    ),
    "dotx": (with_content_type(f"{PLAIN}.template.main+xml"), "not-word", "(.dotx)", SAVE_AS),
    "docm": (
        with_content_type("application/vnd.ms-word.document.macroEnabled.main+xml"),
        *("not-word", "(.docm)", "has no macros"),
    ),
    "dotm": (
        with_content_type("application/vnd.ms-word.template.macroEnabledTemplate.main+xml"),
        *("not-word", "(.dotm)", "has no macros"),
    ),
    "strict by link": (
        edited(
            "_rels/.rels",
            (
                f"{documents.OFFICE}/officeDocument",
                f"{STRICT}/officeDocument/relationships/officeDocument",
            ),
        ),
        *("strict", "Strict", "choose File > Save As"),
    ),
    "strict by root": (
        edited(BODY, (documents.MAIN, f"{STRICT}/wordprocessingml/main")),
        *("strict", "Strict", "choose File > Save As"),
    ),
    "strict dotx": (
        documents.zipped(
            {
                **members(with_content_type(f"{PLAIN}.template.main+xml")),
                BODY: members(LETTER)[BODY].replace(
                    documents.MAIN.encode(), f"{STRICT}/wordprocessingml/main".encode()
                ),
            }
        ),
        *("strict", "Strict", "choose File > Save As"),
    ),
    "no type": (
        with_content_type("application/xml"),
        "unreadable",
        "not marked as a Word document",
        "save and close it",
    ),
    "another root": (
        documents.zipped({**members(LETTER), BODY: "<html/>"}),
        *("unreadable", "not marked as", "save and close it"),
    ),
    "no body": (
        documents.zipped({n: d for n, d in members(LETTER).items() if n != BODY}),
        *("unreadable", f"its part {BODY} is missing", "save and close it"),
    ),
}


class TestKinds:
    """Kinds of files, and their messages."""

    @pytest.mark.parametrize("policy", [EXCEL, WORD, TEMPLATE, EXPORT])
    def test_there_is_a_message_about_each_kind_that_is_refused(self, policy: FilePolicy) -> None:
        for kind in FileKind:
            if kind in policy.refusals:
                found = refusal_error(kind, policy).fault
                assert found.code.startswith(policy.code_prefix)
                assert "None" not in found.what

    def test_each_kind_has_a_row_of_messages(self) -> None:
        rows = [(kind, *keys) for kind, _, *keys in table_rows("merge.ooxml", "kinds.tsv")]
        assert [kind for kind, *_ in rows] == [*FileKind]
        assert {key for _, *keys in rows for key in keys} <= {"-", *catalogue()}

    @pytest.mark.parametrize("policy", [EXCEL, WORD, EXPORT])
    def test_there_is_a_message_about_every_other_reason_to_refuse_a_file(
        self, policy: FilePolicy
    ) -> None:
        keys = {
            f"{policy.code_prefix}-{end}" for end in ("folder", "locked", "protected/zip", "odd")
        }
        keys |= {
            f"{policy.code_prefix}-{end}"
            for end in ("unreadable", "unreadable/device", "too-large")
        }
        keys |= {policy.missing_key + end for end in ("", "/convertible", "/elsewhere", "/nowhere")}
        keys |= {policy.missing_key + end for end in ("/no-folder", "/near-folder", "/below-file")}
        assert keys <= catalogue().keys()
        assert policy.too_large_error("x", is_text=True).fault.hint

    @pytest.mark.parametrize("kind", FileKind)
    def test_there_is_a_message_about_each_kind_that_may_be_added(self, kind: FileKind) -> None:
        if kind not in {*TEMPLATE_TYPES.values(), FileKind.DOCX, FileKind.XLSX}:
            assert added_file_error(kind).fault.hint

    @pytest.mark.parametrize("kind", OTHER_FILES)
    def test_a_file_of_another_kind_is_recognised(self, kind: str) -> None:
        data, code, what, hint = OTHER_FILES[kind]
        found = problem(data)
        assert found.code == f"template-{code}"
        assert what in found.what
        assert hint in found.hint

    @pytest.mark.parametrize("kind", OTHER_FILES)
    def test_a_file_of_another_kind_is_not_accepted_as_a_workbook(
        self, kind: str, tmp_path: Path
    ) -> None:
        (tmp_path / "a.xlsx").write_bytes(OTHER_FILES[kind][0])
        os.utime(tmp_path / "a.xlsx", (0, 0))
        with pytest.raises(DataError) as caught:
            read_excel_file(tmp_path / "a.xlsx")
        (found,) = caught.value.problems
        assert found.code.startswith("workbook-")
        assert "Word document" not in found.hint

    def test_word_and_excel_accept_their_own_files_and_name_the_others(
        self, tmp_path: Path
    ) -> None:
        book = workbooks.campaign(tmp_path).read_bytes()
        assert BODY in open_archive(LETTER, WORD)
        assert "xl/workbook.xml" in open_archive(book, EXCEL)
        assert "an Excel workbook, not a Word document" in problem(book).what
        with (
            pytest.raises(DataError, match="a Word document, not an Excel workbook"),
            file_errors(EXCEL, "a"),
        ):
            open_archive(LETTER, EXCEL)

    def test_the_content_type_of_a_document_may_be_that_of_its_extension(self) -> None:
        types = f'<Types><Default Extension="XML" ContentType="{PLAIN}.document.MAIN+xml"/></Types>'
        assert parse_package(
            documents.zipped({**members(LETTER), "[Content_Types].xml": types}), ""
        )

    def test_the_main_part_of_a_document_may_have_another_name(self) -> None:
        parts = {
            n: d.replace(b"document.xml", b"document2.xml") for n, d in members(LETTER).items()
        }
        parts["word/document2.xml"] = parts.pop(BODY)
        assert "word/document2.xml" in parse_package(documents.zipped(parts), "")

    @pytest.mark.parametrize("part", ["[Content_Types].xml", "_rels/.rels"])
    def test_a_broken_or_endless_list_of_parts_is_refused(self, part: str) -> None:
        parts = members(LETTER)
        assert problem(documents.zipped({**parts, part: "<x>"})).code == "template-unreadable"
        many = "<x>" + "<y/>" * 300_000 + "</x>"
        assert problem(documents.zipped({**parts, part: many})).code == "template-odd"


class TestFiles:
    """Paths without a readable file."""

    def test_the_message_of_a_missing_template_suggests_a_similar_one(self, tmp_path: Path) -> None:
        (tmp_path / "~$appeal.docx").write_bytes(b"x")
        (tmp_path / "Appeals.docx").write_bytes(LETTER)
        with pytest.raises(TemplateError) as caught:
            read_package(tmp_path / "appeal.docx")
        (found,) = caught.value.problems
        assert (found.code, found.hint) == ("template-missing", "Did you mean Appeals.docx?")

    def test_the_message_of_a_missing_template_suggests_an_old_doc(self, tmp_path: Path) -> None:
        (tmp_path / "appeal.doc").write_bytes(OLE)
        with pytest.raises(TemplateError, match=r"There is appeal\.doc\. In Word, save it"):
            read_package(tmp_path / "appeal.docx")

    def test_a_missing_folder_and_a_folder_instead_of_a_file_are_reported(
        self, tmp_path: Path
    ) -> None:
        for path, code in ((tmp_path / "no" / "a.docx", "missing"), (tmp_path, "folder")):
            with pytest.raises(TemplateError) as caught:
                read_package(path, "a.docx")
            assert str(caught.value).startswith("a.docx: ")
            assert caught.value.problems[0].code == f"template-{code}"


class TestHostileZips:
    """Zips with a false directory."""

    def test_a_part_under_two_names_is_refused(self) -> None:
        data = bytearray(LETTER)
        data[data.index(BODY.encode())] = ord("W")
        assert "not where it should be" in problem(bytes(data)).what

    def test_bytes_hidden_after_a_part_are_refused(self) -> None:
        raw = zlib.compress(b"<x/>", 9)[2:-4] + b"hidden"
        assert "does not end where it should" in problem(_with_raw(raw, b"<x/>")).what

    def test_overlapping_parts_of_a_zip_are_refused(self) -> None:
        data = bytearray(LETTER)
        entry = data.index(b"PK\x01\x02")
        data[entry + 20 : entry + 24] = (len(data) - 60).to_bytes(4, "little")
        assert problem(bytes(data)).code == "template-odd"

    def test_a_zip_with_a_password_is_reported(self) -> None:
        data = bytearray(LETTER)
        data[data.index(b"PK\x01\x02") + 8] |= 1
        assert problem(bytes(data)).code == "template-protected"

    def test_a_doctype_that_is_split_by_empty_blocks_is_refused(self) -> None:
        """40,000 empty stored blocks, which add no bytes, split the DOCTYPE."""
        nothing = b"\x00\x00\x00\xff\xff"
        pieces = [b"<!DOC", b"TYPE x><x/>"]
        first, second = (b"\x00" + _stored(piece) for piece in pieces)
        last = b"\x01\x00\x00\xff\xff"
        raw = first + nothing * 40_000 + second + last
        found = problem(_with_raw(raw, b"".join(pieces)))
        assert (found.code, "word/extra.xml declares" in found.what) == ("template-odd", True)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("before", range(65_500, 65_540, 3))
    def test_a_doctype_across_two_chunks_is_refused(self, encoding: str, before: int) -> None:
        data = b" " * before + "<!DOCTYPE x><x/>".encode(encoding)
        package = documents.zipped({**members(LETTER), "word/extra.xml": data})
        assert problem(package).code == "template-odd"

    def test_a_document_with_random_damage_never_gives_a_traceback(self) -> None:
        dice = random.Random(3)  # noqa: S311
        for _ in range(500):
            data = bytearray(LETTER)
            for _ in range(3):
                data[dice.randrange(len(data))] = dice.randrange(256)
            with suppress(MergeError):  # no other exception
                parse_package(bytes(data), "appeal.docx")


def _stored(data: bytes) -> bytes:
    """Return the rest of a stored block (RFC 1951, 3.2.4)."""
    return len(data).to_bytes(2, "little") + (len(data) ^ 0xFFFF).to_bytes(2, "little") + data


def _with_raw(raw: bytes, data: bytes) -> bytes:
    """Return the letter with a part word/extra.xml of these raw bytes."""
    extra = ZipMember("word/extra.xml", zipfile.ZIP_DEFLATED, zlib.crc32(data), len(data), raw)
    letter = parse_package(LETTER, "appeal.docx")
    return Package("appeal.docx", (*letter.members, extra)).to_bytes()
