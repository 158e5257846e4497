"""Deletion of a person's data, and the search for remaining data.

Only files that the program created are deleted, and system files: see `created_files`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import PRINT_FOLDER
from merge.campaign.created_files import (
    DeletedFiles,
    check_no_open_files,
    delete_files,
    remove_empty_folders,
)
from merge.campaign.deletion_plan import DeletionPlan, listed_subject
from merge.campaign.deletion_subject import DeletionSubject, record_completion, record_start
from merge.campaign.task import NO_PROGRESS, Cancelled, Task
from merge.campaign.traces import (
    PersonalDataTrace,
    PersonalDataTraces,
    folder_entries,
    search_folder,
    search_records,
)
from merge.errors import FaultError, StorageError
from merge.intake.list_memory import record_subject
from merge.intake.person_deletion import find_traces, remove_person
from merge.intake.signer_list import read_list
from merge.people import SheetKind
from merge.problems import Place
from merge.product import LETTERS_FOLDER, RECORDS_FOLDER, REGISTER_FILE
from merge.register.blanking import plan_blank_rows
from merge.register.reading import read_register
from merge.register.updating import rewrite_register
from merge.state.ledger import PENDING_DELETIONS_FACT, Ledger
from merge.state.ledger_records import LedgerChangeSet
from merge.state.letter_folder import LetterFolder, opened_ledger
from merge.state.person_hashes import key_from_text, person_key
from merge.text.folding import folded
from merge.workbook.reading import LIST_FILE


def delete_person(
    campaign: Campaign,
    erasure: DeletionPlan,
    task: Task = NO_PROGRESS,
    *,
    keep_counts: bool = False,
    keep_out: bool = False,
) -> DeletedFiles:
    """Delete the files and data in a deletion plan; repeating it is harmless.

    If the task is cancelled, it ends between two files, and the next run continues there.
    `keep_counts` keeps the dates of the person's letters in the register, without a name.
    `keep_out` keeps hashes in the list, by which the person in a later export is not imported
    again. Raise StorageError, and change nothing, if a file is open or the register cannot be
    written.
    """
    folder, subject = campaign.folder, erasure.subject
    check_no_open_files(folder, [REGISTER_FILE, *erasure.files])
    root = folder / LETTERS_FOLDER
    removed = DeletedFiles(stopped=True)
    with suppress(Cancelled):
        lock = LetterFolder(root).open(check=task.raise_if_cancelled)
        with lock, opened_ledger(root) as ledger:
            task.raise_if_cancelled()
            if subject.is_known:
                record_start(ledger, subject)
            _clear_register_rows(folder, subject, keep_counts=keep_counts)
            removed.has_hashes = _delete_from_list(campaign, subject, ledger, keep_out=keep_out)
            ledger.delete_print_records(erasure.letters_to_print_again)
            delete_files(folder, erasure.files, task, removed)
            _remove_empty_folders(folder, subject)
            _delete_from_ledger(ledger, campaign, subject)
            campaign.record_run(ledger)
    return removed


def _clear_register_rows(folder: Path, subject: DeletionSubject, *, keep_counts: bool) -> None:
    path = folder / REGISTER_FILE
    register = read_register(path)
    rows = plan_blank_rows(
        register, subject.letter_ids, subject.person_ids, keep_counts=keep_counts
    )
    if not rows.count:
        return
    try:
        rewrite_register(path, register.saved_state, rows.tables, dt.datetime.now().astimezone())
    except FaultError as error:
        raise StorageError(
            replace(error.to_problem(Place(REGISTER_FILE)), level="error")
        ) from error


def _delete_from_list(
    campaign: Campaign, subject: DeletionSubject, ledger: Ledger, *, keep_out: bool
) -> bool:
    """Clear a person's rows in the list of signers and its import records.

    Return whether hashes remain that prevent another import.
    """
    stored, person = read_list(campaign.folder), listed_subject(campaign, subject)
    traces = find_traces(stored.list, person)
    if stored.state_when_read is None:
        return False
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - loads openpyxl

    changed_list = remove_person(stored.list, traces, person, keep_out=keep_out)
    if changed_list != stored.list:
        write_list(stored, changed_list, ledger, keep_copy=False, emptied_rows=traces.rows)
        deleted_keys = sorted(traces.all_keys - changed_list.records.keys())
        ledger.record_deletion(map(record_subject, deleted_keys))
    return keep_out and bool(person.cells or not traces.is_empty)


def _remove_empty_folders(folder: Path, subject: DeletionSubject) -> None:
    """Remove empty folders with the person's name that a killed run left."""
    for name in (LETTERS_FOLDER, PRINT_FOLDER):
        for entry in reversed([*folder_entries(folder / name)]):
            path = entry.path.relative_to(folder).as_posix()
            if entry.is_folder and subject.terms.may_be_in(path):
                remove_empty_folders(folder, entry.path)


