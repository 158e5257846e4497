"""What staff do in the register stays when it is brought up to date."""

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
    made,
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
    """Ten signers write to three recipients."""
    return [letter(s, r, **changes) for s in range(10) for r in range(3)]


def test_all_that_staff_did_is_there_after_a_run(tmp_path: Path) -> None:
    path = made(tmp_path, campaign())
    with excel(path) as there:
        add_columns(there, "Courier", "Cost")
        stages = ("Printed", "Signed", "Posted", "Notes", "Courier")
        for row in range(2, 12):
            for heading in stages:
                there.cell(row, column(there, heading), DAY if heading[0] in "PS" else f"{row}é")
        for cell in there[5]:
            cell.fill = YELLOW
        there["B7"].comment = Comment("Ask her lawyer", "Ana")
        add_sheet(there, "Ours")["B2"] = "=SUM(1,2)"
        there.column_dimensions["C"].width = 61
        sort(there)
        gone = there["A9"].value
        there.delete_rows(9)
        there.tables["Letters"].ref = f"A1:P{there.max_row}"
    before = {row["ID"]: row for row in table(path)}
    coloured = ids_with(sheet(path), lambda c: c.fill == YELLOW)

    assert run(path, campaign(state="edited")).is_written

    after = {row["ID"]: row for row in table(path)}
    own = {"State", "Kept by the program"}
    for id_, left in before.items():
        assert without(after[id_], own) == without(left, own)
    assert set(after[gone]) == {*("ID", "Signer", "Recipient", "File"), *own, "Made on"}
    there = sheet(path)
    assert ids_with(there, lambda c: c.fill == YELLOW) == coloured
    noted = there.cell(row_of(there, letter(1, 2).id), 2).comment
    assert noted
    assert noted.text == "Ask her lawyer"
    assert there.column_dimensions["C"].width == 61
    assert sheet(path, "Ours")["B2"].value == "=SUM(1,2)"
    assert there.tables["Letters"].ref == "A1:P31"
    assert there.tables["Letters"].autoFilter.ref == "A1:P31"
    assert table(path)[-1]["ID"] == gone


def add_sheet(there: Worksheet, name: str) -> Worksheet:
    """Staff add a sheet of their own."""
    assert there.parent
    there.parent.create_sheet(name)
    return there.parent[name]


def without(row: dict[str, Any], headings: set[str]) -> dict[str, Any]:
    """A row less some columns."""
    return {heading: value for heading, value in row.items() if heading not in headings}


def ids_with(there: Worksheet, looks: Any) -> set[object]:  # noqa: ANN401
    """The ids of the rows in which every cell of the table looks like that."""
    return {row[0].value for row in there.iter_rows(min_row=2) if all(map(looks, row))}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_rows_in_any_order_are_known_by_their_ids(tmp_path: Path, seed: int) -> None:
    path = made(tmp_path, campaign())
    with excel(path) as there:
        for row in range(2, 32):
            there.cell(row, column(there, "Notes"), there.cell(row, 1).value)
        sort(there, seed)
    order = [row["ID"] for row in table(path)]
    run(path, campaign(state="edited"))
    rows = table(path)
    assert [row["ID"] for row in rows] == order
    assert all(row["Notes"] == row["ID"] for row in rows)
    assert {row["State"] for row in rows} == {"edited"}


