"""The register as a campaign sees it: printed letters, planned changes.

Reading it needs no openpyxl; `register.updating` loads that only if something will be written.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.id_clashes import IdClashes
from merge.campaign.last_update import LastRegisterUpdate, read_last_update
from merge.campaign.letters_order import ClearedDates
from merge.campaign.register_marks import RegisterMarkReader, RegisterMarks, known_cells
from merge.disk import file_state
from merge.errors import FaultError
from merge.excel.saving import check_closed
from merge.people import SheetKind
from merge.problems import Place, Problem
from merge.product import REGISTER_FILE
from merge.register.entries import (
    NO_LONGER_NEEDED,
    KnownCells,
    LetterRow,
    RegisterEntry,
    RevertedEdit,
    StageValue,
)
from merge.register.layouts import STAGES
from merge.register.reading import Register, read_conflict_copies, read_register
from merge.register.records import day_or_text
from merge.register.updating import not_updated_problem, update_register, update_staff_cells
from merge.state.fold import Mark
from merge.state.ledger import Ledger
from merge.state.ledger_records import LedgerChangeSet
from merge.state.private_state import READ_KEYS_FACT

_SECOND_LOOK = 1.0
"""Seconds after which a missing register is looked for again.

Programs that synchronise folders replace a file by another within this time.
"""


class _Changes(NamedTuple):
    """Changes of staff that are not recorded yet, by letter ID.

    Marks taken back are pairs of the ID of a letter or a person, and the key of a mark.
    """

    marks: Mapping[str, Sequence[Mark]]
    taken_back: AbstractSet[tuple[str, str]]
    tracking: Mapping[str, str]


class CampaignRegister:
    """The register of a campaign folder, read when it is needed.

    A letter is printed if it has a mark. The marks are those of the records, with the changes of
    staff in the register since the last run. A register as the last run left it is not read. A
    missing register is written again from the records.

    If the last dates of letters were cleared, these count until staff have answered.
    """

    def __init__(
        self, campaign: Campaign, ledger: Ledger, *, cleared_dates: ClearedDates = ""
    ) -> None:
        self._campaign, self._identity, self._ledger = campaign, campaign.identity, ledger
        self._path = campaign.folder / REGISTER_FILE
        self._last_update, self._cleared_dates = read_last_update(ledger), cleared_dates
        self._is_missing = bool(self._last_update.content_hash) and not os.path.lexists(self._path)
        self._was_unchanged = self._is_unchanged
        self._nothing_printed = self._was_unchanged and not (
            self._last_update.may_have_entries or any(ledger.state.marked_letters().values())
        )
        self.released_letters: AbstractSet[str] = frozenset()
        """Letters that staff release in this run: their last dates were cleared."""

    @property
    def _is_unchanged(self) -> bool:
        """Whether the register's file is as the last run left it."""
        return (
            self._last_update.file_state is not None
            and file_state(str(self._path)) == self._last_update.file_state
        )

    @cached_property
    def register(self) -> Register:
        """The parsed register file."""
        return read_register(self._path)

    @property
    def loaded_register(self) -> Register | None:
        """The parsed register file, or None if it was not read."""
        return self.__dict__.get("register")

    def reading_problems(self) -> tuple[Problem, ...]:
        """Return the problems of reading the register's file.

        The file is not read if it cannot have any.
        """
        is_known_clean = self._was_unchanged and not self._last_update.may_have_entries
        return () if is_known_clean else self.register.problems

    def tracking_numbers(self) -> dict[str, str]:
        """Return the tracking numbers of letters, by letter ID."""
        numbers = {**self._ledger.tracking_numbers(), **self._unrecorded.tracking}
        return {letter_id: text for letter_id, text in numbers.items() if text}

    def notes(self) -> dict[str, str]:
        """Return what staff noted about letters in the register, by letter ID.

        The file is not read if it cannot have any notes.
        """
        if self._was_unchanged and not self._last_update.may_have_entries:
            return {}
        notes = ((letter_id, row.notes) for letter_id, row in self.register.rows.items())
        return {i: text for i, text in notes if text and not self.belongs_to_others(i)}

    def stages(self, letter_id: str) -> Mapping[str, StageValue]:
        """Return the stages that a letter has reached, with their values."""
        return {mark.stage: day_or_text(mark.value) for mark in self.marks(letter_id)}

    def marks(self, letter_id: str) -> list[Mark]:
        """Return the marks of a letter that count."""
        marks, (new_marks, taken_back, _) = self._ledger.state.marks(letter_id), self._unrecorded
        if taken_back:
            marks = [
                mark
                for mark in marks
                if taken_back.isdisjoint((i, mark.key) for i in (letter_id, *mark.who))
            ]
        return [*marks, *new_marks.get(letter_id, ())]

    @cached_property
    def _unrecorded(self) -> _Changes:
        """The changes of staff since the last run that are not recorded yet."""
        marks = defaultdict[str, list[Mark]](list)
        for entry in self._found.marks:
            marks[entry.id].append(Mark.of_entry(entry, entry.key))
        taken_back = {(entry.id, key) for entry in self._found.taken_back for key in entry.keys}
        tracking = {entry.id: entry.text for entry in self._found.tracking}
        return _Changes(marks, taken_back, tracking)

    def cells(self, letter_id: str) -> KnownCells | None:
        """Return the values for the cells of staff in a letter's row.

        Return None to leave them as they are.
        """
        if letter_id in self._waiting or self.belongs_to_others(letter_id):
            return None
        tracking = self._unrecorded.tracking.get(letter_id) or self._ledger.state.tracking(
            letter_id
        )
        return known_cells(self.marks(letter_id), tracking or "")

    @cached_property
    def _waiting(self) -> AbstractSet[str]:
        """IDs of letters and people whose cells wait for an answer."""
        return {*self._found.cleared_letters, *(entry.id for entry in self._found.cleared)}

    @cached_property
    def _found(self) -> RegisterMarks:
        """The entries for what staff changed since the last run."""
        found, read_keys = RegisterMarks(), frozenset(json.loads(self._read_keys))
        if not self._was_unchanged and self.register.exists:
            is_excluded = partial(self._is_excluded, None)
            reader = RegisterMarkReader(self.register, self._ledger, read_keys, is_excluded)
            found = reader.read()
        for file, register in self._conflict_copies.items():
            is_excluded = partial(self._is_excluded, file)
            copied = RegisterMarkReader(register, self._ledger, frozenset(), is_excluded).read()
            known = {(mark.id, mark.key) for mark in found.marks}
            found.marks += [m for m in copied.marks if (m.id, m.key) not in known]
            found.taken_back += copied.taken_back
            found.tracking += copied.tracking
        if self._cleared_dates == "release":
            self.released_letters = found.cleared_letters.keys()
            found.taken_back += found.cleared
        elif self._cleared_dates == "restore":
            waiting = {entry.id for entry in found.cleared} & found.piles.keys()
            found.piles |= {i: (found.piles[i][0],) * 2 for i in waiting}
        if self._cleared_dates:
            found.cleared, found.cleared_letters = [], {}
        return found

    @property
    def _read_keys(self) -> str:
        return self._ledger.fact(READ_KEYS_FACT) or "[]"

    def _is_excluded(self, copy: Path | None, letter_id: str, row: LetterRow) -> bool:
        """Return whether the row of a letter is not read.

        `copy` is a conflict copy, or None for the register.
        """
        clashes = self.clashes
        is_of_others = clashes.has_row_beside(copy, row) if copy else clashes.has_row(row)
        return is_of_others or self._ledger.state.was_deleted(letter_id)

    def record_marks(self) -> None:
        """Write what staff changed in the register into the records."""
        found = self._found
        if entries := found.entries:
            keys = json.dumps([*json.loads(self._read_keys), *(mark.key for mark in found.marks)])
            self._ledger.commit(LedgerChangeSet(marks=entries, facts={READ_KEYS_FACT: keys}))
            found.marks, found.taken_back, found.tracking = [], [], []

    @cached_property
    def _conflict_copies(self) -> Mapping[Path, Register]:
        """The conflict copies of the register in the folder."""
        return read_conflict_copies(self._path)

    @cached_property
    def clashes(self) -> IdClashes:
        """The clashes of IDs: people whose IDs registers give to other people."""
        is_written_by_program = (
            self._was_unchanged
            or self._last_update.is_pending
            or not self._last_update.content_hash
        )
        register = None if is_written_by_program else self.register
        return IdClashes(self._campaign, register, lambda: self._conflict_copies)

    def belongs_to_others(self, letter_id: str) -> bool:
        """Return whether the register's row of a letter names other people."""
        is_possible = bool(self.clashes.in_register)
        return is_possible and self.clashes.has_row(self.register.rows.get(letter_id))

    def former_people_stages(
        self, current: AbstractSet[int], wanted: Sequence[AbstractSet[str]] = ()
    ) -> Iterator[AbstractSet[str]]:
        """Yield the stages of each letter of people who are not in the workbook.

        `current` are the IDs of all other letters, as numbers.
        `wanted` are sets of people's IDs: the letter has someone of each set.
        """
        for letter_id, row in {} if self._nothing_printed else self.register.rows.items():
            is_selected = all({row.signer_id, row.recipient_id} & people for people in wanted)
            if is_selected and int(letter_id, 16) not in current:
                yield self.stages(letter_id).keys()

    def deleted_people_stages(self) -> Iterator[str]:
        """Yield the stages in the register of people whose data is deleted."""
        return iter(()) if self._nothing_printed else self.register.stages_of_deleted_letters()

    def wanted_rows(self) -> Iterator[tuple[str, LetterRow, Mapping[str, StageValue]]]:
        """Yield the ID, register row and stages of each letter that a pair has."""
        for letter_id, row in self.register.rows.items():
            if row.state != NO_LONGER_NEEDED:
                yield letter_id, row, self.stages(letter_id)

    def has_lost_row(self, letter_id: str) -> bool:
        """Return whether staff deleted a letter's row from the register."""
        if (
            self._was_unchanged
            or self._last_update.is_pending
            or not self._last_update.content_hash
        ):
            return False
        return self.register.exists and letter_id not in self.register.rows

    def warnings(self) -> Iterator[Problem]:
        """Yield problems of the register, to report before letters are created.

        These are a missing register, cleared dates, and IDs that clash.
        """
        place = Place(REGISTER_FILE)
        if self._is_missing:
            yield messages.problem("register-gone", place)
        if cleared := self._found.cleared_letters:
            letters = self._describe_letters(cleared)
            yield messages.problem("register-cleared", place, letters=letters)
        yield from self._deleted_people_problems()
        yield from self.clashes.problems()
        copies = self._conflict_copies
        for file in copies:
            yield from self.clashes.problems_beside(file)
        if copies:
            files = sorted(file.name for file in copies)
            yield messages.problem("register-copies", place, files=files)

    def _deleted_people_problems(self) -> Iterator[Problem]:
        """Yield a warning for each register with rows of deleted letters."""
        if not self._ledger.state.has_deletions:
            return
        for file, register in {self._path: self.register, **self._conflict_copies}.items():
            rows = register.rows.items()
            deleted = (row for letter_id, row in rows if self._ledger.state.was_deleted(letter_id))
            if people := sorted(
                f"{row.signer} to {row.recipient}" for row in deleted if row.signer
            ):
                yield messages.problem("register-deleted", Place(file.name), people=people)

    def _describe_letters(self, stages: Mapping[str, AbstractSet[str]]) -> list[str]:
        """Return the paths of letters, each with the letter's stages."""
        words = {i: ", ".join(s for s in STAGES if s in stages[i]) for i in stages}
        return sorted(f"{self._describe_letter(i)} ({words[i]})" for i in stages)

    def _describe_letter(self, letter_id: str) -> str:
        """Return a letter's path, or its people if the campaign was closed."""
        registers = (self.register, *self._conflict_copies.values())
        rows = filter(None, (register.rows.get(letter_id) for register in registers))
        people = next((f"{row.signer} to {row.recipient}" for row in rows if row.signer), "")
        return self._ledger.letter_path(letter_id) or people

    def begin_update(self) -> None:
        """Record that letters may have no row until the register is updated."""
        self._save_last_update(replace(self._last_update, is_pending=True))

    def _save_last_update(self, last_update: LastRegisterUpdate, **facts: str) -> None:
        self._last_update = last_update
        self._ledger.commit(LedgerChangeSet(facts={**last_update.fact(), **facts}))

    def registered_name(self, letter_id: str, kind: SheetKind) -> str:
        """Return the name of a letter's signer or recipient in the register.

        Return an empty text if there is no row.
        """
        row = self.register.rows.get(letter_id)
        return (row.signer if kind == "signer" else row.recipient) if row else ""

    def earlier_name(self, letter_id: str, kind: SheetKind) -> str:
        """Return the register's name of a letter's person, or an empty text.

        It is empty if the row belongs to other people.
        """
        return "" if self.belongs_to_others(letter_id) else self.registered_name(letter_id, kind)

    def write_marks(self, letters: Iterable[str]) -> list[Problem]:
        """Write the marks of some letters into their rows; return the problems.

        What follows from the marks, such as the status, is written by the next `update`.
        """
        cells = {i: known for i in letters if (known := self.cells(i))}
        now = dt.datetime.now().astimezone()
        return update_staff_cells(self._path, self.register, cells, now)

    @property
    def is_update_pending(self) -> bool:
        """Whether letters may have no register row yet."""
        return self._last_update.is_pending

    def update(
        self, entries: Callable[[], Iterator[RegisterEntry]], content_hash: str
    ) -> tuple[list[Problem], tuple[RevertedEdit, ...]]:
        """Write changes into the register; return problems and texts typed over.

        `content_hash` is a hash of everything that the register will say. If it is the same as last
        time, nothing is written.
        """
        if content_hash == self._last_update.content_hash and self._is_unchanged:
            if self._last_update.is_pending:
                self._save_last_update(replace(self._last_update, is_pending=False))
            return [], ()
        self.record_marks()
        if self._is_missing and (problem := self._look_again()):
            return [problem], ()
        register, piles = self.register, self._pile_cells()
        now = dt.datetime.now().astimezone()
        update = update_register(self._path, entries(), register, now, piles)
        problems = [*register.problems, *update.problems]
        waits = any(problem.code == "register-no-room" for problem in update.problems)
        if update.is_current:
            has_to_repeat = waits or self.clashes.in_register or self._found.cleared_letters
            last_update = LastRegisterUpdate(
                content_hash=content_hash,
                file_state=None if has_to_repeat else file_state(str(self._path)),
                is_pending=waits,
                may_have_entries=bool(problems or register.has_any_dates or self.notes()),
            )
            self._save_last_update(last_update, **{READ_KEYS_FACT: "[]"})
        return problems, update.reverted_edits

    def _pile_cells(self) -> dict[str, KnownCells]:
        """Return the values for rows of people that staff changed, by their IDs."""
        waiting = self._waiting
        return {i: new for i, (_, new) in self._found.piles.items() if i not in waiting}

    def _look_again(self) -> Problem | None:
        """Return why a missing register cannot be written again now, or None.

        Excel and programs that synchronise folders may be about to replace it.
        """
        try:
            check_closed(self._path)
        except FaultError as error:
            return not_updated_problem(self._path, error)
        time.sleep(_SECOND_LOOK)
        if os.path.lexists(self._path):
            return messages.problem("register-changed/later", Place(REGISTER_FILE))
        return None
