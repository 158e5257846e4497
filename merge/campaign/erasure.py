"""A person taken out of a campaign, or a whole campaign ended: rehearsed, done, looked for.

Nothing goes but what the program made: letters by the ids in them, batches and proofs by their
names and titles, wherever staff's own files lie among them. Links are never followed.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from merge import messages
from merge.campaign.campaign import Campaign, read_campaign
from merge.campaign.errand import UNWATCHED, Errand, Stopped
from merge.campaign.leaver import Leaver, note_begun, note_done
from merge.campaign.letters_order import LettersOrder
from merge.campaign.orphans import unnamed_problem
from merge.campaign.places import PRINT_FOLDER, WORKBOOK_FILE, check_places
from merge.campaign.plan import Plan
from merge.campaign.run import fields_in_use
from merge.campaign.snapshot import SNAPSHOT_FILE
from merge.campaign.traces import (
    Search,
    Trace,
    bytes_of,
    entries,
    has_words,
    plain,
    search_file,
    search_folder,
    texts_in,
)
from merge.campaign.view import Counts, look
from merge.disk import (
    DRAFT,
    LIBREOFFICE_OWNER,
    OFFICE_OWNER,
    is_link,
    os_reason,
    read_campaign_file,
)
from merge.errors import FaultError, MergeError, StorageError, UsageError
from merge.intake.forgetting import Forgettable, ListTraces, find_traces, without
from merge.intake.signer_list import BEFORE_FILE, NAME, parse_list, read_list
from merge.people import Column, SheetKind
from merge.printing.libreoffice import pdf_title
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.proofreading.text import plain_text
from merge.register.layouts import SENT
from merge.register.marking import plan_blank_rows
from merge.register.reading import Register, read_register
from merge.register.updating import rewrite
from merge.state.files import LOCK, OLD_VERSIONS_FOLDER, ORPHANS_FOLDER, Outbox, read_file
from merge.state.identity import PersonHashes, bare_name, is_named_in
from merge.state.ledger import (
    LEAVING_FACT,
    LEDGER_FILE,
    ChangeSet,
    Ledger,
    open_ledger,
    read_ledger,
)
from merge.state.ledger_rows import remove_free_space
from merge.template.fingerprint import output_of
from merge.template.library import LETTER_ENDING
from merge.template.sanitize import stamp_of
from merge.text.folding import composed, folded
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
    with closing(read_ledger(folder / LETTERS_FOLDER)) as ledger:
        letters = tuple(_letter_files(folder, ledger, leaver.ids, errand))
        _check_letters_name(_names_of(leaver, register), folder, letters, ledger)
        batches = _batches_of(folder, ledger, leaver.ids)
    search = search_folder(folder, leaver.words, errand)
    shared = tuple(_shared_files(folder, leaver, search, batches, errand))
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


# What the program made, as far as it can be told.


_WHEN = r"\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d(?:-\d+)?"
_BATCH_FOLDER = re.compile(_WHEN)
_PROOF = re.compile(rf"Proofread {_WHEN}\.(?:xlsx|docx)")
_BATCH = re.compile(r"\d\d+ .+")
_BATCH_NAMES = re.compile(r"^\d\d+ | - ")
"""What stands before and between the names in the name of a batch."""
_ROUND_LETTERS = ("Envelopes", "Labels", "Parcels")

_DAMAGED_LEDGER = f"{LEDGER_FILE}.damaged"
_OURS = frozenset({LEDGER_FILE, f"{LEDGER_FILE}-journal", LOCK, SNAPSHOT_FILE})
"""Files of the program's that stay in a folder."""


def _letter_files(
    folder: Path, ledger: Ledger, ids: AbstractSet[str] | None, errand: Errand
) -> Iterator[str]:
    """Yield the files below letters/ that are letters of these ids, or of any, wherever they lie.

    A file without an id is one where the program put it. A draft that was not finished when a run
    was killed may be anybody's, and is of no use.
    """
    root = folder / LETTERS_FOLDER
    known = {*ledger.paths()} if ids is None else {*map(ledger.path, ids)}
    for path in errand.each([*_own_files(root)], "Letters checked"):
        below = composed(path.relative_to(root).as_posix())
        if not path.name.lower().endswith((LETTER_ENDING, DRAFT[1])):
            continue
        data = read_file(str(path))
        stamp = stamp_of(data) if data else None
        known_by_place = below in known or _is_draft(path)
        if (ids is None or stamp.id in ids) if stamp else known_by_place:
            yield path.relative_to(folder).as_posix()


