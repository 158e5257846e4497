"""What is doubtful in one letter.

Data of other people, missing data, text that should not be left, and salutations.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import NamedTuple

from merge import messages
from merge.disk import short_path
from merge.letter_status import FinishedLetter
from merge.ooxml.wordml import OBJECT, W, tracked_changes
from merge.people import Pair, People, Person, SheetKind
from merge.problems import Place, Problem
from merge.proofreading.line_matching import LetterParagraph, ShownValue
from merge.proofreading.template_text import (
    VALUE_MARK,
    TemplateText,
    ValueLine,
    find_empty_lines,
    find_merge_fields,
)
from merge.proofreading.text import Paragraph, TextPart
from merge.text.folding import folded_words
from merge.values import BLANK, Value
from merge.workbook.index import NAME_PLACEHOLDERS, IndexEntry, Owner, owner_of

# Whose data a letter holds: another's, or no longer the pair's own.


def letter_place(letter: FinishedLetter, paragraph: Paragraph | None = None) -> Place:
    """Return the letter's file, by the last two names of its path; or a paragraph in it."""
    file = short_path(letter.path)
    if paragraph is None:
        return Place(file)
    words_of = paragraph.text.replace(OBJECT, "")
    return Place(file, part=paragraph.part, paragraph=paragraph.number, paragraph_text=words_of)


class WorkbookLookup:
    """The people of the workbook by key, and its headings by tag."""

    def __init__(self, people: Sequence[People]) -> None:
        self._persons = {owner_of(person): person for sheet in people for person in sheet.persons}
        self._columns = {(sheet.kind, c.placeholder): c for sheet in people for c in sheet.columns}

    def person(self, owner: Owner) -> Person:
        """Return the person. Raise KeyError for what all share."""
        return self._persons[owner]

    def describe(self, facts: Iterable[ShownValue]) -> str:
        """Return values as people read them, in the columns' order: `Street “Birnbaumgasse 7”`."""
        found = ((self._columns.get((fact.kind, fact.tag)), fact) for fact in facts)
        named = [
            (column.number, column.heading.strip(), fact.text)
            if column
            else (0, fact.tag, fact.text)
            for column, fact in found
        ]
        return ", ".join(f"{heading} “{text}”" for _, heading, text in sorted(named))


def foreign_data_problems(
    paragraphs: Iterable[LetterParagraph],
    letter: FinishedLetter,
    lookup: WorkbookLookup,
    left: AbstractSet[tuple[str, ...]] = frozenset(),
) -> Iterator[Problem]:
    """Yield a problem for each person whose data stands in the letter of others.

    It is a warning where nothing but words `left` in the template is so: these may be meant.
    """
    found = [
        (match.entry, paragraph)
        for paragraph, read in paragraphs
        for line in read.lines
        for match in line.foreign_matches
    ]
    votes = Counter(owner for entry, _ in found for owner in entry.placeholders)
    by_person: dict[Owner, list[tuple[IndexEntry, Paragraph]]] = defaultdict(list)
    for entry, paragraph in found:
        by_person[max(entry.placeholders, key=votes.__getitem__)].append((entry, paragraph))
    for owner, own in by_person.items():
        person, place = lookup.person(owner), letter_place(letter, own[0][1])
        shown = set()
        for entry, _ in own:
            tags = entry.placeholders[owner]
            tag = next((tag for tag in NAME_PLACEHOLDERS if tag in tags), min(tags))
            shown.add(ShownValue(owner[0], tag, entry.text))
        sure = any(
            fact.tag in NAME_PLACEHOLDERS or len(folded_words(fact.text)) > 1 for fact in shown
        )
        key = "proof-another" if sure else "proof-another/one-word"
        if all(entry.words in left for entry, _ in own):
            key = "proof-another/template"
        values = lookup.describe(shown)
        yield messages.problem(key, place, kind=owner[0], person=person.label, values=values)


def missing_data_problems(
    here: Mapping[ShownValue, int],
    made: Mapping[ShownValue, int],
    letter: FinishedLetter,
    lookup: WorkbookLookup,
) -> Iterator[Problem]:
    """Yield problems for the pair's own values that the letter should show and does not.

    `here` is what it shows and how often, `made` what it shows as the program makes it.
    """
    for fact in made:
        if fact.tag in NAME_PLACEHOLDERS and 0 < here.get(fact, 0) < made[fact]:
            shown = lookup.describe([fact])
            place = letter_place(letter)
            yield messages.problem("proof-missing/fewer", place, kind=fact.kind, values=shown)
    missing: dict[SheetKind, list[ShownValue]] = defaultdict(list)
    for fact in made:
        if fact not in here and fact.kind != "settings":
            missing[fact.kind].append(fact)
    for kind, lost in missing.items():
        is_name = any(fact.tag in NAME_PLACEHOLDERS for fact in lost)
        key = "proof-missing" if is_name else "proof-missing/no-name"
        yield messages.problem(key, letter_place(letter), kind=kind, values=lookup.describe(lost))


