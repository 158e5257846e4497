"""Search of a folder for a person: in file names, files and zips."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from merge.campaign.file_texts import TextSearch, read_limited, unescape_json
from merge.campaign.person_words import PersonWords, contains_words, searchable
from merge.campaign.task import NO_PROGRESS, Task
from merge.disk import is_link
from merge.errors import MergeError
from merge.excel.reader import read_excel_file
from merge.problems import Place
from merge.product import TEMPLATES_FOLDER
from merge.state.ledger_file import LEDGER_FILE
from merge.state.ledger_rows import row_texts

_NAME_SEPARATORS = re.compile("[-._+]")
"""Characters between the words of a file name."""


@dataclass(frozen=True, slots=True)
class PersonalDataTrace:
    """A place with words of a person; `zip_part` is the part of a zip, if any."""

    path: str
    words: frozenset[str]
    zip_part: str = ""
    cells: tuple[Place, ...] = ()
    """The cells, if the file is a workbook."""


@dataclass
class PersonalDataTraces:
    """The traces of a person that a search found, and unreadable files."""

    traces: list[PersonalDataTrace] = field(default_factory=list)
    unreadable_files: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found and every file could be read."""
        return not (self.traces or self.unreadable_files)

    @property
    def is_in_template(self) -> bool:
        """Whether a template has the person's data, and so may new letters."""
        return any(trace.path.startswith(f"{TEMPLATES_FOLDER}/") for trace in self.traces)

    def by_file(self) -> dict[str, list[str]]:
        """Return the files with traces, each with its cells or parts of a zip.

        The ledger has a note instead: no one should delete it.
        """
        cells: dict[str, list[Place]] = {}
        parts: dict[str, list[str]] = {}
        for trace in self.traces:
            cells.setdefault(trace.path, []).extend(trace.cells)
            if trace.zip_part.startswith("docProps/"):
                parts.setdefault(trace.path, []).append("File > Info")
            elif trace.zip_part and trace.path.lower().endswith(".zip"):
                parts.setdefault(trace.path, []).append(trace.zip_part)
        parts |= {path: [_LEDGER_NOTE] for path in cells if path.endswith(f"/{LEDGER_FILE}")}
        return {
            path: [*dict.fromkeys([*_cell_ranges(places), *parts.get(path, ())])]
            for path, places in cells.items()
        }


_LEDGER_NOTE = "the program’s own records: do not delete this file, but create letters again"
"""The note on a ledger that still has the person's data."""


def _cell_ranges(places: Iterable[Place]) -> Iterator[str]:
    """Yield cells by sheet and reference, neighbours as `Signers!A6:E6`."""
    runs: list[list[Place]] = []
    for place in dict.fromkeys(places):
        last = runs[-1][-1] if runs else None
        next_cell = (last.sheet, last.row, last.column + 1) if last else None
        if (place.sheet, place.row, place.column) == next_cell:
            runs[-1].append(place)
        else:
            runs.append([place])
    for run in runs:
        end = f":{run[-1].cell}" if len(run) > 1 else ""
        yield f"{run[0].sheet}!{run[0].cell}{end}"


def search_folder(folder: Path, words: PersonWords, task: Task = NO_PROGRESS) -> PersonalDataTraces:
    """Search all files of a folder, also hidden ones, for a person's words.

    Links are not followed, but reported. Raise Cancelled if the task was cancelled.
    """
    search = PersonalDataTraces()
    find = lru_cache(maxsize=32)(words.find_in)  # letters have the same attributes and part names
    text_search = TextSearch(find, task.raise_if_cancelled)
    all_entries = [*folder_entries(folder)]
    for entry in task.track([e for e in all_entries if not e.is_folder], "Files searched"):
        path = entry.path.relative_to(folder).as_posix()
        separated = _NAME_SEPARATORS.sub(" ", path)
        if name_words := words.find_in(f"{path}\n{separated}"):
            search.traces.append(PersonalDataTrace(path, name_words))
        if entry.is_link:
            search.unreadable_files.append(f"{path} (a link)")
        else:
            file_search = search_file(entry.path, path, words, text_search)
            search.traces += file_search.traces
            search.unreadable_files += file_search.unreadable_files
    filled_folders = {
        parent for entry in all_entries if not entry.is_folder for parent in entry.path.parents
    }
    for entry in all_entries:
        path = entry.path.relative_to(folder).as_posix()
        if (
            entry.is_folder
            and entry.path not in filled_folders
            and (found_words := words.find_in(path))
        ):
            search.traces.append(PersonalDataTrace(f"{path}/", found_words))
    return search


