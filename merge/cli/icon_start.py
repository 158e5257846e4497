"""The start of a packaged program by its icon: no terminal, no console.

What the terminal would show, a message box of the system shows: an error, or the link to the page
if the browser cannot be opened.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread

from merge import messages
from merge.cli.terminal import DONE, FAULT, crash_report, exit_code, hint_text
from merge.errors import MergeError, StorageError
from merge.page.message_box import show_message
from merge.page.opening import restore_library_path
from merge.problems import Place, Problem

_BACKGROUND = "background"
"""The argument of the process that continues without the icon, on a Mac."""
_WINDOWS_MUTEX = "AppealMergeIsRunning"
"""The name by which Setup sees that the program is running."""


def start_from_icon(arguments: Sequence[str]) -> int:
    """Show the list of campaigns in the browser until it is no longer needed.

    Return the exit code. If the program is running already, its page opens again.
    """
    restore_library_path()
    if sys.platform == "darwin" and _BACKGROUND not in arguments:
        return _continue_in_background()
    try:
        return _serve()
    except MergeError as error:
        _show_box("\n\n".join(map(_problem_text, error.problems)))
        return exit_code(error)
    except ImportError as error:
        place = Place("Appeal Merge")
        _show_box(_problem_text(messages.problem("program-incomplete", place, what=error.name)))
    except Exception as error:  # noqa: BLE001 - any other error is a fault of the program
        _show_box("\n".join(crash_report(error)))
    return FAULT


def _serve() -> int:
    from merge.cli.page_command import serve_page  # noqa: PLC0415 - a file of it may be missing

    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only here

        ctypes.windll.kernel32.CreateMutexW(None, False, _WINDOWS_MUTEX)  # noqa: FBT003
    return serve_page(None, browser=True, show_link=_show_link)


def _continue_in_background() -> int:
    """Start the program again without its icon, and return.

    A Mac starts nothing when the icon of a running program is opened again. So the process of the
    icon ends at once, and the next click is a second start. PyInstaller
    needs the variable for that.
    """
    subprocess.Popen(  # noqa: S603 - itself
        [sys.executable, _BACKGROUND],
        env={**os.environ, "PYINSTALLER_RESET_ENVIRONMENT": "1"},
        start_new_session=True,
    )
    return DONE


def _show_link(link: str) -> None:
    """Show a link that the user must open, while the page is already served."""
    if link:
        problem = messages.problem("browser-not-opened", Place("the page"), link=link)
        Thread(target=_show_box, args=(_problem_text(problem),)).start()


def _problem_text(problem: Problem) -> str:
    return f"{problem.place}: {problem.what} {hint_text(problem.hint)}"


def _show_box(text: str) -> None:
    """Show a text in a box; if no box works, on standard error."""
    try:
        show_message(text)
    except (OSError, StorageError):
        if sys.stderr:
            with suppress(OSError):
                sys.stderr.write(f"{text}\n")
