"""A path -> bytes, or whom to ask. The file is opened for reading only, and closed at once."""

from __future__ import annotations

import difflib
from pathlib import Path

from merge.model import MergeError, Place, Problem, StorageError, UsageError
from merge.naming import folded
from merge.sheet.refusals import SAVE_AS, too_large

MOST_FILE = 50 << 20
"""Bytes. The largest of 1,712 real Office files has 2.8 MB."""

_WORKBOOKS = {".xlsx", ".xlsm"}
_ALIKE = {*_WORKBOOKS, ".xls", ".xlsb", ".ods", ".csv", ".numbers"}


def read_bytes(path: Path) -> bytes:
    """The file's bytes. UsageError where there is no such file, StorageError where it is shut."""
    try:
        if path.is_file() and path.stat().st_size > MOST_FILE:
            raise too_large("the file is larger than 50 MiB.")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path) from None
    except IsADirectoryError:
        raise _folder(path) from None
    except OSError as error:
        raise _shut(path, error) from None


def _missing(path: Path) -> MergeError:
    if not path.parent.is_dir():
        what = f"there is no folder {path.parent}."
        return _usage("workbook-missing", path, what, "Check the name of the folder.")
    what = f"there is no such file in {path.parent.resolve()}."
    return _usage("workbook-missing", path, what, _instead(path))


def _instead(path: Path) -> str:
    """What to do: the file that was meant, if one is there."""
    near = _near(path)
    if not near:
        return "Check the name and the folder."
    if near.suffix.lower() in _WORKBOOKS:
        return f"Did you mean {near.name}?"
    return f"There is {near.name}. {SAVE_AS}"


def _near(path: Path) -> Path | None:
    """The spreadsheet in the same folder that has nearly that name; its stem counts most."""
    there = [p for p in sorted(path.parent.iterdir()) if p.suffix.lower() in _ALIKE]
    by_stem: dict[str, Path] = {}
    for other in sorted(there, key=lambda p: p.suffix.lower() not in _WORKBOOKS):
        if not other.name.startswith("~$"):  # Excel's note that the file is open
            by_stem.setdefault(folded(other.stem), other)
    found = difflib.get_close_matches(folded(path.stem), by_stem, n=1, cutoff=0.7)
    return by_stem[found[0]] if found else None


def _folder(path: Path) -> MergeError:
    what = "this is a folder, not an Excel workbook."
    return _usage("workbook-folder", path, what, "Name the .xlsx file in it.")


def _shut(path: Path, error: OSError) -> MergeError:
    what = f"it cannot be read ({error.strerror})."
    hint = "Close it in Excel, or ask who may open it."
    return StorageError(Problem("workbook-locked", Place(path.name), what, hint))


def _usage(code: str, path: Path, what: str, hint: str) -> UsageError:
    return UsageError(Problem(code, Place(path.name), what, hint))
