"""Kinds of files in which a deletion finds a person, or that it lists as not searched."""

from __future__ import annotations

import base64
import gzip
import io
import json
import quopri
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from openpyxl import Workbook
from support.campaigns import campaign_files, make, merge
from support.documents import docx

from merge.campaign.file_texts import TextSearch, find_texts

ANA, POLISH, GREEK, TURKISH = "Ana Ruiz", "Łukasz Żółkiewski", "Γιώργος Παπαδάκης", "Ayşe Yıldırım"
ARABIC, HEBREW, UKRAINIAN, JAPANESE = "سلمى البرقاوي", "דוד לוי", "Олена Журавчук", "山田太郎"
NAMES = (ANA, POLISH, GREEK, TURKISH, ARABIC, HEBREW, UKRAINIAN, JAPANESE)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(24)


def ds_store(name: str) -> bytes:
    """Return a part of `.DS_Store`: length and file name, and the next record."""
    text = name.encode("utf-16-be")
    return b"\0\0\0\1Bud1\0\0\x10\0" + len(name).to_bytes(4, "big") + text + b"Ilocblob\0\0\0\x10"


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return data.getvalue()


def zip_of_windows(name: str, encoding: str) -> bytes:
    """Return a zip in which the name of a file is in an old encoding."""
    old_name = f"{name}.txt".encode(encoding)
    return zipped({"x" * len(old_name): ""}).replace(b"x" * len(old_name), old_name)


def workbook(name: str) -> bytes:
    data, book = io.BytesIO(), Workbook()
    book["Sheet"]["B3"] = name
    book.save(data)
    return data.getvalue()


def database(name: str, folder: Path) -> bytes:
    with closing(sqlite3.connect(folder / "x.db")) as db:
        db.execute("CREATE TABLE person (name)")
        db.execute("INSERT INTO person VALUES (?)", [name])
        db.commit()
    return (folder / "x.db").read_bytes()


def email(body: str, encoding: str) -> bytes:
    return f"MIME-Version: 1.0\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}".encode()


def rtf(name: str, encoding: str) -> bytes:
    codes = "".join(f"\\'{byte:02x}" for byte in name.encode(encoding))
    return f"{{\\rtf1\\ansi\\fcharset238 {codes}\\par}}".encode()


def planted_files(folder: Path) -> dict[str, tuple[str, str | bytes, str]]:
    """Return files by path: the person, the contents, and where the deletion lists the file."""
    qp = quopri.encodestring(POLISH.encode()).decode()
    in_base64 = base64.b64encode(POLISH.encode()).decode()
    content = "<office:text xmlns:office='o'><text:p>Ana <text:span>Ruiz</text:span></text:p>"
    return {
        # texts in Unicode
        "plain.txt": (POLISH, POLISH, "left"),
        "utf-8 with mark.csv": (POLISH, POLISH.encode("utf-8-sig"), "left"),
        "utf-16.txt": (POLISH, POLISH.encode("utf-16"), "left"),
        "utf-32.txt": (POLISH, POLISH.encode("utf-32"), "left"),
        "le without mark.txt": (ANA, f"Bo\t{ANA}\r\n".encode("utf-16-le"), "left"),
        "be without mark.txt": (ANA, f"Bo\t{ANA}\r\n".encode("utf-16-be"), "left"),
        "be without mark.csv": (UKRAINIAN, f"S3;{UKRAINIAN}\r\n".encode("utf-16-be"), "left"),
        "be without zeros.txt": (JAPANESE, JAPANESE.encode("utf-16-be"), "left"),
        # texts in code pages
        "polish.csv": (POLISH, f"S1;{POLISH}\r\n".encode("cp1250"), "left"),
        "polish.txt": (POLISH, POLISH.encode("iso8859-2"), "left"),
        "polish dos.csv": (POLISH, POLISH.encode("cp852"), "left"),
        "greek.csv": (GREEK, GREEK.encode("cp1253"), "left"),
        "greek mac.txt": (GREEK, GREEK.encode("mac-greek"), "left"),
        "turkish.csv": (TURKISH, TURKISH.encode("cp1254"), "left"),
        "arabic.csv": (ARABIC, ARABIC.encode("cp1256"), "left"),
        "hebrew.txt": (HEBREW, HEBREW.encode("cp1255"), "left"),
        "cyrillic.csv": (UKRAINIAN, UKRAINIAN.encode("cp1251"), "left"),
        "cyrillic.txt": (UKRAINIAN, UKRAINIAN.encode("koi8-u"), "left"),
        "japanese.csv": (JAPANESE, JAPANESE.encode("cp932"), "left"),
        "polish.html": (POLISH, f"<p>{POLISH[:7]}<b>{POLISH[7:]}</b>".encode("cp1250"), "left"),
        "polish.rtf": (POLISH, rtf(POLISH, "cp1250"), "left"),
        "polish.zip": (POLISH, zip_of_windows(POLISH, "cp852"), "left"),
        # other texts
        "page.html": (POLISH, f"<p>{POLISH}".encode("ascii", "xmlcharrefreplace"), "left"),
        "list.html": (POLISH, f"<li>Bo</li><li>{POLISH}</li>", "left"),
        "export.json": (POLISH, json.dumps({"name": POLISH}), "left"),
        "link.url": (POLISH, f"[InternetShortcut]\nURL=file:///{quote(POLISH)}", "left"),
        "unicode.rtf": (POLISH, b"{\\rtf1 \\u321?ukasz \\u379?\\u243?\\u322?kiewski}", "left"),
        # emails, web archives, vCards
        "plain.eml": (ANA, "From: Ana Ruiz\r\n\r\nYes.", "left"),
        "quoted.eml": (POLISH, email(qp, "quoted-printable"), "not_searched"),
        "base64.eml": (POLISH, email(in_base64, "base64"), "not_searched"),
        "header.eml": (POLISH, f"From: =?utf-8?B?{in_base64}?=\r\n\r\nYes.", "not_searched"),
        "page.mht": (POLISH, email(f"<p>{qp}</p>", "Quoted-Printable"), "not_searched"),
        "a.vcf": (POLISH, f"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{qp}", "not_searched"),
        "b.vcf": (POLISH, f"BEGIN:VCARD\nFN;ENCODING=b:{in_base64}", "not_searched"),
        "contacts.ldif": (POLISH, f"version: 1\ncn:: {in_base64}\n", "not_searched"),
        "emails.zip": (POLISH, zipped({"a.eml": email(in_base64, "base64")}), "not_searched"),
        # office files, databases, archives
        "letter.docx": (ANA, docx("Dear Ana Ruiz"), "left"),
        "list.xlsx": (ANA, workbook(ANA), "left"),
        "header.xlsx": (
            ANA,
            zipped({"sheet1.xml": f"<oddHeader>&amp;L{ANA}&amp;RMay</oddHeader>"}),
            "left",
        ),
        "letter.odt": (ANA, zipped({"content.xml": content}), "left"),
        "in a zip.zip": (ANA, zipped({"a/letter.docx": docx("Ana Ruiz")}), "left"),
        "old.doc": (POLISH, OLE + POLISH.encode("utf-16-le"), "left"),
        "old.xls": (POLISH, OLE + POLISH.encode("cp1250"), "left"),
        "email.msg": (POLISH, OLE + b"\1\0\0" + POLISH.encode("utf-16-le"), "left"),
        "people.sqlite": (POLISH, database(POLISH, folder), "not_searched"),
        "attachment.msg": (ANA, OLE + zipped({"a.docx": docx("Ana Ruiz")}), "not_searched"),
        "photos.zip": (ANA, zipped({"a.heic": b"\0\0\0\x18ftypheic"}), "not_searched"),
        "ana-ruiz.csv": (ANA, "yes", "left"),
        "scan.pdf": (ANA, b"%PDF-1.7 only a picture", "not_searched"),
        "list.numbers": (ANA, zipped({"Index/Tables.iwa": b"\0\1"}), "not_searched"),
        "old.7z": (ANA, b"7z\xbc\xaf\x27\x1c\0\4", "not_searched"),
        "old.csv.gz": (ANA, gzip.compress(ANA.encode()), "not_searched"),
        "sound.wav": (ANA, b"RIFF\x24\0\0\0WAVE", "not_searched"),
        "archive.pst": (ANA, b"!BDN\0\0\1\2", "not_searched"),
        # files of the system
        ".DS_Store": (ANA, ds_store(f"{ANA}.docx"), "shared"),
        "scans/.DS_Store": (POLISH, ds_store(POLISH), "shared"),
        "scans/Thumbs.db": (UKRAINIAN, OLE + UKRAINIAN.encode("utf-16-le"), "shared"),
    }


