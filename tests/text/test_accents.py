"""Broken accents are repaired, and correct ones stay unchanged."""

from __future__ import annotations

from merge.text.accents import repair_accents


def test_broken_accents_are_repaired_and_correct_ones_are_kept() -> None:
    correct = [
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
    for name in correct:
        assert repair_accents(name) == ""
        for code_page in ("cp1252", "cp1251", "cp1250", "mac_roman"):
            misread = name.encode().decode(code_page, "surrogateescape")
            broken = "".join(
                chr(ord(c) - 0xDC00) if "\udc80" <= c <= "\udcff" else c for c in misread
            )
            assert repair_accents(broken) == name
    assert repair_accents("ÐœÐ°Ñ€Ð¸Ñ") == "Мари?"
    for name in ("Ні", "BĂŞESCU", "RÓŻA", "KŘÍŽ", "IRMÃ MARIA", "“Zoë”", "½ £5", "STRAßE"):
        assert repair_accents(name) == ""


def test_a_german_sharp_s_among_capitals_is_repaired() -> None:
    assert repair_accents("STRAÃŸE") == "STRAßE"
