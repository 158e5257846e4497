"""An .ods is read as LibreOffice shows it; suspicious ones are refused."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from support import workbooks
from support.documents import zipped
from support.office_programs import soffice

from merge.errors import MergeError
from merge.excel.ods import OdsFile, parse_ods
from merge.problems import Problem

TYPE = "application/vnd.oasis.opendocument.spreadsheet"
XMLNS = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        *(("office", "office"), ("table", "table"), ("text", "text")),
        *(("style", "style"), ("draw", "drawing")),
    )
)
STYLES = (
    '<office:automatic-styles><style:style style:name="h" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
)


def cell(text: str = "", more: str = "") -> str:
    inner = "".join(f"<text:p>{line}</text:p>" for line in text.split("\n")) if text else ""
    return f"<table:table-cell {more}>{inner}</table:table-cell>"


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def ods(
    *rows: str, before: str = "", style: str = "", parts: dict[str, str] | None = None
) -> bytes:
    table = f'<table:table table:name="Answers" {style}>{"".join(rows)}</table:table>'
    body = f"<office:body><office:spreadsheet>{before}{table}</office:spreadsheet></office:body>"
    content = f"<office:document-content {XMLNS}>{STYLES}{body}</office:document-content>"
    return zipped({"mimetype": TYPE, "content.xml": content, **(parts or {})})


def read(data: bytes) -> OdsFile:
    return parse_ods(data, "answers.ods")


def shown(data: bytes) -> list[tuple[int, list[tuple[int, object]]]]:
    rows = read(data).sheet("Answers").rows
    return [(row.number, [(cell.column, cell.value) for cell in row.cells]) for row in rows]


def problem(data: bytes) -> Problem:
    with pytest.raises(MergeError) as caught:
        read(data)
    (found,) = caught.value.problems
    assert found.place.file == "answers.ods"
    return found


def test_an_ods_without_a_mimetype_is_recognised_by_its_manifest() -> None:
    names = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{TYPE}"/>'
    with_mimetype = ods(row(cell("Name")), row(cell("Ana")))
    with zipfile.ZipFile(io.BytesIO(with_mimetype)) as archive:
        content = archive.read("content.xml").decode()
    manifest = f"<manifest:manifest {names}>{entry}</manifest:manifest>"
    without_mimetype = zipped({"content.xml": content, "META-INF/manifest.xml": manifest})
    assert shown(without_mimetype) == shown(with_mimetype) != []


def test_cells_of_an_ods_have_the_displayed_text() -> None:
    rich = '<text:span>Ana</text:span><text:s text:c="2"/>Ruiz<text:line-break/>x&#10;  y'
    noted = "<office:annotation><text:p>a note</text:p></office:annotation>"
    framed = "<draw:frame><draw:text-box><text:p>drawn</text:p></draw:text-box></draw:frame>"
    data = ods(
        row(cell("1,5 €", 'office:value-type="float" office:value="1.5"'), cell(rich)),
        row(
            cell("", 'office:value="7"'),
            cell("Bath").replace("<text:p>", f"{noted}{framed}<text:p>", 1),
            cell("Elm St\nFlat 2"),
        ),
    )
    assert shown(data) == [
        (1, [(1, "1,5 €"), (2, "Ana  Ruiz\nx y")]),
        (2, [(1, "7"), (2, "Bath"), (3, "Elm St\nFlat 2")]),
    ]


def test_repeated_rows_and_cells_of_an_ods_are_limited() -> None:
    twice = 'table:number-columns-repeated="2"'
    data = ods(
        row(cell("", 'table:number-columns-repeated="3"'), cell("x", twice), cell("y")),
        row(
            cell("", 'table:number-columns-repeated="16384"'), more='table:number-rows-repeated="9"'
        ),
        row(cell("Ana"), more='table:number-rows-repeated="2"'),
        row(cell(), more='table:number-rows-repeated="1048576"'),
    )
    assert shown(data) == [
        (1, [(4, "x"), (5, "x"), (6, "y")]),
        (11, [(1, "Ana")]),
        (12, [(1, "Ana")]),
    ]
    for bomb in (
        ods(row(cell("Ana"), more=f'table:number-rows-repeated="{2**31}"')),
        ods(row(cell("Ana", f'table:number-columns-repeated="{2**31}"'))),
        ods(row(cell("x" * (1 << 20) + "y"))),
    ):
        assert problem(bomb).code == "form-too-large"
    assert problem(ods(row(cell("Ana"), more=f'table:number-rows-repeated="{2**40}"'))).code


def test_hidden_rows_and_sheets_of_an_ods_are_marked() -> None:
    group = f'<table:table-row-group table:display="false">{row(cell("c"))}</table:table-row-group>'
    data = ods(
        row(cell("a"), more='table:visibility="collapse"'),
        row(cell("b"), more='table:visibility="filter"'),
        group,
        row(cell("d"), cell("under").replace("table-cell", "covered-table-cell")),
        style='table:style-name="h"',
    )
    document = read(data)
    assert [row.hidden for row in document.sheet("Answers").rows] == [True, True, True, False]
    assert len(document.sheet("Answers").rows[3].cells) == 1
    assert [entry.hidden for entry in document.sheets] == [True]


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (ods(row(), parts={"Basic/Standard/Module1.xml": "<x/>"}), "form-odd", "macros"),
        (ods("<table:table-source/>"), "form-odd", "another file"),
        (
            ods(row(cell("x").replace("<text:p>", "<table:cell-range-source/><text:p>"))),
            "form-odd",
            "",
        ),
        (ods(before="<office:dde-source/>"), "form-odd", "another program"),
        (ods(parts={"a.xml": "<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>"}), "form-odd", "DOCTYPE"),
        (ods(parts={"META-INF/manifest.xml": "<encryption-data/>"}), "form-protected", "password"),
        (zipped({"mimetype": TYPE}), "form-unreadable", "damaged"),
        (zipped({"mimetype": TYPE, "content.xml": "<x>"}), "form-unreadable", "damaged"),
        (zipped({"mimetype": TYPE, "content.xml": b" " * (65 << 20)}), "form-too-large", "64 MiB"),
    ],
)
def test_a_suspicious_or_damaged_ods_is_refused(data: bytes, code: str, words: str) -> None:
    found = problem(data)
    assert (found.code, words in found.what) == (code, True), found


def test_an_ods_with_libraries_but_no_macro_is_read() -> None:
    assert shown(ods(row(cell("x")), parts={"Basic/Standard/script-lb.xml": "<x/>"}))


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.skipif(not shutil.which("soffice"), reason="needs soffice")
def test_an_ods_saved_by_calc_is_read_as_displayed(tmp_path: Path) -> None:
    rows = [["Name", "ZIP", "Said"], ["Ana", workbooks.Formatted(2139, "00000"), "a\nb  c"], ["Bo"]]
    path = workbooks.xlsx(tmp_path, "a.xlsx", Answers=rows)
    command = [*soffice(), "--convert-to", "ods", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert shown((tmp_path / "a.ods").read_bytes()) == [
        (1, [(1, "Name"), (2, "ZIP"), (3, "Said")]),
        (2, [(1, "Ana"), (2, "02139"), (3, "a\nb  c")]),
        (3, [(1, "Bo")]),
    ]
