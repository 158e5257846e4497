"""What a cell of a table gives: its text, its value, and what cannot be used of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from support.read_workbooks import read, signer, told
from support.workbooks import Formatted, edited, raw

from merge.values import Value
from merge.workbook.reading import read_workbook


class TestValues:
    """What a cell says, and cells that cannot be used."""

    def value(self, folder: Path, cell: object) -> Value:
        book = read(folder, Signers=[["Name", "Fact"], ["Ana", cell]])
        assert book.problems == ()
        return signer(book).fields["fact"]

    def test_text_stays_as_typed_but_for_blanks_at_its_ends(self, tmp_path: Path) -> None:
        value = self.value(tmp_path, "  two  blanks\tand\nlines ")
        assert (value, value.native, value.problem) == ("two  blanks\tand\nlines", None, None)

    @pytest.mark.parametrize(
        "blank", [" ", "\xa0", "\u202f", "\u3000", "\t", "\n", "\u200b", "\ufeff"]
    )
    def test_blanks_of_every_kind_are_taken_off_both_ends(self, tmp_path: Path, blank: str) -> None:
        assert (
            self.value(tmp_path, f"{blank} Paris,{blank}France {blank}") == f"Paris,{blank}France"
        )

    def test_marks_of_direction_stay_at_the_ends(self, tmp_path: Path) -> None:
        assert self.value(tmp_path, "\u200fباريس (أ)\u200f ") == "\u200fباريس (أ)\u200f"

    def test_a_text_of_many_blanks_inside_takes_no_time(self, tmp_path: Path) -> None:
        text = f"a{' ' * 30_000}b"
        assert self.value(tmp_path, text) == text

    def test_line_breaks_of_windows_are_one(self, tmp_path: Path) -> None:
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
    def test_a_value_is_what_the_cell_shows_and_what_it_stands_for(
        self, tmp_path: Path, cell: object, text: str, plain: object
    ) -> None:
        value = self.value(tmp_path, cell)
        assert (str(value), value.native) == (text, plain)

    def test_a_short_date_reads_as_the_language_writes_it(self, tmp_path: Path) -> None:
        day = Formatted(dt.date(2025, 11, 28), "mm-dd-yy")
        people = [["Name", "Since", "Language"], ["Li", day, None], ["Roy", day, "fr"]]
        book = read(tmp_path, Recipients=people, Settings=[["Language", "de"], ["Day", day]])
        assert [p.fields["since"] for p in book.recipients.persons] == [
            "28. November 2025",
            "28 novembre 2025",
        ]
        assert book.settings.fields["day"] == "28. November 2025"

    def test_one_and_true_are_not_the_same(self, tmp_path: Path) -> None:
        book = read(tmp_path, Signers=[["Name", "A", "B", "C"], ["Ana", 1, True, 1.5]])
        assert list(signer(book).fields.values()) == ["Ana", "1", "TRUE", "1.5"]

    def test_a_format_may_add_words_to_a_text(self, tmp_path: Path) -> None:
        assert self.value(tmp_path, Formatted("abc", '0;-0;0;"Dear "@')) == "Dear abc"

    def test_a_format_that_pads_a_text_changes_nothing(self, tmp_path: Path) -> None:
        assert self.value(tmp_path, Formatted(" abc ", "_(@_)")) == "abc"

    def test_only_invisible_characters_are_blank(self, tmp_path: Path) -> None:
        value = self.value(tmp_path, "\u200b\ufeff ")
        assert (value, bool(value)) == ("", False)

    @pytest.mark.parametrize(
        ("cell", "code"),
        [
            ("=1+1", "formula-without-value"),
            ("#N/A", "cell-error"),
            ("a_x000B_b", "character-forbidden"),
            ("a_xFFFE_", "character-forbidden"),
            ("a_xD83D_", "character-forbidden"),
            (Formatted(5, "# ?/? # ?/?"), "format-unsupported"),
        ],
    )
    def test_a_cell_that_cannot_be_used_is_a_fault_of_its_value_alone(
        self, tmp_path: Path, cell: object, code: str
    ) -> None:
        value = self.value(tmp_path, cell)
        assert value.problem is not None
        assert told([value.problem]) == [(code, "Signers", "B2")]
        assert value == ""

    @pytest.mark.parametrize("heading", ["Name", "ID", "Include"])
    def test_where_the_cell_decides_who_gets_a_letter_it_is_an_error_at_once(
        self, tmp_path: Path, heading: str
    ) -> None:
        headings = ["Name", "ID", "Include"]
        row: list[object] = ["Ana", "1", "yes"]
        row[headings.index(heading)] = "#REF!"
        problems = read(tmp_path, Signers=[headings, ["Bo"], row]).problems
        assert told(problems) == [("cell-error", "Signers", f"{'ABC'[headings.index(heading)]}3")]

    def test_a_format_that_the_file_does_not_hold_is_a_fault(self, tmp_path: Path) -> None:
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

    def test_numbers_that_excel_cuts_short_are_told(self, tmp_path: Path) -> None:
        rows = [["Name", "Account", "Day"], ["Ana", 12345678901234567, Formatted(-5, "yyyy")]]
        problems = read(tmp_path, Signers=rows).problems
        assert told(problems) == [
            ("number-scientific?", "Signers", "B2"),
            ("number-hashes?", "Signers", "C2"),
        ]
