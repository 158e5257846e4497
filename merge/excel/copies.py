"""Workbooks with similar names: backups, conflict copies, copies by staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from merge.disk import OFFICE_OWNER_PREFIX, file_state

BACKUP_SUFFIX = re.compile(r" \(until \d{1,2} \w+ \d{4}\)(-\d+)?")
"""The text that `merge.excel.saving.back_up` adds to a workbook's name."""


def similarly_named_workbooks(path: Path) -> Iterator[Path]:
    """Yield the workbooks whose names contain the name of `path`.

    Only its folder is searched. Backups are skipped.
    """
    begins = path.stem.lower()
    for file in path.parent.iterdir():
        stem = file.stem.lower()
        if (
            file.suffix.lower() != path.suffix.lower()
            or not _has_word(stem, begins)
            or file.name.startswith(OFFICE_OWNER_PREFIX)
            or file_state(str(file)) is None
        ):
            continue
        if not stem.startswith(begins):
            yield file  # Copy of register, Kopia register
            continue
        more = file.stem[len(begins) :]
        if not BACKUP_SUFFIX.fullmatch(more) and (more or not _is_same_file(file, path)):
            yield file


def _has_word(stem: str, begins: str) -> bool:
    """Return whether a name contains another, not after a letter: `designers`."""
    at = stem.find(begins)
    return at >= 0 and not stem[:at][-1:].isalpha()


def _is_same_file(one: Path, other: Path) -> bool:
    """Return whether two names mean one file: many disks ignore capitals."""
    return one.name == other.name or (other.exists() and one.samefile(other))
