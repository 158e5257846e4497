"""Merged cells in staff columns: a value counts for all rows of the range."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import letters as files
from support.campaigns import make, make_with_letters, merge
from support.everyday import everyday
from support.registers import (
    DAY,
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
)
from support.workbooks import edited

from merge.register.layouts import STAGES

BO, LI = f"{1:016x}", f"{0:016x}"
SIX = [entry.id for entry in letters()]


def merge_cells(path: Path, area: str, value: object, name: str = "Register") -> None:
    """Merge cells as staff do, and write a value into them."""
    with excel(path, name) as worksheet:
        worksheet[area.split(":", maxsplit=1)[0]].value = value
        worksheet.merge_cells(area)


def test_a_date_in_merged_cells_counts_for_each_of_their_rows(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    merge_cells(path, "I2:I6", DAY)
    register = read(path)
    assert [marked_stages(path)[i] for i in SIX] == [*[{"Printed": DAY}] * 5, {}]
    assert not register.problems


def test_a_date_merged_over_several_columns_counts_for_each_stage(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    merge_cells(path, "J3:L4", DAY)
    later = dict.fromkeys(STAGES[1:], DAY)
    assert [marked_stages(path)[i] for i in SIX] == [{}, later, later, {}, {}, {}]


@pytest.mark.parametrize(
    ("name", "area", "covered"),
    [
        ("By signer", "E2:E3", SIX[:4]),
        ("By recipient", "E2:E3", SIX),
        ("By signer", "E3:F3", SIX[2:4]),
    ],
)
def test_a_date_in_merged_cells_counts_for_each_of_their_piles(
    tmp_path: Path, name: str, area: str, covered: list[str]
) -> None:
    path = make_register(tmp_path)
    merge_cells(path, area, DAY, name)
    assert [i for i in SIX if i in printed_ids(path)] == covered
    assert {day for i in covered for day in marked_stages(path)[i].values()} == {DAY}


def test_merged_cells_count_in_a_register_of_plain_cells(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        del worksheet.tables["Letters"]
    merge_cells(path, "I2:I7", DAY)
    assert all(i in printed_ids(path) for i in SIX)


def test_a_text_in_merged_cells_counts_for_each_row_and_is_reported(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    merge_cells(path, "I2:I4", "done")
    register = read(path)
    assert [marked_stages(path)[i] for i in SIX[:4]] == [*[{"Printed": "done"}] * 3, {}]
    assert codes(register) == ["register-no-date"] * 3


def test_a_text_merged_over_many_rows_is_reported_once(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    merge_cells(path, "I2:J6", "done")
    assert [(p.code, p.place.cell) for p in read(path).problems] == [
        ("register-no-date", "I2"),
        ("register-no-date", "J2"),
    ]


@pytest.mark.parametrize("nothing", everyday([None, " ", "\u200b"]))
def test_blank_merged_cells_leave_each_row_its_own_date(
    tmp_path: Path, nothing: str | None
) -> None:
    path = make_register(tmp_path)
    fill(path, SIX[5], "Printed", DAY)
    merge_cells(path, "I2:I4", nothing)
    merge_cells(path, "J4:J6", DAY)
    assert [[*marked_stages(path)[i]] for i in SIX] == [[], [], *[["Signed"]] * 3, ["Printed"]]


@pytest.mark.parametrize(
    ("first", "hidden_value", "visible_value"),
    everyday([(DAY, "lost", DAY), (None, DAY, None), (" ", DAY, None)]),
)
def test_a_date_hidden_under_blank_merged_cells_counts(
    tmp_path: Path, first: object, hidden_value: object, visible_value: object
) -> None:
    """LibreOffice can keep the contents of cells that are merged into another."""
    path = make_register(tmp_path)
    fill(path, SIX[0], "Printed", first)
    fill(path, SIX[1], "Printed", hidden_value)
    area = '</sheetData><mergeCells count="1"><mergeCell ref="I2:I4"/></mergeCells>'
    edited(path, "xl/worksheets/sheet1.xml", ("</sheetData>", area))
    printed_values = [marked_stages(path)[i].get("Printed") for i in SIX[:4]]
    assert printed_values == [visible_value, visible_value or hidden_value, visible_value, None]


def test_merged_headings_mark_no_letter_as_printed(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet.merge_cells("I1:I3")
    assert not any(i in printed_ids(path) for i in SIX)


def test_a_run_keeps_merged_cells_and_adds_new_letters_below_them(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    merge_cells(path, "I2:I7", DAY)
    assert run(path, [*letters(state="printed"), letter(3, 0)]).is_written
    assert [str(area) for area in sheet(path).merged_cells.ranges] == ["I2:I7"]
    assert all(i in printed_ids(path) for i in SIX)
    assert ids(3, 0) not in printed_ids(path)


MOVE = "Move the cells of this row to another sheet and try again."
UNMERGE = "Unmerge them and try again."
WRITE = "Unmerge them, enter their value in each row that it applies to, and try again."


@pytest.mark.parametrize(
    ("area", "value", "count", "place", "what", "hint"),
    everyday(
        [
            ("I2:I100", DAY, 2, "I2", "2 new rows: the cells I2 to I100 are merged.", WRITE),
            ("B7:C8", None, 1, "B7", "1 new row: the cells B7 to C8 are merged.", WRITE),
            ("B9:C10", None, 2, "B9", "2 new rows: the cells B9 to C10 are merged.", UNMERGE),
            ("B9:C10", "Signed by all?", 2, "9", "2 new rows.", MOVE),
        ]
    ),
)
def test_merged_cells_in_the_way_of_new_letters_are_reported(
    tmp_path: Path, area: str, *, value: object, count: int, place: str, what: str, hint: str
) -> None:
    path = make_register(tmp_path)
    merge_cells(path, area, value)
    updated = run(path, [*letters(), *(letter(3, n) for n in range(count))])
    text = f"{place}: There is no room below the table for {what} {hint}"
    assert [str(problem) for problem in updated.problems] == [f"register.xlsx, Register!{text}"]
    with excel(path) as worksheet:
        worksheet.unmerge_cells(area)
        worksheet["B9"] = None
    assert codes(run(path, [*letters(), letter(3, 0)])) == []
    assert read(path).rows[ids(3, 0)].number == 8


def test_the_first_of_several_merged_cells_in_the_way_is_reported(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    for area in ("I5:I100", "J2:J100", "K9:K100"):
        merge_cells(path, area, None)
    updated = run(path, [*letters(), letter(3, 0)])
    assert [str(problem.place) for problem in updated.problems] == ["register.xlsx, Register!J2"]


def test_merged_cells_beside_the_table_are_not_in_the_way_of_new_letters(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    merge_cells(path, "O2:O100", "our notes")
    assert codes(run(path, [*letters(), letter(3, 0)])) == []


def test_letters_under_one_merged_date_are_not_overwritten(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    merge_cells(folder / "register.xlsx", "I2:I5", DAY)
    old_bytes = {name: path.read_bytes() for name, path in files(folder).items()}
    assert len(old_bytes) == 4
    make(folder, "{{ recipient.name }}\nOther words\n{{ signer.name }}")
    result = merge("letters", folder, "--json").json
    assert (result["kept"], result["written"]) == (4, 0)
    assert {name: path.read_bytes() for name, path in files(folder).items()} == old_bytes
