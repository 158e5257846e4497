"""Text of one letter that stayed in a template, and missing placeholders."""

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
from merge.values import WorkbookValue
from merge.workbook.index import (
    NAME_PLACEHOLDERS,
    SETTINGS_OWNER,
    SHORT_LINE,
    Owner,
    TextIndex,
    TextIndexEntry,
    TextIndexMatch,
    covered_words,
    outermost_matches,
    owner_of,
)
from merge.workbook.translated_words import canonical_placeholder

_PLACEHOLDER_MARK = "\0"
"""Replaces a placeholder among the words of a line."""

_LEAST_CHARACTERS = 8
"""Characters of a cell's text from which on it is reported.

Names and forms of address may be shorter.
"""

PERSONAL_TEXT_CODE = "template-says"
MISSING_PLACEHOLDER_CODE = "template-for-one"
"""The codes of the warnings: name of one person, no placeholder."""
_OTHER_TEXT_CODE = "template-data"
"""The code for texts that may be the author's own: a letterhead's city."""

_DATE = re.compile(r"(?:\d{1,2}\.?\s+)?[^\W\d]+\.?\s+\d{4}|[^\W\d]+\s+\d{1,2},?\s+\d{4}")


@dataclass(frozen=True, slots=True)
class PersonalText:
    """Text in a template that is also in a person's cell."""

    place: Place
    entry: TextIndexEntry
    person: Person
    placeholder: str

    @property
    def cell(self) -> Place:
        """The person's cell with the text."""
        return self.person.place(self.placeholder)

    @property
    def is_name(self) -> bool:
        """Whether the text is the person's name or form of address."""
        return canonical_placeholder(self.placeholder) in NAME_PLACEHOLDERS


class PersonalTextFinder:
    """Finds texts of people in templates, with an index of the workbook.

    `people` are both sheets of people, by the root of their placeholders.
    """

    def __init__(
        self,
        people: Mapping[str, People],
        settings: Mapping[str, WorkbookValue],
        excluded: Iterable[Person] = (),
    ) -> None:
        self._people = people
        participants = (person for sheet in people.values() for person in sheet.persons)
        self._persons = {owner_of(person): person for person in (*participants, *excluded)}
        cells = ((owner, person.fields) for owner, person in self._persons.items())
        self._index = TextIndex([*cells, (SETTINGS_OWNER, settings)])

    def find(self, template: CompiledTemplate, users: AbstractSet[Owner]) -> Iterator[PersonalText]:
        """Yield one person's texts in a template that other people's letters get."""
        for place, line, roots in _fixed_lines(template.paragraphs):
            matches = self._index.matches(line)
            is_covered = cache(partial(_is_covered, line, matches))
            for match in outermost_matches(matches):
                owner = self._owner(match.entry, users)
                if owner is None or roots & {owner[0], "pair"}:
                    continue
                if _is_reported(match, line, partial(is_covered, owner)):
                    placeholder = _best_placeholder(match.entry, owner)
                    yield PersonalText(place, match.entry, self._persons[owner], placeholder)

    def problems(self, template: CompiledTemplate, users: AbstractSet[Owner]) -> Iterator[Problem]:
        """Yield a warning for each paragraph of a template with personal data."""
        by_place: dict[Place, dict[tuple[str, ...], PersonalText]] = {}
        for text in self.find(template, users):
            by_place.setdefault(text.place, {}).setdefault(text.entry.words, text)
        for texts_of_place in by_place.values():
            yield self._problem(list(texts_of_place.values()))

    def _owner(self, entry: TextIndexEntry, users: AbstractSet[Owner]) -> Owner | None:
        """Return the person of a text, or None if it is correct in every letter."""
        if SETTINGS_OWNER in entry.placeholders:
            return None
        for kind in self._people:
            users_of_kind = {user for user in users if user[0] == kind}
            if users_of_kind and users_of_kind <= entry.placeholders.keys():
                return None
        return min(
            entry.placeholders,
            key=lambda owner: (not _is_name_of(entry, owner), owner not in users),
        )

    def _problem(self, personal_texts: Sequence[PersonalText]) -> Problem:
        first, place = personal_texts[0], personal_texts[0].place
        placeholders = [
            *dict.fromkeys(
                f"{{{{ {text.person.kind}.{text.placeholder} }}}}" for text in personal_texts
            )
        ]
        cells = [f"{text.cell.sheet}!{text.cell.cell}" for text in personal_texts]
        has_name = any(text.is_name for text in personal_texts)
        code = PERSONAL_TEXT_CODE if has_name else _OTHER_TEXT_CODE
        if len(personal_texts) > 1:
            texts, key = [text.entry.text for text in personal_texts], f"{code}/several"
            return messages.problem(key, place, texts=texts, cells=cells, tags=placeholders)
        columns = self._people[first.person.kind].columns
        return messages.problem(
            code,
            place,
            text=first.entry.text,
            heading=next(
                (c.heading.strip() for c in columns if c.placeholder == first.placeholder),
                first.placeholder,
            ),
            kind=first.person.kind,
            cell=cells[0],
            tag=placeholders[0],
        )


