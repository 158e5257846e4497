"""Words -> campaign -> lines and an exit code. The only place that prints and exits."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done, 1 problems, 2 wrong usage, 3 a fault of the program, 130 stopped by the user.
    """
    from merge.cli.commands import run_command_line  # noqa: PLC0415 - `import merge` stays cheap

    return run_command_line(sys.argv[1:] if argv is None else list(argv))


def run() -> None:
    """Run the command, `merge` or `appeal-merge`, in a process of its own, and exit."""
    gc.set_threshold(200_000, 20, 20)  # much is held, little of it in circles
    try:
        with _exit_quietly_if_interrupted():
            _ensure_utf8_mode()
            from merge.cli.commands import run_process  # noqa: PLC0415
        code = run_process(sys.argv[1:])
        gc.freeze()  # what is still held goes with the process; nobody looks through it once more
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


@contextlib.contextmanager
def _exit_quietly_if_interrupted() -> Iterator[None]:
    """Let Ctrl-C end the program at once and without a word: nothing is begun yet."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    yield
    signal.signal(signal.SIGINT, before)


def _ensure_utf8_mode() -> None:
    """Start anew in Python's UTF-8 mode where the system's language has few letters in file names.

    Letters are named after people; in the language POSIX, say, most names could not be written.
    """
    alone = not getattr(sys, "frozen", False) and sys.executable
    if alone and sys.getfilesystemencoding() != "utf-8":
        with contextlib.suppress(OSError):
            os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606
