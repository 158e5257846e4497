"""Tracking numbers: their form, and the check digit of international ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import make, merge
from support.file_texts import texts_in
from support.registers import table

from merge.campaign.tracking import (
    is_misread,
    join_spaced_numbers,
    names_other_letters,
    split_letter_and_number,
    tidy_tracking_number,
)


@pytest.mark.parametrize(
    "number", ["RR473124829US", "RB123456785GB", "CP000000011FR", "LX123456703DE"]
)
def test_a_tracking_number_with_the_right_check_digit_is_not_misread(number: str) -> None:
    serial = number[2:10]
    weights = (8, 6, 4, 2, 3, 5, 9, 7)
    rest = 11 - sum(int(d) * w for d, w in zip(serial, weights, strict=True)) % 11
    right = f"{number[:10]}{ {10: 0, 11: 5}.get(rest, rest) }{number[11:]}"
    assert not is_misread(right)
    assert all(is_misread(f"{right[:10]}{d}{right[11:]}") for d in "0123456789" if d != right[10])


def test_tracking_numbers_of_post_offices_in_leaflets_are_not_misread() -> None:
    assert not is_misread("RR473124829US")
    assert not is_misread("RR123456785GB")
    assert is_misread("RR123456789DE")


@pytest.mark.parametrize("number", ["1Z999AA10123456784", "00340434161094015902", "JD0002", ""])
def test_a_tracking_number_of_another_carrier_is_never_misread(number: str) -> None:
    assert not is_misread(number)
    assert tidy_tracking_number(f" {number} ") == number


def test_an_international_tracking_number_loses_the_spaces_of_its_print() -> None:
    assert tidy_tracking_number("rr 123 456 785 de") == "RR123456785DE"
    assert join_spaced_numbers("f6ea4 RR 12345678 5 DE 0a1b") == "f6ea4 RR123456785DE 0a1b"
    assert split_letter_and_number(" f6ea4 rr 123456785 de ") == ("f6ea4", "RR123456785DE")
    assert split_letter_and_number("f6ea4") == ("f6ea4", "")


@pytest.mark.parametrize(
    "number", ["3404 3416 1094 0159 02", "340434161094015902", "RR 340 434 161 DE", "3404-1", "340"]
)
def test_a_tracking_number_with_groups_like_short_ids_is_no_short_id(number: str) -> None:
    assert not names_other_letters(number, ["34045ef689499785", "3416aaaaaaaaaaaa"])


@pytest.mark.slow
def test_tracking_numbers_are_deleted_with_the_data_of_their_person(tmp_path: Path) -> None:
    folder, number = make(tmp_path), "RR123456785DE"

    def files_with_number() -> list[str]:
        files = [path for path in folder.rglob("*") if path.is_file()]
        return [
            file.name
            for file in files
            if any(number in text for text in texts_in(file.read_bytes()))
        ]

    merge("letters", folder)
    letter = next(row for row in table(folder / "register.xlsx") if row["Signer"] == "Ana Ruiz")
    merge("mark", "posted", folder, "--letter", f"{letter['ID']} {number}")
    assert "register.xlsx" in files_with_number()
    assert merge("delete-person", "Ana Ruiz", folder, "--yes").code in {0, 1}
    assert files_with_number() == []
