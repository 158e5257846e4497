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

from merge.advice import Choice, DecisionRemedy, Hint, TaskOption, TaskRemedy
from merge.campaign.task import Progress, Task
from merge.disk import os_error_text, real_folder
from merge.errors import MergeError, UsageError, crash_report_lines
from merge.messages.groups import group_problems, severity_key
from merge.problems import Problem

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

DONE, PROBLEMS, USAGE, FAULT, STOPPED = 0, 1, 2, 3, 130
"""The exit codes."""

DRY_RUN_NOTICE = "Dry run: nothing was changed. Run again without --dry-run to do it."
"""The last line of a dry run."""


_CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What makes a terminal do something: control characters; ends of lines, turns of direction."""


def printable_text(text: str) -> str:
    """Return text of a cell or a file name as one line that the terminal only shows.

    A control character could move the cursor, name the window, or fake what stands before it.
    """
    return _CONTROL_CHARACTER.sub(
        lambda found: " " if found[0].isspace() else "\N{REPLACEMENT CHARACTER}", text
    )


def say(line: str = "") -> None:
    """Print a line of the result."""
    click.echo(printable_text(line))


def note(line: str) -> None:
    """Print a line beside the result."""
    click.echo(printable_text(line), err=True)


def print_first(lines: Sequence[str], most: int, print_line: Callable[[str], None] = note) -> None:
    """Print the first lines, indented, and how many more there are."""
    for line in lines[:most]:
        print_line(f"      {line}")
    if len(lines) > most:
        print_line(f"      and {len(lines) - most:,} more")


def show_problems(
    problems: Iterable[Problem],
    *,
    to_result: bool = False,
    warning_ids: Mapping[Problem, str] = MappingProxyType({}),
    are_ignored: bool = False,
) -> None:
    """Print problems, those that harm most first, the same one in many cells as one.

    `signs` are those of warnings that can be hidden, `hidden` those that are.
    """
    for found in group_problems(problems):
        problem = found.problem
        level = click.style(problem.level, fg="red" if problem.level == "error" else "yellow")
        level = "ignored" if are_ignored else level
        sign = f"  [{warning_ids[problem]}]" if problem in warning_ids else ""
        where = printable_text(_typed_place(found.place_text))
        click.echo(f"{level}  {where}{sign}", err=not to_result)
        hint = hint_text(problem.hint, _typed_folder.get())
        line = printable_text(f"{problem.what} {hint}".rstrip())
        click.echo(f"       {line}", err=not to_result)


def show_wrong_usage(error: click.ClickException) -> None:
    """Print what is wrong with a command as click words it."""
    shown = io.StringIO()
    error.show(shown)
    for line in shown.getvalue().rstrip().split("\n"):
        click.echo(printable_text(line), err=True)


def errors_in(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that stand in the way."""
    return [problem for problem in problems if problem.level == "error"]


