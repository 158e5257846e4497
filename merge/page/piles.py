"""Piles of letters by signer, recipient or print file, and their stages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from merge.campaign.campaign_files import print_file_label
from merge.campaign.letter_plan import LetterPlan
from merge.campaign.overview import CampaignOverview
from merge.campaign.tracking import join_spaced_numbers, looks_like_number
from merge.naming import MIN_ID_DIGITS, short_hash
from merge.people import Person, SheetKind
from merge.register.entries import StageValue
from merge.register.layouts import STAGES
from merge.state.ledger_records import PrintedBatch
from merge.text.folding import folded


@dataclass(frozen=True, slots=True)
class PileLetter:
    """A letter of a pile, with its people and stages.

    `short_id` is on its sheet. `is_pending`: it waits for the current stage. `batch` is the print
    file that it was last added to. It may have changed since.
    """

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
    """Pending letters of one person or print file; `key` is opaque.

    `done_count` of the `letter_count` letters have reached the stage.
    """

    key: str
    name: str
    pending_count: int = 0
    done_count: int = 0
    letter_count: int = 0


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A print file as the page lists it, with the numbers of its letters.

    `pending_count` are not marked as printed yet. `unchanged_count` of them are as they were
    printed. `first_pile` and `last_pile` are the names of its first and last pile.
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
    """The letters of a campaign by short ID, person and print file."""

    def __init__(self, view: CampaignOverview) -> None:
        self._view = view
        self.plans: Mapping[str, LetterPlan] = {p.record.id: p for p in view.letters}
        self._changed_paths = frozenset(view.print_again)

    def pile_letter(self, letter_id: str, stage: str = "") -> PileLetter:
        """Return a letter with facts for a stage; raise KeyError if unknown."""
        planned = self.plans[letter_id]
        pair = planned.step.letter.pair
        return PileLetter(
            id=letter_id,
            short_id=self._view.campaign.short_id(letter_id),
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
        """Return whether a letter changed after it was added to its print file."""
        if not (self._changed_paths and planned.file_path):
            return False
        folder = self._view.campaign.folder
        return Path(planned.file_path).relative_to(folder).as_posix() in self._changed_paths

    def is_pending(self, planned: LetterPlan, stage: str) -> bool:
        """Return whether a letter waits for a stage: it reached the one before."""
        number = STAGES.index(stage)
        if not planned.stages.keys().isdisjoint(STAGES[number:]):
            return False
        if number:
            return STAGES[number - 1] in planned.stages
        return bool(planned.file_path) and planned.record.id in self._view.batches

    def letters_of_person(self, key: str) -> list[str]:
        """Return the IDs of a signer's or recipient's letters, by person hash."""
        person = self._view.campaign.identity.person_id
        pairs = ((letter_id, planned.step.letter.pair) for letter_id, planned in self.plans.items())
        return [
            letter_id
            for letter_id, pair in pairs
            if key in {person(pair.signer), person(pair.recipient)}
        ]

    def letters_in_batch(self, key: str) -> list[str]:
        """Return the IDs of letters that were last put into a print file."""
        batch = self._batches.get(key)
        return [
            letter_id
            for letter_id in self.plans
            if batch and self._view.batches.get(letter_id) == batch
        ]

    def display_name(self, key: str) -> str:
        """Return the name of a person or batch by key, or an empty text."""
        if person := self._people.get(key):
            return str(person.label)
        return str(self._batches.get(key, ""))

    @cached_property
    def _batches(self) -> Mapping[str, PrintedBatch]:
        """The print files, by a hash of their names."""
        return {short_hash(str(batch)): batch for batch in {*self._view.batches.values()}}

    @cached_property
    def _people(self) -> Mapping[str, Person]:
        """All signers and recipients of letters, by the hash of the person."""
        identity, people = self._view.campaign.identity, dict[str, Person]()
        for planned in self._view.letters:
            for person in (planned.step.letter.pair.signer, planned.step.letter.pair.recipient):
                people.setdefault(identity.person_id(person), person)
        return people

    def find_people(self, typed: str) -> list[str]:
        """Return the hashes of the people who have a name or ID.

        If there are none, return those whose name contains it.
        """
        wanted = folded(typed)
        if not wanted:
            return []
        people = self._people.items()
        exact_matches = [
            key
            for key, person in people
            if wanted in {folded(person.name), folded(person.label), folded(person.id)}
        ]
        return exact_matches or [key for key, person in people if wanted in folded(person.label)]

    def letters_with_number(self, typed: str) -> list[str]:
        """Return the IDs of the letters with a tracking number, spaces ignored."""
        wanted = "".join(folded(typed).split())
        numbers = self._view.tracking_numbers.items()
        return [i for i, number in numbers if wanted and wanted == "".join(folded(number).split())]

    def people_names(self) -> list[str]:
        """Return the names of all people, each once."""
        return [*dict.fromkeys(str(person.label) for person in self._people.values())]

    def groups(self, stage: str) -> list[PendingGroup]:
        """Return the letters in the groups in which they are marked at a stage.

        They are grouped by batch, signer or recipient.
        """
        batches = self._letters_by_batch
        by_key = (
            {short_hash(str(batch)): batches[batch] for batch in newest_first(batches)}
            if stage == "Printed"
            else self._letters_by_person("signer" if stage == "Signed" else "recipient")
        )
        reached = STAGES[STAGES.index(stage) :]
        return [
            PendingGroup(
                key=key,
                name=self.display_name(key),
                pending_count=sum(self.is_pending(planned, stage) for planned in letters),
                done_count=sum(not p.stages.keys().isdisjoint(reached) for p in letters),
                letter_count=len(letters),
            )
            for key, letters in by_key.items()
        ]

    def _letters_by_person(self, kind: SheetKind) -> dict[str, list[LetterPlan]]:
        """Return the letters that were created, by the hash of a person."""
        identity, letters = self._view.campaign.identity, dict[str, list[LetterPlan]]()
        for planned in self._view.letters:
            if planned.file_path or planned.stages:
                pair = planned.step.letter.pair
                person = pair.signer if kind == "signer" else pair.recipient
                letters.setdefault(identity.person_id(person), []).append(planned)
        return letters

    @cached_property
    def _letters_by_batch(self) -> dict[PrintedBatch, list[LetterPlan]]:
        """The letters in print files."""
        letters: dict[PrintedBatch, list[LetterPlan]] = {}
        for letter_id, planned in self.plans.items():
            if batch := self._view.batches.get(letter_id):
                letters.setdefault(batch, []).append(planned)
        return letters

    def count_pending(self, stage: str) -> int:
        """Return the number of letters that wait for a stage."""
        return sum(self.is_pending(planned, stage) for planned in self._view.letters)

    def batch_rows(self) -> list[BatchRow]:
        """Return the batches that have letters, the newest first."""
        batches = self._letters_by_batch
        return [self._batch_row(batch, batches[batch]) for batch in newest_first(batches)]

    def _batch_row(self, batch: PrintedBatch, letters: Sequence[LetterPlan]) -> BatchRow:
        name, label = str(batch), print_file_label(self._view.campaign.folder, batch)
        waiting = [planned for planned in letters if self.is_pending(planned, "Printed")]
        pairs = [planned.step.letter.pair for planned in letters]
        signers = dict.fromkeys(str(pair.signer.label) for pair in pairs)
        recipients = dict.fromkeys(str(pair.recipient.label) for pair in pairs)
        first, last = self._first_and_last(signers, recipients)
        return BatchRow(
            key=short_hash(name),
            name=label,
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
        """Return the first and last name of the side that the piles are for.

        A file by signer has few signers and all recipients. A file with everything is by signer, as
        files usually are.
        """
        kinds = Counter(person.kind for person in self._people.values())
        by_signer = len(signers) * kinds["recipient"] <= len(recipients) * kinds["signer"]
        names = [*(signers if by_signer else recipients)]
        return names[0], names[-1]

    def unchanged_pending_letters(self, key: str) -> list[str]:
        """Return the unchanged letters of a batch that are not marked as printed."""
        letters = ((letter_id, self.plans[letter_id]) for letter_id in self.letters_in_batch(key))
        return [
            letter_id
            for letter_id, planned in letters
            if self.is_pending(planned, "Printed") and not self.has_changed(planned)
        ]


def newest_first(batches: Iterable[PrintedBatch]) -> list[PrintedBatch]:
    """Return print files, the newest first; files of one run by number."""
    return sorted(sorted(batches), key=lambda batch: batch.moment, reverse=True)


# Short IDs, as people and scanners type them


def split_typed_ids(text: str) -> list[str]:
    """Return typed short IDs in their usual form: `#832F, 0a1b` are two."""
    pieces = folded(text).replace(",", " ").replace(";", " ").split()
    return [*dict.fromkeys(filter(None, (piece.strip("#.") for piece in pieces)))]


def match_typed_ids(typed: Iterable[str], ids: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the letters with typed IDs, and texts that match no one letter.

    Text that is shorter than any printed short ID is not an ID: a key was hit by accident.
    """
    matched, unmatched = dict[str, None](), list[str]()
    for piece in typed:
        candidates = [*ids_starting_with(piece, ids)]
        if len(candidates) == 1 and len(piece) >= MIN_ID_DIGITS:
            matched[candidates[0]] = None
        else:
            unmatched.append(piece)
    return [*matched], unmatched


