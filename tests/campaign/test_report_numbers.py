"""`merge report`: the numbers for a board, in Excel and on one page in Word."""

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
from support.copied import copied
from support.office_programs import needs_libreoffice, pages, pdf_text, to_pdf
from support.registers import excel

NOVEMBER, JANUARY = dt.date(2026, 11, 3), dt.date(2027, 1, 9)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copied(worked_on, tmp_path)


def worked_on(folder: Path) -> None:
    """Two signers and two recipients; two letters posted in two months, one of them answered."""
    merge("letters", make(folder))
    with excel(folder / "register.xlsx") as sheet:
        heads = {cell.value: n for n, cell in enumerate(sheet[1], 1)}
        for stage in ("Printed", "Signed", "Posted"):
            sheet.cell(2, heads[stage]).value = NOVEMBER
            sheet.cell(3, heads[stage]).value = JANUARY
        sheet.cell(2, heads["Answered"]).value = "by telephone"


def _made(folder: Path, ending: str) -> Path:
    (path,) = folder.glob(f"report *{ending}")
    return path


def _sheet(folder: Path, name: str) -> list[tuple[object, ...]]:
    book = load_workbook(_made(folder, ".xlsx"))
    return [tuple(cell.value for cell in row) for row in book[name].iter_rows()]


def _totals(folder: Path) -> dict[object, object]:
    rows = _sheet(folder, "Summary")
    return {row[0]: row[1] for row in rows if isinstance(row[1], int)}


def test_the_totals_are_those_of_status_and_of_the_register(campaign: Path) -> None:
    ran = merge("report", campaign, "--json")
    assert ran.code == 0
    status = merge("status", campaign, "--json").json
    expected = {"Letters": 4, "Made": 4, "Printed": 2, "Signed": 2, "Posted": 2, "Answered": 1}
    assert ran.json["totals"] == expected
    made = expected.pop("Made")
    assert _totals(campaign) == {**expected, "Created": made}
    assert {stage.title(): n for stage, n in status["stages"].items()} == {
        stage: expected[stage] for stage in ("Printed", "Signed", "Posted", "Answered")
    }


def test_each_recipient_and_each_month_has_a_row_that_adds_up(campaign: Path) -> None:
    merge("report", campaign)
    heads, *rows = _sheet(campaign, "By recipient")
    assert heads == ("Recipient", "Letters", "Created", "Printed", "Signed", "Posted", "Answered")
    assert [sum(int(str(row[n])) for row in rows) for n in range(1, 7)] == [4, 4, 2, 2, 2, 1]
    _, *months = _sheet(campaign, "By month")
    by_month = {row[0]: row[2:] for row in months}
    assert by_month["November 2026"] == (1, 1, 1, 0)
    assert by_month["January 2027"] == (1, 1, 1, 0)
    assert by_month["no date"] == (0, 0, 0, 1)


def test_numbers_stand_at_the_right_and_each_page_has_the_campaigns_name(tmp_path: Path) -> None:
    make(tmp_path, Settings=[["Name", "Value"], ["Campaign", "Fish & Freedom"]])
    merge("letters", tmp_path)
    merge("report", tmp_path)
    book = load_workbook(_made(tmp_path, ".xlsx"))
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


def test_the_page_has_what_is_outstanding_and_a_bar_for_each_stage(campaign: Path) -> None:
    merge("report", campaign)
    tables = Document(str(_made(campaign, ".docx"))).tables
    assert [table.cell(0, 1).text for table in tables] == ["Letters", "Created", "not printed"]
    with zipfile.ZipFile(_made(campaign, ".docx")) as archive:
        chart = archive.read("word/charts/chart1.xml").decode()
    bars = re.findall("<c:v>(.*?)</c:v>", chart)
    assert bars == ["Created", "Printed", "Signed", "Posted", "Answered", "4", "2", "2", "2", "1"]


def test_what_is_outstanding_is_told_by_what_it_waits_for(campaign: Path) -> None:
    merge("report", campaign)
    heads, *rows = _sheet(campaign, "Outstanding")
    assert heads[1:] == (
        *("not printed", "printed, not signed", "signed, not posted"),
        "posted, not answered",
    )
    assert [sum(int(str(row[n])) for row in rows) for n in range(1, 5)] == [2, 0, 0, 1]


def test_no_signer_is_named_unless_that_was_asked_for(campaign: Path) -> None:
    def words(path: Path) -> Iterator[str]:
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name).decode(errors="replace") for name in archive.namelist())

    merge("report", campaign)
    for ending in (".xlsx", ".docx"):
        assert not any("Ana Ruiz" in part for part in words(_made(campaign, ending)))
    merge("report", campaign, "--with-names")
    named = load_workbook(next(campaign.glob("report * (2).xlsx")))
    assert {row[0].value for row in named["By signer"].iter_rows(min_row=2)} >= {"Ana Ruiz"}


def test_a_second_report_of_a_day_gets_a_number_and_the_first_stays(campaign: Path) -> None:
    merge("report", campaign)
    first = {path.name: path.read_bytes() for path in campaign.glob("report *")}
    assert len(first) == 2
    merge("report", campaign)
    names = {path.name for path in campaign.glob("report *")}
    assert len(names) == 4
    assert all((campaign / name).read_bytes() == data for name, data in first.items())
    assert {name for name in names if " (2)." in name} == names - set(first)


def test_a_report_leaves_letters_and_register_as_they_are(campaign: Path) -> None:
    before = {p: p.read_bytes() for p in campaign.rglob("*") if p.is_file()}
    merge("report", campaign)
    assert {p: p.read_bytes() for p in before} == before


