"""Damaged edited letters: every command reports them, and opens them once."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import make, merge
from support.copied_folders import copy_made_folder
from support.documents import docx
from support.everyday import everyday
from support.opened_files import opened_files
from support.pages import opened
from support.printed_campaigns import no_libreoffice

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

LETTER = "Ana Ruiz/Minister Li.docx"
REPORTED = f"letters/{LETTER}: This edited letter is damaged, is not a Word"


def _truncate(letter: Path) -> None:
    letter.write_bytes(letter.read_bytes()[:400])


def _break_xml(letter: Path) -> None:
    with zipfile.ZipFile(letter) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(letter, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data[:-30] if name == "word/document.xml" else data)


def _replace_with_text(letter: Path) -> None:
    letter.write_bytes(b"We met the minister; this letter is not needed.")


def _create_edited_letter(folder: Path) -> None:
    merge("letters", make(folder))
    staff_actions.add_line(folder / "letters" / LETTER, "We met.")
    merge("letters", folder)


def _campaign(tmp_path: Path) -> Path:
    return copy_made_folder(_create_edited_letter, tmp_path / "c")


def _problem_lines(folder: Path, *command: str) -> str:
    problems = merge(command[0], folder, "--json", *command[1:]).json["problems"]
    return "\n".join(f"{p['where']}: {p['message']}" for p in problems)


def _empty_body(letter: Path) -> None:
    letter.write_bytes(docx("<w:p/>", header="Amnesty, Lima"))


@pytest.mark.parametrize(
    "damage", everyday([_truncate, _break_xml, _replace_with_text, _empty_body])
)
def test_a_damaged_letter_is_reported_by_every_command_and_not_changed(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = _campaign(tmp_path)
    letter = folder / "letters" / LETTER
    damage(letter)
    damaged = letter.read_bytes()
    for command in (("status",), ("letters",), ("status",), ("check",), ("letters",)):
        assert REPORTED in _problem_lines(folder, *command), command
    assert merge("status", folder, "--json").json["spoken"]["edited"] == 1
    for name, code in (("print", "print-unreadable"), ("proofread", "proof-unreadable")):
        problems = merge(name, folder, "--json").json["problems"]
        assert code in {problem["code"] for problem in problems}
    assert len(merge("print", folder, "--skip-errors", "--json").json["batches"][0]["letters"]) == 3
    assert letter.read_bytes() == damaged


def test_an_edited_letter_with_only_a_header_is_reported_as_having_no_text(tmp_path: Path) -> None:
    folder = _campaign(tmp_path)
    _empty_body(folder / "letters" / LETTER)
    for command in ("print", "proofread"):
        problems = _problem_lines(folder, command)
        assert f"{LETTER}: The document has no text apart from headers and footers." in problems


@pytest.mark.slow
def test_a_damaged_letter_is_reported_by_the_page(tmp_path: Path) -> None:
    folder = _campaign(tmp_path)
    _truncate(folder / "letters" / LETTER)
    with opened(folder) as page:
        assert "This edited letter is damaged" in page.words("data")
        assert "letter cannot be printed" in page.words("print")


@pytest.mark.disk("times")
def test_a_damaged_letter_is_opened_again_only_if_it_has_changed(tmp_path: Path) -> None:
    folder = _campaign(tmp_path)
    letter = folder / "letters" / LETTER
    _truncate(letter)
    merge("letters", folder)
    with opened_files(LETTER) as paths:
        assert REPORTED in _problem_lines(folder, "status")
        assert REPORTED in _problem_lines(folder, "letters")
    assert paths == []
    letter.write_bytes(docx("Dear Minister Li,\nwe met.\nAna Ruiz"))
    assert REPORTED not in _problem_lines(folder, "status")
    assert "letter-damaged" not in _problem_lines(folder, "letters")


@pytest.mark.disk("times")
def test_an_intact_edited_letter_is_opened_again_only_if_it_has_changed(tmp_path: Path) -> None:
    folder = _campaign(tmp_path)
    merge("letters", folder)  # the copied file has another fingerprint
    with opened_files(LETTER) as paths:
        for command in ("status", "letters", "status"):
            assert "cannot be read" not in _problem_lines(folder, command)
    assert paths == []
