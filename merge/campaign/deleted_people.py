"""Warnings about people whose data was deleted: what is left or is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from merge import messages
from merge.campaign.created_files import files_of_batch
from merge.problems import Place, Problem
from merge.state.ledger import Ledger


def deleted_people_problems(folder: Path, ledger: Ledger) -> Iterator[Problem]:
    """Yield warnings about deletions that are not finished, and print files.

    The print files are those of another computer, which still had the people's data.
    """
    if count := ledger.pending_deletion_count:
        yield messages.problem("deletion-unfinished", Place(str(folder)), count=count)
    for batch in sorted(ledger.batches_of_deleted_people()):
        for path in sorted(files_of_batch(folder, batch)):
            yield messages.problem("batch-deleted", Place(path))
