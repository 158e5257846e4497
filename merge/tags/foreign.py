"""Text that looks like a tag of another program, or like half of one of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from merge.model import Level, Place, Problem
from merge.tags.columns import Columns

_NAME = r"[^\W\d][\w .'-]{0,40}?"
_LOOKS = re.compile(
    rf"(?<![{{\w])\{{\s*(?P<brace>{_NAME})\s*\}}(?![}}\w])"
    rf"|\{{ +\{{\s*(?P<apart>{_NAME})\s*\}} +\}}"
    rf"|«\s*(?P<guillemets>{_NAME})\s*»"
    rf"|<<\s*(?P<angles>{_NAME})\s*>>"
    rf"|\[\s*(?P<square>[A-Z][A-Z0-9_ ]{{1,40}})\s*\]"
    rf"|(?<![\w$])\$\{{\s*(?P<dollar>{_NAME})\s*\}}"
    rf"|%%?(?P<percent>[A-Z_]{{3,30}})%%?(?!\w)"
)
"""docxtemplater's, a tag with spaces, typed merge fields, placeholders of other merge programs."""

_HINTS = re.compile(r"[{«\[%]|<<")
_QUOTED = re.compile(r"«[^»]* [^»]*»")
"""A quotation in French or Russian is no placeholder."""


def foreign_tags(text: str, columns: Columns, place: Place) -> Iterator[Problem]:
    """Other programs' tags: an error where a column has that name, else a doubt."""
    if not _HINTS.search(text):
        return
    for found in _LOOKS.finditer(text):
        if _QUOTED.fullmatch(found.group()):
            continue
        name = next(word for word in found.groups() if word)
        what = (
            f'"{found.group()}" looks like a tag of another program, which is not filled in here.'
        )
        hint = f"If it is to be filled in, write {columns.suggestion(name)}."
        level: Level = "error" if columns.knows(name) else "warning"
        yield Problem("tag-foreign", place, what, hint, level)
