"""An export of a form into the list of signers: previewed, asked about, written.

A preview writes nothing. What a front end shows and asks is one value, `ImportPreview`; what staff
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
from merge.advice import Hint, TaskOption
from merge.campaign.campaign_files import WORKBOOK_FILE, check_places
from merge.campaign.earlier_runs import count_printed_letters, next_free_number
from merge.campaign.placeholders import printed_headings, signer_placeholders
from merge.campaign.uploads import refuse_own_files
from merge.disk import FileState, file_state
from merge.errors import DataError, StorageError, UsageError
from merge.excel.saving import check_closed
from merge.intake.choices import (
    NO_CHOICES,
    ImportChoices,
    accept_proposals,
    add_yes_words,
    apply_choices,
    destinations_by_heading,
)
from merge.intake.column_plan import plan_columns
from merge.intake.column_questions import (
    plan_problems,
    row_width_warnings,
    unfilled_heading_warnings,
)
from merge.intake.decoding import encoding_name
from merge.intake.destinations import (
    ALWAYS_OFFERED,
    CONSENT,
    INCLUDE,
    NAME,
    base_heading,
    destination_label,
    is_protected,
    parse_destination,
)
from merge.intake.exports import read_export
from merge.intake.form_types import CollectedResponses, ColumnPlan, Export, FormColumn, Remark
from merge.intake.headings import count_known_headings
from merge.intake.known_forms import add_form, confirmation_hash, new_form_name
from merge.intake.known_people import typed_people
from merge.intake.list_types import (
    KnownPerson,
    ListCellChange,
    ListChanges,
    SignerList,
)
from merge.intake.matching import combine_by_person
from merge.intake.merging import merge_responses
from merge.intake.responses import collect_responses
from merge.intake.signer_list import ID, TO_DECIDE, StoredList, read_list
from merge.naming import heading_for_placeholder, nearest_word, placeholder_name
from merge.ooxml.container import file_errors, read_bytes
from merge.ooxml.kinds import EXCEL
from merge.problems import Place, Problem, shorten
from merge.text.folding import folded
from merge.workbook.reading import LIST_FILE, Workbook, parse_workbook

if TYPE_CHECKING:
    from merge.intake.list_writing import WrittenList

MAX_ENCODING_SAMPLES = 4
"""Ways in which a file may be read that are shown side by side."""


@dataclass(frozen=True, slots=True)
class EncodingSample:
    """A way in which the bytes could be meant: its word, and names as they are then.

    Names that hold a letter in which the readings differ are first.
    """

    word: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """All that is to be shown and asked of an export, and what writing it would do.

    `plan` is what goes where, with what is to be asked; `answers` and `changes` are as if every
    proposal were right. `problems` are the errors that stand in the way of writing, and warnings.
    """

    folder: Path
    choices: ImportChoices
    export: Export
    form: str
    is_known_form: bool
    encoding_samples: tuple[EncodingSample, ...]
    plan: ColumnPlan
    answers: CollectedResponses
    changes: ListChanges
    stored: StoredList
    problems: tuple[Problem, ...]
    email_count: int
    """How many people of the file have an email address in it."""
    workbook: FileState | None = None
    printed_letters: Mapping[str, int] = field(default_factory=dict)
    """How many letters are on paper, of those by ID who change or withdraw."""

    def without_rows(self) -> ImportPreview:
        """Return what writing needs: rows and answers, half of the memory, are let go."""
        nobody = CollectedResponses((), (), (), ())
        return replace(self, export=replace(self.export, rows=()), answers=nobody)

    @property
    def has_no_errors(self) -> bool:
        """Return whether nothing is left to be asked of how it is read and what goes where."""
        return not any(problem.level == "error" for problem in self.problems)

    @property
    def changes_anything(self) -> bool:
        """Return whether writing would change the list."""
        return self.with_form_memory(self.changes).list_after != self.stored.list

    def with_form_memory(self, changes: ListChanges) -> ListChanges:
        """Return changes with what the list remembers of this form."""
        today = dt.datetime.now().astimezone().date()
        memory = add_form(self.stored.list.forms, accept_proposals(self.plan), self.form, today)
        known = {
            **self.stored.list.confirmation_hashes,
            self.form: confirmation_hash(memory, self.form),
        }
        return replace(
            changes, list_after=replace(changes.list_after, forms=memory, confirmation_hashes=known)
        )


def preview_import(
    folder: Path,
    data: bytes,
    file: str,
    choices: ImportChoices = NO_CHOICES,
    workbook: Path | None = None,
) -> ImportPreview:
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
        data,
        file,
        read_as=choices.read_as,
        sheet=choices.sheet,
        count_headings=count_known_headings,
    )
    _check_sheet_choice(export, choices, file)
    headings = [c.heading for c in book.signers.columns]
    headings += [h for h in stored.list.headings if h not in headings]
    places = _destination_names(folder, book, headings) if choices.columns else {}
    known = tuple((_destination_called(place, places), column) for place, column in choices.columns)
    plan = _plan_columns(export, headings, stored.list, replace(choices, columns=known))
    form = plan.form or new_form_name(choices.form or file, stored.list.forms)
    answers, emails = _collect(export, accept_proposals(plan), form, choices.same_rows)
    changes = _merge(answers, stored, book, form, choices)
    answers = replace(answers, remarks=_open_remarks(answers, changes))
    view = ImportPreview(
        folder=folder,
        choices=choices,
        export=export,
        form=form,
        is_known_form=any(memory.form == form for memory in stored.list.forms),
        encoding_samples=tuple(_encoding_samples(export, plan, data)),
        plan=plan,
        answers=answers,
        changes=changes,
        stored=stored,
        problems=(),
        email_count=emails,
        workbook=state,
        printed_letters=_printed_letters(folder, changes),
    )
    if len(export.rows) <= len({*plan.heading_rows, *plan.skipped_rows}):
        return replace(view, problems=(messages.problem("form-no-answers", Place(file)),))
    typed = (*_unknown_again(view), *_unknown_yes(view), *_unknown_columns(view, places))
    return replace(
        view, problems=(*_unknown_destinations(view, headings), *typed, *_problems(view, book))
    )


def _check_sheet_choice(export: Export, choices: ImportChoices, file: str) -> None:
    """Raise UsageError if a sheet of a text file is asked for."""
    if choices.sheet and export.kind == "csv":
        raise UsageError(messages.problem("form-sheet/text", Place(file)))


def _plan_columns(
    export: Export, headings: Sequence[str], known: SignerList, choices: ImportChoices
) -> ColumnPlan:
    """Return what goes where: as it was confirmed, as staff say now."""
    called = next((m.form for m in known.forms if folded(m.form) == folded(choices.form)), "")
    plan = plan_columns(
        export, headings, known.forms, called or choices.form, known.confirmation_hashes
    )
    goes_to = {**destinations_by_heading(plan, choices.columns), **choices.goes_to}
    plan = apply_choices(plan, export, replace(choices, goes_to=goes_to))
    plan = add_yes_words(plan, choices.means_yes) if choices.means_yes else plan
    return accept_proposals(plan) if choices.is_confirmed else plan


def _merge(
    answers: CollectedResponses,
    stored: StoredList,
    book: Workbook,
    form: str,
    choices: ImportChoices,
) -> ListChanges:
    """Return what the answers change, each with its cell in the list."""
    today = dt.datetime.now().astimezone().date()
    chosen = replace(choices, form=form)
    changes = merge_responses(answers, stored.list, typed_people(book), chosen, today)
    withdrawn = tuple(_with_list_cell(who, stored) for who in changes.withdrawn_people)
    return replace(
        changes,
        cell_changes=tuple(_with_cell_references(changes.cell_changes, stored)),
        withdrawn_people=withdrawn,
    )


def _printed_letters(folder: Path, changes: ListChanges) -> dict[str, int]:
    """Return how many printed letters people have, by ID, who change or withdraw."""
    ids = {cell.id for cell in changes.cell_changes if cell.kind == "changed"}
    return count_printed_letters(
        folder, ids | {who.id for who in changes.withdrawn_people if who.id}
    )


def _workbook(path: Path) -> Workbook:
    """Return the workbook, though it may lack people or sheets."""
    with file_errors(EXCEL, path.name):
        data = read_bytes(path, EXCEL)
    return parse_workbook(data, path.name)


def _collect(
    export: Export, plan: ColumnPlan, form: str, same: Mapping[int, int]
) -> tuple[CollectedResponses, int]:
    """Return what the export says, each person once, and how many email addresses it has."""
    raw = collect_responses(export, plan)
    emails = {folded(a.email) for a in (*raw.people, *raw.refusals) if a.email}
    return combine_by_person(raw, form, same), len(emails)


def _open_remarks(answers: CollectedResponses, changes: ListChanges) -> tuple[Remark, ...]:
    """Return what is told of cells, but for those that staff have corrected since."""
    own = {answer.row: answer.fields for answer in answers.people}

    def is_corrected(remark: Remark) -> bool:
        there, form = changes.cells_before.get(remark.row), own.get(remark.row, {})
        return there is not None and there.get(remark.column, "") != form.get(remark.column, "")

    return tuple(remark for remark in answers.remarks if not is_corrected(remark))


def _with_cell_references(
    cells: Sequence[ListCellChange], stored: StoredList
) -> Iterator[ListCellChange]:
    """Yield what becomes of cells, each of the list's with its place."""
    rows = {person.id: person.row for person in reversed(stored.list.people) if person.id}
    at = stored.columns
    for cell in cells:
        if cell.place or at is None or cell.id not in rows:
            yield cell
        else:
            yield replace(cell, place=str(at.place(cell.heading, rows[cell.id])))


