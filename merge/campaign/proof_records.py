"""Records of proofreading: letters with errors, letters that were seen.

1. The ledger has the hash of each file with errors as it was read, for printing.
2. It has the hash of what proofreading said about a letter that someone has seen.

So both are true on all computers, until the letter is changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.candidates import PrintCandidate
from merge.errors import StorageError
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.state.folder_access import read_file
from merge.state.ledger import PROOFREAD_FACT, Ledger, ledger_to_read
from merge.state.ledger_records import DecisionRecord, LedgerChangeSet
from merge.state.letter_folder import ledger_to_write
from merge.template.fingerprint import output_hash

if TYPE_CHECKING:
    from merge.proofreading.review import ReviewedLetter


def record_errors(campaign: Campaign, reviewed_letters: Iterable[ReviewedLetter]) -> None:
    """Record which of the letters that were read have errors.

    Nothing is recorded if another run is writing to the folder.
    """
    found = dict[str, str]()
    for read in reviewed_letters:
        has_errors = any(problem.level == "error" for problem in read.problems)
        data = read_file(str(read.letter.path)) if has_errors else None
        found[read.letter.id] = output_hash(data).hex() if data else ""
    with suppress(StorageError), ledger_to_write(campaign.letters_folder) as ledger:
        before = _recorded_errors(ledger)
        after = {i: output for i, output in {**before, **found}.items() if output}
        if after != before:
            ledger.commit(LedgerChangeSet(facts={PROOFREAD_FACT: json.dumps(after)}))


def proofreading_warnings(
    campaign: Campaign, candidates: Iterable[PrintCandidate]
) -> Iterator[Problem]:
    """Yield a warning if letters that will be printed have errors."""
    with ledger_to_read(campaign.letters_folder) as ledger:
        errors = _recorded_errors(ledger)
    paths = [
        candidate.letter.path.relative_to(campaign.folder).as_posix()
        for candidate in candidates
        if candidate.letter and candidate.fingerprint and not candidate.problems
        if errors.get(candidate.id) == candidate.fingerprint.output.hex()
    ]
    if paths:
        yield messages.problem("proofread-errors", Place(LETTERS_FOLDER), letters=paths)


def _recorded_errors(ledger: Ledger) -> Mapping[str, str]:
    errors: dict[str, str] = json.loads(ledger.fact(PROOFREAD_FACT) or "{}")
    return errors


def record_seen(campaign: Campaign, letter_id: str, seen: bytes) -> None:
    """Record that someone has seen what proofreading said about a letter.

    `seen` is its `ReviewedLetter.seen_token`. If it is empty, it counts as not seen.
    """
    with ledger_to_write(campaign.letters_folder) as ledger:
        ledger.commit(LedgerChangeSet(decisions=[DecisionRecord(letter_id, "seen", seen)]))
