"""Output of lines, problems, JSON and progress; signals and exit codes."""

from __future__ import annotations

import contextlib
import errno
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
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from merge.advice import Choice, DecisionRemedy, Hint, TaskOption, TaskRemedy
from merge.campaign.task import StepProgress, Task
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
"""A character that a terminal acts on.

These are control characters, line separators, and characters that change the direction of text.
"""


def printable_text(text: str) -> str:
    """Return a text on one line, without characters that control a terminal.

    A control character in a cell or a file name could move the cursor, name the window, or fake
    earlier output.
    """
    return _CONTROL_CHARACTER.sub(
        lambda match: " " if match[0].isspace() else "\N{REPLACEMENT CHARACTER}", text
    )


def say(line: str = "") -> None:
    """Print a line of the result, on standard output."""
    click.echo(printable_text(line))


def note(line: str) -> None:
    """Print a line that is not part of the result, on standard error."""
    click.echo(printable_text(line), err=True)


def print_first(lines: Sequence[str], most: int, print_line: Callable[[str], None] = note) -> None:
    """Print the first lines, indented, and the number of further lines."""
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
    """Print problems, the most severe first, with equal problems grouped.

    `warning_ids` are the IDs with which a warning can be ignored. `are_ignored` says that the
    problems are ignored warnings.
    """
    for group in group_problems(problems):
        problem = group.problem
        level = click.style(problem.level, fg="red" if problem.level == "error" else "yellow")
        level = "ignored" if are_ignored else level
        warning_id = f"  [{warning_ids[problem]}]" if problem in warning_ids else ""
        place_text = printable_text(_typed_place(group.place_text))
        click.echo(f"{level}  {place_text}{warning_id}", err=not to_result)
        hint = hint_text(problem.hint, _typed_folder.get())
        line = printable_text(f"{problem.what} {hint}".rstrip())
        click.echo(f"       {line}", err=not to_result)


def show_wrong_usage(error: click.ClickException) -> None:
    """Print what is wrong with a command line, in click's words."""
    message = io.StringIO()
    error.show(message)
    for line in message.getvalue().rstrip().split("\n"):
        click.echo(printable_text(line), err=True)


def errors_in(problems: Iterable[Problem]) -> list[Problem]:
    """Return the errors among problems."""
    return [problem for problem in problems if problem.level == "error"]


def retry_line(problems: Iterable[Problem], command: str) -> str:
    """Return which command to run again; empty if it can never work."""
    is_closed = any(problem.code == "campaign-closed" for problem in problems)
    return "" if is_closed else f" Fix the problems above, then run: {command}"


def show_json(result: dict[str, Any]) -> None:
    """Print a JSON object on standard output, readable in any encoding."""
    is_ascii = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    text = json.dumps(result, ensure_ascii=is_ascii, indent=1)
    lines = text.split("\n")  # all other control characters are in strings
    click.echo(
        "\n".join(_CONTROL_CHARACTER.sub(lambda c: f"\\u{ord(c[0]):04x}", line) for line in lines)
    )


def problems_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return a JSON object for each problem, the most severe first.

    A problem at several places has an object for each.

    `fields` has the values in the sentences by name. `remedy` has the commands that would fix the
    problem.
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
    """Return the value of a field as JSON; a remedy becomes a command."""
    if isinstance(value, TaskRemedy | DecisionRemedy):
        return _remedy_command(value, _typed_folder.get())
    if isinstance(value, TaskOption):
        return _option_text(value.name, value.value)
    return hint_text(value) if isinstance(value, str) else value


def hint_text(hint: str, folder: Path | None = None) -> str:
    """Return a problem's hint as text, with remedies as commands to type.

    The commands are for `folder`, or for the current folder if it is None. A command is in
    quotation marks if a full stop or a comma follows, because that would be copied too.
    """
    text, command = "", ""
    for part in (*(hint.parts if isinstance(hint, Hint) else (hint,)), ""):
        if isinstance(part, TaskOption):
            command += _option_text(part.name, part.value)
        elif not isinstance(part, str):
            command += _remedy_command(part, folder)
        elif command and part == " ":
            command += part
        else:
            is_glued = part[:1] in {*".,;:)"} and not command.startswith("--")
            text += (f"“{command}”" if command and is_glued else command) + part
            command = ""
    return text


