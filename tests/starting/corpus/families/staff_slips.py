"""Several letters of one appeal with slips of staff in one of them."""

from __future__ import annotations

from starting.corpus.case import Case, People
from starting.corpus.layout import Shape
from starting.corpus.shapes import varied_shape
from starting.corpus.slips import Slip, SlipKind


def _with_slip(
    appeal: str,
    kind: SlipKind,
    old: str,
    new: str = "",
    *,
    shape: Shape | None = None,
    letters: str = "12",
) -> Case:
    """Return a case with a slip in the last of its letters."""
    return Case(
        f"{appeal}: {kind}" + (" in one of three" if letters == "123" else ""),
        "letters",
        appeal,
        tuple(map(People, letters)),
        (shape or varied_shape(f"{appeal} {kind} {old}"),),
        (Slip(len(letters) - 1, kind, old, new),),
        next((People(number) for number in "123" if number not in letters), None),
        may_ask="" if kind in ("spaces", "no-break space") else kind,
    )


STAFF_SLIPS = (
    _with_slip("en-lawyer", "spaces", "no number plates. His", "no number plates.  His"),
    _with_slip("en-execution", "quotes", "“another mother’s son”", '"another mother\'s son"'),
    _with_slip("en-forest", "typo", "unpaid and unarmed", "unpayed and unarmed", letters="13"),
    _with_slip("en-eviction", "missing line", "publish what your organisation has done so far."),
    _with_slip("en-lawyer", "date", "18 February 2026", "25 February 2026"),
    _with_slip(
        "fr-avocate", "no-break space", "respectueusement\N{NO-BREAK SPACE}:", "respectueusement :"
    ),
    _with_slip("fr-mines", "typo", "la gendarmerie a tiré", "la gendarmerie à tiré", letters="123"),
    _with_slip(
        "es-maestra",
        "wording",
        "ocurrido el 2 de diciembre de 2025",
        "cometido el 2 de diciembre de 2025",
        shape=Shape({"address": "cell"}),
    ),
    _with_slip("pl-puszcza", "dash", "karnego – i nakazuje", "karnego - i nakazuje"),
    _with_slip(
        "ru-shkola", "missing line", "Мы приглашаем Вас приехать и поговорить с родителями."
    ),
    _with_slip("uk-biblioteka", "typo", "Дах її протік", "Дах її потік", letters="123"),
    _with_slip("ar-tabib", "typo", "إزاء استمرار احتجاز", "ازاء استمرار احتجاز", letters="13"),
    _with_slip("pt-quilombo", "capitals", "dona Maria Rita", "Dona Maria Rita"),
    _with_slip(
        "it-braccianti",
        "spaces",
        "quarantuno gradi. Aveva",
        "quarantuno gradi.   Aveva",
        letters="13",
    ),
    _with_slip("de-abschiebung", "spaces", "Mit freundlichen Grüßen", "Mit freundlichen Grüßen "),
    _with_slip("en-eviction", "blank paragraph", "Since February, 340 houses"),
    _with_slip("es-jornaleras", "blank paragraph", "pierden el jornal", shape=Shape(gap=0)),
)
