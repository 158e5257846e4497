r"""What takes a field's place: texts and tags, each with the run whose format it gets.

With \* MERGEFORMAT a result keeps the format of its first run; otherwise it gets that of the
first character of the field's code (ECMA-376 part 1, 17.16.4.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lxml import etree

from merge.ooxml.fields import Char, Field, Token, code_of, kind_of
from merge.ooxml.wordml import OBJECT, Element, W
from merge.tags.fields.choices import Choice, read_choice
from merge.tags.fields.values import Reader, guarded, has_merge_format

_TEXTS = {W + "instrText", W + "delInstrText", W + "t", W + "fldSimple"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Text with the format of a run, or an element that stays as it is."""

    text: str
    run: Element | None
    element: Element | None = None

    @property
    def format(self) -> bytes:
        """The format as XML; empty where there is none."""
        properties = None if self.run is None else self.run.find(W + "rPr")
        return b"" if properties is None else etree.tostring(properties, method="c14n")


@dataclass(frozen=True, slots=True)
class Writer:
    """Says what takes the place of a story's fields."""

    reader: Reader

    def value(self, field: Field) -> list[Piece]:
        """The tag of a MERGEFIELD."""
        expression = self.reader.merge_field(field).expression
        return [_tag(expression, self._format(field))]

    def choice(self, field: Field) -> list[Piece]:
        """The tags of an IF with its texts between them."""
        choice = read_choice(self.reader, field)
        then, otherwise = self._texts(choice.then), self._texts(choice.otherwise)
        one_format = len({piece.format for piece in (*then, *otherwise)}) <= 1
        code = code_of(self.reader.story, field)
        if one_format and has_merge_format(code):
            run = self._format(field)
            then = [replace(piece, run=run) for piece in then]
            otherwise = [replace(piece, run=run) for piece in otherwise]
        if choice.asked and one_format and self._is_plain(choice.text):
            return [_tag(self._value(choice), (*then, *otherwise)[0].run)]
        run = _code_run(code)
        middle = [Piece("{% else %}", run), *otherwise] if otherwise else []
        opening = Piece(f"{{% if {choice.test} %}}", run)
        return [opening, *then, *middle, Piece("{% endif %}", run)]

    def _is_plain(self, text: Token) -> bool:
        """Whether a text is nothing but words and merge fields."""
        kinds = {kind_of(code_of(self.reader.story, field)) for field in text.fields}
        pictures = text.text.count(OBJECT) > len(text.fields)
        return bool(text.items) and kinds <= {"MERGEFIELD"} and not pictures

    def _value(self, choice: Choice) -> str:
        """A choice between a text and nothing, by whether a column is blank, as one value."""
        text = choice.text
        if len(text.items) == len(text.fields) == 1:
            field = self.reader.merge_field(text.fields[0])
            if field.name == choice.asked:
                return f"{field.expression}|optional"
        return guarded(self.reader.text(text), choice.asked)

    def _texts(self, token: Token) -> list[Piece]:
        pieces: list[Piece] = []
        for item in token.items:
            if isinstance(item, Char):
                whole = item.element.tag not in _TEXTS
                run = _run_of(item.element)
                pieces.append(Piece("", run, item.element) if whole else Piece(item.char, run))
            elif kind_of(code_of(self.reader.story, item)) == "IF":
                pieces += self.choice(item)
            else:
                pieces += self.value(item)
        return pieces

    def _format(self, field: Field) -> Element | None:
        """The run whose format the field's result gets."""
        code = code_of(self.reader.story, field)
        old = self._result_run(field) if has_merge_format(code) else None
        return _code_run(code) if old is None else old

    def _result_run(self, field: Field) -> Element | None:
        """The first run of the result that shows; None where none does."""
        leaves = self.reader.story.leaves
        inside = leaves[field.separator + 1 : field.end] if field.separator >= 0 else []
        texts = (leaf.element for leaf in inside if leaf.kind == "content")
        shown = (e for e in texts if e.tag in _TEXTS and e.text)
        return _run_of(next(shown, None))


def _tag(expression: str, run: Element | None) -> Piece:
    return Piece(f"{{{{ {expression} }}}}", run)


def _code_run(code: Sequence[Token]) -> Element | None:
    """The run of the first character of a code."""
    first = code[0].items[0] if code and code[0].items else None
    return _run_of(first.element) if isinstance(first, Char) else None


def _run_of(element: Element | None) -> Element | None:
    """The run that an element stands in; of a w:fldSimple, the first run in it."""
    if element is None:
        return None
    if element.tag == W + "fldSimple":
        return next(element.iter(W + "r"), None)
    return next(element.iterancestors(W + "r"), None)
