"""Character encodings of exports: UTF-8 is certain, guesses never are."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merge.errors import FaultError
from merge.intake.decoding import READ_AS, detect_decoding, encoding_name, text_lines

NAMES = Path(__file__).parent.parent / "data" / "names.tsv"


def text_of(data: bytes, read_as: str = "") -> str:
    return "".join(text_lines(data, detect_decoding(data, read_as).encoding, 1 << 20))


def lists(size: int, times: int) -> Iterator[tuple[str, bytes]]:
    """Yield lists of people of one language: the text, and its encoded bytes.

    Each is encoded in a code page of its language.
    """
    words_by_language: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for line in NAMES.read_text("utf-8").splitlines()[1:]:
        language, pages, kind, text = line.split("\t")
        words_by_language[language, pages][kind].append(text)
    generator = random.Random(2)  # noqa: S311 - the same each time
    for (_, pages), words in words_by_language.items():
        for page in pages.split() * times:
            names = generator.sample(words["name"], size)
            rows = (f"{name};{generator.choice(words['town'])}\r\n" for name in names)
            text = "Name;Town\r\n" + "".join(rows)
            yield text, text.encode(page)


def test_the_code_page_of_a_list_of_names_is_guessed_right_nearly_always() -> None:
    likeliest_right = any_right = total = 0
    for text, data in (*lists(5, 2), *lists(12, 2)):
        readings = detect_decoding(data).readings
        assert 1 <= len(readings) <= 4
        total += 1
        likeliest_right += text_of(data) == text
        any_right += text in {text_of(data, word) for word in readings}
    assert total >= 80
    assert likeliest_right / total >= 0.95
    assert any_right / total >= 0.98


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_utf_8_and_byte_order_marks_are_certain_encodings(encoding: str) -> None:
    data = "Name\nМария\nZoë\n".encode(encoding)
    assert detect_decoding(data).readings == ()
    assert detect_decoding(data).encoding == encoding
    assert text_of(data) == "Name\nМария\nZoë\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Name\tTown\nAna\tBath\n", "Имя\tГород\nМария\tМосква 12\n"])
def test_utf_16_is_recognised_without_a_byte_order_mark(encoding: str, text: str) -> None:
    decoding = detect_decoding(text.encode(encoding))
    assert (decoding.encoding, decoding.readings) == (encoding, ("utf-16",))


def test_utf_8_with_a_broken_byte_is_most_likely_utf_8() -> None:
    data = "Zoë;Łódź;Мария\n".encode() + b"Jos\xe9;Bath\n"
    assert detect_decoding(data).readings[0] == "utf-8"
    assert text_of(data).endswith("Jos\ufffd;Bath\n")


def test_an_encoding_has_its_name_in_a_sentence() -> None:
    names = [encoding_name(word) for word in ("cyrillic", "western", "dos", "utf-16")]
    assert names == ["Cyrillic", "Western", "DOS", "UTF-16"]


def test_the_read_as_option_decides_the_encoding() -> None:
    data = "Jürgen;Köln\n".encode("cp1252")
    assert detect_decoding(data).readings[0] == "western"
    assert detect_decoding(data, "cyrillic").readings == ()
    assert text_of(data, "greek") == "Jόrgen;Kφln\n"
    assert text_of("Мария;Пермь\n".encode("koi8-r"), "cyrillic") == "Мария;Пермь\n"
    assert detect_decoding(b"\xef\xbb\xbfAna", "western").encoding == "utf-8-sig"
    with pytest.raises(FaultError, match="“cyrilic” is not the name") as raised:
        detect_decoding(data, "cyrilic")
    assert raised.value.fault.hint == "Did you mean cyrillic?"


@given(st.binary(max_size=300), st.sampled_from(["", *READ_AS]))
def test_any_bytes_can_be_decoded(data: bytes, word: str) -> None:
    assert len(detect_decoding(data, word).readings) <= 4
    text_of(data, word)
