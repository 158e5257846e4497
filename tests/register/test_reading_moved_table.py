"""Staff move, rename and delete parts of the register; the program finds its table, or says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import TableColumn
from openpyxl.worksheet.worksheet import Worksheet
from support.everyday import everyday
from support.registers import (
    DAY,
    MEMORY,
    codes,
    column,
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

from merge.errors import DataError
from merge.register.layouts import STAGES


def rearrange(there: Worksheet, headings: list[str], top: int = 1, name: str = "Letters") -> None:
    """Staff move, insert and delete columns, and the rows down to another first one."""
    rows = [[cell.value for cell in row] for row in there.iter_rows()]
    at = {str(heading): number for number, heading in enumerate(rows[0])}
    there.delete_rows(1, there.max_row)
    for number, row in enumerate(rows, top):
        for place, heading in enumerate(headings, 1):
            own = heading if number == top else None
            there.cell(number, place).value = row[at[heading]] if heading in at else own
    listed = there.tables[name]
    listed.tableColumns = [TableColumn(id=n, name=h) for n, h in enumerate(headings, 1)]
    listed.ref = f"A{top}:{get_column_letter(len(headings))}{top + len(rows) - 1}"
    listed.autoFilter.ref = listed.ref


def headings(path: Path, name: str = "Register") -> list[str]:
    """The headings of a sheet."""
    return [str(cell.value) for cell in sheet(path, name)[1]]


def test_columns_are_known_by_their_headings_wherever_they_stand(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 0), "Printed", DAY)
    own = ["Notes", "Courier", *reversed(headings(path)[:-1]), "Cost"]
    with excel(path) as there:
        rearrange(there, own)
        there["B2"] = "DHL"
    assert read(path).is_printed(ids(0, 0))
    assert not run(path, letters()).is_written
    assert run(path, [*letters(state="edited"), letter(3, 0)]).is_written
    assert headings(path) == own
    rows = table(path)
    assert rows[0]["Courier"] == "DHL"
    assert [row["State"] for row in rows] == [*["edited"] * 6, "unchanged"]
    assert rows[-1]["ID"] == ids(3, 0)


def test_rows_inserted_above_the_headings_do_no_harm(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        rearrange(there, [str(cell.value) for cell in there[1]], top=5)
        there["A1"] = "Our campaign"
    assert run(path, [*letters(state="edited"), letter(3, 0)]).is_written
    assert {row["State"] for row in table(path, row=5)} == {"edited", "unchanged"}
    assert sheet(path).tables["Letters"].ref == "A5:O12"
    assert sheet(path)["A1"].value == "Our campaign"


def test_a_renamed_sheet_is_found_by_its_table(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there.title = "Liste"
        assert there.parent
        there.parent.create_sheet("First", 0)
    with excel(path, "By signer") as there:
        there.title = "Piles"
    assert run(path, letters(state="edited")).is_written
    assert {row["State"] for row in table(path, "Liste")} == {"edited"}
    assert read(path).problems == ()


def test_a_renamed_table_is_found_by_its_sheet(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        listed = there.tables.pop("Letters")
        listed.name = listed.displayName = "Liste"
        there.add_table(listed)
    assert run(path, [*letters(state="edited"), letter(3, 0)]).is_written
    assert sheet(path).tables["Liste"].ref == "A1:O8"


def test_in_plain_cells_a_missing_heading_is_told_alone(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there.tables.clear()
        there["J1"] = "Signed at"
    with pytest.raises(DataError) as error:
        read(path)
    assert [p.what.split(",")[0] for p in error.value.problems] == ["There is no “Signed” column"]


@pytest.mark.parametrize("sheet_name", everyday(["Register", "By signer"]))
def test_a_table_turned_into_plain_cells_is_found_by_its_sheet(
    tmp_path: Path, sheet_name: str
) -> None:
    path = made(tmp_path)
    with excel(path, sheet_name) as there:
        there.insert_rows(1, 2)
        there["B1"] = "Since November"
        there.tables.clear()
        there.auto_filter.ref = f"A3:{there.cell(3, there.max_column).coordinate}"
    assert run(path, [*letters(state="edited"), letter(3, 0, signer="Dua Haddad")]).is_written
    rows = table(path, sheet_name, row=3)
    assert rows[-1]["Signer"] == "Dua Haddad"
    assert not sheet(path, sheet_name).tables
    assert not run(path, [*letters(state="edited"), letter(3, 0, signer="Dua Haddad")]).is_written


def test_without_ids_nothing_is_read(tmp_path: Path) -> None:
    """They stand in two columns, of which one is enough."""
    path = made(tmp_path)
    with excel(path) as there:
        rearrange(there, [str(c.value) for c in there[1] if c.value not in {"ID", MEMORY}])
    with pytest.raises(DataError) as error:
        read(path)
    assert str(error.value).startswith("register.xlsx, Register!1: There is no “ID” column, so ")


def test_a_deleted_column_comes_back_with_its_values(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = table(path)
    with excel(path) as there:
        rearrange(there, [str(c.value) for c in there[1] if c.value not in {"ID", "File", "State"}])
    updated = run(path, letters())
    assert codes(updated) == ["register-column-back"]
    assert (
        updated.problems[0].what
        == "Deleted columns have been added again on the right: ID, File, State."
    )
    assert table(path) == before
    there = sheet(path)
    assert there.tables["Letters"].ref == "A1:O7"
    assert there.tables["Letters"].column_names[-3:] == ["ID", "File", "State"]
    assert not run(path, letters()).is_written


def test_where_the_hidden_column_was_deleted_it_comes_back_hidden(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        rearrange(there, [str(c.value) for c in there[1] if c.value != MEMORY])
    assert codes(run(path, letters())) == ["register-column-back"]
    there = sheet(path)
    letter_ = get_column_letter(column(there, MEMORY))
    assert there.column_dimensions[letter_].hidden
    assert read(path).rows[ids(0, 0)].signer_id == f"{0:016x}"
    assert not run(path, letters()).is_written


def test_a_column_does_not_come_back_over_what_staff_keep_beside_the_table(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        rearrange(there, [str(c.value) for c in there[1] if c.value != "State"])
        there["O4"] = "our sums"
    updated = run(path, letters(created_on=DAY))
    assert codes(updated) == ["register-no-room"]
    assert updated.is_written
    assert sheet(path)["O4"].value == "our sums"
    assert "State" not in headings(path)
    assert not run(path, letters(created_on=DAY)).is_written


@pytest.mark.parametrize("stage", everyday(STAGES, of=range(3)))
@pytest.mark.parametrize("sheet_name", everyday(["Register", "By recipient"]))
def test_without_a_stages_heading_nothing_is_read(
    tmp_path: Path, stage: str, sheet_name: str
) -> None:
    """Renamed or deleted: nobody could tell any more which letters are on paper."""
    path = made(tmp_path)
    with excel(path, sheet_name) as there:
        there.cell(1, column(there, stage)).value = f"{stage} at"
    before = path.read_bytes()
    with pytest.raises(DataError) as error:
        read(path)
    what = f"There is no “{stage}” column, so it is not known which letters are printed."
    hint = f"Enter “{stage}” above its column, or restore an older copy of the register."
    assert str(error.value) == f"register.xlsx, {sheet_name}!1: {what} {hint}"
    assert path.read_bytes() == before


def test_a_deleted_sheet_of_people_is_back_and_told(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = table(path, "By signer")
    with excel(path) as there:
        assert there.parent
        del there.parent["By signer"]
    updated = run(path, letters())
    assert codes(updated) == ["register-sheet-back"]
    assert table(path, "By signer") == before
    assert sheet(path, "By signer").tables["BySigner"].ref == "A1:I4"
    assert not run(path, letters()).is_written


def test_without_its_first_sheet_the_register_is_left_alone(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        assert there.parent
        del there.parent["Register"]
    with pytest.raises(DataError) as error:
        read(path)
    assert [p.code for p in error.value.problems] == ["register-unknown"]


def test_totals_move_down_with_the_table(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        listed = there.tables["Letters"]
        there["A8"] = "Total"
        there["I8"] = "=SUBTOTAL(103,Letters[Printed])"
        listed.tableColumns[0].totalsRowLabel = "Total"
        listed.tableColumns[8].totalsRowFunction = "count"
        listed.ref, listed.totalsRowCount = "A1:O8", 1
    assert codes(read(path)) == []
    updated = run(path, [*letters(), letter(3, 0), letter(3, 1)])
    assert codes(updated) == []
    there = sheet(path)
    assert (there["A10"].value, there["I10"].value) == (
        *("Total",),
        "=SUBTOTAL(103,Letters[Printed])",
    )
    assert [there.cell(r, 1).value for r in (8, 9)] == [ids(3, 0), ids(3, 1)]
    assert there.tables["Letters"].ref == "A1:O10"
    assert there.tables["Letters"].autoFilter.ref == "A1:O9"


@pytest.mark.parametrize("merged", everyday([False, True]))
def test_new_rows_wait_where_something_stands_below_the_table(
    tmp_path: Path, *, merged: bool
) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        if merged:
            there.merge_cells("B9:C10")
        else:
            there["B9"] = "Signed by all? Ask Ana."
    updated = run(path, [*letters(state="edited"), letter(3, 0), letter(3, 1)])
    assert codes(updated) == ["register-no-room"]
    assert updated.problems[0].place.row == 9
    assert {row["State"] for row in table(path)[:6]} == {"edited"}
    assert sheet(path).tables["Letters"].ref == "A1:O7"
    assert run(path, [*letters(state="edited"), letter(3, 0)]).is_written
    assert sheet(path).tables["Letters"].ref == "A1:O8"


def test_empty_rows_of_the_table_are_used_first(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there.tables["Letters"].ref = "A1:O9"
    run(path, [*letters(), letter(3, 0)])
    there = sheet(path)
    assert there["A8"].value == ids(3, 0)
    assert there.tables["Letters"].ref == "A1:O9"


def test_cells_merged_by_staff_are_left(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there.tables.clear()
        there.merge_cells("B2:B3")
    assert run(path, letters(state="edited")).is_written
    assert not run(path, letters(state="edited")).is_written
    assert str(next(iter(sheet(path).merged_cells.ranges))) == "B2:B3"
