"""An .xlsx is read as rows of cells, or refused with one clear message."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from support.workbooks import MAIN, Formatted, edited, raw, xlsx, zipped

from merge.errors import DataError, MergeError, StorageError, UsageError
from merge.excel.reader import Cell, MergedRange, Sheet, SheetRow, read_excel_file
from merge.problems import Problem, column_letter

SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


_BACKSLASH = pytest.param("xl\\evil.xml", marks=pytest.mark.posix("zipfile replaces it there"))


def signers(path: Path) -> Sheet:
    return read_excel_file(path).sheet("Signers")


def grid(path: Path) -> dict[str, object]:
    cells = [cell for row in signers(path).rows for cell in row.cells]
    return {f"{column_letter(c.column)}{c.row}": c.value for c in cells}


def first(path: Path) -> Cell:
    return signers(path).rows[0].cells[0]


def refusal(path: Path) -> Problem:
    with pytest.raises(MergeError) as caught:
        signers(path)
    (problem,) = caught.value.problems
    assert problem.place.file == path.name
    assert problem.what.endswith(".")
    assert problem.hint
    assert "\n" not in str(problem)
    return problem


def refused(path: Path) -> str:
    return refusal(path).code


class TestCells:
    """A cell's value, number format and fault."""

    def test_text_numbers_and_booleans_of_cells_are_read_unchanged(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[["Name", None, 7], [" two  blanks ", 2.5, True]])
        assert grid(path) == {"A1": "Name", "C1": 7, "A2": " two  blanks ", "B2": 2.5, "C2": True}
        assert [type(c.value) for c in signers(path).rows[1].cells] == [str, float, bool]

    def test_each_cell_has_its_place_and_its_number_format(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[[], [None, Formatted(2134, "00000")]])
        assert signers(path).rows == (
            SheetRow(2, hidden=False, cells=(Cell(2, 2, 2134, "00000", 164),)),
        )

    def test_a_date_is_read_as_a_number_with_its_format(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[[Formatted(dt.date(2025, 11, 28), "mm-dd-yy")]])
        assert first(path) == Cell(1, 1, 45989, "mm-dd-yy", 14)

    def test_a_built_in_number_format_without_code_is_recognised(self, tmp_path: Path) -> None:
        styles = '<cellXfs><xf/><xf numFmtId="10"/></cellXfs>'
        cell = first(raw(tmp_path, '<row><c s="1"><v>0.5</v></c></row>', styles=styles))
        assert (cell.number_format, cell.format_id) == ("0.00%", 10)

    def test_a_number_format_that_depends_on_the_country_has_no_code(self, tmp_path: Path) -> None:
        styles = '<cellXfs><xf numFmtId="31"/></cellXfs>'
        cell = first(raw(tmp_path, '<row><c s="0"><v>5</v></c></row>', styles=styles))
        assert (cell.number_format, cell.format_id) == ("", 31)

    def test_number_formats_of_named_styles_are_not_those_of_cells(self, tmp_path: Path) -> None:
        styles = (
            '<numFmts><numFmt numFmtId="164" formatCode="0&quot; kg&quot;"/></numFmts>'
            '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>'
            '<cellXfs><xf numFmtId="164"/></cellXfs>'
            '<dxfs><dxf><numFmt numFmtId="164" formatCode="0.0"/></dxf></dxfs>'
        )
        path = raw(tmp_path, '<row><c s="0"><v>5</v></c></row>', styles=styles)
        assert first(path).number_format == '0" kg"'

    def test_a_missing_cell_style_is_general(self, tmp_path: Path) -> None:
        path = raw(tmp_path, '<row><c s="99"><v>5</v></c></row>')
        assert first(path).number_format == "General"

    def test_rich_text_of_a_cell_is_joined(self, tmp_path: Path) -> None:
        text = CellRichText("Dear ", TextBlock(InlineFont(b=True), "Ms Li"), " !")
        assert first(xlsx(tmp_path, Signers=[[text]])).value == "Dear Ms Li !"

    def test_reading_aids_of_japanese_names_are_omitted(self, tmp_path: Path) -> None:
        item = "<r><t>山田</t></r><rPh sb='0' eb='2'><t>ヤマダ</t></rPh><r><t> 花</t></r>"
        shared = f"<si>{item}</si>"
        data = f'<row><c t="s"><v>0</v></c><c t="inlineStr"><is>{item}</is></c></row>'
        path = raw(tmp_path, data, strings=shared)
        assert grid(path) == {"A1": "山田 花", "B1": "山田 花"}

    def test_escapes_in_cell_texts_are_decoded_once(self, tmp_path: Path) -> None:
        shared = "<si><t>a_x000D_\nb</t></si><si><t>_x005F_x000D_</t></si>"
        data = (
            '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c>'
            '<c t="inlineStr"><is><t>_x0009_</t></is></c><c t="str"><v>_xd83d__xDE00_</v></c>'
            '<c t="inlineStr"><is><t>_x00_ _x12345_ x000D_</t></is></c></row>'
        )
        path = raw(tmp_path, data, strings=shared)
        assert list(grid(path).values()) == [
            "a\r\nb",
            "_x000D_",
            "\t",
            "😀",
            "_x00_ _x12345_ x000D_",
        ]

    @pytest.mark.parametrize("half", ["_xD83D_", "_xDE00_", "_xDE00__xD83D_"])
    def test_half_a_character_is_read_as_a_replacement_character(
        self, tmp_path: Path, half: str
    ) -> None:
        data = f'<row><c t="str"><v>a{half}b</v></c><c t="s"><v>0</v></c></row>'
        path = raw(tmp_path, data, strings=f"<si><t>{half}</t></si>")
        lost = "\ufffd" * half.count("x")
        assert list(grid(path).values()) == [f"a{lost}b", lost]

    def test_half_a_character_in_a_sheet_name_is_read_as_a_replacement_character(
        self, tmp_path: Path
    ) -> None:
        path = edited(raw(tmp_path, ""), "xl/workbook.xml", ('name="Signers"', 'name="a_xD83D_"'))
        assert [sheet.name for sheet in read_excel_file(path).sheets] == ["a\ufffd"]

    def test_an_inline_text_of_a_cell_is_not_read_for_the_next_cell(self, tmp_path: Path) -> None:
        data = '<row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"/><c><v>1</v></c></row>'
        assert grid(raw(tmp_path, data)) == {"A1": "a", "C1": 1}

    def test_a_formula_is_read_as_its_last_result(self, tmp_path: Path) -> None:
        data = (
            '<row><c><f>1+1</f><v>2</v></c><c t="str"><f>A1&amp;""</f><v>2</v></c>'
            '<c t="str"><f>""</f><v></v></c></row>'
        )
        assert grid(raw(tmp_path, data)) == {"A1": 2, "B1": "2"}

    def test_a_formula_without_result_is_a_fault_and_not_blank(self, tmp_path: Path) -> None:
        assert first(xlsx(tmp_path, Signers=[["=1+1"]])) == Cell(1, 1, None, fault="no-value")
        assert first(raw(tmp_path, "<row><c><f>1+1</f></c></row>")).fault == "no-value"

    @pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!"])
    def test_an_error_value_of_a_cell_is_a_fault(self, tmp_path: Path, error: str) -> None:
        path = raw(tmp_path, f'<row><c t="e"><f>X</f><v>{error}</v></c></row>')
        assert first(path) == Cell(1, 1, error, fault="error-value")

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1E3", 1000.0),
            ("-0.5", -0.5),
            ("5.0", 5.0),
            ("12345678901234567890", 1.2345678901234567e19),
        ],
    )
    def test_numbers_in_cells_are_doubles_as_in_excel(
        self, tmp_path: Path, text: str, value: float
    ) -> None:
        found = first(raw(tmp_path, f"<row><c><v>{text}</v></c></row>")).value
        assert (found, type(found)) == (value, float)

    @pytest.mark.parametrize("text", ["1_0", "nan", "1e999", "٣", "twelve"])
    def test_an_invalid_number_in_a_cell_is_refused(self, tmp_path: Path, text: str) -> None:
        assert refused(raw(tmp_path, f"<row><c><v>{text}</v></c></row>")) == "workbook-unreadable"

    @pytest.mark.parametrize(
        ("text", "system", "serial"),
        [
            ("2025-11-28", "", 45989),
            ("2025-11-28T18:00:00", "", 45989.75),
            ("1900-02-28", "", 59),
            ("1900-03-01", "", 61),
            ("1904-01-02", '<workbookPr date1904="1"/>', 1),
        ],
    )
    def test_iso_dates_in_cells_become_numbers(
        self, tmp_path: Path, text: str, system: str, serial: float
    ) -> None:
        path = raw(tmp_path, f'<row><c t="d"><v>{text}</v></c></row>', workbook=system)
        assert first(path) == Cell(1, 1, serial, "mm-dd-yy", 14)

    @pytest.mark.parametrize(
        ("text", "serial", "code"),
        [
            ("18:00:00", 0.75, "h:mm:ss"),
            ("T06:00:00.000", 0.25, "h:mm:ss"),
            ("2025-11-28T18:00:00Z", 45989.75, "mm-dd-yy"),
            ("PT36H", 1.5, "[h]:mm:ss"),
            ("P1DT6H0M0.0S", 1.25, "[h]:mm:ss"),
        ],
    )
    def test_iso_times_and_durations_in_cells_become_numbers(
        self, tmp_path: Path, text: str, serial: float, code: str
    ) -> None:
        found = first(raw(tmp_path, f'<row><c t="d"><v>{text}</v></c></row>'))
        assert (found.value, found.number_format, found.fault) == (serial, code, "")

    @pytest.mark.parametrize("text", ["31 June", "2025-02-29", "P1Y", "PT", "0001-01-01", "24:00"])
    def test_an_invalid_iso_date_is_a_fault_of_its_cell(self, tmp_path: Path, text: str) -> None:
        path = raw(tmp_path, f'<row><c t="d"><v>{text}</v></c><c><v>7</v></c></row>')
        date, number = read_excel_file(path).sheet("Signers").rows[0].cells
        assert (date.value, date.fault) == (text, "no-date")
        assert number.value == 7

    def test_cells_are_read_as_openpyxl_reads_them(self, tmp_path: Path) -> None:
        dice = random.Random(1)  # noqa: S311
        choices = [None, "Zoë", "名", "a\nb", " x ", 0, -7, 2.5, 1e-9, True, False, "", "<&>"]
        rows = [[dice.choice(choices) for _ in range(9)] for _ in range(200)]
        path = xlsx(tmp_path, Signers=rows)
        openpyxl_sheet = load_workbook(path)["Signers"]
        assert grid(path) == {
            c.coordinate: c.value
            for row in openpyxl_sheet.iter_rows()
            for c in row
            if c.value is not None
        }


