"""Choose the template, the values and the file name of each letter; hash what it is made from."""

from __future__ import annotations

import datetime as dt
import errno
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path, PurePath
from typing import NamedTuple

from merge import messages
from merge.disk import OFFICE_OWNER, os_reason
from merge.errors import DataError, MergeError, StorageError, TemplateError, UsageError
from merge.excel.dates import known_language, long_date
from merge.excel.display import displayed_text
from merge.excel.format_codes import UnsupportedFormatError
from merge.naming import MOST_CHARACTERS, Salt, nearest, safe_part, short_hash, tag_name
from merge.ooxml.kinds import TEMPLATE
from merge.people import Pair, Person
from merge.problems import Place, Problem, shortened
from merge.product import LETTER_ENDING, TEMPLATES_FOLDER
from merge.template.filters import TemplateValue, TemplateValues, filling_fault, freeze
from merge.template.grammar import VariableName
from merge.template.jinja import FILLING_ERRORS, TagProbe, TextTemplate, compile_text
from merge.template.tags import Columns
from merge.template.template import CompiledTemplate, FaultyTemplateError, TagUse, read_template
from merge.values import BLANK, Value
from merge.workbook.reading import Workbook

_SLASHES = "/\\"
_MOST_SHOWN = 60
"""Characters that a message shows of a template's name."""
_ENDINGS = {*TEMPLATE.endings, *TEMPLATE.convertible, ".txt", ".pdf"}


@dataclass(frozen=True, slots=True)
class Templates:
    """Compiled templates by file name; `usual` is for whoever has none of their own.

    `named` has the file name for what a cell Template says. `problems` are those of templates that
    could not be compiled, by file name; `uses` the columns that these name, as far as they can be
    read; `probes` those of their tags that are sound.
    """

    usual: str
    compiled: Mapping[str, CompiledTemplate]
    problems: Mapping[str, tuple[Problem, ...]]
    uses: Mapping[str, tuple[TagUse, ...]] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """The templates that lie in the folder, used or not."""
    probes: Mapping[str, tuple[TagProbe, ...]] = field(default_factory=dict)

    @property
    def every_use(self) -> Iterator[TagUse]:
        """Each name that a template uses, those of templates with problems among them."""
        yield from chain.from_iterable(template.uses for template in self.compiled.values())
        yield from chain.from_iterable(self.uses.values())

    def name_for(self, recipient: Person) -> str:
        """Return the file name of the recipient's template."""
        return self.named.get(_own(recipient), self.usual)

    def of(self, recipient: Person) -> CompiledTemplate:
        """Return the recipient's template. KeyError where it has problems."""
        return self.compiled[self.name_for(recipient)]


def _own(recipient: Person) -> str:
    """Return what the cell Template says; empty where it is blank."""
    return recipient.fields.get("template", BLANK).strip()


def find_templates(folder: Path, book: Workbook, instead: Path | None = None) -> Templates:
    """Read every template that a letter needs; `instead` stands in for all of them.

    Raise TemplateError where it is unclear which template is the usual one.
    """
    try:
        return _find(folder / TEMPLATES_FOLDER, book, instead)
    except OSError as error:
        place, why = Place(str(folder / TEMPLATES_FOLDER)), os_reason(error)
        raise TemplateError(messages.problem("template-locked/folder", place, why=why)) from error


def _find(folder: Path, book: Workbook, instead: Path | None) -> Templates:
    columns, keep_hidden = _columns(book), book.settings.keep_hidden_text
    if instead is not None:
        paths = {instead.name: instead}
        return _read(instead.name, paths, {}, columns, keep_hidden=keep_hidden)
    place = book.settings.place("template")
    usual = _file_name(folder, book.settings.template or "", place) or _only_template(folder)
    wanted, named = {usual: [place]}, {}
    problems: list[Problem] = []
    for person in book.recipients.persons:
        if own := _own(person):
            place = person.place("template")
            try:
                named[own] = _file_name(folder, own, place)
            except TemplateError as error:
                problems += error.problems
            else:
                wanted.setdefault(named[own], []).append(place)
    if problems:
        raise TemplateError(problems)
    paths = {name: folder / (name.strip(_SLASHES) or LETTER_ENDING) for name in wanted}
    read = _read(usual, paths, wanted, columns, keep_hidden=keep_hidden)
    return replace(read, named=named, files=_templates(folder))


