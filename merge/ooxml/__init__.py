"""Office Open XML, the format of Word and Excel files.

The modules read and write the zip of a file, its parts, relationships, text and fields. This one
has the XML namespaces and the characters that XML cannot hold. Sources: ECMA-376 part 1, annex A,
and part 2, annex D; for Strict Open XML, ISO/IEC 29500-1, annex A. No XML parser is loaded here.
"""

from __future__ import annotations

import re

WORDPROCESSINGML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
RELATIONSHIPS = f"{OFFICE}/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STRICT_PREFIX = "http://purl.oclc.org/ooxml"
"""Start of the namespaces of Strict Open XML."""

SPREADSHEETML = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    f"{STRICT_PREFIX}/spreadsheetml/main",
)
XMLNS_W = f'xmlns:w="{WORDPROCESSINGML}"'

XML_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML document can hold (XML 1.0, production 2)."""
