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
from merge.campaign.errand import UNWATCHED, Errand
from merge.campaign.file_texts import bytes_of, texts_in
from merge.campaign.leaver import Leaver
from merge.campaign.letters_order import LettersOrder
from merge.campaign.made_files import (
    DAMAGED_LEDGER,
    batches_of,
    is_draft,
    letter_files,
    print_files,
)
from merge.campaign.orphans import unnamed_problem
from merge.campaign.places import PRINT_FOLDER
from merge.campaign.plan import Plan
from merge.campaign.traces import Search, Trace, search_folder
from merge.disk import read_campaign_file
from merge.errors import MergeError, StorageError
from merge.intake.destinations import NAME
from merge.intake.forgetting import Forgettable, ListTraces, find_traces
from merge.intake.signer_list import BEFORE_FILE, parse_list, read_list
from merge.ooxml.stamps import stamp_of
from merge.people import Column
from merge.problems import Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.proofreading.text import plain_text
from merge.register.layouts import SENT
from merge.register.marking import plan_blank_rows
from merge.register.reading import Register, read_register
from merge.state.ledger import LEDGER_FILE, Ledger, ledger_to_read
from merge.state.letters_folder import OLD_VERSIONS_FOLDER, ORPHANS_FOLDER
from merge.template.fingerprint import output_of
from merge.text.names import bare_name, is_named_in
from merge.workbook.reading import LIST_FILE


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is to be erased, before anything is. Files are by their paths from the campaign folder.

    `left` is what else the search finds now: it is the staff's, and stays.
    """

    leaver: Leaver
    letters: tuple[str, ...]
    shared: tuple[str, ...]
    """Files of the program's that hold others' data as well: batches, lists, proofs."""
    register_rows: int
    posted: int
    """How many of the person's letters the register says were posted."""
    left: Search = field(default_factory=Search)
    listed: ListTraces = field(default_factory=ListTraces)
    """What the list of signers from forms has of the person, and its memory."""

    @property
    def files(self) -> tuple[str, ...]:
        """Return all files that go."""
        return (*self.letters, *self.shared)

    @property
    def is_known(self) -> bool:
        """Return whether more is known of the person than what was typed: the list counts too."""
        return self.leaver.is_known or not self.listed.is_empty

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is to be done by the program."""
        in_lists = self.register_rows or not self.listed.is_empty
        return not (self.files or in_lists or self.leaver.ids)


def rehearse(campaign: Campaign, leaver: Leaver, errand: Errand = UNWATCHED) -> Erasure:
    """Return what would be erased, and what the search finds beside it; nothing is changed.

    Raise StorageError if somebody else has the person's ID, since nobody can tell whose letters
    are whose; Stopped where a stop is asked for.
    """
    _check_nobody_else(campaign, leaver, errand)
    folder = campaign.folder
    register = read_register(folder / REGISTER_FILE)
    with ledger_to_read(folder / LETTERS_FOLDER) as ledger:
        every = letter_files(folder, ledger, errand)
        letters = tuple(path for path, own in every if not own or own in leaver.ids)
        _check_letters_name(_names_of(leaver, register), folder, letters, ledger)
        batches = batches_of(folder, ledger, leaver.ids)
    search = search_folder(folder, leaver.words, errand)
    found = {trace.path for trace in search.traces}
    shared = tuple(_shared_files(folder, leaver, found, batches, errand))
    listed = find_traces(read_list(folder).list, forgettable(campaign, leaver))
    shared += tuple(_list_before(campaign, leaver, search))
    ours = {*letters, *shared, REGISTER_FILE, f"{LETTERS_FOLDER}/{LEDGER_FILE}"}
    traces = (_outside_rows(t, listed) for t in search.traces if t.path.rstrip("/") not in ours)
    left = Search([trace for trace in traces if trace], search.closed)
    own_rows = [i for i in register.rows if i in leaver.ids]
    posted = sum(not SENT.isdisjoint(register.stages(own)) for own in own_rows)
    rows = plan_blank_rows(register, leaver.ids, leaver.person_ids, keep_counts=False)
    errand.check()  # who asked in the last moment does not want what comes next
    return Erasure(
        leaver=leaver,
        letters=letters,
        shared=shared,
        register_rows=rows.count,
        posted=posted,
        left=left,
        listed=listed,
    )


def _check_nobody_else(campaign: Campaign, leaver: Leaver, errand: Errand) -> None:
    """Raise StorageError if registers or letters have another person under the person's ID."""
    people = campaign.workbook.persons
    person = next((p for p in people if p.place("name") in leaver.rows), None)
    if person is None:
        return
    found = list[Problem]()
    with suppress(MergeError):  # what cannot be looked at is reported by other commands
        plan = Plan(campaign, LettersOrder(campaign.letters_folder))
        with plan.survey(errand) as survey:
            found = survey.somebody_else(person)
    if found:
        raise StorageError(found)


