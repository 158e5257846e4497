"""Parcels: an address page, a packing list and a receipt per recipient."""

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


def shown_texts(data: bytes) -> list[str]:
    return [text for text in texts(data) if text]


def tables(data: bytes, folder: Path) -> list[list[list[str]]]:
    path = folder / "parcels.docx"
    path.write_bytes(data)
    word_tables = Document(str(path)).tables
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in word_tables]


def test_the_packing_list_counts_letters_and_says_why_some_are_missing(
    tmp_path: Path,
) -> None:
    data = make_parcels([JUDGE], "A4", CAMPAIGN)
    assert "297 of 300; missing:" in shown_texts(data)
    assert tables(data, tmp_path)[1] == [
        ["Signer", "Letter", "Why"],
        ["Noémie Côté 7", "0007", "not signed yet"],
        ["Inés Álvarez 40", "0028", "edited, to be printed again"],
        ["Noémie Côté 299", "012b", ""],
    ]


def test_the_packing_list_has_every_present_letter_in_order(tmp_path: Path) -> None:
    headings, *rows = tables(make_parcels([JUDGE], "A4", CAMPAIGN), tmp_path)[2]
    assert headings == ["", "Signer (to Dr Amara Okafor)", "Letter"] * 2
    halves = [half for row in rows for half in (row[:3], row[3:])]
    present = [letter for letter in JUDGE.letters if letter.is_present]
    expected = [[str(n), letter.signer, letter.id] for n, letter in enumerate(present, 1)]
    assert halves == [*expected, ["", "", ""]]


@pytest.mark.parametrize(("letters", "columns"), [(1, 3), (30, 3), (31, 6)])
def test_a_short_packing_list_has_one_column(letters: int, columns: int, tmp_path: Path) -> None:
    parcel_letters = tuple(
        ParcelLetter(f"Ana {n}", f"{n:04x}", is_present=True) for n in range(letters)
    )
    rows = tables(make_parcels([replace(JUDGE, letters=parcel_letters)], "A4", CAMPAIGN), tmp_path)[
        1
    ]
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
def test_a_long_line_of_a_parcels_address_wraps_and_all_lines_stay_large(long: str) -> None:
    document = root(make_parcels([replace(JUDGE, lines=(long, *JUDGE.lines))], "A4", CAMPAIGN))
    sizes = [
        int(str(size.get(f"{W}val"))) / 2
        for line in document.iter(f"{W}p")
        if line.find(f"{W}pPr/{W}pStyle[@{W}val='EnvelopeAddress']") is not None
        for size in line.iterfind(f"{W}r/{W}rPr/{W}sz")
    ]
    assert len(sizes) == 6
    assert 18 <= min(sizes) == max(sizes) <= 28


def test_a_complete_parcel_has_no_missing_letters_on_its_list() -> None:
    shown = shown_texts(make_parcels([MINISTER], "Letter", ""))
    assert "1 of 1; none missing" in shown
    assert "Why" not in shown
    assert "1 letter" in shown
    assert "Campaign" not in shown
    assert "From" not in shown


def test_letters_that_are_not_marked_as_signed_are_listed_apart(tmp_path: Path) -> None:
    letters = tuple(replace(letter, is_signed=n != 3) for n, letter in enumerate(JUDGE.letters[:5]))
    data = make_parcels([replace(JUDGE, letters=letters)], "A4", CAMPAIGN)
    assert "4 of 5, 1 more if signed; none missing" in shown_texts(data)
    _, signed, unsigned, receipt, _ = tables(data, tmp_path)
    assert [row[0] for row in signed[1:]] == ["1", "2", "3", "4"]
    assert unsigned[1:] == [["5", "Noémie Côté 3", "0003"]]
    assert receipt[0] == ["Received", "______ of 5 letters"]


def test_an_empty_parcel_has_only_missing_letters_on_its_list() -> None:
    empty = Parcel(
        ("Lima",), "Ana", (ParcelLetter("Bo", "beef", is_present=False, reason="not printed"),)
    )
    shown = shown_texts(make_parcels([empty], "A4", CAMPAIGN))
    assert "0 of 1; missing:" in shown
    assert "In the parcel" not in shown
    assert "0 letters" in shown


def test_the_receipt_has_space_to_sign_and_a_box_for_the_stamp(tmp_path: Path) -> None:
    data = make_parcels([JUDGE], "A4", CAMPAIGN)
    details, fields = tables(data, tmp_path)[3:]
    assert details == [
        ["Received", "297 letters"],
        ["For", "Dr Amara Okafor"],
        ["Campaign", CAMPAIGN],
        ["From", "\n".join(BACK)],
    ]
    assert [row[0] for row in fields] == ["Date", "Name", "Signature", "", ""]
    assert fields[-1][1] == "Stamp"


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return three parcels on each paper size."""
    parcel_list = [JUDGE, MINISTER, JUDGE]
    documents = {
        "A4": make_parcels(parcel_list, "A4", CAMPAIGN),
        "Letter": make_parcels(parcel_list, "Letter", CAMPAIGN),
    }
    return pdfs_of(documents, tmp_path_factory.mktemp("parcels"))


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.parametrize(("paper", "size"), [("A4", (210, 297)), ("Letter", (215.9, 279.4))])
def test_the_address_page_of_a_parcel_shows_only_addresses(
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
def test_each_page_of_a_packing_list_names_the_recipient(pdfs: dict[str, Path]) -> None:
    all_words = words(pdfs["A4"])
    first = range(1, next(word.page for word in all_words if word.text == "TUNISIA"))
    assert {word.page for word in all_words if word.text.startswith("Okafor")} >= set(first)
    assert len(first) > 3


@pytest.mark.slow
def test_the_parcel_file_has_no_author_and_is_valid(tmp_path: Path) -> None:
    data = make_parcels([JUDGE, MINISTER], "A4", CAMPAIGN)
    assert data == make_parcels(iter([JUDGE, MINISTER]), "A4", CAMPAIGN)
    assert [e.text for e in root(data, "docProps/core.xml")] == ["Parcels"]
    assert not [name for name in members(data) if "custom" in name or "app" in name]
    path = tmp_path / "parcels.docx"
    path.write_bytes(data)
    errors = [str(error) for error in OpenXmlValidator().validate(path).errors]
    assert [e for e in errors if "A required relationship type" not in e] == []
    assert not defects(data)
