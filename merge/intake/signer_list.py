"""The list of signers as a file: reads people and forms; its problems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from merge import messages
from merge.advice import Hint, TaskOption
from merge.disk import FileState, os_error_text, read_campaign_file, size_and_time
from merge.errors import DataError, StorageError
from merge.excel.reader import ExcelFile, Sheet, parse_excel_file
from merge.excel.saving import restore_interrupted
from merge.intake.destinations import (
    DO_NOT_IMPORT,
    INCLUDE,
    NAME,
    destination_label,
    parse_destination,
)
from merge.intake.list_memory import (
    ImportToken,
    find_sheet,
    read_confirmations,
    read_import_token,
    read_records,
)
from merge.intake.list_types import ListedPerson, RememberedColumn, SignerList
from merge.intake.matching import Hasher
from merge.people import Column
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER
from merge.state.entries import ImportEntry
from merge.state.ledger import Ledger, ledger_to_read
from merge.state.ledger_records import LedgerChangeSet
from merge.text.folding import folded
from merge.values import BLANK, WorkbookValue
from merge.workbook.pairs import WRITES_TO
from merge.workbook.reading import (
    LIST_FILE,
    LIST_SHEETS,
    find_list_sheet,
    list_sheet_missing_problem,
)
from merge.workbook.table import SheetTable, TableQuery, ValueReader, read_table

SIGNERS, FORMS = LIST_SHEETS[:2]

ID, TO_DECIDE = "ID", "To decide"
PROGRAM_HEADINGS: Mapping[str, str] = {
    "id": ID,
    "name": NAME,
    "include": INCLUDE,
    "to_decide": TO_DECIDE,
    "writes_to": WRITES_TO,
}
"""Headings that the program uses, by their placeholder names."""

FORM_HEADINGS = ("Form", "Heading", "Filled", "Goes to", "Yes is", "Confirmed on")


def other_headings(headings: Iterable[str]) -> list[str]:
    """Return the list's headings that are not the program's own."""
    program_headings = {folded(heading) for heading in (ID, NAME, INCLUDE, TO_DECIDE)}
    return [heading for heading in headings if folded(heading) not in program_headings]


@dataclass(frozen=True, slots=True)
class ListColumns:
    """The columns of a sheet of the signer list, wherever staff moved them.

    `numbers` has the column number of each heading.
    """

    sheet: str
    heading_row: int
    numbers: Mapping[str, int]

    def place(self, heading: str, row: int) -> Place:
        """Return the place of a list's cell, or of its row without that column."""
        return Place(LIST_FILE, self.sheet, self.numbers.get(heading, 0), row)


@dataclass(frozen=True, slots=True)
class StoredSignerList:
    """The signer list and its file; empty if no file exists.

    `token` is that of its last import; empty if there was none.
    """

    folder: Path
    list: SignerList
    state_when_read: FileState | None = None
    data: bytes = field(default=b"", repr=False)
    columns: ListColumns | None = None
    form_rows: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Rows of the Forms sheet, by form and heading."""
    form_columns: ListColumns | None = None
    problems: tuple[Problem, ...] = ()
    token: str = ""
    has_records: bool = True
    """False if the records of the last import are not here.

    They have not arrived from another computer, or the list is a copy of another campaign's."""

    @property
    def path(self) -> Path:
        """Path of the list file, even if no file exists."""
        return self.folder / LIST_FILE


def read_list(folder: Path) -> StoredSignerList:
    """Return the list of signers beside a workbook; empty if there is none.

    Raise MergeError if the file is no longer a list, is a link, or cannot be read, or if the
    records cannot.
    """
    path = folder / LIST_FILE
    restore_interrupted(path)
    try:
        state = size_and_time(path)
        if state and not (path.is_file() or path.is_dir()):
            raise OSError(0, "A device or a pipe")  # noqa: TRY301 - it would wait for ever
        data = read_campaign_file(path) if state else b""
    except OSError as error:
        problem = messages.problem("list-held", Place(LIST_FILE), reason=os_error_text(error))
        raise StorageError(problem) from error
    if state is None:
        return StoredSignerList(folder, SignerList(salt=ImportToken().salt))
    with ledger_to_read(folder / LETTERS_FOLDER) as ledger:
        return replace(parse_list(data, folder, ledger), state_when_read=state)


