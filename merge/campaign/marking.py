"""Letters marked as printed, signed, posted or answered: written into the staff's register."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from merge.campaign.campaign import (
    LETTERS_FOLDER,
    REGISTER_FILE,
    Campaign,
    LettersOrder,
    letter_of,
    spoken_day,
)
from merge.campaign.plan import LetterPlan, Plan, Survey
from merge.campaign.printed import tell_register
from merge.model import (
    Advice,
    DataError,
    FaultError,
    Option,
    Place,
    Problem,
    Run,
    StorageError,
    UsageError,
    option_place,
)
from merge.naming import counted, first_few
from merge.register.marking import MarkPlan, plan_marks
from merge.register.model import (
    FIRST_DAY,
    LETTERS_LAYOUT,
    STAGES,
    TRACKING_HEADING,
    WrittenValue,
    break_escapes,
)
from merge.register.planning import rewrite
from merge.state.files import Outbox
from merge.state.ledger import ChangeSet, Ledger, open_ledger

_FACT = "marks"
_MAKE_FIRST = Advice("Run ", Run("letters"), " first.")
_FEW = 5
"""Letters that are named one by one."""


@dataclass(frozen=True, slots=True)
class MarkOrder:
    """The letters that are to be marked, and how.

    `names` are names or IDs of signers and recipients, `letters` the beginnings of letters' ids.
    None of either means those that have reached the stage before, `whole` every one. `undo` takes
    back what the program wrote there, of a `day` only what it wrote of that day. `any_day` allows a
    day before the first letter was made.
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
    def names_letters(self) -> bool:
        """Return whether it says which letters are meant."""
        return bool(self.names or self.letters or self.whole)


@dataclass(slots=True)
class MarkResult:
    """What came of it: the paths of letters and their ids, and what is to be reported."""

    marked: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


def mark_letters(campaign: Campaign, order: MarkOrder) -> MarkResult:
    """Write a stage of letters into the register, or take it back.

    Raise UsageError where a letter is not to be told by what was typed, or the day or the tracking
    number cannot be; StorageError where the register is open elsewhere, or cannot be written:
    nothing is changed.
    """
    folder = campaign.folder / LETTERS_FOLDER
    _check_order(order, campaign.today)
    if not folder.is_dir():
        raise StorageError(_no_register())
    if order.stage == "Answered" and not (order.names_letters or order.undo):
        raise UsageError(_whom())
    with Outbox(folder).open(), closing(open_ledger(folder)) as ledger:
        survey = Survey(Plan(campaign, LettersOrder(folder, order.names)), ledger)
        plans = [*survey.letters()]
        _check_day(order, first_day((planned for planned, _ in plans), campaign.today))
        chosen = _chosen([planned for planned, is_chosen in plans if is_chosen], order)
        if not (survey.register and survey.register.register.exists):
            raise StorageError(_no_register())
        if others := [*survey.register.other_people()]:
            raise StorageError(others)
        result = MarkResult()
        made = _that_can_be_marked(chosen, order, ledger, result.problems)
        register = survey.register.register
        ours: dict[str, dict[str, str]] = json.loads(ledger.fact(_FACT) or "{}")
        table = register.tables[LETTERS_LAYOUT.sheet]
        if order.tracking and TRACKING_HEADING not in table.columns:
            raise DataError(_no_tracking_column(table.place(table.top)))
        plan = plan_marks(register, dict.fromkeys(made, _wanted(order)), _of_day(ours, order))
        if plan.marked:
            _write(campaign, ledger, survey, plan, _remembered(ours, plan.marked, order))
            if order.undo:
                _release(ledger, plan.marked, order.stage)
            result.problems += tell_register(campaign, ledger)
        result.marked = [f"{LETTERS_FOLDER}/{made[i].known.path}" for i in plan.marked]
        result.letters, result.unchanged = plan.marked, len(plan.as_wanted)
        result.problems += _left(plan, made, order)
    return result


def _check_order(order: MarkOrder, today: dt.date) -> None:
    """Raise UsageError if no letter can be marked so, whatever the letters are."""
    if order.day and not order.undo and order.day > today:
        raise UsageError(_still_to_come(order.day))
    if order.day and not order.undo and order.day < FIRST_DAY:
        raise UsageError(_before_excel(order.day))
    if len(order.tracking) > MOST_IN_TRACKING:
        raise UsageError(_long_tracking())
    if not is_one_line(order.tracking):
        raise UsageError(_odd_tracking())


MOST_IN_TRACKING = 100
"""Characters of a tracking number. Excel says that a file with more than 32,767 is damaged."""


def is_one_line(text: str) -> bool:
    """Return whether a text has neither line breaks nor control characters."""
    return not any(unicodedata.category(character) in _IN_NO_LINE for character in text)


_IN_NO_LINE = {"Cc", "Cn", "Cs", "Zl", "Zp"}
"""General categories of control characters, of no characters, of breaks of lines."""


