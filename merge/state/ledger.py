"""The ledger: what is known of letters, people, print files and decisions.

Each query is answered from the records that all computers share (`merge.state.run_files`), and from
what this computer keeps for itself (`merge.state.private_state`). Each change becomes one batch of
entries in the records.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import TypeVar, cast

from merge.advice import Choice
from merge.disk import FileState, read_campaign_file
from merge.errors import StorageError
from merge.letter_inputs import FieldValues, split_digests
from merge.naming import hash_text, short_hash
from merge.people import SheetKind
from merge.product import LETTER_EXTENSION, RECORDS_FOLDER, REGISTER_FILE
from merge.state.entries import (
    AcceptanceEntry,
    Closing,
    Content,
    DecisionEntry,
    DeletionEnd,
    Entry,
    FactEntry,
    ImportEntry,
    LetterEntry,
    MarkEntry,
    PersonEntry,
    PrintEntry,
    Reopening,
    TrackingEntry,
)
from merge.state.fold import CampaignState
from merge.state.ledger_records import (
    DecisionRecord,
    LayoutRecord,
    LedgerChangeSet,
    LetterRecord,
    PdfRecord,
    PrintedBatch,
    PrintRecord,
    RunTimeSpan,
)
from merge.state.originals import Parts, restore_original
from merge.state.private_state import PRIVATE_FACTS, FileSeen, PrivateState
from merge.state.run_files import CampaignRuns, RunFiles, RunWriter
from merge.state.texts import Texts, texts_in_use

_INTERRUPTED_RUN_FACT = "unsettled"
PENDING_DELETIONS_FACT = "forgetting"
"""The fact that stores, as hashes, whose data is being deleted.

It stays until nothing about them is found. When a deletion continues, the row in the workbook may
be deleted, and the rows in the register blank.
"""
PROOFREAD_FACT = "proofread"
"""The fact that stores hashes of letters with errors in proofreading."""
_DELETED_IN_FACT = "deleted in: "
"""The beginning of facts that name print files of deleted people.

The number and the moment of the print file follow. Its other record is deleted.
"""
_ACCEPTED_RUNS_FACT = "runs accepted as missing"
_FIRST_FILES = ("signers.xlsx", "templates/*.do*")
"""Patterns of the files with which a campaign begins."""
_LETTER_KINDS = (
    *(LetterEntry, PrintEntry, MarkEntry, TrackingEntry),
    *(AcceptanceEntry, DecisionEntry),
)
"""Kinds of entries that are removed with a letter."""


def open_ledger(folder: Path) -> Ledger:
    """Return the ledger of a letters folder, for a run that changes it.

    What the records have lost is written again, and this computer's files are packed if they are
    many. Raise StorageError if the disk refuses, or if a newer version of the program wrote the
    records.
    """
    files = RunFiles.of_campaign(folder, create=True)
    runs, state = _read_runs(files, folder, is_shared=False)
    if files.publish_lost(runs):
        runs, state = _read_runs(files, folder, is_shared=False)
    files.repair(runs)
    files.pack(runs, state.superseded())
    private = PrivateState.open(folder, create=True)
    if not runs.has_mirror:
        private.clear()
    ledger = Ledger(folder, runs, state, private, files=files)
    ledger.prepare_erasing()
    return ledger


def read_ledger(folder: Path) -> Ledger:
    """Return the ledger of a letters folder, which is only read.

    It is empty if there is none. Raise StorageError as `open_ledger` does.
    """
    files = RunFiles.of_campaign(folder, create=False)
    runs, state = _read_runs(files, folder, is_shared=True)
    return Ledger(folder, runs, state, PrivateState.open(folder, create=False))


@contextmanager
def ledger_to_read(folder: Path) -> Iterator[Ledger]:
    """Yield the ledger of a folder to read it, and close it at the end.

    Raise StorageError as `open_ledger` does.
    """
    with closing(read_ledger(folder)) as ledger:
        yield ledger


def memory_ledger() -> Ledger:
    """Return an empty ledger that is stored nowhere."""
    private = PrivateState(":memory:", Path())
    return Ledger(Path(), CampaignRuns({}), CampaignState(), private)


_last_reading: dict[Path, tuple[object, CampaignRuns, CampaignState]] = {}
"""The records as they were read last, and the states of their files then.

