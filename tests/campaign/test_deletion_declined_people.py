"""Deleting the data of people who declined in a form; only hashes exist."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import merge
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.imports import campaign as campaign_with_form
from support.imports import export, response, run_import
from support.pages import opened

from merge.intake.matching import Hasher, identity_marks
from merge.intake.signer_list import read_list

DECLINED = {"agrees": "No"}
SELECTIONS = [
    "Zoë Petrova",
    "person2@mailbox.example",
    "14 Larkspur Terrace, BS1 9ZY",
    "petrova, zoe\u0308",
    " PERSON2@Mailbox.Example ",
    "14 Larkspur Terrace, BS1 9ZY Bristol, United Kingdom",
    "14 larkspur terrace bristol bs1 9zy",
]


def create_letters(folder: Path) -> None:
    """Import a form with one consent and two people who declined."""
    campaign_with_form(folder)
    rows = [
        response(1, "Mary Ann Lee"),
        response(2, "Zoë Petrova", street="14 Larkspur Terrace", **DECLINED),
        response(3, "Ann Lee", **DECLINED),
    ]
    assert run_import(export(folder.parent / "petition.csv", rows), folder).code == 0
    merge("letters", folder)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(create_letters, tmp_path / "campaign")


def _memory_text(folder: Path) -> str:
    files = (folder / "Appeal Merge records").rglob("*.jsonl")
    return " ".join(file.read_text() for file in files)


def _hashes(folder: Path) -> list[frozenset[str]]:
    """Return the hashes of everyone who declined, Zoë Petrova first."""
    signer_list = read_list(folder).list
    zoe = identity_marks(Hasher(signer_list.salt), {"Name": "Zoë Petrova"}).sorted_name
    hashes = [r.marks for r in signer_list.records.values() if r.where == "declined"]
    return sorted(hashes, key=lambda marks: zoe not in marks)


@pytest.mark.parametrize("selection", everyday(SELECTIONS))
def test_a_deletion_finds_a_declined_person_by_name_email_or_address(
    selection: str, campaign: Path
) -> None:
    deleted_hashes, other_hashes = _hashes(campaign)
    assert len(deleted_hashes) == 8  # including that of the submission
    preview = merge("delete-person", selection, campaign, "--dry-run", "--json").json
    assert (preview["known"], preview["list_refusals"]) == (True, 1)
    ran = merge("delete-person", selection, campaign, "--yes")
    assert (ran.code, ran.last) == (0, f"No data about {selection} is left.")
    assert "declined in a form" in ran.err
    assert _hashes(campaign) == [other_hashes]
    assert not [hash_ for hash_ in deleted_hashes - other_hashes if hash_ in _memory_text(campaign)]
    again = merge("delete-person", selection, campaign, "--yes")
    assert "No one here has the name or ID" in again.last


@pytest.mark.slow
def test_a_deletion_of_a_declined_person_with_keep_out_prevents_a_new_import(
    campaign: Path,
) -> None:
    zoe_hashes, _ = _hashes(campaign)
    ran = merge("delete-person", "Zoë Petrova", campaign, "--yes", "--keep-out")
    assert (ran.code, "--keep-out keeps" in ran.err) == (0, False)
    assert ran.last.endswith("Zoë Petrova is left, except the hashes that prevent a new import.")
    signer_list = read_list(campaign).list
    assert zoe_hashes in [record.marks for record in signer_list.records.values()]
    later = {"street": "14 Larkspur Terrace", "date": "2026-11-28 10:00:00"}
    rows = [response(1, "Mary Ann Lee"), response(2, "Zoë Petrova", **later)]
    second_form = export(campaign.parent / "second.csv", rows)
    assert "1 deleted earlier" in run_import(second_form, campaign).out
    people = read_list(campaign).list.people
    assert [person.fields["Name"] for person in people] == ["Mary Ann Lee"]
    run_import(second_form, campaign, "--again", "Zoë Petrova")
    assert [p.fields["Name"] for p in read_list(campaign).list.people][1:] == ["Zoë Petrova"]


def _later_yes(folder: Path) -> Path:
    """Return an export in which a person who said no agrees on a later day."""
    rows = [response(7, "Zoë Petrova", street="14 Larkspur Terrace", email=_EMAIL, agrees="Yes")]
    return export(folder.parent / "second.csv", rows)


_EMAIL = "person2@mailbox.example"


@pytest.mark.slow
def test_a_deletion_of_a_signer_keeps_hashes_of_a_declined_namesake(campaign: Path) -> None:
    before = _hashes(campaign)
    rows = [response(4, "Zoë Petrova", street="5 Other Lane", date="2026-11-28 09:00:00")]
    run_import(export(campaign.parent / "second.csv", rows), campaign, says="y")
    signer_id = next(
        p.id for p in read_list(campaign).list.people if p.fields["Name"] == "Zoë Petrova"
    )
    assert merge("delete-person", signer_id, campaign, "--yes").code == 0
    assert _hashes(campaign) == before


@pytest.mark.slow
def test_a_deletion_of_a_person_whose_hashes_were_kept_works_by_name(campaign: Path) -> None:
    assert merge("delete-person", "Mary Ann Lee", campaign, "--yes", "--keep-out").code == 0
    records = read_list(campaign).list.records.values()
    (record,) = (record for record in records if record.where == "typed")
    assert record.marks
    assert merge("delete-person", "Mary Ann Lee", campaign, "--yes").code == 0
    assert {record.where for record in read_list(campaign).list.records.values()} == {"declined"}
    other_hashes = frozenset().union(*_hashes(campaign))
    assert not [hash_ for hash_ in record.marks - other_hashes if hash_ in _memory_text(campaign)]


@pytest.mark.slow
def test_a_deletion_of_a_declined_person_keeps_records_of_a_typed_namesake(campaign: Path) -> None:
    rows = [response(5, "Bo Berg", street="Torvgata 2", postcode="0150", **DECLINED)]
    run_import(export(campaign.parent / "second.csv", rows), campaign, says="y")
    before = read_list(campaign).list
    records = before.records.values()
    assert sorted(record.where for record in records) == ["declined", "declined", "list", "typed"]
    merge("delete-person", "Torvgata 2, 0150", campaign, "--yes")
    assert read_list(campaign).list == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Ann Lee", "14 Larkspur Terrace, BS1 9ZY"])
def test_a_deletion_on_the_page_shows_and_deletes_hashes_of_a_declined_person(
    name: str, campaign: Path
) -> None:
    with opened(campaign) as page:
        page.post("erase/find", name=name)
        assert "Stored refusals from forms 1" in page.words("erase")
        assert not page.see("erase").select("[name=keep_out][checked]")
        token = str(page.see("erase").select("input[name=token]")[0]["value"])
        assert "0 files" not in page.words("erase")
        page.post("erase/person", token=token, sure="on")
        words = page.words("erase")
        assert "No data about this person is left" in words
        assert "hashes" not in words
        assert "0 files" not in words
    assert len(_hashes(campaign)) == 1


@pytest.mark.slow
def test_a_deletion_on_the_page_reports_hashes_that_were_kept(campaign: Path) -> None:
    with opened(campaign) as page:
        page.post("erase/find", name="Zoë Petrova")
        token = str(page.see("erase").select("input[name=token]")[0]["value"])
        page.post("erase/person", token=token, sure="on", keep_out="on")
        assert "Only the coded values (hashes) that you chose to keep remain" in page.words("erase")
    run_import(_later_yes(campaign), campaign)
    names = [person.fields["Name"] for person in read_list(campaign).list.people]
    assert names == ["Mary Ann Lee"]


@pytest.mark.slow
def test_a_deletion_on_the_page_keeps_its_checkboxes_until_it_is_done(campaign: Path) -> None:
    with opened(campaign) as page:
        page.post("erase/find", name="Zoë Petrova")
        token = str(page.see("erase").select("input[name=token]")[0]["value"])
        page_response = page.post("erase/person", token=token, keep_out="on")
        assert page_response.status_code == 422
        assert f'id="keep-out-{token}" checked' in page_response.get_data(as_text=True)
        rows = [response(8, "Zoë Petrova", **DECLINED)]  # more data is stored than was shown
        run_import(export(campaign.parent / "third.csv", rows), campaign)
        page.post("erase/person", token=token, keep_out="on", sure="on")
        assert "has changed since you saw it" in page.words("erase")
        assert page.see("erase").select("[name=keep_out][checked]")
