"""Links to letters as cells of the register hold them."""

from __future__ import annotations

import re

from merge.excel.patching import Formula, NewValue
from merge.register.layouts import RegisterColumn
from merge.register.records import WrittenValue

_ESCAPED_SIGNS = re.compile(r"[%#\[\]]")
"""What means something else in a link: an escape, a place in the file, another workbook."""

_LONGEST_LINK = 255
"""Characters of a text in a formula, and of a link (Excel's specifications and limits)."""


def link_formula(path: str) -> str:
    """Return a formula that opens a file, given its path from the workbook's folder.

    The path alone where it is too long for one.
    """
    target = _ESCAPED_SIGNS.sub(lambda found: f"%{ord(found[0]):02X}", path)
    if len(target) > _LONGEST_LINK:
        return path
    shown = "" if target == path else f',"{_quoted(path)}"'
    return f'=HYPERLINK("{_quoted(target)}"{shown})'


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def cell_value_to_write(column: RegisterColumn, value: WrittenValue) -> NewValue:
    """Return a value as a cell of the sheet's XML has it: a path becomes a link."""
    if column.kind == "link" and value:
        code = link_formula(str(value))
        return Formula(code[1:], str(value)) if code.startswith("=") else code
    return value
