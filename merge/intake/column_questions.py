"""What must be decided before an export's people come into the list, as problems with remedies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from merge import messages
from merge.advice import Advice, Option
from merge.intake.destinations import CONSENT, LEAVE_OUT, NAME, base_heading
from merge.intake.form_types import ColumnPlan, Export, FormAnswers, FormColumn
from merge.intake.mapping import fills
from merge.problems import Place, Problem, shortened
from merge.text.folding import folded
from merge.workbook.reading import LIST_FILE


def plan_problems(plan: ColumnPlan, file: str) -> Iterator[Problem]:
    """Yield what staff must decide about the columns; nothing where all is settled."""
    place = Place(file)
    if plan.alike:
        pieces = [piece for name in plan.alike for piece in (Option("form", name), " or ")][:-1]
        options = Advice(*pieces)
        forms = plan.alike
        yield messages.problem("form-which", place, forms=forms, options=options, list=LIST_FILE)
    if plan.is_unconfirmed:
        yield messages.problem("form-unconfirmed", place, form=plan.form)
    if not any(base_heading(c.goes_to) == NAME for c in plan.columns):
        yield messages.problem("form-no-name", place, list=LIST_FILE)
    yield from _consent(plan, place)
    yield from _changed(plan, place)
    yield from _unsure(plan, place)


def _consent(plan: ColumnPlan, place: Place) -> Iterator[Problem]:
    consents = [column for column in plan.columns if column.goes_to == CONSENT]
    if not consents and not plan.everybody_agrees:
        boxes = [column for column in plan.columns if column.box and column.goes_to == LEAVE_OUT]
        said = "; ".join(f"“{shortened(c.heading)}”: {word_counts(c.box)}" for c in boxes)
        if boxes:
            yield messages.problem("form-consent/columns", place, columns=said)
        else:
            yield messages.problem("form-consent", place)
    for column in consents:
        heading = shortened(column.heading)
        words = [*column.words, *([""] if _has_blanks(column, consents) else [])]
        words = [shortened(word) for word in words]
        if column.is_asked and words:
            yield messages.problem("form-consent-words", place, column=heading, answers=words)
        elif column.is_asked:
            yield messages.problem("form-consent-words/blank", place, column=heading)


def word_counts(words: Mapping[str, int]) -> str:
    """Return words as `“yes” (5), “no” (1)`."""
    return ", ".join(f"“{shortened(word)}” ({number:,})" for word, number in words.items())


def _has_blanks(column: FormColumn, consents: Sequence[FormColumn]) -> bool:
    return column.filled < max(c.filled for c in consents)


def _changed(plan: ColumnPlan, place: Place) -> Iterator[Problem]:
    asked = {column.heading for column in plan.columns if column.is_asked}
    for heading, old in plan.reworded.items():
        if heading in asked:
            new, gone = shortened(heading), shortened(old)
            yield messages.problem("form-changed", place, new=new, old=gone)


def _unsure(plan: ColumnPlan, place: Place) -> Iterator[Problem]:
    asked = [c.heading for c in plan.columns if c.is_asked and c.goes_to != CONSENT]
    asked = [heading for heading in asked if heading not in plan.reworded]
    if asked:
        headings = [shortened(heading) for heading in asked]
        yield messages.problem("form-unsure", place, columns=headings, list=LIST_FILE)


def blank_in_letter(
    plan: ColumnPlan, printed: Iterable[str], people: int, file: str
) -> Iterator[Problem]:
    """Warn of headings that the letter prints and no column of the form fills."""
    there = {folded(heading) for heading in fills(plan)}
    for heading in printed:
        if folded(heading) not in there:
            place = Place(file)
            yield messages.problem("form-blank-in-letter", place, heading=heading, people=people)


def ragged_rows(export: Export, plan: ColumnPlan, answers: FormAnswers) -> Iterator[Problem]:
    """Warn of rows that have more cells than headings, or fewer: they may be shifted."""
    ragged = {answer.row for answer in answers.people if "ragged" in answer.doubts}
    width = len(plan.columns)
    for row in export.rows:
        if row.number in ragged and not 0 < plan.foreign_from <= row.number:
            cells, place = len(row.cells), Place(export.file)
            yield messages.problem(
                "form-ragged", place, row=row.number, cells=cells, headings=width
            )
