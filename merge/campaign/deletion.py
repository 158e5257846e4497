"""A person's data deleted as planned, and looked for afterwards.

Of files, only those go that the program made: see `made_files`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Set as AbstractSet
from contextlib import closing, suppress
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
from merge.campaign.letters_run import fields_in_use
from merge.campaign.overview import inspect_campaign
from merge.campaign.person_words import contains_words, searchable
from merge.campaign.task import NO_PROGRESS, Cancelled, Task
from merge.campaign.traces import TraceSearch, folder_entries, search_file, search_folder
from merge.errors import FaultError, StorageError
from merge.intake.person_deletion import find_traces, remove_person
from merge.intake.signer_list import read_list
from merge.people import SheetKind
from merge.problems import Place
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.register.marking import plan_blank_rows
from merge.register.reading import read_register
from merge.register.updating import rewrite_register
from merge.state.identity import PersonHashes
from merge.state.ledger import LEDGER_FILE, PENDING_DELETIONS_FACT, Ledger, open_ledger
from merge.state.ledger_records import ChangeSet
from merge.state.ledger_rows import remove_free_space
from merge.state.letter_folder import LetterFolder
from merge.text.folding import folded


def delete_person(
    campaign: Campaign,
    erasure: DeletionPlan,
    task: Task = NO_PROGRESS,
    *,
    keep_counts: bool = False,
    keep_out: bool = False,
) -> DeletedFiles:
    """Do what was rehearsed; done twice, it does nothing more.

    Where a stop is asked for, it ends between two files, and the next time goes on from there.
    `keep_counts` keeps the dates of the person's letters in the register, without a name;
    `keep_out` keeps hashes in the list, by which whoever comes in a later export stays out. Raise
    StorageError, and nothing is changed, where a file is open or the register cannot be written.
    """
    folder, subject = campaign.folder, erasure.subject
    check_no_open_files(folder, [REGISTER_FILE, *erasure.files])
    root = folder / LETTERS_FOLDER
    removed = DeletedFiles(stopped=True)
    with suppress(Cancelled):
        if not root.is_dir():
            _clear_register_rows(folder, subject, keep_counts=keep_counts)
            removed.has_hashes = _delete_from_list(campaign, subject, keep_out=keep_out)
            delete_files(folder, erasure.files, task, removed)
            return removed
        others = _ignored_warnings_of_others(campaign, subject, task)
        with LetterFolder(root).open(check=task.raise_if_cancelled):
            with closing(open_ledger(root)) as ledger:
                task.raise_if_cancelled()
                if subject.is_known:
                    record_start(ledger, subject)
                _clear_register_rows(folder, subject, keep_counts=keep_counts)
                removed.has_hashes = _delete_from_list(campaign, subject, keep_out=keep_out)
                delete_files(folder, erasure.files, task, removed)
                _remove_empty_folders(folder, subject)
                _delete_from_ledger(ledger, subject, campaign.ignored_ids - others)
            remove_free_space(root / LEDGER_FILE)
    return removed


def _clear_register_rows(folder: Path, subject: DeletionSubject, *, keep_counts: bool) -> None:
    path = folder / REGISTER_FILE
    register = read_register(path)
    blank = plan_blank_rows(
        register, subject.letter_ids, subject.person_ids, keep_counts=keep_counts
    )
    if not blank.count:
        return
    try:
        rewrite_register(path, register.saved_state, blank.tables, dt.datetime.now().astimezone())
    except FaultError as error:
        raise StorageError(
            replace(error.to_problem(Place(REGISTER_FILE)), level="error")
        ) from error


def _delete_from_list(campaign: Campaign, subject: DeletionSubject, *, keep_out: bool) -> bool:
    """Empty the person's rows of the list, and take what its memory has of them out of it.

    Return whether hashes stay that keep the person out.
    """
    stored, person = read_list(campaign.folder), listed_subject(campaign, subject)
    traces = find_traces(stored.list, person)
    if stored.state_when_read is None or (traces.is_empty and not (keep_out and person.cells)):
        return False
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - openpyxl, if it is needed

    after = remove_person(stored.list, traces, person, keep_out=keep_out)
    if after != stored.list:
        write_list(stored, after, keep_copy=False, emptied_rows=traces.rows)
    return keep_out


def _remove_empty_folders(folder: Path, subject: DeletionSubject) -> None:
    """Remove the empty folders that a run left, when it was killed, under the person's name."""
    for name in (LETTERS_FOLDER, PRINT_FOLDER):
        for entry in reversed([*folder_entries(folder / name)]):
            shown = entry.path.relative_to(folder).as_posix()
            if entry.is_folder and subject.words.may_occur_in(shown):
                remove_empty_folders(folder, entry.path)


