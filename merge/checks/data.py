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
from merge.excel.dates import known_language, language_name, month_numbers, names_in_date
from merge.naming import nearest, tag_name
from merge.people import Column, People, Person
from merge.problems import Fault, Place, Problem
from merge.product import TEMPLATES_FOLDER
from merge.template.library import Templates
from merge.template.tags import Tag
from merge.text.accents import mended_text
from merge.text.folding import folded, plain_letters, script, skeleton
from merge.values import BLANK, Value
from merge.workbook.doubts import has_capitals, is_name_too, is_small, is_unfilled
from merge.workbook.pairs import Pairing
from merge.workbook.postcodes import lost_zeros
from merge.workbook.reading import LIST_FILE
from merge.workbook.words import HEADINGS, says_no, says_yes


def doubtful_names(people: People) -> Iterator[Problem]:
    """Warn of spaces, small letters, addresses and digits, mixed scripts, people who look alike."""
    for person in people.persons:
        if not says_yes(person.fields.get("name_checked", BLANK)):
            for warning in _name_warnings(person.name):
                yield warning.at(person.place("name"))
    yield from _look_alikes(people)


def _name_warnings(name: str) -> Iterator[Fault]:
    if re.search(r"^\s|\s$|\s\s|[\n\t]", name):
        yield messages.fault("name-spaces")
    if is_small(name):
        yield messages.fault("name-small-letters")
    if "@" in name or any(c.isdigit() for c in name):
        yield messages.fault("name-not-a-name")
    if len(name) == 1 and has_capitals(name):
        yield messages.fault("name-not-a-name/letter")
    elif is_name_too(name):
        yield messages.fault("name-not-a-name/word", name=name)
    words = (frozenset(map(script, filter(str.isalpha, word))) for word in name.split())
    if any({"LATIN", "CYRILLIC"} <= scripts for scripts in words):
        yield messages.fault("name-mixed-letters")


def _look_alikes(people: People) -> Iterator[Problem]:
    seen: dict[str, Person] = {}
    for person in people.persons:
        first = seen.setdefault(skeleton(person.name), person)
        if first is person:
            continue
        row, place = first.row_beside(person), person.place("name")
        if not person.shared_name:
            yield messages.problem("people-alike", place, name=first.name, row=row)
        elif bool(person.id) != bool(first.id):
            yield messages.problem("people-alike/same", place, row=row)


# Columns that no letter uses, or that are nearly the program's own; templates that nobody uses.

