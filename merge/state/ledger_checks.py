"""Checks of a ledger's values, which another program may have changed.

SQLite checks the types and ranges of its columns. What the program reads from texts is checked
here, when a file is opened: facts as JSON, dates, and words that mean something.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, get_args

from merge.advice import Choice
from merge.letter_status import FileContent

SALT_FACT = "salt"
PROGRAM_FACT = "program"
"""The fact that stores the version of the program that created the ledger."""
SALT_LENGTH = 16
"""Length in bytes."""
CLOSED_FACT = "closed"
FIRST_FILES_FACT = "first files"
"""The fact that has the hashes of the files with which a ledger began.

Each has its time, in seconds since 1970. Two computers may begin a campaign at the same time.
"""
OTHER_SALT_FACT = "other salt: "
"""The beginning of facts that name salts of other ledgers.

Those ledgers were joined with this one. The hashes of deleted rows keep the salt with which they
were made.
"""
DELETED_IN_FACT = "deleted in: "
"""The beginning of facts that name print files of deleted people.

The number and the moment of the print file follow. Its other record is deleted.
"""

_Check = Callable[..., object]
"""Returns whether values are valid; it may raise an error instead."""

_STAGES = {"", "Printed", "Signed", "Posted", "Answered"}
"""An empty stage says that a letter was printed once."""


def _is_text(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def _is_day(day: Any) -> object:  # noqa: ANN401
    return day == "" or dt.date.fromisoformat(day)


def _are_texts(values: Any) -> bool:  # noqa: ANN401
    return isinstance(values, list) and _is_text(*values)


def _are_texts_by_name(values: Any) -> bool:  # noqa: ANN401
    return _is_text(*values.values())


def _are_texts_by_letter(values: Any) -> bool:  # noqa: ANN401
    return all(map(_are_texts_by_name, values.values()))


def _is_last_run(run: Any) -> bool:  # noqa: ANN401
    files = [(type(changed), *versions) for changed, *versions in run["files"].values()]
    has_files = all(kind is int and versions and _is_text(*versions) for kind, *versions in files)
    moment = dt.datetime.fromisoformat(run["moment"])
    is_moment = moment.tzinfo is not None and moment.astimezone() is not None
    return has_files and is_moment and _is_text(run["token"], run["computer"])


def _is_deletion(deletion: Any) -> bool:  # noqa: ANN401
    keys = ("called", "letters", "people", "texts", "weak_names")
    return all(_are_texts(deletion[key]) for key in keys)


def _is_register_state(state: Any) -> bool:  # noqa: ANN401
    flags = ("waits", "says_less", "may_say")
    are_flags = all(isinstance(state[key], bool) for key in flags)
    return state.keys() == {"told", *flags} and are_flags and _is_text(state["told"])


def _is_print_file(key: str) -> bool:
    number, moment = key.split(" ", 1)
    return int(number) > 0 and bool(dt.datetime.fromisoformat(moment))


def _is_salt(salt: Any) -> bool:  # noqa: ANN401
    return len(bytes.fromhex(salt)) == SALT_LENGTH


def _is_fact(name: str, value: Any) -> object:  # noqa: ANN401
    """Return whether a fact is valid; some have a key in their name."""
    for beginning, is_valid in _KEY_CHECKS.items():
        if name.startswith(beginning):
            return is_valid(name.removeprefix(beginning))
    return _FACT_CHECKS[name](value)


_KEY_CHECKS: Mapping[str, _Check] = {OTHER_SALT_FACT: _is_salt, DELETED_IN_FACT: _is_print_file}
"""Checks of the rest of the name, by its beginning."""
_FACT_CHECKS: Mapping[str, _Check] = {
    SALT_FACT: _is_salt,
    PROGRAM_FACT: _is_text,
    CLOSED_FACT: _is_day,
    FIRST_FILES_FACT: lambda times: all(type(time) is int for time in times.values()),
    "forgetting": lambda deletions: (
        isinstance(deletions, list) and all(map(_is_deletion, deletions))
    ),
    "last_run": _is_last_run,
    "late": _are_texts_by_letter,
    "marks": _are_texts_by_letter,
    "proofread": _are_texts_by_name,
    "register": _is_register_state,
}
"""Checks of the facts that computers share, by name."""

_TEXTS = (
    "SELECT path, was, superseded FROM letter",
    "SELECT key FROM person",
    "SELECT digest, fields FROM said",
    "SELECT hash FROM deleted",
)
"""Queries for texts of any kind; a text that is not UTF-8 is an error."""

_ROW_CHECKS: Mapping[str, _Check] = {
    "SELECT DISTINCT content FROM letter": get_args(FileContent).__contains__,
    "SELECT name FROM person": lambda name: bytes.fromhex(name) is not None,
    "SELECT DISTINCT moment FROM printed": dt.datetime.fromisoformat,
    "SELECT DISTINCT stage FROM paper": _STAGES.__contains__,
    "SELECT DISTINCT choice FROM decision": get_args(Choice).__contains__,
    "SELECT DISTINCT json_type(fields) FROM said": "object".__eq__,
    "SELECT DISTINCT type FROM said, json_each(fields)": "text".__eq__,
    "SELECT name, value FROM fact": lambda name, value: _is_fact(name, json.loads(value)),
}
"""Checks of rows, by the query that returns them."""

_INVALID = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)


def has_valid_values(db: sqlite3.Connection) -> bool:
    """Return whether the program can read all values of a ledger."""
    try:
        for query in _TEXTS:
            deque(db.execute(query), maxlen=0)
        has_salt = db.execute("SELECT 1 FROM fact WHERE name = ?", (SALT_FACT,)).fetchone()
        return has_salt is not None and all(
            is_valid(*row) for query, is_valid in _ROW_CHECKS.items() for row in db.execute(query)
        )
    except _INVALID:
        return False
