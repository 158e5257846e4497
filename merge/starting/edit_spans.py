"""Places of the edits of a text in each letter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from merge.starting.alignment import Slot
from merge.starting.columns import Edit
from merge.starting.differences import occurrences
from merge.starting.letters import Unit

_SAME_SHAPE = str.maketrans("‘’ʼ`“”„«»\u00a0\u202f\u2010\u2011—", '\'\'\'\'"""""  ---')


def edit_spans(slot: Slot, unit: Unit, number: int) -> list[tuple[tuple[int, int], Edit]]:
    """Return where the edits of a slot are in the text of one letter."""
    edits = sorted(slot.edits, key=lambda edit: (edit.start, edit.end))
    if unit is slot.first:
        return [((edit.start, edit.end), edit) for edit in edits]
    limits = [0, *(n for edit in edits for n in (edit.start, edit.end)), len(slot.first.text)]
    fixed = [slot.first.text[a:b] for a, b in zip(limits[::2], limits[1::2], strict=True)]
    between = _between(unit.text, fixed)
    if between:
        return [*zip(between, edits, strict=True)]
    found, position = [], 0
    for edit in edits:
        value = edit.column.values[number] if edit.column else ""
        places = occurrences(unit.text, value) if value else []
        place = next(((start, end) for start, end in places if start >= position), None)
        if place:
            found.append((place, edit))
            position = place[1]
    return found


def _between(text: str, fixed: Sequence[str]) -> list[tuple[int, int]]:
    """Return what is between fixed texts; nothing if one of them is missing."""
    text = text.translate(_SAME_SHAPE)
    parts = [part.translate(_SAME_SHAPE) for part in fixed]
    ends = [(0, len(parts[0]))]
    for part in parts[1:-1]:
        start = text.find(part, ends[-1][1])
        ends.append((start, start + len(part)))
    ends.append((len(text) - len(parts[-1]), len(text)))
    is_whole = text.startswith(parts[0]) and text.endswith(parts[-1])
    spans = [(left[1], right[0]) for left, right in pairwise(ends)]
    is_ordered = all(start >= 0 for start, _ in ends) and all(a <= b for a, b in spans)
    return spans if is_whole and is_ordered else []
