"""Letters as PDFs by LibreOffice: one at a time, the latest are cached."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from merge.errors import StorageError
from merge.page.session import BusyError
from merge.printing.libreoffice import LibreOffice, layout_failed

_QUEUE_SECONDS = 30.0
"""Seconds to wait for another letter that is being converted."""
_MAX_PDFS = 12
"""Letters in the cache, in memory only."""

_conversion_lock = Lock()


class PdfCache:
    """The latest PDFs of a campaign's letters, by the letters' content."""

    def __init__(self) -> None:
        self._pdfs: OrderedDict[bytes, bytes] = OrderedDict()

    def pdf(
        self, letter: bytes, libreoffice: LibreOffice, check: Callable[[], object] = lambda: None
    ) -> bytes:
        """Return a letter's PDF from the cache, or from LibreOffice after seconds.

        Raise StorageError if LibreOffice cannot create it, and BusyError if it is busy with other
        letters. `check` is called in the meantime, and its errors are raised.
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
    (pdf,) = libreoffice.convert_to_pdfs([(letter, 1)], check)
    if pdf is None:
        raise StorageError(layout_failed("letter.docx"))
    return pdf
