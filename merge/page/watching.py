"""Whether a campaign's files changed: they are looked at again and again, not listened to.

Looking is cheap and works on network drives and synchronised folders, where events do not arrive.
A file that is being saved changes from look to look: news are told when several looks agree.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from merge.campaign.places import WORKBOOK_FILE
from merge.disk import OFFICE_OWNER, FileState, file_state, owner_files
from merge.product import LETTERS_FOLDER, REGISTER_FILE, TEMPLATES_FOLDER
from merge.workbook.reading import LIST_FILE

_OWNERS = (*owner_files(LIST_FILE), *owner_files(REGISTER_FILE))
PAUSE = 0.25
"""Seconds between two looks at the few files; the letters get twenty times their own time."""
_SHARE = 20
_ALIKE = 3
"""Looks that agree where a file has come to rest: until then it is not opened."""

Sighting = tuple[int, dict[str, FileState | None]]
"""A number that stands for all letters, and the few files."""


class FolderWatch:
    """Looks at the files of a campaign; `has_news` is to be called every `PAUSE` seconds.

    `closely` are paths of letters that are looked at each time: somebody is at work in them.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        closely: Collection[str] = (),
    ) -> None:
        self._folder, self._clock, self._closely = folder, clock, closely
        self._letters, self._letters_due = 0, 0.0
        self._known = self._before = self._look()
        self._alike = 1
        """Looks on end that saw the same."""

    def has_news(self) -> bool:
        """Return whether something changed since the last `settle`, and has come to rest."""
        now = self._look()
        self._alike = self._alike + 1 if now == self._before else 1
        self._before = now
        return self.is_changing and self._alike >= _ALIKE

    @property
    def is_changing(self) -> bool:
        """Return whether the last `has_news` saw a change, at rest or not."""
        return self._before != self._known

    def settle(self) -> None:
        """Take all that is there now as known."""
        self._letters_due = 0.0
        self._known = self._before = self._look()

    def _look(self) -> Sighting:
        begun = self._clock()
        if begun >= self._letters_due:
            letters = _files(self._folder / LETTERS_FOLDER)
            self._letters = sum(hash((path, file_state(path))) for path in letters)
            self._letters_due = begun + max(PAUSE / 2, _SHARE * (self._clock() - begun))
        return self._letters, {path: file_state(path) for path in self._few()}

    def _few(self) -> Iterator[str]:
        """Yield workbook, list and register, what says that they are open, the templates."""
        for name in (WORKBOOK_FILE, LIST_FILE, REGISTER_FILE, *_OWNERS):
            yield str(self._folder / name)
        yield from _files(self._folder / TEMPLATES_FOLDER)
        yield from [*self._closely]


def _files(folder: Path) -> Iterator[str]:
    """Yield the files below a folder, but those of programs that have one of them open."""
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif not entry.name.startswith((OFFICE_OWNER, ".")):
                        yield entry.path
        except OSError:
            continue
