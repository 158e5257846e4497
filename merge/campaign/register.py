"""The register as a campaign sees it: what is on paper, and what the register is to be told.

Reading it needs no openpyxl; `register.planning` loads that only where something is to be written.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from pathlib import Path

from merge.campaign.campaign import LETTERS_FOLDER, Campaign
from merge.disk import FileState, file_state
from merge.model import Pair, Place, Problem, SheetKind, State, Step, StorageError
from merge.register.model import NO_LONGER_WANTED, RegisterEntry, RevertedEdit, StageValue
from merge.register.planning import update_register
from merge.register.reading import Register, read_register
from merge.state.identity import Identity
from merge.state.ledger import ChangeSet, Ledger, LetterRecord

REGISTER_FILE = "register.xlsx"
_FACT, _EXCLUDED_DATES_FACT = "register", "late"

_WORDS: dict[State, str] = {
    "resaved": "saved again",
    "edited": "edited",
    "edited-changed": "edited, data changed",
    "on-paper": "on paper",
    "moved": "moved by hand",
    "foreign": "another file is there",
    "in-use": "",
    "faulty": "",
}
"""What the register calls a state; empty where its row keeps what it says."""
AS_MADE = "as made"


def state_text(step: Step, *, done: bool) -> str:
    """Return what the register says of a letter; `done` where its step was carried out."""
    if not done and step.state in {"new", "rewritten"}:
        return "not there" if step.state == "new" else "data changed"
    word = _WORDS.get(step.state, AS_MADE)
    if step.state in {"on-paper", "resaved", "moved"} and step.data_changed:
        return f"{word}, data changed"
    return word


@dataclass(frozen=True, slots=True)
class _LastUpdate:
    """What is remembered of the register: a hash of what it says, and the file as it was then."""

    told: str = ""
    at: FileState | None = None
    on_paper: int = 0
    has_any_dates: bool = False
    waits: bool = False
    """Letters may have no row yet: it could not be written, or a run was cut short."""


class CampaignRegister:
    """The register of a campaign folder, read when it is needed.

    MergeError where it is there and cannot be read, or is there no more: then nobody knows what is
    on paper. `anew` allows the latter.
    """

    def __init__(
        self, folder: Path, ledger: Ledger, identity: Identity, *, anew: bool = False
    ) -> None:
        self._path, self._ledger, self._identity = folder / REGISTER_FILE, ledger, identity
        self._last = _parse_last_update(ledger.fact(_FACT))
        if self._last.told and not os.path.lexists(self._path) and not anew:
            raise StorageError(_gone(self._last.on_paper))
        self._was_unchanged = self._is_unchanged
        self._nothing_on_paper = self._was_unchanged and not self._last.has_any_dates
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

    def has_dates(self, letter_id: str) -> bool:
        """Return whether staff wrote anything down of a letter that has a row."""
        return not self._nothing_on_paper and bool(self._row_stages(letter_id))

    def stages(self, pair: Pair, known: LetterRecord) -> Mapping[str, StageValue]:
        """Return what staff wrote down of the pair's letter: it is on paper where that is anything.

        One whose row is gone lies in its piles as ever.
        """
        if self._nothing_on_paper:
            return {}
        if known.id in self.register.rows:
            return self._row_stages(known.id)
        found = self._pile_stages(pair, known.day) if known.content else {}
        return self._without_excluded_dates(known.id, found)

    def _row_stages(self, letter_id: str) -> Mapping[str, StageValue]:
        """Return what a letter's row and its piles say; the row's own goes first."""
        row = self.register.rows.get(letter_id)
        own = row.stages if row else {}
        return {**self._without_excluded_dates(letter_id, self.register.stages(letter_id)), **own}

    def _without_excluded_dates(
        self, letter_id: str, found: Mapping[str, StageValue]
    ) -> Mapping[str, StageValue]:
        """Leave out the dates for whole piles that stood there before the letter was made."""
        late = self._excluded_dates.get(letter_id)
        if late is None:
            return found
        return {stage: value for stage, value in found.items() if str(value) != late.get(stage)}

    def has_lost_row(self, letter_id: str) -> bool:
        """Return whether the row of a letter that had one is gone."""
        if self._was_unchanged or self._last.waits or not self._last.told:
            return False
        return self.register.exists and letter_id not in self.register.rows

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

    def _pile_stages(self, pair: Pair, made: dt.date) -> Mapping[str, StageValue]:
        """Return what dates for whole piles say of a letter that was made on a day."""
        person = self._identity.person
        signer, recipient = ((person(p), str(p.label)) for p in (pair.signer, pair.recipient))
        return self.register.stages_covering(signer, recipient, made)

    def name(self, letter_id: str, kind: SheetKind) -> str:
        """Return the name that the register has for a letter's signer or recipient, if any."""
        row = self.register.rows.get(letter_id)
        return (row.signer if kind == "signer" else row.recipient) if row else ""

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
            count = sum(register.on_paper(letter_id) for letter_id in register.rows)
            at = None if waits else file_state(str(self._path))  # to be told again at the next run
            self._excluded_dates = {
                i: late for i, late in self._excluded_dates.items() if self._ledger.letter(i)
            }
            self._note(_LastUpdate(told, at, count, register.has_any_dates, waits))
        return problems, done.typed


