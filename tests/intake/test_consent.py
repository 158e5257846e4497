"""Words in a column of consent: only a plain yes is one."""

from __future__ import annotations

import pytest

from merge.intake.consent import quoted_words, verdict, words_in_quotes

QUESTION = "I agree that my name and address are printed in the letters"
YES = [
    "yes",
    "Yes, I agree",
    "OUI ",
    "Sí",
    "Да",
    "نعم، أوافق",
    "1",
    "TRUE",
    "x",
    "Ja;",
    "Einverstanden",
]
YES += [QUESTION, "Я согласен", "Ja, ich stimme zu", "Oui / Yes", "Tak", "yes please"]
NO = ["", "no", "Non", "Нет", "0", "FALSE", "N/A", "-", "لا", "I do not agree", "Nie"]
NEITHER = ["oui mais pas l'adresse", "Yes, but not my address", "Yes, my name only", "Oui, mon nom"]
NEITHER += ["لا أوافق", "Не согласен", "Je n'accepte pas", "maybe", "2026-11-05", "subscribed"]
NEITHER += ["Oui, sous réserve", "Ja, aber anonym", "I", "Yes, initials only"]


@pytest.mark.parametrize(("words", "meant"), [(YES, "yes"), (NO, "no"), (NEITHER, "neither")])
def test_only_a_plain_yes_is_one(words: list[str], meant: str) -> None:
    assert [word for word in words if verdict(word, QUESTION) != meant] == []


def test_words_come_back_from_the_sheet_forms_as_they_were() -> None:
    words = ("Yes, I agree", 'I "agree"', "1")
    assert words_in_quotes(quoted_words(words)) == words
    assert words_in_quotes("Oui, “Yes, I agree”") == ("Oui", "Yes, I agree")
    assert words_in_quotes("") == ()
