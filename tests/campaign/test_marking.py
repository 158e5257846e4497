"""`merge mark`: letters are marked as printed, signed, posted or answered."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support import staff_actions
from support.campaigns import letters, make, merge
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.registers import excel

DAY = dt.datetime(2026, 11, 20)  # noqa: DTZ001 - openpyxl returns dates without a time zone
TYPED = "--yes", "--date", "2026-11-20"


def _create_letters(folder: Path) -> None:
    """Create a campaign of two signers and two recipients, and its letters."""
    merge("letters", make(folder))


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(_create_letters, tmp_path)


def _rows(folder: Path) -> list[dict[str, Any]]:
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    heads = [str(cell.value) for cell in sheet[1]]
    return [
        dict(zip(heads, (cell.value for cell in row), strict=True))
        for row in sheet.iter_rows(min_row=2)
    ]


def _marked_pairs(folder: Path, stage: str) -> list[tuple[str, str]]:
    """Return the pairs whose register row has an entry in a stage's column."""
    return [(row["Signer"], row["Recipient"]) for row in _rows(folder) if row[stage]]


def _enter(folder: Path, row: int, heading: str, value: object) -> None:
    with excel(folder / "register.xlsx") as sheet:
        column = next(n for n, cell in enumerate(sheet[1], 1) if cell.value == heading)
        sheet.cell(row, column).value = value  # type: ignore[assignment]


def test_mark_writes_the_date_into_the_rows_of_the_selected_letters(
    campaign: Path,
) -> None:
    ran = merge("mark", "printed", campaign, "--for", "Ana Ruiz", *TYPED)
    assert ran.code == 0
    assert "2 letters marked as printed." in ran.out
    assert {row["Printed"] for row in _rows(campaign) if row["Signer"] == "Ana Ruiz"} == {DAY}
    assert {name for name, _ in _marked_pairs(campaign, "Printed")} == {"Ana Ruiz"}
    assert merge("status", campaign, "--json").json["stages"]["printed"] == 2


def test_marks_change_only_their_own_cells_in_the_register(campaign: Path) -> None:
    before = _parts(campaign / "register.xlsx")
    merge("mark", "printed", campaign, "--for", "Ana Ruiz")
    merge("mark", "posted", campaign, "--for", "Ana Ruiz", "--tracking", "RR 12")
    after = _parts(campaign / "register.xlsx")
    assert [name for name in before if before[name] != after[name]] == ["xl/worksheets/sheet1.xml"]
    sheet = load_workbook(campaign / "register.xlsx")["Register"]
    assert {sheet.cell(2, column).number_format for column in (9, 11)} == {"d mmm yyyy"}


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_letter_to_mark_is_selected_by_the_beginning_of_its_id(campaign: Path) -> None:
    row = _rows(campaign)[0]
    ran = merge("mark", "printed", campaign, "--letter", row["ID"][:4].upper())
    assert ran.code == 0
    assert _marked_pairs(campaign, "Printed") == [(row["Signer"], row["Recipient"])]


@pytest.mark.slow
def test_mark_refuses_a_short_id_that_no_letter_or_several_letters_have(campaign: Path) -> None:
    unknown = merge("mark", "printed", campaign, "--letter", "zzzz")
    assert unknown.code == 2
    assert "No letter has this short ID" in unknown.err
    blank = merge("mark", "printed", campaign, "--letter", " ")
    assert blank.code == 2
    many = [[f"Signer {n}"] for n in range(40)]
    make(campaign, Signers=[["Name"], *many])
    merge("letters", campaign)
    digit = _rows(campaign)[-1]["ID"][0]
    several = merge("mark", "printed", campaign, "--letter", digit)
    assert several.code == 2
    assert "the beginning of several short IDs" in several.err
    assert _marked_pairs(campaign, "Printed") == []


def test_mark_keeps_and_reports_an_entry_of_staff_that_is_not_a_date(campaign: Path) -> None:
    _enter(campaign, 2, "Printed", "by Ana at home")
    ran = merge("mark", "printed", campaign, "--all", *TYPED)
    assert ran.code == 0
    assert "1 letter was not marked" in ran.err
    assert [row["Printed"] for row in _rows(campaign)] == ["by Ana at home", DAY, DAY, DAY]