def test_filter_and_hidden_rows_stay(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        chosen = FilterColumn(colId=1, filters=Filters(filter=["Ana Ruiz"]))
        there.tables["Letters"].autoFilter.filterColumn.append(chosen)
        for row in range(4, 8):
            there.row_dimensions[row].hidden = True
    run(path, [*letters(state="edited"), letter(3, 0)])
    there = sheet(path)
    listed = there.tables["Letters"].autoFilter
    assert listed.filterColumn[0].filters.filter == ["Ana Ruiz"]
    assert listed.ref == "A1:O8"
    assert [r for r in range(1, 9) if there.row_dimensions[r].hidden] == [4, 5, 6, 7]
    assert {row["State"] for row in table(path)} == {"edited", "unchanged"}


def test_checks_and_colours_of_the_staffs_go_on_in_new_rows(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        add_columns(there, "Courier", "Cost")
        courier = DataValidation("list", formula1='"DHL,UPS"', sqref="O2:O7")
        there.data_validations.append(courier)
        there["P7"].number_format = "#,##0.00"
        there["P7"] = 3.5
    run(path, [*letters(), letter(3, 0), letter(3, 1)])
    there = sheet(path)
    ranges = [str(check.sqref) for check in there.data_validations.dataValidation]
    assert "O2:O9" in ranges
    assert "I2:I1048576" in ranges
    assert (there["P9"].number_format, there["P9"].value) == ("#,##0.00", None)


def test_a_formula_of_a_whole_column_goes_on_in_new_rows(tmp_path: Path) -> None:
    path = made(tmp_path)
    formula = "Letters[[#This Row],[Posted]]-Letters[[#This Row],[Signed]]"
    with excel(path) as there:
        add_columns(there, "Days")
        listed = there.tables["Letters"].tableColumns[-1]
        listed.calculatedColumnFormula = TableFormula(attr_text=formula)
    run(path, [*letters(), letter(3, 0)])
    there = sheet(path)
    assert there["P8"].value == f"={formula}"
    assert there["O7"].value is None


def test_texts_formulas_links_and_numbers_of_the_staffs_stay(tmp_path: Path) -> None:
    path = made(tmp_path)
    bold = CellRichText("call ", TextBlock(InlineFont(b=True), "today"))
    with excel(path) as there:
        there["N2"] = bold
        there["N3"] = "=B3&C3"
        there["N4"] = "see the web"
        there["N4"].hyperlink = "https://example.org/a?b=c"
        there["N6"] = "_x000D_ and  two spaces "
        there["N7"].font = Font(name="Arial", sz=9, italic=True)
    updated = run(path, letters(state="edited"))
    assert updated.is_written
    there = load_workbook(path, rich_text=True)["Register"]
    assert there["N2"].value == bold
    assert there["N3"].value == "=B3&C3"
    assert there["N4"].hyperlink
    assert there["N4"].hyperlink.target == "https://example.org/a?b=c"
    assert there["N6"].value == "_x000D_ and  two spaces "
    assert (there["N7"].font.name, there["N7"].font.i) == ("Arial", True)


def test_a_number_that_is_no_date_stays_the_number_it_is(tmp_path: Path) -> None:
    """openpyxl makes #VALUE! of it, since its cell is formatted as a date."""
    path = made(tmp_path)
    with excel(path) as there:
        there["I5"] = 20261125  # what people type who forget the dots
        there["I5"].number_format = "d mmm yyyy"
    assert run(path, letters(state="edited")).is_written
    row = read_excel_file(path).sheet("Register").rows[4]
    assert next(c.value for c in row.cells if c.column == 9) == 20261125
    assert read(path).is_printed(ids(1, 1))


def test_boxes_of_comments_keep_their_size(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there["B2"].comment = Comment("a long story", "Ana", height=300, width=500)
    for state in ("edited", "printed"):
        assert run(path, letters(state=state)).is_written
    with zipfile.ZipFile(path) as archive:
        drawing = next(name for name in archive.namelist() if name.endswith(".vml"))
        boxes = list(find_comment_boxes(archive.read(drawing)))
    assert boxes == [(2, 2, 500, 300)]


def test_merged_cells_and_headings_above_stay(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there.insert_rows(1, 3)
        there["A1"] = "Campaign for Ana"
        there.merge_cells("A1:F2")
        there.tables["Letters"].ref = "A4:O10"
        there.tables["Letters"].autoFilter.ref = "A4:O10"
    run(path, [*letters(state="edited"), letter(3, 0)])
    there = sheet(path)
    assert [str(merged) for merged in there.merged_cells.ranges] == ["A1:F2"]
    assert there["A1"].value == "Campaign for Ana"
    assert there.tables["Letters"].ref == "A4:O11"
    assert [row["State"] for row in table(path, row=4)] == [*["edited"] * 6, "unchanged"]


def test_rows_of_the_staffs_own_are_left_and_told(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there["B8"] = "Letter of the lawyer"
        there["A9"] = ids(77, 77)
        for number, cell in enumerate(there[2], 1):
            there.cell(10, number).value = cell.value
        there["N10"] = "copied"
        there.tables["Letters"].ref = "A1:O10"
    before = table(path)[6:]
    updated = run(path, [*letters(state="edited"), letter(3, 0)])
    assert table(path)[6:9] == before
    assert codes(updated) == ["register-stranger", "register-stranger"]
    assert [p.place.row for p in updated.problems] == [8, 9]
    assert [(p.code, p.place.row) for p in read(path).problems] == [("register-twice", 10)]
    assert table(path)[9]["ID"] == ids(3, 0)
    assert table(path)[0]["State"] == "edited"


def test_a_deleted_row_returns_empty(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there.cell(row_of(there, ids(0, 1)), column(there, "Printed"), DAY)
        there.delete_rows(row_of(there, ids(0, 1)))
        there.tables["Letters"].ref = "A1:O6"
    assert not read(path).is_printed(ids(0, 1))
    run(path, letters())
    assert not read(path).is_printed(ids(0, 1))
    assert [row["ID"] for row in table(path)][-1] == ids(0, 1)
    assert "Printed" not in table(path)[-1]
