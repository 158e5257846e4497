"""The sheet Settings: a name and a value a row. Each is a fact for all letters as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from merge.excel.dates import known_language, written_date
from merge.excel.reader import Row, Sheet
from merge.model import BLANK, Place, Problem, Value
from merge.naming import folded, tag_name
from merge.workbook.table import ValueReader, heading_tag, looks_blank, merged_problems, nearest

KNOWN_SETTINGS = (
    "Campaign",
    "Template",
    "File name",
    "Date",
    "Language",
    "Hidden rows",
    "Match",
    "Sort by",
    "Pages",
    "Return address",
    "Envelope address",
)

_TITLES = {"name", "setting"}
_FIRST_ROWS = 20

HiddenRows = Literal["read", "leave out"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the sheet Settings says; the defaults where it is silent.

    `fields` holds every row by its tag, known or not; `cells` the place of each value. `language`
    is Babel's name of it. `match` and `sort_by` are tags, empty where nothing is set.
    """

    file: str
    sheet: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)
    cells: Mapping[str, Place] = field(default_factory=dict)
    campaign: str | None = None
    template: str | None = None
    file_name: str | None = None
    date: dt.date | None = None
    language: str = "en"
    hidden_rows: HiddenRows = "read"
    match: str = ""
    sort_by: str = ""
    pages: int = 1
    return_address: str | None = None

    def place(self, tag: str = "") -> Place:
        """The cell of a setting's value, or the whole sheet."""
        return self.cells.get(tag, Place(self.file, self.sheet))


