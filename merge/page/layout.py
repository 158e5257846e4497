"""A letter laid out by LibreOffice as it will print: one at a time, the last ones remembered."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from merge.errors import StorageError
from merge.page.desk import BusyError
from merge.printing.libreoffice import LibreOffice, not_laid_out

_PATIENCE = 30.0
"""Seconds in which somebody waits for the letter before theirs."""
_MOST = 12
"""Letters that are remembered, in memory only."""

_at_work = Lock()


class Layouts:
    """The letters of a campaign that were laid out last, as PDFs, by what they say."""

    def __init__(self) -> None:
        self._made: OrderedDict[bytes, bytes] = OrderedDict()

    def pdf(
        self, letter: bytes, libreoffice: LibreOffice, check: Callable[[], object] = lambda: None
    ) -> bytes:
        """Return a letter as a PDF, which takes seconds where it is not remembered.

        Raise StorageError where LibreOffice cannot make it, BusyError where it has no time; and
        what `check` raises, which is called meanwhile.
        """
        key = hashlib.sha256(letter).digest()
        if key in self._made:
            return self._made[key]
        if not _at_work.acquire(timeout=_PATIENCE):
            raise BusyError
        try:
            if key not in self._made:
                self._made[key] = _laid_out(letter, libreoffice, check)
                while len(self._made) > _MOST:
                    self._made.popitem(last=False)
            return self._made[key]
        finally:
            _at_work.release()


def _laid_out(letter: bytes, libreoffice: LibreOffice, check: Callable[[], object]) -> bytes:
    (made,) = libreoffice.to_pdfs([(letter, 1)], check)
    if made is None:
        raise StorageError(not_laid_out("letter.docx"))
    return made
