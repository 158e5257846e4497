"""LibreOffice found and run, and programs in its place that fail as it may."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from pypdf import PdfReader
from support.campaigns import ROOT
from support.documents import docx
from support.office_programs import needs_libreoffice

from merge.model import StorageError
from merge.printing.libreoffice import NO_LIBREOFFICE, LibreOffice, find_libreoffice

runs_scripts = pytest.mark.skipif(os.name == "nt", reason="scripts stand in for LibreOffice")
HEAD = """
import os, pathlib, subprocess, sys, time
names = sys.argv[sys.argv.index(".") + 1 :]
def make(name):
    pathlib.Path(name).with_suffix(".pdf").write_bytes(b"%PDF of " + name.encode() + b" %%EOF")
"""
MAKE = "for name in names: make(name)\n"


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where private folders are made, so that a test sees whether any is left."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


def program(folder: Path, does: str, **seconds: float) -> LibreOffice:
    """A program in LibreOffice's place; it finds the files to convert in `names`."""
    script = folder / "soffice"
    script.write_text(f"#!{sys.executable}\n{HEAD}log = pathlib.Path({str(folder)!r})\n{does}")
    script.chmod(0o755)
    return LibreOffice(script, **seconds)


def letters(folder: Path, count: int) -> list[Path]:
    """Letters of one name in folders of their own."""
    made = [folder / f"signer {number}" / "Ana Ruiz.docx" for number in range(1, count + 1)]
    for number, path in enumerate(made, 1):
        path.parent.mkdir()
        path.write_bytes(docx(f"Letter {number}"))
    return made


def out(folder: Path) -> Path:
    """A folder for PDFs."""
    (folder / "out").mkdir()
    return folder / "out"


def codes(caught: pytest.ExceptionInfo[StorageError]) -> list[tuple[str, str]]:
    """Each problem's code and its file."""
    return [(problem.code, problem.place.file) for problem in caught.value.problems]


