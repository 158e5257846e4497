"""The list of signers as a file: written, read again, shared with staff."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.styles import PatternFill
from support.campaigns import ROOT
from support.office_programs import needs_calc, soffice
from support.signer_lists import (
    DAY,
    FIRST,
    FORMS,
    FOURTH,
    HEADINGS,
    SECOND,
    THIRD,
    THREE,
    cells,
    edit_cells,
    make_list,
    save_list,
    with_cells,
    with_people,
)
from support.staff_actions import KILL_HOOK

from merge.errors import DataError, StorageError
from merge.intake.destinations import DO_NOT_IMPORT, EMAIL, RESPONSE_DATE, RESPONSE_ID
from merge.intake.list_backup import undo_import
from merge.intake.list_types import RememberedColumn
from merge.intake.signer_list import read_list
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE

FOUR = ("Tunde Fairweather", "12 Elm St", "Leeds")


def code_of(error: pytest.ExceptionInfo[StorageError]) -> str:
    return error.value.problems[0].code


class TestWriting:
    """Lists that the program writes and reads again."""

    def test_a_new_list_is_read_back_unchanged(self, tmp_path: Path) -> None:
        empty = read_list(tmp_path)
        expected = with_people(empty.list, *THREE)
        save_list(empty, expected)
        stored = read_list(tmp_path)
        people = tuple(replace(p, row=0) for p in stored.list.people)
        assert replace(stored.list, people=people) == expected
        assert [p.row for p in stored.list.people] == [2, 3, 4]
        assert stored.has_records
        assert stored.problems == ()

    def test_a_new_list_has_filters_options_and_a_hidden_memory_sheet(self, tmp_path: Path) -> None:
        book = load_workbook(make_list(tmp_path).path)
        states = {sheet.title: sheet.sheet_state for sheet in book}
        assert states == {"Signers": "visible", "Forms": "visible", "Memory": "veryHidden"}
        sheet, forms = book["Signers"], book["Forms"]
        assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", "A1:F4")
        assert [c.value for c in sheet[1]] == ["ID", *HEADINGS, "Include", "To decide"]
        assert (sheet["C2"].number_format, sheet["C2"].data_type) == ("@", "s")
        options = forms.data_validations.dataValidation[0]
        assert str(options.sqref).startswith("D2")
        place = book.defined_names[options.formula1].attr_text
        title, area = place.replace("$", "").replace("'", "").split("!")
        words = [row[0].value for row in book[title][area]]
        assert {"Name", "Street", "Consent", "Do not import"} <= {*words}

    def test_the_memory_sheet_contains_no_text_of_people(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(make_list(tmp_path).path) as archive:
            parts = [name for name in archive.namelist() if "sheets/sheet3" in name]
            memory = archive.read(parts[0]).decode()
        words = {w for row in THREE for text in row for w in re.findall(r"\w{3,}", text)}
        assert [word for word in words - {*HEADINGS} if word in memory] == []

    @pytest.mark.parametrize(
        "text",
        ["=HYPERLINK(1)", "@SUM(A1)", "+1", "-2", "'=1", "_x003D_1", "＝1", "0123", "a\nb", "#N/A"],
    )
    def test_a_text_in_the_list_is_never_a_formula(self, text: str, tmp_path: Path) -> None:
        stored = make_list(tmp_path, ("Ana Ruiz", text, ""))
        save_list(stored, with_cells(with_people(stored.list, ("Bo Berg", text)), FIRST, City=text))
        read_again = read_list(tmp_path)
        assert [p.fields["Street"] for p in read_again.list.people] == [text, text]
        assert read_again.list.people[0].fields["City"] == text
        with zipfile.ZipFile(read_again.path) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet

    def test_a_list_without_its_memory_sheet_is_refused_if_it_has_people_from_forms(
        self, tmp_path: Path
    ) -> None:
        make_list(tmp_path)
        book = load_workbook(tmp_path / LIST_FILE)
        del book["Memory"]
        book.save(tmp_path / LIST_FILE)
        with pytest.raises(DataError) as error:
            read_list(tmp_path)
        assert error.value.problems[0].code == "list-memory"
        edit_cells(tmp_path, A2=None, A3="mine", A4=None)
        assert [p.id for p in read_list(tmp_path).list.people] == ["", "mine", ""]

    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            ("B1", None),
            ("B1", "0123"),
            ("B1", 1234567890123456),
            ("C1", None),
            ("C1", "abc"),
            ("C1", "aa" * 65),
        ],
    )
    def test_an_invalid_memory_sheet_is_reported(
        self, cell: str, text: str | int | None, tmp_path: Path
    ) -> None:
        make_list(tmp_path)
        book = load_workbook(tmp_path / LIST_FILE)
        book["Memory"][cell] = text
        book.save(tmp_path / LIST_FILE)
        with pytest.raises(DataError) as error:
            read_list(tmp_path)
        assert error.value.problems[0].code == "list-memory"

    @pytest.mark.posix("there are no pipes in folders")
    def test_a_pipe_in_place_of_the_list_is_refused(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / LIST_FILE)
        with pytest.raises(StorageError):
            read_list(tmp_path)


class TestStaffChanges:
    """Staff's changes between two writes are kept."""

    def test_an_update_of_the_list_writes_only_changed_cells(self, tmp_path: Path) -> None:
        make_list(tmp_path)
        book = load_workbook(tmp_path / LIST_FILE)
        sheet = book["Signers"]
        sheet.insert_cols(3)
        sheet["C1"], sheet["C2"] = "Spoken to", "by Inés"
        rows = [[cell.value for cell in row] for row in sheet["A2:D4"]]
        # The rows are sorted, except for the columns to the right.
        for number, row in enumerate(reversed(rows), 2):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column).value = value
        sheet["A5"], sheet["B5"] = None, "Paper Signer"
        sheet["B2"].fill = PatternFill("solid", fgColor="FF0000")
        sheet["J9"] = "=COUNTA(B:B)"
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].width = 55
        sheet.title = "People"
        sheet.auto_filter.ref = "A1:G5"
        book.save(tmp_path / LIST_FILE)
        before = cells(tmp_path / LIST_FILE, "People")
        stored = read_list(tmp_path)
        after = with_cells(with_people(stored.list, FOUR), FIRST, Street="60 Saffron Close")
        save_list(stored, after)
        cells_after = cells(tmp_path / LIST_FILE, "People")
        street = stored.list.people[2].fields["Street"], cells_after[3][3]
        assert street == ("14 Larkspur Terrace", "60 Saffron Close")
        assert cells_after[3][:3] == [FIRST, "Harriet Okonjo-Blythe", "by Inés"]
        cells_after[3][3] = before[3][3]
        assert [row[: len(before[0])] for row in cells_after[: len(before)]] == before
        assert cells_after[len(before)][:5] == [FOURTH, FOUR[0], None, FOUR[1], FOUR[2]]
        sheet = load_workbook(tmp_path / LIST_FILE)["People"]
        assert sheet["B2"].fill.fgColor.rgb == "00FF0000"
        assert sheet.row_dimensions[3].hidden
        assert sheet.column_dimensions["C"].width == 55

    def test_the_filter_of_the_list_includes_new_rows(self, tmp_path: Path) -> None:
        stored = make_list(tmp_path)
        save_list(stored, with_people(stored.list, FOUR))
        assert load_workbook(stored.path)["Signers"].auto_filter.ref == "A1:F5"

    def test_a_new_heading_of_the_list_is_right_of_all_used_columns(self, tmp_path: Path) -> None:
        stored = make_list(tmp_path)
        edit_cells(tmp_path, G1="Spoken to")
        stored = read_list(tmp_path)
        after = with_cells(stored.list, SECOND, Country="France")
        save_list(stored, replace(after, headings=(*after.headings, "Country")))
        cells_after = cells(stored.path)
        assert (cells_after[0][6:], cells_after[2][7]) == (["Spoken to", "Country"], "France")

    def test_include_and_to_decide_stay_the_last_columns_of_a_list_without_people(
        self, tmp_path: Path
    ) -> None:
        empty = read_list(tmp_path)
        save_list(
            empty, replace(empty.list, forms=tuple(replace(f, confirmed_on=None) for f in FORMS))
        )
        book = load_workbook(tmp_path / LIST_FILE)
        book["Forms"]["E2"] = "asked Inés"
        book.save(tmp_path / LIST_FILE)
        stored = read_list(tmp_path)
        new = with_people(replace(stored.list, forms=()), *THREE)
        save_list(stored, new)
        assert cells(stored.path)[0] == ["ID", *HEADINGS, "Include", "To decide"]
        assert [p.id for p in read_list(tmp_path).list.people] == [FIRST, SECOND, THIRD]
        book = load_workbook(stored.path)
        assert book.sheetnames == ["Signers", "Forms", "Memory"]
        (area,) = book["Signers"].conditional_formatting
        assert str(area.sqref).startswith("A2:F")
        assert "$E2" in area.rules[0].formula[0]
        days = [book["Forms"][f"F{row}"] for row in (2, 3)]
        assert {(day.number_format, day.value.date()) for day in days} == {("yyyy-mm-dd", DAY)}

    def test_staffs_changes_in_the_forms_sheet_are_read_and_kept(self, tmp_path: Path) -> None:
        make_list(tmp_path)
        book = load_workbook(tmp_path / LIST_FILE)
        book["Forms"]["D2"], book["Forms"]["G2"] = "Street", "asked Inés"
        book.save(tmp_path / LIST_FILE)
        stored = read_list(tmp_path)
        first, second = stored.list.forms
        assert first.goes_to == "Street"
        forms = (
            replace(first, filled_count=9),
            second,
            replace(second, heading="Town", goes_to="City"),
        )
        save_list(stored, replace(stored.list, forms=forms))
        assert read_list(tmp_path).list.forms == forms
        assert cells(tmp_path / LIST_FILE, "Forms")[1][6] == "asked Inés"

    def test_the_forms_sheet_has_plain_labels_for_columns_that_are_not_stored(
        self, tmp_path: Path
    ) -> None:
        stored = make_list(tmp_path)
        goes_to = (RESPONSE_ID, EMAIL, RESPONSE_DATE, DO_NOT_IMPORT)
        new = (RememberedColumn("Petition", f"q{n}", word) for n, word in enumerate(goes_to))
        forms = (*stored.list.forms, *new)
        save_list(stored, replace(stored.list, forms=forms))
        assert [row[3] for row in cells(tmp_path / LIST_FILE, "Forms")[-4:]] == [
            "Identifies the person: response ID",
            "Identifies the person: email",
            "Date of the response",
            "Do not import",
        ]
        assert read_list(tmp_path).list.forms == forms

    def test_a_cleared_id_is_reported_with_the_id_to_restore(self, tmp_path: Path) -> None:
        make_list(tmp_path)
        edit_cells(tmp_path, A3=None, A4=None, B4="Somebody Else")
        problems = read_list(tmp_path).problems
        assert [(p.code, str(p.place)) for p in problems] == [
            ("list-id-gone", f"{LIST_FILE}, Signers!A3")
        ]
        assert dict(problems[0].fields) == {"id": SECOND}

    @pytest.mark.parametrize("way", ["formula", "merged"])
    def test_an_include_cell_that_cannot_become_no_stops_the_writing(
        self, way: str, tmp_path: Path
    ) -> None:
        make_list(tmp_path)
        book = load_workbook(tmp_path / LIST_FILE)
        if way == "formula":
            book["Signers"]["E3"] = '=IF(1,"","")'
        else:
            book["Signers"].merge_cells("E2:F3")
        book.save(tmp_path / LIST_FILE)
        stored = read_list(tmp_path)
        people = [replace(p, include="no") if p.id == SECOND else p for p in stored.list.people]
        with pytest.raises(StorageError) as error:
            save_list(stored, replace(stored.list, people=tuple(people)))
        assert code_of(error) == "list-include-held"
        assert stored.path.read_bytes() == stored.data

    def test_a_deleted_forms_sheet_is_recreated_in_any_order_of_sheets(
        self, tmp_path: Path
    ) -> None:
        make_list(tmp_path)
        book = load_workbook(tmp_path / LIST_FILE)
        del book["Forms"]
        book.move_sheet("Memory", -1)
        book.save(tmp_path / LIST_FILE)
        stored = read_list(tmp_path)
        save_list(stored, with_people(stored.list, FOUR))
        assert [form.form for form in read_list(tmp_path).list.forms] == ["Petition spring"] * 2

    def test_a_column_that_the_form_fills_and_the_list_lacks_is_reported(
        self, tmp_path: Path
    ) -> None:
        stored = make_list(tmp_path)
        forms = (*stored.list.forms, RememberedColumn("Petition", "Where?", "Street (1)", 3))
        save_list(stored, replace(stored.list, forms=forms))
        assert read_list(tmp_path).problems == ()
        edit_cells(tmp_path, C1="Address")
        (problem,) = read_list(tmp_path).problems
        assert (problem.code, problem.place.cell) == ("list-column-gone", "D4")
        book = load_workbook(tmp_path / LIST_FILE)
        book["Forms"]["D4"] = "Address"
        book.save(tmp_path / LIST_FILE)
        assert read_list(tmp_path).problems == ()

    def test_names_that_were_sorted_without_their_ids_are_reported(self, tmp_path: Path) -> None:
        make_list(tmp_path)
        edit_cells(tmp_path, B3="Cal McAllister", B4="Siân Pryce")
        assert read_list(tmp_path).problems == ()
        edit_cells(tmp_path, B2=THREE[2][0], B3=THREE[1][0], B4=THREE[0][0])
        problems = read_list(tmp_path).problems
        assert [(p.level, p.code, p.place.cell) for p in problems] == [
            ("error", "list-rows-moved", "A2")
        ]

    def test_an_older_copy_of_the_list_has_its_own_memory(self, tmp_path: Path) -> None:
        stored = make_list(tmp_path)
        yesterday = stored.path.read_bytes()
        save_list(stored, with_people(stored.list, FOUR))
        stored.path.write_bytes(yesterday)
        stored_again = read_list(tmp_path)
        assert [*stored_again.list.records] == [FIRST, SECOND, THIRD]

    def test_a_formula_of_staff_in_the_list_is_not_overwritten(self, tmp_path: Path) -> None:
        make_list(tmp_path)
        edit_cells(tmp_path, D2='=""')
        stored = read_list(tmp_path)
        save_list(stored, with_cells(stored.list, FIRST, City="Leeds"))
        assert load_workbook(stored.path)["Signers"]["D2"].value == '=""'

    def test_contents_that_the_list_loses_are_reported_and_backed_up(self, tmp_path: Path) -> None:
        stored = make_list(tmp_path)
        _with_part(stored.path, "xl/webextensions/taskpanes.xml", b"<x/>")
        stored, data = read_list(tmp_path), stored.path.read_bytes()
        written = save_list(stored, with_people(stored.list, FOUR), keep_copy=False)
        assert written.losses == ("Office add-ins",)
        assert written.backup_path == tmp_path / PREVIOUS_LIST_FILE
        assert (tmp_path / PREVIOUS_LIST_FILE).read_bytes() == data

    @pytest.mark.slow
    @pytest.mark.libreoffice
    @needs_calc
    def test_a_list_saved_in_libreoffice_loses_nothing(self, tmp_path: Path) -> None:
        original = make_list(tmp_path, *THREE, ("=1+1", "_x003D_1", "007"))
        before = original.list
        out = tmp_path / "out"
        command = [*soffice(), "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
        subprocess.run([*command, "--outdir", str(out), str(original.path)], check=True)
        shutil.copyfile(out / LIST_FILE, original.path)
        stored = read_list(tmp_path)
        assert stored.list == before
        save_list(stored, with_cells(with_people(stored.list, FOUR), SECOND, City="Paris"))
        list_after = read_list(tmp_path).list
        assert [p.fields["Name"] for p in list_after.people][-1] == FOUR[0]
        assert list_after.people[1].fields["City"] == "Paris"
        assert list_after.people[3] == before.people[3]


def _with_part(path: Path, name: str, data: bytes) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, data)


