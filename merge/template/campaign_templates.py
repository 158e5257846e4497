"""The templates of a campaign, and which of them each letter uses."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path, PurePath

from merge import messages
from merge.disk import OFFICE_OWNER_PREFIX, os_error_text
from merge.errors import MergeError, TemplateError
from merge.naming import is_conflict_copy, nearest_word
from merge.ooxml.kinds import TEMPLATE
from merge.ooxml.package import Package
from merge.people import Person
from merge.problems import Place, Problem, shorten
from merge.product import LETTER_EXTENSION, TEMPLATES_FOLDER
from merge.template.probes import TagProbe
from merge.template.tags import FieldsBySheet
from merge.template.template import (
    CompiledTemplate,
    FaultyTemplateError,
    TagUse,
    compile_template,
    read_template,
)
from merge.values import BLANK
from merge.workbook.reading import Workbook

_SLASHES = "/\\"
_MAX_SHOWN = 60
"""Characters of a template's name that a message shows."""
_ENDINGS = {*TEMPLATE.extensions, *TEMPLATE.convertible_extensions, ".txt", ".pdf"}


@dataclass(frozen=True, slots=True)
class Templates:
    """Compiled templates by file name; `default_name` is for most recipients.

    `names_by_cell` has the file name for each text of a Template cell. `problems` are those of
    templates that could not be compiled, by file name. `uses` are the columns that these name, as
    far as they can be read; `probes` those of their tags that are sound.
    """

    default_name: str
    compiled: Mapping[str, CompiledTemplate]
    problems: Mapping[str, tuple[Problem, ...]]
    uses: Mapping[str, tuple[TagUse, ...]] = field(default_factory=dict)
    names_by_cell: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """The templates in the folder, used or not."""
    probes: Mapping[str, tuple[TagProbe, ...]] = field(default_factory=dict)

    @property
    def all_uses(self) -> Iterator[TagUse]:
        """Each name that a template uses, including templates with problems."""
        yield from chain.from_iterable(template.uses for template in self.compiled.values())
        yield from chain.from_iterable(self.uses.values())

    def original_of(self, name: str) -> str:
        """Return the template in use whose conflict copy has this file name.

        Return an empty text if there is none.
        """
        return _original_of(name, self.names)

    @property
    def names(self) -> set[str]:
        """The file names of the templates that letters use."""
        return {*self.compiled, *self.problems}

    def name_for(self, recipient: Person) -> str:
        """Return the file name of the recipient's template."""
        return self.names_by_cell.get(_template_cell(recipient), self.default_name)

    def template_for(self, recipient: Person) -> CompiledTemplate:
        """Return a recipient's template; raise KeyError if it has problems."""
        return self.compiled[self.name_for(recipient)]


def _original_of(name: str, names: Iterable[str]) -> str:
    """Return the name whose conflict copy has this name, or an empty text."""
    copy = PurePath(name)
    originals = [
        original
        for original in map(PurePath, names)
        if original.suffix.lower() == copy.suffix.lower() and is_conflict_copy(copy, original)
    ]
    return max(originals, key=lambda original: len(original.stem)).name if originals else ""


def _template_cell(recipient: Person) -> str:
    """Return the text in a recipient's Template cell; empty if it is blank."""
    return recipient.fields.get("template", BLANK).strip()


def find_templates(folder: Path, book: Workbook, override: Path | None = None) -> Templates:
    """Read and compile all templates that the workbook's letters need.

    `override` replaces all of them. Raise TemplateError if it is unclear which template is the
    default.
    """
    try:
        return _find_templates(folder / TEMPLATES_FOLDER, book, override)
    except OSError as error:
        place, why = Place(str(folder / TEMPLATES_FOLDER)), os_error_text(error)
        raise TemplateError(messages.problem("template-locked/folder", place, why=why)) from error


def _find_templates(folder: Path, book: Workbook, override: Path | None) -> Templates:
    columns, keep_hidden = _workbook_columns(book), book.settings.keep_hidden_text
    if override is not None:
        paths = {override.name: override}
        return _read_templates(override.name, paths, {}, columns, keep_hidden=keep_hidden)
    place = book.settings.place("template")
    usual = _template_file_name(folder, book.settings.template or "", place) or _only_template(
        folder
    )
    places_by_name, names_by_text = {usual: [place]}, {}
    problems: list[Problem] = []
    for person in book.recipients.persons:
        if cell_text := _template_cell(person):
            place = person.place("template")
            try:
                names_by_text[cell_text] = _template_file_name(folder, cell_text, place)
            except TemplateError as error:
                problems += error.problems
            else:
                places_by_name.setdefault(names_by_text[cell_text], []).append(place)
    if problems:
        raise TemplateError(problems)
    paths = {name: folder / (name.strip(_SLASHES) or LETTER_EXTENSION) for name in places_by_name}
    templates = _read_templates(usual, paths, places_by_name, columns, keep_hidden=keep_hidden)
    return replace(templates, names_by_cell=names_by_text, files=_template_names(folder))


