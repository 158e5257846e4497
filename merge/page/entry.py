"""The file by which the browser is let in: it leads on to the one-time link.

A link that is an argument of the browser could be read by every user of the computer, in the list
of processes, and be used before the browser has started. A path tells them nothing.
"""

from __future__ import annotations

import hashlib
import html
import os
import sys
from contextlib import suppress
from pathlib import Path

from merge.disk import is_link
from merge.errors import StorageError
from merge.page.instance import FOLDER_NAME, make_private_folder, private_folder, write_private_file

_VISIBLE_NAME = f"{FOLDER_NAME}-open"
"""A folder in the user's own, on Linux: browsers packed as a snap can read neither hidden folders
nor /tmp (Firefox and Chromium of Ubuntu, see github.com/jupyter/notebook/issues/4500)."""

_ENTRY_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    '<meta name="referrer" content="no-referrer">'
    '<meta http-equiv="refresh" content="0;url={link}"><title>Appeal Merge</title></head>'
    '<body><p><a href="{link}">Appeal Merge</a></p></body></html>'
)
"""For a browser that does not go on by itself there is the link."""


def write_entry_file(link: str) -> Path:
    """Write a file that only this user can read, and that leads a browser on to a link.

    StorageError or OSError if the disk does not allow it.
    """
    path = _entry_folder() / _name(link)
    write_private_file(path, _ENTRY_PAGE.format(link=html.escape(link)))
    return path


def remove_entry_file(link: str) -> None:
    """Remove the file of a link if it is there: the link is used, and leads nowhere now."""
    _remove(_name(link))


def remove_entry_files() -> None:
    """Remove the files of all links: none of them leads anywhere now."""
    _remove("open-*.html")


def _remove(names: str) -> None:
    """Remove the files of these names, and the visible folder if it is empty then."""
    folder = _visible_folder()
    visible = [folder] if _has_visible_folder() and not is_link(folder) else []
    with suppress(OSError, StorageError):
        for place in (private_folder(), *visible):
            for path in place.glob(names):
                path.unlink(missing_ok=True)
        for place in visible:
            place.rmdir()


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
    """Return the name of a link's file. It gives nothing of the link away."""
    return f"open-{hashlib.sha256(link.encode()).hexdigest()[:16]}.html"
