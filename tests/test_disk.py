"""Safe replacement of a file: what other programs save is never lost.

Every moment between two system calls is tried: another program saves then, or the program is
killed.
"""

from __future__ import annotations

import ctypes
import errno
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from merge.disk import (
    DRAFT_NAME_ENDS,
    FileState,
    SafeFileReplacer,
    file_state,
    hidden_folders,
    os_error_text,
)

OLD, NEW, THEIRS = b"as the program made it", b"the new version", b"what somebody wrote by hand"
CALLS = ("link", "rename", "replace", "unlink", "mkdir", "rmdir")
NAME = "Minister Li.docx"


LINK = os.link


def _no_links(*_: object, **__: object) -> None:
    raise OSError(errno.EINVAL, "Invalid argument")


@pytest.fixture(
    params=[
        "links",
        pytest.param("no links", marks=pytest.mark.disk("names")),
        "no links, and no way to rename without replacing",
    ]
)
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The kind of disk.

    It has links, or none (FAT), or its system cannot rename without replacing either.
    """
    way: str = request.param
    if way != "links":
        monkeypatch.setattr(os, "link", _no_links)
    if "and" in way:
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    return way


def _write_file(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def _state(path: str) -> FileState:
    state = file_state(path)
    assert state
    return state


def _contents(folder: Path) -> list[bytes]:
    """Return the contents of the visible files in the folder."""
    return [p.read_bytes() for p in sorted(folder.iterdir()) if not p.name.startswith(".")]


ANSWERS = [n for n in errno.errorcode if n not in {errno.EEXIST, errno.ENOENT}]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda n: errno.errorcode[n])
def test_a_file_is_moved_on_a_disk_without_links_whatever_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    """Windows has hundreds of errors, most of which Python reports as EINVAL."""
    calls = []

    def refused(*_: object, **__: object) -> None:
        calls.append(answer)
        raise OSError(answer, "no")

    monkeypatch.setattr(os, "link", refused)
    placer = SafeFileReplacer()
    for number in range(3):
        new, place = _write_file(tmp_path / "new", NEW), str(tmp_path / f"{number}.docx")
        assert placer.move_if_free(new, place)
        assert not placer.move_if_free(_write_file(tmp_path / "new", THEIRS), place)
    assert _contents(tmp_path) == [NEW] * 3 + [THEIRS]
    assert len(calls) == (os.name != "nt")  # Windows renames at once


@pytest.mark.posix("on Windows, a move is one rename")
@pytest.mark.parametrize("answer", [errno.ENOSPC, errno.EROFS, errno.ENAMETOOLONG, errno.EACCES])
def test_an_error_other_than_missing_links_is_raised_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(answer, "no")

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    new = _write_file(tmp_path / "new", NEW)
    for call in ("link", "replace"):
        monkeypatch.setattr(os, call, refused)
    with pytest.raises(OSError, match="no") as error:
        SafeFileReplacer().move_if_free(new, str(tmp_path / NAME))
    monkeypatch.undo()
    assert error.value.errno == answer
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


@pytest.mark.usefixtures("disk")
def test_a_file_replaces_another_and_leaves_no_other_files(tmp_path: Path) -> None:
    new, place = _write_file(tmp_path / ".new", NEW), _write_file(tmp_path / NAME, OLD)
    assert SafeFileReplacer().replace(new, place, _state(place))
    assert (tmp_path / NAME).read_bytes() == NEW
    assert [p.name for p in tmp_path.iterdir()] == [NAME]


@pytest.mark.disk("names")
@pytest.mark.usefixtures("disk")
def test_a_file_with_the_longest_allowed_name_is_replaced(tmp_path: Path) -> None:
    new, place = (
        _write_file(tmp_path / ".new", NEW),
        _write_file(tmp_path / ("x" * 250 + ".docx"), OLD),
    )
    assert SafeFileReplacer().replace(new, place, _state(place))
    assert _contents(tmp_path) == [NEW]


@pytest.mark.usefixtures("disk")
def test_a_folder_is_moved_to_a_free_name_only(tmp_path: Path) -> None:
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / NAME).write_bytes(name.encode())
    mine, theirs, free = (str(tmp_path / name) for name in ("mine", "theirs", "free"))
    assert not SafeFileReplacer().move_if_free(mine, theirs)
    assert SafeFileReplacer().move_if_free(mine, free)
    assert {p.parent.name: p.read_bytes() for p in tmp_path.rglob(NAME)} == {
        "free": b"mine",
        "theirs": b"theirs",
    }


class _Interrupter:
    """Runs a function before the system call with a number, from 0."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], None]
    ) -> None:
        self.left, self._act, self.calls = number, act, list[str]()
        for name in CALLS:
            monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))

    def _watched(self, name: str, call: Callable[..., object]) -> Callable[..., object]:
        def watched(*words: object, **more: object) -> object:
            self.calls.append(name)
            self.left -= 1
            if self.left == -1:
                self._act()
            return call(*words, **more)

        return watched


