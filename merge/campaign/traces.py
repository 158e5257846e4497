"""Search of a folder for a person: in file names, files and zips."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from merge.campaign.file_texts import TextSearch, read_limited
from merge.campaign.search_terms import SearchTerms
from merge.campaign.task import NO_PROGRESS, Task
from merge.disk import is_link
from merge.errors import MergeError
from merge.excel.reader import parse_excel_file
from merge.ooxml.stamps import read_stamp
from merge.problems import Place
from merge.product import LETTER_EXTENSION, RECORDS_FOLDER, TEMPLATES_FOLDER


@dataclass(frozen=True, slots=True)
class PersonalDataTrace:
    """A place with a person's data; `zip_part` is the part of a zip, if any.

    `words` are the search terms and the letter's ID that were found there.
    """

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

        The records have a note instead: no one should delete them.
        """
        cells: dict[str, list[Place]] = {}
        parts: dict[str, list[str]] = {}
        for trace in self.traces:
            cells.setdefault(trace.path, []).extend(trace.cells)
            if trace.zip_part.startswith("docProps/"):
                parts.setdefault(trace.path, []).append("File > Info")
            elif trace.zip_part and trace.path.lower().endswith(".zip"):
                parts.setdefault(trace.path, []).append(trace.zip_part)
        records = f"{RECORDS_FOLDER}/"
        parts |= {path: [_LEDGER_NOTE] for path in cells if path.startswith(records)}
        return {
            path: [*dict.fromkeys([*_cell_ranges(places), *parts.get(path, ())])]
            for path, places in cells.items()
        }


_LEDGER_NOTE = "the program’s own records: do not delete this file, but create letters again"
"""The note on records that still have the person's data."""


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


def search_folder(folder: Path, terms: SearchTerms, task: Task = NO_PROGRESS) -> PersonalDataTraces:
    """Search all files of a folder, also hidden ones, for a person's data.

    Links are not followed, but reported. The records are not searched: they have the terms
    until the deletion is complete. Raise Cancelled if the task was cancelled.
    """
    search, records = PersonalDataTraces(), folder / RECORDS_FOLDER
    find = lru_cache(maxsize=32)(terms.find_in)  # letters have the same attributes and part names
    text_search = TextSearch(find, task.raise_if_cancelled)
    all_entries = [*folder_entries(folder)]
    files = [e for e in all_entries if not e.is_folder and records not in e.path.parents]
    for entry in task.track(files, "Files searched"):
        path = entry.path.relative_to(folder).as_posix()
        if name_words := terms.find_in(path):
            search.traces.append(PersonalDataTrace(path, name_words))
        if entry.is_link:
            search.unreadable_files.append(f"{path} (a link)")
        else:
            file_search = search_file(entry.path, path, terms, text_search)
            search.traces += file_search.traces
            search.unreadable_files += file_search.unreadable_files
    filled_folders = {
        parent for entry in all_entries if not entry.is_folder for parent in entry.path.parents
    }
    for entry in all_entries:
        path = entry.path.relative_to(folder).as_posix()
        is_empty = entry.is_folder and entry.path not in filled_folders
        if is_empty and (found_words := terms.find_in(path)):
            search.traces.append(PersonalDataTrace(f"{path}/", found_words))
    return search


def search_file(
    path: Path, shown: str, terms: SearchTerms, text_search: TextSearch
) -> PersonalDataTraces:
    """Search one file, shown as a path in the folder, for a person's data."""
    data = read_limited(path)
    if data is None:
        return PersonalDataTraces(unreadable_files=[shown])
    search, words_by_part = PersonalDataTraces(), dict[str, frozenset[str]]()
    for part, found_words in text_search.search(data):
        if found_words is None:
            search.unreadable_files.append(f"{shown} ({part})" if part else shown)
        elif found_words:
            words_by_part[part] = words_by_part.get(part, frozenset()).union(found_words)
    ending = path.suffix.lower()
    stamp = read_stamp(data) if ending == LETTER_EXTENSION else None
    if ids := terms.ids & ({stamp.id} if stamp else set()):
        search.traces.append(PersonalDataTrace(shown, ids))
    words = frozenset[str]().union(*words_by_part.values())
    places = tuple(_cells_with_data(data, shown, terms)) if ending == ".xlsx" else ()
    if places:
        search.traces.append(PersonalDataTrace(shown, words, cells=places))
    elif ending != ".xlsx" or not all(map(_CELL_REFERENCE.fullmatch, words)):
        search.traces += (PersonalDataTrace(shown, w, part) for part, w in words_by_part.items())
    search.unreadable_files = [*dict.fromkeys(search.unreadable_files)]
    return search


def search_records(folder: Path, terms: SearchTerms) -> list[PersonalDataTrace]:
    """Search the records of a campaign for a person's data."""
    text_search, traces = TextSearch(terms.find_in), list[PersonalDataTrace]()
    for entry in folder_entries(folder / RECORDS_FOLDER):
        if not (entry.is_folder or entry.is_link):
            path = entry.path.relative_to(folder).as_posix()
            traces += search_file(entry.path, path, terms, text_search).traces
    return traces


_CELL_REFERENCE = re.compile(r"[a-zA-Z]{1,3}[1-9]\d{0,6}")
"""A cell reference.

An ID such as F1234 is a cell reference as well, which every large workbook has.
"""


def _cells_with_data(data: bytes, shown: str, terms: SearchTerms) -> Iterator[Place]:
    """Yield the cells of a workbook that have a person's data.

    If given name and surname are in two cells, these are all cells of the row.
    """
    with suppress(MergeError):
        book = parse_excel_file(data, shown)
        for sheet in book.sheets:
            rows = {
                row.number: {cell.column: str(cell.value or "") for cell in row.cells}
                for row in book.sheet(sheet.name).rows
            }
            lines = {number: "\t".join(cells.values()) for number, cells in rows.items()}
            is_found = terms.find_in("\n".join(lines.values()))
            for number, line in lines.items() if is_found else ():
                if terms.find_in(line):
                    columns = [c for c, text in rows[number].items() if terms.find_in(text)]
                    for column in columns or rows[number]:
                        yield Place(Path(shown).name, sheet.name, column, number)


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
