"""The register as a campaign sees it: which letters are printed, and what it will record.

Reading it needs no openpyxl; `register.updating` loads that only if something is to be written.
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
from merge.campaign.last_update import LastUpdate, read_last_update
from merge.disk import file_state
from merge.errors import StorageError
from merge.people import Pair, SheetKind
from merge.problems import Place, Problem
from merge.product import REGISTER_FILE
from merge.register.entries import (
    NO_LONGER_WANTED,
    LetterRow,
    RegisterEntry,
    RevertedEdit,
    StageValue,
)
from merge.register.layouts import STAGES
from merge.register.reading import Register, read_other_registers, read_register
from merge.register.updating import update_register
from merge.state.ledger import Ledger
from merge.state.ledger_records import ChangeSet, LetterRecord

_EXCLUDED_DATES_FACT = "late"

_RECORDED_BEFORE, _IN_OTHER_REGISTER = "said before", "in another register"
"""What stands for the cell of a stage that the register has no more, or only another one has."""


class CampaignRegister:
    """The register of a campaign folder, read when it is needed.

    A letter is on paper if any of its stages counts. Those that count are

        now + before + elsewhere

    - now: what its row says, and the dates of its piles, but not those that were there before the
      letter was created (excluded dates). If nobody wants the letter, only those dates of its piles
      count that counted before: a later one does not mean it.
    - before: what the register said of it at earlier runs, until that is released.
    - elsewhere: what only registers beside this one say of it, until that is released.

    Raise MergeError if the register cannot be read, or is missing although there was one: then it
    is not known which letters are printed. `anew` accepts that it is missing.
    """

    def __init__(self, campaign: Campaign, ledger: Ledger, *, allow_missing: bool = False) -> None:
        self._campaign, self._identity, self._ledger = campaign, campaign.identity, ledger
        self._path = campaign.folder / REGISTER_FILE
        self._last_update = read_last_update(ledger)
        self._stages_before, self._has_accepted_less = ledger.register_stages(), False
        if self._last_update.told and not os.path.lexists(self._path) and not allow_missing:
            others = sorted(file.name for file in self._other_registers[0]) or None
            count = sum(map(bool, self._stages_before.values())) or None
            place = Place(REGISTER_FILE)
            raise StorageError(messages.problem("register-gone", place, count=count, others=others))
        self._was_unchanged = self._is_unchanged
        self._nothing_printed = self._was_unchanged and not (
            self._last_update.may_say or any(self._stages_before.values())
        )
        self._excluded_dates: dict[str, dict[str, str]] = json.loads(
            ledger.fact(_EXCLUDED_DATES_FACT) or "{}"
        )

    @property
    def _is_unchanged(self) -> bool:
        """Whether the file is, at this moment, the very one that the last run left."""
        return (
            self._last_update.at is not None and file_state(str(self._path)) == self._last_update.at
        )

    @cached_property
    def register(self) -> Register:
        """The register's contents."""
        return read_register(self._path)

    @property
    def loaded_register(self) -> Register | None:
        """Return its contents, if they were read; else nothing."""
        return self.__dict__.get("register")

    def reading_problems(self) -> tuple[Problem, ...]:
        """Return what is doubtful in it; nothing is read where nothing can be."""
        known = self._was_unchanged and not self._last_update.may_say
        return () if known else self.register.problems

    def tracking_numbers(self) -> dict[str, str]:
        """Return the tracking numbers by the letters' ids; nothing is read where none can be."""
        if self._was_unchanged and not self._last_update.may_say:
            return {}
        rows = self.register.rows.items()
        own = {letter_id: row.tracking for letter_id, row in rows if row.tracking}
        return {i: number for i, number in own.items() if not self.belongs_to_others(i)}

    def stages(self, pair: Pair, known: LetterRecord) -> Mapping[str, StageValue]:
        """Return the stages of the pair's letter that count, each with what says it."""
        elsewhere = dict.fromkeys(self._stages_elsewhere.get(known.id, ()), _IN_OTHER_REGISTER)
        if self._nothing_printed:
            return elsewhere
        return {
            **elsewhere,
            **self._earlier_stages(known.id),
            **self._current_stages_of_pair(pair, known),
        }

    def _stages_of_row(self, letter_id: str) -> Mapping[str, StageValue]:
        """Return what counts for a letter that has a row, or had one."""
        return {**self._earlier_stages(letter_id), **self._current_stages(letter_id)}

    def _earlier_stages(self, letter_id: str) -> Mapping[str, StageValue]:
        return dict.fromkeys(self._stages_before.get(letter_id, ()), _RECORDED_BEFORE)

    def _current_stages(
        self, letter_id: str, register: Register | None = None
    ) -> Mapping[str, StageValue]:
        """Return what a letter's row and its piles say, in this register or another one."""
        register = register or self.register
        row = register.rows.get(letter_id)
        if row is None or (register is self.register and self.belongs_to_others(letter_id)):
            return {}
        piles = self._without_excluded_dates(letter_id, register.stages(letter_id))
        if row.state == NO_LONGER_WANTED and self._last_update.told:
            before = self._stages_before.get(letter_id, ())
            piles = {stage: value for stage, value in piles.items() if stage in before}
        return {**piles, **row.stages}

    def _current_stages_of_pair(self, pair: Pair, known: LetterRecord) -> Mapping[str, StageValue]:
        """Return the same; a letter whose row is gone is still in the piles of its people."""
        if known.id in self.register.rows:
            return self._current_stages(known.id)
        if not known.content or self.clashes.has_any(pair.signer, pair.recipient):
            return {}
        return self._without_excluded_dates(known.id, self._pile_stages(pair, known.day))

    def _pile_stages(self, pair: Pair, made: dt.date) -> Mapping[str, StageValue]:
        """Return what the dates of piles say of a letter that was created on a day."""
        person = self._identity.person_id
        signer, recipient = ((person(p), str(p.label)) for p in (pair.signer, pair.recipient))
        return self.register.stages_covering(signer, recipient, made)

    def _without_excluded_dates(
        self, letter_id: str, found: Mapping[str, StageValue]
    ) -> Mapping[str, StageValue]:
        excluded = self._excluded_dates.get(letter_id)
        if excluded is None:
            return found
        return {stage: value for stage, value in found.items() if str(value) != excluded.get(stage)}

    @cached_property
    def _stages_elsewhere(self) -> dict[str, AbstractSet[str]]:
        """The stages that only registers beside this one give letters, by their ids."""
        found: dict[str, AbstractSet[str]] = {}
        for file, register in self._other_registers[0].items():
            for letter_id, more in self._extra_stages(file, register):
                found[letter_id] = found.get(letter_id, frozenset()) | more
        return found

    def _extra_stages(self, file: Path, other: Register) -> Iterator[tuple[str, AbstractSet[str]]]:
        """Yield the stages that another register gives letters and this one never did."""
        for letter_id, row in other.rows.items() if other.has_any_dates else ():
            if not self.clashes.has_row_beside(file, row):
                more = (
                    self._current_stages(letter_id, other).keys()
                    - self._stages_of_row(letter_id).keys()
                )
                known = letter_id in self.register.rows or self._ledger.letter_path(letter_id)
                if known and more:
                    yield letter_id, more

    @cached_property
    def _other_registers(self) -> tuple[Mapping[Path, Register], Sequence[Path]]:
        """The registers beside this one: those that were read, those that were not."""
        return read_other_registers(self._path)

    @cached_property
    def clashes(self) -> IdClashes:
        """The people whose IDs registers give to others."""
        is_ours = self._was_unchanged or self._last_update.waits or not self._last_update.told
        own = None if is_ours else self.register
        return IdClashes(self._campaign, own, lambda: self._other_registers[0])

    def belongs_to_others(self, letter_id: str) -> bool:
        """Return whether the row of a letter of the workbook is other people's."""
        is_possible = bool(self.clashes.in_register)
        return is_possible and self.clashes.has_row(self.register.rows.get(letter_id))

    def former_people_stages(
        self, current: AbstractSet[int], wanted: Sequence[AbstractSet[str]] = ()
    ) -> Iterator[AbstractSet[str]]:
        """Yield the stages that each letter has reached of people who left, in rows and piles.

        `current` are the ids of all other letters, as numbers; `wanted` are the ids of people: of
        each of these sets the letter has somebody.
        """
        for letter_id, row in {} if self._nothing_printed else self.register.rows.items():
            theirs = all({row.signer_id, row.recipient_id} & people for people in wanted)
            if theirs and int(letter_id, 16) not in current:
                yield self._stages_of_row(letter_id).keys()

    def deleted_people_stages(self) -> Iterator[str]:
        """Yield each stage of letters of people who were taken out, as far as it was kept."""
        return iter(()) if self._nothing_printed else self.register.stages_of_deleted_letters()

    def wanted_rows(self) -> Iterator[tuple[str, LetterRow, Mapping[str, StageValue]]]:
        """Yield each letter that somebody wants: its id, its row, what staff wrote down of it."""
        for letter_id, row in self.register.rows.items():
            if row.state != NO_LONGER_WANTED:
                yield letter_id, row, self._stages_of_row(letter_id)

    def has_dates(self, letter_id: str) -> bool:
        """Return whether staff wrote anything down of a letter that has a row, or had one."""
        return not self._nothing_printed and bool(self._stages_of_row(letter_id))

    def has_lost_row(self, letter_id: str) -> bool:
        """Return whether the row of a letter that had one is gone, if nothing worse is told."""
        if self._was_unchanged or self._last_update.waits or not self._last_update.told:
            return False
        gone = self.register.exists and letter_id not in self.register.rows
        return gone and letter_id not in self._missing_stages

    @cached_property
    def _missing_stages(self) -> dict[str, frozenset[str]]:
        """The stages that the register gave letters before, and does not now, by their ids."""
        if self._was_unchanged and not self._last_update.says_less:
            return {}
        rows = self.register.rows
        without_row = {letter_id for letter_id in self._stages_before if letter_id not in rows}
        found = {
            i: before - self._current_stages(i).keys() for i, before in self._stages_before.items()
        }
        for pair in self._campaign.workbook.pairs() if without_row else ():
            letter_id = self._identity.letter_id(pair)
            known = self._ledger.letter(letter_id) if letter_id in without_row else None
            if known:
                without_row.discard(letter_id)
                found[letter_id] -= self._current_stages_of_pair(pair, known).keys()
        erased = {i for i in without_row if not self._has_file(i)}
        return {i: lost for i, lost in found.items() if lost and i not in erased}

    def _has_file(self, letter_id: str) -> bool:
        path = self._ledger.letter_path(letter_id)
        return bool(path) and os.path.lexists(self._campaign.letters_folder / path)

    def accept_missing_stages(self, letters: AbstractSet[str] | None) -> None:
        """Believe the register where it says less than it did of these letters; of all for None."""
        for letter_id in [i for i in self._stages_elsewhere if letters is None or i in letters]:
            del self._stages_elsewhere[letter_id]
        for letter_id in [i for i in self._missing_stages if letters is None or i in letters]:
            self._stages_before[letter_id] -= self._missing_stages.pop(letter_id)
            self._has_accepted_less = True

    def save_printed_stages(self) -> None:
        """Write down what is on paper by now, so that a register that says less is noticed."""
        if self._was_unchanged and not self._has_accepted_less:
            return
        self._exclude_dates_of_unwanted()
        rows, stored = self.register.rows, self._ledger.register_stages()
        news = {}
        for letter_id in {*rows, *self._stages_before}.intersection(self._ledger.letter_ids()):
            said = frozenset(self._stages_of_row(letter_id))
            if (said or letter_id in stored) and said != stored.get(letter_id):
                news[letter_id] = said
        self._ledger.commit(ChangeSet(register_stages=news))

    def _exclude_dates_of_unwanted(self) -> None:
        """Note which dates for piles do not mean a letter that nobody wants any more.

        They do not mean it either when its pair comes back.
        """
        for letter_id, row in self.register.rows.items():
            if row.state == NO_LONGER_WANTED:
                piles, own = self.register.stages(letter_id), self._current_stages(letter_id)
                late = {stage: str(value) for stage, value in piles.items() if stage not in own}
                if late:
                    had = self._excluded_dates.get(letter_id, {})
                    self._excluded_dates[letter_id] = {**had, **late}

    def warnings(self) -> Iterator[Problem]:
        """Yield what is to be known before anything is made: dates that this register lacks."""
        if self._missing_stages:
            letters = self._describe_letters(self._missing_stages)
            yield messages.problem("register-says-less", Place(REGISTER_FILE), letters=letters)
        yield from self.clashes.problems()
        others, unread = self._other_registers
        quiet = [file.name for file in unread]
        for file, register in others.items():
            more = dict(self._extra_stages(file, register))
            clashes = [*self.clashes.problems_beside(file)]
            yield from clashes
            if more:
                letters = self._describe_letters(more)
                yield messages.problem("register-says-more", Place(file.name), letters=letters)
            elif not clashes:
                quiet.append(file.name)
        if quiet:
            yield messages.problem("register-others", Place(REGISTER_FILE), files=sorted(quiet))

    def _describe_letters(self, stages: Mapping[str, AbstractSet[str]]) -> list[str]:
        """Return letters by their paths, each with its stages."""
        words = {i: ", ".join(s for s in STAGES if s in stages[i]) for i in stages}
        return sorted(f"{self._ledger.letter_path(i)} ({words[i]})" for i in stages)

    def exclude_from_pile_dates(self, new: Iterable[tuple[Pair, LetterRecord]]) -> list[str]:
        """Note that dates for piles that stand there do not mean new letters; return their paths.

        Such a date was written before these letters were made.
        """
        paths = []
        for pair, known in () if self._nothing_printed else new:
            if found := self._pile_stages(pair, known.day):
                self._excluded_dates[known.id] = {
                    stage: str(value) for stage, value in found.items()
                }
                paths.append(known.path)
        self._save_last_update(replace(self._last_update, waits=True))
        return paths

    def _save_last_update(self, last: LastUpdate) -> None:
        self._last_update = last
        excluded = {_EXCLUDED_DATES_FACT: json.dumps(self._excluded_dates)}
        self._ledger.commit(ChangeSet(facts={**last.fact(), **excluded}))

    def drop_letters(self, letters: Iterable[str]) -> None:
        """Forget what is noted of letters that are there no more."""
        noted = [letter_id for letter_id in letters if letter_id in self._excluded_dates]
        for letter_id in noted:
            del self._excluded_dates[letter_id]
        if noted:
            self._save_last_update(self._last_update)

    def registered_name(self, letter_id: str, kind: SheetKind) -> str:
        """Return the name that the register has for a letter's signer or recipient, if any."""
        row = self.register.rows.get(letter_id)
        return (row.signer if kind == "signer" else row.recipient) if row else ""

    def earlier_name(self, letter_id: str, kind: SheetKind) -> str:
        """Return the same; empty if the row is other people's."""
        return "" if self.belongs_to_others(letter_id) else self.registered_name(letter_id, kind)

    @property
    def is_update_pending(self) -> bool:
        """Whether letters may have no row yet."""
        return self._last_update.waits

    def update(
        self, entries: Callable[[], Iterator[RegisterEntry]], content_hash: str
    ) -> tuple[list[Problem], tuple[RevertedEdit, ...]]:
        """Write what changed; return what is to be reported, and what staff typed over.

        `told` is a hash of all that it says: the same as last time, and nothing is written.
        """
        if content_hash == self._last_update.told and self._is_unchanged:
            if self._last_update.waits:
                self._save_last_update(replace(self._last_update, waits=False))
            return [], ()
        register = self.register
        done = update_register(self._path, entries(), register, dt.datetime.now().astimezone())
        problems = [*register.problems, *done.problems]
        waits = any(problem.code == "register-no-room" for problem in done.problems)
        if done.is_current:
            self.save_printed_stages()
            again = waits or bool(self.clashes.in_register)
            self._excluded_dates = {
                i: late for i, late in self._excluded_dates.items() if self._ledger.letter(i)
            }
            self._save_last_update(
                LastUpdate(
                    told=content_hash,
                    at=None if again else file_state(str(self._path)),
                    waits=waits,
                    says_less=bool(self._missing_stages),
                    may_say=bool(problems or register.has_any_dates or self.tracking_numbers()),
                )
            )
        return problems, done.reverted_edits
