"""A person taken out of a campaign, or a whole campaign ended: rehearsed, done, looked for."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from merge.campaign.campaign import (
    LETTERS_FOLDER,
    PRINT_FOLDER,
    REGISTER_FILE,
    WORKBOOK_FILE,
    Campaign,
)
from merge.campaign.errand import UNWATCHED, Errand, Stopped
from merge.campaign.run import fields_in_use
from merge.campaign.traces import (
    PersonWords,
    Search,
    has_words,
    plain,
    search_folder,
    texts_in,
    words_of,
)
from merge.disk import LIBREOFFICE_OWNER, OFFICE_OWNER
from merge.model import (
    FaultError,
    Person,
    Place,
    Problem,
    SheetKind,
    StorageError,
    UsageError,
    Value,
)
from merge.naming import folded, safe_part, short_hash
from merge.register.marking import plan_blank_rows
from merge.register.reading import Register, read_register
from merge.state.files import Outbox, read_file
from merge.state.identity import PersonHashes
from merge.state.ledger import LEDGER_FILE, ChangeSet, Ledger, open_ledger, read_ledger
from merge.template.library import TEMPLATES_FOLDER
from merge.template.sanitize import stamp_of

_LETTER_FACTS = "late", "marks"
"""Facts of the ledger that say something of letters, by their ids."""

_BEGUN = "forgetting"
"""The fact of the ledger that holds whom a run has begun to forget, by hashes of names and IDs.

The workbook's row may be deleted, and the register's rows be blank, when it is taken up again.
"""

_KINDS: tuple[SheetKind, SheetKind] = ("signer", "recipient")


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who is to be forgotten.

    `ids` are those of the person's letters, `person_ids` the person's own; both may be empty where
    only a name is known. `rows` are the person's in the workbook. `called` are hashes of the name
    and the ID.
    """

    label: str
    words: PersonWords
    ids: frozenset[str] = frozenset()
    person_ids: frozenset[str] = frozenset()
    rows: tuple[Place, ...] = ()
    called: frozenset[str] = frozenset()


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

    @property
    def files(self) -> tuple[str, ...]:
        """Return all files that go."""
        return (*self.letters, *self.shared)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is to be done by the program."""
        return not (self.files or self.register_rows or self.leaver.ids)


def find_leaver(campaign: Campaign, name: str) -> Leaver:
    """Return who is meant by a name or ID: in the workbook, else in the register, else the name.

    UsageError where the workbook has several.
    """
    book = campaign.workbook
    everybody = [*book.signers.persons, *book.recipients.persons, *book.left_out]
    asked = folded(name)
    meant = [p for p in everybody if asked and asked in {folded(p.name), folded(p.id)}]
    if len(meant) > 1:
        raise UsageError(_several(campaign, name, meant))
    with closing(read_ledger(campaign.folder / LETTERS_FOLDER)) as ledger:
        register = read_register(campaign.folder / REGISTER_FILE)
        if meant:
            return _in_workbook(campaign, ledger, register, meant[0], everybody)
        return _in_register(campaign, ledger, register, name, everybody)


def _several(campaign: Campaign, name: str, meant: Sequence[Person]) -> Problem:
    places = ", ".join(f"{p.label} ({_row(campaign, p)})" for p in meant)
    what = f"several people are meant by it: {places}."
    return Problem("forget-several", Place(f'"{name}"'), what, "Type the ID of the one you mean.")


def _row(campaign: Campaign, person: Person) -> Place:
    book = campaign.workbook
    return (book.signers if person.kind == "signer" else book.recipients).place(person.row, "name")


def _in_workbook(
    campaign: Campaign,
    ledger: Ledger,
    register: Register,
    person: Person,
    everybody: Sequence[Person],
) -> Leaver:
    own = campaign.identity.ids.get((person.kind, person.key))
    key = PersonHashes(ledger.salt).key(person)
    known = {someone.id for someone in ledger.people() if someone.key == key}
    person_ids = frozenset(known | ({own} if own else set()))
    ids = _letters_of(ledger, register, person_ids, person.kind)
    words = words_of(person, [p for p in everybody if p is not person], _common(campaign), ids)
    rows = (_row(campaign, person),)
    words, called = _with_file_name(words, person.name), _hashes(person.name, person.id)
    return Leaver(str(person.label), words, ids, person_ids, rows, called)


def _in_register(
    campaign: Campaign,
    ledger: Ledger,
    register: Register,
    name: str,
    everybody: Sequence[Person],
) -> Leaver:
    """Return somebody whom only the register knows, or nobody but who typed the name."""
    kinds: dict[str, SheetKind] = {}
    for row in register.rows.values():
        for kind, own, label in (
            ("signer", row.signer_id, row.signer),
            ("recipient", row.recipient_id, row.recipient),
        ):
            if own and folded(label) == folded(name):
                kinds[own] = "signer" if kind == "signer" else "recipient"
    called = _hashes(name)
    begun = [ids for hashed, ids in _begun(ledger).items() if hashed in called]
    ids = frozenset(i for ids, _ in begun for i in ids).union(
        *(_letters_of(ledger, register, frozenset({own}), kind) for own, kind in kinds.items())
    )
    person = Person("signer", "", 0, {"name": Value(name)})
    words = words_of(person, everybody, _common(campaign), ids)
    person_ids = frozenset(kinds).union(*(own for _, own in begun))
    return Leaver(name, _with_file_name(words, name), ids, person_ids, (), called)


def _hashes(*names: str) -> frozenset[str]:
    return frozenset(short_hash(folded(name)) for name in names if folded(name))


_Begun = dict[str, tuple[list[str], list[str]]]
"""The ids of letters, and the person's own, by the hashes of what somebody is called."""


