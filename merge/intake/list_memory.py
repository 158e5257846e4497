"""The memory of imports: hashes of people's answers in the records.

It has no one's text. The hidden Memory sheet of the list has the token of the last import and the
salt of the hashes. So the list and its memory always agree, whichever version of the list is
restored.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from merge import messages
from merge.errors import DataError
from merge.excel.reader import ExcelFile, Sheet
from merge.intake.import_ids import IMPORT_ID
from merge.intake.list_types import ListedPerson, MemoryRecord, SignerList
from merge.naming import hash_text
from merge.problems import Place
from merge.state.entries import AnswerEntry
from merge.state.ledger import Ledger
from merge.text.folding import folded
from merge.workbook.reading import LIST_SHEETS

MEMORY_SHEET = LIST_SHEETS[2]
OPTIONS_COLUMN = 9
"""The column of the Memory sheet with the options for Goes to."""

_TOKEN = re.compile("[0-9a-f]{16}")
_SALT = re.compile("(?:[0-9a-f]{2}){1,64}")  # at most a key of BLAKE2b


@dataclass(frozen=True, slots=True)
class ImportToken:
    """The token of the last import, and the salt of the hashes that it keeps."""

    token: str = ""
    salt: str = field(default_factory=lambda: secrets.token_hex(16))


def new_token() -> str:
    """Return the token of a new import."""
    return secrets.token_hex(8)


def read_import_token(book: ExcelFile, people: Iterable[ListedPerson]) -> ImportToken:
    """Return the token and the salt in a list's Memory sheet.

    Raise DataError if it is damaged, or missing although the list has people from forms. Without
    it, none of these would be recognised.
    """
    sheet = find_sheet(book, MEMORY_SHEET)
    if sheet is None or not sheet.rows:
        if any(IMPORT_ID.fullmatch(person.id) for person in people):
            raise DataError(messages.problem("list-memory/gone", Place(book.file)))
        return ImportToken()
    cells = {cell.column: str(cell.value) for cell in sheet.rows[0].cells}
    token, salt = cells.get(2, ""), cells.get(3, "")
    if not (_TOKEN.fullmatch(token) and _SALT.fullmatch(salt)):
        raise DataError(messages.problem("list-memory", Place(book.file, MEMORY_SHEET)))
    return ImportToken(token, salt)


def find_sheet(book: ExcelFile, name: str) -> Sheet | None:
    """Return the sheet with a name, whatever its capitals and accents."""
    actual_name = next((s.name for s in book.sheets if folded(s.name) == folded(name)), "")
    return book.sheet(actual_name) if actual_name else None


# In the records.


def read_records(ledger: Ledger, token: str) -> dict[str, MemoryRecord]:
    """Return what is kept of each person after the import with a token."""
    answers = sorted(ledger.state.answers(token), key=lambda answer: answer.id)
    return {answer.id: MemoryRecord(**_record_fields(answer)) for answer in answers}


def read_confirmations(ledger: Ledger, token: str) -> Mapping[str, str]:
    """Return the hashes of each form's columns as staff confirmed them."""
    chain = ledger.state.import_chain(token)
    return chain[0].confirmed if chain else {}


def answer_entries(before: SignerList, after: SignerList, token: str) -> Iterator[AnswerEntry]:
    """Yield the entries of an import about the people whose records changed."""
    for key, record in after.records.items():
        if before.records.get(key) != record:
            yield AnswerEntry(key, token, (record_subject(key),), **_record_fields(record))
    for key in sorted(before.records.keys() - after.records.keys()):
        yield AnswerEntry(key, token, (record_subject(key),))


def record_subject(key: str) -> str:
    """Return the hash of a record's key by which a deletion finds it."""
    return hash_text(key)


def _record_fields(source: MemoryRecord | AnswerEntry) -> dict[str, Any]:
    return {field.name: getattr(source, field.name) for field in fields(MemoryRecord)}


def list_hash(data: bytes) -> str:
    """Return the hash that identifies a version of the list.

    It is empty if there is no list.
    """
    return hashlib.blake2b(data, digest_size=16).hexdigest() if data else ""
