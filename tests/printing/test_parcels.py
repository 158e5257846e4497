"""Parcels: a sheet with an address, the signers and a receipt per recipient."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from openxml_audit import OpenXmlValidator
from support.docx_defects import defects
from support.filled_letters import W, members, root, texts
from support.office_programs import needs_libreoffice
from support.pdf_measures import pdfs_of, sizes, words

from merge.printing.parcels import Parcel, make_parcels

CAMPAIGN = "Appeal for the men detained"
BACK = ("Letters for Freedom", "PO Box 1234", "1000 Bern")
NAMES = ("Inés Álvarez", "Олена Журавчук", "سلمى البرقاوي", "Noémie Côté")
JUDGE = Parcel(
    ("Chief Justice", "Dr Amara Okafor", "Supreme Court", "900242 Abuja", "NIGERIA"),
    "Dr Amara Okafor",
    tuple(f"{NAMES[number % 4]} {number}" for number in range(300)),
    BACK,
)
MINISTER = Parcel(("السيد وزير العدل", "TUNISIA"), "السيد وزير العدل", ("Bo",))


def shown_texts(data: bytes) -> list[str]:
    return [text for text in texts(data) if text]


def tables(data: bytes, folder: Path) -> list[list[list[str]]]:
    path = folder / "parcels.docx"
    path.write_bytes(data)
    word_tables = Document(str(path)).tables
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in word_tables]


def test_a_parcel_sheet_has_the_addresses_and_each_signer_once_in_order(tmp_path: Path) -> None:
    data = make_parcels([JUDGE], "A4", CAMPAIGN)
    addresses, signers, _ = tables(data, tmp_path)
    assert addresses == [["\n".join(BACK)], ["\n".join(JUDGE.lines)]]
    assert [name for row in signers for name in row] == [*JUDGE.signers]
    assert "300 letters to Dr Amara Okafor, from:" in shown_texts(data)


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


def test_the_receipt_has_space_for_the_number_the_signature_and_the_stamp(tmp_path: Path) -> None:
    *_, [[text, _, stamp]] = tables(make_parcels([JUDGE], "A4", CAMPAIGN), tmp_path)
    assert [line.rstrip("_ ") for line in text.split("\n")] == [
        "Receipt",
        "Received: ______ of 300 letters",
        "For: Dr Amara Okafor",
        CAMPAIGN,
        *("Date:", "Name:", "Signature:"),
    ]
    assert stamp == "Stamp"


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
def test_the_upper_half_of_a_parcel_sheet_shows_only_addresses(
    paper: str, size: tuple[float, float], pdfs: dict[str, Path]
) -> None:
    all_words, middle = words(pdfs[paper]), size[1] / 2
    last = max(word.page for word in all_words)
    assert sizes(pdfs[paper]) == [pytest.approx(size, abs=0.2)] * last
    upper = "".join(w.text for w in all_words if w.page == 1 and w.bottom < middle)
    assert upper == "".join((*BACK, *JUDGE.lines)).replace(" ", "")
    (minister,) = {word.page for word in all_words if word.text == "TUNISIA"}
    pages = {page: [w for w in all_words if w.page == page] for page in range(1, last + 1)}
    assert {w.text for w in pages[minister]} >= {"1", "Bo", "Receipt", "Stamp"}
    assert pages[minister + 1][0].text == "Letters"


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
