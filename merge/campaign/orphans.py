"""Letters without a pair, copies of letters, and what is reported of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.letter_files import LetterFiles
from merge.campaign.letter_paths import LetterPaths
from merge.campaign.letter_plan import LetterPlan
from merge.people import Person
from merge.problems import Place, Problem
from merge.state.folder_access import OLD_VERSIONS_FOLDER, ORPHANS_FOLDER
from merge.state.inventory import LettersFolderInventory
from merge.state.ledger import Ledger
from merge.state.ledger_records import LetterRecord

_CLOUD_SERVICES = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "icloud": "iCloud",
    "mobile documents": "iCloud",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
}


@dataclass(frozen=True, slots=True)
class Orphan:
    """A letter whose pair is no longer in the workbook.

    `new_path` is the path to which it will be moved. `reason_kept` is the reason why it stays, a
    variant of the message `letter-unwanted`. Both are empty if its file is missing as well.
    `excluded_person` is the person of its pair who is excluded now, if the letter is printed.
    """

    record: LetterRecord
    new_path: str = ""
    reason_kept: str = ""
    excluded_person: str = ""


def find_orphans(
    ledger: Ledger,
    files: LetterFiles,
    paths: LetterPaths,
    wanted: AbstractSet[int],
    why_kept: Callable[[LetterRecord], str],
) -> Iterator[Orphan]:
    """Yield the letters of the ledger that no pair has now.

    `wanted` are the IDs that pairs have, as numbers. `why_kept` returns why a letter must stay.
    """
    unpaired_ids = [
        letter_id for letter_id in ledger.letter_ids() if int(letter_id, 16) not in wanted
    ]
    for stored_record in filter(None, map(ledger.letter, unpaired_ids)):
        record, content = files.inspect(stored_record)
        if content in {"another", "stranger"}:
            continue
        if content and ledger.state.was_deleted(record.id):
            yield Orphan(record, reason_kept="deleted")
            continue
        if not content:
            moved_paths = files.other_files(record)
            yield from (
                Orphan(record._replace(path=path), reason_kept="moved") for path in moved_paths
            )
            yield from () if moved_paths else (Orphan(record),)
            continue
        for copy in files.other_files(record):
            yield Orphan(record._replace(path=copy), reason_kept="copied")
        why = why_kept(record) or ("" if content in {"made", "older"} else "edited")
        if why:
            yield Orphan(record, reason_kept=why)
        elif not record.path.startswith(f"{ORPHANS_FOLDER}/"):
            yield Orphan(record, paths.free_path(f"{ORPHANS_FOLDER}/{record.path}"))


def find_unrecorded(
    ledger: Ledger, inventory: LettersFolderInventory, wanted: AbstractSet[int]
) -> Iterator[Orphan]:
    """Yield letters that neither a pair nor the ledger has.

    Their records were lost or deleted, or they belong to another campaign.
    """
    for letter_id, paths in inventory.unknown_letters.items():
        if int(letter_id, 16) not in wanted and not ledger.letter_path(letter_id):
            record = LetterRecord(
                id=letter_id,
                path="",
                named=b"",
                day=dt.date.min,
                inputs=b"",
            )
            why = "deleted" if ledger.state.was_deleted(letter_id) else "unknown"
            yield from (Orphan(record._replace(path=path), reason_kept=why) for path in paths)


def orphan_problems(orphans: list[Orphan], root: str, *, done: bool) -> Iterator[Problem]:
    """Yield the problems of orphans; `done` if their files were moved already."""
    moved_paths = sorted(orphan.record.path for orphan in orphans if orphan.new_path)
    if moved_paths:
        key = "letters-unwanted" if done else "letters-unwanted/planned"
        yield messages.problem(key, Place(f"{root}/{ORPHANS_FOLDER}"), letters=moved_paths)
    for orphan in orphans:
        place = Place(f"{root}/{orphan.record.path}")
        if orphan.excluded_person:
            yield messages.problem("letter-unwanted/excluded", place, name=orphan.excluded_person)
        elif orphan.reason_kept:
            variant = "" if orphan.reason_kept == "edited" else f"/{orphan.reason_kept}"
            yield messages.problem(f"letter-unwanted{variant}", place)


def unedited_copies_problem(paths: Iterable[str], root: str, *, done: bool) -> Problem:
    """Return the warning of conflict copies of letters that no one edited.

    `done` says that they were moved already.
    """
    key = "letter-copies-moved" if done else "letter-copies-moved/planned"
    return messages.problem(key, Place(f"{root}/{OLD_VERSIONS_FOLDER}"), letters=sorted(paths))


def copy_problems(planned: LetterPlan, root: str) -> Iterator[Problem]:
    """Yield the warnings of other files that are copies of a letter."""
    for copy in planned.duplicates:
        key = f"letter-copied{planned.copy_variant(copy)}"
        yield messages.problem(key, Place(f"{root}/{copy}"), letter=planned.record.path)


def other_people_problem(path: str, person: Person, other: str, root: str) -> Problem:
    """Return the error of a letter with a person's ID that names someone else.

    `other` is whose letter it is, if that is known.
    """
    return messages.problem(
        "letter-other-person",
        Place(f"{root}/{path}"),
        name=str(person.name),
        other=f"{other} here" if other else "someone else in this letter",
        id=person.id or None,
    )


def unnamed_problem(path: str, name: str) -> Problem:
    """Return the error of a letter that a deletion would wrongly include.

    It has the person's ID and names someone else.
    """
    return messages.problem("letter-other-person/deleting", Place(path), name=name)


def damaged_problem(path: str, root: str) -> Problem:
    """Return the warning of an edited letter that cannot be read."""
    return messages.problem("letter-damaged", Place(f"{root}/{path}"))


def unopenable_problem(path: str, root: str) -> Problem:
    """Return the warning of a letter that no program can open."""
    return messages.problem("letter-torn", Place(f"{root}/{path}"), folder=OLD_VERSIONS_FOLDER)


def stale_decision_problems(paths: list[str], root: str) -> Iterator[Problem]:
    """Yield the warning of letters that have changed since a decision."""
    if paths:
        yield messages.problem("decided-before", Place(root), letters=sorted(paths))


def other_format_problems(paths: list[str], root: str) -> Iterator[Problem]:
    """Yield the warning of letters that were saved in another format."""
    if paths:
        yield messages.problem("letter-other-format", Place(root), files=sorted(paths))


def unreadable_folder_problems(inventory: LettersFolderInventory, root: str) -> Iterator[Problem]:
    """Yield the warnings of files and folders that cannot be read."""
    if inventory.undecodable_names:
        names = sorted(inventory.undecodable_names)
        yield messages.problem("file-unnameable", Place(root), names=names)
    for folder in inventory.unreadable_folders:
        yield messages.problem("folder-in-part", Place(f"{root}/{folder}"))


def deleted_rows_problems(paths: list[str]) -> Iterator[Problem]:
    """Yield the warning of letters whose rows were deleted from the register."""
    if paths:
        yield messages.problem("register-rows-gone", Place("register.xlsx"), letters=sorted(paths))


def lost_ledger_problem(root: str) -> Problem:
    """Return the warning that the ledger is missing although letters exist."""
    return messages.problem("ledger-lost", Place(root))


def missing_letters_problem(root: str, count: int) -> Problem:
    """Return the error that the register lists letters and none exists."""
    return messages.problem("letters-gone", Place(root), count=count)


def cloud_service(folder: Path) -> str:
    """Return the cloud service that copies a folder; empty if there is none."""
    parts = [part.lower() for part in folder.absolute().parts]
    return next(
        (
            service
            for folder_word, service in _CLOUD_SERVICES.items()
            if any(folder_word in part for part in parts)
        ),
        "",
    )


def cloud_problem(folder: Path) -> Problem | None:
    """Return the warning that a cloud service copies the folder, or None."""
    name = cloud_service(folder)
    if not name:
        return None
    return messages.problem("cloud-folder", Place(str(folder)), cloud=name)
