"""Create one editable Word letter for each signer and recipient.

This module is the Python API; docs/library.md has examples. `Template` fills one Word template.
`create_letters` creates the letters of a campaign folder, as `merge letters` does. To import the
module is cheap: the code that reads Word and Excel files is imported when it is first used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from merge import messages
from merge.errors import DataError, MergeError, StorageError, TemplateError, UsageError
from merge.letter_status import LetterStep
from merge.problems import Place, Problem, shorten
from merge.product import __version__

if TYPE_CHECKING:
    from merge.template.filters import TemplateValue
    from merge.template.template import CompiledTemplate

__all__ = [
    "CreatedLetters",
    "DataError",
    "LetterStep",
    "MergeError",
    "Place",
    "Problem",
    "StorageError",
    "Template",
    "TemplateError",
    "UsageError",
    "__version__",
    "create_letters",
]

Fields = Mapping[str, object]
"""Values by column heading or placeholder name; None is blank.

A value is a text, a number, a date, a boolean, or a list of these.
"""


class Template:
    """A Word template, compiled once and filled as often as you like.

    Args:
        path: The .docx file.

    Raises:
        TemplateError: If the file cannot be read or a placeholder is wrong. The error has all
            problems.

    """

    def __init__(self, path: str | PathLike[str]) -> None:
        from merge.template.template import read_template  # noqa: PLC0415 - lxml, docxtpl

        self._compiled: CompiledTemplate = read_template(Path(path))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Warnings about parts of the template that letters do not keep."""
        return self._compiled.problems

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Placeholder names that the template reads, each once.

        An example is `recipient.postal_code`.
        """
        return tuple(dict.fromkeys(str(name) for name, _ in self._compiled.uses))

    def render(  # noqa: PLR0913 - the roots of a template's names
        self,
        *,
        signer: Fields | None = None,
        recipient: Fields | None = None,
        pair: Fields | None = None,
        settings: Fields | None = None,
        date: dt.date | None = None,
        language: str = "en",
    ) -> bytes:
        """Return one letter, the bytes of a complete .docx.

        The same values always give the same bytes. A key is either a column heading or the
        placeholder name made from it: `Postal code` and `postal_code` are the same key.

        Args:
            signer: Values for `{{ signer.… }}`.
            recipient: Values for `{{ recipient.… }}`.
            pair: Values for `{{ pair.… }}`.
            settings: Values for `{{ settings.… }}`.
            date: The date of the letter; today if None.
            language: The language of long dates and numbers, such as `en`.

        Returns:
            The letter as a .docx.

        Raises:
            DataError: If a value that the template reads is missing, or is blank in the middle of a
                sentence. Each problem has the place of its placeholder. Also if a value cannot be
                in a cell.
            UsageError: If the language is not supported.
            TypeError: If a value has a type that no cell has.

        """
        from merge.checks.findings import render_problems  # noqa: PLC0415 - jinja2
        from merge.template.letter_values import convert_values  # noqa: PLC0415

        roots = {"signer": signer, "recipient": recipient, "pair": pair, "settings": settings}
        fields_by_root = {root: {} if fields is None else fields for root, fields in roots.items()}
        day = dt.datetime.now().astimezone().date() if date is None else date
        values: dict[str, TemplateValue] = convert_values(fields_by_root, day, language)
        problems = render_problems(self._compiled, values)
        if problems:
            raise DataError(problems)
        return self._compiled.fill(values)


class CreatedLetters(NamedTuple):
    """The steps of all letters, and the problems to report."""

    letters: tuple[LetterStep, ...]
    problems: tuple[Problem, ...]


def create_letters(
    folder: str | PathLike[str], *, names: Sequence[str] = (), skip_errors: bool = False
) -> CreatedLetters:
    """Create and update a campaign's letters, as `merge letters` does.

    Letters that were edited or printed are kept.

    Args:
        folder: The folder that contains the workbook and the templates.
        names: Complete names or IDs of people. Only their letters are created.
        skip_errors: Whether to skip letters with errors and create the others.

    Returns:
        What happened to each letter, in the order of the workbook, and all warnings.

    Raises:
        MergeError: If the campaign cannot be read, or has errors and `skip_errors` is false. The
            error has all of them, and nothing is written.
        UsageError: If no one has one of the names, or the path is too long.
        StorageError: If the disk refuses a write. All letters that were written are complete. Also
            if files of another computer have not arrived; then nothing is written.
        TypeError: If `names` is one text.

    """
    from merge.campaign.campaign import read_campaign  # noqa: PLC0415
    from merge.campaign.letters_order import LettersOrder  # noqa: PLC0415
    from merge.campaign.letters_run import write_letters  # noqa: PLC0415
    from merge.campaign.plan import LettersRunPlan  # noqa: PLC0415
    from merge.disk import is_path_too_long, real_folder  # noqa: PLC0415

    if isinstance(names, str):
        raise TypeError("names is a list of names or IDs, not one text")
    if is_path_too_long(Path(folder)):
        place = Place(shorten(str(folder)))
        raise UsageError(messages.problem("path-too-long/name", place))
    campaign = read_campaign(real_folder(Path(folder)))
    plan = LettersRunPlan(campaign, LettersOrder(campaign.letters_folder, (*names,)))
    problems = campaign.relevant_problems(plan.order.names)
    errors = [problem for problem in problems if problem.level == "error"]
    if errors and not skip_errors:
        raise DataError(errors)
    steps: list[LetterStep] = []
    result = write_letters(plan, on_step=steps.append)
    return CreatedLetters(tuple(steps), (*problems, *result.problems))
