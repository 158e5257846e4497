"""Folders that are made once in a process and copied for each test: to make one takes longer."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


def copied(make: Callable[..., object], to: Path, *words: Hashable) -> Path:
    """Copy the folder that `make(folder, *words)` makes, without LibreOffice; return the copy."""
    folder = Path(_made(make, words).name) / "campaign"
    return shutil.copytree(folder, to, symlinks=True, dirs_exist_ok=True)


@cache
def _made(make: Callable[..., object], words: tuple[Hashable, ...]) -> TemporaryDirectory[str]:
    """The folder's own folder; it goes when the tests are through."""
    room = TemporaryDirectory(prefix="made-once-")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        make(Path(room.name) / "campaign", *words)
    return room
