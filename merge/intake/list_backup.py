"""The list before the last import: kept by an import, restored by Undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from merge import messages
from merge.disk import delete_file, read_campaign_file, size_and_time
from merge.errors import FaultError, StorageError, translate_errors
from merge.excel.saving import OldWorkbook, check_closed, draft_beside, move_into_place
from merge.intake.list_memory import list_hash
from merge.intake.signer_list import StoredSignerList, read_list
from merge.problems import Place
from merge.product import LETTERS_FOLDER
from merge.state.entries import ImportEntry
from merge.state.ledger import ledger_to_read
from merge.state.letter_folder import ledger_to_write
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE

UndoResult = Literal["removed", "restored"]


def undo_import(folder: Path) -> UndoResult:
    """Restore the list before the last import, or delete it after the first.

    Raise StorageError if someone has saved it since, if there is nothing to undo, or if it is open.
    """
    stored, earlier = list_before_import(folder)
    with list_errors(), ledger_to_write(folder / LETTERS_FOLDER) as ledger:
        check_closed(stored.path)
        if earlier:
            with draft_beside(stored.path, lambda out: out.write(earlier)) as draft:
                move_into_place(draft, stored.path, stored.state_when_read)
            delete_file(folder / PREVIOUS_LIST_FILE)
        elif size_and_time(stored.path) == stored.state_when_read:
            delete_file(stored.path)
        ledger.undo_import(stored.token)
    return "restored" if earlier else "removed"


def list_before_import(folder: Path) -> tuple[StoredSignerList, bytes]:
    """Return the present list, and the bytes of the list before the import.

    The bytes are empty before the first import. Raise StorageError if someone has saved it since,
    or if there is nothing to undo.
    """
    stored = read_list(folder)
    with ledger_to_read(folder / LETTERS_FOLDER) as ledger:
        last = next(iter(ledger.state.import_chain(stored.token)), ImportEntry(""))
    copy_path = folder / PREVIOUS_LIST_FILE
    earlier = read_campaign_file(copy_path) if copy_path.is_file() else b""
    if not last.written or last.previous not in {"", list_hash(earlier)}:
        raise StorageError(messages.problem("list-undo-nothing", Place(LIST_FILE)))
    if list_hash(stored.data) != last.written:
        copy = PREVIOUS_LIST_FILE if last.previous else None
        raise StorageError(messages.problem("list-undo-late", Place(LIST_FILE), file=copy))
    return stored, earlier if last.previous else b""


# Saving the previous list; errors with the list's own codes.

_LIST_CODES = {
    "register-open": "list-open",
    "register-changed": "list-changed",
    "register-not-saved": "list-not-saved",
    "register-not-carried": "list-not-carried",
    "register-too-long": "list-too-long",
}
"""Message codes for the list, by the code of a fault in saving.

Both have the same fields."""


@contextmanager
def list_errors(file: str = LIST_FILE) -> Iterator[None]:
    """Turn faults of saving the list into StorageErrors with the list's codes."""

    def into(error: FaultError) -> StorageError:
        fault, place = error.fault, Place(file)
        if fault.code not in _LIST_CODES:
            return StorageError(fault.to_problem(place))
        fields: dict[str, Any] = dict(fault.fields)
        return StorageError(messages.problem(_LIST_CODES[fault.code], place, **fields))

    with translate_errors(FaultError, into):
        yield


@contextmanager
def keep_backup(
    path: Path, backups: list[Path], previous: OldWorkbook, *, always: bool
) -> Iterator[None]:
    """Keep the previous list as a backup while the list is replaced.

    The backup replaces an earlier one. If the list is not replaced, restore the earlier one.
    """
    if not (always or previous.losses):
        yield
        return
    earlier = read_campaign_file(path) if path.is_file() else None
    with list_errors(path.name):
        _replace_file(path, previous.data)
    backups.append(path)
    try:
        yield
    except FaultError:
        if earlier is None:
            delete_file(path)
        else:
            _replace_file(path, earlier)
        raise


def _replace_file(path: Path, data: bytes) -> None:
    check_closed(path)
    with draft_beside(path, lambda out: out.write(data)) as draft:
        move_into_place(draft, path, size_and_time(path))