class TestRefusals:
    """A list that someone saved or has open is not overwritten."""

    def test_a_list_saved_since_it_was_read_is_not_overwritten(self, tmp_path: Path) -> None:
        stored = make_list(tmp_path)
        edit_cells(tmp_path, B2="Corrected")
        data = stored.path.read_bytes()
        with pytest.raises(StorageError) as error:
            save_list(stored, with_people(stored.list, FOUR))
        assert code_of(error) == "list-changed"
        assert stored.path.read_bytes() == data
        assert not (tmp_path / PREVIOUS_LIST_FILE).exists()

    def test_a_list_that_appeared_since_is_not_overwritten(self, tmp_path: Path) -> None:
        stored = read_list(tmp_path)
        stored.path.write_bytes(b"somebody's")
        with pytest.raises(StorageError) as error:
            save_list(stored, with_people(stored.list, FOUR))
        assert code_of(error) == "list-changed"
        assert stored.path.read_bytes() == b"somebody's"

    @pytest.mark.parametrize("note", [f"~${LIST_FILE}", f".~lock.{LIST_FILE}#"])
    def test_an_open_list_is_reported_and_unchanged(self, note: str, tmp_path: Path) -> None:
        stored = make_list(tmp_path)
        (tmp_path / note).write_bytes(b"Ana")
        for work in (
            lambda: save_list(stored, with_people(stored.list, FOUR)),
            lambda: undo_import(tmp_path),
        ):
            with pytest.raises(StorageError) as error:
                work()
            assert code_of(error) == "list-open"
        assert read_list(tmp_path).list == stored.list


