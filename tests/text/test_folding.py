"""Two spellings of a text are equal once folded, and two texts are not."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merge.text.folding import composed, folded, folded_words, plain_letters, skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana Ruiz", "ANA  RUIZ"),
        ("Ａｎａ", "ana"),
        ("Straße", "STRASSE"),
        ("Zoe\u0308", "Zoë"),
        ("Jo\u00adsé", "José"),
        ("葛\U000e0100木", "葛木"),
        ("✔\ufe0f", "✔"),
    ],
)
def test_folding_ignores_case_width_spaces_and_invisible_characters(one: str, other: str) -> None:
    assert folded(one) == folded(other)
    assert folded_words(one) == folded_words(other)
    assert plain_letters(one) == plain_letters(other)


@pytest.mark.parametrize(("one", "other"), [("José", "Jose"), ("नाम", "नम"), ("Ana B", "Anab")])
def test_folding_keeps_accents_vowels_and_words(one: str, other: str) -> None:
    assert folded(one) != folded(other)
    assert folded_words(one) != folded_words(other)


def test_folding_can_keep_the_case() -> None:
    assert folded("Ａna\u200b  Ruíz", keep_case=True) == "Ana Ruíz"
    assert folded("Ana  B", keep_case=True) == "Ana B"


def test_folding_removes_every_invisible_character_of_unicode() -> None:
    characters = map(chr, range(sys.maxunicode + 1))
    invisible = [c for c in characters if unicodedata.category(c) == "Cf"]
    assert len(invisible) > 150
    assert [hex(ord(c)) for c in invisible if folded(f"é{c}") != "é"] == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("sí", "SI", True),
        ("à compléter", "a completer", True),
        ("تـم", "تم", True),
        ("Ім'я", "імʼя", True),
        ("Côte d’Ivoire", "cote d'ivoire", True),
        ("कुल", "कल", False),
        ("หมี", "หม", False),
        ("Ana-Lee", "Ana Lee", False),
    ],
)
def test_plain_letters_have_no_accents(one: str, other: str, *, same: bool) -> None:
    assert (plain_letters(one) == plain_letters(other)) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("O'Brien", "O’BRIEN", True),
        ("de la Cruz", "Delacruz", True),
        ("Аnna", "Anna", True),
        ("فاطمة", "فاطمه", True),
        ("علی", "علي", True),
        ("कुल", "कल", False),
        ("???", "!!!", False),
    ],
)
def test_a_skeleton_is_the_same_for_letters_that_look_the_same(
    one: str, other: str, *, same: bool
) -> None:
    assert (skeleton(one) == skeleton(other)) == same


def test_folded_words_have_no_punctuation_and_each_han_character_is_a_word() -> None:
    assert folded_words("Dear Ms. O’Neil, (Lima)") == ("dear", "ms", "o", "neil", "lima")
    assert folded_words("王小明様") == ("王", "小", "明", "様")
    assert folded_words("김철수님") == ("김", "철", "수", "님")


@given(st.text())
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert folded_words(" ".join(folded_words(text))) == folded_words(text)
    assert composed(composed(text)) == composed(text)
