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
from merge.campaign.errand import Errand
from merge.campaign.file_texts import bytes_of
from merge.campaign.places import PRINT_FOLDER
from merge.campaign.traces import entries
from merge.disk import DRAFT, LIBREOFFICE_OWNER, OFFICE_OWNER, is_link, os_reason
from merge.errors import StorageError
from merge.ooxml.stamps import stamp_of
from merge.printing.libreoffice import pdf_title
from merge.problems import Place
from merge.product import LETTER_ENDING, LETTERS_FOLDER
from merge.state.ledger import LEDGER_FILE, Ledger
from merge.state.letters_folder import read_file
from merge.text.folding import composed

DAMAGED_LEDGER = f"{LEDGER_FILE}.damaged"


def letter_files(folder: Path, ledger: Ledger, errand: Errand) -> Iterator[tuple[str, str]]:
    """Yield the files below letters/ that are letters, wherever they lie, and the letters' ids.

    A file without an id is one where the program put it. A draft that was not finished when a run
    was killed may be anybody's, and is of no use: its id is empty.
    """
    root = folder / LETTERS_FOLDER
    for path in errand.each([*own_files(root)], "Letters checked"):
        if not path.name.lower().endswith((LETTER_ENDING, DRAFT[1])):
            continue
        data = read_file(str(path))
        stamp = stamp_of(data) if data else None
        own = stamp.id if stamp else ledger.id_at(composed(path.relative_to(root).as_posix()))
        if own or is_draft(path):
            yield path.relative_to(folder).as_posix(), own


def print_files(folder: Path, known: AbstractSet[str] = frozenset()) -> list[str]:
    """Return the files below print/ that are the program's, but for those that are known.

    These are batches, what goes round their letters, and proofs. Staff may keep files of their own
    there, scans perhaps.
    """
    files = (
        (p.relative_to(folder).as_posix(), p) for p in sorted(own_files(folder / PRINT_FOLDER))
    )
    return [n for n, p in files if n not in known and _is_made_for_printing(folder, p)]


def batches_of(folder: Path, ledger: Ledger, ids: AbstractSet[str]) -> set[str]:
    """Return the files of the batches that letters were last put into, as the ledger knows it.

    If several runs could be meant, of one minute or second, none is: what is in a file decides.
    """
    found: set[str] = set()
    for record in filter(None, map(ledger.printed, sorted(ids))):
        number, moment = record.batch
        run = f"{moment:%Y-%m-%d %H.%M}.{record.batch.seconds}"
        runs = [*folder.glob(f"{PRINT_FOLDER}/{run}*")]
        if len(runs) == 1:
            found.update(p.relative_to(folder).as_posix() for p in runs[0].glob(f"{number:02} *"))
    return found


def is_draft(path: Path) -> bool:
    """Return whether a file is one that a run was killed over."""
    return path.name.startswith(DRAFT[0]) and path.name.endswith(DRAFT[1])


def own_files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder of the campaign; none if it is a link."""
    if not is_link(folder):
        yield from (e.path for e in entries(folder) if not (e.is_folder or e.is_link))


_WHEN = r"\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d(?:-\d+)?"
_BATCH_FOLDER = re.compile(_WHEN)
_PROOF = re.compile(rf"Proofread {_WHEN}\.(?:xlsx|docx)")
_BATCH = re.compile(r"\d\d+ .+")
_ROUND_LETTERS = ("Envelopes", "Labels", "Parcels")


def _is_made_for_printing(folder: Path, path: Path) -> bool:
    parts = path.relative_to(folder / PRINT_FOLDER).parts
    begins, ends = DRAFT
    if parts[0].startswith(begins) and parts[0].endswith(ends):
        return True
    if len(parts) == 1:
        return _PROOF.fullmatch(parts[0]) is not None
    if len(parts) != 2 or not _BATCH_FOLDER.fullmatch(parts[0]):
        return False
    title, stem = _title(path), composed(path.stem)
    if _BATCH.fullmatch(stem):
        return title.endswith(stem)
    return is_draft(path) or (title in _ROUND_LETTERS and stem.startswith(title))


def _title(document: Path) -> str:
    """Return the title in the properties of a Word document or a PDF; empty if it has none."""
    if document.suffix.lower() == ".pdf":
        return composed(pdf_title(bytes_of(document) or b""))
    try:
        with zipfile.ZipFile(io.BytesIO(bytes_of(document) or b"")) as archive:
            core = archive.read("docProps/core.xml").decode(errors="replace")
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        return ""
    found = re.search(r"<(?:\w+:)?title>([^<]*)</", core)
    return composed(html.unescape(found[1])) if found else ""


@dataclass(slots=True)
class RemovedFiles:
    """How many files are deleted, of those that were to be; `stopped` where it was, before."""

    count: int = 0
    stopped: bool = False
    has_hashes: bool = False


def check_nothing_is_open(folder: Path, files: Sequence[str]) -> None:
    """Raise StorageError where a program has a file open that lies beside those that go."""
    for place in sorted({(folder / path).parent for path in files}):
        with suppress(OSError):
            for beside in sorted(place.iterdir()):
                if beside.name.startswith((OFFICE_OWNER, LIBREOFFICE_OWNER)):
                    where = Place(str(place))
                    raise StorageError(messages.problem("forget-open", where, file=beside.name))


def remove_files(folder: Path, files: Sequence[str], errand: Errand, removed: RemovedFiles) -> None:
    """Delete files, and folders that are left empty. Raise Stopped between two of them."""
    real = Path(os.path.realpath(folder))
    for file in errand.each(files, "Files deleted"):
        path = folder / file
        try:
            if Path(os.path.realpath(path.parent)).is_relative_to(real):  # no link leads elsewhere
                path.unlink(missing_ok=True)
        except OSError as error:
            problem = messages.problem("forget-stays", Place(file), error=os_reason(error))
            raise StorageError(problem) from error
        remove_if_empty(folder, path.parent)
        removed.count += 1
    removed.stopped = False


def remove_if_empty(folder: Path, below: Path) -> None:
    """Remove a folder that is left empty, and those above it, up to letters/ and print/."""
    for each in (below, *below.parents):
        if each in {folder, folder / LETTERS_FOLDER, folder / PRINT_FOLDER}:
            break
        with suppress(OSError):
            each.rmdir()
