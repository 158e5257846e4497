"""What is to be done with each letter, and why; nothing is changed.

A `Survey` looks once at the ledger, the register and the folder; a `Reconciler` plans pair after
pair; `decide` says, by rules in a fixed order, what happens to a letter.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal, NamedTuple

from merge.campaign.campaign import LETTERS_FOLDER, Campaign, LettersOrder
from merge.campaign.register import CampaignRegister
from merge.disk import file_state
from merge.model import (
    CHANGED_SINCE,
    Content,
    DataError,
    ErrorIndex,
    FinishedLetter,
    Letter,
    Pair,
    Person,
    Place,
    Problem,
    SheetKind,
    State,
    Step,
    StorageError,
)
from merge.naming import FreeNames, counted, path_key, short_hash
from merge.register.model import StageValue
from merge.state.files import ORPHANS_FOLDER, Inventory, read_file, take_inventory
from merge.state.ledger import Ledger, LetterRecord, memory_ledger, read_ledger
from merge.template.fingerprint import fingerprint_of
from merge.template.library import TEMPLATE_ENDING, InputDigests, changed
from merge.template.sanitize import stamp_of


class LetterPlan(NamedTuple):
    """The plan for one letter: what is to be done, and what the ledger is to remember of it.

    `known` has the path where the letter lies now and what its file was found to be; `was` is what
    the ledger holds so far. `inputs` and `named` are what it would be made from and named after
    now, `changed` names what differs in that. `place` is where its file is on the disk, empty where
    there is none; `elsewhere` are further files that carry its id. `off_paper`, of a letter on
    paper, is what would be done if it were not. `stages` are what staff wrote down of it.
    """

    step: Step
    known: LetterRecord
    was: LetterRecord | None
    inputs: bytes = b""
    named: bytes = b""
    elsewhere: tuple[str, ...] = ()
    changed: Sequence[str] = ()
    place: str = ""
    step_if_not_on_paper: Step | None = None
    stages: Mapping[str, StageValue] = MappingProxyType({})

    @property
    def copies(self) -> tuple[str, ...]:
        """Further files that carry its id, where it lies at its place itself."""
        at_its_place = (self.step_if_not_on_paper or self.step).state not in {"moved", "new"}
        return self.elsewhere if at_its_place else ()


def finished_letter(planned: LetterPlan) -> FinishedLetter:
    """Return the letter as it lies on the disk."""
    letter, content = planned.step.letter, planned.known.content
    path, edited = Path(planned.place), content == "edited"
    made, inputs = content in {"made", "older"}, b"" if planned.stages else planned.inputs
    return FinishedLetter(letter.id, letter.pair, path, edited, made, inputs)


_NUMBERED = re.compile(r"-\d+(?=\.docx$)")
"""What tells a file from another that would have its name."""

RemakeScope = Literal["", "resaved", "all"]
"""Which letters were asked for anew: none, one that was only saved again, or any."""


class Reconciler:
    """Plans letter after letter: what the ledger knows, what lies there, what it would be now.

    `stages` gives what staff wrote down of a letter: it is on paper then.
    """

    def __init__(
        self,
        campaign: Campaign,
        ledger: Ledger,
        inventory: Inventory,
        stages: Callable[[Pair, LetterRecord], Mapping[str, StageValue]],
    ) -> None:
        self._campaign, self._ledger, self._stages = campaign, ledger, stages
        self.inventory = inventory
        self._errors = ErrorIndex(campaign.findings)
        self.inputs = InputDigests(campaign.templates, campaign.facts.settings)
        self.files = LetterFiles(campaign, ledger, inventory, self.inputs)
        self.paths = LetterPaths(campaign, ledger, inventory)

    def plan(self, pair: Pair, again: RemakeScope = "") -> LetterPlan:
        """Return what is to be done with the pair's letter."""
        letter_id = self._campaign.identity.letter(pair)
        was = self._ledger.letter(letter_id)
        if faulty := self._errors.reason(pair):
            return self._left_out(letter_id, pair, was, faulty)
        known, content = self.files.inspect(was) if was else self._first_seen(letter_id, pair)
        if content == "stranger":
            # a file of somebody else's took the name: the letter gets the next one
            free = self.paths.free_name(pair)
            known, content = known._replace(path=free, content="", size=0, mtime=0, inode=0), ""
        elif was and not content and not self.files.others(known):
            known = self._to_be_remade(known, pair)
        inputs = self.inputs.of(pair, self._campaign.day(known.day))
        stages = self._stages(pair, known)
        facts = LetterFacts(
            letter=Letter(letter_id, pair, PurePosixPath(known.path)),
            content=content,
            on_paper=bool(stages),
            is_open=self.inventory.is_open(known.path),
            elsewhere=self.files.others(known),
            changed=self._changed(known.inputs, inputs),
            again=again == "all" or (again == content == "resaved"),
        )
        named = self.paths.named_after(pair)
        if content in {"made", "older"} and not facts.on_paper and not facts.is_open:
            facts = facts._replace(new_name=self.paths.new_path(known, pair))
        place = self.files.place(content, known, facts.elsewhere)
        off_paper = decide(facts._replace(on_paper=False)) if facts.on_paper else None
        more = (facts.elsewhere, facts.changed, place, off_paper, stages)
        return LetterPlan(decide(facts), known, was, inputs, named, *more)

    def _left_out(
        self, letter_id: str, pair: Pair, was: LetterRecord | None, why: str
    ) -> LetterPlan:
        """Plan a letter with an error: not made; where it is on paper, it stays what it is."""
        path = PurePosixPath(was.path) if was else self.paths.usual_if_any(pair)
        day = was.day if was else self._campaign.today
        known = was or LetterRecord(letter_id, str(path), b"", day, b"")
        facts = LetterFacts(Letter(letter_id, pair, path), "", faulty=why)
        known, content = self.files.inspect(known) if was else (known, "")
        stages = self._stages(pair, known)
        if not stages:
            return LetterPlan(decide(facts), known, was)
        elsewhere = self.files.others(known)
        facts = facts._replace(content=content, elsewhere=elsewhere, on_paper=True)
        off_paper = decide(facts._replace(on_paper=False))
        place = self.files.place(content, known, elsewhere)
        return LetterPlan(
            decide(facts), known, was, b"", b"", elsewhere, (), place, off_paper, stages
        )

    def _first_seen(self, letter_id: str, pair: Pair) -> tuple[LetterRecord, Content]:
        """Find a letter that the ledger does not know; its file may be there all the same."""
        usual = self.paths.usual(pair)
        mine = self.inventory.unknown.get(letter_id, ())
        path = usual if usual in mine else mine[0] if len(mine) == 1 else ""
        if path:
            self.paths.reserve(path)
            return self.files.read_back(letter_id, pair, path, self.paths.named_after(pair))
        known = LetterRecord(letter_id, usual, b"", self._campaign.today, b"")
        if mine:
            return known, ""
        return known._replace(path=self.paths.free_name(pair, usual)), ""

    def _to_be_remade(self, known: LetterRecord, pair: Pair) -> LetterRecord:
        """Return the record of a letter that is to be made once more, under the name it has now.

        One that was never written after all is made for the first time.
        """
        if known.content == "":
            known = known._replace(day=self._campaign.today)
        new_path = self.paths.new_path(known, pair)
        return known._replace(path=str(new_path)) if new_path else known

    def _changed(self, old: bytes, new: bytes) -> Sequence[str]:
        if not old or old == new:
            return ()
        return changed(old, new, self._field_hashes) or ("something that it is made from",)

    def _field_hashes(self, piece: bytes) -> Mapping[str, str] | None:
        known = self.inputs.said.get(piece)
        return self._ledger.fields(piece) if known is None else known


