"""Values of a table's cells: text, typed value, or an error."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from support.read_workbooks import codes_and_places, read, signer
from support.workbooks import Formatted, edited, raw

from merge.values import WorkbookValue
from merge.workbook.reading import read_workbook


class TestValues:
    """Values of cells, and cells that cannot be used."""

    def value(self, folder: Path, cell: object) -> WorkbookValue:
        book = read(folder, Signers=[["Name", "Fact"], ["Ana", cell]])
        assert book.problems == ()
        return signer(book).fields["fact"]

    def test_text_of_a_cell_stays_as_typed_except_spaces_at_its_ends(self, tmp_path: Path) -> None:
        value = self.value(tmp_path, "  two  blanks\tand\nlines ")
        assert (value, value.native, value.problem) == ("two  blanks\tand\nlines", None, None)

    @pytest.mark.parametrize(
        "blank", [" ", "\xa0", "\u202f", "\u3000", "\t", "\n", "\u200b", "\ufeff"]
    )
    def test_spaces_of_all_kinds_are_removed_at_the_ends_of_a_cell(
        self, tmp_path: Path, blank: str
    ) -> None:
        assert (
            self.value(tmp_path, f"{blank} Paris,{blank}France {blank}") == f"Paris,{blank}France"
        )

    def test_direction_marks_stay_at_the_ends_of_a_cell(self, tmp_path: Path) -> None:
        assert self.value(tmp_path, "\u200fباريس (أ)\u200f ") == "\u200fباريس (أ)\u200f"

    def test_a_cell_with_many_spaces_inside_is_read_quickly(self, tmp_path: Path) -> None:
        text = f"a{' ' * 30_000}b"
        assert self.value(tmp_path, text) == text

    def test_line_breaks_of_windows_in_a_cell_become_one(self, tmp_path: Path) -> None:
        assert self.value(tmp_path, "a_x000D_\nb_x000D_c") == "a\nb\nc"

    @pytest.mark.parametrize(
        ("cell", "text", "plain"),
        [
            (2134, "2134", 2134),
            (Formatted(2134, "00000"), "02134", 2134),
            (Formatted(19.99, '_("$"* #,##0.00_)'), "$19.99", 19.99),
            (True, "TRUE", True),
            (
                Formatted(dt.date(2025, 11, 28), "d mmmm yyyy"),
                "28 November 2025",
                dt.date(2025, 11, 28),
            ),
            (
                Formatted(45989.75, "yyyy-mm-dd hh:mm"),
                "2025-11-28 18:00",
                dt.datetime.fromisoformat("2025-11-28T18:00"),
            ),
        ],
    )
    def test_a_value_has_the_displayed_text_and_the_number_or_date(
        self, tmp_path: Path, cell: object, text: str, plain: object
    ) -> None:
        value = self.value(tmp_path, cell)
        assert (str(value), value.native) == (text, plain)

    def test_a_short_date_is_displayed_as_the_language_writes_it(self, tmp_path: Path) -> None:
        day = Formatted(dt.date(2025, 11, 28), "mm-dd-yy")
        people = [["Name", "Since", "Language"], ["Li", day, None], ["Roy", day, "fr"]]
        book = read(tmp_path, Recipients=people, Settings=[["Language", "de"], ["Day", day]])
        assert [p.fields["since"] for p in book.recipients.persons] == [
            "28. November 2025",
            "28 novembre 2025",
        ]
        assert book.settings.fields["day"] == "28. November 2025"

    def test_cells_with_1_and_true_have_different_values(self, tmp_path: Path) -> None:
        book = read(tmp_path, Signers=[["Name", "A", "B", "C"], ["Ana", 1, True, 1.5]])
        assert list(signer(book).fields.values()) == ["Ana", "1", "TRUE", "1.5"]

    def test_a_number_format_may_add_words_to_a_text(self, tmp_path: Path) -> None:
        assert self.value(tmp_path, Formatted("abc", '0;-0;0;"Dear "@')) == "Dear abc"

    def test_a_number_format_that_pads_a_text_changes_nothing(self, tmp_path: Path) -> None:
        assert self.value(tmp_path, Formatted(" abc ", "_(@_)")) == "abc"

    def test_a_cell_of_invisible_characters_is_blank(self, tmp_path: Path) -> None:
        value = self.value(tmp_path, "\u200b\ufeff ")
        assert (value, bool(value)) == ("", False)

    @pytest.mark.parametrize(
        ("cell", "code"),
        [
            ("=1+1", "formula-without-value"),
            ("#N/A", "cell-error"),
            ("a_x000B_b", "character-forbidden"),
            ("a_xFFFE_", "character-forbidden"),
            (Formatted(5, "# ?/? # ?/?"), "format-unsupported"),
        ],
    )
    def test_an_unusable_cell_is_a_problem_of_its_value_only(
        self, tmp_path: Path, cell: object, code: str
    ) -> None:
        value = self.value(tmp_path, cell)
        assert value.problem is not None
        assert codes_and_places([value.problem]) == [(code, "Signers", "B2")]
        assert value == ""

    @pytest.mark.parametrize("heading", ["Name", "ID", "Include"])
    def test_an_unusable_cell_that_decides_who_gets_a_letter_is_an_error_at_once(
        self, tmp_path: Path, heading: str
    ) -> None:
        headings = ["Name", "ID", "Include"]
        row: list[object] = ["Ana", "1", "yes"]
        row[headings.index(heading)] = "#REF!"
        problems = read(tmp_path, Signers=[headings, ["Bo"], row]).problems
        assert codes_and_places(problems) == [
            ("cell-error", "Signers", f"{'ABC'[headings.index(heading)]}3")
        ]

    def test_a_number_format_missing_in_the_file_is_a_problem(self, tmp_path: Path) -> None:
        data = (
            '<row><c t="str"><v>Name</v></c><c t="str"><v>Day</v></c></row>'
            '<row><c t="str" s="0"><v>Ana</v></c><c s="0"><v>45989</v></c></row>'
        )
        path = raw(tmp_path, data, styles='<cellXfs><xf numFmtId="31"/></cellXfs>')
        edited(
            path,
            "xl/workbook.xml",
            ("</sheets>", '<sheet name="Recipients" sheetId="2" r:id="r1"/></sheets>'),
        )
        fault = signer(read_workbook(path)).fields["day"].problem
        assert fault is not None
        assert "no. 31" in fault.what

    def test_numbers_that_excel_cannot_show_completely_are_reported(self, tmp_path: Path) -> None:
        rows = [["Name", "Account", "Day"], ["Ana", 12345678901234567, Formatted(-5, "yyyy")]]
        problems = read(tmp_path, Signers=rows).problems
        assert codes_and_places(problems) == [
            ("number-scientific?", "Signers", "B2"),
            ("number-hashes?", "Signers", "C2"),
        ]
