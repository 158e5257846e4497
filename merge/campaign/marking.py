"""Marks letters as printed, signed, posted or answered in the register."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from merge import messages
from merge.campaign.batch_records import differs_from_print_file, refresh_all
from merge.campaign.campaign import Campaign, format_day
from merge.campaign.campaign_files import find_print_file
from merge.campaign.campaign_register import CampaignRegister
from merge.campaign.letter_plan import LetterPlan, finished_letter
from merge.campaign.letters_order import LettersOrder, find_letter_id
from merge.campaign.plan import LettersRunPlan, LettersSurvey
from merge.campaign.task import Task
from merge.campaign.tracking import (
    is_misread,
    names_other_letters,
    split_letter_and_number,
    tidy_tracking_number,
)
from merge.errors import DataError, FaultError, StorageError, UsageError
from merge.problems import Place, Problem, option_place
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.register.layouts import FIRST_DAY, LETTERS_LAYOUT, STAGES, TRACKING_HEADING
from merge.register.marking import MarkPlan, plan_marks
from merge.register.reading import Register
from merge.register.records import WrittenValue, break_escapes
from merge.register.updating import rewrite_register
from merge.state.ledger import Ledger
from merge.state.ledger_records import LedgerChangeSet, PrintRecord
from merge.state.letter_folder import ledger_to_write
from merge.text.names import is_same_name

_FACT = "marks"


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
    """Write a stage of letters into the register, or undo that stage.

    If not `updates_register`, only the marks are written, which is faster. The columns that follow
    from them are updated by `update_marked_register`, or by the next run.

    Raise UsageError if what was typed does not identify a letter, or if the day or the tracking
    number is invalid. Raise StorageError, and change nothing, if the register is open elsewhere or
    cannot be written. It is also raised if files of another computer have not arrived.
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
        result = _mark(campaign, order, survey)
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


def _mark(campaign: Campaign, order: MarkOrder, survey: LettersSurvey) -> MarkResult:
    """Write marks into the ledger and the register."""
    plans, ledger = [*survey.letters(only_chosen=bool(_complete_ids(order)))], survey.ledger
    _check_day(order, first_created_day((planned for planned, _ in plans), campaign.today))
    selected, numbers = _select_letters([planned for planned, chosen in plans if chosen], order)
    if not (survey.register and survey.register.register.exists):
        raise StorageError(messages.problem("mark-no-register", Place(REGISTER_FILE)))
    clashes = [*survey.register.clashes.problems(), *survey.other_people_problems()]
    if problems := clashes or [*_other_people_problems(survey.register, selected)]:
        raise StorageError(problems)
    result = MarkResult(problems=[*_open_questions(campaign, selected)])
    selected = [p for p in selected if not campaign.identity.is_in_question(p.step.letter.pair)]
    markable = _select_markable(selected, order, ledger, result.problems)
    register = survey.register.register
    _check_numbers({*numbers.values(), order.tracking}, register)
    values = {i: _new_values(order, numbers.get(i, order.tracking)) for i in markable}
    has_numbers = bool(numbers or order.tracking)
    _check_tracking_column(register, has_numbers=has_numbers)
    for i, row in register.rows.items():  # a number for a letter that is posted: the date stays
        if i in numbers and i in values and order.stage in row.stages and not order.undo:
            del values[i][order.stage]
    marks: dict[str, dict[str, str]] = json.loads(ledger.fact(_FACT) or "{}")
    plan = plan_marks(register, values, _marks_to_undo(marks, order))
    if plan.marked_letters:
        new_values = {i: values[i] for i in plan.marked_letters}
        _write(campaign, survey, plan, _updated_marks(marks, new_values))
        if order.undo:
            _allow_fewer_stages(ledger, plan.marked_letters, order.stage)
    if plan.unchanged_letters and not order.undo:
        survey.register.save_printed_stages()  # dates that staff typed, for other computers
    result.marked_paths = [
        f"{LETTERS_FOLDER}/{markable[i].record.path}" for i in plan.marked_letters
    ]
    result.letter_ids, result.unchanged_count = plan.marked_letters, len(plan.unchanged_letters)
    result.problems += _unmarked_problems(plan, markable, order, has_numbers=has_numbers)
    written = [(i, values[i]) for i in plan.marked_letters if TRACKING_HEADING in values[i]]
    result.tracking_numbers = {i: str(each[TRACKING_HEADING] or "") for i, each in written}
    result.problems += _misread_problems(result.tracking_numbers.values())
    result.problems += _shared_number_problems(result.tracking_numbers, register)
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


