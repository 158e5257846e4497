"""A full disk at any point of a run is reported and damages no file.

The disk is a small tmpfs, which only root may mount.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.campaigns import make, make_with_letters, merge, merge_alone
from support.everyday import tries
from support.interrupted_runs import EditedCampaign, files, make_edited_campaign
from support.office_programs import needs_libreoffice

from merge.campaign.campaign import read_campaign
from merge.campaign.print_plan import PrintOrder, plan_printing
from merge.campaign.print_run import PrintRun
from merge.errors import StorageError
from merge.product import RECORDS_FOLDER

pytestmark = pytest.mark.posix("mounting of a disk")
POINTS = tries(3, 20)
_ENLARGED = 64 << 20


def _mount(disk: Path, size: int, *, again: bool = False) -> bool:
    """Mount a disk of a size in bytes; return False if this is not allowed."""
    options = f"{'remount,' if again else ''}size={size}"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
    return bool(shutil.which("mount")) and subprocess.run(command, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """A function that mounts a disk of a size in bytes in a folder."""
    mounted: list[Path] = []

    def mount(size: int, folder: Path = tmp_path / "disk") -> Path:
        folder.mkdir()
        if not _mount(folder, size):
            pytest.skip("mounting a small disk is not allowed here")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        if os.path.ismount(folder):
            subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture(scope="module")
def edited_campaign(tmp_path_factory: pytest.TempPathFactory) -> EditedCampaign:
    return make_edited_campaign(tmp_path_factory.mktemp("worked"), 20, 20)


def _used_bytes(folder: Path) -> int:
    """Return the bytes on the disk, in complete pages."""
    return sum((p.lstat().st_size + 4095) // 4096 * 4096 for p in folder.rglob("*") if p.is_file())


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("point", range(POINTS))
def test_a_run_on_a_full_disk_loses_nothing_and_the_next_run_completes_it(
    edited_campaign: EditedCampaign,
    disk: Callable[..., Path],
    point: int,
    record_property: Callable[[str, object], None],
) -> None:
    before = _used_bytes(edited_campaign.folder)
    needed = _used_bytes(edited_campaign.folder.parent / "done") - before
    mounted = disk(before + 4096 + needed * point // POINTS)
    folder = edited_campaign.copy(mounted / "campaign")
    ran = merge_alone("letters", folder)
    record_property("written", len(files(folder).items() - edited_campaign.before.items()))
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert "the disk is full" in ran.err.lower() or "no space" in ran.err.lower()
    edited_campaign.check_stopped(folder)
    assert _mount(mounted, _ENLARGED, again=True)
    edited_campaign.check_finished(folder)


@pytest.mark.slow
def test_a_print_run_on_a_full_disk_records_only_the_created_print_files(
    disk: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    mounted = disk(12 << 10, folder / "print")
    ran = merge("print", folder, "--per-signer", "--json")
    assert (ran.code, len(ran.json["files"])) == (1, 1)
    assert merge("status", folder, "--json").json["in_batches"] == 2
    subprocess.run(["umount", str(mounted)], check=True)
    assert merge("print", folder, "--since-last", "--json").json["letters"] == 2


@needs_libreoffice
@pytest.mark.libreoffice
@pytest.mark.slow
def test_a_print_file_without_its_pdf_on_a_full_disk_is_created_by_the_same_command(
    disk: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    disk(16 << 10, folder / "print")
    ran = merge("print", folder, "--pdf")
    assert (ran.code, "The disk is full" in ran.err) == (1, True)
    assert merge("status", folder, "--json").json["in_batches"] == 0
    assert _mount(folder / "print", _ENLARGED, again=True)
    again = merge("print", folder, "--pdf", "--since-last", "--json").json
    assert [Path(file).suffix for file in again["files"]] == [".docx", ".pdf"]


def test_print_files_are_deleted_if_a_full_disk_prevents_their_ledger_entry(
    disk: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tmp_path / "campaign"
    folder.mkdir()
    mounted = disk(400 << 10, folder / RECORDS_FOLDER)
    make(folder)
    merge("letters", folder)
    campaign, order = read_campaign(folder), PrintOrder()
    run = PrintRun(campaign, order, plan_printing(campaign, order, None), None)

    def fill_the_disk(_: str) -> None:
        with suppress(OSError), (mounted / "junk").open("wb", buffering=0) as junk:
            while junk.write(bytes(1024)):
                pass

    with pytest.raises(StorageError, match="disk is full"):
        run.create_files(fill_the_disk)
    assert run.result.files == []
    assert [path.name for path in (folder / "print").iterdir()] == [".merge-lock"]


@pytest.mark.parametrize("size", [8 << 10, 24 << 10])
def test_a_new_campaign_on_a_full_disk_leaves_nothing_and_its_name_can_be_used(
    disk: Callable[..., Path], size: int
) -> None:
    small = disk(size)
    ran = merge("new", small / "offices" / "campaign")
    assert ran.code != 0
    assert "cannot be created" in ran.err
    assert not [*small.iterdir()]
    assert _mount(small, _ENLARGED, again=True)
    assert merge("new", small / "offices" / "campaign").code == 0
