"""Forms that were imported before: recognition, confirmed columns, memory."""

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
    """Return known forms with all, or else four of five, of these headings."""
    headings_here = set(headings)
    scores: dict[str, float] = {}
    for form, columns in _columns_by_form(remembered).items():
        known_headings = {memory.heading for memory in columns if memory.heading}
        common = len(headings_here & known_headings)
        if headings_here == known_headings:
            scores[form] = 2
        elif (
            common >= 0.8 * len(known_headings)
            and common >= 0.5 * len(headings_here)
            and common > 1
        ):
            scores[form] = common / len(headings_here | known_headings)
    best = max(scores.values(), default=0)
    return tuple(form for form, score in scores.items() if score == best)


def _columns_by_form(remembered: Iterable[RememberedColumn]) -> dict[str, list[RememberedColumn]]:
    columns_by_form: dict[str, list[RememberedColumn]] = {}
    for memory in remembered:
        columns_by_form.setdefault(memory.form, []).append(memory)
    return columns_by_form


def recognise_form(
    plan: ColumnPlan, remembered: Sequence[RememberedColumn], form: str
) -> ColumnPlan:
    """Return the column plan with a known form's confirmed destinations.

    New, reworded and missing questions are asked about.
    """
    known_forms = _columns_by_form(remembered)
    matching = (
        (form,) if form else find_similar_forms((c.heading for c in plan.columns), remembered)
    )
    matching = (
        tuple(f for f in matching if any(m.confirmed_on for m in known_forms.get(f, ())))
        or matching
    )
    if len(matching) != 1 or matching[0] not in known_forms:
        return replace(plan, similar_forms=matching if len(matching) > 1 else (), form=form)
    memories = {m.heading: m for m in known_forms[matching[0]] if m.heading}
    headings = {column.heading for column in plan.columns}
    missing = [m for h, m in memories.items() if h not in headings]
    new = [c for c in plan.columns if c.heading not in memories]
    reworded = dict(_match_reworded(new, missing))
    filled = {m.goes_to for m in memories.values() if m.heading in headings}
    columns = []
    for column in plan.columns:
        memory = memories.get(column.heading)
        if memory and not (
            memory.goes_to == DO_NOT_IMPORT and not memory.filled_count and column.filled_count
        ):
            columns.append(_restore_column(column, memory))
        elif column.heading in reworded:
            old_column = replace(reworded[column.heading], heading=column.heading)
            columns.append(replace(_restore_column(column, old_column), is_asked=True))
        else:
            columns.append(_add_new_column(column, filled, is_new=memory is None))
    replaced = {m.heading for m in reworded.values()}
    return replace(
        plan,
        columns=tuple(columns),
        form=matching[0],
        new_headings=tuple(c.heading for c in new if c.heading not in reworded),
        reworded_headings={heading: memory.heading for heading, memory in reworded.items()},
        missing_headings=tuple(m.heading for m in missing if m.heading not in replaced),
    )


def _restore_column(column: FormColumn, memory: RememberedColumn) -> FormColumn:
    """Return a column as staff confirmed it; ask only about new words for yes."""
    if is_protected(memory.goes_to):
        return replace(column, goes_to=DO_NOT_IMPORT, strength="asked", is_asked=True)
    if memory.goes_to != CONSENT:
        return replace(column, goes_to=memory.goes_to, strength="sure", is_asked=False)
    known_yes = parse_quoted_words(memory.quoted_yes_words)
    words = column.word_counts
    folded_yes = {folded(word) for word in known_yes}
    yes = tuple(w for w in words if folded(w) in folded_yes)
    new = tuple(w for w in words if w not in yes and verdict(w, column.heading) == "yes")
    yes = tuple(dict.fromkeys((*known_yes, *yes, *new)))  # later responses may use them
    return replace(column, goes_to=CONSENT, strength="sure", is_asked=bool(new), yes_words=yes)


