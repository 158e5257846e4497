"""Workbooks with similar names: backups, conflict copies, copies by staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from merge.disk import file_state

BACKUP_SUFFIX = re.compile(r" \(until \d{1,2} \w+ \d{4}\)(-\d+)?")
"""The text that `merge.excel.saving.back_up` adds to a workbook's name."""

_CONFLICT_SUFFIX = re.compile(
    r"-(?!\d+$)[\w-]+"  # OneDrive: the computer's name
    r"| \((?:[^()]{1,60}'s )?conflicted copy[^()]*\)"  # Dropbox, Nextcloud, ownCloud
    r"|\.sync-conflict-\d{8}-\d{6}-\w+"  # Syncthing
    r"| \(\d+\)"  # Google Drive
    r"| \d"  # iCloud
)
"""The text that sync services add to the name of a conflict copy."""


def similarly_named_workbooks(path: Path) -> Iterator[Path]:
    """Yield the workbooks whose names contain the name of `path`.

    Only its folder is searched. Backups are skipped.
    """
    begins = path.stem.lower()
    for file in path.parent.iterdir():
        stem = file.stem.lower()
        if (
            file.suffix.lower() != path.suffix
            or begins not in stem
            or file_state(str(file)) is None
        ):
            continue
        if not stem.startswith(begins):
            yield file  # Copy of register, Kopia register
            continue
        more = file.stem[len(begins) :]
        if not BACKUP_SUFFIX.fullmatch(more) and (more or not _is_same_file(file, path)):
            yield file


def is_conflict_copy(copy: Path, path: Path) -> bool:
    """Return whether a file has the name of a conflict copy of `path`."""
    suffix = copy.stem.removeprefix(path.stem)
    return suffix != copy.stem and _CONFLICT_SUFFIX.fullmatch(suffix) is not None


def _is_same_file(one: Path, other: Path) -> bool:
    """Return whether two names mean one file: many disks ignore capitals."""
    return one.name == other.name or (other.exists() and one.samefile(other))
