"""What is to be done with each letter, and why; nothing is changed.

A `Survey` looks once at the ledger, the register and the folder; a `Reconciler` plans pair after
pair; `decide` says, by rules in a fixed order, what happens to a letter.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import NamedTuple

from merge import messages
from merge.advice import Choice
from merge.affected_letters import ErrorIndex
from merge.campaign.campaign import Campaign, closed_problem
from merge.campaign.decisions import LetterFacts, decide
from merge.campaign.errand import UNWATCHED, Errand
from merge.campaign.letter_files import LetterFiles, LetterPaths, usual_paths
from merge.campaign.letters_order import Kind, LettersOrder, meant_letters
from merge.campaign.orphans import (
    Orphan,
    cloud_problem,
    copy_problem,
    damaged_problem,
    find_orphans,
    find_unrecorded,
    folder_problems,
    ledger_problem,
    letters_gone_problem,
    orphan_problems,
    other_format_problems,
    other_people_problem,
    outdated_problems,
    rows_gone_problems,
    torn_problem,
)
from merge.campaign.register import CampaignRegister
from merge.errors import StorageError
from merge.letter_status import Content, FinishedLetter, Letter, Step
from merge.naming import short_hash
from merge.people import Pair, Person, SheetKind
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.register.entries import StageValue
from merge.state.files import Inventory, take_inventory, take_try_inventory
from merge.state.identity import first_id
from merge.state.ledger import (
    NAMED_BY_HAND,
    DecisionRecord,
    Ledger,
    LetterRecord,
    memory_ledger,
    read_ledger,
    several,
    while_reading,
)
from merge.template.library import InputDigests, changed

_NO_STAGES: Mapping[str, StageValue] = MappingProxyType({})


class LetterPlan(NamedTuple):
    """The plan for one letter: what is to be done, and what the ledger is to remember of it.

    `known` has the path where the letter lies now and what its file was found to be; `was` is what
    the ledger holds so far. `inputs` and `named` are what it would be made from and named after
    now, `changed` names what differs in that. `place` is where its file is on the disk, empty where
    there is none; `elsewhere` are further files that carry its id. `off_paper`, of a letter on
    paper, is what would be done if it were not. `stages` are what staff wrote down of it;
    `was_on_paper`: they did before, and its file is still the one of that time. `decided` is what
    staff decided of it, and still holds; `is_new_decision`: it is to be remembered.
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
    stages: Mapping[str, StageValue] = _NO_STAGES
    was_on_paper: bool = False
    decided: Choice | None = None
    is_new_decision: bool = False

    @property
    def kinds(self) -> frozenset[Kind]:
        """Why it is not brought up to date by itself, or would not be without being asked for."""
        return _kinds(self.known, self.known.content, on_paper=bool(self.stages))

    @property
    def seen(self) -> str:
        """What stands for the letter as it is shown: its file, and what it would be made from."""
        return _seen(self.known, self.inputs)

    @property
    def to_remember(self) -> DecisionRecord | None:
        """What the ledger is to learn of a decision; None where there is nothing new."""
        if self.is_new_decision and self.decided:
            return DecisionRecord(self.known.id, self.decided, self.inputs)
        return None

    @property
    def sets_aside(self) -> bool:
        """Whether its old file is kept where it is written anew: an edit, damaged, or on paper."""
        return self.step.has("asked-again", "damaged") or self.was_on_paper

    @property
    def copies(self) -> tuple[str, ...]:
        """Further files that carry its id, where it lies at its place itself."""
        at_its_place = (self.step_if_not_on_paper or self.step).state not in {"moved", "new"}
        return self.elsewhere if at_its_place else ()


def finished_letter(planned: LetterPlan) -> FinishedLetter:
    """Return the letter as it lies on the disk."""
    letter, content = planned.step.letter, planned.known.content
    path, edited = Path(planned.place), _EDITS.get(content) == "edited"
    made, inputs = content in {"made", "older"}, b"" if planned.stages else planned.inputs
    return FinishedLetter(letter.id, letter.pair, path, edited, made, inputs)


