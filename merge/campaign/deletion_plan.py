"""What is to be deleted of a person, and what else the search finds; nothing is changed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import PRINT_FOLDER
from merge.campaign.created_files import (
    DAMAGED_LEDGER,
    find_batch_files,
    find_letter_files,
    find_print_files,
    is_draft,
)
from merge.campaign.deletion_subject import DeletionSubject
from merge.campaign.file_texts import find_texts, read_limited
from merge.campaign.letters_order import LettersOrder
from merge.campaign.orphans import unnamed_problem
from merge.campaign.plan import Plan
from merge.campaign.task import NO_PROGRESS, Task
from merge.campaign.traces import Trace, TraceSearch, search_folder
from merge.disk import read_campaign_file
from merge.errors import MergeError, StorageError
from merge.intake.destinations import NAME
from merge.intake.person_deletion import ListTraces, SubjectIdentifiers, find_traces
from merge.intake.signer_list import PREVIOUS_LIST_FILE, parse_list, read_list
from merge.ooxml.stamps import read_stamp
from merge.people import Column
from merge.problems import Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.proofreading.text import plain_text
from merge.register.layouts import SENT_STAGES
from merge.register.marking import plan_blank_rows
from merge.register.reading import Register, read_register
from merge.state.folder_access import OLD_VERSIONS_FOLDER, ORPHANS_FOLDER
from merge.state.ledger import LEDGER_FILE, Ledger, ledger_to_read
from merge.template.fingerprint import output_hash
from merge.text.names import is_named_in, name_without_id
from merge.workbook.reading import LIST_FILE


@dataclass(frozen=True, slots=True)
class DeletionPlan:
    """What is to be erased, before anything is. Files are by their paths from the campaign folder.

    `left` is what else the search finds now: it is the staff's, and stays.
    """

    subject: DeletionSubject
    letters: tuple[str, ...]
    shared_files: tuple[str, ...]
    """Files of the program's that hold others' data as well: batches, lists, proofs."""
    register_rows: int
    posted_letters: int
    """How many of the person's letters the register says were posted."""
    remaining: TraceSearch = field(default_factory=TraceSearch)
    list_traces: ListTraces = field(default_factory=ListTraces)
    """What the list of signers from forms has of the person, and its memory."""

    @property
    def files(self) -> tuple[str, ...]:
        """Return all files that go."""
        return (*self.letters, *self.shared_files)

    @property
    def is_known(self) -> bool:
        """Return whether more is known of the person than what was typed: the list counts too."""
        return self.subject.is_known or not self.list_traces.is_empty

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is to be done by the program."""
        in_lists = self.register_rows or not self.list_traces.is_empty
        return not (self.files or in_lists or self.subject.letter_ids)


def plan_deletion(
    campaign: Campaign, subject: DeletionSubject, task: Task = NO_PROGRESS
) -> DeletionPlan:
    """Return what would be erased, and what the search finds beside it; nothing is changed.

    Raise StorageError if somebody else has the person's ID, since nobody can tell whose letters
    are whose; Stopped where a stop is asked for.
    """
    _check_id_is_unique(campaign, subject, task)
    folder = campaign.folder
    register = read_register(folder / REGISTER_FILE)
    with ledger_to_read(folder / LETTERS_FOLDER) as ledger:
        every = find_letter_files(folder, ledger, task)
        letters = tuple(path for path, own in every if not own or own in subject.letter_ids)
        _check_letters_name(_names_of(subject, register), folder, letters, ledger)
        batches = find_batch_files(folder, ledger, subject.letter_ids)
    search = search_folder(folder, subject.words, task)
    found = {trace.path for trace in search.traces}
    shared = tuple(_shared_files(folder, subject, found, batches, task))
    listed = find_traces(read_list(folder).list, listed_subject(campaign, subject))
    shared += tuple(_find_list_backup(campaign, subject, search))
    ours = {*letters, *shared, REGISTER_FILE, f"{LETTERS_FOLDER}/{LEDGER_FILE}"}
    traces = (
        _outside_deleted_rows(t, listed) for t in search.traces if t.path.rstrip("/") not in ours
    )
    left = TraceSearch([trace for trace in traces if trace], search.unreadable_files)
    own_rows = [i for i in register.rows if i in subject.letter_ids]
    posted = sum(not SENT_STAGES.isdisjoint(register.stages(own)) for own in own_rows)
    rows = plan_blank_rows(register, subject.letter_ids, subject.person_ids, keep_counts=False)
    task.raise_if_cancelled()  # who asked in the last moment does not want what comes next
    return DeletionPlan(
        subject=subject,
        letters=letters,
        shared_files=shared,
        register_rows=rows.count,
        posted_letters=posted,
        remaining=left,
        list_traces=listed,
    )


def _check_id_is_unique(campaign: Campaign, subject: DeletionSubject, task: Task) -> None:
    """Raise StorageError if registers or letters have another person under the person's ID."""
    people = campaign.workbook.persons
    person = next((p for p in people if p.place("name") in subject.rows), None)
    if person is None:
        return
    found = list[Problem]()
    with suppress(MergeError):  # what cannot be looked at is reported by other commands
        plan = Plan(campaign, LettersOrder(campaign.letters_folder))
        with plan.survey(task) as survey:
            found = survey.id_clash_problems(person)
    if found:
        raise StorageError(found)


