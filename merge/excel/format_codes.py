"""A format code cut into its tokens, and what every kind of section shares.

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
"""What a cell holds: text, a number, TRUE or FALSE; None where it is empty."""

HASHES = "########"
"""What Excel shows, over the whole column, for what it cannot show."""
DAYS_TO_1904 = 1462
"""Serial 0 of the 1904 date system is serial 1462 of the 1900 one: ECMA-376 part 1, 18.17.4.1."""

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
"""From numFmtId to format code: ECMA-376 part 1, 18.8.30.

Ids 5-8 and 41-44 are not in that list, since they hold the currency of the computer; they are
given as Excel en-US has them. Ids 23-36 and 50-81 mean something else in each East Asian
language: a workbook that uses one without its code is not in here.
"""


class UnsupportedFormatError(ValueError):
    """A number format, or a value in it, that cannot be shown as Excel would.

    The message says in plain words what in the format cannot be done.
    """


FormatTokenKind = Literal[
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
class FormatToken:
    """One sign of a format code; `text` is what it shows, or says."""

    kind: FormatTokenKind
    text: str

    @property
    def is_constant_text(self) -> bool:
        """Return whether the text is shown whatever the value is."""
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
_KINDS: dict[str, FormatTokenKind] = {kind: kind for kind in get_args(FormatTokenKind)}
_KINDS |= {"quoted": "literal", "escaped": "literal"}
_COLOUR = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|color *[0-9]{1,2}")
_ELAPSED = re.compile(r"(?i)h+|m+|s+")
_CONDITION = re.compile(
    r"(<=|>=|<>|<|>|=) *-?(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)(?:[Ee][+-]?[0-9]++)?"
)


def tokenize(code: str) -> Iterator[FormatToken]:
    """Yield the tokens of a format code, colours and fill characters dropped.

    A fill (`* `) widens to the column and shows nothing here; padding (`_)`) is one space.
    Raises UnsupportedFormatError at the first sign that means nothing.
    """
    at = 0
    while at < len(code):
        found = _TOKEN.match(code, at)
        if found is None:
            raise UnsupportedFormatError(
                f"the format {code} has “{code[at]}” where it means nothing"
            )
        at, group = found.end(), str(found.lastgroup)
        if group == "bracket":
            yield from _bracket_tokens(found[group])
        elif group == "padding":
            yield FormatToken("literal", " ")
        elif group != "fill":
            yield FormatToken(_KINDS[group], found[group])


def _bracket_tokens(text: str) -> Iterator[FormatToken]:
    """Yield what stands between brackets: colour, condition, elapsed time, currency and language.

    `[$€-40C]` is the currency's sign, then the language that names months and days.
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
    """A comparison with a number, as `[<=9999999]`, that chooses a section of a format."""

    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        """Return whether the value passes."""
        return _COMPARE[self.sign](value, self.limit)

    @property
    def holds_only_for_negatives(self) -> bool:
        """Return whether no number passes but negative ones: the section then shows no minus."""
        if self.sign == "<":
            return self.limit <= 0
        return self.sign in {"<=", "="} and self.limit < 0

    @property
    def rest_is_negative(self) -> bool:
        """Return whether Excel takes what fails for negative, and shows it without a minus.

        It does so even where positive numbers fail too: `[<-6]0;0` shows -5 as 5. Seen in
        Excel 16 by the authors of numfmt (their tests of conditional sections).
        """
        return self.limit < 0 and self.sign != "="


POSITIVE = FormatCondition(">", 0)
NEGATIVE = FormatCondition("<", 0)
AT_LEAST_ZERO = FormatCondition(">=", 0)


def parse_condition(text: str) -> FormatCondition:
    """Return the condition that a bracket's text says."""
    sign, limit = re.split(r"(?<=[<>=])(?![<>=])", text, maxsplit=1)
    return FormatCondition(sign, float(limit))


class DisplayContext(NamedTuple):
    """The context that the text of a number depends on, beside its value and format."""

    days_to_1900_system: int = 0
    """Days to add to a serial of this workbook to get one of the 1900 date system."""
    language: str = "en_US"
    """The language of months and days where the format names none."""


SectionKind = Literal["general", "number", "scientific", "fraction", "date"]


class SectionBody(Protocol):
    """One section of a format, ready to show numbers."""

    @property
    def kind(self) -> SectionKind:
        """Return what the section makes of a number."""

    def show(self, magnitude: float, context: DisplayContext, /) -> str:
        """Return the text of a number without sign."""
