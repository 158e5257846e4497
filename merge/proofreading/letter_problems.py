"""Possible mistakes in one letter.

Data of other people, missing data, text that should not remain, and salutations.
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
from merge.letter_status import PrintableLetter
from merge.ooxml.wordml import OBJECT, W, tracked_changes
from merge.people import Pair, People, Person, SheetKind
from merge.problems import Place, Problem
from merge.proofreading.line_matching import MatchedParagraph, ShownValue
from merge.proofreading.template_text import (
    VALUE_MARK,
    TemplateText,
    ValueLine,
    find_empty_lines,
    find_merge_fields,
)
from merge.proofreading.text import LetterParagraph, TextPart
from merge.text.folding import folded_words
from merge.values import BLANK, WorkbookValue
from merge.workbook.index import NAME_PLACEHOLDERS, Owner, TextIndexEntry, owner_of

# Data of other people in a letter, and missing data of the pair.


def letter_place(letter: PrintableLetter, paragraph: LetterParagraph | None = None) -> Place:
    """Return the place of a letter's file, or of a paragraph in that file.

    The file is named by the last two parts of its path.
    """
    file = short_path(letter.path)
    if paragraph is None:
        return Place(file)
    text = paragraph.text.replace(OBJECT, "")
    return Place(file, part=paragraph.part, paragraph=paragraph.number, paragraph_text=text)


class WorkbookLookup:
    """The people of the workbook by key, and its headings by tag."""

    def __init__(self, people: Sequence[People]) -> None:
        self._persons = {owner_of(person): person for sheet in people for person in sheet.persons}
        self._columns = {(sheet.kind, c.placeholder): c for sheet in people for c in sheet.columns}

    def person(self, owner: Owner) -> Person:
        """Return the person with values; raise KeyError for shared values."""
        return self._persons[owner]

    def describe(self, values: Iterable[ShownValue]) -> str:
        """Return values in words for users: `Street “Birnbaumgasse 7”`.

        They are in the order of their columns.
        """
        cells = ((self._columns.get((value.kind, value.tag)), value) for value in values)
        described = [
            (column.number, column.heading.strip(), value.text)
            if column
            else (0, value.tag, value.text)
            for column, value in cells
        ]
        return ", ".join(f"{heading} “{text}”" for _, heading, text in sorted(described))


def foreign_data_problems(
    paragraphs: Iterable[MatchedParagraph],
    letter: PrintableLetter,
    lookup: WorkbookLookup,
) -> Iterator[Problem]:
    """Yield a problem for each person whose data is in another pair's letter."""
    foreign = [
        (match.entry, paragraph)
        for paragraph, read in paragraphs
        for line in read.lines
        for match in line.foreign_matches
    ]
    votes = Counter(owner for entry, _ in foreign for owner in entry.placeholders)
    by_person: dict[Owner, list[tuple[TextIndexEntry, LetterParagraph]]] = defaultdict(list)
    for entry, paragraph in foreign:
        by_person[max(entry.placeholders, key=votes.__getitem__)].append((entry, paragraph))
    for owner, matches_of_person in by_person.items():
        person, place = lookup.person(owner), letter_place(letter, matches_of_person[0][1])
        shown = set()
        for entry, _ in matches_of_person:
            tags = entry.placeholders[owner]
            tag = next((tag for tag in NAME_PLACEHOLDERS if tag in tags), min(tags))
            shown.add(ShownValue(owner[0], tag, entry.text))
        certain = any(
            value.tag in NAME_PLACEHOLDERS or len(folded_words(value.text)) > 1 for value in shown
        )
        key = "proof-another" if certain else "proof-another/one-word"
        values = lookup.describe(shown)
        yield messages.problem(key, place, kind=owner[0], person=person.label, values=values)


def missing_data_problems(
    shown_here: Mapping[ShownValue, int],
    expected: Mapping[ShownValue, int],
    letter: PrintableLetter,
    lookup: WorkbookLookup,
) -> Iterator[Problem]:
    """Yield problems for values of the pair that the letter should show.

    `shown_here` has the number of times that the letter shows each value. `expected` has that of
    the letter as the program creates it.
    """
    for value in expected:
        if value.tag in NAME_PLACEHOLDERS and 0 < shown_here.get(value, 0) < expected[value]:
            shown = lookup.describe([value])
            place = letter_place(letter)
            yield messages.problem("proof-missing/fewer", place, kind=value.kind, values=shown)
    missing: dict[SheetKind, list[ShownValue]] = defaultdict(list)
    for value in expected:
        if value not in shown_here and value.kind != "settings":
            missing[value.kind].append(value)
    for kind, values in missing.items():
        is_name = any(value.tag in NAME_PLACEHOLDERS for value in values)
        key = "proof-missing" if is_name else "proof-missing/no-name"
        yield messages.problem(key, letter_place(letter), kind=kind, values=lookup.describe(values))


