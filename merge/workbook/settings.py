"""The sheet Settings: a name and a value a row. Each is a fact for all letters as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from merge import messages
from merge.excel.dates import babel_language, parse_written_date
from merge.excel.reader import Row, Sheet
from merge.naming import nearest_word, placeholder_name
from merge.problems import Place, Problem
from merge.text.folding import folded
from merge.values import BLANK, Value
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
"""Settings whose names may be in another language; they keep their own tag as well."""
_TITLES = {"name", "setting"}

ReadOrSkip = Literal["read", "skip"]
_READ_OR_SKIP: Mapping[str, ReadOrSkip] = {"read": "read", "skip": "skip"}
_KEEP_OR_REMOVE = {"keep": True, "remove": False}
_FIELD_ROOTS = {f"{side}{s}": side for side in ("recipient", "signer") for s in ("", "s")}
"""The words that settings know, and what they stand for."""
_Choice = TypeVar("_Choice")


@dataclass(frozen=True, slots=True)
class Settings:
    """The sheet Settings; the defaults where it is silent.

    `fields` holds every row by its tag, known or not; `cells` the place of each value. `language`
    is Babel's name of it. `merge_fields` is the root whose column a merge field means that both
    sheets have. `match` and `sort_by` are tags, empty where nothing is set.
    """

    file: str
    sheet: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)
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
        """Return the cell of a setting's value, or the whole sheet."""
        return self.value_places.get(placeholder, Place(self.file, self.sheet))


