"""The plan of what to do with each letter, and why; nothing is changed.

A `LettersSurvey` reads the ledger, the register and the folder once. A `LetterReconciler` plans one
pair after another. `choose_step` says, by rules in a fixed order, what happens to a letter.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from merge import messages
from merge.campaign.campaign import Campaign, campaign_closed_problem
from merge.campaign.campaign_files import print_file_label
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.deleted_people import deleted_people_problems
from merge.campaign.letter_paths import default_paths
from merge.campaign.letter_plan import NO_STAGES, LetterPlan
from merge.campaign.letters_order import LettersOrder
from merge.campaign.orphans import (
    Orphan,
    cloud_problem,
    copy_problems,
    damaged_problem,
    deleted_rows_problems,
    find_orphans,
    find_unrecorded,
    lost_ledger_problem,
    missing_letters_problem,
    orphan_problems,
    other_format_problems,
    other_people_problem,
    stale_decision_problems,
    unedited_copies_problem,
    unopenable_problem,
    unreadable_folder_problems,
)
from merge.campaign.reconciling import LetterReconciler, LetterVersionChoices
from merge.campaign.task import NO_PROGRESS, Task
from merge.errors import StorageError
from merge.naming import short_hash
from merge.people import Pair, Person, SheetKind
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER, RECORDS_FOLDER
from merge.register.entries import StageValue
from merge.state.inventory import take_inventory, take_trial_inventory
from merge.state.ledger import Ledger, chunks, memory_ledger, read_ledger
from merge.state.ledger_records import LetterRecord, PrintRecord
from merge.state.letter_folder import LOCK_FILE
from merge.state.person_hashes import initial_person_id


class LettersRunPlan:
    """A plan for the letters of an order; it writes nothing.

    Each `survey` reads everything again; a front end uses it once. Raise UsageError if a name of
    the order is unknown.
    """

    def __init__(self, campaign: Campaign, order: LettersOrder) -> None:
        self.campaign, self.order = campaign, order
        self.selection = campaign.select_people(order.names)
        LetterVersionChoices(campaign, order)  # an unknown word is reported at once
        self.has_ledger = order.target == campaign.letters_folder
        """False for trial letters, which have neither ledger nor register."""

    @contextmanager
    def survey(self, task: Task = NO_PROGRESS) -> Iterator[LettersSurvey]:
        """Yield a survey of the letters, for which the ledger is only read."""
        ledger = read_ledger(self.order.target) if self.has_ledger else memory_ledger()
        with closing(ledger):
            yield LettersSurvey(self, ledger, task)


class LettersSurvey:
    """Read-only scan of ledger, register and letters folder.

    `problems` are what it found besides the letters. They are complete after `letters` was iterated
    and `orphans` was called. `register` is None for trial letters. Raise StorageError if the
    register lists letters and none exists, or if the campaign was closed. Raise Cancelled if the
    task was cancelled during the scan.
    """

    def __init__(self, plan: LettersRunPlan, ledger: Ledger, task: Task = NO_PROGRESS) -> None:
        self._plan, self._campaign, self.ledger = plan, plan.campaign, ledger
        campaign, order = plan.campaign, plan.order
        if day := ledger.state.closed_on:
            raise StorageError(campaign_closed_problem(campaign.folder, day))
        self.root = LETTERS_FOLDER if plan.has_ledger else str(order.target)
        self.problems: list[Problem] = []
        self.current_ids: set[int] = set()
        """IDs of the pairs' letters, as numbers: they need half the memory."""
        self._ids = array("Q")
        """The same IDs in the order of the pairs."""
        self.register: CampaignRegister | None = None
        if plan.has_ledger:
            self.register = CampaignRegister(campaign, ledger, cleared_dates=order.cleared_dates)
            self.problems += self.register.warnings()
            self.problems += deleted_people_problems(campaign.folder, ledger)
        self.problems += _unread_records(ledger)
        if not ledger.is_empty:
            self._note_ids()
        if plan.has_ledger:
            self.inventory = take_inventory(
                order.target, ledger, self.current_ids, task.raise_if_cancelled
            )
        else:
            usual = [*default_paths(campaign, order.target)]
            self.inventory = take_trial_inventory(order.target, ledger, usual)
        self.problems += unreadable_folder_problems(self.inventory, self.root)
        if ledger.is_empty:
            self._start_ledger()
        elif plan.has_ledger and not order.goes_on:
            self._check_letters_exist()
        stages = self.register.stages if self.register else _no_stages
        released = self.register.released_letters if self.register else frozenset()
        self.reconciler = LetterReconciler(
            campaign, ledger, self.inventory, stages, released_letters=released
        )
        if self.register:
            self.reconciler.files.earlier_name = self.register.earlier_name
        self._name_corrections = _NameCorrections(campaign)
        self._letters_without_row: list[str] = []
        self._other_format_files: list[str] = []

    def _note_ids(self) -> None:
        letter_id_of = self._campaign.identity.letter_id
        self._ids.extend(int(letter_id_of(pair), 16) for pair in self._campaign.workbook.pairs())
        self.current_ids.update(self._ids)

    def _start_ledger(self) -> None:
        """Check the folder for a new ledger; report if the old one was lost.

        The old one was lost, or these are the first letters.
        """
        unknown = self.inventory.unknown_letters
        if unknown:
            self._note_ids()
        if not self.register:
            return
        if unknown:
            self.problems.append(lost_ledger_problem(self.root))
        elif cloud := cloud_problem(self._campaign.folder):
            self.problems.append(cloud)
        if not (unknown or self._plan.order.goes_on) and self.register.register.rows:
            raise StorageError(missing_letters_problem(self.root, len(self.register.register.rows)))

    def _check_letters_exist(self) -> None:
        """Raise StorageError if there are letters and their folder has no file."""
        with suppress(OSError):
            if any(path.name != LOCK_FILE for path in self._plan.order.target.iterdir()):
                return
        count = len(self.ledger.letter_ids())
        if count and self.register and self.register.register.rows:
            raise StorageError(missing_letters_problem(self.root, count))

    def letters(self, *, only_chosen: bool = False) -> Iterator[tuple[LetterPlan, bool]]:
        """Yield the plan of every pair, and whether the pair is in the order.

        If `only_chosen`, the other pairs are not planned, and their problems are not found.
        """
        choices = LetterVersionChoices(self._campaign, self._plan.order)
        for planned, chosen in self._plans(choices, only_chosen=only_chosen):
            pair = planned.step.letter.pair
            if planned.stored_record:
                self._name_corrections.count(pair, planned.record.id)
                if self.register and self.register.has_lost_row(planned.record.id):
                    self._letters_without_row.append(planned.record.path)
            if self.inventory.other_formats:
                self._other_format_files += self.inventory.other_formats_of(
                    str(planned.step.letter.path)
                )
            self.problems += copy_problems(planned, self.root)
            if planned.step.state == "on-paper":
                printed = self.ledger.last_print(planned.record.id)
                folder = self._campaign.folder
                self.problems += printed_file_problems(planned, printed, self.root, folder)
            if planned.record.content == "damaged":
                self.problems.append(damaged_problem(planned.record.path, self.root))
            if planned.step.has_reason("damaged"):
                self.problems.append(unopenable_problem(planned.record.path, self.root))
            yield planned, chosen
        self.problems += stale_decision_problems(choices.outdated_paths, self.root)
        self.problems += self._name_corrections.problems(self.register)
        self.problems += self.other_people_problems()
        self.problems += deleted_rows_problems(self._letters_without_row)
        self.problems += other_format_problems(self._other_format_files, self.root)

    def id_clash_problems(self, person: Person) -> list[Problem]:
        """Return the errors that another person has this person's ID.

        The ID may be in registers and in letters.
        """
        for _ in self.letters():
            pass
        clash_problems = self.register.clashes.problems_of(person) if self.register else ()
        return [*clash_problems, *self.other_people_problems(person)]

    def other_people_problems(self, only: Person | None = None) -> Iterator[Problem]:
        """Yield an error for each file that has a letter's ID by mistake.

        Such a file is another person's letter. If a person is given, only files with that person's
        ID count. The result is complete after `letters` was iterated.
        """
        for path, person in self.reconciler.files.files_of_others.items():
            if only is None or (only.kind, only.key) == (person.kind, person.key):
                other = self.register.clashes.other_name(person) if self.register else ""
                yield other_people_problem(path, person, other, self.root)

    def _plans(
        self, asked: LetterVersionChoices, *, only_chosen: bool
    ) -> Iterator[tuple[LetterPlan, bool]]:
        """Yield the plans; the ledger is queried for many letters at a time."""
        selection, requested_ids = self._plan.selection, self._plan.order.letters
        no_choices = LetterVersionChoices(self._campaign, LettersOrder(self._plan.order.target))
        letter_id_of, pairs = self._campaign.identity.letter_id, self._campaign.workbook.pairs()
        recorded_ids = (f"{number:016x}" for number in self._ids)
        for chunk in chunks((next(recorded_ids, "") or letter_id_of(pair), pair) for pair in pairs):
            stored_by_id = self.ledger.letters_by_id([letter_id for letter_id, _ in chunk])
            for letter_id, pair in chunk:
                chosen, stored_record = selection.includes(pair), stored_by_id.get(letter_id)
                chosen = chosen and (not requested_ids or letter_id in requested_ids)
                if only_chosen and not chosen:
                    continue
                choices = asked if chosen else no_choices
                yield self.reconciler.plan(letter_id, pair, stored_record, choices), chosen

    def ordered_letters(self) -> Iterator[LetterPlan]:
        """Yield the plans of the order.

        After that, `problems` has everything else that was found.
        """
        yield from (planned for planned, chosen in self.letters() if chosen)
        self.problems += orphan_problems(self.orphans(), self.root, done=False)
        if copies := self.reconciler.files.unedited_copies:
            self.problems.append(unedited_copies_problem(copies, self.root, done=False))

    @property
    def includes_orphans(self) -> bool:
        """Whether letters without a pair are examined.

        They are not if the workbook has errors, because an error may hide a pair.
        """
        has_errors = any(finding.problem.level == "error" for finding in self._campaign.findings)
        return not has_errors and bool(self.current_ids)

    def orphans(self) -> list[Orphan]:
        """Return the letters without a pair, if these are examined."""
        if not self.includes_orphans:
            return []

        def why_it_stays(recorded: LetterRecord) -> str:
            if self.register and self.register.marks(recorded.id):
                return "printed"
            if self.inventory.other_formats_of(recorded.path):
                return "format"
            return "open" if self.inventory.is_open(recorded.path) else ""

        recorded = find_orphans(
            self.ledger,
            self.reconciler.files,
            self.reconciler.paths,
            self.current_ids,
            why_it_stays,
        )
        orphans = [*recorded, *find_unrecorded(self.ledger, self.inventory, self.current_ids)]
        if any(orphan.reason_kept == "printed" for orphan in orphans):
            excluded_by_letter = _excluded_people_by_letter(self._campaign)
            orphans = [
                replace(
                    orphan,
                    excluded_person=excluded_by_letter.get(orphan.record.id, "")
                    if orphan.reason_kept == "printed"
                    else "",
                )
                for orphan in orphans
            ]
        return orphans


