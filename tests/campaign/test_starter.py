"""A new campaign folder: the sample, or what another campaign began with."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.campaigns import letters, make, merge, text
from support.registers import excel


def test_the_sample_names_nobody_who_lives_and_its_letters_are_ready(tmp_path: Path) -> None:
    folder = tmp_path / "campaign"
    assert merge("new", folder).code == 0
    assert merge("check", folder).code == 0
    assert merge("letters", folder).code == 0
    words = "\n".join(line for path in letters(folder).values() for line in text(path))
    assert "Ministry of Justice of Velnia" in words
    assert not [name for name in ("Bastrykin", "Kislyak", "Chechnya") if name in words]


def test_a_title_left_as_the_sample_has_it_is_told_before_covers_are_printed(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "campaign"
    merge("new", folder)
    merge("letters", folder)
    assert "the covers show the title of the sample" in merge("print", folder, "--dry-run").err
    assert "title of the sample" not in merge("print", folder, "--dry-run", "--no-covers").err
    with excel(folder / "signers.xlsx", "Settings") as sheet:
        sheet["B2"] = "Free Mirela Oduya"
    assert "title of the sample" not in merge("print", folder, "--dry-run").err


def test_the_next_campaign_takes_workbook_and_templates_and_nothing_else(tmp_path: Path) -> None:
    old = make(tmp_path / "old")
    shutil.copyfile(old / "templates" / "appeal.docx", old / "templates" / "second.docx")
    (old / "templates" / "~$appeal.docx").write_bytes(b"Word has it open")
    merge("letters", old)
    before = (old / "signers.xlsx").read_bytes()
    assert merge("new", tmp_path / "next", "--from", old).code == 0
    found = {p.relative_to(tmp_path / "next").as_posix() for p in (tmp_path / "next").rglob("*.*")}
    assert found == {"signers.xlsx", "templates/appeal.docx", "templates/second.docx"}
    assert (tmp_path / "next" / "signers.xlsx").read_bytes() == before


def test_a_folder_without_a_campaign_is_named(tmp_path: Path) -> None:
    ran = merge("new", tmp_path / "next", "--from", tmp_path / "nothing")
    assert ran.code == 2
    assert "there is no campaign in this folder" in ran.err
    assert not (tmp_path / "next").exists()
