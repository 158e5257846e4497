"""Every text that lies in a file, for tests that search it for what may not be there."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator


def texts_in(data: bytes) -> Iterator[str]:
    """Every text that bytes may hold, with the names of zips' members, which are opened."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield member
                yield from texts_in(archive.read(member))
    else:
        for coding in ("utf-8", "utf-16-le"):
            text = data.decode(coding, errors="ignore")
            yield text
            yield re.sub("<[^>]*>", "", text)
