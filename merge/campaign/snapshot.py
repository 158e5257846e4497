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

from merge.disk import DRAFT, FileState, draft, file_state, write_all
from merge.product import LETTERS_FOLDER, REGISTER_FILE, TEMPLATES_FOLDER, __version__
from merge.text.folding import composed

SNAPSHOT_FILE = ".merge-snapshot"
"""In the folder of the letters: the hash, and how many letters there are."""

States = Mapping[str, FileState]
"""Files by their paths in the campaign folder, in NFC and with `/`."""


def unchanged_letters(folder: Path) -> int:
    """Return how many letters there are where a run would find all as it was; else 0."""
    try:
        kept = (folder / LETTERS_FOLDER / SNAPSHOT_FILE).read_text("ascii")
        digest, number = kept.split()
        letters = _files(str(folder), f"{LETTERS_FOLDER}/")
        states = chain(_inputs(folder).items(), letters)
        same = digest == _digest(folder, states, int(number))
    except (OSError, ValueError):
        return 0
    return int(number) if same else 0


def inputs_of(folder: Path) -> States | None:
    """Return what a run goes by beside the letters and the register, before it reads any of it.

    None where a file may change and keep its state: through a link, or at this very moment.
    """
    now = time.time_ns()
    try:
        found = _inputs(folder)
    except (OSError, ValueError):
        return None
    found.pop(REGISTER_FILE, None)
    return found if all(at.was_settled(now) for at in found.values()) else None


def keep_snapshot(folder: Path, inputs: States, number: int) -> None:
    """Let the next run know what all files were when this one had nothing to tell.

    Nothing is kept where it does not know the state of each letter and of the register, or where
    letters may not have reached the disk.
    """
    from merge.campaign.last_update import register_as_left  # noqa: PLC0415 - `unchanged_letters`
    from merge.state.ledger import LEDGER_FILE, ledger_to_read  # noqa: PLC0415 - needs none of it

    letters = folder / LETTERS_FOLDER
    ledger_at = file_state(str(letters / LEDGER_FILE))
    with ledger_to_read(letters) as ledger:
        register_at = register_as_left(ledger)
        if ledger.unsettled or not (ledger_at and register_at):
            return
        own = {f"{LETTERS_FOLDER}/{LEDGER_FILE}": ledger_at, REGISTER_FILE: register_at}
        made = 0

        def as_made() -> Iterator[tuple[str, FileState]]:
            nonlocal made
            for known in ledger.letters():
                if known.content == "made" and known.still(known.at):
                    made += 1
                    yield f"{LETTERS_FOLDER}/{known.path}", known.at

        digest = _digest(folder, chain(inputs.items(), as_made(), own.items()), number)
    if made != number:
        return
    text = f"{digest} {number}\n".encode("ascii")
    path, new = str(letters / SNAPSHOT_FILE), f"{letters}/{DRAFT[0]}{os.getpid()}-0{DRAFT[1]}"
    with suppress(OSError), draft(new, lambda handle: write_all(handle, text)):
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


def _inputs(folder: Path) -> dict[str, FileState]:
    """Return the files of the folder itself and the templates. OSError, ValueError as below."""
    found = dict(_files(str(folder), "", is_deep=False))
    if os.path.lexists(folder / TEMPLATES_FOLDER):
        found.update(_files(str(folder), f"{TEMPLATES_FOLDER}/"))
    return found


def _files(folder: str, below: str, *, is_deep: bool = True) -> Iterator[tuple[str, FileState]]:
    """Yield files with their states. OSError, ValueError where one has none, as links have.

    ValueError where a killed run left a folder. The snapshot itself is left out, and the program's
    own files that are empty: locks.
    """
    with os.scandir(f"{folder}/{below}") as entries:
        for entry in entries:
            path = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name.startswith(DRAFT[0]):
                    raise ValueError(path)
                if is_deep:
                    yield from _files(folder, f"{path}/")
                continue
            at = file_state(entry.path)
            if at is None:
                raise ValueError(path)
            if not (entry.name.startswith(DRAFT[0]) and (at.size == 0 or path == _OWN_PATH)):
                yield path if path.isascii() else composed(path), at


_OWN_PATH = f"{LETTERS_FOLDER}/{SNAPSHOT_FILE}"
