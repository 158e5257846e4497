"""Whoever names the wrong folder is told the right one."""

from __future__ import annotations

from pathlib import Path

import pytest
from folder import make, merge


def test_the_workbook_itself_is_no_folder(tmp_path: Path) -> None:
    make(tmp_path)
    ran = merge("status", tmp_path / "signers.xlsx")
    assert ran.code == 2
    assert f"{tmp_path / 'signers.xlsx'} is a file. Name the folder in which it lies." in ran.err


def test_a_campaign_below_or_above_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "spring")
    assert f"There is one in {folder}." in merge("letters", tmp_path).err
    merge("letters", folder)
    monkeypatch.chdir(folder / "letters")
    assert f"There is one in {folder}." in merge("letters").err
    (tmp_path / "nothing" / "at all").mkdir(parents=True)
    assert "Check the name and the folder." in merge("letters", tmp_path / "nothing" / "at all").err
