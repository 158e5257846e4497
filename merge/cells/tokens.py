"""A format code cut into its tokens: ECMA-376 part 1, 18.8.31."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from merge.cells.unsupported import UnsupportedFormat

Kind = Literal[
    "literal",  # shown as it is: quoted, escaped, or padding
    "bare",  # shown as it is, without a quote around it
    "digit",  # a digit placeholder: 0 # ?
    "point",
    "comma",
    "percent",
    "slash",
    "exponent",  # E+ or E-
    "text",  # @
    "general",
    "date",  # y m d h s e, repeated
    "elapsed",  # h m s, repeated, from within brackets
    "half",  # AM/PM or A/P
    "condition",
    "locale",  # what stands after [$-
    "end",  # of a section
]


@dataclass(frozen=True, slots=True)
class Token:
    """One sign of a format code; `text` is what it shows, or says."""

    kind: Kind
    text: str

    @property
    def shows_itself(self) -> bool:
        """Whether the text is shown whatever the value is."""
        return self.kind in {"literal", "bare"}


# The letters left out of `bare` mean something, if only in Excel's other languages.
_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)" | \\(?P<escaped>.) | _(?P<padding>.) | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>general) | (?P<half>am/pm|a/p) | (?P<exponent>e[+-])
    | (?P<date>y+|m+|d+|h+|s+|e+)
    | (?P<digit>[0\#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%) | (?P<slash>/)
    | (?P<text>@) | (?P<end>;) | (?P<bare>[^"\\_*\[\]abgnr])
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII | re.DOTALL,
)
_PLAIN: dict[str, Kind] = {
    "general": "general",
    "half": "half",
    "exponent": "exponent",
    "date": "date",
    "digit": "digit",
    "point": "point",
    "comma": "comma",
    "percent": "percent",
    "slash": "slash",
    "text": "text",
    "end": "end",
    "bare": "bare",
    "quoted": "literal",
    "escaped": "literal",
}
_COLOUR = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|color *[0-9]{1,2}")
_ELAPSED = re.compile(r"(?i)h+|m+|s+")
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=) *-?[0-9]*\.?[0-9]+(?:[Ee][+-]?[0-9]+)?")


def tokens(code: str) -> Iterator[Token]:
    """The tokens of a format code, colours and fill characters dropped.

    A fill (`* `) widens to the column and shows nothing here; padding (`_)`) is one space.
    Raises UnsupportedFormat at the first sign that means nothing.
    """
    at = 0
    while at < len(code):
        found = _TOKEN.match(code, at)
        if found is None:
            raise UnsupportedFormat(f"the format {code} has {code[at]!r} where it means nothing")
        at = found.end()
        yield from _token(found)


def _token(found: re.Match[str]) -> Iterator[Token]:
    group = str(found.lastgroup)
    text = found[group]
    if group == "bracket":
        yield from _bracket(text)
    elif group == "padding":
        yield Token("literal", " ")
    elif group != "fill":
        yield Token(_PLAIN[group], text)


def _bracket(text: str) -> Iterator[Token]:
    """What stands between brackets: colour, condition, elapsed time, currency and language."""
    if text.startswith("$"):
        yield from _currency(text[1:])
    elif _ELAPSED.fullmatch(text):
        yield Token("elapsed", text.lower())
    elif _CONDITION.fullmatch(text):
        yield Token("condition", text)
    elif not _COLOUR.fullmatch(text):
        raise UnsupportedFormat(f"[{text}] in a number format is not known here")


def _currency(text: str) -> Iterator[Token]:
    """`[$€-40C]` is the sign, then the language that names months and days."""
    sign, _, language = text.partition("-")
    if sign:
        yield Token("literal", sign)
    if language:
        yield Token("locale", language)
