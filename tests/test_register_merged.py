"""Merged cells in the staff's columns: what stands in an area counts for all of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from folder import letters as files
from folder import make, merge
from registers import codes, excel, fill, ids, letter, letters, made, read, run, sheet
from xlsx import edited

from merge.register import STAGES

DAY = dt.date(2026, 11, 25)
BO, LI = f"{1:016x}", f"{0:016x}"
SIX = [entry.id for entry in letters()]


def join(path: Path, area: str, value: object, name: str = "Register") -> None:
    """Staff merge cells and write something into them."""
    with excel(path, name) as there:
        there[area.split(":", maxsplit=1)[0]].value = value
        there.merge_cells(area)


def test_a_date_in_merged_cells_counts_for_every_row_of_them(tmp_path: Path) -> None:
    path = made(tmp_path)
    join(path, "I2:I6", DAY)
    register = read(path)
    assert [register.stages(i) for i in SIX] == [*[{"Printed": DAY}] * 5, {}]
    assert not register.problems


def test_cells_merged_over_several_columns_count_for_each(tmp_path: Path) -> None:
    path = made(tmp_path)
    join(path, "J3:L4", DAY)
    register = read(path)
    later = dict.fromkeys(STAGES[1:], DAY)
    assert [register.stages(i) for i in SIX] == [{}, later, later, {}, {}, {}]


@pytest.mark.parametrize(
    ("name", "area", "covered"),
    [
        ("By signer", "E2:E3", SIX[:4]),
        ("By recipient", "E2:E3", SIX),
        ("By signer", "E3:F3", SIX[2:4]),
    ],
)
def test_a_date_in_merged_cells_counts_for_every_pile_of_them(
    tmp_path: Path, name: str, area: str, covered: list[str]
) -> None:
    path = made(tmp_path)
    join(path, area, DAY, name)
    register = read(path)
    assert [i for i in SIX if register.on_paper(i)] == covered
    assert {day for i in covered for day in register.stages(i).values()} == {DAY}


def test_merged_cells_of_plain_cells_count_too(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        del there.tables["Letters"]
    join(path, "I2:I7", DAY)
    assert all(read(path).on_paper(i) for i in SIX)


def test_a_text_in_merged_cells_counts_for_every_row_and_is_told(tmp_path: Path) -> None:
    path = made(tmp_path)
    join(path, "I2:I4", "done")
    register = read(path)
    assert [register.stages(i) for i in SIX[:4]] == [*[{"Printed": "done"}] * 3, {}]
    assert codes(register) == ["register-no-date"] * 3


@pytest.mark.parametrize("nothing", [None, " ", "\u200b"])
def test_merged_cells_with_nothing_in_them_leave_each_row_its_own(
    tmp_path: Path, nothing: str | None
) -> None:
    path = made(tmp_path)
    fill(path, SIX[5], "Printed", DAY)
    join(path, "I2:I4", nothing)
    join(path, "J4:J6", DAY)
    register = read(path)
    assert [[*register.stages(i)] for i in SIX] == [[], [], *[["Signed"]] * 3, ["Printed"]]


@pytest.mark.parametrize(
    ("first", "hidden", "shown"), [(DAY, "lost", DAY), (None, DAY, None), (" ", DAY, None)]
)
def test_what_lies_hidden_under_merged_cells_counts_where_they_show_nothing(
    tmp_path: Path, first: object, hidden: object, shown: object
) -> None:
    """LibreOffice keeps the contents of cells that are merged into another, if it is told to."""
    path = made(tmp_path)
    fill(path, SIX[0], "Printed", first)
    fill(path, SIX[1], "Printed", hidden)
    area = '</sheetData><mergeCells count="1"><mergeCell ref="I2:I4"/></mergeCells>'
    edited(path, "xl/worksheets/sheet1.xml", ("</sheetData>", area))
    register = read(path)
    found = [register.stages(i).get("Printed") for i in SIX[:4]]
    assert found == [shown, shown or hidden, shown, None]


def test_merged_headings_put_nothing_on_paper(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        there.merge_cells("I1:I3")
    assert not any(read(path).on_paper(i) for i in SIX)


def test_a_run_keeps_the_merged_cells_and_a_new_letter_stays_outside(tmp_path: Path) -> None:
    path = made(tmp_path)
    join(path, "I2:I7", DAY)
    assert run(path, [*letters(state="on paper"), letter(3, 0)]).written
    assert [str(area) for area in sheet(path).merged_cells.ranges] == ["I2:I7"]
    register = read(path)
    assert all(register.on_paper(i) for i in SIX)
    assert not register.on_paper(ids(3, 0))


def test_letters_under_one_merged_date_are_all_left_alone(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign")
    assert merge("letters", folder).code == 0
    join(folder / "register.xlsx", "I2:I5", DAY)
    before = {name: path.read_bytes() for name, path in files(folder).items()}
    assert len(before) == 4
    make(folder, "{{ recipient.name }}\nOther words\n{{ signer.name }}")
    ran = merge("letters", folder, "--json").json
    assert (ran["kept"], ran["written"]) == (4, 0)
    assert {name: path.read_bytes() for name, path in files(folder).items()} == before
