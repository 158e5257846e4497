"""People of earlier runs, and the printed letters of IDs.

The sources are the register and the ledger.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from merge.campaign.created_files import find_letter_files
from merge.campaign.task import NO_PROGRESS
from merge.disk import file_state
from merge.errors import MergeError
from merge.letter_inputs import split_digests
from merge.naming import heading_for_placeholder, short_hash
from merge.people import Person, SheetKind
from merge.product import LETTERS_FOLDER
from merge.register.entries import NO_LONGER_NEEDED, LetterRow
from merge.register.layouts import STAGES
from merge.register.reading import Register, read_register
from merge.state.folder_access import read_file
from merge.state.identity import PersonHistory, RegisteredPerson
from merge.state.ledger import Ledger, ledger_to_read
from merge.state.person_hashes import key_from_text
from merge.template.fingerprint import output_hash
from merge.template.input_digests import changed_fields
from merge.text.folding import folded

_SHEETS: tuple[SheetKind, ...] = ("signer", "recipient")


def names_by_person(register: Register) -> dict[tuple[SheetKind, str], str]:
    """Return the names of people in a register, by kind and ID.

    They come from the sheets of people, or else from the letters' rows.
    """
    names = (
        (kind, *id_and_name) for kind in _SHEETS for id_and_name in register.names_of_people(kind)
    )
    return {(kind, person_id): name for kind, person_id, name in names if person_id}


class RecordedPersonHistory(PersonHistory):
    """The facts about people that the register and the ledger record.

    A register that cannot be read counts as empty.
    """

    def __init__(self, register: Path, letters: Path, ledger: Ledger) -> None:
        self._path, self._folder, self._ledger = register, letters, ledger

    @cached_property
    def _register(self) -> Register:
        try:
            return read_register(self._path)
        except MergeError:
            return Register()

    @cached_property
    def _labels(self) -> dict[tuple[SheetKind, str], str]:
        """The names of people in the register, by kind and ID."""
        return names_by_person(self._register)

    def label(self, kind: SheetKind, person_id: str) -> str:
        """Return a person's name at the last run; empty if that is unknown."""
        return self._labels.get((kind, person_id), "")

    def registered_people(self) -> Iterable[RegisteredPerson]:
        """Return everyone who has letters of present pairs in the register."""
        letters, on_paper = Counter[tuple[SheetKind, str]](), Counter[tuple[SheetKind, str]]()
        for row in self._register.rows.values():
            if row.state != NO_LONGER_NEEDED:
                people = _people_in_row(row)
                letters.update(people)
                on_paper.update(people if row.stages else ())
        return [
            RegisteredPerson(*person, self.label(*person), count, on_paper[person])
            for person, count in letters.items()
        ]

    def protected_letters(self, kind: SheetKind, person_id: str) -> Mapping[str, int]:
        """Return a person's protected letters by what happened, with their number."""
        other_ids = (person.id for person in self._ledger.people() if person.kind != kind)
        pairs = ((person_id, other_id) for other_id in other_ids)
        letters = (short_hash(*(pair if kind == "signer" else pair[::-1])) for pair in pairs)
        labels = {
            letter_id: "Printed or edited" if letter_id in self._fixed_letters else "Edited"
            for letter_id in letters
            if letter_id in self._fixed_letters or self._has_changed_file(letter_id)
        }
        labels |= self._labels_in_register.get((kind, person_id), {})
        if person_id in self._people_with_one_id:
            return {"Of two people": 1}
        if not labels and person_id in self._register.people_with_staff_cells(kind):
            return {"With notes": 1}
        return Counter(labels.values())

    @cached_property
    def _labels_in_register(self) -> dict[tuple[SheetKind, str], dict[str, str]]:
        """The labels of protected letters in the register, by person and letter."""
        labels = defaultdict[tuple[SheetKind, str], dict[str, str]](dict)
        for letter_id, row in self._register.rows.items():
            stages = [stage for stage in STAGES if stage in row.stages]
            label = stages[-1] if stages else "In a print file" if row.batch else ""
            label = label or ("Edited" if row.state.startswith("edited") else "")
            if label := label or ("With notes" if row.has_staff_cells else ""):
                for person in _people_in_row(row):
                    labels[person][letter_id] = label
        return labels

    def changed_cells(self, person: Person, person_id: str) -> Sequence[str]:
        """Return the headings of a person's cells that have changed.

        Only cells that a letter shows are compared, since that letter was created.
        """
        others = [other.id for other in self._ledger.people() if other.kind != person.kind]
        for other_id in others:
            pair = (person_id, other_id) if person.kind == "signer" else (other_id, person_id)
            if record := self._ledger.letter(short_hash(*pair)):
                found = (self._ledger.field_values(d) or {} for d in split_digests(record.inputs))
                old_values = {name: value for fields in found for name, value in fields.items()}
                changed = changed_fields(person, old_values)
                return [heading_for_placeholder(tag) for tag in changed if tag != "name"]
        return ()

    def was_deleted(self, person: Person) -> bool:
        """Return whether the data of a person was deleted in 90 days."""
        return self._ledger.was_person_deleted(person.kind, person.key)

    @cached_property
    def _people_with_one_id(self) -> set[str]:
        return self._ledger.state.clashing_people()

    @cached_property
    def _fixed_letters(self) -> set[str]:
        return self._ledger.protected_letter_ids()

    @cached_property
    def _present_letters(self) -> dict[str, Path]:
        """The files of letters by ID, also of letters that were moved."""
        campaign = self._folder.parent
        found = find_letter_files(campaign, self._ledger, NO_PROGRESS)
        return {letter_id: campaign / path for path, letter_id in found}

    def _has_changed_file(self, letter_id: str) -> bool:
        """Return whether a letter's file was changed since the last run."""
        record = self._ledger.letter(letter_id)
        path = self._folder / record.path if record else None
        state = file_state(str(path)) if path else None
        if record is None or state == record.file_state:
            return False
        if state and record.checked:
            return True
        # another computer wrote it, or it was moved
        path = path if state else self._present_letters.get(letter_id)
        if path is None:
            return False
        output = output_hash(read_file(str(path)) or b"")
        return output != record.output and not self._ledger.state.is_earlier_version(
            letter_id, output
        )


def _people_in_row(row: LetterRow) -> list[tuple[SheetKind, str]]:
    people: list[tuple[SheetKind, str]] = [
        ("signer", row.signer_id),
        ("recipient", row.recipient_id),
    ]
    return [person for person in people if person[1]]


# Signers of the list, by their IDs.


def count_printed_letters(folder: Path, ids: Collection[str]) -> dict[str, int]:
    """Return the number of printed letters of signers, by ID.

    Signers without printed letters are not included.
    """
    letters, counts = folder / LETTERS_FOLDER, dict[str, int]()
    if not ids:
        return counts
    with suppress(MergeError), ledger_to_read(letters) as ledger:
        printed = {letter for letter, stages in ledger.state.marked_letters().items() if stages}
        other_ids = [person.id for person in ledger.people() if person.kind == "recipient"]
        signers = _signer_ids(ledger)
        for signer_id in ids if printed else ():
            signer = signers.get(key_from_text("signer", f"id:{folded(signer_id)}"), "")
            number = (
                sum(short_hash(signer, other_id) in printed for other_id in other_ids)
                if signer
                else 0
            )
            counts |= {signer_id: number} if number else {}
    return counts


def _signer_ids(ledger: Ledger) -> dict[str, str]:
    """Return the IDs of signers with letters, by the signers' keys."""
    return {person.key: person.id for person in ledger.people() if person.kind == "signer"}