def _delete_from_ledger(ledger: Ledger, campaign: Campaign, subject: DeletionSubject) -> None:
    """Delete the ledger's records of a person and of the person's letters.

    The person may not have had letters yet. The choices to ignore warnings are deleted as well: it
    is not known which of them are about the person.
    """
    people = campaign.workbook.all_people
    recorded = [record.key for record in ledger.people() if record.id in subject.person_ids]
    present = [person_key(person) for person in people if person.place("name") in subject.rows]
    ledger.delete_records(subject.letter_ids, recorded)
    ledger.record_deletion([*present, *recorded, *subject.letter_ids, *subject.person_ids])
    keys = [
        key_from_text(kind, f"{root}:{folded(text)}")
        for kind in get_args(SheetKind)
        for root in ("id", "name")
        for text in subject.names
    ]
    deleted_ids = subject.letter_ids | subject.person_ids
    facts = {name: value for name, value in ledger.facts() if name != PENDING_DELETIONS_FACT}
    changed = {
        name: json.dumps(shorter)
        for name, value in facts.items()
        if (shorter := _without_ids(json.loads(value), deleted_ids)) != json.loads(value)
    }
    ledger.commit(LedgerChangeSet(cleared_decisions=[*campaign.ignored_ids, *keys], facts=changed))


def _without_ids(value: Any, ids: AbstractSet[str]) -> Any:  # noqa: ANN401 - JSON is anything
    """Return a fact of the ledger without the entries of these IDs."""
    if isinstance(value, dict):
        return {key: _without_ids(item, ids) for key, item in value.items() if key not in ids}
    if isinstance(value, list):
        return [_without_ids(item, ids) for item in value if str(item) not in ids]
    return value


def find_remaining_data(
    campaign: Campaign, subject: DeletionSubject, task: Task = NO_PROGRESS
) -> PersonalDataTraces:
    """Search every file of the campaign for remaining data of a person.

    The person's rows in the workbook always count. If nothing is found, the ledger deletes the
    record of the deletion. Raise Cancelled if the task was cancelled.
    """
    folder = campaign.folder
    search = search_folder(folder, subject.terms, task)
    search.traces += _workbook_rows(subject, search.traces)
    if not search.traces and (folder / RECORDS_FOLDER).is_dir():
        root = folder / LETTERS_FOLDER
        lock = LetterFolder(root).open(check=task.raise_if_cancelled)
        with lock, opened_ledger(root) as ledger:
            record_completion(ledger, subject)
        search.traces = search_records(folder, subject.terms)
    return search


def _workbook_rows(
    subject: DeletionSubject, traces: Iterable[PersonalDataTrace]
) -> Iterator[PersonalDataTrace]:
    """Yield the person's rows in the workbook that the search did not find."""
    cells = (cell for trace in traces for cell in trace.cells)
    found_rows = {(cell.file, cell.sheet, cell.row) for cell in cells}
    for place in subject.rows:
        is_found = (place.file, place.sheet, place.row) in found_rows
        if place.file != LIST_FILE and not is_found:
            yield PersonalDataTrace(place.file, frozenset({subject.label}), cells=(place,))
