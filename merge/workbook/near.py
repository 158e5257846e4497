"""What was meant: the known word nearest to another."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from merge.naming import folded


def nearest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """The known word that looks most like this one, as it is written; empty where none does."""
    by_folded = {folded(k): k for k in known}
    found = difflib.get_close_matches(folded(word), by_folded, n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else ""


def listed(words: Iterable[str], most: int = 8) -> str:
    """Words in a sentence, in quotes, the first few of many."""
    every = [f"'{' '.join(w.split())}'" for w in words]
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
