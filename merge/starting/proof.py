"""Proof that a template, filled again, gives every letter back.

Paragraphs are compared in order, blank ones included, then what letters have besides their text.
Differences that no reader sees do not count, nor do blank lines if the first letter has the same
two paragraphs with others between them. Where staff chose one wording for all letters, that wording
is expected.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from merge.checks.findings import render_problems
from merge.errors import MergeError
from merge.ooxml.package import parse_package
from merge.problems import Problem
from merge.proofreading.differences import find_changes
from merge.proofreading.text import LetterParagraph, read_paragraphs, read_parts
from merge.starting.columns import Column, SheetRoot
from merge.starting.draft import Decision, TemplateDraft
from merge.starting.hidden_content import hidden_differences
from merge.starting.letters import Letter
from merge.starting.words import plain
from merge.starting.workbook_writer import PEOPLE_SHEETS, people_rows, write_workbook
from merge.template.letter_values import convert_values
from merge.template.template import CompiledTemplate, compile_template
from merge.workbook.reading import Workbook, parse_workbook

_ANY_DAY = dt.date(2000, 1, 1)
_ROOTS: tuple[SheetRoot, ...] = ("signer", "recipient", "pair")


@dataclass(frozen=True, slots=True)
class LetterDifference:
    """A paragraph of a letter that the template does not give back."""

    letter: str
    expected: str
    created: str


@dataclass(frozen=True, slots=True)
class TemplateProof:
    """The result of a proof: differences, or none if it holds.

    `problems` are errors of the template, or of filling it.
    """

    differences: tuple[LetterDifference, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every letter came back."""
        return not self.differences and not self.problems


def prove(draft: TemplateDraft, template: bytes, name: str) -> TemplateProof:
    """Fill a template for each letter, and compare."""
    try:
        compiled = compile_template(parse_package(template, name))
        created_letters = [fill_letter(draft, compiled, number) for number in range(draft.count)]
    except MergeError as error:
        return TemplateProof(problems=error.problems)
    differences = [
        difference
        for letter, data in zip(draft.letters, created_letters, strict=True)
        for difference in _differences(draft, letter, data)
    ]
    return TemplateProof(tuple(differences))


def prove_workbook(draft: TemplateDraft) -> TemplateProof:
    """Write the workbook, read it, and compare the values."""
    book = parse_workbook(write_workbook(draft, "", ""), "signers.xlsx")
    differences = [
        LetterDifference(draft.letters[number].name, column.values[number], read)
        for column, number, read in _read_values(draft, book)
        if plain(column.values[number]) != plain(read)
    ]
    errors = tuple(problem for problem in book.problems if problem.level == "error")
    return TemplateProof(tuple(differences), errors if differences else ())


def _read_values(draft: TemplateDraft, book: Workbook) -> Iterator[tuple[Column, int, str]]:
    """Yield the columns with the number of each letter, and the value read."""
    ids = {
        sheet: [f"{sheet[0].upper()}{number}" for number in people_rows(draft, sheet)[1]]
        for sheet in PEOPLE_SHEETS
    }
    rows: dict[SheetRoot, Mapping[tuple[str, ...], Mapping[str, str]]] = {
        "signer": {(person.id,): person.fields for person in book.signers.persons},
        "recipient": {(person.id,): person.fields for person in book.recipients.persons},
        "pair": {(pair.signer.id, pair.recipient.id): pair.fields for pair in book.pairs()},
    }
    for column in draft.table.columns:
        if column.sheet == "pair" and not book.signers.persons:
            continue  # without signers there are no pairs yet
        sheets = PEOPLE_SHEETS if column.sheet == "pair" else (column.sheet,)
        name = column.placeholder.partition(".")[2]
        for number, key in enumerate(zip(*(ids[sheet] for sheet in sheets), strict=True)):
            yield column, number, str(rows[column.sheet].get(key, {}).get(name, ""))


def fill_letter(draft: TemplateDraft, compiled: CompiledTemplate, number: int) -> bytes:
    """Return one letter, filled; raise a MergeError if a value does not fit."""
    fields: dict[str, Mapping[str, object]] = {
        root: {c.heading: c.values[number] or None for c in draft.table.of_sheet(root)}
        for root in _ROOTS
    }
    day = draft.days[number] or _ANY_DAY
    values = convert_values({**fields, "settings": {}}, day, draft.language)
    if problems := render_problems(compiled, values):
        raise MergeError(problems)
    return compiled.fill(values)