class TestUndo:
    """The list before the last import, and its restoration."""

    def test_undo_restores_the_list_byte_for_byte(self, tmp_path: Path) -> None:
        stored = make_list(tmp_path)
        first = stored.path.read_bytes()
        save_list(stored, with_people(stored.list, FOUR))
        assert (tmp_path / PREVIOUS_LIST_FILE).read_bytes() == first
        assert undo_import(tmp_path) == "restored"
        assert stored.path.read_bytes() == first
        assert not (tmp_path / PREVIOUS_LIST_FILE).exists()

    def test_undo_of_the_first_import_removes_the_list(self, tmp_path: Path) -> None:
        make_list(tmp_path)
        assert undo_import(tmp_path) == "removed"
        assert not [*tmp_path.glob("*.xlsx")]

    def test_a_list_saved_since_the_import_is_not_undone(self, tmp_path: Path) -> None:
        stored = make_list(tmp_path)
        save_list(stored, with_people(stored.list, FOUR))
        edit_cells(tmp_path)  # without a change
        data = stored.path.read_bytes()
        with pytest.raises(StorageError) as error:
            undo_import(tmp_path)
        assert code_of(error) == "list-undo-late"
        assert stored.path.read_bytes() == data

    def test_an_import_without_its_backup_cannot_be_undone(self, tmp_path: Path) -> None:
        stored = make_list(tmp_path)
        save_list(stored, with_people(stored.list, FOUR))
        stored = read_list(tmp_path)
        second = stored.path.read_bytes()
        save_list(stored, with_people(stored.list, ("Ana Ruiz",)))
        assert (tmp_path / PREVIOUS_LIST_FILE).read_bytes() == second
        stored = read_list(tmp_path)
        save_list(stored, with_people(stored.list, ("Bo Berg",)), keep_copy=False)
        assert (tmp_path / PREVIOUS_LIST_FILE).read_bytes() == second
        with pytest.raises(StorageError) as error:
            undo_import(tmp_path)
        assert code_of(error) == "list-undo-nothing"

    def test_undo_without_a_list_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError) as error:
            undo_import(tmp_path)
        assert code_of(error) == "list-undo-nothing"