_EDITS: Mapping[Content, Kind] = {"edited": "edited", "resaved": "resaved", "damaged": "edited"}
"""What lies at the place of letters that somebody saved, and what kind of letter that makes."""
_KEPT: frozenset[Kind] = frozenset({"edited", "resaved", "on paper"})
"""Letters that stay as they are when their data changes."""


def _kinds(known: LetterRecord, content: Content, *, on_paper: bool) -> frozenset[Kind]:
    kinds = {_EDITS[content]} if content in _EDITS else set[Kind]()
    if content and known.named == NAMED_BY_HAND:
        kinds.add("moved")
    if on_paper:
        kinds.add("on paper")
    return frozenset(kinds)


def _seen(known: LetterRecord, inputs: bytes) -> str:
    return short_hash(*map(str, known.at), inputs.hex())


class AskedChoices:
    """What somebody chose for letters in an order: by words, or of each as it was shown.

    `outdated` are the paths of letters that have changed since they were shown.
    """

    def __init__(self, campaign: Campaign, order: LettersOrder) -> None:
        words: tuple[tuple[Choice, tuple[str, ...]], ...] = (
            ("new", order.again),
            ("keep", order.keep),
            ("print", order.accept),
        )
        self._meant = [(c, meant_letters(campaign, asked, c)) for c, asked in words if asked]
        self._single = {one.about: one for one in order.decisions}
        self.any = bool(self._meant or self._single)
        """Whether anything was chosen."""
        self.outdated: list[str] = []

    def of(
        self, letter: Letter, kinds: AbstractSet[Kind], seen: Callable[[], str]
    ) -> Choice | None:
        """Return what was chosen for a letter; None where nothing was."""
        if single := self._single.get(letter.id):
            if single.seen == seen():
                return single.choice
            self.outdated.append(str(letter.path))
        return next((choice for choice, meant in self._meant if meant.has(letter, kinds)), None)


