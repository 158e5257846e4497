"""Cells of a row copied over those of another, without the hidden one: the row is there twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.everyday import everyday
from support.registers import (
    MEMORY,
    codes,
    column,
    dated,
    excel,
    letters,
    on_paper,
    read,
    run,
    shift,
    table,
)

SIX = [entry.id for entry in letters()]


def copied(path: Path, source: int, target: int) -> None:
    """Staff copy the cells that they see of one row over those of another."""
    with excel(path) as there:
        hidden = column(there, MEMORY)
        for cell in there[source]:
            if cell.column != hidden:
                there.cell(target, int(cell.column or 0)).value = cell.value


@pytest.mark.parametrize(("source", "target", "told"), everyday([(2, 5, 5), (5, 2, 5)]))
def test_a_row_copied_over_another_is_there_twice_and_the_other_comes_back(
    tmp_path: Path, source: int, target: int, told: int
) -> None:
    path = dated(tmp_path)
    letter_, other = SIX[source - 2], SIX[target - 2]
    stages = read(path).stages(letter_)
    copied(path, source, target)
    register = read(path)
    assert register.stages(letter_) == stages
    assert not register.is_printed(other)
    assert [(p.code, p.place.row) for p in register.problems] == [("register-twice", told)]
    updated = run(path, letters())
    assert not updated.reverted_edits
    back = table(path)[-1]
    assert (back["ID"], back.get("Posted"), len(table(path))) == (other, None, 7)
    assert codes(read(path)) == ["register-twice"]
    assert not run(path, letters()).is_written
    with excel(path) as there:
        there.delete_rows(source)
    register = read(path)
    assert register.stages(letter_) == stages
    assert not register.problems


@pytest.mark.parametrize(
    ("source", "target", "name"),
    everyday([(2, 5, "Bo Berg to Consul Roy"), (5, 2, "Ana Ruiz to Minister Li")]),
)
def test_it_is_told_once_over_whose_row_another_was_copied(
    tmp_path: Path, source: int, target: int, name: str
) -> None:
    path = dated(tmp_path)
    copied(path, source, target)
    known = "register.xlsx, Register!5: Row 2 already has this ID. This row is not updated."
    lost = f"One of them replaced the row of {name}, which is added again without dates."
    again = f"Delete one of them, and enter the dates of {name} again."
    assert [str(p) for p in read(path).problems] == [f"{known} {lost} {again}"]
    run(path, letters())
    assert [str(p) for p in read(path).problems] == [f"{known} Delete one of them."]


def test_a_person_copied_over_another_is_told_by_the_name(tmp_path: Path) -> None:
    path = dated(tmp_path)
    with excel(path, "By signer") as there:
        there["A3"], there["B3"] = there["A2"].value, there["B2"].value
    (problem,) = read(path).problems
    assert str(problem.place) == "register.xlsx, By signer!3"
    assert problem.hint == "Delete one of them, and enter the dates of Bo Berg again."


def test_a_row_copied_as_a_whole_and_then_moved_without_it_is_there_twice(tmp_path: Path) -> None:
    path = dated(tmp_path)
    with excel(path) as there:
        for cell in there[2]:
            there.cell(8, int(cell.column or 0)).value = cell.value
        there.tables["Letters"].ref = "A1:N8"
    run(path, letters(state="edited"))
    shift(path, [1, 0])
    assert on_paper(path) == {*SIX} - {SIX[1]}
    told = "register.xlsx, Register!8: Row 3 already has this ID. This row is not updated."
    assert [str(p) for p in read(path).problems] == [f"{told} Delete one of them."]
    assert {row.state for row in read(path).rows.values()} == {"edited"}
    assert not run(path, letters(state="edited")).reverted_edits
    assert len(table(path)) == 7
