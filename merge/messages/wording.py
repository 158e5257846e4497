"""Templates of English sentences with named fields: plurals, lists and remedies.

A template has its fields in braces; placeholders of letters, `{{ recipient.name }}`, are text:

* `{folder}`: the value; a whole number as 1,234, a list as "a, b and 3 more"
* `“{names}”`: the value in quotation marks; of a list each item, as “a”, “b” and 3 more
* `{count:# letter|# letters}`: the form for the number, or for the length of the list; `#` is the
  number
* `{run letters}`, `{run print accept=NAME}`: a remedy, a task of the program with its options
* `{decide new=NAME}`: a decision about a letter, a person or a warning
* `{option yes}`, `{option for=NAME}`: an option of the task at hand
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
"""What a field can contain; a sentence with a field that is None is omitted."""

TRANSLATIONS: ContextVar[NullTranslations] = ContextVar(
    "translations",
    default=NullTranslations(),  # noqa: B039 - never changed
)
"""The catalogue of the language that messages are in; English without one."""

_FIELD = re.compile(r"(“)?(?<!\{)\{([a-z_]+)(?:([ :])([^{}]*))?\}(?!\})(?(1)”)")
_MAX_LISTED = 5
_MAX_SHOWN = 300
"""Characters of a value; paths of Windows have at most 260."""


class TemplatePiece(NamedTuple):
    """A piece of a template: text, or a field with its plural forms, or a remedy."""

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
    for found in _FIELD.finditer(template):
        if found.start() > end:
            yield TemplatePiece(template[end : found.start()])
        end = found.end()
        quote, name, sign, rest = found.groups()
        if sign == " ":
            yield TemplatePiece(remedy=_remedy(name, rest))
        else:
            forms = tuple(rest.split("|")) if rest else ()
            yield TemplatePiece(field=name, forms=forms, is_quoted=bool(quote))
    if end < len(template):
        yield TemplatePiece(template[end:])


def _remedy(kind: str, rest: str) -> TaskRemedy | DecisionRemedy | TaskOption:
    if kind == "option":
        name, _, value = rest.partition("=")
        return TaskOption(name, value)
    if kind == "decide":
        choice, _, who = rest.partition("=")
        return DecisionRemedy(cast("Choice", choice), who)
    if kind != "run":
        raise ValueError(kind)
    task, *options = rest.split(" ")
    parts = (option.partition("=") for option in options)
    return TaskRemedy(task, tuple((name, value) for name, _, value in parts))


@cache
def field_names(template: str) -> frozenset[str]:
    """Return the names of a template's fields."""
    return frozenset(piece.field for piece in template_pieces(template) if piece.field)


def fill_template(template: str, values: Mapping[str, FieldValue]) -> Hint:
    """Return a template with its values; remedies in it stay values as well."""
    return Hint(*(_fill_piece(piece, values) for piece in template_pieces(template)))


def fill_sentences(sentences: Sequence[str], values: Mapping[str, FieldValue]) -> Hint:
    """Return the sentences whose fields all have a value, with a space between them."""
    whole = [
        fill_template(sentence, values)
        for sentence in sentences
        if sentence and all(values[name] is not None for name in field_names(sentence))
    ]
    return Hint(*[part for one in whole for part in (" ", one)][1:])


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
    """Return a value as sentences show it: the fields of a problem have all of it."""
    return value if len(value) <= _MAX_SHOWN else shorten(value, _MAX_SHOWN)


def _as_texts(value: FieldValue) -> Sequence[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    raise TypeError(value)


_PLAIN_WORD = re.compile(r"(?:A|The|There|This|Text)\b")


def continue_after_colon(sentence: str) -> str:
    """Return a sentence as it continues after a colon: with a small letter, unless it is a name's.

    >>> continued("This is a list.")
    'this is a list.'
    """
    return sentence[0].lower() + sentence[1:] if _PLAIN_WORD.match(sentence) else sentence


def plural_form(forms: Sequence[str], number: int) -> str:
    """Return the form for a number in the language of `TRANSLATIONS`; `#` is the number.

    >>> plural(("# letter", "# letters"), 1200)
    '1,200 letters'
    """
    one, other = forms
    return TRANSLATIONS.get().ngettext(one, other, number).replace("#", f"{number:,}")