def _columns(book: Workbook) -> Columns:
    if book.unread:  # whose column a merge field is cannot be said
        return Columns()
    sheets = (book.signers.columns, book.recipients.columns, book.pairing.columns)
    headings = frozenset(column.heading.strip() for own in sheets for column in own)
    return Columns(book.fields, book.settings.merge_fields, headings)


def _file_name(folder: Path, written: str, place: Place) -> str:
    """Return a template's file name; it may be written with its folder, and without its ending.

    Of slashes alone, which name no file, they are returned. Raise TemplateError where several files
    have that name but for the ending.
    """
    name = written.strip().rstrip(_SLASHES).replace("\\", "/").rpartition("/")[2].strip()
    if not name:
        return written.strip()
    if PurePath(name).suffix.lower() in _ENDINGS:
        return name
    there = [name + ending for ending in TEMPLATE.endings if _exists(folder / (name + ending))]
    if len(there) > 1:
        several = messages.problem("template-unclear/extension", place, templates=there)
        raise TemplateError(several)
    return there[0] if there else name + LETTER_ENDING


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # no file can have that name
            return False
        raise


def _templates(folder: Path) -> tuple[str, ...]:
    return tuple(name for name in _visible(folder) if name.lower().endswith(TEMPLATE.endings))


def _visible(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.glob("*") if not p.name.startswith((OFFICE_OWNER, ".")))


def _only_template(folder: Path) -> str:
    """Return the file name of the only template. Raise TemplateError where there is none such."""
    files, there = _visible(folder), _templates(folder)
    if len(there) == 1:
        return there[0]
    place = Place(str(folder))
    if there:
        raise TemplateError(messages.problem("template-unclear", place, templates=there))
    others = [name for name in files if name.lower().endswith(TEMPLATE.convertible)]
    if others:
        only = messages.problem("template-missing/only-others", place, others=others)
        raise TemplateError(only)
    raise TemplateError(messages.problem("template-missing/none", place))


def _read(
    usual: str,
    paths: Mapping[str, Path],
    wanted: Mapping[str, list[Place]],
    columns: Columns,
    *,
    keep_hidden: bool,
) -> Templates:
    compiled, problems, uses, probes = {}, {}, {}, {}
    for name, path in paths.items():
        try:
            if name in wanted and not (name.strip(_SLASHES) and _exists(path)):
                raise TemplateError([_missing(name, path, place) for place in wanted[name]])
            compiled[name] = read_template(path, columns, keep_hidden=keep_hidden)
        except MergeError as error:
            problems[name] = error.problems
            uses[name] = error.uses if isinstance(error, FaultyTemplateError) else ()
            probes[name] = error.probes if isinstance(error, FaultyTemplateError) else ()
    return Templates(usual, compiled, problems, uses, probes=probes)


def _missing(name: str, path: Path, place: Place) -> Problem:
    files = path.parent.iterdir() if path.parent.is_dir() else ()
    shown = (p for p in files if not p.name.startswith(OFFICE_OWNER))
    there = [p.name for p in shown if p.suffix.lower() in _ENDINGS]
    near = nearest(name, there, 0.6, str)
    folder, name = path.parent.name, shortened(name, _MOST_SHOWN)
    if near:
        is_read = near.lower().endswith(TEMPLATE.endings)
        key = "template-missing" if is_read else "template-missing/convertible"
        return messages.problem(key, place, name=name, folder=folder, near=near)
    key = "template-missing/others" if there else "template-missing/add"
    more = {"others": sorted(there)} if there else {"path": str(path)}
    return messages.problem(key, place, name=name, folder=folder, **more)


# The values that a letter is filled with.


