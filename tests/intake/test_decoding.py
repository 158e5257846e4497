"""What is UTF-8 is read so; what is not is guessed, and never held for certain."""

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
    """Lists of so many people of one language: the text, and its bytes in a fitting code page."""
    found: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in NAMES.read_text("utf-8").splitlines()[1:]:
        language, pages, kind, text = line.split("\t")
        found[language, pages][kind].append(text)
    dice = random.Random(2)  # noqa: S311 - the same each time
    for (_, pages), words in found.items():
        for page in pages.split() * times:
            names = dice.sample(words["name"], size)
            rows = (f"{name};{dice.choice(words['town'])}\r\n" for name in names)
            text = "Name;Town\r\n" + "".join(rows)
            yield text, text.encode(page)


def test_lists_of_names_in_code_pages_are_read_right_nearly_always() -> None:
    first = among = every = 0
    for text, data in (*lists(5, 2), *lists(12, 2)):
        readings = detect_decoding(data).readings
        assert 1 <= len(readings) <= 4
        every += 1
        first += text_of(data) == text
        among += text in {text_of(data, word) for word in readings}
    assert every >= 80
    assert first / every >= 0.95
    assert among / every >= 0.98


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_what_is_marked_or_utf_8_is_certain(encoding: str) -> None:
    data = "Name\nМария\nZoë\n".encode(encoding)
    assert detect_decoding(data).readings == ()
    assert detect_decoding(data).encoding == encoding
    assert text_of(data) == "Name\nМария\nZoë\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Name\tTown\nAna\tBath\n", "Имя\tГород\nМария\tМосква 12\n"])
def test_utf_16_is_known_without_its_mark(encoding: str, text: str) -> None:
    found = detect_decoding(text.encode(encoding))
    assert (found.encoding, found.readings) == (encoding, ("utf-16",))


def test_utf_8_with_a_broken_byte_is_utf_8_first_of_all() -> None:
    data = "Zoë;Łódź;Мария\n".encode() + b"Jos\xe9;Bath\n"
    assert detect_decoding(data).readings[0] == "utf-8"
    assert text_of(data).endswith("Jos\ufffd;Bath\n")


def test_an_encoding_has_its_name_in_a_sentence() -> None:
    names = [encoding_name(word) for word in ("cyrillic", "western", "dos", "utf-16")]
    assert names == ["Cyrillic", "Western", "DOS", "UTF-16"]


def test_the_word_of_somebody_who_knows_counts() -> None:
    data = "Jürgen;Köln\n".encode("cp1252")
    assert detect_decoding(data).readings[0] == "western"
    assert detect_decoding(data, "cyrillic").readings == ()
    assert text_of(data, "greek") == "Jόrgen;Kφln\n"
    assert text_of("Мария;Пермь\n".encode("koi8-r"), "cyrillic") == "Мария;Пермь\n"
    assert detect_decoding(b"\xef\xbb\xbfAna", "western").encoding == "utf-8-sig"
    with pytest.raises(FaultError, match="“cyrilic” is not the name") as caught:
        detect_decoding(data, "cyrilic")
    assert caught.value.fault.hint == "Did you mean cyrillic?"


@given(st.binary(max_size=300), st.sampled_from(["", *READ_AS]))
def test_any_bytes_are_read_somehow(data: bytes, word: str) -> None:
    assert len(detect_decoding(data, word).readings) <= 4
    text_of(data, word)
