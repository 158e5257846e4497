"""A file put in its place: whole, and whatever another program saves in between stays.

Every instant between two calls of the system is tried: another program saves then, or the program
is killed.
"""

from __future__ import annotations

import ctypes
import errno
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from merge.disk import (
    DRAFT_NAME_ENDS,
    FilePlacer,
    FileState,
    file_state,
    hidden_folders,
    os_error_text,
)

OLD, NEW, THEIRS = b"as the program made it", b"the new version", b"what somebody wrote by hand"
CALLS = ("link", "rename", "replace", "unlink", "mkdir", "rmdir")
NAME = "Minister Li.docx"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX links and times")

LINK = os.link


def _no_links(*_: object, **__: object) -> None:
    raise OSError(errno.EINVAL, "Invalid argument")


@pytest.fixture(params=["links", "no links", "no links, and no way to rename without replacing"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A disk as most are; one that has no links (FAT); one whose system cannot help either."""
    way: str = request.param
    if way != "links":
        monkeypatch.setattr(os, "link", _no_links)
    if "and" in way:
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    return way


def _written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def _state(path: str) -> FileState:
    found = file_state(path)
    assert found
    return found


def _contents(folder: Path) -> list[bytes]:
    """What people see in the folder."""
    return [p.read_bytes() for p in sorted(folder.iterdir()) if not p.name.startswith(".")]


ANSWERS = [n for n in errno.errorcode if n not in {errno.EEXIST, errno.ENOENT}]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda n: errno.errorcode[n])
def test_whatever_a_disk_answers_that_has_no_links_a_file_gets_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    """Windows has hundreds of answers, and Python makes EINVAL of most."""
    asked = []

    def refused(*_: object, **__: object) -> None:
        asked.append(answer)
        raise OSError(answer, "no")

    monkeypatch.setattr(os, "link", refused)
    placer = FilePlacer()
    for number in range(3):
        new, place = _written(tmp_path / "new", NEW), str(tmp_path / f"{number}.docx")
        assert placer.move_if_free(new, place)
        assert not placer.move_if_free(_written(tmp_path / "new", THEIRS), place)
    assert _contents(tmp_path) == [NEW] * 3 + [THEIRS]
    assert len(asked) == 1


@pytest.mark.parametrize("answer", [errno.ENOSPC, errno.EROFS, errno.ENAMETOOLONG, errno.EACCES])
def test_what_stands_in_the_way_beside_links_is_told_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(answer, "no")

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    new = _written(tmp_path / "new", NEW)
    for call in ("link", "replace"):
        monkeypatch.setattr(os, call, refused)
    with pytest.raises(OSError, match="no") as error:
        FilePlacer().move_if_free(new, str(tmp_path / NAME))
    monkeypatch.undo()
    assert error.value.errno == answer
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


@pytest.mark.usefixtures("how")
def test_a_file_takes_the_place_of_another_and_nothing_else_is_left(tmp_path: Path) -> None:
    new, place = _written(tmp_path / ".new", NEW), _written(tmp_path / NAME, OLD)
    assert FilePlacer().replace(new, place, _state(place))
    assert (tmp_path / NAME).read_bytes() == NEW
    assert [p.name for p in tmp_path.iterdir()] == [NAME]


@pytest.mark.usefixtures("how")
def test_a_file_with_a_name_as_long_as_names_may_be_is_replaced(tmp_path: Path) -> None:
    new, place = _written(tmp_path / ".new", NEW), _written(tmp_path / ("x" * 250 + ".docx"), OLD)
    assert FilePlacer().replace(new, place, _state(place))
    assert _contents(tmp_path) == [NEW]


class _Interrupter:
    """Does something before the call of the system with a number, counted from 0."""

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
"""A new name changes the time of change: what keeps the others in this very instant is not seen."""


@contextmanager
def _plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The system as it is, for somebody else."""
    with monkeypatch.context() as plain:
        for name in CALLS:
            plain.setattr(os, name, ORIGINAL[name])
        yield


def _save_as_word(place: Path) -> None:
    """Word writes a file beside it and renames that."""
    beside = place.with_name("~WRD0001.tmp")
    beside.write_bytes(THEIRS)
    beside.rename(place)


def _write_over(place: Path) -> None:
    place.write_bytes(THEIRS)


def _copy_over(place: Path) -> None:
    """Another letter of the same size, with the time that this one had."""
    found = place.stat() if place.exists() else None
    place.write_bytes(THEIRS[: len(OLD)])
    if found:
        os.utime(place, ns=(found.st_atime_ns, found.st_mtime_ns))


SAVES = {"as Word does": _save_as_word, "over it": _write_over, "its time kept": _copy_over}


@pytest.mark.parametrize("save", SAVES)
@pytest.mark.parametrize("step", STEPS)
def test_what_somebody_saves_while_a_file_is_replaced_is_never_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, step: int, save: str
) -> None:
    place = tmp_path / NAME
    new, was = _written(tmp_path / ".new", NEW), _state(_written(place, OLD))
    saved = []

    def act() -> None:
        with _plain(monkeypatch):
            SAVES[save](place)
        saved.append(interrupter.calls[-2:])

    interrupter = _Interrupter(monkeypatch, step, act)
    FilePlacer().replace(new, str(place), was)
    monkeypatch.undo()
    gap = saved and (save, *saved[0]) in GAPS
    if gap or ("and" in how and saved == [["link", "replace"]]):
        return  # between the last look and the very next call of the system
    assert len({THEIRS, THEIRS[: len(OLD)]} & {*_contents(tmp_path)}) == len(saved)
    assert hidden_folders(str(tmp_path)) == []


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("step", STEPS)
def test_what_somebody_saves_while_a_file_is_moved_is_never_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    place = tmp_path / NAME
    was, saved = _state(_written(place, OLD)), []

    def act() -> None:
        with _plain(monkeypatch):
            _save_as_word(place)
        saved.append(True)

    _Interrupter(monkeypatch, step, act)
    FilePlacer().move(str(place), str(tmp_path / "there.docx"), was)
    monkeypatch.undo()
    assert (THEIRS in _contents(tmp_path)) == bool(saved)
    assert OLD in _contents(tmp_path) or place.read_bytes() == THEIRS
    assert hidden_folders(str(tmp_path)) == []


def test_what_a_program_writes_through_an_open_handle_is_kept_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / NAME
    new, was = _written(tmp_path / ".new", NEW), _state(_written(place, OLD))
    with place.open("r+b") as handle:

        def act() -> None:
            handle.write(THEIRS)
            handle.flush()

        _Interrupter(monkeypatch, 2, act)  # the old file has gone, the new one comes
        assert FilePlacer().replace(new, str(place), was)
    monkeypatch.undo()
    assert place.read_bytes() == NEW
    assert (tmp_path / "Minister Li (kept).docx").read_bytes() == THEIRS


class _Killed(BaseException):
    """The program has ended: nothing that it does has any effect."""


def _kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    left = [step]

    def dying(call: Callable[..., object]) -> Callable[..., object]:
        def do(*words: object, **more: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise _Killed
            return call(*words, **more)

        return do

    for name in CALLS:
        monkeypatch.setattr(os, name, dying(getattr(os, name)))


def _after_a_kill(folder: Path) -> list[str]:
    """What the next run makes of it; the names of what people see."""
    for hidden in hidden_folders(str(folder)):
        FilePlacer().restore(hidden, lambda path: Path(path).read_bytes() == OLD)
    assert hidden_folders(str(folder)) == []
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("filled", [False, True], ids=["", "and somebody saved there since"])
@pytest.mark.parametrize("step", STEPS)
def test_after_a_kill_at_any_instant_the_file_is_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, *, filled: bool
) -> None:
    place = tmp_path / NAME
    new, was = (
        _written(tmp_path / f"{DRAFT_NAME_ENDS[0]}1{DRAFT_NAME_ENDS[1]}", NEW),
        _state(_written(place, OLD)),
    )
    with monkeypatch.context() as dying:
        _kill_at(dying, step)
        with suppress(_Killed):
            FilePlacer().replace(new, str(place), was)
    if filled:
        _save_as_word(place)
    assert _after_a_kill(tmp_path) == [NAME]
    assert place.read_bytes() in ([THEIRS] if filled else [OLD, NEW])


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("step", STEPS)
def test_what_is_not_known_to_be_ours_is_kept_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """An edit that was taken and not looked at yet, and a new file in its place."""
    place = tmp_path / NAME
    edited = b"edited"
    new, was = _written(tmp_path / ".new", NEW), _state(_written(place, edited))
    with monkeypatch.context() as dying:
        _kill_at(dying, step)
        with suppress(_Killed):
            FilePlacer().replace(new, str(place), was)
    hidden = [*tmp_path.glob(f"*/{NAME}")]
    _after_a_kill(tmp_path)
    assert place.read_bytes() in {edited, NEW}
    assert not hidden or edited in _contents(tmp_path)


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("step", STEPS)
def test_after_a_kill_a_moved_file_is_here_or_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    place, there = tmp_path / NAME, tmp_path / "there.docx"
    was = _state(_written(place, OLD))
    with monkeypatch.context() as dying:
        _kill_at(dying, step)
        with suppress(_Killed):
            FilePlacer().move(str(place), str(there), was)
    _after_a_kill(tmp_path)
    assert OLD in _contents(tmp_path)


def test_saves_while_letters_are_being_rewritten_are_never_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each letter is saved once by somebody and rewritten once, at about the same time."""
    places = [_written(tmp_path / f"{number}.docx", OLD) for number in range(60)]
    states = [_state(place) for place in places]
    chance, me = random.Random(7), threading.get_ident()  # noqa: S311 - nothing secret
    saves = {f"save {number}".encode(): place for number, place in enumerate(places)}

    def slowed(call: Callable[..., object]) -> Callable[..., object]:
        def slow(*words: object, **more: object) -> object:
            if threading.get_ident() == me:
                time.sleep(0.001)
            return call(*words, **more)

        return slow

    def save_all() -> None:
        for data, place in saves.items():
            beside = Path(f"{place}.tmp")
            beside.write_bytes(data)
            beside.rename(place)
            time.sleep(chance.random() * 0.008)

    for name in CALLS:
        monkeypatch.setattr(os, name, slowed(getattr(os, name)))
    somebody = threading.Thread(target=save_all)
    somebody.start()
    for number, (place, was) in enumerate(zip(places, states, strict=True)):
        FilePlacer().replace(_written(tmp_path / f".new{number}", NEW), place, was)
    somebody.join()
    monkeypatch.undo()
    assert set(saves) <= set(_contents(tmp_path))
    assert hidden_folders(str(tmp_path)) == []


def test_a_file_named_without_its_folder_stays_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`merge letters` in the campaign folder itself: nothing may go to the root of the disk."""
    monkeypatch.chdir(tmp_path)
    Path("register.xlsx").write_bytes(b"old")
    Path("new").write_bytes(b"new")
    made: list[Path] = []
    mkdir = os.mkdir

    def noted(path: str, mode: int = 0o777) -> None:
        made.append(Path(path))
        mkdir(path, mode)

    monkeypatch.setattr(os, "mkdir", noted)
    was = file_state("register.xlsx")
    assert was is not None
    assert FilePlacer().replace("new", "register.xlsx", was)
    assert [path.parent for path in made] == [tmp_path]
    assert Path("register.xlsx").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["register.xlsx"]
    hidden = tmp_path / ".merge-taken-1-1"
    hidden.mkdir()
    (hidden / "letter.docx").write_bytes(b"taken")
    (found,) = hidden_folders("")
    FilePlacer().restore(found)
    assert Path("letter.docx").read_bytes() == b"taken"


def test_a_reason_is_the_systems_words_without_pythons() -> None:
    error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "letters")
    assert os_error_text(error) == "Permission denied"
    assert os_error_text(OSError("odd")) == "unknown cause"
