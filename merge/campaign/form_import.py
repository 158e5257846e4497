"""An export of a form into the list of signers: previewed, asked about, written.

A preview writes nothing. What a front end shows and asks is one value, `ImportView`; what staff
answer is another, `ImportChoices`, for the next preview. Only a view without open questions is
written, and only if list and workbook are still those of the preview.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from merge import messages
from merge.advice import Advice, Option
from merge.campaign.earlier_runs import next_free_number, printed_letters
from merge.campaign.incoming import refuse_own_files
from merge.campaign.places import WORKBOOK_FILE, check_places
from merge.campaign.tags import printed_headings, signer_tags
from merge.disk import FileState, file_state
from merge.errors import DataError, StorageError, UsageError
from merge.excel.saving import check_closed
from merge.intake.answers import collect_answers
from merge.intake.choices import NO_CHOICES, ImportChoices, also_yes, as_proposed, decided, placed
from merge.intake.column_questions import blank_in_letter, plan_problems, ragged_rows
from merge.intake.decoding import encoding_name
from merge.intake.destinations import (
    CONSENT,
    INCLUDE,
    NAME,
    WORDS_OF_LIST,
    base_heading,
    destination_of,
    is_protected,
    spoken_destination,
)
from merge.intake.exports import read_export
from merge.intake.form_types import ColumnPlan, Export, FormAnswers, FormColumn, Remark
from merge.intake.headings import known_headings
from merge.intake.known_forms import confirmation, new_form_name, with_form
from merge.intake.known_people import typed_people
from merge.intake.list_types import (
    Changes,
    FieldChange,
    KnownPerson,
    SignerList,
)
from merge.intake.mapping import plan_columns
from merge.intake.matching import one_each
from merge.intake.merging import merge_answers
from merge.intake.signer_list import ID, TO_DECIDE, StoredList, read_list
from merge.naming import heading_for, nearest, tag_name
from merge.ooxml.container import file_errors, read_bytes
from merge.ooxml.kinds import EXCEL
from merge.problems import Place, Problem, shortened
from merge.text.folding import folded
from merge.workbook.reading import LIST_FILE, Workbook, parse_workbook

if TYPE_CHECKING:
    from merge.intake.list_writing import WrittenList

MOST_READINGS = 4
"""Ways in which a file may be read that are shown side by side."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A way in which the bytes could be meant: its word, and names as they are then.

    Names that hold a letter in which the readings differ are first.
    """

    word: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportView:
    """All that is to be shown and asked of an export, and what writing it would do.

    `plan` is what goes where, with what is to be asked; `answers` and `changes` are as if every
    proposal were right. `problems` are the errors that stand in the way of writing, and warnings.
    """

    folder: Path
    choices: ImportChoices
    export: Export
    form: str
    is_known_form: bool
    readings: tuple[Reading, ...]
    plan: ColumnPlan
    answers: FormAnswers
    changes: Changes
    stored: StoredList
    problems: tuple[Problem, ...]
    emails: int
    """How many people of the file have an email address in it."""
    workbook: FileState | None = None
    on_paper: Mapping[str, int] = field(default_factory=dict)
    """How many letters are on paper, of those by ID who change or withdraw."""

    def without_rows(self) -> ImportView:
        """Return what writing needs: rows and answers, half of the memory, are let go."""
        nobody = FormAnswers((), (), (), ())
        return replace(self, export=replace(self.export, rows=()), answers=nobody)

    @property
    def is_settled(self) -> bool:
        """Return whether nothing is left to be asked of how it is read and what goes where."""
        return not any(problem.level == "error" for problem in self.problems)

    @property
    def changes_anything(self) -> bool:
        """Return whether writing would change the list."""
        return self.after_forms(self.changes).after != self.stored.list

    def after_forms(self, changes: Changes) -> Changes:
        """Return changes with what the list remembers of this form."""
        today = dt.datetime.now().astimezone().date()
        memory = with_form(self.stored.list.forms, as_proposed(self.plan), self.form, today)
        known = {**self.stored.list.confirmed, self.form: confirmation(memory, self.form)}
        return replace(changes, after=replace(changes.after, forms=memory, confirmed=known))


def look_at_export(
    folder: Path,
    data: bytes,
    file: str,
    choices: ImportChoices = NO_CHOICES,
    workbook: Path | None = None,
) -> ImportView:
    """Return what an export holds, what is to be asked, and what it would change.

    Nothing is written. `file` is its name in messages. A MergeError where it cannot be read, has no
    row of headings, or the list or the workbook cannot be read.
    """
    check_places(folder)
    path = workbook or folder / WORKBOOK_FILE
    state, book = file_state(str(path)), _workbook(path)
    stored = read_list(folder)
    next_id = next_free_number(folder, stored.list.next_id)
    stored = replace(stored, list=replace(stored.list, next_id=next_id))
    refuse_own_files(data, file, path.name)
    export = read_export(
        data, file, read_as=choices.read_as, sheet=choices.sheet, known=known_headings
    )
    _check_sheet_choice(export, choices, file)
    headings = [c.heading for c in book.signers.columns]
    headings += [h for h in stored.list.headings if h not in headings]
    places = _places(folder, book, headings) if choices.columns else {}
    known = tuple((_place_called(place, places), column) for place, column in choices.columns)
    plan = _planned(export, headings, stored.list, replace(choices, columns=known))
    form = plan.form or new_form_name(choices.form or file, stored.list.forms)
    answers, emails = _answers(export, as_proposed(plan), form, choices.same_rows)
    changes = _merged(answers, stored, book, form, choices)
    answers = replace(answers, remarks=_still_to_tell(answers, changes))
    view = ImportView(
        folder=folder,
        choices=choices,
        export=export,
        form=form,
        is_known_form=any(memory.form == form for memory in stored.list.forms),
        readings=tuple(_readings(export, plan, data)),
        plan=plan,
        answers=answers,
        changes=changes,
        stored=stored,
        problems=(),
        emails=emails,
        workbook=state,
        on_paper=_printed_letters(folder, changes),
    )
    if len(export.rows) <= len({*plan.heading_rows, *plan.skipped}):
        return replace(view, problems=(messages.problem("form-no-answers", Place(file)),))
    typed = (*_unknown_again(view), *_unknown_yes(view), *_unknown_columns(view, places))
    return replace(view, problems=(*_astray(view, headings), *typed, *_problems(view, book)))


def _check_sheet_choice(export: Export, choices: ImportChoices, file: str) -> None:
    """Raise UsageError if a sheet of a text file is asked for."""
    if choices.sheet and export.kind == "csv":
        raise UsageError(messages.problem("form-sheet/text", Place(file)))


def _planned(
    export: Export, headings: Sequence[str], known: SignerList, choices: ImportChoices
) -> ColumnPlan:
    """Return what goes where: as it was confirmed, as staff say now."""
    called = next((m.form for m in known.forms if folded(m.form) == folded(choices.form)), "")
    plan = plan_columns(export, headings, known.forms, called or choices.form, known.confirmed)
    goes_to = {**placed(plan, choices.columns), **choices.goes_to}
    plan = decided(plan, export, replace(choices, goes_to=goes_to))
    plan = also_yes(plan, choices.means_yes) if choices.means_yes else plan
    return as_proposed(plan) if choices.is_confirmed else plan


def _merged(
    answers: FormAnswers, stored: StoredList, book: Workbook, form: str, choices: ImportChoices
) -> Changes:
    """Return what the answers change, each with its cell in the list."""
    today = dt.datetime.now().astimezone().date()
    chosen = replace(choices, form=form)
    changes = merge_answers(answers, stored.list, typed_people(book), chosen, today)
    withdrawn = tuple(_in_list(who, stored) for who in changes.withdrawn)
    return replace(changes, cells=tuple(_placed(changes.cells, stored)), withdrawn=withdrawn)


def _printed_letters(folder: Path, changes: Changes) -> dict[str, int]:
    """Return how many printed letters people have, by ID, who change or withdraw."""
    ids = {cell.id for cell in changes.cells if cell.kind == "changed"}
    return printed_letters(folder, ids | {who.id for who in changes.withdrawn if who.id})


def _workbook(path: Path) -> Workbook:
    """Return the workbook, though it may lack people or sheets."""
    with file_errors(EXCEL, path.name):
        data = read_bytes(path, EXCEL)
    return parse_workbook(data, path.name)


def _answers(
    export: Export, plan: ColumnPlan, form: str, same: Mapping[int, int]
) -> tuple[FormAnswers, int]:
    """Return what the export says, each person once, and how many email addresses it has."""
    raw = collect_answers(export, plan)
    emails = {folded(a.email) for a in (*raw.people, *raw.refusals) if a.email}
    return one_each(raw, form, same), len(emails)


def _still_to_tell(answers: FormAnswers, changes: Changes) -> tuple[Remark, ...]:
    """Return what is told of cells, but for those that staff have corrected since."""
    own = {answer.row: answer.fields for answer in answers.people}

    def is_corrected(remark: Remark) -> bool:
        there, form = changes.there.get(remark.row), own.get(remark.row, {})
        return there is not None and there.get(remark.column, "") != form.get(remark.column, "")

    return tuple(remark for remark in answers.remarks if not is_corrected(remark))


def _placed(cells: Sequence[FieldChange], stored: StoredList) -> Iterator[FieldChange]:
    """Yield what becomes of cells, each of the list's with its place."""
    rows = {person.id: person.row for person in reversed(stored.list.people) if person.id}
    at = stored.columns
    for cell in cells:
        if cell.place or at is None or cell.id not in rows:
            yield cell
        else:
            yield replace(cell, place=str(at.place(cell.heading, rows[cell.id])))


