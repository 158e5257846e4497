"""Translate the code of a MERGEFIELD or IF into an expression.

Its switches and pictures are translated too: ECMA-376 part 1, 17.16.5.35 (MERGEFIELD) and
17.16.5.26 (IF). Anything that a placeholder cannot express is refused, with a hint what to write
instead. Nothing is translated to something that only nearly means the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from merge import messages
from merge.errors import FaultError
from merge.ooxml.fields import (
    PARAGRAPH_END,
    CodeChar,
    CodeToken,
    WordField,
    WordStory,
    field_code,
    field_kind,
)
from merge.ooxml.wordml import OBJECT
from merge.problems import shorten
from merge.template.field_pictures import NumberPicture, date_pattern, number_picture

_CASE_FILTERS = {"UPPER": "upper", "LOWER": "lower", "FIRSTCAP": "capitalize", "CAPS": "title"}
_FORMAT_SWITCHES = {"MERGEFORMAT", "CHARFORMAT"}
_IGNORED_SWITCHES = {"\\V", "\\M"}
_QUOTE_MARKS = re.compile(r'[\\"“”„‟«»＂″]')
"""Characters that end a quoted text in a tag, as in tags.py."""

ColumnLookup = Callable[[str], str]
"""A function that returns the expression for a merge field's name."""


def string_literal(text: str) -> str:
    """Return a text as a quoted string in a Jinja expression."""
    return '"' + _QUOTE_MARKS.sub(lambda m: "\\" + m[0], text).replace("\n", "\\n") + '"'


def if_not_blank(text: str, name: str) -> str:
    """Return the expression of a text that is printed if `name` is not blank.

    Otherwise it is blank. `default` says to the checks that a blank is intended; 0 and FALSE are
    not blank.
    """
    return f'({text}) if {name}|default("")|trim else ""'


@dataclass(frozen=True, slots=True)
class MergeField:
    """A MERGEFIELD as the column's expression, its filters and added texts.

    `before` and `after` are the expressions of texts around it; empty for none.
    """

    column: str
    case_filters: tuple[str, ...] = ()
    date: str = ""
    number: NumberPicture | None = None
    before: str = ""
    after: str = ""

    @property
    def expression(self) -> str:
        """The complete merge field as one Jinja expression."""
        number = self.number or NumberPicture("")
        date = f"|date({string_literal(self.date)})" if self.date else ""
        amount = f"|number({string_literal(number.pattern)})" if number.pattern else ""
        value = f"{self.column}{date}{amount}{''.join(self.case_filters)}"
        texts = [string_literal(text) if text else "" for text in (number.before, number.after)]
        pieces = [piece for piece in (self.before, texts[0], value, texts[1], self.after) if piece]
        return if_not_blank(" ~ ".join(pieces), self.column) if len(pieces) > 1 else value


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads merge fields and IF fields of a Word text from their codes."""

    story: WordStory
    column_lookup: ColumnLookup

    def read_merge_field(self, field: WordField) -> MergeField:
        """Return a MERGEFIELD; raise FaultError if no placeholder expresses it."""
        code = field_code(self.story, field)
        name = self.field_name(field)
        if not name or OBJECT in name:
            key = "field-not-usable/name-is-field" if name else "field-not-usable/no-name"
            raise FaultError(messages.fault(key))
        expression = self.column_lookup(name)
        is_simple = re.fullmatch(r"[\w.]+", expression)
        return self._apply_switches(expression if is_simple else f"({expression})", code)

    def field_name(self, field: WordField) -> str:
        """Return the name in a MERGEFIELD, as typed."""
        code = field_code(self.story, field)
        words = code[1 : next((i for i, t in enumerate(code) if t.is_switch), len(code))]
        return " ".join(" ".join(t.text for t in words).split())

    def describe_field(self, field: WordField) -> str:
        """Return a merge field as Word shows it, an IF by its condition."""
        code = field_code(self.story, field)
        if field_kind(code) == "MERGEFIELD":
            return f"«{self.field_name(field)}»"
        words = []
        for token in code[1:4]:
            names = iter([self.describe_field(inner) for inner in token.fields])
            text = "".join(next(names) if c == OBJECT else c for c in token.text)
            words.append(f'"{text}"' if token.is_quoted else text)
        return f"{{ IF {shorten(' '.join(words))} … }}"

    def _apply_switches(self, name: str, code: Sequence[CodeToken]) -> MergeField:
        texts = {"\\B": "", "\\F": ""}
        pictures = {"\\@": "", "\\#": ""}
        cases: list[str] = []
        for switch, arguments in read_switches(code):
            if switch in texts:
                text = arguments or _raise_missing_argument(switch)
                texts[switch] = self.text_expression(CodeToken(text[0].items))
            elif switch in pictures:
                pictures[switch] = _read_picture(switch, arguments)
            elif switch == "\\*":
                cases += _case_filters(arguments)
            elif switch not in _IGNORED_SWITCHES:
                fault = messages.fault("field-switch/unknown", switch=switch.lower())
                raise FaultError(fault)
        if all(pictures.values()):
            raise FaultError(messages.fault("field-switch/two"))
        date = date_pattern(pictures["\\@"])
        number = number_picture(pictures["\\#"]) if pictures["\\#"] else None
        return MergeField(
            name,
            case_filters=tuple(cases),
            date=date,
            number=number,
            before=texts["\\B"],
            after=texts["\\F"],
        )

    def text_expression(self, token: CodeToken) -> str:
        """Return a text of an IF as an expression, joined with its merge fields."""
        if PARAGRAPH_END in token.text:
            raise FaultError(messages.fault("field-switch/paragraphs"))
        parts, words = [], ""
        for item in token.items:
            if isinstance(item, CodeChar):
                words += item.char
            else:
                parts += [string_literal(words)] if words else []
                parts.append(f"({self._nested_expression(item)})")
                words = ""
        if OBJECT in token.text.replace(OBJECT, "", len(token.fields)):
            raise FaultError(messages.fault("field-not-usable/picture"))
        parts += [string_literal(words)] if words or not parts else []
        return " ~ ".join(parts)

    def _nested_expression(self, field: WordField) -> str:
        kind = field_kind(field_code(self.story, field))
        if kind != "MERGEFIELD":
            raise FaultError(messages.fault("field-not-usable/inner", kind=kind or "{ }"))
        return self.read_merge_field(field).expression


def read_switches(code: Iterable[CodeToken]) -> list[tuple[str, list[CodeToken]]]:
    """Return the switches of a field code in capitals, each with arguments."""
    switches_found: list[tuple[str, list[CodeToken]]] = []
    for token in code:
        if token.is_switch:
            switches_found.append((token.text.upper(), []))
        elif switches_found:
            switches_found[-1][1].append(token)
    return switches_found


def has_merge_format(code: Iterable[CodeToken]) -> bool:
    """Return whether a field's result keeps its own format (17.16.4.3)."""
    return any(
        switch == "\\*" and any(t.text.upper() == "MERGEFORMAT" for t in arguments)
        for switch, arguments in read_switches(code)
    )


