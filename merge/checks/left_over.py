"""What was left of one letter in a template, so that every letter says it; placeholders missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, partial

from merge import messages
from merge.people import Pair, People, Person
from merge.problems import Place, Problem
from merge.template.grammar import names_of
from merge.template.tags import Tag, TemplateParagraph
from merge.template.template import CompiledTemplate
from merge.text.folding import words
from merge.values import Value
from merge.workbook.index import (
    NAME_TAGS,
    SETTINGS_OWNER,
    SHORT_LINE,
    Index,
    IndexEntry,
    Match,
    Owner,
    covered_words,
    outermost,
    owner_of,
)
from merge.workbook.words import own_tag

_TAG = "\0"
"""Stands for a tag among the words of a line."""

_LEAST = 8
"""Characters of a cell's text that is told though it is no name and no salutation."""

LEFT_OVER = "template-says"
FOR_ONE = "template-for-one"
"""The codes of the warnings: text of somebody's, no placeholder."""

_DATE = re.compile(r"(?:\d{1,2}\.?\s+)?[^\W\d]+\.?\s+\d{4}|[^\W\d]+\s+\d{1,2},?\s+\d{4}")


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Words that a template says by itself and a cell of the workbook has; whose cell it is."""

    place: Place
    entry: IndexEntry
    person: Person
    tag: str

    @property
    def cell(self) -> Place:
        """The cell of the person that has the text."""
        return self.person.place(self.tag)


class LeftOvers:
    """Finds them in templates, knowing everybody whom the workbook lists and what it says of all.

    `people` are both sheets of people by the root of their tags.
    """

    def __init__(
        self,
        people: Mapping[str, People],
        settings: Mapping[str, Value],
        left_out: Iterable[Person] = (),
    ) -> None:
        self._people = people
        taking_part = (person for sheet in people.values() for person in sheet.persons)
        self._persons = {owner_of(person): person for person in (*taking_part, *left_out)}
        cells = ((owner, person.fields) for owner, person in self._persons.items())
        self._index = Index([*cells, (SETTINGS_OWNER, settings)])

    def find(self, template: CompiledTemplate, users: AbstractSet[Owner]) -> Iterator[LeftOver]:
        """Yield what the template says of somebody to all its users, unless it is so of each."""
        for place, line, roots in _own_lines(template.paragraphs):
            found = self._index.matches(line)
            is_covered = cache(partial(_is_covered, line, found))
            for match in outermost(found):
                owner = self._owner(match.entry, users)
                if owner is None or roots & {owner[0], "pair"}:
                    continue
                if _is_told(match, line, partial(is_covered, owner)):
                    tag = _column(match.entry, owner)
                    yield LeftOver(place, match.entry, self._persons[owner], tag)

    def problems(self, template: CompiledTemplate, users: AbstractSet[Owner]) -> Iterator[Problem]:
        """Yield a warning for each paragraph in which there is any."""
        by_place: dict[Place, dict[tuple[str, ...], LeftOver]] = {}
        for left in self.find(template, users):
            by_place.setdefault(left.place, {}).setdefault(left.entry.words, left)
        for own in by_place.values():
            yield self._problem(list(own.values()))

    def _owner(self, entry: IndexEntry, users: AbstractSet[Owner]) -> Owner | None:
        """Return the person whose text it is; None where it is right in every letter."""
        if SETTINGS_OWNER in entry.tags:
            return None
        for kind in self._people:
            own = {user for user in users if user[0] == kind}
            if own and own <= entry.tags.keys():
                return None
        return min(entry.tags, key=lambda owner: (not _calls(entry, owner), owner not in users))

    def _problem(self, own: Sequence[LeftOver]) -> Problem:
        first, place = own[0], own[0].place
        tags = [*dict.fromkeys(f"{{{{ {one.person.kind}.{one.tag} }}}}" for one in own)]
        cells = [f"{one.cell.sheet}!{one.cell.cell}" for one in own]
        if len(own) > 1:
            texts = [one.entry.text for one in own]
            key = "template-says/several"
            return messages.problem(key, place, texts=texts, cells=cells, tags=tags)
        columns = self._people[first.person.kind].columns
        return messages.problem(
            "template-says",
            place,
            text=first.entry.text,
            heading=next((c.heading.strip() for c in columns if c.tag == first.tag), first.tag),
            kind=first.person.kind,
            cell=cells[0],
            tag=tags[0],
        )


def _calls(entry: IndexEntry, owner: Owner) -> bool:
    return any(own_tag(tag) in NAME_TAGS for tag in entry.tags[owner])


def _column(entry: IndexEntry, owner: Owner) -> str:
    """Return the tag under which the person has the text: a name first, then a salutation."""

    def rank(tag: str) -> tuple[int, str]:
        own = own_tag(tag)
        return NAME_TAGS.index(own) if own in NAME_TAGS else len(NAME_TAGS), tag

    return min(entry.tags[owner], key=rank)


def _is_covered(line: Sequence[str], found: Sequence[Match], owner: Owner) -> bool:
    """Return whether a line is nothing but texts of one person."""
    own = [match for match in found if owner in match.entry.tags]
    return all(covered_words(len(line), own))


def _is_told(match: Match, line: Sequence[str], is_covered: Callable[[], bool]) -> bool:
    """Return whether a text is told; the line may be nothing but texts of its person.

    A single word tells somebody only at the end of a short line: `Dear Minister,`. A text without
    digits that calls nobody, such as a country or an office, is told where the line says nothing
    else: letters speak of countries and offices.
    """
    entry = match.entry
    if any(_calls(entry, owner) for owner in entry.tags):
        alone = match.end == len(line) <= SHORT_LINE and _TAG not in line
        return len(entry.words) > 1 or (alone and not entry.words[0].isdecimal())
    if len(entry.words) == 1 or len(entry.text) < _LEAST or not entry.is_identifying:
        return False
    if any(map(str.isdigit, entry.text)):
        return not _DATE.fullmatch(entry.text)
    return is_covered()


def _own_lines(
    paragraphs: Iterable[TemplateParagraph],
) -> Iterator[tuple[Place, tuple[str, ...], frozenset[str]]]:
    """Yield the words between a template's block tags, line by line, a sign for each other tag.

    With them come the roots of the names on which it depends whether they stand in a letter.
    """
    conditions: list[frozenset[str]] = []
    for paragraph in paragraphs:
        said: list[str] = []
        for piece in (*paragraph.pieces, None):
            if isinstance(piece, str):
                said.append(piece)
            elif piece is not None and piece.kind != "block":
                said.append(_TAG)
            else:
                roots = frozenset(root for own in conditions for root in own)
                for line in _lines("".join(said)):
                    yield paragraph.place, line, roots
                said = []
                if piece is not None:
                    _enter(piece, conditions)


def _lines(text: str) -> Iterator[tuple[str, ...]]:
    for line in text.splitlines():
        first, *rest = line.split(_TAG)
        yield (*words(first), *(word for piece in rest for word in (_TAG, *words(piece))))


def _enter(tag: Tag, conditions: list[frozenset[str]]) -> None:
    """Take note of a block that begins, goes on or ends."""
    roots = frozenset(name.root for name in names_of(tag))
    if tag.keyword in {"if", "for"}:
        conditions.append(roots if tag.keyword == "if" else frozenset())
    elif tag.keyword == "elif" and conditions:
        conditions[-1] |= roots
    elif tag.keyword in {"endif", "endfor"} and conditions:
        conditions.pop()


# A template that says nothing of whom the letter is to, or from.


def missing_placeholders(template: CompiledTemplate, pairs: Iterable[Pair]) -> Iterator[Problem]:
    """Yield a warning where several people share letters in which no tag reads any of them."""
    read = {name.root for name, _ in template.uses}
    if read >= {"recipient", "signer"} or "pair" in read:
        return
    persons: dict[str, set[str]] = {"recipient": set(), "signer": set()}
    for pair in pairs:
        persons["recipient"].add(pair.recipient.key)
        persons["signer"].add(pair.signer.key)
    for kind, keys in persons.items():
        if kind not in read and len(keys) > 1:
            key = "template-for-one/signer" if kind == "signer" else "template-for-one"
            yield messages.problem(key, Place(template.file), people=len(keys))
