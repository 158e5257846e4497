"""View models of the Data screen: workbook, templates, their problems."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from merge.advice import DecisionRemedy, TaskRemedy
from merge.campaign.campaign import fill_context_of
from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.campaign.ignored_warnings import group_warning_ids
from merge.campaign.overview import CampaignOverview
from merge.campaign.placeholders import (
    BlankPlaceholders,
    blank_placeholders,
)
from merge.campaign.uploads import template_files
from merge.messages.groups import GroupedProblem, group_problems
from merge.naming import short_hash
from merge.page.placeholder_pane import PlaceholderPane, placeholder_pane
from merge.page.remedies import ANSWERS_ON_DATA, COMMAND_LABELS
from merge.page.snapshot import CampaignSnapshot
from merge.problems import Problem, column_letter
from merge.product import REGISTER_FILE, TEMPLATES_FOLDER
from merge.workbook.reading import LIST_FILE, UndecidedPerson

MAX_GROUPS = 60
"""Groups of problems that are shown; others wait until these are fixed."""
_MAX_COPIED = 250
"""Characters that Excel's Name Box and Word's search accept."""

Screen = Literal["letters", "print", "decide", "proofread", "campaigns", "tags"]
_SCREENS: Mapping[str, Screen] = {
    "letters": "letters",
    "import": "letters",
    "print": "print",
    "proofread": "proofread",
    "new": "campaigns",
    "placeholders": "tags",
}


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that letters are created from, by its path in the campaign."""

    path: str
    name: str
    saved_at: dt.datetime | None


def input_file(folder: Path, path: str) -> InputFile:
    """Return a file of a campaign; `saved_at` is None if it does not exist."""
    name = path.rpartition("/")[2]
    try:
        seconds = (folder / path).stat().st_mtime
        return InputFile(path, name, dt.datetime.fromtimestamp(seconds).astimezone())
    except (OSError, ValueError, OverflowError):
        return InputFile(path, name, None)


def input_files(folder: Path) -> tuple[InputFile, list[InputFile]]:
    """Return the workbook and the templates of a campaign."""
    paths = [f"{TEMPLATES_FOLDER}/{name}" for name in template_files(folder)]
    return input_file(folder, WORKBOOK_FILE), [input_file(folder, path) for path in paths]


def list_file(folder: Path) -> InputFile:
    """Return the list of signers from forms as a file to open."""
    return input_file(folder, LIST_FILE)


def can_open(folder: Path, path: str) -> bool:
    """Return whether the page may open the file with this path.

    These are the workbook, the list, the register and the templates.
    """
    templates = {f"{TEMPLATES_FOLDER}/{name}" for name in template_files(folder)}
    return path in templates | {WORKBOOK_FILE, LIST_FILE, REGISTER_FILE}


@dataclass(frozen=True, slots=True)
class TemplateUsage:
    """Use of a template: the columns that it reads, the letters from it."""

    column_count: int
    letter_count: int


@dataclass(frozen=True, slots=True)
class ProblemItem:
    """A group of equal problems, as the page shows it.

    `key` identifies it in the page. `warning_ids` are empty if it is not a warning that can be
    ignored. `search_text` finds its place: cells for Excel's Name Box, or words for Word's search.
    `file` is the path of the file to open. `blocked_count` is the number of letters that it blocks.
    `answers` are options of `merge letters` that answer the problem, with their buttons.
    """

    group: GroupedProblem
    key: str
    warning_ids: Sequence[str] = ()
    search_text: str = ""
    is_cell: bool = False
    file: str = ""
    blocked_count: int = 0
    blocks_printing: bool = False
    answers: tuple[tuple[str, str], ...] = ()
    screens: tuple[Screen, ...] = ()


@dataclass(frozen=True)
class DataScreen:
    """The content of the Data screen, found once for each snapshot."""

    snapshot_number: int
    template_usage: Mapping[str, TemplateUsage]
    problems: tuple[ProblemItem, ...]
    hidden_group_count: int
    """Number of groups that are not shown."""
    error_count: int
    warning_count: int
    """Errors and warnings are counted place by place."""
    ignored_warnings: tuple[ProblemItem, ...]
    people_to_review: Mapping[str, UndecidedPerson]
    """People of the list who need review, by a key for the page."""
    blank_placeholders: tuple[BlankPlaceholders, ...]
    pane: PlaceholderPane | None
    """The placeholders, or None if the workbook cannot be read."""
    letter_date: str
    """A date as the letters show it; empty if the campaign cannot be read."""


def data_screen(snapshot: CampaignSnapshot, folder: Path) -> DataScreen:
    """Return the content of the Data screen for a snapshot."""
    view = snapshot.view
    undecided = view.campaign.workbook.undecided_people if view else ()
    codes_elsewhere = _codes_of_missing_files(folder) | ({"form-to-decide"} if undecided else set())
    problems = [p for p in snapshot.problems if p.code not in codes_elsewhere]
    groups = group_problems(problems)
    files = _openable_files(folder)
    items = [_problem_item(group, view, files) for group in groups[:MAX_GROUPS]]
    errors = sum(problem.level == "error" for problem in problems)
    return DataScreen(
        snapshot_number=snapshot.number,
        template_usage=_template_usage(view) if view else {},
        problems=tuple(items),
        hidden_group_count=len(groups) - len(items),
        error_count=errors,
        warning_count=len(problems) - errors,
        ignored_warnings=tuple(_ignored_warnings(view, files)) if view else (),
        people_to_review={short_hash(str(p.row), p.name, p.id, p.reason): p for p in undecided},
        blank_placeholders=tuple(blank_placeholders(view.campaign)) if view else (),
        pane=placeholder_pane(view, folder),
        letter_date=str(fill_context_of(view.campaign.workbook).shared_values()["date"])
        if view
        else "",
    )


