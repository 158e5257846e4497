"""Collects what happened to the letters, for the register."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_register import CampaignRegister
from merge.letter_status import STATE_LABELS, WRITTEN_STATES, LetterState, LetterStep
from merge.people import Pair
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.register.entries import NO_LONGER_NEEDED, KnownCells, RegisterEntry, RevertedEdit
from merge.state.ledger import Ledger, chunks
from merge.state.ledger_records import LetterRecord

_TRANSIENT_STATES: frozenset[LetterState] = frozenset({"in-use", "faulty"})
"""States that say nothing about a file: the row keeps its value."""
_UNCHANGED = STATE_LABELS["unchanged"]


def _state_text(step: LetterStep, *, done: bool) -> str:
    """Return the register's status text of a letter; `done` after its step."""
    if done and step.state in WRITTEN_STATES:
        return _UNCHANGED
    return "" if step.state in _TRANSIENT_STATES else step.label


def overwritten_text_problem(typed: RevertedEdit, cell: str) -> Problem:
    """Return the warning of a text that was typed over the program's cell.

    `cell` is the cell that staff should change instead.
    """
    fields = {"value": typed.value, "heading": typed.heading}
    if cell:
        return messages.problem("register-typed", typed.place, cell=cell, **fields)
    key = f"register-typed/{_VARIANT_BY_HEADING.get(typed.heading, 'other')}"
    return messages.problem(key, typed.place, **fields)


_VARIANT_BY_HEADING = {
    "Status": "stage",
    "File": "file",
    "Created on": "date",
}
"""Variants of the warning's message by the heading of the column."""


