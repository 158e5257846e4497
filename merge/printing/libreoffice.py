"""Find LibreOffice and run it to convert .docx files to PDFs.

Each run has its own profile. So it does not disturb an open LibreOffice, and does not use its
settings. Each run has a private folder, in which letters have no names. Nothing remains after a
run.
"""

from __future__ import annotations

import hashlib
import logging
import os
import queue
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from docx import Document
from filelock import FileLock

from merge import messages
from merge.disk import delete_file, delete_folder, os_error_text, short_path
from merge.errors import StorageError, TemplateError, translate_errors
from merge.ooxml.package import parse_package
from merge.ooxml.package_builder import document_bytes, letter_problem
from merge.printing.fonts import characters_without_font, font_files, font_folders
from merge.problems import Place, Problem

if TYPE_CHECKING:  # pypdf takes 10 MB and is loaded only for a PDF
    from pypdf import PdfReader

NO_LIBREOFFICE = messages.problem("no-writer", Place("LibreOffice"))

_MAX_PROCESSES = 8  # Processes
_POLL_SECONDS = 0.1  # Seconds between two checks whether a process has ended or must end
_PRODUCT_KEY = re.compile(r"^ProductKey=.* (\d+\.\d+)\s*$", re.MULTILINE)
_MAC_BOOTSTRAP = Path("..", "Resources", "bootstraprc")
_EMBEDDINGS_FOLDER = "/embeddings/"  # Word's folder for embedded objects


def find_libreoffice() -> LibreOffice | None:
    """Return this computer's LibreOffice, or None if it is not installed."""
    on_path = shutil.which("soffice") or shutil.which("libreoffice")
    places = [Path(on_path).absolute()] if on_path else _default_locations()
    return next((LibreOffice(place) for place in places if place.is_file()), None)


def _default_locations() -> Iterator[Path]:
    for variable in ("PROGRAMFILES", "PROGRAMW6432", "PROGRAMFILES(X86)"):
        if folder := os.environ.get(variable):
            yield Path(folder, "LibreOffice", "program", "soffice.exe")
    yield Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")


def translate_letter_errors() -> AbstractContextManager[None]:
    """Return a context that rewords errors of a template for a letter."""
    return translate_errors(TemplateError, lambda e: StorageError(map(letter_problem, e.problems)))


def read_letter(path: Path) -> bytes:
    """Return a letter's bytes; raise StorageError if the file is unreadable."""
    try:
        return path.read_bytes()
    except OSError as error:
        place = Place(short_path(path))
        problem = messages.problem("letter-unreadable", place, error=os_error_text(error))
        raise StorageError(problem) from error


def _file_state(file: Path) -> str:
    status = file.stat()
    return f"{file} {status.st_size} {status.st_mtime_ns}"


