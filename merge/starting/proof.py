"""Proof that a template, filled again, gives every letter back.

The letters are filled from the workbook that will be written. Their paragraphs are compared in
order, then what they have besides their text. Differences that no reader sees do not count, and
other blank lines than in the first letter are only reported. Where staff chose one wording for all
letters, that wording is expected.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from merge import messages
from merge.checks.findings import render_problems
from merge.errors import MergeError
from merge.ooxml.package import parse_package
from merge.problems import Place, Problem
from merge.proofreading.differences import find_changes
from merge.proofreading.text import read_paragraphs, read_parts
from merge.starting.draft import TemplateDraft
from merge.starting.hidden_content import UNSEEN, hidden_content, hidden_differences
from merge.starting.letters import Letter
from merge.starting.words import plain
from merge.starting.workbook_writer import people_rows, write_workbook
from merge.template.filters import TemplateValues
from merge.template.letter_values import convert_values
from merge.template.template import compile_template
from merge.workbook.reading import parse_workbook

_ANY_DAY = dt.date(2000, 1, 1)

LetterFields = dict[str, dict[str, object]]
"""The values of one letter by sheet and heading."""


@dataclass(frozen=True, slots=True)
class LetterDifference:
    """A paragraph of a letter that the template does not give back."""

    letter: str
    expected: str
    created: str


@dataclass(frozen=True, slots=True)
class TemplateProof:
    """The result of a proof: differences, or none if it holds.

    `problems` are errors of the template, of the workbook, or of filling it.
    """

    differences: tuple[LetterDifference, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every letter came back."""
        return not self.differences and not self.problems


def prove(draft: TemplateDraft, template: bytes, name: str) -> TemplateProof:
    """Fill a template for each letter, and compare."""
    values, errors = ([], ()) if draft.workbook_language else _written_values(draft)
    differences: list[LetterDifference] = []
    blanks: list[Problem] = []
    try:
        compiled = compile_template(parse_package(template, name))
        for number, letter in enumerate(draft.letters):
            fields = letter_values(draft, number, values[number] if values else None)
            differences += _differences(draft, letter, compiled.fill(fields))
            blanks += render_problems(compiled, fields)
    except MergeError as error:
        return TemplateProof(problems=error.problems)
    problems = (_same_people(draft) or errors) if differences else blanks
    return TemplateProof(tuple(differences), tuple(problems))


def _same_people(draft: TemplateDraft) -> list[Problem]:
    """Return an error if two letters have the same signer and recipient."""
    pairs = zip(people_rows(draft, "signer")[1], people_rows(draft, "recipient")[1], strict=True)
    letters: dict[tuple[int, int], list[str]] = {}
    for letter, pair in zip(draft.letters, pairs, strict=True):
        letters.setdefault(pair, []).append(letter.name)
    return [
        messages.problem("letters-to-same-person", Place(", ".join(names)))
        for (_, recipient), names in letters.items()
        if recipient and len(names) > 1
    ]


def _written_values(draft: TemplateDraft) -> tuple[list[LetterFields], tuple[Problem, ...]]:
    """Write the workbook and read it; return the values of each letter."""
    book = parse_workbook(write_workbook(draft, "", ""), "signers.xlsx")
    signers, recipients = (
        [f"{sheet[0].upper()}{row}" for row in people_rows(draft, sheet)[1]]
        for sheet in ("signer", "recipient")
    )
    people = {p.id: p.fields for sheet in (book.signers, book.recipients) for p in sheet.persons}
    pairs = {(pair.signer.id, pair.recipient.id): pair.fields for pair in book.pairs()}
    values = []
    for number, pair in enumerate(zip(signers, recipients, strict=True)):
        read = {"signer": people.get(pair[0], {}), "recipient": people.get(pair[1], {})}
        read["pair"] = pairs.get(pair, {})
        fields = _own_fields(draft, number)
        for column in draft.table.columns:
            if column.sheet != "pair" or book.signers.persons:  # no signers yet: no pairs
                name = column.placeholder.partition(".")[2]
                fields[column.sheet][column.heading] = str(read[column.sheet].get(name, "")) or None
        values.append(fields)
    return values, tuple(problem for problem in book.problems if problem.level == "error")


def _own_fields(draft: TemplateDraft, number: int) -> dict[str, dict[str, object]]:
    return {
        root: {c.heading: c.values[number] or None for c in draft.table.of_sheet(root)}
        for root in ("signer", "recipient", "pair")
    }


def letter_values(
    draft: TemplateDraft, number: int, fields: LetterFields | None = None
) -> TemplateValues:
    """Return the values of one letter for the template."""
    day = draft.days[number] or _ANY_DAY
    fields = fields or _own_fields(draft, number)
    return convert_values(
        {**fields, "settings": {}}, day, draft.workbook_language or draft.language
    )


def _differences(draft: TemplateDraft, letter: Letter, data: bytes) -> Iterator[LetterDifference]:
    created = [replace(p, text=plain(p.text)) for p in read_paragraphs(read_parts(data, "."))]
    texts = map(plain, _expected(draft, letter))
    wanted = [replace(p, text=text) for p, text in zip(letter.paragraphs, texts, strict=True)]
    for old_item, new_item in hidden_differences(letter.hidden, hidden_content(data)):
        if new_item or not old_item.startswith(UNSEEN):
            yield LetterDifference(letter.name, old_item, new_item)
        elif letter is not draft.letters[0]:
            draft.dialogue.tell("not in template", letter=letter.name, item=old_item)
    old, new = ([(p.part, p.text) for p in each if p.text] for each in (wanted, created))
    if old == new:
        yield from _blank_differences(
            draft, letter, [p.text for p in wanted], [p.text for p in created]
        )
        return
    changes = [(change.before, change.after) for change in find_changes(wanted, created)]
    if not changes:  # only the order of parts or paragraphs differs
        changes = [
            ("\n".join(p.text for p in wanted)[:80], "\n".join(p.text for p in created)[:80])
        ]
    for before, after in changes:
        yield LetterDifference(letter.name, before, after)


def _expected(draft: TemplateDraft, letter: Letter) -> list[str]:
    """Return the paragraphs of a letter, with the wordings that staff chose."""
    texts = [paragraph.text for paragraph in letter.paragraphs]
    for unit in reversed(letter.units):
        start = unit.start_in(texts[unit.paragraph])
        decisions = [d for d in draft.decisions if d.unit is unit and start >= 0]
        for decision in sorted(decisions, key=lambda decision: decision.start, reverse=True):
            text = texts[unit.paragraph]
            before, after = text[: start + decision.start], text[start + decision.end :]
            texts[unit.paragraph] = before + decision.text + after
    return texts


def _blank_differences(
    draft: TemplateDraft, letter: Letter, wanted: Sequence[str], have: Sequence[str]
) -> Iterator[LetterDifference]:
    """Report other blank lines; in the first letter, they are differences."""
    texts = [*filter(None, wanted), ""]
    for text, count, other in zip(texts, _blanks(wanted), _blanks(have), strict=True):
        if count != other and letter is draft.letters[0]:
            yield LetterDifference(letter.name, "\n" * count + text[:60], "\n" * other + text[:60])
        elif count != other:
            place = f"before “{text[:40]}{'…' * (len(text) > 40)}”" if text else "at the end"
            draft.dialogue.tell("blank lines", letter=letter.name, place=place)


def _blanks(texts: Sequence[str]) -> list[int]:
    """Return the number of blank paragraphs above each text, and at the end."""
    counts = [0]
    for text in texts:
        if text:
            counts.append(0)
        else:
            counts[-1] += 1
    return counts
