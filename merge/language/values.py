"""What a tag can reach: text, numbers, dates, booleans, lists, dicts; none of them changeable."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias, Union

from merge.model import DataError, Place, Problem, Value
from merge.naming import tag_name

TreeValue: TypeAlias = Union[  # noqa: UP007 - a recursive alias cannot use |
    str, int, float, bool, dt.date, dt.time, Sequence["TreeValue"], Mapping[str, "TreeValue"], None
]
Tree: TypeAlias = Mapping[str, TreeValue]

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold (XML 1.0, production 2)."""

_UNSEEN = dict.fromkeys(
    [
        *(0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x2800, 0x3164, 0xFEFF, 0xFFA0),
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE1000),
    ],
    "",
)
"""Characters that print nothing: Unicode's Default_Ignorable_Code_Point, and the empty Braille."""

_BREAK = '</w:t><w:br/><w:t xml:space="preserve">'
_TAB = '</w:t><w:tab/><w:t xml:space="preserve">'


class NotUsableError(Exception):
    """A value that the tag cannot use; the message says why, in a few words."""

    def __init__(self, code: str, what: str, hint: str) -> None:
        super().__init__(what)
        self.code, self.what, self.hint = code, what, hint


def freeze(tree: Tree) -> dict[str, TreeValue]:
    """A tree as `fill` takes it: names folded as the tags' are, text checked, lists unchangeable.

    DataError where a text holds a character that no document can.
    """
    return {tag_name(name): _frozen(value) for name, value in tree.items()}


def _frozen(value: TreeValue) -> TreeValue:
    if isinstance(value, Value):
        return value
    if isinstance(value, str):
        found = FORBIDDEN.search(value)
        if found:
            what = f"the text holds the character U+{ord(found.group()):04X}, which no letter can."
            raise DataError(Problem("character-forbidden", Place("data"), what, "Delete it."))
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, Mapping):
        return freeze(value)
    if isinstance(value, Sequence):
        return tuple(_frozen(item) for item in value)
    return value


def is_blank(value: object) -> bool:
    """Whether printing a value leaves nothing to be seen; FALSE and 0 are not blank."""
    if isinstance(value, str):
        seen = value if value.isascii() else value.translate(_UNSEEN)
        return not seen.strip()
    return value is None or value in ((), [], {})


class Xml(str):
    """Text that is XML already, and is not escaped again."""

    __slots__ = ()


def text_xml(value: object) -> str:
    """A value as the inside of a w:t: escaped, line breaks and tabs as Word's own."""
    if type(value) is Value:
        if value.xml is None:
            value.xml = _text_xml(value)
        return value.xml
    if type(value) is Xml:
        return value
    return _text_xml(printable(value))


_PRINTED = (str, int, float, bool, dt.date, dt.time, dt.timedelta)


def printable(value: object) -> str:
    """The text that a value prints as. NotUsableError for a list, which has no one text."""
    if value is not None and not isinstance(value, _PRINTED):
        what, hint = "a list cannot be printed as it is.", 'Use a loop, or |join(", ").'
        raise NotUsableError("list-printed", what, hint)
    return "" if value is None else str(value)


def _text_xml(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", _BREAK).replace("\t", _TAB)


def plain_xml(value: object) -> Xml:
    """A value as an attribute or a bare string of XML."""
    escaped = printable(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Xml(escaped.replace('"', "&quot;").replace("\n", " ").replace("\t", " "))
