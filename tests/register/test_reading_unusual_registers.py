"""Unusual registers: no crash, and no loss of what staff entered."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from openpyxl.worksheet.dimensions import ColumnDimension
from support.everyday import everyday
from support.registers import (
    MEMORY,
    codes,
    excel,
    fill,
    ids,
    letter,
    letters,
    make_register,
    marked_stages,
    printed_ids,
    read,
    run,
    sheet,
    table,
    table_without_tokens,
)
from support.workbooks import edited

from merge.errors import DataError, StorageError
from merge.excel.reader import read_excel_file

SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "text",
    everyday(
        [
            "",
            "?",
            "7",
            "{}",
            "[]",
            '["0000000000000000"]',
            '["0000000000000000","A","B","f","s","2026-11-20","","1","2"]',
            '["0000000000000000","A","B","f","s","2026-99-99","","1","2",{}]',
            '["0000000000000000","A","B","f","s",20261125,"","1","2",{}]',
            '["0000000000000000",7,"B","f","s","2026-11-20","","1","2",{}]',
            '["0000000000000000","A","B","f","s","2026-11-20","","1","2",7]',
            '["0000000000000000","A","B","f","s","2026-11-20","","1","2",{"Printed":7}]',
            '["0000000000000000","A","B","f","s","2026-11-20","","1","2",{"Printed":[]}]',
        ],
        daily=range(2),
    ),
)
def test_an_unreadable_record_in_the_register_is_written_again(tmp_path: Path, text: str) -> None:
    path = make_register(tmp_path)
    before = table_without_tokens(path)
    fill(path, ids(0, 0), MEMORY, text)
    updated = run(path, letters())
    assert updated.is_written
    assert not updated.reverted_edits
    assert table_without_tokens(path) == before


def test_a_register_row_without_id_is_known_by_its_record(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Printed", "yes")
    fill(path, ids(0, 0), "ID", None)
    assert ids(0, 0) in printed_ids(path)
    run(path, letters())
    assert table(path)[0]["ID"] == ids(0, 0)


def test_a_register_row_without_record_is_known_by_its_id(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Printed", "yes")
    fill(path, ids(0, 0), MEMORY, None)
    assert ids(0, 0) in printed_ids(path)
    assert read(path).rows[ids(0, 0)].signer == "Ana Ruiz"


def test_the_record_of_a_persons_row_is_restored(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    before = table_without_tokens(path, "By signer")
    fill(path, f"{0:016x}", MEMORY, None, "By signer")
    assert run(path, letters()).is_written
    assert table_without_tokens(path, "By signer") == before


@pytest.mark.parametrize(
    "number",
    everyday([0.1 + 0.2, 46351 + math.pi / 10, 1e300, -1.5, 12345678901234567], daily=range(4)),
)
def test_numbers_in_the_register_keep_the_digits_that_excel_shows(
    tmp_path: Path, number: float
) -> None:
    path = make_register(tmp_path)
    cell = f'<c r="N3"><v>{number!r}</v></c></row><row r="4"'
    edited(path, SHEET, ('</row><row r="4"', cell))
    assert run(path, letters(state="edited")).is_written
    row = read_excel_file(path).sheet("Register").rows[2]
    assert float(str(row.cells[-1].value)) == pytest.approx(number, rel=1e-15)


def test_an_invalid_number_format_in_the_register_does_no_harm(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        for cell, value in (("B2", 7), ("I2", 46351), ("J2", 3)):
            worksheet[cell].value = value
            worksheet[cell].number_format = "[>=x]0;[abc"
    stages = marked_stages(path)[ids(0, 0)]
    assert [str(value) for value in stages.values()] == ["2026-11-25", "3"]
    assert [t.value for t in run(path, letters()).reverted_edits] == ["7"]


def test_a_register_table_without_headings_is_reported(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    edited(path, "xl/tables/table1.xml", ('headerRowCount="1"', 'headerRowCount="0"'))
    with excel(path) as worksheet:
        worksheet.delete_rows(1)
    with pytest.raises(DataError) as error:
        read(path)
    (problem,) = error.value.problems
    assert problem.code == "register-heading"


def test_titles_above_the_headings_of_the_register_are_one_error(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.insert_rows(1, amount=2)
        worksheet["A1"] = "Appeal 2026"
    with pytest.raises(DataError) as error:
        read(path)
    (problem,) = error.value.problems
    assert problem.what.startswith("The column headings are not in row 1,")
    assert str(problem.hint).endswith("The headings must be in row 1.")


def test_a_restored_column_keeps_the_common_format_of_many_columns(tmp_path: Path) -> None:
    """Excel calls a file damaged that has two `col` elements per column."""
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.delete_cols(5)
        excel_table = worksheet.tables["Letters"]
        excel_table.tableColumns = [c for c in excel_table.tableColumns if c.name != "Status"]
        excel_table.ref = excel_table.autoFilter.ref = "A1:M7"
        many_columns = ColumnDimension(worksheet, index="N", min=14, max=16384, width=20)
        worksheet.column_dimensions["N"] = many_columns
    assert codes(run(path, letters())) == ["register-column-back"]
    columns = sheet(path).column_dimensions
    assert (columns["N"].min, columns["N"].max, columns["N"].width) == (14, 16384, 20)
    assert sheet(path)["N2"].value == "unchanged"


def test_a_register_in_an_unreadable_folder_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The root user may read all folders, so the system's error is simulated."""

    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", closed)
    with pytest.raises(StorageError) as error:
        read(tmp_path / "register.xlsx")
    assert str(error.value) == (
        "register.xlsx: The register cannot be opened (Permission denied)."
        " Ask its owner for access and try again."
    )


def test_the_empty_row_of_a_register_without_letters_is_filled(tmp_path: Path) -> None:
    path = make_register(tmp_path, [])
    edited(path, "xl/tables/table1.xml", ('headerRowCount="1"', 'headerRowCount="1" insertRow="1"'))
    assert run(path, [letter()]).is_written
    assert sheet(path).tables["Letters"].insertRow is None
    assert table(path)[0]["ID"] == ids(0, 0)
