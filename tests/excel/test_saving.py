"""The register on the disk is complete or unchanged.

A version that someone saves in the meantime is never overwritten.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.campaigns import ROOT, make_with_letters, merge
from support.everyday import everyday
from support.registers import (
    NOW,
    codes,
    excel,
    letter,
    letters,
    make_register,
    read,
    run,
    sheet,
    table,
)

from merge.computer import draft_name
from merge.disk import HIDDEN_FOLDER_PREFIX
from merge.excel.saving import restore_interrupted
from merge.register.entries import RegisterEntry
from merge.register.reading import read_register
from merge.register.updating import update_register

posix = pytest.mark.posix("POSIX permissions, limits and signals")
NEW_STATE = "edited"


def names(folder: Path) -> list[str]:
    """Return the names of all files in the folder, also hidden ones."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("note", ["~$register.xlsx", ".~lock.register.xlsx#"])
def test_an_open_register_is_updated_by_the_next_run(tmp_path: Path, note: str) -> None:
    path = make_register(tmp_path)
    old_bytes = path.read_bytes()
    (tmp_path / note).write_bytes(b"Ana")
    updated = run(path, letters(state=NEW_STATE))
    assert (updated.is_written, updated.is_current) == (False, False)
    assert [(p.code, p.level) for p in updated.problems] == [("register-open", "warning")]
    assert path.read_bytes() == old_bytes
    (tmp_path / note).unlink()
    assert run(path, letters(state=NEW_STATE)).is_written
    assert {row["Status"] for row in table(path)} == {NEW_STATE}


def test_an_open_register_without_changes_gives_no_problem(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    (tmp_path / "~$register.xlsx").write_bytes(b"Ana")
    assert not run(path, letters()).problems


def test_a_register_that_the_system_locks_is_reported_as_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows reports this; elsewhere an open file can be replaced."""
    path = make_register(tmp_path)
    old_bytes = path.read_bytes()

    def fail(*_: object) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(os, "rename", fail)
    updated = run(path, letters(state=NEW_STATE))
    assert codes(updated) == ["register-open"]
    assert path.read_bytes() == old_bytes
    assert names(tmp_path) == ["register.xlsx"]


def test_a_register_saved_by_staff_during_a_run_is_not_overwritten(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    register = read_register(path)
    with excel(path) as there:
        there["N2"] = "saved at noon"
    updated = update_register(path, letters(state=NEW_STATE), register, NOW)
    assert (updated.is_written, updated.is_current) == (False, False)
    assert codes(updated) == ["register-changed"]
    assert sheet(path)["N2"].value == "saved at noon"
    assert run(path, letters(state=NEW_STATE)).is_written
    assert sheet(path)["N2"].value == "saved at noon"


SAVED = b"what staff saved"


def _save_as_excel(path: Path) -> None:
    """Write a file beside the path, then rename it."""
    beside = path.with_name("1A2B3C00")
    beside.write_bytes(SAVED)
    beside.replace(path)


@pytest.mark.parametrize("step", everyday(range(1, 8), daily=range(5)))
def test_a_register_saved_by_staff_during_the_replacement_is_never_lost(
    tmp_path: Path, step: int
) -> None:
    """Someone saves just before each system call that moves a file."""
    path = make_register(tmp_path)
    calls_left, is_saving = step, False

    def save_before_call(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal calls_left, is_saving
        if event in {"os.rename", "os.link", "os.remove", "os.mkdir"} and not is_saving:
            if str(tmp_path) not in str(arguments):
                return
            calls_left -= 1
            if calls_left == 0:
                is_saving = True
                _save_as_excel(path)
                is_saving = False

    hooks.append(save_before_call)
    try:
        updated = run(path, letters(state=NEW_STATE))
    finally:
        hooks.remove(save_before_call)
    if calls_left > 0:
        return
    contents = [p.read_bytes() for p in tmp_path.iterdir() if p.is_file()]
    assert SAVED in contents
    assert updated.is_current or codes(updated) == ["register-changed"]


hooks: list[Callable[[str, tuple[object, ...]], None]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    for hook in hooks:
        hook(event, arguments)


sys.addaudithook(_hook)


def test_a_register_that_a_killed_run_had_moved_is_put_back(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    path = folder / "register.xlsx"
    old_bytes = path.read_bytes()
    hidden = folder / ".merge-taken-123-1"
    hidden.mkdir()
    path.rename(hidden / path.name)
    assert merge("status", folder).code == 0
    assert path.read_bytes() == old_bytes
    assert not hidden.exists()


def test_a_moved_register_is_kept_beside_one_that_staff_saved_since(
    tmp_path: Path,
) -> None:
    folder = make_with_letters(tmp_path)
    path, hidden = folder / "register.xlsx", folder / ".merge-taken-123-1"
    hidden.mkdir()
    shutil.copy2(path, hidden / path.name)
    old_bytes = path.read_bytes()
    merge("letters", folder)
    assert path.read_bytes() == old_bytes
    assert (folder / "register (kept).xlsx").read_bytes() == old_bytes
    assert not hidden.exists()


def test_a_file_that_appears_during_the_first_save_of_a_register_is_not_overwritten(
    tmp_path: Path,
) -> None:
    path = tmp_path / "register.xlsx"

    def meanwhile() -> Iterator[RegisterEntry]:
        path.write_bytes(b"mine")
        yield letter()

    updated = update_register(path, meanwhile(), read(path), NOW)
    assert codes(updated) == ["register-changed"]
    assert path.read_bytes() == b"mine"
    assert names(tmp_path) == ["register.xlsx"]


def test_an_error_while_saving_the_register_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> Iterator[RegisterEntry]:
        yield letter()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "register.xlsx", broken())
    assert names(tmp_path) == []


@contextmanager
def tiny_disk(folder: Path) -> Iterator[Path]:
    """Mount a disk of 64 KiB, or skip the test without the permission."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def many_letters(**changes: str) -> list[RegisterEntry]:
    """Return more letters than fit on the tiny disk."""
    return [letter(s, r, **changes) for s in range(50) for r in range(40)]


@pytest.mark.slow
@posix
def test_a_register_on_a_full_disk_stays_unchanged(tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "disk") as disk:
        path = make_register(disk)
        old_bytes = path.read_bytes()
        updated = run(path, [*letters(), *many_letters()])
        assert [(p.code, p.level) for p in updated.problems] == [("register-not-saved", "error")]
        assert "(No space left on device)" in updated.problems[0].what
        assert path.read_bytes() == old_bytes
        assert names(disk) == ["register.xlsx"]


@posix
def test_a_first_register_is_not_created_on_a_full_disk(tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "disk") as disk:
        updated = run(disk / "register.xlsx", many_letters())
        assert codes(updated) == ["register-not-saved"]
        assert names(disk) == []


def test_saving_the_register_writes_nothing_outside_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """openpyxl would write all signers' names into a temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    path = make_register(tmp_path)
    assert run(path, letters(state=NEW_STATE)).is_written


def test_a_register_that_would_exceed_a_limit_is_not_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merge.register.writing.MAX_ROWS", 7)
    path = make_register(tmp_path)
    old_bytes = path.read_bytes()
    assert codes(run(tmp_path / "other.xlsx", [*letters(), letter(3, 0)])) == ["register-too-long"]
    monkeypatch.setattr("merge.excel.reader.MAX_ROWS", 7)
    assert codes(run(path, [*letters(), letter(3, 0)])) == ["register-too-long"]
    monkeypatch.setattr("merge.register.writing.MAX_OWN_PART_BYTES", 1000)
    assert codes(run(tmp_path / "other.xlsx", letters())) == ["register-too-long"]
    assert path.read_bytes() == old_bytes
    assert names(tmp_path) == ["register.xlsx"]


LIMITED = """
import resource, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.registers import letters, run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
updated = run(Path({path!r}), letters(state="edited"))
assert [p.code for p in updated.problems] == ["register-not-saved"], updated
"""


@pytest.mark.slow
@posix
def test_an_incomplete_save_leaves_the_old_register(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    old_bytes = path.read_bytes()
    code = LIMITED.format(tests=str(ROOT / "tests"), path=str(path))
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    assert path.read_bytes() == old_bytes
    assert names(tmp_path) == ["register.xlsx"]


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.registers import letter, run
def entries():
    yield from (letter(s, r) for s in range(50) for r in range(40))
    os.kill(os.getpid(), signal.SIGKILL)
run(Path({path!r}), entries())
"""


@pytest.mark.slow
@posix
def test_a_killed_run_leaves_no_incomplete_register(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    code = KILLED.format(tests=str(ROOT / "tests"), path=str(path))
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, env=env)
    assert process.returncode == -signal.SIGKILL
    assert draft_name("register.xlsx") in names(tmp_path)
    assert not path.exists()
    assert run(path, letters()).is_written
    assert draft_name("register.xlsx") not in names(tmp_path)
    assert len(table(path)) == 6


@posix
def test_a_symbolic_link_at_the_name_of_the_draft_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / draft_name("register.xlsx")).symlink_to(tmp_path / "secret")
    make_register(tmp_path)
    assert names(tmp_path) == ["register.xlsx"]