_KILLED = f"""
import os, sys
left, folder, word = int(sys.argv[1]), sys.argv[2], sys.argv[3]
{KILL_HOOK}from pathlib import Path
from support.signer_lists import save_list, with_people
from merge.intake.list_backup import undo_import
from merge.intake.signer_list import read_list
stored = read_list(Path(folder))
sys.addaudithook(hook)
if word == "undo":
    undo_import(Path(folder))
else:
    save_list(stored, with_people(stored.list, ("Tunde Fairweather", "12 Elm St", "Leeds")))
"""


@pytest.mark.slow
@pytest.mark.parametrize("word", ["first", "write", "undo"])
def test_a_list_write_killed_at_any_step_leaves_the_old_or_the_new_list(
    word: str, tmp_path: Path
) -> None:
    for step in range(100):
        folder = tmp_path / str(step)
        folder.mkdir()
        if word != "first":
            stored = make_list(folder)
            save_list(stored, with_people(stored.list, ("Ana Ruiz", "", "")))
        before = len(read_list(folder).list.people)
        command = [sys.executable, "-c", _KILLED, str(step), str(folder), word]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        process = subprocess.run(command, env=environment, check=False)
        assert process.returncode in {0, 9}
        people_found = len(read_list(folder).list.people)
        after = before + (-1 if word == "undo" else 1)
        assert people_found == after if process.returncode == 0 else people_found in {before, after}
        if process.returncode == 0:
            assert step > 2
            return
    raise AssertionError("it never ended")