class LetterFiles:
    """The files in the folder of the letters, each compared with what the ledger holds."""

    def __init__(
        self, campaign: Campaign, ledger: Ledger, inventory: Inventory, inputs: InputDigests
    ) -> None:
        self._campaign, self._ledger, self._inventory = campaign, ledger, inventory
        self._inputs = inputs

    def inspect(self, known: LetterRecord) -> tuple[LetterRecord, Content]:
        """Return what lies at a letter's known place, and the record with that noted down."""
        place = self._inventory.place(known.path)
        at = file_state(place)
        if at is None:
            return known, "stranger" if os.path.lexists(place) else ""
        if known.still(at):
            return known, known.content
        if at.size == 0 and not known.content:
            # a name that a run claimed; it was killed before it used it
            return known._replace(**at._asdict()), "older"
        data = read_file(place)
        if data is None:
            return known, "shut"
        content = self._content(known, data)
        looked = known._replace(**at._asdict(), content=content)
        return looked._replace(checked=time.time_ns()), content

    def _content(self, known: LetterRecord, data: bytes) -> Content:
        stamp, seen = stamp_of(data), fingerprint_of(data)
        if stamp and stamp.id != known.id:
            return "another"
        if not stamp and not known.content:
            return "stranger"
        # without the id it is ours all the same: it lies where ours lay, and programs may drop it
        if seen and known.output and seen.output == known.output:
            return "made"
        if seen and self._ledger.is_earlier_version(known.id, seen.output):
            return "older"
        same = seen is not None and seen.words != b"" and seen.words == known.words
        return "resaved" if same else "edited"

    def read_back(
        self, letter_id: str, pair: Pair, path: str, named: bytes
    ) -> tuple[LetterRecord, Content]:
        """Take up a letter that is there though the ledger was lost, as of the day it says itself.

        It is ours where it is what would be made now; else it counts as edited.
        """
        place = self._inventory.place(path)
        at, data = file_state(place), read_file(place)
        stamp = stamp_of(data) if data else None
        known = LetterRecord(letter_id, path, named, self._campaign.today, b"")
        if not (at and stamp and data):
            return known, "shut"
        day = self._campaign.day(stamp.day)
        made = self._campaign.make(Letter(letter_id, pair, PurePosixPath(path)), day)
        known = known._replace(
            day=stamp.day,
            inputs=self._inputs.of(pair, day),
            output=made.seen.output,
            words=made.seen.words,
        )
        content = self._content(known, data)
        return known._replace(**at._asdict(), content=content), content

    def others(self, known: LetterRecord) -> tuple[str, ...]:
        """Return the unknown files elsewhere that carry the letter's id."""
        mine = self._inventory.unknown.get(known.id, ())
        return tuple(other for other in mine if other != known.path)

    def place(self, content: Content, known: LetterRecord, elsewhere: Sequence[str]) -> str:
        """Return where the letter's file is on the disk; empty where there is none."""
        if content not in {"", "another", "stranger"}:
            return self._inventory.place(known.path)
        return self._inventory.place(elsewhere[0]) if len(elsewhere) == 1 else ""


