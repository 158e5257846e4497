"""Everything that staff do in the register survives an update."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import FilterColumn, Filters
from openpyxl.worksheet.table import TableFormula
from openpyxl.worksheet.worksheet import Worksheet
from support.registers import (
    add_columns,
    codes,
    column,
    excel,
    ids,
    letter,
    letters,
    make_register,
    printed_ids,
    read,
    row_of,
    run,
    sheet,
    sort,
    table,
)

from merge.excel.reader import read_excel_file
from merge.excel.rewriting import find_comment_boxes

YELLOW = PatternFill("solid", fgColor="FFFF00")
DAY = dt.datetime(2026, 11, 26)  # noqa: DTZ001 - Excel knows no time zones


def campaign(**changes: Any) -> list[Any]:  # noqa: ANN401
    """Return letters of ten signers to three recipients."""
    return [letter(s, r, **changes) for s in range(10) for r in range(3)]


def test_everything_that_staff_did_in_the_register_survives_a_run(tmp_path: Path) -> None:
    path = make_register(tmp_path, campaign())
    with excel(path) as worksheet:
        add_columns(worksheet, "Courier", "Cost")
        stages = ("Printed", "Signed", "Posted", "Notes", "Courier")
        for row in range(2, 12):
            for heading in stages:
                worksheet.cell(
                    row, column(worksheet, heading), DAY if heading[0] in "PS" else f"{row}é"
                )
        for cell in worksheet[5]:
            cell.fill = YELLOW
        worksheet["B7"].comment = Comment("Ask her lawyer", "Ana")
        add_sheet(worksheet, "Ours")["B2"] = "=SUM(1,2)"
        worksheet.column_dimensions["C"].width = 61
        sort(worksheet)
        deleted_id = worksheet["A9"].value
        worksheet.delete_rows(9)
        worksheet.tables["Letters"].ref = f"A1:P{worksheet.max_row}"
    old_rows = {row["ID"]: row for row in table(path)}
    coloured = ids_with(sheet(path), lambda c: c.fill == YELLOW)

    assert run(path, campaign(state="edited")).is_written

    new_rows = {row["ID"]: row for row in table(path)}
    program_headings = {"Status", "Kept by the program"}
    for id_, old_row in old_rows.items():
        assert without(new_rows[id_], program_headings) == without(old_row, program_headings)
    assert set(new_rows[deleted_id]) == {
        *("ID", "Signer", "Recipient", "File"),
        *program_headings,
        "Created on",
    }
    worksheet = sheet(path)
    assert ids_with(worksheet, lambda c: c.fill == YELLOW) == coloured
    comment = worksheet.cell(row_of(worksheet, letter(1, 2).id), 2).comment
    assert comment
    assert comment.text == "Ask her lawyer"
    assert worksheet.column_dimensions["C"].width == 61
    assert sheet(path, "Ours")["B2"].value == "=SUM(1,2)"
    assert worksheet.tables["Letters"].ref == "A1:P31"
    assert worksheet.tables["Letters"].autoFilter.ref == "A1:P31"
    assert table(path)[-1]["ID"] == deleted_id


def add_sheet(worksheet: Worksheet, name: str) -> Worksheet:
    """Add a sheet, as staff do."""
    assert worksheet.parent
    worksheet.parent.create_sheet(name)
    return worksheet.parent[name]


def without(row: dict[str, Any], headings: set[str]) -> dict[str, Any]:
    """Return a row without some columns."""
    return {heading: value for heading, value in row.items() if heading not in headings}


def ids_with(worksheet: Worksheet, matches: Any) -> set[object]:  # noqa: ANN401
    """Return the IDs of the rows in which all cells match a condition."""
    return {row[0].value for row in worksheet.iter_rows(min_row=2) if all(map(matches, row))}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_sorted_register_rows_are_known_by_their_ids(tmp_path: Path, seed: int) -> None:
    path = make_register(tmp_path, campaign())
    with excel(path) as worksheet:
        for row in range(2, 32):
            worksheet.cell(row, column(worksheet, "Notes"), worksheet.cell(row, 1).value)
        sort(worksheet, seed)
    order = [row["ID"] for row in table(path)]
    run(path, campaign(state="edited"))
    rows = table(path)
    assert [row["ID"] for row in rows] == order
    assert all(row["Notes"] == row["ID"] for row in rows)
    assert {row["Status"] for row in rows} == {"edited"}


def test_filters_and_hidden_rows_of_the_register_stay(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        filter_column = FilterColumn(colId=1, filters=Filters(filter=["Ana Ruiz"]))
        worksheet.tables["Letters"].autoFilter.filterColumn.append(filter_column)
        for row in range(4, 8):
            worksheet.row_dimensions[row].hidden = True
    run(path, [*letters(state="edited"), letter(3, 0)])
    worksheet = sheet(path)
    listed = worksheet.tables["Letters"].autoFilter
    assert listed.filterColumn[0].filters.filter == ["Ana Ruiz"]
    assert listed.ref == "A1:N8"
    assert [r for r in range(1, 9) if worksheet.row_dimensions[r].hidden] == [4, 5, 6, 7]
    assert {row["Status"] for row in table(path)} == {"edited", "unchanged"}


def test_data_checks_and_number_formats_of_staff_continue_in_new_rows(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        add_columns(worksheet, "Courier", "Cost")
        courier = DataValidation("list", formula1='"DHL,UPS"', sqref="N2:N7")
        worksheet.data_validations.append(courier)
        worksheet["O7"].number_format = "#,##0.00"
        worksheet["O7"] = 3.5
    run(path, [*letters(), letter(3, 0), letter(3, 1)])
    worksheet = sheet(path)
    ranges = [str(check.sqref) for check in worksheet.data_validations.dataValidation]
    assert "N2:N9" in ranges
    assert "I2:I1048576" in ranges
    assert (worksheet["O9"].number_format, worksheet["O9"].value) == ("#,##0.00", None)


def test_a_column_formula_of_staff_continues_in_new_rows(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    formula = "Letters[[#This Row],[Posted]]-Letters[[#This Row],[Signed]]"
    with excel(path) as worksheet:
        add_columns(worksheet, "Days")
        listed = worksheet.tables["Letters"].tableColumns[-1]
        listed.calculatedColumnFormula = TableFormula(attr_text=formula)
    run(path, [*letters(), letter(3, 0)])
    worksheet = sheet(path)
    assert worksheet["O8"].value == f"={formula}"
    assert worksheet["N7"].value is None


def test_texts_formulas_and_links_of_staff_stay_in_the_register(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    bold = CellRichText("call ", TextBlock(InlineFont(b=True), "today"))
    with excel(path) as worksheet:
        worksheet["M2"] = bold
        worksheet["M3"] = "=B3&C3"
        worksheet["M4"] = "see the web"
        worksheet["M4"].hyperlink = "https://example.org/a?b=c"
        worksheet["M6"] = "_x000D_ and  two spaces "
        worksheet["M7"].font = Font(name="Arial", sz=9, italic=True)
    updated = run(path, letters(state="edited"))
    assert updated.is_written
    worksheet = load_workbook(path, rich_text=True)["Register"]
    assert worksheet["M2"].value == bold
    assert worksheet["M3"].value == "=B3&C3"
    assert worksheet["M4"].hyperlink
    assert worksheet["M4"].hyperlink.target == "https://example.org/a?b=c"
    assert worksheet["M6"].value == "_x000D_ and  two spaces "
    assert (worksheet["M7"].font.name, worksheet["M7"].font.i) == ("Arial", True)


def test_a_number_in_a_date_column_of_the_register_stays_a_number(tmp_path: Path) -> None:
    """openpyxl turns it into #VALUE!, because its cell is formatted as a date."""
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet["I5"] = 20261125  # a date typed without dots
        worksheet["I5"].number_format = "d mmm yyyy"
    assert run(path, letters(state="edited")).is_written
    row = read_excel_file(path).sheet("Register").rows[4]
    assert next(c.value for c in row.cells if c.column == 9) == 20261125
    assert ids(1, 1) in printed_ids(path)


