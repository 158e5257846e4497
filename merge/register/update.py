"""The register made or brought up to date: planned, written beside, looked through, renamed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from merge.excel.saving import NotSaved
from merge.model import Place, Problem
from merge.register.planning import plan_tables
from merge.register.reading import Register
from merge.register.records import Entry, Updated


def update_register(
    path: Path, entries: Iterable[Entry], register: Register, now: dt.datetime
) -> Updated:
    """Make the register list every letter there is, or bring the one that was read up to date.

    Written only where something changed, whole or not at all. Where it cannot be written, a
    problem says so, and the next run finds the same news again. `entries` are every letter that
    has a row or shall have one; they are gone through once. Where there is no register yet, none
    of them is held.
    """
    if not register.exists:
        return _first(path, entries)
    plans = plan_tables(register.tables, path.name, entries)
    problems = [problem for plan in plans for problem in plan.problems]
    typed = tuple(typed for plan in plans for typed in plan.typed)
    if all(plan.is_empty for plan in plans):
        return Updated(written=False, problems=tuple(problems), typed=typed)
    from merge.register.writing import rewrite  # noqa: PLC0415 - openpyxl, when it is needed

    try:
        lost, kept = rewrite(path, register.seen, plans, now)
    except NotSaved as error:
        told = (*problems, error.problem(path))
        return Updated(written=False, current=False, problems=told, typed=typed)
    problems += [_lost(path, lost, kept)] if kept else ()
    return Updated(written=True, problems=tuple(problems), kept_old=kept, typed=typed)


def _first(path: Path, entries: Iterable[Entry]) -> Updated:
    from merge.register.writing import write_first  # noqa: PLC0415 - openpyxl, when it is needed

    try:
        write_first(path, entries)
    except NotSaved as error:
        return Updated(written=False, current=False, problems=(error.problem(path),))
    return Updated(written=True)


def _lost(path: Path, lost: Sequence[str], kept: Path) -> Problem:
    what = f"this may be lost or look different now: {', '.join(lost)}."
    hint = f"The register as it was is {kept.name}. Keep such things in a workbook of your own."
    return Problem("register-losses", Place(path.name), what, hint, "warning")