def search_file(
    path: Path, shown: str, words: PersonWords, text_search: TextSearch
) -> PersonalDataTraces:
    """Search one file, shown as a path in the folder, for a person's words."""
    search, unreadable = PersonalDataTraces(), list[str]()
    words_by_part: dict[str, frozenset[str]] = {}
    for part, found_words in _search_texts(path, text_search):
        if found_words is None:
            unreadable.append(part)
        elif found_words:
            words_by_part[part] = words_by_part.get(part, frozenset()).union(found_words)
    if words_by_part and path.suffix.lower() == ".xlsx":
        all_words, places = (
            frozenset().union(*words_by_part.values()),
            tuple(_cells_with_words(path, words)),
        )
        if places or not all(map(_CELL_REFERENCE.fullmatch, all_words)):
            part = "" if places else next(iter(words_by_part))
            search.traces.append(PersonalDataTrace(shown, all_words, part, places))
    else:
        search.traces += [
            PersonalDataTrace(shown, found_words, inside)
            for inside, found_words in words_by_part.items()
        ]
    search.unreadable_files += (
        f"{shown} ({part})" if part else shown for part in dict.fromkeys(unreadable)
    )
    return search


def _search_texts(path: Path, search: TextSearch) -> Iterator[tuple[str, list[str] | None]]:
    """Yield the findings of a search in a file, or in a ledger's rows."""
    rows = row_texts(path) if path.name == LEDGER_FILE else None
    if rows is not None:
        yield from (("", [*search.find(unescape_json(text))]) for text in {*rows})
        return
    data = read_limited(path)
    if data is None:
        yield "", None
    yield from search.search(data or b"")


_CELL_REFERENCE = re.compile(r"[a-z]{1,3}[1-9]\d{0,6}")
"""A cell reference.

An ID such as F1234 is a cell reference as well, which every large workbook has.
"""


class FolderEntry(NamedTuple):
    """A file, link or folder below a folder."""

    path: Path
    is_folder: bool = False
    is_link: bool = False


def folder_entries(folder: Path) -> Iterator[FolderEntry]:
    """Yield everything below a folder, which may be missing.

    Links and junctions count as links.
    """
    for root, below, names in os.walk(folder):
        linked = {name for name in below if is_link(Path(root, name))}
        below[:] = sorted({*below} - linked)
        yield from (FolderEntry(Path(root, name), is_folder=True) for name in below)
        for name in sorted((*names, *linked)):
            path = Path(root, name)
            yield FolderEntry(path, is_link=is_link(path))


def _cells_with_words(path: Path, words: PersonWords) -> Iterator[Place]:
    """Yield the cells of a workbook that contain the words.

    A shared word counts next to a name. A cell with just the name counts in a row with other words.
    """
    try:
        book = read_excel_file(path)
        for sheet in book.sheets:
            for row in book.sheet(sheet.name).rows:
                texts = {cell.column: str(cell.value or "") for cell in row.cells}
                found_words = words.find_in("\n".join(texts.values()))
                for column, text in texts.items() if found_words else ():
                    cell = searchable(text)
                    if cell in words.names or any(contains_words(cell, w) for w in found_words):
                        yield Place(path.name, sheet.name, column, row.number)
    except MergeError:
        return
