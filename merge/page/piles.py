"""Letters as they lie on a table: by signer, by recipient, by batch; what each waits for. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from merge.campaign.plan import LetterPlan
from merge.campaign.view import View
from merge.model import Person
from merge.naming import folded, short_hash
from merge.printing.addresses import FEWEST_DIGITS, digits_needed
from merge.register.model import STAGES, StageValue


@dataclass(frozen=True, slots=True)
class PileLetter:
    """A letter on the table: the short id that stands on its sheet, whose it is, its stages.

    `is_due`: it waits for the stage at hand. `batch` is the one that it was last put into; it may
    have changed since.
    """

    id: str
    short: str
    signer: str
    recipient: str
    stages: Mapping[str, StageValue]
    is_made: bool
    is_due: bool = False
    batch: str = ""
    has_changed: bool = False


@dataclass(frozen=True, slots=True)
class Heap:
    """Letters that wait together: of a person, or in a batch; `key` says nothing of them."""

    key: str
    name: str
    waiting: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch: its letters, how many wait to be marked as printed, how many changed since.

    `unchanged` wait and are what was printed. `first` and `last` name whose piles lie in it.
    """

    key: str
    name: str
    letters: int
    waiting: int
    unchanged: int
    changed: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A short id that was typed and is no single letter's: several letters', or nobody's."""

    typed: str
    letters: tuple[PileLetter, ...] = ()


