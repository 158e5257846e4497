"""Files and data that come back after a campaign was closed.

Another computer's sync, or a backup, can bring them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from merge import messages
from merge.campaign.created_files import find_letter_files, find_print_files
from merge.campaign.task import NO_PROGRESS, Task
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.state.ledger import ledger_to_read

if TYPE_CHECKING:
    from merge.campaign.campaign import Campaign


def find_returned_data(campaign: Campaign, task: Task = NO_PROGRESS) -> Iterator[Problem]:
    """Yield warnings about what is back in a closed campaign.

    These are letters and print files, conflict copies, and rows of deleted people. Raise Cancelled
    if the task was cancelled.
    """
    folder = campaign.folder
    with ledger_to_read(campaign.letters_folder) as ledger:
        files = [path for path, _ in find_letter_files(folder, ledger, task)]
    files += find_print_files(folder)
    if files:
        yield messages.problem("closed-files", Place(LETTERS_FOLDER), files=files)
    yield from (copy.problem for copy in campaign.file_copies)
    for problem, _ in campaign.identity.problems:
        if problem.code == "person-deleted":
            yield replace(problem, level="warning")
