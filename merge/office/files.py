"""A path -> bytes, or whom to ask. The file is opened for reading only, and closed at once."""

from __future__ import annotations

import difflib
import stat
from pathlib import Path

from merge.naming import folded
from merge.office.refused import Refused, Wording

MOST_FILE = 50 << 20
"""Bytes. The largest of 1,712 real Office files has 2.8 MB."""


def read_bytes(path: Path, wording: Wording) -> bytes:
    """The file's bytes. Refused where there is none, where it is shut or too large."""
    try:
        there = path.stat()
        if stat.S_ISDIR(there.st_mode):  # Windows would only say that it is closed
            raise _folder(wording)
        if not stat.S_ISREG(there.st_mode):
            raise _device(wording)
        if there.st_size > MOST_FILE:
            raise wording.too_large("the file is larger than 50 MiB.")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path, wording) from None
    except OSError as error:
        raise _shut(error, wording) from None


def _device(wording: Wording) -> Refused:
    return wording.refused("unreadable", "this is no file, but a device or a pipe.", "Name a file.")


def _missing(path: Path, wording: Wording) -> Refused:
    if path.parent.is_dir():
        what = f"there is no such file in {path.parent.resolve()}."
        hint = _instead(path, wording)
    elif path.parent.is_file():
        what, hint = f"{path.parent} is a file.", "Name the folder in which it lies."
    else:
        what, hint = f"there is no folder {path.parent}.", "Check the name of the folder."
    return wording.refused("missing", what, hint, wording.missing)


def _instead(path: Path, wording: Wording) -> str:
    """What to do: the file that was meant, if one is there."""
    near = _near(path, wording)
    if not near:
        there = _beside(path)
        return f"There is one in {there}." if there else "Check the name and the folder."
    if near.suffix.lower() in wording.read:
        return f"Did you mean {near.name}?"
    return f"There is {near.name}. {wording.save_as}"


def _beside(path: Path) -> Path | None:
    """The folder above, or one of those below, in which a file of that name lies."""
    folder = path.parent
    below = sorted(p for p in _listed(folder) if not p.name.startswith("."))
    return next((p for p in (*below, folder.resolve().parent) if (p / path.name).is_file()), None)


def _near(path: Path, wording: Wording) -> Path | None:
    """The program's file in the same folder that has nearly that name; its stem counts most."""
    endings = (*wording.read, *wording.alike)
    there = [p for p in sorted(_listed(path.parent)) if p.suffix.lower() in endings]
    by_stem: dict[str, Path] = {}
    for other in sorted(there, key=lambda p: p.suffix.lower() not in wording.read):
        if not other.name.startswith("~$"):  # Office's note that the file is open
            by_stem.setdefault(folded(other.stem), other)
    found = difflib.get_close_matches(folded(path.stem), by_stem, n=1, cutoff=0.7)
    return by_stem[found[0]] if found else None


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # one may know a folder and not be allowed to look into it
        return []


def _folder(wording: Wording) -> Refused:
    hint = f"Name the {wording.read[0]} file in it."
    return wording.refused("folder", wording.folder, hint, wording.missing)


def _shut(error: OSError, wording: Wording) -> Refused:
    what = f"it cannot be read ({error.strerror})."
    hint = f"Close it in {wording.program}, or ask who may open it."
    return wording.refused("locked", what, hint, wording.locked)