def show_json(result: dict[str, Any]) -> None:
    """Print one object on standard output, readable whatever the encoding is."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    text = json.dumps(result, ensure_ascii=plain, indent=1)
    lines = text.split("\n")  # every other control character stands in a text
    click.echo(
        "\n".join(_CONTROL_CHARACTER.sub(lambda c: f"\\u{ord(c[0]):04x}", line) for line in lines)
    )


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
            "hint": hint_text(problem.hint),
            "fields": {name: _json_value(value) for name, value in problem.fields},
            "remedy": [_remedy_command(remedy, _typed_folder.get()) for remedy in problem.remedies],
        }
        for problem in sorted(set(problems), key=severity_key)
    ]


def _json_value(value: object) -> object:
    """Return the value of a field as JSON has it; a remedy is what is to be typed."""
    if isinstance(value, TaskRemedy | DecisionRemedy):
        return _remedy_command(value, _typed_folder.get())
    if isinstance(value, TaskOption):
        return _option_text(value.name, value.value)
    return hint_text(value) if isinstance(value, str) else value


def hint_text(hint: str, folder: Path | None = None) -> str:
    """Return a hint with its remedies as they are typed: for a folder, else wherever it is.

    A command is in quotation marks if a full stop or a comma follows, or that would be copied too.
    """
    words, command = "", ""
    for part in (*(hint.parts if isinstance(hint, Hint) else (hint,)), ""):
        if isinstance(part, TaskOption):
            command += _option_text(part.name, part.value)
        elif not isinstance(part, str):
            command += _remedy_command(part, folder)
        elif command and part == " ":
            command += part
        else:
            is_glued = part[:1] in {*".,;:)"} and not command.startswith("--")
            words += (f"“{command}”" if command and is_glued else command) + part
            command = ""
    return words


_DECISION_OPTIONS: Mapping[Choice, tuple[str, str]] = {
    "keep": ("letters", "keep"),
    "new": ("letters", "replace"),
    "print": ("print", "accept"),
    "same": ("letters", "same_person"),
    "other": ("letters", "other_person"),
    "hide": ("check", "ignore"),
}
"""The command and the option by which something is decided."""


def _remedy_command(remedy: TaskRemedy | DecisionRemedy, folder: Path | None) -> str:
    if isinstance(remedy, DecisionRemedy):
        task, option = _DECISION_OPTIONS[remedy.choice]
        remedy = TaskRemedy(task, ((option, remedy.target),))
    options = [tuple(filter(None, (_option_text(name), value))) for name, value in remedy.options]
    command, given = _current_command.get()
    if remedy.task == command:
        options = [given, *(option for option in options if not _contains_option(option, given))]
    words = [word for option in options for word in option]
    if remedy.task == "new" and (folder is None or folder.exists()):
        return " ".join(["merge new FOLDER", *words])
    if folder is not None:
        return next_command(remedy.task, folder, *words)
    quoted = (f'"{word}"' if " " in word else word for word in words)
    return " ".join(["merge", remedy.task, *quoted])


def _contains_option(option: tuple[str, ...], given: tuple[str, ...]) -> bool:
    """Return whether an option was given, with the same value if it has one."""
    return any(given[at : at + len(option)] == option for at in range(len(given)))


def _option_text(name: str, value: str = "") -> str:
    option = f"--{name.replace('_', '-')}"
    return f"{option} {quote_command([value], windows=os.name == 'nt')}" if value else option


_typed_folder: ContextVar[Path] = ContextVar("folder", default=Path())
"""The campaign folder as the command names it."""
_real_folder: ContextVar[Path] = ContextVar("real_folder", default=Path())
"""The same, as the commands work with it."""
_typed_workbook: ContextVar[Path | None] = ContextVar("workbook", default=None)
"""The workbook that the command names, if it does."""

_current_command: ContextVar[tuple[str, tuple[str, ...]]] = ContextVar("given", default=("", ()))
"""The command that runs, and those of its options that its remedies keep."""


def next_command(command: str, folder: Path, *options: str) -> str:
    """Return the command to type next, for this folder and workbook, with the same options."""
    book = _typed_workbook.get()
    named = typed_path(folder)
    words = [_program_name(), *command.split(), *([] if named == Path() else [str(named)])]
    words += ["--workbook", str(book)] if book and command != "new" else []
    return quote_command([*words, *options], windows=os.name == "nt")


_PROGRAM_NAMES = ("merge", "appeal-merge")
"""The names of the command. On some systems the first is that of another program, RCS."""


def _program_name() -> str:
    """Return the name to type for this program, or its path if the system finds it by no name."""
    called = Path(sys.argv[0])
    if called.stem not in _PROGRAM_NAMES:
        return _PROGRAM_NAMES[0]
    for name in dict.fromkeys((called.stem, *_PROGRAM_NAMES)):
        found = shutil.which(name)
        if found and _resolve_program(Path(found)) == _resolve_program(called.with_name(name)):
            return name
    return str(called)


def quote_command(words: Iterable[str], *, windows: bool) -> str:
    """Return a command as it is to be typed, in quotes what the system would not take as a word."""
    return " ".join(map(_quote_for_windows if windows else shlex.quote, words))


def _quote_for_windows(word: str) -> str:
    """Return a word in quotes where cmd.exe or PowerShell would cut it, or read a sign in it."""
    if re.fullmatch(r"[\w.:/\\+-]+", word):
        return word
    end = len(word) - len(word.rstrip("\\"))  # a backslash before a quotation mark hides it
    inner = word.replace('"', r"\"")
    return f'"{inner}{chr(92) * end}"'


def _resolve_program(program: Path) -> Path:
    """Return the program's path without links and without `.exe`."""
    whole = program.resolve()
    return whole.with_name(whole.stem)


