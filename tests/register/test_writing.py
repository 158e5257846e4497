"""The register: made once, then brought up to date in place and only where something changed."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.registers import MADE, excel, ids, letter, letters, made, read, run, sheet, table
from support.workbooks import xlsx

from merge.errors import MergeError, StorageError
from merge.excel.reader import read_excel_file
from merge.register.entries import NO_LONGER_WANTED, LetterRow, RegisterEntry


def test_a_new_register_lists_every_letter(tmp_path: Path) -> None:
    rows = table(made(tmp_path))
    assert len(rows) == 6
    assert {k: v for k, v in rows[0].items() if not k.startswith("Kept")} == {
        "ID": ids(0, 0),
        "Signer": "Ana Ruiz",
        "Recipient": "Minister Li",
        "File": '=HYPERLINK("letters/Ana Ruiz/Minister Li.docx")',
        "State": "unchanged",
        "Made on": dt.datetime.combine(MADE, dt.time()),
    }


def test_its_columns_are_the_programs_and_the_staffs(tmp_path: Path) -> None:
    there = sheet(made(tmp_path))
    columns = ((c.value, there.column_dimensions[c.coordinate[:-1]]) for c in there[1])
    shown = [heading for heading, dimension in columns if not dimension.hidden]
    assert shown[:7] == ["ID", "Signer", "Recipient", "File", "State", "Made on", "Batch"]
    assert shown[7:12] == ["Printed", "Signed", "Posted", "Answered", "Counts as"]
    assert shown[12:] == ["Tracking number", "Notes"]


def test_it_is_an_excel_table_with_frozen_headings_that_prints_on_pages_of_its_width(
    tmp_path: Path,
) -> None:
    there = sheet(made(tmp_path))
    assert there.tables["Letters"].ref == "A1:O7"
    assert there.tables["Letters"].autoFilter.ref == "A1:O7"
    assert there.freeze_panes == "D2"
    assert there.print_title_rows == "$1:$1"
    assert (there.page_setup.orientation, there.page_setup.fitToHeight) == ("landscape", 0)
    assert there.sheet_properties.pageSetUpPr
    assert there.sheet_properties.pageSetUpPr.fitToPage


def test_names_and_what_staff_write_are_printed_and_the_programs_columns_are_not(
    tmp_path: Path,
) -> None:
    path = made(tmp_path)
    there = sheet(path)
    assert there.print_title_cols == "$A:$C"  # ID, Signer, Recipient
    assert there.print_area == "'Register'!$I$1:$O$7"  # Printed to Notes
    heads = [str(there.cell(1, number).value) for number in (*range(1, 4), *range(9, 16))]
    assert heads[:4] == ["ID", "Signer", "Recipient", "Printed"]
    assert heads[-2:] == ["Tracking number", "Notes"]
    widths = [there.column_dimensions[letter].width for letter in "ABCIJKLMNO"]
    assert sum(widths) < 210  # characters: type of 8 points or more on A4
    run(path, [*letters(), letter(3, 0), letter(3, 1)])
    assert sheet(path).print_area == "'Register'!$I$1:$O$9"


def test_what_staff_chose_to_print_stays(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there.print_area = "A1:D3"
    run(path, [*letters(), letter(3, 0)])
    assert sheet(path).print_area == "'Register'!$A$1:$D$3"


@pytest.mark.parametrize("name", ["Register", "By signer", "By recipient"])
def test_long_names_wrap(tmp_path: Path, name: str) -> None:
    path = made(tmp_path)
    run(path, [*letters(), letter(3, 0), letter(3, 1)])
    there = sheet(path, name)
    for row in (2, there.max_row):
        assert there.cell(row, 2).alignment.wrap_text
        assert there.cell(row, 1).alignment.vertical == "top"


@pytest.mark.parametrize("name", ["Register", "By signer", "By recipient"])
def test_its_pages_are_a4_across(tmp_path: Path, name: str) -> None:
    setup = sheet(made(tmp_path), name).page_setup
    assert (setup.paperSize, setup.orientation) == (9, "landscape")


def test_a_date_is_asked_for_and_anything_else_allowed(tmp_path: Path) -> None:
    checks = sheet(made(tmp_path)).data_validations.dataValidation
    assert [(c.type, c.errorStyle) for c in checks] == [("date", "warning")] * 4
    assert [str(c.sqref) for c in checks][:2] == ["I2:I1048576", "J2:J1048576"]


def test_each_stage_has_a_colour(tmp_path: Path) -> None:
    rules = sheet(made(tmp_path)).conditional_formatting
    fills = {r.dxf.fill.bgColor.rgb for cf in rules for r in cf.rules if r.dxf.fill}
    assert len(fills) == 4


def test_people_have_sheets_of_their_own_with_the_number_of_letters(tmp_path: Path) -> None:
    path = made(tmp_path, [*letters(), letter(3, 0, signer="Dua Haddad", state=NO_LONGER_WANTED)])
    people = {r["Signer"]: r["Letters"] for r in table(path, "By signer")}
    assert people == {"Ana Ruiz": 2, "Bo Berg": 2, "Chen Wei": 2, "Dua Haddad": 0}
    assert [r["Letters"] for r in table(path, "By recipient")] == [3, 3]
    assert sheet(path, "By signer").column_dimensions["A"].hidden
    assert {"Printed", "Answered"} <= {c.value for c in sheet(path, "By signer")[1]}


def test_without_letters_there_is_an_empty_table(tmp_path: Path) -> None:
    path = made(tmp_path, [])
    assert table(path) == []
    assert not run(path, []).is_written
    assert run(path, letters()).is_written
    assert [r["Signer"] for r in table(path)][:2] == ["Ana Ruiz", "Ana Ruiz"]
    assert sheet(path).tables["Letters"].ref == "A1:O7"


def test_letters_are_taken_as_they_come(tmp_path: Path) -> None:
    def stream() -> Iterator[RegisterEntry]:
        yield from letters()

    assert len(table(made(tmp_path, stream()))) == 6


def test_a_register_without_news_is_not_touched(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = path.read_bytes(), path.stat().st_mtime_ns
    updated = run(path, letters())
    assert not updated.is_written
    assert not updated.problems
    assert not updated.reverted_edits
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_what_changed_is_written_and_then_is_no_news_any_more(tmp_path: Path) -> None:
    path = made(tmp_path)
    news = [*letters(state="edited", batch="01 Abbas-Chen, 25 Nov 2026"), letter(3, 0)]
    assert run(path, news).is_written
    assert not run(path, news).is_written
    rows = table(path)
    assert {r.get("Batch") for r in rows} == {"01 Abbas-Chen, 25 Nov 2026", None}
    assert [r["State"] for r in rows] == ["edited"] * 6 + ["unchanged"]
    assert sheet(path).tables["Letters"].ref == "A1:O8"


def test_a_letter_made_again_has_the_new_day(tmp_path: Path) -> None:
    path = made(tmp_path)
    run(path, letters(created_on=dt.date(2026, 11, 24)))
    assert read(path).rows[ids(0, 0)].created_on == dt.date(2026, 11, 24)
    assert sheet(path)["F2"].number_format == "d mmm yyyy"


def test_an_unwanted_letter_keeps_its_row_and_what_is_known_of_it(tmp_path: Path) -> None:
    path = made(tmp_path, letters(batch="01"))
    before = read(path).rows[ids(0, 0)]
    people = {"signer": "", "recipient": "", "signer_id": "", "recipient_id": ""}
    gone = letter(0, 0, state=NO_LONGER_WANTED, file="", created_on=None, **people)
    run(path, [*letters(batch="01")[1:], gone])
    assert read(path).rows[ids(0, 0)] == replace(before, state=NO_LONGER_WANTED)
    assert [r["Letters"] for r in table(path, "By signer")] == [1, 2, 2]


def test_reading_gives_what_was_written(tmp_path: Path) -> None:
    row = read(made(tmp_path, letters(batch="01"))).rows[ids(1, 1)]
    assert row == LetterRow(
        number=5,
        signer="Bo Berg",
        recipient="Consul Roy",
        file="letters/Bo Berg/Consul Roy.docx",
        state="unchanged",
        created_on=MADE,
        batch="01",
        signer_id=f"{1:016x}",
        recipient_id=f"{1:016x}",
        stages={},
    )


def test_where_there_is_no_file_there_is_an_empty_register(tmp_path: Path) -> None:
    register = read(tmp_path / "register.xlsx")
    assert not register.exists
    assert not register.rows
    assert not register.is_printed(ids(0, 0))


@pytest.mark.parametrize("data", [b"", b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a;b\n1;2\n"])
def test_a_file_that_is_no_workbook_is_told_and_left(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "register.xlsx"
    path.write_bytes(data)
    os.utime(path, (0, 0))
    with pytest.raises(StorageError) as error:
        read(path)
    assert [p.code for p in error.value.problems] == ["register-unreadable"]
    assert str(error.value).startswith("register.xlsx: ")
    assert path.read_bytes() == data


def test_a_workbook_without_the_table_is_told_and_left(tmp_path: Path) -> None:
    path = xlsx(tmp_path, "register.xlsx", Sheet1=[["a"]])
    before = path.read_bytes()
    with pytest.raises(MergeError) as error:
        read(path)
    assert [p.code for p in error.value.problems] == ["register-unknown"]
    assert path.read_bytes() == before


NAMES = (
    "=cmd|' /C calc'!A0",
    "+1 234",
    "-Ana",
    "@ana",
    "#N/A",
    "007",
    "TRUE",
    'Ana "Nana" Ruiz',
    "A_x0041_b",
    "مريم الحسن",
    "Жанна Иванова",
    "陳大文",
    "O'Neil & <Sons>",
    "Ana\nRuiz",
    "N" * 40_000,
)


@pytest.mark.parametrize("again", [False, True], ids=["made", "updated"])
def test_a_name_is_text_whatever_it_looks_like(tmp_path: Path, *, again: bool) -> None:
    people = [letter(n, signer=name, file=f"letters/{n}.docx") for n, name in enumerate(NAMES)]
    path = made(tmp_path, letters(state="old")[:1] if again else people)
    run(path, people)
    assert not run(path, people).is_written
    there = sheet(path)
    cells = [cell for row in there.iter_rows() for cell in row if cell.data_type == "f"]
    assert {cell.column for cell in cells} == {4}
    assert {there.cell(r, 2).data_type for r in range(2, len(NAMES) + 2)} == {"s"}
    assert there["B3" if again else "B2"].quotePrefix or again
    shown = [
        str(c.value)
        for row in read_excel_file(path).sheet("Register").rows[1:]
        for c in row.cells[1:2]
    ]
    assert shown[:3] == list(NAMES[:3])
    assert shown[-1] == "N" * 254 + "…"


def test_links_lead_to_files_whatever_they_are_called(tmp_path: Path) -> None:
    files = {
        "letters/Ana Ruiz/50% #2 [x].docx": "letters/Ana Ruiz/50%25 %232 %5Bx%5D.docx",
        'letters/A "B"/Жанна & Co.docx': 'letters/A ""B""/Жанна & Co.docx',
    }
    path = made(tmp_path, [letter(n, file=file) for n, file in enumerate(files)])
    there = sheet(path)
    first, second = files.values()
    shown = "letters/Ana Ruiz/50% #2 [x].docx"
    assert there["D2"].value == f'=HYPERLINK("{first}","{shown}")'
    assert there["D3"].value == f'=HYPERLINK("{second}")'
    assert [row.file for row in read(path).rows.values()] == list(files)


def test_a_path_that_is_too_long_for_a_link_is_plain_text(tmp_path: Path) -> None:
    file = f"letters/{'a' * 120}/{'b' * 120}/c.docx"
    path = made(tmp_path, [letter(file=file)])
    assert sheet(path)["D2"].value == file
    assert not run(path, [letter(file=file)]).is_written


def test_nobody_is_named_as_the_author(tmp_path: Path) -> None:
    path = made(tmp_path)
    assert "creator" not in core_properties(path)
    run(path, letters(state="edited"))
    assert "creator" not in core_properties(path)


def core_properties(path: Path) -> str:
    """Who wrote the file, and when."""
    with zipfile.ZipFile(path) as archive:
        return archive.read("docProps/core.xml").decode()


def test_reading_does_not_wait_for_openpyxl() -> None:
    code = "import sys, merge.register.reading; sys.exit('openpyxl' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
