"""LibreOffice found and run, and programs in its place that fail as it may."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from support.campaigns import ROOT
from support.documents import docx
from support.office_programs import needs_libreoffice

from merge.errors import StorageError
from merge.printing.libreoffice import NO_LIBREOFFICE, LibreOffice, find_libreoffice

runs_scripts = pytest.mark.skipif(os.name == "nt", reason="scripts stand in for LibreOffice")
HEAD = """
import os, pathlib, subprocess, sys, time
(name,) = sys.argv[sys.argv.index(".") + 1 :]
document = pathlib.Path(name).read_bytes()
def make():
    pathlib.Path(name).with_suffix(".pdf").write_bytes(b"%PDF of " + document + b" %%EOF")
"""


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where private folders are made, so that a test sees whether any is left."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


def program(folder: Path, does: str, **seconds: float) -> LibreOffice:
    """A program in LibreOffice's place; it finds what to convert in `document`."""
    script = folder / "soffice"
    script.write_text(f"#!{sys.executable}\n{HEAD}log = pathlib.Path({str(folder)!r})\n{does}")
    script.chmod(0o755)
    return LibreOffice(script, **seconds)


def made(office: LibreOffice, *documents: bytes) -> list[bytes | None]:
    """What it makes of documents with one letter each."""
    return [*office.convert_to_pdfs((document, 1) for document in documents)]


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
        "LibreOffice: LibreOffice is not installed, so no PDF can be created. Install it from "
        "libreoffice.org, or open the .docx in Word and save it as PDF."
    )


def found() -> LibreOffice:
    """The LibreOffice of this computer."""
    writer = find_libreoffice()
    assert writer
    return writer


@pytest.mark.slow
@needs_libreoffice
def test_letters_become_pdfs_in_their_order(tmp_path: Path) -> None:
    pdfs = found().convert_to_pdfs([(docx(f"Letter {number}"), 1) for number in range(1, 4)])
    assert [words(pdf) for pdf in pdfs] == ["Letter 1", "Letter 2", "Letter 3"]
    assert not list((tmp_path / "temporary").iterdir())


def words(pdf: bytes | None) -> str:
    """What a PDF says on its first page; nothing where there is none."""
    return PdfReader(BytesIO(pdf)).pages[0].extract_text().strip() if pdf else ""


@pytest.mark.slow
@needs_libreoffice
def test_what_cannot_be_laid_out_is_no_pdf_and_everything_else_is_one() -> None:
    documents = [b"no letter", docx("One"), docx("Letter")[:300], docx("Two"), b"", docx("Three")]
    pdfs = found().convert_to_pdfs([(document, 1) for document in documents])
    assert [words(pdf) for pdf in pdfs] == ["", "One", "", "Two", "", "Three"]


@pytest.mark.slow
@needs_libreoffice
def test_after_a_letter_that_took_too_long_the_others_are_laid_out() -> None:
    impatient = replace(found(), startup_seconds=15, seconds_per_letter=0)
    pdfs = impatient.convert_to_pdfs([(docx("word " * 2_000_000), 1), *[(docx("Letter"), 1)] * 4])
    assert [words(pdf) for pdf in pdfs] == ["", *["Letter"] * 4]


@runs_scripts
def test_the_program_works_where_nobody_else_may_look(tmp_path: Path) -> None:
    seen = "print(sys.argv, os.environ['TMPDIR'], oct(os.stat('.').st_mode & 0o777),"
    assert made(program(tmp_path, f"make()\n{seen} file=open(log / 'seen', 'w'))"), b"1")
    told = (tmp_path / "seen").read_text()
    assert "0o700" in told
    assert f"{tmp_path / 'temporary' / 'appeal-merge-'}" in told.split("]")[1]


@runs_scripts
def test_many_come_in_their_order_whichever_takes_longest(tmp_path: Path) -> None:
    office = program(tmp_path, "time.sleep(0.3 * (document in (b'1', b'6')))\nmake()")
    documents = [b"%d" % number for number in range(1, 21)]
    assert made(office, *documents) == [b"%PDF of " + each + b" %%EOF" for each in documents]


@pytest.mark.slow
@runs_scripts
@pytest.mark.parametrize(
    ("end", "start"),
    [("sys.exit(1)", 90), pytest.param("time.sleep(600)", 3, marks=pytest.mark.slow)],
    ids=["crash", "hang"],
)
def test_a_letter_that_ends_the_program_does_not_take_the_others_along(
    end: str, start: float, tmp_path: Path
) -> None:
    does = f"if document == b'2': {end}\nmake()"
    office = program(tmp_path, does, startup_seconds=start, seconds_per_letter=0)
    pdfs = made(office, b"1", b"2", b"3", b"4", b"5")
    assert [pdf is None for pdf in pdfs] == [False, True, False, False, False]


