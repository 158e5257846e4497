"""The whole errand, for any face: a campaign folder opened, checked, its letters made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, partial
from pathlib import Path

from merge.checks import (
    Checked,
    ClosedLine,
    Faulty,
    Finding,
    Gatherer,
    check_campaign,
    closed_lines,
    offer_of,
    unknown_name,
)
from merge.hygiene import Stamp, stamp_of
from merge.language import Name
from merge.model import (
    Letter,
    Pair,
    Person,
    Place,
    Problem,
    Step,
    UsageError,
)
from merge.naming import folded
from merge.outbox import Outbox
from merge.plan import FileNames, file_names, letters, step, unnamed
from merge.templates import Templates, find_templates
from merge.tree import Facts
from merge.workbook import Workbook, read_workbook

WORKBOOK = "signers.xlsx"
LETTERS = "letters"


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asked for: whose letters, and into which folder.

    `names` are names or IDs of signers and recipients; none means everybody. A dry run writes
    nothing.
    """

    target: Path
    names: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class Campaign:
    """A campaign folder that was read: the workbook, the templates, and what is wrong."""

    folder: Path
    workbook: Workbook
    templates: Templates
    facts: Facts
    _names: FileNames
    _name_problems: tuple[Problem, ...] = ()

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every problem, with the letters that it touches."""
        return (
            *map(self._in_workbook, self.workbook.problems),
            *(Finding(problem) for problem in self._name_problems),
            *self._nobody_writes(),
            *self._unnamed(),
            *check_campaign(Checked(self.workbook, self.templates, self.facts, self._extra)),
        )

    def _in_workbook(self, problem: Problem) -> Finding:
        """A problem of the workbook: one of a person's row touches nobody else's letters."""
        place, book = problem.place, self.workbook
        if place.row and place.sheet == book.signers.sheet:
            return Finding(problem, book.signers.keys_in(place.row))
        if place.row and place.sheet == book.recipients.sheet:
            return Finding(problem, None, book.recipients.keys_in(place.row))
        return Finding(problem)

    def _nobody_writes(self) -> Iterator[Finding]:
        """An error where there is no letter at all to be made."""
        if next(self.workbook.pairs(), None) is None:
            what = "nobody writes to anybody: there is no letter to make."
            hint = "Look at Include, at the sheet Pairs and at the setting Match."
            yield Finding(Problem("no-letters", Place(self.workbook.file), what, hint))

    def _unnamed(self) -> Iterator[Finding]:
        """What keeps files from being named, where Settings has a pattern of its own."""
        if not self.workbook.settings.file_name:
            return
        offer = offer_of(self.workbook)
        unknown = [name for name in self._names.names if not offer.has(name)]
        for name in unknown:
            yield Finding(unknown_name(name, self._names.place, "", offer))
        pairs = () if unknown else self.workbook.pairs()
        told: dict[str, Problem] = {}
        gatherer = Gatherer()
        for pair, problem in unnamed(pairs, self._names, self.facts.of_pair):
            gatherer.add(told.setdefault(problem.code, problem), pair)
        yield from gatherer.findings()

    @property
    def _extra(self) -> frozenset[Name]:
        """The names that settings use, beside those of the templates."""
        settings = self.workbook.settings
        columns = [settings.match, settings.sort_by]
        own = [Name(root, tag) for tag in columns if tag for root in ("signer", "recipient")]
        return frozenset((*self._names.names, *own))

    def closed_lines(self, names: Sequence[str] = ()) -> Iterator[ClosedLine]:
        """The lines that close up in some of the letters asked for, template by template."""
        for name, template in self.templates.compiled.items():
            own = (p for p in self.pairs(names) if self.templates.name_for(p.recipient) == name)
            yield from closed_lines(template, self.facts, own)

    def chosen(self, names: Sequence[str]) -> Chosen:
        """The people of these names or IDs. UsageError where one is nobody's."""
        signers = _matching(self.workbook.signers.persons, names)
        recipients = _matching(self.workbook.recipients.persons, names)
        unknown = [n for n in names if folded(n) not in signers.words | recipients.words]
        if unknown:
            raise UsageError([self._nobody(name) for name in unknown])
        return Chosen(signers.keys, recipients.keys)

    def _nobody(self, name: str) -> Problem:
        people = (*self.workbook.signers.persons, *self.workbook.recipients.persons)
        parts = [p.name for p in people if folded(name) and folded(name) in folded(p.name)]
        near = parts or get_close_matches(name, [p.name for p in people], 1)
        what = f'--for "{name}": no signer or recipient has this name or ID.'
        hint = f'Did you mean "{near[0]}"? ' if near else ""
        place = Place(self.workbook.file)
        return Problem(
            "nobody-of-that-name", place, what, f"{hint}Write the whole name, or the ID."
        )

    def pairs(self, names: Sequence[str] = ()) -> Iterator[Pair]:
        """The pairs that are asked for, in the order of the workbook."""
        chosen = self.chosen(names)
        return (pair for pair in self.workbook.pairs() if chosen.has(pair))

    def relevant(self, names: Sequence[str] = ()) -> list[Problem]:
        """The errors that touch the letters asked for, and all warnings."""
        if not names:
            return list(dict.fromkeys(found.problem for found in self.findings))
        signers, recipients = set(), set()
        for pair in self.pairs(names):
            signers.add(pair.signer.key)
            recipients.add(pair.recipient.key)
        relevant = (
            found.problem
            for found in self.findings
            if found.problem.level == "warning" or found.concerns(signers, recipients)
        )
        return list(dict.fromkeys(relevant))

    def letters(self, names: Sequence[str] = ()) -> Iterator[Letter]:
        """The letters that are asked for; their paths are the same whatever is asked for."""
        chosen = self.chosen(names)
        everything = letters(self.workbook.pairs(), self._names, self.facts.of_pair)
        return (letter for letter in everything if chosen.has(letter.pair))

    def run(self, order: Order) -> Iterator[Step]:
        """Make the letters, one step at a time; each step is told when it is done.

        Letters that an error touches are left out. StorageError where the disk does not let us
        go on; what was written before is whole.
        """
        outbox = Outbox(order.target)
        if order.dry_run:
            yield from self._steps(order, outbox)
            return
        with outbox.open():
            for planned in self._steps(order, outbox):
                yield self._done(planned, outbox)

    def _steps(self, order: Order, outbox: Outbox) -> Iterator[Step]:
        faulty = Faulty(self.findings)
        for letter in self.letters(order.names):
            reason = faulty.reason(letter.pair)
            if reason:
                yield Step(letter, "faulty", reason)
            else:
                there = outbox.read(letter.path)
                stamp = stamp_of(there) if there else None
                made = stamp.id if stamp else ""
                yield step(letter, there, made, partial(self._again, letter, stamp))

    def _again(self, letter: Letter, stamp: Stamp | None) -> bytes:
        """The letter as of the day it was made, the workbook and the template as now."""
        return self.fill(letter, self.workbook.settings.date or (stamp.day if stamp else None))

    def _done(self, planned: Step, outbox: Outbox) -> Step:
        if planned.state != "new":
            return planned
        if outbox.put(planned.letter.path, self.fill(planned.letter)):
            return planned
        return replace(planned, state="foreign", reason="another program put a file there")

    def fill(self, letter: Letter, day: dt.date | None = None) -> bytes:
        """The letter as a whole .docx, as of a day, or else of the campaign's."""
        facts = self.facts if day is None else self.facts.on(day)
        template = self.templates.of(letter.pair.recipient)
        return template.fill(facts.of_pair(letter.pair), Stamp(letter.id, facts.day))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The keys of the people asked for; None stands for everybody of that sheet."""

    signers: frozenset[str] | None
    recipients: frozenset[str] | None

    def has(self, pair: Pair) -> bool:
        """Whether the pair's letter is asked for."""
        mine = self.signers is None or pair.signer.key in self.signers
        return mine and (self.recipients is None or pair.recipient.key in self.recipients)


@dataclass(frozen=True, slots=True)
class _Matched:
    words: frozenset[str]
    keys: frozenset[str] | None


def _matching(persons: Sequence[Person], names: Sequence[str]) -> _Matched:
    """Those whose whole name or ID is among the names, upper and lower case alike."""
    asked = {folded(name) for name in names}
    found = [
        (w, p.key) for p in persons for w in (folded(p.name), folded(p.id)) if w in asked and w
    ]
    keys = frozenset(key for _, key in found)
    return _Matched(frozenset(word for word, _ in found), keys or None)


def open_campaign(
    folder: Path, *, workbook: Path | None = None, template: Path | None = None
) -> Campaign:
    """Read a campaign folder. A MergeError holds everything that keeps it from being read.

    `workbook` and `template` stand in for the folder's own.
    """
    book = read_workbook(workbook or folder / WORKBOOK)
    settings = book.settings
    today = dt.datetime.now().astimezone().date()
    facts = Facts(settings.fields, settings.date or today, settings.language)
    templates = find_templates(folder, book, template)
    names, problems = file_names(settings.file_name, settings.place("file_name"))
    return Campaign(folder, book, templates, facts, names, problems)