class TestShape:
    """Rows, columns, merged ranges, sheets."""

    def test_a_sheet_with_a_wrong_dimension_is_read_completely(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[["Name"], ["Ana"], ["Bo"]])
        edited(path, SHEET, ('<dimension ref="A1:A3"', '<dimension ref="A1"'))
        assert grid(path) == {"A1": "Name", "A2": "Ana", "A3": "Bo"}

    def test_rows_and_cells_out_of_order_are_read_completely(self, tmp_path: Path) -> None:
        data = (
            '<row r="3"><c r="B3"><v>32</v></c><c r="A3"><v>31</v></c></row>'
            '<row r="1"><c r="A1"><v>11</v></c></row>'
        )
        path = raw(tmp_path, data)
        assert grid(path) == {"A1": 11, "A3": 31, "B3": 32}
        assert [row.number for row in signers(path).rows] == [1, 3]

    def test_rows_and_cells_without_references_follow_each_other(self, tmp_path: Path) -> None:
        data = '<row><c><v>1</v></c></row><row r="5"><c r="C5"><v>2</v></c><c><v>3</v></c></row>'
        assert grid(raw(tmp_path, data)) == {"A1": 1, "C5": 2, "D5": 3}

    @pytest.mark.parametrize(
        "data",
        [
            '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="B1"><v>2</v></c></row>',
            '<row r="1"><c r="A2"><v>1</v></c></row>',
            '<row r="1"><c r="1"><v>1</v></c></row>',
            '<row r="x"><c><v>1</v></c></row>',
            '<row><c t="s"><v>5</v></c></row>',
        ],
    )
    def test_a_cell_with_an_ambiguous_reference_is_refused(self, tmp_path: Path, data: str) -> None:
        assert refused(raw(tmp_path, data)) == "workbook-unreadable"

    def test_hidden_rows_are_marked(self, tmp_path: Path) -> None:
        data = (
            '<row hidden="1"><c><v>1</v></c></row><row><c><v>2</v></c></row>'
            '<row hidden="true"><c><v>3</v></c></row><row ht="0"><c><v>4</v></c></row>'
        )
        assert [row.hidden for row in signers(raw(tmp_path, data)).rows] == [
            True,
            False,
            True,
            True,
        ]

    def test_merged_ranges_of_a_sheet_are_read(self, tmp_path: Path) -> None:
        book = Workbook()
        sheet = book["Sheet"]
        sheet.title = "Signers"
        sheet["A1"] = "Title"
        sheet.merge_cells("A1:C2")
        book.save(tmp_path / "signers.xlsx")
        assert signers(tmp_path / "signers.xlsx").merged == (MergedRange(1, 1, 2, 3),)

    def test_blank_cells_and_rows_are_omitted(self, tmp_path: Path) -> None:
        data = '<row r="1" ht="20"/><row r="2"><c r="A2" s="1"/><c r="XFD2" s="1"/></row>'
        assert signers(raw(tmp_path, data)).rows == ()

    def test_sheets_are_listed_in_order_with_their_visibility(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[], Secret=[])
        edited(
            path, "xl/workbook.xml", ('sheetId="2" state="visible"', 'sheetId="2" state="hidden"')
        )
        assert [(s.name, s.hidden) for s in read_excel_file(path).sheets] == [
            ("Signers", False),
            ("Secret", True),
        ]

    def test_a_missing_sheet_is_a_key_error(self, tmp_path: Path) -> None:
        with pytest.raises(KeyError):
            read_excel_file(xlsx(tmp_path, Signers=[])).sheet("signers")

    def test_the_1904_date_system_of_old_macs_is_recognised(self, tmp_path: Path) -> None:
        assert not read_excel_file(xlsx(tmp_path, Signers=[])).date1904
        path = raw(tmp_path, "", workbook='<workbookPr date1904="true"/>')
        assert read_excel_file(path).date1904