@dataclass(frozen=True, slots=True)
class _SettingRow:
    """A row of the sheet."""

    name: Value
    tag: str
    named: Place
    place: Place
    value: Value


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where names and values stand, and the rows below the heading, if there is one."""

    name: int
    value: int
    rows: tuple[Row, ...]


def read_settings(sheet: Sheet, values: ValueReader, problems: list[Problem]) -> Settings:
    """The settings; what is wrong goes to `problems`, and the default stands instead."""
    layout = _layout(sheet)
    columns, numbers = sorted((layout.name, layout.value)), [r.number for r in layout.rows]
    problems += merged_problems(values.file, sheet, columns, numbers)
    language = _language_alone(list(_setting_rows(sheet, layout, values, "en")))
    facts = list(_setting_rows(sheet, layout, values, language))
    problems += _display_problems(sheet, layout, values)
    problems += _hidden_warning(Place(values.file, sheet.name), layout)
    problems += (p for fact in facts for p in _setting_problems(fact))
    problems += _duplicate_settings(facts)
    named = {fact.tag: fact for fact in reversed(facts) if fact.tag}
    return _settings(values.file, sheet.name, named, problems)


def _layout(sheet: Sheet) -> _Layout:
    """Below a row `Name | Value`; without one, the first two columns that are used."""
    for number, row in enumerate(sheet.rows[:_FIRST_ROWS]):
        columns = {heading_tag(str(c.value)): c.column for c in row.cells}
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
        if not (looks_blank(name) and looks_blank(value)) or name.fault or value.fault:
            place = Place(values.file, sheet.name, layout.value, row.number)
            named = replace(place, column=layout.name)
            yield _SettingRow(name, heading_tag(name), named, place, value)


def _language_alone(facts: list[_SettingRow]) -> str:
    """The language that the values must be made in, before they are made."""
    return next((known_language(f.value) for f in facts if f.tag == "language"), "") or "en"


def _display_problems(sheet: Sheet, layout: _Layout, values: ValueReader) -> Iterator[Problem]:
    for row in layout.rows:
        for cell in row.cells:
            doubt = values.doubt(sheet.name, cell)
            if doubt and cell.column == layout.value:
                yield doubt


def _hidden_warning(place: Place, layout: _Layout) -> Iterator[Problem]:
    """Hidden settings always count: the setting that leaves hidden rows out may be one."""
    count = sum(row.hidden for row in layout.rows)
    if count:
        are = "setting is" if count == 1 else "settings are"
        what = f"{count} {are} hidden here, by hand or by a filter, and used all the same."
        yield Problem("hidden-rows", place, what, "Show all rows (Data, Clear).", "warning")


def _setting_problems(fact: _SettingRow) -> Iterator[Problem]:
    yield from (v.fault for v in (fact.name, fact.value) if v.fault)
    if not fact.tag and not fact.name.fault:
        what = "this setting has no name." if looks_blank(fact.name) else _no_letter(fact.name)
        hint = "Write a name to the left of its value, or empty the row."
        yield Problem("setting-without-name", fact.named, what, hint)
    known = {tag_name(k): k for k in KNOWN_SETTINGS}
    near = nearest(fact.name, KNOWN_SETTINGS, 0.8)
    if fact.tag not in known and near:
        what = f"'{fact.name.strip()}' is no setting of the program, only a fact for the letters."
        hint = f"If it should be the setting {near}, write {near}."
        yield Problem("setting-unknown", fact.named, what, hint, "warning")


def _no_letter(name: str) -> str:
    return f"the name '{name.strip()}' of this setting has no letter."


def _duplicate_settings(facts: list[_SettingRow]) -> Iterator[Problem]:
    first: dict[str, _SettingRow] = {}
    for fact in facts:
        if fact.tag in first:
            what = f"'{fact.name.strip()}' is also set in {first[fact.tag].named.cell}."
            yield Problem("setting-twice", fact.named, what, "Delete one of the two rows.")
        elif fact.tag:
            first[fact.tag] = fact


def _settings(
    file: str, sheet: str, facts: Mapping[str, _SettingRow], problems: list[Problem]
) -> Settings:
    usable = {t: f for t, f in facts.items() if not f.value.fault and not looks_blank(f.value)}
    language = _language(usable.get("language"), problems)
    return Settings(
        file=file,
        sheet=sheet,
        fields={tag: fact.value for tag, fact in facts.items()},
        cells={tag: fact.place for tag, fact in facts.items()},
        campaign=_text(usable.get("campaign")),
        template=_text(usable.get("template")),
        file_name=_text(usable.get("file_name")),
        date=_date(usable.get("date"), language, problems),
        language=language,
        hidden_rows=_hidden_rows(usable.get("hidden_rows"), problems),
        match=tag_name(_text(usable.get("match")) or ""),
        sort_by=tag_name(_text(usable.get("sort_by")) or ""),
        pages=_pages(usable.get("pages"), problems),
        return_address=_text(usable.get("return_address")),
    )


def _text(fact: _SettingRow | None) -> str | None:
    return str(fact.value).strip() if fact else None


def _language(fact: _SettingRow | None, problems: list[Problem]) -> str:
    found = known_language(fact.value) if fact else "en"
    if fact and not found:
        what = f"there is no language '{fact.value.strip()}'."
        hint = "Write its code: en, fr, de, es, ru, ar…"
        problems.append(Problem("setting-language", fact.place, what, hint))
    return found or "en"


def _date(fact: _SettingRow | None, language: str, problems: list[Problem]) -> dt.date | None:
    if not fact:
        return None
    plain = fact.value.plain
    if isinstance(plain, dt.datetime):
        return plain.date()
    found = plain if isinstance(plain, dt.date) else written_date(fact.value, language)
    if not found:
        what = f"'{fact.value.strip()}' is no date, or could be two."
        hint = "Write it as year-month-day, for instance 2026-03-04."
        problems.append(Problem("setting-date", fact.place, what, hint))
    return found


def _hidden_rows(fact: _SettingRow | None, problems: list[Problem]) -> HiddenRows:
    word = folded(fact.value) if fact else "read"
    if fact and word not in {"read", "leave out"}:
        what = f"Hidden rows is '{fact.value.strip()}'; it can be read or leave out."
        hint = "Write read or leave out in this cell."
        problems.append(Problem("setting-hidden-rows", fact.place, what, hint))
    return "leave out" if word == "leave out" else "read"


def _pages(fact: _SettingRow | None, problems: list[Problem]) -> int:
    words = folded(fact.value) if fact else "1"
    pages = int(words) if words.isdecimal() and len(words) < 5 else 0
    if fact and not pages:
        what = f"Pages is '{fact.value.strip()}'; it can be 1 or a greater whole number."
        hint = "Write how many pages a letter may have."
        problems.append(Problem("setting-pages", fact.place, what, hint))
    return pages or 1