@dataclass(frozen=True)
class FillContext:
    """What all letters of a campaign share: the settings, the date, the usual language."""

    settings: Mapping[str, Value]
    day: dt.date
    language: str
    _dates: dict[str, Value] = field(default_factory=dict)

    def on(self, day: dt.date) -> FillContext:
        """Return the same on another day."""
        return self if day == self.day else FillContext(self.settings, day, self.language)

    def of_pair(self, pair: Pair) -> TemplateValues:
        """Return all that the pair's letter may say."""
        values = self.of_recipient(pair.recipient)
        values["signer"] = pair.signer.fields
        values["pair"] = pair.fields
        return values

    def of_signer(self, signer: Person) -> TemplateValues:
        """Return what tags can read that name no recipient."""
        return {"signer": signer.fields, **self._common(self.language)}

    def of_recipient(self, recipient: Person) -> dict[str, TemplateValue]:
        """Return what tags can read that name no signer; dates in the recipient's language.

        An unknown language is reported by the checks; here the usual one stands in for it.
        """
        own = recipient.fields.get("language", BLANK).strip()
        language = (own and known_language(own)) or self.language
        return {"recipient": recipient.fields, **self._common(language)}

    def of_all(self) -> TemplateValues:
        """Return what tags can read that name nobody."""
        return self._common(self.language)

    def _common(self, language: str) -> dict[str, TemplateValue]:
        if language not in self._dates:
            self._dates[language] = Value(long_date(self.day, language), self.day)
        return {"settings": self.settings, "date": self._dates[language], "language": language}


def values_of(
    given: Mapping[str, Mapping[str, object]], day: dt.date, language: str
) -> dict[str, TemplateValue]:
    """Return the values that a template is filled with, from values by root and heading or tag.

    They print as a cell in Excel's format General does, a day as the long date of the language,
    None as nothing. UsageError where there is no such language, DataError where a value is no
    value of a cell: a number that is none, a character that no document can hold, two keys of one
    tag. TypeError where it is of another type.
    """
    if not isinstance(day, dt.date) or not isinstance(language, str):
        raise TypeError("date is a datetime.date, language a text")
    known = known_language(language)
    if not known:
        place = Place("language")
        raise UsageError(messages.problem("language-unknown", place, language=language))
    roots = {root: _fields(root, fields, known) for root, fields in given.items()}
    return {**roots, "date": Value(long_date(day, known), day), "language": known}


def _fields(root: str, given: Mapping[str, object], language: str) -> dict[str, TemplateValue]:
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise TypeError(f"{root} is a mapping from headings or tags to values")
    fields: dict[str, TemplateValue] = {}
    problems = []
    for name, value in given.items():
        tag, place = tag_name(name), Place(f"{root}.{tag_name(name)}")
        if tag in fields:
            problems.append(messages.problem("heading-twice/keys", place, tag=tag))
        try:
            fields |= freeze({tag: _as_cell(value, language)})
        except TypeError as error:
            raise TypeError(f"{place}: {error}") from None
        except UnsupportedFormatError:
            problems.append(messages.problem("not-a-number/value", place))
        except DataError as error:
            problems += (replace(problem, place=place) for problem in error.problems)
    if problems:
        raise DataError(problems)
    return fields


def _as_cell(value: object, language: str) -> TemplateValue:
    if value is None or isinstance(value, str):
        return value or BLANK
    if isinstance(value, list | tuple):
        return tuple(_as_cell(item, language) for item in value)
    if isinstance(value, bool):
        text = str(value).upper()
    elif isinstance(value, int | float):
        if not abs(value) < 1e300:  # nan, infinite, or larger than what Excel shows
            raise UnsupportedFormatError
        text = displayed_text(value, "General")
    elif isinstance(value, dt.time):
        text = f"{value:%H:%M}"
    elif isinstance(value, dt.date):
        time = f" {value:%H:%M}" if isinstance(value, dt.datetime) else ""
        text = f"{long_date(value, language)}{time}"
    else:
        what = "give text, numbers, dates, times or lists of them"
        raise TypeError(f"a value of the type {type(value).__name__}: {what}")
    return Value(text, value)


# The pattern that letters are named by, from the setting File name.

MOST_IN_ALL = 225
"""Characters of a whole path. Windows allows 259; Old versions and its date take 33."""

_LEAST = 20
"""Characters of a part that still tell people apart."""

USUAL_NAME = "{{ signer.name }}/{{ recipient.name }}"
_SLASH = "\x00"
"""The pattern's own slashes, told apart from those that a name may hold."""

_safe = lru_cache(maxsize=100_000)(safe_part)


