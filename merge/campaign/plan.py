"""What is to be done with each letter, and why; nothing is changed.

A `Survey` looks once at the ledger, the register and the folder; a `Reconciler` plans pair after
pair; `decide` says, by rules in a fixed order, what happens to a letter.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace

from merge import messages
from merge.campaign.campaign import Campaign, closed_problem
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.errand import UNWATCHED, Errand
from merge.campaign.letter_paths import usual_paths
from merge.campaign.letter_plan import NO_STAGES, LetterPlan
from merge.campaign.letters_order import LettersOrder
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
from merge.campaign.reconciling import AskedChoices, Reconciler
from merge.errors import StorageError
from merge.naming import short_hash
from merge.people import Pair, Person, SheetKind
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.register.entries import StageValue
from merge.state.identity import first_id
from merge.state.inventory import take_inventory, take_try_inventory
from merge.state.ledger import Ledger, memory_ledger, read_ledger, several, while_reading
from merge.state.ledger_records import LetterRecord


class Plan:
    """A plan for the letters of an order. Nothing is written by looking at it.

    `survey` looks at everything afresh; the faces go through it once. UsageError where a name of
    the order is nobody's.
    """

    def __init__(self, campaign: Campaign, order: LettersOrder) -> None:
        self.campaign, self.order = campaign, order
        self.selection = campaign.chosen(order.names)
        AskedChoices(campaign, order)  # a word that means nobody is told at once
        self.has_ledger = order.target == campaign.letters_folder
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
        found = self.register.clashes.problems_of(person) if self.register else ()
        return [*found, *self.other_people(person)]

    def other_people(self, only: Person | None = None) -> Iterator[Problem]:
        """Yield the error of each file that carries the id of a letter and is of other people.

        Only those of one person's ID, if one is named. Complete when `letters` was gone through.
        """
        for path, person in self.reconciler.files.somebody_elses.items():
            if only is None or (only.kind, only.key) == (person.kind, person.key):
                other = self.register.clashes.name(person) if self.register else ""
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
    here = [(p.kind, campaign.identity.person(p)) for p in campaign.workbook.persons]
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
    return NO_STAGES


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