One command reads them several times.
"""


def _read_runs(
    files: RunFiles, folder: Path, *, is_shared: bool
) -> tuple[CampaignRuns, CampaignState]:
    """Return the runs of a campaign, and its state.

    If not `is_shared`, the caller may add to the state.
    """
    has_letters = _has_letters(folder)
    states = files.file_states()
    found = (has_letters, states)
    last, runs, state = _last_reading.pop(folder, (None, CampaignRuns({}), CampaignState()))
    if states is None or last != found:
        runs = files.read(has_letters=has_letters)
        state = CampaignState(runs.entries)
    if states and is_shared:
        _last_reading.clear()
        _last_reading[folder] = found, runs, state
    return runs, state


def _has_letters(folder: Path) -> bool:
    """Return whether a campaign has a register or letters."""
    if (folder.parent / REGISTER_FILE).exists():
        return True
    with suppress(OSError):
        return next(folder.rglob(f"*{LETTER_EXTENSION}"), None) is not None
    return False


class Ledger:
    """The ledger of one letters folder.

    - `is_empty`: it has no letters and no people; staff may have ignored warnings.
    - `interrupted_run`: the time of a run that did not finish; None if all runs finished.
    - `runs`: the records as they were when the ledger was opened.

    Without `files`, no record is written.
    """

    def __init__(
        self,
        folder: Path,
        runs: CampaignRuns,
        state: CampaignState,
        private: PrivateState,
        files: RunFiles | None = None,
    ) -> None:
        self._folder, self._files, self.runs = folder, files, runs
        self.state, self._private = state, private
        self._texts = Texts(folder.parent / RECORDS_FOLDER if folder.name else None)
        self._written = list[Entry]()
        self._must_erase = False
        self.is_empty = not (any(True for _ in state.letters()) or any(True for _ in self.people()))
        times = json.loads(self.fact(_INTERRUPTED_RUN_FACT) or "null")
        self.interrupted_run = RunTimeSpan(*times) if times else None

    def prepare_erasing(self) -> None:
        """Find out whether entries must be deleted from the records at the end.

        Print files with someone whose data was deleted are recorded before.
        """
        state, entries = self.state, self.runs.entries
        self._must_erase = state.has_removals and any(map(state.is_erasable, entries))
        batches = {_batch(entry).key for entry in self.state.dead_prints()}
        self.commit(LedgerChangeSet(facts={f"{_DELETED_IN_FACT}{key}": "true" for key in batches}))

    @property
    def has_all_records(self) -> bool:
        """Whether no file of the records is damaged, or has not arrived."""
        return not (self.missing_runs or self.runs.incomplete_files)

    @property
    def missing_runs(self) -> frozenset[str]:
        """The runs of other computers that have not arrived.

        Those without which staff chose to go on do not count.
        """
        accepted = json.loads(self.fact(_ACCEPTED_RUNS_FACT) or "[]")
        return self.runs.missing_runs - {*accepted}

    def accept_missing_runs(self) -> None:
        """Record that staff go on without the runs that have not arrived."""
        if self.missing_runs:
            missing = json.dumps(sorted(self.runs.missing_runs))
            self.commit(LedgerChangeSet(facts={_ACCEPTED_RUNS_FACT: missing}))

    def is_confirmed_on_disk(self, record: LetterRecord) -> bool:
        """Return whether the letter's file certainly reached the disk.

        That is certain if the run that wrote it finished.
        """
        return self.interrupted_run is None or record.checked < self.interrupted_run.first

    @property
    def pending_deletion_count(self) -> int:
        """Number of people whose data is still being deleted.

        Data of them was found at the last check.
        """
        return len(json.loads(self.fact(PENDING_DELETIONS_FACT) or "[]"))

    # Letters and people.

    def letter(self, letter_id: str) -> LetterRecord | None:
        """Return the ledger's record of a letter, or None if there is none."""
        entry = self.state.letter(letter_id)
        return self._letter_record(entry) if entry else None

    def _letter_record(self, letter: LetterEntry) -> LetterRecord:
        seen = self._private.files_seen.get(letter.id, _NOT_SEEN)
        seen = seen if seen.output == letter.output else _NOT_SEEN
        printed = self.state.last_print(letter.id)
        is_superseded = printed and not self.state.has_current_print(letter.id)
        return LetterRecord(
            id=letter.id,
            path=letter.path,
            named=letter.named,
            day=letter.day,
            inputs=letter.inputs,
            output=letter.output,
            words=letter.words,
            size=seen.size,
            mtime=seen.mtime,
            inode=seen.inode,
            ctime=seen.ctime,
            checked=seen.checked,
            content=seen.content,
            was=seen.was if seen.was != letter.path else "",
            superseded=_batch(printed).key if printed and is_superseded else "",
            who=letter.who,
        )

    def letters_by_id(self, letter_ids: Sequence[str]) -> dict[str, LetterRecord]:
        """Return records of letters by ID."""
        records = map(self.letter, letter_ids)
        return {record.id: record for record in records if record}

    def letters(self) -> Iterator[LetterRecord]:
        """Yield the record of every letter that was ever created here."""
        return filter(None, map(self.letter, self.letter_ids()))

    def letters_never_seen(self) -> Iterator[LetterRecord]:
        """Yield the letters whose files were never seen on this computer."""
        seen = self._private.files_seen
        unseen = (letter for letter in self.letters() if letter.path and letter.output)
        return (r for r in unseen if r.id not in seen or seen[r.id].output != r.output)

    def interrupted_moves(self) -> Iterator[LetterRecord]:
        """Yield the letters whose move was interrupted."""
        moved = [letter_id for letter_id, seen in self._private.files_seen.items() if seen.was]
        return (record for record in filter(None, map(self.letter, moved)) if record.was)

    def letter_ids(self) -> list[str]:
        """Return the IDs of all letters."""
        return sorted(letter.id for letter in self.state.letters())

    def letter_paths(self) -> Iterator[str]:
        """Yield the paths of all letters."""
        return (letter.path for letter in self.state.letters())

    def letter_path(self, letter_id: str) -> str:
        """Return the path of a letter; empty if the ledger has no such letter."""
        letter = self.state.letter(letter_id)
        return letter.path if letter else ""

    def letter_ids_at(self, paths: Sequence[str]) -> dict[str, str]:
        """Return the IDs of letters by path."""
        found = ((path, self.state.letter_id_at(path)) for path in paths)
        return {path: letter_id for path, letter_id in found if letter_id}

    def people(self) -> Iterator[PersonEntry]:
        """Yield everyone who has had letters."""
        return iter(sorted(self.state.people()))

    def protected_letter_ids(self) -> set[str]:
        """Return the IDs of letters that were edited, printed or in a print file."""
        edited = {r.id for r in self.letters() if r.content in {"edited", "damaged"}}
        return edited | self.batches().keys() | self.state.marked_letters().keys()

    # Prints, marks and decisions.

    def last_print(self, letter_id: str) -> PrintRecord | None:
        """Return the record of a letter's last print file, or None."""
        printed = self.state.last_print(letter_id)
        if printed is None:
            return None
        output, state = self._private.prints_seen.get(letter_id, (b"", _NO_STATE))
        state = state if output == printed.output else _NO_STATE
        return PrintRecord(
            id=letter_id,
            batch=_batch(printed),
            output=printed.output,
            **state._asdict(),
            inputs=printed.inputs,
        )

    def layouts(self, letter_ids: Sequence[str]) -> dict[str, LayoutRecord]:
        """Return page layouts of letters by ID, for at most one of the `chunks`."""
        return self._private.layouts(letter_ids)

    def pdf(self, laid_out: bytes) -> PdfRecord | None:
        """Return the record of the PDF made from input with this hash, or None."""
        return self._private.pdf(laid_out)

    def tracking_numbers(self) -> dict[str, str]:
        """Return the tracking numbers of letters, by letter ID."""
        return dict(self.state.tracked_letters())

    def decisions(self) -> Iterator[DecisionRecord]:
        """Yield the decisions of staff."""
        found = self.state.decisions()
        return iter(sorted(DecisionRecord(d.id, cast("Choice", d.choice), d.seen) for d in found))

    def batches(self) -> dict[str, PrintedBatch]:
        """Return the last print file of each letter, by letter ID."""
        return {printed.id: _batch(printed) for printed in self.state.prints()}

    def batches_of_deleted_people(self) -> set[PrintedBatch]:
        """Return the print files with a letter of someone whose data was deleted."""
        if not self.state.has_deletions:
            return set()
        found = {batch for i, batch in self.batches().items() if self.state.was_deleted(i)}
        found |= set(map(_batch, self.state.dead_prints()))
        names = (name for name, _ in self.facts() if name.startswith(_DELETED_IN_FACT))
        keys = (name.removeprefix(_DELETED_IN_FACT).split(" ", 1) for name in names)
        return found | {
            PrintedBatch(int(number), dt.datetime.fromisoformat(moment)) for number, moment in keys
        }

    def has_print_records(self) -> bool:
        """Return whether any letter was put into a print file."""
        return any(True for _ in self.state.prints())

    # Imports into the signer list.

    def undo_import(self, token: str) -> None:
        """Delete the record of an import that was undone."""
        self._delete(*self.state.drops(token, ImportEntry))

    # Facts.

    def field_values(self, digest: bytes) -> FieldValues | None:
        """Return the values of a digest's fields, or None if not known."""
        return self._texts.get(digest)

    def original_parts(self, letter: LetterRecord) -> Parts | None:
        """Return the XML parts of a letter as created, or None if not known."""
        original = self._texts.get(letter.output)
        template = self._texts.get(split_digests(letter.inputs)[0]) if letter.inputs else None
        if original is None or template is None:
            return None
        return restore_original(original, template)

    def fact(self, name: str) -> str:
        """Return a named fact about the campaign's folder, or an empty text."""
        return self._private.fact(name) if name in PRIVATE_FACTS else self.state.fact(name)

    def facts(self) -> list[tuple[str, str]]:
        """Return all facts as names and values."""
        return [(fact.name, fact.value) for fact in self.state.facts()]

    # Changes.

    def commit(self, changes: LedgerChangeSet) -> None:
        """Store all of the changes or none.

        Raise StorageError if the disk does not allow it.
        """
        entries = [*self._entries(changes)]
        self._must_erase = self._must_erase or PENDING_DELETIONS_FACT in changes.facts
        self._private.save_files(changes)
        if changes.texts:
            self._texts.add(self._writer.name, changes.texts)
        self._write(entries)
        self._private.save_facts(changes)

    def _write(self, contents: Iterable[Content]) -> None:
        """Write entries into the records of this run, if there are any."""
        if not (facts := [*contents]):
            return
        _last_reading.clear()
        entries = self._writer.write(facts)
        self.state.add(entries)
        self._written += entries

    @cached_property
    def _writer(self) -> RunWriter:
        files = {} if self.runs.runs else _first_files(self._folder.parent)
        return RunWriter(self._files, self.runs, files=files)

    def _entries(self, changes: LedgerChangeSet) -> Iterator[Content]:
        """Yield the entries for changes. What is recorded already has none."""
        state = self.state
        letters = map(_letter_entry, (*changes.letters, *changes.new_letters))
        yield from (letter for letter in letters if state.letter(letter.id) != letter)
        yield from self._drops_of_people(changes.outdated_person_keys)
        people = {(p.id, p.key): p for p in state.people()} if changes.people else {}
        yield from (e for e in changes.people if people.get((e.id, e.key)) != e)
        facts = {name: v for name, v in changes.facts.items() if name not in PRIVATE_FACTS}
        yield from (FactEntry(name, v) for name, v in facts.items() if state.fact(name) != v)
        yield from changes.imports
        yield from self._entries_on_paper(changes)
        cleared = {*changes.cleared_decisions}
        yield from (drop for i in sorted(cleared) for drop in state.drops(i, DecisionEntry))
        known = {(d.id, d.choice): d.seen for d in state.decisions() if d.id not in cleared}
        for decision in changes.decisions:
            if known.get((decision.id, decision.choice)) != decision.seen:
                yield DecisionEntry(*decision, who=self._who(decision.id))

    def _entries_on_paper(self, changes: LedgerChangeSet) -> Iterator[Content]:
        """Yield the entries for changes of prints and marks."""
        for letter_id, batch, output, *_, inputs in changes.print_records:
            who = self._who(letter_id)
            printed = PrintEntry(
                id=letter_id,
                number=batch.number,
                moment=batch.moment,
                output=output,
                inputs=inputs,
                who=who,
            )
            if self.state.last_print(letter_id) != printed:
                yield printed
        yield from changes.marks
        for letter_id in changes.released_letters:
            yield from self.state.drops(letter_id, MarkEntry)
        yield from (AcceptanceEntry(i, self._who(i)) for i in changes.accepted_letters)

    def _who(self, letter_id: str) -> tuple[str, ...]:
        letter = self.state.letter(letter_id)
        return letter.who if letter else ()

    def _drops_of_people(self, keys: Iterable[str]) -> Iterator[Content]:
        wanted = {*keys}
        ids = [person.id for person in self.people() if person.key in wanted] if wanted else []
        for person_id in ids:
            yield from self.state.drops(person_id, PersonEntry)

    def delete_records(self, letter_ids: Iterable[str], people: Iterable[str] = ()) -> None:
        """Delete all records of letters with these IDs, and people by their keys."""
        letters, keys = [*letter_ids], [*people]
        self._delete(
            *(drop for i in letters for drop in self.state.drops(i, *_LETTER_KINDS)),
            *self._drops_of_people(keys),
            *(drop for key in keys for drop in self.state.drops(key, DecisionEntry)),
        )
        self._private.delete_states(letters)

    def delete_print_records(self, letter_ids: Iterable[str]) -> None:
        """Delete the records that letters are in a print file: it is deleted."""
        self._delete(*(d for i in letter_ids for d in self.state.drops(i, PrintEntry)))

    def _delete(self, *contents: Content) -> None:
        """Write entries that remove others, which are deleted at the end."""
        self._write(contents)
        self._must_erase = self._must_erase or bool(contents)

    def record_deletion(self, subjects: Iterable[str]) -> None:
        """Record whose data was deleted: keys and IDs of people, IDs of letters."""
        if deleted := tuple(subjects):
            self._delete(DeletionEnd(deleted[0], deleted))

    def was_person_deleted(self, kind: SheetKind, key: str) -> bool:
        """Return whether data of a person with a key was deleted in 90 days."""
        return self.state.was_deleted(hash_text(short_hash(kind, key)))

    def close_campaign(self, day: dt.date) -> None:
        """Delete letters' records except stages, and store the closing day."""
        self._delete(Closing(day))
        self._private.clear()

    def reopen_campaign(self) -> None:
        """Mark the campaign as open again."""
        self._write([Reopening(dt.datetime.now().astimezone().date())])

    def _is_erasable(self, entry: Entry) -> bool:
        return self.state.is_erasable(entry) or self.state.is_replaced_fact(entry)

    def close(self) -> None:
        """Keep a mirror of the records; delete from them what was removed."""
        try:
            if self._files:
                self._files.save_mirror(self.runs, self._written)
                if self._must_erase:
                    self._files.erase(self._is_erasable)
                    self._private.delete_unused(0)
                if self._written:
                    self._prune_texts()
        finally:
            self._private.close()

    def _prune_texts(self) -> None:
        """Remove the texts of letters that are gone, or were created again.

        If someone's data was deleted, texts of runs that have not arrived are removed as well.
        """
        known = None if self._must_erase else self.runs.runs.keys() | {self._writer.name}
        self._texts.prune(self._writer.name, texts_in_use(self.state), known)


