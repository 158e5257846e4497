"""Reading of the complete workbook, signers.xlsx, with all its problems.

If there is a list of signers from forms in the same folder, its people are further signers. Errors
after which nothing can be read (no sheet, no headings, no people) are raised, all together. All
other problems are in `Workbook.problems`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from merge import messages
from merge.errors import DataError
from merge.excel.reader import ExcelFile, Sheet, SheetRow, parse_excel_file, read_excel_file
from merge.naming import nearest_word
from merge.people import Pair, People, PeopleSheet, Person, SheetKind
from merge.problems import Place, Problem
from merge.text.folding import folded, plain_letters
from merge.values import BLANK
from merge.workbook.pairs import PairingRules, column_problems, read_pairs, unmatched_warning
from merge.workbook.people import SheetPeople, is_included, read_people
from merge.workbook.settings import Settings, read_settings
from merge.workbook.table import (
    FIRST_ROWS,
    DataRow,
    SheetTable,
    TableQuery,
    ValueReader,
    heading_placeholder,
    hidden_rows_warning,
    is_blank_cell,
    read_table,
)
from merge.workbook.translated_words import sheet_words

LIST_FILE = "signers from forms.xlsx"
"""The list of signers from forms, next to the workbook.

Both the program and staff write into it.
"""

PREVIOUS_LIST_FILE = "signers from forms (before the last import).xlsx"
"""The list as it was before the last import."""

LIST_SHEETS = ("Signers", "Forms", "Memory")
"""The list's sheets: people, columns of forms, and the program's own.

The last one is hidden.
"""

WITHDRAWN_REASON = "consent withdrawn"
"""The reason under To decide in the list if a person withdrew consent.

Staff need not review this.
"""

_LIST_NOTES = frozenset({"include", "to_decide", "writes_to"})
"""Columns of the list that describe their rows, and are not placeholders."""

_SHEET_NAMES = ("Signers", "Recipients", "Pairs", "Settings")
_SIGNER_HEADINGS = ("ID", "Include", "Name checked")
_OPTIONAL_HEADINGS: Mapping[SheetKind, tuple[str, ...]] = {
    "signer": _SIGNER_HEADINGS,
    "recipient": (*_SIGNER_HEADINGS, "Template", "Language", "Salutation"),
}
"""Headings with a meaning for the program, other than Name."""


@dataclass(frozen=True, slots=True)
class UndecidedPerson:
    """A person in the list who needs review: the row, and the reason."""

    row: int
    name: str
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Workbook:
    """The contents of signers.xlsx: people, who writes to whom, and settings.

    `excluded_people` are those whom Include or Hidden rows excludes, of both sheets. `problems` are
    warnings, and errors of single cells and rows, sorted by sheet and row.
    """

    file: str
    signers: People
    recipients: People
    pairing: PairingRules
    settings: Settings
    problems: tuple[Problem, ...]
    excluded_people: tuple[Person, ...] = ()
    unreadable_roots: frozenset[str] = frozenset()
    """Roots of placeholders whose sheets cannot be read.

    It is not known which placeholders they have.
    """
    sheets: tuple[str, ...] = ()
    """The names of all sheets."""
    undecided_people: tuple[UndecidedPerson, ...] = ()

    @property
    def persons(self) -> tuple[Person, ...]:
        """The signers and then the recipients, as one tuple."""
        return (*self.signers.persons, *self.recipients.persons)

    @property
    def all_people(self) -> tuple[Person, ...]:
        """The signers, the recipients, and then those who are excluded."""
        return (*self.persons, *self.excluded_people)

    @property
    def listed_signer_count(self) -> int | None:
        """Number of signers from the list of signers; None if no list is read."""
        if self.signers.sheets[-1].file == self.file:
            return None
        return sum(person.sheet.file != self.file for person in self.signers.persons)

    @property
    def fields(self) -> Mapping[str, frozenset[str]]:
        """The placeholders of each sheet, by root."""
        return {
            "signer": frozenset(column.placeholder for column in self.signers.columns),
            "recipient": frozenset(column.placeholder for column in self.recipients.columns),
            "pair": frozenset(column.placeholder for column in self.pairing.columns),
            "settings": frozenset(self.settings.fields),
        }

    def pairs(self) -> Iterator[Pair]:
        """Yield all pairs, in the order of signers, then recipients.

        They are not kept in memory.
        """
        return self.pairing.pairs(self.signers.persons, self.recipients.persons)

    @property
    def pair_count(self) -> int:
        """Number of pairs, counted without creating the pairs if possible."""
        return self.pairing.count(self.signers.persons, self.recipients.persons)


class IncompleteWorkbookError(DataError):
    """A workbook that cannot be used; `book` is what could be read of it."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        super().__init__(book.problems)


