"""What is not any pair's letter: letters nobody wants any more, copies, what is said of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.letter_files import LetterFiles
from merge.campaign.letter_paths import LetterPaths
from merge.people import Person
from merge.problems import Place, Problem
from merge.state.folder_access import OLD_VERSIONS_FOLDER, ORPHANS_FOLDER
from merge.state.inventory import Inventory
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
    """A letter whose pair left the workbook.

    `to` is where it goes. `why` is the reason why it stays, a variant of the message
    `letter-unwanted`; both are empty if its file is gone as well. `who` is the person of its pair
    who is excluded now, if it is printed.
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

    `wanted` are the ids that pairs have, as numbers; `why_kept` says why a letter must stay.
    """
    gone = [letter_id for letter_id in ledger.letter_ids() if int(letter_id, 16) not in wanted]
    for before in filter(None, map(ledger.letter, gone)):
        known, content = files.inspect(before)
        if content in {"another", "stranger"}:
            continue
        if not content:
            moved = files.other_files(known)
            yield from (Orphan(known._replace(path=path), reason_kept="moved") for path in moved)
            yield from () if moved else (Orphan(known),)
            continue
        for copy in files.other_files(known):
            yield Orphan(known._replace(path=copy), reason_kept="copied")
        why = why_kept(known) or ("" if content in {"made", "older"} else "edited")
        if why:
            yield Orphan(known, reason_kept=why)
        elif not known.path.startswith(f"{ORPHANS_FOLDER}/"):
            yield Orphan(known, paths.free_path(f"{ORPHANS_FOLDER}/{known.path}"))


def find_unrecorded(
    ledger: Ledger, inventory: Inventory, wanted: AbstractSet[int]
) -> Iterator[Orphan]:
    """Yield letters that neither a pair nor the ledger knows, lost or of another campaign."""
    for letter_id, paths in inventory.unknown_letters.items():
        if int(letter_id, 16) not in wanted and not ledger.letter_path(letter_id):
            known = LetterRecord(
                id=letter_id,
                path="",
                named=b"",
                day=dt.date.min,
                inputs=b"",
            )
            yield from (Orphan(known._replace(path=path), reason_kept="unknown") for path in paths)


def orphan_problems(found: list[Orphan], root: str, *, done: bool) -> Iterator[Problem]:
    """Yield what is reported of them; `done` where they were moved already."""
    gone = sorted(each.record.path for each in found if each.new_path)
    if gone:
        key = "letters-unwanted" if done else "letters-unwanted/planned"
        yield messages.problem(key, Place(f"{root}/{ORPHANS_FOLDER}"), letters=gone)
    for each in found:
        place = Place(f"{root}/{each.record.path}")
        if each.excluded_person:
            yield messages.problem("letter-unwanted/excluded", place, name=each.excluded_person)
        elif each.reason_kept:
            variant = "" if each.reason_kept == "edited" else f"/{each.reason_kept}"
            yield messages.problem(f"letter-unwanted{variant}", place)


def copy_problem(path: str, copy: str, root: str) -> Problem:
    """Return the warning of a second file that has a letter's ID."""
    return messages.problem("letter-copied", Place(f"{root}/{copy}"), letter=path)


def other_people_problem(path: str, person: Person, other: str, root: str) -> Problem:
    """Return the error of a letter that has a person's ID and does not name that person.

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
    """Return the error of a letter that would be deleted with a person's, and names another."""
    return messages.problem("letter-other-person/deleting", Place(path), name=name)


def damaged_problem(path: str, root: str) -> Problem:
    """Return the warning of a letter that was edited and cannot be read."""
    return messages.problem("letter-damaged", Place(f"{root}/{path}"))


def unopenable_problem(path: str, root: str) -> Problem:
    """Return the warning of a letter that no program can open."""
    return messages.problem("letter-torn", Place(f"{root}/{path}"), folder=OLD_VERSIONS_FOLDER)


def stale_decision_problems(paths: list[str], root: str) -> Iterator[Problem]:
    """Yield the warning of letters that have changed since somebody decided of them."""
    if paths:
        yield messages.problem("decided-before", Place(root), letters=sorted(paths))


def other_format_problems(paths: list[str], root: str) -> Iterator[Problem]:
    """Yield the warning of files that letters were saved as in another format."""
    if paths:
        yield messages.problem("letter-other-format", Place(root), files=sorted(paths))


def unreadable_folder_problems(inventory: Inventory, root: str) -> Iterator[Problem]:
    """Yield the warnings of files and folders that cannot be looked at."""
    if inventory.undecodable_names:
        names = sorted(inventory.undecodable_names)
        yield messages.problem("file-unnameable", Place(root), names=names)
    for folder in inventory.unreadable_folders:
        yield messages.problem("folder-in-part", Place(f"{root}/{folder}"))


def deleted_rows_problems(paths: list[str]) -> Iterator[Problem]:
    """Yield the warning of letters whose rows somebody deleted from the register."""
    if paths:
        yield messages.problem("register-rows-gone", Place("register.xlsx"), letters=sorted(paths))


def lost_ledger_problem(root: str) -> Problem:
    """Return the warning that the ledger is gone, and the letters are not."""
    return messages.problem("ledger-lost", Place(root))


def missing_letters_problem(root: str, count: int) -> Problem:
    """Return the error that the register lists letters, and there is not one."""
    return messages.problem("letters-gone", Place(root), count=count)


def cloud_problem(folder: Path) -> Problem | None:
    """Return the warning that a service copies what lies in a folder; None where none does."""
    parts = [part.lower() for part in folder.absolute().parts]
    name = next((v for k, v in _CLOUD_SERVICES.items() if any(k in part for part in parts)), "")
    if not name:
        return None
    return messages.problem("cloud-folder", Place(str(folder)), cloud=name)