def test_undo_removes_marks_and_keeps_dates_that_staff_entered(campaign: Path) -> None:
    merge("mark", "printed", campaign, "--for", "Ana Ruiz", *TYPED)
    _enter(campaign, 2, "Printed", dt.date(2026, 11, 21))  # staff correct the date
    _enter(campaign, 4, "Printed", dt.date(2026, 11, 21))
    ran = merge("mark", "printed", campaign, "--undo")
    assert "1 letter no longer marked as printed." in ran.out
    days = [row["Printed"] and row["Printed"].day for row in _rows(campaign)]
    assert sorted(days, key=str) == [21, 21, None, None]


def test_undo_removes_all_marks_of_a_stage_from_several_commands(
    campaign: Path,
) -> None:
    merge("mark", "printed", campaign, "--for", "Ana Ruiz", *TYPED)
    merge("mark", "printed", campaign, "--letter", _rows(campaign)[2]["ID"])
    assert len(_marked_pairs(campaign, "Printed")) == 3
    ran = merge("mark", "printed", campaign, "--undo")
    assert "3 letters no longer marked as printed. 1 letter had no such mark." in ran.out
    assert _marked_pairs(campaign, "Printed") == []


@pytest.mark.slow
def test_undo_removes_only_the_marks_of_a_selected_person_or_letter(campaign: Path) -> None:
    merge("mark", "printed", campaign, "--all", *TYPED)
    ran = merge("mark", "printed", campaign, "--undo", "--for", "Ana Ruiz")
    assert "2 letters no longer marked as printed.\n" in ran.out
    assert {name for name, _ in _marked_pairs(campaign, "Printed")} == {"Bo Berg"}
    ran = merge("mark", "printed", campaign, "--undo", "--letter", _rows(campaign)[2]["ID"])
    assert "1 letter no longer marked as printed.\n" in ran.out
    assert len(_marked_pairs(campaign, "Printed")) == 1


def test_mark_refuses_a_date_in_the_future_and_marks_nothing(campaign: Path) -> None:
    before = (campaign / "register.xlsx").read_bytes()
    ran = merge("mark", "printed", campaign, "--all", "--date", "2099-11-26", "--json")
    assert ran.code == 2
    assert [problem["code"] for problem in ran.json["problems"]] == ["mark-to-come"]
    stderr = merge("mark", "printed", campaign, "--all", "--date", "26.11.2099").err
    assert "--date 2099-11-26\n" in stderr
    assert "This date is in the future, so nothing was marked." in stderr
    assert (campaign / "register.xlsx").read_bytes() == before


@pytest.mark.parametrize("day", ["0026-11-29", "1899-12-31", "1900-01-01", "1900-02-28"])
def test_mark_refuses_a_date_that_excel_cannot_store_and_marks_nothing(
    day: str, campaign: Path
) -> None:
    before = (campaign / "register.xlsx").read_bytes()
    ran = merge("mark", "posted", campaign, "--all", "--yes", "--date", day, "--json")
    assert (ran.code, [p["code"] for p in ran.json["problems"]]) == (2, ["mark-too-old"])
    assert (campaign / "register.xlsx").read_bytes() == before


def test_mark_accepts_a_date_before_the_first_letter_only_with_yes(campaign: Path) -> None:
    early = "--date", "1900-03-01"
    ran = merge("mark", "posted", campaign, "--all", *early)
    assert ran.code == 2
    assert "The first letter was created later, on " in ran.err
    assert ran.err.rstrip().endswith("If the date is right, add --yes.")
    assert _marked_pairs(campaign, "Posted") == []
    assert merge("mark", "posted", campaign, "--all", "--yes", *early).code == 0
    assert len(_marked_pairs(campaign, "Posted")) == 4
    assert merge("mark", "posted", campaign, "--undo", *early).code == 0
    assert _marked_pairs(campaign, "Posted") == []


@pytest.mark.parametrize(
    "tracking",
    ["RR\x07 12", "RR\n12", "RR\u2028 12", "RR\uffff 12", "RR\udcff", "\x1b[31m", "1" * 101],
)
def test_mark_refuses_a_tracking_number_that_is_not_one_line_of_text(
    tracking: str, campaign: Path
) -> None:
    before = (campaign / "register.xlsx").read_bytes()
    ran = merge("mark", "posted", campaign, "--all", "--tracking", tracking, "--json")
    assert (ran.code, [p["code"] for p in ran.json["problems"]]) == (2, ["mark-odd-tracking"])
    assert (campaign / "register.xlsx").read_bytes() == before


def test_undo_removes_a_tracking_number_that_looks_like_an_excel_escape(
    campaign: Path,
) -> None:
    for _ in range(2):
        assert merge("mark", "posted", campaign, "--all", "--tracking", "RR_x0041_").code == 0
    assert "4 letters" in merge("mark", "posted", campaign, "--undo").out
    assert _marked_pairs(campaign, "Posted") == []


