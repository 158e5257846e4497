"""The page's words in the user's language: catalogues, the one asked for, numbers and dates."""

from __future__ import annotations

import datetime as dt
import gettext
import io
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_skeleton
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
"""What each language calls itself; to ask Babel would load them all, 1 MB each."""

CODES = tuple(NAMES)
_LOCALES = {DEFAULT: "en_GB"}
"""How numbers and dates are written, if not by the code alone."""


class Language(NamedTuple):
    """A language of the page: its code, the direction of its script, its words."""

    code: str
    direction: str
    translations: gettext.NullTranslations

    @property
    def locale(self) -> str:
        """Return the locale of numbers and dates."""
        return _LOCALES.get(self.code, self.code)

    @property
    def list_separator(self) -> str:
        """Return what stands between the parts of a list."""
        return "، " if self.code == "ar" else ", "

    def number(self, value: float) -> str:
        """Return a number as it is written in the language."""
        return str(format_decimal(value, locale=self.locale))

    def day(self, value: dt.date) -> str:
        """Return a day as it is written in the language: `26 November 2026`."""
        return str(format_date(value, "long", locale=self.locale))

    def month(self, value: dt.date) -> str:
        """Return a month as it is written in the language: `November 2026`."""
        return str(format_skeleton("yMMMM", value, locale=self.locale))


@cache
def language(code: str) -> Language:
    """Return a language that is one of `CODES`."""
    return Language(code, Locale.parse(code).text_direction, _translations(code))


def best_language(wanted: list[str]) -> str:
    """Return the code of the first wanted language that there is; English where there is none."""
    tags = [tag.partition("-")[0].lower() for tag in wanted]
    return negotiate_locale(tags, CODES) or DEFAULT


def _translations(code: str) -> gettext.NullTranslations:
    path = CATALOGUES / f"{code}.po"
    if code == DEFAULT or not path.exists():
        return gettext.NullTranslations()
    packed = io.BytesIO()
    with path.open("rb") as file:
        write_mo(packed, read_po(file, locale=code))
    packed.seek(0)
    return gettext.GNUTranslations(packed)
