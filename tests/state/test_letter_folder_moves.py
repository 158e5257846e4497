"""Replacing and moving letters, never over other or changed files."""

from __future__ import annotations

import errno
import os
from pathlib import Path, PurePosixPath

import pytest

from merge.disk import FileState, file_state
from merge.errors import StorageError
from merge.state.letter_folder import LetterFolder

LETTER, OTHER = PurePosixPath("Ana/Li.docx"), PurePosixPath("Anna/Li.docx")
posix = pytest.mark.posix("POSIX permissions and links")


def _files(folder: Path) -> list[str]:
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != ".merge-lock")
    return sorted(p.relative_to(folder).as_posix() for p in files)


def _put(
    letter_folder: LetterFolder, data: bytes = b"first", path: PurePosixPath = LETTER
) -> FileState:
    state = letter_folder.create(path, data)
    assert state
    return state


def _hold_file(*_: object) -> None:
    raise PermissionError(errno.EACCES, "held")


def test_a_new_letters_state_is_its_size_times_and_inode(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as letter_folder:
        state = _put(letter_folder)
    status = (tmp_path / LETTER).stat()
    ctime = 0 if os.name == "nt" else status.st_ctime_ns
    expected_state = (5, status.st_mtime_ns, status.st_ino, ctime)
    assert state == expected_state == file_state(str(tmp_path / LETTER))


def test_an_unchanged_letter_is_replaced_completely(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as letter_folder:
        state = letter_folder.replace(LETTER, b"the second", _put(letter_folder))
    assert (tmp_path / LETTER).read_bytes() == b"the second"
    assert state == file_state(str(tmp_path / LETTER))
    assert _files(tmp_path) == ["Ana/Li.docx"]


@pytest.mark.parametrize("change", ["size", "time", "gone", "folder"])
def test_a_letter_that_changed_meanwhile_is_not_replaced(tmp_path: Path, change: str) -> None:
    path = tmp_path / LETTER
    with LetterFolder(tmp_path).open() as letter_folder:
        state = _put(letter_folder)
        if change == "size":
            path.write_bytes(b"edited")
            os.utime(path, ns=(state.mtime, state.mtime))
        elif change == "time":
            path.write_bytes(b"again")
            os.utime(path, ns=(state.mtime, state.mtime + 2_000_000_000))  # as FAT counts
        else:
            path.unlink()
        if change == "folder":
            path.mkdir()
        old_bytes = path.read_bytes() if path.is_file() else None
        assert letter_folder.replace(LETTER, b"the second", state) is None
    assert (path.read_bytes() if path.is_file() else None) == old_bytes
    assert _files(tmp_path) == ([] if old_bytes is None else ["Ana/Li.docx"])


@posix
def test_a_link_at_a_letters_path_is_not_replaced(tmp_path: Path) -> None:
    with LetterFolder(tmp_path / "in").open() as letter_folder:
        state = _put(letter_folder)
        (tmp_path / "in" / LETTER).rename(tmp_path / "mine.docx")
        (tmp_path / "in" / LETTER).symlink_to(tmp_path / "mine.docx")
        assert letter_folder.replace(LETTER, b"the second", state) is None
    assert (tmp_path / "mine.docx").read_bytes() == b"first"


def test_a_letter_open_in_another_program_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows does not release a file that Word has open."""
    with LetterFolder(tmp_path).open() as letter_folder:
        state = _put(letter_folder)
        monkeypatch.setattr(os, "rename", _hold_file)
        assert letter_folder.replace(LETTER, b"the second", state) is None
        monkeypatch.undo()
    assert (tmp_path / LETTER).read_bytes() == b"first"
    assert _files(tmp_path) == ["Ana/Li.docx"]


@pytest.fixture(params=[True, False])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Yield a disk with hard links, and one without."""

    def none(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not request.param:
        monkeypatch.setattr(os, "link", none)


@pytest.mark.usefixtures("links")
def test_an_empty_folder_is_removed_when_its_letter_moves(
    tmp_path: Path,
) -> None:
    with LetterFolder(tmp_path).open() as letter_folder:
        state = _put(letter_folder)
        assert letter_folder.move(LETTER, OTHER, state)
        assert state._replace(ctime=0).matches(file_state(str(tmp_path / OTHER)))
        assert not (tmp_path / "Ana").exists()
        assert letter_folder.create(LETTER, b"the folder is made again")
    assert _files(tmp_path) == ["Ana/Li.docx", "Anna/Li.docx"]


def test_a_folder_with_other_files_stays_when_its_letter_moves(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as letter_folder:
        state = _put(letter_folder)
        (tmp_path / "Ana" / "notes.txt").write_bytes(b"mine")
        assert letter_folder.move(LETTER, OTHER, state)
    assert _files(tmp_path) == ["Ana/notes.txt", "Anna/Li.docx"]


@pytest.mark.usefixtures("links")
def test_a_letter_never_moves_over_another_file(
    tmp_path: Path,
) -> None:
    with LetterFolder(tmp_path).open() as letter_folder:
        state = _put(letter_folder)
        _put(letter_folder, b"mine", OTHER)
        assert not letter_folder.move(LETTER, OTHER, state)
    assert (tmp_path / LETTER).read_bytes() == b"first"
    assert (tmp_path / OTHER).read_bytes() == b"mine"


def test_a_letter_open_in_another_program_does_not_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows does not rename a file that is open."""
    with LetterFolder(tmp_path).open() as letter_folder:
        state = _put(letter_folder)
        monkeypatch.setattr(os, "rename", _hold_file)
        assert not letter_folder.move(LETTER, OTHER, state)
        monkeypatch.undo()
    assert _files(tmp_path) == ["Ana/Li.docx"]


def test_a_letter_that_changed_meanwhile_does_not_move(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as letter_folder:
        state = _put(letter_folder)
        (tmp_path / LETTER).write_bytes(b"edited")
        assert not letter_folder.move(LETTER, OTHER, state)
    assert _files(tmp_path) == ["Ana/Li.docx"]


def test_a_folder_that_staff_renamed_meanwhile_is_created_again(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as letter_folder:
        state = _put(letter_folder)
        (tmp_path / "Ana").rename(tmp_path / "Done")
        assert letter_folder.move(LETTER, OTHER, state) is None
        assert letter_folder.replace(LETTER, b"the second", state) is None
        assert letter_folder.create(LETTER, b"made anew")
    assert _files(tmp_path) == ["Ana/Li.docx", "Done/Li.docx"]


@posix
def test_a_letter_never_moves_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with LetterFolder(tmp_path / "in").open() as letter_folder:
        state = _put(letter_folder)
        (tmp_path / "in" / "Anna").symlink_to(tmp_path / "out")
        with pytest.raises(StorageError) as error:
            letter_folder.move(LETTER, OTHER, state)
    assert error.value.problems[0].code == "link-refused"
    assert _files(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        (b"first", None, False),
        (None, b"first", True),
        (None, None, True),
        (b"first", b"", False),
        (b"first", b"mine", True),
    ],
    ids=["before", "after", "neither is there", "the name was claimed", "another file"],
)
def test_an_interrupted_move_is_finished(
    tmp_path: Path, old: bytes | None, new: bytes | None, *, moved: bool
) -> None:
    with LetterFolder(tmp_path).open() as letter_folder:
        for path, data in ((LETTER, old), (OTHER, new)):
            if data is not None:
                (tmp_path / path.parent).mkdir()
                (tmp_path / path).write_bytes(data)
        assert letter_folder.finish_move(LETTER, OTHER) == moved
    assert (tmp_path / LETTER).exists() == (old is not None)
    assert (tmp_path / OTHER).exists() == bool(new)


@posix
def test_one_name_of_a_letter_stays_after_a_move_interrupted_between_two_links(
    tmp_path: Path,
) -> None:
    with LetterFolder(tmp_path).open() as letter_folder:
        _put(letter_folder)
        (tmp_path / "Anna").mkdir()
        os.link(tmp_path / LETTER, tmp_path / OTHER)
        moved = letter_folder.finish_move(LETTER, OTHER)
    assert _files(tmp_path) == ["Anna/Li.docx" if moved else "Ana/Li.docx"]
