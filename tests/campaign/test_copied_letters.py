"""Copies of letters, with any name and in other formats."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import registers, staff_actions
from support.campaigns import make, make_with_letters, merge, text
from support.everyday import everyday

LI, ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"
posix = pytest.mark.posix("POSIX names, times and permissions")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names of any bytes")


def _letters(folder: Path) -> Path:
    """Create a campaign with its letters; return the letters folder."""
    return make_with_letters(folder) / "letters"


COPIES = [
    "Minister Li (Ana's conflicted copy 2026-11-26).docx",
    "Minister Li (conflicted copy).docx",
    "Minister Li-DESKTOP-AB12.docx",
    "Minister Li (1).docx",
    "Minister Li.sync-conflict-20261126-101010-ABCDEFG.docx",
    "Minister Li - Kopie.docx",
]


@pytest.mark.parametrize("name", everyday(COPIES))
def test_a_copy_of_a_letter_with_any_name_is_reported_as_a_duplicate(
    tmp_path: Path, name: str
) -> None:
    letters = _letters(tmp_path)
    shutil.copy(letters / LI, letters / "Ana Ruiz" / name)
    edited = staff_actions.add_line(letters / "Ana Ruiz" / name, "We met.")
    warning = staff_actions.run_problems(tmp_path)["letter-copied"]
    is_conflict = name != "Minister Li - Kopie.docx"
    start = "This is probably a conflict copy of" if is_conflict else "This is a copy of"
    assert warning.startswith(f"letters/Ana Ruiz/{name}: {start} the letter {LI}")
    assert ("Copy what is right to the letter, then move" in warning) == is_conflict
    assert "elete" not in warning
    ran = merge("print", tmp_path, "--no-covers")
    assert ran.code == 1
    assert name in ran.err
    assert (letters / "Ana Ruiz" / name).read_bytes() == edited


@pytest.mark.parametrize("name", everyday(COPIES))
def test_a_conflicted_copy_without_its_original_is_the_moved_letter(
    tmp_path: Path, name: str
) -> None:
    letters = _letters(tmp_path)
    copy = letters / "Ana Ruiz" / name
    (letters / LI).rename(copy)
    edited = staff_actions.add_line(copy, "We met.")
    assert staff_actions.states_and_reasons(tmp_path)[f"Ana Ruiz/{name}"][0] == "moved"
    assert not (letters / LI).exists()
    assert copy.read_bytes() == edited
    staff_actions.assert_up_to_date(tmp_path)


def _cut_off(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[:2_000])


def _with_a_hole(copy: Path) -> None:
    data = copy.read_bytes()
    copy.write_bytes(data[:600] + bytes(len(data) - 1_200) + data[-600:])


def _empty(copy: Path) -> None:
    copy.write_bytes(b"")


def _link(copy: Path) -> None:
    copy.unlink()
    copy.symlink_to(copy.with_name("Minister Li.docx"))


HALF_COPIES = [_cut_off, _empty, _with_a_hole, pytest.param(_link, marks=posix)]


@pytest.mark.parametrize("name", everyday(COPIES[:5]))
@pytest.mark.parametrize("damage", HALF_COPIES)
def test_a_conflict_copy_of_a_letter_that_has_not_arrived_completely_stops_printing(
    tmp_path: Path, damage: Callable[[Path], object], name: str
) -> None:
    letters = _letters(tmp_path)
    copy = letters / "Ana Ruiz" / name
    shutil.copy(letters / LI, copy)
    damage(copy)
    warning = staff_actions.run_problems(tmp_path)["letter-copied"]
    assert f"conflict copy of the letter {LI}, and cannot be read. Until" in warning
    assert "Wait until the sync has finished." in warning
    ran = merge("print", tmp_path, "--no-covers")
    assert f"letters/Ana Ruiz/{name} has the name of a conflict copy" in ran.err
    assert (ran.code, os.path.lexists(copy)) == (1, True)
    copy.unlink()
    assert merge("print", tmp_path, "--no-covers").code == 0


def test_a_half_conflict_copy_is_not_taken_for_a_letter_that_is_missing(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    copy = letters / "Ana Ruiz" / COPIES[2]
    (letters / LI).rename(copy)
    _cut_off(copy)
    assert "letter-copied" in staff_actions.run_problems(tmp_path)
    assert (letters / LI).exists()


def test_own_files_with_a_name_like_a_conflict_copy_are_no_copies(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    for name in ("Minister Lin-DESKTOP-B.docx", "Minister-DESKTOP-B.docx"):
        (letters / "Ana Ruiz" / name).write_bytes(b"not a Word file")
    template = tmp_path / "templates" / "appeal.docx"
    shutil.copy(template, letters / "Ana Ruiz" / "Minister Li 2.docx")
    assert "letter-copied" not in staff_actions.run_problems(tmp_path)


@posix
def test_a_letter_copied_over_another_with_the_same_time_and_size_is_detected(
    tmp_path: Path,
) -> None:
    """Explorer, Finder and cp -p keep times; letters of one run share them."""
    source, target = staff_actions.two_letters_of_one_size_and_time(tmp_path)
    letters = tmp_path / "letters"
    before = target.stat()
    shutil.copy2(source, target)
    after = target.stat()
    assert (before.st_size, before.st_mtime_ns, before.st_ino) == (
        after.st_size,
        after.st_mtime_ns,
        after.st_ino,
    )
    state = staff_actions.states_and_reasons(tmp_path)[target.relative_to(letters).as_posix()]
    assert state == ("foreign", "the letter of another signer or recipient")
    assert merge("print", tmp_path).code == 1


@pytest.mark.parametrize("ending", everyday([".odt", ".doc", ".docm", ".rtf", ".ODT"]))
def test_a_copy_of_a_letter_in_another_format_is_reported(tmp_path: Path, ending: str) -> None:
    letters = _letters(tmp_path)
    copy = (letters / LI).with_suffix(ending)
    copy.write_bytes(b"written by staff")
    assert "letter-other-format" in staff_actions.run_problems(tmp_path, "--dry-run")
    warning = staff_actions.run_problems(tmp_path)["letter-other-format"]
    assert warning.startswith(
        "letters: A file has the name of a letter but another format: Ana Ruiz"
    )
    assert copy.name in warning
    for command in ("status", "print"):
        assert copy.name in merge(command, tmp_path).err, command
    assert copy.read_bytes() == b"written by staff"


def test_other_files_in_the_letters_folder_are_not_copies_of_letters(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    for name in ("Ana Ruiz/Minister Li.pdf", "Ana Ruiz/notes.odt", "Minister Li.odt"):
        (letters / name).write_bytes(b"mine")
    assert "letter-other-format" not in staff_actions.run_problems(tmp_path)


def test_two_copies_of_a_printed_letter_are_reported_with_their_paths(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    letter_id = staff_actions.id_in(letters / LI)
    registers.fill(tmp_path / "register.xlsx", letter_id, "Posted", dt.date(2026, 11, 20))
    shutil.copy(letters / LI, letters / "Li (1).docx")
    (letters / LI).rename(letters / "Li (2).docx")
    why = "several copies of this letter, none was changed: Li (1).docx, Li (2).docx"
    assert staff_actions.states_and_reasons(tmp_path)[LI] == ("on-paper", f"printed; {why}")


def test_a_copy_of_a_letter_that_is_no_longer_needed_is_reported(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    make(tmp_path, Signers=[["Name"], ["Bo Berg"]])
    staff_actions.run_letters(tmp_path)
    original = letters / "No longer wanted" / LI
    shutil.copy(original, letters / "Li, mine.docx")
    warning = staff_actions.run_problems(tmp_path)["letter-unwanted"]
    assert warning.startswith("letters/Li, mine.docx: ")
    assert "The letter is a copy that someone made" in warning
    assert (letters / "Li, mine.docx").exists()
    assert original.exists()


@pytest.mark.slow
@linux
@pytest.mark.parametrize(
    "name", everyday([b"Espa\xf1a.docx", b"Espa\xf1a/x.docx", b"Ana Ruiz/\xff.docx"])
)
def test_a_copy_of_a_letter_with_an_undecodable_name_is_reported_and_stops_no_command(
    tmp_path: Path, name: bytes
) -> None:
    letters = _letters(tmp_path)
    copy = letters / os.fsdecode(name)
    copy.parent.mkdir(exist_ok=True)
    shutil.copy(letters / LI, copy)
    for command in ("letters", "status", "proofread", "check", "print"):
        ran = merge(command, tmp_path)
        assert ran.code == 0, (command, ran.err)
        is_reported = command in {"letters", "status", "print"}
        assert ("unreadable characters" in ran.err) == is_reported, command
    assert copy.exists()
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path, "--replace", "print-file")[LI] == "rewritten"


@linux
def test_a_copy_with_an_undecodable_name_in_the_folder_of_trial_letters_is_ignored(
    tmp_path: Path,
) -> None:
    folder, out = make(tmp_path / "c"), tmp_path / "out"
    out.mkdir()
    (out / os.fsdecode(b"Espa\xf1a.docx")).write_bytes(b"mine")
    assert merge("letters", folder, "--try", out).code == 0


@pytest.mark.slow
def test_a_printed_letter_overwritten_by_another_is_reported_by_every_command(
    tmp_path: Path,
) -> None:
    letters = _letters(tmp_path)
    merge("mark", "posted", tmp_path, "--for", "Ana Ruiz")
    staff_actions.run_letters(tmp_path)
    shutil.copy(letters / "Bo Berg" / "Consul Roy.docx", letters / LI)
    for command in ("letters", "status", "print"):
        ran = merge(command, tmp_path)
        assert "the file in its place is now another letter" in ran.err, command
        assert LI in ran.err, command


def test_several_copies_of_a_printed_letter_are_reported_by_every_command(
    tmp_path: Path,
) -> None:
    letters = _letters(tmp_path)
    merge("mark", "posted", tmp_path, "--for", "Ana Ruiz")
    staff_actions.run_letters(tmp_path)
    shutil.copy(letters / LI, letters / "Li (1).docx")
    (letters / LI).rename(letters / "Li (2).docx")
    for command in ("letters", "status", "print"):
        ran = merge(command, tmp_path)
        assert "more than one copy of this printed letter" in ran.err, command


def test_a_letter_with_a_copy_in_another_format_keeps_its_name_after_a_correction(
    tmp_path: Path,
) -> None:
    signers = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Bo Berg"]]
    letters = make(tmp_path, Signers=signers) / "letters"
    staff_actions.run_letters(tmp_path)
    copy = (letters / LI).with_suffix(".docm")
    copy.write_bytes(b"written by staff")
    signers[1][1] = "Ana M. Ruiz"
    make(tmp_path, Signers=signers)
    for _ in range(2):
        assert copy.name in staff_actions.run_problems(tmp_path)["letter-other-format"]
    assert (letters / LI).exists()
    assert text(letters / LI)[-1] == "Ana M. Ruiz"


def test_a_copy_of_a_letter_is_reported_and_not_changed(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    copy = letters / "Ana Ruiz" / "Copy of Li.docx"
    shutil.copy(letters / LI, copy)
    assert staff_actions.run_without_changes(tmp_path) == {}
    warning = staff_actions.run_problems(tmp_path)["letter-copied"]
    assert warning.startswith(
        f"letters/Ana Ruiz/Copy of Li.docx: This is a copy of the letter {LI}."
    )
    before = copy.read_bytes()
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LI] == "rewritten"
    assert copy.read_bytes() == before
    assert "letter-copied" in staff_actions.run_problems(tmp_path, "--dry-run")


def test_a_copy_of_an_edited_letter_is_reported(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    staff_actions.add_line(letters / LI, "We met.")
    shutil.copy(letters / LI, letters / "Mine.docx")
    assert staff_actions.run_without_changes(tmp_path)[LI][0] == "edited"
    assert "letters/Mine.docx" in staff_actions.run_problems(tmp_path)["letter-copied"]
