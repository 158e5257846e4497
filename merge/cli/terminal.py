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
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from merge.advice import Advice, Choice, Decide, Option, Run
from merge.campaign.errand import Errand, Progress
from merge.disk import os_reason, real_folder
from merge.errors import MergeError, UsageError, fault_lines
from merge.messages.groups import by_harm, group_problems
from merge.problems import Problem

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

DONE, PROBLEMS, USAGE, FAULT, STOPPED = 0, 1, 2, 3, 130
"""The exit codes."""

DRY_RUN = "Dry run: nothing was changed. Run again without --dry-run to do it."
"""The last line of a dry run."""


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What makes a terminal do something: control characters; ends of lines, turns of direction."""


def printable(text: str) -> str:
    """Return text of a cell or a file name as one line that the terminal only shows.

    A control character could move the cursor, name the window, or fake what stands before it.
    """
    return _CONTROL.sub(
        lambda found: " " if found[0].isspace() else "\N{REPLACEMENT CHARACTER}", text
    )


def say(line: str = "") -> None:
    """Print a line of the result."""
    click.echo(printable(line))


def note(line: str) -> None:
    """Print a line beside the result."""
    click.echo(printable(line), err=True)


def list_few(lines: Sequence[str], most: int, tell: Callable[[str], None] = note) -> None:
    """Print the first lines, indented, and how many more there are."""
    for line in lines[:most]:
        tell(f"      {line}")
    if len(lines) > most:
        tell(f"      and {len(lines) - most:,} more")


def show_problems(
    problems: Iterable[Problem],
    *,
    to_result: bool = False,
    signs: Mapping[Problem, str] = MappingProxyType({}),
    hidden: bool = False,
) -> None:
    """Print problems, those that harm most first, the same one in many cells as one.

    `signs` are those of warnings that can be hidden, `hidden` those that are.
    """
    for found in group_problems(problems):
        problem = found.problem
        level = click.style(problem.level, fg="red" if problem.level == "error" else "yellow")
        level = "ignored" if hidden else level
        sign = f"  [{signs[problem]}]" if problem in signs else ""
        where = printable(_typed_place(found.where))
        click.echo(f"{level}  {where}{sign}", err=not to_result)
        hint = worded(problem.hint, _folder.get())
        line = printable(f"{problem.what} {hint}".rstrip())
        click.echo(f"       {line}", err=not to_result)


def show_wrong_usage(error: click.ClickException) -> None:
    """Print what is wrong with a command as click words it."""
    shown = io.StringIO()
    error.show(shown)
    for line in shown.getvalue().rstrip().split("\n"):
        click.echo(printable(line), err=True)


def errors_among(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that stand in the way."""
    return [problem for problem in problems if problem.level == "error"]


def show_json(result: dict[str, Any]) -> None:
    """Print one object on standard output, readable whatever the encoding is."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    text = json.dumps(result, ensure_ascii=plain, indent=1)
    lines = text.split("\n")  # every other control character stands in a text
    click.echo("\n".join(_CONTROL.sub(lambda c: f"\\u{ord(c[0]):04x}", line) for line in lines))


def problems_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return every problem at every place, those that harm most first.

    `fields` has the values in its sentences by name, `remedy` the commands that would fix it.
    """
    return [
        {
            "level": problem.level,
            "code": problem.code,
            "where": _typed_place(str(problem.place)),
            "message": problem.what,
            "hint": worded(problem.hint),
            "fields": {name: _plain(value) for name, value in problem.fields},
            "remedy": [_command(remedy, _folder.get()) for remedy in problem.remedies],
        }
        for problem in sorted(set(problems), key=by_harm)
    ]


def _plain(value: object) -> object:
    """Return the value of a field as JSON has it; a remedy is what is to be typed."""
    if isinstance(value, Run | Decide):
        return _command(value, _folder.get())
    if isinstance(value, Option):
        return _option(value.name, value.value)
    return worded(value) if isinstance(value, str) else value


def worded(hint: str, folder: Path | None = None) -> str:
    """Return a hint with its remedies as they are typed: for a folder, else wherever it is.

    A command is in quotation marks if a full stop or a comma follows, or that would be copied too.
    """
    words, command = "", ""
    for part in (*(hint.parts if isinstance(hint, Advice) else (hint,)), ""):
        if isinstance(part, Option):
            command += _option(part.name, part.value)
        elif not isinstance(part, str):
            command += _command(part, folder)
        elif command and part == " ":
            command += part
        else:
            is_glued = part[:1] in {*".,;:)"} and not command.startswith("--")
            words += (f"“{command}”" if command and is_glued else command) + part
            command = ""
    return words


_DECIDED: Mapping[Choice, tuple[str, str]] = {
    "keep": ("letters", "keep"),
    "new": ("letters", "replace"),
    "print": ("print", "accept"),
    "same": ("letters", "same_person"),
    "other": ("letters", "other_person"),
    "hide": ("check", "ignore"),
}
"""The command and the option by which something is decided."""


