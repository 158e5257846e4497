"""Files that closing a campaign deletes, and files that it keeps."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.campaigns import campaign_files, letters, make, merge
from support.copied_folders import copy_made_folder
from support.documents import docx
from support.staff_actions import add_line

from merge.campaign.closing import close_campaign_folder, plan_closing
from merge.errors import StorageError

SIGNERS = [["Name"], ["Ana Ruiz"], ["Bo Lindgren"], ["Олена Журавчук"], ["Thandiwe Mokoena"]]
RECIPIENTS = [["Name"], ["Minister Li Wen"], ["Consul Roy"]]


def create_letters(folder: Path) -> None:
    """Create the letters of four signers to two recipients."""
    merge("letters", make(folder, Signers=SIGNERS, Recipients=RECIPIENTS))


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(create_letters, tmp_path / "campaign")


def test_closing_a_campaign_keeps_only_its_data_register_and_reports(campaign: Path) -> None:
    merge("print", campaign)
    merge("report", campaign)
    assert merge("close", campaign).code == 1
    assert len(letters(campaign)) == 8
    ran = merge("close", campaign, "--yes")
    assert ran.code == 0
    remaining = {p.relative_to(campaign).as_posix() for p in campaign.rglob("*") if p.is_file()}
    lock = [] if os.name == "nt" else ["letters/.merge-lock"]  # filelock removes it on Windows
    others = {path for path in remaining if not path.startswith("Appeal Merge records/")}
    assert {p for p in others if not p.startswith("report ")} == {
        *("signers.xlsx", "register.xlsx", "templates/appeal.docx"),
        *lock,
    }
    assert len(others) == 5 + len(lock)
    assert merge("close", campaign.parent, "--yes").code == 2


def test_closing_a_campaign_counts_a_letter_that_was_edited_and_printed(campaign: Path) -> None:
    before = plan_closing(campaign).counts
    path = min((campaign / "letters").rglob("*.docx"))
    add_line(path, "In haste.")
    merge("mark", "printed", campaign, "--for", path.parent.name, "--yes")
    after = plan_closing(campaign).counts
    assert before is not None
    assert after is not None
    assert (before.edited, after.edited) == (0, 1)
    assert after.states["on-paper"] > 0


def test_closing_a_campaign_is_refused_if_its_files_changed_after_the_preview(
    campaign: Path,
) -> None:
    preview = plan_closing(campaign).files
    for files in (preview[1:], preview):
        if files is preview:
            merge("print", campaign)
        with pytest.raises(StorageError, match="since the list of files was made"):
            close_campaign_folder(campaign, files)
        assert len(letters(campaign)) == 8
    assert close_campaign_folder(campaign, plan_closing(campaign).files).count > 8


def test_closing_a_campaign_keeps_and_lists_files_of_staff(campaign: Path) -> None:
    merge("print", campaign)
    merge("proofread", campaign)
    staff_files = [
        campaign / "letters" / "Ana Ruiz" / "scan.pdf",
        campaign / "letters" / "notes.docx",
        campaign / "print" / "prices.txt",
    ]
    for path in staff_files:
        path.write_bytes(docx("Ours.") if path.suffix == ".docx" else b"ours")
    ran = merge("close", campaign, "--yes")
    assert ran.code == 0
    assert "Also kept, because the program did not create them:" in ran.err
    paths = {p for name in ("letters", "print") for p in (campaign / name).rglob("*")}
    remaining = {p for p in paths if p.is_file() and not p.name.startswith(".merge-")}
    assert remaining == {*staff_files}
    for path in staff_files:
        assert path.relative_to(campaign).as_posix() in ran.err


def test_closing_a_campaign_is_refused_while_a_letter_is_open(campaign: Path) -> None:
    (campaign / "letters" / "Ana Ruiz" / "~$nsul Roy.docx").write_bytes(b"open")
    before = campaign_files(campaign)
    ran = merge("close", campaign, "--yes")
    assert (ran.code, campaign_files(campaign)) == (1, before)
    assert "is open in Word or Excel" in ran.err


def test_closing_a_folder_without_a_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.docx").write_bytes(docx("Mine."))
    ran = merge("close", tmp_path, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert (tmp_path / "letters" / "mine.docx").exists()


def test_closing_a_campaign_deletes_a_letter_saved_without_its_id(campaign: Path) -> None:
    (campaign / "letters" / "Ana Ruiz" / "Consul Roy.docx").write_bytes(docx("Saved elsewhere."))
    merge("close", campaign, "--yes")
    assert not letters(campaign)
