"""Letters as they lie on a table: by signer, recipient or print file; what each waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from merge.campaign.letter_plan import LetterPlan
from merge.campaign.overview import CampaignOverview
from merge.naming import short_hash
from merge.people import Person
from merge.printing.batches import MIN_ID_DIGITS, short_id_length
from merge.register.entries import StageValue
from merge.register.layouts import STAGES
from merge.state.ledger_records import PrintedBatch
from merge.text.folding import folded


@dataclass(frozen=True, slots=True)
class PileLetter:
    """A letter on the table: the short id that stands on its sheet, whose it is, its stages.

    `is_pending`: it waits for the stage at hand. `batch` is the one that it was last put into; it may
    have changed since.
    """  # noqa: E501

    id: str
    short_id: str
    signer: str
    recipient: str
    stages: Mapping[str, StageValue]
    is_created: bool
    is_pending: bool = False
    batch: str = ""
    has_changed: bool = False
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class PendingGroup:
    """Letters that wait together: of a person, or in a batch; `key` says nothing of them."""

    key: str
    name: str
    pending_count: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch: its letters, how many wait to be marked as printed, how many changed since.

    `unchanged` wait and are what was printed. `first` and `last` name whose piles lie in it.
    """

    key: str
    name: str
    letter_count: int
    pending_count: int
    unchanged_count: int
    changed_count: int
    first_pile: str
    last_pile: str


