"""Import of form responses into the list of signers: preview, then write.

1. A preview writes nothing. Everything that a front end shows and asks is one value,
   `ImportPreview`.
2. Staff's answers are another value, `ImportChoices`, for the next preview.
3. Only a preview without open questions is written.
4. It is written only if the list and the workbook are still those of the preview.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from merge import messages
from merge.advice import Hint, TaskOption
from merge.campaign.arrival import check_files_arrived, record_last_run
from merge.campaign.campaign_files import WORKBOOK_FILE, check_places
from merge.campaign.earlier_runs import count_printed_letters
from merge.campaign.file_copies import find_workbook_copies
from merge.campaign.placeholders import printed_headings, signer_placeholders
from merge.campaign.uploads import refuse_own_files
from merge.disk import FileState, file_state
from merge.errors import DataError, MergeError, StorageError, UsageError
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
    NAME,
    base_heading,
    destination_label,
    is_protected,
    parse_destination,
)
from merge.intake.exports import read_export
from merge.intake.form_types import (
    CollectedResponses,
    ColumnPlan,
    FormColumn,
    FormExport,
    ResponseCellRemark,
)
from merge.intake.headings import count_known_headings
from merge.intake.import_ids import new_list_salt
from merge.intake.known_forms import add_form, confirmation_hash, new_form_name
from merge.intake.known_people import typed_people
from merge.intake.list_types import (
    KnownPerson,
    ListCellChange,
    SignerList,
    SignerListChanges,
)
from merge.intake.matching import combine_by_person
from merge.intake.merging import merge_responses
from merge.intake.responses import collect_responses
from merge.intake.signer_list import (
    StoredSignerList,
    no_records_problem,
    read_list,
)
from merge.naming import heading_for_placeholder, nearest_word, placeholder_name
from merge.ooxml.container import file_errors, read_bytes
from merge.ooxml.kinds import EXCEL
from merge.people import People
from merge.problems import Place, Problem, shorten
from merge.product import LETTERS_FOLDER
from merge.state.letter_folder import ledger_to_write
from merge.template.campaign_templates import Templates, find_templates
from merge.text.folding import folded
from merge.workbook.pairs import WRITES_TO, writes_to_problem
from merge.workbook.reading import LIST_FILE, Workbook, parse_workbook

if TYPE_CHECKING:
    from merge.intake.list_writing import WrittenList

MAX_ENCODING_SAMPLES = 4
"""Number of character encodings that are shown side by side."""


@dataclass(frozen=True, slots=True)
class EncodingSample:
    """A possible character encoding of a file, with names decoded by it.

    Names with a letter that other encodings decode differently are first.
    """

    word: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """Preview of a form import: its effect, and everything to ask staff.

    `plan` says where each column goes, with open questions. `answers` and `changes` assume that
    every proposal is right. `problems` are the errors that prevent writing, and warnings.
    """

    folder: Path
    choices: ImportChoices
    export: FormExport
    form: str
    is_known_form: bool
    encoding_samples: tuple[EncodingSample, ...]
    plan: ColumnPlan
    answers: CollectedResponses
    changes: SignerListChanges
    stored: StoredSignerList
    problems: tuple[Problem, ...]
    email_count: int
    """Number of people in the file who have an email address in it."""
    workbook: FileState | None = None
    book: Workbook | None = None
    """The workbook, even if it has no signers yet."""
    templates: Templates | None = None
    """The templates, or None if they cannot be read."""
    printed_letters: Mapping[str, int] = field(default_factory=dict)
    """Number of printed letters, by ID, of people who change or withdraw."""
    asked_signers: People | None = None
    """All signers, if no row of the Pairs sheet is for the new ones."""

    def without_rows(self) -> ImportPreview:
        """Return the preview without rows and responses, enough for writing.

        Rows and responses are dropped, since they take half of the memory.
        """
        no_answers = CollectedResponses((), (), (), ())
        export = replace(self.export, rows=())
        return replace(self, export=export, answers=no_answers, book=None, templates=None)

    @property
    def has_no_errors(self) -> bool:
        """Whether nothing must be decided about encoding and columns."""
        return not any(problem.level == "error" for problem in self.problems)

    @property
    def changes_anything(self) -> bool:
        """Whether writing the import would change the list."""
        return self.with_form_memory(self.changes).list_after != self.stored.list

    def with_form_memory(self, changes: SignerListChanges) -> SignerListChanges:
        """Return list changes with the columns that the list remembers of a form."""
        today = dt.datetime.now().astimezone().date()
        memory = add_form(self.stored.list.forms, accept_proposals(self.plan), self.form, today)
        confirmed = {
            **self.stored.list.confirmation_hashes,
            self.form: confirmation_hash(memory, self.form),
        }
        return replace(
            changes,
            list_after=replace(changes.list_after, forms=memory, confirmation_hashes=confirmed),
        )


def preview_import(
    folder: Path,
    data: bytes,
    file: str,
    choices: ImportChoices = NO_CHOICES,
    workbook: Path | None = None,
) -> ImportPreview:
    """Return a preview of importing a file of responses into the list.

    It has the export's contents, what must be decided, and what would change. Nothing is written.
    `file` is its name in messages. Raise a MergeError if it cannot be read or has no row of
    headings. It is also raised if the list or the workbook cannot be read or has not arrived.
    """
    check_places(folder)
    if not choices.anyway:
        check_files_arrived(folder)
    path = workbook or folder / WORKBOOK_FILE
    state, book = file_state(str(path)), _workbook(path)
    stored = read_list(folder)
    if not (stored.has_records or choices.anyway):
        raise StorageError(no_records_problem())
    refuse_own_files(data, file, path.name)
    export = _read_export(data, file, choices)
    templates = _readable_templates(folder, book)
    printed = printed_headings(templates, book) if templates else []
    headings = _headings_to_fill(book, stored.list, printed)
    places = _destination_names(templates, headings) if choices.columns else {}
    plan = _plan_columns(export, headings, stored.list, _with_full_names(choices, places))
    form = plan.form or new_form_name(choices.form or file, stored.list.forms)
    answers, emails = _collect(export, accept_proposals(plan), form, choices.same_rows)
    stored = _with_salt(stored, answers)
    choices = choices if choices.writes_to else _with_earlier_pairs(choices, stored.list, form)
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
        book=book,
        templates=templates,
        printed_letters=_printed_letters(folder, changes),
        asked_signers=_signers_to_ask(book, path) if changes.new_people else None,
    )
    if len(export.rows) <= len({*plan.heading_rows, *plan.skipped_rows}):
        return replace(view, problems=(messages.problem("form-no-answers", Place(file)),))
    problems = (*_choice_problems(view, headings, places), *_problems(view, book, printed))
    return replace(view, problems=problems)


def _readable_templates(folder: Path, book: Workbook) -> Templates | None:
    """Return the campaign's templates, or None if they cannot be read.

    `merge check` reports why; signers can be imported before.
    """
    with suppress(MergeError):
        return find_templates(folder, book)
    return None


def _headings_to_fill(book: Workbook, stored_list: SignerList, printed: Sequence[str]) -> list[str]:
    """Return the headings of the workbook, the list, and what letters print."""
    headings = [column.heading for column in book.signers.columns]
    headings += [heading for heading in stored_list.headings if heading not in headings]
    placeholders = {*map(placeholder_name, headings)}
    return headings + [h for h in printed if placeholder_name(h) not in placeholders]


def _read_export(data: bytes, file: str, choices: ImportChoices) -> FormExport:
    """Return a file of responses, read as staff chose.

    Raise UsageError if a sheet of a text file is requested.
    """
    export = read_export(
        data,
        file,
        read_as=choices.read_as,
        sheet=choices.sheet,
        count_headings=count_known_headings,
    )
    if choices.sheet and export.kind == "csv":
        raise UsageError(messages.problem("form-sheet/text", Place(file)))
    return export


def _plan_columns(
    export: FormExport, headings: Sequence[str], stored_list: SignerList, choices: ImportChoices
) -> ColumnPlan:
    """Return where each column goes: as confirmed before and as chosen now."""
    known_form = next(
        (
            memory.form
            for memory in stored_list.forms
            if folded(memory.form) == folded(choices.form)
        ),
        "",
    )
    plan = plan_columns(
        export,
        headings,
        stored_list.forms,
        known_form or choices.form,
        stored_list.confirmation_hashes,
    )
    goes_to = {**destinations_by_heading(plan, choices.columns), **choices.goes_to}
    plan = apply_choices(plan, export, replace(choices, goes_to=goes_to))
    plan = add_yes_words(plan, choices.means_yes) if choices.means_yes else plan
    return accept_proposals(plan) if choices.is_confirmed else plan


def _with_salt(stored: StoredSignerList, answers: CollectedResponses) -> StoredSignerList:
    """Return the list, a new one with the salt that other computers give it."""
    salt = "" if stored.state_when_read else new_list_salt(answers)
    return replace(stored, list=replace(stored.list, salt=salt or stored.list.salt))


def _merge(
    answers: CollectedResponses,
    stored: StoredSignerList,
    book: Workbook,
    form: str,
    choices: ImportChoices,
) -> SignerListChanges:
    """Return the changes to the list by responses, with cell references."""
    today = dt.datetime.now().astimezone().date()
    chosen = replace(choices, form=form)
    changes = merge_responses(answers, stored.list, typed_people(book), chosen, today)
    withdrawn = tuple(_with_list_cell(person, stored) for person in changes.withdrawn_people)
    return replace(
        changes,
        cell_changes=tuple(_with_cell_references(changes.cell_changes, stored)),
        withdrawn_people=withdrawn,
    )


def _with_earlier_pairs(choices: ImportChoices, known: SignerList, form: str) -> ImportChoices:
    """Return choices with the answer of a form's last signer under Writes to."""
    listed = (p for p in reversed(known.people) if p.id in known.records)
    cells = (p.fields.get(WRITES_TO, "") for p in listed if form in known.records[p.id].forms)
    return replace(choices, writes_to=next(filter(None, cells), ""))


