"""Polling of a campaign's files for changes, without file events.

Polling is cheap, and it works on network drives and synchronised folders, where events do not
arrive. A file that is being saved changes from look to look. A change is reported when several
looks agree.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.disk import OFFICE_OWNER_PREFIX, FileState, file_state, owner_file_names
from merge.product import LETTERS_FOLDER, REGISTER_FILE, TEMPLATES_FOLDER
from merge.workbook.reading import LIST_FILE

_LOCK_FILES = (*owner_file_names(LIST_FILE), *owner_file_names(REGISTER_FILE))
POLL_SECONDS = 0.25
"""Seconds between two looks at the few files.

Looking at the letters takes at most a twentieth of the time.
"""
_PAUSE_FACTOR = 20
_STABLE_LOOKS = 3
"""Looks that must agree before a changed file is opened."""

FolderState = tuple[int, dict[str, FileState | None]]
"""A hash of all letters, and the states of the few other files."""


class FolderWatch:
    """Polls the files of a campaign, every `POLL_SECONDS` seconds.

    `opened_letters` are paths of letters that are checked each time, because someone is editing
    them.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        opened_letters: Collection[str] = (),
    ) -> None:
        self._folder, self._clock, self._opened_letters = folder, clock, opened_letters
        self._letters, self._letters_due = 0, 0.0
        self._accepted_state = self._previous_state = self._read_state()
        self._equal_looks = 1
        """Number of consecutive looks that agree."""

    def has_settled_change(self) -> bool:
        """Return whether files have changed since `accept_changes`.

        False while they are still changing.
        """
        now = self._read_state()
        self._equal_looks = self._equal_looks + 1 if now == self._previous_state else 1
        self._previous_state = now
        return self.is_changing and self._equal_looks >= _STABLE_LOOKS

    @property
    def is_changing(self) -> bool:
        """Whether the last look at the files saw a change that may continue."""
        return self._previous_state != self._accepted_state

    def accept_changes(self) -> None:
        """Accept the current state of all files as unchanged from now on."""
        self._letters_due = 0.0
        self._accepted_state = self._previous_state = self._read_state()

    def _read_state(self) -> FolderState:
        started = self._clock()
        if started >= self._letters_due:
            letters = _files(self._folder / LETTERS_FOLDER)
            self._letters = sum(hash((path, file_state(path))) for path in letters)
            self._letters_due = started + max(
                POLL_SECONDS / 2, _PAUSE_FACTOR * (self._clock() - started)
            )
        return self._letters, {path: file_state(path) for path in self._watched_files()}

    def _watched_files(self) -> Iterator[str]:
        """Yield paths of workbook, list, register, lock files and templates."""
        for name in (WORKBOOK_FILE, LIST_FILE, REGISTER_FILE, *_LOCK_FILES):
            yield str(self._folder / name)
        yield from _files(self._folder / TEMPLATES_FOLDER)
        yield from [*self._opened_letters]


def _files(folder: Path) -> Iterator[str]:
    """Yield the files below a folder, without hidden and lock files."""
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif not entry.name.startswith((OFFICE_OWNER_PREFIX, ".")):
                        yield entry.path
        except OSError:
            continue
