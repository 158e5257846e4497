"""The state of a campaign: what all entries of its runs say together.

The order in which entries are added does not matter. Of several entries, the latest one counts: by
the clock of its run, which is later than that of every run that it knew. Whether an entry knew
another is certain: its run has the other run as a parent, directly or through others.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import chain
from typing import NamedTuple, TypeVar

from merge.state.entries import (
    KINDS,
    AcceptanceEntry,
    AnswerEntry,
    Closing,
    DecisionEntry,
    DeletionEnd,
    DropEntry,
    EarlierVersions,
    Entry,
    FactEntry,
    ImportEntry,
    LetterEntry,
    MarkEntry,
    PersonEntry,
    PrintEntry,
    Readmission,
    Reopening,
    RunStart,
    TrackingEntry,
    UnmarkEntry,
    Version,
    find_subjects,
)
from merge.state.ledger_records import NAMED_BY_HAND

DELETION_TIME = 90 * 86_400 * 10**9
"""Nanoseconds after which the record of a deletion is removed itself."""

_KEYED = {
    *(AcceptanceEntry, AnswerEntry, DecisionEntry, DropEntry, FactEntry, ImportEntry),
    *(LetterEntry, MarkEntry),
    *(PersonEntry, PrintEntry, TrackingEntry, UnmarkEntry),
}
"""Kinds of entries whose first field is an ID or a name."""
_CACHED: Mapping[type, str] = {
    RunStart: "_known_runs",
    EarlierVersions: "_packed_versions",
    UnmarkEntry: "_keys_taken_back",
    **dict.fromkeys((DropEntry, DeletionEnd, Closing), "_ids_by_path"),
}
"""Properties that are computed again after new entries of a kind."""
_KIND_NAMES = {kind: name for name, kind in KINDS.items()}
_Content = TypeVar("_Content")


class Mark(NamedTuple):
    """A mark that counts, with the key by which it is taken back."""

    key: str
    stage: str
    value: str
    source: str
    who: tuple[str, ...] = ()

    @classmethod
    def of_entry(cls, entry: MarkEntry, key: str) -> Mark:
        """Return the mark of an entry, which may have no key itself."""
        return cls(
            key=key, stage=entry.stage, value=entry.value, source=entry.source, who=entry.who
        )


class CampaignState:
    """The state of a campaign, and the queries about it."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._starts: dict[str, RunStart] = {}
        self._index: dict[type, dict[str, list[Entry]]] = defaultdict(dict)
        self._tombs: dict[str, list[Entry]] = {}
        self._closings: list[Entry] = []
        self.add(entries)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries that were not known before."""
        index = self._index
        for entry in entries:
            kind, content = type(entry.content), entry.content
            key = content[0] if kind in _KEYED else ""
            by_key = index[kind]
            if key in by_key:
                by_key[key].append(entry)
            else:
                by_key[key] = [entry]
            if kind in _CACHED:
                self.__dict__.pop(_CACHED[kind], None)
            if isinstance(content, RunStart):
                self._starts[entry.run] = content
            elif isinstance(content, DeletionEnd):
                for subject in content.subjects:
                    self._tombs.setdefault(subject, []).append(entry)
            elif isinstance(content, Closing):
                self._closings.append(entry)
            elif (
                isinstance(content, LetterEntry)
                and "_ids_by_path" in self.__dict__
                and not self._is_placed(entry, by_key[key])
            ):
                del self._ids_by_path

    def _is_placed(self, entry: Entry, entries: Sequence[Entry]) -> bool:
        """Record the path of a letter's new entry; return whether it is certain.

        If the letter had another path, all paths are found again.
        """
        letter: LetterEntry = entry.content
        if self._latest(LetterEntry, letter.id) is not entry:
            return True
        previous = max((e for e in entries if e is not entry), key=self.order, default=entry)
        holder = self._latest(LetterEntry, self._ids_by_path.get(letter.path, letter.id))
        if holder is None or self.order(holder) <= self.order(entry):
            self._ids_by_path[letter.path] = letter.id
        return bool(previous.content.path == letter.path)

    # What knew what, and what counts.

    def order(self, entry: Entry) -> tuple[int, str, int]:
        """Return the place of an entry in the order of all entries."""
        return self._starts[entry.run].clock + entry.number, entry.run, entry.number

    def knew(self, later: Entry, earlier: Entry) -> bool:
        """Return whether an entry was written with another one known."""
        if later.run == earlier.run:
            return later.number > earlier.number
        bits, known_bits = self._known_runs
        return bool(known_bits[later.run] & bits.get(earlier.run, 0))

    @cached_property
    def _known_runs(self) -> tuple[dict[str, int], dict[str, int]]:
        """A bit for each run, and for each run the bits of those that it knew."""
        runs = sorted(self._starts, key=lambda run: (self._starts[run].clock, run))
        bits, ancestors = {run: 1 << place for place, run in enumerate(runs)}, dict[str, int]()
        for run in runs:
            ancestors[run] = 0
            for parent in self._starts[run].parents:
                ancestors[run] |= bits.get(parent, 0) | ancestors.get(parent, 0)
        late = (run for run in runs if self._starts[run].missing)
        known = {run: sum(bits[other] for other in self._runs_here_at(run)) for run in late}
        return bits, ancestors | known

    def _runs_here_at(self, run: str) -> set[str]:
        """Return the runs that a run knew, if some had not arrived then."""
        found, missing = set[str](), self._starts[run].missing
        waiting = [*self._starts[run].parents]
        while waiting:
            parent = waiting.pop()
            if parent in self._starts and parent not in found and parent not in missing:
                found.add(parent)
                waiting += self._starts[parent].parents
        return found

    def is_dead(self, entry: Entry) -> bool:
        """Return whether an entry is about a deleted person and did not know it.

        Also return whether a closing of the campaign removed it.
        """
        return self._is_of_deleted_person(entry) or (
            _ends_with_campaign(entry.content)
            and any(self.knew(closing, entry) for closing in self._closings)
        )

    def _is_of_deleted_person(self, entry: Entry) -> bool:
        tombs = (tomb for s in find_subjects(entry.content) for tomb in self.tombs(s))
        return any(not self.knew(entry, tomb) for tomb in tombs)

    def is_dropped(self, entry: Entry) -> bool:
        """Return whether a later entry removed an entry knowingly."""
        kind, content = type(entry.content), entry.content
        kind = LetterEntry if kind is Version else kind
        drops = self._index[DropEntry].get(content[0], ()) if kind in _KEYED else ()
        return any(d.content.of == _KIND_NAMES[kind] and self.knew(d, entry) for d in drops)

    def tombs(self, subject: str) -> Sequence[Entry]:
        """Return the deletions of a person, or of a person in a letter."""
        return self._tombs.get(subject, ())

    def _counting(self, kind: type, key: str, entries: list[Entry] | None = None) -> list[Entry]:
        """Return the entries of a kind about an ID or a name that count."""
        found = self._index[kind].get(key, []) if entries is None else entries
        if key in self._index[DropEntry]:
            found = [e for e in found if not self.is_dropped(e)]
        has_dead = self._tombs or self._closings
        return [e for e in found if not self.is_dead(e)] if has_dead else found

    def drops(self, key: str, *kinds: type) -> Iterator[DropEntry]:
        """Yield entries that remove those of some kinds with an ID or a name."""
        return (DropEntry(key, _KIND_NAMES[kind]) for kind in kinds if self._counting(kind, key))

    def _latest(self, kind: type, key: str) -> Entry | None:
        found = self._counting(kind, key)
        return max(found, key=self.order) if len(found) > 1 else next(iter(found), None)

    def _latest_contents(self, kind: type[_Content]) -> Iterator[_Content]:
        latest = (self._latest(kind, key) for key in self._index[kind])
        return (entry.content for entry in latest if entry)

    def _all(self, kind: type) -> list[Entry]:
        """Return all entries of a kind without an ID, in their order."""
        found = (e for e in self._index[kind].get("", ()) if not self.is_dead(e))
        return sorted(found, key=self.order)

    # Letters and people.

    @property
    def is_empty(self) -> bool:
        """Whether there are neither letters nor people."""
        return not (self._index[LetterEntry] or self._index[PersonEntry])

    def letter(self, letter_id: str) -> LetterEntry | None:
        """Return the newest version of a letter, or None if there is none.

        Its path is empty if another letter has the path now.
        """
        entry = self._latest(LetterEntry, letter_id)
        letter: LetterEntry | None = entry.content if entry else None
        if letter and letter.path and self.letter_id_at(letter.path) != letter_id:
            return letter._replace(path="")
        return letter

    def letters(self) -> Iterator[LetterEntry]:
        """Yield the newest version of each letter."""
        letters = (self.letter(letter_id) for letter_id in self._index[LetterEntry])
        return (letter for letter in letters if letter)

    def versions(self, letter_id: str) -> list[LetterEntry]:
        """Return all versions of a letter that are not packed, in their order."""
        entries = sorted(self._counting(LetterEntry, letter_id), key=self.order)
        return [entry.content for entry in entries]

    def letter_id_at(self, path: str) -> str:
        """Return the ID of the letter at a path; empty if no letter has the path."""
        return self._ids_by_path.get(path, "") if path else ""

    @cached_property
    def _ids_by_path(self) -> dict[str, str]:
        latest = (self._latest(LetterEntry, letter_id) for letter_id in self._index[LetterEntry])
        entries = sorted((entry for entry in latest if entry), key=self.order)
        return {entry.content.path: entry.content.id for entry in entries}

    def is_earlier_version(self, letter_id: str, output: bytes) -> bool:
        """Return whether an earlier version of the letter had this hash."""
        letter = self.letter(letter_id)
        if letter and letter.output == output:
            return False
        return any(known == output for _, known in self._history(letter_id))

    def _history(self, letter_id: str) -> list[tuple[Entry, bytes]]:
        """Return the versions of a letter in their order, with their hashes."""
        entries = self._index[LetterEntry].get(letter_id, [])
        versions = [*entries, *self._packed_versions.get(letter_id, ())]
        found = sorted(self._counting(LetterEntry, letter_id, versions), key=self.order)
        return [(e, e.content.output) for e in found if not self._is_of_namesake(e, found)]

    def _is_of_namesake(self, entry: Entry, history: Sequence[Entry]) -> bool:
        """Return whether a version is the letter of another person with one ID.

        Two computers created it unawares, for people of other names.
        """
        latest = history[-1].content
        if not _has_other_names(entry.content, latest):
            return False
        return any(
            not (self.knew(e, entry) or self.knew(entry, e) or _has_other_names(e.content, latest))
            for e in history
        )

    @cached_property
    def _packed_versions(self) -> dict[str, list[Entry]]:
        packed = {
            (run, place): Entry(run, place, version)
            for run, number, content, _ in self._index[EarlierVersions].get("", ())
            for place, version in enumerate(content.versions, number)
            if version and version.id
        }
        by_id = defaultdict[str, list[Entry]](list)
        for entry in packed.values():
            by_id[entry.content.id].append(entry)
        return by_id

    def people(self) -> Iterator[PersonEntry]:
        """Yield everyone who has had letters."""
        return self._latest_contents(PersonEntry)

    def clashing_people(self) -> set[str]:
        """Return IDs that two computers gave to people with different names."""
        return {key for key in self._index[PersonEntry] if len(self._names_of(key)) > 1}

    def _names_of(self, person_id: str) -> set[str]:
        """Return a person's names that no later entry replaced knowingly."""
        entries = self._counting(PersonEntry, person_id)
        newest = (e for e in entries if not any(self.knew(other, e) for other in entries))
        return {name for e in newest if (name := e.content.name)}

    # Prints, marks and decisions.

    def last_print(self, letter_id: str) -> PrintEntry | None:
        """Return the last print file of a letter, or None."""
        entry = self._latest(PrintEntry, letter_id)
        return entry.content if entry else None

    def prints(self) -> Iterator[PrintEntry]:
        """Yield the last print file of each letter."""
        return self._latest_contents(PrintEntry)

    def has_current_print(self, letter_id: str) -> bool:
        """Return whether the last print file counts for the newest version.

        It does not if it has another version, and was known when the newest one was created.
        """
        printed = self._latest(PrintEntry, letter_id)
        created, output = self._creation(letter_id)
        if printed is None or created is None:
            return printed is not None
        accepted = self._counting(AcceptanceEntry, letter_id)
        is_same = printed.content.output == output and not accepted
        return is_same or not any(self.knew(entry, printed) for entry in (created, *accepted))

    def _creation(self, letter_id: str) -> tuple[Entry | None, bytes]:
        """Return the entry that created the newest version, and its hash.

        Later entries with the same hash only have another path.
        """
        created, history = None, self._history(letter_id)
        output = history[-1][1] if history else b""
        for entry, known in reversed(history):
            if known != output:
                break
            created = entry
        return created, output

    def recreated_letter_ids(self) -> set[str]:
        """Return the letters that another computer created again unawares.

        They are in a print file, or marked, and that computer did not know it yet. So another
        version is on paper. This ends if staff accept the file.
        """
        ids = self._index[PrintEntry].keys() | self._index[MarkEntry].keys()
        return {letter_id for letter_id in ids if self._is_recreated(letter_id)}

    def _is_recreated(self, letter_id: str) -> bool:
        created, output = self._creation(letter_id)
        if created is None:
            return False
        printed = self._latest(PrintEntry, letter_id)
        events = [(e, self._output_known_to(e, letter_id)) for e in self._live_marks(letter_id)]
        if printed:
            events.append((printed, printed.content.output))
        accepted = self._counting(AcceptanceEntry, letter_id)
        return any(
            known not in {b"", output}
            and not self.knew(created, event)
            and not self.knew(event, created)
            and not any(self.knew(a, created) and self.knew(a, event) for a in accepted)
            for event, known in events
        )

    def _output_known_to(self, event: Entry, letter_id: str) -> bytes:
        known = [output for entry, output in self._history(letter_id) if self.knew(event, entry)]
        return known[-1] if known else b""

    def marks(self, letter_id: str) -> list[Mark]:
        """Return the marks of a letter that count, in their order."""
        entries = sorted(self._live_marks(letter_id), key=self.order)
        return [Mark.of_entry(entry.content, self._mark_key(entry)) for entry in entries]

    def _live_marks(self, letter_id: str) -> list[Entry]:
        found = self._counting(MarkEntry, letter_id)
        return [entry for entry in found if not self._is_taken_back(entry)]

    @staticmethod
    def _mark_key(entry: Entry) -> str:
        return entry.content.key or f"{entry.run}:{entry.number}"

    def _is_taken_back(self, mark: Entry) -> bool:
        subjects = self._keys_taken_back.get(self._mark_key(mark))
        return subjects is not None and not subjects.isdisjoint(
            (mark.content.id, *mark.content.who)
        )

    def is_taken_back(self, key: str, subjects: Iterable[str]) -> bool:
        """Return whether marks with a key are taken back for a letter or person."""
        return not self._keys_taken_back.get(key, frozenset[str]()).isdisjoint(subjects)

    def has_taken_back(self, key: str) -> bool:
        """Return whether marks with a key no longer count for some letters."""
        return key in self._keys_taken_back

    @cached_property
    def _keys_taken_back(self) -> Mapping[str, AbstractSet[str]]:
        """The keys of marks that were taken back, with the IDs that lost them."""
        subjects = defaultdict[str, set[str]](set)
        for entry in (entry for found in self._index[UnmarkEntry].values() for entry in found):
            for key in entry.content.keys:
                subjects[key].add(entry.content.id)
        return subjects

    def mark_keys(self) -> Iterator[tuple[str, str]]:
        """Yield the key of each mark that counts, with the ID of its letter."""
        for letter_id in self._index[MarkEntry]:
            for entry in self._live_marks(letter_id):
                yield self._mark_key(entry), letter_id

    def marked_letters(self) -> dict[str, frozenset[str]]:
        """Return the stages of all letters that have, or had, a mark.

        The stages are empty for a letter that was released.
        """
        found = ((i, self._counting(MarkEntry, i)) for i in self._index[MarkEntry])
        return {
            i: frozenset(e.content.stage for e in marks if not self._is_taken_back(e))
            for i, marks in found
            if marks
        }

    def tracking(self, letter_id: str) -> str | None:
        """Return the tracking number of a letter.

        It is empty if it was removed, and None if there never was one.
        """
        entry = self._latest(TrackingEntry, letter_id)
        return entry.content.text if entry else None

    def tracked_letters(self) -> Iterator[tuple[str, str]]:
        """Yield the IDs and tracking numbers of all letters that have one."""
        return ((e.id, e.text) for e in self._latest_contents(TrackingEntry) if e.text)

    def decisions(self) -> Iterator[DecisionEntry]:
        """Yield the decisions of staff: the last one of each choice about an ID."""
        for key in self._index[DecisionEntry]:
            entries = sorted(self._counting(DecisionEntry, key), key=self.order)
            decisions = (entry.content for entry in entries)
            yield from {decision.choice: decision for decision in decisions}.values()

    # Imports into the signer list.

    def import_chain(self, token: str) -> list[ImportEntry]:
        """Return the import with a token and those before it, the newest first.

        An import that has not arrived ends the chain.
        """
        chain = list[ImportEntry]()
        while entries := self._counting(ImportEntry, token):
            chain.append(min(entries, key=self.order).content)
            token = chain[-1].after
            if any(each.token == token for each in chain):
                break
        return chain

    def answers(self, token: str) -> Iterator[AnswerEntry]:
        """Yield what is kept of each person after the import with a token."""
        places = {each.token: place for place, each in enumerate(self.import_chain(token))}
        for key in self._index[AnswerEntry] if places else ():
            answers = (entry.content for entry in self._counting(AnswerEntry, key))
            known = [answer for answer in answers if answer.token in places]
            latest = min(known, key=lambda answer: places[answer.token], default=None)
            if latest and latest.where:
                yield latest

    # Named facts.

    def fact(self, name: str) -> str:
        """Return a named fact about the campaign's folder, or an empty text."""
        entry = self._latest(FactEntry, name)
        return entry.content.value if entry else ""

    def facts(self) -> Iterator[FactEntry]:
        """Yield all named facts."""
        return self._latest_contents(FactEntry)

    # Deletions.

    @property
    def has_deletions(self) -> bool:
        """Whether a person's data was deleted in 90 days."""
        return bool(self._tombs)

    def was_deleted(self, subject: str) -> bool:
        """Return whether data of a person, or a person in a letter, was deleted.

        It does not count if the person has letters again.
        """
        readmissions = self._index[Readmission].get("", [])
        return any(
            not any(r.content[0] == tomb.content[0] and self.knew(r, tomb) for r in readmissions)
            for tomb in self.tombs(subject)
        )

    def dead_prints(self) -> list[PrintEntry]:
        """Return the prints of deleted people, by computers that did not know it."""
        entries = (entry for found in self._index[PrintEntry].values() for entry in found)
        dead = (e for e in entries if self._is_of_deleted_person(e))
        return [e.content for e in dead if not self.is_dropped(e)]

    def is_erasable(self, entry: Entry, now: int | None = None) -> bool:
        """Return whether an entry must be removed from all files.

        These are entries that were removed, or are about deleted people, and deletions of more
        than 90 days ago. `now` is in nanoseconds since 1970.
        """
        content, start = entry.content, self._starts.get(entry.run)
        if isinstance(content, DeletionEnd | Readmission):
            age = (now or time.time_ns()) - start.clock if start else 0
            return age > DELETION_TIME
        if start is None:  # a run that has not arrived, or was killed
            return not self._tombs.keys().isdisjoint(find_subjects(content))
        return self.is_dead(entry) or self.is_dropped(entry)

    @property
    def has_removals(self) -> bool:
        """Whether some entries remove others."""
        return bool(self._tombs or self._closings or self._index[DropEntry])

    def is_replaced_fact(self, entry: Entry) -> bool:
        """Return whether a fact has another value now."""
        return isinstance(entry.content, FactEntry) and self._is_replaced(entry)

    def _is_replaced(self, entry: Entry) -> bool:
        """Return whether the latest entry with an ID or a name knew another one."""
        latest = self._latest(type(entry.content), entry.content[0])
        return latest is not None and self.knew(latest, entry)

    # The end of a campaign.

    @property
    def closed_on(self) -> dt.date | None:
        """The day on which the campaign was closed, or None while it is open."""
        closing = self._last_closing()
        return closing.content.day if closing else None

    def _last_closing(self) -> Entry | None:
        entries = sorted((*self._all(Closing), *self._all(Reopening)), key=self.order)
        return entries[-1] if entries and isinstance(entries[-1].content, Closing) else None

    def superseded(self) -> set[tuple[str, int]]:
        """Return the places of entries that packing may make shorter or remove.

        They are letters that have a newer version and are not in the last print file. They are also
        facts and people that a later entry replaced knowingly.
        """
        places = set[tuple[str, int]]()
        for key, entries in self._index[LetterEntry].items():
            latest, printed = self._latest(LetterEntry, key), self.last_print(key)
            output = printed.output if printed else None
            old = (e for e in entries if e is not latest and e.content.output != output)
            places |= {(e.run, e.number) for e in old}
        for kind in FactEntry, PersonEntry:
            found = chain.from_iterable(self._index[kind].values())
            places |= {(e.run, e.number) for e in found if self._is_replaced(e)}
        return places


def _has_other_names(version: object, other: object) -> bool:
    """Return whether two versions of a letter name other people."""
    names = {getattr(each, "named", b"") for each in (version, other)}
    return len(names - {b"", NAMED_BY_HAND}) > 1


def _ends_with_campaign(content: object) -> bool:
    """Return whether an entry is removed when its campaign is closed.

    Only stages, people and ignored warnings stay.
    """
    if isinstance(content, DecisionEntry):
        return content.choice in {"keep", "print", "seen"}
    if isinstance(content, FactEntry):
        return content.name == "proofread"
    return isinstance(content, LetterEntry | Version | PrintEntry)
