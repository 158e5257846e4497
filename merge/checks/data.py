"""Names and cells that are probably not what somebody meant to print: warnings, cell by cell."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from merge.model import BLANK, People, Person, Problem, Value
from merge.naming import folded

_WITH_CAPITALS = {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN"}
"""Scripts whose names are written with a capital. Georgian has capitals, for headlines only."""
_CYRILLIC_LIKE_LATIN = str.maketrans("авекмнорстухіјѕԁ", "abekmhopctyxijsd")
"""Cyrillic small letters that print like Latin ones, and the letters they print like."""


def doubtful_names(people: People) -> Iterator[Problem]:
    """Warn of spaces, small letters, addresses and digits, mixed scripts, people who look alike."""
    for person in people.persons:
        for warning in _name_warnings(person.name):
            yield _warning(people, person.row, "name", warning)
    yield from _look_alikes(people)


_Warning = tuple[str, str, str]
"""The code, what is doubtful, and what to do."""


def _warning(people: People, row: int, tag: str, warning: _Warning) -> Problem:
    code, what, hint = warning
    return Problem(code, people.place(row, tag), what, hint, "warning")


def _name_warnings(name: str) -> Iterator[_Warning]:
    if re.search(r"^\s|\s$|\s\s|[\n\t]", name):
        yield "name-spaces", "the name has spaces too many, or a line break.", "Delete them."
    if name.islower() and any(_script(c) in _WITH_CAPITALS for c in name):
        hint = "Write it as it should be printed."
        yield "name-small-letters", "the name has no capital letter.", hint
    if "@" in name or any(c.isdigit() for c in name):
        what = "the name holds an e-mail address or digits."
        yield "name-not-a-name", what, "Write only the name in this cell."
    words = (frozenset(map(_script, filter(str.isalpha, word))) for word in name.split())
    if any({"LATIN", "CYRILLIC"} <= scripts for scripts in words):
        what = "the name mixes Latin and Cyrillic letters in one word."
        yield "name-mixed-letters", what, "Type the word anew with one keyboard."


def _look_alikes(people: People) -> Iterator[Problem]:
    seen: dict[str, Person] = {}
    for person in people.persons:
        first = seen.setdefault(_skeleton(person.name), person)
        if first is person:
            continue
        what = f'the name looks like "{first.name}" in row {first.row}.'
        hint = "If they are one person, delete one row."
        if person.shared_name:
            what = f"row {first.row} has the same name, and one of the two has no ID."
            hint += " If they are two, give both an ID."
        if not person.shared_name or bool(person.id) != bool(first.id):
            yield _warning(people, person.row, "name", ("people-alike", what, hint))


def _skeleton(name: str) -> str:
    """Return a name without case, accents and signs, letters that look alike made equal.

    In scripts of India and the like signs are kept: vowels there are signs.
    """
    kept, has_accents = [], False
    for character in unicodedata.normalize("NFKD", name.casefold()):
        if character.isalnum():
            has_accents = _script(character) in {"LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW"}
            kept.append(character)
        elif unicodedata.category(character)[0] == "M" and not has_accents:
            kept.append(character)
    return "".join(kept).translate(_CYRILLIC_LIKE_LATIN) or name


def _script(letter: str) -> str:
    return unicodedata.name(letter, " ").split()[0]


_NEEDED = {"id", "name", "include", "template", "language"}
"""Columns that the program itself reads."""
_BOOKKEEPING = {
    *("note", "notes", "comment", "comments", "remark", "remarks", "source", "consent", "internal"),
    *("email", "mail", "phone", "tel", "telephone", "mobile", "cell", "fax", "website"),
    *("courriel", "téléphone", "remarque", "remarques", "telefon", "bemerkung", "bemerkungen"),
    *("correo", "teléfono", "notas", "timestamp", "date", "status", "no", "nr"),
}
"""Words in the headings of columns that offices keep beside what they print."""


def unused_columns(people: People, used: Iterable[str]) -> Iterator[Problem]:
    """Warn of columns with something in them that no letter uses."""
    known = {*used, *_NEEDED}
    for column in people.columns:
        filled = any(p.fields[column.tag].strip() for p in people.persons)
        kept = not _BOOKKEEPING.isdisjoint(column.tag.split("_"))
        if column.tag not in known and not kept and filled:
            what = f'no letter uses the column "{column.heading}".'
            hint = f"If it should be printed, write {{{{ {people.kind}.{column.tag} }}}}."
            yield _warning(people, 1, column.tag, ("column-unused", what, hint))


# Cells of printed columns that probably hold something else than was meant.

_PLACEHOLDER_WORDS = {"tbc", "tbd", "tba", "todo", "xxx", "xx", "???", "??", "?", "n/a", "n.a."}
_PLACEHOLDER_WORDS |= {"-", "--", "–", "—", "none", "null", "nan"}
_PLACEHOLDER_WORDS |= {"test", "asdf", "dummy", "sample"}
_POSTCODE = re.compile(r"zip|post|plz|postal|postleit|postnr|cep$|cap$|индекс|код")
_COUNTRY = re.compile("country|land|pays|pa[ií]s|страна|staat")
_MONTHS = "January February March April May June July August September October November December"
_SHORT = "|".join(month[:3] for month in _MONTHS.split())
_MONTH = rf"({_MONTHS.replace(' ', '|')}|{_SHORT})"
_DATE = re.compile(
    rf"(?:\w+,? )?(?:\d{{1,2}}(?:st|nd|rd|th)?[ -]{_MONTH}(?:[ ,-]+\d{{2,4}})?"
    rf"|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?)"
)
"""A whole cell: `28 November 2025`, `Friday, March 4th`, `Nov 28`."""
_QUOTES = "\u00a0’‘“”–—…»®™"
_WRONG = "\u0080-\u00bf‚ƒ„†‡ˆ‰Š‹ŒŽ•˜š›œžŸ€"
_MOJIBAKE = re.compile(
    rf"[ÃÂâ][{_WRONG}{_QUOTES}]|[ÄÅ][{_WRONG.replace('00a0', '00a1')}](?<!\u00a0)"
    rf"|(?:[ÐÑØÙ][{_WRONG}](?<!\u00a0)){{2}}"
)
"""UTF-8 read as Windows-1252: a lead byte that is no capital here, and what can follow it."""


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
                    yield _warning(people, person.row, tag, warning)
            yield from _lost_zeros(people, tag, filled)


_Filled = Sequence[tuple[Person, Value]]


def _value_warnings(value: Value, *, mostly_words: bool) -> Iterator[_Warning]:
    if folded(value) in _PLACEHOLDER_WORDS:
        what = f'"{value.strip()}" looks like something still to be filled in.'
        yield "text-left-over", what, "Fill the cell, or empty it."
    if "{{" in value or "{%" in value:
        what = "there is a tag in this cell; a letter prints it as it is."
        yield "text-with-tag", what, "Tags belong into the Word template."
    mended = _repaired(value)
    if mended:
        what = f'the accents of "{value[:40]}" are broken.'
        yield "text-broken-accents", what, f'Write "{mended[:40]}".'
    if mostly_words and isinstance(value.plain, dt.date):
        what = f'Excel has made "{value}" a date, among words.'
        hint = "Format the cell as Text, then type it again."
        yield "date-among-words", what, hint


def _repaired(text: str) -> str:
    """Return text that was read wrongly (UTF-8 as Windows-1252) put right; empty if it was not."""
    if text.isascii() or not ("\ufffd" in text or _MOJIBAKE.search(text)):
        return ""
    if "\ufffd" in text:
        return text.replace("\ufffd", "?")
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return ""


def _lost_zeros(people: People, tag: str, filled: _Filled) -> Iterator[Problem]:
    """Warn of numbers shorter than the others of their country, in a column of postcodes."""
    digits = [(p, v) for p, v in filled if v.strip().isdigit()]
    has_zeros = any(v.strip().startswith("0") and v.plain is None for _, v in digits)
    if not (_POSTCODE.search(tag) or has_zeros):
        return
    country = next((c.tag for c in people.columns if _COUNTRY.match(c.tag)), "")
    groups: dict[str, list[tuple[Person, Value]]] = {}
    for person, value in digits:
        own = folded(person.fields.get(country, BLANK))
        groups.setdefault(own, []).append((person, value))
    for group in groups.values():
        for person, value in _shorter(group):
            what = f'"{value}" is shorter than the others; zeros at its start may be lost.'
            hint = "Format the column as Text, then type the zeros."
            yield _warning(people, person.row, tag, ("number-lost-zeros", what, hint))


def _shorter(group: _Filled) -> Iterator[tuple[Person, Value]]:
    """Yield numbers with fewer digits than most of the group; none where there are few."""
    usual, times = Counter(len(v.strip()) for _, v in group).most_common(1)[0]
    if times < 2 or times < len(group) / 2 or usual not in range(4, 8):
        return
    for person, value in group:
        if len(value.strip()) < usual and isinstance(value.plain, int):
            yield person, value


def english_dates(
    people: People, tags: Iterable[str], months: dict[str, frozenset[str]]
) -> Iterator[Problem]:
    """Warn of dates with English months that go into letters of another language.

    `months` are the names of months by the key of each person whose letters are not English.
    """
    columns = {column.tag for column in people.columns}
    for tag in (tag for tag in tags if tag in columns):
        for person in people.persons:
            found = _DATE.fullmatch(person.fields[tag].strip())
            month = (found[1] or found[2]).lower() if found else ""
            if month and month not in months.get(person.key, frozenset({month})):
                what = f'"{person.fields[tag]}" is an English date in a letter that is not English.'
                hint = "Write |date behind the name in the template, and keep a date in the cell."
                yield _warning(people, person.row, tag, ("date-english", what, hint))
