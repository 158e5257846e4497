"""The last import undone: whom it concerns, whether it can be undone, and the list restored."""

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
from merge.intake.signer_list import PREVIOUS_LIST_FILE, parse_list
from merge.workbook.reading import LIST_FILE
from merge.workbook.translated_words import says_no

if TYPE_CHECKING:
    from merge.intake.list_backup import UndoResult


def restore_previous_list(folder: Path) -> UndoResult:
    """Put the list back as it was before the last import. StorageError where it was saved since."""
    from merge.intake.list_backup import undo_import  # noqa: PLC0415 - openpyxl

    check_places(folder)
    return undo_import(folder)


def can_undo(folder: Path) -> bool:
    """Return whether an import can be undone; the list is read again only if it was saved."""
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
class UndoPreview:
    """Whom an undo concerns, by name and ID.

    `leave` are not in the list any more, `back` are again; of `change` cells become what they were;
    `agree` withdrew by that import, and take part again.
    """

    leave: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    agree: tuple[str, ...] = ()


def preview_undo(folder: Path) -> UndoPreview:
    """Return whom an undo concerns. StorageError where nothing can be undone."""
    from merge.intake.list_backup import list_before_import  # noqa: PLC0415 - openpyxl

    check_places(folder)
    stored, data = list_before_import(folder)
    now = {person.id: person for person in stored.list.people if person.id}
    earlier = parse_list(data, folder).list.people if data else ()
    before = {person.id: person for person in earlier if person.id}
    both = [(now[own], before[own]) for own in now if own in before]
    agree = (old for new, old in both if says_no(new.include) > says_no(old.include))
    return UndoPreview(
        leave=tuple(_label(now[own]) for own in now if own not in before),
        back=tuple(_label(before[own]) for own in before if own not in now),
        change=tuple(_label(old) for new, old in both if new.fields != old.fields),
        agree=tuple(map(_label, agree)),
    )


def _label(person: ListedPerson) -> str:
    return f"{person.fields.get(NAME, '')} ({person.id})"
