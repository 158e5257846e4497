"""LibreOffice: found, and run to make PDFs of .docx files, with nothing left behind.

Each run has a profile of its own, so that it neither disturbs a LibreOffice that is open nor obeys
its settings, and a private folder, in which letters bear no names.
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
from merge.disk import os_error_text, short_path
from merge.errors import StorageError, TemplateError, translate_errors
from merge.ooxml.package import parse_package
from merge.ooxml.package_builder import letter_problem
from merge.printing.fonts import characters_without_font, font_files, font_folders
from merge.problems import Place, Problem

if TYPE_CHECKING:  # it takes 10 MB and is loaded where there is a PDF
    from pypdf import PdfReader

NO_LIBREOFFICE = messages.problem("no-writer", Place("LibreOffice"))

_MAX_PROCESSES = 8  # Processes
_POLL_SECONDS = 0.1  # Seconds between two looks at whether it has ended, or is to
_PRODUCT_KEY = re.compile(r"^ProductKey=.* (\d+\.\d+)\s*$", re.MULTILINE)
_MAC_BOOTSTRAP = Path("..", "Resources", "bootstraprc")
_EMBEDDINGS_FOLDER = "/embeddings/"  # The folder where Word keeps embedded objects


def find_libreoffice() -> LibreOffice | None:
    """Return LibreOffice; None where it is not on this computer."""
    on_path = shutil.which("soffice") or shutil.which("libreoffice")
    places = [Path(on_path).absolute()] if on_path else _default_locations()
    return next((LibreOffice(place) for place in places if place.is_file()), None)


def _default_locations() -> Iterator[Path]:
    for variable in ("PROGRAMFILES", "PROGRAMW6432", "PROGRAMFILES(X86)"):
        if folder := os.environ.get(variable):
            yield Path(folder, "LibreOffice", "program", "soffice.exe")
    yield Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")


def translate_letter_errors() -> AbstractContextManager[None]:
    """Return a context in which a letter's file is spoken of as one, not as a template."""
    return translate_errors(TemplateError, lambda e: StorageError(map(letter_problem, e.problems)))


def read_letter(path: Path) -> bytes:
    """Return a letter's bytes. Raise StorageError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        place = Place(short_path(path))
        problem = messages.problem("letter-unreadable", place, error=os_error_text(error))
        raise StorageError(problem) from error


def _file_state(file: Path) -> str:
    about = file.stat()
    return f"{file} {about.st_size} {about.st_mtime_ns}"


@dataclass(frozen=True, slots=True)
class LibreOffice:
    """LibreOffice's program, and how long it may take to start and for each letter."""

    program: Path
    startup_seconds: float = 90
    seconds_per_letter: float = 2

    def layout_fingerprint(self) -> bytes:
        """Return a hash of what pages hang on beside the letters: LibreOffice, and its fonts."""
        program = self.program.resolve()
        files = (program, *(program.parent / name for name in ("versionrc", "version.ini")))
        found = [_file_state(file) for file in files if file.exists()]
        for root in (self._fonts_folder, *font_folders()):
            for folder, _, names in os.walk(root):
                for file in (Path(folder, name) for name in names):
                    with suppress(OSError):
                        found.append(_file_state(file))
        return hashlib.sha256("\n".join(sorted(found)).encode(errors="replace")).digest()[:16]

    @property
    def release(self) -> str:
        """The release as LibreOffice notes it in a profile, such as `25.2`; empty if unknown."""
        folder = self.program.resolve().parent
        for file in (folder / "bootstraprc", folder / "bootstrap.ini", folder / _MAC_BOOTSTRAP):
            with suppress(OSError):
                text = file.read_text(encoding="utf-8", errors="replace")
                if found := _PRODUCT_KEY.search(text):
                    return found[1]
        return ""

    @property
    def _fonts_folder(self) -> Path:
        """The folder of the fonts that come with it."""
        return self.program.resolve().parent.parent / "share" / "fonts"

    def characters_without_font(self, characters: Iterable[str]) -> set[str]:
        """Return those of the characters that a PDF would show as boxes: no font has them."""
        return characters_without_font(characters, font_files(self._fonts_folder))

    def convert_to_pdfs(
        self, documents: Iterable[tuple[bytes, int]], check: Callable[[], object] = lambda: None
    ) -> Iterator[bytes | None]:
        """Yield PDFs of the bytes of .docx files, in their order; None where one cannot be made.

        Beside each stands how many letters it holds. As many are laid out at once as there are
        processors, each in a process of its own. Pages that stand empty before a front side are
        left out; bookmarks become destinations. StorageError where LibreOffice is at fault, or the
        disk; what `check` raises, which is called meanwhile, and all of them are ended.
        """
        coming, halt = iter(documents), threading.Event()
        with ExitStack() as stack:
            places = queue.SimpleQueue[Path]()
            with _translate_disk_errors():
                for _ in range(process_count()):
                    places.put(stack.enter_context(_work_folder(self.release)))
            pool = stack.enter_context(ThreadPoolExecutor(process_count()))
            stack.callback(halt.set)

            def begun(some: int) -> list[Future[bytes | None]]:
                return [
                    pool.submit(self._convert, *job, places, halt) for job in islice(coming, some)
                ]

            at_work = begun(process_count() * 2)  # some wait, so that no processor does
            while at_work:
                while not wait(at_work[:1], _POLL_SECONDS).done:
                    check()
                at_work += begun(1)
                yield at_work.pop(0).result()

    def _convert(
        self, document: bytes, letters: int, places: queue.SimpleQueue[Path], halt: threading.Event
    ) -> bytes | None:
        """Return a PDF, None where it cannot be made, or where it is not wanted any more."""
        if not document or halt.is_set():
            return None
        seconds = self.startup_seconds + self.seconds_per_letter * letters
        place = places.get()
        try:
            with _translate_disk_errors():
                conversion = _Conversion(self.program, place, seconds, halt)
                return conversion.convert(_without_embedded_objects(document))
        finally:
            places.put(place)