@dataclass(frozen=True, slots=True)
class LibreOffice:
    """LibreOffice's program, and its time limits for a start and per letter."""

    program: Path
    startup_seconds: float = 90
    seconds_per_letter: float = 2

    def layout_fingerprint(self) -> bytes:
        """Return a hash of LibreOffice's version and the fonts that it finds.

        If it changes, pages of unchanged letters may change.
        """
        program = self.program.resolve()
        files = (program, *(program.parent / name for name in ("versionrc", "version.ini")))
        states = [_file_state(file) for file in files if file.exists()]
        for root in (self._fonts_folder, *font_folders()):
            for folder, _, names in os.walk(root):
                for file in (Path(folder, name) for name in names):
                    with suppress(OSError):
                        states.append(_file_state(file))
        return hashlib.sha256("\n".join(sorted(states)).encode(errors="replace")).digest()[:16]

    @property
    def release(self) -> str:
        """The release in LibreOffice's profile, such as `25.2`.

        It is empty if unknown.
        """
        folder = self.program.resolve().parent
        for file in (folder / "bootstraprc", folder / "bootstrap.ini", folder / _MAC_BOOTSTRAP):
            with suppress(OSError):
                text = file.read_text(encoding="utf-8", errors="replace")
                if match := _PRODUCT_KEY.search(text):
                    return match[1]
        return ""

    @property
    def _fonts_folder(self) -> Path:
        """The folder of LibreOffice's own fonts."""
        return self.program.resolve().parent.parent / "share" / "fonts"

    def characters_without_font(self, characters: Iterable[str]) -> set[str]:
        """Return the characters that a PDF would show as boxes.

        No font has them.
        """
        return characters_without_font(characters, font_files(self._fonts_folder))

    def convert_to_pdfs(
        self, documents: Iterable[tuple[bytes, int]], check: Callable[[], object] = lambda: None
    ) -> Iterator[bytes | None]:
        """Yield the PDF of each .docx in order, or None if LibreOffice fails.

        1. Each document comes with its number of letters, which sets its time limit.
        2. Each processor has one process, so that several documents are converted at the same time.
        3. Blank pages before a front side are dropped. Bookmarks become destinations.
        4. Raise StorageError if LibreOffice or the disk fails.
        5. `check` is called repeatedly. If it raises, all processes are ended.
        """
        remaining, cancelled = iter(documents), threading.Event()
        with ExitStack() as stack:
            free_folders = queue.SimpleQueue[Path]()
            with _translate_disk_errors():
                for _ in range(process_count()):
                    free_folders.put(stack.enter_context(_work_folder(self.release)))
            pool = stack.enter_context(ThreadPoolExecutor(process_count()))
            stack.callback(cancelled.set)

            def submit_next(number: int) -> list[Future[bytes | None]]:
                return [
                    pool.submit(self._convert, *job, free_folders, cancelled)
                    for job in islice(remaining, number)
                ]

            running = submit_next(process_count() * 2)  # twice as many, so that no processor waits
            while running:
                while not wait(running[:1], _POLL_SECONDS).done:
                    check()
                running += submit_next(1)
                yield running.pop(0).result()

    def _convert(
        self,
        document: bytes,
        letters: int,
        free_folders: queue.SimpleQueue[Path],
        cancelled: threading.Event,
    ) -> bytes | None:
        """Return the PDF of a document, or None if that fails or is cancelled."""
        if not document or cancelled.is_set():
            return None
        seconds = self.startup_seconds + self.seconds_per_letter * letters
        folder = free_folders.get()
        try:
            with _translate_disk_errors():
                conversion = _Conversion(self.program, folder, seconds, cancelled)
                return conversion.convert(_without_embedded_objects(document))
        finally:
            free_folders.put(folder)


def layout_failed(name: str) -> Problem:
    """Return the problem of a letter that LibreOffice cannot convert.

    `name` is the letter's name in messages.
    """
    return messages.problem("pdf-failed", Place(name))


def process_count() -> int:
    """Return the number of LibreOffice processes to run at the same time.

    Each takes about 250 MB.
    """
    number = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        number = len(os.sched_getaffinity(0))
    return min(number, _MAX_PROCESSES)


def _without_embedded_objects(document: bytes) -> bytes:
    """Return a document's bytes without its embedded objects.

    LibreOffice prints their pictures, as Word does. It would open the objects and fetch their
    links. Raise StorageError if the document is damaged.
    """
    if _EMBEDDINGS_FOLDER.encode() not in document:
        return document
    with translate_letter_errors():
        package = parse_package(document, _DOCUMENT)
    return package.without_parts(
        {m.name for m in package.members if _EMBEDDINGS_FOLDER in m.name}
    ).to_bytes()


def _translate_disk_errors() -> AbstractContextManager[None]:
    def to_storage_error(error: OSError) -> StorageError:
        place = Place(tempfile.gettempdir())
        return StorageError(messages.problem("pdf-disk", place, error=os_error_text(error)))

    return translate_errors(OSError, to_storage_error)


# LibreOffice converts copies of letters in a private folder, within a time limit. If a run is
# killed, the next run removes the files that remain.