def _with_list_cell(who: KnownPerson, stored: StoredList) -> KnownPerson:
    """Return somebody whom staff typed into the list itself with the place of their name."""
    if not (who.list_row and stored.columns):
        return who
    return replace(who, place=str(stored.columns.place(NAME, who.list_row)))


# What staff typed that cannot be followed.


def _unknown_destinations(view: ImportPreview, headings: Sequence[str]) -> Iterator[Problem]:
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
        near = _nearest_or_none(
            column.goes_to, map(destination_label, (*headings, *ALWAYS_OFFERED, *proposed))
        )
        if column.goes_to:
            yield messages.problem("form-goes-to", place, goes_to=column.goes_to, near=near)
        else:
            heading = shorten(column.heading)
            yield messages.problem("form-goes-to/blank", place, heading=heading, near=near)


def _is_known(column: FormColumn, headings: Sequence[str]) -> bool:
    known = {*headings, *ALWAYS_OFFERED}
    return column.goes_to in known or base_heading(column.goes_to) in known


def _unknown_again(view: ImportPreview) -> Iterator[Problem]:
    """Yield an error for each word of `again` that is nobody's name and nobody's ID."""
    known = view.stored.list
    names = [answer.fields.get(NAME, "") for answer in view.answers.people]
    words = {*map(folded, names), *map(folded, known.records)}
    for word in view.choices.again:
        if folded(word) not in words:
            near = _nearest_or_none(word, filter(None, names))
            yield messages.problem("form-again", Place(view.export.file), name=word, near=near)


