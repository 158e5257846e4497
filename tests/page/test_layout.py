"""A letter laid out for the page: what lies on the disk meanwhile, and what is remembered."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from merge.page.layout import Layouts
from merge.printing.libreoffice import LibreOffice

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts stand in for LibreOffice")
PROGRAM = """#!{python}
import os, pathlib, sys
for name in sys.argv[sys.argv.index(".") + 1 :]:
    pathlib.Path(name).with_suffix(".pdf").write_bytes(b"%PDF %%EOF")
with open({log!r}, "a") as log:
    print(*os.listdir({folder!r}), file=log)
"""


def test_copies_of_a_letter_lie_only_where_the_next_start_would_remove_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, log = tmp_path / "temporary", tmp_path / "log"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    program = tmp_path / "soffice"
    program.write_text(
        PROGRAM.format(python=sys.executable, folder=str(temporary), log=str(log)),
        encoding="utf-8",
    )
    program.chmod(0o755)
    layouts = Layouts()
    for _twice in range(2):
        assert layouts.pdf(b"a letter", LibreOffice(program)) == b"%PDF %%EOF"
    (seen,) = log.read_text(encoding="utf-8").splitlines()
    assert seen
    assert all(name.startswith("appeal-merge-") for name in seen.split())
    assert list(temporary.iterdir()) == []
