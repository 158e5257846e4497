"""Lines that store entries: a checksum and a JSON object.

The object has the entry's run and number (`i`), its kind (`k`), and the fields of the kind that do
not have their defaults.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, get_args, get_type_hints

from merge.people import SheetKind
from merge.state.entries import (
    KINDS,
    STAGES,
    Content,
    Entry,
    Id,
    RelativePath,
    RunName,
    Stage,
    UnknownEntry,
    Version,
)

FORMAT = 1
"""The number of the format, which each run names.

A program reads no higher number. A new kind of entry, or a new field with a default, needs no new
number: programs that do not know them keep and ignore them.
"""


class NewerFormatError(Exception):
    """A newer version of the program wrote a run.

    `version` is that version, or empty if it is unknown.
    """

    def __init__(self, version: str, number: int) -> None:
        self.version, self.number = version, number
        super().__init__(version)


def to_line(run: str, number: int, content: Content) -> bytes:
    """Return the line of an entry, with its end."""
    kind = type(content)
    fields: dict[str, object] = {"i": (run, number), "k": _KIND_NAMES[kind]}
    for (name, codec, has_default, default), value in zip(_FIELDS[kind], content, strict=True):
        if not (has_default and value == default):
            fields[name] = codec.write(value)
    data = _encode(fields).encode("utf-8", "surrogatepass")
    return b"%08x %s\n" % (zlib.crc32(data), data)


def read_lines(data: bytes) -> list[Entry]:
    """Return the intact entries in the bytes of a file.

    Raise NewerFormatError if a newer version of the program wrote one of them.
    """
    return [entry for line in data.splitlines(keepends=True) if (entry := read_line(line))]


def read_line(line: bytes) -> Entry | None:
    """Return the entry of a line with its end, or None if it is damaged.

    It is damaged if its checksum is wrong, or if a value is not of the field's type. Raise
    NewerFormatError if a newer version of the program wrote it.
    """
    data = line[9:-1]
    if line[:9] != b"%08x " % zlib.crc32(data) or line[-1:] != b"\n":
        return None
    try:
        fields = _decode(data.decode("utf-8", "surrogatepass"))
        (run, number), name = fields["i"], fields["k"]
        if type(number) is not int or number < 1 or not _is_run_name(run):
            return None
        if name == "run":
            _check_format(fields)
        kind = KINDS.get(name)
        content = _read_content(kind, fields) if kind else _read_unknown(fields)
    except _DAMAGE:
        return None
    return Entry(run, number, content, line)


_decode = json.JSONDecoder().decode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_is_run_name = cache(re.compile("[0-9a-f]{10}").fullmatch)
_PROGRAM_VERSION = re.compile(r"\d[\w.+-]{0,29}")
_DAMAGE = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)


def _check_format(fields: Mapping[str, Any]) -> None:
    """Raise NewerFormatError if a run has a higher format number."""
    number, program = fields["format"], str(fields.get("program", ""))
    if type(number) is int and number > FORMAT:
        raise NewerFormatError(program if _PROGRAM_VERSION.fullmatch(program) else "", number)


def _read_content(kind: type[Any], fields: Mapping[str, Any]) -> Content:
    content: Content = kind._make(
        [
            default if has_default and name not in fields else codec.read(fields[name])
            for name, codec, has_default, default in _FIELDS[kind]
        ]
    )
    return content


def _read_unknown(fields: Mapping[str, Any]) -> UnknownEntry:
    names = (fields.get("id", ""), fields.get("person", ""))
    own_id, person = (name if isinstance(name, str) else "" for name in names)
    ids = fields.get("who", ())
    return UnknownEntry(own_id, person, tuple(i for i in ids if isinstance(i, str)))


# Values of fields as JSON: bytes are in hexadecimal.


class _Codec(NamedTuple):
    """Functions that read a field's value from JSON and write it.

    Reading raises ValueError, TypeError, AttributeError or LookupError if the value is not of the
    field's type.
    """

    read: Callable[[Any], object]
    write: Callable[[Any], object] = lambda value: value


def _only(kind: type) -> Callable[[object], object]:
    def read(value: object) -> object:
        if type(value) is not kind:
            raise TypeError
        return value

    return read


def _read_id(value: str) -> str:
    if len(value) != 16 or value.strip("0123456789abcdef"):
        raise ValueError
    return value


def _read_path(value: str) -> str:
    if value.startswith(("/", "\\")) or value[1:2] == ":" or "\0" in value:
        raise ValueError
    if ".." in value and ".." in value.replace("\\", "/").split("/"):
        raise ValueError
    return value


def _read_run_name(value: str) -> str:
    if not _is_run_name(value):
        raise ValueError
    return value


def _read_version(value: str) -> Version | None:
    if value == "":
        return None
    return Version(_read_id(value[:16]) if value[:16].strip() else "", bytes.fromhex(value[16:]))


def _write_version(version: Version | None) -> str:
    return f"{version.id:16}{version.output.hex()}" if version else ""


def _list_of(item: _Codec) -> _Codec:
    read_item = item.read

    def read(values: list[Any]) -> tuple[object, ...]:
        if type(values) is not list:
            raise TypeError
        return tuple([read_item(value) for value in values])

    return _Codec(read, lambda values: [*map(item.write, values)])


_TEXT = _Codec(str.__str__)  # raises TypeError if it is not a text
_TEXTS = _list_of(_TEXT)
_shared_set: Callable[[Any], frozenset[str]] = cache(frozenset)
"""Return a set that many entries share, such as a person's forms."""

_read_integer = _only(int)
_ID = _Codec(_read_id)
_SHEET_KINDS = get_args(SheetKind)
_CODECS: Mapping[object, _Codec] = {
    str: _TEXT,
    int: _Codec(_read_integer),
    bool: _Codec(_only(bool)),
    bytes: _Codec(bytes.fromhex, bytes.hex),
    dt.date: _Codec(dt.date.fromordinal, dt.date.toordinal),
    dt.datetime: _Codec(cache(dt.datetime.fromisoformat), dt.datetime.isoformat),
    Id: _ID,
    RelativePath: _Codec(_read_path),
    SheetKind: _Codec(lambda kind: _SHEET_KINDS[_SHEET_KINDS.index(kind)]),
    Stage: _Codec(lambda stage: STAGES[STAGES.index(stage)]),
    tuple[str, ...]: _TEXTS,
    tuple[Id, ...]: _list_of(_ID),
    tuple[RunName, ...]: _list_of(_Codec(_read_run_name)),
    tuple[Version | None, ...]: _list_of(_Codec(_read_version, _write_version)),
    dt.datetime | None: _Codec(dt.datetime.fromisoformat, dt.datetime.isoformat),
    frozenset[str]: _Codec(lambda values: _shared_set(_TEXTS.read(values)), sorted),
    Mapping[str, int]: _Codec(lambda values: {n: _read_integer(v) for n, v in values.items()}),
    Mapping[str, str]: _Codec(lambda values: {n: str.__str__(v) for n, v in values.items()}, dict),
}


class _Field(NamedTuple):
    name: str
    codec: _Codec
    has_default: bool
    default: object


def _fields_of(kind: type[Any]) -> tuple[_Field, ...]:
    defaults = kind._field_defaults
    return tuple(
        _Field(name, _CODECS[hint], name in defaults, defaults.get(name))
        for name, hint in get_type_hints(kind, include_extras=True).items()
    )


_FIELDS = {kind: _fields_of(kind) for kind in KINDS.values()}
_KIND_NAMES: Mapping[type[Any], str] = {kind: name for name, kind in KINDS.items()}
