"""Envelopes: one page each, with the address where machines read it.

Positions are measured in the PDF.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from openxml_audit import OpenXmlValidator
from support.docx_defects import defects
from support.filled_letters import W, members, root, texts
from support.office_programs import needs_libreoffice
from support.pdf_measures import Box, pdfs_of, sizes, words

from merge.printing.addresses import LetterAddress
from merge.printing.envelopes import ENVELOPES, envelope_problems, make_envelopes

BACK = ("Letters for Freedom", "PO Box 1234", "1000 Bern", "Switzerland")
ADDRESSES = (
    (
        "Minister of Justice",
        "Amara Okafor",
        "Plot 71B Shehu Shagari Way",
        "900242 Abuja",
        "NIGERIA",
    ),
    ("Министру юстиции", "Технический переулок, дом 2", "105005 Москва", "РОССИЯ"),
    ("السيد وزير العدل", "31 شارع باب بنات", "1006 تونس", "TUNISIA"),
    ("Ministry for Foreign Affairs and International Cooperation of the Republic", "Malabo"),
    tuple(f"Line {number} of a long address" for number in range(1, 11)),
)
SIZES = {
    "DL": (220, 110),
    "C6": (162, 114),
    "C5": (229, 162),
    "C4": (324, 229),
    "#10": (9.5 * 25.4, 4.125 * 25.4),
}
"""Millimetres."""


def letter(number: int, back: tuple[str, ...] = BACK) -> LetterAddress:
    short_id = hashlib.sha256(str(number).encode()).hexdigest()[:4]
    return LetterAddress(short_id, ADDRESSES[number % len(ADDRESSES)], back)


LETTERS = [letter(number) for number in range(10)]


def characters(shown: Iterable[str]) -> Counter[str]:
    return Counter("".join("".join(shown).split()))


def attribute(data: bytes, name: str, attribute_name: str) -> list[str | None]:
    return [element.get(W + attribute_name) for element in root(data).iter(W + name)]


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return ten letters on each kind of envelope."""
    documents = {name: make_envelopes(LETTERS, ENVELOPES[name]) for name in SIZES}
    return pdfs_of(documents, tmp_path_factory.mktemp("envelopes"))


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.parametrize("name", SIZES)
def test_each_envelope_has_its_address_alone_where_machines_read_it(
    name: str, pdfs: dict[str, Path]
) -> None:
    width, height = SIZES[name]
    assert sizes(pdfs[name]) == [pytest.approx((width, height), abs=0.2)] * len(LETTERS)
    all_words = words(pdfs[name])
    for page, letter_address in enumerate(LETTERS, 1):
        # USPS: from 5/8 to 2 3/4 inch above the lower edge; Deutsche Post: 40 mm, 15 mm, 15 mm.
        zone = Box(page, width - 140, max(40, height - 69.85), width - 15, height - 15.875)
        address = [word.text for word in all_words if zone.holds(word)]
        assert characters(address) == characters(letter_address.lines)
        # The upper left is the sender's; 74 mm at the right are for the stamp.
        corner = Box(page, 10, 8, width - 74, 40)
        above = [word.text for word in all_words if corner.holds(word)]
        assert characters(above) == characters((*BACK, letter_address.short_id))
        assert len(address) + len(above) == len([word for word in all_words if word.page == page])


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.parametrize("name", SIZES)
def test_addresses_have_the_same_position_on_all_envelopes(
    name: str, pdfs: dict[str, Path]
) -> None:
    all_words = words(pdfs[name])
    for text, pages in (("Minister", [1, 6]), ("Letters", list(range(1, 11)))):
        firsts = [word for word in all_words if word.text == text]
        assert [word.page for word in firsts] == pages
        first = pytest.approx((firsts[0].left, firsts[0].top), abs=0.05)
        assert [(word.left, word.top) for word in firsts] == [first] * len(pages)
    width, height = SIZES[name]
    (minister,) = (word for word in all_words if word.text == "Minister" and word.page == 1)
    (nigeria,) = (word for word in all_words if word.text == "NIGERIA" and word.page == 1)
    middle = (max(40, height - 69.8) + height - 20) / 2
    assert (minister.top + nigeria.bottom) / 2 == pytest.approx(middle, abs=1)
    assert minister.left == pytest.approx(max(0.45 * width, width - 140), abs=0.2)


