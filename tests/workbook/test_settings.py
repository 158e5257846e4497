"""The Settings sheet: known names, other names, probable mistakes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.read_workbooks import codes_and_places, read
from support.workbooks import Formatted, campaign

from merge.workbook.reading import read_workbook


class TestSettings:
    """Known settings, and other rows as placeholders for all letters."""

    def test_without_a_settings_sheet_there_are_defaults(self, tmp_path: Path) -> None:
        settings = read(tmp_path).settings
        assert (settings.language, settings.hidden_rows, settings.pages) == ("en", "read", 1)
        assert (settings.template, settings.file_name, settings.date) == (None, None, None)
        assert settings.fields == {}

    def test_every_row_of_settings_is_a_field_and_known_ones_have_types(
        self, tmp_path: Path
    ) -> None:
        rows = [
            ["Name", "Value", "Help"],
            ["Campaign", "Free Ales", "what it is called"],
            ["Template", "appeal.docx"],
            ["File name:", "{{ signer.name }}"],
            ["Date", Formatted(dt.date(2026, 3, 4), "mm-dd-yy")],
            ["language", "PT-br"],
            ["Sort by", "Country"],
            ["Pages", 2],
            ["Return address", "Main St 1\nRome"],
            ["Deadline", "Friday"],
            ["Empty", None],
        ]
        book = read(tmp_path, Settings=rows)
        settings = book.settings
        assert book.problems == ()
        assert (settings.campaign, settings.template) == ("Free Ales", "appeal.docx")
        assert settings.file_name == "{{ signer.name }}"
        assert (settings.date, settings.language) == (dt.date(2026, 3, 4), "pt_BR")
        assert (settings.sort_by, settings.pages) == ("country", 2)
        assert settings.return_address == "Main St 1\nRome"
        assert settings.fields["deadline"] == "Friday"
        assert settings.fields["empty"] == ""
        assert settings.place("date").cell == "B5"
        assert settings.place("nothing").sheet == "Settings"

    def test_the_heading_row_of_settings_is_optional(self, tmp_path: Path) -> None:
        rows = [[None, "Campaign", "X"], [], [None, "Pages", "3"]]
        settings = read(tmp_path, Settings=rows).settings
        assert (settings.campaign, settings.pages) == ("X", 3)

    def test_a_title_may_be_above_the_headings_of_settings(self, tmp_path: Path) -> None:
        rows = [["Everything common"], [], ["Value", "Setting"], ["X", "Campaign"]]
        settings = read(tmp_path, Settings=rows).settings
        assert (settings.campaign, list(settings.fields)) == ("X", ["campaign"])

    @pytest.mark.parametrize(
        "text",
        [
            "2026-03-04",
            "4 March 2026",
            "March 4, 2026",
            "4. Mar 2026",
            "4 mars 2026",
            "4th march 2026",
        ],
    )
    def test_the_date_setting_may_be_text_that_means_one_day(
        self, tmp_path: Path, text: str
    ) -> None:
        book = read(tmp_path, Settings=[["Date", text], ["Language", "fr"]])
        assert (book.settings.date, book.problems) == (dt.date(2026, 3, 4), ())

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("Date", "04/03/2026", "setting-date"),
            ("Date", "soon", "setting-date"),
            ("Date", "31 February 2026", "setting-date"),
            ("Date", 20260304, "setting-date"),
            ("Date", "20260304", "setting-date"),
            ("Language", "English", "setting-language"),
            ("Language", "xx", "setting-language"),
            ("Pages", 0, "setting-pages"),
            ("Pages", 1.5, "setting-pages"),
            ("Pages", "two", "setting-pages"),
            ("Sort by", "Contry", "setting-column"),
            ("Match", "Country", "setting-column"),
            ("Deadline", "#N/A", "cell-error"),
            ("Deadline", "=TODAY()", "formula-without-value"),
        ],
    )
    def test_an_invalid_value_of_a_setting_is_an_error_at_its_cell(
        self, tmp_path: Path, name: str, value: object, code: str
    ) -> None:
        book = read(tmp_path, Settings=[[name, value]])
        assert codes_and_places(book.problems) == [(code, "Settings", "B1")]
        assert (book.settings.date, book.settings.language, book.settings.pages) == (None, "en", 1)

    def test_a_name_similar_to_a_known_setting_is_reported(self, tmp_path: Path) -> None:
        problems = read(tmp_path, Settings=[["Filename", "x"], ["Venue", "y"]]).problems
        assert codes_and_places(problems) == [("setting-unknown?", "Settings", "A1")]
        assert "File name" in problems[0].hint

    def test_a_duplicate_setting_is_an_error_and_the_first_counts(self, tmp_path: Path) -> None:
        book = read(tmp_path, Settings=[["Campaign", "x"], ["CAMPAIGN:", "y"]])
        assert codes_and_places(book.problems) == [("setting-twice", "Settings", "A2")]
        assert "A1" in book.problems[0].what
        assert book.settings.campaign == "x"

    def test_a_setting_without_a_name_is_an_error(self, tmp_path: Path) -> None:
        book = read(tmp_path, Settings=[["Campaign", "x"], [None, "y"], ["***", "z"]])
        assert codes_and_places(book.problems) == [
            ("setting-without-name", "Settings", "A2"),
            ("setting-without-name", "Settings", "A3"),
        ]

    def test_merged_cells_in_settings_are_an_error(self, tmp_path: Path) -> None:
        path = campaign(tmp_path, Settings=[["Campaign", "x"], ["Venue", None]])
        book = load_workbook(path)
        book["Settings"].merge_cells("B1:B2")
        book.save(path)
        assert codes_and_places(read_workbook(path).problems) == [
            ("cells-merged", "Settings", "B1")
        ]
