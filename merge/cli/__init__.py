"""The command line: runs a command, prints its result and exits.

Only front ends print and exit; this package is one of them.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    0 done, 1 problems, 2 wrong usage, 3 a fault of the program, 130 stopped by the user.
    """
    from merge.cli.commands import run_command_line  # noqa: PLC0415 - `import merge` stays cheap

    return run_command_line(sys.argv[1:] if argv is None else list(argv))


def run() -> None:
    """Run the command line in a process that ends with the exit code."""
    gc.set_threshold(200_000, 20, 20)  # many objects live long, few are in cycles
    try:
        with _exit_quietly_if_interrupted():
            _ensure_utf8_mode()
            from merge.cli.commands import run_process  # noqa: PLC0415
        code = run_process(sys.argv[1:])
        gc.freeze()  # the process ends: no need to look for garbage
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command has finished
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


@contextlib.contextmanager
def _exit_quietly_if_interrupted() -> Iterator[None]:
    """Let Ctrl-C end the program at once and without a message.

    At this point no work has begun.
    """
    previous_handler = signal.getsignal(signal.SIGINT)
    if previous_handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    yield
    signal.signal(signal.SIGINT, previous_handler)


def _ensure_utf8_mode() -> None:
    """Restart in Python's UTF-8 mode if the system's encoding is not UTF-8.

    Letters are named after people. In the POSIX locale, most of these names could not be written.
    """
    can_restart = not getattr(sys, "frozen", False) and sys.executable
    if can_restart and sys.getfilesystemencoding() != "utf-8":
        with contextlib.suppress(OSError):
            os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606
