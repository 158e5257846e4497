"""Names that are probably not what somebody meant to print. Warnings, each at its cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from merge.model import People, Person, Place, Problem

_CYRILLIC_LIKE_LATIN = str.maketrans("авекмнорстухіјѕԁ", "abekmhopctyxijsd")
"""Cyrillic small letters that print like Latin ones, and the letters they print like."""


def doubtful_names(people: People) -> Iterator[Problem]:
    """Spaces, small letters, addresses and digits, mixed scripts, people who look alike."""
    for person in people.persons:
        place = people.place(person.row, "name")
        yield from (_warning(code, place, what, hint) for code, what, hint in _of_name(person.name))
    yield from _look_alikes(people)


def _warning(code: str, place: Place, what: str, hint: str) -> Problem:
    return Problem(code, place, what, hint, "warning")


def _of_name(name: str) -> Iterator[tuple[str, str, str]]:
    if re.search(r"^\s|\s$|\s\s|[\n\t]", name):
        yield "name-spaces", "the name has spaces too many, or a line break.", "Delete them."
    if name.islower() and any(_script(c) in _WITH_CAPITALS for c in name):
        hint = "Write it as it should be printed."
        yield "name-small-letters", "the name has no capital letter.", hint
    if "@" in name or any(c.isdigit() for c in name):
        what = "the name holds an e-mail address or digits."
        yield "name-not-a-name", what, "Write only the name in this cell."
    if any(_mixes_scripts(word) for word in name.split()):
        what = "the name mixes Latin and Cyrillic letters in one word."
        yield "name-mixed-letters", what, "Type the word anew with one keyboard."


_DELETE = "If they are one person, delete one row."
_WITH_CAPITALS = {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN"}
"""Scripts whose names are written with a capital. Georgian has capitals, for headlines only."""


def _mixes_scripts(word: str) -> bool:
    scripts = {_script(c) for c in word if c.isalpha()}
    return {"LATIN", "CYRILLIC"} <= scripts


def _look_alikes(people: People) -> Iterator[Problem]:
    seen: dict[str, Person] = {}
    for person in people.persons:
        first = seen.setdefault(_skeleton(person.name), person)
        if first is person:
            continue
        what, hint = f'the name looks like "{first.name}" in row {first.row}.', _DELETE
        if person.shared_name:
            what = f"row {first.row} has the same name, and one of the two has no ID."
            hint += " If they are two, give both an ID."
        if not person.shared_name or bool(person.id) != bool(first.id):
            yield _warning("people-alike", people.place(person.row, "name"), what, hint)


def _skeleton(name: str) -> str:
    """What is left of a name without case, accents and signs; like letters made equal.

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


def unused_columns(people: People, used: Iterable[str]) -> Iterator[Problem]:
    """Columns with something in them that no letter uses."""
    known = {*used, *_NEEDED}
    for column in people.columns:
        filled = any(p.fields[column.tag].strip() for p in people.persons)
        kept = not _BOOKKEEPING.isdisjoint(column.tag.split("_"))
        if column.tag not in known and not kept and filled:
            what = f'no letter uses the column "{column.heading}".'
            hint = f"If it should be printed, write {{{{ {people.kind}.{column.tag} }}}}."
            yield _warning("column-unused", people.place(1, column.tag), what, hint)


_NEEDED = {"id", "name", "include", "template", "language"}
"""Columns that the program itself reads."""

_BOOKKEEPING = {
    *("note", "notes", "comment", "comments", "remark", "remarks", "source", "consent", "internal"),
    *(
        "email",
        "mail",
        "phone",
        "tel",
        "telephone",
        "mobile",
        "cell",
        "fax",
        "website",
        "timestamp",
    ),
    *("courriel", "téléphone", "remarque", "remarques", "telefon", "bemerkung", "bemerkungen"),
    *("correo", "teléfono", "notas", "date", "status", "no", "nr"),
}
"""Words in the headings of columns that offices keep beside what they print."""