_OWN_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "signer": ("Include", "ID"),
    "recipient": ("Include", "Template", "Language", "ID"),
    "pair": ("Include",),
}
"""Headings that decide about letters, by the sheet."""
_NEEDED = {"name", "id", "include", "name_checked"}
"""Tags of columns that the program itself reads in both sheets of people."""
_BOOKKEEPING = {
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
    own: AbstractSet[str]
    """The tags of the program's own columns that the sheet has."""
    columns: tuple[Column, ...]
    cells: Callable[[str], Sequence[Value]]
    """The cells of a column, by its tag; a blank one for each row that has none."""
    place: Callable[[str], Place]
    """The heading of a column, by its tag."""

    def filled(self, column: Column) -> list[Value]:
        """Return the cells of a column that are not blank."""
        return [value for value in self.cells(column.tag) if value.strip()]


def unused_of_people(people: People, used: AbstractSet[str]) -> Iterator[UnusedColumns]:
    """Yield the columns of people of which no letter uses the tag, sheet by sheet.

    What stands in an earlier sheet as well is told there.
    """
    needed = _NEEDED | ({"template", "language"} if people.kind == "recipient" else set())
    tags = {c.tag for c in people.columns}
    for sheet in people.sheets:
        taken = {c.number for c in sheet.columns if c.tag in {*used, *needed}}
        columns = (c for c in sheet.columns if c.number not in taken and c.tag in tags)
        persons = [person for person in people.persons if person.sheet is sheet]
        yield UnusedColumns(
            kind=people.kind,
            sheet=sheet.name,
            own={c.tag for c in sheet.columns},
            columns=tuple(columns),
            cells=partial(_cells_of, persons),
            place=partial(sheet.place, sheet.heading_row),
        )
        tags -= {c.tag for c in sheet.columns}


def _cells_of(persons: Iterable[Person], tag: str) -> list[Value]:
    return [person.fields[tag] for person in persons]


def unused_of_pairs(pairing: Pairing, used: AbstractSet[str]) -> UnusedColumns:
    """Return the columns of the sheet Pairs of which no letter uses the tag."""
    columns = tuple(c for c in pairing.columns if c.tag not in used)
    rows = pairing.yes.values()
    return UnusedColumns(
        kind="pair",
        sheet=pairing.sheet,
        own=pairing.own,
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
        if problem := _misnamed(column, unused, files):
            yield problem
        elif _is_answers(unused.cells(column.tag)):
            place = unused.place(column.tag)
            yield messages.problem("answers-unused", place, heading=column.heading)
        elif _BOOKKEEPING.isdisjoint(column.tag.split("_")) and unused.filled(column):
            others.append(column)
    if others and all_known and unused.kind != "pair":
        yield _no_letter_uses(others, unused)


def _misnamed(column: Column, unused: UnusedColumns, files: Sequence[str]) -> Problem | None:
    """Return the error of a column that was meant to decide about letters; None for others."""
    filled, place, heading = unused.filled(column), unused.place(column.tag), column.heading
    tag = f"{{{{ {unused.kind}.{column.tag} }}}}"
    if meant := _meant(column, unused, files):
        return messages.problem(_NEAR[meant], place, heading=heading, tag=tag)
    recipients = unused.kind == "recipient"
    if (recipients and "template" in unused.own) or not _names_files(filled, files):
        return None
    named = [*dict.fromkeys(filled)]
    if not recipients:
        key = "template-column/sheet"
        return messages.problem(key, place, heading=heading, templates=named)
    return messages.problem("template-column", place, heading=heading, templates=named, tag=tag)


_NEAR = {
    "Include": "heading-near",
    "Template": "heading-near/template",
    "Language": "heading-near/language",
    "ID": "heading-near/id",
}
_NEAR_ID = {"i_d", "ids", "id_no", "id_nr", "id_number", "id_code"}
_SHORT_ID = 8
"""Characters; the number of a passport or an identity card is longer."""


def _meant(column: Column, unused: UnusedColumns, files: Sequence[str]) -> str:
    """Return the program's heading that a column's was meant to be; empty where it was not."""
    filled = unused.filled(column)
    for heading in _OWN_COLUMNS[unused.kind]:
        if tag_name(heading) not in unused.own and _is_near(column.tag, heading):
            if heading == "Include" and any(says_yes(v) or says_no(v) for v in filled):
                return heading
            if heading == "Template" and any(_is_template_name(v, files) for v in filled):
                return heading
            if heading == "Language" and any(map(known_language, filled)):
                return heading
            if heading == "ID" and _tells_apart(unused.cells(column.tag)):
                return heading
    return ""


def _is_near(tag: str, heading: str) -> bool:
    if heading == "ID":
        return tag in _NEAR_ID
    words = (heading, *(w for words in HEADINGS[heading].values() for w in words))
    known = [plain_letters(tag_name(word)) for word in words]
    own = plain_letters(tag)
    short = heading == "Language" and own == "lang"
    return short or bool(nearest(own, known, 0.8, str)) or known[0] in own.split("_")


def _tells_apart(cells: Sequence[Value]) -> bool:
    """Return whether every cell holds a short word of its own."""
    words = {folded(value) for value in cells}
    return "" not in words and len(words) == len(cells) and max(map(len, words)) <= _SHORT_ID


def _is_template_name(text: str, files: Sequence[str]) -> bool:
    """Return whether text names a file of templates, if with a mistake."""
    ending = PurePath(text.strip()).suffix.lower() in {PurePath(f).suffix.lower() for f in files}
    stems = [PurePath(file).stem for file in files]
    return ending or bool(nearest(text, (*files, *stems), 0.75))


def _names_files(filled: Sequence[str], files: Sequence[str]) -> bool:
    """Return whether a cell is the name of a file, or every cell a name without its ending."""
    names, stems = {folded(f) for f in files}, {folded(PurePath(f).stem) for f in files}
    words = [folded(v.replace("\\", "/").rpartition("/")[2]) for v in filled]
    return bool(words) and (not names.isdisjoint(words) or stems.issuperset(words))


def _is_answers(cells: Sequence[str]) -> bool:
    """Return whether cells hold only yes and no, and not the same in every row."""
    filled = [value for value in cells if value.strip()]
    if not filled or not all(says_yes(v) or says_no(v) for v in filled):
        return False
    said_no = any(map(says_no, filled))
    both = said_no and any(map(says_yes, filled))
    in_words = any(len(v.strip()) > 1 for v in filled)
    return (both or in_words) and (said_no or len(filled) < len(cells))


def _no_letter_uses(columns: Sequence[Column], unused: UnusedColumns) -> Problem:
    place, tag = unused.place(columns[0].tag), f"{{{{ {unused.kind}.{columns[0].tag} }}}}"
    headings = [column.heading for column in columns]
    return messages.problem("column-unused", place, headings=headings, tag=tag)


def unused_templates(
    templates: Templates, persons: Iterable[Person], left_out: Iterable[Person]
) -> Iterator[Problem]:
    """Warn of each file of templates that no letter is made from.

    Those of people who are left out for now are none.
    """
    used = {templates.name_for(person) for person in persons} | {templates.usual}
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


def doubtful_cells(people: People, tags: Iterable[str]) -> Iterator[Problem]:
    """Warn of left-over words, broken accents, dates among words, postcodes without zeros."""
    headings = {column.tag: column.heading for column in people.columns}
    for tag in tags:
        if tag in headings:
            filled = [(p, p.fields[tag]) for p in people.persons if p.fields[tag].strip()]
            words = sum(value.plain is None for _, value in filled)
            mostly_words = words >= 2 and words > len(filled) / 2
            for person, value in filled:
                for warning in _value_warnings(value, mostly_words=mostly_words):
                    if (tag, warning.code) != ("name", "text-left-over"):  # an error already
                        yield warning.at(person.place(tag))
            yield from _lost_zeros(people, tag, filled)


_Filled = Sequence[tuple[Person, Value]]


def _value_warnings(value: Value, *, mostly_words: bool) -> Iterator[Fault]:
    if is_unfilled(value):
        yield messages.fault("text-left-over", value=value.strip())
    if "{{" in value or "{%" in value:
        yield messages.fault("text-with-tag")
    if repaired := _repaired(value):
        yield messages.fault("text-broken-accents", value=value[:40], repaired=repaired[:40])
    if mostly_words and isinstance(value.plain, dt.date):
        yield messages.fault("date-among-words", value=value)


def _repaired(text: str) -> str:
    """Return text with broken accents or lost letters put right; empty if there are none."""
    if "\ufffd" in text:
        return text.replace("\ufffd", "?")
    return mended_text(text) if mended_text(_A_AND_GAP.sub("", text)) else ""


_A_AND_GAP = re.compile("[ÄÅ]\u00a0")
"""May be a broken letter, or right before a no-break space: other letters have to tell."""


def _lost_zeros(people: People, tag: str, filled: _Filled) -> Iterator[Problem]:
    """Warn of postcodes that are shorter than those of their country are, or the others of it."""
    codes = [(person, _CODE_FIRST.match(value.strip())) for person, value in filled]
    digits = [value for _, value in filled if value.strip().isdigit()]
    has_zeros = any(v.strip().startswith("0") and v.plain is None for v in digits)
    is_town = _TOWN.match(tag) is not None
    if not (_POSTCODE.search(tag) or has_zeros or is_town):
        return
    country = next((c.tag for c in people.columns if _COUNTRY.match(c.tag)), "")
    towns = next((c.tag for c in people.columns if _TOWN.match(c.tag)), "")
    found = {n: (p, c) for n, (p, c) in enumerate(codes) if c and (not c[2] or is_town)}
    near = {n: person.fields.get(towns, BLANK) for n, (person, _) in found.items()}
    told = lost_zeros(
        [(n, code[1], person.fields.get(country, BLANK)) for n, (person, code) in found.items()],
        near,
    )
    for number, whole in told.items():
        person, code = found[number]
        is_number = isinstance(person.fields[tag].plain, int)
        if not (is_number or person.sheet.file == LIST_FILE):  # staff typed it as text
            continue
        place, key = person.place(tag), "number-lost-zeros"
        yield messages.problem(key, place, value=code[1], repaired=whole)


_CODE_FIRST = re.compile(r"(\d{2,7})(\s+[^\W\d_].*)?$")
"""A postcode alone, or before a town."""
_TOWN = re.compile(r"(city|town|ort|ville|ciudad|город|місто|المدينة)")


_USUAL_LANGUAGES = ("en", "fr", "es", "de", "ru", "uk", "ar")
"""Languages in which the names of months and days are known again."""
_WORD = re.compile(r"[^\W\d_]{3,}")


def is_foreign_date(value: Value, language: str) -> bool:
    """Return whether a value shows a date of another language.

    The names of its month and day tell; without any, a date is of every language.
    """
    day = value.plain
    if not isinstance(day, dt.date):
        found = _DATE.fullmatch(value)
        month = (found["before"] or found["after"]).lower() if found else ""
        return month in month_numbers("en") and month not in month_numbers(language)
    words = {folded(word) for word in _WORD.findall(value)}
    words -= names_in_date(day.month, day.weekday(), language)
    named = (names_in_date(day.month, day.weekday(), other) for other in _USUAL_LANGUAGES)
    return bool(words) and any(not words.isdisjoint(names) for names in named)


def foreign_date_warning(value: Value, place: Place, tag: Tag, language: str) -> Problem:
    """Return the warning that a letter of a language prints a date of another."""
    if not isinstance(value.plain, dt.date):
        return messages.problem("date-english", place, value=value)
    fields = {"value": value, "language": language_name(language)}
    if tag.field:
        return messages.problem("date-language/field", place, field=tag.field, **fields)
    return messages.problem("date-language", place, tag=f"{{{{ {tag.body}|date }}}}", **fields)
