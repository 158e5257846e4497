"""Columns for the differences in a text, with their headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from merge.naming import nearest_word
from merge.ooxml.wordml import OBJECT
from merge.starting.address_lines import HEADINGS, kind_scores
from merge.starting.alignment import Slot
from merge.starting.columns import Column, Edit, optional_edit, value_edit
from merge.starting.dates import find_date
from merge.starting.differences import Anchor, Gap, Token, find_gaps, find_values
from merge.starting.draft import TemplateDraft, around, one_space
from merge.starting.words import pronoun_pair, words
from merge.text.folding import folded

_HEAD_ZONES = ("sender", "header", "head", "footer")
_LONGEST_ENDING = 3
_FIXED_SHARE = 0.3
"""Share of a text in common, below which the whole text is a value."""


def find_text_columns(draft: TemplateDraft, slot: Slot) -> None:
    """Make what differs in a text columns; add places of known columns."""
    present = [number for number, unit in enumerate(slot.units) if unit]
    values = find_values(slot, draft.table.columns)
    tokens = [values[number] for number in present]
    anchors, gaps = find_gaps(tokens)
    if gaps and _is_whole_value(slot, tokens[0], anchors, gaps):
        gaps = [[(0, len(part)) for part in tokens]]
    in_gaps = {n for gap in gaps for n in range(*gap[0])}
    for number, token in enumerate(tokens[0]):
        if token.column and number not in in_gaps:
            edit = value_edit(token.start, token.end, token.column, token.filters)
            slot.edits.append(edit)
    texts = [unit.text for unit in slot.units if unit]
    for gap in gaps:
        for side in (0, -1):
            gap = _with_word(gap, tokens, texts, side)  # noqa: PLW2901
        _add_gap(draft, slot, tokens, gap)


def _with_word(gap: Gap, tokens: Sequence[list[Token]], texts: Sequence[str], side: int) -> Gap:
    """Return a gap with the next word if only some values have a space there.

    The space would be lost: cells lose theirs. `side` is 0 for the start, -1 for the end.
    """
    spans = [_span(part, *limits) for part, limits in zip(tokens, gap, strict=True)]
    values = [text[start:end] for text, (start, end) in zip(texts, spans, strict=True)]
    has_space = {value[side].isspace() for value in values if value.strip()}
    indices = [start - 1 if side == 0 else end for start, end in gap]
    are_words = all(
        0 <= n < len(part) and part[n].column is None and part[n].key.strip()
        for n, part in zip(indices, tokens, strict=True)
    )
    if len(has_space) < 2 or not are_words:
        return gap
    return [(a - 1, b) if side == 0 else (a, b + 1) for a, b in gap]


def _is_whole_value(
    slot: Slot, tokens: Sequence[Token], anchors: Sequence[Anchor], gaps: Sequence[Gap]
) -> bool:
    """Return whether the whole text is a value: little of it is common."""
    if any(tokens[anchor[0]].column for anchor in anchors):
        return False
    text = slot.first.text
    if slot.first.zone == "subject" or re.match(r"[^\W\d_]{1,15}\s?[:#№]", text):
        return False
    differing = sum(
        tokens[end - 1].end - tokens[start].start for (start, end), *_ in gaps if end > start
    )
    if len(text) - differing < _FIXED_SHARE * len(text):
        return True
    return slot.first.holder is not None and max(len(t.split()) for t in slot.texts) <= 5


def _add_gap(draft: TemplateDraft, slot: Slot, tokens: Sequence[list[Token]], gap: Gap) -> None:
    units = [unit for unit in slot.units if unit]
    spans = [_span(part, *limits) for part, limits in zip(tokens, gap, strict=True)]
    raw = [unit.text[start:end] for unit, (start, end) in zip(units, spans, strict=True)]
    full = [text for text in raw if text.strip()]
    if not full:
        return  # only spaces
    start, end = spans[0]
    if any(OBJECT in text for text in raw):
        draft.dialogue.tell("picture", text=slot.first.text[:40], first=draft.letters[0].name)
        return
    values = [one_space(text) for text in raw]
    inner = start + len(raw[0]) - len(raw[0].lstrip())
    if len(full) == len(raw) and _is_settled(draft, slot, values, spans):
        return
    column = _column_for(draft, slot, values, inner)
    if column is None:
        slot.edits.append(_pronoun_edit(draft, inner, values))
    elif len(full) == len(raw):
        slot.edits.append(value_edit(inner, inner + len(raw[0].strip()), column))
    else:
        lead = " " if all(text[0].isspace() for text in full) else ""
        has_tail = all(text[-1].isspace() for text in full)
        tail = " " if has_tail and not lead else ""
        slot.edits.append(optional_edit(start, end, column, (lead, tail)))


def _span(tokens: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """Return where tokens of a text begin and end."""
    if last > first:
        return tokens[first].start, tokens[last - 1].end
    position = tokens[first - 1].end if first else 0
    return position, position


def _is_settled(
    draft: TemplateDraft, slot: Slot, values: Sequence[str], spans: Sequence[tuple[int, int]]
) -> bool:
    """Ask which of two words that may be a slip is right; False to keep both."""
    different = [*dict.fromkeys(values)]
    if (
        slot.first.zone != "body"
        or len(different) != 2
        or not _may_be_slip(draft.language[:2], *different)
    ):
        return False
    first, second = different
    text = around(slot.first.text, *spans[0])
    key = f"{first}, {second} {draft.slots.index(slot)} {spans[0][0]}"
    choice = draft.dialogue.ask("slip", key, first=first, second=second, around=text)
    if choice == 0:
        return False
    units = [unit for unit in slot.units if unit]
    inner = []
    for unit, (start, end) in zip(units, spans, strict=True):
        part = unit.text[start:end]
        begin = start + len(part) - len(part.lstrip())
        inner.append((begin, begin + len(part.strip())))
    draft.decide(slot, inner, different[choice - 1])
    return True


def _may_be_slip(language: str, first: str, second: str) -> bool:
    both = first + second
    if any(map(str.isdigit, both)) or len(first.split()) > 2 or pronoun_pair(first, second):
        return False
    is_name = first[0].isupper() and second[0].isupper() and folded(first) != folded(second)
    if is_name or (language != "en" and _are_forms(first, second)):
        return False
    return nearest_word(first, [second], 0.75, str) != ""


def _are_forms(first: str, second: str) -> bool:
    """Return whether two words differ only at the end, as forms of a word do."""
    if folded(first) == folded(second):
        return False
    pairs = enumerate(zip(first, second, strict=False))
    start = next((n for n, (a, b) in pairs if a != b), min(len(first), len(second)))
    rest = max(len(first), len(second)) - start
    return " " in first + second or (rest <= _LONGEST_ENDING and start >= 3)


def _column_for(
    draft: TemplateDraft, slot: Slot, values: Sequence[str], start: int
) -> Column | None:
    """Return the column for values; None if it is the column of she and he."""
    mask = list(slot.mask)
    padded = iter(values)
    all_values = [next(padded) if here else "" for here in mask]
    if all(mask) and _pronoun_column(draft, all_values):
        return None
    is_ours = slot.first.zone in _HEAD_ZONES
    sheet = draft.table.owner(all_values, prefer_signer=is_ours) if all(mask) else "recipient"
    heading = _heading(draft, slot, values, start)
    return draft.table.ensure(Column(sheet, heading, all_values), mask)


# She and he: one column for all forms.


def _pronoun_column(draft: TemplateDraft, values: Sequence[str]) -> Column | None:
    """Return the column of she and he that has these values, or None."""
    different = [*dict.fromkeys(values)]
    pair = pronoun_pair(*different) if len(different) == 2 else None
    subject = next(iter(words("she, he", draft.language[:2])), "")
    if pair is None or not subject:
        return None
    she, he = subject.split(", ")
    subjects = [she if value == pair[0] else he for value in values]
    found = Column(draft.table.owner(subjects), "Pronoun", subjects)
    known = next((c for c in draft.table.columns if c.heading == "Pronoun"), None)
    if known is None or known.values == subjects:
        return draft.table.ensure(found)
    return None


def _pronoun_edit(draft: TemplateDraft, start: int, values: Sequence[str]) -> Edit:
    woman, man = pronoun_pair(*dict.fromkeys(values)) or ("", "")
    column = next(c for c in draft.table.columns if c.heading == "Pronoun")
    she, he = words("she, he", draft.language[:2])[0].split(", ")
    pattern = (
        f'{{% if @ == "{she}" %}}{woman}{{% elif @ == "{he}" %}}{man}'
        f"{{% else %}}{woman}/{man}{{% endif %}}"
    )
    return Edit(start, start + len(values[0]), pattern, column)


# Names of columns.


def _heading(draft: TemplateDraft, slot: Slot, values: Sequence[str], start: int) -> str:
    """Return a heading for values, by their kind or by the words before."""
    full = [value for value in values if value]
    before = slot.first.text[:start].rstrip()
    label = re.search(r"([^\W\d_][\w .-]{1,25}?)\s*[:.№#]+$", before)
    if start == 0 and (beside := _label_beside(draft, slot)):
        return beside
    if slot.first.zone in _HEAD_ZONES and start == 0:
        return _line_heading(full)
    if label and len(label[1].split()) <= 3 and slot.first.zone != "subject":
        return label[1].strip().capitalize()
    return _heading_by_kind(draft, full) or _heading_by_words(slot, full, before)


def _label_beside(draft: TemplateDraft, slot: Slot) -> str:
    """Return the text of the cell to the left if all letters have it."""
    index = draft.slots.index(slot)
    if not index or slot.first.holder is None:
        return ""
    left = draft.slots[index - 1]
    rows = [getattr(unit.holder, "getparent", lambda: None)() for unit in (left.first, slot.first)]
    is_beside = rows[0] is not None and rows[0] is rows[1] and not left.edits
    return left.first.text.strip(" :.")[:40] if is_beside else ""


def _line_heading(values: Sequence[str]) -> str:
    kinds = Counter(max(s, key=lambda kind: s[kind]) for s in map(kind_scores, values))
    return HEADINGS[kinds.most_common(1)[0][0]]


def _heading_by_kind(draft: TemplateDraft, values: Sequence[str]) -> str:
    scores = [kind_scores(value) for value in values]
    if all(map(find_date, values)):
        return "Date in text"
    if all(score["country"] >= 4 for score in scores):
        return "Country in text"
    if any(len(value.split()) > 7 for value in values):
        return "Paragraph"
    if all(score["position"] >= 2 for score in scores):
        return "Position"
    if all(score["name"] >= 1.6 for score in scores):
        has_name = any(column.heading == "Name" for column in draft.table.columns)
        return "Person" if has_name else "Name"
    return ""


def _heading_by_words(slot: Slot, values: Sequence[str], before: str) -> str:
    if all(re.fullmatch(r"[\d.,\s\u00a0]+", value) for value in values):
        text = slot.first.text[len(before) + 1 + len(values[0]) :]
        behind = re.findall(r"[^\W\d_]{3,}", text)
        return f"Number of {behind[0].lower()}" if behind else "Number"
    words_before = re.findall(r"[^\W_]+", before)
    return f"Words after {words_before[-1]}" if words_before else "First words"
