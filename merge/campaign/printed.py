"""What was put into a batch, and whether it has changed since."""

from __future__ import annotations

from collections.abc import Sequence

from merge.model import Finished
from merge.state.files import placed
from merge.state.ledger import Ledger, Printed
from merge.template.fingerprint import fingerprint_of


def noted(letter: Finished, batch: str) -> Printed:
    """What is to be remembered of a letter that was put into a batch just now."""
    at = placed(str(letter.path)) or (0, 0, 0)
    return Printed(letter.id, batch, _output(letter), *at, letter.inputs)


def changed_since(ledger: Ledger, letters: Sequence[Finished]) -> list[Finished]:
    """Those that changed, or whose data did, since they were put into a batch."""
    return [letter for letter in letters if _has_changed(ledger.printed(letter.id), letter)]


def in_no_batch(ledger: Ledger, letters: Sequence[Finished]) -> list[Finished]:
    """Those that were never put into a batch."""
    return [letter for letter in letters if ledger.printed(letter.id) is None]


def _has_changed(printed: Printed | None, letter: Finished) -> bool:
    if printed is None:
        return False
    if letter.inputs and printed.inputs and letter.inputs != printed.inputs:
        return True
    if placed(str(letter.path)) == (printed.size, printed.mtime, printed.inode):
        return False
    return _output(letter) != printed.output


def _output(letter: Finished) -> bytes:
    """A hash of all that is in the file."""
    seen = fingerprint_of(letter.path.read_bytes())
    return seen.output if seen else b""
