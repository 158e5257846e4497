"""A form that was imported before: recognised, its columns as they were confirmed, remembered."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from merge.intake.consent import quoted_words, verdict, words_in_quotes
from merge.intake.destinations import CONSENT, LEAVE_OUT, base_heading, is_protected
from merge.intake.form_types import ColumnPlan, FormColumn
from merge.intake.headings import is_unlike
from merge.intake.list_types import FormMemory
from merge.naming import short_hash
from merge.text.folding import folded


def forms_like(headings: Iterable[str], remembered: Sequence[FormMemory]) -> tuple[str, ...]:
    """Return the forms that have these headings: the same, or else four of five of them."""
    own = set(headings)
    scores: dict[str, float] = {}
    for form, known in _by_form(remembered).items():
        theirs = {memory.heading for memory in known if memory.heading}
        common = len(own & theirs)
        if own == theirs:
            scores[form] = 2
        elif common >= 0.8 * len(theirs) and common >= 0.5 * len(own) and common > 1:
            scores[form] = common / len(own | theirs)
    best = max(scores.values(), default=0)
    return tuple(form for form, score in scores.items() if score == best)


def _by_form(remembered: Iterable[FormMemory]) -> dict[str, list[FormMemory]]:
    found: dict[str, list[FormMemory]] = {}
    for memory in remembered:
        found.setdefault(memory.form, []).append(memory)
    return found


def known_again(plan: ColumnPlan, remembered: Sequence[FormMemory], form: str) -> ColumnPlan:
    """Return the plan as it was confirmed; new, reworded and vanished questions are asked about."""
    forms = _by_form(remembered)
    like = (form,) if form else forms_like((c.heading for c in plan.columns), remembered)
    like = tuple(f for f in like if any(m.confirmed for m in forms.get(f, ()))) or like
    if len(like) != 1 or like[0] not in forms:
        return replace(plan, alike=like if len(like) > 1 else (), form=form)
    memories = {m.heading: m for m in forms[like[0]] if m.heading}
    headings = {column.heading for column in plan.columns}
    gone = [m for h, m in memories.items() if h not in headings]
    new = [c for c in plan.columns if c.heading not in memories]
    reworded = dict(_reworded(new, gone))
    taken = {m.goes_to for m in memories.values() if m.heading in headings}
    columns = []
    for column in plan.columns:
        memory = memories.get(column.heading)
        if memory and not (memory.goes_to == LEAVE_OUT and not memory.filled and column.filled):
            columns.append(_as_remembered(column, memory))
        elif column.heading in reworded:
            was = replace(reworded[column.heading], heading=column.heading)
            columns.append(replace(_as_remembered(column, was), is_asked=True))
        else:
            columns.append(_unasked(column, taken, is_new=memory is None))
    old = {m.heading for m in reworded.values()}
    return replace(
        plan,
        columns=tuple(columns),
        form=like[0],
        new=tuple(c.heading for c in new if c.heading not in reworded),
        reworded={heading: memory.heading for heading, memory in reworded.items()},
        vanished=tuple(m.heading for m in gone if m.heading not in old),
    )


def _as_remembered(column: FormColumn, memory: FormMemory) -> FormColumn:
    """Return a column as it was confirmed; asked about only where a word for yes is new."""
    if is_protected(memory.goes_to):
        return replace(column, goes_to=LEAVE_OUT, strength="asked", is_asked=True)
    if memory.goes_to != CONSENT:
        return replace(column, goes_to=memory.goes_to, strength="sure", is_asked=False)
    known = words_in_quotes(memory.yes)
    words = column.words
    meant = {folded(word) for word in known}
    yes = tuple(w for w in words if folded(w) in meant)
    new = tuple(w for w in words if w not in yes and verdict(w, column.heading) == "yes")
    yes = tuple(dict.fromkeys((*known, *yes, *new)))  # who says none of them today may tomorrow
    return replace(column, goes_to=CONSENT, strength="sure", is_asked=bool(new), yes=yes)


def _unasked(column: FormColumn, taken: set[str], *, is_new: bool) -> FormColumn:
    """Return a column that nobody confirmed, as proposed where nothing else goes there already.

    A second part may come to what was one column: the second line of a street, blank until now.
    """
    goes_to = column.goes_to
    if goes_to == CONSENT:  # whoever takes part agrees to all
        return replace(column, is_asked=True)
    is_part = goes_to.endswith(")") and not goes_to.endswith("(1)")
    there = taken if is_part else {base_heading(other) for other in taken}
    if goes_to != LEAVE_OUT and (goes_to if is_part else base_heading(goes_to)) in there:
        return replace(column, goes_to=LEAVE_OUT, strength="none", is_asked=is_new)
    return replace(column, is_asked=is_new or column.is_asked or is_part)


def _reworded(
    new: Sequence[FormColumn], gone: Sequence[FormMemory]
) -> Iterator[tuple[str, FormMemory]]:
    """Yield new headings that may be vanished ones in other words, each with what it was."""
    left = [memory for memory in gone if memory.goes_to != LEAVE_OUT]
    for column in new:
        same = [m for m in left if m.goes_to == column.goes_to]
        like = [m for m in left if not is_unlike(m.heading, column.heading)]
        if found := same or like:
            left.remove(found[0])
            yield column.heading, found[0]


# What is remembered of a form.


def remembered_columns(
    plan: ColumnPlan, form: str, confirmed: dt.date | None = None
) -> tuple[FormMemory, ...]:
    """Return what the list's sheet Forms keeps of a form: its questions, no answers.

    That everybody agreed is no property of the form: it is asked of each file.
    """
    return tuple(
        FormMemory(
            form=form,
            heading=column.heading,
            goes_to=column.goes_to,
            filled=column.filled,
            yes=quoted_words(column.yes) if column.goes_to == CONSENT else "",
            confirmed=confirmed,
        )
        for column in plan.columns
    )


def confirmation(remembered: Iterable[FormMemory], form: str) -> str:
    """Return a hash of what the sheet Forms says of a form, in whatever order its rows are."""
    said = [
        [folded(m.heading), folded(m.goes_to), *sorted(map(folded, words_in_quotes(m.yes)))]
        for m in remembered
        if m.form == form
    ]
    return short_hash(*("\x1f".join(words) for words in sorted(said))) if said else ""


# The name of a new form, and all forms with this one.


def new_form_name(file: str, known: Sequence[FormMemory]) -> str:
    """Return a name for a form, after its file, that no other has."""
    parts = PurePath(file).name.split(".")
    while len(parts) > 1 and parts[-1].lower() in _ENDINGS:
        parts.pop()
    name = _ADDED.sub("", ".".join(parts))
    name, taken = " ".join(name.split()) or "Form", {folded(memory.form) for memory in known}
    free = (n for n in (name, *(f"{name} {i}" for i in range(2, 1000))) if folded(n) not in taken)
    return next(free, name)


_ENDINGS = {"csv", "tsv", "txt", "xlsx", "ods", "zip"}
_ADDED = re.compile(r"\(\d+\)|\((?i:responses|réponses|respuestas|antworten|ответы)\)")
"""What browsers and programs of forms add to a name."""


def with_form(
    known: Sequence[FormMemory], plan: ColumnPlan, form: str, day: dt.date | None
) -> tuple[FormMemory, ...]:
    """Return the forms that are known, with this one as it was confirmed.

    What was confirmed before and is the same keeps its day.
    """
    new = {memory.heading: memory for memory in remembered_columns(plan, form, day)}
    after = list[FormMemory]()
    for old in known:
        now = new.pop(old.heading, None) if old.form == form else None
        after.append(old if now is None or _says_the_same(old, now) else now)
    return (*after, *new.values())


def _says_the_same(old: FormMemory, now: FormMemory) -> bool:
    same = (old.goes_to, old.yes) == (now.goes_to, now.yes)
    return same and bool(old.filled) == bool(now.filled) and old.confirmed is not None
