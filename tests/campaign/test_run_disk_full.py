"""A disk that is full at any point of a run: told in a line, all that was written whole and known.

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

POINTS = tries(3, 20)
_ROOM_AFTERWARDS = 64 << 20


def _mount(disk: Path, size: int, *, again: bool = False) -> bool:
    """A disk of a size in bytes; False where this is not allowed here."""
    options = f"{'remount,' if again else ''}size={size}"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
    return bool(shutil.which("mount")) and subprocess.run(command, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Gives a disk of a size in bytes, mounted in any folder."""
    mounted: list[Path] = []

    def of(size: int, there: Path = tmp_path / "disk") -> Path:
        there.mkdir()
        if not _mount(there, size):
            pytest.skip("nobody may mount a small disk here")
        mounted.append(there)
        return there

    yield of
    for there in mounted:
        if os.path.ismount(there):
            subprocess.run(["umount", str(there)], check=True)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> EditedCampaign:
    return make_edited_campaign(tmp_path_factory.mktemp("worked"), 20, 20)


def _used(folder: Path) -> int:
    """Bytes on the disk, which gives whole pages."""
    return sum((p.lstat().st_size + 4095) // 4096 * 4096 for p in folder.rglob("*") if p.is_file())


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("point", range(POINTS))
def test_on_a_full_disk_nothing_is_lost_and_with_room_the_next_run_completes_it(
    worked: EditedCampaign,
    disk: Callable[..., Path],
    point: int,
    record_property: Callable[[str, object], None],
) -> None:
    before = _used(worked.folder)
    more = _used(worked.folder.parent / "done") - before
    there = disk(before + 4096 + more * point // POINTS)
    folder = worked.copy(there / "campaign")
    ran = merge_alone("letters", folder)
    record_property("written", len(files(folder).items() - worked.before.items()))
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert "the disk is full" in ran.err.lower() or "no space" in ran.err.lower()
    worked.check_stopped(folder)
    assert _mount(there, _ROOM_AFTERWARDS, again=True)
    worked.check_finished(folder)


@pytest.mark.slow
def test_of_a_print_that_no_disk_has_room_for_only_what_was_made_is_remembered(
    disk: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    there = disk(12 << 10, folder / "print")
    ran = merge("print", folder, "--per-signer", "--json")
    assert (ran.code, len(ran.json["files"])) == (1, 1)
    assert merge("status", folder, "--json").json["in_batches"] == 2
    subprocess.run(["umount", str(there)], check=True)
    assert merge("print", folder, "--since-last", "--json").json["letters"] == 2


@needs_libreoffice
@pytest.mark.libreoffice
@pytest.mark.slow
def test_a_batch_for_whose_pdf_there_was_no_room_is_made_by_the_same_command(
    disk: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    disk(20 << 10, folder / "print")
    ran = merge("print", folder, "--pdf")
    assert (ran.code, "The disk is full" in ran.err) == (1, True)
    assert merge("status", folder, "--json").json["in_batches"] == 0
    assert _mount(folder / "print", _ROOM_AFTERWARDS, again=True)
    again = merge("print", folder, "--pdf", "--since-last", "--json").json
    assert [Path(file).suffix for file in again["files"]] == [".docx", ".pdf"]


def test_what_the_ledger_cannot_be_told_is_not_left_to_be_printed(
    disk: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tmp_path / "campaign"
    folder.mkdir()
    there = disk(400 << 10, folder / "letters")
    make(folder)
    merge("letters", folder)
    campaign, order = read_campaign(folder), PrintOrder()
    run = PrintRun(campaign, order, plan_printing(campaign, order, None), None)

    def fill_the_disk(_: str) -> None:
        with suppress(OSError), (there / "junk").open("wb", buffering=0) as junk:
            while junk.write(bytes(1024)):
                pass

    with pytest.raises(StorageError, match="disk is full"):
        run.create_files(fill_the_disk)
    assert run.result.files == []
    assert [path.name for path in (folder / "print").iterdir()] == [".merge-lock"]
