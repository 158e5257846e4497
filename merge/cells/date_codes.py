"""What the letters of a date format stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from merge.cells.tokens import Token
from merge.cells.unsupported import UnsupportedFormat

_LONGEST = {"y": 4, "m": 5, "d": 4, "h": 2, "s": 2}
"""How many of a letter mean something; more of them mean the same."""


def date_codes(section: Sequence[Token]) -> list[Token]:
    """The section with minutes as `n`, years as `y`, and `.000` as one token of kind point."""
    joined = list(_join_fractions(section))
    return [_settled(joined, i) for i in range(len(joined))]


def _join_fractions(section: Sequence[Token]) -> Iterator[Token]:
    """Zeros after a point are decimals of a second; other signs of numbers show themselves."""
    at = 0
    while at < len(section):
        token, zeros = section[at], 0
        at += 1
        if token.kind == "point":
            zeros = _zeros(section[at:])
            at += zeros
        if token.kind in {"digit", "percent", "exponent", "general", "text"}:
            raise UnsupportedFormat(f"a date format with {token.text} in it")
        yield Token("point", "." + "0" * zeros) if zeros else _plain(token)


def _zeros(rest: Sequence[Token]) -> int:
    count = 0
    while count < len(rest) and rest[count] == Token("digit", "0"):
        count += 1
    return count


def _plain(token: Token) -> Token:
    """Letters in one case, no more of them than count; points, commas and slashes as text."""
    if token.kind in {"point", "comma", "slash"}:
        return Token("literal", token.text)
    return Token("date", _counting(token.text.lower())) if token.kind == "date" else token


def _counting(letters: str) -> str:
    """The letters that count: `yyyyy` is `yyyy`, `mmmmmm` is `mmmm`; `e` is the year."""
    letter = letters[0]
    if letter == "e" or letters == "yyy":
        return "yyyy"
    if letter == "m" and len(letters) > 5:
        return "mmmm"
    return letters[: _LONGEST[letter]]


def _settled(codes: Sequence[Token], at: int) -> Token:
    """A code with `m` turned into `n` where it means minutes: after hours or before seconds."""
    code = codes[at]
    if code.kind != "date" or code.text not in {"m", "mm"}:
        return code
    before = next((c.text[0] for c in reversed(codes[:at]) if _counts(c)), "")
    after = next((c.text[0] for c in codes[at + 1 :] if _counts(c)), "")
    return Token("date", code.text.replace("m", "n")) if before == "h" or after == "s" else code


def _counts(code: Token) -> bool:
    return code.kind in {"date", "elapsed"}
