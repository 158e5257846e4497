"""The plan of what to delete of a person, and what else the search finds.

Nothing is changed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import PRINT_FOLDER
from merge.campaign.created_files import (
    SYSTEM_FILES,
    files_of_batch,
    find_batch_files,
    find_letter_files,
    find_print_files,
    is_draft,
)
from merge.campaign.deletion_subject import DeletionSubject
from merge.campaign.file_texts import find_texts, read_limited
from merge.campaign.letters_order import LettersOrder
from merge.campaign.orphans import unnamed_problem
from merge.campaign.plan import LettersRunPlan
from merge.campaign.task import NO_PROGRESS, Task
from merge.campaign.traces import PersonalDataTrace, PersonalDataTraces, search_folder
from merge.errors import MergeError, StorageError
from merge.intake.destinations import NAME
from merge.intake.person_deletion import SignerListTraces, SubjectIdentifiers, find_traces
from merge.intake.signer_list import read_list
from merge.naming import placeholder_name
from merge.people import Column, PeopleSheet
from merge.problems import Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.proofreading.text import plain_text
from merge.register.blanking import plan_blank_rows
from merge.register.layouts import SENT_STAGES
from merge.register.reading import Register, read_register
from merge.state.folder_access import OLD_VERSIONS_FOLDER, ORPHANS_FOLDER
from merge.state.ledger import Ledger, ledger_to_read
from merge.state.ledger_records import PrintedBatch
from merge.template.fingerprint import output_hash
from merge.text.names import name_without_id
from merge.workbook.pairs import WRITES_TO
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE


@dataclass(frozen=True, slots=True)
class DeletionPlan:
    """A plan for deleting a person's data: what it removes, what remains.

    Files are given by their paths in the campaign folder. `remaining` is what else the search finds
    now: it belongs to staff, and is not deleted.
    """

    subject: DeletionSubject
    letters: tuple[str, ...]
    shared_files: tuple[str, ...]
    """Files of the program that contain other people's data as well.

    These are print files, lists, proofs and system files such as `.DS_Store`.
    """
    register_rows: int
    posted_letters: int
    """Number of the person's letters that were posted, by the register."""
    remaining: PersonalDataTraces = field(default_factory=PersonalDataTraces)
    list_traces: SignerListTraces = field(default_factory=SignerListTraces)
    """The person's data in the list of signers from forms and its memory."""
    letters_to_print_again: frozenset[str] = frozenset()
    """IDs of other people's unprinted letters whose print file is removed."""

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of all files that the deletion removes.

        Print files are first: if it is stopped, none is left whose letters are printed again.
        """
        return (*self.shared_files, *self.letters)

    @property
    def is_known(self) -> bool:
        """Whether more is known of the person than the typed name or ID.

        Data in the list counts too.
        """
        return self.subject.is_known or not self.list_traces.is_empty

    @property
    def is_empty(self) -> bool:
        """Whether the deletion plan has nothing that the program can delete."""
        in_lists = self.register_rows or not self.list_traces.is_empty
        return not (self.files or in_lists or self.subject.letter_ids)


def plan_deletion(
    campaign: Campaign, subject: DeletionSubject, task: Task = NO_PROGRESS
) -> DeletionPlan:
    """Return what deleting a person removes, and where else the data is.

    Nothing is changed. Raise StorageError if another person has the person's ID, since it is
    unclear then whose letters these are. Raise Cancelled if the task was cancelled.
    """
    _check_id_is_unique(campaign, subject, task)
    folder = campaign.folder
    register = read_register(folder / REGISTER_FILE)
    with ledger_to_read(folder / LETTERS_FOLDER) as ledger:
        own_letters = {
            path: letter_id
            for path, letter_id in find_letter_files(folder, ledger, task)
            if not letter_id or letter_id in subject.letter_ids
        }
        _check_letters_name(subject, folder, own_letters, ledger)
        batches = find_batch_files(folder, ledger, subject.letter_ids)
        unmarked = _unmarked_batches(subject, register, ledger)
    search = search_folder(folder, subject.terms, task)
    found_paths = {trace.path for trace in search.traces}
    shared = tuple(_shared_files(folder, subject, found_paths, batches, task))
    list_traces = find_traces(read_list(folder).list, listed_subject(campaign, subject))
    has_backup = (folder / PREVIOUS_LIST_FILE).is_file()
    if has_backup and (PREVIOUS_LIST_FILE in found_paths or not list_traces.is_empty):
        shared += (PREVIOUS_LIST_FILE,)
    deleted_paths = {*own_letters, *shared, REGISTER_FILE}
    traces = (
        _outside_cleared_cells(search_trace, list_traces, campaign.workbook.signers.sheets[-1])
        for search_trace in search.traces
        if search_trace.path.rstrip("/") not in deleted_paths
    )
    remaining = PersonalDataTraces([trace for trace in traces if trace], search.unreadable_files)
    stages = (register.stages(i) for i in register.rows if i in subject.letter_ids)
    posted = sum(not SENT_STAGES.isdisjoint(reached) for reached in stages)
    rows = plan_blank_rows(register, subject.letter_ids, subject.person_ids, keep_counts=False)
    task.raise_if_cancelled()  # a late cancellation must still prevent the next step
    return DeletionPlan(
        subject=subject,
        letters=tuple(own_letters),
        shared_files=shared,
        register_rows=rows.count,
        posted_letters=posted,
        remaining=remaining,
        list_traces=list_traces,
        letters_to_print_again=frozenset(_letters_without_file(folder, unmarked, shared)),
    )


def _unmarked_batches(
    subject: DeletionSubject, register: Register, ledger: Ledger
) -> dict[str, PrintedBatch]:
    """Return the print file of each unmarked letter of other people."""
    marked = ledger.state.marked_letters()
    return {
        letter_id: batch
        for letter_id, batch in ledger.batches().items()
        if letter_id not in subject.letter_ids
        and not (marked.get(letter_id) or register.stages(letter_id))
    }


def _letters_without_file(
    folder: Path, batches: Mapping[str, PrintedBatch], deleted: Sequence[str]
) -> Iterator[str]:
    """Yield the letters of which every print file is among the deleted files."""
    files = {batch: files_of_batch(folder, batch) for batch in {*batches.values()}}
    for letter_id, batch in batches.items():
        if files[batch] and files[batch] <= {*deleted}:
            yield letter_id


def _check_id_is_unique(campaign: Campaign, subject: DeletionSubject, task: Task) -> None:
    """Raise StorageError if another person has the person's ID.

    Registers and letters are examined.
    """
    people = campaign.workbook.persons
    person = next((p for p in people if p.place("name") in subject.rows), None)
    if person is None:
        return
    problems = list[Problem]()
    with suppress(MergeError):  # other commands report what cannot be read
        plan = LettersRunPlan(campaign, LettersOrder(campaign.letters_folder))
        with plan.survey(task) as survey:
            problems = survey.id_clash_problems(person)
    if problems:
        raise StorageError(problems)


def _check_letters_name(
    subject: DeletionSubject, folder: Path, letters: Mapping[str, str], ledger: Ledger
) -> None:
    """Raise StorageError if a letter may be of someone with the same ID.

    Of two files with a letter's ID, one names the person then and the other does not. This finds
    another person's letters if the workbook no longer has the person. A file that the program
    created or moved there is never questioned. `letters` are the IDs by path.
    """
    paths_by_id = defaultdict[str, list[str]](list)
    for path, letter_id in letters.items():
        if letter_id and path.split("/")[1] not in {ORPHANS_FOLDER, OLD_VERSIONS_FOLDER}:
            paths_by_id[letter_id].append(path)
    problems = list[Problem]()
    for letter_id, paths in paths_by_id.items():
        data = {path: read_limited(folder / path) or b"" for path in paths if len(paths) > 1}
        texts = {path: plain_text(data[path], path) for path in data}
        unnamed = [path for path, text in texts.items() if not subject.terms.may_be_in(text)]
        problems += (
            unnamed_problem(path, name_without_id(subject.label))
            for path in unnamed
            if len(unnamed) < len(paths)
            and texts[path]
            and not _is_unedited(ledger, letter_id, data[path])
        )
    if problems:
        raise StorageError(problems)


def _is_unedited(ledger: Ledger, letter_id: str, data: bytes) -> bool:
    """Return whether a letter's file is unedited since the program wrote it."""
    output, record = output_hash(data), ledger.letters_by_id([letter_id]).get(letter_id)
    is_current = record is not None and record.output == output
    return is_current or ledger.state.is_earlier_version(letter_id, output)


