"""Symbolic links at every file and folder of a campaign, for every command.

A campaign folder may come out of a zip, from a stick or a cloud. What a link leads to is neither
changed nor copied into the campaign; a link in the place of a file or folder of ours is refused.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.campaigns import merge
from support.copied import copied
from support.every_command import COMMANDS, REPORT, whole_campaign
from support.everyday import everyday
from support.imports import BEFORE, LIST

from merge.disk import check_no_link, read_campaign_file
from merge.errors import StorageError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")

REFUSED = (
    *("signers.xlsx", "templates", "templates/appeal.docx", LIST, BEFORE, "register.xlsx"),
    *("letters", "letters/.merge-ledger", "letters/.merge-lock", "letters/No longer wanted"),
    *("letters/Old versions", "print", "print/.merge-lock", "Old versions", REPORT),
)
"""Places at which a link stops every command that looks at the campaign."""
SPARED = (
    "letters/.merge-snapshot",
    "letters/Ana Ruiz",
    "letters/Ana Ruiz/Consul Roy.docx",
    "PRINT",
)
"""Places below, where a link is left alone."""


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    folder = copied(whole_campaign, tmp_path / "campaign")
    (folder / "answers.csv").rename(tmp_path / "answers.csv")
    return folder


def linked(folder: Path, place: str) -> Path:
    """Put a link in a place, and what is there outside; return the folder with that."""
    outside = folder.parent / "outside"
    outside.mkdir()
    path = next(folder.glob("print/2*")) if place == "PRINT" else folder / place
    target = outside / "there"
    if path.exists():
        path.rename(target)
    elif path.suffix or path.name.startswith("."):
        target.write_bytes(b"not of this campaign")
    else:
        target.mkdir()
        (target / "x.docx").write_bytes(b"not of this campaign")
    path.symlink_to(target)
    return outside


def contents(folder: Path) -> dict[str, bytes]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def test_the_campaign_has_a_file_in_each_place(campaign: Path) -> None:
    made_later = {"letters/No longer wanted", "letters/Old versions", "Old versions"}
    made_later |= {"letters/.merge-snapshot"}
    missing = {p for p in (*REFUSED, *SPARED) if not (campaign / p).exists()}
    assert missing - made_later == {"PRINT"}
    assert [*campaign.glob("print/2*")]


@pytest.mark.parametrize("place", everyday([*REFUSED, *SPARED], of=(3, 4, 8)))
def test_no_command_reads_or_writes_through_a_link(campaign: Path, place: str) -> None:
    outside = linked(campaign, place)
    before, own = contents(outside), contents(campaign)
    for name, words in COMMANDS.items():
        ran = merge(*words(campaign))
        assert ran.code in {0, 1, 2}, (name, ran.err)
        assert contents(outside) == before, name
        if place in REFUSED:
            assert ran.code == 1, name
            said = " ".join((ran.err + ran.out).split())
            assert f"error {place} This is a link to {outside / 'there'}." in said, name
            assert contents(campaign) == own, name
    copies = contents(campaign.parent / "new") if (campaign.parent / "new").exists() else {}
    assert place not in copies


def test_a_campaign_folder_that_is_reached_by_a_link_is_worked_in(
    campaign: Path, tmp_path: Path
) -> None:
    (tmp_path / "Documents").symlink_to(campaign.parent, target_is_directory=True)
    assert merge("letters", tmp_path / "Documents" / "campaign").code == 0
    (tmp_path / "shortcut").symlink_to(campaign, target_is_directory=True)
    assert merge("status", tmp_path / "shortcut").code == 0


def test_links_of_staff_that_are_nothing_of_ours_are_left_alone(campaign: Path) -> None:
    (campaign / "photos").symlink_to(campaign.parent)
    (campaign / "notes.txt").symlink_to(campaign.parent / "answers.csv")
    assert merge("check", campaign).code == 0


def test_a_link_that_leads_nowhere_is_refused_as_well(campaign: Path) -> None:
    (campaign / "register.xlsx").unlink()
    (campaign / "register.xlsx").symlink_to(campaign.parent / "gone.xlsx")
    ran = merge("letters", campaign)
    assert ran.code == 1
    assert "register.xlsx\n       This is a link to" in ran.err
    assert not (campaign.parent / "gone.xlsx").exists()


def test_a_hidden_folder_of_a_killed_run_that_is_a_link_gives_nothing_back(campaign: Path) -> None:
    outside = campaign.parent / "outside"
    outside.mkdir()
    for name in ("register.xlsx", "secret.docx"):
        (outside / name).write_bytes(b"not of this campaign")
    for folder in ("", "templates", "letters", "letters/Ana Ruiz"):
        (campaign / folder / ".merge-taken-1-1").symlink_to(outside)
        (campaign / folder / ".merge-1-1.tmp").symlink_to(outside)
    before = contents(outside)
    for words in COMMANDS.values():
        merge(*words(campaign))
        assert contents(outside) == before
    assert not [*campaign.rglob("secret.docx")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
@pytest.mark.parametrize("place", ["letters/.merge-ledger-journal", "letters/.merge-lock"])
def test_a_pipe_in_the_place_of_the_memory_holds_up_no_command(campaign: Path, place: str) -> None:
    (campaign / place).unlink(missing_ok=True)
    os.mkfifo(campaign / place)
    for words in (COMMANDS["check"], COMMANDS["letters"], COMMANDS["delete-person"]):
        ran = merge(*words(campaign))
        assert ran.code == 1
        assert f"error  {place}\n       This is a device or a pipe, not a file." in ran.err


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_a_pipe_among_the_templates_holds_up_no_command(campaign: Path) -> None:
    (campaign / "templates" / "appeal.docx").unlink()
    os.mkfifo(campaign / "templates" / "appeal.docx")
    for words in COMMANDS.values():
        assert merge(*words(campaign)).code in {0, 1, 2}
    with pytest.raises(OSError, match="a device or a pipe"):
        read_campaign_file(campaign / "templates" / "appeal.docx")


def test_a_file_that_became_a_link_after_the_look_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.xlsx").write_bytes(b"secret")
    (tmp_path / "signers.xlsx").symlink_to(tmp_path / "secret.xlsx")
    (tmp_path / "gone.xlsx").symlink_to(tmp_path / "none")
    for name in ("signers.xlsx", "gone.xlsx"):
        with pytest.raises(StorageError, match=f"{name}: This is a link"):
            read_campaign_file(tmp_path / name)
    assert read_campaign_file(tmp_path / "secret.xlsx") == b"secret"


def test_each_folder_on_the_way_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "real" / "sub").mkdir(parents=True)
    (tmp_path / "campaign").mkdir()
    (tmp_path / "campaign" / "link").symlink_to(tmp_path / "real")
    check_no_link(tmp_path / "campaign", tmp_path / "campaign" / "none" / "x")
    check_no_link(tmp_path / "campaign" / "link", tmp_path / "campaign" / "link" / "sub")
    check_no_link(tmp_path / "campaign", tmp_path / "real" / "sub")
    with pytest.raises(StorageError, match="link: This is a link to"):
        check_no_link(tmp_path / "campaign", tmp_path / "campaign" / "link" / "sub" / "x")


def test_what_a_cloud_has_not_downloaded_is_no_link_and_a_junction_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows tells them, by the tags of its reparse points."""
    cloud, junction = 0x9000001A, 0xA0000003
    path = tmp_path / "letters"
    path.mkdir()
    told = SimpleNamespace(st_mode=path.lstat().st_mode, st_reparse_tag=cloud)
    monkeypatch.setattr(os, "lstat", lambda _: told)
    monkeypatch.setattr("stat.IO_REPARSE_TAG_MOUNT_POINT", junction, raising=False)
    check_no_link(tmp_path, path)
    told.st_reparse_tag = junction
    with pytest.raises(StorageError, match="letters: Links inside"):
        check_no_link(tmp_path, path)
