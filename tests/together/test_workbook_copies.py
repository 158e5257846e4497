"""Data that only a conflict copy of the workbook has is reported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.registers import excel
from together.sync_service import SERVICES, Computer
from together.two_computers import office


def add_signer(computer: Computer, *cells: str, file: str = "signers.xlsx") -> None:
    with excel(computer.folder / file, "Signers") as sheet:
        sheet.append(cells)


def change_city(computer: Computer, city: str) -> None:
    with excel(computer.folder / "signers.xlsx", "Signers") as sheet:
        sheet["C2"] = city


def codes(problems: Sequence[dict[str, str]]) -> set[str]:
    return {problem["code"] for problem in problems}


@pytest.mark.parametrize("service", SERVICES)
def test_a_signer_who_is_only_in_a_conflict_copy_is_reported_and_stops_printing(
    service: str, tmp_path: Path
) -> None:
    two = office(tmp_path, service)
    add_signer(two.a, "S3", "Chen Wei", "Rome")
    add_signer(two.b, "S4", "Dara Mok", "Graz")
    change_city(two.b, "Cusco")
    two.service.sync_all()
    ran = two.run(two.b, "letters")
    assert ran.code == 0
    (copy,) = (p.name for p in two.b.folder.glob("signers*.xlsx") if p.name != "signers.xlsx")
    assert f"warning  {copy}" in ran.err
    assert "that signers.xlsx does not have: Dara Mok, City of Ana Ruiz." in ran.err
    printed = two.run(two.b, "print", "--json").json
    assert [p["where"] for p in printed["problems"] if p["code"] == "workbook-copy"] == [copy]
    assert printed["files"] == []
    (two.b.folder / copy).unlink()
    assert two.run(two.b, "print", "--json").json["files"]


def test_a_copy_without_other_data_is_reported_and_printing_goes_on(tmp_path: Path) -> None:
    two = office(tmp_path)
    data = (two.a.folder / "signers.xlsx").read_bytes()
    (two.a.folder / "signers-DESKTOP-B.xlsx").write_bytes(data)
    two.run(two.a, "letters")
    printed = two.run(two.a, "print", "--json").json
    assert printed["files"]
    assert "has nothing that signers.xlsx does not have" in two.run(two.a, "check").out


def test_an_older_workbook_that_staff_keep_is_reported_and_printing_goes_on(
    tmp_path: Path,
) -> None:
    two = office(tmp_path)
    data = (two.a.folder / "signers.xlsx").read_bytes()
    (two.a.folder / "signers 2025.xlsx").write_bytes(data)
    add_signer(two.a, "S3", "Chen Wei", "Rome", file="signers 2025.xlsx")
    two.run(two.a, "letters")
    assert two.run(two.a, "print", "--json").json["files"]
    assert "does not have: Chen Wei." in two.run(two.a, "check").out


def test_a_damaged_copy_is_reported(tmp_path: Path) -> None:
    two = office(tmp_path)
    (two.a.folder / "signers-DESKTOP-B.xlsx").write_bytes(b"no workbook")
    assert "cannot be read" in two.run(two.a, "check").out
