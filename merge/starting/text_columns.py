"""Columns for the differences in a text, with their headings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from merge.naming import nearest_word
from merge.ooxml.wordml import OBJECT
from merge.starting.address_lines import HEADINGS, likely_kind, line_label
from merge.starting.alignment import Slot
from merge.starting.columns import Column, Edit, optional_edit, value_edit
from merge.starting.differences import Gap, Token, find_gaps, split_texts
from merge.starting.draft import TemplateDraft, around, one_space
from merge.starting.letters import HEAD_ZONES
from merge.starting.words import pronoun_pair, words
from merge.text.folding import folded
from merge.text.pairing import common_prefix_length

_LONGEST_ENDING = 3
_MOST_WORDS = 8
"""The most words of a name or an office; more are a sentence."""
_FIXED_SHARE = 0.3
"""Share of a text in common, below which the whole text is a value."""


def find_text_columns(draft: TemplateDraft, slot: Slot) -> None:
    """Make what differs in a text columns; add places of known columns."""
    tokens = split_texts(slot, draft.table.columns)
    gaps = find_gaps(tokens)
    differing = sum(len(token.key) for gap in gaps for token in tokens[0][slice(*gap[0])])
    label = len(line_label(slot.first.text))
    is_whole = differing > (1 - _FIXED_SHARE) * (len(slot.first.text) - label)
    if len(gaps) > bool(label) and is_whole and slot.first.zone != "subject":
        start = min(gaps[0][0][0], sum(token.end <= label for token in tokens[0]))
        gaps = [[(start, len(part)) for part in tokens]]
    in_gaps = {n for gap in gaps for n in range(*gap[0])}
    for number, token in enumerate(tokens[0]):
        if token.column and number not in in_gaps:
            slot.edits.append(value_edit(token.start, token.end, token.column, token.filters))
    texts = [unit.text for unit in slot.units if unit]
    for gap in gaps:
        wide = _with_word(_with_word(gap, tokens, texts, 0), tokens, texts, -1)
        _add_gap(draft, slot, [_span(*both) for both in zip(tokens, wide, strict=True)])


def _with_word(gap: Gap, tokens: Sequence[list[Token]], texts: Sequence[str], side: int) -> Gap:
    """Return a gap with the next word if only some values have a space there.

    The space would be lost: cells lose theirs. `side` is 0 for the start, -1 for the end.
    """
    spans = [_span(part, limits) for part, limits in zip(tokens, gap, strict=True)]
    values = [text[start:end] for text, (start, end) in zip(texts, spans, strict=True)]
    indices = [start - 1 if side == 0 else end for start, end in gap]
    if len({value[side].isspace() for value in values if value.strip()}) < 2 or not all(
        0 <= n < len(part) and not part[n].column for n, part in zip(indices, tokens, strict=True)
    ):
        return gap
    return [(a - 1, b) if side == 0 else (a, b + 1) for a, b in gap]


def _span(tokens: Sequence[Token], limits: tuple[int, int]) -> tuple[int, int]:
    """Return where tokens of a text begin and end."""
    first, last = limits
    start = tokens[first - 1].end if first else 0
    return start, tokens[last - 1].end if last > first else start


def _add_gap(draft: TemplateDraft, slot: Slot, spans: Sequence[tuple[int, int]]) -> None:
    """Make a column for what letters have at a place, or one wording."""
    units = [unit for unit in slot.units if unit]
    raw = [unit.text[start:end] for unit, (start, end) in zip(units, spans, strict=True)]
    full = [text for text in raw if text.strip()]
    if any(OBJECT in text for text in raw):
        draft.dialogue.tell("picture", text=slot.first.text[:40], first=draft.letters[0].name)
        return
    if not full:
        return  # only spaces
    starts = [start + len(t) - len(t.lstrip()) for t, (start, _) in zip(raw, spans, strict=True)]
    inner = [(start, start + len(t.strip())) for start, t in zip(starts, raw, strict=True)]
    values = [one_space(text) for text in raw]
    if len(full) < len(raw):
        lead = " " if all(text[0].isspace() for text in full) else ""
        tail = " " if not lead and all(text[-1].isspace() for text in full) else ""
        column = _column(draft, slot, values, starts[0])
        slot.edits.append(optional_edit(*spans[0], column, (lead, tail)))
    elif not _is_settled(draft, slot, inner, values):
        edit = _pronoun_edit(draft, slot, inner[0], values)
        edit = edit or value_edit(*inner[0], _column(draft, slot, values, starts[0]))
        slot.edits.append(edit)


def _column(draft: TemplateDraft, slot: Slot, values: Sequence[str], start: int) -> Column:
    """Return the column for values; that of the first letter is at `start`."""
    padded = iter(values)
    of_letters = [next(padded) if here else "" for here in slot.mask]
    sheet = draft.table.owner(of_letters, prefer_signer=slot.first.zone in HEAD_ZONES)
    found = Column(sheet, _heading(slot, [*filter(None, values)], start), of_letters)
    return draft.table.ensure(found, slot.mask)


def _heading(slot: Slot, values: Sequence[str], start: int) -> str:
    """Return a heading: the label of the values, their kind, a word before.

    A sentence is of no kind. A word with a capital may be a name, which headings never have.
    """
    before = slot.first.text[:start].rstrip()
    label = re.search(r"([^\W\d_][\w.-]{1,20}(?: [\w.-]{1,20}){0,2})\s*[:№#]$", before)
    is_free = label and not any(edit.overlaps(*label.span()) for edit in slot.edits)
    if label and is_free and slot.first.zone != "subject":
        return label[1].strip().capitalize()
    is_sentence = any(len(v.split()) > _MOST_WORDS or v[-1] in ".!?" for v in values)
    kinds = {likely_kind(value) for value in values}
    if len(kinds) == 1 and kinds != {"line"} and not is_sentence:
        return HEADINGS[kinds.pop()]
    word = re.findall(r"[^\W_]+", before)[-1:]
    return f"Words after {word[0]}" if word and word[0].islower() else "Words"


# Words that may be a slip.


def _is_settled(
    draft: TemplateDraft, slot: Slot, spans: list[tuple[int, int]], values: Sequence[str]
) -> bool:
    """Ask which of two words that may be a slip is right; False to keep both."""
    different = [*dict.fromkeys(values)]
    if len(different) != 2 or not _may_be_slip(draft.language[:2], *different):
        return False
    first, second = different
    text = around(slot.first.text, *spans[0])
    key = f"{first}, {second} {draft.slots.index(slot)} {spans[0][0]}"
    choice = draft.dialogue.ask("slip", key, first=first, second=second, around=text)
    if choice:
        draft.decide(slot, spans, different[choice - 1])
    return bool(choice)


def _may_be_slip(language: str, first: str, second: str) -> bool:
    """Return whether two words have a similar spelling, and are not forms."""
    rest = max(len(first), len(second)) - common_prefix_length(first, second)
    is_form = language != "en" and rest <= _LONGEST_ENDING and folded(first) != folded(second)
    is_word = (first + second).isalpha() and pronoun_pair(first, second) is None
    return is_word and not is_form and nearest_word(first, [second], 0.75, str) != ""


# She and he: one column for all forms.


def _pronoun_edit(
    draft: TemplateDraft, slot: Slot, span: tuple[int, int], values: Sequence[str]
) -> Edit | None:
    """Return an edit that writes a pronoun of a woman or a man, or None."""
    different = [*dict.fromkeys(values)]
    pair = pronoun_pair(*different) if len(different) == 2 and all(slot.mask) else None
    subject = words("she, he", draft.language[:2])[:1]
    if pair is None or not subject:
        return None
    she, he = subject[0].split(", ")
    subjects = [she if value == pair[0] else he for value in values]
    known = next((c for c in draft.table.columns if c.heading == "Pronoun"), None)
    column = known or draft.table.ensure(Column(draft.table.owner(subjects), "Pronoun", subjects))
    pattern = (
        f'{{% if @ == "{she}" %}}{pair[0]}{{% elif @ == "{he}" %}}{pair[1]}'
        f"{{% else %}}{'/'.join(pair)}{{% endif %}}"
    )
    return Edit(*span, pattern, column) if column.values == subjects else None
