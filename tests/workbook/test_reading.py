"""Reading of the complete workbook: problems with their cells, in order."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from openpyxl import load_workbook
from support.read_workbooks import SIGNERS, codes_and_places, raised_problems, read
from support.workbooks import Formatted, campaign, edited, xlsx

from merge.workbook.reading import read_workbook


class TestShape:
    """Sheets, headings, merged cells."""

    def test_all_missing_sheets_are_reported_at_once(self, tmp_path: Path) -> None:
        problems = raised_problems(xlsx(tmp_path, Signer=[["Name"], ["Ana"]], Pears=[["x"]]))
        assert codes_and_places(problems) == [("sheet-missing", "", ""), ("sheet-missing", "", "")]
        assert str(problems[0]) == (
            "signers.xlsx: The workbook has no “Signers” sheet. Sheets found: “Signer”, “Pears”."
            " Rename “Signer” to “Signers”."
        )
        assert problems[1].hint == (
            "Rename the sheet that lists the recipients to “Recipients”, or add one."
        )

    def test_errors_of_both_sheets_of_people_are_reported_at_once(self, tmp_path: Path) -> None:
        path = campaign(
            tmp_path, Signers=[["Names"], ["Ana"]], Recipients=[["Name", "City"], [None, "Rome"]]
        )
        problems = raised_problems(path)
        assert codes_and_places(problems) == [
            ("heading-missing", "Signers", "1"),
            ("name-missing", "Recipients", "A2"),
        ]
        assert problems[0].what.endswith("Headings found: “Names”.")
        assert problems[0].hint.startswith("Did you mean “Names”? Rename ")

    def test_parts_of_a_name_without_the_complete_name_are_an_error_that_names_them(
        self, tmp_path: Path
    ) -> None:
        path = campaign(tmp_path, Signers=[["Vorname", "Nachname"], ["Ana", "Ruiz"]])
        (problem,) = raised_problems(path)
        assert codes_and_places([problem]) == [("heading-missing", "Signers", "1")]
        assert problem.hint == (
            "Add a “Name” column with the complete names. Keep “Vorname”, “Nachname” if your"
            " template uses them."
        )

    def test_an_empty_sheet_is_reported(self, tmp_path: Path) -> None:
        assert codes_and_places(raised_problems(campaign(tmp_path, Signers=[[" "]]))) == [
            ("sheet-empty", "Signers", "")
        ]

    def test_a_sheet_with_headings_only_is_reported(self, tmp_path: Path) -> None:
        problems = raised_problems(campaign(tmp_path, Signers=[["Name", "City"]]))
        assert codes_and_places(problems) == [("nobody", "Signers", "")]

    def test_a_sheet_in_which_no_one_takes_part_is_reported(self, tmp_path: Path) -> None:
        path = campaign(tmp_path, Signers=[["Name", "Include"], ["Ana", "no"]])
        (problem,) = raised_problems(path)
        assert (problem.code, "excluded" in problem.what) == ("nobody", True)

    def test_two_headings_with_one_placeholder_are_an_error_with_both_cells(
        self, tmp_path: Path
    ) -> None:
        path = campaign(tmp_path, Signers=[["Name", "Address 1", "address-1"], ["Ana"]])
        (problem,) = raised_problems(path)
        assert codes_and_places([problem]) == [("heading-twice", "Signers", "C1")]
        assert "B1 (“Address 1”) and C1 (“address-1”)" in problem.what

    def test_filled_columns_without_a_usable_heading_are_reported(self, tmp_path: Path) -> None:
        rows = [["Name", "***", None, "!!!"], ["Ana", None, None, " "], ["Bo", "a", 5, None]]
        problems = read(tmp_path, Signers=rows).problems
        assert codes_and_places(problems) == [
            ("heading-without-letters?", "Signers", "B3"),
            ("column-without-heading?", "Signers", "C3"),
        ]

    def test_merged_cells_among_the_people_are_an_error(self, tmp_path: Path) -> None:
        path = campaign(tmp_path, Signers=[["Title"], ["Name", "City"], ["Ana", "x"], ["Bo"], []])
        book = load_workbook(path)
        for cells in ("A1:C1", "B3:B4", "A5:B5", "B6:B9", "D2:E4"):
            book["Signers"].merge_cells(cells)
        book.save(path)
        problems = read_workbook(path).problems
        assert codes_and_places(problems) == [("cells-merged", "Signers", "B3")]
        assert "Cells B3 to B4 are merged" in problems[0].what

    def test_a_name_hidden_by_merged_cells_is_not_reported_as_missing(self, tmp_path: Path) -> None:
        path = campaign(tmp_path, Signers=[["Name", "City"], ["Ana", "x"], [None, "y"]])
        book = load_workbook(path)
        book["Signers"].merge_cells("A2:A3")
        book.save(path)
        assert codes_and_places(read_workbook(path).problems) == [("cells-merged", "Signers", "A2")]

    def test_merged_headings_are_an_error(self, tmp_path: Path) -> None:
        path = campaign(tmp_path, Signers=[["Name", "Address", "City"], ["Ana", "x", "y"]])
        merge = '</sheetData><mergeCells><mergeCell ref="B1:C1"/></mergeCells>'
        edited(path, SIGNERS, ("</sheetData>", merge))
        assert codes_and_places(read_workbook(path).problems) == [("cells-merged", "Signers", "B1")]

    def test_a_sheet_name_similar_to_an_optional_one_is_reported(self, tmp_path: Path) -> None:
        problems = read(tmp_path, Pair=[["Signer"]], Setting=[["Date"]]).problems
        assert codes_and_places(problems) == [
            ("sheet-near?", "Pair", ""),
            ("sheet-near?", "Setting", ""),
        ]

    def test_problems_of_a_workbook_are_sorted_by_sheet_and_row(self, tmp_path: Path) -> None:
        people = [["Name", "Include"], ["Ana"], ["Bo", "x"], [None, "yes"]]
        pairs = [["Signer", "Recipient"], ["Eve", "*"]]
        book = read(tmp_path, Pairs=pairs, Signers=people, Settings=[["Pages", 0]])
        assert [p.place.sheet + p.place.cell for p in book.problems] == [
            "SignersB3",
            "SignersA4",
            "PairsA2",
            "SettingsB1",
        ]


def test_workbook_dates_of_old_macs_are_counted_from_1904(tmp_path: Path) -> None:
    path = campaign(tmp_path, Settings=[["Date", Formatted(44527, "yyyy-mm-dd")]])
    edited(path, "xl/workbook.xml", ("<workbookPr/>", '<workbookPr date1904="1"/>'))
    assert read_workbook(path).settings.date == dt.date(2025, 11, 28)
