"""The Settings sheet: a name and a value per row, also as placeholders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from merge import messages
from merge.excel.dates import babel_language, parse_written_date
from merge.excel.reader import Sheet, SheetRow
from merge.naming import nearest_word, placeholder_name
from merge.problems import Place, Problem
from merge.text.folding import folded
from merge.values import BLANK, WorkbookValue
from merge.workbook.table import (
    FIRST_ROWS,
    ValueReader,
    heading_placeholder,
    hidden_rows_warning,
    looks_blank,
    merged_problems,
)
from merge.workbook.translated_words import canonical_placeholder

KNOWN_SETTINGS = (
    "Campaign",
    "Template",
    "File name",
    "Date",
    "Language",
    "Hidden rows",
    "Signers from forms",
    "Merge fields",
    "Hidden text",
    "Match",
    "Sort by",
    "Pages",
    "Return address",
    "Envelope address",
)

_TRANSLATED = ("Template", "Date", "Language")
"""Settings whose names may be in another language.

They keep their own placeholder as well.
"""
_TITLES = {"name", "setting"}

ReadOrSkip = Literal["read", "skip"]
_READ_OR_SKIP: Mapping[str, ReadOrSkip] = {"read": "read", "skip": "skip"}
_KEEP_OR_REMOVE = {"keep": True, "remove": False}
_FIELD_ROOTS = {f"{side}{s}": side for side in ("recipient", "signer") for s in ("", "s")}
"""The words of settings, and their meanings."""
_Choice = TypeVar("_Choice")


@dataclass(frozen=True, slots=True)
class Settings:
    """The Settings sheet; a missing setting has its default.

    - `fields` has every row by its placeholder, known or not; `value_places` the place of each
      value.
    - `language` is Babel's name of it.
    - `merge_fields` is the root for a merge field whose column is in both sheets.
    - `match` and `sort_by` are placeholders; empty if they are not set.
    """

    file: str
    sheet: str = ""
    fields: Mapping[str, WorkbookValue] = field(default_factory=dict)
    value_places: Mapping[str, Place] = field(default_factory=dict)
    campaign: str | None = None
    template: str | None = None
    file_name: str | None = None
    date: dt.date | None = None
    language: str = "en"
    hidden_rows: ReadOrSkip = "read"
    signers_from_forms: ReadOrSkip = "read"
    merge_fields: str = ""
    keep_hidden_text: bool = False
    match: str = ""
    sort_by: str = ""
    pages: int = 1
    return_address: str | None = None

    def place(self, placeholder: str = "") -> Place:
        """Return the place of a setting's value, or of the Settings sheet."""
        return self.value_places.get(placeholder, Place(self.file, self.sheet))


@dataclass(frozen=True, slots=True)
class _SettingRow:
    """A row of the Settings sheet, with the places of its name and value."""

    name: WorkbookValue
    placeholder: str
    name_place: Place
    value_place: Place
    value: WorkbookValue


@dataclass(frozen=True, slots=True)
class _SettingsLayout:
    """Columns of names and values in the Settings sheet, and its rows.

    The rows are those below the headings.
    """

    name: int
    value: int
    rows: tuple[SheetRow, ...]


def read_settings(sheet: Sheet, values: ValueReader) -> tuple[Settings, list[Problem]]:
    """Return the settings and their problems, with defaults for bad values.

    Hidden settings always count, because the Hidden rows setting may be one.
    """
    layout = _layout(sheet)
    columns, row_numbers = sorted((layout.name, layout.value)), [r.number for r in layout.rows]
    problems = [*merged_problems(values.file, sheet, columns, row_numbers)]
    # The language setting is read first, because it changes how values are displayed.
    english_rows = list(_setting_rows(sheet, layout, values, "en"))
    english_rows += _translated_rows(english_rows)
    language = next(
        (babel_language(row.value) for row in english_rows if row.placeholder == "language"), ""
    )
    rows = list(_setting_rows(sheet, layout, values, language or "en"))
    for cell in (cell for row in layout.rows for cell in row.cells):
        warning = values.display_problem(sheet.name, cell)
        if warning and cell.column == layout.value:
            problems.append(warning)
    problems += hidden_rows_warning(Place(values.file, sheet.name), layout.rows, settings=True)
    problems += (p for row in rows for p in _setting_problems(row))
    problems += _duplicate_settings(rows)
    rows += _translated_rows(rows)
    row_by_placeholder = {row.placeholder: row for row in reversed(rows) if row.placeholder}
    settings, value_problems = _settings(values.file, sheet.name, row_by_placeholder)
    return settings, [*problems, *value_problems]


def _layout(sheet: Sheet) -> _SettingsLayout:
    """Return which columns and rows of the Settings sheet have the settings."""
    for number, row in enumerate(sheet.rows[:FIRST_ROWS]):
        columns = {
            canonical_placeholder(heading_placeholder(str(c.value))): c.column for c in row.cells
        }
        title_columns = [columns[t] for t in _TITLES if t in columns]
        if title_columns and "value" in columns:
            return _SettingsLayout(title_columns[0], columns["value"], sheet.rows[number + 1 :])
    first_column = min((r.cells[0].column for r in sheet.rows), default=1)
    return _SettingsLayout(first_column, first_column + 1, sheet.rows)


def _setting_rows(
    sheet: Sheet, layout: _SettingsLayout, values: ValueReader, language: str
) -> Iterator[_SettingRow]:
    for row in layout.rows:
        by_number = {c.column: values.value(sheet.name, c, language) for c in row.cells}
        name, value = (by_number.get(n, BLANK) for n in (layout.name, layout.value))
        if not (looks_blank(name) and looks_blank(value)) or name.problem or value.problem:
            value_place = Place(values.file, sheet.name, layout.value, row.number)
            name_place = replace(value_place, column=layout.name)
            yield _SettingRow(
                name=name,
                placeholder=heading_placeholder(name),
                name_place=name_place,
                value_place=value_place,
                value=value,
            )


