"""Hashes of people, by which later runs recognise them."""

from __future__ import annotations

from merge.naming import hash_text, short_hash
from merge.people import Person, SheetKind
from merge.state.entries import PersonEntry
from merge.text.folding import folded, skeleton
from merge.text.names import OFFICE_COLUMNS, name_normal_form
from merge.workbook.translated_words import canonical_placeholder

_KEY_PLACEHOLDERS = {"name", "id"}
_PROGRAM_PLACEHOLDERS = {"include", "template", "language", "name_checked"}
"""Columns that this program reads: they do not identify a person."""


def initial_person_id(person: Person) -> str:
    """Return the ID of a person whom no earlier run knows.

    It may be in use already, by a person who had that name earlier.
    """
    return short_hash(person.kind, person.key)


def person_key(person: Person) -> str:
    """Return the key of a person: a hash of the ID, otherwise of the name."""
    return hash_text(initial_person_id(person))


def name_key(person: Person) -> str:
    """Return the key that a person with this name and no ID would have."""
    return key_from_text(person.kind, f"name:{folded(person.name)}")


def name_digest(name: str) -> str:
    """Return a hash of the normal form of a name."""
    return hash_text(short_hash(name_normal_form(name)))


def recorded_name(person: Person) -> str:
    """Return hashes of a name, and of a recipient's office columns.

    Each column that is not blank has two hashes: of the heading and of the text.
    """
    fields = person.fields.items() if person.kind == "recipient" else ()
    cells = (
        hash_text(text)
        for tag, cell in fields
        if cell and any(skeleton(word) in OFFICE_COLUMNS for word in tag.split("_"))
        for text in (tag, folded(cell))
    )
    return "".join((name_digest(str(person.name)), *cells))


def key_from_text(kind: SheetKind, text: str) -> str:
    """Return the key for an ID or a name as text: `id:…` or `name:…`."""
    return hash_text(short_hash(kind, text))


def cells_digest(person: Person) -> bytes:
    """Return a hash of a person's cells except name and ID, or empty bytes."""
    ignored = _KEY_PLACEHOLDERS | _PROGRAM_PLACEHOLDERS
    names = person.sheet.name_placeholders
    filled = (
        (placeholder, folded(cell))
        for placeholder, cell in person.fields.items()
        if placeholder not in names and canonical_placeholder(placeholder) not in ignored
    )
    words = sorted(f"{tag}={value}" for tag, value in filled if value)
    return bytes.fromhex(short_hash(person.kind, *words)) if words else b""


def person_record(person: Person) -> PersonEntry:
    """Return the record of a person for the ledger, without the ID."""
    return PersonEntry(
        key=person_key(person),
        id="",
        kind=person.kind,
        name=recorded_name(person),
        cells=cells_digest(person),
        has_id=bool(person.id),
    )
