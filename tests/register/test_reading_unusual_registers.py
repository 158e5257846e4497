"""Odd things in a register: none of them is a crash, none loses what staff wrote."""

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
    made,
    read,
    run,
    sheet,
    table,
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
            '["0000000000000000","A","B","f","s","2026-99-99","","1","2"]',
            '["0000000000000000","A","B","f","s",20261125,"","1","2"]',
            '["0000000000000000",7,"B","f","s","2026-11-20","","1","2"]',
        ],
        of=range(2),
    ),
)
def test_a_memory_that_cannot_be_read_is_written_anew(tmp_path: Path, text: str) -> None:
    path = made(tmp_path)
    before = table(path)
    fill(path, ids(0, 0), MEMORY, text)
    updated = run(path, letters())
    assert updated.is_written
    assert not updated.reverted_edits
    assert table(path) == before


def test_a_row_that_lost_its_id_is_known_by_the_programs_memory(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 0), "Printed", "yes")
    fill(path, ids(0, 0), "ID", None)
    assert read(path).is_printed(ids(0, 0))
    run(path, letters())
    assert table(path)[0]["ID"] == ids(0, 0)


def test_a_row_that_lost_its_memory_is_known_by_its_id(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 0), "Printed", "yes")
    fill(path, ids(0, 0), MEMORY, None)
    assert read(path).is_printed(ids(0, 0))
    assert read(path).rows[ids(0, 0)].signer == "Ana Ruiz"


def test_a_person_whose_row_lost_its_memory_has_it_back(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = table(path, "By signer")
    fill(path, f"{0:016x}", MEMORY, None, "By signer")
    assert run(path, letters()).is_written
    assert table(path, "By signer") == before


@pytest.mark.parametrize(
    "number",
    everyday([0.1 + 0.2, 46351 + math.pi / 10, 1e300, -1.5, 12345678901234567], of=range(4)),
)
def test_numbers_are_carried_as_far_as_excel_shows_them(tmp_path: Path, number: float) -> None:
    path = made(tmp_path)
    cell = f'<c r="O3"><v>{number!r}</v></c></row><row r="4"'
    edited(path, SHEET, ('</row><row r="4"', cell))
    assert run(path, letters(state="edited")).is_written
    row = read_excel_file(path).sheet("Register").rows[2]
    assert float(str(row.cells[-1].value)) == pytest.approx(number, rel=1e-15)


def test_a_number_format_that_nobody_knows_is_no_harm(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        for cell, value in (("B2", 7), ("I2", 46351), ("J2", 3)):
            there[cell].value = value
            there[cell].number_format = "[>=x]0;[abc"
    stages = read(path).stages(ids(0, 0))
    assert [str(value) for value in stages.values()] == ["2026-11-25", "3"]
    assert [t.value for t in run(path, letters()).reverted_edits] == ["7"]


def test_a_table_that_shows_no_headings_is_told(tmp_path: Path) -> None:
    path = made(tmp_path)
    edited(path, "xl/tables/table1.xml", ('headerRowCount="1"', 'headerRowCount="0"'))
    with excel(path) as there:
        there.delete_rows(1)
    with pytest.raises(DataError) as error:
        read(path)
    assert {p.code for p in error.value.problems} == {"register-heading"}
    assert len(error.value.problems) == 5


def test_a_column_that_is_back_leaves_the_looks_of_many_columns_alone(tmp_path: Path) -> None:
    """Two `col` elements for one column, and Excel would call the file damaged."""
    path = made(tmp_path)
    with excel(path) as there:
        there.delete_cols(5)
        listed = there.tables["Letters"]
        listed.tableColumns = [c for c in listed.tableColumns if c.name != "State"]
        listed.ref = listed.autoFilter.ref = "A1:N7"
        wide = ColumnDimension(there, index="O", min=15, max=16384, width=20)
        there.column_dimensions["O"] = wide
    assert codes(run(path, letters())) == ["register-column-back"]
    columns = sheet(path).column_dimensions
    assert (columns["O"].min, columns["O"].max, columns["O"].width) == (15, 16384, 20)
    assert sheet(path)["O2"].value == "unchanged"


def test_a_folder_that_may_not_be_looked_into_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may look everywhere, so the system's answer is put in its mouth."""

    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", closed)
    with pytest.raises(StorageError) as error:
        read(tmp_path / "register.xlsx")
    assert str(error.value) == (
        "register.xlsx: The register cannot be opened (Permission denied)."
        " Ask its owner for access and try again."
    )


def test_an_empty_row_of_a_table_without_letters_is_filled(tmp_path: Path) -> None:
    path = made(tmp_path, [])
    edited(path, "xl/tables/table1.xml", ('headerRowCount="1"', 'headerRowCount="1" insertRow="1"'))
    assert run(path, [letter()]).is_written
    assert sheet(path).tables["Letters"].insertRow is None
    assert table(path)[0]["ID"] == ids(0, 0)
