"""What the ledger remembers of the register as the last run left it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from merge.disk import FileState
from merge.state.ledger import Ledger

_FACT = "register"


@dataclass(frozen=True, slots=True)
class LastUpdate:
    """The last update of the register: a hash of what it was told, and the file as it was then.

    Both are empty if there was none; `at` is None as well if it is to be told again.
    """

    told: str = ""
    at: FileState | None = None
    waits: bool = False
    """Letters may have no row yet: it could not be written, or a run was cut short."""
    says_less: bool = False
    """It said less of letters than it had said before."""
    may_say: bool = True
    """Staff may have written something into it, or something in it may be doubtful."""

    def fact(self) -> dict[str, str]:
        """Return the fact by which the ledger remembers it."""
        return {_FACT: json.dumps(asdict(self))}


def read_last_update(ledger: Ledger) -> LastUpdate:
    """Return the last update, as the ledger remembers it."""
    kept = json.loads(ledger.fact(_FACT) or "{}")
    at = kept.pop("at", None)
    return LastUpdate(at=FileState(*at) if at else None, **kept)


def last_register_state(ledger: Ledger) -> FileState | None:
    """Return what the register's file was when the last run was done with it; None if it waits."""
    last = read_last_update(ledger)
    return None if last.waits else last.at
