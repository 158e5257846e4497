"""A cell -> Value: what Excel shows of it, or why it cannot be used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from merge.excel.display import printed, typed_value, warning
from merge.excel.format_codes import UnsupportedFormat
from merge.excel.reader import Cell, Scalar
from merge.model import BLANK, Place, Problem, Value

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document can hold (XML 1.0, production 2)."""

_UNSEEN = re.compile(r"[\s\u00ad\u200b\u200e\u200f\u2060\ufeff]*")
"""Blanks, and what is none but cannot be seen: soft hyphen, zero-width space, marks."""

_AS_TYPED = {"General", "@", ""}


def looks_blank(text: str) -> bool:
    """Nothing of the text can be seen."""
    return _UNSEEN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Values:
    """Makes a workbook's values. Equal cells give one Value: it cannot be changed."""

    file: str
    date1904: bool = False
    _made: dict[tuple[object, ...], Value] = field(default_factory=dict)

    def value(self, sheet: str, cell: Cell, language: str) -> Value:
        """The cell's value; days that each computer shows its own way follow the language."""
        # With its type, since 1 is 1.0 is TRUE to a dict.
        key = (type(cell.value), cell.value, cell.number_format, cell.format_id, language)
        found = None if cell.fault else self._made.get(key)
        if found is None:
            found = self._new(sheet, cell, language)
            if not found.fault:  # a fault has its own place
                self._made[key] = found
        return found

    def doubt(self, sheet: str, cell: Cell) -> Problem | None:
        """A warning where Excel shows a number as no reader wants it."""
        number = isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool)
        if not number or not cell.number_format:
            return None
        kind = _doubtful(cell.value, cell.number_format, date1904=self.date1904)
        return _doubt(kind, self._place(sheet, cell)) if kind else None

    def _new(self, sheet: str, cell: Cell, language: str) -> Value:
        if cell.fault:
            return Value(fault=self._fault(sheet, cell))
        try:
            if isinstance(cell.value, str):
                return self._text(sheet, cell, cell.value, language)
            return self._number(cell, language)
        except UnsupportedFormat:
            return Value(fault=_unsupported(self._place(sheet, cell), cell))

    def _text(self, sheet: str, cell: Cell, text: str, language: str) -> Value:
        if looks_blank(text):
            return Value(text) if text.isspace() else BLANK
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if forbidden := _FORBIDDEN.search(text):
            return Value(fault=_forbidden(self._place(sheet, cell), forbidden[0]))
        if cell.number_format in _AS_TYPED:
            return Value(text)
        # A format may add words to a text; the blanks that it pads with are nobody's.
        shown = self._printed(replace(cell, value=text), language)
        return Value(text if shown.strip() == text.strip() else shown)

    def _number(self, cell: Cell, language: str) -> Value:
        if not cell.number_format:
            raise UnsupportedFormat
        plain = typed_value(cell.value, cell.number_format, date1904=self.date1904)
        return Value(self._printed(cell, language), None if isinstance(plain, str) else plain)

    def _printed(self, cell: Cell, language: str) -> str:
        return printed(
            cell.value,
            cell.number_format,
            format_id=cell.format_id,
            language=language,
            date1904=self.date1904,
        )

    def _place(self, sheet: str, cell: Cell) -> Place:
        return Place(self.file, sheet, cell.column, cell.row)

    def _fault(self, sheet: str, cell: Cell) -> Problem:
        place = self._place(sheet, cell)
        if cell.fault == "no-value":
            what = "the result of this formula is not in the file."
            hint = "Open the workbook in Excel, save it and close it."
            return Problem("formula-without-value", place, what, hint)
        hint = "Mend the formula in this cell, or type what should stand there."
        return Problem("cell-error", place, f"this cell shows {cell.value}.", hint)


def _forbidden(place: Place, character: str) -> Problem:
    what = f"this cell holds a character that no letter can hold (U+{ord(character):04X})."
    hint = "Delete what is in the cell and type it anew."
    return Problem("character-forbidden", place, what, hint)


def _unsupported(place: Place, cell: Cell) -> Problem:
    name = f"'{cell.number_format}'" if cell.number_format else f"no. {cell.format_id}"
    what = f"the number format of this cell ({name}) cannot be printed."
    return Problem("format-unsupported", place, what, "Choose another format: Home, Number.")


@lru_cache(maxsize=1 << 16, typed=True)
def _doubtful(value: Scalar, code: str, *, date1904: bool) -> str | None:
    try:
        return warning(value, code, date1904=date1904)
    except UnsupportedFormat:  # a fault of the value already
        return None


def _doubt(kind: str, place: Place) -> Problem:
    hint = "Format the cell as Text or as Number, and look whether all its digits are right."
    if kind == "scientific":
        what = "this number is shown in short, like 1.23E+15."
        return Problem("number-scientific", place, what, hint, "warning")
    what = "Excel shows this number only as ####."
    hint = "Choose another format for the cell: Home, Number."
    return Problem("number-hashes", place, what, hint, "warning")
