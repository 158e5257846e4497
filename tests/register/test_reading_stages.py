"""Stages of letters: the dates that staff enter for letters and piles."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from support.everyday import everyday
from support.registers import (
    CREATED_ON,
    DAY,
    codes,
    column,
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
    table,
)

from merge.register.layouts import STAGES

ANA, BO, LI = f"{0:016x}", f"{1:016x}", f"{0:016x}"

NOT_A_DATE = (
    "register.xlsx, Register!I2: This is not a date, but it counts: the letter is treated as"
    " printed. Enter a date, or clear the cell."
)


@pytest.mark.parametrize("stage", everyday(STAGES, daily=range(2)))
def test_a_date_in_any_stage_makes_a_letter_printed(tmp_path: Path, stage: str) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 1), stage, DAY)
    assert printed_ids(path) == {ids(0, 1)}
    assert marked_stages(path)[ids(0, 1)] == {stage: DAY}
    assert not read(path).problems


def test_emptying_the_stage_cells_releases_the_letter(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 1), "Printed", DAY)
    fill(path, ids(0, 1), "Printed", None)
    assert printed_ids(path) == set()


@pytest.mark.parametrize(
    ("typed", "shown"),
    everyday(
        [
            ("lost", "lost"),
            ("25.11.2026", "25.11.2026"),
            ("?", "?"),
            (7, "7"),
            (True, "TRUE"),
            ("#N/A", "#N/A"),
            ("=1/0", "a formula"),
        ],
        daily=range(3),
    ),
)
def test_any_other_value_in_a_stage_counts_and_is_reported(
    tmp_path: Path,
    typed: Any,  # noqa: ANN401
    shown: str,
) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet["I2"].number_format = "General"
        worksheet["I2"] = typed
    register = read(path)
    assert marked_stages(path)[ids(0, 0)] == {"Printed": shown}
    assert ids(0, 0) in printed_ids(path)
    assert [str(p) for p in register.problems] == [NOT_A_DATE]


def test_many_texts_in_a_stage_column_are_reported_once(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        for row in (3, 4, 6, 7):
            worksheet[f"I{row}"] = worksheet[f"K{row}"] = "yes"
    cells = [f"register.xlsx, Register!{column}{row}" for column in "IK" for row in (3, 4, 6, 7)]
    assert [str(problem.place) for problem in read(path).problems] == cells
    fill(path, ids(1, 1), "Printed", "soon")
    assert [str(problem.place) for problem in read(path).problems] == [cells[0], *cells[4:]]
    assert str(read(path).problems[0]) == (
        "register.xlsx, Register!I3: This cell and 4 more in this column are not dates, but they"
        " count: the letters are treated as printed. Enter dates, or clear the cells."
    )


def test_many_texts_in_stages_are_reported_once_per_sheet(tmp_path: Path) -> None:
    path = make_register(tmp_path, [letter(n, 0) for n in range(7)])
    for name, heading in (("Register", "I"), ("By signer", "E"), ("By signer", "F")):
        with excel(path, name) as worksheet:
            for row in range(2, 9):
                worksheet[f"{heading}{row}"] = "yes"
    assert [str(problem.place).split(", ")[1] for problem in read(path).problems] == [
        "Register!I2",
        "By signer!E2",
        "By signer!F2",
    ]


@pytest.mark.parametrize("blank", everyday([" ", "\u00a0", "\u200b", '=""'], daily=range(3)))
def test_invisible_characters_in_a_stage_do_not_count(tmp_path: Path, blank: str) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Printed", blank)
    assert printed_ids(path) == (set() if blank[0] != "=" else {ids(0, 0)})


@pytest.mark.parametrize(
    ("value", "code"),
    everyday(
        [
            (dt.datetime(2026, 11, 25, 16, 30), "d.m.yyyy h:mm"),  # noqa: DTZ001
            (46351, "General"),
            (46351, "dddd"),
            (46351.75, "d mmm"),
        ],
        daily=range(3),
    ),
)
def test_a_stages_date_counts_in_any_number_format(tmp_path: Path, value: Any, code: str) -> None:  # noqa: ANN401
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        worksheet["I2"] = value
        worksheet["I2"].number_format = code
    assert marked_stages(path)[ids(0, 0)] == {"Printed": DAY}


def test_dates_of_an_old_mac_workbook_are_counted_from_1904(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        assert worksheet.parent
        worksheet.parent.epoch = CALENDAR_MAC_1904
        for row in range(2, 8):
            worksheet.cell(row, 6, CREATED_ON)
        worksheet["I2"] = DAY
        worksheet["I3"] = 46351 - 1462
        worksheet["I3"].number_format = "General"
    assert marked_stages(path)[ids(0, 0)] == {"Printed": DAY}
    assert marked_stages(path)[ids(0, 1)] == {"Printed": DAY}
    run(path, letters(created_on=DAY))
    assert read(path).rows[ids(0, 0)].created_on == DAY
    assert table(path)[0]["Created on"].date() == DAY


def test_the_dates_of_two_rows_with_one_id_both_count(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path) as worksheet:
        for number, cell in enumerate(worksheet[2], 1):
            worksheet.cell(8, number).value = cell.value
        worksheet["I8"] = DAY
        worksheet.tables["Letters"].ref = "A1:N8"
    assert marked_stages(path)[ids(0, 0)] == {"Printed": DAY}
    assert codes(read(path)) == ["register-twice"]


def test_a_date_in_a_persons_row_counts_for_the_complete_pile(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ANA, "Signed", DAY, "By signer")
    fill(path, LI, "Posted", DAY, "By recipient")
    assert printed_ids(path) == {ids(0, 0), ids(0, 1), ids(1, 0), ids(2, 0)}
    assert marked_stages(path)[ids(0, 0)] == {"Posted": DAY, "Signed": DAY}


def test_a_letters_own_stage_takes_precedence_over_its_piles(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ANA, "Signed", DAY, "By signer")
    fill(path, LI, "Signed", "by hand", "By recipient")
    fill(path, ids(0, 0), "Signed", CREATED_ON)
    assert marked_stages(path)[ids(0, 0)] == {"Signed": CREATED_ON}
    assert marked_stages(path)[ids(0, 1)] == {"Signed": DAY}
    assert marked_stages(path)[ids(1, 0)] == {"Signed": "by hand"}


@pytest.mark.parametrize(("day", "covered"), [(19, False), (20, True), (21, True)])
def test_a_pile_date_counts_for_letters_created_until_then(
    tmp_path: Path, day: int, *, covered: bool
) -> None:
    path = make_register(tmp_path)
    fill(path, ANA, "Printed", dt.date(2026, 11, day), "By signer")
    assert (ids(0, 0) in printed_ids(path)) is covered


def test_a_text_in_a_persons_row_counts_for_every_letter_with_a_row(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ANA, "Printed", "at her lawyer's", "By signer")
    assert printed_ids(path) == {ids(0, 0), ids(0, 1)}
    assert codes(read(path)) == ["register-no-date"]


def test_a_corrected_name_keeps_the_dates_of_its_pile(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ANA, "Signed", DAY, "By signer")
    corrected = [letter(0, r, signer="Ana Ruíz") for r in range(2)]
    run(path, [*corrected, *letters()[2:]])
    people = table(path, "By signer")
    assert [p["Signer"] for p in people] == ["Ana Ruíz", "Bo Berg", "Chen Wei"]
    assert people[0]["Signed"].date() == DAY
    assert table(path)[0]["Signer"] == "Ana Ruíz"
    assert printed_ids(path) == {ids(0, 0), ids(0, 1)}


def test_a_printed_letters_row_keeps_the_printed_names_and_date(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Printed", DAY)
    changes = {"signer": "Ana Ruíz", "created_on": DAY, "file": "letters/new.docx", "batch": "02"}
    printed_letter = letter(
        0, 0, state="printed", recipient="Prime Minister Li", is_printed=True, **changes
    )
    run(path, [printed_letter, letter(0, 1, signer="Ana Ruíz"), *letters()[2:]])
    row = read(path).rows[ids(0, 0)]
    assert (row.signer, row.recipient, row.created_on) == ("Ana Ruiz", "Minister Li", CREATED_ON)
    assert (row.state, row.file, row.batch) == ("printed", "letters/new.docx", "02")
    assert table(path, "By signer")[0]["Signer"] == "Ana Ruíz"


def test_dates_in_a_row_added_by_staff_count_for_its_name(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path, "By signer") as worksheet:
        worksheet["B5"] = "Ana  Ruiz"
        worksheet["B6"] = "Bo B."
        for row in (5, 6):
            worksheet.cell(row, column(worksheet, "Printed"), DAY)
        worksheet.tables["BySigner"].ref = "A1:I6"
    register = read(path)
    assert codes(register) == ["register-own-row"] * 2
    assert printed_ids(path) == {ids(0, 0), ids(0, 1)}


def test_piles_are_known_by_names_if_the_hidden_column_is_empty(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ANA, "Signed", DAY, "By signer")
    with excel(path) as worksheet:
        for row in range(2, 8):
            worksheet.cell(row, column(worksheet, "Kept by the program"), None).value = None
    assert printed_ids(path) == {ids(0, 0), ids(0, 1)}
    assert run(path, letters()).is_written
    assert printed_ids(path) == {ids(0, 0), ids(0, 1)}
    assert not run(path, letters()).is_written


@pytest.mark.parametrize("word", everyday(["no", "Non", "nein", "нет", "n/a", "-"], daily=range(2)))
def test_a_stage_cell_that_says_no_does_not_count(tmp_path: Path, word: str) -> None:
    path = make_register(tmp_path)
    fill(path, ids(1, 1), "Signed", word)
    fill(path, ids(2, 1), "Signed", "by proxy")
    assert marked_stages(path)[ids(1, 1)] == {}
    assert marked_stages(path)[ids(2, 1)] == {"Signed": "by proxy"}
