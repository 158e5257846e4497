"""Days of an office at random: each has a number, and can be had again without some steps."""

from __future__ import annotations

import random
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from office import staff as actions
from office.folder import Campaign
from office.program import FORBIDDEN, Conditions, Ended, Program
from office.promises import Before, BrokenPromiseError, Watch
from office.staff import Action, Staff

STEPS = 14
_T = TypeVar("_T")
COMMANDS: dict[tuple[str, ...], int] = {
    ("letters",): 12,
    ("letters", "--for", "?"): 2,
    ("letters", "--replace", "?", "--yes"): 2,
    ("letters", "--dry-run"): 1,
    ("letters", "--trust-register"): 1,
    ("print",): 4,
    ("print", "--since-last"): 4,
    ("print", "--skip-errors"): 2,
    ("print", "--since-last", "--skip-errors"): 2,
    ("print", "--by", "recipient", "--skip-errors"): 1,
    ("print", "--accept", "?", "--skip-errors"): 1,
    ("print", "--accept", "all", "--skip-errors"): 1,
    ("print", "--one-file", "--no-covers", "--skip-errors"): 1,
    ("print", "--per-signer", "--unsigned", "--skip-errors"): 1,
    ("letters", "--replace", "all", "--yes"): 1,
    ("mark", "posted", "--for", "?"): 2,
    ("mark", "signed"): 1,
    ("mark", "posted", "--undo"): 1,
    ("delete-person", "?", "--yes"): 1,
    ("status",): 3,
    ("check",): 1,
    ("proofread",): 1,
}
HABITS = ((actions.LETTERS, 8), (actions.REGISTER, 4), (actions.WORKBOOK, 5), (actions.BACKUPS, 2))
_WAYS = {"plain": 12, "held": 4, "two": 2, "killed": 4, "full": 1, "closed": 1, "fresh": 1}
_ROUNDS = 8


@dataclass
class Told:
    """What became of a day: the steps in words, the promise that was broken, if one was."""

    number: int
    log: list[str] = field(default_factory=list)
    promise: str = ""
    what: str = ""
    runs: int = 0
    acts: int = 0


