"""Placeholder names from headings, hashes, safe and unique file names."""

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
    short_id_length,
)
from merge.text.folding import folded


@pytest.mark.parametrize(
    ("heading", "placeholder"),
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
def test_a_heading_gives_its_placeholder_name(heading: str, placeholder: str) -> None:
    assert placeholder_name(heading) == placeholder


@pytest.mark.parametrize("heading", ["Postal code", "Address 1", "Имя"])
def test_a_placeholder_name_has_a_heading_that_gives_it(heading: str) -> None:
    assert heading_for_placeholder(placeholder_name(heading)) == heading


@pytest.mark.parametrize(
    ("ids", "digits"),
    [
        ((), 4),
        (("0123456789abcdef",) * 2, 4),
        (("0123456789abcdef", "0123556789abcdef"), 5),
        (("0123456789abcdef", "0123456789abcdee"), 16),
    ],
)
def test_a_short_id_has_at_least_four_digits_and_is_distinct(
    ids: tuple[str, ...], digits: int
) -> None:
    assert short_id_length(ids) == digits


def test_only_the_first_of_many_texts_are_listed() -> None:
    assert join_first(["a", "b", "c"], 3) == "a, b, c"
    assert join_first(["a", "b", "c"], 2) == "a, b and 1 more"


@given(st.text())
def test_the_placeholder_name_of_a_placeholder_name_is_the_same(heading: str) -> None:
    assert placeholder_name(placeholder_name(heading)) == placeholder_name(heading)


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("Ana  Ruiz", "ana ruiz"),
        ("Ana\u00a0Ruiz", "Ana Ruiz"),
        ("Jose\u0301", "José"),
        ("Ana\u200b Ruiz", "Ana Ruiz"),
    ],
)
def test_names_that_differ_only_in_case_and_spaces_are_the_same(name: str, variant: str) -> None:
    assert folded(name) == folded(variant)


def test_a_hash_never_changes() -> None:
    assert short_hash("signer", "id:s1") == "174b28fd444f6650"


def test_words_split_in_different_ways_have_different_hashes() -> None:
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
def test_no_name_leaves_its_folder_or_is_invalid_on_windows(text: str) -> None:
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
def test_a_long_name_is_cut_between_characters(character: str) -> None:
    part = safe_path_part(character * 300, reserved_length=5)
    assert set(part) == {character}
    assert 20 < len(part) <= MAX_PART_CHARACTERS - 5


def test_a_long_name_is_never_cut_between_a_letter_and_its_accent() -> None:
    part = safe_path_part("x" * 54 + "q\u0301" * 10, reserved_length=5)
    assert not part.endswith("q")


def test_a_unique_path_is_given_only_once() -> None:
    names = UniquePaths()
    assert names.claim("Ana/Li", ".docx") == "Ana/Li.docx"
    assert names.claim("ana/LI", ".docx") == "ana/LI-2.docx"
    assert names.claim("Ana/Li", ".docx") == "Ana/Li-3.docx"


def test_composed_and_decomposed_letters_are_the_same_path() -> None:
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


def test_unique_paths_for_one_name_are_found_quickly() -> None:
    names = UniquePaths()
    stem = "Ana/" + "x" * 60
    paths = {names.claim(stem, ".docx") for _ in range(20_000)}
    assert len(paths) == 20_000
    assert any(path.endswith("-20000.docx") for path in paths)


def test_a_blocked_path_can_be_given_later() -> None:
    names = UniquePaths()
    assert names.claim("Li", ".docx") == "Li.docx"
    assert names.claim("Li", ".docx", {"Li-2.docx"}.__contains__) == "Li-3.docx"
    assert [names.claim("Li", ".docx") for _ in range(2)] == ["Li-2.docx", "Li-4.docx"]
