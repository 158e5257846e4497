"""The file at a letter's path: open, unreadable, or a file of staff."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import make, make_with_letters, merge, text
from support.documents import docx
from support.everyday import everyday
from support.opened_files import opened_files

from merge.campaign.campaign import read_campaign
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.overview import inspect_campaign
from merge.campaign.plan import LettersRunPlan
from merge.letter_status import LetterStep
from merge.state.ledger import ledger_to_read

LI = "Ana Ruiz/Minister Li.docx"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"
posix = pytest.mark.posix("POSIX names and links")
PIPE = pytest.param("pipe", marks=pytest.mark.disk("pipes"))


def _letters(folder: Path) -> Path:
    """Create a campaign with its letters; return the letters folder."""
    return make_with_letters(folder) / "letters"


@pytest.mark.parametrize(
    "lock", everyday(["~$nister Li.docx", "~$inister Li.docx", "~$Minister Li.docx"])
)
def test_a_letter_that_is_open_in_word_is_not_updated_until_it_is_closed(
    tmp_path: Path, lock: str
) -> None:
    letters = _letters(tmp_path)
    lock_file = (letters / LI).with_name(lock)
    lock_file.write_bytes(b"Ana")
    assert staff_actions.run_without_changes(tmp_path) == {
        LI: ("in-use", "open in Word or LibreOffice")
    }
    before = (letters / LI).read_bytes()
    make(tmp_path, NEWER)
    assert staff_actions.states_and_reasons(tmp_path)[LI][0] == "in-use"
    assert (letters / LI).read_bytes() == before
    lock_file.unlink()
    assert staff_actions.states_and_reasons(tmp_path)[LI][0] == "rewritten"
    staff_actions.assert_up_to_date(tmp_path)


def test_a_letter_that_is_open_in_libreoffice_is_not_updated(tmp_path: Path) -> None:
    letters = _letters(tmp_path)
    (letters / "Ana Ruiz" / ".~lock.Minister Li.docx#").write_bytes(b"Ana")
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)[LI] == "in-use"
    assert text(letters / LI)[0] == "Minister Li"


def test_a_missing_letter_that_is_open_in_word_is_not_created(tmp_path: Path) -> None:
    """Word replaces files on network drives instead of writing into them."""
    letters = _letters(tmp_path)
    (letters / LI).unlink()
    (letters / LI).with_name("~$nister Li.docx").write_bytes(b"Ana")
    assert staff_actions.run_without_changes(tmp_path) == {
        LI: ("in-use", "open in Word or LibreOffice")
    }


def test_a_letter_that_could_not_be_read_once_is_read_in_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Simulate a letter without permission: root may read every file."""
    letters = _letters(tmp_path)
    os.utime(letters / LI)
    read = Path.read_bytes

    def read_or_refuse(path: Path) -> bytes:
        if path.name == "Minister Li.docx":
            raise PermissionError(13, "held")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_or_refuse)
    steps = staff_actions.states_and_reasons(tmp_path)
    monkeypatch.undo()
    assert steps[LI] == ("in-use", "cannot be opened")
    assert staff_actions.run_without_changes(tmp_path) == {}


