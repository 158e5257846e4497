"""The workbook, the templates and what is wrong with them, as the screen Data shows them."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from merge.advice import Decide, Run
from merge.campaign.ignored_warnings import signs
from merge.campaign.incoming import template_files
from merge.campaign.places import WORKBOOK_FILE
from merge.campaign.tags import BlankTags, OfferedTag, blank_tags, offered_tags
from merge.campaign.view import View
from merge.messages.groups import GroupedProblem, group_problems
from merge.naming import short_hash
from merge.page.sight import Sight
from merge.problems import Problem, column_letter
from merge.product import REGISTER_FILE, TEMPLATES_FOLDER
from merge.workbook.reading import LIST_FILE

MOST_SHOWN = 60
"""Groups of problems that are shown; the others wait until some of these are settled."""
_MOST_COPIED = 250
"""Characters that Excel's Name Box and Word's search take."""

Screen = Literal["letters", "print", "decide", "proofread", "campaigns", "tags"]
_SCREENS: Mapping[str, Screen] = {
    "letters": "letters",
    "print": "print",
    "proofread": "proofread",
    "new": "campaigns",
    "placeholders": "tags",
}


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that letters are made from: its path in the campaign, its name, when it was saved."""

    path: str
    name: str
    saved: dt.datetime | None


def input_file(folder: Path, path: str) -> InputFile:
    """Return a file of a campaign; `saved` is None where there is none."""
    name = path.rpartition("/")[2]
    try:
        seconds = (folder / path).stat().st_mtime
        return InputFile(path, name, dt.datetime.fromtimestamp(seconds).astimezone())
    except (OSError, ValueError, OverflowError):
        return InputFile(path, name, None)


def input_files(folder: Path) -> tuple[InputFile, list[InputFile]]:
    """Return the workbook, and the templates that lie in the campaign."""
    paths = [f"{TEMPLATES_FOLDER}/{name}" for name in template_files(folder)]
    return input_file(folder, WORKBOOK_FILE), [input_file(folder, path) for path in paths]


def list_file(folder: Path) -> InputFile:
    """Return the list of signers from forms."""
    return input_file(folder, LIST_FILE)


def may_be_opened(folder: Path, path: str) -> bool:
    """Return whether a path is that of the workbook, the list, the register or a template."""
    own = {f"{TEMPLATES_FOLDER}/{name}" for name in template_files(folder)}
    return path in own | {WORKBOOK_FILE, LIST_FILE, REGISTER_FILE}


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """What is known of a template: how many columns it reads, how many letters are made from it."""

    tags: int
    letters: int


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A group of equal problems as it is shown.

    `key` tells it from others in the page, `sign` is that of a warning that can be hidden. `copy`
    is what finds its place in Excel's Name Box, or the words that find it in Word. `file` is the
    path of the file to be opened. `stops` is how many letters cannot be made because of it.
    """

    group: GroupedProblem
    key: str
    sign: str = ""
    copy: str = ""
    is_cell: bool = False
    file: str = ""
    stops: int = 0
    screens: tuple[Screen, ...] = ()


@dataclass(frozen=True)
class Shown:
    """All of a sight that the screen shows, found once for each look."""

    number: int
    templates: Mapping[str, TemplateUse]
    problems: tuple[ShownProblem, ...]
    more: int
    """Groups that are not shown."""
    errors: int
    doubts: int
    """Both counted place by place."""
    hidden: tuple[ShownProblem, ...]
    waiting: int
    """People of the list who wait for a decision."""
    blank: tuple[BlankTags, ...]
    tags: tuple[OfferedTag, ...]


def shown(sight: Sight, folder: Path) -> Shown:
    """Return what is shown of a sight."""
    view = sight.view
    problems = [p for p in sight.problems if p.code not in _missing(folder)]
    groups = group_problems(problems)
    own_signs = signs(view.campaign, sight.problems) if view else {}
    files = _files(folder)
    listed = [_shown(group, view, files, own_signs) for group in groups[:MOST_SHOWN]]
    errors = sum(problem.level == "error" for problem in problems)
    return Shown(
        number=sight.number,
        templates=_uses(view) if view else {},
        problems=tuple(listed),
        more=len(groups) - len(listed),
        errors=errors,
        doubts=len(problems) - errors,
        hidden=tuple(_hidden(view, files)) if view else (),
        waiting=view.campaign.workbook.waiting if view else 0,
        blank=tuple(blank_tags(view.campaign)) if view else (),
        tags=_tags_to_copy(view) if view else (),
    )


def _missing(folder: Path) -> set[str]:
    """Return the codes of what is told by the screen's empty state: there is no such file yet."""
    workbook, templates = input_files(folder)
    codes = {"workbook-missing": workbook.saved, "template-missing": templates}
    return {code for code, there in codes.items() if not there}


