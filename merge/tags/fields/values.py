"""A MERGEFIELD with its switches as the expression of a tag (ECMA-376 part 1, 17.16.5.35)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from merge.ooxml.fields import PARAGRAPH, Char, Field, Story, Token, code_of, kind_of
from merge.ooxml.wordml import OBJECT
from merge.tags.fields.dates import date_pattern
from merge.tags.fields.numbers import NumberPicture, number_picture
from merge.tags.fields.refused import RefusedError

_CASES = {"UPPER": "upper", "LOWER": "lower", "FIRSTCAP": "capitalize", "CAPS": "title"}
_FORMATS = {"MERGEFORMAT", "CHARFORMAT"}
_OUTSIDE = "Put it into the text, outside of the field."
_NOT_ASKED = {"\\V", "\\M"}
_MARKS = re.compile(r'[\\"“”„‟«»＂″]')
"""What ends a quoted text in a tag: the double marks of scan.py."""

Expression = Callable[[str], str]
"""The expression for a merge field's name."""


def string(text: str) -> str:
    """A text as a tag quotes it."""
    return '"' + _MARKS.sub(lambda m: "\\" + m[0], text).replace("\n", "\\n") + '"'


def guarded(text: str, name: str) -> str:
    """What stands only where `name` is not blank, and is blank elsewhere.

    `default` says to the checks that a blank is meant; 0 and FALSE are not blank.
    """
    return f'({text}) if {name}|default("")|trim else ""'


@dataclass(frozen=True, slots=True)
class MergeField:
    """What a MERGEFIELD says: the column's expression, filters, text before and after."""

    name: str
    cases: tuple[str, ...] = ()
    date: str = ""
    number: NumberPicture | None = None
    before: str = ""
    after: str = ""
    """`before` and `after` are expressions; empty for none."""

    @property
    def expression(self) -> str:
        """All of it as one expression."""
        number = self.number or NumberPicture("")
        date = f"|date({string(self.date)})" if self.date else ""
        amount = f"|number({string(number.pattern)})" if number.pattern else ""
        value = f"{self.name}{date}{amount}{''.join(self.cases)}"
        texts = [string(t) if t else "" for t in (number.before, number.after)]
        parts = [p for p in (self.before, texts[0], value, texts[1], self.after) if p]
        return guarded(" ~ ".join(parts), self.name) if len(parts) > 1 else value


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the codes of a story's fields."""

    story: Story
    expression: Expression

    def merge_field(self, field: Field) -> MergeField:
        """A field of kind MERGEFIELD. RefusedError where it says what a tag cannot."""
        code = code_of(self.story, field)
        words = code[1 : next((i for i, t in enumerate(code) if t.switch), len(code))]
        name = " ".join(" ".join(t.text for t in words).split())
        if not name or OBJECT in name:
            what = "a merge field has no name." if not name else "a merge field's name is a field."
            hint = "Delete it, and choose Mailings, Insert Merge Field, in Word again."
            raise RefusedError("field-not-usable", what, hint)
        expression = self.expression(name)
        plain = re.fullmatch(r"[\w.]+", expression)
        return self._switched(expression if plain else f"({expression})", code)

    def _switched(self, name: str, code: Sequence[Token]) -> MergeField:
        texts = {"\\B": "", "\\F": ""}
        pictures = {"\\@": "", "\\#": ""}
        cases: list[str] = []
        for switch, arguments in switches(code):
            if switch in texts:
                texts[switch] = self._text(switch, arguments)
            elif switch in pictures:
                pictures[switch] = _picture(switch, arguments)
            elif switch == "\\*":
                cases += _case(arguments)
            elif switch not in _NOT_ASKED:
                what = f"the switch {switch.lower()} of a merge field is not known."
                raise RefusedError("field-switch", what, "Delete it.")
        if all(pictures.values()):
            what = "a merge field has a picture for dates and one for numbers."
            raise RefusedError("field-switch", what, "Delete \\@ or \\#.")
        date = date_pattern(pictures["\\@"])
        number = number_picture(pictures["\\#"]) if pictures["\\#"] else None
        return MergeField(name, tuple(cases), date, number, texts["\\B"], texts["\\F"])

    def _text(self, switch: str, arguments: Sequence[Token]) -> str:
        r"""The text of \b or \f as an expression."""
        return self.text(Token(arguments[0].items)) if arguments else _no_argument(switch)

    def text(self, token: Token) -> str:
        """A text as an expression; merge fields in it are joined with what stands round them."""
        if PARAGRAPH in token.text:
            what = "the text of a merge field's switch goes over paragraphs."
            hint = "Give the merge field a line of its own without it: blank lines close up."
            raise RefusedError("field-switch", what, hint)
        parts, words = [], ""
        for item in token.items:
            if isinstance(item, Char):
                words += item.char
            else:
                parts += [string(words)] if words else []
                parts.append(f"({self._inner(item)})")
                words = ""
        if OBJECT in token.text.replace(OBJECT, "", len(token.fields)):
            what = "there is a picture or break in the text of a field."
            raise RefusedError("field-not-usable", what, _OUTSIDE)
        parts += [string(words)] if words or not parts else []
        return " ~ ".join(parts)

    def _inner(self, field: Field) -> str:
        kind = kind_of(code_of(self.story, field))
        if kind != "MERGEFIELD":
            what = f"the field {kind or '{ }'} stands inside a merge field or IF."
            raise RefusedError("field-not-usable", what, _OUTSIDE)
        return self.merge_field(field).expression


def switches(code: Iterable[Token]) -> list[tuple[str, list[Token]]]:
    """The switches of a code in capitals, each with its arguments."""
    found: list[tuple[str, list[Token]]] = []
    for token in code:
        if token.switch:
            found.append((token.text.upper(), []))
        elif found:
            found[-1][1].append(token)
    return found


def has_merge_format(code: Iterable[Token]) -> bool:
    """Whether the result keeps its own format."""
    return any(
        switch == "\\*" and any(t.text.upper() == "MERGEFORMAT" for t in arguments)
        for switch, arguments in switches(code)
    )


def _no_argument(switch: str) -> str:
    what = f"nothing stands behind the switch {switch.lower()} of a merge field."
    raise RefusedError("field-switch", what, "Delete the switch, or complete it.")


def _picture(switch: str, arguments: Sequence[Token]) -> str:
    text = " ".join(token.text for token in arguments)
    return text if text.strip() else _no_argument(switch)


def _case(arguments: Sequence[Token]) -> list[str]:
    r"""The filter of a switch \*; none for those of format."""
    word = arguments[0].text if arguments else _no_argument("\\*")
    if word.upper() in _FORMATS:
        return []
    if word.upper() not in _CASES:
        what = f"the switch \\* {word} of a merge field is not one that a letter can use."
        hint = "Take Upper, Lower, FirstCap or Caps, or give the sheet a column with that text."
        raise RefusedError("field-switch", what, hint)
    return [f"|{_CASES[word.upper()]}"]
