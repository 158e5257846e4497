"""Checks of a file before it replaces another: placeholders, settings."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from merge.campaign.campaign import fill_context_of
from merge.campaign.campaign_files import WORKBOOK_FILE, check_places
from merge.checks.findings import CampaignCheckInput, incomplete_problems, template_problems
from merge.checks.printed_values import PERSON_ROOTS
from merge.errors import MergeError
from merge.excel.reader import parse_excel_file
from merge.ooxml.package import Package
from merge.problems import Problem
from merge.template.campaign_templates import Templates, compile_single_template, find_templates
from merge.workbook.reading import IncompleteWorkbookError, Workbook, parse_workbook, read_workbook
from merge.workbook.table import ValueReader


@dataclass(frozen=True, slots=True)
class UploadCheck:
    """The errors that a campaign would have with a new file.

    `placeholder_count` is the number of different placeholders in the templates concerned. It is 0
    if there is nothing to compare them with.
    """

    errors: tuple[Problem, ...] = ()
    placeholder_count: int = 0

    @property
    def has_all_columns(self) -> bool:
        """Whether there are placeholders, each with a column."""
        is_any_unknown = any(problem.code == "name-unknown" for problem in self.errors)
        return self.placeholder_count > 0 and not is_any_unknown


def check_new_workbook(book: Workbook, folder: Path, template: Package | None) -> UploadCheck:
    """Return the errors of a workbook with a new or the present templates."""
    problems, templates = [*book.problems], None
    with suppress(MergeError):  # without a template, nothing else can be checked
        templates = (
            compile_single_template(template, book) if template else find_templates(folder, book)
        )
        source = CampaignCheckInput(book, templates, fill_context_of(book))
        problems += incomplete_problems(source)
    return _upload_check(problems, templates, book)


def check_new_template(package: Package, book: Workbook, *, is_only_template: bool) -> UploadCheck:
    """Return the errors of a template with a workbook.

    Cells are checked only if all letters would use it.
    """
    templates = compile_single_template(package, book)
    if is_only_template:
        source = CampaignCheckInput(book, templates, fill_context_of(book))
        return _upload_check(incomplete_problems(source), templates, book)
    return _upload_check(template_problems(book, templates), templates, book)


def _upload_check(
    problems: Iterable[Problem], templates: Templates | None, book: Workbook
) -> UploadCheck:
    errors = dict.fromkeys(problem for problem in problems if problem.level == "error")
    is_comparable = book.unreadable_roots.isdisjoint(PERSON_ROOTS)
    names = {str(name) for name, _ in templates.all_uses} if templates and is_comparable else ()
    return UploadCheck(tuple(errors), len(names))


def readable_workbook(folder: Path) -> Workbook | None:
    """Return what can be read of a campaign's workbook; no links, or None."""
    try:
        check_places(folder)
        return read_workbook(folder / WORKBOOK_FILE)
    except IncompleteWorkbookError as error:
        return error.book
    except MergeError:
        return None


def with_settings_of(old: bytes, new: bytes) -> bytes:
    """Return a new workbook with the Settings sheet of an old one.

    Values are copied as they are shown. Raise a MergeError if one cannot be read, and FaultError if
    the new one cannot be written without damage.
    """
    from merge.excel.rewriting import replace_sheet  # noqa: PLC0415 - openpyxl, when it is needed

    settings = parse_workbook(old, WORKBOOK_FILE).settings
    file = parse_excel_file(old, WORKBOOK_FILE)
    values, rows = ValueReader(file.file, file.date1904), list[list[str]]()
    for row in file.sheet(settings.sheet).rows:
        texts = {c.column: values.value(settings.sheet, c, settings.language) for c in row.cells}
        rows.append([str(texts.get(number, "")) for number in range(1, max(texts, default=0) + 1)])
    return replace_sheet(new, settings.sheet, rows)
