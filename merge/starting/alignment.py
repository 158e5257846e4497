"""Letters side by side: the texts that have the same place in each.

Texts are aligned by their words, lines of an address and of a signature by their kinds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from merge.starting.columns import Column, Edit
from merge.starting.letters import Letter, Unit
from merge.text.folding import folded_words
from merge.text.pairing import best_pairs

_BLOCK_ZONES = {"address", "signature", "sender"}
_FIXED_ZONES = {"salutation", "closing", "date", "label"}
"""Zones whose units are only aligned with their like."""
_LEAST_SIMILARITY = 0.4
_MAX_COMPARISONS = 40_000
"""Pairs of texts that are compared; else only their order counts."""
_SHORT_TEXT = 70
"""Characters below which two different lines may have the same place."""
_PARTS = ("header", "body", "footer", "footnotes", "endnotes")


@dataclass(eq=False, slots=True)
class Slot:
    """One place of the letters: the unit of each letter, or None.

    `edits` replace parts of the text of its first unit. `guard` is the column that says which
    letters have it. If the slot is a list, `loop` is the column with its items, and `items` are the
    units of each letter.
    """

    units: list[Unit | None]
    edits: list[Edit] = field(default_factory=list)
    guard: Column | None = None
    loop: Column | None = None
    items: list[list[Unit]] = field(default_factory=list)

    @property
    def first(self) -> Unit:
        """The unit of the first letter that has one."""
        return next(unit for unit in self.units if unit)

    @property
    def mask(self) -> tuple[bool, ...]:
        """Whether each letter has a unit here."""
        return tuple(unit is not None for unit in self.units)

    @property
    def texts(self) -> list[str]:
        """The text of each letter, empty if it has none."""
        return [unit.text if unit else "" for unit in self.units]


def align_letters(letters: Sequence[Letter]) -> list[Slot]:
    """Return the places of all letters in the order of the first letter."""
    slots: list[Slot] = []
    for part in _PARTS:
        rows: list[Slot] = []
        for number, letter in enumerate(letters):
            units = [unit for unit in letter.units if unit.part == part]
            rows = _with_letter(rows, units, number, len(letters))
        slots += rows
    return slots


def _with_letter(
    rows: Sequence[Slot], units: Sequence[Unit], number: int, count: int
) -> list[Slot]:
    """Return rows with the units of a further letter in their places."""
    merged: list[Slot] = []
    row_start = unit_start = 0
    for row, unit in (*_pairs(rows, units), (len(rows), len(units))):
        lone, new = rows[row_start:row], units[unit_start:unit]
        pairs = _lone_pairs(lone, new)
        added = [] if pairs else [(Slot([None] * count), other) for other in new]
        last = zip(rows[row : row + 1], units[unit : unit + 1], strict=True)
        for slot, other in (*pairs, *added, *last):
            slot.units[number] = other
        merged += [*lone, *(slot for slot, _ in added), *rows[row : row + 1]]
        row_start, unit_start = row + 1, unit + 1
    return merged


def _pairs(rows: Sequence[Slot], units: Sequence[Unit]) -> Iterator[tuple[int, int]]:
    """Yield pairs of equal texts, and between them those of similar ones."""
    row_start = unit_start = 0
    for row, unit in (*_equal_pairs(rows, units), (len(rows), len(units))):
        lone, new = rows[row_start:row], units[unit_start:unit]
        if len(lone) * len(new) <= _MAX_COMPARISONS:
            pairs = best_pairs(lone, new, _similarity)
        else:
            both = enumerate(zip(lone, new, strict=False))
            pairs = [(n, n) for n, (slot, other) in both if _similarity(slot, other)]
        yield from ((row_start + n, unit_start + m) for n, m in pairs)
        if row < len(rows):
            yield row, unit
        row_start, unit_start = row + 1, unit + 1


def _equal_pairs(rows: Sequence[Slot], units: Sequence[Unit]) -> list[tuple[int, int]]:
    """Return pairs of equal texts that occur only once, in order."""
    places, others = _only_places([slot.units for slot in rows]), _only_places([[u] for u in units])
    texts = [*places]
    blocks = SequenceMatcher(None, texts, [*others], autojunk=False).get_matching_blocks()
    common = [text for block in blocks for text in texts[block.a : block.a + block.size]]
    return sorted({places[text]: others[text] for text in reversed(common)}.items())


def _only_places(rows: Sequence[Sequence[Unit | None]]) -> dict[tuple[str, str], int]:
    """Return texts outside addresses that only one row has, with its number."""
    found = dict.fromkeys(
        ((unit.zone if unit.zone in _FIXED_ZONES else "", unit.plain), number)
        for number, row in enumerate(rows)
        for unit in reversed(row)
        if unit and unit.zone not in _BLOCK_ZONES
    )
    counts = Counter(text for text, _ in found)
    return {text: number for text, number in found if counts[text] == 1}


def _lone_pairs(rows: Sequence[Slot], units: Sequence[Unit]) -> list[tuple[Slot, Unit]]:
    """Return pairs of texts without a partner, if both have as many."""
    pairs = [*zip(rows, units, strict=False)]
    zones = [{slot.first.zone, unit.zone} for slot, unit in pairs]
    are_alike = all(len(both) == 1 or not both & _FIXED_ZONES for both in zones)
    is_short = all(max(len(s.first.text), len(u.text)) < _SHORT_TEXT for s, u in pairs)
    in_blocks = any(both & _BLOCK_ZONES for both in zones)
    may_be_pairs = len(rows) == len(units) and are_alike and not in_blocks
    return pairs if may_be_pairs and (is_short or len(pairs) == 1) else []


def _similarity(slot: Slot, unit: Unit) -> float:
    """Return how likely a unit has its place in a slot; 0 if it has not."""
    first = slot.first
    zones = {first.zone, unit.zone}
    if zones & _BLOCK_ZONES:
        return _line_similarity(slot, unit) if len(zones) == 1 else 0.0
    if len(zones) == 2 and zones & _FIXED_ZONES:
        return 0.0
    if first.plain == unit.plain:
        return 1.0
    if zones <= {*_FIXED_ZONES, "subject"}:
        return 0.9
    one, other = _numbered_words(first.text), _numbered_words(unit.text)
    share = 2 * len(one & other) / (len(one) + len(other) or 1)
    return share if share >= _LEAST_SIMILARITY else 0.0


@lru_cache(maxsize=4096)
def _numbered_words(text: str) -> frozenset[str]:
    """Return the words of a text, repeated ones by number: `the 0`, `the 1`."""
    counts = Counter(folded_words(text))
    return frozenset(f"{word} {n}" for word, count in counts.items() for n in range(count))


def _line_similarity(slot: Slot, unit: Unit) -> float:
    if any(other and other.plain == unit.plain for other in slot.units):
        return 2.0
    if any(other and other.kind == unit.kind != "line" for other in slot.units):
        return 0.9 + (unit.kind == "name")
    kinds = {unit.kind, slot.first.kind}
    return 0.2 if "line" in kinds and "name" not in kinds else 0.0
