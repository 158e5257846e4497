"""The setting Match, and the people whom it leaves without a letter; the setting Sort by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from merge.model import Column, People, Problem
from merge.naming import folded
from merge.workbook.near import listed, nearest
from merge.workbook.settings import Settings


def column_problems(settings: Settings, signers: People, recipients: People) -> Iterator[Problem]:
    """Errors where a setting names a column that is not where it must be."""
    for people in (signers, recipients):
        if settings.match and not _has(people, settings.match):
            what = f"Match names a column that the sheet {people.sheet} has not."
            yield _no_column(settings, "match", what, people.columns)
    sort_by = settings.sort_by
    if sort_by and not any(_has(people, sort_by) for people in (signers, recipients)):
        what = "Sort by names a column that no sheet has."
        yield _no_column(settings, "sort_by", what, (*signers.columns, *recipients.columns))


def _has(people: People, tag: str) -> bool:
    return any(c.tag == tag for c in people.columns)


def _no_column(settings: Settings, tag: str, what: str, columns: Iterable[Column]) -> Problem:
    near = nearest(settings.fields[tag], (c.heading for c in columns))
    hint = (
        f"Did you mean '{near}'?" if near else "Write the heading of a column as it stands there."
    )
    return Problem("setting-column", settings.place(tag), what, hint)


def unmatched(settings: Settings, people: People, others: People) -> Iterator[Problem]:
    """A warning that counts those of `people` whose cell agrees with none of the others'."""
    there = {folded(p.fields[settings.match]) for p in others.persons}
    if "" in there:  # it agrees with all
        return
    words = [(folded(p.fields[settings.match]), p) for p in people.persons]
    alone = [p for word, p in words if word and word not in there]
    if alone:
        are = "person agrees" if len(alone) == 1 else "people agree"
        whom = listed((p.label for p in alone), 3)
        what = f"{len(alone)} {are} with nobody in the sheet {others.sheet}, so no letter: {whom}."
        hint = "Make the cells agree, or empty them for everybody."
        place = people.place(tag=settings.match)
        yield Problem("unmatched-people", place, what, hint, "warning")
