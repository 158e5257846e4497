"""What of a person can be found in a folder: in the files' names, in them, in zips inside them."""

from __future__ import annotations

import html
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from merge.campaign.errand import UNWATCHED, Errand
from merge.campaign.person_words import PersonWords, has_words, plain
from merge.disk import is_link, read_campaign_file
from merge.errors import MergeError, StorageError
from merge.excel.reader import read_book
from merge.printing.libreoffice import pdf_words
from merge.problems import Place
from merge.state.ledger import LEDGER_FILE
from merge.state.ledger_rows import row_texts

_MOST = 100 << 20
"""Bytes of a file, and of a part of a zip; what is larger is told, not searched."""

_DEEPEST = 3
"""Zips inside each other."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A place where words of a person stand. `inside` is the part of a zip, if it is in one."""

    path: str
    words: frozenset[str]
    inside: str = ""
    places: tuple[Place, ...] = ()
    """Of a workbook, the cells."""


@dataclass
class Search:
    """What a search has found, and the files that it could not look into."""

    traces: list[Trace] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found, and every file could be looked into."""
        return not (self.traces or self.closed)

    def by_file(self) -> dict[str, list[str]]:
        """Return each file once in which something is left, with its cells, or parts of a zip."""
        cells: dict[str, list[Place]] = {}
        parts: dict[str, list[str]] = {}
        for trace in self.traces:
            cells.setdefault(trace.path, []).extend(trace.places)
            if trace.inside and trace.path.lower().endswith(".zip"):
                parts.setdefault(trace.path, []).append(trace.inside)
        return {
            path: [*dict.fromkeys([*_named(places), *parts.get(path, ())])]
            for path, places in cells.items()
        }


def _named(places: Iterable[Place]) -> Iterator[str]:
    """Yield cells by sheet and name, those next to each other as one: `Signers!A6 to E6`."""
    runs: list[list[Place]] = []
    for place in dict.fromkeys(places):
        last = runs[-1][-1] if runs else None
        after = (last.sheet, last.row, last.column + 1) if last else None
        if (place.sheet, place.row, place.column) == after:
            runs[-1].append(place)
        else:
            runs.append([place])
    for run in runs:
        end = f" to {run[-1].cell}" if len(run) > 1 else ""
        yield f"{run[0].sheet}!{run[0].cell}{end}"


def search_folder(folder: Path, words: PersonWords, errand: Errand = UNWATCHED) -> Search:
    """Look through every file of a folder, hidden ones too; links are not followed, but told.

    Raise Stopped where a stop is asked for.
    """
    search = Search()
    found = [*entries(folder)]
    for entry in errand.each([e for e in found if not e.is_folder], "Files searched"):
        shown = entry.path.relative_to(folder).as_posix()
        if in_name := words.found_in(shown):
            search.traces.append(Trace(shown, in_name))
        if entry.is_link:
            search.closed.append(f"{shown} (a link)")
        else:
            inside = search_file(entry.path, shown, words, errand)
            search.traces += inside.traces
            search.closed += inside.closed
    full = {parent for entry in found if not entry.is_folder for parent in entry.path.parents}
    for entry in found:
        shown = entry.path.relative_to(folder).as_posix()
        if entry.is_folder and entry.path not in full and (there := words.found_in(shown)):
            search.traces.append(Trace(f"{shown}/", there))
    return search


def search_file(path: Path, shown: str, words: PersonWords, errand: Errand = UNWATCHED) -> Search:
    """Look into a file, which is called so from the campaign folder."""
    search, closed = Search(), list[str]()
    found: dict[str, frozenset[str]] = {}
    for inside, text in _texts_of(path, closed, errand.check):
        if there := words.found_in(text):
            found[inside] = found.get(inside, frozenset()) | there
    if found and path.suffix.lower() == ".xlsx":
        every, places = frozenset().union(*found.values()), tuple(_cells(path, words))
        if places or not all(map(_CELL_NAME.fullmatch, every)):
            search.traces.append(Trace(shown, every, "", places))
    else:
        search.traces += [Trace(shown, there, inside) for inside, there in found.items()]
    search.closed += (f"{shown} ({part})" if part else shown for part in dict.fromkeys(closed))
    return search


def _texts_of(
    path: Path, closed: list[str], check: Callable[[], object]
) -> Iterator[tuple[str, str]]:
    """Yield every text in a file, as `texts_in`; of a ledger those of its rows."""
    rows = row_texts(path) if path.name == LEDGER_FILE else None
    if rows is not None:
        yield from (("", _unescaped(text)) for text in rows)
        return
    data = bytes_of(path)
    if data is None:
        closed.append("")
    yield from texts_in(data or b"", closed, check=check)


_CELL_NAME = re.compile(r"[a-z]{1,3}[1-9]\d{0,6}")
"""An ID such as F1234 is a cell's name as well, which every large workbook has."""


