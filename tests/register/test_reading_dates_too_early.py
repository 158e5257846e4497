"""Warnings about dates of piles earlier than their letters.

Such dates count for no letter.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from support.campaigns import make_with_letters, merge
from support.registers import (
    CREATED_ON,
    codes,
    excel,
    fill,
    letter,
    letters,
    make_register,
    printed_ids,
    read,
    run,
)

from merge.register.entries import NO_LONGER_NEEDED

EARLY = dt.date(2026, 11, 19)
ANA, BO, LI = f"{0:016x}", f"{1:016x}", f"{0:016x}"


def problem_texts(path: Path) -> list[str]:
    """Return the problems of a register, as they are shown."""
    return [str(problem) for problem in read(path).problems]


@pytest.mark.parametrize(
    ("name", "person", "heading", "cell"),
    [("By signer", ANA, "Printed", "E2"), ("By recipient", LI, "Posted", "G2")],
)
def test_a_pile_date_before_all_its_letters_is_reported(
    tmp_path: Path, name: str, person: str, heading: str, cell: str
) -> None:
    path = make_register(tmp_path)
    fill(path, person, heading, EARLY, name)
    beginning = (
        f"register.xlsx, {name}!{cell}: This date counts for no letter: those of this row were "
    )
    advice = "Enter 20 Nov 2026 or a later date, or enter the dates in the Register sheet."
    assert problem_texts(path) == [f"{beginning}created later, the last on 20 Nov 2026. {advice}"]
    assert [p.level for p in read(path).problems] == ["warning"]


def test_the_day_suggested_for_an_early_date_covers_the_complete_pile(tmp_path: Path) -> None:
    later = dt.date(2026, 12, 1)
    path = make_register(tmp_path, [letter(0, 0), letter(0, 1, created_on=later)])
    fill(path, ANA, "Printed", EARLY, "By signer")
    assert "the last on 1 Dec 2026" in problem_texts(path)[0]
    fill(path, ANA, "Printed", later, "By signer")
    assert problem_texts(path) == []
    assert all(letter(0, n).id in printed_ids(path) for n in range(2))


def test_a_pile_date_that_covers_one_letter_is_not_early(tmp_path: Path) -> None:
    path = make_register(tmp_path, [letter(0, 0), letter(0, 1, created_on=dt.date(2026, 12, 1))])
    fill(path, ANA, "Printed", CREATED_ON, "By signer")
    assert problem_texts(path) == []


@pytest.mark.parametrize("unknown", [None, "at her lawyer's"])
def test_a_text_or_an_unknown_creation_day_is_not_an_early_date(
    tmp_path: Path, unknown: str | None
) -> None:
    path = make_register(tmp_path, letters(created_on=None if unknown is None else CREATED_ON))
    fill(path, ANA, "Printed", unknown or EARLY, "By signer")
    assert "register-too-early" not in codes(read(path))


def test_letters_no_longer_wanted_do_not_make_a_date_early(tmp_path: Path) -> None:
    unwanted_letter = letter(0, 0, state=NO_LONGER_NEEDED, created_on=EARLY)
    path = make_register(
        tmp_path, [unwanted_letter, letter(0, 1), letter(1, 0, state=NO_LONGER_NEEDED)]
    )
    fill(path, ANA, "Printed", EARLY, "By signer")
    fill(path, BO, "Printed", EARLY, "By signer")
    assert [str(p.place) for p in read(path).problems] == ["register.xlsx, By signer!E2"]


def test_each_early_date_of_each_row_is_reported(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ANA, "Printed", EARLY, "By signer")
    fill(path, ANA, "Signed", CREATED_ON, "By signer")
    fill(path, ANA, "Posted", EARLY, "By signer")
    fill(path, BO, "Printed", CREATED_ON, "By signer")
    fill(path, BO, "Answered", EARLY, "By signer")
    cells = [str(p.place).split("!")[1] for p in read(path).problems]
    assert cells == ["E2", "G2", "H3"]


def test_many_early_dates_of_a_column_are_reported_once_with_one_day(
    tmp_path: Path,
) -> None:
    days = [CREATED_ON + dt.timedelta(days=n) for n in (0, 4, 1, 2, 3, 0)]
    path = make_register(tmp_path, [letter(n, 0, created_on=day) for n, day in enumerate(days)])
    with excel(path, "By signer") as worksheet:
        for row in range(3, 7):
            worksheet[f"E{row}"] = worksheet[f"F{row}"] = EARLY
        worksheet["E2"] = CREATED_ON
    assert codes(read(path)) == ["register-too-early"] * 8
    fill(path, f"{5:016x}", "Printed", EARLY, "By signer")
    assert [str(p.place).split("!")[1] for p in read(path).problems] == [
        *("E3", "F3", "F4", "F5", "F6"),
    ]
    assert problem_texts(path)[0] == (
        "register.xlsx, By signer!E3: The dates here and in 4 more rows of this column count for "
        "no letter: those of these rows were created later, the last on 24 Nov 2026. Enter 24 Nov "
        "2026 or a later date, or enter the dates in the Register sheet."
    )


def test_an_early_date_in_a_row_of_staff_is_found_by_the_name(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    with excel(path, "By signer") as worksheet:
        worksheet["B5"], worksheet["E5"] = "ana  RUIZ", EARLY
        worksheet["B6"], worksheet["E6"] = "Nobody Known", EARLY
        worksheet.tables["BySigner"].ref = "A1:I6"
    early = [p for p in read(path).problems if p.code == "register-too-early"]
    assert [str(p.place) for p in early] == ["register.xlsx, By signer!E5"]


def test_an_early_date_of_a_renamed_person_is_found_by_the_id(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    run(path, [letter(0, n, signer="Ana Ruíz", is_printed=True) for n in range(2)])
    fill(path, ANA, "Signed", EARLY, "By signer")
    assert codes(read(path)) == ["register-too-early"]


def test_letters_whose_people_are_unknown_make_no_date_early(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, letter(0, 0).id, "Kept by the program", None)
    with excel(path, "By signer") as worksheet:
        worksheet["B5"], worksheet["E5"] = "Nobody Known", EARLY
        worksheet.tables["BySigner"].ref = "A1:I5"
    assert codes(read(path)) == ["register-own-row"]


def test_a_date_in_the_letters_own_row_is_never_early(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, letter(0, 0).id, "Printed", EARLY)
    assert problem_texts(path) == []


def test_a_run_reports_a_pile_date_before_its_letters_as_early(tmp_path: Path) -> None:
    early = dt.datetime.now().astimezone().date() - dt.timedelta(days=2)
    folder = make_with_letters(tmp_path / "campaign")
    with excel(folder / "register.xlsx", "By signer") as worksheet:
        worksheet["E2"] = early
    ran = merge("letters", folder)
    assert ran.code == 0
    assert "register.xlsx, By signer!E2" in ran.err
    assert "This date counts for no letter" in ran.err
