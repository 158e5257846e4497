"""Joined records of two computers: closed campaigns, deleted people."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import letters, record_lines
from support.everyday import everyday
from support.printed_campaigns import no_libreoffice
from support.registers import excel, fill, register_rows
from together.sync_service import SERVICES, Computer
from together.two_computers import Office, office

from merge.product import RECORDS_FOLDER

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

NAME = "Zoltan Kodaly"


def add_signer(computer: Computer, *cells: str) -> None:
    with excel(computer.folder / "signers.xlsx", "Signers") as sheet:
        sheet.append(cells)


def private_bytes(computer: Computer) -> bytes:
    """Return everything in the program's private folder of a computer."""
    home = computer.folder.with_name(f"home of {computer.name}")
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def with_letters_of_kodaly(folder: Path, service: str = "OneDrive") -> Office:
    """Return two computers whose campaign has a signer, letters and records."""
    two = office(folder, service)
    add_signer(two.a, "S9", NAME, "Budapest")
    two.run(two.a, "letters")
    two.service.sync_all()
    two.run(two.b, "letters")
    two.run(two.b, "mark printed", "--for", NAME)
    two.service.sync_all()
    return two


def delete_row(computer: Computer, name: str) -> None:
    with excel(computer.folder / "signers.xlsx", "Signers") as sheet:
        names = [row[1] for row in sheet.iter_rows(values_only=True)]
        sheet.delete_rows(names.index(name) + 1)


def test_a_person_deleted_on_one_computer_leaves_the_other_computer_at_its_next_run(
    tmp_path: Path,
) -> None:
    two = with_letters_of_kodaly(tmp_path)
    for computer in (two.a, two.b):
        assert NAME.encode() in private_bytes(computer)
    delete_row(two.a, NAME)
    assert two.run(two.a, f"delete-person {NAME}", "--yes").code == 0
    assert NAME.encode() not in private_bytes(two.a)
    two.service.sync_all()
    two.run(two.b, "letters")
    assert NAME.encode() not in private_bytes(two.b)
    for computer in (two.a, two.b):
        files = {p: p.read_bytes() for p in computer.folder.rglob("*") if p.is_file()}
        assert not [path for path, data in files.items() if NAME.encode() in data]


def test_a_person_deleted_on_one_computer_does_not_come_back_from_a_conflict_copy(
    tmp_path: Path,
) -> None:
    two = with_letters_of_kodaly(tmp_path)
    delete_row(two.a, NAME)
    assert two.run(two.a, f"delete-person {NAME}", "--yes").code == 0
    two.run(two.b, "mark signed", "--for", NAME)
    two.service.sync_all()
    for computer in (two.b, two.a):
        two.run(computer, "letters")
        two.service.sync_all()
    for computer in (two.a, two.b):
        assert NAME.encode() not in record_lines(computer.folder)


@pytest.mark.slow
def test_a_deleted_person_whose_row_comes_back_gets_no_letters(tmp_path: Path) -> None:
    two = with_letters_of_kodaly(tmp_path)
    delete_row(two.b, NAME)
    assert two.run(two.b, f"delete-person {NAME}", "--yes").code == 0
    add_signer(two.a, "S3", "Chen Wei", "Rome")
    two.service.sync(two.a)
    two.service.sync_all()
    ran = two.run(two.a, "letters", "--json").json
    problems = [p for p in ran["problems"] if p["code"] == "person-deleted"]
    assert [p["where"] for p in problems] == ["signers.xlsx, Signers!B4"]
    assert not [path for path in letters(two.a.folder) if NAME in path]
    with excel(two.a.folder / "signers.xlsx", "Signers") as sheet:
        sheet["A4"] = "S10"
    two.run(two.a, "letters")
    assert [path for path in letters(two.a.folder) if NAME in path]


