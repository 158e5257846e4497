"""The list as it was before the last import: kept while a new one is saved, and restored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from merge import messages
from merge.disk import read_campaign_file, size_and_time
from merge.errors import FaultError, StorageError, translated
from merge.excel.saving import OldWorkbook, check_closed, draft_beside, put_in_place
from merge.intake.signer_list import BEFORE_FILE, StoredList, read_list
from merge.problems import Place
from merge.workbook.reading import LIST_FILE

Undone = Literal["removed", "restored"]


def undo_import(folder: Path) -> Undone:
    """Put the list back as it was before the last import; of the first one, remove it.

    StorageError where somebody saved it since, there is nothing to be put back, or it is open.
    """
    stored, earlier = before_import(folder)
    copy_path = folder / BEFORE_FILE
    with list_errors():
        check_closed(stored.path)
        if not stored.before:
            if size_and_time(stored.path) == stored.seen:
                stored.path.unlink()
            return "removed"
        with draft_beside(stored.path, lambda out: out.write(earlier)) as draft:
            put_in_place(draft, stored.path, stored.seen)
        copy_path.unlink()
    return "restored"


def before_import(folder: Path) -> tuple[StoredList, bytes]:
    """Return the list, and the one before the last import; its bytes are none before the first.

    StorageError where somebody saved it since, or there is nothing to be put back.
    """
    stored = read_list(folder)
    copy_path = folder / BEFORE_FILE
    earlier = read_campaign_file(copy_path) if copy_path.is_file() else b""
    is_first = stored.seen is None or stored.is_copied
    if is_first or (stored.before and digest(earlier) != stored.before):
        raise StorageError(messages.problem("list-undo-nothing", Place(LIST_FILE)))
    if not stored.is_untouched:
        copy = BEFORE_FILE if stored.before else None
        raise StorageError(messages.problem("list-undo-late", Place(LIST_FILE), file=copy))
    return stored, earlier if stored.before else b""


def digest(data: bytes) -> str:
    """Return the hash by which the list before the last import is recognised."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


# Saved as before, or with errors of the list.

_CODES = {
    "register-open": "list-open",
    "register-changed": "list-changed",
    "register-not-saved": "list-not-saved",
    "register-not-carried": "list-not-carried",
    "register-too-long": "list-too-long",
}
"""The codes for the list of the faults of a workbook that is saved, which have the same fields."""


@contextmanager
def list_errors(file: str = LIST_FILE) -> Iterator[None]:
    """Raise StorageError, with the list's own code, for a fault of saving it."""

    def into(error: FaultError) -> StorageError:
        fault, place = error.fault, Place(file)
        if fault.code not in _CODES:
            return StorageError(fault.at(place))
        fields: dict[str, Any] = dict(fault.fields)
        return StorageError(messages.problem(_CODES[fault.code], place, **fields))

    with translated(FaultError, into):
        yield


@contextmanager
def keeping(path: Path, kept: list[Path], old: OldWorkbook, *, always: bool) -> Iterator[None]:
    """Keep the list as it was, in the place of an earlier one, unless it is then not replaced."""
    if not (always or old.lost):
        yield
        return
    earlier = read_campaign_file(path) if path.is_file() else None
    with list_errors(path.name):
        _put(path, old.data)
    kept.append(path)
    try:
        yield
    except FaultError:
        if earlier is None:
            path.unlink()
        else:
            _put(path, earlier)
        raise


def _put(path: Path, data: bytes) -> None:
    check_closed(path)
    with draft_beside(path, lambda out: out.write(data)) as draft:
        put_in_place(draft, path, size_and_time(path))
