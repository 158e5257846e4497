"""Records of print files, compared with the present letters.

The files of a run are created in a hidden draft folder. The ledger records them, then the draft
gets its name. So after a kill a print file is recorded or its folder is gone.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import PRINT_FOLDER
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.created_files import files_of_batch
from merge.campaign.letters_order import LettersOrder
from merge.campaign.plan import LettersRunPlan, LettersSurvey
from merge.campaign.register_feed import RegisterFeed
from merge.campaign.task import NO_PROGRESS, Cancelled, Task
from merge.computer import draft_name, is_abandoned_draft, name_without_draft
from merge.disk import (
    DRAFT_NAME_ENDS,
    delete_file,
    delete_folder,
    file_state,
    free_name,
    is_link,
    os_error_text,
    rename_folder,
)
from merge.errors import StorageError, translate_errors
from merge.letter_status import PrintableLetter
from merge.problems import Place, Problem
from merge.state.folder_access import read_file
from merge.state.ledger import Ledger, ledger_to_read
from merge.state.ledger_records import (
    DecisionRecord,
    LedgerChangeSet,
    PdfRecord,
    PrintedBatch,
    PrintRecord,
)
from merge.template.fingerprint import output_hash

_FACT = "print"
"""The ledger's name for the draft folder of the last print files."""


@dataclass(frozen=True, slots=True)
class BatchFolder:
    """The folder with the print files of one run, and its draft next to it.

    `found_draft` is the name of a draft that is another computer's.
    """

    parent: Path
    name: str
    found_draft: str = ""

    @classmethod
    def find_free(cls, parent: Path, name: str) -> BatchFolder:
        """Return a print folder with a name, or with a number after a taken name."""
        return cls(parent, free_name(parent, name))

    @property
    def path(self) -> Path:
        """The final path of the print folder."""
        return self.parent / self.name

    @property
    def draft(self) -> Path:
        """The path of the print folder until the ledger has recorded its files."""
        return self.parent / (self.found_draft or draft_name(self.name))

    def record_and_publish(
        self,
        ledger: Ledger,
        printed: Sequence[PrintRecord],
        decided: Sequence[DecisionRecord] = (),
        pdfs: Sequence[PdfRecord] = (),
    ) -> Path:
        """Record print files and decisions in the ledger, and publish the folder.

        Return the path of the folder. Raise StorageError, and remove the draft, if the ledger
        cannot be written.
        """
        try:
            facts = {_FACT: json.dumps(self.draft.name)}
            changes = LedgerChangeSet(
                print_records=[*printed], facts=facts, decisions=[*decided], pdfs=[*pdfs]
            )
            ledger.commit(changes)
        except StorageError:
            self.discard()
            raise
        return self.publish()

    def discard(self) -> None:
        """Delete the draft of the print folder with its files."""
        delete_folder(self.draft)

    def publish(self) -> Path:
        """Rename the print folder's draft to its final name; return the path.

        If another computer has printed in the same second, its folder has the name, and this one
        gets a number. Raise StorageError if the system does not allow it.
        """
        with translate_errors(OSError, self._not_published):
            return self._rename_draft()

    def _rename_draft(self) -> Path:
        """Rename the draft to a free name; raise OSError if the system refuses."""
        while True:
            path = self.parent / free_name(self.parent, self.name)
            try:
                rename_folder(self.draft, path, patiently=True)
            except OSError:
                if not (os.path.lexists(path) and os.path.lexists(self.draft)):
                    raise
            else:
                return path

    def _not_published(self, error: OSError) -> StorageError:
        problem = messages.problem(
            "batch-not-placed", _place(self.name), error=os_error_text(error)
        )
        return StorageError(problem)


def recover_drafts(parent: Path, ledger: Ledger) -> Iterator[Problem]:
    """Publish or remove the draft print folders that killed runs left.

    A draft that the ledger has recorded gets its name; others are removed. Drafts on which another
    computer may still be at work stay.
    """
    begins, ends = DRAFT_NAME_ENDS
    for leftover in filter(is_abandoned_draft, parent.glob(f"*/{begins}*{ends}")):
        if is_link(leftover.parent):
            continue
        if leftover.is_file() and not leftover.parent.name.startswith(begins):
            delete_file(leftover)
    for draft in sorted(filter(is_abandoned_draft, parent.glob(f"{begins}*{ends}"))):
        name = name_without_draft(draft.name)
        batch_folder = BatchFolder(parent, name, draft.name)
        if not draft.is_dir() or is_link(draft):
            delete_file(draft)
        elif ledger.fact(_FACT) == json.dumps(draft.name):
            yield messages.problem("batch-recovered", _place(batch_folder.publish().name))
        else:
            batch_folder.discard()