@dataclass(slots=True)
class TypedLetters:
    """Letters with typed short IDs, and the tracking numbers after them.

    `letters` are tracking numbers by letter ID, mostly empty. `unmatched` are texts that match no
    one letter. `lone_number` is a tracking number before which there was no ID. `last_letter` is
    the letter whose ID was typed last; empty if that ID matches no one letter.
    """

    letters: dict[str, str] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    lone_number: str = ""
    last_letter: str = ""

    @property
    def is_lone_number(self) -> bool:
        """Whether nothing but a tracking number was typed."""
        return bool(self.lone_number) and not (self.letters or self.unmatched)

    def add_number(self, letter_id: str, number: str) -> None:
        """Add a letter with its tracking number, unless it has another one."""
        earlier = self.letters.setdefault(letter_id, number)
        if not earlier:
            self.letters[letter_id] = number
        elif number not in {"", earlier}:
            self.unmatched.append(number)

    @property
    def marks(self) -> tuple[str, ...]:
        """The letters as an order to mark has them: IDs, each with its number."""
        return tuple(f"{letter_id} {number}".strip() for letter_id, number in self.letters.items())


def read_typed_letters(text: str, ids: Collection[str], *, has_numbers: bool) -> TypedLetters:
    """Return the letters of typed short IDs: `f6ea4 RR123456785DE 0a1b`.

    A word with many digits is a tracking number unless a letter's ID begins like it.
    """
    typed = TypedLetters()
    if not has_numbers:
        matched, typed.unmatched = match_typed_ids(split_typed_ids(text), ids)
        typed.letters = dict.fromkeys(matched, "")
        return typed
    numbers, last = dict[str, str](), ""
    for word in join_spaced_numbers(text).replace(",", " ").replace(";", " ").split():
        pieces = split_typed_ids(word)
        if looks_like_number(word) and not any(
            any(ids_starting_with(piece, ids)) for piece in pieces
        ):
            if numbers.setdefault(last, word) not in {"", word}:
                typed.unmatched.append(word)
            numbers[last] = numbers[last] or word
            continue
        for last in pieces:
            numbers.setdefault(last, "")
    typed.lone_number = numbers.pop("", "")
    for piece, number in numbers.items():
        matched, _ = match_typed_ids([piece], ids)
        for letter_id in matched:
            typed.add_number(letter_id, number)
        if not matched:
            typed.unmatched.append(f"{piece} {number}".strip())
        if piece == last:
            typed.last_letter = "".join(matched)
    return typed


def ids_starting_with(piece: str, ids: Collection[str]) -> Iterator[str]:
    """Yield the IDs that begin with a piece of text."""
    if piece in ids:
        yield piece
        return
    yield from (letter_id for letter_id in ids if letter_id.startswith(piece))