class _Chosen(NamedTuple):
    """What was chosen for a letter; `is_new`: it is to be remembered.

    `base` is what the letter was made from, or was kept in spite of: what changed is told from it.
    """

    choice: Choice | None
    base: bytes
    is_new: bool = False


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
        self.inputs = InputDigests(campaign.templates, campaign.facts.settings, ledger.salt)
        self.files = LetterFiles(campaign, ledger, inventory, self.inputs)
        self.paths = LetterPaths(campaign, ledger, inventory)
        self._once_on_paper = ledger.on_paper().keys()
        self._decided = {(one.id, one.choice): one.seen for one in ledger.decisions()}

    def plan(
        self, letter_id: str, pair: Pair, was: LetterRecord | None, asked: AskedChoices
    ) -> LetterPlan:
        """Return what is to be done with the pair's letter, by what was chosen for it as well.

        `was` is what the ledger has of it.
        """
        if faulty := self._errors.reason(pair):
            return self._left_out(letter_id, pair, was, faulty)
        known, content = self._found(letter_id, pair, was)
        inputs = self.inputs.of(pair, self._campaign.day(known.day))
        inputs = known.inputs if inputs == known.inputs else inputs  # held once for both
        stages = self._stages(pair, known) or _NO_STAGES
        letter = Letter(letter_id, pair, PurePosixPath(known.path))
        is_quiet = content == "made" and not (stages or asked.any)
        if was and is_quiet and known is was and self._is_at_rest(was, pair, inputs):
            place = self.inventory.place(was.path)
            return LetterPlan(Step(letter, "unchanged"), was, was, inputs, was.named, place=place)
        kinds = _kinds(known, content, on_paper=bool(stages))
        chosen = self._chosen(letter, known, inputs, kinds, asked)
        facts = LetterFacts(
            letter=letter,
            content=content,
            on_paper=bool(stages),
            is_open=self.inventory.is_open(known.path),
            elsewhere=self.files.others(known, pair),
            changed=self._changed(chosen.base, inputs),
            moved=was is not None and bool(content) and known.path != was.path,
            again=chosen.choice == "new" and content in _EDITS,
        )
        facts, named = self._with_new_name(facts, known)
        place = self.files.place(content, known, facts.elsewhere)
        off_paper = decide(facts._replace(on_paper=False)) if facts.on_paper else None
        more = (facts.elsewhere, facts.changed, place, off_paper, stages)
        planned = LetterPlan(decide(facts), known, was, inputs, named, *more)
        return self._decided_so(planned, chosen)

    def _is_at_rest(self, was: LetterRecord, pair: Pair, inputs: bytes) -> bool:
        """Return whether nothing is to be told of a letter that is as it was made, as of most."""
        is_open, others = self.inventory.is_open(was.path), self.files.others(was)
        if is_open or others or was.inputs != inputs or was.id in self._once_on_paper:
            return False
        return was.named != NAMED_BY_HAND and self.paths.keeps_path(was, pair)

    def _found(
        self, letter_id: str, pair: Pair, was: LetterRecord | None
    ) -> tuple[LetterRecord, Content]:
        """Find a letter; where it cannot have its place any more, or is gone, give it the next."""
        known, content = self._seen_before(was, pair) if was else self._first_seen(letter_id, pair)
        if content == "stranger":  # a file of somebody else's took the name
            free = self.paths.free_name(pair)
            return known._replace(path=free, content="", size=0, mtime=0, inode=0), ""
        if not known.path:  # another letter lies in its place
            return known._replace(path=self.paths.free_name(pair)), content
        if was and not content and not self.files.others(known, pair):
            return self._to_be_remade(known, pair), content
        return known, content

    def _chosen(
        self,
        letter: Letter,
        known: LetterRecord,
        inputs: bytes,
        kinds: AbstractSet[Kind],
        asked: AskedChoices,
    ) -> _Chosen:
        """Return what is chosen for a letter now, or was decided of it before and still holds."""
        choice = asked.of(letter, kinds, lambda: _seen(known, inputs))
        if not kinds & _KEPT:
            return _Chosen(choice, known.inputs)
        base = self._decided.get((letter.id, "keep"), b"") or known.inputs
        if choice is None:
            return _Chosen(self._decided_before(letter.id, inputs), base)
        is_new = choice in {"keep", "print"} and base not in {b"", inputs}
        return _Chosen(choice, inputs if choice == "keep" and is_new else base, is_new=is_new)

    def _with_new_name(self, facts: LetterFacts, known: LetterRecord) -> tuple[LetterFacts, bytes]:
        """Return the facts with the name that the letter gets, and whom it is named after then."""
        pair, path = facts.letter.pair, known.path
        stays = facts.on_paper or facts.is_open or self.inventory.saved_beside(path)
        if (facts.content in {"made", "older"} or facts.again) and not stays:
            new_name = self.paths.new_path(known, pair)
            facts = facts._replace(new_name=new_name) if new_name else facts
        by_hand = known.named == NAMED_BY_HAND and facts.content and not facts.new_name
        return facts, NAMED_BY_HAND if by_hand else self.paths.named_after(pair)

    def _decided_so(self, planned: LetterPlan, chosen: _Chosen) -> LetterPlan:
        """Return the plan with what was decided; of a letter that was on paper a copy is kept."""
        step = planned.step
        if chosen.choice == "keep" and chosen.is_new:
            planned = planned._replace(step=step.because("kept"))
        if chosen.choice == "new" and step.state == "on-paper":
            planned = planned._replace(step=step.because("not-replaced"))
        if chosen.choice:
            planned = planned._replace(decided=chosen.choice, is_new_decision=chosen.is_new)
        return self._kept_aside(planned) if planned.known.id in self._once_on_paper else planned

    def _decided_before(self, letter_id: str, inputs: bytes) -> Choice | None:
        """Return what was decided of a letter that would still be made from the same."""
        choices: tuple[Choice, ...] = ("print", "keep")
        return next((c for c in choices if self._decided.get((letter_id, c)) == inputs), None)

    def _kept_aside(self, planned: LetterPlan) -> LetterPlan:
        """Return the plan of a letter that was on paper: its old file is not written over."""
        step = planned.step
        if step.state == "rewritten" and not planned.sets_aside:
            step = step.because("set-aside")
        return planned._replace(step=step, was_on_paper=True)

    def _left_out(
        self, letter_id: str, pair: Pair, was: LetterRecord | None, why: str
    ) -> LetterPlan:
        """Plan a letter with an error: not made; where it is on paper, it stays what it is."""
        path = PurePosixPath(was.path) if was else self.paths.usual_if_any(pair)
        day = was.day if was else self._campaign.today
        known = was or LetterRecord(letter_id, str(path), b"", day, b"")
        facts = LetterFacts(Letter(letter_id, pair, path), "", faulty=why)
        known, content = self.files.inspect(known) if was else (known, "")
        # what was posted to one person never counts for another, who may have the row now
        asked = self._campaign.identity.is_asked_about(pair)
        stages = {} if asked else self._stages(pair, known)
        if not stages:
            return LetterPlan(decide(facts), known, was)
        elsewhere = self.files.others(known)
        facts = facts._replace(content=content, elsewhere=elsewhere, on_paper=True)
        off_paper = decide(facts._replace(on_paper=False))
        place = self.files.place(content, known, elsewhere)
        return LetterPlan(
            decide(facts), known, was, b"", b"", elsewhere, (), place, off_paper, stages
        )

    def _seen_before(self, was: LetterRecord, pair: Pair) -> tuple[LetterRecord, Content]:
        """Find a letter that the ledger knows; where staff moved it, it is at its new place."""
        known, content = self.files.inspect(was)
        elsewhere = content in {"", "stranger"}
        moved = self.files.others(known, pair) if elsewhere else ()
        if len(moved) != 1:
            return known, content
        return self.files.inspect(was._replace(path=moved[0], named=self._named(moved[0], pair)))

    def _named(self, path: str, pair: Pair) -> bytes:
        """Return whom a letter is named after that staff gave a place."""
        is_usual = self.paths.is_usual(path, pair)
        return self.paths.named_after(pair) if is_usual else NAMED_BY_HAND

    def _first_seen(self, letter_id: str, pair: Pair) -> tuple[LetterRecord, Content]:
        """Find a letter that the ledger does not know; its file may be there all the same."""
        usual = self.paths.usual(pair)
        known = LetterRecord(letter_id, usual, b"", self._campaign.today, b"")
        mine = self.files.others(known, pair)
        path = usual if self.files.has(known) else mine[0] if len(mine) == 1 else ""
        if path:
            self.paths.reserve(path)
            return self.files.read_back(letter_id, pair, path, self.paths.named_after(pair))
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
        names = changed(old, new, self._field_hashes) or ("something that it is made from",)
        return [self._campaign.in_words(name) for name in names]

    def _field_hashes(self, piece: bytes) -> Mapping[str, str] | None:
        known = self.inputs.said.get(piece)
        return self._ledger.fields(piece) if known is None else known


