"""Words in a column of consent: only a plain yes is one."""

from __future__ import annotations

import pytest

from merge.intake.consent import quoted_words, refuses, verdict, words_in_quotes

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
NEITHER += ["Yes?", "Oui, sous réserve", "Ja, aber anonym", "I", "Yes, initials only"]


def test_a_sentence_that_agrees_to_be_printed_is_a_plain_yes() -> None:
    for text in (
        "I agree that my name is printed in the letter",
        "J'accepte que mon nom soit imprimé dans la lettre",
        "Ich stimme zu, dass mein Name im Brief gedruckt wird",
    ):
        assert verdict(text, "Your decision") == "yes", text
    for text in (
        "I agree that my name is printed once I have seen the letter",
        "I agree that my name is printed under a pseudonym",
        "I agree that my name is not printed in the letter",
        "I agree to receive the newsletter",
        "Not now",
    ):
        assert verdict(text, "Your decision") != "yes", text


@pytest.mark.parametrize(("words", "meant"), [(YES, "yes"), (NO, "no"), (NEITHER, "neither")])
def test_only_a_plain_yes_is_one(words: list[str], meant: str) -> None:
    assert [word for word in words if verdict(word, QUESTION) != meant] == []


def test_words_come_back_from_the_sheet_forms_as_they_were() -> None:
    words = ("Yes, I agree", 'I "agree"', "1")
    assert words_in_quotes(quoted_words(words)) == words
    assert words_in_quotes("Oui, “Yes, I agree”") == ("Oui", "Yes, I agree")
    assert words_in_quotes("") == ()


REFUSING = ["I do not agree to be printed", "Withdraw consent", "Consent withdrawn", "No consent"]
REFUSING += ["Einwilligung widerrufen", "Je n’autorise pas la publication de mon nom"]
REFUSING += ["Я не согласен на публикацию имени", "لا أوافق على نشر اسمي", "Nicht einverstanden"]
REFUSING += ["I accept that my name is NOT printed", "May we print it? [No]", "May we print it?/No"]
REFUSING += ["Please do not print my name", "Do you object to your name being printed?"]
ASKING = ["I agree that my name is printed. You can withdraw at any time.", "Consent yes/no"]
ASKING += ["Ich bin einverstanden. Ich kann die Einwilligung jederzeit widerrufen.", "не возражаю"]
ASKING += ["I agree that my name is printed on letters and that my data will not be passed on"]
ASKING += ["J'accepte que mon nom soit imprimé. Mes données ne seront pas transmises.", QUESTION]


def test_to_a_heading_that_refuses_no_word_means_yes() -> None:
    assert [heading for heading in REFUSING if not refuses(heading)] == []
    assert [heading for heading in ASKING if refuses(heading)] == []
    assert verdict("Yes", "I do not agree to be printed") == "neither"