_WORD_FILTER = "--infilter=MS Word 2007 XML"
"""Without this filter, a web page with the ending .docx would be opened.

Its style sheet would be fetched.
"""

_DOCUMENT, _PDF = "letter.docx", "letter.pdf"
_PREFIX = "appeal-merge-"
_WORK_FOLDER, _LOCK_FILE = "work", "lock"
"""The contents of a private folder: the work folder, and a lock file.

A run holds the lock file while it works.
"""


@contextmanager
def private_folder() -> Iterator[Path]:
    """Yield a folder that only this user can read, and delete it at the end.

    Folders of killed runs are removed too.
    """
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    with _lock_folder(folder) as work:
        for old_folder in folder.parent.glob(f"{_PREFIX}*"):
            with suppress(OSError):  # Timeout is a subclass: another run is using the folder
                if _is_leftover(old_folder, folder.lstat().st_uid):
                    with _lock_folder(old_folder) as leftover:
                        _kill_leftovers(leftover)
        work.mkdir(0o700)  # only under the lock: a folder without a work folder is never removed
        yield work


@contextmanager
def _work_folder(release: str) -> Iterator[Path]:
    """Yield a private folder that has the settings for LibreOffice."""
    with private_folder() as folder:
        user = folder / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(profile_settings(release), encoding="utf-8")
        yield folder


@contextmanager
def _lock_folder(folder: Path) -> Iterator[Path]:
    """Yield the work folder of a locked private folder; delete both later.

    Raise Timeout if another run holds the lock.
    """
    lock, work = FileLock(folder / _LOCK_FILE), folder / _WORK_FOLDER
    lock.acquire(timeout=0)
    try:
        yield work
    finally:
        # On Windows, an ended program may hold a file for a moment: this is not an error.
        delete_folder(work)
        lock.release()
        delete_folder(folder)


def _is_leftover(folder: Path, user: int) -> bool:
    """Return whether a folder is private and remained after a killed run.

    It must be this user's. A link does not count.
    """
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != user:
        return False
    return (
        {_WORK_FOLDER} <= {entry.name for entry in folder.iterdir()} <= {_WORK_FOLDER, _LOCK_FILE}
    )


