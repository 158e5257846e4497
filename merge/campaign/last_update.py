"""The ledger's record of the register as the last run left it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from merge.disk import FileState
from merge.state.ledger import Ledger
from merge.state.private_state import REGISTER_FILE_FACT

_FACT = "register"


@dataclass(frozen=True, slots=True)
class LastRegisterUpdate:
    """The last update of the register: a hash of its contents, and its file.

    Both are empty if there was none. `file_state` is also None if the register must be updated
    again.
    """

    content_hash: str = ""
    file_state: FileState | None = None
    is_pending: bool = False
    """Letters may have no row yet.

    The register could not be written, or a run was cancelled.
    """
    may_have_entries: bool = True
    """The register may contain entries of staff, or have problems."""

    def fact(self) -> dict[str, str]:
        """Return the register's last update in the form that the ledger stores.

        The state of the file is a fact of its own, because it differs between computers.
        """
        values = (getattr(self, name) for name in _STORED_KEYS.values())
        stored = dict(zip(_STORED_KEYS, values, strict=True))
        return {_FACT: json.dumps(stored), REGISTER_FILE_FACT: json.dumps(self.file_state)}


_STORED_KEYS = {
    "told": "content_hash",
    "waits": "is_pending",
    "may_say": "may_have_entries",
}
"""Keys of the stored fact, with the fields that they hold."""


def read_last_update(ledger: Ledger) -> LastRegisterUpdate:
    """Return the register's last update, which the ledger has recorded."""
    stored = json.loads(ledger.fact(_FACT) or "{}")
    values = {field: stored[key] for key, field in _STORED_KEYS.items() if key in stored}
    state = json.loads(ledger.fact(REGISTER_FILE_FACT) or "null")
    return LastRegisterUpdate(file_state=FileState(*state) if state else None, **values)


def last_register_state(ledger: Ledger) -> FileState | None:
    """Return the state of the register's file after the last run.

    Return None if the register must be updated again.
    """
    last_update = read_last_update(ledger)
    return None if last_update.is_pending else last_update.file_state
