"""Symbolic links in place of every file and folder of a campaign.

A campaign folder may come from a zip, a USB stick or a cloud. The target of a link is neither
changed nor copied into the campaign. A link in place of a file or folder of the program is refused.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.campaigns import merge
from support.copied_folders import copy_made_folder
from support.every_command import COMMANDS, REPORT, make_campaign_for_every_command
from support.everyday import everyday
from support.imports import BEFORE, LIST

from merge.disk import check_no_link, read_campaign_file
from merge.errors import StorageError

pytestmark = pytest.mark.posix("links need rights on Windows")

REFUSED = (
    *("signers.xlsx", "templates", "templates/appeal.docx", LIST, BEFORE, "register.xlsx"),
    *(
        "letters",
        "Appeal Merge records",
        "letters/.merge-lock",
        "letters/No longer wanted",
    ),
    *("letters/Old versions", "print", "print/.merge-lock", "Old versions", REPORT),
)
"""Paths at which a link stops every command that reads the campaign."""
IGNORED = (
    "letters/Ana Ruiz",
    "letters/Ana Ruiz/Consul Roy.docx",
    "PRINT",
)
"""Deeper paths, at which a link is ignored."""


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    folder = copy_made_folder(make_campaign_for_every_command, tmp_path / "campaign")
    (folder / "answers.csv").rename(tmp_path / "answers.csv")
    return folder


def _replace_by_link(folder: Path, place: str) -> Path:
    """Replace a path by a link; return the outside folder with its target."""
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


def _contents(folder: Path) -> dict[str, bytes]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


@pytest.mark.disk("capitals")
def test_the_campaign_for_link_tests_has_a_file_at_every_path(campaign: Path) -> None:
    created_later = {"letters/No longer wanted", "letters/Old versions", "Old versions"}
    missing = {p for p in (*REFUSED, *IGNORED) if not (campaign / p).exists()}
    assert missing - created_later == {"PRINT"}
    assert [*campaign.glob("print/2*")]


@pytest.mark.parametrize("place", everyday([*REFUSED, *IGNORED], daily=(3, 4, 8)))
def test_no_command_reads_or_writes_through_a_symbolic_link(campaign: Path, place: str) -> None:
    outside = _replace_by_link(campaign, place)
    outside_before, campaign_before = _contents(outside), _contents(campaign)
    for name, words in COMMANDS.items():
        ran = merge(*words(campaign))
        assert ran.code in {0, 1, 2}, (name, ran.err)
        assert _contents(outside) == outside_before, name
        if place in REFUSED:
            assert ran.code == 1, name
            output = " ".join((ran.err + ran.out).split())
            assert f"error {place} This is a link to {outside / 'there'}." in output, name
            assert _contents(campaign) == campaign_before, name
    copies = _contents(campaign.parent / "new") if (campaign.parent / "new").exists() else {}
    assert place not in copies


def test_a_campaign_folder_may_be_opened_through_a_symbolic_link(
    campaign: Path, tmp_path: Path
) -> None:
    (tmp_path / "Documents").symlink_to(campaign.parent, target_is_directory=True)
    assert merge("letters", tmp_path / "Documents" / "campaign").code == 0
    (tmp_path / "shortcut").symlink_to(campaign, target_is_directory=True)
    assert merge("status", tmp_path / "shortcut").code == 0


def test_symbolic_links_that_the_program_does_not_use_are_ignored(campaign: Path) -> None:
    (campaign / "photos").symlink_to(campaign.parent)
    (campaign / "notes.txt").symlink_to(campaign.parent / "answers.csv")
    assert merge("check", campaign).code == 0


def test_a_symbolic_link_without_a_target_is_refused(campaign: Path) -> None:
    (campaign / "register.xlsx").unlink()
    (campaign / "register.xlsx").symlink_to(campaign.parent / "gone.xlsx")
    ran = merge("letters", campaign)
    assert ran.code == 1
    assert "register.xlsx\n       This is a link to" in ran.err
    assert not (campaign.parent / "gone.xlsx").exists()


def test_files_are_not_restored_from_a_symbolic_link_to_a_hidden_folder(campaign: Path) -> None:
    outside = campaign.parent / "outside"
    outside.mkdir()
    for name in ("register.xlsx", "secret.docx"):
        (outside / name).write_bytes(b"not of this campaign")
    for folder in ("", "templates", "letters", "letters/Ana Ruiz"):
        (campaign / folder / ".merge-taken-1-1").symlink_to(outside)
        (campaign / folder / ".merge-1-1.tmp").symlink_to(outside)
    before = _contents(outside)
    for words in COMMANDS.values():
        merge(*words(campaign))
        assert _contents(outside) == before
    assert not [*campaign.rglob("secret.docx")]


@pytest.mark.disk("pipes")
@pytest.mark.posix("Windows has no pipes in folders")
@pytest.mark.parametrize("place", ["Appeal Merge records/a.jsonl", "letters/.merge-lock"])
def test_a_pipe_in_place_of_the_programs_file_blocks_no_command(campaign: Path, place: str) -> None:
    (campaign / place).unlink(missing_ok=True)
    os.mkfifo(campaign / place)
    for words in (COMMANDS["check"], COMMANDS["letters"], COMMANDS["delete-person"]):
        ran = merge(*words(campaign))
        assert ran.code == 1
        assert f"error  {place}\n       This is a device or a pipe, not a file." in ran.err


@pytest.mark.slow
@pytest.mark.disk("pipes")
@pytest.mark.posix("Windows has no pipes in folders")
def test_a_pipe_among_the_templates_blocks_no_command(campaign: Path) -> None:
    (campaign / "templates" / "appeal.docx").unlink()
    os.mkfifo(campaign / "templates" / "appeal.docx")
    for words in COMMANDS.values():
        assert merge(*words(campaign)).code in {0, 1, 2}
    with pytest.raises(OSError, match="a device or a pipe"):
        read_campaign_file(campaign / "templates" / "appeal.docx")


def test_a_file_that_was_replaced_by_a_symbolic_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.xlsx").write_bytes(b"secret")
    (tmp_path / "signers.xlsx").symlink_to(tmp_path / "secret.xlsx")
    (tmp_path / "gone.xlsx").symlink_to(tmp_path / "none")
    for name in ("signers.xlsx", "gone.xlsx"):
        with pytest.raises(StorageError, match=f"{name}: This is a link"):
            read_campaign_file(tmp_path / name)
    assert read_campaign_file(tmp_path / "secret.xlsx") == b"secret"


def test_each_folder_of_a_path_is_checked_for_symbolic_links(tmp_path: Path) -> None:
    (tmp_path / "real" / "sub").mkdir(parents=True)
    (tmp_path / "campaign").mkdir()
    (tmp_path / "campaign" / "link").symlink_to(tmp_path / "real")
    check_no_link(tmp_path / "campaign", tmp_path / "campaign" / "none" / "x")
    check_no_link(tmp_path / "campaign" / "link", tmp_path / "campaign" / "link" / "sub")
    check_no_link(tmp_path / "campaign", tmp_path / "real" / "sub")
    with pytest.raises(StorageError, match="link: This is a link to"):
        check_no_link(tmp_path / "campaign", tmp_path / "campaign" / "link" / "sub" / "x")


def test_a_windows_junction_is_a_link_and_a_cloud_placeholder_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows distinguishes both by the tags of their reparse points."""
    cloud, junction = 0x9000001A, 0xA0000003
    path = tmp_path / "letters"
    path.mkdir()
    file_status = SimpleNamespace(st_mode=path.lstat().st_mode, st_reparse_tag=cloud)
    monkeypatch.setattr(os, "lstat", lambda _: file_status)
    monkeypatch.setattr("stat.IO_REPARSE_TAG_MOUNT_POINT", junction, raising=False)
    check_no_link(tmp_path, path)
    file_status.st_reparse_tag = junction
    with pytest.raises(StorageError, match="letters: Links inside"):
        check_no_link(tmp_path, path)