def _gone(on_paper: int) -> Problem:
    said = f", and said that {on_paper:,} letters are on paper" if on_paper else ""
    what = f"it was there at the last run{said}. Now it is gone."
    hint = "Put it back (bin, backup). If nothing is on paper yet: merge letters --new-register."
    return Problem("register-gone", Place(REGISTER_FILE), what, hint)


def _parse_last_update(fact: str) -> _LastUpdate:
    if not fact:
        return _LastUpdate()
    told, at, *more = json.loads(fact)
    return _LastUpdate(told, FileState(*at) if at else None, *more)


def typed_problem(typed: RevertedEdit, cell: str) -> Problem:
    """Return the warning of a text typed where the program writes; `cell` is what to change."""
    what = f"'{typed.value}' stood in the column {typed.heading}, which the program fills in."
    hints = {
        "State": "Write a date into Printed, Signed, Posted or Answered instead.",
        "File": "Move or rename the file itself; it will be found.",
        "Made on": "Set the row Date of the sheet Settings instead.",
    }
    hint = (
        f"Change {cell} instead." if cell else hints.get(typed.heading, "Use a column of your own.")
    )
    return Problem("register-typed", typed.place, what, hint, "warning")


class RegisterFeed:
    """Collects for the register what became of the letters; only the extraordinary is held."""

    def __init__(self, campaign: Campaign, ledger: Ledger, wanted: AbstractSet[int]) -> None:
        self._campaign, self._ledger, self._wanted = campaign, ledger, wanted
        self._steps: dict[str, tuple[str, Step]] = {}
        self._all = hashlib.sha256()
        self._any_printed = ledger.any_printed()

    def note(self, step: Step, *, done: bool) -> None:
        """Take what happened to a letter; `done` where its step was carried out."""
        state, letter = state_text(step, done=done), step.letter
        if state != AS_MADE:
            self._steps[letter.id] = (state, step)
        pair = letter.pair
        people = (pair.signer.label, pair.recipient.label)
        words = (letter.id, *people, str(letter.path), state, self._batch(letter.id) or "")
        self._all.update("\0".join(words).encode(errors="surrogatepass"))

    def write_to(
        self, register: CampaignRegister, orphans: Iterable[tuple[str, str, str]] = ()
    ) -> list[Problem]:
        """Bring the register up to date; return what is to be reported of that.

        `orphans` are letters without a pair: the id, where it goes, why it stays.
        """
        for orphan in orphans:
            self._all.update("".join(orphan).encode(errors="surrogatepass"))
        problems, typed = register.update(self._entries, self._all.hexdigest())
        return [*problems, *(typed_problem(each, self._cell(each)) for each in typed)]

    def _entries(self) -> Iterator[RegisterEntry]:
        """Yield every letter ever made: first those that pairs have now, in their order."""
        for pair in self._campaign.workbook.pairs():
            entry = self._entry(pair)
            if entry:
                yield entry
        gone = [i for i in self._ledger.ids() if int(i, 16) not in self._wanted]
        for known in filter(None, map(self._ledger.letter, gone if self._wanted else ())):
            file = f"{LETTERS_FOLDER}/{known.path}"
            yield RegisterEntry(known.id, "", "", "", "", file, NO_LONGER_WANTED, None)

    def _entry(self, pair: Pair) -> RegisterEntry | None:
        identity = self._campaign.identity
        known = self._ledger.letter(identity.letter(pair))
        if known is None:
            return None
        state, step = self._steps.get(known.id, (AS_MADE, None))
        return RegisterEntry(
            id=known.id,
            signer=str(pair.signer.label),
            recipient=str(pair.recipient.label),
            signer_id=identity.person(pair.signer),
            recipient_id=identity.person(pair.recipient),
            file=f"{LETTERS_FOLDER}/{step.letter.path if step else known.path}",
            state=state,
            made=known.day,
            batch=self._batch(known.id),
            fixed=step is not None and step.state == "on-paper",
        )

    def _batch(self, letter_id: str) -> str | None:
        printed = self._ledger.printed(letter_id) if self._any_printed else None
        return printed.batch if printed else None

    def _cell(self, typed: RevertedEdit) -> str:
        """Return the cell of the workbook that a column shows; empty where it shows none."""
        book, identity = self._campaign.workbook, self._campaign.identity
        for pair in book.pairs():
            people = {"Signer": pair.signer, "Recipient": pair.recipient}
            person = people.get(typed.heading)
            if person and typed.id in {identity.letter(pair), identity.person(person)}:
                sheet = book.signers if person is pair.signer else book.recipients
                return str(sheet.place(person.row, "name"))
        return ""
