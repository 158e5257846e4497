"""Campaigns of typed and listed signers: their letters, who withdraws, who is to be forgotten."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.campaigns import letters, make, merge, text
from support.copied import copied
from support.registers import excel
from support.signer_lists import DAY, THREE, add, make_list, staff
from support.staff_actions import add_line

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign
from merge.intake.list_types import MemoryRecord
from merge.intake.list_writing import write_list
from merge.intake.matching import Hasher, identity_marks
from merge.intake.signer_list import read_list
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE, WITHDRAWN_REASON

TEMPLATE = "Dear {{ recipient.name }},\n{{ signer.name }}\n{{ signer.street }}\n{{ signer.city }}"
TYPED = [["ID", "Name", "Street", "City"]]
TYPED += [["", f"Typed {letter}", "1 Lane", "York"] for letter in "ABCDEF"]
RECIPIENTS = [["ID", "Name"], ["R1", "Minister Li Wen"], ["R2", "Consul Roy"]]


def made(folder: Path) -> None:
    """Two typed and three listed signers, and two recipients; their letters are made."""
    make(folder, TEMPLATE, Signers=TYPED[:3], Recipients=RECIPIENTS)
    stored = make_list(folder)
    write_list(stored, add(stored.list, ("Tunde Fairweather", "12 Elm St", "Leeds")))
    assert merge("letters", folder).code == 0


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copied(made, tmp_path)


def names(folder: Path) -> set[str]:
    return {path.split("/")[0] for path in letters(folder)}


def states(folder: Path, name: str) -> list[str]:
    view = inspect_campaign(read_campaign(folder), [name] if name else [])
    return sorted(planned.step.state for planned in view.letters)


@pytest.mark.slow
def test_six_typed_and_two_hundred_listed_people_have_their_letters(tmp_path: Path) -> None:
    make(tmp_path, TEMPLATE, Signers=TYPED, Recipients=RECIPIENTS)
    words = [f"{a}{b}".title() for a in "bcdfghklmnprst" for b in ("ara", "eno", "ilu", "omi")]
    people = [(f"{a} {b}", f"{n} Mill Lane", "Leeds") for n, a in enumerate(words) for b in words]
    make_list(tmp_path, *people[:200])
    typed = (tmp_path / "signers.xlsx").read_bytes()
    first = "6 signers from signers.xlsx, 200 from forms"
    assert merge("check", tmp_path).out.splitlines()[0] == first
    assert merge("letters", tmp_path).code == 0
    assert len(letters(tmp_path)) == 412
    ran = merge("status", tmp_path, "--json")
    assert (ran.json["letters"], ran.json["states"]) == (412, {"unchanged": 412})
    register = load_workbook(tmp_path / "register.xlsx")
    assert len([row for row in register["By signer"].iter_rows(min_row=2) if row[0].value]) == 206
    assert merge("print", tmp_path).code == 0
    assert len([*(tmp_path / "print").rglob("*.docx")]) == 4
    assert merge("letters", tmp_path, "--json").json["written"] == 0
    assert (tmp_path / "signers.xlsx").read_bytes() == typed


def test_a_corrected_name_keeps_its_letters(campaign: Path) -> None:
    staff(campaign, B2="Harriet Okonjo")
    ran = merge("letters", campaign, "--json").json
    assert [one["reason"] for one in ran["letters"] if one["state"] == "rewritten"] != []
    assert ran["written"] == 2
    assert "Harriet Okonjo" in names(campaign)
    assert "Harriet Okonjo-Blythe" not in names(campaign)


def test_who_withdraws_gets_no_letter_and_what_was_touched_stays(campaign: Path) -> None:
    untouched, edited, on_paper = (name for name, *_ in THREE)
    mine = {p: f for p, f in letters(campaign).items() if p.startswith(f"{edited}/")}
    add_line(next(iter(mine.values())), "by hand")
    merge("mark", "printed", campaign, "--for", on_paper)
    paper = {p: f.read_bytes() for p, f in letters(campaign).items() if p.startswith(on_paper)}
    staff(campaign, E2="no", E3="no", E4="no")
    ran = merge("letters", campaign, "--json").json
    said = {(p["message"], p["hint"]) for p in ran["problems"] if p["code"] == "letter-unwanted"}
    keep_back = "If it is not posted yet, do not post it."
    what = f"“{on_paper}” is no longer included, but this letter is printed, so it is kept."
    assert (what, keep_back) in said
    assert ran["planned"] == 6
    assert untouched not in names(campaign) - {"No longer wanted"}
    there = letters(campaign)
    assert {p: there[p].read_bytes() for p in paper} == paper
    kept = [path for path, file in there.items() if "by hand" in text(file)]
    assert len(kept) == 1
    staff(campaign, E2=None, E3=None, E4=None)
    assert merge("letters", campaign, "--json").json["planned"] == 12
    assert untouched in names(campaign)


def test_an_id_that_is_gone_is_told_by_every_check(campaign: Path) -> None:
    staff(campaign, A3=None, B9="Paper Signer", C9="5 Lane", D9="York")
    told = merge("check", campaign).out
    assert f"{LIST_FILE}, Signers!A3" in told
    assert "The ID of this row, F2, is missing." in told


@pytest.mark.slow
def test_whom_staff_typed_and_who_said_no_is_told_until_include_is_no(campaign: Path) -> None:
    stored = read_list(campaign)
    hasher, said_no = (
        Hasher(stored.list.salt),
        {"Include": Hasher(stored.list.salt).text_hash("no")},
    )
    typed = {"Name": "Typed A", "Street": "1 Lane", "City": "York"}
    marks = identity_marks(hasher, typed).to_store
    refusal = MemoryRecord(form_hashes=said_no, marks=marks, newest=DAY, where="typed")
    agrees = replace(
        refusal, form_hashes={"Include": hasher.text_hash("yes")}, newest=DAY.replace(year=2025)
    )
    records = {**stored.list.records, "0a": refusal, "0b": agrees}
    write_list(stored, replace(stored.list, records=records))
    for command in ("check", "status"):
        told = merge(command, campaign, "--json").json["problems"]
        told = [(p["where"], p["hint"]) for p in told if p["code"] == "form-withdrawn"]
        hint = "Enter “no” under Include in this row; add the column if there is none."
        assert told == [("signers.xlsx, Signers!B2", hint)]
    dead = replace(refusal, form_hashes={"Include": hasher.text_hash("deceased")})
    write_list(read_list(campaign), replace(stored.list, records={**records, "0a": dead}))
    assert "says that they have died" in merge("check", campaign).out
    stored = read_list(campaign)
    later = {**stored.list.records, "0b": replace(agrees, newest=DAY.replace(year=2027))}
    write_list(stored, replace(stored.list, records=later))
    assert "form-withdrawn" not in str(merge("check", campaign, "--json").json)
    write_list(read_list(campaign), replace(stored.list, records=records))
    make(campaign, TEMPLATE, Signers=[[*TYPED[0], "Include"], [*TYPED[1], "no"], TYPED[2]])
    assert "form-withdrawn" not in str(merge("check", campaign, "--json").json)


@pytest.mark.slow
def test_check_and_status_count_at_their_end_who_waits_for_a_decision(campaign: Path) -> None:
    staff(campaign, E2="no", F2="looks like a test", E3="no", F3="may be two people")
    for command in ("check", "status"):
        last = merge(command, campaign).out.splitlines()[-1]
        assert last.startswith("2 people in the list need review; ")
    staff(campaign, E2=None)
    assert "1 person in the list needs review; " in merge("check", campaign).out


@pytest.mark.parametrize("reason", [WITHDRAWN_REASON, f"may be two people; {WITHDRAWN_REASON}"])
def test_somebody_who_withdrew_does_not_wait_for_a_decision(campaign: Path, reason: str) -> None:
    staff(campaign, E2="no", F2="looks like a test", E3="no", F3=reason)
    told = merge("check", campaign).out
    assert told.splitlines()[-1].startswith("1 person in the list needs review; ")
    staff(campaign, E2=None, F2=None)
    told = merge("check", campaign).out
    assert "review; " not in told


def test_the_list_in_the_place_of_the_workbook_is_told_as_that(campaign: Path) -> None:
    (campaign / "signers.xlsx").write_bytes((campaign / LIST_FILE).read_bytes())
    ran = merge("check", campaign, "--json")
    assert [p["code"] for p in ran.json["problems"]] == ["workbook-is-list"]


def test_without_the_lists_memory_every_check_tells_it(campaign: Path) -> None:
    book = load_workbook(campaign / LIST_FILE)
    del book["Memory"]
    book.save(campaign / LIST_FILE)
    ran = merge("check", campaign, "--json")
    assert (ran.code, [p["code"] for p in ran.json["problems"]]) == (0, ["list-memory"])


# A person forgotten.


def held(folder: Path, words: str) -> list[str]:
    """Every file that has these words in its name or in it, zips opened."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        texts = [data.decode("utf-8", "ignore"), str(path)]
        if data[:2] == b"PK":
            with zipfile.ZipFile(path) as archive:
                parts = map(archive.read, archive.namelist())
                texts += (part.decode("utf-8", "ignore") for part in parts)
        if any(words in text for text in texts):
            found.append(path.name)
    return found


