"""Create one editable Word letter for each signer and recipient.

This module is the Python API; docs/library.md has examples. `Template` fills one Word template.
`open_campaign` opens a folder with a workbook and templates, as the command `merge` does. To import
the module is cheap: the code that reads Word and Excel files is imported when it is first used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from merge import messages
from merge.errors import DataError, MergeError, StorageError, TemplateError, UsageError
from merge.letter_status import LetterStep
from merge.people import Pair
from merge.problems import Place, Problem, shorten
from merge.product import __version__

if TYPE_CHECKING:
    from merge.campaign.campaign import Campaign
    from merge.campaign.overview import CampaignOverview
    from merge.campaign.plan import LettersRunPlan
    from merge.template.filters import TemplateValue
    from merge.template.template import CompiledTemplate

__all__ = [
    "CampaignFolder",
    "DataError",
    "LetterStep",
    "LettersPlan",
    "MergeError",
    "Pair",
    "Place",
    "Problem",
    "StorageError",
    "Template",
    "TemplateError",
    "UsageError",
    "__version__",
    "open_campaign",
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


class LettersPlan:
    """A preview of what `CampaignFolder.write` would do with each letter.

    To iterate over the plan gives its steps. A plan writes nothing.
    """

    def __init__(self, plan: LettersRunPlan) -> None:
        self._plan = plan

    def plan_for(self, campaign: Campaign) -> LettersRunPlan:
        """Return the internal plan that `CampaignFolder.write` carries out.

        Args:
            campaign: The campaign that the plan was made for.

        Returns:
            The plan.

        Raises:
            ValueError: If the plan belongs to another campaign, or to an earlier reading of this
                one.

        """
        if self._plan.campaign is not campaign:
            raise ValueError("the plan is of another campaign, or of this one opened before")
        return self._plan

    @cached_property
    def _preview(self) -> tuple[tuple[LetterStep, ...], tuple[Problem, ...]]:
        from merge.campaign.overview import inspect_campaign  # noqa: PLC0415

        view = inspect_campaign(self._plan.campaign, order=self._plan.order)
        if view.survey_error:
            raise view.survey_error
        known = {*view.campaign.relevant_problems()}
        new_problems = tuple(problem for problem in view.problems if problem not in known)
        return tuple(planned.step for planned in view.letters), new_problems

    @property
    def steps(self) -> tuple[LetterStep, ...]:
        """The steps of the plan: what happens to each letter, and why.

        They are in the order of the workbook.
        """
        return self._preview[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Warnings about the letters folder and the register."""
        return self._preview[1]

    def __iter__(self) -> Iterator[LetterStep]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)


class CampaignFolder:
    """A campaign folder that was read and checked. See `open_campaign`."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All errors and warnings; the `level` of each is `error` or `warning`."""
        return tuple(self._campaign.relevant_problems())

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs of signer and recipient, in the order of the workbook.

        Each pair gets one letter.
        """
        return tuple(self._campaign.pairs())

    def overview(self, names: Sequence[str] = ()) -> CampaignOverview:
        """Return an overview of the campaign as it is now. Nothing is written.

        Args:
            names: Names or IDs of people. The overview then has only their letters.

        Returns:
            The letters with their status, all problems, the counts and the next step. Errors in the
            data are among the problems; they are not raised.

        Raises:
            UsageError: If no one has one of the names.
            TypeError: If `names` is one text.

        """
        if isinstance(names, str):
            raise TypeError("names is a list of names or IDs, not one text")
        from merge.campaign.overview import inspect_campaign  # noqa: PLC0415

        return inspect_campaign(self._campaign, names)

    def plan(self, names: Sequence[str] = (), replace: Sequence[str] = ()) -> LettersPlan:
        """Return what would happen to each letter. Nothing is written.

        Args:
            names: Complete names or IDs of people, as for `merge letters --for`. The plan then has
                only their letters.
            replace: Names or IDs whose edited letters are created again. The old versions are kept
                in another folder.

        Returns:
            The plan, for `write`.

        Raises:
            UsageError: If no one has one of the names.
            TypeError: If `names` or `replace` is one text.

        """
        if isinstance(names, str) or isinstance(replace, str):
            raise TypeError("names and again are lists of names or IDs, not one text")
        from merge.campaign.letters_order import LettersOrder  # noqa: PLC0415
        from merge.campaign.plan import LettersRunPlan  # noqa: PLC0415

        target = self._campaign.letters_folder
        return LettersPlan(
            LettersRunPlan(self._campaign, LettersOrder(target, (*names,), (*replace,)))
        )

    def write(
        self,
        plan: LettersPlan,
        *,
        skip_errors: bool = False,
        on_step: Callable[[LetterStep], object] = lambda _: None,
    ) -> tuple[Problem, ...]:
        """Create the letters of a plan, and update the ledger and the register.

        A letter that was edited after the plan was made is kept as well.

        Args:
            plan: A plan of this campaign.
            skip_errors: Whether to skip letters with errors and create the others.
            on_step: Gets what happened to each letter as soon as it is done.

        Returns:
            Problems to report that the plan did not have.

        Raises:
            ValueError: If the plan belongs to another campaign.
            DataError: If letters of the plan have errors and `skip_errors` is false. Nothing is
                written.
            StorageError: If the disk refuses a write or the folder is gone. All letters that were
                written are complete. Also if files of another computer have not arrived; then
                nothing is written.

        """
        from merge.campaign.letters_run import write_letters  # noqa: PLC0415

        campaign_plan = plan.plan_for(self._campaign)
        if not self._campaign.folder.is_dir():
            place = Place(str(self._campaign.folder))
            raise StorageError(messages.problem("letters-gone/campaign", place))
        problems = self._campaign.relevant_problems(campaign_plan.order.names)
        errors = [problem for problem in problems if problem.level == "error"]
        if errors and not skip_errors:
            raise DataError(errors)
        return tuple(write_letters(campaign_plan, on_step=on_step).problems)


def open_campaign(folder: str | PathLike[str]) -> CampaignFolder:
    """Read and check a campaign folder. Nothing is written.

    Args:
        folder: The folder that contains the workbook and the templates.

    Returns:
        The campaign. Problems that allow it to be read are in its `problems`.

    Raises:
        MergeError: If the campaign cannot be read at all. The error has all problems that prevent
            it.

    """
    from merge import messages  # noqa: PLC0415
    from merge.campaign.campaign import read_campaign  # noqa: PLC0415
    from merge.disk import is_path_too_long, real_folder  # noqa: PLC0415

    if is_path_too_long(Path(folder)):
        place = Place(shorten(str(folder)))
        raise UsageError(messages.problem("path-too-long/name", place))
    return CampaignFolder(read_campaign(real_folder(Path(folder))))