def listed_subject(campaign: Campaign, subject: DeletionSubject) -> SubjectIdentifiers:
    """Return the identifiers by which the list of signers may have a person."""
    people = campaign.workbook.all_people
    own_rows = [p for p in people if p.kind == "signer" and p.place("name") in subject.rows]
    rows = {p.row for p in own_rows if p.sheet.file == LIST_FILE}
    cells = [
        {_heading(column): str(p.fields.get(column.placeholder, "")) for column in p.sheet.columns}
        for p in own_rows
    ]
    names = subject.names | {subject.label} if not subject.rows else subject.names
    if subject.rows and not own_rows:  # the person is a recipient
        names = frozenset()
    others = frozenset(p.key for p in people if p.kind == "signer" and p not in own_rows)
    return SubjectIdentifiers(names, cells, rows, others)


def _heading(column: Column) -> str:
    return NAME if column.placeholder == "name" else column.heading


def _outside_cleared_cells(
    trace: PersonalDataTrace, listed: SignerListTraces, sheet: PeopleSheet
) -> PersonalDataTrace | None:
    """Return a trace without cells of the list that will be cleared.

    Return None if nothing else is left of it.
    """
    if trace.path != LIST_FILE:
        return trace
    column = sheet.place(placeholder=placeholder_name(WRITES_TO)).column
    places = tuple(p for p in trace.cells if p.row not in listed.rows and p.column != column)
    return replace(trace, cells=places) if places or not trace.cells else None


def _shared_files(
    folder: Path,
    subject: DeletionSubject,
    found: AbstractSet[str],
    batches: AbstractSet[str],
    task: Task,
) -> Iterator[str]:
    """Yield paths of the program's files that have, or may have, the person.

    These are print files, proofs, drafts and system files, which can be created again. `found` are
    the files in which the search found the person. `batches` are those in which the ledger has a
    letter of the person.
    """
    drafts = (path for path in found if is_draft(folder / path))
    system_files = {path for path in found if path.rpartition("/")[2] in SYSTEM_FILES}
    yield from sorted({p for p in drafts if not p.startswith(f"{PRINT_FOLDER}/")} | system_files)
    print_paths = [*map(Path, find_print_files(folder))]
    weak_names = subject.terms.weak_names
    matching_files = {
        path.with_suffix("")
        for path in task.track(print_paths, "Print files checked")
        if path.as_posix() in found | batches
        or (weak_names and _may_name_subject(folder / path, subject, task))
    }
    yield from (path.as_posix() for path in print_paths if path.with_suffix("") in matching_files)


def _may_name_subject(path: Path, subject: DeletionSubject, task: Task) -> bool:
    """Return whether a print file may have a name that others have too."""
    texts = find_texts(read_limited(path) or b"", task.raise_if_cancelled)
    names = re.sub(r"^\d\d+ | - ", "\n", path.stem)
    return any(map(subject.terms.may_be_in, (names, *texts)))
