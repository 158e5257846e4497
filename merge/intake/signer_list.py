"""The list of signers from forms as it is on the disk: its people, its forms, its problems."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from merge import messages
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
    COPIED_SEAL,
    PROGRAM_ID,
    compute_seal,
    find_sheet,
    read_memory,
    restore_reasons,
)
from merge.intake.list_types import ListedPerson, RememberedColumn, SignerList
from merge.intake.matching import Hasher
from merge.people import Column
from merge.problems import Place, Problem
from merge.text.folding import folded
from merge.values import BLANK, Value
from merge.workbook.reading import (
    LIST_FILE,
    LIST_SHEETS,
    find_list_sheet,
    list_sheet_missing_problem,
)
from merge.workbook.table import Table, TableQuery, ValueReader, read_table

SIGNERS, FORMS = LIST_SHEETS[:2]
PREVIOUS_LIST_FILE = "signers from forms (before the last import).xlsx"
"""The list as it was before the last import, one only."""

ID, TO_DECIDE = "ID", "To decide"
PROGRAM_HEADINGS: Mapping[str, str] = {
    "id": ID,
    "name": NAME,
    "include": INCLUDE,
    "to_decide": TO_DECIDE,
}
"""The headings that mean something to the program, by their tags."""

FORM_HEADINGS = ("Form", "Heading", "Filled", "Goes to", "Yes is", "Confirmed on")


def other_headings(headings: Iterable[str]) -> list[str]:
    """Return the headings that are none of the list's own."""
    own = {folded(heading) for heading in (ID, NAME, INCLUDE, TO_DECIDE)}
    return [heading for heading in headings if folded(heading) not in own]


@dataclass(frozen=True, slots=True)
class ListColumns:
    """Where the sheet Signers is now: its name, the row of its headings, its columns by heading."""

    sheet: str
    heading_row: int
    numbers: Mapping[str, int]

    def place(self, heading: str, row: int) -> Place:
        """Return the place of a cell of the list; of the row, if the column is missing."""
        return Place(LIST_FILE, self.sheet, self.numbers.get(heading, 0), row)


@dataclass(frozen=True, slots=True)
class StoredList:
    """The list, and the file that it was read from; of one that is not there yet, an empty list.

    `before` is the hash of the list before the last import, empty where there was none.
    `is_as_written`: the file is byte for byte the one that the program wrote.
    """

    folder: Path
    list: SignerList
    state_when_read: FileState | None = None
    data: bytes = field(default=b"", repr=False)
    columns: ListColumns | None = None
    form_rows: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """The rows of the sheet Forms, by form and heading."""
    form_columns: ListColumns | None = None
    problems: tuple[Problem, ...] = ()
    previous_hash: str = ""
    is_as_written: bool = False
    is_copied: bool = False
    """It came from another campaign, and no import in this one has written it since."""

    @property
    def path(self) -> Path:
        """Return where the list lies, or will."""
        return self.folder / LIST_FILE


def read_list(folder: Path) -> StoredList:
    """Return the list beside the workbook of a folder, or an empty one.

    A MergeError where the file is no list any more, is a link, or cannot be read.
    """
    path = folder / LIST_FILE
    restore_interrupted(path)
    try:
        before = size_and_time(path)
        if before and not (path.is_file() or path.is_dir()):
            raise OSError(0, "A device or a pipe")  # noqa: TRY301 - it would wait for ever
        data = read_campaign_file(path) if before else b""
    except OSError as error:
        held = messages.problem("list-held", Place(LIST_FILE), reason=os_error_text(error))
        raise StorageError(held) from error
    if before is None:
        return StoredList(folder, SignerList(salt=secrets.token_hex(16)))
    return replace(parse_list(data, folder), state_when_read=before)


def parse_list(data: bytes, folder: Path) -> StoredList:
    """Return a list's bytes as one. A MergeError as above."""
    book = parse_excel_file(data, LIST_FILE)
    table, columns = _read_people(book)
    people = tuple(_listed_people(table))
    memory = read_memory(book, people)
    records = restore_reasons(memory, people)
    last = max((int(p.id[1:]) for p in people if PROGRAM_ID.fullmatch(p.id)), default=0)
    forms, rows, form_columns = _read_forms(book)
    known = SignerList(
        headings=tuple(h for h in columns.numbers if h not in {ID, INCLUDE, TO_DECIDE}),
        people=people,
        forms=forms,
        records=records,
        declined_records=memory.declined_records,
        next_id=max(memory.next_id, last + 1),
        salt=memory.salt,
        confirmation_hashes=memory.confirmation_hashes,
    )
    return StoredList(
        folder,
        known,
        data=data,
        columns=columns,
        form_rows=rows,
        form_columns=form_columns,
        problems=(
            *_moved_row_errors(table, known),
            *_lost_id_warnings(table, known),
            *_lost_column_warnings(known, rows, form_columns),
        ),
        previous_hash=memory.previous_hash,
        is_as_written=compute_seal(data) == memory.seal,
        is_copied=memory.seal == COPIED_SEAL,
    )