@pytest.mark.slow
def test_a_deletion_finds_each_planted_file_or_lists_it_as_not_searched(tmp_path: Path) -> None:
    planted = planted_files(tmp_path)
    assert len(planted) >= 40
    assert len({path.rpartition(".")[2] for path in planted}) >= 20
    rows = [["ID", "Name"], *([f"S{n}", name] for n, name in enumerate(NAMES, 1))]
    folder = make(tmp_path / "campaign", Signers=rows)
    (folder / "scans").mkdir()
    for path, (_, data, _) in planted.items():
        (folder / path).write_bytes(data if isinstance(data, bytes) else data.encode())
    for name in NAMES:
        ran = merge("delete-person", name, folder, "--yes", "--json")
        expected = {path for path, (of, _, how) in planted.items() if (of, how) == (name, "left")}
        left = {place.partition(":")[0] for place in ran.json["left"]} - {"signers.xlsx"}
        assert (ran.code, name, left) == (1, name, expected)
        not_searched = {path.partition(" (")[0] for path in ran.json["not_searched"]}
        assert not_searched == {p for p, (*_, how) in planted.items() if how == "not_searched"}
        deleted = {path for path, (of, _, how) in planted.items() if (of, how) == (name, "shared")}
        assert {*ran.json["shared"]} == deleted
        assert not [path for path in deleted if (folder / path).exists()]
    kept = {path for path, (*_, how) in planted.items() if how != "shared"}
    assert kept <= campaign_files(folder).keys()


@pytest.mark.parametrize("encoding", ["cp1250", "iso8859-2", "cp852", "mac-latin2"])
def test_a_text_is_searched_in_every_old_encoding(encoding: str) -> None:
    assert any(POLISH in text for text in find_texts(f"S1;{POLISH}\r\n".encode(encoding)))


def test_a_name_in_a_ds_store_file_is_found() -> None:
    assert any(ANA in text for text in find_texts(ds_store(ANA)))


def test_equal_parts_of_files_are_searched_once() -> None:
    searched = list[str]()

    def find(text: str) -> list[str]:
        searched.append(text)
        return []

    search = TextSearch(find)
    for number in range(3):
        parts = {"styles.xml": "<w>Heading</w>", "document.xml": f"<w>Letter {number}</w>"}
        found = [*search.search(zipped(parts))]
        assert {part for part, _ in found} == {"", "styles.xml", "document.xml"}
    assert searched.count("\nHeading\n") == 1
    assert [text for text in searched if text.startswith("\nLetter")] == [
        "\nLetter 0\n",
        "\nLetter 1\n",
        "\nLetter 2\n",
    ]
