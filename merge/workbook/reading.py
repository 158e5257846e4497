"""signers.xlsx as a whole, with everything that is wrong with it at once.

Where a list of signers from forms lies beside it, its people are further signers.
Errors that leave nothing to go on with (no sheet, no headings, nobody) are raised, all at once;
what else is wrong is in `Workbook.problems`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from merge import messages
from merge.errors import DataError
from merge.excel.reader import ExcelFile, Row, Sheet, parse_excel_file, read_excel_file
from merge.naming import nearest_word
from merge.people import Pair, People, PeopleSheet, Person, SheetKind
from merge.problems import Place, Problem
from merge.text.folding import folded, plain_letters
from merge.values import BLANK
from merge.workbook.pairs import Pairing, column_problems, read_pairs, unmatched_warning
from merge.workbook.people import SheetPeople, is_included, read_people
from merge.workbook.settings import Settings, read_settings
from merge.workbook.table import (
    FIRST_ROWS,
    DataRow,
    Table,
    TableQuery,
    ValueReader,
    heading_placeholder,
    hidden_rows_warning,
    is_blank_cell,
    read_table,
)
from merge.workbook.translated_words import sheet_words

LIST_FILE = "signers from forms.xlsx"
"""The list of signers that came from forms: beside the workbook, shared by program and staff."""

LIST_SHEETS = ("Signers", "Forms", "Memory")
"""The list's sheets: of people, of what goes where, and hidden the program's own."""

WITHDRAWN_REASON = "consent withdrawn"
"""The reason under To decide in the list, if a person withdrew: there is nothing to review."""

_LIST_NOTES = frozenset({"include", "to_decide"})
"""Columns of the list that say something of their rows, and are no tags."""

_SHEET_NAMES = ("Signers", "Recipients", "Pairs", "Settings")
_SIGNER_HEADINGS = ("ID", "Include", "Name checked")
_OPTIONAL_HEADINGS: Mapping[SheetKind, tuple[str, ...]] = {
    "signer": _SIGNER_HEADINGS,
    "recipient": (*_SIGNER_HEADINGS, "Template", "Language", "Salutation"),
}
"""The headings that mean something to the program, beside Name."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """The people who write and who are written to, who to whom, and what is common to all.

    `left_out` are those whom Include or Hidden rows leaves out, of both sheets. `problems` are
    warnings, and errors of single cells and rows, from sheet to sheet and top to bottom.
    """

    file: str
    signers: People
    recipients: People
    pairing: Pairing
    settings: Settings
    problems: tuple[Problem, ...]
    excluded_people: tuple[Person, ...] = ()
    unreadable_roots: frozenset[str] = frozenset()
    """The roots of tags whose sheets cannot be read; what they would offer is not known."""
    sheets: tuple[str, ...] = ()
    """The names of all its sheets."""
    undecided_count: int = 0
    """People of the list who wait for a decision of staff's."""

    @property
    def persons(self) -> tuple[Person, ...]:
        """The signers, then the recipients."""
        return (*self.signers.persons, *self.recipients.persons)

    @property
    def all_people(self) -> tuple[Person, ...]:
        """The same, and then those who are left out."""
        return (*self.persons, *self.excluded_people)

    @property
    def listed_signer_count(self) -> int | None:
        """Return how many signers are from the list beside it; None where no list is read."""
        if self.signers.sheets[-1].file == self.file:
            return None
        return sum(person.sheet.file != self.file for person in self.signers.persons)

    @property
    def fields(self) -> Mapping[str, frozenset[str]]:
        """Return what tags can name: each sheet's tags, by the root that they stand behind."""
        return {
            "signer": frozenset(column.placeholder for column in self.signers.columns),
            "recipient": frozenset(column.placeholder for column in self.recipients.columns),
            "pair": frozenset(column.placeholder for column in self.pairing.columns),
            "settings": frozenset(self.settings.fields),
        }

    def pairs(self) -> Iterator[Pair]:
        """Yield all pairs, signer by signer in the order of the workbook; none is held."""
        return self.pairing.pairs(self.signers.persons, self.recipients.persons)

    @property
    def pair_count(self) -> int:
        """Return how many pairs there are."""
        return self.pairing.count(self.signers.persons, self.recipients.persons)


