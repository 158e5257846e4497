"""Postal codes whose zeros were lost: `4107` for `04107`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from string import ascii_uppercase

from merge.countries import country_code_of_cell
from merge.text.folding import folded, plain_letters

_FOUR_DIGITS = """
wien vienna vienne graz linz salzburg innsbruck klagenfurt villach wels bregenz dornbirn
zurich geneve geneva genf basel bern berne lausanne winterthur luzern lugano biel fribourg
bruxelles brussel brussels antwerpen gent liege namur charleroi brugge leuven luxembourg
københavn copenhagen aarhus odense aalborg oslo bergen trondheim stavanger budapest debrecen
sofia plovdiv varna ljubljana maribor sydney melbourne brisbane perth auckland
"""
_TOWNS_OF_FOUR_DIGITS = frozenset(_FOUR_DIGITS.split())
"""Towns in countries whose postal codes have four digits."""

_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_PREFIX = 5
_COUNTRIES_BY_LENGTH: Mapping[int, str] = {
    4: "AM AU GE NO NZ PH ZA",
    5: "DE DZ ES FI FR GT IT KE KH KR LA LK LT MM MX MY PE PL PR SK TR UA US VA VI VN",
    6: "CN CO EC KZ RO SG",
    7: "JP",
    8: "BR",
}
_CODE_LENGTHS = {
    code: length for length, codes in _COUNTRIES_BY_LENGTH.items() for code in codes.split()
}
"""Number of digits in the postal codes of the countries where some codes begin with a zero."""


def restored_postcodes(
    codes: Sequence[tuple[int, str, str]], towns: Mapping[int, str] | None = None
) -> Mapping[int, str]:
    """Return the postal codes that are shorter than the others of their country, by row.

    `codes` are rows with the code and the country; what is returned has its zeros again. No code is
    returned of a country where none begins with a zero: it is short for another reason. If there is
    no country, the town may show that four digits are right.
    """
    groups: dict[str, list[tuple[int, str, str]]] = {}
    for row, code, country in codes:
        town = plain_letters((towns or {}).get(row, "")) if not country else ""
        if len(code) == 4 and not _TOWNS_OF_FOUR_DIGITS.isdisjoint(_WORD.findall(town)):
            continue
        before, digits = _split_code(code)
        if digits:
            groups.setdefault(folded(country), []).append((row, before, digits))
    found: dict[int, str] = {}
    for country, group in groups.items():
        place = country_code_of_cell(country)
        if place and place not in _CODE_LENGTHS:
            continue
        usual = _CODE_LENGTHS.get(place) or _usual_length([digits for _, _, digits in group])
        for row, before, digits in group:
            if len(digits) < usual and (len(digits) >= usual - 2 or not country):
                found[row] = before + digits.zfill(usual)
    return found


def _split_code(code: str) -> tuple[str, str]:
    """Return the letters of a country before a code (`LT-2134`), and its digits; else nothing."""
    digits = code.lstrip(ascii_uppercase + "- ")
    before = code[: len(code) - len(digits)]
    is_one = digits.isascii() and digits.isdigit() and len(before) < _LONGEST_PREFIX
    return (before, digits) if is_one else ("", "")


def _usual_length(codes: Sequence[str]) -> int:
    length, times = Counter(map(len, codes)).most_common(1)[0]
    return length if times > 1 and 2 * times >= len(codes) and 4 <= length < 8 else 0