def layout_failed(name: str) -> Problem:
    """Return the problem of a letter, by what it is called, of which no PDF can be made."""
    return messages.problem("pdf-failed", Place(name))


def process_count() -> int:
    """Return how many processes of LibreOffice work at once; each takes some 250 MB."""
    number = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        number = len(os.sched_getaffinity(0))
    return min(number, _MAX_PROCESSES)


def _without_embedded_objects(document: bytes) -> bytes:
    """Return a document without embedded objects: like Word, LibreOffice prints their pictures.

    It would open the objects, and fetch what they link to. Raise StorageError where the document
    is damaged.
    """
    if _EMBEDDINGS_FOLDER.encode() not in document:
        return document
    with translate_letter_errors():
        package = parse_package(document, _DOCUMENT)
    return package.without_parts(
        {m.name for m in package.members if _EMBEDDINGS_FOLDER in m.name}
    ).to_bytes()


def _translate_disk_errors() -> AbstractContextManager[None]:
    def into(error: OSError) -> StorageError:
        place = Place(tempfile.gettempdir())
        return StorageError(messages.problem("pdf-disk", place, error=os_error_text(error)))

    return translate_errors(OSError, into)


# A private folder in which LibreOffice makes PDFs of copies, and ends when its time is up. What a
# run leaves there that was itself killed, the next one removes.

_WORD_FILTER = "--infilter=MS Word 2007 XML"
"""A web page that is named .docx would be read as one, and its style sheet fetched."""

_DOCUMENT, _PDF = "letter.docx", "letter.pdf"
_PREFIX = "appeal-merge-"
_WORK_FOLDER, _LOCK_FILE = "work", "lock"
"""All that lies in a private folder: what is worked on, and what a run holds while it works."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """Give a folder that nobody else may look into, and remove it; those of killed runs go too."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    with _lock_folder(folder) as work:
        for other in folder.parent.glob(f"{_PREFIX}*"):
            with suppress(OSError):  # Timeout is one too: a run is at work there
                if _is_leftover(other, folder.lstat().st_uid):
                    with _lock_folder(other) as left:
                        _kill_leftovers(left)
        work.mkdir(0o700)  # not before it is held: a folder without work is never swept
        yield work


@contextmanager
def _work_folder(release: str) -> Iterator[Path]:
    """Give a private folder in which LibreOffice finds the settings that it starts with."""
    with private_folder() as own:
        user = own / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(profile_settings(release), encoding="utf-8")
        yield own