TWICE = '<c r="B1"><v>1</v></c>' * 2


class TestOtherPrograms:
    """Workbooks as other programs write them."""

    def test_a_strict_open_xml_workbook_is_read(self, tmp_path: Path) -> None:
        path = raw(tmp_path, '<row><c t="inlineStr"><is><t>Ana</t></is></c></row>')
        strict = "http://purl.oclc.org/ooxml"
        kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        for part in ("xl/workbook.xml", SHEET, "xl/styles.xml", "xl/sharedStrings.xml"):
            edited(path, part, (MAIN, f"{strict}/spreadsheetml/main"))
        for part in ("_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/workbook.xml"):
            edited(path, part, (kinds, f"{strict}/officeDocument/relationships"))
        assert grid(path) == {"A1": "Ana"}

    def test_namespace_prefixes_of_a_sheet_do_not_matter(self, tmp_path: Path) -> None:
        sheet = (
            f'<x:worksheet xmlns:x="{MAIN}" xmlns:y="urn:other"><x:sheetData><x:row><x:c>'
            "<y:v>9</y:v><x:v>1</x:v></x:c><y:c><x:v>2</x:v></y:c></x:row></x:sheetData>"
            "</x:worksheet>"
        )
        assert grid(raw(tmp_path, "", sheet=sheet)) == {"A1": 1}

    def test_part_names_are_matched_without_case(self, tmp_path: Path) -> None:
        path = raw(tmp_path, '<row><c t="s"><v>0</v></c></row>', strings="<si><t>Ana</t></si>")
        edited(
            path, "xl/_rels/workbook.xml.rels", ("/xl/sharedStrings.xml", "/xl/SharedStrings.xml")
        )
        assert grid(path) == {"A1": "Ana"}

    def test_parts_of_a_workbook_may_be_at_the_top_of_the_zip(self, tmp_path: Path) -> None:
        path = raw(tmp_path, '<row><c t="s"><v>0</v></c></row>', strings="<si><t>Ana</t></si>")
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        moved = {
            name.removeprefix("xl/"): data.replace(b"xl/", b"") for name, data in parts.items()
        }
        assert "workbook.xml" in moved
        assert grid(zipped(path, moved)) == {"A1": "Ana"}

    @pytest.mark.parametrize("rest", [b"\0" * 142, b"more", b"\r\n" * 20_000])
    def test_bytes_of_a_download_after_the_zip_are_ignored(
        self, tmp_path: Path, rest: bytes
    ) -> None:
        path = xlsx(tmp_path, Signers=[["Ana"]])
        path.write_bytes(path.read_bytes() + rest)
        assert grid(path) == {"A1": "Ana"}

    @pytest.mark.parametrize("cells", ["Z100:AB101", "$Z$100:$AB$101"])
    def test_merged_cells_away_from_the_table_are_read(self, tmp_path: Path, cells: str) -> None:
        merged = f'<mergeCells><mergeCell ref="{cells}"/></mergeCells>'
        path = raw(tmp_path, "<row><c><v>1</v></c></row>", after=merged)
        assert signers(path).merged == (MergedRange(100, 26, 101, 28),)

    @pytest.mark.parametrize(
        ("data", "after", "words"),
        [
            ('<row r="2"><c><v>1</v></c></row>' * 2, "", "the Signers sheet has row 2 twice"),
            (f"<row>{TWICE}</row>", "", "Signers sheet has cell B1"),
            ("", '<mergeCells><mergeCell ref="A:C"/></mergeCells>', "Signers sheet has merged"),
        ],
    )
    def test_the_message_of_a_doubled_or_misplaced_cell_has_its_sheet_and_place(
        self, tmp_path: Path, data: str, after: str, words: str
    ) -> None:
        assert words in refusal(raw(tmp_path, data, after=after)).what

    def test_macros_of_a_workbook_are_ignored(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, "signers.xlsm", Signers=[["Ana"]])
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("xl/vbaProject.bin", OLE)
        assert grid(path) == {"A1": "Ana"}

    def test_a_sheet_in_an_unknown_namespace_is_not_read_as_empty(self, tmp_path: Path) -> None:
        path = raw(tmp_path, "", sheet='<worksheet xmlns="urn:unknown"/>')
        assert refused(path) == "workbook-unreadable"

    def test_a_sheet_in_utf16_is_read(self, tmp_path: Path) -> None:
        sheet = (
            f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="{MAIN}"><sheetData><row>'
            '<c t="str"><v>Žižek</v></c></row></sheetData></worksheet>'
        )
        assert grid(raw(tmp_path, "", sheet=sheet.encode("utf-16"))) == {"A1": "Žižek"}


