"""Letters that no font of the computer has, from the fonts' own files."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fonts import collection, font

from merge.printing.fonts import characters_without_font, font_files, script_name


@pytest.mark.parametrize("form", [4, 12])
def test_a_font_has_the_characters_of_its_file(form: int, tmp_path: Path) -> None:
    (tmp_path / "face.ttf").write_bytes(font("abcनम", form))
    assert characters_without_font("aनमЖ क", [tmp_path / "face.ttf"]) == {"Ж", "क"}


def test_characters_beyond_the_first_plane_and_collections_are_read(tmp_path: Path) -> None:
    (tmp_path / "faces.ttc").write_bytes(collection("ab", "𐕰न"))
    assert characters_without_font("ab𐕰𐕱न", [tmp_path / "faces.ttc"]) == {"𐕱"}


def test_punctuation_spaces_and_digits_need_no_font(tmp_path: Path) -> None:
    (tmp_path / "face.ttf").write_bytes(font("a"))
    assert characters_without_font("a 1.☐\u200f😀\n", [tmp_path / "face.ttf"]) == set()


@pytest.mark.parametrize("cut", [0, 3, 13, 27, 30, 45, 60])
def test_a_damaged_font_has_no_characters_and_causes_no_error(cut: int, tmp_path: Path) -> None:
    (tmp_path / "cut.ttf").write_bytes(font("ab")[:cut])
    (tmp_path / "face.ttf").write_bytes(font("b"))
    files = [tmp_path / "cut.ttf", tmp_path / "gone.ttf", tmp_path / "face.ttf"]
    assert characters_without_font("ab", files) == {"a"}


def test_fonts_that_show_only_boxes_do_not_count(tmp_path: Path) -> None:
    for name in ("LastResort.otf", "AdobeBlank.otf", "notes.txt"):
        (tmp_path / name).write_bytes(font("𐕰"))
    assert not [file for file in font_files(tmp_path) if file.parent == tmp_path]
    (tmp_path / "face.OTF").write_bytes(font("𐕰"))
    assert [file for file in font_files(tmp_path) if file.parent == tmp_path] == [
        tmp_path / "face.OTF"
    ]


@pytest.mark.parametrize(
    ("letter", "script"),
    [("न", "Devanagari"), ("李", "Chinese"), ("ひ", "Japanese"), ("ơ", "Latin")],
)
def test_a_script_has_an_english_name(letter: str, script: str) -> None:
    assert script_name(letter) == script