def _unknown_yes(view: ImportPreview) -> Iterator[Problem]:
    """Yield an error for each word of `means_yes` that no answer about consent is."""
    words = [word for c in view.plan.columns if c.goes_to == CONSENT for word in c.word_counts]
    for word in view.choices.means_yes:
        if folded(word) not in map(folded, words):
            place = Place(view.export.file)
            yield messages.problem(
                "form-means-yes", place, word=word, near=_nearest_or_none(word, words)
            )


def _nearest_or_none(word: str, known: Iterable[str]) -> str | None:
    return nearest_word(word, known) or None


def _destination_names(folder: Path, book: Workbook, headings: Sequence[str]) -> dict[str, str]:
    """Return what a column may fill, by tag: headings, placeholders of signers in the letters."""
    printed = map(heading_for_placeholder, signer_placeholders(folder, book))
    words = (*ALWAYS_OFFERED, *printed, *headings)
    known = [word for word in words if not is_protected(word)]
    return {
        placeholder_name(name): word for word in known for name in (destination_label(word), word)
    }


def _destination_called(typed: str, places: Mapping[str, str]) -> str:
    """Return a place as it is called, with the part that was typed: `Street (2)`."""
    typed = parse_destination(typed)
    base = base_heading(typed)
    whole = places.get(placeholder_name(typed))
    return whole or places.get(placeholder_name(base), base) + typed.removeprefix(base)


def _unknown_columns(view: ImportPreview, places: Mapping[str, str]) -> Iterator[Problem]:
    """Yield an error for each of `columns` that is none of the file, or fills no place."""
    headings = [column.heading for column in view.plan.columns]
    place = Place(view.export.file)
    for typed, column in view.choices.columns:
        if folded(column) not in map(folded, headings):
            near = _nearest_or_none(column, headings)
            yield messages.problem("form-column", place, column=column, near=near)
        if (
            _destination_called(typed, places) == typed
            and base_heading(typed) not in places.values()
        ):
            near = _nearest_or_none(typed, map(destination_label, places.values()))
            yield messages.problem("form-column/target", place, target=typed, near=near)


# How it is read.


