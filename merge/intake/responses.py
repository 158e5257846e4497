"""Responses from the rows of an export and a column plan.

Rows that are skipped get a reason, and cells that may be wrong a remark. Each row that may be a
person is one response; later steps find out who it is. Nothing is corrected: a cell is unchanged,
except that the plan joins columns.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from merge.countries import country_code_of_cell
from merge.intake.column_cells import split_label
from merge.intake.consent import asks_for_refusal, is_prohibition, verdict
from merge.intake.destinations import (
    ADDRESS,
    CONSENT,
    COUNTRY,
    DECEASED,
    DO_NOT_IMPORT,
    EMAIL,
    HOUSE_NUMBER,
    NAME,
    NOT_LIST_COLUMNS,
    NUMBERED_PART,
    POSTAL_CODE,
    RESPONSE_DATE,
    RESPONSE_ID,
    SPLIT_BY_LABELS,
    SURNAME_FIRST,
    Destination,
    base_heading,
    numbered_part,
)
from merge.intake.form_types import (
    CollectedResponses,
    ColumnPlan,
    Doubt,
    ExportRow,
    FormColumn,
    FormExport,
    FormResponse,
    ResponseCellRemark,
    SkippedRow,
    SkipReason,
)
from merge.intake.form_words import (
    FINISHED_HEADINGS,
    NAME_SUFFIXES,
    ORGANISATION_WORDS,
    PROGRESS_HEADINGS,
    STATUS_HEADINGS,
    UNFINISHED_WORDS,
)
from merge.intake.headings import NEWSLETTER, meaning
from merge.intake.layout import usual_width
from merge.intake.times import SubmissionTimes, parse_moment, read_moments
from merge.naming import placeholder_name
from merge.text.folding import folded, plain_letters
from merge.workbook.plausibility import (
    fixed_capitals,
    has_lost_letters,
    is_scientific,
    is_unfilled,
    name_issues,
)
from merge.workbook.postcodes import restored_postcodes
from merge.workbook.translated_words import canonical_placeholder, says_no

_VALUE_SEPARATOR = " ::: "
"""Google's separator between several values in one cell."""


_CODE_AFTER_CITY = {"AU", "CA", "GB", "IE", "IN", "NZ", "US"}


def has_code_after_city(country: str) -> bool:
    """Return True if the postal code comes after the city in this country."""
    return country_code_of_cell(country) in _CODE_AFTER_CITY


def collect_responses(export: FormExport, plan: ColumnPlan) -> CollectedResponses:
    """Return the responses in an export, both consenting and refusing.

    If no column is about consent, everyone agrees. Staff confirm this with the plan.
    """
    reader = _ResponseReader(export, plan)
    people: list[FormResponse] = []
    refusals: list[FormResponse] = []
    not_taken = [SkippedRow(row, reason) for row, reason in plan.skipped_rows.items()]
    for row in reader.rows:
        reason = reader.skip_reason(row)
        response = reader.response(row)
        if reason == "no-consent":
            is_unanswered, unclear = (
                reader.has_blank_consent(row.cells),
                reader.unclear_consent(row.cells),
            )
            refusal = replace(
                response, agrees=False, is_unanswered=is_unanswered, unclear_consent=unclear
            )
            refusals.append(refusal)
        elif reason:
            not_taken.append(SkippedRow(row.number, reason, response.fields.get(NAME, "")))
        else:
            people.append(response)
    remarks = tuple(reader.remarks(people))
    not_taken.sort(key=lambda row: row.row)
    return CollectedResponses(tuple(people), tuple(refusals), tuple(not_taken), remarks)


RowCells = tuple[str, ...]