# The plan: every pair's letter, and what else lies there.


class Plan:
    """A plan for the letters of an order. Nothing is written by looking at it.

    `survey` looks at everything afresh; the faces go through it once. UsageError where a name of
    the order is nobody's.
    """

    def __init__(self, campaign: Campaign, order: LettersOrder) -> None:
        self.campaign, self.order = campaign, order
        self.selection = campaign.chosen(order.names)
        AskedChoices(campaign, order)  # a word that means nobody is told at once
        self.has_ledger = order.target == campaign.folder / LETTERS_FOLDER
        """Not in a try-out: that knows neither ledger nor register."""

    @contextmanager
    def survey(self, errand: Errand = UNWATCHED) -> Iterator[Survey]:
        """Look at the letters; the ledger is read, and left as it is."""
        ledger = read_ledger(self.order.target) if self.has_ledger else memory_ledger()
        with while_reading(self.order.target), closing(ledger):
            yield Survey(self, ledger, errand)


class Survey:
    """One look at all that there is: ledger, register, folder. Nothing is changed.

    `problems` are what it found beside the letters; complete when `letters` was gone through and
    `orphans` were asked for. `register` is None in a try-out. StorageError where the register lists
    letters and there is not one, or the campaign was closed; Stopped where a stop is asked for
    while it looks.
    """

    def __init__(self, plan: Plan, ledger: Ledger, errand: Errand = UNWATCHED) -> None:
        self._plan, self._campaign, self.ledger = plan, plan.campaign, ledger
        campaign, order = plan.campaign, plan.order
        if day := ledger.closed:
            raise StorageError(closed_problem(campaign.folder, day))
        self.root = LETTERS_FOLDER if plan.has_ledger else str(order.target)
        self.problems: list[Problem] = []
        self.current_ids: set[int] = set()
        """The ids of the letters that pairs have, as numbers: they take half the room."""
        self._ids = array("Q")
        """The same in the order of the pairs."""
        self.register: CampaignRegister | None = None
        if plan.has_ledger:
            self.register = CampaignRegister(campaign, ledger, anew=order.new_register)
            if order.trust_register:
                self.register.release(self._ids_of_order())
            self.problems += self.register.warnings()
        if not ledger.fresh:
            self._note_ids()
        if plan.has_ledger:
            self.inventory = take_inventory(order.target, ledger, self.current_ids, errand.check)
        else:
            usual = [*usual_paths(campaign, order.target)]
            self.inventory = take_try_inventory(order.target, ledger, usual)
        self.problems += folder_problems(self.inventory, self.root)
        if ledger.fresh:
            self._begin()
        stages = self.register.stages if self.register else _no_stages
        self.reconciler = Reconciler(campaign, ledger, self.inventory, stages)
        if self.register:
            self.reconciler.files.earlier_name = self.register.earlier_name
        self._corrections = _NameCorrections(campaign)
        self._rows_gone: list[str] = []
        self._saved_beside: list[str] = []

    def _ids_of_order(self) -> set[str] | None:
        """Return the ids of the letters of the order; None where it is for all."""
        order, letter = self._plan.order, self._campaign.identity.letter
        if not (order.names or order.letters):
            return None
        ids = {letter(pair) for pair in self._campaign.pairs(order.names)}
        return ids & order.letters if order.letters else ids

    def _note_ids(self) -> None:
        letter = self._campaign.identity.letter
        self._ids.extend(int(letter(pair), 16) for pair in self._campaign.workbook.pairs())
        self.current_ids.update(self._ids)

    def _begin(self) -> None:
        """The ledger is new: it was lost, or these are the first letters."""
        unknown = self.inventory.unknown
        if unknown:
            self._note_ids()
        if not self.register:
            return
        if unknown:
            self.problems.append(ledger_problem(self.root))
        elif cloud := cloud_problem(self._campaign.folder):
            self.problems.append(cloud)
        if not (unknown or self._plan.order.new_register) and self.register.register.rows:
            raise StorageError(letters_gone_problem(self.root, len(self.register.register.rows)))

    def letters(self) -> Iterator[tuple[LetterPlan, bool]]:
        """Yield the plan of every pair there is, and whether the pair is of the order."""
        asked = AskedChoices(self._campaign, self._plan.order)
        for planned, chosen in self._plans(asked):
            pair = planned.step.letter.pair
            if planned.was:
                self._corrections.count(pair, planned.known.id)
                if self.register and self.register.has_lost_row(planned.known.id):
                    self._rows_gone.append(planned.known.path)
            if self.inventory.other_formats:
                self._saved_beside += self.inventory.saved_beside(str(planned.step.letter.path))
            for copy in planned.copies:
                self.problems.append(copy_problem(planned.known.path, copy, self.root))
            if planned.step.state == "on-paper":
                self.problems += paper_problems(planned, self.root)
            if planned.known.content == "damaged":
                self.problems.append(damaged_problem(planned.known.path, self.root))
            if planned.step.has("damaged"):
                self.problems.append(torn_problem(planned.known.path, self.root))
            yield planned, chosen
        self.problems += outdated_problems(asked.outdated, self.root)
        self.problems += self._corrections.problems(self.register)
        self.problems += self.other_people()
        self.problems += rows_gone_problems(self._rows_gone)
        self.problems += other_format_problems(self._saved_beside, self.root)

    def somebody_else(self, person: Person) -> list[Problem]:
        """Return the errors that somebody else has this person's ID, in registers and letters."""
        for _ in self.letters():
            pass
        found = self.register.somebody_else(person) if self.register else ()
        return [*found, *self.other_people(person)]

    def other_people(self, only: Person | None = None) -> Iterator[Problem]:
        """Yield the error of each file that carries the id of a letter and is of other people.

        Only those of one person's ID, if one is named. Complete when `letters` was gone through.
        """
        for path, person in self.reconciler.files.somebody_elses.items():
            if only is None or (only.kind, only.key) == (person.kind, person.key):
                other = self.register.other_name(person) if self.register else ""
                yield other_people_problem(path, person, other, self.root)

    def _plans(self, asked: AskedChoices) -> Iterator[tuple[LetterPlan, bool]]:
        """Yield the same by what the ledger has of each; it is asked for many at a time."""
        selection, wanted = self._plan.selection, self._plan.order.letters
        nothing = AskedChoices(self._campaign, LettersOrder(self._plan.order.target))
        letter, pairs = self._campaign.identity.letter, self._campaign.workbook.pairs()
        known = (f"{number:016x}" for number in self._ids)
        for some in several((next(known, "") or letter(pair), pair) for pair in pairs):
            before = self.ledger.letters_of([letter_id for letter_id, _ in some])
            for letter_id, pair in some:
                chosen, was = selection.has(pair), before.get(letter_id)
                chosen = chosen and (not wanted or letter_id in wanted)
                own = asked if chosen else nothing
                yield self.reconciler.plan(letter_id, pair, was, own), chosen

    def chosen(self) -> Iterator[LetterPlan]:
        """Yield the plans of the order; all else that was found is in `problems` then."""
        yield from (planned for planned, chosen in self.letters() if chosen)
        self.problems += orphan_problems(self.orphans(), self.root, done=False)

    @property
    def sees_orphans(self) -> bool:
        """Whether letters that no pair has are looked at.

        Not while something is wrong with the workbook: it may be that which hides a pair.
        """
        wrong = any(found.problem.level == "error" for found in self._campaign.findings)
        return not wrong and bool(self.current_ids)

    def orphans(self) -> list[Orphan]:
        """Return the letters that no pair has, where they are looked at."""
        if not self.sees_orphans:
            return []

        def why_it_stays(known: LetterRecord) -> str:
            if self.register and self.register.has_dates(known.id):
                return "printed"
            if self.inventory.saved_beside(known.path):
                return "format"
            return "open" if self.inventory.is_open(known.path) else ""

        known = find_orphans(
            self.ledger,
            self.reconciler.files,
            self.reconciler.paths,
            self.current_ids,
            why_it_stays,
        )
        found = [*known, *find_unrecorded(self.ledger, self.inventory, self.current_ids)]
        if any(orphan.why == "printed" for orphan in found):
            who = _letters_left_out(self._campaign)
            found = [
                replace(o, who=who.get(o.known.id, "") if o.why == "printed" else "") for o in found
            ]
        return found


