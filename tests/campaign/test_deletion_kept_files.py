"""Files that a deletion of a person's data keeps: files of staff, links."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.campaigns import campaign_files, letters, make, merge
from support.copied_folders import copy_made_folder
from support.documents import docx
from support.pages import opened

SIGNERS = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Ana Ruiz Gómez"], ["S3", "Bo Lindgren"]]
RECIPIENTS = [["ID", "Name"], ["R1", "Minister Li Wen"], ["R2", "Consul Roy"]]


def create_letters(folder: Path) -> None:
    """Create the letters of three signers to two recipients."""
    merge("letters", make(folder, Signers=SIGNERS, Recipients=RECIPIENTS))


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(create_letters, tmp_path / "campaign")


def _remaining(folder: Path, selection: str) -> list[str]:
    remaining: list[str] = merge("delete-person", selection, folder, "--yes", "--json").json["left"]
    return remaining


@pytest.mark.slow
def test_a_deletion_reports_and_keeps_files_of_staff_with_the_name(campaign: Path) -> None:
    merge("print", campaign, "--for", "S1")
    merge("proofread", campaign)
    (print_folder,) = (p for p in (campaign / "print").iterdir() if p.is_dir())
    staff_files = {
        print_folder / "01 Ana Ruiz, signed.pdf": b"a scan of Ana Ruiz",
        print_folder / "02 Ana Ruiz.docx": docx("A letter from Ana Ruiz came."),
        print_folder / "who signs.txt": b"Ana Ruiz on Monday",
        campaign / "print" / "Ana Ruiz.docx": docx("Ana Ruiz rings."),
        campaign / "print" / "Proofread by Ana Ruiz.xlsx": b"Ana Ruiz",
        campaign / "letters" / "Ana Ruiz" / "notes.docx": docx("Ana Ruiz rings."),
        campaign / "letters" / "Ana Ruiz" / "Consul Roy.odt": b"Ana Ruiz",
    }
    for path, data in staff_files.items():
        path.write_bytes(data)
    preview = merge("delete-person", "S1", campaign, "--dry-run", "--json").json
    remaining = "\n".join(_remaining(campaign, "S1"))
    for path, data in staff_files.items():
        name = path.relative_to(campaign).as_posix()
        assert path.read_bytes() == data
        assert name in remaining
        assert any(name in place for place in preview["left"])
    assert not [*print_folder.glob("01 *.docx")]
    assert not [*(campaign / "print").glob("Proofread 2*")]


@pytest.mark.slow
def test_a_deletion_reports_and_keeps_print_files_in_a_renamed_folder(campaign: Path) -> None:
    merge("print", campaign)
    (print_folder,) = (p for p in (campaign / "print").iterdir() if p.is_dir())
    print_folder.rename(campaign / "print" / "to sign on Monday")
    assert any("to sign on Monday" in path for path in _remaining(campaign, "S1"))
    assert len([*(campaign / "print").glob("to sign on Monday/*.docx")]) == 1


@pytest.mark.slow
@pytest.mark.posix("links need a permission on Windows")
def test_a_deletion_keeps_files_that_links_lead_to_and_reports_the_links(
    campaign: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(campaign / "letters" / "Ana Ruiz", outside)
    (campaign / "letters" / "more").symlink_to(outside, target_is_directory=True)
    (campaign / "letters" / "one.docx").symlink_to(outside / "Consul Roy.docx")
    (campaign / "print" / "more").mkdir(parents=True)
    (campaign / "print" / "more" / "all").symlink_to(outside, target_is_directory=True)
    before = campaign_files(outside)
    ran = merge("delete-person", "S1", campaign, "--yes", "--json")
    assert (ran.code, campaign_files(outside)) == (1, before)
    assert ran.json["not_searched"] == [
        "letters/more (a link)",
        "letters/one.docx (a link)",
        "print/more/all (a link)",
    ]
    assert (campaign / "letters" / "one.docx").is_symlink()
    merge("close", campaign, "--yes")
    assert campaign_files(outside) == before
    assert (campaign / "letters" / "more").is_symlink()


def test_a_deletion_keeps_letters_if_the_letters_folder_is_a_link(
    campaign: Path, tmp_path: Path
) -> None:
    (campaign / "letters").rename(tmp_path / "elsewhere")
    (campaign / "letters").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    before = letters(tmp_path / "elsewhere").keys()
    for command in (("delete-person", "S1", campaign), ("close", campaign)):
        merge(*command, "--yes")
        assert letters(tmp_path / "elsewhere").keys() == before


def test_a_deletion_keeps_letters_in_a_folder_that_becomes_a_link(
    campaign: Path, tmp_path: Path
) -> None:
    preview = merge("delete-person", "S1", campaign, "--dry-run", "--json").json["letters"]
    (campaign / "letters" / "Ana Ruiz").rename(tmp_path / "taken")
    (campaign / "letters" / "Ana Ruiz").symlink_to(tmp_path / "taken", target_is_directory=True)
    merge("delete-person", "S1", campaign, "--yes")
    assert len([*(tmp_path / "taken").iterdir()]) == len(preview)


def test_a_deletion_reports_and_keeps_trial_letters_in_the_campaign_folder(campaign: Path) -> None:
    merge("letters", campaign, "--try", campaign / "try-out")
    remaining = _remaining(campaign, "S3")
    assert "try-out/Bo Lindgren/Consul Roy.docx" in "\n".join(remaining)
    assert len(letters(campaign / "try-out")) == 6


def test_a_deletion_offers_system_files_and_keeps_staffs_files(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Bo Berg"]])
    merge("letters", folder)
    (folder / ".DS_Store").write_bytes(b"Bo Berg")
    (folder / "letters" / ".DS_Store").write_bytes(b"Ana Ruiz")
    (folder / "letters" / "my .DS_Store").write_bytes(b"Ana Ruiz")
    preview = merge("delete-person", "S1", folder, "--dry-run", "--json").json
    assert preview["shared"] == ["letters/.DS_Store"]
    with opened(folder) as page:
        page.post("erase/find", name="S1")
        assert "system files (.DS_Store, Thumbs.db)" in page.words("erase")
    assert (folder / "letters" / ".DS_Store").exists()
    merge("delete-person", "S1", folder, "--yes")
    assert not (folder / "letters" / ".DS_Store").exists()
    assert (folder / ".DS_Store").exists()
    assert (folder / "letters" / "my .DS_Store").exists()
    assert letters(folder).keys() >= {"Bo Berg/Minister Li.docx"}