@dataclass(frozen=True, slots=True)
class _SettingRow:
    """A row of the sheet: `named` is the place of its name, `place` that of its value."""

    name: Value
    placeholder: str
    name_place: Place
    value_place: Place
    value: Value


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of names and values, and the rows below the heading, if there is one."""

    name: int
    value: int
    rows: tuple[Row, ...]


def read_settings(sheet: Sheet, values: ValueReader) -> tuple[Settings, list[Problem]]:
    """Read the settings, and what is wrong; where something is, the default stands instead.

    Hidden settings always count: the setting that leaves hidden rows out may be one.
    """
    layout = _layout(sheet)
    columns, numbers = sorted((layout.name, layout.value)), [r.number for r in layout.rows]
    problems = [*merged_problems(values.file, sheet, columns, numbers)]
    # The language that the values must be made in comes before they are made.
    early = list(_setting_rows(sheet, layout, values, "en"))
    early += _translated_rows(early)
    language = next(
        (babel_language(row.value) for row in early if row.placeholder == "language"), ""
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
    named = {row.placeholder: row for row in reversed(rows) if row.placeholder}
    settings, wrong = _settings(values.file, sheet.name, named)
    return settings, [*problems, *wrong]


def _layout(sheet: Sheet) -> _Layout:
    """Find the row `Name | FieldValue`; without one, the first two columns that are used count."""
    for number, row in enumerate(sheet.rows[:FIRST_ROWS]):
        columns = {
            canonical_placeholder(heading_placeholder(str(c.value))): c.column for c in row.cells
        }
        titles = [columns[t] for t in _TITLES if t in columns]
        if titles and "value" in columns:
            return _Layout(titles[0], columns["value"], sheet.rows[number + 1 :])
    first = min((r.cells[0].column for r in sheet.rows), default=1)
    return _Layout(first, first + 1, sheet.rows)


def _setting_rows(
    sheet: Sheet, layout: _Layout, values: ValueReader, language: str
) -> Iterator[_SettingRow]:
    for row in layout.rows:
        by_number = {c.column: values.value(sheet.name, c, language) for c in row.cells}
        name, value = (by_number.get(n, BLANK) for n in (layout.name, layout.value))
        if not (looks_blank(name) and looks_blank(value)) or name.problem or value.problem:
            place = Place(values.file, sheet.name, layout.value, row.number)
            named = replace(place, column=layout.name)
            yield _SettingRow(
                name=name,
                placeholder=heading_placeholder(name),
                name_place=named,
                value_place=place,
                value=value,
            )


def _translated_rows(rows: list[_SettingRow]) -> list[_SettingRow]:
    """Return the rows whose name is a setting in another language, under the program's own tag."""
    there = {row.placeholder for row in rows}
    return [
        replace(row, placeholder=tag)
        for row in rows
        for tag in map(placeholder_name, _TRANSLATED)
        if tag not in there and canonical_placeholder(row.placeholder) == tag
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
    near = nearest_word(row.name, KNOWN_SETTINGS, 0.8)
    if near and canonical_placeholder(row.placeholder) not in map(placeholder_name, KNOWN_SETTINGS):
        yield messages.problem("setting-unknown", row.name_place, name=name, near=near)


def _duplicate_settings(rows: list[_SettingRow]) -> Iterator[Problem]:
    first: dict[str, _SettingRow] = {}
    for row in rows:
        if row.placeholder in first:
            name, cell = row.name.strip(), first[row.placeholder].name_place.cell
            yield messages.problem("setting-twice", row.name_place, name=name, cell=cell)
        elif row.placeholder:
            first[row.placeholder] = row


def _settings(
    file: str, sheet: str, rows: Mapping[str, _SettingRow]
) -> tuple[Settings, list[Problem]]:
    usable = {t: r for t, r in rows.items() if not r.value.problem and not looks_blank(r.value)}
    texts = {tag: str(row.value).strip() for tag, row in usable.items()}
    language, wrong_language = _language(usable.get("language"))
    date, wrong_date = _date(usable.get("date"), language)
    hidden_rows, wrong_word = _word_choice(usable, "hidden_rows", _READ_OR_SKIP, "read")
    listed, wrong_list = _word_choice(usable, "signers_from_forms", _READ_OR_SKIP, "read")
    pages, wrong_number = _pages(usable.get("pages"))
    merge_fields, wrong_owner = _word_choice(usable, "merge_fields", _FIELD_ROOTS, "")
    keep_hidden_text, wrong_choice = _word_choice(
        usable, "hidden_text", _KEEP_OR_REMOVE, default=False
    )
    found = (wrong_language, wrong_date, wrong_word, wrong_list, wrong_owner, wrong_choice)
    wrong = filter(None, (*found, wrong_number))
    settings = Settings(
        file=file,
        sheet=sheet,
        fields={tag: row.value for tag, row in rows.items()}
        | _date_field(usable.get("date"), date),
        value_places={tag: row.value_place for tag, row in rows.items()},
        campaign=texts.get("campaign"),
        template=texts.get("template"),
        file_name=texts.get("file_name"),
        date=date,
        language=language,
        hidden_rows=hidden_rows,
        signers_from_forms=listed,
        merge_fields=merge_fields,
        keep_hidden_text=keep_hidden_text,
        match=placeholder_name(texts.get("match", "")),
        sort_by=placeholder_name(texts.get("sort_by", "")),
        pages=pages,
        return_address=texts.get("return_address"),
    )
    return settings, [*wrong]


def _language(row: _SettingRow | None) -> tuple[str, Problem | None]:
    found = babel_language(row.value) if row else "en"
    if row and not found:
        return "en", messages.problem(
            "setting-language", row.value_place, language=row.value.strip()
        )
    return found, None


def _date_field(row: _SettingRow | None, date: dt.date | None) -> dict[str, Value]:
    """Return the setting Date as a value that can be formatted, though it was typed as text."""
    if not row or not date or row.value.native is not None:
        return {}
    return {row.placeholder: Value(row.value, date)}


def _date(row: _SettingRow | None, language: str) -> tuple[dt.date | None, Problem | None]:
    if not row:
        return None, None
    plain = row.value.native
    if isinstance(plain, dt.datetime):
        return plain.date(), None
    found = plain if isinstance(plain, dt.date) else parse_written_date(row.value, language)
    if not found:
        return None, messages.problem("setting-date", row.value_place, date=row.value.strip())
    return found, None


def _word_choice(
    rows: Mapping[str, _SettingRow], tag: str, words: Mapping[str, _Choice], default: _Choice
) -> tuple[_Choice, Problem | None]:
    """Return what the word of a setting stands for, else the default, and what is wrong."""
    if tag not in rows:
        return default, None
    row = rows[tag]
    if folded(row.value) in words:
        return words[folded(row.value)], None
    key = f"setting-{tag.replace('_', '-')}"
    return default, messages.problem(key, row.value_place, value=row.value.strip())


def _pages(row: _SettingRow | None) -> tuple[int, Problem | None]:
    words = folded(row.value) if row else "1"
    pages = int(words) if words.isdecimal() and len(words) < 5 else 0
    if row and not pages:
        return 1, messages.problem("setting-pages", row.value_place, value=row.value.strip())
    return pages, None
