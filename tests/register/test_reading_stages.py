"""Which letters are on paper: the staff's dates in rows and in piles."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from support.everyday import everyday
from support.registers import (
    DAY,
    MADE,
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
    table,
)

from merge.register.entries import RegisterEntry
from merge.register.layouts import STAGES

ANA, BO, LI = f"{0:016x}", f"{1:016x}", f"{0:016x}"

TOLD = (
    "register.xlsx, Register!I2: This is not a date, but it counts: the letter is treated as"
    " printed. Enter a date, or clear the cell."
)


def on_paper(path: Path, entries: list[RegisterEntry] | None = None) -> set[str]:
    """The ids of the letters that are on paper."""
    register = read(path)
    return {entry.id for entry in entries or letters() if register.is_printed(entry.id)}


@pytest.mark.parametrize("stage", everyday(STAGES, of=range(2)))
def test_a_date_in_any_stage_puts_a_letter_on_paper(tmp_path: Path, stage: str) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 1), stage, DAY)
    assert on_paper(path) == {ids(0, 1)}
    assert read(path).stages(ids(0, 1)) == {stage: DAY}
    assert not read(path).problems


def test_emptying_the_cells_frees_the_letter(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 1), "Printed", DAY)
    fill(path, ids(0, 1), "Printed", None)
    assert on_paper(path) == set()


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
        of=range(3),
    ),
)
def test_anything_else_counts_as_well_and_is_told(tmp_path: Path, typed: Any, shown: str) -> None:  # noqa: ANN401
    path = made(tmp_path)
    with excel(path) as there:
        there["I2"].number_format = "General"
        there["I2"] = typed
    register = read(path)
    assert register.stages(ids(0, 0)) == {"Printed": shown}
    assert register.is_printed(ids(0, 0))
    assert [str(p) for p in register.problems] == [TOLD]


def test_many_words_in_a_column_are_told_once(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        for row in (3, 4, 6, 7):
            there[f"I{row}"] = there[f"K{row}"] = "yes"
    cells = [f"register.xlsx, Register!{column}{row}" for column in "IK" for row in (3, 4, 6, 7)]
    assert [str(problem.place) for problem in read(path).problems] == cells
    fill(path, ids(1, 1), "Printed", "soon")
    assert [str(problem.place) for problem in read(path).problems] == [cells[0], *cells[4:]]
    assert str(read(path).problems[0]) == (
        "register.xlsx, Register!I3: This cell and 4 more in this column are not dates, but they"
        " count: the letters are treated as printed. Enter dates, or clear the cells."
    )


def test_many_words_are_told_once_in_each_sheet(tmp_path: Path) -> None:
    path = made(tmp_path, [letter(n, 0) for n in range(7)])
    for name, heading in (("Register", "I"), ("By signer", "E"), ("By signer", "F")):
        with excel(path, name) as there:
            for row in range(2, 9):
                there[f"{heading}{row}"] = "yes"
    assert [str(problem.place).split(", ")[1] for problem in read(path).problems] == [
        "Register!I2",
        "By signer!E2",
        "By signer!F2",
    ]


@pytest.mark.parametrize("blank", everyday([" ", "\u00a0", "\u200b", '=""'], of=range(3)))
def test_what_cannot_be_seen_is_nothing(tmp_path: Path, blank: str) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 0), "Printed", blank)
    assert on_paper(path) == (set() if blank[0] != "=" else {ids(0, 0)})


@pytest.mark.parametrize(
    ("value", "code"),
    everyday(
        [
            (dt.datetime(2026, 11, 25, 16, 30), "d.m.yyyy h:mm"),  # noqa: DTZ001
            (46351, "General"),
            (46351, "dddd"),
            (46351.75, "d mmm"),
        ],
        of=range(3),
    ),
)
def test_a_date_is_a_date_however_it_is_shown(tmp_path: Path, value: Any, code: str) -> None:  # noqa: ANN401
    path = made(tmp_path)
    with excel(path) as there:
        there["I2"] = value
        there["I2"].number_format = code
    assert read(path).stages(ids(0, 0)) == {"Printed": DAY}


def test_dates_of_an_old_mac_workbook_are_counted_from_1904(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        assert there.parent
        there.parent.epoch = CALENDAR_MAC_1904
        for row in range(2, 8):
            there.cell(row, 6, MADE)
        there["I2"] = DAY
        there["I3"] = 46351 - 1462
        there["I3"].number_format = "General"
    assert read(path).stages(ids(0, 0)) == {"Printed": DAY}
    assert read(path).stages(ids(0, 1)) == {"Printed": DAY}
    run(path, letters(created_on=DAY))
    assert read(path).rows[ids(0, 0)].created_on == DAY
    assert table(path)[0]["Made on"].date() == DAY


def test_the_dates_of_both_rows_count_where_a_row_is_there_twice(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path) as there:
        for number, cell in enumerate(there[2], 1):
            there.cell(8, number).value = cell.value
        there["I8"] = DAY
        there.tables["Letters"].ref = "A1:N8"
    assert read(path).stages(ids(0, 0)) == {"Printed": DAY}
    assert codes(read(path)) == ["register-twice"]


def test_a_date_at_a_person_counts_for_the_whole_pile(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ANA, "Signed", DAY, "By signer")
    fill(path, LI, "Posted", DAY, "By recipient")
    assert on_paper(path) == {ids(0, 0), ids(0, 1), ids(1, 0), ids(2, 0)}
    assert read(path).stages(ids(0, 0)) == {"Posted": DAY, "Signed": DAY}


def test_the_letters_own_cell_goes_before_the_piles(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ANA, "Signed", DAY, "By signer")
    fill(path, LI, "Signed", "by hand", "By recipient")
    fill(path, ids(0, 0), "Signed", MADE)
    assert read(path).stages(ids(0, 0)) == {"Signed": MADE}
    assert read(path).stages(ids(0, 1)) == {"Signed": DAY}
    assert read(path).stages(ids(1, 0)) == {"Signed": "by hand"}


@pytest.mark.parametrize(("day", "covered"), [(19, False), (20, True), (21, True)])
def test_a_pile_holds_what_was_made_until_its_date(
    tmp_path: Path, day: int, *, covered: bool
) -> None:
    path = made(tmp_path)
    fill(path, ANA, "Printed", dt.date(2026, 11, day), "By signer")
    assert read(path).is_printed(ids(0, 0)) is covered


def test_a_text_at_a_person_counts_for_every_letter_with_a_row(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ANA, "Printed", "at her lawyer's", "By signer")
    assert on_paper(path, [letter(0, n) for n in range(3)]) == {ids(0, 0), ids(0, 1)}
    assert codes(read(path)) == ["register-no-date"]


def test_a_corrected_name_changes_the_label_and_keeps_the_piles_dates(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ANA, "Signed", DAY, "By signer")
    corrected = [letter(0, r, signer="Ana Ruíz") for r in range(2)]
    run(path, [*corrected, *letters()[2:]])
    people = table(path, "By signer")
    assert [p["Signer"] for p in people] == ["Ana Ruíz", "Bo Berg", "Chen Wei"]
    assert people[0]["Signed"].date() == DAY
    assert table(path)[0]["Signer"] == "Ana Ruíz"
    assert on_paper(path) == {ids(0, 0), ids(0, 1)}


def test_on_paper_the_row_keeps_what_is_on_the_paper(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 0), "Printed", DAY)
    news = {"signer": "Ana Ruíz", "created_on": DAY, "file": "letters/new.docx", "batch": "02"}
    fixed = letter(0, 0, state="printed", recipient="Prime Minister Li", is_printed=True, **news)
    run(path, [fixed, letter(0, 1, signer="Ana Ruíz"), *letters()[2:]])
    row = read(path).rows[ids(0, 0)]
    assert (row.signer, row.recipient, row.created_on) == ("Ana Ruiz", "Minister Li", MADE)
    assert (row.state, row.file, row.batch) == ("printed", "letters/new.docx", "02")
    assert table(path, "By signer")[0]["Signer"] == "Ana Ruíz"


def test_dates_in_a_row_of_the_staffs_count_for_the_name_there(tmp_path: Path) -> None:
    path = made(tmp_path)
    with excel(path, "By signer") as there:
        there["B5"] = "Ana  Ruiz"
        there["B6"] = "Bo B."
        for row in (5, 6):
            there.cell(row, column(there, "Printed"), DAY)
        there.tables["BySigner"].ref = "A1:I6"
    register = read(path)
    assert codes(register) == ["register-own-row"] * 2
    assert on_paper(path) == {ids(0, 0), ids(0, 1)}


def test_where_the_hidden_column_is_gone_the_names_tell_the_piles(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ANA, "Signed", DAY, "By signer")
    with excel(path) as there:
        for row in range(2, 8):
            there.cell(row, column(there, "Kept by the program"), None).value = None
    assert on_paper(path) == {ids(0, 0), ids(0, 1)}
    assert run(path, letters()).is_written
    assert on_paper(path) == {ids(0, 0), ids(0, 1)}
    assert not run(path, letters()).is_written


@pytest.mark.parametrize("word", everyday(["no", "Non", "nein", "нет", "n/a", "-"], of=range(2)))
def test_a_cell_that_says_no_is_no_stage(tmp_path: Path, word: str) -> None:
    path = made(tmp_path)
    fill(path, ids(1, 1), "Signed", word)
    fill(path, ids(2, 1), "Signed", "by proxy")
    assert read(path).stages(ids(1, 1)) == {}
    assert read(path).stages(ids(2, 1)) == {"Signed": "by proxy"}