def _own_files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder of the campaign; none if it is a link."""
    if not is_link(folder):
        yield from (e.path for e in entries(folder) if not (e.is_folder or e.is_link))


def _is_made_for_printing(folder: Path, path: Path) -> bool:
    """Return whether a file below print/ is the program's: a batch or what goes with it, a proof.

    Staff may keep files of their own there, scans perhaps.
    """
    parts = path.relative_to(folder / PRINT_FOLDER).parts
    begins, ends = DRAFT
    if parts[0].startswith(begins) and parts[0].endswith(ends):
        return True
    if len(parts) == 1:
        return _PROOF.fullmatch(parts[0]) is not None
    if len(parts) != 2 or not _BATCH_FOLDER.fullmatch(parts[0]):
        return False
    title, stem = _title(path), composed(path.stem)
    if _BATCH.fullmatch(stem):
        return title.endswith(stem)
    return _is_draft(path) or (title in _ROUND_LETTERS and stem.startswith(title))


def _is_draft(path: Path) -> bool:
    return path.name.startswith(DRAFT[0]) and path.name.endswith(DRAFT[1])


def _title(document: Path) -> str:
    """Return the title in the properties of a Word document or a PDF; empty if it has none."""
    if document.suffix.lower() == ".pdf":
        return composed(pdf_title(bytes_of(document) or b""))
    try:
        with zipfile.ZipFile(io.BytesIO(bytes_of(document) or b"")) as archive:
            core = archive.read("docProps/core.xml").decode(errors="replace")
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        return ""
    found = re.search(r"<(?:\w+:)?title>([^<]*)</", core)
    return composed(html.unescape(found[1])) if found else ""


def _shared_files(
    folder: Path,
    leaver: Leaver,
    search: Search,
    batches: AbstractSet[str],
    errand: Errand,
) -> Iterator[str]:
    """Yield files of the program's in which the person is, or may be: batches, proofs, drafts.

    They can be made again. A ledger that was damaged is of no use.
    """
    found = {trace.path for trace in search.traces}
    damaged = f"{LETTERS_FOLDER}/{_DAMAGED_LEDGER}"
    yield from {damaged} & found
    drafts = (path for path in found if _is_draft(folder / path))
    yield from sorted(p for p in drafts if not p.startswith(f"{PRINT_FOLDER}/"))
    mine = [p for p in _own_files(folder / PRINT_FOLDER) if _is_made_for_printing(folder, p)]
    mine.sort()
    theirs = {
        path
        for path in errand.each(mine, "Print files checked")
        if path.relative_to(folder).as_posix() in found | batches
        or _may_be_in(path, leaver, errand)
    }
    stems = {path.with_suffix("") for path in theirs}
    yield from (p.relative_to(folder).as_posix() for p in mine if p.with_suffix("") in stems)


def _may_be_in(path: Path, leaver: Leaver, errand: Errand) -> bool:
    texts = (text for _, text in texts_in(bytes_of(path) or b"", [], check=errand.check))
    first_and_last = _BATCH_NAMES.sub("\n", path.stem)
    return any(map(leaver.words.may_be_in, (first_and_last, *texts)))


def _batches_of(folder: Path, ledger: Ledger, ids: AbstractSet[str]) -> set[str]:
    """Return the batches that letters were last put into, as the ledger knows it."""
    found: set[str] = set()
    for record in filter(None, map(ledger.printed, sorted(ids))):
        number, moment = record.batch
        run = f"{moment:%Y-%m-%d %H.%M}.{record.batch.seconds}"
        for batch in folder.glob(f"{PRINT_FOLDER}/{run}*/{number:02} *"):
            found.add(batch.relative_to(folder).as_posix())
    return found


# What is done.


@dataclass(slots=True)
class RemovedFiles:
    """How many files are deleted, of those that were to be; `stopped` where it was, before."""

    count: int = 0
    stopped: bool = False
    has_hashes: bool = False


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
    _check_nothing_is_open(folder, [REGISTER_FILE, *erasure.files])
    root = folder / LETTERS_FOLDER
    removed = RemovedFiles(stopped=True)
    with suppress(Stopped):
        if not root.is_dir():
            _blank_rows(folder, leaver, keep_counts=keep_counts)
            removed.has_hashes = _take_out_of_list(campaign, leaver, keep_out=keep_out)
            _remove(folder, erasure.files, errand, removed)
            return removed
        others = _others_warnings(campaign, leaver, errand)
        with Outbox(root).open(check=errand.check):
            with closing(open_ledger(root)) as ledger:
                errand.check()
                if leaver.is_known:
                    note_begun(ledger, leaver)
                _blank_rows(folder, leaver, keep_counts=keep_counts)
                removed.has_hashes = _take_out_of_list(campaign, leaver, keep_out=keep_out)
                _remove(folder, erasure.files, errand, removed)
                _remove_empty_folders(folder, leaver)
                _forget(ledger, leaver, campaign.hidden - others)
            remove_free_space(root / LEDGER_FILE)
    return removed


def _check_nothing_is_open(folder: Path, files: Sequence[str]) -> None:
    """Raise StorageError where a program has a file open that lies beside those that go."""
    for place in sorted({(folder / path).parent for path in files}):
        with suppress(OSError):
            for beside in sorted(place.iterdir()):
                if beside.name.startswith((OFFICE_OWNER, LIBREOFFICE_OWNER)):
                    where = Place(str(place))
                    raise StorageError(messages.problem("forget-open", where, file=beside.name))


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


def _remove(folder: Path, files: Sequence[str], errand: Errand, removed: RemovedFiles) -> None:
    """Delete files, and folders that are left empty. Raise Stopped between two of them."""
    real = Path(os.path.realpath(folder))
    for file in errand.each(files, "Files deleted"):
        path = folder / file
        try:
            if Path(os.path.realpath(path.parent)).is_relative_to(real):  # no link leads elsewhere
                path.unlink(missing_ok=True)
        except OSError as error:
            problem = messages.problem("forget-stays", Place(file), error=os_reason(error))
            raise StorageError(problem) from error
        _remove_empty(folder, path.parent)
        removed.count += 1
    removed.stopped = False


def _remove_empty(folder: Path, below: Path) -> None:
    """Remove a folder that is left empty, and those above it, up to letters/ and print/."""
    for each in (below, *below.parents):
        if each in {folder, folder / LETTERS_FOLDER, folder / PRINT_FOLDER}:
            break
        with suppress(OSError):
            each.rmdir()


def _remove_empty_folders(folder: Path, leaver: Leaver) -> None:
    """Remove the empty folders that a run left, when it was killed, under the person's name."""
    for name in (LETTERS_FOLDER, PRINT_FOLDER):
        for entry in reversed([*entries(folder / name)]):
            shown = entry.path.relative_to(folder).as_posix()
            if entry.is_folder and leaver.words.may_be_in(shown):
                _remove_empty(folder, entry.path)


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