def _printed_letters(folder: Path, changes: SignerListChanges) -> dict[str, int]:
    """Return the number of printed letters of people who change or withdraw.

    It is given by ID.
    """
    ids = {cell.id for cell in changes.cell_changes if cell.kind == "changed"}
    return count_printed_letters(
        folder, ids | {person.id for person in changes.withdrawn_people if person.id}
    )


def _workbook(path: Path) -> Workbook:
    """Return the workbook at a path, even if people or sheets are missing."""
    with file_errors(EXCEL, path.name):
        data = read_bytes(path, EXCEL)
    return parse_workbook(data, path.name)


def _signers_to_ask(book: Workbook, path: Path) -> People | None:
    """Return all signers, or None if the Pairs sheet covers new signers."""
    if not (book.signers.persons and book.pairing.covers_new_signers):
        book = parse_workbook(read_bytes(path, EXCEL), path.name, path.parent)
    return None if book.pairing.covers_new_signers else book.signers


def _collect(
    export: FormExport, plan: ColumnPlan, form: str, same: Mapping[int, int]
) -> tuple[CollectedResponses, int]:
    """Return one response per person, and the number of email addresses."""
    all_answers = collect_responses(export, plan)
    emails = {folded(a.email) for a in (*all_answers.people, *all_answers.refusals) if a.email}
    return combine_by_person(all_answers, form, same), len(emails)