@dataclass(frozen=True, slots=True)
class FileNamePattern:
    """The pattern that letters are named by, compiled.

    `parts` are the parts of a path at the most, `most` the characters of a part.
    """

    _pattern: TextTemplate
    place: Place
    parts: int
    most: int = MOST_CHARACTERS

    def within(self, folder: str) -> FileNamePattern:
        """Return the same, parts short enough for a folder: all in all below Windows' limit.

        Raise StorageError where no room is left for a name.
        """
        most = (MOST_IN_ALL - len(folder)) // self.parts - 1
        if most < _LEAST:
            raise StorageError(messages.problem("path-too-long/no-room", Place(folder)))
        return replace(self, most=min(most, MOST_CHARACTERS))

    def of_pair(self, pair: Pair, values: Callable[[Pair], TemplateValues]) -> str:
        """Return the path of a pair's letter without its ending. DataError where it has none."""
        return self.stem(values(_with_distinct_names(pair)))

    @property
    def names(self) -> tuple[VariableName, ...]:
        """The names that the pattern reads."""
        return self._pattern.names

    def stem(self, values: TemplateValues) -> str:
        """Return the path without its ending: safe on every system, never outside its folder."""
        try:
            text = self._pattern.text(values)
        except FILLING_ERRORS as error:
            raise DataError(filling_fault(error, "File name").at(self.place)) from error
        *folders, last = text.removesuffix(LETTER_ENDING).split(_SLASH)
        parts = [_safe(part, most=self.most) for part in folders if part.strip()]
        return "/".join((*parts, _safe(last, room=len(LETTER_ENDING), most=self.most)))


def file_name_pattern(
    pattern: str | None, place: Place
) -> tuple[FileNamePattern, tuple[Problem, ...]]:
    """Return the setting File name and its problems; if blank or faulty, the usual pattern."""
    compiled = compile_text(pattern or USUAL_NAME, place, slash=_SLASH)
    if isinstance(compiled, list):
        return file_name_pattern(None, place)[0], tuple(compiled)
    return FileNamePattern(compiled, place, (pattern or USUAL_NAME).count("/") + 1), ()


def naming_problems(
    pairs: Iterable[Pair], names: FileNamePattern, values: Callable[[Pair], TemplateValues]
) -> Iterator[tuple[Pair, Problem]]:
    """Yield the pairs whose file has no name, or another's, each with the problem."""
    first: dict[str, Pair] = {}
    for pair in pairs:
        try:
            stem = names.of_pair(pair, values)
        except DataError as error:
            yield from ((pair, problem) for problem in error.problems)
            continue
        if first.setdefault(stem, pair) is not pair:
            yield pair, _same_name(first[stem], pair, names.place)


def _same_name(one: Pair, other: Pair, place: Place) -> Problem:
    same = one.signer.key == other.signer.key
    people = (one.recipient, other.recipient) if same else (one.signer, other.signer)
    key = "file-name-twice/recipient" if same else "file-name-twice"
    return messages.problem(key, place, first=people[0].label, second=people[1].label)


def _with_distinct_names(pair: Pair) -> Pair:
    """Return the pair as file names show it: people of one name with their ID behind it."""
    if not (pair.signer.shared_name or pair.recipient.shared_name):
        return pair
    return pair._replace(signer=_labelled(pair.signer), recipient=_labelled(pair.recipient))


def _labelled(person: Person) -> Person:
    """Return a person with the ID behind a shared name; a long name is cut, the ID stays whole."""
    if not person.shared_name:
        return person
    behind = person.label.removeprefix(person.name)
    name = shortened(person.name, 55 - len(behind)) + behind
    return replace(person, fields={**person.fields, "name": Value(name)})


# What a letter is made from, as hashes: whether anything in it changed, and what.
#
# A letter's inputs are five pieces, one behind the other: its template, and what that template
# reads of the signer, of the recipient, of the pair, and of the settings; then its day. Whether a
# letter is out of date is one comparison of bytes. Of single fields only short hashes are kept, by
# which no value can be found again. All but the template's and the day are salted.

_PIECE = 8
_DAY = 4
"""Bytes."""