_DECISION_OPTIONS: Mapping[Choice, tuple[str, str]] = {
    "keep": ("letters", "keep"),
    "new": ("letters", "replace"),
    "print": ("print", "accept"),
    "same": ("letters", "same_person"),
    "other": ("letters", "other_person"),
    "hide": ("check", "ignore"),
}
"""The command and the option that make a decision, by choice."""


def _remedy_command(remedy: TaskRemedy | DecisionRemedy, folder: Path | None) -> str:
    if isinstance(remedy, DecisionRemedy):
        task, option = _DECISION_OPTIONS[remedy.choice]
        remedy = TaskRemedy(task, ((option, remedy.target),))
    options = [tuple(filter(None, (_option_text(name), value))) for name, value in remedy.options]
    words = [word for option in options for word in option]
    if folder is not None and [remedy.task] == _typed_words.get()[:1]:
        return repeated_command(*options)
    if remedy.task == "new" and (folder is None or folder.exists()):
        return " ".join(["merge new FOLDER", *words])
    if folder is not None:
        return next_command(remedy.task, folder, *words)
    quoted = (f'"{word}"' if " " in word else word for word in words)
    return " ".join(["merge", remedy.task, *quoted])


def _option_text(name: str, value: str = "") -> str:
    option = f"--{name.replace('_', '-')}"
    return f"{option} {quote_command([value], windows=os.name == 'nt')}" if value else option


_typed_folder: ContextVar[Path] = ContextVar("folder", default=Path())
"""The campaign folder as the user typed it."""
_real_folder: ContextVar[Path] = ContextVar("real_folder", default=Path())
"""The real path of the campaign folder, with which commands work."""
_typed_workbook: ContextVar[Path | None] = ContextVar("workbook", default=None)
"""The workbook that the user typed, if any."""

_typed_words: ContextVar[list[str]] = ContextVar("words", default=[])  # noqa: B039 - never changed
"""The words of the command line that is running."""


def remember_words(words: Sequence[str]) -> None:
    """Store the words of the command line, for commands in messages."""
    _typed_words.set([*words])


def repeated_command(*options: Sequence[str], without: Container[str] = ()) -> str:
    """Return the command line that was typed, with further options.

    It has no `--dry-run` and no `--json`. An option that was typed is not repeated.
    """
    words = [
        word
        for word in _typed_words.get()
        if word not in {"--dry-run", "--json"} and word not in without
    ]
    more = (option for option in options if not _contains_option(option, words))
    words += [word for option in more for word in option]
    return quote_command([_program_name(), *words], windows=os.name == "nt")


