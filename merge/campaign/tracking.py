"""Tracking numbers of post: as typed after a letter's ID; check digits."""

from __future__ import annotations

import re
from collections.abc import Collection

from merge.naming import MIN_ID_DIGITS


def tidy_tracking_number(typed: str) -> str:
    """Return a tracking number without the spaces of its printed form.

    Only international numbers (UPU S10) have a known form: `rr 123 456 785 de` becomes
    `RR123456785DE`. Numbers of other carriers stay as they are typed.
    """
    joined = "".join(typed.split()).upper()
    return joined if _S10.fullmatch(joined) else typed.strip()


def is_misread(number: str) -> bool:
    """Return whether the check digit of an international number is wrong."""
    if not (parts := _S10.fullmatch(number)):
        return False
    serial, check_digit = parts.groups()
    weighted_sum = sum(int(digit) * weight for digit, weight in zip(serial, _WEIGHTS, strict=True))
    return int(check_digit) != {10: 0, 11: 5}.get(11 - weighted_sum % 11, 11 - weighted_sum % 11)


_S10 = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}", re.ASCII)
"""Service, serial number, check digit and country: UPU standard S10."""

_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def split_letter_and_number(typed: str) -> tuple[str, str]:
    """Return the ID and the tracking number of `f6ea4 RR123456785DE`.

    The number is empty if there is only an ID.
    """
    letter_id, _, number = typed.strip().partition(" ")
    return letter_id, tidy_tracking_number(number)


def names_other_letters(number: str, ids: Collection[str]) -> bool:
    """Return whether a tracking number is the short ID of another letter.

    A printed number may consist of groups of digits. A group can look like a short ID, all of them
    cannot.
    """
    words = [word.lower() for word in join_spaced_numbers(number).split()]
    are_ids = [_is_short_id(word, ids) for word in words]
    return any(are_ids) and all(
        is_id or looks_like_number(word) for is_id, word in zip(are_ids, words, strict=True)
    )


def _is_short_id(word: str, ids: Collection[str]) -> bool:
    return len(word) >= MIN_ID_DIGITS and any(i.startswith(word) for i in ids)


def looks_like_number(word: str) -> bool:
    """Return whether a word can be a tracking number: eight digits or more."""
    return sum(character.isdecimal() for character in word) >= _FEWEST_DIGITS


_FEWEST_DIGITS = 8


def join_spaced_numbers(text: str) -> str:
    """Return a text with the spaces in its international numbers removed."""
    return _SPACED_S10.sub(lambda found: tidy_tracking_number(found[0]), text)


_SPACED_S10 = re.compile(r"\b[A-Z]{2}(?:\s?\d){9}\s?[A-Z]{2}\b", re.ASCII | re.IGNORECASE)
