"""Warnings and errors about names, columns and cells that may be wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from merge import messages
from merge.excel.dates import babel_language, language_name, month_and_weekday_names, month_numbers
from merge.naming import nearest_word, placeholder_name
from merge.people import Column, People, Person
from merge.problems import Fault, Place, Problem
from merge.product import TEMPLATES_FOLDER
from merge.template.campaign_templates import Templates
from merge.template.tags import Tag
from merge.text.accents import repair_accents
from merge.text.folding import folded, plain_letters, script_of, skeleton
from merge.values import BLANK, WorkbookValue
from merge.workbook.pairs import PairingRules
from merge.workbook.plausibility import has_capitals, is_lower_case_name, is_unfilled, may_be_name
from merge.workbook.postcodes import restored_postcodes
from merge.workbook.reading import LIST_FILE
from merge.workbook.translated_words import HEADINGS, says_no, says_yes


def name_warnings(people: People) -> Iterator[Problem]:
    """Yield warnings about names: spaces, digits, mixed scripts, look-alikes."""
    for person in people.persons:
        if not says_yes(person.fields.get("name_checked", BLANK)):
            for warning in _warnings_about_name(person.name):
                yield warning.to_problem(person.place("name"))
    yield from _similar_people_warnings(people)


def _warnings_about_name(name: str) -> Iterator[Fault]:
    if re.search(r"^\s|\s$|\s\s|[\n\t]", name):
        yield messages.fault("name-spaces")
    if is_lower_case_name(name):
        yield messages.fault("name-small-letters")
    if "@" in name or any(c.isdigit() for c in name):
        yield messages.fault("name-not-a-name")
    if len(name) == 1 and has_capitals(name):
        yield messages.fault("name-not-a-name/letter")
    elif may_be_name(name):
        yield messages.fault("name-not-a-name/word", name=name)
    scripts_by_word = (
        frozenset(map(script_of, filter(str.isalpha, word))) for word in name.split()
    )
    if any({"LATIN", "CYRILLIC"} <= scripts for scripts in scripts_by_word):
        yield messages.fault("name-mixed-letters")


def _similar_people_warnings(people: People) -> Iterator[Problem]:
    first_by_skeleton: dict[str, Person] = {}
    for person in people.persons:
        first_person = first_by_skeleton.setdefault(skeleton(person.name), person)
        if first_person is person:
            continue
        row, place = first_person.describe_row(person), person.place("name")
        if not person.has_namesake:
            yield messages.problem("people-alike", place, name=first_person.name, row=row)
        elif bool(person.id) != bool(first_person.id):
            yield messages.problem("people-alike/same", place, row=row)
        elif _have_same_cells(person, first_person):
            yield messages.problem("people-alike/ids", place, row=row)


def _have_same_cells(first: Person, second: Person) -> bool:
    """Return whether two people have other cells, and all of them are equal."""
    names = first.fields.keys() & second.fields.keys() - _PROGRAM_PLACEHOLDERS
    cells = [(str(first.fields[name]), str(second.fields[name])) for name in names]
    return any(one.strip() for one, _ in cells) and all(
        skeleton(one) == skeleton(other) for one, other in cells
    )


# Columns that no letter uses, or that are nearly the program's own; templates that no one uses.

_DECIDING_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "signer": ("Include", "ID"),
    "recipient": ("Include", "Template", "Language", "ID"),
    "pair": ("Include",),
}
"""Headings that decide about letters, by kind of sheet."""
_PROGRAM_PLACEHOLDERS = {"name", "id", "include", "name_checked"}
"""Placeholders of columns that the program reads in both sheets of people."""
_OFFICE_WORDS = {
    *("note", "notes", "comment", "comments", "remark", "remarks", "source", "consent", "internal"),
    *("email", "mail", "phone", "tel", "telephone", "mobile", "cell", "fax", "website"),
    *("courriel", "téléphone", "remarque", "remarques", "telefon", "bemerkung", "bemerkungen"),
    *("correo", "teléfono", "notas", "timestamp", "date", "status", "no", "nr"),
}
"""Words in headings of columns for the office's own use."""


