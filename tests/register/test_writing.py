"""The register is created once, then updated in place if needed."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.registers import (
    CREATED_ON,
    DAY,
    NOW,
    column,
    excel,
    fill,
    ids,
    letter,
    letters,
    make_register,
    read,
    run,
    sheet,
    table,
    table_without_tokens,
)
from support.workbooks import xlsx

from merge.errors import MergeError, StorageError
from merge.excel.reader import read_excel_file
from merge.register.entries import (
    NO_LONGER_NEEDED,
    KnownCells,
    KnownStage,
    LetterRow,
    RegisterEntry,
)
from merge.register.layouts import STAGES
from merge.register.updating import update_register, update_staff_cells


def test_a_new_register_lists_every_letter(tmp_path: Path) -> None:
    rows = table(make_register(tmp_path))
    assert len(rows) == 6
    assert {k: v for k, v in rows[0].items() if not k.startswith("Kept")} == {
        "ID": ids(0, 0),
        "Signer": "Ana Ruiz",
        "Recipient": "Minister Li",
        "File": '=HYPERLINK("letters/Ana Ruiz/Minister Li.docx")',
        "Status": "unchanged",
        "Created on": dt.datetime.combine(CREATED_ON, dt.time()),
    }


def test_the_register_has_program_columns_and_staff_columns(tmp_path: Path) -> None:
    worksheet = sheet(make_register(tmp_path))
    columns = ((c.value, worksheet.column_dimensions[c.coordinate[:-1]]) for c in worksheet[1])
    shown = [heading for heading, dimension in columns if not dimension.hidden]
    assert shown[:7] == ["ID", "Signer", "Recipient", "File", "Status", "Created on", "Print file"]
    assert shown[7:] == [*STAGES, "Tracking number", "Notes"]


def test_the_register_is_an_excel_table_with_frozen_headings_and_fits_the_page_width(
    tmp_path: Path,
) -> None:
    worksheet = sheet(make_register(tmp_path))
    assert worksheet.tables["Letters"].ref == "A1:N7"
    assert worksheet.tables["Letters"].autoFilter.ref == "A1:N7"
    assert worksheet.freeze_panes == "D2"
    assert worksheet.print_title_rows == "$1:$1"
    assert (worksheet.page_setup.orientation, worksheet.page_setup.fitToHeight) == ("landscape", 0)
    assert worksheet.sheet_properties.pageSetUpPr
    assert worksheet.sheet_properties.pageSetUpPr.fitToPage


def test_the_registers_printed_pages_have_names_and_staff_columns_only(
    tmp_path: Path,
) -> None:
    path = make_register(tmp_path)
    worksheet = sheet(path)
    assert worksheet.print_title_cols == "$A:$C"  # ID, Signer, Recipient
    assert worksheet.print_area == "'Register'!$I$1:$N$7"  # Printed to Notes
    headings = [str(worksheet.cell(1, number).value) for number in (*range(1, 4), *range(9, 15))]
    assert headings[:4] == ["ID", "Signer", "Recipient", "Printed"]
    assert headings[-2:] == ["Tracking number", "Notes"]
    widths = [worksheet.column_dimensions[letter].width for letter in "ABCIJKLMN"]
    assert sum(widths) < 210  # characters: type of 8 points or more on A4
    run(path, [*letters(), letter(3, 0), letter(3, 1)])
    assert sheet(path).print_area == "'Register'!$I$1:$N$9"


def test_the_registers_print_area_chosen_by_staff_stays(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.print_area = "A1:D3"
    run(path, [*letters(), letter(3, 0)])
    assert sheet(path).print_area == "'Register'!$A$1:$D$3"


@pytest.mark.parametrize("name", ["Register", "By signer", "By recipient"])
def test_long_names_wrap_in_the_register(tmp_path: Path, name: str) -> None:
    path = make_register(tmp_path)
    run(path, [*letters(), letter(3, 0), letter(3, 1)])
    worksheet = sheet(path, name)
    for row in (2, worksheet.max_row):
        assert worksheet.cell(row, 2).alignment.wrap_text
        assert worksheet.cell(row, 1).alignment.vertical == "top"


@pytest.mark.parametrize("name", ["Register", "By signer", "By recipient"])
def test_the_registers_pages_are_a4_landscape(tmp_path: Path, name: str) -> None:
    setup = sheet(make_register(tmp_path), name).page_setup
    assert (setup.paperSize, setup.orientation) == (9, "landscape")


def test_stage_columns_ask_for_dates_and_allow_other_values(tmp_path: Path) -> None:
    checks = sheet(make_register(tmp_path)).data_validations.dataValidation
    assert [(c.type, c.errorStyle) for c in checks] == [("date", "warning")] * 4
    assert [str(c.sqref) for c in checks][:2] == ["I2:I1048576", "J2:J1048576"]


def test_each_stage_has_a_colour_in_the_register(tmp_path: Path) -> None:
    rules = sheet(make_register(tmp_path)).conditional_formatting
    fills = {r.dxf.fill.bgColor.rgb for cf in rules for r in cf.rules if r.dxf.fill}
    assert len(fills) == 4


def test_people_have_register_sheets_with_their_numbers_of_letters(tmp_path: Path) -> None:
    path = make_register(
        tmp_path, [*letters(), letter(3, 0, signer="Dua Haddad", state=NO_LONGER_NEEDED)]
    )
    people = {r["Signer"]: r["Letters"] for r in table(path, "By signer")}
    assert people == {"Ana Ruiz": 2, "Bo Berg": 2, "Chen Wei": 2, "Dua Haddad": 0}
    assert [r["Letters"] for r in table(path, "By recipient")] == [3, 3]
    assert sheet(path, "By signer").column_dimensions["A"].hidden
    assert {"Printed", "Answered"} <= {c.value for c in sheet(path, "By signer")[1]}


def test_a_register_without_letters_has_an_empty_table(tmp_path: Path) -> None:
    path = make_register(tmp_path, [])
    assert table(path) == []
    assert not run(path, []).is_written
    assert run(path, letters()).is_written
    assert [r["Signer"] for r in table(path)][:2] == ["Ana Ruiz", "Ana Ruiz"]
    assert sheet(path).tables["Letters"].ref == "A1:N7"


def test_a_register_is_created_from_a_stream_of_letters(tmp_path: Path) -> None:
    def stream() -> Iterator[RegisterEntry]:
        yield from letters()

    assert len(table(make_register(tmp_path, stream()))) == 6


def test_a_register_without_changes_is_not_written(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    old_file = path.read_bytes(), path.stat().st_mtime_ns
    updated = run(path, letters())
    assert not updated.is_written
    assert not updated.problems
    assert not updated.reverted_edits
    assert (path.read_bytes(), path.stat().st_mtime_ns) == old_file


def test_changes_are_written_into_the_register_once(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    new_entries = [*letters(state="edited", batch="01 Abbas-Chen, 25 Nov 2026"), letter(3, 0)]
    assert run(path, new_entries).is_written
    assert not run(path, new_entries).is_written
    rows = table(path)
    assert {r.get("Print file") for r in rows} == {"01 Abbas-Chen, 25 Nov 2026", None}
    assert [r["Status"] for r in rows] == ["edited"] * 6 + ["unchanged"]
    assert sheet(path).tables["Letters"].ref == "A1:N8"


def test_a_recreated_letter_has_its_new_date_in_the_register(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    run(path, letters(created_on=dt.date(2026, 11, 24)))
    assert read(path).rows[ids(0, 0)].created_on == dt.date(2026, 11, 24)
    assert sheet(path)["F2"].number_format == "d mmm yyyy"


def without_token(row: LetterRow) -> LetterRow:
    """Return a letter's row without the random token of its record."""
    assert row.known
    assert re.fullmatch("[0-9a-f]{8}", row.known.token)
    return replace(row, known=replace(row.known, token=""))


