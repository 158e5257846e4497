"""Staff's decisions about people in the list of signers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from merge import messages
from merge.campaign.arrival import check_files_arrived
from merge.campaign.campaign_files import check_places
from merge.errors import DataError, StorageError
from merge.intake.list_types import ListedPerson, MemoryRecord, ReviewDecision, SignerList
from merge.intake.signer_list import read_list
from merge.problems import Place
from merge.product import LETTERS_FOLDER
from merge.state.letter_folder import ledger_to_write
from merge.workbook.pairs import WRITES_TO, writes_to_problem
from merge.workbook.reading import LIST_FILE, UndecidedPerson, Workbook


def save_review(folder: Path, person: UndecidedPerson, decision: ReviewDecision) -> None:
    """Include or exclude a person of the list who needs review.

    Only Include and To decide of the person's row change. Raise StorageError, and write nothing, if
    the row has changed since it was shown, or the list cannot be saved.
    """
    check_places(folder)
    check_files_arrived(folder)
    stored = read_list(folder)
    listed = next((p for p in stored.list.people if _is_same(p, person)), None)
    if listed is None:
        raise StorageError(messages.problem("list-changed", Place(LIST_FILE)))
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - loads openpyxl

    decided = _with_decision(stored.list, listed, decision)
    with ledger_to_write(folder / LETTERS_FOLDER) as ledger:
        write_list(stored, decided, ledger, keep_copy=False)


def save_writes_to(folder: Path, book: Workbook, writes_to: str) -> int:
    """Write to whom signers without a pair write; return their number.

    Raise DataError if no single signer has the name, and StorageError if the list cannot be saved.
    """
    check_places(folder)
    check_files_arrived(folder)
    if problem := writes_to_problem(writes_to, book.signers, Place(book.file)):
        raise DataError(problem)
    unpaired = {(p.row, p.id) for p in book.pairing.unpaired_people if p.sheet.file == LIST_FILE}
    stored = read_list(folder)
    people = [
        replace(p, fields={**p.fields, WRITES_TO: writes_to}) if (p.row, p.id) in unpaired else p
        for p in stored.list.people
    ]
    if unpaired:
        from merge.intake.list_writing import write_list  # noqa: PLC0415 - loads openpyxl

        paired = replace(stored.list, people=tuple(people))
        with ledger_to_write(folder / LETTERS_FOLDER) as ledger:
            write_list(stored, paired, ledger, keep_copy=False)
    return len(unpaired)


def _is_same(listed: ListedPerson, person: UndecidedPerson) -> bool:
    now = (listed.row, listed.id, listed.to_decide)
    return now == (person.row, person.id, person.reason)


def _with_decision(
    signer_list: SignerList, person: ListedPerson, decision: ReviewDecision
) -> SignerList:
    """Return the list with a decision, which counts as an entry of staff."""
    include = "no" if decision == "exclude" else ""
    decided = replace(person, include=include, to_decide="")
    record = signer_list.records.get(person.id, MemoryRecord())
    records = {**signer_list.records, person.id: replace(record, include="", to_decide="")}
    return replace(
        signer_list,
        people=tuple(decided if p is person else p for p in signer_list.people),
        records=records if person.id in signer_list.records else signer_list.records,
    )
