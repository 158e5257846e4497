"""Exports of forms are read as they are displayed, for all file types."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import documents, workbooks

from merge.errors import MergeError
from merge.intake.cells import tidy_text
from merge.intake.csv_records import SEPARATORS
from merge.intake.exports import read_export
from merge.intake.form_types import ExportRow, FormExport
from merge.problems import Problem

CORPUS = Path(__file__).parent.parent / "data" / "exports"
CASES = sorted(path.relative_to(CORPUS).as_posix() for path in CORPUS.glob("*/*.json"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
CSV = "Name,City\nAna,Łódź\n".encode()


def read(data: bytes | str, *, read_as: str = "", sheet: str = "") -> FormExport:
    data = data.encode() if isinstance(data, str) else data
    return read_export(data, "answers.csv", read_as=read_as, sheet=sheet)


def cells(data: bytes | str) -> list[tuple[str, ...]]:
    return [row.cells for row in read(data).rows]


def problem(data: bytes | str, *, read_as: str = "", sheet: str = "") -> Problem:
    with pytest.raises(MergeError) as raised:
        read(data, read_as=read_as, sheet=sheet)
    (only_problem,) = raised.value.problems
    assert only_problem.place.file == "answers.csv"
    return only_problem


@pytest.mark.parametrize("case", CASES)
def test_each_export_of_the_corpus_is_read_with_the_expected_format(case: str) -> None:
    file = CORPUS / case
    expected: dict[str, Any] = json.loads(file.read_text("utf-8"))["read"]
    path = next(p for p in file.parent.glob(f"{file.stem}.*") if p != file)
    export = read_export(path.read_bytes(), path.name)
    attributes = {key: getattr(export, key) for key in expected if hasattr(export, key)}
    assert attributes == {key: expected[key] for key in attributes}
    assert set(expected["heading_rows"]) <= {row.number for row in export.rows}
    assert bool(export.readings) == expected.get("must_tell_encoding", False)


def test_a_row_of_an_export_has_the_number_that_excel_shows() -> None:
    export = read('Name,Street\n\nAna,"1 Elm St\nFlat 2"\n,\nBo,3 Oak St\n\n')
    assert [row.number for row in export.rows] == [1, 3, 5]
    assert export.rows[1].cells == ("Ana", "1 Elm St\nFlat 2")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_of_a_csv_is_detected(mark: str) -> None:
    rows = ["Name", "Street", "Said"], ["Ana", '"1 Elm St, Bath; UK"', '"a;b;c,d"']
    export = read("".join(mark.join(row) + "\r\n" for row in (*rows, rows[1])))
    assert export.separator == mark
    assert [len(row.cells) for row in export.rows] == [3, 3, 3]


def test_a_sep_line_of_a_csv_is_not_a_row() -> None:
    export = read("sep=|\r\nName|Street, No\r\nAna|Elm St, 1\r\n")
    assert export.separator == "|"
    assert [row.number for row in export.rows] == [1, 2]


def test_an_unclosed_quotation_mark_in_a_csv_is_an_error() -> None:
    rest = "".join(f"Signer {n},{n} Oak St,Bath\n" for n in range(30))
    fault = problem(f'Name,Street,City\nAna,"12 Elm St,Bath\n{rest}')
    assert fault.code == "form-quote"
    assert str(fault) == (
        "answers.csv: Row 2: a quotation mark is not closed. 31 rows would become one cell. In a"
        " text editor, add the closing quotation mark and save. It probably belongs after"
        " “12 Elm St”."
    )
    closed_later = f'Name,Street,City\nAna,"12 Elm St,Bath\n{rest}Bo,"3 Oak St",Bath\n'
    assert problem(closed_later).code == "form-quote"


def test_another_quoting_error_in_a_csv_affects_only_its_row() -> None:
    export = read('Name,Said\n"Ana "Nan" Ruiz",yes\nBo,5\' 10"\nCy,"5\' 10"""\nDi,no\n')
    assert [row.is_misquoted for row in export.rows] == [False, True, True, False, False]
    assert export.rows[1].cells == ('Ana Nan" Ruiz"', "yes")
    two_in_one = 'Name,Street,City\nAna,"1 Elm St,Bath\nBo,3 Oak St",Bath\n'
    assert [row.is_misquoted for row in read(two_in_one).rows] == [False, True]