@pytest.mark.parametrize("service", everyday(SERVICES, daily=range(1)))
@pytest.mark.parametrize("first", everyday(["a", "b"]))
def test_a_campaign_closed_on_one_computer_stays_closed(
    service: str, first: str, tmp_path: Path
) -> None:
    two = office(tmp_path, service)
    two.run(two.a, "letters")
    two.service.sync_all()
    two.run(two.a, "close", "--yes")
    add_signer(two.b, "S3", "Chen Wei", "Rome")
    two.run(two.b, "letters")
    two.service.sync(two.a if first == "a" else two.b)
    two.service.sync_all()
    two.run(two.a, "letters")  # some services keep a conflict copy on its computer
    two.service.sync_all()
    for computer in (two.a, two.b):
        ran = two.run(computer, "letters")
        assert ran.code == 1
        assert "closed" in ran.err
        assert "Ana Ruiz/Minister Li.docx" not in letters(computer.folder)


@pytest.mark.slow
@pytest.mark.parametrize("service", everyday(SERVICES, daily=range(1)))
def test_letters_that_two_computers_printed_are_not_printed_again(
    service: str, tmp_path: Path
) -> None:
    two = office(tmp_path, service)
    two.run(two.a, "letters")
    two.service.sync_all()
    assert two.run(two.a, "print", "--for", "Ana Ruiz").code == 0
    assert two.run(two.b, "print", "--for", "Bo Berg").code == 0
    two.service.sync_all()
    for computer in (two.a, two.b):
        two.run(computer, "letters")
        two.service.sync_all()
    for computer in (two.a, two.b):
        assert two.run(computer, "status", "--json").json["in_batches"] == 2, computer.name


def test_letters_that_arrive_before_the_ledger_do_not_count_as_edited(tmp_path: Path) -> None:
    two = office(tmp_path)
    two.run(two.a, "letters")
    two.service.sync(two.a)
    two.service.sync(two.b, only=lambda path: RECORDS_FOLDER not in path)
    two.run(two.b, "letters")
    two.service.sync_all()
    for computer in (two.a, two.b):
        two.run(computer, "letters")
        two.service.sync_all()
    for computer in (two.a, two.b):
        states = {
            letter["state"] for letter in two.run(computer, "letters", "--json").json["letters"]
        }
        assert states == {"unchanged"}, computer.name


def test_runs_with_nothing_to_do_write_no_shared_file(tmp_path: Path) -> None:
    two = office(tmp_path)
    two.run(two.a, "letters")
    two.service.sync_all()
    two.run(two.b, "letters")
    two.service.sync_all()
    before = {
        computer.name: staff_actions.snapshot(computer.folder)
        | {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files(computer)}
        for computer in (two.a, two.b)
    }
    for computer in (two.a, two.b, two.a, two.b):
        two.run(computer, "letters")
        two.service.sync_all()
    assert before == {
        computer.name: staff_actions.snapshot(computer.folder)
        | {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files(computer)}
        for computer in (two.a, two.b)
    }


def files(computer: Computer) -> list[Path]:
    """Return the files of the records and the register."""
    return [*(computer.folder / RECORDS_FOLDER).rglob("*.jsonl"), computer.folder / "register.xlsx"]


@pytest.mark.slow
@pytest.mark.parametrize("is_typed", [False, True], ids=["marked", "typed, then marked"])
def test_a_posted_letter_that_the_other_computer_created_again_is_reported(
    tmp_path: Path, *, is_typed: bool
) -> None:
    two = office(tmp_path)
    two.run(two.a, "letters")
    two.service.sync_all()
    two.run(two.b, "letters")
    if not is_typed:
        two.run(two.b, "print")
    register = two.b.folder / "register.xlsx"
    for row in register_rows(two.b.folder) if is_typed else ():
        if row["Signer"] == "Bo Berg":
            fill(register, row["ID"], "Posted", dt.datetime.now().astimezone().replace(tzinfo=None))
    two.run(two.b, "mark posted", "--for", "Bo Berg")
    template = two.a.folder / "templates" / "appeal.docx"
    staff_actions.retype(template, "Dear", "Hello")
    two.run(two.a, "letters")
    two.service.sync_all()
    for _ in range(2):
        for computer in (two.a, two.b):
            problems = two.run(computer, "letters", "--json").json["problems"]
            two.service.sync_all()
    places = [p["where"] for p in problems if p["code"] == "paper-recreated"]
    assert places == ["letters/Bo Berg/Minister Li.docx"]