class TestWrongFiles:
    """Files that are not a workbook, and the error class of each."""

    def test_the_message_of_a_missing_workbook_names_its_folder(self, tmp_path: Path) -> None:
        problem = refusal(tmp_path / "signers.xlsx")
        assert (problem.code, problem.hint) == (
            "workbook-missing",
            "Check the name and the folder. To start a new campaign: “Create campaign”.",
        )
        assert str(tmp_path) in problem.what

    def test_the_message_of_a_missing_workbook_suggests_a_similar_one(self, tmp_path: Path) -> None:
        (tmp_path / "~$signers.xlsx").write_bytes(b"x")
        (tmp_path / "Signer.xls").write_bytes(b"x")
        xlsx(tmp_path, "Signer.xlsx", Signers=[])
        assert refusal(tmp_path / "signers.xlsx").hint == "Did you mean Signer.xlsx?"

    def test_the_message_of_a_missing_workbook_suggests_an_old_xls(self, tmp_path: Path) -> None:
        (tmp_path / "signers.xls").write_bytes(OLE)
        hint = refusal(tmp_path / "signers.xlsx").hint
        assert hint.startswith("There is signers.xls. In Excel, save it as")

    def test_the_missing_folder_of_a_workbook_is_reported(self, tmp_path: Path) -> None:
        problem = refusal(tmp_path / "nowhere" / "signers.xlsx")
        assert (problem.code, "nowhere" in problem.what) == ("workbook-missing", True)

    def test_a_missing_workbook_is_a_usage_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError):
            read_excel_file(tmp_path / "signers.xlsx")

    def test_a_folder_instead_of_a_workbook_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "signers.xlsx").mkdir()
        assert refused(tmp_path / "signers.xlsx") == "workbook-folder"

    @pytest.mark.posix("Windows has no chmod")
    def test_a_workbook_without_read_permission_is_a_storage_error(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[])
        path.chmod(0)
        user = os.geteuid()
        os.seteuid(user or 65534)  # root can read every file
        try:
            with pytest.raises(StorageError) as caught:
                read_excel_file(path)
        finally:
            os.seteuid(user)
        assert caught.value.problems[0].code == "workbook-locked"

    @pytest.mark.parametrize(
        ("data", "code", "words"),
        [
            (b"", "workbook-empty", "empty"),
            (b"Name;City\nAna;Rome\n", "workbook-csv", "CSV"),
            (b"Ana Ruiz wrote this\n", "workbook-not-excel", "text file"),
            (b"<html><table><tr><td>Ana", "workbook-not-excel", "web page"),
            (b'<?xml version="1.0"?><Workbook/>', "workbook-not-excel", "XML"),
            (b"%PDF-1.7 ...", "workbook-not-excel", "PDF"),
            (b"\x89PNG\r\n\0\0\0", "workbook-not-excel", "damaged"),
            (OLE + "Workbook".encode("utf-16-le"), "workbook-xls", ".xls"),
            (OLE + "EncryptedPackage".encode("utf-16-le"), "workbook-protected", "password"),
            (OLE + "WordDocument".encode("utf-16-le"), "workbook-not-excel", "Word"),
            (OLE, "workbook-unreadable", "damaged"),
            (b"PK\x03\x04" + bytes(100), "workbook-unreadable", "a part of it is missing"),
        ],
    )
    def test_a_file_of_another_kind_than_a_workbook_is_recognised(
        self, tmp_path: Path, data: bytes, code: str, words: str
    ) -> None:
        path = tmp_path / "signers.xlsx"
        path.write_bytes(data)
        os.utime(path, (0, 0))
        problem = refusal(path)
        assert (problem.code, words in problem.what) == (code, True)

    @pytest.mark.parametrize(
        ("member", "code", "words"),
        [
            ("word/document.xml", "workbook-not-excel", "Word"),
            ("ppt/presentation.xml", "workbook-not-excel", "presentation"),
            ("xl/workbook.bin", "workbook-xlsb", "binary"),
            ("mimetype", "workbook-ods", "OpenDocument"),
            ("Index/Document.iwa", "workbook-not-excel", "Numbers"),
            ("photo.jpg", "workbook-not-excel", "zip"),
        ],
    )
    def test_a_zip_of_another_kind_than_a_workbook_is_recognised(
        self, tmp_path: Path, member: str, code: str, words: str
    ) -> None:
        problem = refusal(zipped(tmp_path / "signers.xlsx", {member: "x"}))
        assert (problem.code, words in problem.what) == (code, True)

    def test_a_truncated_workbook_is_refused(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[["Ana"]])
        path.write_bytes(path.read_bytes()[:-200])
        os.utime(path, (0, 0))
        assert refused(path) == "workbook-unreadable"

    def test_a_workbook_without_the_part_of_a_sheet_is_damaged(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(raw(tmp_path, "")) as archive:
            parts = {n: archive.read(n) for n in archive.namelist() if "sheet1" not in n}
        book = read_excel_file(zipped(tmp_path / "signers.xlsx", parts))
        with pytest.raises(DataError, match="damaged"):
            book.sheet("Signers")
        with pytest.raises(DataError, match="damaged"):
            book.sheet_xml("Signers")
        with pytest.raises(KeyError):
            book.sheet("Recipients")

    @pytest.mark.parametrize("share", [0, 0.5, 0.99])
    def test_a_workbook_that_is_being_saved_is_not_reported_as_damaged(
        self, tmp_path: Path, share: float
    ) -> None:
        path = xlsx(tmp_path, Signers=[["Ana"]])
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        problem = refusal(path)
        assert (problem.code, "being saved" in problem.what) == ("file-being-saved", True)
        assert problem.hint.startswith("Try again in a moment.")
        os.utime(path, (0, 0))
        assert refused(path) == ("workbook-unreadable" if share else "workbook-empty")
        for owner in ("~$signers.xlsx", ".~lock.signers.xlsx#"):  # open, and saved slowly
            (tmp_path / owner).write_bytes(b"somebody")
            assert refused(path) == "file-being-saved"
            (tmp_path / owner).unlink()
        path.write_bytes(data)
        assert read_excel_file(path)

    def test_a_complete_file_of_another_kind_is_not_reported_as_being_saved(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "signers.xlsx"
        path.write_bytes(b"notes")
        (tmp_path / "~$signers.xlsx").write_bytes(b"somebody")
        assert refused(path) == "workbook-not-excel"

    def test_a_workbook_with_random_damage_never_gives_a_traceback(self, tmp_path: Path) -> None:
        intact = xlsx(tmp_path, Signers=[["Name"], ["Ana"], [1.5]]).read_bytes()
        dice = random.Random(2)  # noqa: S311
        for _ in range(300):
            data = bytearray(intact)
            for _ in range(3):
                data[dice.randrange(4, len(data))] = dice.randrange(256)
            (tmp_path / "signers.xlsx").write_bytes(data)
            with suppress(DataError):  # no other exception
                book = read_excel_file(tmp_path / "signers.xlsx")
                for sheet in book.sheets:
                    book.sheet(sheet.name)

    @pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET])
    def test_a_workbook_with_broken_xml_is_refused(self, tmp_path: Path, part: str) -> None:
        assert refused(edited(raw(tmp_path, "<row/>"), part, ("</", "<"))) == "workbook-unreadable"

    def test_reading_a_workbook_does_not_change_it_or_keep_it_open(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[["Ana"]])
        old_bytes = path.read_bytes()
        book = read_excel_file(path)
        path.unlink()
        assert book.sheet("Signers").rows
        path.write_bytes(old_bytes)
        signers(path)
        assert path.read_bytes() == old_bytes


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'