def _open_remarks(
    answers: CollectedResponses, changes: SignerListChanges
) -> tuple[ResponseCellRemark, ...]:
    """Return the remarks about cells that staff have not corrected since."""
    fields_by_row = {answer.row: answer.fields for answer in answers.people}

    def is_corrected(remark: ResponseCellRemark) -> bool:
        listed_fields, answer_fields = (
            changes.cells_before.get(remark.row),
            fields_by_row.get(remark.row, {}),
        )
        return listed_fields is not None and listed_fields.get(
            remark.column, ""
        ) != answer_fields.get(remark.column, "")

    return tuple(remark for remark in answers.remarks if not is_corrected(remark))


def _with_cell_references(
    cells: Sequence[ListCellChange], stored: StoredSignerList
) -> Iterator[ListCellChange]:
    """Yield changed cells, those of the list with their cell references."""
    rows = {person.id: person.row for person in reversed(stored.list.people) if person.id}
    columns = stored.columns
    for cell in cells:
        if cell.place or columns is None or cell.id not in rows:
            yield cell
        else:
            yield replace(cell, place=str(columns.place(cell.heading, rows[cell.id])))


def _with_list_cell(person: KnownPerson, stored: StoredSignerList) -> KnownPerson:
    """Return a person with the list's cell if staff typed the person there."""
    if not (person.list_row and stored.columns):
        return person
    return replace(person, place=str(stored.columns.place(NAME, person.list_row)))


# Choices of staff that cannot be followed.