class LetterPaths:
    """The paths that letters have or may get: the pattern of file names, what is taken."""

    def __init__(self, campaign: Campaign, ledger: Ledger, inventory: Inventory) -> None:
        self._ledger, self._inventory = ledger, inventory
        self._pattern = campaign.names.within(str(Path(inventory.folder).absolute()))
        self._values = campaign.facts.of_pair
        self._labels: dict[tuple[str, str], bytes] = {}

    def usual(self, pair: Pair) -> str:
        """Return the path of a pair's letter in an empty folder."""
        return self._pattern.of_pair(pair, self._values) + TEMPLATE_ENDING

    def usual_if_any(self, pair: Pair) -> PurePosixPath:
        """Return the same; empty where it cannot be told."""
        try:
            return PurePosixPath(self.usual(pair))
        except DataError:
            return PurePosixPath()

    def free_name(self, pair: Pair, usual: str = "") -> str:
        """Return the usual path, or one like it where something has it."""
        return self.free_path(usual or self.usual(pair))

    def free_path(self, path: str) -> str:
        """Return the path, or one like it where something has it."""
        stem = path.removesuffix(TEMPLATE_ENDING)
        return self._taken.take(stem, TEMPLATE_ENDING, self._is_there)

    def reserve(self, path: str) -> None:
        """Let no other letter get the path."""
        self._taken.reserve(path)

    def new_path(self, known: LetterRecord, pair: Pair) -> PurePosixPath | None:
        """Return the path that a letter of a corrected name is to have; None where it has that."""
        if known.named == self.named_after(pair) and not known.path.startswith(
            f"{ORPHANS_FOLDER}/"
        ):
            return None
        usual = self.usual(pair)
        if path_key(usual) in {path_key(known.path), path_key(_NUMBERED.sub("", known.path))}:
            return None
        return PurePosixPath(self.free_path(usual))

    def named_after(self, pair: Pair) -> bytes:
        """Return a hash of whom a letter is named after."""
        return self._label(pair.signer) + self._label(pair.recipient)

    def _label(self, person: Person) -> bytes:
        key = (person.kind, person.key)
        if key not in self._labels:
            self._labels[key] = bytes.fromhex(short_hash(person.label)[:8])
        return self._labels[key]

    @cached_property
    def _taken(self) -> FreeNames:
        """The names that letters have, whatever else lies there."""
        names = FreeNames()
        for path in self._ledger.paths():
            names.reserve(path)
        return names

    def _is_there(self, path: str) -> bool:
        return os.path.lexists(self._inventory.place(path))