class RegisterFeed:
    """A collector of what happened to the letters, for the register.

    Only letters that are not in their usual state are kept in memory.
    """

    def __init__(
        self,
        campaign: Campaign,
        ledger: Ledger,
        wanted_ids: AbstractSet[int],
        register: CampaignRegister | None,
    ) -> None:
        self._campaign, self._ledger, self._wanted_ids = campaign, ledger, wanted_ids
        self._register = register
        self._steps: dict[str, tuple[str, LetterStep, str]] = {}
        self._count = 0
        self._is_partial = False
        self._digest = hashlib.sha256()
        self._any_printed = ledger.has_print_records()
        self._lost_letters: list[str] = []
        """Letters without a pair whose file is missing as well.

        The ledger is about to delete their records.
        """

    def add(self, step: LetterStep, *, current_path: str | None = None) -> None:
        """Add a letter's step, for the letter's row in the register.

        If its step was not carried out, `current_path` is the path of its file.
        """
        done = current_path is None
        state, letter = _state_text(step, done=done), step.letter
        self._count += 1
        if state != _UNCHANGED:
            self._steps[letter.id] = (state, step, current_path or str(letter.path))
        pair = letter.pair
        people = (pair.signer.label, pair.recipient.label)
        batch, cells = self._batch(letter.id) or "", str(self._cells(letter.id))
        values = (letter.id, *people, str(letter.path), state, batch, cells)
        self._digest.update("\0".join(values).encode(errors="surrogatepass"))

    def write_to(
        self,
        register: CampaignRegister,
        orphans: Iterable[tuple[str, str, str]] = (),
        *,
        is_partial: bool = False,
    ) -> list[Problem]:
        """Update the register; return the problems to report.

        `orphans` are letters without a pair: the ID, the new path, the reason why it stays.
        `is_partial` means that only the first pairs of the workbook were examined: the rows of the
        others keep their values.
        """
        self._is_partial = is_partial
        if is_partial:
            self._digest.update(b"in part")
        for letter_id, to, why in orphans:
            self._digest.update(f"{letter_id}{to}{why}".encode(errors="surrogatepass"))
            self._lost_letters += [] if to or why else [letter_id]
        problems, reverted_edits = register.update(self._entries, self._digest.hexdigest())
        return [
            *problems,
            *(
                overwritten_text_problem(reverted_edit, self._workbook_cell(reverted_edit))
                for reverted_edit in reverted_edits
            ),
        ]

    def _entries(self) -> Iterator[RegisterEntry]:
        """Yield every letter ever created, first those of the present pairs."""
        letter_id_of, numbers = self._campaign.identity.letter_id, itertools.count()
        for chunk in chunks((letter_id_of(pair), pair) for pair in self._campaign.workbook.pairs()):
            stored = self._ledger.letters_by_id([letter_id for letter_id, _ in chunk])
            for letter_id, pair in chunk:
                is_unseen = self._is_partial and next(numbers) >= self._count
                entry = self._entry(letter_id, pair, stored.get(letter_id), unseen=is_unseen)
                if entry:
                    yield entry
        lost_letters = {*self._lost_letters}
        unpaired_ids = [
            i
            for i in self._ledger.letter_ids()
            if int(i, 16) not in self._wanted_ids
            and i not in lost_letters
            and not self._ledger.state.was_deleted(i)  # its row was deleted on purpose
        ]
        for record in filter(
            None, map(self._ledger.letter, unpaired_ids if self._wanted_ids else ())
        ):
            file = f"{LETTERS_FOLDER}/{record.path}"
            yield RegisterEntry(
                record.id, file=file, state=NO_LONGER_NEEDED, known=self._cells(record.id)
            )
        for letter_id in filter(self._has_row, self._lost_letters):
            known = self._cells(letter_id)
            yield RegisterEntry(letter_id, state=NO_LONGER_NEEDED, known=known)

    def _has_row(self, letter_id: str) -> bool:
        return self._register is not None and letter_id in self._register.register.rows

    def _entry(
        self, letter_id: str, pair: Pair, known: LetterRecord | None, *, unseen: bool
    ) -> RegisterEntry | None:
        identity = self._campaign.identity
        if known is None:  # it was never created, or the ledger was lost: its row stays as it is
            unchanged_row = RegisterEntry(letter_id, known=self._cells(letter_id))
            return unchanged_row if self._has_row(letter_id) else None
        default = ("" if unseen else _UNCHANGED, None, known.path)
        state, step, path = self._steps.get(known.id, default)
        of_others = self._register is not None and self._register.belongs_to_others(known.id)
        is_in_question = of_others or identity.is_in_question(pair)
        return RegisterEntry(
            id=known.id,
            signer="" if is_in_question else str(pair.signer.label),
            recipient="" if is_in_question else str(pair.recipient.label),
            signer_id=identity.person_id(pair.signer),
            recipient_id=identity.person_id(pair.recipient),
            file=f"{LETTERS_FOLDER}/{path}",
            state=state,
            created_on=None if is_in_question else known.day,
            batch=self._batch(known.id),
            is_printed=unseen if step is None else step.state == "on-paper",
            known=self._cells(known.id),
        )

    def _cells(self, letter_id: str) -> KnownCells | None:
        """Return the values for the cells of staff in a letter's row, if known."""
        return self._register.cells(letter_id) if self._register else None

    def _batch(self, letter_id: str) -> str | None:
        printed = self._ledger.last_print(letter_id) if self._any_printed else None
        return str(printed.batch) if printed else None

    def _workbook_cell(self, typed: RevertedEdit) -> str:
        """Return the workbook's cell that the register repeats, or an empty text."""
        return self._name_cells.get((typed.heading, typed.id), "")

    @cached_property
    def _name_cells(self) -> dict[tuple[str, str], str]:
        """Cells of names, by the register's heading and the ID in the row.

        It is the ID of a letter or a person.
        """
        book, identity = self._campaign.workbook, self._campaign.identity
        cells_by_id: dict[tuple[str, str], str] = {}
        for heading, sheet in (("Signer", book.signers), ("Recipient", book.recipients)):
            cells = {p.key: str(p.place("name")) for p in sheet.persons}
            cells_by_id |= {(heading, identity.person_id(p)): cells[p.key] for p in sheet.persons}
            for pair in book.pairs():
                person = pair.signer if heading == "Signer" else pair.recipient
                cells_by_id[heading, identity.letter_id(pair)] = cells[person.key]
        return cells_by_id