def _files(folder: Path) -> Mapping[str, str]:
    """Return the paths of what can be opened, by the names that problems have for them."""
    templates = template_files(folder)
    paths = {name: f"{TEMPLATES_FOLDER}/{name}" for name in templates}
    own = (WORKBOOK_FILE, LIST_FILE, REGISTER_FILE)
    return paths | {name: name for name in own if (folder / name).is_file()}


def _uses(view: View) -> Mapping[str, TemplateUse]:
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
    return {f: TemplateUse(len({str(n) for n, _ in every.get(f, ())}), letters[f]) for f in files}


def _hidden(view: View, files: Mapping[str, str]) -> Iterator[ShownProblem]:
    own_signs = signs(view.campaign, view.hidden)
    for group in group_problems(view.hidden)[:MOST_SHOWN]:
        yield _shown(group, None, files, own_signs)


def _shown(
    group: GroupedProblem,
    view: View | None,
    files: Mapping[str, str],
    own_signs: Mapping[Problem, str],
) -> ShownProblem:
    problem = group.problem
    place = problem.place
    is_error = problem.level == "error"
    return ShownProblem(
        group=group,
        key=short_hash(problem.code, str(place), problem.what),
        sign=own_signs.get(problem, ""),
        copy=_cells(group) if place.sheet else _words(place.words),
        is_cell=bool(place.sheet),
        file=files.get(place.file, ""),
        stops=len(view.touched(group)) if view and is_error else 0,
        screens=tuple(dict.fromkeys(_screens(problem))),
    )


def _screens(problem: Problem) -> Iterator[Screen]:
    for remedy in problem.remedies:
        if isinstance(remedy, Decide) and remedy.choice != "hide":
            yield "decide"
        elif isinstance(remedy, Run) and remedy.errand in _SCREENS:
            yield _SCREENS[remedy.errand]


def _cells(group: GroupedProblem) -> str:
    """Return what finds the cells when it is put into Excel's Name Box; some, where they are many.

    `Recipients!G3:G4,Recipients!G9`: a sheet's name stands in quotes unless it is one plain word.
    """
    sheet = group.problem.place.sheet
    named = sheet if re.fullmatch(r"[^\W\d]\w*", sheet) else "'" + sheet.replace("'", "''") + "'"
    found = ""
    for cells in _ranges(group):
        longer = f"{found}{',' if found else ''}{named}!{cells}"
        if len(longer) > _MOST_COPIED:
            break
        found = longer
    return found


def _ranges(group: GroupedProblem) -> Iterator[str]:
    """Yield the cells of a group, those below each other as one: `G3:G4`, `G9`."""
    run: list[int] = []
    column = group.problem.place.column
    letter = column_letter(column)
    rows = sorted({place.row for place in group.places if place.column == column})
    for row in [*rows, 0]:
        if run and row != run[-1] + 1:
            yield _range(letter, run)
            run = []
        run.append(row)


def _range(letter: str, rows: Sequence[int]) -> str:
    first, last = (row or 1 for row in (rows[0], rows[-1]))
    if not letter:
        return f"A{first}"
    return f"{letter}{first}" if first == last else f"{letter}{first}:{letter}{last}"


def _words(words: str) -> str:
    """Return the words that find a paragraph in Word; its search takes no more than one line."""
    return " ".join(words.split())[:_MOST_COPIED].strip()


def _tags_to_copy(view: View) -> tuple[OfferedTag, ...]:
    """Return the tags, one for each cell: a column can be named in several ways."""
    found: dict[str, OfferedTag] = {}
    for tag in offered_tags(view.campaign.workbook):
        found.setdefault(tag.words, tag)
    return tuple(found.values())