class Day:
    """One day in a folder of its own."""

    def __init__(
        self, number: int, program: Program, room: Path, forgiven: Collection[str] = ()
    ) -> None:
        self.told = Told(number)
        self.campaign = Campaign(room / "campaign")
        (room / "safe").mkdir()
        self.staff = Staff(self.campaign, room / "safe")
        self.watch = Watch(self.staff, forgiven)
        self.asked: list[str] = []
        """Options that staff add, since an error said so."""
        self._program = program
        chance = random.Random(f"{number}")  # noqa: S311 - nothing secret
        self._no_links = chance.choice(FORBIDDEN) if chance.random() < 0.3 else 0
        self._chance = chance
        if self._no_links:
            self.told.log.append(f"a disk without links (error {self._no_links})")

    def go(self, only: Collection[int] | None = None) -> Told:
        """The day, or those of its steps whose numbers are given."""
        try:
            self.staff.begin(self._chance)
            self._command(("letters",))
            for step in range(STEPS):
                if only is None or step in only:
                    self.staff.random = self._chance = random.Random(f"{self.told.number}/{step}")  # noqa: S311
                    self._step(step)
            self.staff.random = self._chance = random.Random(f"{self.told.number}/end")  # noqa: S311
            self._evening()
        except BrokenPromiseError as broken:
            self.told.promise, self.told.what = broken.promise, str(broken)
        return self.told

    def _step(self, step: int) -> None:
        self._note(f"[{step}]")
        if self._chance.random() < 0.58:
            habits = self._pick(dict(enumerate(weight for _, weight in HABITS)))
            self._act(self._pick(HABITS[habits][0]))
            return
        self._command(self._pick(COMMANDS), self._pick(_WAYS))
        if self._chance.random() < 0.4:
            self.staff.back_up()
            self._note("a backup is made")

    def _act(self, action: Action) -> str | None:
        done = action(self.staff)
        if done:
            self.told.acts += 1
            self._note(f"somebody {done}")
            self.campaign.save_workbook()
        return done

    def _pick(self, weights: dict[_T, int]) -> _T:
        return self._chance.choices(list(weights), list(weights.values()))[0]

    # -- commands

    def _command(self, words: tuple[str, ...], way: str = "plain") -> Ended | None:
        """One command, in one of the ways in which an office runs it."""
        chosen = [self._somebody() if word == "?" else word for word in words]
        chosen += self._meant(chosen[0])
        self.told.runs += 1
        if way == "fresh":
            return self._plain(chosen, Conditions(fresh=True))
        conditions = Conditions(no_links=self._no_links)
        if way in {"held", "two"}:
            return self._held(chosen, colleague=way == "two")
        if way == "killed":
            return self._killed(chosen)
        if way == "full":
            limit = int(2 ** self._chance.uniform(8, 15))
            conditions = Conditions(no_links=self._no_links, limit=limit)
        if way == "closed":
            return self._closed(chosen)
        return self._plain(chosen, conditions)

    def _somebody(self) -> str:
        people = {p for pair in self.campaign.wanted().values() for p in pair}
        person = self._chance.choice(sorted(people, key=lambda p: p.key))
        return person.id or person.name

    def _meant(self, command: str) -> list[str]:
        more = ["--json"] if command == "letters" or self._chance.random() < 0.9 else []
        return [*more, *(self.asked if command == "letters" else [])]

    def _plain(self, words: list[str], conditions: Conditions) -> Ended:
        there = self.watch.before()
        running = self._program.start(self.campaign.folder, words, conditions)
        ended = running.wait()
        assert ended
        self._end(there, ended, words, conditions)
        return ended

    def _end(
        self,
        there: Before,
        ended: Ended,
        words: list[str],
        conditions: Conditions,
        *,
        late: bool = False,
    ) -> None:
        circumstances = f" (no file over {conditions.limit} bytes)" if conditions.limit else ""
        circumstances += " (goes on)" if late else ""
        self._note(f"$ merge {' '.join(words)}{circumstances}: {ended.code} {_summary(ended)}")
        self.watch.ended(there, ended, words, disturbed=late)

    def _instant(self) -> int:
        """A number of calls: a few, or many."""
        return int(2 ** self._chance.uniform(0, 10))

    def _held(self, words: list[str], *, colleague: bool) -> Ended | None:
        """A run in the middle of which somebody saves, or runs a command."""
        there = self.watch.before()
        conditions = Conditions(stop_at=self._instant(), no_links=self._no_links)
        running = self._program.start(self.campaign.folder, words, conditions)
        ended = running.wait()
        if ended:
            self._end(there, ended, words, conditions)
            return ended
        self._note(
            f"$ merge {' '.join(words)}: held at {conditions.stop_at}, {running.stopped_before}"
        )
        if colleague:
            self._colleague(there)
        else:
            for _ in range(self._chance.choice([1, 1, 2, 3])):
                doing = self._meanwhile(self._pick(actions.DURING))
                self.watch.meanwhile(there, doing)
        running.go_on()
        ended = running.wait()
        assert ended
        self._end(there, ended, words, conditions, late=True)
        return ended

    def _meanwhile(self, action: Action) -> Iterator[str | None]:
        done = action(self.staff)
        if done:
            self.told.acts += 1
            self._note(f"meanwhile somebody {done}")
        yield done

    def _colleague(self, there: Before) -> None:
        """Another command to its end, while the first one is held."""
        command = self._pick(COMMANDS)
        words = ["letters"] if "?" in command else list(command)
        words.append("--json")
        self.told.runs += 1
        conditions = Conditions(no_links=self._no_links)
        ended = self._program.start(self.campaign.folder, words, conditions).wait()
        assert ended
        self._note(f"$ merge {' '.join(words)}, a colleague's: {ended.code} {_summary(ended)}")
        self.watch.colleague(there, ended, words)

    def _killed(self, words: list[str]) -> Ended | None:
        there = self.watch.before()
        conditions = Conditions(kill_at=self._instant(), no_links=self._no_links)
        ended = self._program.start(self.campaign.folder, words, conditions).wait()
        assert ended
        if ended.code >= 0:
            self._end(there, ended, words, conditions)
            return ended
        self._note(f"$ merge {' '.join(words)}: killed at {conditions.kill_at}")
        self.watch.killed(there, words)
        return None

    def _closed(self, words: list[str]) -> Ended:
        """A folder into which one may not write."""
        folder = self.campaign.folder
        found = [folder, self.campaign.letters, *sorted(self.campaign.letters.glob("*/"))]
        closed = self._chance.choice([path for path in found if path.is_dir()])
        rights = stat.S_IMODE(closed.stat().st_mode)
        closed.chmod(0o500)
        self._note(f"{closed.relative_to(folder.parent)} may only be read")
        try:
            return self._plain(words, Conditions(no_links=self._no_links, humble=True))
        finally:
            closed.chmod(rights)

    # -- the end of the day

    def _evening(self) -> None:
        """Everything is closed; what is told is done; then nothing is left to do."""
        self._act(Staff.close_all)
        self._settle()
        self._command(("letters",))
        before = self.campaign.tree()
        register = self.campaign.register.read_bytes()
        ended = self._command(("letters",))
        assert ended
        if ended.told and (ended.told["written"] or self.campaign.tree() != before):
            raise BrokenPromiseError("unsettled", "a run wrote again what it had written")
        if self.campaign.register.read_bytes() != register:
            raise BrokenPromiseError("unsettled", "a run saved the register again")
        for words in (("print", "--skip-errors"), ("print", "--since-last"), ("status",)):
            self._command(words)

    def _settle(self) -> None:
        """Do what the errors say until there are none."""
        for _ in range(_ROUNDS):
            ended = self.merge(["letters", "--json", *self.asked])
            errors = [p for p in ended.problems if p["level"] == "error"]
            if ended.code == 0:
                return
            if not errors:
                raise BrokenPromiseError("stuck", f"exit {ended.code} and no error: {ended.words}")
            for error in errors:
                if not remedy(self, error):
                    raise BrokenPromiseError("no-way-out", f"{error}")
        raise BrokenPromiseError("stuck", f"{errors}")

    def merge(self, words: list[str]) -> Ended:
        """A command that nobody disturbs."""
        return self._plain(words, Conditions(no_links=self._no_links))

    def _note(self, line: str) -> None:
        self.told.log.append(line)


