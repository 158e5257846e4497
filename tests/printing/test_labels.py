"""Labels: each address is on its own label of the sheet.

Positions are measured in the PDF.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from openxml_audit import OpenXmlValidator
from support.docx_defects import defects
from support.filled_letters import W, members, root, texts
from support.office_programs import needs_libreoffice
from support.pdf_measures import Box, areas, pdfs_of, shaded, sizes, words

from merge.errors import UsageError
from merge.printing.addresses import LetterAddress
from merge.printing.labels import LABELS, label_problems, make_labels

CHAIRMAN = (
    "Chairman of the Investigation Committee",
    "Aleksandr Ivanovich Bastrykin",
    "Investigation Committee of the Russian Federation",
    "Tekhnicheskii pereulok, dom 2",
    "105005 Moscow",
    "Russian Federation",
)
INCH = 25.4
MEASURED = {
    "L7160": (210, 297, 3, 7, 7.2, 15.15, 63.5, 38.1, 66.04, 38.1),
    "5160": (
        *(8.5 * INCH, 11 * INCH, 3, 10, 0.1875 * INCH, 0.5 * INCH),
        *(2.625 * INCH, 1 * INCH, 2.75 * INCH, 1 * INCH),
    ),
}
"""Measures of each label sheet.

They are paper, columns, rows, left and top margin, a label's width and height, and the pitch across
and down.
"""
TWIPS = {"L7160": 3600, "5160": 3780}
"""Width of a label in the .docx."""


def letter(number: int, lines: tuple[str, ...] = ("Ana Ruiz", "Lima")) -> LetterAddress:
    return LetterAddress(hashlib.sha256(str(number).encode()).hexdigest()[:4], lines)


def places(name: str, first: int, count: int) -> Iterator[Box]:
    """Yield the labels of sheets, from the first unused one on."""
    _, _, columns, rows, left, top, width, height, across, down = MEASURED[name]
    for number in range(first - 1, first - 1 + count):
        sheet, place = divmod(number, int(columns * rows))
        row, column = divmod(place, int(columns))
        x, y = left + column * across, top + row * down
        yield Box(sheet + 1, x, y, x + width, y + height)


def awkward(count: int) -> Iterator[tuple[str, ...]]:
    """Yield addresses of up to three lines, long and short, wide and narrow."""
    chance = random.Random(7)  # noqa: S311 - the same addresses each time
    pieces = (
        *CHAIRMAN,
        "MINISTRY OF FOREIGN AFFAIRS AND COOPERATION",
        "Wilhelmina MacWilliam-Mwangi",
        "Председателю Следственного комитета",
        "МИНИСТЕРСТВО ЮСТИЦИИ ЖЮЩШ",
        "Υπουργείο Δικαιοσύνης",
        "Bộ trưởng Bộ Tư pháp Lê Thành Long",
        "السيد وزير العدل في الجمهورية التونسية",
        "31 شارع باب بنات",
        "fi il Iljit, 1.1.1",
        "Avenida-de-la-Constitución-Española-1111-1111-1111",
    )
    for _ in range(count):
        yield tuple(chance.choice(pieces) for _ in range(chance.randint(1, 3)))


AWKWARD = [letter(n, lines) for n, lines in enumerate(awkward(60))]


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return sheets of each kind.

    Three are full and shaded, some begin at the fourth label, and some have awkward addresses.
    """
    documents = {}
    for name, stock in LABELS.items():
        full = [letter(n, CHAIRMAN) for n in range(3 * stock.count)]
        documents[f"{name} shaded"] = shaded(make_labels(full, stock), TWIPS[name])
        numbered = [letter(n, (f"Recipient-{n}", "Bern")) for n in range(2 * stock.count)]
        documents[f"{name} begun"] = make_labels(numbered, stock, start=4)
        documents[f"{name} awkward"] = make_labels(AWKWARD, stock)
    return pdfs_of(documents, tmp_path_factory.mktemp("labels"))


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.parametrize("name", MEASURED)
def test_labels_are_within_a_fifth_of_a_millimetre_of_the_sheet(
    name: str, pdfs: dict[str, Path]
) -> None:
    pdf = pdfs[f"{name} shaded"]
    assert sizes(pdf) == [pytest.approx(MEASURED[name][:2], abs=0.2)] * 3
    labels_found = areas(pdf)
    assert len(labels_found) == 3 * MEASURED[name][2] * MEASURED[name][3]
    for area, place in zip(labels_found, places(name, 1, len(labels_found)), strict=True):
        assert place.page == area.page
        measured = (area.left, area.top, area.right, area.bottom)
        assert measured == pytest.approx(
            (place.left, place.top, place.right, place.bottom), abs=0.2
        )


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.parametrize("name", MEASURED)
def test_a_partly_used_label_sheet_begins_at_the_start_label(
    name: str, pdfs: dict[str, Path]
) -> None:
    count = 2 * LABELS[name].count
    all_words = words(pdfs[f"{name} begun"])
    names = {word.text: word for word in all_words if word.text.startswith("Recipient-")}
    assert len(names) == count
    below = []
    for number, place in enumerate(places(name, 4, count)):
        word = names[f"Recipient-{number}"]
        assert place.holds(word)
        assert word.left - place.left == pytest.approx(3, abs=0.2)
        below.append(word.bottom - place.top)
    assert max(below) - min(below) < 0.2
    # The first of two lines ends halfway down, less the height of the ID above.
    assert below[0] == pytest.approx(MEASURED[name][7] / 2 + 1, abs=1)
    assert max(word.page for word in all_words) == 3


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.parametrize("name", MEASURED)
def test_text_of_every_script_stays_on_its_own_label(name: str, pdfs: dict[str, Path]) -> None:
    assert list(label_problems(AWKWARD, LABELS[name])) == []
    remaining = words(pdfs[f"{name} awkward"])
    for place, address in zip(places(name, 1, len(AWKWARD)), AWKWARD, strict=True):
        shown = [word for word in remaining if place.holds(word)]
        assert max(word.bottom for word in shown) < place.bottom - 2.9
        assert characters(word.text for word in shown) == characters(
            (*address.lines, address.short_id)
        )
        remaining = [word for word in remaining if word not in shown]
    assert remaining == []


