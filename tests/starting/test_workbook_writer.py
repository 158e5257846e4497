"""The workbook that is written from letters, as the product reads it."""

from __future__ import annotations

import io

import openpyxl
from support.start_letters import start, to_li, to_rey

from merge.starting.questions import StartAnswers


def test_a_heading_that_looks_like_a_formula_stays_text() -> None:
    heading = '=HYPERLINK("http://example.org","x")'
    answers = StartAnswers().rename("recipient.city", heading)
    found = start(to_li(), to_rey(), answers=answers)
    sheet = openpyxl.load_workbook(io.BytesIO(found.workbook("A")))["Recipients"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert heading in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} == {"s"}