STEPS = range(9)
ORIGINAL = {name: getattr(os, name) for name in CALLS}
GAPS = {("its time kept", "mkdir", "rename")}
"""A gap that no check can close.

To rename a file changes ctime, so a save at this very moment that keeps the other facts is not
seen.
"""


@contextmanager
def _original_system_calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let another program use the unchanged system calls."""
    with monkeypatch.context() as plain:
        for name in CALLS:
            plain.setattr(os, name, ORIGINAL[name])
        yield


def _save_as_word(place: Path) -> None:
    """Save as Word does: write a file beside the letter, then rename it."""
    beside = place.with_name("~WRD0001.tmp")
    beside.write_bytes(THEIRS)
    beside.replace(place)


def _write_over(place: Path) -> None:
    place.write_bytes(THEIRS)


def _copy_over(place: Path) -> None:
    """Copy another letter of the same size and time over this one."""
    status = place.stat() if place.exists() else None
    place.write_bytes(THEIRS[: len(OLD)])
    if status:
        os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))


SAVES = {"as Word does": _save_as_word, "over it": _write_over, "its time kept": _copy_over}


@pytest.mark.parametrize(
    "save",
    [
        *("as Word does", "over it"),
        pytest.param(
            "its time kept",
            marks=[pytest.mark.disk("times"), pytest.mark.posix("a time that every change sets")],
        ),
    ],
)
@pytest.mark.parametrize("step", STEPS)
def test_a_save_while_a_file_is_replaced_is_never_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk: str, step: int, save: str
) -> None:
    place = tmp_path / NAME
    new, was = _write_file(tmp_path / ".new", NEW), _state(_write_file(place, OLD))
    saved = []

    def act() -> None:
        with _original_system_calls(monkeypatch):
            SAVES[save](place)
        saved.append(interrupter.calls[-2:])

    interrupter = _Interrupter(monkeypatch, step, act)
    SafeFileReplacer().replace(new, str(place), was)
    monkeypatch.undo()
    gap = saved and (save, *saved[0]) in GAPS
    if gap or ("and" in disk and saved == [["link", "replace"]]):
        return  # between the last check and the next system call
    assert len({THEIRS, THEIRS[: len(OLD)]} & {*_contents(tmp_path)}) == len(saved)
    assert hidden_folders(str(tmp_path)) == []


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("step", STEPS)
def test_a_save_while_a_file_is_moved_is_never_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    place = tmp_path / NAME
    was, saved = _state(_write_file(place, OLD)), []

    def act() -> None:
        with _original_system_calls(monkeypatch):
            _save_as_word(place)
        saved.append(True)

    _Interrupter(monkeypatch, step, act)
    SafeFileReplacer().move(str(place), str(tmp_path / "there.docx"), was)
    monkeypatch.undo()
    assert (THEIRS in _contents(tmp_path)) == bool(saved)
    assert OLD in _contents(tmp_path) or place.read_bytes() == THEIRS
    assert hidden_folders(str(tmp_path)) == []


@pytest.mark.usefixtures("disk")
def test_the_old_file_is_kept_if_another_takes_its_place_while_it_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / NAME
    new, was = _write_file(tmp_path / ".new", NEW), _state(_write_file(place, OLD))
    _Interrupter(monkeypatch, 2, lambda: _write_over(place))  # after the old file is hidden
    assert not SafeFileReplacer().replace(new, str(place), was)
    monkeypatch.undo()
    assert place.read_bytes() == THEIRS
    assert (tmp_path / "Minister Li (kept).docx").read_bytes() == OLD
    assert Path(new).read_bytes() == NEW
    assert hidden_folders(str(tmp_path)) == []


@pytest.mark.posix("renaming of an open file")
def test_a_write_through_an_open_handle_is_kept_in_a_visible_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / NAME
    new, was = _write_file(tmp_path / ".new", NEW), _state(_write_file(place, OLD))
    with place.open("r+b") as handle:

        def act() -> None:
            handle.write(THEIRS)
            handle.flush()

        _Interrupter(monkeypatch, 2, act)  # after the old file, before the new one
        assert SafeFileReplacer().replace(new, str(place), was)
    monkeypatch.undo()
    assert place.read_bytes() == NEW
    assert (tmp_path / "Minister Li (kept).docx").read_bytes() == THEIRS


class _Killed(BaseException):
    """The program was killed: nothing that it does has any effect."""


def _kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    remaining = [step]

    def dying(call: Callable[..., object]) -> Callable[..., object]:
        def do(*words: object, **more: object) -> object:
            remaining[0] -= 1
            if remaining[0] < 0:
                raise _Killed
            return call(*words, **more)

        return do

    for name in CALLS:
        monkeypatch.setattr(os, name, dying(getattr(os, name)))


def _restore_after_kill(folder: Path) -> list[str]:
    """Restore files as the next run does; return the visible names."""
    for hidden in hidden_folders(str(folder)):
        SafeFileReplacer().restore(hidden, lambda path: Path(path).read_bytes() == OLD)
    assert hidden_folders(str(folder)) == []
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("filled", [False, True], ids=["", "and somebody saved there since"])
@pytest.mark.parametrize("step", STEPS)
def test_a_file_is_in_its_place_after_a_kill_at_any_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, *, filled: bool
) -> None:
    place = tmp_path / NAME
    new, was = (
        _write_file(tmp_path / f"{DRAFT_NAME_ENDS[0]}1{DRAFT_NAME_ENDS[1]}", NEW),
        _state(_write_file(place, OLD)),
    )
    with monkeypatch.context() as dying:
        _kill_at(dying, step)
        with suppress(_Killed):
            SafeFileReplacer().replace(new, str(place), was)
    if filled:
        _save_as_word(place)
    assert _restore_after_kill(tmp_path) == [NAME]
    assert place.read_bytes() in ([THEIRS] if filled else [OLD, NEW])


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("step", STEPS)
def test_an_edited_file_is_kept_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The edited file is hidden and not checked yet; a new file has its place."""
    place = tmp_path / NAME
    edited = b"edited"
    new, was = _write_file(tmp_path / ".new", NEW), _state(_write_file(place, edited))
    with monkeypatch.context() as dying:
        _kill_at(dying, step)
        with suppress(_Killed):
            SafeFileReplacer().replace(new, str(place), was)
    hidden = [*tmp_path.glob(f"*/{NAME}")]
    _restore_after_kill(tmp_path)
    assert place.read_bytes() in {edited, NEW}
    assert not hidden or edited in _contents(tmp_path)


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("step", STEPS)
def test_a_moved_file_is_at_one_of_its_two_places_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    place, there = tmp_path / NAME, tmp_path / "there.docx"
    was = _state(_write_file(place, OLD))
    with monkeypatch.context() as dying:
        _kill_at(dying, step)
        with suppress(_Killed):
            SafeFileReplacer().move(str(place), str(there), was)
    _restore_after_kill(tmp_path)
    assert OLD in _contents(tmp_path)


