"""Whether the files of another computer's last run have arrived.

A sync service transfers files one by one, in any order and with delays. So the ledger of a newer
run may be here before the workbook that the run has read. The ledger records the last run
that found or made a change in them: the computer, the time, and the files that staff and the
program share.

Nothing is reported if there is doubt. What this computer's own run left was here, and a file that
was saved later than the recorded one is newer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from merge import messages
from merge.advice import Hint, TaskOption, TaskRemedy
from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.computer import computer_name, computer_token, has_stored_token
from merge.disk import file_state, read_campaign_file
from merge.errors import MergeError, StorageError
from merge.naming import format_count, hash_text
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE, TEMPLATES_FOLDER
from merge.state.inventory import take_inventory
from merge.state.ledger import Ledger, ledger_to_read
from merge.state.ledger_records import LedgerChangeSet
from merge.text.folding import composed
from merge.workbook.reading import LIST_FILE

_FACT = "last_run"
_SHARED_FILES = (WORKBOOK_FILE, LIST_FILE, REGISTER_FILE)
_CLOCK_DIFFERENCE = 600_000_000_000
"""Nanoseconds by which two clocks may differ: ten minutes."""
_MAX_VERSIONS = 20
"""Number of versions of a file that are remembered."""


class _SharedFile(NamedTuple):
    """A file as the last run left it.

    `versions` are hashes of its contents, first the present one. The others are of earlier runs.
    """

    changed: int
    versions: tuple[str, ...]


@dataclass(frozen=True)
class LastRun:
    """The last run that changed something, as the ledger records it.

    `files` are the shared files. A template is recorded by a hash of its name, because that may
    contain the name of a person.
    """

    token: str
    computer: str
    moment: dt.datetime
    files: Mapping[str, _SharedFile]


@dataclass(frozen=True)
class FilesNotArrived:
    """The files of another computer's run that are missing or older here."""

    run: LastRun
    folder: Path
    missing: tuple[str, ...]
    older: tuple[str, ...]

    def problem(self, task: str = "letters") -> Problem:
        """Return the error that stops a task, and how to go on deliberately.

        `task` is empty for the current one.
        """
        option = ("anyway", "")
        go_on = TaskRemedy(task, (option,)) if task else Hint("add ", TaskOption(*option))
        moment = self.run.moment.astimezone()
        return messages.problem(
            "files-not-arrived",
            Place(str(self.folder)),
            computer=self.run.computer,
            moment=f"{moment.day} {moment:%b %Y at %H.%M}",
            missing=self.missing or None,
            older=self.older or None,
            go_on=go_on,
        )


def read_last_run(ledger: Ledger) -> LastRun | None:
    """Return the last run that the ledger records, or None."""
    stored = json.loads(ledger.fact(_FACT) or "null")
    if stored is None:
        return None
    files = {
        key: _SharedFile(changed, tuple(versions))
        for key, (changed, *versions) in stored["files"].items()
    }
    moment = dt.datetime.fromisoformat(stored["moment"])
    return LastRun(stored["token"], stored["computer"], moment, files)


def record_last_run(
    ledger: Ledger,
    folder: Path,
    templates: Iterable[str] | None = None,
    *,
    is_accepted: bool = False,
) -> None:
    """Record a run of this computer, with the shared files as they are now.

    Without `templates`, those of the last run stay recorded. Nothing is written if the files are
    still as they were recorded, or if later runs could not know that it was this computer.
    `is_accepted` records the files as those that staff want, whatever earlier runs left.
    """
    last_run = None if is_accepted else read_last_run(ledger)
    earlier_files = last_run.files if last_run else {}
    paths = _shared_paths(folder, templates or ())
    found = ((key, _shared_file(path, earlier_files.get(key))) for key, path in paths)
    files = {key: file for key, file in found if file}
    if templates is None:
        files |= {key: f for key, f in earlier_files.items() if key not in _SHARED_FILES}
    if files == earlier_files or not has_stored_token():
        return
    fact = {
        "token": computer_token(),
        "computer": computer_name(),
        "moment": dt.datetime.now().astimezone().isoformat(timespec="minutes"),
        "files": {key: (file.changed, *file.versions) for key, file in files.items()},
    }
    ledger.commit(LedgerChangeSet(facts={_FACT: json.dumps(fact)}))


def _shared_paths(folder: Path, templates: Iterable[str]) -> Iterator[tuple[str, Path]]:
    yield from ((name, folder / name) for name in _SHARED_FILES)
    for name in sorted(templates):
        yield _template_key(name), folder / TEMPLATES_FOLDER / name


def _template_key(name: str) -> str:
    return hash_text(composed(name))


def _shared_file(path: Path, earlier: _SharedFile | None) -> _SharedFile | None:
    """Return a file as it is now; None if there is none.

    An unchanged file keeps its time: a sync service may have given it that of the download.
    """
    state, versions = file_state(str(path)), earlier.versions if earlier else ()
    if state is None or (earlier and state.mtime == earlier.changed):
        return earlier if state else None
    version = _version(path)
    if version is None or (versions and version == versions[0]):
        return earlier
    others = (other for other in versions if other != version)
    return _SharedFile(state.mtime, (version, *others)[:_MAX_VERSIONS])