def test_an_unwanted_letter_keeps_its_register_row_and_values(tmp_path: Path) -> None:
    path = make_register(tmp_path, letters(batch="01"))
    before = without_token(read(path).rows[ids(0, 0)])
    people = {"signer": "", "recipient": "", "signer_id": "", "recipient_id": ""}
    unwanted_letter = letter(0, 0, state=NO_LONGER_NEEDED, file="", created_on=None, **people)
    run(path, [*letters(batch="01")[1:], unwanted_letter])
    row = without_token(read(path).rows[ids(0, 0)])
    assert row == replace(before, state=NO_LONGER_NEEDED)
    assert [r["Letters"] for r in table(path, "By signer")] == [1, 2, 2]


def test_a_register_row_is_read_as_it_was_written(tmp_path: Path) -> None:
    row = read(make_register(tmp_path, letters(batch="01"))).rows[ids(1, 1)]
    assert without_token(row) == LetterRow(
        number=5,
        signer="Bo Berg",
        recipient="Consul Roy",
        file="letters/Bo Berg/Consul Roy.docx",
        state="unchanged",
        created_on=CREATED_ON,
        batch="01",
        signer_id=f"{1:016x}",
        recipient_id=f"{1:016x}",
        stages={},
        known=KnownCells(),
    )