def missing_name_problem(letter: PrintableLetter, person: Person) -> Problem:
    """Return the problem of a letter without a name.

    Other letters of its template have the name.
    """
    place, name = letter_place(letter), str(person.name)
    return messages.problem("proof-missing/others", place, kind=person.kind, name=name)


# Text that must not remain in a letter: placeholders, None, empty address lines, wrong spaces.

_PLACEHOLDER_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_NO_VALUE = re.compile(
    r"(?<!\w)(?:None(?! of\b)|nan|NaN|NaT|#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!))(?!\w)"
    r"|\ufffd"
)
"""Missing values as Python and Excel write them.

U+FFFD is the sign of a lost character.
"""

_BLANK_REMAINS = re.compile(r"\(\s*\)|,\s*,|^\s*[,;]")
"""Remains of a blank value: empty brackets, or a comma after nothing."""

_SPACE_GAPS = re.compile(r"(?<!\S)(\S++)([ \u00a0]{2,}|[ \u00a0](?=[,.](?:\s|$)))(?=(\S+))")
"""Two spaces, or one before a comma or full stop, with their neighbours."""

_SUSPICIOUS_TEXTS = (_PLACEHOLDER_MARKS, _NO_VALUE, _BLANK_REMAINS, _SPACE_GAPS, re.compile("«"))


class _WordGap(NamedTuple):
    before: str
    spaces: str
    after: str

    def matches(self, template_gap: _WordGap) -> bool:
        """Return whether this gap may come from a template's gap.

        A placeholder matches any word.
        """
        matches = (a == b or VALUE_MARK in b for a, b in zip(self, template_gap, strict=True))
        return all(matches) and self.spaces == template_gap.spaces


@lru_cache(maxsize=50_000)
def _is_clean(text: str) -> bool:
    return not any(pattern.search(text) for pattern in _SUSPICIOUS_TEXTS)


def _find_gaps(text: str) -> list[_WordGap]:
    return [_WordGap(*match.groups()) for match in _SPACE_GAPS.finditer(text)]


class LeftoverFinder:
    """Finds text that should not remain in a letter.

    Text that templates or cells contain is intended. `names` are those of merge fields.
    """

    def __init__(
        self, fixed: TemplateText, names: AbstractSet[str], settings: Mapping[str, WorkbookValue]
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
        self, paragraphs: Sequence[MatchedParagraph], letter: PrintableLetter
    ) -> Iterator[Problem]:
        """Yield a problem for each text that should not remain in the letter."""
        lines = [(paragraph, line.text) for paragraph, read in paragraphs for line in read.lines]
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
            (
                "",
                [
                    mark
                    for mark in _PLACEHOLDER_MARKS.findall(text)
                    if mark not in self._intended_texts
                ],
            ),
            ("/merge-field", list(find_merge_fields(text, self._names))),
            (
                "/no-value",
                [value for value in _NO_VALUE.findall(text) if self._is_missing_value(value, pair)],
            ),
        )
        for variant, texts in kinds:
            if texts:
                yield messages.problem(f"proof-leftover{variant}", place, text=texts[0])

    def _is_missing_value(self, text: str, pair: Pair) -> bool:
        """Return whether neither a template nor a cell contains the text.

        A cell must contain other words too.
        """
        cells = (value for value in self._cells_with(text, pair) if value.strip() != text)
        return text not in self._intended_texts and not any(cells)

    def _cells_with(self, text: str, pair: Pair) -> Iterator[str]:
        """Yield the pair's cells that contain the text."""
        sources = (pair.signer.fields, pair.recipient.fields, pair.fields, self._settings)
        values = (str(value) for fields in sources for value in fields.values())
        return (value for value in values if text in value)

    def _spacing_problems(self, text: str, pair: Pair, place: Place) -> Iterator[Problem]:
        for gap in _find_gaps(text):
            shown = "".join(gap)
            is_intended = any(gap.matches(intended_gap) for intended_gap in self._intended_gaps)
            if not is_intended and not any(self._cells_with(shown, pair)):
                key = "proof-blank" if len(gap.spaces) > 1 else "proof-blank/extra"
                yield messages.problem(key, place, text=shown)
        for remains in _BLANK_REMAINS.findall(text):
            if remains not in self._intended_texts and not any(self._cells_with(remains, pair)):
                yield messages.problem("proof-blank/missing", place, text=remains.strip())


