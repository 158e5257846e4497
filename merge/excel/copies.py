"""Workbooks with similar names: backups, conflict copies, copies by staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from merge.disk import OFFICE_OWNER_PREFIX, file_state

BACKUP_SUFFIX = re.compile(r" \(until \d{1,2} \w+ \d{4}\)(-\d+)?")
"""The text that `merge.excel.saving.back_up` adds to a workbook's name."""

_CONFLICT_SUFFIX = re.compile(
    r"-(?!old\b|backup\b|bak\b|copy\b|copie\b|copia\b|kopie\b|alt\b)(?=.*[a-z])[\w -]+(?: \(\d+\))?"
    r"|\.sync-conflict-\d{8}-\d{6}-\w+"
    r"| \(\d+\)"
    r"| \d{1,3}",
    re.IGNORECASE,
)
"""The text that sync services add to the name of a conflict copy.

They are those of OneDrive (the computer's name), Syncthing, Google Drive and iCloud.
"""
_CONFLICT_WORDS = ("conflict", "conflit", "conflitto", "konflikt", "конфл", "تعارض")
"""Words in brackets that Dropbox, Nextcloud and ownCloud add."""


def similarly_named_workbooks(path: Path) -> Iterator[Path]:
    """Yield the workbooks whose names contain the name of `path`.

    Only its folder is searched. Backups are skipped.
    """
    begins = path.stem.lower()
    for file in path.parent.iterdir():
        stem = file.stem.lower()
        if (
            file.suffix.lower() != path.suffix
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


def is_conflict_copy(copy: Path, path: Path) -> bool:
    """Return whether a file has the name of a conflict copy of `path`."""
    stem, original = copy.stem.lower(), path.stem.lower()
    suffix = stem.removeprefix(original)
    if suffix == stem:
        return False
    in_brackets = suffix.startswith(" (") and suffix.endswith(")")
    has_word = in_brackets and any(word in suffix for word in _CONFLICT_WORDS)
    return has_word or _CONFLICT_SUFFIX.fullmatch(suffix) is not None


def _is_same_file(one: Path, other: Path) -> bool:
    """Return whether two names mean one file: many disks ignore capitals."""
    return one.name == other.name or (other.exists() and one.samefile(other))