def first_day(letters: Iterable[LetterPlan], today: dt.date) -> dt.date:
    """Return the day on which the first of the letters was made; today if that is earlier.

    So it is if there are no letters yet, or if the clock was set back.
    """
    return min((today, *(p.known.day for p in letters if p.place or p.stages)))


def _check_day(order: MarkOrder, first: dt.date) -> None:
    """Raise UsageError if the day is before the first letter was made, unless that is meant."""
    if order.day and order.day < first and not (order.undo or order.any_day):
        raise UsageError(_before_letters(order.day, first))


def _that_can_be_marked(
    chosen: Sequence[LetterPlan], order: MarkOrder, ledger: Ledger, problems: list[Problem]
) -> dict[str, LetterPlan]:
    """Return the letters that can be marked, by their ids; add what is to be told of others."""
    problems += _never_made([each for each in chosen if not (each.place or each.stages)])
    made = {each.known.id: each for each in chosen if each.place or each.stages}
    if order.undo:
        return made
    if order.names_letters:
        problems += _skipped(made.values(), order.stage)
        return made
    early = {i: each for i, each in made.items() if not _is_due(each, order.stage, ledger)}
    problems += _too_early([*early.values()], order.stage)
    return {i: each for i, each in made.items() if i not in early}


def _of_day(
    ours: Mapping[str, Mapping[str, str]], order: MarkOrder
) -> Mapping[str, Mapping[str, str]]:
    """Return the marks that may be taken back."""
    if not (order.undo and order.day):
        return ours
    day = str(order.day)
    return {i: values for i, values in ours.items() if values.get(order.stage) == day}


def _is_due(planned: LetterPlan, stage: str, ledger: Ledger) -> bool:
    """Return whether a letter has reached the stage before, or this one."""
    if stage == STAGES[0]:
        return bool(planned.stages) or ledger.printed(planned.known.id) is not None
    return not planned.stages.keys().isdisjoint(STAGES[STAGES.index(stage) - 1 :])


def _wanted(order: MarkOrder) -> Mapping[str, WrittenValue]:
    values: dict[str, WrittenValue] = {order.stage: None if order.undo else order.day}
    if order.tracking or (order.undo and order.stage == "Posted"):
        values[TRACKING_HEADING] = None if order.undo else break_escapes(order.tracking)
    return values


def _remembered(
    ours: Mapping[str, Mapping[str, str]], marked: Iterable[str], order: MarkOrder
) -> dict[str, dict[str, str]]:
    """Return what the ledger is to remember of marks, when these are written."""
    after = {letter_id: dict(values) for letter_id, values in ours.items()}
    for letter_id in marked:
        own = after.setdefault(letter_id, {})
        for heading, value in _wanted(order).items():
            own.pop(heading, None)
            if value is not None:
                own[heading] = str(value)
    return {letter_id: values for letter_id, values in after.items() if values}


def _write(
    campaign: Campaign,
    ledger: Ledger,
    survey: Survey,
    plan: MarkPlan,
    after: Mapping[str, Mapping[str, str]],
) -> None:
    """Write the ledger, then the register: a mark that nobody remembers could not be taken back."""
    assert survey.register is not None  # noqa: S101 - mark_letters has looked
    before, path = ledger.fact(_FACT) or "{}", campaign.folder / REGISTER_FILE
    ledger.commit(ChangeSet(facts={_FACT: json.dumps(after)}))
    now = dt.datetime.now().astimezone()
    try:
        rewrite(path, survey.register.register.seen, [plan.table], now)
    except FaultError as error:
        ledger.commit(ChangeSet(facts={_FACT: before}))
        problem = replace(error.at(Place(REGISTER_FILE)), level="error")
        raise StorageError(problem) from error


def _release(ledger: Ledger, letters: Iterable[str], stage: str) -> None:
    """Let the register say less than it did: the mark was taken back on purpose."""
    said = ledger.on_paper()
    news = {i: said[i] - {stage} for i in letters if stage in said.get(i, ())}
    ledger.commit(ChangeSet(on_paper=news))


def _chosen(plans: list[LetterPlan], order: MarkOrder) -> list[LetterPlan]:
    """Return the letters that are meant. UsageError where a short id is none's or several's."""
    if not order.letters:
        return plans
    by_id = {planned.known.id: planned for planned in plans}
    called = {own: f"{LETTERS_FOLDER}/{planned.known.path}" for own, planned in by_id.items()}
    found, problems = dict[str, None](), list[Problem]()
    for typed in order.letters:
        try:
            found[letter_of(called, typed, "letter")] = None
        except UsageError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems)
    return [by_id[letter_id] for letter_id in found]


def _named(letters: Iterable[LetterPlan]) -> str:
    return first_few([f"{LETTERS_FOLDER}/{planned.known.path}" for planned in letters], _FEW)