def remember_folder(folder: Path) -> Path:
    """Let the commands in messages name the folder as it was typed; return its real path."""
    _typed_folder.set(folder)
    _real_folder.set(real := real_folder(folder))
    return real


def typed_path(path: Path) -> Path:
    """Return a path in the campaign folder as it goes on from the folder that was typed."""
    real = _real_folder.get()
    return _typed_folder.get() / path.relative_to(real) if path.is_relative_to(real) else path


def _typed_place(where: str) -> str:
    """Return the place of a problem with the folder as it was typed."""
    return str(typed_path(Path(where))) if Path(where).is_absolute() else where


def remember_workbook(workbook: Path | None) -> Path | None:
    """Let the commands in messages name the workbook."""
    _typed_workbook.set(workbook)
    return workbook


def remember_options(command: str, options: tuple[str, ...]) -> None:
    """Let the remedies that are this command keep its options."""
    _current_command.set((command, options))


_ENDING_SIGNAL_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")
ENDING_SIGNALS = [getattr(signal, name) for name in _ENDING_SIGNAL_NAMES if hasattr(signal, name)]
"""How the system asks a program to end: it shuts down, or somebody closed the window."""


def exit_code(error: MergeError) -> int:
    """Return 2 where the command was wrong, else 1."""
    return USAGE if isinstance(error, UsageError) else PROBLEMS


@contextlib.contextmanager
def handle_signals(numbers: Iterable[int], handler: Callable[[int], None]) -> Iterator[None]:
    """Give signals to the handler, but for those that are ignored, as after `nohup`.

    One that the handler has ignored stays so until the process ends.
    In a thread beside the main one signals stay whose they are: Python allows no other.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):
            _detach_from_terminal()
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


def _detach_from_terminal() -> None:
    """Write nothing more into a window that was closed: it would stop the tidying up."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        if stat.S_ISCHR(os.fstat(stream).st_mode):
            os.dup2(nowhere, stream)


def interrupt_once(_number: int) -> None:
    """Do as after Ctrl-C, but once: a closed window may signal twice, and tidying up takes time."""
    _ignore_ending_signals()
    raise KeyboardInterrupt


def _ignore_ending_signals() -> None:
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class _FaultTolerantFile(io.FileIO):
    """Standard output or error that never stops the work: what cannot be written is lost."""

    write_error: OSError | None = None
    """Why something was lost: a full disk, a pipe that nobody reads any more."""

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - bytes or a view of them
        """Write, or lose, all of the data."""
        view = memoryview(data)
        while self.write_error is None and view:
            try:
                written = super().write(view)
            except OSError as error:
                self.write_error = error
            else:  # None: the reader takes no more at this moment
                view = view[written or 0 :]
                time.sleep(0 if written else 0.01)
        return len(data)