def _command(remedy: Run | Decide, folder: Path | None) -> str:
    if isinstance(remedy, Decide):
        errand, option = _DECIDED[remedy.choice]
        remedy = Run(errand, ((option, remedy.who),))
    options = [tuple(filter(None, (_option(name), value))) for name, value in remedy.options]
    command, given = _given.get()
    if remedy.errand == command:
        options = [given, *(option for option in options if not _is_among(option, given))]
    words = [word for option in options for word in option]
    if remedy.errand == "new" and (folder is None or folder.exists()):
        return " ".join(["merge new FOLDER", *words])
    if folder is not None:
        return next_step(remedy.errand, folder, *words)
    quoted = (f'"{word}"' if " " in word else word for word in words)
    return " ".join(["merge", remedy.errand, *quoted])


def _is_among(option: tuple[str, ...], given: tuple[str, ...]) -> bool:
    """Return whether an option was given, with the same value if it has one."""
    return any(given[at : at + len(option)] == option for at in range(len(given)))


def _option(name: str, value: str = "") -> str:
    option = f"--{name.replace('_', '-')}"
    return f"{option} {typed([value], windows=os.name == 'nt')}" if value else option


_folder: ContextVar[Path] = ContextVar("folder", default=Path())
"""The campaign folder as the command names it."""
_real_folder: ContextVar[Path] = ContextVar("real_folder", default=Path())
"""The same, as the commands work with it."""
_workbook: ContextVar[Path | None] = ContextVar("workbook", default=None)
"""The workbook that the command names, if it does."""

_given: ContextVar[tuple[str, tuple[str, ...]]] = ContextVar("given", default=("", ()))
"""The command that runs, and those of its options that its remedies keep."""


def next_step(command: str, folder: Path, *options: str) -> str:
    """Return the command to type next, for this folder and workbook, with the same options."""
    book = _workbook.get()
    named = typed_path(folder)
    words = [_program(), *command.split(), *([] if named == Path() else [str(named)])]
    words += ["--workbook", str(book)] if book and command != "new" else []
    return typed([*words, *options], windows=os.name == "nt")


_PROGRAMS = ("merge", "appeal-merge")
"""The names of the command. On some systems the first is that of another program, RCS."""


def _program() -> str:
    """Return the name to type for this program, or its path if the system finds it by no name."""
    called = Path(sys.argv[0])
    if called.stem not in _PROGRAMS:
        return _PROGRAMS[0]
    for name in dict.fromkeys((called.stem, *_PROGRAMS)):
        found = shutil.which(name)
        if found and _bare(Path(found)) == _bare(called.with_name(name)):
            return name
    return str(called)


def typed(words: Iterable[str], *, windows: bool) -> str:
    """Return a command as it is to be typed, in quotes what the system would not take as a word."""
    return " ".join(map(_in_windows_quotes if windows else shlex.quote, words))


def _in_windows_quotes(word: str) -> str:
    """Return a word in quotes where cmd.exe or PowerShell would cut it, or read a sign in it."""
    if re.fullmatch(r"[\w.:/\\+-]+", word):
        return word
    end = len(word) - len(word.rstrip("\\"))  # a backslash before a quotation mark hides it
    inner = word.replace('"', r"\"")
    return f'"{inner}{chr(92) * end}"'


def _bare(program: Path) -> Path:
    """Return the program's path without links and without `.exe`."""
    whole = program.resolve()
    return whole.with_name(whole.stem)


def remember_folder(folder: Path) -> Path:
    """Let the commands in messages name the folder as it was typed; return its real path."""
    _folder.set(folder)
    _real_folder.set(real := real_folder(folder))
    return real


def typed_path(path: Path) -> Path:
    """Return a path in the campaign folder as it goes on from the folder that was typed."""
    real = _real_folder.get()
    return _folder.get() / path.relative_to(real) if path.is_relative_to(real) else path


def _typed_place(where: str) -> str:
    """Return the place of a problem with the folder as it was typed."""
    return str(typed_path(Path(where))) if Path(where).is_absolute() else where


def remember_workbook(workbook: Path | None) -> Path | None:
    """Let the commands in messages name the workbook."""
    _workbook.set(workbook)
    return workbook


def remember_options(command: str, options: tuple[str, ...]) -> None:
    """Let the remedies that are this command keep its options."""
    _given.set((command, options))


_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")
ENDING_SIGNALS = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
"""How the system asks a program to end: it shuts down, or somebody closed the window."""


def exit_code(error: MergeError) -> int:
    """Return 2 where the command was wrong, else 1."""
    return USAGE if isinstance(error, UsageError) else PROBLEMS


@contextlib.contextmanager
def handling_signals(numbers: Iterable[int], handler: Callable[[int], None]) -> Iterator[None]:
    """Give signals to the handler, but for those that are ignored, as after `nohup`.

    One that the handler has ignored stays so until the process ends.
    In a thread beside the main one signals stay whose they are: Python allows no other.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

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
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, was)


def _leave_window() -> None:
    """Write nothing more into a window that was closed: it would stop the tidying up."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        if stat.S_ISCHR(os.fstat(stream).st_mode):
            os.dup2(nowhere, stream)