def _is_name_of(entry: TextIndexEntry, owner: Owner) -> bool:
    return any(
        canonical_placeholder(placeholder) in NAME_PLACEHOLDERS
        for placeholder in entry.placeholders[owner]
    )


def _best_placeholder(entry: TextIndexEntry, owner: Owner) -> str:
    """Return the best placeholder of the person's text.

    Names come first, then forms of address.
    """

    def rank(placeholder: str) -> tuple[int, str]:
        program_placeholder = canonical_placeholder(placeholder)
        return NAME_PLACEHOLDERS.index(
            program_placeholder
        ) if program_placeholder in NAME_PLACEHOLDERS else len(NAME_PLACEHOLDERS), placeholder

    return min(entry.placeholders[owner], key=rank)


def _is_covered(line: Sequence[str], matches: Sequence[TextIndexMatch], owner: Owner) -> bool:
    """Return whether a line consists only of texts of one person."""
    own_matches = [match for match in matches if owner in match.entry.placeholders]
    return all(covered_words(len(line), own_matches))


def _is_reported(
    match: TextIndexMatch, line: Sequence[str], is_covered: Callable[[], bool]
) -> bool:
    """Return whether a text is reported.

    1. A name or form of address is reported. If it is a single word, it must be the end of a short
       line: `Dear Minister,`.
    2. Other single words, short texts and texts that identify no one are not reported.
    3. A text with digits is reported, unless it is a date.
    4. Other texts, such as a country or an office, are reported only if the line consists only of
       texts of the person. Letters mention countries and offices.
    """
    entry = match.entry
    if any(_is_name_of(entry, owner) for owner in entry.placeholders):
        is_line_end = match.end == len(line) <= SHORT_LINE and _PLACEHOLDER_MARK not in line
        return len(entry.words) > 1 or (is_line_end and not entry.words[0].isdecimal())
    if len(entry.words) == 1 or len(entry.text) < _LEAST_CHARACTERS or not entry.is_identifying:
        return False
    if any(map(str.isdigit, entry.text)):
        return not _DATE.fullmatch(entry.text)
    return is_covered()


def _fixed_lines(
    paragraphs: Iterable[TemplateParagraph],
) -> Iterator[tuple[Place, tuple[str, ...], frozenset[str]]]:
    """Yield the lines of a template's own text, with a mark for placeholders.

    Each line comes with its place, and with the roots of names in the conditions around it.
    """
    conditions: list[frozenset[str]] = []
    for paragraph in paragraphs:
        texts: list[str] = []
        for piece in (*paragraph.pieces, None):
            if isinstance(piece, str):
                texts.append(piece)
            elif piece is not None and piece.kind != "block":
                texts.append(_PLACEHOLDER_MARK)
            else:
                roots = frozenset(root for condition in conditions for root in condition)
                for line in _split_lines("".join(texts)):
                    yield paragraph.place, line, roots
                texts = []
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
    """Update the conditions for a block that begins, continues or ends."""
    roots = frozenset(name.root for name in columns_read_by(tag))
    if tag.keyword in {"if", "for"}:
        conditions.append(roots if tag.keyword == "if" else frozenset())
    elif tag.keyword == "elif" and conditions:
        conditions[-1] |= roots
    elif tag.keyword in {"endif", "endfor"} and conditions:
        conditions.pop()


# Templates that name neither the recipient nor the signer.


def missing_placeholders(template: CompiledTemplate, pairs: Iterable[Pair]) -> Iterator[Problem]:
    """Yield a warning if people share a letter whose text names none of them."""
    used_roots = {name.root for name, _ in template.uses}
    if used_roots >= {"recipient", "signer"} or "pair" in used_roots:
        return
    persons: dict[str, set[str]] = {"recipient": set(), "signer": set()}
    for pair in pairs:
        persons["recipient"].add(pair.recipient.key)
        persons["signer"].add(pair.signer.key)
    for kind, keys in persons.items():
        if kind not in used_roots and len(keys) > 1:
            key = "template-for-one/signer" if kind == "signer" else "template-for-one"
            yield messages.problem(key, Place(template.file), people=len(keys))
