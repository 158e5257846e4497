"""Names, columns and cells that are probably not what somebody meant: wrong, or doubtful."""

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
from merge.values import BLANK, Value
from merge.workbook.pairs import Pairing
from merge.workbook.plausibility import has_capitals, is_lower_case_name, is_unfilled, may_be_name
from merge.workbook.postcodes import restored_postcodes
from merge.workbook.reading import LIST_FILE
from merge.workbook.translated_words import HEADINGS, says_no, says_yes


def name_warnings(people: People) -> Iterator[Problem]:
    """Warn of spaces, small letters, addresses and digits, mixed scripts, people who look alike."""
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
    words = (frozenset(map(script_of, filter(str.isalpha, word))) for word in name.split())
    if any({"LATIN", "CYRILLIC"} <= scripts for scripts in words):
        yield messages.fault("name-mixed-letters")


def _similar_people_warnings(people: People) -> Iterator[Problem]:
    seen: dict[str, Person] = {}
    for person in people.persons:
        first = seen.setdefault(skeleton(person.name), person)
        if first is person:
            continue
        row, place = first.describe_row(person), person.place("name")
        if not person.has_namesake:
            yield messages.problem("people-alike", place, name=first.name, row=row)
        elif bool(person.id) != bool(first.id):
            yield messages.problem("people-alike/same", place, row=row)


# Columns that no letter uses, or that are nearly the program's own; templates that nobody uses.

_DECIDING_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "signer": ("Include", "ID"),
    "recipient": ("Include", "Template", "Language", "ID"),
    "pair": ("Include",),
}
"""Headings that decide about letters, by the sheet."""
_PROGRAM_PLACEHOLDERS = {"name", "id", "include", "name_checked"}
"""Tags of columns that the program itself reads in both sheets of people."""
_OFFICE_WORDS = {
    *("note", "notes", "comment", "comments", "remark", "remarks", "source", "consent", "internal"),
    *("email", "mail", "phone", "tel", "telephone", "mobile", "cell", "fax", "website"),
    *("courriel", "téléphone", "remarque", "remarques", "telefon", "bemerkung", "bemerkungen"),
    *("correo", "teléfono", "notas", "timestamp", "date", "status", "no", "nr"),
}
"""Words in the headings of columns that offices keep beside what they print."""


@dataclass(frozen=True, slots=True)
class UnusedColumns:
    """The columns of a sheet that neither a template nor a setting uses, with what they hold."""

    kind: str
    sheet: str
    sheet_placeholders: AbstractSet[str]
    """The tags of the program's own columns that the sheet has."""
    columns: tuple[Column, ...]
    cells: Callable[[str], Sequence[Value]]
    """The cells of a column, by its tag; a blank one for each row that has none."""
    place: Callable[[str], Place]
    """The heading of a column, by its tag."""

    def filled_cells(self, column: Column) -> list[Value]:
        """Return the cells of a column that are not blank."""
        return [value for value in self.cells(column.placeholder) if value.strip()]


def unused_people_columns(people: People, used: AbstractSet[str]) -> Iterator[UnusedColumns]:
    """Yield the columns of people of which no letter uses the tag, sheet by sheet.

    What stands in an earlier sheet as well is told there.
    """
    needed = _PROGRAM_PLACEHOLDERS | (
        {"template", "language"} if people.kind == "recipient" else set()
    )
    tags = {c.placeholder for c in people.columns}
    for sheet in people.sheets:
        taken = {c.number for c in sheet.columns if c.placeholder in {*used, *needed}}
        columns = (c for c in sheet.columns if c.number not in taken and c.placeholder in tags)
        persons = [person for person in people.persons if person.sheet is sheet]
        yield UnusedColumns(
            kind=people.kind,
            sheet=sheet.name,
            sheet_placeholders={c.placeholder for c in sheet.columns},
            columns=tuple(columns),
            cells=partial(_cells_of, persons),
            place=partial(sheet.place, sheet.heading_row),
        )
        tags -= {c.placeholder for c in sheet.columns}


def _cells_of(persons: Iterable[Person], tag: str) -> list[Value]:
    return [person.fields[tag] for person in persons]


