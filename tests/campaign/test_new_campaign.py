"""New campaign folders: from the sample, or from an earlier campaign."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.campaigns import letters, make, make_with_letters, merge, text
from support.documents import docx
from support.registers import excel
from support.signer_lists import make_list

from merge.intake.signer_list import read_list


def test_the_sample_campaign_names_no_living_person_and_its_letters_can_be_created(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "campaign"
    assert merge("new", folder).code == 0
    assert merge("check", folder).code == 0
    assert merge("letters", folder).code == 0
    words = "\n".join(line for path in letters(folder).values() for line in text(path))
    assert "Ministry of Justice of Velnia" in words
    assert not [name for name in ("Bastrykin", "Kislyak", "Chechnya") if name in words]


def test_a_letter_of_the_sample_campaign_has_the_layout_of_an_office_letter(tmp_path: Path) -> None:
    merge("new", tmp_path / "campaign")
    merge("letters", tmp_path / "campaign")
    path = letters(tmp_path / "campaign")["Käthe Weißmüller/Dr Amara Lindqvist.docx"]
    lines = text(path)
    assert lines[:4] == ["Käthe Weißmüller", "Birnbaumgasse 7", "04107 Leipzig", "Germany"]
    assert re.fullmatch(r"\w+ \d+, 20\d\d", lines[4])
    assert lines[5:7] == ["Minister of Justice", "Dr Amara Lindqvist"]
    assert lines[11:13] == ["Dear Minister,", "The detention of Mirela Oduya, schoolteacher"]
    assert lines[-2:] == ["Sincerely,", "Käthe Weißmüller"]
    assert "3\N{NO-BREAK SPACE}March" in "\n".join(lines)
    ran = merge("print", tmp_path / "campaign", "--envelopes", "DL", "--dry-run", "--json")
    assert "address-unclear" not in {problem["code"] for problem in ran.json["problems"]}


def test_the_sheets_of_the_sample_workbook_are_narrow_enough_for_paper(tmp_path: Path) -> None:
    merge("new", tmp_path / "campaign")
    for sheet in load_workbook(tmp_path / "campaign" / "signers.xlsx"):
        widths = [dimension.width for dimension in sheet.column_dimensions.values()]
        assert sum(widths) <= 170, (
            sheet.title
        )  # width in characters that fits on A4 landscape at 9 points


def test_a_new_campaign_copies_only_workbook_and_templates_of_an_earlier_one(
    tmp_path: Path,
) -> None:
    old = make(tmp_path / "old")
    shutil.copyfile(old / "templates" / "appeal.docx", old / "templates" / "second.docx")
    (old / "templates" / "~$appeal.docx").write_bytes(b"Word has it open")
    merge("letters", old)
    before = (old / "signers.xlsx").read_bytes()
    assert merge("new", tmp_path / "next", "--from", old).code == 0
    paths = {p.relative_to(tmp_path / "next").as_posix() for p in (tmp_path / "next").rglob("*.*")}
    assert paths == {"signers.xlsx", "templates/appeal.docx", "templates/second.docx"}
    assert (tmp_path / "next" / "signers.xlsx").read_bytes() == before


def test_a_new_campaign_cannot_start_from_a_folder_that_is_not_a_campaign(tmp_path: Path) -> None:
    ran = merge("new", tmp_path / "next", "--from", tmp_path / "nothing")
    assert ran.code == 2
    assert "Folder not found." in ran.err
    (tmp_path / "nothing").mkdir()
    ran = merge("new", tmp_path / "next", "--from", tmp_path / "nothing")
    assert ran.code == 2
    assert "This folder is not a campaign" in ran.err
    assert not (tmp_path / "next").exists()


@pytest.mark.slow
def test_a_reminder_campaign_has_the_unanswered_pairs_with_their_posting_date(
    tmp_path: Path,
) -> None:
    old = make_with_letters(tmp_path / "old")
    merge("mark", "posted", old, "--all", "--yes", "--date", "2026-11-20")
    merge("mark", "answered", old, "--for", "Ana Ruiz", "--yes", "--date", "2026-11-25")
    before = {p: p.read_bytes() for p in old.rglob("*") if p.is_file()}
    reminders = tmp_path / "next"
    ran = merge("new", reminders, "--from", old, "--unanswered")
    assert ran.code == 0
    assert "2 pairs in the Pairs sheet" in ran.err
    problems: Any = merge("check", reminders, "--json").json["problems"]
    assert "unpaired-people" not in {problem["code"] for problem in problems}
    assert {p: p.read_bytes() for p in old.rglob("*") if p.is_file()} == before
    words = "On {{ pair.posted_on|date }} {{ signer.name }} wrote to {{ recipient.name }}."
    (reminders / "templates" / "appeal.docx").write_bytes(docx(words))
    assert merge("letters", reminders).code == 0
    first_lines = sorted(text(path)[0] for path in letters(reminders).values())
    assert first_lines == [
        "On November 20, 2026 Bo Berg wrote to Consul Roy.",
        "On November 20, 2026 Bo Berg wrote to Minister Li.",
    ]


@pytest.mark.slow
def test_a_second_reminder_campaign_keeps_the_columns_of_staff_in_the_pairs_sheet(
    tmp_path: Path,
) -> None:
    pairs = [["Signer", "Recipient", "Greeting"], ["Ana Ruiz", "*", "from school"]]
    old = make(tmp_path / "old", Pairs=pairs)
    merge("letters", old)
    merge("mark", "posted", old, "--all", "--yes", "--date", "2026-11-20")
    merge("new", tmp_path / "next", "--from", old, "--unanswered")
    merge("letters", tmp_path / "next")
    merge("mark", "posted", tmp_path / "next", "--all", "--yes", "--date", "2026-11-25")
    merge("new", tmp_path / "last", "--from", tmp_path / "next", "--unanswered")
    sheet = load_workbook(tmp_path / "last" / "signers.xlsx")["Pairs"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Signer", "Recipient", "Posted on", "Greeting"],
        ["Ana Ruiz", "Minister Li", dt.datetime(2026, 11, 25), "from school"],  # noqa: DTZ001
        ["Ana Ruiz", "Consul Roy", dt.datetime(2026, 11, 25), "from school"],  # noqa: DTZ001
    ]


def test_a_new_campaign_reports_that_the_list_of_signers_was_copied(tmp_path: Path) -> None:
    old = make(tmp_path / "old")
    assert "came along" not in merge("new", tmp_path / "without", "--from", old).err
    make_list(old)
    stderr = merge("new", tmp_path / "next", "--from", old).err
    assert "signers from forms.xlsx was copied" in stderr
    assert read_list(tmp_path / "next").list == read_list(old).list


@pytest.mark.slow
@pytest.mark.parametrize("sheet", ["Register", "By recipient"])
def test_a_reminder_campaign_reports_unanswered_letters_of_people_who_were_removed(
    tmp_path: Path, sheet: str
) -> None:
    old = make_with_letters(tmp_path / "old")
    with excel(old / "register.xlsx", sheet) as rows:
        column = [cell.value for cell in rows[1]].index("Posted") + 1
        for row in range(2, rows.max_row + 1):
            rows.cell(row, column).value = dt.date(2099, 1, 1)
    merge("letters", old)
    make(old, Recipients=[["Name", "Include"], ["Minister Li", "no"], ["Consul Roy", ""]])
    merge("letters", old)
    ran = merge("new", tmp_path / "next", "--from", old, "--unanswered")
    assert "Skipped: 2 letters not answered" in ran.err
    assert "2 pairs in the Pairs sheet" in ran.err
    make(old, Recipients=[["Name", "Include"], ["Minister Li", "no"], ["Judge Kim", ""]])
    merge("letters", old)
    ran = merge("new", tmp_path / "last", "--from", old, "--unanswered")
    assert ran.code == 2
    assert "4 letters are unanswered, but the people are no longer in the workbook" in ran.err


def test_a_reminder_campaign_without_unanswered_letters_creates_no_folder(tmp_path: Path) -> None:
    old = make_with_letters(tmp_path / "old")
    ran = merge("new", tmp_path / "next", "--from", old, "--unanswered")
    assert ran.code == 2
    assert "No letter of this campaign is posted" in ran.err
    assert not (tmp_path / "next").exists()
    assert merge("new", tmp_path / "next", "--unanswered").code == 2


def test_a_reminder_campaign_reports_that_it_has_the_date_of_the_first_letters(
    tmp_path: Path,
) -> None:
    settings = [["Name", "Value"], ["Date", "2026-03-04"]]
    old = make(tmp_path / "old", Settings=settings)
    merge("letters", old)
    merge("mark", "posted", old, "--all")
    ran = merge("new", tmp_path / "next", "--from", old, "--unanswered")
    assert "The Date setting is still 2026-03-04" in ran.err


def test_a_new_campaign_is_not_created_in_a_folder_with_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    ran = merge("new", tmp_path)
    assert ran.code == 2
    assert "Choose another name." in ran.err
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("name", "suitable_name"),
    [
        ("Spring ", "Spring"),
        ("aux", "aux_"),
        ("nul.x", "nul_.x"),
        ("CON", "CON_"),
        pytest.param("a:b", "a-b", marks=pytest.mark.posix("a letter and a colon are a drive")),
        ("~x", "x"),
    ],
)
def test_a_name_that_windows_cannot_have_is_refused_on_every_system_and_nothing_is_created(
    tmp_path: Path, name: str, suitable_name: str
) -> None:
    ran = merge("new", tmp_path / name)
    assert ran.code == 2
    assert f"Use another name, for example “{suitable_name}”." in ran.err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "name", [unicodedata.normalize("NFD", "Käthe"), "Spring  2026", "می\u200cخواهیم"]
)
def test_a_name_that_every_system_can_have_is_accepted(tmp_path: Path, name: str) -> None:
    assert merge("new", tmp_path / name).code == 0