def _never_made(letters: Sequence[LetterPlan]) -> Iterator[Problem]:
    if letters:
        number = "1 letter was" if len(letters) == 1 else f"{len(letters):,} letters were"
        what = f"{number} never made, and not marked: {_named(letters)}."
        yield Problem("mark-never-made", Place(LETTERS_FOLDER), what, _MAKE_FIRST)


def _skipped(letters: Iterable[LetterPlan], stage: str) -> Iterator[Problem]:
    """Yield the warning of letters that have not reached the stages before this one."""
    before = STAGES[: STAGES.index(stage)]
    for earlier in before if stage != "Answered" else ("Posted",):
        without = [planned for planned in letters if earlier not in planned.stages]
        if without:
            what = f"{counted(len(without), 'letter')} not marked as {earlier.lower()}"
            what = f"{what} so far: {_named(without)}."
            hint = "If they are, mark these letters so as well."
            if stage == "Answered":
                hint = "An answered letter counts as posted. To add the day, mark it as posted too."
            yield Problem("mark-skipped", Place(REGISTER_FILE), what, hint, "warning")


def _too_early(letters: Sequence[LetterPlan], stage: str) -> Iterator[Problem]:
    """Yield the warning of letters that were left out, since nobody named them."""
    if letters:
        number = "1 letter is" if len(letters) == 1 else f"{len(letters):,} letters are"
        before = "in no batch" if stage == STAGES[0] else f"not {_before(stage)}"
        what = f"{number} {before} yet, and not marked: {_named(letters)}."
        hint = Advice(f"If they are {stage.lower()} all the same, name them: ", *_NAME_THEM)
        yield Problem("mark-too-early", Place(REGISTER_FILE), what, hint, "warning")


def _before(stage: str) -> str:
    return STAGES[STAGES.index(stage) - 1].lower()


def _left(plan: MarkPlan, made: Mapping[str, LetterPlan], order: MarkOrder) -> Iterator[Problem]:
    """Yield what was left as it is, and why."""
    place = Place(REGISTER_FILE)
    if plan.kept:
        letters = _named(made[i] for i in plan.kept)
        number = "1 letter stays as it is" if len(plan.kept) == 1 else f"{len(plan.kept):,} stay"
        what = f"{number}, since something else stands in {order.stage} already: {letters}."
        hint = Advice(
            "If it is wrong, change it in Excel, or take a mark back with ",
            Option("undo"),
            " first.",
        )
        yield Problem("mark-kept", place, what, hint, "warning")
    if plan.without_row:
        letters = _named(made[i] for i in plan.without_row)
        what = f"{counted(len(plan.without_row), 'letter')} without a row: {letters}."
        yield Problem(
            "mark-without-row", place, what, Advice("Run ", Run("letters"), ", then mark them.")
        )


def _still_to_come(day: dt.date) -> Problem:
    what = "this day is still to come, so nothing was marked."
    hint = "Type the day on which it was done, today at the latest."
    return Problem("mark-to-come", option_place("date", str(day)), what, hint)


def _before_excel(day: dt.date) -> Problem:
    what = "Excel knows no days before 1 March 1900, so nothing was marked."
    hint = "Type the day on which it was done, with all four digits of the year."
    return Problem("mark-too-old", option_place("date", str(day)), what, hint)


def _before_letters(day: dt.date, first: dt.date) -> Problem:
    what = f"the first letter was made later, on {spoken_day(first)}, so nothing was marked."
    hint = Advice("Is the year right? If you mean this day, add ", Option("yes"), ".")
    return Problem("mark-before-letters", option_place("date", str(day)), what, hint)


def _odd_tracking() -> Problem:
    what = "a tracking number is one line, and this one has a line break or a control character."
    hint = "Type it again instead of pasting it. Nothing was marked."
    return Problem("mark-odd-tracking", option_place("tracking"), what, hint)


def _long_tracking() -> Problem:
    what = f"a tracking number has at most {MOST_IN_TRACKING} characters."
    hint = "Type the number alone. Nothing was marked."
    return Problem("mark-odd-tracking", option_place("tracking"), what, hint)


def _whom() -> Problem:
    what, hint = "letters are answered one by one.", Advice("Name them: ", *_NAME_THEM)
    return Problem("mark-whom", Place("mark answered"), what, hint)


_NAME_THEM = (Option("for", "NAME"), ", ", Option("letter", "ID"), ".")


def _no_tracking_column(place: Place) -> Problem:
    what = f"the column {TRACKING_HEADING} is gone, so nothing was marked."
    hint = Advice(
        f"Add a column with the heading {TRACKING_HEADING}, or leave ", Option("tracking"), " out."
    )
    return Problem("mark-no-column", place, what, hint)


def _no_register() -> Problem:
    what = "there is no register yet, so nothing can be marked."
    return Problem("mark-no-register", Place(REGISTER_FILE), what, _MAKE_FIRST)