def _read_people(book: ExcelFile) -> tuple[Table, ListColumns]:
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


def _unique_columns(table: Table) -> Iterator[Column]:
    """Yield each column once; the program's own under the heading that it gave them."""
    own = {
        c.number: PROGRAM_HEADINGS[c.placeholder]
        for c in table.columns
        if c.placeholder in PROGRAM_HEADINGS
    }
    seen = set[int]()
    for column in table.columns:
        if column.number not in seen:
            seen.add(column.number)
            heading = own.get(column.number) or " ".join(column.heading.split())
            yield replace(column, heading=heading)


def _listed_people(table: Table) -> Iterator[ListedPerson]:
    columns = [*_unique_columns(table)]
    for row in (*table.rows, *table.hidden_rows):
        cells = ((column.heading, _cell_text(row.fields[column.placeholder])) for column in columns)
        filled = {heading: text for heading, text in cells if text}
        own, include, to_decide = (filled.pop(h, "") for h in (ID, INCLUDE, TO_DECIDE))
        yield ListedPerson(own, row.number, filled, include=include, to_decide=to_decide)


def _cell_text(value: Value) -> str:
    """Return what a cell says; one that cannot be used is none of the program's."""
    return "#" if value.problem else str(value).strip()


# What the form said last, by hashes.


def _lost_id_warnings(table: Table, known: SignerList) -> Iterator[Problem]:
    """Yield a warning for each row without an ID whose name is still that of somebody known."""
    there, hashed = {person.id for person in known.people}, Hasher(known.salt).text_hash
    gone = {r.said.get(NAME): key for key, r in known.records.items() if PROGRAM_ID.fullmatch(key)}
    lost = {said: key for said, key in gone.items() if said and key not in there}
    for person in known.people if lost else ():
        own = lost.get(hashed(person.fields.get(NAME, "")))
        if not person.id and own:
            yield messages.problem("list-id-gone", table.place(person.row, "id"), id=own)


def _moved_row_errors(table: Table, known: SignerList) -> Iterator[Problem]:
    """Yield an error where rows were moved and their IDs stayed, as by sorting a part of the list.

    A row has the name of somebody else, and in neither row the name is as the form said it last.
    """
    hashed = Hasher(known.salt).text_hash
    names = {person.row: hashed(person.fields.get(NAME, "")) for person in known.people}
    said = {
        p.row: known.records[p.id].said.get(NAME) for p in known.people if p.id in known.records
    }
    astray = {names[row]: row for row, name in said.items() if names[row] and name != names[row]}
    for person in known.people:
        name = said.get(person.row)
        if name and name != names[person.row] and name in astray:
            other = next(p for p in known.people if p.row == astray[name])
            place = table.place(person.row, "id")
            yield messages.problem("list-rows-moved", place, id=person.id, other=other.id)
            return


def _lost_column_warnings(
    known: SignerList, rows: Mapping[tuple[str, str], int], at: ListColumns | None
) -> Iterator[Problem]:
    """Yield a warning for each heading that a form filled and that the list has no more."""
    there = {folded(heading) for heading in known.headings}
    said = {heading for record in known.records.values() for heading in record.said}
    told = set[str]()
    if at is None:
        return
    for form in known.forms:
        heading = form.goes_to.partition(" (")[0]
        if heading in said and folded(heading) not in {*there, *told, folded(INCLUDE)}:
            told.add(folded(heading))
            place = at.place("Goes to", rows[form.form, form.heading])
            yield messages.problem(
                "list-column-gone",
                place,
                column=heading,
                leave_out=destination_label(DO_NOT_IMPORT),
            )


# The sheet Forms.


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
        by_number = {c.column: values.value(sheet.name, c, "en") for c in row.cells}
        cells = {h: by_number.get(n, BLANK) for h, n in columns.numbers.items()}
        form, heading, *_ = (str(cells.get(h, BLANK)).strip() for h in FORM_HEADINGS)
        if row.number > columns.heading_row and form and (form, heading) not in rows:
            rows[form, heading] = row.number
            forms.append(_remembered_column(form, heading, cells))
    return tuple(forms), rows, columns


def _find_form_columns(sheet: Sheet) -> ListColumns | None:
    """Return where the columns of the sheet Forms are; None where its headings are not there."""
    for row in sheet.rows:
        words = {folded(str(cell.value)): cell.column for cell in row.cells}
        numbers = {h: words[folded(h)] for h in FORM_HEADINGS if folded(h) in words}
        if {"Form", "Heading"} <= numbers.keys():
            return ListColumns(sheet.name, row.number, numbers)
    return None


def _remembered_column(form: str, heading: str, cells: Mapping[str, Value]) -> RememberedColumn:
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
