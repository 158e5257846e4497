"""Letters that staff moved, renamed, copied, swapped or covered: found, told, left alone."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import LINES, make, make_with_letters, text
from support.documents import docx
from support.everyday import everyday

LI, ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX names and links")
MOVED = "moved or renamed"
ANOTHERS = "the letter of another signer or recipient"


def _letters(folder: Path) -> Path:
    """A campaign whose letters are made; where they are."""
    return make_with_letters(folder) / "letters"


def _untouched(folder: Path, *options: str) -> dict[str, tuple[str, str]]:
    """What is told of letters that are not as they were made; no file is touched by that."""
    before = staff_actions.snapshot(folder)
    told = staff_actions.states_and_reasons(folder, *options)
    assert staff_actions.snapshot(folder) == before
    staff_actions.assert_up_to_date(folder)
    return {path: step for path, step in told.items() if step[0] != "unchanged"}


@pytest.mark.parametrize(
    "to", everyday(["Ana Ruiz/Li, final.docx", "Done/Minister Li.docx", "x.DOCX"])
)
def test_a_letter_that_was_moved_or_renamed_has_its_place_there(tmp_path: Path, to: str) -> None:
    letters = _letters(tmp_path)
    (letters / "Done").mkdir()
    (letters / LI).rename(letters / to)
    assert _untouched(tmp_path, "--dry-run") == {to: ("moved", MOVED)}
    assert _untouched(tmp_path) == {}
    make(tmp_path, NEWER)
    assert staff_actions.states_and_reasons(tmp_path)[to] == ("rewritten", "changed: the template")
    assert text(letters / to)[0] == "Hello Minister Li"
    assert not (letters / LI).exists()
    staff_actions.assert_up_to_date(tmp_path)


def test_a_letter_that_was_moved_is_brought_up_to_date_at_once(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    (letters / LI).rename(letters / "Li.docx")
    make(tmp_path, NEWER)
    assert staff_actions.states_and_reasons(tmp_path)["Li.docx"] == (
        "rewritten",
        "changed: the template",
    )
    assert text(letters / "Li.docx")[0] == "Hello Minister Li"
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.parametrize("whose", everyday(["Ana Ruiz", "edited", "all"]))
def test_an_edited_letter_that_was_moved_is_made_anew_where_it_lies(
    tmp_path: Path, whose: str
) -> None:
    letters = _letters(tmp_path)
    edited = staff_actions.add_line(letters / LI, "We met.")
    (letters / LI).rename(letters / "Li.docx")
    told = staff_actions.states_and_reasons(tmp_path, "--replace", whose, "--yes")
    assert told["Li.docx"] == ("rewritten", "created again as you asked")
    assert "We met." not in text(letters / "Li.docx")
    (old,) = (letters / "Old versions").rglob("*.docx")
    assert (old.name, old.read_bytes()) == ("Li.docx", edited)
    staff_actions.assert_up_to_date(tmp_path)


def test_where_a_letter_lies_in_the_place_of_another_it_is_asked_first(tmp_path: Path) -> None:
    """Whoever mixes letters up may have mixed up more of them than can be seen."""
    letters = _letters(tmp_path)
    (letters / ROY).rename(letters / "Roy.docx")
    (letters / LI).rename(letters / ROY)
    make(tmp_path, NEWER)
    told = staff_actions.states_and_reasons(tmp_path)[ROY]
    assert told == ("foreign", f"{ANOTHERS}; changed since: the template")
    assert text(letters / "Roy.docx")[0] == "Consul Roy"
    assert text(letters / ROY)[0] == "Minister Li"
    staff_actions.assert_up_to_date(tmp_path)
    (letters / ROY).unlink()
    assert staff_actions.states_and_reasons(tmp_path)["Roy.docx"] == (
        "rewritten",
        "changed: the template",
    )


@pytest.mark.slow
def test_a_whole_folder_may_be_renamed_and_renamed_back(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    (letters / "Ana Ruiz").rename(letters / "Printed, Ana")
    moved = _untouched(tmp_path, "--dry-run")
    assert {path: state for path, (state, _) in moved.items()} == {
        "Printed, Ana/Minister Li.docx": "moved",
        "Printed, Ana/Consul Roy.docx": "moved",
    }
    assert _untouched(tmp_path) == {}
    (letters / "Printed, Ana").rename(letters / "Ana Ruiz")
    assert len(_untouched(tmp_path, "--dry-run")) == 2
    assert _untouched(tmp_path) == {}


def test_an_edited_letter_that_was_moved_is_found_too(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    staff_actions.add_line(letters / LI, "We met.")
    (letters / LI).rename(letters / "Li.docx")
    reason = f"{MOVED}; edited"
    assert _untouched(tmp_path, "--dry-run") == {"Li.docx": ("moved", reason)}
    assert _untouched(tmp_path) == {"Li.docx": ("edited", "edited")}


def test_of_several_files_that_are_one_letter_none_is_chosen(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    shutil.copy(letters / LI, letters / "Li (1).docx")
    (letters / LI).rename(letters / "Li (2).docx")
    why = "several copies of this letter, none was changed: Li (1).docx, Li (2).docx"
    assert _untouched(tmp_path) == {LI: ("moved", why)}
    assert not (letters / LI).exists()
    (letters / "Li (1).docx").unlink()
    assert _untouched(tmp_path)["Li (2).docx"][0] == "moved"


def test_a_copy_is_left_alone_and_told(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    copy = letters / "Ana Ruiz" / "Copy of Li.docx"
    shutil.copy(letters / LI, copy)
    assert _untouched(tmp_path) == {}
    said = staff_actions.run_problems(tmp_path)["letter-copied"]
    assert said.startswith(f"letters/Ana Ruiz/Copy of Li.docx: This is a copy of the letter {LI}.")
    before = copy.read_bytes()
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LI] == "rewritten"
    assert copy.read_bytes() == before
    assert "letter-copied" in staff_actions.run_problems(tmp_path, "--dry-run")


def test_a_copy_of_an_edited_letter_is_told_too(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    staff_actions.add_line(letters / LI, "We met.")
    shutil.copy(letters / LI, letters / "Mine.docx")
    assert _untouched(tmp_path)[LI][0] == "edited"
    assert "letters/Mine.docx" in staff_actions.run_problems(tmp_path)["letter-copied"]


def test_two_letters_that_changed_places_are_kept_and_told(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    (letters / LI).rename(letters / "x")
    (letters / ROY).rename(letters / LI)
    (letters / "x").rename(letters / ROY)
    assert _untouched(tmp_path) == {LI: ("foreign", ANOTHERS), ROY: ("foreign", ANOTHERS)}
    before = staff_actions.snapshot(tmp_path)
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LI] == "foreign"
    assert staff_actions.snapshot(tmp_path)[LI] == before[LI]
    assert staff_actions.snapshot(tmp_path)[ROY] == before[ROY]


def test_two_letters_of_one_size_and_time_that_changed_places_are_told(tmp_path: Path) -> None:
    """Letters that are written one right after the other have one time, and often one size."""
    people = [["Name"], *(["Minister " + name] for name in ("Li", "Lo", "Lu", "Le", "La", "Ly"))]
    letters = make(tmp_path, Recipients=people) / "letters"
    staff_actions.ran(tmp_path)
    by_size: dict[int, list[Path]] = {}
    for path in sorted(letters.rglob("*.docx")):
        os.utime(path, (1_000_000_000, 1_000_000_000.25))
        by_size.setdefault(path.stat().st_size, []).append(path)
    one, other = max(by_size.values(), key=len)[:2]
    staff_actions.assert_up_to_date(tmp_path)
    one.rename(letters / "x")
    other.rename(one)
    (letters / "x").rename(other)
    names = {path.relative_to(letters).as_posix() for path in (one, other)}
    assert _untouched(tmp_path) == dict.fromkeys(names, ("foreign", ANOTHERS))


def test_a_letter_at_anothers_place_is_kept_and_its_own_is_made_again(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    edited = staff_actions.add_line(letters / LI, "We met.")
    (letters / LI).replace(letters / ROY)
    assert staff_actions.states_and_reasons(tmp_path)[ROY] == ("foreign", ANOTHERS)
    assert text(letters / LI) == ["Minister Li", "Dear Minister Li,", "Ana Ruiz"]
    assert (letters / ROY).read_bytes() == edited
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.parametrize(
    "lock", everyday(["~$nister Li.docx", "~$inister Li.docx", "~$Minister Li.docx"])
)
def test_a_letter_that_is_open_in_word_is_left_alone_until_it_is_closed(
    tmp_path: Path, lock: str
) -> None:
    letters = _letters(tmp_path)
    owner = (letters / LI).with_name(lock)
    owner.write_bytes(b"Ana")
    assert _untouched(tmp_path) == {LI: ("in-use", "open in Word or LibreOffice")}
    before = (letters / LI).read_bytes()
    make(tmp_path, NEWER)
    assert staff_actions.states_and_reasons(tmp_path)[LI][0] == "in-use"
    assert (letters / LI).read_bytes() == before
    owner.unlink()
    assert staff_actions.states_and_reasons(tmp_path)[LI][0] == "rewritten"
    staff_actions.assert_up_to_date(tmp_path)


def test_a_letter_that_is_open_in_libreoffice_is_left_alone(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    (letters / "Ana Ruiz" / ".~lock.Minister Li.docx#").write_bytes(b"Ana")
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LI] == "in-use"
    assert text(letters / LI)[0] == "Minister Li"


def test_a_letter_that_is_open_and_not_there_is_not_made_beside_word(tmp_path: Path) -> None:
    """On network drives Word puts the saved file in the place of the old one, not over it."""
    letters = _letters(tmp_path)
    (letters / LI).unlink()
    (letters / LI).with_name("~$nister Li.docx").write_bytes(b"Ana")
    assert _untouched(tmp_path) == {LI: ("in-use", "open in Word or LibreOffice")}


def test_a_letter_that_could_not_be_opened_once_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read anything, so the system's answer is put in its mouth."""
    letters = _letters(tmp_path)
    os.utime(letters / LI)
    read = Path.read_bytes

    def held(path: Path) -> bytes:
        if path.name == "Minister Li.docx":
            raise PermissionError(13, "held")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", held)
    told = staff_actions.states_and_reasons(tmp_path)
    monkeypatch.undo()
    assert told[LI] == ("in-use", "cannot be opened")
    assert _untouched(tmp_path) == {}


