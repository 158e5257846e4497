"""`merge print`: its letters, its print files, and its register entries."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from support.campaigns import RunResult, make, merge, typed
from support.everyday import everyday
from support.opened_files import opened_files
from support.printed_campaigns import (
    NEWER,
    PEOPLE,
    change_template,
    copy_letter,
    delete_letter,
    edit,
    edit_letter_and_template,
    make_six_letters,
    mark,
    no_libreoffice,
    open_letter,
    run_print,
)
from support.staff_actions import save_again

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign
from merge.campaign.print_plan import PrintOrder, plan_printing
from merge.campaign.print_run import PrintRun
from merge.campaign.task import NO_PROGRESS, Task
from merge.computer import draft_name

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]


def _texts(path: str) -> list[str]:
    return [p.text for p in Document(path).paragraphs if p.text.strip()]


def _batches(folder: Path) -> dict[tuple[str, str], str]:
    """Return the Print file column of the register by signer and recipient."""
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    columns = {str(cell.value): number for number, cell in enumerate(sheet[1])}
    rows = sheet.iter_rows(min_row=2, values_only=True)
    names = ("Signer", "Recipient", "Print file")
    cells = [[str(row[columns[name]] or "") for name in names] for row in rows]
    return {(signer, recipient): batch for signer, recipient, batch in cells}


def _codes(ran: RunResult) -> set[str]:
    return {problem["code"] for problem in ran.json["problems"] if problem["level"] == "error"}


def test_a_print_file_has_all_letters_grouped_by_signer_in_workbook_order(tmp_path: Path) -> None:
    ran = run_print(make_six_letters(tmp_path), "--no-covers")
    (file,) = ran.json["files"]
    assert Path(file).name == "01 Ana Ruiz - Chidi Obi.docx"
    names = [line for line in _texts(file) if line != "Dear you,"]
    pairs = [
        (signer_name, recipient_name)
        for signer_name in PEOPLE
        for recipient_name in ("Minister Li", "Consul Roy")
    ]
    assert names == [name for signer, recipient in pairs for name in (recipient, signer)]


def test_a_print_file_contains_the_edits_of_a_letter(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Bo Berg" / "Minister Li.docx")
    (file,) = run_print(folder).json["files"]
    assert _texts(file).count("Added by hand") == 1


def test_printing_enters_the_print_file_in_the_register_but_no_printed_date(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    run_print(folder, "--for", "Bo Berg")
    batches = _batches(folder)
    now = dt.datetime.now().astimezone()
    assert batches["Bo Berg", "Minister Li"].startswith(f"01, {now.day} {now:%b %Y}, ")
    assert batches["Ana Ruiz", "Minister Li"] == ""
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    column = [str(cell.value) for cell in sheet[1]].index("Printed")
    assert {row[column] for row in sheet.iter_rows(min_row=2, values_only=True)} == {None}
    before = (folder / "register.xlsx").read_bytes()
    merge("letters", folder)
    assert (folder / "register.xlsx").read_bytes() == before


@pytest.mark.disk("times")
def test_a_dry_run_opens_no_letter_that_is_as_the_program_created_it(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edited = folder / "letters" / "Bo Berg" / "Minister Li.docx"
    edit(edited)
    merge("status", folder)
    with opened_files(".docx") as paths:
        assert run_print(folder, "--dry-run").json["letters"] == 6
    opened = {path for path in paths if "letters" in Path(path).parts}
    assert str(edited) in opened
    assert len(opened) <= 2  # one letter shows the paper of all that are alike


def test_a_letter_that_was_only_saved_again_counts_as_printed_in_its_print_file(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    run_print(folder)
    save_again(folder / "letters" / "Bo Berg" / "Minister Li.docx")
    for _ in range(2):
        assert run_print(folder, "--since-last").json["letters"] == 0
        assert merge("status", folder, "--json").json["print_again"] == []
        assert "1 kept" in merge("letters", folder).out
    edit(folder / "letters" / "Bo Berg" / "Minister Li.docx")
    assert run_print(folder, "--since-last").json["letters"] == 1


@pytest.mark.slow
def test_a_letter_that_changed_after_its_print_file_is_listed_for_printing_again(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    run_print(folder)
    assert run_print(folder, "--since-last").json["letters"] == 0
    edit(folder / "letters" / "Bo Berg" / "Minister Li.docx")
    status = merge("status", folder, "--json").json
    assert status["print_again"] == ["letters/Bo Berg/Minister Li.docx"]
    assert run_print(folder, "--since-last").json["letters"] == 1
    assert merge("status", folder, "--json").json["print_again"] == []


@pytest.mark.slow
def test_status_counts_letters_in_print_files_and_letters_not_printed_yet(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    assert merge("status", folder).last == f"6 letters not printed yet. Next: merge print {folder}"
    run_print(folder, "--for", "Ana Ruiz")
    only_new = f"merge print {folder} --since-last"
    assert merge("status", folder).last == f"4 letters not printed yet. Next: {only_new}"
    run_print(folder, "--since-last")
    assert merge("status", folder).last == (
        "6 letters in print files, not marked as printed."
        " Next: print them, then enter the dates in register.xlsx, or run:"
        f" merge mark printed {folder}"
    )
    assert merge("status", folder, "--json").json["in_batches"] == 6


def _print_run(folder: Path, task: Task = NO_PROGRESS) -> PrintRun:
    campaign, order = read_campaign(folder), PrintOrder(grouping="per-signer")
    return PrintRun(campaign, order, plan_printing(campaign, order, None), None, task)


def test_a_letter_edited_during_printing_is_listed_for_printing_again(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    names: list[str] = []

    def edit_after_the_first(name: str) -> None:
        if not names:
            edit(folder / "letters" / PEOPLE[0] / "Minister Li.docx")
        names.append(name)

    _print_run(folder).create_files(edit_after_the_first)
    assert len(names) == 3
    status = merge("status", folder, "--json").json
    assert status["print_again"] == [f"letters/{PEOPLE[0]}/Minister Li.docx"]


def test_a_stopped_print_run_records_the_print_files_it_created(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    task = Task()
    result = _print_run(folder, task).create_files(lambda _: task.cancel())
    assert (result.stopped, [name[:11] for name in result.files]) == (True, [f"01 {PEOPLE[0]}"])
    batches = {signer for (signer, _), batch in _batches(folder).items() if batch}
    assert batches == {PEOPLE[0]}
    assert merge("print", folder, "--json", "--since-last").json["letters"] == 4


def test_letters_marked_as_printed_are_not_printed_again(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    ran = run_print(folder)
    assert (ran.json["letters"], ran.json["left_out"]) == (4, 2)
    assert run_print(folder, "--unsigned").json["letters"] == 6


def _remove_chidi_obi(folder: Path) -> None:
    make(
        folder, "{{ recipient.name }}\nDear you,\n{{ signer.name }}"
    )  # the default signers do not include Chidi Obi


def test_letters_of_a_signer_removed_from_the_workbook_are_not_printed(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _remove_chidi_obi(folder)
    ran = run_print(folder)
    assert ran.json["letters"] == 4
    assert not any("Chidi Obi" in text for text in _texts(ran.json["files"][0]))


@pytest.mark.parametrize(
    ("make_unprintable", "code"),
    everyday(
        [
            (copy_letter, "print-two-files"),
            (edit_letter_and_template, "print-changed"),
            (change_template, "print-outdated"),
            (delete_letter, "print-missing"),
            (open_letter, "print-open"),
        ]
    ),
)
def test_a_letter_that_cannot_be_printed_is_an_error_and_no_print_file_is_created(
    tmp_path: Path, make_unprintable: object, code: str
) -> None:
    folder = make_six_letters(tmp_path)
    make_unprintable(folder)  # type: ignore[operator]
    ran = run_print(folder)
    assert (ran.code, _codes(ran), ran.json["files"]) == (1, {code}, [])
    assert any("Ana Ruiz/Consul Roy" in problem["where"] for problem in ran.json["problems"])
    assert not (folder / "print").exists()


def test_accept_prints_an_edited_letter_whose_data_has_changed(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    edit_letter_and_template(folder)
    ran = run_print(folder, "--accept", "Ana Ruiz")
    assert (ran.code, ran.json["letters"]) == (0, 2)
    assert run_print(folder, "--accept", "Anna Ruiz").code == 2


def test_accept_edited_prints_all_edited_letters_whose_data_has_changed(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    for signer in PEOPLE:
        edit(folder / "letters" / signer / "Consul Roy.docx")
    make(folder, NEWER, Signers=[["Name"], *([name] for name in PEOPLE)])
    merge("letters", folder)
    ran = run_print(folder)
    assert _codes(ran) == {"print-changed"}
    (hint,) = {p["hint"] for p in ran.json["problems"] if p["where"].startswith("letters/Ana")}
    assert hint.endswith(
        '“merge print --accept "Ana Ruiz"”. For all such letters: “merge print --accept edited”.'
    )
    assert run_print(folder, "--accept", "moved").code == 1
    ran = run_print(folder, "--accept", "Edited")
    assert (ran.code, ran.json["letters"]) == (0, 6)


@pytest.mark.slow
def test_accept_moved_and_accept_all_print_the_letters_of_that_status(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed", "Bo Berg")
    letters = folder / "letters"
    (letters / "Ana Ruiz" / "Consul Roy.docx").rename(letters / "Roy.docx")
    edit(letters / "Chidi Obi" / "Minister Li.docx")
    make(folder, NEWER, Signers=[["Name"], *([name] for name in PEOPLE)])
    merge("letters", folder)
    assert run_print(folder, "--accept", "moved").code == 1
    assert run_print(folder, "--accept", "moved", "--accept", "Chidi Obi", "--dry-run").code == 0
    assert run_print(folder, "--accept", "all", "--dry-run").json["letters"] == 4
    assert run_print(folder, "--accept", "all", "--unsigned").json["letters"] == 6


def test_the_last_line_of_print_is_the_next_command_with_all_options(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    words = ("--for", "Bo Berg", "--sheets", "50", "--no-covers", "--envelopes", "#10")
    ran = merge("print", folder, "--dry-run", *words)
    command = typed("merge", "print", folder, *words)
    assert ran.last == f"Dry run: nothing was changed. To create the files: {command}"
    ran = merge("print", folder, *words)
    assert ran.last.endswith(
        ". When they have been printed, run: "
        + typed("merge", "mark", "printed", folder, "--for", "Bo Berg")
    )
    open_letter(folder)
    ran = merge("print", folder)
    refusal = (
        f"1 error, nothing was created. Fix the problems above, then run: merge print {folder}"
    )
    assert ran.last == refusal


def test_print_skip_errors_skips_a_letter_that_is_open(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    open_letter(folder)
    ran = run_print(folder, "--skip-errors")
    assert (ran.code, ran.json["letters"]) == (0, 5)


def test_a_print_dry_run_creates_no_print_file(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    ran = merge("print", folder, "--dry-run")
    assert "6 letters to print, one-sided." in ran.out
    assert not (folder / "print").exists()


def test_print_files_are_divided_by_signer_by_recipient_or_by_sheets(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    per_signer = run_print(folder, "--per-signer").json
    assert [Path(file).stem for file in per_signer["files"]] == [
        "01 Ana Ruiz",
        "02 Bo Berg",
        "03 Chidi Obi",
    ]
    by_recipient = run_print(folder, "--by", "recipient").json
    assert [batch["name"] for batch in by_recipient["batches"]] == ["01 Minister Li - Consul Roy"]
    few = run_print(folder, "--sheets", "5", "--no-covers").json
    assert [batch["sheets"] for batch in few["batches"]] == [4, 2]
    assert run_print(folder, "--one-file", "--per-signer").code == 2


def test_the_accept_hint_names_the_id_of_a_signer_with_a_namesake(tmp_path: Path) -> None:
    people = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Ana Ruiz"]]
    folder = make(tmp_path, Signers=people)
    merge("letters", folder)
    edit(next((folder / "letters").rglob("Consul Roy.docx")))
    make(folder, NEWER, Signers=people)
    merge("letters", folder)
    (problem,) = (p for p in run_print(folder).json["problems"] if p["code"] == "print-changed")
    assert "--accept S" in problem["hint"]


def test_print_explains_how_to_release_a_printed_letter_whose_file_is_missing(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    merge("letters", folder)
    (folder / "letters" / PEOPLE[0] / "Consul Roy.docx").unlink()
    (problem,) = (
        p for p in run_print(folder, "--unsigned").json["problems"] if "Consul" in p["where"]
    )
    assert (problem["code"], problem["message"]) == (
        "print-missing",
        "The file of this printed letter is missing.",
    )
    assert "--release" in problem["hint"]


def test_print_deletes_temporary_files_that_a_killed_run_left(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    temporary_file = folder / "print" / "2026-11-26 10.00.00" / draft_name("9-1")
    temporary_file.parent.mkdir(parents=True)
    temporary_file.write_bytes(b"half a batch")
    assert run_print(folder).code == 0
    assert not temporary_file.exists()


@pytest.mark.slow
def test_print_runs_in_the_same_second_replace_no_print_file(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    files = [file for _ in range(3) for file in run_print(folder).json["files"]]
    assert len({*files}) == 3
    assert all(Path(file).exists() for file in files)


def test_print_files_of_runs_in_the_same_minute_have_different_names_in_the_register(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    for name in ("Ana Ruiz", "Bo Berg"):
        merge("print", folder, "--for", name)
    names = {*inspect_campaign(read_campaign(folder)).batches.values()}
    assert len(names) == 2


def test_an_open_register_is_updated_later_without_a_second_print_file(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    lock_file = folder / "~$register.xlsx"
    lock_file.write_bytes(b"Ana")
    (problem,) = run_print(folder).json["problems"]
    assert (problem["code"], problem["remedy"]) == ("register-open", [f"merge letters {folder}"])
    lock_file.unlink()
    merge("letters", folder)
    row = load_workbook(folder / "register.xlsx")["Register"][2]
    assert str(row[-1].value or row[-2].value)