def _letter_entry(record: LetterRecord) -> LetterEntry:
    return LetterEntry(
        id=record.id,
        path=record.path,
        day=record.day,
        output=record.output,
        words=record.words,
        who=record.who,
        named=record.named,
        inputs=record.inputs,
    )


_NOT_SEEN, _NO_STATE = FileSeen(b""), FileState(0, 0, 0)


def _first_files(campaign: Path) -> dict[str, int]:
    """Return the times of workbook and templates, by their hashes."""
    times = dict[str, int]()
    for path in (path for pattern in _FIRST_FILES for path in campaign.glob(pattern)):
        with suppress(OSError, StorageError):
            digest = hashlib.blake2b(read_campaign_file(path), digest_size=8).hexdigest()
            times[digest] = int(path.stat().st_mtime)
    return times


_CHUNK_SIZE = 500
"""Letters that are looked up at a time."""

_Item = TypeVar("_Item")


def chunks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield the items in lists of a few hundred."""
    rest = iter(items)
    while chunk := list(islice(rest, _CHUNK_SIZE)):
        yield chunk


@cache
def _printed_batch(number: int, moment: dt.datetime) -> PrintedBatch:
    return PrintedBatch(number, moment)


def _batch(printed: PrintEntry) -> PrintedBatch:
    return _printed_batch(printed.number, printed.moment)


def interrupted_run_fact(run_time: RunTimeSpan | None) -> dict[str, str]:
    """Return the fact that a run is writing letters, with its time span.

    None means that the disk has confirmed all letters.
    """
    return {_INTERRUPTED_RUN_FACT: json.dumps(run_time)}
