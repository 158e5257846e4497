"""Workbooks written and read in one line, and their problems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from merge.errors import DataError
from merge.people import Person
from merge.problems import Problem
from merge.workbook.reading import Workbook, read_workbook
from support.workbooks import Rows, campaign

SIGNERS = "xl/worksheets/sheet1.xml"


def read(folder: Path, **sheets: Rows) -> Workbook:
    return read_workbook(campaign(folder, **sheets))


def raised_problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(DataError) as caught:
        read_workbook(path)
    return caught.value.problems


def codes_and_places(problems: Sequence[Problem]) -> list[tuple[str, str, str]]:
    """Return code and place of each problem; a warning's code ends in `?`."""
    for problem in problems:
        assert problem.what.endswith("."), problem
        assert problem.hint.endswith((".", "?", "…")), problem
    mark = {"error": "", "warning": "?"}
    return [(p.code + mark[p.level], p.place.sheet, p.place.cell) for p in problems]


def signer(book: Workbook, number: int = 0) -> Person:
    return book.signers.persons[number]
