"""What is not any pair's letter: copies, letters nobody wants any more, moves cut short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from merge.campaign.survey import Survey
from merge.model import Place, Problem
from merge.state.files import UNWANTED, Inventory, Outbox
from merge.state.identity import Identity
from merge.state.ledger import Known, Ledger, News
from merge.template.library import pieces

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
class Unwanted:
    """A letter whose pair left the workbook.

    `to` is where it goes, `why` says why it stays; neither where its file is gone as well.
    """

    known: Known
    to: str = ""
    why: str = ""


def unwanted(
    ledger: Ledger,
    survey: Survey,
    wanted: AbstractSet[int],
    is_safe: Callable[[Known], str],
) -> Iterator[Unwanted]:
    """The letters of the ledger that no pair has now.

    `wanted` are the ids that pairs have, as numbers; `is_safe` says why a letter must stay.
    """
    gone = [letter_id for letter_id in ledger.ids() if int(letter_id, 16) not in wanted]
    for before in filter(None, map(ledger.letter, gone)):
        known, content = survey.look(before)
        if content in {"another", "stranger"}:
            continue
        if not content:
            moved = survey.elsewhere(known)
            yield from (Unwanted(known._replace(path=path), why=_MOVED) for path in moved)
            yield from () if moved else (Unwanted(known),)
            continue
        why = is_safe(known) or ("" if content in {"made", "older"} else "it was edited by hand")
        if why:
            yield Unwanted(known, why=why)
        elif not known.path.startswith(f"{UNWANTED}/"):
            yield Unwanted(known, survey.free_path(f"{UNWANTED}/{known.path}"))


def strangers(ledger: Ledger, inventory: Inventory, wanted: AbstractSet[int]) -> Iterator[Unwanted]:
    """Letters that neither a pair nor the ledger knows: it was lost, or they are of elsewhere."""
    for letter_id, paths in inventory.unknown.items():
        if int(letter_id, 16) not in wanted and not ledger.path(letter_id):
            known = Known(letter_id, "", b"", dt.date.min, b"")
            yield from (Unwanted(known._replace(path=path), why=_NOT_KNOWN) for path in paths)


_MOVED = "it was moved by hand"
_NOT_KNOWN = "the program does not know it"


def unwanted_problems(found: list[Unwanted], root: str, *, done: bool) -> Iterator[Problem]:
    """What is told of them; `done` where they were moved already."""
    gone = [each.known.path for each in found if each.to]
    if gone:
        number = "1 letter" if len(gone) == 1 else f"{len(gone):,} letters"
        whose = "whose pair is not in the workbook any more"
        what = f"{number}, {whose}, {'went' if done else 'will go'} there: {_listed(gone)}."
        hint = "Delete what nobody needs. If the pair comes back, its letter comes back too."
        yield Problem("letters-unwanted", Place(f"{root}/{UNWANTED}"), what, hint, "warning")
    for each in found:
        if each.why:
            what = f"its pair is not in the workbook any more, but {each.why}: it stays."
            hint = "Move or delete it yourself, if nobody needs it."
            place = Place(f"{root}/{each.known.path}")
            yield Problem("letter-unwanted", place, what, hint, "warning")


def _listed(paths: list[str]) -> str:
    more = f" and {len(paths) - _FEW:,} more" if len(paths) > _FEW else ""
    return ", ".join(sorted(paths)[:_FEW]) + more


def copy_problem(path: str, copy: str, root: str) -> Problem:
    """A second file that says it is a letter."""
    what = f"this is a copy of the letter {path}. It is left alone and will not be printed."
    hint = "Delete it, or, if it is the one to send, put it in the place of the other."
    return Problem("letter-copied", Place(f"{root}/{copy}"), what, hint, "warning")


def covered_problem(paths: list[str]) -> Problem:
    """New letters that a date for a whole pile cannot mean: it stood there before them."""
    number = "1 new letter is" if len(paths) == 1 else f"{len(paths):,} new letters are"
    what = f"{number} not meant by the date for the whole pile, which is older: {_listed(paths)}."
    hint = "When they are printed, write that into their rows of the sheet Register."
    return Problem("letters-covered", Place("register.xlsx"), what, hint, "warning")


def rows_problems(paths: list[str]) -> Iterator[Problem]:
    """Letters whose rows somebody deleted from the register."""
    if paths:
        number = "1 letter has" if len(paths) == 1 else f"{len(paths):,} letters have"
        what = f"{number} no row any more, and what stood there is lost: {_listed(paths)}."
        hint = "merge letters gives them new rows: write there again what is printed or more."
        yield Problem("register-rows-gone", Place("register.xlsx"), what, hint, "warning")


def ledger_problem(root: str) -> Problem:
    """The program's memory is gone, and the letters are not."""
    what = "what the program knew of these letters is lost."
    hint = "Letters that differ from what it would write now count as edited, and are kept."
    return Problem("ledger-lost", Place(root), what, hint, "warning")


def letters_gone_problem(root: str, count: int) -> Problem:
    """The register lists letters, and there is not one."""
    what = f"register.xlsx lists {count:,} letters, and none of them lies here any more."
    hint = (
        "If the folder was moved or renamed, put it back. To make all anew: merge letters"
        " --new-register."
    )
    return Problem("letters-gone", Place(root), what, hint)


def cloud_problem(folder: Path) -> Problem | None:
    """That a service copies all that is written in a folder; None where none is known to."""
    parts = [part.lower() for part in folder.absolute().parts]
    name = next((v for k, v in _CLOUDS.items() if any(k in part for part in parts)), "")
    if not name:
        return None
    what = f"{name} copies all that lies in this folder, the letters too, to its own computers."
    hint = "If it must not have the signers' data, move the campaign out of it and delete it there."
    return Problem("cloud-folder", Place(str(folder)), what, hint, "warning")


def forget(ledger: Ledger, identity: Identity, letters: Sequence[str]) -> None:
    """Let the ledger forget letters that are gone, and all that it holds for their sake only."""
    if not letters:
        return
    ledger.forget(letters)
    left = {known.id: known for known in ledger.letters()}
    gone = identity.departed(ledger.people(), left.keys())
    ledger.forget((), [someone.key for someone in gone])
    ledger.forget_fields({piece for known in left.values() for piece in pieces(known.inputs)})


def finish_moves(ledger: Ledger, outbox: Outbox) -> None:
    """Settle where letters are whose move was cut short by a kill."""
    moved = [_settled(known, outbox) for known in ledger.moving()]
    if moved:
        ledger.commit(News(letters=moved))


def _settled(known: Known, outbox: Outbox) -> Known:
    if outbox.has_moved(PurePosixPath(known.was), PurePosixPath(known.path)):
        return known._replace(was="")
    return known._replace(path=known.was, was="", named=b"")
