"""Questions about columns that block an import, as problems with remedies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from merge import messages
from merge.advice import Hint, TaskOption
from merge.intake.column_plan import filled_headings
from merge.intake.destinations import CONSENT, DO_NOT_IMPORT, NAME, base_heading
from merge.intake.form_types import CollectedResponses, ColumnPlan, FormColumn, FormExport
from merge.problems import Place, Problem, shorten
from merge.text.folding import folded
from merge.workbook.reading import LIST_FILE


def plan_problems(plan: ColumnPlan, file: str) -> Iterator[Problem]:
    """Yield the questions about columns that staff must answer."""
    place = Place(file)
    if plan.similar_forms:
        pieces = [
            piece for name in plan.similar_forms for piece in (TaskOption("form", name), " or ")
        ][:-1]
        options = Hint(*pieces)
        forms = plan.similar_forms
        yield messages.problem("form-which", place, forms=forms, options=options, list=LIST_FILE)
    if plan.is_unconfirmed:
        yield messages.problem("form-unconfirmed", place, form=plan.form)
    if not any(base_heading(c.goes_to) == NAME for c in plan.columns):
        yield messages.problem("form-no-name", place, list=LIST_FILE)
    yield from _consent_problems(plan, place)
    yield from _reworded_problems(plan, place)
    yield from _unsure_problems(plan, place)


def _consent_problems(plan: ColumnPlan, place: Place) -> Iterator[Problem]:
    consents = [column for column in plan.columns if column.goes_to == CONSENT]
    if not consents and not plan.everybody_agrees:
        boxes = [
            column
            for column in plan.columns
            if column.candidate_words and column.goes_to == DO_NOT_IMPORT
        ]
        counts = "; ".join(
            f"“{shorten(c.heading)}”: {format_word_counts(c.candidate_words)}" for c in boxes
        )
        if boxes:
            yield messages.problem("form-consent/columns", place, columns=counts)
        else:
            yield messages.problem("form-consent", place)
    for column in consents:
        heading = shorten(column.heading)
        words = [*column.word_counts, *([""] if _has_blanks(column, consents) else [])]
        words = [shorten(word) for word in words]
        if column.is_asked and words:
            yield messages.problem("form-consent-words", place, column=heading, answers=words)
        elif column.is_asked:
            yield messages.problem("form-consent-words/blank", place, column=heading)


def format_word_counts(words: Mapping[str, int]) -> str:
    """Return words as `“yes” (5), “no” (1)`."""
    return ", ".join(f"“{shorten(word)}” ({number:,})" for word, number in words.items())


def _has_blanks(column: FormColumn, consents: Sequence[FormColumn]) -> bool:
    return column.filled_count < max(c.filled_count for c in consents)


def _reworded_problems(plan: ColumnPlan, place: Place) -> Iterator[Problem]:
    asked = {column.heading for column in plan.columns if column.is_asked}
    for heading, old in plan.reworded_headings.items():
        if heading in asked:
            new, old_heading = shorten(heading), shorten(old)
            yield messages.problem("form-changed", place, new=new, old=old_heading)


def _unsure_problems(plan: ColumnPlan, place: Place) -> Iterator[Problem]:
    asked = [c.heading for c in plan.columns if c.is_asked and c.goes_to != CONSENT]
    asked = [heading for heading in asked if heading not in plan.reworded_headings]
    if asked:
        headings = [shorten(heading) for heading in asked]
        yield messages.problem("form-unsure", place, columns=headings, list=LIST_FILE)


def unfilled_heading_warnings(
    plan: ColumnPlan, printed: Iterable[str], people: int, file: str
) -> Iterator[Problem]:
    """Warn of headings that letters print but no column of the form fills."""
    filled = {folded(heading) for heading in filled_headings(plan)}
    for heading in printed:
        if folded(heading) not in filled:
            place = Place(file)
            yield messages.problem("form-blank-in-letter", place, heading=heading, people=people)


def row_width_warnings(
    export: FormExport, plan: ColumnPlan, responses: CollectedResponses
) -> Iterator[Problem]:
    """Warn of rows with more or fewer cells than headings.

    Their cells may be shifted.
    """
    ragged = {response.row for response in responses.people if "ragged" in response.doubts}
    width = len(plan.columns)
    for row in export.rows:
        if row.number in ragged and not 0 < plan.reordered_from <= row.number:
            cells, place = len(row.cells), Place(export.file)
            yield messages.problem(
                "form-ragged", place, row=row.number, cells=cells, headings=width
            )
