"""Commands that get the wrong folder suggest the right one."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import make, make_with_letters, merge, typed

from merge.cli.page_command import serve_page
from merge.errors import UsageError


def test_a_workbook_instead_of_a_folder_is_an_error(tmp_path: Path) -> None:
    make(tmp_path)
    ran = merge("status", tmp_path / "signers.xlsx")
    assert ran.code == 2
    assert f"{tmp_path / 'signers.xlsx'} is a file, not a folder." in ran.err


def test_a_campaign_in_a_folder_above_or_below_is_suggested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "spring")
    assert f"Use the one in {folder}." in merge("letters", tmp_path).err
    merge("letters", folder)
    monkeypatch.chdir(folder / "letters")
    assert f"Use the one in {folder}." in merge("letters").err
    (tmp_path / "nothing" / "at all").mkdir(parents=True)
    assert "Check the name and the folder." in merge("letters", tmp_path / "nothing" / "at all").err


def test_all_campaigns_in_subfolders_are_suggested(tmp_path: Path) -> None:
    folders = [make(tmp_path / name) for name in ("autumn", "spring")]
    assert f"Use one of those in {folders[0]}, {folders[1]}." in merge("check", tmp_path).err
    for number in range(4):
        make(tmp_path / f"winter {number}")
    assert f"{folders[1]}, {tmp_path / 'winter 0'}" in merge("check", tmp_path).err
    assert " and 1 more." in merge("check", tmp_path).err


def test_a_suggested_command_names_the_folder(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path / "my campaign")
    (folder / "letters").rename(folder / "letters May")
    assert typed("merge", "letters", folder, "--anyway") in merge("letters", folder).err


def test_the_error_for_a_name_without_quotation_marks_mentions_them(tmp_path: Path) -> None:
    ran = merge("letters", make(tmp_path), "--for", "Ana", "Ruiz")
    assert ran.code == 2
    assert "quotation marks" in ran.err


def test_letters_are_created_again_after_their_folder_is_lost_only_if_asked(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    (folder / "letters").rename(folder / "letters May")
    ran = merge("letters", folder)
    assert (ran.code, (folder / "letters" / "Ana Ruiz").exists()) == (1, False)
    assert "The register lists 4 letters, but the letters folder has none." in ran.err
    assert merge("letters", folder, "--anyway").code == 0
    assert (folder / "letters" / "Ana Ruiz").exists()


def test_the_page_of_a_missing_folder_suggests_a_similar_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "my-campaign").mkdir()
    with pytest.raises(UsageError, match=r"Did you mean my-campaign\?"):
        serve_page(tmp_path / "my-campagn", browser=False)
    with pytest.raises(UsageError, match=r"not found\. Choose a campaign folder"):
        serve_page(tmp_path / "elsewhere" / "x", browser=False)