@dataclass(frozen=True, slots=True)
class UnusedColumns:
    """The columns of a sheet that no template and no setting uses."""

    kind: str
    sheet: str
    sheet_placeholders: AbstractSet[str]
    """Placeholders of all columns of the sheet."""
    columns: tuple[Column, ...]
    cells: Callable[[str], Sequence[WorkbookValue]]
    """The cells of a column by its placeholder, blank ones included."""
    place: Callable[[str], Place]
    """The place of a column's heading, by its placeholder."""

    def filled_cells(self, column: Column) -> list[WorkbookValue]:
        """Return the cells of a column that are not blank."""
        return [value for value in self.cells(column.placeholder) if value.strip()]


def unused_people_columns(
    people: People, used_placeholders: AbstractSet[str]
) -> Iterator[UnusedColumns]:
    """Yield the columns of people that no letter uses, sheet by sheet.

    A column that is in several sheets belongs to the first.
    """
    always_used = _PROGRAM_PLACEHOLDERS | (
        {"template", "language"} if people.kind == "recipient" else set()
    )
    remaining = {c.placeholder for c in people.columns}
    for sheet in people.sheets:
        used_numbers = {
            c.number for c in sheet.columns if c.placeholder in {*used_placeholders, *always_used}
        }
        columns = (
            c for c in sheet.columns if c.number not in used_numbers and c.placeholder in remaining
        )
        persons = [person for person in people.persons if person.sheet is sheet]
        yield UnusedColumns(
            kind=people.kind,
            sheet=sheet.name,
            sheet_placeholders={c.placeholder for c in sheet.columns},
            columns=tuple(columns),
            cells=partial(_cells_of, persons),
            place=partial(sheet.place, sheet.heading_row),
        )
        remaining -= {c.placeholder for c in sheet.columns}


def _cells_of(persons: Iterable[Person], placeholder: str) -> list[WorkbookValue]:
    return [person.fields[placeholder] for person in persons]


def unused_pair_columns(
    pairing: PairingRules, used_placeholders: AbstractSet[str]
) -> UnusedColumns:
    """Return the columns of the Pairs sheet that no letter uses."""
    columns = tuple(c for c in pairing.columns if c.placeholder not in used_placeholders)
    rows = pairing.included_pairs.values()
    return UnusedColumns(
        kind="pair",
        sheet=pairing.sheet,
        sheet_placeholders=pairing.program_placeholders,
        columns=columns,
        cells=lambda placeholder: [row[placeholder] for row in rows if placeholder in row],
        place=pairing.place,
    )


def unused_column_problems(
    unused: UnusedColumns, files: Sequence[str], *, all_known: bool
) -> Iterator[Problem]:
    """Yield the problems of a sheet's unused columns.

    1. An error for each column that was probably meant to decide about letters. Its heading is
       similar to one of the program's and its cells fit, or its cells are names of templates
       (`files`).
    2. A warning for each column of yes and no, which may say who takes part.
    3. One warning for all others, if `all_known`: all templates could be read.
    """
    other_columns = []
    for column in unused.columns:
        if problem := _misnamed_column_problem(column, unused, files):
            yield problem
        elif _are_yes_no_answers(unused.cells(column.placeholder)):
            place = unused.place(column.placeholder)
            yield messages.problem("answers-unused", place, heading=column.heading)
        elif _OFFICE_WORDS.isdisjoint(column.placeholder.split("_")) and unused.filled_cells(
            column
        ):
            other_columns.append(column)
    if other_columns and all_known and unused.kind != "pair":
        yield _unused_columns_warning(other_columns, unused)


