"""The register as a campaign sees it: what is on paper, and what the register is to be told.

Reading it needs no openpyxl; `register.updating` loads that only if something is to be written.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from pathlib import Path

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.earlier_runs import names_in
from merge.disk import FileState, file_state
from merge.errors import StorageError
from merge.letter_status import SPOKEN, WRITTEN_STATES, State, Step
from merge.people import Pair, Person, SheetKind
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.register.entries import (
    NO_LONGER_WANTED,
    LetterRow,
    RegisterEntry,
    RevertedEdit,
    StageValue,
)
from merge.register.layouts import STAGES, counted_stages
from merge.register.reading import Register, read_other_registers, read_register
from merge.register.updating import update_register
from merge.state.identity import bare_name, is_correction, is_same_name
from merge.state.ledger import ChangeSet, Ledger, LetterRecord, several

_FACT, _EXCLUDED_DATES_FACT = "register", "late"

_PASSING: frozenset[State] = frozenset({"in-use", "faulty"})
"""States that say nothing of what is in a file: the row keeps what it says."""
_AS_MADE = SPOKEN["unchanged"]


def _state_text(step: Step, *, done: bool) -> str:
    """Return what the register says of a letter; `done` where its step was carried out."""
    if done and step.state in WRITTEN_STATES:
        return _AS_MADE
    return "" if step.state in _PASSING else step.spoken


@dataclass(frozen=True, slots=True)
class _LastUpdate:
    """What is remembered of the register: a hash of what it says, and the file as it was then."""

    told: str = ""
    at: FileState | None = None
    on_paper: int = 0
    has_any_dates: bool = False
    waits: bool = False
    """Letters may have no row yet: it could not be written, or a run was cut short."""
    says_less: bool = False
    """It said less of letters than it had said before."""
    remembers: bool = False
    """The ledger has what it said of each letter."""
    may_be_doubtful: bool = True
    """Something in it may be doubtful: dates, or what was told then."""
    may_have_tracking: bool = True
    """Tracking numbers may stand in it."""


_SAID_BEFORE, _SAID_ELSEWHERE = "said before", "in another register"
"""What stands for the cell of a stage that the register has no more, or only another one has."""

_Who = tuple[SheetKind, str]
"""A person as registers have them: the kind and the id."""


class CampaignRegister:
    """The register of a campaign folder, read when it is needed.

    MergeError where it is there and cannot be read, or is there no more: then nobody knows what is
    on paper. `anew` allows the latter. What it said before counts as well, until it is released.
    """

    def __init__(self, campaign: Campaign, ledger: Ledger, *, anew: bool = False) -> None:
        self._campaign, self._identity, self._ledger = campaign, campaign.identity, ledger
        self._path = campaign.folder / REGISTER_FILE
        self._last = _parse_last_update(ledger.fact(_FACT))
        if self._last.told and not os.path.lexists(self._path) and not anew:
            others, _ = read_other_registers(self._path)
            names = sorted(file.name for file in others)
            count = self._last.on_paper or None
            place = Place(REGISTER_FILE)
            raise StorageError(
                messages.problem("register-gone", place, count=count, others=names or None)
            )
        self._said_before, self._released = ledger.on_paper(), False
        self._was_unchanged = self._is_unchanged
        self._nothing_on_paper = self._was_unchanged and not (
            self._last.has_any_dates or any(self._said_before.values())
        )
        self._excluded_dates: dict[str, dict[str, str]] = json.loads(
            ledger.fact(_EXCLUDED_DATES_FACT) or "{}"
        )

    @property
    def _is_unchanged(self) -> bool:
        """Whether the file is, at this moment, the very one that the last run left."""
        return self._last.at is not None and file_state(str(self._path)) == self._last.at

    @cached_property
    def register(self) -> Register:
        """The register's contents."""
        return read_register(self._path)

    @property
    def held(self) -> Register | None:
        """Return its contents, if they were read; else nothing."""
        return self.__dict__.get("register")

    def doubts(self) -> tuple[Problem, ...]:
        """Return what is doubtful in it; nothing is read where nothing can be."""
        known = self._was_unchanged and not self._last.may_be_doubtful
        return () if known else self.register.problems

    def tracking(self) -> dict[str, str]:
        """Return the tracking numbers by the letters' ids; nothing is read where none can be."""
        if self._was_unchanged and not self._last.may_have_tracking:
            return {}
        rows = self.register.rows.items()
        own = {letter_id: row.tracking for letter_id, row in rows if row.tracking}
        return {i: number for i, number in own.items() if not self.is_of_others(i)}

    def stages_of_others(
        self, current: AbstractSet[int], wanted: Sequence[AbstractSet[str]] = ()
    ) -> Iterator[AbstractSet[str]]:
        """Yield the stages that each letter has reached of people who left, in rows and piles.

        `current` are the ids of all other letters, as numbers; `wanted` are the ids of people: of
        each of these sets the letter has somebody.
        """
        for letter_id, row in {} if self._nothing_on_paper else self.register.rows.items():
            theirs = all({row.signer_id, row.recipient_id} & people for people in wanted)
            if theirs and int(letter_id, 16) not in current:
                before = self._said_before.get(letter_id, frozenset())
                yield before | self._row_stages(letter_id).keys()

    def forgotten_stages(self) -> Iterator[str]:
        """Yield each stage of letters of people who were taken out, as far as it was kept."""
        return iter(()) if self._nothing_on_paper else self.register.forgotten_stages()

    def kept_rows(self) -> Iterator[tuple[str, LetterRow, Mapping[str, StageValue]]]:
        """Yield each letter that somebody wants: its id, its row, what staff wrote down of it."""
        for letter_id, row in self.register.rows.items():
            if row.state != NO_LONGER_WANTED:
                before = dict.fromkeys(self._said_before.get(letter_id, ()), _SAID_BEFORE)
                yield letter_id, row, {**before, **self._row_stages(letter_id)}

    def has_dates(self, letter_id: str) -> bool:
        """Return whether staff wrote anything down of a letter that has a row, or had one."""
        before = self._said_before.get(letter_id)
        return not self._nothing_on_paper and bool(before or self._row_stages(letter_id))

    def stages(self, pair: Pair, known: LetterRecord) -> Mapping[str, StageValue]:
        """Return what staff wrote down of the pair's letter: it is on paper if that is anything."""
        elsewhere = dict.fromkeys(self._said_elsewhere.get(known.id, ()), _SAID_ELSEWHERE)
        if self._nothing_on_paper:
            return elsewhere
        before = dict.fromkeys(self._said_before.get(known.id, ()), _SAID_BEFORE)
        return {**elsewhere, **before, **self._stages_now(pair, known)}

    @cached_property
    def _said_elsewhere(self) -> dict[str, AbstractSet[str]]:
        """The stages that only registers beside this one give letters, by their ids."""
        found: dict[str, AbstractSet[str]] = {}
        for file, register in self._others[0].items():
            for letter_id, more in self._more_in(file, register):
                found[letter_id] = found.get(letter_id, frozenset()) | more
        return found

    @cached_property
    def _others(self) -> tuple[Mapping[Path, Register], Sequence[Path]]:
        """The registers beside this one: those that were read, those that were not."""
        return read_other_registers(self._path)

    # Whom a register has under the ID of somebody else: two computers may have given one ID twice.

    @cached_property
    def _people(self) -> Mapping[_Who, Person]:
        """The people of the workbook, by kind and id."""
        book = self._campaign.workbook
        everybody = (*book.signers.persons, *book.recipients.persons)
        return {self._who(person): person for person in everybody}

    def _who(self, person: Person) -> _Who:
        return person.kind, self._identity.person(person)

    def _others_in(self, register: Register) -> dict[_Who, str]:
        """Return whom a register has in the place of people of the workbook: their names."""
        names = ((who, bare_name(name)) for who, name in names_in(register).items())
        here = self._people
        return {
            who: name
            for who, name in names
            if name and who in here and not is_same_name(name, bare_name(str(here[who].name)))
        }

    @cached_property
    def _own_others(self) -> Mapping[_Who, str]:
        """The same of this register, corrected names left out.

        It is compared only if another program saved it. Whoever is called otherwise than at the
        last run is for the ledger to know.
        """
        if self._was_unchanged or self._last.waits or not self._last.told:
            return {}
        changed = {someone.id for someone in self._identity.people_to_record}
        return {
            (kind, own): name
            for (kind, own), name in self._others_in(self.register).items()
            if own not in changed
            and (kind, self._people[kind, own].key) not in self._identity.asked_about
            and not is_correction(name, str(self._people[kind, own].name), kind)
        }

    @cached_property
    def _others_elsewhere(self) -> Mapping[Path, Mapping[_Who, str]]:
        """The same of the registers beside this one, as far as they say anything."""
        return {
            file: self._others_in(other)
            for file, other in self._others[0].items()
            if other.has_any_dates
        }

    def is_of_others(self, letter_id: str) -> bool:
        """Return whether the row of a letter of the workbook is other people's."""
        row = self.register.rows.get(letter_id) if self._own_others else None
        return row is not None and _has_any(row, self._own_others)

    def other_name(self, person: Person) -> str:
        """Return who else has a person's ID, as registers have it; empty where none does."""
        who = self._who(person)
        every = (self._own_others, *self._others_elsewhere.values())
        return next((found[who] for found in every if who in found), "")

    def other_people(self) -> Iterator[Problem]:
        """Yield the errors of this register: it has other people than the workbook."""
        if self._own_others:
            yield self._other_people_problem(REGISTER_FILE, self._own_others)

    def somebody_else(self, person: Person) -> Iterator[Problem]:
        """Yield the errors of all registers that have another person under this person's ID."""
        who = self._who(person)
        for file, found in {self._path: self._own_others, **self._others_elsewhere}.items():
            if who in found:
                yield self._other_people_problem(file.name, {who: found[who]})

    def _other_people_problem(self, file: str, others: Mapping[_Who, str]) -> Problem:
        """Return the error that a register has other people under IDs of the workbook's."""
        pairs = [(self._people[who], name) for who, name in others.items()]
        people = [f"{p.name} and {name}" + (f" ({p.id})" if p.id else "") for p, name in pairs]
        is_own = file == REGISTER_FILE
        key = "register-other-people/own" if is_own else "register-other-people"
        return messages.problem(key, Place(file), people=people)

    def _stages_now(self, pair: Pair, known: LetterRecord) -> Mapping[str, StageValue]:
        """Return what the register says now; a letter whose row is gone still lies in its piles."""
        if known.id in self.register.rows:
            return self._row_stages(known.id)
        people, others = (pair.signer, pair.recipient), self._own_others
        if others and any(self._who(person) in others for person in people):
            return {}
        found = self._pile_stages(pair, known.day) if known.content else {}
        return self._without_excluded_dates(known.id, found)

    def _row_stages(
        self, letter_id: str, register: Register | None = None
    ) -> Mapping[str, StageValue]:
        """Return what a letter's row and its piles say; the row's own goes first."""
        register = register or self.register
        row = register.rows.get(letter_id)
        if row is None or (register is self.register and self.is_of_others(letter_id)):
            return {}
        piles = self._without_excluded_dates(letter_id, register.stages(letter_id))
        if row.state == NO_LONGER_WANTED and self._last.remembers:
            # nobody wanted the letter any more when such a date was written, unless it counted then
            before = self._said_before.get(letter_id, ())
            piles = {stage: value for stage, value in piles.items() if stage in before}
        return {**piles, **row.stages}

    def _without_excluded_dates(
        self, letter_id: str, found: Mapping[str, StageValue]
    ) -> Mapping[str, StageValue]:
        """Leave out the dates for whole piles that stood there before the letter was made."""
        late = self._excluded_dates.get(letter_id)
        if late is None:
            return found
        return {stage: value for stage, value in found.items() if str(value) != late.get(stage)}

    def has_lost_row(self, letter_id: str) -> bool:
        """Return whether the row of a letter that had one is gone, if nothing worse is told."""
        if self._was_unchanged or self._last.waits or not self._last.told:
            return False
        gone = self.register.exists and letter_id not in self.register.rows
        return gone and letter_id not in self._says_less

    @cached_property
    def _says_less(self) -> dict[str, frozenset[str]]:
        """The stages that the register gave letters before, and does not now, by their ids."""
        if self._was_unchanged and not self._last.says_less:
            return {}
        rows = self.register.rows
        without_row = {letter_id for letter_id in self._said_before if letter_id not in rows}
        found = {i: before - self._row_stages(i).keys() for i, before in self._said_before.items()}
        for pair in self._campaign.workbook.pairs() if without_row else ():
            letter_id = self._identity.letter(pair)
            known = self._ledger.letter(letter_id) if letter_id in without_row else None
            if known:
                without_row.discard(letter_id)
                found[letter_id] -= self._stages_now(pair, known).keys()
        erased = {i for i in without_row if not self._has_file(i)}
        return {i: lost for i, lost in found.items() if lost and i not in erased}

    def _has_file(self, letter_id: str) -> bool:
        path = self._ledger.path(letter_id)
        return bool(path) and os.path.lexists(self._campaign.folder / LETTERS_FOLDER / path)

    def release(self, letters: AbstractSet[str] | None) -> None:
        """Believe the register where it says less than it did of these letters; of all for None."""
        for letter_id in [i for i in self._said_elsewhere if letters is None or i in letters]:
            del self._said_elsewhere[letter_id]
        for letter_id in [i for i in self._says_less if letters is None or i in letters]:
            self._said_before[letter_id] -= self._says_less.pop(letter_id)
            self._released = True

    def remember(self) -> None:
        """Write down what is on paper by now, so that a register that says less is noticed."""
        if self._was_unchanged and self._last.remembers and not self._released:
            return
        self._exclude_unwanted()
        rows, stored = self.register.rows, self._ledger.on_paper()
        news = {}
        for letter_id in {*rows, *self._said_before}.intersection(self._ledger.ids()):
            before = self._said_before.get(letter_id, frozenset())
            said = before | self._row_stages(letter_id).keys()
            if (said or letter_id in stored) and said != stored.get(letter_id):
                news[letter_id] = said
        self._ledger.commit(ChangeSet(on_paper=news))

    def _exclude_unwanted(self) -> None:
        """Note which dates for piles do not mean a letter that nobody wants any more.

        They do not mean it either when its pair comes back.
        """
        for letter_id, row in self.register.rows.items():
            if row.state == NO_LONGER_WANTED:
                piles, own = self.register.stages(letter_id), self._row_stages(letter_id)
                late = {stage: str(value) for stage, value in piles.items() if stage not in own}
                if late:
                    had = self._excluded_dates.get(letter_id, {})
                    self._excluded_dates[letter_id] = {**had, **late}

    def warnings(self) -> Iterator[Problem]:
        """Yield what is to be known before anything is made: dates that this register lacks."""
        if self._says_less:
            letters = self._listed(self._says_less)
            yield messages.problem("register-says-less", Place(REGISTER_FILE), letters=letters)
        yield from self.other_people()
        others, unread = self._others
        quiet = [file.name for file in unread]
        for file, register in others.items():
            more = dict(self._more_in(file, register))
            if clashes := self._others_elsewhere.get(file):
                yield self._other_people_problem(file.name, clashes)
            if more:
                letters = self._listed(more)
                yield messages.problem("register-says-more", Place(file.name), letters=letters)
            elif not clashes:
                quiet.append(file.name)
        if quiet:
            yield messages.problem("register-others", Place(REGISTER_FILE), files=sorted(quiet))

    def _more_in(self, file: Path, other: Register) -> Iterator[tuple[str, AbstractSet[str]]]:
        """Yield the stages that another register gives letters and this one never did."""
        others = self._others_elsewhere.get(file, {})
        for letter_id, row in other.rows.items() if other.has_any_dates else ():
            if _has_any(row, others):
                continue
            said = self._row_stages(letter_id, other).keys()
            here = self._row_stages(letter_id).keys() | self._said_before.get(letter_id, set())
            known = letter_id in self.register.rows or self._ledger.path(letter_id)
            if known and said - here:
                yield letter_id, said - here

    def _listed(self, stages: Mapping[str, AbstractSet[str]]) -> list[str]:
        """Return letters by their paths, each with its stages."""
        words = {i: ", ".join(s for s in STAGES if s in stages[i]) for i in stages}
        return sorted(f"{self._ledger.path(i)} ({words[i]})" for i in stages)

    def exclude_from_pile_dates(self, new: Iterable[tuple[Pair, LetterRecord]]) -> list[str]:
        """Note that dates for piles that stand there do not mean new letters; return their paths.

        Such a date was written before these letters were made.
        """
        paths = []
        for pair, known in () if self._nothing_on_paper else new:
            if found := self._pile_stages(pair, known.day):
                self._excluded_dates[known.id] = {
                    stage: str(value) for stage, value in found.items()
                }
                paths.append(known.path)
        self._note(replace(self._last, waits=True))
        return paths

    def _note(self, last: _LastUpdate) -> None:
        self._last = last
        facts = {
            _FACT: json.dumps(astuple(last)),
            _EXCLUDED_DATES_FACT: json.dumps(self._excluded_dates),
        }
        self._ledger.commit(ChangeSet(facts=facts))

    def forget(self, letters: Iterable[str]) -> None:
        """Forget what is noted of letters that are there no more."""
        noted = [letter_id for letter_id in letters if letter_id in self._excluded_dates]
        for letter_id in noted:
            del self._excluded_dates[letter_id]
        if noted:
            self._note(self._last)

    def _pile_stages(self, pair: Pair, made: dt.date) -> Mapping[str, StageValue]:
        """Return what dates for whole piles say of a letter that was made on a day."""
        person = self._identity.person
        signer, recipient = ((person(p), str(p.label)) for p in (pair.signer, pair.recipient))
        return self.register.stages_covering(signer, recipient, made)

    def name(self, letter_id: str, kind: SheetKind) -> str:
        """Return the name that the register has for a letter's signer or recipient, if any."""
        row = self.register.rows.get(letter_id)
        return (row.signer if kind == "signer" else row.recipient) if row else ""

    def earlier_name(self, letter_id: str, kind: SheetKind) -> str:
        """Return the same; empty if the row is other people's."""
        return "" if self.is_of_others(letter_id) else self.name(letter_id, kind)

    @property
    def waits(self) -> bool:
        """Whether letters may have no row yet."""
        return self._last.waits

    def update(
        self, entries: Callable[[], Iterator[RegisterEntry]], told: str
    ) -> tuple[list[Problem], tuple[RevertedEdit, ...]]:
        """Write what changed; return what is to be reported, and what staff typed over.

        `told` is a hash of all that it says: the same as last time, and nothing is written.
        """
        if told == self._last.told and self._is_unchanged:
            if self._last.waits:
                self._note(replace(self._last, waits=False))
            return [], ()
        register = self.register
        done = update_register(self._path, entries(), register, dt.datetime.now().astimezone())
        problems = [*register.problems, *done.problems]
        waits = any(problem.code == "register-no-room" for problem in done.problems)
        if done.current:
            self.remember()
            count = sum(map(bool, self._ledger.on_paper().values()))
            again = waits or bool(self._own_others)  # to be told again at the next run
            at = None if again else file_state(str(self._path))
            self._excluded_dates = {
                i: late for i, late in self._excluded_dates.items() if self._ledger.letter(i)
            }
            has_dates = register.has_any_dates
            self._note(
                _LastUpdate(
                    told,
                    at,
                    count,
                    has_dates,
                    waits,
                    says_less=bool(self._says_less),
                    remembers=True,
                    may_be_doubtful=has_dates or bool(problems),
                    may_have_tracking=bool(self.tracking()),
                )
            )
        return problems, done.typed


def _has_any(row: LetterRow, people: Mapping[_Who, str]) -> bool:
    return ("signer", row.signer_id) in people or ("recipient", row.recipient_id) in people


def _parse_last_update(fact: str) -> _LastUpdate:
    if not fact:
        return _LastUpdate()
    told, at, *more = json.loads(fact)
    return _LastUpdate(told, FileState(*at) if at else None, *more)


def register_as_left(ledger: Ledger) -> FileState | None:
    """Return what the register's file was when the last run was done with it; None if it waits."""
    last = _parse_last_update(ledger.fact(_FACT))
    return None if last.waits else last.at


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