def _version(path: Path) -> str | None:
    """Return a hash of a file's content, or None if it cannot be read."""
    with suppress(OSError, MergeError):
        return hashlib.blake2b(read_campaign_file(path), digest_size=8).hexdigest()
    return None


def find_files_not_arrived(folder: Path, ledger: Ledger) -> FilesNotArrived | None:
    """Return the shared files that are missing or older here than recorded.

    Return None if there are none. If this computer did the last run, only records may be missing.
    """
    last_run = read_last_run(ledger)
    missing, older = list[str](), list[str]()
    if last_run and last_run.token != computer_token():
        missing, older = _missing_and_older(folder, last_run, ledger)
    if ledger.missing_runs:
        last_run = _last_run_with_missing_records(ledger)
        missing.append("a part of the internal records")
    if last_run is None or not (missing or older):
        return None
    return FilesNotArrived(last_run, folder, tuple(dict.fromkeys(missing)), tuple(sorted(older)))


def _last_run_with_missing_records(ledger: Ledger) -> LastRun:
    """Return the last run that knew records which have not arrived."""
    starts = ledger.runs.starts.values()
    late = [start for start in starts if not ledger.missing_runs.isdisjoint(start.parents)]
    start = max(late, key=lambda start: start.clock)
    moment = dt.datetime.fromtimestamp(start.clock / 10**9).astimezone()
    return LastRun(start.computer, f"Computer {start.computer}", moment, {})


def _missing_and_older(
    folder: Path, last_run: LastRun, ledger: Ledger
) -> tuple[list[str], list[str]]:
    missing, older = list[str](), list[str]()
    templates = _templates_by_key(folder)
    for key, file in last_run.files.items():
        path = folder / key if key in _SHARED_FILES else templates.get(key)
        if path is None:
            if not _is_replaced(file, last_run, templates):
                missing.append("a template")
        elif file_state(str(path)) is None:
            missing += [] if _has_copy(path, file) else [key]
        elif _is_older(path, file):
            older.append(path.relative_to(folder).as_posix())
    if letters := _count_letters_not_arrived(folder / LETTERS_FOLDER, ledger):
        missing.append(format_count(letters, "letter"))
    return missing, older


def check_files_arrived(folder: Path) -> None:
    """Raise StorageError if files of another computer have not arrived.

    Records that cannot be read say nothing about them.
    """
    not_arrived = None
    with suppress(StorageError), ledger_to_read(folder / LETTERS_FOLDER) as ledger:
        not_arrived = find_files_not_arrived(folder, ledger)
    if not_arrived:
        raise StorageError(not_arrived.problem(""))


def _count_letters_not_arrived(folder: Path, ledger: Ledger) -> int:
    """Return the number of missing letters that this computer has never seen.

    A letter that is printed may be missing, and one that was moved is not.
    """
    stages = ledger.state.marked_letters()
    ids = [
        letter.id
        for letter in ledger.letters_never_seen()
        if not (stages.get(letter.id) or os.path.lexists(folder / letter.path))
    ]
    if not ids:
        return 0
    wanted_ids = {int(letter_id, 16) for letter_id in ledger.letter_ids()}
    inventory = take_inventory(folder, ledger, wanted_ids)
    return sum(letter_id not in inventory.unknown_letters for letter_id in ids)


def _templates_by_key(folder: Path) -> dict[str, Path]:
    files = (path for path in (folder / TEMPLATES_FOLDER).glob("*") if path.is_file())
    return {_template_key(path.name): path for path in files}


def _is_older(path: Path, file: _SharedFile) -> bool:
    """Return whether a file is certainly an earlier version than recorded.

    It was saved earlier, and more than the clocks of two computers may differ, or an earlier run
    has recorded its content.
    """
    state = file_state(str(path))
    if state is None or state.mtime >= file.changed:
        return False
    version = _version(path)
    if version is None or version == file.versions[0]:
        return False
    is_old = version in file.versions or state.mtime < file.changed - _CLOCK_DIFFERENCE
    return is_old and not _has_copy(path, file)


def _has_copy(path: Path, file: _SharedFile) -> bool:
    """Return whether a file beside it has the recorded content.

    It is a conflict copy, or a template under another name.
    """
    beside = path.parent.glob(f"*{path.suffix}")
    return any(_version(other) == file.versions[0] for other in beside if other != path)


def _is_replaced(file: _SharedFile, run: LastRun, templates: Mapping[str, Path]) -> bool:
    """Return whether staff may have renamed or replaced a missing template.

    Another template has its content, or was saved later and was not in use then.
    """
    for key, path in templates.items():
        state = file_state(str(path))
        if state and key not in run.files and state.mtime > file.changed:
            return True
        if _version(path) == file.versions[0]:
            return True
    return False
