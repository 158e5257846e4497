"""What of a person can be found in a folder: in the files' names, in them, in zips inside them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from merge.campaign.errand import UNWATCHED, Errand
from merge.campaign.file_texts import bytes_of, texts_in, unescaped
from merge.campaign.person_words import PersonWords, has_words, plain
from merge.disk import is_link
from merge.errors import MergeError
from merge.excel.reader import read_book
from merge.problems import Place
from merge.state.ledger import LEDGER_FILE
from merge.state.ledger_rows import row_texts


@dataclass(frozen=True, slots=True)
class Trace:
    """A place where words of a person stand. `inside` is the part of a zip, if it is in one."""

    path: str
    words: frozenset[str]
    inside: str = ""
    places: tuple[Place, ...] = ()
    """Of a workbook, the cells."""


@dataclass
class Search:
    """What a search has found, and the files that it could not look into."""

    traces: list[Trace] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found, and every file could be looked into."""
        return not (self.traces or self.closed)

    def by_file(self) -> dict[str, list[str]]:
        """Return each file once in which something is left, with its cells, or parts of a zip."""
        cells: dict[str, list[Place]] = {}
        parts: dict[str, list[str]] = {}
        for trace in self.traces:
            cells.setdefault(trace.path, []).extend(trace.places)
            if trace.inside and trace.path.lower().endswith(".zip"):
                parts.setdefault(trace.path, []).append(trace.inside)
        return {
            path: [*dict.fromkeys([*_named(places), *parts.get(path, ())])]
            for path, places in cells.items()
        }


def _named(places: Iterable[Place]) -> Iterator[str]:
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


def search_folder(folder: Path, words: PersonWords, errand: Errand = UNWATCHED) -> Search:
    """Look through every file of a folder, hidden ones too; links are not followed, but told.

    Raise Stopped where a stop is asked for.
    """
    search = Search()
    found = [*entries(folder)]
    for entry in errand.each([e for e in found if not e.is_folder], "Files searched"):
        shown = entry.path.relative_to(folder).as_posix()
        if in_name := words.found_in(shown):
            search.traces.append(Trace(shown, in_name))
        if entry.is_link:
            search.closed.append(f"{shown} (a link)")
        else:
            inside = search_file(entry.path, shown, words, errand)
            search.traces += inside.traces
            search.closed += inside.closed
    full = {parent for entry in found if not entry.is_folder for parent in entry.path.parents}
    for entry in found:
        shown = entry.path.relative_to(folder).as_posix()
        if entry.is_folder and entry.path not in full and (there := words.found_in(shown)):
            search.traces.append(Trace(f"{shown}/", there))
    return search


def search_file(path: Path, shown: str, words: PersonWords, errand: Errand = UNWATCHED) -> Search:
    """Look into a file, which is called so from the campaign folder."""
    search, closed = Search(), list[str]()
    found: dict[str, frozenset[str]] = {}
    for inside, text in _texts_of(path, closed, errand.check):
        if there := words.found_in(text):
            found[inside] = found.get(inside, frozenset()) | there
    if found and path.suffix.lower() == ".xlsx":
        every, places = frozenset().union(*found.values()), tuple(_cells(path, words))
        if places or not all(map(_CELL_NAME.fullmatch, every)):
            search.traces.append(Trace(shown, every, "", places))
    else:
        search.traces += [Trace(shown, there, inside) for inside, there in found.items()]
    search.closed += (f"{shown} ({part})" if part else shown for part in dict.fromkeys(closed))
    return search


def _texts_of(
    path: Path, closed: list[str], check: Callable[[], object]
) -> Iterator[tuple[str, str]]:
    """Yield every text in a file, as `texts_in`; of a ledger those of its rows."""
    rows = row_texts(path) if path.name == LEDGER_FILE else None
    if rows is not None:
        yield from (("", unescaped(text)) for text in rows)
        return
    data = bytes_of(path)
    if data is None:
        closed.append("")
    yield from texts_in(data or b"", closed, check=check)


_CELL_NAME = re.compile(r"[a-z]{1,3}[1-9]\d{0,6}")
"""An ID such as F1234 is a cell's name as well, which every large workbook has."""


class FolderEntry(NamedTuple):
    """A file, link or folder below a folder."""

    path: Path
    is_folder: bool = False
    is_link: bool = False


def entries(folder: Path) -> Iterator[FolderEntry]:
    """Yield all that lies below a folder, which may be none; links and junctions as links."""
    for root, below, names in os.walk(folder):
        linked = {name for name in below if is_link(Path(root, name))}
        below[:] = sorted({*below} - linked)
        yield from (FolderEntry(Path(root, name), is_folder=True) for name in below)
        for name in sorted((*names, *linked)):
            path = Path(root, name)
            yield FolderEntry(path, is_link=is_link(path))


def _cells(path: Path, words: PersonWords) -> Iterator[Place]:
    """Yield the cells of a workbook in which words stand; a shared one counts beside a name."""
    try:
        book = read_book(path)
        for sheet in book.sheets:
            for row in book.sheet(sheet.name).rows:
                texts = {cell.column: str(cell.value or "") for cell in row.cells}
                there = words.found_in("\n".join(texts.values()))
                for column, text in texts.items() if there else ():
                    if any(has_words(plain(text), word) for word in there):
                        yield Place(path.name, sheet.name, column, row.number)
    except MergeError:
        return