def missing_name_problem(letter: FinishedLetter, whom: Person) -> Problem:
    """Return the problem of a letter without a name that others of its template show."""
    place, name = letter_place(letter), str(whom.name)
    return messages.problem("proof-missing/others", place, kind=whom.kind, name=name)


# What must not be left in a letter: tags, None, empty lines of an address, stray blanks.

_PLACEHOLDER_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_NO_VALUE = re.compile(
    r"(?<!\w)(?:None(?! of\b)|nan|NaN|NaT|#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!))(?!\w)"
    r"|\ufffd"
)
"""How Python and Excel write that there is no value, and what stands for a character lost."""

_BLANK_REMAINS = re.compile(r"\(\s*\)|,\s*,|^\s*[,;]")
"""What stays where something is blank: empty brackets, a comma with nothing before it."""

_SPACE_GAPS = re.compile(r"(?<!\S)(\S++)([ \u00a0]{2,}|[ \u00a0](?=[,.](?:\s|$)))(?=(\S+))")
"""Two blanks together, or one before a comma or a full stop, with their neighbours."""

_SUSPICIOUS_TEXTS = (_PLACEHOLDER_MARKS, _NO_VALUE, _BLANK_REMAINS, _SPACE_GAPS, re.compile("«"))


class _Gap(NamedTuple):
    before: str
    spaces: str
    after: str

    def matches(self, meant: _Gap) -> bool:
        """Return whether a template's gap can have become this one: a tag is any word."""
        same = (a == b or VALUE_MARK in b for a, b in zip(self, meant, strict=True))
        return all(same) and self.spaces == meant.spaces


@lru_cache(maxsize=50_000)
def _is_clean(text: str) -> bool:
    return not any(pattern.search(text) for pattern in _SUSPICIOUS_TEXTS)


def _find_gaps(text: str) -> list[_Gap]:
    return [_Gap(*found.groups()) for found in _SPACE_GAPS.finditer(text)]


class LeftoverFinder:
    """Finds them, knowing what templates and cells mean to say.

    `names` are those of merge fields.
    """

    def __init__(
        self, fixed: TemplateText, names: AbstractSet[str], settings: Mapping[str, Value]
    ) -> None:
        patterns = (_PLACEHOLDER_MARKS, _NO_VALUE, _BLANK_REMAINS)
        self._intended_texts = {
            text for line in fixed.lines for p in patterns for text in p.findall(line)
        }
        self._intended_gaps = [gap for line in fixed.lines for gap in _find_gaps(line)]
        self._max_empty_lines = fixed.max_empty_lines
        self._names = names
        self._settings = settings

    def find(
        self, paragraphs: Sequence[LetterParagraph], letter: FinishedLetter
    ) -> Iterator[Problem]:
        """Yield a problem for each, with the paragraph in which it stands."""
        lines = [(own, line.text) for own, read in paragraphs for line in read.lines]
        for paragraph, text in lines:
            if not _is_clean(text):
                place = letter_place(letter, paragraph)
                yield from self._leftover_problems(text, letter.pair, place)
                yield from self._spacing_problems(text, letter.pair, place)
        may_be = any(not text.strip() for _, text in lines)
        empty = find_empty_lines(_value_lines(paragraphs)) if may_be else []
        if len(empty) > self._max_empty_lines:
            place = letter_place(letter, lines[empty[0] - 1][0])
            yield messages.problem("proof-empty-line", place)

    def _leftover_problems(self, text: str, pair: Pair, place: Place) -> Iterator[Problem]:
        kinds = (
            ("", [b for b in _PLACEHOLDER_MARKS.findall(text) if b not in self._intended_texts]),
            ("/merge-field", list(find_merge_fields(text, self._names))),
            ("/no-value", [n for n in _NO_VALUE.findall(text) if self._is_missing_value(n, pair)]),
        )
        for variant, found in kinds:
            if found:
                yield messages.problem(f"proof-leftover{variant}", place, text=found[0])

    def _is_missing_value(self, text: str, pair: Pair) -> bool:
        """Return whether neither a template has it nor a cell, among other words."""
        among = (value for value in self._cells_with(text, pair) if value.strip() != text)
        return text not in self._intended_texts and not any(among)

    def _cells_with(self, text: str, pair: Pair) -> Iterator[str]:
        """Return the pair's cells that hold the text."""
        own = (pair.signer.fields, pair.recipient.fields, pair.fields, self._settings)
        values = (str(value) for fields in own for value in fields.values())
        return (value for value in values if text in value)

    def _spacing_problems(self, text: str, pair: Pair, place: Place) -> Iterator[Problem]:
        for gap in _find_gaps(text):
            shown = "".join(gap)
            meant = any(gap.matches(other) for other in self._intended_gaps)
            if not meant and not any(self._cells_with(shown, pair)):
                key = "proof-blank" if len(gap.spaces) > 1 else "proof-blank/extra"
                yield messages.problem(key, place, text=shown)
        for rest in _BLANK_REMAINS.findall(text):
            if rest not in self._intended_texts and not any(self._cells_with(rest, pair)):
                yield messages.problem("proof-blank/missing", place, text=rest.strip())


