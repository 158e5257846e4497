"""`merge report`: figures for a board in Excel, and one page in Word."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from support.campaigns import make, make_with_letters, merge
from support.copied_folders import copy_made_folder
from support.office_programs import needs_libreoffice, pages, pdf_text, to_pdf
from support.registers import excel

NOVEMBER, JANUARY = dt.date(2026, 11, 3), dt.date(2027, 1, 9)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(_make_campaign, tmp_path)


def _make_campaign(folder: Path) -> None:
    """Create four letters, two of them posted in two months, one answered."""
    merge("letters", make(folder))
    with excel(folder / "register.xlsx") as sheet:
        heads = {cell.value: n for n, cell in enumerate(sheet[1], 1)}
        for stage in ("Printed", "Signed", "Posted"):
            sheet.cell(2, heads[stage]).value = NOVEMBER
            sheet.cell(3, heads[stage]).value = JANUARY
        sheet.cell(2, heads["Answered"]).value = "by telephone"


def _report_file(folder: Path, ending: str) -> Path:
    (path,) = folder.glob(f"report *{ending}")
    return path


def _sheet(folder: Path, name: str) -> list[tuple[object, ...]]:
    book = load_workbook(_report_file(folder, ".xlsx"))
    return [tuple(cell.value for cell in row) for row in book[name].iter_rows()]


def _totals(folder: Path) -> dict[object, object]:
    rows = _sheet(folder, "Summary")
    return {row[0]: row[1] for row in rows if isinstance(row[1], int)}


def test_the_totals_of_the_report_are_those_of_status_and_register(campaign: Path) -> None:
    ran = merge("report", campaign, "--json")
    assert ran.code == 0
    status = merge("status", campaign, "--json").json
    expected = {"Letters": 4, "Made": 4, "Printed": 2, "Signed": 2, "Posted": 2, "Answered": 1}
    assert ran.json["totals"] == expected
    created = expected.pop("Made")
    assert _totals(campaign) == {**expected, "Created": created}
    assert {stage.title(): n for stage, n in status["stages"].items()} == {
        stage: expected[stage] for stage in ("Printed", "Signed", "Posted", "Answered")
    }


def test_the_report_has_a_row_for_each_recipient_and_month_that_adds_up(campaign: Path) -> None:
    merge("report", campaign)
    heads, *rows = _sheet(campaign, "By recipient")
    assert heads == ("Recipient", "Letters", "Created", "Printed", "Signed", "Posted", "Answered")
    assert [sum(int(str(row[n])) for row in rows) for n in range(1, 7)] == [4, 4, 2, 2, 2, 1]
    _, *months = _sheet(campaign, "By month")
    by_month = {row[0]: row[2:] for row in months}
    assert by_month["November 2026"] == (1, 1, 1, 0)
    assert by_month["January 2027"] == (1, 1, 1, 0)
    assert by_month["no date"] == (0, 0, 0, 1)


def test_the_report_aligns_numbers_right_and_has_the_campaign_name_on_each_page(
    tmp_path: Path,
) -> None:
    make(tmp_path, Settings=[["Name", "Value"], ["Campaign", "Fish & Freedom"]])
    merge("letters", tmp_path)
    merge("report", tmp_path)
    book = load_workbook(_report_file(tmp_path, ".xlsx"))
    assert book["Summary"]["A1"].value == "Fish & Freedom"
    for sheet in book:
        header = sheet.oddHeader
        assert header
        assert str(header.left.text).startswith("Fish && Freedom · As of ")
        cells = [cell for row in sheet.iter_rows() for cell in row]
        numbers = [cell for cell in cells if isinstance(cell.value, int)]
        heads = {sheet.cell(4 if sheet.title == "Summary" else 1, c.column) for c in numbers}
        assert numbers
        assert {cell.alignment.horizontal for cell in (*numbers, *heads)} == {"right"}


def test_the_word_report_has_outstanding_letters_and_a_bar_for_each_stage(campaign: Path) -> None:
    merge("report", campaign)
    tables = Document(str(_report_file(campaign, ".docx"))).tables
    assert [table.cell(0, 1).text for table in tables] == ["Letters", "Created", "not printed"]
    with zipfile.ZipFile(_report_file(campaign, ".docx")) as archive:
        chart = archive.read("word/charts/chart1.xml").decode()
    bars = re.findall("<c:v>(.*?)</c:v>", chart)
    assert bars == ["Created", "Printed", "Signed", "Posted", "Answered", "4", "2", "2", "2", "1"]


def test_the_report_lists_outstanding_letters_by_their_next_stage(campaign: Path) -> None:
    merge("report", campaign)
    heads, *rows = _sheet(campaign, "Outstanding")
    assert heads[1:] == (
        *("not printed", "printed, not signed", "signed, not posted"),
        "posted, not answered",
    )
    assert [sum(int(str(row[n])) for row in rows) for n in range(1, 5)] == [2, 0, 0, 1]


def test_the_report_names_signers_only_with_the_option_with_names(campaign: Path) -> None:
    def words(path: Path) -> Iterator[str]:
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name).decode(errors="replace") for name in archive.namelist())

    merge("report", campaign)
    for ending in (".xlsx", ".docx"):
        assert not any("Ana Ruiz" in part for part in words(_report_file(campaign, ending)))
    merge("report", campaign, "--with-names")
    named = load_workbook(next(campaign.glob("report * (2).xlsx")))
    assert {row[0].value for row in named["By signer"].iter_rows(min_row=2)} >= {"Ana Ruiz"}


def test_a_second_report_of_a_day_gets_a_number_and_does_not_replace_the_first(
    campaign: Path,
) -> None:
    merge("report", campaign)
    first = {path.name: path.read_bytes() for path in campaign.glob("report *")}
    assert len(first) == 2
    merge("report", campaign)
    names = {path.name for path in campaign.glob("report *")}
    assert len(names) == 4
    assert all((campaign / name).read_bytes() == data for name, data in first.items())
    assert {name for name in names if " (2)." in name} == names - set(first)


def test_the_report_changes_no_letter_and_no_register(campaign: Path) -> None:
    before = {p: p.read_bytes() for p in campaign.rglob("*") if p.is_file()}
    merge("report", campaign)
    assert {p: p.read_bytes() for p in before} == before


def test_the_report_mentions_uncounted_letters_of_people_removed_from_the_workbook(
    campaign: Path,
) -> None:
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(2)
    merge("letters", campaign)
    merge("report", campaign)
    words = "\n".join(p.text for p in Document(str(_report_file(campaign, ".docx"))).paragraphs)
    assert "Not counted: letters of people who are no longer in the workbook" in words
    assert "2 posted" in words


def _enter_dates(folder: Path, sheet: str, name: str, day: dt.date = NOVEMBER) -> None:
    """Enter a date in all rows with a name in a sheet of the register."""
    with excel(folder / "register.xlsx", sheet) as rows:
        heads = {cell.value: n for n, cell in enumerate(rows[1], 1)}
        for row in rows.iter_rows(min_row=2):
            if name in {cell.value for cell in row}:
                for stage in ("Printed", "Signed", "Posted"):
                    rows.cell(row[0].row or 0, heads[stage]).value = day


def _exclude(folder: Path, name: str = "Minister Li") -> None:
    """Exclude a recipient."""
    rows = [["Name", "Include"], ["Minister Li", ""], ["Consul Roy", ""]]
    make(folder, Recipients=[[n, "no" if n == name else include] for n, include in rows])


def _not_counted(folder: Path, *names: str) -> str:
    """Return the letters that `merge status` does not count.

    `merge report` must print the same line.
    """
    options = [word for name in names for word in ("--for", name)]
    lines = merge("status", folder, *options).out.splitlines()
    not_counted = [line for line in lines if line.startswith("Not counted")]
    if not names:
        assert not_counted == [
            line
            for line in merge("report", folder).err.splitlines()
            if line.startswith("Not counted")
        ]
    assert len(not_counted) < 2
    return not_counted[0].rpartition("(")[2].rstrip(").") if not_counted else ""


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """A campaign whose letters to Minister Li were posted later."""
    folder = make_with_letters(tmp_path)
    _enter_dates(folder, "By recipient", "Minister Li", _AFTER)
    merge("letters", folder)
    return folder


_AFTER = dt.date(2099, 1, 1)
_TWO_POSTED = "2 printed, 2 signed, 2 posted"


@pytest.mark.slow
@pytest.mark.parametrize("sheet", ["Register", "By recipient"])
def test_status_and_report_mention_letters_of_excluded_people_with_register_dates(
    tmp_path: Path, sheet: str
) -> None:
    folder = make_with_letters(tmp_path)
    _enter_dates(folder, sheet, "Minister Li", _AFTER)
    merge("letters", folder)
    assert (merge("status", folder, "--json").json["stages"]["posted"], _not_counted(folder)) == (
        2,
        "",
    )
    _exclude(folder)
    for _ in range(3):  # before a run, and after
        assert merge("status", folder, "--json").json["stages"]["posted"] == 0
        assert _not_counted(folder) == _TWO_POSTED
        merge("letters", folder)


def test_status_and_report_count_letters_of_a_returning_recipient_once(dated: Path) -> None:
    _exclude(dated)
    merge("letters", dated)
    assert _not_counted(dated) == _TWO_POSTED
    _exclude(dated, "no one")
    merge("letters", dated)
    assert merge("status", dated, "--json").json["stages"]["posted"] == 2
    assert _not_counted(dated) == ""


def test_status_for_one_signer_mentions_only_their_uncounted_letters(dated: Path) -> None:
    _exclude(dated)
    assert _not_counted(dated, "Ana Ruiz") == "1 printed, 1 signed, 1 posted"
    assert _not_counted(dated, "Consul Roy") == ""


def test_the_report_does_not_apply_the_date_of_a_pile_to_letters_created_later(
    tmp_path: Path,
) -> None:
    folder = make_with_letters(tmp_path)
    _enter_dates(folder, "By recipient", "Minister Li", dt.date(2020, 1, 1))
    merge("letters", folder)
    _exclude(folder)
    assert _not_counted(folder) == ""


@pytest.mark.slow
def test_the_report_does_not_apply_the_date_of_a_pile_to_letters_no_longer_needed(
    tmp_path: Path,
) -> None:
    folder = make_with_letters(tmp_path)
    _exclude(folder)
    merge("letters", folder)
    _enter_dates(folder, "By signer", "Ana Ruiz", _AFTER)
    for _ in range(2):
        assert _not_counted(folder) == ""
        merge("letters", folder)


@pytest.mark.slow
def test_the_report_of_a_closed_campaign_mentions_letters_of_excluded_people(dated: Path) -> None:
    _exclude(dated)
    merge("letters", dated)
    merge("close", dated, "--yes")
    assert _not_counted(dated) == _TWO_POSTED


@pytest.mark.slow
def test_the_report_mentions_kept_dates_of_a_person_whose_data_was_deleted(campaign: Path) -> None:
    with excel(campaign / "register.xlsx") as sheet:
        name = str(sheet["B2"].value)
    merge("delete-person", name, campaign, "--yes", "--keep-counts")
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        row = next(n for n in range(2, 4) if sheet.cell(n, 1).value == name)
        sheet.delete_rows(row)
    ran = merge("report", campaign)
    assert "or whose data was deleted" in ran.err
    assert "posted" in ran.err


def test_the_report_mentions_letters_with_an_error_in_the_workbook(campaign: Path) -> None:
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        sheet["A2"] = "N/A"
    ran = merge("report", campaign)
    assert "letters have an error in the workbook or a template" in ran.err
    assert "N/A" in ran.err


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_the_word_report_is_one_page_with_many_recipients(
    tmp_path: Path,
) -> None:
    long = "Ministry of Foreign Affairs and Cooperation of the Republic of Equatorial Guinea"
    recipients = [["Name"], *([f"{long} {n}"] for n in range(60))]
    make(tmp_path, Recipients=recipients)
    merge("letters", tmp_path)
    merge("report", tmp_path)
    (pdf,) = to_pdf([_report_file(tmp_path, ".docx")], tmp_path)
    assert pages(pdf) == 1
    assert "and 50 more rows in the workbook." in pdf_text(pdf)
