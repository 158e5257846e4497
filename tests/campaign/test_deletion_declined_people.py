"""`merge delete-person` of people who declined in a form: known only by hashes in the list."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.campaigns import merge
from support.copied import copied
from support.everyday import everyday
from support.imports import answer, export, imported
from support.imports import campaign as campaign_with_form
from support.pages import opened

from merge.intake.signer_list import read_list

NO = {"agrees": "No"}
WAYS = [
    "Zoë Petrova",
    "person2@mailbox.example",
    "14 Larkspur Terrace, BS1 9ZY",
    "petrova, zoe\u0308",
    " PERSON2@Mailbox.Example ",
    "14 Larkspur Terrace, BS1 9ZY Bristol, United Kingdom",
    "14 larkspur terrace bristol bs1 9zy",
]


def made(folder: Path) -> None:
    """A campaign into which a form was imported: one yes, two who said no."""
    campaign_with_form(folder)
    rows = [
        answer(1, "Mary Ann Lee"),
        answer(2, "Zoë Petrova", street="14 Larkspur Terrace", **NO),
        answer(3, "Ann Lee", **NO),
    ]
    assert imported(export(folder.parent / "petition.csv", rows), folder).code == 0
    merge("letters", folder)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copied(made, tmp_path / "campaign")


def _memory(folder: Path) -> str:
    sheet = load_workbook(folder / "signers from forms.xlsx")["Memory"]
    return " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)


def _hashes(folder: Path) -> list[frozenset[str]]:
    return [record.marks for record in read_list(folder).list.declined_records]


@pytest.mark.parametrize("way", everyday(WAYS))
def test_who_said_no_is_found_by_name_email_or_address_and_no_hash_is_left(
    way: str, campaign: Path
) -> None:
    gone, kept = _hashes(campaign)
    assert len(gone) == 8  # the submission's as well
    rehearsed = merge("delete-person", way, campaign, "--dry-run", "--json").json
    assert (rehearsed["known"], rehearsed["list_refusals"]) == (True, 1)
    ran = merge("delete-person", way, campaign, "--yes")
    assert (ran.code, ran.last) == (0, f"No data about {way} is left.")
    assert "declined in a form" in ran.err
    assert _hashes(campaign) == [kept]
    assert not [mark for mark in gone - kept if mark in _memory(campaign)]
    again = merge("delete-person", way, campaign, "--yes")
    assert "No one here has the name or ID" in again.last


def test_a_refusal_is_kept_on_request_and_keeps_the_person_out(campaign: Path) -> None:
    zoe, _ = _hashes(campaign)
    ran = merge("delete-person", "Zoë Petrova", campaign, "--yes", "--keep-out")
    assert (ran.code, "--keep-out keeps" in ran.err) == (0, False)
    assert ran.last.endswith("Zoë Petrova is left, except the hashes that prevent a new import.")
    kept = read_list(campaign).list
    assert zoe in [record.marks for record in kept.records.values()]
    later = {"street": "14 Larkspur Terrace", "date": "2026-11-28 10:00:00"}
    rows = [answer(1, "Mary Ann Lee"), answer(2, "Zoë Petrova", **later)]
    second = export(campaign.parent / "second.csv", rows)
    assert "1 deleted earlier" in imported(second, campaign).out
    people = read_list(campaign).list.people
    assert [person.fields["Name"] for person in people] == ["Mary Ann Lee"]
    imported(second, campaign, "--again", "Zoë Petrova")
    assert [p.fields["Name"] for p in read_list(campaign).list.people][1:] == ["Zoë Petrova"]


def _later_yes(folder: Path) -> Path:
    """Return an export in which a person who said no agrees on a later day."""
    rows = [answer(7, "Zoë Petrova", street="14 Larkspur Terrace", email=_EMAIL, agrees="Yes")]
    return export(folder.parent / "second.csv", rows)


_EMAIL = "person2@mailbox.example"


@pytest.mark.slow
def test_another_of_the_name_who_said_no_stays_out_if_a_signer_is_deleted(
    campaign: Path,
) -> None:
    before = _hashes(campaign)
    rows = [answer(4, "Zoë Petrova", street="5 Other Lane", date="2026-11-28 09:00:00")]
    imported(export(campaign.parent / "second.csv", rows), campaign, says="y")
    own = next(p.id for p in read_list(campaign).list.people if p.fields["Name"] == "Zoë Petrova")
    assert merge("delete-person", own, campaign, "--yes").code == 0
    assert _hashes(campaign) == before


@pytest.mark.slow
def test_who_was_kept_out_by_hashes_can_still_be_deleted_by_name(campaign: Path) -> None:
    assert merge("delete-person", "Mary Ann Lee", campaign, "--yes", "--keep-out").code == 0
    (record,) = read_list(campaign).list.records.values()
    assert record.marks
    assert merge("delete-person", "Mary Ann Lee", campaign, "--yes").code == 0
    assert not read_list(campaign).list.records
    others = frozenset().union(*_hashes(campaign))
    assert not [mark for mark in record.marks - others if mark in _memory(campaign)]


@pytest.mark.slow
def test_whom_staff_typed_keeps_what_is_remembered_if_another_is_deleted(campaign: Path) -> None:
    rows = [answer(5, "Bo Berg", street="Torvgata 2", postcode="0150", **NO)]
    imported(export(campaign.parent / "second.csv", rows), campaign, says="y")
    before = read_list(campaign).list
    assert [record.where for record in before.records.values()] == ["list", "typed"]
    merge("delete-person", "Berg, Bo", campaign, "--yes")
    assert read_list(campaign).list == before


@pytest.mark.slow
def test_on_the_page_a_person_of_the_workbook_in_another_order_is_asked_about_first(
    campaign: Path,
) -> None:
    rows = [answer(5, "Berg, Bo", street="Elsewhere 9", **NO)]
    imported(export(campaign.parent / "second.csv", rows), campaign, says="y")
    with opened(campaign) as page:
        page.post("erase/find", name="Berg, Bo")
        assert "Which person?" in page.words("erase?found=1")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Ann Lee", "14 Larkspur Terrace, BS1 9ZY"])
def test_on_the_page_a_refusal_is_shown_and_erased(name: str, campaign: Path) -> None:
    with opened(campaign) as page:
        page.post("erase/find", name=name)
        assert "Stored refusals from forms 1" in page.words("erase")
        token = str(page.see("erase").select("input[name=token]")[0]["value"])
        assert "0 files" not in page.words("erase")
        page.post("erase/person", token=token, sure="on")
        words = page.words("erase")
        assert "No data about this person is left" in words
        assert "hashes" not in words
        assert "0 files" not in words
    assert len(_hashes(campaign)) == 1


@pytest.mark.slow
def test_on_the_page_hashes_that_were_kept_are_told(campaign: Path) -> None:
    with opened(campaign) as page:
        page.post("erase/find", name="Zoë Petrova")
        token = str(page.see("erase").select("input[name=token]")[0]["value"])
        page.post("erase/person", token=token, sure="on", keep_out="on")
        assert "Only the coded values (hashes) that you kept are left" in page.words("erase")
    imported(_later_yes(campaign), campaign)
    names = [person.fields["Name"] for person in read_list(campaign).list.people]
    assert names == ["Mary Ann Lee"]


@pytest.mark.slow
def test_on_the_page_what_was_ticked_stays_ticked_until_the_person_is_erased(
    campaign: Path,
) -> None:
    with opened(campaign) as page:
        page.post("erase/find", name="Zoë Petrova")
        token = str(page.see("erase").select("input[name=token]")[0]["value"])
        unsure = page.post("erase/person", token=token, keep_out="on")
        assert unsure.status_code == 422
        assert f'id="keep-out-{token}" checked' in unsure.get_data(as_text=True)
        rows = [answer(8, "Zoë Petrova", **NO)]  # more is held than what was shown
        imported(export(campaign.parent / "third.csv", rows), campaign)
        page.post("erase/person", token=token, keep_out="on", sure="on")
        assert "has changed since you saw it" in page.words("erase")
        assert page.see("erase").select("[name=keep_out][checked]")