def _begun(ledger: Ledger) -> _Begun:
    """Return whom a run has begun to forget, and has not yet."""
    begun: _Begun = json.loads(ledger.fact(_BEGUN) or "{}")
    return begun


def _note_begun(ledger: Ledger, leaver: Leaver) -> None:
    """Write down who is being forgotten, for a run that takes it up where this one ends."""
    begun = _begun(ledger)
    for hashed in leaver.called:
        ids, own = begun.get(hashed, ([], []))
        begun[hashed] = (sorted({*ids, *leaver.ids}), sorted({*own, *leaver.person_ids}))
    ledger.commit(ChangeSet(facts={_BEGUN: json.dumps(begun)}))


def _note_done(ledger: Ledger, leaver: Leaver) -> None:
    """Take somebody who is forgotten out of what was begun."""
    left: _Begun = {}
    for hashed, (ids, own) in _begun(ledger).items():
        theirs = [i for i in ids if i not in leaver.ids]
        people = [i for i in own if i not in leaver.person_ids]
        if theirs or people:
            left[hashed] = (theirs, people)
    ledger.commit(ChangeSet(facts={_BEGUN: json.dumps(left)}))


def _with_file_name(words: PersonWords, name: str) -> PersonWords:
    """Return the words with the name as files and folders have it."""
    as_file = plain(safe_part(name))
    more = words.own | {as_file} if plain(name) in words.own else words.own
    return PersonWords(more, words.shared, words.names | {as_file})


def _letters_of(
    ledger: Ledger, register: Register, people: AbstractSet[str], kind: SheetKind
) -> frozenset[str]:
    """Return the ids of all letters that people may ever have had, made or not."""
    everybody = [*ledger.people()]
    others = {someone.id for someone in everybody if someone.kind != kind}
    found = set()
    for letter_id, row in register.rows.items():
        mine = row.signer_id if kind == "signer" else row.recipient_id
        if mine in people:
            found.add(letter_id)
        others.add(row.recipient_id if kind == "signer" else row.signer_id)
    for own in people:
        for other in others - {""}:
            found.add(short_hash(*((own, other) if kind == "signer" else (other, own))))
    return frozenset(found)


def _common(campaign: Campaign) -> str:
    """Return the words of templates and settings: they tell nobody."""
    texts = [str(value) for value in campaign.workbook.settings.fields.values()]
    for path in sorted((campaign.folder / TEMPLATES_FOLDER).glob("*.do*")):
        with suppress(OSError):
            texts += (text for _, text in texts_in(path.read_bytes()))
    return "\n".join(texts)


# What is to be done.