def _place(name: str) -> Place:
    return Place(f"{PRINT_FOLDER}/{name}")


def refresh_register(campaign: Campaign, ledger: Ledger, task: Task = NO_PROGRESS) -> list[Problem]:
    """Update the register from the ledger; return the problems to report.

    Everything is surveyed again, because other runs may have worked while pages were counted. If
    the task is cancelled, the register gets the print files and nothing else about letters.
    """
    with suppress(Cancelled):
        return refresh_all(campaign, ledger, task)
    return _refresh_batches(campaign, ledger)


def refresh_all(campaign: Campaign, ledger: Ledger, task: Task = NO_PROGRESS) -> list[Problem]:
    """Update the register from a survey of all letters; return the problems.

    Raise Cancelled if the task was cancelled before the register was written.
    """
    task.raise_if_cancelled()
    plan = LettersRunPlan(campaign, LettersOrder(campaign.letters_folder))
    survey = LettersSurvey(plan, ledger, task)
    feed = RegisterFeed(campaign, ledger, survey.current_ids, survey.register)
    task.start_step(len(survey.current_ids), "Letters checked")
    for planned, _ in survey.letters():
        task.raise_if_cancelled()
        feed.add(planned.step, current_path=planned.record.path)
        task.advance()
    task.raise_if_cancelled()
    return feed.write_to(survey.register) if survey.register else []


def _refresh_batches(campaign: Campaign, ledger: Ledger) -> list[Problem]:
    identity, pairs = campaign.identity, campaign.workbook.pairs()
    wanted_ids = {int(identity.letter_id(pair), 16) for pair in pairs}
    register = CampaignRegister(campaign, ledger)
    return RegisterFeed(campaign, ledger, wanted_ids, register).write_to(register, is_partial=True)


def letters_changed_since_batch(
    ledger: Ledger, letters: Iterable[PrintableLetter]
) -> list[PrintableLetter]:
    """Return letters whose file or data changed since their print file."""
    return [letter for letter in letters if _has_changed(ledger.last_print(letter.id), letter)]


def letters_in_no_batch(
    ledger: Ledger, letters: Sequence[PrintableLetter]
) -> list[PrintableLetter]:
    """Return letters that were never put into a print file."""
    return [letter for letter in letters if ledger.last_print(letter.id) is None]


def printed_again_warnings(
    campaign: Campaign, unmarked: Sequence[PrintableLetter], selected_ids: AbstractSet[str]
) -> Iterator[Problem]:
    """Yield warnings of earlier print files with letters to be printed now.

    `unmarked` are all letters that are not marked as printed, `selected_ids` are the IDs of those
    that will be printed.
    """
    with ledger_to_read(campaign.letters_folder) as ledger:
        batches = ledger.batches()
    unmarked_counts = Counter(batches.get(letter.id) for letter in unmarked)
    paths: dict[PrintedBatch, list[str]] = {}
    for letter in unmarked:
        if letter.id in selected_ids and (batch := batches.get(letter.id)):
            path = letter.path.relative_to(campaign.folder).as_posix()
            paths.setdefault(batch, []).append(path)
    for batch, found in sorted(paths.items()):
        if files_of_batch(campaign.folder, batch):
            key = "batch-again" if len(found) == unmarked_counts[batch] else "batch-again/some"
            yield messages.problem(key, Place(PRINT_FOLDER), batch=str(batch), letters=found)


def _has_changed(printed: PrintRecord | None, letter: PrintableLetter) -> bool:
    if printed is None:
        return False
    if letter.inputs_digest and printed.inputs and letter.inputs_digest != printed.inputs:
        return True
    return differs_from_print_file(printed, letter)


def differs_from_print_file(printed: PrintRecord, letter: PrintableLetter) -> bool:
    """Return whether a letter's file differs for a reader from its print file."""
    if file_state(str(letter.path)) == printed.file_state:
        return False
    return printed.output not in {letter.resaved_output, _output(letter)}


def _output(letter: PrintableLetter) -> bytes:
    """Return a hash of a letter's file; empty if the file was just deleted."""
    data = read_file(str(letter.path))
    return output_hash(data) if data else b""
