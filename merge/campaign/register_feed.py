"""What became of the letters, collected for the register."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_register import CampaignRegister
from merge.letter_status import STATE_LABELS, WRITTEN_STATES, LetterState, Step
from merge.people import Pair
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.register.entries import NO_LONGER_WANTED, RegisterEntry, RevertedEdit
from merge.register.layouts import counted_stages
from merge.state.ledger import Ledger, chunks
from merge.state.ledger_records import LetterRecord

_TRANSIENT_STATES: frozenset[LetterState] = frozenset({"in-use", "faulty"})
"""States that say nothing of what is in a file: the row keeps what it says."""
_UNCHANGED = STATE_LABELS["unchanged"]


def _state_text(step: Step, *, done: bool) -> str:
    """Return what the register says of a letter; `done` where its step was carried out."""
    if done and step.state in WRITTEN_STATES:
        return _UNCHANGED
    return "" if step.state in _TRANSIENT_STATES else step.label


def overwritten_text_problem(typed: RevertedEdit, cell: str) -> Problem:
    """Return the warning of a text typed where the program writes; `cell` is what to change."""
    fields = {"value": typed.value, "heading": typed.heading}
    if cell:
        return messages.problem("register-typed", typed.place, cell=cell, **fields)
    key = f"register-typed/{_VARIANT_BY_HEADING.get(typed.heading, 'other')}"
    return messages.problem(key, typed.place, **fields)


_VARIANT_BY_HEADING = {"State": "stage", "Counts as": "stage", "File": "file", "Made on": "date"}
"""Variants of the warning's message by the heading of the column."""


class RegisterFeed:
    """Collects for the register what became of the letters; only the extraordinary is held."""

    def __init__(
        self,
        campaign: Campaign,
        ledger: Ledger,
        wanted_ids: AbstractSet[int],
        register: CampaignRegister | None,
    ) -> None:
        self._campaign, self._ledger, self._wanted_ids = campaign, ledger, wanted_ids
        self._register = register
        self._steps: dict[str, tuple[str, Step, str]] = {}
        self._count = 0
        self._is_partial = False
        self._digest = hashlib.sha256()
        self._any_printed = ledger.has_print_records()
        self._lost_letters: list[str] = []
        """Letters without a pair whose file is gone as well: the ledger is about to forget them."""

    def add(self, step: Step, *, current_path: str | None = None) -> None:
        """Take what happened to a letter; if its step was not carried out, it `current_path` a path."""  # noqa: E501
        done = current_path is None
        state, letter = _state_text(step, done=done), step.letter
        self._count += 1
        if state != _UNCHANGED:
            self._steps[letter.id] = (state, step, current_path or str(letter.path))
        pair = letter.pair
        people = (pair.signer.label, pair.recipient.label)
        batch, counts = self._batch(letter.id) or "", self._counts_as(step)
        words = (letter.id, *people, str(letter.path), state, batch, *counts)
        self._digest.update("\0".join(words).encode(errors="surrogatepass"))

    def write_to(
        self,
        register: CampaignRegister,
        orphans: Iterable[tuple[str, str, str]] = (),
        *,
        is_partial: bool = False,
    ) -> list[Problem]:
        """Bring the register up to date; return what is to be reported of that.

        `orphans` are letters without a pair: the id, where it goes, why it stays. `is_partial`: only
        the first pairs of the workbook were looked at; the others' rows keep what they say.
        """  # noqa: E501
        self._is_partial = is_partial
        if is_partial:
            self._digest.update(b"in part")
        for letter_id, to, why in orphans:
            self._digest.update(f"{letter_id}{to}{why}".encode(errors="surrogatepass"))
            self._lost_letters += [] if to or why else [letter_id]
        problems, typed = register.update(self._entries, self._digest.hexdigest())
        return [
            *problems,
            *(overwritten_text_problem(each, self._workbook_cell(each)) for each in typed),
        ]

    def _entries(self) -> Iterator[RegisterEntry]:
        """Yield every letter ever made: first those that pairs have now, in their order."""
        letter, numbers = self._campaign.identity.letter_id, itertools.count()
        for some in chunks((letter(pair), pair) for pair in self._campaign.workbook.pairs()):
            stored = self._ledger.letters_by_id([letter_id for letter_id, _ in some])
            for letter_id, pair in some:
                unseen = self._is_partial and next(numbers) >= self._count
                entry = self._entry(letter_id, pair, stored.get(letter_id), unseen=unseen)
                if entry:
                    yield entry
        left = {*self._lost_letters}
        gone = [
            i
            for i in self._ledger.letter_ids()
            if int(i, 16) not in self._wanted_ids and i not in left
        ]
        for known in filter(None, map(self._ledger.letter, gone if self._wanted_ids else ())):
            file = f"{LETTERS_FOLDER}/{known.path}"
            yield RegisterEntry(known.id, file=file, state=NO_LONGER_WANTED)
        for letter_id in filter(self._has_row, self._lost_letters):
            yield RegisterEntry(letter_id, state=NO_LONGER_WANTED)

    def _has_row(self, letter_id: str) -> bool:
        return self._register is not None and letter_id in self._register.register.rows

    def _entry(
        self, letter_id: str, pair: Pair, known: LetterRecord | None, *, unseen: bool
    ) -> RegisterEntry | None:
        identity = self._campaign.identity
        if known is None:  # it was never made, or the ledger was lost: its row stays as it is
            kept = RegisterEntry(letter_id, counted_stages=None)
            return kept if self._has_row(letter_id) else None
        usual = ("" if unseen else _UNCHANGED, None, known.path)
        state, step, path = self._steps.get(known.id, usual)
        of_others = self._register is not None and self._register.belongs_to_others(known.id)
        asked = of_others or identity.is_in_question(pair)
        return RegisterEntry(
            id=known.id,
            signer="" if asked else str(pair.signer.label),
            recipient="" if asked else str(pair.recipient.label),
            signer_id=identity.person_id(pair.signer),
            recipient_id=identity.person_id(pair.recipient),
            file=f"{LETTERS_FOLDER}/{path}",
            state=state,
            created_on=None if asked else known.day,
            batch=self._batch(known.id),
            is_printed=unseen if step is None else step.state == "on-paper",
            counted_stages=self._counts_as(step) if step else None if unseen else (),
        )

    def _counts_as(self, step: Step) -> tuple[str, ...]:
        """Return the stages that count for a letter, in their order."""
        known = self._ledger.letter(step.letter.id) if step.state == "on-paper" else None
        if not (self._register and known):
            return ()
        found = self._register.stages(step.letter.pair, known)
        return counted_stages(found)

    def _batch(self, letter_id: str) -> str | None:
        printed = self._ledger.last_print(letter_id) if self._any_printed else None
        return str(printed.batch) if printed else None

    def _workbook_cell(self, typed: RevertedEdit) -> str:
        """Return the cell of the workbook that a column shows; empty where it shows none."""
        return self._name_cells.get((typed.heading, typed.id), "")

    @cached_property
    def _name_cells(self) -> dict[tuple[str, str], str]:
        """The cells of names by the register's heading, and the id of the letter or the person."""
        book, identity = self._campaign.workbook, self._campaign.identity
        found: dict[tuple[str, str], str] = {}
        for heading, sheet in (("Signer", book.signers), ("Recipient", book.recipients)):
            cells = {p.key: str(p.place("name")) for p in sheet.persons}
            found |= {(heading, identity.person_id(p)): cells[p.key] for p in sheet.persons}
            for pair in book.pairs():
                person = pair.signer if heading == "Signer" else pair.recipient
                found[heading, identity.letter_id(pair)] = cells[person.key]
        return found