@dataclass(frozen=True, slots=True)
class _Conversion:
    """A conversion by LibreOffice's program in a folder.

    It ends after `timeout_seconds`, or as soon as `cancelled` is set.
    """

    program: Path
    folder: Path
    timeout_seconds: float
    cancelled: threading.Event

    def convert(self, document: bytes) -> bytes | None:
        """Return the PDF of a document, or None if that fails or is cancelled.

        Raise StorageError if LibreOffice cannot convert an intact document either.
        """
        pdf = self._convert_once(document)
        is_broken = pdf is None and not self.cancelled.is_set()
        if is_broken and self._convert_once(document_bytes(Document())) is None:
            raise StorageError(messages.problem("writer-broken", Place(str(self.program))))
        return pdf

    def _convert_once(self, document: bytes) -> bytes | None:
        """Return LibreOffice's PDF of a document, or None if it is incomplete."""
        pdf = self.folder / _PDF
        delete_file(pdf)
        (self.folder / _DOCUMENT).write_bytes(document)
        self._run_program()
        data = pdf.read_bytes() if pdf.exists() else b""
        return data if b"%%EOF" in data[-32:] else None

    def _run_program(self) -> None:
        """Run LibreOffice within a time limit, and end all of its processes."""
        command = [str(self.program), _profile_option(self.folder), "--headless", "--norestore"]
        command += [_WORD_FILTER, "--convert-to", "pdf", "--outdir", ".", _DOCUMENT]
        temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(self.folder))
        with subprocess.Popen(  # noqa: S603 - LibreOffice; the file names are fixed
            command,
            cwd=self.folder,
            env={**os.environ, **temporary},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            end = time.monotonic() + self.timeout_seconds
            try:
                while (
                    process.poll() is None
                    and time.monotonic() < end
                    and not self.cancelled.is_set()
                ):
                    with suppress(subprocess.TimeoutExpired):  # a failure is reported later
                        process.wait(_POLL_SECONDS)
            finally:
                _kill_process(process)


def _profile_option(work: Path) -> str:
    """Return the command-line option that gives LibreOffice its own profile."""
    return f"-env:UserInstallation={(work / 'profile').as_uri()}"


def _kill_leftovers(work: Path) -> None:
    """End all LibreOffice processes of a killed run.

    They would create its folder again. On Windows there is no `ps`, and files that a program has
    open cannot be removed.
    """
    command = ["ps", "-A", "-ww", "-o", "pid=", "-o", "args="]
    with suppress(OSError):
        processes = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - the system's
        for line in processes.stdout.splitlines():
            number, *words = line.split()
            if os.fsencode(_profile_option(work)) in words:
                with suppress(OSError):  # it has ended
                    os.kill(int(number), signal.SIGKILL)


def _kill_process(process: subprocess.Popen[bytes]) -> None:
    """End a program that still runs, with all processes that it started."""
    if process.poll() is not None:
        return
    if os.name == "nt":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - Windows' own
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# LibreOffice's settings: nothing is fetched, no macro runs.

_SECURITY_PATH = "/org.openoffice.Office.Common/Security/Scripting"
_INTERNET_PATH = "/org.openoffice.Inet/Settings"
_PRODUCT_PATH = "/org.openoffice.Setup/Product"
_PDF_EXPORT_PATH = "/org.openoffice.Office.Common/Filter/PDF/Export"

_LOCALHOST = "127.0.0.1"
_DISCARD_PORT = 9  # The discard port, on which no program listens (RFC 863)
_SETTINGS: tuple[tuple[str, str, str | int | bool], ...] = (
    # Linked pictures and files, on other computers and on this one.
    (_SECURITY_PATH, "BlockUntrustedRefererLinks", True),
    (_SECURITY_PATH, "DisableMacrosExecution", True),
    # Everything else is requested from a proxy that does not exist.
    (_INTERNET_PATH, "ooInetProxyType", 1),
    (_INTERNET_PATH, "ooInetHTTPProxyName", _LOCALHOST),
    (_INTERNET_PATH, "ooInetHTTPProxyPort", _DISCARD_PORT),
    (_INTERNET_PATH, "ooInetHTTPSProxyName", _LOCALHOST),
    (_INTERNET_PATH, "ooInetHTTPSProxyPort", _DISCARD_PORT),
    (_INTERNET_PATH, "ooInetNoProxy", ""),
    (_PDF_EXPORT_PATH, "ExportBookmarksToPDFDestination", True),
    (_PDF_EXPORT_PATH, "IsSkipEmptyPages", True),
    # Distinguishes headers and footers from the letter.
    (_PDF_EXPORT_PATH, "UseTaggedPDF", True),
)
"""DisableActiveContent is not one of them, because it omits charts."""

_SETTING_XML = (
    '<item oor:path="{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
)
_SETTINGS_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>\n'
)


def profile_settings(release: str = "") -> str:
    """Return the text of a profile's registrymodifications.xcu.

    If it contains LibreOffice's release, the profile does not count as new. With a new profile,
    each start tests how to draw on the screen. This takes as long as the layout of 150 letters.
    """
    last_version = ((_PRODUCT_PATH, "ooSetupLastVersion", release),) if release else ()
    settings = (*_SETTINGS, *last_version)
    items = (_SETTING_XML.format(path, name, str(value).lower()) for path, name, value in settings)
    return _SETTINGS_XML.format("".join(items))


# The PDF of a print file: LibreOffice's pages, with an outline of the letters.


# pypdf logs small faults in LibreOffice's PDFs, and without a handler prints them on the screen.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class OfficePdf:
    """A PDF by LibreOffice, opened once for all files that get its pages."""

    data: bytes

    @cached_property
    def reader(self) -> PdfReader:
        """The PDF's reader. Raise any error of pypdf."""
        return _read_pdf(self.data)