# The rules: from all that is known of a letter to what is done with it. Pure.
#
# They are asked in a fixed order and the first that has an answer decides. Paper goes first: what
# staff have printed is never touched, whatever else is true. Then faults and open files, where
# nothing can be done; then files that are missing or somebody else's; then a letter that is ours
# alone, the only one that is ever written over; whatever is left was edited, and stays.


class LetterFacts(NamedTuple):
    """All that decides what is to be done with a letter.

    `letter` has the path of its known place, or a free one. `elsewhere` are other files that carry
    its id. `changed` names what differs in what it is made from; `new_name` is the path that it is
    to have, where that is another. `again`: somebody asked for it to be made anew.
    """

    letter: Letter
    content: Content
    faulty: str = ""
    on_paper: bool = False
    is_open: bool = False
    elsewhere: tuple[str, ...] = ()
    changed: Sequence[str] = ()
    new_name: PurePosixPath | None = None
    again: bool = False


def decide(facts: LetterFacts) -> Step:
    """Return what happens to a letter. Only a letter that is ours alone is ever replaced."""
    return next(step for rule in _RULES if (step := rule(facts)))


def _faulty(facts: LetterFacts) -> Step | None:
    return Step(facts.letter, "faulty", facts.faulty) if facts.faulty else None


def _on_paper(facts: LetterFacts) -> Step | None:
    if not facts.on_paper:
        return None
    gone = "" if facts.content or facts.elsewhere else GONE
    why = "; ".join(filter(None, (ON_PAPER, gone, facts.faulty)))
    return _kept(_where_it_is(facts), "on-paper", why)


def _absent(facts: LetterFacts) -> Step | None:
    if facts.content:
        return None
    if not facts.elsewhere:
        return Step(facts.letter, "new")
    several = SEVERAL + ", ".join(facts.elsewhere) if len(facts.elsewhere) > 1 else ""
    return _kept(_where_it_is(facts), "moved", several or MOVED)


def _not_ours(facts: LetterFacts) -> Step | None:
    why = {"another": OTHER_LETTER, "stranger": FOREIGN}.get(facts.content)
    return _kept(facts, "foreign", why) if why else None


def _in_use(facts: LetterFacts) -> Step | None:
    why = OPEN if facts.is_open else UNREADABLE if facts.content == "shut" else ""
    return _kept(facts, "in-use", why) if why else None


def _ours(facts: LetterFacts) -> Step | None:
    letter = facts.letter
    if facts.content not in {"made", "older"}:
        return None
    if facts.new_name:
        return Step(replace(letter, path=facts.new_name), "rewritten", RENAMED)
    if facts.changed:
        return Step(letter, "rewritten", f"changed: {', '.join(facts.changed)}")
    if facts.content == "older":
        return Step(letter, "rewritten", OLDER)
    return Step(letter, "unchanged")


def _edited(facts: LetterFacts) -> Step:
    if facts.again:
        return Step(facts.letter, "rewritten", AGAIN)
    if facts.content == "resaved":
        return _kept(facts, "resaved", RESAVED)
    return _kept(facts, "edited-changed" if facts.changed else "edited", EDITED)


_RULES: tuple[Callable[[LetterFacts], Step | None], ...] = (
    _on_paper,
    _faulty,
    _in_use,
    _absent,
    _not_ours,
    _ours,
    _edited,
)
"""In this order: the first that has an answer decides."""


def _where_it_is(facts: LetterFacts) -> LetterFacts:
    """Return the facts with the path that somebody moved the letter to, if it is one."""
    if facts.content or len(facts.elsewhere) != 1:
        return facts
    here = replace(facts.letter, path=PurePosixPath(facts.elsewhere[0]))
    return facts._replace(letter=here)


def _kept(facts: LetterFacts, state: State, why: str) -> Step:
    """Keep the letter as it is, and say where what it is made from has changed since."""
    since = f"{CHANGED_SINCE}{', '.join(facts.changed)}" if facts.changed else ""
    return Step(facts.letter, state, "; ".join(filter(None, (why, since))))


