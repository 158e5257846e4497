"""Files in a campaign folder that the program created: found, deleted.

Letters are recognised by their IDs, print files by their names and titles, wherever they are among
staff's own files. Links are never followed.
"""

from __future__ import annotations

import html
import io
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.campaign_files import PRINT_FOLDER, folders_of_print_file
from merge.campaign.file_texts import read_limited
from merge.campaign.task import Task
from merge.campaign.traces import folder_entries
from merge.disk import (
    DRAFT_NAME_ENDS,
    LIBREOFFICE_OWNER_PREFIX,
    OFFICE_OWNER_PREFIX,
    delete_file,
    is_link,
    os_error_text,
    remove_empty_folder,
)
from merge.errors import StorageError
from merge.ooxml.stamps import read_stamp
from merge.printing.libreoffice import pdf_title
from merge.problems import Place
from merge.product import LETTER_EXTENSION, LETTERS_FOLDER
from merge.state.folder_access import read_file
from merge.state.ledger import Ledger
from merge.state.ledger_records import PrintedBatch
from merge.text.folding import composed


def find_letter_files(folder: Path, ledger: Ledger, task: Task) -> Iterator[tuple[str, str]]:
    """Yield the paths of letters below letters/, each with the letter's ID.

    A file without an ID is a letter if it is where the program put it. An unfinished draft of a
    killed run may be of any person, and is useless: its ID is empty.
    """
    root = folder / LETTERS_FOLDER
    for path in task.track([*files_below(root)], "Letters checked"):
        if not path.name.lower().endswith((LETTER_EXTENSION, DRAFT_NAME_ENDS[1])):
            continue
        data = read_file(str(path))
        stamp = read_stamp(data) if data else None
        letter_id = (
            stamp.id
            if stamp
            else ledger.state.letter_id_at(composed(path.relative_to(root).as_posix()))
        )
        if letter_id or is_draft(path):
            yield path.relative_to(folder).as_posix(), letter_id


def find_print_files(folder: Path, known: AbstractSet[str] = frozenset()) -> list[str]:
    """Return the program's files below print/, except the known files.

    These are print files, envelopes, labels, parcels and proofs. Staff may keep files of their own
    there, for example scans.
    """
    files = (
        (path.relative_to(folder).as_posix(), path)
        for path in sorted(files_below(folder / PRINT_FOLDER))
    )
    return [name for name, path in files if name not in known and _is_print_file(folder, path)]


def find_batch_files(folder: Path, ledger: Ledger, ids: AbstractSet[str]) -> set[str]:
    """Return the print files that letters were last put into, by the ledger.

    If several runs match, of the same minute or second, none is returned: the contents of a file
    decide.
    """
    batches = {record.batch for record in map(ledger.last_print, ids) if record}
    files = (files_of_batch(folder, batch) for batch in batches)
    return {path for paths in files if len({*map(_folder_of, paths)}) == 1 for path in paths}


def files_of_batch(folder: Path, batch: PrintedBatch) -> set[str]:
    """Return the files that a print file may have: of all runs at its moment."""
    folders = folders_of_print_file(folder, batch)
    files = (path for found in folders for path in found.glob(f"{batch.number:02} *"))
    return {path.relative_to(folder).as_posix() for path in files}


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def is_draft(path: Path) -> bool:
    """Return whether a file is an unfinished draft of a killed run."""
    return path.name.startswith(DRAFT_NAME_ENDS[0]) and path.name.endswith(DRAFT_NAME_ENDS[1])


SYSTEM_FILES = frozenset({".DS_Store", "Thumbs.db"})
"""Files of the system with names of other files. It creates them again."""


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a campaign's folder; none if the folder is a link."""
    if not is_link(folder):
        yield from (e.path for e in folder_entries(folder) if not (e.is_folder or e.is_link))


_TIMESTAMP = r"\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d(?:-\d+)?"
_BATCH_FOLDER = re.compile(_TIMESTAMP)
_PROOF = re.compile(rf"Proofread {_TIMESTAMP}\.(?:xlsx|docx)")
_BATCH = re.compile(r"\d\d+ .+")
_POSTING_TITLES = ("Envelopes", "Labels", "Parcels")


def _is_print_file(folder: Path, path: Path) -> bool:
    parts = path.relative_to(folder / PRINT_FOLDER).parts
    begins, ends = DRAFT_NAME_ENDS
    if parts[0].startswith(begins) and parts[0].endswith(ends):
        return True
    if len(parts) == 1:
        return _PROOF.fullmatch(parts[0]) is not None
    if len(parts) != 2 or not _BATCH_FOLDER.fullmatch(parts[0]):
        return False
    title, stem = _title(path), composed(path.stem)
    if _BATCH.fullmatch(stem):
        return title.endswith(stem)
    if path.suffix.lower() == ".pdf" and stem.startswith(_POSTING_TITLES):
        return title.endswith(f" {stem}")  # after the campaign's title
    return is_draft(path) or (title in _POSTING_TITLES and stem.startswith(title))


def _title(document: Path) -> str:
    """Return the title of a Word document or PDF, or an empty text."""
    if document.suffix.lower() == ".pdf":
        return composed(pdf_title(read_limited(document) or b""))
    try:
        with zipfile.ZipFile(io.BytesIO(read_limited(document) or b"")) as archive:
            core = archive.read("docProps/core.xml").decode(errors="replace")
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        return ""
    match = re.search(r"<(?:\w+:)?title>([^<]*)</", core)
    return composed(html.unescape(match[1])) if match else ""


@dataclass(slots=True)
class DeletedFiles:
    """Number of files deleted so far; `stopped` if the task was cancelled."""

    count: int = 0
    stopped: bool = False
    has_hashes: bool = False


def check_no_open_files(folder: Path, files: Sequence[str]) -> None:
    """Raise StorageError if a program has a file open in an affected folder."""
    for place in sorted({(folder / path).parent for path in files}):
        with suppress(OSError):
            for sibling in sorted(place.iterdir()):
                if sibling.name.startswith((OFFICE_OWNER_PREFIX, LIBREOFFICE_OWNER_PREFIX)):
                    folder_place = Place(str(place))
                    raise StorageError(
                        messages.problem("forget-open", folder_place, file=sibling.name)
                    )


def delete_files(folder: Path, files: Sequence[str], task: Task, removed: DeletedFiles) -> None:
    """Delete files, and folders that become empty.

    Raise Cancelled between two files.
    """
    real = Path(os.path.realpath(folder))
    for file in task.track(files, "Files deleted"):
        path = folder / file
        try:
            if Path(os.path.realpath(path.parent)).is_relative_to(
                real
            ):  # no link points outside the folder
                delete_file(path)
        except OSError as error:
            problem = messages.problem("forget-stays", Place(file), error=os_error_text(error))
            raise StorageError(problem) from error
        remove_empty_folders(folder, path.parent)
        removed.count += 1
    removed.stopped = False


def remove_empty_folders(folder: Path, below: Path) -> None:
    """Remove an empty folder and empty parents, up to letters/ and print/."""
    for parent in (below, *below.parents):
        if parent in {folder, folder / LETTERS_FOLDER, folder / PRINT_FOLDER}:
            break
        remove_empty_folder(parent)