def _names_of(subject: DeletionSubject, register: Register) -> list[str]:
    """Return the person's name, as it was typed first, and the names that the register has."""
    known = chain(register.names_of_people("signer"), register.names_of_people("recipient"))
    names = [name_without_id(name) for own, name in known if own in subject.person_ids]
    return [*dict.fromkeys(name for name in (name_without_id(subject.label), *names) if name)]


def _check_letters_name(
    names: Sequence[str], folder: Path, letters: Sequence[str], ledger: Ledger
) -> None:
    """Raise StorageError if of two files with one letter's ID one names the person, one does not.

    This finds another person's letters if the workbook no longer has the person. A file as the
    program made it here, or moved it, is never questioned.
    """
    files = defaultdict[str, list[str]](list)
    for path in letters:
        if path.split("/")[1] not in {ORPHANS_FOLDER, OLD_VERSIONS_FOLDER}:
            stamp = read_stamp(read_limited(folder / path) or b"")
            files[stamp.id if stamp else ""].append(path)
    found = list[Problem]()
    for letter_id, paths in files.items():
        if len(paths) > 1 and letter_id:
            held = {path: read_limited(folder / path) or b"" for path in paths}
            texts = {path: plain_text(data, path) for path, data in held.items()}
            unnamed = [p for p, t in texts.items() if not any(is_named_in(n, t) for n in names)]
            foreign = [
                p for p in unnamed if texts[p] and not _is_unedited(ledger, letter_id, held[p])
            ]
            found += (unnamed_problem(p, names[0]) for p in foreign if len(unnamed) < len(paths))
    if found:
        raise StorageError(found)


def _is_unedited(ledger: Ledger, letter_id: str, data: bytes) -> bool:
    """Return whether a letter is as the program made it, now or earlier."""
    output, known = output_hash(data), ledger.letters_by_id([letter_id]).get(letter_id)
    is_now = known is not None and known.output == output
    return is_now or ledger.is_earlier_version(letter_id, output)


def listed_subject(campaign: Campaign, subject: DeletionSubject) -> SubjectIdentifiers:
    """Return somebody as the list may have them."""
    everybody = campaign.workbook.all_people
    mine = [p for p in everybody if p.kind == "signer" and p.place("name") in subject.rows]
    rows = {p.row for p in mine if p.sheet.file == LIST_FILE}
    cells = [
        {_heading(c): str(p.fields.get(c.placeholder, "")) for c in p.sheet.columns} for p in mine
    ]
    called = subject.names | {subject.label} if not subject.rows else subject.names
    if subject.rows and not mine:  # a recipient
        called = frozenset()
    others = frozenset(p.key for p in everybody if p.kind == "signer" and p not in mine)
    return SubjectIdentifiers(called, cells, rows, others)


def _heading(column: Column) -> str:
    return NAME if column.placeholder == "name" else column.heading


def _find_list_backup(
    campaign: Campaign, subject: DeletionSubject, search: TraceSearch
) -> Iterator[str]:
    """Yield the list as it was before the last import, if the person is in it or its memory."""
    path = campaign.folder / PREVIOUS_LIST_FILE
    if not path.is_file():
        return
    found = any(trace.path == PREVIOUS_LIST_FILE for trace in search.traces)
    person = replace(listed_subject(campaign, subject), list_rows=frozenset())
    with suppress(MergeError):
        known = parse_list(read_campaign_file(path), campaign.folder).list
        found = found or not find_traces(known, person).is_empty
    if found:
        yield PREVIOUS_LIST_FILE


def _outside_deleted_rows(trace: Trace, listed: ListTraces) -> Trace | None:
    """Return what a search found in the list beside the rows that are emptied; None for nothing."""
    if trace.path != LIST_FILE:
        return trace
    places = tuple(place for place in trace.cells if place.row not in listed.rows)
    return replace(trace, cells=places) if places or not trace.cells else None


def _shared_files(
    folder: Path,
    subject: DeletionSubject,
    found: AbstractSet[str],
    batches: AbstractSet[str],
    task: Task,
) -> Iterator[str]:
    """Yield files of the program's in which the person is, or may be: batches, proofs, drafts.

    They can be made again. A ledger that was damaged is of no use. `found` are the files in which
    the search found the person, `batches` those in which the ledger has a letter of the person's.
    """
    yield from {f"{LETTERS_FOLDER}/{DAMAGED_LEDGER}"} & found
    drafts = (path for path in found if is_draft(folder / path))
    yield from sorted(p for p in drafts if not p.startswith(f"{PRINT_FOLDER}/"))
    mine = [*map(Path, find_print_files(folder))]
    theirs = {
        path.with_suffix("")
        for path in task.track(mine, "Print files checked")
        if path.as_posix() in found | batches or _may_name_subject(folder / path, subject, task)
    }
    yield from (path.as_posix() for path in mine if path.with_suffix("") in theirs)


def _may_name_subject(path: Path, subject: DeletionSubject, task: Task) -> bool:
    texts = (
        text for _, text in find_texts(read_limited(path) or b"", [], check=task.raise_if_cancelled)
    )
    first_and_last = _BATCH_NAME_SEPARATORS.sub("\n", path.stem)
    return any(map(subject.words.may_occur_in, (first_and_last, *texts)))


_BATCH_NAME_SEPARATORS = re.compile(r"^\d\d+ | - ")
"""What stands before and between the names in the name of a batch."""
