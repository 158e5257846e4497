"""A run that is killed, or a full disk, at each system call: nothing is half recorded."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from support.everyday import instants
from support.record_entries import Computer, contents, id_of, letter, mark, output

from merge.errors import StorageError
from merge.state import run_files
from merge.state.entries import LetterEntry
from merge.state.fold import CampaignState
from merge.state.run_files import RunWriter
from merge.state.texts import Texts

CALLS = ("write", "fsync", "replace", "unlink", "open", "mkdir", "ftruncate")
_KILLED = 9


class FailingCalls:
    """Counts system calls that change files; from a number on, they fail.

    A write that fails has written half of its bytes.
    """

    def __init__(self, patch: pytest.MonkeyPatch, fail: Callable[[], object], after: int) -> None:
        self.count, self._after, self._fail = 0, after, fail
        for name in CALLS:
            patch.setattr(os, name, self._failing(name, getattr(os, name)))

    def _failing(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*words: Any, **more: Any) -> Any:  # noqa: ANN401 - the functions of os
            if name == "open" and not words[1] & os.O_CREAT:
                return call(*words, **more)
            self.count += 1
            if self.count > self._after:
                if name == "write":
                    call(words[0], bytes(words[1])[: len(words[1]) // 2])
                self._fail()
            return call(*words, **more)

        return run


@pytest.fixture(autouse=True)
def _few_files_are_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_files, "_MOST_OWN_FILES", 3)


def work(office: Computer) -> None:
    """Do everything that changes files: two batches, texts, packing, erasing, a mirror."""
    runs = office.read()
    office.files.publish_lost(runs)
    writer = RunWriter(office.files, runs, files={"workbook": 1})
    texts = Texts(office.folder)
    texts.add(writer.name, {output("Bo"): {"city": "Lima"}})
    first = writer.write([letter("Bo", "two"), mark("Bo")])
    second = writer.write([letter("Chidi")])
    office.files.save_mirror(runs, [*first, *second])
    runs = office.read()
    office.files.pack(runs, CampaignState(runs.entries).superseded())
    office.files.erase(lambda entry: id_of("Ana") in str(entry.content))
    texts.prune(writer.name, set(), office.read().runs.keys())


def prepare(root: Path) -> Computer:
    office = Computer(root)
    office.write(letter("Ana"), letter("Bo"), workbook=1)
    for day in (1, 2):
        office.write(mark("Bo", f"{day} Dec"))
    return office


def check(office: Computer) -> None:
    """Check that what was there is there, and that the next runs complete the work."""
    runs = office.read()
    state = CampaignState(runs.entries)
    assert len(state.marks(id_of("Bo"))) in {2, 3}
    has_first_batch = len(state.marks(id_of("Bo"))) == 3
    versions = {letter.output.strip(b"\0") for letter in state.versions(id_of("Bo"))}
    assert (b"two" in versions) == has_first_batch
    assert has_first_batch or state.letter(id_of("Chidi")) is None
    for path in office.folder.glob("texts/*"):
        os.utime(path, (1, 1))  # a day later
    work(office)
    state = office.state()
    assert state.letter(id_of("Ana")) is None
    assert state.letter(id_of("Chidi")) == letter("Chidi")
    assert b"Ana/Li" not in office.bytes_of_records()
    assert b"Lima" not in office.bytes_of_records()
    assert not office.read().missing_runs
    kinds = [type(content) for content in contents(office.read().entries)]
    assert kinds.count(LetterEntry) >= 2
    drafts = [*office.campaign.rglob("*.tmp")]
    assert drafts == [], "drafts are deleted by erasing"


@pytest.mark.posix("fork")
@pytest.mark.soak
def test_acceptance_3_a_run_killed_at_each_call_is_complete_or_not_there(tmp_path: Path) -> None:
    for after in instants(400):
        office = prepare(tmp_path / str(after))
        process = os.fork()
        if process == 0:
            with pytest.MonkeyPatch.context() as patch:
                FailingCalls(patch, lambda: os._exit(_KILLED), after)
                work(office)
                os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == _KILLED
        check(office)
        if not killed:
            break
    assert after > 40
    assert not killed


@pytest.mark.soak
def test_acceptance_4_a_full_disk_at_each_call_leaves_nothing_half_recorded(
    tmp_path: Path,
) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for after in instants(400):
        office = prepare(tmp_path / str(after))
        with pytest.MonkeyPatch.context() as patch:
            calls = FailingCalls(patch, fail, after)
            with suppress(StorageError):
                work(office)
            is_full = calls.count > after
        check(office)
        if not is_full:
            break
    assert after > 40
