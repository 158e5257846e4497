"""What of a person can be found in a folder: in the files' names, in them, in zips inside them."""

from __future__ import annotations

import html
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from merge.campaign.errand import UNWATCHED, Errand
from merge.disk import is_link, read_campaign_file
from merge.errors import MergeError, StorageError
from merge.excel.reader import read_book
from merge.naming import MOST_CHARACTERS, Salt, safe_part
from merge.people import Person
from merge.printing.batches import MOST_IN_NAME as IN_BATCHES
from merge.printing.libreoffice import pdf_words
from merge.problems import Place
from merge.state.identity import NO_NAMES
from merge.state.ledger import LEDGER_FILE
from merge.state.ledger_rows import row_texts
from merge.text.folding import UNSPACED, folded

_MOST = 100 << 20
"""Bytes of a file, and of a part of a zip; what is larger is told, not searched."""

_DEEPEST = 3
"""Zips inside each other."""

_SHORTEST, _SHORTEST_NUMBER = 4, 6
"""Characters of a value that tells somebody by itself; a name may be shorter."""


# The words by which somebody is found.


_ALIKE = str.maketrans("’‘ʼ`´‐‑‒–—−_", "'''''------ ")
_JOINS = re.compile(rf"[^\W{UNSPACED}]")
_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")


def _cased(text: str) -> str:
    """Return text in which width, accents' form, kinds of dashes and what is not seen are alike."""
    seen = folded(text, keep_case=True).replace('\\"', '"')  # as JSON has it
    return " ".join(seen.translate(_ALIKE).split())


def plain(text: str) -> str:
    """Return text to search: as above, and capitals do not count."""
    return folded(_cased(text))


def _pattern(words: str) -> str:
    """Return what finds words that are not a part of longer ones."""
    before = rf"(?<![^\W{UNSPACED}])" if _JOINS.match(words[:1]) else ""
    after = rf"(?![^\W{UNSPACED}])" if _JOINS.match(words[-1:]) else ""
    return f"{before}{re.escape(words)}{after}"


def has_words(text: str, words: str) -> bool:
    """Return whether words stand in a text, not as a part of longer ones."""
    return bool(words) and words in text and re.search(_pattern(words), text) is not None


def _has_capital(cased: str, word: str) -> bool:
    """Return whether a word of a text stands there as a name does: not in small letters alone."""
    found = [match[0] for match in re.finditer(_pattern(word), cased, re.IGNORECASE)]
    return not found or any(not match[0].islower() for match in found)


_REACH = 300
"""Characters between a name and what stands near it."""


def _beside(one: str, two: str) -> str:
    """Return what finds words with others right after them: only blanks and marks between."""
    return rf"{_pattern(one)}\W{{0,40}}{_pattern(two)}"


def _near(text: str, word: str, names: Iterable[str], *, touching: bool) -> bool:
    """Return whether a word stands near one of the names; `touching`: with no word between."""
    if touching:
        both = ((name, word) for name in names), ((word, name) for name in names)
        return any(re.search(_beside(*pair), text) for pair in (*both[0], *both[1]))
    places = [found.start() for found in re.finditer(_pattern(word), text)]
    for name in names if places else ():
        for found in re.finditer(_pattern(name), text):
            if any(abs(at - found.start()) <= _REACH for at in places):
                return True
    return False


