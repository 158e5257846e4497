"""Letters side by side: which pieces of text say the same in each.

Texts are aligned by their words, lines of an address and of a signature by their kinds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby
from typing import TypeVar

from merge.starting.columns import Column, Edit
from merge.starting.letters import Letter, Unit
from merge.text.folding import folded_words

_BLOCK_ZONES = ("address", "signature", "sender")
_LEAST_SIMILARITY = 0.4
_MOST_COMPARED = 4
"""Maximum number of texts of a row that are compared with another."""
_SHORT_TEXT = 70
"""Characters below which two different lines may hold the same place."""
_PARTS = ("header", "body", "footer", "footnotes", "endnotes")

_Item = TypeVar("_Item")


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
        flows = [_flow(letter, part) for letter in letters]
        rows = [[item, *[None] * (len(letters) - 1)] for item in flows[0]]
        for number in range(1, len(letters)):
            rows = _add_letter(rows, flows[number], number)
        for row in rows:
            if any(isinstance(item, tuple) for item in row):
                slots += _align_lines([item if isinstance(item, tuple) else () for item in row])
            else:
                slots.append(Slot([item if isinstance(item, Unit) else None for item in row]))
    return slots


_FlowItem = Unit | tuple[Unit, ...]
_Row = list[_FlowItem | None]


def _flow(letter: Letter, part: str) -> list[_FlowItem]:
    """Return the units of a part; an address or signature is one item."""
    units = [unit for unit in letter.units if unit.part == part]
    flow: list[_FlowItem] = []
    for zone, group in groupby(units, key=lambda unit: unit.zone):
        block = tuple(group)
        is_block = zone in _BLOCK_ZONES and (zone != "sender" or len(block) > 1)
        flow += [block] if is_block else block
    return flow


def _best_pairs(
    rows: range, items: range, similarity: Callable[[int, int], float]
) -> list[tuple[int, int]]:
    """Return pairs of numbers in order, with the greatest similarity."""
    height, width = len(rows), len(items)
    sims = [[similarity(row, item) for item in items] for row in rows]
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for i in reversed(range(height)):
        for j in reversed(range(width)):
            paired = sims[i][j] + best[i + 1][j + 1] if sims[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs, i, j = [], 0, 0
    while i < height and j < width:
        if sims[i][j] and best[i][j] == sims[i][j] + best[i + 1][j + 1]:
            pairs.append((rows[i], items[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _merge_pairs(
    rows: Sequence[_Item],
    count: int,
    pairs: Iterable[tuple[int, int]],
    join: Callable[[list[_Item], list[int]], list[_Item]],
    add: Callable[[_Item, int], None],
) -> list[_Item]:
    """Return rows with the items of a further letter in their places."""
    merged: list[_Item] = []
    row_start = item_start = 0
    for row, item in (*pairs, (len(rows), count)):
        merged += join([*rows[row_start:row]], [*range(item_start, item)])
        if row < len(rows):
            add(rows[row], item)
            merged.append(rows[row])
        row_start, item_start = row + 1, item + 1
    return merged


def _add_letter(rows: list[_Row], items: Sequence[_FlowItem], number: int) -> list[_Row]:
    width = len(rows[0]) if rows else number + 1

    different = [_different_items(row) for row in rows]

    def similarity(row: int, item: int) -> float:
        known = (_similarity(other, items[item]) for other in different[row])
        value = max(known, default=0.0)
        return value if value >= _LEAST_SIMILARITY else 0.0

    def add(row: _Row, item: int) -> None:
        row[number] = items[item]

    def join(lone: list[_Row], new: list[int]) -> list[_Row]:
        if lone and len(lone) == len(new) and _may_be_pairs(lone, [items[n] for n in new]):
            for row, item in zip(lone, new, strict=True):
                row[number] = items[item]
            return lone
        return [*lone, *([*[None] * number, items[n], *[None] * (width - number - 1)] for n in new)]

    pairs: list[tuple[int, int]] = []
    row_start = item_start = 0
    for row, item in (*_equal_pairs(different, items), (len(rows), len(items))):
        pairs += _best_pairs(range(row_start, row), range(item_start, item), similarity)
        pairs += [(row, item)] if row < len(rows) else []
        row_start, item_start = row + 1, item + 1
    return _merge_pairs(rows, len(items), pairs, join, add)


def _equal_pairs(
    rows: Sequence[Sequence[_FlowItem]], items: Sequence[_FlowItem]
) -> list[tuple[int, int]]:
    """Return pairs of equal texts that occur only once, in order.

    Only the texts between them need comparing, which takes long.
    """
    of_rows, of_items = _only_places(rows), _only_places([[item] for item in items])
    first = [key for key in of_rows if key in of_items]
    second = [key for key in of_items if key in of_rows]
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    common = [first[block.a + n] for block in blocks for n in range(block.size)]
    by_row = {of_rows[key]: of_items[key] for key in reversed(common)}
    return sorted(by_row.items())


def _only_places(flow: Iterable[Sequence[_FlowItem]]) -> dict[tuple[str, str], int]:
    """Return texts that occur once, with their numbers, in order."""
    places = [
        ((item.zone if item.zone in _FIXED_ZONES else "", item.plain), number)
        for number, items in enumerate(flow)
        for item in items
        if isinstance(item, Unit)
    ]
    counts = Counter(key for key, _ in places)
    return {key: number for key, number in places if counts[key] == 1}


def _different_items(row: _Row) -> list[_FlowItem]:
    """Return the first few items of a row that differ."""
    items = [item for item in row if item is not None]
    by_text = {item.plain if isinstance(item, Unit) else "": item for item in reversed(items)}
    return [*by_text.values()][-_MOST_COMPARED:]


def _may_be_pairs(rows: Sequence[_Row], items: Sequence[_FlowItem]) -> bool:
    """Return whether rows and items without a partner may be pairs."""
    others = [item for row in rows for item in row if item is not None] + [*items]
    if not all(isinstance(item, Unit) for item in others):
        return False
    for row, item in zip(rows, items, strict=True):
        zones = {unit.zone for unit in (*row, item) if isinstance(unit, Unit)}
        if len(zones) > 1 and zones & _FIXED_ZONES:
            return False
    is_short = all(isinstance(item, Unit) and len(item.text) < _SHORT_TEXT for item in others)
    return len(items) == 1 or is_short


_FIXED_ZONES = {"salutation", "closing", "date", "label"}
"""Zones whose units are only aligned with their like."""


def _similarity(first: _FlowItem, second: _FlowItem) -> float:
    if isinstance(first, tuple) or isinstance(second, tuple):
        are_blocks = isinstance(first, tuple) and isinstance(second, tuple)
        return float(are_blocks and first[0].zone == second[0].zone)  # type: ignore[index]
    if first.zone != second.zone and {first.zone, second.zone} & _FIXED_ZONES:
        return 0.0
    if first.plain == second.plain:
        return 1.0
    if first.zone == second.zone and first.zone in {*_FIXED_ZONES, "subject"}:
        return 0.9
    return _words_in_common(first.text, second.text)


def _words_in_common(first: str, second: str) -> float:
    """Return the share of the words that two texts have in common, by length."""
    (one, one_size), (two, two_size) = sorted(
        (_word_counts(first), _word_counts(second)), key=lambda counts: counts[1]
    )
    if 2 * one_size < _LEAST_SIMILARITY * (one_size + two_size):
        return 0.0  # one text is much shorter
    common = sum(len(word) * min(count, two.get(word, 0)) for word, count in one.items())
    return 2 * common / (one_size + two_size) if one_size else 0.0


@lru_cache(maxsize=4096)
def _word_counts(text: str) -> tuple[Mapping[str, int], int]:
    """Return the words of a text with their counts, and the length of all."""
    counts = Counter(folded_words(text))
    return counts, sum(len(word) * count for word, count in counts.items())


def _align_lines(blocks: Sequence[tuple[Unit, ...]]) -> list[Slot]:
    """Return the lines of address blocks side by side, by their kinds."""
    width = len(blocks)
    slots = [Slot([unit, *[None] * (width - 1)]) for unit in blocks[0]]
    for number in range(1, width):
        slots = _add_lines(slots, blocks[number], number, width)
    return slots


def _add_lines(slots: list[Slot], lines: Sequence[Unit], number: int, width: int) -> list[Slot]:
    def join(lone: list[Slot], new: list[int]) -> list[Slot]:
        before, after = [None] * number, [None] * (width - number - 1)
        return [*lone, *(Slot([*before, lines[n], *after]) for n in new)]

    def add(slot: Slot, item: int) -> None:
        slot.units[number] = lines[item]

    def similarity(row: int, item: int) -> float:
        return _line_similarity(slots[row], lines[item])

    pairs = _best_pairs(range(len(slots)), range(len(lines)), similarity)
    return _merge_pairs(slots, len(lines), pairs, join, add)


def _line_similarity(slot: Slot, unit: Unit) -> float:
    if any(other and other.plain == unit.plain for other in slot.units):
        return 2.0
    if any(other and other.kind == unit.kind != "line" for other in slot.units):
        return 0.9 + (unit.kind == "name")
    kinds = {unit.kind, slot.first.kind}
    return 0.2 if "line" in kinds and "name" not in kinds else 0.0