class Piles:
    """The letters of a view, to be looked up by what stands on the sheet, by person, by batch."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.plans: Mapping[str, LetterPlan] = {p.known.id: p for p in view.letters}
        self._digits = digits_needed(self.plans)
        self._again = frozenset(view.print_again)

    def row(self, letter_id: str, stage: str = "") -> PileLetter:
        """Return a letter; `stage` is the one at hand. KeyError where there is none."""
        planned = self.plans[letter_id]
        pair = planned.step.letter.pair
        return PileLetter(
            id=letter_id,
            short=letter_id[: self._digits],
            signer=str(pair.signer.label),
            recipient=str(pair.recipient.label),
            stages={name: planned.stages[name] for name in STAGES if name in planned.stages},
            is_made=bool(planned.place or planned.stages),
            is_due=bool(stage) and self.is_due(planned, stage),
            batch=self._view.batches.get(letter_id, ""),
            has_changed=self.has_changed(planned),
        )

    def has_changed(self, planned: LetterPlan) -> bool:
        """Return whether a letter is not any more what was put into its batch."""
        if not (self._again and planned.place):
            return False
        folder = self._view.campaign.folder
        return Path(planned.place).relative_to(folder).as_posix() in self._again

    def is_due(self, planned: LetterPlan, stage: str) -> bool:
        """Return whether a letter has reached the stage before this one, and no later one."""
        number = STAGES.index(stage)
        if not planned.stages.keys().isdisjoint(STAGES[number:]):
            return False
        if number:
            return STAGES[number - 1] in planned.stages
        return bool(planned.place) and planned.known.id in self._view.batches

    def of_person(self, key: str) -> list[str]:
        """Return the letters that a person signs or gets, by the hash of the person."""
        person = self._view.campaign.identity.person
        pairs = ((i, planned.step.letter.pair) for i, planned in self.plans.items())
        return [i for i, pair in pairs if key in {person(pair.signer), person(pair.recipient)}]

    def of_batch(self, key: str) -> list[str]:
        """Return the letters that were last put into a batch."""
        name = next((name for name in self._batch_names if short_hash(name) == key), None)
        return [i for i in self.plans if name and self._view.batches.get(i) == name]

    def name_of(self, key: str) -> str:
        """Return what a person or a batch is called; empty where there is none."""
        if person := self._people.get(key):
            return str(person.label)
        return next((name for name in self._batch_names if short_hash(name) == key), "")

    @cached_property
    def _batch_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._view.batches.values()))

    @cached_property
    def _people(self) -> Mapping[str, Person]:
        """Everybody who signs or gets a letter, by a hash."""
        identity, found = self._view.campaign.identity, dict[str, Person]()
        for planned in self._view.letters:
            for person in (planned.step.letter.pair.signer, planned.step.letter.pair.recipient):
                found.setdefault(identity.person(person), person)
        return found

    def people_called(self, typed: str) -> list[str]:
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

    def people(self) -> list[str]:
        """Return what everybody is called, each once."""
        return [*dict.fromkeys(str(one.label) for one in self._people.values())]

    def heaps(self, stage: str) -> list[Heap]:
        """Return what waits for a stage, as it lies: to be marked by batch, signer, recipient."""
        due = [planned for planned in self._view.letters if self.is_due(planned, stage)]
        if stage == "Printed":
            names = Counter(self._view.batches[planned.known.id] for planned in due)
            batches = sorted(names.items(), key=lambda one: batch_order(one[0]))
            return [Heap(short_hash(name), name, number) for name, number in batches]
        identity, found = self._view.campaign.identity, Counter[str]()
        for planned in due:
            pair = planned.step.letter.pair
            found[identity.person(pair.signer if stage == "Signed" else pair.recipient)] += 1
        return [Heap(key, self.name_of(key), number) for key, number in found.items()]

    def waiting(self, stage: str) -> int:
        """Return how many letters wait for a stage."""
        return sum(self.is_due(planned, stage) for planned in self._view.letters)

    def batches(self) -> list[BatchRow]:
        """Return the batches that letters were put into, the newest first."""
        letters, waiting, unchanged, changed = (Counter[str]() for _ in range(4))
        people: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        for letter_id, name in self._view.batches.items():
            if planned := self.plans.get(letter_id):
                is_due, differs = self.is_due(planned, "Printed"), self.has_changed(planned)
                letters[name] += 1
                waiting[name] += is_due
                unchanged[name] += is_due and not differs
                changed[name] += differs
                pair = planned.step.letter.pair
                signers, recipients = people.setdefault(name, ({}, {}))
                signers[str(pair.signer.label)] = recipients[str(pair.recipient.label)] = None
        return [
            BatchRow(
                *(short_hash(name), name, letters[name]),
                *(waiting[name], unchanged[name], changed[name]),
                *_first_and_last(*people[name]),
            )
            for name in sorted(letters, key=batch_order)
        ]

    def printed_as_it_is(self, key: str) -> list[str]:
        """Return the letters of a batch that wait to be marked as printed, and did not change."""
        due = ((i, self.plans[i]) for i in self.of_batch(key))
        return [i for i, one in due if self.is_due(one, "Printed") and not self.has_changed(one)]


def _first_and_last(signers: Iterable[str], recipients: Iterable[str]) -> tuple[str, str]:
    """Return the first and the last name of the side that has fewer: its letters lie together."""
    names = min([*signers], [*recipients], key=len)
    return names[0], names[-1]


def batch_order(name: str) -> tuple[float, str]:
    """Return the key that sorts batches: the newest first, those of one run by their number."""
    _number, _, when = name.partition(", ")
    for form in ("%d %b %Y, %H.%M", "%d %b %Y, %H.%M.%S"):
        with suppress(ValueError):
            at = dt.datetime.strptime(when, form).replace(tzinfo=dt.UTC)
            return -at.timestamp(), name
    return 0.0, name


# Short ids as people and scanners type them.


def typed_ids(text: str) -> list[str]:
    """Return what was typed, piece by piece, as the ids are written: `#832F, 0a1b`, two ids."""
    pieces = folded(text).replace(",", " ").replace(";", " ").split()
    return [*dict.fromkeys(filter(None, (piece.strip("#.") for piece in pieces)))]


def find_letters(typed: Iterable[str], ids: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the letters whose ids begin as typed, and what is no single letter's.

    What is shorter than any id on a sheet is no id: a key that was hit by chance.
    """
    found, asked = dict[str, None](), list[str]()
    for piece in typed:
        alike = [*matching(piece, ids)]
        if len(alike) == 1 and len(piece) >= FEWEST_DIGITS:
            found[alike[0]] = None
        else:
            asked.append(piece)
    return [*found], asked


def matching(piece: str, ids: Collection[str]) -> Iterator[str]:
    """Yield the ids that begin so."""
    if piece in ids:
        yield piece
        return
    yield from (letter_id for letter_id in ids if letter_id.startswith(piece))
