"""Parcels: an address for the outside, a packing list and a receipt for each recipient."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from openxml_audit import OpenXmlValidator
from support.docx_defects import defects
from support.filled_letters import W, members, root, texts
from support.office_programs import needs_libreoffice
from support.pdf_measures import pdfs_of, sizes, words

from merge.printing.parcels import Parcel, ParcelLetter, make_parcels

CAMPAIGN = "Appeal for the men detained"
BACK = ("Letters for Freedom", "PO Box 1234", "1000 Bern")
NAMES = ("Inés Álvarez", "Олена Журавчук", "سلمى البرقاوي", "Noémie Côté")
MISSING = {7: "not signed yet", 40: "edited, to be printed again", 299: ""}
JUDGE = Parcel(
    ("Chief Justice", "Dr Amara Okafor", "Supreme Court", "900242 Abuja", "NIGERIA"),
    "Dr Amara Okafor",
    tuple(
        ParcelLetter(f"{NAMES[n % 4]} {n}", f"{n:04x}", n not in MISSING, MISSING.get(n, ""))
        for n in range(300)
    ),
    BACK,
)
MINISTER = Parcel(
    ("السيد وزير العدل", "TUNISIA"),
    "السيد وزير العدل",
    (ParcelLetter("Bo", "beef", is_present=True),),
)


def said(made: bytes) -> list[str]:
    return [text for text in texts(made) if text]


def tables(made: bytes, folder: Path) -> list[list[list[str]]]:
    path = folder / "parcels.docx"
    path.write_bytes(made)
    found = Document(str(path)).tables
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in found]


def test_the_packing_list_tells_how_many_of_how_many_and_why_the_others_are_missing(
    tmp_path: Path,
) -> None:
    made = make_parcels([JUDGE], "A4", CAMPAIGN)
    assert "297 of 300; missing:" in said(made)
    assert tables(made, tmp_path)[1] == [
        ["Signer", "Letter", "Why"],
        ["Noémie Côté 7", "0007", "not signed yet"],
        ["Inés Álvarez 40", "0028", "edited, to be printed again"],
        ["Noémie Côté 299", "012b", ""],
    ]


def test_the_packing_list_names_every_letter_that_is_there_in_their_order(tmp_path: Path) -> None:
    heads, *rows = tables(make_parcels([JUDGE], "A4", CAMPAIGN), tmp_path)[2]
    assert heads == ["", "Signer (to Dr Amara Okafor)", "Letter"] * 2
    halves = [half for row in rows for half in (row[:3], row[3:])]
    present = [letter for letter in JUDGE.letters if letter.is_present]
    expected = [[str(n), letter.signer, letter.id] for n, letter in enumerate(present, 1)]
    assert halves == [*expected, ["", "", ""]]


@pytest.mark.parametrize(("letters", "columns"), [(1, 3), (30, 3), (31, 6)])
def test_a_short_packing_list_has_one_column(letters: int, columns: int, tmp_path: Path) -> None:
    listed = tuple(ParcelLetter(f"Ana {n}", f"{n:04x}", is_present=True) for n in range(letters))
    rows = tables(make_parcels([replace(JUDGE, letters=listed)], "A4", CAMPAIGN), tmp_path)[1]
    assert {len(row) for row in rows} == {columns}
    assert [row[1] for row in rows[1:3]][:letters] == ["Ana 0", f"Ana {columns // 3}"][:letters]


def test_a_packing_list_is_in_ten_points() -> None:
    styles = root(make_parcels([JUDGE], "A4", CAMPAIGN), "word/styles.xml")
    (size,) = styles.iterfind(f"{W}style[@{W}styleId='List']/{W}rPr/{W}sz")
    assert size.get(f"{W}val") == "20"


@pytest.mark.parametrize(
    "long",
    [
        "Investigation Committee of the Russian Federation, Department for the North Caucasus",
        "Следственный комитет Российской Федерации по Северо-Кавказскому федеральному округу",
        "لجنة التحقيق في جمهورية الاتحاد الروسي، إدارة شمال القوقاز والمناطق المجاورة لها",
        "भारत सरकार के विधि और न्याय मंत्रालय का विधि कार्य विभाग, नई दिल्ली क्षेत्रीय कार्यालय",
    ],
)
def test_a_long_line_of_a_parcels_address_wraps_and_all_stay_large(long: str) -> None:
    made = root(make_parcels([replace(JUDGE, lines=(long, *JUDGE.lines))], "A4", CAMPAIGN))
    sizes = [
        int(str(size.get(f"{W}val"))) / 2
        for line in made.iter(f"{W}p")
        if line.find(f"{W}pPr/{W}pStyle[@{W}val='EnvelopeAddress']") is not None
        for size in line.iterfind(f"{W}r/{W}rPr/{W}sz")
    ]
    assert len(sizes) == 6
    assert 18 <= min(sizes) == max(sizes) <= 28


def test_where_all_are_there_none_is_missing() -> None:
    shown = said(make_parcels([MINISTER], "Letter", ""))
    assert "1 of 1; none missing" in shown
    assert "Why" not in shown
    assert "1 letter" in shown
    assert "Campaign" not in shown
    assert "From" not in shown


def test_where_none_is_there_the_list_has_only_the_missing() -> None:
    empty = Parcel(
        ("Lima",), "Ana", (ParcelLetter("Bo", "beef", is_present=False, reason="not printed"),)
    )
    shown = said(make_parcels([empty], "A4", CAMPAIGN))
    assert "0 of 1; missing:" in shown
    assert "In the parcel" not in shown
    assert "0 letters" in shown


def test_the_receipt_has_room_to_sign_and_a_box_for_the_stamp(tmp_path: Path) -> None:
    made = make_parcels([JUDGE], "A4", CAMPAIGN)
    facts, to_fill = tables(made, tmp_path)[3:]
    assert facts == [
        ["Received", "297 letters"],
        ["For", "Dr Amara Okafor"],
        ["Campaign", CAMPAIGN],
        ["From", "\n".join(BACK)],
    ]
    assert [row[0] for row in to_fill] == ["Date", "Name", "Signature", "", ""]
    assert to_fill[-1][1] == "Stamp"


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three parcels on each paper."""
    sent = [JUDGE, MINISTER, JUDGE]
    made = {
        "A4": make_parcels(sent, "A4", CAMPAIGN),
        "Letter": make_parcels(sent, "Letter", CAMPAIGN),
    }
    return pdfs_of(made, tmp_path_factory.mktemp("parcels"))


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.parametrize(("paper", "size"), [("A4", (210, 297)), ("Letter", (215.9, 279.4))])
def test_the_outside_shows_the_addresses_alone_and_every_part_has_its_page(
    paper: str, size: tuple[float, float], pdfs: dict[str, Path]
) -> None:
    pages: dict[int, str] = defaultdict(str)
    for word in words(pdfs[paper]):
        pages[word.page] += word.text
    assert sizes(pdfs[paper]) == [pytest.approx(size, abs=0.2)] * len(pages)
    assert pages[1] == "".join((*BACK, *JUDGE.lines)).replace(" ", "")
    (label,) = (n for n, text in pages.items() if text.endswith("TUNISIA"))
    assert pages[label - 1].startswith("Receipt")
    assert pages[label + 1].startswith("Packinglist")
    assert pages[label + 2].startswith("Receipt")
    assert pages[label + 3] == pages[1]


@pytest.mark.slow
@needs_libreoffice
def test_each_page_of_a_list_says_whose_parcel_it_is(pdfs: dict[str, Path]) -> None:
    found = words(pdfs["A4"])
    first = range(1, next(word.page for word in found if word.text == "TUNISIA"))
    assert {word.page for word in found if word.text.startswith("Okafor")} >= set(first)
    assert len(first) > 3


@pytest.mark.slow
def test_the_file_says_nothing_of_who_made_it_and_breaks_no_rule(tmp_path: Path) -> None:
    made = make_parcels([JUDGE, MINISTER], "A4", CAMPAIGN)
    assert made == make_parcels(iter([JUDGE, MINISTER]), "A4", CAMPAIGN)
    assert [e.text for e in root(made, "docProps/core.xml")] == ["Parcels"]
    assert not [name for name in members(made) if "custom" in name or "app" in name]
    path = tmp_path / "parcels.docx"
    path.write_bytes(made)
    errors = [str(error) for error in OpenXmlValidator().validate(path).errors]
    assert [e for e in errors if "A required relationship type" not in e] == []
    assert not defects(made)