def _misnamed_column_problem(
    column: Column, unused: UnusedColumns, files: Sequence[str]
) -> Problem | None:
    """Return the error about a column that was meant to decide about letters.

    None for all other columns.
    """
    filled_cells, place, heading = (
        unused.filled_cells(column),
        unused.place(column.placeholder),
        column.heading,
    )
    placeholder_text = f"{{{{ {unused.kind}.{column.placeholder} }}}}"
    if intended := _intended_heading(column, unused, files):
        return messages.problem(
            _NEAR_HEADING_KEYS[intended], place, heading=heading, tag=placeholder_text
        )
    is_recipients = unused.kind == "recipient"
    if (is_recipients and "template" in unused.sheet_placeholders) or not _are_file_names(
        filled_cells, files
    ):
        return None
    file_names = [*dict.fromkeys(filled_cells)]
    if not is_recipients:
        key = "template-column/sheet"
        return messages.problem(key, place, heading=heading, templates=file_names)
    return messages.problem(
        "template-column", place, heading=heading, templates=file_names, tag=placeholder_text
    )


_NEAR_HEADING_KEYS = {
    "Include": "heading-near",
    "Template": "heading-near/template",
    "Language": "heading-near/language",
    "ID": "heading-near/id",
}
_NEAR_ID_PLACEHOLDERS = {"i_d", "ids", "id_no", "id_nr", "id_number", "id_code"}
_LONGEST_ID = 8
"""Length in characters; numbers of passports and ID cards are longer."""


def _intended_heading(column: Column, unused: UnusedColumns, files: Sequence[str]) -> str:
    """Return the program's heading that a column was meant to have, or ""."""
    filled_cells = unused.filled_cells(column)
    for heading in _DECIDING_HEADINGS[unused.kind]:
        if placeholder_name(heading) not in unused.sheet_placeholders and _is_near_heading(
            column.placeholder, heading
        ):
            if heading == "Include" and any(says_yes(v) or says_no(v) for v in filled_cells):
                return heading
            if heading == "Template" and any(_is_template_name(v, files) for v in filled_cells):
                return heading
            if heading == "Language" and any(map(babel_language, filled_cells)):
                return heading
            if heading == "ID" and _are_unique_ids(unused.cells(column.placeholder)):
                return heading
    return ""


def _is_near_heading(placeholder: str, heading: str) -> bool:
    if heading == "ID":
        return placeholder in _NEAR_ID_PLACEHOLDERS
    translations = (
        heading,
        *(w for translations in HEADINGS[heading].values() for w in translations),
    )
    plain_words = [plain_letters(placeholder_name(word)) for word in translations]
    plain_placeholder = plain_letters(placeholder)
    is_short_form = heading == "Language" and plain_placeholder == "lang"
    return (
        is_short_form
        or bool(nearest_word(plain_placeholder, plain_words, 0.8, str))
        or plain_words[0] in plain_placeholder.split("_")
    )


def _are_unique_ids(cells: Sequence[WorkbookValue]) -> bool:
    """Return whether every cell has a short text that no other cell has."""
    words = {folded(value) for value in cells}
    return "" not in words and len(words) == len(cells) and max(map(len, words)) <= _LONGEST_ID


def _is_template_name(text: str, files: Sequence[str]) -> bool:
    """Return whether text names a template file, possibly with a mistake."""
    has_extension = PurePath(text.strip()).suffix.lower() in {
        PurePath(f).suffix.lower() for f in files
    }
    stems = [PurePath(file).stem for file in files]
    return has_extension or bool(nearest_word(text, (*files, *stems), 0.75))


def _are_file_names(filled: Sequence[str], files: Sequence[str]) -> bool:
    """Return whether any cell is a file name.

    Names without extension count if every cell is one.
    """
    known_names, known_stems = {folded(f) for f in files}, {folded(PurePath(f).stem) for f in files}
    file_names = [folded(v.replace("\\", "/").rpartition("/")[2]) for v in filled]
    return bool(file_names) and (
        not known_names.isdisjoint(file_names) or known_stems.issuperset(file_names)
    )