@pytest.mark.parametrize(
    "data", everyday([b"", b"notes", docx("Mine")]), ids=["empty", "text", "a letter"]
)
def test_a_file_of_somebody_else_at_a_new_letters_name_stays(tmp_path: Path, data: bytes) -> None:
    mine = make(tmp_path) / "letters" / LI
    mine.parent.mkdir(parents=True)
    mine.write_bytes(data)
    states = staff_actions.states(tmp_path)
    assert "Ana Ruiz/Minister Li-2.docx" in states
    assert set(states.values()) == {"new"}
    assert mine.read_bytes() == data
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)["Ana Ruiz/Minister Li-2.docx"] == "rewritten"
    assert mine.read_bytes() == data


@posix
@pytest.mark.parametrize("what", everyday(["link", "link to nothing", "folder", "pipe"]))
def test_what_is_no_file_at_a_letters_name_stays(tmp_path: Path, what: str) -> None:
    letters = _letters(tmp_path)
    mine = tmp_path / "mine.docx"
    mine.write_bytes((letters / LI).read_bytes())
    (letters / LI).unlink()
    if what == "folder":
        (letters / LI).mkdir()
    elif what == "pipe":
        os.mkfifo(letters / LI)
    else:
        (letters / LI).symlink_to(mine if what == "link" else tmp_path / "nothing")
    before = os.lstat(letters / LI)
    assert staff_actions.states(tmp_path)["Ana Ruiz/Minister Li-2.docx"] == "new"
    assert os.lstat(letters / LI).st_ino == before.st_ino
    assert not (tmp_path / "nothing").exists()
    staff_actions.assert_up_to_date(tmp_path)


