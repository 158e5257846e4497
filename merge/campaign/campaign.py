"""A campaign folder, read and checked: who writes to whom, from which templates, what is wrong.

Whose letters are asked for is a `Selection`; what somebody asked for is a `LettersOrder`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from merge import messages
from merge.advice import Choice
from merge.affected_letters import Finding, PairFindings, finding_of
from merge.campaign.places import WORKBOOK_FILE, check_places
from merge.checks.findings import (
    AvailableFields,
    CheckInput,
    ClosedLine,
    available_fields,
    check_campaign,
    closed_lines,
    template_problems,
    unknown_name,
)
from merge.disk import file_state, hidden_folders
from merge.errors import DataError, MergeError, StorageError, TemplateError, UsageError
from merge.excel.saving import settle
from merge.letter_status import Decision, Letter
from merge.naming import counted, folded, heading_for, nearest, short_hash
from merge.people import Pair, People, Person, SheetKind
from merge.problems import Place, Problem, option_place
from merge.product import LETTERS_FOLDER, REGISTER_FILE, TEMPLATES_FOLDER
from merge.register.model import MOST_LETTERS, NO_LONGER_WANTED, LetterRow
from merge.register.reading import Register, read_register
from merge.state.identity import (
    NO_ANSWERS,
    Answers,
    Identity,
    Past,
    RegisteredPerson,
    identify,
)
from merge.state.ledger import Ledger, read_ledger, while_reading
from merge.template.filters import TemplateValues
from merge.template.grammar import VariableName
from merge.template.jinja import FILLING_ERRORS, TextTemplate, compile_text
from merge.template.library import (
    FileNamePattern,
    FillContext,
    Templates,
    file_name_pattern,
    find_templates,
    naming_problems,
)
from merge.template.sanitize import Stamp
from merge.template.template import FilledLetter, ReadableLetter
from merge.workbook.reading import LIST_FILE, IncompleteWorkbookError, Workbook, read_workbook
from merge.workbook.settings import Settings


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
    name_problems: tuple[Problem, ...] = ()
    """What is wrong with the pattern of file names itself."""
    list_problems: tuple[Problem, ...] = ()
    """What the memory of the list of signers from forms says of its rows."""
    hidden: frozenset[str] = frozenset()
    """The ids of warnings that staff have called right, salted: they are told no more."""
    closed: dt.date | None = None
    """The day on which it was closed; None while letters can be made."""
    stand_in: Path | None = None
    """The workbook that was read in the place of the folder's own; None for that."""

    def check_open(self) -> None:
        """Raise StorageError where the campaign was closed."""
        if self.closed:
            raise StorageError(closed_problem(self.folder, self.closed))

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every problem, with the letters that it touches."""
        return tuple(_all_findings(self))

    def closed_lines(self, names: Sequence[str] = ()) -> Iterator[ClosedLine]:
        """Yield the lines that close up in some of the letters asked for, template by template."""
        for name, template in self.templates.compiled.items():
            own = (p for p in self.pairs(names) if self.templates.name_for(p.recipient) == name)
            yield from closed_lines(template, self.facts, own)

    def chosen(self, names: Sequence[str], option: str = "for") -> Selection:
        """Return the people of these names or IDs. Raise UsageError where one is nobody's."""
        return select_people(self.workbook, names, option)

    def pairs(self, names: Sequence[str] = ()) -> Iterator[Pair]:
        """Yield the pairs that are asked for, in the order of the workbook."""
        chosen = self.chosen(names)
        return (pair for pair in self.workbook.pairs() if chosen.has(pair))

    def count(self, names: Sequence[str] = ()) -> int:
        """Return how many letters are asked for."""
        chosen, book = self.chosen(names), self.workbook
        signers = _of_keys(book.signers, chosen.signers)
        return book.pairing.count(signers, _of_keys(book.recipients, chosen.recipients))

    def relevant_problems(self, names: Sequence[str] = ()) -> list[Problem]:
        """Return the errors that touch the letters asked for, and the warnings not hidden."""
        return self.told(self.all_problems(names))

    def told(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return problems without the warnings that staff have called right."""
        if not self.hidden:
            return [*problems]
        salt = self.identity.salt
        return [p for p in problems if salt.text(self.warning_id(p)) not in self.hidden]

    def warning_id(self, problem: Problem) -> str:
        """Return the ID of a warning, 16 hexadecimal digits; empty if it cannot be ignored.

        It is another one if the cell or a value in its sentence changes. A row is identified by its
        person, so the ID does not change if rows move.
        """
        if problem.level == "error" or problem.code in _ALWAYS_TOLD:
            return ""
        place = problem.place
        person = self._rows.get((place.file, place.sheet, place.row))
        tag = self._tags.get((place.file, place.sheet, place.column), "")
        row = person.key if person else str(place.row)
        cell = str(person.fields.get(tag, "")) if person else ""
        table = (place.file, place.sheet, tag or str(place.column), row, cell)
        text = (place.part, str(place.paragraph), place.words)
        values = (f"{name}={value}" for name, value in problem.fields if name not in _POSITIONS)
        return short_hash("warning", problem.code, *table, *text, *values)

    @cached_property
    def letter_labels(self) -> Mapping[str, str]:
        """What every letter is called, by its id: `Ana Ruiz to Consul Roy`."""
        letter = self.identity.letter
        return {letter(p): f"{p.signer.label} to {p.recipient.label}" for p in self.pairs()}

    @cached_property
    def _rows(self) -> Mapping[tuple[str, str, int], Person]:
        people = (*self.workbook.signers.persons, *self.workbook.recipients.persons)
        return {(p.sheet.file, p.sheet.name, p.row): p for p in people}

    @cached_property
    def _tags(self) -> Mapping[tuple[str, str, int], str]:
        book = self.workbook
        sheets = (*book.signers.sheets, *book.recipients.sheets)
        return {(s.file, s.name, c.number): c.tag for s in sheets for c in s.columns}

    def all_problems(self, names: Sequence[str] = ()) -> list[Problem]:
        """Return the errors that touch the letters asked for, and all warnings."""
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

    def in_words(self, name: str) -> str:
        """Return what staff call what a tag reads: `recipient.city` is `City in Recipients`."""
        return in_words(self.workbook, name)

    def make(self, letter: Letter, day: dt.date) -> FilledLetter:
        """Return the letter as of a day, with what tells it from any other."""
        facts = self.facts.on(day)
        template = self.templates.of(letter.pair.recipient)
        return template.make(facts.of_pair(letter.pair), Stamp(letter.id, day))

    def readable(self, letter: Letter, day: dt.date) -> ReadableLetter:
        """Return the same letter to be read."""
        facts = self.facts.on(day)
        template = self.templates.of(letter.pair.recipient)
        return template.readable(facts.of_pair(letter.pair), Stamp(letter.id, day))

    def day(self, first_made: dt.date) -> dt.date:
        """Return the date of a letter that was first made on a day."""
        return self.workbook.settings.date or first_made


def in_words(book: Workbook, name: str) -> str:
    """Return what staff call what a tag reads: `recipient.city` is `City in Recipients`."""
    root, _, tag = name.partition(".")
    sheets = {
        "signer": (book.signers.sheet, book.signers.columns),
        "recipient": (book.recipients.sheet, book.recipients.columns),
        "pair": ("Pairs", book.pairing.columns),
        "settings": (book.settings.sheet, ()),
    }
    if not tag or root not in sheets:
        return name
    sheet, columns = sheets[root]
    heading = next((c.heading for c in columns if c.tag == tag), heading_for(tag))
    return f"{heading} in {sheet}"


def read_campaign(
    folder: Path,
    *,
    workbook: Path | None = None,
    template: Path | None = None,
    answers: Answers = NO_ANSWERS,
) -> Campaign:
    """Read a campaign folder. Raise a MergeError with everything that keeps it from being read.

    `workbook` and `template` stand in for the folder's own; `answers` say who is who.
    """
    check_places(folder)
    _put_back(folder)
    try:
        book = read_workbook(workbook or folder / WORKBOOK_FILE)
    except IncompleteWorkbookError as error:
        others = _problems_of_templates(folder, error.book, template)
        raise DataError([*error.problems, *others]) from error
    if problem := _too_many_letters(book):
        raise DataError([*book.problems, problem])
    settings = book.settings
    today = dt.datetime.now().astimezone().date()
    facts = FillContext(settings.fields, settings.date or today, settings.language)
    try:
        templates = find_templates(folder, book, template)
    except TemplateError as error:
        raise TemplateError([*book.problems, *error.problems]) from error
    names, problems = file_name_pattern(settings.file_name, settings.place("file_name"))
    letters = folder / LETTERS_FOLDER
    with while_reading(letters), closing(read_ledger(letters)) as ledger:
        past = EarlierRuns(folder / REGISTER_FILE, folder / LETTERS_FOLDER, ledger)
        sheets = (book.signers, book.recipients)
        decided = [*ledger.decisions()]
        answers = answers._replace(decided=frozenset(decided))
        identity = identify(ledger.people(), sheets, book.left_out, past, answers)
        closed = ledger.closed
    hidden = frozenset(one.id for one in decided if one.choice == "hide")
    return Campaign(
        *(folder, book, templates, facts, names, identity, today, problems),
        list_problems=_list_problems((workbook or folder / WORKBOOK_FILE).parent, book),
        hidden=hidden,
        closed=closed,
        stand_in=workbook,
    )


def read_again(campaign: Campaign) -> Campaign:
    """Return the campaign as it is now, for work that had to wait for another run. Errors as above.

    Of templates the folder's own are read.
    """
    return read_campaign(campaign.folder, workbook=campaign.stand_in)


def _too_many_letters(book: Workbook) -> Problem | None:
    """Return the error that Excel has not the rows for a register of all letters."""
    most = len(book.signers.persons) * len(book.recipients.persons)
    if most <= MOST_LETTERS or (number := book.number_of_pairs) <= MOST_LETTERS:
        return None
    place, key = Place(book.file), "too-many-letters"
    return messages.problem(key, place, letters=number, most=MOST_LETTERS)


def _list_problems(folder: Path, book: Workbook) -> tuple[Problem, ...]:
    """Return what the list and its memory say, where the list is read."""
    if book.listed is None:
        return ()
    from merge.intake.signer_list import read_list  # noqa: PLC0415 - only where there is a list
    from merge.intake.standing import standing_problems  # noqa: PLC0415

    try:
        return tuple(standing_problems(read_list(folder), book))
    except MergeError as error:  # letters can be made; an import is stopped by it
        return tuple(replace(problem, level="warning") for problem in error.problems)


def _put_back(folder: Path) -> None:
    """Put files back that were taken from their places when the program was killed."""
    settle(folder / REGISTER_FILE)
    settle(folder / WORKBOOK_FILE)
    settle(folder / LIST_FILE)
    templates = folder / TEMPLATES_FOLDER
    for hidden in hidden_folders(str(templates)):
        for taken in Path(hidden).iterdir():
            settle(templates / taken.name)


def spoken_sources(book: Workbook) -> str:
    """Return `6 signers from signers.xlsx, 214 from forms`; empty where no list is read."""
    if book.listed is None:
        return ""
    typed = counted(len(book.signers.persons) - book.listed, "signer")
    return f"{typed} from {book.file}, {book.listed:,} from forms"


def closed_problem(folder: Path, day: dt.date) -> Problem:
    """Return the error that a campaign was closed, and what to do to go on."""
    return messages.problem("campaign-closed", Place(str(folder)), day=spoken_day(day))


def spoken_day(day: dt.date) -> str:
    """Return `26 Nov 2026`."""
    return f"{day.day} {day:%b %Y}"


_POSITIONS = {"cell", "row"}
"""Fields of messages that say where something is."""
_ALWAYS_TOLD = {
    *("register-says-less", "register-says-more", "register-rows-gone"),
    *("ledger-lost", "folder-in-part"),
}
"""Warnings that nobody can call right: something is missing, or not read."""


def _problems_of_templates(folder: Path, book: Workbook, instead: Path | None) -> Sequence[Problem]:
    """Return what is wrong with the templates by themselves."""
    try:
        templates = find_templates(folder, book, instead)
    except MergeError as error:
        return error.problems
    return tuple(template_problems(book, templates))


# Who people were at earlier runs, as far as register and ledger tell.


_SHEETS: tuple[SheetKind, ...] = ("signer", "recipient")


def names_in(register: Register) -> dict[tuple[SheetKind, str], str]:
    """Return the names of people by kind and id: of their own sheets, else of letters' rows."""
    known = ((kind, *each) for kind in _SHEETS for each in register.names_of_people(kind))
    return {(kind, own): name for kind, own, name in known if own}


class EarlierRuns(Past):
    """What register and ledger know of people; a register that cannot be read says nothing."""

    def __init__(self, register: Path, letters: Path, ledger: Ledger) -> None:
        self._path, self._folder, self._ledger = register, letters, ledger
        self.salt = ledger.salt

    @cached_property
    def _register(self) -> Register:
        try:
            return read_register(self._path)
        except MergeError:
            return Register()

    @cached_property
    def _labels(self) -> dict[tuple[SheetKind, str], str]:
        """The names by kind and id."""
        return names_in(self._register)

    def label(self, kind: SheetKind, person_id: str) -> str:
        """Return the name that somebody had at the last run; empty where nobody knows."""
        return self._labels.get((kind, person_id), "")

    def people(self) -> Iterable[RegisteredPerson]:
        """Return everybody who has letters in the register that are wanted."""
        letters, on_paper = Counter[tuple[SheetKind, str]](), Counter[tuple[SheetKind, str]]()
        for letter_id, row in self._register.rows.items():
            if row.state != NO_LONGER_WANTED:
                both = _people_of(row)
                letters.update(both)
                on_paper.update(both if self._register.on_paper(letter_id) else ())
        return [
            RegisteredPerson(*who, self.label(*who), count, on_paper[who])
            for who, count in letters.items()
        ]

    def is_at_stake(self, kind: SheetKind, person_id: str) -> bool:
        """Return whether letters of somebody's are on paper, in a batch, or edited."""
        if (kind, person_id) in self._in_register:
            return True
        others = (someone.id for someone in self._ledger.people() if someone.kind != kind)
        pairs = ((person_id, other) for other in others)
        letters = (short_hash(*(pair if kind == "signer" else pair[::-1])) for pair in pairs)
        return any(letter_id in self._touched or self._differs(letter_id) for letter_id in letters)

    @cached_property
    def _in_register(self) -> set[tuple[SheetKind, str]]:
        """Those with letters that are on paper, in a batch or edited, as the register has it."""
        return {
            who
            for letter_id, row in self._register.rows.items()
            if row.batch or row.state.startswith("edited") or self._register.on_paper(letter_id)
            for who in _people_of(row)
        }

    @cached_property
    def _touched(self) -> set[str]:
        return self._ledger.touched()

    def _differs(self, letter_id: str) -> bool:
        """Return whether a letter's file is not the one any more that the last run left."""
        known = self._ledger.letter(letter_id)
        at = file_state(str(self._folder / known.path)) if known else None
        return known is not None and at is not None and at != known.at


def _people_of(row: LetterRow) -> list[tuple[SheetKind, str]]:
    both: list[tuple[SheetKind, str]] = [("signer", row.signer_id), ("recipient", row.recipient_id)]
    return [who for who in both if who[1]]


# Everything that is wrong or doubtful.


def _all_findings(campaign: Campaign) -> Iterator[Finding]:
    """Yield every problem: of the workbook, the settings, who is who, then of the templates."""
    book, available = campaign.workbook, available_fields(campaign.workbook)
    yield from (_finding_in(book, problem) for problem in book.problems)
    yield from map(Finding, campaign.name_problems)
    yield from (_finding_in(book, problem) for problem in campaign.list_problems)
    if next(book.pairs(), None) is None:
        yield Finding(messages.problem("no-letters", Place(book.file)))
    if book.settings.file_name:
        yield from _file_name_findings(campaign, available)
    yield from map(Finding, address_problems(book.settings, available))
    yield from (finding_of(problem, person) for problem, person in campaign.identity.problems)
    columns = [tag for tag in (book.settings.match, book.settings.sort_by) if tag]
    own = [VariableName(root, tag) for tag in columns for root in ("signer", "recipient")]
    pattern = address_pattern(book.settings)
    names = frozenset((*campaign.names.names, *own, *(pattern.names if pattern else ())))
    yield from check_campaign(CheckInput(book, campaign.templates, campaign.facts, names))


def _finding_in(book: Workbook, problem: Problem) -> Finding:
    """Return a problem of the workbook: one of a person's row touches nobody else's letters."""
    place = problem.place
    if place.row and book.signers.holds(place):
        return Finding(problem, book.signers.keys_at(place))
    if place.row and book.recipients.holds(place):
        return Finding(problem, None, book.recipients.keys_at(place))
    return Finding(problem)


def _file_name_findings(campaign: Campaign, available: AvailableFields) -> Iterator[Finding]:
    """Yield what keeps files from being named by the pattern in Settings."""
    names = campaign.names
    unknown = [name for name in names.names if not available.has(name)]
    for name in unknown:
        yield Finding(unknown_name(name, names.place, available))
    pairs = () if unknown else campaign.workbook.pairs()
    by_code: dict[str, Problem] = {}
    found = PairFindings()
    for pair, problem in naming_problems(pairs, names, campaign.facts.of_pair):
        found.add(by_code.setdefault(problem.code, problem), pair)
    yield from found.findings()


# Whose letters are asked for, by names and IDs.


@dataclass(frozen=True, slots=True)
class Selection:
    """The keys of the people asked for; None stands for everybody of that sheet."""

    signers: frozenset[str] | None
    recipients: frozenset[str] | None

    def has(self, pair: Pair) -> bool:
        """Return whether the pair's letter is asked for."""
        mine = self.signers is None or pair.signer.key in self.signers
        return mine and (self.recipients is None or pair.recipient.key in self.recipients)


def _of_keys(people: People, keys: frozenset[str] | None) -> Sequence[Person]:
    persons = people.persons
    return persons if keys is None else [one for one in persons if one.key in keys]


def select_people(book: Workbook, names: Sequence[str], option: str) -> Selection:
    """Return the people of these names or IDs. Raise UsageError where one is nobody's.

    So where it is the name of several who have IDs. Whole names or IDs count, upper and lower case
    alike.
    """
    asked = {folded(name) for name in names}
    keys: dict[SheetKind, set[str]] = {"signer": set(), "recipient": set()}
    known = set()
    for person in (*book.signers.persons, *book.recipients.persons):
        words = asked & {folded(person.name), folded(person.id)} - {""}
        known |= words
        if words:
            keys[person.kind].add(person.key)
    unknown = [name for name in names if folded(name) not in known]
    if unknown:
        raise UsageError([_nobody(book, name, option) for name in unknown])
    if alike := [*_namesakes(book, names, option)]:
        raise UsageError(alike)
    signers, recipients = map(frozenset, (keys["signer"], keys["recipient"]))
    return Selection(signers or None, recipients or None)


def _namesakes(book: Workbook, names: Sequence[str], option: str) -> Iterator[Problem]:
    """Yield the names that several people of a sheet have, who can be told apart by their IDs."""
    for name in names:
        for people in (book.signers, book.recipients):
            called = [p for p in people.persons if folded(p.name) == folded(name)]
            if len(called) > 1 and all(p.id for p in called):
                yield messages.problem(
                    "several-of-that-name",
                    Place(book.file),
                    option=str(option_place(option)),
                    name=name,
                    people=[f"{p.id} ({p.place('name')})" for p in called],
                )


def _nobody(book: Workbook, name: str, option: str) -> Problem:
    people = (*book.signers.persons, *book.recipients.persons)
    parts = [p.name for p in people if folded(name) and folded(name) in folded(p.name)]
    near = parts[0] if parts else nearest(name, (p.name for p in people), 0.6, str)
    fields = {"name": name, "option": str(option_place(option)), "near": near or None}
    return messages.problem("nobody-of-that-name", Place(book.file), **fields)


Kind = Literal["edited", "resaved", "moved", "on paper"]
"""Why a letter is not brought up to date by itself, or not without being asked for."""

_KINDS: Mapping[str, frozenset[Kind]] = {
    "resaved": frozenset({"resaved"}),
    "edited": frozenset({"edited", "resaved"}),
    "moved": frozenset({"moved"}),
    "all": frozenset({"edited", "resaved", "moved", "on paper"}),
}
"""In the place of a name: all letters of these kinds, whoever's they are."""

_REMADE: Mapping[str, frozenset[Kind]] = {**_KINDS, "edited": frozenset({"edited"})}
"""The same for letters that are to be made anew: there, saved again is not edited."""

_OF_CHOICE: Mapping[Choice, tuple[str, Mapping[str, frozenset[Kind]]]] = {
    "new": ("replace", _REMADE),
    "keep": ("keep", _KINDS),
    "print": ("accept", _KINDS),
}


@dataclass(frozen=True, slots=True)
class MeantLetters:
    """The letters that somebody's words mean: people's, single ones, all of some kinds."""

    people: Selection | None = None
    letters: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()

    def has(self, letter: Letter, kinds: AbstractSet[Kind]) -> bool:
        """Return whether a letter of these kinds is meant."""
        if letter.id in self.letters or not self.kinds.isdisjoint(kinds):
            return True
        return self.people is not None and self.people.has(letter.pair)


def meant_letters(campaign: Campaign, words: Sequence[str], choice: Choice) -> MeantLetters:
    """Return the letters that words mean: names, IDs, beginnings of letters' ids, kinds.

    UsageError where a word means nobody, or several letters.
    """
    option, all_kinds = _OF_CHOICE[choice]
    kinds = frozenset[Kind]().union(*(all_kinds.get(folded(w), frozenset()) for w in words))
    others = [word for word in words if folded(word) not in all_kinds]
    if not others:
        return MeantLetters(kinds=kinds)
    people = {
        folded(word)
        for person in (*campaign.workbook.signers.persons, *campaign.workbook.recipients.persons)
        for word in (person.name, person.id)
    }
    ids = [w for w in others if folded(w) not in people and _LETTER_ID.fullmatch(w.strip().lower())]
    names = [word for word in others if word not in ids]
    letters = campaign.letter_labels if ids else {}
    found = frozenset(letter_of(letters, word, option) for word in ids)
    return MeantLetters(campaign.chosen(names, option) if names else None, found, kinds)


_LETTER_ID = re.compile(r"(?=.*\d)[0-9a-f]{4,16}|[a-f]{4}")
"""What may be the beginning of a letter's id."""


def letter_of(letters: Mapping[str, str], typed: str, option: str) -> str:
    """Return the id that begins as typed, of letters by id with what each is called.

    UsageError where none does, or several do.
    """
    short = typed.strip().lower()
    if short in letters:
        return short
    alike = [letter_id for letter_id in letters if short and letter_id.startswith(short)]
    if len(alike) == 1:
        return alike[0]
    place = option_place(option, typed)
    if not alike:
        raise UsageError(messages.problem("letter-unknown", place))
    named = [letters[letter_id] for letter_id in alike]
    ids = " or ".join(i[: len(short) + 4] for i in alike[:2])
    raise UsageError(messages.problem("letter-ambiguous", place, letters=named, ids=ids))


@dataclass(frozen=True, slots=True)
class LettersOrder:
    """The letters that somebody asked for: whose, and into which folder.

    `names` are names or IDs of signers and recipients; none means everybody. Where there are
    `letters`, only those of these ids are meant. `again` are words for letters that are to be made
    anew, the old ones set aside, `keep` for those that stay as they are though their data changed,
    `accept` for those that are printed so: see `meant_letters`.
    `decisions` say the same of single letters, as they were when they were shown.
    `new_register`: where the register is gone, begin another. `trust_register`: where it says
    less than it did of these letters, believe it.
    """

    target: Path
    names: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    new_register: bool = False
    trust_register: bool = False
    keep: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    letters: frozenset[str] = frozenset()


# Envelope address and Return address in Settings.


_ENVELOPE_ADDRESS = "envelope_address"
"""The row Envelope address of the sheet Settings: a pattern, where the letter's own will not do."""

_RETURN_ADDRESS = "return_address"
_SEPARATORS = " ,;"


def address_pattern(settings: Settings) -> TextTemplate | None:
    """Return the setting Envelope address; None where it is blank or has problems."""
    compiled = _compiled(settings)
    return compiled if isinstance(compiled, TextTemplate) else None


def fill_address(pattern: TextTemplate, values: TemplateValues) -> tuple[str, ...]:
    """Return the lines of an address that are not blank; none where it cannot be filled."""
    try:
        text = pattern.text(values)
    except FILLING_ERRORS:
        return ()
    return tuple(filter(None, (line.strip(_SEPARATORS) for line in text.splitlines())))


def address_problems(settings: Settings, available: AvailableFields) -> Iterator[Problem]:
    """Yield everything that is wrong with Envelope address and Return address."""
    compiled, place = _compiled(settings), settings.place(_ENVELOPE_ADDRESS)
    if isinstance(compiled, TextTemplate):
        for name in compiled.names:
            if not available.has(name):
                yield unknown_name(name, place, available)
            elif name.root == "signer":
                yield messages.problem("address-of-signer", place)
    else:
        yield from compiled or ()
    if "{{" in (settings.return_address or ""):
        yield messages.problem("address-tags", settings.place(_RETURN_ADDRESS))


def _compiled(settings: Settings) -> TextTemplate | list[Problem] | None:
    pattern = settings.fields.get(_ENVELOPE_ADDRESS, "")
    return compile_text(pattern, settings.place(_ENVELOPE_ADDRESS)) if pattern.strip() else None
