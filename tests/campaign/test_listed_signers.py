"""Campaigns with signers in the workbook and in the list of signers."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.campaigns import letters, make, merge, text
from support.copied_folders import copy_made_folder
from support.registers import excel
from support.signer_lists import (
    FIRST,
    FOURTH,
    MOMENT,
    SECOND,
    THIRD,
    THREE,
    edit_cells,
    make_list,
    save_list,
    with_people,
)
from support.staff_actions import add_line

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign
from merge.intake.list_types import MemoryRecord
from merge.intake.matching import Hasher, identity_marks
from merge.intake.signer_list import read_list
from merge.product import RECORDS_FOLDER
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE, WITHDRAWN_REASON

TEMPLATE = "Dear {{ recipient.name }},\n{{ signer.name }}\n{{ signer.street }}\n{{ signer.city }}"
WORKBOOK_SIGNERS = [["ID", "Name", "Street", "City"]]
WORKBOOK_SIGNERS += [["", f"Typed {letter}", "1 Lane", "York"] for letter in "ABCDEF"]
RECIPIENTS = [["ID", "Name"], ["R1", "Minister Li Wen"], ["R2", "Consul Roy"]]


def create_letters(folder: Path) -> None:
    """Create letters of two typed and three listed signers to two recipients."""
    make(folder, TEMPLATE, Signers=WORKBOOK_SIGNERS[:3], Recipients=RECIPIENTS)
    stored = make_list(folder)
    save_list(stored, with_people(stored.list, ("Tunde Fairweather", "12 Elm St", "Leeds")))
    assert merge("letters", folder).code == 0


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(create_letters, tmp_path)


def signer_folders(folder: Path) -> set[str]:
    return {path.split("/")[0] for path in letters(folder)}


def letter_states(folder: Path, name: str) -> list[str]:
    overview = inspect_campaign(read_campaign(folder), [name] if name else [])
    return sorted(planned.step.state for planned in overview.letters)


@pytest.mark.slow
def test_six_typed_and_two_hundred_listed_signers_get_their_letters(tmp_path: Path) -> None:
    make(tmp_path, TEMPLATE, Signers=WORKBOOK_SIGNERS, Recipients=RECIPIENTS)
    names = [f"{a}{b}".title() for a in "bcdfghklmnprst" for b in ("ara", "eno", "ilu", "omi")]
    people = [(f"{a} {b}", f"{n} Mill Lane", "Leeds") for n, a in enumerate(names) for b in names]
    make_list(tmp_path, *people[:200])
    workbook = (tmp_path / "signers.xlsx").read_bytes()
    first = "6 signers from signers.xlsx, 200 from forms"
    assert merge("check", tmp_path).out.splitlines()[0] == first
    assert merge("letters", tmp_path).code == 0
    assert len(letters(tmp_path)) == 412
    ran = merge("status", tmp_path, "--json")
    assert (ran.json["letters"], ran.json["states"]) == (412, {"unchanged": 412})
    register = load_workbook(tmp_path / "register.xlsx")
    assert len([row for row in register["By signer"].iter_rows(min_row=2) if row[0].value]) == 206
    assert merge("print", tmp_path).code == 0
    assert len([*(tmp_path / "print").rglob("*.docx")]) == 3
    assert merge("letters", tmp_path, "--json").json["written"] == 0
    assert (tmp_path / "signers.xlsx").read_bytes() == workbook


def test_a_listed_signer_with_a_corrected_name_keeps_their_letters(campaign: Path) -> None:
    edit_cells(campaign, B2="Harriet Okonjo")
    ran = merge("letters", campaign, "--json").json
    assert [letter["reason"] for letter in ran["letters"] if letter["state"] == "rewritten"] != []
    assert ran["written"] == 2
    assert "Harriet Okonjo" in signer_folders(campaign)
    assert "Harriet Okonjo-Blythe" not in signer_folders(campaign)


@pytest.mark.slow
def test_a_withdrawn_listed_signer_keeps_only_edited_and_printed_letters(campaign: Path) -> None:
    untouched, edited, printed = (name for name, *_ in THREE)
    edited_letters = {p: f for p, f in letters(campaign).items() if p.startswith(f"{edited}/")}
    add_line(next(iter(edited_letters.values())), "by hand")
    merge("mark", "printed", campaign, "--for", printed)
    printed_letters = {
        p: f.read_bytes() for p, f in letters(campaign).items() if p.startswith(printed)
    }
    edit_cells(campaign, E2="no", E3="no", E4="no")
    ran = merge("letters", campaign, "--json").json
    messages = {
        (p["message"], p["hint"]) for p in ran["problems"] if p["code"] == "letter-unwanted"
    }
    hint = "If it is not posted yet, do not post it."
    message = f"“{printed}” is no longer included, but this letter is printed, so it is kept."
    assert (message, hint) in messages
    assert ran["planned"] == 6
    assert untouched not in signer_folders(campaign) - {"No longer wanted"}
    existing = letters(campaign)
    assert {p: existing[p].read_bytes() for p in printed_letters} == printed_letters
    kept_letters = [path for path, file in existing.items() if "by hand" in text(file)]
    assert len(kept_letters) == 1
    edit_cells(campaign, E2=None, E3=None, E4=None)
    assert merge("letters", campaign, "--json").json["planned"] == 12
    assert untouched in signer_folders(campaign)


def test_a_listed_signer_without_an_id_is_reported_by_check(campaign: Path) -> None:
    edit_cells(campaign, A3=None, B9="Paper Signer", C9="5 Lane", D9="York")
    output = merge("check", campaign).out
    assert f"{LIST_FILE}, Signers!A3" in output
    assert f"The ID of this row, {SECOND}, is missing." in output


def test_a_list_copied_without_its_records_is_reported_until_it_is_accepted(
    campaign: Path, tmp_path: Path
) -> None:
    copied = make(tmp_path / "copied", TEMPLATE, Signers=WORKBOOK_SIGNERS, Recipients=RECIPIENTS)
    shutil.copyfile(campaign / LIST_FILE, copied / LIST_FILE)
    message = "The internal records of the last import are not here yet."
    assert message in merge("check", copied).out
    assert merge("letters", copied, "--anyway").code == 0
    assert message not in merge("check", copied).out
    assert read_list(copied).list.records == {}
    shutil.copytree(campaign / RECORDS_FOLDER, copied / RECORDS_FOLDER, dirs_exist_ok=True)
    assert read_list(copied).list.records == read_list(campaign).list.records


@pytest.mark.slow
def test_a_typed_signer_who_declined_in_a_form_is_reported_until_excluded(campaign: Path) -> None:
    stored = read_list(campaign)
    hasher, declined = (
        Hasher(stored.list.salt),
        {"Include": Hasher(stored.list.salt).text_hash("no")},
    )
    typed = {"Name": "Typed A", "Street": "1 Lane", "City": "York"}
    marks = identity_marks(hasher, typed).to_store
    declined_record = MemoryRecord(form_hashes=declined, marks=marks, newest=MOMENT, where="typed")
    consent_record = replace(
        declined_record,
        form_hashes={"Include": hasher.text_hash("yes")},
        newest=MOMENT.replace(year=2025),
    )
    records = {**stored.list.records, "0a": declined_record, "0b": consent_record}
    save_list(stored, replace(stored.list, records=records))
    for command in ("check", "status"):
        problems = merge(command, campaign, "--json").json["problems"]
        problems = [(p["where"], p["hint"]) for p in problems if p["code"] == "form-withdrawn"]
        hint = "Enter “no” under Include in this row; add the column if there is none."
        assert problems == [("signers.xlsx, Signers!B2", hint)]
    deceased_record = replace(
        declined_record, form_hashes={"Include": hasher.text_hash("deceased")}
    )
    save_list(read_list(campaign), replace(stored.list, records={**records, "0a": deceased_record}))
    assert "says that they have died" in merge("check", campaign).out
    stored = read_list(campaign)
    later = {**stored.list.records, "0b": replace(consent_record, newest=MOMENT.replace(year=2027))}
    save_list(stored, replace(stored.list, records=later))
    assert "form-withdrawn" not in str(merge("check", campaign, "--json").json)
    save_list(read_list(campaign), replace(stored.list, records=records))
    make(
        campaign,
        TEMPLATE,
        Signers=[
            [*WORKBOOK_SIGNERS[0], "Include"],
            [*WORKBOOK_SIGNERS[1], "no"],
            WORKBOOK_SIGNERS[2],
        ],
    )
    assert "form-withdrawn" not in str(merge("check", campaign, "--json").json)


@pytest.mark.slow
def test_listed_signers_that_need_review_are_counted_by_check_and_status(campaign: Path) -> None:
    edit_cells(campaign, E2="no", F2="looks like a test", E3="no", F3="may be two people")
    for command in ("check", "status"):
        last_line = merge(command, campaign).out.splitlines()[-1]
        assert last_line.startswith("2 people in the list need review; ")
    edit_cells(campaign, E2=None)
    assert "1 person in the list needs review; " in merge("check", campaign).out


@pytest.mark.parametrize("reason", [WITHDRAWN_REASON, f"may be two people; {WITHDRAWN_REASON}"])
def test_a_withdrawn_listed_signer_does_not_need_review(campaign: Path, reason: str) -> None:
    edit_cells(campaign, E2="no", F2="looks like a test", E3="no", F3=reason)
    output = merge("check", campaign).out
    assert output.splitlines()[-1].startswith("1 person in the list needs review; ")
    edit_cells(campaign, E2=None, F2=None)
    output = merge("check", campaign).out
    assert "review; " not in output


def test_a_list_of_signers_in_place_of_the_workbook_is_reported_as_a_list(campaign: Path) -> None:
    (campaign / "signers.xlsx").write_bytes((campaign / LIST_FILE).read_bytes())
    ran = merge("check", campaign, "--json")
    assert [p["code"] for p in ran.json["problems"]] == ["workbook-is-list"]


def test_a_list_of_signers_without_its_memory_sheet_is_reported_by_check(campaign: Path) -> None:
    book = load_workbook(campaign / LIST_FILE)
    del book["Memory"]
    book.save(campaign / LIST_FILE)
    ran = merge("check", campaign, "--json")
    assert (ran.code, [p["code"] for p in ran.json["problems"]]) == (0, ["list-memory"])


# A person's data is deleted.


def files_with(folder: Path, words: str) -> list[str]:
    """Return the files with these words in their names, contents or zips."""
    files = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        texts = [data.decode("utf-8", "ignore"), str(path)]
        if data[:2] == b"PK":
            with zipfile.ZipFile(path) as archive:
                parts = map(archive.read, archive.namelist())
                texts += (part.decode("utf-8", "ignore") for part in parts)
        if any(words in text for text in texts):
            files.append(path.name)
    return files


@pytest.mark.slow
def test_deleting_a_listed_signers_data_clears_list_memory_sheet_and_backup(campaign: Path) -> None:
    edit_cells(campaign, G1="Notes", G3="likes Callum's way")
    before = read_list(campaign).list
    ran = merge("delete-person", SECOND, campaign, "--dry-run")
    assert "1 row of signers from forms.xlsx" in ran.err
    assert read_list(campaign).list == before
    assert merge("delete-person", SECOND, campaign, "--yes").code == 0
    assert files_with(campaign, "McAllister") == []
    assert files_with(campaign, "Pinder Street") == []
    after = read_list(campaign).list
    assert [person.id for person in after.people] == [FIRST, THIRD, FOURTH]
    assert [*after.records] == [FIRST, THIRD, FOURTH]
    assert [person.row for person in after.people] == [2, 4, 5]
    assert after.forms == before.forms
    assert not (campaign / PREVIOUS_LIST_FILE).exists()
    assert merge("delete-person", SECOND, campaign, "--yes").code == 0


@pytest.mark.slow
def test_deleting_a_listed_signers_data_with_keep_out_keeps_only_hashes(campaign: Path) -> None:
    hashes = read_list(campaign).list.records[SECOND].marks
    assert merge("delete-person", SECOND, campaign, "--yes", "--keep-out").code == 0
    (key,) = read_list(campaign).list.records.keys() - {FIRST, THIRD, FOURTH}
    record = read_list(campaign).list.records[key]
    assert hashes <= record.marks
    assert record == MemoryRecord(marks=record.marks, where="typed")
    assert files_with(campaign, "McAllister") == []


@pytest.mark.slow
def test_deleting_a_listed_signers_data_by_name_works_after_their_row_is_gone(
    campaign: Path,
) -> None:
    with excel(campaign / LIST_FILE, "Signers") as sheet:
        sheet.delete_rows(3)
    assert SECOND in read_list(campaign).list.records
    merge("letters", campaign)
    merge("delete-person", "Callum McAllister", campaign, "--yes")
    assert SECOND not in read_list(campaign).list.records
    assert files_with(campaign, "McAllister") == []


@pytest.mark.slow
def test_deleting_a_typed_signers_data_keeps_a_listed_namesake(campaign: Path) -> None:
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        sheet["A2"], sheet["B2"] = "S1", "Callum McAllister"
    merge("letters", campaign)
    before = read_list(campaign).list
    merge("delete-person", "S1", campaign, "--yes")
    assert read_list(campaign).list == before
    assert merge("letters", campaign, "--json").json["problems"] is not None


@pytest.mark.slow
def test_a_deleted_listed_signers_name_in_another_row_is_reported(campaign: Path) -> None:
    edit_cells(campaign, F5="the name of Callum McAllister?")
    ran = merge("delete-person", SECOND, campaign, "--yes")
    assert ran.code == 1
    assert "Signers!F5" in ran.err


def test_the_list_of_signers_stays_but_its_backup_goes_if_a_campaign_is_closed(
    campaign: Path,
) -> None:
    before = (campaign / LIST_FILE).read_bytes()
    ran = merge("close", campaign, "--yes")
    assert ran.code == 0
    assert f"The workbook, {LIST_FILE} (people's data), the templates" in ran.err
    assert f"Also to delete: {PREVIOUS_LIST_FILE}." in ran.err
    assert not (campaign / PREVIOUS_LIST_FILE).exists()
    assert (campaign / LIST_FILE).read_bytes() == before