def unused_pair_columns(pairing: Pairing, used: AbstractSet[str]) -> UnusedColumns:
    """Return the columns of the sheet Pairs of which no letter uses the tag."""
    columns = tuple(c for c in pairing.columns if c.placeholder not in used)
    rows = pairing.included_pairs.values()
    return UnusedColumns(
        kind="pair",
        sheet=pairing.sheet,
        sheet_placeholders=pairing.program_placeholders,
        columns=columns,
        cells=lambda tag: [row[tag] for row in rows if tag in row],
        place=pairing.place,
    )


def unused_column_problems(
    unused: UnusedColumns, files: Sequence[str], *, all_known: bool
) -> Iterator[Problem]:
    """Yield what is to be said of the unused columns of a sheet.

    An error for each that was meant to decide about letters: its heading is nearly that of the
    program, and its cells are such as stand there; or its cells name `files` of templates. A
    warning for each of nothing but yes and no, which may say who takes part. One warning for all
    others, where it is known of all templates what they use.
    """
    others = []
    for column in unused.columns:
        if problem := _misnamed_column_problem(column, unused, files):
            yield problem
        elif _are_yes_no_answers(unused.cells(column.placeholder)):
            place = unused.place(column.placeholder)
            yield messages.problem("answers-unused", place, heading=column.heading)
        elif _OFFICE_WORDS.isdisjoint(column.placeholder.split("_")) and unused.filled_cells(
            column
        ):
            others.append(column)
    if others and all_known and unused.kind != "pair":
        yield _unused_columns_warning(others, unused)


def _misnamed_column_problem(
    column: Column, unused: UnusedColumns, files: Sequence[str]
) -> Problem | None:
    """Return the error of a column that was meant to decide about letters; None for others."""
    filled, place, heading = (
        unused.filled_cells(column),
        unused.place(column.placeholder),
        column.heading,
    )
    tag = f"{{{{ {unused.kind}.{column.placeholder} }}}}"
    if meant := _intended_heading(column, unused, files):
        return messages.problem(_NEAR_HEADING_KEYS[meant], place, heading=heading, tag=tag)
    recipients = unused.kind == "recipient"
    if (recipients and "template" in unused.sheet_placeholders) or not _are_file_names(
        filled, files
    ):
        return None
    named = [*dict.fromkeys(filled)]
    if not recipients:
        key = "template-column/sheet"
        return messages.problem(key, place, heading=heading, templates=named)
    return messages.problem("template-column", place, heading=heading, templates=named, tag=tag)


_NEAR_HEADING_KEYS = {
    "Include": "heading-near",
    "Template": "heading-near/template",
    "Language": "heading-near/language",
    "ID": "heading-near/id",
}
_NEAR_ID_PLACEHOLDERS = {"i_d", "ids", "id_no", "id_nr", "id_number", "id_code"}
_LONGEST_ID = 8
"""Characters; the number of a passport or an identity card is longer."""


def _intended_heading(column: Column, unused: UnusedColumns, files: Sequence[str]) -> str:
    """Return the program's heading that a column's was meant to be; empty where it was not."""
    filled = unused.filled_cells(column)
    for heading in _DECIDING_HEADINGS[unused.kind]:
        if placeholder_name(heading) not in unused.sheet_placeholders and _is_near_heading(
            column.placeholder, heading
        ):
            if heading == "Include" and any(says_yes(v) or says_no(v) for v in filled):
                return heading
            if heading == "Template" and any(_is_template_name(v, files) for v in filled):
                return heading
            if heading == "Language" and any(map(babel_language, filled)):
                return heading
            if heading == "ID" and _are_unique_ids(unused.cells(column.placeholder)):
                return heading
    return ""


def _is_near_heading(tag: str, heading: str) -> bool:
    if heading == "ID":
        return tag in _NEAR_ID_PLACEHOLDERS
    words = (heading, *(w for words in HEADINGS[heading].values() for w in words))
    known = [plain_letters(placeholder_name(word)) for word in words]
    own = plain_letters(tag)
    short = heading == "Language" and own == "lang"
    return short or bool(nearest_word(own, known, 0.8, str)) or known[0] in own.split("_")