@posix
@pytest.mark.parametrize("what", everyday(["Ana José", "Consul Éva"]))
def test_names_that_a_mac_took_apart_are_the_same_letters(tmp_path: Path, what: str) -> None:
    people = {
        "Signers": [["Name"], ["Ana José"], ["Bo Berg"]],
        "Recipients": [["Name"], ["Consul Éva"], ["Minister Li"]],
    }
    letters = make(tmp_path, LINES, **people) / "letters"
    staff_actions.ran(tmp_path)
    for path in sorted(letters.rglob("*"), reverse=True):
        if what in path.name:
            path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    assert _untouched(tmp_path) == {}
    make(tmp_path, NEWER, **people)
    assert set(staff_actions.states(tmp_path).values()) == {"rewritten"}
    staff_actions.assert_up_to_date(tmp_path)
    edited = staff_actions.add_line(next(letters.rglob("*va.docx")), "We met.")
    assert "edited" in staff_actions.states(tmp_path).values()
    staff_actions.ran(tmp_path, "--replace", "Consul Éva", "--yes")
    assert edited in [p.read_bytes() for p in (letters / "Old versions").rglob("*.docx")]
    make(tmp_path, NEWER, **{**people, "Signers": [["Name"], ["Eva Sand"]]})
    staff_actions.ran(tmp_path)
    assert len(list((letters / "No longer wanted").rglob("*.docx"))) == 4
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.parametrize("name", everyday(["._Minister Li.docx", "~$x.docx", ".DS_Store"]))
def test_what_systems_and_clouds_leave_behind_is_never_a_letter(tmp_path: Path, name: str) -> None:
    letters = _letters(tmp_path)
    (letters / "Ana Ruiz" / name).write_bytes((letters / LI).read_bytes())
    assert _untouched(tmp_path) == {}
    assert "letter-copied" not in staff_actions.run_problems(tmp_path)
    (letters / LI).unlink()
    assert staff_actions.states(tmp_path)[LI] == "new"


def test_a_rehearsal_says_the_same_and_changes_nothing(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    staff_actions.add_line(letters / LI, "We met.")
    (letters / ROY).rename(letters / "Roy.docx")
    make(tmp_path, NEWER, Signers=[["Name"], ["Ana Ruiz"], ["Eva Sand"]])
    before, memory = staff_actions.snapshot(tmp_path), (letters / staff_actions.LEDGER).read_bytes()
    rehearsed, told = (
        staff_actions.states_and_reasons(tmp_path, "--dry-run"),
        staff_actions.run_problems(tmp_path, "--dry-run"),
    )
    assert staff_actions.snapshot(tmp_path) == before
    assert (letters / staff_actions.LEDGER).read_bytes() == memory
    assert "2 letters" in told["letters-unwanted"]
    assert "would be moved here" in told["letters-unwanted"]
    assert staff_actions.states_and_reasons(tmp_path) == rehearsed