@contextmanager
def _lock_folder(folder: Path) -> Iterator[Path]:
    """Hold a private folder alone, and give where its work lies; the folder goes in the end.

    Raise Timeout where a run holds it.
    """
    lock, work = FileLock(folder / _LOCK_FILE), folder / _WORK_FOLDER
    lock.acquire(timeout=0)
    try:
        yield work
    finally:
        # On Windows a program that was ended may hold a file for a moment: no fault of ours.
        shutil.rmtree(work, ignore_errors=True)
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _is_leftover(folder: Path, user: int) -> bool:
    """Return whether it is a private folder with work in it, made by this user; a link is none."""
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != user:
        return False
    return (
        {_WORK_FOLDER} <= {entry.name for entry in folder.iterdir()} <= {_WORK_FOLDER, _LOCK_FILE}
    )


@dataclass(frozen=True, slots=True)
class _Conversion:
    """LibreOffice's program at work in a place, for so many seconds, or until it is to halt."""

    program: Path
    folder: Path
    timeout_seconds: float
    cancelled: threading.Event

    def convert(self, document: bytes) -> bytes | None:
        """Return a document's PDF; None where it cannot be made, or the work is to halt.

        Raise StorageError where none can be made of a document that is surely sound, either.
        """
        made = self._convert_once(document)
        if made is None and not self.cancelled.is_set():
            Document().save(sound := BytesIO())
            if self._convert_once(sound.getvalue()) is None:
                raise StorageError(messages.problem("writer-broken", Place(str(self.program))))
        return made

    def _convert_once(self, document: bytes) -> bytes | None:
        """Return what LibreOffice makes of a document; None where that is no PDF to its end."""
        pdf = self.folder / _PDF
        pdf.unlink(missing_ok=True)
        (self.folder / _DOCUMENT).write_bytes(document)
        self._run_program()
        made = pdf.read_bytes() if pdf.exists() else b""
        return made if b"%%EOF" in made[-32:] else None

    def _run_program(self) -> None:
        """Let LibreOffice work for as long as it may take; no process of it stays behind."""
        command = [str(self.program), _profile_option(self.folder), "--headless", "--norestore"]
        command += [_WORD_FILTER, "--convert-to", "pdf", "--outdir", ".", _DOCUMENT]
        temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(self.folder))
        with subprocess.Popen(  # noqa: S603 - LibreOffice; the names are our own
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
                    with suppress(subprocess.TimeoutExpired):  # what failed will be reported
                        process.wait(_POLL_SECONDS)
            finally:
                _kill_process(process)


def _profile_option(work: Path) -> str:
    """Return the word of the command that lets LibreOffice take its settings from its folder."""
    return f"-env:UserInstallation={(work / 'profile').as_uri()}"


def _kill_leftovers(work: Path) -> None:
    """End every LibreOffice of a killed run; it would make its folder anew.

    On Windows there is no `ps`, and what a program has open cannot be removed.
    """
    command = ["ps", "-A", "-ww", "-o", "pid=", "-o", "args="]
    with suppress(OSError):
        listed = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - the system's
        for line in listed.stdout.splitlines():
            number, *words = line.split()
            if os.fsencode(_profile_option(work)) in words:
                with suppress(OSError):  # it has ended
                    os.kill(int(number), signal.SIGKILL)


def _kill_process(process: subprocess.Popen[bytes]) -> None:
    """End the program and those that it started, where it still runs."""
    if process.poll() is not None:
        return
    if os.name == "nt":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - Windows' own
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# The settings that LibreOffice starts with: nothing is fetched, no macro runs.

_SECURITY_PATH = "/org.openoffice.Office.Common/Security/Scripting"
_INTERNET_PATH = "/org.openoffice.Inet/Settings"
_PRODUCT_PATH = "/org.openoffice.Setup/Product"
_PDF_EXPORT_PATH = "/org.openoffice.Office.Common/Filter/PDF/Export"

_LOCALHOST = "127.0.0.1"
_DISCARD_PORT = 9  # The port where nobody listens (RFC 863)
_SETTINGS: tuple[tuple[str, str, str | int | bool], ...] = (
    # Linked pictures and files, on other computers and on this one.
    (_SECURITY_PATH, "BlockUntrustedRefererLinks", True),
    (_SECURITY_PATH, "DisableMacrosExecution", True),
    # Whatever else might be fetched is asked of a proxy that is not there.
    (_INTERNET_PATH, "ooInetProxyType", 1),
    (_INTERNET_PATH, "ooInetHTTPProxyName", _LOCALHOST),
    (_INTERNET_PATH, "ooInetHTTPProxyPort", _DISCARD_PORT),
    (_INTERNET_PATH, "ooInetHTTPSProxyName", _LOCALHOST),
    (_INTERNET_PATH, "ooInetHTTPSProxyPort", _DISCARD_PORT),
    (_INTERNET_PATH, "ooInetNoProxy", ""),
    (_PDF_EXPORT_PATH, "ExportBookmarksToPDFDestination", True),
    (_PDF_EXPORT_PATH, "IsSkipEmptyPages", True),
    # Tells headers and footers from the letter.
    (_PDF_EXPORT_PATH, "UseTaggedPDF", True),
)
"""DisableActiveContent is not among them: it leaves out charts."""

_SETTING_XML = (
    '<item oor:path="{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
)
_SETTINGS_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>\n'
)


