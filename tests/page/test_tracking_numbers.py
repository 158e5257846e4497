"""Sign and post: tracking numbers, and earlier stages marked by a button."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.copied_folders import copy_made_folder
from support.pages import Page, opened
from support.printed_campaigns import make_printed
from support.registers import register_rows

REFUSED = "It is not certain which letter this tracking number belongs to."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_made_folder(make_printed, tmp_path / "campaign")


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    with opened(folder) as page:
        yield page


def ids(folder: Path) -> list[str]:
    return [row["ID"] for row in register_rows(folder)]


def test_a_tracking_number_typed_after_its_short_id_is_recorded_and_found(
    page: Page, folder: Path
) -> None:
    one, two, three, *_ = ids(folder)
    typed = f"{one[:6]} rr 123 456 785 de {two[:6]} 340434161094015902 {three[:6]}"
    page.post("paper/typed", stage="Posted", ids=typed, do="mark")
    assert [row["Tracking number"] for row in register_rows(folder)[:3]] == [
        *("RR123456785DE", "340434161094015902", None)
    ]
    assert "RR123456785DE" in page.words("paper?stage=Posted")
    shown = page.post("paper/typed", stage="Posted", ids="RR 123 456 785 DE", do="show")
    assert f"letter={one}" in shown.headers["Location"]
    found_by_name = page.post("paper/find", stage="Posted", name="340434161094015902")
    assert f"letter={two}" in found_by_name.headers["Location"]
    found = page.client.post(f"/c/{page.key}/letters/find", data={"words": "rr123456785"})
    assert one in found.get_data(as_text=True)
    assert two not in found.get_data(as_text=True)


def test_a_tracking_number_scanned_alone_belongs_to_the_id_typed_last(
    page: Page, folder: Path
) -> None:
    one, two, *_ = ids(folder)
    page.post("paper/typed", stage="Posted", ids="RR123456785DE", do="mark")
    assert REFUSED in page.words("paper?stage=Posted")
    page.post("paper/typed", stage="Posted", ids=one, do="mark")
    page.post("paper/typed", stage="Posted", ids="RR123456785DE", do="mark")
    page.post("paper/typed", stage="Posted", ids=two, do="mark")
    assert [row["Tracking number"] for row in register_rows(folder)[:2]] == ["RR123456785DE", None]
    assert all(row["Posted"] for row in register_rows(folder)[:2])


def numbers(folder: Path) -> list[str | None]:
    return [row["Tracking number"] for row in register_rows(folder)]


@pytest.mark.slow
def test_a_tracking_number_scanned_alone_belongs_to_a_letter_that_was_posted_before(
    page: Page, folder: Path
) -> None:
    one, two, *_ = ids(folder)
    for typed in (two, one, two, "RR123456785DE"):
        page.post("paper/typed", stage="Posted", ids=typed, do="mark")
    assert numbers(folder)[:2] == [None, "RR123456785DE"]
    assert "is not certain" not in page.words("paper?stage=Posted")


@pytest.mark.parametrize("typed", ["zzzzz", "Nobody Known", "2", "RR123456785DE zzzzz"])
def test_a_tracking_number_after_an_id_that_no_letter_has_is_refused(
    typed: str, page: Page, folder: Path
) -> None:
    for text in (ids(folder)[0], typed, "CP123456785DE"):
        page.post("paper/typed", stage="Posted", ids=text, do="mark")
    assert "CP123456785DE" not in numbers(folder)
    assert REFUSED in page.words("paper?stage=Posted")


@pytest.mark.slow
def test_a_tracking_number_after_an_undone_mark_is_refused(page: Page, folder: Path) -> None:
    one, two, *_ = ids(folder)
    for text in (one, two):
        page.post("paper/typed", stage="Posted", ids=text, do="mark")
    page.post("paper/undo", stage="Posted", number="2")
    page.post("paper/typed", stage="Posted", ids="RR123456785DE", do="mark")
    assert set(numbers(folder)) == {None}
    assert REFUSED in page.words("paper?stage=Posted")


def test_a_tracking_number_after_a_refused_date_is_refused(page: Page, folder: Path) -> None:
    one, two, *_ = ids(folder)
    page.post("paper/typed", stage="Posted", ids=one, do="mark")
    page.post("paper/typed", stage="Posted", ids=two, do="mark", day="2001-01-01")
    page.post("paper/typed", stage="Posted", ids="RR123456785DE", do="mark")
    assert set(numbers(folder)) == {None}
    assert REFUSED in page.words("paper?stage=Posted")


@pytest.mark.slow
def test_a_tracking_number_after_a_pile_is_refused(page: Page, folder: Path) -> None:
    one, two, *_ = ids(folder)
    page.post("paper/typed", stage="Posted", ids=one, do="mark")
    page.post("paper/mark", stage="Posted", letter=two, shown=two, do="mark")
    page.post("paper/typed", stage="Posted", ids="RR123456785DE", do="mark")
    assert set(numbers(folder)) == {None}


def test_a_tracking_number_after_the_id_of_a_letter_that_is_only_signed_is_refused(
    page: Page, folder: Path
) -> None:
    page.post("paper/typed", stage="Signed", ids=ids(folder)[0], do="mark")
    page.post("paper/typed", stage="Posted", ids="RR123456785DE", do="mark")
    assert set(numbers(folder)) == {None}


def test_a_second_tracking_number_after_one_short_id_is_refused(page: Page, folder: Path) -> None:
    one = ids(folder)[0]
    typed = f"{one[:6]} RR123456785DE CP123456785DE {one[:8]} 340434161094015902 {one[:7]}"
    page.post("paper/typed", stage="Posted", ids=typed, do="mark")
    assert numbers(folder)[0] == "RR123456785DE"
    words = page.words("paper?stage=Posted")
    assert words.count(REFUSED) == 2


def test_a_tracking_number_with_a_wrong_check_digit_is_recorded_with_a_warning(
    page: Page, folder: Path
) -> None:
    letter = ids(folder)[0]
    page.post("paper/typed", stage="Posted", ids=f"{letter} RR123456789DE", do="mark")
    assert register_rows(folder)[0]["Tracking number"] == "RR123456789DE"
    assert "check digit of the tracking number is wrong" in page.words("paper?stage=Posted")


def test_a_tracking_number_stays_with_a_short_id_that_no_letter_has(page: Page) -> None:
    page.post("paper/typed", stage="Posted", ids="zzzzz RR123456785DE", do="mark")
    field = page.see("paper?stage=Posted").select_one("#ids")
    assert field
    assert field["value"] == "zzzzz RR123456785DE"


# Earlier stages


@pytest.mark.slow
def test_an_answered_letter_is_marked_as_posted_too_by_a_button(page: Page, folder: Path) -> None:
    letter = ids(folder)[0]
    page.post("paper/typed", stage="Answered", ids=letter, do="mark")
    tree = page.see("paper?stage=Answered")
    assert "Mark as posted too" in tree.select("#also-Posted")[0].get_text()
    assert page.post("paper/earlier", stage="Posted").status_code == 303
    assert [row["ID"] for row in register_rows(folder) if row["Posted"]] == [letter]
    words = page.words("paper?stage=Answered")
    assert "1 letter marked as posted." in words
    assert "not marked as posted yet" not in words
    assert not page.see("paper?stage=Answered").select("#also-Posted")


@pytest.mark.slow
def test_a_posted_letter_is_marked_as_printed_and_signed_too(page: Page, folder: Path) -> None:
    page.post("paper/typed", stage="Posted", ids=ids(folder)[0], do="mark")
    page.post("paper/earlier", stage="Printed")
    page.post("paper/earlier", stage="Signed")
    assert all(register_rows(folder)[0][stage] for stage in ("Printed", "Signed", "Posted"))
    page.post("paper/earlier", stage="Signed")
    assert "2 letters" not in page.words("paper?stage=Posted")