@runs_scripts
def test_half_a_pdf_is_none(tmp_path: Path) -> None:
    office = program(tmp_path, "pathlib.Path('letter.pdf').write_bytes(b'%PDF')")
    with pytest.raises(StorageError) as caught:
        made(office, b"1", b"2")
    assert codes(caught) == [("writer-broken", str(tmp_path / "soffice"))]


@runs_scripts
def test_a_program_that_makes_nothing_is_told_after_two_starts(tmp_path: Path) -> None:
    office = program(tmp_path, "print(len(document), file=open(log / 'starts', 'a'))")
    with pytest.raises(StorageError) as caught:
        made(office, b"1")
    assert codes(caught) == [("writer-broken", str(tmp_path / "soffice"))]
    assert len((tmp_path / "starts").read_text().splitlines()) == 2


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        made(LibreOffice(tmp_path / "nowhere"), b"1")
    assert codes(caught) == [("pdf-disk", str(tmp_path / "temporary"))]


def test_a_disk_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "temporary").rmdir()
    with pytest.raises(StorageError) as caught:
        made(LibreOffice(tmp_path / "nowhere"), b"1")
    assert codes(caught) == [("pdf-disk", str(tmp_path / "temporary"))]


def test_a_damaged_letter_with_an_object_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        made(LibreOffice(tmp_path / "nowhere"), b"word/embeddings/a.docx")
    assert codes(caught) == [("letter-unreadable", "letter.docx")]


CHILD = """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(log / "child").write_text(str(child.pid))
time.sleep(600)
"""


@pytest.mark.slow
@runs_scripts
def test_a_program_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        made(program(tmp_path, CHILD, startup_seconds=4, seconds_per_letter=0), b"1")
    assert has_ended(int((tmp_path / "child").read_text()))
    assert not list((tmp_path / "temporary").iterdir())


class EnoughError(Exception):
    """Somebody does not want to wait any longer."""


@runs_scripts
def test_whoever_looks_can_end_the_program_with_all_that_it_started(tmp_path: Path) -> None:
    def check() -> None:
        if (tmp_path / "child").exists() and (tmp_path / "child").read_text():
            raise EnoughError

    with pytest.raises(EnoughError):
        list(program(tmp_path, CHILD).convert_to_pdfs([(b"1", 1)], check))
    assert has_ended(int((tmp_path / "child").read_text()))
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.slow
@runs_scripts
def test_ctrl_c_ends_the_program_and_leaves_nothing_behind(tmp_path: Path) -> None:
    writer = program(tmp_path, CHILD)
    code = (
        "from pathlib import Path; from merge.printing.libreoffice import LibreOffice\n"
        f"list(LibreOffice(Path({str(writer.program)!r})).to_pdfs([(b'1', 1)]))"
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


def test_pages_hang_on_a_font_that_is_copied_over_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    font = tmp_path / ".fonts" / "Face.ttf"
    font.parent.mkdir()
    font.write_bytes(b"a face")
    before = LibreOffice(tmp_path / "soffice").layout_fingerprint()
    assert LibreOffice(tmp_path / "soffice").layout_fingerprint() == before
    font.write_bytes(b"another face")
    assert LibreOffice(tmp_path / "soffice").layout_fingerprint() != before


@runs_scripts
@pytest.mark.parametrize(
    ("file", "times"),
    [
        ("program/bootstraprc", 1),
        ("program/bootstrap.ini", 1),
        ("Resources/bootstraprc", 1),
        ("program/versionrc", 0),
    ],
)
def test_libreoffice_starts_with_a_profile_of_its_own_release(
    file: str, times: int, tmp_path: Path
) -> None:
    keeps = 'make(); (log / "kept").write_bytes(next(pathlib.Path().rglob("*.xcu")).read_bytes())'
    for folder in ("program", "Resources"):
        (tmp_path / folder).mkdir()
    office = program(tmp_path / "program", keeps)
    (tmp_path / file).write_text("[Bootstrap]\nProductKey=LibreOffice 25.2\nInstallMode=\n")
    made(office, b"1")
    kept = (tmp_path / "program" / "kept").read_text(encoding="utf-8")
    assert kept.count('"ooSetupLastVersion" oor:op="fuse"><value>25.2<') == times