class TestHostileFiles:
    """Hostile files are refused before they cost time or memory."""

    def test_a_sheet_with_a_doctype_is_refused(self, tmp_path: Path) -> None:
        sheet = f'{BOMB}<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
        assert refused(raw(tmp_path, "", sheet=sheet)) == "workbook-odd"

    def test_a_sheet_with_a_doctype_in_another_encoding_is_refused(self, tmp_path: Path) -> None:
        sheet = f'<?xml version="1.0" encoding="UTF-16"?>{BOMB}<worksheet xmlns="{MAIN}"/>'
        assert refused(raw(tmp_path, "", sheet=sheet.encode("utf-16"))) == "workbook-odd"

    def test_a_doctype_in_an_unused_part_of_a_workbook_is_refused(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[["Ana"]])
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("docProps/extra.xml", " " * 65_530 + BOMB + "<x/>")
        assert refused(path) == "workbook-odd"

    @pytest.mark.parametrize("name", ["../evil.xml", "/evil.xml", _BACKSLASH, "a/../../b"])
    def test_zip_members_with_paths_outside_the_folder_are_refused(
        self, tmp_path: Path, name: str
    ) -> None:
        path = xlsx(tmp_path, Signers=[["Ana"]])
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, "x")
        assert refused(path) == "workbook-odd"

    def test_zip_members_with_the_same_name_are_refused(self, tmp_path: Path) -> None:
        path = raw(tmp_path, "<row/>")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(SHEET.upper(), "x")
        assert refused(path) == "workbook-odd"

    @pytest.mark.parametrize("before", [b"MZ", b"%PDF"])
    def test_a_workbook_with_bytes_before_the_zip_is_refused(
        self, tmp_path: Path, before: bytes
    ) -> None:
        path = xlsx(tmp_path, Signers=[["Ana"]])
        path.write_bytes(before + path.read_bytes())
        assert refused(path)

    def test_a_workbook_followed_by_a_second_zip_is_refused(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[["Ana"]])
        path.write_bytes(path.read_bytes() * 2)
        assert refused(path) == "workbook-odd"

    def test_a_workbook_in_a_zip_with_a_password_is_reported(self, tmp_path: Path) -> None:
        path = raw(tmp_path, "<row/>")
        data = bytearray(path.read_bytes())
        at = data.rindex(b"PK\x01\x02")
        data[at + 8] |= 1
        path.write_bytes(data)
        assert refused(path) == "workbook-protected"

    def test_a_workbook_with_too_many_members_is_refused(self, tmp_path: Path) -> None:
        parts: dict[str, str | bytes] = {f"{n}.xml": "" for n in range(5_001)}
        assert refused(zipped(tmp_path / "signers.xlsx", parts)) == "workbook-too-large"

    def test_a_workbook_over_50_mib_is_refused_unread(self, tmp_path: Path) -> None:
        path = tmp_path / "signers.xlsx"
        with path.open("wb") as file:
            file.truncate((50 << 20) + 1)
        assert refused(path) == "workbook-too-large"

    def test_a_workbook_with_a_false_size_in_the_zip_is_refused(self, tmp_path: Path) -> None:
        path = raw(tmp_path, "<row><c><v>1</v></c></row>" * 2_000)
        data = bytearray(path.read_bytes())
        at = data.rindex(b"PK\x01\x02")
        data[at + 24 : at + 28] = (10).to_bytes(4, "little")
        path.write_bytes(data)
        assert refused(path) == "workbook-unreadable"

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ('<row r="1048577"><c><v>1</v></c></row>', "more rows than Excel"),
            ('<row><c r="XFE1"><v>1</v></c></row>', "more columns than Excel"),
            ("<row>" + "<c/>" * 16_385 + "</row>", "more columns than Excel"),
            ("<row>" + "<c><v>1</v></c>" * 2_001 + "</row>", "BXY1"),
            ("<a>" * 200 + "</a>" * 200, "harmful"),
            ('<row><c t="str"><v>' + "ab\n" * 400_000 + "</v></c></row>", "a million characters"),
            ('<row r="1" x="' + "a" * (3 << 20) + '"/>', "harmful"),
        ],
    )
    def test_a_sheet_that_exceeds_a_limit_is_refused(
        self, tmp_path: Path, data: str, words: str
    ) -> None:
        assert words in refusal(raw(tmp_path, data)).what

    def test_a_sheet_with_the_most_columns_is_read(self, tmp_path: Path) -> None:
        path = raw(tmp_path, "<row>" + "<c><v>1</v></c>" * 2_000 + "</row>")
        assert len(signers(path).rows[0].cells) == 2_000

    def test_a_sheet_with_the_last_cell_of_excel_is_refused(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path, Signers=[["Name"]])
        data = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        edited(path, SHEET, ("</sheetData>", data))
        problem = refusal(path)
        assert (problem.code, "XFD1048576" in problem.hint) == ("workbook-too-large", True)