def _encoding_samples(export: Export, plan: ColumnPlan, data: bytes) -> Iterator[EncodingSample]:
    """Yield the ways in which the bytes could be meant, each with three names."""
    naming = [c.number for c in plan.columns if base_heading(c.goes_to) == NAME]
    naming = naming or [column.number for column in plan.columns]
    out = {*plan.heading_rows, *plan.skipped_rows}
    found = dict[str, list[str]]()
    for word in export.readings[:MAX_ENCODING_SAMPLES]:
        read = read_export(data, export.file, read_as=word, count_headings=count_known_headings)
        rows = (row.cells for row in read.rows if row.number not in out)
        told = (" ".join(cells[n] for n in naming if n < len(cells)) for cells in rows)
        found[word] = [name for name in told if name]
    for word, names in found.items():
        others = [{*theirs} for other, theirs in found.items() if other != word]
        differ = [name for name in names if any(name not in theirs for theirs in others)]
        yield EncodingSample(word, tuple(dict.fromkeys(differ or names))[:3])


# What stands in the way, and what is told.


def _problems(view: ImportPreview, book: Workbook) -> Iterator[Problem]:
    """Yield what stands in the way of writing, as errors, and what is to be known, as warnings."""
    file = view.export.file
    if view.encoding_samples and not view.choices.is_confirmed:
        first = view.encoding_samples[0]
        others = [TaskOption("read_as", reading.word) for reading in view.encoding_samples[1:]]
        pieces = [piece for option in others for piece in (option, ", ")][:-1]
        yield messages.problem(
            "form-encoding",
            Place(file),
            encoding=encoding_name(first.word),
            names=first.names,
            this=TaskOption("read_as", first.word),
            others=Hint(*pieces) if pieces else None,
        )
    yield from plan_problems(view.plan, file)
    yield from row_width_warnings(view.export, view.plan, view.answers)
    people = len(view.answers.people)
    yield from unfilled_heading_warnings(
        view.plan, printed_headings(view.folder, book), people, file
    )
    yield from _older_file_warning(view)
    changes = view.changes
    if changes.is_partial_file:
        missing, known = changes.missing_count, changes.known_count
        yield messages.problem("form-part", Place(file), missing=missing, known=known)
    yield from view.stored.problems


def _older_file_warning(view: ImportPreview) -> Iterator[Problem]:
    """Warn of a file whose newest answer is older than one that is known of its form."""
    known = view.stored.list
    ours = [r for r in (*known.records.values(), *known.declined_records) if view.form in r.forms]
    newest = max((record.newest for record in ours if record.newest), default=None)
    every = (*view.answers.people, *view.answers.refusals)
    day = max((answer.submitted_at.date() for answer in every if answer.submitted_at), default=None)
    if day and newest and day < newest:
        place = Place(view.export.file)
        yield messages.problem("form-older", place, day=str(day), newest=str(newest))


# Written.


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What was written: the changes, and what became of the list; None where it stays as it was."""

    changes: ListChanges
    written_list: WrittenList | None = None


def write_import(view: ImportPreview, *, keep_copy: bool = True) -> ImportResult:
    """Write what a view shows into the list.

    DataError where something is left to be asked. StorageError, and nothing is written, where the
    list or the workbook was saved since they were looked at, or the list is open elsewhere.
    """
    errors = [problem for problem in view.problems if problem.level == "error"]
    if errors:
        raise DataError(errors)
    _check_workbook(view)
    changes = view.with_form_memory(view.changes)
    if changes.list_after == view.stored.list:
        return ImportResult(changes)
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - openpyxl

    written = write_list(
        view.stored, changes.list_after, keep_copy=keep_copy, destinations=_destinations(view)
    )
    return ImportResult(changes, written)


def write_mapping(view: ImportPreview) -> WrittenList:
    """Write what goes where into the list's sheet Forms, to be put right there; nobody is taken."""
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - openpyxl

    memory = add_form(view.stored.list.forms, view.plan, view.form, None)
    known = {**view.stored.list.confirmation_hashes}
    known.pop(view.form, None)
    after = replace(view.stored.list, forms=memory, confirmation_hashes=known)
    return write_list(view.stored, after, destinations=_destinations(view))


def check_list_closed(view: ImportPreview) -> None:
    """StorageError where the list is open in another program, so that nobody answers in vain."""
    from merge.intake.list_backup import list_errors  # noqa: PLC0415 - openpyxl

    with list_errors():
        check_closed(view.stored.path)


def _check_workbook(view: ImportPreview) -> None:
    path = view.folder / WORKBOOK_FILE
    if view.workbook and file_state(str(path)) != view.workbook:
        raise StorageError(messages.problem("import-meanwhile", Place(WORKBOOK_FILE)))


def _destinations(view: ImportPreview) -> tuple[str, ...]:
    """Return what Goes to may be: the headings of the list, and those that this form fills."""
    filled = [base_heading(column.goes_to) for column in view.plan.columns]
    words = (NAME, *view.stored.list.headings, *filled)
    return tuple(dict.fromkeys(w for w in words if w not in {ID, INCLUDE, TO_DECIDE, CONSENT}))