@dataclass(frozen=True)
class PersonWords:
    """The words by which somebody is found, each as `plain` gives it.

    `own` are nobody else's; those of `capital` among them count where they are not written small.
    `shared`, a town perhaps, count where they stand near one of `names`, the person's, which others
    may bear as well: with no word between if another bears it (`has_namesake`), or if `is_common`,
    for then the name alone tells nobody.
    `longer` are lines of other people's cells with one of these in them: what stands there is
    theirs. `hashed` are words that only their hashes are known of.
    """

    own: frozenset[str]
    shared: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    capital: frozenset[str] = frozenset()
    longer: frozenset[str] = frozenset()
    hashed: HashedWords | None = None
    is_common: bool = False
    has_namesake: bool = False

    def found_in(self, text: str) -> frozenset[str]:
        """Return those that stand in a text as whole words."""
        cased = self._without_others(_cased(text))
        there = plain(cased)
        found = {word for word in self.own if has_words(there, word)}
        found -= {w for w in found & self.capital if not _has_capital(cased, w)}
        if any(has_words(there, name) for name in self.names):
            close, names = self.is_common or self.has_namesake, self.names
            found |= {w for w in self.shared if _near(there, w, names, touching=close)}
        return frozenset(found) | (self.hashed.found_in(cased) if self.hashed else frozenset())

    def may_be_in(self, text: str) -> bool:
        """Return whether the person may be meant: a name alone will do, though others bear it.

        One that is a common word has to be a line by itself, as above a signature; a number, which
        a line of a list may be, does not tell anything.
        """
        if self.found_in(text):
            return True
        lines = text.splitlines() if self.is_common else [text]
        there = [plain(self._without_others(_cased(line))) for line in lines]
        names = self.names - self.capital
        if self.is_common:
            return any(line in names and _has_letter(line) for line in there)
        return any(has_words(line, name) for line in there for name in names)

    def _without_others(self, cased: str) -> str:
        small = folded(cased)
        for name in sorted(self.longer, key=len, reverse=True):
            if name in small or not small.isascii():
                cased = re.sub(_pattern(name), "\0", cased, flags=re.IGNORECASE)
        return cased

    def with_hashed(self, hashed: HashedWords, others: OtherPeople) -> PersonWords:
        """Return the same with words as hashes; lines of others with more in them are theirs."""
        found = ((line, hashed.found_in(_cased(line))) for line in others.lines)
        longer = {
            line
            for line, there in found
            if there and (line in others.names or " ".join(_WORD.findall(line)) not in there)
        }
        longer |= {name for name in others.names if hashed.may_begin_inside(name)}
        return replace(self, hashed=hashed, longer=self.longer | longer)

    def with_names(self, names: Iterable[str], others: OtherPeople) -> PersonWords:
        """Return the same with more that the person is called, or was; others' names are theirs."""
        more = {plain(name) for name in names} - {""}
        return replace(
            self,
            own=self.own | (more - others.names),
            names=self.names | more,
            longer=self.longer | (others.around(more) - more),
        )


@dataclass(frozen=True)
class OtherPeople:
    """What is written of everybody else, each as `plain` gives it.

    `lines` are those of their cells, and each cell as one; names among them, as in names of files.
    """

    names: frozenset[str]
    lines: frozenset[str]
    by_name: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    """The cells of those who have a name."""

    @classmethod
    def of(cls, people: Iterable[Person], former: Iterable[str] = ()) -> OtherPeople:
        """Return what is written of people; `former` are those whom the workbook does not have."""
        everybody = [*people]
        cells = {str(v) for p in everybody for tag, v in p.fields.items() if tag not in _OURS}
        cells |= {line for cell in cells if "\n" in cell for line in cell.splitlines()}
        names = {*(str(person.name) for person in everybody), *former}
        cells |= {safe_part(n, most=most) for n in names for most in (MOST_CHARACTERS, IN_BATCHES)}
        by_name: dict[str, set[str]] = {}
        for person in everybody:
            own = by_name.setdefault(plain(person.name), set())
            own |= {plain(value) for value in person.fields.values()}
        lines = frozenset(map(plain, (*cells, *former))) - {""}
        return cls(frozenset(by_name), lines, by_name)

    def around(self, names: AbstractSet[str]) -> set[str]:
        """Return the lines with one of some names in them; and names at whose end one begins.

        A name may stand right before another in a list: of *Rose Mary* and *Ann Lee* nobody is
        called *Mary Ann Lee*.
        """
        found = {line for name in names for line in self.lines if has_words(line, name)}
        begins = {tuple(words[:n]) for words in map(str.split, names) for n in range(1, len(words))}
        split = ((name, tuple(name.split())) for name in self.names)
        ends = {
            name for name, words in split if any(words[n:] in begins for n in range(1, len(words)))
        }
        return (found | ends) - names


