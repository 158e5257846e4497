"""A cell's text as it stands in an export -> tidy, and as it was meant if its accents broke."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from merge.intake.form_types import ExportRow
from merge.text.accents import repair_accents
from merge.text.folding import composed

_ENTITY = re.compile("&(?:amp|lt|gt|quot|apos|nbsp|#0?39|#34);")
_FORMULA_MASK = re.compile(r"'(?=[=+\-@])")
"""What exporting programs put before a text that Excel would take for a formula."""
_SPACES_WITHIN = re.compile("(?<=\\S)  +(?=\\S)")
_INVISIBLE_CHARACTERS = (
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
"""Marks of direction, and what has no width: Unicode 16, 23.2."""
_STRIPPED_AT_ENDS = _INVISIBLE_CHARACTERS + " \t\xa0"

ROWS_KEPT_AS_TYPED = 40
"""Among these the headings stand; they are kept letter by letter as well."""


def tidy_row(
    number: int, texts: Iterable[str], *, is_hidden: bool = False, is_misquoted: bool = False
) -> ExportRow:
    """Return a row with its cells tidied, and what tidying would lose beside them."""
    cells: list[str] = []
    mended: dict[int, str] = {}
    spaced: dict[int, str] = {}
    originals = [*texts]
    for column, text in enumerate(originals):
        if text.isascii() and text.isprintable() and _is_plain(text):
            cells.append(text)
            continue
        right = repair_accents(text)  # first: à is Ã and a no-break space there
        if right:
            mended[column] = tidy_text(right)
        shown = _without_masks(text)
        cells.append(tidy_text(shown))
        if "  " in shown and _SPACES_WITHIN.search(shown):
            spaced[column] = _tidy_lines(_SPACES_WITHIN.sub("\0", shown)).replace("\0", "  ")
    typed = dict[int, str]()
    if number <= ROWS_KEPT_AS_TYPED:
        typed = {n: t for n, t in enumerate(originals) if t != cells[n]}
    return ExportRow(
        number,
        tuple(cells),
        is_hidden=is_hidden,
        is_misquoted=is_misquoted,
        repaired_cells=mended,
        spaced_cells=spaced,
        original_cells=typed,
    )


def _is_plain(text: str) -> bool:
    """Return whether nothing is to be tidied in a text of printable ASCII."""
    if not text:
        return True
    ends = text[0] + text[-1]
    return " " not in ends and "  " not in text and "&" not in text and text[0] != "'"


def tidy_text(text: str) -> str:
    """Return a cell's text composed (NFC), without masks, spare spaces and marks at its ends."""
    return _tidy_lines(_without_masks(text))


def _without_masks(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    inner = text.lstrip(_STRIPPED_AT_ENDS)
    return inner[1:] if _FORMULA_MASK.match(inner) else text


def _tidy_lines(text: str) -> str:
    lines = composed(text).splitlines()
    kept = [
        " ".join(line.strip(_STRIPPED_AT_ENDS).split()).strip(_STRIPPED_AT_ENDS) for line in lines
    ]
    return "\n".join(kept).strip("\n")