def _unknown_destinations(view: ImportPreview, headings: Sequence[str]) -> Iterator[Problem]:
    """Yield an error for each Goes to cell that is blank or names no column."""
    memories = {m.heading: m for m in view.stored.list.forms if m.form == view.form}
    unknown_columns = [
        c for c in view.plan.columns if c.heading in memories and not _is_known(c, headings)
    ]
    unknown_columns = [
        column for column in unknown_columns if column.goes_to == memories[column.heading].goes_to
    ]
    new_plan = plan_columns(view.export, headings) if unknown_columns else view.plan
    proposed = [column.goes_to for column in new_plan.columns] if unknown_columns else []
    form_columns = view.stored.form_columns
    for column in unknown_columns:
        if base_heading(column.goes_to) in map(base_heading, proposed):
            continue
        row = view.stored.form_rows.get((view.form, column.heading), 0)
        place = form_columns.place("Goes to", row) if form_columns else Place(LIST_FILE)
        near = _nearest_or_none(
            column.goes_to, map(destination_label, (*headings, *ALWAYS_OFFERED, *proposed))
        )
        if column.goes_to:
            yield messages.problem("form-goes-to", place, goes_to=column.goes_to, near=near)
        else:
            heading = shorten(column.heading)
            yield messages.problem("form-goes-to/blank", place, heading=heading, near=near)


def _is_known(column: FormColumn, headings: Sequence[str]) -> bool:
    allowed_words = {*headings, *ALWAYS_OFFERED}
    return column.goes_to in allowed_words or base_heading(column.goes_to) in allowed_words


def _unclear_pairs(view: ImportPreview) -> Iterator[Problem]:
    """Yield an error if it is open, or unclear, whom new signers write to."""
    typed, signers, place = view.choices.writes_to, view.asked_signers, Place(view.export.file)
    if signers and (not typed or writes_to_problem(typed, signers, place)):
        yield messages.problem("form-writes-to", place, typed=typed or None)


def _unknown_again(view: ImportPreview) -> Iterator[Problem]:
    """Yield an error for each unknown name or ID in `again`."""
    stored_list = view.stored.list
    names = [answer.fields.get(NAME, "") for answer in view.answers.people]
    words = {*map(folded, names), *map(folded, stored_list.records)}
    for word in view.choices.again:
        if folded(word) not in words:
            near = _nearest_or_none(word, filter(None, names))
            yield messages.problem("form-again", Place(view.export.file), name=word, near=near)


def _unknown_yes(view: ImportPreview) -> Iterator[Problem]:
    """Yield an error for each word of `means_yes` that the form does not have.

    Only the answers to questions about consent count.
    """
    words = [word for c in view.plan.columns if c.goes_to == CONSENT for word in c.word_counts]
    for word in view.choices.means_yes:
        if folded(word) not in map(folded, words):
            place = Place(view.export.file)
            yield messages.problem(
                "form-means-yes", place, word=word, near=_nearest_or_none(word, words)
            )


def _nearest_or_none(word: str, known: Iterable[str]) -> str | None:
    return nearest_word(word, known) or None


def _destination_names(templates: Templates | None, headings: Sequence[str]) -> dict[str, str]:
    """Return the names of what a column may fill, by placeholder.

    These are headings, and placeholders of signers in the letters.
    """
    placeholders = signer_placeholders(templates) if templates else []
    printed = map(heading_for_placeholder, placeholders)
    words = (*ALWAYS_OFFERED, *printed, *headings)
    allowed_words = [word for word in words if not is_protected(word)]
    return {
        placeholder_name(name): word
        for word in allowed_words
        for name in (destination_label(word), word)
    }


def _destination_called(typed: str, places: Mapping[str, str]) -> str:
    """Return the full name of a destination that staff typed.

    The typed part stays: `Street (2)`.
    """
    typed = parse_destination(typed)
    base = base_heading(typed)
    full_name = places.get(placeholder_name(typed))
    return full_name or places.get(placeholder_name(base), base) + typed.removeprefix(base)


def _with_full_names(choices: ImportChoices, places: Mapping[str, str]) -> ImportChoices:
    """Return choices with the full names of the destinations."""
    known = tuple((_destination_called(place, places), column) for place, column in choices.columns)
    return replace(choices, columns=known)


