"""Files and folders of a campaign, and whether the program may use them.

Each command and each task of the page checks this before it reads or writes anything. What is
created or replaced later never goes through a link at its own path: see `merge.disk`,
`merge.state.letter_folder`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from merge import messages
from merge.disk import DRAFT_NAME_ENDS, check_no_link, is_device, is_link
from merge.errors import StorageError
from merge.problems import Place
from merge.product import (
    LETTER_EXTENSION,
    LETTERS_FOLDER,
    RECORDS_FOLDER,
    REGISTER_FILE,
    TEMPLATES_FOLDER,
)
from merge.state.folder_access import OLD_VERSIONS_FOLDER, ORPHANS_FOLDER
from merge.state.ledger_records import PrintedBatch
from merge.state.letter_folder import LOCK_FILE
from merge.state.texts import TEXTS_FOLDER
from merge.workbook.reading import LIST_FILE

WORKBOOK_FILE = "signers.xlsx"
PRINT_FOLDER = "print"
"""The folder for print files; each run creates a folder in it."""

_FOLDERS = {
    *(TEMPLATES_FOLDER, LETTERS_FOLDER, PRINT_FOLDER, OLD_VERSIONS_FOLDER, RECORDS_FOLDER),
}
_FILES = {WORKBOOK_FILE, LIST_FILE, REGISTER_FILE}
_ENDINGS = {".xlsx", ".docx", ".pdf"}
"""Extensions of other files next to the workbook: reports, proofs, copies."""
_FILES_IN_FOLDERS = (
    *(f"{LETTERS_FOLDER}/{name}" for name in (LOCK_FILE, ORPHANS_FOLDER, OLD_VERSIONS_FOLDER)),
    f"{PRINT_FOLDER}/{LOCK_FILE}",
)


def folders_of_print_file(folder: Path, batch: PrintedBatch) -> list[Path]:
    """Return the folders in print/ that may have a print file, by their names."""
    run = f"{batch.moment:%Y-%m-%d %H.%M}.{batch.seconds}"
    return [*folder.glob(f"{PRINT_FOLDER}/{run}*")]


def has_print_files(folder: Path) -> bool:
    """Return whether print/ has print files of any run, by their names."""
    run = "????-??-?? ??.??.??*"
    return any(folder.glob(f"{PRINT_FOLDER}/{run}/[0-9][0-9]* *{LETTER_EXTENSION}"))


def find_print_file(folder: Path, batch: PrintedBatch) -> Path | None:
    """Return a print file; None if it was deleted, moved or renamed."""
    folders = folders_of_print_file(folder, batch)
    return next((path for found in folders for path in found.glob(f"{batch.number:02} *")), None)


def print_file_label(folder: Path, batch: PrintedBatch) -> str:
    """Return the name of a print file, with a note if the file is not there."""
    is_there = find_print_file(folder, batch)
    return str(batch) if is_there else f"{batch} (not in {PRINT_FOLDER}/)"


def check_places(folder: Path) -> None:
    """Raise StorageError if a file or folder of a campaign is a link.

    Also raise it if one of the program's own is a device or a pipe. The campaign folder itself and
    its parents may be links. Other links of staff are ignored.
    """
    records = folder / RECORDS_FOLDER
    below = (folder / TEMPLATES_FOLDER, records, records / TEXTS_FOLDER)
    linked = (link for path in below for link in _links_in(path))
    for path in (*_links_beside_the_workbook(folder), *linked):
        check_no_link(folder, path)
    files = [folder / name for name in _FILES_IN_FOLDERS]
    for path in (*files, *records.glob("*.jsonl"), *records.glob(f"{TEXTS_FOLDER}/*.jsonl")):
        check_no_link(folder, path)
        if is_device(path):
            place = Place(path.relative_to(folder).as_posix())
            raise StorageError(messages.problem("device-refused", place))


def _links_beside_the_workbook(folder: Path) -> Iterator[Path]:
    for path in _links_in(folder):
        is_program_file = path.name in _FOLDERS | _FILES or path.name.startswith(DRAFT_NAME_ENDS[0])
        if is_program_file or path.suffix.lower() in _ENDINGS:
            yield path


def _links_in(folder: Path) -> list[Path]:
    """Return the links in a folder."""
    with suppress(OSError), os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry in entries if is_link(entry.path))
    return []
