"""A form that was imported before: recognised, its columns as they were confirmed, remembered."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from merge.intake.consent import parse_quoted_words, quote_words, verdict
from merge.intake.destinations import CONSENT, DO_NOT_IMPORT, base_heading, is_protected
from merge.intake.form_types import ColumnPlan, FormColumn
from merge.intake.headings import is_different_question
from merge.intake.list_types import RememberedColumn
from merge.naming import short_hash
from merge.text.folding import folded


def find_similar_forms(
    headings: Iterable[str], remembered: Sequence[RememberedColumn]
) -> tuple[str, ...]:
    """Return the forms that have these headings: the same, or else four of five of them."""
    own = set(headings)
    scores: dict[str, float] = {}
    for form, known in _columns_by_form(remembered).items():
        theirs = {memory.heading for memory in known if memory.heading}
        common = len(own & theirs)
        if own == theirs:
            scores[form] = 2
        elif common >= 0.8 * len(theirs) and common >= 0.5 * len(own) and common > 1:
            scores[form] = common / len(own | theirs)
    best = max(scores.values(), default=0)
    return tuple(form for form, score in scores.items() if score == best)


def _columns_by_form(remembered: Iterable[RememberedColumn]) -> dict[str, list[RememberedColumn]]:
    found: dict[str, list[RememberedColumn]] = {}
    for memory in remembered:
        found.setdefault(memory.form, []).append(memory)
    return found


def recognise_form(
    plan: ColumnPlan, remembered: Sequence[RememberedColumn], form: str
) -> ColumnPlan:
    """Return the plan as it was confirmed; new, reworded and vanished questions are asked about."""
    forms = _columns_by_form(remembered)
    like = (form,) if form else find_similar_forms((c.heading for c in plan.columns), remembered)
    like = tuple(f for f in like if any(m.confirmed_on for m in forms.get(f, ()))) or like
    if len(like) != 1 or like[0] not in forms:
        return replace(plan, similar_forms=like if len(like) > 1 else (), form=form)
    memories = {m.heading: m for m in forms[like[0]] if m.heading}
    headings = {column.heading for column in plan.columns}
    gone = [m for h, m in memories.items() if h not in headings]
    new = [c for c in plan.columns if c.heading not in memories]
    reworded = dict(_match_reworded(new, gone))
    taken = {m.goes_to for m in memories.values() if m.heading in headings}
    columns = []
    for column in plan.columns:
        memory = memories.get(column.heading)
        if memory and not (
            memory.goes_to == DO_NOT_IMPORT and not memory.filled_count and column.filled_count
        ):
            columns.append(_restore_column(column, memory))
        elif column.heading in reworded:
            was = replace(reworded[column.heading], heading=column.heading)
            columns.append(replace(_restore_column(column, was), is_asked=True))
        else:
            columns.append(_add_new_column(column, taken, is_new=memory is None))
    old = {m.heading for m in reworded.values()}
    return replace(
        plan,
        columns=tuple(columns),
        form=like[0],
        new_headings=tuple(c.heading for c in new if c.heading not in reworded),
        reworded_headings={heading: memory.heading for heading, memory in reworded.items()},
        missing_headings=tuple(m.heading for m in gone if m.heading not in old),
    )


def _restore_column(column: FormColumn, memory: RememberedColumn) -> FormColumn:
    """Return a column as it was confirmed; asked about only where a word for yes is new."""
    if is_protected(memory.goes_to):
        return replace(column, goes_to=DO_NOT_IMPORT, strength="asked", is_asked=True)
    if memory.goes_to != CONSENT:
        return replace(column, goes_to=memory.goes_to, strength="sure", is_asked=False)
    known = parse_quoted_words(memory.quoted_yes_words)
    words = column.word_counts
    meant = {folded(word) for word in known}
    yes = tuple(w for w in words if folded(w) in meant)
    new = tuple(w for w in words if w not in yes and verdict(w, column.heading) == "yes")
    yes = tuple(dict.fromkeys((*known, *yes, *new)))  # who says none of them today may tomorrow
    return replace(column, goes_to=CONSENT, strength="sure", is_asked=bool(new), yes_words=yes)


def _add_new_column(column: FormColumn, taken: set[str], *, is_new: bool) -> FormColumn:
    """Return a column that nobody confirmed, as proposed where nothing else goes there already.

    A second part may come to what was one column: the second line of a street, blank until now.
    """
    goes_to = column.goes_to
    if goes_to == CONSENT:  # whoever takes part agrees to all
        return replace(column, is_asked=True)
    is_part = goes_to.endswith(")") and not goes_to.endswith("(1)")
    there = taken if is_part else {base_heading(other) for other in taken}
    if goes_to != DO_NOT_IMPORT and (goes_to if is_part else base_heading(goes_to)) in there:
        return replace(column, goes_to=DO_NOT_IMPORT, strength="none", is_asked=is_new)
    return replace(column, is_asked=is_new or column.is_asked or is_part)


def _match_reworded(
    new: Sequence[FormColumn], gone: Sequence[RememberedColumn]
) -> Iterator[tuple[str, RememberedColumn]]:
    """Yield new headings that may be vanished ones in other words, each with what it was."""
    left = [memory for memory in gone if memory.goes_to != DO_NOT_IMPORT]
    for column in new:
        same = [m for m in left if m.goes_to == column.goes_to]
        like = [m for m in left if not is_different_question(m.heading, column.heading)]
        if found := same or like:
            left.remove(found[0])
            yield column.heading, found[0]


# What is remembered of a form.


def remembered_columns(
    plan: ColumnPlan, form: str, confirmed: dt.date | None = None
) -> tuple[RememberedColumn, ...]:
    """Return what the list's sheet Forms keeps of a form: its questions, no answers.

    That everybody agreed is no property of the form: it is asked of each file.
    """
    return tuple(
        RememberedColumn(
            form=form,
            heading=column.heading,
            goes_to=column.goes_to,
            filled_count=column.filled_count,
            quoted_yes_words=quote_words(column.yes_words) if column.goes_to == CONSENT else "",
            confirmed_on=confirmed,
        )
        for column in plan.columns
    )


def confirmation_hash(remembered: Iterable[RememberedColumn], form: str) -> str:
    """Return a hash of what the sheet Forms says of a form, in whatever order its rows are."""
    said = [
        [
            folded(m.heading),
            folded(m.goes_to),
            *sorted(map(folded, parse_quoted_words(m.quoted_yes_words))),
        ]
        for m in remembered
        if m.form == form
    ]
    return short_hash(*("\x1f".join(words) for words in sorted(said))) if said else ""


# The name of a new form, and all forms with this one.


def new_form_name(file: str, known: Sequence[RememberedColumn]) -> str:
    """Return a name for a form, after its file, that no other has."""
    parts = PurePath(file).name.split(".")
    while len(parts) > 1 and parts[-1].lower() in _FILE_EXTENSIONS:
        parts.pop()
    name = _NAME_ADDITIONS.sub("", ".".join(parts))
    name, taken = " ".join(name.split()) or "Form", {folded(memory.form) for memory in known}
    free = (n for n in (name, *(f"{name} {i}" for i in range(2, 1000))) if folded(n) not in taken)
    return next(free, name)


_FILE_EXTENSIONS = {"csv", "tsv", "txt", "xlsx", "ods", "zip"}
_NAME_ADDITIONS = re.compile(r"\(\d+\)|\((?i:responses|réponses|respuestas|antworten|ответы)\)")
"""What browsers and programs of forms add to a name."""


def add_form(
    known: Sequence[RememberedColumn], plan: ColumnPlan, form: str, day: dt.date | None
) -> tuple[RememberedColumn, ...]:
    """Return the forms that are known, with this one as it was confirmed.

    What was confirmed before and is the same keeps its day.
    """
    new = {memory.heading: memory for memory in remembered_columns(plan, form, day)}
    after = list[RememberedColumn]()
    for old in known:
        now = new.pop(old.heading, None) if old.form == form else None
        after.append(old if now is None or _is_unchanged(old, now) else now)
    return (*after, *new.values())


def _is_unchanged(old: RememberedColumn, now: RememberedColumn) -> bool:
    same = (old.goes_to, old.quoted_yes_words) == (now.goes_to, now.quoted_yes_words)
    return (
        same and bool(old.filled_count) == bool(now.filled_count) and old.confirmed_on is not None
    )
