"""The templates of a campaign folder, and which one a recipient's letter is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path, PurePath

from merge.model import BLANK, MergeError, Person, Place, Problem, TemplateError
from merge.tags.columns import Columns
from merge.template import FaultyTemplateError, Template, Use, read_template
from merge.workbook.reading import Workbook

FOLDER = "templates"
ENDING = ".docx"
_ENDINGS = {ENDING, ".doc", ".docm", ".dotx", ".dot", ".odt", ".rtf", ".txt", ".pdf"}


@dataclass(frozen=True, slots=True)
class Templates:
    """Compiled templates by file name; `usual` is for whoever has none of their own.

    `problems` are those of templates that could not be compiled, by file name.
    """

    usual: str
    compiled: Mapping[str, Template]
    problems: Mapping[str, tuple[Problem, ...]]
    uses: Mapping[str, tuple[Use, ...]] = field(default_factory=dict)
    """The columns that templates with problems name, as far as they can be read."""

    def name_for(self, recipient: Person) -> str:
        """The file name of the recipient's template."""
        return _own(recipient) or self.usual

    def of(self, recipient: Person) -> Template:
        """The recipient's template. KeyError where it has problems."""
        return self.compiled[self.name_for(recipient)]


def _own(recipient: Person) -> str:
    """The cell Template; the ending may be left out."""
    return _file_name(str(recipient.fields.get("template", BLANK)))


def _file_name(written: str) -> str:
    """A template's file name as somebody wrote it: its folder and its ending may be there."""
    name = written.strip().replace("\\", "/").rpartition("/")[2]
    return name if not name or PurePath(name).suffix.lower() in _ENDINGS else name + ENDING


def find_templates(folder: Path, book: Workbook, instead: Path | None = None) -> Templates:
    """Read every template that a letter needs; `instead` stands in for all of them.

    TemplateError where no usual template can be told.
    """
    try:
        return _found(folder, book, instead)
    except OSError as error:
        what = f"the folder cannot be read ({error.strerror})."
        place = Place(str(folder / FOLDER))
        hint = "Ask who may open it."
        raise TemplateError(Problem("template-locked", place, what, hint)) from error


def _found(folder: Path, book: Workbook, instead: Path | None) -> Templates:
    if instead is not None:
        return _read(instead.name, {instead.name: instead}, {}, Columns(book.fields))
    there = {
        path.name: path
        for path in sorted((folder / FOLDER).glob("*"))
        if path.suffix.lower() == ENDING and not path.name.startswith(("~$", "."))
    }
    usual = _usual(folder, book, there)
    wanted = {usual: [book.settings.place("template")]}
    for person in book.recipients.persons:
        if _own(person):
            place = book.recipients.place(person.row, "template")
            wanted.setdefault(_own(person), []).append(place)
    return _read(
        usual, {name: folder / FOLDER / name for name in wanted}, wanted, Columns(book.fields)
    )


def _usual(folder: Path, book: Workbook, there: Mapping[str, Path]) -> str:
    if book.settings.template:
        return _file_name(book.settings.template)
    if len(there) == 1:
        return next(iter(there))
    place = Place(str(folder / FOLDER))
    if not there:
        what, hint = "there is no Word template (.docx).", "Save your letter there as a .docx file."
        raise TemplateError(Problem("template-missing", place, what, hint))
    what = f"there are several templates: {', '.join(there)}."
    hint = "Say which one in the sheet Settings, in a row Template."
    raise TemplateError(Problem("template-unclear", place, what, hint))


def _read(
    usual: str, paths: Mapping[str, Path], asked: Mapping[str, list[Place]], columns: Columns
) -> Templates:
    compiled, problems, uses = {}, {}, {}
    for name, path in paths.items():
        try:
            if not path.exists() and name in asked:
                raise TemplateError([_missing(name, path, place) for place in asked[name]])
            compiled[name] = read_template(path, columns)
        except MergeError as error:
            problems[name] = error.problems
            uses[name] = error.uses if isinstance(error, FaultyTemplateError) else ()
    return Templates(usual, compiled, problems, uses)


def _missing(name: str, path: Path, place: Place) -> Problem:
    files = path.parent.iterdir() if path.parent.is_dir() else ()
    there = [p.name for p in files if p.suffix.lower() in _ENDINGS and not p.name.startswith("~$")]
    near = get_close_matches(name, there, 1)
    what = f'there is no template "{name}" in {path.parent.name}/.'
    if near and near[0].lower().endswith(ENDING):
        hint = f"Did you mean {near[0]}?"
    elif near:
        hint = f"There is {near[0]}. Open it in Word and save it as a Word document (.docx)."
    else:
        hint = f"There are: {', '.join(sorted(there))}." if there else f"Put it there: {path}"
    return Problem("template-missing", place, what, hint)
