"""Whether anything changed since the last run, told by the states of files: none is opened.

A run that finds nothing to tell, and leaves every letter as the program made it, keeps a hash of
all that it went by: the day, the program, the state of each file. Where that is as it was, a run
would find and tell the same. As in git's index, a file's state stands for what is in it; so it does
for letters at every run.
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

from merge.disk import DRAFT_NAME_ENDS, FileState, draft_file, file_state, write_all
from merge.product import LETTERS_FOLDER, REGISTER_FILE, TEMPLATES_FOLDER, __version__
from merge.text.folding import composed

SNAPSHOT_FILE = ".merge-snapshot"
"""In the folder of the letters: the hash, and how many letters there are."""

States = Mapping[str, FileState]
"""Files by their paths in the campaign folder, in NFC and with `/`."""


def count_unchanged_letters(folder: Path) -> int:
    """Return how many letters there are where a run would find all as it was; else 0."""
    try:
        kept = (folder / LETTERS_FOLDER / SNAPSHOT_FILE).read_text("ascii")
        digest, number = kept.split()
        letters = _file_states(str(folder), f"{LETTERS_FOLDER}/")
        states = chain(_input_states(folder).items(), letters)
        same = digest == _digest(folder, states, int(number))
    except (OSError, ValueError):
        return 0
    return int(number) if same else 0


def read_input_states(folder: Path) -> States | None:
    """Return what a run goes by beside the letters and the register, before it reads any of it.

    None where a file may change and keep its state: through a link, or at this very moment.
    """
    now = time.time_ns()
    try:
        found = _input_states(folder)
    except (OSError, ValueError):
        return None
    found.pop(REGISTER_FILE, None)
    return found if all(at.shows_changes_since(now) for at in found.values()) else None


def save_snapshot(folder: Path, inputs: States, number: int) -> None:
    """Let the next run know what all files were when this one had nothing to tell.

    Nothing is kept where it does not know the state of each letter and of the register, or where
    letters may not have reached the disk.
    """
    from merge.campaign.last_update import last_register_state  # noqa: PLC0415 - `count_unchanged_letters`
    from merge.state.ledger import LEDGER_FILE, ledger_to_read  # noqa: PLC0415 - needs none of it

    letters = folder / LETTERS_FOLDER
    ledger_at = file_state(str(letters / LEDGER_FILE))
    with ledger_to_read(letters) as ledger:
        register_at = last_register_state(ledger)
        if ledger.interrupted_run or not (ledger_at and register_at):
            return
        own = {f"{LETTERS_FOLDER}/{LEDGER_FILE}": ledger_at, REGISTER_FILE: register_at}
        made = 0

        def as_made() -> Iterator[tuple[str, FileState]]:
            nonlocal made
            for known in ledger.letters():
                if known.content == "made" and known.matches(known.file_state):
                    made += 1
                    yield f"{LETTERS_FOLDER}/{known.path}", known.file_state

        digest = _digest(folder, chain(inputs.items(), as_made(), own.items()), number)
    if made != number:
        return
    text = f"{digest} {number}\n".encode("ascii")
    path, new = (
        str(letters / SNAPSHOT_FILE),
        f"{letters}/{DRAFT_NAME_ENDS[0]}{os.getpid()}-0{DRAFT_NAME_ENDS[1]}",
    )
    with suppress(OSError), draft_file(new, lambda handle: write_all(handle, text)):
        Path(new).replace(path)


def _digest(folder: Path, states: Iterable[tuple[str, FileState]], number: int) -> str:
    """Return a hash of files with their states, whichever comes first: none of them is held.

    Where the folder lies counts as well: some paths are too long.
    """
    day, together = dt.datetime.now().astimezone().date(), 0
    for path, at in states:
        words = f"{path}\0{at.size} {at.mtime} {at.inode} {at.ctime}"
        own = hashlib.blake2b(words.encode(errors="surrogatepass"), digest_size=16)
        together += int.from_bytes(own.digest())
    text = f"{__version__}\n{day}\n{number}\n{together}\n{folder.resolve()}"
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _input_states(folder: Path) -> dict[str, FileState]:
    """Return the files of the folder itself and the templates. OSError, ValueError as below."""
    found = dict(_file_states(str(folder), "", is_deep=False))
    if os.path.lexists(folder / TEMPLATES_FOLDER):
        found.update(_file_states(str(folder), f"{TEMPLATES_FOLDER}/"))
    return found


def _file_states(
    folder: str, below: str, *, is_deep: bool = True
) -> Iterator[tuple[str, FileState]]:
    """Yield files with their states. OSError, ValueError where one has none, as links have.

    ValueError where a killed run left a folder. The snapshot itself is left out, and the program's
    own files that are empty: locks.
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
            at = file_state(entry.path)
            if at is None:
                raise ValueError(path)
            if not (
                entry.name.startswith(DRAFT_NAME_ENDS[0])
                and (at.size == 0 or path == _SNAPSHOT_PATH)
            ):
                yield path if path.isascii() else composed(path), at


_SNAPSHOT_PATH = f"{LETTERS_FOLDER}/{SNAPSHOT_FILE}"
