"""The files in a campaign folder that the program made: found, and deleted.

Letters are known by the ids in them, print files by their names and titles, wherever staff's own
files lie among them. Links are never followed.
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
from merge.campaign.campaign_files import PRINT_FOLDER
from merge.campaign.file_texts import read_limited
from merge.campaign.task import Task
from merge.campaign.traces import folder_entries
from merge.disk import (
    DRAFT_NAME_ENDS,
    LIBREOFFICE_OWNER_PREFIX,
    OFFICE_OWNER_PREFIX,
    is_link,
    os_error_text,
)
from merge.errors import StorageError
from merge.ooxml.stamps import read_stamp
from merge.printing.libreoffice import pdf_title
from merge.problems import Place
from merge.product import LETTER_EXTENSION, LETTERS_FOLDER
from merge.state.folder_access import read_file
from merge.state.ledger import LEDGER_FILE, Ledger
from merge.text.folding import composed

DAMAGED_LEDGER = f"{LEDGER_FILE}.damaged"


def find_letter_files(folder: Path, ledger: Ledger, task: Task) -> Iterator[tuple[str, str]]:
    """Yield the files below letters/ that are letters, wherever they lie, and the letters' ids.

    A file without an id is one where the program put it. A draft that was not finished when a run
    was killed may be anybody's, and is of no use: its id is empty.
    """
    root = folder / LETTERS_FOLDER
    for path in task.track([*files_below(root)], "Letters checked"):
        if not path.name.lower().endswith((LETTER_EXTENSION, DRAFT_NAME_ENDS[1])):
            continue
        data = read_file(str(path))
        stamp = read_stamp(data) if data else None
        own = (
            stamp.id if stamp else ledger.letter_id_at(composed(path.relative_to(root).as_posix()))
        )
        if own or is_draft(path):
            yield path.relative_to(folder).as_posix(), own


def find_print_files(folder: Path, known: AbstractSet[str] = frozenset()) -> list[str]:
    """Return the files below print/ that are the program's, but for those that are known.

    These are batches, what goes round their letters, and proofs. Staff may keep files of their own
    there, scans perhaps.
    """
    files = (
        (p.relative_to(folder).as_posix(), p) for p in sorted(files_below(folder / PRINT_FOLDER))
    )
    return [n for n, p in files if n not in known and _is_print_file(folder, p)]


def find_batch_files(folder: Path, ledger: Ledger, ids: AbstractSet[str]) -> set[str]:
    """Return the files of the batches that letters were last put into, as the ledger knows it.

    If several runs could be meant, of one minute or second, none is: what is in a file decides.
    """
    found: set[str] = set()
    for record in filter(None, map(ledger.last_print, sorted(ids))):
        number, moment = record.batch
        run = f"{moment:%Y-%m-%d %H.%M}.{record.batch.seconds}"
        runs = [*folder.glob(f"{PRINT_FOLDER}/{run}*")]
        if len(runs) == 1:
            found.update(p.relative_to(folder).as_posix() for p in runs[0].glob(f"{number:02} *"))
    return found


def is_draft(path: Path) -> bool:
    """Return whether a file is one that a run was killed over."""
    return path.name.startswith(DRAFT_NAME_ENDS[0]) and path.name.endswith(DRAFT_NAME_ENDS[1])


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder of the campaign; none if it is a link."""
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
    return is_draft(path) or (title in _POSTING_TITLES and stem.startswith(title))


def _title(document: Path) -> str:
    """Return the title in the properties of a Word document or a PDF; empty if it has none."""
    if document.suffix.lower() == ".pdf":
        return composed(pdf_title(read_limited(document) or b""))
    try:
        with zipfile.ZipFile(io.BytesIO(read_limited(document) or b"")) as archive:
            core = archive.read("docProps/core.xml").decode(errors="replace")
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        return ""
    found = re.search(r"<(?:\w+:)?title>([^<]*)</", core)
    return composed(html.unescape(found[1])) if found else ""


@dataclass(slots=True)
class DeletedFiles:
    """How many files are deleted, of those that were to be; `stopped` where it was, before."""

    count: int = 0
    stopped: bool = False
    has_hashes: bool = False


def check_no_open_files(folder: Path, files: Sequence[str]) -> None:
    """Raise StorageError where a program has a file open that lies beside those that go."""
    for place in sorted({(folder / path).parent for path in files}):
        with suppress(OSError):
            for beside in sorted(place.iterdir()):
                if beside.name.startswith((OFFICE_OWNER_PREFIX, LIBREOFFICE_OWNER_PREFIX)):
                    where = Place(str(place))
                    raise StorageError(messages.problem("forget-open", where, file=beside.name))


def delete_files(folder: Path, files: Sequence[str], task: Task, removed: DeletedFiles) -> None:
    """Delete files, and folders that are left empty. Raise Stopped between two of them."""
    real = Path(os.path.realpath(folder))
    for file in task.track(files, "Files deleted"):
        path = folder / file
        try:
            if Path(os.path.realpath(path.parent)).is_relative_to(real):  # no link leads elsewhere
                path.unlink(missing_ok=True)
        except OSError as error:
            problem = messages.problem("forget-stays", Place(file), error=os_error_text(error))
            raise StorageError(problem) from error
        remove_empty_folders(folder, path.parent)
        removed.count += 1
    removed.stopped = False


def remove_empty_folders(folder: Path, below: Path) -> None:
    """Remove a folder that is left empty, and those above it, up to letters/ and print/."""
    for each in (below, *below.parents):
        if each in {folder, folder / LETTERS_FOLDER, folder / PRINT_FOLDER}:
            break
        with suppress(OSError):
            each.rmdir()