@pytest.mark.slow
def test_who_is_forgotten_is_taken_out_of_the_list_its_memory_and_the_copy(campaign: Path) -> None:
    staff(campaign, G1="Notes", G3="likes Callum's way")
    before = read_list(campaign).list
    ran = merge("delete-person", "F2", campaign, "--dry-run")
    assert "1 row of signers from forms.xlsx" in ran.err
    assert read_list(campaign).list == before
    assert merge("delete-person", "F2", campaign, "--yes").code == 0
    assert held(campaign, "McAllister") == []
    assert held(campaign, "Pinder Street") == []
    after = read_list(campaign).list
    assert [person.id for person in after.people] == ["F1", "F3", "F4"]
    assert [*after.records] == ["F1", "F3", "F4"]
    assert [person.row for person in after.people] == [2, 4, 5]
    assert (after.next_id, after.forms) == (before.next_id, before.forms)
    assert not (campaign / PREVIOUS_LIST_FILE).exists()
    assert merge("delete-person", "F2", campaign, "--yes").code == 0


@pytest.mark.slow
def test_a_hash_that_keeps_somebody_out_stays_only_if_staff_want_it(campaign: Path) -> None:
    known = read_list(campaign).list.records["F2"].marks
    assert merge("delete-person", "F2", campaign, "--yes", "--keep-out").code == 0
    (key,) = read_list(campaign).list.records.keys() - {"F1", "F3", "F4"}
    record = read_list(campaign).list.records[key]
    assert known <= record.marks
    assert record == MemoryRecord(marks=record.marks, where="typed")
    assert held(campaign, "McAllister") == []


