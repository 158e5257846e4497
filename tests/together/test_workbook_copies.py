"""Data that only a conflict copy of the workbook has is reported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.everyday import everyday
from support.registers import excel
from support.signer_lists import make_list
from together.sync_service import SERVICES, Computer
from together.two_computers import office

from merge.naming import is_conflict_copy

pytestmark = pytest.mark.slow


def add_signer(computer: Computer, *cells: str, file: str = "signers.xlsx") -> None:
    with excel(computer.folder / file, "Signers") as sheet:
        sheet.append(cells)


def change_city(computer: Computer, city: str) -> None:
    with excel(computer.folder / "signers.xlsx", "Signers") as sheet:
        sheet["C2"] = city


def codes(problems: Sequence[dict[str, str]]) -> set[str]:
    return {problem["code"] for problem in problems}


@pytest.mark.parametrize("service", everyday(SERVICES, daily=range(2)))
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
    assert (
        "signers.xlsx does not have: Dara Mok, City of Ana Ruiz (“Cusco”). The copy does not have:"
        " Chen Wei." in ran.err
    )
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


def test_a_damaged_conflict_copy_is_reported_and_stops_printing(tmp_path: Path) -> None:
    two = office(tmp_path)
    (two.a.folder / "signers-DESKTOP-B.xlsx").write_bytes(b"no workbook")
    assert "cannot be read" in two.run(two.a, "check").out
    two.run(two.a, "letters")
    assert two.run(two.a, "print", "--json").json["files"] == []


def test_a_conflict_copy_is_found_among_many_copies_of_staff(tmp_path: Path) -> None:
    two = office(tmp_path)
    path = two.a.folder / "signers.xlsx"
    change_copy(two.a, "Signers", "C2", "Cusco")
    for week in range(12):
        path.with_name(f"signers week {week}.xlsx").write_bytes(path.read_bytes())
    assert "does not have: City of Ana Ruiz (“Cusco”)." in two.run(two.a, "check").out


def test_the_owner_file_of_an_open_workbook_is_no_copy(tmp_path: Path) -> None:
    two = office(tmp_path)
    (two.a.folder / "~$signers.xlsx").write_bytes(b"\x08Ana Ruiz")
    assert "copy" not in two.run(two.a, "check").out


def test_a_column_that_only_a_copy_has_is_reported(tmp_path: Path) -> None:
    two = office(tmp_path)
    change_copy(two.a, "Signers", "D1", "Phone")
    assert "does not have: the Phone column." in two.run(two.a, "check").out


def test_a_signer_who_is_only_in_a_conflict_copy_of_the_list_stops_printing(tmp_path: Path) -> None:
    two = office(tmp_path)
    make_list(two.a.folder, ("Dara Mok", "1 Elm St", "Graz"))
    path = two.a.folder / "signers from forms.xlsx"
    copy = path.with_name("signers from forms-DESKTOP-B.xlsx")
    with excel(path, "Signers") as cells:  # two rows that staff typed
        cells["B3"], cells["B4"] = "Ida Calm", "Vera Moss"
    copy.write_bytes(path.read_bytes())
    assert "has nothing that signers from forms.xlsx" in two.run(two.a, "check").out
    with excel(copy, "Signers") as cells:
        cells["B2"] = "Nina New"
    assert "does not have: Nina New." in two.run(two.a, "check").out
    two.run(two.a, "letters")
    assert two.run(two.a, "print", "--json").json["files"] == []


@pytest.mark.parametrize(
    ("name", "is_conflict"),
    [
        ("signers (Ana’s conflicted copy 2026-11-29)", True),
        ("signers (Copie en conflit de Ana 2026-11-29)", True),
        ("Signers-Anas MacBook Pro", True),
        ("signers-DESKTOP-B (1)", True),
        ("signers-old", False),
        ("signers-geneva", False),
        ("signers-FR", False),
        ("signers-2026-11-28", False),
        ("signers 2025", False),
        ("Copy of signers", False),
        ("designers", False),
    ],
)
def test_conflict_copies_are_recognised_by_their_names(name: str, is_conflict: bool) -> None:  # noqa: FBT001
    assert is_conflict_copy(Path(f"{name}.xlsx"), Path("signers.xlsx")) == is_conflict


def change_copy(computer: Computer, sheet: str, cell: str, value: str) -> Path:
    """Copy the workbook as OneDrive does, and change a cell of the copy."""
    path = computer.folder / "signers-DESKTOP-B.xlsx"
    path.write_bytes((computer.folder / "signers.xlsx").read_bytes())
    with excel(path, sheet) as cells:
        cells[cell] = value
    return path


def test_a_signer_who_is_excluded_only_in_a_copy_is_reported(tmp_path: Path) -> None:
    two = office(tmp_path)
    with excel(two.a.folder / "signers.xlsx", "Signers") as cells:
        cells["D1"] = "Include"
    change_copy(two.a, "Signers", "D3", "no")
    assert "does not have: Include of Bo Berg." in two.run(two.a, "check").out


def test_a_pair_that_is_changed_only_in_a_copy_is_reported(tmp_path: Path) -> None:
    two = office(tmp_path)
    path = two.a.folder / "signers.xlsx"
    book = load_workbook(path)
    for row in (["Signer", "Recipient"], ["S1", "R1"]):
        (book["Pairs"] if "Pairs" in book else book.create_sheet("Pairs")).append(row)
    book.save(path)
    change_copy(two.a, "Pairs", "A2", "S2")
    assert "does not have: rows of Pairs." in two.run(two.a, "check").out


def test_a_link_and_a_folder_with_the_name_of_a_copy_are_no_copies(tmp_path: Path) -> None:
    two = office(tmp_path)
    (two.a.folder / "signers-DESKTOP-B.xlsx").mkdir()
    (tmp_path / "other.xlsx").write_bytes((two.a.folder / "signers.xlsx").read_bytes())
    (two.a.folder / "signers (1).xlsx").symlink_to(tmp_path / "other.xlsx")
    assert "copy" not in two.run(two.a, "check").out


def test_a_signer_whom_only_a_copy_has_no_longer_is_reported_and_stops_printing(
    tmp_path: Path,
) -> None:
    two = office(tmp_path)
    two.run(two.a, "letters")
    two.service.sync_all()
    with excel(two.b.folder / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(2)
    change_city(two.a, "Cusco")
    two.service.sync_all()
    assert "The copy does not have: Ana Ruiz." in two.run(two.a, "check").out
    assert two.run(two.a, "print", "--json").json["files"] == []


def test_cells_and_columns_that_only_a_copy_has_no_longer_are_reported(tmp_path: Path) -> None:
    two = office(tmp_path)
    change_copy(two.a, "Signers", "C2", "")
    assert "The copy does not have: City of Ana Ruiz." in two.run(two.a, "check").out
    change_copy(two.a, "Signers", "C1", "Place")
    shown = two.run(two.a, "check").out
    assert "does not have: the Place column." in shown
    assert "The copy does not have: the City column." in shown


def test_a_copy_of_staff_that_lacks_a_signer_is_not_said_to_lack_anyone(tmp_path: Path) -> None:
    two = office(tmp_path)
    data = (two.a.folder / "signers.xlsx").read_bytes()
    (two.a.folder / "signers 2025.xlsx").write_bytes(data)
    add_signer(two.a, "S3", "Chen Wei", "Rome")
    assert "has nothing that signers.xlsx does not have" in two.run(two.a, "check").out


def test_a_copy_of_the_list_that_lacks_a_signer_or_a_cell_stops_printing(tmp_path: Path) -> None:
    two = office(tmp_path)
    make_list(two.a.folder, ("Dara Mok", "1 Elm St", "Graz"), ("Ivo Hart", "2 Elm St", "Linz"))
    path = two.a.folder / "signers from forms.xlsx"
    copy = path.with_name("signers from forms-DESKTOP-B.xlsx")
    copy.write_bytes(path.read_bytes())
    with excel(copy, "Signers") as cells:
        cells.delete_rows(3)
        cells["D2"] = None
    assert "The copy does not have: City of Dara Mok, Ivo Hart." in two.run(two.a, "check").out
    two.run(two.a, "letters")
    assert two.run(two.a, "print", "--json").json["files"] == []


@pytest.mark.parametrize("name", ["people.xlsx", "People.XLSX", "people.xlsm"])
def test_copies_of_a_workbook_named_by_an_option_are_reported(name: str, tmp_path: Path) -> None:
    two = office(tmp_path)
    path = two.a.folder / "signers.xlsx"
    named = tmp_path / name
    named.write_bytes(path.read_bytes())
    copy = named.with_stem(f"{named.stem}-DESKTOP-B")
    copy.write_bytes(path.read_bytes())
    with excel(copy, "Signers") as cells:
        cells["A4"], cells["B4"], cells["C4"] = "S3", "Chen Wei", "Rome"
    (two.a.folder / "signers-DESKTOP-B.xlsx").write_bytes(copy.read_bytes())
    ran = two.run(two.a, "check", "--workbook", str(named))
    assert f"warning  {copy.name}" in ran.out
    assert f"{name} does not have: Chen Wei." in ran.out
    assert "signers-DESKTOP-B.xlsx" not in ran.out


def test_a_signer_whom_only_a_copy_has_under_the_same_id_is_reported_by_name(
    tmp_path: Path,
) -> None:
    two = office(tmp_path)
    change_copy(two.a, "Signers", "B2", "Dara Mok")
    assert "signers.xlsx does not have: Dara Mok." in two.run(two.a, "check").out
