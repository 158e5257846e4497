r"""The picture of a switch \@, as Babel writes patterns (ECMA-376 part 1, 17.16.4.1). Pure."""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"'(?P<quoted>[^']*)(?:'|$)|‘(?P<curly>[^’]*)’|(?P<half>[Aa][Mm]/[Pp][Mm])"
    r"|(?P<code>d{1,4}|D{1,4}|M{1,4}|y{1,4}|Y{1,4}|h{1,2}|H{1,2}|m{1,2}|[sS]{1,2})|(?P<text>.)",
    re.DOTALL,
)
_CODES = {"ddd": "EEE", "dddd": "EEEE", "y": "yy", "yyy": "yyyy"}
_ALONE = {"MMM": "LLL", "MMMM": "LLLL"}
"""Months without a day, which many languages write in another case."""


def date_pattern(picture: str) -> str:
    """The picture for Babel: `dddd, d MMMM yyyy` is `EEEE, d MMMM yyyy`."""
    pieces = list(_PIECE.finditer(picture))
    has_day = any((p["code"] or "").lower() in {"d", "dd"} for p in pieces)
    pattern, literal = "", ""
    for piece in pieces:
        code = "a" if piece["half"] else _code(piece["code"] or "", has_day=has_day)
        if code:
            pattern += _quoted(literal) + code
            literal = ""
        else:
            literal += piece["quoted"] or piece["curly"] or piece["text"] or ""
    return pattern + _quoted(literal)


def _code(code: str, *, has_day: bool) -> str:
    same = code if code[:1] in {"M", "H"} else code.lower()
    return _CODES.get(same, same) if has_day else _ALONE.get(same, _CODES.get(same, same))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'" if re.search("[A-Za-z']", text) else text
