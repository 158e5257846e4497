"""Undo of the last import: a preview, and the undo itself."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from merge.campaign.campaign_files import check_places
from merge.disk import FileState, file_state
from merge.errors import MergeError
from merge.intake.destinations import NAME
from merge.intake.list_types import ListedPerson
from merge.intake.signer_list import parse_people
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE
from merge.workbook.translated_words import says_no

if TYPE_CHECKING:
    from merge.intake.list_backup import UndoResult


def restore_previous_list(folder: Path) -> UndoResult:
    """Restore the backup of the list from the last import.

    Raise StorageError if the list was saved since.
    """
    from merge.intake.list_backup import undo_import  # noqa: PLC0415 - openpyxl

    check_places(folder)
    return undo_import(folder)


def can_undo(folder: Path) -> bool:
    """Return whether an import can be undone.

    The list is read again only if it was saved.
    """
    states = (file_state(str(folder / LIST_FILE)), file_state(str(folder / PREVIOUS_LIST_FILE)))
    return _can_undo(folder, *states)


@lru_cache(maxsize=16)
def _can_undo(folder: Path, now: FileState, _before: FileState) -> bool:
    from merge.intake.list_backup import list_before_import  # noqa: PLC0415 - openpyxl

    if now is None:
        return False
    with suppress(MergeError):
        list_before_import(folder)
        return True
    return False


@dataclass(frozen=True, slots=True)
class ImportUndoPreview:
    """People whom undoing an import affects, by name and ID.

    - `leave`: people who will no longer be in the list
    - `back`: people who will be in the list again
    - `change`: people whose cells get their previous values
    - `agree`: people who withdrew by that import, and take part again
    """

    leave: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    agree: tuple[str, ...] = ()


def preview_undo(folder: Path) -> ImportUndoPreview:
    """Return the people in the list whom undoing the last import affects.

    Raise StorageError if nothing can be undone.
    """
    from merge.intake.list_backup import list_before_import  # noqa: PLC0415 - openpyxl

    check_places(folder)
    stored, data = list_before_import(folder)
    new_people = {person.id: person for person in stored.list.people if person.id}
    earlier = parse_people(data) if data else ()
    old_people = {person.id: person for person in earlier if person.id}
    changed_people = [
        (new_people[person_id], old_people[person_id])
        for person_id in new_people
        if person_id in old_people
    ]
    agree = (old for new, old in changed_people if says_no(new.include) > says_no(old.include))
    return ImportUndoPreview(
        leave=tuple(
            _label(new_people[person_id]) for person_id in new_people if person_id not in old_people
        ),
        back=tuple(
            _label(old_people[person_id]) for person_id in old_people if person_id not in new_people
        ),
        change=tuple(_label(old) for new, old in changed_people if new.fields != old.fields),
        agree=tuple(map(_label, agree)),
    )


def _label(person: ListedPerson) -> str:
    return f"{person.fields.get(NAME, '')} ({person.id})"
