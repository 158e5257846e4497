"""Letters on paper that are to be printed once more: never unasked, never with old data untold."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.campaigns import make, merge
from support.everyday import everyday
from support.printed_campaigns import (
    NEWER,
    copy_letter,
    delete_letter,
    edit,
    make_six_letters,
    mark,
    no_libreoffice,
    open_letter,
    run_print,
)
from support.staff_actions import change_part

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]


def _told(folder: Path, *words: str) -> tuple[int, list[tuple[str, str]]]:
    ran = run_print(folder, *words)
    told = [(p["code"], p["hint"]) for p in ran.json["problems"] if p["level"] == "error"]
    return ran.json["letters"], told


def _newer(folder: Path) -> None:
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)


@pytest.mark.parametrize(
    ("happened", "code"),
    everyday(
        [
            (copy_letter, "print-two-files"),
            (delete_letter, "print-missing"),
            (open_letter, "print-open"),
        ]
    ),
)
def test_a_letter_on_paper_that_is_not_settled_is_named_before_it_is_printed_again(
    tmp_path: Path, happened: Callable[[Path], None], code: str
) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    happened(folder)
    assert _told(folder) == (4, [])
    _, told = _told(folder, "--unsigned")
    assert [problem for problem, _ in told] == [code]


def test_a_letter_on_paper_whose_data_changed_is_printed_again_only_when_somebody_says_so(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    mark(folder, "Printed")
    _newer(folder)
    _, told = _told(folder, "--unsigned")
    assert {code for code, _ in told} == {"print-changed"}
    assert all("delete its dates in register.xlsx" in hint for _, hint in told)
    assert _told(folder, "--unsigned", "--accept", "Ana Ruiz") == (2, [])


def test_what_is_signed_is_not_printed_again(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    mark(folder, "Signed", "Bo Berg")
    ran = merge("print", folder, "--unsigned", "--dry-run")
    assert "4 letters to print" in ran.out
    assert "skipped: 2 letters already signed." in ran.err


def test_a_letter_that_was_moved_is_no_copy_of_itself(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    path = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    path.rename(path.with_name("Final.docx"))
    assert _told(folder, "--unsigned") == (6, [])
    told = merge("letters", folder, "--json").json["problems"]
    assert [problem["code"] for problem in told if problem["code"] == "copied"] == []


def test_what_is_left_out_is_named(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    open_letter(folder)
    ran = merge("print", folder, "--skip-errors")
    assert ran.code == 0
    assert "letters/Ana Ruiz/Consul Roy.docx" in ran.err


def test_what_is_in_a_batch_already_is_not_asked_about_again(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    assert run_print(folder, "--accept", "Ana Ruiz").code == 0
    assert _told(folder, "--since-last") == (0, [])


@pytest.mark.slow
def test_an_edited_letter_whose_data_changed_after_its_batch_is_asked_about(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    assert run_print(folder).code == 0
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    told = merge("status", folder, "--json").json
    assert "letters/Ana Ruiz/Consul Roy.docx" in told["print_again"]
    assert [code for code, _ in _told(folder, "--since-last")[1]] == ["print-changed"]
    assert _told(folder, "--since-last", "--accept", "Ana Ruiz") == (2, [])
    assert _told(folder, "--since-last") == (0, [])


def test_a_letter_that_is_damaged_can_be_left_out(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "letters" / "Ana Ruiz" / "Consul Roy.docx").write_bytes(b"no letter")
    assert [code for code, _ in _told(folder)[1]] == ["print-unreadable"]
    assert _told(folder, "--skip-errors") == (5, [])


def test_an_error_that_touches_many_letters_is_told_once_with_its_cell(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    make(folder, Settings=[["Name", "Value"], ["Sort by", "Nmae"]])
    told = run_print(folder).json["problems"]
    errors = [p["where"] for p in told if p["level"] == "error"]
    assert errors == ["signers.xlsx, Settings!B2"]


def test_what_a_killed_run_left_in_print_is_swept_away(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    left = folder / "print" / "2026-11-26 10.00.00" / ".merge-9-1.tmp"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a batch")
    assert run_print(folder).code == 0
    assert not left.exists()


@pytest.mark.slow
def test_two_runs_in_one_second_replace_nothing(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    files = [file for _ in range(3) for file in run_print(folder).json["files"]]
    assert len({*files}) == 3
    assert all(Path(file).exists() for file in files)


def test_a_letter_saved_by_another_program_does_not_set_the_looks_of_a_batch(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    path = folder / "letters" / "Ana Ruiz" / "Minister Li.docx"
    edit(path)
    change_part(path, "word/settings.xml", b"/>", b"><w:mirrorMargins/></w:settings>")
    told = run_print(folder).json["problems"]
    lost = [p["where"] for p in told if p["code"] == "letter-settings"]
    assert lost == ["Ana Ruiz/Minister Li.docx"]


def test_batches_of_runs_in_the_same_minute_have_names_of_their_own(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    for name in ("Ana Ruiz", "Bo Berg"):
        merge("print", folder, "--for", name)
    names = {*inspect_campaign(read_campaign(folder)).batches.values()}
    assert len(names) == 2


def test_a_remedy_keeps_the_options_that_were_given(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    _newer(folder)
    (problem,) = run_print(folder, "--unsigned", "--for", "Consul Roy").json["problems"]
    assert (
        f"print {folder} --for 'Consul Roy' --unsigned --accept 'Ana Ruiz'" in problem["remedy"][1]
    )
    assert "--unsigned" not in " ".join(
        merge("print", folder, "--json").json["problems"][0]["remedy"]
    )


@pytest.mark.parametrize("given", [["--for", "Ana Ruiz"], ["--accept", "Consul Roy"]])
def test_a_remedy_that_is_typed_as_it_is_shown_is_a_command(
    tmp_path: Path, given: list[str]
) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Minister Li.docx")
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    _newer(folder)
    problems = merge("print", folder, *given, "--json", "--dry-run").json["problems"]
    remedies = [r for p in problems for r in p["remedy"] if r.startswith("merge print")]
    assert remedies
    for remedy in remedies:
        ran = merge(*shlex.split(remedy)[1:], "--json", "--dry-run")
        assert ran.code in {0, 1}, remedy
        assert "Ana Ruiz" in shlex.split(remedy) or "Consul Roy" in shlex.split(remedy)


def test_a_register_that_is_open_is_updated_without_a_second_print_file(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    note = folder / "~$register.xlsx"
    note.write_bytes(b"Ana")
    (problem,) = run_print(folder).json["problems"]
    assert (problem["code"], problem["remedy"]) == ("register-open", [f"merge letters {folder}"])
    note.unlink()
    merge("letters", folder)
    row = load_workbook(folder / "register.xlsx")["Register"][2]
    assert str(row[-1].value or row[-2].value)


def test_status_says_print_again_if_what_is_in_a_print_file_has_changed(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    merge("print", folder)
    assert "6 letters in print files, not marked" in merge("status", folder).last
    path = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    edit(path)
    ran = merge("status", folder)
    assert "1 letter not printed yet. Next: " in ran.last
    assert ran.last.endswith("--since-last")
    merge("print", folder, "--since-last")
    assert "6 letters in print files, not marked" in merge("status", folder).last
