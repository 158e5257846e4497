"""Languages of the page: catalogues, choice of language, numbers, dates."""

from __future__ import annotations

import datetime as dt
import gettext
import io
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel import Locale, negotiate_locale
from babel.dates import format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

CATALOGUES = Path(__file__).parent / "locale"
DEFAULT = "en"
NAMES = {
    DEFAULT: "English",
    "fr": "français",
    "es": "español",
    "ru": "русский",
    "uk": "українська",
    "ar": "العربية",
}
"""The languages by their own names.

Babel would load all of them for that, 1 MB each.
"""

CODES = tuple(NAMES)
_LOCALES = {DEFAULT: "en_GB"}
"""Locales of numbers and dates, if they differ from the code."""


class Language(NamedTuple):
    """A language of the page: its code, direction of script, translations."""

    code: str
    direction: str
    translations: gettext.NullTranslations

    @property
    def locale(self) -> str:
        """The locale of numbers and dates."""
        return _LOCALES.get(self.code, self.code)

    @property
    def list_separator(self) -> str:
        """Separator of the items of a list."""
        return "، " if self.code == "ar" else ", "

    def number(self, value: float) -> str:
        """Return a number in the language's notation."""
        return str(format_decimal(value, locale=self.locale))

    def day(self, value: dt.date) -> str:
        """Return a date in the language's notation: `26 Nov 2026`."""
        return str(format_skeleton("yMMMd", value, locale=self.locale))

    def month(self, value: dt.date) -> str:
        """Return a month in the language's notation: `November 2026`."""
        return str(format_skeleton("yMMMM", value, locale=self.locale))


@cache
def language(code: str) -> Language:
    """Return the language of a code in `CODES`."""
    return Language(code, Locale.parse(code).text_direction, _translations(code))


def best_language(requested: list[str]) -> str:
    """Return the code of the first requested language that exists, or English."""
    codes = [code.partition("-")[0].lower() for code in requested]
    return negotiate_locale(codes, CODES) or DEFAULT


def _translations(code: str) -> gettext.NullTranslations:
    path = CATALOGUES / f"{code}.po"
    if code == DEFAULT or not path.exists():
        return gettext.NullTranslations()
    packed = io.BytesIO()
    with path.open("rb") as file:
        write_mo(packed, read_po(file, locale=code))
    packed.seek(0)
    return gettext.GNUTranslations(packed)
