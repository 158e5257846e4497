"""All texts in a file, for tests that search for forbidden words."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

_END_OF_CELL = re.compile("</(?:si|is|c)>")
"""Ends of cells and shared texts: the texts of two cells are not one."""


def texts_in(data: bytes) -> Iterator[str]:
    """Yield every text that bytes may contain.

    The members of a zip are opened, and their names are included.
    """
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield member
                yield from texts_in(archive.read(member))
    else:
        for coding in ("utf-8", "utf-16-le"):
            text = data.decode(coding, errors="ignore")
            yield text
            yield re.sub("<[^>]*>", "", _END_OF_CELL.sub("\n", text))
