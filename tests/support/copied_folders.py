"""Folders that are made once in a process and copied for each test.

A copy takes less time than a new folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from merge.computer import private_folder, write_private_file

_COMPUTER = "2B3C"


def be_the_computer_of_the_tests() -> None:
    """Give a new private folder the token of the other tests.

    Otherwise a folder that was made with another private folder is a colleague's.
    """
    if not (file := private_folder() / "computer.txt").exists():
        write_private_file(file, _COMPUTER)


def copy_made_folder(make: Callable[..., object], to: Path, *words: Hashable) -> Path:
    """Copy the folder that `make(folder, *words)` makes without LibreOffice.

    Return the copy.
    """
    folder = Path(_make_once(make, words).name) / "campaign"
    be_the_computer_of_the_tests()
    return shutil.copytree(folder, to, symlinks=True, dirs_exist_ok=True)


@cache
def _make_once(make: Callable[..., object], words: tuple[Hashable, ...]) -> TemporaryDirectory[str]:
    """Make a folder in a temporary one, which is deleted at the end."""
    parent = TemporaryDirectory(prefix="made-once-")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        patch.setenv("MERGE_HOME", str(Path(parent.name) / "private"))
        be_the_computer_of_the_tests()
        make(Path(parent.name) / "campaign", *words)
    return parent
