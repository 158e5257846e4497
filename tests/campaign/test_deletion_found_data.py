"""Data of a person that a deletion finds: by ID and names, in any file."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook
from support.campaigns import ROOT, campaign_files, letters, make, merge, record_lines
from support.copied_folders import copy_made_folder
from support.documents import docx
from support.everyday import everyday, seeds
from support.pages import opened
from support.registers import excel
from support.staff_actions import KILL_HOOK, id_in

from merge.advice import Choice
from merge.campaign.campaign import read_campaign
from merge.campaign.file_texts import find_texts
from merge.campaign.overview import inspect_campaign
from merge.campaign.pending_decisions import save_decisions
from merge.campaign.search_terms import SearchTerms
from merge.state.ledger import ledger_to_read

SIGNERS = [
    ["ID", "Name", "City", "Street"],
    ["S1", "Ana Ruiz", "Sevilla", "Calle del Olivo 4"],
    ["S2", "Ana Ruiz Gómez", "Toledo", "Calle Nueva 11"],
    ["S3", "Bo Lindgren", "Malmö", "Fågelvägen 7"],
]
RECIPIENTS = [["ID", "Name"], ["R1", "Minister Li Wen"], ["R2", "Consul Roy"]]
TEMPLATE = "Dear {{ recipient.name }},\n{{ signer.name }}\n{{ signer.street }}\n{{ signer.city }}"


def create_letters(folder: Path) -> None:
    """Create letters of three signers, one name of which contains another."""
    merge("letters", make(folder, TEMPLATE, Signers=SIGNERS, Recipients=RECIPIENTS))


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(create_letters, tmp_path / "campaign")


def _delete_row(folder: Path, person_id: str) -> None:
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        row = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value == person_id)
        sheet.delete_rows(row)


def _remaining(folder: Path, selection: str) -> list[str]:
    remaining: list[str] = merge("delete-person", selection, folder, "--yes", "--json").json["left"]
    return remaining


# The person, and the words by which they are found.


@pytest.mark.slow
@pytest.mark.parametrize(("person_id", "name"), [("S1", "Ana Ruiz"), ("S2", "Ana Ruiz Gómez")])
def test_a_deletion_finds_only_data_of_one_of_two_people_with_nested_names(
    person_id: str, name: str, campaign: Path
) -> None:
    merge("print", campaign, "--per-signer")
    others = {p for p in letters(campaign) if not p.startswith(f"{name}/")}
    remaining = _remaining(campaign, person_id)
    assert [path.partition(":")[0] for path in remaining] == ["signers.xlsx"]
    assert {*re.findall(r"Signers![A-Z]+(\d+)", remaining[0])} == {
        "2" if person_id == "S1" else "3"
    }
    assert letters(campaign).keys() == others
    print_files = [p.stem[3:] for p in (campaign / "print").rglob("*.docx")]
    assert sorted(print_files) == sorted({"Ana Ruiz", "Ana Ruiz Gómez", "Bo Lindgren"} - {name})
    _delete_row(campaign, person_id)
    assert _remaining(campaign, person_id) == []


@pytest.mark.slow
def test_a_deletion_does_not_search_for_a_common_word_as_a_name(tmp_path: Path) -> None:
    signers = [["ID", "Name", "City"], ["S1", "May", "Leeds"], ["S2", "Hope Will", "Leeds"]]
    template = "We hope you will act in May.\n{{ signer.name }}, {{ signer.city }}"
    folder = make(tmp_path, template, Signers=signers, Recipients=RECIPIENTS)
    merge("letters", folder)
    merge("print", folder, "--per-signer")
    (folder / "plans.txt").write_text("We meet in may. May is warm. We hope they will come.")
    ran = merge("delete-person", "S1", folder, "--yes")
    assert "This name also appears in a template" in ran.err
    assert not [p for p in (folder / "print").rglob("*.docx") if "May" in p.name]
    for person_id in ("S1", "S2"):
        remaining = _remaining(folder, person_id)
        assert {path.partition(":")[0] for path in remaining} == {"signers.xlsx"}


@pytest.mark.slow
def test_a_deletion_repeated_by_id_finds_all_data_of_the_deleted_row(campaign: Path) -> None:
    merge("delete-person", "S1", campaign, "--yes")
    _delete_row(campaign, "S1")
    (campaign / "notes.txt").write_text("Somebody of CALLE DEL  OLIVO 4 rang.", encoding="utf-8")
    assert _remaining(campaign, "S1") == ["notes.txt"]
    assert b"Calle del Olivo 4" in record_lines(campaign)  # until nothing is found
    (campaign / "notes.txt").unlink()
    ran = merge("delete-person", "S1", campaign, "--yes")
    assert (ran.code, ran.last) == (0, "No data about S1 is left.")
    assert not [text for text in (b"Olivo", b"Ana Ruiz/") if text in record_lines(campaign)]
    with ledger_to_read(campaign / "letters") as ledger:
        assert ledger.fact("forgetting") == "[]"
    again = merge("delete-person", "S1", campaign, "--yes")
    assert again.last == "No one here has the name or ID S1."


@pytest.mark.slow
def test_a_deletion_repeated_by_name_finds_no_data_of_a_namesake(tmp_path: Path) -> None:
    signers = [["ID", "Name", "City"], ["S1", "Ana Ruiz", "Lima"], ["S2", "Ana Ruiz", "Quito"]]
    merge("letters", make(tmp_path, TEMPLATE.replace("street", "id"), Signers=signers))
    merge("delete-person", "S1", tmp_path, "--yes")
    with excel(tmp_path / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(2)
    ran = merge("delete-person", "Ana Ruiz", tmp_path, "--yes")
    assert ran.code == 2
    assert "data of a person with this name is being deleted" in ran.err
    assert len(letters(tmp_path)) == 2
    assert merge("delete-person", "S1", tmp_path, "--yes").code == 0
    assert len(letters(tmp_path)) == 2


def test_a_deletion_finds_a_removed_person_by_their_id(campaign: Path) -> None:
    merge("print", campaign)
    _delete_row(campaign, "S3")
    merge("letters", campaign)
    preview = merge("delete-person", "S3", campaign, "--dry-run", "--json").json
    assert preview["known"]
    assert [Path(path).parts[1] for path in preview["letters"]] == ["No longer wanted"] * 2
    assert len(preview["shared"]) == 1
    assert _remaining(campaign, "S3") == []


def test_a_deletion_finds_a_person_by_a_former_name(campaign: Path) -> None:
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        sheet.cell(4, 2).value = "Bo Lindgren-Åberg"
    (campaign / "notes.txt").write_text("Bo Lindgren rang.", encoding="utf-8")
    assert "notes.txt" in _remaining(campaign, "S3")


# Other files that contain data of the person.


def _contains(data: bytes, *words: str) -> bool:
    terms = SearchTerms(frozenset(words))
    return any(terms.find_in(text) for text in find_texts(data))


SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c\0\4..."


@pytest.mark.slow
def test_a_deletion_reports_files_that_cannot_be_searched(campaign: Path) -> None:
    merge("delete-person", "S3", campaign, "--yes")
    _delete_row(campaign, "S3")
    with zipfile.ZipFile(campaign / "scans.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    data = bytearray((campaign / "scans.zip").read_bytes())
    for offset in (6, data.find(b"PK\x01\x02") + 8):
        data[offset] |= 1  # encrypted
    (campaign / "scans.zip").write_bytes(data)
    (campaign / "old.7z").write_bytes(SEVEN_ZIP)
    ran = merge("delete-person", "S3", campaign, "--yes")
    assert ran.code == 1
    assert "could not be searched: old.7z" in ran.err
    assert "could not be searched: scans.zip" in ran.err
    assert ran.last.startswith("No data about S3 is left in the files searched.")


def test_no_data_is_left_is_not_said_of_an_unknown_name_while_a_file_is_not_searched(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Bo Berg"]])
    (folder / "old.7z").write_bytes(SEVEN_ZIP)
    ran = merge("delete-person", "Ana Ruiz", folder, "--yes")
    assert (ran.code, ran.last) == (1, "No one here has the name or ID Ana Ruiz.")
    assert "could not be searched: old.7z" in ran.err
    with opened(folder) as page:
        page.post("erase/find", name="Ana Ruiz")
        words = page.words("erase")
    assert "old.7z" in words
    assert "was found here" not in words
    assert "No file in the campaign contains" not in words


def test_the_page_says_which_files_were_not_searched_instead_of_data_that_is_left(
    tmp_path: Path,
) -> None:
    people = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Bo Berg"]]
    folder = make(tmp_path, Signers=people)
    merge("letters", folder)
    (folder / "old.7z").write_bytes(SEVEN_ZIP)
    with opened(folder) as page:
        page.post("erase/find", name="S1")
        token = str(page.see("erase").select("input[name=token]")[0]["value"])
        page.post("erase/person", token=token, sure="on")
        make(folder, Signers=[people[0], people[2]])
        page.post("erase/look")
        words = page.words("erase")
    assert "Some files could not be searched" in words
    assert "old.7z" in words
    assert "Some data about" not in words
    assert "No data about this person is left" not in words


def test_a_dry_run_says_that_no_one_has_the_name(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Bo Berg"]])
    ran = merge("delete-person", "Ana Ruiz", folder, "--dry-run")
    assert "No one here has the name or ID Ana Ruiz, and no file contains this text." in ran.out
    assert "0 letter files" not in ran.out
    (folder / "notes.txt").write_text("Ana Ruiz", encoding="utf-8")
    ran = merge("delete-person", "Ana Ruiz", folder, "--dry-run")
    assert "No one here has the name or ID Ana Ruiz.\n" in ran.out
    assert "notes.txt" in ran.err


def test_a_deletion_finds_the_author_of_a_file(campaign: Path) -> None:
    _delete_row(campaign, "S3")
    template = Document(str(campaign / "templates" / "appeal.docx"))
    template.core_properties.author = "Bo Lindgren"
    template.save(str(campaign / "templates" / "appeal.docx"))
    book = load_workbook(campaign / "signers.xlsx")
    book.properties.lastModifiedBy = "Bo Lindgren"
    book.save(campaign / "signers.xlsx")
    places = _remaining(campaign, "Bo Lindgren")
    assert places == ["signers.xlsx: File > Info", "templates/appeal.docx: File > Info"]


@pytest.mark.slow
def test_a_deletion_finds_cells_of_reports_and_older_registers(campaign: Path) -> None:
    merge("report", campaign, "--with-names")
    shutil.copyfile(campaign / "register.xlsx", campaign / "register (until 1 Nov 2026).xlsx")
    remaining = _remaining(campaign, "S1")
    assert any(path.startswith("register (until 1 Nov 2026).xlsx: Register!") for path in remaining)
    assert any(path.startswith("report ") and "!" in path for path in remaining)


def test_a_deletion_finds_a_given_name_and_a_surname_in_two_cells(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Ana Ruiz"], ["Bo Berg"]])
    book = Workbook()
    sheet = book.create_sheet("People")
    for row in (["No.", "Last", "First"], [1, "Berg", "Ana"], [2, "Ruiz", "Ana"], [3, "Ana", "Bo"]):
        sheet.append(row)
    book.save(folder / "export.xlsx")
    left = merge("delete-person", "Ana Ruiz", folder, "--dry-run", "--json").json["left"]
    assert left == ["export.xlsx: People!A3:C3", "signers.xlsx: Signers!A2"]


@pytest.mark.slow
def test_a_deletion_finds_every_record_of_the_persons_letters_in_the_ledger(campaign: Path) -> None:
    merge("mark", "printed", campaign, "--all")
    merge("letters", campaign)
    ids = {id_in(f) for p, f in letters(campaign).items() if p.startswith("Ana Ruiz/")}
    _delete_row(campaign, "S1")
    merge("letters", campaign)
    merge("delete-person", "S1", campaign, "--yes")
    assert len(ids) == 2
    with ledger_to_read(campaign / "letters") as ledger:
        assert ids.isdisjoint(ledger.letter_ids())
    assert b"Ana Ruiz/" not in record_lines(campaign)


@pytest.mark.slow
def test_a_deletion_finds_hidden_files_of_a_killed_run(campaign: Path) -> None:
    signer_folder = campaign / "letters" / "Ana Ruiz"
    hidden = signer_folder / ".merge-taken-77-1"
    hidden.mkdir()
    (signer_folder / "Consul Roy.docx").rename(hidden / "Consul Roy.docx")
    shutil.copyfile(signer_folder / "Minister Li Wen.docx", signer_folder / ".merge-77-1.tmp")
    (signer_folder / ".merge-77-2.tmp").write_bytes(b"PK\x03\x04 half a letter")
    (campaign / ".merge-register.xlsx.tmp").write_bytes(b"Ana Ruiz, Calle del Olivo 4")
    draft = campaign / "print" / ".merge-2026-11-20 10.00.00.tmp"
    draft.mkdir(parents=True)
    (draft / "01 Ana Ruiz.docx").write_bytes(docx("Calle del Olivo 4"))
    merge("delete-person", "S1", campaign, "--yes")
    _delete_row(campaign, "S1")
    assert merge("delete-person", "S1", campaign, "--yes").code == 0
    assert not signer_folder.exists()
    assert not draft.exists()
    assert [p for p in campaign_files(campaign) if ".tmp" in p] == []


# A deletion that is killed.


_KILLED_PROGRAM = f"""
import os, sys
left, folder = int(sys.argv[1]), sys.argv[2]
{KILL_HOOK}from merge.cli import main
sys.addaudithook(hook)
sys.exit(main(sys.argv[3:]))
"""


def _kill_after(folder: Path, after: int, *words: str) -> int:
    command = [sys.executable, "-c", _KILLED_PROGRAM, str(after), str(folder), *words]
    environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, env=environment, check=False).returncode


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(10, 60))
def test_a_deletion_finds_all_data_after_a_deletion_killed_at_any_instant(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311 - random instants of a test
    folder = make(tmp_path / "c", TEMPLATE, Signers=SIGNERS, Recipients=RECIPIENTS)
    merge("letters", folder)
    merge("print", folder)
    merge("mark", "printed", folder, "--all")
    if chance.random() < 0.5:
        _delete_row(folder, "S3")
    others = {p: f.read_bytes() for p, f in letters(folder).items() if not p.startswith("Bo ")}
    selection = chance.choice(["S3", "Bo Lindgren"])
    code = _kill_after(
        folder, chance.randrange(120), "delete-person", selection, str(folder), "--yes"
    )
    assert code in {0, 1, 9}
    merge("delete-person", selection, folder, "--yes")
    with suppress(StopIteration):
        _delete_row(folder, "S3")
    assert _remaining(folder, selection) == []
    paths = [p for p in folder.rglob("*") if "Lindgren" in str(p) or _file_contains(p, "Lindgren")]
    assert paths == [], seed
    assert {p: f.read_bytes() for p, f in letters(folder).items()} == others
    assert merge("status", folder, "--json").json["letters"] == 4


def _file_contains(path: Path, words: str) -> bool:
    return path.is_file() and _contains(path.read_bytes(), words)


# Decisions about the person.


def _decisions(folder: Path) -> list[tuple[str, ...]]:
    with ledger_to_read(folder / "letters") as ledger:
        return [(decision.id, decision.choice) for decision in ledger.decisions()]


@pytest.mark.slow
@pytest.mark.parametrize("choice", everyday(["same", "other"]))
def test_a_deletion_finds_decisions_about_the_person(choice: Choice, tmp_path: Path) -> None:
    people = [["Name", "Motto"], ["Ana Ruiz", "Olivo"], ["Bo Lindgren", "Fågel"]]
    merge("letters", make(tmp_path, Signers=people))
    merge("mark", "signed", tmp_path, "--for", "Ana Ruiz")
    people[1] = ["Zeynep Obiang", "Olivo"]
    make(tmp_path, Signers=people)
    campaign = read_campaign(tmp_path)
    conflicts = [
        conflict
        for conflict in inspect_campaign(campaign).pending_decisions
        if choice in conflict.choices
    ]
    save_decisions(campaign, [conflict.decide(choice) for conflict in conflicts])
    assert (
        [stored_choice for _, stored_choice in _decisions(tmp_path)]
        == [choice] * len(conflicts)
        != []
    )
    merge("delete-person", "Zeynep Obiang", tmp_path, "--yes")
    assert _decisions(tmp_path) == []


def test_a_deletion_forgets_ignored_warnings_of_which_only_hashes_are_known(
    campaign: Path,
) -> None:
    for signer in ("Ana Ruiz", "Bo Lindgren"):
        path = campaign / "letters" / signer / "Consul Roy.docx"
        shutil.copyfile(path, path.with_name("copy.docx"))
    opened_campaign = read_campaign(campaign)
    decisions = [
        decision
        for decision in inspect_campaign(opened_campaign).pending_decisions
        if decision.code == "letter-copied"
    ]
    save_decisions(opened_campaign, [decision.decide("hide") for decision in decisions])
    assert len(_decisions(campaign)) == len(decisions) == 2
    merge("delete-person", "S1", campaign, "--yes")
    assert _decisions(campaign) == []
    assert (campaign / "letters" / "Bo Lindgren" / "copy.docx").exists()
