"""What the list remembers, in its Memory sheet: hashes, and no text of anyone's.

Its first row is about the whole list, each row below about one person, by ID.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import secrets
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

from merge import messages
from merge.errors import DataError
from merge.excel.reader import ExcelFile, Row, Sheet, parse_excel_file
from merge.intake.list_types import ListedPerson, MemoryRecord, SignerList
from merge.intake.matching import Hasher
from merge.problems import Place
from merge.text.folding import folded
from merge.workbook.reading import LIST_FILE, LIST_SHEETS

MEMORY_SHEET = LIST_SHEETS[2]
PROGRAM_ID = re.compile(r"F[1-9][0-9]{0,6}")
"""An ID that the program gave."""


@dataclass(frozen=True, slots=True)
class ListMemory:
    """What the sheet Memory holds. `seal` tells whether the file is as the program wrote it."""

    records: Mapping[str, MemoryRecord] = field(default_factory=dict)
    declined_records: tuple[MemoryRecord, ...] = ()
    next_id: int = 1
    salt: str = ""
    previous_hash: str = ""
    seal: int = 0
    confirmation_hashes: Mapping[str, str] = field(default_factory=dict)


MAX_TEXT = 30_000
"""Characters of a text in one cell; what is longer goes on in the next."""

_DECLINED_KEY = "refused"
"""In the place of an ID: somebody who said no, and was never in the list."""


def read_memory(book: ExcelFile, people: Iterable[ListedPerson]) -> ListMemory:
    """Return what the program remembers; DataError where it is gone, and people of forms are not.

    Without it nobody of these would be known again.
    """
    sheet = find_sheet(book, MEMORY_SHEET)
    if sheet is None or not sheet.rows:
        if any(PROGRAM_ID.fullmatch(person.id) for person in people):
            raise DataError(messages.problem("list-memory/gone", Place(book.file)))
        return ListMemory(salt=secrets.token_hex(16))
    try:
        first, *rows = sheet.rows
        facts = json.loads(_memory_text(first, 3))
        keyed = [(str(row.cells[0].value), row) for row in rows if row.cells[0].column == 1]
        kept = [(key, _parse_record(json.loads(_memory_text(row, 2)))) for key, row in keyed]
        number = next((c.value for c in first.cells if c.column == 2), 0)
        return ListMemory(
            records={key: record for key, record in kept if key != _DECLINED_KEY},
            declined_records=tuple(record for key, record in kept if key == _DECLINED_KEY),
            next_id=_require(facts["next"], isinstance(facts["next"], int)),
            salt=_require(facts["salt"], 0 < len(bytes.fromhex(facts["salt"])) <= _LONGEST_SALT),
            previous_hash=_require(facts["before"], isinstance(facts["before"], str)),
            seal=number if isinstance(number, int) else 0,
            confirmation_hashes=_read_confirmations(facts.get("confirmed", {})),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(messages.problem("list-memory", Place(book.file, MEMORY_SHEET))) from error


def _read_confirmations(found: Any) -> Mapping[str, str]:  # noqa: ANN401
    return _require(found, isinstance(found, dict) and _are_texts(found.values()))  # type: ignore[no-any-return]


_LONGEST_SALT = 64
"""Bytes of a key of BLAKE2b."""


def _require(value: Any, is_right: bool) -> Any:  # noqa: ANN401, FBT001
    """Return a value of the memory. ValueError where it is not as the program writes it."""
    if not is_right:
        raise ValueError
    return value


def _memory_text(row: Row, first: int) -> str:
    return "".join(str(c.value) for c in row.cells if first <= c.column < OPTIONS_COLUMN)


OPTIONS_COLUMN = 9
"""The column of Memory with what Goes to offers."""


def memory_rows(known: SignerList) -> Iterator[tuple[str, str]]:
    """Yield the rows of the sheet Memory below its first: the key, and the record as text."""
    hasher = Hasher(known.salt)
    for key, record in known.records.items():
        yield key, _record_text(record, hasher)
    for record in known.declined_records:
        yield _DECLINED_KEY, _record_text(record, hasher)


def memory_header(known: SignerList, before: str) -> str:
    """Return what stands in the first row."""
    facts = {"next": known.next_id, "salt": known.salt, "before": before}
    return json.dumps({**facts, "confirmed": {**known.confirmation_hashes}})


_HASH_PREFIX = "#"
"""Begins a reason that is known by its hash alone, since staff wrote something else."""


def _record_text(record: MemoryRecord, hasher: Hasher) -> str:
    found: dict[str, object] = {}
    for each in fields(record):
        value = getattr(record, each.name)
        if each.name == "to_decide" and value and not value.startswith(_HASH_PREFIX):
            value = _HASH_PREFIX + hasher.text_hash(value)
        if value != getattr(_EMPTY_RECORD, each.name):
            found[each.name] = _json_value(value)
    return json.dumps(found, separators=(",", ":"))


def _json_value(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _parse_record(found: Mapping[str, Any]) -> MemoryRecord:
    given: dict[str, Any] = {}
    for each in fields(MemoryRecord):
        if each.name in found:
            value, usual = found[each.name], getattr(_EMPTY_RECORD, each.name)
            if isinstance(usual, frozenset):
                value = _shared_set(tuple(_require(value, isinstance(value, list))))
            elif isinstance(usual, dict):
                _require(value, isinstance(value, dict) and _are_texts(value.values()))
                value = {_shared_text(heading): said for heading, said in value.items()}
            else:
                _require(value, isinstance(value, str))
            _require(value, not isinstance(usual, frozenset) or _are_texts(value))
            given[each.name] = dt.date.fromisoformat(value) if each.name == "newest" else value
    return MemoryRecord(**given)


_shared_set: Callable[[tuple[str, ...]], frozenset[str]] = lru_cache(maxsize=1_000)(frozenset)
"""A set that many records have, of their forms say, is held once."""

_shared_text: Callable[[str], str] = lru_cache(maxsize=1_000)(str)
"""So is a heading."""


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


_EMPTY_RECORD = MemoryRecord()


def restore_reasons(
    memory: ListMemory, people: tuple[ListedPerson, ...]
) -> dict[str, MemoryRecord]:
    """Return the records, each with the reason in words that still stands in To decide."""
    hasher, records = Hasher(memory.salt), dict(memory.records)
    for person in people:
        record = records.get(person.id)
        own = person.to_decide
        if own and record and record.to_decide == _HASH_PREFIX + hasher.text_hash(own):
            records[person.id] = replace(record, to_decide=own)
    return records


# Whether the file is the one that the program wrote: any program that saves it writes it anew.


COPIED_SEAL = 0
"""The seal of a list that was copied to another campaign."""


def compute_seal(data: bytes) -> int:
    """Return a number of 15 digits for all parts of a workbook but the sheet Memory's own."""
    book = parse_excel_file(data, LIST_FILE)
    own = memory_part(book)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = sorted(f"{m.filename} {m.CRC}" for m in archive.infolist() if m.filename != own)
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=8).digest()
    return 10**14 + int.from_bytes(digest) % (9 * 10**14)


def memory_part(book: ExcelFile) -> str:
    """Return the part of the Memory sheet; empty if there is none."""
    return next((s.part for s in book.sheets if folded(s.name) == folded(MEMORY_SHEET)), "")


def find_sheet(book: ExcelFile, name: str) -> Sheet | None:
    """Return the sheet of that name, however it is written."""
    found = next((s.name for s in book.sheets if folded(s.name) == folded(name)), "")
    return book.sheet(found) if found else None
