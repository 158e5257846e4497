"""Tokens, conditions and built-in codes of number formats.

Sources: ECMA-376 part 1, 18.8.30 (built-in formats) and 18.8.31 (the language of format codes).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, get_args

CellValue = str | int | float | bool | None
"""A cell's value: text, a number, TRUE or FALSE; None if it is blank."""

HASHES = "########"
"""Text that Excel shows, across the column, for an impossible value."""
DAYS_TO_1904 = 1462
"""Days from the 1900 date system to the 1904 one.

Serial 0 of the 1904 date system is serial 1462 of the 1900 one: ECMA-376 part 1, 18.17.4.1.
"""

BUILTIN_FORMATS: Mapping[int, str] = MappingProxyType(
    {
        0: "General",
        1: "0",
        2: "0.00",
        3: "#,##0",
        4: "#,##0.00",
        5: '"$"#,##0_);("$"#,##0)',
        6: '"$"#,##0_);[Red]("$"#,##0)',
        7: '"$"#,##0.00_);("$"#,##0.00)',
        8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
        9: "0%",
        10: "0.00%",
        11: "0.00E+00",
        12: "# ?/?",
        13: "# ??/??",
        14: "mm-dd-yy",
        15: "d-mmm-yy",
        16: "d-mmm",
        17: "mmm-yy",
        18: "h:mm AM/PM",
        19: "h:mm:ss AM/PM",
        20: "h:mm",
        21: "h:mm:ss",
        22: "m/d/yy h:mm",
        37: "#,##0_);(#,##0)",
        38: "#,##0_);[Red](#,##0)",
        39: "#,##0.00_);(#,##0.00)",
        40: "#,##0.00_);[Red](#,##0.00)",
        41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)',
        42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
        43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
        44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
        45: "mm:ss",
        46: "[h]:mm:ss",
        47: "mmss.0",
        48: "##0.0E+0",
        49: "@",
    }
)
"""Format codes of the built-in formats by numFmtId.

ECMA-376 part 1, 18.8.30, does not list 5-8 and 41-44, because they have the computer's currency.
They are given as in Excel en-US. IDs 23-36 and 50-81 have another meaning in each East Asian
language. They are missing here, so a workbook that uses one must contain its code.
"""


class UnsupportedFormatError(ValueError):
    """A number format, or a value in it, cannot be shown as in Excel.

    The message says in plain words what is not supported.
    """


FormatTokenKind = Literal[
    "literal",  # shown as is: quoted, escaped, or padding
    "bare",  # shown as is, without quotes
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
    "locale",  # the text after [$-
    "end",  # of a section
]


@dataclass(frozen=True, slots=True)
class FormatToken:
    """A token of a number format's code; `text` is what it shows or means."""

    kind: FormatTokenKind
    text: str

    @property
    def is_constant_text(self) -> bool:
        """Whether the token is a text that every value gets."""
        return self.kind in {"literal", "bare"}


# Letters that `bare` excludes have a meaning, some only in other languages of Excel.
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
_KINDS: dict[str, FormatTokenKind] = {kind: kind for kind in get_args(FormatTokenKind)}
_KINDS |= {"quoted": "literal", "escaped": "literal"}
_COLOUR = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|color *[0-9]{1,2}")
_ELAPSED = re.compile(r"(?i)h+|m+|s+")
_CONDITION = re.compile(
    r"(<=|>=|<>|<|>|=) *-?(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)(?:[Ee][+-]?[0-9]++)?"
)


def tokenize(code: str) -> Iterator[FormatToken]:
    """Yield the tokens of a format code, without colours and fill characters.

    A fill (`* `) widens to the column and shows nothing here. Padding (`_)`) is one space. Raise
    UnsupportedFormatError at the first character without a meaning.
    """
    position = 0
    while position < len(code):
        match = _TOKEN.match(code, position)
        if match is None:
            raise UnsupportedFormatError(
                f"the format {code} has “{code[position]}” where it means nothing"
            )
        position, group = match.end(), str(match.lastgroup)
        if group == "bracket":
            yield from _bracket_tokens(match[group])
        elif group == "padding":
            yield FormatToken("literal", " ")
        elif group != "fill":
            yield FormatToken(_KINDS[group], match[group])


def _bracket_tokens(text: str) -> Iterator[FormatToken]:
    """Yield the tokens of a pair of square brackets in a format code.

    It contains a colour, condition, elapsed time, or a currency and language. `[$€-40C]` has the
    currency sign, and then the language of the names of months and days.
    """
    if text.startswith("$"):
        sign, _, language = text[1:].partition("-")
        if sign:
            yield FormatToken("literal", sign)
        if language:
            yield FormatToken("locale", language)
    elif _ELAPSED.fullmatch(text):
        yield FormatToken("elapsed", text.lower())
    elif _CONDITION.fullmatch(text):
        yield FormatToken("condition", text)
    elif not _COLOUR.fullmatch(text):
        raise UnsupportedFormatError(f"[{text}] in a number format is not known here")


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}


@dataclass(frozen=True, slots=True)
class FormatCondition:
    """A number format's condition for a section, such as `[<=9999999]`."""

    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        """Return whether a value fulfils the number format's condition."""
        return _COMPARE[self.sign](value, self.limit)

    @property
    def holds_only_for_negatives(self) -> bool:
        """Whether the condition holds only for negative numbers.

        The section then shows no minus.
        """
        if self.sign == "<":
            return self.limit <= 0
        return self.sign in {"<=", "="} and self.limit < 0

    @property
    def rest_is_negative(self) -> bool:
        """Whether Excel shows numbers that fail the condition without a minus.

        It treats them as negative, although positive numbers may fail too: `[<-6]0;0` shows -5 as
        5. Seen in Excel 16 by the authors of numfmt (their tests of conditional sections).
        """
        return self.limit < 0 and self.sign != "="


POSITIVE = FormatCondition(">", 0)
NEGATIVE = FormatCondition("<", 0)
AT_LEAST_ZERO = FormatCondition(">=", 0)


def parse_condition(text: str) -> FormatCondition:
    """Return the condition in the square brackets of a format code."""
    sign, limit = re.split(r"(?<=[<>=])(?![<>=])", text, maxsplit=1)
    return FormatCondition(sign, float(limit))


class DisplayContext(NamedTuple):
    """Context of a displayed number, beside its value and format."""

    days_to_1900_system: int = 0
    """Days that turn a serial of this workbook into one of the 1900 system."""
    language: str = "en_US"
    """Language of months and days if the format has none."""


SectionKind = Literal["general", "number", "scientific", "fraction", "date"]


class SectionBody(Protocol):
    """A section of a number format, ready to show numbers."""

    @property
    def kind(self) -> SectionKind:
        """Kind of text that the section makes of a number."""

    def show(self, magnitude: float, context: DisplayContext, /) -> str:
        """Return the text that this section shows for a number without sign."""