def compile_single_template(package: Package, book: Workbook) -> Templates:
    """Compile a template that is not in the folder, as if all letters used it."""
    name, columns = package.file, _workbook_columns(book)
    try:
        template = compile_template(package, columns, keep_hidden=book.settings.keep_hidden_text)
    except MergeError as error:
        uses = error.uses if isinstance(error, FaultyTemplateError) else ()
        return Templates(name, {}, {name: error.problems}, {name: uses})
    return Templates(name, {name: template}, {})


def _workbook_columns(book: Workbook) -> FieldsBySheet:
    if book.unreadable_roots:  # it is unknown whose column a merge field is
        return FieldsBySheet()
    sheets = (book.signers.columns, book.recipients.columns, book.pairing.columns)
    headings = frozenset(column.heading.strip() for columns in sheets for column in columns)
    return FieldsBySheet(book.fields, book.settings.merge_fields, headings)


def _template_file_name(folder: Path, text: str, place: Place) -> str:
    """Return a template's file name, from a cell or setting.

    It may be written with its folder, and without its ending. If it consists of slashes, which name
    no file, they are returned. Raise TemplateError if several files have that name with different
    endings.
    """
    name = text.strip().rstrip(_SLASHES).replace("\\", "/").rpartition("/")[2].strip()
    if not name:
        return text.strip()
    if PurePath(name).suffix.lower() in _ENDINGS:
        return name
    existing = [
        name + ending for ending in TEMPLATE.extensions if _exists(folder / (name + ending))
    ]
    if len(existing) > 1:
        problem = messages.problem("template-unclear/extension", place, templates=existing)
        raise TemplateError(problem)
    return existing[0] if existing else name + LETTER_EXTENSION


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # no file can have that name
            return False
        raise


def _template_names(folder: Path) -> tuple[str, ...]:
    return tuple(
        name for name in _visible_files(folder) if name.lower().endswith(TEMPLATE.extensions)
    )


def _visible_files(folder: Path) -> list[str]:
    return sorted(
        p.name for p in folder.glob("*") if not p.name.startswith((OFFICE_OWNER_PREFIX, "."))
    )


def _only_template(folder: Path) -> str:
    """Return the file name of the only template, or raise TemplateError.

    Conflict copies of it do not count.
    """
    files, templates = _visible_files(folder), _template_names(folder)
    originals = [name for name in templates if not _original_of(name, templates)]
    if len(originals) == 1:
        return originals[0]
    place = Place(str(folder))
    if templates:
        raise TemplateError(messages.problem("template-unclear", place, templates=templates))
    convertible = [name for name in files if name.lower().endswith(TEMPLATE.convertible_extensions)]
    if convertible:
        problem = messages.problem("template-missing/only-others", place, others=convertible)
        raise TemplateError(problem)
    raise TemplateError(messages.problem("template-missing/none", place))


def _read_templates(
    usual: str,
    paths: Mapping[str, Path],
    places_by_name: Mapping[str, list[Place]],
    columns: FieldsBySheet,
    *,
    keep_hidden: bool,
) -> Templates:
    compiled, problems, uses, probes = {}, {}, {}, {}
    for name, path in paths.items():
        try:
            if name in places_by_name and not (name.strip(_SLASHES) and _exists(path)):
                raise TemplateError(
                    [_missing_problem(name, path, place) for place in places_by_name[name]]
                )
            compiled[name] = read_template(path, columns, keep_hidden=keep_hidden)
        except MergeError as error:
            problems[name] = error.problems
            uses[name] = error.uses if isinstance(error, FaultyTemplateError) else ()
            probes[name] = error.probes if isinstance(error, FaultyTemplateError) else ()
    return Templates(usual, compiled, problems, uses, probes=probes)


def _missing_problem(name: str, path: Path, place: Place) -> Problem:
    files = path.parent.iterdir() if path.parent.is_dir() else ()
    visible = (p for p in files if not p.name.startswith(OFFICE_OWNER_PREFIX))
    existing = [p.name for p in visible if p.suffix.lower() in _ENDINGS]
    similar = nearest_word(name, existing, 0.6, str)
    folder, name = path.parent.name, shorten(name, _MAX_SHOWN)
    if similar:
        is_read = similar.lower().endswith(TEMPLATE.extensions)
        key = "template-missing" if is_read else "template-missing/convertible"
        return messages.problem(key, place, name=name, folder=folder, near=similar)
    key = "template-missing/others" if existing else "template-missing/add"
    extra_fields = {"others": sorted(existing)} if existing else {"path": str(path)}
    return messages.problem(key, place, name=name, folder=folder, **extra_fields)
