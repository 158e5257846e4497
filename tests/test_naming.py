"""Tags from headings, letter ids, safe file names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merge.naming import (
    MAX_PART_BYTES,
    MAX_PART_CHARACTERS,
    UniquePaths,
    heading_for_placeholder,
    join_first,
    placeholder_name,
    safe_path_part,
    short_hash,
)
from merge.text.folding import folded


@pytest.mark.parametrize(
    ("heading", "tag"),
    [
        ("Postal code", "postal_code"),
        ("Address 1", "address_1"),
        ("2nd line", "m_2nd_line"),
        ("E-mail", "e_mail"),
        ("Имя", "имя"),
        ("नाम", "नाम"),
        ("Items", "items"),
        ("  Name (as printed)  ", "name_as_printed"),
        ("Ｎａｍｅ", "name"),
        ("Straße", "straße"),
        ("***", ""),
    ],
)
def test_a_heading_makes_its_tag(heading: str, tag: str) -> None:
    assert placeholder_name(heading) == tag


@pytest.mark.parametrize("heading", ["Postal code", "Address 1", "Имя"])
def test_a_tag_has_a_heading_that_makes_it(heading: str) -> None:
    assert heading_for_placeholder(placeholder_name(heading)) == heading


def test_of_many_texts_the_first_few_are_named() -> None:
    assert join_first(["a", "b", "c"], 3) == "a, b, c"
    assert join_first(["a", "b", "c"], 2) == "a, b and 1 more"


@given(st.text())
def test_folding_a_tag_again_changes_nothing(heading: str) -> None:
    assert placeholder_name(placeholder_name(heading)) == placeholder_name(heading)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana  Ruiz", "ana ruiz"),
        ("Ana\u00a0Ruiz", "Ana Ruiz"),
        ("Jose\u0301", "José"),
        ("Ana\u200b Ruiz", "Ana Ruiz"),
    ],
)
def test_names_that_differ_in_case_and_spaces_only_are_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_a_hash_is_the_same_tomorrow() -> None:
    assert short_hash("signer", "id:s1") == "174b28fd444f6650"


def test_words_that_read_alike_together_have_different_hashes() -> None:
    assert short_hash("a", "bc") != short_hash("ab", "c")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a/b", "a-b"),
        ("CON", "CON_"),
        ("con.txt", "con_.txt"),
        ("Com1", "Com1_"),
        ("Mr. ", "Mr"),
        ("...", "_"),
        ("", "_"),
        ("../../x", "x"),
        ("~$Ana", "Ana"),
        ("-rf", "rf"),
        ("a\u202eb", "ab"),
        ("a\nb", "a b"),
        ("a\x00b", "ab"),
        ('<>:"/\\|?*', "_"),
        ("Zoë", "Zoë"),
        ("Žofie Nováková", "Žofie Nováková"),
    ],
)
def test_a_name_becomes_a_safe_part_of_a_path(text: str, part: str) -> None:
    assert safe_path_part(text) == part


@given(st.text())
def test_no_name_leads_out_of_its_folder_or_upsets_windows(text: str) -> None:
    part = safe_path_part(text, reserved_length=5)
    assert part
    assert part not in {".", ".."}
    assert not set(part) & set('<>:"/\\|?*')
    assert not part.startswith(("~$", "-", ".", " "))
    assert not part.endswith((".", " "))
    assert len(part) <= MAX_PART_CHARACTERS - 5
    assert len(part.encode()) <= MAX_PART_BYTES - 5
    assert all(unicodedata.category(c)[0] != "C" for c in part)


@pytest.mark.parametrize("character", ["x", "я", "😀", "é"])
def test_a_long_name_is_cut_at_a_whole_character(character: str) -> None:
    part = safe_path_part(character * 300, reserved_length=5)
    assert set(part) == {character}
    assert 20 < len(part) <= MAX_PART_CHARACTERS - 5


def test_a_cut_never_takes_an_accent_off_its_letter() -> None:
    part = safe_path_part("x" * 54 + "q\u0301" * 10, reserved_length=5)
    assert not part.endswith("q")


def test_a_path_is_given_out_once() -> None:
    names = UniquePaths()
    assert names.claim("Ana/Li", ".docx") == "Ana/Li.docx"
    assert names.claim("ana/LI", ".docx") == "ana/LI-2.docx"
    assert names.claim("Ana/Li", ".docx") == "Ana/Li-3.docx"


def test_composed_and_decomposed_letters_are_one_path() -> None:
    names = UniquePaths()
    names.claim("é", ".docx")
    assert names.claim("e\u0301", ".docx").endswith("-2.docx")


def test_a_numbered_path_is_no_longer_than_others() -> None:
    names = UniquePaths()
    stem = "A/" + "x" * 55
    names.claim(stem, ".docx")
    second = names.claim(stem, ".docx")
    assert second.endswith("-2.docx")
    assert len(second.split("/")[1]) <= MAX_PART_CHARACTERS


def test_a_name_that_thousands_have_is_given_out_in_no_time() -> None:
    names = UniquePaths()
    stem = "Ana/" + "x" * 60
    made = {names.claim(stem, ".docx") for _ in range(20_000)}
    assert len(made) == 20_000
    assert any(path.endswith("-20000.docx") for path in made)


def test_what_is_blocked_for_now_is_asked_for_again() -> None:
    names = UniquePaths()
    assert names.claim("Li", ".docx") == "Li.docx"
    assert names.claim("Li", ".docx", {"Li-2.docx"}.__contains__) == "Li-3.docx"
    assert [names.claim("Li", ".docx") for _ in range(2)] == ["Li-2.docx", "Li-4.docx"]