def _value_lines(paragraphs: Iterable[MatchedParagraph]) -> Iterator[ValueLine]:
    for paragraph, read in paragraphs:
        for line, owner in zip(read.lines, read.line_owners, strict=True):
            yield ValueLine(line.text, owner, paragraph.holder)


def unfilled_prompts(
    paragraphs: Sequence[LetterParagraph],
    expected_paragraphs: Sequence[LetterParagraph],
    fields: Iterable[str],
    letter: PrintableLetter,
) -> Iterator[Problem]:
    """Yield a warning for each prompt that has not been replaced.

    `fields` are the prompts of the template's fields. A letter does not mark these prompts, and a
    program that saves the letter may drop the marks of content controls. In these cases a prompt
    remains if it occurs at least as often as in the expected letter.
    """
    shown = [(prompt, paragraph) for paragraph in paragraphs for prompt in paragraph.prompts]
    marked_prompts = {prompt for prompt, _ in shown}
    other_prompts = {
        *fields,
        *(prompt for paragraph in expected_paragraphs for prompt in paragraph.prompts),
    } - marked_prompts
    for prompt in sorted(other_prompts) if other_prompts else ():
        matching = [item for item in paragraphs if prompt in _text_in_one_line(item)]
        counts = [
            sum(_text_in_one_line(item).count(prompt) for item in version)
            for version in (paragraphs, expected_paragraphs)
        ]
        if matching and counts[0] >= counts[1]:
            texts = {item.text for item in expected_paragraphs if prompt in item.prompts}
            shown.append(
                (prompt, next((item for item in matching if item.text in texts), matching[0]))
            )
    for prompt, paragraph in shown:
        yield messages.problem(
            "proof-leftover/prompt", letter_place(letter, paragraph), text=prompt
        )


def _text_in_one_line(paragraph: LetterParagraph) -> str:
    return " ".join(paragraph.text.split())


def revision_problems(parts: Sequence[TextPart], letter: PrintableLetter) -> Iterator[Problem]:
    """Yield problems for tracked changes and comments.

    Word prints both with the letter.
    """
    for part in parts:
        place = Place(letter_place(letter).file, part=part.name)
        yield from tracked_changes(part.root, place)
        if next(part.root.iter(W + "commentReference"), None) is not None:
            yield messages.problem("proof-comments", place)


# Salutations that name another recipient, for example because a cell was copied down.


class SalutationCheck:
    """Check of salutations against the names of all recipients."""

    def __init__(self, recipients: People) -> None:
        self._recipients = recipients
        self._surnames: dict[str, Person] = {}
        titles: set[str] = set()
        for person in recipients.persons:
            salutation, name = _salutation_words(person), folded_words(person.name)
            if name and name[-1] in salutation and len(name[-1]) > 1:
                self._surnames.setdefault(name[-1], person)
            other_cells = (v for t, v in person.fields.items() if t not in {"name", "salutation"})
            titles.update(word for value in other_cells for word in folded_words(value))
        self._titles = frozenset(titles)

    def find_problem(self, person: Person) -> Problem | None:
        """Return the problem of a recipient's salutation, or None.

        Its place is the cell. The salutation has another recipient's surname, which that
        recipient's own salutation contains. The word is in no other column, such as an office, and
        the salutation has no word of the recipient's own name.
        """
        salutation = _salutation_words(person)
        if set(salutation) & set(folded_words(person.name)):
            return None
        surnames = (self._surnames.get(word) for word in salutation if word not in self._titles)
        other_recipient = next(filter(None, surnames), None)
        if other_recipient is None:
            return None
        place = person.place("salutation")
        return messages.problem(
            "proof-salutation", place, other=other_recipient.label, person=person.label
        )


def _salutation_words(person: Person) -> tuple[str, ...]:
    return folded_words(person.fields.get("salutation", BLANK))
