"""A letter laid out by LibreOffice as it will print: one at a time, the last ones remembered."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from merge.page.desk import BusyError
from merge.printing.libreoffice import LibreOffice, private_folder

_PATIENCE = 30.0
"""Seconds in which somebody waits for the letter before theirs."""
_MOST = 12
"""Letters that are remembered, in memory only."""

_at_work = Lock()


class Layouts:
    """The letters of a campaign that were laid out last, as PDFs, by what they say."""

    def __init__(self) -> None:
        self._made: OrderedDict[bytes, bytes] = OrderedDict()

    def pdf(self, letter: bytes, libreoffice: LibreOffice) -> bytes:
        """Return a letter as a PDF, which takes seconds where it is not remembered.

        Raise StorageError where LibreOffice cannot make it, BusyError where it has no time.
        """
        key = hashlib.sha256(letter).digest()
        if key in self._made:
            return self._made[key]
        if not _at_work.acquire(timeout=_PATIENCE):
            raise BusyError
        try:
            if key not in self._made:
                self._made[key] = _laid_out(letter, libreoffice)
                while len(self._made) > _MOST:
                    self._made.popitem(last=False)
            return self._made[key]
        finally:
            _at_work.release()


def _laid_out(letter: bytes, libreoffice: LibreOffice) -> bytes:
    with private_folder() as folder:  # the next start removes it, should this one be killed
        name = Path("letter.docx")
        made = libreoffice.to_pdf([name], folder, copy=lambda _name: letter)
        return made[0].read_bytes()
