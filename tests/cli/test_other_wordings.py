"""Messages about files, templates and marks that no other test reaches."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.campaigns import RunResult, make, merge
from support.registers import excel, table


def create_trial_letters(folder: Path, template: Path) -> RunResult:
    return merge("letters", folder, "--try", folder / "trial", "--template", template)


def test_a_template_below_a_file_instead_of_a_folder_is_an_error(tmp_path: Path) -> None:
    folder = make(tmp_path)
    ran = create_trial_letters(folder, folder / "signers.xlsx" / "appeal.docx")
    assert (ran.code, "is a file" in ran.err) == (1, True), ran.err


def test_a_template_in_another_folder_is_suggested(tmp_path: Path) -> None:
    folder = make(tmp_path)
    ran = create_trial_letters(folder, folder / "appeal.docx")
    assert ran.code == 1
    assert f"Use the one in {folder / 'templates'}" in ran.err


def test_a_template_with_another_extension_is_suggested(tmp_path: Path) -> None:
    folder = make(tmp_path, Recipients=[["Name", "Template"], ["Minister Li", "short.docx"]])
    (folder / "templates" / "short.doc").write_bytes(b"x")
    problems = merge("check", folder, "--json").json["problems"]
    (problem,) = (p for p in problems if p["code"] == "template-missing")
    assert "short.doc" in problem["message"] + problem["hint"]


@pytest.mark.posix("POSIX devices")
def test_a_device_is_not_read_as_a_workbook(tmp_path: Path) -> None:
    ran = merge("check", make(tmp_path), "--workbook", os.devnull)
    assert (ran.code, "device" in ran.out) == (1, True), ran.out


def test_a_letter_whose_row_was_deleted_is_marked_and_gets_a_new_row(tmp_path: Path) -> None:
    folder = make(tmp_path)
    merge("letters", folder)
    with excel(folder / "register.xlsx") as sheet:
        sheet.delete_rows(2)
    merge("mark", "printed", folder, "--all")
    assert ["Printed" in row for row in table(folder / "register.xlsx")] == [True] * 4


def test_letters_are_not_created_in_a_folder_whose_path_is_too_long(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a" * 60] * 4)
    deep.mkdir(parents=True)
    ran = merge("letters", make(deep))
    assert ran.code == 1
    assert "too long" in ran.err