def _in_list(who: KnownPerson, stored: StoredList) -> KnownPerson:
    """Return somebody whom staff typed into the list itself with the place of their name."""
    if not (who.list_row and stored.columns):
        return who
    return replace(who, place=str(stored.columns.place(NAME, who.list_row)))


# What staff typed that cannot be followed.


def _astray(view: ImportView, headings: Sequence[str]) -> Iterator[Problem]:
    """Yield an error for each cell of Goes to that is blank, or names no column of the list."""
    memories = {m.heading: m for m in view.stored.list.forms if m.form == view.form}
    odd = [c for c in view.plan.columns if c.heading in memories and not _is_known(c, headings)]
    odd = [column for column in odd if column.goes_to == memories[column.heading].goes_to]
    fresh = plan_columns(view.export, headings) if odd else view.plan
    proposed = [column.goes_to for column in fresh.columns] if odd else []
    at = view.stored.form_columns
    for column in odd:
        if base_heading(column.goes_to) in map(base_heading, proposed):
            continue
        row = view.stored.form_rows.get((view.form, column.heading), 0)
        place = at.place("Goes to", row) if at else Place(LIST_FILE)
        near = _near(
            column.goes_to, map(spoken_destination, (*headings, *WORDS_OF_LIST, *proposed))
        )
        if column.goes_to:
            yield messages.problem("form-goes-to", place, goes_to=column.goes_to, near=near)
        else:
            heading = shortened(column.heading)
            yield messages.problem("form-goes-to/blank", place, heading=heading, near=near)