def _differences(draft: TemplateDraft, letter: Letter, data: bytes) -> Iterator[LetterDifference]:
    created = [*read_paragraphs(read_parts(data, letter.name))]
    wanted = [plain(text) for text in _expected(draft, letter)]
    have = [plain(paragraph.text) for paragraph in created]
    wanted_parts = [p.part for p in letter.paragraphs]
    have_parts = [p.part for p in created]
    for old_item, new_item in hidden_differences(letter.data, data):
        yield LetterDifference(letter.name, old_item, new_item)
    if _sequence(wanted, wanted_parts) == _sequence(have, have_parts):
        yield from _blank_differences(draft, letter, wanted, have)
        return
    old = [_with_text(p, text) for p, text in zip(letter.paragraphs, wanted, strict=True)]
    changes = find_changes(old, [_with_text(p, plain(p.text)) for p in created])
    for change in changes:
        yield LetterDifference(letter.name, change.before, change.after)
    if not changes:
        yield LetterDifference(letter.name, "\n".join(wanted)[:80], "\n".join(have)[:80])


def _with_text(paragraph: LetterParagraph, text: str) -> LetterParagraph:
    return LetterParagraph(
        part=paragraph.part,
        number=paragraph.number,
        text=text,
        holder=paragraph.holder,
        read_markup=paragraph.read_markup,
    )


def _sequence(texts: Sequence[str], parts: Sequence[str]) -> list[tuple[str, str]]:
    return [(part, text) for part, text in zip(parts, texts, strict=True) if text]


def _expected(draft: TemplateDraft, letter: Letter) -> list[str]:
    """Return the paragraphs of a letter, with the wordings that staff chose."""
    texts = [paragraph.text for paragraph in letter.paragraphs]
    for unit in reversed(letter.units):
        decisions = [decision for decision in draft.decisions if decision.unit is unit]
        start = unit.start_in(texts[unit.paragraph]) if decisions else -1
        if start >= 0:
            text, end = texts[unit.paragraph], start + len(unit.text)
            texts[unit.paragraph] = text[:start] + _decided(unit.text, decisions) + text[end:]
    return texts


def _decided(text: str, decisions: Sequence[Decision]) -> str:
    for decision in sorted(decisions, key=lambda decision: decision.start, reverse=True):
        text = text[: decision.start] + decision.text + text[decision.end :]
    return text


def _blank_differences(
    draft: TemplateDraft, letter: Letter, wanted: Sequence[str], have: Sequence[str]
) -> Iterator[LetterDifference]:
    """Yield differences in the number of blank paragraphs."""
    first = draft.letters[0]
    first_texts = [plain(paragraph.text) for paragraph in first.paragraphs]
    first_gaps = dict(zip(_gap_keys(draft, first, first_texts), _blanks(first_texts), strict=True))
    keys = _gap_keys(draft, letter, wanted)
    texts = [*filter(None, wanted), ""]
    gaps = [*zip(keys, texts, _blanks(wanted), _blanks(have), strict=True)]
    differing = {
        _zone(draft, key) for key, _, count, _ in gaps if first_gaps.get(key, count) != count
    }
    edges = {edge: count for key, count in first_gaps.items() for edge in _edges(key)}
    for key, below, count, other in gaps:
        follows_first = _zone(draft, key) in differing and other in map(edges.get, _edges(key))
        if count == other:
            continue
        is_at_end = other == count + 1 and _ends_container(draft, key)
        if first_gaps.get(key) == other or follows_first or is_at_end:
            place = f"before “{below[:40]}”" if below else "at the end"
            draft.dialogue.tell("blank lines", letter=letter.name, place=place, first=first.name)
        else:
            lines = ("\n" * count + below[:60], "\n" * other + below[:60])
            yield LetterDifference(letter.name, *lines)


def _zone(draft: TemplateDraft, key: tuple[object, object]) -> str:
    """Return the zone of the paragraph below a gap."""
    return draft.slots[key[1]].first.zone if isinstance(key[1], int) else ""


def _ends_container(draft: TemplateDraft, key: tuple[object, object]) -> bool:
    """Return whether a gap is at the end of a cell or text box."""
    holders = [draft.slots[n].first.holder if isinstance(n, int) else None for n in key]
    return holders[0] is not None and holders[0] != holders[1]


def _edges(key: tuple[object, object]) -> tuple[tuple[str, object], tuple[str, object]]:
    return ("below", key[0]), ("above", key[1])


def _blanks(texts: Sequence[str]) -> list[int]:
    """Return the number of blank paragraphs above each text, and at the end."""
    counts = [0]
    for text in texts:
        if text:
            counts.append(0)
        else:
            counts[-1] += 1
    return counts


def _gap_keys(
    draft: TemplateDraft, letter: Letter, texts: Sequence[str]
) -> list[tuple[object, object]]:
    """Return the two slots around each gap between paragraphs with text."""
    slots: dict[int, object] = {}
    for index, slot in enumerate(draft.slots):
        for unit in (*slot.units, *(unit for units in slot.items for unit in units)):
            if unit and unit in letter.units:
                slots.setdefault(unit.paragraph, index)
    keys = [slots.get(number, text) for number, text in enumerate(texts) if text]
    return list(pairwise([None, *keys, None]))
