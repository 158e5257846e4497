"""The register as a run sees it: what is on paper, and the news that it is to be told."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from pathlib import Path

from merge.model import Kind, Pair, Place, Problem, State, Step, StorageError
from merge.plan import SINCE
from merge.register.model import Entry, Stage, Typed
from merge.register.planning import update_register
from merge.register.reading import Register, read_register
from merge.state.files import Placed, placed
from merge.state.identity import Identity
from merge.state.ledger import Known, Ledger, News

REGISTER = "register.xlsx"
_FACT, _LATE = "register", "late"

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
MADE = "as made"


def spoken(step: Step, *, done: bool) -> str:
    """What the register says of a letter; `done` where its step was carried out."""
    if not done and step.state in {"new", "rewritten"}:
        return "not there" if step.state == "new" else "data changed"
    word = _WORDS.get(step.state, MADE)
    if step.state in {"on-paper", "resaved", "moved"} and SINCE in step.reason:
        return f"{word}, data changed"
    return word


@dataclass(frozen=True, slots=True)
class _Last:
    """What is remembered of the register: what it was told last, what the file was then."""

    told: str = ""
    at: Placed | None = None
    on_paper: int = 0
    any_dates: bool = False
    waits: bool = False
    """Letters may have no row yet: it could not be written, or a run was cut short."""


class Paper:
    """The register of a campaign folder. It is read when it is needed.

    MergeError where it is there and cannot be read, or is there no more: then nobody knows what is
    on paper. `anew` allows the latter.
    """

    def __init__(
        self, folder: Path, ledger: Ledger, identity: Identity, *, anew: bool = False
    ) -> None:
        self._path, self._ledger, self._identity = folder / REGISTER, ledger, identity
        self._last = _last(ledger.fact(_FACT))
        if self._last.told and not os.path.lexists(self._path) and not anew:
            raise StorageError(_gone(self._last.on_paper))
        self._was_as_left = self._is_as_left
        self._nothing_on_paper = self._was_as_left and not self._last.any_dates
        self._late: dict[str, dict[str, str]] = json.loads(ledger.fact(_LATE) or "{}")

    @property
    def _is_as_left(self) -> bool:
        """Whether the file is, at this moment, the very one that the last run left."""
        return self._last.at is not None and placed(str(self._path)) == self._last.at

    @cached_property
    def register(self) -> Register:
        """What stands in it."""
        return read_register(self._path)

    def has_dates(self, letter_id: str) -> bool:
        """Whether staff wrote anything down of a letter that has a row."""
        return not self._nothing_on_paper and bool(self._of_row(letter_id))

    def stages(self, pair: Pair, known: Known) -> Mapping[str, Stage]:
        """What staff wrote down of the pair's letter: it is on paper where that is anything.

        One whose row is gone lies in its piles as ever.
        """
        if self._nothing_on_paper:
            return {}
        if known.id in self.register.rows:
            return self._of_row(known.id)
        found = self._covering(pair, known.day) if known.content else {}
        return self._but_late(known.id, found)

    def _of_row(self, letter_id: str) -> Mapping[str, Stage]:
        """What a letter's row and its piles say; the row's own goes first."""
        row = self.register.rows.get(letter_id)
        own = row.stages if row else {}
        return {**self._but_late(letter_id, self.register.stages(letter_id)), **own}

    def _but_late(self, letter_id: str, found: Mapping[str, Stage]) -> Mapping[str, Stage]:
        """Without the dates for whole piles that stood there before the letter was made."""
        late = self._late.get(letter_id)
        if late is None:
            return found
        return {stage: value for stage, value in found.items() if str(value) != late.get(stage)}

    def lost_row(self, letter_id: str) -> bool:
        """Whether the row of a letter that had one is gone."""
        if self._was_as_left or self._last.waits or not self._last.told:
            return False
        return self.register.exists and letter_id not in self.register.rows

    def before_writing(self, new: Iterable[tuple[Pair, Known]]) -> list[str]:
        """Note down what no date for a whole pile means that stands there already; their paths.

        It was written before these letters were made.
        """
        paths = []
        for pair, known in () if self._nothing_on_paper else new:
            if found := self._covering(pair, known.day):
                self._late[known.id] = {stage: str(value) for stage, value in found.items()}
                paths.append(known.path)
        self._note(replace(self._last, waits=True))
        return paths

    def _note(self, last: _Last) -> None:
        self._last = last
        facts = {_FACT: json.dumps(astuple(last)), _LATE: json.dumps(self._late)}
        self._ledger.commit(News(facts=facts))

    def _covering(self, pair: Pair, made: dt.date) -> Mapping[str, Stage]:
        """What dates for whole piles say of a letter that was made on a day."""
        person = self._identity.person
        signer, recipient = ((person(p), str(p.label)) for p in (pair.signer, pair.recipient))
        return self.register.covering(signer, recipient, made)

    def name(self, letter_id: str, kind: Kind) -> str:
        """The name that the register has for a letter's signer or recipient, if any."""
        row = self.register.rows.get(letter_id)
        return (row.signer if kind == "signer" else row.recipient) if row else ""

    def update(
        self, entries: Callable[[], Iterator[Entry]], told: str
    ) -> tuple[list[Problem], tuple[Typed, ...]]:
        """Tell it the news; what is to be told of that, and what staff typed over.

        `told` is a hash of the news: the same as last time, and there is nothing to tell.
        """
        if told == self._last.told and self._is_as_left:
            if self._last.waits:
                self._note(replace(self._last, waits=False))
            return [], ()
        register = self.register
        done = update_register(self._path, entries(), register, dt.datetime.now().astimezone())
        problems = [*register.problems, *done.problems]
        waits = any(problem.code == "register-no-room" for problem in done.problems)
        if done.current:
            count = sum(register.on_paper(letter_id) for letter_id in register.rows)
            at = None if waits else placed(str(self._path))  # to be told again at the next run
            self._late = {i: late for i, late in self._late.items() if self._ledger.letter(i)}
            self._note(_Last(told, at, count, register.any_dates, waits))
        return problems, done.typed


def _gone(on_paper: int) -> Problem:
    said = f", and said that {on_paper:,} letters are on paper" if on_paper else ""
    what = f"it was there at the last run{said}. Now it is gone."
    hint = "Put it back (bin, backup). If nothing is on paper yet: merge letters --new-register."
    return Problem("register-gone", Place(REGISTER), what, hint)


def _last(fact: str) -> _Last:
    if not fact:
        return _Last()
    told, at, *more = json.loads(fact)
    return _Last(told, Placed(*at) if at else None, *more)


def typed_problem(typed: Typed, cell: str) -> Problem:
    """Something that staff typed where the program writes; `cell` is where to change it instead."""
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