def parse_list(data: bytes, folder: Path, ledger: Ledger) -> StoredSignerList:
    """Return the list of signers in bytes; raise MergeError as `read_list`."""
    book = parse_excel_file(data, LIST_FILE)
    table, columns = _read_people(book)
    people = tuple(_listed_people(table))
    last_import = read_import_token(book, people)
    forms, rows, form_columns = _read_forms(book)
    signer_list = SignerList(
        headings=tuple(h for h in columns.numbers if h not in {ID, INCLUDE, TO_DECIDE}),
        people=people,
        forms=forms,
        records=read_records(ledger, last_import.token),
        salt=last_import.salt,
        confirmation_hashes=read_confirmations(ledger, last_import.token),
    )
    return StoredSignerList(
        folder,
        signer_list,
        data=data,
        columns=columns,
        form_rows=rows,
        form_columns=form_columns,
        problems=(
            *_moved_row_errors(table, signer_list),
            *_lost_id_warnings(table, signer_list),
            *_lost_column_warnings(signer_list, rows, form_columns),
        ),
        token=last_import.token,
        has_records=not last_import.token or bool(ledger.state.import_chain(last_import.token)),
    )


def parse_people(data: bytes) -> tuple[ListedPerson, ...]:
    """Return the people in a list's bytes; raise MergeError as `read_list`."""
    return tuple(_listed_people(_read_people(parse_excel_file(data, LIST_FILE))[0]))


def accept_list(ledger: Ledger, folder: Path) -> None:
    """Record the list's last import, of which nothing else is known.

    Its people are matched by name and address. If its records arrive later, they count.
    """
    ledger.commit(LedgerChangeSet(imports=[ImportEntry(read_list(folder).token)]))


def no_records_problem() -> Problem:
    """Return the problem that a list's last import is not in the records."""
    go_on = Hint("add ", TaskOption("anyway", ""))
    return messages.problem("files-not-arrived/import", Place(LIST_FILE), go_on=go_on)


def _read_people(book: ExcelFile) -> tuple[SheetTable, ListColumns]:
    sheet = find_list_sheet(book)
    if sheet is None:
        raise DataError(list_sheet_missing_problem(book.file))
    query = TableQuery((NAME,), (ID, INCLUDE))
    table, problems = read_table(sheet, ValueReader(book.file, book.date1904), query)
    if table is None:
        raise DataError(problems)
    numbers: dict[str, int] = {}
    for column in _unique_columns(table):
        numbers.setdefault(column.heading, column.number)
    return table, ListColumns(table.sheet, table.heading_row, numbers)


def _unique_columns(table: SheetTable) -> Iterator[Column]:
    """Yield each column once; the program's own with the original heading."""
    program_headings = {
        c.number: PROGRAM_HEADINGS[c.placeholder]
        for c in table.columns
        if c.placeholder in PROGRAM_HEADINGS
    }
    used_numbers = set[int]()
    for column in table.columns:
        if column.number not in used_numbers:
            used_numbers.add(column.number)
            heading = program_headings.get(column.number) or " ".join(column.heading.split())
            yield replace(column, heading=heading)


def _listed_people(table: SheetTable) -> Iterator[ListedPerson]:
    columns = [*_unique_columns(table)]
    for row in (*table.rows, *table.hidden_rows):
        cells = ((column.heading, _cell_text(row.fields[column.placeholder])) for column in columns)
        texts = {heading: text for heading, text in cells if text}
        own_id, include, to_decide = (texts.pop(h, "") for h in (ID, INCLUDE, TO_DECIDE))
        yield ListedPerson(own_id, row.number, texts, include=include, to_decide=to_decide)


def _cell_text(value: WorkbookValue) -> str:
    """Return a list cell's text, or `#` if its value cannot be used."""
    return "#" if value.problem else str(value).strip()


# Comparison with the form's last values, by hashes.


def _lost_id_warnings(table: SheetTable, signer_list: SignerList) -> Iterator[Problem]:
    """Yield a warning for each row that lacks an ID but has a known name."""
    current_ids, text_hash = (
        {person.id for person in signer_list.people},
        Hasher(signer_list.salt).text_hash,
    )
    known_names = {
        r.form_hashes.get(NAME): key for key, r in signer_list.records.items() if r.where == "list"
    }
    ids_by_name = {
        name_hash: key
        for name_hash, key in known_names.items()
        if name_hash and key not in current_ids
    }
    for person in signer_list.people if ids_by_name else ():
        lost_id = ids_by_name.get(text_hash(person.fields.get(NAME, "")))
        if not person.id and lost_id:
            yield messages.problem("list-id-gone", table.place(person.row, "id"), id=lost_id)


