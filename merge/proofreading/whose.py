"""Whose data a letter holds: another's, or no longer the pair's own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from merge.model import Finished, Level, People, Person, Place, Problem
from merge.ooxml.wordml import OBJECT
from merge.proofreading.index import SETTINGS, Entry, Holder, holder
from merge.proofreading.text import Paragraph
from merge.proofreading.view import Fact, Line
from merge.proofreading.words import words

CORRECT = "Correct it in Word, or make the letter anew: merge letters --again NAME."
ADDRESSED = ("name", "salutation")
"""What a letter must not lose: by these people are called."""


def place_of(letter: Finished, paragraph: Paragraph | None = None) -> Place:
    """The letter's file, by the last two names of its path; or a paragraph in it."""
    file = "/".join(letter.path.parts[-2:])
    if paragraph is None:
        return Place(file)
    words_of = paragraph.text.replace(OBJECT, "")
    return Place(file, part=paragraph.part, paragraph=paragraph.number, words=words_of)


class Directory:
    """The people of the workbook by key, and its headings by tag."""

    def __init__(self, people: Sequence[People]) -> None:
        self._persons = {holder(person): person for sheet in people for person in sheet.persons}
        self._columns = {(sheet.kind, c.tag): c for sheet in people for c in sheet.columns}

    def person(self, whose: Holder) -> Person:
        """Who it is. KeyError for what all share."""
        return self._persons[whose]

    def told(self, facts: Iterable[Fact]) -> str:
        """Facts as people read them, as the columns stand: `Street "Birnbaumgasse 7"`."""
        found = ((self._columns.get((fact.whose[0], fact.tag)), fact) for fact in facts)
        told = [
            (column.number, column.heading.strip(), fact.text)
            if column
            else (0, fact.tag, fact.text)
            for column, fact in found
        ]
        return ", ".join(f'{heading} "{text}"' for _, heading, text in sorted(told))


def another(lines: Iterable[Line], letter: Finished, directory: Directory) -> Iterator[Problem]:
    """A problem for each person whose data stands in the letter of others."""
    found = [(match.entry, line) for line in lines for match in line.others]
    votes = Counter(whose for entry, _ in found for whose in entry.tags)
    by_person: dict[Holder, list[tuple[Entry, Line]]] = defaultdict(list)
    for entry, line in found:
        by_person[max(entry.tags, key=votes.__getitem__)].append((entry, line))
    for whose, own in by_person.items():
        person, place = directory.person(whose), place_of(letter, own[0][1].paragraph)
        shown = {_fact(entry, whose) for entry, _ in own}
        what = f"this is another {whose[0]}'s, {person.label}: {directory.told(shown)}."
        sure = any(fact.tag in ADDRESSED or len(words(fact.text)) > 1 for fact in shown)
        level: Level = "error" if sure else "warning"
        yield Problem("proof-another", place, what, CORRECT, level)


def _fact(entry: Entry, whose: Holder) -> Fact:
    tags = entry.tags[whose]
    return Fact(whose, next((tag for tag in ADDRESSED if tag in tags), min(tags)), entry.text)


def missing(
    here: Mapping[Fact, int], made: Mapping[Fact, int], letter: Finished, directory: Directory
) -> Iterator[Problem]:
    """Problems for the pair's own values that the letter should show and does not.

    `here` is what it shows and how often, `made` what it shows as the program makes it.
    """
    for fact in made:
        if fact.tag in ADDRESSED and 0 < here.get(fact, 0) < made[fact]:
            told = directory.told([fact])
            what = f"the {fact.whose[0]}'s {told} stands here less often than made."
            hint = "Look whether another's stands in its place."
            yield Problem("proof-missing", place_of(letter), what, hint, "warning")
    gone: dict[Holder, list[Fact]] = defaultdict(list)
    for fact in made:
        if fact not in here and fact.whose != SETTINGS:
            gone[fact.whose].append(fact)
    for whose, lost in gone.items():
        what = f"the {whose[0]}'s own does not stand here: {directory.told(lost)}."
        level: Level = "error" if any(fact.tag in ADDRESSED for fact in lost) else "warning"
        yield Problem("proof-missing", place_of(letter), what, CORRECT, level)


def nameless(letter: Finished, whom: Person) -> Problem:
    """The letter lacks a name that other letters of its template show."""
    what = f'the {whom.kind}\'s Name "{whom.name}" does not stand here, though in other letters.'
    hint = "Look at the template, at its conditions too."
    return Problem("proof-missing", place_of(letter), what, hint, "warning")
