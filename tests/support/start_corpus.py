"""Results of the corpus of letters, compared with what is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from starting.corpus import Case, Place, Verdict, judge_letters

from merge.errors import MergeError
from merge.ooxml.package import parse_package
from merge.proofreading.text import plain_text
from merge.starting.alignment import Slot
from merge.starting.columns import Edit
from merge.starting.edit_spans import edit_spans
from merge.starting.letters import Unit
from merge.starting.proof import letter_values
from merge.starting.questions import StartAnswers
from merge.starting.start import StartingPoint, find_placeholders
from merge.starting.words import plain
from merge.template.template import compile_template

NO_VERDICT = Verdict((), (), (), (), ())


@dataclass(frozen=True)
class CaseResult:
    """The result of a case: its refusal or proof, questions, placeholders.

    `silent` are wrong placeholders about which nothing is asked, `wrong_sheets` columns on the
    wrong sheet. `named` and `columns` count the required columns that were found and of those with
    a right heading.
    """

    case: Case
    refusal: str = ""
    differences: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    verdict: Verdict = field(default=NO_VERDICT)
    silent: tuple[str, ...] = ()
    wrong_sheets: tuple[str, ...] = ()
    held_out: bool | None = None
    columns: int = 0
    named: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether every letter came back."""
        return not self.refusal and not self.differences


def run_case(case: Case) -> CaseResult:
    """Return the result of a case, with all answers left at their default."""
    with TemporaryDirectory() as folder:
        files = case.write(Path(folder))
        letters = {path.name: path.read_bytes() for path in files.letters}
        book = files.workbook.read_bytes() if files.workbook else None
    try:
        found = find_placeholders(letters, book, StartAnswers())
    except MergeError as error:
        return CaseResult(case, refusal="; ".join(p.code for p in error.problems))
    differences = [f"{d.letter}: {d.expected!r} → {d.created!r}" for d in found.proof.differences]
    differences += [str(problem) for problem in found.proof.problems]
    questions = tuple(question.text for question in found.questions)
    if case.refusal:
        return CaseResult(case, differences=tuple(differences), questions=questions)
    verdict = judge_letters(case, [[*_places(found, n)] for n in range(len(found.letters))])
    asked = " ".join(questions)
    columns, named = _named(case, found)
    wrong_sheets = tuple(_wrong_sheets(case, found))
    texts = held_out_text(case, found)
    return CaseResult(
        case,
        differences=tuple(differences),
        questions=questions,
        verdict=verdict,
        silent=tuple(words for words in verdict.wrong if words not in asked),
        wrong_sheets=wrong_sheets,
        columns=columns,
        named=named,
        held_out=None if texts is None else texts[0] == texts[1],
    )


def held_out_text(case: Case, found: StartingPoint) -> tuple[list[str], list[str]] | None:
    """Return the held-out letter as created and as expected, or None.

    It cannot if a column has no counterpart in the expected result.
    """
    expected = case.expected()
    if expected.held_out is None or not found.proof.holds:
        return None
    draft = found.draft
    for column in draft.table.columns:
        same = [c for c in expected.columns if c.values == tuple(column.values)]
        if not same and column.varies:
            return None
        value = expected.held_out.values[same[0].name] if same else column.values[0]
        column.values = [value] * draft.count
    compiled = compile_template(parse_package(found.template, "appeal.docx"))
    try:
        text = plain_text(compiled.fill(letter_values(draft, 0)), "letter.docx")
    except MergeError as error:
        text = str(error)
    wanted = "\n".join(expected.held_out.paragraphs)
    return _lines(text), _lines(wanted)


def _lines(text: str) -> list[str]:
    return [line for line in map(plain, text.split("\n")) if line]


def _places(found: StartingPoint, number: int) -> Iterator[Place]:
    """Yield the places in one letter that become placeholders."""
    letter = found.draft.letters[number]
    for slot in found.draft.slots:
        unit = slot.units[number]
        for item in slot.items[number] if slot.loop else [unit] if unit else []:
            start = item.start_in(letter.paragraphs[item.paragraph].text)
            for (first, last), edit in _spans(slot, item, number):
                if first < last and (edit.column or slot.loop or "date" in edit.text):
                    yield Place(item.paragraph, start + first, start + last)


def _spans(slot: Slot, unit: Unit, number: int) -> Iterable[tuple[tuple[int, int], Edit]]:
    if not slot.loop:
        return edit_spans(slot, unit, number)
    tail = len(slot.first.text) - slot.edits[0].end
    return [((edit.start, len(unit.text) - tail), edit) for edit in slot.edits]


def _wrong_sheets(case: Case, found: StartingPoint) -> Iterator[str]:
    """Yield the columns that are on a sheet to which their values do not belong."""
    for column in found.columns:
        same = [c for c in case.expected().columns if c.values == tuple(column.values)]
        sheet = f"{column.sheet.capitalize()}s"
        if same and not any(sheet in expected.sheets for expected in same):
            yield f"{column.heading} on {sheet}: {column.values}"


def _named(case: Case, found: StartingPoint) -> tuple[int, int]:
    """Return the number of required columns found, and of right headings."""
    columns = named = 0
    for column in case.expected().columns:
        same = [c for c in found.columns if tuple(c.values) == column.values]
        if column.is_required and same:
            columns += 1
            headings = {c.heading.casefold() for c in same}
            named += not column.headings or not headings.isdisjoint(column.headings)
    return columns, named