def _choice_problems(
    view: ImportPreview, headings: Sequence[str], places: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield an error for each choice that cannot be used."""
    yield from _unknown_destinations(view, headings)
    yield from _unknown_again(view)
    yield from _unknown_yes(view)
    yield from _unknown_columns(view, places)
    yield from _unclear_pairs(view)


def _unknown_columns(view: ImportPreview, places: Mapping[str, str]) -> Iterator[Problem]:
    """Yield an error for each of `columns` that cannot be used.

    Either the file does not have the column, or the destination is unknown.
    """
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


# Character encodings.


def _encoding_samples(
    export: FormExport, plan: ColumnPlan, data: bytes
) -> Iterator[EncodingSample]:
    """Yield the possible character encodings of a file, each with three names."""
    name_columns = [c.number for c in plan.columns if base_heading(c.goes_to) == NAME]
    name_columns = name_columns or [column.number for column in plan.columns]
    skipped_rows = {*plan.heading_rows, *plan.skipped_rows}
    names_by_encoding = dict[str, list[str]]()
    for word in export.readings[:MAX_ENCODING_SAMPLES]:
        decoded = read_export(data, export.file, read_as=word, count_headings=count_known_headings)
        rows = (row.cells for row in decoded.rows if row.number not in skipped_rows)
        decoded_names = (
            " ".join(cells[n] for n in name_columns if n < len(cells)) for cells in rows
        )
        names_by_encoding[word] = [name for name in decoded_names if name]
    for word, names in names_by_encoding.items():
        other_name_sets = [
            {*other_names} for other, other_names in names_by_encoding.items() if other != word
        ]
        differing_names = [
            name
            for name in names
            if any(name not in other_names for other_names in other_name_sets)
        ]
        yield EncodingSample(word, tuple(dict.fromkeys(differing_names or names))[:3])


# Errors that prevent writing, and warnings.


def _problems(view: ImportPreview, book: Workbook, printed: Sequence[str]) -> Iterator[Problem]:
    """Yield errors that prevent writing the import, and warnings."""
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
    yield from unfilled_heading_warnings(view.plan, printed, people, file)
    yield from _older_file_warning(view)
    workbook, letters = view.folder / WORKBOOK_FILE, view.folder / LETTERS_FOLDER
    yield from (c.problem for c in find_workbook_copies(workbook, book, letters))
    changes = view.changes
    if changes.is_partial_file:
        missing, known = changes.missing_count, changes.known_count
        yield messages.problem("form-part", Place(file), missing=missing, known=known)
    yield from view.stored.problems


def _older_file_warning(view: ImportPreview) -> Iterator[Problem]:
    """Yield a warning if a known response is newer than the form's export.

    The known response is of the same form.
    """
    stored_list = view.stored.list
    records = [r for r in stored_list.records.values() if view.form in r.forms]
    newest = max((r.newest.date() for r in records if r.newest), default=None)
    all_answers = (*view.answers.people, *view.answers.refusals)
    day = max(
        (answer.submitted_at.date() for answer in all_answers if answer.submitted_at), default=None
    )
    if day and newest and day < newest:
        place = Place(view.export.file)
        yield messages.problem("form-older", place, day=str(day), newest=str(newest))


# Writing.


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Result of a form import: the changes, and the signer list's file.

    `written_list` is None if the list did not change.
    """

    changes: SignerListChanges
    written_list: WrittenList | None = None


def write_import(view: ImportPreview, *, keep_copy: bool = True) -> ImportResult:
    """Write the changes in a preview into the list of signers.

    Raise DataError if something must still be decided. Raise StorageError, and write nothing, if
    the list or the workbook was saved since the preview, or the list is open in another program.
    """
    errors = [problem for problem in view.problems if problem.level == "error"]
    if errors:
        raise DataError(errors)
    _check_workbook(view)
    changes = view.with_form_memory(view.changes)
    if changes.list_after == view.stored.list:
        return ImportResult(changes)
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - openpyxl

    with ledger_to_write(view.folder / LETTERS_FOLDER) as ledger:
        written_list = write_list(view.stored, changes.list_after, ledger, keep_copy=keep_copy)
        if not view.choices.anyway:  # it is valid for this time only
            record_last_run(ledger, view.folder)
    return ImportResult(changes, written_list)


def write_mapping(view: ImportPreview) -> WrittenList:
    """Write where each column goes into the list's Forms sheet.

    Staff can correct it there. No person is imported.
    """
    from merge.intake.list_writing import write_list  # noqa: PLC0415 - openpyxl

    memory = add_form(view.stored.list.forms, view.plan, view.form, None)
    confirmed = {**view.stored.list.confirmation_hashes}
    confirmed.pop(view.form, None)
    after = replace(view.stored.list, forms=memory, confirmation_hashes=confirmed)
    with ledger_to_write(view.folder / LETTERS_FOLDER) as ledger:
        return write_list(view.stored, after, ledger)


def check_list_closed(view: ImportPreview) -> None:
    """Raise StorageError if the list is open in another program.

    It is called before users answer questions, so that they do not do it in vain.
    """
    from merge.intake.list_backup import list_errors  # noqa: PLC0415 - openpyxl

    with list_errors():
        check_closed(view.stored.path)


def _check_workbook(view: ImportPreview) -> None:
    path = view.folder / WORKBOOK_FILE
    if view.workbook and file_state(str(path)) != view.workbook:
        raise StorageError(messages.problem("import-meanwhile", Place(WORKBOOK_FILE)))
