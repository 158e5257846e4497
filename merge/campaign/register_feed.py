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
from merge.letter_status import SPOKEN, WRITTEN_STATES, State, Step
from merge.people import Pair
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.register.entries import NO_LONGER_WANTED, RegisterEntry, RevertedEdit
from merge.register.layouts import counted_stages
from merge.state.ledger import Ledger, several
from merge.state.ledger_records import LetterRecord

_PASSING: frozenset[State] = frozenset({"in-use", "faulty"})
"""States that say nothing of what is in a file: the row keeps what it says."""
_AS_MADE = SPOKEN["unchanged"]


def _state_text(step: Step, *, done: bool) -> str:
    """Return what the register says of a letter; `done` where its step was carried out."""
    if done and step.state in WRITTEN_STATES:
        return _AS_MADE
    return "" if step.state in _PASSING else step.spoken


def typed_problem(typed: RevertedEdit, cell: str) -> Problem:
    """Return the warning of a text typed where the program writes; `cell` is what to change."""
    fields = {"value": typed.value, "heading": typed.heading}
    if cell:
        return messages.problem("register-typed", typed.place, cell=cell, **fields)
    key = f"register-typed/{_INSTEAD.get(typed.heading, 'other')}"
    return messages.problem(key, typed.place, **fields)


_INSTEAD = {"State": "stage", "Counts as": "stage", "File": "file", "Made on": "date"}
"""Variants of the warning's message by the heading of the column."""


class RegisterFeed:
    """Collects for the register what became of the letters; only the extraordinary is held."""

    def __init__(
        self,
        campaign: Campaign,
        ledger: Ledger,
        wanted: AbstractSet[int],
        register: CampaignRegister | None,
    ) -> None:
        self._campaign, self._ledger, self._wanted = campaign, ledger, wanted
        self._register = register
        self._steps: dict[str, tuple[str, Step, str]] = {}
        self._count = 0
        self._in_part = False
        self._all = hashlib.sha256()
        self._any_printed = ledger.any_printed()
        self._gone: list[str] = []
        """Letters without a pair whose file is gone as well: the ledger is about to forget them."""

    def note(self, step: Step, *, lies_at: str | None = None) -> None:
        """Take what happened to a letter; if its step was not carried out, it `lies_at` a path."""
        done = lies_at is None
        state, letter = _state_text(step, done=done), step.letter
        self._count += 1
        if state != _AS_MADE:
            self._steps[letter.id] = (state, step, lies_at or str(letter.path))
        pair = letter.pair
        people = (pair.signer.label, pair.recipient.label)
        batch, counts = self._batch(letter.id) or "", self._counts_as(step)
        words = (letter.id, *people, str(letter.path), state, batch, *counts)
        self._all.update("\0".join(words).encode(errors="surrogatepass"))

    def write_to(
        self,
        register: CampaignRegister,
        orphans: Iterable[tuple[str, str, str]] = (),
        *,
        in_part: bool = False,
    ) -> list[Problem]:
        """Bring the register up to date; return what is to be reported of that.

        `orphans` are letters without a pair: the id, where it goes, why it stays. `in_part`: only
        the first pairs of the workbook were looked at; the others' rows keep what they say.
        """
        self._in_part = in_part
        if in_part:
            self._all.update(b"in part")
        for letter_id, to, why in orphans:
            self._all.update(f"{letter_id}{to}{why}".encode(errors="surrogatepass"))
            self._gone += [] if to or why else [letter_id]
        problems, typed = register.update(self._entries, self._all.hexdigest())
        return [*problems, *(typed_problem(each, self._cell(each)) for each in typed)]

    def _entries(self) -> Iterator[RegisterEntry]:
        """Yield every letter ever made: first those that pairs have now, in their order."""
        letter, numbers = self._campaign.identity.letter, itertools.count()
        for some in several((letter(pair), pair) for pair in self._campaign.workbook.pairs()):
            stored = self._ledger.letters_of([letter_id for letter_id, _ in some])
            for letter_id, pair in some:
                unseen = self._in_part and next(numbers) >= self._count
                entry = self._entry(letter_id, pair, stored.get(letter_id), unseen=unseen)
                if entry:
                    yield entry
        left = {*self._gone}
        gone = [i for i in self._ledger.ids() if int(i, 16) not in self._wanted and i not in left]
        for known in filter(None, map(self._ledger.letter, gone if self._wanted else ())):
            file = f"{LETTERS_FOLDER}/{known.path}"
            yield RegisterEntry(known.id, file=file, state=NO_LONGER_WANTED)
        for letter_id in filter(self._has_row, self._gone):
            yield RegisterEntry(letter_id, state=NO_LONGER_WANTED)

    def _has_row(self, letter_id: str) -> bool:
        return self._register is not None and letter_id in self._register.register.rows

    def _entry(
        self, letter_id: str, pair: Pair, known: LetterRecord | None, *, unseen: bool
    ) -> RegisterEntry | None:
        identity = self._campaign.identity
        if known is None:  # it was never made, or the ledger was lost: its row stays as it is
            kept = RegisterEntry(letter_id, counts_as=None)
            return kept if self._has_row(letter_id) else None
        usual = ("" if unseen else _AS_MADE, None, known.path)
        state, step, path = self._steps.get(known.id, usual)
        of_others = self._register is not None and self._register.is_of_others(known.id)
        asked = of_others or identity.is_asked_about(pair)
        return RegisterEntry(
            id=known.id,
            signer="" if asked else str(pair.signer.label),
            recipient="" if asked else str(pair.recipient.label),
            signer_id=identity.person(pair.signer),
            recipient_id=identity.person(pair.recipient),
            file=f"{LETTERS_FOLDER}/{path}",
            state=state,
            made=None if asked else known.day,
            batch=self._batch(known.id),
            fixed=unseen if step is None else step.state == "on-paper",
            counts_as=self._counts_as(step) if step else None if unseen else (),
        )

    def _counts_as(self, step: Step) -> tuple[str, ...]:
        """Return the stages that count for a letter, in their order."""
        known = self._ledger.letter(step.letter.id) if step.state == "on-paper" else None
        if not (self._register and known):
            return ()
        found = self._register.stages(step.letter.pair, known)
        return counted_stages(found)

    def _batch(self, letter_id: str) -> str | None:
        printed = self._ledger.printed(letter_id) if self._any_printed else None
        return str(printed.batch) if printed else None

    def _cell(self, typed: RevertedEdit) -> str:
        """Return the cell of the workbook that a column shows; empty where it shows none."""
        return self._name_cells.get((typed.heading, typed.id), "")

    @cached_property
    def _name_cells(self) -> dict[tuple[str, str], str]:
        """The cells of names by the register's heading, and the id of the letter or the person."""
        book, identity = self._campaign.workbook, self._campaign.identity
        found: dict[tuple[str, str], str] = {}
        for heading, sheet in (("Signer", book.signers), ("Recipient", book.recipients)):
            cells = {p.key: str(p.place("name")) for p in sheet.persons}
            found |= {(heading, identity.person(p)): cells[p.key] for p in sheet.persons}
            for pair in book.pairs():
                person = pair.signer if heading == "Signer" else pair.recipient
                found[heading, identity.letter(pair)] = cells[person.key]
        return found
