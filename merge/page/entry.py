"""The entry file, which leads the user's browser to the one-time link.

If the link were an argument of the browser, every user of the computer could read it in the list of
processes. They could use it before the browser has started. A path gives nothing away.
"""

from __future__ import annotations

import hashlib
import html
import os
import sys
from contextlib import suppress
from pathlib import Path

from merge.computer import (
    PRIVATE_FOLDER_NAME,
    make_private_folder,
    private_folder,
    write_private_file,
)
from merge.disk import delete_file, is_link, remove_empty_folder
from merge.errors import StorageError

_VISIBLE_NAME = f"{PRIVATE_FOLDER_NAME}-open"
"""Name of a folder in the user's home folder, on Linux.

Browsers packed as a snap can read neither hidden folders nor /tmp. Among them are Firefox and
Chromium of Ubuntu, see github.com/jupyter/notebook/issues/4500.
"""

_ENTRY_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    '<meta name="referrer" content="no-referrer">'
    '<meta http-equiv="refresh" content="0;url={link}"><title>Appeal Merge</title></head>'
    '<body><p><a href="{link}">Appeal Merge</a></p></body></html>'
)
"""The HTML of the file; the link is for browsers that ignore the refresh."""


def write_entry_file(link: str) -> Path:
    """Write a file for this user only, which leads a browser to a link.

    Raise StorageError or OSError if the disk does not allow it.
    """
    path = _entry_folder() / _name(link)
    write_private_file(path, _ENTRY_PAGE.format(link=html.escape(link)))
    return path


def remove_entry_file(link: str) -> None:
    """Remove the file of a link, if any: the link no longer works."""
    _remove(_name(link))


def remove_entry_files() -> None:
    """Remove the entry files of all links, so that no link works any longer."""
    _remove("open-*.html")


def _remove(names: str) -> None:
    """Remove entry files by name, and their visible folder if it is empty."""
    folder = _visible_folder()
    visible = [folder] if _has_visible_folder() and not is_link(folder) else []
    with suppress(OSError, StorageError):
        for place in (private_folder(), *visible):
            for path in place.glob(names):
                delete_file(path)
        for place in visible:
            remove_empty_folder(place)


def _entry_folder() -> Path:
    if _has_visible_folder():
        with suppress(StorageError):
            return make_private_folder(_visible_folder())
    return private_folder()


def _has_visible_folder() -> bool:
    return sys.platform.startswith("linux") and "MERGE_HOME" not in os.environ


def _visible_folder() -> Path:
    return Path.home() / _VISIBLE_NAME


def _name(link: str) -> str:
    """Return the name of a link's entry file, which does not reveal the link."""
    return f"open-{hashlib.sha256(link.encode()).hexdigest()[:16]}.html"
