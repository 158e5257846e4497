"""Accents that broke are mended, and those that are right are left alone."""

from __future__ import annotations

from merge.text.accents import repair_accents


def test_broken_accents_are_mended_and_right_ones_are_none() -> None:
    right = [
        "Günther",
        "Vilà i Puig",
        "Мария",
        "Łukasz Żak",
        "עמוס",
        "ليلى",
        "Ελένη",
        "Şule",
        "Œuf",
        "Đặng Hữu Phước",
    ]
    for name in right:
        assert repair_accents(name) == ""
        for page in ("cp1252", "cp1251", "cp1250", "mac_roman"):
            read = name.encode().decode(page, "surrogateescape")
            wrong = "".join(chr(ord(c) - 0xDC00) if "\udc80" <= c <= "\udcff" else c for c in read)
            assert repair_accents(wrong) == name
    assert repair_accents("ÐœÐ°Ñ€Ð¸Ñ") == "Мари?"
    for name in ("Ні", "BĂŞESCU", "RÓŻA", "KŘÍŽ", "IRMÃ MARIA", "“Zoë”", "½ £5", "STRAßE"):
        assert repair_accents(name) == ""


def test_a_german_small_letter_among_capitals_is_right() -> None:
    assert repair_accents("STRAÃŸE") == "STRAßE"