def test_comment_boxes_in_the_register_keep_their_size(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet["B2"].comment = Comment("a long story", "Ana", height=300, width=500)
    for state in ("edited", "printed"):
        assert run(path, letters(state=state)).is_written
    with zipfile.ZipFile(path) as archive:
        drawing = next(name for name in archive.namelist() if name.endswith(".vml"))
        boxes = list(find_comment_boxes(archive.read(drawing)))
    assert boxes == [(2, 2, 500, 300)]


def test_merged_cells_and_titles_above_the_register_stay(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.insert_rows(1, 3)
        worksheet["A1"] = "Campaign for Ana"
        worksheet.merge_cells("A1:F2")
        worksheet.tables["Letters"].ref = "A4:N10"
        worksheet.tables["Letters"].autoFilter.ref = "A4:N10"
    run(path, [*letters(state="edited"), letter(3, 0)])
    worksheet = sheet(path)
    assert [str(merged) for merged in worksheet.merged_cells.ranges] == ["A1:F2"]
    assert worksheet["A1"].value == "Campaign for Ana"
    assert worksheet.tables["Letters"].ref == "A4:N11"
    assert [row["Status"] for row in table(path, row=4)] == [*["edited"] * 6, "unchanged"]


def test_register_rows_added_by_staff_are_kept_and_reported(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet["B8"] = "Letter of the lawyer"
        worksheet["A9"] = ids(77, 77)
        for number, cell in enumerate(worksheet[2], 1):
            worksheet.cell(10, number).value = cell.value
        worksheet["M10"] = "copied"
        worksheet.tables["Letters"].ref = "A1:N10"
    staff_rows = table(path)[6:]
    updated = run(path, [*letters(state="edited"), letter(3, 0)])
    assert table(path)[6:9] == staff_rows
    assert codes(updated) == ["register-stranger", "register-stranger"]
    assert [p.place.row for p in updated.problems] == [8, 9]
    assert [(p.code, p.place.row) for p in read(path).problems] == [("register-twice", 10)]
    assert table(path)[9]["ID"] == ids(3, 0)
    assert table(path)[0]["Status"] == "edited"


def test_a_deleted_register_row_is_restored_without_dates(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.cell(row_of(worksheet, ids(0, 1)), column(worksheet, "Printed"), DAY)
        worksheet.delete_rows(row_of(worksheet, ids(0, 1)))
        worksheet.tables["Letters"].ref = "A1:N6"
    assert ids(0, 1) not in printed_ids(path)
    run(path, letters())
    assert ids(0, 1) not in printed_ids(path)
    assert [row["ID"] for row in table(path)][-1] == ids(0, 1)
    assert "Printed" not in table(path)[-1]
