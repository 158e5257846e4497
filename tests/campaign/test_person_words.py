"""Words of a person, and whether the text of a file contains them."""

from __future__ import annotations

import pytest

from merge.campaign.file_texts import find_texts
from merge.campaign.person_words import (
    OtherPeople,
    PersonWords,
    find_person_words,
    searchable,
)
from merge.people import Person
from merge.values import WorkbookValue


def _contains(data: bytes, *names: str) -> bool:
    words = PersonWords(frozenset(map(searchable, names)))
    return any(words.find_in(text) for text in find_texts(data))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("尊敬的李文部长", "李文"),
        ("ถึงคุณสมชายครับ", "สมชาย"),
        ("ANA\u00a0 RUIZ\u2019s letter", "Ana Ruiz"),
        ("José\u00ad Peña", "Jose\u0301 Pen\u0303a"),
        ("Ana_Ruiz.docx", "Ana Ruiz"),
        ("letters/Ana%20Ruiz/a.docx", "Ana Ruiz"),
        ("O’Brien‑Smith", "O'Brien-Smith"),
        (r'{"name": "Ann \"Bo\" Lee"}', 'Ann "Bo" Lee'),
    ],
)
def test_a_persons_name_is_found_in_text_however_it_is_written(text: str, name: str) -> None:
    assert _contains(text.encode(), name)


def test_a_persons_name_is_not_found_in_a_longer_word() -> None:
    assert not _contains(b"Ana Ruizanda, Mariana Ruiz", "Ana Ruiz")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_persons_name_is_found_in_any_character_encoding(encoding: str) -> None:
    assert _contains("Name;City\nBo Åkerström;Malmö".encode(encoding), "Bo Åkerström")


def test_a_persons_short_name_is_not_found_in_binary_data() -> None:
    assert not _contains(b"\0\x07Bo\0\x80S1\0Li\xff", "Bo", "S1", "Li")
    assert _contains(b"\0\x07Bo Li/Consul Roy.docx\0", "Bo Li")


def test_a_persons_name_is_found_in_rich_text() -> None:
    rtf = rb"{\rtf1\ansi {\b Bo} \'c5kerstr\u246?m\par}"
    assert _contains(rtf, "Bo Åkerström")


def test_a_persons_name_in_anothers_cell_counts_only_if_it_is_the_whole_cell() -> None:
    def found_words(cell: str) -> frozenset[str]:
        other = Person(
            "signer", "", 2, {"name": WorkbookValue("Bo Lind"), "notes": WorkbookValue(cell)}
        )
        ann = Person("signer", "", 1, {"name": WorkbookValue("Ann Lee")})
        return find_person_words(ann, OtherPeople.from_people([other]), "").find_in(
            f"{cell}, Bo Lind"
        )

    assert found_words("c/o Ann Lee, 5 Mill Road") == frozenset()
    assert found_words("Ann Lee") == {"ann lee"}
