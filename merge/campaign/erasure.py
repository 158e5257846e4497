"""A person taken out of a campaign: rehearsed, done, looked for.

Nothing goes but what the program made: see `made_files`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from merge.campaign.campaign import Campaign
from merge.campaign.errand import UNWATCHED, Errand, Stopped
from merge.campaign.leaver import Leaver, note_begun, note_done
from merge.campaign.letters_order import LettersOrder
from merge.campaign.made_files import (
    DAMAGED_LEDGER,
    RemovedFiles,
    batches_of,
    check_nothing_is_open,
    is_draft,
    letter_files,
    print_files,
    remove_files,
    remove_if_empty,
)
from merge.campaign.orphans import unnamed_problem
from merge.campaign.person_words import has_words, plain
from merge.campaign.places import PRINT_FOLDER
from merge.campaign.plan import Plan
from merge.campaign.run import fields_in_use
from merge.campaign.traces import (
    Search,
    Trace,
    bytes_of,
    entries,
    search_file,
    search_folder,
    texts_in,
)
from merge.campaign.view import look
from merge.disk import read_campaign_file
from merge.errors import FaultError, MergeError, StorageError
from merge.intake.destinations import NAME
from merge.intake.forgetting import Forgettable, ListTraces, find_traces, without
from merge.intake.signer_list import BEFORE_FILE, parse_list, read_list
from merge.people import Column, SheetKind
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.proofreading.text import plain_text
from merge.register.layouts import SENT
from merge.register.marking import plan_blank_rows
from merge.register.reading import Register, read_register
from merge.register.updating import rewrite
from merge.state.identity import PersonHashes
from merge.state.ledger import LEAVING_FACT, LEDGER_FILE, Ledger, ledger_to_read, open_ledger
from merge.state.ledger_records import ChangeSet
from merge.state.ledger_rows import remove_free_space
from merge.state.letters_folder import OLD_VERSIONS_FOLDER, ORPHANS_FOLDER
from merge.state.outbox import Outbox
from merge.template.fingerprint import output_of
from merge.template.sanitize import stamp_of
from merge.text.folding import folded
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
    listed = find_traces(read_list(folder).list, _forgettable(campaign, leaver))
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
    book = campaign.workbook
    people = (*book.signers.persons, *book.recipients.persons)
    person = next((p for p in people if p.place("name") in leaver.rows), None)
    if person is None:
        return
    found = list[Problem]()
    with suppress(MergeError):  # what cannot be looked at is reported by other commands
        plan = Plan(campaign, LettersOrder(campaign.folder / LETTERS_FOLDER))
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


def _forgettable(campaign: Campaign, leaver: Leaver) -> Forgettable:
    """Return somebody as the list may have them."""
    book = campaign.workbook
    everybody = (*book.signers.persons, *book.recipients.persons, *book.left_out)
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
    person = replace(_forgettable(campaign, leaver), rows=frozenset())
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


# What is done.


def erase(
    campaign: Campaign,
    erasure: Erasure,
    errand: Errand = UNWATCHED,
    *,
    keep_counts: bool = False,
    keep_out: bool = False,
) -> RemovedFiles:
    """Do what was rehearsed; done twice, it does nothing more.

    Where a stop is asked for, it ends between two files, and the next time goes on from there.
    `keep_counts` keeps the dates of the person's letters in the register, without a name;
    `keep_out` keeps hashes in the list, by which whoever comes in a later export stays out. Raise
    StorageError, and nothing is changed, where a file is open or the register cannot be written.
    """
    folder, leaver = campaign.folder, erasure.leaver
    check_nothing_is_open(folder, [REGISTER_FILE, *erasure.files])
    root = folder / LETTERS_FOLDER
    removed = RemovedFiles(stopped=True)
    with suppress(Stopped):
        if not root.is_dir():
            _blank_rows(folder, leaver, keep_counts=keep_counts)
            removed.has_hashes = _take_out_of_list(campaign, leaver, keep_out=keep_out)
            remove_files(folder, erasure.files, errand, removed)
            return removed
        others = _others_warnings(campaign, leaver, errand)
        with Outbox(root).open(check=errand.check):
            with closing(open_ledger(root)) as ledger:
                errand.check()
                if leaver.is_known:
                    note_begun(ledger, leaver)
                _blank_rows(folder, leaver, keep_counts=keep_counts)
                removed.has_hashes = _take_out_of_list(campaign, leaver, keep_out=keep_out)
                remove_files(folder, erasure.files, errand, removed)
                _remove_empty_folders(folder, leaver)
                _forget(ledger, leaver, campaign.hidden - others)
            remove_free_space(root / LEDGER_FILE)
    return removed


def _blank_rows(folder: Path, leaver: Leaver, *, keep_counts: bool) -> None:
    path = folder / REGISTER_FILE
    register = read_register(path)
    blank = plan_blank_rows(register, leaver.ids, leaver.person_ids, keep_counts=keep_counts)
    if not blank.count:
        return
    try:
        rewrite(path, register.seen, blank.tables, dt.datetime.now().astimezone())
    except FaultError as error:
        raise StorageError(replace(error.at(Place(REGISTER_FILE)), level="error")) from error


def _take_out_of_list(campaign: Campaign, leaver: Leaver, *, keep_out: bool) -> bool:
    """Empty the person's rows of the list, and take what its memory has of them out of it.

    Return whether hashes stay that keep the person out.
    """
    stored, person = read_list(campaign.folder), _forgettable(campaign, leaver)
    traces = find_traces(stored.list, person)
    if stored.seen is None or (traces.is_empty and not (keep_out and person.cells)):
        return False
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - openpyxl, if it is needed

    after = without(stored.list, traces, person, keep_out=keep_out)
    if after != stored.list:
        write_list(stored, after, keep_copy=False, emptied=traces.rows)
    return keep_out


def _remove_empty_folders(folder: Path, leaver: Leaver) -> None:
    """Remove the empty folders that a run left, when it was killed, under the person's name."""
    for name in (LETTERS_FOLDER, PRINT_FOLDER):
        for entry in reversed([*entries(folder / name)]):
            shown = entry.path.relative_to(folder).as_posix()
            if entry.is_folder and leaver.words.may_be_in(shown):
                remove_if_empty(folder, entry.path)


