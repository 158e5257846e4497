"""The register's file: made, or rewritten from the one that was read. What needs openpyxl."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook

from merge.excel.reader import Book, read_contents
from merge.excel.saving import (
    NotSaved,
    Seen,
    carried,
    check_carried,
    check_closed,
    drafted,
    keep_old,
    losses,
    packing,
    put_in_place,
    read_same,
    target_of,
    too_long,
    write_rest,
)
from merge.ooxml.container import MOST_PART, told_of
from merge.ooxml.kinds import EXCEL, open_archive
from merge.register.making import make
from merge.register.planning import Plan
from merge.register.records import Entry
from merge.register.updating import apply, load


def write_first(path: Path, entries: Iterable[Entry]) -> None:
    """Make the register. NotSaved where it cannot be, or something has its name by now."""
    with drafted(path, lambda out: make(entries, out)) as draft:
        _check_size(draft)
        put_in_place(draft, path, None)


def _check_size(draft: Path) -> None:
    """NotSaved where the next run could not read it: its sheets would pass merge.sheet's caps."""
    with zipfile.ZipFile(draft) as archive:
        if any(part.file_size > MOST_PART for part in archive.infolist()):
            raise too_long()


def rewrite(
    path: Path, before: Seen | None, plans: Sequence[Plan], now: dt.datetime
) -> tuple[tuple[str, ...], Path | None]:
    """Bring the file up to date; what was lost in it, and where it is kept as it was.

    Of a link, the file that it leads to; what is kept lies beside the link.
    """
    check_closed(path)
    target = target_of(path)
    data = read_same(target, before)
    with told_of(EXCEL, path.name):
        archive = open_archive(data, EXCEL)
        old = Book(path.name, archive, read_contents(archive))
    lost = losses(archive)
    with carried():
        book = load(data, (sheet.name for sheet in old.sheets))
    apply(book, plans)
    with drafted(target, lambda out: _save(book, out)) as draft:
        check_carried(old, draft, _touched(plans))
        kept = keep_old(path, data, now) if lost else None
        try:
            put_in_place(draft, target, before)
        except NotSaved:
            if kept:
                kept.unlink()
            raise
    return lost, kept


def _save(book: Workbook, out: BinaryIO) -> None:
    with carried(), packing(out) as archive:
        write_rest(book, archive)


def _touched(plans: Iterable[Plan]) -> set[tuple[str, int, int]]:
    """The cells that the plans change: those of rows that are there, and totals that move."""
    cells: set[tuple[str, int, int]] = set()
    for plan in plans:
        if plan.table:
            sheet, columns, area = plan.table.sheet, plan.table.columns, plan.table.area
            there = (c for c in plan.changes if c.column.heading in columns)
            cells.update((sheet, c.row, columns[c.column.heading]) for c in there)
            if area and plan.new:
                totals = range(area.bottom - area.totals + 1, area.bottom + 1)
                cells.update(
                    (sheet, r, c) for r in totals for c in range(area.left, area.right + 1)
                )
    return cells