def profile_settings(release: str = "") -> str:
    """Return the text of a profile's registrymodifications.xcu.

    With the release of LibreOffice in it, the profile does not count as new. In a new one, each
    start first tries how the screen draws, which takes as long as laying out 150 letters.
    """
    known = ((_PRODUCT_PATH, "ooSetupLastVersion", release),) if release else ()
    every = (*_SETTINGS, *known)
    items = (_SETTING_XML.format(path, name, str(value).lower()) for path, name, value in every)
    return _SETTINGS_XML.format("".join(items))


# A batch's PDF: pages as LibreOffice laid them out, with an outline of the letters.


# pypdf logs what LibreOffice writes a little wrong; no handler would mean: onto the screen.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class OfficePdf:
    """A PDF that LibreOffice made. It is opened once, however many files its pages go into."""

    data: bytes

    @cached_property
    def reader(self) -> PdfReader:
        """Its reader. Raise what pypdf raises."""
        return _read_pdf(self.data)


class PdfPages(NamedTuple):
    """Pages of a PDF: those of one letter, or of a cover. `first` is the number of one, from 0."""

    pdf: OfficePdf
    first_page: int
    page_count: int


def join_pdf_pages(
    pieces: Iterable[tuple[str, PdfPages]], title: str, *, front_sides: bool
) -> bytes:
    """Return a PDF of pieces one after the other, its outline their titles.

    With `front_sides`, for two-sided printing, each piece begins on one; a blank page goes before
    it where it is needed. Of what the PDF says of itself there is only its title: no program, no
    author, no date. Raise StorageError where a piece cannot be read.
    """
    from pypdf import PdfWriter  # noqa: PLC0415 - when it is needed

    name = title

    def into(_: Exception) -> StorageError:
        return StorageError(messages.problem("pdf-odd", Place(name)))

    with translate_errors(_pdf_errors(), into), PdfWriter() as writer:
        for name, piece in pieces:
            if front_sides and len(writer.pages) % 2:
                writer.add_blank_page()
            begins = len(writer.pages)
            for number in range(piece.first_page, piece.first_page + piece.page_count):
                writer.add_page(piece.pdf.reader.pages[number])
            writer.add_outline_item(title=name, page_number=begins)
        writer.metadata = {"/Title": title}
        writer.page_mode = "/UseOutlines"
        made = BytesIO()
        writer.write(made)
    return made.getvalue()


def _pdf_errors() -> tuple[type[Exception], ...]:
    """Return what pypdf raises for a PDF that it cannot make sense of."""
    from pypdf.errors import PyPdfError  # noqa: PLC0415 - when it is needed

    others = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
    return (PyPdfError, *others)


def _read_pdf(pdf: bytes) -> PdfReader:
    from pypdf import PdfReader  # noqa: PLC0415 - when it is needed

    return PdfReader(BytesIO(pdf))


@contextmanager
def open_pdf(pdf: bytes, file: str) -> Iterator[PdfReader]:
    """Give a reader of a PDF's bytes; `file` is what it was made of, as messages name it.

    Raise StorageError where it cannot be read.
    """

    def into(_: Exception) -> StorageError:
        return StorageError(messages.problem("pdf-odd", Place(file)))

    with translate_errors(_pdf_errors(), into), _read_pdf(pdf) as reader:
        yield reader


def pdf_text(pdf: bytes, check: Callable[[], object] = lambda: None) -> str:
    """Return every word of a PDF that can be read: pages, outline, properties; else nothing.

    `check` is called before each page, and may raise.
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
    """Return the title in a PDF's properties; empty if it has none, or cannot be read."""
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
    """Return a bookmark's name in the PDF: in hexadecimal what is no letter, digit or hyphen."""
    plain = (c if c.isascii() and (c.isalnum() or c == "-") else f"{ord(c):02X}" for c in bookmark)
    return f"/{''.join(plain)}"
