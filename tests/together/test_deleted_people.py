"""Deleted people and closed campaigns: what computers bring back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import record_lines, text
from support.everyday import everyday
from support.printed_campaigns import no_libreoffice
from support.registers import excel
from support.signer_lists import make_list
from together.sync_service import Computer
from together.test_joined_ledgers import NAME, add_signer, delete_row, with_letters_of_kodaly
from together.two_computers import Office, office

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_libreoffice")]
__all__ = ["no_libreoffice"]

WORKBOOK_COPY = "signers-DESKTOP-B.xlsx"


def problems(two: Office, computer: Computer, code: str, command: str = "status") -> list[str]:
    """Return the places and messages of problems that a command reports."""
    found = two.run(computer, command, "--json").json["problems"]
    return [f"{p['where']}: {p['message']} {p['hint']}" for p in found if p["code"] == code]


def with_closed_campaign(folder: Path, *, printed: bool = False) -> Office:
    """Return two computers: one closed the campaign, one edited a letter."""
    two = office(folder)
    two.run(two.a, "letters")
    two.service.sync_all()
    if printed:
        two.run(two.b, "print")
    staff_actions.add_line(two.b.folder / "letters" / "Bo Berg" / "Minister Li.docx", "By hand.")
    assert two.run(two.a, "close", "--yes").code == 0
    two.service.sync_all()
    return two


def test_letters_and_print_files_that_come_back_into_a_closed_campaign_are_reported_and_deleted(
    tmp_path: Path,
) -> None:
    two = with_closed_campaign(tmp_path, printed=True)
    print_file = next(two.a.folder.glob("print/*/*.docx")).relative_to(two.a.folder).as_posix()
    expected = (
        "letters: 2 letters and print files are here although the campaign was closed:"
        f" letters/Bo Berg/Minister Li.docx, {print_file}. Delete these"
        " files: “merge close”."
    )
    for computer in (two.b, two.a):
        for command in ("letters", "status"):
            (message,) = problems(two, computer, "closed-files", command)
            assert message == expected
        two.service.sync_all()
    assert two.run(two.a, "close", "--yes").code == 0
    assert problems(two, two.a, "closed-files") == []
    assert not [*two.a.folder.glob("letters/**/*.docx"), *two.a.folder.glob("print/**/*.docx")]


def test_conflict_copies_and_rows_of_deleted_people_are_reported_in_a_closed_campaign(
    tmp_path: Path,
) -> None:
    two = with_letters_of_kodaly(tmp_path)
    delete_row(two.a, NAME)
    assert two.run(two.a, f"delete-person {NAME}", "--yes").code == 0
    assert two.run(two.a, "close", "--yes").code == 0
    add_signer(two.b, "S3", "Chen Wei", "Rome")
    two.service.sync(two.a)
    two.service.sync_all()
    copied, _ = problems(two, two.a, "workbook-copy")
    assert copied.startswith(f"{WORKBOOK_COPY}: This copy of signers.xlsx still has data")
    (two.a.folder / WORKBOOK_COPY).replace(two.a.folder / "signers.xlsx")
    (row,) = problems(two, two.a, "person-deleted")
    assert row.startswith(f"signers.xlsx, Signers!B4: The data of “{NAME}” was deleted")
    two.run(two.a, "close", "--undo")


def test_a_conflict_copy_of_the_workbook_does_not_ask_to_enter_a_deleted_person(
    tmp_path: Path,
) -> None:
    two = with_letters_of_kodaly(tmp_path)
    with excel(two.b.folder / "signers.xlsx", "Signers") as sheet:
        sheet["C2"] = "Cusco"
    delete_row(two.a, NAME)
    assert two.run(two.a, f"delete-person {NAME}", "--yes").code == 0
    two.service.sync_all()
    for computer in (two.a, two.b):
        deleted, differs = problems(two, computer, "workbook-copy", "letters")
        assert deleted == (
            f"{WORKBOOK_COPY}: This copy of signers.xlsx still has data of someone whose data was"
            f" deleted: {NAME}. Do not enter this person in signers.xlsx again. As soon as nothing"
            " else in this copy is needed, delete it."
        )
        assert "signers.xlsx does not have: City of Ana Ruiz (“Cusco”)." in differs
        assert NAME not in differs
    with excel(two.a.folder / "signers.xlsx", "Signers") as sheet:
        sheet["C2"] = "Cusco"
    (deleted,) = problems(two, two.a, "workbook-copy")
    assert NAME in deleted
    assert two.run(two.a, "print", "--json").json["files"]


def test_a_copy_of_the_list_does_not_ask_to_enter_a_deleted_person(tmp_path: Path) -> None:
    two = office(tmp_path)
    make_list(two.a.folder, ("Dara Mok", "1 Elm St", "Graz"), ("Ivo Hart", "2 Elm St", "Linz"))
    two.run(two.a, "letters")
    path = two.a.folder / "signers from forms.xlsx"
    path.with_name("signers from forms-DESKTOP-B.xlsx").write_bytes(path.read_bytes())
    two.run(two.a, "delete-person Ivo Hart", "--yes")
    (message,) = problems(two, two.a, "workbook-copy")
    assert "still has data of someone whose data was deleted: Ivo Hart." in message


@pytest.mark.parametrize("printed", everyday(["before", "after"]))
@pytest.mark.parametrize("service", everyday(["OneDrive", "Nextcloud"]))
def test_a_print_file_of_a_deleted_person_is_reported_until_it_is_deleted(
    service: str, printed: str, tmp_path: Path
) -> None:
    two = office(tmp_path, service)
    add_signer(two.a, "S9", NAME, "Budapest")
    two.run(two.a, "letters")
    two.service.sync_all()
    if printed == "before":
        assert two.run(two.b, "print").code == 0
    delete_row(two.a, NAME)
    assert two.run(two.a, f"delete-person {NAME}", "--yes").code == 0
    if printed == "after":
        assert two.run(two.b, "print").code == 0
    two.service.sync_all()
    two.run(two.b, "letters")
    two.service.sync_all()
    (file,) = two.a.folder.glob("print/*/*.docx")
    for computer in (two.a, two.b, two.a):
        for command in ("letters", "status", "print --dry-run"):
            (message,) = problems(two, computer, "batch-deleted", command)
            place = file.relative_to(two.a.folder).as_posix()
            assert message.startswith(f"{place}: This print file has a letter of someone whose")
        two.service.sync_all()
    for copy in two.a.folder.glob("register?*.xlsx"):
        assert [p for p in problems(two, two.a, "register-deleted") if p.startswith(copy.name)]
        copy.unlink()
    ran = two.run(two.a, f"delete-person {NAME}", "--yes")
    assert (ran.code, "jsonl" in ran.out + ran.err) == (0, False), ran
    two.service.sync_all()
    for computer in (two.a, two.b):
        assert problems(two, computer, "batch-deleted", "letters") == []
        assert not [*computer.folder.glob("print/*/*.docx")]


def test_a_deletion_that_is_not_finished_is_reported_on_both_computers(tmp_path: Path) -> None:
    two = with_letters_of_kodaly(tmp_path)
    assert two.run(two.a, f"delete-person {NAME}", "--yes").code == 1  # the row is there
    delete_row(two.a, NAME)
    two.service.sync_all()
    for computer in (two.a, two.b):
        for command in ("status", "letters", "status"):
            (message,) = problems(two, computer, "deletion-unfinished", command)
            assert "Deleting the data of a person is not finished: something is left" in message
        two.service.sync_all()
    assert two.run(two.b, f"delete-person {NAME}", "--yes").code == 0
    two.service.sync_all()
    for computer in (two.a, two.b):
        assert problems(two, computer, "deletion-unfinished") == []


def test_an_unfinished_deletion_is_continued_on_the_other_computer_with_all_that_is_searched_for(
    tmp_path: Path,
) -> None:
    signers = [
        ["ID", "Name", "City", "Email", "Phone", "Street"],
        ["S1", "Ana Ruiz", "Lima", "", "", ""],
        ["S9", NAME, "Budapest", "zk@example.org", "+36 1 234 5678", "4 Mill Road"],
    ]
    two = office(tmp_path, Signers=signers)
    two.run(two.a, "letters")
    two.service.sync_all()
    two.run(two.a, f"delete-person {NAME}", "--yes")
    delete_row(two.a, NAME)
    two.service.sync_all()
    texts = {
        "email": "zk@example.org",
        "phone": "01/234-5678",
        "street": "4 Mill Road",
        "name": NAME,
    }
    for name, words in texts.items():
        (two.b.folder / f"{name}.txt").write_text(words, encoding="utf-8")
    left = two.run(two.b, f"delete-person {NAME}", "--yes", "--json").json["left"]
    assert sorted(left) == ["email.txt", "name.txt", "phone.txt", "street.txt"]
    for name in texts:
        (two.b.folder / f"{name}.txt").unlink()
    assert two.run(two.b, f"delete-person {NAME}", "--yes").code == 0
    two.service.sync_all()
    two.run(two.a, "letters")
    for computer in (two.a, two.b):
        records = record_lines(computer.folder)
        assert not [text for text in texts.values() if text.encode() in records]


def test_a_person_deleted_before_there_are_letters_does_not_come_back_unnoticed(
    tmp_path: Path,
) -> None:
    two = office(tmp_path)
    add_signer(two.a, "S9", NAME, "Budapest")
    two.service.sync_all()
    two.run(two.b, f"delete-person {NAME}", "--yes")
    delete_row(two.b, NAME)
    add_signer(two.a, "S3", "Chen Wei", "Rome")
    two.run(two.a, "letters")
    two.service.sync(two.a)
    two.service.sync_all()
    for computer in (two.a, two.b):
        two.run(computer, "letters")
        two.service.sync_all()
    for computer in (two.a, two.b):
        assert problems(two, computer, "person-deleted")
        (message,) = problems(two, computer, "register-deleted")
        assert f"{NAME} to Minister Li" in message


def test_letters_of_a_backup_restored_after_closing_are_kept(tmp_path: Path) -> None:
    two = office(tmp_path, template="{{ recipient.name }}\nDear you,\n{{ signer.city }}")
    folder, backup = two.a.folder, tmp_path / "backup"
    two.run(two.a, "letters")
    shutil.copytree(folder, backup)
    assert two.run(two.a, "close", "--yes").code == 0
    shutil.copytree(backup, folder, dirs_exist_ok=True)
    assert two.run(two.a, "close", "--undo").code == 0
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        sheet["C2"] = "Quito"
    steps = two.run(two.a, "letters", "--json").json["letters"]
    assert {step["signer"]: step["state"] for step in steps} == {
        "Ana Ruiz": "edited",
        "Bo Berg": "unchanged",
    }
    assert text(folder / "letters" / "Ana Ruiz" / "Minister Li.docx")[-1] != "Quito"


def test_a_letter_of_a_deleted_person_from_a_backup_is_reported_and_deleted(tmp_path: Path) -> None:
    two = with_letters_of_kodaly(tmp_path)
    letter = two.a.folder / "letters" / NAME / "Minister Li.docx"
    data = letter.read_bytes()
    delete_row(two.a, NAME)
    assert two.run(two.a, f"delete-person {NAME}", "--yes").code == 0
    letter.parent.mkdir(exist_ok=True)
    letter.write_bytes(data)
    for command in ("letters", "status"):
        (back,) = problems(two, two.a, "letter-unwanted", command)
        assert back.startswith(f"letters/{NAME}/Minister Li.docx: The data of a person in this")
    assert two.run(two.a, f"delete-person {NAME}", "--yes").code == 0
    assert not letter.exists()