@pytest.mark.slow
@staff_actions.zones
def test_mark_accepts_a_date_as_soon_as_it_is_today(campaign: Path) -> None:
    with staff_actions.day(1) as tomorrow:
        pass
    date = "--date", str(tomorrow)
    with staff_actions.day(0):
        assert merge("mark", "printed", campaign, "--all", *date).code == 2
        assert merge("mark", "printed", campaign, "--all").code == 0  # today
        assert merge("mark", "printed", campaign, "--undo").code == 0
    with staff_actions.day(1):
        assert merge("mark", "printed", campaign, "--all", *date).code == 0
    with staff_actions.day(0):  # a written mark can always be undone
        assert merge("mark", "printed", campaign, "--undo", *date).code == 0
    assert _marked_pairs(campaign, "Printed") == []


@pytest.mark.slow
def test_an_earlier_mark_is_kept_and_can_be_undone_by_its_date(campaign: Path) -> None:
    merge("mark", "posted", campaign, "--for", "Ana Ruiz", "--tracking", "RR 1", *TYPED)
    later = "--yes", "--date", "24.11.2026"
    ran = merge("mark", "posted", campaign, "--all", "--tracking", "RR 2", *later)
    assert "not marked, because Posted or the tracking number already has another value" in ran.err
    dated = merge("mark", "posted", campaign, "--all", *later)
    assert "2 letters were not marked, because Posted already has another date" in dated.err
    assert [row["Tracking number"] for row in _rows(campaign)] == ["RR 1", "RR 1", "RR 2", "RR 2"]
    again = merge("mark", "posted", campaign, "--all", "--tracking", "RR 2", *later)
    assert "0 letters marked as posted. 2 letters were already marked." in again.out
    undone = merge("mark", "posted", campaign, "--undo", *later)
    assert "2 letters were not changed, because Posted was entered by hand" in undone.err
    assert [row["Tracking number"] for row in _rows(campaign)] == ["RR 1", "RR 1", None, None]


def test_mark_without_names_marks_only_letters_that_reached_the_previous_stage(
    campaign: Path,
) -> None:
    merge("print", campaign, "--for", "Ana Ruiz")
    ran = merge("mark", "printed", campaign)
    assert {name for name, _ in _marked_pairs(campaign, "Printed")} == {"Ana Ruiz"}
    assert "2 letters are not in a print file yet and were not marked" in ran.err
    merge("mark", "signed", campaign, "--for", "Consul Roy")
    merge("mark", "posted", campaign)
    assert {name for _, name in _marked_pairs(campaign, "Posted")} == {"Consul Roy"}
    assert merge("mark", "answered", campaign).code == 2


def test_a_tracking_number_is_recorded_and_undone_together_with_posted(campaign: Path) -> None:
    merge("mark", "posted", campaign, "--for", "Ana Ruiz", "--tracking", "RR 123")
    numbers = {row["Tracking number"] for row in _rows(campaign) if row["Signer"] == "Ana Ruiz"}
    assert numbers == {"RR 123"}
    merge("mark", "posted", campaign, "--undo")
    assert {row["Tracking number"] for row in _rows(campaign)} == {None}
    assert merge("mark", "signed", campaign, "--tracking", "RR 123").code == 2


def test_tracking_numbers_are_recorded_after_the_ids_of_their_letters(campaign: Path) -> None:
    one, two, three, four = (str(row["ID"]) for row in _rows(campaign))
    merge("mark", "posted", campaign, "--letter", four)
    typed = (
        f"{one[:8]} rr 123 456 785 de",
        f"{two} 1Z 999AA1",
        three,
        f"{four} 340434161094015902",
    )
    ran = merge(
        "mark", "posted", campaign, *(part for text in typed for part in ("--letter", text))
    )
    assert ran.code == 0
    numbers = [row["Tracking number"] for row in _rows(campaign)]
    assert numbers == ["RR123456785DE", "1Z 999AA1", None, "340434161094015902"]
    assert all(row["Posted"] for row in _rows(campaign))
    assert "wrong" not in ran.err
    assert merge("mark", "signed", campaign, "--letter", f"{one} RR123456785DE").code == 2


def test_a_wrong_check_digit_of_a_tracking_number_is_a_warning(campaign: Path) -> None:
    letter = str(_rows(campaign)[0]["ID"])
    ran = merge("mark", "posted", campaign, "--letter", f"{letter} RR123456789DE", "--json")
    assert ran.code == 0
    assert "mark-tracking-digit" in {problem["code"] for problem in ran.json["problems"]}
    assert _rows(campaign)[0]["Tracking number"] == "RR123456789DE"


