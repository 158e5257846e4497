"""How lines, problems and JSON reach the user, and how every ending becomes an exit code."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import signal
import stat
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from subprocess import list2cmdline
from types import FrameType
from typing import Any

import click

from merge.model import MergeError, Problem, UsageError, __version__, by_harm, group_problems

DONE, PROBLEMS, USAGE, FAULT, STOPPED = 0, 1, 2, 3, 130
"""The exit codes."""


def say(line: str = "") -> None:
    """Print a line of the result."""
    click.echo(line)


def note(line: str) -> None:
    """Print a line beside the result."""
    click.echo(_with_folder(line), err=True)


def show_problems(problems: Iterable[Problem], *, to_result: bool = False) -> None:
    """Print problems, those that harm most first, the same one in many cells as one."""
    for found in group_problems(problems):
        problem = found.problem
        level = click.style(problem.level, fg="red" if problem.level == "error" else "yellow")
        click.echo(f"{level}  {found.where}", err=not to_result)
        hint = _with_folder(problem.hint)
        click.echo(f"       {problem.what} {hint}".rstrip(), err=not to_result)


def errors_among(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that stand in the way."""
    return [problem for problem in problems if problem.level == "error"]


def show_json(result: dict[str, Any]) -> None:
    """Print one object on standard output, readable whatever the encoding is."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    say(json.dumps(result, ensure_ascii=plain, indent=1))


def problems_json(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Return every problem at every place, those that harm most first."""
    found = sorted(set(problems), key=by_harm)
    return [
        {"level": p.level, "code": p.code, "where": str(p.place), "message": p.what, "hint": p.hint}
        for p in found
    ]


@contextlib.contextmanager
def progress(total: int, label: str, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal for work that lasts; what is given moves it on by so many."""
    if not (shown and sys.stderr.isatty()):
        yield lambda _: None
        return
    with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
        yield bar.update


_folder: ContextVar[Path] = ContextVar("folder", default=Path())
"""The campaign folder as the command names it."""
_COMMAND = re.compile(r"\bmerge (letters|check|status|print|proofread)\b")


def next_step(command: str, folder: Path, *options: str) -> str:
    """Return the command to type next, for this folder, with the same options.

    It begins with `merge`, or with its path where the system finds nothing, or another program,
    by that name.
    """
    called, found, program = Path(sys.argv[0]), shutil.which("merge"), "merge"
    if called.stem == "merge" and not (found and _bare(Path(found)) == _bare(called)):
        program = str(called)
    words = [program, command, *([] if folder == Path() else [str(folder)]), *options]
    return list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _bare(program: Path) -> Path:
    """Return the program's path without links and without `.exe`."""
    whole = program.resolve()
    return whole.with_name(whole.stem)


def remember_folder(_context: click.Context, _argument: click.Parameter, folder: Path) -> Path:
    """Let the commands in messages name the folder."""
    _folder.set(folder)
    return folder


def _with_folder(text: str) -> str:
    """Return the text, its commands as they are to be typed here."""
    return _COMMAND.sub(lambda found: next_step(found[1], _folder.get()), text)


_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")
ENDING_SIGNALS = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
"""How the system asks a program to end: it shuts down, or somebody closed the window."""


def exit_code(error: MergeError) -> int:
    """Return 2 where the command was wrong, else 1."""
    return USAGE if isinstance(error, UsageError) else PROBLEMS


@contextlib.contextmanager
def handling_signals(numbers: Iterable[int], handler: Callable[[int], None]) -> Iterator[None]:
    """Give signals to the handler, but for those that are ignored, as after `nohup`."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):
            _leave_window()
        handler(number)

    before = {n: was for n in numbers if (was := signal.getsignal(n)) != signal.SIG_IGN}
    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def _leave_window() -> None:
    """Write nothing more into a window that was closed: it would stop the tidying up."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        if stat.S_ISCHR(os.fstat(stream).st_mode):
            os.dup2(nowhere, stream)


def end_once(_number: int) -> None:
    """Do as after Ctrl-C, but once: a closed window may signal twice, and tidying up takes time."""
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def print_anything() -> None:
    """Print a character that the terminal does not have as `?`: it never stops a run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def end_broken_pipe() -> int:
    """Write nothing more into a pipe that was closed."""
    with contextlib.suppress(OSError):
        sys.stdout = open("/dev/null", "w", encoding="utf-8")  # noqa: SIM115, PTH123
    return DONE


@dataclass
class Stop:
    """The user's wish to stop."""

    asked: bool = False


@contextlib.contextmanager
def stoppable() -> Iterator[Stop]:
    """Let all that ends a run wait until the letter at hand is written and counted.

    A second Ctrl-C does not wait.
    """
    stop = Stop()

    def ask(number: int) -> None:
        if stop.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.asked = True

    with handling_signals([signal.SIGINT, *ENDING_SIGNALS], ask):
        yield stop


def report_fault(error: Exception) -> None:
    """Print what to send to whoever looks after the program. No values: they may name people."""
    frames = traceback.extract_tb(error.__traceback__)
    note("This is a fault of the program, not yours. Your files are as they were.")
    note("Please report it to whoever looks after the program, with these lines:")
    note(f"  merge {__version__}, Python {sys.version.split()[0]}, {sys.platform}")
    note(f"  {type(error).__name__}")
    for frame in frames[-6:]:
        note(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}")
