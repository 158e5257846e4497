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
from merge.template.grammar import columns_read_by
from merge.template.tags import Tag, TemplateParagraph
from merge.template.template import CompiledTemplate
from merge.text.folding import folded_words
from merge.values import Value
from merge.workbook.index import (
    NAME_PLACEHOLDERS,
    SETTINGS_OWNER,
    SHORT_LINE,
    IndexEntry,
    IndexMatch,
    Owner,
    TextIndex,
    covered_words,
    outermost_matches,
    owner_of,
)
from merge.workbook.translated_words import canonical_placeholder

_PLACEHOLDER_MARK = "\0"
"""Stands for a tag among the words of a line."""

_LEAST_CHARACTERS = 8
"""Characters of a cell's text that is told though it is no name and no salutation."""

PERSONAL_TEXT_CODE = "template-says"
MISSING_PLACEHOLDER_CODE = "template-for-one"
"""The codes of the warnings: text of somebody's, no placeholder."""

_DATE = re.compile(r"(?:\d{1,2}\.?\s+)?[^\W\d]+\.?\s+\d{4}|[^\W\d]+\s+\d{1,2},?\s+\d{4}")


@dataclass(frozen=True, slots=True)
class PersonalText:
    """Words that a template says by itself and a cell of the workbook has; whose cell it is."""

    place: Place
    entry: IndexEntry
    person: Person
    placeholder: str

    @property
    def cell(self) -> Place:
        """The cell of the person that has the text."""
        return self.person.place(self.placeholder)


class PersonalTextFinder:
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
        self._index = TextIndex([*cells, (SETTINGS_OWNER, settings)])

    def find(self, template: CompiledTemplate, users: AbstractSet[Owner]) -> Iterator[PersonalText]:
        """Yield what the template says of somebody to all its users, unless it is so of each."""
        for place, line, roots in _fixed_lines(template.paragraphs):
            found = self._index.matches(line)
            is_covered = cache(partial(_is_covered, line, found))
            for match in outermost_matches(found):
                owner = self._owner(match.entry, users)
                if owner is None or roots & {owner[0], "pair"}:
                    continue
                if _is_reported(match, line, partial(is_covered, owner)):
                    tag = _best_placeholder(match.entry, owner)
                    yield PersonalText(place, match.entry, self._persons[owner], tag)

    def problems(self, template: CompiledTemplate, users: AbstractSet[Owner]) -> Iterator[Problem]:
        """Yield a warning for each paragraph in which there is any."""
        by_place: dict[Place, dict[tuple[str, ...], PersonalText]] = {}
        for left in self.find(template, users):
            by_place.setdefault(left.place, {}).setdefault(left.entry.words, left)
        for own in by_place.values():
            yield self._problem(list(own.values()))

    def _owner(self, entry: IndexEntry, users: AbstractSet[Owner]) -> Owner | None:
        """Return the person whose text it is; None where it is right in every letter."""
        if SETTINGS_OWNER in entry.placeholders:
            return None
        for kind in self._people:
            own = {user for user in users if user[0] == kind}
            if own and own <= entry.placeholders.keys():
                return None
        return min(
            entry.placeholders,
            key=lambda owner: (not _is_name_of(entry, owner), owner not in users),
        )

    def _problem(self, own: Sequence[PersonalText]) -> Problem:
        first, place = own[0], own[0].place
        tags = [*dict.fromkeys(f"{{{{ {one.person.kind}.{one.placeholder} }}}}" for one in own)]
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
            heading=next(
                (c.heading.strip() for c in columns if c.placeholder == first.placeholder),
                first.placeholder,
            ),
            kind=first.person.kind,
            cell=cells[0],
            tag=tags[0],
        )


def _is_name_of(entry: IndexEntry, owner: Owner) -> bool:
    return any(canonical_placeholder(tag) in NAME_PLACEHOLDERS for tag in entry.placeholders[owner])


def _best_placeholder(entry: IndexEntry, owner: Owner) -> str:
    """Return the tag under which the person has the text: a name first, then a salutation."""

    def rank(tag: str) -> tuple[int, str]:
        own = canonical_placeholder(tag)
        return NAME_PLACEHOLDERS.index(own) if own in NAME_PLACEHOLDERS else len(
            NAME_PLACEHOLDERS
        ), tag

    return min(entry.placeholders[owner], key=rank)


def _is_covered(line: Sequence[str], found: Sequence[IndexMatch], owner: Owner) -> bool:
    """Return whether a line is nothing but texts of one person."""
    own = [match for match in found if owner in match.entry.placeholders]
    return all(covered_words(len(line), own))


def _is_reported(match: IndexMatch, line: Sequence[str], is_covered: Callable[[], bool]) -> bool:
    """Return whether a text is told; the line may be nothing but texts of its person.

    A single word tells somebody only at the end of a short line: `Dear Minister,`. A text without
    digits that calls nobody, such as a country or an office, is told where the line says nothing
    else: letters speak of countries and offices.
    """
    entry = match.entry
    if any(_is_name_of(entry, owner) for owner in entry.placeholders):
        alone = match.end == len(line) <= SHORT_LINE and _PLACEHOLDER_MARK not in line
        return len(entry.words) > 1 or (alone and not entry.words[0].isdecimal())
    if len(entry.words) == 1 or len(entry.text) < _LEAST_CHARACTERS or not entry.is_identifying:
        return False
    if any(map(str.isdigit, entry.text)):
        return not _DATE.fullmatch(entry.text)
    return is_covered()


def _fixed_lines(
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
                said.append(_PLACEHOLDER_MARK)
            else:
                roots = frozenset(root for own in conditions for root in own)
                for line in _split_lines("".join(said)):
                    yield paragraph.place, line, roots
                said = []
                if piece is not None:
                    _update_conditions(piece, conditions)


def _split_lines(text: str) -> Iterator[tuple[str, ...]]:
    for line in text.splitlines():
        first, *rest = line.split(_PLACEHOLDER_MARK)
        yield (
            *folded_words(first),
            *(word for piece in rest for word in (_PLACEHOLDER_MARK, *folded_words(piece))),
        )


def _update_conditions(tag: Tag, conditions: list[frozenset[str]]) -> None:
    """Take note of a block that begins, goes on or ends."""
    roots = frozenset(name.root for name in columns_read_by(tag))
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