def read_workbook(path: Path) -> Workbook:
    """Return the contents of signers.xlsx, which stays unchanged.

    Raise a MergeError if the file is not a workbook. Raise IncompleteWorkbookError, with all
    problems, if a sheet or a heading is missing, two headings give the same placeholder, or no one
    takes part.
    """
    return _WorkbookReader(read_excel_file(path), path.with_name(LIST_FILE)).read()


def parse_workbook(data: bytes, file: str, folder: Path | None = None) -> Workbook:
    """Return what can be read from a workbook's bytes.

    The list of signers is searched in `folder`, if there is one. `file` is its name in messages.
    Raise a MergeError if it is not a workbook.
    """
    try:
        return _WorkbookReader(parse_excel_file(data, file), folder and folder / LIST_FILE).read()
    except IncompleteWorkbookError as error:
        return error.book


def find_list_sheet(book: ExcelFile) -> Sheet | None:
    """Return the sheet of people in the list of signers, or None.

    Staff may have renamed it. It is the one called Signers. Otherwise, it is the first with an ID
    and a Name column that is not one of the others.
    """
    names = [sheet.name for sheet in book.sheets]
    signers_name = next((n for n in names if folded(n) == folded(LIST_SHEETS[0])), "")
    for name in [signers_name] if signers_name else [n for n in names if n not in LIST_SHEETS]:
        sheet = book.sheet(name)
        if signers_name or any(
            {"id", "name"} <= _heading_placeholders(row) for row in sheet.rows[:FIRST_ROWS]
        ):
            return sheet
    return None


def list_sheet_missing_problem(file: str) -> Problem:
    """Return the error that the list has no sheet of people."""
    return messages.problem("list-sheet-missing", Place(file))


def _heading_placeholders(row: SheetRow) -> set[str]:
    return {heading_placeholder(str(cell.value)) for cell in row.cells}


