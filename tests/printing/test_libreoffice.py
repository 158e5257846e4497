"""LibreOffice is found and run; other programs in its place fail."""

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

runs_scripts = pytest.mark.posix("scripts stand in for LibreOffice")
HEAD = """
import os, pathlib, subprocess, sys, time
(name,) = sys.argv[sys.argv.index(".") + 1 :]
document = pathlib.Path(name).read_bytes()
def make():
    pathlib.Path(name).with_suffix(".pdf").write_bytes(b"%PDF of " + document + b" %%EOF")
"""


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the folder for private folders, so that a test sees leftovers."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


def program(folder: Path, does: str, **seconds: float) -> LibreOffice:
    """Return a program in LibreOffice's place.

    It finds the bytes of the letter in `document`.
    """
    script = folder / "soffice"
    script.write_text(f"#!{sys.executable}\n{HEAD}log = pathlib.Path({str(folder)!r})\n{does}")
    script.chmod(0o755)
    return LibreOffice(script, **seconds)


def convert(office: LibreOffice, *documents: bytes) -> list[bytes | None]:
    """Return the PDFs of documents with one letter each."""
    return [*office.convert_to_pdfs((document, 1) for document in documents)]


def codes(caught: pytest.ExceptionInfo[StorageError]) -> list[tuple[str, str]]:
    """Return each problem's code and its file."""
    return [(problem.code, problem.place.file) for problem in caught.value.problems]


