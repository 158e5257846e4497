"""What of a person can be found in a folder: in the files' names, in them, in zips inside them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from merge.campaign.file_texts import find_texts, read_limited, unescape_json
from merge.campaign.person_words import PersonWords, contains_words, searchable
from merge.campaign.task import NO_PROGRESS, Task
from merge.disk import is_link
from merge.errors import MergeError
from merge.excel.reader import read_excel_file
from merge.problems import Place
from merge.state.ledger import LEDGER_FILE
from merge.state.ledger_rows import row_texts


@dataclass(frozen=True, slots=True)
class Trace:
    """A place where words of a person stand. `inside` is the part of a zip, if it is in one."""

    path: str
    words: frozenset[str]
    zip_part: str = ""
    cells: tuple[Place, ...] = ()
    """Of a workbook, the cells."""


@dataclass
class TraceSearch:
    """What a search has found, and the files that it could not look into."""

    traces: list[Trace] = field(default_factory=list)
    unreadable_files: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found, and every file could be looked into."""
        return not (self.traces or self.unreadable_files)

    def by_file(self) -> dict[str, list[str]]:
        """Return each file once in which something is left, with its cells, or parts of a zip."""
        cells: dict[str, list[Place]] = {}
        parts: dict[str, list[str]] = {}
        for trace in self.traces:
            cells.setdefault(trace.path, []).extend(trace.cells)
            if trace.zip_part and trace.path.lower().endswith(".zip"):
                parts.setdefault(trace.path, []).append(trace.zip_part)
        return {
            path: [*dict.fromkeys([*_cell_ranges(places), *parts.get(path, ())])]
            for path, places in cells.items()
        }


def _cell_ranges(places: Iterable[Place]) -> Iterator[str]:
    """Yield cells by sheet and name, those next to each other as one: `Signers!A6:E6`."""
    runs: list[list[Place]] = []
    for place in dict.fromkeys(places):
        last = runs[-1][-1] if runs else None
        after = (last.sheet, last.row, last.column + 1) if last else None
        if (place.sheet, place.row, place.column) == after:
            runs[-1].append(place)
        else:
            runs.append([place])
    for run in runs:
        end = f":{run[-1].cell}" if len(run) > 1 else ""
        yield f"{run[0].sheet}!{run[0].cell}{end}"


def search_folder(folder: Path, words: PersonWords, task: Task = NO_PROGRESS) -> TraceSearch:
    """Look through every file of a folder, hidden ones too; links are not followed, but told.

    Raise Stopped where a stop is asked for.
    """
    search = TraceSearch()
    found = [*folder_entries(folder)]
    for entry in task.track([e for e in found if not e.is_folder], "Files searched"):
        shown = entry.path.relative_to(folder).as_posix()
        if in_name := words.find_in(shown):
            search.traces.append(Trace(shown, in_name))
        if entry.is_link:
            search.unreadable_files.append(f"{shown} (a link)")
        else:
            inside = search_file(entry.path, shown, words, task)
            search.traces += inside.traces
            search.unreadable_files += inside.unreadable_files
    full = {parent for entry in found if not entry.is_folder for parent in entry.path.parents}
    for entry in found:
        shown = entry.path.relative_to(folder).as_posix()
        if entry.is_folder and entry.path not in full and (there := words.find_in(shown)):
            search.traces.append(Trace(f"{shown}/", there))
    return search


def search_file(
    path: Path, shown: str, words: PersonWords, task: Task = NO_PROGRESS
) -> TraceSearch:
    """Look into a file, which is called so from the campaign folder."""
    search, closed = TraceSearch(), list[str]()
    found: dict[str, frozenset[str]] = {}
    for inside, text in _file_texts(path, closed, task.raise_if_cancelled):
        if there := words.find_in(text):
            found[inside] = found.get(inside, frozenset()) | there
    if found and path.suffix.lower() == ".xlsx":
        every, places = frozenset().union(*found.values()), tuple(_cells_with_words(path, words))
        if places or not all(map(_CELL_REFERENCE.fullmatch, every)):
            search.traces.append(Trace(shown, every, "", places))
    else:
        search.traces += [Trace(shown, there, inside) for inside, there in found.items()]
    search.unreadable_files += (
        f"{shown} ({part})" if part else shown for part in dict.fromkeys(closed)
    )
    return search


def _file_texts(
    path: Path, closed: list[str], check: Callable[[], object]
) -> Iterator[tuple[str, str]]:
    """Yield every text in a file, as `find_texts`; of a ledger those of its rows."""
    rows = row_texts(path) if path.name == LEDGER_FILE else None
    if rows is not None:
        yield from (("", unescape_json(text)) for text in rows)
        return
    data = read_limited(path)
    if data is None:
        closed.append("")
    yield from find_texts(data or b"", closed, check=check)


_CELL_REFERENCE = re.compile(r"[a-z]{1,3}[1-9]\d{0,6}")
"""An ID such as F1234 is a cell's name as well, which every large workbook has."""


class FolderEntry(NamedTuple):
    """A file, link or folder below a folder."""

    path: Path
    is_folder: bool = False
    is_link: bool = False


def folder_entries(folder: Path) -> Iterator[FolderEntry]:
    """Yield all that lies below a folder, which may be none; links and junctions as links."""
    for root, below, names in os.walk(folder):
        linked = {name for name in below if is_link(Path(root, name))}
        below[:] = sorted({*below} - linked)
        yield from (FolderEntry(Path(root, name), is_folder=True) for name in below)
        for name in sorted((*names, *linked)):
            path = Path(root, name)
            yield FolderEntry(path, is_link=is_link(path))


def _cells_with_words(path: Path, words: PersonWords) -> Iterator[Place]:
    """Yield the cells of a workbook in which words stand; a shared one counts beside a name."""
    try:
        book = read_excel_file(path)
        for sheet in book.sheets:
            for row in book.sheet(sheet.name).rows:
                texts = {cell.column: str(cell.value or "") for cell in row.cells}
                there = words.find_in("\n".join(texts.values()))
                for column, text in texts.items() if there else ():
                    if any(contains_words(searchable(text), word) for word in there):
                        yield Place(path.name, sheet.name, column, row.number)
    except MergeError:
        return
