"""`merge delete-person` and `merge close`: what they never touch, and what they always find."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

import pytest
from support.campaigns import ROOT, letters, make, merge
from support.copied import copied
from support.documents import docx
from support.everyday import everyday, seeds
from support.registers import excel
from support.staff_actions import id_in

from merge.advice import Choice
from merge.campaign.campaign import read_campaign
from merge.campaign.file_texts import find_texts
from merge.campaign.overview import inspect_campaign
from merge.campaign.pending_decisions import save_decisions
from merge.campaign.person_words import PersonWords, searchable

SIGNERS = [
    ["ID", "Name", "City", "Street"],
    ["S1", "Ana Ruiz", "Sevilla", "Calle del Olivo 4"],
    ["S2", "Ana Ruiz Gómez", "Toledo", "Calle Nueva 11"],
    ["S3", "Bo Lindgren", "Malmö", "Fågelvägen 7"],
]
RECIPIENTS = [["ID", "Name"], ["R1", "Minister Li Wen"], ["R2", "Consul Roy"]]
TEMPLATE = "Dear {{ recipient.name }},\n{{ signer.name }}\n{{ signer.street }}\n{{ signer.city }}"


def made(folder: Path) -> None:
    """Three signers, two of them with nested names, and their letters."""
    merge("letters", make(folder, TEMPLATE, Signers=SIGNERS, Recipients=RECIPIENTS))


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copied(made, tmp_path / "campaign")


def _files(folder: Path) -> dict[str, bytes]:
    own = (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".merge-l"))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in own}


def _delete_row(folder: Path, own_id: str) -> None:
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        row = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value == own_id)
        sheet.delete_rows(row)


def _left(folder: Path, who: str) -> list[str]:
    left: list[str] = merge("delete-person", who, folder, "--yes", "--json").json["left"]
    return left


# What the program did not make stays.


@pytest.mark.slow
def test_files_of_the_staffs_in_print_are_told_and_stay(campaign: Path) -> None:
    merge("print", campaign, "--for", "S1")
    merge("proofread", campaign)
    (batches,) = (p for p in (campaign / "print").iterdir() if p.is_dir())
    staffs = {
        batches / "01 Ana Ruiz, signed.pdf": b"a scan of Ana Ruiz",
        batches / "02 Ana Ruiz.docx": docx("A letter from Ana Ruiz came."),
        batches / "who signs.txt": b"Ana Ruiz on Monday",
        campaign / "print" / "Ana Ruiz.docx": docx("Ana Ruiz rings."),
        campaign / "print" / "Proofread by Ana Ruiz.xlsx": b"Ana Ruiz",
        campaign / "letters" / "Ana Ruiz" / "notes.docx": docx("Ana Ruiz rings."),
        campaign / "letters" / "Ana Ruiz" / "Consul Roy.odt": b"Ana Ruiz",
    }
    for path, data in staffs.items():
        path.write_bytes(data)
    rehearsed = merge("delete-person", "S1", campaign, "--dry-run", "--json").json
    told = "\n".join(_left(campaign, "S1"))
    for path, data in staffs.items():
        shown = path.relative_to(campaign).as_posix()
        assert path.read_bytes() == data
        assert shown in told
        assert any(shown in left for left in rehearsed["left"])
    assert not [*batches.glob("01 *.docx")]
    assert not [*(campaign / "print").glob("Proofread 2*")]


@pytest.mark.slow
def test_a_batch_that_staff_gave_another_folder_is_told_and_stays(campaign: Path) -> None:
    merge("print", campaign)
    (batches,) = (p for p in (campaign / "print").iterdir() if p.is_dir())
    batches.rename(campaign / "print" / "to sign on Monday")
    assert any("to sign on Monday" in path for path in _left(campaign, "S1"))
    assert len([*(campaign / "print").glob("to sign on Monday/*.docx")]) == 1


def test_where_links_lead_nothing_is_deleted_and_it_is_told(campaign: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(campaign / "letters" / "Ana Ruiz", outside)
    (campaign / "letters" / "more").symlink_to(outside, target_is_directory=True)
    (campaign / "letters" / "one.docx").symlink_to(outside / "Consul Roy.docx")
    (campaign / "print" / "more").mkdir(parents=True)
    (campaign / "print" / "more" / "all").symlink_to(outside, target_is_directory=True)
    before = _files(outside)
    ran = merge("delete-person", "S1", campaign, "--yes", "--json")
    assert (ran.code, _files(outside)) == (1, before)
    assert ran.json["not_searched"] == [
        "letters/more (a link)",
        "letters/one.docx (a link)",
        "print/more/all (a link)",
    ]
    assert (campaign / "letters" / "one.docx").is_symlink()
    merge("close", campaign, "--yes")
    assert _files(outside) == before
    assert (campaign / "letters" / "more").is_symlink()


def test_letters_that_lie_behind_a_link_are_not_deleted(campaign: Path, tmp_path: Path) -> None:
    (campaign / "letters").rename(tmp_path / "elsewhere")
    (campaign / "letters").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    before = letters(tmp_path / "elsewhere").keys()
    for command in (("delete-person", "S1", campaign), ("close", campaign)):
        merge(*command, "--yes")
        assert letters(tmp_path / "elsewhere").keys() == before


def test_a_folder_that_becomes_a_link_before_it_is_emptied_is_spared(
    campaign: Path, tmp_path: Path
) -> None:
    rehearsed = merge("delete-person", "S1", campaign, "--dry-run", "--json").json["letters"]
    (campaign / "letters" / "Ana Ruiz").rename(tmp_path / "taken")
    (campaign / "letters" / "Ana Ruiz").symlink_to(tmp_path / "taken", target_is_directory=True)
    merge("delete-person", "S1", campaign, "--yes")
    assert len([*(tmp_path / "taken").iterdir()]) == len(rehearsed)


# Who is meant, and by which words.


@pytest.mark.slow
@pytest.mark.parametrize(("own_id", "name"), [("S1", "Ana Ruiz"), ("S2", "Ana Ruiz Gómez")])
def test_of_two_nested_names_one_is_forgotten_and_the_other_kept(
    own_id: str, name: str, campaign: Path
) -> None:
    merge("print", campaign, "--per-signer")
    kept = {p for p in letters(campaign) if not p.startswith(f"{name}/")}
    left = _left(campaign, own_id)
    assert [path.partition(":")[0] for path in left] == ["signers.xlsx"]
    assert {*re.findall(r"Signers![A-Z]+(\d+)", left[0])} == {"2" if own_id == "S1" else "3"}
    assert letters(campaign).keys() == kept
    batches = [p.stem[3:] for p in (campaign / "print").rglob("*.docx")]
    assert sorted(batches) == sorted({"Ana Ruiz", "Ana Ruiz Gómez", "Bo Lindgren"} - {name})
    _delete_row(campaign, own_id)
    assert _left(campaign, own_id) == []


@pytest.mark.slow
def test_a_name_that_is_a_common_word_is_found_where_more_tells_it(tmp_path: Path) -> None:
    signers = [["ID", "Name", "City"], ["S1", "May", "Leeds"], ["S2", "Hope Will", "Leeds"]]
    template = "We hope you will act in May.\n{{ signer.name }}, {{ signer.city }}"
    folder = make(tmp_path, template, Signers=signers, Recipients=RECIPIENTS)
    merge("letters", folder)
    merge("print", folder, "--per-signer")
    (folder / "plans.txt").write_text("We meet in may. May is warm. We hope they will come.")
    (folder / "list.txt").write_text("May, Leeds")
    ran = merge("delete-person", "S1", folder, "--yes")
    assert "“May” also appears in a template" in ran.err
    assert not [p for p in (folder / "print").rglob("*.docx") if "May" in p.name]
    left = _left(folder, "S1")
    assert {path.partition(":")[0] for path in left} == {"signers.xlsx", "list.txt"}
    left = _left(folder, "S2")
    assert {path.partition(":")[0] for path in left} == {"signers.xlsx"}


@pytest.mark.slow
def test_typed_again_by_the_id_it_looks_for_all_that_the_row_had(campaign: Path) -> None:
    merge("delete-person", "S1", campaign, "--yes")
    _delete_row(campaign, "S1")
    (campaign / "notes.txt").write_text("Somebody of CALLE DEL  OLIVO 4 rang.", encoding="utf-8")
    assert _left(campaign, "S1") == ["notes.txt"]
    held = (campaign / "letters" / ".merge-ledger").read_bytes().lower()
    assert b"olivo" not in held
    (campaign / "notes.txt").unlink()
    ran = merge("delete-person", "S1", campaign, "--yes")
    assert (ran.code, ran.last) == (0, "No data about S1 is left.")
    with closing(sqlite3.connect(campaign / "letters" / ".merge-ledger")) as db:
        facts = dict(db.execute("SELECT name, value FROM fact"))
    assert facts["forgetting"] == "[]"
    assert merge("delete-person", "S1", campaign, "--yes").last == (
        "No one here has the name or ID S1, and no file contains this text."
    )


@pytest.mark.slow
def test_a_name_typed_again_never_takes_another_of_that_name(tmp_path: Path) -> None:
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


def test_who_left_the_workbook_before_is_found_by_the_id(campaign: Path) -> None:
    merge("print", campaign)
    _delete_row(campaign, "S3")
    merge("letters", campaign)
    rehearsed = merge("delete-person", "S3", campaign, "--dry-run", "--json").json
    assert rehearsed["known"]
    assert [Path(path).parts[1] for path in rehearsed["letters"]] == ["No longer wanted"] * 2
    assert len(rehearsed["shared"]) == 1
    assert _left(campaign, "S3") == []


def test_a_person_of_another_name_before_is_found_by_that_too(campaign: Path) -> None:
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        sheet.cell(4, 2).value = "Bo Lindgren-Åberg"
    (campaign / "notes.txt").write_text("Bo Lindgren rang.", encoding="utf-8")
    assert "notes.txt" in _left(campaign, "S3")


# Where words are found.


def _found(data: bytes, *words: str) -> bool:
    own = PersonWords(frozenset(map(searchable, words)))
    return any(own.find_in(text) for _, text in find_texts(data, []))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("尊敬的李文部长", "李文"),
        ("ถึงคุณสมชายครับ", "สมชาย"),
        ("ANA\u00a0 RUIZ\u2019s letter", "Ana Ruiz"),
        ("José\u00ad Peña", "Jose\u0301 Pen\u0303a"),
        ("Ana_Ruiz.docx", "Ana Ruiz"),
        ("letters/Ana%20Ruiz/a.docx", "Ana Ruiz"),
        ("O’Brien‑Smith", "O'Brien-Smith"),
        (r'{"name": "Ann \"Bo\" Lee"}', 'Ann "Bo" Lee'),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, words: str) -> None:
    assert _found(text.encode(), words)


def test_a_name_is_not_found_in_a_longer_word() -> None:
    assert not _found(b"Ana Ruizanda, Mariana Ruiz", "Ana Ruiz")


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_name_is_found_in_any_coding_of_text(coding: str) -> None:
    assert _found("Name;City\nBo Åkerström;Malmö".encode(coding), "Bo Åkerström")


def test_a_short_name_is_not_found_in_what_is_no_text() -> None:
    assert not _found(b"\0\x07Bo\0\x80S1\0Li\xff", "Bo", "S1", "Li")
    assert _found(b"\0\x07Bo Li/Consul Roy.docx\0", "Bo Li")


def test_a_name_is_found_in_rich_text() -> None:
    rtf = rb"{\rtf1\ansi {\b Bo} \'c5kerstr\u246?m\par}"
    assert _found(rtf, "Bo Åkerström")


@pytest.mark.slow
def test_what_cannot_be_looked_into_is_told_and_never_called_clean(campaign: Path) -> None:
    merge("delete-person", "S3", campaign, "--yes")
    _delete_row(campaign, "S3")
    with zipfile.ZipFile(campaign / "scans.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    data = bytearray((campaign / "scans.zip").read_bytes())
    for at in (6, data.find(b"PK\x01\x02") + 8):
        data[at] |= 1  # encrypted
    (campaign / "scans.zip").write_bytes(data)
    (campaign / "old.7z").write_bytes(b"7z\xbc\xaf\x27\x1c...")
    ran = merge("delete-person", "S3", campaign, "--yes")
    assert ran.code == 1
    assert "could not be searched: old.7z" in ran.err
    assert "could not be searched: scans.zip" in ran.err
    assert ran.last.startswith("No data about S3 is left in the files searched.")


@pytest.mark.slow
def test_reports_with_names_and_older_registers_are_told_with_their_cells(campaign: Path) -> None:
    merge("report", campaign, "--with-names")
    shutil.copyfile(campaign / "register.xlsx", campaign / "register (until 1 Nov 2026).xlsx")
    left = _left(campaign, "S1")
    assert any(path.startswith("register (until 1 Nov 2026).xlsx: Register!") for path in left)
    assert any(path.startswith("report ") and "!" in path for path in left)


def test_a_try_out_in_the_folder_is_told_and_stays(campaign: Path) -> None:
    merge("letters", campaign, "--try", campaign / "try-out")
    left = _left(campaign, "S3")
    assert "try-out/Bo Lindgren/Consul Roy.docx" in "\n".join(left)
    assert len(letters(campaign / "try-out")) == 6


def test_json_is_one_object_whatever_is_asked(campaign: Path) -> None:
    ran = merge("delete-person", "S1", campaign, "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["done"], told["confirm"], told["person"]) == (
        *(1, False, "--yes"),
        "Ana Ruiz",
    )
    assert len(told["letters"]) == 2
    assert len(letters(campaign)) == 6


@pytest.mark.slow
def test_no_fact_of_the_ledger_names_a_letter_of_the_person(campaign: Path) -> None:
    merge("mark", "printed", campaign, "--all")
    merge("letters", campaign)
    ids = {id_in(f) for p, f in letters(campaign).items() if p.startswith("Ana Ruiz/")}
    _delete_row(campaign, "S1")
    merge("letters", campaign)
    merge("delete-person", "S1", campaign, "--yes")
    held = (campaign / "letters" / ".merge-ledger").read_bytes()
    assert len(ids) == 2
    assert not [own for own in ids if own.encode() in held]
    assert b"Ana Ruiz/" not in held


@pytest.mark.slow
def test_what_a_killed_run_left_hidden_goes_as_well(campaign: Path) -> None:
    mine = campaign / "letters" / "Ana Ruiz"
    hidden = mine / ".merge-taken-77-1"
    hidden.mkdir()
    (mine / "Consul Roy.docx").rename(hidden / "Consul Roy.docx")
    shutil.copyfile(mine / "Minister Li Wen.docx", mine / ".merge-77-1.tmp")
    (mine / ".merge-77-2.tmp").write_bytes(b"PK\x03\x04 half a letter")
    (campaign / ".merge-register.xlsx.tmp").write_bytes(b"Ana Ruiz, Calle del Olivo 4")
    draft = campaign / "print" / ".merge-2026-11-20 10.00.00.tmp"
    draft.mkdir(parents=True)
    (draft / "01 Ana Ruiz.docx").write_bytes(docx("Calle del Olivo 4"))
    merge("delete-person", "S1", campaign, "--yes")
    _delete_row(campaign, "S1")
    assert merge("delete-person", "S1", campaign, "--yes").code == 0
    assert not mine.exists()
    assert not draft.exists()
    assert [p for p in _files(campaign) if ".tmp" in p] == []


# Killed at any instant.


_KILLED = """
import os, sys
left, folder = int(sys.argv[1]), sys.argv[2]
changing = {"os.link": 1, "os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0, "open": 0}
def hook(event, arguments):
    global left
    if event in changing and f"{folder}/" in str(arguments[changing[event]]):
        left -= 1
        if left < 0:
            os._exit(9)
from merge.cli import main
sys.addaudithook(hook)
sys.exit(main(sys.argv[3:]))
"""


def _killed(folder: Path, after: int, *words: str) -> int:
    command = [sys.executable, "-c", _KILLED, str(after), str(folder), *words]
    environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, env=environment, check=False).returncode


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(10, 60))
def test_killed_at_any_instant_the_same_command_ends_it(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's instants
    folder = make(tmp_path / "c", TEMPLATE, Signers=SIGNERS, Recipients=RECIPIENTS)
    merge("letters", folder)
    merge("print", folder)
    merge("mark", "printed", folder, "--all")
    if chance.random() < 0.5:
        _delete_row(folder, "S3")
    others = {p: f.read_bytes() for p, f in letters(folder).items() if not p.startswith("Bo ")}
    who = chance.choice(["S3", "Bo Lindgren"])
    code = _killed(folder, chance.randrange(120), "delete-person", who, str(folder), "--yes")
    assert code in {0, 1, 9}
    merge("delete-person", who, folder, "--yes")
    with suppress(StopIteration):
        _delete_row(folder, "S3")
    assert _left(folder, who) == []
    held = [p for p in folder.rglob("*") if "Lindgren" in str(p) or _has(p, "Lindgren")]
    assert held == [], seed
    assert {p: f.read_bytes() for p, f in letters(folder).items()} == others
    assert merge("status", folder, "--json").json["letters"] == 4


def _has(path: Path, words: str) -> bool:
    return path.is_file() and _found(path.read_bytes(), words)


# The end of a campaign.


def test_what_the_program_did_not_make_stays_when_a_campaign_is_closed(campaign: Path) -> None:
    merge("print", campaign)
    merge("proofread", campaign)
    staffs = [
        campaign / "letters" / "Ana Ruiz" / "scan.pdf",
        campaign / "letters" / "notes.docx",
        campaign / "print" / "prices.txt",
    ]
    for path in staffs:
        path.write_bytes(docx("Ours.") if path.suffix == ".docx" else b"ours")
    ran = merge("close", campaign, "--yes")
    assert ran.code == 0
    assert "Also kept, because the program did not create them:" in ran.err
    below = {p for place in ("letters", "print") for p in (campaign / place).rglob("*")}
    left = {p for p in below if p.is_file() and not p.name.startswith(".merge-")}
    assert left == {*staffs}
    for path in staffs:
        assert path.relative_to(campaign).as_posix() in ran.err


def test_while_a_letter_is_open_no_campaign_is_closed(campaign: Path) -> None:
    (campaign / "letters" / "Ana Ruiz" / "~$nsul Roy.docx").write_bytes(b"open")
    before = _files(campaign)
    ran = merge("close", campaign, "--yes")
    assert (ran.code, _files(campaign)) == (1, before)
    assert "is open in Word or Excel" in ran.err


def test_a_folder_without_a_workbook_is_no_campaign_to_close(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.docx").write_bytes(docx("Mine."))
    ran = merge("close", tmp_path, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert (tmp_path / "letters" / "mine.docx").exists()


def test_an_edited_letter_and_one_saved_without_its_id_go_when_a_campaign_is_closed(
    campaign: Path,
) -> None:
    (campaign / "letters" / "Ana Ruiz" / "Consul Roy.docx").write_bytes(docx("Saved elsewhere."))
    merge("close", campaign, "--yes")
    assert not letters(campaign)


def _decided(folder: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(folder / "letters" / ".merge-ledger")) as db:
        return db.execute("SELECT id, choice FROM decision ORDER BY id").fetchall()


@pytest.mark.slow
@pytest.mark.parametrize("choice", everyday(["same", "other"]))
def test_what_was_decided_of_a_person_goes_though_no_letter_was_made_since(
    choice: Choice, tmp_path: Path
) -> None:
    people = [["Name", "Motto"], ["Ana Ruiz", "Olivo"], ["Bo Lindgren", "Fågel"]]
    merge("letters", make(tmp_path, Signers=people))
    merge("mark", "signed", tmp_path, "--for", "Ana Ruiz")
    people[1] = ["Zeynep Obiang", "Olivo"]
    make(tmp_path, Signers=people)
    campaign = read_campaign(tmp_path)
    asked = [q for q in inspect_campaign(campaign).pending_decisions if choice in q.choices]
    save_decisions(campaign, [question.decide(choice) for question in asked])
    assert [of for _, of in _decided(tmp_path)] == [choice] * len(asked) != []
    merge("delete-person", "Zeynep Obiang", tmp_path, "--yes")
    assert _decided(tmp_path) == []


@pytest.mark.slow
def test_a_hidden_warning_of_anothers_letter_stays_hidden(campaign: Path) -> None:
    for who in ("Ana Ruiz", "Bo Lindgren"):
        path = campaign / "letters" / who / "Consul Roy.docx"
        shutil.copyfile(path, path.with_name("copy.docx"))
    there = read_campaign(campaign)
    asked = [q for q in inspect_campaign(there).pending_decisions if q.code == "letter-copied"]
    save_decisions(there, [question.decide("hide") for question in asked])
    assert len(_decided(campaign)) == len(asked) == 2
    merge("delete-person", "S1", campaign, "--yes")
    assert [p.place.file for p in inspect_campaign(read_campaign(campaign)).ignored_warnings] == [
        "letters/Bo Lindgren/copy.docx"
    ]
    assert len(_decided(campaign)) == 1