def _contains_option(option: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether an option was typed, with the same value if it has any."""
    return any([*option] == [*words[start : start + len(option)]] for start in range(len(words)))


def next_command(command: str, folder: Path, *options: str) -> str:
    """Return a command line to type next, with further options.

    It names the same folder and workbook as the current command.
    """
    book = _typed_workbook.get()
    folder_to_type = typed_path(folder)
    words = [
        _program_name(),
        *command.split(),
        *([] if folder_to_type == Path() else [str(folder_to_type)]),
    ]
    words += ["--workbook", str(book)] if book and command != "new" else []
    return quote_command([*words, *options], windows=os.name == "nt")


_PROGRAM_NAMES = ("merge", "appeal-merge")
"""Names of this program as a command.

On some systems, `merge` is another program (RCS).
"""


def _program_name() -> str:
    """Return the command that starts this program: its name, or its path."""
    program = Path(sys.argv[0])
    if program.stem not in _PROGRAM_NAMES:
        return _PROGRAM_NAMES[0]
    for name in dict.fromkeys((program.stem, *_PROGRAM_NAMES)):
        path = shutil.which(name)
        if path and _resolve_program(Path(path)) == _resolve_program(program.with_name(name)):
            return name
    return str(program)


def quote_command(words: Iterable[str], *, windows: bool) -> str:
    """Return words as a command line, with quotation marks as needed."""
    return " ".join(map(_quote_for_windows if windows else shlex.quote, words))


def _quote_for_windows(word: str) -> str:
    """Return a word in quotation marks if a Windows shell would split it.

    cmd.exe or PowerShell would split the word, or act on a character in it.
    """
    if re.fullmatch(r"[\w.:/\\+-]+", word):
        return word
    end = len(word) - len(word.rstrip("\\"))  # a backslash before a quotation mark escapes it
    escaped = word.replace('"', r"\"")
    return f'"{escaped}{chr(92) * end}"'


def _resolve_program(program: Path) -> Path:
    """Return the real path of a program, without `.exe`."""
    path = program.resolve()
    return path.with_name(path.stem)


def remember_folder(folder: Path) -> Path:
    """Store the campaign folder as typed, for commands in messages.

    Return its real path.
    """
    _typed_folder.set(folder)
    _real_folder.set(real_path := real_folder(folder))
    return real_path


def typed_path(path: Path) -> Path:
    """Return a path in the campaign folder, beginning as the user typed it."""
    real = _real_folder.get()
    return _typed_folder.get() / path.relative_to(real) if path.is_relative_to(real) else path


def _typed_place(where: str) -> str:
    """Return the place of a problem, with the folder as the user typed it."""
    return str(typed_path(Path(where))) if Path(where).is_absolute() else where


def remember_workbook(workbook: Path | None) -> Path | None:
    """Store the typed workbook, for commands in messages."""
    _typed_workbook.set(workbook)
    return workbook


_ENDING_SIGNAL_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")
ENDING_SIGNALS = [getattr(signal, name) for name in _ENDING_SIGNAL_NAMES if hasattr(signal, name)]
"""Signals that ask a program to end: a shutdown, or a closed window."""


def exit_code(error: MergeError) -> int:
    """Return 2 if the command was wrong, otherwise 1."""
    return USAGE if isinstance(error, UsageError) else PROBLEMS


@contextlib.contextmanager
def handle_signals(numbers: Iterable[int], handler: Callable[[int], None]) -> Iterator[None]:
    """Pass signals to a handler, except those ignored, as after `nohup`.

    1. A signal that the handler has ignored stays ignored until the process ends.
    2. In another thread than the main one, nothing happens: Python allows no handlers there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):
            _detach_from_terminal()
        handler(number)

    previous_handlers = {
        n: previous for n in numbers if (previous := signal.getsignal(n)) != signal.SIG_IGN
    }
    for number in previous_handlers:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, previous in previous_handlers.items():
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, previous)


def _detach_from_terminal() -> None:
    """Redirect the output to nowhere if the terminal's window was closed.

    To write into the closed window would stop the clean-up.
    """
    null_device = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        if stat.S_ISCHR(os.fstat(stream).st_mode):
            os.dup2(null_device, stream)


def interrupt_once(_number: int) -> None:
    """Interrupt as Ctrl-C does, but only once.

    A closed window may send two signals, and the clean-up takes time.
    """
    _ignore_ending_signals()
    raise KeyboardInterrupt


def _ignore_ending_signals() -> None:
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class _FaultTolerantFile(io.FileIO):
    """Standard output or error whose errors never stop the program.

    Data that cannot be written is discarded.
    """

    write_error: OSError | None = None
    """Why data was discarded: a full disk, or a pipe that no one reads."""

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - bytes or a view of them
        """Write or discard all of the data."""
        view = memoryview(data)
        while self.write_error is None and view:
            try:
                count = super().write(view)
            except OSError as error:
                self.write_error = error
            else:  # None: the reader is busy
                view = view[count or 0 :]
                time.sleep(0 if count else 0.01)
        return len(data)


