"""The templates of a campaign, and which of them each letter is made from."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path, PurePath

from merge import messages
from merge.disk import OFFICE_OWNER, os_reason
from merge.errors import MergeError, TemplateError
from merge.naming import nearest
from merge.ooxml.kinds import TEMPLATE
from merge.people import Person
from merge.problems import Place, Problem, shortened
from merge.product import LETTER_ENDING, TEMPLATES_FOLDER
from merge.template.probes import TagProbe
from merge.template.tags import Columns
from merge.template.template import CompiledTemplate, FaultyTemplateError, TagUse, read_template
from merge.values import BLANK
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