def _forget(ledger: Ledger, leaver: Leaver, hidden: AbstractSet[str]) -> None:
    """Take all that the ledger holds of the letters and the person out of it.

    `hidden` are the person's warnings that staff have called right.
    """
    people = [s.key for s in ledger.people() if s.id in leaver.person_ids]
    ledger.forget(leaver.ids, people)
    ledger.forget_fields(fields_in_use(ledger))
    hashes, kinds = PersonHashes(ledger.salt), get_args(SheetKind)
    own = (
        (kind, f"{root}:{folded(n)}") for kind in kinds for root in _ROOTS for n in leaver.called
    )
    ledger.commit(ChangeSet(undecided=[*hidden, *(hashes.key_of(*each) for each in own)]))
    gone = leaver.ids | leaver.person_ids
    facts = {name: json.loads(value) for name, value in ledger.facts() if name != LEAVING_FACT}
    news = {name: json.dumps(_without(value, gone)) for name, value in facts.items()}
    changed = {name: value for name, value in news.items() if value != json.dumps(facts[name])}
    ledger.commit(ChangeSet(facts=changed))


_ROOTS = ("id", "name")


def _others_warnings(campaign: Campaign, leaver: Leaver, errand: Errand) -> set[str]:
    """Return the hidden warnings that neither stand in the person's rows nor name the person."""
    rows = {(place.file, place.sheet, place.row) for place in leaver.rows}
    names = {*leaver.words.names, plain(leaver.label)}
    return {
        campaign.identity.salt.text(campaign.warning_id(problem))
        for problem in (look(campaign, errand=errand).hidden if campaign.hidden else ())
        if (problem.place.file, problem.place.sheet, problem.place.row) not in rows
        and not any(has_words(plain(f"{problem.place} {problem.what}"), name) for name in names)
    }


def _without(value: Any, ids: AbstractSet[str]) -> Any:  # noqa: ANN401 - JSON is anything
    """Return what a fact holds without what it says of these ids."""
    if isinstance(value, dict):
        return {key: _without(each, ids) for key, each in value.items() if key not in ids}
    if isinstance(value, list):
        return [_without(each, ids) for each in value if str(each) not in ids]
    return value


def still_there(campaign: Campaign, leaver: Leaver, errand: Errand = UNWATCHED) -> Search:
    """Look through every file of the campaign for what is left of somebody.

    Where that is nothing, the ledger does not know any more who was looked for. Raise Stopped where
    a stop is asked for.
    """
    folder, ids = campaign.folder, leaver.ids | leaver.person_ids
    own = f"{LETTERS_FOLDER}/{LEDGER_FILE}"
    left = search_folder(folder, leaver.words, errand)
    if any(trace.path != own for trace in left.traces):
        left.traces = [t for t in left.traces if t.path != own or t.words - ids]
        return left  # the ledger has the ids until all is done
    if (folder / own).is_file():
        root = folder / LETTERS_FOLDER
        with Outbox(root).open(check=errand.check):
            with closing(open_ledger(root)) as ledger:
                note_done(ledger, leaver)
            remove_free_space(folder / own)
        left.traces = search_file(folder / own, own, leaver.words, errand).traces
    return left


# The end of a campaign.