def _are_unique_ids(cells: Sequence[Value]) -> bool:
    """Return whether every cell holds a short word of its own."""
    words = {folded(value) for value in cells}
    return "" not in words and len(words) == len(cells) and max(map(len, words)) <= _LONGEST_ID


def _is_template_name(text: str, files: Sequence[str]) -> bool:
    """Return whether text names a file of templates, if with a mistake."""
    ending = PurePath(text.strip()).suffix.lower() in {PurePath(f).suffix.lower() for f in files}
    stems = [PurePath(file).stem for file in files]
    return ending or bool(nearest_word(text, (*files, *stems), 0.75))


def _are_file_names(filled: Sequence[str], files: Sequence[str]) -> bool:
    """Return whether a cell is the name of a file, or every cell a name without its ending."""
    names, stems = {folded(f) for f in files}, {folded(PurePath(f).stem) for f in files}
    words = [folded(v.replace("\\", "/").rpartition("/")[2]) for v in filled]
    return bool(words) and (not names.isdisjoint(words) or stems.issuperset(words))


def _are_yes_no_answers(cells: Sequence[str]) -> bool:
    """Return whether cells hold only yes and no, and not the same in every row."""
    filled = [value for value in cells if value.strip()]
    if not filled or not all(says_yes(v) or says_no(v) for v in filled):
        return False
    said_no = any(map(says_no, filled))
    both = said_no and any(map(says_yes, filled))
    in_words = any(len(v.strip()) > 1 for v in filled)
    return (both or in_words) and (said_no or len(filled) < len(cells))


def _unused_columns_warning(columns: Sequence[Column], unused: UnusedColumns) -> Problem:
    place, tag = (
        unused.place(columns[0].placeholder),
        f"{{{{ {unused.kind}.{columns[0].placeholder} }}}}",
    )
    headings = [column.heading for column in columns]
    return messages.problem("column-unused", place, headings=headings, tag=tag)


def unused_template_warnings(
    templates: Templates, persons: Iterable[Person], left_out: Iterable[Person]
) -> Iterator[Problem]:
    """Warn of each file of templates that no letter is made from.

    Those of people who are left out for now are none.
    """
    used = {templates.name_for(person) for person in persons} | {templates.default_name}
    own = {folded(p.fields.get("template", "")) for p in left_out}
    for name in templates.files:
        if name not in used and own.isdisjoint({folded(name), folded(PurePath(name).stem)}):
            yield messages.problem("template-unused", Place(f"{TEMPLATES_FOLDER}/{name}"))


# Cells of printed columns that probably hold something else than was meant.

_POSTCODE = re.compile(r"zip|post|plz|postal|postleit|postnr|cep$|cap$|индекс|код")
_COUNTRY = re.compile("country|land|pays|pa[ií]s|страна|staat")
_DATE = re.compile(
    r"(?:\w+,? )?(?:\d{1,2}(?:st|nd|rd|th)?[ -](?P<before>[A-Z][a-z]+)(?:[ ,-]+\d{2,4})?"
    r"|(?P<after>[A-Z][a-z]+)\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?)"
)
"""A whole cell: `28 November 2025`, `Friday, March 4th`, `Nov 28`."""


def cell_warnings(people: People, tags: Iterable[str]) -> Iterator[Problem]:
    """Warn of left-over words, broken accents, dates among words, postcodes without zeros."""
    headings = {column.placeholder: column.heading for column in people.columns}
    for tag in tags:
        if tag in headings:
            filled = [(p, p.fields[tag]) for p in people.persons if p.fields[tag].strip()]
            words = sum(value.native is None for _, value in filled)
            mostly_words = words >= 2 and words > len(filled) / 2
            for person, value in filled:
                for warning in _warnings_about_value(value, mostly_words=mostly_words):
                    if (tag, warning.code) != ("name", "text-left-over"):  # an error already
                        yield warning.to_problem(person.place(tag))
            yield from _lost_zero_warnings(people, tag, filled)


_FilledCells = Sequence[tuple[Person, Value]]


