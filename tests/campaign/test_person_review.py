"""Decisions about people in the list who need review, saved in the list."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.styles import PatternFill
from support.campaigns import make
from support.signer_lists import THREE, make_list, save_list, with_people

from merge.campaign.campaign import read_campaign
from merge.campaign.person_review import save_review
from merge.errors import StorageError
from merge.intake.list_types import ReviewDecision
from merge.intake.signer_list import read_list
from merge.workbook.reading import LIST_FILE, UndecidedPerson

REASON = "same name as F7Q2MXD"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A campaign whose list has three signers, and Ola Berg, who needs review."""
    made = make(tmp_path / "Appeal", "Dear {{ recipient.name }},\n{{ signer.name }}")
    stored = make_list(made)
    waiting = with_people(stored.list, ("Ola Berg", "4 Quay"), include="no", to_decide=REASON)
    save_list(stored, waiting)
    return made


def undecided(folder: Path) -> tuple[UndecidedPerson, ...]:
    return read_campaign(folder).workbook.undecided_people


def test_the_workbook_names_the_people_of_the_list_who_need_review(folder: Path) -> None:
    (person,) = undecided(folder)
    assert (person.name, person.reason, person.row) == ("Ola Berg", REASON, 5)
    assert person.id == read_list(folder).list.people[-1].id


@pytest.mark.parametrize(("decision", "signers"), [("include", 4), ("exclude", 3)])
def test_a_person_review_changes_two_cells_and_nothing_else_of_the_list(
    folder: Path, decision: ReviewDecision, signers: int
) -> None:
    book = load_workbook(folder / LIST_FILE)
    book["Signers"]["B2"].fill = PatternFill("solid", fgColor="FFEE00")
    book["Signers"]["H1"], book["Signers"]["H5"] = "Our note", "call her"
    book.save(folder / LIST_FILE)
    before = [row[:4] for row in load_workbook(folder / LIST_FILE)["Signers"].values]
    save_review(folder, undecided(folder)[0], decision)
    after = load_workbook(folder / LIST_FILE)["Signers"]
    assert [row[:4] for row in after.values] == before
    assert (after["H5"].value, after["B2"].fill.fgColor.rgb) == ("call her", "00FFEE00")
    assert read_campaign(folder).workbook.listed_signer_count == signers
    assert len(THREE) == 3
    assert undecided(folder) == ()


def test_a_person_review_of_a_row_that_has_changed_is_refused(folder: Path) -> None:
    (person,) = undecided(folder)
    save_review(folder, person, "exclude")
    data = (folder / LIST_FILE).read_bytes()
    with pytest.raises(StorageError, match="saved after it was read"):
        save_review(folder, person, "include")
    assert (folder / LIST_FILE).read_bytes() == data
