"""Lists of signers from forms, created in one line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from merge.intake.list_types import ListedPerson, MemoryRecord, RememberedColumn, SignerList
from merge.intake.list_writing import WrittenList, write_list
from merge.intake.matching import Hasher
from merge.intake.signer_list import StoredSignerList, read_list
from merge.product import LETTERS_FOLDER
from merge.state.letter_folder import ledger_to_write
from merge.workbook.reading import LIST_FILE

DAY = dt.date(2026, 11, 3)
MOMENT = dt.datetime(2026, 11, 3)  # noqa: DTZ001 - as a form has it
FORM = "Petition spring"
FORMS = (
    RememberedColumn(FORM, "What is your full name?", "Name", 3, "", DAY),
    RememberedColumn(FORM, "May we print it?", "Consent", 3, '"Yes, I agree"', DAY),
)
HEADINGS = ("Name", "Street", "City")
THREE = (
    ("Harriet Okonjo-Blythe", "14 Larkspur Terrace", "Bristol"),
    ("Callum McAllister", "77 Pinder Street", "Lyon"),
    ("Siân Pryce-Howells", "3 Mill Race Lane", "Cardiff"),
)


def import_id(number: int) -> str:
    """Return an ID as an import gives it, to the first, second, … made person."""
    return "F" + f"{number:06}".translate(str.maketrans("0123456789", "CDFGHJMNPQ"))


FIRST, SECOND, THIRD, FOURTH = map(import_id, range(1, 5))


def with_people(before: SignerList, *people: tuple[str, ...], **more: str) -> SignerList:
    """Return the list with further people, with the hashes of an import."""
    hasher = Hasher(before.salt)
    listed, records = [*before.people], {**before.records}
    for cells in people:
        person_id = import_id(len(records) + 1)
        fields = {h: text for h, text in zip(HEADINGS, cells, strict=False) if text}
        form_hashes = {heading: hasher.text_hash(text) for heading, text in fields.items()}
        marks = frozenset({hasher.mark("name", fields["Name"])})
        records[person_id] = MemoryRecord(
            form_hashes=form_hashes, marks=marks, forms=frozenset({FORM}), newest=MOMENT
        )
        listed.append(ListedPerson(person_id, 0, fields, **more))
    return replace(
        before,
        headings=tuple(dict.fromkeys((*before.headings, *HEADINGS))),
        people=tuple(listed),
        forms=before.forms or FORMS,
        records=records,
    )


def make_list(folder: Path, *people: tuple[str, ...]) -> StoredSignerList:
    """Return a list of these people, by default of three, as written."""
    stored = read_list(folder)
    save_list(stored, with_people(stored.list, *(people or THREE)))
    return read_list(folder)


def save_list(stored: StoredSignerList, after: SignerList, **options: Any) -> WrittenList:  # noqa: ANN401
    """Write a list in place of another one, as an import does."""
    with ledger_to_write(stored.folder / LETTERS_FOLDER) as ledger:
        return write_list(stored, after, ledger, **options)


def with_cells(before: SignerList, person_id: str, **cells: str) -> SignerList:
    """Return the list with other texts in a person's cells."""
    people = (
        replace(p, fields={**p.fields, **cells}) if p.id == person_id else p for p in before.people
    )
    return replace(before, people=tuple(people))


def cells(path: Path, sheet: str = "Signers") -> list[list[Any]]:
    """Return the cells of a sheet, row by row."""
    rows = load_workbook(path)[sheet].iter_rows(values_only=True)
    return [list(row) for row in rows]


def edit_cells(folder: Path, **changes: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """Write cells of the Signers sheet as staff do, by reference: `C2="Oslo"`."""
    book = load_workbook(folder / LIST_FILE, rich_text=True)
    for cell, value in changes.items():
        book["Signers"][cell] = value
    book.save(folder / LIST_FILE)
    return changes