class FolderEntry(NamedTuple):
    """A file, link or folder below a folder."""

    path: Path
    is_folder: bool = False
    is_link: bool = False


def entries(folder: Path) -> Iterator[FolderEntry]:
    """Yield all that lies below a folder, which may be none; links and junctions as links."""
    for root, below, names in os.walk(folder):
        linked = {name for name in below if is_link(Path(root, name))}
        below[:] = sorted({*below} - linked)
        yield from (FolderEntry(Path(root, name), is_folder=True) for name in below)
        for name in sorted((*names, *linked)):
            path = Path(root, name)
            yield FolderEntry(path, is_link=is_link(path))


def bytes_of(path: Path) -> bytes | None:
    """Return a plain file's bytes; None where it is too large or cannot be opened."""
    try:
        is_read = path.is_file() and path.stat().st_size <= _MOST
        return read_campaign_file(path) if is_read else None
    except (OSError, StorageError):
        return None


def _cells(path: Path, words: PersonWords) -> Iterator[Place]:
    """Yield the cells of a workbook in which words stand; a shared one counts beside a name."""
    try:
        book = read_book(path)
        for sheet in book.sheets:
            for row in book.sheet(sheet.name).rows:
                texts = {cell.column: str(cell.value or "") for cell in row.cells}
                there = words.found_in("\n".join(texts.values()))
                for column, text in texts.items() if there else ():
                    if any(has_words(plain(text), word) for word in there):
                        yield Place(path.name, sheet.name, column, row.number)
    except MergeError:
        return


# The texts that a file holds.


_ENDS = re.compile(r"</?(?:\w+:)?(?:p|tc|tr|br|tab|cr|c|row|si|comment|h|li|td)(?:\s[^<>]*)?/?>")
"""Elements of Word's, Excel's and OpenDocument's files between which words do not go on."""

_TAG = re.compile(r"<[^<>]*>")

_RTF = re.compile(r"\\u(-?\d+) ?(?:\\'[0-9a-fA-F]{2}|\?)?|\\'([0-9a-fA-F]{2})|\\[a-z]+-?\d* ?|[{}]")

_OLE, _ENCRYPTED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")
_UTF_16 = b"\xff\xfe", b"\xfe\xff"
_CODINGS = "cp1252", "cp1251"
"""Of texts that Excel for Windows saves as they were saved of old."""

_RUN = re.compile("[^\x00-\x1f\x7f\ufffd]{4,}")
"""What is a text in a file that is none: what is shorter may be anything."""

_ODD_ZIP = zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError

_PACKED = (b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
"""How files begin that this program does not unpack."""


def texts_in(
    data: bytes,
    closed: list[str],
    inside: str = "",
    depth: int = 0,
    check: Callable[[], object] = UNWATCHED.check,
) -> Iterator[tuple[str, str]]:
    """Yield every text that a file holds, with the part of a zip that holds it, else nothing.

    What cannot be looked into is added to `closed`: a part, or nothing for the whole. `check` is
    called all the while, and may raise.
    """
    check()
    if data.startswith(b"PK"):
        yield from _texts_in_zip(data, closed, inside, depth, check)
    elif data.startswith(_PACKED) or (data.startswith(_OLE) and _ENCRYPTED in data):
        closed.append(inside)
    elif data.startswith(b"%PDF"):
        text = pdf_words(data, check)
        if not text.strip():
            closed.append(inside)  # a scan, or locked
        yield inside, text
        yield inside, _decoded(data)
    else:
        yield from ((inside, text) for text in _texts(data))


def _texts(data: bytes) -> Iterator[str]:
    if b"\0" in data and not data.startswith(_UTF_16):
        for text in (_decoded(data), *(data[at:].decode("utf-16-le", "replace") for at in (0, 1))):
            yield "\n".join(_RUN.findall(_unescaped(text)))
        if data.startswith(_OLE):
            yield from ("\n".join(_RUN.findall(data.decode(c, "replace"))) for c in _CODINGS)
        return
    text = _unescaped(_decoded(data))
    if _is_markup(data):
        yield html.unescape(_TAG.sub("", _ENDS.sub("\n", text)))
        text = html.unescape(_in_tags(text) if _is_xml(data) else text)
    yield text
    if "%" in text:
        yield unquote(text)
    if data.startswith(b"{\\rtf"):
        yield _RTF.sub(_rtf_character, data.decode("cp1252", errors="replace"))
    elif "\ufffd" in text:
        yield from (data.decode(coding, errors="replace") for coding in _CODINGS)


def _unescaped(text: str) -> str:
    """Return text with the characters that JSON writes as their numbers."""
    if "\\u" not in text:
        return text
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def _rtf_character(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1]) % 65536)
    if found[2]:
        return bytes.fromhex(found[2]).decode("cp1252", errors="replace")
    return " " if found[0].startswith(("\\par", "\\tab", "\\line", "\\cell")) else ""


def _texts_in_zip(
    data: bytes, closed: list[str], inside: str, depth: int, check: Callable[[], object]
) -> Iterator[tuple[str, str]]:
    if depth == _DEEPEST:
        closed.append(inside)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield inside, archive.comment.decode(errors="replace")
            for member in archive.infolist():
                part = inside or member.filename
                yield part, member.filename
                if member.file_size > _MOST:
                    closed.append(part)
                    continue
                inner = archive.read(member)
                yield from texts_in(inner, closed, part, depth + 1, check)
    except _ODD_ZIP:
        closed.append(inside)
        yield inside, _decoded(data)


def theme_texts(workbook: Path) -> Iterator[str]:
    """Yield the texts of a workbook's theme: names of fonts and scripts, `Hans` and `Guru` too."""
    with suppress(*_ODD_ZIP), zipfile.ZipFile(workbook) as archive:
        for member in archive.infolist():
            if "/theme/" in member.filename and member.file_size <= _MOST:
                yield from _texts(archive.read(member))


def _in_tags(markup: str) -> str:
    """Return what stands in XML's tags: attributes, each a line, without short numbers; comments.

    Sizes and positions are no data of anybody's.
    """
    found = _ATTRIBUTE.findall(markup) + _COMMENT.findall(markup)
    return "\n".join(text for text in map(str, found) if not _SIZE.fullmatch(text))


_ATTRIBUTE = re.compile(r"""(?<==["'])[^"'<>]+(?=["'])""")
_COMMENT = re.compile(r"<!--[^<>]*")
_SIZE = re.compile(r"-?[\d.]{1,5}")


def _is_xml(data: bytes) -> bool:
    return b"xmlns" in data or data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<?xml")


def _is_markup(data: bytes) -> bool:
    return data[:256].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0").startswith(b"<")


def _decoded(data: bytes) -> str:
    if data.startswith(_UTF_16):
        return data.decode("utf-16", errors="replace")
    return data.decode(errors="replace")
