"""Links to letters as the cells of the register contain them."""

from __future__ import annotations

import re

from merge.excel.patching import Formula, NewValue
from merge.register.layouts import RegisterColumn
from merge.register.records import WrittenValue

_ESCAPED_SIGNS = re.compile(r"[%#\[\]]")
"""Characters that have a special meaning in a link.

They are an escape, a place in the file, and another workbook.
"""

_LONGEST_LINK = 255
"""Characters of a formula's text and of a link.

Source: Excel specifications and limits.
"""


def link_formula(path: str) -> str:
    """Return an Excel formula that opens a file at a path from the workbook.

    Return only the path if it is too long for a link.
    """
    target = _ESCAPED_SIGNS.sub(lambda match: f"%{ord(match[0]):02X}", path)
    if len(target) > _LONGEST_LINK:
        return path
    label = "" if target == path else f',"{_quoted(path)}"'
    return f'=HYPERLINK("{_quoted(target)}"{label})'


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def cell_value_to_write(column: RegisterColumn, value: WrittenValue) -> NewValue:
    """Return the value for a cell in the sheet's XML; a path becomes a link."""
    if column.kind == "link" and value:
        formula = link_formula(str(value))
        return Formula(formula[1:], str(value)) if formula.startswith("=") else formula
    return value
