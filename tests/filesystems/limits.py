"""Tests that a disk cannot hold are skipped.

1. A test is skipped if the disk refuses its own link or name.
2. A test marked `disk("permissions")` or `disk("times")` is skipped if the disk keeps no
   permissions, or only coarse times. One marked `disk("names")` is skipped if the disk cannot
   rename a file without replacing another. `links`, `pipes`, `sparse files` and `capitals` are hard
   links, pipes, empty space that uses none, and names that differ only in capitals. The usual disk
   of a Linux computer has all that.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from support.modules import PACKAGE

_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP}
_NO_SUCH_NAMES = {errno.EILSEQ, errno.EINVAL}


def _keeps_permissions(folder: Path) -> bool:
    file = folder / "permissions"
    file.touch()
    results = []
    for mode in (0o600, 0o644):
        with suppress(OSError):
            file.chmod(mode)
        results.append(file.stat().st_mode & 0o777 == mode)
    return all(results)


def _keeps_times(folder: Path) -> bool:
    """Return whether times are finer than the 10 milliseconds of exFAT."""
    file, times = folder / "times", set()
    for _ in range(3):
        file.write_bytes(b"same")
        times.add(file.stat().st_ctime_ns % 10_000_000)
        time.sleep(0.003)
    return times != {0}


def _keeps_names(folder: Path) -> bool:
    """Return whether the disk can rename without replacing."""
    import ctypes

    (folder / "old").touch()
    here, no_replace = -100, 1
    old, new = (bytes(folder / name) for name in ("old", "new"))
    error: int = ctypes.CDLL(None).renameat2(here, old, here, new, no_replace)
    return error == 0


def _has_links(folder: Path) -> bool:
    (folder / "file").touch()
    with suppress(OSError):
        (folder / "link").hardlink_to(folder / "file")
    return (folder / "link").exists()


def _has_capitals(folder: Path) -> bool:
    (folder / "file").touch()
    return not (folder / "FILE").exists()


def _has_sparse_files(folder: Path) -> bool:
    with (folder / "sparse").open("wb") as file:
        file.truncate(1 << 20)
    return (folder / "sparse").stat().st_blocks == 0


def _has_pipes(folder: Path) -> bool:
    with suppress(OSError):
        os.mkfifo(folder / "pipe")
    return (folder / "pipe").is_fifo()  # exfat-fuse creates a file, and fails


_PROBES = {
    "capitals": _has_capitals,
    "links": _has_links,
    "names": _keeps_names,
    "permissions": _keeps_permissions,
    "pipes": _has_pipes,
    "sparse files": _has_sparse_files,
    "times": _keeps_times,
}


@pytest.fixture(autouse=True)
def _left_out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    for mark in request.node.iter_markers("disk"):
        for ability in mark.args:
            if not _PROBES[ability](tmp_path_factory.mktemp(ability)):
                pytest.skip(f"the disk has no {ability}")


def _refused_by_disk(call: pytest.CallInfo[Any]) -> str:
    """Return what a disk refused to a test itself; empty if nothing."""
    if call.excinfo is None or not isinstance(error := call.excinfo.value, OSError):
        return ""
    if any(Path(entry.path).is_relative_to(PACKAGE) for entry in call.excinfo.traceback):
        return ""
    if error.errno in _NO_SUCH_NAMES and error.filename:
        return "the disk has no such names"
    return "the disk has no links" if error.errno in _NO_LINKS and error.filename2 else ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[Any],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report a test as skipped if the disk has no links or names for it."""
    report = yield
    if report.failed and (reason := _refused_by_disk(call)):
        report.outcome, report.longrepr = "skipped", (report.fspath, 0, reason)
    return report