ON_PAPER = "on paper"
EDITED = "edited by hand"
RESAVED = "saved by another program, its words are the same"
FOREIGN = "a file that this program did not make"
OTHER_LETTER = "the letter of another signer or recipient"
OPEN = "open in Word or LibreOffice"
UNREADABLE = "it cannot be opened"
MOVED = "moved or renamed by hand"
SEVERAL = "several files are this letter, none was touched: "
GONE = "its file is not there"
RENAMED = "under the name that it has now"
OLDER = "an earlier version lay there"
AGAIN = "made again as you asked"


@dataclass(slots=True)
class Balance:
    """The number of letters and what became of them; it always adds up."""

    written: int = 0
    unchanged: int = 0
    kept: int = 0
    skipped: int = 0

    @property
    def planned(self) -> int:
        """All of them."""
        return self.written + self.unchanged + self.kept + self.skipped

    def count(self, step: Step) -> None:
        """Take one more step into account."""
        field = _COUNTED.get(step.state, "kept")
        setattr(self, field, getattr(self, field) + 1)


_COUNTED: dict[State, str] = {
    "new": "written",
    "rewritten": "written",
    "unchanged": "unchanged",
    "faulty": "skipped",
}


# The plan: every pair's letter, and what else lies there.


class Plan:
    """A plan for the letters of an order. Nothing is written by looking at it.

    `survey` looks at everything afresh; the faces go through it once. UsageError where a name of
    the order is nobody's.
    """

    def __init__(self, campaign: Campaign, order: LettersOrder) -> None:
        self.campaign, self.order = campaign, order
        self.selection = campaign.chosen(order.names)
        again = order.again_names
        self._remade = campaign.chosen(again, "--again") if again else None
        self.has_ledger = order.target == campaign.folder / LETTERS_FOLDER
        """Not in a try-out: that knows neither ledger nor register."""

    def again(self, pair: Pair) -> RemakeScope:
        """Return how far the pair's letter was asked for anew."""
        if self._remade and self._remade.has(pair):
            return "all"
        return "resaved" if self.order.again_resaved else ""

    @contextmanager
    def survey(self) -> Iterator[Survey]:
        """Look at the letters; the ledger is read, and left as it is."""
        ledger = read_ledger(self.order.target) if self.has_ledger else memory_ledger()
        with closing(ledger):
            yield Survey(self, ledger)


class Survey:
    """One look at all that there is: ledger, register, folder. Nothing is changed.

    `problems` are what it found beside the letters; complete when `letters` was gone through and
    `orphans` were asked for. `register` is None in a try-out. StorageError where the register lists
    letters and there is not one.
    """

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        self._plan, self._campaign, self.ledger = plan, plan.campaign, ledger
        campaign, order = plan.campaign, plan.order
        self.root = LETTERS_FOLDER if plan.has_ledger else str(order.target)
        self.problems: list[Problem] = []
        self.current_ids: set[int] = set()
        """The ids of the letters that pairs have, as numbers: they take half the room."""
        self.register: CampaignRegister | None = None
        if plan.has_ledger:
            anew = order.new_register
            self.register = CampaignRegister(campaign.folder, ledger, campaign.identity, anew=anew)
        if not ledger.fresh:
            self._note_ids()
        self.inventory = take_inventory(order.target, ledger, self.current_ids)
        if ledger.fresh:
            self._begin()
        stages = self.register.stages if self.register else _no_stages
        self.reconciler = Reconciler(campaign, ledger, self.inventory, stages)
        self._corrections = _NameCorrections(campaign)
        self._rows_gone: list[str] = []

    def _note_ids(self) -> None:
        letter = self._campaign.identity.letter
        self.current_ids.update(int(letter(pair), 16) for pair in self._campaign.workbook.pairs())

    def _begin(self) -> None:
        """The ledger is new: it was lost, or these are the first letters."""
        unknown = self.inventory.unknown
        if unknown:
            self._note_ids()
        if not self.register:
            return
        if unknown:
            self.problems.append(_ledger_problem(self.root))
        elif cloud := _cloud_problem(self._campaign.folder):
            self.problems.append(cloud)
        if not (unknown or self._plan.order.new_register) and self.register.register.rows:
            raise StorageError(_letters_gone_problem(self.root, len(self.register.register.rows)))

    def letters(self) -> Iterator[tuple[LetterPlan, bool]]:
        """Yield the plan of every pair there is, and whether the pair is of the order."""
        for pair in self._campaign.workbook.pairs():
            planned = self.reconciler.plan(pair, self._plan.again(pair))
            if planned.was:
                self._corrections.count(pair, planned.known.id)
                if self.register and self.register.has_lost_row(planned.known.id):
                    self._rows_gone.append(planned.known.path)
            for copy in planned.copies:
                self.problems.append(_copy_problem(planned.known.path, copy, self.root))
            yield planned, self._plan.selection.has(pair)
        self.problems += self._corrections.problems(self.register)
        self.problems += _rows_gone_problems(self._rows_gone)

    def chosen(self) -> Iterator[LetterPlan]:
        """Yield the plans of the order; all else that was found is in `problems` then."""
        yield from (planned for planned, chosen in self.letters() if chosen)
        self.problems += orphan_problems(self.orphans(), self.root, done=False)

    def orphans(self) -> list[Orphan]:
        """Return the letters that no pair has.

        None while something is wrong with the workbook: it may be that which hides a pair.
        """
        wrong = any(found.problem.level == "error" for found in self._campaign.findings)
        if wrong or not self.current_ids:
            return []

        def why_it_stays(known: LetterRecord) -> str:
            if self.register and self.register.has_dates(known.id):
                return "it is on paper"
            return "it is open in a program" if self.inventory.is_open(known.path) else ""

        known = find_orphans(self.ledger, self.reconciler, self.current_ids, why_it_stays)
        return [*known, *find_unrecorded(self.ledger, self.inventory, self.current_ids)]


