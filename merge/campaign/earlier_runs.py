"""Who people were at earlier runs, and which IDs have letters, as register and ledger say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from merge.disk import file_state
from merge.errors import MergeError
from merge.naming import short_hash
from merge.people import SheetKind
from merge.product import LETTERS_FOLDER
from merge.register.entries import NO_LONGER_WANTED, LetterRow
from merge.register.reading import Register, read_register
from merge.state.identity import PersonHashes, PersonHistory, RegisteredPerson
from merge.state.ledger import Ledger, ledger_to_read
from merge.text.folding import folded

_SHEETS: tuple[SheetKind, ...] = ("signer", "recipient")


def names_by_person(register: Register) -> dict[tuple[SheetKind, str], str]:
    """Return the names of people by kind and id: of their own sheets, else of letters' rows."""
    known = ((kind, *each) for kind in _SHEETS for each in register.names_of_people(kind))
    return {(kind, own): name for kind, own, name in known if own}


class EarlierRuns(PersonHistory):
    """What register and ledger know of people; a register that cannot be read says nothing."""

    def __init__(self, register: Path, letters: Path, ledger: Ledger) -> None:
        self._path, self._folder, self._ledger = register, letters, ledger
        self.salt = ledger.salt

    @cached_property
    def _register(self) -> Register:
        try:
            return read_register(self._path)
        except MergeError:
            return Register()

    @cached_property
    def _labels(self) -> dict[tuple[SheetKind, str], str]:
        """The names by kind and id."""
        return names_by_person(self._register)

    def label(self, kind: SheetKind, person_id: str) -> str:
        """Return the name that somebody had at the last run; empty where nobody knows."""
        return self._labels.get((kind, person_id), "")

    def registered_people(self) -> Iterable[RegisteredPerson]:
        """Return everybody who has letters in the register that are wanted."""
        letters, on_paper = Counter[tuple[SheetKind, str]](), Counter[tuple[SheetKind, str]]()
        for letter_id, row in self._register.rows.items():
            if row.state != NO_LONGER_WANTED:
                both = _people_in_row(row)
                letters.update(both)
                on_paper.update(both if self._register.is_printed(letter_id) else ())
        return [
            RegisteredPerson(*who, self.label(*who), count, on_paper[who])
            for who, count in letters.items()
        ]

    def has_protected_letters(self, kind: SheetKind, person_id: str) -> bool:
        """Return whether letters of somebody's are on paper, in a batch, or edited."""
        if (kind, person_id) in self._people_with_fixed_letters:
            return True
        others = (someone.id for someone in self._ledger.people() if someone.kind != kind)
        pairs = ((person_id, other) for other in others)
        letters = (short_hash(*(pair if kind == "signer" else pair[::-1])) for pair in pairs)
        return any(
            letter_id in self._fixed_letters or self._has_changed_file(letter_id)
            for letter_id in letters
        )

    @cached_property
    def _people_with_fixed_letters(self) -> set[tuple[SheetKind, str]]:
        """Those with letters that are on paper, in a batch or edited, as the register has it."""
        return {
            who
            for letter_id, row in self._register.rows.items()
            if row.batch or row.state.startswith("edited") or self._register.is_printed(letter_id)
            for who in _people_in_row(row)
        }

    @cached_property
    def _fixed_letters(self) -> set[str]:
        return self._ledger.protected_letter_ids()

    def _has_changed_file(self, letter_id: str) -> bool:
        """Return whether a letter's file is not the one any more that the last run left."""
        known = self._ledger.letter(letter_id)
        at = file_state(str(self._folder / known.path)) if known else None
        return known is not None and at is not None and at != known.file_state


def _people_in_row(row: LetterRow) -> list[tuple[SheetKind, str]]:
    both: list[tuple[SheetKind, str]] = [("signer", row.signer_id), ("recipient", row.recipient_id)]
    return [who for who in both if who[1]]


# Signers of the list, by their IDs.

_MAX_NUMBERS = 20_000
"""Numbers that are tried."""


def next_free_number(folder: Path, first: int) -> int:
    """Return the number from which on no signer has letters under an ID such as F12.

    A list that was restored, or deleted and created again, would give such IDs to other people.
    """
    letters = folder / LETTERS_FOLDER
    with suppress(MergeError), ledger_to_read(letters) as ledger:
        keys, hashes = _signer_ids(ledger).keys(), PersonHashes(ledger.salt)
        numbers = range(first, first + _MAX_NUMBERS) if keys else ()
        used = (n for n in numbers if hashes.key_from_text("signer", f"id:f{n}") in keys)
        return max((n + 1 for n in used), default=first)
    return first


def count_printed_letters(folder: Path, ids: Collection[str]) -> dict[str, int]:
    """Return how many printed letters signers have, by the IDs of those who have any."""
    letters, found = folder / LETTERS_FOLDER, dict[str, int]()
    if not ids:
        return found
    with suppress(MergeError), ledger_to_read(letters) as ledger:
        printed = {letter for letter, stages in ledger.register_stages().items() if stages}
        others = [person.id for person in ledger.people() if person.kind == "recipient"]
        signers, hashes = _signer_ids(ledger), PersonHashes(ledger.salt)
        for own in ids if printed else ():
            signer = signers.get(hashes.key_from_text("signer", f"id:{folded(own)}"), "")
            number = sum(short_hash(signer, other) in printed for other in others) if signer else 0
            found |= {own: number} if number else {}
    return found


def _signer_ids(ledger: Ledger) -> dict[str, str]:
    """Return the ids of signers who have letters, by their keys."""
    return {person.key: person.id for person in ledger.people() if person.kind == "signer"}