def test_libreoffice_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = program(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_libreoffice() == there


def test_libreoffice_is_found_where_windows_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "LibreOffice" / "program" / "soffice.exe"
    there.parent.mkdir(parents=True)
    there.touch()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    assert find_libreoffice() == LibreOffice(there)


def test_without_libreoffice_there_is_no_writer_and_a_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_libreoffice() is None
    assert str(NO_LIBREOFFICE) == (
        "LibreOffice: it is not on this computer, so no PDF can be made. Install it from "
        "libreoffice.org, or open the .docx in Word and save it as PDF."
    )


def found() -> LibreOffice:
    """The LibreOffice of this computer."""
    writer = find_libreoffice()
    assert writer
    return writer


@needs_libreoffice
def test_letters_of_one_name_become_pdfs_in_their_order_and_stay_as_they_are(
    tmp_path: Path,
) -> None:
    files = letters(tmp_path, 3)
    before = [(file.read_bytes(), file.stat()) for file in files]
    pdfs = found().to_pdf(files, out(tmp_path))
    texts = [PdfReader(pdf).pages[0].extract_text().strip() for pdf in pdfs]
    assert texts == ["Letter 1", "Letter 2", "Letter 3"]
    assert [pdf.name for pdf in pdfs] == ["00001.pdf", "00002.pdf", "00003.pdf"]
    assert [(file.read_bytes(), file.stat()) for file in files] == before
    assert [list(file.parent.iterdir()) for file in files] == [[file] for file in files]
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.slow
@needs_libreoffice
def test_every_file_that_cannot_be_converted_is_named_and_no_other(tmp_path: Path) -> None:
    files = letters(tmp_path, 4)
    files[0].write_bytes(b"no letter")
    files[2].write_bytes(docx("Letter")[:300])
    with pytest.raises(StorageError) as caught:
        found().to_pdf(files, out(tmp_path))
    assert codes(caught) == [
        ("pdf-failed", "signer 1/Ana Ruiz.docx"),
        ("pdf-failed", "signer 3/Ana Ruiz.docx"),
    ]


def test_every_file_that_cannot_be_read_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    files = letters(tmp_path, 3)
    files[0].unlink()
    files[2].unlink()
    with pytest.raises(StorageError) as caught:
        LibreOffice(tmp_path / "nowhere").to_pdf(files, out(tmp_path))
    assert codes(caught) == [
        ("letter-unreadable", "signer 1/Ana Ruiz.docx"),
        ("letter-unreadable", "signer 3/Ana Ruiz.docx"),
    ]


@runs_scripts
def test_the_program_sees_numbers_for_names_and_works_where_nobody_else_may_look(
    tmp_path: Path,
) -> None:
    seen = "print(sys.argv, os.environ['TMPDIR'], oct(os.stat('.').st_mode & 0o777), os.listdir(),"
    does = f"{MAKE}{seen} file=open(log / 'seen', 'w'))"
    program(tmp_path, does).to_pdf(letters(tmp_path, 1), out(tmp_path))
    told = (tmp_path / "seen").read_text()
    assert "00001.docx" in told
    assert "Ana" not in told
    assert "0o700" in told
    assert f"{tmp_path / 'temporary' / 'appeal-merge-'}" in told.split("]")[1]


@runs_scripts
def test_a_hundred_files_at_most_go_into_one_start(tmp_path: Path) -> None:
    does = f"{MAKE}print(len(names), file=open(log / 'starts', 'a'))"
    files = letters(tmp_path, 1) * 250
    pdfs = program(tmp_path, does).to_pdf(files, out(tmp_path))
    assert (tmp_path / "starts").read_text().split() == ["100", "100", "50"]
    assert pdfs[249].read_bytes() == b"%PDF of 00250.docx %%EOF"


@runs_scripts
@pytest.mark.parametrize(
    ("end", "start"),
    [("sys.exit(1)", 90), pytest.param("time.sleep(600)", 3, marks=pytest.mark.slow)],
    ids=["crash", "hang"],
)
def test_a_file_that_ends_the_program_does_not_take_the_others_along(
    end: str, start: float, tmp_path: Path
) -> None:
    does = f"for name in names:\n    if name == '00002.docx': {end}\n    make(name)"
    with pytest.raises(StorageError) as caught:
        program(tmp_path, does, startup_seconds=start, seconds_per_file=0).to_pdf(
            letters(tmp_path, 5), out(tmp_path)
        )
    assert codes(caught) == [("pdf-failed", "signer 2/Ana Ruiz.docx")]


@runs_scripts
def test_half_a_pdf_is_none(tmp_path: Path) -> None:
    does = "for name in names:\n    pathlib.Path(name).with_suffix('.pdf').write_bytes(b'%PDF')"
    with pytest.raises(StorageError) as caught:
        program(tmp_path, does).to_pdf(letters(tmp_path, 2), out(tmp_path))
    assert codes(caught) == [("writer-broken", str(tmp_path / "soffice"))]


@runs_scripts
def test_a_program_that_makes_nothing_is_told_after_two_starts(tmp_path: Path) -> None:
    does = "print(names, file=open(log / 'starts', 'a'))"
    with pytest.raises(StorageError) as caught:
        program(tmp_path, does).to_pdf(letters(tmp_path, 9), out(tmp_path))
    assert codes(caught) == [("writer-broken", str(tmp_path / "soffice"))]
    assert len((tmp_path / "starts").read_text().splitlines()) == 2


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        LibreOffice(tmp_path / "nowhere").to_pdf(letters(tmp_path, 1), tmp_path)
    assert codes(caught) == [("pdf-disk", str(tmp_path))]


CHILD = """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(log / "child").write_text(str(child.pid))
time.sleep(600)
"""


@pytest.mark.slow
@runs_scripts
def test_a_program_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        program(tmp_path, CHILD, startup_seconds=4, seconds_per_file=0).to_pdf(
            letters(tmp_path, 1), out(tmp_path)
        )
    assert has_ended(int((tmp_path / "child").read_text()))
    assert not list((tmp_path / "temporary").iterdir())


@runs_scripts
def test_ctrl_c_ends_the_program_and_leaves_nothing_behind(tmp_path: Path) -> None:
    writer, files = program(tmp_path, CHILD), letters(tmp_path, 1)
    code = (
        "from pathlib import Path; from merge.printing.libreoffice import LibreOffice\n"
        f"LibreOffice(Path({str(writer.program)!r})).to_pdf([Path({str(files[0])!r})], Path(), "
        ")"
    )
    own = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "temporary")}
    run = subprocess.Popen([sys.executable, "-c", code], env=own, stderr=subprocess.PIPE)
    while not ((tmp_path / "child").exists() and (tmp_path / "child").read_text()):
        assert run.poll() is None
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in run.communicate(timeout=20)[1]
    assert has_ended(int((tmp_path / "child").read_text()))
    assert not list((tmp_path / "temporary").iterdir())


def has_ended(process: int) -> bool:
    """Whether a process is gone, or only waits to be counted, within a second or two."""
    for _ in range(100):
        try:
            os.kill(process, 0)
            stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
        except (ProcessLookupError, FileNotFoundError):
            return True
        if stat.rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False
