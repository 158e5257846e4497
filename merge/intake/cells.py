"""Tidy texts of an export's cells, and repaired texts with broken accents."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from merge.intake.form_types import ExportRow
from merge.text.accents import repair_accents
from merge.text.folding import composed

_ENTITY = re.compile("&(?:amp|lt|gt|quot|apos|nbsp|#0?39|#34);")
_FORMULA_MASK = re.compile(r"'(?=[=+\-@])")
"""An apostrophe that exporting programs put before a text.

Without it, Excel would read the text as a formula."""
_SPACES_WITHIN = re.compile("(?<=\\S)  +(?=\\S)")
_INVISIBLE_CHARACTERS = (
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
"""Direction marks and characters without width: Unicode 16, 23.2."""
_STRIPPED_AT_ENDS = _INVISIBLE_CHARACTERS + " \t\xa0"

ROWS_KEPT_AS_TYPED = 40
"""Number of first rows that are also kept exactly as they are in the file.

The headings are among them."""


def tidy_row(
    number: int, texts: Iterable[str], *, is_hidden: bool = False, is_misquoted: bool = False
) -> ExportRow:
    """Return a row of an export with tidy cells, and what tidying would lose."""
    cells: list[str] = []
    mended: dict[int, str] = {}
    spaced: dict[int, str] = {}
    originals = [*texts]
    for column, text in enumerate(originals):
        if text.isascii() and text.isprintable() and _is_plain(text):
            cells.append(text)
            continue
        repaired = repair_accents(text)  # before tidying, as a broken à is Ã and a no-break space
        if repaired:
            mended[column] = tidy_text(repaired)
        unmasked = _without_masks(text)
        cells.append(tidy_text(unmasked))
        if "  " in unmasked and _SPACES_WITHIN.search(unmasked):
            spaced[column] = _tidy_lines(_SPACES_WITHIN.sub("\0", unmasked)).replace("\0", "  ")
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
    """Return True if a text of printable ASCII needs no tidying."""
    if not text:
        return True
    ends = text[0] + text[-1]
    return " " not in ends and "  " not in text and "&" not in text and text[0] != "'"


def tidy_text(text: str) -> str:
    """Return a text in NFC, without masks, extra spaces and invisible ends."""
    return _tidy_lines(_without_masks(text))


def _without_masks(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda match: unescape(match[0]), text)
    inner = text.lstrip(_STRIPPED_AT_ENDS)
    return inner[1:] if _FORMULA_MASK.match(inner) else text


def _tidy_lines(text: str) -> str:
    lines = composed(text).splitlines()
    tidied = [
        " ".join(line.strip(_STRIPPED_AT_ENDS).split()).strip(_STRIPPED_AT_ENDS) for line in lines
    ]
    return "\n".join(tidied).strip("\n")