def _is_known(column: FormColumn, headings: Sequence[str]) -> bool:
    known = {*headings, *WORDS_OF_LIST}
    return column.goes_to in known or base_heading(column.goes_to) in known


def _unknown_again(view: ImportView) -> Iterator[Problem]:
    """Yield an error for each word of `again` that is nobody's name and nobody's ID."""
    known = view.stored.list
    names = [answer.fields.get(NAME, "") for answer in view.answers.people]
    words = {*map(folded, names), *map(folded, known.records)}
    for word in view.choices.again:
        if folded(word) not in words:
            near = _near(word, filter(None, names))
            yield messages.problem("form-again", Place(view.export.file), name=word, near=near)


def _unknown_yes(view: ImportView) -> Iterator[Problem]:
    """Yield an error for each word of `means_yes` that no answer about consent is."""
    words = [word for c in view.plan.columns if c.goes_to == CONSENT for word in c.words]
    for word in view.choices.means_yes:
        if folded(word) not in map(folded, words):
            place = Place(view.export.file)
            yield messages.problem("form-means-yes", place, word=word, near=_near(word, words))


def _near(word: str, known: Iterable[str]) -> str | None:
    return nearest(word, known) or None


def _places(folder: Path, book: Workbook, headings: Sequence[str]) -> dict[str, str]:
    """Return what a column may fill, by tag: headings, placeholders of signers in the letters."""
    printed = map(heading_for, signer_tags(folder, book))
    words = (*WORDS_OF_LIST, *printed, *headings)
    known = [word for word in words if not is_protected(word)]
    return {tag_name(name): word for word in known for name in (spoken_destination(word), word)}


def _place_called(typed: str, places: Mapping[str, str]) -> str:
    """Return a place as it is called, with the part that was typed: `Street (2)`."""
    typed = destination_of(typed)
    base = base_heading(typed)
    whole = places.get(tag_name(typed))
    return whole or places.get(tag_name(base), base) + typed.removeprefix(base)


def _unknown_columns(view: ImportView, places: Mapping[str, str]) -> Iterator[Problem]:
    """Yield an error for each of `columns` that is none of the file, or fills no place."""
    headings = [column.heading for column in view.plan.columns]
    place = Place(view.export.file)
    for typed, column in view.choices.columns:
        if folded(column) not in map(folded, headings):
            near = _near(column, headings)
            yield messages.problem("form-column", place, column=column, near=near)
        if _place_called(typed, places) == typed and base_heading(typed) not in places.values():
            near = _near(typed, map(spoken_destination, places.values()))
            yield messages.problem("form-column/target", place, target=typed, near=near)


# How it is read.