def characters(texts: Iterable[str]) -> Counter[str]:
    """Return the visible characters."""
    return Counter("".join("".join(texts).split()))


def test_the_short_id_on_a_label_is_small_and_grey_above_the_address() -> None:
    data = make_labels([letter(1), letter(2)], LABELS["L7160"])
    shown = [line for line in texts(data) if line]
    assert shown == [letter(1).short_id, "Ana Ruiz", "Lima", letter(2).short_id, "Ana Ruiz", "Lima"]
    style = next(root(data, "word/styles.xml").iterfind(f"{W}style[@{W}styleId='LabelMark']"))
    assert [e.get(f"{W}val") for e in style.iterfind(f"{W}rPr/*")] == ["808080", "14", "14"]


def test_an_address_too_large_for_a_label_is_reported_and_omitted() -> None:
    long = LetterAddress("a" * 5, ("Ana Ruiz",) * 12, (), "letters/Bo Berg/Ana Ruiz.docx")
    (problem,) = label_problems([letter(1), long], LABELS["5160"])
    assert str(problem) == (
        "letters/Bo Berg/Ana Ruiz.docx: The address does not fit on the 5160 label, even in small"
        " type, and is omitted. Write it by hand."
    )
    assert problem.level == "warning"
    assert "Ana Ruiz" not in texts(make_labels([long], LABELS["5160"]))


def test_a_long_address_on_a_label_gets_smaller_type() -> None:
    documents = [make_labels([letter(1, CHAIRMAN[:n])], LABELS["5160"]) for n in (2, 4, 6)]
    halves = [[int(str(e.get(f"{W}val"))) for e in root(data).iter(f"{W}sz")] for data in documents]
    smallest = [min(h for h in half_points if h > 2) for half_points in halves]
    assert smallest == sorted(smallest, reverse=True)
    assert smallest[0] > smallest[-1] >= 14


def test_a_long_line_on_a_label_gets_smaller_type_before_it_wraps() -> None:
    wide = "Federal Ministry of Justice of Nigeria"  # 11 pt would wrap it
    data = make_labels([letter(1, (wide, "Lima"))], LABELS["L7160"])
    assert [e.get(f"{W}val") for e in root(data).iter(f"{W}sz")][:2] == ["20", "20"]


def sizes_of(data: bytes) -> list[set[float]]:
    """Return the type sizes in points of the addresses, for each sheet."""
    return [
        {int(str(e.get(f"{W}val"))) / 2 for e in table.iter(f"{W}sz")}
        for table in root(data).iter(f"{W}tbl")
    ]


def test_all_labels_of_a_sheet_have_one_type_size() -> None:
    long = letter(1, ("Investigation Committee of the Russian State", "Moscow"))
    short = [letter(n) for n in range(2, 60)]
    assert sizes_of(make_labels([long, *short], LABELS["L7160"])) == [{8.0}, {11.0}, {11.0}]


def test_a_line_on_a_label_wraps_only_if_it_would_at_eight_points() -> None:
    longer = letter(1, ("Investigation Committee of the Russian Federation, Section 4", "Moscow"))
    assert sizes_of(make_labels([longer], LABELS["L7160"])) == [{11.0}]


def test_no_row_of_a_label_sheet_can_grow() -> None:
    document = root(make_labels([letter(n) for n in range(50)], LABELS["5160"]))
    heights = [(e.get(f"{W}val"), e.get(f"{W}hRule")) for e in document.iter(f"{W}trHeight")]
    assert heights == [("1440", "exact")] * 17


@pytest.mark.parametrize("start", [0, 22, -1])
def test_a_start_label_beyond_the_sheet_is_a_usage_error(start: int) -> None:
    with pytest.raises(UsageError, match=r"--start .*: A sheet of L7160 has labels 1 to 21\."):
        make_labels([letter(1)], LABELS["L7160"], start)


def test_the_label_file_has_no_author_and_is_valid(tmp_path: Path) -> None:
    data = make_labels([letter(n, CHAIRMAN) for n in range(30)], LABELS["L7160"], 4)
    assert data == make_labels([letter(n, CHAIRMAN) for n in range(30)], LABELS["L7160"], 4)
    parts = members(data)
    assert [str(e.tag).rpartition("}")[2] for e in root(data, "docProps/core.xml")] == ["title"]
    assert not [name for name in parts if "custom" in name or "app" in name]
    path = tmp_path / "labels.docx"
    path.write_bytes(data)
    errors = [str(error) for error in OpenXmlValidator().validate(path).errors]
    assert [e for e in errors if "A required relationship type" not in e] == []
    assert not defects(data)
