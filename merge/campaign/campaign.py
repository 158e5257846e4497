"""A campaign folder that was read and checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path, PurePosixPath

from merge.checks.findings import CheckInput, available_fields, check_campaign
from merge.checks.tags import AvailableFields, ClosedLine, closed_lines, unknown_name
from merge.model import (
    Finding,
    Letter,
    Pair,
    PairFindings,
    Person,
    Place,
    Problem,
    UsageError,
    finding_of,
)
from merge.naming import FreeNames, folded
from merge.state.identity import Identity, identify
from merge.state.ledger import read_ledger
from merge.template.filters import TemplateValues
from merge.template.grammar import VariableName
from merge.template.jinja import FILLING_ERRORS, TextTemplate, compile_text
from merge.template.library import (
    TEMPLATE_ENDING,
    TEMPLATES_FOLDER,
    FileNamePattern,
    FillContext,
    Templates,
    file_name_pattern,
    find_templates,
    naming_problems,
)
from merge.template.sanitize import Stamp
from merge.template.template import FilledLetter
from merge.workbook.reading import Workbook, read_workbook
from merge.workbook.settings import Settings

WORKBOOK_FILE = "signers.xlsx"
LETTERS_FOLDER = "letters"


@dataclass(frozen=True)
class Campaign:
    """A campaign folder that was read: the workbook, the templates, and what is wrong."""

    folder: Path
    workbook: Workbook
    templates: Templates
    facts: FillContext
    names: FileNamePattern
    identity: Identity
    today: dt.date
    _name_problems: tuple[Problem, ...] = ()

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every problem, with the letters that it touches."""
        return (
            *map(self._in_workbook, self.workbook.problems),
            *(Finding(problem) for problem in self._name_problems),
            *self._nobody_writes(),
            *self._unnamed(),
            *map(
                Finding, address_problems(self.workbook.settings, available_fields(self.workbook))
            ),
            *(finding_of(problem, person) for problem, person in self.identity.problems),
            *check_campaign(
                CheckInput(self.workbook, self.templates, self.facts, self._setting_names)
            ),
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
        offer = available_fields(self.workbook)
        unknown = [name for name in self.names.names if not offer.has(name)]
        for name in unknown:
            yield Finding(unknown_name(name, self.names.place, "", offer))
        pairs = () if unknown else self.workbook.pairs()
        told: dict[str, Problem] = {}
        gatherer = PairFindings()
        for pair, problem in naming_problems(pairs, self.names, self.facts.of_pair):
            gatherer.add(told.setdefault(problem.code, problem), pair)
        yield from gatherer.findings()

    @property
    def _setting_names(self) -> frozenset[VariableName]:
        """The names that settings use, beside those of the templates."""
        settings = self.workbook.settings
        columns = [settings.match, settings.sort_by]
        own = [
            VariableName(root, tag) for tag in columns if tag for root in ("signer", "recipient")
        ]
        pattern = address_pattern(settings)
        return frozenset((*self.names.names, *own, *(pattern.names if pattern else ())))

    def closed_lines(self, names: Sequence[str] = ()) -> Iterator[ClosedLine]:
        """The lines that close up in some of the letters asked for, template by template."""
        for name, template in self.templates.compiled.items():
            own = (p for p in self.pairs(names) if self.templates.name_for(p.recipient) == name)
            yield from closed_lines(template, self.facts, own)

    def chosen(self, names: Sequence[str], option: str = "--for") -> Selection:
        """The people of these names or IDs. UsageError where one is nobody's."""
        return select_people(self.workbook, names, option)

    def pairs(self, names: Sequence[str] = ()) -> Iterator[Pair]:
        """The pairs that are asked for, in the order of the workbook."""
        chosen = self.chosen(names)
        return (pair for pair in self.workbook.pairs() if chosen.has(pair))

    def relevant_problems(self, names: Sequence[str] = ()) -> list[Problem]:
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
        """The letters that are asked for, under the names that they have in an empty folder."""
        free = FreeNames()
        for pair in self.pairs(names):
            path = free.take(self.stem(pair), TEMPLATE_ENDING)
            yield Letter(self.identity.letter(pair), pair, PurePosixPath(path))

    def stem(self, pair: Pair) -> str:
        """What the letter of a pair is to be called, without the ending."""
        return self.names.of_pair(pair, self.facts.of_pair)

    def fill(self, letter: Letter, day: dt.date | None = None) -> bytes:
        """The letter as a whole .docx, as of a day, or else of the campaign's."""
        return self.make(letter, day or self.facts.day).data

    def make(self, letter: Letter, day: dt.date) -> FilledLetter:
        """The letter as of a day, and what tells it from any other."""
        facts = self.facts.on(day)
        template = self.templates.of(letter.pair.recipient)
        return template.make(facts.of_pair(letter.pair), Stamp(letter.id, day))

    def template_files(self) -> dict[str, bytes]:
        """The templates as their author wrote them, by name."""
        return {
            n: (self.folder / TEMPLATES_FOLDER / n).read_bytes() for n in self.templates.compiled
        }

    def day(self, first_made: dt.date) -> dt.date:
        """The date of a letter that was first made on a day."""
        return self.workbook.settings.date or first_made


def open_campaign(
    folder: Path, *, workbook: Path | None = None, template: Path | None = None
) -> Campaign:
    """Read a campaign folder. A MergeError holds everything that keeps it from being read.

    `workbook` and `template` stand in for the folder's own.
    """
    book = read_workbook(workbook or folder / WORKBOOK_FILE)
    settings = book.settings
    today = dt.datetime.now().astimezone().date()
    facts = FillContext(settings.fields, settings.date or today, settings.language)
    templates = find_templates(folder, book, template)
    names, problems = file_name_pattern(settings.file_name, settings.place("file_name"))
    identity = _identity(folder / LETTERS_FOLDER, book)
    return Campaign(folder, book, templates, facts, names, identity, today, problems)


def _identity(letters: Path, book: Workbook) -> Identity:
    ledger = read_ledger(letters)
    try:
        return identify(ledger.people(), (book.signers, book.recipients), book.left_out)
    finally:
        ledger.close()


# Whose letters are asked for, by names and IDs.


@dataclass(frozen=True, slots=True)
class Selection:
    """The keys of the people asked for; None stands for everybody of that sheet."""

    signers: frozenset[str] | None
    recipients: frozenset[str] | None

    def has(self, pair: Pair) -> bool:
        """Whether the pair's letter is asked for."""
        mine = self.signers is None or pair.signer.key in self.signers
        return mine and (self.recipients is None or pair.recipient.key in self.recipients)


def select_people(book: Workbook, names: Sequence[str], option: str) -> Selection:
    """The people of these names or IDs. UsageError where one is nobody's."""
    signers = _matching(book.signers.persons, names)
    recipients = _matching(book.recipients.persons, names)
    unknown = [n for n in names if folded(n) not in signers.words | recipients.words]
    if unknown:
        raise UsageError([_nobody(book, name, option) for name in unknown])
    return Selection(signers.keys, recipients.keys)


def _nobody(book: Workbook, name: str, option: str) -> Problem:
    people = (*book.signers.persons, *book.recipients.persons)
    parts = [p.name for p in people if folded(name) and folded(name) in folded(p.name)]
    near = parts or get_close_matches(name, [p.name for p in people], 1)
    what = f'{option} "{name}": no signer or recipient has this name or ID.'
    hint = f'Did you mean "{near[0]}"? ' if near else ""
    place = Place(book.file)
    return Problem("nobody-of-that-name", place, what, f"{hint}Write the whole name, or the ID.")


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


# What somebody asked for.


ALL_RESAVED = "resaved"
"""In the place of a name: all letters that another program only saved again."""


@dataclass(frozen=True, slots=True)
class LettersOrder:
    """Whose letters, and into which folder.

    `names` are names or IDs of signers and recipients; none means everybody. `again` are those
    whose edited letters are to be made anew, the old ones set aside.
    `new_register`: where the register is gone, begin another, though nothing is on paper then.
    """

    target: Path
    names: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    new_register: bool = False

    @property
    def again_names(self) -> tuple[str, ...]:
        """The people whose edited letters are to be made anew."""
        return tuple(name for name in self.again if folded(name) != ALL_RESAVED)

    @property
    def again_resaved(self) -> bool:
        """Whether all letters that were only saved again are to be made anew."""
        return len(self.again_names) < len(self.again)


# What Settings says of the outside of letters, and what is wrong with that.


_ENVELOPE_ADDRESS = "envelope_address"
"""The row Envelope address of the sheet Settings: a pattern, where the letter's own will not do."""

_RETURN_ADDRESS = "return_address"
_SEPARATORS = " ,;"


def address_pattern(settings: Settings) -> TextTemplate | None:
    """The setting Envelope address; None where it is blank or has problems."""
    compiled = _compiled(settings)
    return compiled if isinstance(compiled, TextTemplate) else None


def fill_address(pattern: TextTemplate, values: TemplateValues) -> tuple[str, ...]:
    """The lines of an address that are not blank; empty where it cannot be filled."""
    try:
        text = pattern.text(values)
    except FILLING_ERRORS:
        return ()
    return tuple(filter(None, (line.strip(_SEPARATORS) for line in text.splitlines())))


def address_problems(settings: Settings, available: AvailableFields) -> Iterator[Problem]:
    """Everything wrong with Envelope address and Return address."""
    compiled, place = _compiled(settings), settings.place(_ENVELOPE_ADDRESS)
    if isinstance(compiled, TextTemplate):
        for name in compiled.names:
            if not available.has(name):
                yield unknown_name(name, place, "", available)
            elif name.root == "signer":
                what = "this is the recipient's address, and must not show anything of a signer's."
                hint = "Take the signer's tags out. --return-to-signer shows the sender."
                yield Problem("address-of-signer", place, what, hint)
    else:
        yield from compiled or ()
    if "{{" in (settings.return_address or ""):
        what = "tags are not filled in here: they would stand on the envelopes as they are written."
        hint = "Write the address itself. For each signer's own: merge print --return-to-signer."
        yield Problem("address-tags", settings.place(_RETURN_ADDRESS), what, hint)


def _compiled(settings: Settings) -> TextTemplate | list[Problem] | None:
    pattern = settings.fields.get(_ENVELOPE_ADDRESS, "")
    return compile_text(pattern, settings.place(_ENVELOPE_ADDRESS)) if pattern.strip() else None