def _summary(ended: Ended) -> str:
    """What a run said, on one line."""
    told = ended.told
    states = [step["state"] for step in ended.steps]
    counts = {state: states.count(state) for state in sorted(set(states))}
    codes = sorted(
        {f"{p['code']}{'!' * (p['level'] == 'error')}" for p in told.get("problems", [])}
    )
    return f"{counts or ''} {codes or ''}".strip()


def remedy(day: Day, error: dict[str, str]) -> bool:
    """Do what a person would, whom an error tells what to do; False where nothing is known."""
    code, words = error["code"], f"{error['message']} {error['hint']}"
    if code in _REMEDIES and _REMEDIES[code](day, error):
        return True
    for flag in ("--new-register", "--trust-register"):
        if flag in words and flag not in day.asked:
            day.asked.append(flag)
            return True
    return False


def _say_who(day: Day, error: dict[str, str]) -> bool:
    """Say of a name that was typed over whether it is still the same person."""
    row = re.search(r"!A(\d+)$", error["where"])
    named = re.findall("“(.+?)”", error["message"])
    assert row, error
    people = day.campaign.signers if "Signers!" in error["where"] else day.campaign.recipients
    person = people[int(row[1]) - 2]
    if day.staff.names.get(named[0]) == person.key:
        day.asked += ["--same-person", person.id]
    else:
        person.id = f"{person.key}New"
        day.campaign.save_workbook()
    return True


def _be_as_before(day: Day, _: dict[str, str]) -> bool:
    """Write names and IDs as the last run knew them, run, correct them again."""
    known = day.staff.known_as
    changed = [
        p for p in day.campaign.people() if known.get(p.key, (p.name, p.id)) != (p.name, p.id)
    ]
    now = [(person, person.name, person.id) for person in changed]
    for person in changed:
        person.name, person.id = known[person.key]
    day.campaign.save_workbook()
    ended = day.merge(["letters", "--json", *day.asked])
    for person, name, id_ in now:
        person.name, person.id = name, id_
    day.campaign.save_workbook()
    if ended.code:
        day.asked.append("--trust-register")
    return True


_REMEDIES: dict[str, Callable[[Day, dict[str, str]], object]] = {
    "who-is-who": lambda day, _: day.staff.give_ids(),
    "name-changed": _say_who,
    "register-people": _be_as_before,
    "folder-busy": lambda *_: True,
}


@dataclass(frozen=True)
class Play:
    """How days are played: by which process, in which folder, and which promises do not count."""

    program: Program
    base: Path | None = None
    forgiven: frozenset[str] = frozenset()

    def day(self, number: int, only: Collection[int] | None = None) -> Told:
        """One day in a folder of its own, which is gone afterwards."""
        room = Path(tempfile.mkdtemp(prefix=f"office-{number}-", dir=self.base))
        try:
            return Day(number, self.program, room, self.forgiven).go(only)
        finally:
            shutil.rmtree(room, ignore_errors=True)

    def shrunk(self, told: Told) -> tuple[list[int], Told]:
        """The steps that the same broken promise takes, and what became of them."""
        steps = list(range(STEPS))
        for step in reversed(range(STEPS)):
            fewer = [other for other in steps if other != step]
            again = self.day(told.number, fewer)
            if again.promise == told.promise:
                steps, told = fewer, again
        return steps, told
