"""A letter laid out by LibreOffice as it will print: one at a time, the last ones remembered."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from merge.errors import StorageError
from merge.page.session import BusyError
from merge.printing.libreoffice import LibreOffice, layout_failed

_QUEUE_SECONDS = 30.0
"""Seconds in which somebody waits for the letter before theirs."""
_MAX_PDFS = 12
"""Letters that are remembered, in memory only."""

_conversion_lock = Lock()


class PdfCache:
    """The letters of a campaign that were laid out last, as PDFs, by what they say."""

    def __init__(self) -> None:
        self._pdfs: OrderedDict[bytes, bytes] = OrderedDict()

    def pdf(
        self, letter: bytes, libreoffice: LibreOffice, check: Callable[[], object] = lambda: None
    ) -> bytes:
        """Return a letter as a PDF, which takes seconds where it is not remembered.

        Raise StorageError where LibreOffice cannot make it, BusyError where it has no time; and
        what `check` raises, which is called meanwhile.
        """
        key = hashlib.sha256(letter).digest()
        if key in self._pdfs:
            return self._pdfs[key]
        if not _conversion_lock.acquire(timeout=_QUEUE_SECONDS):
            raise BusyError
        try:
            if key not in self._pdfs:
                self._pdfs[key] = _convert(letter, libreoffice, check)
                while len(self._pdfs) > _MAX_PDFS:
                    self._pdfs.popitem(last=False)
            return self._pdfs[key]
        finally:
            _conversion_lock.release()


def _convert(letter: bytes, libreoffice: LibreOffice, check: Callable[[], object]) -> bytes:
    (made,) = libreoffice.convert_to_pdfs([(letter, 1)], check)
    if made is None:
        raise StorageError(layout_failed("letter.docx"))
    return made