_NOTHING = bytes(_PIECE)
_ROOT_LABELS = {
    "template": "the template",
    "signer": "the signer",
    "recipient": "the recipient",
    "pair": "the sheet Pairs",
    "settings": "the settings",
}
"""The pieces in their order, with what is said of one whose fields are not known."""
_FIELD = 6
"""Hexadecimal digits of the hash of a field: one change in 16 million goes unnamed."""

FieldHashes = Mapping[str, str]
"""The hash of each field by its name, `recipient.title`."""


def field_digests(inputs: bytes) -> list[bytes]:
    """Return the pieces of inputs that fields stand behind."""
    return [inputs[at : at + _PIECE] for at in range(_PIECE, len(inputs) - _DAY, _PIECE)]


class _Recipient(NamedTuple):
    """What all letters to a recipient have in common, in pieces."""

    template: str
    digest: bytes
    piece: bytes
    common: bytes
    reads_pair: bool


class InputDigests:
    """Computes what the letters of a campaign are made from.

    `said` collects the fields behind each piece, for the ledger.
    """

    def __init__(self, templates: Templates, settings: Mapping[str, Value], salt: Salt) -> None:
        self._templates, self._settings, self._salt = templates, settings, salt
        self._recipients: dict[str, _Recipient] = {}
        self._signers: dict[tuple[str, str], bytes] = {}
        self._fields: dict[tuple[str, str], list[str]] = {}
        self.said: dict[bytes, FieldHashes] = {}

    def of(self, pair: Pair, day: dt.date) -> bytes:
        """Return the inputs of a pair's letter on a day. KeyError if its template has faults."""
        known = self._recipients.get(pair.recipient.key)
        if known is None:
            known = self._recipients[pair.recipient.key] = self._recipient(pair.recipient)
        signer = self._signers.get((known.template, pair.signer.key))
        if signer is None:
            signer = self._piece(known.template, "signer", pair.signer.fields)
            self._signers[known.template, pair.signer.key] = signer
        own = self._piece(known.template, "pair", pair.fields) if known.reads_pair else _NOTHING
        return known.digest + signer + known.piece + own + known.common + _day(day)

    def _recipient(self, recipient: Person) -> _Recipient:
        template = self._templates.name_for(recipient)
        return _Recipient(
            template,
            self._templates.compiled[template].digest,
            self._piece(template, "recipient", recipient.fields),
            self._piece(template, "settings", self._settings),
            reads_pair=bool(self._read(template, "pair")),
        )

    def _piece(self, template: str, root: str, fields: Mapping[str, Value]) -> bytes:
        """Return 8 bytes for what the template reads of these fields."""
        own = {f"{root}.{tag}": fields.get(tag, BLANK) for tag in self._read(template, root)}
        hashes = {name: short_hash(str(value), repr(value.plain)) for name, value in own.items()}
        plain = bytes.fromhex(short_hash(root, *(f"{n}={h}" for n, h in hashes.items())))
        piece = self._salt.data(plain)
        if piece not in self.said:
            self.said[piece] = {
                name: self._salt.text(digest[:_FIELD])[:_FIELD] for name, digest in hashes.items()
            }
        return piece

    def _read(self, template: str, root: str) -> list[str]:
        """Return the fields of a root that a template reads; dates, numbers need the language."""
        if (template, root) not in self._fields:
            uses = self._templates.compiled[template].uses
            own = {name.field for name, _ in uses if name.root == root and name.field}
            own |= {"language"} if root in {"recipient", "settings"} else set()
            self._fields[template, root] = sorted(own)
        return self._fields[template, root]


@lru_cache(maxsize=1_000)
def _day(day: dt.date) -> bytes:
    return day.toordinal().to_bytes(_DAY, "big")


def changed(old: bytes, new: bytes, said: Callable[[bytes], FieldHashes | None]) -> list[str]:
    """Return the names of what differs between two inputs: `the template`, `recipient.title`.

    `said` gives the fields behind a piece, None where they are not known.
    """
    names = []
    for number, label in enumerate(_ROOT_LABELS.values()):
        piece = slice(number * _PIECE, (number + 1) * _PIECE)
        if old[piece] != new[piece]:
            was, now = said(old[piece]), said(new[piece])
            if was is None or now is None:
                names.append(label)
            else:
                names += [name for name in was if name in now and was[name] != now[name]]
    return names + (["the date"] if old[-_DAY:] != new[-_DAY:] else [])