@pytest.mark.parametrize("ending", ["{two}", "{two} RR123456785DE", "{two} {three}"])
def test_mark_refuses_the_short_id_of_a_letter_as_a_tracking_number(
    ending: str, campaign: Path
) -> None:
    one, two, three, _ = (str(row["ID"]) for row in _rows(campaign))
    typed = f"{one} " + ending.format(two=two[:5], three=three[:8])
    ran = merge("mark", "posted", campaign, "--letter", typed, "--json")
    assert (ran.code, [p["code"] for p in ran.json["problems"]]) == (2, ["mark-id-as-number"])
    ran = merge("mark", "posted", campaign, "--for", "Ana Ruiz", "--tracking", two[:5], "--json")
    assert (ran.code, [p["code"] for p in ran.json["problems"]]) == (2, ["mark-id-as-number"])
    assert not _marked_pairs(campaign, "Posted")


def test_mark_refuses_two_tracking_numbers_for_one_letter(campaign: Path) -> None:
    letter = str(_rows(campaign)[0]["ID"])
    typed = "--letter", f"{letter} XX1", "--letter", letter, "--letter", f"{letter[:9]} XX2"
    ran = merge("mark", "posted", campaign, *typed, "--json")
    assert (ran.code, [p["code"] for p in ran.json["problems"]]) == (2, ["mark-two-numbers"])
    assert not _marked_pairs(campaign, "Posted")


def test_mark_warns_about_one_tracking_number_of_letters_to_several_recipients(
    campaign: Path,
) -> None:
    def codes(row: dict[str, Any], number: str) -> set[str]:
        typed = f"{row['ID']} {number}"
        ran = merge("mark", "posted", campaign, "--letter", typed, "--json")
        assert ran.code == 0
        return {problem["code"] for problem in ran.json["problems"]}

    one, *others = _rows(campaign)
    same = next(row for row in others if row["Recipient"] == one["Recipient"])
    other = next(row for row in others if row["Recipient"] != one["Recipient"])
    assert "mark-tracking-shared" not in codes(one, "RR123456785DE")
    assert "mark-tracking-shared" not in codes(same, "RR 123 456 785 DE")
    assert "mark-tracking-shared" in codes(other, "rr123456785de")


def test_mark_warns_about_a_skipped_stage(campaign: Path) -> None:
    ran = merge("mark", "posted", campaign, "--all", *TYPED)
    assert ran.code == 0
    assert "4 letters are not marked as printed yet" in ran.err
    assert "4 letters are not marked as signed yet" in ran.err
    answered = merge("mark", "answered", campaign, "--all", *TYPED)
    assert "not marked" not in answered.err


@pytest.mark.slow
def test_a_letter_marked_as_answered_counts_as_posted_in_all_figures(
    campaign: Path,
) -> None:
    merge("mark", "posted", campaign, "--for", "Ana Ruiz")
    ran = merge("mark", "answered", campaign, "--letter", _rows(campaign)[2]["ID"])
    assert "1 letter is not marked as posted yet: letters/Bo Berg/" in ran.err
    assert "An answered letter counts as posted. To add the day, mark it as posted too." in ran.err
    expected = {"printed": 0, "signed": 0, "posted": 3, "answered": 1}
    assert merge("status", campaign, "--json").json["stages"] == expected
    assert [bool(row["Posted"]) for row in _rows(campaign)] == [True, True, False, False]
    totals = merge("report", campaign, "--json").json["totals"]
    assert {stage: totals[stage.title()] for stage in expected} == expected
    (report,) = campaign.glob("report *.xlsx")
    heads, *months = load_workbook(report)["By month"].iter_rows(values_only=True)
    posted = heads.index("Posted")
    assert {str(row[0]): row[posted] for row in months if row[posted]} == {
        f"{dt.datetime.now().astimezone():%B %Y}": 2,
        "no date": 1,
    }
    assert "1 date is missing from the register" in str(
        [*load_workbook(report)["Summary"].iter_rows(values_only=True)]
    )
    merge("mark", "posted", campaign, "--for", "Bo Berg", "--for", "Ana Ruiz")
    assert merge("status", campaign, "--json").json["stages"]["posted"] == 4
    assert merge("mark", "posted", campaign, "--undo").code == 0
    assert merge("status", campaign, "--json").json["stages"]["posted"] == 1


