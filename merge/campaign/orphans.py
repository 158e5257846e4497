"""What is not any pair's letter: letters nobody wants any more, copies, what is said of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.letter_files import LetterFiles, LetterPaths
from merge.model import (
    Advice,
    Person,
    Place,
    Problem,
    Run,
)
from merge.naming import counted, first_few
from merge.state.files import OLD_VERSIONS_FOLDER, ORPHANS_FOLDER, Inventory
from merge.state.ledger import Ledger, LetterRecord

_FEW = 10
"""Files that are named one by one."""

_CLOUDS = {
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

    `to` is where it goes, `why` says why it stays; neither where its file is gone as well. `who`
    is somebody of its pair who is left out now, where it is on paper.
    """

    known: LetterRecord
    to: str = ""
    why: str = ""
    who: str = ""


def find_orphans(
    ledger: Ledger,
    files: LetterFiles,
    paths: LetterPaths,
    wanted: AbstractSet[int],
    is_safe: Callable[[LetterRecord], str],
) -> Iterator[Orphan]:
    """Yield the letters of the ledger that no pair has now.

    `wanted` are the ids that pairs have, as numbers; `is_safe` says why a letter must stay.
    """
    gone = [letter_id for letter_id in ledger.ids() if int(letter_id, 16) not in wanted]
    for before in filter(None, map(ledger.letter, gone)):
        known, content = files.inspect(before)
        if content in {"another", "stranger"}:
            continue
        if not content:
            moved = files.others(known)
            yield from (Orphan(known._replace(path=path), why=_MOVED) for path in moved)
            yield from () if moved else (Orphan(known),)
            continue
        for copy in files.others(known):
            yield Orphan(known._replace(path=copy), why=_COPIED)
        why = is_safe(known) or ("" if content in {"made", "older"} else "it was edited by hand")
        if why:
            yield Orphan(known, why=why)
        elif not known.path.startswith(f"{ORPHANS_FOLDER}/"):
            yield Orphan(known, paths.free_path(f"{ORPHANS_FOLDER}/{known.path}"))


def find_unrecorded(
    ledger: Ledger, inventory: Inventory, wanted: AbstractSet[int]
) -> Iterator[Orphan]:
    """Yield letters that neither a pair nor the ledger knows, lost or of another campaign."""
    for letter_id, paths in inventory.unknown.items():
        if int(letter_id, 16) not in wanted and not ledger.path(letter_id):
            known = LetterRecord(letter_id, "", b"", dt.date.min, b"")
            yield from (Orphan(known._replace(path=path), why=_NOT_KNOWN) for path in paths)


ON_PAPER = "it is on paper"
CLOSED_TO_US = "the program may not write into its folder"
_MOVED = "it was moved by hand"
_COPIED = "it is a copy that somebody made"
_NOT_KNOWN = "the program does not know it"


def orphan_problems(found: list[Orphan], root: str, *, done: bool) -> Iterator[Problem]:
    """Yield what is reported of them; `done` where they were moved already."""
    gone = [each.known.path for each in found if each.to]
    if gone:
        whose = f"{counted(len(gone), 'letter')} that the workbook no longer asks for"
        what = f"{whose} {'went' if done else 'will go'} there: {listed(gone)}."
        hint = "Delete what nobody needs. If the workbook asks for one again, it comes back."
        yield Problem("letters-unwanted", Place(f"{root}/{ORPHANS_FOLDER}"), what, hint, "warning")
    for each in found:
        if each.why:
            what = f"the workbook no longer asks for this letter, but {each.why}: it stays."
            hint = "Move or delete it yourself, if nobody needs it."
            if each.who:
                what = f"{each.who} takes no part any more, and {each.why}: it stays."
                hint = "Keep it back: if it is not posted yet, do not post it."
            place = Place(f"{root}/{each.known.path}")
            yield Problem("letter-unwanted", place, what, hint, "warning")


def listed(paths: Iterable[str]) -> str:
    """Return a few paths, sorted, and how many more there are."""
    return first_few(sorted(paths), _FEW)


def copy_problem(path: str, copy: str, root: str) -> Problem:
    """Return the warning of a second file that says it is a letter."""
    what = f"this is a copy of the letter {path}. It is left alone and will not be printed."
    hint = "Delete it, or, if it is the one to send, put it in the place of the other."
    return Problem("letter-copied", Place(f"{root}/{copy}"), what, hint, "warning")


def other_people_problem(path: str, person: Person, other: str, root: str) -> Problem:
    """Return the error of a letter that has a person's ID and does not name that person.

    `other` is whose letter it is, if that is known.
    """
    what = two_people(person, other or "somebody else in this letter")
    what += f" The letter does not name {person.name}, so it is left alone and not printed."
    hint = "Find out whose letter it is, then give one of the two people a new ID. Keep the file."
    return Problem("letter-other-person", Place(f"{root}/{path}"), what, hint)