@dataclass(frozen=True)
class _ResponseReader:
    """A reader of the rows of an export by a column plan."""

    export: FormExport
    plan: ColumnPlan

    @cached_property
    def rows(self) -> Sequence[ExportRow]:
        other_rows = {*self.plan.heading_rows, *self.plan.skipped_rows}
        return [row for row in self.export.rows if row.number not in other_rows]

    @cached_property
    def _columns_by_destination(self) -> Mapping[Destination, Sequence[FormColumn]]:
        columns: dict[Destination, list[FormColumn]] = {}
        for column in self.plan.columns:
            columns.setdefault(column.goes_to, []).append(column)
        return columns

    def _columns_for(self, goes_to: Destination) -> Sequence[FormColumn]:
        return self._columns_by_destination.get(goes_to, ())

    @cached_property
    def _list_columns(self) -> Sequence[FormColumn]:
        """Columns of the export that fill the list, in order."""
        return [column for column in self.plan.columns if column.goes_to not in NOT_LIST_COLUMNS]

    @cached_property
    def _columns_by_meaning(self) -> Mapping[str, Sequence[FormColumn]]:
        """Columns that fill no column of the list, by the meaning of headings."""
        columns: dict[str, list[FormColumn]] = {}
        for column in self.plan.columns:
            question, slash, part = column.heading.rpartition(" / ")
            heading_meaning = meaning(part, question) if slash else meaning(column.heading)
            columns.setdefault(heading_meaning.field, []).append(column)
        return columns

    # Why a row is skipped.

    def skip_reason(self, row: ExportRow) -> SkipReason | None:
        """Return why a row is skipped, or None if it is a person's response."""
        cells = row.cells
        has_name = any(_cell(cells, c) for c in self._name_columns)
        filled = [at for at, cell in enumerate(cells) if cell]
        if self._is_note(row, filled):
            return "note"
        if not any(at in self._content_columns for at in filled):
            return "blank"
        if self._is_incomplete(cells):
            return "incomplete"
        if self._is_organisation(cells, has_name=has_name):
            return "organisation"
        if not self._has_consent(cells):
            has_key = any(
                _cell(cells, c) for g in (EMAIL, RESPONSE_ID) for c in self._columns_for(g)
            )
            return "no-consent" if has_name or has_key else "no-name"
        return None if has_name else "no-name"

    @cached_property
    def _name_columns(self) -> Sequence[FormColumn]:
        return [c for c in self._list_columns if base_heading(c.goes_to) == NAME]

    @cached_property
    def _content_columns(self) -> frozenset[int]:
        """Numbers of the export's columns with content, not IDs or times."""
        without_content = {RESPONSE_DATE, RESPONSE_ID}
        return frozenset(
            c.number for c in self.plan.columns if c.goes_to not in without_content
        ) - {c.number for c in self.plan.columns if c.goes_to == DO_NOT_IMPORT}

    @cached_property
    def _last_full_row(self) -> int:
        """Number of the last row with more than one filled cell."""
        full = (row.number for row in reversed(self.rows) if sum(map(bool, row.cells)) > 1)
        return next(full, 0)

    @cached_property
    def _usual_width(self) -> int:
        return usual_width(self.rows)

    def _is_note(self, row: ExportRow, filled: Sequence[int]) -> bool:
        """Return True if a row is a note below the table, or between its rows."""
        if len(filled) != 1 or self._usual_width < 2 or len(self.plan.columns) < 3:
            return False
        at = filled[0]
        text = row.cells[at]
        if at in {c.number for c in self._columns_for(RESPONSE_DATE)}:
            return parse_moment(text) is None and parse_moment(text, "month first") is None
        if at in {c.number for c in self._columns_for(RESPONSE_ID)}:
            return " " in text
        is_wordy = len(text.split()) > 4 or bool(re.search(r"[:;©*]|\d", text))
        if at in {c.number for c in self._name_columns}:
            after_gap = row.number > self._last_full_row + 1
            return is_wordy or (row.number > self._last_full_row and after_gap)
        return row.number > self._last_full_row or is_wordy

    def _is_incomplete(self, cells: RowCells) -> bool:
        """Return True if a row's response was never submitted, or not accepted.

        LimeSurvey leaves submitdate blank; the Status of another program is `Partial`.
        """
        submit_columns = [c for c in self._columns_for(RESPONSE_DATE) if _is_submit_date(c.heading)]
        if (
            submit_columns
            and submit_columns[0].filled_count > 0
            and not _cell(cells, submit_columns[0])
        ):
            return True
        return any(_is_unfinished(c.heading, _cell(cells, c)) for c in self._status_columns)

    @cached_property
    def _status_columns(self) -> Sequence[FormColumn]:
        """Unused columns in which a program says whether a response is complete."""
        unused = self._columns_for(DO_NOT_IMPORT)
        return [c for c in unused if plain_letters(c.heading).strip("_ ") in STATUS_HEADINGS]

    def _is_organisation(self, cells: RowCells, *, has_name: bool) -> bool:
        for column in self._columns_by_meaning.get("kind", ()):
            if plain_letters(_cell(cells, column)) in ORGANISATION_WORDS:
                return True
        names = self._columns_by_meaning.get("Organisation", ())
        return not has_name and any(_cell(cells, column) for column in names)

    def _has_consent(self, cells: RowCells) -> bool:
        """Return True if every consent column says yes, and no other column no."""
        return not self._has_refusal(cells) and not any(self._consent_cells_without_yes(cells))

    def _has_refusal(self, cells: RowCells) -> bool:
        if any(verdict(_cell(cells, column)) == "yes" for column in self._forbidding_columns):
            return True
        return any(says_no(_cell(cells, column)) for column in self._include_columns)

    def _consent_cells_without_yes(self, cells: RowCells) -> Iterator[tuple[str, str]]:
        """Yield each consent cell that does not mean yes, with its heading."""
        for column, yes in self._consent_columns:
            text = _cell(cells, column)
            if not text or folded(text) not in yes:
                yield text, column.heading

    def unclear_consent(self, cells: RowCells) -> str:
        """Return the text about consent of a refusing row, if not a plain no."""
        cells_without_yes = [*self._consent_cells_without_yes(cells)]
        if self._has_refusal(cells) or any(
            verdict(*cell_and_heading) == "no" for cell_and_heading in cells_without_yes
        ):
            return ""
        return "; ".join(text for text, _ in cells_without_yes)

    def has_blank_consent(self, cells: RowCells) -> bool:
        """Return True if all consent columns of a row are blank."""
        return bool(self._consent_columns) and not any(
            _cell(cells, column) for column, _ in self._consent_columns
        )

    @cached_property
    def _include_columns(self) -> Sequence[FormColumn]:
        """Include columns, if the file is another campaign's workbook or list."""
        unused = self._columns_for(DO_NOT_IMPORT)
        return [
            column
            for column in unused
            if canonical_placeholder(placeholder_name(column.heading)) == "include"
        ]

    @cached_property
    def _forbidding_columns(self) -> Sequence[FormColumn]:
        """Unused columns in which yes means no: `Please do not print my name`."""
        return [
            column
            for column in self._columns_for(DO_NOT_IMPORT)
            if _is_forbidding_heading(column.heading)
        ]

    @cached_property
    def _consent_columns(self) -> Sequence[tuple[FormColumn, frozenset[str]]]:
        return [(c, frozenset(map(folded, c.yes_words))) for c in self._columns_for(CONSENT)]

    # A row as a response.

    def response(self, row: ExportRow) -> FormResponse:
        """Return a row as a response that agrees, whether or not it does."""
        fields = self._list_cells(row, row.cells)
        repaired = self._repaired_cells(row)
        proposal = (
            self._list_cells(row, repaired).get(NAME, "") if repaired is not row.cells else ""
        )
        doubts = tuple(self._doubts(row, fields, is_repaired=repaired is not row.cells))
        return FormResponse(
            row=row.number,
            fields=fields,
            submission_id=self._key_text(row.cells, RESPONSE_ID),
            email=folded(self._key_text(row.cells, EMAIL)),
            submitted_at=self._time_by_row[row.number],
            time_rank=self._time_rank_by_row[row.number],
            doubts=doubts,
            proposed_name=proposal if proposal != fields.get(NAME, "") else "",
            source_text="\x1f".join(row.cells),
        )

    def _key_text(self, cells: RowCells, goal: Destination) -> str:
        texts = (_cell(cells, column) for column in self._columns_for(goal))
        values = (text.partition(_VALUE_SEPARATOR)[0] for text in texts if not is_unfilled(text))
        return next((text for text in values if text), "")

    def _repaired_cells(self, row: ExportRow) -> RowCells:
        """Return the cells of a row, with broken accents repaired."""
        numbers = {column.number for column in self._list_columns} & row.repaired_cells.keys()
        if not numbers:
            return row.cells
        return tuple(
            row.repaired_cells[at] if at in numbers else c for at, c in enumerate(row.cells)
        )

    def _list_cells(self, row: ExportRow, cells: RowCells) -> dict[str, str]:
        """Return the list's cells that a row fills, without blank cells."""
        parts: dict[str, list[tuple[int, FormColumn, str]]] = {}
        values: dict[str, str] = {}
        for column in self._list_columns:
            text = _cell(cells, column)
            if not text:
                continue
            if column.goes_to.endswith(SPLIT_BY_LABELS):
                for goes_to, value in self._split_by_labels(text):
                    heading, number = numbered_part(goes_to)
                    parts.setdefault(heading, []).append((number, column, value))
                continue
            if column.goes_to.endswith(SURNAME_FIRST):
                text = _given_name_first(text)
            elif base_heading(column.goes_to) == ADDRESS and column.number in row.spaced_cells:
                text = row.spaced_cells[column.number].replace("  ", "\n")
            heading, number = numbered_part(column.goes_to)
            parts.setdefault(heading, []).append((number, column, text))
        country = self._country(cells, parts)
        for heading, heading_parts in parts.items():
            heading_parts.sort(key=lambda part: part[0])
            values[heading] = self._join_parts(heading, heading_parts, country)
        return values

    def _split_by_labels(self, text: str) -> Iterator[tuple[Destination, str]]:
        for line in text.splitlines():
            name, value = split_label(line)
            if value and name in self.plan.label_destinations:
                yield self.plan.label_destinations[name], value

    def _country(
        self, cells: RowCells, parts: Mapping[str, Sequence[tuple[int, FormColumn, str]]]
    ) -> str:
        for heading, heading_parts in parts.items():
            if meaning(heading).field == COUNTRY:
                return heading_parts[0][2]
        columns = self._columns_by_meaning.get(COUNTRY, ())
        return next((text for c in columns if (text := _cell(cells, c))), "")

    def _join_parts(
        self, heading: str, parts: Sequence[tuple[int, FormColumn, str]], country: str
    ) -> str:
        texts = [text for _, _, text in parts]
        if heading == NAME:
            return " ".join(" ".join(texts).split())
        if heading in self._code_and_city_headings:
            if has_code_after_city(country):
                texts.reverse()
            return " ".join(texts)
        numbers = [i for i, (_, c, _) in enumerate(parts) if c.goes_to.endswith(HOUSE_NUMBER)]
        if numbers and len(parts) > 1:
            return _join_house_number(parts, numbers[0])
        return ", ".join(texts)

    @cached_property
    def _code_and_city_headings(self) -> frozenset[str]:
        """Headings whose cells contain postal code and city."""
        goals = {*self._columns_by_destination, *self.plan.label_destinations.values()}
        parts = filter(None, map(NUMBERED_PART.fullmatch, goals))
        return frozenset(part[1] for part in parts if meaning(part[1]).field == "City")

    # Order of the responses.

    @cached_property
    def _submission_times(self) -> SubmissionTimes:
        columns = self._columns_for(RESPONSE_DATE)
        if not columns:
            return SubmissionTimes((None,) * len(self.rows))
        return read_moments([_cell(row.cells, columns[0]) for row in self.rows])

    @cached_property
    def _time_by_row(self) -> Mapping[int, dt.datetime | None]:
        return dict(
            zip((row.number for row in self.rows), self._submission_times.moments, strict=True)
        )

    @cached_property
    def _time_rank_by_row(self) -> Mapping[int, int]:
        """The rank of each row by submission time, or by row number without times."""
        moments = self._submission_times.moments
        if not any(moments):
            return {row.number: at for at, row in enumerate(self.rows)}
        ranks = {at: rank for rank, at in enumerate(sorted({m for m in moments if m}), 1)}
        pairs = zip(self.rows, moments, strict=True)
        return {row.number: ranks[m] if m else 0 for row, m in pairs}

    # Doubts and remarks.

    def _doubts(
        self, row: ExportRow, fields: Mapping[str, str], *, is_repaired: bool
    ) -> Iterator[Doubt]:
        name = fields.get(NAME, "")
        if is_repaired:
            yield "broken-accents"
        elif doubts := [*name_issues(name)] if name else []:
            yield from doubts
        elif self._has_half_name(row, name):
            yield "half-name"
        others = (text for heading, text in fields.items() if heading != NAME)
        if not is_repaired and not has_lost_letters(name) and any(map(has_lost_letters, others)):
            yield "lost-letters"
        if self._has_wrong_width(row):
            yield "ragged"
        if row.is_misquoted:
            yield "quotes"
        if row.is_hidden:
            yield "hidden"
        if any(_says_deceased(_cell(row.cells, c)) for c in self._columns_for(DECEASED)):
            yield "deceased"

    def _has_half_name(self, row: ExportRow, name: str) -> bool:
        """Return True if a row has only a first or a last name, of one word."""
        name_columns = [c for c in self._list_columns if base_heading(c.goes_to) == NAME]
        filled = sum(bool(_cell(row.cells, column)) for column in name_columns)
        return len(name_columns) > 1 and filled == 1 and len(name.split()) == 1

    def _has_wrong_width(self, row: ExportRow) -> bool:
        """Return True if a row of the export has too many or too few cells.

        Its cells may be shifted.
        """
        width = len(self.plan.columns)
        if 0 < self.plan.reordered_from <= row.number or any(row.cells[width:]):
            return True
        return self.export.kind == "csv" and len(row.cells) < self._minimum_width

    @cached_property
    def _minimum_width(self) -> int:
        """Least number of cells in a row, up to the last column with a heading."""
        with_heading = [c.number for c in self.plan.columns if not c.heading.startswith("(column ")]
        return max(with_heading, default=-1) + 1

    def remarks(self, people: Sequence[FormResponse]) -> Iterator[ResponseCellRemark]:
        """Yield remarks about people's cells, which are not changed."""
        for response in people:
            name = response.fields.get(NAME, "")
            is_name = not {"test", "not-a-name", "ragged", "quotes"} & set(response.doubts)
            if is_name and (proposed_name := fixed_capitals(name)):
                yield ResponseCellRemark(
                    response.row, NAME, "capitals", proposal=proposed_name, fixed_cell=proposed_name
                )
            for heading, text in response.fields.items():
                if is_scientific(text):
                    yield ResponseCellRemark(response.row, heading, "scientific")
        yield from self._postal_code_remarks(people)
        if not self._submission_times.is_clear:
            yield ResponseCellRemark(
                0, self._columns_for(RESPONSE_DATE)[0].heading, "dates-unclear"
            )

    def _postal_code_remarks(self, people: Sequence[FormResponse]) -> Iterator[ResponseCellRemark]:
        rows = {row.number: row for row in self.rows}
        codes_and_countries = [
            (a.row, self._postal_code(rows[a.row]), self._country_of(rows[a.row])) for a in people
        ]
        cities = {a.row: " ".join(self._cities_of(a)) for a in people}
        heading, codes = (
            self._postal_code_heading,
            {row: code for row, code, _ in codes_and_countries},
        )
        cells = {response.row: response.fields.get(heading, "") for response in people}
        for row, complete_code in restored_postcodes(codes_and_countries, cities).items():
            fixed_cell = _replace_code(cells[row], codes[row], complete_code)
            yield ResponseCellRemark(
                row, heading, "lost-zeros", proposal=complete_code, fixed_cell=fixed_cell
            )

    def _cities_of(self, response: FormResponse) -> Iterator[str]:
        for heading, text in response.fields.items():
            if meaning(heading).field in {"City", "Postal code and city"}:
                yield text

    def _country_of(self, row: ExportRow) -> str:
        columns = self._columns_by_meaning.get(COUNTRY, ())
        country = next((text for c in columns if (text := _cell(row.cells, c))), "")
        return country or self._labelled_value(row, COUNTRY)

    @cached_property
    def _postal_code_column(self) -> FormColumn | None:
        """The column that has only postal codes, if the form has such a column."""
        for column in self._list_columns:
            base, _ = numbered_part(column.goes_to)
            is_first = base in self._code_and_city_headings and column.goes_to.endswith("(1)")
            if is_first or meaning(base).field == POSTAL_CODE:
                return column
        return None

    @cached_property
    def _postal_code_heading(self) -> str:
        goes_to = (
            self._postal_code_column.goes_to
            if self._postal_code_column
            else self.plan.label_destinations.get(POSTAL_CODE, "")
        )
        return numbered_part(goes_to)[0]

    def _postal_code(self, row: ExportRow) -> str:
        return (
            _cell(row.cells, self._postal_code_column)
            if self._postal_code_column
            else self._labelled_value(row, POSTAL_CODE)
        )

    def _labelled_value(self, row: ExportRow, field: str) -> str:
        columns = [c for c in self._list_columns if c.goes_to.endswith(SPLIT_BY_LABELS)]
        lines = (line for c in columns for line in _cell(row.cells, c).splitlines())
        return next((value for n, value in map(split_label, lines) if n == field and value), "")