def _warnings_about_value(value: Value, *, mostly_words: bool) -> Iterator[Fault]:
    if is_unfilled(value):
        yield messages.fault("text-left-over", value=value.strip())
    if "{{" in value or "{%" in value:
        yield messages.fault("text-with-tag")
    if repaired := _repaired_text(value):
        yield messages.fault("text-broken-accents", value=value[:40], repaired=repaired[:40])
    if mostly_words and isinstance(value.native, dt.date):
        yield messages.fault("date-among-words", value=value)


def _repaired_text(text: str) -> str:
    """Return text with broken accents or lost letters put right; empty if there are none."""
    if "\ufffd" in text:
        return text.replace("\ufffd", "?")
    return repair_accents(text) if repair_accents(_A_BEFORE_SPACE.sub("", text)) else ""


_A_BEFORE_SPACE = re.compile("[ÄÅ]\u00a0")
"""May be a broken letter, or right before a no-break space: other letters have to tell."""


def _lost_zero_warnings(people: People, tag: str, filled: _FilledCells) -> Iterator[Problem]:
    """Warn of postcodes that are shorter than those of their country are, or the others of it."""
    codes = [(person, _LEADING_CODE.match(value.strip())) for person, value in filled]
    digits = [value for _, value in filled if value.strip().isdigit()]
    has_zeros = any(v.strip().startswith("0") and v.native is None for v in digits)
    is_town = _TOWN.match(tag) is not None
    if not (_POSTCODE.search(tag) or has_zeros or is_town):
        return
    country = next((c.placeholder for c in people.columns if _COUNTRY.match(c.placeholder)), "")
    towns = next((c.placeholder for c in people.columns if _TOWN.match(c.placeholder)), "")
    found = {n: (p, c) for n, (p, c) in enumerate(codes) if c and (not c[2] or is_town)}
    near = {n: person.fields.get(towns, BLANK) for n, (person, _) in found.items()}
    told = restored_postcodes(
        [(n, code[1], person.fields.get(country, BLANK)) for n, (person, code) in found.items()],
        near,
    )
    for number, whole in told.items():
        person, code = found[number]
        is_number = isinstance(person.fields[tag].native, int)
        if not (is_number or person.sheet.file == LIST_FILE):  # staff typed it as text
            continue
        place, key = person.place(tag), "number-lost-zeros"
        yield messages.problem(key, place, value=code[1], repaired=whole)


_LEADING_CODE = re.compile(r"(\d{2,7})(\s+[^\W\d_].*)?$")
"""A postcode alone, or before a town."""
_TOWN = re.compile(r"(city|town|ort|ville|ciudad|город|місто|المدينة)")


_USUAL_LANGUAGES = ("en", "fr", "es", "de", "ru", "uk", "ar")
"""Languages in which the names of months and days are known again."""
_WORD = re.compile(r"[^\W\d_]{3,}")


def is_foreign_date(value: Value, language: str) -> bool:
    """Return whether a value shows a date of another language.

    The names of its month and day tell; without any, a date is of every language.
    """
    day = value.native
    if not isinstance(day, dt.date):
        found = _DATE.fullmatch(value)
        month = (found["before"] or found["after"]).lower() if found else ""
        return month in month_numbers("en") and month not in month_numbers(language)
    words = {folded(word) for word in _WORD.findall(value)}
    words -= month_and_weekday_names(day.month, day.weekday(), language)
    named = (month_and_weekday_names(day.month, day.weekday(), other) for other in _USUAL_LANGUAGES)
    return bool(words) and any(not words.isdisjoint(names) for names in named)


def foreign_date_warning(value: Value, place: Place, tag: Tag, language: str) -> Problem:
    """Return the warning that a letter of a language prints a date of another."""
    if not isinstance(value.native, dt.date):
        return messages.problem("date-english", place, value=value)
    fields = {"value": value, "language": language_name(language)}
    if tag.field_label:
        return messages.problem("date-language/field", place, field=tag.field_label, **fields)
    return messages.problem("date-language", place, tag=f"{{{{ {tag.body}|date }}}}", **fields)
