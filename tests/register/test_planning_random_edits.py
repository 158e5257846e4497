"""Staff do this and that in the register, run after run: nothing of theirs is ever lost."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet
from support.everyday import seeds
from support.registers import add_columns, column, excel, letter, made, read, run, sort

from merge.register.entries import NO_LONGER_WANTED, RegisterEntry
from merge.register.layouts import STAGES

ROUNDS = 3
YELLOW = PatternFill("solid", fgColor="FFFF00")
STAFFS = (*STAGES, "Tracking number", "Notes", "Courier")

Luck = random.Random
Act = Callable[[Worksheet, Luck], None]


def top(there: Worksheet) -> int:
    """The row of the headings."""
    return int(there.tables["Letters"].ref[1:].split(":")[0])


def some_row(there: Worksheet, luck: Luck) -> int:
    """A row of the table."""
    return luck.randrange(top(there) + 1, there.max_row + 1)


def write(there: Worksheet, luck: Luck) -> None:
    """Fill in a cell of the staff's."""
    headings = [str(c.value) for c in there[top(there)] if c.value in STAFFS]
    at = column(there, luck.choice(headings), top(there))
    value = luck.choice([dt.datetime(2026, 12, 1), "=1+1", "lost", "é_x000D_", 3.5, None])  # noqa: DTZ001
    there.cell(some_row(there, luck), at).value = value


def colour(there: Worksheet, luck: Luck) -> None:
    """Colour a row."""
    for cell in there[some_row(there, luck)]:
        cell.fill = YELLOW


def note(there: Worksheet, luck: Luck) -> None:
    """Comment on a cell."""
    cell = there.cell(some_row(there, luck), luck.randrange(2, 6))
    cell.comment = Comment(f"note {luck.random()}", "Ana", height=100, width=200)


def mix(there: Worksheet, luck: Luck) -> None:
    """Sort the rows of the table."""
    rows = list(there.iter_rows(min_row=top(there) + 1))
    if top(there) == 1 and len(rows) > 1:
        sort(there, luck.randrange(99))


def widen(there: Worksheet, _: Luck) -> None:
    """Add a column, once."""
    if top(there) == 1 and "Courier" not in {c.value for c in there[1]}:
        add_columns(there, "Courier")


def type_over(there: Worksheet, luck: Luck) -> None:
    """Type something into a column of the program's."""
    there.cell(some_row(there, luck), luck.randrange(1, 8)).value = "typed"


ACTS: tuple[Act, ...] = (write, write, write, colour, note, mix, widen, type_over)


def looks(path: Path) -> dict[str, Any]:
    """What staff made of each letter: values, colours and comments of its row, by its id."""
    there = load_workbook(path)["Register"]
    found: dict[str, Any] = {}
    for row in there.iter_rows(min_row=top(there) + 1):
        own = [c for c in row if there.cell(top(there), int(c.column or 0)).value in STAFFS]
        comments = [c.comment.text for c in row if c.comment]
        values = [c.value for c in own]
        found[str(row[7].value)[2:18]] = values, [c.fill == YELLOW for c in row], comments
    return found


def some_letters(luck: Luck) -> list[RegisterEntry]:
    """Letters in some state, more and more of them."""
    states = ("unchanged", "edited", "printed", NO_LONGER_WANTED)
    people = range(luck.randrange(3, 6))
    return [letter(s, r, state=luck.choice(states)) for s in people for r in range(3)]


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(8, 60))
def test_nothing_of_the_staffs_is_lost(tmp_path: Path, seed: int) -> None:
    luck = random.Random(seed)  # noqa: S311
    known = {entry.id: entry for entry in some_letters(luck)}
    path = made(tmp_path, known.values())
    for _ in range(ROUNDS):
        with excel(path) as there:
            for act in luck.choices(ACTS, k=12):
                act(there, luck)
        before, papers = looks(path), {i for i in known if read(path).is_printed(i)}
        known.update((entry.id, entry) for entry in some_letters(luck))
        run(path, known.values())
        after = looks(path)
        assert {id_: after[id_] for id_ in before} == before
        assert set(after) == set(known)
        register = read(path)
        assert {id_ for id_ in known if register.is_printed(id_)} == papers
        assert {id_: row.state for id_, row in register.rows.items()} == {
            id_: entry.state for id_, entry in known.items()
        }
        again = run(path, known.values())
        assert not again.is_written
        assert not again.reverted_edits
