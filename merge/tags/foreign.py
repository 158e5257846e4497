"""Text that looks like a tag of another program, or like half of one of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from merge.naming import tag_name
from merge.tags.scan import Fault

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

_QUOTED = re.compile(r"«[^»]* [^»]*»")
"""A quotation in French or Russian is no placeholder."""


def foreign_tags(text: str) -> Iterator[tuple[str, Fault]]:
    """Each text that looks like another program's tag, after the name in it."""
    for found in _LOOKS.finditer(text):
        if _QUOTED.fullmatch(found.group()):
            continue
        name = next(word for word in found.groups() if word)
        what = f'"{found.group()}" looks like a tag of another program; it is printed as it is.'
        hint = f"If something is to be filled in here, write {{{{ {_dotted(name)} }}}}."
        yield name, Fault(found.start(), "tag-foreign", what, hint)


def _dotted(name: str) -> str:
    return ".".join(tag_name(part) for part in name.split(".")) or name
