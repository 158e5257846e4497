"""A campaign after `merge close`: what its register tells, and that no letter goes out twice."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.campaigns import RunResult, letters, make, merge
from support.copied import copied
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
SPOKEN = f"{TODAY.day} {TODAY:%b %Y}"


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copied(worked_on, tmp_path / "old")


def worked_on(folder: Path) -> None:
    """Six letters, four posted, one of them answered; a seventh pair came later, and has none."""
    make(folder, Signers=SIGNERS)
    merge("letters", folder)
    merge("mark", "posted", folder, "--for", "S1", "--yes", "--date", "2026-11-20")
    merge("mark", "posted", folder, "--for", "S2", "--yes", "--date", "2026-11-21")
    merge("mark", "answered", folder, "--for", "S1", "--for", "Consul Roy")


def _close(folder: Path) -> RunResult:
    ran = merge("close", folder, "--yes")
    assert ran.code == 0, ran.err
    assert not [p for p in letters(folder).values() if p.suffix == ".docx"]
    return ran


def _figures(folder: Path) -> dict[str, Any]:
    """What is counted: the same before a campaign is closed and after, where all were made."""
    told = merge("status", folder, "--json").json
    numbers = report_numbers(inspect_campaign(read_campaign(folder)), with_names=True)
    return {
        **{key: told[key] for key in ("letters", "stages", "signers", "recipients")},
        "report": (numbers.totals, {each.name: {*each.rows} for each in numbers.tables}),
    }


@pytest.mark.slow
def test_status_and_report_go_on_telling_what_the_register_knows(campaign: Path) -> None:
    before = _figures(campaign)
    assert "merge status" in _close(campaign).last
    assert _figures(campaign) == before
    ran = merge("status", campaign)
    assert ran.code == 0
    assert f"This campaign was closed on {SPOKEN}. Its register lists 6 letters." in ran.out
    assert "0 printed, 0 signed, 4 posted, 1 answered." in ran.out
    assert merge("status", campaign, "--json").json["closed"] == str(TODAY)
    assert merge("status", campaign, "--for", "S1", "--json").json["stages"]["posted"] == 2
    assert merge("report", campaign).code == 0
    assert len([*campaign.glob("report *")]) == 2


def test_answers_that_come_later_are_counted(campaign: Path) -> None:
    _close(campaign)
    with excel(campaign / "register.xlsx") as sheet:
        heads = [cell.value for cell in sheet[1]]
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, heads.index("Answered") + 1).value = dt.date(2026, 12, 24)
    assert merge("status", campaign, "--json").json["stages"]["answered"] == 6
    assert merge("report", campaign, "--json").json["totals"]["Answered"] == 6


def _asked(folder: Path) -> list[str]:
    """What is said before all is deleted, but the first line and the last."""
    said = merge("close", folder, "--dry-run").out.splitlines()
    assert merge("close", folder).out.splitlines()[:-1] == said[:-1]  # what is asked
    return said[1:-1]


@pytest.mark.slow
def test_before_all_is_deleted_what_is_not_posted_or_was_edited_is_told(campaign: Path) -> None:
    assert _asked(campaign) == ["2 letters are not posted yet: 2 not printed."]
    add_line(campaign / "letters" / "Thandiwe Mokoena" / "Consul Roy.docx", "My own words.")
    merge("mark", "printed", campaign, "--for", "S3", "--for", "Minister Li")
    merge("mark", "signed", campaign, "--for", "S3", "--for", "Minister Li")
    make(campaign, Signers=[*SIGNERS, ["S4", "Leilani Kealoha"]])
    merge("letters", campaign)
    add_line(campaign / "letters" / "Leilani Kealoha" / "Consul Roy.docx", "My own words.")
    merge("mark", "printed", campaign, "--for", "S4", "--for", "Minister Li")
    waits = "2 not printed; 1 printed, not signed; 1 signed, not posted"
    assert _asked(campaign) == [
        f"4 letters are not posted yet: {waits}.",
        "2 letters were edited.",
    ]
    told = merge("status", campaign, "--json").json
    assert (told["letters"] - told["stages"]["posted"], told["states"]["edited"]) == (4, 2)


@pytest.mark.slow
def test_where_every_letter_is_posted_nothing_more_is_told(campaign: Path) -> None:
    merge("mark", "posted", campaign, "--for", "S3", "--for", "Consul Roy")
    assert _asked(campaign) == ["1 letter is not posted yet: 1 not printed."]
    merge("mark", "posted", campaign, "--all")
    assert _asked(campaign) == []


def test_a_campaign_whose_letters_cannot_be_counted_is_closed_all_the_same(campaign: Path) -> None:
    (campaign / "signers.xlsx").write_bytes(b"no workbook")
    ran = merge("close", campaign, "--dry-run")
    assert "Errors in the data hide how many letters are not posted or were edited:" in ran.err
    _close(campaign)


COMMANDS: list[tuple[str, ...]] = [
    ("letters",),
    ("letters", "--dry-run"),
    ("letters", "--new-register"),
    ("letters", "--replace", "all", "--yes"),
    ("letters", "--trust-register"),
    ("print",),
    ("print", "--dry-run"),
    ("proofread",),
    ("mark", "posted"),
]


def test_no_letter_is_made_again_by_accident(campaign: Path) -> None:
    _close(campaign)
    before = {p: p.read_bytes() for p in campaign.rglob("*.*") if p.is_file()}
    for command in COMMANDS:
        first = command[:2] if command[0] == "mark" else command[:1]
        ran = merge(*first, campaign, *command[len(first) :], "--json")
        assert ran.code == 1
        (problem,) = ran.json["problems"]
        assert (problem["code"], problem["level"]) == ("campaign-closed", "error")
        assert f"closed on {SPOKEN}" in problem["message"]
        assert problem["remedy"][-1] == f"merge close {campaign} --undo"
        assert {p: p.read_bytes() for p in campaign.rglob("*.*") if p.is_file()} == before


def test_that_it_is_closed_is_told_before_what_is_wrong_with_the_workbook(campaign: Path) -> None:
    _close(campaign)
    make(campaign, "Dear {{ recipient.nmae }}", Signers=SIGNERS)
    ran = merge("letters", campaign, "--json")
    assert [p["code"] for p in ran.json["problems"]] == ["campaign-closed"]
    ran = merge("check", campaign)
    assert (ran.code, ran.last) == (
        0,
        f"This campaign was closed on {SPOKEN}. You cannot create letters.",
    )


def test_opened_again_only_what_is_not_on_paper_is_made(campaign: Path) -> None:
    _close(campaign)
    ran = merge("close", campaign, "--undo")
    assert ran.code == 0
    assert f"it was closed on {SPOKEN}" in ran.out
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
def test_opened_again_with_an_older_register_what_was_posted_is_not_made_again(
    campaign: Path,
) -> None:
    merge("mark", "posted", campaign, "--undo")
    merge("letters", campaign)
    older = (campaign / "register.xlsx").read_bytes()
    merge("mark", "posted", campaign, "--all")
    _close(campaign)
    (campaign / "register.xlsx").write_bytes(older)
    merge("close", campaign, "--undo")
    merge("letters", campaign)
    assert not letters(campaign)


def test_a_reminder_goes_by_the_register_of_a_campaign_that_was_closed(
    campaign: Path, tmp_path: Path
) -> None:
    _close(campaign)
    ran = merge("new", tmp_path / "next", "--from", campaign, "--unanswered")
    assert ran.code == 0, ran.err
    rows = [*load_workbook(tmp_path / "next" / "signers.xlsx")["Pairs"].iter_rows(values_only=True)]
    assert [(row[0], row[1], str(row[2])[:10]) for row in rows[1:]] == [
        ("S1", "Minister Li", "2026-11-20"),
        ("S2", "Minister Li", "2026-11-21"),
        ("S2", "Consul Roy", "2026-11-21"),
    ]


def test_whose_row_has_left_the_workbook_gets_no_reminder_and_it_is_told(
    campaign: Path, tmp_path: Path
) -> None:
    _close(campaign)
    make(campaign, Signers=[SIGNERS[0], SIGNERS[2]])
    ran = merge("new", tmp_path / "next", "--from", campaign, "--unanswered")
    assert "Skipped: 1 letter not answered" in ran.err
    make(campaign, Signers=[SIGNERS[0], SIGNERS[3]])
    ran = merge("new", tmp_path / "other", "--from", campaign, "--unanswered")
    assert ran.code == 2
    assert "3 letters are unanswered" in ran.err


def test_it_is_known_though_excel_sorted_and_saved_the_register(campaign: Path) -> None:
    before = _figures(campaign)
    _close(campaign)
    with excel(campaign / "register.xlsx") as sheet:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for number, row in enumerate(reversed(rows), 2):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column).value = value
    assert _figures(campaign) == before
    assert merge("letters", campaign).code == 1


def test_without_the_hidden_file_no_letter_is_made_by_accident_either(campaign: Path) -> None:
    _close(campaign)
    shutil.rmtree(campaign / "letters")
    ran = merge("letters", campaign, "--json")
    assert [p["code"] for p in ran.json["problems"]][:1] == ["letters-gone"]
    assert not letters(campaign)


def test_letters_that_the_register_does_not_list_are_told_before(campaign: Path) -> None:
    assert "not in the register" not in merge("close", campaign, "--dry-run").err
    make(campaign, Signers=[*SIGNERS, ["S4", "Chidi Okafor"]])
    (campaign / "~$register.xlsx").write_bytes(b"open in Excel")
    merge("letters", campaign)
    told = merge("close", campaign, "--dry-run").err
    assert "2 letters are not in the register" in told


def test_closing_twice_keeps_the_day_and_takes_what_was_put_back(campaign: Path) -> None:
    kept = (campaign / "letters" / "Ana Ruiz" / "Consul Roy.docx").read_bytes()
    _close(campaign)
    assert merge("close", campaign).last == (
        f"This campaign was closed on {SPOKEN}. Nothing is left to delete."
    )
    (campaign / "letters" / "again.docx").write_bytes(kept)
    _close(campaign)


def test_the_hidden_file_names_nobody(campaign: Path) -> None:
    _close(campaign)
    held = (campaign / "letters" / ".merge-ledger").read_bytes()
    assert not [word for word in (b"Ana", b"Ruiz", b"Consul", b"docx") if word in held]
    merge("delete-person", "S1", campaign, "--yes")
    named = [row.get("Signer") for row in table(campaign / "register.xlsx")]
    assert [name for name in named if name] == [
        *["Bo Lindgren"] * 2,
        *["Thandiwe Mokoena"] * 2,
    ]


@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(3, 30))
def test_after_any_history_the_figures_are_those_of_before(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's days
    folder, signers = make(tmp_path, Signers=SIGNERS), [row[:] for row in SIGNERS]
    merge("letters", folder)
    for _ in range(6):
        act = chance.randrange(6)
        who, stage = chance.choice(signers[1:])[0], chance.choice(["printed", "signed", "posted"])
        if act == 0:
            merge("mark", stage, folder, "--for", who)
        elif act == 1:
            merge("mark", "answered", folder, "--for", who, "--for", "Consul Roy")
        elif act == 2:  # a date for a whole pile
            with excel(folder / "register.xlsx", "By signer") as sheet:
                heads = [cell.value for cell in sheet[1]]
                number = chance.randrange(2, sheet.max_row + 1)
                sheet.cell(number, heads.index("Signed") + 1).value = dt.date(2026, 11, 25)
        elif act == 3:
            signers.append([f"S{len(signers)}", f"Chidi Okafor {'abcdef'[len(signers) - 3]}"])
            make(folder, Signers=signers)
        elif act == 4:
            chosen = chance.choice(signers[1:])
            chosen[1] = f"{str(chosen[1]).split()[0]} Obiang"
            make(folder, Signers=signers)
            merge("letters", folder, "--same-person", chosen[0])
        else:
            for path in [*letters(folder).values()][:1]:
                add_line(path, "With my own words.")
        merge("letters", folder)
    before = _figures(folder)
    _close(folder)
    assert _figures(folder) == before


def test_to_reopen_a_campaign_cannot_be_a_dry_run(campaign: Path) -> None:
    merge("close", campaign, "--yes")
    ran = merge("close", campaign, "--undo", "--dry-run")
    assert (ran.code, "--undo cannot be used with --dry-run" in ran.err) == (2, True)
    assert merge("close", campaign, "--undo").out.startswith("Reopened; it was closed on ")


def test_the_last_line_says_how_many_files_were_deleted(campaign: Path) -> None:
    would_be = merge("close", campaign, "--dry-run").out.split(" in letters/")[0]
    ran = merge("close", campaign, "--yes")
    assert ran.last.startswith(f"{would_be} permanently deleted. The campaign is closed.")
