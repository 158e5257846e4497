"""Letters on paper that are to be printed once more: never unasked, never with old data untold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from folder import make, merge
from papers import NEWER, copy, deleted, edit, made, mark, no_office, opened, printed

pytestmark = pytest.mark.usefixtures("no_office")
__all__ = ["no_office"]


def _told(folder: Path, *words: str) -> tuple[int, list[tuple[str, str]]]:
    ran = printed(folder, *words)
    told = [(p["code"], p["hint"]) for p in ran.json["problems"] if p["level"] == "error"]
    return ran.json["letters"], told


def _newer(folder: Path) -> None:
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)


@pytest.mark.parametrize(
    ("happened", "code"),
    [
        (copy, "print-two-files"),
        (deleted, "print-missing"),
        (opened, "print-open"),
    ],
)
def test_a_letter_on_paper_that_is_not_settled_is_named_before_it_is_printed_again(
    tmp_path: Path, happened: Callable[[Path], None], code: str
) -> None:
    folder = made(tmp_path)
    mark(folder, "Printed")
    happened(folder)
    assert _told(folder) == (4, [])
    _, told = _told(folder, "--unsigned")
    assert [problem for problem, _ in told] == [code]


def test_a_letter_on_paper_whose_data_changed_is_printed_again_only_when_somebody_says_so(
    tmp_path: Path,
) -> None:
    folder = made(tmp_path)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    mark(folder, "Printed")
    _newer(folder)
    _, told = _told(folder, "--unsigned")
    assert {code for code, _ in told} == {"print-changed"}
    assert all("empty its cells in register.xlsx" in hint for _, hint in told)
    assert _told(folder, "--unsigned", "--accept", "Ana Ruiz") == (2, [])


def test_what_is_signed_is_not_printed_again(tmp_path: Path) -> None:
    folder = made(tmp_path)
    mark(folder, "Printed")
    mark(folder, "Signed", "Bo Berg")
    ran = merge("print", folder, "--unsigned", "--dry-run")
    assert "4 letters to print" in ran.out
    assert "left out: 2 letters signed already." in ran.err


def test_a_letter_that_was_moved_is_no_copy_of_itself(tmp_path: Path) -> None:
    folder = made(tmp_path)
    mark(folder, "Printed")
    path = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    path.rename(path.with_name("Final.docx"))
    assert _told(folder, "--unsigned") == (6, [])
    told = merge("letters", folder, "--json").json["problems"]
    assert [problem["code"] for problem in told if problem["code"] == "copied"] == []


def test_what_is_left_out_is_named(tmp_path: Path) -> None:
    folder = made(tmp_path)
    opened(folder)
    ran = merge("print", folder, "--leave-out-faulty")
    assert ran.code == 0
    assert "letters/Ana Ruiz/Consul Roy.docx" in ran.err
