"""The suites of disk, state and letters on the disks of other systems.

`make filesystems` runs all suites of disk, state, register and campaign.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from filesystems.disks import DISKS, SUITES, OpenedDisk, opened_disk, run_suites

pytestmark = pytest.mark.posix("the disks of other systems are mounted, or imitated, on Linux")

RENAMING = (
    "tests/register/test_writing.py",
    *(f"tests/campaign/test_{name}.py" for name in ("copied_letters", "corrected_names")),
    *(f"tests/campaign/test_{name}.py" for name in ("letter_files", "moved_letters", "uploads")),
)
"""Suites of letters that change their names."""


@pytest.mark.slow
@pytest.mark.parametrize("name", DISKS)
def test_the_suites_of_disk_and_state_pass_on_each_file_system(name: str) -> None:
    with opened_disk(name) as disk:
        run = run_suites(disk, SUITES[:2])
    assert run.is_passed, f"{disk.driver}\n{run.output}"
    assert run.count("passed") > 400


@pytest.mark.slow
def test_letters_change_their_names_on_a_disk_without_links_and_capitals(tmp_path: Path) -> None:
    run = run_suites(OpenedDisk(tmp_path, "stand-in", "capitals links characters"), RENAMING)
    assert run.is_passed, run.output
    assert run.count("passed") > 50


_CHECK = '''
"""What a stand-in refuses and ignores."""
import errno, os, pytest
from merge.disk import SafeFileReplacer
def test_limits(tmp_path):
    (tmp_path / "Li.docx").write_bytes(b"mine")
    assert (tmp_path / "LI.docx").read_bytes() == b"mine"
    place, other = str(tmp_path / "li.docx"), str(tmp_path / "LI.DOCX")
    assert not SafeFileReplacer().move_if_free(place, other)
    os.rename(tmp_path / "Li.docx", tmp_path / "LI.docx")
    assert os.listdir(tmp_path) == ["LI.docx"]
    with pytest.raises(OSError) as error:
        (tmp_path / "a:b").touch()
    assert error.value.errno == errno.EINVAL
    (tmp_path / "link").symlink_to("LI.docx")
'''


@pytest.mark.slow
def test_a_stand_in_has_the_limits_of_its_file_system(tmp_path: Path) -> None:
    test = tmp_path / "test_limits.py"
    test.write_text(_CHECK, encoding="utf-8")
    run = run_suites(
        OpenedDisk(tmp_path, "stand-in", "capitals links characters"), [str(test)], "-rs"
    )
    assert (run.count("passed"), run.count("skipped")) == (0, 1), run.output
    assert "the disk has no links" in run.output