MEASURE = """
import re, sys, time
from pathlib import Path
from merge.errors import DataError
from merge.excel.reader import read_excel_file
from support.speed import slowness
before = time.process_time()
try:
    read_excel_file(Path(sys.argv[1])).sheet("Signers")
except DataError as error:
    code = error.problems[0].code
seconds = time.process_time() - before
peak = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]
print(code, seconds / slowness(), peak)
"""
"""VmHWM is read, because ru_maxrss includes the parent process."""

OPEN = f'<worksheet xmlns="{MAIN}"><sheetData>'
CLOSE = "</sheetData></worksheet>"
ROW = "<row><c><v>1</v></c></row>"
FULL = 63 << 20

HOSTILE = {
    "ten million rows": (OPEN, ROW, CLOSE, 10_000_000 * len(ROW)),
    "ten million rows in 64 MiB": (OPEN, "<row/>", CLOSE, FULL),
    "four million cells": (OPEN + "<row>", '<c r="A1"/>', "</row>" + CLOSE, FULL),
    "two million filled rows": (OPEN, ROW, CLOSE, FULL),
    "unknown elements in each other": (OPEN, "<x>", CLOSE, FULL),
    "a text of 63 MiB": (OPEN + '<row><c t="str"><v>', "abcd", "</v></c></row>" + CLOSE, FULL),
    "ten million attributes": (OPEN + "<row", ' a=""', "/>" + CLOSE, FULL),
    "merged cells": (OPEN + "</sheetData>", '<mergeCell ref="A1:B2"/>', "</worksheet>", FULL),
    "a doctype": (BOMB + OPEN, "", CLOSE, 0),
}


