"""Writing letters: complete or not at all, never over another file."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from merge.errors import StorageError
from merge.state.letter_folder import LetterFolder

LETTER = PurePosixPath("Ana/Li.docx")
posix = pytest.mark.posix("POSIX permissions and links")


def _files(folder: Path) -> list[str]:
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != ".merge-lock")
    return sorted(p.relative_to(folder).as_posix() for p in files)


def _error_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, failing: Callable[..., object]
) -> str:
    """Return the code of the error if a letter is written and a call fails."""
    with LetterFolder(folder).open() as letter_folder:
        monkeypatch.setattr(os, call, failing)
        with pytest.raises(StorageError) as error:
            letter_folder.create(LETTER, b"x")
        monkeypatch.undo()
    return error.value.problems[0].code


def test_a_letter_is_written_completely(tmp_path: Path) -> None:
    with LetterFolder(tmp_path / "letters").open() as letter_folder:
        assert letter_folder.create(LETTER, b"whole")
    assert (tmp_path / "letters" / "Ana" / "Li.docx").read_bytes() == b"whole"
    assert _files(tmp_path) == ["letters/Ana/Li.docx"]


def test_a_new_letter_never_replaces_an_existing_file(tmp_path: Path) -> None:
    (tmp_path / "Ana").mkdir()
    (tmp_path / "Ana" / "Li.docx").write_bytes(b"mine")
    with LetterFolder(tmp_path).open() as letter_folder:
        assert not letter_folder.create(LETTER, b"theirs")
    assert (tmp_path / "Ana" / "Li.docx").read_bytes() == b"mine"
    assert _files(tmp_path) == ["Ana/Li.docx"]


@posix
def test_a_link_at_a_letters_path_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in" / "Ana").mkdir(parents=True)
    (tmp_path / "in" / "Ana" / "Li.docx").symlink_to(tmp_path / "secret")
    with LetterFolder(tmp_path / "in").open() as letter_folder:
        assert not letter_folder.create(LETTER, b"x")
    assert not (tmp_path / "secret").exists()


@posix
def test_a_link_at_a_folders_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "Ana").symlink_to(tmp_path / "out")
    with (
        LetterFolder(tmp_path / "in").open() as letter_folder,
        pytest.raises(StorageError) as error,
    ):
        letter_folder.create(LETTER, b"x")
    assert error.value.problems[0].code == "link-refused"
    assert _files(tmp_path / "out") == []


def test_a_file_at_a_folders_path_is_reported(tmp_path: Path) -> None:
    (tmp_path / "Ana").write_bytes(b"mine")
    with LetterFolder(tmp_path).open() as letter_folder, pytest.raises(StorageError) as error:
        letter_folder.create(LETTER, b"x")
    assert error.value.problems[0].code == "path-taken"
    assert (tmp_path / "Ana").read_bytes() == b"mine"


def test_a_folder_at_a_letters_path_is_kept(tmp_path: Path) -> None:
    (tmp_path / "Ana" / "Li.docx").mkdir(parents=True)
    with LetterFolder(tmp_path).open() as letter_folder:
        assert not letter_folder.create(LETTER, b"x")
    assert (tmp_path / "Ana" / "Li.docx").is_dir()


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def test_letters_are_written_completely_on_a_disk_without_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(code, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    with LetterFolder(tmp_path).open() as letter_folder:
        assert letter_folder.create(LETTER, b"whole")
        assert not letter_folder.create(LETTER, b"other")
    assert (tmp_path / "Ana" / "Li.docx").read_bytes() == b"whole"
    assert _files(tmp_path) == ["Ana/Li.docx"]


def test_a_full_disk_is_reported_and_leaves_no_partial_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert _error_code(tmp_path, monkeypatch, "write", full) == "disk-full"
    assert _files(tmp_path) == []


def test_a_letter_is_complete_after_short_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:3]))
    with LetterFolder(tmp_path).open() as letter_folder:
        letter_folder.create(LETTER, b"a long letter")
    monkeypatch.undo()
    assert (tmp_path / "Ana" / "Li.docx").read_bytes() == b"a long letter"


@posix
@pytest.mark.disk("permissions")
def test_letters_have_the_usual_permissions_for_colleagues(tmp_path: Path) -> None:
    old_mask = os.umask(0o022)
    try:
        with LetterFolder(tmp_path).open() as letter_folder:
            letter_folder.create(LETTER, b"x")
    finally:
        os.umask(old_mask)
    assert (tmp_path / "Ana" / "Li.docx").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_folder_that_cannot_be_written_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """The root user may write anywhere, so the system's error is simulated."""

    def closed(*_: object, **__: object) -> None:
        raise OSError(code, "no")

    assert _error_code(tmp_path, monkeypatch, "open", closed) == "folder-closed"


def test_temporary_files_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    (tmp_path / "Ana").mkdir()
    (tmp_path / "Ana" / ".merge-1-1.tmp").write_bytes(b"half")
    with LetterFolder(tmp_path).open() as letter_folder:
        letter_folder.remove_leftovers(["Ana/.merge-1-1.tmp", "Ana/gone.tmp"])
    assert _files(tmp_path) == []


def test_files_that_staff_added_to_a_hidden_folder_of_a_killed_run_are_kept_visible(
    tmp_path: Path,
) -> None:
    hidden = tmp_path / ".merge-1-1.tmp"
    (hidden / "Drafts").mkdir(parents=True)
    for name, minutes in (("Li.docx", 0), ("Roy.docx", 2), ("Yu.docx", 0)):
        (hidden / name).write_bytes(name.encode())
        os.utime(hidden / name, (1e9 + 60 * minutes + 1, 1e9 + 60 * minutes + 1))
    with LetterFolder(tmp_path).open() as letter_folder:
        letter_folder.remove_leftovers([hidden.name])
    assert _files(tmp_path) == ["Roy (kept).docx"]
    assert not hidden.exists()
    assert (tmp_path / "Drafts (kept)").is_dir()
