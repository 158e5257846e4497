"""Random days of an office; a day has a number, and can omit steps."""

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
from office.program import FORBIDDEN, CommandResult, Conditions, Program
from office.promises import BrokenPromiseError, StateBefore, Watch
from office.staff import Action, Staff

STEPS = 14
_T = TypeVar("_T")
COMMANDS: dict[tuple[str, ...], int] = {
    ("letters",): 12,
    ("letters", "--for", "?"): 2,
    ("letters", "--replace", "?", "--yes"): 2,
    ("letters", "--dry-run"): 1,
    ("letters", "--release"): 1,
    ("print", "--covers"): 4,
    ("print", "--covers", "--since-last"): 4,
    ("print", "--covers", "--skip-errors"): 2,
    ("print", "--covers", "--since-last", "--skip-errors"): 2,
    ("print", "--covers", "--by", "recipient", "--skip-errors"): 1,
    ("print", "--covers", "--accept", "?", "--skip-errors"): 1,
    ("print", "--covers", "--accept", "all", "--skip-errors"): 1,
    ("print", "--one-file", "--no-covers", "--skip-errors"): 1,
    ("print", "--covers", "--per-signer", "--unsigned", "--skip-errors"): 1,
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
class DayReport:
    """The steps of a day in words, and the promise that was broken, if any."""

    number: int
    log: list[str] = field(default_factory=list)
    promise: str = ""
    what: str = ""
    runs: int = 0
    acts: int = 0


class Day:
    """One day in a folder of its own."""

    def __init__(
        self, number: int, program: Program, parent: Path, forgiven: Collection[str] = ()
    ) -> None:
        self.report = DayReport(number)
        self.campaign = Campaign(parent / "campaign")
        (parent / "safe").mkdir()
        self.staff = Staff(self.campaign, parent / "safe")
        self.watch = Watch(self.staff, forgiven)
        self.asked: list[str] = []
        """Options that staff add because an error asked for them."""
        self._program = program
        chance = random.Random(f"{number}")  # noqa: S311 - nothing secret
        self._no_links = chance.choice(FORBIDDEN) if chance.random() < 0.3 else 0
        self._chance = chance
        if self._no_links:
            self.report.log.append(f"a disk without links (error {self._no_links})")

    def go(self, only: Collection[int] | None = None) -> DayReport:
        """Run the day, or only those of its steps with these numbers."""
        try:
            self.staff.begin(self._chance)
            self._command(("letters",))
            for step in range(STEPS):
                if only is None or step in only:
                    self.staff.random = self._chance = random.Random(f"{self.report.number}/{step}")  # noqa: S311
                    self._step(step)
            self.staff.random = self._chance = random.Random(f"{self.report.number}/end")  # noqa: S311
            self._end_day()
        except BrokenPromiseError as broken:
            self.report.promise, self.report.what = broken.promise, str(broken)
        return self.report

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
            self.report.acts += 1
            self._note(f"someone {done}")
            self.campaign.save_workbook()
        return done

    def _pick(self, weights: dict[_T, int]) -> _T:
        return self._chance.choices(list(weights), list(weights.values()))[0]

    # -- commands

    def _command(self, words: tuple[str, ...], way: str = "plain") -> CommandResult | None:
        """Run a command in one of the ways in which an office runs it."""
        chosen = [self._random_person() if word == "?" else word for word in words]
        chosen += self._extra_options(chosen[0])
        self.report.runs += 1
        if way == "fresh":
            return self._run_plainly(chosen, Conditions(fresh=True))
        conditions = Conditions(no_links=self._no_links)
        if way in {"held", "two"}:
            return self._run_held(chosen, colleague=way == "two")
        if way == "killed":
            return self._run_killed(chosen)
        if way == "full":
            limit = int(2 ** self._chance.uniform(8, 15))
            conditions = Conditions(no_links=self._no_links, limit=limit)
        if way == "closed":
            return self._run_in_closed_folder(chosen)
        return self._run_plainly(chosen, conditions)

    def _random_person(self) -> str:
        people = {p for pair in self.campaign.wanted().values() for p in pair}
        person = self._chance.choice(sorted(people, key=lambda p: p.key))
        return person.id or person.name

    def _extra_options(self, command: str) -> list[str]:
        more = ["--json"] if command == "letters" or self._chance.random() < 0.9 else []
        return [*more, *(self.asked if command == "letters" else [])]

    def _run_plainly(self, words: list[str], conditions: Conditions) -> CommandResult:
        before = self.watch.before()
        running = self._program.start(self.campaign.folder, words, conditions)
        result = running.wait()
        assert result
        self._end(before, result, words, conditions)
        return result

    def _end(
        self,
        before: StateBefore,
        result: CommandResult,
        words: list[str],
        conditions: Conditions,
        *,
        late: bool = False,
    ) -> None:
        circumstances = f" (no file over {conditions.limit} bytes)" if conditions.limit else ""
        circumstances += " (goes on)" if late else ""
        self._note(f"$ merge {' '.join(words)}{circumstances}: {result.code} {_summary(result)}")
        self.watch.check_result(before, result, words, disturbed=late)

    def _instant(self) -> int:
        """Return a number of calls: a few, or many."""
        return int(2 ** self._chance.uniform(0, 10))

    def _run_held(self, words: list[str], *, colleague: bool) -> CommandResult | None:
        """Run a command; in the middle of it someone saves, or runs a command."""
        before = self.watch.before()
        conditions = Conditions(stop_at=self._instant(), no_links=self._no_links)
        running = self._program.start(self.campaign.folder, words, conditions)
        result = running.wait()
        if result:
            self._end(before, result, words, conditions)
            return result
        self._note(
            f"$ merge {' '.join(words)}: held at {conditions.stop_at}, {running.stopped_before}"
        )
        if colleague:
            self._colleague(before)
        else:
            for _ in range(self._chance.choice([1, 1, 2, 3])):
                doing = self._meanwhile(self._pick(actions.DURING))
                self.watch.meanwhile(before, doing)
        running.go_on()
        result = running.wait()
        assert result
        self._end(before, result, words, conditions, late=True)
        return result

    def _meanwhile(self, action: Action) -> Iterator[str | None]:
        done = action(self.staff)
        if done:
            self.report.acts += 1
            self._note(f"meanwhile someone {done}")
        yield done

    def _colleague(self, before: StateBefore) -> None:
        """Run another command to its end while the first one is held."""
        command = self._pick(COMMANDS)
        options = ["letters"] if "?" in command else list(command)
        options.append("--json")
        self.report.runs += 1
        conditions = Conditions(no_links=self._no_links)
        result = self._program.start(self.campaign.folder, options, conditions).wait()
        assert result
        self._note(f"$ merge {' '.join(options)}, a colleague's: {result.code} {_summary(result)}")
        self.watch.colleague(before, result, options)

    def _run_killed(self, words: list[str]) -> CommandResult | None:
        before = self.watch.before()
        conditions = Conditions(kill_at=self._instant(), no_links=self._no_links)
        result = self._program.start(self.campaign.folder, words, conditions).wait()
        assert result
        if result.code >= 0:
            self._end(before, result, words, conditions)
            return result
        self._note(f"$ merge {' '.join(words)}: killed at {conditions.kill_at}")
        self.watch.killed(before, words)
        return None

    def _run_in_closed_folder(self, words: list[str]) -> CommandResult:
        """Run a command in a folder that is read-only."""
        folder = self.campaign.folder
        folders = [folder, self.campaign.letters, *sorted(self.campaign.letters.glob("*/"))]
        closed = self._chance.choice([path for path in folders if path.is_dir()])
        rights = stat.S_IMODE(closed.stat().st_mode)
        closed.chmod(0o500)
        self._note(f"{closed.relative_to(folder.parent)} may only be read")
        try:
            return self._run_plainly(words, Conditions(no_links=self._no_links, humble=True))
        finally:
            closed.chmod(rights)

    # -- the end of the day

    def _end_day(self) -> None:
        """End the day: close files, resolve errors, check that nothing is left."""
        self._act(Staff.close_all)
        self._resolve_errors()
        self._command(("letters",))
        before = self.campaign.tree()
        register = self.campaign.register.read_bytes()
        result = self._command(("letters",))
        assert result
        if result.json_result and (result.json_result["written"] or self.campaign.tree() != before):
            raise BrokenPromiseError("unsettled", "a run wrote again what it had written")
        if self.campaign.register.read_bytes() != register:
            raise BrokenPromiseError("unsettled", "a run saved the register again")
        for words in (
            ("print", "--covers", "--skip-errors"),
            ("print", "--covers", "--since-last"),
            ("status",),
        ):
            self._command(words)

    def _resolve_errors(self) -> None:
        """Resolve errors as their hints say until there are none."""
        for _ in range(_ROUNDS):
            result = self.merge(["letters", "--json", *self.asked])
            errors = [p for p in result.problems if p["level"] == "error"]
            if result.code == 0:
                return
            if not errors:
                raise BrokenPromiseError(
                    "stuck", f"exit {result.code} and no error: {result.words}"
                )
            for error in errors:
                if not remedy(self, error):
                    raise BrokenPromiseError("no-way-out", f"{error}")
        raise BrokenPromiseError("stuck", f"{errors}")

    def merge(self, words: list[str]) -> CommandResult:
        """Run a command without interruption."""
        return self._run_plainly(words, Conditions(no_links=self._no_links))

    def _note(self, line: str) -> None:
        self.report.log.append(line)


def _summary(result: CommandResult) -> str:
    """Return the result of a run on one line."""
    output = result.json_result
    states = [step["state"] for step in result.steps]
    counts = {state: states.count(state) for state in sorted(set(states))}
    codes = sorted(
        {f"{p['code']}{'!' * (p['level'] == 'error')}" for p in output.get("problems", [])}
    )
    return f"{counts or ''} {codes or ''}".strip()


def remedy(day: Day, error: dict[str, str]) -> bool:
    """Resolve an error as its hint says; return False if no way is known."""
    code, words = error["code"], f"{error['message']} {error['hint']}"
    if code in _REMEDIES and _REMEDIES[code](day, error):
        return True
    for flag in ("--anyway", "--people-left", "--release"):
        if flag in words and flag not in day.asked:
            day.asked.append(flag)
            return True
    return False


def _answer_same_person(day: Day, error: dict[str, str]) -> bool:
    """Answer whether a retyped name is still the same person."""
    row = re.search(r"!A(\d+)$", error["where"])
    named = re.findall("“(.+?)”", error["message"])
    assert row, error
    people = day.campaign.signers if "Signers!" in error["where"] else day.campaign.recipients
    person = people[int(row[1]) - 2]
    if day.staff.names.get(named[0]) == person.key:
        day.asked += ["--same-person", person.id or person.name]
    else:
        person.id = f"{person.key}New"
        day.campaign.save_workbook()
    return True


def _restore_names(day: Day, _: dict[str, str]) -> bool:
    """Restore the names and IDs of the last run, run, then correct them again."""
    known = day.staff.known_as
    changed = [
        p for p in day.campaign.people() if known.get(p.key, (p.name, p.id)) != (p.name, p.id)
    ]
    corrected = [(person, person.name, person.id) for person in changed]
    for person in changed:
        person.name, person.id = known[person.key]
    day.campaign.save_workbook()
    result = day.merge(["letters", "--json", *day.asked])
    for person, name, id_ in corrected:
        person.name, person.id = name, id_
    day.campaign.save_workbook()
    if result.code:
        day.asked.append("--people-left")
    return True


def _delete_row(day: Day, error: dict[str, str]) -> bool:
    """Delete the row of a person whose data was deleted, or give a new ID."""
    row = re.search(r"!\w(\d+)$", error["where"])
    assert row, error
    people = day.campaign.signers if "Signers!" in error["where"] else day.campaign.recipients
    person = people[int(row[1]) - 2]
    if len(people) > 1:
        people.remove(person)
    else:
        person.id = f"{person.key}Again"
    day.campaign.save_workbook()
    return True


_REMEDIES: dict[str, Callable[[Day, dict[str, str]], object]] = {
    "who-is-who": lambda day, _: day.staff.give_ids(),
    "name-changed": _answer_same_person,
    "person-deleted": _delete_row,
    "register-people": _restore_names,
    "folder-busy": lambda *_: True,
}


@dataclass(frozen=True)
class DayRunner:
    """Runs days: in which process and folder, and which promises do not count."""

    program: Program
    base: Path | None = None
    forgiven: frozenset[str] = frozenset()

    def day(self, number: int, only: Collection[int] | None = None) -> DayReport:
        """Run one day in a folder of its own, which is deleted afterwards."""
        parent = Path(tempfile.mkdtemp(prefix=f"office-{number}-", dir=self.base))
        try:
            return Day(number, self.program, parent, self.forgiven).go(only)
        finally:
            shutil.rmtree(parent, ignore_errors=True)

    def shrink(self, report: DayReport) -> tuple[list[int], DayReport]:
        """Return the steps that break the same promise, and their report."""
        steps = list(range(STEPS))
        for step in reversed(range(STEPS)):
            fewer = [number for number in steps if number != step]
            repeated = self.day(report.number, fewer)
            if repeated.promise == report.promise:
                steps, report = fewer, repeated
        return steps, report
