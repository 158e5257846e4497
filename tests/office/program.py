"""The program as processes: each command is a fork of one that loaded it.

1. A fork takes a twentieth of the time of `python -m merge`.
2. At every call that touches a file or the ledger, a command can be killed or held.
3. Run as a file, this module is that process. It knows only `merge.cli.main` of the program.
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
    """The circumstances of a command.

    1. `stop_at` and `kill_at` count calls that touch files.
    2. `no_links` is the error number for each new link.
    3. No file grows beyond `limit` bytes.
    4. `humble` obeys the permissions of files even as root.
    5. `fresh` starts Python with `python -m merge`.
    """

    stop_at: int = 0
    kill_at: int = 0
    no_links: int = 0
    limit: int = 0
    humble: bool = False
    fresh: bool = False


@dataclass(frozen=True)
class CommandResult:
    """The exit code and output of a command.

    The code is negative for the signal that killed it.
    """

    code: int
    out: str
    err: str

    @property
    def json_result(self) -> dict[str, Any]:
        """The object that --json printed, or an empty one."""
        with contextlib.suppress(ValueError):
            parsed = json.loads(self.out)
            return parsed if isinstance(parsed, dict) else {}
        return {}

    @property
    def problems(self) -> list[dict[str, str]]:
        """The reported problems."""
        problems: list[dict[str, str]] = self.json_result.get("problems", [])
        return problems

    @property
    def steps(self) -> list[dict[str, str]]:
        """The result for each letter, after `letters`."""
        steps = self.json_result.get("letters")
        steps = steps if isinstance(steps, list) else []
        return [step for step in steps if isinstance(step, dict) and "state" in step]

    @property
    def words(self) -> str:
        """All output that a person could read."""
        return f"{json.dumps(self.json_result, ensure_ascii=False)}\n{self.out}\n{self.err}"


class RunningCommand:
    """A command that was started."""

    def __init__(self, program: Program, pid: int, notes_folder: Path) -> None:
        self._program, self._pid, self._notes_folder = program, pid, notes_folder
        self.stopped_before = ""
        """The call before which it is held."""

    def wait(self) -> CommandResult | None:
        """Wait until it has ended; return None if it is held at `stop_at`."""
        answer = self._program.ask(do="wait", pid=self._pid)
        if "stopped" in answer:
            self.stopped_before = (self._notes_folder / "instant").read_text(encoding="utf-8")
            return None
        return CommandResult(answer["code"], answer["out"], answer["err"])

    def go_on(self) -> None:
        """Let a held command go on."""
        os.kill(self._pid, signal.SIGCONT)


class Program:
    """The process that has loaded the program; it ends with the block."""

    def __init__(self) -> None:
        self._notes_parent = tempfile.TemporaryDirectory(prefix="office-notes-")
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
        self._notes_parent.cleanup()

    def start(self, folder: Path, words: list[str], conditions: Conditions) -> RunningCommand:
        """Start a command in a folder."""
        self._number += 1
        notes_folder = Path(self._notes_parent.name) / str(self._number)
        notes_folder.mkdir()
        order = {
            "folder": str(folder),
            "words": words,
            "notes_folder": str(notes_folder),
            **vars(conditions),
        }
        return RunningCommand(self, self.ask(do="start", **order)["pid"], notes_folder)

    def ask(self, **order: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is anything
        """Send an order to the process; return its answer."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(order), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def _serve() -> None:
    """Take orders until the input ends."""
    import merge
    import merge.cli

    for module in pkgutil.walk_packages(merge.__path__, "merge."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for line in sys.stdin:
        order = json.loads(line)
        answer = _start(order) if order["do"] == "start" else _wait(order["pid"])
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


_OUTPUT_PIPES: dict[int, tuple[int, int]] = {}
"""Pipes for each command's output, which a limit on files does not reach."""


def _start(order: dict[str, Any]) -> dict[str, int]:
    out, err = os.pipe(), os.pipe()
    for ends in (out, err):
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, 1 << 20)
    if pid := os.fork():
        os.close(out[1])
        os.close(err[1])
        _OUTPUT_PIPES[pid] = out[0], err[0]
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
    for end in _OUTPUT_PIPES.pop(pid):
        with os.fdopen(end, encoding="utf-8", errors="replace") as stream:
            texts.append(stream.read())
    return {"code": os.waitstatus_to_exitcode(status), "out": texts[0], "err": texts[1]}


def _run(order: dict[str, Any]) -> int:
    """Run the command, in the fork."""
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
        _count_instants(order["notes_folder"], order["stop_at"], order["kill_at"])
    try:
        return int(main(order["words"]) or 0)
    finally:
        sys.setprofile(None)


def _obey_permissions() -> None:
    """Take root's right to ignore permissions away: capset(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    data = (ctypes.c_uint32 * 6)()
    if libc.capget(header, data) == 0:
        data[0] &= ~_OVERRIDE_PERMISSIONS
        libc.capset(header, data)


def _forbid_links(number: int) -> None:
    """Forbid links, as on FAT, exFAT and many shares."""

    def hook(event: str, _: object) -> None:
        if event == "os.link":
            raise OSError(number, os.strerror(number))

    sys.addaudithook(hook)


def _count_instants(notes_folder: str, stop_at: int, kill_at: int) -> None:
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
            Path(notes_folder, "instant").write_text(called.__name__, encoding="utf-8")
            os.kill(os.getpid(), signal.SIGSTOP)

    sys.setprofile(hook)


FORBIDDEN = (errno.EINVAL, errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES)
"""Errors of systems that cannot make a link."""


if __name__ == "__main__":
    _serve()
