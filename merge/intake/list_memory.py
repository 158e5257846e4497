"""The memory of the list, in its Memory sheet: hashes, and no one's text.

Its first row is about the list; each row below is about one person, by ID.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import secrets
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

from merge import messages
from merge.errors import DataError
from merge.excel.reader import ExcelFile, Sheet, SheetRow, parse_excel_file
from merge.intake.import_ids import IMPORT_ID
from merge.intake.list_types import ListedPerson, MemoryRecord, SignerList
from merge.intake.matching import Hasher
from merge.problems import Place
from merge.text.folding import folded
from merge.workbook.reading import LIST_FILE, LIST_SHEETS

MEMORY_SHEET = LIST_SHEETS[2]


@dataclass(frozen=True, slots=True)
class SignerListMemory:
    """The content of the signer list's hidden Memory sheet, as values.

    `seal` shows whether the file is as the program wrote it.
    """

    records: Mapping[str, MemoryRecord] = field(default_factory=dict)
    declined_records: tuple[MemoryRecord, ...] = ()
    salt: str = ""
    previous_hash: str = ""
    seal: int = 0
    confirmation_hashes: Mapping[str, str] = field(default_factory=dict)


MAX_TEXT = 30_000
"""Most characters of a text in one cell.

Longer texts continue in the next cell."""

_DECLINED_KEY = "refused"
"""Key in place of an ID: a person who declined and was never in the list."""


def read_memory(book: ExcelFile, people: Iterable[ListedPerson]) -> SignerListMemory:
    """Return the memory: records of imports, stored in the list's file.

    Raise DataError if it is missing although the list has people from forms. Without it, none of
    these would be recognised.
    """
    sheet = find_sheet(book, MEMORY_SHEET)
    if sheet is None or not sheet.rows:
        if any(IMPORT_ID.fullmatch(person.id) for person in people):
            raise DataError(messages.problem("list-memory/gone", Place(book.file)))
        return SignerListMemory(salt=secrets.token_hex(16))
    try:
        first, *rows = sheet.rows
        facts = json.loads(_memory_text(first, 3))
        keyed = [(str(row.cells[0].value), row) for row in rows if row.cells[0].column == 1]
        records = [(key, _parse_record(json.loads(_memory_text(row, 2)))) for key, row in keyed]
        number = next((c.value for c in first.cells if c.column == 2), 0)
        return SignerListMemory(
            records={key: record for key, record in records if key != _DECLINED_KEY},
            declined_records=tuple(record for key, record in records if key == _DECLINED_KEY),
            salt=_require(facts["salt"], 0 < len(bytes.fromhex(facts["salt"])) <= _LONGEST_SALT),
            previous_hash=_require(facts["before"], isinstance(facts["before"], str)),
            seal=number if isinstance(number, int) else 0,
            confirmation_hashes=_read_confirmations(facts.get("confirmed", {})),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(messages.problem("list-memory", Place(book.file, MEMORY_SHEET))) from error


def _read_confirmations(stored: Any) -> Mapping[str, str]:  # noqa: ANN401
    return _require(stored, isinstance(stored, dict) and _are_texts(stored.values()))  # type: ignore[no-any-return]


_LONGEST_SALT = 64
"""Most bytes of a key of BLAKE2b."""


def _require(value: Any, is_valid: bool) -> Any:  # noqa: ANN401, FBT001
    """Return a stored value; raise ValueError if the value is invalid."""
    if not is_valid:
        raise ValueError
    return value


def _memory_text(row: SheetRow, first: int) -> str:
    return "".join(str(c.value) for c in row.cells if first <= c.column < OPTIONS_COLUMN)


OPTIONS_COLUMN = 9
"""The column of the Memory sheet with the options for Goes to."""


def memory_rows(signer_list: SignerList) -> Iterator[tuple[str, str]]:
    """Yield the rows of the Memory sheet below the first: key, record as text."""
    hasher = Hasher(signer_list.salt)
    for key, record in signer_list.records.items():
        yield key, _record_text(record, hasher)
    for record in signer_list.declined_records:
        yield _DECLINED_KEY, _record_text(record, hasher)


def memory_header(signer_list: SignerList, previous_hash: str) -> str:
    """Return the text in the first row of the Memory sheet."""
    facts = {"salt": signer_list.salt, "before": previous_hash}
    return json.dumps({**facts, "confirmed": {**signer_list.confirmation_hashes}})


_HASH_PREFIX = "#"
"""Prefix of a reason that is stored as a hash, since staff replaced it."""


def _record_text(record: MemoryRecord, hasher: Hasher) -> str:
    values: dict[str, object] = {}
    for record_field in fields(record):
        value = getattr(record, record_field.name)
        if record_field.name == "to_decide" and value and not value.startswith(_HASH_PREFIX):
            value = _HASH_PREFIX + hasher.text_hash(value)
        if value != getattr(_EMPTY_RECORD, record_field.name):
            values[_json_key(record_field.name)] = _json_value(value)
    return json.dumps(values, separators=(",", ":"))


def _json_key(field_name: str) -> str:
    """Return the stored key of a record's field, which never changes."""
    return "said" if field_name == "form_hashes" else field_name