def _codes_of_missing_files(folder: Path) -> set[str]:
    """Return the codes that the empty state of the screen makes superfluous.

    They say that a file does not exist yet.
    """
    workbook, templates = input_files(folder)
    codes = {"workbook-missing": workbook.saved_at, "template-missing": templates}
    return {code for code, exists in codes.items() if not exists}


def _openable_files(folder: Path) -> Mapping[str, str]:
    """Return the paths of the files that users can open, by name in problems."""
    templates = template_files(folder)
    paths = {name: f"{TEMPLATES_FOLDER}/{name}" for name in templates}
    names = (WORKBOOK_FILE, LIST_FILE, REGISTER_FILE)
    return paths | {name: name for name in names if (folder / name).is_file()}


def _template_usage(view: CampaignOverview) -> Mapping[str, TemplateUsage]:
    templates = view.campaign.templates
    people = Counter[str]()
    names: dict[str, str] = {}
    for planned in view.letters:
        recipient = planned.step.letter.pair.recipient
        people[recipient.key] += 1
        names.setdefault(recipient.key, templates.name_for(recipient))
    letters = Counter[str]()
    for key, number in people.items():
        letters[names[key]] += number
    uses = {name: template.uses for name, template in templates.compiled.items()}
    every = {**templates.uses, **uses}
    files = {*templates.files, *every}
    return {f: TemplateUsage(len({str(n) for n, _ in every.get(f, ())}), letters[f]) for f in files}


def _ignored_warnings(view: CampaignOverview, files: Mapping[str, str]) -> Iterator[ProblemItem]:
    for group in group_problems(view.ignored_warnings)[:MAX_GROUPS]:
        yield _problem_item(group, view, files)


def _problem_item(
    group: GroupedProblem,
    view: CampaignOverview | None,
    files: Mapping[str, str],
) -> ProblemItem:
    problem = group.problem
    place = problem.place
    is_error = problem.level == "error"
    return ProblemItem(
        group=group,
        key=short_hash(problem.code, str(place), problem.what),
        warning_ids=group_warning_ids(view.campaign, group) if view else (),
        search_text=_name_box_text(group)
        if place.sheet
        else _word_search_text(place.paragraph_text),
        is_cell=bool(place.sheet),
        file=files.get(place.file, ""),
        blocked_count=len(view.affected_letter_ids(group)) if view and is_error else 0,
        blocks_printing=bool(view and problem in view.campaign.printing_blockers),
        answers=tuple(answers_to(problem)),
        screens=tuple(dict.fromkeys(_remedy_screens(problem))),
    )


def _remedy_screens(problem: Problem) -> Iterator[Screen]:
    for remedy in problem.remedies:
        if isinstance(remedy, DecisionRemedy) and remedy.choice != "hide":
            yield "decide"
        elif isinstance(remedy, TaskRemedy) and remedy.task in _SCREENS:
            yield _SCREENS[remedy.task]


def answers_to(problem: Problem) -> Iterator[tuple[str, str]]:
    """Yield the options of `merge letters` that answer a problem, with labels."""
    for remedy in problem.remedies:
        for name, _ in remedy.options if isinstance(remedy, TaskRemedy) else ():
            if name in ANSWERS_ON_DATA or problem.code == "letters-gone":
                yield name, COMMAND_LABELS[f"letters {name}"]


def _name_box_text(group: GroupedProblem) -> str:
    """Return the text that selects the cells in Excel's Name Box.

    If there are too many cells, it selects some of them: `Recipients!G3:G4,Recipients!G9`.
    """
    sheet = group.problem.place.sheet
    text = ""
    for cells in _cell_ranges(group):
        longer_text = f"{text}{',' if text else ''}{name_box_reference(sheet, cells)}"
        if len(longer_text) > _MAX_COPIED:
            break
        text = longer_text
    return text


def name_box_reference(sheet: str, cells: str) -> str:
    """Return a reference to cells, as Excel's Name Box accepts it.

    The sheet's name has quotes unless it is one plain word.
    """
    if not re.fullmatch(r"[^\W\d]\w*", sheet):
        sheet = "'" + sheet.replace("'", "''") + "'"
    return f"{sheet}!{cells}"


def _cell_ranges(group: GroupedProblem) -> Iterator[str]:
    """Yield references to the cells of a group, adjacent ones as `G3:G4`."""
    run: list[int] = []
    column = group.problem.place.column
    letter = column_letter(column)
    rows = sorted({place.row for place in group.places if place.column == column})
    for row in [*rows, 0]:
        if run and row != run[-1] + 1:
            yield _cell_range(letter, run)
            run = []
        run.append(row)


def _cell_range(letter: str, rows: Sequence[int]) -> str:
    first, last = (row or 1 for row in (rows[0], rows[-1]))
    if not letter:
        return f"A{first}"
    return f"{letter}{first}" if first == last else f"{letter}{first}:{letter}{last}"


def _word_search_text(words: str) -> str:
    """Return the words that find a paragraph in Word.

    Word's search accepts only one line.
    """
    return " ".join(words.split())[:_MAX_COPIED].strip()
