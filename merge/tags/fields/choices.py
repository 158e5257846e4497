"""An IF in its simple form as a condition and two texts (ECMA-376 part 1, 17.16.5.26).

Word compares numbers as numbers and all else as text, upper and lower case apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from merge.ooxml.fields import PARAGRAPH, Field, Token, code_of, kind_of
from merge.tags.fields.refused import RefusedError
from merge.tags.fields.values import MergeField, Reader, string

_OPERATORS = {"=": "==", "<>": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")
_EMPTY = Token(())


@dataclass(frozen=True, slots=True)
class Choice:
    """A condition, the text where it holds, the text where it does not.

    `asked` is the expression where the condition asks only whether that is blank, and then
    one text is empty: the field is a value with text round it, and may close up.
    """

    test: str
    then: Token
    otherwise: Token
    asked: str = ""

    @property
    def text(self) -> Token:
        """The text that is not empty, of a choice that only asks for a blank."""
        return self.then if self.then.items else self.otherwise


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a comparison: an expression, and the field that it is, if it is one."""

    expression: str
    field: MergeField | None = None
    literal: str | None = None


def read_choice(reader: Reader, field: Field) -> Choice:
    """A field of kind IF. RefusedError, with the condition to write, where it is not simple."""
    code = code_of(reader.story, field)
    parts = _parts(code)
    if not 4 <= len(parts) <= 5:
        raise _refused(reader, parts, "is not of the form: field, sign, text, two texts")
    if parts[1].text not in _OPERATORS:
        raise _refused(reader, parts, f'has no sign of comparison before "{parts[1].text}"')
    then, otherwise = parts[3], parts[4] if len(parts) == 5 else _EMPTY
    for text in (then, otherwise):
        if PARAGRAPH in text.text:
            raise _refused(reader, parts, "goes over several paragraphs")
        for inner in text.fields:
            _check_inner(reader, inner, parts)
    return _choice(reader, parts, then, otherwise)


def _choice(reader: Reader, parts: list[Token], then: Token, otherwise: Token) -> Choice:
    left, right = _side(reader, parts, parts[0]), _side(reader, parts, parts[2])
    sign = parts[1].text
    if right.literal == "" and sign in {"=", "<>"}:
        asked = left.field.name if left.field else f"({left.expression})"
        empty = then if sign == "=" else otherwise
        test = f'{asked}|default("") {_OPERATORS[sign]} ""'
        return Choice(test, then, otherwise, "" if empty.items else asked)
    return Choice(_test(reader, parts, left, right), then, otherwise)


def _check_inner(reader: Reader, inner: Field, parts: Sequence[Token]) -> None:
    kind = kind_of(code_of(reader.story, inner))
    if kind not in {"MERGEFIELD", "IF"}:
        raise _refused(reader, parts, f"has the field {kind or '{ }'} in its texts")


def _parts(code: Sequence[Token]) -> list[Token]:
    """Operand, sign, operand, texts; the sign may stand without spaces round it."""
    end = next((i for i, token in enumerate(code) if token.switch), len(code))
    parts = list(code[1:end])
    for at, token in enumerate(parts[:2]):
        found = None if token.quoted else re.search("[<>=]+", token.text)
        if found:
            cuts = (0, found.start(), found.end(), len(token.items))
            pieces = [Token(token.items[a:b]) for a, b in pairwise(cuts)]
            return [*parts[:at], *(p for p in pieces if p.items), *parts[at + 1 :]]
    return parts


def _side(reader: Reader, parts: Sequence[Token], token: Token) -> _Side:
    if len(token.items) == len(token.fields) == 1:
        kind = kind_of(code_of(reader.story, token.fields[0]))
        if kind != "MERGEFIELD":
            raise _refused(reader, parts, f"compares the field {kind or '{ }'}")
        field = reader.merge_field(token.fields[0])
        return _Side(field.expression, field)
    if not token.quoted and token is parts[0]:
        raise _refused(reader, parts, f'compares "{token.text}", which is no merge field')
    return _Side(reader.text(token), literal=None if token.fields else token.text.strip())


def _test(reader: Reader, parts: Sequence[Token], left: _Side, right: _Side) -> str:
    sign = parts[1].text
    ordered = sign not in {"=", "<>"}
    if not ordered and right.literal is not None and re.search(r"[*?]", right.literal):
        raise _refused(reader, parts, "compares with * or ?, which stand for any letters")
    if _has_number(left) or _has_number(right) or (ordered and _has_date(left, right)):
        raise _refused(reader, parts, "compares a merge field that has a picture")
    number = right.literal is not None and _NUMBER.fullmatch(right.literal)
    first, second = _bracketed(left), _bracketed(right)
    if not number or left.field is None or left.field.date:
        return f"{first} {_OPERATORS[sign]} {second}"
    if ordered:
        return f"{left.field.name} {sign} {right.literal}"
    joined = "or" if sign == "=" else "and"
    as_number = f"{left.field.name} {_OPERATORS[sign]} {right.literal}"
    return f"{as_number} {joined} {first} {_OPERATORS[sign]} {second}"


def _has_number(side: _Side) -> bool:
    return side.field is not None and side.field.number is not None


def _has_date(*sides: _Side) -> bool:
    return any(side.field is not None and bool(side.field.date) for side in sides)


def _bracketed(side: _Side) -> str:
    joined = " ~ " in side.expression and side.literal is None
    return f"({side.expression})" if joined else side.expression


def _refused(reader: Reader, parts: Sequence[Token], why: str) -> RefusedError:
    hint = f"Write {{% if {_likely_test(reader, parts)} %}}…{{% else %}}…{{% endif %}} instead."
    if any(PARAGRAPH in part.text for part in parts):
        hint += " A line of nothing but blank tags closes up without it."
    return RefusedError("field-not-usable", f"Word's IF {why}.", hint)


def _likely_test(reader: Reader, parts: Sequence[Token]) -> str:
    """What the IF probably asks."""
    name = next(iter(_names(reader, parts)), "recipient.country")
    literal = parts[2].text if len(parts) > 3 and not parts[2].fields else "…"
    sign = _OPERATORS.get(parts[1].text, "==") if len(parts) > 1 else "=="
    if re.search(r"[*?]", literal):
        within = f"{string(literal.strip('*?'))} in {name}"
        return f"not ({within})" if sign == "!=" else within
    number = _NUMBER.fullmatch(literal) and sign not in {"==", "!="}
    return f"{name} {sign} {literal if number else string(literal)}"


def _names(reader: Reader, parts: Sequence[Token]) -> list[str]:
    """The expressions of the merge fields in the IF, the compared one first."""
    fields = [field for part in parts for field in part.fields]
    codes = [code_of(reader.story, field) for field in fields]
    merge = [code for code in codes if kind_of(code) == "MERGEFIELD" and len(code) > 1]
    return [reader.expression(code[1].text) for code in merge]