def test_saves_while_letters_are_replaced_are_never_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each letter is saved once and replaced once, at about the same time."""
    places = [_write_file(tmp_path / f"{number}.docx", OLD) for number in range(60)]
    states = [_state(place) for place in places]
    dice, main_thread = random.Random(7), threading.get_ident()  # noqa: S311 - nothing secret
    saves = {f"save {number}".encode(): place for number, place in enumerate(places)}

    def slowed(call: Callable[..., object]) -> Callable[..., object]:
        def slow(*words: object, **more: object) -> object:
            if threading.get_ident() == main_thread:
                time.sleep(0.001)
            return call(*words, **more)

        return slow

    def save_all() -> None:
        for data, place in saves.items():
            beside = Path(f"{place}.tmp")
            beside.write_bytes(data)
            while True:
                try:
                    beside.replace(place)
                    break
                except PermissionError:  # Windows: the letter is being moved; staff save again
                    time.sleep(0.001)
            time.sleep(dice.random() * 0.008)

    for name in CALLS:
        monkeypatch.setattr(os, name, slowed(getattr(os, name)))
    saving = threading.Thread(target=save_all)
    saving.start()
    for number, (place, was) in enumerate(zip(places, states, strict=True)):
        SafeFileReplacer().replace(_write_file(tmp_path / f".new{number}", NEW), place, was)
    saving.join()
    monkeypatch.undo()
    assert set(saves) <= set(_contents(tmp_path))
    assert hidden_folders(str(tmp_path)) == []


def test_a_file_named_without_its_folder_stays_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing may go to the root folder of the disk.

    It is what `merge letters` does in the campaign folder itself.
    """
    monkeypatch.chdir(tmp_path)
    Path("register.xlsx").write_bytes(b"old")
    Path("new").write_bytes(b"new")
    created: list[Path] = []
    mkdir = os.mkdir

    def recording_mkdir(path: str, mode: int = 0o777) -> None:
        created.append(Path(path))
        mkdir(path, mode)

    monkeypatch.setattr(os, "mkdir", recording_mkdir)
    was = file_state("register.xlsx")
    assert was is not None
    assert SafeFileReplacer().replace("new", "register.xlsx", was)
    assert [path.parent for path in created] == [tmp_path]
    assert Path("register.xlsx").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["register.xlsx"]
    folder = tmp_path / ".merge-taken-1-1"
    folder.mkdir()
    (folder / "letter.docx").write_bytes(b"taken")
    (hidden_folder,) = hidden_folders("")
    SafeFileReplacer().restore(hidden_folder)
    assert Path("letter.docx").read_bytes() == b"taken"


def test_the_text_of_an_os_error_is_only_that_of_the_system() -> None:
    error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "letters")
    assert os_error_text(error) == "Permission denied"
    assert os_error_text(OSError("odd")) == "unknown cause"