def rehearse(campaign: Campaign, leaver: Leaver, errand: Errand = UNWATCHED) -> Erasure:
    """Return what would be erased, and what the search finds beside it; nothing is changed.

    Raise Stopped where a stop is asked for.
    """
    folder = campaign.folder
    with closing(read_ledger(folder / LETTERS_FOLDER)) as ledger:
        letters = tuple(_letter_files(folder, ledger, leaver.ids, errand))
    search = search_folder(folder, leaver.words, errand)
    shared = tuple(_shared_files(folder, search))
    register = read_register(folder / REGISTER_FILE)
    ours = {*letters, *shared, REGISTER_FILE, f"{LETTERS_FOLDER}/{LEDGER_FILE}"}
    left = Search([t for t in search.traces if t.path.rstrip("/") not in ours], search.closed)
    own_rows = [i for i in register.rows if i in leaver.ids]
    posted = sum("Posted" in register.stages(letter_id) for letter_id in own_rows)
    rows = plan_blank_rows(register, leaver.ids, leaver.person_ids, keep_counts=False)
    return Erasure(leaver, letters, shared, rows.count, posted, left)


def _letter_files(
    folder: Path, ledger: Ledger, ids: AbstractSet[str], errand: Errand
) -> Iterator[str]:
    """Yield the files below letters/ that are letters of these ids, wherever they lie."""
    root = folder / LETTERS_FOLDER
    known = {ledger.path(letter_id) for letter_id in ids} - {""}
    for path in errand.each([*_below(root)], "Letters looked at"):
        below = path.relative_to(root).as_posix()
        data = read_file(str(path)) if path.suffix.lower() == ".docx" else None
        stamp = stamp_of(data) if data else None
        if (stamp.id in ids) if stamp else below in known:
            yield path.relative_to(folder).as_posix()


def _shared_files(folder: Path, search: Search) -> Iterator[str]:
    """Yield files of the program's in which the person is found: batches, an old ledger.

    Batches can be made again, the ledger that was damaged is of no use.
    """
    damaged = f"{LETTERS_FOLDER}/{LEDGER_FILE}.damaged"
    for path in dict.fromkeys(trace.path for trace in search.traces):
        ours = path == damaged or path.startswith(f"{PRINT_FOLDER}/")
        if ours and (folder / path).is_file():
            yield path


def _below(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root, name) for name in sorted(names))


@dataclass(slots=True)
class RemovedFiles:
    """How many files are deleted, of those that were to be; `stopped` where it was, before."""

    count: int = 0
    stopped: bool = False


def erase(
    campaign: Campaign,
    erasure: Erasure,
    errand: Errand = UNWATCHED,
    *,
    keep_counts: bool = False,
) -> RemovedFiles:
    """Do what was rehearsed; done twice, it does nothing more.

    Where a stop is asked for, it ends between two files, and the next time goes on from there.
    `keep_counts` keeps the dates of the person's letters in the register, without a name. Raise
    StorageError, and nothing is changed, where a file is open or the register cannot be written.
    """
    folder, leaver = campaign.folder, erasure.leaver
    _check_nothing_is_open(folder, erasure)
    root = folder / LETTERS_FOLDER
    removed = RemovedFiles(stopped=True)
    with suppress(Stopped):
        if not root.is_dir():
            _remove(folder, erasure.files, errand, removed)
            return removed
        with Outbox(root).open(check=errand.check), closing(open_ledger(root)) as ledger:
            errand.check()
            _note_begun(ledger, leaver)
            _blank_rows(folder, leaver, keep_counts=keep_counts)
            _remove(folder, erasure.files, errand, removed)
            _forget(campaign, ledger, leaver)
            _note_done(ledger, leaver)
    return removed


def _check_nothing_is_open(folder: Path, erasure: Erasure) -> None:
    places = {folder, *((folder / path).parent for path in erasure.files)}
    for place in sorted(places):
        with suppress(OSError):
            for beside in sorted(place.iterdir()):
                if beside.name.startswith((OFFICE_OWNER, LIBREOFFICE_OWNER)):
                    what = f"a file here is open in Word or Excel ({beside.name})."
                    hint = "Close it, or delete that file if it is closed, then run again."
                    raise StorageError(Problem("forget-open", Place(str(place)), what, hint))


