"""Random edits by staff in the register, run after run; none is lost."""

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
from support.registers import (
    add_columns,
    column,
    excel,
    letter,
    make_register,
    printed_ids,
    read,
    run,
    sort,
)

from merge.register.entries import NO_LONGER_NEEDED, RegisterEntry
from merge.register.layouts import STAGES

ROUNDS = 3
YELLOW = PatternFill("solid", fgColor="FFFF00")
STAFF_COLUMNS = (*STAGES, "Tracking number", "Notes", "Courier")

Chance = random.Random
Edit = Callable[[Worksheet, Chance], None]


def heading_row_number(worksheet: Worksheet) -> int:
    """Return the number of the heading row."""
    return int(worksheet.tables["Letters"].ref[1:].split(":")[0])


def random_row(worksheet: Worksheet, chance: Chance) -> int:
    """Return the number of a row of the table."""
    return chance.randrange(heading_row_number(worksheet) + 1, worksheet.max_row + 1)


def edit_cell(worksheet: Worksheet, chance: Chance) -> None:
    """Edit a cell in a column of staff."""
    headings = [
        str(c.value) for c in worksheet[heading_row_number(worksheet)] if c.value in STAFF_COLUMNS
    ]
    at = column(worksheet, chance.choice(headings), heading_row_number(worksheet))
    value = chance.choice([dt.datetime(2026, 12, 1), "=1+1", "lost", "é_x000D_", 3.5, None])  # noqa: DTZ001
    worksheet.cell(random_row(worksheet, chance), at).value = value


def colour_row(worksheet: Worksheet, chance: Chance) -> None:
    """Colour a row."""
    for cell in worksheet[random_row(worksheet, chance)]:
        cell.fill = YELLOW


def add_comment(worksheet: Worksheet, chance: Chance) -> None:
    """Add a comment to a cell."""
    cell = worksheet.cell(random_row(worksheet, chance), chance.randrange(2, 6))
    cell.comment = Comment(f"note {chance.random()}", "Ana", height=100, width=200)


def sort_rows(worksheet: Worksheet, chance: Chance) -> None:
    """Sort the rows of the table."""
    rows = list(worksheet.iter_rows(min_row=heading_row_number(worksheet) + 1))
    if heading_row_number(worksheet) == 1 and len(rows) > 1:
        sort(worksheet, chance.randrange(99))


def add_column_once(worksheet: Worksheet, _: Chance) -> None:
    """Add a column, once."""
    if heading_row_number(worksheet) == 1 and "Courier" not in {c.value for c in worksheet[1]}:
        add_columns(worksheet, "Courier")


def overwrite_program_cell(worksheet: Worksheet, chance: Chance) -> None:
    """Type a text into a program column."""
    worksheet.cell(random_row(worksheet, chance), chance.randrange(1, 8)).value = "typed"


EDITS: tuple[Edit, ...] = (
    edit_cell,
    edit_cell,
    edit_cell,
    colour_row,
    add_comment,
    sort_rows,
    add_column_once,
    overwrite_program_cell,
)


def staff_contents(path: Path) -> dict[str, Any]:
    """Return the values, colours and comments of each letter's row, by ID."""
    worksheet = load_workbook(path)["Register"]
    contents: dict[str, Any] = {}
    for row in worksheet.iter_rows(min_row=heading_row_number(worksheet) + 1):
        staff_cells = [
            c
            for c in row
            if worksheet.cell(heading_row_number(worksheet), int(c.column or 0)).value
            in STAFF_COLUMNS
        ]
        comments = [c.comment.text for c in row if c.comment]
        values = [c.value for c in staff_cells]
        contents[str(row[7].value)[2:18]] = values, [c.fill == YELLOW for c in row], comments
    return contents


def random_letters(chance: Chance) -> list[RegisterEntry]:
    """Return letters with random states, more and more of them."""
    states = ("unchanged", "edited", "printed", NO_LONGER_NEEDED)
    people = range(chance.randrange(3, 6))
    return [letter(s, r, state=chance.choice(states)) for s in people for r in range(3)]


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(8, 60))
def test_random_edits_of_staff_in_the_register_are_not_lost(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    known = {entry.id: entry for entry in random_letters(chance)}
    path = make_register(tmp_path, known.values())
    for _ in range(ROUNDS):
        with excel(path) as worksheet:
            for edit in chance.choices(EDITS, k=12):
                edit(worksheet, chance)
        contents_before, printed_before = staff_contents(path), printed_ids(path)
        known.update((entry.id, entry) for entry in random_letters(chance))
        run(path, known.values())
        contents_after = staff_contents(path)
        assert {id_: contents_after[id_] for id_ in contents_before} == contents_before
        assert set(contents_after) == set(known)
        assert printed_ids(path) == printed_before
        assert {id_: row.state for id_, row in read(path).rows.items()} == {
            id_: entry.state for id_, entry in known.items()
        }
        second_update = run(path, known.values())
        assert not second_update.is_written
        assert not second_update.reverted_edits