def test_a_letter_that_cannot_be_downloaded_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OneDrive shows a file that is only online; without a network, Windows cannot read it."""
    letters = _letters(tmp_path)
    old = (letters / LI).read_bytes()
    make(tmp_path, NEWER)
    os.utime(letters / LI)
    read = Path.read_bytes

    def read_or_refuse(path: Path) -> bytes:
        if path.name == "Minister Li.docx":
            raise OSError(errno.EINVAL, "The cloud operation was unsuccessful")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_or_refuse)
    steps = staff_actions.states_and_reasons(tmp_path)
    monkeypatch.undo()
    assert steps[LI] == ("in-use", "cannot be opened; changed since: the template")
    assert (letters / LI).read_bytes() == old
    assert staff_actions.states(tmp_path)[LI] == "rewritten"


@pytest.mark.parametrize(
    "data", everyday([b"", b"notes", docx("Mine")]), ids=["empty", "text", "a letter"]
)
def test_a_file_of_staff_at_the_path_of_a_new_letter_is_not_overwritten(
    tmp_path: Path, data: bytes
) -> None:
    file_of_staff = make(tmp_path) / "letters" / LI
    file_of_staff.parent.mkdir(parents=True)
    file_of_staff.write_bytes(data)
    states = staff_actions.states(tmp_path)
    assert "Ana Ruiz/Minister Li-2.docx" in states
    assert set(states.values()) == {"new"}
    assert file_of_staff.read_bytes() == data
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, NEWER)
    assert staff_actions.states(tmp_path)["Ana Ruiz/Minister Li-2.docx"] == "rewritten"
    assert file_of_staff.read_bytes() == data


@posix
@pytest.mark.parametrize("kind", everyday(["link", "link to nothing", "folder", PIPE]))
def test_a_link_folder_or_pipe_at_the_path_of_a_letter_is_not_replaced(
    tmp_path: Path, kind: str
) -> None:
    letters = _letters(tmp_path)
    target = tmp_path / "mine.docx"
    target.write_bytes((letters / LI).read_bytes())
    (letters / LI).unlink()
    if kind == "folder":
        (letters / LI).mkdir()
    elif kind == "pipe":
        os.mkfifo(letters / LI)
    else:
        (letters / LI).symlink_to(target if kind == "link" else tmp_path / "nothing")
    before = os.lstat(letters / LI)
    assert staff_actions.states(tmp_path)["Ana Ruiz/Minister Li-2.docx"] == "new"
    assert os.lstat(letters / LI).st_ino == before.st_ino
    assert not (tmp_path / "nothing").exists()
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.parametrize("name", everyday(["._Minister Li.docx", "~$x.docx", ".DS_Store"]))
def test_hidden_files_of_systems_and_clouds_are_not_letters(tmp_path: Path, name: str) -> None:
    letters = _letters(tmp_path)
    (letters / "Ana Ruiz" / name).write_bytes((letters / LI).read_bytes())
    assert staff_actions.run_without_changes(tmp_path) == {}
    assert "letter-copied" not in staff_actions.run_problems(tmp_path)
    (letters / LI).unlink()
    assert staff_actions.states(tmp_path)[LI] == "new"


def test_a_file_that_appears_at_a_letters_path_during_a_run_is_kept(tmp_path: Path) -> None:
    make(tmp_path)
    other_letter = tmp_path / "letters" / "Bo Berg" / "Consul Roy.docx"
    states = dict[str, str]()

    def put_after_one(step: LetterStep) -> None:
        states[str(step.letter.path)] = step.state
        if len(states) == 1:
            other_letter.parent.mkdir(exist_ok=True)
            other_letter.write_bytes(b"mine")

    write_letters(
        LettersRunPlan(read_campaign(tmp_path), LettersOrder(tmp_path / "letters")),
        on_step=put_after_one,
    )
    assert states["Bo Berg/Consul Roy.docx"] == "foreign"
    assert other_letter.read_bytes() == b"mine"
    assert staff_actions.states(tmp_path)["Bo Berg/Consul Roy-2.docx"] == "new"


def test_a_letter_that_another_run_created_during_a_run_is_not_created_twice(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path)
    order = LettersOrder(folder / "letters")
    with LettersRunPlan(read_campaign(folder), order).survey() as survey:
        merge("letters", folder)  # on a drive whose locks do nothing
        plans = [planned for planned, _ in survey.letters()]
    assert {planned.step.state for planned in plans} == {"unchanged"}
    assert LI in {planned.record.path for planned in plans}


def test_an_empty_file_that_a_killed_run_reserved_becomes_the_letter(tmp_path: Path) -> None:
    """An empty file reserves the name of a letter on disks without links."""
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    (folder / "letters" / LI).write_bytes(b"")
    with ledger_to_read(folder / "letters") as ledger:
        letter_id = ledger.state.letter_id_at(LI)
    change = "UPDATE state SET content = '', mtime = 0 WHERE id = ?"
    assert staff_actions.in_private_state(folder, change, letter_id) == 1
    assert staff_actions.states(folder)[LI] == "rewritten"
    assert text(folder / "letters" / LI)[0] == "Minister Li"
    staff_actions.assert_up_to_date(folder)


# Letters without states: another computer wrote them, or the disk is a USB stick.


def _contents(folder: Path) -> dict[str, str]:
    """Return what a look finds at the path of each letter."""
    planned = inspect_campaign(read_campaign(folder)).letters
    return {letter.record.path: letter.record.content for letter in planned}


@pytest.mark.disk("times")
def test_letter_files_of_another_computer_are_opened_again_only_if_they_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = _letters(tmp_path / "c")
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "home of a colleague"))
    with opened_files(".docx") as paths:
        assert {*_contents(tmp_path / "c").values()} == {"made"}
    assert len([path for path in paths if path.startswith(str(letters))]) == 4
    with opened_files(LI) as paths:
        assert {*_contents(tmp_path / "c").values()} == {"made"}
    assert paths == []
    staff_actions.add_line(letters / LI, "We met.")
    for _ in range(2):
        contents = _contents(tmp_path / "c")
        assert contents.pop(LI) == "edited"
        assert {*contents.values()} == {"made"}


@pytest.mark.posix("a time that every change sets")
@pytest.mark.parametrize("is_colleague", [True, False])
def test_a_letter_file_is_compared_by_its_bytes_if_the_disk_shows_no_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_colleague: bool
) -> None:
    """Simulate exFAT: a letter that is copied over another keeps its times."""
    one, other = staff_actions.two_letters_of_one_size_and_time(tmp_path / "c")
    if is_colleague:
        monkeypatch.setenv("MERGE_HOME", str(tmp_path / "home of a colleague"))
    monkeypatch.setattr(os, "lstat", _exfat_status)
    unedited, times = one.read_bytes(), one.stat()
    path = one.relative_to(tmp_path / "c" / "letters").as_posix()
    for data, content in ((unedited, "made"), (other.read_bytes(), "another")) * 2:
        one.write_bytes(data)
        os.utime(one, ns=(times.st_atime_ns, times.st_mtime_ns))
        for _ in range(2):
            assert _contents(tmp_path / "c")[path] == content


def _exfat_status(path: str | Path) -> os.stat_result:
    """Return a file's status on exFAT: times of 10 ms, no time of a change."""
    real = Path(path).stat(follow_symlinks=False)
    time = real.st_mtime_ns - real.st_mtime_ns % 10_000_000
    return os.stat_result(tuple(real), {"st_mtime_ns": time, "st_ctime_ns": time})