def _json_value(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _parse_record(stored: Mapping[str, Any]) -> MemoryRecord:
    values: dict[str, Any] = {}
    for record_field in fields(MemoryRecord):
        key = _json_key(record_field.name)
        if key in stored:
            value, default = stored[key], getattr(_EMPTY_RECORD, record_field.name)
            if isinstance(default, frozenset):
                value = _shared_set(tuple(_require(value, isinstance(value, list))))
            elif isinstance(default, dict):
                _require(value, isinstance(value, dict) and _are_texts(value.values()))
                value = {_shared_text(heading): text_hash for heading, text_hash in value.items()}
            else:
                _require(value, isinstance(value, str))
            _require(value, not isinstance(default, frozenset) or _are_texts(value))
            values[record_field.name] = (
                dt.date.fromisoformat(value) if record_field.name == "newest" else value
            )
    return MemoryRecord(**values)


_shared_set: Callable[[tuple[str, ...]], frozenset[str]] = lru_cache(maxsize=1_000)(frozenset)
"""Return a set that many records share, such as that of their forms."""

_shared_text: Callable[[str], str] = lru_cache(maxsize=1_000)(str)
"""Return a text that many records share, such as a heading."""


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


_EMPTY_RECORD = MemoryRecord()


def restore_reasons(
    memory: SignerListMemory, people: tuple[ListedPerson, ...]
) -> dict[str, MemoryRecord]:
    """Return records with reasons as text, if To decide still has the reasons."""
    hasher, records = Hasher(memory.salt), dict(memory.records)
    for person in people:
        record = records.get(person.id)
        reason = person.to_decide
        if reason and record and record.to_decide == _HASH_PREFIX + hasher.text_hash(reason):
            records[person.id] = replace(record, to_decide=reason)
    return records


# The seal shows if another program has saved the file: any program rewrites it completely.


COPIED_SEAL = 0
"""The seal of a list that was copied to another campaign."""


def compute_seal(data: bytes) -> int:
    """Return a hash of 15 digits for all parts except the Memory sheet.

    Another program that saves the workbook changes these parts.
    """
    book = parse_excel_file(data, LIST_FILE)
    memory_name = memory_part(book)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = sorted(
            f"{m.filename} {m.CRC}" for m in archive.infolist() if m.filename != memory_name
        )
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=8).digest()
    return 10**14 + int.from_bytes(digest) % (9 * 10**14)


def memory_part(book: ExcelFile) -> str:
    """Return the name of the Memory sheet's part; empty if there is none."""
    return next((s.part for s in book.sheets if folded(s.name) == folded(MEMORY_SHEET)), "")


def find_sheet(book: ExcelFile, name: str) -> Sheet | None:
    """Return the sheet with a name, whatever its capitals and accents."""
    actual_name = next((s.name for s in book.sheets if folded(s.name) == folded(name)), "")
    return book.sheet(actual_name) if actual_name else None