@pytest.mark.slow
def test_a_mark_in_a_conflict_copy_of_the_register_is_remembered_when_the_copy_is_gone(
    tmp_path: Path,
) -> None:
    two = office(tmp_path)
    two.run(two.a, "letters")
    two.service.sync_all()
    for computer, name in ((two.a, "Ana Ruiz"), (two.b, "Bo Berg")):
        two.run(computer, "mark posted", "--for", name)
    two.service.sync_all()
    for computer in (two.a, two.b):
        two.run(computer, "letters")
        two.service.sync_all()
    for copy in two.a.folder.glob("register?*.xlsx"):
        copy.unlink()
    two.service.sync_all()
    for computer in (two.a, two.b):
        problems = two.run(computer, "letters", "--json").json["problems"]
        assert not [p for p in problems if p["code"].startswith("register-")]
        assert two.run(computer, "status", "--json").json["stages"]["posted"] == 2


@pytest.mark.slow
def test_rows_of_a_deleted_person_that_come_back_with_a_register_are_reported(
    tmp_path: Path,
) -> None:
    two = with_letters_of_kodaly(tmp_path)
    two.run(two.a, "mark signed", "--for", "Ana Ruiz")
    two.service.sync(two.a)
    delete_row(two.b, NAME)
    assert two.run(two.b, f"delete-person {NAME}", "--yes").code == 0
    two.service.sync_all()
    for computer in (two.a, two.b, two.b):
        problems = two.run(computer, "letters", "--json").json["problems"]
        (message,) = [p["message"] for p in problems if p["code"] == "register-deleted"]
        assert message.endswith(f"{NAME} to Minister Li.")
        two.service.sync_all()
    two.run(two.b, f"delete-person {NAME}", "--yes")
    problems = two.run(two.b, "letters", "--json").json["problems"]
    assert "register-deleted" not in {p["code"] for p in problems}


@pytest.mark.slow
@pytest.mark.parametrize("is_edited", [False, True])
def test_letters_of_a_deleted_person_that_the_other_computer_creates_again_are_deleted_again(
    tmp_path: Path,
    is_edited: bool,  # noqa: FBT001
) -> None:
    two = office(tmp_path)
    add_signer(two.a, "S9", NAME, "Budapest")
    two.run(two.a, "letters")
    two.service.sync_all()
    delete_row(two.a, NAME)
    assert two.run(two.a, f"delete-person {NAME}", "--yes").code == 0
    staff_actions.retype(two.b.folder / "templates" / "appeal.docx", "Dear", "Hello")
    two.run(two.b, "letters")
    if is_edited:
        staff_actions.add_line(two.b.folder / "letters" / NAME / "Minister Li.docx", "By hand.")
    two.service.sync_all()
    for computer in (two.a, two.b, two.a):
        problems = two.run(computer, "letters", "--json").json["problems"]
        assert [p["where"] for p in problems if "data of a person" in p["message"]] == [
            f"letters/{NAME}/Minister Li.docx"
        ]
        two.service.sync_all()
    ran = two.run(two.a, f"delete-person {NAME}", "--yes")
    assert (ran.code, "jsonl" in ran.out + ran.err) == (0, False)
    two.service.sync_all()
    two.run(two.b, "letters")
    for computer in (two.a, two.b):
        files = {p: p.read_bytes() for p in computer.folder.rglob("*") if p.is_file()}
        assert not [
            path for path, data in files.items() if NAME.encode() in data or NAME in str(path)
        ]
        assert NAME.encode() not in private_bytes(computer)
