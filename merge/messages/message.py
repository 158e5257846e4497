"""Messages of the catalogue; problems and faults created from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from types import MappingProxyType
from typing import NamedTuple

from merge.messages.wording import FieldValue, field_names, fill_sentences
from merge.problems import Fault, Level, Place, Problem

Sentences = str | tuple[str, ...]
"""Message templates; one is omitted if one of its fields is None."""

WAIT_FOR_SYNC = "If this folder syncs, wait until the sync has finished."
"""The first thing to do if something is missing, incomplete or unknown."""

_SECTIONS = (
    "workbook_file",
    "sheets",
    "settings",
    "template_file",
    "placeholders",
    "values",
    "warnings",
    "letters",
    "register",
    "marks",
    "deletion",
    "forms",
    "signer_list",
    "printing",
    "proofreading",
    "uploads",
    "starting",
    "disk",
    "page",
)
"""The modules of the catalogue, in the order of docs/problems.md."""


class Example(NamedTuple):
    """An example of a problem in the docs: its place, fields and variant.

    `prefix` is the placeholder that the program writes before the message, if it does so.
    """

    place: str
    fields: Mapping[str, FieldValue] = MappingProxyType({})
    variant: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class Message:
    """A message: what is wrong, what to do about it, and what the docs say.

    `about` and `example` appear in docs/problems.md. Only the message whose key is a code without a
    variant has them.
    """

    what: Sentences
    remedy: Sentences = ""
    level: Level = "error"
    about: str = ""
    example: Example | None = None

    @cached_property
    def fields(self) -> frozenset[str]:
        """Names of all fields of the message."""
        sentences = (*_as_tuple(self.what), *_as_tuple(self.remedy))
        return frozenset[str]().union(*map(field_names, sentences))


class MessageSection(NamedTuple):
    """A section of docs/problems.md.

    A key of `messages` is a code, or `code/variant` for another wording.
    """

    title: str
    intro: str
    messages: Mapping[str, Message]


@cache
def sections() -> tuple[MessageSection, ...]:
    """Return the sections of the catalogue."""
    modules = (import_module(f"merge.messages.{name}") for name in _SECTIONS)
    return tuple(module.SECTION for module in modules)


@cache
def catalogue() -> Mapping[str, Message]:
    """Return all messages of the program, by key."""
    return {key: message for section in sections() for key, message in section.messages.items()}


def fault(key: str, /, **values: FieldValue) -> Fault:
    """Return a fault, without its place yet, from the message with a key.

    Raise KeyError if there is no such key, and TypeError if the message has other fields.
    """
    message = catalogue()[key]
    if message.fields != values.keys():
        raise TypeError(key, sorted(message.fields ^ values.keys()))
    what, hint = (
        fill_sentences(_as_tuple(message.what), values),
        fill_sentences(_as_tuple(message.remedy), values),
    )
    code = key.partition("/")[0]
    return Fault(
        code=code,
        what=str(what),
        hint=hint,
        level=message.level,
        fields=tuple(values.items()),
    )


def problem(key: str, place: Place, /, **values: FieldValue) -> Problem:
    """Return a problem at a place, from the message with a key.

    Raise KeyError if there is no such key, and TypeError if the message has other fields.
    """
    return fault(key, **values).to_problem(place)


def _as_tuple(sentences: Sentences) -> tuple[str, ...]:
    return (sentences,) if isinstance(sentences, str) else sentences