def test_rows_of_a_csv_with_another_length_are_unchanged() -> None:
    assert cells("a,b,c\n1,2\n1,2,3,4\n1,2,3\n1,2,3\n")[1:3] == [("1", "2"), ("1", "2", "3", "4")]


def test_cells_are_tidied_and_repaired_or_spaced_texts_are_kept() -> None:
    line = "Jose\u0301\xa0 Gil ,\u200e '+44 1 ,Tom &amp; Jo,GÃ¼nter  \xc3\xa0 Paris,'tis\n"
    row = read("Name,Phone,Who,Town,Say\n" + line).rows[1]
    assert row.cells == ("José Gil", "+44 1", "Tom & Jo", "GÃ¼nter Ã Paris", "'tis")
    assert row.repaired_cells == {3: "Günter à Paris"}
    assert row.spaced_cells == {3: "GÃ¼nter  Ã Paris"}


def test_cells_of_a_sheet_are_read_as_excel_displays_them(tmp_path: Path) -> None:
    postcode = workbooks.Formatted(2139, "00000")
    rows = [["Name", "ZIP", "Yes"], [None], ["Ana", postcode, True], ["Bo"]]
    export = read(workbooks.xlsx(tmp_path, Empty=[], Answers=rows).read_bytes())
    assert (export.kind, export.sheet, export.sheets) == ("xlsx", "Answers", ("Answers",))
    assert [(row.number, row.cells) for row in export.rows] == [
        (1, ("Name", "ZIP", "Yes")),
        (3, ("Ana", "02139", "TRUE")),
        (4, ("Bo",)),
    ]


def test_the_sheet_with_the_most_known_headings_is_read(tmp_path: Path) -> None:
    sheets: dict[str, workbooks.Rows] = {
        "Group": [["Name", "City", "Street", "_parent_index"], ["x", "y", "z", 1]],
        "Summary": [["Question", "Count"], ["x", 1]],
        "Answers": [["All answers"], ["Name", "City"], ["Ana", "Bath"]],
        "Older": [["Name", "City"], ["Bo", "York"]],
    }
    data = workbooks.xlsx(tmp_path, **sheets).read_bytes()
    assert read(data).sheets == ("Answers", "Older")
    assert read(data).sheet == "Answers"
    assert read(data, sheet="Group").sheet == "Group"
    assert problem(data, sheet="Answer").hint.startswith("Did you mean “Answers”? Sheets found: ")


def test_the_only_export_in_a_zip_file_is_read() -> None:
    packed = documents.zipped({"readme.pdf": b"%PDF-1.7", "in/May.csv": CSV})
    assert (read(packed).file, read(packed).rows) == ("May.csv", read(CSV).rows)
    two = problem(documents.zipped({"a.csv": CSV, "b.csv": CSV}))
    assert (two.code, "a.csv, b.csv" in two.what) == ("form-zip", True)
    assert problem(documents.zipped({"a.zip": packed})).code == "form-zip"
    assert problem(documents.zipped({})).what == "The zip file is empty."
    none = problem(documents.zipped({"a.pdf": b"%PDF-1.7", "b.pdf": b"%PDF-1.7"}))
    assert none.what == "The zip file contains no file with responses: a.pdf, b.pdf."
    assert problem(documents.zipped({"a.pdf": b"%PDF-1.7"})).code == "form-other-file"


@pytest.mark.parametrize(
    ("data", "code", "expected"),
    [
        (b"", "form-empty", "The file is empty"),
        (b"\n,,\n", "form-empty", "no content"),
        (OLE + "Workbook".encode("utf-16-le"), "form-xls", "older Excel format"),
        (documents.zipped({"xl/workbook.bin": b"x"}), "form-xls", "binary workbook"),
        (documents.zipped({"Index/Document.iwa": b"x"}), "form-other-file", "Numbers"),
        (b"%PDF-1.7", "form-other-file", "This is a PDF"),
        (documents.docx("x"), "form-other-file", "Word document"),
        (
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
            "form-other-file",
            "not a form export",
        ),
        (b"\n <!DOCTYPE html>\n<html><title>Sign in</title>", "form-web-page", "a web page"),
        (b"PK\x03\x04 and no more", "form-unreadable", "damaged"),
    ],
)
def test_a_file_that_is_not_an_export_is_reported_with_its_type(
    data: bytes, code: str, expected: str
) -> None:
    fault = problem(data)
    assert fault.code == code
    assert expected in fault.what
    assert fault.hint.endswith(".")


