"""The program as processes: each command runs in a fork of one that has loaded it.

A fork takes a twentieth of the time of `python -m merge`, and every call that touches a file or the
ledger is an instant at which it can be killed, or held while somebody else is at work. Run as a
file, this is that process; nothing but `merge.cli.main` is known of the program.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import importlib
import json
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
_INSTANTS = {
    "chmod",
    "close",
    "commit",
    "execute",
    "executemany",
    "fsync",
    "link",
    "listdir",
    "lstat",
    "mkdir",
    "open",
    "remove",
    "rename",
    "replace",
    "rmdir",
    "scandir",
    "stat",
    "unlink",
    "utime",
    "write",
}
"""The calls at which a run can be stopped."""
_CAPABILITY_VERSION = 0x20080522  # <linux/capability.h>, as the next line
_OVERRIDE_PERMISSIONS = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_TIME_LIMIT = 120


@dataclass(frozen=True)
class Conditions:
    """In what circumstances a command runs.

    `stop_at` and `kill_at` count calls that touch files; `no_links` is the error number that the
    making of a link meets; no file grows beyond `limit` bytes; `humble` obeys the rights of files
    even as root; `fresh` is `python -m merge` itself, a start of Python.
    """

    stop_at: int = 0
    kill_at: int = 0
    no_links: int = 0
    limit: int = 0
    humble: bool = False
    fresh: bool = False


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, below 0 for the signal that killed it; what it said."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """The object that --json printed; nothing where there is none."""
        with contextlib.suppress(ValueError):
            found = json.loads(self.out)
            return found if isinstance(found, dict) else {}
        return {}

    @property
    def problems(self) -> list[dict[str, str]]:
        """The problems told."""
        found: list[dict[str, str]] = self.told.get("problems", [])
        return found

    @property
    def steps(self) -> list[dict[str, str]]:
        """What became of each letter, after `letters`."""
        found = self.told.get("letters")
        found = found if isinstance(found, list) else []
        return [step for step in found if isinstance(step, dict) and "state" in step]

    @property
    def words(self) -> str:
        """All that a person could read of it."""
        return f"{json.dumps(self.told, ensure_ascii=False)}\n{self.out}\n{self.err}"


class Running:
    """A command that was started."""

    def __init__(self, program: Program, pid: int, said: Path) -> None:
        self._program, self._pid, self._said = program, pid, said
        self.stopped_before = ""
        """The call before which it is held."""

    def wait(self) -> Ended | None:
        """Wait until it has ended; None where it is held at `stop_at`."""
        answer = self._program.ask(do="wait", pid=self._pid)
        if "stopped" in answer:
            self.stopped_before = (self._said / "instant").read_text(encoding="utf-8")
            return None
        return Ended(answer["code"], answer["out"], answer["err"])

    def go_on(self) -> None:
        """Let it go on."""
        os.kill(self._pid, signal.SIGCONT)


class Program:
    """The process that has loaded the program; it ends with the block."""

    def __init__(self) -> None:
        self._room = tempfile.TemporaryDirectory(prefix="office-said-")
        self._number = 0
        paths = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PATH": ""}
        self._process = subprocess.Popen(
            [sys.executable, "-B", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **paths},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()
        self._room.cleanup()

    def start(self, folder: Path, words: list[str], conditions: Conditions) -> Running:
        """Start a command in a folder."""
        self._number += 1
        said = Path(self._room.name) / str(self._number)
        said.mkdir()
        order = {"folder": str(folder), "words": words, "said": str(said), **vars(conditions)}
        return Running(self, self.ask(do="start", **order)["pid"], said)

    def ask(self, **order: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is anything
        """One order to the process, and its answer."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(order), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def _serve() -> None:
    """Take orders until there are no more."""
    import merge
    import merge.cli

    for found in pkgutil.walk_packages(merge.__path__, "merge."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    for line in sys.stdin:
        order = json.loads(line)
        answer = _start(order) if order["do"] == "start" else _wait(order["pid"])
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


_SAID: dict[int, tuple[int, int]] = {}
"""What each command says comes through pipes: a limit on files does not reach them."""


def _start(order: dict[str, Any]) -> dict[str, int]:
    out, err = os.pipe(), os.pipe()
    for ends in (out, err):
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, 1 << 20)
    if pid := os.fork():
        os.close(out[1])
        os.close(err[1])
        _SAID[pid] = out[0], err[0]
        return {"pid": pid}
    code = 70
    try:
        for number, end in ((1, out[1]), (2, err[1])):
            os.dup2(end, number)
        code = _run(order)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def _wait(pid: int) -> dict[str, Any]:
    _, status = os.waitpid(pid, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        return {"stopped": 1}
    texts = []
    for end in _SAID.pop(pid):
        with os.fdopen(end, encoding="utf-8", errors="replace") as said:
            texts.append(said.read())
    return {"code": os.waitstatus_to_exitcode(status), "out": texts[0], "err": texts[1]}


def _run(order: dict[str, Any]) -> int:
    """The command, in the fork."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout, sys.stderr = (
        os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2)
    )
    os.chdir(order["folder"])
    signal.alarm(_TIME_LIMIT)
    if order["humble"]:
        _obey_permissions()
    if order["limit"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["limit"], order["limit"]))
    if order["no_links"]:
        _forbid_links(order["no_links"])
    if order["fresh"]:
        os.execv(sys.executable, [sys.executable, "-B", "-m", "merge", *order["words"]])  # noqa: S606
    from merge.cli import main

    if order["stop_at"] or order["kill_at"]:
        _count_instants(order["said"], order["stop_at"], order["kill_at"])
    try:
        return int(main(order["words"]) or 0)
    finally:
        sys.setprofile(None)


def _obey_permissions() -> None:
    """Take the right to pass over the rights of files from root: capset(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    data = (ctypes.c_uint32 * 6)()
    if libc.capget(header, data) == 0:
        data[0] &= ~_OVERRIDE_PERMISSIONS
        libc.capset(header, data)


def _forbid_links(number: int) -> None:
    """As on a disk that knows no links: FAT, exFAT, many shares."""

    def hook(event: str, _: object) -> None:
        if event == "os.link":
            raise OSError(number, os.strerror(number))

    sys.addaudithook(hook)


def _count_instants(said: str, stop_at: int, kill_at: int) -> None:
    count = 0

    def hook(_: FrameType, event: str, called: Any) -> None:  # noqa: ANN401 - Python's own
        nonlocal count
        if event != "c_call" or called.__name__ not in _INSTANTS:
            return
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if count == stop_at:
            sys.setprofile(None)
            Path(said, "instant").write_text(called.__name__, encoding="utf-8")
            os.kill(os.getpid(), signal.SIGSTOP)

    sys.setprofile(hook)


FORBIDDEN = (errno.EINVAL, errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES)
"""What systems answer where a link cannot be made."""


if __name__ == "__main__":
    _serve()