class _WorkbookReader:
    """Reads the workbook sheet by sheet, and collects problems."""

    def __init__(self, book: ExcelFile, list_path: Path | None) -> None:
        self._book, self._list_path = book, list_path
        self._list: ExcelFile | None = None
        self._list_table: SheetTable | None = None
        self._values = ValueReader(book.file, book.date1904)
        self._problems: list[Problem] = []
        self._undecided_people: tuple[UndecidedPerson, ...] = ()

    def read(self) -> Workbook:
        if self._is_the_list():
            raise DataError(messages.problem("workbook-is-list", Place(self._book.file)))
        sheet = self._optional_sheet("Settings")
        settings = Settings(self._book.file)
        if sheet:
            settings, settings_problems = read_settings(sheet, self._values)
            self._problems += settings_problems
        path = self._list_path
        if settings.signers_from_forms == "read" and path and path.is_file():
            self._list = read_excel_file(path)
        signers = self._read_people("Signers", "signer", settings)
        recipients = self._read_people("Recipients", "recipient", settings)
        groups = {"signer": signers, "recipient": recipients}
        pairing = None
        if signers and recipients and signers.people.persons and recipients.people.persons:
            pairing = self._read_pairing({"signer": signers, "recipient": recipients}, settings)
        unread = frozenset(root for root, group in groups.items() if not group)
        book = Workbook(
            file=self._book.file,
            signers=self._people_or_empty(signers, "signer"),
            recipients=self._people_or_empty(recipients, "recipient"),
            pairing=pairing or PairingRules(self._book.file),
            settings=settings,
            problems=self._sorted_problems(),
            excluded_people=tuple(
                p for group in (signers, recipients) if group for p in group.excluded
            ),
            unreadable_roots=unread if pairing else unread | {"pair"},
            sheets=tuple(sheet.name for sheet in self._book.sheets),
            undecided_people=self._undecided_people,
        )
        if not pairing:
            raise IncompleteWorkbookError(book)
        return book

    def _is_the_list(self) -> bool:
        """Return whether someone replaced the workbook with the list."""
        names = {folded(sheet.name) for sheet in self._book.sheets}
        return set(map(folded, LIST_SHEETS[1:])) <= names and not self._find_sheet("Recipients")

    def _people_or_empty(self, group: SheetPeople | None, kind: SheetKind) -> People:
        return group.people if group else People(kind, (PeopleSheet(self._book.file, ""),), (), ())

    def _read_people(self, name: str, kind: SheetKind, settings: Settings) -> SheetPeople | None:
        query = TableQuery(
            ("Name",), _OPTIONAL_HEADINGS[kind], settings.language, kind == "recipient"
        )
        tables = []
        has_list = kind == "signer" and self._list is not None
        is_needed = not (
            has_list and (self._find_sheet(name) or not self._similar_sheet_name(name))
        )
        if sheet := self._people_sheet(name, kind, is_needed=is_needed):
            tables.append(self._read_table(sheet, query, settings))
        elif is_needed:
            return None
        if has_list:
            tables.append(self._read_list_table(query, settings))
        complete_tables = [table for table in tables if table]
        if not complete_tables or len(complete_tables) < len(tables):
            return None
        people, people_problems = read_people(
            complete_tables, kind, settings.match, settings.sort_by
        )
        self._problems += people_problems
        return people

    def _people_sheet(self, name: str, kind: SheetKind, *, is_needed: bool) -> Sheet | None:
        sheet = self._find_sheet(name)
        if not is_needed:
            return sheet if sheet and not all(map(_is_blank_row, sheet.rows)) else None
        if not sheet:
            similar_name, sheet_names = (
                self._similar_sheet_name(name),
                [s.name for s in self._book.sheets],
            )
            self._problems.append(
                messages.problem(
                    "sheet-missing",
                    Place(self._book.file),
                    sheet=name,
                    found=sheet_names or None,
                    near=similar_name or None,
                    people=None if similar_name else f"{kind}s",
                )
            )
        return sheet

    def _read_list_table(self, query: TableQuery, settings: Settings) -> SheetTable | None:
        assert self._list is not None  # noqa: S101 - the caller has checked it
        sheet = find_list_sheet(self._list)
        if sheet is None:
            self._problems.append(list_sheet_missing_problem(self._list.file))
            return None
        values = ValueReader(self._list.file, self._list.date1904)
        self._list_table = table = self._read_table(sheet, query, settings, values)
        if table is None:
            return None
        self._undecided_people = tuple(
            _undecided_person(row)
            for row in table.rows
            if not is_included(row) and _is_undecided(row)
        )
        if self._undecided_people:
            place = table.place(placeholder="to_decide")
            self._problems.append(
                messages.problem("form-to-decide", place, people=len(self._undecided_people))
            )
        return replace(table, note_placeholders=_LIST_NOTES)

    def _read_pairing(
        self, groups: Mapping[str, SheetPeople], settings: Settings
    ) -> PairingRules | None:
        match = self._match_placeholder(settings, groups)
        sheet = self._optional_sheet("Pairs")
        if not sheet or not sheet.rows:
            return PairingRules(self._book.file, match=match)
        query = TableQuery(("Signer", "Recipient"), ("Include",), settings.language)
        table = self._read_table(sheet, query, settings)
        people_list = self._list_table
        pairing, pair_problems = read_pairs(table, groups, people_list) if table else (None, ())
        self._problems += pair_problems
        return replace(pairing, match=match) if pairing else None

    def _match_placeholder(self, settings: Settings, groups: Mapping[str, SheetPeople]) -> str:
        """Return the Match column's placeholder; empty unless both sheets have it."""
        signers, recipients = groups["signer"].people, groups["recipient"].people
        column_errors = list(column_problems(settings, signers, recipients))
        self._problems += column_errors
        if not settings.match or any(p.place == settings.place("match") for p in column_errors):
            return ""
        self._problems += unmatched_warning(settings, signers, recipients)
        self._problems += unmatched_warning(settings, recipients, signers)
        return settings.match

    def _read_table(
        self,
        sheet: Sheet,
        query: TableQuery,
        settings: Settings,
        values: ValueReader | None = None,
    ) -> SheetTable | None:
        table, table_problems = read_table(sheet, values or self._values, query)
        self._problems += table_problems
        reads_hidden_rows = folded(settings.fields.get("hidden_rows", "")) == "read"
        if not table or reads_hidden_rows or settings.hidden_rows == "skip":
            return table if reads_hidden_rows else table and table.without_hidden_rows()
        self._problems += hidden_rows_warning(table.place(), table.rows)
        return table

    def _find_sheet(self, name: str) -> Sheet | None:
        """Return the sheet with a name, or with the name's translation.

        Capitals and spaces do not count.
        """
        names = [s.name for s in self._book.sheets]
        matching_names = [n for n in names if folded(n) == folded(name)]
        if not matching_names:
            translations = set(map(plain_letters, sheet_words(name)))
            matching_names = [n for n in names if plain_letters(n) in translations]
            if len(matching_names) > 1:
                place = Place(self._book.file)
                self._problems.append(
                    messages.problem("sheet-unclear", place, sheet=name, sheets=matching_names)
                )
        chosen_name = name if name in matching_names else next(iter(matching_names), None)
        return self._book.sheet(chosen_name) if chosen_name else None

    def _optional_sheet(self, name: str) -> Sheet | None:
        sheet = self._find_sheet(name)
        similar_name = "" if sheet else self._similar_sheet_name(name)
        if similar_name:
            place = Place(self._book.file, similar_name)
            self._problems.append(
                messages.problem("sheet-near", place, near=similar_name, sheet=name)
            )
        return sheet

    def _similar_sheet_name(self, name: str) -> str:
        known = {plain_letters(word) for sheet in _SHEET_NAMES for word in sheet_words(sheet)}
        other_names = [s.name for s in self._book.sheets if plain_letters(s.name) not in known]
        similar_names = (
            nearest_word(word, other_names, 0.8, plain_letters) for word in sheet_words(name)
        )
        return next(filter(None, similar_names), "")

    def _sorted_problems(self) -> tuple[Problem, ...]:
        sheet_numbers = {s.name: number for number, s in enumerate(self._book.sheets)}

        def sort_key(problem: Problem) -> tuple[bool, int, int, int]:
            place = problem.place
            is_listed = place.file != self._book.file
            return is_listed, sheet_numbers.get(place.sheet, -1), place.row, place.column

        return tuple(sorted(dict.fromkeys(self._problems), key=sort_key))


def _undecided_person(row: DataRow) -> UndecidedPerson:
    name, own_id, reason = (
        str(row.fields.get(placeholder, BLANK)).strip()
        for placeholder in ("name", "id", "to_decide")
    )
    return UndecidedPerson(row.number, name, own_id, reason)


def _is_undecided(row: DataRow) -> bool:
    """Return whether a list row has a reason other than withdrawn consent."""
    reason = row.fields.get("to_decide", BLANK).strip()
    return bool(reason) and WITHDRAWN_REASON not in reason.split("; ")


def _is_blank_row(row: SheetRow) -> bool:
    return all(map(is_blank_cell, row.cells))
