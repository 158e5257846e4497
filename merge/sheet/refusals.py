"""The words for a workbook that cannot be read, for those who read its parts."""

from __future__ import annotations

from merge.ooxml.kinds import EXCEL

damaged = EXCEL.damaged
too_large = EXCEL.too_large
odd = EXCEL.odd
