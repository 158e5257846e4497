"""A moved or renamed table of the register is found or reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import TableColumn
from openpyxl.worksheet.worksheet import Worksheet
from support.everyday import everyday
from support.registers import (
    CREATED_ON,
    DAY,
    MEMORY,
    add_columns,
    codes,
    column,
    excel,
    fill,
    ids,
    letter,
    letters,
    make_register,
    printed_ids,
    read,
    run,
    sheet,
    table,
    table_without_tokens,
)

from merge.errors import DataError
from merge.register.layouts import STAGES


def rearrange(
    worksheet: Worksheet, headings: list[str], top: int = 1, name: str = "Letters"
) -> None:
    """Move, insert and delete columns, and move the table down, as staff do."""
    rows = [[cell.value for cell in row] for row in worksheet.iter_rows()]
    old_positions = {str(heading): number for number, heading in enumerate(rows[0])}
    worksheet.delete_rows(1, worksheet.max_row)
    for number, row in enumerate(rows, top):
        for position, heading in enumerate(headings, 1):
            new_value = heading if number == top else None
            worksheet.cell(number, position).value = (
                row[old_positions[heading]] if heading in old_positions else new_value
            )
    excel_table = worksheet.tables[name]
    excel_table.tableColumns = [TableColumn(id=n, name=h) for n, h in enumerate(headings, 1)]
    excel_table.ref = f"A{top}:{get_column_letter(len(headings))}{top + len(rows) - 1}"
    excel_table.autoFilter.ref = excel_table.ref


def headings(path: Path, name: str = "Register") -> list[str]:
    """Return the headings of a sheet."""
    return [str(cell.value) for cell in sheet(path, name)[1]]


def test_moved_columns_of_the_register_are_found_by_their_headings(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Printed", DAY)
    new_headings = ["Notes", "Courier", *reversed(headings(path)[:-1]), "Cost"]
    with excel(path) as worksheet:
        rearrange(worksheet, new_headings)
        worksheet["B2"] = "DHL"
    assert ids(0, 0) in printed_ids(path)
    assert not run(path, letters()).is_written
    assert run(path, [*letters(state="edited"), letter(3, 0)]).is_written
    assert headings(path) == new_headings
    rows = table(path)
    assert rows[0]["Courier"] == "DHL"
    assert [row["Status"] for row in rows] == [*["edited"] * 6, "unchanged"]
    assert rows[-1]["ID"] == ids(3, 0)


def test_rows_inserted_above_the_registers_headings_are_kept(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        rearrange(worksheet, [str(cell.value) for cell in worksheet[1]], top=5)
        worksheet["A1"] = "Our campaign"
    assert run(path, [*letters(state="edited"), letter(3, 0)]).is_written
    assert {row["Status"] for row in table(path, row=5)} == {"edited", "unchanged"}
    assert sheet(path).tables["Letters"].ref == "A5:N12"
    assert sheet(path)["A1"].value == "Our campaign"


def test_a_renamed_register_sheet_is_found_by_its_table(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.title = "Liste"
        assert worksheet.parent
        worksheet.parent.create_sheet("First", 0)
    with excel(path, "By signer") as worksheet:
        worksheet.title = "Piles"
    assert run(path, letters(state="edited")).is_written
    assert {row["Status"] for row in table(path, "Liste")} == {"edited"}
    assert read(path).problems == ()


def test_a_renamed_register_table_is_found_by_its_sheet(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        excel_table = worksheet.tables.pop("Letters")
        excel_table.name = excel_table.displayName = "Liste"
        worksheet.add_table(excel_table)
    assert run(path, [*letters(state="edited"), letter(3, 0)]).is_written
    assert sheet(path).tables["Liste"].ref == "A1:N8"


def test_a_missing_heading_in_plain_cells_is_the_only_problem(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.tables.clear()
        worksheet["J1"] = "Signed at"
    with pytest.raises(DataError) as error:
        read(path)
    assert [p.what.split(",")[0] for p in error.value.problems] == ["There is no “Signed” column"]


@pytest.mark.parametrize("sheet_name", everyday(["Register", "By signer"]))
def test_a_register_table_converted_to_plain_cells_is_found_by_its_sheet(
    tmp_path: Path, sheet_name: str
) -> None:
    path = make_register(tmp_path)
    with excel(path, sheet_name) as worksheet:
        worksheet.insert_rows(1, 2)
        worksheet["B1"] = "Since November"
        worksheet.tables.clear()
        worksheet.auto_filter.ref = f"A3:{worksheet.cell(3, worksheet.max_column).coordinate}"
    assert run(path, [*letters(state="edited"), letter(3, 0, signer="Dua Haddad")]).is_written
    rows = table(path, sheet_name, row=3)
    assert rows[-1]["Signer"] == "Dua Haddad"
    assert not sheet(path, sheet_name).tables
    assert not run(path, [*letters(state="edited"), letter(3, 0, signer="Dua Haddad")]).is_written


def test_a_register_without_ids_is_refused(tmp_path: Path) -> None:
    """The IDs are in two columns, of which one is enough."""
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        rearrange(worksheet, [str(c.value) for c in worksheet[1] if c.value not in {"ID", MEMORY}])
    with pytest.raises(DataError) as error:
        read(path)
    assert str(error.value).startswith("register.xlsx, Register!1: There is no “ID” column, so ")


def test_a_deleted_program_column_is_restored_with_its_values(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    before = table(path)
    with excel(path) as worksheet:
        rearrange(
            worksheet,
            [str(c.value) for c in worksheet[1] if c.value not in {"ID", "File", "Status"}],
        )
    updated = run(path, letters())
    assert codes(updated) == ["register-column-back"]
    assert (
        updated.problems[0].what
        == "Deleted columns have been added again on the right: ID, File, Status."
    )
    assert table(path) == before
    worksheet = sheet(path)
    assert worksheet.tables["Letters"].ref == "A1:N7"
    assert worksheet.tables["Letters"].column_names[-3:] == ["ID", "File", "Status"]
    assert not run(path, letters()).is_written


def test_the_deleted_hidden_column_is_restored_hidden(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        rearrange(worksheet, [str(c.value) for c in worksheet[1] if c.value != MEMORY])
    assert codes(run(path, letters())) == ["register-column-back"]
    worksheet = sheet(path)
    letter_ = get_column_letter(column(worksheet, MEMORY))
    assert worksheet.column_dimensions[letter_].hidden
    assert read(path).rows[ids(0, 0)].signer_id == f"{0:016x}"
    assert not run(path, letters()).is_written


def test_a_column_of_staff_with_a_heading_like_that_of_the_program_is_theirs(
    tmp_path: Path,
) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        rearrange(worksheet, ["State", *headings(path)])
    assert run(path, letters(state="edited")).is_written
    assert {row["Status"] for row in table(path)} == {"edited"}
    assert not any(row.get("State") for row in table(path))


@pytest.mark.parametrize(
    ("renamed", "own"), [("Status", "State"), ("Created on", "Made on"), ("Print file", "Batch")]
)
def test_a_column_of_staff_does_not_replace_a_renamed_heading(
    tmp_path: Path, renamed: str, own: str
) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        number = column(worksheet, renamed)
        worksheet.cell(1, number).value = "Where it is"
        worksheet.tables["Letters"].tableColumns[number - 1].name = "Where it is"
        add_columns(worksheet, own)
        for row in range(2, worksheet.max_row + 1):
            worksheet.cell(row, worksheet.max_column).value = f"ours {row}"
    updated = run(path, letters(state="edited", batch="1.pdf"))
    assert codes(updated) == ["register-column-back"]
    assert [row[own] for row in table(path)] == [f"ours {row}" for row in range(2, 8)]
    shown = {(row["Status"], row["Created on"].date(), row["Print file"]) for row in table(path)}
    assert shown == {("edited", CREATED_ON, "1.pdf")}


def test_the_stages_of_a_row_whose_letter_was_deleted_are_read(tmp_path: Path) -> None:
    path = make_register(tmp_path, letters(state="no longer needed"))
    with excel(path) as worksheet:
        for heading in ("ID", MEMORY, "Signer", "Recipient", "File"):
            worksheet.cell(2, column(worksheet, heading)).value = None
        worksheet.cell(2, column(worksheet, "Status")).value = "data deleted"
        worksheet.cell(2, column(worksheet, "Posted")).value = DAY
    register = read(path)
    assert [*register.stages_of_deleted_letters()] == ["Posted"]
    assert {row.state for row in register.rows.values()} == {"no longer needed"}
    assert not register.problems
    updated = run(path, letters(state="no longer needed")[1:])
    assert not updated.problems
    assert not updated.reverted_edits


def test_a_deleted_column_is_not_restored_over_values_beside_the_table(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        rearrange(worksheet, [str(c.value) for c in worksheet[1] if c.value != "Status"])
        worksheet["N4"] = "our sums"
    updated = run(path, letters(created_on=DAY))
    assert codes(updated) == ["register-no-room"]
    assert updated.is_written
    assert sheet(path)["N4"].value == "our sums"
    assert "Status" not in headings(path)
    assert not run(path, letters(created_on=DAY)).is_written


@pytest.mark.parametrize("stage", everyday(STAGES, daily=range(3)))
@pytest.mark.parametrize("sheet_name", everyday(["Register", "By recipient"]))
def test_a_register_without_a_stages_heading_is_refused(
    tmp_path: Path, stage: str, sheet_name: str
) -> None:
    """It is then not known which letters are printed."""
    path = make_register(tmp_path)
    with excel(path, sheet_name) as worksheet:
        worksheet.cell(1, column(worksheet, stage)).value = f"{stage} at"
    old_bytes = path.read_bytes()
    with pytest.raises(DataError) as error:
        read(path)
    what = f"There is no “{stage}” column, so it is not known which letters are printed."
    hint = f"Enter “{stage}” above its column, or restore an older copy of the register."
    assert str(error.value) == f"register.xlsx, {sheet_name}!1: {what} {hint}"
    assert path.read_bytes() == old_bytes


def test_a_deleted_sheet_of_people_is_restored_and_reported(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    before = table_without_tokens(path, "By signer")
    with excel(path) as worksheet:
        assert worksheet.parent
        del worksheet.parent["By signer"]
    updated = run(path, letters())
    assert codes(updated) == ["register-sheet-back"]
    assert table_without_tokens(path, "By signer") == before
    assert sheet(path, "By signer").tables["BySigner"].ref == "A1:I4"
    assert not run(path, letters()).is_written


def test_a_register_without_its_first_sheet_is_refused(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        assert worksheet.parent
        del worksheet.parent["Register"]
    with pytest.raises(DataError) as error:
        read(path)
    assert [p.code for p in error.value.problems] == ["register-unknown"]


def test_a_totals_row_moves_down_with_the_table(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        excel_table = worksheet.tables["Letters"]
        worksheet["A8"] = "Total"
        worksheet["I8"] = "=SUBTOTAL(103,Letters[Printed])"
        excel_table.tableColumns[0].totalsRowLabel = "Total"
        excel_table.tableColumns[8].totalsRowFunction = "count"
        excel_table.ref, excel_table.totalsRowCount = "A1:N8", 1
    assert codes(read(path)) == []
    updated = run(path, [*letters(), letter(3, 0), letter(3, 1)])
    assert codes(updated) == []
    worksheet = sheet(path)
    assert (worksheet["A10"].value, worksheet["I10"].value) == (
        *("Total",),
        "=SUBTOTAL(103,Letters[Printed])",
    )
    assert [worksheet.cell(r, 1).value for r in (8, 9)] == [ids(3, 0), ids(3, 1)]
    assert worksheet.tables["Letters"].ref == "A1:N10"
    assert worksheet.tables["Letters"].autoFilter.ref == "A1:N9"


@pytest.mark.parametrize("merged", everyday([False, True]))
def test_new_rows_are_postponed_if_cells_below_the_table_are_filled(
    tmp_path: Path, *, merged: bool
) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        if merged:
            worksheet.merge_cells("B9:C10")
        else:
            worksheet["B9"] = "Signed by all? Ask Ana."
    updated = run(path, [*letters(state="edited"), letter(3, 0), letter(3, 1)])
    assert codes(updated) == ["register-no-room"]
    assert updated.problems[0].place.row == 9
    assert {row["Status"] for row in table(path)[:6]} == {"edited"}
    assert sheet(path).tables["Letters"].ref == "A1:N7"
    assert run(path, [*letters(state="edited"), letter(3, 0)]).is_written
    assert sheet(path).tables["Letters"].ref == "A1:N8"


def test_empty_rows_of_the_register_table_are_used_first(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.tables["Letters"].ref = "A1:N9"
    run(path, [*letters(), letter(3, 0)])
    worksheet = sheet(path)
    assert worksheet["A8"].value == ids(3, 0)
    assert worksheet.tables["Letters"].ref == "A1:N9"


def test_cells_merged_by_staff_stay_merged(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.tables.clear()
        worksheet.merge_cells("B2:B3")
    assert run(path, letters(state="edited")).is_written
    assert not run(path, letters(state="edited")).is_written
    assert str(next(iter(sheet(path).merged_cells.ranges))) == "B2:B3"
