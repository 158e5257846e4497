"""Which lines of a template close up because a cell is blank, and for how many letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from merge.model import DataError, Pair, Person
from merge.template.jinja import FILLING_ERRORS, Ask
from merge.template.library import Facts
from merge.template.tags import Tag
from merge.template.template import Template


@dataclass(frozen=True, slots=True)
class ClosedLine:
    """A tag in a line that closes up, the letters in which it does, and those of the template."""

    tag: Tag
    letters: int
    of: int


def closed_lines(template: Template, facts: Facts, pairs: Iterable[Pair]) -> Iterator[ClosedLine]:
    """The tags that are blank in some letters of the template, in the order of the text.

    Only tags that read one person: a blank that depends on two is rare, and costs a look at
    every pair.
    """
    persons: dict[str, Person] = {}
    counts: Counter[str] = Counter()
    total = 0
    for pair in pairs:
        total += 1
        for person in (pair.signer, pair.recipient):
            persons[person.kind + person.key] = person
            counts[person.kind + person.key] += 1
    for ask in template.asks:
        if ask.tag.shape == "value" and ask.tag.closes_up and ask.tag.setting == "text":
            blank = sum(counts[k] for k, p in persons.items() if _is_blank(ask, p, facts))
            if blank:
                yield ClosedLine(ask.tag, blank, total)


def _is_blank(ask: Ask, person: Person, facts: Facts) -> bool:
    if ask.roots & {"signer", "recipient", "pair"} != {person.kind}:
        return False
    values = facts.of_signer(person) if person.kind == "signer" else facts.of_recipient(person)
    try:
        return ask.is_blank(values)
    except (DataError, *FILLING_ERRORS):
        return False  # told as a problem already
