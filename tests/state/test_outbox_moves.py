"""Letters replaced and moved: whole, never over another file, never one that changed meanwhile."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path, PurePosixPath

import pytest

from merge.disk import FileState, file_state
from merge.errors import StorageError
from merge.state.letter_folder import LetterFolder

LETTER, OTHER = PurePosixPath("Ana/Li.docx"), PurePosixPath("Anna/Li.docx")
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")


def _files(folder: Path) -> list[str]:
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != ".merge-lock")
    return sorted(p.relative_to(folder).as_posix() for p in files)


def _put(outbox: LetterFolder, data: bytes = b"first", path: PurePosixPath = LETTER) -> FileState:
    at = outbox.create(path, data)
    assert at
    return at


def test_what_was_put_there_is_told_by_its_size_time_and_number_on_the_disk(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as outbox:
        at = _put(outbox)
    found = (tmp_path / LETTER).stat()
    state = (5, found.st_mtime_ns, found.st_ino, found.st_ctime_ns)
    assert at == state == file_state(str(tmp_path / LETTER))


def test_a_letter_is_replaced_whole_where_it_is_still_the_same(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as outbox:
        at = outbox.replace(LETTER, b"the second", _put(outbox))
    assert (tmp_path / LETTER).read_bytes() == b"the second"
    assert at == file_state(str(tmp_path / LETTER))
    assert _files(tmp_path) == ["Ana/Li.docx"]


@pytest.mark.parametrize("change", ["size", "time", "gone", "folder"])
def test_a_letter_that_changed_meanwhile_is_not_replaced(tmp_path: Path, change: str) -> None:
    path = tmp_path / LETTER
    with LetterFolder(tmp_path).open() as outbox:
        at = _put(outbox)
        if change == "size":
            path.write_bytes(b"edited")
            os.utime(path, ns=(at.mtime, at.mtime))
        elif change == "time":
            path.write_bytes(b"again")
            os.utime(path, ns=(at.mtime, at.mtime + 1))
        else:
            path.unlink()
        if change == "folder":
            path.mkdir()
        before = path.read_bytes() if path.is_file() else None
        assert outbox.replace(LETTER, b"the second", at) is None
    assert (path.read_bytes() if path.is_file() else None) == before
    assert _files(tmp_path) == ([] if before is None else ["Ana/Li.docx"])


@posix
def test_a_link_in_a_letters_place_is_not_replaced(tmp_path: Path) -> None:
    with LetterFolder(tmp_path / "in").open() as outbox:
        at = _put(outbox)
        (tmp_path / "in" / LETTER).rename(tmp_path / "mine.docx")
        (tmp_path / "in" / LETTER).symlink_to(tmp_path / "mine.docx")
        assert outbox.replace(LETTER, b"the second", at) is None
    assert (tmp_path / "mine.docx").read_bytes() == b"first"


def test_a_letter_that_another_program_holds_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows does not let a file go that Word has open."""

    def held(*_: object) -> None:
        raise PermissionError(errno.EACCES, "held")

    with LetterFolder(tmp_path).open() as outbox:
        at = _put(outbox)
        monkeypatch.setattr(os, "rename", held)
        assert outbox.replace(LETTER, b"the second", at) is None
        monkeypatch.undo()
    assert (tmp_path / LETTER).read_bytes() == b"first"
    assert _files(tmp_path) == ["Ana/Li.docx"]


@pytest.fixture(params=[True, False])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that knows hard links, and one that does not."""

    def none(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not request.param:
        monkeypatch.setattr(os, "link", none)


@pytest.mark.usefixtures("links")
def test_a_letter_moves_and_its_empty_folder_goes(
    tmp_path: Path,
) -> None:
    with LetterFolder(tmp_path).open() as outbox:
        at = _put(outbox)
        assert outbox.move(LETTER, OTHER, at)
        assert at._replace(ctime=0).matches(file_state(str(tmp_path / OTHER)))
        assert not (tmp_path / "Ana").exists()
        assert outbox.create(LETTER, b"the folder is made again")
    assert _files(tmp_path) == ["Ana/Li.docx", "Anna/Li.docx"]


def test_a_folder_with_other_files_stays(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as outbox:
        at = _put(outbox)
        (tmp_path / "Ana" / "notes.txt").write_bytes(b"mine")
        assert outbox.move(LETTER, OTHER, at)
    assert _files(tmp_path) == ["Ana/notes.txt", "Anna/Li.docx"]


@pytest.mark.usefixtures("links")
def test_a_letter_never_moves_over_another_file(
    tmp_path: Path,
) -> None:
    with LetterFolder(tmp_path).open() as outbox:
        at = _put(outbox)
        _put(outbox, b"mine", OTHER)
        assert not outbox.move(LETTER, OTHER, at)
    assert (tmp_path / LETTER).read_bytes() == b"first"
    assert (tmp_path / OTHER).read_bytes() == b"mine"


def test_a_letter_that_is_held_open_stays_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows does not give another name to a file that is open."""

    def held(*_: object) -> None:
        raise PermissionError(errno.EACCES, "held")

    with LetterFolder(tmp_path).open() as outbox:
        at = _put(outbox)
        monkeypatch.setattr(os, "rename", held)
        assert not outbox.move(LETTER, OTHER, at)
        monkeypatch.undo()
    assert _files(tmp_path) == ["Ana/Li.docx"]


def test_a_letter_that_changed_meanwhile_does_not_move(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as outbox:
        at = _put(outbox)
        (tmp_path / LETTER).write_bytes(b"edited")
        assert not outbox.move(LETTER, OTHER, at)
    assert _files(tmp_path) == ["Ana/Li.docx"]


def test_a_folder_that_somebody_took_away_meanwhile_stops_nothing(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as outbox:
        at = _put(outbox)
        (tmp_path / "Ana").rename(tmp_path / "Done")
        assert outbox.move(LETTER, OTHER, at) is None
        assert outbox.replace(LETTER, b"the second", at) is None
        assert outbox.create(LETTER, b"made anew")
    assert _files(tmp_path) == ["Ana/Li.docx", "Done/Li.docx"]


@posix
def test_a_letter_never_moves_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with LetterFolder(tmp_path / "in").open() as outbox:
        at = _put(outbox)
        (tmp_path / "in" / "Anna").symlink_to(tmp_path / "out")
        with pytest.raises(StorageError) as error:
            outbox.move(LETTER, OTHER, at)
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
def test_a_move_that_was_cut_short_is_settled(
    tmp_path: Path, old: bytes | None, new: bytes | None, *, moved: bool
) -> None:
    with LetterFolder(tmp_path).open() as outbox:
        for path, data in ((LETTER, old), (OTHER, new)):
            if data is not None:
                (tmp_path / path.parent).mkdir()
                (tmp_path / path).write_bytes(data)
        assert outbox.finish_move(LETTER, OTHER) == moved
    assert (tmp_path / LETTER).exists() == (old is not None)
    assert (tmp_path / OTHER).exists() == bool(new)


@posix
def test_of_two_names_of_one_file_one_stays(tmp_path: Path) -> None:
    with LetterFolder(tmp_path).open() as outbox:
        _put(outbox)
        (tmp_path / "Anna").mkdir()
        os.link(tmp_path / LETTER, tmp_path / OTHER)
        moved = outbox.finish_move(LETTER, OTHER)
    assert _files(tmp_path) == ["Anna/Li.docx" if moved else "Ana/Li.docx"]
