"""The country in an address: recognised in any language, written as the post abroad reads it.

The Universal Postal Union (Convention Regulations, on addresses; USPS, International Mail Manual
122.1) wants it on the last line, in capitals, in a language that is known where the letter is
posted: the sender's own or English. The names are CLDR's, as Babel has them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain

from babel import localedata
from babel.languages import get_official_languages

from merge.text.folding import folded, plain_letters

_ENGLISH = {
    "BA": ("Bosnia and Herzegovina",),
    "CD": ("Democratic Republic of the Congo", "DR Congo", "DRC", "Congo (Kinshasa)"),
    "CG": ("Congo", "Republic of the Congo", "Congo (Brazzaville)"),
    "CI": ("Côte d’Ivoire", "Côte d'Ivoire", "Ivory Coast"),
    "CN": ("China", "People's Republic of China", "P.R. China", "PR China", "PRC"),
    "CZ": ("Czechia", "Czech Republic"),
    "DE": ("Germany", "Federal Republic of Germany"),
    "FM": ("Micronesia", "Federated States of Micronesia"),
    "GB": (
        "United Kingdom",
        "UK",
        "U.K.",
        "Great Britain",
        "England",
        "Scotland",
        "Wales",
        "Northern Ireland",
    ),
    "HK": ("Hong Kong",),
    "IR": ("Iran", "Islamic Republic of Iran"),
    "KP": ("North Korea", "Democratic People's Republic of Korea", "DPRK"),
    "KR": ("South Korea", "Republic of Korea", "Korea"),
    "LA": ("Laos", "Lao People's Democratic Republic"),
    "MK": ("North Macedonia", "Macedonia"),
    "MM": ("Myanmar", "Burma"),
    "MO": ("Macao", "Macau"),
    "NL": ("Netherlands", "The Netherlands", "Holland"),
    "PS": ("Palestine", "State of Palestine"),
    "RU": ("Russia", "Russian Federation"),
    "SY": ("Syria", "Syrian Arab Republic"),
    "TR": ("Türkiye", "Turkey"),
    "TZ": ("Tanzania", "United Republic of Tanzania"),
    "US": ("United States", "USA", "U.S.A.", "US", "U.S.", "United States of America"),
    "VN": ("Vietnam", "Viet Nam", "Socialist Republic of Viet Nam"),
}
"""What the post calls countries that CLDR names otherwise, first, and what else they are called."""

_NO_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
_MORE_LOCALES = ("zh_Hant", "sr_Latn", "uz_Cyrl", "pt_PT", "fr_CA", "en_GB")
"""Beside the languages themselves: another script, other names."""
_USUAL_LOCALES = "ar cs da de es fi fr it nb nl pl pt ro ru sv tr uk"
_MORE_NAMES = (
    ("CZ", "République tchèque"),
    ("CZ", "Tschechische Republik"),
    ("CZ", "Чешская Республика"),
    ("GB", "Großbritannien"),
    ("GB", "Grossbritannien"),
    ("GB", "بريطانيا"),
    ("NZ", "Nueva Zelandia"),
    ("RU", "Российская Федерация"),
    ("US", "EE. UU."),
    ("US", "EE.UU."),
    ("US", "EEUU"),
    ("US", "США"),
)
"""What people write and CLDR does not have."""


def lines_for_post(lines: Sequence[str], home: str, listed: str = "") -> tuple[str, ...]:
    """Return an address with its country as the post wants it, if that may be abroad.

    `home` is the country that the letter is sent from, as `country_code` returns it. `listed` is
    what the recipient's own cell says of the country: it is one though it has no code. Only the
    last line is changed, and only if it is a country and nothing else.
    """
    if len(lines) < 2:
        return tuple(lines)
    *others, last = lines
    code = country_code(last)
    if not code and folded(last) != folded(listed.strip() or " "):
        return tuple(lines)
    if code and code == home:
        return tuple(lines)
    if code and home and _key(last) not in _known_at(home, code):
        last = english_name(code)
    return (*others, last.upper())


def country_code(text: str) -> str:
    """Return the code of the country that a text names in any language (ISO 3166); else nothing."""
    key = _key(text)
    if not key or any(map(str.isdigit, key)):
        return ""
    codes = _english().get(key) or _usual().get(key) or _all_names().get(key, frozenset())
    return next(iter(codes)) if len(codes) == 1 else ""


@lru_cache(maxsize=1 << 12)
def country_of_cell(text: str) -> str:
    """Return the same of a cell for a country, which may hold the code itself."""
    code = text.strip().upper()
    return code if code in _territories("en") else country_code(text)


def english_name(code: str) -> str:
    """Return what the post calls a country in English."""
    return _ENGLISH[code][0] if code in _ENGLISH else _territories("en")[code]


def _known_at(home: str, code: str) -> Collection[str]:
    """Return the names of a country in English, and in the languages of another country."""
    languages = get_official_languages(home, de_facto=True)
    names = [english_name(code), *_ENGLISH.get(code, ())]
    names += (_territories(each).get(code, "") for each in ("en", *languages))
    return {_key(name) for name in names}


def _key(text: str) -> str:
    """Return a name without what people leave out: accents, capitals, *the*."""
    return plain_letters(text.strip(" .,;()")).removeprefix("the ")


def _territories(locale: str) -> dict[str, str]:
    """Return a locale's names of countries by their codes; nothing if it has none."""
    if not localedata.exists(locale):
        return {}
    names = localedata.load(locale).get("territories", {})
    return {c: n for c, n in names.items() if len(c) == 2 and c not in _NO_COUNTRY}


_Names = dict[str, frozenset[str]]


@cache
def _english() -> _Names:
    own = ((code, name) for code, names in _ENGLISH.items() for name in names)
    return _by_name([*_territories("en").items(), *own])


@cache
def _usual() -> _Names:
    """Return the same for languages that letters are mostly written in: at once, unlike all."""
    own = (_territories(locale).items() for locale in _USUAL_LOCALES.split())
    return _by_name(chain(*own, _MORE_NAMES))


@cache
def _all_names() -> _Names:
    """Return the codes of all countries by their names in all languages; it takes a second."""
    return _by_name(_every_name())


def _every_name() -> Iterator[tuple[str, str]]:
    languages = (each for each in localedata.locale_identifiers() if "_" not in each)
    for locale in (*languages, *_MORE_LOCALES):
        yield from _territories(locale).items()


def _by_name(names: Iterable[tuple[str, str]]) -> _Names:
    found: dict[str, set[str]] = {}
    for code, name in names:
        found.setdefault(_key(name), set()).add(code)
    return {name: frozenset(codes) for name, codes in found.items()}