def _replace_code(cell: str, code: str, complete_code: str) -> str:
    """Return a cell with a corrected postal code in place of the short one."""
    words = cell.split(" ")
    return " ".join(complete_code if word == code else word for word in words)


def _is_forbidding_heading(heading: str) -> bool:
    field = meaning(heading).field
    return field != NEWSLETTER and (
        is_prohibition(heading) or (field == CONSENT and asks_for_refusal(heading))
    )


def _cell(cells: RowCells, column: FormColumn) -> str:
    return cells[column.number] if column.number < len(cells) else ""


def _given_name_first(text: str) -> str:
    """Return `Ana Ruiz` for `Ruiz, Ana`.

    A name with no comma, or several, is unchanged.
    """
    surname, comma, given_name = text.partition(",")
    if not comma or "," in given_name or plain_letters(given_name).strip(" .") in NAME_SUFFIXES:
        return text
    return f"{given_name.strip()} {surname.strip()}".strip()


def _join_house_number(parts: Sequence[tuple[int, FormColumn, str]], at: int) -> str:
    """Return a street with its house number, in the form's order of the two."""
    number, other_parts = parts[at], [part for part in parts if part is not parts[at]]
    street = other_parts[0]
    pair = [number[2], street[2]] if number[1].number < street[1].number else [street[2], number[2]]
    return ", ".join([" ".join(pair), *(text for _, _, text in other_parts[1:])])


def _is_submit_date(heading: str) -> bool:
    words = plain_letters(heading)
    return "submitdate" in words or "date submitted" in words or words == "submit date (utc)"


_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?) ?%?")


@lru_cache(maxsize=1024)
def _is_unfinished(heading: str, text: str) -> bool:
    """Return True if a program says that a response is not complete.

    It may also say that the response was not accepted.
    """
    word = plain_letters(text)
    if word in UNFINISHED_WORDS:
        return True
    name = plain_letters(heading).strip("_ ")
    if name in PROGRESS_HEADINGS:
        match = _NUMBER.fullmatch(word)
        return match is not None and float(match[1].replace(",", ".")) not in {1.0, 100.0}
    return name in FINISHED_HEADINGS and bool(word) and verdict(word) == "no"


def _says_deceased(text: str) -> bool:
    return bool(text) and not says_no(text) and text not in {"0", "-"}
