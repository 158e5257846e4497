"""What must be decided before an export's people come into the list, as problems with remedies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from merge.intake.mapping import NAME, base_heading, fills
from merge.intake.model import (
    CONSENT,
    LEAVE_OUT,
    LIST_FILE,
    ColumnPlan,
    Export,
    FormAnswers,
    FormColumn,
)
from merge.model import Advice, Option, Place, Problem, shortened
from merge.naming import counted, first_few, folded

_IN_FORMS = f"Say where it goes, in the sheet Forms of {LIST_FILE} or on the page."


def plan_problems(plan: ColumnPlan, file: str) -> Iterator[Problem]:
    """Yield what staff must decide about the columns; nothing where all is settled."""
    place = Place(file)
    if plan.alike:
        names = " and ".join(plan.alike)
        options = [piece for name in plan.alike for piece in (Option("form", name), " or ")][:-1]
        what = f"these are the headings of {counted(len(plan.alike), 'form')}: {names}."
        last = f". If one is a mistake, delete its rows in the sheet Forms of {LIST_FILE}."
        yield Problem("form-which", place, what, Advice("Which is it? ", *options, last))
    if plan.is_unconfirmed:
        what = f"what goes where in the form {plan.form} is not confirmed as the sheet Forms says."
        hint = "Look at it as it is shown, then say whether it is right."
        yield Problem("form-unconfirmed", place, what, hint)
    if not any(base_heading(c.goes_to) == NAME for c in plan.columns):
        what = "no column holds names."
        yield Problem("form-no-name", place, what, f"Which is it? {_IN_FORMS}")
    consents = [column for column in plan.columns if column.goes_to == CONSENT]
    if not consents and not plan.everybody_agrees:
        boxes = [column for column in plan.columns if column.box and column.goes_to == LEAVE_OUT]
        held = (f"{_quoted([c.heading])} holds {word_counts(c.box)}" for c in boxes)
        what = "; ".join(["no heading says who agreed", *held]) + "."
        first = "Is that who agreed? If not: did" if boxes else "Did"
        hint = f"{first} everybody in this file agree that their name and address are printed?"
        yield Problem("form-consent", place, what, hint)
    for column in consents:
        if column.is_asked:
            words = _quoted([*column.words, *([""] if _has_blanks(column, consents) else [])])
            what = f"{_quoted([column.heading])} holds {words or 'nothing'}."
            yield Problem("form-consent-words", place, what, "Which of them mean yes?")
    yield from _changed(plan, place)
    yield from _unsure(plan, place)


def word_counts(words: Mapping[str, int]) -> str:
    """Return words as `"yes" (5), "no" (1)`."""
    return ", ".join(f'"{shortened(word)}" ({number:,})' for word, number in words.items())


def _has_blanks(column: FormColumn, consents: Sequence[FormColumn]) -> bool:
    return column.filled < max(c.filled for c in consents)


def _changed(plan: ColumnPlan, place: Place) -> Iterator[Problem]:
    asked = {column.heading for column in plan.columns if column.is_asked}
    for heading, old in plan.reworded.items():
        if heading in asked:
            what = f"{_quoted([heading])} is new, {_quoted([old])} is missing."
            yield Problem("form-changed", place, what, "Is it the same question?")


def _unsure(plan: ColumnPlan, place: Place) -> Iterator[Problem]:
    asked = [c.heading for c in plan.columns if c.is_asked and c.goes_to != CONSENT]
    asked = [heading for heading in asked if heading not in plan.reworded]
    if asked:
        what = f"{counted(len(asked), 'column')} must be decided first: {_quoted(asked)}."
        yield Problem("form-unsure", place, what, _IN_FORMS)


def blank_in_letter(
    plan: ColumnPlan, printed: Iterable[str], people: int, file: str
) -> Iterator[Problem]:
    """Warn of headings that the letter prints and no column of the form fills."""
    there = {folded(heading) for heading in fills(plan)}
    for heading in printed:
        if folded(heading) not in there:
            what = f"the letter prints {heading}, and no column of this form fills it."
            whom = f"all {people:,}" if people > 1 else "the one person"
            hint = f"It is blank for {whom}. Say which column holds it, or fill it in later."
            yield Problem("form-blank-in-letter", Place(file), what, hint, "warning")


def ragged_rows(export: Export, plan: ColumnPlan, answers: FormAnswers) -> Iterator[Problem]:
    """Warn of rows that have more cells than headings, or fewer: they may be shifted."""
    ragged = {answer.row for answer in answers.people if "ragged" in answer.doubts}
    width = len(plan.columns)
    for row in export.rows:
        if row.number in ragged and not 0 < plan.foreign_from <= row.number:
            what = (
                f"row {row.number} has {counted(len(row.cells), 'cell')} and the headings {width}"
            )
            what += ": perhaps a comma that is not in quotation marks."
            hint = "It comes with Include no, as it stands."
            yield Problem("form-ragged", Place(export.file), what, hint, "warning")


def _quoted(texts: Iterable[str], most: int = 6) -> str:
    """Return texts in quotation marks, joined by commas, a few of them."""
    return first_few([f'"{shortened(text)}"' for text in texts], most)
