"""Marks letters as printed, signed, posted or answered in the register."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from merge import messages
from merge.campaign.batch_records import differs_from_print_file, refresh_all
from merge.campaign.campaign import Campaign, format_day
from merge.campaign.campaign_files import find_print_file
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.letter_plan import LetterPlan, finished_letter
from merge.campaign.letters_order import LettersOrder, find_letter_id
from merge.campaign.plan import LettersRunPlan, LettersSurvey
from merge.campaign.register_marks import COMMAND_SOURCE
from merge.campaign.task import Task
from merge.campaign.tracking import (
    is_misread,
    names_other_letters,
    split_letter_and_number,
    tidy_tracking_number,
)
from merge.errors import StorageError, UsageError
from merge.problems import Place, Problem, option_place
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.register.layouts import FIRST_DAY, STAGES
from merge.register.records import break_escapes
from merge.state.entries import MarkEntry, TrackingEntry, UnmarkEntry
from merge.state.ledger import Ledger
from merge.state.ledger_records import LedgerChangeSet, PrintRecord
from merge.state.letter_folder import ledger_to_write
from merge.text.names import is_same_name


@dataclass(frozen=True, slots=True)
class MarkOrder:
    """A request to mark letters, such as signed: which letters, and how.

    - `names`: names or IDs of signers and recipients
    - `letters`: beginnings of letters' IDs, each with its tracking number if it has one
    - `tracking`: the tracking number of the other letters, for example of a parcel
    - `whole`: every letter; without names, letters and `whole`: those at the previous stage
    - `undo`: remove what the program wrote; with a `day`, only what it wrote for that day
    - `any_day`: allow a day before the first letter was created
    """

    stage: str
    day: dt.date | None
    names: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    tracking: str = ""
    undo: bool = False
    whole: bool = False
    any_day: bool = False

    @property
    def selects_letters(self) -> bool:
        """Whether the order says which letters to mark."""
        return bool(self.names or self.letters or self.whole)


@dataclass(slots=True)
class MarkResult:
    """The result of marking: paths and IDs of letters, and problems to report."""

    marked_paths: list[str] = field(default_factory=list)
    letter_ids: list[str] = field(default_factory=list)
    unchanged_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    tracking_numbers: dict[str, str] = field(default_factory=dict)
    """Tracking numbers that were written or removed, by letter ID."""


def mark_letters(
    campaign: Campaign, order: MarkOrder, *, updates_register: bool = True
) -> MarkResult:
    """Record a stage of letters, or undo that stage.

    If not `updates_register`, only the cells of the marks are written into the register, which is
    faster. The rest is updated by `update_marked_register`, or by the next run. If the register is
    open elsewhere, a warning says so, and the next run updates it.

    Raise UsageError if what was typed does not identify a letter, or if the day or the tracking
    number is invalid. Raise StorageError if files of another computer have not arrived.
    """
    folder = campaign.letters_folder
    _check_order(order, campaign.today)
    campaign.check_open("")
    if not folder.is_dir():
        raise StorageError(messages.problem("mark-no-register", Place(REGISTER_FILE)))
    if order.stage == "Answered" and not (order.selects_letters or order.undo):
        raise UsageError(messages.problem("mark-whom", Place("mark answered")))
    with ledger_to_write(folder) as ledger:
        letters = LettersOrder(folder, order.names, letters=_complete_ids(order))
        survey = LettersSurvey(LettersRunPlan(campaign, letters), ledger)
        result = _mark(campaign, order, survey, updates_register=updates_register)
        if result.letter_ids:
            if updates_register:
                result.problems += refresh_all(campaign, ledger)
            campaign.record_run(ledger)
    return result


def update_marked_register(campaign: Campaign, task: Task) -> list[Problem]:
    """Update what the register says of marked letters; return the problems.

    Raise Cancelled if the task was cancelled, StorageError if files have not arrived.
    """
    with ledger_to_write(campaign.letters_folder) as ledger:
        problems = refresh_all(campaign, ledger, task)
        campaign.record_run(ledger)
    return problems


def _mark(
    campaign: Campaign, order: MarkOrder, survey: LettersSurvey, *, updates_register: bool
) -> MarkResult:
    """Write marks into the records."""
    plans, ledger = [*survey.letters(only_chosen=bool(_complete_ids(order)))], survey.ledger
    _check_day(order, first_created_day((planned for planned, _ in plans), campaign.today))
    selected, numbers = _select_letters([planned for planned, chosen in plans if chosen], order)
    if survey.register is None or not any(ledger.letter_ids()):
        raise StorageError(messages.problem("mark-no-register", Place(REGISTER_FILE)))
    clashes = [*survey.register.clashes.problems(), *survey.other_people_problems()]
    if problems := clashes or [*_other_people_problems(survey.register, selected)]:
        raise StorageError(problems)
    result = MarkResult(problems=[*_open_questions(campaign, selected)])
    selected = [p for p in selected if not campaign.identity.is_in_question(p.step.letter.pair)]
    markable = _select_markable(selected, order, ledger, result.problems)
    _check_numbers({*numbers.values(), order.tracking}, ledger)
    survey.register.record_marks()
    plan = _MarkPlan()
    for letter_id, planned in markable.items():
        number = break_escapes(tidy_tracking_number(numbers.get(letter_id, order.tracking)))
        _plan_letter(plan, planned, order, number, ledger)
    ledger.commit(LedgerChangeSet(marks=plan.entries))
    if plan.marked_letters:
        survey.register.begin_update()
    if plan.marked_letters and not updates_register:
        result.problems += survey.register.write_marks(plan.marked_letters)
    result.letter_ids, result.unchanged_count = plan.marked_letters, plan.unchanged_count
    result.marked_paths = [
        f"{LETTERS_FOLDER}/{markable[i].record.path}" for i in plan.marked_letters
    ]
    if plan.kept_letters:
        variant = "/undo" if order.undo else "/tracking" if numbers or order.tracking else ""
        letters = _paths(markable[i] for i in plan.kept_letters)
        place, key = Place(REGISTER_FILE), f"mark-kept{variant}"
        result.problems.append(messages.problem(key, place, letters=letters, stage=order.stage))
    tracking = (entry for entry in plan.entries if isinstance(entry, TrackingEntry))
    result.tracking_numbers = {entry.id: entry.text for entry in tracking}
    result.problems += _misread_problems(result.tracking_numbers.values())
    result.problems += _shared_number_problems(result.tracking_numbers, ledger)
    marked = () if order.undo else [markable[i] for i in plan.marked_letters]
    result.problems += _print_file_problems(campaign, ledger, marked)
    return result


def _open_questions(campaign: Campaign, selected: Iterable[LetterPlan]) -> Iterator[Problem]:
    """Yield the errors about people of letters who may be someone else."""
    people = {(p.kind, p.key) for planned in selected for p in planned.step.letter.pair[:2]}
    for question in campaign.identity.questions:
        if (question.person.kind, question.person.key) in people:
            yield question.problem


def _complete_ids(order: MarkOrder) -> frozenset[str]:
    """Return the letters of an order if no other letter need be looked at.

    The others matter for a short ID, and for the day on which the first letter was created.
    """
    letter_ids = frozenset(split_letter_and_number(typed)[0] for typed in order.letters)
    is_enough = (order.any_day or order.undo) and not order.names
    return letter_ids if is_enough and all(map(_LETTER_ID.fullmatch, letter_ids)) else frozenset()


_LETTER_ID = re.compile("[0-9a-f]{16}")


def _other_people_problems(
    register: CampaignRegister, selected: Iterable[LetterPlan]
) -> Iterator[Problem]:
    """Yield errors about people whose ID another person had at the last run.

    Their letters still have the name of that person.
    """
    people: dict[Place, str] = {}
    for planned in selected:
        pair, letter_id = planned.step.letter.pair, planned.record.id
        for person in (pair.signer, pair.recipient) if planned.step.has_reason("renamed") else ():
            before = register.earlier_name(letter_id, person.kind)
            if before and not is_same_name(before, person.name):
                people[person.place("name")] = before
    for place, before in people.items():
        yield messages.problem("mark-other-person", place, before=before)


@dataclass
class _MarkPlan:
    """The entries for marks, with the result for each letter ID."""

    entries: list[MarkEntry | UnmarkEntry | TrackingEntry] = field(default_factory=list)
    marked_letters: list[str] = field(default_factory=list)
    kept_letters: list[str] = field(default_factory=list)
    """Letters with another value, which is kept."""
    unchanged_count: int = 0


def _plan_letter(
    plan: _MarkPlan, planned: LetterPlan, order: MarkOrder, number: str, ledger: Ledger
) -> None:
    """Plan the entries for a letter.

    1. A mark is added if the stage has none. For a letter with a new tracking number, the date of
       its stage stays.
    2. Only marks of `merge mark` are undone, with the tracking number of a posted letter.
    3. If any value is another one, nothing is changed.
    """
    letter_id, who = planned.record.id, planned.record.who
    marks = [mark for mark in ledger.state.marks(letter_id) if mark.stage == order.stage]
    day, before = str(order.day), ledger.state.tracking(letter_id) or ""
    entries: list[MarkEntry | UnmarkEntry | TrackingEntry] = []
    if order.undo:
        of_command = [mark for mark in marks if mark.source == COMMAND_SOURCE]
        keys = tuple(mark.key for mark in of_command if not order.day or mark.value == day)
        is_kept = len(keys) < len(marks)
        entries += [UnmarkEntry(letter_id, keys, who)] if keys else []
        if before and order.stage == "Posted" and keys:
            entries.append(TrackingEntry(letter_id, "", who))
    else:
        is_kept = bool(number and before not in {"", number})
        is_kept |= bool(marks and marks[-1].value != day and not (number and order.letters))
        if not marks:
            entries.append(MarkEntry(letter_id, order.stage, day, COMMAND_SOURCE, who=who))
        if number and number != before:
            entries.append(TrackingEntry(letter_id, number, who))
    if is_kept:
        plan.kept_letters.append(letter_id)
    elif entries:
        plan.entries += entries
        plan.marked_letters.append(letter_id)
    else:
        plan.unchanged_count += 1


def _check_numbers(tracking_numbers: Iterable[str], ledger: Ledger) -> None:
    """Raise UsageError if a tracking number is the short ID of a letter."""
    wrong = sorted(n for n in tracking_numbers if names_other_letters(n, ledger.letter_ids()))
    if wrong:
        raise UsageError(
            [messages.problem("mark-id-as-number", option_place("letter", n)) for n in wrong]
        )


def _shared_number_problems(new: Mapping[str, str], ledger: Ledger) -> Iterator[Problem]:
    """Yield a warning about tracking numbers of letters to several recipients."""
    recipients: dict[str, set[str]] = {number: set() for number in new.values() if number}
    for letter_id, text in ledger.tracking_numbers().items() if recipients else ():
        record, number = ledger.letter(letter_id), tidy_tracking_number(text)
        if record and number in recipients:
            recipients[number].update(record.who[1:])
    if shared := sorted(number for number, people in recipients.items() if len(people) > 1):
        yield messages.problem("mark-tracking-shared", Place(REGISTER_FILE), numbers=shared)


def _misread_problems(tracking_numbers: Iterable[str]) -> Iterator[Problem]:
    """Yield a warning about tracking numbers with a wrong check digit."""
    if misread := sorted({number for number in tracking_numbers if is_misread(number)}):
        yield messages.problem("mark-tracking-digit", Place(REGISTER_FILE), numbers=misread)


def _check_order(order: MarkOrder, today: dt.date) -> None:
    """Raise UsageError if the day or tracking number in an order is invalid."""
    if order.day and not order.undo and order.day > today:
        raise UsageError(messages.problem("mark-to-come", _date_place(order.day)))
    if order.day and not order.undo and order.day < FIRST_DAY:
        year = f"{order.day.year:04}"
        raise UsageError(messages.problem("mark-too-old", _date_place(order.day), year=year))
    for number in (order.tracking, *order.letters):
        if len(number) > MAX_IN_TRACKING:
            raise UsageError(
                messages.problem(
                    "mark-odd-tracking/long", option_place("tracking"), most=MAX_IN_TRACKING
                )
            )
        if not is_one_line(number):
            raise UsageError(messages.problem("mark-odd-tracking", option_place("tracking")))


MAX_IN_TRACKING = 100
"""Most characters of a tracking number.