@dataclass(frozen=True, slots=True)
class Closing:
    """What goes when a campaign ends, and what stays in letters/ and print/: it is the staff's.

    `closed` is the day on which it was closed before; `unlisted` letters are not in the register,
    so that nobody will know of them. `counts` are those of all letters, as `look` has them; None
    where they cannot be looked at.
    """

    files: tuple[str, ...]
    kept: tuple[str, ...]
    closed: dt.date | None
    unlisted: int
    counts: Counts | None
    listed: bool = False
    """There is a list of signers from forms, which stays."""

    @property
    def told(self) -> object:
        """What somebody is shown, and confirms."""
        unfinished = self.counts and (self.counts.unposted, self.counts.edited)
        return self.files, self.unlisted, unfinished


def rehearse_close(folder: Path, errand: Errand = UNWATCHED) -> Closing:
    """Return what goes when a campaign ends: letters, batches, proofs, the list that was before.

    UsageError where there is no campaign, StorageError where its register cannot be read; raise
    Stopped where a stop is asked for.
    """
    _check_campaign(folder)
    listed = read_register(folder / REGISTER_FILE).rows
    places = folder / LETTERS_FOLDER, folder / PRINT_FOLDER
    with closing(read_ledger(places[0])) as ledger:
        files, closed = [*_letter_files(folder, ledger, None, errand)], ledger.closed
        unlisted = sum(letter_id not in listed for letter_id in ledger.ids())
    batches = (p for p in _own_files(places[1]) if _is_made_for_printing(folder, p))
    files += sorted(path.relative_to(folder).as_posix() for path in batches)
    last = (places[0] / _DAMAGED_LEDGER, places[1] / LOCK)
    own = {path for place in places for path in _own_files(place)}
    files += (path.relative_to(folder).as_posix() for path in last if path in own)
    files += [BEFORE_FILE] if (folder / BEFORE_FILE).is_file() else []
    there = (e for place in places for e in entries(place) if not e.is_folder)
    gone = {*files, *(f"{LETTERS_FOLDER}/{name}" for name in _OURS)}
    kept = (entry.path.relative_to(folder).as_posix() for entry in there)
    stays = tuple(path for path in kept if path not in gone)
    counts = _counts(folder, errand)
    errand.check()
    has_list = (folder / LIST_FILE).is_file()
    return Closing(
        files=tuple(files),
        kept=stays,
        closed=closed,
        unlisted=unlisted,
        counts=counts,
        listed=has_list,
    )