def _delete_from_ledger(ledger: Ledger, subject: DeletionSubject, hidden: AbstractSet[str]) -> None:
    """Take all that the ledger holds of the letters and the person out of it.

    `hidden` are the person's warnings that staff have called right.
    """
    people = [s.key for s in ledger.people() if s.id in subject.person_ids]
    ledger.delete_records(subject.letter_ids, people)
    ledger.delete_field_digests(fields_in_use(ledger))
    hashes, kinds = PersonHashes(ledger.salt), get_args(SheetKind)
    own = (
        (kind, f"{root}:{folded(n)}")
        for kind in kinds
        for root in _KEY_KINDS
        for n in subject.names
    )
    ledger.commit(
        ChangeSet(cleared_decisions=[*hidden, *(hashes.key_from_text(*each) for each in own)])
    )
    gone = subject.letter_ids | subject.person_ids
    facts = {
        name: json.loads(value) for name, value in ledger.facts() if name != PENDING_DELETIONS_FACT
    }
    news = {name: json.dumps(_without_ids(value, gone)) for name, value in facts.items()}
    changed = {name: value for name, value in news.items() if value != json.dumps(facts[name])}
    ledger.commit(ChangeSet(facts=changed))


_KEY_KINDS = ("id", "name")


def _ignored_warnings_of_others(
    campaign: Campaign, subject: DeletionSubject, task: Task
) -> set[str]:
    """Return the hidden warnings that neither stand in the person's rows nor name the person."""
    rows = {(place.file, place.sheet, place.row) for place in subject.rows}
    names = {*subject.words.names, searchable(subject.label)}
    return {
        campaign.identity.salt.hash_text(campaign.warning_id(problem))
        for problem in (
            inspect_campaign(campaign, task=task).ignored_warnings if campaign.ignored_ids else ()
        )
        if (problem.place.file, problem.place.sheet, problem.place.row) not in rows
        and not any(
            contains_words(searchable(f"{problem.place} {problem.what}"), name) for name in names
        )
    }


def _without_ids(value: Any, ids: AbstractSet[str]) -> Any:  # noqa: ANN401 - JSON is anything
    """Return what a fact holds without what it says of these ids."""
    if isinstance(value, dict):
        return {key: _without_ids(each, ids) for key, each in value.items() if key not in ids}
    if isinstance(value, list):
        return [_without_ids(each, ids) for each in value if str(each) not in ids]
    return value


def find_remaining_data(
    campaign: Campaign, subject: DeletionSubject, task: Task = NO_PROGRESS
) -> TraceSearch:
    """Look through every file of the campaign for what is left of somebody.

    Where that is nothing, the ledger does not know any more who was looked for. Raise Stopped where
    a stop is asked for.
    """
    folder, ids = campaign.folder, subject.letter_ids | subject.person_ids
    own = f"{LETTERS_FOLDER}/{LEDGER_FILE}"
    left = search_folder(folder, subject.words, task)
    if any(trace.path != own for trace in left.traces):
        left.traces = [t for t in left.traces if t.path != own or t.words - ids]
        return left  # the ledger has the ids until all is done
    if (folder / own).is_file():
        root = folder / LETTERS_FOLDER
        with LetterFolder(root).open(check=task.raise_if_cancelled):
            with closing(open_ledger(root)) as ledger:
                record_completion(ledger, subject)
            remove_free_space(folder / own)
        left.traces = search_file(folder / own, own, subject.words, task).traces
    return left


# The end of a campaign.
