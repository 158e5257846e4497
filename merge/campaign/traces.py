"""What of a person can be found in a folder: in the files' names, in them, in zips inside them."""

from __future__ import annotations

import html
import io
import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from merge.campaign.errand import UNWATCHED, Errand
from merge.excel.reader import read_book
from merge.model import MergeError, Person, Place
from merge.printing.libreoffice import pdf_words

_MOST = 100 << 20
"""Bytes of a file, and of a part of a zip; what is larger is told, not searched."""

_DEEPEST = 3
"""Zips inside each other."""

_SHORTEST = 4
"""Characters of a value that tells somebody by itself; a name may be shorter."""

_ENDS = re.compile(r"</?(?:\w+:)?(?:p|tc|tr|br|tab|cr|c|row|si|comment|h|li|td)(?:\s[^>]*)?/?>")
"""Elements of Word's, Excel's and OpenDocument's files between which words do not go on."""

_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class PersonWords:
    """The words by which somebody is found, each as `plain` gives it.

    `own` are nobody else's; `shared`, a town perhaps, count where they stand near a name. `names`
    are those of `own`, and the name itself where another bears it.
    """

    own: frozenset[str]
    shared: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def found_in(self, text: str) -> frozenset[str]:
        """Return those that stand in a text as whole words."""
        there = plain(text)
        found = {word for word in self.own if has_words(there, word)}
        if any(has_words(there, name) for name in self.names):
            found |= {word for word in self.shared if _near(there, word, self.names)}
        return frozenset(found)


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


def plain(text: str) -> str:
    """Return text to search: capitals, width, accents' form and blanks do not count."""
    return " ".join(
        unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split()
    )


def has_words(text: str, words: str) -> bool:
    """Return whether words stand in a text, not as a part of longer ones."""
    return (
        re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None if words in text else False
    )


def _near(text: str, word: str, names: Iterable[str], reach: int = 300) -> bool:
    """Return whether a word stands within so many characters of one of the names."""
    places = [m.start() for m in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text)]
    for name in names:
        for found in re.finditer(re.escape(name), text):
            if any(abs(at - found.start()) <= reach for at in places):
                return True
    return False


def words_of(
    person: Person, others: Iterable[Person], common: str, ids: Iterable[str] = ()
) -> PersonWords:
    """Return what tells a person of the workbook, who are others there.

    `common` are the words of templates and settings, which tell nobody; `ids` are the letters'.
    """
    values = {plain(value) for tag, value in person.fields.items() if tag not in _OURS}
    theirs = [plain(value) for other in others for value in other.fields.values()]
    elsewhere = "\n".join((plain(common), *theirs))
    name = plain(person.name)
    name_words = {word for word in re.split(r"[\s,]+", name) if len(word) >= _SHORTEST}
    candidates = {v for v in values if len(v) >= _SHORTEST} | name_words | {name}
    own = {word for word in candidates - {""} if not has_words(elsewhere, word)}
    return PersonWords(
        frozenset(own | set(ids)),
        frozenset(values - own - {"", name}),
        frozenset({name} | (own & name_words)),
    )


_OURS = {"include", "template", "language"}


def search_folder(folder: Path, words: PersonWords, errand: Errand = UNWATCHED) -> Search:
    """Look through every file of a folder, hidden ones too; links are not followed.

    Raise Stopped where a stop is asked for.
    """
    search = Search()
    for path in errand.each([*_files(folder)], "Files searched"):
        shown = path.relative_to(folder).as_posix()
        in_name = words.found_in(shown.replace("_", " "))
        if in_name:
            search.traces.append(Trace(shown, in_name))
        try:
            data = path.read_bytes() if path.stat().st_size <= _MOST else None
        except OSError:
            data = None
        if data is None:
            search.closed.append(shown)
            continue
        found: dict[str, frozenset[str]] = {}
        for inside, text in texts_in(data, check=errand.check):
            if there := words.found_in(text):
                found[inside] = found.get(inside, frozenset()) | there
        if found and path.suffix.lower() == ".xlsx":
            every = frozenset().union(*found.values())
            search.traces.append(Trace(shown, every, "", tuple(_cells(path, words))))
        else:
            search.traces += [Trace(shown, there, inside) for inside, there in found.items()]
    for below in _folders(folder):
        shown = below.relative_to(folder).as_posix()
        if there := words.found_in(shown.replace("_", " ")):
            search.traces.append(Trace(f"{shown}/", there))
    return search


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root, name) for name in sorted(names) if not Path(root, name).is_symlink())


def _folders(folder: Path) -> Iterator[Path]:
    """Yield the folders that hold nothing: those of files are seen by their paths."""
    for root, below, names in os.walk(folder):
        if not below and not names and Path(root) != folder:
            yield Path(root)


def texts_in(
    data: bytes, depth: int = 0, check: Callable[[], object] = UNWATCHED.check
) -> Iterator[tuple[str, str]]:
    """Yield every text that a file holds, with the part of a zip that holds it, else nothing.

    `check` is called all the while, and may raise.
    """
    check()
    if data.startswith(b"PK") and depth < _DEEPEST:
        try:
            yield from _texts_in_zip(data, depth, check)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
            yield "", _decoded(data)
    elif data.startswith(b"%PDF"):
        yield "", pdf_words(data, check)
        yield "", _decoded(data)
    elif _is_markup(data):
        text = _decoded(data)
        yield "", text
        yield "", html.unescape(_TAG.sub("", _ENDS.sub(" ", text)))
    else:
        yield "", _decoded(data)
        if b"\0" in data[:4096]:
            yield "", data.decode("utf-16-le", errors="replace")


def _texts_in_zip(
    data: bytes, depth: int, check: Callable[[], object]
) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield "", archive.comment.decode(errors="replace")
        for member in archive.infolist():
            yield member.filename, member.filename.replace("_", " ")
            if member.file_size <= _MOST:
                inner = texts_in(archive.read(member), depth + 1, check)
                yield from ((member.filename, text) for _, text in inner)


def _is_markup(data: bytes) -> bool:
    return data[:256].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0").startswith(b"<")


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    return data.decode(errors="replace")


def _cells(path: Path, words: PersonWords) -> Iterator[Place]:
    """Yield the cells of a workbook in which words stand; a shared one counts beside a name."""
    try:
        book = read_book(path)
        for sheet in book.sheets:
            for row in book.sheet(sheet.name).rows:
                texts = {cell.column: str(cell.value or "") for cell in row.cells}
                there = words.found_in("\n".join(texts.values()))
                for column, text in texts.items():
                    if any(has_words(plain(text), word) for word in there):
                        yield Place(path.name, sheet.name, column, row.number)
    except MergeError:
        return