def _make_fault_tolerant(stream: Any) -> Any:  # noqa: ANN401 - a stream, or None if closed
    """Return a standard stream whose errors never stop the program.

    Neither a character outside the encoding nor the disk can stop it.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = getattr(stream.buffer, "raw", stream.buffer)  # itself if it is not buffered
    if isinstance(raw, io.FileIO):
        file = io.BufferedWriter(_FaultTolerantFile(raw.fileno(), "w", closefd=False))
        return io.TextIOWrapper(
            file, stream.encoding, "replace", line_buffering=stream.line_buffering
        )
    stream.reconfigure(errors="replace")  # a console window of Windows
    return stream


def make_streams_fault_tolerant() -> None:
    """Make standard output and error tolerate errors.

    A closed stream is redirected to nowhere. Otherwise the next file that is opened, perhaps the
    ledger, would get what other libraries print.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)  # noqa: FBT003
    os.close(number)
    open_null_device = partial(open, os.devnull, "w", encoding="utf-8")
    sys.stdout = _make_fault_tolerant(sys.stdout) or open_null_device()
    sys.stderr = _make_fault_tolerant(sys.stderr) or open_null_device()


def output_error() -> str:
    """Return why the result could not be printed.

    It is empty if it was printed, or if no one reads it.
    """
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    error = getattr(getattr(getattr(sys.stdout, "buffer", None), "raw", None), "write_error", None)
    is_unread = isinstance(error, BrokenPipeError) or (
        os.name == "nt" and getattr(error, "errno", 0) == errno.EINVAL  # its closed pipe
    )
    return "" if error is None or is_unread else os_error_text(error)


_SECONDS_UNTIL_BAR = 1
"""Seconds after which the progress of a step is shown."""
_SECONDS_BETWEEN_REDRAWS = 0.1
"""Seconds between two updates of the progress bar."""


class TerminalTask(Task):
    """A task that shows the progress of long steps in the terminal.

    It shows a bar, the rate and the remaining time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_terminal = sys.stderr.isatty()
        self._bar: ProgressBar[str] | None = None
        self._step_start = self._last_redraw = 0.0

    def start_step(self, number: int, what: str) -> None:
        """Begin a step with a number of parts."""
        self.finish()
        super().start_step(number, what)
        self._step_start = time.monotonic()

    def advance(self, number: float = 1) -> None:
        """Add parts of the current step that are done, and update the bar."""
        super().advance(number)
        if self._is_terminal:
            self._update_bar()

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled if the user has asked to stop."""
        if self._is_terminal:
            self._update_bar()
        super().raise_if_cancelled()

    def finish(self) -> None:
        """End the line of the progress bar, if a bar is shown."""
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


def _create_bar(progress: StepProgress, seconds: float) -> ProgressBar[str]:
    """Return a progress bar for a step that began some seconds ago."""
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
    """Yield a task that shows its progress and that signals can stop.

    A second Ctrl-C ends the program at once.
    """
    task = TerminalTask()

    def request_stop(number: int) -> None:
        if task.is_cancelled and number == signal.SIGINT:
            raise KeyboardInterrupt
        if number != signal.SIGINT:
            _ignore_ending_signals()
        task.cancel()

    with handle_signals([signal.SIGINT, *ENDING_SIGNALS], request_stop):
        try:
            yield task
        finally:
            task.finish()


def crash_report(error: Exception) -> list[str]:
    """Return the lines for the user after a crash, and those for support."""
    return [
        "Something went wrong in the program. It is not your fault, and no letter is damaged.",
        "Please send these lines to your support contact:",
        *(f"  {line}" for line in crash_report_lines(error)),
    ]


def print_crash_report(error: Exception) -> None:
    """Print the lines about a crash for the support contact."""
    for line in crash_report(error):
        note(line)