def test_letters_of_people_who_left_are_told_beside_the_numbers(campaign: Path) -> None:
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(2)
    merge("letters", campaign)
    merge("report", campaign)
    words = "\n".join(p.text for p in Document(str(_made(campaign, ".docx"))).paragraphs)
    assert "Not counted: letters of people who are no longer in the workbook" in words
    assert "2 posted" in words


def _dated(folder: Path, sheet: str, name: str, day: dt.date = NOVEMBER) -> None:
    """Staff write that day into all rows of a sheet of the register that have a name."""
    with excel(folder / "register.xlsx", sheet) as rows:
        heads = {cell.value: n for n, cell in enumerate(rows[1], 1)}
        for row in rows.iter_rows(min_row=2):
            if name in {cell.value for cell in row}:
                for stage in ("Printed", "Signed", "Posted"):
                    rows.cell(row[0].row or 0, heads[stage]).value = day


def _leaves(folder: Path, name: str = "Minister Li") -> None:
    """A recipient takes no part any more."""
    rows = [["Name", "Include"], ["Minister Li", ""], ["Consul Roy", ""]]
    make(folder, Recipients=[[n, "no" if n == name else include] for n, include in rows])


def _not_counted(folder: Path, *names: str) -> str:
    """What `merge status` says of letters that it does not count; `merge report` says the same."""
    options = [word for name in names for word in ("--for", name)]
    lines = merge("status", folder, *options).out.splitlines()
    told = [line for line in lines if line.startswith("Not counted")]
    if not names:
        assert told == [
            line
            for line in merge("report", folder).err.splitlines()
            if line.startswith("Not counted")
        ]
    assert len(told) < 2
    return told[0].rpartition("(")[2].rstrip(").") if told else ""


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """A campaign whose letters to Minister Li were posted after they were made."""
    folder = make_with_letters(tmp_path)
    _dated(folder, "By recipient", "Minister Li", _AFTER)
    merge("letters", folder)
    return folder


_AFTER = dt.date(2099, 1, 1)
_TWO = "2 printed, 2 signed, 2 posted"


@pytest.mark.slow
@pytest.mark.parametrize("sheet", ["Register", "By recipient"])
def test_letters_of_who_left_are_told_wherever_their_dates_stand(
    tmp_path: Path, sheet: str
) -> None:
    folder = make_with_letters(tmp_path)
    _dated(folder, sheet, "Minister Li", _AFTER)
    merge("letters", folder)
    assert (merge("status", folder, "--json").json["stages"]["posted"], _not_counted(folder)) == (
        2,
        "",
    )
    _leaves(folder)
    for _ in range(3):  # before a run, and after
        assert merge("status", folder, "--json").json["stages"]["posted"] == 0
        assert _not_counted(folder) == _TWO
        merge("letters", folder)


def test_who_comes_back_is_counted_again_and_nobody_told_twice(dated: Path) -> None:
    _leaves(dated)
    merge("letters", dated)
    assert _not_counted(dated) == _TWO
    _leaves(dated, "nobody")
    merge("letters", dated)
    assert merge("status", dated, "--json").json["stages"]["posted"] == 2
    assert _not_counted(dated) == ""


def test_of_one_signer_only_the_own_letters_to_who_left_are_told(dated: Path) -> None:
    _leaves(dated)
    assert _not_counted(dated, "Ana Ruiz") == "1 printed, 1 signed, 1 posted"
    assert _not_counted(dated, "Consul Roy") == ""


def test_a_date_for_a_pile_does_not_mean_letters_that_were_made_after_it(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    _dated(folder, "By recipient", "Minister Li", dt.date(2020, 1, 1))
    merge("letters", folder)
    _leaves(folder)
    assert _not_counted(folder) == ""


@pytest.mark.slow
def test_a_date_for_a_pile_does_not_mean_letters_that_nobody_wanted_by_then(
    tmp_path: Path,
) -> None:
    folder = make_with_letters(tmp_path)
    _leaves(folder)
    merge("letters", folder)
    _dated(folder, "By signer", "Ana Ruiz", _AFTER)
    for _ in range(2):
        assert _not_counted(folder) == ""
        merge("letters", folder)


def test_letters_of_who_left_are_told_of_a_campaign_that_was_closed(dated: Path) -> None:
    _leaves(dated)
    merge("letters", dated)
    merge("close", dated, "--yes")
    assert _not_counted(dated) == _TWO


def test_of_somebody_taken_out_the_kept_dates_are_told(campaign: Path) -> None:
    with excel(campaign / "register.xlsx") as sheet:
        name = str(sheet["B2"].value)
    merge("delete-person", name, campaign, "--yes", "--keep-counts")
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        row = next(n for n in range(2, 4) if sheet.cell(n, 1).value == name)
        sheet.delete_rows(row)
    ran = merge("report", campaign)
    assert "or whose data was deleted" in ran.err
    assert "posted" in ran.err


def test_letters_with_an_error_are_told_beside_the_numbers(campaign: Path) -> None:
    with excel(campaign / "signers.xlsx", "Signers") as sheet:
        sheet["A2"] = "N/A"
    ran = merge("report", campaign)
    assert "letters have an error in the workbook or a template" in ran.err
    assert "N/A" in ran.err


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_the_report_for_word_is_one_page_however_many_recipients_there_are(
    tmp_path: Path,
) -> None:
    long = "Ministry of Foreign Affairs and Cooperation of the Republic of Equatorial Guinea"
    recipients = [["Name"], *([f"{long} {n}"] for n in range(60))]
    make(tmp_path, Recipients=recipients)
    merge("letters", tmp_path)
    merge("report", tmp_path)
    (pdf,) = to_pdf([_made(tmp_path, ".docx")], tmp_path)
    assert pages(pdf) == 1
    assert "and 50 more rows in the workbook." in pdf_text(pdf)