def _translated_rows(rows: list[_SettingRow]) -> list[_SettingRow]:
    """Return rows named in another language, under the program's placeholder."""
    placeholders = {row.placeholder for row in rows}
    return [
        replace(row, placeholder=placeholder)
        for row in rows
        for placeholder in map(placeholder_name, _TRANSLATED)
        if placeholder not in placeholders and canonical_placeholder(row.placeholder) == placeholder
    ]


def _setting_problems(row: _SettingRow) -> Iterator[Problem]:
    yield from (v.problem for v in (row.name, row.value) if v.problem)
    name = row.name.strip()
    if not row.placeholder and not row.name.problem:
        yield (
            messages.problem("setting-without-name", row.name_place)
            if looks_blank(row.name)
            else messages.problem("setting-without-name/signs", row.name_place, name=name)
        )
    similar_name = nearest_word(row.name, KNOWN_SETTINGS, 0.8)
    if similar_name and canonical_placeholder(row.placeholder) not in map(
        placeholder_name, KNOWN_SETTINGS
    ):
        yield messages.problem("setting-unknown", row.name_place, name=name, near=similar_name)


def _duplicate_settings(rows: list[_SettingRow]) -> Iterator[Problem]:
    first_rows: dict[str, _SettingRow] = {}
    for row in rows:
        if row.placeholder in first_rows:
            name, cell = row.name.strip(), first_rows[row.placeholder].name_place.cell
            yield messages.problem("setting-twice", row.name_place, name=name, cell=cell)
        elif row.placeholder:
            first_rows[row.placeholder] = row


def _settings(
    file: str, sheet: str, rows: Mapping[str, _SettingRow]
) -> tuple[Settings, list[Problem]]:
    valid_rows = {t: r for t, r in rows.items() if not r.value.problem and not looks_blank(r.value)}
    texts = {placeholder: str(row.value).strip() for placeholder, row in valid_rows.items()}
    language, language_problem = _language(valid_rows.get("language"))
    date, date_problem = _date(valid_rows.get("date"), language)
    hidden_rows, hidden_rows_problem = _word_choice(
        valid_rows, "hidden_rows", _READ_OR_SKIP, "read"
    )
    signers_from_forms, forms_problem = _word_choice(
        valid_rows, "signers_from_forms", _READ_OR_SKIP, "read"
    )
    pages, pages_problem = _pages(valid_rows.get("pages"))
    merge_fields, merge_fields_problem = _word_choice(valid_rows, "merge_fields", _FIELD_ROOTS, "")
    keep_hidden_text, hidden_text_problem = _word_choice(
        valid_rows, "hidden_text", _KEEP_OR_REMOVE, default=False
    )
    problems = (
        *(language_problem, date_problem, hidden_rows_problem, forms_problem),
        *(merge_fields_problem, hidden_text_problem, pages_problem),
    )
    settings = Settings(
        file=file,
        sheet=sheet,
        fields={placeholder: row.value for placeholder, row in rows.items()}
        | _date_field(valid_rows.get("date"), date),
        value_places={placeholder: row.value_place for placeholder, row in rows.items()},
        campaign=texts.get("campaign"),
        template=texts.get("template"),
        file_name=texts.get("file_name"),
        date=date,
        language=language,
        hidden_rows=hidden_rows,
        signers_from_forms=signers_from_forms,
        merge_fields=merge_fields,
        keep_hidden_text=keep_hidden_text,
        match=placeholder_name(texts.get("match", "")),
        sort_by=placeholder_name(texts.get("sort_by", "")),
        pages=pages,
        return_address=texts.get("return_address"),
    )
    return settings, [problem for problem in problems if problem]


def _language(row: _SettingRow | None) -> tuple[str, Problem | None]:
    language = babel_language(row.value) if row else "en"
    if row and not language:
        return "en", messages.problem(
            "setting-language", row.value_place, language=row.value.strip()
        )
    return language, None


def _date_field(row: _SettingRow | None, date: dt.date | None) -> dict[str, WorkbookValue]:
    """Return the Date setting as a date, if staff typed the date as text."""
    if not row or not date or row.value.native is not None:
        return {}
    return {row.placeholder: WorkbookValue(row.value, date)}


def _date(row: _SettingRow | None, language: str) -> tuple[dt.date | None, Problem | None]:
    if not row:
        return None, None
    plain = row.value.native
    if isinstance(plain, dt.datetime):
        return plain.date(), None
    date = plain if isinstance(plain, dt.date) else parse_written_date(row.value, language)
    if not date:
        return None, messages.problem("setting-date", row.value_place, date=row.value.strip())
    return date, None


def _word_choice(
    rows: Mapping[str, _SettingRow],
    placeholder: str,
    words: Mapping[str, _Choice],
    default: _Choice,
) -> tuple[_Choice, Problem | None]:
    """Return the meaning of a setting's word, or the default and the problem."""
    if placeholder not in rows:
        return default, None
    row = rows[placeholder]
    if folded(row.value) in words:
        return words[folded(row.value)], None
    key = f"setting-{placeholder.replace('_', '-')}"
    return default, messages.problem(key, row.value_place, value=row.value.strip())


def _pages(row: _SettingRow | None) -> tuple[int, Problem | None]:
    words = folded(row.value) if row else "1"
    pages = int(words) if words.isdecimal() and len(words) < 5 else 0
    if row and not pages:
        return 1, messages.problem("setting-pages", row.value_place, value=row.value.strip())
    return pages, None
