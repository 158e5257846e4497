"""Copies of letters, of whatever name and format; files and folders that cannot be looked at."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import registers, staff_actions
from support.campaigns import make, make_with_letters, merge, text
from support.everyday import everyday

LI, ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX names, times and permissions")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names of any bytes")


def _letters(folder: Path) -> Path:
    """A campaign whose letters are made; where they are."""
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
def test_a_copy_of_whatever_name_is_told(tmp_path: Path, name: str) -> None:
    letters = _letters(tmp_path)
    shutil.copy(letters / LI, letters / "Ana Ruiz" / name)
    edited = staff_actions.add_line(letters / "Ana Ruiz" / name, "We met.")
    told = staff_actions.run_problems(tmp_path)["letter-copied"]
    assert told.startswith(f"letters/Ana Ruiz/{name}: This is a copy of the letter {LI}.")
    ran = merge("print", tmp_path, "--no-covers")
    assert ran.code == 1
    assert name in ran.err
    assert (letters / "Ana Ruiz" / name).read_bytes() == edited


@pytest.mark.parametrize("name", everyday(COPIES))
def test_a_conflicted_copy_that_is_left_alone_is_the_letter(tmp_path: Path, name: str) -> None:
    letters = _letters(tmp_path)
    copy = letters / "Ana Ruiz" / name
    (letters / LI).rename(copy)
    edited = staff_actions.add_line(copy, "We met.")
    assert staff_actions.states_and_reasons(tmp_path)[f"Ana Ruiz/{name}"][0] == "moved"
    assert not (letters / LI).exists()
    assert copy.read_bytes() == edited
    staff_actions.assert_up_to_date(tmp_path)


@posix
def test_a_letter_copied_over_another_with_its_time_kept_is_seen(tmp_path: Path) -> None:
    """Explorer, Finder and cp -p keep times; letters of one run share them, and often the size."""
    people = [["Name"], *(["Minister " + name] for name in ("Li", "Lo", "Lu", "Le", "La", "Ly"))]
    letters = make(tmp_path, Recipients=people) / "letters"
    staff_actions.ran(tmp_path)
    by_size: dict[int, list[Path]] = {}
    for path in sorted(letters.rglob("*.docx")):
        os.utime(path, (1_000_000_000, 1_000_000_000.25))
        by_size.setdefault(path.stat().st_size, []).append(path)
    one, other = max(by_size.values(), key=len)[:2]
    staff_actions.assert_up_to_date(tmp_path)
    before = other.stat()
    shutil.copy2(one, other)
    after = other.stat()
    assert (before.st_size, before.st_mtime_ns, before.st_ino) == (
        after.st_size,
        after.st_mtime_ns,
        after.st_ino,
    )
    state = staff_actions.states_and_reasons(tmp_path)[other.relative_to(letters).as_posix()]
    assert state == ("foreign", "the letter of another signer or recipient")
    assert merge("print", tmp_path).code == 1


@posix
def test_an_edit_that_keeps_size_and_time_is_never_overwritten(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)
    found = (letters / LI).stat()
    data = b"A note of ours. ".ljust(found.st_size)
    with (letters / LI).open("r+b") as file:
        file.write(data)
    os.utime(letters / LI, ns=(found.st_atime_ns, found.st_mtime_ns))
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LI] == "edited-changed"
    assert (letters / LI).read_bytes() == data


@pytest.mark.parametrize("ending", everyday([".odt", ".doc", ".docm", ".rtf", ".ODT"]))
def test_a_letter_saved_beside_in_another_format_is_told(tmp_path: Path, ending: str) -> None:
    letters = _letters(tmp_path)
    beside = (letters / LI).with_suffix(ending)
    beside.write_bytes(b"what somebody wrote")
    assert "letter-other-format" in staff_actions.run_problems(tmp_path, "--dry-run")
    told = staff_actions.run_problems(tmp_path)["letter-other-format"]
    assert told.startswith("letters: A file has the name of a letter but another format: Ana Ruiz")
    assert beside.name in told
    for command in ("status", "print"):
        assert beside.name in merge(command, tmp_path).err, command
    assert beside.read_bytes() == b"what somebody wrote"


def test_files_that_go_with_no_letter_are_nobodys_business(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    for name in ("Ana Ruiz/Minister Li.pdf", "Ana Ruiz/notes.odt", "Minister Li.odt"):
        (letters / name).write_bytes(b"mine")
    assert "letter-other-format" not in staff_actions.run_problems(tmp_path)


def test_two_files_of_a_letter_on_paper_are_told_rightly(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    letter_id = staff_actions.id_in(letters / LI)
    registers.fill(tmp_path / "register.xlsx", letter_id, "Posted", dt.date(2026, 11, 20))
    shutil.copy(letters / LI, letters / "Li (1).docx")
    (letters / LI).rename(letters / "Li (2).docx")
    why = "several copies of this letter, none was changed: Li (1).docx, Li (2).docx"
    assert staff_actions.states_and_reasons(tmp_path)[LI] == ("on-paper", f"printed; {why}")


def test_copies_of_the_letter_of_somebody_who_left_are_told(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    make(tmp_path, Signers=[["Name"], ["Bo Berg"]])
    staff_actions.ran(tmp_path)
    away = letters / "No longer wanted" / LI
    shutil.copy(away, letters / "Li, mine.docx")
    told = staff_actions.run_problems(tmp_path)["letter-unwanted"]
    assert told.startswith("letters/Li, mine.docx: ")
    assert "The letter is a copy that someone made" in told
    assert (letters / "Li, mine.docx").exists()
    assert away.exists()


@pytest.mark.slow
@linux
@pytest.mark.parametrize(
    "where", everyday([b"Espa\xf1a.docx", b"Espa\xf1a/x.docx", b"Ana Ruiz/\xff.docx"])
)
def test_a_name_that_is_no_text_is_told_and_stops_nothing(tmp_path: Path, where: bytes) -> None:
    letters = _letters(tmp_path)
    odd = letters / os.fsdecode(where)
    odd.parent.mkdir(exist_ok=True)
    shutil.copy(letters / LI, odd)
    for command in ("letters", "status", "proofread", "check", "print"):
        ran = merge(command, tmp_path)
        assert ran.code == 0, (command, ran.err)
        told = command in {"letters", "status", "print"}
        assert ("unreadable characters" in ran.err) == told, command
    assert odd.exists()
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LI] == "rewritten"


@linux
def test_a_name_that_is_no_text_below_the_folder_of_a_try_out_stops_nothing(tmp_path: Path) -> None:
    folder, out = make(tmp_path / "c"), tmp_path / "out"
    out.mkdir()
    (out / os.fsdecode(b"Espa\xf1a.docx")).write_bytes(b"mine")
    assert merge("letters", folder, "--try", out).code == 0


@contextmanager
def _closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Root may look into anything, so the system's answer is put in its mouth."""

    def closed(call: Callable[..., object]) -> Callable[..., object]:
        def ask(path: object = ".", *words: object, **more: object) -> object:
            name = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
            inside = name.startswith(f"{folder}/") or (call is SCANDIR and name == str(folder))
            if inside:
                raise PermissionError(13, "Permission denied", name)
            return call(path, *words, **more)

        return ask

    with monkeypatch.context() as patched:
        for name in ("scandir", "stat", "lstat", "open", "mkdir"):
            patched.setattr(os, name, closed(getattr(os, name)))
        yield


