"""`python -m merge`, which runs `merge/__main__.py`."""

from __future__ import annotations

from pathlib import Path

from support.campaigns import make, merge, merge_alone


def test_python_m_merge_runs_the_merge_command(tmp_path: Path) -> None:
    assert merge_alone("--version").out == merge("--version").out
    assert merge_alone("letters", make(tmp_path)).code == 0
