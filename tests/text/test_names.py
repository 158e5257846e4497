"""Comparison of names that may be one person's."""

from __future__ import annotations

import pytest

from merge.text.names import (
    is_same_name,
    is_short_form,
    is_title_or_particle,
    may_be_same_person,
    name_similarity,
    name_without_id,
    name_words,
    short_name,
    sorted_name_words,
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Dr. Ana Ruiz", "RUIZ, Ána", True),
        ("O'Brien", "OBrien", True),
        ("O´Brien", "O’Brien", True),
        ("Аnna Lee", "Anna Lee", True),
        ("अमित कुमार", "अमित कमार", False),
        ("Ana Ruiz", "Ana Ruis", False),
        ("Ana/Bo Ruiz", "Ana (Bo) Ruiz", True),
        ("Marcel·la Vila", "Marcella Vila", True),
    ],
)
def test_two_names_are_the_same_if_their_words_are(one: str, other: str, *, same: bool) -> None:
    assert is_same_name(one, other) is same
    assert (name_similarity(one, other) == 1) or not same


def test_a_name_with_only_titles_is_compared_by_them() -> None:
    assert is_same_name("The President", "THE PRESIDENT")
    assert not is_same_name("The President", "The Minister")


@pytest.mark.parametrize(
    ("label", "short"),
    [
        ("H.E. Mr Bakhtiyor Saidov", "Bakhtiyor Saidov"),
        ("Minister of Justice Ravshan Mukhamedov", "Ravshan Mukhamedov"),
        ("Johanna Lindqvist-Berg, Commissioner", "Lindqvist-Berg"),
        ("Hans Schmidt (F8NHC8J)", "Schmidt (F8NHC8J)"),
        ("Mr Rashid Tolipov", "Mr Rashid Tolipov"),
        ("Chancellor’s-Representative", "Chancellor’s-Representative"),
    ],
)
def test_a_short_name_keeps_the_last_words(label: str, short: str) -> None:
    assert short_name(label, 18) == short


def test_a_name_is_split_into_words() -> None:
    assert name_words("Siân Pryce-Howells (Ann)") == ("sian", "pryce", "howells", "ann")
    assert name_words("O'Neil") == ("o", "neil")
    assert name_words("Marcel·la") == ("marcella",)
    assert (
        sorted_name_words("Müller, Paul (Pauli)")
        == sorted_name_words("Paul Mueller")
        == ["muller", "paul"]
    )


@pytest.mark.parametrize("word", ["Señor", "senor", "Министр", "van", "Ben", "of"])
def test_titles_and_particles_do_not_identify_a_person(word: str) -> None:
    assert is_title_or_particle(word)


@pytest.mark.parametrize("word", ["Les", "Ten", "Ana"])
def test_other_words_of_a_name_identify_a_person(word: str) -> None:
    assert not is_title_or_particle(word)


@pytest.mark.parametrize(
    ("one", "other", "fuller", "perhaps"),
    [
        ("Dorothy Aske", "Dorothy M. Aske", True, True),
        ("K. Weiß", "Käthe Weiß", True, True),
        ("Jon Smiht", "John Smith", False, True),
        ("Ann Lee", "Ben Lee", False, False),
        ("Tom Lee", "Tim Lee", False, False),
    ],
)
def test_similar_names_of_one_home_may_be_one_persons(
    one: str, other: str, *, fuller: bool, perhaps: bool
) -> None:
    assert is_short_form(one, other) is fuller
    assert may_be_same_person(one, other) is perhaps


def test_an_id_after_a_name_is_not_part_of_it() -> None:
    assert name_without_id("Ana Ruiz (S7)") == "Ana Ruiz"
    assert name_without_id("Ana (Anita) Ruiz") == "Ana (Anita) Ruiz"
