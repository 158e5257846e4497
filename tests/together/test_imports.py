"""Imports on two computers: one person has one ID, two people have two."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.campaigns import RunResult
from support.everyday import everyday
from support.imports import HEADINGS, LIST, export, listed_people, response, run_import
from support.registers import excel
from together.sync_service import SERVICES, Computer
from together.two_computers import Office, office

from merge.product import RECORDS_FOLDER

IDA, ADA, BO = (
    response(number, name) for number, name in enumerate(("Ida Calm", "Ada New", "Bo Other"), 1)
)


pytestmark = pytest.mark.slow


def import_responses(
    computer: Computer, *responses: list[str], headings: Sequence[str] = HEADINGS
) -> dict[str, str]:
    """Import responses on a computer, and return the IDs of the list, by name."""
    path = computer.folder.with_name(f"export of {computer.name}.csv")
    file = export(path, responses, headings)
    assert run_import(file, computer.folder).code == 0
    return {person["Name"]: person["ID"] for person in listed_people(computer.folder)}


def posted(two: Office, computer: Computer) -> dict[str, int]:
    signers = two.run(computer, "status", "--json").json["signers"]
    return {name: stages["posted"] for name, stages in signers.items() if stages["posted"]}


def error_codes(two: Office, computer: Computer, command: str = "status") -> set[str]:
    problems = two.run(computer, command, "--json").json["problems"]
    return {problem["code"] for problem in problems if problem["level"] == "error"}


def assert_a_mark_of_one_computer_counts_on_both(two: Office) -> None:
    two.run(two.a, "letters")
    two.run(two.b, "letters")
    two.run(two.b, "mark posted", "--for", "Ada New")
    two.service.sync_all()
    two.run(two.b, "letters")
    two.service.sync_all()
    for computer in (two.a, two.b):
        assert posted(two, computer) == {"Ada New": 1}
        assert not [*(computer.folder / "letters" / "Ada New").glob("*DESKTOP*")]


@pytest.mark.parametrize("service", everyday(SERVICES, daily=range(1)))
@pytest.mark.parametrize("list_exists", everyday([False, True]))
def test_two_computers_that_import_different_responses_give_different_ids(
    list_exists: bool,  # noqa: FBT001
    service: str,
    tmp_path: Path,
) -> None:
    two = office(tmp_path, service)
    known = (IDA,) if list_exists else ()
    if list_exists:
        import_responses(two.a, IDA)
        two.service.sync_all()
    ids_of_a, ids_of_b = (
        import_responses(two.a, *known, ADA),
        import_responses(two.b, *known, BO),
    )
    assert ids_of_a["Ada New"] != ids_of_b["Bo Other"]
    two.run(two.a, "letters")
    two.run(two.b, "letters")
    two.run(two.b, "mark posted", "--for", "Bo Other")
    two.service.sync_all()
    names = {person["Name"] for person in listed_people(two.b.folder)}
    ran = two.run(two.b, "letters")
    assert ("Ada New" in names, "does not have: Bo Other." in ran.err) == (True, True)
    assert (posted(two, two.b), "same ID" in ran.err) == ({}, False)
    assert two.run(two.b, "print", "--json").json["files"] == []


@pytest.mark.parametrize("responses_on_b", everyday([2, 3]))
def test_two_computers_that_import_the_same_responses_give_a_person_one_id(
    responses_on_b: int, tmp_path: Path
) -> None:
    two = office(tmp_path)
    import_responses(two.a, IDA)
    two.service.sync_all()
    ids_of_a = import_responses(two.a, IDA, ADA)
    ids_of_b = import_responses(two.b, *(IDA, ADA, BO)[:responses_on_b])
    assert ids_of_a.items() <= ids_of_b.items()
    assert_a_mark_of_one_computer_counts_on_both(two)


UNDATED = [heading for heading in HEADINGS if heading != "Submission date"]


@pytest.mark.parametrize("headings", everyday([HEADINGS, UNDATED]))
@pytest.mark.parametrize("responses_on_b", everyday([2, 3]))
def test_a_first_import_on_both_computers_gives_a_person_one_id(
    responses_on_b: int, headings: Sequence[str], tmp_path: Path
) -> None:
    two = office(tmp_path)
    columns = [HEADINGS.index(heading) for heading in headings]
    rows = [[row[column] for column in columns] for row in (IDA, ADA, BO)]
    ids_of_a = import_responses(two.a, *rows[:2], headings=headings)
    ids_of_b = import_responses(two.b, *rows[:responses_on_b], headings=headings)
    assert ids_of_a.items() <= ids_of_b.items()
    assert_a_mark_of_one_computer_counts_on_both(two)


def test_a_person_from_two_first_imports_is_named_and_not_to_be_copied(tmp_path: Path) -> None:
    two = office(tmp_path)
    ids_of_a, ids_of_b = import_responses(two.a, IDA, ADA), import_responses(two.b, ADA, BO)
    assert ids_of_a["Ada New"] != ids_of_b["Ada New"]
    two.run(two.a, "letters")
    two.run(two.b, "letters")
    two.run(two.b, "mark posted", "--for", "Ada New")
    two.service.sync_all()
    file = export(tmp_path / "later.csv", [IDA, ADA])
    assert "Both have Ada New, under different IDs." in run_import(file, two.a.folder).err
    for computer in (two.a, two.b):
        ran = two.run(computer, "letters")
        assert "does not have: Bo Other. The copy does not have: Ida Calm." in ran.err
        assert "Both have Ada New, under different IDs." in ran.err
        assert "Do not enter Ada New again" in ran.err
        assert "no longer in the workbook" in two.run(computer, "status").out
        assert "(1 posted)" in two.run(computer, "status").out
        assert two.run(computer, "print", "--json").json["files"] == []
        two.service.sync_all()
    for copy in two.a.folder.glob("signers from forms-*"):
        copy.rename(tmp_path / copy.name)
    two.run(two.a, "mark posted", "--for", "Ada New")
    assert "3 letters to print" in two.run(two.a, "print").out


@pytest.mark.parametrize("ledger", ["shared", "one on each computer"])
@pytest.mark.parametrize("service", everyday(SERVICES, daily=range(1)))
def test_one_id_that_two_computers_typed_for_two_people_is_an_error_that_names_both(
    service: str, ledger: str, tmp_path: Path
) -> None:
    two = office(tmp_path, service)
    if ledger == "shared":
        two.run(two.a, "letters")
        two.service.sync_all()
    for computer, name in ((two.a, "Ada New"), (two.b, "Bo Other")):
        with excel(computer.folder / "signers.xlsx", "Signers") as sheet:
            sheet.append(["S7", name, "Rome"])
        two.run(computer, "letters")
    two.run(two.b, "mark posted", "--for", "Bo Other")
    two.service.sync_all()
    are_copies_synced = SERVICES[service].copies_are_synced
    for computer in (two.b, two.a) if are_copies_synced else (two.b,):
        for command in ("status", "letters", "status"):
            ran = two.run(computer, command)
            assert "under the same ID: Ada New and Bo Other (S7)" in ran.err
            assert posted(two, computer) == {}
            codes = error_codes(two, computer)
            assert "register-other-people" in codes
            assert not codes.isdisjoint({"letter-other-person", "name-changed"})
        assert two.run(computer, "print", "--json").json["files"] == []
        assert (computer.folder / "letters" / "Bo Other" / "Minister Li.docx").exists()


def import_at(computer: Computer, *people: list[str]) -> RunResult:
    """Import responses on a computer, with private folders of its own."""
    file = export(computer.folder.with_name("form.csv"), people)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MERGE_HOME", str(computer.folder.with_name(f"home of {computer.name}")))
        return run_import(file, computer.folder)


def test_an_import_waits_while_the_records_of_the_list_have_not_arrived(tmp_path: Path) -> None:
    two = office(tmp_path)
    assert import_at(two.a, IDA).code == 0
    assert import_at(two.a, IDA, ADA).code == 0
    shutil.copyfile(two.a.folder / LIST, two.b.folder / LIST)
    data = (two.b.folder / LIST).read_bytes()
    ran = import_at(two.b, IDA, ADA)
    assert "The internal records of the last import are not here yet." in ran.err
    assert (ran.code, (two.b.folder / LIST).read_bytes()) == (1, data)
    assert two.run(two.b, "letters").code == 0
    shutil.copytree(
        two.a.folder / RECORDS_FOLDER, two.b.folder / RECORDS_FOLDER, dirs_exist_ok=True
    )
    assert "Nothing to import" in import_at(two.b, IDA, ADA).out


def test_an_import_waits_while_the_list_is_older_than_its_records(tmp_path: Path) -> None:
    two = office(tmp_path)
    assert import_at(two.a, IDA).code == 0
    two.service.sync_all()
    assert import_at(two.a, IDA, ADA).code == 0
    shutil.copytree(
        two.a.folder / RECORDS_FOLDER, two.b.folder / RECORDS_FOLDER, dirs_exist_ok=True
    )
    ran = import_at(two.b, IDA, ADA)
    assert (ran.code, f"Older here: {LIST}." in ran.err) == (1, True)
    two.service.sync_all()
    assert "Nothing to import" in import_at(two.b, IDA, ADA).out