class IncompleteWorkbookError(DataError):
    """A workbook with which nothing can be done; `book` is what could be read of it."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        super().__init__(book.problems)


def read_workbook(path: Path) -> Workbook:
    """Read signers.xlsx, for reading only.

    Raise a MergeError where the file is no workbook; IncompleteWorkbookError, with every problem
    found, where a sheet or a heading is missing, two headings make one tag, or nobody takes part.
    """
    return _WorkbookReader(read_excel_file(path), path.with_name(LIST_FILE)).read()


def parse_workbook(data: bytes, file: str, folder: Path | None = None) -> Workbook:
    """Return what can be read of a workbook's bytes, as if it were in a folder.

    `file` is its name in messages. Raise a MergeError if it is not a workbook.
    """
    try:
        return _WorkbookReader(parse_excel_file(data, file), folder and folder / LIST_FILE).read()
    except IncompleteWorkbookError as error:
        return error.book


def find_list_sheet(book: ExcelFile) -> Sheet | None:
    """Return the list's sheet of people, which staff may have renamed; None where there is none.

    It is the one called Signers, else the first that is none of the others and has an ID and a
    Name.
    """
    names = [sheet.name for sheet in book.sheets]
    own = next((n for n in names if folded(n) == folded(LIST_SHEETS[0])), "")
    for name in [own] if own else [n for n in names if n not in LIST_SHEETS]:
        sheet = book.sheet(name)
        if own or any(
            {"id", "name"} <= _heading_placeholders(row) for row in sheet.rows[:FIRST_ROWS]
        ):
            return sheet
    return None


def list_sheet_missing_problem(file: str) -> Problem:
    """Return the error that a list has no sheet of people any more."""
    return messages.problem("list-sheet-missing", Place(file))


def _heading_placeholders(row: Row) -> set[str]:
    return {heading_placeholder(str(cell.value)) for cell in row.cells}


class _WorkbookReader:
    """Reads sheet after sheet; what is wrong gathers in `problems`."""

    def __init__(self, book: ExcelFile, listed: Path | None) -> None:
        self._book, self._list_path = book, listed
        self._list: ExcelFile | None = None
        self._values = ValueReader(book.file, book.date1904)
        self._problems: list[Problem] = []
        self._undecided_count = 0

    def read(self) -> Workbook:
        if self._is_the_list():
            raise DataError(messages.problem("workbook-is-list", Place(self._book.file)))
        sheet = self._optional_sheet("Settings")
        settings = Settings(self._book.file)
        if sheet:
            settings, wrong = read_settings(sheet, self._values)
            self._problems += wrong
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
            pairing=pairing or Pairing(self._book.file),
            settings=settings,
            problems=self._sorted_problems(),
            excluded_people=tuple(
                p for group in (signers, recipients) if group for p in group.excluded
            ),
            unreadable_roots=unread if pairing else unread | {"pair"},
            sheets=tuple(sheet.name for sheet in self._book.sheets),
            undecided_count=self._undecided_count,
        )
        if not pairing:
            raise IncompleteWorkbookError(book)
        return book

    def _is_the_list(self) -> bool:
        """Return whether somebody put the list in the place of the workbook."""
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
        found = [table for table in tables if table]
        if not found or len(found) < len(tables):
            return None
        people, wrong = read_people(found, kind, settings.match, settings.sort_by)
        self._problems += wrong
        return people

    def _people_sheet(self, name: str, kind: SheetKind, *, is_needed: bool) -> Sheet | None:
        sheet = self._find_sheet(name)
        if not is_needed:
            return sheet if sheet and not all(map(_is_blank_row, sheet.rows)) else None
        if not sheet:
            near, found = self._similar_sheet_name(name), [s.name for s in self._book.sheets]
            self._problems.append(
                messages.problem(
                    "sheet-missing",
                    Place(self._book.file),
                    sheet=name,
                    found=found or None,
                    near=near or None,
                    people=None if near else f"{kind}s",
                )
            )
        return sheet

    def _read_list_table(self, query: TableQuery, settings: Settings) -> Table | None:
        assert self._list is not None  # noqa: S101 - who calls has looked
        sheet = find_list_sheet(self._list)
        if sheet is None:
            self._problems.append(list_sheet_missing_problem(self._list.file))
            return None
        values = ValueReader(self._list.file, self._list.date1904)
        table = self._read_table(sheet, query, settings, values)
        if table is None:
            return None
        waiting = [row for row in table.rows if not is_included(row) and _is_undecided(row)]
        self._undecided_count = len(waiting)
        if waiting:
            place = table.place(placeholder="to_decide")
            self._problems.append(messages.problem("form-to-decide", place, people=len(waiting)))
        return replace(table, note_placeholders=_LIST_NOTES)

    def _read_pairing(
        self, groups: Mapping[str, SheetPeople], settings: Settings
    ) -> Pairing | None:
        match = self._match_placeholder(settings, groups)
        sheet = self._optional_sheet("Pairs")
        if not sheet or not sheet.rows:
            return Pairing(self._book.file, match=match)
        query = TableQuery(("Signer", "Recipient"), ("Include",), settings.language)
        table = self._read_table(sheet, query, settings)
        pairing, wrong = read_pairs(table, groups) if table else (None, ())
        self._problems += wrong
        return replace(pairing, match=match) if pairing else None

    def _match_placeholder(self, settings: Settings, groups: Mapping[str, SheetPeople]) -> str:
        """Return the tag of the column that Match names; empty where it is not in both sheets."""
        signers, recipients = groups["signer"].people, groups["recipient"].people
        wrong = list(column_problems(settings, signers, recipients))
        self._problems += wrong
        if not settings.match or any(p.place == settings.place("match") for p in wrong):
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
    ) -> Table | None:
        table, wrong = read_table(sheet, values or self._values, query)
        self._problems += wrong
        decided = folded(settings.fields.get("hidden_rows", "")) == "read"
        if not table or decided or settings.hidden_rows == "skip":
            return table if decided else table and table.without_hidden_rows()
        self._problems += hidden_rows_warning(table.place(), table.rows)
        return table

    def _find_sheet(self, name: str) -> Sheet | None:
        """Return the sheet of that name, or of a translation; capitals and blanks do not count."""
        names = [s.name for s in self._book.sheets]
        alike = [n for n in names if folded(n) == folded(name)]
        if not alike:
            words = set(map(plain_letters, sheet_words(name)))
            alike = [n for n in names if plain_letters(n) in words]
            if len(alike) > 1:
                place = Place(self._book.file)
                self._problems.append(
                    messages.problem("sheet-unclear", place, sheet=name, sheets=alike)
                )
        chosen = name if name in alike else next(iter(alike), None)
        return self._book.sheet(chosen) if chosen else None

    def _optional_sheet(self, name: str) -> Sheet | None:
        sheet = self._find_sheet(name)
        near = "" if sheet else self._similar_sheet_name(name)
        if near:
            place = Place(self._book.file, near)
            self._problems.append(messages.problem("sheet-near", place, near=near, sheet=name))
        return sheet

    def _similar_sheet_name(self, name: str) -> str:
        known = {plain_letters(word) for sheet in _SHEET_NAMES for word in sheet_words(sheet)}
        others = [s.name for s in self._book.sheets if plain_letters(s.name) not in known]
        found = (nearest_word(word, others, 0.8, plain_letters) for word in sheet_words(name))
        return next(filter(None, found), "")

    def _sorted_problems(self) -> tuple[Problem, ...]:
        sheets = {s.name: number for number, s in enumerate(self._book.sheets)}

        def order(problem: Problem) -> tuple[bool, int, int, int]:
            place = problem.place
            is_listed = place.file != self._book.file
            return is_listed, sheets.get(place.sheet, -1), place.row, place.column

        return tuple(sorted(dict.fromkeys(self._problems), key=order))


def _is_undecided(row: DataRow) -> bool:
    """Return whether a reason stands there, and none of them is that the person withdrew."""
    reason = row.fields.get("to_decide", BLANK).strip()
    return bool(reason) and WITHDRAWN_REASON not in reason.split("; ")


def _is_blank_row(row: Row) -> bool:
    return all(map(is_blank_cell, row.cells))