Excel reports a file with more than 32,767 in a cell as damaged.
"""


def is_one_line(text: str) -> bool:
    """Return whether a text has neither line breaks nor control characters."""
    return not any(unicodedata.category(character) in _NOT_IN_ONE_LINE for character in text)


_NOT_IN_ONE_LINE = {"Cc", "Cn", "Cs", "Zl", "Zp"}
"""Unicode categories of controls, unassigned characters and line breaks."""


def first_created_day(letters: Iterable[LetterPlan], today: dt.date) -> dt.date:
    """Return the day on which the first of the letters was created.

    Return today if that is earlier: there are no letters yet, or the clock was set back.
    """
    return min(
        (today, *(planned.record.day for planned in letters if planned.file_path or planned.stages))
    )


def _check_day(order: MarkOrder, first: dt.date) -> None:
    """Raise UsageError if the day is before the first letter was created.

    An order can allow such a day.
    """
    if order.day and order.day < first and not (order.undo or order.any_day):
        raise UsageError(
            messages.problem("mark-before-letters", _date_place(order.day), first=format_day(first))
        )


def _date_place(day: dt.date) -> Place:
    return option_place("date", str(day))


def _select_markable(
    selected: Sequence[LetterPlan], order: MarkOrder, ledger: Ledger, problems: list[Problem]
) -> dict[str, LetterPlan]:
    """Return the plans of letters that can be marked, by letter ID.

    Add the problems of the others.
    """
    problems += _never_made(
        [planned for planned in selected if not (planned.file_path or planned.stages)]
    )
    created = {
        planned.record.id: planned for planned in selected if planned.file_path or planned.stages
    }
    if order.undo:
        return created
    if order.selects_letters:
        problems += _skipped(created.values(), order.stage)
        return created
    early = {
        i: planned
        for i, planned in created.items()
        if not _has_reached_previous_stage(planned, order.stage, ledger)
    }
    problems += _too_early([*early.values()], order.stage)
    return {i: planned for i, planned in created.items() if i not in early}


def _has_reached_previous_stage(planned: LetterPlan, stage: str, ledger: Ledger) -> bool:
    """Return whether a letter has reached the stage, or the one before."""
    if stage == STAGES[0]:
        return bool(planned.stages or _print_record(planned, ledger))
    return not planned.stages.keys().isdisjoint(STAGES[STAGES.index(stage) - 1 :])


def _print_record(planned: LetterPlan, ledger: Ledger) -> PrintRecord | None:
    """Return the record of the print file that counts for a letter, or None."""
    printed = ledger.last_print(planned.record.id)
    return printed if printed and printed.counts_for(planned.record) else None


def _print_file_problems(
    campaign: Campaign, ledger: Ledger, letters: Sequence[LetterPlan]
) -> Iterator[Problem]:
    """Yield warnings of letters with a first mark, perhaps not as printed.

    Their files have changed since the print file was made, or it was deleted.
    """
    place, other_versions, without_file = Place(REGISTER_FILE), [], []
    for planned in letters:
        if not planned.stages and (printed := _print_record(planned, ledger)):
            if planned.file_path and differs_from_print_file(printed, finished_letter(planned)):
                other_versions.append(planned)
            if not find_print_file(campaign.folder, printed.batch):
                without_file.append(planned)
    for key, found in (
        ("mark-other-version", other_versions),
        ("mark-print-file-gone", without_file),
    ):
        if found:
            yield messages.problem(key, place, letters=_paths(found))


def _select_letters(
    plans: list[LetterPlan], order: MarkOrder
) -> tuple[list[LetterPlan], dict[str, str]]:
    """Return the plans of the letters that an order to mark selects.

    The tracking numbers that were typed after IDs are the second value, by letter ID. Raise
    UsageError if a short ID matches no letter or several, or if a letter has two numbers.
    """
    if not order.letters:
        return plans, {}
    by_id = {planned.record.id: planned for planned in plans}
    paths_by_id = {
        letter_id: f"{LETTERS_FOLDER}/{planned.record.path}" for letter_id, planned in by_id.items()
    }
    numbers, problems = dict[str, str](), list[Problem]()
    for typed in order.letters:
        beginning, number = split_letter_and_number(typed)
        try:
            letter_id = find_letter_id(paths_by_id, beginning, "letter")
            before = numbers.setdefault(letter_id, number)
            if number and before and number != before:
                place = option_place("letter", typed)
                problems.append(messages.problem("mark-two-numbers", place, number=before))
            numbers[letter_id] = before or number
        except UsageError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems)
    return [by_id[i] for i in numbers], {i: number for i, number in numbers.items() if number}


def _paths(letters: Iterable[LetterPlan]) -> tuple[str, ...]:
    return tuple(f"{LETTERS_FOLDER}/{planned.record.path}" for planned in letters)


def _never_made(letters: Sequence[LetterPlan]) -> Iterator[Problem]:
    if letters:
        yield messages.problem("mark-never-made", Place(LETTERS_FOLDER), letters=_paths(letters))


def _skipped(letters: Iterable[LetterPlan], stage: str) -> Iterator[Problem]:
    """Yield the warning of letters that have not reached the earlier stages."""
    place = Place(REGISTER_FILE)
    if stage == "Answered":
        if missing := [planned for planned in letters if "Posted" not in planned.stages]:
            yield messages.problem("mark-skipped/answered", place, letters=_paths(missing))
        return
    for earlier in STAGES[: STAGES.index(stage)]:
        if missing := [planned for planned in letters if earlier not in planned.stages]:
            yield messages.problem(
                "mark-skipped", place, letters=_paths(missing), stage=earlier.lower()
            )


def _too_early(letters: Sequence[LetterPlan], stage: str) -> Iterator[Problem]:
    """Yield the warning of letters that have not reached the previous stage."""
    if letters:
        before = "in a print file" if stage == STAGES[0] else _previous_stage(stage)
        yield messages.problem(
            "mark-too-early",
            Place(REGISTER_FILE),
            letters=_paths(letters),
            before=before,
            stage=stage.lower(),
        )


def _previous_stage(stage: str) -> str:
    return STAGES[STAGES.index(stage) - 1].lower()