def _readings(export: Export, plan: ColumnPlan, data: bytes) -> Iterator[Reading]:
    """Yield the ways in which the bytes could be meant, each with three names."""
    naming = [c.number for c in plan.columns if base_heading(c.goes_to) == NAME]
    naming = naming or [column.number for column in plan.columns]
    out = {*plan.heading_rows, *plan.skipped}
    found = dict[str, list[str]]()
    for word in export.readings[:MOST_READINGS]:
        read = read_export(data, export.file, read_as=word, known=known_headings)
        rows = (row.cells for row in read.rows if row.number not in out)
        told = (" ".join(cells[n] for n in naming if n < len(cells)) for cells in rows)
        found[word] = [name for name in told if name]
    for word, names in found.items():
        others = [{*theirs} for other, theirs in found.items() if other != word]
        differ = [name for name in names if any(name not in theirs for theirs in others)]
        yield Reading(word, tuple(dict.fromkeys(differ or names))[:3])


# What stands in the way, and what is told.


def _problems(view: ImportView, book: Workbook) -> Iterator[Problem]:
    """Yield what stands in the way of writing, as errors, and what is to be known, as warnings."""
    file = view.export.file
    if view.readings and not view.choices.is_confirmed:
        first = view.readings[0]
        others = [Option("read_as", reading.word) for reading in view.readings[1:]]
        pieces = [piece for option in others for piece in (option, ", ")][:-1]
        yield messages.problem(
            "form-encoding",
            Place(file),
            encoding=encoding_name(first.word),
            names=first.names,
            this=Option("read_as", first.word),
            others=Advice(*pieces) if pieces else None,
        )
    yield from plan_problems(view.plan, file)
    yield from ragged_rows(view.export, view.plan, view.answers)
    people = len(view.answers.people)
    yield from blank_in_letter(view.plan, printed_headings(view.folder, book), people, file)
    yield from _older(view)
    changes = view.changes
    if changes.is_part:
        missing, known = changes.missing, changes.known
        yield messages.problem("form-part", Place(file), missing=missing, known=known)
    yield from view.stored.problems


def _older(view: ImportView) -> Iterator[Problem]:
    """Warn of a file whose newest answer is older than one that is known of its form."""
    known = view.stored.list
    ours = [r for r in (*known.records.values(), *known.refused) if view.form in r.forms]
    newest = max((record.newest for record in ours if record.newest), default=None)
    every = (*view.answers.people, *view.answers.refusals)
    day = max((answer.when.date() for answer in every if answer.when), default=None)
    if day and newest and day < newest:
        place = Place(view.export.file)
        yield messages.problem("form-older", place, day=str(day), newest=str(newest))


# Written.


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What was written: the changes, and what became of the list; None where it stays as it was."""

    changes: Changes
    written: WrittenList | None = None


def write_import(view: ImportView, *, keep_copy: bool = True) -> ImportResult:
    """Write what a view shows into the list.

    DataError where something is left to be asked. StorageError, and nothing is written, where the
    list or the workbook was saved since they were looked at, or the list is open elsewhere.
    """
    errors = [problem for problem in view.problems if problem.level == "error"]
    if errors:
        raise DataError(errors)
    _check_workbook(view)
    changes = view.after_forms(view.changes)
    if changes.after == view.stored.list:
        return ImportResult(changes)
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - openpyxl

    written = write_list(
        view.stored, changes.after, keep_copy=keep_copy, destinations=_destinations(view)
    )
    return ImportResult(changes, written)


def write_mapping(view: ImportView) -> WrittenList:
    """Write what goes where into the list's sheet Forms, to be put right there; nobody is taken."""
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - openpyxl

    memory = with_form(view.stored.list.forms, view.plan, view.form, None)
    known = {**view.stored.list.confirmed}
    known.pop(view.form, None)
    after = replace(view.stored.list, forms=memory, confirmed=known)
    return write_list(view.stored, after, destinations=_destinations(view))


def check_list_closed(view: ImportView) -> None:
    """StorageError where the list is open in another program, so that nobody answers in vain."""
    from merge.intake.list_backup import list_errors  # noqa: PLC0415 - openpyxl

    with list_errors():
        check_closed(view.stored.path)


def _check_workbook(view: ImportView) -> None:
    path = view.folder / WORKBOOK_FILE
    if view.workbook and file_state(str(path)) != view.workbook:
        raise StorageError(messages.problem("import-meanwhile", Place(WORKBOOK_FILE)))


def _destinations(view: ImportView) -> tuple[str, ...]:
    """Return what Goes to may be: the headings of the list, and those that this form fills."""
    filled = [base_heading(column.goes_to) for column in view.plan.columns]
    words = (NAME, *view.stored.list.headings, *filled)
    return tuple(dict.fromkeys(w for w in words if w not in {ID, INCLUDE, TO_DECIDE, CONSENT}))
