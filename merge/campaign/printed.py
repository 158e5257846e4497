"""What was put into batches: remembered, and compared with what lies there now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

from merge.campaign.campaign import LETTERS_FOLDER, Campaign, LettersOrder
from merge.campaign.register import CampaignRegister, RegisterFeed
from merge.disk import file_state
from merge.model import FinishedLetter, Problem, Step
from merge.state.files import Outbox
from merge.state.ledger import ChangeSet, Ledger, PrintRecord, open_ledger
from merge.template.fingerprint import fingerprint_of


def record_printed(
    campaign: Campaign,
    printed: Sequence[PrintRecord],
    steps: Iterable[Step],
    current_ids: set[int],
) -> list[Problem]:
    """Write down which letters were put into which batch, and tell the register.

    `steps` are those of every pair's letter and `current_ids` their ids, as the survey found them
    that the batches were planned by.
    """
    order = LettersOrder(campaign.folder / LETTERS_FOLDER)
    with Outbox(order.target).open(), closing(open_ledger(order.target)) as ledger:
        ledger.commit(ChangeSet(printed=[*printed]))
        register = CampaignRegister(campaign.folder, ledger, campaign.identity)
        feed = RegisterFeed(campaign, ledger, current_ids)
        for step in steps:
            feed.note(step, done=False)
        return feed.write_to(register)


def print_record(letter: FinishedLetter, batch: str) -> PrintRecord:
    """Return what is remembered of a letter that was put into a batch just now."""
    at = file_state(str(letter.path)) or (0, 0, 0)
    return PrintRecord(letter.id, batch, _output(letter), *at, letter.inputs)


def changed_since(ledger: Ledger, letters: Sequence[FinishedLetter]) -> list[FinishedLetter]:
    """Return those that changed, or whose data did, since they were put into a batch."""
    return [letter for letter in letters if _has_changed(ledger.printed(letter.id), letter)]


def in_no_batch(ledger: Ledger, letters: Sequence[FinishedLetter]) -> list[FinishedLetter]:
    """Return those that were never put into a batch."""
    return [letter for letter in letters if ledger.printed(letter.id) is None]


def _has_changed(printed: PrintRecord | None, letter: FinishedLetter) -> bool:
    if printed is None:
        return False
    if letter.inputs and printed.inputs and letter.inputs != printed.inputs:
        return True
    if file_state(str(letter.path)) == (printed.size, printed.mtime, printed.inode):
        return False
    return _output(letter) != printed.output


def _output(letter: FinishedLetter) -> bytes:
    """Return a hash of all that is in the file."""
    seen = fingerprint_of(letter.path.read_bytes())
    return seen.output if seen else b""
