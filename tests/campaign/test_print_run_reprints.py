"""Printing again: printed letters, and letters that have changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.campaigns import RunResult, make, merge
from support.everyday import everyday
from support.printed_campaigns import (
    NEWER,
    copy_letter,
    count_and_errors,
    delete_letter,
    edit,
    make_six_letters,
    mark,
    no_libreoffice,
    open_letter,
    run_print,
    use_newer_template,
)

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]


@pytest.mark.parametrize(
    ("make_unprintable", "code"),
    everyday(
        [
            (copy_letter, "print-two-files"),
            (delete_letter, "print-missing"),
            (open_letter, "print-open"),
        ]
    ),
)
def test_a_printed_letter_that_cannot_be_printed_again_is_an_error_with_unsigned(
    tmp_path: Path, make_unprintable: Callable[[Path], None], code: str
) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    make_unprintable(folder)
    assert count_and_errors(folder) == (4, [])
    _, errors = count_and_errors(folder, "--unsigned")
    assert [problem for problem, _ in errors] == [code]


def test_a_printed_letter_whose_data_has_changed_is_printed_again_only_with_accept(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    mark(folder, "Printed")
    use_newer_template(folder)
    _, errors = count_and_errors(folder, "--unsigned")
    assert {code for code, _ in errors} == {"print-changed"}
    assert all("delete its dates in its row of register.xlsx" in hint for _, hint in errors)
    assert count_and_errors(folder, "--unsigned", "--accept", "Ana Ruiz") == (2, [])


def test_a_signed_letter_is_not_printed_again(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    mark(folder, "Signed", "Bo Berg")
    ran = merge("print", folder, "--unsigned", "--dry-run")
    assert "4 letters to print" in ran.out
    assert "skipped: 2 letters already signed." in ran.err


def test_a_printed_letter_that_was_moved_is_printed_again_and_is_not_a_duplicate(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    path = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    path.rename(path.with_name("Final.docx"))
    assert count_and_errors(folder, "--unsigned") == (6, [])
    problems = merge("letters", folder, "--json").json["problems"]
    assert [problem["code"] for problem in problems if problem["code"] == "copied"] == []


def test_an_accepted_letter_in_a_print_file_is_not_reported_again(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    assert run_print(folder, "--accept", "Ana Ruiz").code == 0
    assert count_and_errors(folder, "--since-last") == (0, [])


@pytest.mark.slow
def test_an_edited_letter_whose_data_changed_after_its_print_file_is_reported(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    assert run_print(folder).code == 0
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    status = merge("status", folder, "--json").json
    assert "letters/Ana Ruiz/Consul Roy.docx" in status["print_again"]
    ran = run_print(folder, "--since-last").json
    assert ran["letters"] == 0
    assert [p["code"] for p in ran["problems"]] == ["in-print-file"]
    assert count_and_errors(folder, "--since-last", "--accept", "Ana Ruiz") == (1, [])
    assert count_and_errors(folder, "--since-last") == (0, [])


@pytest.mark.slow
def test_status_lists_a_letter_to_print_again_if_it_changed_after_its_print_file(
    tmp_path: Path,
) -> None:
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


def test_an_earlier_print_file_with_letters_that_are_printed_again_is_named(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    assert _printed_again(run_print(folder)) == []
    edited = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    edit(edited)
    some = _printed_again(run_print(folder, "--since-last"))
    assert [letters for letters, _ in some] == [[edited.relative_to(folder).as_posix()]]
    assert "To print all its letters again" in some[0][1]
    everything = _printed_again(run_print(folder))
    assert [len(letters) for letters, _ in everything] == [5, 1]
    assert all(fix == "Do not print that file." for _, fix in everything)


@pytest.mark.slow
def test_a_print_file_that_was_deleted_or_marked_is_not_named_as_an_earlier_one(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    run_print(folder)
    mark(folder, "Printed")
    again = _printed_again(run_print(folder, "--unsigned"))
    assert [len(letters) for letters, _ in again] == [4]
    shutil.rmtree(folder / "print")
    assert _printed_again(run_print(folder)) == []


def _printed_again(ran: RunResult) -> list[tuple[list[str], str]]:
    """Return the letters and the remedy of each warning of an earlier print file."""
    problems = ran.json["problems"]
    return [(p["fields"]["letters"], p["hint"]) for p in problems if p["code"] == "batch-again"]
