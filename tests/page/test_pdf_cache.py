"""Letters as PDFs for the page: files on the disk, the cache."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.campaigns import make
from support.pages import wait_for

from merge.errors import StorageError
from merge.page.pdf_cache import PdfCache
from merge.page.session import BusyError, CampaignSession
from merge.printing.libreoffice import LibreOffice

pytestmark = pytest.mark.posix("scripts stand in for LibreOffice")
HEAD = """#!{python}
import os, pathlib, sys, time
(name,) = sys.argv[sys.argv.index(".") + 1 :]
document = pathlib.Path(name).read_bytes()
def make():
    pathlib.Path(name).with_suffix(".pdf").write_bytes(b"%PDF %%EOF")
log = pathlib.Path({log!r})
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of private folders."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


def program(folder: Path, does: str) -> LibreOffice:
    """A program in place of LibreOffice, which may write into the file `log`."""
    script = folder / "soffice"
    head = HEAD.format(python=sys.executable, log=str(folder / "log"))
    script.write_text(head + does, encoding="utf-8")
    script.chmod(0o755)
    return LibreOffice(script)


def test_copies_of_a_letter_for_pdf_are_only_in_temporary_folders(
    tmp_path: Path, temporary: Path
) -> None:
    does = f"make()\nprint(*os.listdir({str(temporary)!r}), file=log.open('a'))"
    layouts, office = PdfCache(), program(tmp_path, does)
    for _twice in range(2):
        assert layouts.pdf(b"a letter", office) == b"%PDF %%EOF"
    (seen,) = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert seen
    assert all(name.startswith("appeal-merge-") for name in seen.split())
    assert list(temporary.iterdir()) == []


@pytest.mark.usefixtures("temporary")
def test_a_letter_that_cannot_be_converted_to_pdf_is_reported_each_time(tmp_path: Path) -> None:
    layouts, office = PdfCache(), program(tmp_path, "if document != b'a letter': make()")
    for _twice in range(2):
        with pytest.raises(StorageError) as caught:
            layouts.pdf(b"a letter", office)
        (problem,) = caught.value.problems
        assert (problem.code, problem.place.file) == ("pdf-failed", "letter.docx")


def test_a_closing_campaign_does_not_wait_for_a_pdf(tmp_path: Path, temporary: Path) -> None:
    make(tmp_path / "campaign")
    session, office = (
        CampaignSession(tmp_path / "campaign"),
        program(tmp_path, "log.touch()\ntime.sleep(600)"),
    )

    def close() -> None:
        wait_for((tmp_path / "log").exists)
        session.close()

    with ThreadPoolExecutor(1) as pool:
        closed = pool.submit(close)
        with pytest.raises(BusyError):
            PdfCache().pdf(b"a letter", office, session.raise_if_closing)
        closed.result()
    assert list(temporary.iterdir()) == []