class Piles:
    """The letters of a view, to be looked up by what stands on the sheet, by person, by batch."""

    def __init__(self, view: CampaignOverview) -> None:
        self._view = view
        self.plans: Mapping[str, LetterPlan] = {p.record.id: p for p in view.letters}
        self._digits = short_id_length(self.plans)
        self._changed_paths = frozenset(view.print_again)

    def pile_letter(self, letter_id: str, stage: str = "") -> PileLetter:
        """Return a letter; `stage` is the one at hand. KeyError where there is none."""
        planned = self.plans[letter_id]
        pair = planned.step.letter.pair
        return PileLetter(
            id=letter_id,
            short_id=letter_id[: self._digits],
            signer=str(pair.signer.label),
            recipient=str(pair.recipient.label),
            stages={name: planned.stages[name] for name in STAGES if name in planned.stages},
            is_created=bool(planned.file_path or planned.stages),
            is_pending=bool(stage) and self.is_pending(planned, stage),
            batch=str(self._view.batches.get(letter_id, "")),
            has_changed=self.has_changed(planned),
            tracking_number=self._view.tracking_numbers.get(letter_id, ""),
        )

    def has_changed(self, planned: LetterPlan) -> bool:
        """Return whether a letter is not any more what was put into its batch."""
        if not (self._changed_paths and planned.file_path):
            return False
        folder = self._view.campaign.folder
        return Path(planned.file_path).relative_to(folder).as_posix() in self._changed_paths

    def is_pending(self, planned: LetterPlan, stage: str) -> bool:
        """Return whether a letter has reached the stage before this one, and no later one."""
        number = STAGES.index(stage)
        if not planned.stages.keys().isdisjoint(STAGES[number:]):
            return False
        if number:
            return STAGES[number - 1] in planned.stages
        return bool(planned.file_path) and planned.record.id in self._view.batches

    def letters_of_person(self, key: str) -> list[str]:
        """Return the letters that a person signs or gets, by the hash of the person."""
        person = self._view.campaign.identity.person_id
        pairs = ((i, planned.step.letter.pair) for i, planned in self.plans.items())
        return [i for i, pair in pairs if key in {person(pair.signer), person(pair.recipient)}]

    def letters_in_batch(self, key: str) -> list[str]:
        """Return the letters that were last put into a batch."""
        batch = self._batches.get(key)
        return [i for i in self.plans if batch and self._view.batches.get(i) == batch]

    def display_name(self, key: str) -> str:
        """Return what a person or a batch is called; empty where there is none."""
        if person := self._people.get(key):
            return str(person.label)
        return str(self._batches.get(key, ""))

    @cached_property
    def _batches(self) -> Mapping[str, PrintedBatch]:
        """The batches, by a hash of their names."""
        return {short_hash(str(batch)): batch for batch in {*self._view.batches.values()}}

    @cached_property
    def _people(self) -> Mapping[str, Person]:
        """Everybody who signs or gets a letter, by a hash."""
        identity, found = self._view.campaign.identity, dict[str, Person]()
        for planned in self._view.letters:
            for person in (planned.step.letter.pair.signer, planned.step.letter.pair.recipient):
                found.setdefault(identity.person_id(person), person)
        return found

    def find_people(self, typed: str) -> list[str]:
        """Return the hashes of those who bear a name or ID; of those whose name has it in it."""
        wanted = folded(typed)
        if not wanted:
            return []
        people = self._people.items()
        exact = [
            key
            for key, one in people
            if wanted in {folded(one.name), folded(one.label), folded(one.id)}
        ]
        return exact or [key for key, one in people if wanted in folded(one.label)]

    def people_names(self) -> list[str]:
        """Return what everybody is called, each once."""
        return [*dict.fromkeys(str(one.label) for one in self._people.values())]

    def pending_groups(self, stage: str) -> list[PendingGroup]:
        """Return what waits for a stage, as it lies: to be marked by batch, signer, recipient."""
        due = [planned for planned in self._view.letters if self.is_pending(planned, stage)]
        if stage == "Printed":
            found = Counter(self._view.batches[planned.record.id] for planned in due)
            names = ((str(batch), found[batch]) for batch in newest_first(found))
            return [PendingGroup(short_hash(name), name, number) for name, number in names]
        identity, people = self._view.campaign.identity, Counter[str]()
        for planned in due:
            pair = planned.step.letter.pair
            people[identity.person_id(pair.signer if stage == "Signed" else pair.recipient)] += 1
        return [PendingGroup(key, self.display_name(key), number) for key, number in people.items()]

    def count_pending(self, stage: str) -> int:
        """Return how many letters wait for a stage."""
        return sum(self.is_pending(planned, stage) for planned in self._view.letters)

    def batch_rows(self) -> list[BatchRow]:
        """Return the batches that letters were put into, the newest first."""
        found: dict[PrintedBatch, list[LetterPlan]] = {}
        for letter_id, planned in self.plans.items():
            if batch := self._view.batches.get(letter_id):
                found.setdefault(batch, []).append(planned)
        return [self._batch_row(str(batch), found[batch]) for batch in newest_first(found)]

    def _batch_row(self, name: str, letters: Sequence[LetterPlan]) -> BatchRow:
        waiting = [planned for planned in letters if self.is_pending(planned, "Printed")]
        pairs = [planned.step.letter.pair for planned in letters]
        signers = dict.fromkeys(str(pair.signer.label) for pair in pairs)
        recipients = dict.fromkeys(str(pair.recipient.label) for pair in pairs)
        first, last = self._first_and_last(signers, recipients)
        return BatchRow(
            key=short_hash(name),
            name=name,
            letter_count=len(letters),
            pending_count=len(waiting),
            unchanged_count=sum(not self.has_changed(planned) for planned in waiting),
            changed_count=sum(map(self.has_changed, letters)),
            first_pile=first,
            last_pile=last,
        )

    def _first_and_last(
        self, signers: Collection[str], recipients: Collection[str]
    ) -> tuple[str, str]:
        """Return the first and the last name of the side whose letters lie together.

        A file by signer has few of the signers and all recipients; one of everything is by signer,
        as files usually are.
        """
        kinds = Counter(one.kind for one in self._people.values())
        by_signer = len(signers) * kinds["recipient"] <= len(recipients) * kinds["signer"]
        names = [*(signers if by_signer else recipients)]
        return names[0], names[-1]

    def unchanged_pending_letters(self, key: str) -> list[str]:
        """Return the letters of a batch that wait to be marked as printed, and did not change."""
        due = ((i, self.plans[i]) for i in self.letters_in_batch(key))
        return [
            i for i, one in due if self.is_pending(one, "Printed") and not self.has_changed(one)
        ]


def newest_first(batches: Iterable[PrintedBatch]) -> list[PrintedBatch]:
    """Return batches, the newest first, those of one run by their number."""
    return sorted(sorted(batches), key=lambda batch: batch.moment, reverse=True)


# Short ids as people and scanners type them.


def split_typed_ids(text: str) -> list[str]:
    """Return what was typed, piece by piece, as the ids are written: `#832F, 0a1b`, two ids."""
    pieces = folded(text).replace(",", " ").replace(";", " ").split()
    return [*dict.fromkeys(filter(None, (piece.strip("#.") for piece in pieces)))]


def match_typed_ids(typed: Iterable[str], ids: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the letters whose ids begin as typed, and what is no single letter's.

    What is shorter than any id on a sheet is no id: a key that was hit by chance.
    """
    found, asked = dict[str, None](), list[str]()
    for piece in typed:
        alike = [*ids_starting_with(piece, ids)]
        if len(alike) == 1 and len(piece) >= MIN_ID_DIGITS:
            found[alike[0]] = None
        else:
            asked.append(piece)
    return [*found], asked


def ids_starting_with(piece: str, ids: Collection[str]) -> Iterator[str]:
    """Yield the ids that begin so."""
    if piece in ids:
        yield piece
        return
    yield from (letter_id for letter_id in ids if letter_id.startswith(piece))