def words_of(
    person: Person, others: OtherPeople, common: str, ids: Iterable[str] = ()
) -> PersonWords:
    """Return what tells a person of the workbook, who are others there.

    `common` are the words of templates and settings, plain, which tell nobody; `ids` are the
    letters' and the person's.
    """
    cells = {_cased(value) for tag, value in person.fields.items() if tag not in _OURS} - {""}
    name, names = plain(person.name), {*_turned(plain(person.name))} - {""}
    elsewhere = "\n".join((common, *others.lines))
    parts = {w for w in re.split(r"[\s,]+", name) if len(w) >= _SHORTEST and w not in NO_NAMES}
    parts = {part for part in parts if _has_letter(part)}
    told = {plain(cell) for cell in cells if _tells(cell)} | parts
    own = {word for word in told - {name} if not has_words(elsewhere, word)}
    capital = {w for w in own if w in parts or (w.isalpha() and " " not in w)}
    tells_nobody = is_common(name, others, common)
    called = names - others.names - ({name} if tells_nobody else set())
    called = set() if name in others.names else called
    namesakes = {cell for each in names for cell in others.by_name.get(each, ())}
    return PersonWords(
        frozenset(own | called | set(ids)),
        frozenset({plain(cell) for cell in cells} - own - namesakes - {"", name}),
        frozenset(names | (own & parts)),
        frozenset(capital - called),
        frozenset(others.around(names)),
        is_common=tells_nobody,
        has_namesake=bool(namesakes),
    )


def is_common(name: str, others: OtherPeople, common: str) -> bool:
    """Return whether a name by itself tells nobody: a word of templates or cells, or a number."""
    is_short = sum(c.isalpha() for c in name) < _FEWEST_LETTERS
    is_cell = " " not in name and name in others.lines - others.names
    return bool(name) and (is_short or is_cell or has_words(common, name))


_FEWEST_LETTERS = 2


def _has_letter(text: str) -> bool:
    return any(c.isalpha() for c in text)


_OURS = {"include", "template", "language"}


def _tells(cell: str) -> bool:
    """Return whether what a cell says may tell somebody by itself, if nobody else has it.

    Not a short number, a year perhaps, nor one word in small letters, which any text may have.
    """
    digits = sum(c.isdigit() for c in cell)
    if digits and not any(c.isalpha() for c in cell):
        return digits >= _SHORTEST_NUMBER
    return len(cell) >= _SHORTEST and not (cell.isalpha() and cell[0].islower())


def _turned(name: str) -> Iterator[str]:
    """Yield a name, and with the surname in front, as lists have it."""
    yield name
    first, _, last = name.rpartition(" ")
    if first:
        yield from (f"{last} {first}", f"{last}, {first}")


class HashedPhrase(NamedTuple):
    """A phrase as hashes: of how many words, of the first, of all; `capital` as above."""

    words: int
    first: str
    whole: str
    capital: bool = False


class HashedWords:
    """Words that somebody is found by, of which only salted hashes are known."""

    def __init__(self, phrases: Iterable[HashedPhrase], salt: Salt) -> None:
        self.phrases, self._salt = [*phrases], salt
        self._firsts = {phrase.first for phrase in self.phrases}
        self._is_first: dict[str, bool] = {}

    @classmethod
    def of(cls, words: PersonWords, salt: Salt) -> HashedWords:
        """Return the words that are nobody else's as hashes, with those that are some already."""
        split = ((_WORD.findall(word), word in words.capital) for word in sorted(words.own))
        text = salt.text
        made = (HashedPhrase(len(w), text(w[0]), text(" ".join(w)), c) for w, c in split if w)
        return cls([*made, *(words.hashed.phrases if words.hashed else ())], salt)

    def found_in(self, cased: str) -> frozenset[str]:
        """Return those that stand in a text in which all but the capitals is plain."""
        found = set[str]()
        for part in _IN_PATHS.split(cased):
            found |= self._found_in_part(_WORD.findall(part))
        return frozenset(found)

    def may_begin_inside(self, name: str) -> bool:
        """Return whether one of them may begin within a name, after its first word."""
        return any(self._salt.text(word) in self._firsts for word in _WORD.findall(name)[1:])

    def _found_in_part(self, there: Sequence[str]) -> set[str]:
        words = [*map(plain, there)]
        found, text_hash = set[str](), self._salt.text
        for at, word in enumerate(words):
            begins = self._is_first.get(word)
            if begins is None:
                begins = self._is_first[word] = text_hash(word) in self._firsts
            for phrase in self.phrases if begins else ():
                whole = " ".join(words[at : at + phrase.words])
                small = phrase.capital and there[at].islower()
                if not small and text_hash(whole) == phrase.whole:
                    found.add(whole)
        return found


_IN_PATHS = re.compile(r"(?<=\S)[/\\](?=\S)")
"""What stands between two folders' names: no phrase goes across."""


# The search through a folder.


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
