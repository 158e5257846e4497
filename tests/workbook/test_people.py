"""Signers and Recipients sheets: who takes part, and problems of rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.read_workbooks import SIGNERS, codes_and_places, read, signer
from support.workbooks import Formatted, campaign, edited, xlsx

from merge.errors import UsageError
from merge.people import Person
from merge.workbook.reading import Workbook, read_workbook


def names(persons: Sequence[Person]) -> list[str]:
    return [str(p.name) for p in persons]


class TestPeople:
    """People of the Signers and Recipients sheets."""

    def test_a_row_is_a_person_in_the_order_of_the_sheet(self, tmp_path: Path) -> None:
        book = read(tmp_path, Signers=[["City", "Name"], ["Rome", "Ana"], [None, "Bo"]])
        assert names(book.signers.persons) == ["Ana", "Bo"]
        assert signer(book).fields == {"city": "Rome", "name": "Ana"}
        assert signer(book, 1).fields["city"] == ""
        assert (signer(book).row, signer(book).kind, book.signers.sheet) == (2, "signer", "Signers")
        assert book.problems == ()

    def test_columns_know_their_heading_placeholder_and_number(self, tmp_path: Path) -> None:
        book = read(tmp_path, Signers=[[None, "Name", "2nd line"], [None, "Ana", "x"]])
        columns = [(c.heading, c.placeholder, c.number) for c in book.signers.columns]
        assert columns == [("Name", "name", 2), ("2nd line", "m_2nd_line", 3)]
        assert signer(book).place("m_2nd_line").cell == "C2"

    def test_a_persons_key_is_the_id_or_the_name(self, tmp_path: Path) -> None:
        rows = [["Name", "ID"], ["Ana  RUIZ", None], ["Bo", "B-7"], ["Cy", 7]]
        keys = [p.key for p in read(tmp_path, Signers=rows).signers.persons]
        assert keys == ["name:ana ruiz", "id:b-7", "id:7"]

    def test_a_persons_id_is_the_text_that_its_cell_shows(self, tmp_path: Path) -> None:
        rows = [["Name", "ID"], ["Ana", Formatted(7, "000")], ["Bo", "08"]]
        book = read(tmp_path, Signers=rows)
        assert [p.id for p in book.signers.persons] == ["007", "08"]

    def test_sheet_and_column_names_are_matched_by_folding(self, tmp_path: Path) -> None:
        path = xlsx(
            tmp_path,
            **{" SIGNERS": [["\ufeffNA\u200bME\xa0"], ["Ana"]], "recipients": [["Name"], ["Li"]]},
        )
        book = read_workbook(path)
        assert names(book.signers.persons) == ["Ana"]
        assert book.signers.sheet == " SIGNERS"

    def test_headings_are_found_under_a_title_and_blank_rows(self, tmp_path: Path) -> None:
        rows = [
            ["Our signers, 2026"],
            [],
            [" "],
            ["Nr", "Name"],
            [],
            [1, "Ana"],
            [],
            [" "],
            [2, "Bo"],
        ]
        book = read(tmp_path, Signers=rows)
        assert [(p.name, p.row) for p in book.signers.persons] == [("Ana", 6), ("Bo", 9)]
        assert book.problems == ()

    def test_include_decides_who_takes_part(self, tmp_path: Path) -> None:
        rows = [["Name", "Include"], ["Ana", None], ["Bo", "Yes"], ["Cy", "NO"], ["Di", "maybe"]]
        book = read(tmp_path, Signers=rows)
        assert names(book.signers.persons) == ["Ana", "Bo", "Di"]
        assert names(book.excluded_people) == ["Cy"]
        assert codes_and_places(book.problems) == [("include-unknown", "Signers", "B5")]

    def test_a_row_without_a_name_is_an_error_at_its_name_cell(self, tmp_path: Path) -> None:
        rows = [["City", "Name"], ["Rome", "Ana"], ["Oslo", "\u200b "]]
        book = read(tmp_path, Signers=rows)
        assert codes_and_places(book.problems) == [("name-missing", "Signers", "B3")]
        assert names(book.signers.persons) == ["Ana"]

    def test_two_people_with_one_name_are_an_error_at_both(self, tmp_path: Path) -> None:
        rows = [["Name"], ["Ana  Ruiz"], ["Bo"], ["ana ruiz"]]
        problems = read(tmp_path, Signers=rows).problems
        assert codes_and_places(problems) == [
            ("name-twice", "Signers", "A2"),
            ("name-twice", "Signers", "A4"),
        ]
        assert "row 4" in problems[0].what

    def test_two_people_with_one_id_are_an_error_at_both(self, tmp_path: Path) -> None:
        rows = [["Name", "ID"], ["Ana", "a1"], ["Bo", "A1"]]
        problems = read(tmp_path, Signers=rows).problems
        assert codes_and_places(problems) == [
            ("id-twice", "Signers", "B2"),
            ("id-twice", "Signers", "B3"),
        ]

    def test_one_name_with_two_ids_is_two_people(self, tmp_path: Path) -> None:
        rows = [["Name", "ID"], ["Ana", 1], ["ana", 2], ["Bo", None]]
        book = read(tmp_path, Signers=rows)
        assert book.problems == ()
        assert [p.label for p in book.signers.persons] == ["Ana (1)", "ana (2)", "Bo"]

    def test_an_excluded_person_is_not_a_duplicate(self, tmp_path: Path) -> None:
        rows = [["Name", "Include"], ["Ana", "no"], ["Ana", None]]
        assert read(tmp_path, Signers=rows).problems == ()

    def test_the_workbook_file_is_only_read(self, tmp_path: Path) -> None:
        path = campaign(tmp_path)
        before = path.read_bytes()
        path.chmod(0o444)
        read_workbook(path)
        assert path.read_bytes() == before

    def test_a_missing_workbook_is_a_usage_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError):
            read_workbook(tmp_path / "signers.xlsx")


class TestHiddenRows:
    """Rows hidden by staff or by a filter."""

    def hidden(self, folder: Path, *settings: Sequence[object]) -> Workbook:
        rows = [["Name"], ["Ana"], ["Bo"], ["Cy"], [None]]
        path = campaign(folder, Signers=rows, Settings=list(settings))
        replacements = [(f'<row r="{n}"', f'<row hidden="1" r="{n}"') for n in (2, 3)]
        return read_workbook(edited(path, SIGNERS, *replacements))

    def test_hidden_rows_are_read_with_a_warning_that_counts_them(self, tmp_path: Path) -> None:
        book = self.hidden(tmp_path)
        assert names(book.signers.persons) == ["Ana", "Bo", "Cy"]
        assert codes_and_places(book.problems) == [("hidden-rows?", "Signers", "")]
        assert book.problems[0].what.startswith("2 hidden or filtered rows are")

    def test_hidden_rows_are_excluded_by_a_setting(self, tmp_path: Path) -> None:
        book = self.hidden(tmp_path, ["Hidden rows", " SKIP"])
        assert names(book.signers.persons) == ["Cy"]
        assert names(book.excluded_people) == ["Ana", "Bo"]
        assert book.problems == ()

    def test_the_hidden_rows_setting_allows_two_words(self, tmp_path: Path) -> None:
        book = self.hidden(tmp_path, ["Hidden rows", "leave"])
        assert codes_and_places(book.problems) == [
            ("hidden-rows?", "Signers", ""),
            ("setting-hidden-rows", "Settings", "B1"),
        ]
        assert len(book.signers.persons) == 3

    def test_hidden_settings_always_count(self, tmp_path: Path) -> None:
        path = campaign(tmp_path, Settings=[["Hidden rows", "skip"], ["Venue", "x"]])
        edited(path, "xl/worksheets/sheet3.xml", ('<row r="1"', '<row hidden="1" r="1"'))
        book = read_workbook(path)
        assert codes_and_places(book.problems) == [("hidden-rows?", "Settings", "")]
        assert book.settings.hidden_rows == "skip"

    def test_hidden_rows_of_pairs_follow_the_setting(self, tmp_path: Path) -> None:
        pairs = [["Signer", "Recipient"], ["Ana Ruiz", "*"], ["*", "*"]]
        path = campaign(tmp_path, Pairs=pairs, Settings=[["Hidden rows", "skip"]])
        edited(path, "xl/worksheets/sheet3.xml", ('<row r="3"', '<row hidden="1" r="3"'))
        assert [p.signer.name for p in read_workbook(path).pairs()] == ["Ana Ruiz", "Ana Ruiz"]


@pytest.mark.slow
def test_many_rows_with_one_name_are_reported_briefly(tmp_path: Path) -> None:
    problems = read(tmp_path, Signers=[["Name"], *([["Ana Ruiz"]] * 3000)]).problems
    assert len(problems) == 3000
    assert "row 3 and 2,998 other rows" in problems[0].what
    assert {p.what for p in problems[1:]} == {problems[1].what}
    assert "row 2 and 2,998 other rows" in problems[1].what
    assert max(len(p.what) for p in problems) < 100