SCANDIR = os.scandir


@posix
def test_letters_that_may_not_be_looked_into_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = _letters(tmp_path)
    for command in ("check", "status", "letters", "print", "proofread"):
        with _closed(letters, monkeypatch):
            ran = merge(command, tmp_path)
        assert ran.code == 1, (command, ran.err)
        assert "You do not have permission to open this folder. Ask" in ran.err, command


@posix
def test_a_folder_of_letters_that_may_not_be_looked_into_keeps_its_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = _letters(tmp_path)
    make(tmp_path, NEWER)
    with _closed(letters / "Ana Ruiz", monkeypatch):
        told = staff_actions.states_and_reasons(tmp_path)
        news = staff_actions.run_problems(tmp_path)
    assert told[LI] == ("in-use", "cannot be opened; changed since: the template")
    assert told["Bo Berg/Minister Li.docx"][0] == "rewritten"
    assert news["folder-in-part"].startswith(
        "letters/Ana Ruiz: You do not have permission to open this folder."
    )
    assert staff_actions.states(tmp_path)[LI] == "rewritten"
    assert text(letters / LI)[0] == "Hello Minister Li"


@pytest.mark.slow
def test_a_letter_on_paper_that_another_was_copied_over_is_told_by_every_command(
    tmp_path: Path,
) -> None:
    letters = _letters(tmp_path)
    merge("mark", "posted", tmp_path, "--for", "Ana Ruiz")
    staff_actions.ran(tmp_path)
    shutil.copy(letters / "Bo Berg" / "Consul Roy.docx", letters / LI)
    for command in ("letters", "status", "print"):
        ran = merge(command, tmp_path)
        assert "the file in its place is now another letter" in ran.err, command
        assert LI in ran.err, command


def test_a_letter_on_paper_of_which_two_files_are_left_is_told_by_every_command(
    tmp_path: Path,
) -> None:
    letters = _letters(tmp_path)
    merge("mark", "posted", tmp_path, "--for", "Ana Ruiz")
    staff_actions.ran(tmp_path)
    shutil.copy(letters / LI, letters / "Li (1).docx")
    (letters / LI).rename(letters / "Li (2).docx")
    for command in ("letters", "status", "print"):
        ran = merge(command, tmp_path)
        assert "more than one copy of this printed letter" in ran.err, command


def test_a_letter_saved_beside_in_another_format_keeps_its_name_and_is_told_each_time(
    tmp_path: Path,
) -> None:
    signers = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Bo Berg"]]
    letters = make(tmp_path, Signers=signers) / "letters"
    staff_actions.ran(tmp_path)
    beside = (letters / LI).with_suffix(".docm")
    beside.write_bytes(b"what somebody wrote")
    signers[1][1] = "Ana M. Ruiz"
    make(tmp_path, Signers=signers)
    for _ in range(2):
        assert beside.name in staff_actions.run_problems(tmp_path)["letter-other-format"]
    assert (letters / LI).exists()
    assert text(letters / LI)[-1] == "Ana M. Ruiz"