def _value_lines(paragraphs: Iterable[LetterParagraph]) -> Iterator[ValueLine]:
    for paragraph, read in paragraphs:
        for line, owner in zip(read.lines, read.line_owners, strict=True):
            yield ValueLine(line.text, owner, paragraph.holder)


def unfilled_prompts(
    read: Sequence[Paragraph],
    made: Sequence[Paragraph],
    fields: Iterable[str],
    letter: FinishedLetter,
) -> Iterator[Problem]:
    """Yield a warning for each prompt that nobody has typed over.

    `fields` are the words of the template's fields to click on. A letter has no mark of these, and
    a program that saves it may drop those of controls: then it has the words as often as before.
    """
    shown = [(prompt, paragraph) for paragraph in read for prompt in paragraph.prompts]
    known = {prompt for prompt, _ in shown}
    expected = {*fields, *(prompt for paragraph in made for prompt in paragraph.prompts)} - known
    for prompt in sorted(expected) if expected else ():
        now = [p for p in read if prompt in _text_in_one_line(p)]
        times = [sum(_text_in_one_line(p).count(prompt) for p in own) for own in (read, made)]
        if now and times[0] >= times[1]:
            texts = {p.text for p in made if prompt in p.prompts}
            shown.append((prompt, next((p for p in now if p.text in texts), now[0])))
    for prompt, paragraph in shown:
        yield messages.problem(
            "proof-leftover/prompt", letter_place(letter, paragraph), text=prompt
        )


def _text_in_one_line(paragraph: Paragraph) -> str:
    return " ".join(paragraph.text.split())


def revision_problems(parts: Sequence[TextPart], letter: FinishedLetter) -> Iterator[Problem]:
    """Yield problems for tracked changes and comments, which Word prints with the letter."""
    for part in parts:
        place = Place(letter_place(letter).file, part=part.name)
        yield from tracked_changes(part.root, place)
        if next(part.root.iter(W + "commentReference"), None) is not None:
            yield messages.problem("proof-comments", place)


# Salutations that name another recipient, as a cell copied down does.


class SalutationCheck:
    """Knows how every recipient is addressed."""

    def __init__(self, recipients: People) -> None:
        self._recipients = recipients
        self._surnames: dict[str, Person] = {}
        titles: set[str] = set()
        for person in recipients.persons:
            said, name = _salutation_words(person), folded_words(person.name)
            if name and name[-1] in said and len(name[-1]) > 1:
                self._surnames.setdefault(name[-1], person)
            rest = (v for t, v in person.fields.items() if t not in {"name", "salutation"})
            titles.update(word for value in rest for word in folded_words(value))
        self._titles = frozenset(titles)

    def find_problem(self, person: Person) -> Problem | None:
        """Return the problem with a recipient's salutation, at its cell; None if there is none.

        It has a word by which another is called and addressed, which is nobody's office, and no
        word of the recipient's own name.
        """
        said = _salutation_words(person)
        if set(said) & set(folded_words(person.name)):
            return None
        surnames = (self._surnames.get(word) for word in said if word not in self._titles)
        other = next(filter(None, surnames), None)
        if other is None:
            return None
        place = person.place("salutation")
        return messages.problem("proof-salutation", place, other=other.label, person=person.label)


def _salutation_words(person: Person) -> tuple[str, ...]:
    return folded_words(person.fields.get("salutation", BLANK))