def end_once(_number: int) -> None:
    """Do as after Ctrl-C, but once: a closed window may signal twice, and tidying up takes time."""
    _ignore_what_follows()
    raise KeyboardInterrupt


def _ignore_what_follows() -> None:
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class _SteadyFile(io.FileIO):
    """Standard output or error that never stops the work: what cannot be written is lost."""

    lost: OSError | None = None
    """Why something was lost: a full disk, a pipe that nobody reads any more."""

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - bytes or a view of them
        """Write, or lose, all of the data."""
        view = memoryview(data)
        while self.lost is None and view:
            try:
                written = super().write(view)
            except OSError as error:
                self.lost = error
            else:  # None: the reader takes no more at this moment
                view = view[written or 0 :]
                time.sleep(0 if written else 0.01)
        return len(data)


def _steady(stream: Any) -> Any:  # noqa: ANN401 - a stream, or None where it was closed
    """Return a standard stream that never stops a run, neither by a character nor by the disk."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = getattr(stream.buffer, "raw", stream.buffer)  # itself where nothing is buffered
    if isinstance(raw, io.FileIO):
        file = io.BufferedWriter(_SteadyFile(raw.fileno(), "w", closefd=False))
        return io.TextIOWrapper(
            file, stream.encoding, "replace", line_buffering=stream.line_buffering
        )
    stream.reconfigure(errors="replace")  # a window of Windows
    return stream


def steady_streams() -> None:
    """Let output never stop a run.

    A stream that is closed gets nowhere to go: else the next file that is opened, perhaps the
    ledger, would be what other libraries print into.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)  # noqa: FBT003
    os.close(number)
    nowhere = partial(open, os.devnull, "w", encoding="utf-8")
    sys.stdout = _steady(sys.stdout) or nowhere()
    sys.stderr = _steady(sys.stderr) or nowhere()


def lost_output() -> str:
    """Return why the result could not be printed; empty where it was, or nobody reads it."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    lost = getattr(getattr(getattr(sys.stdout, "buffer", None), "raw", None), "lost", None)
    return "" if lost is None or isinstance(lost, BrokenPipeError) else os_reason(lost)


_LASTING = 1
"""Seconds after which a step of an errand is shown."""
_REDRAWN = 0.1
"""Seconds between two looks of its bar."""


class ShownErrand(Errand):
    """An errand whose steps a terminal shows, where they last: a bar, a rate, what is left."""

    def __init__(self) -> None:
        super().__init__()
        self._is_terminal = sys.stderr.isatty()
        self._bar: ProgressBar[str] | None = None
        self._begun = self._drawn = 0.0

    def total(self, number: int, what: str) -> None:
        """Begin a step of so many parts."""
        self.finish()
        super().total(number, what)
        self._begun = time.monotonic()

    def done(self, number: int = 1) -> None:
        """Count parts that are done."""
        super().done(number)
        if self._is_terminal:
            self._show()

    def check(self) -> None:
        """Raise Stopped where a stop was asked for."""
        if self._is_terminal:
            self._show()
        super().check()

    def finish(self) -> None:
        """End the line of the bar, if there is one."""
        if self._bar:
            self._draw(self._bar, time.monotonic())
            self._bar.render_finish()
        self._bar = None

    def _show(self) -> None:
        now = time.monotonic()
        if now - self._drawn < _REDRAWN or now - self._begun < _LASTING:
            return
        if self._bar is None and self.progress.total:
            self._bar = _bar(self.progress, now - self._begun)
        if self._bar:
            self._draw(self._bar, now)

    def _draw(self, bar: ProgressBar[str], now: float) -> None:
        done, self._drawn = self.progress.done, now
        rate = done / (now - self._begun)
        bar.update(done - bar.pos, f"{rate:,.{0 if rate >= 10 else 1}f} a second")


def _bar(progress: Progress, seconds: float) -> ProgressBar[str]:
    """Return a bar for a step that has lasted for so long."""
    bar: ProgressBar[str] = click.progressbar(
        length=progress.total,
        label=progress.what,
        file=sys.stderr,
        show_pos=True,
        show_percent=False,
        item_show_func=lambda rate: rate,
    )
    bar.start -= seconds
    bar.last_eta = 0
    return bar


@contextlib.contextmanager
def stoppable() -> Iterator[Errand]:
    """Give an errand that is shown, and that all that ends a run asks to stop.

    A second Ctrl-C does not wait.
    """
    errand = ShownErrand()

    def ask(number: int) -> None:
        if errand.is_stopping and number == signal.SIGINT:
            raise KeyboardInterrupt
        if number != signal.SIGINT:
            _ignore_what_follows()
        errand.stop()

    with handling_signals([signal.SIGINT, *ENDING_SIGNALS], ask):
        try:
            yield errand
        finally:
            errand.finish()


def report_fault(error: Exception) -> None:
    """Print the lines to send to the support contact."""
    note("Something went wrong in the program. It is not your fault, and no letter is damaged.")
    note("Please send these lines to your support contact:")
    for line in fault_lines(error):
        note(f"  {line}")