def _add_new_column(column: FormColumn, filled: set[str], *, is_new: bool) -> FormColumn:
    """Return an unconfirmed column as proposed, if its destination is free.

    A second part may be added to what was one column: the second line of a street, blank until now.
    """
    goes_to = column.goes_to
    if goes_to == CONSENT:  # people who take part agree to everything
        return replace(column, is_asked=True)
    is_part = goes_to.endswith(")") and not goes_to.endswith("(1)")
    destinations = filled if is_part else {base_heading(other) for other in filled}
    if goes_to != DO_NOT_IMPORT and (goes_to if is_part else base_heading(goes_to)) in destinations:
        return replace(column, goes_to=DO_NOT_IMPORT, strength="none", is_asked=is_new)
    return replace(column, is_asked=is_new or column.is_asked or is_part)


def _match_reworded(
    new: Sequence[FormColumn], missing: Sequence[RememberedColumn]
) -> Iterator[tuple[str, RememberedColumn]]:
    """Yield new headings that may replace missing headings, with the old ones."""
    remaining = [memory for memory in missing if memory.goes_to != DO_NOT_IMPORT]
    for column in new:
        same_goal = [m for m in remaining if m.goes_to == column.goes_to]
        similar = [m for m in remaining if not is_different_question(m.heading, column.heading)]
        if matches := same_goal or similar:
            remaining.remove(matches[0])
            yield column.heading, matches[0]


# The columns that the list remembers.


def remembered_columns(
    plan: ColumnPlan, form: str, confirmed: dt.date | None = None
) -> tuple[RememberedColumn, ...]:
    """Return the columns of a form in the form that the Forms sheet stores.

    That everyone agreed is not a property of the form. It is asked for each file.
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
    """Return a hash of a form's rows in the Forms sheet, in any row order."""
    rows = [
        [
            folded(m.heading),
            folded(m.goes_to),
            *sorted(map(folded, parse_quoted_words(m.quoted_yes_words))),
        ]
        for m in remembered
        if m.form == form
    ]
    return short_hash(*("\x1f".join(words) for words in sorted(rows))) if rows else ""


# New forms.


def new_form_name(file: str, known: Sequence[RememberedColumn]) -> str:
    """Return a form's name made from its file name, unlike all known forms."""
    parts = PurePath(file).name.split(".")
    while len(parts) > 1 and parts[-1].lower() in _FILE_EXTENSIONS:
        parts.pop()
    name = _NAME_ADDITIONS.sub("", ".".join(parts))
    name, used_names = " ".join(name.split()) or "Form", {folded(memory.form) for memory in known}
    free_names = (
        n for n in (name, *(f"{name} {i}" for i in range(2, 1000))) if folded(n) not in used_names
    )
    return next(free_names, name)


_FILE_EXTENSIONS = {"csv", "tsv", "txt", "xlsx", "ods", "zip"}
_NAME_ADDITIONS = re.compile(r"\(\d+\)|\((?i:responses|réponses|respuestas|antworten|ответы)\)")
"""Texts that browsers and form programs add to a file name."""


def add_form(
    known: Sequence[RememberedColumn], plan: ColumnPlan, form: str, day: dt.date | None
) -> tuple[RememberedColumn, ...]:
    """Return the remembered columns of all forms, with this form's added.

    Columns that are confirmed again without a change keep their day.
    """
    new = {memory.heading: memory for memory in remembered_columns(plan, form, day)}
    columns = list[RememberedColumn]()
    for before in known:
        now = new.pop(before.heading, None) if before.form == form else None
        columns.append(before if now is None or _is_unchanged(before, now) else now)
    return (*columns, *new.values())


def _is_unchanged(before: RememberedColumn, now: RememberedColumn) -> bool:
    same = (before.goes_to, before.quoted_yes_words) == (now.goes_to, now.quoted_yes_words)
    return (
        same
        and bool(before.filled_count) == bool(now.filled_count)
        and before.confirmed_on is not None
    )