def _raise_missing_argument(switch: str) -> NoReturn:
    raise FaultError(messages.fault("field-switch/empty", switch=switch.lower()))


def _read_picture(switch: str, arguments: Sequence[CodeToken]) -> str:
    text = " ".join(token.text for token in arguments)
    return text if text.strip() else _raise_missing_argument(switch)


def _case_filters(arguments: Sequence[CodeToken]) -> list[str]:
    r"""Return the filter of a switch \*, as a list; empty for those of format."""
    word = arguments[0].text if arguments else _raise_missing_argument("\\*")
    if word.upper() in _FORMAT_SWITCHES:
        return []
    if word.upper() not in _CASE_FILTERS:
        raise FaultError(messages.fault("field-switch/case", word=word))
    return [f"|{_CASE_FILTERS[word.upper()]}"]


# IF: a condition and two texts (ECMA-376 part 1, 17.16.5.26). Word compares numbers as numbers, and
# everything else as text with upper and lower case distinguished.

_OPERATORS = {"=": "==", "<>": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")
_NO_TEXT = CodeToken(())


@dataclass(frozen=True, slots=True)
class IfField:
    """A Word IF field: its condition, and its texts if true and if not.

    `tested_column` is the column's expression if the condition only asks whether it is blank, and
    one text is empty. Then the field is a value with text around it, and its line may be removed.
    """

    test: str
    then: CodeToken
    otherwise: CodeToken
    tested_column: str = ""

    @property
    def only_text(self) -> CodeToken:
        """The text that is not empty, of an IF that only asks for a blank."""
        return self.then if self.then.items else self.otherwise


@dataclass(frozen=True, slots=True)
class _Operand:
    """One side of a comparison: an expression, and its merge field or literal."""

    expression: str
    field: MergeField | None = None
    literal: str | None = None


def read_if_field(reader: FieldReader, field: WordField) -> IfField:
    """Return an IF; raise FaultError, with the condition, if it is not simple."""
    code = field_code(reader.story, field)
    parts = _split_if(code)
    if not 4 <= len(parts) <= 5:
        raise _if_error(reader, parts, "form")
    if parts[1].text not in _OPERATORS:
        raise _if_error(reader, parts, "sign", text=parts[1].text)
    then_text, else_text = parts[3], parts[4] if len(parts) == 5 else _NO_TEXT
    for text in (then_text, else_text):
        if PARAGRAPH_END in text.text:
            raise _if_error(reader, parts, "paragraphs")
        for kind in (field_kind(field_code(reader.story, inner)) for inner in text.fields):
            if kind not in {"MERGEFIELD", "IF"}:
                raise _if_error(reader, parts, "inner", kind=kind or "{ }")
    left, right = _read_operand(reader, parts, parts[0]), _read_operand(reader, parts, parts[2])
    sign = parts[1].text
    if right.literal == "" and sign in {"=", "<>"}:
        column = left.field.column if left.field else f"({left.expression})"
        empty = then_text if sign == "=" else else_text
        test = f'{column}|default("") {_OPERATORS[sign]} ""'
        return IfField(test, then_text, else_text, "" if empty.items else column)
    return IfField(_condition(reader, parts, left, right), then_text, else_text)


def compares_constants(code: Sequence[CodeToken]) -> bool:
    """Return whether an IF compares constants, so its result never changes."""
    parts = _split_if(code)
    return len(parts) > 3 and parts[1].text in _OPERATORS and all(map(_is_constant, parts[:3:2]))


def _is_constant(side: CodeToken) -> bool:
    """Return whether a side is neither a field nor a bookmark's name."""
    is_number = re.fullmatch(r"-?[\d.,]+", side.text) is not None
    return not side.fields and (side.is_quoted or is_number)


def _split_if(code: Sequence[CodeToken]) -> list[CodeToken]:
    """Return the operand, sign, operand and texts of an IF field's code.

    The sign may be written without spaces around it.
    """
    end = next((i for i, token in enumerate(code) if token.is_switch), len(code))
    parts = list(code[1:end])
    for position, token in enumerate(parts[:2]):
        match = None if token.is_quoted else re.search("[<>=]+", token.text)
        if match:
            cuts = (0, match.start(), match.end(), len(token.items))
            pieces = [CodeToken(token.items[a:b]) for a, b in pairwise(cuts)]
            return [*parts[:position], *(p for p in pieces if p.items), *parts[position + 1 :]]
    return parts


def _read_operand(reader: FieldReader, parts: Sequence[CodeToken], token: CodeToken) -> _Operand:
    if len(token.items) == len(token.fields) == 1:
        kind = field_kind(field_code(reader.story, token.fields[0]))
        if kind != "MERGEFIELD":
            raise _if_error(reader, parts, "field", kind=kind or "{ }")
        field = reader.read_merge_field(token.fields[0])
        return _Operand(field.expression, field)
    if not token.is_quoted and token is parts[0]:
        raise _if_error(reader, parts, "text", text=token.text)
    return _Operand(
        reader.text_expression(token), literal=None if token.fields else token.text.strip()
    )


def _condition(
    reader: FieldReader, parts: Sequence[CodeToken], left: _Operand, right: _Operand
) -> str:
    """Return the condition of an IF field as a Jinja expression.

    A column compared with a number is compared as a number, and for = and <> as text, too: its
    cells may contain numbers, or texts that look like them.
    """
    sign = parts[1].text
    is_ordered = sign not in {"=", "<>"}
    if not is_ordered and right.literal is not None and re.search(r"[*?]", right.literal):
        raise _if_error(reader, parts, "wildcard")
    fields = [side.field for side in (left, right) if side.field is not None]
    if any(f.number is not None or (is_ordered and f.date) for f in fields):
        raise _if_error(reader, parts, "format")
    number = right.literal is not None and _NUMBER.fullmatch(right.literal)
    left_text, right_text = _in_brackets(left), _in_brackets(right)
    if not number or left.field is None or left.field.date:
        return f"{left_text} {_OPERATORS[sign]} {right_text}"
    if is_ordered:
        return f"{left.field.column} {sign} {right.literal}"
    joined = "or" if sign == "=" else "and"
    as_number = f"{left.field.column} {_OPERATORS[sign]} {right.literal}"
    return f"{as_number} {joined} {left_text} {_OPERATORS[sign]} {right_text}"


def _in_brackets(side: _Operand) -> str:
    is_joined = " ~ " in side.expression and side.literal is None
    return f"({side.expression})" if is_joined else side.expression


def _if_error(
    reader: FieldReader, parts: Sequence[CodeToken], why: str, **fields: str
) -> FaultError:
    """Return the error of an IF; `why` is its message's variant after `if-`."""
    suggestion = f"{{% if {_suggest_condition(reader, parts)} %}}…{{% else %}}…{{% endif %}}"
    return FaultError(messages.fault(f"field-not-usable/if-{why}", instead=suggestion, **fields))


def _suggest_condition(reader: FieldReader, parts: Sequence[CodeToken]) -> str:
    """Return the probable condition of the IF, for the hint."""
    codes = [field_code(reader.story, field) for part in parts for field in part.fields]
    merge_codes = [code for code in codes if field_kind(code) == "MERGEFIELD" and len(code) > 1]
    name = reader.column_lookup(merge_codes[0][1].text) if merge_codes else "recipient.country"
    literal = parts[2].text if len(parts) > 3 and not parts[2].fields else "…"
    sign = _OPERATORS.get(parts[1].text, "==") if len(parts) > 1 else "=="
    if re.search(r"[*?]", literal):
        membership = f"{string_literal(literal.strip('*?'))} in {name}"
        return f"not ({membership})" if sign == "!=" else membership
    number = _NUMBER.fullmatch(literal) and sign not in {"==", "!="}
    return f"{name} {sign} {literal if number else string_literal(literal)}"