def _excluded_people_by_letter(campaign: Campaign) -> dict[str, str]:
    """Return which person of a pair is excluded now, by the letters' IDs."""
    present_people = [(p.kind, campaign.identity.person_id(p)) for p in campaign.workbook.persons]
    excluded_by_letter = dict[str, str]()
    for person in campaign.workbook.excluded_people:
        person_id = initial_person_id(person)
        for other in (other for kind, other in present_people if kind != person.kind):
            pair = (person_id, other) if person.kind == "signer" else (other, person_id)
            excluded_by_letter[short_hash(*pair)] = str(person.name)
    return excluded_by_letter


def _unread_records(ledger: Ledger) -> Iterator[Problem]:
    """Yield the warnings of records that were not read."""
    for name in ledger.runs.incomplete_files:
        yield messages.problem("records-incomplete", Place(f"{RECORDS_FOLDER}/{name}"))
    if ledger.runs.foreign_runs:
        yield messages.problem("records-foreign", Place(RECORDS_FOLDER))


def printed_file_problems(
    planned: LetterPlan, printed: PrintRecord | None, root: str, campaign: Path
) -> Iterator[Problem]:
    """Yield a warning if a letter's file may not be what was printed."""
    record, place = planned.record, Place(f"{root}/{planned.record.path}")
    if record.content == "another":
        yield messages.problem("paper-replaced", place)
    elif record.content == "older" and planned.stages and not planned.is_recreated:
        yield messages.problem("paper-replaced/earlier", place)
    elif planned.is_recreated:
        if printed and printed.counts_for(record) and printed.output != record.output:
            batch = print_file_label(campaign, printed.batch)
            yield messages.problem("paper-recreated", place, batch=batch)
        else:
            yield messages.problem("paper-recreated/marked", place)
    elif not planned.file_path and len(planned.other_paths) > 1:
        place = Place(f"{root}/{planned.other_paths[0]}")
        yield messages.problem("paper-twice", place, files=planned.other_paths)


