"""New values of a letter's changed data, and old ones if certain.

The ledger has only a hash of each old value. Words of the letter whose hash is the same were the
value; if there are none, it stays unknown. Nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from merge.campaign.campaign import Campaign
from merge.campaign.letter_plan import LetterPlan
from merge.naming import Salt
from merge.proofreading.differences import ParagraphChange
from merge.state.ledger import ledger_to_read
from merge.template.input_digests import field_digests, possible_field_hashes

_MAX_WORDS = 12
"""Words of the longest old value that is searched for."""
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """Changed data of a letter: its name, its value now, and its old one.

    `new` is None if it has no value, for example the template. `old` is empty if it is unknown.
    """

    name: str
    new: str | None = None
    old: str = ""
    is_in_letter: bool = False
    """Whether the letter's file has the new value."""


def changed_values(
    campaign: Campaign, planned: LetterPlan, rows: Sequence[ParagraphChange]
) -> list[ChangedValue]:
    """Return a letter's changed data.

    `rows` are the paragraphs of its file, compared with the new version.
    """
    if not planned.changed_data:
        return []
    values = _values_by_field(campaign, planned)
    fields = {campaign.describe_placeholder(field): field for field in values}
    hashes = _old_hashes(campaign, planned)
    spans = _spans_by_hash(rows, campaign.identity.salt) if hashes else {}
    texts = [row.before for row in rows]
    changed = list[ChangedValue]()
    for name in planned.changed_data:
        field = fields.get(name, "")
        new = values.get(field)
        found = {span for each in hashes.get(field, ()) for span in spans.get(each, ())} - {new}
        old = found.pop() if len(found) == 1 else ""
        changed.append(ChangedValue(name, new, old, _has_words(texts, new or "")))
    return changed


def _values_by_field(campaign: Campaign, planned: LetterPlan) -> Mapping[str, str]:
    """Return the current values of a letter by field: `recipient.city`."""
    pair = planned.step.letter.pair
    roots = {
        "signer": pair.signer.fields,
        "recipient": pair.recipient.fields,
        "pair": pair.fields,
        "settings": campaign.fill_context.settings,
    }
    return {
        f"{root}.{tag}": str(value)
        for root, fields in roots.items()
        for tag, value in fields.items()
    }


def _old_hashes(campaign: Campaign, planned: LetterPlan) -> Mapping[str, Collection[str]]:
    """Return the hashes of old values, by field.

    They are from when the letter was created, and from when staff last kept it.
    """
    found = dict[str, set[str]]()
    with ledger_to_read(campaign.letters_folder) as ledger:
        inputs = [planned.record.inputs] + [
            decision.seen
            for decision in ledger.decisions()
            if decision.id == planned.record.id and decision.choice == "keep"
        ]
        for digest in dict.fromkeys(part for each in inputs for part in field_digests(each)):
            for field, value_hash in (ledger.field_digests(digest) or {}).items():
                found.setdefault(field, set()).add(value_hash)
    return found


def _spans_by_hash(rows: Iterable[ParagraphChange], salt: Salt) -> Mapping[str, set[str]]:
    """Return groups of words at changed places, by the hashes of such values."""
    found = dict[str, set[str]]()
    for row in rows:
        for span in _changed_spans(row) if row.differs else ():
            for value_hash in possible_field_hashes(span, salt):
                found.setdefault(value_hash, set()).add(span)
    return found


def _changed_spans(row: ParagraphChange) -> Iterator[str]:
    """Yield the groups of adjacent words that contain or touch changed words."""
    text, words = row.before, [*_WORD.finditer(row.before)]
    changes, end = list[tuple[int, int]](), 0
    for kind, part in row.word_changes():
        start, end = end, end if kind == "new" else end + len(part)
        changes += [] if kind == "same" else [(start, end)]
    for n, first in enumerate(words):
        for last in words[n : n + _MAX_WORDS]:
            if any(first.start() <= b and last.end() >= a for a, b in changes):
                yield text[first.start() : last.end()]


def _has_words(texts: Iterable[str], value: str) -> bool:
    """Return whether a text has a value as separate words."""
    words = _WORD.findall(value)
    return bool(words) and any(
        found[n : n + len(words)] == words
        for found in map(_WORD.findall, texts)
        for n in range(len(found) - len(words) + 1)
    )
