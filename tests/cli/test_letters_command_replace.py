"""`merge letters --replace` is the only way to replace edited letters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document
from support.campaigns import ROOT, make_with_letters, merge, text


def _edit_letter(folder: Path) -> Path:
    path = make_with_letters(folder) / "letters" / "Ana Ruiz" / "Minister Li.docx"
    document = Document(str(path))
    document.add_paragraph("Added by hand")
    document.save(str(path))
    return path


def test_replace_creates_an_edited_letter_again_and_keeps_the_old_file(tmp_path: Path) -> None:
    path = _edit_letter(tmp_path)
    before = path.read_bytes()
    ran = merge("letters", tmp_path, "--replace", "Ana Ruiz", "--yes", "--json").json
    assert (ran["written"], ran["unchanged"]) == (1, 3)
    assert "Added by hand" not in text(path)
    (old,) = (tmp_path / "letters" / "Old versions").rglob("*.docx")
    assert old.read_bytes() == before
    assert old.relative_to(tmp_path / "letters").parts[2:] == ("Ana Ruiz", "Minister Li.docx")
    assert merge("letters", tmp_path, "--json").json["unchanged"] == 4


def test_replace_keeps_edited_letters_of_other_people(tmp_path: Path) -> None:
    path = _edit_letter(tmp_path)
    before = path.read_bytes()
    ran = merge("letters", tmp_path, "--replace", "Bo Berg", "--yes", "--json").json
    assert (ran["written"], ran["kept"]) == (0, 1)
    assert path.read_bytes() == before


def _replace_with_answer(folder: Path, answer: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "merge", "letters", str(folder), "--replace", "Ana Ruiz"]
    return subprocess.run(
        command, input=answer, capture_output=True, text=True, cwd=ROOT, check=False
    )


@pytest.mark.slow
def test_replace_shows_the_letters_and_asks_for_confirmation(tmp_path: Path) -> None:
    path = _edit_letter(tmp_path)
    before = path.read_bytes()
    ran = _replace_with_answer(tmp_path, "n\n")
    assert str(path) in ran.stderr
    assert (ran.returncode, path.read_bytes()) == (130, before)
    assert _replace_with_answer(tmp_path, "y\n").returncode == 0
    assert path.read_bytes() != before


@pytest.mark.slow
def test_replace_changes_nothing_if_no_one_can_confirm(tmp_path: Path) -> None:
    path = _edit_letter(tmp_path)
    before = path.read_bytes()
    assert _replace_with_answer(tmp_path, "").returncode == 130
    ran = merge("letters", tmp_path, "--replace", "Ana Ruiz", "--json")
    assert (ran.code, ran.json["problems"][0]["code"]) == (2, "not-confirmed")
    assert path.read_bytes() == before


def test_replace_reports_an_unknown_name(tmp_path: Path) -> None:
    _edit_letter(tmp_path)
    ran = merge("letters", tmp_path, "--replace", "Anna Ruiz", "--yes")
    assert ran.code == 2
    assert "“Anna Ruiz” (--replace)" in ran.err
    assert "Did you mean “Ana Ruiz”?" in ran.err


def test_replace_resaved_selects_letters_that_were_only_saved_again(tmp_path: Path) -> None:
    edited = _edit_letter(tmp_path)
    resaved = edited.with_name("Consul Roy.docx")
    Document(str(resaved)).save(str(resaved))
    states = {e["path"]: e["state"] for e in merge("letters", tmp_path, "--json").json["letters"]}
    assert states["letters/Ana Ruiz/Consul Roy.docx"] == "resaved"
    ran = merge("letters", tmp_path, "--replace", "resaved", "--yes", "--json").json
    assert (ran["written"], ran["kept"]) == (1, 1)
    assert "Added by hand" in text(edited)


def test_replace_keeps_printed_letters_and_says_what_to_do(tmp_path: Path) -> None:
    make_with_letters(tmp_path)
    merge("mark", "printed", tmp_path, "--for", "Ana Ruiz")
    for words in ((), ("--yes",), ("--dry-run",)):
        ran = merge("letters", tmp_path, "--replace", "Ana Ruiz", *words)
        assert "2 letters, printed; not replaced:" in ran.out + ran.err
        assert "A printed letter is not replaced. To create it again, delete" in ran.err
    assert "not replaced" not in merge("letters", tmp_path).err


def test_a_printed_letter_whose_file_is_missing_is_not_up_to_date(tmp_path: Path) -> None:
    make_with_letters(tmp_path)
    merge("mark", "printed", tmp_path, "--for", "Ana Ruiz")
    assert merge("letters", tmp_path).last.startswith("Everything is up to date.")
    (tmp_path / "letters" / "Ana Ruiz" / "Minister Li.docx").unlink()
    ran = merge("letters", tmp_path)
    assert ran.last.startswith("Nothing was changed.")
    assert "Restore it from the recycle bin or a backup." in ran.err
