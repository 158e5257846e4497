"""Files opened in their own programs, folders shown, the page opened in the browser.

Never through a shell. The variable MERGE_OPENER names a program that is called with the path
instead, for tests.
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
"""The endings of the files that may be opened."""

_ERROR_SECONDS = 1.0  # Seconds in which a program tells that it cannot open something


def open_file(path: Path, within: Path) -> None:
    """Open a file in the program that the system has for it.

    `within` is the folder that it must lie in, as `Path.resolve` gave it when the campaign was
    opened: so no link that came since leads elsewhere. Raise StorageError where it is not there,
    lies elsewhere, is of another kind, or nothing opens it.
    """
    place = _resolve_within(path, within)
    if place.suffix.lower() not in OPENABLE_SUFFIXES or not place.is_file():
        raise StorageError(messages.problem("file-not-opened/kind", _place(path)))
    _open(place)


def show_in_folder(path: Path, within: Path) -> None:
    """Show a file, or what is in a folder, in the system's file manager.

    Errors are those of `open_file`.
    """
    place = _resolve_within(path, within)
    if place.is_dir() or os.environ.get("MERGE_OPENER"):
        _open(place)
    elif sys.platform == "win32":
        # A list would put the whole word into quotes, which Explorer does not understand.
        explorer = Path(os.environ.get("WINDIR", r"C:\Windows")) / "explorer.exe"
        subprocess.Popen(f'"{explorer}" /select,"{place}"')  # noqa: S603
    elif sys.platform == "darwin":
        _run_opener("open", "-R", str(place))
    else:
        _open(place.parent)


def has_browser() -> bool:
    """Return whether there may be a browser with a window; others would take the terminal over."""
    return not sys.platform.startswith("linux") or bool(
        os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}
    )


def open_browser(page: Path) -> bool:
    """Open a page that is a file in the user's browser; return whether that seems to work.

    It may wait for as long as the browser is open.
    """
    if sys.platform == "darwin" and "BROWSER" not in os.environ:
        # webbrowser asks AppleScript, which has failed with files in some versions of macOS.
        with suppress(StorageError):
            _run_opener("open", str(page))
            return True
        return False
    with suppress(webbrowser.Error, OSError):
        return webbrowser.open(page.as_uri())
    return False


def restore_library_path(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let other programs that are started find their own libraries, not those packed with ours.

    PyInstaller's programs keep the path that was there before in LD_LIBRARY_PATH_ORIG.
    """
    if not getattr(sys, "frozen", False):
        return
    environment.pop("LD_LIBRARY_PATH", None)
    if before := environment.get("LD_LIBRARY_PATH_ORIG"):
        environment["LD_LIBRARY_PATH"] = before


def _resolve_within(path: Path, within: Path) -> Path:
    try:
        place = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise StorageError(messages.problem("file-gone", _place(path))) from error
    if not place.is_relative_to(within):
        raise StorageError(messages.problem("path-outside", _place(path)))
    return place


def _open(place: Path) -> None:
    """Open a file or a folder, and return soon. Raise StorageError where nothing opens it."""
    if own := os.environ.get("MERGE_OPENER"):
        _run_opener(own, str(place))
    elif sys.platform == "win32":
        with translate_errors(OSError, lambda error: _open_error(place, os_error_text(error))):
            os.startfile(place)  # noqa: S606
    else:
        _run_opener("open" if sys.platform == "darwin" else "xdg-open", str(place))


def _run_opener(*command: str) -> None:
    place = Path(command[-1])
    with translate_errors(OSError, lambda error: _open_error(place, os_error_text(error))):
        process = subprocess.Popen(  # noqa: S603 - a path of our own
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C ends the page, not Word
        )
    try:
        failed = process.wait(_ERROR_SECONDS)
    except subprocess.TimeoutExpired:  # xdg-open may wait until the program is closed
        Thread(target=process.wait, daemon=True).start()
        return
    if failed:
        raise _open_error(place, "no program for it was found")


def _open_error(path: Path, why: str) -> StorageError:
    return StorageError(messages.problem("file-not-opened", _place(path), why=why))


def _place(path: Path) -> Place:
    return Place(short_path(path))