def _are_yes_no_answers(cells: Sequence[str]) -> bool:
    """Return whether cells are only yes and no, and differ between rows."""
    filled_cells = [value for value in cells if value.strip()]
    if not filled_cells or not all(says_yes(v) or says_no(v) for v in filled_cells):
        return False
    has_no = any(map(says_no, filled_cells))
    has_both = has_no and any(map(says_yes, filled_cells))
    has_words = any(len(v.strip()) > 1 for v in filled_cells)
    return (has_both or has_words) and (has_no or len(filled_cells) < len(cells))


def _unused_columns_warning(columns: Sequence[Column], unused: UnusedColumns) -> Problem:
    place, placeholder_text = (
        unused.place(columns[0].placeholder),
        f"{{{{ {unused.kind}.{columns[0].placeholder} }}}}",
    )
    headings = [column.heading for column in columns]
    return messages.problem("column-unused", place, headings=headings, tag=placeholder_text)


def unused_template_warnings(
    templates: Templates, persons: Iterable[Person], excluded: Iterable[Person]
) -> Iterator[Problem]:
    """Yield a warning for each template file from which no letter is created.

    Conflict copies of a template have a warning of their own.
    """
    for name in unused_templates(templates, persons, excluded):
        if not templates.original_of(name):
            yield messages.problem("template-unused", Place(f"{TEMPLATES_FOLDER}/{name}"))


def unused_templates(
    templates: Templates, persons: Iterable[Person], excluded: Iterable[Person]
) -> Iterator[str]:
    """Yield the name of each template file from which no letter is created.

    The templates of excluded people count as used.
    """
    used_names = {templates.name_for(person) for person in persons} | {templates.default_name}
    excluded_names = {folded(p.fields.get("template", "")) for p in excluded}
    for name in templates.files:
        if name not in used_names and excluded_names.isdisjoint(
            {folded(name), folded(PurePath(name).stem)}
        ):
            yield name


# Cells of printed columns whose values are probably not what was meant.

_POSTCODE = re.compile(r"zip|post|plz|postal|postleit|postnr|cep$|cap$|индекс|код")
_COUNTRY = re.compile("country|land|pays|pa[ií]s|страна|staat")
_DATE = re.compile(
    r"(?:\w+,? )?(?:\d{1,2}(?:st|nd|rd|th)?[ -](?P<before>[A-Z][a-z]+)(?:[ ,-]+\d{2,4})?"
    r"|(?P<after>[A-Z][a-z]+)\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?)"
)
"""A complete cell: `28 November 2025`, `Friday, March 4th`, `Nov 28`."""


def cell_warnings(people: People, placeholders: Iterable[str]) -> Iterator[Problem]:
    """Yield warnings about cells of these columns.

    They may have leftover words, broken accents, dates among words, or postal codes without zeros.
    """
    headings = {column.placeholder: column.heading for column in people.columns}
    for placeholder in placeholders:
        if placeholder in headings:
            filled_cells = [
                (p, p.fields[placeholder]) for p in people.persons if p.fields[placeholder].strip()
            ]
            text_count = sum(value.native is None for _, value in filled_cells)
            mostly_words = text_count >= 2 and text_count > len(filled_cells) / 2
            for person, value in filled_cells:
                for warning in _warnings_about_value(value, mostly_words=mostly_words):
                    if (placeholder, warning.code) != (
                        "name",
                        "text-left-over",
                    ):  # already an error
                        yield warning.to_problem(person.place(placeholder))
            yield from _lost_zero_warnings(people, placeholder, filled_cells)


_FilledCells = Sequence[tuple[Person, WorkbookValue]]


def _warnings_about_value(value: WorkbookValue, *, mostly_words: bool) -> Iterator[Fault]:
    if is_unfilled(value):
        yield messages.fault("text-left-over", value=value.strip())
    if "{{" in value or "{%" in value:
        yield messages.fault("text-with-tag")
    if repaired_text := _repaired_text(value):
        yield messages.fault("text-broken-accents", value=value[:40], repaired=repaired_text[:40])
    if mostly_words and isinstance(value.native, dt.date):
        yield messages.fault("date-among-words", value=value)