def _letters_left_out(campaign: Campaign) -> dict[str, str]:
    """Return who of the pair is left out now, by the ids of letters that they had."""
    people = (*campaign.workbook.signers.persons, *campaign.workbook.recipients.persons)
    here = [(p.kind, campaign.identity.person(p)) for p in people]
    found = dict[str, str]()
    for person in campaign.workbook.left_out:
        own = first_id(person)
        for other in (other for kind, other in here if kind != person.kind):
            pair = (own, other) if person.kind == "signer" else (other, own)
            found[short_hash(*pair)] = str(person.name)
    return found


def paper_problems(planned: LetterPlan, root: str) -> Iterator[Problem]:
    """Yield the warning that it cannot be told which file is a letter that was printed."""
    if planned.known.content == "another":
        place = Place(f"{root}/{planned.known.path}")
        yield messages.problem("paper-replaced", place)
    elif not planned.place and len(planned.elsewhere) > 1:
        place = Place(f"{root}/{planned.elsewhere[0]}")
        yield messages.problem("paper-twice", place, files=planned.elsewhere)


def _no_stages(_: Pair, __: LetterRecord) -> Mapping[str, StageValue]:
    """In a try-out nothing is on paper."""
    return _NO_STAGES


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
                    person.place("name"),
                )


def _corrected(person: Person, before: str, count: int, place: Place) -> Problem:
    if before == person.name:
        return messages.problem("id-changed", place, name=before, count=count)
    if not before:
        return messages.problem("name-corrected/unknown", place, name=person.label, count=count)
    return messages.problem("name-corrected", place, before=before, name=person.label, count=count)