def hostile_workbook(folder: Path, kind: str) -> Path:
    """Return a workbook whose sheet has a unit repeated to a given size."""
    head, unit, tail, size = HOSTILE[kind]
    path = raw(folder, "", sheet="")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != SHEET}
    block = (unit * 10_000).encode()
    zipped(path, parts)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(SHEET, "w") as stream,
    ):
        stream.write(head.encode())
        for _ in range(size // max(len(block), 1)):
            stream.write(block)
        stream.write(tail.encode())
    return path


class TestCost:
    """Time and memory until a hostile file is refused."""

    @pytest.mark.slow
    @pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
    @pytest.mark.parametrize("kind", HOSTILE)
    def test_hostile_workbooks_are_refused_within_seconds_and_300_mib(
        self, tmp_path: Path, kind: str
    ) -> None:
        command = [sys.executable, "-c", MEASURE, str(hostile_workbook(tmp_path, kind))]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment
        )
        code, seconds, kib = process.stdout.split()
        assert code in {"workbook-too-large", "workbook-odd"}
        assert float(seconds) < 5
        assert int(kib) < 300 << 10

    @pytest.mark.slow
    def test_a_zip_bomb_is_refused_by_its_unpacked_size(self, tmp_path: Path) -> None:
        zeros = bytes(60 << 20)
        parts = {f"{n}.bin": zeros for n in range(4)}
        problem = refusal(zipped(tmp_path / "signers.xlsx", parts))
        assert "more than 200 MiB" in problem.what

    def test_a_part_of_a_workbook_over_64_mib_is_refused(self, tmp_path: Path) -> None:
        problem = refusal(zipped(tmp_path / "signers.xlsx", {"a.bin": bytes((64 << 20) + 1)}))
        assert "a.bin has more than 64 MiB" in problem.what


@pytest.mark.slow
def test_millions_of_blank_cells_are_refused_with_a_clear_message(tmp_path: Path) -> None:
    row = "<c/>" * 10_000
    rows = "".join(f'<row r="{number}">{row}</row>' for number in range(1, 402))
    book = read_excel_file(raw(tmp_path, rows))
    with pytest.raises(DataError, match="4,000,000 blank cells with a format"):
        book.sheet("Signers")


def test_the_message_of_a_damaged_cell_quotes_its_text(tmp_path: Path) -> None:
    found = refusal(raw(tmp_path, "<row><c><v>twelve</v></c></row>"))
    assert "(“twelve” is not a number)" in found.what
