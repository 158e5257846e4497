"""The register as a campaign sees it: printed letters, planned changes.

Reading it needs no openpyxl; `register.updating` loads that only if something will be written.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.id_clashes import IdClashes
from merge.campaign.last_update import LastRegisterUpdate, read_last_update
from merge.disk import file_state
from merge.errors import StorageError
from merge.naming import is_conflict_copy
from merge.people import Pair, SheetKind
from merge.problems import Place, Problem
from merge.product import REGISTER_FILE
from merge.register.entries import (
    NO_LONGER_NEEDED,
    LetterRow,
    RegisterEntry,
    RevertedEdit,
    StageValue,
)
from merge.register.layouts import STAGES
from merge.register.reading import Register, read_other_registers, read_register
from merge.register.updating import update_register
from merge.state.ledger import Ledger
from merge.state.ledger_records import LedgerChangeSet, LetterRecord

_EXCLUDED_DATES_FACT = "late"

_RECORDED_BEFORE, _IN_OTHER_REGISTER = "said before", "in another register"
"""Stand for the cell of a stage that this register does not have.

Only the register of an earlier run, or another register, has the stage.
"""


class CampaignRegister:
    """The register of a campaign folder, read when it is needed.

    A letter is printed if any of its stages counts. The stages that count are

        now + before + elsewhere

    - now: what its row says, and the dates of its piles, except dates that were there before the
      letter was created (excluded dates). If no pair has the letter now, only those dates of its
      piles count that counted before: a later date does not apply to it.
    - before: what the register said of it at earlier runs, until a smaller set is accepted.
    - elsewhere: what only other registers in the folder say of it, until their absence is accepted.

    Raise MergeError if the register cannot be read, or is missing although there was one: then it
    is unknown which letters are printed. `allow_missing` accepts that it is missing.
    """

    def __init__(self, campaign: Campaign, ledger: Ledger, *, allow_missing: bool = False) -> None:
        self._campaign, self._identity, self._ledger = campaign, campaign.identity, ledger
        self._path = campaign.folder / REGISTER_FILE
        self._last_update = read_last_update(ledger)
        self._stages_before, self._has_accepted_less = ledger.register_stages(), False
        if self._last_update.content_hash and not os.path.lexists(self._path) and not allow_missing:
            other_names = sorted(file.name for file in self._other_registers[0]) or None
            count = sum(map(bool, self._stages_before.values())) or None
            place = Place(REGISTER_FILE)
            raise StorageError(
                messages.problem("register-gone", place, count=count, others=other_names)
            )
        self._was_unchanged = self._is_unchanged
        self._nothing_printed = self._was_unchanged and not (
            self._last_update.may_have_entries or any(self._stages_before.values())
        )
        self._excluded_dates: dict[str, dict[str, str]] = json.loads(
            ledger.fact(_EXCLUDED_DATES_FACT) or "{}"
        )

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
        """Return the tracking numbers of letters in the register, by letter ID."""
        return self._texts(lambda row: row.tracking)

    def notes(self) -> dict[str, str]:
        """Return what staff noted about letters in the register, by letter ID."""
        return self._texts(lambda row: row.notes)

    def _texts(self, text_of: Callable[[LetterRow], str]) -> dict[str, str]:
        """Return the texts in a column of staff, by letter ID.

        The file is not read if it cannot have any.
        """
        if self._was_unchanged and not self._last_update.may_have_entries:
            return {}
        rows = self.register.rows.items()
        texts = {letter_id: text for letter_id, row in rows if (text := text_of(row))}
        return {i: text for i, text in texts.items() if not self.belongs_to_others(i)}

    def stages(self, pair: Pair, known: LetterRecord) -> Mapping[str, StageValue]:
        """Return the stages that a pair's letter has reached, with their values."""
        elsewhere = dict.fromkeys(self._stages_elsewhere.get(known.id, ()), _IN_OTHER_REGISTER)
        if self._nothing_printed:
            return elsewhere
        return {
            **elsewhere,
            **self._earlier_stages(known.id),
            **self._current_stages_of_pair(pair, known),
        }

    def _stages_of_row(self, letter_id: str) -> Mapping[str, StageValue]:
        """Return the stages that count for a letter that has, or had, a row."""
        return {**self._earlier_stages(letter_id), **self._current_stages(letter_id)}

    def _earlier_stages(self, letter_id: str) -> Mapping[str, StageValue]:
        return dict.fromkeys(self._stages_before.get(letter_id, ()), _RECORDED_BEFORE)

    def _current_stages(
        self, letter_id: str, register: Register | None = None
    ) -> Mapping[str, StageValue]:
        """Return the stages that a register gives a letter by its row and piles."""
        register = register or self.register
        row = register.rows.get(letter_id)
        if row is None or (register is self.register and self.belongs_to_others(letter_id)):
            return {}
        piles = self._without_excluded_dates(letter_id, register.stages(letter_id))
        if row.state == NO_LONGER_NEEDED and self._last_update.content_hash:
            earlier_stages = self._stages_before.get(letter_id, ())
            piles = {stage: value for stage, value in piles.items() if stage in earlier_stages}
        return {**piles, **row.stages}

    def _current_stages_of_pair(self, pair: Pair, known: LetterRecord) -> Mapping[str, StageValue]:
        """Return the stages that the register gives a pair's letter now.

        If the letter's row is missing, the letter is still in the piles of its people.
        """
        if known.id in self.register.rows:
            return self._current_stages(known.id)
        if not known.content or self.clashes.has_any(pair.signer, pair.recipient):
            return {}
        return self._without_excluded_dates(known.id, self._pile_stages(pair, known.day))

    def _pile_stages(self, pair: Pair, created_on: dt.date) -> Mapping[str, StageValue]:
        """Return the stages of a letter that the dates of its people's piles give."""
        person = self._identity.person_id
        signer, recipient = ((person(p), str(p.label)) for p in (pair.signer, pair.recipient))
        return self.register.stages_covering(signer, recipient, created_on)

    def _without_excluded_dates(
        self, letter_id: str, stages: Mapping[str, StageValue]
    ) -> Mapping[str, StageValue]:
        excluded = self._excluded_dates.get(letter_id)
        if excluded is None:
            return stages
        return {
            stage: value for stage, value in stages.items() if str(value) != excluded.get(stage)
        }

    @cached_property
    def _stages_elsewhere(self) -> dict[str, AbstractSet[str]]:
        """Stages that only other register files give letters, by letter ID."""
        stages_by_letter: dict[str, AbstractSet[str]] = {}
        for file, register in self._other_registers[0].items():
            for letter_id, extra_stages in self._extra_stages(file, register):
                stages_by_letter[letter_id] = (
                    stages_by_letter.get(letter_id, frozenset()) | extra_stages
                )
        return stages_by_letter

    def _extra_stages(self, file: Path, other: Register) -> Iterator[tuple[str, AbstractSet[str]]]:
        """Yield letters with the stages that only another register gives them.

        This register never gave them.
        """
        for letter_id, row in other.rows.items() if other.has_any_dates else ():
            if not self.clashes.has_row_beside(file, row):
                extra_stages = (
                    self._current_stages(letter_id, other).keys()
                    - self._current_stages(letter_id).keys()
                )
                is_known = letter_id in self.register.rows or self._ledger.letter_path(letter_id)
                if is_known and extra_stages:
                    yield letter_id, extra_stages

    @cached_property
    def _other_registers(self) -> tuple[Mapping[Path, Register], Sequence[Path]]:
        """The other register files in the folder: those read, and those not read."""
        return read_other_registers(self._path)

    @cached_property
    def clashes(self) -> IdClashes:
        """The clashes of IDs: people whose IDs registers give to other people."""
        is_written_by_program = (
            self._was_unchanged
            or self._last_update.is_pending
            or not self._last_update.content_hash
        )
        register = None if is_written_by_program else self.register
        return IdClashes(self._campaign, register, lambda: self._other_registers[0])

    def belongs_to_others(self, letter_id: str) -> bool:
        """Return whether the register's row of a letter names other people."""
        is_possible = bool(self.clashes.in_register)
        return is_possible and self.clashes.has_row(self.register.rows.get(letter_id))

    def former_people_stages(
        self, current: AbstractSet[int], wanted: Sequence[AbstractSet[str]] = ()
    ) -> Iterator[AbstractSet[str]]:
        """Yield the stages of each letter of people who are not in the workbook.

        They come from rows and piles. `current` are the IDs of all other letters, as numbers.
        `wanted` are sets of people's IDs: the letter has someone of each set.
        """
        for letter_id, row in {} if self._nothing_printed else self.register.rows.items():
            is_selected = all({row.signer_id, row.recipient_id} & people for people in wanted)
            if is_selected and int(letter_id, 16) not in current:
                yield self._stages_of_row(letter_id).keys()

    def deleted_people_stages(self) -> Iterator[str]:
        """Yield the stages in the register of people whose data is deleted."""
        return iter(()) if self._nothing_printed else self.register.stages_of_deleted_letters()

    def wanted_rows(self) -> Iterator[tuple[str, LetterRow, Mapping[str, StageValue]]]:
        """Yield the ID, register row and stages of each letter that a pair has."""
        for letter_id, row in self.register.rows.items():
            if row.state != NO_LONGER_NEEDED:
                yield letter_id, row, self._stages_of_row(letter_id)

    def has_dates(self, letter_id: str) -> bool:
        """Return whether staff entered a stage of a letter in the register.

        The row may be missing now.
        """
        return not self._nothing_printed and bool(self._stages_of_row(letter_id))

    def has_lost_row(self, letter_id: str) -> bool:
        """Return whether staff deleted a letter's row from the register.

        Return False if a lost stage, which is worse, is reported of this letter.
        """
        if (
            self._was_unchanged
            or self._last_update.is_pending
            or not self._last_update.content_hash
        ):
            return False
        is_missing = self.register.exists and letter_id not in self.register.rows
        return is_missing and letter_id not in self._missing_stages

    @cached_property
    def _missing_stages(self) -> dict[str, frozenset[str]]:
        """Stages that the register gave letters before and does not now, by ID."""
        if self._was_unchanged and not self._last_update.has_missing_stages:
            return {}
        rows = self.register.rows
        without_row = {letter_id for letter_id in self._stages_before if letter_id not in rows}
        missing_stages = {
            i: earlier_stages
            - self._current_stages(i).keys()
            - self._stages_elsewhere.get(i, set())
            for i, earlier_stages in self._stages_before.items()
        }
        for pair in self._campaign.workbook.pairs() if without_row else ():
            letter_id = self._identity.letter_id(pair)
            record = self._ledger.letter(letter_id) if letter_id in without_row else None
            if record:
                without_row.discard(letter_id)
                missing_stages[letter_id] -= self._current_stages_of_pair(pair, record).keys()
        deleted = {i for i in without_row if not self._has_file(i)}
        return {i: stages for i, stages in missing_stages.items() if stages and i not in deleted}

    def _has_file(self, letter_id: str) -> bool:
        path = self._ledger.letter_path(letter_id)
        return bool(path) and os.path.lexists(self._campaign.letters_folder / path)

    def accept_missing_stages(self, letters: AbstractSet[str] | None) -> None:
        """Accept that the register has fewer stages of these letters than before.

        None means all letters.
        """
        for letter_id in [i for i in self._stages_elsewhere if letters is None or i in letters]:
            del self._stages_elsewhere[letter_id]
        for letter_id in [i for i in self._missing_stages if letters is None or i in letters]:
            self._stages_before[letter_id] -= self._missing_stages.pop(letter_id)
            self._has_accepted_less = True

    def save_printed_stages(self) -> None:
        """Record the printed letters, so that missing stages are noticed later."""
        if self._was_unchanged and not (self._has_accepted_less or self._stages_elsewhere):
            return
        self._exclude_dates_of_unwanted()
        rows, stored = self.register.rows, self._ledger.register_stages()
        changes = {}
        for letter_id in {*rows, *self._stages_before}.intersection(self._ledger.letter_ids()):
            stages = frozenset(self._stages_of_row(letter_id))
            stages |= self._stages_elsewhere.get(letter_id, frozenset())
            if (stages or letter_id in stored) and stages != stored.get(letter_id):
                changes[letter_id] = stages
        self._ledger.commit(LedgerChangeSet(register_stages=changes))

    def _exclude_dates_of_unwanted(self) -> None:
        """Record dates of piles that do not apply to letters without a pair.

        They do not apply either when the pair comes back.
        """
        for letter_id, row in self.register.rows.items():
            if row.state == NO_LONGER_NEEDED:
                piles, current_stages = (
                    self.register.stages(letter_id),
                    self._current_stages(letter_id),
                )
                excluded = {
                    stage: str(value)
                    for stage, value in piles.items()
                    if stage not in current_stages
                }
                if excluded:
                    excluded_before = self._excluded_dates.get(letter_id, {})
                    self._excluded_dates[letter_id] = {**excluded_before, **excluded}

    def warnings(self) -> Iterator[Problem]:
        """Yield warnings about the register, to report before letters are created.

        These are dates that this register lacks, and IDs that clash.
        """
        if self._missing_stages:
            letters = self._describe_letters(self._missing_stages)
            yield messages.problem("register-says-less", Place(REGISTER_FILE), letters=letters)
        yield from self._deleted_people_problems()
        yield from self.clashes.problems()
        others, unread = self._other_registers
        other_files = [file.name for file in unread]
        for file, register in others.items():
            extra_stages = dict(self._extra_stages(file, register))
            clashes = [*self.clashes.problems_beside(file)]
            yield from clashes
            if extra_stages:
                letters = self._describe_letters(extra_stages)
                is_conflict = is_conflict_copy(file, Path(REGISTER_FILE))
                key = "register-says-more/conflict" if is_conflict else "register-says-more"
                yield messages.problem(key, Place(file.name), letters=letters)
            elif not clashes:
                other_files.append(file.name)
        if other_files:
            yield messages.problem(
                "register-others", Place(REGISTER_FILE), files=sorted(other_files)
            )

    def _deleted_people_problems(self) -> Iterator[Problem]:
        """Yield a warning for each register with rows of deleted letters."""
        if not self._ledger.has_deletions:
            return
        for file, register in {self._path: self.register, **self._other_registers[0]}.items():
            rows = register.rows.items()
            deleted = (row for letter_id, row in rows if self._ledger.was_deleted(letter_id))
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
        registers = (self.register, *self._other_registers[0].values())
        rows = filter(None, (register.rows.get(letter_id) for register in registers))
        people = next((f"{row.signer} to {row.recipient}" for row in rows if row.signer), "")
        return self._ledger.letter_path(letter_id) or people

    def exclude_from_pile_dates(self, new: Iterable[tuple[Pair, LetterRecord]]) -> list[str]:
        """Record that present dates of piles do not apply to new letters.

        Such a date was entered before these letters were created. Return the letters' paths.
        """
        paths = []
        for pair, record in () if self._nothing_printed else new:
            if pile_stages := self._pile_stages(pair, record.day):
                self._excluded_dates[record.id] = {
                    stage: str(value) for stage, value in pile_stages.items()
                }
                paths.append(record.path)
        self._save_last_update(replace(self._last_update, is_pending=True))
        return paths

    def _save_last_update(self, last_update: LastRegisterUpdate) -> None:
        self._last_update = last_update
        excluded = {_EXCLUDED_DATES_FACT: json.dumps(self._excluded_dates)}
        self._ledger.commit(LedgerChangeSet(facts={**last_update.fact(), **excluded}))

    def drop_letters(self, letters: Iterable[str]) -> None:
        """Delete the excluded dates of letters that no longer exist."""
        recorded = [letter_id for letter_id in letters if letter_id in self._excluded_dates]
        for letter_id in recorded:
            del self._excluded_dates[letter_id]
        if recorded:
            self._save_last_update(self._last_update)

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
        register = self.register
        update = update_register(self._path, entries(), register, dt.datetime.now().astimezone())
        problems = [*register.problems, *update.problems]
        waits = any(problem.code == "register-no-room" for problem in update.problems)
        if update.is_current:
            self.save_printed_stages()
            has_to_repeat = waits or bool(self.clashes.in_register)
            self._excluded_dates = {
                i: excluded
                for i, excluded in self._excluded_dates.items()
                if self._ledger.letter(i)
            }
            self._save_last_update(
                LastRegisterUpdate(
                    content_hash=content_hash,
                    file_state=None if has_to_repeat else file_state(str(self._path)),
                    is_pending=waits,
                    has_missing_stages=bool(self._missing_stages or self._stages_elsewhere),
                    may_have_entries=bool(
                        problems
                        or register.has_any_dates
                        or self.tracking_numbers()
                        or self.notes()
                    ),
                )
            )
        return problems, update.reverted_edits