def test_a_csv_that_contains_html_or_control_characters_is_text() -> None:
    assert read("Name,<table> or <html>\nAna\0,\x1b[31m\u202e\u2028x\n").rows[1].cells[0] == "Ana\0"
    assert cells("Name\nAna\n") == [("Name",), ("Ana",)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Name,Said\nAna," + "x" * (1 << 20) + "\n", "row 2 has more than 131,072 characters"),
        pytest.param(
            "Name\n" + "Ana\n" * 100_000, "more than 100,000 rows of data", marks=pytest.mark.slow
        ),
        ("Name" + ",x" * 4_999 + "\n", "row 1 has 5,000 cells"),
        ("Name," + '"a\n",' * 1_500_000, "more than four million characters"),
    ],
)
def test_an_export_that_exceeds_a_size_limit_is_refused(data: str, expected: str) -> None:
    fault = problem(data)
    assert (fault.code, expected in fault.what) == ("form-too-large", True)


LARGE = {
    "an endless cell": "b'Name,City,' + b'x' * (49 << 20)",
    "endless cells": "b'a,' * (24 << 20)",
    "long cells": "('Zo\u00eb \u20ac,' + 'word ' * 90 + '\\n').encode() * 99_000",
    "many cells": "(b'ab%d,' * 20 % (*range(20),) + b'c\\n') * 99_000",
}
MEASURED = """
import re
from pathlib import Path
from merge.intake.exports import read_export
from merge.errors import MergeError
try:
    print(len(read_export({}, 'a.csv').rows))
except MergeError as error:
    print(error.problems[0].code)
print(int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""
"""VmHWM is the peak memory of this process.

The ru_maxrss of getrusage also counts the process that started it."""


@pytest.mark.slow
@pytest.mark.posix("memory is read from /proc")
@pytest.mark.parametrize("what", LARGE)
def test_the_largest_export_uses_little_memory(what: str) -> None:
    command = [sys.executable, "-c", MEASURED.format(LARGE[what])]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert int(output[1]) < 300, output


quoted = st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
word = st.text("abÉßł1@&;,|'\"\t \n", min_size=1, max_size=8).map(tidy_text).filter(bool)


@given(
    rows=st.lists(st.tuples(word, word, word), min_size=2, max_size=8),
    separator=st.sampled_from(SEPARATORS),
    quoting=quoted,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1250", "utf-16-le"]),
)
def test_any_table_is_read_back_from_csv(
    rows: list[tuple[str, ...]], separator: str, quoting: Literal[0, 1], encoding: str
) -> None:
    table = [("First name", "Surname", "City"), *rows, ("Zoë", "Łoś", "Łódź")]
    out = io.StringIO()
    csv.writer(out, delimiter=separator, quoting=quoting).writerows(table)
    word = "" if encoding.startswith("utf-") else "central"
    export = read(out.getvalue().encode(encoding, "replace"), read_as=word)
    assert export.separator == separator
    assert [row.cells for row in export.rows] == [
        tuple(tidy_text(cell.encode(encoding, "replace").decode(encoding)) for cell in row)
        for row in table
    ]
    assert quoting == csv.QUOTE_MINIMAL or not any(row.is_misquoted for row in export.rows)


@given(
    rows=st.lists(st.tuples(word, word, word), min_size=2, max_size=6),
    quoting=quoted,
    data=st.data(),
)
def test_a_missing_or_extra_quotation_mark_loses_no_rows_silently(
    rows: list[tuple[str, ...]], quoting: Literal[0, 1], data: st.DataObject
) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=quoting).writerows([("Name", "Street", "City"), *rows])
    text = out.getvalue()
    ends = [at for at, mark in enumerate(text) if mark == '"']
    starts = [at + 1 for at, mark in enumerate(text) if mark in ",\n"]
    at = data.draw(st.sampled_from(ends or starts))
    text = text[:at] + (text[at + 1 :] if ends else f'"{text[at:]}')
    read_rows: tuple[ExportRow, ...] = ()
    with suppress(MergeError):  # an unclosed quotation mark is an error
        read_rows = read(text).rows
    assert not read_rows or len(read_rows) > len(rows) or any(row.is_misquoted for row in read_rows)


@given(st.binary(max_size=400), st.sampled_from(["", "PK\x03\x04", "Name,City\n", "\x00\x00"]))
def test_any_bytes_are_read_as_an_export_or_refused(data: bytes, beginning: str) -> None:
    with suppress(MergeError):
        read(beginning.encode() + data)