@pytest.mark.parametrize("name", SIZES)
def test_the_envelope_file_requests_the_envelope_in_landscape(name: str) -> None:
    data = make_envelopes([letter(1)], ENVELOPES[name])
    width, height = (str(round(side / 25.4 * 1440)) for side in SIZES[name])
    assert attribute(data, "pgSz", "w") == [width]
    assert attribute(data, "pgSz", "h") == [height]
    assert attribute(data, "pgSz", "orient") == ["landscape"]
    codes = {"#10": "20", "DL": "27", "C5": "28", "C4": "30", "C6": "31"}
    assert attribute(data, "pgSz", "code") == [codes[name]]


def test_an_envelope_without_a_return_address_has_only_the_short_id_above() -> None:
    data = make_envelopes([letter(0, ())], ENVELOPES["DL"])
    assert [text for text in texts(data) if text] == [letter(0).short_id, *ADDRESSES[0]]


def test_envelope_lines_run_in_the_direction_of_their_script_at_one_side() -> None:
    lines = ("السيد وزير العدل", "1006 تونس", "TUNISIA", "外交部部长", "北京市朝阳门南大街2号")
    data = make_envelopes([LetterAddress("a" * 5, lines)], ENVELOPES["C5"])
    paragraphs = [p for p in root(data).iter(f"{W}p") if p.find(f"{W}r") is not None][1:]
    assert [p.find(f"{W}pPr/{W}bidi") is not None for p in paragraphs] == [True] * 2 + [False] * 3
    assert [p.find(f"{W}r/{W}rPr/{W}rtl") is not None for p in paragraphs] == [True] * 2 + [
        False
    ] * 3
    assert [p.find(f"{W}pPr/{W}jc") is not None for p in paragraphs] == [False] * 2 + [True] * 3
    assert [text for text in texts(data) if text][1:] == list(lines)


def test_an_address_too_large_for_an_envelope_is_reported_and_omitted() -> None:
    crowd = ("Ana Ruiz",) * 30
    letters = [letter(0), LetterAddress("b" * 5, crowd, crowd)]
    reported = [str(problem) for problem in envelope_problems(letters, ENVELOPES["DL"])]
    assert reported == [
        f"letter bbbbb: The {what} does not fit on the DL envelope, even in small type,"
        " and is omitted. Write it by hand."
        for what in ("address", "return address")
    ]
    assert "Ana Ruiz" not in texts(make_envelopes(letters, ENVELOPES["DL"]))


def test_characters_forbidden_in_xml_become_spaces_on_envelopes() -> None:
    data = make_envelopes([LetterAddress("c" * 5, ("R & D <b>\t\x0b1", "Lima"))], ENVELOPES["DL"])
    assert "R & D <b>  1" in texts(data)


def test_the_envelope_file_has_no_author_and_is_valid(tmp_path: Path) -> None:
    data = make_envelopes(map(letter, range(7)), ENVELOPES["#10"])
    assert data == make_envelopes(map(letter, range(7)), ENVELOPES["#10"])
    assert sorted(members(data)) == [
        *("[Content_Types].xml", "_rels/.rels", "docProps/core.xml"),
        *("word/_rels/document.xml.rels", "word/document.xml", "word/settings.xml"),
        "word/styles.xml",
    ]
    core = root(data, "docProps/core.xml")
    assert [(str(e.tag).rpartition("}")[2], e.text) for e in core] == [("title", "Envelopes")]
    path = tmp_path / "envelopes.docx"
    path.write_bytes(data)
    errors = [str(error) for error in OpenXmlValidator().validate(path).errors]
    # It asks for a theme and a font table, which the standard leaves optional.
    assert [e for e in errors if "A required relationship type" not in e] == []
    assert not defects(data)