@pytest.mark.posix("the program of this test")
def test_libreoffice_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = program(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_libreoffice() == expected


def test_libreoffice_is_found_in_its_windows_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tmp_path / "LibreOffice" / "program" / "soffice.exe"
    expected.parent.mkdir(parents=True)
    expected.touch()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    assert find_libreoffice() == LibreOffice(expected)


def test_missing_libreoffice_is_reported_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_libreoffice() is None
    assert str(NO_LIBREOFFICE) == (
        "LibreOffice: LibreOffice is not installed, so no PDF can be created. Install it from "
        "libreoffice.org, or open the .docx in Word and save it as PDF."
    )


def installed_libreoffice() -> LibreOffice:
    """Return the LibreOffice of this computer."""
    writer = find_libreoffice()
    assert writer
    return writer


@pytest.mark.slow
@needs_libreoffice
def test_letters_are_converted_to_pdfs_in_their_order(tmp_path: Path) -> None:
    pdfs = installed_libreoffice().convert_to_pdfs(
        [(docx(f"Letter {number}"), 1) for number in range(1, 4)]
    )
    assert [words(pdf) for pdf in pdfs] == ["Letter 1", "Letter 2", "Letter 3"]
    assert not list((tmp_path / "temporary").iterdir())


def words(pdf: bytes | None) -> str:
    """Return the text of a PDF's first page; empty if there is no PDF."""
    return PdfReader(BytesIO(pdf)).pages[0].extract_text().strip() if pdf else ""


@pytest.mark.slow
@needs_libreoffice
def test_letters_that_libreoffice_cannot_convert_do_not_affect_others() -> None:
    documents = [b"no letter", docx("One"), docx("Letter")[:300], docx("Two"), b"", docx("Three")]
    pdfs = installed_libreoffice().convert_to_pdfs([(document, 1) for document in documents])
    assert [words(pdf) for pdf in pdfs] == ["", "One", "", "Two", "", "Three"]


@pytest.mark.slow
@needs_libreoffice
def test_letters_after_one_that_takes_too_long_are_converted() -> None:
    impatient = replace(installed_libreoffice(), startup_seconds=15, seconds_per_letter=0)
    pdfs = impatient.convert_to_pdfs([(docx("word " * 2_000_000), 1), *[(docx("Letter"), 1)] * 4])
    assert [words(pdf) for pdf in pdfs] == ["", *["Letter"] * 4]


@runs_scripts
def test_libreoffice_works_in_a_private_folder(tmp_path: Path) -> None:
    report_code = "print(sys.argv, os.environ['TMPDIR'], oct(os.stat('.').st_mode & 0o777),"
    assert convert(program(tmp_path, f"make()\n{report_code} file=open(log / 'seen', 'w'))"), b"1")
    report = (tmp_path / "seen").read_text()
    assert "0o700" in report
    assert f"{tmp_path / 'temporary' / 'appeal-merge-'}" in report.split("]")[1]


@runs_scripts
def test_many_pdfs_come_in_order_regardless_of_their_duration(tmp_path: Path) -> None:
    office = program(tmp_path, "time.sleep(0.3 * (document in (b'1', b'6')))\nmake()")
    documents = [b"%d" % number for number in range(1, 21)]
    assert convert(office, *documents) == [
        b"%PDF of " + document + b" %%EOF" for document in documents
    ]


@pytest.mark.slow
@runs_scripts
@pytest.mark.parametrize(
    ("end", "start"),
    [("sys.exit(1)", 90), pytest.param("time.sleep(600)", 3, marks=pytest.mark.slow)],
    ids=["crash", "hang"],
)
def test_a_letter_that_crashes_libreoffice_does_not_affect_others(
    end: str, start: float, tmp_path: Path
) -> None:
    does = f"if document == b'2': {end}\nmake()"
    office = program(tmp_path, does, startup_seconds=start, seconds_per_letter=0)
    pdfs = convert(office, b"1", b"2", b"3", b"4", b"5")
    assert [pdf is None for pdf in pdfs] == [False, True, False, False, False]


@runs_scripts
def test_an_incomplete_pdf_is_refused(tmp_path: Path) -> None:
    office = program(tmp_path, "pathlib.Path('letter.pdf').write_bytes(b'%PDF')")
    with pytest.raises(StorageError) as caught:
        convert(office, b"1", b"2")
    assert codes(caught) == [("writer-broken", str(tmp_path / "soffice"))]


@runs_scripts
def test_libreoffice_without_output_is_reported_after_two_starts(tmp_path: Path) -> None:
    office = program(tmp_path, "print(len(document), file=open(log / 'starts', 'a'))")
    with pytest.raises(StorageError) as caught:
        convert(office, b"1")
    assert codes(caught) == [("writer-broken", str(tmp_path / "soffice"))]
    assert len((tmp_path / "starts").read_text().splitlines()) == 2


def test_libreoffice_that_does_not_start_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        convert(LibreOffice(tmp_path / "nowhere"), b"1")
    assert codes(caught) == [("pdf-disk", str(tmp_path / "temporary"))]


def test_a_temporary_folder_without_write_access_is_reported(tmp_path: Path) -> None:
    (tmp_path / "temporary").rmdir()
    with pytest.raises(StorageError) as caught:
        convert(LibreOffice(tmp_path / "nowhere"), b"1")
    assert codes(caught) == [("pdf-disk", str(tmp_path / "temporary"))]


def test_a_damaged_letter_with_an_object_is_reported_before_a_start(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        convert(LibreOffice(tmp_path / "nowhere"), b"word/embeddings/a.docx")
    assert codes(caught) == [("letter-unreadable", "letter.docx")]


CHILD = """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(log / "child").write_text(str(child.pid))
time.sleep(600)
"""


@pytest.mark.slow
@runs_scripts
def test_libreoffice_that_hangs_is_ended_with_its_processes(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        convert(program(tmp_path, CHILD, startup_seconds=4, seconds_per_letter=0), b"1")
    assert has_ended(int((tmp_path / "child").read_text()))
    assert not list((tmp_path / "temporary").iterdir())


class EnoughError(Exception):
    """Raised to cancel a conversion."""


@runs_scripts
def test_a_cancelled_conversion_ends_libreoffice_with_its_processes(tmp_path: Path) -> None:
    def check() -> None:
        if (tmp_path / "child").exists() and (tmp_path / "child").read_text():
            raise EnoughError

    with pytest.raises(EnoughError):
        list(program(tmp_path, CHILD).convert_to_pdfs([(b"1", 1)], check))
    assert has_ended(int((tmp_path / "child").read_text()))
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.slow
@runs_scripts
def test_ctrl_c_ends_libreoffice_without_leftover_files(tmp_path: Path) -> None:
    writer = program(tmp_path, CHILD)
    code = (
        "from pathlib import Path; from merge.printing.libreoffice import LibreOffice\n"
        f"list(LibreOffice(Path({str(writer.program)!r})).convert_to_pdfs([(b'1', 1)]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "temporary")}
    run = subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE)
    while not ((tmp_path / "child").exists() and (tmp_path / "child").read_text()):
        assert run.poll() is None
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in run.communicate(timeout=20)[1]
    assert has_ended(int((tmp_path / "child").read_text()))
    assert not list((tmp_path / "temporary").iterdir())


def has_ended(process: int) -> bool:
    """Return whether a process ends within a second or two.

    A zombie process counts as ended.
    """
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


@pytest.mark.posix("fonts in the home folder")
def test_a_replaced_font_changes_the_layout_fingerprint(
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
def test_libreoffice_starts_with_a_profile_of_its_release(
    file: str, times: int, tmp_path: Path
) -> None:
    copy_settings = (
        'make(); (log / "kept").write_bytes(next(pathlib.Path().rglob("*.xcu")).read_bytes())'
    )
    for folder in ("program", "Resources"):
        (tmp_path / folder).mkdir()
    office = program(tmp_path / "program", copy_settings)
    (tmp_path / file).write_text("[Bootstrap]\nProductKey=LibreOffice 25.2\nInstallMode=\n")
    convert(office, b"1")
    settings = (tmp_path / "program" / "kept").read_text(encoding="utf-8")
    assert settings.count('"ooSetupLastVersion" oor:op="fuse"><value>25.2<') == times