def _make_fault_tolerant(stream: Any) -> Any:  # noqa: ANN401 - a stream, or None where it was closed
    """Return a standard stream that never stops a run, neither by a character nor by the disk."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = getattr(stream.buffer, "raw", stream.buffer)  # itself where nothing is buffered
    if isinstance(raw, io.FileIO):
        file = io.BufferedWriter(_FaultTolerantFile(raw.fileno(), "w", closefd=False))
        return io.TextIOWrapper(
            file, stream.encoding, "replace", line_buffering=stream.line_buffering
        )
    stream.reconfigure(errors="replace")  # a window of Windows
    return stream


def make_streams_fault_tolerant() -> None:
    """Let output never stop a run.

    A stream that is closed gets nowhere to go: else the next file that is opened, perhaps the
    ledger, would be what other libraries print into.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)  # noqa: FBT003
    os.close(number)
    nowhere = partial(open, os.devnull, "w", encoding="utf-8")
    sys.stdout = _make_fault_tolerant(sys.stdout) or nowhere()
    sys.stderr = _make_fault_tolerant(sys.stderr) or nowhere()


def output_error() -> str:
    """Return why the result could not be printed; empty where it was, or nobody reads it."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    lost = getattr(getattr(getattr(sys.stdout, "buffer", None), "raw", None), "write_error", None)
    return "" if lost is None or isinstance(lost, BrokenPipeError) else os_error_text(lost)


_SECONDS_UNTIL_BAR = 1
"""Seconds after which a step of an errand is shown."""
_SECONDS_BETWEEN_REDRAWS = 0.1
"""Seconds between two looks of its bar."""


class TerminalTask(Task):
    """An errand whose steps a terminal shows, where they last: a bar, a rate, what is left."""

    def __init__(self) -> None:
        super().__init__()
        self._is_terminal = sys.stderr.isatty()
        self._bar: ProgressBar[str] | None = None
        self._step_start = self._last_redraw = 0.0

    def start_step(self, number: int, what: str) -> None:
        """Begin a step of so many parts."""
        self.finish()
        super().start_step(number, what)
        self._step_start = time.monotonic()

    def advance(self, number: int = 1) -> None:
        """Count parts that are done."""
        super().advance(number)
        if self._is_terminal:
            self._update_bar()

    def raise_if_cancelled(self) -> None:
        """Raise Stopped where a stop was asked for."""
        if self._is_terminal:
            self._update_bar()
        super().raise_if_cancelled()

    def finish(self) -> None:
        """End the line of the bar, if there is one."""
        if self._bar:
            self._redraw(self._bar, time.monotonic())
            self._bar.render_finish()
        self._bar = None

    def _update_bar(self) -> None:
        now = time.monotonic()
        if (
            now - self._last_redraw < _SECONDS_BETWEEN_REDRAWS
            or now - self._step_start < _SECONDS_UNTIL_BAR
        ):
            return
        if self._bar is None and self.progress.total:
            self._bar = _create_bar(self.progress, now - self._step_start)
        if self._bar:
            self._redraw(self._bar, now)

    def _redraw(self, bar: ProgressBar[str], now: float) -> None:
        done, self._last_redraw = self.progress.done, now
        rate = done / (now - self._step_start)
        bar.update(done - bar.pos, f"{rate:,.{0 if rate >= 10 else 1}f} a second")


def _create_bar(progress: Progress, seconds: float) -> ProgressBar[str]:
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
def cancellable_task() -> Iterator[Task]:
    """Give an errand that is shown, and that all that ends a run asks to stop.

    A second Ctrl-C does not wait.
    """
    task = TerminalTask()

    def ask(number: int) -> None:
        if task.is_cancelled and number == signal.SIGINT:
            raise KeyboardInterrupt
        if number != signal.SIGINT:
            _ignore_ending_signals()
        task.cancel()

    with handle_signals([signal.SIGINT, *ENDING_SIGNALS], ask):
        try:
            yield task
        finally:
            task.finish()


def print_crash_report(error: Exception) -> None:
    """Print the lines to send to the support contact."""
    note("Something went wrong in the program. It is not your fault, and no letter is damaged.")
    note("Please send these lines to your support contact:")
    for line in crash_report_lines(error):
        note(f"  {line}")