def _check_tracking_column(register: Register, *, has_numbers: bool) -> None:
    """Raise DataError if there is a tracking number, and no column for it."""
    table = register.tables[LETTERS_LAYOUT.sheet]
    if has_numbers and TRACKING_HEADING not in table.columns:
        raise DataError(
            messages.problem("mark-no-column", table.place(table.top), column=TRACKING_HEADING)
        )


def _check_numbers(tracking_numbers: Iterable[str], register: Register) -> None:
    """Raise UsageError if a tracking number is the short ID of a letter."""
    wrong = sorted(n for n in tracking_numbers if names_other_letters(n, register.rows))
    if wrong:
        raise UsageError(
            [messages.problem("mark-id-as-number", option_place("letter", n)) for n in wrong]
        )


def _shared_number_problems(new: Mapping[str, str], register: Register) -> Iterator[Problem]:
    """Yield a warning about tracking numbers of letters to several recipients."""
    recipients: dict[str, set[str]] = {number: set() for number in new.values() if number}
    for letter_id, row in register.rows.items():
        number = new.get(letter_id, tidy_tracking_number(row.tracking))
        if number in recipients:
            recipients[number].add(row.recipient_id or row.recipient)
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


def _marks_to_undo(
    marks: Mapping[str, Mapping[str, str]], order: MarkOrder
) -> Mapping[str, Mapping[str, str]]:
    """Return the marks in the register that an order may undo."""
    if not (order.undo and order.day):
        return marks
    day = str(order.day)
    return {i: values for i, values in marks.items() if values.get(order.stage) == day}


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


def _new_values(order: MarkOrder, tracking: str) -> dict[str, WrittenValue]:
    values: dict[str, WrittenValue] = {order.stage: None if order.undo else order.day}
    if tracking or (order.undo and order.stage == "Posted"):
        number = break_escapes(tidy_tracking_number(tracking))
        values[TRACKING_HEADING] = None if order.undo else number
    return values


def _updated_marks(
    marks: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, WrittenValue]]
) -> dict[str, dict[str, str]]:
    """Return the ledger's record of all marks after the new marks."""
    after = {letter_id: dict(values) for letter_id, values in marks.items()}
    for letter_id, new_values in new.items():
        values_of_letter = after.setdefault(letter_id, {})
        for heading, value in new_values.items():
            values_of_letter.pop(heading, None)
            if value is not None:
                values_of_letter[heading] = str(value)
    return {letter_id: values for letter_id, values in after.items() if values}


def _write(
    campaign: Campaign,
    survey: LettersSurvey,
    plan: MarkPlan,
    new_marks: Mapping[str, Mapping[str, str]],
) -> None:
    """Write new marks into the ledger, then into the register.

    A mark that is not recorded could not be undone.
    """
    assert survey.register is not None  # noqa: S101 - mark_letters has looked
    ledger, path = survey.ledger, campaign.folder / REGISTER_FILE
    old_marks = ledger.fact(_FACT) or "{}"
    ledger.commit(LedgerChangeSet(facts={_FACT: json.dumps(new_marks)}))
    now = dt.datetime.now().astimezone()
    try:
        rewrite_register(path, survey.register.register.saved_state, [plan.table], now)
    except FaultError as error:
        ledger.commit(LedgerChangeSet(facts={_FACT: old_marks}))
        problem = replace(error.to_problem(Place(REGISTER_FILE)), level="error")
        raise StorageError(problem) from error


def _allow_fewer_stages(ledger: Ledger, letters: Iterable[str], stage: str) -> None:
    """Let the register have fewer stages, as a mark was undone on purpose."""
    recorded_stages = ledger.register_stages()
    changed_stages = {
        i: recorded_stages[i] - {stage} for i in letters if stage in recorded_stages.get(i, ())
    }
    ledger.commit(LedgerChangeSet(register_stages=changed_stages))


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


def _unmarked_problems(
    plan: MarkPlan, markable: Mapping[str, LetterPlan], order: MarkOrder, *, has_numbers: bool
) -> Iterator[Problem]:
    """Yield the reasons why selected letters were not marked."""
    place = Place(REGISTER_FILE)
    if plan.kept_values:
        letters = _paths(markable[i] for i in plan.kept_values)
        variant = "/undo" if order.undo else "/tracking" if has_numbers else ""
        key = f"mark-kept{variant}"
        yield messages.problem(key, place, letters=letters, stage=order.stage)
    if plan.letters_without_row:
        letters = _paths(markable[i] for i in plan.letters_without_row)
        yield messages.problem("mark-without-row", place, letters=letters)
