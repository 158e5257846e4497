"""Disks with the file systems of Windows, macOS and USB sticks, for tests.

Each is made in a file. The kernel mounts it, or FUSE if the kernel lacks the file system. If
neither is possible or allowed here, a stand-in takes its place: `stand_in.py`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]

SUITES = ("tests/test_disk.py", "tests/state", "tests/register", "tests/campaign")
"""The tests of disk, state, register and campaign."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system as shell commands: how it is made and mounted.

    `mounts` has a command for each driver, in the order in which they are tried. `limits` are
    those of the stand-in.
    """

    format: str
    mounts: Mapping[str, str]
    limits: str


DISKS = {
    "vfat": Disk(
        'mkfs.vfat -F 32 "$IMAGE"',
        {"kernel": 'mount -t vfat -o loop,utf8 "$IMAGE" "$PLACE"'},
        "capitals links characters",
    ),
    "exfat": Disk(
        'mkfs.exfat "$IMAGE"',
        {
            "kernel": 'mount -t exfat -o loop "$IMAGE" "$PLACE"',
            "FUSE": 'mount.exfat-fuse "$(losetup --find --show "$IMAGE")" "$PLACE"',
        },
        "capitals links characters",
    ),
    "ntfs": Disk(
        'mkntfs -F -Q -q "$IMAGE"',
        {
            "kernel": 'mount -t ntfs3 -o loop,nocase,windows_names "$IMAGE" "$PLACE"',
            "FUSE": 'ntfs-3g -o windows_names "$IMAGE" "$PLACE"',
        },
        "capitals characters",
    ),
    "casefold": Disk(
        'mkfs.ext4 -q -O casefold "$IMAGE"',
        {
            "kernel": 'mount -t ext4 -o loop "$IMAGE" "$PLACE" && '
            'mkdir "$PLACE/tests" && chattr +F "$PLACE/tests"'
        },
        "capitals",
    ),
}

_UNMOUNT = 'umount "$PLACE"; losetup -j "$IMAGE" --noheadings -O NAME | xargs -r losetup -d'


@dataclass(frozen=True, slots=True)
class OpenedDisk:
    """A disk that tests can use.

    `driver` is `kernel`, `FUSE` or `stand-in`. `limits` are empty unless it is a stand-in.
    """

    folder: Path
    driver: str
    limits: str = ""


@contextmanager
def opened_disk(name: str) -> Iterator[OpenedDisk]:
    """Yield a disk, mounted or a stand-in; remove it at the end."""
    disk = DISKS[name]
    with TemporaryDirectory(prefix="disk-") as folder:
        image, place = Path(folder, "image"), Path(folder, "disk")
        place.mkdir()
        with image.open("wb") as file:
            file.truncate(1 << 30)
        try:
            driver = _mount(disk, image, place)
            tests = place / "tests"
            tests.mkdir(exist_ok=True)
            yield OpenedDisk(tests, driver or "stand-in", "" if driver else disk.limits)
        finally:
            _run(_UNMOUNT, image, place)


def _mount(disk: Disk, image: Path, place: Path) -> str:
    """Return the driver that mounted a disk; empty if none can."""
    if _run(disk.format, image, place):
        for driver, command in disk.mounts.items():
            if _run(command, image, place):
                return driver
            _run(_UNMOUNT, image, place)
    return ""


def _run(command: str, image: Path, place: Path) -> bool:
    """Run a command of the shell; return whether it succeeded."""
    system_folders = "/usr/local/sbin:/usr/sbin:/sbin"
    path = f"{os.environ.get('PATH', '')}:{system_folders}"
    names = {"IMAGE": str(image), "PLACE": str(place), "PATH": path}
    run = subprocess.run(["sh", "-c", command], env=names, capture_output=True, check=False)
    return run.returncode == 0


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """The output of pytest for suites on a disk, with its numbers of tests."""

    output: str
    is_passed: bool

    def count(self, outcome: str) -> int:
        """Return the number of tests that passed, failed or were skipped."""
        counts = re.findall(rf"(\d+) {outcome}", self.output.splitlines()[-1])
        return int(counts[0]) if counts else 0


def run_suites(disk: OpenedDisk, suites: Sequence[str], *options: str) -> SuiteRun:
    """Run suites with their temporary files on a disk."""
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "not slow", "--no-cov"),
        *("-p", "filesystems.limits", "-p", "filesystems.stand_in"),
        *("--basetemp", str(disk.folder / "pytest"), "-o", f"cache_dir={disk.folder / 'cache'}"),
        *("-o", "tmp_path_retention_policy=failed"),  # a disk would be full soon
        *(*options, *suites),
    ]
    names = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "tests"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(disk.folder / "hypothesis"),
        "STAND_IN": disk.limits,
    }
    run = subprocess.run(command, cwd=ROOT, env=names, capture_output=True, text=True, check=False)
    return SuiteRun(run.stdout + run.stderr, run.returncode == 0)
