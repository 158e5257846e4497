"""A closed campaign: its figures, and no letter is created twice."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.campaigns import RunResult, letters, make, merge, record_lines
from support.copied_folders import copy_made_folder
from support.everyday import seeds
from support.registers import excel, table
from support.staff_actions import add_line

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign
from merge.campaign.report_numbers import report_numbers

SIGNERS = [
    ["ID", "Name"],
    ["S1", "Ana Ruiz"],
    ["S2", "Bo Lindgren"],
    ["S3", "Thandiwe Mokoena"],
]
TODAY = dt.datetime.now().astimezone().date()
TODAY_TEXT = f"{TODAY.day} {TODAY:%b %Y}"


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(create_posted_campaign, tmp_path / "old")


def create_posted_campaign(folder: Path) -> None:
    """Create six letters, four of them posted, and one of these answered."""
    make(folder, Signers=SIGNERS)
    merge("letters", folder)
    merge("mark", "posted", folder, "--for", "S1", "--yes", "--date", "2026-11-20")
    merge("mark", "posted", folder, "--for", "S2", "--yes", "--date", "2026-11-21")
    merge("mark", "answered", folder, "--for", "S1", "--for", "Consul Roy")


def _close_campaign(folder: Path) -> RunResult:
    ran = merge("close", folder, "--yes")
    assert ran.code == 0, ran.err
    assert not [p for p in letters(folder).values() if p.suffix == ".docx"]
    return ran


def _figures(folder: Path) -> dict[str, Any]:
    """Return the counts of status and report, the same before and after."""
    status = merge("status", folder, "--json").json
    numbers = report_numbers(inspect_campaign(read_campaign(folder)), with_names=True)
    return {
        **{key: status[key] for key in ("letters", "stages", "signers", "recipients")},
        "report": (numbers.totals, {table.name: {*table.rows} for table in numbers.tables}),
    }


@pytest.mark.slow
def test_a_closed_campaign_has_the_same_figures_in_status_and_report(campaign: Path) -> None:
    before = _figures(campaign)
    assert "merge status" in _close_campaign(campaign).last
    assert _figures(campaign) == before
    ran = merge("status", campaign)
    assert ran.code == 0
    assert f"This campaign was closed on {TODAY_TEXT}. Its register lists 6 letters." in ran.out
    assert "0 printed, 0 signed, 4 posted, 1 answered." in ran.out
    assert merge("status", campaign, "--json").json["closed"] == str(TODAY)
    assert merge("status", campaign, "--for", "S1", "--json").json["stages"]["posted"] == 2
    assert merge("report", campaign).code == 0
    assert len([*campaign.glob("report *")]) == 2


@pytest.mark.slow
def test_answers_entered_after_closing_a_campaign_are_counted(campaign: Path) -> None:
    _close_campaign(campaign)
    with excel(campaign / "register.xlsx") as sheet:
        headings = [cell.value for cell in sheet[1]]
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, headings.index("Answered") + 1).value = dt.date(2026, 12, 24)
    assert merge("status", campaign, "--json").json["stages"]["answered"] == 6
    assert merge("report", campaign, "--json").json["totals"]["Answered"] == 6


def _preview_lines(folder: Path) -> list[str]:
    """Return the lines of the preview, except the first and the last."""
    lines = merge("close", folder, "--dry-run").out.splitlines()
    assert merge("close", folder).out.splitlines()[:-1] == lines[:-1]  # before the confirmation
    return lines[1:-1]


@pytest.mark.slow
def test_closing_a_campaign_first_counts_edited_letters_and_those_not_posted(
    campaign: Path,
) -> None:
    assert _preview_lines(campaign) == ["2 letters are not posted yet: 2 not printed."]
    add_line(campaign / "letters" / "Thandiwe Mokoena" / "Consul Roy.docx", "My own words.")
    merge("mark", "printed", campaign, "--for", "S3", "--for", "Minister Li")
    merge("mark", "signed", campaign, "--for", "S3", "--for", "Minister Li")
    make(campaign, Signers=[*SIGNERS, ["S4", "Leilani Kealoha"]])
    merge("letters", campaign)
    add_line(campaign / "letters" / "Leilani Kealoha" / "Consul Roy.docx", "My own words.")
    merge("mark", "printed", campaign, "--for", "S4", "--for", "Minister Li")
    stages = "2 not printed; 1 printed, not signed; 1 signed, not posted"
    assert _preview_lines(campaign) == [
        f"4 letters are not posted yet: {stages}.",
        "2 letters were edited.",
    ]
    status = merge("status", campaign, "--json").json
    assert (status["letters"] - status["stages"]["posted"], status["states"]["edited"]) == (4, 2)


@pytest.mark.slow
def test_closing_a_campaign_reports_nothing_more_if_every_letter_is_posted(campaign: Path) -> None:
    merge("mark", "posted", campaign, "--for", "S3", "--for", "Consul Roy")
    assert _preview_lines(campaign) == ["1 letter is not posted yet: 1 not printed."]
    merge("mark", "posted", campaign, "--all")
    assert _preview_lines(campaign) == []


def test_a_campaign_can_be_closed_if_its_letters_cannot_be_counted(campaign: Path) -> None:
    (campaign / "signers.xlsx").write_bytes(b"no workbook")
    ran = merge("close", campaign, "--dry-run")
    assert "Errors in the data hide how many letters are not posted or were edited:" in ran.err
    _close_campaign(campaign)


COMMANDS: list[tuple[str, ...]] = [
    ("letters",),
    ("letters", "--dry-run"),
    ("letters", "--anyway"),
    ("letters", "--replace", "all", "--yes"),
    ("letters", "--release"),
    ("print",),
    ("print", "--dry-run"),
    ("proofread",),
    ("mark", "posted"),
]


def test_a_closed_campaign_refuses_to_create_print_proofread_or_mark_letters(
    campaign: Path,
) -> None:
    _close_campaign(campaign)
    before = {p: p.read_bytes() for p in campaign.rglob("*.*") if p.is_file()}
    for command in COMMANDS:
        command_words = command[:2] if command[0] == "mark" else command[:1]
        ran = merge(*command_words, campaign, *command[len(command_words) :], "--json")
        assert ran.code == 1
        (problem,) = ran.json["problems"]
        assert (problem["code"], problem["level"]) == ("campaign-closed", "error")
        assert f"closed on {TODAY_TEXT}" in problem["message"]
        assert problem["remedy"][-1] == f"merge close {campaign} --undo"
        assert {p: p.read_bytes() for p in campaign.rglob("*.*") if p.is_file()} == before


@pytest.mark.parametrize("command", ["letters", "print"])
def test_no_command_is_proposed_that_cannot_work_after_closing(
    campaign: Path, command: str
) -> None:
    _close_campaign(campaign)
    assert merge(command, campaign).last in (
        "1 error, 0 letters saved.",
        "1 error, nothing was created.",
    )


def test_a_closed_campaign_is_reported_before_errors_in_its_data(campaign: Path) -> None:
    _close_campaign(campaign)
    make(campaign, "Dear {{ recipient.nmae }}", Signers=SIGNERS)
    ran = merge("letters", campaign, "--json")
    assert [p["code"] for p in ran.json["problems"]] == ["campaign-closed"]
    ran = merge("check", campaign)
    assert (ran.code, ran.last) == (
        0,
        f"This campaign was closed on {TODAY_TEXT}. You cannot create letters.",
    )


def test_a_reopened_campaign_creates_only_letters_that_are_not_printed(campaign: Path) -> None:
    _close_campaign(campaign)
    ran = merge("close", campaign, "--undo")
    assert ran.code == 0
    assert f"it was closed on {TODAY_TEXT}" in ran.out
    assert merge("letters", campaign).code == 0
    assert [*letters(campaign)] == [
        "Thandiwe Mokoena/Consul Roy.docx",
        "Thandiwe Mokoena/Minister Li.docx",
    ]
    assert merge("status", campaign, "--json").json["stages"]["posted"] == 4
    assert len(table(campaign / "register.xlsx")) == 6
    assert (
        merge("close", campaign, "--undo").last
        == "This campaign is not closed. Nothing was changed."
    )


@pytest.mark.slow
def test_a_reopened_campaign_with_an_older_register_creates_no_posted_letters(
    campaign: Path,
) -> None:
    merge("mark", "posted", campaign, "--undo")
    merge("letters", campaign)
    older = (campaign / "register.xlsx").read_bytes()
    merge("mark", "posted", campaign, "--all")
    _close_campaign(campaign)
    (campaign / "register.xlsx").write_bytes(older)
    merge("close", campaign, "--undo")
    merge("letters", campaign)
    assert not letters(campaign)


def test_a_closed_campaign_gives_its_unanswered_letters_to_a_new_campaign(
    campaign: Path, tmp_path: Path
) -> None:
    _close_campaign(campaign)
    ran = merge("new", tmp_path / "next", "--from", campaign, "--unanswered")
    assert ran.code == 0, ran.err
    rows = [*load_workbook(tmp_path / "next" / "signers.xlsx")["Pairs"].iter_rows(values_only=True)]
    assert [(row[0], row[1], str(row[2])[:10]) for row in rows[1:]] == [
        ("S1", "Minister Li", "2026-11-20"),
        ("S2", "Minister Li", "2026-11-21"),
        ("S2", "Consul Roy", "2026-11-21"),
    ]


def test_a_closed_campaign_gives_no_unanswered_letters_of_removed_people(
    campaign: Path, tmp_path: Path
) -> None:
    _close_campaign(campaign)
    make(campaign, Signers=[SIGNERS[0], SIGNERS[2]])
    ran = merge("new", tmp_path / "next", "--from", campaign, "--unanswered")
    assert "Skipped: 1 letter not answered" in ran.err
    make(campaign, Signers=[SIGNERS[0], SIGNERS[3]])
    ran = merge("new", tmp_path / "other", "--from", campaign, "--unanswered")
    assert ran.code == 2
    assert "3 letters are unanswered" in ran.err


def test_a_closed_campaign_keeps_its_figures_if_the_register_is_sorted(campaign: Path) -> None:
    before = _figures(campaign)
    _close_campaign(campaign)
    with excel(campaign / "register.xlsx") as sheet:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for number, row in enumerate(reversed(rows), 2):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column).value = value
    assert _figures(campaign) == before
    assert merge("letters", campaign).code == 1


def test_a_closed_campaign_without_its_letters_folder_creates_no_letters(campaign: Path) -> None:
    _close_campaign(campaign)
    shutil.rmtree(campaign / "letters")
    ran = merge("letters", campaign, "--json")
    assert [p["code"] for p in ran.json["problems"]][:1] == ["campaign-closed"]
    assert not (campaign / "letters").exists()


def test_closing_a_campaign_first_reports_letters_not_in_the_register(campaign: Path) -> None:
    assert "not in the register" not in merge("close", campaign, "--dry-run").err
    make(campaign, Signers=[*SIGNERS, ["S4", "Chidi Okafor"]])
    (campaign / "~$register.xlsx").write_bytes(b"open in Excel")
    merge("letters", campaign)
    errors = merge("close", campaign, "--dry-run").err
    assert "2 letters are not in the register" in errors


def test_closing_a_campaign_again_keeps_the_date_and_deletes_restored_letters(
    campaign: Path,
) -> None:
    letter = (campaign / "letters" / "Ana Ruiz" / "Consul Roy.docx").read_bytes()
    _close_campaign(campaign)
    assert merge("close", campaign).last == (
        f"This campaign was closed on {TODAY_TEXT}. Nothing is left to delete."
    )
    (campaign / "letters" / "again.docx").write_bytes(letter)
    _close_campaign(campaign)


def test_the_ledger_of_a_closed_campaign_contains_no_names(campaign: Path) -> None:
    _close_campaign(campaign)
    ledger = record_lines(campaign)
    assert not [word for word in (b"Ana", b"Ruiz", b"Consul", b"docx") if word in ledger]
    merge("delete-person", "S1", campaign, "--yes")
    signers = [row.get("Signer") for row in table(campaign / "register.xlsx")]
    assert [name for name in signers if name] == [
        *["Bo Lindgren"] * 2,
        *["Thandiwe Mokoena"] * 2,
    ]


@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(3, 30))
def test_closing_a_campaign_with_a_random_history_keeps_its_figures(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311 - random days of a test
    folder, signers = make(tmp_path, Signers=SIGNERS), [row[:] for row in SIGNERS]
    merge("letters", folder)
    for _ in range(6):
        action = chance.randrange(6)
        signer, stage = (
            chance.choice(signers[1:])[0],
            chance.choice(["printed", "signed", "posted"]),
        )
        if action == 0:
            merge("mark", stage, folder, "--for", signer)
        elif action == 1:
            merge("mark", "answered", folder, "--for", signer, "--for", "Consul Roy")
        elif action == 2:  # one date for all letters of a pile
            with excel(folder / "register.xlsx", "By signer") as sheet:
                headings = [cell.value for cell in sheet[1]]
                number = chance.randrange(2, sheet.max_row + 1)
                sheet.cell(number, headings.index("Signed") + 1).value = dt.date(2026, 11, 25)
        elif action == 3:
            signers.append([f"S{len(signers)}", f"Chidi Okafor {'abcdef'[len(signers) - 3]}"])
            make(folder, Signers=signers)
        elif action == 4:
            chosen = chance.choice(signers[1:])
            chosen[1] = f"{str(chosen[1]).split()[0]} Obiang"
            make(folder, Signers=signers)
            merge("letters", folder, "--same-person", chosen[0])
        else:
            for path in [*letters(folder).values()][:1]:
                add_line(path, "With my own words.")
        merge("letters", folder)
    before = _figures(folder)
    _close_campaign(folder)
    assert _figures(folder) == before


def test_reopening_a_campaign_cannot_be_a_dry_run(campaign: Path) -> None:
    merge("close", campaign, "--yes")
    ran = merge("close", campaign, "--undo", "--dry-run")
    assert (ran.code, "--undo cannot be used with --dry-run" in ran.err) == (2, True)
    assert merge("close", campaign, "--undo").out.startswith("Reopened; it was closed on ")


def test_closing_a_campaign_reports_how_many_files_were_deleted(campaign: Path) -> None:
    preview = merge("close", campaign, "--dry-run").out.split(" in letters/")[0]
    ran = merge("close", campaign, "--yes")
    assert ran.last.startswith(f"{preview} permanently deleted. The campaign is closed.")