def unnamed_problem(path: str, name: str) -> Problem:
    """Return the error of a letter that would be deleted with a person's, and names another."""
    what = f"this letter has the ID of a letter of {name}, and does not name {name}: it may be"
    what += " somebody else's."
    hint = "Find out whose letter it is. If it is not theirs, move it into another folder."
    hint += " Else delete it. Then try again."
    return Problem("letter-other-person", Place(path), what, hint)


def two_people(person: Person, other: str) -> str:
    """Return the sentence that a person of the workbook and another one have the same ID."""
    which = f"the ID {person.id}" if person.id else "one ID"
    return f"two people have {which}: {person.name} in the workbook and {other}."


def damaged_problem(path: str, root: str) -> Problem:
    """Return the warning of a letter that was edited and cannot be read."""
    return messages.problem("letter-damaged", Place(f"{root}/{path}"))


def torn_problem(path: str, root: str) -> Problem:
    """Return the warning of a letter that no program can open."""
    what = "this letter is damaged: no program can open it."
    hint = f"It is made again; the damaged file is kept in {OLD_VERSIONS_FOLDER}."
    return Problem("letter-torn", Place(f"{root}/{path}"), what, hint, "warning")


def outdated_problems(paths: list[str], root: str) -> Iterator[Problem]:
    """Yield the warning of letters that have changed since somebody decided of them."""
    if paths:
        number = "1 letter has" if len(paths) == 1 else f"{len(paths):,} letters have"
        what = f"{number} changed since you decided, and stayed as it is: {listed(paths)}."
        hint = "Look at it again, then decide anew."
        yield Problem("decided-before", Place(root), what, hint, "warning")


def other_format_problems(paths: list[str], root: str) -> Iterator[Problem]:
    """Yield the warning of files that letters were saved as in another format."""
    if paths:
        files = "a file has" if len(paths) == 1 else f"{len(paths):,} files have"
        what = (
            f"{files} the name of a letter and another format: {listed(paths)}."
            " What was changed in there is not in the letter, and will not be printed."
        )
        hint = (
            "If it is the one to send, open it and save it as a Word document (.docx) in the place"
            " of the letter. Then delete it."
        )
        yield Problem("letter-other-format", Place(root), what, hint, "warning")


def folder_problems(inventory: Inventory, root: str) -> Iterator[Problem]:
    """Yield the warnings of files and folders that cannot be looked at."""
    if inventory.unnameable:
        names = listed(inventory.unnameable)
        yield messages.problem("file-unnameable", Place(root), names=names)
    for folder in inventory.closed:
        yield messages.problem("folder-in-part", Place(f"{root}/{folder}"))


def rows_gone_problems(paths: list[str]) -> Iterator[Problem]:
    """Yield the warning of letters whose rows somebody deleted from the register."""
    if paths:
        number = "1 letter has" if len(paths) == 1 else f"{len(paths):,} letters have"
        what = f"{number} no row any more, and what stood there is lost: {listed(paths)}."
        hint = Advice(
            Run("letters"), " gives them new rows: write there again what is printed or more."
        )
        yield Problem("register-rows-gone", Place("register.xlsx"), what, hint, "warning")


def ledger_problem(root: str) -> Problem:
    """Return the warning that the ledger is gone, and the letters are not."""
    what = "what the program knew of these letters is lost."
    hint = "Letters that differ from what it would write now count as edited, and are kept."
    return Problem("ledger-lost", Place(root), what, hint, "warning")


def letters_gone_problem(root: str, count: int) -> Problem:
    """Return the error that the register lists letters, and there is not one."""
    what = f"register.xlsx lists {count:,} letters, and none of them lies here any more."
    hint = Advice(
        "If the folder was moved or renamed, put it back. To make all anew: ",
        Run("letters", (("new_register", ""),)),
        ".",
    )
    return Problem("letters-gone", Place(root), what, hint)


def cloud_problem(folder: Path) -> Problem | None:
    """Return the warning that a service copies what lies in a folder; None where none does."""
    parts = [part.lower() for part in folder.absolute().parts]
    name = next((v for k, v in _CLOUDS.items() if any(k in part for part in parts)), "")
    if not name:
        return None
    what = f"{name} copies all that lies in this folder, the letters too, to its own computers."
    hint = "If it must not have the signers' data, move the campaign out of it and delete it there."
    return Problem("cloud-folder", Place(str(folder)), what, hint, "warning")
