"""Templates for sentences in English, with fields for values and remedies.

A template has its fields in braces. Placeholders of letters, such as `{{ recipient.name }}`, are
text.

* `{folder}`: the value; a whole number as 1,234, a list as "a, b and 3 more"
* `“{names}”`: the value in quotation marks; each item of a list, as “a”, “b” and 3 more
* `{count:# letter|# letters}`: the form for the number, or for the length of the list; `#` is the
  number
* `{run letters}`, `{run print accept=NAME}`: a remedy, a task of the program with its options
* `{decide new=NAME}`: a decision about a letter, a person or a warning
* `{option yes}`, `{option for=NAME}`: an option of the current task
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from typing import NamedTuple, cast

from merge.advice import Choice, DecisionRemedy, Hint, TaskOption, TaskRemedy
from merge.naming import join_first
from merge.problems import shorten

FieldValue = str | int | Sequence[str] | TaskRemedy | DecisionRemedy | TaskOption | Hint | None
"""The value of a field.

A sentence is omitted if one of its fields is None.
"""

TRANSLATIONS: ContextVar[NullTranslations] = ContextVar(
    "translations",
    default=NullTranslations(),  # noqa: B039 - never changed
)
"""The catalogue of the language for messages; English by default."""

_FIELD = re.compile(r"(“)?(?<!\{)\{([a-z_]+)(?:([ :])([^{}]*))?\}(?!\})(?(1)”)")
_MAX_LISTED = 5
_MAX_SHOWN = 300
"""Limit for the characters of a value; paths of Windows have at most 260."""


class TemplatePiece(NamedTuple):
    """A piece of a message: text, a remedy, or a field with plural forms."""

    text: str = ""
    field: str = ""
    forms: tuple[str, ...] = ()
    remedy: TaskRemedy | DecisionRemedy | TaskOption | None = None
    is_quoted: bool = False


@cache
def template_pieces(template: str) -> tuple[TemplatePiece, ...]:
    """Return the pieces of a template, in order."""
    return tuple(_split_template(template))


def _split_template(template: str) -> Iterator[TemplatePiece]:
    end = 0
    for match in _FIELD.finditer(template):
        if match.start() > end:
            yield TemplatePiece(template[end : match.start()])
        end = match.end()
        quote, name, separator, argument = match.groups()
        if separator == " ":
            yield TemplatePiece(remedy=_remedy(name, argument))
        else:
            forms = tuple(argument.split("|")) if argument else ()
            yield TemplatePiece(field=name, forms=forms, is_quoted=bool(quote))
    if end < len(template):
        yield TemplatePiece(template[end:])


def _remedy(kind: str, argument: str) -> TaskRemedy | DecisionRemedy | TaskOption:
    if kind == "option":
        name, _, value = argument.partition("=")
        return TaskOption(name, value)
    if kind == "decide":
        choice, _, target = argument.partition("=")
        return DecisionRemedy(cast("Choice", choice), target)
    if kind != "run":
        raise ValueError(kind)
    task, *options = argument.split(" ")
    parts = (option.partition("=") for option in options)
    return TaskRemedy(task, tuple((name, value) for name, _, value in parts))


@cache
def field_names(template: str) -> frozenset[str]:
    """Return the names of a template's fields."""
    return frozenset(piece.field for piece in template_pieces(template) if piece.field)


def fill_template(template: str, values: Mapping[str, FieldValue]) -> Hint:
    """Return a message template filled with values; remedies stay values."""
    return Hint(*(_fill_piece(piece, values) for piece in template_pieces(template)))


def fill_sentences(sentences: Sequence[str], values: Mapping[str, FieldValue]) -> Hint:
    """Return the sentences whose fields all have values, separated by spaces."""
    filled_sentences = [
        fill_template(sentence, values)
        for sentence in sentences
        if sentence and all(values[name] is not None for name in field_names(sentence))
    ]
    return Hint(*[part for sentence in filled_sentences for part in (" ", sentence)][1:])


def _fill_piece(
    piece: TemplatePiece, values: Mapping[str, FieldValue]
) -> str | TaskRemedy | DecisionRemedy | TaskOption:
    if not piece.field:
        return piece.remedy or piece.text
    value = values[piece.field]
    if piece.forms:
        value = plural_form(piece.forms, value if isinstance(value, int) else len(_as_texts(value)))
    if isinstance(value, str) and not isinstance(value, Hint):
        value = _limit_length(value)
    if isinstance(value, str | TaskRemedy | DecisionRemedy | TaskOption):
        return f"“{value}”" if piece.is_quoted else value
    if isinstance(value, int):
        return f"{value:,}"
    texts = [*map(_limit_length, _as_texts(value))]
    if piece.is_quoted:
        texts = [f"“{' '.join(text.split())}”" for text in texts]
    return join_first(texts, _MAX_LISTED)


def _limit_length(value: str) -> str:
    """Return a value, cut for use in a sentence.

    The fields of a problem have the complete value.
    """
    return value if len(value) <= _MAX_SHOWN else shorten(value, _MAX_SHOWN)


def _as_texts(value: FieldValue) -> Sequence[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    raise TypeError(value)


_PLAIN_WORD = re.compile(r"(?:A|The|There|This|Text)\b")


def continue_after_colon(sentence: str) -> str:
    """Return a sentence in a form that can follow a colon.

    It gets a small letter, unless it begins with a name.

    >>> continue_after_colon("This is a list.")
    'this is a list.'
    """
    return sentence[0].lower() + sentence[1:] if _PLAIN_WORD.match(sentence) else sentence


def plural_form(forms: Sequence[str], number: int) -> str:
    """Return the form for a number in the language of `TRANSLATIONS`.

    `#` in a form is the number.

    >>> plural_form(("# letter", "# letters"), 1200)
    '1,200 letters'
    """
    singular, plural_text = forms
    return TRANSLATIONS.get().ngettext(singular, plural_text, number).replace("#", f"{number:,}")
