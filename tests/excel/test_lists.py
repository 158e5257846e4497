"""Printed lists: row heights that fit the text, and right-aligned numbers."""

from __future__ import annotations

import pytest

from merge.excel.lists import finish_list, list_sheet, new_list_workbook, write_cell


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("Ana Ruiz", 1, 1),
        ("Ministry of Foreign Affairs", 1, 2),
        ("WWWWWWWWWW WWWWWWWWWW WWWWWWWWWW", 3, 6),  # wide letters
        ("СЛЕДСТВЕННЫЙ КОМИТЕТ РОССИЙСКОЙ ФЕДЕРАЦИИ", 2, 4),
        (
            "Bundesverfassungsgericht Bundesverwaltungsgericht",
            2,
            4,
        ),  # words that are not hyphenated
        ("a\nb\n\nc", 4, 4),
    ],
)
def test_a_list_row_is_as_high_as_its_lines_of_text(text: str, least: int, most: int) -> None:
    sheet = list_sheet(
        new_list_workbook(), "People", {"Name": 26, "Letters": 9}, numbers={"Letters"}
    )
    write_cell(sheet, 2, 1, text)
    write_cell(sheet, 2, 2, 7)
    finish_list(sheet)
    assert 13.5 * least <= (sheet.row_dimensions[2].height or 0) - 2 <= 13.5 * most
    assert sheet["B2"].alignment.horizontal == sheet["B1"].alignment.horizontal == "right"


def test_the_heading_row_of_a_list_is_as_high_as_its_headings() -> None:
    headings = {"Name": 40, "posted, not answered": 14}
    sheet = list_sheet(new_list_workbook(), "Outstanding", headings)
    assert (sheet.row_dimensions[1].height or 0) > 27