MARKED = KnownCells(
    {
        "Printed": KnownStage("2026-11-24", ("a key", "another key")),
        "Posted": KnownStage("by hand", ()),
    },
    tracking="007",
)
"""What the program knows of a letter with two stages and a tracking number."""
MARKED_DAY = dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("rows", "new_letters"),
    [(0, []), (1, []), (2, []), (2, [letter(1, 0)])],
    ids=["new file", "new row", "existing row", "existing row beside a new one"],
)
def test_known_stages_and_tracking_numbers_are_written_into_the_row(
    tmp_path: Path, rows: int, new_letters: list[RegisterEntry]
) -> None:
    first, second = letter(0, 0), letter(0, 1, known=MARKED)
    entries = [first, second, *new_letters]
    path = tmp_path / "register.xlsx"
    if rows:
        make_register(tmp_path, [first, letter(0, 1)][:rows])
    assert run(path, entries).is_written
    worksheet = sheet(path)
    cells = {
        heading: worksheet.cell(3, column(worksheet, heading))
        for heading in (*STAGES, "Tracking number", "Notes")
    }
    assert {heading: cell.value for heading, cell in cells.items() if cell.value is not None} == {
        "Printed": dt.datetime.combine(MARKED_DAY, dt.time()),
        "Posted": "by hand",
        "Tracking number": "007",
    }
    assert cells["Printed"].number_format == "d mmm yyyy"
    assert cells["Tracking number"].data_type == "s"
    assert cells["Tracking number"].number_format == "@"
    row = read(path).rows[second.id]
    assert (row.stages, row.tracking) == ({"Printed": MARKED_DAY, "Posted": "by hand"}, "007")
    assert without_token(row).known == MARKED
    assert read(path).rows[first.id].stages == {}
    assert not run(path, entries).is_written


def staff_cells(path: Path, row: int, name: str = "Register") -> list[tuple[object, str]]:
    """Return the values and number formats of a row's cells from the first stage on."""
    worksheet = sheet(path, name)
    first = column(worksheet, STAGES[0])
    return [(c.value, c.number_format) for c in worksheet[row][first - 1 :]]