class PdfPages(NamedTuple):
    """Pages of a PDF: those of one letter or cover sheet.

    `first_page` is counted from 0.
    """

    pdf: OfficePdf
    first_page: int
    page_count: int


def join_pdf_pages(
    pieces: Iterable[tuple[str, PdfPages]], title: str, *, front_sides: bool
) -> bytes:
    """Return a PDF with the pages of all pieces, and their titles as outline.

    If `front_sides`, for two-sided printing, each piece begins on a front side, after a blank page
    if necessary. The PDF's only property is its title: no program, author or date. Raise
    StorageError if a piece is unreadable.
    """
    from pypdf import PdfWriter  # noqa: PLC0415 - slow, and needed only here

    name = title

    def to_storage_error(_: Exception) -> StorageError:
        return StorageError(messages.problem("pdf-odd", Place(name)))

    with translate_errors(_pdf_errors(), to_storage_error), PdfWriter() as writer:
        for name, piece in pieces:
            if front_sides and len(writer.pages) % 2:
                writer.add_blank_page()
            first_number = len(writer.pages)
            for number in range(piece.first_page, piece.first_page + piece.page_count):
                writer.add_page(piece.pdf.reader.pages[number])
            writer.add_outline_item(title=name, page_number=first_number)
        writer.metadata = {"/Title": title}
        writer.page_mode = "/UseOutlines"
        output = BytesIO()
        writer.write(output)
    return output.getvalue()


def _pdf_errors() -> tuple[type[Exception], ...]:
    """Return the errors that pypdf raises for a PDF that it cannot read."""
    from pypdf.errors import PyPdfError  # noqa: PLC0415 - slow, and needed only here

    other_errors = (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    )
    return (PyPdfError, *other_errors)


def _read_pdf(pdf: bytes) -> PdfReader:
    from pypdf import PdfReader  # noqa: PLC0415 - slow, and needed only here

    return PdfReader(BytesIO(pdf))


@contextmanager
def open_pdf(pdf: bytes, file: str) -> Iterator[PdfReader]:
    """Yield a reader for the bytes of a PDF.

    `file` is the name of its source in messages. Raise StorageError if the PDF is unreadable.
    """

    def to_storage_error(_: Exception) -> StorageError:
        return StorageError(messages.problem("pdf-odd", Place(file)))

    with translate_errors(_pdf_errors(), to_storage_error), _read_pdf(pdf) as reader:
        yield reader


def pdf_text(pdf: bytes, check: Callable[[], object] = lambda: None) -> str:
    """Return all text of a PDF: its pages, outline and properties.

    It is empty if the PDF is unreadable. `check` is called before each page, and may raise.
    """
    try:
        with _read_pdf(pdf) as reader:
            texts = []
            for page in reader.pages:
                check()
                texts.append(page.extract_text())
            texts += _outline_titles(reader.outline)
            texts += map(str, (reader.metadata or {}).values())
    except _pdf_errors():
        return ""
    return "\n".join(texts)


def pdf_title(pdf: bytes) -> str:
    """Return the title in a PDF's properties.

    It is empty if there is none, or the PDF is unreadable.
    """
    with suppress(*_pdf_errors()), _read_pdf(pdf) as reader:
        return str(reader.metadata.title or "") if reader.metadata else ""
    return ""


def _outline_titles(outline: Iterable[object]) -> Iterator[str]:
    for item in outline:
        if isinstance(item, list):
            yield from _outline_titles(item)
        else:
            yield str(getattr(item, "title", ""))


def destination_name(bookmark: str) -> str:
    """Return the name that a Word bookmark has as a destination in a PDF.

    Characters other than letters, digits and hyphens are in hexadecimal.
    """
    plain = (c if c.isascii() and (c.isalnum() or c == "-") else f"{ord(c):02X}" for c in bookmark)
    return f"/{''.join(plain)}"
