"""The ledger's record of the register as the last run left it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from merge.disk import FileState
from merge.state.ledger import Ledger

_FACT = "register"


@dataclass(frozen=True, slots=True)
class LastUpdate:
    """The last update of the register: a hash of its contents, and its file.

    Both are empty if there was none. `at` is also None if the register must be updated again.
    """

    told: str = ""
    at: FileState | None = None
    waits: bool = False
    """Letters may have no row yet.

    The register could not be written, or a run was cancelled.
    """
    says_less: bool = False
    """The register had fewer stages of letters than before."""
    may_say: bool = True
    """The register may contain entries of staff, or have problems."""

    def fact(self) -> dict[str, str]:
        """Return the fact that the ledger stores."""
        return {_FACT: json.dumps(asdict(self))}


def read_last_update(ledger: Ledger) -> LastUpdate:
    """Return the last update, as the ledger has it."""
    stored = json.loads(ledger.fact(_FACT) or "{}")
    at = stored.pop("at", None)
    return LastUpdate(at=FileState(*at) if at else None, **stored)


def last_register_state(ledger: Ledger) -> FileState | None:
    """Return the state of the register's file after the last run.

    Return None if the register must be updated again.
    """
    last_update = read_last_update(ledger)
    return None if last_update.waits else last_update.at