def test_cells_that_already_have_the_known_text_stay_as_staff_typed_them(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.cell(2, column(worksheet, "Printed"), MARKED_DAY)
        texts = {"Signed": "no", "Posted": " by hand", "Answered": "-", "Tracking number": "007 "}
        for heading, text in texts.items():
            worksheet.cell(2, column(worksheet, heading), text)
        worksheet.cell(2, column(worksheet, "Printed")).number_format = "yyyy-mm-dd"
    before = staff_cells(path, 2)
    entries = [letter(known=MARKED), *letters()[1:]]
    assert run(path, entries).is_written
    assert staff_cells(path, 2) == before
    assert without_token(read(path).rows[ids(0, 0)]).known == MARKED
    assert not run(path, entries).is_written


def test_cells_that_differ_from_what_is_known_are_written_again_or_cleared(tmp_path: Path) -> None:
    path = make_register(tmp_path, letters(known=MARKED))
    written = staff_cells(path, 2)
    for heading, value in {"Printed": "soon", "Signed": MARKED_DAY, "Tracking number": "8"}.items():
        fill(path, ids(0, 0), heading, value)
    fill(path, ids(0, 0), "Posted", None)
    assert run(path, letters(known=MARKED)).is_written
    assert [value for value, _ in staff_cells(path, 2)] == [value for value, _ in written]
    assert run(path, letters(known=KnownCells())).is_written
    assert [value for value, _ in staff_cells(path, 2)] == [None] * len(written)


def test_cells_of_staff_are_left_alone_if_nothing_is_known_of_them(tmp_path: Path) -> None:
    path = make_register(tmp_path, letters(known=MARKED))
    for heading, value in {"Printed": None, "Signed": DAY, "Posted": "x"}.items():
        fill(path, ids(0, 0), heading, value)
    fill(path, ids(0, 0), "Tracking number", None)
    before = staff_cells(path, 2)
    assert run(path, letters(state="edited", known=None)).is_written
    assert staff_cells(path, 2) == before
    assert without_token(read(path).rows[ids(0, 0)]).known == MARKED


def tokens(path: Path, name: str = "Register") -> list[str]:
    """Return the tokens of the rows, which must all be different."""
    found = [row.record.known.token for row in read(path).tables[name].rows]
    assert len({*found}) == len(found)
    return found


@pytest.mark.parametrize(
    "changes",
    [{"state": "edited"}, {"known": MARKED}, {"batch": "01"}],
    ids=["state", "known", "batch"],
)
def test_a_row_has_a_new_token_exactly_if_its_record_changed(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = make_register(tmp_path)
    before, people = tokens(path), tokens(path, "By signer")
    fill(path, ids(0, 0), "Signed", DAY)
    fill(path, ids(0, 1), "Status", "typed over")
    assert len(run(path, letters()).reverted_edits) == 1
    assert tokens(path) == before
    entries = letters()
    entries[2] = replace(entries[2], **changes)
    assert run(path, entries).is_written
    after = tokens(path)
    assert [new == old for new, old in zip(after, before, strict=True)] == [
        *(True, True, False, True, True, True)
    ]
    assert tokens(path, "By signer") == people
    assert not run(path, entries).is_written
    assert tokens(path) == after


def test_the_row_of_a_person_gets_the_stages_of_the_persons_pile(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    signer, other = f"{0:016x}", f"{1:016x}"
    fill(path, signer, "Signed", DAY, "By signer")
    fill(path, other, "Signed", DAY, "By signer")
    before, other_cells = tokens(path, "By signer"), staff_cells(path, 3, "By signer")
    pile = KnownCells({"Printed": KnownStage("2026-11-24", ("a key",))})
    updated = update_register(path, letters(), read(path), NOW, {signer: pile})
    assert updated.is_written
    first, second, _ = read(path).tables["By signer"].rows
    assert first.stages == {"Printed": MARKED_DAY}
    assert replace(first.record.known, token="") == pile
    assert staff_cells(path, 2, "By signer")[0][1] == "d mmm yyyy"
    assert staff_cells(path, 3, "By signer") == other_cells
    assert second.record.known == KnownCells(token=before[1])
    assert tokens(path, "By signer")[0] != before[0]
    assert not run(path, letters()).is_written


def test_the_marks_of_some_letters_are_written_without_other_changes(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    before = table_without_tokens(path)
    assert update_staff_cells(path, read(path), {ids(0, 1): MARKED}, NOW) == []
    rows = read(path).rows
    assert rows[ids(0, 1)].stages == {"Printed": MARKED_DAY, "Posted": "by hand"}
    assert without_token(rows[ids(0, 1)]).known == MARKED
    after = table_without_tokens(path)
    assert [after[0], *after[2:]] == [before[0], *before[2:]]
    assert not run(path, [*letters()[:1], letter(0, 1, known=MARKED), *letters()[2:]]).is_written


def test_a_missing_register_file_is_an_empty_register(tmp_path: Path) -> None:
    register = read(tmp_path / "register.xlsx")
    assert not register.exists
    assert not register.rows


@pytest.mark.parametrize("data", [b"", b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a;b\n1;2\n"])
def test_a_register_file_that_is_not_a_workbook_is_reported_and_kept(
    tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "register.xlsx"
    path.write_bytes(data)
    os.utime(path, (0, 0))
    with pytest.raises(StorageError) as error:
        read(path)
    assert [p.code for p in error.value.problems] == ["register-unreadable"]
    assert str(error.value).startswith("register.xlsx: ")
    assert path.read_bytes() == data


def test_a_workbook_without_the_register_table_is_reported_and_kept(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("is_update", [False, True], ids=["made", "updated"])
def test_a_name_like_a_formula_is_text_in_the_register(tmp_path: Path, *, is_update: bool) -> None:
    people = [letter(n, signer=name, file=f"letters/{n}.docx") for n, name in enumerate(NAMES)]
    path = make_register(tmp_path, letters(state="old")[:1] if is_update else people)
    run(path, people)
    assert not run(path, people).is_written
    worksheet = sheet(path)
    cells = [cell for row in worksheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert {cell.column for cell in cells} == {4}
    assert {worksheet.cell(r, 2).data_type for r in range(2, len(NAMES) + 2)} == {"s"}
    assert worksheet["B3" if is_update else "B2"].quotePrefix or is_update
    shown = [
        str(c.value)
        for row in read_excel_file(path).sheet("Register").rows[1:]
        for c in row.cells[1:2]
    ]
    assert shown[:3] == list(NAMES[:3])
    assert shown[-1] == "N" * 254 + "…"


def test_register_links_lead_to_files_with_special_names(tmp_path: Path) -> None:
    files = {
        "letters/Ana Ruiz/50% #2 [x].docx": "letters/Ana Ruiz/50%25 %232 %5Bx%5D.docx",
        'letters/A "B"/Жанна & Co.docx': 'letters/A ""B""/Жанна & Co.docx',
    }
    path = make_register(tmp_path, [letter(n, file=file) for n, file in enumerate(files)])
    worksheet = sheet(path)
    first, second = files.values()
    shown = "letters/Ana Ruiz/50% #2 [x].docx"
    assert worksheet["D2"].value == f'=HYPERLINK("{first}","{shown}")'
    assert worksheet["D3"].value == f'=HYPERLINK("{second}")'
    assert [row.file for row in read(path).rows.values()] == list(files)


def test_a_path_too_long_for_a_link_is_plain_text_in_the_register(tmp_path: Path) -> None:
    file = f"letters/{'a' * 120}/{'b' * 120}/c.docx"
    path = make_register(tmp_path, [letter(file=file)])
    assert sheet(path)["D2"].value == file
    assert not run(path, [letter(file=file)]).is_written


def test_the_register_file_names_no_author(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    assert "creator" not in core_properties(path)
    run(path, letters(state="edited"))
    assert "creator" not in core_properties(path)


def core_properties(path: Path) -> str:
    """Return the properties with the author and the time of the file."""
    with zipfile.ZipFile(path) as archive:
        return archive.read("docProps/core.xml").decode()


def test_reading_a_register_does_not_import_openpyxl() -> None:
    code = "import sys, merge.register.reading; sys.exit('openpyxl' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
