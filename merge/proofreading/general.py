"""Doubts that concern no single letter: told once, not for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from merge.model import People, Place, Problem, Value
from merge.proofreading.fixed import Fixed, field_names
from merge.proofreading.index import Index, index_of
from merge.proofreading.reading import Read
from merge.proofreading.text import Paragraph
from merge.proofreading.words import words


def general_doubts(
    reads: Sequence[Read],
    people: tuple[People, People],
    settings: Mapping[str, Value],
    templates: Mapping[str, bytes],
) -> tuple[Problem, ...]:
    """Warnings: a name that no letter shows, and names that a template says by itself.

    The arguments are those of `proofread`, and what it gave.
    """
    fixed = Fixed(templates, field_names(people, settings))
    return (*_shown_nowhere(reads, people), *_in_templates(people, fixed))


def _shown_nowhere(reads: Sequence[Read], people: tuple[People, People]) -> Iterator[Problem]:
    """Columns may be mixed up in a template: then all letters are wrong in the same way."""
    for sheet in people:
        if reads and not any((sheet.kind, "name") in read.shown for read in reads):
            letters = "the letter" if len(reads) == 1 else f"none of the {len(reads):,} letters"
            verb = "does not show" if len(reads) == 1 else "shows"
            what = f"{letters} {verb} the {sheet.kind}'s Name."
            hint = "If it should, look at the tags of the template."
            yield Problem("proof-nowhere", sheet.place(tag="name"), what, hint, "warning")


def _in_templates(people: tuple[People, People], fixed: Fixed) -> Iterator[Problem]:
    """A template made of a letter may still have somebody's name in it."""
    index = index_of(people, {})
    for file, paragraphs in fixed.paragraphs.items():
        told: set[str] = set()
        for paragraph in paragraphs:
            for name in _names(index, paragraph.text):
                if name not in told:
                    yield _in_template(file, paragraph, name)
                told.add(name)


def _names(index: Index, text: str) -> Iterator[str]:
    """The names of people in a text; a single word is none, for it may be the name of a month."""
    matches = (match for line in text.splitlines() for match in index.matches(words(line)))
    return (m.entry.text for m in matches if m.entry.is_name and len(m.entry.words) > 1)


def _in_template(file: str, paragraph: Paragraph, name: str) -> Problem:
    number, said = paragraph.number, paragraph.text
    place = Place(file, part=paragraph.part, paragraph=number, words=said)
    what = f'every letter says "{name}" here, a name of the workbook.'
    hint = "If it was left over from a letter, put the tag for the name in its place."
    return Problem("proof-template", place, what, hint, "warning")
