"""Countries in addresses: recognised in any language, spelt for the post.

The Universal Postal Union (Convention Regulations, on addresses; USPS, International Mail Manual
122.1) wants the country on the last line, in capitals. Its language must be known where the letter
is posted: the language of the sender's country, or English. The names come from CLDR, through
Babel.
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
"""English names by country code, the one for the post first.

They are for countries that CLDR names differently, and other names in use.
"""

_NON_COUNTRY_CODES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
_EXTRA_LOCALES = ("zh_Hant", "sr_Latn", "uz_Cyrl", "pt_PT", "fr_CA", "en_GB")
"""Locales with another script or other names than their language."""
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
"""Names that people write and that CLDR does not have."""


def format_country_line(
    lines: Sequence[str], home_code: str, country_cell: str = ""
) -> tuple[str, ...]:
    """Return an address with its country's name in the form that posts want.

    `home_code` is the code of the country that the letter is sent from. `country_cell` is the
    recipient's own Country cell: its text is a country even if it has no code. Only the last line
    is changed, and only if it is nothing but a country and may be abroad.
    """
    if len(lines) < 2:
        return tuple(lines)
    *other_lines, last = lines
    code = country_code(last)
    if not code and folded(last) != folded(country_cell.strip() or " "):
        return tuple(lines)
    if code and code == home_code:
        return tuple(lines)
    if code and home_code and _name_key(last) not in _names_understood_in(home_code, code):
        last = english_country_name(code)
    return (*other_lines, last.upper())


def country_code(text: str) -> str:
    """Return the code (ISO 3166) of a country named in any language, or empty."""
    key = _name_key(text)
    if not key or any(map(str.isdigit, key)):
        return ""
    codes = (
        _english_codes().get(key) or _common_codes().get(key) or _all_codes().get(key, frozenset())
    )
    return next(iter(codes)) if len(codes) == 1 else ""


@lru_cache(maxsize=1 << 12)
def country_code_of_cell(text: str) -> str:
    """Return the ISO 3166 code of the country that a cell names, or empty.

    The cell may contain the name in any language, or the code itself.
    """
    code = text.strip().upper()
    return code if code in _country_names("en") else country_code(text)


def english_country_name(code: str) -> str:
    """Return the English name of a country by which posts know the country."""
    return _ENGLISH_NAMES[code][0] if code in _ENGLISH_NAMES else _country_names("en")[code]


def _names_understood_in(home_code: str, code: str) -> Collection[str]:
    """Return the names of a country that another country's post understands.

    They are those in English and in the official languages of `home_code`.
    """
    languages = get_official_languages(home_code, de_facto=True)
    names = [english_country_name(code), *_ENGLISH_NAMES.get(code, ())]
    names += (_country_names(language).get(code, "") for language in ("en", *languages))
    return {_name_key(name) for name in names}


def _name_key(text: str) -> str:
    """Return a country's name without accents, capitals and a leading “the”."""
    return plain_letters(text.strip(" .,;()")).removeprefix("the ")


def _country_names(locale: str) -> dict[str, str]:
    """Return a locale's country names by code; empty if CLDR lacks the locale."""
    if not localedata.exists(locale):
        return {}
    names = localedata.load(locale).get("territories", {})
    return {c: n for c, n in names.items() if len(c) == 2 and c not in _NON_COUNTRY_CODES}


_CodesByName = dict[str, frozenset[str]]


@cache
def _english_codes() -> _CodesByName:
    postal_names = ((code, name) for code, names in _ENGLISH_NAMES.items() for name in names)
    return _group_codes_by_name([*_country_names("en").items(), *postal_names])


@cache
def _common_codes() -> _CodesByName:
    """Return codes by name for the languages that most letters are written in.

    They are read immediately; to read all languages takes a second.
    """
    names_by_locale = (_country_names(locale).items() for locale in _COMMON_LOCALES.split())
    return _group_codes_by_name(chain(*names_by_locale, _EXTRA_NAMES))


@cache
def _all_codes() -> _CodesByName:
    """Return codes by name in all languages. This takes a second."""
    return _group_codes_by_name(_names_in_all_languages())


def _names_in_all_languages() -> Iterator[tuple[str, str]]:
    languages = (locale for locale in localedata.locale_identifiers() if "_" not in locale)
    for locale in (*languages, *_EXTRA_LOCALES):
        yield from _country_names(locale).items()


def _group_codes_by_name(names: Iterable[tuple[str, str]]) -> _CodesByName:
    codes_by_name: dict[str, set[str]] = {}
    for code, name in names:
        codes_by_name.setdefault(_name_key(name), set()).add(code)
    return {name: frozenset(codes) for name, codes in codes_by_name.items()}
