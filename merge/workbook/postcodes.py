"""Postal codes that lost their leading zeros: `4107` for `04107`."""

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
"""Number of digits, for countries where some codes begin with a zero."""


def restored_postcodes(
    codes: Sequence[tuple[int, str, str]], towns: Mapping[int, str] | None = None
) -> Mapping[int, str]:
    """Return corrected postal codes by row, for codes that are too short.

    `codes` are rows with the code and the country. A code is too short if others of its country are
    longer. Some countries have no codes with a leading zero: there, it is short for another reason,
    and is not returned. If the country is missing, the town may show that four digits are correct.
    """
    groups: dict[str, list[tuple[int, str, str]]] = {}
    for row, code, country in codes:
        town = plain_letters((towns or {}).get(row, "")) if not country else ""
        if len(code) == 4 and not _TOWNS_OF_FOUR_DIGITS.isdisjoint(_WORD.findall(town)):
            continue
        prefix, digits = _split_code(code)
        if digits:
            groups.setdefault(folded(country), []).append((row, prefix, digits))
    fixed_codes: dict[int, str] = {}
    for country, group in groups.items():
        country_code = country_code_of_cell(country)
        if country_code and country_code not in _CODE_LENGTHS:
            continue
        usual_length = _CODE_LENGTHS.get(country_code) or _usual_length(
            [digits for _, _, digits in group]
        )
        for row, prefix, digits in group:
            if len(digits) < usual_length and (len(digits) >= usual_length - 2 or not country):
                fixed_codes[row] = prefix + digits.zfill(usual_length)
    return fixed_codes


def _split_code(code: str) -> tuple[str, str]:
    """Return a postal code's country prefix (`LT-2134`) and digits, or ""."""
    digits = code.lstrip(ascii_uppercase + "- ")
    prefix = code[: len(code) - len(digits)]
    is_code = digits.isascii() and digits.isdigit() and len(prefix) < _LONGEST_PREFIX
    return (prefix, digits) if is_code else ("", "")


def _usual_length(codes: Sequence[str]) -> int:
    length, count = Counter(map(len, codes)).most_common(1)[0]
    return length if count > 1 and 2 * count >= len(codes) and 4 <= length < 8 else 0