def _blank_rows(folder: Path, leaver: Leaver, *, keep_counts: bool) -> None:
    path = folder / REGISTER_FILE
    register = read_register(path)
    blank = plan_blank_rows(register, leaver.ids, leaver.person_ids, keep_counts=keep_counts)
    if not blank.count:
        return
    from merge.register.writing import rewrite  # noqa: PLC0415 - openpyxl, when it is needed

    try:
        rewrite(path, register.seen, blank.tables, dt.datetime.now().astimezone())
    except FaultError as error:
        raise StorageError(error.at(Place(REGISTER_FILE))) from error


def _remove(folder: Path, files: Sequence[str], errand: Errand, removed: RemovedFiles) -> None:
    """Delete files, and folders that are left empty. Raise Stopped between two of them."""
    for file in errand.each(files, "Files deleted"):
        path = folder / file
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            what = f"it cannot be deleted ({error.strerror})."
            hint = "Close it, or ask who may delete here, then run again."
            raise StorageError(Problem("forget-stays", Place(file), what, hint)) from error
        for parent in path.parents:
            if parent in {folder, folder / LETTERS_FOLDER, folder / PRINT_FOLDER}:
                break
            with suppress(OSError):
                parent.rmdir()
        removed.count += 1
    removed.stopped = False


def _forget(campaign: Campaign, ledger: Ledger, leaver: Leaver) -> None:
    """Take all that the ledger holds of the letters and the person out of it."""
    people = [s.key for s in ledger.people() if s.id in leaver.person_ids]
    ledger.forget(leaver.ids, people)
    ledger.forget_fields(fields_in_use(ledger))
    ledger.commit(ChangeSet(undecided=[*campaign.hidden - _others_warnings(campaign, leaver)]))
    for fact in _LETTER_FACTS:
        by_letter = json.loads(ledger.fact(fact) or "{}")
        left = {i: value for i, value in by_letter.items() if i not in leaver.ids}
        if left != by_letter:
            ledger.commit(ChangeSet(facts={fact: json.dumps(left)}))


def _others_warnings(campaign: Campaign, leaver: Leaver) -> set[str]:
    """Return the warnings that neither stand in the person's rows nor name the person."""
    rows = {(place.sheet, place.row) for place in leaver.rows}
    names = {*leaver.words.names, plain(leaver.label)}
    return {
        campaign.identity.salt.text(campaign.warning_id(problem))
        for problem in campaign.all_problems()
        if (problem.place.sheet, problem.place.row) not in rows
        and not any(has_words(plain(problem.what), name) for name in names)
    }


def still_there(campaign: Campaign, leaver: Leaver, errand: Errand = UNWATCHED) -> Search:
    """Look through every file of the campaign for what is left of somebody.

    Raise Stopped where a stop is asked for.
    """
    return search_folder(campaign.folder, leaver.words, errand)


# The end of a campaign.


def rehearse_close(folder: Path) -> tuple[str, ...]:
    """Return the files that go when a campaign ends: letters and batches; the ledger in the end.

    So where it is stopped on the way, the program knows the letters that are left.
    """
    files = [
        path.relative_to(folder).as_posix()
        for name in (LETTERS_FOLDER, PRINT_FOLDER)
        for path in _below(folder / name)
    ]
    return tuple(sorted(files, key=lambda path: path.startswith(f"{LETTERS_FOLDER}/.merge-")))


def close(folder: Path, files: Sequence[str], errand: Errand = UNWATCHED) -> RemovedFiles:
    """Delete what was rehearsed; workbook, templates, register and reports stay.

    Where a stop is asked for, it ends between two files. StorageError where a file cannot be
    deleted: what was deleted before is gone.
    """
    if not (folder / WORKBOOK_FILE).is_file():
        what = f"there is no campaign in this folder: it has no {WORKBOOK_FILE}."
        hint = "Name the folder of the campaign."
        raise UsageError(Problem("campaign-missing", Place(str(folder)), what, hint))
    removed = RemovedFiles(stopped=True)
    with suppress(Stopped):
        _remove(folder, files, errand, removed)
    for name in (LETTERS_FOLDER, PRINT_FOLDER):
        with suppress(OSError):
            (folder / name).rmdir()
    return removed
