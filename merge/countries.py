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

_ENGLISH_NAMES = {
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

_NON_COUNTRY_CODES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
_EXTRA_LOCALES = ("zh_Hant", "sr_Latn", "uz_Cyrl", "pt_PT", "fr_CA", "en_GB")
"""Beside the languages themselves: another script, other names."""
_COMMON_LOCALES = "ar cs da de es fi fr it nb nl pl pt ro ru sv tr uk"
_EXTRA_NAMES = (
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


def format_country_line(
    lines: Sequence[str], home_code: str, country_cell: str = ""
) -> tuple[str, ...]:
    """Return an address with its country as the post wants it, if that may be abroad.

    `home` is the country that the letter is sent from, as `country_code` returns it. `listed` is
    what the recipient's own cell says of the country: it is one though it has no code. Only the
    last line is changed, and only if it is a country and nothing else.
    """
    if len(lines) < 2:
        return tuple(lines)
    *others, last = lines
    code = country_code(last)
    if not code and folded(last) != folded(country_cell.strip() or " "):
        return tuple(lines)
    if code and code == home_code:
        return tuple(lines)
    if code and home_code and _name_key(last) not in _names_understood_in(home_code, code):
        last = english_country_name(code)
    return (*others, last.upper())


def country_code(text: str) -> str:
    """Return the code of the country that a text names in any language (ISO 3166); else nothing."""
    key = _name_key(text)
    if not key or any(map(str.isdigit, key)):
        return ""
    codes = (
        _english_codes().get(key) or _common_codes().get(key) or _all_codes().get(key, frozenset())
    )
    return next(iter(codes)) if len(codes) == 1 else ""


@lru_cache(maxsize=1 << 12)
def country_code_of_cell(text: str) -> str:
    """Return the same of a cell for a country, which may hold the code itself."""
    code = text.strip().upper()
    return code if code in _country_names("en") else country_code(text)


def english_country_name(code: str) -> str:
    """Return what the post calls a country in English."""
    return _ENGLISH_NAMES[code][0] if code in _ENGLISH_NAMES else _country_names("en")[code]


def _names_understood_in(home_code: str, code: str) -> Collection[str]:
    """Return the names of a country in English, and in the languages of another country."""
    languages = get_official_languages(home_code, de_facto=True)
    names = [english_country_name(code), *_ENGLISH_NAMES.get(code, ())]
    names += (_country_names(each).get(code, "") for each in ("en", *languages))
    return {_name_key(name) for name in names}


def _name_key(text: str) -> str:
    """Return a name without what people leave out: accents, capitals, *the*."""
    return plain_letters(text.strip(" .,;()")).removeprefix("the ")


def _country_names(locale: str) -> dict[str, str]:
    """Return a locale's names of countries by their codes; nothing if it has none."""
    if not localedata.exists(locale):
        return {}
    names = localedata.load(locale).get("territories", {})
    return {c: n for c, n in names.items() if len(c) == 2 and c not in _NON_COUNTRY_CODES}


_CodesByName = dict[str, frozenset[str]]


@cache
def _english_codes() -> _CodesByName:
    own = ((code, name) for code, names in _ENGLISH_NAMES.items() for name in names)
    return _group_codes_by_name([*_country_names("en").items(), *own])


@cache
def _common_codes() -> _CodesByName:
    """Return the same for languages that letters are mostly written in: at once, unlike all."""
    own = (_country_names(locale).items() for locale in _COMMON_LOCALES.split())
    return _group_codes_by_name(chain(*own, _EXTRA_NAMES))


@cache
def _all_codes() -> _CodesByName:
    """Return the codes of all countries by their names in all languages; it takes a second."""
    return _group_codes_by_name(_names_in_all_languages())


def _names_in_all_languages() -> Iterator[tuple[str, str]]:
    languages = (each for each in localedata.locale_identifiers() if "_" not in each)
    for locale in (*languages, *_EXTRA_LOCALES):
        yield from _country_names(locale).items()


def _group_codes_by_name(names: Iterable[tuple[str, str]]) -> _CodesByName:
    found: dict[str, set[str]] = {}
    for code, name in names:
        found.setdefault(_name_key(name), set()).add(code)
    return {name: frozenset(codes) for name, codes in found.items()}
