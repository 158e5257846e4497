"""Situations of two people who work in one synced folder.

`test_random_days.py` mixes such situations; docs/two-people.md says what staff should do.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from support import staff_actions
from support.campaigns import merge, text
from support.everyday import everyday
from support.printed_campaigns import no_libreoffice
from support.registers import excel, table
from together.sync_service import SERVICES, Computer
from together.two_computers import Office, office

from merge.product import RECORDS_FOLDER

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_libreoffice")]
__all__ = ["no_libreoffice"]

TEMPLATE = "{{ recipient.name }}\nDear you,\n{{ signer.name }} of {{ signer.city }}"
ANA, BO = "Ana Ruiz/Minister Li.docx", "Bo Berg/Minister Li.docx"


def started(folder: Path, service: str = "OneDrive") -> Office:
    """Return two computers with the same two letters."""
    two = office(folder, service, TEMPLATE)
    two.run(two.a, "letters")
    two.service.sync_all()
    two.run(two.b, "letters")
    two.service.sync_all()
    return two


def change_city(computer: Computer, name: str, city: str) -> None:
    with excel(computer.folder / "signers.xlsx", "Signers") as sheet:
        next(row for row in sheet.iter_rows() if row[1].value == name)[2].value = city


def letter(computer: Computer, path: str) -> Path:
    return computer.folder / "letters" / path


def mark(two: Office, computer: Computer, stage: str, name: str) -> None:
    ran = two.run(computer, f"mark {stage}", "--for", name, "--all", "--json")
    assert len(ran.json["marked"]) == 1, ran


def posted(two: Office, computer: Computer) -> set[str]:
    """Return the signers whose letters count as posted."""
    signers = two.run(computer, "status", "--json").json["signers"]
    return {name for name, counts in signers.items() if counts["posted"]}


def states(two: Office, computer: Computer) -> dict[str, str]:
    steps = two.run(computer, "letters", "--dry-run", "--json").json["letters"]
    return {step["path"].removeprefix("letters/"): step["state"] for step in steps}


def problems(two: Office, computer: Computer, command: str = "status") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = two.run(computer, command, "--json").json["problems"]
    return found


def copies(computer: Computer, pattern: str) -> list[str]:
    """Return the paths of files below the folder by a pattern for names."""
    found: Iterable[Path] = computer.folder.rglob(pattern)
    return sorted(p.relative_to(computer.folder).as_posix() for p in found)


# Marks


@pytest.mark.parametrize("service", everyday(SERVICES))
def test_marks_of_two_computers_both_count_and_are_in_both_registers(
    service: str, tmp_path: Path
) -> None:
    two = started(tmp_path, service)
    mark(two, two.a, "posted", "Ana Ruiz")
    mark(two, two.b, "posted", "Bo Berg")
    two.service.sync_all()
    two.run(two.b, "letters")
    assert posted(two, two.b) == {"Ana Ruiz", "Bo Berg"}
    two.service.sync_all()
    for computer in (two.a, two.b):
        for copy in copies(computer, "register?*.xlsx"):
            (computer.folder / copy).unlink()
    two.service.sync_all()
    for computer in (two.a, two.b):
        two.run(computer, "letters")
        assert "register-copies" not in {p["code"] for p in problems(two, computer)}
        assert posted(two, computer) == {"Ana Ruiz", "Bo Berg"}
        two.service.sync_all()
    for computer in (two.a, two.b):
        days = [row["Posted"] for row in table(computer.folder / "register.xlsx")]
        assert len([*filter(None, days)]) == len(days) == 2


def test_a_mark_in_a_register_that_nextcloud_keeps_on_one_computer_reaches_the_other(
    tmp_path: Path,
) -> None:
    two = started(tmp_path, "Nextcloud")
    mark(two, two.a, "posted", "Ana Ruiz")
    mark(two, two.b, "posted", "Bo Berg")
    two.service.sync_all()
    assert copies(two.a, "register (*") == []
    two.run(two.b, "letters")
    two.service.sync_all()
    change_city(two.a, "Bo Berg", "Bergen")
    two.run(two.a, "letters")
    assert posted(two, two.a) == {"Ana Ruiz", "Bo Berg"}
    assert "Bo Berg of Oslo" in text(letter(two.a, BO))


@pytest.mark.parametrize("seconds", everyday([-600, 600]))
def test_clocks_ten_minutes_apart_make_no_conflict_copies(seconds: float, tmp_path: Path) -> None:
    two = office(tmp_path, "OneDrive", TEMPLATE)
    two.b.clock = seconds
    two.run(two.a, "letters")
    two.service.sync_all()
    staff_actions.add_line(letter(two.b, ANA), "We met.")
    two.service.sync_all()
    change_city(two.a, "Bo Berg", "Bergen")
    two.run(two.a, "letters")
    two.service.sync_all()
    for computer in (two.b, two.a):
        two.run(computer, "letters")
        two.service.sync_all()
        assert states(two, computer) == {ANA: "edited", BO: "unchanged"}
        assert "Bo Berg of Bergen" in text(letter(computer, BO))
    assert two.service.conflict_copies == []


@pytest.mark.slow
def test_the_oldest_of_eight_registers_counts_if_the_folder_is_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = started(tmp_path)
    path = two.a.folder / "register.xlsx"
    without_dates = path.read_bytes()
    mark(two, two.a, "posted", "Bo Berg")
    path.rename(path.with_name("register-DESKTOP-B.xlsx"))
    for number in range(2, 9):
        path.with_name(f"register-DESKTOP-B-{number}.xlsx").write_bytes(without_dates)
    path.write_bytes(without_dates)
    monkeypatch.chdir(two.a.folder)
    assert merge("status", ".", "--json").json["signers"]["Bo Berg"]["posted"] == 1


# Letters


@pytest.mark.parametrize("service", everyday(SERVICES))
def test_a_letter_edited_on_one_computer_and_updated_on_the_other_is_kept_and_named(
    service: str, tmp_path: Path
) -> None:
    two = started(tmp_path, service)
    change_city(two.a, "Ana Ruiz", "Cusco")
    two.run(two.a, "letters")
    staff_actions.add_line(letter(two.b, ANA), "We met.")
    two.service.sync_all()
    two.run(two.b, "letters")
    (copy,) = copies(two.b, "Minister Li?*.docx")
    assert "We met." in text(two.b.folder / copy)
    assert "Ana Ruiz of Cusco" in text(letter(two.b, ANA))
    (found,) = (p for p in problems(two, two.b) if p["where"] == copy)
    assert not found["hint"].startswith("Delete")
    printed = two.run(two.b, "print", "--json").json
    assert printed["files"] == []


def test_the_new_version_of_a_letter_beside_an_edited_old_one_is_compared_not_set_aside(
    tmp_path: Path,
) -> None:
    two = started(tmp_path)
    place, earlier_version = letter(two.b, ANA), letter(two.b, ANA).read_bytes()
    change_city(two.a, "Ana Ruiz", "Cusco")
    two.run(two.a, "letters")
    two.service.sync_all()
    place.replace(place.with_stem("Minister Li-DESKTOP-A"))
    place.write_bytes(earlier_version)
    staff_actions.add_line(place, "We met.")
    two.run(two.b, "letters")
    (copy,) = copies(two.b, "Minister Li?*.docx")
    assert [p["code"] for p in problems(two, two.b) if p["where"] == copy] == ["letter-copied"]
    assert two.run(two.b, "print", "--json").json["files"] == []


@staff_actions.zones
@pytest.mark.parametrize("service", everyday(SERVICES, daily=range(1)))
def test_letters_that_two_computers_created_on_two_days_are_set_aside_if_no_one_edited_them(
    service: str, tmp_path: Path
) -> None:
    two = office(
        tmp_path, service, "{{ date }}\n{{ recipient.name }}\nDear you,\n{{ signer.name }}"
    )
    with staff_actions.day(0):
        two.run(two.a, "letters")
    with staff_actions.day(1):
        two.run(two.b, "letters")
    before = [text(letter(computer, BO)) for computer in (two.a, two.b)]
    staff_actions.add_line(letter(two.b, ANA), "We met.")
    two.service.sync_all()
    for computer in (two.a, two.b):
        two.run(computer, "letters")
        two.service.sync_all()
    left = [path for path in copies(two.b, "Minister Li?*.docx") if "Old versions" not in path]
    assert before[0] != before[1]
    assert ["We met." in text(two.b.folder / path) for path in left] == [True]
    old_versions = [*tmp_path.glob("?/letters/Old versions/*/Bo Berg/*.docx")]
    assert old_versions
    assert text(letter(two.a, BO)) == before[1]


@pytest.mark.slow
def test_a_service_that_skips_hidden_files_syncs_what_the_program_knows(tmp_path: Path) -> None:
    two = started(tmp_path, "ownCloud")
    change_city(two.a, "Ana Ruiz", "Cusco")
    two.run(two.a, "letters")
    assert len(two.run(two.a, "print", "--since-last", "--json").json["files"]) == 1
    two.service.sync_all()
    assert states(two, two.b) == {ANA: "unchanged", BO: "unchanged"}
    assert two.run(two.b, "print", "--since-last", "--json").json["files"] == []
    two.run(two.b, "close", "--yes")
    two.service.sync_all()
    assert two.run(two.a, "letters").code == 1
    assert copies(two.a, "Minister Li.docx") == []


@pytest.mark.parametrize("service", everyday(SERVICES, daily=()))
def test_a_letter_that_is_posted_elsewhere_is_not_created_again_before_its_mark_arrives(
    service: str, tmp_path: Path
) -> None:
    two = started(tmp_path, service)
    two.run(two.b, "print")
    two.service.sync_all()
    before = letter(two.a, BO).read_bytes()
    mark(two, two.b, "posted", "Bo Berg")
    change_city(two.a, "Bo Berg", "Bergen")
    ran = two.run(two.a, "letters")
    assert "1 letter, in print file 01, " in ran.err
    assert states(two, two.a) == {ANA: "unchanged", BO: "in-print-file"}
    assert letter(two.a, BO).read_bytes() == before
    two.service.sync_all()
    two.run(two.b, "letters")
    two.service.sync_all()
    assert letter(two.a, BO).read_bytes() == before
    assert states(two, two.a) == {ANA: "unchanged", BO: "on-paper"}


# The records


def _is_record(path: str) -> bool:
    return path.startswith(f"{RECORDS_FOLDER}/")


@pytest.mark.parametrize("arrived", everyday([0.6, 0.0, 0.999]))
def test_records_that_have_not_completely_arrived_are_neither_renamed_nor_replaced(
    arrived: float, tmp_path: Path
) -> None:
    two = started(tmp_path)
    two.run(two.a, "print")
    two.service.sync(two.a)
    two.service.sync(two.b, only=_is_record, arrived=arrived)
    two.run(two.b, "letters")
    two.run(two.b, "status")
    assert copies(two.b, "*damaged*") == []
    printed = two.run(two.b, "print", "--json").json
    assert not printed["files"]
    codes = {problem["code"] for problem in printed["problems"]}
    assert codes & {"print-files-unknown", "files-not-arrived"}
    two.service.sync_all()
    for computer in (two.a, two.b):
        two.run(computer, "letters")
        two.service.sync_all()
        assert two.run(computer, "status", "--json").json["in_batches"] == 2
    assert copies(two.b, "*damaged*") == []
