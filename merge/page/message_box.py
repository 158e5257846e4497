"""Message box of the system, for a program without a terminal.

The text may contain a one-time link. So no program gets it as an argument: every user of the
computer could read that in the list of processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from merge.computer import private_folder, write_private_file
from merge.page.opening import open_path

_TITLE = "Appeal Merge"
_FILE = "message.txt"
_WINDOWS_STYLE = 0x40 | 0x1_0000  # MB_ICONINFORMATION, MB_SETFOREGROUND
_LINUX_BOXES = (
    ("zenity", "--text-info", f"--title={_TITLE}", "--width=600", "--height=300"),
    ("kdialog", f"--title={_TITLE}", "--textbox", "/dev/stdin", "600", "300"),
    ("xmessage", "-title", _TITLE, "-center", "-file", "-"),
)
"""Programs that show the text of their standard input in a window."""
_CLOSED = {0, 1}
"""Exit codes of a box that the user closed, with a button or without."""
_NO_SCREEN = b"open display"
"""Part of the error of a box that could not open: its code is 1, too."""


def show_message(text: str) -> None:
    """Show a text in a box of the system, and wait until the user closes it.

    A Linux without a program for boxes opens a text file instead. Raise StorageError or OSError if
    nothing shows the text.
    """
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only here

        ctypes.windll.user32.MessageBoxW(None, text, _TITLE, _WINDOWS_STYLE)
    elif sys.platform == "darwin":
        _show_on_mac(text)
    elif not _show_in_linux_box(text):
        file = private_folder() / _FILE
        write_private_file(file, text + "\n")
        open_path(file)


def _show_on_mac(text: str) -> None:
    """Show a dialog of AppleScript; the text can be copied with a button."""
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    script = (
        f'display dialog {quoted} with title "{_TITLE}" buttons {{"Copy text", "OK"}}'
        f' default button "OK"\n'
        f'if button returned of result is "Copy text" then set the clipboard to {quoted}\n'
    )
    _run_box(("osascript", "-"), script)


def _show_in_linux_box(text: str) -> bool:
    """Return whether one of the programs showed the text."""
    if not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
        return False
    return any(_run_box(box, text + "\n") for box in _LINUX_BOXES)


def _run_box(command: tuple[str, ...], text: str) -> bool:
    """Return whether a program showed the text.

    Its errors go to a file: a pipe would stay open while a program that it started runs.
    """
    try:
        with tempfile.TemporaryFile() as errors:
            box = subprocess.run(  # noqa: S603 - programs of the system, named above
                command,
                input=text.encode(),
                stdout=subprocess.DEVNULL,
                stderr=errors,
                check=False,
            )
            errors.seek(0)
            return box.returncode in _CLOSED and _NO_SCREEN not in errors.read()
    except OSError:
        return False