@posix
def test_saving_the_register_keeps_its_permissions(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    path.chmod(0o664)
    run(path, letters(state=NEW_STATE))
    assert path.stat().st_mode & 0o777 == 0o664


@posix
def test_the_draft_of_a_killed_run_that_had_replaced_the_register_is_deleted(
    tmp_path: Path,
) -> None:
    path = make_register(tmp_path)
    (tmp_path / draft_name("register.xlsx")).hardlink_to(path)
    restore_interrupted(path)
    assert names(tmp_path) == ["register.xlsx"]


def test_the_draft_of_another_run_is_kept(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    (tmp_path / draft_name("register.xlsx")).write_bytes(b"half")
    restore_interrupted(path)
    assert (tmp_path / draft_name("register.xlsx")).exists()


@posix
@pytest.mark.parametrize("written", [False, True], ids=["", "and someone wrote into it"])
def test_a_register_that_a_killed_run_replaced_is_deleted_unless_someone_edited_it(
    tmp_path: Path, *, written: bool
) -> None:
    path, draft = make_register(tmp_path), tmp_path / draft_name("register.xlsx")
    hidden = tmp_path / f"{HIDDEN_FOLDER_PREFIX}1-1"
    hidden.mkdir()
    old = path.rename(hidden / path.name)
    os.utime(old, (NOW.timestamp() + (10**9 if written else -(10**8)),) * 2)
    draft.write_bytes(b"new")
    path.hardlink_to(draft)
    restore_interrupted(path)
    assert names(tmp_path) == [*(["register (kept).xlsx"] if written else []), "register.xlsx"]
    assert path.read_bytes() == b"new"
