"""Detect changes since the last run from file metadata alone.

A run that has nothing to report, and leaves every letter as the program created it, saves a hash.
The hash covers everything that the run depends on: the day, the program, the state of each file. If
the hash is the same, a run would find and report the same. As in git's index, a file's state
represents its contents, so no file is opened. This also applies to the letters in every run.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path

from merge.computer import campaign_file, write_private_file
from merge.disk import DRAFT_NAME_ENDS, FileState, file_state
from merge.product import (
    LETTERS_FOLDER,
    RECORDS_FOLDER,
    REGISTER_FILE,
    TEMPLATES_FOLDER,
    __version__,
)
from merge.text.folding import composed

_EXTENSION = ".snapshot"
"""Extension of the private file with the hash and the number of letters."""

States = Mapping[str, FileState]
"""Files by their paths in the campaign folder, in NFC and with `/`."""


def count_unchanged_letters(folder: Path) -> int:
    """Return the number of letters if a run would find nothing to do; else 0.

    It compares the states of all files with those that the last run saved.
    """
    path = snapshot_path(folder)
    if path is None:
        return 0
    try:
        saved = path.read_text("ascii")
        digest, number = saved.split()
        letters = _file_states(str(folder), f"{LETTERS_FOLDER}/")
        states = chain(_input_states(folder).items(), _record_states(folder).items(), letters)
        is_same = digest == _digest(folder, states, int(number))
    except (OSError, ValueError):
        return 0
    return int(number) if is_same else 0


def snapshot_path(folder: Path, *, create: bool = False) -> Path | None:
    """Return the path of a campaign's snapshot; None if it cannot have one."""
    return campaign_file(folder / LETTERS_FOLDER, _EXTENSION, create=create)


def read_input_states(folder: Path) -> States | None:
    """Return the states of a run's input files, before any file is read.

    The letters and the register are not among them. Return None if a file may change and keep its
    state: through a link, or because it is changing now.
    """
    now = time.time_ns()
    try:
        states = _input_states(folder)
    except (OSError, ValueError):
        return None
    states.pop(REGISTER_FILE, None)
    return states if all(state.shows_changes_since(now) for state in states.values()) else None


def save_snapshot(folder: Path, inputs: States, number: int) -> None:
    """Save the states of all files after a run that had nothing to report.

    Nothing is saved if the state of a letter or of the register is unknown, or if letters may not
    have reached the disk.
    """
    from merge.campaign.last_update import last_register_state  # noqa: PLC0415 - slow to import
    from merge.state.ledger import ledger_to_read  # noqa: PLC0415 - slow to import

    letters = folder / LETTERS_FOLDER
    records = _record_states(folder)
    with ledger_to_read(letters) as ledger:
        register_at = last_register_state(ledger)
        if ledger.interrupted_run or ledger.runs.lost_entries or not (records and register_at):
            return
        program_states = {**records, REGISTER_FILE: register_at}
        count = 0

        def as_made() -> Iterator[tuple[str, FileState]]:
            nonlocal count
            for record in ledger.letters():
                if record.content == "made" and record.matches(record.file_state):
                    count += 1
                    yield f"{LETTERS_FOLDER}/{record.path}", record.file_state

        digest = _digest(folder, chain(inputs.items(), as_made(), program_states.items()), number)
    if count == number and (path := snapshot_path(folder, create=True)):
        with suppress(OSError):
            write_private_file(path, f"{digest} {number}\n")


def _digest(folder: Path, states: Iterable[tuple[str, FileState]], number: int) -> str:
    """Return a hash of files and their states, whatever the order of files.

    The states are not kept in memory. The location of the folder counts as well, because some paths
    are too long.
    """
    day, sum_of_hashes = dt.datetime.now().astimezone().date(), 0
    for path, state in states:
        words = f"{path}\0{state.size} {state.mtime} {state.inode} {state.ctime}"
        path_hash = hashlib.blake2b(words.encode(errors="surrogatepass"), digest_size=16)
        sum_of_hashes += int.from_bytes(path_hash.digest())
    text = f"{__version__}\n{day}\n{number}\n{sum_of_hashes}\n{folder.resolve()}"
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _input_states(folder: Path) -> dict[str, FileState]:
    """Return the states of the files in the folder itself and the templates.

    Raise OSError or ValueError as `_file_states`.
    """
    states = dict(_file_states(str(folder), "", is_deep=False))
    if os.path.lexists(folder / TEMPLATES_FOLDER):
        states.update(_file_states(str(folder), f"{TEMPLATES_FOLDER}/"))
    return states


def _record_states(folder: Path) -> dict[str, FileState]:
    """Return the states of the files of the records."""
    with suppress(FileNotFoundError):
        return dict(_file_states(str(folder), f"{RECORDS_FOLDER}/"))
    return {}


def _file_states(
    folder: str, below: str, *, is_deep: bool = True
) -> Iterator[tuple[str, FileState]]:
    """Yield the names of files, each with the state that shows a change.

    Raise OSError or ValueError if a file has no state, as links. Raise ValueError if a killed run
    left a folder. The program's own empty files, which are locks, are skipped.
    """
    with os.scandir(f"{folder}/{below}") as entries:
        for entry in entries:
            path = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name.startswith(DRAFT_NAME_ENDS[0]):
                    raise ValueError(path)
                if is_deep:
                    yield from _file_states(folder, f"{path}/")
                continue
            state = file_state(entry.path)
            if state is None:
                raise ValueError(path)
            if not (entry.name.startswith(DRAFT_NAME_ENDS[0]) and state.size == 0):
                yield path if path.isascii() else composed(path), state
