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

from merge.advice import Advice, Choice, Decide, Option, Run
from merge.naming import first_few
from merge.problems import shortened

Value = str | int | Sequence[str] | Run | Decide | Option | Advice | None
"""What a field can contain; a sentence with a field that is None is omitted."""

TRANSLATIONS: ContextVar[NullTranslations] = ContextVar(
    "translations",
    default=NullTranslations(),  # noqa: B039 - never changed
)
"""The catalogue of the language that messages are in; English without one."""

_FIELD = re.compile(r"(“)?(?<!\{)\{([a-z_]+)(?:([ :])([^{}]*))?\}(?!\})(?(1)”)")
_MOST_LISTED = 5
_MOST_SHOWN = 300
"""Characters of a value; paths of Windows have at most 260."""


class TemplatePiece(NamedTuple):
    """A piece of a template: text, or a field with its plural forms, or a remedy."""

    text: str = ""
    field: str = ""
    forms: tuple[str, ...] = ()
    remedy: Run | Decide | Option | None = None
    is_quoted: bool = False


@cache
def pieces(template: str) -> tuple[TemplatePiece, ...]:
    """Return the pieces of a template, in order."""
    return tuple(_pieces(template))


def _pieces(template: str) -> Iterator[TemplatePiece]:
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


def _remedy(kind: str, rest: str) -> Run | Decide | Option:
    if kind == "option":
        name, _, value = rest.partition("=")
        return Option(name, value)
    if kind == "decide":
        choice, _, who = rest.partition("=")
        return Decide(cast("Choice", choice), who)
    if kind != "run":
        raise ValueError(kind)
    task, *options = rest.split(" ")
    parts = (option.partition("=") for option in options)
    return Run(task, tuple((name, value) for name, _, value in parts))


@cache
def fields(template: str) -> frozenset[str]:
    """Return the names of a template's fields."""
    return frozenset(piece.field for piece in pieces(template) if piece.field)


def filled(template: str, values: Mapping[str, Value]) -> Advice:
    """Return a template with its values; remedies in it stay values as well."""
    return Advice(*(_filled(piece, values) for piece in pieces(template)))


def said(sentences: Sequence[str], values: Mapping[str, Value]) -> Advice:
    """Return the sentences whose fields all have a value, with a space between them."""
    whole = [
        filled(sentence, values)
        for sentence in sentences
        if sentence and all(values[name] is not None for name in fields(sentence))
    ]
    return Advice(*[part for one in whole for part in (" ", one)][1:])


def _filled(piece: TemplatePiece, values: Mapping[str, Value]) -> str | Run | Decide | Option:
    if not piece.field:
        return piece.remedy or piece.text
    value = values[piece.field]
    if piece.forms:
        value = plural(piece.forms, value if isinstance(value, int) else len(_texts(value)))
    if isinstance(value, str) and not isinstance(value, Advice):
        value = _for_show(value)
    if isinstance(value, str | Run | Decide | Option):
        return f"“{value}”" if piece.is_quoted else value
    if isinstance(value, int):
        return f"{value:,}"
    texts = [*map(_for_show, _texts(value))]
    if piece.is_quoted:
        texts = [f"“{' '.join(text.split())}”" for text in texts]
    return first_few(texts, _MOST_LISTED)


def _for_show(value: str) -> str:
    """Return a value as sentences show it: the fields of a problem have all of it."""
    return value if len(value) <= _MOST_SHOWN else shortened(value, _MOST_SHOWN)


def _texts(value: Value) -> Sequence[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    raise TypeError(value)


_PLAIN_WORD = re.compile(r"(?:A|The|There|This|Text)\b")


def continued(sentence: str) -> str:
    """Return a sentence as it continues after a colon: with a small letter, unless it is a name's.

    >>> continued("This is a list.")
    'this is a list.'
    """
    return sentence[0].lower() + sentence[1:] if _PLAIN_WORD.match(sentence) else sentence


def plural(forms: Sequence[str], number: int) -> str:
    """Return the form for a number in the language of `TRANSLATIONS`; `#` is the number.

    >>> plural(("# letter", "# letters"), 1200)
    '1,200 letters'
    """
    one, other = forms
    return TRANSLATIONS.get().ngettext(one, other, number).replace("#", f"{number:,}")