def _moved_row_errors(table: SheetTable, signer_list: SignerList) -> Iterator[Problem]:
    """Yield an error if staff moved rows of the list without their IDs.

    Sorting a part of the list does this. A row has someone else's name, and in neither row the name
    is the form's last one.
    """
    text_hash = Hasher(signer_list.salt).text_hash
    names = {person.row: text_hash(person.fields.get(NAME, "")) for person in signer_list.people}
    form_names = {
        p.row: signer_list.records[p.id].form_hashes.get(NAME)
        for p in signer_list.people
        if p.id in signer_list.records
    }
    rows_by_wrong_name = {
        names[row]: row for row, name in form_names.items() if names[row] and name != names[row]
    }
    for person in signer_list.people:
        name = form_names.get(person.row)
        if name and name != names[person.row] and name in rows_by_wrong_name:
            other = next(p for p in signer_list.people if p.row == rows_by_wrong_name[name])
            place = table.place(person.row, "id")
            yield messages.problem("list-rows-moved", place, id=person.id, other=other.id)
            return


def _lost_column_warnings(
    signer_list: SignerList, rows: Mapping[tuple[str, str], int], columns: ListColumns | None
) -> Iterator[Problem]:
    """Yield a warning for each heading that a form filled and the list lacks."""
    current_headings = {folded(heading) for heading in signer_list.headings}
    filled_headings = {
        heading for record in signer_list.records.values() for heading in record.form_hashes
    }
    reported = set[str]()
    if columns is None:
        return
    for form in signer_list.forms:
        heading = form.goes_to.partition(" (")[0]
        if heading in filled_headings and folded(heading) not in {
            *current_headings,
            *reported,
            folded(INCLUDE),
        }:
            reported.add(folded(heading))
            place = columns.place("Goes to", rows[form.form, form.heading])
            yield messages.problem(
                "list-column-gone",
                place,
                column=heading,
                leave_out=destination_label(DO_NOT_IMPORT),
            )


# The Forms sheet.


def _read_forms(
    book: ExcelFile,
) -> tuple[tuple[RememberedColumn, ...], dict[tuple[str, str], int], ListColumns | None]:
    sheet = find_sheet(book, FORMS)
    columns = _find_form_columns(sheet) if sheet else None
    if sheet is None or columns is None:
        return (), {}, None
    values = ValueReader(book.file, book.date1904)
    forms, rows = list[RememberedColumn](), dict[tuple[str, str], int]()
    for row in sheet.rows:
        values_by_number = {c.column: values.value(sheet.name, c, "en") for c in row.cells}
        cells = {h: values_by_number.get(n, BLANK) for h, n in columns.numbers.items()}
        form, heading, *_ = (str(cells.get(h, BLANK)).strip() for h in FORM_HEADINGS)
        if row.number > columns.heading_row and form and (form, heading) not in rows:
            rows[form, heading] = row.number
            forms.append(_remembered_column(form, heading, cells))
    return tuple(forms), rows, columns


def _find_form_columns(sheet: Sheet) -> ListColumns | None:
    """Return the columns of the Forms sheet, or None if headings are missing."""
    for row in sheet.rows:
        columns_by_text = {folded(str(cell.value)): cell.column for cell in row.cells}
        numbers = {
            h: columns_by_text[folded(h)] for h in FORM_HEADINGS if folded(h) in columns_by_text
        }
        if {"Form", "Heading"} <= numbers.keys():
            return ListColumns(sheet.name, row.number, numbers)
    return None


def _remembered_column(
    form: str, heading: str, cells: Mapping[str, WorkbookValue]
) -> RememberedColumn:
    filled, confirmed = (cells.get(h, BLANK).native for h in ("Filled", "Confirmed on"))
    goes_to, yes = (str(cells.get(h, BLANK)).strip() for h in ("Goes to", "Yes is"))
    day = confirmed.date() if isinstance(confirmed, dt.datetime) else confirmed
    return RememberedColumn(
        form=form,
        heading=heading,
        goes_to=parse_destination(goes_to),
        filled_count=filled if isinstance(filled, int) else 0,
        quoted_yes_words=yes,
        confirmed_on=day if isinstance(day, dt.date) else None,
    )
