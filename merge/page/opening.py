"""Opens files in their programs, folders, and the page in the browser.

Never through a shell. For tests, the environment variable MERGE_OPENER sets a program that is
called with the path instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import webbrowser
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from threading import Thread

from merge import messages
from merge.disk import os_error_text, short_path
from merge.errors import StorageError, translate_errors
from merge.problems import Place

OPENABLE_SUFFIXES = {".docx", ".xlsx", ".pdf", ".csv"}
"""Suffixes of the files that may be opened."""

_ERROR_SECONDS = 1.0  # Seconds for which a program may report that it cannot open a file


def open_file(path: Path, within: Path) -> None:
    """Open a file in the program that the system uses for this type.

    `within` is the folder that must contain it, as `Path.resolve` returned it when the campaign was
    opened. So a link that was added since leads nowhere else. Raise StorageError if the file is
    missing, elsewhere, of another kind, or if nothing opens it.
    """
    place = _resolve_within(path, within)
    if place.suffix.lower() not in OPENABLE_SUFFIXES or not place.is_file():
        raise StorageError(messages.problem("file-not-opened/kind", _place(path)))
    open_path(place)


def show_in_folder(path: Path, within: Path) -> None:
    """Show a file, or the contents of a folder, in the file manager.

    Raise StorageError if it is missing, elsewhere, or nothing opens it.
    """
    place = _resolve_within(path, within)
    if place.is_dir() or os.environ.get("MERGE_OPENER"):
        open_path(place)
    elif sys.platform == "win32":
        # A list would put the argument into quotes, which Explorer does not understand.
        explorer = Path(os.environ.get("WINDIR", r"C:\Windows")) / "explorer.exe"
        subprocess.Popen(f'"{explorer}" /select,"{place}"')  # noqa: S603
    elif sys.platform == "darwin":
        _run_opener("open", "-R", str(place))
    else:
        open_path(place.parent)


def open_path(place: Path) -> None:
    """Open any file or folder in its program, and return soon.

    Raise StorageError if nothing opens it.
    """
    if opener := os.environ.get("MERGE_OPENER"):
        _run_opener(opener, str(place))
    elif sys.platform == "win32":
        with translate_errors(OSError, lambda error: _open_error(place, os_error_text(error))):
            os.startfile(place)  # noqa: S606
    else:
        _run_opener("open" if sys.platform == "darwin" else "xdg-open", str(place))


def has_browser() -> bool:
    """Return whether the computer may have a browser with a window.

    Other browsers would take over the terminal.
    """
    return not sys.platform.startswith("linux") or bool(
        os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}
    )


def open_browser(page: Path) -> bool:
    """Open a page that is a file in the user's browser; return success.

    It may wait for as long as the browser is open.
    """
    if sys.platform in {"darwin", "win32"} and "BROWSER" not in os.environ:
        # webbrowser asks AppleScript, which has failed with files in some versions of macOS. On
        # Windows, it passes an address, in which the system reads %C3%A4 as two letters.
        with suppress(StorageError):
            open_path(page)
            return True
        return False
    with suppress(webbrowser.Error, OSError):
        return webbrowser.open(page.as_uri())
    return False


def restore_library_path(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let programs that this program starts use the system's libraries.

    PyInstaller sets LD_LIBRARY_PATH to the packed ones. It keeps the previous path in
    LD_LIBRARY_PATH_ORIG.
    """
    if not getattr(sys, "frozen", False):
        return
    environment.pop("LD_LIBRARY_PATH", None)
    if previous_path := environment.get("LD_LIBRARY_PATH_ORIG"):
        environment["LD_LIBRARY_PATH"] = previous_path


def _resolve_within(path: Path, within: Path) -> Path:
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise StorageError(messages.problem("file-gone", _place(path))) from error
    if not resolved.is_relative_to(within):
        raise StorageError(messages.problem("path-outside", _place(path)))
    return resolved


def _run_opener(*command: str) -> None:
    place = Path(command[-1])
    with translate_errors(OSError, lambda error: _open_error(place, os_error_text(error))):
        process = subprocess.Popen(  # noqa: S603 - a path of this program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C ends the page, not Word
        )
    try:
        exit_code = process.wait(_ERROR_SECONDS)
    except subprocess.TimeoutExpired:  # xdg-open may wait until the program is closed
        Thread(target=process.wait, daemon=True).start()
        return
    if exit_code:
        raise _open_error(place, "no program for it was found")


def _open_error(path: Path, why: str) -> StorageError:
    return StorageError(messages.problem("file-not-opened", _place(path), why=why))


def _place(path: Path) -> Place:
    return Place(short_path(path))
