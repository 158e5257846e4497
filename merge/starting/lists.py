"""Loops for lists whose lengths differ between letters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from merge.starting.alignment import Slot
from merge.starting.columns import Column, Edit
from merge.starting.draft import TemplateDraft, one_space
from merge.starting.letters import Unit
from merge.text.pairing import common_prefix_length

_LONGEST_ITEM = 160
_MARKS = ".,;:!?"


def find_lists(draft: TemplateDraft) -> None:
    """Replace the paragraphs of such lists by one slot with a loop."""
    runs = [(is_item, [*run]) for is_item, run in groupby(draft.slots, _may_be_item)]
    slots: list[Slot] = []
    for is_item, run in runs:
        slots += [_list_slot(draft, run)] if is_item and _is_list(draft, run) else run
    draft.slots[:] = slots


def _may_be_item(slot: Slot) -> bool:
    """Return whether a slot is a short paragraph that differs."""
    units = [unit for unit in slot.units if unit]
    is_plain = all(
        unit.zone == "body" and len(unit.text) <= _LONGEST_ITEM and not unit.separator
        for unit in units
    )
    is_alike = all(slot.mask) and len({unit.plain for unit in units}) == 1
    return is_plain and not is_alike and not slot.edits


def _is_list(draft: TemplateDraft, run: Sequence[Slot]) -> bool:
    columns = [_units_of(run, number) for number in range(draft.count)]
    lengths = {len(units) for units in columns}
    units = [unit for column in columns for unit in column]
    if len(lengths) == 1 or 0 in lengths or max(lengths) < 2 or len(units) < 3:
        return False
    is_whole = len({id(unit.element) for unit in units}) == len(units)
    is_close = all(not unit.blanks for column in columns for unit in column[1:])
    return is_whole and is_close and all(unit.holder is None for unit in units)


def _units_of(run: Sequence[Slot], number: int) -> list[Unit]:
    return [unit for slot in run if (unit := slot.units[number])]


def _list_slot(draft: TemplateDraft, run: Sequence[Slot]) -> Slot:
    """Return the slot of a loop; its column has a line for each item."""
    items = [_units_of(run, number) for number in range(draft.count)]
    texts = [unit.text for units in items for unit in units]
    first, last = min(texts), max(texts)
    head = _whole_words(first[: common_prefix_length(first, last)])
    marks = {text[len(text.rstrip(_MARKS)) :] for text in texts}
    tail = marks.pop() if len(marks) == 1 else ""
    values = [
        "\n".join(one_space(u.text[len(head) : len(u.text) - len(tail)]) for u in units)
        for units in items
    ]
    column = Column(draft.table.owner(values), "List", values, "list")
    return _loop(draft.table.ensure(column), items, len(head), len(tail))


def _loop(column: Column, items: list[list[Unit]], head: int, tail: int) -> Slot:
    slot = Slot([units[0] for units in items], loop=column, items=items)
    slot.edits.append(Edit(head, len(slot.first.text) - tail, "{{ item }}"))
    return slot


def find_cell_list(draft: TemplateDraft, column: Column) -> None:
    """Replace the paragraphs that are the lines of a cell by a loop."""
    lines = column.values[0].split("\n")
    for start in range(len(draft.slots) - len(lines) + 1):
        run = draft.slots[start : start + len(lines)]
        if len(lines) > 1 and all(map(_is_line, run, lines)):
            units = [slot.first for slot in run]
            head = units[0].text.index(lines[0])
            tail = len(units[0].text) - head - len(lines[0])
            draft.slots[start : start + len(lines)] = [_loop(column, [units], head, tail)]
            return


def _is_line(slot: Slot, line: str) -> bool:
    before, found, after = slot.first.text.partition(line)
    return bool(found) and not any(map(str.isalnum, before + after))


def _whole_words(text: str) -> str:
    """Return the beginning of a text up to its last space or mark."""
    end = len(text)
    while end and text[end - 1].isalnum():
        end -= 1
    return text[:end]