def test_mark_refuses_letters_that_were_not_created_and_marks_the_others(campaign: Path) -> None:
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        sheet.append(["Marisol Quispe"])
    ran = merge("mark", "printed", campaign, "--all")
    assert ran.code == 1
    assert "2 letters have not been created and cannot be marked" in ran.err
    assert len(_marked_pairs(campaign, "Printed")) == 4


@pytest.mark.parametrize("owner", everyday(["~$register.xlsx", ".~lock.register.xlsx#"]))
def test_letters_are_marked_while_the_register_is_open_and_the_next_run_updates_it(
    owner: str, campaign: Path
) -> None:
    before = (campaign / "register.xlsx").read_bytes()
    (campaign / owner).write_bytes(b"open")
    ran = merge("mark", "printed", campaign, "--all", *TYPED)
    assert ran.code == 0
    assert "The register is open in another program and was not updated." in ran.err
    assert merge("status", campaign, "--json").json["stages"]["printed"] == 4
    assert (campaign / "register.xlsx").read_bytes() == before
    (campaign / owner).unlink()
    merge("letters", campaign)
    assert len(_marked_pairs(campaign, "Printed")) == 4


def test_undo_takes_back_marks_of_the_command_and_no_dates_of_staff(campaign: Path) -> None:
    merge("mark", "printed", campaign, "--for", "Ana Ruiz", *TYPED)
    _enter(campaign, 4, "Printed", dt.date(2026, 11, 20))
    ran = merge("mark", "printed", campaign, "--undo")
    assert "1 letter was not changed, because Printed was entered by hand" in ran.err
    assert len(_marked_pairs(campaign, "Printed")) == 1


def test_mark_finds_rows_of_a_sorted_and_filtered_register_and_keeps_notes(campaign: Path) -> None:
    with excel(campaign / "register.xlsx") as sheet:
        heads = [str(cell.value) for cell in sheet[1]]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for number, values in enumerate(reversed(rows), 2):
            for column, value in enumerate(values, 1):
                sheet.cell(number, column).value = value
            sheet.cell(number, heads.index("Notes") + 1).value = f"note {number}"
        sheet.row_dimensions[3].hidden = True
    ran = merge("mark", "printed", campaign, "--for", "Consul Roy", *TYPED)
    assert ran.code == 0
    assert {name for _, name in _marked_pairs(campaign, "Printed")} == {"Consul Roy"}
    assert [row["Notes"] for row in _rows(campaign)] == [f"note {n}" for n in range(2, 6)]


def test_a_tracking_number_is_recorded_without_its_column_in_the_register(campaign: Path) -> None:
    with excel(campaign / "register.xlsx") as sheet:
        column = next(n for n, cell in enumerate(sheet[1], 1) if cell.value == "Tracking number")
        sheet.cell(1, column).value = "Einschreiben"
    merge("mark", "printed", campaign, "--all")
    merge("mark", "posted", campaign, "--all", "--tracking", "RR 1")
    assert len(_marked_pairs(campaign, "Posted")) == 4
    merge("letters", campaign)
    with excel(campaign / "register.xlsx") as sheet:
        sheet.cell(1, column).value = "Tracking number"
    merge("letters", campaign)
    assert {row["Tracking number"] for row in _rows(campaign)} == {"RR 1"}


def test_mark_reports_a_missing_register(tmp_path: Path) -> None:
    ran = merge("mark", "printed", make(tmp_path), "--json")
    assert ran.code == 1
    assert [problem["code"] for problem in ran.json["problems"]] == ["mark-no-register"]
    assert not (tmp_path / "letters").exists()


def test_an_undone_mark_is_not_reported_as_a_lost_register_entry(campaign: Path) -> None:
    merge("mark", "printed", campaign, "--all", *TYPED)
    merge("letters", campaign)
    merge("mark", "printed", campaign, "--undo")
    ran = merge("letters", campaign, "--json")
    assert ran.json["kept"] == 0
    codes = [problem["code"] for problem in ran.json["problems"]]
    assert not [code for code in codes if code.startswith("register")]


def test_a_letter_marked_as_printed_is_not_updated(campaign: Path) -> None:
    merge("mark", "printed", campaign, "--for", "Ana Ruiz", *TYPED)
    before = {path: p.read_bytes() for path, p in letters(campaign).items()}
    with excel(campaign / "signers.xlsx", "Recipients") as sheet:
        sheet["A2"] = "Minister Li-Wen"
    merge("letters", campaign)
    after = {path: p.read_bytes() for path, p in letters(campaign).items()}
    assert all(after[path] == data for path, data in before.items() if path.startswith("Ana Ruiz"))