def _no_stages(_: Pair, __: LetterRecord) -> Mapping[str, StageValue]:
    """In a try-out nothing is on paper."""
    return {}


class _NameCorrections:
    """Counts the letters of people whose name was corrected."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        corrected = campaign.identity.corrected
        self._found: dict[tuple[SheetKind, str], list[str]] = {
            (p.kind, p.key): [] for p in corrected
        }

    def count(self, pair: Pair, letter_id: str) -> None:
        """Count a letter that there was before."""
        for person in (pair.signer, pair.recipient) if self._found else ():
            if (person.kind, person.key) in self._found:
                self._found[person.kind, person.key].append(letter_id)

    def problems(self, register: CampaignRegister | None) -> Iterator[Problem]:
        """Yield who is called otherwise now, and how many letters keep their ids."""
        for person in self._campaign.identity.corrected:
            letters = self._found[person.kind, person.key]
            if letters and register:
                yield _corrected(
                    person,
                    register.name(letters[0], person.kind),
                    len(letters),
                    self._place(person),
                )

    def _place(self, person: Person) -> Place:
        book = self._campaign.workbook
        sheet = book.signers if person.kind == "signer" else book.recipients
        return sheet.place(person.row, "name")


def _corrected(person: Person, before: str, count: int, place: Place) -> Problem:
    letters = counted(count, "letter")
    if before == person.name:
        what = f"{before} has another ID than before, or none; all other cells agree: {letters}."
        hint = "The letters stay this person's. Leave IDs as they are."
        return Problem("id-changed", place, what, hint, "warning")
    who = f"{before} is now" if before else "Under another name before:"
    what = f"{who} {person.label}: {letters}."
    hint = "If these are two people, give each an ID in a column ID, and run again."
    return Problem("name-corrected", place, what, hint, "warning")


# What is not any pair's letter: copies, letters nobody wants any more, moves cut short.


_FEW = 10
"""Files that are named one by one."""

_CLOUDS = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "icloud": "iCloud",
    "mobile documents": "iCloud",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
}


@dataclass(frozen=True, slots=True)
class Orphan:
    """A letter whose pair left the workbook.

    `to` is where it goes, `why` says why it stays; neither where its file is gone as well.
    """

    known: LetterRecord
    to: str = ""
    why: str = ""


def find_orphans(
    ledger: Ledger,
    reconciler: Reconciler,
    wanted: AbstractSet[int],
    is_safe: Callable[[LetterRecord], str],
) -> Iterator[Orphan]:
    """Yield the letters of the ledger that no pair has now.

    `wanted` are the ids that pairs have, as numbers; `is_safe` says why a letter must stay.
    """
    gone = [letter_id for letter_id in ledger.ids() if int(letter_id, 16) not in wanted]
    for before in filter(None, map(ledger.letter, gone)):
        known, content = reconciler.files.inspect(before)
        if content in {"another", "stranger"}:
            continue
        if not content:
            moved = reconciler.files.others(known)
            yield from (Orphan(known._replace(path=path), why=_MOVED) for path in moved)
            yield from () if moved else (Orphan(known),)
            continue
        why = is_safe(known) or ("" if content in {"made", "older"} else "it was edited by hand")
        if why:
            yield Orphan(known, why=why)
        elif not known.path.startswith(f"{ORPHANS_FOLDER}/"):
            yield Orphan(known, reconciler.paths.free_path(f"{ORPHANS_FOLDER}/{known.path}"))


def find_unrecorded(
    ledger: Ledger, inventory: Inventory, wanted: AbstractSet[int]
) -> Iterator[Orphan]:
    """Yield letters that neither a pair nor the ledger knows, lost or of another campaign."""
    for letter_id, paths in inventory.unknown.items():
        if int(letter_id, 16) not in wanted and not ledger.path(letter_id):
            known = LetterRecord(letter_id, "", b"", dt.date.min, b"")
            yield from (Orphan(known._replace(path=path), why=_NOT_KNOWN) for path in paths)


_MOVED = "it was moved by hand"
_NOT_KNOWN = "the program does not know it"


def orphan_problems(found: list[Orphan], root: str, *, done: bool) -> Iterator[Problem]:
    """Yield what is reported of them; `done` where they were moved already."""
    gone = [each.known.path for each in found if each.to]
    if gone:
        whose = f"{counted(len(gone), 'letter')}, whose pair is not in the workbook any more"
        what = f"{whose}, {'went' if done else 'will go'} there: {listed(gone)}."
        hint = "Delete what nobody needs. If the pair comes back, its letter comes back too."
        yield Problem("letters-unwanted", Place(f"{root}/{ORPHANS_FOLDER}"), what, hint, "warning")
    for each in found:
        if each.why:
            what = f"its pair is not in the workbook any more, but {each.why}: it stays."
            hint = "Move or delete it yourself, if nobody needs it."
            place = Place(f"{root}/{each.known.path}")
            yield Problem("letter-unwanted", place, what, hint, "warning")


def listed(paths: list[str]) -> str:
    """Return a few paths, sorted, and how many more there are."""
    more = f" and {len(paths) - _FEW:,} more" if len(paths) > _FEW else ""
    return ", ".join(sorted(paths)[:_FEW]) + more


def _copy_problem(path: str, copy: str, root: str) -> Problem:
    """Return the warning of a second file that says it is a letter."""
    what = f"this is a copy of the letter {path}. It is left alone and will not be printed."
    hint = "Delete it, or, if it is the one to send, put it in the place of the other."
    return Problem("letter-copied", Place(f"{root}/{copy}"), what, hint, "warning")


def _rows_gone_problems(paths: list[str]) -> Iterator[Problem]:
    """Yield the warning of letters whose rows somebody deleted from the register."""
    if paths:
        number = "1 letter has" if len(paths) == 1 else f"{len(paths):,} letters have"
        what = f"{number} no row any more, and what stood there is lost: {listed(paths)}."
        hint = "merge letters gives them new rows: write there again what is printed or more."
        yield Problem("register-rows-gone", Place("register.xlsx"), what, hint, "warning")


def _ledger_problem(root: str) -> Problem:
    """Return the warning that the ledger is gone, and the letters are not."""
    what = "what the program knew of these letters is lost."
    hint = "Letters that differ from what it would write now count as edited, and are kept."
    return Problem("ledger-lost", Place(root), what, hint, "warning")


def _letters_gone_problem(root: str, count: int) -> Problem:
    """Return the error that the register lists letters, and there is not one."""
    what = f"register.xlsx lists {count:,} letters, and none of them lies here any more."
    hint = (
        "If the folder was moved or renamed, put it back. To make all anew: merge letters"
        " --new-register."
    )
    return Problem("letters-gone", Place(root), what, hint)


def _cloud_problem(folder: Path) -> Problem | None:
    """Return the warning that a service copies what lies in a folder; None where none does."""
    parts = [part.lower() for part in folder.absolute().parts]
    name = next((v for k, v in _CLOUDS.items() if any(k in part for part in parts)), "")
    if not name:
        return None
    what = f"{name} copies all that lies in this folder, the letters too, to its own computers."
    hint = "If it must not have the signers' data, move the campaign out of it and delete it there."
    return Problem("cloud-folder", Place(str(folder)), what, hint, "warning")