def _counts(folder: Path, errand: Errand) -> Counts | None:
    """Return the letters counted; None where the campaign has faults that hide them."""
    with suppress(MergeError):
        view = look(read_campaign(folder), errand=errand)
        return None if view.fault else view.counts
    return None


def _check_campaign(folder: Path) -> None:
    if not (folder / WORKBOOK_FILE).is_file():
        raise UsageError(messages.problem("campaign-missing", Place(str(folder))))
    check_places(folder)


def close(folder: Path, files: Sequence[str], errand: Errand = UNWATCHED) -> RemovedFiles:
    """Delete what was rehearsed; workbook, templates, register and reports stay.

    Then the ledger knows of no letters any more but which are on paper, and that the campaign is
    closed. Where a stop is asked for, it ends between two files, and the campaign is open still, as
    it is where StorageError says that a file is open, or cannot be deleted: what was deleted before
    is gone. StorageError, and nothing is deleted, if another run has made files since.
    """
    _check_nothing_is_open(folder, files)
    removed, root = RemovedFiles(stopped=True), folder / LETTERS_FOLDER
    with (
        suppress(Stopped),
        Outbox(root).open(check=errand.check),
        closing(open_ledger(root)) as ledger,
    ):
        if came := [*_made_since(folder, files, ledger)]:
            where = Place(LETTERS_FOLDER)
            raise StorageError(messages.problem("close-changed", where, files=came))
        _remove(folder, files, errand, removed)
        ledger.end(ledger.closed or dt.datetime.now().astimezone().date())
    with suppress(OSError):
        (root / SNAPSHOT_FILE).unlink()
    with suppress(OSError):
        (folder / PRINT_FOLDER).rmdir()
    return removed


def _made_since(folder: Path, files: Sequence[str], ledger: Ledger) -> Iterator[str]:
    """Yield letters and batches that are not among the files that were shown."""
    shown = {*files, *(composed(path) for path in files)}
    if not is_link(folder / LETTERS_FOLDER):
        letters = (f"{LETTERS_FOLDER}/{path}" for path in ledger.paths() if path)
        yield from (p for p in letters if p not in shown and (folder / p).is_file())
    batches = ((p.relative_to(folder).as_posix(), p) for p in _own_files(folder / PRINT_FOLDER))
    yield from (
        name for name, p in batches if name not in shown and _is_made_for_printing(folder, p)
    )


def reopen(folder: Path) -> dt.date | None:
    """Let letters be made again in a campaign that was closed; return the day of that.

    None where it is open. UsageError where there is no campaign.
    """
    _check_campaign(folder)
    root = folder / LETTERS_FOLDER
    with closing(read_ledger(root)) as ledger:
        day = ledger.closed
    if day:
        with Outbox(root).open(), closing(open_ledger(root)) as ledger:
            ledger.reopen()
    return day