def _names_of(leaver: Leaver, register: Register) -> list[str]:
    """Return the person's name, as it was typed first, and the names that the register has."""
    known = chain(register.names_of_people("signer"), register.names_of_people("recipient"))
    names = [bare_name(name) for own, name in known if own in leaver.person_ids]
    return [*dict.fromkeys(name for name in (bare_name(leaver.label), *names) if name)]


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
            stamp = stamp_of(bytes_of(folder / path) or b"")
            files[stamp.id if stamp else ""].append(path)
    found = list[Problem]()
    for letter_id, paths in files.items():
        if len(paths) > 1 and letter_id:
            held = {path: bytes_of(folder / path) or b"" for path in paths}
            texts = {path: plain_text(data, path) for path, data in held.items()}
            unnamed = [p for p, t in texts.items() if not any(is_named_in(n, t) for n in names)]
            foreign = [p for p in unnamed if texts[p] and not _is_made(ledger, letter_id, held[p])]
            found += (unnamed_problem(p, names[0]) for p in foreign if len(unnamed) < len(paths))
    if found:
        raise StorageError(found)


def _is_made(ledger: Ledger, letter_id: str, data: bytes) -> bool:
    """Return whether a letter is as the program made it, now or earlier."""
    output, known = output_of(data), ledger.letters_of([letter_id]).get(letter_id)
    is_now = known is not None and known.output == output
    return is_now or ledger.is_earlier_version(letter_id, output)


def forgettable(campaign: Campaign, leaver: Leaver) -> Forgettable:
    """Return somebody as the list may have them."""
    everybody = campaign.workbook.everybody
    mine = [p for p in everybody if p.kind == "signer" and p.place("name") in leaver.rows]
    rows = {p.row for p in mine if p.sheet.file == LIST_FILE}
    cells = [{_heading(c): str(p.fields.get(c.tag, "")) for c in p.sheet.columns} for p in mine]
    called = leaver.called | {leaver.label} if not leaver.rows else leaver.called
    if leaver.rows and not mine:  # a recipient
        called = frozenset()
    others = frozenset(p.key for p in everybody if p.kind == "signer" and p not in mine)
    return Forgettable(called, cells, rows, others)


def _heading(column: Column) -> str:
    return NAME if column.tag == "name" else column.heading


def _list_before(campaign: Campaign, leaver: Leaver, search: Search) -> Iterator[str]:
    """Yield the list as it was before the last import, if the person is in it or its memory."""
    path = campaign.folder / BEFORE_FILE
    if not path.is_file():
        return
    found = any(trace.path == BEFORE_FILE for trace in search.traces)
    person = replace(forgettable(campaign, leaver), rows=frozenset())
    with suppress(MergeError):
        known = parse_list(read_campaign_file(path), campaign.folder).list
        found = found or not find_traces(known, person).is_empty
    if found:
        yield BEFORE_FILE


def _outside_rows(trace: Trace, listed: ListTraces) -> Trace | None:
    """Return what a search found in the list beside the rows that are emptied; None for nothing."""
    if trace.path != LIST_FILE:
        return trace
    places = tuple(place for place in trace.places if place.row not in listed.rows)
    return replace(trace, places=places) if places or not trace.places else None


def _shared_files(
    folder: Path, leaver: Leaver, found: AbstractSet[str], batches: AbstractSet[str], errand: Errand
) -> Iterator[str]:
    """Yield files of the program's in which the person is, or may be: batches, proofs, drafts.

    They can be made again. A ledger that was damaged is of no use. `found` are the files in which
    the search found the person, `batches` those in which the ledger has a letter of the person's.
    """
    yield from {f"{LETTERS_FOLDER}/{DAMAGED_LEDGER}"} & found
    drafts = (path for path in found if is_draft(folder / path))
    yield from sorted(p for p in drafts if not p.startswith(f"{PRINT_FOLDER}/"))
    mine = [*map(Path, print_files(folder))]
    theirs = {
        path.with_suffix("")
        for path in errand.each(mine, "Print files checked")
        if path.as_posix() in found | batches or _may_be_in(folder / path, leaver, errand)
    }
    yield from (path.as_posix() for path in mine if path.with_suffix("") in theirs)


def _may_be_in(path: Path, leaver: Leaver, errand: Errand) -> bool:
    texts = (text for _, text in texts_in(bytes_of(path) or b"", [], check=errand.check))
    first_and_last = _BATCH_NAMES.sub("\n", path.stem)
    return any(map(leaver.words.may_be_in, (first_and_last, *texts)))


_BATCH_NAMES = re.compile(r"^\d\d+ | - ")
"""What stands before and between the names in the name of a batch."""