def _repaired_text(text: str) -> str:
    """Return a cell's text with accents repaired, or "" if none was damaged."""
    if "\ufffd" in text:
        return text.replace("\ufffd", "?")
    return repair_accents(text) if repair_accents(_A_BEFORE_SPACE.sub("", text)) else ""


_A_BEFORE_SPACE = re.compile("[ÄÅ]\u00a0")
"""Either a broken letter, or a letter before a no-break space.

Other letters of the text must decide.
"""


def _lost_zero_warnings(
    people: People, placeholder: str, filled_cells: _FilledCells
) -> Iterator[Problem]:
    """Yield warnings about postal codes that probably lost a leading zero.

    They are compared with the usual length in their country, or with other codes of that country.
    """
    codes = [(person, _LEADING_CODE.match(value.strip())) for person, value in filled_cells]
    digit_values = [value for _, value in filled_cells if value.strip().isdigit()]
    has_zeros = any(v.strip().startswith("0") and v.native is None for v in digit_values)
    is_town = _TOWN.match(placeholder) is not None
    if not (_POSTCODE.search(placeholder) or has_zeros or is_town):
        return
    country_column = next(
        (match.placeholder for match in people.columns if _COUNTRY.match(match.placeholder)), ""
    )
    town_column = next(
        (match.placeholder for match in people.columns if _TOWN.match(match.placeholder)), ""
    )
    person_and_code = {
        n: (p, match) for n, (p, match) in enumerate(codes) if match and (not match[2] or is_town)
    }
    nearby_towns = {
        n: person.fields.get(town_column, BLANK) for n, (person, _) in person_and_code.items()
    }
    fixed_codes = restored_postcodes(
        [
            (n, code[1], person.fields.get(country_column, BLANK))
            for n, (person, code) in person_and_code.items()
        ],
        nearby_towns,
    )
    for number, fixed_code in fixed_codes.items():
        person, code = person_and_code[number]
        is_number = isinstance(person.fields[placeholder].native, int)
        if not (is_number or person.sheet.file == LIST_FILE):  # staff typed it as text
            continue
        place, key = person.place(placeholder), "number-lost-zeros"
        yield messages.problem(key, place, value=code[1], repaired=fixed_code)


_LEADING_CODE = re.compile(r"(\d{2,7})(\s+[^\W\d_].*)?$")
"""A postal code alone, or before a town."""
_TOWN = re.compile(r"(city|town|ort|ville|ciudad|город|місто|المدينة)")


_USUAL_LANGUAGES = ("en", "fr", "es", "de", "ru", "uk", "ar")
"""Languages whose names of months and days are recognised."""
_WORD = re.compile(r"[^\W\d_]{3,}")


def is_foreign_date(value: WorkbookValue, language: str) -> bool:
    """Return whether a value is a date in another language.

    The names of month and day show this. A date without names fits every language.
    """
    day = value.native
    if not isinstance(day, dt.date):
        match = _DATE.fullmatch(value)
        month = (match["before"] or match["after"]).lower() if match else ""
        return month in month_numbers("en") and month not in month_numbers(language)
    date_words = {folded(word) for word in _WORD.findall(value)}
    date_words -= month_and_weekday_names(day.month, day.weekday(), language)
    names_by_language = (
        month_and_weekday_names(day.month, day.weekday(), other_language)
        for other_language in _USUAL_LANGUAGES
    )
    return bool(date_words) and any(not date_words.isdisjoint(names) for names in names_by_language)


def foreign_date_warning(value: WorkbookValue, place: Place, tag: Tag, language: str) -> Problem:
    """Return the warning that a letter prints a date in another language."""
    if not isinstance(value.native, dt.date):
        return messages.problem("date-english", place, value=value)
    fields = {"value": value, "language": language_name(language)}
    if tag.field_label:
        return messages.problem("date-language/field", place, field=tag.field_label, **fields)
    return messages.problem("date-language", place, tag=f"{{{{ {tag.body}|date }}}}", **fields)