def _no_stages(_: str) -> Mapping[str, StageValue]:
    """Return no stages: trial letters are never printed."""
    return NO_STAGES


class _NameCorrections:
    """The letters of people whose name was corrected."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        corrected = campaign.identity.corrected_people
        self._found: dict[tuple[SheetKind, str], list[str]] = {
            (p.kind, p.key): [] for p in corrected
        }

    def count(self, pair: Pair, letter_id: str) -> None:
        """Count a letter of the pair that existed before."""
        for person in (pair.signer, pair.recipient) if self._found else ():
            if (person.kind, person.key) in self._found:
                self._found[person.kind, person.key].append(letter_id)

    def problems(self, register: CampaignRegister | None) -> Iterator[Problem]:
        """Yield a warning for each renamed person, with the number of letters."""
        for person in self._campaign.identity.corrected_people:
            letters = self._found[person.kind, person.key]
            if letters and register:
                yield _correction_problem(
                    person,
                    register.registered_name(letters[0], person.kind),
                    len(letters),
                    person.place("name"),
                )


def _correction_problem(person: Person, earlier_name: str, count: int, place: Place) -> Problem:
    if earlier_name == person.name:
        return messages.problem("id-changed", place, name=earlier_name, count=count)
    if not earlier_name:
        return messages.problem("name-corrected/unknown", place, name=person.label, count=count)
    return messages.problem(
        "name-corrected", place, before=earlier_name, name=person.label, count=count
    )