@pytest.mark.slow
def test_a_row_that_staff_deleted_before_is_forgotten_by_its_name(campaign: Path) -> None:
    with excel(campaign / LIST_FILE, "Signers") as sheet:
        sheet.delete_rows(3)
    assert "F2" in read_list(campaign).list.records
    merge("letters", campaign)
    merge("delete-person", "Callum McAllister", campaign, "--yes")
    assert "F2" not in read_list(campaign).list.records
    assert held(campaign, "McAllister") == []


@pytest.mark.slow
def test_another_of_the_name_stays_in_the_list(campaign: Path) -> None:
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        sheet["A2"], sheet["B2"] = "S1", "Callum McAllister"
    merge("letters", campaign)
    before = read_list(campaign).list
    merge("delete-person", "S1", campaign, "--yes")
    assert read_list(campaign).list == before
    assert merge("letters", campaign, "--json").json["problems"] is not None


@pytest.mark.slow
def test_what_is_said_of_somebody_elsewhere_in_the_list_is_staffs_to_see_to(campaign: Path) -> None:
    staff(campaign, F5="the name of Callum McAllister?")
    ran = merge("delete-person", "F2", campaign, "--yes")
    assert ran.code == 1
    assert "Signers!F5" in ran.err


def test_the_copy_goes_when_a_campaign_is_closed_and_the_list_stays(campaign: Path) -> None:
    listed = (campaign / LIST_FILE).read_bytes()
    ran = merge("close", campaign, "--yes")
    assert ran.code == 0
    assert f"The workbook, {LIST_FILE} (people's data), the templates" in ran.err
    assert f"Also deleted: {PREVIOUS_LIST_FILE}." in ran.err
    assert not (campaign / PREVIOUS_LIST_FILE).exists()
    assert (campaign / LIST_FILE).read_bytes() == listed
